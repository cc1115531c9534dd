"""Short forms that only their neighbours tell apart: "tents 4 2 ppl" is for two people, "ship 2 malta" is to Malta, "cheap n light"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatrec.understanding.text import Token
from chatrec.understanding.units import unit_of

_FOR_WHOM = set("a an the my our his her their your me him us them myself someone somebody kid kids mum mom dad".split())
# Words that "for" follows more often than a count of things.
_BEFORE_FOR = set(
    "looking look search searching something anything gift present perfect great ideal suitable good best ok okay thanks thank".split()
)
# After these a 2 is "to" before any word ("ship 2 malta"), after those only before a verb ("want 2 buy").
_BEFORE_TO = set("ship ships shipping deliver delivery send going compared similar close next up down due good talk speak listen".split())
_BEFORE_VERB = set("something anything want need like love have got able how trying try where used happy easy hard nice ready what".split())
_BEFORE_VERB |= set("dollars dollar bucks quid pounds euros usd eur gbp money cash budget".split())  # "80 bucks 2 spend"
_VERBS = set(
    "buy get see know have go take make find return send pay use wear be do carry keep put give order track change cancel talk speak "
    "bring pack try look ask choose start sleep cook compare spend".split()
)
_ADDRESSED = {"guys", "lads", "lot", "chaps", "fellas"}  # "do you guys sell tents" asks for no tents for guys
_LIMITING = {"under", "below", "less"}  # "tents 4 under 200"
_ASKED = set("they these those you there the any my it".split())


def spell_out(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with the short forms written in full; a figure that counts something stays a figure."""
    found = list(tokens)
    for index, token in enumerate(found):
        before = found[index - 1] if index else None
        after = found[index + 1] if index + 1 < len(found) else None
        if after is None or token.glued or (after.glued and after.text != "-"):
            continue
        if token.text in _ADDRESSED and before is not None and before.text in ("you", "hi", "hey", "hello", "thanks"):
            found[index] = replace(token, text="there", stem="there", raw="there")
        elif word := _in_full(token, before, after, found[index + 2] if index + 2 < len(found) else None):
            found[index] = replace(token, text=word, stem=word, raw=word)
    return found


def _in_full(token: Token, before: Token | None, after: Token, beyond: Token | None) -> str:
    if token.text == "4" and _means_for(before, after, beyond):
        return "for"
    if token.text == "2" and before is not None and _means_to(before, after):
        return "to"
    if token.text == "n" and before is not None and before.word and after.word:
        return "and"
    if token.text == "r" and after.text in _ASKED:
        return "are"
    return "be" if token.text == "b" and before is not None and before.text in ("to", "will", "can", "must", "should") else ""


def _means_for(before: Token | None, after: Token, beyond: Token | None) -> bool:
    if after.text in _FOR_WHOM:
        return True
    if after.text in _LIMITING:
        return before is not None and before.word
    if after.text[:1].isdigit():  # "4 2 people"; "4 5" alone may be anything
        return beyond is not None and beyond.word and before is not None and before.word
    return before is not None and before.text in _BEFORE_FOR and after.word and not unit_of(after.stem, False)


def _means_to(before: Token, after: Token) -> bool:
    if before.text in _BEFORE_VERB:
        return after.text in _VERBS
    if before.text not in _BEFORE_TO:
        return False
    counted = after.word and (after.stem != after.text or bool(unit_of(after.stem, False)))
    return (after.word or after.text == "-") and not counted
