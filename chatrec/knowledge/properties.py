"""Which words of a question ask for which property: everyday words on the left, names of record fields on the right.

Names are compared by stems, so that "battery h", "battery life" and "battery mah" are all found by "battery".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatrec.domain.facts import FactKind


@dataclass(frozen=True, slots=True)
class Property:
    """``asks``: how it is asked for. ``names``: fact names that answer. ``kinds``: fact kinds that answer whatever their name.
    ``clues``: words of a description clause that answer where no field does."""

    asks: re.Pattern[str]
    names: tuple[str, ...] = ()
    kinds: tuple[FactKind, ...] = ()
    clues: tuple[str, ...] = ()


def _asks(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


PROPERTIES: tuple[Property, ...] = (
    Property(
        _asks(
            r"how much (?:is|are|was|were|does|do|did|for|will|would)(?! .{0,20}\b(?:weigh|hold|fit|water|space|room))|price|"
            r"cost|costs|expensive|cheap|how many (?:dollars|euros|pounds)|what do (?:you|they) charge"
        ),
        ("price",),
        (FactKind.PRICE,),
    ),
    Property(
        _asks(
            r"in stock|out of stock|available|availability|sold out|any left|how many (?:are |do you have "
            r")?(?:left|in stock)|still have|have (?:it|them|this|that|any) (?:now|here|today)|left in stock"
        ),
        ("stock", "availability"),
        (FactKind.STOCK,),
    ),
    Property(
        _asks(
            r"rating|ratings|rated|stars|reviews?|reviewers?|customers? (?:say|think|like)|people (?:say|think|"
            r"like)|others (?:say|think)|opinions?|any good|popular|(?:is|are) (?:it|they|this|that) good\??$"
        ),
        ("rating",),
        (FactKind.RATING, FactKind.OPINION),
    ),
    Property(_asks(r"colou?rs?|shades?|what does it look like"), ("colour", "color", "shade", "finish"), clues=("colour", "color")),
    Property(
        _asks(
            r"what sizes?|which sizes?|sizes|available sizes?|in (?:my )?size|size (?:is|are|do|does|range|chart|"
            r"xs|s|m|l|xl|xxl|\d+)|sizing|run (?:small|large|big|true)"
        ),
        ("size", "sizes", "fit"),
        clues=("size", "sizing"),
    ),
    Property(
        _asks(r"how heavy|how light|weighs?|weight|heavy|light enough|lightweight|kilos?|grams|is it light|are they light"),
        ("weight",),
        clues=("weigh", "weight", "heavy", "light"),
    ),
    Property(
        _asks(
            r"how big|how large|how much (?:does it |can it |will it |would it )?(?:hold|fit)|capacity|volume|hold|"
            r"holds|litres?|liters?|how much (?:space|room|water)|spacious|roomy|ounces"
        ),
        ("capacity", "volume", "storage"),
        clues=("litre", "liter", "hold", "fit", "capacity", "volume", "room"),
    ),
    Property(
        _asks(r"how big|how large|how small|dimensions?|measurements?|measure|size(?! (?:m|l|s|xl|xs|\d))"),
        ("length", "width", "height", "thickness", "depth", "diameter", "packed length", "dimensions", "size", "screen size"),
        clues=("cm", "mm", "inch", "metre", "long", "wide", "high", "tall"),
    ),
    Property(
        _asks(r"how long(?! (?:does|do|will|is the (?:warranty|guarantee)|can|until|would))|length|longest"),
        ("length",),
        clues=("long", "length"),
    ),
    Property(_asks(r"how wide|width|wide"), ("width",), clues=("wide", "width")),
    Property(_asks(r"how (?:tall|high)|height|tall"), ("height",), clues=("tall", "high", "height")),
    Property(_asks(r"how (?:thick|deep)|thickness|thick|depth"), ("thickness", "depth"), clues=("thick", "deep")),
    Property(
        _asks(r"pack(?:s|ed)? (?:down|size|small|up)|packed|folded|fold(?:s|able)?|stuff sack|how small does"),
        ("packed length", "packed size", "foldable", "folded"),
        clues=("pack", "fold", "stuff"),
    ),
    Property(
        _asks(
            r"made (?:of|from|out of)|material|materials|fabric|leather|cotton|wool|nylon|polyester|plastic|metal|"
            r"wood|wooden|steel|silk|cloth|textile"
        ),
        ("material", "fabric", "upper material", "outer material"),
        clues=("made", "material", "fabric"),
    ),
    Property(
        _asks(r"(?:filled|filling|fill|down|synthetic|insulation|padding|stuffed)(?! to)"),
        ("fill", "filling", "insulation"),
        clues=("down", "synthetic", "fill", "insulation", "insulated"),
    ),
    Property(_asks(r"warranty|guarantee|guaranteed"), ("warranty", "guarantee"), clues=("warranty", "guarantee")),
    Property(
        _asks(r"battery|batteries|runtime|how long does it (?:last|run|work|burn)|charge last|hours of"),
        ("battery", "runtime", "burn time", "power source"),
        clues=("battery", "charge", "hour"),
    ),
    Property(
        _asks(r"recharge(?:able)?|charge it|charging|usb|how (?:is it|do you) (?:powered|charge)|plug|power source|powered"),
        ("rechargeable", "power source", "charging", "power", "battery"),
        clues=("usb", "charge", "battery", "plug"),
    ),
    Property(_asks(r"powerful|watts?|wattage|how much power|output"), ("power", "wattage", "output"), clues=("watt", "power")),
    Property(_asks(r"bright|brightness|lumens?"), ("lumens", "brightness"), clues=("lumen", "bright")),
    Property(
        _asks(r"warm|cold|winter|degrees|temperature|freezing|frost|below zero|minus|season|summer"),
        ("comfort temp", "comfort temperature", "temperature", "r value", "season", "warmth"),
        clues=("warm", "cold", "degree", "winter", "freez", "frost", "insulat"),
    ),
    Property(
        _asks(
            r"how many (?:people|persons|adults|sleepers|kids|children)|(?:two|three|four|five|six|\d+) (?:people|"
            r"persons|adults|sleepers)|sleeps?|room for|for (?:two|three|four|a family)|seats?"
        ),
        ("persons", "people", "sleeps", "seats", "servings"),
        clues=("person", "people", "two", "three", "four", "sleep"),
    ),
    Property(
        _asks(
            r"water ?proof(?:ed|ing)?|rain ?proof|water[- ]?(?:resistant|tight|repellent)|rain|wet|water column|"
            r"leak|storm|shower|submerge|swim"
        ),
        ("waterproof", "waterproof mm", "water resistant", "water column"),
        clues=("waterproof", "water", "rain", "wet", "membrane", "drizzle", "leak", "soak", "shower"),
    ),
    Property(
        _asks(r"wash(?:able|ed|ing)?|machine|launder|clean(?:ed|ing)?(?: it)?|dishwasher|care for"),
        ("machine washable", "washable", "dishwasher safe", "care"),
        clues=("wash", "clean", "dishwasher", "machine"),
    ),
    Property(
        _asks(r"max(?:imum)? (?:load|weight|user)|how much weight|load|carry|support|bear|strong enough|kilos can"),
        ("max load", "load capacity", "maximum load", "weight capacity"),
        clues=("load", "carr", "support"),
    ),
    Property(
        _asks(r"(?:for )?(?:men|women|man|woman|ladies|unisex|gender|male|female)"),
        ("gender", "gender affinity"),
        clues=("men", "women", "unisex"),
    ),
    Property(
        _asks(r"kids?|child|children|toddlers?|baby|babies|age|ages|years? old"),
        ("kid friendly", "age from", "age to", "age", "gender"),
        clues=("kid", "child", "children", "year-old", "toddler"),
    ),
    Property(_asks(r"vegan|animal|leather"), ("vegan", "material"), clues=("vegan", "leather", "animal")),
    Property(_asks(r"recycled|sustainab\w+|eco|environment\w*"), ("recycled", "sustainable"), clues=("recycl", "sustain")),
    Property(
        _asks(r"cabin|carry[- ]?on|hand luggage|plane|airline|aeroplane|airplane"),
        ("carry on",),
        clues=("cabin", "carry-on", "airline", "overhead"),
    ),
    Property(_asks(r"lock|lockable|locks"), ("lockable", "closure"), clues=("lock",)),
    Property(_asks(r"pockets?"), ("pockets",), clues=("pocket",)),
    Property(
        _asks(r"how many (?:pieces|parts)|pieces|in the box|come with|comes with|included?|includes|accessories|what do i get"),
        ("pieces", "features", "included"),
        clues=("includ", "comes with", "come with", "supplied", "with"),
    ),
    Property(_asks(r"fuel|gas|burn|burns|runs on"), ("fuel", "burn time"), clues=("gas", "fuel", "burn", "canister")),
    Property(_asks(r"boil|how fast"), ("boil", "boil min per", "speed"), clues=("boil", "minute")),
    Property(_asks(r"zoom|magnif\w+"), ("magnification", "zoom"), clues=("magnif", "zoom")),
    Property(_asks(r"who makes|which brand|what brand|brand|manufacturer|maker|made by|which company"), ("brand",), (FactKind.BRAND,)),
    Property(
        _asks(r"what (?:is|are) (?:it|this|that|they|these|those)(?: exactly)?\??$|what kind|what type|what sort"),
        ("category",),
        (FactKind.TYPE,),
    ),
    Property(_asks(r"used? for|use it|suitable for|good for|purpose|what is it for"), ("use", "uses", "activity", "occasion"), clues=()),
    Property(_asks(r"ventilat\w+|breath\w+|sweat\w*"), ("ventilated", "breathable"), clues=("ventilat", "breath", "mesh", "sweat")),
    Property(_asks(r"screen|display"), ("screen size", "screen", "display", "display size"), clues=("screen", "display")),
    Property(_asks(r"memory|ram|storage|gigabytes?|gb"), ("storage", "memory", "ram"), clues=("gb", "storage", "memory")),
    Property(_asks(r"author|who wrote|written by"), ("author",), clues=("written",)),
    Property(_asks(r"how many pages|pages"), ("pages",), clues=("page",)),
    Property(_asks(r"filter(?:s|ed)?|micron|viruses|bacteria"), ("filter", "features"), clues=("filter", "micron", "virus", "bacteria")),
)

TELL_ALL = re.compile(
    r"\b(?:tell me (?:more|everything|all|about)|more (?:info\w*|details?|about)|details?|spec(?:s|"
    r"ification|ifications)?|describe|description|what about|how about|information|features|what can you "
    r"(?:say|tell))\b",
    re.IGNORECASE,
)
COLOURS = frozenset(
    [
        "black",
        "white",
        "grey",
        "gray",
        "silver",
        "charcoal",
        "red",
        "pink",
        "purple",
        "violet",
        "blue",
        "navy",
        "turquoise",
        "teal",
        "green",
        "olive",
        "khaki",
        "yellow",
        "gold",
        "orange",
        "brown",
        "beige",
        "cream",
        "sand",
        "tan",
        "burgundy",
        "rust",
        "coral",
        "mint",
        "lilac",
    ]
)
SIZES = frozenset(["xs", "s", "m", "l", "xl", "xxl", "xxxl", "small", "medium", "large"])
