"""How the template writer tells of items side by side: what they share once, then each in one sentence with what sets it apart.

A comparison that code computed stands inside the sentence of its item, beside the figure it rests on ("is the lightest at 380 g"),
rather than in a row of sentences behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.comparatives import WITHIN_LIMIT, wanted_stems
from chatrec.generation.evidence_choice import touches
from chatrec.generation.gate_words import stems
from chatrec.generation.predicates import LISTED, clause_text, is_sort, is_statement, join_predicates, listed, tell
from chatrec.generation.template_notes import count_words, is_topic, note_text, pick
from chatrec.generation.template_words import OPENINGS, PRESENTING
from chatrec.generation.units import says_again

MOST_TOLD = 3
"""Facts told of one item among several, comparisons not counted."""
MOST_TOLD_ALONE = 4
MOST_COMPARED = 2
"""Comparisons told of one item unasked: a third is hard to take in."""
_OWN = re.compile(r"\[(?P<n>\d+)\] (?P<said>(?!does not|is out of)[a-z][^\[\]]*?)(?P<than> than \[\d+\])?(?P<by> by [\d.]+ [^\[\]]+)?")
_SHARED = re.compile(r"(?P<who>both|all) (?P<said>(?!have the same)[a-z][^\[\]:]*)")
_CITED = re.compile(r"\[(\d+)\]")
_AGES = "is for ages "
_HAVING = ("comes with ", "has ")
_TOP = "is the "
Judge = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one item: ``text`` follows its name ("is the lightest at 380 g"), ``clause`` is a whole clause of its listing."""

    text: str = ""
    clause: str = ""


def item_sentences(evidence: Evidence, judge: Judge) -> Iterator[str]:
    """What opens the reply, then a sentence for each item in order; neighbours of which nothing is to be told share one."""
    answer = next((note for note in evidence.notes if note.name == "extreme"), None)
    opening, shared = _shared_opening(evidence, judge) if answer is None else (note_text(answer), frozenset())
    told = [(item, tell_item(evidence, item, judge, shared)) for item in evidence.items]
    known = [item.n for item, said in told if said != Told()]
    if not opening and len(told) > 1 and evidence.act == "recommend" and told[0][0].n in known:
        opening = pick(OPENINGS, evidence).replace("{count}", count_words(len(told)))
    named = {int(n) for n in _CITED.findall(opening)}
    if opening:
        yield opening
    bare: list[str] = []
    goes_on = False
    for item, said in told:
        if item.n not in known:
            bare += [f"[{item.n}]"] if item.n not in named else []
            continue
        if bare:
            yield bare_sentence(evidence, bare, goes_on, bool(opening))
        yield sentence_of(evidence, item, said, item.n == known[-1] and len(known) > 2, judge)
        bare, goes_on = [], True
    if bare:
        yield bare_sentence(evidence, bare, goes_on or answer is not None, bool(opening) and len(bare) < len(told))


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
    own = _OWN.fullmatch(note.text)
    shared = _SHARED.fullmatch(note.text)
    core = compared(note, int(own["n"])) if own else shared["said"] if shared else note.text
    return core in said or core.partition(" ")[2] in said


def compared(note: Fact, n: int) -> str:
    """A comparison as the end of a sentence about item ``n``: "is the lightest", "costs less"; "" where it is about another."""
    own = _OWN.fullmatch(note.text)
    if not own or int(own["n"]) != n or note.name == "extreme" or note.kind is not FactKind.COMPUTED or note.source != "computed":
        return ""
    said = own["said"].removesuffix(" of these")
    return said if own["than"] or own["said"] != said else ""


def tell_item(evidence: Evidence, item: EvidenceItem, judge: Judge, shared: frozenset[str] = frozenset()) -> Told:
    """What the gate lets be told of an item: what touches the wish, then how it compares, then what tells most of the rest.

    Properties named in ``shared`` were told of all items before."""
    quiet = {FactKind.STOCK, FactKind.PRICE, FactKind.TYPE, FactKind.OPINION}
    quiet |= {FactKind.RATING} if evidence.act == "recommend" else set()
    facts = [f for f in item.facts if f.kind not in quiet and not only_names(f, item)]
    facts = [f for f in facts if f.name not in shared or f.kind is FactKind.DESCRIPTION]
    facts = [f for f in facts if f.name != "year" or evidence.act != "recommend" or f.value not in item.name]
    whole = [f for f in facts if is_statement(f)]
    kinds = {word for f in item.facts if f.kind is FactKind.TYPE for word in stems(f.text)}
    wanted = wanted_stems(evidence.shopper, evidence.needs) - kinds
    asked = [f for f in facts if f not in whole and touches(f, wanted)]
    rest = [f for f in facts if f not in whole and f not in asked]
    most = (MOST_TOLD if len(evidence.items) > 1 else MOST_TOLD_ALONE) - (facts[:1] == whole[:1] != [])
    telling = _Telling(item.n, judge, most, MOST_COMPARED + (evidence.act == "compare"))
    for fact in asked:
        telling.take(tell(fact))
    for note in evidence.notes:
        telling.compare(compared(note, item.n), next((f for f in rest if f.name == note.name and f.number is not None and f.unit), None))
    last = [f for f in rest if f.kind is FactKind.BRAND or is_sort(f)]  # said only where nothing better is
    for fact in (f for f in rest if f not in last):
        telling.take(tell(fact))
    for fact in last if not (whole or telling.parts) else ():
        telling.take(tell(fact))
    return telling.ended([clause_text(f) for f in whole])


class _Telling:
    """The parts of one item's sentence, each taken only if the gate releases the sentence with it."""

    def __init__(self, n: int, judge: Judge, most: int, most_compared: int) -> None:
        self.parts: list[str] = []
        self._n, self._judge, self._most, self._left = n, judge, most, most_compared

    def take(self, part: str, over: int = 0) -> bool:
        """Adds a predicate, where there is room, it says something new and the gate agrees."""
        fits = bool(part) and len(self.parts) < self._most + over and not says_again(part, self.parts) and part not in self.parts
        if not fits or not self._judge(f"[{self._n}] {joined([*self.parts, part])}."):
            return False
        self.parts.append(part)
        return True

    def compare(self, said: str, figure: Fact | None) -> None:
        """Adds a comparison, with the figure that it rests on where there is one."""
        if not said or not self._left:
            return
        bare = said.startswith(("is for ", "runs "))
        if (figure is not None and not bare and self.take(f"{said} at {_figure(figure)}", 1)) or self.take(said, 1):
            self._left -= 1

    def ended(self, clauses: Sequence[str]) -> Told:
        """The parts as one text, with one whole clause of the listing behind it where there is room."""
        text = joined(self.parts) if self.parts else ""
        for clause in clauses if len(self.parts) <= self._most else ():
            if self._judge(f"[{self._n}] {text}; {clause}." if text else f"With [{self._n}], {clause}.") and ";" not in text:
                return Told(text, clause)
        return Told(text)


def sentence_of(evidence: Evidence, item: EvidenceItem, told: Told, is_last: bool = False, judge: Judge | None = None) -> str:
    """The sentence of an item; the last of a list may be brought in by other words."""
    cite = f"[{item.n}]"
    if not told.text:
        return f"With {cite}, {told.clause}." if told.clause else ""
    text = f"{told.text}; {told.clause}" if told.clause else told.text
    if is_last and judge is not None and evidence.act == "recommend" and ";" not in text and not text.startswith("its "):
        other = pick(PRESENTING, evidence).replace("[n]", cite).replace("{text}", text)
        if judge(other):
            return other
    return f"{cite}{':' if text.startswith('its ') else ''} {text}."


def _shared_opening(evidence: Evidence, judge: Judge) -> tuple[str, frozenset[str]]:
    """What all items have in common, in one sentence, with the names of the properties that it tells; "" where nothing is known."""
    found = [
        (note.name, said["said"]) for note in evidence.notes if (said := _SHARED.fullmatch(note.text)) and WITHIN_LIMIT not in note.text
    ]
    who = "Both" if len(evidence.items) == 2 else f"All {count_words(len(evidence.items))}"
    for shared in (found[:2], found[:1]):
        text = " and ".join(said for _, said in shared)
        for start in (who, who.split()[0]):
            if text and judge(f"{start} {text}."):
                return f"{start} {text}.", frozenset(name for name, _ in shared)
    return "", frozenset()


def joined(predicates: Sequence[str]) -> str:
    """ "weighs 900 g and is waterproof; its listing says pack of 4"."""
    told = [p.removeprefix(LISTED) for p in predicates if p.startswith(LISTED)]
    others = _once(_superlatives(_in_one_span([p for p in predicates if not p.startswith(LISTED)])))
    return join_predicates([*others, *([f"its listing says {listed(told)}"] if told else [])])


def _once(predicates: list[str]) -> list[str]:
    """ "comes with a lid" and "comes with a strap" as one: "comes with a lid and a strap"."""
    for verb in _HAVING:
        same = [p for p in predicates if p.startswith(verb)]
        if len(same) > 1 and not any(" and " in p or "," in p for p in same):
            place = predicates.index(same[0])
            others = [p for p in predicates if p not in same]
            predicates = [*others[:place], verb + listed([p.removeprefix(verb) for p in same]), *others[place:]]
    return predicates


def _superlatives(predicates: list[str]) -> list[str]:
    """ "is the cheapest" and "is the lightest at 95 g" as one: "is the cheapest and the lightest at 95 g"."""
    tops = [p for p in predicates if p.startswith(_TOP)]
    if len(tops) < 2:
        return predicates
    place = predicates.index(tops[0])
    others = [p for p in predicates if p not in tops]
    return [*others[:place], f"is {listed([p.removeprefix('is ') for p in tops])}", *others[place:]]


def _in_one_span(predicates: list[str]) -> list[str]:
    """ "is for ages from 4 years" and "is for ages up to 10 years" as one."""
    low = next((p for p in predicates if p.startswith(_AGES + "from ")), "")
    high = next((p for p in predicates if p.startswith(_AGES + "up to ")), "")
    if not low or not high:
        return predicates
    return [f"{low} {high.removeprefix(_AGES)}" if p == low else p for p in predicates if p != high]


def only_names(fact: Fact, item: EvidenceItem) -> bool:
    """Whether a fact cut from the title is how the title begins: to have named the item is to have said it."""
    return fact.source == "title" and item.name.casefold().startswith(fact.text.casefold())


def _figure(fact: Fact) -> str:
    """The number with its unit as a sentence says it: "1 year"."""
    unit = fact.unit.removesuffix("s") if fact.number == 1 and len(fact.unit) > 2 else fact.unit
    return f"{fact.value} {unit}".strip()
