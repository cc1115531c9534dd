"""Why an item was shown, and why another was not: from what was kept of the list, the ledger and the records, never from a guess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chatrec.dialogue.alternatives import BROKEN
from chatrec.dialogue.breaches import breaches
from chatrec.dialogue.offer import find, make_query
from chatrec.dialogue.scene import Performed, Scene, facts_now, live_items, note, speak_topic
from chatrec.dialogue.wording import constraint_words
from chatrec.domain.act import Explain, Recommend
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.plain import plain
from chatrec.domain.reply import Chip
from chatrec.domain.state import DialogueState, ShownList
from chatrec.protocols import Shelf

WHY_NOT = re.compile(
    r"\b(?:why|how come)\b(?:(?=.*(?:\bnot?\b|n't\b|\bnever\b))|.*\b(?:leave|left|leaving|hid|skipped|dropped) )", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
MOST_NAME_WORDS = 5
MOST_HEARD_CHARS = 200
# A word that stands in more titles than these names a kind of thing, not one of them.
MOST_NAMED = 4
_KEPT = re.compile(r"(?:asked for \(|rather have: )([^)]*)")
_IDLE = frozenset(
    "why not no didnt dont did do you show me the a an any one ones and or but of for that this it is are was were have offer suggest "
    "include how come leave left out in list to i see there more with".split()
)


def explain(act: Explain, scene: Scene) -> Performed:
    """Why an item was shown: the limits it keeps, the wishes it fulfils and the reason that its source gave at the time; or, where the
    shopper asks why not, what speaks against the one that is named."""
    if act.words and WHY_NOT.search(act.words):
        named = (act.item_id,) if act.item_id else named_items(act.words, scene.parts.shelf)
        return why_not(act, named, scene) if named else speak_topic(act, "why_what", scene)
    items = live_items((act.item_id,), scene)
    if not items:
        return speak_topic(act, "why_what", scene)
    texts = list(_why_this(act.item_id, scene))
    notes = [note("why", text, cites=(1,)) for text in texts]
    # the facts that the reasons speak of are the ones to tell
    asked = " ".join((scene.message, *(kept for text in texts for kept in _KEPT.findall(text))))
    evidence = scene.parts.evidence.build(act.kind, asked, items=[(items[0], facts_now(items[0], scene))], notes=notes)
    evidence = replace(evidence, shopper=plain(scene.message, MOST_HEARD_CHARS))
    return Performed(act, evidence, focus=(act.item_id,))


def _why_this(item_id: str, scene: Scene) -> Iterator[str]:
    shown = _list_of(item_id, scene.state)
    if shown is None:
        return
    limits, _, reason = _kept_of(shown, item_id).partition(" · ")
    if shown.alternative or limits.startswith(BROKEN):
        yield f"I showed you [1] though it does not fulfil all your wishes: {_kept_of(shown, item_id).partition(': ')[2]}"
        return
    if not reason and limits and not _is_limits(limits, scene):
        limits, reason = "", limits
    told = [f"it keeps to what you asked for ({limits})"] if limits else []
    told += [f"it {_as_verb(reason)}"] if reason else []
    if told:
        yield f"I showed you [1] because {' and '.join(told)}"
    need = scene.state.need(shown.need_id)
    wishes = _fulfilled(item_id, need, scene) if need else []
    if wishes:
        yield f"It is also what you would rather have: {', '.join(wishes)}"


def _is_limits(words: str, scene: Scene) -> bool:
    held = [constraint_words(c, scene.parts.limits.currency) for n in scene.state.needs for c in n.hard()]
    return any(words.startswith(h) or h in words for h in held)


def _as_verb(reason: str) -> str:
    """A source's reason after "it": "matches 'tent'", "is liked by many"."""
    first = reason.split(" ", 1)[0]
    return reason if first.endswith("s") and not first.endswith("ss") else f"is {reason}"


def _list_of(item_id: str, state: DialogueState) -> ShownList | None:
    return next((s for s in reversed(state.shown) if item_id in s.item_ids), None)


def _kept_of(shown: ShownList, item_id: str) -> str:
    return shown.whys[shown.item_ids.index(item_id)] if shown.whys else ""


def _fulfilled(item_id: str, need: Need, scene: Scene) -> list[str]:
    item = scene.parts.shelf.item(item_id)
    held = [(c, replace(c, strength=Strength.MUST)) for c in need.soft() if c.strength is Strength.PREFER]
    return [constraint_words(must, scene.parts.limits.currency) for _, must in held if scene.parts.shelf.satisfies(item, (must,))]


def named_items(words: str, shelf: Shelf) -> tuple[str, ...]:
    """The item of the whole shop whose title holds most of the words in a row; nothing where they name a kind of thing."""
    spoken = [w.replace("’", "'") for w in _WORD.findall(words)]
    for size in range(min(MOST_NAME_WORDS, len(spoken)), 0, -1):
        for start in range(len(spoken) - size + 1):
            run = spoken[start : start + size]
            if all(w.casefold().replace("'", "") in _IDLE or w.isdigit() for w in run):
                continue
            found = shelf.matching((Constraint("title", Op.IS, (" ".join(run),)),)) or frozenset()
            if 0 < len(found) <= MOST_NAMED:
                return tuple(sorted(found))[:1]
    return ()


def why_not(act: Explain, named: tuple[str, ...], scene: Scene) -> Performed:
    """What speaks against an item: a limit it breaks (with its value), out of stock, turned down, shown already, or its place."""
    items = live_items(named, scene)
    if not items:
        return speak_topic(act, "why_what", scene)
    item = items[0]
    notes = [note("why", text, cites=(1,)) for text in _against(item, scene)]
    evidence = scene.parts.evidence.build(act.kind, scene.message, items=[(item, facts_now(item, scene))], notes=notes)
    chip = Chip("followup", "Tell me about it", message=f"tell me about the {item.title}")
    return Performed(replace(act, item_id=item.item_id), evidence, chips=(chip,), focus=(item.item_id,))


def _against(item: Item, scene: Scene) -> Iterator[str]:
    state, parts = scene.state, scene.parts
    need = state.need()
    hard = need.hard() if need else ()
    broken = breaches(item, hard, parts.shelf, parts.limits.currency)
    limits = [constraint_words(c, parts.limits.currency) for c in hard if not parts.shelf.satisfies(item, (c,))]
    if broken:
        yield f"I left out [1] because of what you asked for ({', '.join(limits)}): {'; '.join(broken)}"
    elif item.item_id in state.disliked:
        yield "I left out [1] because you turned it down"
    elif _list_of(item.item_id, state) is not None:
        yield "I did show you [1] in this conversation"
    elif item.stock is not None and item.stock <= 0:
        yield "[1] is out of stock, so it comes after what you can have now"
    else:
        yield from _ranked(item, need, scene)


def _ranked(item: Item, need: Need | None, scene: Scene) -> Iterator[str]:
    """Where an item that breaks no limit stands in the ranking of this moment."""
    if need is None:
        yield "Nothing that you told me speaks against [1]. Tell me what you are looking for and I will look at it too"
        return
    parts = scene.parts
    query = make_query(Recommend(need.need_id), need, scene.state, parts, parts.shelf.matching(need.hard()))
    order = [c.item_id for c in find(query, need, parts)]
    wishes = [c for c in need.soft() if c.strength is Strength.PREFER]
    missed = [c for c in wishes if not parts.shelf.satisfies(item, (replace(c, strength=Strength.MUST),))]
    words = ", ".join(constraint_words(replace(c, strength=Strength.MUST), parts.limits.currency) for c in missed)
    because = f"; it does not meet your wish for {words}" if missed else ""
    if item.item_id in order:
        place, count = order.index(item.item_id) + 1, len(order)
        yield f"[1] keeps to all you asked for, and comes in place {place} of {count}: others are nearer to your words{because}"
    else:
        yield f"[1] breaks none of your limits, but nothing you said points to it{because}"
