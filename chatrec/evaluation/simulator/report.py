"""The simulator's report: one HTML file that stands alone, with figures, success by turn, and transcripts of failures, worst first."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from chatrec.evaluation.ranking_style import STYLE
from chatrec.evaluation.simulator.diagnosis import MODULES, Diagnosis, words
from chatrec.evaluation.simulator.figures import OURS, Figure, success_by_turn
from chatrec.evaluation.simulator.playing import Dialogue, Spoken
from chatrec.evaluation.simulator.running import Outcome, stage_counts
from chatrec.evaluation.simulator.shopper import MOST_TURNS
from chatrec.evaluation.simulator.wishes import meets

MOST_TRANSCRIPTS = 60
SHOWN = (
    "success@5", "target_hit@5", "turns", "turns_to_success", "questions", "violations", "stated_needs_broken", "repeated_questions",
    "without_recommendation", "gave_up", "crashes",
)  # fmt: skip
MEANINGS = {
    "success@5": "share of shoppers who were shown, within five turns, the target or another item that has everything they need",
    "target_hit@5": "share of shoppers who were shown the very item that they had in mind",
    "turns": "messages until then; a failure counts as five",
    "turns_to_success": "the same over the successful dialogues only",
    "violations": "shown items that break a hard filter in force, by live price and stock: the bot's own filters, or a stated "
    "need that its ledger holds as one; a promise, to be 0",
    "stated_needs_broken": "share of shown items that lack something that the shopper had said, understood or not (words of descriptions "
    "aside; purposes are preferences to the bot)",
    "repeated_questions": "share of clarifying questions about something already asked or said",
    "without_recommendation": "dialogues in which nothing was ever shown; they count as failures",
    "gave_up": "share of shoppers who left early: three turns in a row showed nothing like what they had asked for",
    "questions": "clarifying questions a dialogue",
    "crashes": "dialogues that ended in an error",
}
METHODS = {
    OURS: "the bot",
    "random": "control: three items by chance every turn",
    "popularity": "control: what sells, three further ones every turn",
    "keyword": "control: BM25 over all words said so far, its best three",
    "keyword-paging": "control: the same, showing nothing twice",
    "deaf": "deliberately bad: keyword search that hears the first message only",
}
_EXTRA = """
.talk{margin:.75rem 0 1.5rem;border-left:3px solid var(--line);padding-left:1rem}
.talk p{max-width:60rem}.who{color:var(--muted);font-size:.8rem}.shown{font-size:.85rem;color:var(--muted)}
.lacks{color:var(--bad)}.cause{font-weight:600}.plot{max-width:44rem;width:100%;height:auto}
td.words{text-align:left;white-space:normal}
"""
_COLOURS = {
    OURS: "#0b5cad",
    "random": "#9aa5b1",
    "popularity": "#7a8794",
    "keyword": "#c07a1b",
    "keyword-paging": "#8a5a12",
    "deaf": "#a3341c",
}
_OTHER = "#5a7f3c"


def render_report(outcome: Outcome, table: str, figures: Mapping[str, Figure], envelope: Mapping[str, Any]) -> str:
    """The whole page. Everything of the shop, of shoppers and of replies is escaped; nothing is fetched; same input, same page."""
    failures = outcome.failures() if OURS in outcome.causes else []
    told = "".join(_transcript(dialogue, cause) for dialogue, cause in failures[:MOST_TRANSCRIPTS])
    style = STYLE + _EXTRA
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    body = [
        f'<header><p class="kicker">Shopper simulator</p><h1>{escape(table)}</h1>{_headline(outcome, table, figures)}</header>',
        f"<section><h2>Figures</h2>{_figures(outcome, table, figures)}{_parts(outcome, table, figures)}</section>",
        f"<section><h2>Success by turn</h2>{plot(outcome.played)}</section>",
        f"<section><h2>Where failures begin</h2>{_stages(outcome, failures)}</section>",
        f"<section><h2>Transcripts of failures, worst first</h2>{told}</section>",
        f"<section><h2>What the figures mean</h2>{_glossary()}{_how(outcome, envelope)}</section>",
    ]
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>Shopper simulator: {escape(table)}</title>'
        f"<style>{style}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


def _headline(outcome: Outcome, table: str, figures: Mapping[str, Figure]) -> str:
    found = figures.get(f"{table}/{OURS}/success@5")
    n = len(outcome.played.get(OURS, ()))
    stopped = " The run was stopped before its end." if outcome.stopped else ""
    if not isinstance(found, list):
        return f"<p>No dialogue with the bot was finished.{stopped}</p>"
    return (
        f"<p>{n:,} simulated shoppers talked with the bot over {outcome.items:,} items. <b>{found[1]:.1%}</b> "
        f"({found[0]:.1%} to {found[2]:.1%}) were shown what they needed within {MOST_TURNS} turns.{stopped}</p>"
    )


def _figures(outcome: Outcome, table: str, figures: Mapping[str, Figure]) -> str:
    shown = [m for m in SHOWN if any(f"{table}/{method}/{m}" in figures for method in outcome.played)]
    heads = "".join(f'<th scope="col">{escape(m)}</th>' for m in shown)
    rows = []
    for method in outcome.played:
        cells = "".join(_cell(figures.get(f"{table}/{method}/{m}")) for m in shown)
        own, about = " class=own" if method == OURS else "", escape(METHODS.get(method, ""))
        rows.append(f'<tr{own}><th scope="row" title="{about}">{escape(method)}</th>{cells}</tr>')
    return _wide("All methods met the same shoppers; 95% bootstrap intervals", f'<th scope="col">method</th>{heads}', rows)


def _parts(outcome: Outcome, table: str, figures: Mapping[str, Figure]) -> str:
    """Differences to the controls, and real shoppers apart from drawn targets."""
    metrics = ("success@5", "target_hit@5", "turns")
    heads = '<th scope="col"></th>' + "".join(f'<th scope="col">{m}</th>' for m in metrics)
    named = [(f"{table}/{OURS} minus {method}", f"{OURS} minus {method}") for method in list(outcome.played)[1:]]
    named += [(f"{table}.users/{OURS}", "chatrec, targets of real shoppers"), (f"{table}.sampled/{OURS}", "chatrec, drawn targets")]
    rows = []
    for key, said in named:
        if f"{key}/success@5" in figures:
            cells = "".join(_cell(figures.get(f"{key}/{m}")) for m in metrics)
            rows.append(f'<tr><th scope="row">{escape(said)}</th>{cells}</tr>')
    return _wide("Paired differences, and the two kinds of targets apart", heads, rows)


def _wide(caption: str, heads: str, rows: Sequence[str]) -> str:
    label = escape(caption)
    return (
        f'<div class="wide" role="region" aria-label="{label}" tabindex="0"><table><caption>{label}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(figure: Figure | None) -> str:
    if isinstance(figure, list):
        return f'<td>{figure[1]:.3f}<span class="range">{figure[0]:.3f} to {figure[2]:.3f}</span></td>'
    return '<td class="none">–</td>' if figure is None else f"<td>{figure:g}</td>"


def plot(played: Mapping[str, Sequence[Dialogue]]) -> str:
    """Share of shoppers served by each turn, a line a method, as inline SVG."""
    left, top, width, height = 46, 14, 420, 240
    parts = [f'<svg class="plot" viewBox="0 0 660 {height + 50}" role="img" aria-label="Share of shoppers served by each turn">']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = top + height * (1 - share)
        parts.append(f'<line x1="{left}" y1="{y:g}" x2="{left + width}" y2="{y:g}" stroke="#d9dfe6"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:g}" font-size="11" text-anchor="end" fill="#566374">{share:.0%}</text>')
    step = width / (MOST_TURNS - 1)
    for turn in range(MOST_TURNS):
        parts.append(
            f'<text x="{left + turn * step:g}" y="{top + height + 18}" font-size="11" text-anchor="middle" fill="#566374">{turn + 1}</text>'
        )
    parts.append(f'<text x="{left + width / 2:g}" y="{top + height + 34}" font-size="11" text-anchor="middle" fill="#566374">turn</text>')
    for number, (method, dialogues) in enumerate(played.items()):
        colour, shares = _COLOURS.get(method, _OTHER), success_by_turn(dialogues)
        points = " ".join(f"{left + n * step:g},{top + height * (1 - s):.1f}" for n, s in enumerate(shares))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{3 if method == OURS else 1.6}"/>')
        y = top + 14 + 18 * number
        parts.append(f'<rect x="{left + width + 18}" y="{y - 8}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{left + width + 38}" y="{y}" font-size="12" fill="#1d2733">{escape(method)} {shares[-1]:.0%}</text>')
    return "".join(parts) + "</svg>"


def _stages(outcome: Outcome, failures: Sequence[tuple[Dialogue, Diagnosis]]) -> str:
    if not failures:
        return "<p>No dialogue with the bot failed.</p>"
    rows = []
    for stage, count in stage_counts(outcome).items():
        roles = Counter(w.role for _, cause in failures if cause.stage == stage for w in cause.wishes)
        about = ", ".join(f"{role} {n}" for role, n in roles.most_common(6))
        rows.append(
            f'<tr><th scope="row">{escape(stage)}</th><td>{count}</td><td class="words">{escape(about)}</td>'
            f'<td class="words">{escape(MODULES[stage])}</td></tr>'
        )
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("stage", "dialogues", "about", "look at"))
    return _wide("The bot's ledger compared with what was said; the first stage that went wrong", heads, rows)


def _transcript(dialogue: Dialogue, cause: Diagnosis) -> str:
    task = dialogue.task
    wants = "; ".join(map(str, task.hard))
    first = f" At first: {task.changed[1]}." if task.changed else ""
    head = (
        f"<h3>Shopper {task.number}: {escape(cause.stage)}</h3>"
        f'<p class="cause">{escape(cause.what)}</p><p class="shown">Needs ({task.matching} items have them all): {escape(wants)}.'
        f"{escape(first)} Writes {escape(task.manner)}{', mistypes' if task.typos else ''}. Target {escape(task.target_id)}. "
        f"Look at: {escape(cause.module)}.</p>"
    )
    crash = f"<pre>{escape(dialogue.crash)}</pre>" if dialogue.crash else ""
    left = '<p class="who">The shopper left.</p>' if dialogue.gave_up else ""
    return f'{head}<div class="talk">{"".join(_turn(t, dialogue) for t in dialogue.turns)}{crash}{left}</div>'


def _turn(turn: Spoken, dialogue: Dialogue) -> str:
    shown = []
    for item in turn.replied.items:
        lacks = [str(w) for w in dialogue.task.hard if not meets(item, w)]
        shown.append(f'{escape(item.title[:90])} <span class="lacks">lacks: {escape("; ".join(lacks))}</span>')
    need = next((n for n in turn.replied.needs if n.need_id == turn.replied.active_need), None)
    ledger = "; ".join(f"{words(c)} ({c.strength.value})" for c in need.constraints) if need else ""
    query = f" words: {need.query}" if need and need.query else ""
    asked = f" Asked about {turn.replied.question}." if turn.replied.question else ""
    return (
        f'<p><span class="who">shopper</span><br>{escape(turn.message)}</p>'
        f'<p><span class="who">bot</span><br>{escape(turn.replied.text[:600])}</p>'
        f'<p class="shown">Shown: {"<br>".join(shown) or "nothing"}.{escape(asked)}<br>Ledger: {escape(ledger + query) or "empty"}</p>'
    )


def _glossary() -> str:
    terms = "".join(f"<dt>{escape(name)}</dt><dd>{escape(what)}</dd>" for name, what in (*MEANINGS.items(), *METHODS.items()))
    return f"<dl>{terms}</dl>"


def _how(outcome: Outcome, envelope: Mapping[str, Any]) -> str:
    plan = outcome.plan
    told = {
        "command": envelope["command"],
        "seed": plan.seed,
        "seconds": envelope["seconds"],
        "phrase bank": outcome.phrases.sha256,
        "writer": plan.engine,
        "hidden properties": f"{plan.hide:.0%}",
        "machine": ", ".join(f"{k} {v}" for k, v in envelope["machine"].items()),
    }
    return "<h3>How it was measured</h3><dl>" + "".join(f"<dt>{k}</dt><dd>{escape(str(v))}</dd>" for k, v in told.items()) + "</dl>"
