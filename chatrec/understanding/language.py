"""A guess at the language of a message, from its script, its letters and its commonest words.

Word lists rather than a library: a shopper writes three words, many of them names of things that travel between languages ("sofa",
"poncho", "futon"), and to take English for Italian costs more than to miss a language (docs/decisions/0013-intents-languages-moods.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence

from chatrec.understanding.lists import common_words, lines_of
from chatrec.understanding.text import Message

_SCRIPTS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CJK": "zh",
    "THAI": "th",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}
# Letters that tell apart languages of one script.
_URDU, _PERSIAN, _UKRAINIAN = set("ٹڈڑںےہھ"), set("پچژگ"), set("іїєґ")
_LETTERS = {
    "de": "ßäöü", "fr": "çèêëîïôûœàùé", "es": "ñ¿¡áíóúé", "pt": "ãõçâêôáéíóú", "it": "àèìòù", "tr": "ğışçöü", "pl": "ąćęłńśźż", "sv": "åäö",
    "vi": "ăđơưạảấầậắặẹẻẽếềểệỉịọỏốồổộớờợụủứừửữựỳỹ",
}  # fmt: skip
# A letter alone proves little: menus and brands are full of accents ("café", "crème").
_LETTER_WEIGHT = 0.3
# No other language opens a sentence with these.
_SPANISH_MARKS = "¿¡"
# Enough to be sure of: one word that is of this language alone, or two that it shares with one other. In a long message one is not
# enough: titles hold a foreign word now and then ("iPhone 6s Plus").
LEAST_EVIDENCE = 0.9
# What English borrows whole: beside other words it tells nothing ("c'est la vie, under 200 then").
_BORROWED = re.compile(
    r"\b(?:c ?' ?est la vie|d[ée]j[àa] vu|je ne sais quoi|[àa] la carte|bon (?:voyage|app[ée]tit)|(?:et )?voil[àa]|hasta la vista|"
    r"mucho gracias|"
    r"gracias|danke|merci|ciao|touch[ée]|raison d ?' ?[êe]tre|carpe diem|quid pro quo|camino de santiago)\b",
    re.IGNORECASE,
)
LEAST_SHARE = 0.3
MOST_WORDS = 60


def _weights() -> dict[str, dict[str, float]]:
    """Word -> language -> weight: a word of several languages tells less for each."""
    languages: dict[str, list[str]] = defaultdict(list)
    for code, *words in (line.split() for line in lines_of("languages.txt")):
        for word in dict.fromkeys(words):
            languages[word].append(code)
    return {word: dict.fromkeys(codes, 1.0 / len(codes) ** 0.5) for word, codes in languages.items()}


_WORDS = _weights()


def guess_language(message: Message) -> str:
    """An ISO 639-1 code; an empty string when nothing tells. English unless there is more evidence for another language."""
    borrowed = borrowed_words(message)
    own = [t.raw.casefold() for i, t in enumerate(message.tokens) if t.word and i not in borrowed]
    words = (own or [t.raw.casefold() for t in message.tokens if t.word])[:MOST_WORDS]
    if not words:
        return ""
    scripts = Counter(_script(w) for w in words)
    script, held = scripts.most_common(1)[0]
    if script != "LATIN" and held >= len(words) / 2:
        return _of_script(script, scripts, words)
    # a word that is English as well speaks for English
    english = sum(w in common_words() for w in words)
    found = _evidence([w for w in words if w not in common_words()], "".join(t.raw for t in message.tokens).casefold())
    best = max(found, key=lambda code: found[code], default="")
    if best and found[best] >= max(LEAST_EVIDENCE, LEAST_SHARE * min(len(words), 10)) and found[best] > _doubt(english, len(words)):
        return best
    return "en" if english or len(words) <= 3 else ""


def borrowed_words(message: Message) -> frozenset[int]:
    """The tokens of phrases that English borrows whole."""
    return frozenset(i for m in _BORROWED.finditer(message.text) for i in message.span(*m.span()))


def _doubt(english: int, words: int) -> float:
    """The evidence that English words weigh against: two foreign words outweigh English ones where these are the smaller part."""
    return english if english * 2 >= words else english / 2


def _evidence(words: Sequence[str], text: str) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for word in words:
        for code, weight in _WORDS.get(word, {}).items():
            found[code] += weight
    if any(mark in text for mark in _SPANISH_MARKS):
        found["es"] += LEAST_EVIDENCE
    for code in found:
        found[code] += _LETTER_WEIGHT * min(2, sum(letter in text for letter in _LETTERS.get(code, "")))
    return found


def _of_script(script: str, scripts: Counter[str], words: Sequence[str]) -> str:
    letters = {letter for word in words for letter in word}
    if scripts.get("HIRAGANA") or scripts.get("KATAKANA") or any(_script(letter) in ("HIRAGANA", "KATAKANA") for letter in letters):
        return "ja"
    if script == "ARABIC":
        return "ur" if letters & _URDU else "fa" if letters & _PERSIAN else "ar"
    if script == "CYRILLIC" and letters & _UKRAINIAN:
        return "uk"
    return _SCRIPTS.get(script, "")


def _script(word: str) -> str:
    name = unicodedata.name(word[0], "")
    return name.split()[0] if name else ""
