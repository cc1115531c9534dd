"""What a shopper wants done with the cart, with something they bought, or with what is remembered of them."""

from __future__ import annotations

import re

from chatrec.domain.reading import Intent

_PLEASE = r"^(?:(?:ok|okay|yes|great|perfect|then|so|now|and|also|please|just|well|can you|could you|would you|can i|could i|i want to|"
_PLEASE += r"i'd like to|i would like to|i'll|let me|let's|go ahead and|you can|you may|kindly) )*"
_PUT = r"(?:add|put|place|pop|stick|throw|toss|drop|move|chuck)"
_TAKE_OUT = r"(?:remove|take|delete|drop|get|throw|pull|kick|clear)"
_CART = r"(?:(?:my|the|your|our) )?(?:shopping |online )?(?:cart|basket|trolley)"
_OWN_CART = r"(?:my|the|our) (?:shopping |online )?(?:cart|basket|trolley|shopping bag)"
_ALL = r"(?:everything|all(?: (?:of )?(?:it|them|that|items?|things|the items))?|it all|them all|every item|the lot)"

CART_REMOVE = re.compile(
    rf"\b{_TAKE_OUT}\b[^.;]{{1,60}}\b(?:from|out of|off|out)(?: of)? (?:{_CART}|my (?:shopping )?bag)\b(?! for)"
    rf"|{_PLEASE}(?:un-? ?add|take (?:it|that|this|them|those) (?:back )?out again)\b"
)
CART_EMPTY = re.compile(
    rf"\b(?:empty|clear(?: out)?|wipe|reset|delete|scrap) (?:out )?{_OWN_CART}\b"
    rf"|\b{_TAKE_OUT} {_ALL} (?:from|out of|off)(?: of)? {_CART}\b"
)
CART_ADD = re.compile(
    rf"\b{_PUT}(?: \S+){{1,12}}? (?:in|into|to|inside|on) {_CART}\b"
    rf"|{_PLEASE}{_PUT} (?:\S+ ){{1,12}}?(?:in|into|to) my (?:shopping )?bag\b"
    rf"|{_PLEASE}add (?:it|that|this|them|those|these|both|(?:that|this) one)(?: please| then| too| as well)*$"
    rf"|{_PLEASE}(?:add|put) to {_CART}\b|^(?:add to|in(?:to)?) {_CART}(?: please)?$"
    rf"|\b(?:goes|go) in(?:to)? {_OWN_CART}\b"
)
CART_SHOW = re.compile(
    rf"{_PLEASE}(?:show|see|view|open|check|display|list|review|look at|go to|see what's in|bring up|pull up|tell me what's in|"
    rf"show me|give me)(?: me)?(?: (?:what's|what is|everything|all|the (?:items|things|contents|total)))?(?: (?:in|inside|"
    rf"of))? {_OWN_CART}\b"
    rf"|\b(?:what's|what is|what do i have|what have i(?: got| put)?|how (?:much|many)(?: \S+){{0,4}}?|is (?:it|that|"
    rf"there anything|anything|"
    rf"the \S+(?: \S+)?)|anything|do i have \S+(?: \S+)?) (?:in|inside|is|are in|is in|does)(?: already)? {_OWN_CART}\b"
    rf"|\b(?:total|sum|value|contents?|worth|price) (?:of|in) {_OWN_CART}\b|\b(?:cart|basket) (?:total|contents?)\b"
    rf"|^(?:(?:and|so|ok|okay) )?(?:my |the )?(?:shopping )?(?:cart|basket)(?: please| now)?$"
    rf"|\bwhat did i (?:add|put)(?: \S+){{0,3}}? {_OWN_CART}\b|\bhow much is {_OWN_CART}\b|\b{_OWN_CART} so far\b"
)

_SEND_BACK = r"(?:return|send back|give back|bring back|take back|hand back)"
_BOUGHT = r"i(?:'ve| have| just| recently| already)*(?: just)? (?:bought|ordered|purchased|got|received|had delivered)"
_WANTS = r"(?:want|need|like|have|going|wish|trying|hoping|wanting|looking|planning|love|prefer|about|try)"
RETURN = re.compile(
    rf"\b{_WANTS} to (?:\w+ )?{_SEND_BACK} (?!policy|window|to the (?:first|second|third|last|other|list)|to (?:my|the) (?:search|list))\S+"
    rf"|\b{_WANTS} to send (?:\S+ ){{1,6}}?back\b"
    rf"|\b(?:can|could|may|am i (?:still )?(?:able|allowed) to|is it too late to|is it (?:still )?possible to|may i|let me|please|i'll) "
    rf"(?:i |we )?(?:still )?{_SEND_BACK} (?:my|order|the \S+(?: \S+){{0,3}}? {_BOUGHT}|what {_BOUGHT}|something {_BOUGHT}|"
    rf"(?:it|this|them) \S*\d)"
    rf"|\b(?:start|begin|make|open|initiate|request|arrange|file|register|create|do|process|schedule) (?:a|my|the|another) return\b"
    rf"|\b(?:is|are) (?:my|order|the \S+ {_BOUGHT})[^.;]{{0,40}}\b(?:returnable|eligible for (?:a )?return|refundable)\b"
    rf"|^(?:please )?{_SEND_BACK} (?:my|order)\b|^return (?:order|number|#)"
    rf"|\brefund (?:me )?(?:for )?(?:my|order|the \S+ {_BOUGHT})\b(?! (?:policy|status|take))"
    rf"|\b(?:want|need|like|get|have|claim|demand|request|owed?) (?:a |my |the |full )*(?:refund|money back) (?:for|on) "
    rf"(?:my|order|the \S+(?: \S+){{0,3}}? {_BOUGHT}|what {_BOUGHT})"
    rf"|\b(?:send|sending) my (?:\S+ ){{1,4}}back\b"
)
# "How do I return my boots?", "how long do I have to return something?" ask for the rules.
_RULES = re.compile(
    r"^(?:(?:and|but|so|ok|hi|hello) )*(?:how|what|when|where|who|which|why|until when|do i (?:have|need) to)\b|\bpolicy\b|\bhow long\b"
)

_REMEMBERED = r"(?:data|info(?:rmation)?|profile|preferences|history|likes?|dislikes?|sizes|taste|details|settings|record)"
PROFILE_FORGET = re.compile(
    r"\b(?:forget|erase|delete|remove) (?:(?:all|everything) )?(?:about )?me\b(?! (?:some|a|the|an)\b)"
    r"|\b(?:forget|erase|delete|remove|clear|wipe|drop) (?:everything|all|whatever|anything|what|all the things|the things|stuff)(?: that)?"
    r"(?: \S+){0,4}? (?:about|on|of) me\b"
    rf"|\b(?:forget|erase|delete|remove|clear|wipe|reset) (?:all )?(?:of )?(?:my|the) (?:saved |stored |personal |shopping |"
    rf"user |customer |own )*{_REMEMBERED}"
    r"(?! (?:constraint|filter|limit))\b"
    r"|\b(?:stop|don't|do not|never) (?:remember|remembering|track|tracking|save|saving|store|storing|profile|profiling) (?:me|"
    r"my|anything|what i|things)\b"
    r"|\bi (?:want|wish|would like|'d like) (?:to be|you to) (?:forgotten|forget me)\b|\bright to be forgotten\b"
)
PROFILE_SHOW = re.compile(
    r"\bwhat (?:do|did|have|else do|all do) you (?:know|remember|stored?|saved?|keep|kept|recorded?|got|have|"
    r"think)(?: \S+){0,3}? (?:about|of|on) me\b"
    r"|\b(?:what|which)(?: \S+){0,3}? (?:is|are|do you) (?:saved|stored|remembered|kept|known|recorded)(?: \S+){0,2}? (?:about|"
    r"of|on|for) me\b"
    r"|\bwhat's (?:saved|stored|remembered|known|on file|recorded)(?: \S+){0,2}? (?:about|of|on|for) me\b"
    r"|\b(?:show|see|view|open|list|display|check|what's in|what is in|what are|what's)(?: me)? (?:all )?my (?:saved |stored |"
    r"shopping |own )*"
    r"(?:profile|preferences|likes(?: and dislikes)?|dislikes|taste)\b"
    r"|^(?:and )?my (?:profile|preferences)(?: please)?$|\bdo you (?:still )?(?:remember|know|recogni[sz]e) (?:me|who i am|"
    r"my (?:size|name|taste|preferences))\b"
    r"|\bwhat (?:is|are) my (?:saved )?(?:size|sizes|favou?rite brands?|preferences)\b|\bwhat(?:'s| is) my size\b|\bwho am i\b"
    r"|\bwhat (?:size|brand)s? (?:do i (?:usually |normally )?(?:wear|take|like|buy)|have i told you|did i (?:tell you|say|give you))\b"
)
PROFILE_REMEMBER = re.compile(
    r"^(?:(?:and|also|please|can you|could you|you can|for next time|just|ok|so|well|by the way) ,? ?)*"
    r"(?:remember|memori[sz]e|save|note|make a note|keep in mind|write down|put down|bear in mind|don't forget|store)"
    r"(?: (?:this|it|for (?:next time|later|the future)) ?[,:]?)? ?(?:that (?:i|my|we|our)|i(?:'m| am| only| never| always|"
    r" wear| hate| like| love| don't)|my|for me)\b"
    r"|\bfrom now on\b[^.;]{0,40}\b(?:i|my|me|never|only|always)\b|\b(?:for|in) (?:next time|(?:the )?future)\b[^.;]{0,30}\b(?:i|my)\b"
)
_PROFILE = (("forget", PROFILE_FORGET), ("show", PROFILE_SHOW), ("remember", PROFILE_REMEMBER))
_CART_ACTS = (("empty", CART_EMPTY), ("remove", CART_REMOVE), ("add", CART_ADD), ("show", CART_SHOW))
_HOW = re.compile(r"^(?:(?:and|but|so|ok|hi|hello) )*(?:how (?:do|does|can|to|is|are|will|would)|what happens|why|is it safe)\b")


def read_service(text: str) -> Intent | None:
    """CART, PROFILE or RETURN where the words of a clause (canonical text) are sure of it."""
    if not _HOW.match(text):
        if any(pattern.search(text) for _, pattern in _CART_ACTS):
            return Intent.CART
        if any(pattern.search(text) for _, pattern in _PROFILE):
            return Intent.PROFILE
    elif "how much" in text and CART_SHOW.search(text):
        return Intent.CART
    return Intent.RETURN if RETURN.search(text) and not _RULES.search(text) else None


def service_detail(intent: Intent, text: str) -> str:
    """Which act behind the intent is meant (see :class:`chatrec.domain.reading.IntentSpan`); showing changes nothing: it is the default."""
    acts = _CART_ACTS if intent is Intent.CART else _PROFILE if intent is Intent.PROFILE else ()
    return next((name for name, pattern in acts if pattern.search(text)), "show" if acts else "")
