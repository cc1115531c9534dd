"""Every dialogue script of ``tests/dialogues``, and what must hold in each turn of each of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.evaluation.player import PlayedTurn, play
from chatrec.evaluation.scripts import Script, load_scripts

FOLDER = Path(__file__).parent / "dialogues"
SCRIPTS = load_scripts([FOLDER])


@pytest.fixture(scope="module")
def demo_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """The demo shop as a new shopper finds it: nobody has liked or bought anything in it before, nor left questions unanswered, which
    would decide what is asked."""
    from chatrec.shops import prepare_demo

    folder = Path(shutil.copytree(prepare_demo(), tmp_path_factory.mktemp("scripts") / "shop"))
    with ChatRec.open(folder, settings={"model": {"engine": "template"}}) as bot:
        yield bot


@pytest.mark.parametrize("script", SCRIPTS, ids=[Path(s.path).stem for s in SCRIPTS])
def test_script(script: Script, demo_bot: ChatRec) -> None:
    broken: list[str] = []

    def look(number: int, turn: PlayedTurn) -> None:
        broken.extend(f"turn {number}: {what}" for what in broken_promises(turn, demo_bot))

    failed = [*play(script, demo_bot, look).failures, *broken]
    if failed:
        pytest.fail("\n".join(failed), pytrace=False)


def broken_promises(turn: PlayedTurn, bot: ChatRec) -> list[str]:
    """What holds in every turn, whatever the shopper writes: an answer; cards told in the text, at live prices, within every limit;
    nothing shown that was turned down; no question twice."""
    if turn.receipt is None:
        return []
    state = bot.state(turn.receipt.session_id)
    broken = [] if turn.text.strip() else ["no answer"]
    broken += [f"{c.title} is shown but not told" for c in turn.cards if c.title[:20].casefold() not in turn.text.casefold()]
    for card, row in zip(turn.cards, turn.receipt.shown, strict=True):
        need, live = state.need(row["need_id"]), bot.live_item(card.item_id)
        broken += [f"{card.item_id} breaks {[c.key for c in need.hard()]}"] if need and not bot.satisfies(live, need.hard()) else []
        broken += [f"{card.item_id} costs {live.price}, not {card.price}"] if live.price != card.price else []
        broken += [f"{card.item_id} was turned down"] if card.item_id in state.disliked else []
    broken += [f"asked twice: {state.asked}"] if len(set(state.asked)) != len(state.asked) else []
    return broken


def test_the_scripts_cover_the_journey() -> None:
    """At least forty dialogues of four to ten turns, and each way of a shopper to act is in one of them."""
    assert len(SCRIPTS) >= 40
    assert [s.path for s in SCRIPTS if not 4 <= len(s.turns) <= 10] == []
    done = {name for s in SCRIPTS for t in s.turns for name in t if name != "expect"}
    assert done == {"shopper", "like", "dislike", "drop", "tap", "diversity", "stock", "row", "visit"}


def test_a_script_leaves_nothing_behind(demo_bot: ChatRec) -> None:
    script = next(s for s in SCRIPTS if Path(s.path).stem == "stock_changes")
    before = {i.item_id: demo_bot.live(i.item_id) for i in demo_bot.items()}
    sessions: list[str] = []
    play(script, demo_bot, lambda _, turn: sessions.append(turn.receipt.session_id) if turn.receipt else None)
    assert {i.item_id: demo_bot.live(i.item_id) for i in demo_bot.items()} == before
    assert sessions and demo_bot.state(sessions[0]).turn == 0


def test_a_like_counts_in_the_next_list(demo_bot: ChatRec) -> None:
    """The button is logged and folded in: the history that the sources are asked with holds the liked item."""
    session = "likes-count"
    list(demo_bot.reply(session, "I need trekking poles"))
    liked = demo_bot.state(session).last_shown()[0]
    demo_bot.feedback(session, liked, EventKind.LIKE)
    last = list(demo_bot.reply(session, "show me others"))[-1]
    assert demo_bot.state(session).liked == (liked,)
    assert any("collaborative" in row["sources"] for row in last.receipt.shown)  # type: ignore[union-attr]
    demo_bot.forget(session_id=session)
