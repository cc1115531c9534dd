"""The demo shop "Fell & Ferry": hand-written products and policies, and a seeded world of shoppers who buy there."""

from chatrec.demo.files import DEMO_VERSION, DemoFiles, write_files

__all__ = ["DEMO_VERSION", "DemoFiles", "write_files"]
