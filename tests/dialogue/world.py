"""A shop of eleven garden things for the dialogue's own tests: a real shelf, real evidence and words; live rows to play with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from chatrec.catalog.contract import Contract
from chatrec.catalog.facts import typed_facts
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.snapshot import fact_records
from chatrec.dialogue.parts import Limits, Parts
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.facts import Fact, Passage
from chatrec.domain.item import Attribute, Item, LiveRow, Order
from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.state import DialogueState, ShownList
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.template import TemplateWriter
from chatrec.ranking.factory import make_reranker
from chatrec.testing.embedders import HashingEmbedder

_ROWS = """
s1|Ashdown border spade|spades|Ashdown|45.00|4.5|8|1900|ash|no
s2|Ashdown digging spade|spades|Ashdown|39.00|4.1|0|2100|steel|no
s3|Mere lady's spade|spades|Mere|52.00|4.7|3|1500|ash|no
s4|Mere folding spade|spades|Mere|25.00|3.8|12|900|steel|yes
s5|Tolland trenching spade|spades|Tolland|61.00|4.2|5|2300|fibreglass|no
r1|Ashdown lawn rake|rakes|Ashdown|19.00|4.0|20|800|bamboo|no
r2|Mere bow rake|rakes|Mere|31.00|4.4|7|1400|steel|no
r3|Tolland hay rake|rakes|Tolland|48.00|4.6|2|1700|ash|no
h1|Ashdown hose 20 m|hoses|Ashdown|34.00|3.9|15|2600|rubber|no
h2|Mere pocket hose|hoses|Mere|28.00|3.2|9|1100|latex|yes
h3|Tolland soaker hose|hoses|Tolland|22.00|4.3|0|1300|rubber|no
"""


def items() -> list[Item]:
    found = []
    for line in _ROWS.strip().splitlines():
        item_id, title, category, brand, price, rating, stock, weight, material, folding = line.split("|")
        attributes = (
            Attribute("weight", (weight,), float(weight), "g"),
            Attribute("material", (material,)),
            Attribute("folding", (folding,)),
        )
        found.append(
            Item(
                item_id, title, "", category, (category,), brand, Decimal(price), "USD", float(rating), 40, int(stock),
                attributes=attributes,
            )
        )  # fmt: skip
    return found


def make_shelf(found: Sequence[Item] | None = None) -> CatalogueShelf:
    found = items() if found is None else found
    lines = [json.dumps(fact_records(typed_facts(item))).encode() for item in found]
    return CatalogueShelf(found, lines, HashingEmbedder(64).encode([i.title for i in found]), Contract.of(found), 3)


@dataclass
class Live:
    """Live rows that a test can change; an item in ``gone`` was taken out of the shop."""

    rows: dict[str, LiveRow]
    gone: set[str] = field(default_factory=set)

    def live(self, item_ids: Sequence[str]) -> Mapping[str, LiveRow]:
        return {i: self.rows[i] for i in item_ids if i in self.rows and i not in self.gone}

    def set(self, item_id: str, *, price: str | None = None, stock: int | None = None) -> None:
        old = self.rows[item_id]
        self.rows[item_id] = LiveRow(item_id, Decimal(price) if price else old.price, old.stock if stock is None else stock)


class WholeShop:
    """A source that offers everything that the query admits, in catalogue order."""

    name = "popularity"

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        self.asked: list[Query] = []

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        self.asked.append(query)
        found = [i for i in self.ids if query.admits(i)][:k]
        return [Candidate(i, 1.0 - n / 20, self.name, "liked by many") for n, i in enumerate(found)]


class FirstSource:
    """Fusion of a single source."""

    def fuse(self, lists: Mapping[str, Sequence[Candidate]], query: Query, k: int) -> list[Candidate]:
        return [replace(c, sources=((c.source, c.score),)) for found in lists.values() for c in found][:k]


class Silent:
    """No policies, no answers, no orders, no past, nothing understood: what a test does not need."""

    def __init__(self, reading: Reading | None = None, orders: Sequence[Order] = ()) -> None:
        self.reading, self.held = reading, orders

    def read(self, message: str, state: DialogueState) -> Reading:
        return self.reading or Reading((IntentSpan(Intent.SMALL_TALK, message),))

    def unanswered(self, question: str) -> tuple[str, ...]:
        return ()

    def search(self, question: str, k: int = 3, context: str = "") -> list[Passage]:
        return []

    def answer(self, question: str, item: Item, facts: Sequence[Fact]) -> list[Fact]:
        return []

    def orders(self, user_id: str, order_ids: Sequence[str] = ()) -> list[Order]:
        return [o for o in self.held if o.user_id == user_id and (not order_ids or o.order_id in order_ids)]

    def of(self, user_id: str | None, session_id: str) -> tuple[tuple[str, float], ...]:
        return ()


@dataclass
class World:
    parts: Parts
    live: Live
    source: WholeShop


def make_world(found: Sequence[Item] | None = None, silent: Silent | None = None, **limits: object) -> World:
    found = items() if found is None else found
    shelf, nothing = make_shelf(found), silent or Silent()
    live = Live({i.item_id: LiveRow(i.item_id, i.price, i.stock) for i in found})
    source = WholeShop([i.item_id for i in found])
    parts = Parts(
        shelf=shelf, live=live, understander=nothing, sources=(source,), fusion=FirstSource(), reranker=make_reranker("entropy", shelf),
        evidence=RecordEvidence(), writer=TemplateWriter(), knowledge=nothing, answers=nothing, orders=nothing, history=nothing,
        picture=lambda item: "", prune=list, spread=lambda base, **request: base,
        limits=replace(Limits(diversity=0.0), **limits),  # type: ignore[arg-type]
    )  # fmt: skip
    return World(parts, live, source)


def category(*names: str) -> Constraint:
    return Constraint("category", Op.IS, names)


def brand(*names: str, op: Op = Op.IS, strength: Strength = Strength.MUST) -> Constraint:
    return Constraint("brand", op, names, strength=strength)


def at_most(field_name: str, number: float, unit: str = "") -> Constraint:
    return Constraint(field_name, Op.AT_MOST, number=number, unit=unit)


def said(*intents: Intent, **rest: object) -> Reading:
    return Reading(tuple(IntentSpan(i, "") for i in intents), **rest)  # type: ignore[arg-type]


def state_with(*needs: Need, shown: Sequence[Sequence[str]] = (), **rest: object) -> DialogueState:
    last = needs[-1].need_id if needs else None
    lists = tuple(ShownList(n, last or 0, tuple(ids)) for n, ids in enumerate(shown, start=1))
    state = DialogueState("a-session", turn=len(shown), needs=needs, active_need=last, shown=lists)
    return replace(state, **rest)  # type: ignore[arg-type]
