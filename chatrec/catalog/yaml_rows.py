"""YAML files as rows. Scalars stay text, as in a CSV: YAML would turn the id 007 into 7 and the brand "No" into false."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from chatrec.errors import UnreadableFile

_BLANK = frozenset({"", "~", "null", "Null", "NULL"})
# Anchors that refer to anchors can make a small file as large as memory.
_MOST_ALIASES = 100_000


def yaml_entries(text: str, name: str) -> Iterator[tuple[int, str | None, Any]]:
    """(line, key, value) of every entry of the outermost list or mapping. Raises :class:`UnreadableFile` with the line."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)(text)
    try:
        node = loader.get_single_node()
        if isinstance(node, yaml.SequenceNode):
            for child in node.value:
                yield child.start_mark.line + 1, None, _build(child, 0)
        elif isinstance(node, yaml.MappingNode):
            for key, child in node.value:
                yield key.start_mark.line + 1, str(key.value), _build(child, 0)
        elif node is not None:
            raise UnreadableFile(f"{name} is YAML, but neither a list nor a mapping of records")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnreadableFile(f"{name}, line {line}: not valid YAML ({error.problem})") from error
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableFile(f"{name}: not valid YAML ({str(error).splitlines()[0]})") from error
    except RecursionError:
        raise UnreadableFile(f"{name}: YAML nested too deeply, or an anchor that holds itself") from None
    finally:
        loader.dispose()


def _build(node: yaml.Node, depth: int) -> Any:
    if depth > 12:
        return None
    if isinstance(node, yaml.ScalarNode):
        return None if not node.style and node.value in _BLANK else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, depth + 1) for child in node.value[:_MOST_ALIASES]]
    found: dict[str, Any] = {}
    for key, child in node.value:
        value = _build(child, depth + 1)
        if key.value == "<<" and isinstance(value, dict):
            found = {**value, **found}
        else:
            found[str(key.value)] = value
    return found
