"""What the simulated shopper talks with: the bot, and controls that know less or listen worse."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from chatrec.bot import ChatRec
from chatrec.catalog.text_index import TextIndex
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Strength
from chatrec.domain.reply import Alternatives, Cards, Done
from chatrec.evaluation.simulator.tasks import Task
from chatrec.evaluation.simulator.world import World

SHOWN = 3  # cards a turn; the controls show as many as the bot does


@dataclass(frozen=True, slots=True)
class Replied:
    """One turn of a system. ``items`` are all cards, those that are marked as alternatives (``marked``) among them. ``filters_broken`` are
    shown items, alternatives aside, that break a hard constraint of the system's own ledger."""

    items: tuple[Item, ...] = ()
    question: str = ""
    options: tuple[str, ...] = ()
    text: str = ""
    needs: tuple[Need, ...] = ()
    active_need: int | None = None
    action: str = ""
    filters_broken: tuple[str, ...] = ()
    marked: frozenset[str] = frozenset()


class System(Protocol):
    """Something that can be talked with."""

    @property
    def name(self) -> str:
        """The method's name in figures."""

    def start(self, task: Task) -> None:
        """A new dialogue begins. Only the shopper's id may be taken from the task."""

    def reply(self, message: str) -> Replied:
        """One turn."""


class BotSystem:
    """The bot, as a shopper meets it. ``world`` gives the true records of what is shown, with live price and stock."""

    def __init__(self, bot: ChatRec, world: World, name: str = "chatrec") -> None:
        self._bot, self._world, self._name = bot, world, name
        self._session, self._user, self._dialogues = "", None, 0  # type: tuple[str, str | None, int]
        self._known_users: dict[str, bool] = {}

    @property
    def name(self) -> str:
        """The method's name in figures."""
        return self._name

    def start(self, task: Task) -> None:
        """A session of its own; a shopper of the log comes signed in."""
        self._dialogues += 1
        self._session = f"simulated-{task.seed}-{task.number}-{self._dialogues}"
        self._user = task.user_id if task.user_id is not None and self._bot.database.users.known(task.user_id) else None

    def reply(self, message: str) -> Replied:
        """One turn, with the ledger as it stands after it."""
        events = list(self._bot.reply(self._session, message, user_id=self._user))
        done = next(e for e in events if isinstance(e, Done))
        state = self._bot.state(self._session)
        lists = [e for e in events if isinstance(e, Cards)]
        near = [c.item_id for e in events if isinstance(e, Alternatives) for c in e.cards]
        listed = [c.item_id for shown in lists for c in shown.cards]
        asked = state.question if state.question is not None and state.question.turn == state.turn else None
        return Replied(
            tuple(self._record(item_id) for item_id in dict.fromkeys((*listed, *near))),
            asked.field if asked else "",
            asked.options if asked else (),
            done.text,
            state.needs,
            state.active_need,
            done.action,
            tuple(self._broken(lists, state.needs)),
            frozenset(near) - frozenset(listed),
        )

    def satisfies(self, item_id: str, constraints: Sequence[Constraint]) -> bool:
        """Whether the bot's own record of an item meets its own constraints."""
        return self._bot.satisfies(self._bot.live_item(item_id), constraints)

    def _record(self, item_id: str) -> Item:
        row = self._bot.live(item_id)
        return replace(self._world.by_id[item_id], price=row.price, stock=row.stock)

    def _broken(self, lists: Sequence[Cards], needs: Sequence[Need]) -> list[str]:
        found = []
        for shown in lists:
            need = next((n for n in needs if n.need_id == shown.need_id), None)
            hard = tuple(c for c in need.constraints if c.strength is Strength.MUST) if need else ()
            found += [c.item_id for c in shown.cards if not self.satisfies(c.item_id, hard)]
        return found


class _Control:
    """Shows three items a turn, none twice in a dialogue."""

    name = "control"

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: set[str] = set()

    def start(self, task: Task) -> None:
        """Nothing is remembered of the dialogue before."""
        self._seen = set()

    def _show(self, ids: Sequence[str]) -> Replied:
        new = [i for i in ids if i not in self._seen][:SHOWN]
        self._seen.update(new)
        return Replied(tuple(self._world.by_id[i] for i in new))


class RandomItems(_Control):
    """A control: anything."""

    name = "random"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._ids = sorted(world.by_id)
        self._rng = random.Random(0)

    def start(self, task: Task) -> None:
        """The same draw for the same task."""
        super().start(task)
        self._rng = random.Random(f"{task.seed}:{task.number}:random")

    def reply(self, message: str) -> Replied:
        """Three items drawn by chance."""
        return self._show(self._rng.sample(self._ids, min(len(self._ids), len(self._seen) + SHOWN)))


class PopularItems(_Control):
    """A control: what sells, whoever asks."""

    name = "popularity"

    def __init__(self, world: World, counts: dict[str, int]) -> None:
        super().__init__(world)
        self._ids = sorted(world.by_id, key=lambda i: (-counts.get(i, 0), -(world.by_id[i].n_ratings or 0), i))

    def reply(self, message: str) -> Replied:
        """The next three of the list."""
        return self._show(self._ids)


class KeywordItems(_Control):
    """A control: keyword search (BM25) over all words said so far."""

    name = "keyword"

    def __init__(self, world: World, text: TextIndex) -> None:
        super().__init__(world)
        self._text = text
        self._said: list[str] = []

    def start(self, task: Task) -> None:
        """No word has been said."""
        super().start(task)
        self._said = []

    def reply(self, message: str) -> Replied:
        """The three best for all that was said."""
        self._said.append(message)
        return Replied(tuple(self._world.by_id[i] for i in self._found(SHOWN)))

    def _found(self, k: int) -> list[str]:
        return [i for i, _ in self._text.search(" ".join(self._said), k)]


class PagingItems(KeywordItems):
    """A stronger control: keyword search that shows nothing twice, as if the shopper turned the page every time."""

    name = "keyword-paging"

    def reply(self, message: str) -> Replied:
        """The three best that were not shown yet."""
        self._said.append(message)
        return self._show(self._found(len(self._seen) + SHOWN))


class DeafItems(KeywordItems):
    """A bad recommender: it searches with the first message and shows the same three whatever is said after that. The measure must tell it
    from plain keyword search."""

    name = "deaf"

    def reply(self, message: str) -> Replied:
        """The three best for the first message."""
        self._said = self._said or [message]
        return Replied(tuple(self._world.by_id[i] for i in self._found(SHOWN)))
