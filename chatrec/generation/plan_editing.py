"""A model's sentence against the plan it carries out: a "but" that sets nothing off, a thing told twice, a clause or an adjective squeezed
into a row of verbs.

A small model tells what it is handed and joins it badly. Its joints are mended, what it told twice is told once, and a word or a bracket
that it copied badly stands as in the plan; nothing else is added, and the gate judges the edited sentence like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from chatrec.generation.agreement import is_plural
from chatrec.generation.content_plan import ContentPlan, ItemPlan
from chatrec.generation.copy_editing import edited
from chatrec.generation.drawbacks import speaks_against
from chatrec.generation.gate_words import stems
from chatrec.generation.joining import joined
from chatrec.generation.predicates import LISTED
from chatrec.generation.told import VERBS, is_told, marks
from chatrec.generation.verbs import word_classes

LEAST_ALIKE = 0.85
_LONG_WORD = re.compile(r"[^\W\d_]{6,}")
LEAST_WORDS = 2
"""A single word may be part of a list: "blue, yellow and red"."""
_CITE = re.compile(r"\[(\d{1,3})\]")
_BUT = re.compile(r"(?P<comma>,?) (?:but|yet|though|although) (?=[a-z])")
_NEXT_BUT = re.compile(r";|, but ")
_DENYING = re.compile(r"\b(?:not|no|only|never|without|cannot|except|unless)\b|n't\b")
_IT = re.compile(r"^(?:it's|it is|it|they're|they are|they|also|is|are) ")
_JOINT = re.compile(r"(,? (?:and|but|with)(?: it's| it is| it| they are| they're| they)?(?: also)? |, |; )")
_USES = r"(?P<uses>[\w -]+?(?:, [\w -]+?)*(?: and [\w -]+?)?)(?=,|;|\.| and (?:it|is|are|has|have|[a-z]+s)\b)"
_WISH = re.compile(rf"^For (?P<wish>[^,\[\]]+), \[(?P<n>\d{{1,3}})\] (?:is|are) for {_USES}")
_RANK_FIRST = re.compile(r"^The (?P<rank>[a-z]+est) is \[(?P<n>\d{1,3})\], which is (?P<rest>the .*)$")
_VERBS = "is|are|has|have|comes?|weighs?|holds?|costs?|runs?"
_FINITE = re.compile(rf"\b(?:{_VERBS}|it's|works?|fits?|measures?)\b")
_BENT = re.compile(r"\b(?:rated the (?:highest|lowest|best)|made of [\w -]+(?:, [\w -]+)*)$")
_BEING = frozenset({"is", "are", "it's"})
_OTHER_VERB = re.compile(
    r",? and (?!is\b|are\b|has been\b)(?:it )?(?:has|have|comes?|weighs?|holds?|costs?|runs?|fits?|gets|takes|needs)\b"
)
_HANGING = re.compile(r"\b(?:with|at|made|listed)\b")
_BRACKETS = re.compile(r" \([^)]*\)")
_CITED_FIRST = re.compile(r"^\[\d{1,3}\] ")
_KEPT_APART = re.compile(r";|\b(?:but|though|although|while|which|whereas|(?<!comes )(?<!come )with|its|their)\b")
_AND_IT = re.compile(r",? and (it's|it is|they're|they are|it|they) ")
_VERB_FIRST = re.compile(rf"(?:{_VERBS}|fits?|measures?|[a-z]+s)\b")
_TWO_ANDS = re.compile(r" and (?:is|are|has|weighs?|holds?)\b[^,;]* and (?:is|are|has|weighs?|holds?|comes?)\b")
_VERBS_APART = re.compile(rf"(?:, and |, | and )(?=(?:{_VERBS}|fits?|measures?)\b)")
_LAST_OF_ROW = re.compile(rf", (?=(?:{_VERBS}|the|rated|made)\b[^,;\[\]]*$)")
_AND_VERB = re.compile(r" and (?:it |they )?(?:is|are|has|have|[a-z]+s)\b")
_LAST_VERB = re.compile(rf", (?=(?:{_VERBS})\b[^,;\[\]]*$)")
_AFTER_THING = re.compile(rf"(, with (?:a|an|the|two|three|four|\d+)? ?[^,;.\[\]]+?) and (?=(?:{_VERBS})\b)")
_FILLING = frozenset(stems("well too also"))


def edited_to_plan(sentence: str, plan: ContentPlan) -> str:
    """The sentence with its joints mended; one without slips comes back as it is."""
    sentence = edited(sentence)
    plans = {p.item.n: p for p in plan.items}
    sentence = _AFTER_THING.sub(r"\1, and ", _uses_once(_many_first(sentence, plans), plans))
    return edited("".join(_stretch_edited(text, plans.get(n)) for n, text in _stretches(sentence, tuple(plans))))


def _stretches(sentence: str, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The sentence in pieces, each with the number of the item it speaks of: from one citation to the next."""
    places = [(m.start(), int(m[1])) for m in _CITE.finditer(sentence)]
    if not places:
        yield (numbers[0] if len(numbers) == 1 else 0), sentence
        return
    starts = [0, *(start for start, _ in places[1:]), len(sentence)]
    yield from ((n, sentence[start:end]) for (_, n), start, end in zip(places, starts, starts[1:], strict=False))


def _stretch_edited(text: str, plan: ItemPlan | None) -> str:
    if plan is None or plan.is_bare:
        return text
    text = _clause_apart(_told_once(_whole(_spelled(text, plan), plan)), plan)
    return _in_one_row(_closed(_plain_joints(_parallel(text, plan), plan)))


def _whole(text: str, plan: ItemPlan) -> str:
    """A part with what it holds in brackets: "on three AAA (not supplied)"."""
    for part in (p for p in plan.all_parts if "(" in p):
        bare = _BRACKETS.sub("", part)
        text = text.replace(bare, part) if part not in text and len(bare.split()) > 2 else text
    return text


def _in_one_row(text: str) -> str:
    """ "Is the cheapest, weighs 9 g and is made of tin" for "is the cheapest and weighs 9 g, and it's made of tin"."""
    found = _CITED_FIRST.match(text)
    if not found or not text.rstrip().endswith(".") or _KEPT_APART.search(text):
        return text
    first, *others = _AND_IT.split(text[found.end() :].rstrip()[:-1])
    row = _VERBS_APART.split(first)
    for pronoun, told in zip(others[::2], others[1::2], strict=True):
        head, *rest = _VERBS_APART.split(told)
        row += [head if pronoun in ("it", "they") else f"is {head}", *rest]
    if (
        not (others or _TWO_ANDS.search(text))
        or not all(_VERB_FIRST.match(part) for part in row)
        or any(part.startswith(LISTED) for part in row)
    ):
        return text
    return f"{found[0]}{joined(row)}.{text[len(text.rstrip()) :]}"


def _spelled(text: str, plan: ItemPlan) -> str:
    """Words that no dictionary holds as the plan spells them: a small model copies "dispeners" as "dispenters"."""
    known = {word for part in plan.all_parts for word in _LONG_WORD.findall(part)}

    def restored(found: re.Match[str]) -> str:
        word = found[0]
        if word in known or not known or word_classes(word.lower()) or word_classes(word.lower().rstrip("s")):
            return word
        return next(iter(get_close_matches(word, known, n=1, cutoff=LEAST_ALIKE)), word)

    return _LONG_WORD.sub(restored, text)


def _closed(text: str) -> str:
    """A row of verbs at the end of the sentence with its "and": what was cut off may have taken it away."""
    body = text.rstrip(". ")
    found = _LAST_VERB.search(body)
    if not found or not text.rstrip().endswith(".") or _AND_VERB.search(body[found.end() :]):
        return text
    return f"{body[: found.start()]}{', and ' if ' and ' in body else ' and '}{body[found.end() :]}{text[len(body) :]}"


def _plain_joints(text: str, plan: ItemPlan) -> str:
    """ "And" for each "but" that does not set off what speaks against the item."""
    for found in reversed(list(_BUT.finditer(text))):
        behind = text[found.end() :]
        said = _IT.sub("", _NEXT_BUT.split(behind)[0])
        against = (plan.drawback and is_told(plan.drawback, said)) or speaks_against(said.rstrip(" .,")) or _DENYING.search(said)
        if not against and text[: found.start()].strip():
            text = f"{text[: found.start()]}{found['comma']} and {behind}"
    return text


def _told_once(text: str) -> str:
    """Without a later segment that says nothing but what earlier ones have said: "made of steel, and it's made of steel as well"."""
    pieces = _JOINT.split(text)
    said = marks(pieces[0])
    for at in range(2, len(pieces), 2):
        segment = pieces[at].rstrip(" .")
        own = marks(segment) - VERBS - _FILLING
        if own and own <= said and len(segment.split()) >= LEAST_WORDS and not _DENYING.search(segment) and not _CITE.search(segment):
            pieces[at - 1] = pieces[at] = ""
        said |= marks(segment)
    kept = "".join(pieces)
    if kept == text:
        return text
    return f"{_with_and(kept.rstrip('. ,;'))}{text[len(text.rstrip('. ')) :]}"


def _with_and(text: str) -> str:
    """A row of verbs with an "and" before its last: "weighs 9 g, is red" as "weighs 9 g and is red"."""
    found = _LAST_OF_ROW.search(text)
    if not found or _AND_VERB.search(text[found.end() :]):
        return text
    last = text[found.end() :]
    return f"{text[: found.start()]}{', and ' if ' and ' in text else ' and '}{last}"


def _clause_apart(text: str, plan: ItemPlan) -> str:
    """A whole clause of the listing at the end, behind a semicolon rather than in a row of verbs; behind "but" where it speaks against
    the item."""
    clause, joint = (plan.drawback, ", but ") if plan.drawback else (plan.clause, "; ")
    if not clause:
        return text
    found = re.search(rf"(?:,? and|,? but|;|,) (?P<clause>{re.escape(clause)})(?P<end>(?:\.|, (?:while|and|whereas))?\s*)$", text)
    if not found or not text[: found.start()].strip() or ";" in text[: found.start()]:
        return text
    return f"{_with_and(text[: found.start()])}{joint}{found['clause']}{found['end']}"


def _parallel(text: str, plan: ItemPlan) -> str:
    """ "Comes in yellow, is longer and weighs 98 g" for "comes in yellow, longer and weighs 98 g"."""
    for part in plan.parts:
        core = part.removeprefix("is ")
        if core == part or core.startswith(("a ", "an ")):
            continue
        for found in re.finditer(rf"(?P<joint>, and |, | and ){re.escape(core)}(?=,|;|\.| and )", text):
            head = text[: found.start()]
            finite = list(_FINITE.finditer(head))
            in_row = found["joint"] != ", " or " and " in text[found.end() :]
            acts = bool(finite) and finite[-1][0] not in _BEING and not _HANGING.search(head[finite[-1].end() :])
            # "is the cheapest, sealed and weighs 9 g": a verb of another kind ends the row that "is" opened
            other = bool(finite) and bool(_OTHER_VERB.match(text[found.end() :]))
            acts = acts and not core.startswith("for ")
            # "rated the highest and the lightest", "made of polyester and for travel"
            bent = found["joint"] == " and " and bool(_BENT.search(head) if core.startswith(("the ", "for ")) else None)
            if bent or (in_row and (other or (acts and _follows_verb(text[found.end() :])))):
                return f"{head}{found['joint']}is {text[found.start() + len(found['joint']) :]}"
    return text


def _follows_verb(rest: str) -> bool:
    """Whether the row goes on with a verb, or ends."""
    return bool(re.match(r"\.|;|,? (?:and )?(?:is|are|has|have|[a-z]+s) ", rest))


def _many_first(sentence: str, plans: dict[int, ItemPlan]) -> str:
    """ "[1] are the cheapest and the lightest" for "the cheapest is [1], which are the lightest", where [1] is "liner gloves"."""
    found = _RANK_FIRST.match(sentence)
    plan = plans.get(int(found["n"])) if found else None
    if not found or plan is None or not is_plural(plan.item.name):
        return sentence
    return f"[{found['n']}] is the {found['rank']} and {found['rest'].replace(' and made of ', ', and is made of ')}"


def _uses_once(sentence: str, plans: dict[int, ItemPlan]) -> str:
    """ "[1] is for paddling and hiking" for "For paddling, [1] is for hiking"."""
    found = _WISH.match(sentence)
    plan = plans.get(int(found["n"])) if found else None
    part = next((p for p in plan.parts if p.startswith("is for ")), "") if plan else ""
    if not found or not part:
        return sentence
    known = set(stems(part))
    whole = set(stems(found["wish"])) <= known and set(stems(found["uses"])) <= known
    return f"[{found['n']}] {part}{sentence[found.end() :]}" if whole else sentence
