"""Settings into objects: one pinned generation with everything that works on it, and the words that are shared by all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatrec.actions.orders import OrderBook
from chatrec.candidates.factory import make_fusion, make_sources
from chatrec.candidates.interactions import event_weight
from chatrec.catalog.pictures import picture_for
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.vector_index import VectorIndex
from chatrec.dialogue.parts import Limits, Parts
from chatrec.domain.event import EventKind
from chatrec.domain.item import Item
from chatrec.errors import ModelError
from chatrec.protocols import Embedder, Generator, LiveRows, Writer
from chatrec.ranking.factory import make_pruner, make_reranker
from chatrec.ranking.specificity import adapt_diversity, request_specificity
from chatrec.resources import prompts_folder
from chatrec.settings import ModelSettings, Settings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generation

HISTORY_EVENTS = 200


class EventHistory:
    """What a shopper did, from the event log (implements ``protocols.History``)."""

    def __init__(self, database: Database) -> None:
        self._events = database.events

    def of(self, user_id: str | None, session_id: str) -> tuple[tuple[str, float], ...]:
        """(item_id, weight) pairs, oldest first; a rating counts by how far it lies from the middle of the scale."""
        kinds = [k for k in EventKind if k is not EventKind.SHOWN]
        events = self._events.history(visitor(user_id, session_id), HISTORY_EVENTS, kinds)
        return tuple((e.item_id, event_weight(e.kind, e.value)) for e in events)


def visitor(user_id: str | None, session_id: str) -> str:
    """The id that events are logged under: the shop's own for a verified shopper, one of the session for a visitor."""
    return user_id if user_id is not None else f"anon:{session_id}"


@dataclass(slots=True)
class Pinned:
    """The parts of one generation. ``close`` releases its index folder."""

    generation: Generation
    parts: Parts
    shelf: CatalogueShelf
    vectors: VectorIndex

    def close(self) -> None:
        """Release the index folder; the parts must not be used afterwards."""
        self.vectors.close()


@dataclass(slots=True)
class Words:
    """The writer with its model, or with the template writer alone when there is none (and why)."""

    writer: Writer
    model: dict[str, str]
    absent: tuple[str, ...] = ()


def make_words(settings: ModelSettings) -> Words:
    """The writer that the settings ask for. A model that cannot be loaded is reported and the template writer answers instead."""
    from chatrec.generation.gate import SentenceGate
    from chatrec.generation.prompts import PromptLibrary
    from chatrec.generation.template import TemplateWriter
    from chatrec.generation.writer import GroundedWriter

    gate = SentenceGate()
    library = PromptLibrary(prompts_folder())
    template = TemplateWriter()
    model = {"gate": str(gate.version), "prompt": library.prompt("reply").key}
    if settings.engine == "template":
        return Words(template, {**model, "generator": "template"})
    try:
        generator = make_generator(settings)
    except ModelError as error:
        return Words(template, {**model, "generator": "template"}, (f"language model: {error}",))
    writer = GroundedWriter(generator, gate, library, template, max_tokens=settings.max_tokens, time_budget_s=settings.time_budget_s)
    return Words(writer, {**model, "generator": generator.name})


def make_generator(settings: ModelSettings) -> Generator:
    """The engine that the settings name. Raises :class:`ModelError` when it cannot be had."""
    if settings.engine == "openai":
        from chatrec.generation.openai_engine import OpenAIGenerator

        return OpenAIGenerator(settings.url, settings.remote_model)
    from chatrec.generation.transformers_engine import TransformersGenerator

    return TransformersGenerator.open(settings.base, settings.adapter, threads=settings.threads)


def pin(generation: Generation, database: Database, embedder: Embedder, words: Words, settings: Settings) -> Pinned:
    """Load one generation. Raises :class:`chatrec.errors.IndexInUse` when another process owns its index folder."""
    from chatrec.generation.evidence import RecordEvidence
    from chatrec.knowledge.item_answers import RecordAnswers
    from chatrec.knowledge.policies import PolicyKnowledge
    from chatrec.understanding.understander import RuleUnderstander

    shelf = CatalogueShelf.load(generation)
    vectors = VectorIndex.open(generation)
    sources, absent = make_sources(generation, shelf, vectors, embedder)
    limits = Limits(
        shown=settings.offer.shown,
        pool=settings.offer.pool,
        diversity=settings.offer.diversity,
        message_chars=settings.dialogue.message_chars,
        ask=settings.dialogue.ask,
        currency=shelf.contract.currency or settings.shop.currency,
    )
    hosts = frozenset(settings.shop.picture_hosts)

    def picture(item: Item) -> str:
        return picture_for(item, hosts)

    def spread(base: float, **request: int) -> float:
        return adapt_diversity(base, request_specificity(**request))

    live: LiveRows = database.items
    parts = Parts(
        shelf=shelf,
        live=live,
        understander=RuleUnderstander(shelf.contract, shelf, embedder),
        sources=sources,
        fusion=make_fusion(shelf, settings.offer.fusion_text, settings.offer.fusion_dense),
        reranker=make_reranker(settings.offer.reranker, shelf),
        evidence=RecordEvidence(),
        writer=words.writer,
        knowledge=PolicyKnowledge.load(generation.folder, embedder),
        answers=RecordAnswers(),
        orders=OrderBook(database),
        history=EventHistory(database),
        picture=picture,
        prune=make_pruner(shelf),
        spread=spread,
        limits=limits,
        model=words.model,
        absent=(*words.absent, *absent),
    )
    return Pinned(generation, parts, shelf, vectors)


def describe_model(settings: ModelSettings) -> Iterator[str]:
    """Which engine the settings give, found by making it. Raises :class:`ModelError` when it cannot be had."""
    if settings.engine == "template":
        yield "template writer only (model.engine = template)"
        return
    yield make_generator(settings).name
