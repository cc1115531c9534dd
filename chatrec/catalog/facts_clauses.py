"""The plain statements of a description: what a seller's prose says of the thing, without what it says to the reader.

Descriptions woo ("Keep warm with this fleece hat, which has ear flaps, so you can walk all day"). What is left here is short and about
the product ("It has ear flaps"): the wooing head and tail are cut off where the sentence can be cut, else the sentence is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from chatrec.domain.plain import plain

MOST_CLAUSES = 12
MOST_CLAUSE_WORDS = 16
LEAST_CLAUSE_WORDS = 3
MOST_LISTED_WORDS = 5
MOST_ABBREVIATION = 5  # letters: "LED", "USB", "HEPA" are written in capitals
MOST_CHARS = 6000

# A capital "This" within a sentence opens another whose full stop was forgotten.
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[\"'(A-Z0-9])|\s*[•·|]\s*|(?:<br ?/?>)+|\s+(?=(?:This|These|They|It) [a-z0-9])", re.UNICODE)
_TAG = re.compile(r"<[^>]{0,80}>")
_LEAD = re.compile(r"^(?:[-–—*:,;\s]+|(?:and|but|so|also|plus|or)\s+)", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
# Sentences that address or woo the reader carry no property; a small model copies them badly.
WOOING = re.compile(
    r"!|\b(?:you|your|you'll|you're|yourself|yours|we|our|us|i|my|discover|transform|elevate|experience|introducing|imagine|perfect|"
    r"ultimate|best|amazing|incredible|must[- ]have|enjoy|unleash|world[- ]class|premium|guarantee[ds]?|buy|click|order now|free|"
    r"not (?:only|just)|dream|second to none|state[- ]of[- ]the[- ]art|cutting[- ]edge|top[- ]notch|statement piece|focal point|"
    r"adds? (?:warmth|charm|character|a touch)|blends? (?:function|style|form)|peace of mind|promotional|trusted|satisfaction|"
    r"top priority|unparalleled|unmatched|essence|epitome|symboli[sz]\w*|unbreakable|gleam\w*|promis\w+|invit(?:es|ing)|flair|iconic|"
    r"(?:search|hunt|quest|wait) (?:ends?|is over)|look no further|here(?=$|[.,;])|"
    r"beauty|touch (?:to|of)|tranquil\w*|serenity|magic\w*|soulful|journey|testament|haven|infused with|save money|"
    r"(?:great|smart|good|excellent) choice|choice since|(?:highest|best|finest) quality|explosion of|brilliance|brimming|a breeze|"
    r"nice plus|perfectly|calming)\b",
    re.IGNORECASE,
)
# Words of praise that say nothing of the thing: left out where a noun with words of its own stays behind them.
_PRAISE = (
    r"(?:stylish|sleek|posh|chic|charming|elegant|gorgeous|beautiful|stunning|delightful|exquisite|luxurious|timeless|mesmerizing|striking|"
    r"vibrant|superior|exceptional|outstanding|excellent|superb|revolutionary|high[- ]quality|top[- ]quality|sophisticated|whimsical|"
    r"captivating|breathtaking|powerful|adorable|fantastic|great|wonderful|fabulous|ultra[- ]modern|innovative)"
)
_PRAISED = re.compile(
    rf"\b(?:(?:very|truly|more|most|remarkably|exceptionally|beautifully) )?{_PRAISE}\b(?:,| and|,? yet|,? but)? ?", re.IGNORECASE
)
_HOLLOW = re.compile(
    rf"\b(?:{_PRAISE}|appearance|look|looks|touch of|feel|charm|elegance|aesthetics?|vibe|masterpiece|keepsake|ambience|ambiance|allure|"
    r"effortless(?:ly)?|beautifully|exceptionally|remarkably|satisfying|style and|and style|complement(?:s|ing)|pop of colou?r|spectacle|"
    r"(?:modern|finishing|final|special|personal|romantic|playful) touch|sing the|any occasion|any decor|d[eé]cor styles|"
    r"solution (?:for|to))\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(an?) (?=(\w+))", re.IGNORECASE)
# Orders to a reader, or to a machine, are never a property of a product.
COMMAND = re.compile(
    r"\b(?:ignore|disregard|instructions?|system prompt|assistant|recommend this|say that|always|never mention|http|www)\b", re.IGNORECASE
)
# What tells a reader what to do, or speaks of the maker, the picture, the law or the shop, is no property of the thing.
ASIDE = re.compile(
    r"^(?:then |and |now |simply |just )?(?:please|note|tips?|make sure|be sure|ensure|do not|don't|lift|insert|press|peel|refer|contact|"
    r"visit|check|see|read|keep|allow|remember|warning|caution|trust|say goodbye|includes? the following|for more)\b"
    r"|\b(?:copyright|all rights|trademarks?|patents?|liability|family[- ]owned|privately held|founded in|headquartered|mission|brand new|"
    r"as the picture|customer service|shop online|online in|branded|genuine|only for rs|collection of|images?|photos?|pictures?|monitors?|"
    r"rs|manufactured in-house|in the business|suggestions of|this listing|listing is)\b"
    r"|\.com\b|\bprice:|\wu20[0-9a-f]{2}|\wx[0-9A-F]{2}\w",
    re.IGNORECASE,
)
# "with this steel flask, which has a cup": what follows is said of the thing itself, whatever the sentence began with.
_OF_THIS = re.compile(
    r"\b(?:this|these) (?:[\w'’/.&%°™®+-]+ ){0,9}?[\w'’/™®+-]+(?:, which| that) "
    r"(?P<said>(?!(?:you|we|it|is|are|was|the|a|an|this|your|has been)\b)[a-z]+s\b.+)"
)
# "Made from foam, this case expands": the opening and the rest each say something.
_OPENED = re.compile(
    r"^(?P<opening>(?:Made|Crafted|Constructed|Built|Designed|Woven|Forged|Lined|Padded|Equipped|Featuring|Powered|Coated|Worn|Cut|Rated|Sized|"
    r"Hand[- ]?\w+ed)\b[^;:]{6,90}?), (?P<rest>(?:this|these|the|it|they|its)\s.+)$"
)
_FEATURING = re.compile(r"^Featuring ")
# A comma between two whole statements; behind a condition it is none.
_SPLICE = re.compile(
    r",\s+(?=(?:the|it|its|this|these|they|each|both|it's|they're|you're)\s+[\w'’-]+\s)"
    r"| but (?=(?:keep|do|use|avoid|bring|make|be|don't)\b)"
)
_CONDITION = re.compile(
    r"^(?:if|when|while|unless|although|though|once|after|before|until|without|instead|unlike|only|not|no|since|because|as|whether|even|with|"
    r"in|at|on|for|to|by|from|under)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(r";\s+|:\s+|\s+[–—-]\s+|,\s+(?=(?:and|but|so|while|which|with|for|is|has|have)\b)")
# A part without its subject ("which is why ...") says nothing on its own.
_TORSO = re.compile(r"(?:and |but |so )?(?:is|are|was|has|have|had|can|will|which|while|for|that|this|these|it's|they)\b", re.IGNORECASE)
# Where a statement may end before what it is good for, whom it pleases, or what else there is.
_DOING = (
    "making allowing letting giving helping ensuring perfect ideal thanks saving keeping providing creating adding offering delivering "
    "bringing turning enabling designed while whereas"
)
_AIMS = (
    "help let keep give make ensure provide suit match complement guard protect prevent create power enhance boost shield fit support hold"
)
_GOODS = "your easy a an comfortable reliable dependable added extra convenient quick improved increased"


def _any_of(words: str) -> str:
    return "|".join(words.split())


_TAIL = re.compile(
    r",? so (?:that )?(?=(?:you|your|it|they|the)\b)"
    rf"|,? (?:and |thus |thereby )?(?=(?:{_any_of(_DOING)}|so you|as well as)\b)"
    r"|, (?=(?:which|and|but|with|even|plus|for|whether|no matter|from|so)\b)"
    rf"|,? (?=(?:to (?:{_any_of(_AIMS)})|for (?:{_any_of(_GOODS)})|and (?:is|has|can|comes|features|an?)|"
    r"that (?:you|will|[a-z]+s)|(?:when|while|where|if) you|because|no matter)\b)"
)
# An end that waits for more.
_WAITING = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|a|an|the|of|in|on|at|to|for|with|and|or|by|from|that|which|very|so|as|easy|simple|able|used|made|designed|"
    r"built|crafted|meant|ready|needs?|helps?|allows?|lets|enough|ideal|suited|suitable|way|intended|engineered|great|developed|formulated|"
    r"required|necessary|available|recommended|not|only|no|any|every|each|all|both|intention|without|even|room|access|support|option|while|[a-z]+ly|"
    r"an? [a-z]+(?:ous|ful|ive|ic|al|able)|both [a-z]+)$",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"\b(?:and|or|with|the|an?|of|to|for|from|even|is|are|but)$", re.IGNORECASE)
# What holds only of a part may not lose the words that say of which.
_BOUND = re.compile(r"\b(?:not|no|never|only|any|every|all|without|except|cannot|can't|most|unless|until|up to|depending)\b", re.IGNORECASE)
# What may happen on a condition does not happen without it: "it will leak if you swim".
_MAY = re.compile(r"\b(?:will|can|could|may|might|would)\b", re.IGNORECASE)
_IF = re.compile(r",? (?:if|when|while|where|unless|because)\b", re.IGNORECASE)
_LIMIT = re.compile(r",? (?:that|for|to|when|if|with|which|because)\b", re.IGNORECASE)
# What is left of "with a stylish finish" once the praise is gone.
_EMPTY_END = re.compile(r",? (?:with|and|in) an? (?:finish|design|style|exterior|interior|form)$")
# A thing of which nothing is left once the praise is gone: "has a charming design".
_EMPTY_OBJECT = re.compile(
    r"\b(?:an?|the) (?:silhouette|exterior|interior|finish|design|style|way|option|solution|addition|accessory|experience|"
    r"performance|choice|set|piece|visual spectacle)(?=$| and | or )"
)
_BEFORE_VOWEL = re.compile(r"\ba (?=(?!(?:one|once|eu|ewe|uni)\w*\b)[aeio][a-z])")
_BOASTS = re.compile(r"\bboasts\b")
_YOURS = re.compile(r"\b[Yy]our (?:own )?")
_ALSO = re.compile(r"(?<!but)\b(?<!, )also ")


def clauses(description: str) -> list[str]:
    """The plain statements of a description, in order: short, about the product, nothing that woos or commands. No two are the same."""
    found: dict[str, None] = {}
    for raw in _SENTENCE.split(_TAG.sub(" ", description[:MOST_CHARS])):
        for said in _statements(plain(raw)):
            clause = _shortened(_quieted(_LEAD.sub("", said).strip(" .;:,")))
            if clause:
                found.setdefault(clause)
            if len(found) == MOST_CLAUSES:
                return list(found)
    return list(found)


def is_plain(clause: str) -> bool:
    """Whether a clause is whole, and neither woos, commands nor speaks of something else than the thing."""
    is_whole = clause.count("(") == clause.count(")") and clause.count('"') % 2 == 0
    return is_whole and not any(pattern.search(clause) for pattern in (WOOING, COMMAND, ASIDE, _HOLLOW))


def _statements(sentence: str) -> Iterator[str]:
    """What a sentence says of the thing, each on its own: the part behind "this flask, which", an opening, the two sides of a splice."""
    of_this = _OF_THIS.search(sentence)
    if of_this and (WOOING.search(sentence[: of_this.start("said")]) or not _tells_of_itself(sentence)):
        yield f"It {of_this['said']}"
        return
    opened = _OPENED.match(sentence)
    if opened:
        yield _FEATURING.sub("It features ", opened["opening"])
        yield from _statements(f"{opened['rest'][:1].upper()}{opened['rest'][1:]}")
        return
    spliced = [] if _CONDITION.match(sentence) else [p for p in _SPLICE.split(sentence) if p]
    for part in spliced if len(spliced) > 1 else [sentence]:
        yield from _parts(f"{part[:1].upper()}{part[1:]}" if len(spliced) > 1 else part)


def _tells_of_itself(sentence: str) -> bool:
    """Whether the sentence begins with its subject, rather than with what the reader is to do."""
    return bool(re.match(r"(?:This|These|The|It|An?|Each|Its)\b", sentence))


def _parts(sentence: str) -> list[str]:
    """A long sentence cut at its joints; a short one whole."""
    if len(sentence.split()) <= MOST_CLAUSE_WORDS:
        return [sentence]
    parts = _JOINT.split(sentence)
    ended = [_listed(part) if following.startswith("and ") else part for part, following in pairwise([*parts, ""])]
    return [p for n, p in enumerate(ended) if n == 0 or not _TORSO.match(p)]


def _listed(part: str) -> str:
    """ "With pliers, a knife" as "With pliers and a knife": a list that was cut before its last member ends in an "and"."""
    head, comma, last = part.rpartition(", ")
    return f"{head} and {last}" if comma and " and " not in last and len(last.split()) <= MOST_LISTED_WORDS else part


def _shortened(clause: str) -> str:
    """The clause in plain words, up to the last joint that leaves it short and plain; "" where none does."""
    clause = _BEFORE_VOWEL.sub("an ", _BOASTS.sub("has", _ALSO.sub("", clause)))
    whole = _praise_less(_YOURS.sub("the ", clause))
    if _fits(whole) and not _DANGLING.search(whole):
        return whole
    for tail in reversed(list(_TAIL.finditer(clause))):
        head = clause[: tail.start()].rstrip(" ,;:")
        head = _listed(head) if clause.startswith(", and ", tail.start()) else head
        part = _praise_less(_YOURS.sub("the ", head))
        rest = clause[tail.start() :]
        changes = (_BOUND.search(head) and _LIMIT.match(rest)) or (_MAY.search(head) and _IF.match(rest))
        if _fits(part) and not _WAITING.search(part) and not changes:
            return part
    return ""


def _fits(clause: str) -> bool:
    return LEAST_CLAUSE_WORDS <= len(clause.split()) <= MOST_CLAUSE_WORDS and is_plain(clause)


def _praise_less(clause: str) -> str:
    """ "Features a sleek steel blade" as "features a steel blade"; praise with no noun of its own behind it stays, and is seen later."""
    told = _PRAISED.sub("", clause)
    if told == clause or not told:
        return clause
    told = _EMPTY_END.sub("", told.rstrip())
    if _EMPTY_OBJECT.search(told):
        return clause
    told = _ARTICLE.sub(lambda m: f"{'an' if m[2][0].lower() in 'aeio' else 'a'} " if m[1].islower() else m[0], told)
    return f"{told[:1].upper()}{told[1:]}" if clause[:1].isupper() else told


def _quieted(clause: str) -> str:
    """A clause that shouts ("MADE OF SOLID OAK") in the letters of a sentence; one with an abbreviation or two as it is."""
    words = _LETTERS.findall(clause)
    loud = sum(w.isupper() for w in words)
    if loud < LEAST_CLAUSE_WORDS or 2 * loud <= len(words):
        return clause
    low = _LETTERS.sub(
        lambda w: w[0].lower() if w[0].isupper() and (loud == len(words) or len(w[0]) >= MOST_ABBREVIATION) else w[0], clause
    )
    return low[:1].upper() + low[1:]
