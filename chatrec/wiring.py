"""Settings into objects: one pinned generation with everything that works on it, and the words that are shared by all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chatrec.actions.orders import OrderBook
from chatrec.candidates.factory import make_served_fusion, make_sources
from chatrec.candidates.interactions import EventWeights
from chatrec.catalog.index_copy import open_index
from chatrec.catalog.pictures import picture_for
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.vector_index import VectorIndex
from chatrec.dialogue.mood import ShopMood
from chatrec.dialogue.parts import Limits, NoTools, Parts
from chatrec.domain.event import EventKind
from chatrec.domain.profile import Profile
from chatrec.domain.returns import ReturnRules
from chatrec.errors import GenerationError, SettingsError
from chatrec.protocols import Embedder, Generator, LiveRows, StructuredModel, ToolDesk, Understander, Writer
from chatrec.ranking.factory import make_profile, make_pruner, make_reranker
from chatrec.ranking.objective import Aims
from chatrec.ranking.rules import Rules
from chatrec.ranking.specificity import adapt_diversity, request_specificity
from chatrec.resources import prompts_folder
from chatrec.settings import ModelSettings, Settings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generation

log = logging.getLogger(__name__)

HISTORY_EVENTS = 200


class EventHistory:
    """What a shopper did, from the event log (implements ``protocols.History``)."""

    def __init__(self, database: Database, weights: EventWeights | None = None) -> None:
        self._events, self._weights = database.events, weights or EventWeights()

    def of(self, user_id: str | None, session_id: str) -> tuple[tuple[str, float], ...]:
        """(item_id, weight) pairs, oldest first, weighed as in training."""
        kinds = [k for k in EventKind if k is not EventKind.SHOWN]
        events = self._events.history(visitor(user_id, session_id), HISTORY_EVENTS, kinds)
        return tuple((e.item_id, self._weights.weight(e.kind, e.value)) for e in events)


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


def _no_model(settings: ModelSettings) -> None:
    raise SettingsError(f"adapter '{settings.adapter}' cannot be used: this shop writes without a language model (model.engine = template)")


@dataclass(slots=True)
class Words:
    """The writer with its model. ``model`` goes into receipts; its ``generator`` says "loading" until the model is there. ``generator`` is
    the language model itself, ``None`` where templates alone write."""

    writer: Writer
    model: dict[str, str]
    warm_up: Callable[[], None] = lambda: None
    close: Callable[[], None] = lambda: None
    switch: Callable[[ModelSettings], None] = _no_model
    generator: Generator | None = None


def make_words(settings: ModelSettings) -> Words:
    """The writer that the settings ask for. The model loads at its first use; one that cannot be loaded is reported in the receipt,
    and the template writer answers instead."""
    from chatrec.generation.deferred import LOADING, DeferredGenerator
    from chatrec.generation.engine_pool import ENGINE_POOL
    from chatrec.generation.engines import check_engine
    from chatrec.generation.gate import SentenceGate
    from chatrec.generation.prompts import PromptLibrary
    from chatrec.generation.template import TemplateWriter
    from chatrec.generation.writer import GroundedWriter

    check_engine(settings)
    gate, library = SentenceGate(), PromptLibrary(prompts_folder())
    template = TemplateWriter(gate)
    model = {"generator": LOADING, "prompt": library.prompt("reply").key, "gate": gate.version}
    if settings.engine == "template":
        return Words(template, {**model, "generator": "template"})
    generator = DeferredGenerator(lambda: ENGINE_POOL.lend(settings), lambda name: model.update(generator=name))
    writer = GroundedWriter(generator, gate, library, template, max_tokens=settings.max_tokens, time_budget_s=settings.time_budget_s)
    return Words(
        writer, model, generator.warm_up, generator.close, lambda other: generator.switch(lambda: ENGINE_POOL.lend(other)), generator
    )


def rehearsing(desk: ToolDesk) -> Callable[[Parts], Parts]:
    """Parts for turns that are only to leave their state behind: templates write, no alert goes out, ``desk`` holds what may be done."""
    from chatrec.generation.gate import SentenceGate
    from chatrec.generation.template import TemplateWriter

    writer = TemplateWriter(SentenceGate())
    return lambda parts: replace(parts, writer=writer, turn_writer=None, tools=desk, watch_mood=lambda session_id, mood: None)


def pin(
    generation: Generation, database: Database, embedder: Embedder, words: Words, settings: Settings, desk: ToolDesk | None = None
) -> Pinned:
    """Load one generation. Raises :class:`chatrec.errors.IndexInUse` when another process owns its index folder,
    :class:`chatrec.errors.GenerationError` when it cannot be read or was embedded by another model."""
    check_usable(generation, embedder)
    shelf = CatalogueShelf.load(generation)
    vectors = open_index(generation, beside=settings.serve.workers > 1)
    try:
        parts = make_parts(generation, shelf, vectors, database, embedder, words, settings, desk)
    except BaseException:
        vectors.close()  # the index folder is free again for whoever tries next
        raise
    return Pinned(generation, parts, shelf, vectors)


def check_usable(generation: Generation, embedder: Embedder) -> None:
    """Raises :class:`chatrec.errors.GenerationError` where files are missing or another embedder made the vectors."""
    if lost := [line for line in generation.damage() if not line.startswith("cf/")]:  # without cf/ it goes on, and says so
        raise GenerationError(f"generation {generation.number} in {generation.folder} is damaged ({'; '.join(lost[:3])}); ingest again")
    made_with = generation.manifest.get("embedder", embedder.name)
    if made_with != embedder.name:
        raise GenerationError(
            f"generation {generation.number} was embedded by '{made_with}', but this process embeds with '{embedder.name}': "
            "open the shop with the embedder that it was ingested with, or ingest again"
        )


def make_understander(settings: Settings, shelf: CatalogueShelf, embedder: Embedder) -> Understander:
    """The rules, with the language model behind them where the settings ask for it."""
    from chatrec.understanding.understander import RuleUnderstander

    rules = RuleUnderstander(shelf.contract, shelf, embedder)
    if settings.understanding.engine == "rules":
        return rules
    from chatrec.understanding.structured import StructuredUnderstander

    return StructuredUnderstander(rules, make_structured_model(settings), shelf.contract)


def make_structured_model(settings: Settings) -> StructuredModel:
    """The model of [model] for JSON: the server where one is configured, else the local base without its writing adapter."""
    if settings.model.engine == "openai":
        from chatrec.generation.structured_remote import RemoteStructuredModel

        return RemoteStructuredModel(settings.model.url, settings.model.remote_model, total_s=settings.understanding.time_budget_s)
    from chatrec.generation.structured_local import LocalStructuredModel

    return LocalStructuredModel(settings.model.base, total_s=settings.understanding.time_budget_s)


def make_parts(
    generation: Generation, shelf: CatalogueShelf, vectors: VectorIndex, database: Database, embedder: Embedder, words: Words,
    settings: Settings, desk: ToolDesk | None = None,
) -> Parts:  # fmt: skip
    """Everything that a turn works with, over one generation."""
    from chatrec.generation.evidence import RecordEvidence
    from chatrec.generation.writer import GroundedWriter
    from chatrec.knowledge.evidence_ranker import EvidenceRanker
    from chatrec.knowledge.item_answers import RecordAnswers
    from chatrec.knowledge.policies import PolicyKnowledge

    sources, absent = make_sources(generation, shelf, vectors, embedder)
    hosts = frozenset(settings.shop.picture_hosts)
    live: LiveRows = database.items
    return Parts(
        shelf=shelf,
        live=live,
        understander=make_understander(settings, shelf, embedder),
        sources=sources,
        fusion=make_served_fusion(generation, shelf, settings.offer),
        reranker=make_reranker(settings.offer.reranker, shelf, Aims(mu=settings.offer.distance)),
        evidence=RecordEvidence(),
        writer=words.writer,
        turn_writer=words.writer.for_turn if isinstance(words.writer, GroundedWriter) else None,
        knowledge=PolicyKnowledge.load(generation.folder, embedder),
        answers=RecordAnswers(EvidenceRanker(embedder)),
        orders=OrderBook(database),
        history=EventHistory(database, EventWeights.of(settings.train.weights)),
        picture=lambda item: picture_for(item, hosts),
        prune=make_pruner(shelf, rules=make_rules(settings)),
        profile=make_profile(shelf),
        spread=spread_by_request,
        limits=make_limits(settings, shelf),
        model=words.model,
        absent=absent,
        answers_given=database.turns.answers_lately,
        watch_mood=ShopMood(database.turns.moods).after_turn,
        tools=desk or NoTools(),
        returns=ReturnRules(settings.returns.days, settings.returns.excluded),
        known=lambda user_id: database.profiles.load(user_id) if user_id is not None else Profile(""),
        attributes=lambda user_id: tuple(sorted(database.users.attributes(user_id).items())) if user_id is not None else (),
    )


def make_rules(settings: Settings) -> Rules:
    """The shop's rules. Raises :class:`SettingsError` where they contradict each other or go too far."""
    told = settings.rules
    return Rules(told.pins, frozenset(told.bury), told.boosts)


def make_limits(settings: Settings, shelf: CatalogueShelf) -> Limits:
    """The shop's limits for a turn."""
    return Limits(
        shown=settings.offer.shown,
        pool=settings.offer.pool,
        diversity=settings.offer.diversity,
        wishes=settings.offer.fusion_wishes,
        message_chars=settings.dialogue.message_chars,
        ask=settings.dialogue.ask,
        currency=shelf.contract.currency or settings.shop.currency,
        questions=settings.dialogue.questions,
    )


def spread_by_request(base: float, **request: int) -> float:
    """How varied this list is to be: a vague request spreads, a precise one does not."""
    return adapt_diversity(base, request_specificity(**request))


def describe_model(settings: ModelSettings) -> Iterator[str]:
    """Which engine the settings give and why, found by starting it. Raises :class:`ModelError` when it cannot be had."""
    from chatrec.generation.deferred import DeferredGenerator
    from chatrec.generation.engines import choose_engine, make_generator

    _, why = choose_engine(settings)
    if settings.engine == "template":
        yield "template writer only (model.engine = template)"
        return
    generator = DeferredGenerator(lambda: make_generator(settings))
    generator.warm_up()
    yield f"{generator.name}: {why}"
    generator.close()
