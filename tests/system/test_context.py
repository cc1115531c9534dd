"""The page that a shopper is on: handed through to the sources, kept with the session and in the receipt."""

from __future__ import annotations

from chatrec.bot import ChatRec
from chatrec.dialogue.offer import make_query
from chatrec.domain.act import Recommend
from chatrec.domain.context import Context
from chatrec.domain.reply import Done, Receipt


def told(bot: ChatRec, session: str, message: str, context: Context | None = None) -> Receipt:
    *_, last = bot.reply(session, message, context=context)
    assert isinstance(last, Done)
    return last.receipt


def test_the_context_is_in_the_query_the_session_and_the_receipt(shared: ChatRec) -> None:
    where = Context(page=("t5",), cart=("t9", "no such item"), moment=1_700_000_000.0)
    receipt = told(shared, "on-a-page", "a kettle", where)
    assert receipt.context == {"page": ("t5",), "cart": ("t9", "no such item"), "moment": 1_700_000_000.0}
    state = shared.state("on-a-page")
    assert state.context == where
    with shared._using() as pinned:
        query = make_query(Recommend(1), state.need(), state, pinned.parts, None)
    assert query.context == where
    kept = shared.receipt(receipt.turn_id)
    assert kept is not None and kept.context["page"] == ["t5"]


def test_a_context_holds_until_another_is_told(shared: ChatRec) -> None:
    told(shared, "walks-on", "a kettle", Context(page=("t5",)))
    assert told(shared, "walks-on", "a teapot").context["page"] == ("t5",)
    assert told(shared, "walks-on", "a mug", Context()).context["page"] == ()


def test_what_the_shop_says_of_a_shopper_is_in_the_query(shared: ChatRec) -> None:
    with shared._using() as pinned:
        attributes = pinned.parts.attributes
        everyone = shared.database.users.all()
        for user_id, told_of in list(everyone.items())[:3]:
            assert dict(attributes(user_id)) == told_of
        assert attributes(None) == attributes("nobody") == ()
