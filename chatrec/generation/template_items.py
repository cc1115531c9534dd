"""How the template writer tells of items side by side: what they share once, then each in one sentence with what sets it apart.

A comparison that code computed stands inside the sentence of its item, beside the figure it rests on ("is the lightest at 380 g"),
rather than in a row of sentences behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chatrec.domain.facts import Evidence, Fact
from chatrec.generation.comparatives import WITHIN_LIMIT
from chatrec.generation.content_plan import SHARED, ContentPlan, ItemPlan, Judge, compared, plan_of, shared_sentence
from chatrec.generation.predicates import listed
from chatrec.generation.template_notes import count_words, is_topic, note_text, pick
from chatrec.generation.template_words import OPENINGS, PRESENTING

_CITED = re.compile(r"\[(\d+)\]")


def item_sentences(evidence: Evidence, judge: Judge) -> Iterator[str]:
    """What opens the reply, then a sentence for each item in order; neighbours of which nothing is to be told share one."""
    plan = plan_of(evidence, judge)
    answer = next((note for note in evidence.notes if note.name == "extreme"), None)
    opening = opening_of(evidence, plan, judge) if answer is None else note_text(answer)
    known = [told.item.n for told in plan.items if not told.is_bare]
    named = {int(n) for n in _CITED.findall(opening)}
    if opening:
        yield opening
    bare: list[str] = []
    goes_on = False
    for told in plan.items:
        if told.is_bare:
            bare += [f"[{told.item.n}]"] if told.item.n not in named else []
            continue
        if bare:
            yield bare_sentence(evidence, bare, goes_on, bool(opening))
        yield sentence_of(evidence, told, told.item.n == known[-1] and len(known) > 2, judge)
        bare, goes_on = [], True
    if bare:
        yield bare_sentence(evidence, bare, goes_on or answer is not None, bool(opening) and len(bare) < len(plan.items))


def opening_of(evidence: Evidence, plan: ContentPlan, judge: Judge) -> str:
    """What all items share, else how many there are; "" where one is told of, or the first has nothing to it."""
    told = shared_sentence(plan.shared, evidence, judge)
    if told or len(plan.items) < 2 or evidence.act != "recommend" or plan.items[0].is_bare:
        return told
    return pick(OPENINGS, evidence).replace("{count}", count_words(len(plan.items)))


def bare_sentence(evidence: Evidence, cites: Sequence[str], goes_on: bool, follows: bool = False) -> str:
    """Items of which nothing is told but that they are there. ``goes_on``: others were told of before; ``follows``: only what all share."""
    verb, things = "is" if len(cites) == 1 else "are", listed(list(cites))
    if goes_on:
        return pick(("There {v} also {n}.", "Then there {v} {n}."), evidence).format(v=verb, n=things)
    return f"{'There' if follows else 'Here'} {verb} {things}."


def unsaid_notes(evidence: Evidence, sentences: Sequence[str]) -> list[Fact]:
    """The notes that the sentences have not told: those that no sentence holds in its words. The price limit is left out, as
    are comparisons, where none was asked for, that would follow the items as a tail."""
    said = " ".join(sentences)
    notes = [n for n in evidence.notes if not is_topic(n) and WITHIN_LIMIT not in n.text and n.name != "extreme" and not _is_said(n, said)]
    alone = [n for n in notes if not any(compared(n, item.n) for item in evidence.items)]
    return notes if evidence.act == "compare" else alone


def _is_said(note: Fact, said: str) -> bool:
    own = compared(note, note.cites[0]) if note.cites else ""
    shared = SHARED.fullmatch(note.text)
    core = own or (shared["said"] if shared else note.text)
    none = core.replace("are not ", "is ", 1) if shared else core  # "none of them is waterproof"
    return core in said or core.partition(" ")[2] in said or f" {none}" in said


def sentence_of(evidence: Evidence, told: ItemPlan, is_last: bool = False, judge: Judge | None = None) -> str:
    """The sentence of an item; the last of a list may be brought in by other words."""
    cite = f"[{told.item.n}]"
    if not told.text:
        return f"With {cite}, {told.clause}." if told.clause else ""
    text = (f"{told.text}; {told.clause}" if told.clause else told.text).rstrip(".")  # "is made by Aldergate Inc."
    if is_last and judge is not None and evidence.act == "recommend" and ";" not in text and not text.startswith("its "):
        other = pick(PRESENTING, evidence).replace("[n]", cite).replace("{text}", text)
        if judge(other):
            return other
    return f"{cite}{':' if text.startswith('its ') else ''} {text}."
