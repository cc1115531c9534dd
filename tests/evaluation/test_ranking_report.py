"""The report stands alone, escapes what a shop calls itself, says what was found, and its pictures are pictures."""

from __future__ import annotations

import io
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chatrec.errors import SettingsError
from chatrec.evaluation.ranking_figures import KNOWN, Table, summarise
from chatrec.evaluation.ranking_plots import draw_plots, require_matplotlib, write_plots
from chatrec.evaluation.ranking_report import render_report
from chatrec.evaluation.ranking_split import OURS, reranked_name
from chatrec.evaluation.ranking_words import MEASURES, headline, name_of, signed, verdict

NASTY = '<script>alert(1)</script>&"shop"'
ENVELOPE = {"command": "chatrec evaluate <now>", "machine": {"cpu": "a & b", "cores": 2}, "seed": 7, "seconds": 1.5}
VOID = {"meta", "img", "br"}


@pytest.fixture(scope="module")
def tables() -> list[Table]:
    """A split with two knobs, its shortened histories, one that could not be measured, and ratings."""
    chance, name = np.random.default_rng(0), f"{NASTY}.strong"
    methods = {
        OURS: 0.4,
        reranked_name(0.3): 0.42,
        reranked_name(1.0): 0.2,
        "ease": 0.35,
        "random": 0.02,
        "popularity": 0.2,
        "keyword": 0.1,
    }
    columns = {
        method: {
            **{metric: np.clip(chance.normal(found, 0.02, 60), 0, 1) for metric in ("ndcg@10", "recall@10", "hr@10", "mrr@10", "ndcg@20")},
            **{metric: chance.normal(0.5 + (0.3 if "@" in method else 0.0), 0.01, 60) for metric in ("entropy", "ilad", "kl", "novelty")},
        }
        for method, found in methods.items()
    }
    pairs = [(OURS, m) for m in methods if "+" not in m and m != OURS] + [(m, OURS) for m in methods if "+" in m]
    figures = (
        summarise(name, columns, pairs, draws=100) | {f"{name}/{m}/gini": 0.5 for m in methods} | {f"{name}/catalogue/small_brands": 0.4}
    )
    curves = {m: chance.integers(0, 9, 30) for m in methods}
    whole = Table(name, "New shoppers", "What is <sought>.", 60, figures, ("fitted & chosen",), curves)
    parts = []
    for length in ("0", "3", "all"):
        part = f"{name}.{KNOWN}{length}"
        short = {m: {k: v for k, v in columns[m].items() if k in ("ndcg@10", "recall@10", "hr@10")} for m in (OURS, "popularity")}
        parts.append(Table(part, f"{length} known", "", 60, summarise(part, short, draws=50), whole=name))
    nothing = Table(
        f"{NASTY}.time", "Before and after", "What came later.", 0, {f"{NASTY}.time/{OURS}/shoppers": 0.0}, ("there are <no> times",)
    )
    rated = Table(f"{NASTY}.ratings", "Ratings", "Newest.", 9, {f"{NASTY}.ratings/bias/rmse": [0.8, 0.9, 1.0]})
    return [whole, *parts, nothing, rated]


@pytest.fixture(scope="module")
def page(tables: list[Table]) -> str:
    return render_report(NASTY, tables, draw_plots(tables[:1]), ENVELOPE)


class Balanced(HTMLParser):
    """Fails where tags do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    return parser.seen


def test_nothing_is_fetched_and_nothing_of_the_shop_is_markup(page: str) -> None:
    assert "<script" not in page and "&lt;script&gt;" in page and "<sought>" not in page and "<no>" not in page
    for tag, attributes in parsed(page):
        assert tag not in ("script", "link", "iframe", "object")
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        if tag == "img":
            assert str(attributes["src"]).startswith("data:image/png;base64,") and attributes["alt"]
    assert not re.findall(r"(?:https?:)?//[a-z]", re.sub(r"base64,[^\"]*", "", page))


def test_tables_are_tables_to_those_who_cannot_see_them(page: str) -> None:
    seen = parsed(page)
    count = {tag: sum(t == tag for t, _ in seen) for tag in ("table", "caption", "thead", "h1")}
    assert count["h1"] == 1 and count["table"] == count["caption"] == count["thead"] >= 6
    assert all(a.get("scope") in ("col", "row") for t, a in seen if t == "th")
    assert any(t == "html" and a.get("lang") == "en" for t, a in seen)
    anchors = {a["id"] for _, a in seen if "id" in a}
    assert {str(a["href"]).removeprefix("#") for t, a in seen if t == "a"} <= anchors


def test_what_was_found_is_said(page: str, tables: list[Table]) -> None:
    said = headline(tables[0])
    assert "of 60 shoppers" in said and "more than popularity" in said and "diversity knob at 0.3" in said
    assert headline(tables[4]) == "Nothing could be measured: there are <no> times."
    for words in ("fitted &amp; chosen", "Small brands hold 40.0%", "better", "chatrec evaluate &lt;now&gt;", "a &amp; b", "RMSE", "0.900"):
        assert words in page, words


def test_the_same_figures_give_the_same_page(page: str, tables: list[Table]) -> None:
    assert render_report(NASTY, tables, draw_plots(tables[:1]), ENVELOPE) == page


def test_verdicts_need_the_interval_to_leave_out_zero() -> None:
    assert verdict([0.1, 0.2, 0.3], "ndcg@10") == "better" == verdict([-0.3, -0.2, -0.1], "kl")
    assert verdict([-0.3, -0.2, -0.1], "recall@10") == "worse" == verdict([0.1, 0.2, 0.3], "gini")
    assert verdict([-0.1, 0.2, 0.3], "ndcg@10") == "no clear difference" == verdict([0.0, 0.0, 0.0], "hr@10")
    assert verdict([0.1, 0.2, 0.3], "small_brands") == "more"
    assert signed(-0.5, 1) == "\N{MINUS SIGN}0.5" and signed(0.25) == "+0.250"
    assert name_of("ndcg@10") == "nDCG@10" and all(name_of(key) == m.name for key, m in MEASURES.items())


def test_pictures(tables: list[Table], tmp_path: Path) -> None:
    pictures = draw_plots([tables[0], *tables[1:]])
    kinds = {name.rpartition("-")[2] for name in pictures}
    assert kinds == {"methods.png", "pareto.png", "exposure.png", "lengths.png"}
    safe = {name.replace("/", "_").replace("<", "").replace(">", "").replace('"', ""): data for name, data in pictures.items()}
    for path in write_plots(safe, tmp_path / "new" / "folder"):
        with Image.open(io.BytesIO(path.read_bytes())) as picture:
            assert picture.format == "PNG" and picture.width > 800 and len(set(picture.convert("L").resize((60, 40)).tobytes())) > 5


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    require_matplotlib()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SettingsError, match="pip install matplotlib"):
        require_matplotlib()
