"""The checks that a training reply must pass: the sentence gate itself, the citations, and that it says something new."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chatrec.domain.facts import Evidence
from chatrec.generation.gate import SentenceGate

_GATE = SentenceGate()
_CITE = re.compile(r"\[(\d+)\]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\[A-Z\"'])")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
MOST_SENTENCES = 5
# What these say, they may say to several shoppers.
_TALK = frozenset({"say", "item_answer", "decline", "hand_off", "ask", "shop_answer", "order_status"})
_TELLING = frozenset({"recommend", "compare", "item_answer", "explain"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A reply with what it may say."""

    evidence: Evidence
    reply: str


def sentences(reply: str) -> list[str]:
    """The reply cut after full stops, question and exclamation marks."""
    return [s for s in _SENTENCE.split(reply.strip()) if s]


def refusal(checked: Checked) -> str:
    """Why this reply must not be learnt from; "" when it may."""
    return _citations(checked) or _shape(checked.reply) or _gate(checked)


def _citations(checked: Checked) -> str:
    cited = [int(n) for n in _CITE.findall(checked.reply)]
    wanted = [item.n for item in checked.evidence.items]
    if wanted and checked.evidence.act not in _TELLING and not cited:
        return ""  # small talk and counts may leave an item unnamed
    if wanted:
        return "" if sorted(cited) == wanted else "citations"
    passages = len(checked.evidence.passages)
    if not passages:
        return "citations" if cited else ""
    return "" if cited and max(cited) <= passages else "citations"


def _shape(reply: str) -> str:
    if not 1 <= len(sentences(reply)) <= MOST_SENTENCES:
        return "sentences"
    if re.search(r"\{|\}|  | ,|\.\.|\ba (?:a|an|the) |\b(\w+) \1\b", reply):
        return "form"
    return "" if reply[-1] in ".!?" else "form"


def _gate(checked: Checked) -> str:
    previous: tuple[int, ...] = ()
    for sentence in sentences(checked.reply):
        verdict = _GATE.judge(sentence, checked.evidence, previous)
        if not verdict.ok:
            return f"gate: {verdict.reason}"
        previous = verdict.cites or previous
    return ""


@dataclass(slots=True)
class Novelty:
    """Remembers what was said, figures aside, to leave out near-duplicates."""

    seen: set[str] = field(default_factory=set)

    def is_new(self, act: str, shopper: str, reply: str) -> bool:
        """Whether no earlier reply of this act said the same but for its figures; remembers it."""
        said = " ".join(
            sorted(set(_FIGURE.sub("0", reply.lower()).replace(".", " ").replace(",", " ").split()))
        )  # the same words in another order are no new reply
        key = f"{act}|{_FIGURE.sub('0', shopper.lower().strip(' .!?:)'))}|{said}" if act in _TALK else f"{act}|{said}"
        if key in self.seen:
            return False
        self.seen.add(key)
        return True
