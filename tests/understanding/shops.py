"""The catalogues that messages are read against: the demo shop and three small ones of other trades, all through the real reader."""

from __future__ import annotations

import json
import tempfile
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from chatrec.catalog.contract import Contract
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import item_rows
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.domain.item import Item
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.understanding import RuleUnderstander

_GADGETS = """
item_id|title|category|brand|price|rating|stock|colour|weight_g|screen_in|ram_gb|storage_gb|battery_h|wireless|noise_cancelling|waterproof
lap-1|Corvid Book 14 laptop|laptops|Corvid|899|4.4|12|silver|1350|14|16|512|12|||
lap-2|Corvid Book 16 Pro laptop|laptops|Corvid|1799|4.7|3|grey|2100|16|32|1024|10|||
lap-3|Tindal Feather 13 laptop|laptops|Tindal|649|4.1|0|white|990|13.3|8|256|15|||
lap-4|Oxley Rugged 15 laptop|laptops|Oxley|1299|3.9|5|black|2900|15.6|16|512|8|||yes
pho-1|Tindal One smartphone|phones|Tindal|399|4.2|30|black|172|6.1|6|128|20|||yes
pho-2|Corvid Pocket smartphone|phones|Corvid|749|4.6|14|blue|188|6.4|8|256|24|||yes
pho-3|Marlow Mini smartphone|phones|Marlow|199|3.8|41|red|141|5.4|4|64|14|||no
pho-4|Marlow Max smartphone|phones|Marlow|299|4.0|22|green|210|6.8|6|128|26|||no
hea-1|Hush 5 over-ear headphones|headphones|Sonorous|249|4.7|17|black|254||||30|yes|yes|no
hea-2|Hush Lite on-ear headphones|headphones|Sonorous|119|4.3|25|white|180||||22|yes|no|no
hea-3|Tindal Buds earphones|earphones|Tindal|79|4.0|60|blue|52||||6|yes|no|yes
hea-4|Studio wired headphones|headphones|Brightwell|99|4.5|9|black|290|||||no|no|no
cha-1|Brightwell 65 W charger|chargers and cables|Brightwell|39|4.4|80|white|110|||||||
cha-2|Brightwell braided USB-C cable|chargers and cables|Brightwell|15|4.2|200|red|40|||||||
tab-1|Corvid Slate 11 tablet|tablets|Corvid|549|4.5|8|grey|470|11|8|128|11|||
tab-2|Marlow Pad 10 tablet|tablets|Marlow|179|3.7|19|black|460|10.1|4|64|9|||
cam-1|Oxley Trail action camera|cameras|Oxley|229|4.3|7|black|150|||64|2|||yes
cam-2|Lumina V2 mirrorless camera|cameras|Lumina|1099|4.8|2|silver|520||||5|||no
"""
_BOOKS = """
item_id|title|category|author|genre|pages|language|format|year
b1|The Salt Orchard|novels|Ines Calder|historical fiction|412|english|hardcover|2019
b2|Night Ferry to Ardmore|novels|Tom Brandt|thriller|338|english|paperback|2021
b3|A Short Walk on Mars|novels|Priya Nandan|science fiction|280|english|paperback|2023
b4|Der stille Hafen|novels|Jonas Weil|thriller|356|german|paperback|2020
b5|Bread in Four Days|cookbooks|Lena Marsh|baking|196|english|hardcover|2018
b6|One Pot, Many Nights|cookbooks|Arturo Pells|cooking|224|english|paperback|2022
b7|How Bridges Stand Up|science books|Olga Fenn|engineering|264|english|hardcover|2017
b8|The Quiet Octopus|science books|Priya Nandan|biology|310|english|paperback|2024
b9|Hedgehog Goes Swimming|children's books|Mia Toll|picture book|32|english|hardcover|2021
b10|Hedgehog Cannot Sleep|children's books|Mia Toll|picture book|32|english|hardcover|2023
b11|The Lighthouse Code|novels|Tom Brandt|thriller|402|english|hardcover|2024
b12|Chess for the Impatient|hobby books|Karl Osten|games|144|english|paperback|2016
"""
_HOME = """
item_id|title|category|brand|price|colour|material|width_cm|height_cm|depth_cm|seats|assembly_required|room|style
h1|Alder three-seat sofa|sofas|Norrfeld|1190|grey|wool|210|82|92|3|yes|living room|scandinavian
h2|Alder two-seat sofa|sofas|Norrfeld|890|beige|linen|160|82|92|2|yes|living room|scandinavian
h3|Bergen leather sofa|sofas|Castell|2300|brown|leather|220|78|95|3|no|living room|classic
h4|Pine dining table|tables|Norrfeld|420|natural|pine|160|75|90|6|yes|dining room|scandinavian
h5|Round oak table|tables|Hollund|680|natural|oak|110|75|110|4|yes|dining room|classic
h6|Steel side table|tables|Ferro|140|black|steel|45|50|45||no|living room|industrial
h7|Spindle chair|chairs|Hollund|160|white|beech|46|88|50|1|no|dining room|classic
h8|Stacking chair|chairs|Ferro|75|red|plastic|50|80|52|1|no|kitchen|modern
h9|Velvet armchair|chairs|Castell|540|green|velvet|82|85|80|1|no|living room|classic
h10|Paper floor lamp|lamps|Norrfeld|95|white|paper|40|150|40||yes|living room|scandinavian
h11|Brass desk lamp|lamps|Castell|130|gold|brass|20|45|20||no|study|classic
h12|Wool rug 200 x 300|rugs|Castell|760|blue|wool|200|1|300||no|living room|modern
h13|Jute rug 120 x 180|rugs|Hollund|180|beige|jute|120|1|180||no|hallway|rustic
h14|Oak bookcase|shelves|Hollund|390|natural|oak|90|200|32||yes|study|classic
h15|Wire wall shelf|shelves|Ferro|65|black|steel|60|30|22||yes|kitchen|industrial
"""


def _rows(table: str) -> str:
    head, *lines = table.strip().splitlines()
    names = head.split("|")
    rows = [{n: v for n, v in zip(names, line.split("|"), strict=True) if v} for line in lines]
    return "".join(json.dumps(row) + "\n" for row in rows)


def _read(text: str) -> list[Item]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.jsonl"
        path.write_text(text, encoding="utf-8")
        return item_rows(read_table(path)).items


def _demo() -> str:
    source = files("chatrec.demo") / "items"
    return "".join(p.read_text(encoding="utf-8") for p in sorted(source.iterdir(), key=lambda p: p.name) if p.name.endswith(".jsonl"))


_TABLES = {"gadgets": _GADGETS, "books": _BOOKS, "home": _HOME}


@lru_cache(maxsize=1)
def embedder() -> MiniLMEmbedder:
    """One model for all tests."""
    return MiniLMEmbedder()


def shelf_of(items: list[Item]) -> CatalogueShelf:
    """A shelf without vectors and facts, which understanding does not read."""
    return CatalogueShelf(items, [b"[]"] * len(items), np.zeros((len(items), 2), dtype=np.float32), Contract.of(items))


@lru_cache(maxsize=8)
def shelf(name: str) -> CatalogueShelf:
    """The shelf of a shop by name: demo, gadgets, books or home."""
    return shelf_of(_read(_demo() if name == "demo" else _rows(_TABLES[name])))


@lru_cache(maxsize=8)
def understander(name: str) -> RuleUnderstander:
    """The understander of a shop by name."""
    return RuleUnderstander(shelf(name).contract, shelf(name), embedder())
