"""Which session a conversation belongs to that is sent whole with every message, and names none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatrec.bot import ChatRec
from chatrec.domain.reply import Done, ReplyEvent
from chatrec.service.access import new_session_id

# Of a conversation that is not known here so many turns are played again, the newest; what was said before them is lost.
MOST_PLAYED_AGAIN = 12


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a shopper said so far, the message to be answered last. ``whose`` keeps apart those that begin alike: caller and end user."""

    whose: str
    said: tuple[str, ...]

    def mark(self, turns: int) -> str:
        """The key under which the session is found in which the first ``turns`` messages were answered."""
        told = json.dumps([self.whose, *self.said[:turns]], ensure_ascii=False)
        return f"openai:{hashlib.sha256(told.encode()).hexdigest()}"


def find_session(bot: ChatRec, conversation: Conversation) -> tuple[str, Sequence[str]]:
    """The session to answer in, and the messages to play again in it first.

    The session in which exactly the messages before the last were answered goes on. Where there is none (it was forgotten, a message was
    edited, the answer is to be written once more) a new one is made, and what was said is played again in it.
    """
    before = conversation.said[:-1]
    if before:
        turn, _, known = bot.database.effects.outcome(conversation.mark(len(before))).partition(":")
        if known and str(bot.state(known).turn) == turn:
            return known, ()
    return new_session_id(), before[-MOST_PLAYED_AGAIN:]


def remember_session(bot: ChatRec, conversation: Conversation, session_id: str) -> None:
    """From now on this session is found by what was said in it, until it goes on. It is forgotten with the session."""
    mark = conversation.mark(len(conversation.said))
    bot.database.effects.claim(mark, session_id)
    bot.database.effects.settle(mark, f"{bot.state(session_id).turn}:{session_id}")


def answered(bot: ChatRec, conversation: Conversation, session_id: str, again: Sequence[str]) -> Iterator[ReplyEvent]:
    """One turn at the end of a conversation, in the session and after the messages that :func:`find_session` gave."""
    if again:
        bot.rebuild(session_id, again)
    for event in bot.reply(session_id, conversation.said[-1]):
        if isinstance(event, Done):
            remember_session(bot, conversation, session_id)
        yield event
