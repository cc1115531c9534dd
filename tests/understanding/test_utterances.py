"""Labelled utterances over four catalogues: the whole reading of each is stated in ``utterances.txt``.

``@ shop / state`` names the catalogue and the dialogue so far (``rendering.STATES``); ``>`` is the message; the indented lines are
the reading as ``rendering.render`` prints it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .rendering import STATES, render
from .shops import understander


def _cases() -> list[tuple[str, str, str, list[str]]]:
    found: list[tuple[str, str, str, list[str]]] = []
    shop = state = ""
    for line in (Path(__file__).parent / "utterances.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            shop, state = line[2:].split(" / ")
        elif line.startswith("> "):
            found.append((shop, state, line[2:], []))
        elif line.startswith("  "):
            found[-1][3].append(line[2:])
    return found


CASES = _cases()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 150
    assert len({shop for shop, *_ in CASES}) == 4


@pytest.mark.parametrize(("shop", "state", "message", "expected"), CASES, ids=[f"{s}/{t}: {m}" for s, t, m, _ in CASES])
def test_reading(shop: str, state: str, message: str, expected: list[str]) -> None:
    assert render(understander(shop).read(message, STATES[state])) == expected
