"""A turn taken back: the conversation stands as before it, what was changed elsewhere stays, and nothing is half done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.domain.state import DialogueState
from chatrec.errors import CannotUndo, NothingToUndo, UnknownShopper
from chatrec.storage.checkpoints import MOST_KEPT
from chatrec.storage.database import Database

from .shop import say


def at_rest(state: DialogueState) -> DialogueState:
    """The state without the count of its saves."""
    return replace(state, version=0)


def test_turns_go_back_one_by_one(shared: ChatRec) -> None:
    states = [at_rest(shared.state("back"))]
    for message in ("a kettle under 60", "cheaper please", "what is your returns policy?"):
        say(shared, "back", message)
        states.append(at_rest(shared.state("back")))
    newest = shared.shopper("back").turns()[-1][1][-1]
    with pytest.raises(CannotUndo, match="not the newest"):
        shared.undo("back", turn_id="back.1.000000000000")
    taken = shared.undo("back", turn_id=newest.receipt.turn_id)  # type: ignore[union-attr]
    assert taken.message == "what is your returns policy?" and at_rest(taken.state) == states[2] == at_rest(shared.state("back"))
    assert [message for message, _ in shared.shopper("back").turns()] == ["a kettle under 60", "cheaper please"]
    kept = shared.receipt(taken.turn_id)
    assert kept is not None and kept.taken_back
    assert shared.undo("back").message == "cheaper please"
    say(shared, "back", "cheaper please")  # asked again it comes out as it did
    assert shared.state("back").needs == states[2].needs and shared.state("back").shown == states[2].shown
    assert shared.undo("back") and shared.undo("back").message == "a kettle under 60"
    assert at_rest(shared.state("back")) == states[0]
    with pytest.raises(NothingToUndo, match="no turn to take back"):
        shared.undo("back")


def test_a_press_goes_back_with_the_turn_that_it_began_and_a_like_stays(shared: ChatRec) -> None:
    say(shared, "pressed", "a kettle under 60")
    shown = shared.state("pressed").last_shown()
    shared.feedback("pressed", shown[1], EventKind.LIKE)
    before = at_rest(shared.state("pressed"))
    shared.feedback("pressed", shown[0], EventKind.DISLIKE)
    list(shared.refresh("pressed", heard="Not for me"))
    assert shared.state("pressed").disliked == (shown[0],)
    taken = shared.undo("pressed")
    assert (taken.message, taken.heard) == ("", "Not for me") and at_rest(shared.state("pressed")) == before
    judged = shared.database.events.of_session("pressed", kinds=(EventKind.LIKE, EventKind.DISLIKE))
    assert [(e.item_id, e.kind) for e in judged] == [(shown[1], EventKind.LIKE)]
    key = next(c.key for n in before.needs for c in n.constraints)
    shared.drop("pressed", before.needs[0].need_id, key)
    list(shared.refresh("pressed"))
    assert all(c.key != key for n in shared.state("pressed").needs for c in n.constraints)
    shared.set_diversity("pressed", 0.9)
    list(shared.refresh("pressed"))
    shared.undo("pressed")
    assert shared.state("pressed").diversity is None
    shared.undo("pressed")
    assert at_rest(shared.state("pressed")) == before
    shared.undo("pressed")  # the message itself: the heart that was pressed after it stays
    assert shared.state("pressed").liked == (shown[1],) and not shared.state("pressed").needs


def test_what_a_message_judged_is_no_longer_in_the_profile(shared: ChatRec) -> None:
    user_id = "u0"
    say(shared, "judged", "a kettle under 60", user_id=user_id)
    say(shared, "judged", "I like the first one", user_id=user_id)
    liked = shared.state("judged").liked
    assert liked and set(liked) <= set(shared.database.profiles.load(user_id).liked)
    shared.undo("judged", user_id=user_id)
    assert not shared.state("judged").liked and not set(liked) & set(shared.database.profiles.load(user_id).liked)


def test_a_changed_cart_is_not_taken_back(shared: ChatRec) -> None:
    say(shared, "bought", "a kettle under 60")
    item_id = next(i for i in shared.state("bought").last_shown() if not shared.live_item(i).variants)
    list(shared.put_in_cart("bought", item_id))
    while not shared.shopper("bought").cart():
        say(shared, "bought", "yes")
    before = shared.state("bought")
    with pytest.raises(CannotUndo, match="changed something outside the conversation"):
        shared.undo("bought")
    assert shared.state("bought") == before and len(shared.shopper("bought").cart()) == 1
    say(shared, "bought", "what is your returns policy?")
    assert shared.undo("bought").state.turn == before.turn  # what came after it can be


def test_nobody_takes_back_the_turn_of_another(shared: ChatRec) -> None:
    say(shared, "theirs", "a kettle under 60", user_id="u0")
    for user_id in (None, "u1"):
        with pytest.raises(NothingToUndo):
            shared.undo("theirs", user_id=user_id)
    with pytest.raises(UnknownShopper):
        shared.undo("theirs", user_id="nobody")
    with pytest.raises(NothingToUndo):
        shared.undo("never begun")


def test_checkpoints_are_few_and_go_with_their_session(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        sessions = database.sessions()
        state = DialogueState("s")
        for turn in range(MOST_KEPT + 5):
            database.checkpoints.keep(state)
            state = sessions.save(replace(state, turn=turn + 1)) if turn else replace(state, turn=1)
        kept = [turn for turn in range(MOST_KEPT + 6) if database.checkpoints.load("s", turn)]
        assert len(kept) == MOST_KEPT and kept[-1] == MOST_KEPT + 5
        database.forget(session_id="s")
        assert database.checkpoints.load("s", kept[-1]) is None
        for erase in (lambda: sessions.delete("t"), lambda: database.sessions(-1.0).sweep()):
            sessions.save(DialogueState("t"))
            database.checkpoints.keep(DialogueState("t"))
            assert database.checkpoints.load("t", 1) is not None
            erase()
            assert database.checkpoints.load("t", 1) is None


def test_a_like_that_was_taken_back_does_not_return_with_an_older_state(shared: ChatRec) -> None:
    say(shared, "withdrawn", "a kettle under 60")
    liked, unwanted = shared.state("withdrawn").last_shown()[:2]
    shared.feedback("withdrawn", liked, EventKind.LIKE)
    shared.feedback("withdrawn", unwanted, EventKind.DISLIKE)
    say(shared, "withdrawn", "cheaper please")
    shared.unjudge("withdrawn", liked)
    shared.unjudge("withdrawn", unwanted)
    state = shared.undo("withdrawn").state
    assert (state.liked, state.disliked) == ((), ())
