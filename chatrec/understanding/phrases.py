"""The phrases that tell what a clause wants done, as patterns over its canonical words."""

from __future__ import annotations

import re

RESET = re.compile(
    r"\b(?:(?:begin|start|go back|back) (?:from|at|to) (?:zero|0|nothing|square one|the (?:top|beginning|start))|clear (?:the lot|it all)|"
    r"clean slate|fresh start|wipe (?:the slate|everything|it all)|start(?:ing)? (?:all )?over|start again|start from scratch|"
    r"from scratch|begin again|start (?:a "
    r")?new|restart|new search|reset(?! (?:my|the|a|your) )|"
    r"(?:forget|clear|scrap|delete|remove) (?:everything|all (?:of )?(?:it|that|this|filters?)|all filters|it all))\b"
)
UNDO = re.compile(
    r"^(?:(?:please|oops|whoops|sorry|oh|no|wait|hang on|wrong button|wrong one|my (?:mistake|bad)|mistake|,) )*(?:undo|"
    r"go back(?! to)|back(?! to)|revert|step back|take (?:that|it) back|scratch that|nevermind|"
    r"never mind|forget (?:that|it|what i (?:just )?said|the last (?:one|thing|bit|part)))\b"
    r"|^(?:(?:oh|no|ok|please|can you|could you) )*(?:put|change|turn|switch) (?:that|it|things|this) back(?: (?:again|please|"
    r"how it was))*$"
    r"|\b(?:undo|revert) (?:that|this|it|the last|my last)\b|\b(?:remove|drop|cancel) (?:that|the last) "
    r"(?:filter|one|constraint|condition)\b|^i take that back"
)
SKIP = re.compile(
    r"^(?:please )?(?:skip(?: (?:it|that|this|the question|this one))?|pass|next question|no idea|not sure|"
    r"i'm not sure|i (?:really )?don't know|dunno|idk|(?:it )?(?:really )?doesn't (?:really )?matter(?: to "
    r"me)?|"
    r"(?:i )?don't (?:really )?(?:mind|care)|no (?:real )?preference|i have no preference|no (?:limit|"
    r"budget|maximum|minimum|max|idea really)|whatever|whichever|anything(?: (?:is fine|goes|works|will "
    r"do))?|any(?: (?:is fine|will do|works|of them|one))?|either(?: (?:is fine|one|works))?|"
    r"(?:it's )?up to you|surprise me|you (?:choose|decide|pick)|all (?:are )?(?:fine|good|the same)|no "
    r"matter|doesn't matter|makes no difference|don't ask)(?: (?:really|please|thanks|to me))*$"
)
# No wish at all: something varied will do.
OPEN_WISH = re.compile(
    r"^(?:(?:just|please|ok|okay|well|oh|hmm|then|you can) )*(?:surprise me|(?:show me |give me |recommend (?:me )?)?(?:anything|whatever)"
    r"(?: (?:nice|good|interesting|fun|really|at all|random|you (?:like|want|have|recommend|think)))*|"
    r"(?:show me |give me |recommend (?:me )?)?something (?:nice|good|fun|interesting|cool|random|special)|"
    r"(?:show me |give me |i want )?(?:something|anything) (?:else )?(?:entirely|completely|totally)(?: (?:different|new|else|other))?)"
    r"(?: (?:please|then|with something|for me))*$"
)
MORE = re.compile(
    r"\b(?:show|see|give|find|get|have|want|any|are there|list)\b(?: me| you| got)?(?: any| some| a few| "
    r"the)? (?:more|others?|other (?:ones|options|choices|items|products|models|results|things)|"
    r"(?:something|anything) (?:else|different)|different (?:ones|options)|further|additional|the rest|"
    r"next (?:ones?|page))\b(?! (?:expensive|of a|\w+ than))"
    r"|^(?:more|others?|next|next (?:ones?|page)|something else|something different|anything else|what "
    r"else|other ones|other options|different ones|more (?:please|options|results|of (?:them|these|those))|"
    r"some more|any others?|show more|keep going|go on)(?: please)?$"
    r"|\bwhat else\b|\bmore (?:options|results|choices|like (?:these|those|this|that))\b|\banything else\b|"
    r"\bother (?:options|choices|ones)\b"
)
MORE_NOT = re.compile(
    r"(?:n't|\bno|\bnot|\bnever)\b[^.;]*\bany ?more\b|\b(?:more|less) (?:expensive|about|info\w*|details?|than|powerful|pockets|"
    r"space|room)\b|\bone more "
    r"(?:thing|question)\b|\bany more (?:questions|info)\b"
)
ORDER = re.compile(
    r"\b(?:just |only |still |simply )*(?:want|need|would like|expect|get) (?:to (?:get|have|see|"
    r"receive) )?my (?:\w+ )?(?:order|package|parcel|"
    r"delivery|shipment)\b(?! (?:to|in|with|by|be|changed|cancelled|wrapped))|"
    r"\b(?:where(?:'s| is| are)|track(?:ing)?|trace|locate|find|status of|state of|update on|check(?: on)?|"
    r"follow|when (?:will|does|is|do)|has|did|why (?:is|has)|haven't (?:received|got)|hasn't|still waiting|"
    r"waiting (?:for|on)|eta (?:of|for|on))\b[^.;]{0,25}"
    r"\b(?:my (?:\w+ )?(?:order|orders|package|parcel|delivery|shipment|purchase|stuff|things)|order "
    r"(?:number )?(?:#|no|[a-z]{0,4}-? ?\d)|the (?:parcel|package|order) (?:i|that i))\b"
    r"|\b(?:my|an|the) (?:\w+ )?(?:order|package|parcel|shipment)\b[^.;]{0,20}\b(?:status|arrive[ds]?|"
    r"shipped|delivered|late|delayed|missing|lost|stuck|come|here|yet|on its way)\b"
    r"|\border status\b|\bstatus of (?:my|the|an|order)\b|\bwhere is (?:order|it my order)\b|\bmy orders?$|"
    r"\bmy (?:recent |last |past )?orders\b"
)
ORDER_POLICY = re.compile(
    r"\b(?:damaged|broken|defective|faulty|wrong (?:item|size|colour|product|thing))\b|"
    r"\b(?:how (?:do|can|to|long)|can i|could i|is it possible|policy)\b[^.;]{0,30}\b(?:cancel|change|"
    r"modify|return|edit|add to|place|address)\b|"
    r"\b(?:want|like|need|have|going|wish) to (?:return|exchange|send back) (?:my|these|those|them|it|this|the|an?)\b|"
    r"\bcancel (?:my|an|the) order|\bchange (?:my|the|an) (?:order|address|delivery)|\b(?:an order|orders) (?:usually|normally|generally)\b"
)
WHY = re.compile(
    r"^(?:and |but |so )?(?:why|how come) (?:number|#|option|the (?:first|second|third|fourth|fifth|last))(?! (?:one )?(?:is|so|does|has))|"
    r"^(?:but |and |so )?(?:why|how come)$|^(?:but |and |so )?why (?:the|this|that|these|those) (?:\S+ ){0,3}ones?\b|"
    r"\b(?:why|how come)\b[^.;]{0,30}\b(?:show|showing|showed|"
    r"recommend\w*|suggest\w*|pick\w*|chose|choose|choosing|offer\w*|selected|these|those|this|that|it|"
    r"(?:first|second|third|last)(?: one)?|these ones|me)\b"
    r"|\bwhat makes (?:you|it|this|that|the)\b|\breason (?:for|behind|why)\b|\bhow did you (?:choose|pick|come up|find|select)\b"
)
WHY_NOT = re.compile(
    r"\bwhy (?:is|are|does|do|did|has|have|was)\b(?! (?:you|it (?:shown|recommended|here)|(?:this|that|"
    r"these|those|it) (?:one )?(?:recommended|suggested|shown|here)))"
)
COMPARE = re.compile(
    r"\bcompar(?:e|ed|ing|ison)\b|\bdifferen(?:ce|ces|t)\b[^.;]{0,25}\b(?:between|from|them|these|those|"
    r"two|first|second)\b|\bhow do (?:they|these|those|the) [^.;]{0,15}\b(?:differ|compare|stack)\b|"
    r"\bversus\b|\bvs\b|\bside by side\b|\bwhat(?:'s| is| are) the differences?\b"
)
WHICH = re.compile(
    r"\bwhich (?:one |of (?:them|these|those|the (?:two|three|2|3)) )?(?:one )?(?:is|are|would|do|does|has|"
    r"should|weighs?|costs?|can|will|of)\b|\bwhich (?:one|of (?:them|these|those|the \w+))\b|\bis (?:the|"
    r"number|#) ?\S+(?: one)? \S+er than\b|\bwhich is\b"
)
CHOOSE = re.compile(
    r"\b(?:i(?:'ll| will| would like to| want to| am going to| think i(?:'ll| will)?)? ?(?:take|have|go "
    r"(?:with|for)|going (?:with|for)|buy|order|choose|pick|get)|i'd (?:like to (?:buy|order|take|have|"
    r"get)|like(?= (?:the|that one|this one|it|number|#))|take|go (?:with|for))|let's (?:go with|take|get|"
    r"do)|"
    r"add(?! (?:another |up to |maybe )?[$€£\d])|put|give me|i want|purchase|buy|order|checkout|check out)\b(?: (?:please|just))?"
)
# "I want it in blue" chooses nothing.
WANTS_IT_SO = re.compile(
    r"\b(?:want|need|have|get|order|like) (?:it|them|that|this|one)(?: one)? "
    r"(?:with|without|in|from|by|made|under|below|over|above|less|more|to (?:have|be|do|say|look|come|fit|match|go|work)|"
    r"that|which|something|bigger|smaller|[a-z]{3,}er)\b"
)
# "I want it blue", where "blue" is a wish.
WANTS_IT = re.compile(r"\b(?:want|need|have|get|like|prefer) (?:it|them)\b")
CHOOSE_SURE = re.compile(
    r"\b(?:the \S+(?: \S+)? it is(?: then)?$|that's the one|sold|i'm sold|i'm taking|i've decided|deal(?! ?- ?breaker| ?breaker)|"
    r"add (?:it|this|that|them|the \w+(?: "
    r"one)?) to (?:my |the )?(?:cart|basket|bag)|to (?:my|the) (?:cart|basket|bag)|i'll take (?:it|that|"
    r"this|both|them|the))\b"
)
LIKE_ITEM = re.compile(
    r"\b(?:(?:something|anything|one|ones|more|another|others|items?|products?|things?) (?:that(?:'s| is) "
    r")?(?:a bit |more |just |very |kind of |sort of )?(?:like|similar to|close to|along the lines of|in "
    r"the style of|comparable to)|similar (?:ones? )?to|(?:like|resembling) (?:the|#|number|that|this|"
    r"it)\b|same (?:thing )?as|more like|alternatives? to|instead of)\b"
)
LIKES = re.compile(
    r"\b(?:i|we|don't|do not|not|didn't|really|also|you|they|i'd|would) (?:really |also |quite )?like (?:the|#|number|that|this|it)\b"
)
RESEMBLES = re.compile(
    r"\b(?:something|anything|ones?|more|similar|another|same|alternatives?|others?)\b[^.;]{0,12}\b(?:like|similar|close|to|as|of)\b"
)
DISLIKE = re.compile(
    r"\b(?:take|get|throw|leave|cross|rule) (?:the|that|this|number|#) ?\S+(?: ones?)? (?:out|away|off)\b|"
    r"\b(?:don't|do not|didn't|not) (?:really |particularly )?(?:like|love|want|into|keen on|fond of|fan "
    r"of|a fan of|convinced by|my (?:style|taste|thing))\b|\b(?:hate|dislike|can't stand|ugly|awful|"
    r"horrible|hideous|ghastly|dreadful|naff|yuck|eww*|meh|rubbish|tacky|boring|disappointing|underwhelming|too plain|"
    r"not (?:my (?:style|taste|thing|cup|bag|scene)|for me|great|keen|convinced|impressed|interested in)|"
    r"(?:don't|do not|doesn't|does not) (?:really )?(?:fancy|rate|grab me|do it for me|appeal|excite me|speak to me|convince me)|"
    r"puts? me off|leaves? me cold|(?:float|floats) my boat|wouldn't be seen (?:dead )?(?:in|with))\b"
    r"|^(?:(?:no|nope|nah|hmm+|um|oh|well|sorry|,) )*(?:,? ?)not (?:(?:that|this|the|it|these|those|them|number)\b|#)|"
    r"\b(?:anything|something) but "
    r"(?:that|this|the (?:first|second|third|last))\b|^(?:remove|drop|hide|no to|exclude|skip) (?:that|"
    r"this|the|it|number|#)\b|\bnone of (?:them|these|those)\b|\bnot what i\b"
)
LIKE = re.compile(
    r"\b(?:i (?:really |quite |also |do |absolutely |actually )?(?:like|love|prefer|fancy|dig|adore)|"
    r"looks? (?:great|good|nice|lovely|perfect|cool|awesome|spot on|amazing|smart|the business|right|ideal|fab)|"
    r"(?:is|are|it's|that's|they're|being) (?:a |an |just |really |so |absolutely |pretty |quite )*(?:beauty|stunner|winner|gem|gorgeous|"
    r"brilliant|fab|fantastic|ideal|stunning|amazing|superb|smashing|fine|spot on|what i (?:want|need|was looking for)|"
    r"(?:right )?up my (?:street|alley)|the (?:job|ticket|business|one for me))|just the (?:job|ticket|thing)|"
    r"(?:is|are|it's|that's|they're) (?:great|nice|"
    r"lovely|perfect|beautiful|awesome|cool|interesting|good)|my favourite|good choice|nice one|love (?:it|"
    r"that|this|the|them|those)|like (?:it|that one|this one|the (?:first|second|third|last)))\b"
)
QUESTION = re.compile(
    r"^(?:(?:and|but|so|ok|also|hi|hello) )?(?:what|what's|where|where's|when|how|how's|why|who|which|do|"
    r"does|did|can|could|would|will|is|are|was|has|have|may|should|shall|isn't|doesn't|don't|any idea|tell "
    r"me|i (?:want|would like|'d like) to know|i wonder|explain|let me know|info|information|question|"
    r"details)\b|\bi'd like to know\b|\bi wonder\b|\bdo you know\b"
)
ITEM_ASK = re.compile(
    r"\b(?:is|are|does|do|can|could|will|would|has|have|was) (?:(?:any|either|one|some|all|each|none) (?:of )?)?(?:it|they|this|that|these|"
    r"those|the|number|#|"
    r"both)\b|\b(?:what|which) (?:is|are|colou?rs?|sizes?|material|kind|size|weight)\b|\bwhat's\b|\bhow "
    r"(?:much|heavy|big|long|wide|tall|high|deep|thick|large|warm|many|fast|loud|bright|old|strong|small|"
    r"light|does|do|is|are|good|well|comfortable|easy)\b"
    r"|\btell me (?:more|about)\b|\bmore (?:info\w*|details?|about)\b|\bdetails?\b|\bspec(?:s|"
    r"ifications?)?\b|\bdescribe\b|\bwhat about\b|\bhow about\b|\bis there\b|\bany reviews\b|\bcome in\b|"
    r"\bdoes\b|\bwhat do (?:people|others|customers|reviewers|you) (?:say|think)\b"
)
NAMES_MAKER = re.compile(
    r"\b(?:anything|something|any|everything|nothing|ones?|stuff|products?|items?)(?: \w+)? (?:from|by|but|"
    r"except)\b|\b(?:made|brand is) by\b"
)
REQUEST = re.compile(
    r"\b(?:i (?:really |also |just |still |would |might |do |now )*(?:need|want|look|require|search)|"
    r"(?:i'm|i am|we're|we are|i was) (?:(?:also|now|just|currently|really) )?(?:looking|searching|after|"
    r"in need|hunting|shopping|interested|planning|going|trying)|i'd (?:also )?(?:like|love|want|need|"
    r"prefer)|i would (?:also )?(?:like|love|prefer)|"
    r"looking for|searching for|in search of|show(?: me| us)?|find(?: me| us)?|recommend(?: me)?|"
    r"suggest(?: me)?|recommendations?|suggestions?|do you (?:have|sell|carry|stock|offer|got|know any)|"
    r"have you got|got any|(?:^|you )got|any (?:good |nice |cheap )?[a-z]+|can i (?:get|see|have|buy)|could i (?:get|see|"
    r"have)|"
    r"get me|give me|buy(?:ing)?|we (?:need|want)|need|want|what (?:do you have|have you got|would you "
    r"recommend|should i (?:get|buy|take|wear|use))|which \w+ (?:should|would|do you|is best|are best)|"
    r"help me (?:find|choose|pick)|something (?:for|to|that|with|like|in)|anything (?:for|to|that|with|in)|"
    r"is there (?:a|an|any|something)|are there any|what about|how about|gift|present|interested in|only|"
    r"please|best|the cheapest)\b"
)


# Nothing but a thing and what is said of it ("power bank with at least 5000 mah"): no person, no verb of a sentence, no command.
NOUN_PHRASE = re.compile(
    r"^(?!.*\b(?:i|you|we|he|she|they|it|me|us|is|are|was|were|do|does|did|has|can|could|will|would|should|how|why|when|where|who|what|"
    r"which|if|today|tomorrow|tonight|now)\b)(?!\w+ (?:a|an|the|my|this|that|some|all|off|on|out|up|every|everything|hello)\b)[a-z]"
    r"|^(?:a|an|some) (?!.*\b(?:i|you|we|he|she|they|it|me|is|are|was|do|does|can|will|how|why)\b)[a-z]"
)


IS_IT = re.compile(
    r"^(?:and |but )?(?:is|are|does|has|have|can|could|will) (?!you|i |we |there|(?:go|stretch|do|manage|pay|spend|push|live)\b)"
)


ADVICE = re.compile(
    r"^(?:so |and )?what (?:do|would|should|can|could) (?:i|you|we) (?:need|recommend|suggest|take|get|buy|"
    r"bring|pack|wear|use|have)\b[^?]{0,20}$"
)
HOW_TO = re.compile(
    r"^(?:so |and |but |please |can you tell me |do you know |tell me )?(?:how (?:do|does|can|could|would|"
    r"should|to|is|are|did|far|old|many|much)|what(?:'s| is| are) (?:the best way|a good way|the|my|some)|"
    r"why|when|who|where)\b"
)

# Asks for a way of doing something, whatever things it names ("how do I wash a down jacket?").
ASKS_HOW = re.compile(r"^(?:so |and |but |please )?how (?:do|to|should|can|could|would|did) (?:i|you|we|one|people)?\b")

# "more tents": the same kind again, as long as no property is compared.
MORE_KIND = re.compile(
    r"^(?:please |ok |and )?(?:(?:show|give|get|find|any|are there|do you have|have you got|some|i want|"
    r"let me see|list)\b(?: me| any| some)* )?(?:more|other|different|further) (?!expensive|powerful|of)"
)

# Asks for a property without naming an item: "in which sizes?", "what colours?", "how heavy?".
ASKS_PROPERTY = re.compile(
    r"^(?:and |but |so )?(?:in |with |of )?(?:which|what) (?:other )?(?:sizes?|colou?rs?|materials?|weight|length|height|width|capacity|"
    r"dimensions|warranty|versions?)(?: .{0,25})?$|^(?:and )?how (?:heavy|big|long|wide|tall|high|warm|thick|bright)$"
)
# What is said in such words describes the thing at hand, whatever noun it names.
SAID_OF_IT = re.compile(
    r"^(?:(?:and|but|so|also|hm+|like i said|i said|definitely|preferably|ideally|well|ok|okay|please|,) )*"
    r"(?:with|w /|having|featuring)\b"
    r"|\b(?:is|are|would be) (?:really |very |quite |also )?"
    r"(?:important|essential|a must|key|crucial|needed|required|necessary|mandatory)\b"
    r"|\b(?:the|that) \S+(?: \S+)? (?:kind|type|sort|style|version|variety)s?(?: please)?$"
    r"|\b(?:it|they|this|these|which) (?:should|must|has to|have to|needs to|need to) "
    r"(?:have|come|say|do|be about|be for|support|include|contain)\b"
)
# "How many in a box?" asks for no boxes.
COUNTED = re.compile(
    r"^(?:(?:and|but|so|ok|also) )?how many (?:\w+ ){0,2}?(?:in|per|to|come in|are in|are there in|do (?:you|i|we) get in) "
    r"(?:a |an |each |the |one |every )?(?:box|pack|packet|package|case|bag|set|bottle|jar|roll|carton|tin|kit|bundle|tube|sheet|unit)\b"
)
# "Is there a stove that runs on wood?" asks nothing of what was shown.
IS_SOLD = re.compile(
    r"^(?:(?:and|but|so|ok|also) )*(?:(?:is|are) there (?:a|an|any|some)|(?:do you|have you) (?:have|got|sell|stock) (?:a|an|any|some)) "
    r"(?!of |that |those |these )(?:[a-z-]+ ){1,3}(?:that|which|with|for|without)\b"
)
# "In stock?", "are they all available?" asks about what was shown; "in stock" without the question is a wish.
STOCK_ASKED = re.compile(
    r"^(?:(?:and|so|ok|okay|but|are|is|do|does|have|has|you|they|these|those|it|this|that|them|all|any|still|got|which|of|one|ones|the|"
    r"first|second|third|last|both|really|currently|actually) )*(?:in stock|on stock|available|left)"
    r"(?: (?:now|today|right now|at the moment|too|as well))*$"
)
