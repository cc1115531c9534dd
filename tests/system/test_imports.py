"""What importing costs, and that imports go down the floors that pyproject.toml draws, in-function imports counted too."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import chatrec

from .shop import environment, python

ROOT = Path(chatrec.__file__).resolve().parent
PYPROJECT = ROOT.parent / "pyproject.toml"
HEAVY = (
    "torch",
    "transformers",
    "peft",
    "chromadb",
    "gradio",
    "sentence_transformers",
    "langchain_chroma",
    "langchain_core",
    "irspack",
    "bm25s",
    "pandas",
    "scipy",
    "sklearn",
    "numpy",
)
# Measured 0.04 s; the bound is the promise of the design.
MOST_IMPORT_S = 0.3
# Where a heavy library may be imported: the files that own it (prefixes of module names).
OWNERS = {
    "gradio": {"chatrec.service"},
    "torch": {
        "chatrec.embedding.minilm",
        "chatrec.embedding.single_text",
        "chatrec.embedding.tuned",
        "chatrec.generation",
        "chatrec.tuning",
        "chatrec.testing",
        "chatrec.evaluation.machine",
        "chatrec.cli",
    },
    "transformers": {"chatrec.embedding.minilm", "chatrec.generation", "chatrec.tuning", "chatrec.testing", "chatrec.cli"},
    "peft": {"chatrec.generation", "chatrec.tuning", "chatrec.testing"},
    "sentence_transformers": {"chatrec.embedding.minilm"},
    "chromadb": {"chatrec.catalog.vector_index", "chatrec.catalog.build"},
    "langchain_chroma": {"chatrec.catalog.vector_index"},
    "irspack": {"chatrec.candidates.models.ials"},
    "bm25s": {"chatrec.catalog.text_index"},
    "sqlalchemy": {"chatrec.storage"},
    "alembic": {"chatrec.storage"},
    "matplotlib": {"chatrec.evaluation.ranking_plots", "chatrec.service.analyst_plots", "chatrec.tuning.plots"},
    "typer": {"chatrec.cli"},
    "rich": {"chatrec.cli", "chatrec.tuning.dialogues"},
}


def modules() -> dict[str, Path]:
    """Every module of the package."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports_of(path: Path) -> tuple[tuple[str, int], ...]:
    """Every module that a file imports anywhere in it, with the line; imports for the type checker alone are none."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for branch in node.body
        for inner in ast.walk(branch)
    }
    return tuple(_named(path, (node for node in ast.walk(tree) if id(node) not in typing_only)))


def _named(path: Path, nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def floors() -> dict[str, int]:
    """Package -> its floor from the ground, as pyproject.toml draws them for import-linter."""
    contracts = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [c["layers"] for c in contracts if c["type"] == "layers"]
    return {name.strip(): floor for floor, names in enumerate(reversed(layers)) for name in names.split("|")}


@pytest.mark.skipif(not PYPROJECT.is_file(), reason="the floors stand in pyproject.toml, which an installed package has not")
def test_every_import_goes_down() -> None:
    floor, known, wrong, counted = floors(), modules(), [], 0
    # "testing" is the kit for implementers: it may use what it tests, and nothing at run time may use it
    beside = {"testing", "__init__"}
    for name, path in known.items():
        own = name.split(".")[1] if "." in name else "__init__"
        if own in beside:
            continue
        assert own in floor, f"{name} stands on no floor of pyproject.toml"
        for target, line in imports_of(path):
            if not target.startswith("chatrec."):
                continue
            counted += 1
            other = target.split(".")[1]
            if other == own or (other not in floor and f"chatrec.{other}" not in known):
                continue
            if other in beside:
                wrong.append(f"{path}:{line} imports {target}, which is for tests")
            elif floor[other] >= floor[own]:
                wrong.append(f"{path}:{line} imports {target} (floor {floor[other]}) from {own} (floor {floor[own]})")
    assert wrong == []
    assert counted > 500  # the walk sees the imports at all


def test_the_floors_are_those_of_the_design() -> None:
    floor = floors()
    order = (
        ("domain", "errors"), ("settings", "protocols"), ("metrics", "storage", "embedding"), ("catalog",),
        ("candidates", "ranking", "understanding", "knowledge", "actions", "generation"), ("dialogue",), ("bot",), ("evaluation",), ("tuning",), ("service",), ("cli",),
    )  # fmt: skip
    for below, above in pairwise(order):
        assert max(floor[n] for n in below) < min(floor[n] for n in above), (below, above)


def test_dialogue_sees_only_domain_and_protocols() -> None:
    seen = {
        target.split(".")[1]
        for name, path in modules().items()
        if name.startswith("chatrec.dialogue")
        for target, _ in imports_of(path)
        if target.startswith("chatrec.")
    }
    assert seen <= {"dialogue", "domain", "protocols", "errors"}


def test_the_domain_needs_the_standard_library_only() -> None:
    outside = {
        (name, target)
        for name, path in modules().items()
        if name.startswith("chatrec.domain")
        for target, _ in imports_of(path)
        if target.split(".")[0] not in sys.stdlib_module_names and not target.startswith("chatrec.domain")
    }
    assert outside == set()


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_heavy_library_stays_with_its_owner(library: str) -> None:
    users = {name for name, path in modules().items() for target, _ in imports_of(path) if target.split(".")[0] == library}
    strangers = {name for name in users if not any(name == owner or name.startswith(f"{owner}.") for owner in OWNERS[library])}
    assert strangers == set()
    assert users, f"nothing imports {library} any more: take it out of this list"


def loaded_after(statement: str) -> tuple[float, set[str]]:
    """Seconds that a statement takes in a fresh process, and the top-level modules that are loaded then."""
    code = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t); import sys; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(python("-c", code), capture_output=True, text=True, env=environment(), check=True, timeout=120)
    seconds, names = done.stdout.splitlines()
    return float(seconds), set(names.split())


def test_importing_chatrec_is_cheap() -> None:
    runs = [loaded_after("import chatrec") for _ in range(3)]
    assert min(seconds for seconds, _ in runs) < MOST_IMPORT_S
    assert not runs[0][1] & set(HEAVY)


@pytest.mark.parametrize("statement", ["from chatrec import ChatRec", "import chatrec.cli.main", "import chatrec.service"])
def test_faces_load_nothing_heavy_before_they_are_used(statement: str) -> None:
    _, loaded = loaded_after(statement)
    assert not loaded & set(HEAVY)


def test_ingest_needs_no_chat_page_and_a_template_chat_no_torch(shop: Path) -> None:
    code = (
        "import sys; from chatrec import ChatRec; from chatrec.testing.embedders import HashingEmbedder; "
        f"bot = ChatRec.open({str(shop)!r}, settings={{'model': {{'engine': 'template'}}}}, embedder=HashingEmbedder()); "
        "list(bot.reply('s', 'a kettle')); bot.close(); print(*[m for m in ('torch', 'gradio', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run(python("-c", code), capture_output=True, text=True, env=environment(), check=True, timeout=120)
    assert done.stdout.strip() == ""
