"""The drawings behind placeholder pictures: glyphs on a field of 200 by 200, the words that call for them, and colours by name."""

from __future__ import annotations


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """One row a line: a name, then its words."""
    return {line.split()[0]: tuple(line.split()[1:]) for line in text.strip().splitlines()}


# Kind of thing -> the words that name it; of two kinds with one word the first counts.
KINDS = _table(
    """
    tent tent tarp shelter canopy bivy gazebo
    sleep sleep sleeping mattress pillow mat blanket duvet quilt bed hammock
    bag backpack daypack rucksack bag luggage suitcase duffel tote handbag wallet purse pouch
    shoe shoe boot sandal sneaker footwear slipper trainer
    sock sock stocking legging
    hat hat cap beanie helmet headwear glove mitten
    trousers trouser pant short jean
    jacket jacket coat shirt hoodie fleece parka dress clothing apparel layer top sweater vest
    lamp lamp light lantern torch headlamp flashlight bulb lighting led candle
    phone phone smartphone tablet mobile gps navigation watch
    screen television tv monitor display laptop computer screen projector
    audio headphone earphone earbud speaker audio headset soundbar microphone
    camera camera lens camcorder photo photography binocular optic
    battery battery charger power cable adapter electrical relay capacitor
    bottle bottle flask filter cup mug jug water beaker drinkware fragrance shampoo lotion
    pot stove cookware pot pan kettle kitchen grill cooking oven
    book book novel magazine notebook guide journal map paper label
    chair chair furniture stool sofa table desk seat bench
    aid aid medical health bandage pharmacy medicine dental
    tool tool wrench drill screwdriver hammer saw knife plier screw bolt fastener blade hardware
    pole pole stick rod cane tripod
    game game toy console puzzle controller gaming
    plant plant garden flower seed grocery food fruit
    tape tape adhesive rope wire film roll hose tube tubing
    """
)
# {m} is the main colour, {d} a darker one, {l} a lighter one.
GLYPHS: dict[str, str] = {
    "tent": (
        '<path d="M100 48 168 150H32Z" fill="{m}"/>'
        '<path d="M100 48 124 150H76Z" fill="{d}"/>'
        '<path d="M24 150h152" stroke="{d}" stroke-width="6"/>'
    ),
    "sleep": (
        '<rect x="36" y="66" width="128" height="80" rx="36" fill="{m}"/>'
        '<rect x="44" y="78" width="40" height="56" rx="18" fill="{l}"/>'
        '<path d="M104 66v80M128 66v80" stroke="{d}" stroke-width="4"/>'
    ),
    "bag": (
        '<path d="M78 66a22 22 0 0 1 44 0" fill="none" stroke="{d}" stroke-width="9"/>'
        '<rect x="52" y="62" width="96" height="94" rx="20" fill="{m}"/>'
        '<rect x="68" y="106" width="64" height="36" rx="9" fill="{d}"/>'
        '<path d="M68 88h64" stroke="{l}" stroke-width="5"/>'
    ),
    "shoe": (
        '<path d="M40 82h38l30 30 42 12q14 5 14 22H40Z" fill="{m}"/>'
        '<rect x="36" y="142" width="132" height="12" rx="6" fill="{d}"/>'
        '<path d="M86 98l-10 10M98 110l-10 10" stroke="{l}" stroke-width="5"/>'
    ),
    "sock": (
        '<path d="M76 42h42v64l34 26a18 18 0 0 1-22 28l-50-34q-4-4-4-12Z" fill="{m}"/>'
        '<rect x="74" y="42" width="46" height="18" rx="5" fill="{d}"/>'
    ),
    "hat": (
        '<path d="M52 128a48 56 0 0 1 96 0Z" fill="{m}"/>'
        '<rect x="42" y="122" width="116" height="20" rx="10" fill="{d}"/>'
        '<circle cx="100" cy="68" r="9" fill="{l}"/>'
    ),
    "trousers": (
        '<path d="M62 44h76l10 114h-34l-14-72-14 72H52Z" fill="{m}"/><rect x="62" y="44" width="76" height="14" rx="4" fill="{d}"/>'
    ),
    "jacket": (
        '<path d="M76 48h48l40 30-16 30-14-10v56H66V98l-14 10-16-30Z" fill="{m}"/>'
        '<path d="M100 56v98" stroke="{d}" stroke-width="5"/>'
        '<path d="M78 48q22 24 44 0" fill="{d}"/>'
    ),
    "lamp": (
        '<path d="M72 44h56l22 56H50Z" fill="{m}"/>'
        '<path d="M100 100v46" stroke="{d}" stroke-width="8"/>'
        '<rect x="66" y="144" width="68" height="12" rx="6" fill="{d}"/>'
        '<path d="M62 112l-8 14M138 112l8 14" stroke="{l}" stroke-width="6"/>'
    ),
    "phone": (
        '<rect x="66" y="38" width="68" height="124" rx="14" fill="{m}"/>'
        '<rect x="74" y="52" width="52" height="88" rx="4" fill="{l}"/>'
        '<circle cx="100" cy="151" r="5" fill="{d}"/>'
    ),
    "screen": (
        '<rect x="34" y="52" width="132" height="84" rx="9" fill="{m}"/>'
        '<rect x="43" y="61" width="114" height="66" rx="4" fill="{l}"/>'
        '<path d="M100 136v16M72 154h56" stroke="{d}" stroke-width="8"/>'
    ),
    "audio": (
        '<path d="M52 116v-16a48 48 0 0 1 96 0v16" fill="none" stroke="{m}" stroke-width="12"/>'
        '<rect x="42" y="108" width="28" height="44" rx="11" fill="{d}"/>'
        '<rect x="130" y="108" width="28" height="44" rx="11" fill="{d}"/>'
    ),
    "camera": (
        '<path d="M78 66l8-14h28l8 14Z" fill="{d}"/>'
        '<rect x="38" y="64" width="124" height="84" rx="12" fill="{m}"/>'
        '<circle cx="100" cy="106" r="28" fill="{d}"/>'
        '<circle cx="100" cy="106" r="16" fill="{l}"/>'
    ),
    "battery": (
        '<rect x="60" y="54" width="80" height="104" rx="11" fill="{m}"/>'
        '<rect x="84" y="42" width="32" height="14" rx="4" fill="{d}"/>'
        '<path d="M106 72 82 110h18l-6 30 26-42h-18Z" fill="{l}"/>'
    ),
    "bottle": (
        '<rect x="86" y="36" width="28" height="24" rx="5" fill="{d}"/>'
        '<path d="M86 60h28v12q18 8 18 28v48a14 14 0 0 1-14 14H82a14 14 0 0 1-14-14v-48q0-20 18-28Z" fill="{m}"/>'
        '<rect x="68" y="106" width="64" height="28" fill="{l}"/>'
    ),
    "pot": (
        '<rect x="52" y="84" width="96" height="66" rx="12" fill="{m}"/>'
        '<rect x="44" y="74" width="112" height="14" rx="7" fill="{d}"/>'
        '<circle cx="100" cy="66" r="8" fill="{d}"/>'
        '<path d="M52 108H34M148 108h18" stroke="{d}" stroke-width="9"/>'
    ),
    "book": (
        '<rect x="54" y="44" width="92" height="116" rx="7" fill="{m}"/>'
        '<rect x="54" y="44" width="16" height="116" fill="{d}"/>'
        '<path d="M84 74h46M84 92h34" stroke="{l}" stroke-width="7"/>'
    ),
    "chair": (
        '<path d="M66 44v60h68V44" fill="none" stroke="{d}" stroke-width="9"/>'
        '<rect x="62" y="52" width="76" height="36" rx="7" fill="{m}"/>'
        '<rect x="56" y="102" width="88" height="18" rx="8" fill="{m}"/>'
        '<path d="M66 120 58 160M134 120l8 40" stroke="{d}" stroke-width="9"/>'
    ),
    "aid": (
        '<rect x="42" y="66" width="116" height="86" rx="12" fill="{m}"/>'
        '<path d="M80 66V52h40v14" fill="none" stroke="{d}" stroke-width="8"/>'
        '<path d="M100 86v46M77 109h46" stroke="{l}" stroke-width="14"/>'
    ),
    "tool": (
        '<path d="M128 46a30 30 0 0 0-34 40L46 134a14 14 0 0 0 20 20l48-48a30 30 0 0 0 40-34l-18 16-18-18Z" fill="{m}"/>'
        '<circle cx="58" cy="142" r="5" fill="{l}"/>'
    ),
    "pole": (
        '<path d="M62 160 92 44" stroke="{m}" stroke-width="9"/>'
        '<path d="M138 160 108 44" stroke="{m}" stroke-width="9"/>'
        '<path d="M92 44l4-14M108 44l-4-14" stroke="{d}" stroke-width="14"/>'
        '<path d="M54 146h20M126 146h20" stroke="{d}" stroke-width="6"/>'
    ),
    "game": (
        '<rect x="36" y="74" width="128" height="64" rx="32" fill="{m}"/>'
        '<path d="M72 92v28M58 106h28" stroke="{l}" stroke-width="9"/>'
        '<circle cx="124" cy="98" r="7" fill="{d}"/>'
        '<circle cx="140" cy="114" r="7" fill="{d}"/>'
    ),
    "plant": (
        '<path d="M100 128V76" stroke="{d}" stroke-width="7"/>'
        '<path d="M100 92q-44 2-42-40 42-2 42 40ZM100 76q0-36 40-34 2 36-40 34Z" fill="{m}"/>'
        '<path d="M70 126h60l-9 34H79Z" fill="{d}"/>'
    ),
    "tape": (
        '<circle cx="98" cy="100" r="54" fill="{m}"/>'
        '<circle cx="98" cy="100" r="24" fill="{l}"/>'
        '<path d="M98 154h66" stroke="{d}" stroke-width="12"/>'
        '<circle cx="98" cy="100" r="38" fill="none" stroke="{d}" stroke-width="4"/>'
    ),
    "box": (
        '<path d="M100 46 158 74v58l-58 30-58-30V74Z" fill="{m}"/>'
        '<path d="M100 104v58l58-30V74Z" fill="{d}"/>'
        '<path d="M42 74l58 30 58-30" fill="none" stroke="{l}" stroke-width="4"/>'
    ),
}
_NAMED = _table(
    """
    black #3a3d42
    charcoal #4a4e55
    graphite #53575e
    grey #8b9199
    gray #8b9199
    silver #a9b0b7
    white #f1f3f4
    cream #dccfae
    ivory #ddd3b8
    beige #cbb894
    sand #c9b07c
    tan #b98f5a
    brown #80583a
    coffee #6b4a35
    copper #b5693c
    bronze #94703a
    gold #c99a2e
    yellow #e3b92c
    mustard #c9992b
    orange #e07b2e
    rust #b4532b
    coral #e5735c
    red #c8403a
    burgundy #7d2b3c
    maroon #7a2f35
    wine #7b2d45
    pink #dd7f9f
    rose #d27a8d
    magenta #b8408f
    purple #76509f
    plum #75446f
    violet #7a5bb0
    lavender #9c8cc7
    navy #2d4468
    blue #3f74b5
    sky #6aa7d4
    turquoise #3aa7a3
    teal #2c8382
    aqua #4bb0b5
    mint #79bf9f
    green #4f8f58
    olive #7b7d3d
    khaki #9b9062
    moss #6a7d43
    sage #8fa283
    lime #93b83a
    forest #376b49
    steel #7c8a97
    natural #c4a878
    """
)
COLOURS: dict[str, str] = {name: values[0] for name, values in _NAMED.items()}
