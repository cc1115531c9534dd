"""The examples of docs/python.md run as they stand, on the demo shop with the template writer."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.embedding.minilm import MiniLMEmbedder

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the pages are not part of an installed package")
_BLOCK = re.compile(r"(?P<note><!-- needs a language model -->\n)?```python\n(?P<code>.*?)```", re.DOTALL)


def blocks(with_model: bool) -> list[str]:
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    return [found["code"] for found in _BLOCK.finditer(text) if bool(found["note"]) is with_model]


@pytest.fixture
def home(demo_copy: Path, embedder: MiniLMEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ChatRec]]:
    """A home of its own, whose demo shop is built already; gives the shops that an example opened, and closes them."""
    shutil.copytree(demo_copy, tmp_path / "demo")
    monkeypatch.setenv("CHATREC_HOME", str(tmp_path))
    opened: list[ChatRec] = []
    whole = ChatRec.open

    def noted(*given: object, **more: object) -> ChatRec:
        opened.append(whole(*given, embedder=embedder, **more))  # type: ignore[arg-type]
        return opened[-1]

    monkeypatch.setattr(ChatRec, "open", noted)
    yield opened
    for bot in opened:
        bot.close()


@pytest.mark.parametrize("number", range(len(blocks(with_model=False))))
def test_an_example_runs(number: int, home: list[ChatRec], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CHATREC_MODEL__ENGINE", "template")
    exec(compile(blocks(with_model=False)[number], f"{PAGE}, example {number + 1}", "exec"), {"__name__": "example"})
    assert len(home) == 1
    assert capsys.readouterr().out.strip()


def test_the_example_with_the_model_runs(home: list[ChatRec], capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(with_model=True)
    exec(compile(code, str(PAGE), "exec"), {"__name__": "example"})
    assert len(capsys.readouterr().out.strip()) > 10
