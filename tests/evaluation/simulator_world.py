"""A small catalogue for the simulator's tests, and systems whose worth is known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

from chatrec.domain.item import Attribute, Item
from chatrec.evaluation.simulator.systems import Replied
from chatrec.evaluation.simulator.tasks import Task
from chatrec.evaluation.simulator.world import World

KINDS = ("tents", "lanterns", "daypacks", "rain jackets", "mugs", "camp stoves")
BRANDS = ("Arlo", "Brindle", "Corrick", "Dunmere", "Eskdale")
COLOURS = ("red", "blue", "green", "black", "grey")
MATERIALS = ("nylon", "cotton", "steel", "wool")
WORDS = ("sturdy", "folding", "hooded", "padded", "coated", "striped", "ribbed", "quilted")


def catalogue(n: int = 240, seed: int = 3) -> list[Item]:
    """Items whose properties are drawn by chance, one unlike the other."""
    rng = random.Random(seed)
    return [_item(number, rng) for number in range(n)]


def _item(number: int, rng: random.Random) -> Item:
    kind, brand, colour, material = rng.choice(KINDS), rng.choice(BRANDS), rng.choice(COLOURS), rng.choice(MATERIALS)
    weight, word = float(rng.randrange(100, 3000, 10)), rng.choice(WORDS)
    attributes = (
        Attribute("colour", (colour,)),
        Attribute("material", (material,)),
        Attribute("weight", (f"{weight:g}",), weight, "g"),
        Attribute("waterproof", (rng.choice(("yes", "no")),)),
    )
    return Item(
        f"item-{number:03d}",
        f"{brand} Quell{number:03d}x {word} {kind[:-1]}",
        f"A {word} thing in {colour}, made of {material}.",
        kind,
        (kind,),
        brand,
        Decimal(rng.randrange(10, 200)),
        "USD",
        stock=5,
        attributes=attributes,
    )


class Oracle:
    """Shows the target at once: success is 1, in one turn."""

    name = "oracle"

    def __init__(self, world: World) -> None:
        self._world, self._target = world, ""

    def start(self, task: Task) -> None:
        self._target = task.target_id

    def reply(self, message: str) -> Replied:
        return Replied((self._world.by_id[self._target],))


class Silent:
    """Never shows anything."""

    name = "silent"

    def start(self, task: Task) -> None:
        return None

    def reply(self, message: str) -> Replied:
        return Replied(text="Hello.")


class Breaking(Silent):
    """Fails in every second dialogue."""

    name = "breaking"

    def __init__(self) -> None:
        self._dialogues = 0

    def start(self, task: Task) -> None:
        self._dialogues += 1

    def reply(self, message: str) -> Replied:
        if self._dialogues % 2:
            raise ZeroDivisionError("no such luck")
        return Replied()


class Asking:
    """Asks the same question in every turn, and shows nothing."""

    name = "asking"

    def __init__(self, field: str, options: Sequence[str]) -> None:
        self._field, self._options = field, tuple(options)
        self.heard: list[str] = []

    def start(self, task: Task) -> None:
        self.heard = []

    def reply(self, message: str) -> Replied:
        self.heard.append(message)
        return Replied(question=self._field, options=self._options)
