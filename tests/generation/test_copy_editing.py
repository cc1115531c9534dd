"""What is said twice is said once."""

from __future__ import annotations

import pytest

from chatrec.generation.copy_editing import edited


@pytest.mark.parametrize(
    ("sentence", "better"),
    [
        ("[1] is the warmest and is the warmest.", "[1] is the warmest."),
        ("[1] is waterproof, is waterproof and weighs 9 g.", "[1] is waterproof and weighs 9 g."),
        ("[1] is listed as white and is listed as pack of 4.", "[1] is listed as white and pack of 4."),
        ("[1] is listed as 1kg spool and is listed as 1kg spool.", "[1] is listed as 1kg spool."),
        ("[1] is listed as a, is listed as b and is listed as c.", "[1] is listed as a, b and c."),
        ("[1] is listed as white, and [2] is listed as white.", "[1] is listed as white, and [2] is listed as white."),
        ("[1] comes with a mesh back and a mesh back.", "[1] comes with a mesh back."),
        ("[1] comes in red and in blue.", "[1] comes in red and in blue."),
        ("[1] is light and [2] is light.", "[1] is light and [2] is light."),
        ("[1] is red and is reddish.", "[1] is red and is reddish."),
        ("[1] comes in red and comes with a hood.", "[1] comes in red and comes with a hood."),
        ("[1] is light, with the most pockets and the most pockets.", "[1] is light, with the most pockets."),
        ("[1] is the cheapest, the lightest and the lightest.", "[1] is the cheapest and the lightest."),
        ("[1] has a lid and a lid holder.", "[1] has a lid and a lid holder."),
        ("[1] is listed as a, comes in a tin and is listed as b.", "[1] is listed as a, comes in a tin and is listed as b."),
        ("The listing of [1] does not say what is made of it.", "The listing of [1] does not say what it is made of."),
        ("", ""),
    ],
)
def test_slips_are_mended_and_nothing_else(sentence: str, better: str) -> None:
    assert edited(sentence) == better
