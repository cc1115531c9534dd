"""The phrases that point at shown items, as patterns over the canonical words of a message."""

from __future__ import annotations

import re

ORDINALS = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "fifth": 5,
    "5th": 5,
    "sixth": 6,
    "6th": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "last": -1,
    "final": -1,
    "middle": 0,
    "top": 1,
    "former": 1,
    "latter": -1,
}
OTHER = -2
ORDINALS["other"] = OTHER
ORD = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|middle|1 st|2 nd|3 rd|[4-9] th|10 th"
# An ordinal refers to a shown item unless a time or an order of business follows ("the first time", "last week").
NOT_ITEM = (
    r"(?! (?:time|week|month|year|night|day|thing|step|question|aid|floor|name|order|minute|hand|class|"
    r"trip|hike|of all|bit|season|summer|winter))"
)
OTHER_ONE = r"other(?= (?:one|item|product|option|model)\b| ?(?:$|[.!?,]))"
POSITION = re.compile(
    rf"(?:(?:number|option|item|product|no \.|#) (?P<num>\d{{1,2}})(?! ?(?:\$|€|£|%))"
    rf"|\b(?:the|my|your|that|this|with|like|than|of) (?:(?:very|next to) )?(?P<ord>{ORD}|former|latter|{OTHER_ONE}){NOT_ITEM}"
    r"(?: (?P<noun>[a-z]+))?"
    rf"|^(?P<bare>{ORD})(?: (?:one|please|.|!))?(?: please)?$"
    rf"|\b(?P<bare2>{ORD}) ones?\b)"
)
RUN = re.compile(
    r"\b(?:the )?(?P<end>first|last|top) (?P<n>\d) ?(?:ones?|items?|options?|of them|of those)?(?! "
    r"(?:days?|weeks?|months?|years?|hours?|minutes?|litres?|kg|times?|people|persons?))\b"
)
ALL = re.compile(
    r"\b(?:both(?: of (?:them|these|those))?|"
    r"(?:neither(?! \S+(?: \S+)? nor\b)|none)(?: of (?:them|these|those|the (?:two|three|2|3))| one)?|all (?:of them|of these|"
    r"of those|three|3|four|4|five|5)|the "
    r"(?:two|2|three|3)(?: of them)?(?= |$)|(?:these|those|the) (?:2|3|4|5)\b)"
)
PLURAL = re.compile(r"\b(?:them|these|those|they)\b(?! (?:have|sell|offer|ship|deliver))")
SINGULAR = re.compile(r"\b(?:it|that one|this one|the one|that|this(?= ?(?:$|[?.!,]|one|item|product|model)))\b")
EARLIER = re.compile(
    r"\b(?:you (?:showed|have shown|had shown|suggested|recommended|mentioned|offered)(?: me)?(?: (?:first|"
    r"before|earlier|initially|at first))?|at the (?:start|beginning)|in the (?:first|beginning) list|from "
    r"the first list|very first|originally|original)\b"
)
PREVIOUS = re.compile(r"\b(?:from before|earlier|before that|previous(?:ly)?(?: list| ones?)?|the list before|a moment ago)\b")
PROPERTY = re.compile(
    r"\b(?:the|that|this|those|these|your) (?P<words>(?:[^\s,.;:!?]+ ){1,4}?)(?P<noun>ones?|pair|of (?:them|"
    r"these|those|the (?:two|three|2|3))|version|model)\b"
)
ASKS_FOR = re.compile(
    r"(?:^|[.!?;,] )(?:(?:ok|okay|and|but|so|no|hm+|well|please|now|then|just|only|what about|how about|can i see|could i see|let me see|"
    r"(?:can you |could you |please )?(?:show|give)(?: me)?(?: only| just)?|i (?:want|need|prefer|mean|meant)(?: to see)?(?: only| just)?|"
    r"i'd (?:prefer|like)(?: to see)?(?: only| just)?|do you have|list|,) ?)*$"
)
# "Without the Kolder ones" excludes a maker, and points at nothing.
TURNED_DOWN = re.compile(
    r"\b(?:without|except(?: for)?|excluding|exclude|skip|hide|remove|leave out|drop|no more of|but not|not)(?: any of)? $"
)
ONE_BY = re.compile(r"\b(?:the|that) one (?:by|from|of|with|in|made of|made by|that is|that's)(?= )")
BACK_TO = re.compile(r"\bback to (?:the |those |these |my )?(?P<what>[a-z]+(?: [a-z]+)?)")
PLAIN_NOUNS = {"one", "ones", "item", "product", "option", "model"}
