"""A batch from first to last: every submission has one row, whatever happens to it."""

import concurrent.futures
import dataclasses
import json
import pickle
import shutil
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from batch.folders import BREACHES, OPEN, PASSES, Here, options, pack, review_here, row, submissions, tree, zipped
from intake.awkward import digest
from urbanform.batch.child import Outcome, Task, review_in_child, written
from urbanform.batch.limits import Limits
from urbanform.batch.lock import held
from urbanform.batch.rows import batch_status, margin
from urbanform.batch.run import BatchSummary, Step, run_batch
from urbanform.batch.words import BatchError
from urbanform.errors import RulePackError
from urbanform.review import Options, check


def here(root: Path, out: Path, **more: Any) -> BatchSummary:
    """A batch whose children run in this process, with the pack of all batches."""
    more.setdefault("scheduler", Here())
    asked = more.pop("options", None) or options(root.parent)
    return run_batch(root, out, asked, **more)


def test_each_submission_has_a_row_and_a_folder(tmp_path: Path) -> None:
    """One passes, one breaches, one is open; a zip that is none is told of; nothing of the inputs changes."""
    root = submissions(tmp_path, 甲=PASSES, 乙=BREACHES, 丙=OPEN, 丁=PASSES)
    zipped(root / "丁")
    (root / "戊.zip").write_bytes(b"PK but no zip")
    (root / "己.rar").write_bytes(b"Rar!")
    before = digest(root)
    told: list[Step] = []
    summary = here(root, tmp_path / "out", tell=told.append)
    assert digest(root) == before
    assert {row["item"]: row["exit"] for row in summary.rows} == {"丁.zip": 0, "丙": 3, "乙": 1, "戊.zip": 2, "甲": 0}
    assert summary.status == 1
    assert [step.done for step in told] == [1, 2, 3, 4, 5]
    assert told[-1].total == 5
    assert told[-1].left_s == pytest.approx(0)
    refused = row(tmp_path / "out", "戊.zip")
    assert "zip" in refused["messages"][0]["zh"]
    assert refused["out"] is None
    assert not (tmp_path / "out" / "戊").exists()
    found = json.loads((tmp_path / "out" / "batch.json").read_text(encoding="utf-8"))
    assert found["not_submissions"] == ["己.rar"]
    assert found["status"] == 1
    decided = row(tmp_path / "out", "乙")
    assert (decided["out"], decided["pack"], decided["as_of"], decided["defects"]) == ("乙", "trial", 2026, {})
    assert decided["results"][0]["verdict"] == "fail"
    assert decided["results"][0]["measured"] == pytest.approx(90.0)
    assert decided["results"][0]["margin"] == pytest.approx((20 - 90) / 20)
    assert (tmp_path / "out" / "乙" / decided["results"][0]["map"]).is_file()


def test_a_child_writes_what_check_writes(tmp_path: Path) -> None:
    """Two real children: all files but run.json are those that check writes by itself."""
    root = submissions(tmp_path, 甲=PASSES, 乙=BREACHES)
    summary = run_batch(root, tmp_path / "out", options(tmp_path), jobs=2)
    assert [row["exit"] for row in summary.rows] == [1, 0]
    for name in ("甲", "乙"):
        check(root / name, tmp_path / "alone" / name, options(tmp_path))
        assert tree(tmp_path / "out" / name) == tree(tmp_path / "alone" / name)
    run = json.loads((tmp_path / "out" / "甲" / "run.json").read_text(encoding="utf-8"))
    assert run["submission"] == str(root / "甲")
    assert sorted(path.name for path in (tmp_path / "out" / ".urbanform-batch").iterdir()) == [
        "journal.jsonl",
        "lock",
        "lock.json",
    ]


@pytest.mark.parametrize(
    ("exits", "status"),
    [([0, 0], 0), ([0, 1, 2], 1), ([0, 3], 3), ([0, 2], 3), ([4], 3), ([0, None], 3), ([1, None], 1)],
)
def test_the_status_of_a_batch(exits: list[int | None], status: int) -> None:
    assert batch_status([{"exit": found} for found in exits]) == status


@pytest.mark.parametrize(
    ("measured", "limit", "share"),
    [
        (9.0, {"op": "<=", "value": 10.0}, 0.1),
        (11.0, {"op": "<", "value": 10.0}, -0.1),
        (9.0, {"op": ">=", "value": 10.0}, -0.1),
        (6500.0, {"op": "between", "value": [6000, 10000]}, 500 / 6000),
        (11000.0, {"op": "between", "value": [6000, 10000]}, -0.1),
        (5.0, {"op": "<=", "value": 0}, None),
        (None, {"op": "<=", "value": 10.0}, None),
        (5.0, None, None),
    ],
)
def test_the_margin_is_a_share_of_the_limit(
    measured: float | None, limit: dict[str, Any] | None, share: float | None
) -> None:
    assert margin(measured, limit) == (None if share is None else pytest.approx(share))


def test_resume_does_only_what_changed(tmp_path: Path) -> None:
    """Of three, one is changed and one's report is lost: these two are done again, and all is as if done at once."""
    root = submissions(tmp_path, 甲=PASSES, 乙=BREACHES, 丙=OPEN)
    out = tmp_path / "out"
    here(root, out)
    again = Here()
    assert here(root, out, resume=True, scheduler=again).kept == 3
    assert again.asked == []
    shutil.rmtree(root / "甲")
    submissions(tmp_path, 甲=BREACHES)
    (out / "丙" / "report.html").unlink()
    again = Here()
    summary = here(root, out, resume=True, scheduler=again)
    assert (summary.kept, sorted(again.asked)) == (1, ["丙", "甲"])
    assert row(out, "甲")["exit"] == 1
    here(root, tmp_path / "fresh")
    assert tree(out) == tree(tmp_path / "fresh")


def test_another_year_or_pack_is_done_again(tmp_path: Path) -> None:
    root, out = submissions(tmp_path, 甲=PASSES), tmp_path / "out"
    here(root, out)
    assert here(root, out, resume=True, options=Options(rules=options(tmp_path).rules, as_of=2030)).kept == 0
    path = pack(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("value: 20", "value: 10"), encoding="utf-8")
    changed = Options(rules=str(path), only=("demolition-share",), as_of=2026, context=False)
    summary = here(root, out, resume=True, options=changed)
    assert (summary.kept, summary.status) == (0, 1)


def test_without_resume_everything_is_done_again(tmp_path: Path) -> None:
    root, out = submissions(tmp_path, 甲=PASSES, 乙=BREACHES), tmp_path / "out"
    here(root, out)
    first = tree(out)
    again = Here()
    assert here(root, out, scheduler=again).kept == 0
    assert sorted(again.asked) == ["乙", "甲"]
    assert tree(out) == first


def test_a_submission_that_can_no_longer_be_read_keeps_no_older_result(tmp_path: Path) -> None:
    root, out = submissions(tmp_path, 甲=PASSES, 乙=PASSES), tmp_path / "out"
    here(root, out)
    (root / "甲" / "submission.yaml").write_text("nonsense: [", encoding="utf-8")
    summary = here(root, out)
    assert [row["exit"] for row in summary.rows] == [0, 2]
    assert not (out / "甲").exists()
    assert (out / "乙" / "results.json").exists()


def test_what_died_is_done_again_and_costs_itself_only(tmp_path: Path) -> None:
    """One child is killed from outside, one loses its machine: their rows say so; the third is not touched."""
    root, out = submissions(tmp_path, 甲=PASSES, 乙=PASSES, 丙=PASSES), tmp_path / "out"

    def dying(task: Task) -> Outcome:
        if task.submission.name == "甲":
            return Outcome(None, "signal")
        if task.submission.name == "乙":
            raise ConnectionError("the worker is gone")
        return review_here(task)

    summary = here(root, out, scheduler=Here(review=dying))
    assert {row["item"]: row["exit"] for row in summary.rows} == {"丙": 0, "乙": None, "甲": None}
    assert summary.status == 3
    assert [row(out, name)["died"] for name in "甲乙丙"] == ["signal", "silent", None]
    summary = here(root, out, resume=True)
    assert (summary.status, summary.kept) == (0, 1)


def test_a_result_that_is_not_all_seen_here_is_none(tmp_path: Path) -> None:
    """A scheduler's child says that all is well: one wrote where nobody sees it, of one a map has not arrived."""
    root, out = submissions(tmp_path, 甲=PASSES, 乙=PASSES, 丙=PASSES), tmp_path / "out"

    def elsewhere(task: Task) -> Outcome:
        if task.submission.name == "甲":
            return Outcome(0)
        outcome = dataclasses.replace(review_here(task), files=written(task.work))
        if task.submission.name == "乙":
            next((task.work / "out" / "maps").iterdir()).unlink()
        return outcome

    summary = here(root, out, scheduler=Here(review=elsewhere))
    assert {row["item"]: row["exit"] for row in summary.rows} == {"丙": 0, "乙": None, "甲": None}
    assert summary.status == 3
    for name in "甲乙":
        assert row(out, name)["died"] == "silent"
        assert "共享文件夹" in row(out, name)["messages"][0]["zh"]
        assert not (out / name).exists()


def test_a_scheduler_says_how_many_run_at_a_time(tmp_path: Path) -> None:
    """Four submissions on a scheduler of three: never more than three are asked for before one is done."""
    root = submissions(tmp_path, 甲=PASSES, 乙=PASSES, 丙=PASSES, 丁=PASSES)
    asked: list[concurrent.futures.Future[Outcome]] = []

    class Three:
        jobs = 3

        def submit(self, function: object, task: Task, /) -> "concurrent.futures.Future[Outcome]":
            assert sum(not future.done() for future in asked) < 3
            asked.append(concurrent.futures.Future())
            if len(asked) == 3:
                for future in asked:
                    future.set_result(Outcome(2))
            elif len(asked) == 4:
                asked[-1].set_result(Outcome(2))
            return asked[-1]

    assert [row["exit"] for row in here(root, tmp_path / "out", scheduler=Three()).rows] == [2, 2, 2, 2]


def test_a_second_run_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    root, out = submissions(tmp_path, 甲=PASSES), tmp_path / "out"
    here(root, out)
    first = tree(out)
    with held(out / ".urbanform-batch", out), pytest.raises(BatchError, match="正被另一次批量核查使用"):
        here(root, out)
    assert tree(out) == first


def test_inputs_and_outputs_do_not_mix(tmp_path: Path) -> None:
    root = submissions(tmp_path, 甲=PASSES)
    with pytest.raises(BatchError, match="--out"):
        here(root, root / "out")
    with pytest.raises(BatchError, match="--out"):
        here(root, root)
    inner = root / "甲" / "成果"
    shutil.copytree(root / "甲", inner / "甲")
    with pytest.raises(BatchError, match="就在其中"):
        here(inner, root, options=options(tmp_path))
    assert not (root / ".urbanform-batch").exists()


def test_what_the_batch_cannot_run_with_is_said_before_anything_is_done(tmp_path: Path) -> None:
    root = submissions(tmp_path, 甲=PASSES)
    out = tmp_path / "out"
    with pytest.raises(RulePackError):
        here(root, out, options=Options(rules="hebei"))
    with pytest.raises(BatchError, match="--jobs"):
        here(root, out, jobs=0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BatchError, match="没有成果"):
        here(tmp_path / "empty", out)
    assert not out.exists()
    out.write_text("a file", encoding="utf-8")
    with pytest.raises(BatchError, match="无法写入"):
        here(root, out)


def test_limits_that_are_no_numbers_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = submissions(tmp_path, 甲=PASSES)
    monkeypatch.setenv("URBANFORM_WALL_S", "soon")
    with pytest.raises(BatchError, match="URBANFORM_WALL_S"):
        here(root, tmp_path / "out")


def test_an_interrupted_batch_leaves_no_child_behind(tmp_path: Path) -> None:
    """Ctrl-C while a child runs: the child is ended, its work folder is gone, and the rest can be resumed."""
    root, out = submissions(tmp_path, 甲=PASSES, 乙=PASSES), tmp_path / "out"

    class Interrupted(concurrent.futures.ThreadPoolExecutor):
        def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> "concurrent.futures.Future[Any]":
            super().submit(function, *args, **kwargs)
            time.sleep(0.3)
            raise KeyboardInterrupt

    start = time.monotonic()
    with Interrupted(1) as pool, pytest.raises(KeyboardInterrupt):
        run_batch(root, out, options(tmp_path), scheduler=pool)
    assert time.monotonic() - start < 20
    assert not (out / ".urbanform-batch" / "work").exists()
    assert not (out / "甲").exists()
    assert here(root, out, resume=True).status == 0


def test_names_that_look_like_formulas_or_markup_stay_text(tmp_path: Path) -> None:
    """A folder called =1+1, one with markup in it; the workbook and the page hold them as they are."""
    names = ["=1+1", "<b onclick=x>", "甲#乙%20"]
    root, out = submissions(tmp_path, **dict.fromkeys(names, PASSES)), tmp_path / "out"
    here(root, out)
    book = openpyxl.load_workbook(out / "batch.xlsx")
    cells = {sheet.cell(number, 1).value for sheet in book for number in range(2, sheet.max_row + 1)}
    assert set(names) <= cells
    assert not [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "<b onclick" not in page
    assert "%E7%94%B2%23%E4%B9%99%2520/report.html" in page


def test_a_picklable_task_for_other_machines(tmp_path: Path) -> None:
    """What a scheduler sends is the function by its name and the task by its parts."""
    task = Task(tmp_path, tmp_path / "w", options(tmp_path), Limits())
    function, sent = pickle.loads(pickle.dumps((review_in_child, task)))
    assert function is review_in_child
    assert sent == task
