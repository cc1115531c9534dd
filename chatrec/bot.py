"""The embeddable object: opens a shop, replies to a shopper, takes feedback, forgets."""

from __future__ import annotations

import gc
import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from chatrec.dialogue import ledger
from chatrec.domain.context import Context
from chatrec.domain.event import Event, EventKind
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.reply import Receipt, ReplyEvent
from chatrec.domain.state import DialogueState
from chatrec.embedding.recent import RecentEmbedder
from chatrec.errors import GeneratorFailed, InvalidMessage, SessionError, UnknownItem, UnknownShopper
from chatrec.pressing import Pressing
from chatrec.records import Records
from chatrec.settings import Settings, load_settings
from chatrec.shops import Progress, resolve_shop
from chatrec.storage.database import Database
from chatrec.storage.sessions import check_session_id, is_storable

if TYPE_CHECKING:
    from chatrec.dialogue.parts import Parts
    from chatrec.domain.tool import Tool
    from chatrec.keeping import Shopper
    from chatrec.placements import Placement
    from chatrec.protocols import Embedder, Generator
    from chatrec.runnable import ChatRunnable
    from chatrec.wiring import Pinned, Words

log = logging.getLogger(__name__)

JUDGEMENTS = frozenset({EventKind.VIEW, EventKind.CLICK, EventKind.LIKE, EventKind.DISLIKE, EventKind.CART, EventKind.PURCHASE})


class ChatRec(Records, Pressing):
    """One open shop. Thread-safe: turns of different sessions run side by side, those of one session one after another.

    >>> bot = ChatRec.open("demo")                                    # doctest: +SKIP
    >>> for event in bot.reply("session-1", "a tent under 200"): ...  # doctest: +SKIP
    """

    def __init__(
        self, folder: Path, database: Database, embedder: Embedder, words: Words, settings: Settings, tools: Iterable[Tool] = ()
    ) -> None:
        from chatrec.actions import make_desk
        from chatrec.keeping import Keeper
        from chatrec.placements import Shelves
        from chatrec.replying import Turns
        from chatrec.serving import Serving
        from chatrec.session_locks import SessionLocks
        from chatrec.taking_back import TurnsBack
        from chatrec.watching import Watchers
        from chatrec.wiring import pin

        self.folder = folder
        self.settings = settings
        self.database = database
        self._embedder = RecentEmbedder(embedder)
        self._words = words
        desk = make_desk(tools, database, self._embedder, settings.tools.least_score)
        self._serving = Serving(folder, lambda generation: pin(generation, database, self._embedder, words, settings, desk))
        self._sessions = database.sessions(settings.dialogue.session_days)
        self._keeper = Keeper(database, self._sessions, desk)
        self._back = TurnsBack(database, self._sessions, self._keeper)
        several = settings.serve.workers > 1 or database.leases.is_shared
        self._locks = SessionLocks(database.leases if several else None)
        self.watchers = Watchers()
        self._turns = Turns(self._sessions, self._keeper, self._locks.hold, self._using, self.watchers)
        self._shelves = Shelves(database, self._sessions, self._keeper.cart, self._using)

    @classmethod
    def open(
        cls,
        shop: str | Path = "demo",
        *,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        embedder: Embedder | None = None,
        progress: Progress | None = None,
        tools: Iterable[Tool] = (),
    ) -> ChatRec:
        """Open a shop: ``demo`` or a folder made by ``chatrec ingest``. ``settings`` override the shop's own, by section; ``tools`` are
        functions of the shop that the bot may use (see :func:`chatrec.tool`).

        Raises :class:`chatrec.errors.ShopNotFound`, :class:`ShopNotReady` (nothing ingested) or
        :class:`chatrec.errors.IndexInUse` (another process has this shop open).
        """
        from chatrec.wiring import make_words

        folder = resolve_shop(shop, progress, settings)
        chosen = load_settings(folder, settings)
        database = Database.of_shop(folder, chosen.storage.url, create=False)
        if embedder is None:
            from chatrec.embedding.minilm import MiniLMEmbedder

            embedder = MiniLMEmbedder(threads=chosen.model.threads)
        with ExitStack() as undone:
            undone.callback(database.close)
            bot = cls(folder, database, embedder, make_words(chosen.model), chosen, tools)
            undone.callback(bot.close)
            with bot._using():
                undone.pop_all()  # it is open: nothing is to be undone
        return bot

    def reply(
        self, session_id: str, message: str, *, user_id: str | None = None, context: Context | None = None, keep_stopped: bool = False
    ) -> Iterator[ReplyEvent]:
        """One turn, as an iterator of reply events; ``Done`` with the receipt comes last.

        ``user_id`` names a shopper that the shop itself has verified. ``context`` is the page that the shopper is on, with the cart and the
        time of day; without one that of the turn before holds, ``Context()`` clears it. The turn is saved before ``Done`` is given;
        closing the iterator before that stops the work and saves nothing, or with ``keep_stopped`` what was shown and said so far. Raises
        :class:`InvalidMessage` or :class:`UnknownShopper` at the first ``next``.
        """
        if not isinstance(message, str):
            raise InvalidMessage(f"a message is text, not {type(message).__name__}; pass a str")
        yield from self._reply(session_id, message, user_id, None, context, keep_stopped)

    def refresh(self, session_id: str, *, user_id: str | None = None, heard: str = "") -> Iterator[ReplyEvent]:
        """The active need offered again, without a message: after a chip was dropped, an item judged or the slider moved. ``heard`` is what
        a page shows in place of a message."""
        yield from self._reply(session_id, "", user_id, Reading((IntentSpan(Intent.REFINE, ""),)), heard=heard)

    def put_in_cart(self, session_id: str, item_id: str, *, user_id: str | None = None, heard: str = "") -> Iterator[ReplyEvent]:
        """One turn for a button that says so: a version is asked for, nothing else. Raises :class:`UnknownItem` at the first ``next``."""
        self.live(item_id)
        span = IntentSpan(Intent.CART, "", detail="tapped")
        yield from self._reply(session_id, "", user_id, Reading((span,), references=(item_id,)), heard=heard)

    def rebuild(self, session_id: str, messages: Iterable[str]) -> DialogueState:
        """The state that these messages of a visitor leave behind in a session, one turn each, for a face that is given a conversation
        and no session. Templates write, so that it is quick; the cart is filled again, the shop's own tools are left alone."""
        from chatrec.actions import make_desk
        from chatrec.wiring import rehearsing

        check_session_id(session_id)
        changed = rehearsing(make_desk((), self.database, self._embedder, self.settings.tools.least_score))
        for message in messages:
            deque(self._turns.run(session_id, message, None, changed=changed), maxlen=0)
        return self.state(session_id)

    def _reply(
        self, session_id: str, message: str, user_id: str | None, reading: Reading | None, context: Context | None = None,
        keep_stopped: bool = False, heard: str = "",
    ) -> Iterator[ReplyEvent]:  # fmt: skip
        self._check_shopper(user_id)
        check_session_id(session_id)
        yield from self._turns.run(session_id, message, user_id, reading=reading, context=context, keep_stopped=keep_stopped, heard=heard)

    def recommend(
        self, placement: str, *, item_id: str | None = None, cart: Iterable[str] = (), query: str = "", k: int = 6,
        session_id: str | None = None, user_id: str | None = None,
    ) -> Placement:  # fmt: skip
        """A list for a page without a chat: ``home`` (popular and varied), ``item`` (goes with or is like ``item_id``), ``cart`` (completes
        ``cart``, or the cart that is kept), ``search`` (for the words of ``query``, limits and all) or ``personal``. What is shown is
        logged where a session or a shopper is named. Raises :class:`chatrec.errors.PlacementError`, :class:`UnknownItem`.
        """
        from chatrec.placements import Asked

        self._check_shopper(user_id)
        if session_id is not None:
            check_session_id(session_id)
        return self._shelves.show(Asked(placement, item_id, tuple(cart), query, k), session_id, user_id)

    def state(self, session_id: str) -> DialogueState:
        """What is remembered of a session."""
        return self._sessions.load(session_id)

    def receipt(self, turn_id: str) -> Receipt | None:
        """The receipt of a turn, or ``None``."""
        return self.database.receipts.load(turn_id)

    def feedback(self, session_id: str, item_id: str, kind: EventKind | str, *, user_id: str | None = None) -> None:
        """Log what the shopper did with an item; it counts from the next turn on. Raises :class:`UnknownItem`."""
        from chatrec.wiring import visitor

        if kind not in JUDGEMENTS:
            raise SessionError(f"{kind!r:.80} is not feedback; use one of {', '.join(sorted(JUDGEMENTS))}")
        chosen = EventKind(kind)
        self._check_shopper(user_id)
        with self._turn_of(session_id), self._using() as pinned:
            if item_id not in pinned.shelf:
                raise UnknownItem(f"the catalogue has no item {item_id!r:.80}")
            event = Event(visitor(user_id, session_id), item_id, chosen, time.time(), session_id=session_id)
            with self.database.transaction():  # all of it is kept, or nothing
                self.database.events.append([event])
                if chosen in (EventKind.LIKE, EventKind.DISLIKE):
                    state = self._sessions.load(session_id)
                    judged = ledger.judge(state, item_id, chosen is EventKind.LIKE)
                    _ = self._sessions.save(judged) if chosen is EventKind.LIKE else self._back.press(state, judged)
                    self._keeper.judge(user_id, item_id, chosen is EventKind.LIKE)
        self.watchers.feedback_given(chosen)

    def shopper(self, session_id: str, *, user_id: str | None = None) -> Shopper:
        """What is kept of a shopper, to be shown and changed: the cart, the profile, and the conversation so far."""
        from chatrec.keeping import Shopper

        check_session_id(session_id)
        self._check_shopper(user_id)
        return Shopper(self._keeper, session_id, user_id, self.serving)

    def forget(self, *, session_id: str | None = None, user_id: str | None = None) -> dict[str, int]:
        """Erase a session, or all of a shopper: events, sessions, receipts, profile, cart. Gives rows erased by table."""
        return self.database.forget(user_id=user_id, session_id=session_id)

    def warm_up(self) -> None:
        """Load the models now, not at the first message; a language model that cannot be loaded is left to the receipts.

        What is there then is left alone by Python's garbage collector: a full round over it stops a turn for up to a second."""
        self._embedder.encode(["warm up"])
        with suppress(GeneratorFailed):
            self._words.warm_up()
        gc.collect()
        gc.freeze()

    def use_adapter(self, adapter: str) -> None:
        """Write with another LoRA adapter (a name, a folder, auto or none) from the next reply on, without closing the shop.

        Raises :class:`chatrec.errors.AdapterError` for one that is damaged or belongs to another base model, and goes on as before.
        """
        chosen = self.settings.model.model_copy(update={"adapter": adapter})
        self._words.switch(chosen)
        self.settings = self.settings.model_copy(update={"model": chosen})

    @property
    def generator(self) -> Generator | None:
        """The language model, before any gate; ``None`` where templates alone write. The shop closes it."""
        return self._words.generator

    def as_runnable(self) -> ChatRunnable:
        """This shop's conversation as a LangChain ``Runnable``: a message or a dict of message, session_id and user_id in, a dict of text,
        cards and chips out, whole or streamed. See :class:`chatrec.runnable.ChatRunnable`."""
        from chatrec.runnable import as_runnable

        return as_runnable(self)

    def about(self) -> dict[str, Any]:
        """Shop, generation, sizes and model, for faces and for ``doctor``."""
        with self._using() as pinned:
            return {
                "shop": self.settings.shop.name or self.folder.name,
                "folder": str(self.folder),
                "generation": pinned.generation.number,
                "items": len(pinned.shelf),
                "currency": pinned.parts.limits.currency,
                "model": dict(self._words.model),
                "absent": list(pinned.parts.absent),
            }

    @contextmanager
    def serving(self) -> Iterator[Parts]:
        """The parts of the serving generation, pinned meanwhile: for measurements that look below a turn."""
        with self._using() as pinned:
            yield pinned.parts

    def close(self) -> None:
        """Release the index folder and the database. Turns under way fail."""
        self._locks.close()
        self._serving.close()
        self._words.close()
        self.database.close()

    def __enter__(self) -> ChatRec:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _using(self) -> AbstractContextManager[Pinned]:
        return self._serving.pinned()

    def _turn_of(self, session_id: str) -> AbstractContextManager[None]:
        check_session_id(session_id)
        return self._locks.hold(session_id)

    def _check_shopper(self, user_id: str | None) -> None:
        if user_id is not None and not (is_storable(user_id) and self.database.users.known(user_id)):
            raise UnknownShopper(f"the shop knows no shopper {user_id!r:.80}; pass user_id=None for a visitor")
