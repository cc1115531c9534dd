"""Which facts of an item a turn is shown: what touches the shopper's wish, then what sets the items apart, then what tells most."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatrec.domain.facts import EvidenceItem, Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.plain import plain
from chatrec.generation.evidence_forms import formed_fact, spells_name
from chatrec.generation.gate_words import asked_stems, content_stems, stems, words_of
from chatrec.generation.predicates import PREDICATE, TITLE_SOURCE, is_sort, tell
from chatrec.generation.units import says_again, weighs_again

MOST_FACTS = 5
UNSEEN = frozenset({FactKind.PRICE, FactKind.STOCK})
"""Code renders prices after decoding and answers stock questions itself, so the model never sees these."""
MOST_ITEM_WORDS = 40
FACTS_BY_ITEMS = {1: 5, 2: 4}
"""Facts an item besides what it is, by the number of items; three or more items get three each: a short prompt is read whole."""
WORDS_BY_ITEMS = {1: MOST_ITEM_WORDS, 2: 30}
MOST_WORDS_OF_MANY = 18
"""Words an item, by the number of items: of three or more each is told in a sentence, and their lines are to be read whole."""
MOST_TELLING_WORDS = 12
MOST_KINDS = 4
LEAST_TELLING_PRICE = 100  # a smaller figure in a description is more likely a size or a count than the price
_MONEY = re.compile(
    r"[$€£¥₹]|\b(?:price[ds]?|costs?|cheap(?:er|est|ly)?|expensive|bargain|rs|inr|dollars?|euros?|pounds? sterling|bucks|cents?|"
    r"usd|eur|gbp)\b",
    re.IGNORECASE,
)
_OPINION_WORDS = frozenset(stems("review reviews reviewers opinion opinions people say customers"))
_BRAND_WORDS = frozenset(stems("brand make maker made manufacturer company who whose"))
_POINTING = frozenset(words_of("it its they them this that these those he she then until here there one ones both same such"))
_KINDS = {FactKind.ATTRIBUTE: 3.0, FactKind.OPTION: 2.0, FactKind.DESCRIPTION: 1.5, FactKind.BRAND: 1.0, FactKind.RATING: 1.2}
# Unasked, these tell less than any other property: nearly every record has them.
_MUTED = {"colour": 1.2, "color": 1.2, "year": 0.5, "age from": -1.0, "age to": -1.0}
# A clause that speaks against the thing, or limits it, is told after what speaks for it.
_LIMITING = re.compile(
    r"\b(?:not|no|never|only|cannot|less|weaker|slow|noisy|rattles|cloudy|wears?|tears|leaks|fades?|finds the gap|will feel|cracks?|"
    r"breaks?|longer to|heavy|bulky|nothing|nobody|unless|hardly|perhaps)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """By what facts are chosen: the act, the stems that the shopper ``wanted``, those of the ``kinds`` of thing shown (any fact may hold
    them), the properties to compare by, the texts that all items share (``alike``), and how many facts and words an item gets."""

    act: str
    wanted: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    comparable: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()
    most: int = MOST_FACTS
    most_words: int = MOST_ITEM_WORDS


def choice_of(act: str, wanted: frozenset[str], all_facts: Sequence[Sequence[Fact]]) -> Choice:
    """How to choose among the facts of these items, each item's as ingest cut them."""
    texts = [frozenset(f.text for f in facts) for facts in all_facts]
    return Choice(
        act,
        wanted,
        frozenset(word for facts in all_facts for f in facts if f.kind is FactKind.TYPE for word in stems(f.text)),
        _comparable_names(all_facts) if act == "compare" else frozenset(),
        frozenset.intersection(*texts) if len(texts) > 1 else frozenset(),
        MOST_FACTS if act == "item_answer" else 1 + FACTS_BY_ITEMS.get(len(texts), 3),
        MOST_ITEM_WORDS if act == "item_answer" else WORDS_BY_ITEMS.get(len(texts), MOST_WORDS_OF_MANY),
    )


def select_facts(item: Item, facts: Sequence[Fact], choice: Choice, name: str = "") -> Iterator[Fact]:
    """What the thing is, then the facts that touch what the shopper said, then the most telling ones; price and stock at the end.

    What every item shows sets none of them apart: unless it was asked for, it is left to one note on all of them. What the item's
    ``name`` says already is left out, except as an answer. Clauses of the description come in the form in which they can be said; one
    that reads as torn is only quoted, as an answer.
    """
    usable = list(usable_facts(item, facts, choice, name))
    telling = _most_telling([f for f, same in usable if f.kind is FactKind.DESCRIPTION and not same and _stands_alone(f.text)])
    scored = [(_worth(f, choice, place) + 2.5 * (f is telling) - 4.0 * same, place, f) for place, (f, same) in enumerate(usable)]
    budget, taken, told = choice.most_words, 0, list[str]()
    for _, _, fact in sorted(scored, key=lambda s: (-s[0], s[1])):
        words, said = len(fact.text.split()), tell(fact) or fact.text
        if is_sort(fact) and taken > 1 and choice.act == "recommend":
            continue  # "listed as tables" is for what has nothing else to it
        fits = words <= budget or (taken == 1 and words <= MOST_ITEM_WORDS // 2)  # one fact is told, however long
        if taken < choice.most and fits and not _repeats(said, told):
            taken, budget = taken + 1, budget - words
            told.append(said)
            yield _kind_asked(fact, item, choice.wanted) if fact.kind is FactKind.TYPE else fact
    if taken < 2 and choice.act != "item_answer":
        yield from list(_other_kinds(item)) or _any_property(facts, choice)
    yield from (f for f in facts if f.kind in UNSEEN)


def seen_facts(item: EvidenceItem) -> tuple[Fact, ...]:
    """The facts of an item of which the model may be told."""
    return tuple(f for f in item.facts if f.kind not in UNSEEN)[:MOST_FACTS]


def usable_facts(item: Item, facts: Sequence[Fact], choice: Choice, name: str = "") -> Iterator[tuple[Fact, bool]]:
    """The facts that can be said of the item in this turn, each with whether all items of the turn share it."""
    for fact in facts:
        formed = formed_fact(fact, item, choice.act) if fact.kind not in UNSEEN else None
        if formed is not None and _usable(formed, item, choice) and not _named(formed, name, choice):
            same = fact.text in choice.alike and fact.kind is not FactKind.TYPE
            asked = touches(formed, choice.wanted - choice.kinds) and fact.kind is not FactKind.BRAND
            if not same or choice.act in ("item_answer", "compare") or (asked and not is_sort(fact)):
                yield formed, same


def touches(fact: Fact, wanted: frozenset[str]) -> int:
    """By how many words a fact touches what the shopper said and wants."""
    if fact.kind is FactKind.BRAND and not set(stems(fact.value)) <= wanted:
        return 0  # one word of a brand's name ("Hill") says nothing about the brand
    return len((set(stems(fact.text)) | set(stems(fact.name))) & wanted) + len(asked_stems(fact.name) & wanted)


def _repeats(said: str, told: Sequence[str]) -> bool:
    """Whether a fact says nothing that one before it did not say: the same words, or the same figure in another unit."""
    content = set(content_stems(said)) | set(re.findall(r"\d+(?:[.,]\d+)?", said))
    return (
        says_again(said, told)
        or weighs_again(said, told)
        or any(content <= set(content_stems(t)) | set(re.findall(r"\d+(?:[.,]\d+)?", t)) for t in told)
    )


def _most_telling(clauses: Sequence[Fact]) -> Fact | None:
    """The first clause that speaks for the thing and follows it; else the first that speaks for it, else the first."""
    kind = [f for f in clauses if not _LIMITING.search(f.text)]
    return next((f for f in kind if f.name == PREDICATE), next(iter((*kind, *clauses)), None))


def _named(fact: Fact, name: str, choice: Choice) -> bool:
    """Whether the reply says it by naming the item: "Phone case (Black)" needs no "comes in black"."""
    if choice.act == "item_answer":
        return False
    said = set(stems(name))
    if fact.source == TITLE_SOURCE:
        return set(stems(fact.text)) <= said
    words = fact.kind is FactKind.ATTRIBUTE and fact.value not in ("yes", "no") and not fact.unit and choice.act == "recommend"
    return words and set(stems(fact.value)) <= said and not touches(fact, choice.wanted - choice.kinds)


def _worth(fact: Fact, choice: Choice, place: int) -> float:
    if fact.kind is FactKind.TYPE:
        return 1000.0
    kind = _KINDS.get(fact.kind, 0.0) - (2.9 if is_sort(fact) else _MUTED.get(fact.name, 0.0))
    return 10.0 * touches(fact, choice.wanted - choice.kinds) + 5.0 * (fact.name in choice.comparable) + kind - 0.01 * place


def _kind_asked(fact: Fact, item: Item, wanted: frozenset[str]) -> Fact:
    """Of the kinds that an item is of (a film of two genres) the one that the shopper asked for."""
    asked = [kind for kind in item.category_path if set(stems(kind)) and set(stems(kind)) <= wanted]
    if not asked or set(stems(fact.text)) & wanted:
        return fact
    text = plain(asked[-1], 60).lower()
    return replace(fact, text=text, value=text)


def _other_kinds(item: Item) -> Iterator[Fact]:
    """The kinds that an item is of, where its record says nothing else of it and none is a part of another's name."""
    kinds = [plain(kind, 40).lower() for kind in item.category_path]
    words = [word for kind in kinds for word in stems(kind)]
    if 1 < len(kinds) <= MOST_KINDS and len(words) == len(set(words)) and all(len(kind.split()) < 3 for kind in kinds):
        value = ", ".join(kinds)
        yield Fact(FactKind.ATTRIBUTE, "kinds", f"kinds {value}", value, source="category")


def _any_property(facts: Sequence[Fact], choice: Choice) -> list[Fact]:
    """One property, though the item's name says it, rather than nothing; not one that a note tells of all items."""
    return [f for f in facts if f.kind is FactKind.ATTRIBUTE and not is_sort(f) and f.text not in choice.alike][:1]


def _stands_alone(clause: str) -> bool:
    """Whether a description clause makes sense out of its place: short, and pointing at nothing said before it."""
    words = clause.lower().split()
    return len(words) <= MOST_TELLING_WORDS and not _POINTING & set(words) and "?" not in clause


def _usable(fact: Fact, item: Item, choice: Choice) -> bool:
    wanted, act = choice.wanted, choice.act
    if fact.kind is FactKind.BRAND:  # a name that holds the brand tells it already
        asked = act == "item_answer" and bool(wanted & _BRAND_WORDS)
        return asked or not set(stems(fact.value)) <= set(stems(item.title))
    if fact.kind is FactKind.OPINION:
        return bool(wanted & _OPINION_WORDS) or len(set(stems(fact.text)) & wanted) > 1
    if fact.kind is not FactKind.DESCRIPTION or fact.source == TITLE_SOURCE:
        return True
    # prices and names reach the reply through code alone, so a clause that spells one is no evidence
    return not _MONEY.search(fact.text) and not spells_name(fact.text, item) and not _tells_price(fact.text, item)


def _tells_price(text: str, item: Item) -> bool:
    return item.price is not None and f"{item.price:.0f}" in re.findall(r"\d+", text.replace(",", "")) and item.price >= LEAST_TELLING_PRICE


def _comparable_names(all_facts: Sequence[Sequence[Fact]]) -> frozenset[str]:
    """Properties that every item records and that are not the same in all."""
    if len(all_facts) < 2:
        return frozenset()
    tables = [{f.name: f.text for f in facts if f.kind in (FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.RATING)} for facts in all_facts]
    shared = set.intersection(*(set(t) for t in tables))
    return frozenset(name for name in shared if len({t[name] for t in tables}) > 1)
