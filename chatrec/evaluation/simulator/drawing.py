"""Wishes drawn from a record: everything that a shopper who has this item in mind might say."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Set
from dataclasses import replace
from itertools import pairwise

from chatrec.domain.item import Attribute, Item
from chatrec.evaluation.simulator.nouns import describes
from chatrec.evaluation.simulator.wishes import BRAND, KIND, PRICE, RATING, WORD, Wish, held_words, stem, words_in
from chatrec.evaluation.simulator.world import KIND_FIELDS, World

_ROLES = {
    "colour": ("colour", "color", "colors", "colours"),
    "material": ("material", "materials", "fabric"),
    "size": ("size", "sizes"),
    "purpose": ("use", "purpose", "activity", "occasion", "usage"),
    "gender": ("gender", "department", "gender affinity"),
    "season": ("season",),
    "feature": ("feature", "features"),
    "style": KIND_FIELDS,
}
ROLE_OF = {field: role for role, fields in _ROLES.items() for field in fields}
# More of it is never too much.
_MORE = frozenset({"warranty", "battery life", "brightness", "burn time", "filter life", "pieces"})
COUNTED = frozenset({"persons", "people", "seats", "sleeps"})
# How often shoppers speak of it, in proportion: money, the look and whom it is for come before figures (a judgement, not a measurement).
_WEIGHTS = {
    "price": 3.0, "brand": 1.2, "colour": 1.5, "material": 1.0, "size": 1.0, "purpose": 1.2, "gender": 1.5, "season": 0.7, "feature": 0.6,
    "style": 1.2, "is": 0.5, "flag": 1.0, "number": 0.6, "weight": 1.0, "count": 2.0, "figure": 0.4, "rating": 0.25, "word": 0.15,
}  # fmt: skip
_EXCLUDED = 0.3  # a wish that something be not so, against one that it be so
_WORDS_WHERE_NO_ATTRIBUTES = 0.7  # twice that for two words in a row, which say more
LONGEST_VALUE = 4  # words; nobody types more of a property
LEAST_HELD = 3  # a word that fewer records hold would name the item
MOST_HELD_SHARE = 0.1
LEAST_TITLE_WORDS = 6
_SAYS_NOTHING = frozenset(
    (
        "perfect ideal quality great design designed feature features product products item items used using made make includes "
        "included including additional details description style stylish piece pieces inch inches pack package count size color "
        "colors easy high best look looks addition touch every everyday unique versatile collection number type types order "
        "shipping please note day days way ways time times year years people world life home provides provide available different "
        "various brand model part parts set sets use uses user users need needs well good better nice line range level levels "
        "choice applications application work works working step fit fits suitable include keep help bring allow offer elevate "
        "enjoy classic modern elegance charm comfort experience crafted ultimate timeless essential essentials premium luxurious "
        "stunning charming beautiful gorgeous exquisite delightful sure able must give more most many much some such very each "
        "other another these those with your from that this into over when also only just than them they will have been both "
        "while where which their there here then any all out off its our you are was for and the not but can may per via inc ltd "
        "end top side area form case self head feet foot base highest lowest low large small long short left right front back "
        "double single full half read like come comes down two three four five six first second gift gifts kind important "
        "something gathering gatherings body performance professional"
    ).split()
)


def kind_wish(target: Item, world: World, rng: random.Random) -> Wish | None:
    """What kind of thing is wanted: mostly the most specific name, now and then a wider one."""
    own = next((f for f in KIND_FIELDS if f in world.contract.fields), None)
    values = list(held_words(target, own)) if own else []
    if own and values and rng.random() < 0.5:
        return Wish(own, "kind", (rng.choice(values),))
    names = [n for n in held_words(target, KIND) if world.is_kind(n)]
    if not names:
        return None
    return Wish(KIND, "kind", (names[-1] if rng.random() < 0.8 else rng.choice(names),))


def possible_wishes(target: Item, world: World, kind: Wish | None, rng: random.Random) -> list[tuple[float, Wish]]:
    """Every other wish that the target fulfils, with how likely it is to be spoken of."""
    found: list[tuple[float, Wish]] = []
    for wish in (*_about_core(target, world, kind, rng), *_about_attributes(target, world, kind, rng)):
        found.append((_WEIGHTS[wish.role] * (_EXCLUDED if wish.excluded else 1.0), wish))
    few = world.plain_attributes < 2
    for wish in _about_words(target, world, kind, rng):
        found.append((_WORDS_WHERE_NO_ATTRIBUTES * (1 + (" " in wish.values[0])) if few else _WEIGHTS["word"], wish))
    return found


def _about_core(target: Item, world: World, kind: Wish | None, rng: random.Random) -> Iterator[Wish]:
    if target.price is not None:
        price = float(target.price)
        high = rounded(price * rng.uniform(1.0, 1.5), up=True)
        low = rounded(price * rng.uniform(0.5, 0.95), up=False)
        shape = rng.random()
        yield Wish(PRICE, "price", least=low if shape < 0.2 else None, most=None if shape < 0.05 else high, unit=target.currency)
    if target.brand:
        yield Wish(BRAND, "brand", (target.brand,))
        among = world.matching((kind,)) if kind else world.by_kind.get(target.category, ())
        rivals = world.others(BRAND, target, among)[:4]
        if rivals:
            yield Wish(BRAND, "brand", (rng.choice(rivals),), excluded=True)
    if target.rating is not None and target.rating >= 4.0:
        yield Wish(RATING, "rating", least=4.5 if target.rating >= 4.5 and rng.random() < 0.3 else 4.0)


def _about_attributes(target: Item, world: World, kind: Wish | None, rng: random.Random) -> Iterator[Wish]:
    for attribute in target.attributes:
        if kind is not None and attribute.name == kind.field:
            continue
        if attribute.number is not None:
            yield from _about_figure(attribute, target, world, rng)
        elif attribute.values == ("yes",):
            yield Wish(attribute.name, "flag", ("yes",))
        elif attribute.values and attribute.values != ("no",):
            yield from _about_words_of(attribute.name, attribute.values, target, world, kind, rng)
    for name, values in target.options().items():
        if target.attribute(name) is None:
            yield from _about_words_of(name, values, target, world, kind, rng)


def _about_words_of(
    field: str, values: tuple[str, ...], target: Item, world: World, kind: Wish | None, rng: random.Random
) -> Iterator[Wish]:
    role = ROLE_OF.get(field, "is")
    sayable = [v for v in values if 0 < len(v.split()) <= LONGEST_VALUE and v not in ("unisex", "n/a", "none", "other")]
    if sayable:
        yield Wish(field, role, (rng.choice(sayable),))
    if role in ("colour", "material") and kind is not None:
        rivals = [v for v in world.others(field, target, world.matching((kind,))) if len(v.split()) <= 2][:4]
        own = {w for v in values for w in words_in(v.casefold())}
        rivals = [v for v in rivals if not set(words_in(v.casefold())) & own]
        if rivals:
            yield Wish(field, role, (rng.choice(rivals),), excluded=True)


def _about_figure(attribute: Attribute, target: Item, world: World, rng: random.Random) -> Iterator[Wish]:
    known = world.contract.field(attribute.name)
    figure = attribute.number
    if known is None or known.kind != "number" or figure is None or figure <= 0 or attribute.name.startswith("age "):
        return
    if attribute.name in COUNTED:
        yield Wish(attribute.name, "count", least=figure, most=max(figure + 1, 1.5 * figure), unit=attribute.unit)  # room to spare is fine
    elif attribute.name == "weight":
        yield Wish(attribute.name, "weight", most=rounded(figure * rng.uniform(1.0, 1.4), up=True), unit=attribute.unit)
    elif not attribute.unit and figure == int(figure) and figure <= 10:
        yield Wish(attribute.name, "figure", least=figure, most=figure)
    else:
        # people ask for what a thing is good at: the direction in which it stands out among its kind
        among = world.figures(attribute.name, world.by_kind.get(target.category, ()))
        upper = attribute.name in _MORE or not among or figure >= among[len(among) // 2]
        bound = rounded(figure * (rng.uniform(0.75, 1.0) if upper else rng.uniform(1.0, 1.3)), up=not upper)
        yield Wish(attribute.name, "number", least=bound if upper else None, most=None if upper else bound, unit=attribute.unit)


def _about_words(target: Item, world: World, kind: Wish | None, rng: random.Random) -> Iterator[Wish]:
    """Words of the record that titles of this shop use, neither brands nor the kind of thing: so people name things."""
    closed = {stem(w) for n in (*held_words(target, KIND), *(kind.values if kind else ())) for w in words_in(n)} | world.brand_stems
    said = [w.casefold() for w in words_in(f"{target.title} {target.description}")]
    single = [w for w in dict.fromkeys(said) if _tells(w, world, closed)]
    title = [w.casefold() for w in words_in(target.title)]
    named = set(pairwise(title)) if len(title) < LEAST_TITLE_WORDS else set()  # half of a short title is its name
    double = [
        f"{a} {b}"
        for a, b in dict.fromkeys(pairwise(said))
        if (a, b) not in named and world.title_pairs[a, b] >= LEAST_HELD and all(_tells(w, world, closed) for w in (a, b))
    ]
    for word in (*rng.sample(single, min(2, len(single))), *rng.sample(double, min(2, len(double)))):
        yield Wish(WORD, "word", (word,))


def _tells(word: str, world: World, closed: Set[str]) -> bool:
    """Whether a word says something of a thing that other records say too."""
    if word in _SAYS_NOTHING or not (word.isalpha() and word.isascii() and len(word) >= 4):
        return False
    root = stem(word)
    most = MOST_HELD_SHARE * len(world.items)
    return root not in closed and world.title_stems[root] >= LEAST_HELD and world.word_counts[root] <= most and describes(word)


def rounded(figure: float, *, up: bool) -> float:
    """A round figure near it, on the given side: 47 -> 50 or 45, 1380 -> 1400 or 1300."""
    if figure <= 0:
        return figure
    power = 10.0 ** math.floor(math.log10(figure))
    step = power / 2 if figure < 2 * power or power == 10.0 else power
    step = power / 10 if power >= 1000 else step
    steps = figure / step
    whole = math.ceil(steps - 1e-9) if up else max(1, math.floor(steps + 1e-9))
    return round(whole * step, 6)


def other_wish(wish: Wish, target: Item, world: World, kind: Wish | None, rng: random.Random) -> Wish | None:
    """What the shopper says first, before changing their mind to ``wish``; ``None`` where nothing else could be meant."""
    if wish.field == PRICE and wish.most is not None:
        return replace(wish, least=None, most=rounded(wish.most * rng.choice((0.6, 1.6)), up=True))
    if wish.excluded or wish.role not in ("brand", "colour", "material", "size", "purpose", "style", "gender") or not wish.values:
        return None
    among = world.matching((kind,)) if kind is not None and kind != wish else frozenset(world.by_kind.get(target.category, ()))
    others = [v for v in world.others(wish.field, target, among) if len(v.split()) <= LONGEST_VALUE][:5]
    return replace(wish, values=(rng.choice(others),)) if others else None
