"""The words by which the gate tells a negation, a comparison, a claim about all, and the bound of a figure."""

from __future__ import annotations

from chatrec.generation.gate_words import stem, stems

NEGATORS = frozenset({"not", "no", "without", "never", "neither", "nor", "lack", "non", "none", "noth", "nobodi"})
# Words that set one thing against others: true only when a note or the record itself says so.
RELATIONS = frozenset(
    stems(
        "more less most least fewer fewest better best worse worst higher highest lower lowest same only than cheaper "
        "cheapest pricier dearer lighter lightest heavier heaviest warmer warmest cooler coolest shorter shortest "
        "longer longest narrower narrowest wider widest taller tallest shallower shallowest deeper deepest thinner "
        "thinnest thicker thickest quieter quietest louder loudest dimmer dimmest brighter brightest larger largest "
        "bigger biggest smaller smallest faster fastest slower slowest stronger strongest newer newest older oldest "
        "roomier roomiest further furthest greater greatest softer softest harder hardest simpler simplest easier "
        "easiest top"
    )
)
COMPARATIVES = frozenset(w for w in RELATIONS if w.endswith("er") and w != "either") | {"more", "less"}
UNIVERSAL = frozenset({"both", "all", "each", "everi", "either", "neither", "none", "they", "them", "their", "these", "those"})
_OPPOSITE_PARTICLES = ("on off", "in out", "up down", "before after", "into from", "over under", "insid outsid", "with without")
PARTICLES = {a: b for pair in _OPPOSITE_PARTICLES for a, b in (pair.split(), pair.split()[::-1])}
SETS = frozenset({"these", "those", "them", "all", "they"})
# Wider sets than the items at hand; a comparison reaches them only where the note itself does.
WIDER = frozenset({"shop", "store", "rang", "catalogu", "world", "market", "ever", "anywher"})
# Words in front of a figure that change what it says.
_BOUNDS: dict[str, tuple[str, ...]] = {
    "max": ("under", "below", "at most", "less than", "no more than", "maximum", "in under"),
    "min": ("over", "above", "at least", "more than", "from", "minimum", "beyond", "exceeds", "reaches"),
    "within": ("within",),
    "upto": ("up to",),
    "after": ("after",),
    "before": ("before", "until"),
    "by": ("by",),
    "near": ("nearly", "almost"),
    "of": ("out of",),
    "every": ("every",),
}
BOUND_KEYS = {tuple(stem(w) for w in words.split()): bound for bound, spoken in _BOUNDS.items() for words in spoken}
# A piece of a policy after "and" or a comma is a statement of its own only when it has a verb.
VERBS = frozenset(
    stems(
        "is are was were has have had can cannot will would must may should do does did take takes cost costs go goes "
        "come comes get gets apply applies start starts need needs pay pays ship ships send receive return refund cover "
        "covers last lasts include includes"
    )
)  # fmt: skip
PRICE_DOWN = ({"cost", "less"}, {"cheapest"}, {"cheaper"})
PRICE_DOWN_WORDS = frozenset(stems("cheaper costs less expensive lower price affordable pay"))
PRICE_UP_WORDS = frozenset(stems("pricier costs more expensive higher price pay"))
