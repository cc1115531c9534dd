"""Links and commands in the project's pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatrec.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_MADE = re.compile(r"[^\w\- ]")
pytestmark = pytest.mark.skipif(not (ROOT / "README.md").is_file(), reason="the pages are not part of an installed package")


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    lines = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL).splitlines()
    return {_MADE.sub("", line.lstrip("#").strip().lower()).replace(" ", "-") for line in lines if line.startswith("#")}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_that_are_shown_exist(page: Path) -> None:
    known = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    shown = re.findall(r"(?:^|`|bin/)chatrec +([a-z]+) ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {name for name in shown if name not in known} == set()
    for path in re.findall(r"tests/dialogues/[\w.]+yaml", page.read_text(encoding="utf-8")):
        assert (ROOT / path).is_file(), path
