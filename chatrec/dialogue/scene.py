"""What an act is carried out in, what it leaves, and what all acts share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from chatrec.dialogue.follow_ups import TO_A_PERSON, offering
from chatrec.dialogue.offer import Offer, with_live
from chatrec.dialogue.parts import Parts
from chatrec.domain.act import Act
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.figures import live_facts
from chatrec.domain.item import Item
from chatrec.domain.reply import Chip, Effect, ReplyEvent
from chatrec.domain.state import DialogueState, OpenQuestion, ShownList
from chatrec.domain.tool import Outcome, Pending

# Topics whose wording offers a person: a yes to it brings one.
_NAMES_A_PERSON = frozenset({"policy", "tool_failed", "tool_unsure", "tool_argument", "no_cart", "disputed", "upset"})


@dataclass(frozen=True, slots=True)
class Performed:
    """What one act did. ``events`` go out before the text; ``evidence`` is what the writer may say.

    ``effects`` are carried out by ``bot`` before anything is said, and ``after`` makes of their outcomes what the act did in the end.
    ``pending`` waits for a yes or a missing argument; ``marks`` are remembered as asked, ``tried`` for whoever takes over.
    """

    act: Act
    evidence: Evidence
    events: tuple[ReplyEvent, ...] = ()
    chips: tuple[Chip, ...] = ()
    offer: Offer | None = None
    shown: ShownList | None = None
    question: OpenQuestion | None = None
    focus: tuple[str, ...] = ()
    action: str = ""
    failed: bool = False
    next_act: Act | None = None
    effects: tuple[Effect, ...] = ()
    after: Callable[[Sequence[Outcome]], Performed] | None = None
    pending: Pending | None = None
    marks: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """The turn so far, as an act sees it: state after the update, the shopper's words, the parts."""

    state: DialogueState
    message: str
    parts: Parts
    shown_per_need: int = field(default=3)


def note(name: str, text: str, cites: tuple[int, ...] = (), value: str = "") -> Fact:
    """A fact computed for this turn."""
    return Fact(FactKind.COMPUTED, name, text, value=value, cites=cites, source="turn")


def speak_topic(act: Act, topic: str, scene: Scene, item_ids: Sequence[str] = (), failed: bool = False) -> Performed:
    """Evidence for a reply whose content is a topic and, at most, the items it is about."""
    kind = act.kind if act.kind in ("decline", "hand_off", "order_status") else "decline" if topic == "policy" else "say"
    items = live_items(item_ids, scene)
    evidence = replace(
        scene.parts.evidence.build(kind, scene.message, items=[(i, facts_now(i, scene)) for i in items]),
        notes=(note("topic", f"topic {topic}", value=topic),),
    )
    offer = offering(TO_A_PERSON, scene.state) if topic in _NAMES_A_PERSON else None
    return Performed(act, evidence, failed=failed, pending=offer)


def live_items(item_ids: Sequence[str], scene: Scene) -> list[Item]:
    """The items that the shop still holds, each once, with price and stock as they are now."""
    known = [i for i in dict.fromkeys(item_ids) if i in scene.parts.shelf]
    rows = scene.parts.live.live(known)
    return [with_live(scene.parts.shelf.item(i), rows[i]) for i in known if i in rows]


def facts_now(item: Item, scene: Scene) -> tuple[Fact, ...]:
    """The record's facts, with price and stock as they are now."""
    return live_facts(item, scene.parts.shelf.facts(item.item_id))
