"""From records to evidence: the few facts of each item that matter for this turn, and what can be computed among the items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.plain import plain
from chatrec.generation.clause_forms import clause_form
from chatrec.generation.comparatives import compare, wanted_stems
from chatrec.generation.gate_words import asked_stems, content_stems, stems, words_of
from chatrec.generation.item_names import item_names, without_maker
from chatrec.generation.predicates import PREDICATE, STATEMENT, TITLE_SOURCE
from chatrec.generation.prompts import MOST_FACTS, SHOPPER_CHARS, UNSEEN
from chatrec.generation.rendering import harmless
from chatrec.generation.verbs import is_singular_verb

MOST_ITEM_WORDS = 40
FACTS_BY_ITEMS = {1: 5, 2: 4}
"""Facts an item besides what it is, by the number of items; three or more items get three each: a short prompt is read whole."""
MOST_NEEDS = 8
MOST_NOTES = 5
MOST_PASSAGES = 4
MOST_PASSAGE_CHARS = 400
MOST_ITEMS = 10
# Acts in which items stand side by side, so that computed comparisons say something.
COMPARING = frozenset({"recommend", "compare", "item_answer"})
_MONEY = re.compile(
    r"[$€£¥₹]|\b(?:price[ds]?|costs?|cheap(?:er|est|ly)?|expensive|bargain|rs|inr|dollars?|euros?|pounds? sterling|bucks|cents?|"
    r"usd|eur|gbp)\b",
    re.IGNORECASE,
)
_OPINION_WORDS = frozenset(stems("review reviews reviewers opinion opinions people say customers"))
_BRAND_WORDS = frozenset(stems("brand make maker made manufacturer company who whose"))
_FIGURE = re.compile(r"\d+(?:[.,]\d+)?")
MOST_TELLING_WORDS = 12
_POINTING = frozenset(words_of("it its they them this that these those he she then until here there one ones both same such"))
LEAST_CLAUSE_WORDS = 3
LEAST_JOINED = 6  # letters: a shorter word is found in many a run of letters
LEAST_TELLING_PRICE = 100  # a smaller figure in a description is more likely a size or a count than the price
# Where the name of a thing ends in a long title.
_NAME_END = re.compile(r"[,(:;|]|\s[-–—]\s|\s(?:with|for|in|of|by)\s", re.IGNORECASE)
_TITLE_WORD = re.compile(r"[^\W\d_]{4,}", re.UNICODE)


class RecordEvidence:
    """Implements :class:`chatrec.protocols.EvidenceBuilder`. Stateless; the same input gives the same evidence."""

    def build(
        self,
        act: str,
        shopper: str,
        *,
        needs: Sequence[str] = (),
        items: Sequence[tuple[Item, Sequence[Fact]]] = (),
        notes: Sequence[Fact] = (),
        passages: Sequence[Fact] = (),
    ) -> Evidence:
        """Evidence whose citation numbers follow the order of ``items`` (or of ``passages`` where there are no items).

        An item carries at most five facts for the model (some 45 words), then its price and stock for the renderer and the gate.
        """
        shopper = plain(shopper, SHOPPER_CHARS)
        needs = tuple(plain(need, 120) for need in needs[:MOST_NEEDS] if need.strip())
        wanted = wanted_stems(shopper, needs)
        items = items[:MOST_ITEMS]
        choice = _choice(act, wanted, [facts for _, facts in items])
        titles = tuple(plain(item.title, 200) for item, _ in items)
        names = item_names(tuple(map(harmless, titles)))
        chosen = tuple(
            EvidenceItem(n, item.item_id, title, tuple(select_facts(item, facts, choice, name)))
            for n, ((item, facts), title, (name, _)) in enumerate(zip(items, titles, names, strict=True), start=1)
        )
        computed = compare([(n, item) for n, (item, _) in enumerate(items, start=1)], wanted, needs) if act in COMPARING else ()
        told = (*notes, *(note for note in computed if note.text not in {n.text for n in notes} and not _said_by(notes, note)))
        cut = tuple(replace(p, text=plain(p.text, MOST_PASSAGE_CHARS)) for p in passages[:MOST_PASSAGES])
        return Evidence(act, shopper, needs, chosen, told[:MOST_NOTES], cut)


def _said_by(notes: Sequence[Fact], computed: Fact) -> bool:
    """Whether the answer to "the cheapest?" says already what follows from it: that the first of the list is the cheapest of these."""
    return any(n.name == "extreme" and n.value == computed.name and n.cites[:1] == computed.cites[:1] for n in notes)


@dataclass(frozen=True, slots=True)
class Choice:
    """By what facts are chosen: the act, the stems that the shopper ``wanted``, the properties to compare by, the texts that all items
    share (``alike``), and how many facts an item gets."""

    act: str
    wanted: frozenset[str] = frozenset()
    comparable: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()
    most: int = MOST_FACTS


def _choice(act: str, wanted: frozenset[str], all_facts: Sequence[Sequence[Fact]]) -> Choice:
    texts = [frozenset(f.text for f in facts) for facts in all_facts]
    return Choice(
        act,
        wanted,
        _comparable_names(all_facts) if act == "compare" else frozenset(),
        frozenset.intersection(*texts) if len(texts) > 1 else frozenset(),
        MOST_FACTS if act == "item_answer" else 1 + FACTS_BY_ITEMS.get(len(texts), 3),
    )


def select_facts(item: Item, facts: Sequence[Fact], choice: Choice, name: str = "") -> Iterator[Fact]:
    """What the thing is, then the facts that touch what the shopper said, then the most telling ones; price and stock at the end.

    What every item shows sets none of them apart and comes late; what the item's ``name`` says already is left out, except as an
    answer. Clauses of the description come in the form in which they can be said; one that reads as torn is only quoted, as an answer.
    """
    formed = ((formed_fact(f, item, choice.act), f.text in choice.alike) for f in facts if f.kind not in UNSEEN)
    usable = [(f, same) for f, same in formed if f is not None and _usable(f, item, choice) and not _named(f, name, choice)]
    telling = next((f for f, same in usable if f.kind is FactKind.DESCRIPTION and not same and _stands_alone(f.text)), None)
    scored = [(_worth(f, choice, place) + 2.5 * (f is telling) - 4.0 * same, place, f) for place, (f, same) in enumerate(usable)]
    budget, taken, told = MOST_ITEM_WORDS, 0, set[str]()
    for _, _, fact in sorted(scored, key=lambda s: (-s[0], s[1])):
        words, content = len(fact.text.split()), set(_FIGURE.findall(fact.text)) or set(content_stems(fact.text))
        if taken < choice.most and words <= budget and not content <= told:
            taken, budget = taken + 1, budget - words
            told |= set(_FIGURE.findall(fact.text)) | set(content_stems(fact.text))
            yield fact
    yield from (f for f in facts if f.kind in UNSEEN)


def _named(fact: Fact, name: str, choice: Choice) -> bool:
    """Whether the reply says it by naming the item: "Phone case (Black)" needs no "comes in black"."""
    return choice.act != "item_answer" and fact.source == TITLE_SOURCE and set(stems(fact.text)) <= set(stems(name))


def _worth(fact: Fact, choice: Choice, place: int) -> float:
    wanted = choice.wanted
    if fact.kind is FactKind.TYPE:
        return 1000.0
    words = set(stems(fact.text)) | set(stems(fact.name))
    touching = len(words & wanted) + len(asked_stems(fact.name) & wanted)
    if fact.kind is FactKind.BRAND and not set(stems(fact.value)) <= wanted:
        touching = 0  # one word of a brand's name ("Hill") says nothing about the brand
    kind = {FactKind.ATTRIBUTE: 3.0, FactKind.OPTION: 2.0, FactKind.DESCRIPTION: 1.5, FactKind.BRAND: 1.0, FactKind.RATING: 1.2}.get(
        fact.kind, 0.0
    )
    return 10.0 * touching + 5.0 * (fact.name in choice.comparable) + kind - 0.01 * place


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
    return not _MONEY.search(fact.text) and not _names(fact.text, item) and not _tells_price(fact.text, item)


def _tells_price(text: str, item: Item) -> bool:
    return item.price is not None and f"{item.price:.0f}" in re.findall(r"\d+", text.replace(",", "")) and item.price >= LEAST_TELLING_PRICE


def _names(text: str, item: Item) -> bool:
    own = _own_words(item)
    return any(word in own for word in _TITLE_WORD.findall(text))


def _own_words(item: Item) -> frozenset[str]:
    """The capitalised words of a title that its category and values do not explain: the product's own name."""
    common = set(stems(" ".join((item.category, *(v for a in item.attributes for v in a.values)))))
    return frozenset(w for w in _TITLE_WORD.findall(item.title) if w[0].isupper() and not set(stems(w)) & common)


def _without_name(text: str, item: Item) -> str:
    """ "The Brae stands in wind" as "stands in wind": the name at the head of a clause is its subject and goes without saying."""
    words = text.split()
    place = 1 if words and words[0].lower() == "the" else 0
    start = place
    own = _own_words(item)
    while place < len(words) and (words[place] in own or _is_run_together(words[place], item)):
        place += 1
    is_subject = place > start and len(words) - place >= LEAST_CLAUSE_WORDS and is_singular_verb(words[place])
    return " ".join(words[place:]) if is_subject else text


def _is_run_together(word: str, item: Item) -> bool:
    """Whether a capitalised word is two of the title written as one: "QuikLitter" for "Quik Litter"."""
    return word[:1].isupper() and len(word) >= LEAST_JOINED and word.lower() in item.title.lower().replace(" ", "")


def formed_fact(fact: Fact, item: Item, act: str) -> Fact | None:
    """The fact in the form in which it can be said; ``None`` for a torn clause, unless a question asks for it (it is then quoted)."""
    text = plain(fact.text, 160)
    if fact.kind is not FactKind.DESCRIPTION or fact.source == TITLE_SOURCE or fact.name != "description":
        return fact if text == fact.text else replace(fact, text=text)
    text = _without_name(text, item)
    form = clause_form(text, frozenset(stems(f"{item.title} {item.category}")), frozenset(stems(item.brand)), _heads(item))
    if form is None:
        return replace(fact, text=text) if act == "item_answer" else None
    return replace(fact, name=PREDICATE if form.is_predicate else STATEMENT, text=form.text)


def _heads(item: Item) -> frozenset[str]:
    """The stems of the words that say what the item is: the last of its title's name, and of each kind its category names."""
    name = _NAME_END.split(without_maker(item.title))[0]
    kinds = [name, *re.split(r"\s*(?:&|,|/|\band\b)\s*", item.category)]
    lasts = (words[-1] for kind in kinds if (words := [w for w in re.findall(r"[^\W\d_]{2,}", kind) if not w.isupper()]))
    return frozenset(stem for last in lasts for stem in stems(last))


def _comparable_names(all_facts: Sequence[Sequence[Fact]]) -> frozenset[str]:
    """Properties that every item records and that are not the same in all."""
    if len(all_facts) < 2:
        return frozenset()
    tables = [{f.name: f.text for f in facts if f.kind in (FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.RATING)} for facts in all_facts]
    shared = set.intersection(*(set(t) for t in tables))
    return frozenset(name for name in shared if len({t[name] for t in tables}) > 1)
