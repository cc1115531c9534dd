"""A guess at the language of a message, from its script and its commonest words."""

from __future__ import annotations

import unicodedata
from collections import Counter

from chatrec.understanding.lists import common_words, lines_of
from chatrec.understanding.text import Message

# Words that are frequent in one language and rare (as words) in the others.
_WORDS = {code: frozenset(words) for code, *words in (line.split() for line in lines_of("languages.txt"))}
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
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}


def guess_language(message: Message) -> str:
    """An ISO 639-1 code, or an empty string when nothing tells."""
    words = [t.text for t in message.tokens if t.word]
    if not words:
        return ""
    scripts = Counter(_script(w) for w in words[:60])
    script, held = scripts.most_common(1)[0]
    if script != "LATIN" and held >= len(words[:60]) / 2:
        return "ja" if scripts.get("HIRAGANA") or scripts.get("KATAKANA") else _SCRIPTS.get(script, "")
    english = sum(w in common_words() for w in words)
    foreign = {code: sum(w in known and w not in common_words() for w in words) for code, known in _WORDS.items()}
    best = max(foreign, key=lambda code: foreign[code])
    if foreign[best] > english or (foreign[best] >= 2 and foreign[best] * 2 > english and english < len(words) / 2):
        return best
    return "en" if english or len(words) <= 3 else ""


def _script(word: str) -> str:
    name = unicodedata.name(word[0], "")
    return name.split()[0] if name else ""
