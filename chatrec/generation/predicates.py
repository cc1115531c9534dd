"""One fact as the end of a sentence that begins with its item: "weighs 900 g", "is not waterproof", "comes in sizes S, M and L".

The model is shown facts in this form, so that writing is choosing and joining; the template writer says them itself.
"""

from __future__ import annotations

import re
from string import capwords

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.plain import plain
from chatrec.generation.clause_forms import clause_form
from chatrec.generation.comparatives import is_adjective
from chatrec.generation.gate_words import stems
from chatrec.generation.title_words import LISTED as LISTED
from chatrec.generation.title_words import told_segment
from chatrec.generation.units import canonical_unit
from chatrec.generation.verbs import is_auxiliary, is_base_verb, is_singular_verb, word_classes

PREDICATE, STATEMENT = "does", "statement"
"""``Fact.name`` of a description clause that follows its item, and of one that is a whole clause of its own (see clause_forms)."""
TITLE_SOURCE = "title"
LEAST_IN_A_ROW = 4
_VOWEL = re.compile(r"(?:[aeiou](?!ni|su|se)|LED|OLED|RS-|h(?:our|onest))")
_NO_ARTICLE = re.compile(
    r"(?:\d.*|(?:two|three|four|five|six|seven) .*|"
    r".*(?:mix|cancell|charg|print|stitch|wind|heat|light|cool|load|wash|clean|tun|tru|iron)ing|"
    r".*(?:vision|music|induction|control|power|foam|print|sim|wifi|bluetooth|calibration|action|protection|level|ness|ity|water|ss)|.*[^s]s)$"
)
_SIZED_THING = re.compile(r"\d[\d.,]* ?(?:mm|cm|m|ml|l|g|kg|inch|in|W|V|Ah|mAh) .*(?:[^s]|ss)")  # "63 mm mouth"
_PLURALS = frozenset("feet teeth people children men women mice".split())
_PARTICIPLE = re.compile(r"[a-z]+-[a-z]+(?:ing|ed|able|proof|resistant)")  # "self-inflating"
_PREPOSITIONS = (" for", " with", " in", " by", " to", " from")
_LENGTHS = frozenset({"mm", "cm", "m", "in", "ft"})
# Whose values are people; ingest writes all values in small letters.
_OF_PEOPLE = frozenset(stems("director star actors cast author artist"))
# A sort named by a noun ("style: tables") is no quality of the thing.
SORTS = frozenset(("style", "type", "kind", "category"))
_DETERMINED = frozenset("a an the it its they their this all both each every no one two three four five six most some".split())
_COUNTS = frozenset("one two three four five six seven eight nine ten twelve sixteen twenty".split())
# What there is so much of, rather than one: "300 W of power", "64 GB of storage".
_MASSES = frozenset("power storage memory ram suction protein sugar fat salt caffeine".split())
# Things whose figure is told of the thing: "its paper is 100 gsm", "its sole is 18 mm".
_MEASURED_THINGS = frozenset("paper sole heel pan chuck screen display noise".split())
# By the property's words; the first group with a word in the property's name is used.
_FIGURED: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(stems(words)), verb)
    for words, verb in (
        ("weight", "weighs {v}"), ("capacity volume", "holds {v}"), ("warranty", "has a warranty of {v}"),
        ("persons people", "is for {v} people"), ("players", "is for {v} players"), ("pieces", "has {v} pieces"),
    )
)  # fmt: skip
_SIZED = {"length": "is {v} long", "height": "is {v} high", "width": "is {v} wide", "thickness": "is {v} thick", "depth": "is {v} deep"}
_TIMED = dict.fromkeys(("run time", "runtime", "battery life", "playtime"), "runs for {v}") | {"burn time": "burns for {v}"}
_WORDED: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(stems(words)), verb)
    for words, verb in (
        ("colour", "comes in {v}"), ("material", "is made of {v}"), ("fibre", "is made of {v}"), ("use", "is for {v}"),
        ("activity", "is for {v}"),
        ("gender", "is for {v}"), ("season", "is for {v}"), ("features", "comes with {v}"), ("size", "comes in size {v}"),
        ("language", "is in {v}"), ("power source", "runs on {v}"), ("skin type", "is for {v} skin"), ("hair type", "is for {v} hair"),
        ("director", "is directed by {v}"), ("star", "stars {v}"), ("actors", "stars {v}"), ("cast", "stars {v}"),
        ("author", "is written by {v}"), ("artist", "is by {v}"), ("genre", "is listed under {v}"), ("kinds", "is listed under {v}"),
        ("compatibility", "works with {v}"), ("compatible with", "works with {v}"), ("age", "is for ages {v}"),
    )
)  # fmt: skip


def tell(fact: Fact) -> str:
    """The fact as a predicate; "" for a fact that is a statement of its own, is quoted (an opinion, a torn clause) or is not told.

    A predicate that starts with "its" brings its own verb: "its fill is synthetic".
    """
    teller = _TELLERS.get(fact.kind)
    return teller(fact) if teller else ""


def shown(fact: Fact) -> str:
    """The fact as the model sees it: a predicate, a whole clause, or a quotation marked as one."""
    if fact.kind is FactKind.TYPE or is_statement(fact):
        return plain(fact.text)
    if fact.kind is FactKind.OPINION:
        return f"reviewers say: {plain(fact.text)}"
    return plain(tell(fact)) or f"the listing says: {plain(fact.text)}"


def is_statement(fact: Fact) -> bool:
    """Whether the fact is a whole clause with a subject of its own: "the handle stays cool"."""
    return fact.kind is FactKind.DESCRIPTION and fact.name == STATEMENT


def clause_text(fact: Fact) -> str:
    """A statement as it stands in a sentence: "the manual is printed in large type" where the listing left its article out."""
    first, _, rest = fact.text.rstrip(" .,;:").partition(" ")
    classes = word_classes(first) if first.islower() else frozenset()
    noun = "NOUN" in classes and not {"ADJ", "ADV", "DET", "NUM", "PRON"} & classes and not _opens_with_verb(first, rest)
    described = "ADJ" in classes and "NOUN" in word_classes(rest.split(" ", 1)[0])
    bare = first not in _DETERMINED and (noun or described)
    return f"the {first} {rest}" if bare else f"{first} {rest}".strip()


def _opens_with_verb(first: str, rest: str) -> bool:
    """Whether a word that may be noun or verb is the verb: "leaves a film" has no other; "scissors are missing", "palms get wet" have."""
    return is_singular_verb(first) and not any(is_auxiliary(w) or is_singular_verb(w) or is_base_verb(w) for w in rest.split()[:3])


def join_predicates(predicates: list[str]) -> str:
    """ "weighs 900 g, is waterproof and comes in blue; its fill is synthetic"."""
    straight = _listed_once([p for p in predicates if not p.startswith("its ")])
    owned = [p for p in predicates if p.startswith("its ")]
    return "; ".join(_chained(part) for part in (straight, owned) if part)


def _chained(predicates: list[str]) -> str:
    """Predicates in a row, with a comma before the last "and" where one of them has an "and" of its own."""
    heavy = len(predicates) > 1 and any(" and " in p or "," in p for p in predicates)
    return f"{', '.join(predicates[:-1])}, and {predicates[-1]}" if heavy else listed(predicates)


def _listed_once(predicates: list[str]) -> list[str]:
    """ "is listed as white" and "is listed as pack of 4" as one: "is listed as white and pack of 4"."""
    parts = [p.removeprefix(LISTED) for p in predicates if p.startswith(LISTED)]
    if len(parts) < 2:
        return predicates
    place = next(i for i, p in enumerate(predicates) if p.startswith(LISTED))
    others = [p for p in predicates if not p.startswith(LISTED)]
    return [*others[:place], f"{LISTED}{listed(parts)}", *others[place:]]


def listed(things: list[str]) -> str:
    """Phrases in a row: "a soft grip, 12 speeds and a pouring lip"."""
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"


def with_article(thing: str) -> str:
    """ "a soft grip", "an LED ring", "wooden pieces", "noise cancelling"."""
    if (_NO_ARTICLE.fullmatch(thing) and not _SIZED_THING.fullmatch(thing)) or thing.split(" ", 1)[0] in _PLURALS:
        return thing
    return f"{'an' if _VOWEL.match(thing) else 'a'} {thing}"


def sentence_case(text: str) -> str:
    """With a capital at the start and a full stop at the end."""
    text = text.strip().rstrip(" .,;:")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _attribute(fact: Fact) -> str:
    words = frozenset(stems(fact.name))
    if fact.number is not None:
        return _figure(fact, words)
    if fact.value in ("yes", "no"):
        return _flag(fact)
    if fact.text == fact.value:
        return _feature(fact.value)
    values = [v.strip() for v in fact.value.split(", ") if v.strip()] or [fact.value]
    value = listed([capwords(v) if words & _OF_PEOPLE and v.islower() else v for v in values])
    if fact.value == "none":
        return f"has no {fact.name}"
    if fact.name.endswith(_PREPOSITIONS):
        return f"is {fact.name} {value}"
    if fact.value == "unisex" or (fact.name == "season" and fact.value.endswith("-season")):
        return f"is {fact.value}"
    return _worded(fact, words, value) or f"its {fact.name} {'are' if _is_plural(fact.name) else 'is'} {value}"


def is_sort(fact: Fact) -> bool:
    """Whether the fact names what sort of thing the item is ("style: tables") rather than a quality of it ("style: modern")."""
    return fact.kind is FactKind.ATTRIBUTE and fact.name in SORTS and "ADJ" not in word_classes(fact.value)


def _worded(fact: Fact, words: frozenset[str], value: str) -> str:
    """A property for which there is a verb; "" for any other."""
    if is_sort(fact):
        return f"{LISTED}{value}"
    for names, verb in _WORDED:
        if names == words:
            return verb.format(v=value).replace("in size ", "in sizes ", 1 if "," in fact.value else 0)
    return f"has {fact.value} {fact.name}" if fact.value in _COUNTS and _is_plural(fact.name) else ""


def _feature(value: str) -> str:
    """ "comes with a soft grip", "is dishwasher safe", "packs flat"."""
    form = clause_form(value)
    if form is not None and form.is_predicate:
        return form.text
    if value.endswith((" included", " supplied")):
        return f"comes with {with_article(value.rsplit(' ', 1)[0])}"
    return f"is {value}" if is_adjective(value) or _PARTICIPLE.fullmatch(value) else f"comes with {with_article(value)}"


def _flag(fact: Fact) -> str:
    denied = fact.value == "no"
    if is_adjective(fact.name):
        return f"is {'not ' if denied else ''}{fact.name}"
    return f"has no {fact.name}" if denied else f"has {with_article(fact.name)}"


def _figure(fact: Fact, words: frozenset[str]) -> str:
    figure = fact.text.removeprefix(fact.name).strip()
    if fact.number == 1 and fact.unit.endswith("s") and len(fact.unit) > 2:
        figure = figure[:-1]  # "1 year"
    if fact.name in _TIMED:
        return _TIMED[fact.name].format(v=figure)
    if fact.name in _SIZED and canonical_unit(fact.unit) in _LENGTHS:
        return _SIZED[fact.name].format(v=figure)
    if fact.name == "year" and not fact.unit:
        return f"is from {figure}"
    if fact.name.startswith(("age from", "age to")):
        return f"is for ages {'from' if fact.name.startswith('age from') else 'up to'} {figure}"
    for names, verb in _FIGURED:
        if words <= names and (fact.unit or "{v} " in verb):
            return verb.format(v=figure) if not fact.unit or "{v} " not in verb else verb.split("{v}")[0] + figure
    if not fact.unit and (" per " in fact.name or (_is_plural(fact.name) and fact.number == int(fact.number or 0))):
        return f"has {figure} {fact.name[:-1] if fact.number == 1 and fact.name.endswith('s') else fact.name}"
    if is_adjective(fact.name):
        return f"is {fact.name} to {figure}"
    return _measured(fact.name, figure, bool(fact.unit))


def _is_plural(name: str) -> bool:
    return name.endswith(("teeth", "people", "feet")) or (name.endswith("s") and not name.endswith(("ss", "us", "is", "lens")))


def _measured(name: str, figure: str, has_unit: bool) -> str:
    """ "has a torque of 24 Nm", and where "a ... of" is no English "has 300 W of power" or "its sole is 18 mm"."""
    if has_unit and name in _MASSES:
        return f"has {figure} of {name}"
    if has_unit and name == "age":
        return f"is for ages {figure}"
    if has_unit and name in _MEASURED_THINGS:
        return f"its {name} is {figure}"
    article = "" if _is_plural(name) else "an " if _VOWEL.match(name) else "a "
    return f"has {article}{name} of {figure}"


def _option(fact: Fact) -> str:
    names = "" if fact.name in ("colour", "color") else fact.text.removesuffix(fact.value)
    return f"comes in {names}{_in_a_row(fact.value.split(', '))}"


def _in_a_row(values: list[str]) -> str:
    """ "40 to 47" for whole numbers without a gap, any others one by one."""
    if len(values) < LEAST_IN_A_ROW or not all(v.isdigit() for v in values):
        return listed(values)
    whole = [int(v) for v in values]
    return f"{values[0]} to {values[-1]}" if whole == list(range(whole[0], whole[-1] + 1)) else listed(values)


def _described(fact: Fact) -> str:
    if fact.source == TITLE_SOURCE:
        return told_segment(fact.text, with_article)
    return fact.text if fact.name == PREDICATE else ""


def _brand(fact: Fact) -> str:
    return f"is made by {fact.value}"


def _rating(fact: Fact) -> str:
    return f"is {fact.text}"


def _stock(fact: Fact) -> str:
    return f"is {fact.text}" if not fact.text.startswith("only") else f"has {fact.text}"


_TELLERS = {
    FactKind.ATTRIBUTE: _attribute,
    FactKind.OPTION: _option,
    FactKind.DESCRIPTION: _described,
    FactKind.BRAND: _brand,
    FactKind.RATING: _rating,
    FactKind.STOCK: _stock,
}
