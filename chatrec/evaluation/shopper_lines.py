"""Seeded shopper messages for any catalogue: enough variety to audit what the bot says, not a model of a shopper.

Words come from the records (categories, brands, values, prices), wrapped in ways people write: bare keywords, requests, follow-ups,
questions about an item, and questions about the shop. Nothing here is shared with the parser.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from chatrec.domain.item import Item

OPENERS = (
    "{category}",
    "I need {category}",
    "do you have any {category}?",
    "looking for {category} for my brother",
    "hi! can you recommend {category}",
    "{category} by {brand} please",
    "{category} but not {brand}",
    "{category} under {cap}",
    "some {value} {category}",
    "something {value}, ideally {category}, up to {cap}",
    "what {category} would you take between {floor} and {cap}",
    "show me {category} and tell me how long delivery takes",
    "the cheapest {category} you have",
    "i want to treat myself, budget is {cap}",
)
FOLLOW_UPS = (
    "something cheaper",
    "show me others",
    "not that brand",
    "compare the first two",
    "why did you show me the first one?",
    "do you have it in {value}?",
    "under {cap} please",
    "what about {brand}",
    "I don't like the second one",
    "something like the first",
    "which one is the lightest?",
    "is the first one in stock?",
    "how much does the second one cost?",
    "what is the first one made of?",
    "tell me more about the last one",
    "any brand is fine",
)
ASIDES = (
    "can I send it back if it does not fit?",
    "how much is shipping?",
    "where is my order?",
    "thanks, that helps",
    "can I talk to a person?",
    "what's the capital of Peru?",
    "do you ship to Malta?",
)


def dialogues(items: Sequence[Item], n_turns: int, seed: int) -> Iterator[list[str]]:
    """Dialogues of three to five messages until ``n_turns`` messages were given. The same seed gives the same messages."""
    rng = random.Random(seed)
    left = n_turns
    while left > 0:
        length = min(left, rng.randint(3, 5))
        topic = rng.choice(items)
        yield [_line(_mould(n, rng), topic, rng) for n in range(length)]
        left -= length


def _mould(n: int, rng: random.Random) -> str:
    if n == 0:
        return rng.choice(OPENERS)
    return rng.choice(ASIDES) if rng.random() < 0.15 else rng.choice(FOLLOW_UPS)


def _line(mould: str, topic: Item, rng: random.Random) -> str:
    price = float(topic.price) if topic.price is not None else rng.choice((20.0, 50.0, 120.0))
    values = [v for a in topic.attributes for v in a.values if a.number is None and v not in ("yes", "no")]
    values += [v for vs in topic.options().values() for v in vs]
    return mould.format(
        category=topic.category or topic.title,
        brand=topic.brand or "any brand",
        value=rng.choice(values) if values else "light",
        cap=f"${round(price * rng.uniform(1.0, 1.6)):d}",
        floor=f"${round(price * rng.uniform(0.4, 0.9)):d}",
    )
