"""Verbs behind plural names."""

from __future__ import annotations

import pytest

from chatrec.generation.agreement import in_number

VERBS = {1: frozenset({"opens", "comes", "washes"})}


@pytest.mark.parametrize(
    ("text", "agreed"),
    [
        ("[1] opens flat and washes at 30.", "[1] open flat and wash at 30."),
        ("[1] comes in sizes and colours.", "[1] come in sizes and colours."),
        ("Take a look at [1]: it opens flat.", "Take a look at [1]: they open flat."),
        ("Try [1]. It is warm, and its fill is down.", "Try [1]. They are warm, and their fill is down."),
        ("[1], which has two zips, dries fast.", "[1], which have two zips, dries fast."),
        ("[1] also holds 2 l.", "[1] also hold 2 l."),
        ("[2] is lighter than [1] is.", "[2] is lighter than [1] is."),
        ("[1] with a hood.", "[1] with a hood."),
        ("The lid of [1] is loose.", "The lid of [1] is loose."),
        ("[1] is warm, while [2] is light.", "[1] are warm, while [2] is light."),
    ],
)
def test_only_what_is_said_of_the_plural_name_changes(text: str, agreed: str) -> None:
    assert in_number(text, VERBS) == agreed
