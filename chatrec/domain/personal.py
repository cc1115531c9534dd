"""Personal data in what shoppers write: taken out of whatever is learnt from or logged."""

from __future__ import annotations

import re

_MAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)?\d(?:[ ()/.-]{0,2}\d){7,14}(?!\w)")
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_ORDER = re.compile(
    r"\b(order|invoice|ticket|tracking|customer|account)((?: (?:number|no\.?|id|code))?[:# ]*)(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{3,}\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b((?i:my name is|my name's|i am called|this is|i'm|i am|call me|regards|cheers|sincerely|dear|thanks,|hi|hello))"
    r"([,:]?\s+)((?:(?i:mr|mrs|ms|dr)\.? )?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2})(?=$|[\s,.!?])"
)
_NAMED_LOW = re.compile(r"\b(my name is|my name's|i am called|call me)\s+[\w'’-]+(?: [A-Z][\w'’-]+)?", re.IGNORECASE)
_STREET = re.compile(
    r"\b\d{1,5}[a-z]?,? (?:[A-Z][\w'’.-]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Way|Court|Square|Close|Boulevard)\b\.?"
    r"(?:,? [A-Z][\w'’-]+)*(?:,? [A-Z0-9]{2,5} ?[A-Z0-9]{2,5})?"
    r"|\b[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|weg|gasse|platz|laan|straat)\s+\d{1,4}[a-z]?\b"
)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2} \d{5}(?:-\d{4})?\b")
_BIRTH = re.compile(r"\b(born (?:on|in)|birthday is|date of birth:?)\s+[\d./ -]*\d(?:\s*\w+\s*\d{2,4})?", re.IGNORECASE)


def without_personal_data(text: str) -> str:
    """The text without e-mail addresses, links, phone, card, account and order numbers, postal addresses, dates of birth, and names behind
    "my name is" and greetings. What stood there is left out; an order keeps its word."""
    for pattern in (_MAIL, _LINK, _IBAN, _CARD, _PHONE, _STREET, _POSTCODE):
        text = pattern.sub("", text)
    text = _ORDER.sub(r"\1", text)
    text = _BIRTH.sub(r"\1", text)
    text = _NAMED_LOW.sub("", text)
    text = _NAME.sub(lambda found: found[0] if found[3].split()[0] in _NO_NAMES else found[1], text)
    return re.sub(r"\s+([,.!?;:])", r"\1", re.sub(r"[ \t]{2,}", " ", text)).strip(" ,;:-")


_NO_NAMES = frozenset(
    "I The A An It This That We You Yes No Do Is Are Can Could Would What Which How Where Here There Looking Please Thanks Hello Hi".split()
)
