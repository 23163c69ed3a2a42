"""Zip files: names in GBK, and everything that must not be let in."""

import stat
import zipfile
from pathlib import Path

import pytest

from urbanform.errors import SubmissionError
from urbanform.intake import unzip
from urbanform.intake.paths import PathRefused, inside


def packed(tmp_path: Path, *members: tuple[object, bytes]) -> Path:
    """A zip of some members."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)  # type: ignore[arg-type]
    return path


def unpacked(tmp_path: Path, path: Path) -> Path:
    """The folder that it unpacks to."""
    into = tmp_path / "into"
    into.mkdir()
    return unzip.unpack(path, into, path.name)


def test_members_are_written_under_their_names(tmp_path: Path) -> None:
    into = unpacked(tmp_path, packed(tmp_path, ("现状/建筑.shp", b"x"), ("a.txt", b"y")))
    assert (into / "现状" / "建筑.shp").read_bytes() == b"x"


def test_names_in_gbk_are_read_right(tmp_path: Path) -> None:
    """Windows in Chinese writes names in GBK without the UTF-8 mark; Python writes such bytes as cp437."""
    path = packed(tmp_path, ("建筑.shp".encode("gbk").decode("cp437"), b"x"))
    data = path.read_bytes()
    marked = "建筑.shp".encode("gbk").decode("cp437").encode("utf-8")
    if marked in data:
        raw = "建筑.shp".encode("gbk")
        member = zipfile.ZipInfo("x" * len(raw))
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, b"x")
        path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    assert (unpacked(tmp_path, path) / "建筑.shp").exists()


@pytest.mark.parametrize("name", ["../a.shp", "/a.shp", "C:/a.shp", "x/../../a", "con.shp", "a\\..\\..\\b"])
def test_members_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SubmissionError):
        unpacked(tmp_path, packed(tmp_path, (name, b"x")))


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(SubmissionError):
        unpacked(tmp_path, packed(tmp_path, (link, b"/etc/passwd")))


def test_two_members_of_one_name_are_refused_whatever_the_case(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError):
        unpacked(tmp_path, packed(tmp_path, ("a.shp", b"x"), ("A.SHP", b"y")))


def test_limits_are_counted_on_what_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unzip, "RATIO_FROM_BYTES", 1000)
    with pytest.raises(SubmissionError, match="解压后过大"):
        unpacked(tmp_path, packed(tmp_path, ("a.shp", b"\0" * 100_000)))
    monkeypatch.setattr(unzip, "MOST_MEMBERS", 1)
    with pytest.raises(SubmissionError, match="成员"):
        unpacked(tmp_path, packed(tmp_path, ("a", b""), ("b", b"")))


def test_what_is_no_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(SubmissionError, match=r"a\.zip"):
        unpacked(tmp_path, path)


@pytest.mark.parametrize(
    "written",
    ["/etc/passwd", "../x.shp", "a/../../x", "C:\\x.shp", "\\\\server\\x", "http://x/y.shp", "/vsicurl/http://x",
     "vsizip:x", "~/x", "a\0.shp", "", "."],
)  # fmt: skip
def test_paths_that_leave_the_submission_are_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(PathRefused):
        inside(tmp_path, written)


def test_links_that_lead_out_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    with pytest.raises(PathRefused):
        inside(root, "out/x.shp")
    assert inside(root, "a\\b.shp") == root / "a" / "b.shp"
