"""Message to meaning: rules over the catalogue's own vocabulary, with a trained classifier where the rules are silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chatrec.catalog.contract import Contract
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.reading import Intent, Mapped, NeedReading, Reading
from chatrec.domain.state import DialogueState
from chatrec.errors import UnknownItem
from chatrec.protocols import Embedder
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.answers import is_option, read_answer, says_yes_or_no
from chatrec.understanding.assembling import Act, Assembly, without_run_up, without_story
from chatrec.understanding.children import described_as_childish
from chatrec.understanding.classifier import IntentClassifier
from chatrec.understanding.clauses import cut_clauses
from chatrec.understanding.comparatives import ComparisonReader
from chatrec.understanding.corrections import find_corrections, without_misstatement, without_preamble, without_taken_back
from chatrec.understanding.deciding import IntentReader
from chatrec.understanding.figure_answers import beyond, is_its_figure, is_read_as_another
from chatrec.understanding.given_up import need_returned_to, needs_given_up
from chatrec.understanding.kinds import KindReader
from chatrec.understanding.language import borrowed_words
from chatrec.understanding.lexicon import Lexicon, Mention
from chatrec.understanding.lifting import lifted_fields, lifted_values
from chatrec.understanding.named import Named, NamedProducts, whole_clauses
from chatrec.understanding.needs import active_kinds
from chatrec.understanding.opinions import is_asked_of_next, opinions_of, speaks_of
from chatrec.understanding.order_ids import find_order_ids
from chatrec.understanding.pointing import point_by_value
from chatrec.understanding.recipients import Recipient, read_recipients
from chatrec.understanding.references import ReferenceReader
from chatrec.understanding.slips import Mender
from chatrec.understanding.text import Message, read_message, stems
from chatrec.understanding.turned_down import turned_down
from chatrec.understanding.unknown import Nearest
from chatrec.understanding.variation import varied
from chatrec.understanding.vocabulary import GENDER_FIELDS, SIZE_FIELDS, CatalogueShelf, Vocabulary
from chatrec.understanding.wishes import Wishes, WishReader

# A shopper who asks in return has not answered: "are they powder free?" names no brand, "show me 3 more" no sum.
_ASKS_BACK = {
    Intent.ITEM_QUESTION, Intent.SHOP_QUESTION, Intent.ORDER_STATUS, Intent.WHY, Intent.COMPARE, Intent.HAND_OFF, Intent.MORE
}  # fmt: skip
MOST_READ = 4  # values that are told of a word that stands for several
MOST_ID_TOKENS = 8  # pieces that one order number falls into


class RuleUnderstander:
    """Implements :class:`chatrec.protocols.Understander` for one generation of one catalogue.

    Total: any string gives a reading; only the first 4,000 characters are read. Deterministic, safe to share between threads. The
    categories are embedded once, here; a message is embedded only where no rule knows it.
    """

    def __init__(self, contract: Contract, shelf: CatalogueShelf, embedder: Embedder) -> None:
        self._shelf = shelf
        self.vocabulary = Vocabulary(contract, shelf)
        self._mender = Mender(self.vocabulary)
        self._lexicon = Lexicon(self.vocabulary)
        self._kinds = KindReader(self.vocabulary)
        self._references = ReferenceReader(self._item, lambda word: len(self.vocabulary.title_rows.get(word, ())))
        self._named = NamedProducts(self.vocabulary, {item_id: shelf.item(item_id).title for item_id in shelf.ids})
        self._comparisons = ComparisonReader(self.vocabulary)
        self._wishes = WishReader(self.vocabulary, self._comparisons, Nearest(self.vocabulary, embedder))
        lifted_fields(read_message(""), self.vocabulary)  # patterns over all field names are compiled now, not in somebody's first turn
        self._intents = IntentReader(self.vocabulary, self._references, self._wishes, IntentClassifier(embedder))

    def read(self, message: str, state: DialogueState) -> Reading:
        """What this message says, given the dialogue so far."""
        tokens, mapped = self._mender.mend(read_message(message))
        if not tokens.tokens:
            return Reading((), language="")
        tokens = without_preamble(without_misstatement(tokens))
        if marks := find_corrections(tokens):
            tokens = without_taken_back(tokens, marks, self._lexicon.mentions(tokens))
        analysis = self._take_apart(message, tokens, state)
        analysis.mapped = (*mapped, *self._read_otherwise(analysis))
        acts = [Act(c, tuple(self._intents.read(analysis, c)), self._intents.only_points(analysis, c)) for c in analysis.clauses]
        acts = without_run_up(without_story(acts))
        question = state.question
        if question is not None and says_yes_or_no(tokens, question, self.vocabulary):
            acts = [Act(analysis.clauses[0], ((Intent.REFINE, 1.0),))]  # "of course" looks for no course
        wished = [act.clause for act in acts if Intent.RECOMMEND in act.kinds]
        wishes = self._wishes.read(analysis, wished) if wished or analysis.recipient.who else Wishes()
        analysis.mapped = (*analysis.mapped, *self._kinds_read_otherwise(wishes.needs))
        answer = self._answer(analysis, acts, wishes)
        return Assembly(analysis, acts, _with_answer(wishes, answer, analysis), answer is not None, self._references).reading()

    def _take_apart(self, raw: str, message: Message, state: DialogueState) -> Analysis:
        analysis = Analysis(message, state, [False] * len(message.tokens))
        self._mark_orders(raw, analysis)
        named = self._named.find(message)
        analysis.clauses = whole_clauses(cut_clauses(message), named, message)
        analysis.refs = self._references.positions(message, state)
        self._note_named(analysis, named)
        analysis.take(analysis.refs.tokens)
        everyone = read_recipients(message)
        analysis.recipient = everyone[0] if everyone else Recipient()
        analysis.recipients = everyone if len({r.who for r in everyone}) > 1 else []
        analysis.childish = described_as_childish(message)
        analysis.take(analysis.childish)
        if analysis.childish & set(analysis.recipient.tokens):
            analysis.recipient = Recipient()
        if len(borrowed := borrowed_words(message)) < len(message.tokens):
            analysis.take(borrowed)
        analysis.turned_down = turned_down(message, state, self.vocabulary, self._item)
        for turned in analysis.turned_down:
            analysis.take(turned.tokens)
        limited = {c.field for n in state.needs for c in n.constraints} - ({state.question.field} if state.question else set())
        analysis.lifted = lifted_fields(message, self.vocabulary, limited)
        for tokens in analysis.lifted.values():
            analysis.take(tokens)
        mentions = self._lexicon.mentions(message, analysis.taken)
        if analysis.recipient.age is not None:  # how old they are tells more than "a girl"
            said = set(analysis.recipient.tokens)
            mentions = [m for m in mentions if m.field not in GENDER_FIELDS or m.first not in said]
        mentions = self._kinds.settle(message, mentions, analysis.clauses)
        mentions = self._without_let_go(mentions, analysis)
        analysis.mentions = self._references.properties(message, state, analysis.refs, mentions)
        categories = [v for m in analysis.mentions if m.field == "category" for v in m.values] or list(
            active_kinds(analysis, self.vocabulary.kind_fields)
        )
        analysis.given_up = {c.first: ids for c in analysis.clauses if (ids := needs_given_up(analysis, c))}
        analysis.returned = {c.first: n for c in analysis.clauses if (n := need_returned_to(analysis, c)) is not None}
        analysis.compared = self._comparisons.read(message, categories)
        analysis.compared = point_by_value(analysis, self._item)
        analysis.mentions = [
            m for m in analysis.mentions if not any(m.covers(i) for c in analysis.compared for i in range(c.first, c.last))
        ]
        analysis.take(analysis.refs.tokens)
        for recipient in (analysis.recipient, *analysis.recipients):
            analysis.take(recipient.tokens)
        for mention in analysis.mentions:
            analysis.take(range(mention.first, mention.last))
        for compared in analysis.compared:
            analysis.take(range(compared.first, compared.last))
        analysis.alike = varied(analysis)
        return analysis

    def _without_let_go(self, mentions: list[Mention], analysis: Analysis) -> list[Mention]:
        """The mentions without the values that this message lets go; their fields are marked as lifted."""
        let_go = lifted_values(analysis.message, mentions, analysis.state.need())
        analysis.lifted |= let_go
        for tokens in let_go.values():
            analysis.take(tokens)
        return [m for m in mentions if m.field not in let_go]

    def _read_otherwise(self, analysis: Analysis) -> Iterator[Mapped]:
        """Words that no value holds and that stand for some ("wooden": oak and pine)."""
        for mention in analysis.mentions:
            phrase = tuple(t.stem for t in analysis.message.tokens[mention.first : mention.last] if t.text[:1].isalnum())
            if self.vocabulary.mapped_words.get(phrase) == mention.field and mention.field not in SIZE_FIELDS:
                named = sorted(mention.values, key=lambda v: (len(v), v))[:MOST_READ]
                yield Mapped(analysis.message.words(mention.first, mention.last), ", ".join(named), mention.field)

    def _kinds_read_otherwise(self, needs: Sequence[NeedReading]) -> Iterator[Mapped]:
        """A kind of thing under a name that no record bears, read as one that comes near in meaning ("anorak": rain jackets)."""
        for constraint in (c for n in needs for c in n.constraints if c.field == "category" and c.op is Op.IS):
            words = set(stems(constraint.said))
            named = any(words & set(stems(v)) for v in constraint.values) or any(w in self.vocabulary.title_heads for w in words)
            if constraint.strength is Strength.PREFER and words and not named:
                yield Mapped(constraint.said, ", ".join(constraint.values[:MOST_READ]), "category")

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

    def _note_named(self, analysis: Analysis, named: Sequence[Named]) -> None:
        """Products called by name are pointed at, shown or not; of namesakes those that were shown are meant."""
        shown = analysis.state.all_shown()
        judged = opinions_of(analysis.message, analysis.clauses, named)
        analysis.judged = tuple(judged)
        for one in named:
            clause = next((c for c in analysis.clauses if c.holds(one.first)), None)
            spoken_of = clause and (speaks_of(analysis.message, clause, judged) or is_asked_of_next(clause, analysis.clauses))
            if spoken_of and not analysis.refs.tokens & set(range(one.first, one.last)):
                analysis.refs.add([i for i in one.item_ids if i in shown] or one.item_ids, range(one.first, one.last))

    def _item(self, item_id: str) -> Item | None:
        try:
            return self._shelf.item(item_id)
        except UnknownItem:
            return None  # taken out of the catalogue since it was shown

    def _answer(self, analysis: Analysis, acts: Sequence[Act], wishes: Wishes) -> NeedReading | None:
        question = analysis.state.question
        if question is None or (any(act.kinds & _ASKS_BACK for act in acts) and not is_option(analysis.message, question)):
            return None
        found = read_answer(analysis.message, question, self.vocabulary, analysis.mentions)
        read = [c for n in wishes.needs for c in n.constraints]
        if not found or is_read_as_another(found, read) or self._means_money(found, read, analysis.state.need(question.need_id)):
            return None
        return NeedReading(constraints=tuple(replace(c, turn=analysis.state.turn + 1) for c in found))

    def _means_money(self, found: Sequence[Constraint], read: Sequence[Constraint], need: Need | None) -> bool:
        """ "Under 100", asked for a weight, where all that is at hand weighs less, or nothing does: dollars, if they buy something. So is
        "under 200, and not black", which does more than answer."""
        money = [c for c in read if c.field == "price" and is_its_figure(c, found)]
        held = need.hard() if need is not None else ()
        if not money or not self.vocabulary.any_match((*held, *money)):
            return False
        beside = [c for c in read if c.field not in {f.field for f in found} and not is_its_figure(c, found)]
        leaves, rules_out = (any(self.vocabulary.any_match((*held, *cut)) for cut in cuts) for cuts in ([found], beyond(found)))
        return bool(beside) or not (leaves and rules_out)


def _with_answer(wishes: Wishes, answer: NeedReading | None, analysis: Analysis) -> Wishes:
    """The plain reading of the question's own field gives way to the answer; everything else said stays."""
    if answer is None:
        return wishes
    fields = {c.field for c in answer.constraints}
    first = wishes.needs[0] if wishes.needs else NeedReading()
    if first.opens and analysis.state.need() is not None:
        # "max 250 for the tent", asked what the bag may cost, answers nothing; nor does "a lamp under 40", asked for how long it lasts
        told = fields & {c.field for c in first.constraints} or _figures(answer) & _figures(first)
        return wishes if told else replace(wishes, needs=(answer, *wishes.needs))
    said = {a.said for a in answer.constraints}
    kept = tuple(c for c in first.constraints if c.field not in fields and c.said not in said and not is_its_figure(c, answer.constraints))
    opens = first.opens and analysis.state.need() is None
    beside = first.query if kept else _beside_the_answer(first.query, answer, analysis)
    merged = NeedReading(beside, (*kept, *answer.constraints), first.recipient, opens, first.drops, thing=first.thing)
    return Wishes((merged, *wishes.needs[1:]), (), wishes.opened)


def _figures(need: NeedReading) -> set[float]:
    return {c.number for c in need.constraints if c.number is not None}


def _beside_the_answer(query: str, answer: NeedReading, analysis: Analysis) -> str:
    """The search words of what is said in further clauses: "over 100. And with a lid, please". A lone clause is the answer itself."""
    if len(analysis.clauses) < 2:
        return ""
    told = {word for c in answer.constraints for text in (c.field, *c.values) for word in stems(text)}
    first = analysis.clauses[0]
    told |= {t.stem for t in analysis.message.tokens[first.first : first.last]}
    return " ".join(word for word in query.split() if not told & set(stems(word)))
