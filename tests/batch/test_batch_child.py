"""Children and their limits: whatever becomes of one, it is told, and nothing is left running."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from batch.folders import BREACHES, PASSES, options, submissions
from urbanform.batch import child
from urbanform.batch.child import Outcome, Task, review_in_child
from urbanform.batch.limits import MIB, Limits, limits_of
from urbanform.batch.words import BatchError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits; its children have the clock")


def task(tmp_path: Path, limits: Limits | None = None, submission: Path | None = None) -> Task:
    """The check of a submission that passes."""
    root = submissions(tmp_path, 甲=PASSES)
    return Task(submission or root / "甲", tmp_path / "work", options(tmp_path), limits or Limits())


def with_child(at_work: Task, act: Callable[[int], None]) -> Outcome:
    """The outcome of a task to whose child something is done as soon as it runs."""

    def soon() -> None:
        for _ in range(1000):
            for running in list(child._running):
                act(running.pid)
                return
            time.sleep(0.01)

    other = threading.Thread(target=soon)
    other.start()
    outcome = review_in_child(at_work)
    other.join()
    return outcome


def test_a_child_tells_its_status_and_its_size(tmp_path: Path) -> None:
    root = submissions(tmp_path, 乙=BREACHES)
    outcome = review_in_child(task(tmp_path, submission=root / "乙"))
    assert (outcome.exit, outcome.died, outcome.faults) == (1, None, ())
    assert set(outcome.titles["demolition-share"]) == {"zh", "en"}
    assert outcome.seconds > 0
    if sys.platform == "linux":
        assert 50 * MIB < outcome.peak_bytes < 2048 * MIB
    assert (tmp_path / "work" / "out" / "results.json").exists()


def test_a_fault_of_the_submission_is_told_in_both_languages(tmp_path: Path) -> None:
    outcome = review_in_child(task(tmp_path, submission=tmp_path / "nowhere.zip"))
    assert (outcome.exit, outcome.died) == (2, None)
    assert "nowhere.zip" in outcome.faults[0].zh
    assert "nowhere.zip" in outcome.faults[0].en


@posix
def test_a_child_that_is_killed_costs_itself_only(tmp_path: Path) -> None:
    outcome = with_child(task(tmp_path), lambda pid: os.kill(pid, signal.SIGKILL))
    assert (outcome.exit, outcome.died) == (None, "signal")
    assert "SIGKILL" in outcome.faults[0].zh
    assert not child._running


def test_too_long_by_the_clock(tmp_path: Path) -> None:
    start = time.monotonic()
    outcome = review_in_child(task(tmp_path, Limits(wall_s=0.2)))
    assert (outcome.exit, outcome.died) == (None, "wall")
    assert "URBANFORM_WALL_S" in outcome.faults[0].en
    assert time.monotonic() - start < 10


@posix
@pytest.mark.long
def test_too_much_processor_time(tmp_path: Path) -> None:
    """To load the libraries alone takes more than a second; the system ends the child by a signal."""
    outcome = review_in_child(task(tmp_path, Limits(cpu_s=1)))
    assert (outcome.exit, outcome.died) == (None, "cpu")


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_too_much_memory(tmp_path: Path) -> None:
    """The libraries alone take more than 64 MiB."""
    outcome = review_in_child(task(tmp_path, Limits(memory_bytes=64 * MIB)))
    assert (outcome.exit, outcome.died) == (None, "memory")
    assert "64 MB" in outcome.faults[0].zh


@posix
def test_too_long_a_file(tmp_path: Path) -> None:
    """The report is longer than 20,000 bytes: it cannot be written, and the child says so itself."""
    outcome = review_in_child(task(tmp_path, Limits(file_bytes=20_000)))
    assert outcome.exit == 4 or outcome.died == "file-size"
    assert outcome.faults
    assert not (tmp_path / "work" / "out" / "results.json").exists()


PARENT = """
import sys
from pathlib import Path
from urbanform.batch import child
from urbanform.batch.child import Task, review_in_child
from urbanform.batch.limits import Limits
from urbanform.review import Options
import threading, time
def told():
    while not child._running: time.sleep(0.01)
    print(next(iter(child._running)).pid, flush=True)
threading.Thread(target=told).start()
review_in_child(Task(Path(sys.argv[1]), Path(sys.argv[2]), Options(rules=sys.argv[3]), Limits()))
"""


@posix
def test_a_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    wanted = task(tmp_path)
    arguments = [str(wanted.submission), str(wanted.work), str(wanted.options.rules)]
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *arguments], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    for _ in range(500):
        if not is_running(pid):
            break
        time.sleep(0.01)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noted does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.long
def test_what_lies_in_the_working_directory_is_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of submissions may hold a pandas.py."""
    (tmp_path / "pandas.py").write_text("raise SystemExit(9)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert review_in_child(task(tmp_path)).exit == 0


def test_limits_come_from_the_environment() -> None:
    assert limits_of({}) == Limits()
    told = {"URBANFORM_MEMORY_MB": "512", "URBANFORM_CPU_S": "60", "URBANFORM_WALL_S": "90", "URBANFORM_FILE_MB": "10"}
    assert limits_of(told) == Limits(512 * MIB, 60, 90.0, 10 * MIB)


@pytest.mark.parametrize("written", ["much", "-1", "1.5", "0", "一千"])
def test_a_limit_that_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(BatchError, match="URBANFORM_MEMORY_MB"):
        limits_of({"URBANFORM_MEMORY_MB": written})
