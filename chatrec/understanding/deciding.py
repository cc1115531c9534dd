"""What each clause wants done: the rules first, then the trained classifier."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec.domain.reading import Intent
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.classifier import IntentClassifier
from chatrec.understanding.clauses import Clause
from chatrec.understanding.concepts import COMPARATIVE
from chatrec.understanding.intents import Signs, is_fragment, rule_intents
from chatrec.understanding.lists import stop_words
from chatrec.understanding.opinions import Opinion
from chatrec.understanding.phrases import ASKS_HOW, HOW_TO, NAMES_MAKER, NOUN_PHRASE, REQUEST, SKIP
from chatrec.understanding.products import is_quality
from chatrec.understanding.references import ReferenceReader
from chatrec.understanding.shop_phrases import SHOP
from chatrec.understanding.variation import about_variation
from chatrec.understanding.vocabulary import Vocabulary
from chatrec.understanding.wishes import WishReader

LONE_WORDS = 3
# "Do you sell wine?" asks for it, whatever the examples make of the noun.
_SELLS = re.compile(
    r"^(?:(?:hi|hello|hey|and|so|,) )*(?:do|are) you (?:(?:guys|folks|also|there|still) )*(?:sell|stock|carry|"
    r"selling)\b(?: \S+){1,5}$"
)
# "And the cheapest of them?" asks nothing but to hear of that one.
_BESIDE_POINTING = frozenset("and so or of them these those the one ones all what how about then ok okay well maybe perhaps just".split())
_TELL_ME = re.compile(
    r"^(?:(?:and|so|ok|okay|please|hi|hello|hey|,) )*(?:(?:what (?:can|do|could) you (?:tell me|know|say)|(?:can|"
    r"could) you (?:tell me|say)|tell me|"
    r"say)(?: more| something| a bit| a bit more| everything| anything)? (?:about|of)|describe|more (?:about|on|of)|"
    r"(?:more |some |any )?(?:details?|info|information) (?:on|of|about))\b"
)
SHORT_WORDS = 5
# How probable something else must be before a wish that was found in the words is given up.
CLEARLY = 0.6
# How probable "out of scope" must be before a rule's shop question is given up.
PLAINLY = 0.95
ELSEWHERE = (Intent.OUT_OF_SCOPE, Intent.SHOP_QUESTION, Intent.ORDER_STATUS, Intent.HAND_OFF)


class IntentReader:
    """Decides the intents of clauses; each comes with a score in [0, 1], 1 where a rule is sure."""

    def __init__(self, vocabulary: Vocabulary, references: ReferenceReader, wishes: WishReader, classifier: IntentClassifier) -> None:
        self._vocabulary = vocabulary
        self._references = references
        self._wishes = wishes
        self._classifier = classifier

    def read(self, analysis: Analysis, clause: Clause) -> list[tuple[Intent, float]]:
        """The intents of one clause, the main one first; never empty."""
        if clause.first in analysis.given_up or clause.first in analysis.returned:
            return [(Intent.REFINE, 1.0)]
        if about_variation(analysis, clause):
            return [(Intent.RECOMMEND, 1.0)]
        if any(clause.holds(i) for i in analysis.childish):
            return [(Intent.RECOMMEND, 1.0)]
        if any(tokens and clause.holds(tokens[0]) for tokens in analysis.lifted.values()) and not clause.asks and not analysis.refs.tokens:
            return [(Intent.RECOMMEND, 1.0)]  # "never mind the price" takes back no step
        signs = self._signs(analysis, clause)
        found = rule_intents(clause.text, signs)
        if said := _said_of_named(analysis, clause, found, signs):
            return said
        if found:
            return [self._not_ours(clause.text) or (intent, 1.0) for intent in found] if found == [Intent.SHOP_QUESTION] else _sure(found)
        if not clause.asks and self._describes(analysis, clause):
            return [(Intent.RECOMMEND, 0.9)]
        product = self._wishes.product(analysis, clause)
        product = "" if is_quality(product) else product
        asked = bool(REQUEST.search(clause.text))
        how_to = bool(HOW_TO.match(clause.text))
        if self._sold(product, clause, asked) and not how_to:
            return [(Intent.RECOMMEND, 0.9)]
        if product and not how_to and _SELLS.match(clause.text) and not SHOP.search(clause.text):
            return [(Intent.RECOMMEND, 0.9)]
        wished = signs.wishes or (asked and bool(product or any(clause.holds(i) for i in self._wordless(analysis))))
        wished = wished or bool(NAMES_MAKER.search(clause.text) and not how_to)
        wished = wished or (bool(product) and bool(NOUN_PHRASE.match(clause.text)))
        return [self._by_example(analysis, clause, wished, how_to, asked or (bool(product) and clause.last - clause.first <= LONE_WORDS))]

    def _not_ours(self, text: str) -> tuple[Intent, float] | None:
        """Words of a shop are words of banks and airlines, too ("my credit card", "lost luggage"): what is plainly theirs is not ours."""
        elsewhere = self._classifier.scores(text)[Intent.OUT_OF_SCOPE]
        return (Intent.OUT_OF_SCOPE, round(elsewhere, 3)) if elsewhere >= PLAINLY else None

    def _describes(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether a clause only says how the thing at hand is to be: "in black", "authentic"."""
        fragment = clause.last - clause.first <= SHORT_WORDS and is_fragment(clause.text)
        return (analysis.state.need() is not None and fragment) or self._wishes.at_hand.says(analysis, clause)

    def _by_example(self, analysis: Analysis, clause: Clause, wished: bool, how_to: bool, lone: bool) -> tuple[Intent, float]:
        """The classifier decides. A wish found in the words stands unless something else is clearly meant; a lone noun asks for that
        thing, whether the shop has it or not."""
        scores = self._classifier.scores(clause.text)
        intent, score = self._classifier.choose(scores)
        likeliest = max(scores, key=lambda i: scores[i])
        clearly = likeliest in ELSEWHERE and (how_to or scores[likeliest] >= CLEARLY)
        if wished and (
            not clearly or (lone and not how_to and not REQUEST.search(clause.text) and clause.last - clause.first <= LONE_WORDS)
        ):
            return Intent.RECOMMEND, 0.8
        if wished:
            return likeliest, round(scores[likeliest], 3)
        if intent is Intent.OUT_OF_SCOPE and lone and not how_to:
            return Intent.RECOMMEND, 0.6
        return self._sensible(intent, analysis, clause), round(score, 3)

    def _signs(self, analysis: Analysis, clause: Clause) -> Signs:
        pointed = any(clause.holds(i) for i in analysis.refs.tokens)
        pronoun = bool(self._references.pronouns(analysis.message, analysis.state, analysis.refs, clause.first, clause.last))
        compared = [c for c in analysis.compared if clause.holds(c.first)]
        lifts = any(tokens and clause.holds(tokens[0]) for tokens in analysis.lifted.values())
        for_someone = any(clause.holds(i) for i in analysis.recipient.tokens)
        wishes = bool(analysis.inside(clause)) or lifts or for_someone
        wishes = wishes or self._wishes.has_figures(analysis, clause) or self._wishes.leans(analysis, clause)
        return Signs(
            vague=self._vague(analysis, clause),
            shown=bool(analysis.state.shown) or pointed,
            pointed=pointed,
            pronoun=pronoun,
            wishes=wishes,
            compared=bool(compared),
            superlative_over_shop=any(c.over_shop for c in compared),
            question_open=analysis.state.question is not None,
            order_ids=bool(analysis.order_ids),
            asks=clause.asks,
            names_kind=any(m.kind for m in analysis.inside(clause)),
            turns_down=any(clause.holds(t.tokens[0]) for t in analysis.turned_down),
            superlative=any(c.superlative for c in compared),
            kind_shown=bool(self._references.of_kinds(analysis.inside(clause), analysis.state)),
            only_points=self.only_points(analysis, clause),
        )

    def only_points(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether a clause is a reference and nothing else."""
        if not any(clause.holds(i) for i in analysis.refs.tokens) or any(clause.holds(c.first) for c in analysis.compared):
            return False
        rest = [t for i, t in enumerate(analysis.message.tokens) if clause.holds(i) and i not in analysis.refs.tokens]
        if "not" in {t.text for t in rest} or any(t.word and t.text not in stop_words() for t in rest):
            return False
        return not clause.asks or bool(_TELL_ME.match(clause.text)) or {t.text for t in rest if t.word} <= _BESIDE_POINTING

    def _wordless(self, analysis: Analysis) -> list[int]:
        """Comparisons ("a warmer one") that no field of this catalogue carries."""
        return [i for i, t in enumerate(analysis.message.tokens) if t.text in COMPARATIVE and not analysis.taken[i]]

    def _sold(self, product: str, clause: Clause, asked: bool) -> bool:
        """Whether a clause names a thing: one from the shelves ("duffel"), or, in few words, any with its article ("a piano")."""
        short = clause.last - clause.first <= SHORT_WORDS
        if product in self._vocabulary.title_heads:
            return short or asked
        return bool(product) and short and clause.text.startswith(("a ", "an ", "some "))

    def _vague(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether the only wishes of a clause are stray words in a longer sentence ("red wine out of the carpet")."""
        if ASKS_HOW.match(clause.text):
            return True
        if clause.last - clause.first <= SHORT_WORDS or any(m.kind or m.field == "brand" for m in analysis.inside(clause)):
            return False
        lifts = any(tokens and clause.holds(tokens[0]) for tokens in analysis.lifted.values())
        lifts = lifts or self._wishes.has_figures(analysis, clause)
        return not lifts and not any(clause.holds(i) for i in analysis.recipient.tokens)

    def _sensible(self, intent: Intent, analysis: Analysis, clause: Clause) -> Intent:
        """Acts about shown items make no sense before anything was shown."""
        if intent in (Intent.ITEM_QUESTION, Intent.WHY, Intent.FEEDBACK, Intent.COMPARE, Intent.CHOOSE) and not (
            analysis.state.shown or analysis.refs.tokens
        ):
            return Intent.RECOMMEND if REQUEST.search(clause.text) else Intent.OUT_OF_SCOPE
        if intent is Intent.SKIP and not SKIP.match(clause.text) and analysis.state.question is None:
            return Intent.OUT_OF_SCOPE
        if intent is Intent.REFINE:
            return Intent.RECOMMEND
        return intent


def _sure(found: list[Intent]) -> list[tuple[Intent, float]]:
    return [(intent, 1.0) for intent in found]


# What a clause that speaks of products by name may have been taken for by its other words.
_MISTAKEN = {Intent.RECOMMEND, Intent.CHOOSE, Intent.FEEDBACK, Intent.SMALL_TALK, Intent.MORE}


def _said_of_named(analysis: Analysis, clause: Clause, found: Sequence[Intent], signs: Signs) -> list[tuple[Intent, float]]:
    """A product that is called by name and judged, or others like which are wanted; an empty list for all else."""
    opinions = analysis.opinions(clause)
    if Opinion.ALIKE in opinions:
        return [(Intent.RECOMMEND, 1.0)]
    mistaken = _MISTAKEN if clause.asks else _MISTAKEN | {Intent.ITEM_QUESTION}
    if not opinions & {Opinion.LIKED, Opinion.HAD, Opinion.DISLIKED} or not set(found) <= mistaken:
        return []
    asked = [i for i in found if i in (Intent.RECOMMEND, Intent.MORE)] if signs.wishes or signs.compared or Intent.MORE in found else []
    return [(Intent.FEEDBACK, 1.0), *((i, 1.0) for i in asked)]
