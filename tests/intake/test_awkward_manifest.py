"""What a manifest can say of layers: lists, defaults, where, units, joined tables, values, own words, none, stage."""

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from intake.awkward import (
    AREA,
    DEMOLITION,
    DENSITY,
    HOUSES,
    ROADS,
    STREETS,
    UNIT,
    Case,
    city,
    house,
    ids,
    manifest,
    outcome,
    renewal,
    run,
    write,
)
from places import box, point


def two_files(defaults: str = "{action: retain}", other: str = "{action: new}") -> object:
    """The house that goes and one of 800 m² in one file; a new one of 5,000 m² in the other: still 20 %."""

    def build(folder: Path) -> None:
        write(folder / "更新单元.shp", [UNIT])
        write(folder / "现状" / "建筑.shp", HOUSES, CS=[2, 8], GZFS=["拆除", ""])
        write(folder / "规划" / "建筑.shp", [house(2)], CS=[50])
        entries = f"[{{path: 现状/建筑.shp, defaults: {defaults}}}, {{path: 规划/建筑.shp, defaults: {other}}}]"
        manifest(folder, f"layers: {{buildings: {entries}}}\n")

    return build


def where(text: str, **columns: object) -> object:
    """Three houses; the manifest chooses some of them."""

    def build(folder: Path) -> None:
        table = {"CS": [2, 8, 90], "GZFS": ["拆除", "保留", "拆除"]} | columns
        renewal(folder, geometry=[*HOUSES, house(2)], suffix=".gpkg", **table)
        manifest(folder, f"layers: {{buildings: {{path: 建筑.gpkg, where: {text}}}}}\n")

    return build


def buildings(text: str, **columns: object) -> object:
    """The two houses under a manifest's entry."""

    def build(folder: Path) -> None:
        renewal(folder, **columns)
        manifest(folder, f"layers: {{buildings: {{path: 建筑.shp, {text}}}}}\n")

    return build


def manifest_of(text: str) -> object:
    return lambda folder: manifest(renewal(folder), text)


def rejected(kind: str, layer: str = "buildings") -> set[tuple[str, str, str]]:
    return {(layer, kind, "rejected")}


CASES = [
    Case("a list that is stacked", DEMOLITION, two_files(), "pass", measured=20.0),
    Case("defaults fill blanks only", DEMOLITION, two_files("{action: demolish}"), "fail", measured=100.0),
    Case("defaults of storeys", DEMOLITION, buildings("defaults: {storeys: 8}", CS=["2", ""]), "pass", measured=20.0),
    Case("defaults do not mend what is unreadable", DEMOLITION, buildings("defaults: {storeys: 8}", CS=["2", "?"]),
         "undetermined", {("buildings", "unreadable-value", "unknown")}, bounds=(200 / 62, 200 / 3)),
    Case("fields under other names", DEMOLITION,
         buildings("fields: {storeys: A, action: B}", A=[2, 8], B=["拆除", "保留"], CS=[9, 9], GZFS=["保留", "拆除"]),
         "pass", measured=20.0),
    Case("a field that is not there", DEMOLITION, buildings("fields: {storeys: CENGSHU}"), "undetermined",
         rejected("field-missing"), told=("建筑.shp", "CENGSHU", "CS")),
    Case("own words", DEMOLITION,
         buildings("map: {action: {走: demolish, 留下: retain}}", GZFS=["走", "留下"]), "pass", measured=20.0),
    Case("own words that are numbers", DEMOLITION,
         buildings("map: {action: {01: demolish, 02: retain}}", GZFS=["01", "02"]), "pass", measured=20.0),
    Case("own words that do not cover all", DEMOLITION,
         buildings("map: {action: {走: demolish}}", GZFS=["走", "等"]), "undetermined",
         {("buildings", "unreadable-value", "unknown")}, bounds=(20.0, 100.0)),
    Case("where a number", DEMOLITION, where("{CS: [2, 8]}"), "pass", measured=20.0),
    Case("where a number that the file has as 2.0", DEMOLITION, where("{N: 1}", N=[1.0, 1.0, 2.0]), "pass",
         measured=20.0),
    Case("where a code with a leading nought", DEMOLITION, where("{DM: 0701}", DM=["0701", "0701", "701"]), "pass",
         measured=20.0),
    Case("where a truth value", DEMOLITION, where("{keep: true}", keep=[True, True, False]), "pass", measured=20.0),
    Case("where nothing is written", DEMOLITION, where("{BZ: null}", BZ=[None, "", "x"]), "pass", measured=20.0),
    Case("where two fields at once", DEMOLITION,
         where("{A: [x, y], B: 1}", A=["x", "y", "y"], B=[1, 1, 2]), "pass", measured=20.0),
    Case("where a field that is not there", DEMOLITION, where("{XX: 1}"), "undetermined",
         rejected("where-field-missing"), told=("建筑.gpkg", "XX", "GZFS")),
    Case("where nothing is left", DEMOLITION, where("{CS: 77}"), "undetermined", rejected("no-features"),
         told=("建筑.gpkg", "where 没有选中任何要素")),
    Case("a path in other letters", DEMOLITION, manifest_of("layers: {buildings: ./建筑.SHP}\n"), "pass",
         measured=20.0),
    Case("a path with backslashes", DEMOLITION,
         lambda folder: (write(folder / "更新单元.shp", [UNIT]),
                         write(folder / "a" / "b.shp", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"]),
                         manifest(folder, "layers: {buildings: 'a\\b.shp'}\n")), "pass", measured=20.0),
    Case("a value for a layer of one feature", DENSITY,
         lambda folder: manifest(write(folder / "组团.shp", [AREA]).parent,
                                 "values: {clusters: {population: 9000}}\n"), "pass", measured=9000.0),
    Case("a value for a layer of two features", DENSITY,
         lambda folder: manifest(write(folder / "组团.shp", [AREA, box(2000, 0, 3000, 1000)]).parent,
                                 "values: {clusters: {population: 9000}}\n"), "undetermined",
         rejected("values-for-many", "clusters"), told=("clusters.population", "2 个要素")),
    Case("a class for streets without one", ROADS,
         lambda folder: (write(folder / "主城区.shp", [AREA]), write(folder / "r.shp", STREETS),
                         manifest(folder, "layers: {roads: {path: r.shp, defaults: {class: branch}}}\n")), "pass",
         measured=9.0),
    Case("the rest is recognised beside what the manifest names", ROADS,
         lambda folder: (city(folder), manifest(folder, "layers: {main_urban_area: 主城区.shp}\n")), "pass",
         measured=9.0),
    Case("what the manifest names goes before what would be recognised", DEMOLITION,
         lambda folder: (renewal(folder), write(folder / "建筑备份.shp", HOUSES, CS=[9, 1], GZFS=["拆除", "保留"]),
                         manifest(folder, "layers: {buildings: 建筑.shp}\n")), "pass", measured=20.0),
    Case("a file that plays two roles", DEMOLITION,
         lambda folder: (write(folder / "a.geojson", [UNIT, *HOUSES], T=[1, 2, 2], CS=[None, 2, 8],
                               GZFS=[None, "拆除", "保留"]),
                         manifest(folder, "layers:\n  renewal_units: {path: a.geojson, where: {T: 1}}\n"
                                          "  buildings: {path: a.geojson, where: {T: 2}}\n")), "pass", measured=20.0),
    Case("one missing layer of a list", DEMOLITION,
         lambda folder: (two_files()(folder), (folder / "规划" / "建筑.shp").write_bytes(b"no")), "undetermined",
         rejected("unreadable"), told=("规划/建筑.shp",)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_manifests(case: Case, tmp_path: Path) -> None:
    case.hold(tmp_path / "place")


def workbook(path: Path, rows: list[list[object]], sheet: str = "人口") -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    book.save(path)


KEYS = ("东组团", "西组团")
TWO = (AREA, box(2000, 0, 3000, 1000))
EXCEL = "{path: 人口.xlsx, sheet: 人口, on: {MC: 组团名称}, take: {population: 常住人口}}"
CSV = "{path: 人口.csv, on: {MC: 组团名称}, take: {population: 常住人口}}"
HEAD = ["组团名称", "常住人口"]


def joined(rows: list[list[object]], join: str = EXCEL, encoding: str | None = None, units: str = "") -> object:
    """Two clusters of 1 km² each, whose persons stand in a table."""

    def build(folder: Path) -> None:
        write(folder / "组团.shp", TWO, MC=KEYS)
        if encoding is None:
            workbook(folder / "人口.xlsx", rows)
        else:
            lines = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
            (folder / "人口.csv").write_bytes(lines.encode(encoding))
        manifest(folder, f"layers: {{clusters: {{path: 组团.shp, {units}join: {join}}}}}\n")

    return build


NORMAL: list[list[object]] = [HEAD, ["东组团", 8000], ["西组团", 9000]]
JOINS = [
    Case("a sheet of a workbook", DENSITY, joined(NORMAL), "pass", measured=9000.0),
    Case("a title above the names of the columns", DENSITY, joined([["人口统计表", None], ["2023 年", None], *NORMAL]),
         "pass", measured=9000.0),
    Case("the second sheet by its number", DENSITY,
         joined(NORMAL, EXCEL.replace("sheet: 人口", "sheet: 2")), "pass", measured=9000.0),
    Case("no such sheet", DENSITY, joined(NORMAL, EXCEL.replace("sheet: 人口", "sheet: 户籍")), "undetermined",
         rejected("join", "clusters"), told=("人口.xlsx", "户籍", "说明")),
    Case("no such column", DENSITY, joined(NORMAL, EXCEL.replace("常住人口", "总人口")), "undetermined",
         rejected("join", "clusters"), told=("人口.xlsx", "总人口", "常住人口")),
    Case("no such key in the layer", DENSITY, joined(NORMAL, EXCEL.replace("{MC: ", "{ZTMC: ")), "undetermined",
         rejected("join", "clusters"), told=("组团.shp", "ZTMC", "MC")),
    Case("a key twice with different figures", DENSITY, joined([*NORMAL, ["东组团", 1]]), "undetermined",
         rejected("join", "clusters"), told=("人口.xlsx", "东组团", "重复")),
    Case("a row twice", DENSITY, joined([*NORMAL, ["东组团", 8000]]), "pass", measured=9000.0),
    Case("a cluster without a row", DENSITY, joined(NORMAL[:2]), "undetermined",
         {("clusters", "join-no-partner", "unknown"), ("clusters", "missing-value", "unknown")}, bounds=(0.0, None),
         features={"join-no-partner": ["1"]}),
    Case("a row without a cluster", DENSITY, joined([*NORMAL, ["南组团", 1]]), "pass", measured=9000.0),
    Case("blanks around the keys", DENSITY, joined([HEAD, [" 东组团 ", 8000], ["西组团", 9000]]), "pass",
         measured=9000.0),
    Case("a table in 万人", DENSITY, joined([HEAD, ["东组团", 0.8], ["西组团", 0.9]],
                                         units="units: {population: 万人}, "), "pass",
         {("clusters", "unit-taken", "noted")}, measured=9000.0),
    Case("a table in nobody knows what", DENSITY, joined([HEAD, ["东组团", 0.8], ["西组团", 0.9]]), "undetermined",
         {("clusters", "population-unit", "unknown")}, bounds=(0.0, None)),
    Case("CSV in UTF-8 with a mark", DENSITY, joined(NORMAL, CSV, "utf-8-sig"), "pass", measured=9000.0),
    Case("CSV in GBK", DENSITY, joined(NORMAL, CSV, "gbk"), "pass", measured=9000.0),
    Case("CSV that is no text", DENSITY,
         lambda folder: (joined(NORMAL, CSV, "gbk")(folder), (folder / "人口.csv").write_bytes(b"\xff\xff\0")),
         "undetermined", rejected("join", "clusters"), told=("人口.csv",)),
    Case("a workbook that is none", DENSITY,
         lambda folder: (joined(NORMAL)(folder), (folder / "人口.xlsx").write_bytes(b"no")), "undetermined",
         rejected("join", "clusters"), told=("人口.xlsx",)),
    Case("an old workbook", DENSITY,
         lambda folder: (joined(NORMAL, EXCEL.replace("xlsx", "xls"))(folder), (folder / "人口.xls").write_bytes(b"x")),
         "undetermined", rejected("join", "clusters"), told=("人口.xls", "另存为 .xlsx")),
]  # fmt: skip


@pytest.mark.parametrize("case", JOINS, ids=ids(JOINS))
def test_joined_tables(case: Case, tmp_path: Path) -> None:
    case.hold(tmp_path / "place")


def test_keys_compare_as_text(tmp_path: Path) -> None:
    """A code that Excel holds as a number finds that of the shapefile, but 0701 is not 701."""
    folder = tmp_path / "place"
    write(folder / "组团.shp", [*TWO, box(4000, 0, 5000, 1000)], DM=["410621", "410622", "0701"])
    workbook(folder / "人口.xlsx", [["代码", "人口"], [410621, 8000], ["410622", 9000], [701, 9500]])
    join = "{path: 人口.xlsx, sheet: 人口, on: {DM: 代码}, take: {population: 人口}}"
    manifest(folder, f"layers: {{clusters: {{path: 组团.shp, join: {join}}}}}\n")
    found = outcome(folder, DENSITY)
    assert found.verdict == "undetermined"
    assert found.features["join-no-partner"] == ["2"]


def test_none_of_what_a_rule_is_about_makes_it_not_applicable(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    manifest(folder, "rules: henan\nnone: [plazas, corridors]\nkind: [county-seat, city]\n")
    status, told = run("check", folder, "--only", "corridor-net-width", "--out", tmp_path / "out")
    assert status == 3, told
    assert "不涉及" in told


def test_kinds_of_the_manifest_choose_the_rules(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    manifest(folder, "kind: city\n")
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.status) == ("not-applicable", 3)
    manifest(folder, "kind: [city, renewal]\n")
    assert outcome(folder, DEMOLITION).verdict == "pass"


def test_land_use_by_default(tmp_path: Path) -> None:
    """0701 in a manifest is the code, not the number 701."""
    from urbanform.intake.read import open_submission, read_submission

    folder = tmp_path / "place"
    write(folder / "用地.shp", [UNIT, AREA], YDYHFLDM=["1401", ""])
    for text, expected in (
        ("defaults: {land_use: 0701}", ["park", "residential"]),
        ("map: {land_use: {1401: plaza}}", ["plaza", None]),
    ):
        manifest(folder, f"layers: {{parcels: {{path: 用地.shp, {text}}}}}\n")
        with open_submission(folder) as handed_in:
            found = read_submission(handed_in, None, ()).layers["parcels"].frame(("land_use",))["land_use"]
        assert [None if value is None or value != value else value for value in found] == expected


def test_facilities_may_be_points_and_polygons(tmp_path: Path) -> None:
    from urbanform.intake.read import open_submission, read_submission

    folder = tmp_path / "place"
    write(folder / "a.shp", [point(1, 1)], LX=["幼儿园"])
    write(folder / "b.shp", [UNIT], LX=["小学"])
    text = "layers: {facilities: [{path: a.shp, fields: {kind: LX}}, {path: b.shp, fields: {kind: LX}}]}\n"
    manifest(folder, text)
    with open_submission(folder) as handed_in:
        submission = read_submission(handed_in, None, ())
    assert len(submission.layers["facilities"]) == 2
    assert not submission.faults


def test_a_raster_by_a_path_in_the_manifest(tmp_path: Path) -> None:
    from intake.awkward import population_raster

    folder = tmp_path / "place"
    write(folder / "组团.shp", [AREA])
    population_raster(folder / "x.tif", np.full((2, 2), 2000.0), crs=None)
    manifest(folder, "layers: {population: {path: x.tif, crs: EPSG:4547}}\n")
    found = outcome(folder, DENSITY)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(8000))
