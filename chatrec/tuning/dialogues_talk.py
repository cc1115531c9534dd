"""Training dialogues without products: small talk, refusals, shop policies, and searches that match nothing."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

from chatrec.catalog.facts import typed_facts
from chatrec.dialogue.wording import constraint_words
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.need import Constraint, Op
from chatrec.generation.evidence import RecordEvidence
from chatrec.tuning.dialogues_products import Draft, predicate, spoilt
from chatrec.tuning.invented import invent_items, kinds_of
from chatrec.tuning.phrasing_moulds import mould_file, of_split

HELD_OUT_TOPICS = frozenset({"Gift wrapping", "Exchanges", "Repairs"})
_CITED = re.compile(r" ?\[(\d)\]")
_RELAXED = ("without the brand", "without the colour", "without {x}", "up to ${n} more", "in another size", "without the price limit")


def _note(name: str, text: str) -> Fact:
    return Fact(FactKind.COMPUTED, name, text, source="turn")


def _of_split(texts: list[str], split: str) -> list[tuple[int, str]]:
    return [(n, texts[n]) for n in of_split(len(texts), split)]


def draft_say(split: str, rng: random.Random) -> Draft | None:
    """Greeting, thanks, farewell and the like; a third is about an item that was chosen or liked."""
    return _held(split, rng) if rng.random() < 0.35 else _topic("say", split, rng)


def _held(split: str, rng: random.Random) -> Draft | None:
    topics = mould_file("talk")["held"]
    topic = rng.choice(sorted(topics))
    place, reply = rng.choice(_of_split(topics[topic]["reply"], split))
    kind = rng.choice(kinds_of(split))
    items = invent_items(kind, 1, rng)
    evidence = RecordEvidence().build("say", spoilt(rng.choice(topics[topic]["shopper"]), rng), items=[(i, typed_facts(i)) for i in items])
    evidence = replace(evidence, notes=(_note("topic", f"topic {topic}"),))
    told, _ = predicate(evidence.items[0], evidence, rng, rng.choice((1, 2)))
    if not told:
        return None
    return Draft(evidence, reply.replace("{p}", told), "say", kind.name, f"say:{topic}/{place}")


def draft_decline(split: str, rng: random.Random) -> Draft | None:
    """Out of scope, a discount, or an attempt to get at the prompt."""
    return _topic("decline", split, rng)


def _topic(act: str, split: str, rng: random.Random) -> Draft | None:
    topics = mould_file("talk")[act]
    topic = rng.choice(sorted(topics))
    place, reply = rng.choice(_of_split(topics[topic]["reply"], split))
    shopper = spoilt(rng.choice(_of_split(topics[topic]["shopper"], split))[1], rng)
    noted = "scope" if act == "decline" and topic != "policy" else topic
    evidence = Evidence(act, shopper, notes=(_note("topic", f"topic {noted}"),))
    return Draft(evidence, reply, act, f"talk {topic}", f"{act}:{topic}/{place}")


def draft_shop_answer(split: str, rng: random.Random) -> Draft | None:
    """A question about the shop, with the passages that answer it and now and then one that does not."""
    policies = [p for p in mould_file("policies") if (p["passages"][0].split(":")[0] in HELD_OUT_TOPICS) == (split == "held_out")]
    policy = rng.choice(policies)
    figures = {name: _figure(rng.choice(policy[name])) for name in ("a", "b") if name in policy}
    parts = [p.format(**figures).split(": ", 1) for p in policy["passages"]]
    topic, place = parts[0][0], rng.randrange(len(policy["say"]))
    reply = policy["say"][place].format(**figures)
    passages = [Fact(FactKind.PASSAGE, t, text, source=f"policies/{t.lower()}") for t, text in parts]
    if len(passages) > 1 and rng.random() < 0.5:
        passages = [Fact(FactKind.PASSAGE, topic, " ".join(text for _, text in parts), source=f"policies/{topic.lower()}")]
        reply = _one_source(reply)
    if len(passages) == 1 and rng.random() < 0.6:
        passages, reply = _with_stranger(passages, reply, policies, policy, rng)
    evidence = RecordEvidence().build("shop_answer", spoilt(rng.choice(policy["ask"]), rng), passages=passages)
    return Draft(evidence, reply, "shop_answer", f"shop {topic.lower()}", f"shop_answer:{topic.lower()}/{place}")


def _figure(value: float) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _one_source(reply: str) -> str:
    """The reply with every citation naming passage 1, once a sentence."""
    sentences = re.split(r"(?<=\.)\s+", reply)
    told = []
    for sentence in sentences:
        if _CITED.search(sentence):
            sentence = _CITED.sub("", sentence)
            sentence = f"{sentence.removesuffix('.')} [1]."
        told.append(sentence)
    return " ".join(told)


def _with_stranger(
    passages: list[Fact], reply: str, policies: list[dict[str, Any]], own: object, rng: random.Random
) -> tuple[list[Fact], str]:
    other = rng.choice([p for p in policies if p is not own])
    topic, text = other["passages"][0].split(": ", 1)
    text = text.format(**{name: _figure(other[name][0]) for name in ("a", "b") if name in other})
    stranger = Fact(FactKind.PASSAGE, topic, text, source=f"policies/{topic.lower()}")
    if rng.random() < 0.6:
        return [*passages, stranger], reply
    return [stranger, *passages], reply.replace("[1]", "[2]")


def draft_nothing(split: str, rng: random.Random) -> Draft | None:
    """A search that matches nothing: the smallest relaxations with their counts."""
    kind = rng.choice(kinds_of(split))
    constraints = [Constraint("category", Op.IS, (kind.name,)), Constraint("price", Op.AT_MOST, number=rng.choice((10, 15, 25, 40, 60)))]
    if rng.random() < 0.6:
        constraints.append(Constraint("brand", Op.IS, (rng.choice(kind.brands),)))
    flag = rng.choice(kind.flags)
    rare = Constraint("colour", Op.IS, (rng.choice(("pink", "gold", "red")),))
    constraints.append(Constraint(flag, Op.IS, ("yes",)) if rng.random() < 0.5 else rare)
    wants = [constraint_words(c, "USD") for c in rng.sample(constraints, rng.randint(2, len(constraints)))]
    count = rng.choice((0, 1, 1, 2, 2, 3))
    texts = rng.sample([t.format(x=flag, n=rng.choice((3, 5, 8, 12, 20))) for t in _RELAXED], count)
    counts = [rng.choice((1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 23)) for _ in texts]
    place, plan = rng.choice(_of_split(mould_file("talk")["nothing"][("none", "one", "two", "three")[count]], split))
    values: dict[str, object] = {"limit": " and ".join(wants[:2])}
    for n, (text, many) in enumerate(zip(texts, counts, strict=True), 1):
        values |= {f"r{n}": f"for {text}" if text.startswith("up") else text, f"n{n}": many, f"b{n}": "is" if many == 1 else "are"}
        values[f"R{n}"] = str(values[f"r{n}"]).capitalize()
    notes = [_note("nothing", f"nothing matches {', '.join(wants)}")]
    notes += [_note("relaxation", f"{t}: {c}") for t, c in zip(texts, counts, strict=True)]
    shopper = spoilt(rng.choice((*kind.wishes, f"{kind.name} {wants[-1]}", f"{wants[0]} please", ", ".join(wants))), rng)
    evidence = Evidence("nothing", shopper, needs=tuple(wants), notes=tuple(notes))
    return Draft(evidence, plan.format(**values), "nothing", kind.name, f"nothing:{count}/{place}")
