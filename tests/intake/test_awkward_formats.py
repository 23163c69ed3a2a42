"""Every format, packed and unpacked, under awkward names and in sub-folders; and those that are only listed."""

import os
import shutil
import sqlite3
import sys
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import pytest

from intake.awkward import (
    AREA,
    DEMOLITION,
    DENSITY,
    HOUSES,
    UNIT,
    clusters,
    digest,
    frame,
    manifest,
    outcome,
    population_raster,
    renewal,
    run,
    write,
)

TWENTY = ("pass", pytest.approx(20, rel=1e-6))


def pack(folder: Path, archive: Path, *globs: str) -> Path:
    """Move some files of a folder into a zip."""
    members = sorted(item for glob in globs for item in folder.rglob(glob) if item.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as sink:
        for path in members:
            sink.write(path, path.relative_to(folder))
            path.unlink()
    return archive


def geodatabase(folder: Path, name: str = "成果.gdb") -> Path:
    """A File Geodatabase with the renewal unit and its houses."""
    pyogrio.write_dataframe(frame([UNIT], MC=["甲"]), folder / name, driver="OpenFileGDB", layer="更新单元")
    houses = frame(HOUSES, CS=np.array([2, 8], dtype=np.int32), GZFS=["拆除", "保留"])
    pyogrio.write_dataframe(houses, folder / name, driver="OpenFileGDB", layer="建筑", append=True)
    return folder / name


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".fgb", ".parquet", ".SHP"])
def test_formats(suffix: str, tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place", suffix=suffix.lower())
    if suffix == ".SHP":
        for path in list(folder.iterdir()):
            path.rename(path.with_suffix(path.suffix.upper()))
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == TWENTY
    assert found.defects == frozenset()


def test_a_shapefile_with_suffixes_in_every_case(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    (folder / "建筑.dbf").rename(folder / "建筑.Dbf")
    (folder / "建筑.shp").rename(folder / "建筑.Shp")
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY


def test_a_file_geodatabase_in_a_folder_and_alone(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    database = geodatabase(tmp_path / "place")
    for submission in (tmp_path / "place", database):
        found = outcome(submission, DEMOLITION)
        assert (found.verdict, found.measured) == TWENTY
        assert found.defects == frozenset()


def test_a_geopackage_of_several_layers_in_a_folder_and_alone(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    for name in ("更新单元", "建筑"):
        table = pyogrio.read_dataframe(folder / f"{name}.shp")
        pyogrio.write_dataframe(table, tmp_path / "a.gpkg", layer=name)
    found = outcome(tmp_path / "a.gpkg", DEMOLITION)
    assert (found.verdict, found.measured) == TWENTY
    shutil.rmtree(folder)
    folder.mkdir()
    shutil.copy(tmp_path / "a.gpkg", folder)
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == TWENTY


def test_a_geopackage_that_another_program_holds_open(tmp_path: Path) -> None:
    """QGIS leaves its changes in a log beside the file: they count, and the log stays as it is."""
    folder = renewal(tmp_path / "place", suffix=".gpkg")
    database = sqlite3.connect(folder / "建筑.gpkg")
    for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        database.execute(f'drop trigger "{name}"')
    database.execute("pragma journal_mode = wal")
    database.execute("pragma wal_autocheckpoint = 0")
    database.execute('update "建筑" set "CS" = 18 where "CS" = 8')
    database.commit()
    assert (folder / "建筑.gpkg-wal").stat().st_size
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(10))
    database.close()


def test_a_geopackage_that_keeps_a_log_but_has_none(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place", suffix=".gpkg")
    with sqlite3.connect(folder / "建筑.gpkg") as database:
        database.execute("pragma journal_mode = wal")
    database.close()
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY


def test_a_raster_of_persons(tmp_path: Path) -> None:
    folder = clusters(tmp_path / "place")
    for path in folder.glob("人口.*"):
        path.unlink()
    population_raster(folder / "人口.tif", [[2000.0, 2000.0], [2000.0, 2000.0]])
    assert outcome(folder, DENSITY).measured == pytest.approx(8000)


def test_sub_folders(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    write(folder / "一 成果" / "范围" / "更新单元.shp", [UNIT])
    write(folder / "二 数据（现状）" / "a b" / "建筑.shp", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY


def test_a_folder_tells_the_role_where_the_file_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    write(folder / "更新单元" / "export.shp", [UNIT])
    write(folder / "建筑" / "layer1.shp", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])
    assert outcome(folder, DEMOLITION).verdict == "pass"


@pytest.mark.parametrize(
    "name",
    [
        "建筑 'quoted' \"twice\"",
        "建筑[1](2){3}",
        "建筑🏠",
        "建筑 #1",
        "建筑%20&;$!",
        "建筑" + "很长" * 35,
        "建筑.v2.final",
        "[bold]建筑",
        "建筑;v=1",
        "建筑\ttab",
        "-建筑",
    ],
)
def test_awkward_file_names(name: str, tmp_path: Path) -> None:
    """Found, inspected, and named by a manifest that ``init`` writes."""
    folder = renewal(tmp_path / "place", suffix=".gpkg")
    (folder / "建筑.gpkg").rename(folder / f"{name}.gpkg")
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == TWENTY, found.messages
    assert run("inspect", folder)[0] == 0
    assert run("init", folder)[0] == 0
    text = (folder / "submission.yaml").read_text(encoding="utf-8")
    assert "\n  buildings:" in text
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY


def test_accents_composed_in_two_ways_are_one_name(tmp_path: Path) -> None:
    """A Mac takes letters and accents apart; the manifest was written elsewhere."""
    folder = renewal(tmp_path / "place", suffix=".gpkg")
    (folder / "建筑.gpkg").rename(folder / unicodedata.normalize("NFD", "Café.gpkg"))
    manifest(folder, f"layers: {{buildings: {unicodedata.normalize('NFC', 'Café.gpkg')}}}\n")
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are text, not bytes")
def test_a_name_that_is_no_utf8_is_told_as_it_was_meant(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place", suffix=".gpkg")
    (folder / "建筑.gpkg").rename(folder / os.fsdecode("建筑.gpkg".encode("gbk")))
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "undetermined"
    assert found.defects == {("buildings", "unreadable", "rejected")}
    assert "建筑.gpkg" in found.finding.reason.zh
    assert run("inspect", folder)[0] == 0


def test_a_zipped_layer_stands_for_it(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    pack(folder, folder / "建筑.zip", "建筑.*")
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY


def test_a_zip_gives_its_name_to_the_layer_in_it(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place", suffix=".geojson")
    (folder / "建筑.geojson").rename(folder / "export.geojson")
    pack(folder, folder / "建筑.zip", "export.geojson")
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY


def test_a_zip_of_several_layers_in_a_folder(tmp_path: Path) -> None:
    """Each is named container#layer, in a manifest too."""
    folder = renewal(tmp_path / "place")
    pack(folder, folder / "all.zip", "*.*")
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY
    manifest(folder, "layers: {buildings: all.zip#建筑.shp}\n")
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY
    manifest(folder, "layers: {buildings: all.zip#建筑}\n")
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY
    manifest(folder, "layers: {buildings: all.zip}\n")
    found = outcome(folder, DEMOLITION)
    assert found.defects == {("buildings", "container-without-layer", "rejected")}


def test_a_zip_as_submission_with_one_folder_in_it_and_a_manifest(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place" / "浚县三期")
    manifest(folder, "name: 三期\nlayers: {buildings: 建筑.shp}\n")
    archive = pack(tmp_path / "place", tmp_path / "a.zip", "*.*")
    found = outcome(archive, DEMOLITION)
    assert (found.verdict, found.measured) == TWENTY


def test_a_zip_with_names_in_gbk(tmp_path: Path) -> None:
    """As Windows in Chinese writes them, without a word of the encoding."""
    folder = renewal(tmp_path / "place")
    archive, names = tmp_path / "a.zip", {}
    with zipfile.ZipFile(archive, "w") as sink:
        for number, path in enumerate(sorted(folder.iterdir())):
            raw = path.name.encode("gbk")
            names[b"%02d" % number + b"x" * (len(raw) - 2)] = raw
            sink.writestr(list(names)[-1].decode(), path.read_bytes())
    data = archive.read_bytes()
    for name, raw in names.items():
        data = data.replace(name, raw)
    archive.write_bytes(data)
    assert (outcome(archive, DEMOLITION).verdict, outcome(archive, DEMOLITION).measured) == TWENTY


def test_a_zip_in_a_zip_in_a_zip_is_told(tmp_path: Path) -> None:
    """A zipped layer in a zipped submission is read; one level deeper nothing is."""
    folder = renewal(tmp_path / "place")
    pack(folder, folder / "建筑.zip", "建筑.*")
    archive = pack(folder, tmp_path / "once.zip", "*.*")
    assert (outcome(archive, DEMOLITION).verdict, outcome(archive, DEMOLITION).measured) == TWENTY
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as sink:
        sink.write(archive, "成果.zip")
    found = outcome(tmp_path / "twice.zip", DEMOLITION)
    assert found.verdict == "undetermined"
    assert ("buildings", "zip-in-zip", "rejected") in found.defects
    assert "解压一层" in found.messages


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("建筑.mdb", "导出"),
        ("建筑.dwg", "CAD 至地理数据库"),
        ("建筑.dxf", "CAD 至地理数据库"),
        ("建筑.kml", "导出为 Shapefile"),
        ("建筑.tab", "导出为 Shapefile"),
        ("人口.img", "TIFF"),
        ("成果.rar", "zip"),
        ("城.osm.pbf", "urbanform osm"),
    ],
)
def test_formats_that_are_not_read_are_listed_and_stop_nothing(name: str, cure: str, tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    (folder / name).write_bytes(b"\0\1\2")
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == TWENTY
    assert found.defects == {(name, "format-not-read", "rejected")}
    assert cure in found.messages
    assert name in found.messages


def test_a_manifest_that_names_a_format_that_is_not_read(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    (folder / "建筑.dwg").write_bytes(b"AC1032")
    manifest(folder, "layers: {buildings: 建筑.dwg}\n")
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "undetermined"
    assert found.defects == {("buildings", "format-not-read", "rejected")}
    assert "CAD 至地理数据库" in found.finding.reason.zh


def test_other_files_are_nobodys_business(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    for name in ("说明.docx", "Thumbs.db", ".DS_Store", "~$表.xlsx", "a.json", "建筑.shp.xml", "建筑.sbn", "图.pdf"):
        (folder / name).write_text('{"a": 1}')
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "建筑.shp").write_bytes(b"no")
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured, found.defects) == (*TWENTY, frozenset())


def test_links_inside_the_folder_are_followed_and_those_out_of_it_are_not(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place", suffix=".gpkg")
    (folder / "建筑.gpkg").rename(folder / "x.gpkg")
    (folder / "建筑.gpkg").symlink_to(folder / "x.gpkg")
    (folder / "x.gpkg").rename(folder / "表.gpkg")
    (folder / "建筑.gpkg").unlink()
    (folder / "建筑.gpkg").symlink_to(folder / "表.gpkg")
    manifest(folder, "layers: {buildings: 建筑.gpkg}\n")
    assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY
    (folder / "建筑.gpkg").unlink()
    shutil.move(folder / "表.gpkg", tmp_path / "outside.gpkg")
    (folder / "建筑.gpkg").symlink_to(tmp_path / "outside.gpkg")
    assert run("check", folder, "--rules", "henan", "--out", tmp_path / "out")[0] == 2


def test_a_missing_shx_is_rebuilt_on_a_copy(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    (folder / "建筑.shx").unlink()
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == TWENTY
    assert found.defects == {("buildings", "index-rebuilt", "repaired")}
    assert not (folder / "建筑.shx").exists()


def test_several_formats_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    write(folder / "更新单元.geojson", [UNIT])
    write(folder / "建筑.fgb", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])
    write(folder / "主城区.parquet", [AREA])
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == TWENTY


def test_a_read_only_folder_is_no_hindrance(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place", suffix=".gpkg")
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    try:
        before = digest(folder)
        assert (outcome(folder, DEMOLITION).verdict, outcome(folder, DEMOLITION).measured) == TWENTY
        assert digest(folder) == before
    finally:
        folder.chmod(0o755)
