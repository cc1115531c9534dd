"""Shop knowledge on public questions: shop FAQs, a support guide, and product questions with labelled evidence.

Settings stand fixed: those of policy search were chosen on the project's own questions marked "dev", those of evidence on the products of
``product_qa`` whose id falls into the dev part (three tenths, by a digest); the table ``product_qa`` holds the others.

- ``faq``: shoppers' wordings (benchmarks/knowledge_questions.py) against 157 entries, heading and answer; and questions that none answers.
- ``faq_answers_79``, ``faq_answers_157``: each question against all answers, the questions themselves hidden.
- ``abcd``: shoppers' wordings against the guide's sub-flows; ``abcd_situations``: the guide's own description of the situation against
  the sub-flow's name and steps, the description hidden.
- ``clinc150``: ``false_answers`` of the demo shop's policies to questions of other domains.
- ``product_qa``: nDCG over the labelled candidates (gain 2^label - 1); how often an answer is given, and holds, from the listing alone.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.intervals import mean_interval, resample
from benchmarks.knowledge_questions import ABCD, FAQ, FAQ_UNANSWERED
from chatrec.catalog.passages import passages_of
from chatrec.domain.facts import Fact, FactKind, Passage
from chatrec.domain.item import Item
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.evaluation.knowledge_questions import PolicyQuestion
from chatrec.evaluation.knowledge_search import Bm25, Figures, knowledge_of, ranked_figures
from chatrec.knowledge import RecordAnswers
from chatrec.knowledge.evidence_ranker import EvidenceRanker

TABLES = ("faq", "faq_answers_79", "faq_answers_157", "abcd", "abcd_situations", "clinc150", "product_qa")
LISTING = ("attribute", "bullet", "description")
# Intents of clinc150 that a shop answers too.
SHOP_INTENTS = frozenset("order order_status shopping_list shopping_list_update card_declined report_lost_card gift_card".split())
QUICK_QUESTIONS = 100


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> Figures:
    """Figures of the tables whose data are there."""
    data = Path(os.environ.get("CHATREC_DATA", ""))
    embedder = MiniLMEmbedder()
    measured: Figures = {}
    for table in tables or TABLES:
        if not os.environ.get("CHATREC_DATA") or not (data / _FOLDERS[table]).is_dir():
            print(f"{table}: left out (set CHATREC_DATA to a folder with {_FOLDERS[table]})")
            continue
        measured |= _MEASURES[table](table, data / _FOLDERS[table], embedder, seed, quick)
    return measured


def _faq(table: str, folder: Path, embedder: MiniLMEmbedder, seed: int, quick: bool) -> Figures:
    passages = [Passage(f"#{n}", f"{topic}: {question}", answer) for n, (topic, question, answer) in enumerate(_entries(folder, 157))]
    knowledge = knowledge_of(passages, embedder)
    asked = [PolicyQuestion(ask, (frozenset(f"#{n}" for n in places),)) for ask, places in FAQ]
    figures, _ = ranked_figures(table, asked, knowledge, embedder, seed)
    found = [knowledge.search(q.ask) for q in asked]
    right = [bool(f) and f[0].passage_id in q.topics[0] for f, q in zip(found, asked, strict=True)]
    figures[f"{table}/chatrec/answered"] = mean_interval([float(bool(f)) for f in found], seed)
    figures[f"{table}/chatrec/right"] = mean_interval([float(r) for r in right], seed)
    figures[f"{table}/chatrec/false_answers"] = mean_interval([float(bool(knowledge.search(q))) for q in FAQ_UNANSWERED], seed)
    return figures


def _faq_answers(table: str, folder: Path, embedder: MiniLMEmbedder, seed: int, quick: bool) -> Figures:
    entries = _entries(folder, int(table.rpartition("_")[2]))
    texts = [answer for _, _, answer in entries]
    passages = [Passage(f"#{n}", topic, answer) for n, (topic, _, answer) in enumerate(entries)]
    same = [frozenset(f"#{m}" for m, text in enumerate(texts) if text == answer) for answer in texts]
    asked = [PolicyQuestion(question, (same[n],)) for n, (_, question, _) in enumerate(entries)]
    return ranked_figures(table, asked, knowledge_of(passages, embedder), embedder, seed)[0]


def _entries(folder: Path, size: int) -> list[tuple[str, str, str]]:
    """(topic, question, answer) of one of the two files."""
    if size == 79:
        held = json.loads((folder / "faq_79_kaggle_copy.json").read_text(encoding="utf-8"))["questions"]
        return [("Questions and answers", e["question"], e["answer"]) for e in held]
    topics = json.loads((folder / "faq_157_variant.json").read_text(encoding="utf-8"))
    return [(t.replace("_", " ").capitalize(), e["question"], e["answer"]) for t, entries in topics.items() for e in entries]


def _abcd(table: str, folder: Path, embedder: MiniLMEmbedder, seed: int, quick: bool) -> Figures:
    passages, situations = [], []
    for flow, name, held in _subflows(folder):
        steps = " ".join(a["text"] for a in held["actions"])
        told = "" if table == "abcd_situations" else f"{held['instructions'][0]} "
        passages.append(Passage(f"#{name}", f"{flow}: {name}", f"{told}{steps}"))
        if held["instructions"] and re.search(r"\bcustomers?\b|\btheir\b", held["instructions"][0], re.IGNORECASE):
            situations.append((re.split(r"(?<=[.!?])\s", held["instructions"][0])[0], (name,)))
    labelled = situations if table == "abcd_situations" else ABCD
    asked = [PolicyQuestion(ask, (frozenset(f"#{n}" for n in names),)) for ask, names in labelled]
    return ranked_figures(table, asked, knowledge_of(passages, embedder), embedder, seed)[0]


def _subflows(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The sub-flows of an agent's guide, but those that only point to a list of questions that is not there."""
    guide = json.loads((folder / "guidelines.json").read_text(encoding="utf-8"))
    for flow, held in guide.items():
        for name, sub in held["subflows"].items():
            if not name.endswith("FAQ"):
                yield flow, name, sub


def _clinc(table: str, folder: Path, embedder: MiniLMEmbedder, seed: int, quick: bool) -> Figures:
    held = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    rows = [text for text, intent in held["test"] if intent not in SHOP_INTENTS] + [text for text, _ in held["oos_test"]]
    chosen = np.random.default_rng(seed).choice(len(rows), QUICK_QUESTIONS if quick else 500, replace=False)
    source = files("chatrec.demo") / "policies"
    policies = {
        p.name.removesuffix(".md"): p.read_text("utf-8") for p in sorted(source.iterdir(), key=lambda p: p.name) if p.name[-3:] == ".md"
    }
    knowledge = knowledge_of(passages_of(policies), embedder)
    return {f"{table}/chatrec/false_answers": mean_interval([float(bool(knowledge.search(rows[n]))) for n in chosen], seed)}


def _product_qa(table: str, folder: Path, embedder: MiniLMEmbedder, seed: int, quick: bool) -> Figures:
    with (folder / "ePQA" / "dev.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    questions: dict[str, list[dict[str, str]]] = defaultdict(list)
    for place, row in enumerate(rows):
        if not is_dev_product(row["ASIN"]):
            questions[row["qid"]].append({**row, "place": str(place)})
    asked = list(questions.values())[: QUICK_QUESTIONS if quick else None]
    ranker, keywords = EvidenceRanker(embedder), Bm25([r["candidate"] for r in rows])
    gains = [_ndcgs(held, ranker, keywords, embedder) for held in asked]
    drawn = resample([g for g in gains if g is not None], seed)
    figures: Figures = {f"{table}/questions": len(asked)}
    for n, method in enumerate(("chatrec", "bm25", "minilm", "random")):
        figures[f"{table}/{method}/ndcg"] = drawn.mean(n)
        if n:
            figures[f"{table}/chatrec less {method}/ndcg"] = drawn.difference(0, n)
    return figures | _answer_figures(table, asked, ranker, seed)


def is_dev_product(asin: str) -> bool:
    """Whether settings may be chosen on this product: three in ten, by a digest of its id."""
    return int(hashlib.sha1(asin.encode(), usedforsecurity=False).hexdigest(), 16) % 10 < 3


def _ndcgs(held: Sequence[dict[str, str]], ranker: EvidenceRanker, keywords: Bm25, embedder: MiniLMEmbedder) -> list[float] | None:
    labels = np.asarray([int(r["label"]) for r in held])
    if not labels.any():
        return None
    question, texts = held[0]["question"], [r["candidate"] for r in held]
    vectors = embedder.encode([question, *texts])
    words = keywords.scores(question, [int(r["place"]) for r in held])
    chance = np.random.default_rng(len(texts)).random(len(texts))
    return [_ndcg(s, labels) for s in (np.asarray(ranker.scores(question, texts)), words, vectors[1:] @ vectors[0], chance)]


def _ndcg(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """nDCG of the whole list; equal scores keep the order of the file."""
    gains, discounts = 2.0**labels - 1, 1 / np.log2(np.arange(2, len(labels) + 2))
    return float((gains[np.argsort(-scores, kind="stable")] * discounts).sum() / (np.sort(gains)[::-1] * discounts).sum())


def _answer_figures(table: str, asked: Sequence[Sequence[dict[str, str]]], ranker: EvidenceRanker, seed: int) -> Figures:
    """Answers from the listing alone (no reviews, no other shoppers): ``precision`` of those given (the first sentence answers fully, or
    helps), ``coverage`` of the questions that the listing answers, ``false_answers`` of those where nothing in it even helps."""
    answers, rows = RecordAnswers(ranker), []
    for held in asked:
        listing = [r for r in held if r["source"] in LISTING]
        labels = {r["candidate"].strip(): int(r["label"]) for r in listing}
        if not labels:
            continue
        facts = [Fact(FactKind.DESCRIPTION, "description", text) for text in labels]
        found = [f for f in answers.answer(held[0]["question"], Item(held[0]["ASIN"], held[0]["title"]), facts) if f.text in labels]
        first, best = (labels[found[0].text] if found else -1), max(labels.values())
        rows.append(
            [
                float(bool(found)),
                float(first == 2) if found else np.nan,
                float(first >= 1) if found else np.nan,
                float(first == 2) if best == 2 else np.nan,
                float(bool(found)) if best == 0 else np.nan,
            ]
        )
    drawn = resample(rows, seed)
    names = ("answers", "precision_full", "precision_helpful", "coverage", "false_answers")
    return {f"{table}/chatrec/{name}": drawn.mean(n) for n, name in enumerate(names)} | {f"{table}/listings": len(rows)}


_FOLDERS = {
    "faq": "ecommerce_faq",
    "faq_answers_79": "ecommerce_faq",
    "faq_answers_157": "ecommerce_faq",
    "abcd": "abcd_support",
    "abcd_situations": "abcd_support",
    "clinc150": "clinc150",
    "product_qa": "product_qa",
}
_MEASURES = {
    "faq": _faq,
    "faq_answers_79": _faq_answers,
    "faq_answers_157": _faq_answers,
    "abcd": _abcd,
    "abcd_situations": _abcd,
    "clinc150": _clinc,
    "product_qa": _product_qa,
}
