"""Domain values to JSON text and back."""

from __future__ import annotations

import json
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


class Codec(Generic[T]):
    """JSON text for one type of value; what comes back equals what went in (tuples, enums and Decimals included).

    Escapes everything beyond ASCII, so that half a surrogate pair or a NUL from a shopper's message cannot stop a save.
    """

    def __init__(self, kind: Any) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def text(self, value: T) -> str:
        """The value as JSON."""
        return json.dumps(self._adapter.dump_python(value, mode="json"), separators=(",", ":"))

    def value(self, text: str) -> T:
        """The value again. Raises ``ValueError`` when the text is not one of its kind."""
        try:
            return self._adapter.validate_json(text)
        except ValueError:  # pydantic's own reader refuses half a surrogate pair
            return self._adapter.validate_python(json.loads(text))
