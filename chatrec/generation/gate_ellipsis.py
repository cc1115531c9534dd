"""What a clause leaves out because the one before it has said it: "[2] is waterproof, and so is [1]", "[1] isn't".

Such a clause has no word of its own to check, so it is judged with what it points back to put in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chatrec.generation.gate_lexicon import NEGATORS
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.gate_words import stems

_AUXILIARIES = frozenset(stems("is are was were be do does did has have can could will would"))
_POINTERS = frozenset(stems("so too also as well likewise either neither nor same goes true applies holds similarly"))
_IDLE = frozenset(stems("the other one for of to just like with on in"))
_WISHED = frozenset("asked wanted said mentioned needed wished".split())
_OF_A_WISH = frozenset(stems("you asked wanted said mentioned needed wished for have had to"))
_NAMING = frozenset(stems("it they this that these those both all"))
_SHOWING = frozenset(stems("would must might could the answer one here"))
_ANSWERS = frozenset({"yes", "no"})
# "Unlike [1], [3] needs batteries" says of [1] that it does not.
_UNLIKE = re.compile(r"^unlike (\[\d{1,2}\]),? (\[\d{1,2}\])([^.!?,;\[\]]*)", re.IGNORECASE)
# "14 h against 7 h for [2]", "900 g, against [2]'s 1200 g"
_FIGURE = r"(?P<figure>\d[\d.,]*(?: ?[A-Za-z°%]{1,12})?)"
_AGAINST = re.compile(rf",? (?:against|versus|vs|compared (?:with|to)) {_FIGURE} (?:for|of|with|in|on|from) (?P<other>\[\d{{1,2}}\])")
_AGAINST_OWN = re.compile(rf",? (?:against|versus|vs|compared (?:with|to)) (?P<other>\[\d{{1,2}}\])['’]s {_FIGURE}")
_ANSWER = re.compile(
    r"^(?:(?:it|they) (?:is|does|do|has|can|are), yes"
    r"|(?:it|there|they|you) (?:(?P<no>(?:is|does|do|has|can|are)(?:n't| not)|can't|cannot)|is|does|do|has|can|are)"
    r"|(?:sorry, )?(?:yes|(?P<no2>no))(?:, (?:it|you|they) (?:is|does|do|has|can|are|isn't|doesn't|don't|can't|cannot))?"
    r"|(?:i'?’?m|i am) afraid (?P<no3>not)|(?P<no4>better not))\s?[:,] (?=\[|the\b|its\b)",
    re.IGNORECASE,
)
_LINKS = frozenset({"from", "for", "with", "of", "in", "on"})
_DENYING = NEGATORS | {"neither", "nor"}


def answered(sentence: str) -> str:
    """ "It does: ...", "there isn't: ...", "sorry, no: ..." as the "yes, ..." or "no, ..." that it is."""
    found = _ANSWER.match(sentence)
    if not found:
        return sentence
    return f"{'No' if found['no'] or found['no2'] or found['no3'] or found['no4'] else 'Yes'}, {sentence[found.end() :]}"


def with_shared_units(tokens: Sequence[Token]) -> list[Token]:
    """ "40 hours from [1] and 18 from [2]": a bare figure beside a citation takes the unit of the figure before it."""
    found, unit = list(tokens), ""
    for i, token in enumerate(found):
        if token.kind is not Kind.NUMBER:
            continue
        if not token.unit and not token.money and unit:
            behind = found[i + 1 : i + 3]
            linked = len(behind) == 2 and behind[0].stem in _LINKS and behind[1].kind is Kind.CITE
            ends = found[i - 1].kind is Kind.CITE and (not behind or behind[0].kind in (Kind.BREAK, Kind.STRONG))
            found[i] = replace(token, unit=unit) if linked or ends else token
        unit = found[i].unit
    return found


def written_out(sentence: str) -> str | None:
    """The sentence with what its clauses leave out; ``None`` where a clause points back to nothing that is said here."""
    sentence = _AGAINST.sub(r"; \g<other> \g<figure>", _AGAINST_OWN.sub(r"; \g<other> \g<figure>", sentence))
    sentence = _UNLIKE.sub(r"\2\3, \1 not\3", sentence)
    clauses = _clauses(tokenise(sentence))
    pieces: list[str] = []
    end, predicate, changed = 0, "", False
    for place, clause in enumerate(clauses):
        if (len(clause) == 1 and clause[0].stem in _ANSWERS and not place) or all(t.kind is Kind.CITE for t in clause):
            continue  # "yes", and a bare citation, which shares what the next clause says
        if not _is_bare(clause):
            own, is_new = _predicate(sentence, clause)
            predicate = own if is_new or not predicate else ", ".join(filter(None, (predicate, own)))
            continue
        if not predicate and place == 1 and clauses[0][0].stem in _ANSWERS:
            continue  # "yes, it does: ..."
        if not predicate:  # "which one is it?" asks, and points back to nothing
            return sentence if sentence.rstrip().endswith("?") else None
        pieces += [sentence[end : clause[0].start], _completed(clause, predicate)]
        end, changed = clause[-1].end, True
    return "".join([*pieces, sentence[end:]]) if changed else sentence


def only_points(tokens: Sequence[Token]) -> bool:
    """Whether the sentence is no more than "that is [1]"."""
    words = [t for t in tokens if t.kind is not Kind.STRONG]
    cited = sum(t.kind is Kind.CITE for t in words)
    return cited == 1 and len(words) > 1 and all(_names_items(t) or t.stem in _AUXILIARIES | _SHOWING for t in words)


def _clauses(tokens: Sequence[Token]) -> list[list[Token]]:
    """Runs of tokens between breaks; "nor" and "neither" belong to what they deny."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind in (Kind.BREAK, Kind.STRONG):
            found.append([token] if token.stem == "nor" else [])
        else:
            found[-1].append(token)
    return [c for c in found if c]


def _is_bare(clause: Sequence[Token]) -> bool:
    """Whether the clause only names items and says "so", "too" or a bare verb of them."""
    if [t.stem for t in clause[:2]] == ["as", "for"] or clause[0].stem == "either":
        return False  # "as for [2], it weighs 900 g", "either [1], which ..., or [2]"
    words = [t for t in clause if not _names_items(t)]
    cites, pronouns = sum(t.kind is Kind.CITE for t in clause), sum(t.stem in _NAMING for t in clause)
    if pronouns > 1 or (pronouns and cites):
        return False  # "that would be [1]" tells which, nothing of it
    telling = {t.stem for t in words if t.stem in _AUXILIARIES | _POINTERS | _DENYING}
    return cites + pronouns > 0 and bool(telling) and all(t.stem in _AUXILIARIES | _POINTERS | _DENYING | _IDLE for t in words)


def _names_items(token: Token) -> bool:
    return token.kind is Kind.CITE or token.stem in _NAMING


def _predicate(sentence: str, clause: Sequence[Token]) -> tuple[str, bool]:
    """What the clause says behind its citation, or the whole of it where none opens it; and whether it names an item of its own."""
    cites = [i for i, t in enumerate(clause) if t.kind is Kind.CITE]
    if not cites and _WISHED & {t.text.lower() for t in clause[:4]} and any(t.stem == "you" for t in clause[:3]):
        said = [t for t in clause if t.stem not in _OF_A_WISH]  # "you asked for a red one, and [1] is"
        return (sentence[said[0].start : said[-1].end] if said else ""), False
    behind = bool(cites) and cites[0] < len(clause) - 1
    said = list(clause[cites[0] + 1 :]) if behind else [t for t in clause if t.kind is not Kind.CITE]
    return (sentence[said[0].start : said[-1].end] if said else ""), bool(cites)


def _completed(clause: Sequence[Token], predicate: str) -> str:
    """ "so is [1]" with "is waterproof" as "[1] is waterproof", "[1] isn't" as "[1] is not waterproof"."""
    items = " ".join(t.text for t in clause if _names_items(t))
    stemmed = {t.stem for t in clause}
    if stemmed & _DENYING:
        return f"{items} not {_affirmed(predicate)}"
    return f"{items} {predicate if stemmed & _POINTERS else _affirmed(predicate)}"


def _affirmed(predicate: str) -> str:
    """The predicate without its "not"."""
    kept, end = [], 0
    for token in tokenise(predicate):
        if token.stem in NEGATORS:
            kept.append(predicate[end : token.start])
            end = token.end
    return " ".join([*kept, predicate[end:]]).strip()
