"""A folder of submissions from first to last: what is finished is kept, what broke costs only itself.

The supervisor lists the submissions, gives each to a child (or to a scheduler), puts its results in place and notes
them in the journal. Only then does a submission count as finished; after a crash everything else is done again.
"""

import concurrent.futures
import dataclasses
import datetime
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from urbanform.batch.child import RESULTS, Outcome, Task, all_ended, review_in_child, written
from urbanform.batch.commit import clear, put_in_place, sha256, stands, withdraw
from urbanform.batch.items import Item, Listing, listing
from urbanform.batch.journal import Journal
from urbanform.batch.key import key_of, packs_digest
from urbanform.batch.limits import Limits, limits_of
from urbanform.batch.lock import held
from urbanform.batch.rows import batch_status, row_of
from urbanform.batch.words import BatchError, say
from urbanform.errors import ReportError
from urbanform.intake.rule_packs import pack_ids, pack_path
from urbanform.output.batch_book import write_batch_book
from urbanform.output.batch_page import write_batch_page
from urbanform.output.store import versions, write_error, write_whole
from urbanform.review import Options
from urbanform.wording import Words

SCHEMA = "urbanform/batch/1"
OWN_FOLDER = ".urbanform-batch"


class Scheduler(Protocol):
    """What runs children: an executor of :mod:`concurrent.futures`, or :class:`urbanform.batch.cluster.Cluster`.

    One with an attribute ``jobs`` says by it how many it can run at a time.
    """

    def submit(self, function: Callable[[Task], Outcome], task: Task, /) -> "concurrent.futures.Future[Outcome]":
        """Run a function that can be imported and pickled, and give its future."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a batch is, told each time that a submission is finished.

    Attributes
    ----------
    row
        Of the submission that was finished.
    done, total
        Submissions that are finished, and all of them.
    left_s
        The time that the rest will take at the pace so far; None while there is no pace.
    """

    row: Mapping[str, Any]
    done: int
    total: int
    left_s: float | None


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """A batch that has run to its end.

    Attributes
    ----------
    status
        The exit status of ``batch``: 1 if any submission gave 1; else 3 if any gave 2, 3, 4 or died; else 0.
    rows
        One per submission, as in ``batch.json``.
    kept
        How many were not checked again, since nothing had changed.
    folder
        Where it was written.
    """

    status: int
    rows: tuple[Mapping[str, Any], ...]
    kept: int
    folder: Path


@dataclass
class _Batch:
    """What the steps of one run share."""

    out: Path
    options: Options
    limits: Limits
    packs: str
    journal: Journal
    finished: dict[str, dict[str, Any]]
    files: dict[str, dict[str, int]]
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        return self.out / OWN_FOLDER / "work"


def run_batch(
    root: Path,
    out: Path,
    options: Options,
    jobs: int | None = None,
    resume: bool = False,
    scheduler: Scheduler | None = None,
    tell: Callable[[Step], object] = id,
    limits: Limits | None = None,
) -> BatchSummary:
    """Check every submission of a folder, each in a child with limits.

    Writes ``<out>/<item>/`` for each, and ``batch.json``, ``batch.xlsx``, ``index.html`` and ``run.json`` over all.

    Parameters
    ----------
    root, out
        The folder of submissions, and that of the results, which lies outside it.
    options
        What each review is asked for.
    jobs
        How many children run at a time; as many as the scheduler says, or as there are processors, where it is None.
    resume
        Keep what is finished for the same inputs, pack, options and versions; else everything is done again.
    scheduler
        Runs the children instead of this process; they must see the same folders under the same paths.
    tell
        Called after each submission.
    limits
        Those of each child; by default what the environment says.

    Raises
    ------
    BatchError
        The batch cannot run: the root holds nothing, the output cannot be written or is in use. What was finished
        before is kept, and ``resume`` goes on from there.
    RulePackError
        The pack that was asked for has a fault.
    """
    if jobs is not None and jobs < 1:
        raise BatchError(say("jobs-unknown", jobs=jobs))
    held_to = limits or limits_of(os.environ)
    settled = _settled(options)
    packs = packs_digest(settled.rules)
    root, out = root.resolve(), out.resolve()
    listed = listing(root)
    _refuse_mixed(root, out, listed)
    with _writing(out):
        (out / OWN_FOLDER).mkdir(parents=True, exist_ok=True)
        with held(out / OWN_FOLDER, out):
            _clear_drafts(out)
            journal = Journal(out / OWN_FOLDER)
            try:
                files = _files_of(journal)
                if not resume:
                    journal.restart({"out": name, "files": known} for name, known in files.items())
                batch = _Batch(out, settled, held_to, packs, journal, _finished(journal), files)
                kept = _run(batch, listed, jobs or _most(scheduler), scheduler, tell)
                rows = tuple(batch.rows[item.name] for item in listed.items)
                _write_summaries(batch, root, listed, rows)
            finally:
                journal.close()
                clear(out / OWN_FOLDER / "work")
    return BatchSummary(batch_status(rows), rows, kept, out)


def _settled(options: Options) -> Options:
    """The options with absolute paths: children may have another working directory."""
    rules = options.rules
    if rules is not None and rules not in pack_ids():
        rules = str(pack_path(rules).resolve())
    manifest = options.manifest.resolve() if options.manifest else None
    return dataclasses.replace(options, rules=rules, manifest=manifest)


def _refuse_mixed(root: Path, out: Path, listed: Listing) -> None:
    """Refuse outputs among the inputs, or inputs among the outputs."""
    if out.is_relative_to(root):
        raise BatchError(say("out-inside-root", folder=str(out)))
    for item in listed.items:
        if root.is_relative_to(out / item.out):
            raise BatchError(say("out-over-root", item=item.name, folder=str(out / item.out)))


def _clear_drafts(out: Path) -> None:
    """Remove what a run that was cut off was about to write."""
    clear(out / OWN_FOLDER / "work")
    for place in (out, out / OWN_FOLDER):
        for draft in place.glob(".urbanform-*"):
            if draft.name != OWN_FOLDER:
                clear(draft)


def _most(scheduler: Scheduler | None) -> int:
    """How many children may run at a time where nobody says."""
    told = getattr(scheduler, "jobs", None)
    if told is not None:
        return max(1, int(told))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Faults of the output folder as one message: the batch stops, and can go on later."""
    try:
        yield
    except ReportError as error:
        raise BatchError(error.faults) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise BatchError(say("out-unwritable", folder=str(out), why=why)) from error


def _finished(journal: Journal) -> dict[str, dict[str, Any]]:
    """The last line of the journal on each submission, by its name."""
    wanted = {"item", "key", "out", "files", "sha256", "seconds", "row"}
    return {line["item"]: line for line in journal.lines if wanted <= line.keys()}


def _files_of(journal: Journal) -> dict[str, dict[str, int]]:
    """The files that earlier runs left, with their sizes, by the folder of the results."""
    return {line["out"]: line["files"] for line in journal.lines if {"out", "files"} <= line.keys()}


def _run(batch: _Batch, listed: Listing, jobs: int, scheduler: Scheduler | None, tell: Callable[[Step], object]) -> int:
    """Fill the rows of a batch; how many submissions were kept from an earlier run."""
    start, kept = time.monotonic(), 0
    total = len(listed.items)
    own = None if scheduler else concurrent.futures.ThreadPoolExecutor(jobs, thread_name_prefix="urbanform-child")
    pool: Scheduler = scheduler or own  # type: ignore[assignment]
    waiting = list(reversed(listed.items))
    running: dict[concurrent.futures.Future[Outcome], tuple[Item, str, Task]] = {}
    try:
        while waiting or running:
            # Keys are worked out as children become free: what changes meanwhile is seen as late as may be.
            while waiting and len(running) < jobs:
                item = waiting.pop()
                key, refused = _key(batch, item)
                if refused is not None:
                    _finish(batch, item, "", refused, None)
                elif _is_kept(batch, item, key):
                    kept += 1
                else:
                    task = Task(item.path, batch.work / uuid.uuid4().hex[:12], batch.options, batch.limits)
                    running[pool.submit(review_in_child, task)] = (item, key, task)
                    continue
                tell(Step(batch.rows[item.name], len(batch.rows), total, None))
            done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                item, key, task = running.pop(future)
                _finish(batch, item, key, _ended(future), task.work)
                clear(task.work)
                pace_s = (time.monotonic() - start) / (len(batch.rows) - kept)
                tell(Step(batch.rows[item.name], len(batch.rows), total, pace_s * (total - len(batch.rows))))
    finally:
        # Nothing is left running, whatever ended the loop.
        with all_ended():
            for future in running:
                future.cancel()
            if own is not None:
                own.shutdown()
    return kept


def _ended(future: "concurrent.futures.Future[Outcome]") -> Outcome:
    """The outcome of a future; one that a scheduler lost is a dead child."""
    try:
        return future.result()
    except (Exception, concurrent.futures.CancelledError) as error:
        return Outcome(None, "silent", (say("not-started", why=f"{type(error).__name__}: {error}"),))


def _key(batch: _Batch, item: Item) -> tuple[str, Outcome | None]:
    """A submission's key; or the outcome of one that cannot even be read."""
    if item.is_link:
        return "", Outcome(2, None, (say("item-is-link", item=item.name),))
    try:
        return key_of(item.path, item.out, batch.options, batch.packs), None
    except OSError as error:
        return "", Outcome(2, None, (say("item-unreadable", item=item.name, why=error.strerror or str(error)),))


def _is_kept(batch: _Batch, item: Item, key: str) -> bool:
    """Take over what an earlier run finished, where nothing has changed and its files still stand."""
    line = batch.finished.get(item.name)
    if line is None or line["key"] != key or line["row"]["exit"] in (None, 4):
        return False
    folder = batch.out / item.out
    if line["sha256"] is not None and not stands(folder, line["files"], line["sha256"]):
        return False
    batch.rows[item.name] = line["row"]
    batch.seconds[item.name] = line["seconds"]
    return True


def _finish(batch: _Batch, item: Item, key: str, outcome: Outcome, work: Path | None) -> None:
    """Put a submission's results in place, then note it: from here on it is finished."""
    folder = batch.out / item.out
    older = batch.files.get(item.out, {})
    files: dict[str, int] = {}
    digest, results = None, None
    work = outcome.work or work
    try:
        if work is not None and outcome.exit in (0, 1, 3):
            outcome = _seen(outcome, work)
        if work is not None and outcome.exit in (0, 1, 3):
            results = json.loads((work / RESULTS / "results.json").read_text(encoding="utf-8"))
            digest = sha256(work / RESULTS / "results.json")
            files = put_in_place(work / RESULTS, folder, older)
        else:
            withdraw(folder, older)
    except OSError as error:
        outcome = dataclasses.replace(outcome, exit=4, faults=write_error(folder, error).faults)
        digest, results, files = None, None, {}
    if work is not None:
        outcome = dataclasses.replace(outcome, faults=tuple(_placed(f, work, folder) for f in outcome.faults))
    row = row_of(item, outcome, results)
    batch.journal.add(
        {
            "item": item.name,
            "key": key,
            "out": item.out,
            "sha256": digest,
            "files": files,
            "seconds": round(outcome.seconds, 3),
            "peak_bytes": outcome.peak_bytes,
            "said": outcome.said,
            "row": row,
        }
    )
    batch.rows[item.name] = row
    batch.seconds[item.name] = round(outcome.seconds, 3)


def _seen(outcome: Outcome, work: Path) -> Outcome:
    """The outcome, if all that was written is seen here too; else that of a dead child: no result is put in place."""
    files = written(work)
    if "results.json" in files and outcome.files in (None, files):
        return outcome
    return dataclasses.replace(
        outcome, exit=None, died="silent", faults=(say("results-not-seen", folder=str(work)),), titles={}
    )


def _placed(fault: Words, work: Path, folder: Path) -> Words:
    """A message that names the folder of the results instead of the work folder."""
    draft = str(work / RESULTS)
    return Words(fault.code, fault.zh.replace(draft, str(folder)), fault.en.replace(draft, str(folder)))


def _write_summaries(batch: _Batch, root: Path, listed: Listing, rows: tuple[Mapping[str, Any], ...]) -> None:
    """``batch.json``, the same for the same results, and what is drawn from it; ``run.json`` with the times."""
    found = {
        "schema": SCHEMA,
        "versions": versions(),
        "status": batch_status(rows),
        "items": list(rows),
        "not_submissions": list(listed.others),
    }
    run = {
        "root": str(root),
        "options": {key: str(value) for key, value in dataclasses.asdict(batch.options).items()},
        "limits": dataclasses.asdict(batch.limits),
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": {item.name: batch.seconds[item.name] for item in listed.items},
    }
    write_whole(batch.out / "run.json", _json(run))
    write_whole(batch.out / "batch.json", _json(found))
    write_batch_page(found, batch.out / "index.html", batch.options.language)
    # Last: while it is open in a spreadsheet program, some systems let nobody replace it.
    write_batch_book(found, batch.out / "batch.xlsx", batch.options.language)


def _json(found: Mapping[str, Any]) -> bytes:
    return (json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8")
