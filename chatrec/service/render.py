"""Reply events as HTML for the chat page. Everything that comes from a record or a shopper is escaped here, and only here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from chatrec.domain.figures import LOW_STOCK, money, number_text
from chatrec.domain.reply import Card, Chip, Comparison, Receipt
from chatrec.service.page_texts import ENGLISH, Texts


def cards_html(cards: Sequence[Card], heading: str = "", texts: Texts = ENGLISH) -> str:
    """A row of item cards with their buttons. A button says what it does in ``data-act`` and on which item in ``data-item``."""
    title = f'<div class="cr-heading"{texts.spoken}>{escape(heading)}</div>' if heading else ""
    return f'{title}<div class="cr-cards" role="list">{"".join(card_html(c, texts) for c in cards)}</div>'


def card_html(card: Card, texts: Texts = ENGLISH) -> str:
    """One card: picture, name, price, rating, stock, facts, why, and what the shopper can do with it."""
    said = texts.spoken
    facts = "".join(f"<li>{escape(f)}</li>" for f in card.facts)
    options = "".join(f'<div class="cr-options"{said}>{escape(n)}: {escape(", ".join(v[:8]))}</div>' for n, v in card.options)
    brand = f'<div class="cr-brand"{said}>{escape(card.brand)}</div>' if card.brand else ""
    listed = f'<ul class="cr-facts"{said}>{facts}</ul>' if facts else ""
    reason = escape(card.why[:1].upper() + card.why[1:])
    why = (
        f'<div class="cr-why"><span class="cr-why-name">{escape(texts("why_shown"))}</span> <span{said}>{reason}</span></div>'
        if card.why
        else ""
    )
    buttons = "".join(_button(act, texts(act), card, texts) for act in ("cart", "like", "dislike", "why"))
    return (
        f'<article class="cr-card" role="listitem" aria-label="{escape(card.title)}">'
        f'<div class="cr-picture"><span class="cr-number" aria-hidden="true">{card.position}</span>'
        f"{_picture(card)}</div>"
        f'<div class="cr-body"><div class="cr-title"{said}>{_name(card)}</div>'
        f"{brand}"
        f'<div class="cr-figures">{figures_html(card, texts)}</div>'
        f"{listed}{options}{why}</div>"
        f'<div class="cr-actions">{buttons}</div></article>'
    )


def _picture(card: Card) -> str:
    """The picture; of an address that is none (a record's own words) nothing, for a browser would ask this service for it."""
    shown = card.image.startswith(("data:image/", "https://"))
    return f'<img alt="" src="{escape(card.image)}" loading="lazy">' if shown else ""


def _name(card: Card) -> str:
    if card.url.startswith(("https://", "http://")):
        return f'<a href="{escape(card.url)}" target="_blank" rel="noopener noreferrer">{escape(card.title)}</a>'
    return escape(card.title)


def _button(act: str, label: str, card: Card, texts: Texts) -> str:
    spoken = texts("button_of", label=label, title=card.title)
    return (
        f'<button type="button" class="cr-button cr-{act}" data-act="{act}" data-item="{escape(card.item_id)}" '
        f'data-position="{card.position}" aria-label="{escape(spoken)}">{escape(label)}</button>'
    )


def figures_html(card: Card, texts: Texts = ENGLISH) -> str:
    """Price, rating and stock, as far as the record knows them."""
    parts = []
    if card.price is not None:
        parts.append(f'<span class="cr-price">{escape(money(card.price, card.currency))}</span>')
    if card.rating is not None:
        stars, count = number_text(card.rating), f"{card.n_ratings or 0:,}"
        spoken = texts("rated_by", stars=stars, count=count) if card.n_ratings else texts("rated", stars=stars)
        by = f" ({count})" if card.n_ratings else ""
        parts.append(f'<span class="cr-rating" role="img" aria-label="{escape(spoken)}">★ {stars}{by}</span>')
    if card.stock is not None:
        kind = "stock_out" if card.stock <= 0 else "stock_low" if card.stock <= LOW_STOCK else "stock_in"
        parts.append(f'<span class="cr-stock cr-{kind.replace("_", "-")}">{escape(texts(kind, count=card.stock))}</span>')
    return "".join(parts)


def comparison_html(table: Comparison, texts: Texts = ENGLISH) -> str:
    """A comparison as a table with row and column headings. Where it is too wide it scrolls, by keys as well."""
    head = "".join(f'<th scope="col">{escape(t)}</th>' for t in table.titles)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(v)}</td>" for v in values)}</tr>' for name, values in table.rows
    )
    return (
        f'<div class="cr-scroll" tabindex="0" role="group" aria-label="{escape(" / ".join(table.titles))}"{texts.spoken}>'
        f'<table class="cr-table"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def chips_html(chips: Iterable[Chip], texts: Texts = ENGLISH) -> str:
    """Two rows: what was understood (a tap drops it), then answers and ways on (a tap says them)."""
    rows: dict[str, list[str]] = {"chips_wishes": [], "chips_remembered": [], "chips_suggestions": []}
    for chip in chips:
        kind = "wishes" if chip.kind in ("constraint", "undo") else "remembered" if chip.kind == "profile" else "suggestions"
        rows[f"chips_{kind}"].append(_chip(chip, texts))
    return "".join(_chip_row(texts(name), row) for name, row in rows.items())


def examples_html(questions: Iterable[str], texts: Texts = ENGLISH) -> str:
    """Questions to begin with; a tap asks them."""
    return _chip_row(texts("chips_try"), [_chip(Chip("followup", q, message=q), texts) for q in questions])


def _chip_row(name: str, chips: Sequence[str]) -> str:
    if not chips:
        return ""
    return (
        f'<div class="cr-row"><span class="cr-row-name" aria-hidden="true">{escape(name)}</span>'
        f'<div class="cr-chips" role="group" aria-label="{escape(name)}">{"".join(chips)}</div></div>'
    )


def _chip(chip: Chip, texts: Texts) -> str:
    data = f'data-need="{chip.need_id}" data-key="{escape(chip.key)}" data-message="{escape(chip.message)}"'
    if chip.kind in ("constraint", "profile"):
        act, verb = ("drop", "drop") if chip.kind == "constraint" else ("unlearn", "forget")
        return (
            f'<button type="button" class="cr-chip cr-chip-constraint" data-act="{act}" {data} '
            f'aria-label="{escape(texts(verb, label=chip.label))}">'
            f'<span{texts.spoken}>{escape(chip.label)}</span><span aria-hidden="true"> ×</span></button>'
        )
    is_ours = chip.kind == "undo"
    label, said = (texts("chip_undo"), "") if is_ours else (chip.label, texts.spoken)
    return f'<button type="button" class="cr-chip cr-chip-{escape(chip.kind)}" data-act="say" {data}{said}>{escape(label)}</button>'


def last_html(turn: int, message: str, texts: Texts) -> str:
    """What can be done with the exchange that ended last, the one of this ``turn``. Only what was written can be asked again or changed;
    what a button did can be taken back."""
    acts = ("again", "edit", "take_back") if message else ("take_back",)
    data = f'data-turn="{turn}" data-message="{escape(message)}"'
    buttons = "".join(f'<button type="button" class="cr-button" data-act="{act}" {data}>{escape(texts(act))}</button>' for act in acts)
    return f'<div class="cr-last" role="group" aria-label="{escape(texts("last"))}">{buttons}</div>'


def looking_html(texts: Texts) -> str:
    """The sign that the shop is looking."""
    return f'<div class="cr-looking" role="status">{escape(texts("looking"))}<span class="cr-dots" aria-hidden="true"></span></div>'


def person_html(texts: Texts) -> str:
    """A person takes over."""
    return f'<div class="cr-heading">{escape(texts("person"))}</div>'


def receipt_html(receipt: Receipt, texts: Texts = ENGLISH) -> str:
    """The receipt for a person: what was understood, how the list came about, what was dropped, how long it took."""
    understood = ", ".join(str(s["intent"]).replace("_", " ") for s in receipt.reading.get("intents", ()))
    did = ", ".join(str(a["kind"]).replace("_", " ") for a in receipt.acts)
    rows = [(texts("receipt_understood"), understood), (texts("receipt_did"), did)]
    rows += [(texts("receipt_need", number=need), _ranking(figures, texts)) for need, figures in receipt.ranking.items()]
    rows += [(f"[{row['position']}] {row['title']}", _shown(row, texts)) for row in receipt.shown]
    places = (("receipt_page", "page"), ("receipt_cart", "cart"))
    rows += [(texts(label), ", ".join(map(str, ids))) for label, name in places if (ids := receipt.context.get(name))]
    rows += [
        (texts("receipt_dropped"), texts("receipt_because", text=d["text"], span=d["span"], reason=d["reason"])) for d in receipt.dropped
    ]
    rows += [(texts("receipt_weaker"), line) for line in receipt.degraded]
    rows += _made(receipt, texts)
    body = "".join(f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f'<div class="cr-scroll"><table class="cr-table cr-receipt"><tbody>{body}</tbody></table></div>'


def _made(receipt: Receipt, texts: Texts) -> list[tuple[str, str]]:
    """Who wrote it, how long it took, and where it is kept."""
    origins = [str(s["origin"]) for s in receipt.sentences]
    written = {name: receipt.model.get(name, "") for name in ("generator", "prompt", "gate")}
    return [
        (texts("receipt_sentences"), ", ".join(f"{origins.count(o)} {o}" for o in dict.fromkeys(origins)) or texts("receipt_none")),
        (texts("receipt_model"), texts("receipt_written", **written)),
        (texts("receipt_time"), ", ".join(f"{name.replace('_', ' ')} {ms:.0f} ms" for name, ms in receipt.timings_ms.items())),
        (texts("receipt_number"), texts("receipt_generation", turn=receipt.turn_id, generation=receipt.generation)),
    ]


def _ranking(figures: dict[str, Any], texts: Texts) -> str:
    """How the list came about; entropy is how evenly categories, brands and prices are spread, 1 at most."""
    shares = {"diversity": "diversity", "before": "entropy_before", "after": "entropy_after"}
    given = {name: f"{figures[key]:.2f}" for name, key in shares.items()}
    said = texts("receipt_ranking", matching=figures["matching"], pool=figures["pool"], **given)
    gone = len(figures.get("replaced_at_recheck", ()))
    return f"{said}; {texts('receipt_gone', count=gone)}" if gone else said


def _shown(row: dict[str, Any], texts: Texts) -> str:
    sources = ", ".join(f"{name} {score:.2f}" for name, score in row["sources"].items())
    score = texts("receipt_score", score=f"{row['score']:.2f}") if row["score"] is not None else ""
    found = f"{score} ({sources})".strip() if sources else score
    rule = texts("receipt_rule", rule=row["rule"]) if row.get("rule") else ""
    shown = texts("receipt_propensity", propensity=f"{row['propensity']:.3g}")
    return "; ".join(part for part in (found, row["reason"], rule, shown) if part)


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&=])")
# A line that begins with white space could be code: an invisible mark before it makes it a line of text.
_INDENTED = re.compile(r"(?<![^\n\r])(?=\u200b*[ \t])")
_MARKED = re.compile(r"(?<![^\n\r])\u200b(?=\u200b*[ \t])")


def escape_markdown(text: str) -> str:
    """Plain text that a Markdown renderer shows as it is: no emphasis, no heading, no link, no picture, no code, no HTML, no formula."""
    return _INDENTED.sub("\u200b", _MARKDOWN.sub(r"\\\1", text))


def plain_again(text: str) -> str:
    """What :func:`escape_markdown` was given."""
    return re.sub(r"\\(.)", r"\1", _MARKED.sub("", text), flags=re.DOTALL)
