"""What is remembered of a verified shopper: offered, with consent; used as soft wishes; shown, changed and erased on request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chatrec.dialogue.acting import YES_NO, asking, telling
from chatrec.dialogue.consent import words
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.perform import Performed, Scene, speak_topic
from chatrec.dialogue.wording import constraint_words
from chatrec.domain.act import AboutYou, Act
from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.plain import plain
from chatrec.domain.profile import FROM_PROFILE, Profile, wish_key
from chatrec.domain.reading import IntentSpan, Reading
from chatrec.domain.reply import Chip, Effect
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Outcome, Pending

REMEMBER_IT = "Remember it"
MOST_TOLD = 12
MOST_APPLIED = 6
# What a shopper says of themselves for good, not of the thing at hand. Prices are for one purchase and never remembered.
_LASTING = re.compile(
    r"\b(?:i(?:'m| am)?(?: usually| always| normally| only| never)? (?:wear|take|buy)(?!ing)|my (?:\w+ )?size is|"
    r"i(?:'m| am) (?:a )?(?:size|an? (?:xs|s|m|l|xl|xxl)\b)|never (?:again )?\S+(?: \S+){0,3} again|never (?:show me|buy|again)|"
    r"i (?:really )?(?:hate|can't stand|cannot stand|despise|avoid)|i(?:'m| am) allergic to|i only (?:buy|wear|want|like)|i always|"
    r"i never|from now on|in (?:the )?future|for next time|remember (?:that )?(?:i|my))\b",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"\b(?:never|hate|can't stand|cannot stand|despise|avoid|allergic)\b", re.IGNORECASE)
_SPENT = ("price", "stock", "category", "title", "rating")


def profile_acts(span: IntentSpan, reading: Reading) -> Iterator[Act]:
    """Show, forget, or offer to remember what the message says."""
    if span.detail == "remember":
        yield AboutYou("offer", tuple(_packed(w) for w in lasting_wishes(reading)))
    else:
        yield AboutYou(span.detail or "show", (span.text,) if span.detail == "forget" else ())


def offer_to_remember(acts: Sequence[Act], state: DialogueState, reading: Reading, message: str) -> Iterator[Act]:
    """An offer to remember what a verified shopper said of themselves, after the other acts; each thing is offered once a dialogue."""
    if state.user_id is None or any(isinstance(a, AboutYou) for a in acts) or not _LASTING.search(message):
        return
    if any(need.recipient for need in reading.needs) or ((need := state.need()) is not None and need.recipient):
        return  # what somebody else wears is none of this shopper's sizes
    wishes = [w for w in lasting_wishes(reading) if _offered(w) not in state.asked]
    if _AGAINST.search(message) and all(w.strength is Strength.PREFER for w in wishes):
        return  # something is never wanted again, and what it is was not understood: the contrary must not be remembered
    if wishes:
        yield AboutYou("offer", tuple(_packed(w) for w in wishes))


def lasting_wishes(reading: Reading) -> list[Constraint]:
    """What a message says that may hold for the next visit too, as soft constraints."""
    found = []
    for constraint in (c for need in reading.needs for c in need.constraints):
        if constraint.field in _SPENT or constraint.op not in (Op.IS, Op.IS_NOT) or not constraint.values:
            continue
        against = constraint.op is Op.IS_NOT or constraint.strength is Strength.AVOID
        strength = Strength.AVOID if against else Strength.PREFER
        found.append(Constraint(constraint.field, Op.IS, constraint.values, strength=strength))
    return found


def _packed(wish: Constraint) -> str:
    return "\t".join((wish.strength.value, wish.field, *wish.values))


def unpacked(key: str) -> Constraint | None:
    """The wish of a key made by :func:`lasting_wishes`; ``None`` for any other text."""
    strength, *rest = key.split("\t")
    if len(rest) < 2 or strength not in (Strength.PREFER, Strength.AVOID):
        return None
    return Constraint(rest[0], Op.IS, tuple(rest[1:]), strength=Strength(strength))


def _offered(wish: Constraint) -> str:
    return f"0:remember:{wish_key(wish)}"


def resumed_profile(pending: Pending, agreed: bool) -> Iterator[Act]:
    """The act that a yes goes on with."""
    if agreed:
        keys = tuple(value for name, value in pending.arguments if name == "key")
        yield AboutYou("remember" if pending.do == "offer" else pending.do, keys, confirmed=True)


def tell_profile(act: AboutYou, scene: Scene) -> Performed:
    """One act on what is remembered. A visitor has no profile; "forget me" then means this conversation."""
    if act.do == "forget":
        return forget_me(act, scene)
    if scene.state.user_id is None:
        return speak_topic(act, "not_remembered" if act.do == "show" else "sign_in_to_remember", scene)
    if act.do == "offer":
        return offer(act, scene)
    if act.do == "remember":
        return remember(act, scene)
    return show(act, scene)


def offer(act: AboutYou, scene: Scene) -> Performed:
    """Asks whether to remember what was said."""
    wishes = [w for key in act.keys if (w := unpacked(key)) is not None]
    if not wishes:
        return speak_topic(act, "nothing_to_remember", scene)
    named = " and ".join(wish_words(w, scene.parts.limits.currency) for w in wishes)
    keys, turn = tuple(("key", key) for key in act.keys), scene.state.turn
    marks = tuple(_offered(w) for w in wishes)
    if scene.state.question is not None and scene.state.question.turn == turn:  # one question a turn is enough
        beside = Pending(act.kind, "offer", keys, "consent", (REMEMBER_IT,), turn, is_beside=True)
        chip = Chip("followup", REMEMBER_IT, message=REMEMBER_IT)
        return replace(asking(act, f"I can remember for your next visits, if you like: {named}.", beside, (chip,), scene), marks=marks)
    pending = Pending(act.kind, "offer", keys, turn=turn)
    return replace(asking(act, f"Shall I remember for your next visits: {named}?", pending, YES_NO, scene), marks=marks)


def remember(act: AboutYou, scene: Scene) -> Performed:
    """Keeps what was agreed to."""
    payload = tuple(("wish", key) for key in act.keys)
    effect = Effect("remember", _key("remember", act, scene), payload)

    def told(outcomes: Sequence[Outcome]) -> Performed:
        return speak_topic(act, "remembered" if outcomes[0].done else "tool_failed", scene)

    return Performed(act, telling(act, (), scene).evidence, effects=(effect,), after=told)


def forget_me(act: AboutYou, scene: Scene) -> Performed:
    """Erases everything of this shopper, or of this conversation for a visitor; asked about first, since nothing brings it back."""
    visitor = scene.state.user_id is None
    if not visitor and not act.confirmed and (named := _named(act.keys, scene)):
        return unlearn(act, named, scene)
    if not act.confirmed:
        what = "this conversation and its cart" if visitor else "your conversations, likes, remembered wishes and cart"
        kept = "" if visitor else " Your orders stay, since they are the shop's own records."
        pending = Pending(act.kind, "forget", turn=scene.state.turn)
        return asking(act, f"Shall I erase {what}? That cannot be undone.{kept}", pending, YES_NO, scene)
    effect = Effect("forget", _key("forget", act, scene))

    def told(outcomes: Sequence[Outcome]) -> Performed:
        done = outcomes[0].done
        topic = "forgotten_visit" if visitor else "forgotten"
        return replace(speak_topic(act, topic if done else "tool_failed", scene), action="forgotten" if done else "")

    return Performed(act, telling(act, (), scene).evidence, effects=(effect,), after=told)


def _named(said: Sequence[str], scene: Scene) -> list[Constraint]:
    """The remembered wishes that the words name by field or value ("forget my size"); none where everything is meant."""
    text = f" {words(' '.join(said))} "
    if re.search(r" (?:me|everything|all|anything|profile|data|history) ", text):
        return []
    wishes = scene.parts.known(scene.state.user_id).wishes
    return [w for w in wishes if any(f" {words(name)} " in text.replace("sizes ", "size ") for name in (w.field, *w.values))]


def unlearn(act: AboutYou, named: Sequence[Constraint], scene: Scene) -> Performed:
    """Erases single wishes; they can be told again at any time, so that nothing is asked."""
    effect = Effect("unlearn", _key("unlearn", act, scene), tuple(("key", f"wish:{wish_key(w)}") for w in named))
    told_of = " and ".join(wish_words(w, scene.parts.limits.currency) for w in named)

    def told(outcomes: Sequence[Outcome]) -> Performed:
        done = outcomes[0].done
        return telling(act, (f"I have forgotten: {told_of}.",), scene) if done else speak_topic(act, "tool_failed", scene)

    return Performed(act, telling(act, (), scene).evidence, effects=(effect,), after=told)


def _key(name: str, act: AboutYou, scene: Scene) -> str:
    asked = scene.state.pending.turn if scene.state.pending is not None else scene.state.turn
    return f"{name}:{scene.state.session_id}:{asked}"


def show(act: AboutYou, scene: Scene) -> Performed:
    """What is kept, in plain sentences, and how to change it."""
    profile = scene.parts.known(scene.state.user_id)
    texts = list(profile_sentences(profile, scene.state.user_id, scene.parts))
    forget = Chip("followup", "Forget me", message="forget me")
    if not texts:
        return replace(speak_topic(act, "nothing_known", scene), chips=(forget,))
    currency, newest = scene.parts.limits.currency, profile.wishes[-MOST_TOLD:]
    chips = tuple(Chip("profile", wish_words(w, currency), key=f"wish:{wish_key(w)}") for w in newest)
    return telling(act, texts, scene, (), (*chips, forget))


def profile_sentences(profile: Profile, user_id: str | None, parts: Parts) -> Iterator[str]:
    """What is kept of a shopper, a sentence for each kind of it."""
    if profile.wishes:
        named = "; ".join(wish_words(w, parts.limits.currency) for w in profile.wishes[-MOST_TOLD:])
        yield f"You asked me to remember: {named}."
    for lead, ids in (("You liked", profile.liked), ("You did not like", profile.disliked)):
        names = [plain(parts.shelf.item(i).title, 80) for i in ids[-MOST_TOLD:] if i in parts.shelf]
        if names:
            yield f"{lead}: {'; '.join(names)}."
    told = parts.attributes(user_id)
    if told:
        yield f"The shop's own records say: {'; '.join(f'{plain(n, 40)} {plain(v, 60)}' for n, v in told[:MOST_TOLD])}."


def wish_words(wish: Constraint, currency: str) -> str:
    """A remembered wish as a shopper would say it: "size 42", "no Kolder"."""
    plainly = constraint_words(replace(wish, strength=Strength.MUST), currency)
    return f"no {plainly}" if wish.strength is Strength.AVOID else plainly


def with_profile(state: DialogueState, parts: Parts) -> DialogueState:
    """The state in which every need opened in this turn carries what is remembered, as soft wishes that can be dropped like any other.

    Only what this kind of thing can have counts; nothing that the shopper spoke of now is added to, and nothing is taken for granted
    of somebody else: a need for another person loses it again.
    """
    if state.user_id is None:
        return _without_remembered(state)
    wishes = parts.known(state.user_id).wishes
    for need in state.needs:
        if need.recipient:
            state = state.with_need(_plainly(need))
        elif need.opened_turn == state.turn and wishes:
            state = state.with_need(_wishing(need, wishes, parts, state.turn))
    return state


def _without_remembered(state: DialogueState) -> DialogueState:
    """Signed out in the middle of a dialogue: what was remembered goes with the shopper."""
    for need in state.needs:
        state = state.with_need(_plainly(need)) if any(c.said == FROM_PROFILE for c in need.constraints) else state
    return state


def _plainly(need: Need) -> Need:
    kept = tuple(c for c in need.constraints if c.said != FROM_PROFILE)
    return need if len(kept) == len(need.constraints) else replace(need, constraints=kept)


def _wishing(need: Need, wishes: Sequence[Constraint], parts: Parts, turn: int) -> Need:
    spoken = {c.field for c in need.constraints}
    added = 0
    for wish in wishes:
        if wish.field in spoken or added >= MOST_APPLIED or not parts.shelf.lists(wish.field):
            continue
        if parts.shelf.matching((*need.hard(), replace(wish, strength=Strength.MUST))):
            need = replace(need, constraints=(*need.constraints, replace(wish, turn=turn, said=FROM_PROFILE)))
            added += 1
    return need
