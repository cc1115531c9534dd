"""Wishes put into words, in one shopper's manner of writing."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from chatrec.domain.figures import number_text
from chatrec.evaluation.simulator.nouns import many, of_whom, one, spoken, with_article
from chatrec.evaluation.simulator.phrases import Phrases
from chatrec.evaluation.simulator.typos import informal, mistype
from chatrec.evaluation.simulator.wishes import PRICE, Wish

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_LARGER = {"g": ("kg", 1000.0), "ml": ("L", 1000.0), "mm": ("cm", 10.0)}
_BEFORE = {"style": "is", "colour": "colour", "material": "material", "word": "word", "gender": "gender", "flag": "flag"}
MOST_BEFORE = 2
_IN_WORDS = 0.06  # how often a round sum is written as a word
_LARGER_UNIT = 0.5
_UNNAMED = "thing"


class Voice:
    """Says wishes. Draws everything from its own generator, so one seed always says the same."""

    def __init__(self, phrases: Phrases, manner: str, typos: float, currency: str, rng: random.Random) -> None:
        self.phrases, self.manner, self.rng = phrases, manner, rng
        self._typos, self._currency = typos, currency or "USD"

    def pick(self, *path: str) -> str:
        """A phrase of the bank, unfilled."""
        return self.phrases.pick(self.rng, *path, manner=self.manner)

    def say(self, place: str, **slots: object) -> str:
        """A phrase of the bank, filled."""
        return self.pick(place).format(**slots)

    def typed(self, text: str) -> str:
        """The message as it is typed: informal people leave marks out, hasty ones mistype."""
        text = " ".join(text.split())
        if self.manner in ("terse", "slang") or (self.manner == "plain" and self.rng.random() < 0.3):
            text = informal(text, self.rng)
        return mistype(text, self._typos, self.rng) if self._typos else text

    def opening(self, kind: Wish | None, said: Sequence[Wish]) -> str:
        """The first request: the kind of thing with wishes around the noun."""
        return self._filled(self.pick("openers"), kind, said)

    def again(self, kind: Wish | None, said: Sequence[Wish]) -> str:
        """Everything said once more."""
        return self._filled(self.pick("begun_again"), kind, said)

    def line(self, wish: Wish) -> str:
        """A sentence about one wish."""
        if wish.role == "kind":
            return self._filled(self.pick("lines", "kind"), wish, ())
        return self.pick("lines", self._place(wish, "lines")).format(**self._slots(wish))

    def tail(self, wish: Wish) -> str:
        """Words about one wish that follow a noun."""
        if wish.role == "kind":
            return f"but {many(wish.values[0])}"
        return self.pick("tails", self._place(wish, "tails")).format(**self._slots(wish))

    def joined(self, first: str, second: str) -> str:
        """Two sentences in one message."""
        pattern = self.pick("joined")
        if pattern.startswith("{first}."):
            first = first.rstrip(".")
        return pattern.format(first=first.rstrip("."), second=second)

    def value(self, wish: Wish) -> str:
        """The bare value, as one answers a question."""
        if wish.least is not None or wish.most is not None:
            return self._amount((wish.most if wish.most is not None else wish.least) or 0.0, wish)
        return self._said(wish)

    def nth(self, place: int) -> dict[str, object]:
        """The slots for a card by its place, from 1."""
        return {"n": place, "nth": _ORDINALS[min(place, len(_ORDINALS)) - 1]}

    def _filled(self, template: str, kind: Wish | None, said: Sequence[Wish]) -> str:
        before, after = self._around(said)
        name = kind.values[0] if kind is not None else _UNNAMED
        single, counted = one(name)
        ahead = " ".join(before)
        tail = " ".join(after)
        whole = f"{ahead} {single}".strip()
        forms = {
            "a_thing": with_article(whole) if counted else whole,
            "things": f"{ahead} {many(name)}".strip(),
            "bare": f"{ahead} {self.rng.choice((single, many(name), spoken(name)))}".strip(),
        }
        return template.format(**{form: f"{text} {tail}".strip() for form, text in forms.items()})

    def _around(self, said: Sequence[Wish]) -> tuple[list[str], list[str]]:
        before: list[str] = []
        after: list[str] = []
        for wish in said:
            place = _BEFORE.get(wish.role)
            long = any(len(v.split()) > 2 for v in wish.values)
            likely = 0.9 if wish.role in ("word", "style") else 0.5
            if place and not wish.excluded and not long and len(before) < MOST_BEFORE and self.rng.random() < likely:
                before.append(self.pick("before", place).format(**self._slots(wish)))
            else:
                after.append(self.tail(wish))
        return before, after

    def _place(self, wish: Wish, part: str) -> str:
        if wish.role == "price":
            return "price_window" if wish.least is not None and wish.most is not None else f"price_{self._side(wish)}"
        if wish.role == "brand":
            return "brand_not" if wish.excluded else "brand_is"
        if wish.role in ("number", "weight"):
            named = f"{wish.role}_{self._side(wish)}"
            return named if self.phrases.holds(part, named) else self._side(wish)
        role = "is" if wish.role == "style" else wish.role
        named = f"{role}_not" if wish.excluded else role
        if not self.phrases.holds(part, named):
            named = "is_not" if wish.excluded else "is"
        return named

    def _side(self, wish: Wish) -> str:
        return "most" if wish.most is not None else "least"

    def _slots(self, wish: Wish) -> Mapping[str, str]:
        value = self._said(wish)
        slots = {"field": wish.field, "value": value, "brand": value, "whose": of_whom(value)}
        figure = wish.least if wish.most is None or wish.role == "count" else wish.most
        if figure is not None:
            slots |= {"amount": self._amount(figure, wish), "n": number_text(figure)}
        if wish.least is not None and wish.most is not None:
            slots |= {"low": self._amount(wish.least, wish, plain=True), "high": self._amount(wish.most, wish, plain=True)}
        return slots

    def _said(self, wish: Wish) -> str:
        if not wish.values:
            return ""
        value = wish.values[0]
        sizes: Mapping[str, Sequence[str]] = self.phrases.content["sizes"]
        if wish.role == "size" and value in sizes:
            return str(self.rng.choice(sizes[value]))
        return value

    def _amount(self, figure: float, wish: Wish, plain: bool = False) -> str:
        if wish.field == PRICE:
            return self._money(figure, plain)
        unit = wish.unit
        if unit in _LARGER and figure >= _LARGER[unit][1] and self.rng.random() < _LARGER_UNIT:
            unit, size = _LARGER[unit]
            figure = round(figure / size, 3)
        written = self.phrases.content["units"].get(unit)
        return f"{number_text(figure)}{self.rng.choice(written) if written else f' {unit}'}".strip()

    def _money(self, figure: float, plain: bool) -> str:
        named = self.phrases.content["currencies"].get(self._currency, {"sign": "", "word": self._currency, "slang": self._currency})
        words: Mapping[int, str] = self.phrases.content["figure_words"]
        written = number_text(figure)
        pattern = self.pick("money") if not plain else self.rng.choice(("{sign}{figure}", "{figure}"))
        if figure in words and not plain and self.rng.random() < _IN_WORDS:
            pattern, written = self.rng.choice(("{figure} {word}", "{figure} {slang}")), words[int(figure)]
        return pattern.format(figure=written, code=self._currency, **named)
