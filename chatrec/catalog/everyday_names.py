"""What shoppers call things, values and properties every day, where shops record them under another name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def _listed(text: str) -> dict[str, tuple[str, ...]]:
    """One entry a line: a name, a colon, others with commas between."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return {name.strip(): tuple(o.strip() for o in others.split(",")) for name, others in lines}


# What shoppers call a property that shops record as yes or no.
_FLAGS = _listed(
    """
    caffeine free: decaf, decaffeinated, non caffeinated, uncaffeinated
    carry on: cabin size, cabin sized, cabin approved, cabin baggage, cabin luggage, hand luggage, hand baggage, carryon, overhead locker
    waterproof: rainproof, watertight, water proof, water tight, proof against rain
    vegan: plant based, animal free, no animal products
    gluten free: coeliac, celiac, no gluten, glutenfree
    foldable: collapsible, fold flat, folds flat, folds away, fold up, folds up
    rechargeable: re chargeable, usb charging
    noise cancelling: noise canceling, noise cancellation, anc, cancel noise, cancels noise, cancelling noise, noise blocking
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
    trainer: sneaker, running shoe
    sneaker: trainer
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


def synonyms_of_flag(name: str) -> dict[str, tuple[str, ...]]:
    """Phrase -> "yes" for a yes-or-no property: "decaf" for what is caffeine free; empty for most."""
    return dict.fromkeys(_FLAGS.get(name.casefold().replace("_", " "), ()), ("yes",))


def names_for_things(known: Iterable[str]) -> dict[str, str]:
    """Everyday name of a thing -> the name among ``known`` (in the singular) that means it: "couch" -> "sofa"; names that are known
    themselves are left out."""
    held = set(known)
    found = {name: next((o for o in others if o in held), "") for name, others in _THINGS.items() if name not in held}
    return {name: other for name, other in found.items() if other}


def of_values(values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Other words for values of any field: "hardback" for "hardcover"."""
    held = {v.casefold(): v for v in values}
    return {word: (held[value],) for value, words in _SAME.items() if value in held for word in words if word not in held}
