"""The receipt of a turn, and the notices about what could not be taken."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chatrec.dialogue.bounds import Unmet
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.wording import comparative_words
from chatrec.domain.act import Act
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.plain import plain
from chatrec.domain.reading import Mapped, Unknown
from chatrec.domain.reply import Receipt
from chatrec.domain.state import DialogueState

if TYPE_CHECKING:
    from chatrec.dialogue.perform import Performed
    from chatrec.dialogue.turn import Turn


def make_receipt(state: DialogueState, turn: Turn, parts: Parts) -> Receipt:
    """Everything the turn understood, did and showed, ready for JSON."""
    return Receipt(
        turn_id=turn.turn_id,
        session_id=state.session_id,
        turn=state.turn,
        generation=parts.shelf.generation,
        message=turn.message[: parts.limits.message_chars],
        reading=asdict(turn.reading),
        ledger=[asdict(n) for n in state.needs],
        acts=[_act(a) for a in turn.acts],
        shown=[row for done in turn.performed for row in shown_rows(done)],
        ranking={str(d.offer.need.need_id if d.offer.need else 0): _ranking(d) for d in turn.performed if d.offer},
        evidence=[_evidence(e) for e in turn.written_from],
        sentences=[asdict(s) for s in turn.sentences],
        dropped=[asdict(d) for d in turn.dropped],
        degraded=list(turn.degraded),
        model=dict(parts.model),
        timings_ms={name: round(ms, 2) for name, ms in turn.timings_ms.items()},
        steps=list(turn.steps),
        tokens=list(turn.tokens),
        context=asdict(state.context),
        question=_question(turn),
        mood={"turn": turn.reading.mood, "rolling": round(state.mood, 3)},
        action=next((d.action for d in turn.performed if d.action), ""),
    )


def _question(turn: Turn) -> dict[str, Any]:
    """What was asked in this turn, and what became of the question that waited before it."""
    asked = next((d.question for d in turn.performed if d.question is not None), None)
    waiting = turn.before.question if turn.change.answer else None
    return {
        "asked": asked.field if asked else "",
        "options": list(asked.options) if asked else [],
        "waiting": waiting.field if waiting else "",
        "answer": turn.change.answer,
    }


def shown_rows(done: Performed) -> list[dict[str, Any]]:
    """One row a shown item: position, scores by source, reason, price shown, propensity."""
    if done.offer is None or done.shown is None:
        return []
    chosen = {c.item_id: (c, p) for c, p in zip(done.offer.ranked.items, done.offer.ranked.propensity, strict=False)}
    rows = []
    for position, item in enumerate(done.offer.items, start=1):
        candidate, propensity = chosen.get(item.item_id, (None, 1.0))
        rows.append(
            {
                "need_id": done.shown.need_id,
                "position": position,
                "item_id": item.item_id,
                "title": item.title,
                "price": str(item.price) if item.price is not None else None,
                "stock": item.stock,
                "score": round(candidate.score, 4) if candidate else None,
                "sources": {name: round(s, 4) for name, s in candidate.sources} if candidate else {},
                "reason": candidate.reason if candidate else "",
                "rule": candidate.rule if candidate else "",
                "propensity": round(propensity, 6),
                "why": done.shown.whys[position - 1] if position <= len(done.shown.whys) else "",
            }
        )
    return rows


def _ranking(done: Performed) -> dict[str, Any]:
    offer = done.offer
    assert offer is not None
    return {
        "matching": offer.matching,
        "pool": len(offer.pool),
        "diversity": round(offer.diversity, 3),
        "entropy_before": round(offer.ranked.entropy_before, 4),
        "entropy_after": round(offer.ranked.entropy_after, 4),
        "item_entropy": round(offer.ranked.item_entropy, 4),
        "replaced_at_recheck": list(offer.replaced),
        "relaxations": [{"text": r.text, "count": r.count} for r in offer.relaxations],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "act": evidence.act,
        "needs": list(evidence.needs),
        "items": {str(i.n): {"item_id": i.item_id, "facts": [f.text for f in i.facts]} for i in evidence.items},
        "notes": [n.text for n in evidence.notes],
        "passages": [{"topic": p.name, "text": p.text, "source": p.source} for p in evidence.passages],
    }


def _act(act: Act) -> dict[str, Any]:
    return {"kind": act.kind, **asdict(act)}


def unknown_notice(unknown: Unknown | None, limit: int = 0) -> Fact:
    """What is said about a word the catalogue cannot express, or about a message that was cut."""
    if unknown is None:
        return Fact(FactKind.COMPUTED, "too_long", f"That was a long message, so I read only the first {limit} characters.", source="turn")
    word = plain(unknown.word, 40)
    text = f"I find nothing called “{word}” in this shop"
    if unknown.nearest:
        text += f"; the nearest we have: {', '.join(plain(v, 40) for v in unknown.nearest[:3])}"
    return Fact(FactKind.COMPUTED, "unknown", f"{text}.", value=word, source="turn")


def mapped_notice(mapped: Mapped) -> Fact:
    """What is said of words that were read as others, so that the shopper can correct it."""
    said, read = plain(mapped.said, 40), plain(mapped.read, 80)
    text = f"By “{said}” I understood {read}." if mapped.field else f"I read “{said}” as “{read}”."
    return Fact(FactKind.COMPUTED, "mapped", text, value=said, source="turn")


def unmet_notice(unmet: Unmet, n: int) -> Fact:
    """What is said when nothing goes further in the wanted direction than item ``[n]``, or than what was seen where ``n`` is 0."""
    word = comparative_words(unmet.wish.field, unmet.wish.direction)
    text = f"Nothing that fits your other wishes is {word} than {f'[{n}]' if n else 'what you have seen'}."
    return Fact(FactKind.COMPUTED, "unmet", text, value=unmet.wish.field, source="turn")


def likeness_notice(count: int) -> Fact:
    """What is said when the shopper asked for things like one that was shown."""
    named = ", ".join(f"[{n}]" for n in range(1, count + 1)) or "it"
    return Fact(FactKind.COMPUTED, "like", f"You asked for something like {named}.", source="turn")
