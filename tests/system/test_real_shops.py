"""Real catalogues: ingested whole, every lost cell accounted for, and held to their dialogues."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.catalog.ingest import ingest
from chatrec.catalog.report import IngestReport
from chatrec.catalog.sources import Sources
from chatrec.domain.item import Item
from chatrec.evaluation.audit import run_grounding
from chatrec.testing.embedders import HashingEmbedder

from .page import page_problems
from .shop import Turn, open_shop, say, train_shop

MAPPINGS = Path(__file__).parents[2] / "benchmarks" / "mappings"
FILES = {
    "bestbuy_3k": ("ecommerce.json", ""),
    "retail_demo_store": ("products.yaml", ""),
    "flipkart_1k": ("flipkart_com-ecommerce_sample.csv", ""),
    "amazon_scientific_2018": ("Scientific.item.json", "Scientific.inter.json"),
}
PROMISES = ("invented_items", "wrong_prices", "card_mismatches", "violations")


class RealShops:
    """Real shops, each ingested when first asked for and open until the end."""

    def __init__(self, data: Path, place: Path, opened: ExitStack) -> None:
        self._data, self._place, self._opened = data, place, opened
        self._bots: dict[str, tuple[ChatRec, IngestReport]] = {}

    def sources(self, name: str, mapped: bool = True) -> Sources:
        """The files of this shop."""
        items, events = FILES[name]
        folder, mapping = self._data / name, MAPPINGS / f"{name}.toml"
        return Sources(items=folder / items, interactions=folder / events if events else None, mapping=mapping if mapped else None)

    def get(self, name: str) -> tuple[ChatRec, IngestReport]:
        """The open shop and the report of its ingest."""
        if name not in self._bots:
            shop = self._place / name
            report = ingest(shop, self.sources(name), embedder=HashingEmbedder())
            if FILES[name][1]:
                train_shop(shop)
            self._bots[name] = (self._opened.enter_context(open_shop(shop)), report)
        return self._bots[name]


@pytest.fixture(scope="module")
def shops(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealShops]:
    with ExitStack() as opened:
        yield RealShops(data, tmp_path_factory.mktemp("real"), opened)


def in_order(bot: ChatRec, session_id: str, *lines: str) -> list[Turn]:
    """A dialogue; every turn answers, and shows nothing unescaped."""
    turns = [say(bot, session_id, line) for line in lines]
    for line, turn in zip(lines, turns, strict=True):
        assert turn.text.strip(), line
        assert page_problems(turn.events, line) == [], line
    return turns


def records(bot: ChatRec, turn: Turn) -> list[Item]:
    """The records of the cards."""
    return [bot.live_item(i) for i in turn.ids]


@pytest.mark.parametrize(
    ("name", "items"), [("bestbuy_3k", 3291), ("retail_demo_store", 2465), ("flipkart_1k", 999), ("amazon_scientific_2018", 4344)]
)
def test_the_whole_catalogue_is_there_and_every_row_accounted_for(shops: RealShops, name: str, items: int) -> None:
    bot, report = shops.get(name)
    told = report.file("items")
    assert told is not None
    assert told.read == told.kept + told.merged + told.n_rejected
    assert report.items == len(bot.items()) == items
    assert bot.about()["items"] == items and not [a for a in bot.about()["absent"] if "collaborative" not in a]


@pytest.mark.parametrize("name", FILES)
def test_generated_turns_keep_every_promise(shops: RealShops, name: str) -> None:
    bot, _ = shops.get(name)
    figures, problems = run_grounding(bot, 60, seed=21)
    assert problems == []
    assert {p: figures[f"{name}/chatrec/{p}"] for p in PROMISES} == dict.fromkeys(PROMISES, 0)


def test_bestbuy_by_price(shops: RealShops) -> None:
    bot, _ = shops.get("bestbuy_3k")
    first, cheaper, least, price, other = in_order(
        bot,
        "price",
        "I need a screen protector under 30 dollars",
        "something cheaper",
        "the cheapest of all",
        "how much is the first one?",
        "not that one",
    )
    assert "price up to $30" in first.constraints and len(first.cards) == 3
    assert all("Screen Protectors" in item.category for item in records(bot, first))
    assert all(c.price is not None and c.price <= 30 for c in first.cards)
    lowest = min(c.price for c in first.cards if c.price is not None)
    assert cheaper.cards and all(c.price is not None and c.price < lowest for c in cheaper.cards)
    assert all("Screen Protectors" in item.category for item in records(bot, cheaper))
    hard = bot.state("price").needs[-1].hard()
    matching = sorted(i.price for i in bot.items() if i.price is not None and bot.satisfies(i, hard))
    assert least.cards[0].price == matching[0]
    assert [c.price for c in least.cards] == sorted(c.price for c in least.cards if c.price is not None)
    assert f"${least.cards[0].price:.2f}" in price.text
    assert least.ids[0] not in other.ids


def test_bestbuy_the_cheapest_at_once(shops: RealShops) -> None:
    bot, _ = shops.get("bestbuy_3k")
    (turn,) = in_order(bot, "at-once", "what is the cheapest car charger you have?")
    prices = [i.price for i in bot.items() if "Car Chargers" in i.category_path and i.price is not None]
    assert turn.cards[0].price == min(prices)
    assert "Car Chargers" in bot.live_item(turn.ids[0]).category_path


def test_bestbuy_between_two_prices_and_none_left(shops: RealShops) -> None:
    bot, _ = shops.get("bestbuy_3k")
    between, none = in_order(bot, "between", "smartwatch bands between 20 and 40 dollars", "smartwatch bands under 1 dollar")
    assert between.cards and all(Decimal(20) <= (c.price or Decimal(0)) <= Decimal(40) for c in between.cards)
    assert none.ids == () and "Nothing" in none.text
    relaxations = none.done.receipt.ranking[str(bot.state("between").active_need)]["relaxations"]
    assert relaxations and all(r["count"] > 0 and str(r["count"]) in none.text for r in relaxations[:1])


def test_retail_demo_store(shops: RealShops) -> None:
    bot, report = shops.get("retail_demo_store")
    told = report.file("items")
    assert told is not None and told.format == "yaml" and {"style", "gender_affinity"} <= set(told.attributes)
    first, second, stock = in_order(bot, "retail", "a backpack for women under 60 dollars", "show me others", "is the first one in stock?")
    for turn in (first, second):
        for item in records(bot, turn):
            gender = item.attribute("gender")
            assert gender is not None and "women" in gender.values
            assert item.price is not None and item.price <= 60
    assert not set(first.ids) & set(second.ids)
    assert "stock" in stock.text


def rejected(shop: Path) -> list[dict[str, str]]:
    with (shop / "rejects" / "items.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_flipkart_reports_what_it_could_not_take(shops: RealShops, data: Path) -> None:
    bot, report = shops.get("flipkart_1k")
    told = report.file("items")
    assert told is not None
    assert told.blank == 3995 and told.read == 999
    lost = sum(told.rejected.values()) + sum(told.fields_dropped.values()) + sum(told.values_cut.values())
    rows = rejected(bot.folder)
    assert len(rows) == lost > 0
    lines = (data / "flipkart_1k" / FILES["flipkart_1k"][0]).read_text(encoding="utf-8", errors="replace").splitlines()
    for row in rows:
        assert row["file"] == FILES["flipkart_1k"][0] and row["reason"] and row["lost"] in ("row", "field", "part")
        assert 1 < int(row["line"]) <= len(lines)
    for reason, count in {**told.rejected, **told.fields_dropped, **told.values_cut}.items():
        assert f"{reason}: {count}" in str(report)


def test_flipkart_with_spoilt_cells(shops: RealShops, data: Path, tmp_path: Path) -> None:
    """Known faults put into known rows: each is told with its line, column, value and reason, and nothing else is lost."""
    name = FILES["flipkart_1k"][0]
    with (data / "flipkart_1k" / name).open(encoding="utf-8", newline="") as file:
        table = [row for row in csv.DictReader(file) if row["uniq_id"]][:120]
    faults = {
        7: ("discounted_price", "-250", "field"),
        19: ("discounted_price", "NaN", "field"),
        31: ("overall_rating", "eleven", "field"),
        43: ("product_name", "", "row"),
        55: ("uniq_id", "", "row"),
        67: ("uniq_id", table[3]["uniq_id"], "row"),
    }
    for n, (column, value, _) in faults.items():
        table[n][column] = value
    path = tmp_path / "spoilt.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    starts, line = [], 2
    for row in table:
        starts.append(line)
        line += 1 + sum(cell.count("\n") for cell in row.values())
    report = ingest(tmp_path / "shop", Sources(items=path, mapping=MAPPINGS / "flipkart_1k.toml"), embedder=HashingEmbedder())
    rows = rejected(tmp_path / "shop")
    for n, (_, value, lost) in faults.items():
        found = [r for r in rows if r["lost"] == lost and r["value"].lstrip("'") == value and starts[n] <= int(r["line"]) <= starts[n + 1]]
        assert found and found[0]["reason"] and found[0]["column"], (n, value, rows)
    told = report.file("items")
    assert told is not None and told.n_rejected == 3 and told.kept == 117
    assert sum(told.fields_dropped.values()) >= 3


def test_scientific_in_ten_turns(shops: RealShops) -> None:
    bot, _ = shops.get("amazon_scientific_2018")
    lines = (
        "duct tape", "by 3M", "not that one", "something like the first", "do you sell trampolines?", "what is the first one made of?",
        "tape under 20 dollars", "compare the first two", "HATCHBOX filament", "thanks, that is all",
    )  # fmt: skip
    tape, brand, others, alike, outside, made_of, priced, compared, filament, thanks = in_order(bot, "ten", *lines)
    assert all(i.category == "Duct Tape" for i in records(bot, tape))
    assert brand.cards and all(i.brand == "3M" and i.category == "Duct Tape" for i in records(bot, brand))
    assert "3M" in brand.constraints
    assert others.cards and brand.ids[0] not in others.ids
    assert all(i.brand == "3M" and i.category == "Duct Tape" for i in records(bot, others))
    assert alike.cards and others.ids[0] not in alike.ids
    assert made_of.text
    assert "This shop lists no prices" in priced.text
    assert priced.cards and not any("price" in label for label in priced.constraints)
    assert "$" not in priced.text and all(c.price is None for c in priced.cards)
    assert compared.comparison is not None and compared.comparison.item_ids == priced.ids[:2]
    assert filament.cards and all(i.brand == "HATCHBOX" for i in records(bot, filament))
    assert thanks.ids == ()
    assert len({t.done.receipt.turn_id for t in (tape, outside, thanks)}) == 3
    assert bot.state("ten").turn == 10


@pytest.mark.parametrize("line", ["do you sell trampolines?", "I need a wedding dress", "a saxophone"])
def test_scientific_does_not_pretend_to_have_what_it_has_not(shops: RealShops, line: str) -> None:
    """Either nothing is shown, or it is said that there is nothing of this name, or what it was taken for."""
    bot, _ = shops.get("amazon_scientific_2018")
    turn = say(bot, f"outside {line}", line)
    honest = any(
        word in turn.text.lower()
        for word in ("nothing called", "nothing matches", "not find", "no such", "can not help", "do not have", "” i understood ")
    )
    assert turn.ids == () or honest, (turn.text, [c.title for c in turn.cards])


def test_scientific_for_a_known_shopper(shops: RealShops) -> None:
    """A shopper of the log gets collaborative candidates, and the receipt says so."""
    bot, report = shops.get("amazon_scientific_2018")
    told = report.file("interactions")
    assert told is not None and told.kept == 58_492 and told.n_rejected == 0 and told.unknown_items == 0
    assert bot.about()["absent"] == []
    bought = {e.item_id for e in bot.database.events.history("0", 100)}
    turn = say(bot, "recommend", "recommend me something", "0")
    assert len(bought) >= 5 and turn.cards
    assert turn.done.receipt.degraded == []
    assert all("collaborative" in row["sources"] for row in turn.done.receipt.shown)
    assert not bought & set(turn.ids)
