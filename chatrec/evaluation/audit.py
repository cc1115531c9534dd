"""The grounding audit: what was shown and said, held against the records by rules that know nothing of the gate."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatrec.bot import ChatRec
from chatrec.domain.facts import DroppedSentence, Evidence
from chatrec.domain.figures import money
from chatrec.domain.need import Constraint, Need
from chatrec.domain.reply import Card, Cards, Comparison, Done, Receipt, ReplyEvent, Said
from chatrec.domain.state import DialogueState
from chatrec.evaluation.grounding_rules import Titles, amounts, miscited, named_items, strange_amounts, strange_names, told_by
from chatrec.evaluation.player import play
from chatrec.evaluation.reply_measures import MODEL_ACTS, WrittenReply, reply_figures
from chatrec.evaluation.scripts import load_scripts
from chatrec.evaluation.shopper_lines import dialogues
from chatrec.generation.writer import told_by_code
from chatrec.shops import Progress


@dataclass(slots=True)
class Tally:
    """Counts over all audited turns. ``problems`` tells each broken promise in words."""

    turns: int = 0
    invented_items: int = 0
    wrong_prices: int = 0
    card_mismatches: int = 0
    violations: int = 0
    replies: list[WrittenReply] = field(default_factory=list)
    sentences: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    problems: list[str] = field(default_factory=list)

    def figures(self, table: str, seed: int = 0) -> dict[str, Any]:
        """The flat figures of a report. Those of what the model wrote are left out where no model was asked."""
        said = sum(self.sentences.values())
        counted = {
            "turns": self.turns,
            "invented_items": self.invented_items,
            "wrong_prices": self.wrong_prices,
            "card_mismatches": self.card_mismatches,
            "violations": self.violations,
            "written_turns": 0,
            "sentences": said,
            "dropped": self.dropped,
            "dropped_share": round(self.dropped / max(self.dropped + self.sentences["model"] + self.sentences["repaired"], 1), 4),
            **reply_figures(self.replies, seed),
            **{f"sentences_{origin}": count for origin, count in sorted(self.sentences.items())},
        }
        return {f"{table}/chatrec/{name}": value for name, value in counted.items() if value is not None}


def run_grounding(bot: ChatRec, n_turns: int, seed: int, report: Progress | None = None) -> tuple[dict[str, Any], list[str]]:
    """Audit ``n_turns`` generated turns on this shop; figures and broken promises in words."""
    tally, shelf = Tally(), bot.items()
    titles = named_items(shelf)
    for messages in dialogues(shelf, n_turns, seed):
        session_id = f"audit-{secrets.token_hex(8)}"
        for message in messages:
            audit_turn(list(bot.reply(session_id, message)), message, bot, titles, tally)
            if report:
                report("turns", tally.turns, n_turns)
        bot.forget(session_id=session_id)
    return tally.figures(bot.folder.name, seed), tally.problems


def audit_turn(events: Sequence[ReplyEvent], message: str, bot: ChatRec, titles: Titles, tally: Tally) -> None:
    """One turn held against the records; everything found is counted and told."""
    done = next(e for e in events if isinstance(e, Done))
    state = bot.state(done.receipt.session_id)
    lists = [e for e in events if isinstance(e, Cards)]
    said = [e for e in events if isinstance(e, Said)]
    tally.turns += 1
    tally.dropped += len(done.receipt.dropped)
    tally.sentences.update(s.sentence.origin for s in said)
    tally.replies += written_reply(said, message, done.receipt)
    shown = {c.item_id: c for e in lists for c in e.cards}
    for name, found in (
        ("invented_items", invented(done, events, titles, shown)),
        ("wrong_prices", wrong_prices(done, events, message, state, bot)),
        ("card_mismatches", mismatches(lists, said)),
        ("violations", violations(lists, state, bot)),
    ):
        setattr(tally, name, getattr(tally, name) + len(found))
        tally.problems += [f"{name}: {what}   [{message!r} -> {done.text!r}]" for what in found]


def written_reply(said: Sequence[Said], message: str, receipt: Receipt) -> list[WrittenReply]:
    """What of this turn the model was asked to write, as one reply; none where code tells it, or there is no model."""
    acts = [a for a in MODEL_ACTS if not told_by_code(Evidence(a, message))]
    modelled = [s for s in said if s.act in acts]
    if not modelled or receipt.model.get("generator", "").startswith("template"):
        return []
    lists = [e["items"] for e in receipt.evidence if e["act"] in acts]
    wanted = tuple(int(n) for n in lists[0]) if len(lists) == 1 else ()  # several lists restart their numbers
    fell = tuple(DroppedSentence(**row) for row in receipt.dropped)
    first, whole = (receipt.timings_ms.get(mark, 0.0) for mark in ("first_sentence", "total"))
    return [WrittenReply(modelled[0].act, wanted, tuple(s.sentence for s in modelled), fell, first, whole)]


def evidence_ids(receipt: Receipt) -> set[str]:
    """Every item that the turn's evidence speaks of."""
    return {row["item_id"] for evidence in receipt.evidence for row in evidence["items"].values()}


def invented(done: Done, events: Sequence[ReplyEvent], titles: Titles, shown: dict[str, Card]) -> list[str]:
    """Names of catalogue items in the text that this turn is not about."""
    known = evidence_ids(done.receipt) | set(shown)
    known |= {i for e in events if isinstance(e, Comparison) for i in e.item_ids}
    told = told_by([part for e in done.receipt.evidence for part in [*e["notes"], *(f"{p['topic']} {p['text']}" for p in e["passages"])]])
    return strange_names(done.text, titles, known, told)


def wrong_prices(done: Done, events: Sequence[ReplyEvent], message: str, state: DialogueState, bot: ChatRec) -> list[str]:
    """Amounts in the text that are neither the live price of an item of this turn, nor the shopper's own, nor in what was cited: a
    passage with its heading, or the name of an item."""
    allowed = set(amounts(message))
    currency = str(bot.about()["currency"])
    for item_id in evidence_ids(done.receipt):
        item = bot.live_item(item_id)
        allowed |= {*amounts(item.title), *({money(item.price, currency)} if item.price is not None else ())}
    for need in state.needs:
        allowed |= {money(c.number, currency) for c in need.constraints if c.field == "price" and c.number is not None}
    cited = told_by(
        [
            x
            for e in done.receipt.evidence
            for x in [*e["notes"], *e["needs"], *(part for p in e["passages"] for part in (p["topic"], p["text"]))]
        ]
    )
    return strange_amounts(done.text, [*allowed, *amounts(cited)])


def mismatches(lists: Sequence[Cards], said: Sequence[Said]) -> list[str]:
    """Where the text about a list of cards does not cite every card once and nothing else."""
    if len(lists) != 1:
        return []  # several lists in one turn restart their numbers; the writer's contract suite covers each
    return miscited([c.position for c in lists[0].cards], {n for s in said if s.act == "recommend" for n in s.sentence.cites})


def violations(lists: Sequence[Cards], state: DialogueState, bot: ChatRec) -> list[str]:
    """Shown items that break a hard constraint of their need, by the record as it is now."""
    found = []
    for shown in lists:
        need: Need | None = state.need(shown.need_id)
        hard: tuple[Constraint, ...] = need.hard() if need else ()
        found += [f"{c.item_id} breaks {[h.key for h in hard]}" for c in shown.cards if not bot.satisfies(bot.live_item(c.item_id), hard)]
    return found


def run_scripts(bot: ChatRec, places: Sequence[Path], report: Progress | None = None) -> tuple[dict[str, float], list[str]]:
    """Play every script of these places against the open shop; figures and failed assertions in words."""
    scripts = load_scripts(places)
    failures: list[str] = []
    passed = n_turns = 0
    for number, script in enumerate(scripts, start=1):
        played = play(script, bot)
        failures += played.failures
        passed += not played.failures
        n_turns += len(played.turns)
        if report:
            report("scripts", number, len(scripts))
    table = bot.folder.name
    figures: dict[str, Any] = {"scripts": len(scripts), "passed": passed, "failed": len(scripts) - passed, "turns": n_turns}
    return {f"{table}/chatrec/{name}": float(value) for name, value in figures.items()}, failures
