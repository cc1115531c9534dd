"""A question before a change, the change itself, and what is said of its outcome: shared by tools, cart and profile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from chatrec.dialogue.perform import Performed, Scene, note, speak_topic
from chatrec.domain.act import Act
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.figures import live_facts
from chatrec.domain.item import Item
from chatrec.domain.reply import Chip, Effect
from chatrec.domain.tool import Call, Caller, Outcome, Pending, Trouble

TO_A_PERSON = Chip("followup", "Talk to a person", message="I would like to talk to a person")
YES_NO = (Chip("answer", "Yes", message="yes"), Chip("answer", "No", message="no"))


def asking(act: Act, text: str, pending: Pending, chips: tuple[Chip, ...], scene: Scene, items: Sequence[Item] = ()) -> Performed:
    """A question of code's own before a change, or for what is missing; ``[1]`` in it is the first of ``items``."""
    return replace(telling(act, (text,), scene, items), chips=chips, pending=pending)


def telling(act: Act, texts: Sequence[str], scene: Scene, items: Sequence[Item] = (), chips: tuple[Chip, ...] = ()) -> Performed:
    """Sentences of code's own, as they stand. ``items`` may be cited in them; their facts are those of this moment."""
    pairs = [(item, live_facts(item, scene.parts.shelf.facts(item.item_id))) for item in items]
    built = scene.parts.evidence.build(act.kind, scene.message, items=pairs)
    evidence = replace(built, notes=tuple(note("told", text) for text in texts))
    return Performed(act, evidence, chips=chips, focus=tuple(i.item_id for i in items))


def effect(name: str, arguments: Sequence[tuple[str, str | int]], scene: Scene) -> Effect:
    """The change as ``bot`` carries it out. Its key is that of the question which was answered with yes: a turn that is run again, or a
    yes that is said twice, is the same change."""
    state = scene.state
    asked = state.pending.turn if state.pending is not None else state.turn
    packed = json.dumps({n: json.dumps(v) for n, v in arguments}, sort_keys=True)
    digest = hashlib.blake2b(packed.encode(errors="replace"), digest_size=8).hexdigest()
    return Effect("tool", f"tool:{state.session_id}:{asked}:{name}:{digest}", (("tool", name), ("arguments", packed)))


def run_tool(name: str, known: tuple[tuple[str, str], ...], scene: Scene) -> Outcome:
    """Runs a tool that changes nothing."""
    call = Call(name, tuple((n, json.dumps(value)) for n, value in known))
    return scene.parts.tools.run(call, Caller(scene.state.session_id, scene.state.user_id))


def tell_outcome(act: Act, outcome: Outcome, scene: Scene) -> Performed:
    """What came of a tool, in its own words where it has some."""
    if outcome.trouble is Trouble.REFUSED:
        told = Fact(FactKind.TOOL, act.kind, outcome.text or "That is not possible.", source="tool")
        return Performed(act, Evidence(act.kind, scene.message, notes=(told,)), chips=(TO_A_PERSON,))
    if not outcome.done:
        return failed(act, "tool_unsure" if outcome.trouble is Trouble.UNSURE else "tool_failed", scene)
    if not outcome.text:
        return speak_topic(act, "tool_done", scene)
    told = Fact(FactKind.TOOL, act.kind, outcome.text, source="tool")
    return Performed(act, Evidence(act.kind, scene.message, notes=(told,)))


def failed(act: Act, topic: str, scene: Scene) -> Performed:
    """A polite sentence, and a person who can help."""
    return replace(speak_topic(act, topic, scene, failed=True), chips=(TO_A_PERSON,))
