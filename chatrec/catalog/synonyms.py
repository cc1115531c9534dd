"""Other words for the values of a field, found at ingest: families of colours and materials, words for whom a thing is, sizes in words.

A word that is itself part of a value stands for that and is left out; the rest of the catalogue's language (plurals, spellings, units)
is brought to one form where messages are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MOST_SYNONYMS = 200  # words of one field
MOST_MEANT = 40  # values that one word stands for
COLOUR_FIELDS = frozenset({"colour", "color", "colours", "colors", "shade", "finish"})
SIZE_FIELDS = frozenset({"size", "sizes", "shoe size", "clothing size"})
GENDER_FIELDS = frozenset({"gender", "gender affinity", "sex", "audience", "target group"})
_MATERIAL_NAMES = frozenset({"material", "materials", "fabric", "fabrics", "upholstery", "leather", "shell", "lining", "sole", "frame"})

GENDER_WORDS = {
    "men": {"man", "men", "male", "gent", "gentleman", "mens", "guy", "m"},
    "women": {"woman", "women", "female", "lady", "womens", "f"},
    "kids": {"kid", "child", "children", "toddler", "boy", "girl", "junior", "kids", "baby"},
    "unisex": {"unisex", "both"},
}
_SIZE_WORDS = {"s": ("small",), "m": ("medium",), "l": ("large",), "xl": ("extra large",), "xs": ("extra small",)}


_Family = tuple[tuple[str, ...], frozenset[str]]


def _families(text: str) -> tuple[_Family, ...]:
    """One family a line: its names, a colon, the words that belong to it."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return tuple((tuple(names.split()), frozenset((*names.split(), *members.split()))) for names, members in lines)


_MATERIALS = _families(
    """
    wood wooden timber: oak pine beech walnut birch ash maple cherry teak mahogany bamboo acacia rosewood cedar spruce plywood mdf hardwood
    metal metallic: steel iron aluminium aluminum brass copper bronze titanium zinc chrome alloy
    plastic: polypropylene polyethylene polycarbonate abs pvc acrylic vinyl melamine
    leather: nubuck suede cowhide goatskin sheepskin
    fabric textile cloth: cotton linen polyester wool velvet canvas nylon jute hemp viscose flannel corduroy denim fleece
    synthetic: polyester nylon acrylic polyamide elastane spandex polypropylene fleece
    wool woollen woolen: merino lambswool cashmere alpaca mohair
    rubber: latex silicone neoprene nitrile
    glass: crystal borosilicate
    ceramic: porcelain stoneware earthenware clay
    stone: marble granite slate concrete sandstone
    wicker rattan: seagrass willow cane
    """
)
_COLOURS = _families(
    """
    red: crimson scarlet burgundy maroon wine ruby cherry rust
    blue: navy cobalt azure sky denim indigo petrol ultramarine
    green: olive sage mint lime emerald moss forest khaki jade
    grey gray: charcoal anthracite slate silver graphite gunmetal ash
    white: cream ivory snow pearl
    black: ebony jet onyx
    brown: tan chestnut chocolate coffee camel cognac mocha umber
    beige: sand taupe oatmeal ecru khaki cream tan
    pink: rose coral salmon fuchsia blush
    purple: plum lilac lavender violet mauve aubergine
    yellow: mustard ochre lemon gold
    orange: apricot terracotta rust copper tangerine
    """
)


def _listed(text: str) -> dict[str, tuple[str, ...]]:
    """One entry a line: a name, a colon, others with commas between."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return {name.strip(): tuple(o.strip() for o in others.split(",")) for name, others in lines}


# What shoppers call a property that shops record as yes or no.
_FLAGS = _listed(
    """
    caffeine free: decaf, decaffeinated, non caffeinated, uncaffeinated
    carry on: cabin size, cabin sized, cabin approved, cabin baggage, cabin luggage, hand luggage, hand baggage, carryon, carry on size, overhead locker
    waterproof: rainproof, watertight, water proof, water tight, proof against rain
    vegan: plant based, animal free, no animal products
    gluten free: coeliac, celiac, no gluten, glutenfree
    foldable: collapsible, fold flat, folds flat, folds away, fold up, folds up
    rechargeable: re chargeable, usb charging
    noise cancelling: noise canceling, noise cancellation, anc, cancel noise, cancels noise, cancelling noise, noise blocking, block out noise
    wireless: bluetooth, cordless, no wires, no cable, no cables
    kid friendly: child friendly, suitable for kids, suitable for children, safe for kids
    machine washable: washing machine, machine wash, go in the wash
    dishwasher safe: dishwasher proof, go in the dishwasher
    lockable: with a lock, has a lock, can lock
    assembly required: assemble, put together, self assembly, flat pack, flatpack
    reflective: hi vis, high vis, high visibility
    fair trade: fairtrade, fairly traded
    organic: bio, organically grown
    recycled: made from recycled material, recycled materials
    """
)
# Values that several shops write alike, and what else they are called.
_SAME = _listed(
    """
    hardcover: hardback, hardbacks, hard cover, hard back, hardbound
    paperback: softcover, soft cover, softback, pocket book
    all-season: year round, all year, all year round, four season, 4 season, every season
    three-season: 3 season
    thriller: whodunnit, whodunit, crime novel, page turner
    science fiction: sci fi, scifi
    living room: lounge, sitting room
    study: home office
    hallway: hall, corridor, entrance
    scandinavian: scandi, nordic
    trail running: trail run, fell running
    climbing: mountaineering, alpinism
    cycling: biking, bike touring, bikepacking
    commuting: commuter, commute, going to work, get to work
    paddling: kayaking, canoeing, canoe, sup
    travel: travelling, traveling
    festival: festivals
    italy: italian
    spain: spanish
    france: french
    germany: german made
    greece: greek
    japan: japanese
    china: chinese
    india: indian
    brazil: brazilian
    colombia: colombian
    ethiopia: ethiopian
    kenya: kenyan
    egypt: egyptian
    mexico: mexican
    portugal: portuguese
    turkey: turkish
    morocco: moroccan
    sweden: swedish
    switzerland: swiss
    usa: american, made in america
    """
)
# Everyday names of things -> names that shops may have them under, the nearest first.
_THINGS = _listed(
    """
    couch: sofa, settee
    settee: sofa, couch
    sofa: couch, settee
    mobile: phone, smartphone, cellphone, mobile phone
    mobile phone: phone, smartphone, cellphone
    cell phone: phone, smartphone, cellphone
    cellphone: phone, smartphone
    smartphone: phone, cellphone
    handset: phone, smartphone
    phone: smartphone, cellphone
    laptop: notebook
    notebook: laptop
    notebook computer: laptop
    tablet computer: tablet
    laptop computer: laptop
    computer: laptop, desktop
    headset: headphone
    earbud: earphone, in ear headphone
    ear bud: earphone
    in ear: earphone
    headphone: headset
    rucksack: backpack, daypack
    backpack: rucksack, daypack
    knapsack: backpack, rucksack, daypack
    torch: flashlight, headlamp, lantern
    flashlight: torch, headlamp, lantern
    head torch: headlamp, headlight
    headtorch: headlamp
    head lamp: headlamp
    trainer: sneaker, trail shoe, running shoe
    sneaker: trainer, trail shoe
    jumper: sweater, pullover
    sweater: jumper, pullover
    pullover: sweater, jumper
    trouser: pants
    pants: trouser
    raincoat: rain jacket, rain coat
    rain coat: rain jacket, raincoat
    waterproof coat: rain jacket
    mac: rain jacket, raincoat
    luggage: suitcase
    trolley: suitcase
    trolley case: suitcase
    shelving: shelf
    bookshelf: bookcase, shelf
    bookcase: bookshelf, shelf
    stool: chair
    armchair: chair
    carpet: rug
    penknife: pocketknife, pocket knife, knife
    pen knife: pocketknife, pocket knife, knife
    pocketknife: pocket knife, penknife, knife
    pocket knife: pocketknife, penknife, knife
    jackknife: pocketknife, knife
    sleeping pad: sleeping mat
    camping mat: sleeping mat
    airbed: sleeping mat, air mattress
    beanie: hat
    woolly hat: hat
    mitten: glove
    mitt: glove
    flask: water bottle, bottle, thermos
    thermos: flask, water bottle, bottle
    canteen: water bottle, bottle
    walking pole: trekking pole, hiking pole
    walking stick: trekking pole, hiking pole
    hiking pole: trekking pole
    walking boot: hiking boot
    walking sock: hiking sock
    walking trouser: hiking trouser
    cooker: stove
    camping cooker: camp stove
    burner: stove
    powerbank: power bank
    portable charger: power bank
    battery pack: power bank
    biscuit: cookie
    cookie: biscuit
    spaghetti: pasta
    noodle: pasta
    macaroni: pasta
    penne: pasta
    muesli: cereal
    granola: cereal
    fridge: refrigerator
    refrigerator: fridge
    tv: television
    telly: television, tv
    television: tv
    hoover: vacuum, vacuum cleaner
    cooking pot: cookware, pot
    pan: cookware
    saucepan: pan, cookware
    wellington: rain boot, rubber boot
    welly: rain boot, rubber boot, wellington
    fieldglass: binocular
    tap: faucet
    faucet: tap
    spanner: wrench
    wrench: spanner
    nappy: diaper
    diaper: nappy
    pram: stroller
    stroller: pram
    hammer drill: drill
    glass: tumbler
    spectacles: glasses
    kid book: child book
    childrens book: child book
    welly boot: rain boot
    rain coat: rain jacket
    """
)


def synonyms_of(name: str, values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Word -> the values of the field ``name`` that it stands for, in their order; at most :data:`MOST_SYNONYMS` words."""
    found: dict[str, tuple[str, ...]] = {}
    if name in GENDER_FIELDS:
        found = _of_genders(values)
    elif name in SIZE_FIELDS:
        found = {word: (v,) for v in values for word in _SIZE_WORDS.get(v.casefold(), ())}
    elif name in COLOUR_FIELDS:
        found = _of_families(_COLOURS, values, one_form=True)
    elif names_material(name):
        found = _of_families(_MATERIALS, values)
    return dict(list({**_of_values(values), **found}.items())[:MOST_SYNONYMS])


def synonyms_of_flag(name: str) -> dict[str, tuple[str, ...]]:
    """Phrase -> "yes" for a yes-or-no property: "decaf" for what is caffeine free; empty for most."""
    return dict.fromkeys(_FLAGS.get(name.casefold().replace("_", " "), ()), ("yes",))


def names_for_things(known: Iterable[str]) -> dict[str, str]:
    """Everyday name of a thing -> the name among ``known`` (in the singular) that means it: "couch" -> "sofa"; names that are known
    themselves are left out."""
    held = set(known)
    found = {name: next((o for o in others if o in held), "") for name, others in _THINGS.items() if name not in held}
    return {name: other for name, other in found.items() if other}


def _of_values(values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Other words for values of any field: "hardback" for "hardcover"."""
    held = {v.casefold(): v for v in values}
    return {word: (held[value],) for value, words in _SAME.items() if value in held for word in words if word not in held}


def names_material(name: str) -> bool:
    """Whether a field of this name says what things are made of."""
    return bool(_MATERIAL_NAMES & set(name.split()))


def kindred(word: str, values: Sequence[str]) -> tuple[str, ...] | None:
    """The values of a material's own family ("mahogany": oak and pine), perhaps none; ``None`` for a word that is no material."""
    families = [members for _, members in _MATERIALS if word in members]
    if not families:
        return None
    return tuple(value for value in values if any(_words(value) & members for members in families))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.casefold()))


def _of_families(families: Iterable[_Family], values: Sequence[str], one_form: bool = False) -> dict[str, tuple[str, ...]]:
    """``one_form`` says that the names of a family are spellings of one word ("grey", "gray")."""
    worded = [(value, _words(value)) for value in values]
    used = set().union(*(words for _, words in worded))
    found = {}
    for names, members in families:
        if one_form and used & set(names):
            continue
        meant = tuple(value for value, words in worded if words & members)[:MOST_MEANT]
        found.update({name: meant for name in names if meant and name not in used})
    return found


def _of_genders(values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for value in values:
        own = {w.removesuffix("s") for w in _words(value)} | _words(value)
        for words in GENDER_WORDS.values():
            if words & own:
                for word in words - {"m", "f"}:
                    found.setdefault(word, []).append(value)
                break
    return {word: tuple(meant) for word, meant in found.items()}
