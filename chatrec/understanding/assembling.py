"""The parts of a message put together as one reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chatrec.domain.reading import Comparative, Intent, IntentSpan, NeedReading, Reading
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.clauses import Clause
from chatrec.understanding.given_up import back_to_earlier, join_values, share_out, with_turned_down
from chatrec.understanding.intents import NEITHER, is_courtesy, wants_alike
from chatrec.understanding.language import guess_language
from chatrec.understanding.mood import score_mood
from chatrec.understanding.opinions import Opinion
from chatrec.understanding.phrases import DISLIKE, REQUEST, STOCK_ASKED
from chatrec.understanding.references import ReferenceReader
from chatrec.understanding.services import service_detail
from chatrec.understanding.wishes import Wishes

# Beside a clause that the rules are sure of, a guess from examples must be better than this to count.
SURE, GUESS = 0.9, 0.5
_ASKS_ITSELF = re.compile(r"(?:do|does|did|can|could|may|is|are|will|would|have|has|what|when|where|which|who|how|why)\b(?: \S+){2,}")
_WHICH_ONE = re.compile(
    r"(?:(?:and|so|ok|okay|but|well) )*(?:which|what) (?:ones?|of (?:them|these|those)|(?:do|does|are|is|has|have|can)\b)|"
    r"(?:(?:and|so|ok|okay|but|well) )*(?:do|does|is|are|has|have) any(?: one)?(?: of (?:them|these|those))?\b"
)
# "The same but in grey", "like number 2, only lighter": another one, near to it.
_SAME_BUT = re.compile(
    r"\b(?:the )?(?:exact )?same\b(?: (?:one|ones|thing|item|model|kind))?(?: ,)? (?:but|only|just|in|with|without)\b"
    r"|\blike (?:#|number|no)(?= )"
    r"|^(?:(?:ok|okay|and|yes|hm+|,) )*(?:this|that|it|the \w+)(?: one)?(?: ,)? (?:but|just|only) (?:in|with|without|for)\b"
)
MOST_UNKNOWN = 5
MOST_SPAN_CHARS = 400
_ABOUT_ITEMS = {Intent.ITEM_QUESTION, Intent.WHY, Intent.COMPARE, Intent.CHOOSE, Intent.FEEDBACK, Intent.CART}
_SETTLES = {Intent.CHOOSE, Intent.CART, Intent.FEEDBACK, Intent.COMPARE, Intent.WHY}
_TAKES_BACK = {Intent.UNDO, Intent.RESET, Intent.SKIP}
_HELPS = {Intent.SHOP_QUESTION, Intent.RETURN, Intent.ORDER_STATUS, Intent.HAND_OFF}
# Told of what was bought before, and no wish: "I bought boots 4 months ago, I want my money back".
_STORY = re.compile(
    r"\bmy\b.*\b(?:broke|broken|ripped|tore|torn|snapped|leaks?|leaked|damaged|faulty|cracked|stopped working|fell apart|came apart)\b|"
    r"^(?:(?:hi|hello|so|well|ok|and|but|,) )*(?:i|we)(?:'ve)?(?: have| just| recently| already| had)? (?:bought|ordered|purchased|"
    r"got|received)\b"
)
# "Do you ship to Canada, and how long does it take?": of the first question only what it is about goes with the second.
_POLITELY = re.compile(r"^(?:(?:and|so|hi|hello) )*(?:do|can|could|will|would) (?:you|i|we) ")
_RUN_UP = re.compile(r"^(?:(?:and|but|so|ok|okay|well) )*(?:what|how) about (?:the |my |some )?[a-z]+(?: [a-z]+)?$")
_OF_IT = re.compile(r"^(?:(?:is|are|does|do|can|could|will|would|has|have|how \w+ (?:is|are)) )(?:it|they|this|that|these|those)\b")
_RELATIVE = {Intent.RECOMMEND, Intent.COMPARE, Intent.FEEDBACK, Intent.MORE}


@dataclass(frozen=True)
class Act:
    """One clause and what it wants done, each with its score."""

    clause: Clause
    intents: tuple[tuple[Intent, float], ...]
    only_points: bool = False  # "the second one" asks nothing

    @property
    def kinds(self) -> frozenset[Intent]:
        """The intents without scores."""
        return frozenset(intent for intent, _ in self.intents)


@dataclass(frozen=True)
class Assembly:
    """Everything known of one message; :meth:`reading` states it. ``answered`` says that it answers the open question."""

    analysis: Analysis
    acts: Sequence[Act]
    wishes: Wishes
    answered: bool
    references: ReferenceReader

    def reading(self) -> Reading:
        """The reading of the message."""
        spans = tuple(self._spans())
        if self._gives_up_all(spans):
            spans = (IntentSpan(Intent.RESET, spans[0].text),)
        wishing = self.answered or any(s.intent in (Intent.RECOMMEND, Intent.REFINE, Intent.MORE, Intent.SKIP) for s in spans)
        liked, disliked = self._judged()
        language = guess_language(self.analysis.message)
        return Reading(
            intents=spans,
            needs=self._needs() if wishing else (),
            references=self._pointed_at(),
            like_items=self._like_items(),
            comparatives=self._comparatives(),
            liked=liked,
            disliked=disliked,
            unknown=self.wishes.unknown[:MOST_UNKNOWN] if wishing and language in ("en", "") else (),
            mapped=self.analysis.mapped[:MOST_UNKNOWN] if wishing and language in ("en", "") else (),
            order_ids=self.analysis.order_ids,
            language=language,
            mood=score_mood(self.analysis.message),
        )

    def _gives_up_all(self, spans: Sequence[IntentSpan]) -> bool:
        """Whether the only thing said is that the last open need is no longer one."""
        given_up = {n for ids in self.analysis.given_up.values() for n in ids}
        return bool(given_up) and len(spans) == 1 and not self.wishes.needs and given_up >= {n.need_id for n in self.analysis.state.needs}

    def _spans(self) -> list[IntentSpan]:
        found: list[IntentSpan] = []
        settled = any(act.kinds & _SETTLES for act in self.acts)
        for act in self.acts:
            for intent, score in act.intents:
                final = self._final(intent, act.clause)
                if act.only_points and final is Intent.ITEM_QUESTION and settled:
                    continue  # "sold! the first": it says which
                if final is Intent.UNDO and self.wishes.opened:
                    continue  # "forget it, sleeping mats under 50" goes on with something else
                text = "" if act.only_points and final is Intent.ITEM_QUESTION else act.clause.text[:MOST_SPAN_CHARS]
                if self._asks_on(final, act.clause, found):
                    final, text = Intent.SHOP_QUESTION, f"{text} ({_POLITELY.sub('', found[-1].text)})"[:MOST_SPAN_CHARS]
                sure = 1.0 if final is not intent and self.answered else score
                _add_span(found, IntentSpan(final, text, sure, service_detail(final, act.clause.text)))
        if any(s.score >= SURE for s in found):
            found = [s for s in found if s.score >= GUESS]
        acting = [s for s in found if s.intent not in (Intent.SMALL_TALK, Intent.OUT_OF_SCOPE) or s.score == 1.0]
        if any(s.intent is not Intent.SMALL_TALK for s in acting):
            # A stray half sentence beside a clear request is no request of its own.
            return [s for s in acting if s.intent is not Intent.SMALL_TALK or is_courtesy(s.text)]
        return found

    def _asks_on(self, intent: Intent, clause: Clause, found: Sequence[IntentSpan]) -> bool:
        """ "Do you ship to Canada, and how long does it take?": "it" is what the shop was just asked about, no item."""
        after_shop = bool(found) and found[-1].intent is Intent.SHOP_QUESTION
        return (
            after_shop
            and intent is Intent.ITEM_QUESTION
            and not self.analysis.refs.ids(clause.first, clause.last)
            and not self.analysis.inside(clause)
        )

    def _final(self, intent: Intent, clause: Clause) -> Intent:
        """What a clause's intent comes to in this dialogue."""
        state = self.analysis.state
        if intent is Intent.RECOMMEND and state.need() is not None and clause.first not in self.wishes.opened:
            intent = Intent.REFINE
        if self.answered and intent in (Intent.OUT_OF_SCOPE, Intent.SMALL_TALK, Intent.SKIP):
            return Intent.REFINE
        waived = state.question is not None and state.question.field in self.analysis.lifted and not self.analysis.mentions
        # "any brand" in answer to "which brand?"
        return Intent.SKIP if waived and intent is Intent.REFINE and not self.answered else intent

    def _pronouns(self, clause: Clause) -> tuple[str, ...]:
        return self.references.pronouns(self.analysis.message, self.analysis.state, self.analysis.refs, clause.first, clause.last)

    def _targets(self, clause: Clause) -> tuple[str, ...]:
        """The items a clause speaks of: those it points at, else those its pronoun stands for."""
        return self.analysis.refs.ids(clause.first, clause.last) or self._pronouns(clause)

    def _pointed_at(self) -> tuple[str, ...]:
        refs, state = self.analysis.refs, self.analysis.state
        if self.acts and all(act.kinds <= _TAKES_BACK for act in self.acts):
            return ()
        found = list(refs.ids())
        for act in self.acts:
            about = bool(act.kinds & _ABOUT_ITEMS) or wants_alike(act.clause.text)
            named = any(act.clause.holds(i) for i in refs.tokens)
            # "the second one, what is it made of?": the pronoun stands for what was just named
            if about and not named and not (found and refs.tokens and min(refs.tokens) < act.clause.first):
                found += self._pronouns(act.clause)
            elif Intent.COMPARE in act.kinds and named and len(found) == 1:
                found = [*(i for i in self._pronouns(act.clause) if i not in found), *found]
            if refs.tokens:
                continue
            if Intent.ITEM_QUESTION in act.kinds and not found:
                # "which one has latex?" asks about all of the list, whatever was talked about last
                of_all = _WHICH_ONE.match(act.clause.text) or STOCK_ASKED.match(act.clause.text)
                among = state.last_shown() if of_all and len(state.focus) < 2 else ()
                found += among or state.focus or state.last_shown()[:1]
            if Intent.COMPARE in act.kinds and len(found) < 2:
                of_kind = self.references.of_kinds(self.analysis.inside(act.clause), state)
                found += of_kind or (state.focus if len(state.focus) > 1 else state.last_shown())
        return tuple(dict.fromkeys(found))

    def _judged(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        liked = dict.fromkeys(self._named(Opinion.LIKED, Opinion.HAD))
        disliked = dict.fromkeys(self._named(Opinion.DISLIKED))
        for act in self.acts:
            text = act.clause.text
            if self.analysis.opinions(act.clause) - {Opinion.NONE}:
                continue
            if act.kinds & {Intent.FEEDBACK, Intent.CHOOSE} or (Intent.CART in act.kinds and service_detail(Intent.CART, text) == "add"):
                against = bool(DISLIKE.search(text) or NEITHER.search(text)) and Intent.CHOOSE not in act.kinds
                (disliked if against else liked).update(dict.fromkeys(self._targets(act.clause)))
        return tuple(liked), tuple(disliked)

    def _named(self, *opinions: Opinion) -> list[str]:
        """The products called by name of which this is said; of namesakes those that were shown."""
        shown = self.analysis.state.all_shown()
        judged = [j.named.item_ids for j in self.analysis.judged if j.opinion in opinions]
        return [i for ids in judged for i in ([i for i in ids if i in shown] or ids)]

    def _like_items(self) -> tuple[str, ...]:
        found = dict.fromkeys((*self.analysis.alike, *self._named(Opinion.ALIKE)))
        for act in self.acts:
            if (wants_alike(act.clause.text) or _SAME_BUT.search(act.clause.text)) and not act.kinds & {
                Intent.FEEDBACK,
                Intent.ITEM_QUESTION,
                Intent.CHOOSE,
            }:
                same = self.analysis.state.focus[-1:] or self.analysis.state.last_shown()[:1]  # "the same but in grey"
                found.update(dict.fromkeys(self._targets(act.clause) or (same if _SAME_BUT.search(act.clause.text) else ())))
        return tuple(found)

    def _comparatives(self) -> tuple[Comparative, ...]:
        return tuple(dict.fromkeys(c for act in self.acts if act.kinds & _RELATIVE for c in self._compared(act)))

    def _compared(self, act: Act) -> Iterator[Comparative]:
        for compared in (c for c in self.analysis.compared if act.clause.holds(c.first)):
            if compared.superlative and Intent.COMPARE in act.kinds and not compared.over_shop:
                compared = replace(compared, superlative=False)
            if compared.superlative or self.analysis.state.shown or self.analysis.refs.tokens:
                yield compared.wish(self._targets(act.clause) if self._anchored(act.clause) else ())

    def _anchored(self, clause: Clause) -> bool:
        """Whether a comparison names what it compares with, and not just what was shown last."""
        return any(clause.holds(i) for i in self.analysis.refs.tokens) or " than " in f" {clause.text} " or wants_alike(clause.text)

    def _needs(self) -> tuple[NeedReading, ...]:
        analysis = self.analysis
        closed = tuple(NeedReading(need_id=n, closes=True) for ids in analysis.given_up.values() for n in ids)
        closed += tuple(NeedReading(need_id=n) for n in analysis.returned.values())
        wished = back_to_earlier(join_values(self._wished(), analysis), analysis)
        return (*closed, *share_out(with_turned_down(wished, analysis), analysis))

    def _wished(self) -> tuple[NeedReading, ...]:
        needs = tuple(n for n in self.wishes.needs if n != NeedReading())
        lifted = tuple(f for f in self.analysis.lifted if not any(f in n.drops for n in needs))
        if lifted and not needs:
            return (NeedReading(drops=lifted),)
        starts = any(Intent.RECOMMEND in act.kinds for act in self.acts)
        if not needs and starts and self.analysis.state.need() is None:
            return (NeedReading(opens=True),)
        return needs


def without_story(acts: Sequence[Act]) -> list[Act]:
    """The acts without what only tells how a question for the shop came about."""
    if not any(act.kinds & _HELPS for act in acts):
        return list(acts)
    return [a for a in acts if not (a.kinds <= {Intent.RECOMMEND} and _STORY.match(a.clause.text) and not REQUEST.search(a.clause.text))]


def without_run_up(acts: Sequence[Act]) -> list[Act]:
    """The acts without what only leads up to a question: "what about rain, is it waterproof?" looks for no rain."""
    led = {n for n, (act, after) in enumerate(pairwise(acts)) if _leads_up(act, after)}
    return [act for n, act in enumerate(acts) if n not in led]


def _leads_up(act: Act, after: Act) -> bool:
    asks = Intent.ITEM_QUESTION in after.kinds and bool(_OF_IT.match(after.clause.text))
    return asks and act.kinds <= {Intent.RECOMMEND} and bool(_RUN_UP.match(act.clause.text))


def _add_span(found: list[IntentSpan], span: IntentSpan) -> None:
    """Clauses of one intent side by side become one span; only questions come more than once, each to get its own answer."""
    asked_apart = span.intent is Intent.SHOP_QUESTION and bool(_ASKS_ITSELF.match(span.text))
    if found and found[-1].intent is span.intent and not asked_apart:
        joined = f"{found[-1].text} {span.text}"[:MOST_SPAN_CHARS]
        found[-1] = replace(found[-1], text=joined, score=max(span.score, found[-1].score))
    elif span.intent in (Intent.SHOP_QUESTION, Intent.ITEM_QUESTION) or all(s.intent is not span.intent for s in found):
        found.append(span)
