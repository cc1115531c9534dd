"""The wishes of a message, need by need: "a tent under 200 and a blue mat" are two, each with its own limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from chatrec.domain.colours import COLOUR_FIELDS
from chatrec.domain.need import Constraint, Op
from chatrec.domain.reading import NeedReading
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.clauses import Clause
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import no_things, stop_words
from chatrec.understanding.negation import Stance, is_must, stance_of
from chatrec.understanding.stances import constraint_for, joined
from chatrec.understanding.vocabulary import Vocabulary

# "Time for a new laptop" asks for the laptop.
_NO_OWNER = {"enough", "time", "mood", "ready", "market", "hunt", "search", "shopping", "asking"}
_NEEDED = {"required", "needed", "necessary", "need"}
MOST_BETWEEN = 2
_LIMIT_AFTER = re.compile(
    r"(?:that |which |costing |priced |at )*(?:costs? |is |are |weighs? )?(?:over|above|more than|beyond|exceeding|dearer than|"
    r"pricier than|"
    r"more expensive than|north of|under|below|less than|heavier than|lighter than|bigger than|smaller than|[$€£\d])"
)
_SPENT = {"left", "buck", "quid", "set", "spare", "saved", "ready", "aside", "pay", "refuse", "brand", "make", "maker", "good"}
_SETS = {"pair", "set", "couple", "pack", "packet", "bottle", "bar", "box", "bag", "tin", "jar", "bunch", "kind", "sort", "type", "lot"}
_ALTERNATIVE = {"or", "/"}
_CONTEXT = {"for", "with", "of", "from", "like", "to", "on", "in", "inside", "over", "under", "into", "than"}
_DETERMINERS = {"my", "the", "a", "an", "our", "your", "his", "her", "their", "these", "those", "this", "that", "go", "new"}
_WANTING = {"want", "need", "like", "love", "going", "looking", "trying", "hoping", "planning", "wish", "have", "how", "where", "able"}
_SEEKING = {"looking", "searching", "also", "shopping", "hunting", "asking", "browsing", "market", "wish", "hoping", "after", "need"}
_JOINTS = {"together", "along", "and", ",", "plus", "also", "&", ";", "as", "another"}


@dataclass
class Segment:
    """The part of a message that speaks of one need: tokens ``first`` to ``last``, what it is about, and what is said of it."""

    first: int
    last: int
    clause: Clause
    anchors: list[Mention] = field(default_factory=list)
    values: list[tuple[Mention, Stance]] = field(default_factory=list)
    context: list[Mention] = field(default_factory=list)  # kinds of things that only describe the wanted one ("gas for my stove")
    apart: bool = False  # a thing in free words beside others: a need of its own

    def holds(self, index: int) -> bool:
        """Whether a token lies inside."""
        return self.first <= index < self.last

    def categories(self) -> tuple[str, ...]:
        """The categories it is about."""
        return tuple(v for a in self.anchors if a.field == "category" for v in a.values)


def is_kind(mention: Mention) -> bool:
    """Whether a value says what a thing is."""
    return mention.kind


def cut_segments(analysis: Analysis, clauses: Sequence[Clause]) -> list[Segment]:
    """One segment for each thing asked for; what is said before or after without a new thing belongs to its neighbour."""
    segments: list[Segment] = []
    for clause in clauses:
        stances = _stances(analysis, clause)
        groups, context = _anchor_groups(analysis, clause, stances)
        bounds = _bounds(analysis, clause, groups)
        for group, (first, last) in zip(groups or [[]], bounds, strict=True):
            anchored = {m.first for m in group}
            inside = [(m, s) for m, s in stances if first <= m.first < last and m.first not in anchored and m not in context]
            if not group and context:
                # "gas for my stove": the word before is the thing itself and no property
                inside = [
                    (m, Stance.PREFER if s is Stance.WANT and m.quality == 1 and m.last <= context[0].first else s) for m, s in inside
                ]
            segments.append(Segment(first, last, clause, group, inside, [m for m in context if first <= m.first < last]))
    return segments


def _stances(analysis: Analysis, clause: Clause) -> list[tuple[Mention, Stance]]:
    found: list[tuple[Mention, Stance]] = []
    limits = (clause.first, clause.last)
    for mention in analysis.inside(clause):
        previous = found[-1] if found else None
        found.append((mention, stance_of(analysis.message, mention, previous, limits)))
    found = [(m, Stance.WANT if _limited(analysis, m, s) else s) for m, s in found]
    freed = [_freed(found, i) for i in range(len(found))]
    return [(m, Stance.WANT if _named_maker(analysis, m, s) else s) for m, s in freed]


def _limited(analysis: Analysis, mention: Mention, stance: Stance) -> bool:
    """ "No boots over 200" turns down what costs more, and no boots."""
    after = analysis.message.words(mention.last, mention.last + 5)
    return is_kind(mention) and stance in (Stance.EXCLUDE, Stance.AVOID) and bool(_LIMIT_AFTER.match(after))


def _named_maker(analysis: Analysis, mention: Mention, stance: Stance) -> bool:
    """ "not an Apple laptop" in a shop without Apple: the maker is denied, not the laptop."""
    before = analysis.message.tokens[mention.first - 1] if mention.first else None
    if before is None or not is_kind(mention) or stance not in (Stance.EXCLUDE, Stance.AVOID):
        return False
    return (
        before.word
        and before.capital
        and before.text not in stop_words()
        and not any(m.covers(mention.first - 1) for m in analysis.mentions)
    )


def _freed(found: Sequence[tuple[Mention, Stance]], index: int) -> tuple[Mention, Stance]:
    """ "I don't want leather boots" excludes leather, not boots."""
    mention, stance = found[index]
    if index and stance in (Stance.EXCLUDE, Stance.AVOID) and is_kind(mention):
        before, same = found[index - 1]
        if same is stance and before.last == mention.first and not is_kind(before):
            return mention, Stance.WANT
    return mention, stance


def _anchor_groups(
    analysis: Analysis, clause: Clause, stances: Sequence[tuple[Mention, Stance]]
) -> tuple[list[list[Mention]], list[Mention]]:
    """The wanted kinds of things: alternatives ("tents or tarps") share a group; of two nouns side by side the last counts."""
    tokens = analysis.message.tokens
    kinds = [m for m, s in stances if is_kind(m) and s in (Stance.WANT, Stance.PREFER)]
    groups: list[list[Mention]] = []
    context: list[Mention] = []
    for place, mention in enumerate(kinds):
        following = kinds[place + 1] if place + 1 < len(kinds) else None
        if following is not None and mention.field == following.field and _compound(analysis, mention.last, following.first):
            context.append(mention)
            continue
        if (groups and _describes(analysis, clause, mention, groups[-1][-1].last)) or (
            not groups and _belongs_to_another(analysis, clause, mention)
        ):
            context.append(mention)
            continue
        between = [t.text for t in tokens[groups[-1][-1].last : mention.first]] if groups else []
        if (
            groups
            and (set(between) & _ALTERNATIVE or groups[-1][-1].last == mention.first)
            and len(between) <= 4
            and not _has_figure(analysis, groups[-1][-1].last, mention.first)
        ):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return groups, context


def _has_figure(analysis: Analysis, first: int, last: int) -> bool:
    """Whether each alternative has a limit of its own ("tents under 200 or hammocks under 80")."""
    return any(t.number is not None for t in analysis.message.tokens[first:last])


def _compound(analysis: Analysis, first: int, last: int) -> bool:
    """Whether nothing but words of one name stand between two nouns ("galaxy s7 case")."""
    between = analysis.message.tokens[first:last]
    named = all(t.text[:1].isalnum() and t.text not in stop_words() and t.text not in _CONTEXT for t in between)
    return (
        named
        and len(between) <= MOST_BETWEEN
        and not any(analysis.taken[i] and not any(m.covers(i) for m in analysis.mentions) for i in range(first, last))
    )


def _belongs_to_another(analysis: Analysis, clause: Clause, mention: Mention) -> bool:
    """ "gas for my stove": a thing in free words stands before, and the first known kind only says what it is for."""
    tokens = analysis.message.tokens
    before = [
        i
        for i in range(clause.first, mention.first)
        if tokens[i].word and tokens[i].text not in stop_words() | _NO_OWNER and not any(analysis.taken[i : i + 1])
    ]
    before += [
        i
        for m in analysis.inside(clause)
        if m.last < mention.first and not is_kind(m) and m.field not in COLOUR_FIELDS
        for i in range(m.first, m.last)
    ]
    if not before or not _describes(analysis, clause, mention, clause.first):
        return False
    link = [t.text for t in tokens[max(before) + 1 : mention.first]]
    if any(tokens[i].text in ("something", "anything") and tokens[i + 1].text == "to" for i in range(clause.first, mention.first - 1)):
        return True  # "something to cut metal sheets" is no sheet
    spent = tokens[max(before)].stem in _SPENT or tokens[max(before)].text in no_things()  # "200 left for poles"
    return bool(link) and link[0] in ("for", "to", "that", "which") and not spent and not any(tokens[i].number is not None for i in before)


def _describes(analysis: Analysis, clause: Clause, mention: Mention, after: int) -> bool:
    """Whether a later noun only describes the wanted thing: "for my stove", "with a lid"."""
    tokens = analysis.message.tokens
    index = mention.first - 1
    while index >= max(clause.first, after) and (
        tokens[index].text in _DETERMINERS or any(m.covers(index) and not is_kind(m) for m in analysis.mentions)
    ):
        index -= 1
    least = max(clause.first, after)
    if index < least:
        return False
    if tokens[index].text not in _CONTEXT and tokens[index].word and tokens[index].text not in stop_words():
        if _does(analysis, index, least):
            return True
        index -= 1  # "for a rolling cart", "to cut metal sheets"
        while index >= least and tokens[index].text in _DETERMINERS:
            index -= 1
        if index < least or _does(analysis, index, least):
            return index >= least
    if tokens[index].text == "with" and tokens[index - 1].text in ("together", "along"):
        return False
    if tokens[index].text == "of" and index > least and tokens[index - 1].stem in _SETS:
        return False  # "boots and a pair of poles"
    return tokens[index].text in _CONTEXT and not (index and tokens[index - 1].text in _SEEKING)


def _does(analysis: Analysis, index: int, least: int) -> bool:
    """Whether a verb of purpose stands here ("to hang knives"), and not what the shopper wants to do ("want to rent a tent")."""
    tokens = analysis.message.tokens
    if index - 1 < least or tokens[index - 1].text != "to" or not tokens[index].word or tokens[index].text in stop_words():
        return False
    return index - 2 < least or tokens[index - 2].text not in _WANTING


def _bounds(analysis: Analysis, clause: Clause, groups: Sequence[Sequence[Mention]]) -> list[tuple[int, int]]:
    """Token ranges of the groups: cut at the last joint before each next thing."""
    cuts = [clause.first]
    for before, after in pairwise(groups):
        joint = after[0].first
        for index in range(after[0].first - 1, before[-1].last - 1, -1):
            if analysis.message.tokens[index].text in _JOINTS:
                joint = index
                break
        cuts.append(joint)
    return list(zip(cuts, [*cuts[1:], clause.last], strict=True))


def value_constraints(analysis: Analysis, segment: Segment, vocabulary: Vocabulary) -> tuple[list[Constraint], list[str]]:
    """The constraints that the values of a segment stand for, and the fields that it waives."""
    found = []
    waived = []
    must = is_must(analysis.message, (segment.first, segment.last))
    for mention, stance in [*((a, Stance.WANT) for a in segment.anchors), *segment.values]:
        if stance is Stance.WAIVE and _NEEDED & set(vocabulary.name_stems.get(mention.field, ())):
            stance = Stance.EXCLUDE  # "doesn't need assembly", where the shop says which things do
        if stance is Stance.WAIVE:
            waived.append(mention.field)
        elif made := constraint_for(analysis.message, mention, stance, vocabulary, must):
            found.append(made)
    return joined(found), waived


def active_kinds(analysis: Analysis, kind_fields: frozenset[str]) -> tuple[str, ...]:
    """The kinds of things (category or type values) that the active need is about, lower-case."""
    need = analysis.state.need()
    wanted = [c for c in need.constraints if c.op is Op.IS and c.field in kind_fields] if need else []
    return tuple(v.casefold() for c in wanted for v in c.values)


def merge_readings(readings: Sequence[NeedReading]) -> tuple[NeedReading, ...]:
    """Readings that speak of one need become one: those that open nothing join the one before them."""
    merged: list[NeedReading] = []
    for reading in readings:
        if merged and not reading.opens:
            merged[-1] = _joined(merged[-1], reading)
        elif reading.opens or reading != NeedReading():
            merged.append(reading)
    if len(merged) > 1 and not merged[0].opens and merged[1].opens:
        # "Under 100, I need a tent": what is said first belongs to the thing named after it.
        merged[:2] = [replace(_joined(merged[0], merged[1]), opens=True)]
    return tuple(merged)


def _joined(one: NeedReading, other: NeedReading) -> NeedReading:
    kept = tuple(c for c in one.constraints if c.key not in {o.key for o in other.constraints})
    query = " ".join(dict.fromkeys(f"{one.query} {other.query}".split()))
    recipient, drops = other.recipient or one.recipient, tuple(dict.fromkeys((*one.drops, *other.drops)))
    return NeedReading(query, (*kept, *other.constraints), recipient, one.opens, drops, thing=one.thing or other.thing)
