"""One that was shown, but otherwise: "I like the third, do you have that in blue?", "the second is close, but I need it under 80".

What is pointed at is what another one should be like; it is neither chosen nor asked about.
"""

from __future__ import annotations

import re

from chatrec.understanding.analysis import Analysis
from chatrec.understanding.clauses import Clause

_IT = r"(?:it|that|this|one|them|these|those|something)(?: one)?"
_HOW = (
    r"(?:in|by|from|with|without|under|below|over|above|for|around|at|made|to be|that(?:'s| is)|a bit|a little|slightly|[a-z]+er|less|more|"
    r"not|no)\b"
)
_BUT = re.compile(
    rf"\b(?:but|only|just|though|except|however|if only)\b(?: [a-z',]+){{0,2}}? (?:(?:i|we|i'd|we'd|would|'d|rather|really|it) )*"
    rf"(?:want|need|needs|like|prefer|wish|have|has|must|should)(?: to)?(?: have| get| be| come)?(?: {_IT})? {_HOW}"
    rf"|\b(?:but|only|though|except|however)\b(?: [a-z',]+){{0,2}}? (?:must|should|has to|needs to|need to|would have to) have (?:a|"
    rf"an|some)\b"
    rf"|\b(?:do you have|have you got|have you|is there|are there|got|can i (?:get|have)|could i (?:get|have)|any chance of|do they make|"
    rf"do you do|does anyone make) (?:the same|{_IT}) {_HOW}"
    rf"|\b(?:but|only|just|though) (?:make it |the same |can it be |could it be |it (?:has|needs) to be )?{_HOW}"
)
_LIKED = re.compile(
    r"\b(?:like|likes|love|close|nice|good|great|fine|lovely|perfect|almost|nearly|beautiful|gorgeous|cool|ok|okay|pretty|favourite|"
    r"not (?:quite|far)|spot on|ideal|right|tempting|tempted|interesting|best|keen|fan)\b"
)
_SETTLED = re.compile(
    r"\b(?:i'll (?:take|have)|take|buy|order|cart|basket|why|compare|which|don't|not (?:for me|my)|hate|ugly|does (?:it|that)|"
    r"is (?:it|that)|"
    r"how|what)\b"
)


def varied(analysis: Analysis) -> tuple[str, ...]:
    """The items shown that another one should be like; empty where the message asks for no such thing."""
    text = analysis.message.text
    change = next((m for m in _BUT.finditer(text) if m.start()), None)
    if not analysis.state.shown or change is None or _SETTLED.search(text[: change.start()]):
        return ()
    start = analysis.message.at(change.start())
    before = [i for i in analysis.refs.tokens if i < start]
    told = any(m.first >= start for m in analysis.mentions) or any(
        t.number is not None and i not in analysis.refs.tokens for i, t in enumerate(analysis.message.tokens) if i >= start
    )
    if not before or not told or not _LIKED.search(text[: change.start()]):
        return ()
    return analysis.refs.ids(0, start)


def about_variation(analysis: Analysis, clause: Clause) -> bool:
    """Whether a clause belongs to such a wish."""
    return bool(analysis.alike) and not clause.text.startswith(("thanks", "thank you"))
