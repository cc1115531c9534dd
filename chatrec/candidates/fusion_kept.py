"""Shares of the fusion that a shop's requests chose, as a generation keeps them: the file ``fusion.json`` beside ``cf/``."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chatrec.candidates.fusion_tuning import FusionShares
from chatrec.catalog.queries import SHARES
from chatrec.settings import OfferSettings

log = logging.getLogger(__name__)

TEXT, DENSE = "text", "dense"


def described(shares: FusionShares, file: str, behaviour: bool) -> dict[str, Any]:
    """JSON-ready: the figures of the tuning, the name of the file of requests, and which shares it looked at."""
    return {**asdict(shares), "file": file, "tuned": [TEXT, DENSE] if behaviour else [DENSE]}


def keep(folder: Path, told: Mapping[str, Any]) -> None:
    """Writes what :func:`described` gave into the folder of a generation."""
    (folder / SHARES).write_text(json.dumps(told, indent=1), encoding="utf-8")


def served_shares(folder: Path, offer: OfferSettings) -> tuple[float, float]:
    """(text, dense): each as the shop's settings say where they say it, else as it was tuned, else the default.

    A file that cannot be read is as good as none, and logged: a list in another order is better than no shop.
    """
    kept = _kept(folder / SHARES)
    own = offer.model_fields_set
    text = offer.fusion_text if "fusion_text" in own else kept.get(TEXT, offer.fusion_text)
    return text, offer.fusion_dense if "fusion_dense" in own else kept.get(DENSE, offer.fusion_dense)


def _kept(path: Path) -> dict[str, float]:
    if not path.is_file():
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        shares = {name: float(told[name]) for name in (TEXT, DENSE) if name in told["tuned"]}
        if any(not 0.0 <= share <= 1.0 for share in shares.values()):
            raise ValueError(f"shares must lie in [0, 1], got {shares}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s cannot be read (%s), the default shares serve; train again with --queries", path, error)
        return {}
    return shares
