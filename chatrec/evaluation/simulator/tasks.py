"""Who comes, and what they want: hidden targets with wishes narrow enough to point at few items."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatrec.domain.item import Item
from chatrec.evaluation.simulator.drawing import ROLE_OF, kind_wish, other_wish, possible_wishes
from chatrec.evaluation.simulator.phrases import MANNERS, Phrases
from chatrec.evaluation.simulator.wishes import KIND, Wish, held_words, meets_all
from chatrec.evaluation.simulator.world import World

WISHES = (3, 3, 4, 4, 5)  # how many needs a shopper has, the kind of thing among them; more where those do not narrow enough
MOST_WISHES, LEAST_WISHES = 6, 2
_TRIES = 12
_NARROWS = 0.9  # while too much is left, a wish that leaves more than this share of it is hardly worth saying
SOFT_SHARE, CHANGE_SHARE, RECIPIENT_SHARE, TYPO_SHARE = 0.4, 0.12, 0.2, 0.3
TYPO_RATE = 0.12


@dataclass(frozen=True)
class Task:
    """One shopper. ``hard`` are the needs (all of them true of the target, together true of few), in the order in which they come to mind;
    ``soft`` would be nice. ``changed`` maps the place of a need in ``hard`` to what the shopper says first. ``user_id`` is the shopper of
    the log whose later choice the target is. ``typos`` is how often a longer word slips."""

    number: int
    seed: int
    target_id: str
    hard: tuple[Wish, ...]
    soft: tuple[Wish, ...] = ()
    changed: tuple[int, Wish] | None = None
    recipient: str = ""
    manner: str = "plain"
    typos: float = 0.0
    matching: int = 0
    user_id: str | None = None

    @property
    def kind(self) -> Wish | None:
        """The wish that names the kind of thing."""
        return next((w for w in self.hard if w.role == "kind"), None)


def draw_tasks(world: World, phrases: Phrases, n: int, seed: int, chosen: Sequence[tuple[str, str]] = ()) -> list[Task]:
    """``n`` tasks. ``chosen`` are (shopper, later choice) pairs of the log, of which every other task takes the next that can be put into
    narrow words; the other targets are drawn by chance. Fewer come where the catalogue does not hold so many that can."""
    rng = random.Random(f"{seed}:tasks")
    stocked = [i for i in world.items if i.stock is None or i.stock > 0]
    logged = [pair for pair in chosen if pair[1] in world.by_id and (world.by_id[pair[1]].stock is None or world.by_id[pair[1]].stock)]
    rng.shuffle(logged)
    tasks: list[Task] = []
    for _ in range(40 * n):
        if len(tasks) == n or not stocked:
            break
        user, target = (None, rng.choice(stocked))
        if logged and len(tasks) % 2 == 0:
            user, item_id = logged.pop()
            target = world.by_id[item_id]
        task = draw_task(world, phrases, target, len(tasks), seed, user)
        if task is not None:
            tasks.append(task)
    return tasks


def draw_task(world: World, phrases: Phrases, target: Item, number: int, seed: int, user_id: str | None = None) -> Task | None:
    """The task of one target, or ``None`` where its record does not say enough to be told from most others."""
    rng = random.Random(f"{seed}:{number}:{target.item_id}")
    for _ in range(_TRIES):
        hard, spare = _draw_wishes(world, target, rng)
        if not hard:
            continue
        kind = next((w for w in hard if w.role == "kind"), None)
        soft = (rng.choice(spare),) if spare and rng.random() < SOFT_SHARE else ()
        return Task(
            number,
            seed,
            target.item_id,
            hard,
            soft,
            _draw_change(world, target, hard, kind, rng) if rng.random() < CHANGE_SHARE else None,
            _draw_recipient(world, phrases, target, rng) if rng.random() < RECIPIENT_SHARE else "",
            rng.choice(MANNERS),
            TYPO_RATE if rng.random() < TYPO_SHARE else 0.0,
            len(world.matching(hard)),
            user_id,
        )
    return None


def _draw_wishes(world: World, target: Item, rng: random.Random) -> tuple[tuple[Wish, ...], list[Wish]]:
    """Needs that match few enough items, and what else might be wished; nothing where this draw leaves too many."""
    kind = kind_wish(target, world, rng)
    if kind is None and KIND in world.contract.fields:
        return (), []  # in a shop with categories nobody asks for "a thing"
    possible = possible_wishes(target, world, kind, rng)
    drawn = sorted(possible, key=lambda pair: rng.random() ** (1.0 / pair[0]), reverse=True)
    hard = [kind] if kind is not None else []
    left, wanted, spare = world.matching(hard), rng.choice(WISHES), []
    for _, wish in drawn:
        if any(wish.field == h.field and (wish.field != "word") for h in hard):
            continue
        after = world.matching((wish,), left)
        narrow = len(left) <= world.limit
        if (narrow and len(hard) >= wanted) or len(hard) >= MOST_WISHES or (not narrow and len(after) > _NARROWS * len(left)):
            spare.append(wish)
            continue
        hard.append(wish)
        left = after
    if len(left) > world.limit or len(hard) < LEAST_WISHES or not meets_all(target, hard):
        return (), []
    return tuple(hard), [s for s in spare if not s.excluded and all(s.field != h.field for h in hard)]


def _draw_change(world: World, target: Item, hard: Sequence[Wish], kind: Wish | None, rng: random.Random) -> tuple[int, Wish] | None:
    places = [place for place, wish in enumerate(hard) if wish.role != "kind"]
    rng.shuffle(places)
    for place in places:
        other = other_wish(hard[place], target, world, kind, rng)
        if other is not None and other != hard[place]:
            return place, other
    return None


def _draw_recipient(world: World, phrases: Phrases, target: Item, rng: random.Random) -> str:
    """Whom it is for: somebody for whom the record says that it is, or somebody of whom it says nothing."""
    genders: Mapping[str, str] = phrases.content["genders"]
    field = next((f for f in world.contract.fields if ROLE_OF.get(f) == "gender"), None)
    own = {genders.get(v.casefold(), "") for v in held_words(target, field)} if field else set()
    ages = target.attribute("age from"), target.attribute("age to")
    if ages[0] is not None and ages[1] is not None and ages[0].number is not None and ages[1].number is not None:
        age = max(1, rng.randint(int(ages[0].number), max(int(ages[0].number), int(ages[1].number))))
        person = phrases.pick(rng, "recipients", "kids")
        return phrases.pick(rng, "for_child").format(person=person, n=age)
    group = next((g for g in ("kids", "men", "women") if g in own), "anyone")
    if field is None and rng.random() < 0.6:
        group = rng.choice(("men", "women"))
    return phrases.pick(rng, "for_whom").format(person=phrases.pick(rng, "recipients", group))
