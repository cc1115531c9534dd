"""Facts in the form in which they can be said of their item, and what an item's own name is made of."""

from __future__ import annotations

import re
from dataclasses import replace

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.plain import plain
from chatrec.generation.clause_forms import clause_form
from chatrec.generation.gate_words import stems
from chatrec.generation.item_names import without_maker
from chatrec.generation.predicates import PREDICATE, STATEMENT, TITLE_SOURCE
from chatrec.generation.verbs import is_singular_verb

LEAST_CLAUSE_WORDS = 3
LEAST_JOINED = 6  # letters: a shorter word is found in many a run of letters
MOST_FACT_CHARS = 160
# Where the name of a thing ends in a long title.
_NAME_END = re.compile(r"[,(:;|]|\s[-–—]\s|\s(?:with|for|in|of|by)\s", re.IGNORECASE)
# A wire kit is wire, a pack of socks is socks.
_GROUPS = frozenset("kit kits set sets pack packs pair pairs assortment bundle combo system".split())
_TITLE_WORD = re.compile(r"[^\W\d_]{4,}", re.UNICODE)


def formed_fact(fact: Fact, item: Item, act: str) -> Fact | None:
    """The fact in the form in which it can be said; ``None`` for a torn clause, unless a question asks for it (it is then quoted)."""
    text = plain(fact.text, MOST_FACT_CHARS)
    if fact.kind is not FactKind.DESCRIPTION or fact.source == TITLE_SOURCE or fact.name != "description":
        return fact if text == fact.text else replace(fact, text=text)
    text = _without_name(text, item)
    form = clause_form(text, frozenset(stems(f"{item.title} {item.category}")), frozenset(stems(item.brand)), _heads(item))
    if form is None:
        return replace(fact, text=text) if act == "item_answer" else None
    return replace(fact, name=PREDICATE if form.is_predicate else STATEMENT, text=form.text)


def _heads(item: Item) -> frozenset[str]:
    """The stems of the words that say what the item is: the last of its title's name, and of each kind its category names."""
    name = _NAME_END.split(without_maker(item.title))[0]
    lasts = list[str]()
    for kind in (name, *re.split(r"\s*(?:&|,|/|\band\b)\s*", item.category)):
        words = [w for w in re.findall(r"[^\W\d_]{2,}", kind) if not w.isupper()]
        lasts += words[-2:] if words and words[-1].lower() in _GROUPS else words[-1:]
    return frozenset(stem for last in lasts for stem in stems(last))


def spells_name(text: str, item: Item) -> bool:
    """Whether a text spells a word of the item's own name, which code alone may write."""
    own = _own_words(item)
    return any(word in own for word in _TITLE_WORD.findall(text))


def _own_words(item: Item) -> frozenset[str]:
    """The capitalised words of a title that its category and values do not explain: the product's own name."""
    common = set(stems(" ".join((item.category, *(v for a in item.attributes for v in a.values)))))
    return frozenset(w for w in _TITLE_WORD.findall(item.title) if w[0].isupper() and not set(stems(w)) & common)


def _without_name(text: str, item: Item) -> str:
    """ "The Brae stands in wind" as "stands in wind": the name at the head of a clause is its subject and goes without saying."""
    words = text.split()
    place = 1 if words and words[0].lower() == "the" else 0
    start = place
    own = _own_words(item)
    while place < len(words) and (words[place] in own or _is_run_together(words[place], item)):
        place += 1
    is_subject = place > start and len(words) - place >= LEAST_CLAUSE_WORDS and is_singular_verb(words[place])
    return " ".join(words[place:]) if is_subject else text


def _is_run_together(word: str, item: Item) -> bool:
    """Whether a capitalised word is two of the title written as one: "BrightKettle" for "Bright Kettle"."""
    return word[:1].isupper() and len(word) >= LEAST_JOINED and word.lower() in item.title.lower().replace(" ", "")
