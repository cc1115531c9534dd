"""What speaks against a thing is told behind a "but", and nothing else is."""

from __future__ import annotations

import pytest

from chatrec.generation.drawbacks import speaks_against


@pytest.mark.parametrize(
    "text",
    [
        "the insoles are thin",
        "the rubber is hard and slides",
        "is stiff when cold",
        "needs a flash of torchlight first",
        "takes two days to dry",
        "the lining pills after fifteen washes",
        "the light colours do stain with curry",
        "the scissors are missing",
        "runs small",
        "the cord is not comfortable for running",
        "cannot stand up alone",
        "squeaks on tiles",
        "the lid is sold separately",
    ],
)
def test_a_fault_or_a_lack_speaks_against(text: str) -> None:
    assert speaks_against(text)


@pytest.mark.parametrize(
    "text",
    [
        "three legs never wobble",
        "is stiff enough for 22 kg",
        "keeps the wind out",
        "a loop slides over a trolley handle",
        "slips on without hands",
        "needs no ironing",
        "runs longer",
        "its shrink ratio is 2:1",
        "smells of roses and tar",
        "tears by hand",
        "sheds drizzle",
        "the card layer is laminated in and cannot fall out",
        "does not start to smell",
        "is stain resistant",
        "the pouch sheds drizzle but will not take a dunking",
        "weighs 900 g",
        "",
    ],
)
def test_a_virtue_a_fault_denied_and_a_clause_with_its_own_but_do_not(text: str) -> None:
    assert not speaks_against(text)
