"""References to shown items: by position, by a property, by words of the title, by pronoun, and to lists shown some turns ago."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from chatrec.domain.colours import colours
from chatrec.domain.item import Item
from chatrec.domain.state import DialogueState
from chatrec.understanding.both import lists_of_each, other_than
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import common_words, no_things, stop_words
from chatrec.understanding.pairs import set_against
from chatrec.understanding.reference_phrases import (
    ALL,
    ASKS_FOR,
    BACK_TO,
    EARLIER,
    ONE_BY,
    ORDINALS,
    OTHER,
    PLAIN_NOUNS,
    PLURAL,
    POSITION,
    PREVIOUS,
    PROPERTY,
    RUN,
    SINGULAR,
    TURNED_DOWN,
)
from chatrec.understanding.text import Message, stems

# Without one of these words a word that titles hold is rather a wish than the name of an item: "denim", after jackets were shown.
_POINTS = re.compile(
    r"\b(?:the|that|this|those|these|compare|versus|vs|why|which|what|how|about|does|is|are|do|can|add|take|buy|choose|want|cart|basket|"
    r"like|love|hate|more|not|no|one|ones)\b|\?"
)
_VERBS = {"is", "are", "does", "do", "has", "was", "looks", "can", "comes", "costs", "weighs"}
OTHERS_TOO = 2  # titles of a shop that hold a word, from which it names none of them


@dataclass
class References:
    """What a message points at: ids in the order mentioned, and the tokens that point."""

    found: dict[str, int] = field(default_factory=dict)
    tokens: set[int] = field(default_factory=set)
    pronoun: bool = False
    listed: tuple[str, ...] = ()  # the list that a noun named: "the first tent but not the second"

    def add(self, ids: Iterable[str], tokens: Iterable[int]) -> None:
        """Notes that these tokens point at these items."""
        places = list(tokens)
        for item_id in ids:
            self.found.setdefault(item_id, places[0] if places else 0)
        self.tokens.update(places)

    def ids(self, first: int = 0, last: int | None = None) -> tuple[str, ...]:
        """The items pointed at by tokens ``first`` to ``last``, in the order mentioned."""
        places = sorted(self.found.items(), key=lambda p: p[1])
        return tuple(i for i, place in places if place >= first and (last is None or place < last))


class ReferenceReader:
    """Resolves references against the dialogue."""

    def __init__(self, item: Callable[[str], Item | None], titles_with: Callable[[str], int] = lambda word: 1) -> None:
        self._item = item
        self._titles_with = titles_with

    def positions(self, message: Message, state: DialogueState) -> References:
        """References by position and number; empty when nothing has been shown."""
        refs = References()
        if not state.shown:
            return refs
        for place, span in set_against(message):
            refs.add(self._list(message, state)[place - 1 : place], span)
        if back := BACK_TO.search(message.text):  # "back to the tents, something lighter than the second"
            refs.listed = next((ids for noun in reversed(back["what"].split()) if (ids := self._of_kind(state, noun))), ())
        for match in RUN.finditer(message.text):
            listed, n = self._list(message, state), int(match["n"])
            refs.add(listed[-n:] if match["end"] == "last" else listed[:n], message.span(match.start(), match.end()))
        for match in POSITION.finditer(message.text):
            self._add_position(message, state, refs, match)
        earlier = [m for pattern in (EARLIER, PREVIOUS) for m in pattern.finditer(message.text)]
        refs.tokens |= {i for m in earlier if refs.found for i in message.span(m.start(), m.end())}
        for match in ALL.finditer(message.text):
            if not refs.tokens & set(message.span(match.start(), match.end())):
                refs.add(self._all(match.group(), state, message), message.span(match.start(), match.end()))
        return refs

    def _add_position(self, message: Message, state: DialogueState, refs: References, match: re.Match[str]) -> None:
        tokens = message.span(match.start(), match.end())
        if refs.tokens & set(tokens) or not self._is_position(message, match):
            return
        ids = self._at(message, state, refs, match)
        if ids:
            refs.add(ids, range(tokens.start, tokens.stop - 1) if match["noun"] and not self._is_noun(message, tokens.stop - 1) else tokens)

    def _is_noun(self, message: Message, index: int) -> bool:
        """Whether the word after an ordinal only says what was pointed at ("the second book") and asks for nothing of its own."""
        word = message.tokens[index].text
        if word in PLAIN_NOUNS:
            return True
        told = word in stop_words() or word in no_things() or word in colours()
        return not told and message.words(index + 1, index + 2) not in ("one", "ones")

    def _is_position(self, message: Message, match: re.Match[str]) -> bool:
        """ "for the second time" and "the last 2 weeks" are not positions."""
        word = match["ord"] or match["bare"] or match["bare2"]
        return not (word == "last" and message.text[match.end() : match.end() + 3].strip()[:1].isdigit())

    def _at(self, message: Message, state: DialogueState, refs: References, match: re.Match[str]) -> tuple[str, ...]:
        if named := self._of_kind(state, match["noun"] or ""):
            refs.listed = named
        listed = refs.listed or self._list(message, state)
        if match["num"]:
            place = int(match["num"])
        else:
            word = (match["ord"] or match["bare"] or match["bare2"]).replace(" ", "")
            place = int(word[:-2]) if word[0].isdigit() else ORDINALS[word]
        if place == 0:
            return (listed[len(listed) // 2],) if listed else ()
        if place == OTHER:
            return other_than(state.focus[-1:] if len(state.focus) == 1 else tuple(refs.found)[-1:], listed)
        if place < 0:
            return listed[-1:]
        return (listed[place - 1],) if place <= len(listed) else ()

    def _of_kind(self, state: DialogueState, noun: str) -> tuple[str, ...]:
        """The newest list with things of a named kind, and those of them."""
        wanted = set(stems(noun)) if noun and noun not in ("one", "ones", "item", "product", "option", "please") else set()
        for shown in reversed(state.shown) if wanted else ():
            if of_kind := tuple(i for i in shown.item_ids if wanted & self._kind_words(i)):
                return of_kind
        return ()

    def _list(self, message: Message, state: DialogueState) -> tuple[str, ...]:
        """Which shown list is meant: the newest; the first ("you showed me"); the one before the last."""
        lists = [s.item_ids for s in state.shown if s.item_ids]
        if not lists:
            return ()
        if EARLIER.search(message.text):
            return lists[0]
        if PREVIOUS.search(message.text) and len(lists) > 1:
            return lists[-2]
        return lists[-1]

    def _kind_words(self, item_id: str) -> set[str]:
        item = self._item(item_id)
        return set(stems(f"{item.category} {item.title}")) if item else set()

    def _all(self, words: str, state: DialogueState, message: Message) -> tuple[str, ...]:
        listed = state.last_shown()
        if len(together := lists_of_each(message.text, state)) > 1:
            return tuple(i for ids in together for i in ids)
        digits = [int(c) for c in words if c.isdigit()]
        if words.startswith("neither"):
            return state.focus if len(state.focus) == 2 else listed
        if words.startswith("both") or "two" in words or digits == [2]:
            focus = state.focus if len(state.focus) == 2 else ()
            return focus or listed[:2]
        return listed

    def properties(self, message: Message, state: DialogueState, refs: References, mentions: Sequence[Mention]) -> list[Mention]:
        """Adds "the blue one", "the Kolder one" and titles to ``refs``; gives back the mentions that were not used up by that."""
        if not state.shown:
            return list(mentions)
        used: set[int] = set()
        narrowing: set[int] = set()
        for match in PROPERTY.finditer(message.text):
            span = message.span(match.start(), match.end())
            inside = [m for m in mentions if span.start <= m.first and m.last <= span.stop]
            if not inside or refs.tokens & set(span):
                continue
            if match["noun"] == "ones" and (self._narrows(message, match) or TURNED_DOWN.search(message.text[: match.start()])):
                narrowing.update(span)
                continue
            ids = self._having(inside, state)
            if ids:
                refs.add(ids if match["noun"] in ("ones",) else ids[: max(1, len(ids))], span)
                used.update(range(span.start, span.stop))
        for match in ONE_BY.finditer(message.text):  # "the one by Jonas Weil"
            start = message.at(match.end() - 1) + 1
            mention = next((m for m in mentions if start <= m.first <= start + 1), None)
            if mention is not None and not refs.tokens & set(range(start, mention.last)) and (ids := self._having((mention,), state)):
                refs.add(ids[:1], range(message.at(match.start()), mention.last))
                used.update(range(message.at(match.start()), mention.last))
        for mention in mentions:
            ids = self._named_by(message, state, mention, mentions) if mention.first not in used | narrowing | refs.tokens else ()
            if ids:
                refs.add(ids, range(mention.first, mention.last))
                used.update(range(mention.first, mention.last))
        self._titles(message, state, refs, mentions, used)
        return [m for m in mentions if not any(m.covers(i) for i in used)]

    def _narrows(self, message: Message, match: re.Match[str]) -> bool:
        """ "The Kolder ones", said on its own or after "show me", narrows what is looked for and does not point."""
        before, after = message.text[: match.start()], message.text[match.end() :]
        return bool(ASKS_FOR.search(before)) and not after.strip(" .!?").removesuffix("please").strip()

    def of_kinds(self, mentions: Sequence[Mention], state: DialogueState) -> tuple[str, ...]:
        """The shown items of the kinds of things named, from the newest list that has any."""
        kinds = [m for m in mentions if m.kind]
        return self._having(kinds[:1], state) if kinds else ()

    def _named_by(self, message: Message, state: DialogueState, mention: Mention, mentions: Sequence[Mention]) -> tuple[str, ...]:
        """ "the Corvid": a maker with "the" and no noun after it, when one shown item is by that maker."""
        before = message.tokens[mention.first - 1].text if mention.first else ""
        noun = any(m.first == mention.last and m.kind for m in mentions) or (
            mention.last < len(message.tokens) and message.tokens[mention.last].text in ("brand", "range", "products")
        )
        if before not in ("the", "that", "this") or noun:
            return ()
        after = message.tokens[mention.last] if mention.last < len(message.tokens) else None
        alone = after is None or not after.word or after.text in _VERBS  # "and the decaf, is it organic?"
        if mention.field != "brand" and (mention.kind or not alone or len(state.last_shown()) < OTHERS_TOO):
            return ()
        ids = self._having((mention,), state)
        return ids if len(ids) == 1 else ()

    def _having(self, wanted: Sequence[Mention], state: DialogueState) -> tuple[str, ...]:
        """Shown items with these properties, from the newest list that has any."""
        for shown in reversed(state.shown):
            ids = tuple(i for i in shown.item_ids if (item := self._item(i)) and all(_has(item, m) for m in wanted))
            if ids:
                return ids
        return ()

    def _titles(self, message: Message, state: DialogueState, refs: References, mentions: Sequence[Mention], used: set[int]) -> None:
        """Words that stand in the title of one shown item and in no other."""
        owners: dict[str, set[str]] = {}
        shown = dict.fromkeys(i for s in reversed(state.shown) for i in s.item_ids)
        for item_id in shown:
            item = self._item(item_id)
            for word in set(stems(item.title)) if item else ():
                owners.setdefault(word, set()).add(item_id)
        valued = {i for m in mentions for i in range(m.first, m.last)}
        points = bool(_POINTS.search(message.text))
        for index, token in enumerate(message.tokens):
            holders = owners.get(token.stem, set())
            if len(holders) != 1 or index in refs.tokens or len(token.stem) < 3 or token.number is not None:
                continue
            if index in valued or token.stem in common_words() or token.text in stop_words():
                continue
            if not points and self._titles_with(token.stem) >= OTHERS_TOO:
                continue
            refs.add(holders, (index,))
            used.add(index)

    def pronouns(self, message: Message, state: DialogueState, refs: References, first: int, last: int) -> tuple[str, ...]:
        """What "it", "that one" or "them" mean between these tokens: the items in focus, else what was shown last."""
        text = message.words(first, last)
        if not state.shown:
            return ()
        if SINGULAR.search(text):
            refs.pronoun = True
            return state.focus[-1:] or state.last_shown()[:1]
        if PLURAL.search(text):
            refs.pronoun = True
            return state.focus if len(state.focus) > 1 else state.last_shown()
        return ()


def _has(item: Item, mention: Mention) -> bool:
    """Whether a record holds one of the values."""
    wanted = {v.casefold() for v in mention.values}
    if mention.field == "brand":
        return item.brand.casefold() in wanted
    if mention.field == "category":
        return bool(wanted & {c.casefold() for c in (*item.category_path, item.category)})
    attribute = item.attribute(mention.field)
    held = {v.casefold() for v in attribute.values} if attribute else set()
    held |= {v.casefold() for v in item.options().get(mention.field, ())}
    return bool(wanted & held)
