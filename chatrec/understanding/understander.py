"""Message to meaning: rules over the catalogue's own vocabulary, with example utterances where the rules are silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatrec.catalog.contract import Contract
from chatrec.domain.item import Item
from chatrec.domain.reading import Comparative, Intent, IntentSpan, NeedReading, Reading, Unknown
from chatrec.domain.state import DialogueState
from chatrec.errors import UnknownItem
from chatrec.protocols import Embedder
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.answers import read_answer
from chatrec.understanding.clauses import Clause, cut_clauses
from chatrec.understanding.comparatives import ComparisonReader
from chatrec.understanding.intents import DISLIKE, HOW_TO, NAMES_MAKER, REQUEST, SKIP, Signs, is_courtesy, rule_intents, wants_alike
from chatrec.understanding.concepts import COMPARATIVE
from chatrec.understanding.language import guess_language
from chatrec.understanding.lexicon import Lexicon
from chatrec.understanding.lifting import lifted_fields
from chatrec.understanding.lists import stop_words
from chatrec.understanding.mood import score_mood
from chatrec.understanding.needs import active_kinds
from chatrec.understanding.order_ids import find_order_ids
from chatrec.understanding.pointing import point_by_value
from chatrec.understanding.prototypes import LEAST_SCORE, PrototypeClassifier
from chatrec.understanding.recipients import read_recipient
from chatrec.understanding.references import ReferenceReader
from chatrec.understanding.text import Message, read_message
from chatrec.understanding.unknown import Nearest
from chatrec.understanding.vocabulary import CatalogueShelf, Vocabulary
from chatrec.understanding.wishes import Wishes, WishReader

# Beside a clause that the rules are sure of, a guess from examples must be better than this to count.
SURE, GUESS = 0.9, 0.5
LONE_WORDS = 3
SHORT_WORDS = 5
# How much nearer other examples must be before a found wish is given up.
WISH_MARGIN = 0.06
ELSEWHERE = (Intent.OUT_OF_SCOPE, Intent.SHOP_QUESTION, Intent.ORDER_STATUS, Intent.HAND_OFF)
_WISHES = (Intent.RECOMMEND, Intent.REFINE)


class RuleUnderstander:
    """Implements :class:`chatrec.protocols.Understander` for one generation of one catalogue.

    Total: any string gives a reading; only the first 4,000 characters are read. Deterministic. The categories and the example
    utterances are embedded once, here; a message is embedded only where no rule knows it.
    """

    def __init__(self, contract: Contract, shelf: CatalogueShelf, embedder: Embedder) -> None:
        self._shelf = shelf
        self.vocabulary = Vocabulary(contract, shelf)
        self._lexicon = Lexicon(self.vocabulary)
        self._references = ReferenceReader(self._item)
        self._comparisons = ComparisonReader(self.vocabulary)
        self._wishes = WishReader(self.vocabulary, self._comparisons, Nearest(self.vocabulary, embedder))
        self._examples = PrototypeClassifier(embedder)

    def read(self, message: str, state: DialogueState) -> Reading:
        """What this message says, given the dialogue so far."""
        tokens = self._lexicon.mend(read_message(message))
        if not tokens.tokens:
            return Reading((), language="")
        analysis = self._take_apart(message, tokens, state)
        acts = [(clause, self._intents(analysis, clause)) for clause in analysis.clauses]
        answer = self._answer(analysis)
        wished = [clause for clause, intents in acts if any(i is Intent.RECOMMEND for i, _ in intents)]
        wishes = self._wishes.read(analysis, wished) if wished or analysis.recipient.who else Wishes()
        return self._reading(analysis, acts, self._with_answer(wishes, answer, analysis), bool(answer))

    # -- taking apart -----------------------------------------------------------------------------------------------

    def _take_apart(self, raw: str, message: Message, state: DialogueState) -> Analysis:
        analysis = Analysis(message, state, [False] * len(message.tokens))
        self._mark_orders(raw, analysis)
        analysis.clauses = cut_clauses(message)
        analysis.refs = self._references.positions(message, state)
        analysis.take(analysis.refs.tokens)
        analysis.recipient = read_recipient(message)
        analysis.lifted = lifted_fields(message, self.vocabulary)
        for tokens in analysis.lifted.values():
            analysis.take(tokens)
        mentions = self._lexicon.mentions(message, analysis.taken)
        analysis.mentions = self._references.properties(message, state, analysis.refs, mentions)
        categories = [v for m in analysis.mentions if m.field == "category" for v in m.values] or list(active_kinds(analysis, self.vocabulary.kind_fields))
        analysis.compared = self._comparisons.read(message, categories)
        analysis.compared = point_by_value(analysis, self._item)
        analysis.mentions = [m for m in analysis.mentions if not any(m.covers(i) for c in analysis.compared for i in range(c.first, c.last))]
        analysis.take(analysis.refs.tokens)
        analysis.take(analysis.recipient.tokens)
        for spoken in (*analysis.mentions, *analysis.compared):
            analysis.take(range(spoken.first, spoken.last))
        return analysis

    def _mark_orders(self, raw: str, analysis: Analysis) -> None:
        found = find_order_ids(raw)
        analysis.order_ids = tuple(name for name, _, _ in found)
        for name in analysis.order_ids:
            wanted = "".join(t.text for t in read_message(name).tokens)
            for first in range(len(analysis.message.tokens)):
                joined = ""
                for last in range(first, min(len(analysis.message.tokens), first + 8)):
                    joined += analysis.message.tokens[last].text
                    if joined == wanted:
                        analysis.take(range(first, last + 1))

    def _item(self, item_id: str) -> Item | None:
        try:
            return self._shelf.item(item_id)
        except UnknownItem:
            return None  # taken out of the catalogue since it was shown

    # -- intents ----------------------------------------------------------------------------------------------------

    def _intents(self, analysis: Analysis, clause: Clause) -> list[tuple[Intent, float]]:
        signs = self._signs(analysis, clause)
        if found := rule_intents(clause.text, signs):
            return [(intent, 1.0) for intent in found]
        product = self._wishes.product(analysis, clause)
        asked = bool(REQUEST.search(clause.text))
        how_to = bool(HOW_TO.match(clause.text))
        if self._sold(product, clause, asked) and not how_to:
            return [(Intent.RECOMMEND, 0.9)]
        wished = signs.wishes or asked and bool(product or any(clause.holds(i) for i in self._wordless(analysis)))
        wished = wished or bool(NAMES_MAKER.search(clause.text) and not how_to)
        return [self._by_example(analysis, clause, wished, how_to, asked or bool(product) and clause.last - clause.first <= LONE_WORDS)]

    def _by_example(self, analysis: Analysis, clause: Clause, wished: bool, how_to: bool, lone: bool) -> tuple[Intent, float]:
        """The nearest examples decide. A wish found in the words stands unless other examples are clearly nearer; a lone noun asks for
        that thing, whether the shop has it or not."""
        scores = self._examples.scores(clause.text)
        intent = max(scores, key=lambda i: scores[i])
        score = round(scores[intent], 3)
        if wished and (intent not in ELSEWHERE or scores[intent] < LEAST_SCORE + (0.0 if how_to else WISH_MARGIN) or scores[intent] < scores[Intent.RECOMMEND] + (0.0 if how_to else WISH_MARGIN)):
            return Intent.RECOMMEND, 0.8
        if score < LEAST_SCORE:
            return (Intent.RECOMMEND, 0.6) if lone and not how_to else (Intent.OUT_OF_SCOPE, round(1.0 - score, 3))
        return self._sensible(intent, analysis, clause), score

    def _signs(self, analysis: Analysis, clause: Clause) -> Signs:
        pointed = any(clause.holds(i) for i in analysis.refs.tokens)
        pronoun = bool(self._references.pronouns(analysis.message, analysis.state, analysis.refs, clause.first, clause.last))
        compared = [c for c in analysis.compared if clause.holds(c.first)]
        lifts = any(tokens and clause.holds(tokens[0]) for tokens in analysis.lifted.values())
        for_someone = any(clause.holds(i) for i in analysis.recipient.tokens)
        wishes = bool(analysis.inside(clause)) or lifts or for_someone
        wishes = wishes or self._wishes.has_figures(analysis, clause) or self._wishes.leans(analysis, clause)
        return Signs(
            vague=self._vague(analysis, clause), shown=bool(analysis.state.shown), pointed=pointed, pronoun=pronoun, wishes=wishes, compared=bool(compared),
            superlative_over_shop=any(c.over_shop for c in compared), question_open=analysis.state.question is not None,
            order_ids=bool(analysis.order_ids), asks=clause.asks, names_kind=any(m.kind for m in analysis.inside(clause)), only_points=pointed and not compared and self._only_points(analysis, clause),
        )  # fmt: skip

    def _only_points(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether nothing but a reference is left of a clause."""
        rest = [t for i, t in enumerate(analysis.message.tokens) if clause.holds(i) and i not in analysis.refs.tokens]
        return all(t.text in stop_words() or not t.word for t in rest) and not clause.asks and "not" not in {t.text for t in rest}

    def _wordless(self, analysis: Analysis) -> list[int]:
        """Comparisons ("a warmer one") that no field of this catalogue carries."""
        return [i for i, t in enumerate(analysis.message.tokens) if t.text in COMPARATIVE and not analysis.taken[i]]

    def _sold(self, product: str, clause: Clause, asked: bool) -> bool:
        """Whether a clause names a thing: one from the shelves ("duffel"), or, in few words, any with its article ("a piano")."""
        short = clause.last - clause.first <= SHORT_WORDS
        if product in self.vocabulary.title_heads:
            return short or asked
        return bool(product) and short and clause.text.startswith(("a ", "an ", "some "))

    def _vague(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether the only wishes of a clause are stray words in a longer sentence ("red wine out of the carpet")."""
        if clause.last - clause.first <= SHORT_WORDS or any(m.kind or m.field == "brand" for m in analysis.inside(clause)):
            return False
        lifts = any(tokens and clause.holds(tokens[0]) for tokens in analysis.lifted.values())
        return not lifts and not any(clause.holds(i) for i in analysis.recipient.tokens)

    def _sensible(self, intent: Intent, analysis: Analysis, clause: Clause) -> Intent:
        """Acts about shown items make no sense before anything was shown."""
        if intent in (Intent.ITEM_QUESTION, Intent.WHY, Intent.FEEDBACK, Intent.COMPARE) and not analysis.state.shown:
            return Intent.RECOMMEND if REQUEST.search(clause.text) else Intent.OUT_OF_SCOPE
        if intent is Intent.SKIP and not SKIP.match(clause.text) and analysis.state.question is None:
            return Intent.OUT_OF_SCOPE
        if intent is Intent.REFINE:
            return Intent.RECOMMEND
        return intent

    # -- putting together -------------------------------------------------------------------------------------------

    def _answer(self, analysis: Analysis) -> NeedReading | None:
        question = analysis.state.question
        if question is None:
            return None
        found = read_answer(analysis.message, question, self.vocabulary, analysis.mentions)
        return NeedReading(constraints=tuple(replace(c, turn=analysis.state.turn + 1) for c in found)) if found else None

    def _with_answer(self, wishes: Wishes, answer: NeedReading | None, analysis: Analysis) -> Wishes:
        """The plain reading of the question's own field gives way to the answer; everything else said stays."""
        if answer is None:
            return wishes
        fields = {c.field for c in answer.constraints}
        first = wishes.needs[0] if wishes.needs else NeedReading()
        if first.opens and analysis.state.need() is not None and not fields & {c.field for c in first.constraints}:
            return replace(wishes, needs=(answer, *wishes.needs))
        kept = tuple(c for c in first.constraints if c.field not in fields and c.said not in {a.said for a in answer.constraints})
        opens = first.opens and analysis.state.need() is None
        merged = NeedReading("" if not kept else first.query, (*kept, *answer.constraints), first.recipient, opens, first.drops)
        return Wishes((merged, *wishes.needs[1:]), (), wishes.opened)

    def _reading(self, analysis: Analysis, acts: Sequence[tuple[Clause, list[tuple[Intent, float]]]], wishes: Wishes, answered: bool) -> Reading:
        spans = self._spans(analysis, acts, wishes, answered)
        intents = {s.intent for s in spans}
        references = self._pointed_at(analysis, acts)
        liked, disliked = self._judged(analysis, acts)
        like_items = self._like_items(analysis, acts)
        comparatives = self._comparatives(analysis, acts)
        language = guess_language(analysis.message)
        wishing = bool(intents & {*_WISHES, Intent.MORE, Intent.SKIP}) or answered
        return Reading(
            intents=spans,
            needs=self._needs(analysis, acts, wishes, wishing),
            references=references,
            like_items=like_items,
            comparatives=comparatives,
            liked=liked,
            disliked=disliked,
            unknown=self._unknown(wishes) if wishing and language in ("en", "") else (),
            order_ids=analysis.order_ids,
            language=language,
            mood=score_mood(analysis.message),
        )

    def _spans(self, analysis: Analysis, acts: Sequence[tuple[Clause, list[tuple[Intent, float]]]], wishes: Wishes, answered: bool) -> tuple[IntentSpan, ...]:
        found: list[IntentSpan] = []
        refines = analysis.state.need() is not None
        for clause, intents in acts:
            for intent, score in intents:
                if intent is Intent.RECOMMEND and refines and clause.first not in wishes.opened:
                    intent = Intent.REFINE
                if self._waives_question(analysis) and intent is Intent.REFINE and not answered:
                    intent = Intent.SKIP
                if answered and intent in (Intent.OUT_OF_SCOPE, Intent.SMALL_TALK, Intent.SKIP):
                    intent, score = Intent.REFINE, 1.0
                if found and found[-1].intent is intent:
                    found[-1] = replace(found[-1], text=f"{found[-1].text} {clause.text}"[:400], score=max(score, found[-1].score))
                elif intent not in {s.intent for s in found if intent not in (Intent.SHOP_QUESTION, Intent.ITEM_QUESTION)}:
                    found.append(IntentSpan(intent, clause.text[:400], score))
        if any(s.score >= SURE for s in found):
            found = [s for s in found if s.score >= GUESS]
        acting = [s for s in found if s.intent not in (Intent.SMALL_TALK, Intent.OUT_OF_SCOPE) or s.score == 1.0]
        if any(s.intent is not Intent.SMALL_TALK for s in acting):
            # A stray half sentence beside a clear request is no request of its own.
            found = [s for s in acting if s.intent is not Intent.SMALL_TALK or is_courtesy(s.text)]
        return tuple(found)

    def _waives_question(self, analysis: Analysis) -> bool:
        """ "any brand" in answer to "which brand?" """
        return analysis.state.question is not None and analysis.state.question.field in analysis.lifted and not analysis.mentions

    def _pointed_at(self, analysis: Analysis, acts: Sequence[tuple[Clause, list[tuple[Intent, float]]]]) -> tuple[str, ...]:
        references = list(analysis.refs.ids())
        for clause, intents in acts:
            kinds = {i for i, _ in intents}
            about = kinds & {Intent.ITEM_QUESTION, Intent.WHY, Intent.COMPARE, Intent.CHOOSE, Intent.FEEDBACK} or wants_alike(clause.text)
            if about and not any(clause.holds(i) for i in analysis.refs.tokens):
                references += self._references.pronouns(analysis.message, analysis.state, analysis.refs, clause.first, clause.last)
            if Intent.ITEM_QUESTION in kinds and not references and not analysis.refs.tokens:
                references += analysis.state.focus or analysis.state.last_shown()
            if Intent.COMPARE in kinds and len(references) < 2 and not analysis.refs.tokens:
                references += analysis.state.focus if len(analysis.state.focus) > 1 else analysis.state.last_shown()
        return tuple(dict.fromkeys(references))

    def _judged(self, analysis: Analysis, acts: Sequence[tuple[Clause, list[tuple[Intent, float]]]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        liked: list[str] = []
        disliked: list[str] = []
        for clause, intents in acts:
            kinds = {i for i, _ in intents}
            if not kinds & {Intent.FEEDBACK, Intent.CHOOSE}:
                continue
            ids = self._targets(analysis, clause)
            (disliked if DISLIKE.search(clause.text) and Intent.CHOOSE not in kinds else liked).extend(ids)
        return tuple(dict.fromkeys(liked)), tuple(dict.fromkeys(disliked))

    def _targets(self, analysis: Analysis, clause: Clause) -> tuple[str, ...]:
        pointed = analysis.refs.ids(clause.first, clause.last)
        return pointed or self._references.pronouns(analysis.message, analysis.state, analysis.refs, clause.first, clause.last)

    def _like_items(self, analysis: Analysis, acts: Sequence[tuple[Clause, list[tuple[Intent, float]]]]) -> tuple[str, ...]:
        found: list[str] = []
        for clause, intents in acts:
            if wants_alike(clause.text) and not {i for i, _ in intents} & {Intent.FEEDBACK, Intent.ITEM_QUESTION, Intent.CHOOSE}:
                found += self._targets(analysis, clause)
        return tuple(dict.fromkeys(found))

    def _comparatives(self, analysis: Analysis, acts: Sequence[tuple[Clause, list[tuple[Intent, float]]]]) -> tuple[Comparative, ...]:
        found = []
        for clause, intents in acts:
            kinds = {i for i, _ in intents}
            if not kinds & {Intent.RECOMMEND, Intent.COMPARE, Intent.FEEDBACK, Intent.MORE}:
                continue
            for compared in (c for c in analysis.compared if clause.holds(c.first)):
                if compared.superlative and Intent.COMPARE in kinds and not compared.over_shop:
                    compared = replace(compared, superlative=False)
                if compared.superlative or analysis.state.shown:
                    found.append(compared.wish(self._targets(analysis, clause) if self._anchored(analysis, clause) else ()))
        return tuple(dict.fromkeys(found))

    def _anchored(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether a comparison names what it compares with, and not just what was shown last."""
        return any(clause.holds(i) for i in analysis.refs.tokens) or " than " in f" {clause.text} " or wants_alike(clause.text)

    def _needs(
        self, analysis: Analysis, acts: Sequence[tuple[Clause, list[tuple[Intent, float]]]], wishes: Wishes, wishing: bool
    ) -> tuple[NeedReading, ...]:
        if not wishing:
            return ()
        needs = tuple(n for n in wishes.needs if n != NeedReading())
        lifted = tuple(f for f in analysis.lifted if not any(f in n.drops for n in needs))
        if lifted and not needs:
            return (NeedReading(drops=lifted),)
        starts = any(i is Intent.RECOMMEND for _, intents in acts for i, _ in intents)
        if not needs and starts and analysis.state.need() is None:
            return (NeedReading(opens=True),)
        return needs

    def _unknown(self, wishes: Wishes) -> tuple[Unknown, ...]:
        return wishes.unknown[:5]
