"""What a child may take: memory, processor time, wall-clock time and the size of a file.

The system enforces what it can (``setrlimit``: Linux, macOS); the supervisor measures the rest and ends the child. On
Windows there is the wall clock and, through the same supervisor, nothing else.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from urbanform.batch.words import BatchError, say

MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one child.

    Attributes
    ----------
    memory_bytes
        Resident memory; the supervisor looks several times a second (Linux). The system refuses what goes beyond
        twice as much.
    cpu_s
        Processor time of all its threads together.
    wall_s
        From its start to its end.
    file_bytes
        The longest file that it may write.
    """

    memory_bytes: int = 6 * 1024**3
    cpu_s: int = 3600
    wall_s: float = 3600.0
    file_bytes: int = 4 * 1024**3


_VARIABLES = {"URBANFORM_MEMORY_MB": 256, "URBANFORM_CPU_S": 1, "URBANFORM_WALL_S": 1, "URBANFORM_FILE_MB": 1}
"""The environment variables that change a limit, with the least that each may be."""


def limits_of(environment: Mapping[str, str]) -> Limits:
    """The limits that the environment asks for; the usual ones where it says nothing.

    Raises
    ------
    BatchError
        A variable is no whole number, or too small for any check.
    """
    usual = Limits()
    told = {name: _whole(environment, name) for name in _VARIABLES}
    memory, cpu, wall, file = (told[name] for name in _VARIABLES)
    return Limits(
        usual.memory_bytes if memory is None else memory * MIB,
        usual.cpu_s if cpu is None else cpu,
        usual.wall_s if wall is None else float(wall),
        usual.file_bytes if file is None else file * MIB,
    )


def _whole(environment: Mapping[str, str], name: str) -> int | None:
    written = environment.get(name, "").strip()
    if not written:
        return None
    if not written.isascii() or not written.isdigit() or not _VARIABLES[name] <= int(written) <= 10**9:
        raise BatchError(say("variable-unreadable", name=name, found=written, least=_VARIABLES[name]))
    return int(written)


def hold_to(limits: Limits) -> None:
    """Bind this process, and what it starts, to the limits that the system enforces; elsewhere nothing happens."""
    if sys.platform == "win32":
        return
    import resource

    # Past the soft limit of processor time the signal ends the process; the hard one is for those that ignore it.
    wanted = {
        resource.RLIMIT_CPU: (limits.cpu_s, limits.cpu_s + 5),
        resource.RLIMIT_FSIZE: (limits.file_bytes, limits.file_bytes),
        resource.RLIMIT_CORE: (0, 0),
    }
    if sys.platform == "linux":
        # Data, not address space: libraries reserve far more addresses than they ever use.
        wanted[resource.RLIMIT_DATA] = (2 * limits.memory_bytes, 2 * limits.memory_bytes)
    for kind, (soft, hard) in wanted.items():
        most = resource.getrlimit(kind)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.setrlimit(kind, (soft, hard))


def end_with_parent(parent: int) -> None:
    """Have the system end this process as soon as its parent is gone; on Linux only."""
    if sys.platform != "linux":
        return
    import ctypes
    import signal

    ctypes.CDLL(None, use_errno=True).prctl(1, int(signal.SIGKILL))  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def resident_bytes(pid: int) -> int:
    """The resident memory of a process; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
