"""Verb forms, from the dictionary of lemminflect: which word is a finite verb, and its plural."""

from __future__ import annotations

from functools import lru_cache

_AUXILIARIES = {"is": "are", "has": "have", "does": "do", "was": "were"}
_FINITE = frozenset(
    "is are was were isn't aren't has have had can cannot can't could will won't would may might must should "
    "does doesn't do don't did".split()
)


@lru_cache(maxsize=20_000)
def word_classes(word: str) -> frozenset[str]:
    """The universal part-of-speech tags that the dictionary knows for this word ("NOUN", "VERB", "ADJ", "ADV"); empty if none."""
    import lemminflect  # loads its dictionary at the first call

    return frozenset(lemminflect.getAllLemmas(word.lower()))


@lru_cache(maxsize=20_000)
def lemma(word: str) -> str:
    """The base form of a verb ("weighs" gives "weigh"); "" for a word that is no verb."""
    import lemminflect

    found = lemminflect.getAllLemmas(word.lower(), upos="VERB").get("VERB", ())
    return str(found[0]) if found else ""


def is_singular_verb(word: str) -> bool:
    """Whether the word can be a verb of the third person singular: "weighs", "is"; nouns in the plural ("handles") too."""
    low = word.lower()
    if low in _AUXILIARIES:
        return True
    return low.endswith("s") and not low.endswith("ss") and "VERB" in word_classes(low) and lemma(low) != low


def is_auxiliary(word: str) -> bool:
    """Whether the word can only be a finite verb: "is", "can", "won't"."""
    return word.lower() in _FINITE


def is_base_verb(word: str) -> bool:
    """Whether the word can be a verb in its base form, as it stands behind a plural ("keys get heavier")."""
    low = word.lower()
    return not low.endswith("ing") and "VERB" in word_classes(low) and lemma(low) == low


def is_participle(word: str) -> bool:
    """Whether the word can be a past participle: "made", "padded"."""
    low = word.lower()
    found = lemma(low)
    return bool(found) and low != found and not low.endswith(("s", "ing"))


@lru_cache(maxsize=5_000)
def plural_verb(verb: str) -> str:
    """ "weighs" as "weigh", "is" as "are"; a word that is no verb of the third person singular stays as it is."""
    low = verb.lower()
    if low in _AUXILIARIES:
        return _AUXILIARIES[low]
    return lemma(low) if is_singular_verb(low) else verb
