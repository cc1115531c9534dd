"""A turn as text: for the terminal, for scripts and for transcripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatrec.domain.figures import money, number_text, stock_text
from chatrec.domain.reply import Card, Chip, Comparison, Receipt


def card_lines(card: Card) -> Iterator[str]:
    """A card in two or three lines."""
    figures = [money(card.price, card.currency)] if card.price is not None else []
    if card.rating is not None:
        figures.append(f"{number_text(card.rating)}/5" + (f" ({card.n_ratings})" if card.n_ratings else ""))
    if card.stock is not None:
        figures.append(stock_text(card.stock))
    yield f"  [{card.position}] {card.title}" + (f" · {card.brand}" if card.brand else "") + f"   {' · '.join(figures)}"
    for name, values in card.options:
        yield f"      {name}: {', '.join(values[:8])}"
    if card.why:
        yield f"      why: {card.why}"


def comparison_lines(table: Comparison) -> Iterator[str]:
    """A comparison as aligned columns."""
    rows = [("", table.titles), *table.rows]
    left = max(len(name) for name, _ in rows)
    widths = [max(len(values[n][:38]) for _, values in rows) for n in range(len(table.titles))]
    for name, values in rows:
        yield f"  {name:<{left}}  " + "  ".join(f"{v[:38]:<{w}}" for v, w in zip(values, widths, strict=True))


def chip_line(chips: tuple[Chip, ...]) -> str:
    """All chips in one line: constraints in angle brackets, what may be tapped in round ones."""
    return "  " + " ".join(f"<{c.label} ×>" if c.kind == "constraint" else f"({c.label})" for c in chips)


def receipt_lines(receipt: Receipt) -> Iterator[str]:
    """The telling part of a receipt."""
    intents = ", ".join(str(s["intent"]) for s in receipt.reading.get("intents", ()))
    yield f"  receipt {receipt.turn_id} · generation {receipt.generation} · {receipt.model.get('generator', '')}"
    yield f"  understood: {intents} · acts: {', '.join(str(a['kind']) for a in receipt.acts)}"
    for need_id, figures in receipt.ranking.items():
        yield (
            f"  need {need_id}: {figures['matching']} match, diversity {figures['diversity']}, "
            f"entropy {figures['entropy_before']} -> {figures['entropy_after']}"
        )
    for row in receipt.shown:
        sources = " ".join(f"{name} {score:.2f}" for name, score in row["sources"].items())
        yield f"    [{row['position']}] {row['item_id']} score {row['score']} ({sources}) propensity {row['propensity']}"
    for dropped in receipt.dropped:
        yield f"  dropped: {dropped['text']!r} because of {dropped['span']!r}: {dropped['reason']}"
    for line in receipt.degraded:
        yield f"  weaker than usual: {line}"
    timings = receipt.timings_ms
    yield "  " + ", ".join(f"{name} {timings[name]:.0f} ms" for name in timings)


def as_json(value: Any) -> Any:
    """A domain value as plain JSON data."""
    from pydantic import TypeAdapter

    return TypeAdapter(Any).dump_python(value, mode="json")
