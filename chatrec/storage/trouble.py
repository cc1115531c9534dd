"""What is wrong with the database, for those who answer when it fails."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

DatabaseTrouble = SQLAlchemyError
"""The base of every error that the database raises."""
# As SQLite and PostgreSQL word it.
_LOCKED = ("locked", "lock timeout", "deadlock")
_FULL = ("disk is full", "No space left", "disk full")


def kind_of(error: SQLAlchemyError) -> Literal["locked", "full", "other"]:
    """Held by another process for too long, no room left, or anything else."""
    reason = str(getattr(error, "orig", None) or "")
    if any(words in reason for words in _LOCKED):
        return "locked"
    return "full" if any(words in reason for words in _FULL) else "other"
