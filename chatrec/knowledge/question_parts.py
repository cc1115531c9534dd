"""A message with several questions, cut into its parts: each topic is looked for on its own."""

from __future__ import annotations

import re

MOST_PARTS = 4
_OPENING = (
    r"(?:how|what|what's|whats|when|where|where's|who|who's|whom|whose|why|which|do|does|did|can|could|is|are|am|was|will|would|should|"
    r"may|must|has|have)\b"
)
_JOINT = re.compile(
    rf"[?;!]+\s*(?=\w)|\s*,?\s+(?:and|or|also|plus|but|then)\s+(?:also\s+|then\s+)?(?={_OPENING})|,\s+(?={_OPENING})", re.IGNORECASE
)
_OPENS = re.compile(rf"\W*(?:(?:and|or|also|plus|but|so|then|hi|hello|hey|please)\W+)*{_OPENING}", re.IGNORECASE)
_POINTING = re.compile(r"\b(?:it|its|them|they|that|this|those|these|one|ones|then|there|so)\b", re.IGNORECASE)
LEAST_OWN_WORDS = 3


def question_parts(question: str) -> tuple[str, ...]:
    """The questions in one message, in order, at most four; one element where it asks one thing.

    A part that points back ("and what does it cost?") or is too short to stand alone brings the first part along, in brackets.
    """
    pieces = [p.strip(" ,.") for p in _JOINT.split(question)]
    pieces = [p for p in pieces if p and re.search(r"\w", p)]
    if len(pieces) < 2 or not all(_OPENS.match(p) for p in pieces[1:]):
        return (question,)
    parts: list[str] = []
    for piece in pieces[:MOST_PARTS]:
        parts.append(f"{piece} ({parts[0].partition(' (')[0]})" if parts and needs_context(piece) else piece)
    return tuple(parts)


def is_question(part: str) -> bool:
    """Whether a part asks something; "I want a tent" does not."""
    return bool(_OPENS.match(part)) or part.rstrip().endswith("?")


def needs_context(part: str) -> bool:
    """Whether a part says too little on its own to be looked for."""
    words = re.findall(r"\w+", part)
    return bool(_POINTING.search(part)) or len(words) <= LEAST_OWN_WORDS
