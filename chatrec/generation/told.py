"""Whether a text tells a fact, in whatever words: by the marks that set the fact apart.

Figures must stand as they are, comparisons by their root ("lighter", "the lightest"), and most of the content words; the verb that brings
a property into its sentence is free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from chatrec.generation.gate_words import content_stems, stem, stems
from chatrec.generation.sentences import split_sentences

LEAST_TOLD = 0.6
"""The share of a part's marks that a reply must hold to have told it: a few words may be the writer's own."""
_CITE = re.compile(r"\[(\d+)\]")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BREAK = re.compile(r";|,|:|\b(?:and|but|while|whereas|though)\b")
ALL = re.compile(
    r"\b(?:both|all|either|neither|each|every(?! (?:few|other|second|third|day|week|month|year|hour|time|two|three|four|\d)))\b",
    re.IGNORECASE,
)
VERBS = frozenset(stems("listed listing listings says comes made holds weighs runs measures takes keeps works rated its"))
"""What brings a property into a sentence; whoever tells the property may choose another."""
_DEGREES = {"more": "more", "most": "more", "less": "less", "least": "less", "fewer": "less", "fewest": "less"}
_PRICED = {"cheap": "<cheap>", "cheaper": "<cheap>", "cheapest": "<cheap>", "dearer": "<dear>", "dearest": "<dear>"}
_COSTS_LESS = re.compile(r"\b(?:costs? (?:the )?(?:less|least)|least expensive|less expensive|lower in price|lowest price)\b")
_COSTS_MORE = re.compile(r"\b(?:costs? (?:the )?(?:more|most)|most expensive|more expensive)\b")
_GRADED = re.compile(r"(?P<root>[a-z]{3,}?)(?:ier|iest|er|est)")
_GRADES = frozenset(
    "light heavy small large big long short thin thick wide narrow tall low high warm cool quiet loud bright dim deep shallow fast slow "
    "strong weak soft hard old new".split()
)


def about(n: int, reply: str) -> Iterator[str]:
    """The stretches of the reply that speak of item ``n``."""
    subjects: tuple[int, ...] = ()
    for sentence in split_sentences(reply):
        places = [(int(m[1]), m.start(), m.end()) for m in _CITE.finditer(sentence)]
        if not places:
            if not subjects or n in subjects or ALL.search(sentence):
                yield sentence
            continue
        starts = [0, *(_break_before(sentence, a[2], b[1]) for a, b in pairwise(places)), len(sentence)]
        for (cited, _, _), start, end in zip(places, starts, starts[1:], strict=False):
            if cited == n or ALL.search(sentence[start:end]):
                yield sentence[start:end]
        subjects = tuple(cited for cited, _, _ in places)


def _break_before(sentence: str, after: int, until: int) -> int:
    """Where the stretch of a citation begins: at the last break between it and the one before."""
    found = [m.start() for m in _BREAK.finditer(sentence, after, until)]
    return found[-1] if found else until


def is_told(part: str, said: str) -> bool:
    """Whether the text ``said``, which speaks of one item, tells this part of a plan."""
    wanted, there = marks(part) - VERBS or marks(part), marks(said)
    figures = set(_FIGURE.findall(part))
    if not figures <= set(_FIGURE.findall(said)) or not grades(part) <= grades(said):
        return False
    return bool(wanted) and len(wanted & there) >= LEAST_TOLD * len(wanted)


def place_of(part: str, said: str) -> int:
    """Where the reply begins to tell the part."""
    wanted = marks(part)
    for found in _WORD.finditer(said.lower()):
        if marks(found[0]) & wanted:
            return found.start()
    return len(said)


def marks(text: str) -> frozenset[str]:
    """What tells a part from others: content stems, figures, degrees and comparisons by their root."""
    low = _CITE.sub(" ", text.lower())
    return frozenset(s for s in content_stems(low) if not _is_graded(s)) | frozenset(_FIGURE.findall(low)) | grades(low)


def grades(text: str) -> frozenset[str]:
    """The comparisons of a text by their root: "lighter" and "the lightest" alike."""
    low = text.lower()
    low = _COSTS_MORE.sub("dearer", _COSTS_LESS.sub("cheaper", low))
    found = set()
    for word in _WORD.findall(low):
        graded = _GRADED.fullmatch(word)
        if word in _PRICED:
            found.add(_PRICED[word])
        elif word in _DEGREES:
            found.add(_DEGREES[word])
        elif graded and (root := _root(graded["root"])):
            found.add(f"<{root}>")
    return frozenset(found)


def _root(word: str) -> str:
    """The adjective behind a comparative: "light", "thin" for "thinner", "heavy" for "heavier"."""
    return next((a for a in (word, word[:-1], f"{word}y", f"{word}e") if a in _GRADES), "")


def _is_graded(word: str) -> bool:
    graded = _GRADED.fullmatch(word)
    return word in {stem(w) for w in (*_PRICED, *_DEGREES)} or bool(graded and _root(graded["root"]))
