"""What a scheduler runs on another computer: a child like those of this one, if the computer is fit for it."""

import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from urbanform.batch.child import Outcome, Task
from urbanform.batch.key import packs_digest
from urbanform.batch.words import say
from urbanform.errors import UrbanformError
from urbanform.output.store import versions
from urbanform.wording import Words

WANTED = "wanted"
"""The file in a task's work folder by which a worker sees that the folder is the same, and the task still asked for."""

_LOOK_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Sign:
    """By what a computer is known to be fit.

    Attributes
    ----------
    mark
        What stands in the file :data:`WANTED` of the task.
    rules
        The pack that was asked for; None where each manifest names its own.
    installed
        What :func:`installed` gives on the computer of the batch.
    """

    mark: str
    rules: str | None
    installed: Mapping[str, str]


class Unfit(Exception):
    """A computer that nothing can be checked on, with what a user is told of it."""

    def __init__(self, fault: Words) -> None:
        super().__init__(fault)
        self.fault = fault


def installed(rules: str | None) -> dict[str, str]:
    """What results depend on beside the submission: versions, and the packs by their digest.

    Raises
    ------
    RulePackError
        The pack cannot be read.
    """
    return {**versions(), "rules": packs_digest(rules)[:12]}


def unfitness(work: Path, sign: Sign) -> Words | None:
    """Why nothing can be checked on this computer; None where it is fit.

    Parameters
    ----------
    work
        A task's work folder: this computer must see in it what the computer of the batch has left there.
    """
    host = socket.gethostname()
    try:
        mark = (work / WANTED).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return say("worker-blind", host=host, folder=str(work), why=why)
    if mark != sign.mark:
        return say("worker-blind", host=host, folder=str(work), why=WANTED)
    try:
        found = installed(sign.rules)
    except UrbanformError as error:
        return say("worker-unusable", host=host, why=error.faults[0])
    for what, ours in sign.installed.items():
        if found.get(what) != ours:
            return say("worker-differs", host=host, what=what, theirs=found.get(what, "—"), ours=ours)
    return None


def review_on_worker(function: Callable[[Task, Callable[[], bool]], Outcome], task: Task, sign: Sign) -> Outcome:
    """Run a task here, in a folder of its own below the task's.

    A task that is repeated because its worker was lost shares no file with the first attempt, which may still run on
    a computer that is merely cut off. The child is ended as soon as the batch no longer asks for it.

    Raises
    ------
    Unfit
        This computer cannot check it as the computer of the batch would.
    """
    fault = unfitness(task.work, sign)
    if fault is not None:
        raise Unfit(fault)
    work = task.work / uuid.uuid4().hex[:8]
    outcome = function(replace(task, work=work), _Wanted(task.work / WANTED))
    return replace(outcome, work=work)


class _Wanted:
    """Whether a file still stands, looked at every other second; a disk that does not answer is no answer."""

    def __init__(self, path: Path) -> None:
        self._path, self._looked = path, time.monotonic()

    def __call__(self) -> bool:
        if time.monotonic() - self._looked < _LOOK_EVERY_S:
            return True
        self._looked = time.monotonic()
        try:
            self._path.stat()
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return True
