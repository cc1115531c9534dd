"""Rows: checked, masked, packed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.errors import IngestError, ModelError, UnreadableFile
from chatrec.tuning.dataset import Example, check_row, epoch_order, pack_examples, read_rows, rows_digest, tokenise

END = "<|im_end|>"
PROMPT = f"<|im_start|>system\nS.{END}\n<|im_start|>user\nshopper: hi{END}\n<|im_start|>assistant\n"
ROW = {"prompt": PROMPT, "completion": f"Hello, take [1].{END}"}


@pytest.fixture(scope="module")
def tokenizer(tiny_base: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_base)


def test_only_the_completion_bears_loss(tokenizer: Any) -> None:
    (example,) = tokenise([ROW], tokenizer)
    (pack,) = pack_examples([example], 100)
    assert tokenizer.decode(pack.tokens) == ROW["prompt"] + ROW["completion"]
    assert tokenizer.decode(pack.targets) == ROW["completion"]
    assert [pack.tokens[at + 1] for at in pack.predicting] == list(pack.targets)
    assert tokenizer.decode(pack.tokens[: pack.predicting[0] + 1]) == PROMPT
    assert tokenizer.decode(example.prefix) == f"<|im_start|>system\nS.{END}"


def test_a_tokenizer_that_would_mask_wrongly_is_refused(tokenizer: Any) -> None:
    class Lossy:
        def __call__(self, text: str, **options: Any) -> Any:
            return tokenizer(text.replace("take", "tke"), **options)

        def decode(self, ids: Any, **options: Any) -> str:
            return str(tokenizer.decode(ids, **options))

    with pytest.raises(ModelError, match="tokens that bear loss spell"):
        tokenise([ROW], Lossy())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": PROMPT}, "needs the texts"),
        ({"prompt": PROMPT, "completion": 5}, "needs the texts"),
        ([], "needs the texts"),
        ({"prompt": "hello", "completion": f"x{END}"}, "prompt must end with"),
        ({"prompt": PROMPT, "completion": "no end"}, "completion must end with"),
        ({"prompt": PROMPT, "completion": f"a{END}b{END}"}, "completion must end with"),
        ({"prompt": PROMPT, "completion": f"<|im_start|>user{END}"}, "completion must end with"),
        ({"prompt": PROMPT, "completion": f" {END}"}, "completion is empty"),
    ],
)
def test_a_bad_row_is_refused(row: Any, reason: str) -> None:
    with pytest.raises(IngestError, match=reason):
        check_row(row)


def test_files_are_read_and_errors_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({**ROW, "task": "recommend"}) + "\n\n" + json.dumps(ROW) + "\n", encoding="utf-8")
    assert read_rows(path) == [ROW, ROW]
    path.write_text(json.dumps(ROW) + "\n{oops\n", encoding="utf-8")
    with pytest.raises(IngestError, match=r"rows\.jsonl, line 2"):
        read_rows(path)
    for content in (b"", b"\xff\xfe\x00"):
        path.write_bytes(content)
        with pytest.raises(UnreadableFile):
            read_rows(path)
    with pytest.raises(UnreadableFile):
        read_rows(tmp_path / "absent.jsonl")


tokens = st.lists(st.integers(3, 50), min_size=1, max_size=9).map(tuple)
examples = st.lists(st.builds(Example, st.sampled_from([(1, 2), (1, 9), ()]), tokens, tokens), max_size=12)


@settings(max_examples=60, deadline=None)
@given(examples, st.integers(1, 60))
def test_packs_hold_every_example_once_and_in_order(rows: list[Example], most: int) -> None:
    found = []
    for pack in pack_examples(rows, most):
        assert sum(pack.lengths) == len(pack.tokens) == len(pack.positions)
        assert len(pack.tokens) <= most or len(pack.lengths) == 2
        first = pack.lengths[0]
        for size in pack.lengths[1:]:
            assert pack.positions[first : first + size] == tuple(range(pack.lengths[0], pack.lengths[0] + size))
            found.append(pack.tokens[: pack.lengths[0]] + pack.tokens[first : first + size])
            first += size
    assert found == [row.prefix + row.own for row in rows]
    assert sum(len(pack.targets) for pack in pack_examples(rows, most)) == sum(len(row.completion) for row in rows)


def test_order_depends_on_seed_and_epoch() -> None:
    orders = [epoch_order(50, seed, epoch) for seed in (0, 1) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    assert epoch_order(50, 0, 1) == orders[1]


def test_digest_follows_rows_order_and_sets() -> None:
    other = {**ROW, "completion": f"x{END}"}
    digests = [rows_digest([ROW, other], []), rows_digest([other, ROW], []), rows_digest([ROW], [other]), rows_digest([ROW], [])]
    assert len(set(digests)) == 4
    assert rows_digest([dict(ROW), other], []) == digests[0]
