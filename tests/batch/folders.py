"""Folders of submissions for batches, and children that take no time.

Each submission is the renewal unit of ``intake.awkward``: two houses of 100 m², of 2 storeys to be demolished and of 8
to stay: 20 % at a limit of 20 %: it passes. With 9 and 1 storeys it is 90 %, a breach; without houses' actions it is
undetermined.
"""

import atexit
import concurrent.futures
import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from intake.awkward import DEMOLITION, PACK, renewal
from urbanform.batch.child import RESULTS, Outcome, Task
from urbanform.batch.rows import exit_status
from urbanform.errors import UrbanformError
from urbanform.review import Options, check

PASSES: dict[str, list[Any]] = {"CS": [2, 8]}
BREACHES: dict[str, list[Any]] = {"CS": [9, 1]}
OPEN: dict[str, list[Any]] = {"GZFS": ["", ""]}


def pack(folder: Path) -> Path:
    """The pack of all batches here, beside the folder of submissions."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "trial-pack.yaml"
    if not path.exists():
        path.write_text(PACK, encoding="utf-8")
    return path


def options(folder: Path, **more: Any) -> Options:
    """What every review here is asked for: one rule, in one year."""
    return Options(rules=str(pack(folder)), only=(DEMOLITION,), as_of=2026, **more)


def submissions(folder: Path, **kinds: dict[str, list[Any]]) -> Path:
    """A root with one folder per name."""
    root = folder / "成果"
    root.mkdir(parents=True, exist_ok=True)
    for name, houses in kinds.items():
        renewal(root / name, **houses)
    return root


def zipped(folder: Path) -> Path:
    """A folder packed beside itself, and removed."""
    path = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    shutil.rmtree(folder)
    return path


def tree(out: Path) -> dict[str, str]:
    """Every file of a batch's output that must always be the same, by its digest."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "run.json" and ".urbanform-batch" not in path.parts
    }


def row(out: Path, item: str) -> dict[str, Any]:
    """The row of a submission in ``batch.json``."""
    found = json.loads((out / "batch.json").read_text(encoding="utf-8"))
    rows = [row for row in found["items"] if row["item"] == item]
    assert len(rows) == 1, [row["item"] for row in found["items"]]
    return dict(rows[0])


def review_here(task: Task) -> Outcome:
    """What a child does, done in this process; of submissions with the same bytes only the first is checked."""
    key = (task.options.as_of, task.options.only, _content(Path(str(task.options.rules))), _content(task.submission))
    if key not in _remembered:
        kept = _kept / str(len(_remembered))
        try:
            found = check(task.submission, kept, task.options)
            titles = {rule.id: {"zh": rule.title.zh, "en": rule.title.en} for rule in found.pack.rules}
            status = exit_status(finding.verdict for finding in found.findings)
            _remembered[key] = (kept, Outcome(status, titles=titles))
        except UrbanformError as error:
            _remembered[key] = (None, Outcome(2, faults=error.faults))
    kept_or_none, outcome = _remembered[key]
    if kept_or_none is not None:
        shutil.copytree(kept_or_none, task.work / RESULTS)
    return outcome


def _content(path: Path) -> str:
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()


_kept = Path(tempfile.mkdtemp(prefix="urbanform-tests-"))
_remembered: dict[object, tuple[Path | None, Outcome]] = {}
atexit.register(shutil.rmtree, _kept, ignore_errors=True)


class Here:
    """A scheduler that runs everything at once, in this process.

    Parameters
    ----------
    review
        What it runs instead of a child.
    """

    def __init__(self, review: Callable[[Task], Outcome] = review_here) -> None:
        self.review = review
        self.asked: list[str] = []

    def submit(self, function: object, /, task: Task) -> "concurrent.futures.Future[Outcome]":
        """Run it, and give a future that is done."""
        self.asked.append(task.submission.name)
        future: concurrent.futures.Future[Outcome] = concurrent.futures.Future()
        try:
            future.set_result(self.review(task))
        except Exception as error:
            future.set_exception(error)
        return future
