"""How a clause of a description can be said of its item: after its citation ("opens with one thumb"), as a statement of its own
("the handle stays cool"), or not at all.

Descriptions are written by many hands. A small model copies a torn clause with its tear, so a clause reaches it only in a form in
which it reads as part of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.generation.gate_words import stems
from chatrec.generation.verbs import is_auxiliary, is_base_verb, is_participle, is_singular_verb, lemma, word_classes

LATEST_VERB = 7  # a subject longer than this many words is more likely a torn list
_WORD = re.compile(r"[^\W_](?:[\w'’./%°+-]*[\w%°])?", re.UNICODE)
_LABEL = re.compile(r"^(?:[A-Z][A-Z ]{2,20}|[A-Z]?[\w ]{2,24}):\s*(?=\S)")
_PREPOSITIONS = frozenset(
    "for with without on in at to from by of inside outside under over as through against into after when only enough across along "
    "around up indoors outdoors".split()
)
_PARTICLES = frozenset("down out off away back together flat open apart".split())
# Openings of a part whose head was cut off, of a remark about the reader, or of a sentence that points back.
_NO_OPENING = frozenset(
    "and but or so also plus which that who whose because while when if as than then thus however therefore additionally furthermore "
    "beyond "
    "there here theres its these those they them he she his her what why how in on at for from by of with without to including not "
    "such other others another please note today several more most some many different these".split()
)
# "This product contains one case": these name the item as well as its own words do.
_GENERIC = frozenset(stems("product item unit model set kit device tool pack one"))
# Apostrophes lost in a feed, and words by which a maker speaks of itself rather than of the thing.
# A sentence that opens with one of these has its subject there, so that it must hold a verb: "The hood fits over a bun".
_OPENERS = frozenset({"The", "Each", "Every", "Its", "A", "An"})
_OF_VERBS = frozenset("tastes smells consists speaks tells".split())
_LINKING = frozenset("stay feel get look keep remain run go turn become".split())
_DETERMINERS = frozenset("the a an its all any most every each one two both up well not itself themselves".split())
_UNFIT = re.compile(
    r"\b(?:theres|youll|youre|theyre|dont|doesnt|wont|cant|thats|whats|weve|ive|lets|company|trademarks?|registered|headquartered|"
    r"founded|manufactures|industries|family-owned|claims|copyright|inc|ltd|llc|customers?|sellers?|amazon|asin|upc|rights|pictured|photos?|images?|click|below|above)\b|[#@{}\[\]<>|*_=~^\\]|\(s\)",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b[A-Z]{5,}\b")


@dataclass(frozen=True, slots=True)
class Form:
    """``text`` is what to say; ``is_predicate`` says that it follows its item, else it is a whole clause."""

    text: str
    is_predicate: bool


def clause_form(clause: str, names: frozenset[str] = frozenset(), makers: frozenset[str] = frozenset()) -> Form | None:
    """The form in which a clause can be said; ``None`` where it reads as torn.

    ``names`` are the stems of the item's title and category: a subject made of them is the item itself. ``makers`` are those of its
    brand: what is said of the maker is not said of the item.
    """
    text = re.split(r"[;:]\s", _LABEL.sub("", clause.strip(" .;:,-–—")))[0].strip()
    words = list(_WORD.finditer(text))
    if len(words) < 2 or _UNFIT.search(text) or _CAPITALS.search(text) or text.count("(") != text.count(")") or text.count('"') % 2:
        return None
    spoken = [w.group() for w in words]
    first = spoken[0].lower()
    if first in ("it", "this") and len(words) > 2 and is_singular_verb(spoken[1]):
        return Form(text[words[1].start() :], True)
    if first in _NO_OPENING or text[words[-1].end() :].strip(" ).!°%\"'"):
        return None
    return _opening(text, words, spoken) or _with_subject(text, words, spoken, names, makers)


def _opening(text: str, words: Sequence[re.Match[str]], spoken: Sequence[str]) -> Form | None:
    """A clause without a subject: its verb, adjective or participle opens it."""
    first, second = spoken[0], spoken[1]
    if first == "Can" and second.lower() == "be":
        return Form(lowered(text), True)  # "Can be folded flat": the item is its subject
    if (first.isupper() and len(first) > 1) or (second.lower() == "of" and first.lower() not in _OF_VERBS):
        return None  # "poles of light alloy": what opens the clause is a noun
    if is_singular_verb(first) and not is_auxiliary(second) and not _is_plural_subject(first, second, spoken[2:3]):
        if is_auxiliary(first):
            return None  # "is also suitable" lost its subject: of what, nobody knows
        return Form(lowered(text), True) if not _finite_later(spoken) or "NOUN" not in word_classes(first) else None
    classes = word_classes(first)
    degree = second.lower() in ("when", "enough")
    describing = ("ADJ" in classes and ("NOUN" not in classes or degree)) or is_participle(first)
    if describing and second.lower() in _PREPOSITIONS and not first.lower().endswith("ing") and not _finite_early(spoken):
        return Form(f"is {lowered(text)}", True)
    return None


def _with_subject(
    text: str, words: Sequence[re.Match[str]], spoken: Sequence[str], names: frozenset[str], makers: frozenset[str]
) -> Form | None:
    place = _verb_place(spoken)
    if place is None:
        has_article = spoken[0].lower() in ("a", "an", "two", "three", "four")
        finite = any(is_auxiliary(w) or (is_singular_verb(w) and "NOUN" not in word_classes(w)) for w in spoken[1:])
        plain = has_article and len(spoken) > 2 and "," not in text and not finite
        return Form(f"has {lowered(text)}", True) if plain else None
    if "," in text[: words[place].start()]:
        return None  # a list, and a clause at its end
    subject = set(stems(" ".join(spoken[:place]))) - {"the", "this", "each", "a", "an", "itself", "all"}
    if subject and subject <= makers and not subject & (names - makers):
        return None
    is_this = spoken[0].lower() == "this"
    if subject <= (names | _GENERIC if is_this else names):
        return Form(text[words[place].start() :], True) if is_singular_verb(spoken[place]) else None
    if is_this or spoken[0][0].isdigit() or [w.lower() for w in spoken[:2]] == ["the", "most"] or _is_order(spoken):
        return None
    return Form(lowered(text), False)


def _verb_place(spoken: Sequence[str]) -> int | None:
    """Where the finite verb stands behind its subject; ``None`` where there is none, or a preposition opens the clause."""
    for i, word in enumerate(spoken[: LATEST_VERB + 1]):
        if i == 0:
            continue
        if is_auxiliary(word):
            return i
        before = spoken[i - 1].lower()
        is_article = before in ("the", "a", "an", "of", "and", "or", "for", "with", "to", "this", "each", "its", "in", "on", "your")
        if is_article or "NOUN" not in word_classes(before):
            continue
        following = spoken[i + 1].lower() if i + 1 < len(spoken) else ""
        singular = is_singular_verb(word) and not before.endswith("s") and not is_auxiliary(following)
        plural = is_base_verb(word) and before.endswith("s") and not before.endswith("ss") and "ADJ" not in word_classes(word)
        links = (lemma(word) or word) in _LINKING and "ADJ" in word_classes(following)
        if (singular or plural) and ("NOUN" not in word_classes(word) or links or _opens_object(following)):
            return i
        if (
            singular
            and i > 1
            and spoken[0] in _OPENERS
            and following.lower() in _PREPOSITIONS | _PARTICLES | {"about"}
            and _is_lone_verb(spoken[i + 1 :])
        ):
            return i
    return None


def _is_lone_verb(later: Sequence[str]) -> bool:
    """Whether nothing behind it can be the verb instead: "The shade tilts for reading" has no other."""
    return not any(is_auxiliary(w) or (is_singular_verb(w) and "NOUN" not in word_classes(w)) for w in later)


def _opens_object(word: str) -> bool:
    """Whether a word behind a possible verb makes it one: "fits most", "holds 2 l", "closes softly"."""
    named = word in _DETERMINERS
    return named or word[:1].isdigit() or (word.endswith("ly") and "ADV" in word_classes(word))


def _is_order(spoken: Sequence[str]) -> bool:
    """ "Bring it in when it rains" tells the reader what to do."""
    return is_base_verb(spoken[0]) and spoken[1].lower() in ("it", "the", "a", "an", "them", "this", "your", "in", "up", "with", "all")


def _is_plural_subject(first: str, second: str, third: Sequence[str] = ()) -> bool:
    """ "Keys get heavier", "levers close easily": the first word is a noun in the plural, the second its verb."""
    if third and second.lower() in _LINKING and "ADJ" in word_classes(third[0]) and "NOUN" in word_classes(first):
        return True  # "colours stay natural"
    adverb = any(w.endswith("ly") and "ADV" in word_classes(w) for w in third)
    if adverb and is_base_verb(second) and second not in _PREPOSITIONS | _PARTICLES and "NOUN" in word_classes(first):
        return True
    return "NOUN" in word_classes(first) and (is_auxiliary(second) or ("NOUN" not in word_classes(second) and is_base_verb(second)))


def _finite_early(spoken: Sequence[str]) -> bool:
    return any(is_auxiliary(w) for w in spoken[1:LATEST_VERB])


def _finite_later(spoken: Sequence[str]) -> bool:
    return any(is_auxiliary(w) for w in spoken[2:LATEST_VERB])


def lowered(sentence: str) -> str:
    """The sentence as it stands inside another: its first letter small, unless the word is an abbreviation or holds a figure."""
    first = sentence.split(" ", 1)[0]
    kept = any(c.isupper() or c.isdigit() for c in first[1:]) or (len(first) == 1 and first not in ("A",))
    return sentence if kept else sentence[:1].lower() + sentence[1:]
