"""A small tea shop of forty products, and short ways to talk to it."""

from __future__ import annotations

import csv
import os
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatrec.bot import ChatRec
from chatrec.candidates.training import train
from chatrec.catalog.ingest import ingest
from chatrec.catalog.report import IngestReport
from chatrec.catalog.sources import Sources
from chatrec.domain.reply import Card, Cards, Chip, Chips, Comparison, Done, ReplyEvent, Said
from chatrec.settings import load_settings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations
from chatrec.testing.embedders import HashingEmbedder

TEMPLATE: Mapping[str, Mapping[str, Any]] = {"model": {"engine": "template"}}

COLUMNS = (
    "item_id", "title", "description", "category", "brand", "price", "currency", "rating", "n_ratings", "stock", "image", "url",
    "variant_of", "size", "colour", "material", "weight_g", "capacity_ml", "dishwasher_safe",
)  # fmt: skip

# title, category, brand, price, rating, stock, colour, material, weight, capacity, dishwasher safe, description
PRODUCTS = """
Corrow Gooseneck Pour Kettle|Kettles|Corrow|64.00|4.6|9|black|steel|1100|900|no|A thin spout pours slowly enough to wet every leaf.
Corrow Everyday Stove Kettle|Kettles|Corrow|38.50|4.1|14|silver|steel|980|1600|no|Whistles when it boils and keeps its handle cool.
Alder Hob Enamel Kettle|Kettles|Alder Hob|45.00|4.4|0|red|enamel|1250|1800|no|Enamelled in one colour inside and out.
Alder Hob Travel Kettle|Kettles|Alder Hob|29.90|3.9|22|white|plastic|640|500|no|Folds its handle and boils two cups in a hotel room.
Senn Glass Kettle|Kettles|Senn|52.00|4.2|5|clear|glass|1050|1500|no|You see the water start to move long before it boils.
Senn Quiet Kettle|Kettles|Senn|71.50|4.8|3|white|steel|1300|1700|no|A double wall keeps the noise and the heat inside.
Bray & Moss Copper Kettle|Kettles|Bray & Moss|119.00|4.7|2|copper|copper|1500|1400|no|Beaten by hand; it darkens as the years go by.
Bray & Moss Camp Kettle|Kettles|Bray & Moss|33.00|4.0|11|black|aluminium|420|1000|no|Hangs over a fire from its bail handle.
Tarn Round Clay Teapot|Teapots|Tarn|48.00|4.5|6|brown|clay|620|350|no|Unglazed, so it remembers the tea that you keep for it.
Tarn Tall Clay Teapot|Teapots|Tarn|55.00|4.3|4|black|clay|760|500|no|A tall shape for teas that need room.
Senn Glass Teapot|Teapots|Senn|27.50|4.1|18|clear|glass|410|800|yes|The strainer lifts out when the colour is right.
Senn Large Glass Teapot|Teapots|Senn|34.50|4.0|7|clear|glass|560|1200|yes|Enough for six guests.
Corrow Cast Iron Teapot|Teapots|Corrow|62.00|4.6|8|black|iron|1900|800|no|Heavy, slow to warm and slower to cool.
Bray & Moss Porcelain Teapot|Teapots|Bray & Moss|84.00|4.9|3|white|porcelain|580|900|no|Painted with one blue line around the lid.
Alder Hob Stoneware Teapot|Teapots|Alder Hob|41.00|4.2|12|green|stoneware|890|1000|yes|Glazed in a green that runs darker at the foot.
Tarn Clay Cup|Mugs|Tarn|12.00|4.4|40|brown|clay|140|120|no|Small, round and without a handle.
Tarn Tall Cup|Mugs|Tarn|14.50|4.1|0|black|clay|190|220|no|A tall cup for milk teas.
Senn Double Wall Glass|Mugs|Senn|18.00|4.5|25|clear|glass|160|250|yes|The outside stays cool while the tea stays hot.
Corrow Enamel Mug|Mugs|Corrow|9.50|4.0|60|blue|enamel|150|350|yes|It chips in time and nobody minds.
Alder Hob Stoneware Mug|Mugs|Alder Hob|16.00|4.3|33|green|stoneware|320|380|yes|Thick walls and a handle for a whole hand.
Bray & Moss Porcelain Cup|Mugs|Bray & Moss|29.00|4.8|6|white|porcelain|130|200|no|Thin enough to see the light through.
Bray & Moss Travel Mug|Mugs|Bray & Moss|31.00|4.2|15|copper|steel|290|400|yes|Shuts tight and fits under most taps.
Lowfield First Flush Darjeeling|Tea|Lowfield|17.50|4.7|30||leaf|100||no|Light in the cup, picked in the spring.
Lowfield Smoked Black Tea|Tea|Lowfield|13.00|3.8|21||leaf|125||no|Dried over pine; you will love it or leave it.
Lowfield Breakfast Blend|Tea|Lowfield|8.50|4.4|75||leaf|250||no|Strong enough for milk.
Oru Steamed Green Tea|Tea|Oru|15.00|4.5|18||leaf|100||no|Grassy, and best with water well below the boil.
Oru Roasted Green Tea|Tea|Oru|11.00|4.6|26||leaf|100||no|Tastes of toast and keeps nobody awake.
Oru Whisked Green Powder|Tea|Oru|28.00|4.3|9||powder|40||no|For whisking in a bowl.
Haverly Camomile Flowers|Tea|Haverly|7.00|4.2|34||flowers|60||no|Whole flowers for the evening.
Haverly Mint Leaves|Tea|Haverly|6.50|4.5|41||leaf|50||no|Cut late in the summer when the oil is strongest.
Haverly Rooibos Red Bush|Tea|Haverly|9.00|4.0|0||leaf|150||no|Red, sweet and free of caffeine.
Senn Fine Mesh Infuser|Infusers|Senn|11.50|4.6|28|silver|steel|45||yes|So fine that even rooibos stays inside.
Corrow Tea Ball|Infusers|Corrow|5.00|3.6|80|silver|steel|30||yes|Hangs from its chain in any mug.
Tarn Bamboo Strainer|Infusers|Tarn|8.00|4.1|13|brown|bamboo|15||no|Rests on the rim of a cup.
Alder Hob Silicone Infuser|Infusers|Alder Hob|6.90|3.9|52|green|silicone|25||yes|A leaf that hangs over the rim.
Haverly Paper Tea Filters|Infusers|Haverly|4.50|4.3|90|white|paper|60||no|A hundred in a box; throw leaf and paper on the compost.
Tarn Slatted Tea Tray|Trays|Tarn|58.00|4.4|4|brown|bamboo|1400||no|The water that you spill runs into a drawer.
Tarn Small Tea Tray|Trays|Tarn|36.00|4.2|6|brown|bamboo|800||no|For a pot and two cups.
Bray & Moss Lacquer Tray|Trays|Bray & Moss|92.00|4.7|2|red|lacquer|950||no|Seven coats, each one rubbed down.
Corrow Steel Serving Tray|Trays|Corrow|24.00|3.7|17|silver|steel|700||yes|Plain, light and hard to hurt.
"""
# Two products are sold in versions: id of the product -> (size, colour, price, stock).
VERSIONS = {
    "t19": (("small", "blue", "9.50", 30), ("large", "blue", "12.50", 18), ("large", "white", "12.50", 12)),
    "t22": (("small", "copper", "31.00", 5), ("large", "black", "36.00", 10)),
}
POLICIES = {
    "returns": "# Returns\n\n## How long\n\nUnused goods can be returned within 21 days of delivery. Opened tea cannot be returned.\n",
    "shipping": "# Shipping\n\n## Cost\n\nShipping costs $4.00 in the country and is free above $60.00.\n\n## Where\n\nWe ship to Ireland, France and Malta.\n",
    "payment": "# Payment\n\n## Ways to pay\n\nCards and bank transfers are accepted. Cash is accepted in the shop only.\n",
}
SHOPPERS = 12


def product_rows() -> list[dict[str, str]]:
    """The forty products and their versions, as a shop would export them."""
    names = (
        "title",
        "category",
        "brand",
        "price",
        "rating",
        "stock",
        "colour",
        "material",
        "weight_g",
        "capacity_ml",
        "dishwasher_safe",
        "description",
    )
    rows = []
    for number, line in enumerate(PRODUCTS.strip().splitlines(), start=1):
        row = dict(zip(names, line.split("|"), strict=True))
        row |= {"item_id": f"t{number}", "currency": "USD", "n_ratings": str(number * 3), "url": f"https://tea.example/p/{number}"}
        versions = VERSIONS.get(row["item_id"], ())
        if versions:
            row |= {"colour": "", "stock": ""}
        rows.append(row)
        rows += [
            {
                "item_id": f"{row['item_id']}-{n}",
                "title": row["title"],
                "variant_of": row["item_id"],
                "size": size,
                "colour": colour,
                "price": price,
                "stock": str(stock),
            }
            for n, (size, colour, price, stock) in enumerate(versions, start=1)
        ]
    return rows


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Path:
    """A CSV file; a column that a row lacks stays empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_shop(folder: Path, rows: Sequence[Mapping[str, str]] | None = None) -> Sources:
    """The files of the tea shop (or of these products) in ``folder``."""
    rows = product_rows() if rows is None else rows
    ids = [row["item_id"] for row in rows if not row.get("variant_of")]
    rng = random.Random(3)
    events = [
        {
            "user_id": f"u{rng.randrange(SHOPPERS)}",
            "item_id": rng.choice(ids),
            "event": rng.choice(("view", "click", "purchase")),
            "timestamp": str(1_700_000_000 + n),
        }
        for n in range(240)
    ]
    for name, text in POLICIES.items():
        path = folder / "policies" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    orders = [
        {"order_id": "A-1001", "user_id": "u1", "item_id": ids[0], "status": "shipped", "placed_at": "2026-05-02", "eta": "2026-05-09"},
        {
            "order_id": "A-1002",
            "user_id": "u2",
            "item_id": ids[1],
            "status": "being packed",
            "placed_at": "2026-05-03",
            "eta": "2026-05-11",
        },
    ]
    reviews = [{"item_id": ids[0], "user_id": "u3", "rating": "5", "text": "Pours like a dream, I use it daily."}]
    return Sources(
        items=write_table(folder / "items.csv", COLUMNS, rows),
        interactions=write_table(folder / "interactions.csv", ("user_id", "item_id", "event", "timestamp"), events),
        users=write_table(folder / "users.csv", ("user_id", "town"), [{"user_id": f"u{n}", "town": "Cork"} for n in range(SHOPPERS)]),
        reviews=write_table(folder / "reviews.csv", ("item_id", "user_id", "rating", "text"), reviews),
        orders=write_table(folder / "orders.csv", ("order_id", "user_id", "item_id", "status", "placed_at", "eta"), orders),
        policies=folder / "policies",
    )


def build_shop(folder: Path, rows: Sequence[Mapping[str, str]] | None = None) -> IngestReport:
    """The tea shop (or a shop of these products), ingested into ``folder / "shop"``."""
    return ingest(folder / "shop", write_shop(folder, rows), embedder=HashingEmbedder())


# Two models at their defaults: what is chosen among all is tested elsewhere, and takes minutes on a log of this size.
QUICK = {"models": ("transitions", "ials"), "search": "none"}


def train_shop(shop: Path) -> None:
    """Collaborative filtering for a built shop."""
    with Database.open(shop) as database:
        train(database, Generations(shop), load_settings(shop, {"train": QUICK}).train)


def open_shop(shop: Path, **sections: Mapping[str, Any]) -> ChatRec:
    """The shop with the hashing embedder and, unless told otherwise, the template writer."""
    return ChatRec.open(shop, settings={**TEMPLATE, **sections}, embedder=HashingEmbedder())


def environment(**more: str) -> dict[str, str]:
    """The environment of a child process: one thread, and this checkout."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path, **more}


def python(*arguments: str) -> list[str]:
    """A command that runs this Python."""
    return [sys.executable, *arguments]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn gave, for short assertions."""

    events: tuple[ReplyEvent, ...]

    @property
    def done(self) -> Done:
        """The end of the turn."""
        assert isinstance(self.events[-1], Done)
        return self.events[-1]

    @property
    def text(self) -> str:
        """The whole reply."""
        return self.done.text

    @property
    def cards(self) -> tuple[Card, ...]:
        """Every card of the turn."""
        return tuple(card for e in self.events if isinstance(e, Cards) for card in e.cards)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the cards."""
        return tuple(c.item_id for c in self.cards)

    @property
    def chips(self) -> tuple[Chip, ...]:
        """Every chip."""
        return tuple(chip for e in self.events if isinstance(e, Chips) for chip in e.chips)

    @property
    def constraints(self) -> tuple[str, ...]:
        """The labels of the constraint chips."""
        return tuple(c.label for c in self.chips if c.kind == "constraint")

    @property
    def said(self) -> tuple[str, ...]:
        """Sentence by sentence."""
        return tuple(e.sentence.rendered for e in self.events if isinstance(e, Said))

    @property
    def comparison(self) -> Comparison | None:
        """The table, where there is one."""
        return next((e for e in self.events if isinstance(e, Comparison)), None)


def say(bot: ChatRec, session_id: str, message: str, user_id: str | None = None) -> Turn:
    """One whole turn."""
    return Turn(tuple(bot.reply(session_id, message, user_id=user_id)))
