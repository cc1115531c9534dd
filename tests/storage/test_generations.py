from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chatrec.errors import GenerationError, IndexInUse
from chatrec.storage.generations import Generation, Generations


def build(generations: Generations, text: str = "x") -> Generation:
    with generations.begin() as draft:
        (draft.folder / "items.jsonl").write_text(text * 10)
        (draft.folder / "chroma").mkdir()
        (draft.folder / "chroma" / "index.bin").write_text(text)
        return draft.publish({"embedder": "e", "counts": {"items": 10}})


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path)


def test_before_the_first_there_is_none(generations: Generations) -> None:
    assert generations.current() is None
    assert generations.numbers() == []
    assert generations.prune() == []


def test_a_published_draft_is_the_serving_generation(generations: Generations, tmp_path: Path) -> None:
    first = build(generations, "a")
    assert generations.current() == first
    assert (first.number, first.folder, first.manifest["counts"]) == (1, tmp_path / "generations" / "000001", {"items": 10})
    assert first.manifest["files"] == {"chroma/index.bin": 1, "items.jsonl": 10}
    assert abs(first.manifest["created"] - time.time()) < 60
    second = build(generations, "b")
    assert (second.number, generations.current(), generations.numbers()) == (2, second, [1, 2])
    assert first.damage() == second.damage() == []
    assert (first.folder / "items.jsonl").read_text() == "a" * 10


def test_an_unpublished_draft_changes_nothing(generations: Generations) -> None:
    first = build(generations)
    with pytest.raises(RuntimeError), generations.begin() as draft:
        (draft.folder / "items.jsonl").write_text("half")
        assert generations.current() == first
        raise RuntimeError
    assert generations.current() == first
    assert not draft.folder.exists()


def test_a_draft_is_published_once(generations: Generations) -> None:
    draft = generations.begin()
    draft.publish({})
    with pytest.raises(GenerationError, match="begin a new one"):
        draft.publish({})
    draft.discard()
    assert generations.numbers() == [1]


def test_a_draft_of_an_older_base_is_not_published(generations: Generations) -> None:
    first = build(generations)
    with generations.begin() as late, generations.begin() as early:
        assert early.publish_after(first, {}) == generations.current()
        assert late.publish_after(first, {}) is None
    assert generations.numbers() == [1, 2] and not late.folder.exists()


def test_two_drafts_live_side_by_side(generations: Generations) -> None:
    one, two = generations.begin(), generations.begin()
    (one.folder / "a").write_text("one")
    (two.folder / "a").write_text("two")
    assert two.publish({}).number == 1
    assert one.publish({}).number == 2
    current = generations.current()
    assert current is not None
    assert (current.folder / "a").read_text() == "one"


def test_carry_copies_content_but_neither_locks_nor_manifest(generations: Generations) -> None:
    first = build(generations, "a")
    with generations.own(first), generations.begin() as draft:
        assert draft.carry(first, ["chroma", "absent"]) == ["chroma"]
        assert draft.carry(first) == ["chroma", "items.jsonl"]
        assert sorted(p.name for p in draft.folder.iterdir()) == ["chroma", "items.jsonl", "owner.lock"]
        second = draft.publish({})
    assert (second.folder / "chroma" / "index.bin").read_text() == "a"
    assert second.damage() == []


def test_damage_is_named(generations: Generations) -> None:
    generation = build(generations)
    (generation.folder / "items.jsonl").write_text("short")
    (generation.folder / "chroma" / "index.bin").write_text("rewritten by its engine")
    assert generation.damage() == ["items.jsonl has 5 bytes instead of 10"]
    (generation.folder / "chroma" / "index.bin").unlink()
    assert generation.damage() == ["chroma/index.bin is missing", "items.jsonl has 5 bytes instead of 10"]


@pytest.mark.parametrize("content", [b"", b"two", b"-1", b"\xff\xfe", b"99"])
def test_a_spoilt_current_is_a_clear_error(generations: Generations, content: bytes) -> None:
    build(generations)
    (generations.folder / "CURRENT").write_bytes(content)
    with pytest.raises(GenerationError, match="ingest again"):
        generations.current()
    assert generations.sound() is None
    assert build(generations).number == 2 and generations.current() is not None


def test_prune_keeps_the_newest_and_what_is_in_use(generations: Generations) -> None:
    made = [build(generations) for _ in range(6)]
    owner = generations.own(made[0])
    with generations.reading(made[1]), generations.reading(made[1]):
        assert generations.prune(2) == [3, 4]
    assert generations.numbers() == [1, 2, 5, 6]
    owner.release()
    assert generations.prune(1) == [1, 2, 5]
    assert generations.current() == made[5]
    with pytest.raises(GenerationError, match="gone"):
        generations.own(made[0])
    with pytest.raises(ValueError, match="at least 1"):
        generations.prune(0)


def test_an_index_folder_has_one_owner(generations: Generations) -> None:
    generation = build(generations)
    with generations.own(generation) as lock:
        assert lock.held
        with pytest.raises(IndexInUse, match="this process itself"):
            generations.own(generation)
    with generations.own(generation):
        pass


OWNER = """
import sys
from chatrec.storage.generations import Generations
generations = Generations(sys.argv[1])
lock = generations.own(generations.current())
print("owned", flush=True)
sys.stdin.read()
"""


def test_an_owner_in_another_process_is_named_and_its_death_frees_the_folder(generations: Generations, tmp_path: Path) -> None:
    generation = build(generations)
    with subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "owned\n"
        with pytest.raises(IndexInUse, match=f"process {child.pid};"):
            generations.own(generation)
        newer = [build(generations) for _ in range(3)]
        assert generation.number not in generations.prune(1)
        child.kill()
    generations.own(generation).release()
    assert generations.prune(1) == [generation.number, newer[1].number] or generations.numbers() == [newer[2].number]


# Dies at its n-th touch of the file system: every step of building, publishing and pruning gets its turn. One process forks the
# mortal ones, since starting Python anew for each would take most of the time.
STEPS = """
import os, signal, sys
from chatrec.storage.generations import Generations
touches = {"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.truncate", "os.scandir", "os.listdir", "shutil.rmtree", "fcntl.flock"}
generations = Generations(sys.argv[1])

def work(left):
    def dying(event, _):
        nonlocal left
        if event in touches:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(dying)
    with generations.begin() as draft:
        for name in ("a", "b"):
            with open(draft.folder / name, "w") as file:
                file.write("content")
        draft.publish({})
    generations.prune(2)
    os._exit(0)

for step in range(1, 300):
    child = os.fork()
    if not child:
        work(step)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    current = generations.current()
    print(code, current.number, len(current.manifest["files"]), len(current.damage()), flush=True)
    if code != -signal.SIGKILL:
        break
"""


def check_whole(generations: Generations, at_least: int) -> int:
    current = generations.current()
    assert current is not None
    assert current.number >= at_least
    assert current.damage() == []
    assert len(current.manifest["files"]) == 2
    return current.number


def test_killed_at_every_single_step_current_names_a_whole_generation(generations: Generations, tmp_path: Path) -> None:
    with generations.begin() as draft:
        (draft.folder / "items.jsonl").write_text("0")
        (draft.folder / "b").write_text("1")
        number = draft.publish({}).number
    output = subprocess.run([sys.executable, "-S", "-c", STEPS, str(tmp_path)], check=True, capture_output=True, text=True).stdout
    lines = [tuple(map(int, line.split())) for line in output.splitlines()]
    codes, numbers, files, damages = zip(*lines, strict=True)
    assert codes == (-9,) * (len(lines) - 1) + (0,)
    assert len(lines) > 30
    assert (list(numbers), numbers[0] >= number) == (sorted(numbers), True)
    assert (set(files), set(damages)) == ({2}, {0})
    generations.begin().discard()
    assert [p.name for p in generations.folder.iterdir() if p.name.startswith((".draft", ".doomed", ".CURRENT"))] == []


LOOP = """
import sys
from chatrec.storage.generations import Generations
generations = Generations(sys.argv[1])
print("ready", flush=True)
while True:
    with generations.begin() as draft:
        for name in ("a", "b"):
            (draft.folder / name).write_text("content" * 1000)
        draft.publish({})
    generations.prune(2)
"""


def test_killed_at_random_moments_current_names_a_whole_generation(generations: Generations, tmp_path: Path) -> None:
    chance = random.Random(20261121)
    with generations.begin() as draft:
        (draft.folder / "a").write_text("0")
        (draft.folder / "b").write_text("1")
        number = draft.publish({}).number
    for _ in range(10):
        children = [subprocess.Popen([sys.executable, "-S", "-c", LOOP, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(2)]
        for child in children:
            assert child.stdout is not None
            child.stdout.readline()
        for child in children:
            time.sleep(chance.uniform(0.0, 0.06))
            child.kill()
            child.communicate()
            number = check_whole(generations, number)
    assert number > 1
    generations.begin().discard()
    generations.prune(2)
    assert len(generations.numbers()) <= 2
    assert all(not p.name.startswith((".draft", ".doomed")) for p in generations.folder.iterdir())


def test_a_draft_of_a_living_process_is_not_swept(generations: Generations) -> None:
    draft = generations.begin()
    code = "import sys; from chatrec.storage.generations import Generations; Generations(sys.argv[1]).begin().discard()"
    subprocess.run([sys.executable, "-S", "-c", code, str(generations.folder.parent)], check=True)
    assert draft.folder.is_dir()
    assert str(os.getpid()) in draft.folder.name
    draft.discard()
