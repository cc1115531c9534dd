"""JSON text to entries, each with its line, so that a bad record can be found in its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chatrec.errors import UnreadableFile


def _not_a_number(text: str) -> float:
    return float(text.replace("Infinity", "inf"))


class _Digits(float):
    """A JSON figure that remembers its own digits, so that a price of 19.90 stays 19.90."""

    text: str

    def __new__(cls, text: str) -> _Digits:
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __str__(self) -> str:
        return self.text


DECODER = json.JSONDecoder(parse_float=_Digits, parse_constant=_not_a_number)


def json_entries(text: str, name: str) -> Iterator[tuple[int, str | None, Any]]:
    """(line, key, value) of every entry of the outermost list or object, so that each row keeps its place in the file."""
    walk = _Walk(text, name)
    opening = walk.next()
    closing = "]" if opening == "[" else "}"
    if walk.peek() == closing:
        return
    while True:
        walk.peek()
        line = walk.line
        key = None
        if opening == "{":
            key = str(walk.value())
            if walk.next() != ":":
                raise walk.fault("':' expected after a key")
        yield line, key, walk.value()
        mark = walk.next()
        if mark == closing:
            return
        if mark != ",":
            raise walk.fault(f"',' or '{closing}' expected" if mark else "the file ends too early")


class _Walk:
    """A position in JSON text."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name, self._at, self._counted = text, name, 0, 0
        self.line = 1

    def peek(self) -> str:
        """The next character that is not white space, or ``""`` at the end."""
        while self._at < len(self._text) and self._text[self._at] in " \t\r\n\ufeff":
            self._at += 1
        self.line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._text[self._at : self._at + 1]

    def next(self) -> str:
        """The same, stepping over it."""
        found = self.peek()
        self._at += 1
        return found

    def value(self) -> Any:
        """The next whole value."""
        self.peek()
        try:
            found, self._at = DECODER.raw_decode(self._text, self._at)
        except RecursionError:
            raise self.fault("nested too deeply") from None
        except json.JSONDecodeError as error:
            line = self._text.count("\n", 0, error.pos) + 1
            raise UnreadableFile(f"{self._name}, line {line}: not valid JSON ({error.msg}); is the file whole?") from error
        except ValueError as error:
            raise self.fault(str(error)) from error
        return found

    def fault(self, what: str) -> UnreadableFile:
        return UnreadableFile(f"{self._name}, line {self.line}: not valid JSON ({what}); is the file whole?")
