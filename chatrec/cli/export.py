"""``chatrec export``: a tuned model as files that other engines run."""

from __future__ import annotations

import shutil
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import console, out
from chatrec.errors import ModelError


class Format(StrEnum):
    """What is written."""

    merged = "merged"
    gguf = "gguf"


class Precision(StrEnum):
    """How the weights of a GGUF file are stored."""

    q8_0 = "q8_0"
    f16 = "f16"


def export_command(
    to: Annotated[Path, typer.Option("--out", help="the folder (merged) or the file (gguf) to write")],
    adapter: Annotated[str, typer.Option(help="auto (the shipped one), none, a name, or a folder")] = "auto",
    base: Annotated[str, typer.Option(help="the built-in base, or a folder with a causal language model")] = "smollm2-135m-instruct",
    form: Annotated[Format, typer.Option("--format", help="merged: a folder for transformers and vLLM; gguf: one file")] = Format.gguf,
    precision: Annotated[Precision, typer.Option(help="gguf only: 8 bits a weight, or 16")] = Precision.q8_0,
    force: Annotated[bool, typer.Option("--force", help="write over what is there")] = False,
) -> None:
    """Merge an adapter into its base model and write the result for other engines.

    gguf gives one file that llama.cpp and Ollama run; a Modelfile for Ollama is written beside it:

        chatrec export --out shop.gguf && llama-server -m shop.gguf --port 8080
        ollama create shop -f shop.Modelfile

    merged gives a folder of safetensors for transformers or vLLM. chatrec talks to such a server with: [model] engine = "openai",
    url = "http://127.0.0.1:8080/v1".
    """
    if to.exists() and not force:
        raise ModelError(f"{to} is there already; name another --out, or pass --force to write over it")
    to.parent.mkdir(parents=True, exist_ok=True)
    if form is Format.gguf:
        _export_gguf(base, adapter, precision, to)
    else:
        _export_merged(base, adapter, to)
    out.print(f"written: {to}", markup=False, highlight=False)


def _export_gguf(base: str, adapter: str, precision: Precision, to: Path) -> None:
    from chatrec.generation.fast_weights import merged_gguf
    from chatrec.generation.prompts import CHAT_END, CHAT_START

    made, _ = merged_gguf(base, adapter, precision=precision.value, progress=_say)
    shutil.copyfile(made, to)
    turn = "{{ range .Messages }}" + f"{CHAT_START}{{{{ .Role }}}}\n{{{{ .Content }}}}{CHAT_END}\n" + "{{ end }}"
    lines = [
        f"FROM ./{to.name}",
        f'TEMPLATE """{turn}{CHAT_START}assistant\n"""',
        f'PARAMETER stop "{CHAT_END}"',
        "PARAMETER temperature 0",
    ]
    to.with_suffix(".Modelfile").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _export_merged(base: str, adapter: str, to: Path) -> None:
    from chatrec.generation.adapters import find_adapter
    from chatrec.generation.transformers_engine import attach_adapter, load_model
    from chatrec.generation.weights import base_weights

    weights = base_weights(base, progress=_say)
    model, tokenizer = load_model(weights)
    folder = find_adapter(adapter)
    if folder is not None:
        model, _ = attach_adapter(model, folder, weights)
    model.save_pretrained(to)
    tokenizer.save_pretrained(to)


def _say(line: str) -> None:
    console.print(line, markup=False, highlight=False)
