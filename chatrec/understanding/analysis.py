"""One message as taken apart so far: what every later step reads and marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chatrec.domain.reading import Mapped
from chatrec.domain.state import DialogueState
from chatrec.understanding.clauses import Clause
from chatrec.understanding.comparatives import Compared
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.opinions import Judged, Opinion
from chatrec.understanding.recipients import Recipient
from chatrec.understanding.references import References
from chatrec.understanding.text import Message
from chatrec.understanding.turned_down import TurnedDown


@dataclass
class Analysis:
    """``taken`` marks tokens that something already explains; ``lifted`` maps fields to the tokens that lift them; ``given_up`` maps
    the start of a clause to the needs that it gives up, ``returned`` to the one that it comes back to."""

    message: Message
    state: DialogueState
    taken: list[bool]
    clauses: list[Clause] = field(default_factory=list)
    refs: References = field(default_factory=References)
    mentions: list[Mention] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    recipient: Recipient = field(default_factory=Recipient)
    recipients: list[Recipient] = field(default_factory=list)  # where the message names several, each of them
    lifted: dict[str, tuple[int, ...]] = field(default_factory=dict)
    turned_down: list[TurnedDown] = field(default_factory=list)
    given_up: dict[int, tuple[int, ...]] = field(default_factory=dict)
    returned: dict[int, int] = field(default_factory=dict)
    order_ids: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()  # shown items that what is looked for should be like, but for what is said beside them
    mapped: tuple[Mapped, ...] = ()  # slips corrected far enough to be said
    childish: frozenset[int] = frozenset()  # tokens that call what was shown a thing for children, where it is for a grown-up

    judged: tuple[Judged, ...] = ()  # products called by name of which something is said, or others like which are wanted

    def take(self, tokens: Iterable[int]) -> None:
        """Marks these tokens as explained."""
        for index in tokens:
            self.taken[index] = True

    def inside(self, clause: Clause) -> list[Mention]:
        """The mentions of a clause."""
        return [m for m in self.mentions if clause.holds(m.first)]

    def opinions(self, clause: Clause) -> frozenset[Opinion]:
        """What a clause says of the products that it calls by name."""
        return frozenset(j.opinion for j in self.judged if clause.holds(j.named.first))
