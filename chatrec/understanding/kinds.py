"""Which category a message means where its words fit several: whole names before parts, and what the titles of the shop say.

"A case for my iPhone 7" names "iPhone 7 Cases" in full, though not in that order; "unlocked phone" means those kinds of phones that
say so; and where "dry bag" stands in titles, the bags meant are those, and not every category that ends in "bags".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chatrec.understanding.clauses import Clause
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import common_words, no_things, stop_words
from chatrec.understanding.text import Message
from chatrec.understanding.vocabulary import TRUSTED_TITLE_SHARE, WHOLE_SHOP_SHARE, Vocabulary

MOST_BETWEEN = 1  # foreign words inside a category's name said in another order ("case, waterproof, for my iPhone 6s")
LEAST_ITEMS = 10  # a category with fewer records is no place to look in alone while more of the kind lie elsewhere
LEAST_TITLED = 2  # titles that must hold two words side by side before they count as one thing
HELD_SHARE = 0.1  # a category that holds less than this share of the titles is an accident
_JOINTS = {"and", "or", ",", ";", ".", "?", "!", "not", "no", "without", "but"}


@dataclass(frozen=True, slots=True)
class _Name:
    """A category's name found in a message: its tokens, of which ``head`` is the last word of the name."""

    value: str
    words: frozenset[str]
    tokens: frozenset[int]
    head: int


class KindReader:
    """Settles category mentions; built once a generation, read-only."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._by_word: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        self._words: dict[str, frozenset[str]] = {}
        self._pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
        field = vocabulary.fields.get("category")
        for value in field.values if field else ():
            if value.count > WHOLE_SHOP_SHARE * vocabulary.contract.n_items:
                continue
            words = vocabulary.own_words(value.text)
            self._words[value.text] = frozenset(words)
            for pair in pairwise(words):
                self._pairs[pair].append(value.text)
            if len(set(words)) > 1:
                self._by_word[words[-1]].append((value.text, words))

    def settle(self, message: Message, mentions: Sequence[Mention], clauses: Sequence[Clause]) -> list[Mention]:
        """The mentions with the categories that are really meant."""
        found = list(mentions)
        for clause in clauses:
            for name in self._whole_names(message, clause):
                found = self._named(found, name)
        found = [self._led(message, m, found) if m.field == "category" else m for m in found]
        return [self._narrowed(message, m, found) if m.field == "category" and m.quality < 3 else m for m in found]

    # -- whole names ------------------------------------------------------------------------------------------------

    def _whole_names(self, message: Message, clause: Clause) -> list[_Name]:
        """Category names of which every word stands close together in the clause; the longest ones, none overlapping."""
        places: dict[str, list[int]] = defaultdict(list)
        for index in range(clause.first, clause.last):
            if message.tokens[index].text[:1].isalnum():
                places[message.tokens[index].stem].append(index)
        names = []
        for head, heads in places.items():
            for value, words in self._by_word.get(head, ()):
                if all(w in places for w in words):
                    names += [n for at in heads if (n := self._close(message, value, words, at, places))]
        names.sort(key=lambda n: (-len(n.words), max(n.tokens) - min(n.tokens), n.value))
        chosen: list[_Name] = []
        for name in names:
            rival = next((c for c in chosen if c.tokens & name.tokens), None)
            if rival is None:
                chosen.append(name)
        return chosen

    def _close(self, message: Message, value: str, words: tuple[str, ...], head: int, places: dict[str, list[int]]) -> _Name | None:
        tokens = {head, *(min(places[w], key=lambda i: abs(i - head)) for w in words[:-1])}
        first, last = min(tokens), max(tokens)
        between = [message.tokens[i] for i in range(first, last) if i not in tokens]
        if any(t.text in _JOINTS for t in between) or len(tokens) < len(set(words)):
            return None
        foreign = [t for t in between if t.text[:1].isalnum() and t.text not in stop_words()]
        return _Name(value, frozenset(words), frozenset(tokens), head) if len(foreign) <= MOST_BETWEEN else None

    def _named(self, mentions: list[Mention], name: _Name) -> list[Mention]:
        """The mentions with a whole name in place of what its words were taken for."""
        inside = [m for m in mentions if m.field == "category" and any(m.covers(i) for i in name.tokens)]
        if any(self._as_long(m, name) for m in inside):
            return mentions
        partial = next((m for m in inside if m.covers(name.head)), None)
        values = self._with_titled(name, partial.values if partial else ())
        kept = [m for m in mentions if m not in inside and not m.covers(name.head)]
        found = Mention(name.head, name.head + 1, "category", values, 3, kind=True)
        return sorted([*kept, found], key=lambda m: m.first)

    def _as_long(self, mention: Mention, name: _Name) -> bool:
        """Whether a mention already names as much in its own order ("sleeping bags")."""
        longest = max((len(self._words.get(v, frozenset())) for v in mention.values), default=0)
        return mention.quality == 3 and (longest >= len(name.words) or mention.last - mention.first >= len(name.tokens))

    def _with_titled(self, name: _Name, siblings: Sequence[str]) -> tuple[str, ...]:
        """The category of this name; where it is all but empty, also those of the siblings in which things so titled lie."""
        own = self._vocabulary.rows((name.value,))
        titled = self._vocabulary.titled(name.words)
        if len(own) >= LEAST_ITEMS or len(titled & own) >= TRUSTED_TITLE_SHARE * max(1, len(titled)):
            return (name.value,)
        return (name.value, *(v for v in self._holders(titled, siblings) if v != name.value))

    def _led(self, message: Message, mention: Mention, mentions: Sequence[Mention]) -> Mention:
        """ "First aid kit" is looked for among "First Aid Supplies" and not among all kits: two words of a name tell more than one."""
        first = mention.first - 2
        if first < 0 or mention.last - mention.first > 1 or any(m.covers(i) for m in mentions for i in (first, first + 1)):
            return mention
        one, other = message.tokens[first].stem, message.tokens[first + 1].stem
        values = self._pairs.get((one, other), ())
        if not values or any({one, other} & self._words.get(v, frozenset()) for v in mention.values):
            return mention
        return Mention(first, mention.last, "category", tuple(values), 3, kind=True)

    # -- parts of names ---------------------------------------------------------------------------------------------

    def _narrowed(self, message: Message, mention: Mention, mentions: Sequence[Mention]) -> Mention:
        """A mention that is only part of names, settled by the word before it."""
        if self._before_a_thing(message, mention):
            return replace(mention, quality=0)  # "air quality monitor" is about a monitor
        before = message.tokens[mention.first - 1] if mention.first else None
        if before is None or not before.word or before.text in stop_words():
            return mention
        if mention.quality == 2 and mention.last - mention.first > 1:
            return mention  # "waterproof walking boots": the name is told in full
        saying = tuple(v for v in mention.values if before.stem in self._words.get(v, frozenset()))
        if saying:
            return replace(mention, values=saying, quality=2) if len(saying) < len(mention.values) else mention
        if (home := self._vocabulary.home_of(before.stem)) in mention.values:
            return replace(mention, values=(home,), quality=2)  # all duffels are travel bags, and so is a "duffel bag"
        if self._is_another_word(message, mention) or any(m.field == "brand" and m.last == mention.first for m in mentions):
            return mention  # titles that never say "headphones" for headsets, or "Sony headset", are no witness against either
        titled = self._vocabulary.side_by_side(before.stem, message.tokens[mention.first].stem)
        inside = titled & self._vocabulary.rows(mention.values)
        if len(titled) < LEAST_TITLED:
            alone = not titled and before.stem in self._vocabulary.title_rows and before.stem not in stop_words()
            doubted = (
                alone
                and not before.text.endswith(("able", "ible"))
                and before.text not in no_things()
                and not self._vocabulary.trusts_head(message.tokens[mention.first].stem, mention.values)
            )
            return replace(mention, quality=0) if (titled and not inside) or doubted else mention
        if len(inside) >= TRUSTED_TITLE_SHARE * len(titled):
            holders = self._holders(titled, mention.values) or mention.values
            return replace(mention, values=holders, quality=2) if len(holders) < len(mention.values) else mention
        elsewhere = self._holders(titled, self._vocabulary.places(titled))
        if elsewhere and len(titled & self._vocabulary.rows(elsewhere)) >= TRUSTED_TITLE_SHARE * len(titled):
            both = dict.fromkeys((*self._holders(titled, mention.values), *elsewhere))
            return replace(mention, values=tuple(both), quality=2)
        return replace(mention, quality=0)  # such things lie nowhere in particular: the words alone must find them

    def _is_another_word(self, message: Message, mention: Mention) -> bool:
        """Whether a word stands for categories whose names do not hold it ("headphones": headsets)."""
        phrase = tuple(t.stem for t in message.tokens[mention.first : mention.last] if t.text[:1].isalnum())
        return self._vocabulary.mapped_words.get(phrase) == "category"

    def _before_a_thing(self, message: Message, mention: Mention) -> bool:
        """Whether the next word is the thing, and this one only a part of its name that no title puts before it."""
        if mention.last >= len(message.tokens):
            return False
        head, following = message.tokens[mention.last - 1].stem, message.tokens[mention.last]
        thing = following.stem in self._vocabulary.title_heads and following.text not in common_words() and not following.glued
        return (
            thing
            and not self._vocabulary.trusts_head(following.stem, mention.values)
            and not self._vocabulary.side_by_side(head, following.stem)
        )

    def _holders(self, titled: set[int], values: Sequence[str]) -> tuple[str, ...]:
        return tuple(v for v in values if len(titled & self._vocabulary.rows((v,))) >= max(1.0, HELD_SHARE * len(titled)))
