"""How a clause of a description can be said of its item: after its citation ("opens with one thumb"), as a statement of its own
("the handle stays cool"), or not at all.

Descriptions are written by many hands. A small model copies a torn clause with its tear, so a clause reaches it only in a form in
which it reads as part of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chatrec.generation.clause_faults import is_torn, subject_missing
from chatrec.generation.clause_words import (
    AMOUNTS,
    BACK,
    BEHIND_HEAD,
    DETERMINERS,
    GENERIC,
    LINKING,
    MODALS,
    MOSTLY_VERBS,
    NO_OPENING,
    OF_ITEMS,
    OF_PARTS,
    OF_THINGS,
    OPENERS,
    PARTICLES,
    POINTING,
    PREPOSITIONS,
    RELATIVE,
    SENSES,
    SIDES,
    SUBORDINATE,
    THE_THING,
    is_done_of,
)
from chatrec.generation.gate_words import stems
from chatrec.generation.verbs import is_auxiliary, is_base_verb, is_participle, is_singular_verb, lemma, word_classes

LATEST_VERB = 7  # a subject longer than this many words is more likely a torn list
_WORD = re.compile(r"[^\W_](?:[\w'’./%°+-]*[\w%°])?")
_LABEL = re.compile(r"^(?:[A-Z][A-Z ]{2,20}|[A-Z]?[\w ]{2,24}):\s*(?=\S)")
_ASYNDETIC = re.compile(r", (?=(?P<next>[a-z]+)\b)")
_NEW_SUBJECT = re.compile(r",? (?:and|but) (?=(?:a|an|the|it|its|this|these|they|each|keep|do|use)\b)|, ")
# Apostrophes lost in a feed, and words by which a maker speaks of itself rather than of the thing.
_UNFIT = re.compile(
    r"\b(?:theres|youll|youre|theyre|dont|doesnt|wont|cant|thats|whats|weve|ive|lets|company|trademarks?|registered|headquartered|"
    r"founded|manufactures|industries|family-owned|claims|copyright|inc|ltd|llc|customers?|sellers?|amazon|asin|upc|rights|pictured|"
    r"photos?|images?|click|below|above)\b|[#@{}\[\]<>|*_=~^\\]|\(s\)",
    re.IGNORECASE,
)
NOBODY = frozenset("none nothing nobody nowhere everyone everybody someone somebody few many".split())  # no part of a thing
_CAPITALS = re.compile(r"\b[A-Z]{5,}\b")


@dataclass(frozen=True, slots=True)
class Form:
    """``text`` is what to say; ``is_predicate`` says that it follows its item, else it is a whole clause."""

    text: str
    is_predicate: bool


_INVERTED = Form("", False)  # what opens as a description and is none: "Included with the kettle are two filters"


def clause_form(
    clause: str, names: frozenset[str] = frozenset(), makers: frozenset[str] = frozenset(), heads: frozenset[str] | None = None
) -> Form | None:
    """The form in which a clause can be said; ``None`` where it reads as torn.

    ``names`` are the stems of the item's title and category: a subject made of them is the item itself, where it ends in one of the
    ``heads`` (all names where they are not given): a bobble hat is a hat and no bobble. ``makers`` are the stems of its brand: what
    is said of the maker is not said of the item.
    """
    text = re.split(r"[;:]\s", _LABEL.sub("", clause.strip(" .;:,-–—")))[0].strip()
    words = list(_WORD.finditer(text))
    if len(words) < 2 or _UNFIT.search(text) or _CAPITALS.search(text) or text.count("(") != text.count(")") or text.count('"') % 2:
        return None
    spoken = [w.group() for w in words]
    first = spoken[0].lower()
    if POINTING & {w.lower() for w in spoken[1:]} or is_torn(text, spoken):
        return None
    if subject_missing(spoken):
        return _first_said(lowered(text))
    if first in ("it", "this") and len(words) > 2 and (is_singular_verb(spoken[1]) or spoken[1].lower() in MODALS):
        return _first_said(text[words[1].start() :])
    if first in NO_OPENING or first == "it" or text[words[-1].end() :].strip(" ).!°%\"'"):
        return None
    form = _opening(text, words, spoken) or _with_subject(text, words, spoken, _Own(names, makers, names if heads is None else heads))
    if form is _INVERTED or form is None:
        return None
    return form if not form.is_predicate else _first_said(form.text) if " " in form.text else None


@dataclass(frozen=True, slots=True)
class _Own:
    """The stems that name the item, its maker, and the kind of thing it is."""

    names: frozenset[str]
    makers: frozenset[str]
    heads: frozenset[str]


def _first_said(text: str) -> Form | None:
    """ "Opens flat, joins to another, washes at 30" as "opens flat": a row of verbs without an "and" reads as torn."""
    for joint in _ASYNDETIC.finditer(text):
        if (is_singular_verb(joint["next"]) or joint["next"] == "no") and " and " not in text[joint.end() :]:
            text = text[: joint.start()]
            return Form(text, True) if len(text.split()) > 2 or lemma(text.split()[0]) not in SENSES else None
    return Form(text, True)


def _opening(text: str, words: Sequence[re.Match[str]], spoken: Sequence[str]) -> Form | None:
    """A clause without a subject: its verb, adjective or participle opens it."""
    first, second = spoken[0], spoken[1]
    if first == "Can" and second.lower() == "be":
        return Form(lowered(text), True)  # "Can be folded flat": the item is its subject
    is_list = text[words[0].end() :].startswith(",") and "NOUN" in word_classes(first)  # "Parks, gravel, forest paths"
    if is_list or (first.isupper() and len(first) > 1) or (second.lower() == "of" and not is_done_of(first)):
        return None  # "poles of light alloy": what opens the clause is a noun
    if is_singular_verb(first) and not is_auxiliary(second) and not _is_plural_subject(first, second, spoken[2:3]):
        if first.lower() == "has" and second.lower() not in ("been", "also", "to"):
            return Form(lowered(text), True)
        if is_auxiliary(first) or _names_things(first, second):
            return None  # "is also suitable" lost its subject: of what, nobody knows
        return Form(lowered(text), True) if not _finite_later(spoken) or "NOUN" not in word_classes(first) else None
    classes = word_classes(first)
    degree = second.lower() in ("when", "enough", "at")
    describing = ("ADJ" in classes and ("NOUN" not in classes or degree)) or is_participle(first)
    if describing and second.lower() in PREPOSITIONS and not first.lower().endswith("ing"):
        head = text if not _finite_early(spoken) else _NEW_SUBJECT.split(text)[0]
        whole = len(head.split()) > 2 and not _finite_early([w.group() for w in _WORD.finditer(head)])
        return Form(f"is {lowered(head)}", True) if whole else _INVERTED
    return None


def _names_things(first: str, second: str) -> bool:
    """ "Loops for a small tripod" and "Pots wider than that" have no verb there; "Works with most pumps" has."""
    classes = word_classes(second)
    is_quality = (
        "ADJ" in classes
        and "NOUN" not in classes
        and second.lower() not in PREPOSITIONS
        and ("ADV" not in classes or second.endswith("er"))
    )
    if "NOUN" in word_classes(first) and is_quality and lemma(first.lower()) not in SENSES:
        return True
    return second.lower() in OF_THINGS and "NOUN" in word_classes(first) and lemma(first.lower()) not in MOSTLY_VERBS


def _with_subject(text: str, words: Sequence[re.Match[str]], spoken: Sequence[str], own: _Own) -> Form | None:
    place = _verb_place(spoken, [text[w.end() : w.end() + 1] in (",", ";") for w in words])
    if place is None or (spoken[0].lower() in ("a", "an") and RELATIVE & {w.lower() for w in spoken[:place]}):
        return _thing(text, spoken, own.heads)
    if "," in text[: words[place].start()] and spoken[0].lower() != "this":
        return None  # a list, and a clause at its end
    subject = set(stems(" ".join(spoken[:place]))) - {"the", "this", "each", "a", "an", "itself", "all"}
    if subject and subject <= own.makers and not subject & (own.names - own.makers):
        return None
    is_this = spoken[0].lower() == "this"
    if _is_the_item(spoken[:place], spoken[place], subject, own):
        return Form(text[words[place].start() :], True) if is_singular_verb(spoken[place]) else None
    if (
        is_this
        or spoken[0].lower() in NOBODY
        or subject & BACK
        or _is_general(spoken, place)
        or spoken[0][0].isdigit()
        or [w.lower() for w in spoken[:2]] == ["the", "most"]
        or _is_order(spoken)
    ):
        return None
    return Form(lowered(text), False)


def _thing(text: str, spoken: Sequence[str], heads: frozenset[str]) -> Form | None:
    """A thing without a verb: "A steel kettle for two" is the item, "A warm sound" is what it has."""
    if spoken[0].lower() not in ("a", "an", "two", "three", "four") or len(spoken) < 3 or "," in text or spoken[1] in AMOUNTS:
        return None
    end = next((i for i, w in enumerate(spoken) if i and w.lower() in BEHIND_HEAD), len(spoken))
    if spoken[0].lower() in ("a", "an") and set(stems(spoken[end - 1])) <= heads:
        return Form(f"is {lowered(text)}", True)
    until = next((i for i, w in enumerate(spoken) if w.lower() in RELATIVE), len(spoken))
    finite = any(is_auxiliary(w) or (is_singular_verb(w) and _acts(w, following)) for w, following in pairwise((*spoken[1:until], "")))
    if finite:
        return None
    acts = bool({"never", "always"} & set(spoken))  # "Three legs never wobble"
    return Form(lowered(text) if acts else f"has {lowered(text)}", not acts)


def _acts(word: str, following: str) -> bool:
    """Whether a word in -s is a verb where it stands: "a raised rim helps to keep it", "a collar offers shelter"."""
    return "NOUN" not in word_classes(word) or (
        bool(following) and following.lower() not in {*PREPOSITIONS, *RELATIVE, "and", "or", "of"} - {"to"}
    )


def _is_the_item(said: Sequence[str], verb: str, subject: set[str], own: _Own) -> bool:
    """Whether a subject is the item itself: its own words, with adjectives of any kind behind "this" or "the" ("the durable cable")."""
    first, head = said[0].lower(), set(stems(said[-1]))
    if first == "this":
        return head <= own.heads | GENERIC or (verb in OF_ITEMS and not subject & SIDES)
    if subject <= THE_THING:
        return True
    if not head <= own.heads:
        return False
    described = said[1:-1] if first == "the" else said[:-1] if first not in DETERMINERS else ()
    known = own.names | own.makers
    return subject <= known or (bool(described) and all(set(stems(w)) <= own.names or _describes(w) for w in described))


def _describes(word: str) -> bool:
    """Whether a word before the name of a thing leaves it that thing: "durable", "mounted"; "outer" makes it a part."""
    return ("ADJ" in word_classes(word) or is_participle(word)) and word.lower() not in OF_PARTS


def _verb_place(spoken: Sequence[str], ended: Sequence[bool] = ()) -> int | None:
    """Where the finite verb stands behind its subject, if anywhere; no object follows where a comma stands (``ended``)."""
    for i, word in enumerate(spoken[: LATEST_VERB + 1]):
        if i == 0:
            continue
        if is_auxiliary(word):
            return i
        before = spoken[i - 1].lower()
        is_article = before in ("the", "a", "an", "of", "and", "or", "for", "with", "to", "this", "each", "its", "in", "on", "your")
        if is_article or "NOUN" not in word_classes(before):
            continue
        following = spoken[i + 1].lower() if i + 1 < len(spoken) and not (ended and ended[i]) else ""
        singular = is_singular_verb(word) and not before.endswith("s") and not is_auxiliary(following)
        plural = is_base_verb(word) and before.endswith("s") and not before.endswith("ss") and "ADJ" not in word_classes(word)
        links = (lemma(word) or word) in LINKING and "ADJ" in word_classes(following)
        if (singular or plural) and ("NOUN" not in word_classes(word) or links or _opens_object(following)):
            return i
        if (
            singular
            and i > 1
            and not (following.lower() in OF_THINGS and "ADJ" in word_classes(before))
            and spoken[0] in OPENERS
            and following.lower() in PREPOSITIONS | PARTICLES | {"about"}
            and _is_lone_verb(spoken[i + 1 :])
        ):
            return i
    return None


def _is_lone_verb(later: Sequence[str]) -> bool:
    """ "The shade tilts for reading" has no other verb behind."""
    return not any(is_auxiliary(w) or (is_singular_verb(w) and "NOUN" not in word_classes(w)) for w in later)


def _opens_object(word: str) -> bool:
    """Whether a word behind a possible verb makes it one: "fits most", "holds 2 l", "closes softly"."""
    named = word in DETERMINERS
    return named or word[:1].isdigit() or (word.endswith("ly") and "ADV" in word_classes(word))


def _is_general(spoken: Sequence[str], place: int) -> bool:
    """ "Regular care can help" tells of the world, not of the thing; "Straps can be folded" does of it."""
    following = spoken[place + 1].lower() if place + 1 < len(spoken) else ""
    return spoken[place].lower() in ("can", "may", "could") and spoken[0].lower() not in DETERMINERS and following not in ("be", "stay")


def _is_order(spoken: Sequence[str]) -> bool:
    """ "Bring it in when it rains" tells the reader what to do."""
    return is_base_verb(spoken[0]) and spoken[1].lower() in ("it", "the", "a", "an", "them", "this", "your", "in", "up", "with", "all")


def _is_plural_subject(first: str, second: str, third: Sequence[str] = ()) -> bool:
    """ "Keys get heavier", "levers close easily": the first word is a noun in the plural, the second its verb."""
    if third and second.lower() in LINKING and "ADJ" in word_classes(third[0]) and "NOUN" in word_classes(first):
        return True  # "colours stay natural"
    adverb = any(w.endswith("ly") and "ADV" in word_classes(w) for w in third)
    if adverb and is_base_verb(second) and second not in PREPOSITIONS | PARTICLES and "NOUN" in word_classes(first):
        return True
    return "NOUN" in word_classes(first) and (is_auxiliary(second) or ("NOUN" not in word_classes(second) and is_base_verb(second)))


def _finite_early(spoken: Sequence[str]) -> bool:
    """Whether a finite verb follows soon: an auxiliary, or a word that is nothing but a verb ("built in hooks allow hanging")."""
    told = any(
        is_base_verb(w) and word_classes(w) == {"VERB"} and before.endswith("s") and not before.endswith("ss")
        for before, w in pairwise(spoken[1:LATEST_VERB])
    )
    return told or any(is_auxiliary(w) for w in spoken[1:LATEST_VERB])


def _finite_later(spoken: Sequence[str]) -> bool:
    until = next((i for i, w in enumerate(spoken) if i > 1 and w.lower() in SUBORDINATE), len(spoken))
    return any(is_auxiliary(w) for w in spoken[2 : min(until, LATEST_VERB)])


def lowered(sentence: str) -> str:
    """The sentence as it stands inside another: its first letter small, unless the word is an abbreviation or holds a figure."""
    first = sentence.split(" ", 1)[0]
    kept = any(c.isupper() or c.isdigit() for c in first[1:]) or first[1:2] == "-" or (len(first) == 1 and first not in ("A",))
    return sentence if kept else sentence[:1].lower() + sentence[1:]
