"""Evidence as the text that a row carries, and back.

A row's prompt shows less than the gate needs (prices and stock are never shown, a fact's kind and its citations are not spelled out),
so a model cannot be scored by reading the prompt again: rows carry the evidence itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.errors import IngestError


def evidence_text(evidence: Evidence) -> str:
    """The evidence as JSON; :func:`read_evidence` gives an equal one back."""
    return json.dumps(asdict(evidence), ensure_ascii=False, separators=(",", ":"))


def read_evidence(text: str) -> Evidence:
    """The evidence of a row. Raises :class:`IngestError` for text that is none."""
    try:
        data = json.loads(text)
        return Evidence(
            act=_text(data["act"]),
            shopper=_text(data["shopper"]),
            needs=tuple(_text(need) for need in data["needs"]),
            items=tuple(_item(item) for item in data["items"]),
            notes=tuple(_fact(note) for note in data["notes"]),
            passages=tuple(_fact(passage) for passage in data["passages"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IngestError(f"'evidence' is not the JSON of a turn's evidence: {error!r}; compose the rows again") from error


def _item(data: Mapping[str, Any]) -> EvidenceItem:
    return EvidenceItem(int(data["n"]), _text(data["item_id"]), _text(data["name"]), tuple(_fact(fact) for fact in data["facts"]))


def _fact(data: Mapping[str, Any]) -> Fact:
    number = data["number"]
    return Fact(
        kind=FactKind(data["kind"]),
        name=_text(data["name"]),
        text=_text(data["text"]),
        value=_text(data["value"]),
        number=None if number is None else float(number),
        unit=_text(data["unit"]),
        source=_text(data["source"]),
        cites=tuple(int(n) for n in data["cites"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is needed, got {value!r}")
    return value
