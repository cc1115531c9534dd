"""How a shop makes a tool: a Python function, and what the bot must know of it beside its code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_type_hints, overload

from chatrec.domain.tool import CALLER, Tool
from chatrec.errors import SettingsError

if TYPE_CHECKING:
    from pydantic import BaseModel

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SLOT = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_EXPLAINED = {
    "missing": "it is missing", "enum": "it is not one of the choices", "literal_error": "it is not one of the choices",
    "string_pattern_mismatch": "it does not look like one",
}  # fmt: skip


@overload
def tool(function: Callable[..., object], /) -> Tool: ...


@overload
def tool(
    *,
    name: str = "",
    description: str = "",
    changes: bool = False,
    verified: bool = False,
    examples: Sequence[str] = (),
    question: str = "",
    questions: Mapping[str, str] | None = None,
    time_limit_s: float = 10.0,
) -> Callable[[Callable[..., object]], Tool]: ...


def tool(function: Callable[..., object] | None = None, /, **told: Any) -> Tool | Callable[[Callable[..., object]], Tool]:
    """Makes a :class:`~chatrec.domain.tool.Tool` of a function; see there what may be told of it.

    >>> @tool(examples=["gift wrap order {order_id}"], changes=True, verified=True)
    ... def gift_wrap(order_id: str) -> str:
    ...     return f"Order {order_id} will be gift-wrapped."
    >>> gift_wrap.schema["required"]
    ['order_id']

    Every parameter needs a type hint that JSON knows (str, int, float, bool, date, an Enum, a Literal); constraints and descriptions are
    told with ``Annotated[..., pydantic.Field(...)]``. A parameter named ``caller`` is given who asks. Raises :class:`SettingsError`
    for a function that cannot be a tool.
    """
    if function is not None:
        return make_tool(function, **told)
    return lambda chosen: make_tool(chosen, **told)


def make_tool(
    function: Callable[..., object],
    *,
    name: str = "",
    description: str = "",
    changes: bool = False,
    verified: bool = False,
    examples: Sequence[str] = (),
    question: str = "",
    questions: Mapping[str, str] | None = None,
    time_limit_s: float = 10.0,
) -> Tool:
    """The tool of this function: name and description from the function where they are not given, the schema from its type hints."""
    called = name or getattr(function, "__name__", "")
    if not _NAME.fullmatch(called):
        raise SettingsError(f"a tool is named in lower case letters, digits and underscores, not {called!r:.80}; give name='...'")
    model = _model_of(called, function)
    schema = model.model_json_schema()
    known = set(schema.get("properties", {}))
    for text in (*examples, question):
        if strange := [slot for slot in _SLOT.findall(text) if slot not in known]:
            raise SettingsError(f"tool '{called}' speaks of {{{strange[0]}}} in {text!r:.80}, but its function has no such argument")
    if not time_limit_s >= 0:
        raise SettingsError(f"tool '{called}' has the time limit {time_limit_s!r}; it is a number of seconds, 0 or more")
    return Tool(
        name=called,
        description=description or inspect.getdoc(function) or called.replace("_", " "),
        function=function,
        schema=_resolved(schema),
        changes=changes,
        verified=verified,
        examples=tuple(examples),
        question=question,
        questions=dict(questions or {}),
        time_limit_s=time_limit_s,
        check=lambda arguments: _problems(model, arguments),
    )


def typed_arguments(chosen: Tool, arguments: Mapping[str, object]) -> dict[str, Any]:
    """The arguments as the function's type hints want them ("3" becomes 3). Raises ``ValueError`` where the schema says otherwise."""
    model = _model_of(chosen.name, chosen.function)
    made = model.model_validate(dict(arguments))
    return {name: getattr(made, name) for name in type(made).model_fields if name in made.model_fields_set}


def takes_caller(chosen: Tool) -> bool:
    """Whether the function wants to know who asks."""
    return CALLER in inspect.signature(chosen.function).parameters


def _model_of(name: str, function: Callable[..., object]) -> type[BaseModel]:
    from pydantic import ConfigDict, create_model
    from pydantic.errors import PydanticUserError

    fields: dict[str, Any] = {}
    hints = get_type_hints(function, include_extras=True)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == CALLER:
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise SettingsError(f"tool '{name}' takes '{parameter}': a tool's arguments have names, one by one")
        if parameter.name not in hints:
            raise SettingsError(f"argument '{parameter.name}' of tool '{name}' has no type hint; its schema is made from it")
        fields[parameter.name] = (hints[parameter.name], ... if parameter.default is parameter.empty else parameter.default)
    try:
        model: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        model.model_json_schema()
    except PydanticUserError as error:
        raise SettingsError(f"tool '{name}' has an argument of a type that JSON does not know: {error}") from error
    return model


def _problems(model: type[BaseModel], arguments: Mapping[str, object]) -> dict[str, str]:
    from pydantic import ValidationError

    try:
        model.model_validate(dict(arguments))
    except ValidationError as error:
        found: dict[str, str] = {}
        for one in error.errors():
            found.setdefault(str(one["loc"][0]) if one["loc"] else "", _EXPLAINED.get(one["type"], one["msg"].lower()))
        return found
    return {}


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its definitions (of enumerations) put where they are used."""
    definitions = schema.pop("$defs", {})

    def put(node: Any) -> Any:
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                return put({**definitions[reference.rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}})
            return {key: put(value) for key, value in node.items()}
        return [put(value) for value in node] if isinstance(node, list) else node

    resolved: dict[str, Any] = put(schema)
    return resolved
