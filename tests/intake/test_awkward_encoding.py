"""Texts of shapefiles in every encoding, whatever the .cpg and the language driver say of it."""

from pathlib import Path

import pytest

from intake.awkward import DEMOLITION, HOUSES, UNIT, manifest, outcome, write

LYING = {"GBK": "UTF-8", "UTF-8": "GBK", "GB18030": "UTF-8", "ASCII": "GBK"}
RARE = "䶮㛃"  # in GB 18030 with four bytes, and not in GBK


def submission(folder: Path, encoding: str, cpg: str, driver: int) -> Path:
    """The renewal unit with houses whose table is in an encoding, under a .cpg and a language driver id."""
    write(folder / "更新单元.shp", [UNIT])
    plain = encoding == "ASCII"
    # Ten bytes of a name hold three characters in UTF-8, five in GBK.
    fields = {"ASCII": ("CS", "GZFS"), "UTF-8": ("层数", "GZFS")}.get(encoding, ("层数", "改造方式"))
    names = ["a", "b"] if plain else [RARE if encoding == "GB18030" else "浚县", "老城"]
    words = ["demolish", "retain"] if plain else ["拆除", "保留"]
    columns = dict(zip((*fields, "MC"), ([2, 8], words, names), strict=True))
    write(folder / "建筑.shp", HOUSES, encoding="UTF-8" if plain else encoding, **columns)
    dbf, told = folder / "建筑.dbf", folder / "建筑.cpg"
    data = bytearray(dbf.read_bytes())
    data[29] = driver
    dbf.write_bytes(data)
    told.unlink(missing_ok=True)
    says = {"none": None, "right": "UTF-8" if plain else encoding, "lying": LYING[encoding]}[cpg]
    if says is not None:
        told.write_text(says)
    return folder


@pytest.mark.parametrize("driver", [0x00, 0x57, 0x4D])
@pytest.mark.parametrize("cpg", ["none", "right", "lying"])
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8", "GB18030", "ASCII"])
def test_texts_are_read_whatever_is_said_of_them(encoding: str, cpg: str, driver: int, tmp_path: Path) -> None:
    """Guessed where nothing says it, or what says it is wrong; language driver 0x4D says GBK, which UTF-8 belies."""
    found = outcome(submission(tmp_path / "place", encoding, cpg, driver), DEMOLITION)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(20))
    declared = cpg == "right" or (cpg == "none" and driver == 0x4D and encoding in ("GBK", "GB18030"))
    expected = set() if declared or encoding == "ASCII" else {("buildings", "encoding-guessed", "repaired")}
    assert found.defects == expected, found.messages


def test_the_manifest_forces_an_encoding(tmp_path: Path) -> None:
    folder = submission(tmp_path / "place", "GBK", "lying", 0)
    manifest(folder, "layers: {buildings: {path: 建筑.shp, encoding: GBK}}\n")
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.defects) == ("pass", frozenset())


def test_an_encoding_that_does_not_decode_sets_the_layer_aside(tmp_path: Path) -> None:
    folder = submission(tmp_path / "place", "GBK", "right", 0)
    manifest(folder, "layers: {buildings: {path: 建筑.shp, encoding: UTF-8}}\n")
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "undetermined"
    assert found.defects == {("buildings", "encoding", "rejected")}
    assert "建筑.dbf" in found.finding.reason.zh
    assert "encoding: GB18030" in found.finding.reason.zh


def test_names_cut_inside_a_character_are_known_by_what_is_left(tmp_path: Path) -> None:
    """UTF-8 leaves 改造方 and the first byte of 式."""
    folder = tmp_path / "place"
    write(folder / "更新单元.shp", [UNIT])
    write(folder / "建筑.shp", HOUSES, encoding="UTF-8", CS=[2, 8], GZFS=["拆除", "保留"])
    path = folder / "建筑.dbf"
    data = bytearray(path.read_bytes())
    at = data.index(b"GZFS")
    data[at : at + 11] = "改造方式".encode()[:10] + b"\0"
    path.write_bytes(data)
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(20))


def test_a_value_cut_inside_a_character(tmp_path: Path) -> None:
    """A note of 85 characters in 254 bytes loses half of its last one; what counts is read."""
    folder = tmp_path / "place"
    write(folder / "更新单元.shp", [UNIT])
    write(folder / "建筑.shp", HOUSES, encoding="UTF-8", CS=[2, 8], GZFS=["拆除", "保留"], BZ=["长" * 84, "短"])
    path = folder / "建筑.dbf"
    data = path.read_bytes()
    note = ("长" * 84).encode()
    at = data.index(note)
    path.write_bytes(data[: at + 250] + b"  " + data[at + 252 :])
    (folder / "建筑.cpg").unlink()
    assert outcome(folder, DEMOLITION).verdict == "pass"


def test_texts_in_no_known_encoding_are_told(tmp_path: Path) -> None:
    folder = submission(tmp_path / "place", "GBK", "none", 0)
    path = folder / "建筑.dbf"
    data = path.read_bytes()
    path.write_bytes(data.replace("浚县".encode("gbk"), b"\xff\xfe\xff\xff"))
    found = outcome(folder, DEMOLITION)
    assert ("buildings", "encoding-guessed", "repaired") in found.defects
    assert "重新导出" in found.messages
    assert found.verdict == "undetermined"
