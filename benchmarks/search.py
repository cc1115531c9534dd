"""Search: keywords, meaning, and ways of joining them, on labelled requests and on requests made from the records."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.catalogues import shop_of
from benchmarks.intervals import interval
from chatrec.candidates.factory import make_fusion, make_sources
from chatrec.candidates.fusion import ASSORTMENT, DENSE, KEYWORD, ConvexFusion
from chatrec.candidates.fusion_tuning import LabelledQuery, found_by, ndcg_of, tune_fusion
from chatrec.candidates.names import MOST_NAMESAKES, joined, numbers_in
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.item import Item
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.metrics.ranking import hit_rate, hits_of, mrr
from chatrec.protocols import CandidateSource
from chatrec.settings import load_settings
from chatrec.storage.generations import Generations

TABLES = ("demo", "bestbuy_3k", "amazon_scientific_2018")
QUERIES = Path(__file__).with_name("queries") / "demo.tsv"
POOL = 100
RRF_K = 60  # Cormack, Clarke & Buettcher (SIGIR 2009)
MOST_RIGHT = 30
_WORD = re.compile(r"[^\W\d_]{4,}")
Lists = Mapping[str, Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One labelled request and what each source found for it."""

    kind: str
    query: Query
    right: frozenset[str]
    lists: Lists


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures by table and method: ``ndcg@10``, ``mrr@10``, ``success@3`` on the test half, with 95% intervals; under
    ``chatrec_over_PEER`` the paired differences. ``chatrec`` has the default shares, ``chatrec_tuned`` those that the other half of the
    requests speaks for. ``exact`` says how often an item asked for by its name comes first against a hostile dense source."""
    figures: dict[str, Any] = {}
    for name in tables or TABLES:
        folder = shop_of(name)
        current = Generations(folder).current() if folder else None
        if folder is None or current is None:
            continue
        offer = load_settings(folder, {}).offer
        shelf = CatalogueShelf.load(current)
        sources = make_sources(current, shelf, None, MiniLMEmbedder())[0]
        fusion = make_fusion(shelf, offer.fusion_text, offer.fusion_dense)
        for protocol, labelled in _protocols(name, shelf.items, 60 if quick else 200, random.Random(seed)).items():
            figures |= _measure(f"{name}-{protocol}", labelled, sources, fusion, seed)
        figures |= exact(name, shelf.items, sources, fusion, 200 if quick else None)
    return figures


def _protocols(name: str, items: Sequence[Item], n: int, chance: random.Random) -> dict[str, list[tuple[str, str, frozenset[str]]]]:
    """(kind, request, right ids) by protocol."""
    if name == "demo":
        return {"labelled": list(labelled_queries())}
    return {"known_item": list(known_items(items, n, chance)), "attributes": list(attributes(items, n, chance))}


def labelled_queries() -> Iterator[tuple[str, str, frozenset[str]]]:
    """The requests written for the demo shop, in the order of their file."""
    for line in QUERIES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, request, right = line.split("\t")
            yield kind, request, frozenset(right.split())


def known_items(items: Sequence[Item], n: int, chance: random.Random) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Two rare words of a record's title and one of its description, one of them misspelt: its right answer is that record. Never all
    of the words of a title."""
    held = Counter(word for item in items for word in set(_words(f"{item.title} {item.description[:600]}")))
    rare = max(20, len(items) // 50)
    for item in chance.sample(list(items), len(items)):
        titled = [w for w in _words(item.title) if held[w] <= rare]
        said = [w for w in _words(item.description[:600]) if held[w] <= rare and w not in titled]
        if len(titled) < 3 or len(_words(item.title)) < 4:
            continue
        words = chance.sample(titled, 2) + chance.sample(said, min(1, len(said)))
        place = chance.randrange(len(words))
        words[place] = misspelt(words[place], chance)
        chance.shuffle(words)
        yield "known_item", " ".join(words), frozenset({item.item_id})
        n -= 1
        if not n:
            return


def attributes(items: Sequence[Item], n: int, chance: random.Random) -> Iterator[tuple[str, str, frozenset[str]]]:
    """A category's name with a brand or a property in words: right is every record of the category that holds it, one to thirty."""
    held: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in items:
        values = [v for a in item.attributes for v in a.values if _WORD.search(v) and len(v) < 30]
        for value in {item.brand, *values} - {""}:
            if item.category:
                held[item.category, value.lower()].add(item.item_id)
    usable = sorted(pair for pair, ids in held.items() if len(ids) <= MOST_RIGHT)
    for category, value in chance.sample(usable, min(n, len(usable))):
        yield "attributes", f"{value} {category.lower()}", frozenset(held[category, value])


def misspelt(word: str, chance: random.Random) -> str:
    """One slip inside a word: two letters swapped, one lost, doubled or mistaken."""
    at = chance.randrange(1, len(word) - 1)
    slips = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + chance.choice("aeionrst") + word[at + 1 :],
    )
    return chance.choice(slips)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(w.lower() for w in _WORD.findall(text)))


def _measure(
    table: str,
    labelled: Sequence[tuple[str, str, frozenset[str]]],
    sources: Sequence[CandidateSource],
    fusion: ConvexFusion,
    seed: int,
) -> dict[str, Any]:
    searching = [s for s in sources if s.name != ASSORTMENT]
    tuning = [LabelledQuery(Query(text), right) for _, text, right in labelled[0::2]]
    shares = tune_fusion(tuning, searching, fusion, seed=seed)
    tested = [Asked(kind, Query(text), right, found_by(searching, Query(text), POOL)) for kind, text, right in labelled[1::2]]
    plain = next(s for s in sources if s.name == KEYWORD)
    methods: dict[str, Callable[[Asked], list[str]]] = {
        "bm25": lambda asked: unmended(plain, asked.query),
        "keyword": lambda asked: [c.item_id for c in asked.lists[KEYWORD]],
        "dense": lambda asked: [c.item_id for c in asked.lists[DENSE]],
        "rrf": lambda asked: reciprocal(asked.lists),
        "chatrec": lambda asked: [c.item_id for c in fusion.fuse(asked.lists, asked.query, 10)],
        "chatrec_tuned": lambda asked: [
            c.item_id for c in fusion.with_shares(shares.text, shares.dense).fuse(asked.lists, asked.query, 10)
        ],
    }
    ranked = {name: [method(asked) for asked in tested] for name, method in methods.items()}
    figures: dict[str, Any] = {
        f"{table}/{name}/{metric}": value for name, lists in ranked.items() for metric, value in _scored(lists, tested, seed).items()
    }
    for peer in ranked:
        if peer != "chatrec":
            figures |= {f"{table}/chatrec_over_{peer}/ndcg@10": _difference(ranked["chatrec"], ranked[peer], tested, seed)}
    for kind in sorted({a.kind for a in tested}):
        among = [n for n, asked in enumerate(tested) if asked.kind == kind]
        for name, lists in ranked.items():
            values = ndcg_of([lists[n] for n in among], [tested[n].right for n in among])
            figures[f"{table}/{name}/ndcg@10_{kind}"] = round(float(values.mean()), 4)
    told = {"queries": len(tested), "tuned_dense": shares.dense, "best_dense": shares.best_dense, "trust": shares.trust}
    figures |= {f"{table}/tuning/{name}": round(float(value), 4) for name, value in told.items()}
    figures[f"{table}/tuning/gain_ndcg@10"] = [round(v, 4) for v in shares.gain]
    return figures


def _scored(lists: Sequence[Sequence[str]], tested: Sequence[Asked], seed: int) -> dict[str, list[float]]:
    right = [asked.right for asked in tested]
    hits, n_right = hits_of(lists, right)
    values: dict[str, NDArray[np.float64]] = {
        "ndcg@10": ndcg_of(lists, right),
        "mrr@10": mrr(hits, n_right, 10),
        "success@3": hit_rate(hits, n_right, 3),
    }
    return {name: interval(data.tolist(), lambda drawn: float(drawn.mean()), seed) for name, data in values.items()}


def _difference(ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]], tested: Sequence[Asked], seed: int) -> list[float]:
    right = [asked.right for asked in tested]
    return interval((ndcg_of(ours, right) - ndcg_of(theirs, right)).tolist(), lambda drawn: float(drawn.mean()), seed)


def unmended(keyword: CandidateSource, query: Query) -> list[str]:
    """Plain BM25: words that no record holds are left out of the request first."""
    index = keyword._index  # type: ignore[attr-defined]
    misspelt_words = index.mended(query.text)
    text = " ".join(w for w in query.text.split() if re.sub(r"\W", "", w.lower()) not in misspelt_words)
    return [c.item_id for c in keyword.candidates(Query(text), POOL)]


def reciprocal(lists: Lists) -> list[str]:
    """Reciprocal rank fusion of keywords and meaning."""
    scores: dict[str, float] = defaultdict(float)
    for name in (KEYWORD, DENSE):
        for place, candidate in enumerate(lists.get(name, ()), start=1):
            scores[candidate.item_id] += 1.0 / (RRF_K + place)
    return sorted(scores, key=lambda item_id: -scores[item_id])


def exact(
    table: str, items: Sequence[Item], sources: Sequence[CandidateSource], fusion: ConvexFusion, most: int | None
) -> dict[str, float]:
    """Share of the titles (of two words or more) and model numbers whose item, or a namesake, is first; all others at a perfect cosine."""
    keyword = next(s for s in sources if s.name == KEYWORD)
    titles = {i.item_id: " ".join(re.findall(r"[^\W_]+", i.title.lower())) for i in items}
    hostile = [Candidate(i.item_id, 1.0, DENSE, "close to what you asked for") for i in items[: 2 * POOL]]
    numbers: dict[str, set[str]] = defaultdict(set)
    typed: dict[str, str] = {}
    for item in items:
        for number in numbers_in(item.title.lower()):
            typed.setdefault(joined(number), number)
            numbers[joined(number)].add(item.item_id)

    def first(text: str) -> str:
        query = Query(text)
        lists = {KEYWORD: keyword.candidates(query, 20), DENSE: hostile}
        return fusion.fuse(lists, query, 1)[0].item_id

    named = [i for i in items if len(titles[i.item_id].split()) > 1][:most]
    figures: dict[str, float] = {f"{table}/exact/titles": len(named)}
    forms = {"verbatim": "{}", "lower_case": "{}", "in_a_sentence": "hi, is the {} still there and how soon could I get it"}
    for form, frame in forms.items():
        asked = [frame.format(i.title if form == "verbatim" else i.title.lower()) for i in named]
        right = [titles[first(text)] == titles[item.item_id] for text, item in zip(asked, named, strict=True)]
        figures[f"{table}/exact/{form}"] = round(sum(right) / max(1, len(right)), 4)
    known = [(n, ids) for n, ids in sorted(numbers.items()) if len(ids) <= MOST_NAMESAKES][:most]
    if known:
        figures[f"{table}/exact/model_numbers"] = len(known)
        figures[f"{table}/exact/model_number_first"] = round(sum(first(typed[n]) in ids for n, ids in known) / len(known), 4)
    return figures
