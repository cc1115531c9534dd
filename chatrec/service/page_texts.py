"""The chat page's own texts, by language. What shoppers, records and the shop say stays as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("page_texts")
LANGUAGES = ("en", "zh-Hans")
# What the shop's replies and suggestions are in, whatever the page is in.
SPOKEN = "en"
# What page.js says by itself.
OF_THE_SCRIPT = ("next", "unsend", "waiting", "editing", "cancel", "taken_back")
_MOST_HEADER_CHARS = 400
_WANTED = re.compile(r"\s*([A-Za-z]{1,8})[A-Za-z0-9-]*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


class Texts:
    """The texts of one language; ``texts("only_left", count=2)`` is plain text, to be escaped where it goes into HTML."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language, self._texts = language, texts

    def __call__(self, key: str, **given: object) -> str:
        """One text with what belongs into it. An unknown key is a mistake of the page: :class:`KeyError`."""
        text = self._texts[key]
        return text.format(**given) if given else text

    @property
    def spoken(self) -> str:
        """The attribute for what the shop says, for readers that speak it aloud; nothing where the page speaks the same language."""
        return "" if self.language == SPOKEN else f' lang="{SPOKEN}"'

    def of_the_script(self) -> dict[str, str]:
        """What the page's script says by itself."""
        return {key: self._texts[key] for key in OF_THE_SCRIPT}


@cache
def texts_in(language: str) -> Texts:
    """The texts of one of :data:`LANGUAGES`; of any other those in English."""
    known = language if language in LANGUAGES else SPOKEN
    return Texts(known, tomllib.loads((_FOLDER / f"{known}.toml").read_text(encoding="utf-8")))


def preferred(wanted: str) -> Texts:
    """The texts for an ``Accept-Language`` header, or for a browser's list of languages. Total: what cannot be read asks for nothing."""
    found = sorted(_wanted(wanted[:_MOST_HEADER_CHARS]), key=lambda pair: -pair[1])
    return texts_in(next((language for language, _ in found), SPOKEN))


def _wanted(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        match = _WANTED.fullmatch(part)
        weight = float(match[2] or 1) if match else 0.0
        language = next((known for known in LANGUAGES if match and known.partition("-")[0] == match[1].lower()), "")
        if language and weight:
            yield language, weight


ENGLISH = texts_in(SPOKEN)
