"""A guess at the language of a message, from its script and its commonest words."""

from __future__ import annotations

import unicodedata
from collections import Counter

from chatrec.understanding.lists import common_words
from chatrec.understanding.text import Message

# Words that are frequent in one language and rare (as words) in the others.
_WORDS: dict[str, frozenset[str]] = {
    "de": frozenset("ich du wir sie ein eine einen einem der die das und oder nicht kein keine mit für ist sind haben habe suche brauche möchte bitte danke wie viel kostet unter über zelt schuhe hallo gibt es".split()),
    "fr": frozenset("je tu nous vous un une des le la les et ou pas avec pour est sont avez cherche voudrais besoin bonjour merci combien coûte sous moins que qui quel quelle avez-vous s'il plaît du au".split()),
    "es": frozenset("yo tú nosotros un una unos el la los las y o no con para es son tiene tienen busco quiero necesito hola gracias cuánto cuesta menos de por favor qué cuál del al".split()),
    "it": frozenset("io tu noi voi un una uno il lo la gli le e o non con per è sono avete cerco vorrei bisogno ciao grazie quanto costa meno di che quale del della sotto".split()),
    "pt": frozenset("eu você nós um uma uns o a os as e ou não com para é são tem procuro quero preciso olá obrigado quanto custa menos de por favor qual do da".split()),
    "nl": frozenset("ik jij wij een het de en of niet geen met voor is zijn heb hebben zoek wil graag hallo bedankt hoeveel kost onder minder dan wat welke alstublieft".split()),
    "pl": frozenset("ja ty my szukam chcę potrzebuję jest są nie z dla i lub ile kosztuje proszę dziękuję cześć namiot buty jaki".split()),
    "sv": frozenset("jag du vi en ett och eller inte med för är har söker vill behöver hej tack hur mycket kostar under som".split()),
}  # fmt: skip
_SCRIPTS = {
    "CYRILLIC": "ru", "GREEK": "el", "ARABIC": "ar", "HEBREW": "he", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "THAI": "th",
    "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip


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
