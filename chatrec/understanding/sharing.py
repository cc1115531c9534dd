"""What is said once of several things that are wanted in one message."""

from __future__ import annotations

import re
from dataclasses import replace

from chatrec.domain.reading import NeedReading
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.vocabulary import GENDER_FIELDS

_SHARED = re.compile(r"\b(?:each|both|neither|all of them|in total|altogether|per item|a (?:piece|pop))\b")
_EACH = {"each", "neither", "in total", "altogether", "per item", "a piece", "a pop"}


def share(analysis: Analysis, needs: list[NeedReading]) -> list[NeedReading]:
    """ "a tent and a mat, under 100 each": the last bound holds for every need; "both not from Kolder": so does what is said of both."""
    opened = [n for n in needs if n.opens]
    needs = _for_all_of_them(analysis, needs) if len(opened) > 1 else needs
    shared = _SHARED.search(analysis.message.text)
    if len(opened) < 2 or not shared:
        return needs
    later = analysis.message.text[shared.end() :] if shared.group() in ("both", "all of them") else analysis.message.text
    said = [
        c
        for c in needs[-1].constraints
        if c.field != "category" and (c.field == "price" or shared.group() not in _EACH) and c.said in later
    ]
    return [replace(n, constraints=(*n.constraints, *(c for c in said if c.field not in {k.field for k in n.constraints}))) for n in needs]


def _for_all_of_them(analysis: Analysis, needs: list[NeedReading]) -> list[NeedReading]:
    """ "Boots and rain jackets for women": whom the last is for, said at the end of one list, the others are for as well."""
    *others, last = needs
    told = [c for c in last.constraints if c.field in GENDER_FIELDS]
    alone = any(c.field != "category" for n in others for c in n.constraints) or len(analysis.clauses) > 1
    ends = any(re.search(rf"\bfor (?:the |my |our )?{re.escape(c.said)}(?: please)?$", analysis.message.text.rstrip(" .!?")) for c in told)
    if alone or not ends:
        return needs
    return [*(replace(n, constraints=(*n.constraints, *told)) for n in others), last]
