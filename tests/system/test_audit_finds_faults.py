"""The grounding audit can fail: each promise, broken on purpose, is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.facts import Evidence, Sentence
from chatrec.evaluation.audit import Tally, audit_turn, named_items
from chatrec.settings import load_settings
from chatrec.storage.database import Database
from chatrec.testing.embedders import HashingEmbedder
from chatrec.wiring import Words

from .shop import TEMPLATE, build_shop, product_rows


class Liar:
    """Writes what it is told, about whatever is shown."""

    def __init__(self, lie: Callable[[Evidence], list[Sentence]]) -> None:
        self._lie = lie

    def write(self, evidence: Evidence) -> Iterator[Sentence]:
        yield from self._lie(evidence)


def truth(evidence: Evidence) -> list[Sentence]:
    return [Sentence(f"[{i.n}] is here.", f"{i.name} is here.", "template", (i.n,)) for i in evidence.items]


def lies(shop: Path, lie: Callable[[Evidence], list[Sentence]], meanwhile: Callable[[ChatRec], None] = lambda bot: None) -> Tally:
    """What the audit counts in one turn told by this writer."""
    words = Words(Liar(lie), {"generator": "liar"})
    with ChatRec(shop, Database.open(shop, create=False), HashingEmbedder(), words, load_settings(shop, TEMPLATE)) as bot:
        tally = Tally()
        events = list(bot.reply("s", "a kettle under 50"))
        meanwhile(bot)
        audit_turn(events, "a kettle under 50", bot, named_items(bot.items()), tally)
    return tally


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return tally.invented_items, tally.wrong_prices, tally.card_mismatches, tally.violations


def test_a_true_turn_has_no_faults(shop: Path) -> None:
    tally = lies(shop, truth)
    assert counts(tally) == (0, 0, 0, 0) and tally.problems == [] and tally.turns == 1


@pytest.mark.parametrize(
    ("extra", "wanted"),
    [
        (Sentence("x", "The Bray & Moss Lacquer Tray is here too.", "model"), (1, 0, 0, 0)),
        (Sentence("x", "All of them cost $12.34.", "model"), (0, 1, 0, 0)),
        (Sentence("[9]", "And another.", "model", (9,)), (0, 0, 1, 0)),
    ],
)
def test_a_lie_is_counted(shop: Path, extra: Sentence, wanted: tuple[int, int, int, int]) -> None:
    tally = lies(shop, lambda evidence: [*truth(evidence), extra])
    assert counts(tally) == wanted and len(tally.problems) == 1


def test_a_card_that_the_text_leaves_out_is_counted(shop: Path) -> None:
    assert counts(lies(shop, lambda evidence: truth(evidence)[1:])) == (0, 0, 1, 0)


def test_a_shown_item_that_breaks_a_limit_is_counted(shop: Path) -> None:
    def dearer(bot: ChatRec) -> None:
        for item in bot.items():
            bot.set_price(item.item_id, Decimal("900.00"))

    assert counts(lies(shop, truth, dearer))[3] == 3


def test_an_amount_in_the_name_of_a_shown_item_is_no_price(tmp_path: Path) -> None:
    rows = [{**row, "title": f"{row['title']} $5.55 Edition"} for row in product_rows()]
    build_shop(tmp_path, rows)
    dearer = Sentence("x", "All of them cost $5.56.", "model")
    assert counts(lies(tmp_path / "shop", truth)) == (0, 0, 0, 0)
    assert counts(lies(tmp_path / "shop", lambda evidence: [*truth(evidence), dearer])) == (0, 1, 0, 0)
