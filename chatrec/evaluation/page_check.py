"""What a chat page may show: only markup of its own making. Anything else must have come out of a record or a message."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# What the page's own templates use.
PAGE_TAGS = frozenset({"div", "article", "span", "img", "ul", "li", "button", "a", "table", "thead", "tbody", "tr", "th", "td"})
PAGE_ATTRIBUTES = frozenset(
    {
        "class", "role", "aria-label", "aria-hidden", "alt", "src", "loading", "href", "target", "rel", "type", "title", "scope", "lang",
        "data-act", "data-item", "data-position", "data-need", "data-key", "data-message", "data-turn", "tabindex",
    }
)  # fmt: skip
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_ACTIVE = re.compile(r"[`*_\[\]<>~|#!$&:]|\.\w")


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in PAGE_TAGS:
            self.problems.append(f"tag <{tag}>")
        for name, value in attrs:
            if name not in PAGE_ATTRIBUTES:
                self.problems.append(f"attribute {name} of <{tag}>")
            if name == "src" and not str(value).startswith("data:image/"):
                self.problems.append(f"picture {value!r:.60}")
            if name == "href" and not str(value).startswith(("https://", "http://")):
                self.problems.append(f"link {value!r:.60}")
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"comment {data!r:.60}")

    def handle_decl(self, decl: str) -> None:
        self.problems.append(f"declaration {decl!r:.60}")

    def handle_pi(self, data: str) -> None:
        self.problems.append(f"processing instruction {data!r:.60}")

    def unknown_decl(self, data: str) -> None:
        self.problems.append(f"declaration {data!r:.60}")


def html_problems(html: str) -> list[str]:
    """What in this HTML is not of the page's own making."""
    parser = _Strict()
    parser.feed(html)
    parser.close()
    return parser.problems + [f"<{tag}> stays open" for tag in parser.open]


def markdown_problems(text: str) -> list[str]:
    """What a Markdown renderer would make more of than plain text."""
    return [f"live Markdown in {text!r:.80}"] if _ACTIVE.search(_ESCAPED.sub("", text)) else []
