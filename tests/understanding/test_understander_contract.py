"""The rule understander passes the public suite on catalogues of different trades, and on an empty one."""

from __future__ import annotations

from functools import cache

from chatrec.protocols import Understander
from chatrec.testing.understander_contract import UnderstanderContract
from chatrec.understanding import RuleUnderstander

from .shops import embedder, shelf_of, understander


class TestOnTheDemoShop(UnderstanderContract):
    def make(self) -> Understander:
        return understander("demo")


@cache
def _over_nothing() -> RuleUnderstander:
    shelf = shelf_of([])
    return RuleUnderstander(shelf.contract, shelf, embedder())


class TestOnAnEmptyCatalogue(UnderstanderContract):
    def make(self) -> Understander:
        return _over_nothing()
