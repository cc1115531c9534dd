"""Things named in free words beside a known one: in "a tent and a kayak" the kayak is a need of its own, whether it is sold or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from chatrec.understanding.analysis import Analysis
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import common_words
from chatrec.understanding.needs import Segment, is_kind
from chatrec.understanding.products import PHRASE_ENDS, ProductReader, names_no_thing

_JOINTS = {"and", "plus", "&", ","}
_HAVING = {"with", "having", "has", "have", "featuring", "including", "includes"}
_ARTICLES = {"a", "an", "some", "another"}


def set_apart(analysis: Analysis, segments: Sequence[Segment], products: ProductReader) -> list[Segment]:
    """The segments with every other thing in one of its own."""
    parted = [part for segment in segments for part in _of_one_kind(analysis, segment)]
    return [part for segment in parted for part in _parts(analysis, segment, products)]


def _of_one_kind(analysis: Analysis, segment: Segment) -> list[Segment]:
    """ "One tent for 2 and one for 4", "a red daypack for Ann, a blue one for Tom": the same thing twice, each with its own limits."""
    cuts = [i for i in range(segment.first + 1, segment.last - 1) if _again(analysis, segment, i)]
    if not segment.anchors or not cuts or segment.anchors[-1].first > cuts[0]:
        return [segment]
    bounds = [segment.first, *cuts, segment.last]
    found = []
    for first, last in pairwise(bounds):
        part = _cut(segment, range(first, last), ())
        found.append(part if first == segment.first else replace(part, anchors=segment.anchors, apart=True))
    return found


def _again(analysis: Analysis, segment: Segment, index: int) -> bool:
    """Whether a joint stands here after which "one", "another" or "a blue one" means one more of the kind."""
    tokens = analysis.message.tokens
    if tokens[index].text not in _JOINTS or not any(a.last <= index for a in segment.anchors):
        return False
    following, after = tokens[index + 1].text, [t.text for t in tokens[index + 2 : index + 5]]
    if tokens[index].text == "," and following == "and":
        return False
    if following in ("one", "1") or (tokens[index + 1].number == 1 and after[:1] == ["for"]):
        return tokens[index].text != "," and after[:1] in (["for"], ["in"], ["with"], ["under"], ["that"], ["below"])
    if following == "another":
        return bool(after) and (after[0] in ("one", "for", "in") or "one" in after)
    if following in ("a", "an", "another") and after[:1] == ["pair"]:
        return after[1:2] in (["for"], ["in"])
    return following in ("a", "an") and "one" in after and any(m.first == index + 2 for m in analysis.mentions)


def _parts(analysis: Analysis, segment: Segment, products: ProductReader) -> list[Segment]:
    if not segment.anchors:
        return [segment]
    pieces = list(_pieces(analysis, segment))
    others = [p for p in pieces if _names_another(analysis, p, products)]
    if not others or len(others) == len(pieces):
        return [segment]
    found = [replace(_cut(segment, p, ()), apart=True) for p in others]
    own = [p for p in pieces if p not in others]
    rest = replace(_cut(segment, range(own[0].start, own[-1].stop), others), apart=own[0].start > segment.first)
    return sorted([*found, rest], key=lambda s: s.first)


def _pieces(analysis: Analysis, segment: Segment) -> Iterator[range]:
    """The segment cut before each "and a"."""
    tokens = analysis.message.tokens
    first = segment.first
    for index in range(segment.first + 1, segment.last - 1):
        if tokens[index].text in _JOINTS and tokens[index + 1].text in _ARTICLES:
            yield range(first, index)
            first = index + 1
    yield range(first, segment.last)


def _names_another(analysis: Analysis, piece: range, products: ProductReader) -> bool:
    """Whether a piece names a thing of its own, and no known kind; the first may ask before it names ("I need a kayak and a tent")."""
    if any(is_kind(m) and m.first in piece for m in analysis.mentions):
        return False
    before = max((m.last for m in analysis.mentions if is_kind(m) and m.last <= piece.start), default=piece.start)
    if {t.text for t in analysis.message.tokens[before : piece.start]} & _HAVING:
        return False  # "a tent with two doors and a porch"
    article = next((i for i in piece if analysis.message.tokens[i].text in _ARTICLES), None)
    return article is not None and _head_is_thing(analysis, range(article, piece.stop), products)


def _head_is_thing(analysis: Analysis, piece: range, products: ProductReader) -> bool:
    tokens = analysis.message.tokens
    end = next((i for i in piece[1:] if tokens[i].text in PHRASE_ENDS), piece.stop)
    named = [i for i in range(piece.start + 1, end) if tokens[i].text[:1].isalnum()]
    if not named or analysis.taken[named[-1]]:
        return False
    head = tokens[named[-1]]
    plain = not head.word or names_no_thing(head, tokens[named[-1] - 1]) or products.is_open(head)
    return not plain and (products.sold(head) or head.stem not in common_words())


def _cut(segment: Segment, piece: range, without: Sequence[range]) -> Segment:
    def holds(mention: Mention) -> bool:
        return mention.first in piece and not any(mention.first in p for p in without)

    return replace(
        segment,
        first=piece.start,
        last=piece.stop,
        anchors=[a for a in segment.anchors if holds(a)],
        values=[(m, s) for m, s in segment.values if holds(m)],
        context=[m for m in segment.context if holds(m)],
    )
