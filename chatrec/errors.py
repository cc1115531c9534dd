"""Every error chatrec raises on purpose, as one tree.

ChatrecError
├── SettingsError            a setting is unknown, of the wrong type or out of range
├── ShopError
│   ├── ShopNotFound         the folder is not a shop
│   ├── ShopNotReady         the shop exists, but nothing has been ingested yet
│   └── IndexInUse           another process owns this index folder
├── IngestError              a file cannot be read as what it should be
│   ├── UnreadableFile       missing, empty, unknown format or encoding
│   ├── MissingColumn        a required column is absent
│   └── RejectedRows         --strict was given and a row is bad
├── GenerationError          a derived index is missing, incomplete or failed its verification
├── ModelError
│   ├── WeightsMissing       the package that carries the weights is absent or its digest differs
│   ├── AdapterError         an adapter is corrupt, or belongs to another base model
│   └── GeneratorFailed      the language model did not answer (the turn falls back to the template)
│       └── GeneratorBusy    too many replies wait for it already
├── SessionError
│   ├── SessionConflict      the session changed since it was loaded
│   ├── CannotUndo           this turn is not taken back
│   │   └── NothingToUndo    there is no turn that could be
│   └── InvalidMessage       the message cannot be taken (wrong type)
├── AccessError              a caller of the service may not do this
│   ├── NotAuthenticated     no key or token, or one that is wrong, revoked or expired
│   ├── NotPermitted         the key or token does not reach so far
│   └── RateExceeded         too many requests in too short a time
├── ToolRefused              a tool said no; its message is told to the shopper
├── UnknownItem              an item id that the catalogue does not hold
├── UnknownShopper           a user id that the shop does not know
├── SearchError              a search names a field or a value that this shop does not record
├── PlacementError           a list for a shop's page cannot be made of what was given
├── ServiceError
│   ├── Busy                 too many turns wait already
│   └── TurnTimeout          a turn was not done within its time
├── ScriptError              a dialogue script is not valid
├── SimulationError          a simulated shopper broke a rule of the measurement
└── PromptError              a prompt file is missing, malformed or lacks a variable

A message names the thing, its value and what to do about it.
"""

from __future__ import annotations


class ChatrecError(Exception):
    """Base of every error that chatrec raises on purpose."""


class SettingsError(ChatrecError):
    """A setting is unknown, has the wrong type or lies out of range."""


class ShopError(ChatrecError):
    """Something is wrong with the shop folder."""


class ShopNotFound(ShopError):
    """The folder is not a shop."""


class ShopNotReady(ShopError):
    """The shop exists but holds no finished generation yet."""


class IndexInUse(ShopError):
    """Another process owns this index folder."""


class IngestError(ChatrecError):
    """A file cannot be read as what it should be."""


class UnreadableFile(IngestError):
    """The file is missing, empty, or of an unknown format or encoding."""


class MissingColumn(IngestError):
    """A required column is absent."""


class RejectedRows(IngestError):
    """``--strict`` was given and at least one row is bad."""


class GenerationError(ChatrecError):
    """A derived index is missing, incomplete or failed its verification."""


class ModelError(ChatrecError):
    """Something is wrong with the language model."""


class WeightsMissing(ModelError):
    """The package that carries the weights is absent, or its digest differs."""


class AdapterError(ModelError):
    """An adapter is corrupt or belongs to another base model."""


class GeneratorFailed(ModelError):
    """The language model did not answer."""


class GeneratorBusy(GeneratorFailed):
    """Too many replies wait for the language model already."""


class SessionError(ChatrecError):
    """A session cannot be used as asked."""


class SessionConflict(SessionError):
    """The session changed since it was loaded."""


class CannotUndo(SessionError):
    """The turn is not taken back: it changed something outside the conversation, or is not the newest."""


class NothingToUndo(CannotUndo):
    """There is no turn to take back, or not any more."""


class InvalidMessage(SessionError):
    """The message cannot be taken."""


class AccessError(ChatrecError):
    """A caller of the service may not do this."""


class NotAuthenticated(AccessError):
    """No key or token was sent, or one that is wrong, revoked or expired."""

    def __init__(self, message: str, code: str = "unauthorized") -> None:
        super().__init__(message)
        self.code = code


class NotPermitted(AccessError):
    """The key or token does not reach so far."""


class RateExceeded(AccessError):
    """Too many requests in too short a time; ``retry_after_s`` says when the next one will be taken."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ToolRefused(ChatrecError):
    """A tool's function raises this to say no. The message is for the shopper: good plain English, nothing of the machine."""


class UnknownItem(ChatrecError):
    """The catalogue holds no item with this id."""


class UnknownShopper(ChatrecError):
    """The shop knows no shopper with this id."""


class ServiceError(ChatrecError):
    """The service cannot take this on, or cannot end it."""


class Busy(ServiceError):
    """Too many turns wait already; trying again in some seconds helps."""


class TurnTimeout(ServiceError):
    """A turn was not done within its time."""


class SearchError(ChatrecError):
    """A search names a field or a value that this shop does not record."""


class PlacementError(ChatrecError):
    """A list for a shop's page cannot be made of what was given: an unknown placement, or one that lacks what it is about."""


class ScriptError(ChatrecError):
    """A dialogue script is not valid."""


class SimulationError(ChatrecError):
    """A simulated shopper broke a rule of the measurement: its result would say nothing."""


class PromptError(ChatrecError):
    """A prompt file is missing, malformed or lacks a variable."""
