"""What a reply calls the items it is about: short names that tell them apart.

A catalogue's titles run on ("…, 1 kg Spool, 1.75 mm, White"), and a person names a thing by the start of its title. Where the starts
of two items of one reply are the same, the part of the title in which they differ follows in brackets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

WHOLE_CHARS = 48  # a title no longer than this is a name as it stands
FIRST_NAME_CHARS = 60
LATER_NAME_CHARS = 40
MOST_MARK_CHARS = 36
LEAST_NAME_WORDS = 3
# In "Maker - Thing - Colour" the words before the first dash are the maker's name, which names no thing.
MOST_MAKER_WORDS = 4
# A comma inside "SE, 5s and 5" joins; any other parts.
_DASH = re.compile(r"\s+[-–—]\s+")
_JOINT = re.compile(r"\s+[-–—|/]\s+|,(?!\d|[^,()]{1,16}\s(?:and|&)\s)|;|:(?=\s)|\s+\(|\)(?:\s*[,;])?(?:\s+|$)")
_PREPOSITION = re.compile(r"\s(?:for|with|without|in|by(?!\s\d)|from)\s", re.IGNORECASE)
_DANGLING = re.compile(r"(?:\s(?:for|with|without|and|or|of|the|in|to|a|an|by|from|at|on|x|w/|-|–|—|&|\+|[\d./]+))+$", re.IGNORECASE)
_EDGE = " .,;:-–—/|&("
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=256)
def item_names(titles: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(name at the first mention, name at later ones) of each item of one reply, by its title, in order.

    No two first names are the same, and no two later ones; each has at most some 100 characters. Deterministic.
    """
    whole = [title.rstrip(" .") or f"item {n}" for n, title in enumerate(titles, start=1)]
    heads, shorter = [_head(title) for title in whole], [_shorter(title) for title in whole]
    first = _distinct([_marked(n, heads, whole) for n in range(len(whole))])
    later = [_marked(n, shorter, whole) if heads.count(heads[n]) > 1 else shorter[n] for n in range(len(whole))]
    return tuple((one, other if later.count(other) == 1 else one) for one, other in zip(first, later, strict=True))


def without_maker(title: str) -> str:
    """A title of the form "Maker - Thing" from the thing on; any other title ("Rubber gloves - large") as it is."""
    maker, *things = _DASH.split(title, maxsplit=1)
    n_words = len(_WORD.findall(maker))
    made = things and (n_words == 1 or (n_words <= MOST_MAKER_WORDS and len(_WORD.findall(things[0])) >= LEAST_NAME_WORDS))
    return things[0] if made else title


def _head(title: str) -> str:
    """The shortest start of a title, up to a joint, that names the thing; a short title whole."""
    if len(title) <= WHOLE_CHARS:
        return title
    fitting = [head for head in _heads(title) if len(head) <= FIRST_NAME_CHARS]
    return fitting[0] if fitting else _before_preposition(title, FIRST_NAME_CHARS) or _cut(title, FIRST_NAME_CHARS)


def _shorter(title: str) -> str:
    """The name of a thing just mentioned: up to a preposition where its head is long."""
    head = _head(title)
    return head if len(head) <= LATER_NAME_CHARS else _before_preposition(head, LATER_NAME_CHARS) or head


def _heads(title: str) -> Iterator[str]:
    """The starts of a title up to each joint, shortest first, that name a thing and have their brackets closed."""
    for joint in (*_JOINT.finditer(title), None):
        end = len(title) if joint is None else joint.start() + joint[0].startswith(")")
        head = title[:end].rstrip(_EDGE)
        if head.count("(") == head.count(")") and _names_a_thing(head, title):
            yield head


def _names_a_thing(start: str, title: str) -> bool:
    """Whether there are words enough, and more than a maker's name before a dash."""
    follows = _DASH.match(title, len(start))
    maker = follows is not None and not _DASH.search(start) and len(_WORD.findall(start)) <= MOST_MAKER_WORDS
    return len(_WORD.findall(start)) >= LEAST_NAME_WORDS and not maker


def _before_preposition(text: str, limit: int) -> str:
    """The start of a text up to the last preposition that fits and leaves a name; "" where there is none."""
    starts = [text[: p.start()].rstrip(_EDGE) for p in _PREPOSITION.finditer(text) if p.start() <= limit]
    fitting = [s for s in starts if _names_a_thing(s, text) and s.count("(") == s.count(")")]
    return fitting[-1] if fitting else ""


def _cut(text: str, limit: int) -> str:
    """The words of a text that fit, with none left dangling."""
    if len(text) <= limit:
        return text
    kept = text[: limit + 1].rpartition(" ")[0] or text[:limit]
    return _DANGLING.sub("", kept.rstrip(_EDGE)).rstrip(_EDGE) or kept


def _marked(n: int, names: Sequence[str], titles: Sequence[str]) -> str:
    """The name with what tells this title from those of the same name, in brackets; alone where it is the only one."""
    rivals = [titles[m][len(names[m]) :] for m in range(len(names)) if m != n and names[m].casefold() == names[n].casefold()]
    mark = _mark(titles[n][len(names[n]) :], rivals) if rivals else ""
    return in_brackets(names[n], mark) if mark else names[n]


def _mark(rest: str, rivals: Sequence[str]) -> str:
    """What of the rest of a title its rivals do not have: one part that none has, else the parts that not all have."""
    held = [{part.casefold() for part in _parts(rival)} for rival in rivals]
    parts = _parts(rest)
    alone = [part for part in parts if not any(part.casefold() in own for own in held)]
    some = [part for part in parts if not all(part.casefold() in own for own in held)]
    for mark in (*(p for p in alone if len(p) <= MOST_MARK_CHARS), *([", ".join(some)] if some else [])):
        return mark if len(mark) <= MOST_MARK_CHARS else _words_apart(mark, rivals)
    return ""


def _words_apart(text: str, rivals: Sequence[str]) -> str:
    """A long part from its first word on that not every rival has."""
    common = set.intersection(*({w.casefold() for w in _WORD.findall(rival)} for rival in rivals))
    words = text.split()
    start = next((n for n, word in enumerate(words) if not {w.casefold() for w in _WORD.findall(word)} <= common), 0)
    return _cut(" ".join(words[start:]), MOST_MARK_CHARS)


def _parts(title: str) -> list[str]:
    return [part for piece in _JOINT.split(title) if (part := piece.strip(_EDGE + ")"))]


def _distinct(names: Sequence[str]) -> list[str]:
    """The names; those that still coincide with the number of their card."""
    counts = Counter(name.casefold() for name in names)
    return [name if counts[name.casefold()] < 2 else in_brackets(name, f"no. {n}") for n, name in enumerate(names, start=1)]


def in_brackets(name: str, more: str) -> str:
    """The name with ``more`` in brackets behind it, inside those it may end in."""
    return f"{name[:-1]}, {more})" if name.endswith(")") else f"{name} ({more})"
