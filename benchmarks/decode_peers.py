"""``python -m benchmarks.decode_peers``: builds llama.cpp's Python package from source into an environment of its own, in the cache folder.

It takes some twenty minutes on one core and needs a C++ compiler. The environment of chatrec stays as it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from chatrec.resources import cache_folder

PEER_SCRIPT = Path(__file__).with_name("decode_llama.py")
PACKAGE = "llama-cpp-python==0.3.36"
# the library alone: its server, its tools and its picture models are not measured
_PARTS = ("LLAVA_BUILD", "LLAMA_BUILD_TESTS", "LLAMA_BUILD_EXAMPLES", "LLAMA_BUILD_TOOLS", "LLAMA_BUILD_SERVER", "LLAMA_CURL")


def peer_folder() -> Path:
    """The environment's place."""
    return cache_folder() / "peers" / "llama_cpp"


def peer_python() -> Path | None:
    """The environment's Python where llama.cpp is built in it, else ``None``."""
    python = peer_folder() / "bin" / "python"
    built = python.exists() and any(peer_folder().glob("lib/python*/site-packages/llama_cpp"))
    return python if built else None


def main() -> int:
    """Build it where it is not there."""
    if peer_python() is None:
        venv.create(peer_folder(), with_pip=True, clear=True)  # a build that was stopped left half of one
        options = " ".join(f"-D{part}=OFF" for part in _PARTS)
        environment = {**os.environ, "CMAKE_ARGS": options, "CMAKE_BUILD_PARALLEL_LEVEL": "1"}
        command = [str(peer_folder() / "bin" / "python"), "-m", "pip", "install", "--no-binary", "llama-cpp-python", PACKAGE]
        built = subprocess.run(["nice", "-n", "15", *command], env=environment, check=False)
        if built.returncode:
            return built.returncode
    print(f"llama.cpp is ready in {peer_folder()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
