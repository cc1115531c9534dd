"""Wishes relative to what was shown ("lighter than the second") and superlatives over the shop ("the cheapest of all")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.domain.reading import Comparative
from chatrec.understanding.concepts import COMPARATIVE, CONCEPTS, PLAIN, SUPERLATIVE
from chatrec.understanding.text import Message, Token
from chatrec.understanding.vocabulary import SIZE_FIELDS, Vocabulary

# Superlatives that stay inside what was shown: "the lightest of them".
_AMONG = re.compile(
    r"^(?:(?:one|ones|option|item) )?(?:of|among|out of|from) (?:them|these|those|the (?:two|three|2|3|4|5)|the ones|this list)\b"
)
_OVER_SHOP = re.compile(
    r"\b(?:of all|(?:in|of|from) (?:the |your )?(?:whole |entire |complete )?(?:shop|store|catalog\w*|"
    r"range)|overall|you (?:have|sell|offer|carry|"
    r"stock|got)|available|in stock|at all)\b"
)
_MORE = re.compile(r"\b(?P<how>more|less|higher|lower|fewer|greater|highest|lowest|most|least) (?P<what>[a-z]+(?: [a-z]+){0,2})")
_TOO = re.compile(r"\b(?:too|way too|a bit too|bit|a little too|so|rather) (?P<word>[a-z]+)\b")
_NOT_AS = re.compile(r"\b(?:not|isn't|aren't|less) (?:quite |nearly |just )?(?:as|so) (?P<word>[a-z]+) as\b")
_COSTS_LESS = re.compile(
    r"\b(?:costs?|costing) (?:a bit |a little |somewhat |much )?less\b(?! than)|\b(?:any|anything|something|one|ones|it|them|"
    r"these) for (?:a bit |a lot )?less\b"
    r"|\b(?:less|not so|not as) (?:dear|steep|pricey)\b"
)
# Nouns that ask for more of a property: "more headroom".
_NOUNS = {
    "headroom": "height",
    "legroom": "length",
    "storage": "memory",
    "warmth": "warmth",
    "light": "light",
    "wattage": "power",
    "screen": "screen",
}
_SUM = re.compile(
    r"\b(?:that's|that is|this is|it's|it is|they're|they are|those are|these are|costs?)(?: (?:way|a bit|a little|far|just))*\s*$"
)
_TOO_MUCH = re.compile(r"\b(?P<verb>weighs?|costs?) (?:way |far |a bit |just |a little )*too much\b")
_DENIED = re.compile(r"\bnothing $")
_RATED = ("rated", "reviewed", "rating", "ratings", "reviews", "review", "stars", "- rated")
_WHICH = re.compile(r"\bwhich\b[^.;!?]*$")
_PLAIN_BEFORE = {"not", "isn't", "too", "how", "as"}
_PRICED = re.compile(r"\b(?:price|prices|cost|costs|budget) (?:is|are|was|seems?|looks?)\s*$")
SIZED_SHARE = 0.5
# What a record may list of anything; under these names a shop is told to lack it.
_PACKED_SIZE = "packed size"
_MEASURES = frozenset({"weight", "length", "height", "width", "thickness", "power", "size", "warmth", "noise", "speed"})
_UP = {"more": 1, "higher": 1, "greater": 1, "highest": 1, "most": 1, "less": -1, "lower": -1, "fewer": -1, "lowest": -1, "least": -1}


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison in the message: token span, concept, field and direction. ``among`` means inside the shown list only."""

    first: int
    last: int
    field: str
    direction: int
    superlative: bool = False
    among: bool = False
    over_shop: bool = False
    word: str = ""

    def wish(self, item_ids: tuple[str, ...]) -> Comparative:
        """As the reading keeps it."""
        return Comparative(self.field, self.direction, () if self.superlative else item_ids, extreme=self.superlative)


class ComparisonReader:
    """Maps adjectives to the fields of one catalogue."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def field_of(self, concept: str, categories: Sequence[str], named: Sequence[str] = ()) -> tuple[str, int] | None:
        """The field that carries a concept (best covered in these categories) and +1, or -1 where it pulls the other way.

        Price and rating always answer, so that a shop without them can say so.
        """
        if concept in ("price", "rating"):
            return concept, 1
        if concept == "size" and any(self._vocabulary.coverage(f, categories) >= SIZED_SHARE for f in SIZE_FIELDS):
            return None  # of what comes in sizes, a bigger one is another size and not a longer thing
        entry = CONCEPTS[concept]
        best: tuple[float, float, str, int] | None = None
        for sign, names in ((1, entry.names), (-1, entry.inverse)):
            for place, name in enumerate(names):
                for field in self._vocabulary.numbers:
                    stems = self._vocabulary.name_stems[field]
                    if not set(name.split()) <= set(stems) or (concept in ("length", "height", "width") and len(stems) > 1):
                        continue
                    coverage = self._vocabulary.coverage(field, categories)
                    if coverage <= 0.05:
                        continue
                    score = (min(coverage, 0.6) + 0.3 * (stems == tuple(name.split())), -place / 10, field, sign)
                    best = max(best, score) if best else score
        return (best[2], best[3]) if best else None

    def read(self, message: Message, categories: Sequence[str]) -> list[Compared]:
        """Comparatives and superlatives, left to right."""
        found = [c for match in _MORE.finditer(message.text) if (c := self._named(message, match, categories))]
        found += [
            Compared(s.start, s.stop, "price", -1, word="cheaper")
            for m in _COSTS_LESS.finditer(message.text)
            for s in [message.span(*m.span())]
        ]
        found += [c for match in _NOT_AS.finditer(message.text) if (c := self._not_as(message, match, categories))]
        taken = {i for c in found for i in range(c.first, c.last)}
        found += [c for i, token in enumerate(message.tokens) if i not in taken and (c := self._at(message, i, token, categories))]
        taken = {i for c in found for i in range(c.first, c.last)}
        for match in _TOO_MUCH.finditer(message.text):
            span = message.span(*match.span())
            pulls = [("weight", -1)] if match["verb"].startswith("weigh") else [("price", -1)]
            if not taken & set(span) and (field := self._best(pulls, categories)):
                found.append(Compared(span.start, span.stop, field[0], field[1], word="much"))
                taken |= set(span)
        for match in _TOO.finditer(message.text):
            if _DENIED.search(message.text[: match.start()]):
                continue  # "nothing too long" turns down no list
            span = message.span(match.start("word"), match.end("word"))
            pulls = PLAIN.get(match["word"], [])
            if _PRICED.search(message.text[: match.start()]):
                pulls = [("price", 1)] if match["word"] in ("high", "steep", "much") else [("price", -1)]
            elif (
                match["word"] == "much"
                and _SUM.search(message.text[: match.start()])
                and not message.text[match.end() :].lstrip()[:1].isalpha()
            ):
                pulls = [("price", 1)]
            if pulls and not taken & set(span) and (field := self._best(pulls, categories)):
                found.append(Compared(span.start, span.stop, field[0], -field[1], word=match["word"]))
        return sorted(found, key=lambda c: c.first)

    def _not_as(self, message: Message, match: re.Match[str], categories: Sequence[str]) -> Compared | None:
        """ "Not as expensive as the first" is cheaper than that."""
        field = self._best(PLAIN.get(match["word"], []), categories)
        span = message.span(match.start(), match.end())
        return Compared(span.start, span.stop, field[0], -field[1], word=match["word"]) if field else None

    def _at(self, message: Message, index: int, token: Token, categories: Sequence[str]) -> Compared | None:
        superlative = token.text in SUPERLATIVE
        pulls = (SUPERLATIVE if superlative else COMPARATIVE).get(token.text, [])
        if not pulls or self._is_noun(message, index, token):
            return None
        if token.text in ("best", "better", "worse") and not self._rates(message, index):
            return None
        if named := self._of_noun(message, index, pulls[0][1], superlative):
            return named
        if index and message.tokens[index - 1].stem in ("pack", "fold", "packed"):
            packed = self.field_of("packed", categories) or (_PACKED_SIZE, 1)
            return Compared(index - 1, index + 1, packed[0], pulls[0][1], superlative, word=token.text)
        following = message.words(index + 1, index + 2)
        if not superlative and following == "than" and index + 2 < len(message.tokens) and _figure_follows(message, index + 2):
            return None  # "cheaper than 50" is a bound
        best = self._best(pulls, categories)
        if (field := (self._held(best, pulls, categories) if superlative else best) or self._unlisted(pulls, superlative)) is None:
            return None
        last = index + 2 if following == "than" or following in _RATED else index + 1
        after = message.words(index + 1, index + 7)
        return Compared(
            index,
            last,
            field[0],
            field[1],
            superlative,
            bool(superlative and _AMONG.match(after)),
            bool(_OVER_SHOP.search(after)),
            token.text,
        )

    def _of_noun(self, message: Message, index: int, direction: int, superlative: bool) -> Compared | None:
        """ "bigger screen", "longer battery life": the noun says which field."""
        following = message.tokens[index + 1] if index + 1 < len(message.tokens) else None
        if following is None or not following.word:
            return None
        for field, names in self._vocabulary.name_stems.items():
            if field in self._vocabulary.numbers and names[:1] == (following.stem,) and self._vocabulary.coverage(field) > 0:
                last = index + 2
                while last < len(message.tokens) and (
                    message.tokens[last].stem in names or message.tokens[last].text in ("life", "size", "time")
                ):
                    last += 1
                return Compared(
                    index,
                    last,
                    field,
                    direction,
                    superlative,
                    over_shop=bool(_OVER_SHOP.search(message.words(last, last + 6))),
                    word=message.tokens[index].text,
                )
        return None

    def _is_noun(self, message: Message, index: int, token: Token) -> bool:
        """ "a lighter" (for fire) against "a lighter one", "lighter" and "lighter than this"."""
        if token.text not in ("lighter", "cooler", "longer"):
            return False
        before = message.words(index - 1, index) if index else ""
        after = message.words(index + 1, index + 2)
        return (
            before in ("a", "gas", "storm", "lighters")
            and after in ("", ".", "?", "please", "and", "for", "with")
            and bool(self._vocabulary.title_rows.get(token.text))
        )

    def _rates(self, message: Message, index: int) -> bool:
        """ "best rated" and "the best X you have" ask for ratings; "works best" and "best for winter" do not."""
        after = message.words(index + 1, index + 6)
        if after.startswith(_RATED):
            return True
        if bool(_OVER_SHOP.search(after)) and not after.startswith("for"):
            return True
        # "which one is best?": as good an answer as the records hold, where they hold any
        asked = _WHICH.search(message.text[: message.tokens[index].start])
        return bool(asked) and not after.replace("one", "").strip(" ?.!") and "rating" in self._vocabulary.fields

    def _best(self, pulls: Sequence[tuple[str, int]], categories: Sequence[str]) -> tuple[str, int] | None:
        options = []
        for place, (concept, direction) in enumerate(pulls):
            if found := self.field_of(concept, categories):
                coverage = self._vocabulary.coverage(found[0], categories)
                options.append((coverage >= 0.3, -place, found[0], direction * found[1]))
        return max(options)[2:] if options else None

    def _held(self, found: tuple[str, int] | None, pulls: Sequence[tuple[str, int]], categories: Sequence[str]) -> tuple[str, int] | None:
        """ "The smallest" of things of which no record gives that measure: the measure itself, which is then said not to be listed."""
        if found is None or not categories or self._vocabulary.coverage(found[0], categories) > 0:
            return found
        return pulls[0] if pulls[0][0] in _MEASURES else found

    def _unlisted(self, pulls: Sequence[tuple[str, int]], superlative: bool) -> tuple[str, int] | None:
        """ "The lightest" in a shop that lists no weights: a measure that is said not to be listed, and no word to search for."""
        concept, direction = pulls[0]
        named = superlative and concept in _MEASURES and not self.field_of(concept, ())
        return (concept, direction) if named else None

    def _named(self, message: Message, match: re.Match[str], categories: Sequence[str]) -> Compared | None:
        """ "more expensive", "more pockets", "higher rating", "less weight"."""
        if message.text[: match.start()].endswith("no "):
            return None
        direction = _UP[match["how"]]
        superlative = match["how"] in ("highest", "lowest", "most", "least")
        words = match["what"].split()
        for length in range(len(words), 0, -1):
            phrase = " ".join(words[:length])
            if phrase.split()[0] in ("than", "of", "like", "or"):
                return None
            if field := self._phrase(message, match, phrase, categories):
                span = message.span(match.start(), match.start("what") + len(phrase))
                after = message.words(span.stop, span.stop + 6)
                return Compared(
                    span.start,
                    span.stop,
                    field[0],
                    direction * field[1],
                    superlative,
                    bool(superlative and _AMONG.match(after)),
                    bool(_OVER_SHOP.search(after)),
                    phrase,
                )
        return None

    def _phrase(self, message: Message, match: re.Match[str], phrase: str, categories: Sequence[str]) -> tuple[str, int] | None:
        if phrase in ("priced", "price", "prices", "costing"):
            return "price", 1
        if pulls := PLAIN.get(phrase, []):
            return self._best(pulls, categories)
        span = message.span(match.start("what"), match.start("what") + len(phrase))
        wanted = {message.tokens[i].stem for i in span}
        if wanted <= {"price", "cost", "priced", "pricey", "costing"}:
            return "price", 1
        if wanted & {"rating", "rated", "star"}:
            return self.field_of("rating", categories)
        for field, stems in self._vocabulary.name_stems.items():
            if field in self._vocabulary.numbers and wanted and wanted <= set(stems):
                return field, 1
        if phrase in _NOUNS:
            return self.field_of(_NOUNS[phrase], categories)
        if phrase in ("space", "room"):
            return self.field_of("size", categories)
        if phrase == "power" or phrase == "battery":
            return self.field_of(phrase, categories)
        return None


def _figure_follows(message: Message, index: int) -> bool:
    return any(t.number is not None for t in message.tokens[index : index + 2]) and message.tokens[index].text not in (
        "number",
        "the",
        "#",
        "option",
    )
