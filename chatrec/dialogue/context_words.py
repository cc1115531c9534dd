"""The phrases by which a message is known to lean on the turns before it, each a class of wordings."""

from __future__ import annotations

import re

FURTHEST = re.compile(
    r"\b(?:the (?:\w{2,}est|(?:most|least) \w+)(?: rated)?\b|the (?:\w{3,}er|better rated|(?:more|less) \w+)(?= (?:one|of)\b|\W*$))",
    re.IGNORECASE,
)
TO_CART = re.compile(r"\b(?:in|into|to) (?:my |the )?(?:shopping )?(?:cart|basket|trolley)\b", re.IGNORECASE)
NO_PERSON = re.compile(
    r"\b(?:don't|don’t|do not|dont|no need|not|without) (?:\w+ ){0,4}?(?:a |any )?(?:real |human )?"
    r"(?:person|human|agent|colleague|someone|people)\b",
    re.IGNORECASE,
)
UNDECIDED = re.compile(
    r"\W*(?:(?:hm+|um+|uh+|well|oh|honestly|sorry|ok|okay)\W+)*(?:i )?(?:really |just )?"
    r"(?:(?:don't|don’t|do not|dont) (?:really )?know|dunno|(?:am |i'm )?not (?:so |really |too )?sure|(?:i'm |am )?(?:undecided|unsure)|"
    r"can't (?:decide|choose)|cannot decide|hard to say|no idea|idk|tough choice)"
    r"(?: yet| really| which(?: one)?| what to (?:take|choose|buy))*\W*$",
    re.IGNORECASE,
)
HAGGLE = re.compile(
    r"\b(?:can|could|would|will) (?:you|i|we) (?:do|get|have|sell|give|let|buy) (?:me )?(?:it|this|that|them|these|one|those)(?: one)? "
    r"(?:to me )?(?:for|at) (?:only |just )?[$€£]?\d|\b(?:lower|reduce|drop|negotiate|haggle|knock)\b.{0,20}\b(?:price|off)\b|"
    r"\b(?:your|the) best price\b|\b(?:do|give) me a (?:deal|discount|better price)\b|"
    r"\bi(?:'ll| will| can) (?:only )?(?:give|pay|offer) you\b",
    re.IGNORECASE,
)
YOUR_CHOICE = re.compile(
    r"\b(?:which|what)(?: one| of (?:them|these|those))? (?:would|do|should) (?:you|i) "
    r"(?:choose|recommend|take|pick|prefer|suggest|go for|go with|get|buy)\b|"
    r"\b(?:your|you have a) (?:favou?rite|pick|choice|recommendation)\b|\bwhat would you (?:do|buy|get|take)\b",
    re.IGNORECASE,
)
RULE = re.compile(
    r"\b(?:can|could|may|might) (?:i|he|she|we|they|you|my \w+) (?:\w+ )?"
    r"(?:exchange|swap|return|refund|send|bring|take|give|change)\b.{0,30}\b(?:it|them|this|that|these|those|back)\b",
    re.IGNORECASE,
)
NEAREST = re.compile(
    r"\b(?:nearest|closest|next[- ]best|(?:best|most similar) (?:match|alternative|thing)|(?:what|which) comes? (?:near|close)\w*|"
    r"near(?:est)? miss\w*|something (?:close|near)|anything (?:close|near|similar|like it)|alternatives?)\b",
    re.IGNORECASE,
)
_LISTED = (
    r"(?:your|the|this|that) (?:own )?(?:web ?site|web ?page|page|listing|site|description|record|product page|app|catalog(?:ue)?|"
    r"specs?|label|info(?:rmation)?)"
)
_SAYS = r"(?:says?|said|states?|stated|claims?|claimed|lists?|listed|shows?|gives?|reads?)"
DISPUTE = re.compile(
    rf"\b(?:{_LISTED}|you|it) {_SAYS}\b(?=.*\b(?:wrong|incorrect|mistake|not (?:true|right|correct)|isn't (?:true|right)|mine)\b)|"
    rf"\b{_LISTED} {_SAYS}\b(?=.*\b(?:but|in fact|actually)\b)|\bmine (?:weighs|measures|holds|lasts)\b|"
    rf"\b{_LISTED} (?:is|must be|has (?:got )?it|are) (?:all |just |plain )?"
    r"(?:wrong|incorrect|mistaken|out of date|outdated|a lie|lying|not (?:true|right|correct))\b",
    re.IGNORECASE,
)
_ON = r"\W*(?:(?:and|but|ok|okay|so|hm+|right|then)\W+)*"
WHAT_IF = re.compile(rf"{_ON}(?:what (?:if|when)|and if|even if|if|also when|suppose|what happens if)\b", re.IGNORECASE)
WHAT_ABOUT = re.compile(
    rf"{_ON}(?:what about|how about|and (?:for|to|in|from|with|on|when)|(?:is|does|do) (?:that|this|it|they) also)\b", re.IGNORECASE
)
NODS = frozenset("ok okay k great perfect fine right correct cool exactly good".split())
THIN = frozenset(
    "and but so ok okay what how who when where which is are does do did can could will would i it that this they them you we my your a an "
    "the to for of in on at have has had get much many long cost costs pay pays take takes too also then there about with if be s".split()
)
"""Words that say nothing of what a question is about."""
