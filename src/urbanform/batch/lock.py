"""One batch at a time on an output folder, by a lock that the system lifts when its holder is gone."""

import contextlib
import datetime
import errno
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from urbanform.batch.words import BatchError, say

NAME = "lock"


@contextlib.contextmanager
def held(folder: Path, shown: Path) -> Iterator[None]:
    """Hold a folder until the block ends; a crash leaves nothing that stands in the way.

    Parameters
    ----------
    folder
        Where the lock file stands.
    shown
        The folder that the user is told of.

    Raises
    ------
    BatchError
        Another process holds it, or the disk knows no locks.
    """
    path = folder / NAME
    with path.open("a+b") as stream:
        try:
            _lock(stream.fileno())
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                raise BatchError(say("cannot-lock", folder=str(shown), why=error.strerror or str(error))) from error
            pid, since = _holder(path)
            raise BatchError(say("already-running", folder=str(shown), pid=pid, since=since)) from error
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        # Beside the locked file, which others cannot read on Windows while it is locked.
        path.with_suffix(".json").write_text(json.dumps({"pid": os.getpid(), "since": now}), encoding="utf-8")
        yield


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(path: Path) -> tuple[str, str]:
    try:
        told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return str(told["pid"]), str(told["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return "?", "?"
