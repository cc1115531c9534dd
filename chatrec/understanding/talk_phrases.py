"""The phrases of talk beside the wishes: calling for a person, greetings and farewells, feelings, and what no shop does."""

from __future__ import annotations

import re

_PERSON = (
    r"(?:human|real person|person|agent|someone(?: real| else)?|somebody|representative|rep|staff|operator|"
    r"employee|manager|supervisor|advisor|adviser|colleague|customer (?:service|support|care))"
)
HAND_OFF = re.compile(
    rf"\b(?:talk|speak|speaking|talking|chat|connect|transfer|put|pass|escalate|switch|get|want|need|"
    rf"give)\b[^,;]{{0,20}}\b(?:to|with|me|through|on to|a|an|over to|your)\b ?(?:a |an |the |some |your |"
    rf"real |live |actual )*{_PERSON}\b"
    r"|^(?:a |an |the )?(?:human|agent|operator|representative|real person|live (?:chat|agent|person)|"
    r"customer (?:service|support)|hand ?off|handover)(?: please| now)*$"
    r"|\b(?:human|live|real) (?:agent|person|being|help|support|operator)\b|\bcall me back\b|\blet me (?:talk|speak) to\b"
)
# "I don't want a person": no call for one.
NO_PERSON = re.compile(
    rf"\b(?:don't|do not|didn't|doesn't) (?:really )?(?:want|need|wish|like|care)\b[^,;]{{0,20}}\b{_PERSON}"
    rf"|\b(?:no|not|without) (?:need (?:for|of) )?(?:an? |another |the )?{_PERSON}\b"
)
GREET = re.compile(
    r"^(?:hi|hello|hey|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|hola|bonjour|morning|evening|afternoon|"
    r"all ?right|alright|ello|hey up|ay up|g'day|gday|hallo)(?: (?:there|everyone|bot|again|to you|all|team|folks|you|mate|pal|buddy|"
    r"love|dear|man|"
    r"bro|sir|madam|ladies|lovely people|friend|my friend|guys|hi|hello))*$"
)
# A feeling and nothing else.
INTERJECTION = re.compile(
    r"^(?:(?:oh|and|well|no|ok|okay|,) )*(?:ugh|meh|a+rgh|gah|bah|phew|pff+t?|hmp[fh]|eek|oof|ouch|whoa|wow|yikes|sheesh|tsk|"
    r"aha|huh|ooh|aww?|"
    r"grr+|gosh|h+m+|oh|ah|eh|erm?|um+|uh)(?: (?:,|-|ok|okay|well|fine|right|then|ugh|hm+|no|oh|my|dear))*$"
)
THANKS = re.compile(
    r"^(?:(?:ok|okay|great|perfect|cool|nice|no|awesome) ,? ?)?(?:thanks|thank you|thx|ty|cheers|much "
    r"appreciated|many thanks)\b(?: (?:so|very|a|lot|much|again|bye|for|the|your|help|that|this|all|"
    r"everything|you|mate|that's|helpful|was|is|great|all|,|it|now))*$"
)
BYE = re.compile(
    r"^(?:(?:ok|okay|right|alright|well|great|fine|cool|perfect|thanks|thank you|cheers|then|no|yes|so|,) )*(?:good ?bye|"
    r"cheerio|bye|bye bye|see you|see ya|ciao|take care|have a (?:nice|good|great) (?:day|one|"
    r"evening|weekend)|good night|that(?:'s| is| was| will be) (?:all|it|everything|me (?:sorted|done))|all (?:sorted|done|set)|"
    r"i'm done|we're "
    r"done)(?: (?:then|now|for now|for today|later|soon|thanks|thank you|i need|too|you|,))*$"
)
CHAT = re.compile(
    r"^(?:how are you|how's it going|how is it going|what's up|sup|who are you|what are you|are you (?:a |"
    r"an )?(?:bot|robot|human|real|ai|machine|person)\b.*|what can you do|what do you do|help|can you "
    r"help(?: me)?|help me|i need (?:some )?help|could you help me|what's your name|what is your name|your "
    r"name|nice to meet you|"
    r"ok|okay|great|cool|nice|perfect|good|awesome|lol|haha\w*|fine|sure|alright|all right|got it|i see|"
    r"yes|yep|yeah|yup|no|nope|nah|wow|hmm+|sorry|oops|right|understood|makes sense|no thanks|no thank you|"
    r"yes please|interesting|(?:you(?:'re| are) )?(?:welcome|great|awesome|the best|helpful|funny|smart|"
    r"nice|stupid|useless))(?: (?:today|doing|then|exactly|now|with|this|too|please|thanks))*$"
)
# Work that no shop does, whatever things it names.
OUT_WHATEVER = re.compile(
    r"^(?:(?:ok|okay|please|now|and|hey|hi|can you|could you|would you|i want you to|,) )*(?:write|compose|sing|recite|make up|"
    r"tell)(?: me| us)? "
    r"(?:an?|some|another|the) (?:\w+ )?(?:poem|song|story|joke|essay|haiku|limerick|rap|fairy tale|riddle|novel|speech|sonnet|verse)\b"
    r"|^(?:(?:and|so|ok|okay|hey) )*(?:what's|what is|how much is|calculate|compute|work out|solve) -?\d[\d.]*(?: ?(?:times|"
    r"plus|minus|x|\*|\+|-|/|"
    r"multiplied by|divided by|over|to the power of|squared|cubed)(?: -?\d[\d.]*)?)+ ?$"
)
OUT = re.compile(
    r"\b(?:tell me a (?:joke|story)|write (?:me )?(?:a|an|some) (?:poem|song|story|essay|code|script|"
    r"letter|email)|weather (?:today|tomorrow|in|like|forecast)|(?:what's|what is|how is|how's) the "
    r"weather|capital of|president of|prime minister|who won|translate|system prompt|your (?:prompt|"
    r"instructions)|(?:ignore|disregard|forget) (?:all |your |the |any |previous |prior |my )*(?:previous |"
    r"prior |above )?(?:instructions|rules|prompts?)|"
    r"sing (?:me|us|a)\b|stock market|bitcoin|horoscope|meaning of life|solve (?:this|the)|recipe for|(?:book|reserve) (?:me "
    r")?(?:a|an) (?:flight|hotel|table|taxi)|act as (?:a|an|if)|pretend (?:to be|you)|play (?:some )?music|"
    r"set an? (?:alarm|timer|reminder)|write code|python (?:code|script)|jailbreak|developer mode)\b"
)
