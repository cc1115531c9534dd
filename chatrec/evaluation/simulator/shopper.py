"""The simulated shopper: says one or two wishes a turn, answers, objects to what is shown, and leaves when it is no use."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from chatrec.domain.item import Item
from chatrec.errors import SimulationError
from chatrec.evaluation.simulator.answering import Answer, answer_to
from chatrec.evaluation.simulator.nouns import many, one
from chatrec.evaluation.simulator.phrases import Phrases
from chatrec.evaluation.simulator.tasks import Task
from chatrec.evaluation.simulator.voice import Voice
from chatrec.evaluation.simulator.wishes import BRAND, PRICE, Wish, meets, words_in
from chatrec.evaluation.simulator.world import World

MOST_TURNS = 5
MOST_IRRELEVANT = 3  # turns in a row that show nothing like what was asked for
_TWO_AT_ONCE = 0.6
_ANSWERS = 0.9  # else the question is passed over
_LEAST_TITLE_WORDS = 3
_LEAST_ID_CHARS = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What a turn put before the shopper: items in the order of their cards, and a question with its suggested answers."""

    items: tuple[Item, ...] = ()
    question: str = ""
    options: tuple[str, ...] = ()


@dataclass
class Shopper:
    """One dialogue's shopper. ``reticent`` shoppers name the kind of thing only and wait to be asked.

    ``stated`` are the needs said so far, as said (before a change of mind the first version). Raises :class:`SimulationError` should a
    message ever tell the target's title or id: then the measure would be void.
    """

    task: Task
    world: World
    phrases: Phrases
    reticent: bool = False
    stated: list[Wish] = field(default_factory=list)
    likes: list[Wish] = field(default_factory=list)
    irrelevant: int = 0

    def __post_init__(self) -> None:
        # the same for every system that this shopper meets, whatever happens in the dialogue before
        self.rng = random.Random(f"{self.task.seed}:{self.task.number}:shopper")
        currency = self.world.contract.currency
        self.voice = Voice(self.phrases, self.task.manner, self.task.typos, currency, self.rng)
        self._target = self.world.by_id[self.task.target_id]
        self._pending: list[Wish] = list(self.task.hard)
        self._soft: list[Wish] = list(self.task.soft)
        self._recipient = self.task.recipient
        self._correction: tuple[Wish, Wish] | None = None  # (said first, meant)
        self._again = False

    def open(self) -> str:
        """The first message."""
        kind = self.task.kind
        said: list[Wish] = []
        if kind is not None:
            self._pending.remove(kind)
            self.stated.append(kind)
        wanted = 1 if self.reticent or self.rng.random() >= _TWO_AT_ONCE else 2
        while len(self.stated) < wanted and self._pending:
            said.append(self._next())
        text = self.voice.opening(kind, said)
        if self._recipient and self.rng.random() < 0.6:
            text = self.voice.joined(text, self._whom())
        if self.phrases.holds("greetings", self.task.manner) and self.rng.random() < 0.3:
            text = f"{self.voice.pick('greetings')}{self.rng.choice((', ', '! ', ' '))}{text}"
        return self._typed(text)

    def react(self, seen: Seen) -> str | None:
        """The next message, or ``None``: the shopper has left."""
        self._judge(seen)
        if self.irrelevant >= MOST_IRRELEVANT:
            return None
        if self._correction is not None:
            return self._typed(self._corrected())
        if seen.question and self.rng.random() < _ANSWERS:
            return self._typed(self._answered(seen))
        if seen.items:
            return self._typed(self._critique(seen.items))
        return self._typed(self._go_on())

    def _judge(self, seen: Seen) -> None:
        """A turn is of use where something shown has more than half of what was said, or where it asks."""
        best = max((sum(meets(i, w) for w in self.stated) for i in seen.items), default=0)
        useful = bool(seen.question) or (bool(seen.items) and 2 * best >= len(self.stated))
        self.irrelevant = 0 if useful else self.irrelevant + 1

    def _next(self) -> Wish:
        """The next need that comes to mind, as it is said: now and then something else than is meant in the end."""
        wish = self._pending.pop(0)
        changed = self.task.changed
        if changed is not None and self.task.hard[changed[0]] == wish:
            self._correction = (changed[1], wish)
            wish = changed[1]
        self.stated.append(wish)
        return wish

    def _corrected(self) -> str:
        assert self._correction is not None
        first, meant = self._correction
        self._correction = None
        self.stated = [meant if w == first else w for w in self.stated]
        if first.values and self.rng.random() < 0.4:
            return self.voice.say("changed_from", old=first.values[0], line=self.voice.line(meant))
        return self.voice.say("changed", line=self.voice.line(meant))

    def _answered(self, seen: Seen) -> str:
        answer: Answer = answer_to(seen.question, seen.options, self._target, self._pending, self.stated, self.voice, self.rng)
        if answer.wish is not None:
            self._said(answer.wish)
        if not self.reticent and self._pending and self.rng.random() < 0.3:
            return self.voice.joined(answer.text, self.voice.line(self._next()))
        return answer.text

    def _said(self, wish: Wish) -> None:
        """A need said in an answer need not be said again; anything else that was told is a liking."""
        told = [w for w in self._pending if w.field == wish.field and not w.excluded]
        if told and wish.role != "liking":
            self._pending.remove(told[0])
            self.stated.append(told[0])
        else:
            self.likes.append(wish)

    def _critique(self, items: Sequence[Item]) -> str:
        """What is wrong with what is shown: mostly with the card that comes nearest."""
        place, best = max(enumerate(items, 1), key=lambda pair: (sum(meets(pair[1], w) for w in self.task.hard), -pair[0]))
        broken = [w for w in self.stated if not any(meets(i, w) for i in items)]
        if broken and self.rng.random() < 0.7:
            return self._again_said(broken, items)
        missing = [w for w in self._pending if not meets(best, w)]
        if self.reticent and self._pending and self.rng.random() < 0.6:
            return self.voice.say(self.rng.choice(("more", "not_those")))
        if missing:
            return self._object(self.rng.choice(missing), place, best)
        if self._pending or self._soft or self._recipient:
            return self._go_on()
        return self._ask_for_others(place, items)

    def _object(self, wish: Wish, place: int, best: Item) -> str:
        """A need comes to mind because what is shown does not meet it."""
        self._pending.remove(wish)
        self._pending.insert(0, wish)
        if wish.field == PRICE and wish.most is not None and wish.least is None and self.rng.random() < 0.4:
            self._next()
            return self.voice.joined(self.voice.pick("cheaper"), self.voice.line(self.stated[-1]))
        if wish.field == BRAND and wish.excluded and self.rng.random() < 0.5:
            self._next()
            return self.voice.say("other_brand", brand=self.stated[-1].values[0])
        shares_kind = self.task.kind is None or meets(best, self.task.kind)
        wish = self._next()
        if shares_kind and self.rng.random() < 0.45:
            return self.voice.say("like_but", tail=self.voice.tail(wish), **self.voice.nth(place))
        return self.voice.line(wish)

    def _again_said(self, broken: Sequence[Wish], items: Sequence[Item]) -> str:
        """What was said and is not what is shown: said again; a price that all of them break, as "cheaper"."""
        wish = self.rng.choice(broken)
        dearer = wish.field == PRICE and wish.most is not None and all(i.price is None or float(i.price) > wish.most for i in items)
        if dearer and self.rng.random() < 0.5:
            return self.voice.pick("cheaper")
        return self.voice.say("restate", line=self.voice.line(wish))

    def _go_on(self) -> str:
        """One or two more wishes; when all are said, everything once more, or others."""
        lines: list[str] = []
        wanted = 2 if self.rng.random() < _TWO_AT_ONCE else 1
        while self._pending and len(lines) < wanted and not (self.reticent and lines):
            lines.append(self.voice.line(self._next()))
        if len(lines) < wanted and self._soft:
            wish = self._soft.pop()
            self.likes.append(wish)
            lines.append(self.voice.say("soft", tail=self.voice.tail(wish)))
        if len(lines) < wanted and self._recipient:
            lines.append(self._whom())
        if not lines:
            if not self._again:
                self._again = True
                return self.voice.again(self.task.kind, [w for w in self.stated if w.role != "kind"])
            return self.voice.say("restate", line=self.voice.line(self.rng.choice(self.stated)))
        return lines[0] if len(lines) == 1 else self.voice.joined(*lines)

    def _ask_for_others(self, place: int, items: Sequence[Item]) -> str:
        """All is said, and what is shown is not it yet."""
        choice = self.rng.random()
        lacking = [w for w in self.stated if not all(meets(i, w) for i in items)]
        if choice < 0.3 and lacking:
            return self.voice.say("restate", line=self.voice.line(self.rng.choice(lacking)))
        if choice < 0.4:
            return self.voice.say("not_that_one", **self.voice.nth(place))
        if choice < 0.5 and not self._again:
            self._again = True
            return self.voice.again(self.task.kind, [w for w in self.stated if w.role != "kind"])
        return self.voice.say("more")

    def _whom(self) -> str:
        told, self._recipient = self._recipient, ""
        return told

    def _typed(self, text: str) -> str:
        self._check_blind(text)
        return self.voice.typed(text)

    def _check_blind(self, text: str) -> None:
        """Title-blind: no id, and of the title no run of words and no word that it alone has. Words of the wishes, of their fields
        and of the bank are everybody's."""
        words = [w.casefold() for w in words_in(text)]
        known = _bank_words(self.phrases) | {w for wish in self._spoken() for v in (*wish.values, wish.field) for w in _forms(v)}
        title = [w.casefold() for w in words_in(self._target.title)]
        size = min(_LEAST_TITLE_WORDS, max(2, len(title)))
        runs = {tuple(title[n : n + size]) for n in range(len(title) - size + 1)}
        said = {tuple(words[n : n + size]) for n in range(len(words))}
        alone = {w for w in title if len(w) > 3 and self.world.title_counts[w] == 1}
        item_id = self._target.item_id
        by_id = len(item_id) >= _LEAST_ID_CHARS and item_id.casefold() in text.casefold() and item_id.casefold() not in known
        if by_id or (alone & set(words)) - known or any(not set(run) <= known for run in runs & said):
            raise SimulationError(
                f"the shopper of task {self.task.number} tells the target '{item_id}' by name in {text!r}; a result would say nothing"
            )

    def _spoken(self) -> list[Wish]:
        first = [self.task.changed[1]] if self.task.changed else []
        return [*self.task.hard, *self.task.soft, *first, *self.likes]


@lru_cache(maxsize=1 << 14)
def _forms(value: str) -> frozenset[str]:
    return frozenset(w.casefold() for text in (value, one(value)[0], many(value)) for w in words_in(text))


@cache
def _bank_words(phrases: Phrases) -> frozenset[str]:
    return frozenset(w.casefold() for w in words_in(str(phrases.content)))
