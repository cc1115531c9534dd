"""Training dialogues about one to three items that the shopper asks a question about: yes, no, a figure, or "the listing does not say"."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Item
from chatrec.generation.evidence import RecordEvidence, formed_fact
from chatrec.tuning.drafts import Draft
from chatrec.tuning.invented import Kind, invent_items, kinds_of
from chatrec.tuning.phrasing import Phrase, also_after_is, figure, is_adjective, listed, lowered, phrase, with_article
from chatrec.tuning.phrasing_moulds import draw_voice, mould_file, pick
from chatrec.tuning.shopper_phrases import spoilt

_SUBJECT = re.compile(
    r"(?:the |its |an? )?([A-Za-z]+(?: [a-z]+)?) (?:is|are|stays|gets|has|runs|lasts|turns|folds|holds|closes|serves|fit|get|feels|needs)\b"
)


def draft_item_answer(split: str, rng: random.Random) -> Draft | None:
    """One question about items that were shown."""
    kind = rng.choice(kinds_of(split))
    roll = rng.random()
    if roll < 0.22:
        return _unsaid(kind, split, rng)
    if roll < 0.36:
        return _several(kind, split, rng)
    return _one(kind, split, rng)


def _one(kind: Kind, split: str, rng: random.Random) -> Draft | None:
    item = invent_items(kind, 1, rng)[0]
    formed = (formed_fact(f, item, "item_answer") for f in typed_facts(item) if f.kind in (FactKind.ATTRIBUTE, FactKind.DESCRIPTION))
    facts = [f for f in formed if f is not None and f.source != "title"]
    if not facts:
        return None
    fact = rng.choice(facts)
    if fact.kind is FactKind.ATTRIBUTE and fact.value not in ("yes", "no") and fact.name != "features" and rng.random() < 0.4:
        fact = next((f for f in facts if f.value in ("yes", "no") or f.name == "features"), fact)
    return answered(item, fact, facts, kind.name, split, rng)


def answered(item: Item, fact: Fact, facts: Sequence[Fact], domain: str, split: str, rng: random.Random) -> Draft | None:
    """A question that this fact of the item answers, and the answer; now and then with a second fact."""
    told = phrase(fact)
    group, question = _question(fact, rng)
    if not question:
        return None
    others = [p for f in facts if f.text != fact.text and f.kind is FactKind.ATTRIBUTE and (p := phrase(f)) is not None and p.does]
    second = rng.choice(others) if others and rng.random() < 0.4 else None
    if told is None:
        group, told = "quoted", Phrase(fact, clause=fact.text)
    if group == "clause" and not told.clause:
        group = "predicate"
    group = f"{group}_more" if second and group in ("yes", "no", "number") else group
    voice = draw_voice(rng)
    mould, reply = _said(group, fact, told, second, split, rng, voice)
    given = [fact] + ([second.fact] if second and group.endswith("_more") else [])
    if rng.random() < 0.5:
        given.insert(0, typed_facts(item)[0])
    evidence = RecordEvidence().build("item_answer", spoilt(question, rng), items=[(item, given)])
    return Draft(evidence, reply, "item_answer", domain, f"answer:{mould}", voice) if mould else None


def _said(group: str, fact: Fact, told: Phrase, second: Phrase | None, split: str, rng: random.Random, voice: str) -> tuple[str, str]:
    """The id of a plan of this group, and the plan in words; two empty strings where none fits."""
    cited = _cited(told.clause) if told.clause else ""
    values = {
        "p": told.does,
        "w": told.has,
        "p2": second.does if second else "",
        "name": fact.name if not fact.name.endswith(("s", "teeth")) and fact.name != "year" else "",
        "v": figure(fact) if fact.number is not None else fact.value if "," not in fact.value else "",
        "s": told.clause,
        "Sn": cited,
        "sn": lowered(cited),
        "Aux": "It is" if told.does.startswith("is ") else "It does",
    }
    if not told.does and told.clause and group.partition("_")[0] in ("number", "word"):
        values["p"] = ""
    mould = pick("answers", group, split, rng, values, voice)
    return (mould.id, also_after_is(mould.fill(values))) if mould else ("", "")


def _cited(clause: str) -> str:
    """The clause as a sentence about [1]: "the handle of [1] stays cool"; "" where its subject cannot be found."""
    found = _SUBJECT.match(clause)
    if not found:
        return ""
    place = found.end(1)
    return clause[:1].upper() + clause[1:place] + " of [1]" + clause[place:]


def _question(fact: Fact, rng: random.Random) -> tuple[str, str]:
    """The group of plans that answers, and a question that this fact answers."""
    asked = mould_file("answers")["questions"]
    if fact.kind is FactKind.DESCRIPTION:
        found = _SUBJECT.match(fact.text[:1].lower() + fact.text[1:])
        if not found:
            return "clause", rng.choice(asked["open"])
        return "clause", rng.choice(asked["clause"]).format(x=f"the {found[1].lower()}")
    if fact.number is not None:
        group = fact.name if fact.name in asked else "count" if not fact.unit and fact.name.endswith("s") else "number"
        return "number", rng.choice(asked[group] + (asked["number"] if group != "count" else [])).format(name=fact.name)
    if fact.name == "features":
        return "yes", rng.choice(asked["yes_noun"]).format(x=with_article(fact.value))
    if fact.value in ("yes", "no"):
        adjective = is_adjective(fact.name)
        text = rng.choice(asked["yes_adjective" if adjective else "yes_noun"]).format(x=fact.name if adjective else with_article(fact.name))
        return fact.value, text
    return "word", rng.choice(asked.get(fact.name, asked["word"])).format(name=fact.name)


def whether(question: str) -> str:
    """The question as it stands after "does not say": "is it loud?" gives "whether it is loud"; "" where it cannot be turned."""
    text = question.strip(" ?").lower()
    for pattern, turned in (
        (r"(?:is|are) (it|they|the [a-z ]+?|spare [a-z]+|bolts [a-z ]+|calories) (.+)", "whether {0} {v} {1}"),
        (r"(?:do|does) (it|they|the \w+|lids) (.+)", "whether {0} {1}"),
        (r"(?:can|could) (.+?) (\w.+)", "whether {0} can {1}"),
        (r"(?:is|are) there (.+)", "whether there {v} {0}"),
        (r"how (\w+) (?:is|are) (it|they)(.*)", "how {0} {1} {v}{2}"),
        (r"(where|when|which [a-z ]+?) (?:is|do) (it|they) ?(.*)", "{0} {1} {v} {2}"),
    ):
        found = re.fullmatch(pattern, text)
        if found:
            return _turned(text, turned, [g or "" for g in found.groups()])
    return ""


def _turned(text: str, turned: str, groups: list[str]) -> str:
    verb = "is" if re.search(r"\bis\b", text) else "are" if re.search(r"\bare\b", text) else ""
    if turned.startswith("whether {0} {1}"):
        head, _, rest = groups[1].partition(" ")
        if groups[0] not in ("they", "lids"):
            head = {"have": "has", "do": "does"}.get(head, head + ("es" if head.endswith(("s", "x", "ch")) else "s"))
        groups = [groups[0], f"{head} {rest}".strip()]
    if re.search(r"\bi\b", groups[0]):
        groups[0] = re.sub(r"\bi\b", "you", groups[0])
    words = turned.format(*groups, v=verb)
    return re.sub(r"\s+", " ", words).replace(" my ", " your ").strip()


def _unsaid(kind: Kind, split: str, rng: random.Random) -> Draft | None:
    """A question that the record is silent about."""
    item = invent_items(kind, 1, rng)[0]
    absent = [f for f in kind.flags if item.attribute(f) is None]
    if absent and rng.random() < 0.6:
        flag = rng.choice(absent)
        question = f"is it {flag}?" if is_adjective(flag) else f"does it have {with_article(flag)}?"
    else:
        question = rng.choice(kind.unknown)
    turned = whether(question)
    voice = draw_voice(rng)
    mould = pick("answers", "unsaid", split, rng, {"whether": turned}, voice)
    note = Fact(FactKind.COMPUTED, "silent", "the listing of [1] does not say", cites=(1,), source="turn")
    evidence = RecordEvidence().build("item_answer", spoilt(question, rng), items=[(item, ())], notes=[note])
    return Draft(evidence, mould.fill({"whether": turned}), "item_answer", kind.name, f"answer:{mould.id}", voice) if mould else None


def _several(kind: Kind, split: str, rng: random.Random) -> Draft | None:
    """One question about two or three items; each record says yes, no, or nothing."""
    if not kind.flags:
        return None
    flag = rng.choice(kind.flags)
    items = invent_items(kind, rng.choice((2, 3)), rng)
    outcomes = [_outcome(item, flag) for item in items]
    said = [n for n, o in enumerate(outcomes, 1) if o]
    if not said:
        return None
    question = f"are they {flag}?" if is_adjective(flag) else f"do they have {with_article(flag)}?"
    question = rng.choice((question, f"which of them {'is ' + flag if is_adjective(flag) else 'has ' + with_article(flag)}?"))
    silent = [n for n, o in enumerate(outcomes, 1) if not o]
    notes = [Fact(FactKind.COMPUTED, "silent", f"the listing of [{n}] does not say", cites=(n,), source="turn") for n in silent]
    found = [(item, [f for f in typed_facts(item) if f.name == flag]) for item in items]
    evidence = RecordEvidence().build("item_answer", spoilt(question, rng), items=found, notes=notes)
    reply, mould = _tell(flag, outcomes, rng)
    return Draft(evidence, reply, "item_answer", kind.name, mould) if (mould.endswith("4") == (split == "held_out")) else None


def _outcome(item: Item, flag: str) -> str:
    attribute = item.attribute(flag)
    return attribute.values[0] if attribute else ""


def _cites(numbers: Sequence[int]) -> str:
    return listed([f"[{n}]" for n in numbers])


def _tell(flag: str, outcomes: Sequence[str], rng: random.Random) -> tuple[str, str]:
    groups = {value: [n for n, o in enumerate(outcomes, 1) if o == value] for value in ("yes", "no", "")}
    adjective, thing = is_adjective(flag), with_article(flag)
    parts = []
    for value in ("yes", "no"):
        numbers = groups[value]
        if numbers:
            verb = ("is" if len(numbers) == 1 else "are") if adjective else ("has" if len(numbers) == 1 else "have")
            rest = (flag if value == "yes" else f"not {flag}") if adjective else (thing if value == "yes" else f"no {flag}")
            parts.append(f"{_cites(numbers)} {verb} {rest}")
    silence = f"the listing of {_cites(groups[''])} does not say" if groups[""] else ""
    plan = rng.randrange(5)
    told = (", ", ". ", "; ", ", but ", ", and ")[plan].join(parts)
    if not silence:
        return f"{told}.", f"answer:several/{plan}"
    tails = (
        f". {silence[0].upper()}{silence[1:]}.",
        f"; {silence}.",
        f", and {silence}.",
        f"; {silence}, sorry.",
        f". As for the rest, {silence}.",
    )
    return told + tails[plan], f"answer:several/{plan}"
