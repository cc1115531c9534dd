"""A message in another language: only what was surely understood of it (a brand, a figure, a value) is searched for."""

from __future__ import annotations

from dataclasses import replace

from chatrec.domain.languages import answers_in_english
from chatrec.domain.reading import Intent, Reading

_SEARCHING = (Intent.RECOMMEND, Intent.REFINE)


def sure_part(reading: Reading) -> Reading:
    """The reading of an English message as it is. Of another, needs without their words, and no search where nothing else is left of
    them: English retrieval finds anything but what was meant."""
    if not answers_in_english(reading.language):
        return reading
    needs = tuple(replace(n, query="") for n in reading.needs if n.constraints or n.drops or n.closes)
    intents = reading.intents
    if not (needs or reading.comparatives or reading.like_items):
        intents = tuple(replace(s, intent=Intent.OUT_OF_SCOPE) if s.intent in _SEARCHING else s for s in reading.intents)
    return replace(reading, needs=needs, intents=intents, unknown=())
