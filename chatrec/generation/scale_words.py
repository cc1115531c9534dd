"""Words by which a property's name tells how its figures compare: lighter or heavier, more or less, longer or larger."""

from __future__ import annotations

import re

from chatrec.generation.gate_words import stems

# Words beside a dimension that leave it that of the whole thing: "packed length" and "seat height" are those of a state or a part.
OF_THE_WHOLE = frozenset(
    stems("overall total item product net own time life temperature level max maximum output lamp approximate approx single rated typical")
)
HOURS = frozenset(("h", "hr", "hour", "min", "minut", "s", "second", "day", "week", "month", "year"))
TIMED = frozenset(stems("runtime run battery burn playtime"))
# A part's own dimension is told by the part: "a longer blade". The rest is told by its name: "a higher torque".
OF_A_PART = {
    "length": ("shorter", "longer"),
    "width": ("narrower", "wider"),
    "thickness": ("thinner", "thicker"),
    "weight": ("lighter", "heavier"),
}
# What there is more or less of, and things that are larger, or longer, rather than "higher".
MASSES = frozenset("power storage memory ram suction space polyphony output sugar protein fat salt caffeine".split())
THINGS = frozenset("screen display battery tank hopper bowl bin pan chuck wheel sensor drum lens tray loaf chainring".split())
# A part of which the figure is its own dimension.
OF_ONE_WAY = {
    "heel": ("lower", "higher"), "sole": ("thinner", "thicker"), "handle": ("shorter", "longer"), "blade": ("shorter", "longer"),
    "diameter": ("smaller", "larger"), "area": ("smaller", "larger"), "view": ("narrower", "wider"), "drop": ("shorter", "longer"),
    "range": ("shorter", "longer"), "stroke": ("shorter", "longer"),
}  # fmt: skip
# What is done while one waits: the shorter is worth telling.
WAITED = frozenset(stems("boil boiling charge charging charger drying dry cooking setup response lead delivery heating start recharge"))
LONG_THINGS = frozenset("cable cord hose lead strap chain leash".split())
NO_SCALE = frozenset("paper age ages model".split())
OPPOSITES = {
    "heavy": "light", "big": "small", "large": "small", "bulky": "small", "long": "short", "expensive": "cheap", "dear": "cheap",
    "pricey": "cheap", "loud": "quiet", "noisy": "quiet", "small": "large", "short": "long", "thick": "thin",
}  # fmt: skip
TOO = re.compile(r"\b(?:not|nothing|isn't|isnt|without being) (?:too|so|very|that|overly|terribly) (\w+)", re.IGNORECASE)
