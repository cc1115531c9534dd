"""How a shopper says that a figure is a limit: the words before it and after it, as patterns over canonical words."""

from __future__ import annotations

import re

AT_MOST = (
    r"(?:no|not|isn't|nothing|never) (?:any )?(?:heavier|longer|bigger|larger|taller|wider|thicker|older|"
    r"higher|deeper|more expensive|pricier|greater|warmer) than|"
    r"under|below|beneath|less than|fewer than|lower than|lighter than|cheaper than|shorter than|smaller "
    r"than|thinner than|narrower than|younger than|up to|upto|at most|"
    r"at the most|no more than|not more than|no heavier than|no bigger than|no longer than|not over|not "
    r"above|nothing over|nothing above|can't spend more than|don't want to spend more than|"
    r"max|maximum|within|cap of|capped at|limit of|limit is|limit|only have|only got|just have|budget of|budget is|budget|budget around|"
    r"(?:raise|raising|increase|lower|lowering|reduce|change|set|bump|extend|stretch|move|up|push|cut|bring)(?: (?:the|my|our|it|that))?"
    r"(?: (?:price )?[a-z]+)?(?: (?:up|down))? to|ceiling of|ceiling|upper limit|top price|"
    r"most i(?:'d| would| can| will|'ll)? (?:pay|spend|go|afford)|(?:can|could|will|i'll) go (?:up )?to|"
    r"spend|spend up to|<|< =|inside|down to|sub(?: -)?|no higher than|not exceeding|lower|as much as|south of|"
    r"up to and including|including|(?:can|could) (?:manage|do|stretch to|afford|spare|spend)|(?:price )?cap(?: :)?|limit :|"
    r"as (?:high|far|much) as|(?:all|everything) (?:i|we)(?:'ve| have)?(?: got)?(?: left)?(?: is)?|stay (?:under|below)|upper (?:end|"
    r"bound)|"
    r"(?:keep|keeping|limit|limiting|restrict)(?: (?:it|this|that|my|our|the|spending|budget|price|cost|costs|myself|"
    r"ourselves))* (?:to|at)|"
    r"spending to|(?:can|could|may) (?:be|cost)(?= (?:[$€£] )?\d{2})"
)
AT_LEAST = (
    r"(?:no|not|isn't|nothing) (?:any )?(?:lighter|shorter|smaller|thinner|narrower|younger|lower|cheaper) than|"
    r"over|above|more than|greater than|higher than|heavier than|longer than|bigger than|larger than|"
    r"taller than|wider than|thicker than|at least|at the least|no less than|not less than|"
    r"not under|not below|nothing under|nothing below|min|minimum|from|starting at|starting from|upwards "
    r"of|upward of|exceeding|exceed|exceeds|older than|dearer than|pricier than|costlier than|more expensive than|"
    r">|> =|north of|beyond|no fewer than|no lower than|not fewer than"
)
# Words between a negation and the comparator that it turns round: "I don't want to pay over 150", "nothing that costs above 80".
DENIAL = (
    r"(?:^|\s)(?!no need|not? (?:problem|issue|worries)|(?:don't|do not|wouldn't) (?:really )?(?:mind|care)|no minimum)"
    r"(?:don't|do not|not|never|nothing|none|no|can't|cannot|couldn't|won't|wouldn't|shouldn't|mustn't|isn't|aren't|doesn't|didn't|"
    r"without|neither|refuse to|unwilling to|hate to|avoid)"
)
# Whatever the verb: "it won't set me back more than 35", "I can't do above 60" are caps.
CAPPED = re.compile(rf"{DENIAL}(?: (?!and\b|but\b|with\b|just\b|however\b|though\b|if\b)[a-z']+){{0,6}}\s*$")
TURNED = re.compile(
    rf"{DENIAL}"
    r"(?: (?:want|wanna|wish|to|pay|paying|spend|spending|go|going|goes|be|being|cost|costs|costing|weigh|weighs|weighing|like|have|having|"
    r"it|anything|something|any|a|an|the|really|willing|able|need|that|is|are|should|can|could|would|prepared|looking|for|one|afford|way|"
    r"much|which|at|all|let's|measure|measures|measuring))*\s*$"
)
ABOUT = r"around|about|roughly|approximately|approx|approx \.|circa|near|close to|~|more or less|ish|something like|nearly|almost"
FILLER = r"(?: (?:a|an|the|of|price|cost|is|total|budget|only|like|say|about|be|at|:|=|,|\$|€|£|¥|usd|eur|gbp))*"
LEFT = {
    "most": re.compile(rf"(?:^|\s)(?:{AT_MOST}){FILLER}\s*$"),
    "least": re.compile(rf"(?:^|\s)(?:{AT_LEAST}){FILLER}\s*$"),
    "about": re.compile(rf"(?:^|\s)(?:{ABOUT})(?: (?:a|an|the|\$|€|£|usd|eur))*\s*$"),
}
BETWEEN = re.compile(
    r"(?:^|\s)(?:between|from|in the range of|range|anywhere from)(?: (?:a|the|\$|€|£|say|,|hmm+|um|uh|maybe|like|about))*\s*$"
)
RIGHT = {
    "most": re.compile(
        r"\s*(?:or (?:less|under|below|cheaper|fewer|lower|lighter|smaller|shorter|so max)|and (?:under|below|"
        r"less)(?! (?:[$€£] )?\d)|to (?:spend|play with|burn|work with)|max|maximum|tops|at most|at the most|limit|budget|cap|or so max|"
        r"(?:is|'s|would be|being) (?:now |about |really )*(?:my|the|our)(?: (?:new|absolute|upper|top|outside|very))* "
        r"(?:max|maximum|limit|budget|cap|ceiling|most|end|top|bound)|absolute (?:max|maximum|limit|ceiling|tops|top)|"
        r"is (?:where (?:i|we) (?:draw|stop)|as (?:high|far|much) as|all (?:i|we)|pushing it|my lot)|"
        r"(?:and )?not a (?:penny|cent|dime) more|ceiling|at a push|if (?:i|we) stretch)\b"
    ),
    "least": re.compile(
        r"\s*(?:or (?:more|above|over|higher|better|bigger|longer|larger|up)|and (?:up|above|over|more|higher|"
        r"better)|\+|upwards|minimum|min(?!\w)|at least|plus(?! (?:a|an|the|some|two|three|\d|[a-z]+s)\b))"
    ),
    "about": re.compile(r"\s*(?:(?:each|a piece) )?(?:or so|- ish|ish|or thereabouts|thereabouts|give or take|mark|ballpark)\b"),
}
COSTING = re.compile(r"\b(?:costs?|costing|priced at)\s*$")
# "40 a pop at most", "80 each max": words that say of how many the sum is, before what bounds it.
APIECE = re.compile(r"\s*(?:each|a (?:pop|piece|go|head)|per (?:item|piece|person|head|unit)|for each|in total|altogether|all in|,)(?= |$)")
# "More than 100 is out", "anything over 45 won't do": what is turned down lies beyond the bound.
REJECTED = re.compile(
    r"\s*(?:(?!(?:and|but|or|for)\b)[a-z]+ ){0,3}?(?:is|are|'s|would be|will be|feels|seems)(?: (?:just|really|simply|way|far|a bit|"
    r"definitely|"
    r"already))* (?:out\b|too (?:much|dear|expensive|high|heavy|long|big|wide|tall|thick|pricey|steep|rich|many)|not (?:an option|possible|"
    r"happening|ok|okay|on|for me|doable)|no good|a no\b|no use|off the table|beyond|impossible|a deal ?breaker|pushing it|excluded)"
    r"|\s*(?:(?!(?:and|but|or|for)\b)[a-z]+ ){0,2}?(?:won't (?:do|work)|doesn't work|can't be|scares me|rules it out|i can't|i won't|"
    r"i don't|i'm out|i'm off|count me out|no thanks|no deal|forget it|i'll pass)\b"
)
# Words elsewhere in a message that make a bare sum in it a limit: "150, that's all I've got".
ALL_THERE_IS = re.compile(
    r"\b(?:(?:that's|that is|it's|is) (?:all|everything|the most|as much as) (?:i|we)|(?:absolute|hard|strict|top) (?:ceiling|limit|max|"
    r"maximum|cap)|no more than that|not a (?:penny|cent) more|tops|max|maximum|at most|my (?:limit|budget|max|ceiling|cap))\b"
)
# Words of a noun between a figure and its bound: "300 pages tops", "24 hours of battery life or better".
BEYOND = re.compile(r"\s*(?:(?!(?:and|or|for|with|under|over|but|in|from|at|max|min|if|a|an|the)\b)[a-z]+ ){1,4}")
