"""What is left of a message when its values are taken out: two messages from one mould leave the same."""

from __future__ import annotations

import re

from chatrec.catalog.contract import Contract

# Opening and closing courtesies and small words do not make another phrasing.
_LITTLE = {
    "a",
    "an",
    "the",
    "some",
    "any",
    "please",
    "pls",
    "plz",
    "me",
    "i",
    "you",
    "your",
    "my",
    "hi",
    "hello",
    "hey",
    "thanks",
    "it",
    "one",
    "ones",
    "of",
    "is",
    "are",
    "im",
    "s",
    "m",
}
_NUMBER = re.compile(r"[$€£]?\d+(?:[.,]\d+)?(?:st|nd|rd|th)?|\b(?:two|three|four|five|six|seven|eight|ten|dozen|hundred|fifty)\b")
_POSITION = re.compile(r"#\s?n|\b(?:first|second|third|last|number n)\b")
_UNIT = re.compile(r"\b(?:dollars?|bucks|quid|euros?|pounds|usd|kg|kilos?|g|grams?|cm|m|l|litres?|gb|lumens|inch(?:es)?|hours?|degrees)\b")
# Words by which shoppers call the kinds of these shops, beside the shops' own names for them.
_KINDS = re.compile(
    r"\b(?:tent|stove|boot|mat|jacket|daypack|backpack|rucksack|headlamp|lantern|glove|hat|sock|shoe|trouser|bag|suitcase|pole|filter|bottle|power bank|"
    r"hammock|tarp|knife|knive|phone|smartphone|laptop|tablet|camera|headphone|earphone|charger|sofa|table|chair|armchair|lamp|rug|bookcase|shelf|shelve|"
    r"novel|cookbook|thriller|book|coffee|tea|chocolate|biscuit|pasta|sauce|cereal|oil|muesli)(?:e?s)?\b"
)


def values_of(contract: Contract) -> re.Pattern[str]:
    """Every value in words of a shop."""
    found = {v.text.casefold().replace("'", "") for f in contract.fields.values() for v in f.values if f.kind == "words"}
    longest_first = sorted((v for v in found if len(v) > 2), key=lambda v: (-len(v), v))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})s?\b")


def skeleton(text: str, values: re.Pattern[str]) -> str:
    """The message with its values, figures, kinds and positions replaced by marks, and without little words."""
    text = values.sub(" v ", text.casefold().replace("'", ""))
    text = _KINDS.sub(" k ", text)
    text = _UNIT.sub(" ", _NUMBER.sub(" n ", text))
    text = _POSITION.sub(" p ", text)
    words = [w for w in re.findall(r"[a-z#]+", text) if w not in _LITTLE]
    merged = [w for i, w in enumerate(words) if i == 0 or w != words[i - 1] or len(w) > 1]
    return re.sub(r"\bv k\b|\bk v\b|\bv\b", "k", " ".join(merged))
