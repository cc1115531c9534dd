""" "Do you have it in another colour?": the listings of the same thing that differ from it by a colour, or that there is none."""

from __future__ import annotations

import re
from dataclasses import replace

from chatrec.dialogue.breaches import held_values
from chatrec.dialogue.cards import make_card
from chatrec.dialogue.scene import Performed, Scene, live_items, note
from chatrec.domain.act import AnswerItem
from chatrec.domain.colours import COLOUR_FIELDS, colours
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Op
from chatrec.domain.plain import plain
from chatrec.domain.reply import Cards, Chip
from chatrec.domain.state import ShownList
from chatrec.protocols import Shelf

ASKS_OTHER = re.compile(r"\b(?:an ?other|other|different|more) (?:colou?rs?|shades?)\b", re.IGNORECASE)
MOST_NAMED = 4
LEAST_WORDS = 2  # of a title without its colour, from which it names one product
SIMILAR = "show me something like it"
_WORD = re.compile(r"[^\W_]+")
_TAIL = re.compile(r"\s+[-–—]\s+(?=[^-–—]*$)")


def answer_other_colours(act: AnswerItem, item: Item, scene: Scene) -> Performed | None:
    """The answer, with the others as cards; ``None`` where the record itself lists several colours and answers better."""
    if any(len(held_values(item, field)) > 1 for field in COLOUR_FIELDS):
        return None
    others = [i for i in same_but_colour(item, scene.parts.shelf) if i != item.item_id]
    found = live_items(tuple(others[:MOST_NAMED]), scene)
    if not found:
        return _in_none(act, item, scene)
    cards = tuple(make_card(other, n, "the same in another colour", scene.parts) for n, other in enumerate(found, start=1))
    told = ", ".join(f"[{n}] in {colour_of(other)}" for n, other in enumerate(found, start=1))
    evidence = scene.parts.evidence.build("notice", scene.message, items=[(other, ()) for other in found])
    told_of = note("other_colours", f"yes, the same is here as {told}", cites=tuple(range(1, len(found) + 1)))
    need_id, ids = scene.state.active_need or 0, tuple(i.item_id for i in found)
    shown = ShownList(scene.state.turn, need_id, ids, tuple(c.why for c in cards))
    listed = Cards(cards, need_id, "In other colours")
    return Performed(act, replace(evidence, notes=(told_of,)), events=(listed,), shown=shown, focus=ids if len(ids) == 1 else ())


def _in_none(act: AnswerItem, item: Item, scene: Scene) -> Performed:
    own = colour_of(item) or " and ".join(plain(v, 40) for field in COLOUR_FIELDS for v in held_values(item, field))
    told = f"[1] is listed in {own}, and" if own else "the listing of [1] does not say its colour, and"
    text = f"{told} I find no listing of the same in another one. I can show you similar ones"
    evidence = scene.parts.evidence.build("notice", scene.message, items=[(item, ())])
    chip = Chip("followup", "Show similar ones", message=SIMILAR)
    return Performed(act, replace(evidence, notes=(note("other_colours", text, cites=(1,)),)), chips=(chip,), focus=(item.item_id,))


def same_but_colour(item: Item, shelf: Shelf) -> tuple[str, ...]:
    """The ids of the listings whose titles differ from this one's by nothing but the name of a colour, in the order of the ids."""
    bare = _without_colour(item.title)
    if len(bare) < LEAST_WORDS or not colour_of(item):
        return ()
    near = shelf.matching((Constraint("title", Op.IS, (" ".join(bare),)),)) or frozenset()
    titles = {i: shelf.item(i) for i in sorted(near)}
    own = colour_of(item)
    return tuple(i for i, other in titles.items() if _without_colour(other.title) == bare and colour_of(other) not in ("", own))


def colour_of(item: Item) -> str:
    """The colour that a title names: its last part where that holds one ("Neon Rose"), else the words that do."""
    parts = _TAIL.split(item.title)
    if len(parts) > 1 and _names_colour(parts[-1]):
        return plain(parts[-1], 40).lower()
    return " ".join(w for w in _WORD.findall(item.title.casefold()) if w in colours())


def _names_colour(text: str) -> bool:
    return not re.search(r"\d", text) and any(w in colours() for w in _WORD.findall(text.casefold()))


def _without_colour(title: str) -> tuple[str, ...]:
    parts = _TAIL.split(title)
    whole = parts[0] if len(parts) > 1 and _names_colour(parts[-1]) else title
    return tuple(w for w in _WORD.findall(whole.casefold()) if w not in colours())
