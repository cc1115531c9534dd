"""What is for children and what is not: their shelves beside those that were named, and "that one is for kids, I need it for me"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import NeedReading
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.text import Message, stems
from chatrec.understanding.vocabulary import GENDER_FIELDS, HARDLY_HELD, Vocabulary, names_gender

GROWN_UP_AGE = 16.0
_CHILD = r"(?:kids?|child|children|childs|baby|babies|toddlers?|boys?|girls?|little ones?|juniors?)"
# A statement about what was shown, at the beginning of a sentence: no wish for something for children.
_DESCRIBED = re.compile(
    r"(?:^|[.!?,;] |\b(?:but|because|since|no|hmm|sorry|oh) )"
    r"(?:(?:it|this|that|these|those|they|the \w+)(?: (?:one|ones))?(?: (?:is|are|was|were|looks?|seems?))|that's|it's|they're|there's)"
    r"(?: (?:only|just|more|all|clearly|like|made|meant|sized|something|one|ones|they're|it's|are|is|to be))*"
    rf" (?:(?:for|made for|meant for) )?(?:an? |the |my |little |small |young )*{_CHILD}\b"
)
_ADULT = re.compile(r"\b(?:for me|for myself|my own|for an? (?:adult|grown ?up)|adults?|grown ?ups?|grown - ups?)\b")


def described_as_childish(message: Message) -> frozenset[int]:
    """The tokens that call what was shown a thing for children; empty where children are wished for."""
    match = _DESCRIBED.search(message.text)
    if match is None or not _ADULT.search(message.text.replace(match.group(), " ")):
        return frozenset()
    return frozenset(message.span(match.start(), match.end()))


class ChildrenReader:
    """Fits needs to the age of whom they are for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        category = vocabulary.fields.get("category")
        self._own = tuple(v.text for v in category.values if names_gender(v.text, "kids")) if category else ()

    def fit(self, analysis: Analysis, needs: Iterable[NeedReading]) -> tuple[NeedReading, ...]:
        """The needs with the children's categories let in for a child, and unwelcome for a grown-up who said so."""
        age = analysis.recipient.age
        if age is not None and age < GROWN_UP_AGE:
            return tuple(self._for_child(n) for n in needs)
        found = tuple(needs)
        if not analysis.childish:
            return found
        unwelcome = self._unwelcome(analysis)
        drops = tuple(f for f in self._vocabulary.numbers if "age" in self._vocabulary.name_stems[f])
        who = "yourself" if analysis.state.need() is not None else ""  # no longer for the child that was spoken of before
        first = found[0] if found else NeedReading(opens=analysis.state.need() is None)
        meant = replace(
            first, constraints=(*first.constraints, *unwelcome), recipient=who, drops=tuple(dict.fromkeys((*first.drops, *drops)))
        )
        return (meant, *found[1:])

    def _for_child(self, need: NeedReading) -> NeedReading:
        widened = tuple(self._widened(c) for c in need.constraints)
        return need if widened == need.constraints else replace(need, constraints=tuple(self._told_of_children(c) for c in widened))

    def _told_of_children(self, constraint: Constraint) -> Constraint:
        """A limit on what is hardly recorded for children's things would leave none of them: it becomes a wish."""
        field = self._vocabulary.fields.get(constraint.field)
        if constraint.strength is not Strength.MUST or constraint.op is not Op.IS or field is None or field.origin != "attribute":
            return constraint
        hardly = self._vocabulary.coverage(constraint.field, self._own) < HARDLY_HELD
        return replace(constraint, strength=Strength.PREFER) if hardly else constraint

    def _widened(self, constraint: Constraint) -> Constraint:
        """ "Jackets" for a six-year-old are also those on the children's shelves, where there are any."""
        if constraint.field != "category" or constraint.op is not Op.IS:
            return constraint
        titled = self._vocabulary.titled(words) if (words := stems(constraint.said)) else set()
        more = [c for c in self._own if c not in constraint.values and titled & self._vocabulary.rows((c,))]
        return replace(constraint, values=(*constraint.values, *more)) if more else constraint

    def _unwelcome(self, analysis: Analysis) -> tuple[Constraint, ...]:
        turn = analysis.state.turn + 1
        said = "not for children"
        need = analysis.state.need()
        wanted = {v for c in need.constraints if c.field == "category" and c.op is Op.IS for v in c.values} if need else set()
        shelf = tuple(v for v in self._own if v in wanted)
        found = [Constraint("category", Op.IS_NOT, shelf, turn=turn, said=said)] if shelf and wanted - set(shelf) else []
        if self._own and not shelf:
            found.append(Constraint("category", Op.IS, self._own, strength=Strength.AVOID, turn=turn, said=said))
        for name in sorted(GENDER_FIELDS & set(self._vocabulary.fields)):
            values: Sequence[str] = [v.text for v in self._vocabulary.fields[name].values if names_gender(v.text, "kids")]
            if values:
                found.append(Constraint(name, Op.IS, tuple(values), strength=Strength.AVOID, turn=turn, said=said))
        return tuple(found)
