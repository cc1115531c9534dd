"""What every :class:`chatrec.protocols.CandidateSource` must do. Subclass and give ``make`` and ``asking``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from itertools import pairwise

from chatrec.domain.candidate import Query
from chatrec.protocols import CandidateSource


class SourceContract(ABC):
    """Five lines make a test class: ``class TestMine(SourceContract):`` with ``make`` and ``asking``. The source must find at
    least three items for the query."""

    @abstractmethod
    def make(self) -> CandidateSource:
        """The source under test, over a catalogue of at least four items."""

    @abstractmethod
    def asking(self) -> Query:
        """A query that gives the source its signal, with nothing filtered and nothing excluded."""

    def silent(self) -> Query | None:
        """A query without any usable signal; ``None`` for a source that always has something to offer."""
        return Query()

    def test_is_a_source(self) -> None:
        """It has the shape of the seam and a name."""
        source = self.make()
        assert isinstance(source, CandidateSource)
        assert source.name

    def test_at_most_k_and_no_duplicates(self) -> None:
        """Never more than asked for, none twice; a smaller k gives the beginning of the longer list."""
        source, query = self.make(), self.asking()
        whole = [c.item_id for c in source.candidates(query, 1000)]
        assert len(whole) >= 3
        assert len(set(whole)) == len(whole)
        for k in (0, 1, 2):
            assert [c.item_id for c in source.candidates(query, k)] == whole[:k]

    def test_best_first(self) -> None:
        """Scores never rise along the list and are numbers."""
        scores = [c.score for c in self.make().candidates(self.asking(), 1000)]
        assert all(a >= b for a, b in pairwise(scores))

    def test_every_candidate_has_its_source_and_reason(self) -> None:
        """The receipt and the card need both."""
        source = self.make()
        assert all(c.source == source.name and c.reason for c in source.candidates(self.asking(), 1000))

    def test_deterministic(self) -> None:
        """The same query gives the same list, also from another source over the same generation."""
        source, query = self.make(), self.asking()
        assert source.candidates(query, 10) == source.candidates(query, 10) == self.make().candidates(query, 10)

    def test_excluded_items_stay_out(self) -> None:
        """What is excluded is never offered, and the next best moves up."""
        source, query = self.make(), self.asking()
        ids = [c.item_id for c in source.candidates(query, 1000)]
        found = source.candidates(replace(query, exclude=frozenset(ids[:1])), 1000)
        assert [c.item_id for c in found] == ids[1:]

    def test_only_allowed_items_are_offered(self) -> None:
        """A filter holds, in the order that the list has without it."""
        source, query = self.make(), self.asking()
        ids = [c.item_id for c in source.candidates(query, 1000)]
        allowed = frozenset(ids[1:])
        assert [c.item_id for c in source.candidates(replace(query, allowed=allowed), 1000)] == ids[1:]
        assert not source.candidates(replace(query, allowed=frozenset()), 1000)
        assert not source.candidates(replace(query, allowed=frozenset({"no such item"})), 1000)

    def test_no_signal_gives_nothing(self) -> None:
        """A source that knows nothing says nothing."""
        query = self.silent()
        assert query is None or self.make().candidates(query, 10) == []
