"""Things for children come after the others where nobody spoke of a child, and before them where one is to have the thing."""

from __future__ import annotations

import re

from chatrec.domain.item import Attribute, Item
from chatrec.domain.need import Need, Op

# Between a taste and being out of stock on the fused [0, 1] scale: it still comes where little else is left.
FOR_CHILDREN_WEIGHT = 0.4
GROWN_UP_AGE = 15.0
_LABEL = re.compile(
    r"\b(?:kids?|children|child(?:['’]?s)?|toddlers?|infants?|newborns?|babies|baby['’]s|juniors?|boys?|girls?)\b"
    r"(?![ -](?:proof|resistant|locks?|safe|friendly)\b)",
    re.IGNORECASE,
)
# Whoever says one of these speaks of a child, or of somebody who may be one.
_SPOKEN = re.compile(
    r"\b(?:kids?|child|children|childs|toddlers?|infants?|newborns?|bab(?:y|ies)|juniors?|boys?|girls?|sons?|daughters?|nephews?|nieces?|"
    r"grand(?:sons?|daughters?|kids?|child|children)|little (?:ones?|brother|sister)|school|years? old|year-old|teen\w*|famil(?:y|ies))\b",
    re.IGNORECASE,
)
_MONTHS = frozenset({"months", "month", "mo"})


def is_for_children(item: Item) -> bool:
    """Whether the record labels the item as one for children: in its title or categories, by whom it is for, or by an upper age."""
    if _LABEL.search(" ".join((item.title, item.category, *item.category_path))):
        return True
    for attribute in item.attributes:
        if attribute.name in ("gender", "age group", "department", "recipient") and attribute.values:
            if all(_LABEL.search(v) for v in attribute.values):
                return True
        elif attribute.name.startswith("age to") and _is_young(attribute):
            return True
    return False


def _is_young(attribute: Attribute) -> bool:
    return attribute.number is not None and (attribute.unit in _MONTHS or attribute.number < GROWN_UP_AGE)


def is_for_a_child(need: Need) -> bool:
    """Whether the need says how old the child is that is to have the thing."""
    ages = [c for c in need.constraints if c.field.startswith("age") and c.op is not Op.IS_NOT and c.number is not None]
    return any(c.unit in _MONTHS or (c.number or 0.0) < GROWN_UP_AGE for c in ages)


def speaks_of_children(need: Need) -> bool:
    """Whether a need was said to be for a child, or holds a word or a limit that only children's things have."""
    held = [c for c in need.constraints if c.op is not Op.IS_NOT]
    if any(c.field.startswith("age") for c in held):
        return True
    return bool(_SPOKEN.search(" ".join((need.query, need.recipient, *(v for c in held for v in c.values), *(c.said for c in held)))))
