"""Replies as the real writer makes them, each kept as soon as it is there: a run that was killed goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.reply_evidence import PACKAGE, sources_digest
from chatrec.cli.screen import progress
from chatrec.domain.facts import DroppedSentence, Evidence, Sentence
from chatrec.generation.gate import SentenceGate
from chatrec.generation.prompts import PromptLibrary
from chatrec.generation.template import TemplateWriter
from chatrec.generation.writer import GroundedWriter
from chatrec.protocols import Generator, Writer
from chatrec.resources import prompts_folder
from chatrec.settings import ModelSettings


@dataclass(slots=True)
class Overheard:
    """Implements :class:`chatrec.protocols.Generator` over another, and keeps what it said first since :meth:`fresh`, how long all of it
    took and how many tokens."""

    inner: Any
    raw: list[str] = field(default_factory=list)
    seconds: float = 0.0
    tokens: int = 0

    @property
    def name(self) -> str:
        """The generator's own name."""
        return str(self.inner.name)

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        """The text after ``prompt``, in chunks."""
        said: list[str] = []
        is_first, spent, counted = not self.raw, self.seconds, self.tokens
        self.raw = said if is_first else self.raw
        before, start = self._counted(), time.perf_counter()
        try:
            with closing(self.inner.generate(prompt, max_tokens=max_tokens, stop=stop, seed=seed)) as chunks:
                for chunk in chunks:
                    said.append(chunk)
                    self.tokens, self.seconds = counted + self._counted() - before, spent + time.perf_counter() - start
                    yield chunk
        finally:
            self.tokens, self.seconds = counted + self._counted() - before, spent + time.perf_counter() - start

    def fresh(self) -> None:
        """Another reply begins."""
        self.raw, self.tokens, self.seconds = [], 0, 0.0

    def _counted(self) -> int:
        return int(getattr(self.inner, "tokens_done", 0))


@dataclass(frozen=True, slots=True)
class Row:
    """One reply: what the writer released, what it dropped, and what the model said (``raw``, as far as it was let)."""

    n: int
    sentences: tuple[Sentence, ...]
    dropped: tuple[DroppedSentence, ...]
    first_ms: float
    whole_ms: float
    raw: str = ""
    tokens: int = 0
    model_s: float = 0.0


def grounded(generator: Generator, settings: ModelSettings) -> Writer:
    """The writer that a shop would have."""
    gate = SentenceGate()
    library, template = PromptLibrary(prompts_folder()), TemplateWriter(gate)
    return GroundedWriter(generator, gate, library, template, max_tokens=settings.max_tokens, time_budget_s=settings.time_budget_s)


def write_all(name: str, writer: Writer, cases: Sequence[Evidence], out: Path, overheard: Overheard | None = None) -> list[Row]:
    """A row for every case, from ``out`` where the same writer has made it from the same evidence, else written now and put there."""
    path = out / f"{name}.replies.jsonl"
    maker = _stamp(sources_digest(PACKAGE / "generation"), sources_digest(prompts_folder()), overheard.name if overheard else "template")
    kept = _kept(path)
    rows: list[Row] = []
    with path.open("a", encoding="utf-8") as file, progress() as report:
        if kept:
            file.write("\n")  # a line that a kill cut short stays one of its own
        for n, case in enumerate(cases):
            stamp = _stamp(maker, str(n), json.dumps(asdict(case)))
            if stamp not in kept:
                kept[stamp] = _written(n, case, writer, overheard)
                file.write(json.dumps({"stamp": stamp, **asdict(kept[stamp])}, ensure_ascii=False) + "\n")
                file.flush()
            rows.append(kept[stamp])
            report(f"{name}: replies", n + 1, len(cases))
    return rows


def _written(n: int, case: Evidence, writer: Writer, overheard: Overheard | None) -> Row:
    out: list[Sentence | DroppedSentence] = []
    if overheard is not None:
        overheard.fresh()
    first, start = 0.0, time.perf_counter()
    for written in writer.write(case):
        out.append(written)
        if isinstance(written, Sentence) and not first:
            first = time.perf_counter() - start
    whole = time.perf_counter() - start
    sentences = tuple(s for s in out if isinstance(s, Sentence))
    dropped = tuple(d for d in out if isinstance(d, DroppedSentence))
    timed = (round(first * 1000, 2), round(whole * 1000, 2))
    if overheard is None:
        return Row(n, sentences, dropped, *timed)
    return Row(n, sentences, dropped, *timed, "".join(overheard.raw), overheard.tokens, round(overheard.seconds, 4))


def _kept(path: Path) -> dict[str, Row]:
    """Rows by stamp; a line that a kill cut short is left out."""
    found: dict[str, Row] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            row = json.loads(line)
            stamp = row.pop("stamp")
            found[stamp] = _row(row)
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _row(row: dict[str, Any]) -> Row:
    sentences = tuple(Sentence(**{**s, "cites": tuple(s["cites"])}) for s in row["sentences"])
    return Row(**{**row, "sentences": sentences, "dropped": tuple(DroppedSentence(**d) for d in row["dropped"])})


def _stamp(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()
