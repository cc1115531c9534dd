"""What a message wants, would like, would rather not have, and excludes: the reach of "not", "anything but", "ideally", "if possible"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from chatrec.understanding.lexicon import Mention
from chatrec.understanding.text import Message

_REACH = 7  # tokens between a negation and what it negates


class Stance(Enum):
    """How a value is meant."""

    WANT = "want"
    PREFER = "prefer"
    AVOID = "avoid"
    EXCLUDE = "exclude"
    WAIVE = "waive"  # "doesn't have to be": lifts the constraint


_WAIVE = re.compile(
    r"(?:(?:doesn't|don't|does not|do not|needn't) (?:have|need) to (?:be|have)|(?:doesn't|don't|does not|"
    r"do not) need(?: it)?(?: to be)?|not necessarily|no need (?:for|to be|to have)|"
    r"doesn't necessarily have to be|needn't be|don't care (?:if|whether|about)(?: it(?:'s| is))?|not (?:only|just)(?! (?:in|from)))$"
)
_AVOID = re.compile(
    r"(?:rather (?:not|avoid)(?: have| a| an)?|prefer(?:ably)?,? (?:not|no|nothing)(?: to have)?|ideally,? "
    r"(?:not|no|nothing|without)|would avoid|"
    r"not (?:a |really a )?(?:big |huge )?fan of|not (?:too |so |very )?(?:keen on|crazy about|fond of)|if "
    r"possible,? (?:not|no|nothing|without)|not crazy about)$"
)
_EXCLUDE = re.compile(
    r"(?:not|non|no|without|w / o|never|none of|nothing|except(?: for)?|excluding|exclude|(?:anything|"
    r"everything|anyone|anybody|any \w+|all|\w+thing) but|apart from|other than|rather than|instead of|"
    r"don't want|do not want|didn't want|don't like|do not like|dislike|hate|can't stand|avoid|avoiding|"
    r"skip|free of|free from|isn't|aren't|don't|won't|cannot|can't|couldn't|mustn't|shouldn't|wouldn't|ain't|"
    r"neither|nor|minus|no more|doesn't have|leave out|steer clear of|(?:stay|keep|staying) (?:well )?(?:away|clear) (?:from|of)|"
    r"allergic to|intolerant (?:to|of)|fed up (?:with|of)|(?:sick|tired|bored) of|done with|rul(?:e|ing) out|(?:can|could) do without|"
    r"by no means|(?:every|any|all|no) [a-z]+ but|swap|trade|"
    r"ditch|ban|boycott|omit|not into|(?:better|nicer|preferable) (?:than|to)|(?:all|any|every one) of (?:them|these|those) but|"
    r"(?:had it|had enough|through|finished|had my fill) (?:with|of)|had enough|never (?:ever )?(?:show|give|offer|suggest|"
    r"recommend)(?: me)?|"
    r"stop (?:showing|suggesting|recommending|offering)(?: me)?|don't (?:ever )?(?:show|give|offer|suggest|recommend)(?: me)?|"
    r"wouldn't touch|won't touch|wouldn't be seen dead in|detest|loathe|despise|(?:i|we) can't (?:have|eat|wear|use|do)|"
    r"(?:live|do|manage) without|averse to|anti|no way|not a chance|refuse|turned off by|put off by|bad (?:luck|experience|"
    r"experiences) with|"
    r"remove all|get rid of)$"
)
_EXCLUDE_AFTER = re.compile(
    r"^(?:- )?free\b|^(?:doesn't|does not|don't|do not|isn't|aren't|is not|are not|'s not) (?:really |quite |exactly |much )?"
    r"(?:excite|appeal|interest|do it|suit|work for|my (?:thing|style|taste|favourite)|for me|what i)\b"
    r"|^(?:ones? |stuff )?(?:is|are|'s|would be) (?:just |really |definitely |totally |absolutely |right |all )?"
    r"(?:out(?! of (?:stock|this))|no good|no use|a no(?: ?- ?| )go|a no\b|not an option|off the (?:table|list)|a deal ?breaker|"
    r"banned|hideous|"
    r"ugly|awful|horrible|terrible|rubbish|unacceptable|excluded|itchy)\b"
    r"|^(?:ones? )?(?:makes? me (?:itch|sick|sneeze|sweat)|gives? me (?:a rash|hives)|won't do|can't be|brings me out)\b"
)
_USELESS = re.compile(
    r"^(?:ones? )?(?:is|are|would be|won't) (?:no (?:good|use)|out|useless|not (?:an option|for me|any (?:good|use))|do|pointless)\b"
)
_WAIVE_AFTER = re.compile(
    r"^(?:(?:is|are|being|really|that) )*(?:(?:not|isn't|aren't) (?:really |strictly |that )?"
    r"(?:needed|necessary|required|important|essential|a must|mandatory|a requirement)|unimportant|unnecessary)\b"
    r"|^(?:really )?(?:doesn't|does not|don't|no longer) (?:really )?matters?\b|^(?:is|are) no longer (?:needed|necessary|important|"
    r"a must)\b"
)
_PREFER_BEFORE = re.compile(
    r"\b(?:lean(?:ing)? (?:more )?(?:to|towards?)|inclined (?:to|towards)|(?:soft spot|weakness|preference|liking) for|partial to|"
    r"'d go for|would go for|"
    r"wouldn't (?:say no to|mind)|drawn to|tempted by|ideal(?:ly)?|in a perfect world|'d be (?:happy|nice|great|good)|"
    r"best if|better if|nice if|great if|ideally|preferably|prefer|preferred|preferring|hopefully|maybe|perhaps|if possible|would be "
    r"nice if|would like it|bonus if|leaning towards?|rather|favou?r|i like|i love|fond of|fan of|would "
    r"love)\b"
)
_STARTS_WISH = re.compile(r"\b(?:ideally|preferably|hopefully|maybe|perhaps|possible|best if|better if|for preference)\b")
_PREFER_AFTER = re.compile(
    r"^[^,.;]{0,30}?\b(?:if possible|if you(?:'ve)? (?:can|have|do|got|carry|stock|sell)|if (?:there is|there's|"
    r"there are|it exists)|"
    r"would be "
    r"(?:nice|great|good|ideal|a plus|lovely|super|cool|sweet|awesome|preferable|welcome|better|best|"
    r"handy|useful|neat|helpful|ace|nice touch|"
    r"perfect|(?:a|my) (?:bonus|dream|preference|nice touch))|is a plus|preferred|preferably|ideally|if available|would be a bonus|"
    r"optional|nice to have|"
    r"a nice to have|for preference|by preference|at best|otherwise|(?:would be |is |as )?my (?:first|preferred) choice|my favourite|"
    r"but (?:it's |it is |that's |that is |this is )?(?:really |strictly )?not (?:that |really |strictly )?"
    r"(?:essential|a must|required|a requirement|necessary|important|mandatory|fussed|vital)|"
    r"but (?:i'm )?(?:flexible|open|easy|not (?:fussed|bothered|picky|fussy)))\b"
)
# ", but it's not a must": a comma may stand before it.
_NOT_A_MUST = re.compile(
    r"^[^.;,]{0,30}?(?: ?,)? ?but (?:it's |it is |that's |that is |this is )(?:really |strictly )?not (?:that |really |strictly )?"
    r"(?:essential|an? must|required|a requirement|necessary|important|mandatory|vital|a deal ?breaker)\b"
)
_MUST = re.compile(r"\b(?:must|has to|have to|needs to|only|strictly|definitely|essential|required|absolutely)\b")
_BREAK = {":", "(", ")", ".", ";", "!", "?", "but", "however", "though", "although", "just"}
_WHOLE = {"any", "of", "every", "all", "no"}  # "every daypack but those", "all of them but one"
_GRADES = {"too", "very", "so", "overly", "as", "that"}  # "not too expensive" grades an adjective and denies no thing
_SOFT_BREAK = {",", "and", "or", "nor", "/", "plus"}
_LINKS = {"in", "for", "with", "under", "over", "at", "that", "which", "who", "below", "above", "show", "want", "need", "give"}
_FILLERS = {
    "a",
    "an",
    "the",
    "any",
    "made",
    "of",
    "from",
    "by",
    "be",
    "in",
    "is",
    "it",
    "really",
    "too",
    "very",
    "something",
    "anything",
    "one",
    "ones",
    "like",
    "with",
    "necessarily",
    "to",
    "have",
    "having",
    "brand",
    "colour",
    "want",
    "that",
    "'s",
    "also",
    "another",
    "more",
    "so",
}


def stance_of(message: Message, mention: Mention, previous: tuple[Mention, Stance] | None, limits: tuple[int, int]) -> Stance:
    """How ``mention`` is meant inside the clause ``limits``; ``previous`` is the mention before it with its own stance."""
    left = _left_words(message, mention, limits[0])
    negated = _negation(left)
    if negated is None and previous is not None and previous[1] in (Stance.EXCLUDE, Stance.AVOID, Stance.WAIVE):
        negated = _carried(message, mention, previous)
    after = message.words(mention.last, min(limits[1], mention.last + 8))
    if negated is Stance.EXCLUDE and _USELESS.match(after):
        negated = None  # "biscuits that aren't vegan are no good to me"
    elif negated is None and _EXCLUDE_AFTER.match(after):
        negated = Stance.EXCLUDE
    if negated is None and _WAIVE_AFTER.match(after):
        negated = Stance.WAIVE
    if negated is Stance.EXCLUDE and _wishes(message, mention, limits, after, nearest_only=True):
        return Stance.AVOID
    if negated is not None:
        return negated
    return Stance.PREFER if _wishes(message, mention, limits, after) else Stance.WANT


def is_must(message: Message, limits: tuple[int, int]) -> bool:
    """Whether the clause insists ("must", "only")."""
    return bool(_MUST.search(message.words(*limits)))


def _left_words(message: Message, mention: Mention, start: int) -> list[str]:
    """The words before a mention, back to the nearest break, joined as text prefixes from far to near."""
    words: list[str] = []
    index = mention.first - 1
    while index >= max(start, mention.first - _REACH):
        word = message.tokens[index].text
        opens_scope = (
            word == "but"
            and index > start
            and message.tokens[index - 1].text in ("anything", "everything", "anyone", "anybody", "all", "nothing")
        )
        opens_scope = opens_scope or (word == "but" and index > start + 1 and message.tokens[index - 2].text in _WHOLE)
        if word in _BREAK and not opens_scope:
            break
        words.insert(0, word)
        index -= 1
    return words


def _negation(left: Sequence[str]) -> Stance | None:
    """The negation that reaches to the end of ``left``: only fillers and other modifiers may stand between."""
    for end in range(len(left), 0, -1):
        text = " ".join(left[:end])
        for pattern, stance in ((_WAIVE, Stance.WAIVE), (_AVOID, Stance.AVOID), (_EXCLUDE, Stance.EXCLUDE)):
            match = pattern.search(text)
            graded = stance is Stance.EXCLUDE and end < len(left) and left[end] in _GRADES
            if match and not graded and (match.start() == 0 or text[match.start() - 1] == " "):
                return stance
        word = left[end - 1]
        if word in _FILLERS or (word == "for" and end > 1 and left[end - 2] in ("not", "isn't", "never")):
            continue
        if word in _SOFT_BREAK or word in _LINKS:
            return None
        if end < len(left) - 1:  # more than one foreign word lies between
            return None
    return None


def _carried(message: Message, mention: Mention, previous: tuple[Mention, Stance]) -> Stance | None:
    """ "no Kolder or Yarrow": a negation goes on over "or", "and" and commas to values of the same field."""
    before, stance = previous
    between = [t.text for t in message.tokens[before.last : mention.first]]
    instead = message.words(max(0, before.first - 3), before.first).removesuffix(" a").endswith(("instead of", "rather than"))
    if between in (["for"], ["with"]) and message.words(max(0, before.first - 1), before.first) in ("swap", "trade"):
        return None
    if between[:1] == [","] and not {"or", "nor", "and"} & set(between) and (mention.kind or instead):
        return None  # "not tents, hammocks" and "instead of a tent, a hammock" ask for the latter
    if before.field == mention.field and between and all(w in _SOFT_BREAK or w in ("a", "an", "any") for w in between):
        return stance
    return None


def _wishes(message: Message, mention: Mention, limits: tuple[int, int], after: str, nearest_only: bool = False) -> bool:
    if mention.field == "category":
        return False
    start = mention.first
    while start > limits[0] and message.tokens[start - 1].text not in {",", *_BREAK} and mention.first - start < 10:
        start -= 1
    before = message.words(start, mention.first)
    if not nearest_only and _PREFER_BEFORE.search(before):
        return True
    if (
        start > limits[0]
        and not nearest_only
        and _STARTS_WISH.search(message.words(max(limits[0], start - 2), start))
        and message.tokens[start - 1].text == ","
    ):
        return True
    if _NOT_A_MUST.match(after):
        return True
    return bool(_PREFER_AFTER.match(after)) and not re.search(
        r"\b(?:and|but|with)\b.*\b(?:if possible|would be)", after.split(" if possible")[0]
    )
