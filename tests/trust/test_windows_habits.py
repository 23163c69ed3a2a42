"""Folders as they lie on bureau computers: locks, open workbooks, shares, long and Chinese names, code pages."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from batch.folders import BREACHES, PASSES, Here, options, submissions, tree
from intake.awkward import DEMOLITION, outcome, renewal
from urbanform.batch.run import run_batch
from urbanform.batch.words import BatchError
from urbanform.intake.paths import PathRefused, inside


def test_what_arcgis_and_office_leave_is_no_matter(tmp_path: Path) -> None:
    """Locks, indices, metadata, thumbnails, an open workbook's shadow."""
    folder = renewal(tmp_path / "甲", CS=[2, 8])
    for name in ("建筑.shp.DESKTOP-01.1234.5678.sr.lock", "建筑.sbn", "建筑.sbx", "建筑.shp.xml", "建筑.shp.ed.lock",
                 "Thumbs.db", "desktop.ini", "~$人口.xlsx", ".DS_Store", "~WRL0001.tmp", "工程.mxd"):  # fmt: skip
        (folder / name).write_bytes(b"\0lock")
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "pass"
    assert not found.defects


def test_names_in_capitals_and_mixed(tmp_path: Path) -> None:
    """As old programs write them: 建筑.SHP with 建筑.Dbf."""
    folder = renewal(tmp_path / "甲", CS=[2, 8])
    (folder / "建筑.shp").rename(folder / "建筑.SHP")
    (folder / "建筑.dbf").rename(folder / "建筑.Dbf")
    assert outcome(folder, DEMOLITION).verdict == "pass"


def test_very_long_chinese_paths(tmp_path: Path) -> None:
    """Folders in folders, more than 260 signs in all, as no Windows of old could open."""
    place = tmp_path
    for part in ("城市更新行动成果资料汇编" * 6, "二〇二六年第三批（最终版）（确认）" * 4, "甲"):
        place = place / part[:80]
    folder = renewal(place, CS=[2, 8])
    assert len(str(folder)) > 260 or len(os.fsencode(folder)) > 400
    assert outcome(folder, DEMOLITION).verdict == "pass"


@pytest.mark.parametrize(
    "written",
    ["\\\\服务器\\共享\\建筑.shp", "//server/share/建筑.shp", "\\\\?\\C:\\建筑.shp", "\\\\.\\pipe\\x", "D:建筑.shp"],
)
def test_shares_drives_and_devices_lead_out(tmp_path: Path, written: str) -> None:
    with pytest.raises(PathRefused):
        inside(tmp_path, written)


def test_backslashes_are_slashes(tmp_path: Path) -> None:
    assert inside(tmp_path, "现状\\建筑.shp") == tmp_path / "现状" / "建筑.shp"


class OfAnother:
    """A rename onto a file that another program holds open, as Windows answers it."""

    def __init__(self, *names: str) -> None:
        self.names, self.replace = names, os.replace

    def __call__(self, source: object, target: object, **more: object) -> None:
        if Path(str(target)).name in self.names:
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        self.replace(source, target, **more)  # type: ignore[arg-type]


def test_a_workbook_held_open_stops_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """batch.xlsx is open in WPS: everything else is written, the message says what to close, resume ends it."""
    root, out = submissions(tmp_path, 甲=PASSES, 乙=BREACHES), tmp_path / "out"
    asked = options(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", OfAnother("batch.xlsx"))
        with pytest.raises(BatchError, match="WPS"):
            run_batch(root, out, asked, scheduler=Here())
    assert {"batch.json", "index.html", "甲/results.json", "乙/results.json"} <= tree(out).keys()
    summary = run_batch(root, out, asked, scheduler=Here(), resume=True)
    assert (summary.kept, summary.status) == (2, 1)
    assert (out / "batch.xlsx").is_file()


def test_a_report_held_open_costs_its_submission_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row says so (exit 4), no results.json stands, and resume does this one again."""
    root, out = submissions(tmp_path, 甲=PASSES), tmp_path / "out"
    asked = options(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", OfAnother("report.html"))
        summary = run_batch(root, out, asked, scheduler=Here())
    assert (summary.status, summary.rows[0]["exit"]) == (3, 4)
    assert "WPS" in summary.rows[0]["messages"][0]["zh"]
    assert not (out / "甲" / "results.json").exists()
    assert run_batch(root, out, asked, scheduler=Here(), resume=True).status == 0


def test_a_submission_that_cannot_be_read_costs_itself_only(tmp_path: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("nothing is closed to the superuser")
    root = submissions(tmp_path, 甲=PASSES, 乙=PASSES)
    (root / "甲" / "建筑.dbf").chmod(0)
    summary = run_batch(root, tmp_path / "out", options(tmp_path), scheduler=Here())
    assert {row["item"]: row["exit"] for row in summary.rows} == {"甲": 2, "乙": 0}


@pytest.mark.parametrize(
    ("code_page", "written"), [("gbk", "gbk"), ("cp437", "cp437"), ("ascii", "utf-8"), ("utf-8", "utf-8")]
)
def test_consoles_of_every_code_page(tmp_path: Path, code_page: str, written: str) -> None:
    """What a console cannot show is shown as ?; the command ends as ever. ASCII means that no locale is set."""
    folder = renewal(tmp_path / "甲㐂", CS=[9, 1])
    pack = options(tmp_path).rules
    command = ["inspect", str(folder), "--rules", str(pack)]
    done = subprocess.run(
        [sys.executable, "-m", "urbanform", *command],
        env={**os.environ, "PYTHONIOENCODING": code_page, "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    shown = io.TextIOWrapper(io.BytesIO(done.stdout), encoding=written).read()
    assert "demolition-share" in shown or "EPSG:4547" in shown


def test_a_folder_without_write_permission_is_read(tmp_path: Path) -> None:
    """A share that may only be read: nothing is written beside the input."""
    folder = renewal(tmp_path / "甲", suffix=".gpkg", CS=[2, 8])
    (folder / "空").mkdir()
    for path in (folder, *folder.iterdir()):
        path.chmod(0o555)
    try:
        assert outcome(folder, DEMOLITION).verdict == "pass"
    finally:
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755)
        shutil.rmtree(folder)
