"""Whether a clause of a listing speaks against the thing: an honest seller tells it behind a "but".

A small model cannot tell a virtue from a fault; it put "but" before either. So code decides, by words of plain English that are faults of
nearly anything, and only where it is sure: a fault that is not seen here is joined by "and", which is never wrong.
"""

from __future__ import annotations

import re

# Faults when said of a part: "the insoles are thin", "stiff when cold". "Stiff enough for 22 kg" is none.
_FAULTY = (
    "thin|narrow|shallow|stiff|hard|loud|noisy|heavy|bulky|short|rough|slow|weak|slippery|scratchy|fiddly|flimsy|brittle|sticky|uneven|"
    "uncomfortable|tight|loose|clumsy|awkward|dim|missing|audible|grainy|soggy|milky|tinny|blurry|wobbly|itchy|creaky|squeaky|draughty|"
    "crooked|bent|chipped|faint|muddy|hoarse|patchy|steep|tiring|useless|unreliable|unstable|delicate|fragile|poisonous"
)
_DEGREE = "(?: (?:a little|a bit|slightly|rather|quite|too|very|so|also))*"
# What a thing does to its discredit, whatever it is: "rusts", "(the colours) stain".
_DOES = tuple(
    "rust;stain(?! resistant| proof);leak;squeak;creak;rattle;wobble;crackle;hum;sag;pill;snag;fray;fade(?! up| out);shrink;clog;crease;"
    "wrinkle;crumble;drip;struggle;hurt;itch;overheat;jam;crack;warp;dent(?! instead);squeal;roar;whir;bulge;clump;swell;"
    "tear(?! by hand| off);tangle;splinter;streak;spill;splash;wear (?:off|out|through|thin);tip (?:over|under|when);dig in;cut in;"
    "break(?= off| when| easily);slide (?:on|off|about);slip(?! in| on| over| under);soak (?:up water|through);fog up;stretch when;"
    "soften (?:in|over|when)".split(";")
)
_BASES = "|".join(_DOES)
_FORMS = "|".join(re.sub("^([a-z]+)", r"\1(?:e?s)", verb) for verb in _DOES)
_SAID = (
    "(?:lets in|gets (?:slippery|cold|wet|dirty|stuck|in the way|warm after)|get (?:slippery|cold|wet|stuck|warm after)|"
    "turns (?:cloudy|brittle|yellow|sour|grey|see-through)|attracts (?:dust|lint|hair)|sheds (?!drizzle|water|rain|snow|light|dirt|mud)|"
    "runs (?:a size |a little |rather )?(?:small|large|short|long|narrow|wide)\\b(?! of)|runs on mains only|comes off on|"
    "comes? up (?:short|small|large|long|narrow)\\b|shows (?:every|fingerprints|dust|marks|stains|lint)|picks up scratches|scratches |"
    "leaves (?:marks|scratches|a mark|streaks|rings|glue)|loses (?:a|its grip|air|heat|charge|colour)|sticks (?=when|out|to (?:the|wet))|"
    "has to be |takes (?:two people|up (?:most|much|a lot)|a while|hours|days|ages|two days)|reads wrong|"
    "needs (?!no\\b|not\\b|neither\\b|only\\b|just\\b|nothing\\b|little\\b)|need (?:a|an|two|some)\\b)"
)
_FAULT = re.compile(
    rf"\b(?:is|are|feels?|gets?|stays?|sits?|sounds?|looks?){_DEGREE} (?:[a-z]+ and )?(?:{_FAULTY})\b(?! enough|er| as | rather)"
    rf"|(?:^|\b(?:and|that|which|it) |^(?:the|a|an|its|each|every|their)(?: [\w-]+){{1,3}} )(?:do(?:es)? )?(?:{_FORMS}|{_SAID})"
    rf"|^(?:the )?(?:[\w-]+ )?(?!its |this )\w+s (?:do )?(?:{_BASES})\b"
    r"|\b(?:sold (?:apart|separately|without)|billed apart|no longer|careful owners|single at the|finds the gap|without a plug)\b"
    rf"|\btoo (?:heavy|big|small|long|short|loud|wide|narrow|tight|hot|bright|large|thick|soft)\b|\bheavy (?:to|when)\b|\bhard to\b"
    rf"|\bhard and slides\b|\b(?:a little|a bit|slightly) (?:{_FAULTY})\b|\bfingerprints\b|\bloudly\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:no|not|never|nor|without|neither|hardly|less|cannot|resists?|prevents?|stops?|avoids?|keeps?|protects?|reduces?|removes?|"
    r"loosens?|heals?|free of|out of|anti|non)\b|n't\b",
    re.IGNORECASE,
)
# A lack said outright. What a thing does not do may be its merit ("does not start to smell"), so only these.
_LACK = re.compile(
    r"\b(?:is|are) not(?! (?:just|only|limited|merely))\b|\bcannot (?:stand|be|go|take|carry|fit|hold)\b|"
    r"\bwill not (?:take|fit|hold|last)\b|(?<!\()\bnot (?:for|included|suited|meant|supplied|comfortable|suitable)\b|\bcuts? nothing\b|"
    r"\bhas no (?:poles|lid|strap|cover|batteries|manual|instructions|stand)\b",
    re.IGNORECASE,
)

_PARTLY = re.compile(r"\b(?:is|are) (?:included|supplied|part of)\b", re.IGNORECASE)  # "pegs are included, poles are not"
_OWN_BUT = re.compile(r"\b(?:but|though|although)\b", re.IGNORECASE)


def speaks_against(text: str) -> bool:
    """Whether the clause tells a fault or a lack; a fault denied ("never wobbles", "keeps the wind out") is none, nor is a clause that has
    a "but" of its own."""
    if _OWN_BUT.search(text) or _PARTLY.search(text):
        return False
    fault = _FAULT.search(text)
    if fault is None:
        return bool(_LACK.search(text))
    return not _DENIED.search(text[: fault.end()])
