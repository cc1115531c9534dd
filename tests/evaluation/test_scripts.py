"""Reading dialogue scripts: what is wrong with one is said with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from chatrec.errors import ScriptError
from chatrec.evaluation.scripts import load_script, load_scripts, schema

PAGE = Path(__file__).resolve().parents[2] / "docs" / "dialogue-scripts.md"


def write(folder: Path, text: str, name: str = "one.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_a_script_as_written(tmp_path: Path) -> None:
    script = load_script(write(tmp_path, "name: hello\nuser: ann\nturns:\n  - shopper: hi\n  - like: 2\n"))
    assert (script.name, script.shop, script.user, script.settings) == ("hello", "demo", "ann", {})
    assert script.turns == ({"shopper": "hi"}, {"like": 2})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\n", "'turns' is a required property"),
        ("name: x\nturns: []\n", "turns: "),
        ("turns:\n  - shopper: hi\n", "'name' is a required property"),
        ("name: x\nturns:\n  - say: hi\n", "turns/0"),
        ("name: x\nturns:\n  - shopper: hi\n    like: 1\n", "turns/0"),
        ("name: x\nturns:\n  - shopper: hi\n  - expect: {}\n", "turns/1"),
        ("name: x\nturns:\n  - shopper: hi\n    expect: {itmes: {}}\n", "turns/0/expect"),
        ("name: x\nturns:\n  - shopper: hi\n    expect: {items: {count: -1}}\n", "turns/0/expect/items/count"),
        ("name: x\nturns:\n  - shopper: hi\n    expect: {ledger: [{op: is}]}\n", "turns/0/expect/ledger/0"),
        ("name: x\nturns:\n  - shopper: hi\n    expect: {ledger: [{field: price, op: below}]}\n", "turns/0/expect/ledger/0/op"),
        ("name: x\nturns:\n  - shopper: hi\n    expect: {action: buy}\n", "turns/0/expect/action"),
        ("name: x\nturns:\n  - diversity: 2\n", "turns/0/diversity"),
        ("name: x\nturns:\n  - like: 0\n", "turns/0/like"),
        ("name: x\nturns:\n  - stock: {item: a}\n", "turns/0/stock"),
        ("name: x\nturns:\n  - row: {item: a}\n", "turns/0/row"),
        ("name: x\nturns:\n  - visit: tomorrow\n", "turns/0/visit"),
        ("name: x\nturns:\n  - shopper: hi\n    expect: {lists: [{itmes: 1}]}\n", "turns/0/expect/lists/0"),
        ("name: x\nturns:\n  - shopper: hi\n    expect: {language: german}\n", "turns/0/expect/language"),
        ("name: x\nturns:\n  - shopper: hi\n    expect: {about: [{turn: 1}]}\n", "turns/0/expect/about/0"),
        ("name: x\nshopp: demo\nturns:\n  - shopper: hi\n", "shopp"),
        ("- just\n- a list\n", "the file"),
        ("name: [unclosed\n", "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_file_and_place(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ScriptError) as caught:
        load_script(path)
    assert str(caught.value).startswith(str(path)) and said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="there is no such file"):
        load_script(tmp_path / "none.yaml")


def test_folders_are_read_in_order_and_an_empty_one_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no dialogue scripts"):
        load_scripts([tmp_path])
    for name in ("b.yaml", "a.yml", "notes.txt"):
        write(tmp_path, f"name: {name}\nturns:\n  - shopper: hi\n", name)
    assert [s.name for s in load_scripts([tmp_path])] == ["a.yml", "b.yaml"]


def test_the_page_names_every_step_and_every_expectation() -> None:
    """The documentation cannot fall behind the schema."""
    text = PAGE.read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z_]+)`", text))
    definitions = schema()["$defs"]
    for part in ("turn", "expect", "items", "text", "constraint", "held"):
        assert not set(definitions[part]["properties"]) - told, part


def example() -> str:
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[0]


def test_the_example_of_the_page_is_a_script(tmp_path: Path) -> None:
    assert load_script(write(tmp_path, example())).turns
    assert yaml.safe_load(example())["name"]
