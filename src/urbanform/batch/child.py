"""One submission checked in a process of its own: whatever happens to it, the caller goes on."""

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from urbanform.batch.limits import MIB, Limits, resident_bytes
from urbanform.batch.words import say
from urbanform.review import Options
from urbanform.wording import Words

RESULTS, SCRATCH, OUTCOME, SAID = "out", "tmp", "outcome.json", "said.txt"
"""What a child leaves in its work folder: the files of the review, its scratch, how it went, what it printed."""

_LOOK_EVERY_S = 0.1
_MOST_SAID = 4000


@dataclass(frozen=True, slots=True)
class Task:
    """What a child is to do.

    Attributes
    ----------
    submission
        Where the submission lies; an absolute path.
    work
        A folder that is made for this task alone: nothing is written outside it.
    options
        What the review is asked for; its paths are absolute.
    limits
        What the child may take.
    """

    submission: Path
    work: Path
    options: Options
    limits: Limits


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a child ended.

    Attributes
    ----------
    exit
        The exit status of ``check``; None where the child died.
    died
        None, or ``memory``, ``cpu``, ``wall``, ``file-size``, ``signal``, ``silent``, ``unwanted`` or, of a scheduler,
        ``worker``.
    faults
        What a user is told: none where the review was written.
    seconds, peak_bytes
        How long it took, and the most memory that it was seen to hold (0 where the system does not tell).
    said
        The end of what it printed: for developers.
    titles
        By rule: what it is called, in both languages.
    work
        The folder that it was given, where that is not the task's own.
    files
        What it wrote, by its path below :data:`RESULTS`, with the size; None where that was not looked at.
    """

    exit: int | None
    died: str | None = None
    faults: tuple[Words, ...] = ()
    seconds: float = 0.0
    peak_bytes: int = 0
    said: str = ""
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    work: Path | None = None
    files: Mapping[str, int] | None = None


_running: set["subprocess.Popen[bytes]"] = set()
_ended = threading.Event()


def _always() -> bool:
    return True


def review_in_child(task: Task, wanted: Callable[[], bool] = _always) -> Outcome:
    """Check a submission in a child with limits; its files stand in ``task.work`` / ``out`` where it has a result.

    The function can be imported and pickled, so that a scheduler can run it on another machine that sees the same
    folders. The child ends with its parent. Nothing is raised for what a submission does to the child.

    Parameters
    ----------
    wanted
        Asked several times a second; the child is ended as soon as it says no.
    """
    start = time.monotonic()
    try:
        (task.work / SCRATCH).mkdir(parents=True)
        with (task.work / SAID).open("wb") as said:
            child = _started(task, said)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return Outcome(None, "silent", (say("not-started", why=why),), seconds=time.monotonic() - start)
    _running.add(child)
    try:
        stopped, peak = _watched(child, task.limits, start, wanted)
    finally:
        _running.discard(child)
        _end(child)
        with contextlib.suppress(OSError):
            assert child.stdin is not None
            child.stdin.close()
    outcome = _outcome(task, child.returncode, stopped)
    return replace(
        outcome,
        seconds=time.monotonic() - start,
        peak_bytes=peak,
        said=_tail(task.work / SAID),
        files=written(task.work),
    )


def written(work: Path) -> dict[str, int]:
    """The files of a review in its work folder, by their paths, with their sizes; empty where they cannot be read."""
    results = work / RESULTS
    try:
        files = [path for path in results.rglob("*") if path.is_file()]
        return {path.relative_to(results).as_posix(): path.stat().st_size for path in sorted(files)}
    except OSError:
        return {}


@contextlib.contextmanager
def all_ended() -> Iterator[None]:
    """End every child of this process; none is started until the block ends."""
    _ended.set()
    try:
        for child in list(_running):
            _end(child)
        yield
    finally:
        _ended.clear()


def _started(task: Task, said: Any) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        # What is unpacked goes to the work folder, which is removed whatever becomes of the child.
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(task.work / SCRATCH)),
        # Children share the processors between them.
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        "GDAL_CACHEMAX": "64",
        "PYTHONIOENCODING": "utf-8:replace",
    }
    more: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        more = {"creationflags": subprocess.CREATE_NO_WINDOW}
    if _ended.is_set():
        raise ValueError("ended")
    child = subprocess.Popen(
        # -P: what lies in the working directory is never taken for a module.
        [sys.executable, "-P", "-m", "urbanform.batch.inside"],
        stdin=subprocess.PIPE,
        stdout=said,
        stderr=subprocess.STDOUT,
        env=environment,
        **more,
    )
    assert child.stdin is not None
    # A child that is gone already is found out by its status.
    with contextlib.suppress(OSError):
        pickle.dump((os.getpid(), task), child.stdin)
        child.stdin.flush()
    return child


def _watched(
    child: "subprocess.Popen[bytes]", limits: Limits, start: float, wanted: Callable[[], bool]
) -> tuple[str | None, int]:
    """Wait for a child; what it was stopped for, and the most memory that it was seen to hold."""
    peak = 0
    while True:
        try:
            child.wait(_LOOK_EVERY_S)
            return None, peak
        except subprocess.TimeoutExpired:
            peak = max(peak, resident_bytes(child.pid))
        if peak > limits.memory_bytes:
            return "memory", peak
        if time.monotonic() - start > limits.wall_s:
            return "wall", peak
        if not wanted():
            return "unwanted", peak


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End a child with all that it has started."""
    if child.poll() is None:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _outcome(task: Task, status: int, stopped: str | None) -> Outcome:
    if stopped is not None:
        return _dead(stopped, task.limits)
    if status == 0:
        try:
            told = json.loads((task.work / OUTCOME).read_text(encoding="utf-8"))
            faults = tuple(Words(fault["code"], fault["zh"], fault["en"]) for fault in told["faults"])
            if told["died"] is not None:
                return _dead(told["died"], task.limits)
            return Outcome(int(told["exit"]), None, faults, titles=told["titles"])
        except (OSError, ValueError, KeyError, TypeError):
            return Outcome(None, "silent", (say("died-silent", status=status),))
    if status > 0 or sys.platform == "win32":
        return Outcome(None, "silent", (say("died-silent", status=status),))
    if -status == signal.SIGXCPU:
        return _dead("cpu", task.limits)
    if -status == signal.SIGXFSZ:
        return _dead("file-size", task.limits)
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = str(-status)
    return Outcome(None, "signal", (say("died-signal", signal=name),))


def _dead(how: str, limits: Limits) -> Outcome:
    told = {
        "memory": limits.memory_bytes // MIB,
        "cpu": limits.cpu_s,
        "wall": round(limits.wall_s),
        "file-size": limits.file_bytes // MIB,
    }
    return Outcome(None, how, (say(f"died-{how}", limit=told.get(how)),))


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - _MOST_SAID))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
