"""Commands run as child processes, with what they cost: CPU of the child and of its own children, time, memory."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers import WORKED, Figures

ROOT = Path(__file__).parent.parent


LIBRARIES = ("GDAL_", "OGR_", "CPL_", "PROJ_")


class ChildFailedError(RuntimeError):
    """A command of the benchmarks did not end as it must."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run cost.

    ``cpu_s`` is user and system time, of every process that the command started and waited for, ``work_cpu_s`` the part
    of it between the imports and the interpreter's end (the same where the command does not tell). ``peak_mb`` is the
    resident memory of the largest of these processes, in 10⁶ bytes.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float
    work_cpu_s: float


def run(command: Sequence[str | Path], allowed: Sequence[int] = (0,)) -> tuple[Spent, Figures]:
    """Run a command to its end: what it cost, and the figures that its last line tells.

    The process that calls should be small itself: Linux counts its memory at the fork as the child's.

    Raises
    ------
    ChildFailedError
        It ended with another status than those allowed.
    """
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        parts = [str(part) for part in command]
        child = subprocess.Popen(parts, stdout=told, stderr=errors, cwd=ROOT, env=_environment())
        _, status, used = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        errors.seek(0)
        lines = told.read().decode("utf-8", errors="replace").splitlines()
        if child.returncode not in allowed:
            tail = errors.read().decode("utf-8", errors="replace")[-2000:]
            raise ChildFailedError(f"{' '.join(map(str, command))} ended with {child.returncode}\n{tail}")
    answer = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    peak_bytes = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu_s = used.ru_utime + used.ru_stime
    spent = Spent(cpu_s, wall_s, peak_bytes / 1e6, answer.get(WORKED, cpu_s))
    return spent, answer.get("figures", {})


def _environment() -> dict[str, str]:
    """The environment without settings of GDAL and PROJ: what a process that reads submissions shuts stays with it.

    Linear algebra has one thread in every child, the scripts' too, as in the program itself.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith(LIBRARIES)}
    return {**own, "OPENBLAS_NUM_THREADS": "1"}


def median(runs: Sequence[Spent]) -> Spent:
    """The median of each cost."""
    return Spent(
        statistics.median(run.cpu_s for run in runs),
        statistics.median(run.wall_s for run in runs),
        statistics.median(run.peak_mb for run in runs),
        statistics.median(run.work_cpu_s for run in runs),
    )


def least(runs: Sequence[Spent]) -> Spent:
    """The least of each cost: what else the machine does only adds to it."""
    return Spent(
        min(run.cpu_s for run in runs),
        min(run.wall_s for run in runs),
        min(run.peak_mb for run in runs),
        min(run.work_cpu_s for run in runs),
    )
