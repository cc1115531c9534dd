"""A shop's files into its folder: read and check everything, build a generation, then switch rows and generation together."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chatrec.catalog.interactions import event_rows
from chatrec.catalog.mapping import ShopMapping, TableMapping, load_mapping
from chatrec.catalog.people import order_rows, policy_texts, review_rows, user_rows
from chatrec.catalog.readers import Table, read_table
from chatrec.catalog.rejects import RejectBook
from chatrec.catalog.report import FileReport, IngestReport, file_report
from chatrec.catalog.rows import item_rows
from chatrec.catalog.sources import Sources
from chatrec.domain.event import Event
from chatrec.domain.item import Item, Order, Review
from chatrec.errors import ShopError, ShopNotReady
from chatrec.settings import load_settings
from chatrec.storage.database import Database
from chatrec.storage.generations import Draft, Generation, Generations
from chatrec.storage.staging import staging

if TYPE_CHECKING:
    from chatrec.protocols import Embedder

REJECTS = "rejects"
EMBEDDINGS = Path("cache") / "embeddings.db"

Progress = Callable[[str, int, int], None]
"""Called as (what is being done, how far, out of how much)."""
T = TypeVar("T")


@dataclass
class _Gathered:
    """Everything the files hold, checked; ``None`` where no file was given."""

    items: list[Item] | None = None
    events: list[Event] | None = None
    users: Mapping[str, Mapping[str, str]] | None = None
    reviews: list[Review] | None = None
    orders: list[Order] | None = None
    policies: Mapping[str, str] | None = None
    files: list[FileReport] = field(default_factory=list)
    books: dict[str, RejectBook] = field(default_factory=dict)


def ingest(
    shop: Path, sources: Sources, *, strict: bool = False, progress: Progress | None = None, embedder: Embedder | None = None,
    url: str = "",
) -> IngestReport:  # fmt: skip
    """Reads, checks and takes over a shop's files; gives what became of every row. The first ingest makes the shop folder.

    Everything is read and checked, and the next generation built, before anything of the shop changes; then rows and generation are
    switched in one transaction. A failed ingest leaves both as they were, and so does a killed one, but for the last instant, in
    which the generation can be one step ahead of the rows until the next ingest. What a source does not bring stays as it is.
    Bad rows are left out, counted and written to ``shop/rejects``; with ``strict`` the first one raises
    :class:`chatrec.errors.RejectedRows`. ``embedder`` replaces the built-in MiniLM. The rows go to the database at ``url`` (setting
    storage.url, which counts only where it is handed over here: a trial shop must not write to the real one's), else to the folder's own.

    Raises :class:`chatrec.errors.UnreadableFile`, :class:`chatrec.errors.MissingColumn`, :class:`chatrec.errors.SettingsError` for a
    bad mapping, :class:`chatrec.errors.ShopNotReady` when there are no items, :class:`chatrec.errors.GenerationError` when the new
    generation fails its verification.
    """
    shop = Path(shop)
    clock = _Clock(progress or _silent)
    settings = load_settings(shop)
    mapping = load_mapping(sources.mapping)
    fresh = not shop.exists()
    gathered = _gather(shop, sources, mapping, settings.shop.currency, strict, clock, url)
    if gathered.items is not None and not gathered.items:
        first = next((str(r) for b in gathered.books.values() for r in b.kept), "the file holds no usable row")
        raise ShopNotReady(f"no item of {sources.items} could be used; the first problem: {first}")
    try:
        _make_folder(shop)
        with Database.of_shop(shop, url) as database:
            generation, embedded = _take_over(shop, database, gathered, embedder, clock)
            count = database.items.count()
    except BaseException:
        if fresh:
            shutil.rmtree(shop, ignore_errors=True)
        raise
    _write_rejects(shop / REJECTS, gathered.books)
    return IngestReport(str(shop), tuple(gathered.files), count, generation.number, embedded, clock.seconds)


def _make_folder(shop: Path) -> None:
    try:
        shop.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ShopError(f"the shop folder {shop} cannot be made: {error.strerror or error}") from error


def _gather(shop: Path, sources: Sources, mapping: ShopMapping, currency: str, strict: bool, clock: _Clock, url: str) -> _Gathered:
    found = _Gathered()
    rejects = shop / REJECTS

    def read(kind: str, path: Path, table_mapping: TableMapping, rows: Callable[[Table], T], count: Callable[[T], int]) -> T:
        with clock.stage(f"reading {kind}"):
            layout = table_mapping.layout
            table = read_table(path, layout, strict=strict, sequences=kind == "interactions", may_be_empty=kind != "items")
            result = rows(table)
        found.books[kind] = table.rejects
        found.files.append(file_report(kind, table, result, count(result), rejects))
        return result

    if sources.items is not None:
        m = mapping.items
        found.items = read("items", sources.items, m, lambda t: item_rows(t, m, currency), lambda r: len(r.items) + r.variant_rows).items
    known = _known(shop, found.items, url)
    if sources.interactions is not None:
        n = mapping.interactions
        found.events = read("interactions", sources.interactions, n, lambda t: event_rows(t, n, known), lambda r: len(r.events)).events
    if sources.users is not None:
        u = mapping.users
        found.users = dict(read("users", sources.users, u, lambda t: user_rows(t, u), lambda r: len(r.records)).records)
    if sources.reviews is not None:
        v = mapping.reviews
        found.reviews = read("reviews", sources.reviews, v, lambda t: review_rows(t, v, known), lambda r: len(r.records)).records
    if sources.orders is not None:
        o = mapping.orders
        found.orders = read("orders", sources.orders, o, lambda t: order_rows(t, o, known), lambda r: len(r.records)).records
    if sources.policies is not None:
        with clock.stage("reading policies"):
            found.policies, notes = policy_texts(sources.policies)
        n_policies = len(found.policies)
        found.files.append(FileReport("policies", sources.policies.name, "md", "", n_policies, n_policies, notes=tuple(notes)))
    return found


def _known(shop: Path, items: Sequence[Item] | None, url: str) -> dict[str, str]:
    """Item and variant ids to item ids: those of this ingest, else those that the shop holds."""
    if items is None:
        items = []
        if url or (shop / "shop.db").exists():
            with Database.of_shop(shop, url) as database:
                items = database.items.all()
    known = {v.variant_id: i.item_id for i in items for v in i.variants}
    known.update({i.item_id: i.item_id for i in items})
    return known


def _take_over(shop: Path, database: Database, gathered: _Gathered, embedder: Embedder | None, clock: _Clock) -> tuple[Generation, int]:
    """Switches rows and generation; gives the serving generation and how many texts were embedded."""
    generations = Generations(shop)
    current = generations.sound()
    if current is not None and gathered.items is None and gathered.policies is None and gathered.reviews is None:
        with clock.stage("writing rows"), database.transaction():
            _write(database, gathered)
        return current, 0
    if gathered.items is None and not database.items.count():
        raise ShopNotReady(f"the shop {shop} holds no items yet; give an items file")

    @contextmanager
    def rows_written() -> Iterator[None]:
        with clock.stage("writing rows"), database.transaction():
            _write(database, gathered)
            yield

    with staging(shop) as folder, Database.open(folder / "staged.db") as staged:
        _stage(database, staged, gathered)
        return _build(shop, staged, _RowsFirst(shop, rows_written), embedder, clock)


def _build(shop: Path, staged: Database, generations: Generations, embedder: Embedder | None, clock: _Clock) -> tuple[Generation, int]:
    from chatrec.catalog.build import build_generation
    from chatrec.catalog.vector_cache import tidy
    from chatrec.embedding.cached import CachedEmbedder

    if embedder is None:
        from chatrec.embedding.minilm import MiniLMEmbedder

        embedder = MiniLMEmbedder()
    (shop / EMBEDDINGS).parent.mkdir(parents=True, exist_ok=True)
    cached = CachedEmbedder(embedder, shop / EMBEDDINGS)
    with clock.stage("building"):
        generation = build_generation(staged, generations, cached, progress=clock.tell)
    generations.prune()
    tidy(cached, generations)
    return generation, cached.fresh


def _stage(database: Database, staged: Database, gathered: _Gathered) -> None:
    """The rows that a generation is built from, as they will be: new ones where given, else the shop's own."""
    reviews = gathered.reviews
    if reviews is None:
        reviews = [r for held in database.reviews.by_item().values() for r in held]
    staged.items.replace_all(gathered.items if gathered.items is not None else database.items.all())
    staged.reviews.replace_all(reviews)
    staged.policies.replace_all(gathered.policies if gathered.policies is not None else database.policies.all())


def _write(database: Database, gathered: _Gathered) -> None:
    if gathered.items is not None:
        database.items.replace_all(gathered.items)
    if gathered.reviews is not None:
        database.reviews.replace_all(gathered.reviews)
    if gathered.policies is not None:
        database.policies.replace_all(gathered.policies)
    if gathered.users is not None:
        database.users.replace_all(gathered.users)
    if gathered.orders is not None:
        database.orders.replace_all(gathered.orders)
    if gathered.events is not None:
        database.events.replace_imported(gathered.events)


class _RowsFirst(Generations):
    """Generations whose drafts write the shop's rows in the transaction that publishes them: both switch, or neither."""

    def __init__(self, shop: Path, rows_written: Callable[[], AbstractContextManager[None]]) -> None:
        super().__init__(shop)
        self._rows_written = rows_written

    def begin(self) -> Draft:
        """A fresh draft."""
        return _DraftWithRows(super().begin(), self._rows_written)


class _DraftWithRows(Draft):
    def __init__(self, inner: Draft, rows_written: Callable[[], AbstractContextManager[None]]) -> None:
        self.folder = inner.folder
        self._inner = inner
        self._rows_written = rows_written

    def carry(self, generation: Generation, names: Any = None) -> list[str]:
        """As the draft inside."""
        return self._inner.carry(generation, names)

    def publish(self, manifest: Mapping[str, Any]) -> Generation:
        """Writes the rows and publishes; an error leaves both undone."""
        with self._rows_written():
            return self._inner.publish(manifest)

    def discard(self) -> None:
        """As the draft inside."""
        self._inner.discard()


def _write_rejects(folder: Path, books: Mapping[str, RejectBook]) -> None:
    """The rejects of this ingest, a file a kind, in place of those of the last one."""
    if folder.is_dir():
        for path in folder.glob("*.csv"):
            path.unlink()
    for kind, book in books.items():
        book.write(folder / f"{kind}.csv")


class _Clock:
    """Seconds by stage, and the caller's progress."""

    def __init__(self, tell: Progress) -> None:
        self.tell = tell
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.tell(name, 0, 1)
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
        self.tell(name, 1, 1)


def _silent(_stage: str, _done: int, _total: int) -> None:
    return None
