"""The assertions of a dialogue script, checked against what a turn really did. Each check gives the list of what failed, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reply import Card, Chip, Comparison, Receipt
from chatrec.domain.state import DialogueState

NOT_LISTED = "not listed"  # what a comparison has in place of a missing value


@dataclass(frozen=True, slots=True)
class Played:
    """One turn as it happened. ``lists`` are the cards of each list; ``earlier`` are the item ids shown by each turn before it."""

    text: str
    action: str
    lists: tuple[tuple[Card, ...], ...]
    comparison: Comparison | None
    chips: tuple[Chip, ...]
    receipt: Receipt | None
    state: DialogueState
    earlier: tuple[tuple[str, ...], ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards of all lists."""
        return tuple(card for cards in self.lists for card in cards)


Satisfies = Callable[[Item, Sequence[Constraint]], bool]


def check(expect: Mapping[str, Any], played: Played, record: Callable[[str], Item], satisfies: Satisfies) -> list[str]:
    """Everything in ``expect`` that does not hold, in words; empty when all holds."""
    failed = [*_understood(expect, played), *_ledger(expect, played), *_said(expect.get("text", {}), played.text)]
    failed += _shown_items(expect.get("items", {}), played, record, satisfies)
    failed += _lists(expect, played, record, satisfies)
    failed += [*_about(expect, played), *_judged(expect, played), *_around(expect, played)]
    return failed


def _understood(expect: Mapping[str, Any], played: Played) -> list[str]:
    receipt = played.receipt
    intents = [str(s["intent"]) for s in receipt.reading.get("intents", ())] if receipt else []
    acts = [str(a["kind"]) for a in receipt.acts] if receipt else []
    failed = [f"intent {i} not understood; understood {intents}" for i in expect.get("intents", ()) if i not in intents]
    if "acts" in expect and list(expect["acts"]) != acts:
        failed.append(f"acts are {acts}, not {list(expect['acts'])}")
    if "language" in expect and (receipt is None or receipt.reading.get("language") != expect["language"]):
        failed.append(f"the language understood is '{receipt.reading.get('language') if receipt else ''}', not '{expect['language']}'")
    return failed


def _ledger(expect: Mapping[str, Any], played: Played) -> list[str]:
    need = played.state.need()
    held = need.constraints if need else ()
    failed = []
    for wanted in expect.get("ledger", ()):
        meant = _held_by(wanted["need"], played.state) if "need" in wanted else held
        if not any(_same(wanted, c) for c in meant):
            failed.append(f"the ledger lacks {wanted}; it holds {[_short(c) for c in meant]}")
    for name in expect.get("not_in_ledger", ()):
        failed += [f"the ledger holds {_short(c)}" for c in held if c.field == name]
    if "needs" in expect and expect["needs"] != len(played.state.needs):
        failed.append(f"{len(played.state.needs)} needs, not {expect['needs']}")
    return failed


def _held_by(number: int, state: DialogueState) -> tuple[Constraint, ...]:
    needs = sorted(state.needs, key=lambda n: n.need_id)
    return needs[number - 1].constraints if number <= len(needs) else ()


def _same(wanted: Mapping[str, Any], held: Constraint) -> bool:
    if wanted["field"] != held.field or wanted.get("op", held.op.value) != held.op.value:
        return False
    if wanted.get("strength", held.strength.value) != held.strength.value:
        return False
    if "values" in wanted and {v.casefold() for v in wanted["values"]} != {v.casefold() for v in held.values}:
        return False
    return "number" not in wanted or (held.number is not None and abs(held.number - wanted["number"]) < 0.011)


def _short(c: Constraint) -> str:
    return f"{c.strength.value} {c.field} {c.op.value} {', '.join(c.values) or c.number}"


def _shown_items(expect: Mapping[str, Any], played: Played, record: Callable[[str], Item], satisfies: Satisfies) -> list[str]:
    return _items(expect, played, record, satisfies) + _compared_items(expect, played, record)


def _lists(expect: Mapping[str, Any], played: Played, record: Callable[[str], Item], satisfies: Satisfies) -> list[str]:
    if "lists" not in expect:
        return []
    wanted = expect["lists"]
    failed = [f"{len(played.lists)} lists shown, not {len(wanted)}"] if len(wanted) != len(played.lists) else []
    for number, (rule, cards) in enumerate(zip(wanted, played.lists, strict=False), start=1):
        failed += [f"list {number}: {f}" for f in _shown_items(rule, replace(played, lists=(cards,)), record, satisfies)]
    return failed


def _items(expect: Mapping[str, Any], played: Played, record: Callable[[str], Item], satisfies: Satisfies) -> list[str]:
    shown = [c.item_id for c in played.cards]
    failed = []
    if "count" in expect and len(shown) != expect["count"]:
        failed.append(f"{len(shown)} items shown, not {expect['count']}: {shown}")
    if len(shown) < expect.get("at_least", 0):
        failed.append(f"only {len(shown)} items shown, wanted {expect['at_least']}")
    failed += [f"{i} not shown; shown {shown}" for i in _ids(expect.get("include", ()), played) if i not in shown]
    failed += [f"{i} shown" for i in _ids(expect.get("exclude", ()), played) if i in shown]
    if "first" in expect and shown[:1] != _ids([expect["first"]], played):
        failed.append(f"first is {shown[:1]}, not {expect['first']}")
    if "none_of_turn" in expect:
        before = _shown_by(expect["none_of_turn"], played)
        failed += [f"{i} was shown before" for i in shown if i in before]
    for name, held in (("every", shown), ("lead", shown[:1])):
        for wanted in expect.get(name, ()):
            rule = to_constraint(wanted)
            failed += [f"{i} breaks {wanted}" for i in held if not satisfies(record(i), (rule,))]
    return failed


def _shown_by(turn: int, played: Played) -> tuple[str, ...]:
    return played.earlier[turn - 1] if turn <= len(played.earlier) else ()


def _ids(named: Sequence[str | Mapping[str, int]], played: Played) -> list[str]:
    return [one if isinstance(one, str) else _card(one, played) for one in named]


def _card(place: Mapping[str, int], played: Played) -> str:
    listed = _shown_by(place["turn"], played)
    if place["card"] <= len(listed):
        return listed[place["card"] - 1]
    return f"card {place['card']} of turn {place['turn']}, which is not there"


def _compared_items(expect: Mapping[str, Any], played: Played, record: Callable[[str], Item]) -> list[str]:
    shown = [c.item_id for c in played.cards]
    failed = []
    if "beats" in expect:
        failed += list(_unbeaten(expect["beats"], shown, played, record))
    if "distinct" in expect:
        told = [words_of(record(i), expect["distinct"]) for i in shown]
        failed += [f"two items agree in {expect['distinct']}: {words}" for n, words in enumerate(told) if words in told[:n]]
    if "order" in expect:
        rule = expect["order"]
        figures = [figure_of(record(i), rule["field"]) for i in shown]
        wanted = sorted((f for f in figures if f is not None), reverse=rule["first"] == "most")
        if figures != wanted:
            failed.append(f"not in the order of {rule['field']}, {rule['first']} first: {list(zip(shown, figures, strict=True))}")
    return failed


def _unbeaten(rule: Mapping[str, Any], shown: Sequence[str], played: Played, record: Callable[[str], Item]) -> Iterator[str]:
    listed = _shown_by(rule["turn"], played) if "turn" in rule else next((e for e in reversed(played.earlier) if e), ())
    rivals = listed[rule["card"] - 1 : rule["card"]] if "card" in rule else listed
    bars = [f for i in rivals if (f := figure_of(record(i), rule["field"])) is not None]
    if not bars or not shown:
        yield f"nothing to compare by {rule['field']}: shown {list(shown)}, compared with {list(rivals)}"
        return
    for item_id in shown:
        figure = figure_of(record(item_id), rule["field"])
        if figure is None or (figure >= min(bars) if rule["by"] == "less" else figure <= max(bars)):
            yield f"{item_id} has {rule['field']} {figure}, not {rule['by']} than {bars}"


def figure_of(item: Item, field: str) -> float | None:
    """A figure of a record: price, rating, stock or an attribute."""
    core = {"price": item.price, "rating": item.rating, "stock": item.stock}
    if field in core:
        held = core[field]
        return float(held) if held is not None else None
    attribute = item.attribute(field)
    return attribute.number if attribute else None


def words_of(item: Item, field: str) -> tuple[str, ...]:
    """The words of a record under a field: brand, category or an attribute; empty where it does not say."""
    if field in ("brand", "category"):
        return (item.brand if field == "brand" else item.category,)
    attribute = item.attribute(field)
    return attribute.values if attribute else item.options().get(field, ())


def _about(expect: Mapping[str, Any], played: Played) -> list[str]:
    if "about" not in expect:
        return []
    acts = played.receipt.acts if played.receipt else []
    spoken = [i for a in acts for i in (a.get("item_ids") or ([a["item_id"]] if "item_id" in a else []))]
    wanted = _ids(expect["about"], played)
    return [] if spoken == wanted else [f"the turn is about {spoken}, not {wanted}"]


def _judged(expect: Mapping[str, Any], played: Played) -> list[str]:
    failed = [f"{i} is not liked; liked are {played.state.liked}" for i in expect.get("liked", ()) if i not in played.state.liked]
    return failed + [f"{i} is not turned down" for i in expect.get("disliked", ()) if i not in played.state.disliked]


def to_constraint(wanted: Mapping[str, Any]) -> Constraint:
    """A constraint as a script writes it."""
    default = Op.IS if wanted.get("values") else Op.AT_MOST
    return Constraint(
        wanted["field"],
        Op(wanted.get("op", default)),
        values=tuple(wanted.get("values", ())),
        number=wanted.get("number"),
        strength=Strength(wanted.get("strength", "must")),
    )


def _said(expect: Mapping[str, Any], text: str) -> list[str]:
    low = text.casefold()
    failed = [f"the reply lacks '{part}': {text!r}" for part in expect.get("has", ()) if part.casefold() not in low]
    failed += [f"the reply has '{part}': {text!r}" for part in expect.get("lacks", ()) if part.casefold() in low]
    failed += [f"the reply does not match /{p}/: {text!r}" for p in expect.get("matches", ()) if not re.search(p, text, re.IGNORECASE)]
    wanted = expect.get("any", ())
    if wanted and not any(part.casefold() in low for part in wanted):
        failed.append(f"the reply has none of {list(wanted)}: {text!r}")
    return failed


def _around(expect: Mapping[str, Any], played: Played) -> list[str]:
    labels = [c.label for c in played.chips]
    failed = [f"no chip '{w}' among {labels}" for w in expect.get("chips", ()) if not any(w.casefold() in c.casefold() for c in labels)]
    if "action" in expect and expect["action"] != played.action:
        failed.append(f"the action is '{played.action}', not '{expect['action']}'")
    if "question" in expect and expect["question"] != (played.state.question is not None):
        failed.append(f"open question: {played.state.question}")
    rows = [name for name, _ in played.comparison.rows] if played.comparison else []
    failed += [f"the comparison lacks a row '{w}'; it has {rows}" for w in expect.get("compared", ()) if w not in rows]
    silent = [name for name, values in played.comparison.rows if NOT_LISTED in values] if played.comparison else []
    failed += [f"the comparison does not say that '{w}' is not listed" for w in expect.get("missing", ()) if w not in silent]
    return failed
