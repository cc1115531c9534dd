"""Drawn placeholder pictures: a simple glyph for the kind of thing, in the colour of the record. No picture leaves the machine."""

from __future__ import annotations

import colorsys
import hashlib
import re
from collections.abc import Collection
from functools import lru_cache
from html import escape
from urllib.parse import quote, urlsplit

from chatrec.catalog.glyphs import COLOURS, GLYPHS, KINDS
from chatrec.domain.item import Item
from chatrec.domain.plain import plain

_WORD = re.compile(r"[^\W\d_]+")
_NEARLY_WHITE = 0xC8
_UNSAFE_IN_URL = re.compile(r"[\s\"'<>\\`\x00-\x1f\x7f]")


def placeholder_svg(title: str, category: str, colour: str, seed: str) -> str:
    """A drawn picture as SVG text, 200 by 200; the same words give the same picture.

    The glyph follows the words of ``category`` and then ``title``; an unknown ``colour`` gives one drawn from ``seed``.
    """
    main = _colour(colour, seed)
    light, dark = _mixed(main, "#ffffff", 0.62), _mixed(main, "#101418", 0.34)
    # A white thing on a nearly white field could not be seen.
    field = _mixed(main, "#7f93a5", 0.45) if min(bytes.fromhex(main[1:])) > _NEARLY_WHITE else _mixed(main, "#ffffff", 0.87)
    shape = GLYPHS[kind_of(category, title)].format(m=main, d=dark, l=light)
    label = escape(plain(title, 80) or "product", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" role="img" aria-label="{label}">'
        f'<rect width="200" height="200" fill="{field}"/><ellipse cx="100" cy="168" rx="66" ry="7" fill="{dark}" opacity=".16"/>'
        f'<g stroke-linecap="round" stroke-linejoin="round">{shape}</g></svg>'
    )


def picture_for(item: Item, allowed_hosts: Collection[str]) -> str:
    """What a card shows: the record's picture where it is https on an allowed host, else the drawn one as a data URI."""
    if _is_allowed(item.image, allowed_hosts):
        return item.image
    return "data:image/svg+xml;charset=utf-8," + quote(drawn_for(item), safe="")


def drawn_for(item: Item) -> str:
    """The drawn picture of an item, as SVG text."""
    category = " ".join((item.category, *reversed(item.category_path)))
    return placeholder_svg(item.title, category, _recorded_colour(item), item.category or item.item_id)


def kind_of(category: str, title: str = "") -> str:
    """The glyph for these words; ``box`` when none is known. The last word of a phrase names the thing ("water bottle cap")."""
    words = (word for text in (category, title) for word in reversed(_WORD.findall(text.casefold())))
    return next((kind for word in words if (kind := _kind_of_word(word)) is not None), "box")


@lru_cache(maxsize=1 << 14)
def _kind_of_word(word: str) -> str | None:
    named = _singulars(word)
    return next((kind for kind, names in KINDS.items() if not named.isdisjoint(names)), None)


def _singulars(word: str) -> set[str]:
    """A word and what it may be the plural of."""
    return {word, word.removesuffix("s"), word.removesuffix("es"), f"{word[:-3]}y" if word.endswith("ies") else word}


def _recorded_colour(item: Item) -> str:
    for name in ("colour", "color"):
        attribute = item.attribute(name)
        if attribute is not None and attribute.values:
            return attribute.values[0]
        offered = item.options().get(name)
        if offered:
            return offered[0]
    return ""


def _colour(words: str, seed: str) -> str:
    """The colour named last ("moss green" is a green, "sky" in "sky blue" only shades it), else a quiet one drawn from ``seed``."""
    for word in reversed(_WORD.findall(words.casefold())):
        if word in COLOURS:
            return COLOURS[word]
    hue = hashlib.sha256(seed.encode("utf-8", "replace")).digest()[0] / 256
    red, green, blue = colorsys.hls_to_rgb(hue, 0.5, 0.34)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _is_allowed(url: str, hosts: Collection[str]) -> bool:
    if not url or not hosts or _UNSAFE_IN_URL.search(url):
        return False
    try:
        parts = urlsplit(url)
        host, named = parts.hostname or "", parts.username
    except ValueError:
        return False
    return parts.scheme == "https" and not named and host in {h.casefold() for h in hosts}
