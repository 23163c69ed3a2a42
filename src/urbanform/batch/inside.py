"""What runs inside a child: ``python -m urbanform.batch.inside``, with the task on its standard input.

The input stays open as long as the parent lives; when it ends, so does the child.
"""

import json
import os
import pickle
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from urbanform.beginning import begin
from urbanform.collector import seldom_collected
from urbanform.ending import leave

if TYPE_CHECKING:
    from urbanform.batch.child import Task
    from urbanform.wording import Words


def main() -> None:
    """Run the task on the standard input and leave its outcome in its work folder."""
    begin()
    with seldom_collected():
        _work()
    leave(0)


def _work() -> None:
    from urbanform.batch.child import OUTCOME
    from urbanform.batch.limits import end_with_parent, hold_to

    parent, task = pickle.load(sys.stdin.buffer)
    end_with_parent(parent)
    threading.Thread(target=_end_with_input, daemon=True).start()
    hold_to(task.limits)
    outcome = _run(task)
    whole = task.work / OUTCOME
    draft = whole.with_suffix(".part")
    draft.write_text(json.dumps(outcome, ensure_ascii=False), encoding="utf-8")
    draft.replace(whole)


def _end_with_input() -> None:
    # Past the buffer, whose lock a thread that still waits would keep from the ending interpreter.
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _run(task: "Task") -> dict[str, Any]:
    from urbanform.batch.child import RESULTS
    from urbanform.batch.rows import exit_status
    from urbanform.batch.words import say
    from urbanform.errors import ReportError, UrbanformError
    from urbanform.review import check

    faults: tuple[Words, ...] = ()
    died = None
    titles = {}
    try:
        assessment = check(Path(task.submission), task.work / RESULTS, task.options)
        status = exit_status(finding.verdict for finding in assessment.findings)
        titles = {rule.id: {"zh": rule.title.zh, "en": rule.title.en} for rule in assessment.pack.rules}
    except ReportError as error:
        status, faults = 4, error.faults
    except UrbanformError as error:
        status, faults = 2, error.faults
    except MemoryError:
        status, died = 4, "memory"
    except Exception as error:
        # The parent keeps what is printed for the developers; the user reads one sentence.
        sys.excepthook(*sys.exc_info())
        status, faults = 4, (say("bug", kind=type(error).__name__),)
    return {"exit": status, "died": died, "faults": [fault.as_json() for fault in faults], "titles": titles}


if __name__ == "__main__":
    main()
