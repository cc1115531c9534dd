"""Values and how they are meant, as constraints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.negation import Stance
from chatrec.understanding.text import Message, stem
from chatrec.understanding.vocabulary import COLOUR_FIELDS, GENDER_FIELDS, PURPOSE_FIELDS, SIZE_FIELDS, Vocabulary, name_parts

_STRENGTH = {Stance.WANT: Strength.MUST, Stance.PREFER: Strength.PREFER, Stance.AVOID: Strength.AVOID, Stance.EXCLUDE: Strength.MUST}
_VERB_BEFORE = {"that", "to", "which", "can", "could", "will", "would"}
_TIMES = {"season", "seasons", "time of year"}
# From this share of values on, a field is written freely ("rain cover included"): a filter on it would miss most of what fits.
FREE_TEXT_SHARE = 0.6


def constraint_for(message: Message, mention: Mention, stance: Stance, vocabulary: Vocabulary, must: bool) -> Constraint | None:
    """One mention as a constraint; ``None`` where it narrows nothing."""
    said = message.words(mention.first, mention.last)
    field = vocabulary.fields.get(mention.field)
    strength = _STRENGTH[stance]
    op = Op.IS_NOT if stance is Stance.EXCLUDE else Op.IS
    if field is not None and field.kind == "yes_no":
        # "without caffeine", where the shop says what is free of it
        named = tuple(t.stem for t in message.tokens[mention.first : mention.last] if t.text[:1].isalnum())
        turned = vocabulary.name_stems[mention.field][-1:] == ("free",) and "free" not in said and named not in vocabulary.mapped_words
        value = "no" if (stance is Stance.EXCLUDE) != turned else "yes"
        return Constraint(mention.field, Op.IS, (value,), strength=strength, said=f"not {said}" if value == "no" else said)
    if strength is Strength.MUST and op is Op.IS and not must and _only_a_wish(message, mention, vocabulary):
        strength = Strength.PREFER
    if mention.field == "category" and op is Op.IS_NOT and mention.quality < 3 and _one_of_several(mention):
        return Constraint("title", Op.IS_NOT, (said,), strength=strength, said=said)
    if mention.field == "category" and op is Op.IS:
        if mention.quality == 0:
            return None  # the words alone must find it
        if mention.quality == 1 and not _trusted(mention, vocabulary):
            strength = Strength.PREFER
    values = _with_unisex(mention, vocabulary) if op is Op.IS else mention.values
    return Constraint(mention.field, op, values, strength=strength, said=said)


def _only_a_wish(message: Message, mention: Mention, vocabulary: Vocabulary) -> bool:
    """Purposes ("for hiking") and freely written features move the ranking; they filter only when the shopper insists."""
    if mention.field in PURPOSE_FIELDS:
        return True
    if mention.field in ("brand", "category") or mention.field in GENDER_FIELDS | SIZE_FIELDS:
        return False
    field = vocabulary.fields.get(mention.field)
    if (
        field is not None
        and field.kind == "words"
        and field.origin == "attribute"
        and len(field.values) > FREE_TEXT_SHARE * max(1, field.count)
        and len(field.values) > 20
    ):
        return True
    before = message.tokens[mention.first - 1].text if mention.first else ""
    if before in _VERB_BEFORE and mention.field not in COLOUR_FIELDS:
        return True  # "trousers that zip off": something it does, and no value of a field
    return before == "for" or (mention.field in _TIMES and before in ("in", "during", "this", "next"))


def _one_of_several(mention: Mention) -> bool:
    """ "No clip" does not shut out all of "Cases & Clips"."""
    return all(len(name_parts(v)) > 1 for v in mention.values)


def _trusted(mention: Mention, vocabulary: Vocabulary) -> bool:
    head = {w for v in mention.values for w in (stem(v.lower().split()[-1]),)}
    return any(vocabulary.trusts_head(h, mention.values) for h in head) if len(head) == 1 else True


def _with_unisex(mention: Mention, vocabulary: Vocabulary) -> tuple[str, ...]:
    """What is made for everybody suits men and women too."""
    if mention.field not in GENDER_FIELDS:
        return mention.values
    everybody = vocabulary.fields[mention.field].spelling("unisex")
    return (
        (*mention.values, everybody)
        if everybody and everybody not in mention.values and set(mention.values) & {"men", "women"}
        else mention.values
    )


def joined(constraints: Sequence[Constraint]) -> list[Constraint]:
    """Values of one field that are meant alike become one constraint ("Kolder or Yarrow")."""
    found: dict[tuple[str, Op, Strength], Constraint] = {}
    for constraint in constraints:
        key = (constraint.field, constraint.op, constraint.strength)
        known = found.get(key)
        if known is None:
            found[key] = constraint
        else:
            values = tuple(dict.fromkeys((*known.values, *constraint.values)))
            found[key] = replace(known, values=values, said=f"{known.said}, {constraint.said}")
    return list(found.values())
