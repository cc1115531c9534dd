"""One step beyond imitation: the model answers training prompts several times at a temperature, and learns from what is right.

Rejection sampling (Touvron et al., 2023, "Llama 2", section 3.2.3, with the sentence gate in the place of a reward model): of n replies
to a prompt those are kept that pass the gate whole and cite every item once, that are no near-duplicates of each other or of the reply
that was taught, and whose opening is not worn out. They say the same facts in the model's own words, and in more than one way.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from chatrec.errors import ModelError
from chatrec.generation.engines import choose_engine
from chatrec.generation.prompts import CHAT_END, CHAT_START
from chatrec.protocols import Generator
from chatrec.settings import ModelSettings
from chatrec.tuning.check import Checked, refusal
from chatrec.tuning.data_card import opening
from chatrec.tuning.gated import teller
from chatrec.tuning.scores import MOST_TOKENS, Case, Scorer, cases_of, spread

TEMPERATURE = 0.8
MOST_PROMPTS = 1000
MOST_KEPT = 2
"""Replies kept of one prompt: more of the same evidence teach little."""
MOST_ALIKE = 0.7
"""The largest overlap of two replies' words (Jaccard) at which both are worth learning."""
MOST_OPENING = 0.04
LEAST_OPENING = 6
ORIGINALS = 2
"""Original rows mixed in for each kept one, so that the model stays near what was written by hand."""
Progress = Callable[[str], None]
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Draw:
    """One sampled reply to a case, by the case's number."""

    case: int
    n: int
    text: str


def refine_rows(
    taught: Sequence[Mapping[str, str]],
    adapter: Path,
    base: str,
    folder: Path,
    *,
    samples: int = 4,
    seed: int = 0,
    most_prompts: int = MOST_PROMPTS,
    generator: Generator | None = None,
    progress: Progress = print,
) -> Rows:
    """The kept replies as rows, mixed with original ones: what to train on, starting from ``adapter``.

    Draws are appended to a file in ``folder`` one by one; a run that was killed goes on there, one with other rows, adapter or seed begins
    a file of its own. ``generator`` must sample; without one the engine of this machine is opened at ``TEMPERATURE``. Raises
    :class:`ModelError` where no row carries evidence or no draw can be kept.
    """
    cases = cases_of(taught, most_prompts)
    if not cases:
        raise ModelError("no row to draw replies for: rows need 'evidence'; compose them again with this version")
    path = folder / f"{_run_name(cases, adapter, samples, seed)}.jsonl"
    draws = draw_replies(cases, path, lambda: generator or sampling_generator(base, adapter), samples, seed, progress)
    replies = {row["prompt"]: row["completion"] for row in taught}
    kept = keep(cases, draws, replies)
    progress(f"{len(draws)} replies drawn to {len(cases)} prompts, {len(kept)} kept")
    if not kept:
        raise ModelError(f"none of {len(draws)} sampled replies passes the gate and says something new: train the adapter longer first")
    return [*kept, *(dict(row) for row in spread(list(taught), ORIGINALS * len(kept)))]


def draw_replies(
    cases: Sequence[Case], path: Path, make: Callable[[], Generator], samples: int, seed: int, progress: Progress
) -> list[Draw]:
    """``samples`` replies a case; those in ``path`` are taken as they are, the others are drawn and appended to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {(draw.case, draw.n): draw for draw in _read(path) if draw.case < len(cases)}
    wanted = [(n, k) for n in range(len(cases)) for k in range(samples) if (n, k) not in found]
    if found:
        progress(f"{len(found)} replies are drawn already, {len(wanted)} to go")
    if wanted:
        generator = make()
        tell = teller(progress, "drawing replies")
        with path.open("a", encoding="utf-8") as stream, ThreadPoolExecutor(int(getattr(generator, "at_once", 1))) as pool:
            stream.write("\n")  # ends a line that a kill cut short
            texts = pool.map(lambda pair: _draw(generator, cases[pair[0]], seed + pair[1]), wanted)
            for done, ((n, k), text) in enumerate(zip(wanted, texts, strict=True), start=1):
                found[n, k] = Draw(n, k, text)
                stream.write(json.dumps({"case": n, "n": k, "text": text}, ensure_ascii=False) + "\n")
                stream.flush()
                tell(done, len(wanted))
        close = getattr(generator, "close", None)
        if close is not None:
            close()
    return [found[key] for key in sorted(found)]


def keep(cases: Sequence[Case], draws: Sequence[Draw], replies: Mapping[str, str]) -> Rows:
    """Rows of the draws that are worth learning, at most ``MOST_KEPT`` a case, the most different first. ``replies`` are those that were
    taught, by prompt."""
    scorer = Scorer()
    openings: Counter[str] = Counter(opening(reply) for reply in replies.values())
    most = max(LEAST_OPENING, int(MOST_OPENING * (len(replies) + len(draws))))
    by_case: dict[int, list[str]] = {}
    for draw in draws:
        by_case.setdefault(draw.case, []).append(draw.text.strip())
    rows: Rows = []
    for n, texts in by_case.items():
        case = cases[n]
        right = [text for text in dict.fromkeys(texts) if _is_right(case, text, scorer)]
        for text in _varied(right, replies.get(case.prompt, ""), lambda reply: openings[opening(reply)]):
            if openings[opening(text)] < most:
                openings[opening(text)] += 1
                rows.append({"prompt": case.prompt, "completion": text + CHAT_END, "evidence": _evidence(case)})
    return rows


def sampling_generator(base: str, adapter: Path, temperature: float = TEMPERATURE) -> Generator:
    """Base and adapter on the engine of this machine, sampling: same seed, same text."""
    settings = ModelSettings(base=base, adapter=str(adapter))
    if choose_engine(settings)[0] == "openvino":
        from chatrec.generation.openvino_engine import OpenVINOGenerator

        return OpenVINOGenerator.open(base, str(adapter), temperature=temperature)
    from chatrec.generation.transformers_engine import TransformersGenerator

    return TransformersGenerator.open(base, str(adapter), temperature=temperature)


def _draw(generator: Generator, case: Case, seed: int) -> str:
    return "".join(generator.generate(case.prompt, max_tokens=MOST_TOKENS, stop=(CHAT_END, CHAT_START), seed=seed))


def _is_right(case: Case, text: str, scorer: Scorer) -> bool:
    return bool(text) and not refusal(Checked(case.evidence, text)) and scorer.of_text(case.evidence, text).whole


def _varied(texts: Sequence[str], taught: str, worn: Callable[[str], int]) -> Iterator[str]:
    """The texts that differ most from the taught reply and from each other, of equals the one whose opening is worn least."""
    chosen = [_words(taught)]
    left = list(texts)
    for _ in range(MOST_KEPT):
        ranked = [(max(_alike(_words(text), words) for words in chosen), worn(text), text) for text in left]
        alike, _, text = min(ranked, default=(1.0, 0, ""))
        if alike > MOST_ALIKE:
            return
        chosen.append(_words(text))
        left.remove(text)
        yield text


def _words(reply: str) -> frozenset[str]:
    return frozenset(reply.lower().removesuffix(CHAT_END).replace(",", " ").replace(";", " ").rstrip(".!").replace(". ", " ").split())


def _alike(words: frozenset[str], others: frozenset[str]) -> float:
    return len(words & others) / max(1, len(words | others))


def _evidence(case: Case) -> str:
    from chatrec.tuning.row_evidence import evidence_text

    return evidence_text(case.evidence)


def _run_name(cases: Sequence[Case], adapter: Path, samples: int, seed: int) -> str:
    from chatrec.generation.adapters import weights_digest

    parts = [[case.prompt for case in cases], weights_digest(adapter), samples, seed, TEMPERATURE]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _read(path: Path) -> Iterator[Draw]:
    """The draws of a file; a line that a kill cut short is left out."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for line in lines:
        try:
            data = json.loads(line)
            yield Draw(int(data["case"]), int(data["n"]), str(data["text"]))
        except (ValueError, KeyError, TypeError):
            continue
