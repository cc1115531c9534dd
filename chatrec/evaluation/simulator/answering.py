"""Answers to clarifying questions, as shoppers give them: they know, or do not know, or do not care."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.domain.figures import number_text
from chatrec.domain.item import Item
from chatrec.evaluation.simulator.voice import Voice
from chatrec.evaluation.simulator.wishes import PRICE, Wish, held_figure, held_words, words_in

# Stated probabilities. A need is known but for a moment of doubt; other properties of the target often do not matter.
KNOWS_NEED, KNOWS_OTHER = 0.95, 0.55
DOES_NOT_CARE = 0.6  # of those who do not know a value
TAPS = 0.5  # tap a suggested answer as it stands, rather than type
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, and the wish that it tells (``None``: none)."""

    text: str
    wish: Wish | None = None


def answer_to(
    field: str, options: Sequence[str], target: Item, pending: Sequence[Wish], stated: Sequence[Wish], voice: Voice, rng: random.Random
) -> Answer:
    """The answer to a question about ``field``. What is told is true of the target."""
    need = next((w for w in (*pending, *stated) if w.field == field and not w.excluded), None)
    knows = rng.random() < (KNOWS_NEED if need is not None else KNOWS_OTHER)
    if knows:
        told = _told(field, options, target, need, voice, rng)
        if told is not None:
            return told
    place = "does_not_care" if rng.random() < DOES_NOT_CARE else "does_not_know"
    return Answer(voice.say(place))


def _told(field: str, options: Sequence[str], target: Item, need: Wish | None, voice: Voice, rng: random.Random) -> Answer | None:
    wish = need or _liking(field, target)
    if wish is None:
        return None
    option = fitting(options, field, target, need)
    figure = wish.least is not None or wish.most is not None
    if option is not None and rng.random() < TAPS:
        # a band says less than the need does: that is still to be said
        return Answer(option, _liking(field, target) if figure else wish)
    if wish.role == "flag":
        return Answer(rng.choice(("yes", "yes please", voice.line(wish))), wish)
    if need is not None and figure:
        return Answer(voice.line(need), wish)
    spoken = option if option is not None and need is None else voice.value(wish)
    return Answer(voice.say("knows", value=spoken), wish)


def _liking(field: str, target: Item) -> Wish | None:
    """What the target's record says of the field, as a liking."""
    words = list(held_words(target, field))
    if words:
        return Wish(field, "liking", (words[-1],))
    figure = held_figure(target, field)
    if figure is None:
        return None
    attribute = target.attribute(field)
    unit = attribute.unit if attribute is not None else target.currency if field == PRICE else ""
    return Wish(field, "liking", least=figure, most=figure, unit=unit)


def fitting(options: Sequence[str], field: str, target: Item, need: Wish | None = None) -> str | None:
    """The suggested answer that is true of the target (and of the need, where there is one), or ``None``."""
    figure = held_figure(target, field)
    if figure is not None:
        return next((o for o in options if _in_band(o, figure)), None)
    held = [v.casefold() for v in ((need.values if need else ()) or tuple(held_words(target, field)))]
    same = next((o for o in options if o.casefold() in held), None)
    if same is not None or not held:
        return same
    return next((o for o in options if any(set(words_in(o.casefold())) == set(words_in(v)) for v in held)), None)


def _in_band(option: str, figure: float) -> bool:
    """Whether a figure lies in a band such as "up to $40", "$40 to $80", "over $80", or is the one named."""
    bounds = [float(f.replace(",", "")) for f in _FIGURE.findall(option)]
    text = option.casefold()
    if len(bounds) == 2:
        return bounds[0] < figure <= bounds[1]
    if len(bounds) != 1:
        return False
    if "up to" in text or "under" in text or "less" in text:
        return figure <= bounds[0]
    if "over" in text or "more" in text or "above" in text:
        return figure > bounds[0]
    return number_text(bounds[0]) == number_text(figure)
