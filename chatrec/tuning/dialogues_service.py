"""Training dialogues beside the products: a clarifying question, nothing matches, shop policies, orders, small talk, refusals, hand-over.

Evidence is what a turn hands to the writer for these acts: the question or the topic as a note, counts as notes, policies as passages.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from chatrec.catalog.facts import typed_facts
from chatrec.dialogue.wording import constraint_words, question_words, relaxation_words
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Op, Relaxation
from chatrec.generation.evidence import RecordEvidence
from chatrec.tuning.drafts import Draft
from chatrec.tuning.invented import Kind, invent_items, kinds_of
from chatrec.tuning.phrasing import is_adjective, phrase, with_article
from chatrec.tuning.phrasing_moulds import draw_voice, mould_file, of_split, pick
from chatrec.tuning.shopper_phrases import OPEN, spoilt

_PLACES = "Malta,Norway,Canada,Ireland,Japan,Chile,Iceland,Portugal,Austria,Estonia,New Zealand,Switzerland".split(",")
_TOWNS = "Leith,Graz,Cork,Delft,Bergen,Ghent,Porto,Turku".split(",")
_STATUS = ("placed", "paid", "packed", "shipped", "on its way", "out for delivery")
_DONE = ("delivered", "cancelled", "returned", "refunded")
_NUMBERS = {
    "a": (14, 21, 30, 45, 60, 100), "b": (3, 5, 7, 10), "c": (11, 12, 14, 15), "d": (3, 4, 5), "e": (2, 3, 4), "f": (5, 6, 7),
    "g": (9, 10, 12, 14), "h": (9, 10), "i": (17, 18, 19), "j": (14, 15, 16), "m": (40, 50, 60, 75, 100), "w": (2, 3, 5), "p": (5, 10, 15),
}  # fmt: skip
SPOKEN = 0.93
"""How often limits are said as a person says them rather than as the note lists them."""
SHARES: Mapping[str, float] = {
    "ask": 0.2, "nothing": 0.25, "shop_answer": 0.24, "order_status": 0.12, "say": 0.11, "decline": 0.04, "hand_off": 0.04,
}  # fmt: skip


def draft_service(split: str, rng: random.Random) -> Draft | None:
    """One turn of one of these acts."""
    act = rng.choices(list(SHARES), list(SHARES.values()))[0]
    return _DRAFTS[act](split, rng)


def turn_note(name: str, text: str, value: str = "", cites: tuple[int, ...] = ()) -> Fact:
    """A note as the dialogue writes it."""
    return Fact(FactKind.COMPUTED, name, text, value=value, cites=cites, source="turn")


def topic_evidence(act: str, shopper: str, topic: str, items: Sequence[Item] = ()) -> Evidence:
    """Evidence of a reply whose content is a topic and, at most, an item."""
    built = RecordEvidence().build(act, shopper, items=[(i, typed_facts(i)) for i in items])
    return Evidence(act, shopper, items=built.items, notes=(turn_note("topic", f"topic {topic}", topic),))


def _ask(split: str, rng: random.Random) -> Draft | None:
    kind, voice = rng.choice(kinds_of(split)), draw_voice(rng)
    if not kind.words:
        return None
    field, values = rng.choice(kind.words)
    options = (*rng.sample(values, min(len(values), rng.choice((2, 3)))), "any")
    question = question_words(field, options)
    shopper = spoilt(rng.choice(OPEN).format(kind=kind.name) if rng.random() < 0.5 else rng.choice(kind.wishes), rng)
    filled = {"q": question, "lq": question[:1].lower() + question[1:]}
    if kind.name in shopper.lower():  # nothing shows it otherwise
        filled |= {"k": kind.name, "k_cap": kind.name.capitalize()}
    mould = pick("service", "ask", split, rng, filled, voice)
    evidence = Evidence("ask", shopper, notes=(turn_note(field, question, ", ".join(options)),))
    return Draft(evidence, mould.fill(filled), "ask", kind.name, mould.id, voice) if mould else None


def _relaxations(kind: Kind, constraints: Sequence[Constraint], rng: random.Random) -> list[tuple[str, int]]:
    """Ways out with their counts, as the dialogue words them: "without the brand", "with any colour", "up to $12 more"."""
    found: list[tuple[str, int]] = []
    for constraint in constraints[1:]:
        if constraint.values == ("yes",):
            continue
        if constraint.op is Op.AT_MOST and constraint.field == "price":
            text = f"up to ${rng.choice((2, 4, 6, 9, 12, 15, 20, 35))} more"
        else:
            text = relaxation_words(Relaxation((constraint.key,), f"any {constraint.field}", rng.randrange(1, 9)))
        found.append((text, rng.choice((1, 2, 3, 4, 5, 6, 7, 9, 12, 18))))
    return found


def _limits(kind: Kind, rng: random.Random) -> list[Constraint]:
    wanted = [Constraint("category", Op.IS, (kind.name,))]
    choices = [Constraint("price", Op.AT_MOST, number=float(rng.randrange(2, 40) * 5))]
    choices += [Constraint(name, Op.IS, (rng.choice(values),)) for name, values in kind.words]
    choices += [Constraint("brand", Op.IS, (rng.choice(kind.brands),))] + [Constraint(f, Op.IS, ("yes",)) for f in kind.flags[:1]]
    return wanted + rng.sample(choices, min(len(choices), rng.choice((1, 2, 2))))


def spoken_limits(constraints: Sequence[Constraint]) -> str:
    """Limits as a person says them: "machine washable duvets from Softacre in cream, up to $55"."""
    front = [c.field for c in constraints[1:] if c.values == ("yes",) and is_adjective(c.field)]
    having = [with_article(c.field) for c in constraints[1:] if c.values == ("yes",) and not is_adjective(c.field)]
    behind: list[str] = []
    for c in constraints[1:]:
        if c.field == "brand":
            behind.append(f"from {c.values[0]}")
        elif c.field == "colour":
            front.append(c.values[0])
        elif c.field == "material":
            behind.append(f"in {c.values[0]}")
        elif c.field != "price" and c.values != ("yes",):
            part = phrase(Fact(FactKind.ATTRIBUTE, c.field, f"{c.field} {c.values[0]}", c.values[0]))
            having.append(part.has if part is not None and part.has else f"the {c.field} {c.values[0]}")
    behind += [f"with {' and '.join(having)}"] if having else []
    price = next((constraint_words(c, "USD").removeprefix("price ") for c in constraints if c.field == "price"), "")
    return " ".join((*front, constraints[0].values[0], *behind, *((price,) if price else ())))


def _nothing(split: str, rng: random.Random) -> Draft | None:
    kind, voice = rng.choice(kinds_of(split)), draw_voice(rng)
    constraints = _limits(kind, rng)
    ways = _relaxations(kind, constraints, rng)
    words = [constraint_words(c, "USD") for c in constraints]
    limits = ", ".join(words)
    items = invent_items(kind, 1, rng) if rng.random() < 0.25 else []
    seen = rng.randrange(2, 12) if not items and rng.random() < 0.2 else 0
    head = f"nothing else matches {limits}, you have seen all {seen}" if seen else f"nothing matches {limits}"
    notes = [turn_note("nothing", head, limits), *(turn_note("relaxation", f"{text}: {n}", str(n)) for text, n in ways)]
    spoken = spoken_limits(constraints) if rng.random() < SPOKEN else limits
    filled = {"limits": spoken, "n": str(seen) if seen else ""}
    for place, (text, n) in enumerate(ways[:2], start=1):
        filled |= {
            f"r{place}": text if place > 1 else text[:1].upper() + text[1:],
            f"n{place}": str(n),
            f"are{place}": "is" if n == 1 else "are",
        }
        filled |= {f"R{place}": text[:1].upper() + text[1:], f"r{place}l": text}
    broken = f"{rng.choice(('over the price', 'of another brand', 'in another colour'))}" if items else ""
    if items:
        notes.append(turn_note("alternative", f"Nearest to it, but not quite: [1] – {broken}", cites=(1,)))
        filled["break1"] = broken
    shopper = spoilt(rng.choice((", ".join(words), f"{kind.name} with {' and '.join(words[1:])}", rng.choice(kind.wishes))), rng)
    built = RecordEvidence().build("nothing", shopper, needs=words, items=[(i, typed_facts(i)) for i in items])
    evidence = Evidence("nothing", shopper, built.needs, built.items, tuple(notes))
    mould = pick("service", "nearest" if items else "gone" if seen else "nothing", split, rng, filled, voice)
    return Draft(evidence, mould.fill(filled), "nothing", kind.name, mould.id, voice) if mould else None


def _shop_answer(split: str, rng: random.Random) -> Draft | None:
    entries = mould_file("service")["passages"]
    place = rng.choice(of_split(len(entries), split))
    entry = entries[place]
    x, y = rng.sample(_PLACES, 2)
    filled = {name: str(rng.choice(values)) for name, values in _NUMBERS.items()} | {"x": x, "y": y, "town": rng.choice(_TOWNS)}
    asked, reply = rng.choice(entry["asks"])
    lead = rng.choice(mould_file("service")["passage_leads"])
    passages = [Fact(FactKind.PASSAGE, entry["topic"], entry["text"].format(**filled), source=f"policies/{entry['topic']}.md")]
    if rng.random() < 0.35:
        other = entries[rng.choice([n for n in of_split(len(entries), split) if n != place] or [place])]
        if other is not entry:
            passages.append(Fact(FactKind.PASSAGE, other["topic"], other["text"].format(**filled), source=f"policies/{other['topic']}.md"))
    shopper = spoilt(asked.format(**filled), rng)
    evidence = RecordEvidence().build("shop_answer", shopper, passages=passages)
    return Draft(evidence, lead + reply.format(**filled), "shop_answer", entry["topic"], f"policy/{place}/{asked}/{lead}", "plain")


def _order(split: str, rng: random.Random) -> Draft | None:
    voice, group = draw_voice(rng), rng.choice(("order", "order", "order_done", "order_two"))
    kinds = kinds_of(split)
    facts: list[Fact] = []
    filled: dict[str, str] = {}
    for n in range(2 if group == "order_two" else 1):
        open_ = group == "order" or (group == "order_two" and n == 0)
        status = rng.choice(_STATUS if open_ else _DONE)
        eta = f"2026-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}" if open_ else ""
        number, name = f"{rng.choice('ABDKRT')}{rng.randrange(1000, 9999)}", invent_items(rng.choice(kinds), 1, rng)[0].title
        facts.append(
            Fact(FactKind.ORDER, f"order {number}", f"{name}: {status}{f', expected {eta}' if eta else ''}", status, source=number)
        )
        tail = "" if n == 0 else "2"
        filled |= {f"status{tail}": status, f"eta{tail}": eta, f"status_cap{tail}": status.capitalize(), f"id{tail}": number}
    shopper = spoilt(rng.choice(mould_file("service")["messages"]["order"]).format(**filled), rng)
    mould = pick("service", group, split, rng, filled, voice)
    evidence = Evidence("order_status", shopper, passages=tuple(facts))
    return Draft(evidence, mould.fill(filled), "order_status", "orders", mould.id, voice) if mould else None


def _say(split: str, rng: random.Random) -> Draft | None:
    said = mould_file("service")["say"]
    topic = rng.choice(list(said))
    place = rng.choice(of_split(len(said[topic]), split))
    reply = said[topic][place]
    kind = rng.choice(kinds_of(split))
    items = invent_items(kind, 1, rng) if "[1]" in reply else []
    shopper = spoilt(rng.choice(mould_file("service")["messages"][topic]), rng)
    return Draft(topic_evidence("say", shopper, topic, items), reply, "say", kind.name if items else topic, f"say/{topic}/{place}", "warm")


def _decline(split: str, rng: random.Random) -> Draft | None:
    texts = mould_file("service")["decline"]
    place = rng.choice(of_split(len(texts), split))
    shopper = spoilt(rng.choice(mould_file("service")["messages"]["decline"]), rng)
    return Draft(topic_evidence("decline", shopper, "scope"), texts[place], "decline", "scope", f"decline/{place}", "plain")


def _hand_off(split: str, rng: random.Random) -> Draft | None:
    texts = mould_file("service")["hand_off"]
    reason = rng.choice(list(texts))
    place = rng.choice(of_split(len(texts[reason]), split))
    shopper = spoilt(rng.choice(mould_file("service")["messages"][reason]), rng)
    return Draft(
        topic_evidence("hand_off", shopper, reason), texts[reason][place], "hand_off", reason, f"hand_off/{reason}/{place}", "warm"
    )


_DRAFTS: Mapping[str, Callable[[str, random.Random], Draft | None]] = {
    "ask": _ask, "nothing": _nothing, "shop_answer": _shop_answer, "order_status": _order, "say": _say, "decline": _decline,
    "hand_off": _hand_off,
}  # fmt: skip
