"""What the template writer says as it stands: notes, fixed wordings, quotations, policy sentences."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.gate_words import content_stems
from chatrec.generation.predicates import clause_text, is_statement, listed, sentence_case, tell
from chatrec.generation.rendering import harmless, inert
from chatrec.generation.sentences import split_sentences
from chatrec.generation.template_words import SAYINGS, WAYS_OUT

MOST_POLICY_SENTENCES = 4
_COUNTED = re.compile(r"(?P<what>.+?):\s*(?P<count>\d+)")


def is_topic(note: Fact) -> bool:
    """Whether a note only names the kind of small talk ("topic greet")."""
    return note.name == "topic" or note.text.startswith("topic ")


def pick(choices: Sequence[str], evidence: Evidence, turn: int = 0) -> str:
    """One of ``choices`` by a digest of the evidence; ``turn`` walks on through them, so that neighbours differ."""
    return choices[(place_in(choices, evidence) + turn) % len(choices)]


def place_in(choices: Sequence[str], evidence: Evidence) -> int:
    """The place of the wording that a digest of the evidence chooses."""
    seed = f"{evidence.act}|{evidence.shopper}|{[i.item_id for i in evidence.items]}"
    return int.from_bytes(hashlib.blake2b(seed.encode(errors="replace"), digest_size=4).digest()) % len(choices)


def count_words(number: int) -> str:
    """A small number in words."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else str(number)


def note_text(note: Fact) -> str:
    """A note as a sentence; a count as "there are 7"."""
    text = inert(note.text)  # a value of the catalogue or of the shopper may stand in it
    counted = _COUNTED.fullmatch(text)
    if counted and not note.cites:
        return sentence_case(f"{counted['what']} there {'is' if counted['count'] == '1' else 'are'} {counted['count']}")
    return sentence_case(text)


def quoted(item: EvidenceItem, facts: Sequence[Fact] | None = None) -> Iterator[str]:
    """The listing's own words about an item, and those of reviewers, named as such."""
    for fact in item.facts if facts is None else facts:
        if is_statement(fact):
            yield f"With [{item.n}], {clause_text(fact)}."
        elif fact.kind is FactKind.DESCRIPTION and not tell(fact):
            yield f"The listing of [{item.n}] says: {fact.text.rstrip(' .,;:')}."
        elif fact.kind is FactKind.OPINION:
            yield f"Reviewers of [{item.n}] say: {fact.text.rstrip('.')}."


def verbatim(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """What code wrote for this turn, as it stands."""
    said = bool(evidence.items)
    for fact in (*evidence.passages, *evidence.notes):
        if not is_topic(fact):
            said = True
            text = f"{sentence_case(fact.name)[:-1]}: {harmless(fact.text)}" if fact.kind is FactKind.ORDER else inert(fact.text)
            text = harmless(fact.text) if fact.kind is FactKind.TOOL else text  # a tool's words are data: no citation is theirs to make
            whole = fact.name == "language" or text.rstrip().endswith("?")  # other languages end their sentences in their own way
            yield (text if whole else sentence_case(text)), True
    if not said or evidence.act == "hand_off":
        yield saying(evidence), True


def saying(evidence: Evidence) -> str:
    """The fixed wording for the note's topic, else for the act, else what the assistant can do."""
    topics = [re.sub(r"^topic:?\s+", "", note.text).strip() for note in evidence.notes if is_topic(note)]
    known = next((t for t in (*topics, evidence.act) if t in SAYINGS), "capability")
    return pick(SAYINGS[known], evidence)


def policy_sentences(evidence: Evidence) -> list[str]:
    """The sentences of the passages that answer the question, in their own words and order, each with its citation.

    Which answer is told by the question's content words; a passage that holds none of them answers with its opening, and only the
    best passage may.
    """
    asked = set(content_stems(evidence.shopper))
    told = [(n, text) for n, passage in enumerate(evidence.passages, start=1) for text in split_sentences(passage.text)]
    if len(told) <= MOST_POLICY_SENTENCES:  # search cut them to what answers; what speaks of most of the question comes first
        ordered = sorted(told, key=lambda pair: -len(asked & set(content_stems(pair[1]))))
        return [_cited(n, text) for n, text in ordered] or [pick(SAYINGS["policy"], evidence)]
    hits = [len(asked & set(content_stems(text))) for _, text in told]
    best = max(hits, default=0)
    chosen = [pair for pair, hit in zip(told, hits, strict=True) if hit == best and best > 0][:MOST_POLICY_SENTENCES]
    if len(chosen) < 2:
        first = chosen[0] if chosen else (1, "")
        chosen = [pair for pair in told if pair in chosen or (pair[0] == first[0] and told.index(pair) >= _place(told, first))][:2]
    found = [_cited(n, text) for n, text in chosen]
    return found or [pick(SAYINGS["policy"], evidence)]


def _place(told: Sequence[tuple[int, str]], first: tuple[int, str]) -> int:
    return told.index(first) if first in told else 0


def small_talk(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """A fixed wording claims nothing of any item, so code vouches for it; notes beside it are judged."""
    words, items = saying(evidence), [f"[{item.n}]" for item in evidence.items]
    liked = "you like [n]" in words  # all that is liked, and one that is chosen
    yield words.replace("[n]", listed(items if liked else items[:1]) if items else "that"), True
    yield from ((note_text(note), False) for note in evidence.notes if not is_topic(note))


def nothing(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """That nothing matches, then the ways out with their counts, which code computed."""
    if not any("nothing" in note.text.lower() for note in evidence.notes):
        yield pick(SAYINGS["nothing"], evidence), True
    nearest = [note for note in evidence.notes if note.name == "alternative"]
    counted = [(note, _COUNTED.fullmatch(note.text.strip())) for note in evidence.notes if not is_topic(note) and note not in nearest]
    yield from ((note_text(note), note.source == "turn") for note, found in counted if not found)
    ways = [f"{harmless(found['what'])}: {found['count']}" for _, found in counted if found]
    if ways:
        yield f"{pick(WAYS_OUT, evidence)} ({'; '.join(ways)}).", True
    yield from ((note_text(note), note.source == "turn") for note in nearest)


def _cited(n: int, text: str) -> str:
    """ "Returns are free [1]." """
    return re.sub(r"\s*([.!?]*)$", rf" [{n}]\1", text, count=1)
