"""What shoppers write, in the log, where the shop's owner wants it there (``serve.log_words``): with personal data taken out."""

from __future__ import annotations

import logging

from chatrec.domain.event import EventKind
from chatrec.domain.personal import without_personal_data
from chatrec.domain.plain import plain
from chatrec.domain.reply import Receipt

MOST_CHARS = 500

log = logging.getLogger(__name__)


class WordLog:
    """One line a turn with what the shopper wrote. A :class:`chatrec.watching.Watcher`; added only where the setting says so."""

    def turn_ended(self, receipt: Receipt) -> None:
        """The message on one line, cut to :data:`MOST_CHARS`, without e-mail addresses, numbers of phones, cards, accounts and orders."""
        if receipt.message:
            words = without_personal_data(plain(receipt.message, MOST_CHARS))
            log.info("heard: %s", words, extra={"turn_id": receipt.turn_id})

    def feedback_given(self, kind: EventKind) -> None:
        """Feedback has no words."""
