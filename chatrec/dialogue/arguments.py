"""The arguments of a tool, taken from what the shopper said; what is missing is asked for once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from chatrec.dialogue.consent import MOST_ANSWER_WORDS, chosen_option
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.perform import Scene
from chatrec.domain.act import UseTool
from chatrec.domain.plain import plain
from chatrec.domain.tool import Parameter, Pending, Tool

MOST_VALUE_CHARS = 200
# A free text that was asked for is short; a longer message, or one that asks in return, is about something else.
MOST_FREE_WORDS = 8
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-])")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_NUMERIC = ("integer", "number")
_YES_NO = ("Yes", "No")


def fill(tool: Tool, act: UseTool, scene: Scene) -> dict[str, str]:
    """What is known of the tool's arguments, by name. The act's own come first, then what its words hold; nothing is made up."""
    given = dict(act.arguments)
    text = given.pop("", "")
    slots = _slots(tool, text)
    found: dict[str, str] = {}
    for parameter in tool.parameters:
        name = parameter.name
        value = given.get(name) or slots.get(name) or (_own_kind(parameter, given) or _in_text(parameter, text) if text else "")
        if name == act.asked:
            value = value_of(parameter, given.get(name, "")) or given.get(name, "")
        if value:
            found[name] = plain(as_typed(value, scene.message), MOST_VALUE_CHARS)
    return found


def as_typed(value: str, message: str) -> str:
    """The value in the shopper's own spelling: what understanding reads is in small letters."""
    place = message.casefold().find(value.casefold())
    return message[place : place + len(value)] if place >= 0 and len(message.casefold()) == len(message) else value


def invalid(tool: Tool, arguments: dict[str, str]) -> list[str]:
    """The arguments that are missing or wrong, in the order of the function."""
    problems = tool.check(arguments)
    return [p.name for p in tool.parameters if p.name in problems]


def question_for(tool: Tool, name: str) -> tuple[str, tuple[str, ...]]:
    """The question for one argument, and the answers to tap."""
    parameter = next(p for p in tool.parameters if p.name == name)
    options = parameter.choices or (_YES_NO if parameter.kind == "boolean" else ())
    asked = tool.questions.get(name) or (f"{parameter.description.rstrip('.?')}?" if parameter.description else "")
    label = name.removesuffix("_id").replace("_", " ")
    number = " number" if name.endswith("_id") else ""
    return asked or f"Which {label}{number} is it about?", options


def take_argument(message: str, pending: Pending, parts: Parts) -> str:
    """The missing argument as the message gives it; empty where the message is about something else."""
    tool = parts.tools.find(pending.do) if pending.kind == UseTool.kind else None
    parameter = next((p for p in tool.parameters if p.name == pending.missing), None) if tool else None
    if parameter is None:
        return ""
    return value_of(parameter, message) or (message if _could_be_meant(message) else "")


def value_of(parameter: Parameter, message: str) -> str:
    """The value of a kind that can be told from other words; a free text only where it is all of a short message."""
    found = _in_text(parameter, message)
    is_free = parameter.kind == "string" and not (parameter.choices or parameter.pattern or parameter.form)
    return found or (message.strip() if is_free and _could_be_meant(message) else "")


def _could_be_meant(message: str) -> bool:
    return 0 < len(message.split()) <= MOST_FREE_WORDS and "?" not in message


def _own_kind(parameter: Parameter, given: dict[str, str]) -> str:
    """Orders and products that the message points at, whatever the shop calls the argument."""
    for name, words in (("order_id", ("order",)), ("item_id", ("item", "product"))):
        if parameter.name.split("_")[0] in words and name in given:
            return given[name]
    return ""


def _in_text(parameter: Parameter, text: str) -> str:
    if parameter.choices:
        return chosen_option(text, parameter.choices) if len(text.split()) <= MOST_ANSWER_WORDS else _named(text, parameter.choices)
    if parameter.kind == "boolean":
        return chosen_option(text, _YES_NO)
    if parameter.kind in _NUMERIC:
        numbers = _NUMBER.findall(text)
        return numbers[0] if len(numbers) == 1 else ""
    if parameter.form == "date":
        dates = _DATE.findall(text)
        return dates[0] if len(dates) == 1 else ""
    if parameter.pattern:
        found = _pattern(parameter.pattern).search(text)
        return found[0] if found else ""
    return ""


def _named(text: str, choices: tuple[str, ...]) -> str:
    said = [c for c in choices if re.search(rf"(?<!\w){re.escape(c)}(?!\w)", text, re.IGNORECASE)]
    return said[0] if len(said) == 1 else ""


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removeprefix("^").removesuffix("$"), re.IGNORECASE)


def _slots(tool: Tool, text: str) -> dict[str, str]:
    """Arguments by their place in an example: "when is the shop in {town} open" finds Leeds in "when is the shop in Leeds open?"."""
    for example in tool.examples:
        if "{" in example and (found := _template(example).search(text)):
            return {name: _trimmed(value, tool.examples) for name, value in found.groupdict().items() if value}
    return {}


def _trimmed(value: str, examples: Sequence[str]) -> str:
    """The value without what the examples say around it: "Leeds open" is Leeds."""
    around = {w.casefold() for example in examples for w in example.split() if "{" not in w}
    told = [w.strip(" .?!,") for w in value.split()]
    while len(told) > 1 and told[-1].casefold() in around:
        told.pop()
    return " ".join(told)


@lru_cache(maxsize=256)
def _template(example: str) -> re.Pattern[str]:
    """The example as a pattern: the two words on each side of a slot must stand there, the rest may differ."""
    name = _SLOT.search(example)
    assert name is not None
    before, after = example[: name.start()].split()[-2:], example[name.end() :].split()[:1]
    head, tail = r"\s+".join(map(re.escape, before)), r"\s+".join(map(re.escape, after))
    end = rf"(?=\s+{tail}(?!\w))" if tail else r"(?=$|[.?!,;])"
    return re.compile(rf"(?<!\w){head}\s+(?P<{name[1]}>\S+(?:\s+\S+){{0,5}}?){end}", re.IGNORECASE)
