"""What the chat page would show, held against what its own templates may contain."""

from __future__ import annotations

from chatrec.cli.evaluate_hostile import page_problems as page_problems
from chatrec.evaluation.page_check import html_problems as html_problems
