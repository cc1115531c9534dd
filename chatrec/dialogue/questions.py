"""The clarifying question beside a list, where one is worth the shopper's time.

A question is chosen by what its answer is expected to tell: the mutual information of the answer and the wanted item, over the candidates
weighted by their relevance, times the chance that shoppers answer it (Zou et al., "Towards question-based recommender systems", SIGIR
2020, halve the weighted candidates; Lei et al., "Interactive path reasoning on graph for conversational recommendation", KDD 2020, weigh
the entropy by the items' scores). Whether it is asked at all is a matter of what it saves: lists of cards to look through with the answer
and without. Asking pays only where its expected utility exceeds that of acting alone (Horvitz, "Principles of mixed-initiative user
interfaces", CHI 1999).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from chatrec.dialogue.offer import Offer
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.wording import question_words
from chatrec.domain.act import Ask, Recommend
from chatrec.domain.need import Need
from chatrec.domain.question import Proposal
from chatrec.domain.state import DialogueState

# Fused scores lie in [0, 1]: a candidate that is a quarter better is e times as likely to be the wanted one.
TEMPERATURE = 0.25
# How often shoppers answer a question of a kind, before this shop's own dialogues say more: they know what they spend and what kind of
# thing they want better than brands or exact figures.
ANSWERED = {"price": 0.85, "category": 0.9, "brand": 0.45}
ANSWERED_WORDS, ANSWERED_FIGURES = 0.75, 0.45
# The prior counts as so many questions of this shop, and a shopper's readiness as so many of their own.
PRIOR_QUESTIONS, PRIOR_OF_A_SHOPPER = 20.0, 1.0
# A question stands beside the cards and takes no turn of its own: to read it and to tap costs about a quarter of one more list.
COST_LISTS = 0.25
# Half of an even yes/no split (ln 2): an answer that tells less is not worth reading the question.
LEAST_GAIN = 0.35
# An answer that leaves all cards where they are changes nothing; a question is asked where most answers change something.
LEAST_CHANGING = 0.5


def clarify(act: Recommend, offer: Offer, state: DialogueState, parts: Parts) -> Ask | None:
    """The one clarifying question that is worth asking, beside the items.

    Never about a field that carries a constraint, that was asked about or that the shopper left open, never while another waits, and
    never where the cards answer it already.
    """
    need, how = offer.need, parts.limits.questions
    if not parts.limits.ask or how == "off" or need is None or act.order_by or state.question is not None:
        return None
    if offer.matching <= parts.limits.shown or need.like_items:
        return None
    likely = chances(offer.relevance)
    closed = spoken_fields(state) | set(asked_fields(state, need))
    proposals = [p for p in parts.shelf.questions(offer.pool, likely, sorted(closed)) if not _told_in_words(p, need)]
    told = parts.answers_given()
    if how == "most_used":
        chosen = max(proposals, key=lambda p: (told.get(p.field, (0, 0))[0], round(p.covered, 2), _prior(p)), default=None)
    else:
        chosen = most_telling(proposals, offer, readiness(state), told, parts.limits.shown)
    if chosen is None:
        return None
    return Ask(need.need_id, chosen.field, question_words(chosen.field, chosen.options), chosen.options)


def most_telling(
    proposals: Sequence[Proposal], offer: Offer, ready: float, told: Mapping[str, tuple[int, int]], shown: int
) -> Proposal | None:
    """The question with the greatest expected information whose answer saves more than the question costs."""
    seen = frozenset(item.item_id for item in offer.items)
    worth = {
        n: p.gain * answer_rate(p, told)
        for n, p in enumerate(proposals)
        if p.gain >= LEAST_GAIN and changing(p, seen) >= LEAST_CHANGING and not _on_the_cards(p, seen)
    }
    for n in sorted(worth, key=lambda n: -worth[n]):  # of equals the first: core fields stand before attributes
        if ready * answer_rate(proposals[n], told) * saved_lists(proposals[n], offer, seen, shown) >= COST_LISTS:
            return proposals[n]
    return None


def chances(relevance: Sequence[float]) -> list[float]:
    """How likely each candidate is the wanted one: the softmax of the scores."""
    best = max(relevance, default=0.0)
    raised = [math.exp((score - best) / TEMPERATURE) for score in relevance]
    total = sum(raised)
    return [r / total for r in raised]


def saved_lists(proposal: Proposal, offer: Offer, seen: frozenset[str], shown: int) -> float:
    """How many lists of ``shown`` cards an answer is expected to save on the way to the wanted item.

    Without an answer the candidates not yet seen come list after list in their order; with it only those that it leaves. A candidate
    under no option gains nothing.
    """
    likely = dict(zip(offer.pool, chances(offer.relevance), strict=True))
    unseen = [i for i in offer.pool if i not in seen]
    plain = {i: n // shown for n, i in enumerate(unseen)}
    shares = {i: sum(i in left for left in proposal.leaves) for i in unseen}
    saved = 0.0
    for left in proposal.leaves:
        for n, item_id in enumerate(i for i in unseen if i in left):
            saved += likely[item_id] / shares[item_id] * (plain[item_id] - n // shown)
    return saved


def changing(proposal: Proposal, seen: frozenset[str]) -> float:
    """The share of the options, by the candidates that they leave, after which at least one of the cards would go."""
    total = sum(len(left) for left in proposal.leaves)
    return sum(len(left) for left in proposal.leaves if not seen <= left) / total if total else 0.0


def _told_in_words(proposal: Proposal, need: Need) -> bool:
    """Whether one of the answers stands among the words of the need, though no limit came of it ("men's formal")."""
    said = {_plain_form(word) for word in need.query.split()}
    return any(words and words <= said for words in ({_plain_form(w) for w in option.split()} for option in proposal.options))


def _plain_form(word: str) -> str:
    return word.casefold().removesuffix("'s").removesuffix("s")


def _on_the_cards(proposal: Proposal, seen: frozenset[str]) -> bool:
    """Whether the cards lay every answer before the shopper: naming one of them is answer enough. Money is thought of apart from them."""
    return proposal.field != "price" and all(left & seen for left in proposal.leaves)


def answer_rate(proposal: Proposal, told: Mapping[str, tuple[int, int]]) -> float:
    """How often shoppers answer a question about this field, in (0, 1): this shop's counts over a prior by the kind of field."""
    answered, asked = told.get(proposal.field, (0, 0))
    return (_prior(proposal) * PRIOR_QUESTIONS + answered) / (PRIOR_QUESTIONS + asked)


def _prior(proposal: Proposal) -> float:
    figures = all(option[:1].isdigit() or option.startswith("up to ") for option in proposal.options[:1])
    return ANSWERED.get(proposal.field, ANSWERED_FIGURES if figures else ANSWERED_WORDS)


def asked_fields(state: DialogueState, need: Need) -> list[str]:
    """The fields that were asked about in this dialogue, for whichever need, and those that the shopper left open for this one: nobody
    likes to hear a question twice."""
    found = []
    for mark in state.asked:
        number, _, rest = mark.partition(":")
        kind, _, field = rest.rpartition(":")
        if not kind or number == str(need.need_id):
            found.append(field)
    return found


def spoken_fields(state: DialogueState) -> set[str]:
    """The fields that the shopper spoke of in this dialogue, for whichever need, even if it was taken back: who said "under 50" once
    says it again where it matters."""
    return {c.field for needs in (state.needs, *state.past) for need in needs for c in need.constraints}


def readiness(state: DialogueState) -> float:
    """How ready this shopper is to answer, in (0, 1]: the share of the questions of this dialogue that were not passed over."""
    marks = [a.partition(":")[2] for a in state.asked]
    asked = sum(":" not in mark for mark in marks)
    passed = sum(mark.startswith("passed:") for mark in marks)
    return (PRIOR_OF_A_SHOPPER + asked - passed) / (PRIOR_OF_A_SHOPPER + asked)
