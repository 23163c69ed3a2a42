"""Encodings of tables written byte by byte, and counts of Shapefiles that were cut short."""

import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from urbanform.errors import SubmissionError
from urbanform.intake.encoding import DecidedBy, dbf_encoding, recoded
from urbanform.intake.shapefile_bytes import shapefile_counts, sibling

ROWS = [["道路甲", "次干路"], ["路乙", "支路"]]
NAMES = ["规划道路红线宽度", "道路等级"]


def write_dbf(
    path: Path,
    names: list[bytes],
    rows: list[list[bytes]],
    *,
    width: int = 40,
    driver: int = 0,
    claimed: int | None = None,
) -> Path:
    """A dBASE III table of text columns, names cut at ten bytes as Shapefiles cut them."""
    record = 1 + width * len(names)
    count = len(rows) if claimed is None else claimed
    head = struct.pack("<BBBBIHH", 3, 126, 1, 1, count, 33 + 32 * len(names), record)
    head += b"\0" * 17 + bytes([driver]) + b"\0\0"
    for name in names:
        head += name[:10].ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([width, 0]) + b"\0" * 14
    body = b"".join(b" " + b"".join(cell[:width].ljust(width) for cell in row) for row in rows)
    path.write_bytes(head + b"\r" + body + b"\x1a")
    return path


def encoded(texts: list[list[str]], codec: str) -> list[list[bytes]]:
    return [[text.encode(codec) for text in row] for row in texts]


def table_in(path: Path, codec: str, **options: int) -> Path:
    return write_dbf(path, [name.encode(codec) for name in NAMES], encoded(ROWS, codec), **options)


def write_shp(path: Path, count: int = 2) -> Path:
    shapes = shapely.box(np.arange(count), 0, np.arange(count) + 1, 1)
    gpd.GeoDataFrame({"a": np.arange(count)}, geometry=shapes, crs=4547).to_file(path)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    return path


@pytest.mark.parametrize(
    ("codec", "cpg", "driver", "name", "by", "guessed", "note"),
    [
        ("gbk", None, 0x00, "GB18030", DecidedBy.BYTES, True, "encoding-guessed"),
        ("gbk", None, 0x57, "GB18030", DecidedBy.BYTES, True, "encoding-guessed"),
        ("gbk", None, 0x4D, "GB18030", DecidedBy.LANGUAGE_DRIVER, False, None),
        ("gbk", "GBK", 0x00, "GB18030", DecidedBy.CPG, False, None),
        ("gbk", "ANSI 936\n", 0x00, "GB18030", DecidedBy.CPG, False, None),
        ("gbk", "UTF-8", 0x00, "GB18030", DecidedBy.BYTES, True, "encoding-declared-falsely"),
        ("gbk", "ISO-8859-1", 0x00, "GB18030", DecidedBy.BYTES, True, "encoding-declared-falsely"),
        ("gbk", "nonsense", 0x00, "GB18030", DecidedBy.BYTES, True, "encoding-guessed"),
        ("utf-8", "UTF-8", 0x00, "UTF-8", DecidedBy.CPG, False, None),
        ("utf-8", "65001", 0x00, "UTF-8", DecidedBy.CPG, False, None),
        ("utf-8", None, 0x00, "UTF-8", DecidedBy.BYTES, True, "encoding-guessed"),
        ("utf-8", "GBK", 0x00, "UTF-8", DecidedBy.BYTES, True, "encoding-declared-falsely"),
        ("utf-8", None, 0x4D, "UTF-8", DecidedBy.BYTES, True, "encoding-declared-falsely"),
        ("big5", "950", 0x00, "cp950", DecidedBy.CPG, False, None),
    ],
)
def test_the_encoding_is_what_the_bytes_bear_out(
    tmp_path: Path, codec: str, cpg: str | None, driver: int, name: str, by: DecidedBy, guessed: bool, note: str | None
) -> None:
    path = write_shp(tmp_path / "路.shp")
    if codec == "big5":
        write_dbf(path.with_suffix(".dbf"), ["層數".encode("big5")], encoded([["住宅"], ["商業"]], "big5"))
    else:
        table_in(path.with_suffix(".dbf"), codec, driver=driver)
    found = dbf_encoding(path.with_suffix(".dbf"), cpg)
    assert (found.name, found.decided_by, found.guessed) == (name, by, guessed)
    assert [words.code for words in found.notes] == ([] if note is None else [note])
    assert found.fault is None
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    frame = recoded(pyogrio.read_dataframe(path, encoding=found.read_as), found)
    assert list(frame.columns) == [*found.field_names, "geometry"]
    if codec != "big5":
        assert frame.iloc[:, :2].to_numpy().tolist() == ROWS


def test_names_cut_inside_a_character_lose_only_that_character(tmp_path: Path) -> None:
    """Ten bytes hold five characters in GBK, and three and a third in UTF-8."""
    gbk = dbf_encoding(table_in(tmp_path / "a.dbf", "gbk"))
    utf8 = dbf_encoding(table_in(tmp_path / "b.dbf", "utf-8"), "UTF-8")
    assert gbk.field_names == ("规划道路红", "道路等级")
    assert utf8.field_names == ("规划道", "道路等")
    assert utf8.recode


def test_clean_utf8_and_ascii_are_left_to_gdal(tmp_path: Path) -> None:
    utf8 = dbf_encoding(write_dbf(tmp_path / "a.dbf", [b"DLMC"], encoded([["人民路"]], "utf-8")), "UTF-8")
    plain = dbf_encoding(write_dbf(tmp_path / "b.dbf", [b"DLMC"], [[b"x"]]))
    assert (utf8.read_as, utf8.recode) == ("UTF-8", False)
    assert (plain.decided_by, plain.guessed, plain.read_as) == (DecidedBy.ASCII, False, "UTF-8")
    frame = pd.DataFrame({"DLMC": ["x"]})
    assert recoded(frame, plain) is frame


def test_a_text_cut_inside_a_character_is_read_without_it(tmp_path: Path) -> None:
    """Seven bytes of two and a third characters: 道路 stays, the first byte of 甲 goes."""
    path = write_shp(tmp_path / "a.shp", 1)
    write_dbf(path.with_suffix(".dbf"), [b"DLMC"], encoded([["道路甲"]], "utf-8"), width=7)
    found = dbf_encoding(path.with_suffix(".dbf"), "UTF-8")
    assert (found.name, found.guessed, found.recode) == ("UTF-8", False, True)
    assert recoded(pyogrio.read_dataframe(path, encoding=found.read_as), found)["DLMC"].tolist() == ["道路"]


def test_text_beyond_the_first_rows_decides_as_well(tmp_path: Path) -> None:
    rows = [[b"plain"]] * 5000 + [["路".encode("gbk")]]
    assert dbf_encoding(write_dbf(tmp_path / "a.dbf", [b"N"], rows)).name == "GB18030"


def test_rare_characters_of_gb18030_are_kept(tmp_path: Path) -> None:
    path = write_shp(tmp_path / "a.shp", 1)
    write_dbf(path.with_suffix(".dbf"), [b"N"], encoded([["㐀䶵𠀀村"]], "gb18030"))
    found = dbf_encoding(path.with_suffix(".dbf"), "GBK")
    assert recoded(pyogrio.read_dataframe(path, encoding=found.read_as), found)["N"].tolist() == ["㐀䶵𠀀村"]


def test_bytes_of_no_chinese_encoding_are_told(tmp_path: Path) -> None:
    found = dbf_encoding(write_dbf(tmp_path / "a.dbf", [b"N"], [[b"\xff\xfe\x80 x"]]))
    assert (found.name, found.guessed, found.notes[0].code) == ("ISO-8859-1", True, "encoding-not-found")


def test_a_short_gbk_word_that_is_also_valid_utf8_counts_as_chinese(tmp_path: Path) -> None:
    """猫 is C3 A8 in GBK, which in UTF-8 would be è."""
    assert "猫".encode("gbk") == "è".encode()
    assert dbf_encoding(write_dbf(tmp_path / "a.dbf", [b"N"], [["猫".encode("gbk")]])).name == "GB18030"


def test_a_forced_encoding_stands_unless_it_cannot(tmp_path: Path) -> None:
    gbk = table_in(tmp_path / "a.dbf", "gbk")
    assert dbf_encoding(gbk, "UTF-8", "GBK").decided_by is DecidedBy.FORCED
    assert dbf_encoding(gbk, "UTF-8", "GBK").name == "GB18030"
    wrong = dbf_encoding(gbk, None, "UTF-8").fault
    assert wrong is not None
    assert wrong.code == "encoding-does-not-decode"
    assert "encoding: GB18030" in wrong.zh
    unknown = dbf_encoding(gbk, None, "GBKK").fault
    assert unknown is not None
    assert unknown.code == "encoding-unknown"


def test_gbk_forced_on_utf8_is_doubted(tmp_path: Path) -> None:
    """Six bytes of 道路 in UTF-8 are three characters of GBK, none of them in everyday use together."""
    path = write_dbf(tmp_path / "a.dbf", [b"N"], encoded([["道路"]], "utf-8"))
    found = dbf_encoding(path, None, "GBK")
    assert found.fault is not None or [note.code for note in found.notes] == ["encoding-forced-doubtful"]


def test_recoding_leaves_numbers_nulls_and_shapes(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    frame = gpd.GeoDataFrame(
        {"名称": ["甲", None], "层数": [6, 18]}, geometry=[shapely.Point(0, 0), shapely.Point(1, 1)], crs=4547
    )
    frame.to_file(path, encoding="GBK")
    found = dbf_encoding(path.with_suffix(".dbf"), "GBK")
    back = recoded(pyogrio.read_dataframe(path, encoding=found.read_as), found)
    assert back["名称"].tolist()[0] == "甲"
    assert pd.isna(back["名称"].iloc[1])
    assert back["层数"].tolist() == [6, 18]
    assert back.geometry.geom_equals(frame.geometry).all()


@pytest.mark.parametrize("content", [b"", b"\x03" * 20, b"\x03" + b"\0" * 60])
def test_a_broken_table_is_a_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.dbf"
    path.write_bytes(content)
    with pytest.raises(SubmissionError):
        dbf_encoding(path)


def test_counts_of_a_whole_shapefile_agree(tmp_path: Path) -> None:
    counts = shapefile_counts(write_shp(tmp_path / "a.shp", 50))
    assert counts.agree
    assert (counts.shp_records, counts.shx_entries, counts.dbf_claimed, counts.dbf_held) == (50, 50, 50, 50)


def test_counts_without_index_and_without_table(tmp_path: Path) -> None:
    path = write_shp(tmp_path / "a.shp", 50)
    path.with_suffix(".shx").unlink()
    path.with_suffix(".dbf").unlink()
    counts = shapefile_counts(path)
    assert (counts.shp_records, counts.shx_entries, counts.dbf_claimed, counts.agree) == (50, None, None, True)


def test_an_empty_shapefile_agrees(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    gpd.GeoDataFrame({"a": pd.Series([], dtype=int)}, geometry=gpd.GeoSeries([], crs=4547)).to_file(
        path, geometry_type="Polygon"
    )
    counts = shapefile_counts(path)
    assert (counts.shp_records, counts.shx_entries, counts.dbf_held, counts.agree) == (0, 0, 0, True)


@pytest.mark.parametrize("lost", [1, 136, 1000])
def test_a_shp_cut_short(tmp_path: Path, lost: int) -> None:
    """A box is a record of 8 + 128 bytes, so 1000 bytes are seven records and part of an eighth."""
    path = write_shp(tmp_path / "a.shp", 50)
    path.write_bytes(path.read_bytes()[:-lost])
    counts = shapefile_counts(path)
    assert counts.shp_truncated
    assert not counts.agree
    assert counts.shp_records == 50 - -(-lost // 136)


def test_a_shx_of_another_file(tmp_path: Path) -> None:
    path, other = write_shp(tmp_path / "a.shp", 50), write_shp(tmp_path / "b.shp", 49)
    path.with_suffix(".shx").write_bytes(other.with_suffix(".shx").read_bytes())
    counts = shapefile_counts(path)
    assert (counts.shp_records, counts.shx_entries, counts.agree) == (50, 49, False)


def test_a_shx_cut_short(tmp_path: Path) -> None:
    path = write_shp(tmp_path / "a.shp", 50)
    index = path.with_suffix(".shx")
    index.write_bytes(index.read_bytes()[:-20])
    counts = shapefile_counts(path)
    assert (counts.shx_truncated, counts.shx_entries, counts.shp_records, counts.agree) == (True, 47, 50, False)


def test_a_table_with_fewer_rows_than_it_claims(tmp_path: Path) -> None:
    path = write_shp(tmp_path / "a.shp", 2)
    write_dbf(path.with_suffix(".dbf"), [b"N"], [[b"x"]], claimed=2)
    counts = shapefile_counts(path)
    assert (counts.dbf_claimed, counts.dbf_held, counts.dbf_truncated, counts.agree) == (2, 1, True, False)


def test_a_table_with_more_rows_than_shapes(tmp_path: Path) -> None:
    path = write_shp(tmp_path / "a.shp", 2)
    write_dbf(path.with_suffix(".dbf"), [b"N"], [[b"x"]] * 3)
    assert not shapefile_counts(path).agree


def test_deleted_rows_are_counted(tmp_path: Path) -> None:
    path = write_shp(tmp_path / "a.shp", 2)
    table = write_dbf(path.with_suffix(".dbf"), [b"N"], [[b"x"], [b"y"]])
    content = bytearray(table.read_bytes())
    content[65] = ord("*")
    table.write_bytes(bytes(content))
    assert shapefile_counts(path).dbf_deleted == 1


def test_a_shp_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    path.write_bytes(b"x" * 200)
    assert shapefile_counts(path).shp_truncated


def test_siblings_are_found_in_any_case(tmp_path: Path) -> None:
    path = write_shp(tmp_path / "a.shp", 2)
    path.with_suffix(".dbf").rename(tmp_path / "a.DBF")
    assert sibling(path, ".dbf") == tmp_path / "a.DBF"
    assert shapefile_counts(path).agree


@pytest.mark.long
def test_a_large_table_takes_seconds(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    count = 300_000
    shapes = shapely.box(np.arange(count), 0, np.arange(count) + 1, 1)
    gpd.GeoDataFrame({"名称": [f"人民路{i}号" for i in range(count)]}, geometry=shapes, crs=4547).to_file(
        path, encoding="GBK"
    )
    found = dbf_encoding(path.with_suffix(".dbf"))
    assert (found.name, shapefile_counts(path).shp_records) == ("GB18030", count)


def test_gbk_is_told_as_gbk_and_what_goes_beyond_it_as_gb18030(tmp_path: Path) -> None:
    """㑇 is a character that GBK lacks and GB 18030 writes in four bytes."""
    plain = dbf_encoding(write_dbf(tmp_path / "a.dbf", [b"N"], [["浚县".encode("gbk")]]))
    wide = dbf_encoding(write_dbf(tmp_path / "b.dbf", [b"N"], [["浚县㑇".encode("gb18030")]]))
    assert (plain.name, plain.told) == ("GB18030", "GBK")
    assert (wide.name, wide.told) == ("GB18030", "GB18030")
