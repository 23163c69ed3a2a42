"""Faults for real: writes that fail one after the other, and processes that are killed at random moments.

After each, ``--resume`` ends with what an unbroken run would have left, byte for byte, and nothing stands half-written.
"""

import contextlib
import errno
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from batch.folders import BREACHES, OPEN, PASSES, Here, options, row, submissions, tree
from urbanform.batch.run import BatchSummary, run_batch
from urbanform.batch.words import BatchError
from urbanform.errors import ReportError
from urbanform.review import check

FAULTS = (errno.ENOSPC, errno.EIO, errno.EROFS)


class Disk:
    """Counts what is asked of the disk, and lets the n-th request fail; with ``broken`` all after it too."""

    def __init__(self, nth: int, fault: int, *, broken: bool = False) -> None:
        self.nth, self.fault, self.broken, self.count = nth, fault, broken, 0

    @property
    def failed(self) -> bool:
        return self.count >= self.nth

    def ask(self) -> None:
        self.count += 1
        if self.count == self.nth or (self.broken and self.count > self.nth):
            raise OSError(self.fault, os.strerror(self.fault))

    def asking(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*arguments: Any, **more: Any) -> Any:
            self.ask()
            return function(*arguments, **more)

        return asked

    def opening(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *arguments: Any, **more: Any) -> Any:
            if set(mode) & set("wax+"):
                self.ask()
                stream = function(file, mode, *arguments, **more)
                return Stream(stream, self)
            return function(file, mode, *arguments, **more)

        return opened


class Stream:
    """A file whose writes ask the disk; a write that fails leaves half of itself, as a full disk does."""

    def __init__(self, stream: Any, disk: Disk) -> None:
        self._stream, self._disk = stream, disk

    def write(self, data: Any) -> int:
        try:
            self._disk.ask()
        except OSError:
            self._stream.write(data[: len(data) // 2])
            self._stream.flush()
            raise
        return int(self._stream.write(data))

    def __enter__(self) -> "Stream":
        self._stream.__enter__()
        return self

    def __exit__(self, *told: Any) -> None:
        self._stream.__exit__(*told)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def failing(disk: Disk) -> Iterator[None]:
    """Files, folders, renames and flushes that go through a disk."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "rename", "mkdir", "rmdir", "unlink", "fsync"):
            patch.setattr(os, name, disk.asking(getattr(os, name)))
        patch.setattr(io, "open", disk.opening(io.open))
        yield


def run(root: Path, out: Path, **more: Any) -> BatchSummary:
    """A batch whose children take no time."""
    return run_batch(root, out, options(root.parent), scheduler=Here(), **more)


def is_whole(out: Path, wanted: dict[str, str]) -> None:
    """Everything that stands under a final name is what an unbroken run writes there."""
    for name, found in tree(out).items() if out.exists() else ():
        hidden = any(part.startswith(".urbanform-") for part in name.split("/"))
        summary = name in ("batch.json", "index.html", "batch.xlsx")
        assert hidden or summary or found == wanted.get(name), name


def broken_at(root: Path, out: Path, disk: Disk, wanted: dict[str, str], resume: bool) -> None:
    """Run with a disk that fails, look at what is left, and go on."""
    with failing(disk), contextlib.suppress(BatchError):
        run(root, out, resume=resume)
    is_whole(out, wanted)
    assert run(root, out, resume=True).status == 1
    assert tree(out) == wanted
    items = json.loads((out / "batch.json").read_text(encoding="utf-8"))["items"]
    assert [row["item"] for row in items] == ["乙", "甲"]


def write_faults(tmp_path: Path, faults: Callable[[int], tuple[int, ...]], step: int, broken: bool) -> int:
    """Let each request of a batch fail in turn; how many there are."""
    root = submissions(tmp_path, 甲=PASSES, 乙=BREACHES)
    run(root, tmp_path / "unbroken")
    wanted = tree(tmp_path / "unbroken")
    nth = 1
    while True:
        for fault in faults(nth):
            out = tmp_path / f"out-{nth}-{fault}"
            disk = Disk(nth, fault, broken=broken)
            broken_at(root, out, disk, wanted, resume=False)
            shutil.rmtree(out)
        if not disk.failed:
            return nth
        nth += step


def test_some_writes_fail_in_turn(tmp_path: Path) -> None:
    """Every seventh request to the disk, with one of the faults in turn."""
    assert write_faults(tmp_path, lambda nth: (FAULTS[nth // 7 % 3],), 7, broken=False) > 60


@pytest.mark.long
@pytest.mark.parametrize("broken", [False, True])
def test_every_write_fails_in_turn(tmp_path: Path, broken: bool) -> None:
    """Every request in turn, with each fault; alone, and with all that follow (the disk stays full)."""
    assert write_faults(tmp_path, lambda _: FAULTS, 1, broken) > 60


@pytest.mark.long
def test_every_write_of_a_check_fails_in_turn(tmp_path: Path) -> None:
    """A check by itself: an error that a user can mend, and no file under its final name but whole ones."""
    root = submissions(tmp_path, 甲=BREACHES)
    asked = options(tmp_path)
    check(root / "甲", tmp_path / "unbroken", asked)
    wanted = tree(tmp_path / "unbroken")
    nth, failed = 1, True
    while failed:
        out = tmp_path / f"out-{nth}"
        disk = Disk(nth, FAULTS[nth % 3])
        # An OSError: not even the scratch folder of the system could be written to.
        with failing(disk), contextlib.suppress(ReportError, OSError):
            check(root / "甲", out, asked)
            failed = disk.failed
        is_whole(out, wanted)
        if (out / "results.json").exists():
            assert tree(out) == wanted
        shutil.rmtree(out, ignore_errors=True)
        nth += 1
    assert nth > 30


def test_a_corrupt_submission_in_the_middle_is_one_row(tmp_path: Path) -> None:
    root = submissions(tmp_path, 甲=PASSES, 乙=PASSES, 丙=OPEN)
    run(root, tmp_path / "before")
    shapes = next((root / "甲").glob("建筑.shp"))
    shapes.write_bytes(shapes.read_bytes()[:-20])
    (root / "丁.gpkg").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 8)
    summary = run(root, tmp_path / "out")
    assert {row["item"]: row["exit"] for row in summary.rows} == {"丁.gpkg": 3, "丙": 3, "乙": 0, "甲": 3}
    assert row(tmp_path / "out", "甲")["defects"] == {"rejected": 1}
    assert tree(tmp_path / "out" / "乙") == tree(tmp_path / "before" / "乙")


SUPERVISOR = """
import sys
from pathlib import Path
from urbanform.batch.run import run_batch
from urbanform.review import Options
root, out, pack = map(Path, sys.argv[1:4])
asked = Options(rules=str(pack), only=("demolition-share",), as_of=2026, context=False)
print("go", flush=True)
summary = run_batch(root, out, asked, jobs=2, resume=True, tell=lambda step: print(step.done, flush=True))
sys.exit(summary.status)
"""


def supervisor(root: Path, out: Path) -> "subprocess.Popen[str]":
    """A batch in a process of its own that has begun."""
    pack = options(root.parent).rules
    started = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(root), str(out), str(pack)], stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "go\n"
    return started


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    path = Path(f"/proc/{pid}/task")
    with contextlib.suppress(OSError):
        return [int(found) for task in path.iterdir() for found in (task / "children").read_text().split()]
    return []


def kill_at_random(tmp_path: Path, count: int, kills: int, longest_s: float, seed: int) -> dict[str, int]:
    """Kill the supervisor or one of its children at random moments, and resume, until a batch is done; again and again.

    Gives how many processes of each kind were killed, and how many batches came to their end.
    """
    chance = random.Random(seed)
    names = {f"成果{n:02d}": (PASSES, BREACHES, OPEN)[n % 3] for n in range(count)}
    root = submissions(tmp_path, **names)
    unbroken = supervisor(root, tmp_path / "unbroken")
    unbroken.communicate()
    assert unbroken.returncode == 1
    wanted = tree(tmp_path / "unbroken")
    assert sum(name.endswith("results.json") for name in wanted) == count
    done = {"supervisor": 0, "child": 0, "batches": 0}
    out = tmp_path / "out-0"
    while done["supervisor"] + done["child"] < kills or any(out.glob("*/results.json")):
        running = supervisor(root, out)
        enough = done["supervisor"] + done["child"] >= kills
        while not enough and running.poll() is None:
            time.sleep(chance.uniform(0.0, longest_s))
            started = children(running.pid)
            victim = chance.choice([running.pid, *started])
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                done["supervisor" if victim == running.pid else "child"] += 1
            enough = victim == running.pid or done["supervisor"] + done["child"] >= kills
        if done["supervisor"] + done["child"] >= kills or running.poll() is not None:
            running.communicate()
        else:
            running.wait()
        is_whole(out, wanted)
        if running.returncode in (0, 1, 3):
            rows = json.loads((out / "batch.json").read_text(encoding="utf-8"))["items"]
            assert [row["item"] for row in rows] == sorted(names)
            if all(row["died"] is None for row in rows):
                assert tree(out) == wanted
                done["batches"] += 1
                shutil.rmtree(out)
                out = tmp_path / f"out-{done['batches']}"
        else:
            assert running.returncode == -signal.SIGKILL
        running.stdout.close() if running.stdout else None
    return done


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
@pytest.mark.long
def test_killed_at_random_moments(tmp_path: Path) -> None:
    """A batch of 30, 200 kills: each submission has one result at the end, the same as of an unbroken run."""
    done = kill_at_random(tmp_path, count=30, kills=200, longest_s=3.0, seed=20260)
    assert done["supervisor"] + done["child"] >= 200
    assert done["supervisor"] >= 40
    assert done["child"] >= 40
    assert done["batches"] >= 1
