"""The seams: what one part of chatrec asks of another. Each has one contract suite in ``chatrec.testing``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from chatrec.domain.candidate import Candidate, Query, Ranked
from chatrec.domain.facts import DroppedSentence, Evidence, Fact, Passage, Sentence
from chatrec.domain.item import Item, LiveRow, Order
from chatrec.domain.need import Constraint, Need, Relaxation
from chatrec.domain.question import Proposal
from chatrec.domain.reading import Reading
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Call, Caller, Outcome, Tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@runtime_checkable
class Embedder(Protocol):
    """Text to vectors."""

    @property
    def name(self) -> str:
        """Identifies model and version; part of the key of every cached vector."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit-norm vectors, shape ``(len(texts), dimension)``; an empty text is allowed."""


@runtime_checkable
class CandidateSource(Protocol):
    """Proposes items. At most ``k``, no duplicates, best first; no usable signal gives an empty list; deterministic for one
    generation; respects ``query.admits``; every candidate carries its reason."""

    @property
    def name(self) -> str:
        """The name in receipts and settings."""

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """The best ``k`` items for this query."""


@runtime_checkable
class Reranker(Protocol):
    """Chooses ``k`` of the candidates and their order. ``diversity`` in [0, 1]: 0 is the input order, 1 ignores relevance except
    to break ties. ``shown`` are items the shopper has seen in this dialogue: they count as covered."""

    def rerank(
        self,
        candidates: Sequence[Candidate],
        k: int,
        diversity: float,
        shown: Iterable[str] = (),
        profile: Mapping[str, float] | None = None,
    ) -> Ranked:
        """A list of at most ``k`` of the candidates, none twice."""


@runtime_checkable
class Generator(Protocol):
    """Continues a prompt. Yields non-empty chunks, honours ``stop`` and ``max_tokens``; closing the iterator stops the work within
    one token; same seed, same text."""

    @property
    def name(self) -> str:
        """Base model, adapter and engine, for the receipt."""

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The text after ``prompt``, in chunks. Raises :class:`chatrec.errors.GeneratorFailed` when the model is gone."""


@runtime_checkable
class TokenCounter(Protocol):
    """What a generator may be beside: one that knows its model's tokenizer."""

    def count_tokens(self, text: str) -> int | None:
        """The tokens of ``text``, none added; ``None`` while the model is not loaded, or where its tokenizer is not here."""


@runtime_checkable
class TokenMeter(Protocol):
    """What a writer may be beside: one that counts what its language model does."""

    @property
    def last_tokens(self) -> tuple[int, int]:
        """Tokens that the language model read and wrote for the last piece of text; (0, 0) where it was not asked or nobody can count."""


class StructuredModel(Protocol):
    """A language model that answers in JSON."""

    def complete(self, prompt: str, schema: Mapping[str, Any], *, max_tokens: int) -> str:
        """JSON text meant to be of ``schema``; the caller validates it. Raises :class:`chatrec.errors.GeneratorFailed`."""


@runtime_checkable
class Understander(Protocol):
    """Message to meaning. Total: any string gives a reading."""

    def read(self, message: str, state: DialogueState) -> Reading:
        """What this message says, given the dialogue so far."""


@runtime_checkable
class SessionStore(Protocol):
    """Keeps dialogue states. Saves are atomic; no read ever crosses sessions or shops."""

    def load(self, session_id: str) -> DialogueState:
        """The state, or a fresh one (version 0) for an unknown or expired session."""

    def save(self, state: DialogueState) -> DialogueState:
        """Stores ``state`` and returns it with ``version`` + 1. Raises :class:`chatrec.errors.SessionConflict` when the stored
        version is not ``state.version``."""

    def delete(self, session_id: str) -> None:
        """Erases the session; unknown ids are fine."""


class Shelf(Protocol):
    """One pinned generation of the catalogue, as a turn sees it."""

    @property
    def generation(self) -> int:
        """The number of the generation."""

    def __len__(self) -> int: ...

    def __contains__(self, item_id: object) -> bool: ...

    def item(self, item_id: str) -> Item:
        """The record. Raises :class:`chatrec.errors.UnknownItem`."""

    def facts(self, item_id: str) -> tuple[Fact, ...]:
        """The typed facts of the record, most telling first."""

    def lists(self, field: str) -> bool:
        """Whether this shop records the field at all ("price" on a shop without prices is False)."""

    def matching(self, constraints: Sequence[Constraint]) -> Set[str] | None:
        """Ids that satisfy every constraint; ``None`` when there are no constraints. Fails closed: an item whose record lacks a
        constrained field does not match."""

    def fulfilling(self, hard: Sequence[Constraint], wishes: Sequence[Constraint]) -> Set[str]:
        """Of the ids that satisfy every hard constraint those that satisfy most of the wishes; empty where none satisfies any."""

    def satisfies(self, item: Item, constraints: Sequence[Constraint]) -> bool:
        """The same test on one record (used for the recheck against live rows)."""

    def relaxations(self, need: Need, most: int = 3, live: LiveRows | None = None) -> list[Relaxation]:
        """The smallest ways to loosen the hard constraints that bring results, with exact counts (with ``live`` those of this moment),
        best first."""

    def extremes(self, field: str, direction: int, allowed: Set[str] | None, k: int) -> list[str]:
        """The ``k`` ids with the least (-1) or greatest (+1) value of a numeric field; records without it are left out."""

    def questions(self, candidates: Sequence[str], weights: Sequence[float] = (), closed: Collection[str] = ()) -> list[Proposal]:
        """Every question worth thinking of about these candidates, with what each answer would leave; none about a field of ``closed``.
        ``weights`` say how likely each candidate is the wanted one."""


class LiveRows(Protocol):
    """Price and stock at this moment."""

    def live(self, item_ids: Sequence[str]) -> dict[str, LiveRow]:
        """Rows by id; a deleted item is absent."""


class Fusion(Protocol):
    """Merges the lists of several sources into one."""

    def fuse(self, lists: Mapping[str, Sequence[Candidate]], query: Query, k: int) -> list[Candidate]:
        """At most ``k`` candidates, best first, scores in [0, 1], ``sources`` filled in."""


class EvidenceBuilder(Protocol):
    """Records to evidence: which facts matter for this act, and what can be computed among the items."""

    def build(
        self,
        act: str,
        shopper: str,
        *,
        needs: Sequence[str] = (),
        items: Sequence[tuple[Item, Sequence[Fact]]] = (),
        notes: Sequence[Fact] = (),
        passages: Sequence[Fact] = (),
    ) -> Evidence:
        """Evidence whose citation numbers follow the order of ``items`` (or of ``passages`` where there are no items)."""


class Writer(Protocol):
    """Evidence to verified sentences."""

    def write(self, evidence: Evidence) -> Iterator[Sentence | DroppedSentence]:
        """Sentences as they are verified, and those that were dropped. Every item of the evidence is cited once in the end.
        Never raises for what the model does: the template writer answers instead."""


class Knowledge(Protocol):
    """The shop's policies."""

    def search(self, question: str, k: int = 3, context: str = "") -> list[Passage]:
        """The best passages, cut to the sentences that answer, best first; empty when nothing is close enough to be an answer. Of a
        question with several topics the best passage of each comes first. ``context`` is the message that it is one question of."""

    def unanswered(self, question: str) -> tuple[str, ...]:
        """The parts of a question with several topics that no passage answers; empty where it asks one thing."""


class ItemAnswers(Protocol):
    """Questions about items, from their records."""

    def answer(self, question: str, item: Item, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """The facts that answer the question; empty when the record does not say. A COMPUTED fact is an answer of its own, ``{item}``
        in its text stands for the item."""


class OrderDesk(Protocol):
    """Orders of a verified shopper."""

    def orders(self, user_id: str, order_ids: Sequence[str] = ()) -> list[Order]:
        """This shopper's own orders, newest first; ids that are not theirs are left out."""


class ToolDesk(Protocol):
    """The shop's tools."""

    def find(self, name: str) -> Tool | None:
        """The tool of this name."""

    def recognise(self, text: str) -> tuple[Tool, float] | None:
        """The tool that these words ask for, and how sure that is, in [0, 1]; ``None`` for all that is no tool's business."""

    def run(self, call: Call, caller: Caller) -> Outcome:
        """Runs a tool within its time. Never raises for what the tool does; a call with a key is carried out at most once, and given
        again it gives the first outcome."""


class History(Protocol):
    """What a shopper did before and in this session."""

    def of(self, user_id: str | None, session_id: str) -> tuple[tuple[str, float], ...]:
        """(item_id, weight) pairs, oldest first; a dislike is negative."""
