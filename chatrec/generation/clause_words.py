"""The small closed word lists by which a clause of a description is read, and what one word tells by them."""

from __future__ import annotations

from chatrec.generation.gate_words import stems
from chatrec.generation.verbs import is_participle

PREPOSITIONS = frozenset(
    "for with without on in at to from by of inside outside under over as through against into after when only enough across along "
    "around up indoors outdoors".split()
)
PARTICLES = frozenset("down out off away back together flat open apart".split())
# Openings of a part whose head was cut off, of a remark about the reader, or of a sentence that points back.
NO_OPENING = frozenset(
    "and but or so also plus which that who whose because while when if as than then thus however therefore additionally furthermore "
    "beyond "
    "there here theres its these those they them he she his her what why how in on at for from by of with without to including not "
    "such other others another please note today several more most some many different these one nobody everybody everyone someone people "
    "afterwards otherwise yes their although though even unlike".split()
)
# "This product contains one case": these name the item as well as its own words do, the second of them even without "this".
GENERIC = frozenset(stems("product item unit model set kit device tool pack one"))
THE_THING = frozenset(stems("product item unit"))
# "This ensemble features a bench": with these verbs "this" is the item, whatever it is called, but for these of its sides.
OF_ITEMS = frozenset("features comes includes has contains weighs measures holds fits works offers combines".split())
SIDES = frozenset(
    stems(
        "feature design material technology system process formula blend option function mode style brand company combination construction "
        "structure finish fabric method property ingredient size range collection line color colour content unique innovative"
    )
)
# A sentence that opens with one of these has its subject there, so that it must hold a verb: "The hood fits over a bun".
OPENERS = frozenset({"The", "Each", "Every", "Its", "A", "An"})
OF_VERBS = frozenset("tastes smells consists speaks tells".split())
SENSES = frozenset("sound look feel smell taste stay keep remain run turn get become".split())
RELATIVE = frozenset(("that", "which", "who"))
BEHIND_HEAD = frozenset("that which who with for of on in to from by made without at under over inside".split())
# Subjects that point back to what was said before, and adjectives that name a part of the thing.
BACK = frozenset(stems("figure number reason difference result trick point idea rest answer secret listing"))
OF_PARTS = frozenset("inner outer front back rear top bottom upper lower left right main second first third other side carrying".split())
LINKING = frozenset("stay feel get look keep remain run go turn become".split())
# Words that name things as well as what they do are taken for things before these ("loops for a tripod"), unless they mostly do.
OF_THINGS = frozenset("for with on at in under inside outside along between behind around".split())
MOSTLY_VERBS = frozenset(
    "work run stand pack fold fit hang sit open close come go turn last burn float dry stow store attach mount plug connect charge tilt "
    "swivel slide fasten grip stick rest stay live move start stop rise fall pour cook boil heat cool clean wash lie rely operate perform "
    "ride roll weigh cut clip latch".split()
)
# Words that point at something said before: out of its place nobody knows at what.
POINTING = frozenset("these those them they this he she him her".split())
MODALS = frozenset("will won't can cannot can't may".split())
AMOUNTS = frozenset("little bit lot few couple number".split())
DETERMINERS = frozenset("the a an its all any most every each one two both up well not itself themselves".split())


def is_done_of(word: str) -> bool:
    """Whether "of" may follow what the thing was done to: "made of", "constructed of"."""
    return word.lower() in OF_VERBS or (word.lower().endswith("ed") and is_participle(word))


# What opens a clause within the clause: a verb behind it is not the sentence's own.
SUBORDINATE = frozenset("when until while if because that which before after once unless as so".split())
