"""The ranking report: one HTML file that stands alone (pictures inside, nothing fetched) for a shop's analyst."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from chatrec.evaluation.ranking_figures import CATALOGUE, MINUS, Table, middle
from chatrec.evaluation.ranking_measures import Figure
from chatrec.evaluation.ranking_split import OURS
from chatrec.evaluation.ranking_style import STYLE
from chatrec.evaluation.ranking_words import MEASURES, about_method, better_of, headline, name_of, signed, verdict

FOUND = ("ndcg@10", "recall@10", "hr@10", "mrr@10", "map@10", "precision@10", "f1@10")
DEEPER = tuple(f"{name}@{k}" for k in (20, 50) for name in ("ndcg", "recall", "hr", "mrr", "map", "precision", "f1"))
VARIED = ("entropy", "item_entropy", "ilad", "ilmd", "kl", "novelty", "coverage", "gini", "small_brands")
SLICED = ("ndcg@10", "recall@10", "hr@10")
ERRORS = ("rmse", "mae")
PEERS = ("ndcg@10", "ndcg@20", "recall@10", "hr@10", "mrr@10")
KNOBS = ("ndcg@10", "hr@10", "entropy", "ilad", "kl")
CAPTIONS = {
    "methods": "nDCG@10 of every method with its 95% interval. Dark: chatrec; light blue: the models it is made of; grey: controls.",
    "pareto": "What variety costs. The curve is chatrec at settings of the diversity knob: right is more varied, up is more found.",
    "exposure": "Who gets shown. The nearer a curve is to the diagonal, the more evenly the lists share their places among items.",
    "lengths": "What is found when only the newest items of the same shoppers are known. The band is the 95% interval of chatrec.",
}


def render_report(shop: str, tables: Sequence[Table], pictures: Mapping[str, bytes], envelope: Mapping[str, Any]) -> str:
    """The whole page. All text of the shop is escaped. ``envelope`` says command, machine, seed and seconds; the same input gives the
    same page."""
    groups = _grouped(tables)
    links = "".join(f'<a href="#{_anchor(g[0])}">{escape(g[0].title)}</a>' for g in groups)
    body = [
        f'<header><p class="kicker">Ranking report</p><h1>{escape(shop)}</h1>',
        *(f"<p><b>{escape(g[0].title)}.</b> {escape(headline(g[0]))}</p>" for g in groups if not _is_ratings(g[0])),
        f'<nav aria-label="Sections">{links}<a href="#words">what the figures mean</a><a href="#how">how it was measured</a></nav>',
        "</header>",
        *(_section(group, pictures) for group in groups),
        _glossary(tables),
        _how(envelope, tables),
    ]
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(STYLE)}'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>Ranking report: {escape(shop)}</title>'
        f"<style>{STYLE}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _grouped(tables: Sequence[Table]) -> list[list[Table]]:
    """Each table with the slices that follow it."""
    groups: list[list[Table]] = []
    for table in tables:
        if groups and table.whole:
            groups[-1].append(table)
        else:
            groups.append([table])
    return groups


def _section(group: Sequence[Table], pictures: Mapping[str, bytes]) -> str:
    table, slices = group[0], group[1:]
    parts = [f'<section id="{_anchor(table)}"><h2>{escape(table.title)}</h2><p>{escape(table.what)}</p>']
    parts += [f'<p class="note">{escape(note)}</p>' for note in table.notes]
    if _is_ratings(table):
        count = f'<p class="count">{table.shoppers:,} ratings predicted, one a shopper</p>'
        return "".join([*parts, count, _table(table, ERRORS, "Errors of predicted ratings"), "</section>"])
    if table.shoppers:
        parts += [
            f'<p class="count">{table.shoppers:,} shoppers tested</p>',
            _picture(table, "methods", pictures),
            _table(table, FOUND, "What is found in the first 10"),
            f"<details><summary>First 20 and first 50</summary>{_table(table, DEEPER, 'What is found further down')}</details>",
            "<h3>Compared, shopper by shopper</h3>",
            _comparisons(
                table,
                [pair for pair in table.comparisons() if pair[0] == OURS],
                PEERS,
                "What chatrec finds more or less than each other method",
            ),
            f"<h3>Variety, novelty and fairness</h3>{_picture(table, 'pareto', pictures)}",
            _table(table, VARIED, "Variety, novelty and fairness of the first 10"),
            _comparisons(
                table, [pair for pair in table.comparisons() if pair[1] == OURS], KNOBS, "What the diversity knob changes, against chatrec"
            ),
            _parity(table),
            _picture(table, "exposure", pictures),
            _slices([s for s in slices if not s.shortens], "Parts of these shoppers and items"),
            _picture(table, "lengths", pictures),
            _slices([s for s in slices if s.shortens], "The same shoppers with shorter histories"),
        ]
    return "".join([*parts, "</section>"])


def _is_ratings(table: Table) -> bool:
    return any(key.endswith("/rmse") for key in table.figures)


def _anchor(table: Table) -> str:
    return escape(table.title.replace(" ", "-"))


def _picture(table: Table, kind: str, pictures: Mapping[str, bytes]) -> str:
    data = pictures.get(f"{table.name}-{kind}.png")
    if data is None:
        return ""
    source, caption = base64.b64encode(data).decode(), CAPTIONS[kind]
    return f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{source}"><figcaption>{escape(caption)}</figcaption></figure>'


def _table(table: Table, metrics: Iterable[str], caption: str) -> str:
    """A row a method, a column a figure; the best of each column is marked, random aside (it wins every prize for variety)."""
    methods = table.methods()
    shown = [metric for metric in metrics if any(table.value(m, metric) is not None for m in methods)]
    if not shown:
        return ""
    best = {metric: _best(table, [m for m in methods if m != "random"], metric) for metric in shown}
    rows = []
    for method in methods:
        cells = "".join(_cell(table.value(method, metric), method == best[metric]) for metric in shown)
        kind = ' class="own"' if method == OURS else ""
        rows.append(f'<tr{kind}><th scope="row" title="{escape(about_method(method))}">{escape(method)}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{escape(name_of(metric))}{_arrow(metric)}</th>' for metric in shown)
    return _framed(caption, f'<th scope="col">method</th>{heads}', rows)


def _framed(caption: str, heads: str, rows: Iterable[str]) -> str:
    label = escape(caption)
    return (
        f'<div class="wide" role="region" aria-label="{label}" tabindex="0"><table><caption>{label}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _arrow(metric: str) -> str:
    better = better_of(metric)
    if better is None:
        return ""
    return f'\N{NO-BREAK SPACE}<span class="arrow" title="{"higher" if better else "lower"} is better">{"↑" if better else "↓"}</span>'


def _best(table: Table, methods: Iterable[str], metric: str) -> str:
    better = better_of(metric)
    known = {m: v for m in methods if (v := middle(table.value(m, metric))) is not None}
    if better is None or not known:
        return ""
    return max(known, key=lambda m: known[m] if better else -known[m])


def _cell(figure: Figure | None, is_best: bool) -> str:
    if figure is None:
        return '<td class="none">–</td>'
    mark = ' class="best"' if is_best else ""
    if isinstance(figure, list):
        return f'<td{mark}>{figure[1]:.3f} <span class="range">{figure[0]:.3f}–{figure[2]:.3f}</span></td>'
    return f"<td{mark}>{figure:.3f}</td>"


def _comparisons(table: Table, pairs: Iterable[tuple[str, str]], metrics: Sequence[str], caption: str) -> str:
    rows = []
    for method, other in pairs:
        name = f"{method}{MINUS}{other}"
        cells = "".join(_difference(table.value(name, metric), metric) for metric in metrics)
        against = f'<span class="range">against</span> {escape(other)}' if method == OURS else escape(method)
        rows.append(f'<tr><th scope="row">{against}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{escape(name_of(metric))}</th>' for metric in metrics)
    return _framed(f"{caption}: paired differences with 95% intervals", f'<th scope="col">methods</th>{heads}', rows) if rows else ""


def _difference(figure: Figure | None, metric: str) -> str:
    if not isinstance(figure, list):
        return '<td class="none">–</td>'
    said = verdict(figure, metric)
    kind = {"better": "up", "worse": "down"}.get(said, "same")
    span = f'<span class="range">{signed(figure[0])} to {signed(figure[2])}</span><span class="said">{said}</span>'
    return f'<td class="{kind}">{signed(figure[1])} {span}</td>'


def _parity(table: Table) -> str:
    share = middle(table.value(CATALOGUE, "small_brands"))
    if share is None:
        return ""
    return f'<p class="count">Small brands hold {share:.1%} of the catalogue: shown alike, they would get that share of the places.</p>'


def _slices(slices: Sequence[Table], caption: str) -> str:
    """One table of nDCG@10: a row a slice, a column a method; the further figures are folded away."""
    if not slices:
        return ""
    methods = slices[0].methods()
    heads = '<th scope="col">slice</th><th scope="col">shoppers</th>' + "".join(f'<th scope="col">{escape(m)}</th>' for m in methods)

    def rows(metric: str) -> Iterable[str]:
        for part in slices:
            best = _best(part, [m for m in methods if m != "random"], metric)
            cells = "".join(_cell(part.value(m, metric), m == best) for m in methods)
            yield f'<tr><th scope="row">{escape(part.title)}</th><td>{part.shoppers:,}</td>{cells}</tr>'

    first, *others = (_framed(name_of(metric), heads, rows(metric)) for metric in SLICED)
    return f"<h3>{escape(caption)}</h3>{first}<details><summary>Recall and hit rate</summary>{''.join(others)}</details>"


def _glossary(tables: Sequence[Table]) -> str:
    seen = {key.rpartition("/")[2].partition("@")[0] for table in tables for key in table.figures}
    words = "".join(f"<dt>{escape(m.name)}{_arrow(key)}</dt><dd>{escape(m.meaning)}</dd>" for key, m in MEASURES.items() if key in seen)
    methods = dict.fromkeys(m.partition("@")[0] for table in tables for m in table.methods())
    named = "".join(f"<dt>{escape(m)}</dt><dd>{escape(about_method(m))}</dd>" for m in methods)
    return (
        f'<section id="words"><h2>What the figures mean</h2><h3>Figures</h3><dl>{words}</dl><h3>Methods</h3><dl>{named}</dl>'
        "<p>Ranges are 95% bootstrap intervals over shoppers. Differences are paired: both methods meet the same shoppers, and "
        "“better” or “worse” is said only where the interval leaves out zero.</p></section>"
    )


def _how(envelope: Mapping[str, Any], tables: Sequence[Table]) -> str:
    machine = ", ".join(f"{key} {value}" for key, value in envelope.get("machine", {}).items())
    rows = {
        "command": envelope.get("command", ""),
        "machine": machine,
        "seed": envelope.get("seed", ""),
        "seconds": envelope.get("seconds", ""),
        "figures": f"{sum(len(t.figures) for t in tables):,}; the whole list with --json FILE",
    }
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in rows.items())
    return f'<section id="how"><h2>How it was measured</h2><dl>{lines}</dl></section>'
