"""Every figure in an answer must stand in the record or the passage that it cites: checked by code that knows nothing of the gate."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from chatrec.bot import ChatRec
from chatrec.domain.facts import Passage
from chatrec.domain.item import Item
from chatrec.domain.reply import Done
from chatrec.evaluation.audit import evidence_ids

_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")
_CITATION = re.compile(r"\[\d{1,2}\]")
SHOWN = 3
ANSWERING = frozenset({"shop_answer", "item_answer", "decline", "say", "hand_off"})
# What shoppers ask of any item, by the property that answers; a record without it must be said not to tell.
ITEM_QUESTIONS: Mapping[str, str] = {
    "weight": "how heavy is the {nth}?",
    "material": "what is the {nth} made of?",
    "waterproof": "is the {nth} waterproof?",
    "capacity": "how many litres does the {nth} hold?",
    "warranty": "how long is the warranty of the {nth}?",
    "length": "how long is the {nth}?",
    "machine washable": "can I machine-wash the {nth}?",
    "lumens": "how many lumens does the {nth} have?",
    "persons": "how many people is the {nth} for?",
    "max load": "can the {nth} carry a person of 90 kg?",
    "comfort temp": "is the {nth} warm enough for 5 degrees?",
    "screen size": "how big is the screen of the {nth}?",
}
_NTH = ("first", "second", "third")
SILENT = re.compile(r"\b(?:does|do) not (?:say|give|mention|tell)\b|\bnot (?:say|give) whether\b", re.IGNORECASE)


@dataclass(slots=True)
class Answers:
    """Counts over replies. ``told``: properties with a figure in the record, of which ``right`` were told with that figure; ``untold``:
    properties that the record lacks, of which ``silent`` were said to be lacking."""

    replies: int = 0
    numbers: int = 0
    wrong: int = 0
    told: list[bool] = field(default_factory=list)
    silent: list[bool] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def numbers_in(text: str) -> set[Decimal]:
    """The figures of a text by value: "1,500", "1500" and "1500.00" are one; citations are none."""
    found = set()
    for match in _NUMBER.finditer(_CITATION.sub(" ", text)):
        try:
            found.add(abs(Decimal(match[0].replace(",", ""))).normalize())
        except InvalidOperation:
            continue
    return found


def record_numbers(item: Item) -> set[Decimal]:
    """The figures of a record, wherever they stand."""
    attributes = [f"{a.name} {a.number if a.number is not None else ''} {' '.join(a.values)}" for a in item.attributes]
    options = [value for values in item.options().values() for value in values]
    core = [item.title, item.description, item.category, item.brand, *attributes, *options]
    core += [str(v) for v in (item.price, item.rating, item.n_ratings, item.stock) if v is not None]
    core += [str(v.price) for v in item.variants if v.price is not None]
    return numbers_in(" ; ".join(core))


def untraced(done: Done, bot: ChatRec, passages: Mapping[str, Passage]) -> set[Decimal]:
    """Figures of a reply that stand neither in the records and passages that it cites nor in the shopper's own words."""
    known = numbers_in(done.receipt.message)
    for item_id in evidence_ids(done.receipt):
        known |= record_numbers(bot.live_item(item_id))
    for evidence in done.receipt.evidence:
        for cited in evidence["passages"]:
            passage = passages.get(cited["source"])
            known |= numbers_in(f"{passage.topic} {passage.text}") if passage else set()
    return numbers_in(done.text) - known


def audit_policies(bot: ChatRec, asked: Sequence[str], passages: Mapping[str, Passage]) -> Answers:
    """Each question put to the bot in a session of its own."""
    answers = Answers()
    for question in asked:
        _judge(_turn(bot, question), bot, passages, answers)
    return answers


def audit_items(bot: ChatRec, n_dialogues: int, seed: int, passages: Mapping[str, Passage]) -> Answers:
    """Questions about the first three items of lists that the shop shows, over ``n_dialogues`` kinds of things."""
    answers = Answers()
    kinds = sorted({i.category for i in bot.items() if i.category})
    chosen = random.Random(seed).sample(kinds, min(n_dialogues, len(kinds)))
    for number, kind in enumerate(chosen):
        session = f"knowledge-{secrets.token_hex(8)}"
        first = _turn(bot, f"show me {kind}", session)
        shown = [i for row in first.receipt.shown for i in [str(row.get("item_id", ""))] if i][:SHOWN]
        for place, (name, words) in _asked(number, len(shown)):
            done = _turn(bot, words, session)
            _judge(done, bot, passages, answers)
            if evidence_ids(done.receipt) == {shown[place]}:
                _judge_property(done, name, bot.live_item(shown[place]), answers)
    return answers


def _asked(number: int, shown: int) -> Iterator[tuple[int, tuple[str, str]]]:
    """Four of the questions, walking on through them from dialogue to dialogue, each about another of the items shown."""
    listed = list(ITEM_QUESTIONS.items())
    for turn in range(4 if shown else 0):
        name, words = listed[(4 * number + turn) % len(listed)]
        place = turn % shown
        yield place, (name, words.format(nth=_NTH[place]))


def _turn(bot: ChatRec, message: str, session: str = "") -> Done:
    done = [e for e in bot.reply(session or f"knowledge-{secrets.token_hex(8)}", message) if isinstance(e, Done)][-1]
    return done


def _judge(done: Done, bot: ChatRec, passages: Mapping[str, Passage], answers: Answers) -> None:
    if not {a["kind"] for a in done.receipt.acts} <= ANSWERING:
        return  # a message that was read as a wish is answered by a list, which the grounding audit judges
    answers.replies += 1
    answers.numbers += len(numbers_in(done.text))
    if wrong := untraced(done, bot, passages):
        answers.wrong += len(wrong)
        answers.problems.append(f"'{done.receipt.message}': {sorted(map(str, wrong))} in '{done.text}' stand in nothing that is cited")


def _judge_property(done: Done, name: str, item: Item, answers: Answers) -> None:
    attribute = item.attribute(name)
    if attribute is not None and attribute.number is not None:
        told = abs(Decimal(str(attribute.number))).normalize() in numbers_in(done.text)
        answers.told.append(told)
        if not told:
            answers.problems.append(f"'{done.receipt.message}' of {item.item_id}: '{done.text}' does not tell {name} {attribute.number}")
    elif attribute is None and name not in _mentioned(item):
        answers.silent.append(bool(SILENT.search(done.text)))
        if not answers.silent[-1]:
            answers.problems.append(f"'{done.receipt.message}' of {item.item_id}: '{done.text}' though no {name} is listed")


def _mentioned(item: Item) -> str:
    """All words of a record: what stands anywhere in it may be told."""
    attributes = " ".join(f"{a.name} {' '.join(a.values)}" for a in item.attributes)
    return f"{item.title} {item.description} {attributes}".casefold()
