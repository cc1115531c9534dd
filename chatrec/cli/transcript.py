"""A turn as text: for the terminal, for scripts and for transcripts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from rich.cells import cell_len, set_cell_size

from chatrec.cli.screen import out
from chatrec.domain.figures import money, number_text, stock_text
from chatrec.domain.reply import Alternatives, Card, Cards, Chip, Chips, Comparison, Effect, Receipt, ReplyEvent, Said

# A narrower terminal is written to as if it had this many columns.
LEAST_WIDTH = 40
# Figures stand on the title's line where at least this much of the title fits before them.
LEAST_TITLE = 12
# The widest column of a comparison.
MOST_COLUMN = 38


def print_lines(lines: Iterable[str]) -> None:
    """Plain lines, nothing in them taken as markup."""
    for line in lines:
        out.print(line, markup=False, highlight=False)


def event_lines(event: ReplyEvent, width: int | None = None) -> Iterator[str]:
    """One reply event as it comes; with a ``width`` (in columns) titles are cut and sentences wrapped to it."""
    if isinstance(event, Cards | Alternatives):
        yield from [f"  -- {event.heading}"] if event.heading else []
        for card in event.cards:
            yield from card_lines(card, width)
    elif isinstance(event, Comparison):
        yield from comparison_lines(event)
    elif isinstance(event, Said):
        yield from wrapped(event.sentence.rendered, "bot> ", width)
    elif isinstance(event, Chips) and event.chips:
        yield from wrapped(chip_line(event.chips).strip(), "  ", width)
    elif isinstance(event, Effect) and event.kind == "hand_off":  # the others are for the shop
        yield f"  [{event.kind}]"


def wrapped(text: str, start: str, width: int | None) -> Iterator[str]:
    """Text behind ``start``, its further lines indented as far; one line without a ``width``."""
    if width is None:
        yield start + text
        return
    yield from textwrap.wrap(text, max(width, LEAST_WIDTH), initial_indent=start, subsequent_indent=" " * len(start)) or [start]


def card_lines(card: Card, width: int | None = None) -> Iterator[str]:
    """A card in two or three lines; with a ``width`` a long title is cut so that the figures stand on its line."""
    figures = [money(card.price, card.currency)] if card.price is not None else []
    if card.rating is not None:
        figures.append(f"{number_text(card.rating)}/5" + (f" ({card.n_ratings})" if card.n_ratings else ""))
    if card.stock is not None:
        figures.append(stock_text(card.stock))
    start = f"  [{card.position}] "
    ending = f"   {' · '.join(figures)}" if figures else ""
    name = card.title + (f" · {card.brand}" if card.brand else "")
    room = width and max(width, LEAST_WIDTH) - cell_len(start)
    if room is None or room - cell_len(ending) >= LEAST_TITLE:
        yield start + cut(name, room and room - cell_len(ending)) + ending
    else:  # a narrow window: the figures on a line of their own
        yield from (start + cut(name, room), f"     {ending[2:]}")
    for option, values in card.options:
        yield cut(f"      {option}: {', '.join(values[:8])}", width)
    if card.why:
        yield cut(f"      why: {card.why}", width)


def cut(text: str, width: int | None) -> str:
    """The text in at most ``width`` columns, with an ellipsis where something is missing."""
    if width is None or cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…"


def comparison_lines(table: Comparison) -> Iterator[str]:
    """A comparison as aligned columns."""
    rows = [("", table.titles), *table.rows]
    left = max(len(name) for name, _ in rows)
    widths = [max(cell_len(cut(values[n], MOST_COLUMN)) for _, values in rows) for n in range(len(table.titles))]
    for name, values in rows:
        cells = (set_cell_size(cut(v, MOST_COLUMN), w) for v, w in zip(values, widths, strict=True))
        yield f"  {name:<{left}}  {'  '.join(cells)}".rstrip()


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
