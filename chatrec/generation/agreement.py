"""Number: code knows whether a name is a plural, the model does not. "[1] opens flat" becomes "[1] open flat" behind "boots"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chatrec.domain.facts import EvidenceItem
from chatrec.generation.item_names import without_maker
from chatrec.generation.predicates import tell
from chatrec.generation.verbs import is_singular_verb, plural_verb

_SINGULAR_ENDINGS = ("ss", "us", "is", "as", "ous", "series", "lens", "gps", "news")
_SPAN = re.compile(r"\[(?P<n>\d{1,3})\](?P<rest>[^\[]*)")
_HEAD = re.compile(r"^(?P<lead>,? also| both|, in turn,)? (?P<verb>[a-z]+)\b")
_PRONOUN = re.compile(r"\b(?P<lead>it|It|which|It also|it also) (?P<verb>[a-z]+)\b")
_IT_IS = re.compile(r"\b[Ii]t['’]s\b")
_NEXT = re.compile(r"(?P<lead>,? and|,? but|, while it|; it|,)(?P<also> also)? (?P<verb>[a-z]+)\b")
_NO_SUBJECT = frozenset({"of", "than"})
_ALWAYS = frozenset({"is", "has", "was", "does", "costs", "comes", "weighs", "holds"})


def is_plural(title: str) -> bool:
    """Whether a name reads as a plural ("hiking boots"): by its last word before the first comma, bracket or "with", behind the maker."""
    head = re.split(r"[,(:;|–—]|\s-\s|\s(?:with|for|in|of)\s", without_maker(title))[0].split()
    words = [w for w in head if not any(c.isdigit() for c in w)]
    last = words[-1].lower() if words else ""
    return last.endswith("s") and not last.endswith(_SINGULAR_ENDINGS) and not last.endswith(("'s", "’s"))


def predicate_verbs(item: EvidenceItem) -> frozenset[str]:
    """The verbs with which code tells the facts of an item: behind a comma these are verbs, other words may be nouns ("and colours")."""
    told = (tell(fact).split(" ", 1)[0] for fact in item.facts)
    return frozenset(word for word in told if is_singular_verb(word))


def in_number(text: str, plural: Mapping[int, frozenset[str]]) -> str:
    """Verbs and pronouns behind a plural name in their plural form, up to the next citation.

    ``plural`` gives, by citation number, the verbs with which code tells the facts of that item."""

    def span(match: re.Match[str]) -> str:
        n = int(match["n"])
        before = text[: match.start()].lower().split()[-1:]
        if n not in plural or _NO_SUBJECT & set(before):
            return match[0]
        return f"[{n}]{_rest(match['rest'], plural[n] | _ALWAYS)}"

    return _SPAN.sub(span, text) if plural else text


def _rest(rest: str, verbs: frozenset[str]) -> str:
    def agreed(match: re.Match[str]) -> str:
        lead = match.groupdict().get("lead") or ""
        subject = re.sub(r"\bit\b", "they", lead).replace("It", "They")
        also = match.groupdict().get("also") or ""
        return f"{subject}{also} {plural_verb(match['verb'])}" if is_singular_verb(match["verb"]) else match[0]

    def next_agreed(match: re.Match[str]) -> str:
        return agreed(match) if match["verb"] in verbs else match[0]

    told = _IT_IS.sub(lambda m: "They're" if m[0][0] == "I" else "they're", _PRONOUN.sub(agreed, _HEAD.sub(agreed, rest)))
    if told == rest:
        return rest
    return re.sub(r"\bIts\b", "Their", re.sub(r"\bits\b", "their", _NEXT.sub(next_agreed, told)))
