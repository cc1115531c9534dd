"""Everyday words of shoppers in the words that policies use: "send them back" is a return, "PayPal" a way to pay.

The embedder knows much of this; what it does not bring near enough is said here, by kinds of phrase and not by question.
"""

from __future__ import annotations

import re

_THING = (
    r"(?:it|them|this|that|these|those|one|something|anything|things?|stuff|everything|items?|"
    r"(?:the|an?|my|his|her|our|their) (?:\w+ ?){1,3})"
)
_WAYS_TO_PAY = (
    r"pay ?pal|apple pay|google pay|amazon pay|shop pay|venmo|klarna|afterpay|affirm|zelle|amex|american express|visa|master ?card|maestro|"
    r"diners|discover cards?|bitcoin|crypto|stripe|sofort|ideal|twint|revolut|wechat pay|alipay"
)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_SAID_OTHERWISE: tuple[tuple[re.Pattern[str], str], ...] = (
    (_words(rf"(?:sending|bringing|taking|giving|handing|shipping|mailing|posting) {_THING} ?back"), "returning it"),
    (_words(rf"(?:send|bring|take|give|hand|ship|mail|post)s? {_THING} ?back"), "return it"),
    (_words(rf"(?:sent|brought|given|handed|shipped|mailed|posted) {_THING} ?back"), "returned it"),
    (_words(r"(?:want|need|demand|like|give me) (?:all )?(?:of )?my money back"), "want a refund"),
    (_words(_WAYS_TO_PAY), "this payment method"),
    (_words(r"postage(?= to)"), "shipping"),
    (_words(r"opening (?:hours|times)|business hours|(?:what )?hours (?:are|do) you(?: open)?|when (?:are|do) you (?:guys )?open"),
     "when does the store open and close"),
)  # fmt: skip
# What a remark asks about without saying so: added to the question, for its own words still count.
_MEANT: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        _words(
            r"(?:do|does|did|is|are|was|were|would|will|should)(?:n't| not) (?:actually |really )?(?:fit|suit)\w*|"
            r"too (?:small|big|large|tight|wide|narrow|short|long)|wrong size"
        ),
        "return or exchange for another size",
    ),
    (
        _words(
            r"(?:wore|worn|wears?|wearing|used|using|tried) (?:it|them|this|that|these|those|one|outside|outdoors|once|twice|already|"
            r"every ?day|daily|a lot|a few|for)|already (?:wore|worn|used|opened)|after (?:wearing|using)"
        ),
        "returning used, worn items: refund, condition",
    ),
    (
        _words(
            r"(?:breaks?|broke|broken|rips?|ripped|tears|tore|torn|falls? apart|fell apart|stops? working|stopped working|leaks?|"
            r"snaps?|snapped)(?= after| within| in (?:a|two|three|\d)| on me)"
        ),
        "warranty, faulty",
    ),
)


def in_policy_words(question: str, around: str = "") -> str:
    """The question in the words that policies use, with what the message ``around`` it says of the case; as it stands where neither holds
    such a phrase."""
    for said, means in _SAID_OTHERWISE:
        question = said.sub(means, question)
    added = [means for said, means in _MEANT if said.search(f"{question} {around}")]
    return " ".join([question, *(f"({means})" for means in added)])
