"""Questions about an item, answered by the facts of its record and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Item
from chatrec.knowledge.evidence_ranker import EvidenceRanker
from chatrec.knowledge.properties import COLOURS, PROPERTIES, SIZES, TELL_ALL, Property
from chatrec.knowledge.verdicts import VERDICT, verdicts
from chatrec.knowledge.words import content_stems, stem, words_of

MOST_FACTS = 4
MOST_TOLD = 6
# Words that every question about an item may hold without asking for a property.
_TALK = frozenset(
    stem(w)
    for w in [
        "first",
        "second",
        "third",
        "fourth",
        "last",
        "number",
        "option",
        "version",
        "model",
        "colour",
        "color",
        "come",
        "comes",
        "work",
        "works",
        "good",
        "really",
        "enough",
        "still",
        "suitable",
        "use",
        "used",
        "using",
        "make",
        "made",
        "go",
        "going",
        "fit",
        "fits",
        "take",
        "also",
        "possible",
        "able",
        "think",
        "recommend",
        "better",
        "best",
        "size",
        "big",
        "small",
        "large",
        "long",
        "short",
        "high",
        "warm",
        "cold",
        "heavy",
        "light",
        "weight",
        "hold",
        "last",
        "run",
        "wear",
        "wearing",
        "put",
        "thing",
        "kind",
        "look",
        "looks",
        "feel",
        "feels",
        "help",
        "mean",
        "problem",
        "people",
        "person",
        "day",
        "time",
        "year",
        "way",
        "bit",
        "lot",
        "old",
        "new",
        "nice",
    ]
)
_LOAD = re.compile(r"\bhow much weight\b", re.IGNORECASE)  # asks what it carries, not what it weighs
_PART = re.compile(r"\bhow (?:big|large|small|long|wide|high|tall|thick|deep|heavy) (?:is|are) (?:the|its|their) ([a-z]+)\b", re.IGNORECASE)
# What follows a colour that is not a part of the thing: "is it black or grey", "the red one", "in blue instead".
_AFTER_A_COLOUR = frozenset(
    "and or but not nor with without for from than then too also either instead please again now today available colour color colours "
    "colors coloured shade shades version versions one ones option options model variant finish sort kind only still there here that "
    "this these those which what has have does come comes was were are can could would will the".split()
)
_ITSELF = frozenset(
    stem(w) for w in "first second third fourth last one ones item product thing other warranty guarantee battery whole inside".split()
)
_COMES_WITH = re.compile(
    r"^\W*(?:\w+\W+){0,5}?(?:does|do|is|are|will)\b.*\b(?:comes? with|includ\w+) "
    r"(?:an? |the |any |its |their )?(?P<asked>[a-z]+(?:[ -][a-z]+)?)\W*$",
    re.IGNORECASE,
)
_NAME_SPLIT = re.compile(r"[\s_-]+")


# Chosen on the dev products of the benchmark "knowledge": a clause that holds the question's words but means something else lies below
# the first; one that answers without holding any of them lies above the second.
LEAST_KEPT, LEAST_ALONE = 0.4, 0.45


class RecordAnswers:
    """Implements :class:`chatrec.protocols.ItemAnswers`. The same question and record give the same facts."""

    def __init__(self, ranker: EvidenceRanker | None = None) -> None:
        """With a ``ranker``, clauses of the description answer by what they mean; without one, by their words alone."""
        self._ranker = ranker

    def answer(self, question: str, item: Item, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """The facts that answer, best first, at most four; empty when the record does not say.

        A property is found by its name or by everyday words for it; where the record has no field for it, plain clauses of the
        description that speak of it answer. Opinions answer only questions about opinions. A question that one value decides is answered by
        a single COMPUTED fact, in whose text ``{item}`` stands for the item.
        """
        asked = _without_title(question, item)
        if coloured := _coloured_part(asked, item):
            return tuple(f for f in facts if f.kind is not FactKind.OPINION and coloured <= {stem(w) for w in words_of(f.text)})[:1]
        if decided := tuple(verdicts(asked, facts)):
            return decided[:1]
        found: dict[Fact, float] = {}
        for place, wanted in enumerate(PROPERTIES):
            if wanted.asks.search(asked):
                _collect(found, _of_property(wanted, facts), 3.0 - place / 1000)
        _collect(found, _named(asked, facts), 4.0)
        _collect(found, _offered(asked, facts), 3.5)
        if part := _part_asked(question, item):
            found = {fact: score for fact, score in found.items() if part in {stem(w) for w in words_of(f"{fact.name} {fact.text}")}}
        wanted_words = _specific(asked)
        said = _said(wanted_words, facts)
        _collect(found, said, 2.0)
        if not said and (lacking := _not_among(question, wanted_words, list(found))):
            return (lacking,)
        if not found:
            _collect(found, _in_title(question, item), 1.0)
        if not found and TELL_ALL.search(question):
            return tuple(f for f in facts if f.kind not in (FactKind.OPINION, FactKind.BRAND))[:MOST_TOLD]
        return tuple(self._meant(question, _best(found, facts, wanted_words), facts))

    def _meant(self, question: str, found: Sequence[Fact], facts: Sequence[Fact]) -> list[Fact]:
        """``found`` with its clauses in the order of what they mean and without those that mean something else; where nothing is left,
        the clause of the record that answers in other words."""
        clauses = [f for f in facts if f.kind is FactKind.DESCRIPTION and f.source != "title"]
        if self._ranker is None or not clauses or (found and found[0].kind is not FactKind.DESCRIPTION):
            return list(found)
        scores = dict(zip(clauses, self._ranker.scores(question, [f.text for f in clauses]), strict=True))
        kept = [f for f in found if scores.get(f, 1.0) >= LEAST_KEPT]
        if kept:
            return sorted(kept, key=lambda f: -scores.get(f, 0.0))
        best = max(clauses, key=lambda f: scores[f])
        return [best] if scores[best] >= LEAST_ALONE else []


def _without_title(question: str, item: Item) -> str:
    """The question without the words of the item's own title, which ask for nothing."""
    own = set(words_of(item.title))
    question = _LOAD.sub("how much load", question)
    kept = [w for w in re.findall(r"\S+", question) if not (set(words_of(w)) and set(words_of(w)) <= own and w[:1].isupper())]
    return " ".join(kept)


def _part_asked(question: str, item: Item) -> str:
    """The part that a question about a size is about ("how big is the screen?"), stemmed; "" where it is about the item itself."""
    match = _PART.search(question)
    own = {stem(w) for w in words_of(f"{item.title} {item.category} {' '.join(item.category_path)}")} | _ITSELF
    return stem(match[1].lower()) if match and stem(match[1].lower()) not in own else ""


def _coloured_part(asked: str, item: Item) -> set[str]:
    """The stems of a colour and of the part that is to have it ("a red light", "black soles"); empty where the item itself is meant."""
    own = {stem(w) for w in words_of(f"{item.title} {item.category} {' '.join(item.category_path)}")} | _ITSELF
    words = words_of(asked)
    for colour, part in pairwise(words):
        if colour in COLOURS and part not in COLOURS and part not in _AFTER_A_COLOUR and stem(part) not in own and len(part) > 2:
            return {stem(colour), stem(part)}
    return set()


def _collect(found: dict[Fact, float], facts: Sequence[Fact], score: float) -> None:
    for fact in facts:
        found[fact] = found.get(fact, 0.0) + score


def _of_property(wanted: Property, facts: Sequence[Fact]) -> list[Fact]:
    """Facts of the property's own fields; without any, the description clauses that hold one of its clues."""
    direct = [f for f in facts if f.kind in wanted.kinds or (f.kind is not FactKind.OPINION and _is_named(f.name, wanted.names))]
    clues = [re.compile(rf"(?<!\w){re.escape(c)}", re.IGNORECASE) for c in wanted.clues]
    if "included" not in wanted.names:  # of all its features, those that speak of what was asked for
        direct = [f for f in direct if f.name not in ("features", "feature") or any(c.search(f.text) for c in clues)]
    if direct:
        return direct
    return [f for f in facts if f.kind is FactKind.DESCRIPTION and any(c.search(f.text) for c in clues)]


def _is_named(name: str, names: Sequence[str]) -> bool:
    own = {stem(w) for w in _NAME_SPLIT.split(name.lower()) if w}
    for wanted in names:
        words = {stem(w) for w in wanted.split()}
        if words == own or (words <= own and len(own) <= len(words) + 1):
            return True
    return False


def _named(asked: str, facts: Sequence[Fact]) -> list[Fact]:
    """Facts whose whole name stands in the question ("is it dishwasher safe?", "what is the drop?")."""
    words = set(content_stems(asked)) | {stem(w) for w in words_of(asked)}
    kinds = (FactKind.ATTRIBUTE, FactKind.OPTION)
    return [
        f
        for f in facts
        if f.kind in kinds
        and f.name not in ("features", "feature", "use")
        and {stem(w) for w in words_of(f.name) if len(w) > 1}
        and {stem(w) for w in words_of(f.name) if len(w) > 1} <= words
    ]


def _offered(asked: str, facts: Sequence[Fact]) -> list[Fact]:
    """ "do you have it in blue?", "in M?": the colours or sizes it comes in."""
    words = words_of(asked)
    wanted: set[str] = set()
    if set(words) & COLOURS:
        wanted |= {"colour", "color", "shade", "finish"}
    sized = any(w in SIZES and words[i - 1 : i] in (["in"], ["size"], ["an"], ["a"]) for i, w in enumerate(words) if i)
    if sized or re.search(r"\bsize \d|\bin (?:a )?\d{2}\b", asked):
        wanted.add("size")
    return [f for f in facts if f.name in wanted and f.kind in (FactKind.ATTRIBUTE, FactKind.OPTION)]


def _specific(asked: str) -> set[str]:
    """Stems that name something particular ("laptop", "dishwasher"), which a record either speaks of or not."""
    return {s for s in content_stems(asked, order_words=False) if s not in _TALK and len(s) > 2 and not s[0].isdigit()}


def _said(wanted: set[str], facts: Sequence[Fact]) -> list[Fact]:
    """Attributes, features and clauses that hold one of the particular words."""
    kinds = (FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.DESCRIPTION)
    return [f for f in facts if f.kind in kinds and wanted & set(content_stems(f.text, order_words=False))]


def _not_among(question: str, wanted: set[str], found: Sequence[Fact]) -> Fact | None:
    """ "Does it come with a rain cover?" of a listing that names other things it comes with: those, and that this is not among them."""
    match = _COMES_WITH.search(question)
    named = [f for f in found if f.name in ("features", "feature", "included")]
    if match is None or not wanted or len(named) < len(found) or not named:
        return None
    listed = ", ".join(f.value or f.text for f in named[:MOST_FACTS])
    text = f"the listing of {{item}} names {' and '.join(listed.rsplit(', ', 1))}, but no {match['asked'].lower()}"
    return Fact(FactKind.COMPUTED, VERDICT, text, "no", source=named[0].source)


def _in_title(question: str, item: Item) -> list[Fact]:
    """A title is part of the listing: "Explorer 505 Bluetooth Headset" answers "does it have bluetooth?"."""
    wanted = _specific(question)
    named = [w for w in re.findall(r"[\w'-]+", item.title) if w.islower() or w.istitle()]
    words = list(dict.fromkeys(w for w in named if stem(w.lower()) in wanted))
    return [Fact(FactKind.DESCRIPTION, "title", " ".join(words).lower(), source="title")] if words else []


def _best(found: dict[Fact, float], facts: Sequence[Fact], wanted: set[str]) -> list[Fact]:
    """Best first; of equals, the one that holds more of the question's own words, then the record's order."""
    place = {fact: n for n, fact in enumerate(facts)}

    def rank(fact: Fact) -> tuple[float, int]:
        overlap = len(wanted & set(content_stems(fact.text, order_words=False)))
        return -(found[fact] + overlap), place[fact]

    place |= {fact: len(place) for fact in found if fact not in place}
    ordered = sorted(found, key=rank)
    return ordered[:MOST_FACTS]
