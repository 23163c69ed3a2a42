"""A batch on several computers: a scheduler and workers in processes of their own, on the loopback."""

import contextlib
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from batch.folders import BREACHES, OPEN, PASSES, options, row, submissions, tree
from urbanform.batch import cluster as subject
from urbanform.batch.child import Outcome, Task, review_in_child
from urbanform.batch.cluster import Cluster, cluster
from urbanform.batch.limits import MIB, Limits
from urbanform.batch.run import run_batch
from urbanform.batch.words import BatchError
from urbanform.batch.worker import WANTED, Sign, Unfit, installed, review_on_worker, unfitness

posix = pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")


class Office:
    """A scheduler and workers, each a process; all are ended at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._started = folder, list[subprocess.Popen[bytes]]()
        self._folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.scheduler = self._dask("scheduler", "--host", self.address, "--no-dashboard")

    def worker(self, *more: str) -> "subprocess.Popen[bytes]":
        """Start a worker of one thread."""
        local = self._folder / f"worker-{len(self._started)}"
        common = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(local), "--death-timeout", "30")
        return self._dask("worker", self.address, *common, *more)

    def reached(self, workers: int) -> Cluster:
        """The cluster, once so many workers are there."""
        for _ in range(100):
            with contextlib.suppress(BatchError):
                found = cluster(self.address)
                if found.jobs == workers:
                    return found
                found.close()
            time.sleep(0.2)
        raise AssertionError(self.said())

    def said(self) -> str:
        """What the processes have printed."""
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(self._folder.glob("*.log")))

    def close(self) -> None:
        for process in reversed(self._started):
            process.kill()
            process.wait()

    def _dask(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with (self._folder / f"{len(self._started)}.log").open("wb") as log:
            self._started.append(
                subprocess.Popen([sys.executable, "-m", "dask", *arguments], stdout=log, stderr=subprocess.STDOUT)
            )
        return self._started[-1]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    pytest.importorskip("distributed", reason="needs pip install urbanform[cluster]")
    found = Office(tmp_path / "office")
    yield found
    found.close()


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def checking(pid: int) -> list[int]:
    """The processes below a worker that check a submission."""
    found = []
    for child in descendants(pid):
        with contextlib.suppress(OSError):
            if b"urbanform.batch.inside" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def soon(asked: Callable[[], object], longest_s: float = 20.0) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + longest_s
    while time.monotonic() < end:
        if asked():
            return True
        time.sleep(0.05)
    return bool(asked())


def running(pid: int) -> bool:
    """Whether a process runs, and is not merely waiting to be noted."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    return False


@posix
@pytest.mark.long
def test_a_worker_is_killed_midway_and_nothing_is_lost(tmp_path: Path, office: Office) -> None:
    """Twelve submissions, two workers, one without a nanny and killed while it checks: the bytes of a local run.

    Afterwards nothing is done again: neither here nor by the same scheduler.
    """
    names = {f"成果{n:02d}": (PASSES, BREACHES, OPEN)[n % 3] for n in range(12)}
    root = submissions(tmp_path, **names)
    assert run_batch(root, tmp_path / "local", options(tmp_path), jobs=2).status == 1
    office.worker("--nanny")
    frail = office.worker("--no-nanny")
    killed: list[int] = []

    def kill() -> None:
        soon(lambda: checking(frail.pid))
        killed.extend(checking(frail.pid))
        frail.kill()

    killer = threading.Thread(target=kill)

    def tell(step: Any) -> None:
        if step.done == 3:
            killer.start()

    out = tmp_path / "out"
    with office.reached(2) as scheduler:
        summary = run_batch(root, out, options(tmp_path), scheduler=scheduler, tell=tell)
        assert [row["died"] for row in summary.rows] == [None] * 12
        assert (summary.status, summary.kept) == (1, 0)
        assert run_batch(root, out, options(tmp_path), scheduler=scheduler, resume=True).kept == 12
    killer.join()
    assert killed
    assert soon(lambda: not any(map(running, killed)))
    assert tree(out) == tree(tmp_path / "local")
    assert run_batch(root, out, options(tmp_path), resume=True).kept == 12
    assert sorted(path.name for path in (out / ".urbanform-batch").iterdir()) == ["journal.jsonl", "lock", "lock.json"]


@posix
@pytest.mark.long
@pytest.mark.parametrize("victim", ["workers", "scheduler"])
def test_where_all_are_gone_the_rows_say_so_and_the_batch_ends(
    tmp_path: Path, office: Office, victim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three submissions one is done when everything is switched off; here the rest is done afterwards."""
    # Usually it is a minute.
    monkeypatch.setattr(subject, "_ALONE_S", 3.0)
    root = submissions(tmp_path, 甲=PASSES, 乙=BREACHES, 丙=PASSES)
    workers = [office.worker("--no-nanny")]
    out = tmp_path / "out"

    def tell(step: Any) -> None:
        if step.done == 1:
            for process in [office.scheduler] if victim == "scheduler" else workers:
                process.kill()

    with office.reached(1) as scheduler:
        start = time.monotonic()
        summary = run_batch(root, out, options(tmp_path), scheduler=scheduler, tell=tell)
        assert time.monotonic() - start < 90
    died = [row for row in summary.rows if row["died"] is not None]
    assert len(died) == 2
    for lost in died:
        assert (lost["exit"], lost["died"], lost["out"]) == (None, "worker", None)
        assert "--resume" in lost["messages"][0]["zh"]
        assert "--resume" in lost["messages"][0]["en"]
    assert run_batch(root, out, options(tmp_path), resume=True).kept == 1
    run_batch(root, tmp_path / "local", options(tmp_path))
    assert tree(out) == tree(tmp_path / "local")


@posix
@pytest.mark.long
def test_children_of_a_worker_keep_their_limits_and_end_with_the_batch(tmp_path: Path, office: Office) -> None:
    """The libraries alone take more than 64 MiB. Then a batch is interrupted while its child runs elsewhere."""
    root = submissions(tmp_path, 甲=PASSES)
    worker = office.worker("--no-nanny")
    with office.reached(1) as scheduler:
        run_batch(root, tmp_path / "small", options(tmp_path), scheduler=scheduler, limits=Limits(64 * MIB))
        assert row(tmp_path / "small", "甲")["died"] == "memory"

        class Interrupted:
            def submit(self, function: Callable[[Task], Outcome], task: Task, /) -> Any:
                scheduler.submit(function, task)
                assert soon(lambda: checking(worker.pid))
                os.kill(checking(worker.pid)[0], signal.SIGSTOP)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_batch(root, tmp_path / "out", options(tmp_path), scheduler=Interrupted())
        assert soon(lambda: not checking(worker.pid))
        assert not (tmp_path / "out" / "甲").exists()
        assert run_batch(root, tmp_path / "out", options(tmp_path), scheduler=scheduler, resume=True).status == 0


@pytest.mark.long
def test_a_scheduler_without_workers_is_said(office: Office) -> None:
    told = ""
    for _ in range(5):
        with pytest.raises(BatchError) as error:
            cluster(office.address)
        told = error.value.faults[0].zh
        if "dask worker" in told:
            break
    assert "没有工作进程" in told


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8786", "http://127.0.0.1:80", "tcp://", "tcp://host", "tcp://u@h:1", ""]
)
def test_what_is_no_address_is_said_at_once(address: str) -> None:
    with pytest.raises(BatchError, match="tcp://192"):
        cluster(address)


def test_what_does_not_answer_is_said_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """One port at which nobody listens, one at which somebody listens and says nothing."""
    pytest.importorskip("distributed", reason="needs pip install urbanform[cluster]")
    monkeypatch.setattr(subject, "_REACH_S", 1)
    with socket.socket() as silent, socket.socket() as nobody:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        nobody.bind(("127.0.0.1", 0))
        for place in (silent, nobody):
            start = time.monotonic()
            with pytest.raises(BatchError, match="防火墙"):
                cluster(f"tcp://127.0.0.1:{place.getsockname()[1]}")
            assert time.monotonic() - start < 8


def test_without_the_library_the_message_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(BatchError, match=r"pip install urbanform\[cluster\]"):
        cluster("tcp://127.0.0.1:8786")


def task(tmp_path: Path) -> tuple[Task, Sign]:
    """A task as a cluster hands it out."""
    asked = options(tmp_path)
    found = Task(submissions(tmp_path, 甲=PASSES) / "甲", tmp_path / "work", asked, Limits())
    found.work.mkdir()
    (found.work / WANTED).write_text("mark", encoding="ascii")
    return found, Sign("mark", asked.rules, installed(asked.rules))


def test_a_computer_that_would_find_otherwise_is_unfit(tmp_path: Path) -> None:
    """Another share under the same path, another version, another pack: none of them checks anything."""
    found, sign = task(tmp_path)
    assert unfitness(found.work, sign) is None
    blind = unfitness(tmp_path / "nowhere", sign)
    assert blind is not None
    assert "nowhere" in blind.zh
    other = unfitness(found.work, Sign("other", sign.rules, sign.installed))
    assert other is not None
    assert other.code == "worker-blind"
    differs = unfitness(found.work, Sign("mark", sign.rules, {**sign.installed, "geos": "2.7.1"}))
    assert differs is not None
    assert "geos" in differs.en
    assert "2.7.1" in differs.en
    Path(str(sign.rules)).unlink()
    unread = unfitness(found.work, sign)
    assert unread is not None
    assert unread.code == "worker-unusable"
    with pytest.raises(Unfit):
        review_on_worker(review_in_child, found, sign)


def test_attempts_at_one_task_share_no_file(tmp_path: Path) -> None:
    """A worker that was thought lost may still be at work when the task is repeated."""
    found, sign = task(tmp_path)
    given: list[Path] = []

    def review(attempt: Task, wanted: Callable[[], bool]) -> Outcome:
        given.append(attempt.work)
        assert wanted()
        return Outcome(0)

    works = {review_on_worker(review, found, sign).work for _ in range(2)}
    assert works == set(given)
    assert len(works) == 2
    assert all(work.parent == found.work for work in given)


def test_a_child_that_nobody_wants_any_more_is_ended(tmp_path: Path) -> None:
    """The batch removes its work folder when it ends, however it ends."""
    found, sign = task(tmp_path)
    gone = threading.Timer(0.3, lambda: (found.work / WANTED).unlink())
    gone.start()
    start = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("urbanform.batch.worker._LOOK_EVERY_S", 0.1)
        outcome = review_on_worker(review_in_child, found, sign)
    gone.join()
    assert (outcome.exit, outcome.died) == (None, "unwanted")
    assert time.monotonic() - start < 10
