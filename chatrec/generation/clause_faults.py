"""Signs that a clause of a listing is torn: cut out of the middle of something, run together with a label, or without its subject.

Feeds lose full stops, line ends and words. What is told of such a clause, by a model or by code, is nonsense that every word of the record
bears out, so it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from chatrec.generation.clause_words import SUBORDINATE
from chatrec.generation.verbs import is_auxiliary, is_singular_verb, lemma, word_classes

_RUN_TOGETHER = re.compile(r"\b[a-z]{3,}[A-Z][a-z]{2,}|[a-z)][.!?][A-Z][a-z]| \. |\s-\s[A-Z]|\b[A-Z][a-z]+:\d|[+/&-]\s*$")
_LABEL_AT_END = re.compile(
    r"(?<![.,])\b[a-z]+ (?P<label>Colou?rs?|Sizes?|Materials?|Features?|Specifications?|Package|Includes?|Notes?|Warning|Type|Use)$"
)
# "when the hole": what opens like a condition and has no verb.
_NO_VERB = re.compile(r"\b(?:when|while|if|because|as soon as|until) (?:the|a|an|its|your)(?: [\w-]+){1,2}$", re.IGNORECASE)
_TITLE_WORD = re.compile(r"[A-Z][a-z]+(?:-[A-Z]?[a-z]+)?")
_SAID_OF_ALL = re.compile(
    r"\bknow that\b|^all (?:gardeners|cooks|runners|people|parents|owners)\b|"
    r"^it (?:is|was) (?:recommended|advised|suggested|important|best|necessary|possible|easy|good|essential) to\b",
    re.IGNORECASE,
)
_SINGULAR_AUX = frozenset("is has was does".split())
_PLURAL_AUX = frozenset("are have were".split())
_BEFORE_NAMES = frozenset("in of from by the a an with for and or to at on".split())


def is_torn(text: str, spoken: Sequence[str]) -> bool:
    """Whether the clause ``text``, of the words ``spoken``, shows such a sign."""
    return bool(
        _RUN_TOGETHER.search(text)
        or _LABEL_AT_END.search(text)
        or _NO_VERB.search(text)
        or _SAID_OF_ALL.search(text)
        or _is_headline(spoken)
        or _ends_in_quality(spoken)
        or _disagrees(spoken)
    )


def subject_missing(spoken: Sequence[str]) -> bool:
    """Whether the clause opens with its verb ("leaves a thin film that will dry") or with an adverb before it ("now includes files")."""
    first, second = spoken[0].lower(), spoken[1].lower()
    if is_singular_verb(first) and second in ("a", "an", "the", "your", "its", "any", "all", "up", "out"):
        return True
    if is_singular_verb(first) and (second in SUBORDINATE or (lemma(first) in _ALWAYS_VERBS and not is_auxiliary(second))):
        return True
    return first in ("now", "also", "easily", "quickly", "simply", "neatly") and is_singular_verb(second) and not is_auxiliary(second)


def _is_headline(spoken: Sequence[str]) -> bool:
    """ "Ergonomic Handle Reduces Vibrations And Is Light": most words behind the first in capitals."""
    later = [w for w in spoken[1:] if w.isalpha() and len(w) > 2]
    return len(later) > 3 and sum(bool(_TITLE_WORD.fullmatch(w)) for w in later) * 2 > len(later)


def _ends_in_quality(spoken: Sequence[str]) -> bool:
    """ "allows for fast and thorough": the thing that is fast is missing."""
    if len(spoken) < 5 or spoken[-2].lower() != "and" or spoken[-4].lower() not in ("for", "of", "with", "in"):
        return False
    return "ADJ" in word_classes(spoken[-3]) and "ADJ" in word_classes(spoken[-1]) and "VERB" not in word_classes(spoken[-1])


def _disagrees(spoken: Sequence[str]) -> bool:
    """ "the regulator are available", "the times has been", "building and are made": no such subject has such a verb."""
    for before, word in pairwise(spoken[:7]):
        verb, noun = word.lower(), before.lower()
        if verb not in _SINGULAR_AUX | _PLURAL_AUX:
            continue
        if noun in ("and", "or"):
            return True
        subject = [w.lower() for w in spoken[: spoken.index(word)]]
        alone = len(subject) < 3 and not {"and", "or", ",", "of", "that", "which", "who"} & set(subject)
        plural = noun.endswith("s") and "NOUN" in word_classes(noun) and _lemma_of_noun(noun) != noun
        if verb in _SINGULAR_AUX:
            return alone and plural and spoken[0].lower() not in ("this", "it", "each")
        many = {"and", "or", "all", "both", "two", "three", "four", "many", "most", "several", "these", "those", "they"} & set(subject)
        singular = not noun.endswith("s") and word_classes(noun) == {"NOUN"} and noun not in _IRREGULAR
        return singular and not many and not any(w in ("that", "which", "who", "of") or w[:1].isdigit() for w in subject)
    return False


def _lemma_of_noun(noun: str) -> str:
    import lemminflect  # loads its dictionary at the first call

    return next(iter(lemminflect.getLemma(noun, upos="NOUN")), noun)


_ALWAYS_VERBS = frozenset("stay keep hold fit let give make become remain grow tend need".split())
_IRREGULAR = frozenset("people men women children feet teeth mice dice data media series species equipment staff police fish sheep".split())
