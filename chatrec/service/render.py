"""Reply events as HTML for the chat page. Everything that comes from a record or a shopper is escaped here, and only here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from chatrec.domain.figures import money, number_text, stock_text
from chatrec.domain.reply import Card, Chip, Comparison, Receipt


def cards_html(cards: Sequence[Card], heading: str = "") -> str:
    """A row of item cards with their buttons. A button says what it does in ``data-act`` and on which item in ``data-item``."""
    title = f'<div class="cr-heading">{escape(heading)}</div>' if heading else ""
    return f'{title}<div class="cr-cards" role="list">{"".join(card_html(c) for c in cards)}</div>'


def card_html(card: Card) -> str:
    """One card: picture, name, price, rating, stock, facts, why, and what the shopper can do with it."""
    facts = "".join(f"<li>{escape(f)}</li>" for f in card.facts)
    options = "".join(f'<div class="cr-options">{escape(n)}: {escape(", ".join(v[:8]))}</div>' for n, v in card.options)
    brand = f'<div class="cr-brand">{escape(card.brand)}</div>' if card.brand else ""
    listed = f'<ul class="cr-facts">{facts}</ul>' if facts else ""
    why = f'<div class="cr-why" title="why this is here">{escape(card.why[:1].upper() + card.why[1:])}</div>' if card.why else ""
    return (
        f'<article class="cr-card" role="listitem" aria-label="{escape(card.title)}">'
        f'<div class="cr-picture"><span class="cr-number" aria-hidden="true">{card.position}</span>'
        f'<img alt="" src="{escape(card.image)}" loading="lazy"></div>'
        f'<div class="cr-body"><div class="cr-title">{_name(card)}</div>'
        f"{brand}"
        f'<div class="cr-figures">{figures_html(card)}</div>'
        f"{listed}{options}{why}</div>"
        f'<div class="cr-actions">{_button("cart", "Add to cart", card)}{_button("like", "♥ Like", card)}'
        f"{_button('dislike', 'Not for me', card)}{_button('why', 'Why?', card)}</div></article>"
    )


def _name(card: Card) -> str:
    if card.url.startswith(("https://", "http://")):
        return f'<a href="{escape(card.url)}" target="_blank" rel="noopener noreferrer">{escape(card.title)}</a>'
    return escape(card.title)


def _button(act: str, label: str, card: Card) -> str:
    spoken = f"{label}: {card.title}"
    return (
        f'<button type="button" class="cr-button cr-{act}" data-act="{act}" data-item="{escape(card.item_id)}" '
        f'data-position="{card.position}" aria-label="{escape(spoken)}">{label}</button>'
    )


def figures_html(card: Card) -> str:
    """Price, rating and stock, as far as the record knows them."""
    parts = []
    if card.price is not None:
        parts.append(f'<span class="cr-price">{escape(money(card.price, card.currency))}</span>')
    if card.rating is not None:
        count = f" ({card.n_ratings:,})" if card.n_ratings else ""
        stars = number_text(card.rating)
        parts.append(f'<span class="cr-rating" role="img" aria-label="rated {stars} of 5{count}">★ {stars}{count}</span>')
    if card.stock is not None:
        kind = "out" if card.stock <= 0 else "low" if card.stock <= 3 else "in"
        parts.append(f'<span class="cr-stock cr-stock-{kind}">{stock_text(card.stock).capitalize()}</span>')
    return "".join(parts)


def comparison_html(table: Comparison) -> str:
    """A comparison as a table with row and column headings."""
    head = "".join(f'<th scope="col">{escape(t)}</th>' for t in table.titles)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(v)}</td>" for v in values)}</tr>' for name, values in table.rows
    )
    return f'<div class="cr-scroll"><table class="cr-table"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def chips_html(chips: Iterable[Chip]) -> str:
    """Two rows: what was understood (a tap drops it), then answers and ways on (a tap says them)."""
    known: list[str] = []
    remembered: list[str] = []
    ways: list[str] = []
    for chip in chips:
        (known if chip.kind in ("constraint", "undo") else remembered if chip.kind == "profile" else ways).append(_chip(chip))
    return _chip_row("Your wishes", known) + _chip_row("Remembered", remembered) + _chip_row("Suggestions", ways)


def examples_html(questions: Iterable[str]) -> str:
    """Questions to begin with; a tap asks them."""
    return _chip_row("Try", [_chip(Chip("followup", q, message=q)) for q in questions])


def _chip_row(name: str, chips: Sequence[str]) -> str:
    if not chips:
        return ""
    return (
        f'<div class="cr-row"><span class="cr-row-name" aria-hidden="true">{name}</span>'
        f'<div class="cr-chips" role="group" aria-label="{name}">{"".join(chips)}</div></div>'
    )


def top_html(shop: str, items: int) -> str:
    """The head of the page: the shop's initial as its mark, its name, and what a shopper can count on."""
    mark = next((c.upper() for c in shop if c.isalnum()), "•")
    products = f"{items:,} product{'' if items == 1 else 's'}"
    return (
        f'<div class="cr-top"><span class="cr-mark" aria-hidden="true">{escape(mark)}</span><div><h1>{escape(shop)}</h1>'
        f"<p>{products} · answers from our own records</p></div></div>"
    )


def welcome_html(shop: str, *, prices: bool, policies: bool, signed_in: bool) -> str:
    """What the empty page says: only what this shop can answer is offered."""
    hints = ["who it is for", "a brand you like or don't"]
    if prices:
        hints.insert(0, "a budget")
    more = [*(["the shop's policies"] if policies else []), *(["your orders"] if signed_in else [])]
    asked = f" You can also ask about {' and '.join(more)}." if more else ""
    said = f"{', '.join(hints[:-1])} or {hints[-1]}: it all helps.{asked}"
    return (
        f'<div class="cr-welcome"><h2>What are you looking for?</h2><p>Tell {escape(shop)} in your own words. '
        f"{said[:1].upper()}{said[1:]}</p></div>"
    )


LOOKING_HTML = '<div class="cr-looking" role="status">Looking<span class="cr-dots" aria-hidden="true"></span></div>'


def _chip(chip: Chip) -> str:
    data = f'data-need="{chip.need_id}" data-key="{escape(chip.key)}" data-message="{escape(chip.message)}"'
    if chip.kind == "constraint":
        spoken = escape(f"drop {chip.label}")
        return (
            f'<button type="button" class="cr-chip cr-chip-constraint" data-act="drop" {data} aria-label="{spoken}">'
            f'{escape(chip.label)}<span aria-hidden="true"> ×</span></button>'
        )
    if chip.kind == "profile":
        spoken = escape(f"forget {chip.label}")
        return (
            f'<button type="button" class="cr-chip cr-chip-constraint" data-act="unlearn" {data} aria-label="{spoken}">'
            f'{escape(chip.label)}<span aria-hidden="true"> ×</span></button>'
        )
    return f'<button type="button" class="cr-chip cr-chip-{escape(chip.kind)}" data-act="say" {data}>{escape(chip.label)}</button>'


def receipt_html(receipt: Receipt) -> str:
    """The receipt for a person: what was understood, how the list came about, what was dropped, how long it took."""
    understood = ", ".join(str(s["intent"]).replace("_", " ") for s in receipt.reading.get("intents", ()))
    rows = [("Understood as", understood), ("Did", ", ".join(str(a["kind"]).replace("_", " ") for a in receipt.acts))]
    rows += [(f"Need {need}", _ranking(figures)) for need, figures in receipt.ranking.items()]
    rows += [(f"[{row['position']}] {row['title']}", _shown(row)) for row in receipt.shown]
    places = (("Page looked at", "page"), ("In the cart", "cart"))
    rows += [(label, ", ".join(map(str, ids))) for label, name in places if (ids := receipt.context.get(name))]
    rows += [("Sentence dropped", f"“{d['text']}” because of “{d['span']}”: {d['reason']}") for d in receipt.dropped]
    rows += [("Weaker than usual", line) for line in receipt.degraded]
    origins = [str(s["origin"]) for s in receipt.sentences]
    rows.append(("Sentences", ", ".join(f"{origins.count(o)} {o}" for o in dict.fromkeys(origins)) or "none"))
    rows.append(
        ("Model", f"{receipt.model.get('generator', '')}, prompt {receipt.model.get('prompt', '')}, gate {receipt.model.get('gate', '')}")
    )
    rows.append(("Time", ", ".join(f"{name.replace('_', ' ')} {ms:.0f} ms" for name, ms in receipt.timings_ms.items())))
    rows.append(("Receipt", f"{receipt.turn_id} · catalogue generation {receipt.generation}"))
    body = "".join(f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f'<div class="cr-scroll"><table class="cr-table cr-receipt"><tbody>{body}</tbody></table></div>'


def _ranking(figures: dict[str, Any]) -> str:
    """How the list came about; entropy is how evenly categories, brands and prices are spread, 1 at most."""
    said = (
        f"{figures['matching']} match, {figures['pool']} considered; variety {figures['diversity']:.2f}, entropy "
        f"{figures['entropy_before']:.2f} by relevance alone → {figures['entropy_after']:.2f} as shown"
    )
    gone = len(figures.get("replaced_at_recheck", ()))
    return f"{said}; {gone} left out, price or stock has changed" if gone else said


def _shown(row: dict[str, Any]) -> str:
    sources = ", ".join(f"{name} {score:.2f}" for name, score in row["sources"].items())
    score = f"score {row['score']:.2f}" if row["score"] is not None else ""
    found = f"{score} ({sources})".strip() if sources else score
    rule = f"{row['rule']} by a rule of the shop" if row.get("rule") else ""
    return "; ".join(part for part in (found, row["reason"], rule, f"shown with probability {row['propensity']:.3g}") if part)


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def escape_markdown(text: str) -> str:
    """Plain text that a Markdown renderer shows as it is: no emphasis, no link, no picture, no HTML, no formula."""
    return _MARKDOWN.sub(r"\\\1", text)
