"""Rules for what a clause wants done. Each is sure of its words; what none of them knows is left to examples."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatrec.domain.reading import Intent
from chatrec.understanding.phrases import (
    ADVICE,
    ASKS_PROPERTY,
    CHOOSE,
    CHOOSE_SURE,
    COMPARE,
    COUNTED,
    DISLIKE,
    IS_IT,
    IS_SOLD,
    ITEM_ASK,
    LIKE,
    LIKE_ITEM,
    LIKES,
    MORE,
    MORE_KIND,
    MORE_NOT,
    OPEN_WISH,
    ORDER,
    ORDER_POLICY,
    QUESTION,
    REQUEST,
    RESEMBLES,
    RESET,
    SAID_OF_IT,
    SKIP,
    STOCK_ASKED,
    UNDO,
    WANTS_IT,
    WANTS_IT_SO,
    WHICH,
    WHY,
    WHY_NOT,
)
from chatrec.understanding.services import read_service, service_detail
from chatrec.understanding.shop_phrases import SHOP, WEAK
from chatrec.understanding.talk_phrases import BYE, CHAT, GREET, HAND_OFF, INTERJECTION, NO_PERSON, OUT, OUT_WHATEVER, THANKS


def is_fragment(text: str) -> bool:
    """Whether a clause only adds to a wish said before: "in black", "with a lid"."""
    return bool(_ELLIPTIC.match(text) or SAID_OF_IT.search(text))


def is_courtesy(text: str) -> bool:
    """Whether a small-talk clause deserves an answer beside other acts: a greeting, thanks or farewell."""
    return bool(GREET.match(text) or THANKS.match(text) or BYE.match(text))


def wants_alike(text: str) -> bool:
    """Whether a clause asks for things like another ("something like the first"), and does not merely like it."""
    return bool(LIKE_ITEM.search(text)) and not (LIKES.search(text) and not RESEMBLES.search(text))


@dataclass(frozen=True, slots=True)
class Signs:
    """What else is known of a clause when its intent is decided."""

    shown: bool = False
    pointed: bool = False  # names shown items by position, property or title
    pronoun: bool = False
    wishes: bool = False  # holds constraints, a product word or a recipient
    vague: bool = False  # the wishes are stray words of a longer sentence: examples decide
    compared: bool = False
    superlative_over_shop: bool = False
    question_open: bool = False
    names_kind: bool = False  # names a kind of thing
    only_points: bool = False  # holds nothing but a reference ("the second one")
    order_ids: bool = False
    asks: bool = False
    turns_down: bool = False  # turns down a value by pointing at it ("not that brand")
    superlative: bool = False
    kind_shown: bool = False  # names a kind of thing that was shown


# Turns down all that is on the table.
NEITHER = re.compile(
    r"^(?:(?:no|sorry|hmm|,) )*(?:neither|none)(?: (?:of (?:them|these|those|the (?:two|three|2|3))|one))?"
    r"(?: (?:really|please|thanks|thank you|suits? (?:me|us)|appeals? to me|is (?:right|good|it)|are (?:right|good|it)|will do|works?))*"
    r"(?: ?,? ?(?:something|anything|show|give|others?|let's see)\b.*)?$"
    r"|\bi (?:don't|do not) (?:really )?(?:like|want) (?:any|either) of (?:them|these|those)\b"
)
# All of it: the next page of what matches.
_ALL_THERE_IS = re.compile(
    r"^(?:(?:ok|okay|please|now|and|can you|could you|i want to|i'd like to|let me) )*(?:show|list|see|give)(?: me| us)? "
    r"(?:all|everything|them all|every one|the rest)(?: of)?"
    r"(?: (?:them|these|those|the others|the rest|that|you have|you've got|there is|there are))*"
    r"(?: please)?$"
)
# "Anything cheaper than the second?" looks for another one, and asks nothing about that.
_SEEKS = re.compile(
    r"^(?:(?:and|so|ok|okay|but|well|hm+) )*(?:[a-z]+er|(?:more|less) [a-z]+)(?: [a-z]+){0,2} than\b|^(?:(?:and|so|ok|okay|but|well|"
    r"hm+) )*(?:(?:do|have) you (?:have |got )?|is there |are there |got |show me |find me |give me )?"
    r"(?:anything|something|any|others?|some)\b"
)
# "Can I machine wash it?" asks what may be done with it.
_DONE_WITH = re.compile(
    r"^(?:(?:and|so|but|ok) )*(?:can|could|may|should|must|do) (?:i|you|we) (?:have to |need to )?(?!have|get|see|buy|show|find|make|"
    r"change)[a-z]+"
)
_HAND_IT_OVER = re.compile(r"^(?:(?:ok|okay|then|so|well|alright|great) )*give (?:me )?(?:the|that|this|number|#|it)\b")
# "Which of these are powder free?" asks for a property; "which is better?" weighs them.
_WHICH_HAS = re.compile(
    r"^(?:(?:and|so|ok|okay|but|well) )*which (?:ones?|of (?:them|these|those|the \w+))(?: ones?)? "
    r"(?:is|are|has|have|can|comes?|works?|fits?)\b"
    r"(?!.*\b(?:better|best|worse|worst|more|less|most|least|for me|good|right|nicer?|suitable|recommended|\w+est)\b)(?= \S)"
)
_WHAT_IS = re.compile(r"^(?:(?:and|so|ok|okay|but|well) )*(?:what(?:'s| is| are)?|which|who)\b")
_WHICH_OF = re.compile(
    r"^(?:(?:and|so|ok|okay|but|well) )*which (?:one )?(?:of (?:the|these|those|your) )?\S+(?: \S+)? (?:is|are|has|have|weighs?|costs?)\b"
)
_ELLIPTIC = re.compile(r"^(?:(?:and|but|or|only|just|maybe|preferably|also|ok|then) )*(?:in|with|without|from|by|made of) \w+")
# Thanks, to whomever: "thanks pal", "cheers guys".
_THANKS_TO = re.compile(r"^(?:(?:ok|okay|great|perfect|cool|nice) )*(?:thanks|thank you|cheers)\b.{0,12}$")
_PAYS = re.compile(r"\b(?:how|where|when|what) (?:do|can|could|would|should|must|to) (?:i|we|you)? ?(?:use to )?pay\b|\bhow to pay\b")


def rule_intents(text: str, signs: Signs) -> list[Intent]:
    """The intents that the rules are sure of; an empty list leaves the clause to the examples. Order matters: the surest first."""
    if signs.turns_down:
        return [Intent.RECOMMEND]
    for rule in (_service, _talk, _command, _about_orders, _about_shown, _about_shop):
        if found := rule(text, signs):
            return found
    if ADVICE.match(text):
        return [Intent.RECOMMEND]
    if (signs.wishes and not signs.vague) or signs.superlative_over_shop or signs.compared:
        return [Intent.RECOMMEND]
    return []


def _service(text: str, signs: Signs) -> list[Intent]:
    """The cart, a return, what is remembered; what is to be remembered or put into the cart may be a wish as well."""
    found = read_service(text) if not _wants_person(text) else None
    if found is None:
        return []
    wishes = signs.wishes and not (signs.pointed or signs.pronoun)
    told = wishes and service_detail(found, text) in ("add", "remember")
    return [found, Intent.RECOMMEND] if told else [found]


def _wants_person(text: str) -> bool:
    return bool(HAND_OFF.search(text)) and not NO_PERSON.search(text)


def _talk(text: str, signs: Signs) -> list[Intent]:
    if _wants_person(text):
        return [Intent.HAND_OFF]
    if OUT_WHATEVER.search(text):
        return [Intent.OUT_OF_SCOPE]
    if GREET.match(text) or THANKS.match(text) or BYE.match(text) or INTERJECTION.match(text):
        return [Intent.SMALL_TALK]
    if _THANKS_TO.match(text) and not (signs.wishes or signs.asks):
        return [Intent.SMALL_TALK]
    if OUT.search(text) and not signs.wishes:
        return [Intent.OUT_OF_SCOPE]
    if OPEN_WISH.match(text) and not (signs.question_open and SKIP.match(text)):
        return [Intent.RECOMMEND]
    if SKIP.match(text) and (signs.question_open or not (signs.pointed or signs.wishes)):
        return [Intent.SKIP]
    if CHAT.match(text) and not (signs.pointed or signs.wishes):
        return [Intent.SMALL_TALK]
    return []


def _command(text: str, signs: Signs) -> list[Intent]:
    if RESET.search(text):
        return [Intent.RESET]
    if UNDO.search(text) and not signs.pointed:
        return [Intent.UNDO]
    if signs.shown and _ALL_THERE_IS.match(text):
        return [Intent.MORE]
    if signs.names_kind and not signs.compared and MORE_KIND.match(text):
        return [Intent.MORE, Intent.RECOMMEND] if signs.shown else [Intent.RECOMMEND]
    if MORE.search(text) and not MORE_NOT.search(text) and not (wants_alike(text) and (signs.pointed or signs.pronoun)):
        if signs.names_kind and not signs.shown:
            return [Intent.RECOMMEND]  # "any other daypack will do"
        return [Intent.MORE, Intent.RECOMMEND] if signs.wishes or signs.compared else [Intent.MORE]
    return []


def _about_orders(text: str, signs: Signs) -> list[Intent]:
    if ORDER_POLICY.search(text):
        return [Intent.SHOP_QUESTION]
    if ORDER.search(text) or (signs.order_ids and not signs.wishes):
        return [Intent.ORDER_STATUS]
    return []


def _about_shown(text: str, signs: Signs) -> list[Intent]:
    """Acts that need something on the table."""
    if not signs.shown:
        return [Intent.COMPARE] if COMPARE.search(text) and not signs.wishes and not SHOP.search(text) else []
    pointed = signs.pointed or signs.pronoun
    if WHY.search(text) and not WHY_NOT.search(text):
        return [Intent.WHY]
    if NEITHER.search(text):
        return [Intent.FEEDBACK]
    if wants_alike(text) and pointed:
        return [Intent.RECOMMEND]
    if weighed := _weighed(text, signs, pointed):
        return weighed
    if (
        CHOOSE_SURE.search(text)
        or (signs.pointed and _HAND_IT_OVER.match(text))
        or (
            CHOOSE.search(text)
            and pointed
            and not (signs.compared or signs.asks or QUESTION.match(text) or DISLIKE.search(text) or WANTS_IT_SO.search(text))
            and not (signs.wishes and WANTS_IT.search(text))
        )
    ):
        return [Intent.CHOOSE]
    if pointed and (judged := _judged(text, signs)):
        return judged
    if signs.only_points:
        return [Intent.ITEM_QUESTION]
    return _item_question(text, signs)


def _weighed(text: str, signs: Signs, pointed: bool) -> list[Intent]:
    """Whether the shown items are held against each other, or against one property."""
    among = not signs.names_kind or (signs.kind_shown and bool(_WHICH_OF.match(text)))
    if signs.superlative and not signs.superlative_over_shop and among and _WHAT_IS.match(text):
        return [Intent.COMPARE]
    if _WHICH_HAS.match(text) and not (signs.superlative or signs.compared):
        return [Intent.ITEM_QUESTION]
    if COMPARE.search(text) or (WHICH.search(text) and not signs.superlative_over_shop and not (signs.wishes and not pointed)):
        return [Intent.COMPARE]
    return []


def _judged(text: str, signs: Signs) -> list[Intent]:
    if signs.asks or (QUESTION.match(text) and not DISLIKE.match(text)):
        return []
    if DISLIKE.search(text) or LIKE.search(text):
        return [Intent.FEEDBACK, Intent.RECOMMEND] if signs.compared or (signs.wishes and not signs.pointed) else [Intent.FEEDBACK]
    return []


def _item_question(text: str, signs: Signs) -> list[Intent]:
    asks = signs.asks or bool(QUESTION.match(text))
    if COUNTED.match(text) or (asks and STOCK_ASKED.match(text)):
        return [Intent.ITEM_QUESTION]
    if signs.compared and _SEEKS.match(text):
        return []
    if signs.pointed and (asks or ITEM_ASK.search(text)) and not _surely_shop(text):
        return [Intent.ITEM_QUESTION]
    if asks and not signs.names_kind and not signs.compared and _asks_property(text, signs):
        return [Intent.ITEM_QUESTION]
    if signs.names_kind and IS_SOLD.match(text):
        return []  # "is there a stove that runs on wood?"
    if signs.pronoun and asks and (ITEM_ASK.search(text) or _DONE_WITH.match(text)) and not _surely_shop(text):
        return [Intent.ITEM_QUESTION]
    return []


def _asks_property(text: str, signs: Signs) -> bool:
    """A question that names a property and no item: "is assembly required?", "in which sizes?"."""
    if ASKS_PROPERTY.match(text):
        return not _surely_shop(text)
    return signs.wishes and bool(IS_IT.match(text)) and not REQUEST.search(text) and not SHOP.search(text)


def _surely_shop(text: str) -> bool:
    """Words that stay about the shop even beside an item ("can I return the second one", "do you ship it to Malta")."""
    return any(not WEAK.match(m.group()) for m in SHOP.finditer(text)) or bool(
        re.search(r"\b(?:can|could|may) i (?:return|exchange)\b|\b(?:ship|deliver) (?:it|them|this|that|the)\b", text)
    )


def _about_shop(text: str, signs: Signs) -> list[Intent]:
    if _PAYS.search(text):
        return [Intent.SHOP_QUESTION]
    topics = [m.group() for m in SHOP.finditer(text)]
    if not topics:
        return []
    asks = signs.asks or bool(QUESTION.match(text))
    strong = any(not WEAK.match(t) for t in topics)
    if signs.wishes and not asks and not (strong and len(text.split()) <= 4):
        return []
    if signs.names_kind and not strong and REQUEST.search(text):
        return []  # "what cookies do you sell"
    if asks or strong or len(text.split()) <= 4:
        return [Intent.SHOP_QUESTION]
    return []
