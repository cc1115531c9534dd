"""Small worlds of evidence in several trades, for the gate and the writers."""

from __future__ import annotations

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind


def attribute(name: str, text: str, value: str = "", number: float | None = None, unit: str = "") -> Fact:
    return Fact(FactKind.ATTRIBUTE, name, text, value or text.removeprefix(name).strip(), number, unit)


def figure(name: str, number: float, unit: str = "") -> Fact:
    shown = f"{number:g}"
    return attribute(name, f"{name} {shown} {unit}".strip(), shown, number, unit)


def flag(name: str, yes: bool = True) -> Fact:
    return attribute(name, name if yes else f"not {name}", "yes" if yes else "no")


def kind(name: str) -> Fact:
    return Fact(FactKind.TYPE, "category", name, name)


def clause(text: str) -> Fact:
    return Fact(FactKind.DESCRIPTION, "description", text, text)


def brand(name: str) -> Fact:
    return Fact(FactKind.BRAND, "brand", f"brand {name}", name)


def price(amount: float, currency: str = "USD") -> Fact:
    return Fact(FactKind.PRICE, "price", f"price {amount:.2f} {currency}", f"{amount:.2f}", amount, currency)


def stock(count: int) -> Fact:
    text = "out of stock" if count <= 0 else f"only {count} left" if count <= 3 else "in stock"
    return Fact(FactKind.STOCK, "stock", text, str(count), float(count), "pieces")


def rating(score: float, count: int) -> Fact:
    return Fact(FactKind.RATING, "rating", f"rated {score:g} out of 5 by {count} shoppers", f"{score:g}", score)


def opinion(text: str) -> Fact:
    return Fact(FactKind.OPINION, "opinion", text, text)


def note(text: str, *cites: int, name: str = "computed", number: float | None = None, unit: str = "") -> Fact:
    return Fact(FactKind.COMPUTED, name, text, number=number, unit=unit, source="turn", cites=cites)


def passage(topic: str, text: str) -> Fact:
    return Fact(FactKind.PASSAGE, topic, text, source=f"policies/{topic}")


def item(n: int, name: str, *facts: Fact) -> EvidenceItem:
    return EvidenceItem(n, f"id-{n}", name, facts)


BAGS = Evidence(
    "recommend",
    "I need a warm waterproof bag under 150 for my son",
    ("sleeping bag", "price up to $150"),
    (
        item(1, "Skua Polar 5", kind("sleeping bags"), figure("comfort temperature", -5, "C"), figure("weight", 1200, "g"),
             attribute("fill", "fill synthetic"), attribute("shell", "shell nylon"), flag("waterproof", False), brand("Kolder"),
             price(129), stock(12)),
        item(2, "Tern Light", kind("sleeping bags"), figure("comfort temperature", 2, "C"), figure("weight", 900, "g"),
             clause("packs small enough for a pannier"), flag("waterproof"), price(149), stock(2)),
    ),
    (note("[1] costs less than [2]", 1, 2, name="price"), note("[2] is lighter than [1] by 300 g", 2, 1, name="weight", number=300, unit="g"),
     note("both are within the price limit", 1, 2, name="price")),
)  # fmt: skip

HEADPHONES = Evidence(
    "recommend",
    "wireless headphones for my daughter's birthday, with a long battery",
    ("headphones",),
    (
        item(1, "Auden H4", kind("headphones"), figure("battery", 40, "hours"), flag("wireless"), attribute("colour", "colour black"),
             figure("weight", 210, "g"), rating(4.6, 312), opinion("the ear pads get hot after an hour")),
        item(2, "Peep Mini", kind("headphones"), figure("battery", 18, "hours"), flag("wireless"), flag("noise cancelling", False),
             attribute("colour", "colour red, white"), rating(4.1, 90)),
        item(3, "Sono Wire", kind("headphones"), flag("wireless", False), flag("noise cancelling"), clause("the cable is 1.2 m long and unplugs"),
             rating(4.4, 41)),
    ),
    (note("[1] is rated the highest of these", 1, 2, 3, name="rating"), note("only [3] is noise cancelling", 3, 1, 2, name="noise cancelling")),
)  # fmt: skip

PANS = Evidence(
    "compare",
    "which pan is better for induction?",
    (),
    (
        item(1, "Ferro 28", kind("frying pans"), attribute("material", "material cast iron"), figure("diameter", 28, "cm"),
             figure("weight", 2.4, "kg"), flag("dishwasher safe", False), clause("works on induction, gas and ceramic hobs")),
        item(2, "Lumen 24", kind("frying pans"), attribute("material", "material aluminium"), figure("diameter", 24, "cm"),
             figure("height", 5, "cm"), flag("dishwasher safe"), clause("heats in 3 minutes"), clause("made without PFAS")),
    ),
    (note("[2] has a shorter warranty than [1]", 2, 1, name="warranty"),
     note("[1] has a higher diameter than [2] by 4 cm", 1, 2, name="diameter", number=4, unit="cm")),
)  # fmt: skip

TEE = Evidence(
    "item_answer",
    "is it machine washable and does it have a warranty?",
    (),
    (
        item(1, "Marl Tee", kind("t-shirts"), Fact(FactKind.OPTION, "size", "sizes S, M, L", "S, M, L"),
             attribute("material", "material organic cotton"), flag("machine washable"), attribute("season", "season all-season"),
             price(25), stock(0)),
    ),
    (note("the listing of [1] does not say", 1, name="silent"),),
)  # fmt: skip

VACUUMS = Evidence(
    "recommend",
    "a quiet robot vacuum for my mother's flat with two cats, under 400",
    ("robot vacuums", "price up to $400"),
    (
        item(1, "Nimbo R3", kind("robot vacuums"), figure("noise", 58, "dB"), figure("battery", 120, "min"), figure("dust box", 0.4, "l"),
             flag("mapping"), flag("mops", False), attribute("filter", "filter HEPA"), clause("climbs door sills up to 2 cm"),
             brand("Nimbo"), rating(4.2, 88), price(349), stock(4)),
        item(2, "Dustle Pro", kind("robot vacuums"), figure("noise", 64, "dB"), figure("battery", 180, "min"),
             figure("dust box", 0.6, "l"), flag("mapping"), flag("mops"), clause("empties itself into a 3 l station"),
             clause("not made for deep carpets"), brand("Dustle"), rating(4.5, 410), price(399), stock(0)),
        item(3, "Krumel", kind("robot vacuums"), figure("noise", 70, "dB"), figure("battery", 90, "min"), flag("mapping", False),
             clause("has two side brushes and a remote"), price(129)),
    ),
    (note("[2] is out of stock", 2, name="stock"), note("[3] is the cheapest of these", 3, 1, 2, name="price"),
     note("[1] is the quietest of these", 1, 2, 3, name="noise"), note("[2] runs the longest of these", 2, 1, 3, name="battery"),
     note("all are within the price limit", 1, 2, 3, name="price")),
)  # fmt: skip

RETURNS = Evidence(
    "shop_answer",
    "how long do I have to send something back, and who pays?",
    passages=(
        passage(
            "Returns",
            "You can return unused items, with tags, within 30 days of delivery. Return shipping costs $5 and refunds take 7 days.",
        ),
        passage("Shipping", "Shipping is free over $50 and takes 3 to 5 days. We do not ship to Malta."),
    ),
)

NOTHING = Evidence(
    "nothing",
    "a red canoe from Kolder under 80",
    ("canoe", "brand Kolder", "price up to $80"),
    notes=(
        note("nothing matches canoe, brand Kolder, price up to $80", name="nothing"),
        note("without the brand: 7", name="relaxation"),
        note("up to $12 more: 3", name="relaxation"),
    ),
)

GREETING = Evidence("say", "hi there", notes=(note("topic greet", name="topic"),))

WORLDS = {
    "bags": BAGS,
    "headphones": HEADPHONES,
    "pans": PANS,
    "tee": TEE,
    "vacuums": VACUUMS,
    "returns": RETURNS,
    "nothing": NOTHING,
    "greeting": GREETING,
}
