"""The content plan of a reply: what is told of each item, chosen by code before anybody writes a word.

Content selection and wording are two steps (Reiter and Dale, Building Natural Language Generation Systems, 2000, ch. 4 and 5): code chooses
what touches the wish, how the items compare and what tells most; the language model or the template writer only puts it into sentences.
Both get the same plan, so a reply of the model says as much as one of the template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.comparatives import WITHIN_LIMIT, wanted_stems
from chatrec.generation.drawbacks import speaks_against
from chatrec.generation.evidence_choice import UNSEEN, touches
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_words import asked_stems, content_stems, stems
from chatrec.generation.joining import in_one_span, joined
from chatrec.generation.predicates import clause_text, is_sort, is_statement, shown, tell
from chatrec.generation.template_notes import count_words, is_topic
from chatrec.generation.units import says_again

MOST_TOLD = 3
MOST_TOLD_ALONE = 4
MOST_TOLD_OF_MANY = 2
"""Parts told of one item among several, of the only one, and of one in a long list. Of a pair a comparison more may be told."""
LONG_LIST = 4
MOST_COMPARED = 2
"""Comparisons told of one item unasked: a third is hard to take in."""
COMPARING = frozenset({"recommend", "compare"})
"""Acts that tell of items side by side; any other answers a question about them."""
_OWN = re.compile(r"\[(?P<n>\d+)\] (?P<said>(?!does not|is out of)[a-z][^\[\]]*?)(?P<than> than \[\d+\])?(?P<by> by [\d.]+ [^\[\]]+)?")
SHARED = re.compile(r"(?P<who>both|all) (?P<said>(?!have the same)[a-z][^\[\]:]*)")
_CITE = re.compile(r"\[(\d+)\]")
Judge = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """What is told of one item: ``parts`` follow its name, in this order ("is the lightest at 380 g", "comes with a lid"), ``clause`` is
    a whole clause of its listing, ``drawback`` what speaks against it, a part or a clause, told last behind a "but"."""

    item: EvidenceItem
    parts: tuple[str, ...] = ()
    clause: str = ""
    drawback: str = ""

    @property
    def all_parts(self) -> tuple[str, ...]:
        """Everything that is told, in order."""
        return tuple(part for part in (*self.parts, self.clause, self.drawback) if part)

    @property
    def text(self) -> str:
        """The parts and what speaks against the item as the end of one sentence; the clause of the listing is not in it."""
        said = joined(self.parts) if self.parts else ""
        return f"{said}, but {self.drawback}" if self.drawback else said

    @property
    def is_bare(self) -> bool:
        """Whether nothing is told of the item but that it is there."""
        return not self.all_parts


@dataclass(frozen=True, slots=True)
class ContentPlan:
    """What a reply is to tell. ``shared`` are notes on all items at once, ``others`` the notes that no item's own part tells."""

    items: tuple[ItemPlan, ...]
    shared: tuple[Fact, ...] = ()
    others: tuple[Fact, ...] = ()

    @property
    def told(self) -> tuple[int, ...]:
        """The citation numbers of the items of which something is told, by a part of their own or by a note."""
        noted = {n for note in self.others for n in note.cites}
        return tuple(p.item.n for p in self.items if not p.is_bare or p.item.n in noted)

    def of(self, *numbers: int) -> ContentPlan:
        """The plan of these items alone, counted from 1: a small model shown "[2]" without a "[1]" makes one up. What all share is left
        out: code has told it."""
        new = {n: place for place, n in enumerate(numbers, start=1)}
        items = tuple(replace(p, item=replace(p.item, n=new[p.item.n])) for p in self.items if p.item.n in new)
        others = tuple(_renumbered(n, new) for n in self.others if set(n.cites) <= set(new))
        return ContentPlan(items, (), others)


def _renumbered(note: Fact, new: Mapping[int, int]) -> Fact:
    text = _CITE.sub(lambda found: f"[{new.get(int(found[1]), found[1])}]", note.text)
    return replace(note, text=text, cites=tuple(new[n] for n in note.cites))


@lru_cache(maxsize=128)
def planned(evidence: Evidence) -> ContentPlan:
    """The plan by the sentence gate of this installation; made once for prompt, writer and measures."""
    gate = _gate()
    return plan_of(evidence, lambda text: gate.judge(text, evidence).ok)


@cache
def _gate() -> SentenceGate:
    return SentenceGate()


def plan_of(evidence: Evidence, judge: Judge) -> ContentPlan:
    """The plan for this evidence; every part of it, told alone or joined, is one that ``judge`` (the sentence gate) lets pass."""
    if evidence.act not in COMPARING:
        plans = tuple(_answering(evidence, item) for item in evidence.items)
        return ContentPlan(plans, (), evidence.notes)
    answered = any(note.name == "extreme" for note in evidence.notes)
    shared = () if answered else shared_notes(evidence, judge)
    names = frozenset(note.name for note in shared)
    plans = tuple(plan_item(evidence, item, judge, names) for item in evidence.items)
    others = tuple(n for n in evidence.notes if n not in shared and not _is_told(n, plans))
    return ContentPlan(plans, shared, others)


def _is_told(note: Fact, plans: Sequence[ItemPlan]) -> bool:
    """Whether a note is told by the line of its item, is a comparison that no line has room for, or is none that tells items apart: what
    the dialogue found is told by code."""
    by_code = not note.cites or is_topic(note) or note.name == "extreme" or WITHIN_LIMIT in note.text
    return by_code or any(compared(note, plan.item.n) for plan in plans)


def _answering(evidence: Evidence, item: EvidenceItem) -> ItemPlan:
    """The facts that touch the question; all that is shown where none does."""
    asked = set(content_stems(evidence.shopper))
    usable = [f for f in item.facts if f.kind not in UNSEEN and f.kind is not FactKind.TYPE and not only_names(f, item)]
    facts = [f for f in usable if asked & (set(stems(f"{f.name} {f.text}")) | asked_stems(f.name))] or usable
    told = [shown(f) for f in facts[:MOST_TOLD_ALONE]]
    return ItemPlan(item, tuple(sorted(told, key=lambda part: part.startswith("the listing says"))))


def compared(note: Fact, n: int) -> str:
    """A comparison as the end of a sentence about item ``n``: "is the lightest", "costs less"; "" where it is about another."""
    own = _OWN.fullmatch(note.text)
    if not own or int(own["n"]) != n or note.name == "extreme" or note.kind is not FactKind.COMPUTED or note.source != "computed":
        return ""
    said = own["said"].removesuffix(" of these")
    return said if own["than"] or own["said"] != said else ""


def plan_item(evidence: Evidence, item: EvidenceItem, judge: Judge, shared: frozenset[str] = frozenset()) -> ItemPlan:
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
    telling = _Telling(item, judge, _most(evidence) - (facts[:1] == whole[:1] != []), evidence)
    for fact in asked:
        telling.take(tell(fact))
    for note in evidence.notes:
        if telling.compare(compared(note, item.n), next((f for f in facts if f.name == note.name and f.number is not None), None)):
            rest = [f for f in rest if f.name != note.name]
    last = [f for f in rest if f.kind is FactKind.BRAND or is_sort(f)]  # said only where nothing better is
    for fact in (f for f in rest if f not in last):
        telling.take(tell(fact))
    for fact in last if not (whole or telling.parts) else ():
        telling.take(tell(fact))
    return telling.ended([clause_text(f) for f in whole])


def _most(evidence: Evidence) -> int:
    """How many parts are told of each of these items."""
    if len(evidence.items) >= LONG_LIST:
        return MOST_TOLD_OF_MANY
    return MOST_TOLD if len(evidence.items) > 1 else MOST_TOLD_ALONE


class _Telling:
    """The parts of one item's sentence, each taken only if the gate releases the sentence with it."""

    def __init__(self, item: EvidenceItem, judge: Judge, most: int, evidence: Evidence) -> None:
        self.parts: list[str] = []
        self._item, self._n, self._judge, self._most = item, item.n, judge, most
        self._left = MOST_COMPARED + (evidence.act == "compare")
        self._over = int(len(evidence.items) < 3)
        self._wanted = wanted_stems(evidence.shopper, evidence.needs)

    def take(self, part: str, over: int = 0) -> bool:
        """Adds a predicate, where there is room, it says something new and the gate agrees."""
        fits = bool(part) and len(self.parts) < self._most + over and not says_again(part, self.parts) and part not in self.parts
        if not fits or not self._judge(f"[{self._n}] {joined([*self.parts, part])}."):
            return False
        self.parts.append(part)
        return True

    def compare(self, said: str, figure: Fact | None) -> bool:
        """Adds a comparison, with the figure that it rests on where there is one; whether it is told now."""
        if not said or not self._left:
            return False
        spoken = figure is not None and bool(figure.unit) and not said.startswith(("is for ", "runs "))
        joint = f"{said} at {_figure(figure)}" if figure is not None and spoken else ""
        stands = tell(figure) if figure is not None else ""
        told = self._replace(stands, joint or said) if stands in self.parts else self._add(joint, said)
        self._left -= told
        return told

    def _add(self, *wordings: str) -> bool:
        """Adds the first of these that can stand."""
        return any(self.take(wording, self._over) for wording in wordings)

    def _replace(self, part: str, other: str) -> bool:
        """Puts a comparison in the place of its figure alone: "is the lightest at 380 g" for "weighs 380 g"."""
        place = self.parts.index(part)
        together = [*self.parts[:place], other, *self.parts[place + 1 :]]
        if not set(re.findall(r"\d+", part)) <= set(re.findall(r"\d+", other)) or not self._judge(f"[{self._n}] {joined(together)}."):
            return self._add(other)
        self.parts = together
        return True

    def ended(self, clauses: Sequence[str]) -> ItemPlan:
        """The parts, with one whole clause of the listing behind them where there is room; what speaks against the item stands last."""
        plan = ItemPlan(self._item, tuple(in_one_span(self.parts)))
        for clause in clauses if len(self.parts) <= self._most and ";" not in plan.text else ():
            if speaks_against(clause) and self._stands(told := replace(plan, drawback=clause)):
                return told
            if self._judge(f"[{self._n}] {plan.text}; {clause}." if plan.text else f"With [{self._n}], {clause}."):
                return replace(plan, clause=clause)
        for part in (p for p in plan.parts if self._is_fault(p)):
            if self._stands(told := replace(plan, parts=tuple(p for p in plan.parts if p != part), drawback=part)):
                return told
        return plan

    def _is_fault(self, part: str) -> bool:
        """Whether a part speaks against the item; what it is not ("is not toxic") does so only where that was wanted."""
        return speaks_against(part) and (not part.startswith("is not ") or bool(set(content_stems(part)) & self._wanted))

    def _stands(self, told: ItemPlan) -> bool:
        """Whether something is told that a "but" can follow, and the gate agrees to the whole."""
        follows = bool(told.parts) and ";" not in told.text and not told.parts[-1].startswith("its ")
        return follows and self._judge(f"[{self._n}] {told.text}.")


def shared_notes(evidence: Evidence, judge: Judge) -> tuple[Fact, ...]:
    """The notes on what all items have in common, at most two, that one sentence can tell."""
    found = tuple(n for n in evidence.notes if SHARED.fullmatch(n.text) and WITHIN_LIMIT not in n.text)
    return next((notes for notes in (found[:2], found[:1]) if notes and shared_sentence(notes, evidence, judge)), ())


def shared_sentence(notes: Sequence[Fact], evidence: Evidence, judge: Judge) -> str:
    """ "Both are waterproof and have a hood."; "" where the gate does not agree."""
    said = [found["said"] for note in notes if (found := SHARED.fullmatch(note.text))]
    who = "Both" if len(evidence.items) == 2 else f"All {count_words(len(evidence.items))}"
    told = [f"{start} {' and '.join(said)}." for start in (who, who.split()[0])] if said else []
    return next((text for text in (*_with_none(said, who), *told) if judge(text)), "")


def _with_none(said: Sequence[str], who: str) -> Iterator[str]:
    """ "All three are vegan, and none of them is waterproof" for "All three are vegan and are not waterproof"."""
    lacks = [text.removeprefix("are not ") for text in said if text.startswith("are not ")]
    rest = [text for text in said if not text.startswith("are not ")]
    if len(lacks) != 1:
        return
    none = "neither" if who == "Both" else "none of them"
    alone = f"Neither is {lacks[0]}." if who == "Both" else f"Of these {who.split()[-1]}, none is {lacks[0]}."
    yield f"{who} {' and '.join(rest)}, and {none} is {lacks[0]}." if rest else alone


def only_names(fact: Fact, item: EvidenceItem) -> bool:
    """Whether a fact cut from the title is how the title begins: to have named the item is to have said it."""
    return fact.source == "title" and item.name.casefold().startswith(fact.text.casefold())


def _figure(fact: Fact) -> str:
    """The number with its unit as a sentence says it: "1 year"."""
    unit = fact.unit.removesuffix("s") if fact.number == 1 and len(fact.unit) > 2 else fact.unit
    return f"{fact.value} {unit}".strip()
