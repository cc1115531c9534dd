"""The head of the chat page and what it says while it is empty, in one language."""

from __future__ import annotations

from html import escape

from chatrec.service.page_texts import LANGUAGES, Texts, texts_in


def top_html(shop: str, items: int, texts: Texts) -> str:
    """The head of the page: the shop's initial as its mark, its name, what a shopper can count on, and the languages to choose from."""
    mark = next((c.upper() for c in shop if c.isalnum()), "•")
    products = texts("records_one" if items == 1 else "records_many", count=f"{items:,}")
    return (
        f'<div class="cr-top"><span class="cr-mark" aria-hidden="true">{escape(mark)}</span><div><h1>{escape(shop)}</h1>'
        f"<p>{escape(products)}</p></div>{_languages(texts)}</div>"
    )


def _languages(texts: Texts) -> str:
    """The languages that the page could be in instead, each by its own name."""
    buttons = "".join(
        f'<button type="button" class="cr-language" data-act="language" data-language="{language}" lang="{language}">'
        f"{escape(texts_in(language)('name'))}</button>"
        for language in LANGUAGES
        if language != texts.language
    )
    return f'<div class="cr-languages" role="group" aria-label="{escape(texts("languages"))}">{buttons}</div>'


def welcome_html(shop: str, texts: Texts, *, prices: bool, policies: bool, signed_in: bool) -> str:
    """What the empty page says: only what this shop can answer is offered."""
    said = [texts("welcome", shop=shop), texts("welcome_with_budget" if prices else "welcome_without_budget")]
    if policies or signed_in:
        said.append(texts("welcome" + "_policies" * policies + "_orders" * signed_in))
    said.append(texts("welcome_spoken"))
    return f'<div class="cr-welcome"><h2>{escape(texts("welcome_title"))}</h2><p>{escape(" ".join(filter(None, said)))}</p></div>'


def variety_ends_html(texts: Texts) -> str:
    """What the two ends of the slider mean."""
    least, most = escape(texts("variety_least")), escape(texts("variety_most"))
    return f'<div class="cr-ends" aria-hidden="true"><span>{least}</span><span>{most}</span></div>'


def no_receipt_html(texts: Texts) -> str:
    """Where the receipt will stand."""
    return f'<p class="cr-quiet">{escape(texts("receipt_empty"))}</p>'
