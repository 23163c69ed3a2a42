"""Features and values that cannot be read, and those that are mended: what they do to a verdict, by pencil.

The renewal unit of :mod:`intake.awkward`: 200 m² of 1,000 m² go, 20 %, which is just within the limit.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

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
    clusters,
    house,
    ids,
    manifest,
    outcome,
    renewal,
    write,
)
from places import X, Y, box, line, point


def bow_tie() -> shapely.Polygon:
    """Two triangles of 25 m² within an envelope of 100 m² on the third plot."""
    west, south, east, north = house(2).bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


def touching_ring() -> shapely.Polygon:
    """10 m × 10 m on the first plot, with a notch of 10 m² drawn in one ring that touches the outer edge at a point."""
    x, y = house(0).bounds[:2]
    notch = [(x + 5, y), (x + 7, y + 5), (x + 3, y + 5), (x + 5, y)]
    return shapely.Polygon([(x, y), (x, y + 10), (x + 10, y + 10), (x + 10, y), *notch])


def doubled_vertices(shape: shapely.Polygon) -> shapely.Polygon:
    return shapely.Polygon(np.repeat(shapely.get_coordinates(shape), 2, axis=0))


def shrunk(east_m: float, north_m: float) -> shapely.Polygon:
    """A ring from a corner of the third plot to a point beside it and back."""
    x, y = house(2).bounds[:2]
    return shapely.Polygon([(x, y), (x + east_m, y + north_m), (x, y), (x, y)])


def with_z(shape: Any) -> Any:
    return shapely.force_3d(shape, 31.5)


def houses(geometry: Any = HOUSES, **columns: Any) -> Any:
    """The renewal unit with other houses."""
    return lambda folder: renewal(folder, geometry=geometry, **columns)


def streets(**columns: Any) -> Any:
    return lambda folder: city(folder, **columns)


def persons(**columns: Any) -> Any:
    return lambda folder: clusters(folder, **columns)


def unknown(layer: str, *kinds: str) -> set[tuple[str, str, str]]:
    return {(layer, kind, "unknown") for kind in kinds}


def repaired(layer: str, *kinds: str) -> set[tuple[str, str, str]]:
    return {(layer, kind, "repaired") for kind in kinds}


THREE = {"CS": [2, 8, 2], "GZFS": ["拆除", "保留", "保留"]}


def null_geometry(folder: Path) -> None:
    """A house of 2 storeys that is kept, somewhere: the share is 200 of 1,000 m² and more, so at most 20 %."""
    renewal(folder, geometry=[*HOUSES, None], **THREE)


def null_geometry_demolished(folder: Path) -> None:
    """One that goes may lie here with any floor area: 20 % and up to all but the 800 m² that stay."""
    renewal(folder, geometry=[*HOUSES, None], CS=[2, 8, 2], GZFS=["拆除", "保留", "拆除"])


def ghost_rows(folder: Path) -> None:
    renewal(folder, suffix=".gpkg", geometry=[*HOUSES, None], CS=[2, 8, None], GZFS=["拆除", "保留", None])


def ghost_with_a_number(folder: Path) -> None:
    """A row that has nothing but its row number is empty too."""
    columns = {"OBJECTID": [1, 2, 3], "CS": [2, 8, None], "GZFS": ["拆除", "保留", None]}
    renewal(folder, suffix=".gpkg", geometry=[*HOUSES, None], **columns)


def measured_z(folder: Path) -> None:
    renewal(folder, geometry=[with_z(shape) for shape in HOUSES])


GEOMETRY = [
    Case("null geometry of a house that stays", DEMOLITION, null_geometry, "pass", unknown("buildings", "no-geometry"),
         bounds=(0.0, 20.0), features={"no-geometry": ["2"]}),
    Case("null geometry of a house that goes", DEMOLITION, null_geometry_demolished, "undetermined",
         unknown("buildings", "no-geometry"), bounds=(20.0, 100.0), told=("2",)),
    Case("a bow tie that stays", DEMOLITION, houses([*HOUSES, bow_tie()], **THREE), "pass",
         unknown("buildings", "self-intersection"), bounds=(200 / 12, 20.0), features={"self-intersection": ["2"]}),
    # 0 to 100 m² of ground, two storeys: 200 of 1,000 up to 400 of 1,200.
    Case("a bow tie that goes", DEMOLITION,
         houses([*HOUSES, bow_tie()], CS=[2, 8, 2], GZFS=["拆除", "保留", "拆除"]), "undetermined",
         unknown("buildings", "self-intersection"), bounds=(20.0, 400 / 12), told=("2",)),
    # No ground, and up to the 12 m² around a line, of two storeys: 200 of 1,000 to 1,024 m².
    Case("houses shrunk to a point and to a line", DEMOLITION,
         houses([*HOUSES, shrunk(0, 0), shrunk(4, 3)], CS=[2, 8, 2, 2], GZFS=["拆除", "保留", "保留", "保留"]), "pass",
         unknown("buildings", "self-intersection") | repaired("buildings", "repeated-vertices"),
         bounds=(200 / 10.24, 20.0), features={"self-intersection": ["2", "3"]}),
    # The notch takes 10 m² off the ground that goes: 180 of 980 m².
    Case("a ring that touches itself", DEMOLITION, houses([touching_ring(), HOUSES[1]]), "pass",
         repaired("buildings", "self-touching-ring"), measured=180 / 9.8, features={"self-touching-ring": ["0"]}),
    Case("repeated vertices", DEMOLITION, houses([doubled_vertices(shape) for shape in HOUSES]), "pass",
         repaired("buildings", "repeated-vertices"), measured=20.0),
    Case("Z", DEMOLITION, measured_z, "pass", repaired("buildings", "z-dropped"), measured=20.0),
    Case("rows without anything", DEMOLITION, ghost_rows, "pass", repaired("buildings", "ghost-row"), measured=20.0),
    Case("rows with nothing but a number", DEMOLITION, ghost_with_a_number, "pass",
         repaired("buildings", "ghost-row"), measured=20.0),
    Case("the same house twice", DEMOLITION,
         houses([HOUSES[0], HOUSES[0], HOUSES[1]], CS=[2, 2, 8], GZFS=["拆除", "拆除", "保留"], BSM=["a", "b", "c"]),
         "pass", repaired("buildings", "duplicate"), measured=20.0, features={"duplicate": ["b"]}),
    # Ground that two footprints share belongs to one of them: still 200 of 1,000 m².
    Case("two houses on one ground that differ in a word", DEMOLITION,
         houses([HOUSES[0], HOUSES[0], HOUSES[1]], CS=[2, 2, 8], GZFS=["拆除", "拆除", "保留"], BZ=["a", "b", "c"]),
         "pass", measured=20.0),
    Case("the same street twice", ROADS,
         streets(geometry=[*STREETS[:8], STREETS[0]]), "fail", repaired("roads", "duplicate"), measured=8.0),
    Case("the same street drawn the other way round", ROADS,
         streets(geometry=[*STREETS[:8], shapely.reverse(STREETS[0])]), "fail", repaired("roads", "duplicate"),
         measured=8.0),
    # Two points of 4,000 persons on one spot are two: 8,000.
    Case("the same persons twice, as points", DENSITY,
         persons(geometry=[point(5, 5), point(5, 5), point(900, 900)], RK=[4000, 4000, 100]), "pass", measured=8100.0),
    Case("the same persons twice, as polygons", DENSITY, persons(geometry=[AREA, AREA], RK=[6000, 6000]), "fail",
         measured=12000.0),
    Case("a null street", ROADS, streets(geometry=[*STREETS[:8], None]), "undetermined",
         unknown("roads", "no-geometry"), bounds=(8.0, None), told=("1",)),
    Case("a cluster that crosses itself", DENSITY,
         lambda folder: (clusters(folder), write(folder / "组团.shp", [bow_tie()])), "undetermined",
         unknown("clusters", "self-intersection"), told=("修复几何",)),
]  # fmt: skip


def storeys(*written: str, goes: str = "拆除", stays: str = "保留") -> Any:
    """The two houses with storeys as text."""
    return houses(CS=list(written), GZFS=[goes, stays])


def shares_of(low: float, high: float, stays: float) -> tuple[float, float]:
    """Bounds where the house that goes has between ``low`` and ``high`` storeys and the other ``stays``."""
    return 100 * low / (low + stays), 100 * high / (high + stays)


UNREADABLE = unknown("buildings", "unreadable-value")
VALUES = [
    *(Case(f"storeys written {text}", DEMOLITION, storeys(text, "24层"), "pass", measured=20.0)
      for text in ("6层", "6F", "6.0", "６", "六层", "地上6层", "6层/-1")),
    Case("storeys written -1/18", DEMOLITION, storeys("-1/18", "72"), "pass", measured=20.0),
    # 18 to 19 of 72: 20 to 20.88 %.
    Case("storeys written 18+1", DEMOLITION, storeys("18+1", "72"), "undetermined", bounds=shares_of(18, 19, 72)),
    Case("storeys written 18+1, well below", DEMOLITION, storeys("18+1", "90"), "pass", bounds=shares_of(18, 19, 90)),
    *(Case(f"storeys written {text}", DEMOLITION, storeys(text, "8"), "undetermined", UNREADABLE,
           bounds=shares_of(1, 60, 8), told=("0",), features={"unreadable-value": ["0"]})
      for text in ("0", "-3", "999", "六七", "-9999", "约六", "6/8")),
    Case("blank storeys", DEMOLITION, storeys("", "8"), "undetermined", bounds=shares_of(1, 60, 8)),
    # 8 of 8 + 40 storeys is 16.7 %, of 8 + 1 over 20 %: the house that stays has 1 to 60 storeys.
    Case("storeys of the house that stays unknown", DEMOLITION, storeys("8", "?层"), "undetermined", UNREADABLE,
         bounds=(100 * 8 / 68, 100 * 8 / 9)),
    # Even with 60 storeys the house that goes is 60 of 60 + 180 and more.
    Case("unknown storeys that cannot matter", DEMOLITION,
         houses([HOUSES[0], *(house(n) for n in range(1, 8))], CS=["", *["60"] * 7], GZFS=["拆除", *["保留"] * 7]),
         "pass", bounds=(100 / 421, 100 * 60 / 480)),
    Case("an action that says nothing known", DEMOLITION, houses(GZFS=["待议", "保留"], CS=[4, 8]), "undetermined",
         UNREADABLE, bounds=(0.0, 100 / 3), features={"unreadable-value": ["0"]}),
    Case("a blank action", DEMOLITION, houses(GZFS=["", "保留"], CS=[4, 8]), "undetermined",
         unknown("buildings", "missing-value"), bounds=(0.0, 100 / 3)),
    Case("a blank action that cannot matter", DEMOLITION, houses(GZFS=["", "保留"]), "pass",
         unknown("buildings", "missing-value"), bounds=(0.0, 20.0)),
    # 200 m² of 1,000 m² by field.
    Case("floor area as text with a unit", DEMOLITION, houses(JZMJ=["200㎡", "800平方米"], CS=[2, 2]), "pass",
         measured=20.0),
    Case("floor area in ha by the manifest", DEMOLITION,
         lambda folder: manifest(renewal(folder, JZMJ=[0.02, 0.08], CS=[2, 2]),
                                 "layers: {buildings: {path: 建筑.shp, units: {floor_area: ha}}}\n"),
         "pass", {("buildings", "unit-taken", "noted")}, measured=20.0),
    # Without floor area: 1 to 60 storeys are not taken, the storeys are known.
    Case("a floor area of -9999", DEMOLITION, houses(JZMJ=[-9999.0, 800.0]), "pass", UNREADABLE, measured=20.0),
    Case("a floor area of 999999999", DEMOLITION, houses(JZMJ=[999999999, 800]), "pass", UNREADABLE, measured=20.0),
    Case("a floor area that is the footprint", DEMOLITION,
         houses(CS=[4, 16], JZMJ=[100.0, 101.0]), "pass", unknown("buildings", "floor-area-is-footprint"),
         measured=20.0),
    # 100 m² fits the footprint of one of two only: the field is believed. 100 of 1,600 m².
    Case("a floor area that is the footprint of half of them", DEMOLITION, houses(CS=[4, 16], JZMJ=[100.0, 1500.0]),
         "pass", measured=100 / 16),
    Case("a building claimed dangerous only", DEMOLITION, houses(CS=[4, 8], 危房=["是", "否"]), "undetermined",
         bounds=(0.0, 100 / 3), told=("无修缮价值",)),
    Case("dangerous but worth repair", DEMOLITION, houses(CS=[4, 8], 危房=["是", "否"], XSJZ=["有", "有"]), "fail",
         measured=100 / 3),
    Case("dangerous and beyond repair", DEMOLITION,
         houses(CS=[4, 8], 危房=["是", "否"], XSJZ=["无", "有"]), "pass", measured=0.0),
    Case("dangerous, whether it can be repaired unknown", DEMOLITION,
         houses(CS=[4, 8], 危房=["是", "否"], XSJZ=["", ""]), "undetermined", bounds=(0.0, 100 / 3)),
    Case("an illegal building by its flag", DEMOLITION, houses(CS=[4, 8], 违法建筑=["是", ""]), "pass", measured=0.0),
    Case("a flag that says maybe", DEMOLITION, houses(CS=[4, 8], 违法建筑=["疑似", "否"]), "undetermined", UNREADABLE,
         bounds=(0.0, 100 / 3)),
    # 违法 or 危房: the letters do not say which.
    Case("SFWF, which means two things", DEMOLITION, houses(CS=[4, 8], SFWF=["是", "否"]), "undetermined",
         unknown("buildings", "field-ambiguous"), bounds=(0.0, 100 / 3)),
    Case("SFWF that nobody is", DEMOLITION, houses(SFWF=["否", "否"]), "pass",
         unknown("buildings", "field-ambiguous"), measured=20.0),
    Case("a road class that nobody knows", ROADS, streets(DLDJ=[*["支路"] * 8, "甲级"]), "undetermined",
         unknown("roads", "unreadable-value"), bounds=(8.0, 9.0), told=("道路等级",)),
    Case("a blank road class", ROADS, streets(DLDJ=[*["支路"] * 8, ""]), "undetermined",
         unknown("roads", "missing-value"), bounds=(8.0, 9.0)),
    Case("no road class at all", ROADS,
         lambda folder: (city(folder), write(folder / "道路中心线.shp", STREETS)),
         "undetermined", told=("class", "fields")),
    Case("a layer without its dbf", ROADS,
         lambda folder: (city(folder) / "道路中心线.dbf").unlink(), "undetermined",
         {("roads", "table-missing", "noted")}, told=("class", "fields")),
]  # fmt: skip


POPULATION = [
    Case("population in 万人 by the field's name", DENSITY,
         lambda folder: write(folder / "组团.shp", [AREA], RK_万人=[0.8]), "pass",
         {("clusters", "unit-taken", "noted")}, measured=8000.0),
    Case("population in 万 by its values", DENSITY, persons(RK=["0.8万"]), "pass", measured=8000.0),
    Case("population in 万人 by the manifest", DENSITY,
         lambda folder: manifest(clusters(folder, RK=[1.2]),
                                 "layers: {population: {path: 人口.shp, units: {population: 万人}}}\n"),
         "fail", {("population", "unit-taken", "noted")}, measured=12000.0),
    Case("under 100 persons per km² without a unit", DENSITY, persons(RK=[99.0]), "undetermined",
         unknown("population", "population-unit"), bounds=(0.0, None), told=("人口",)),
    Case("under 100 persons per km², in persons by the manifest", DENSITY,
         lambda folder: manifest(clusters(folder, RK=[99.0]),
                                 "layers: {population: {path: 人口.shp, units: {population: 人}}}\n"),
         "pass", measured=99.0),
    Case("100 persons per km² are persons", DENSITY, persons(RK=[100.0]), "pass", measured=100.0),
    Case("0.8 among the cluster's own fields", DENSITY,
         lambda folder: write(folder / "组团.shp", [AREA], RK=[0.8]), "undetermined",
         unknown("clusters", "population-unit"), bounds=(0.0, None)),
    Case("a figure in the manifest that must be in 万人", DENSITY,
         lambda folder: manifest(write(folder / "组团.shp", [AREA]).parent,
                                 "values: {clusters: {population: 0.8}}\n"),
         "undetermined", unknown("clusters", "population-unit"), bounds=(0.0, None)),
    Case("a figure in the manifest in 万人", DENSITY,
         lambda folder: manifest(write(folder / "组团.shp", [AREA]).parent,
                                 "values: {clusters: {population: 0.8}}\n"
                                 "layers: {clusters: {path: 组团.shp, units: {population: 万人}}}\n"),
         "pass", measured=8000.0),
    Case("a figure in the manifest in persons", DENSITY,
         lambda folder: manifest(write(folder / "组团.shp", [AREA]).parent,
                                 "values: {clusters: {population: 8000}}\n"), "pass", measured=8000.0),
    Case("a null population", DENSITY,
         persons(geometry=[box(0, 0, 500, 1000), box(500, 0, 1000, 1000)], RK=["4000", ""]),
         "undetermined", unknown("population", "missing-value"), bounds=(4000.0, None), told=("4000",)),
    Case("a population of 999999999", DENSITY,
         persons(geometry=[box(0, 0, 500, 1000), box(500, 0, 1000, 1000)], RK=[4000, 999999999]), "undetermined",
         unknown("population", "unreadable-value"), bounds=(4000.0, None)),
    Case("a breach whatever the missing figure", DENSITY,
         persons(geometry=[box(0, 0, 500, 1000), box(500, 0, 1000, 1000)], RK=[11000, -9999]), "fail",
         unknown("population", "unreadable-value"), bounds=(11000.0, None)),
    Case("a population layer without a field", DENSITY, lambda folder: (clusters(folder), write(
        folder / "人口.shp", [AREA], 备注=["x"])), "undetermined", told=("population",)),
]  # fmt: skip


def mixed(*status: str, stage: str | None = None) -> Any:
    """Nine streets of which some are planned."""

    def build(folder: Path) -> None:
        city(folder, GHZT=list(status))
        if stage:
            manifest(folder, f"stage: {stage}\n")

    return build


def two_stages(folder: Path, stage: str | None = None) -> None:
    """Four streets in one file, five planned ones in another, whose status only the manifest says."""
    write(folder / "主城区.shp", [AREA])
    write(folder / "a.shp", STREETS[:4], DLDJ=["支路"] * 4)
    write(folder / "b.shp", STREETS[4:], DLDJ=["支路"] * 5)
    layers = "[{path: a.shp, defaults: {status: existing}}, {path: b.shp, defaults: {status: planned}}]"
    manifest(folder, (f"stage: {stage}\n" if stage else "") + f"layers: {{roads: {layers}}}\n")


HALF = ("现状",) * 4 + ("规划",) * 5
STAGES = [
    Case("existing and planned streets without a stage", ROADS, mixed(*HALF), "undetermined",
         told=("道路中心线.shp", "stage: existing", "stage: plan")),
    Case("existing and planned streets, existing count", ROADS, mixed(*HALF, stage="existing"), "fail", measured=4.0),
    Case("existing and planned streets, all count", ROADS, mixed(*HALF, stage="plan"), "pass", measured=9.0),
    Case("streets under construction, existing count", ROADS, mixed(*["现状"] * 8, "在建", stage="existing"), "fail",
         measured=8.0),
    Case("planned streets alone", ROADS, mixed(*["规划"] * 9), "pass", measured=9.0),
    Case("planned streets alone, existing count", ROADS, mixed(*["规划"] * 9, stage="existing"), "fail", measured=0.0),
    Case("a blank status among existing ones", ROADS, mixed(*["现状"] * 8, "", stage="existing"), "undetermined",
         bounds=(8.0, 9.0)),
    Case("stages in two files without a stage", ROADS, two_stages, "undetermined", told=("a.shp", "b.shp", "stage:")),
    Case("stages in two files, existing count", ROADS, lambda folder: two_stages(folder, "existing"), "fail",
         measured=4.0),
    Case("stages in two files, all count", ROADS, lambda folder: two_stages(folder, "plan"), "pass", measured=9.0),
]  # fmt: skip

ALL = [*GEOMETRY, *VALUES, *POPULATION, *STAGES]


@pytest.mark.parametrize("case", ALL, ids=ids(ALL))
def test_features_and_values(case: Case, tmp_path: Path) -> None:
    case.hold(tmp_path / "place")


@pytest.mark.parametrize(
    ("written", "width"),
    [("40m", 40.0), ("40米", 40.0), ("４０", 40.0), ("40.0 m", 40.0), ("24-40", None), ("1.5", None), ("250", None)],
)
def test_widths_as_they_are_written(written: str, width: float | None, tmp_path: Path) -> None:
    """Read through the whole of intake: 40 with and without a unit, spans and what no road can be unreadable."""
    from urbanform.intake.read import open_submission, read_submission

    folder = city(tmp_path / "place", HXKD=[written] * 9)
    with open_submission(folder) as handed_in:
        submission = read_submission(handed_in, None, ())
    found = submission.layers["roads"].frame(("red_line_width",))["red_line_width"].tolist()
    kinds = {(defect.kind, str(defect.action)) for defect in submission.defects}
    assert kinds == (set() if width is not None else {("unreadable-value", "unknown")})
    assert found == [width] * 9 if width is not None else np.isnan(found).all()


def test_shares_are_fractions_where_none_is_over_one(tmp_path: Path) -> None:
    from urbanform.intake.read import open_submission, read_submission

    for written, shares in (([0.35, 1.0], [0.35, 1.0]), ([35.0, 0.5], [0.35, 0.005])):
        folder = tmp_path / f"place{written[0]}"
        write(folder / "用地.shp", [UNIT, AREA], YDXZDM=["R2", "G1"], LDL=written)
        with open_submission(folder) as handed_in:
            frame = read_submission(handed_in, None, ()).layers["parcels"].frame(("green_ratio",))
        assert frame["green_ratio"].tolist() == pytest.approx(shares)


def test_curves_are_drawn_by_chords(tmp_path: Path) -> None:
    """A circle of 50 m: 7,853.98 m², to a hundredth of a per cent."""
    import sqlite3
    import struct

    folder = tmp_path / "place"
    path = folder / "组团.gpkg"
    write(path, [box(0, 0, 100, 100)], RK=[8000])
    corners = [(X, Y + 50), (X + 50, Y + 100), (X + 100, Y + 50), (X + 50, Y), (X, Y + 50)]
    arc = b"\x01" + struct.pack("<II", 8, 5) + b"".join(struct.pack("<dd", *corner) for corner in corners)
    curve = b"\x01" + struct.pack("<II", 10, 1) + arc
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{name}"')
        ((blob,),) = database.execute('select geom from "组团"').fetchall()
        database.execute('update "组团" set geom = ?', (blob[:40] + curve,))
        database.execute("update gpkg_geometry_columns set geometry_type_name = 'CURVEPOLYGON'")
    database.close()
    found = outcome(folder, DENSITY)
    assert found.defects == {("clusters", "curves-straightened", "repaired")}
    assert found.measured == pytest.approx(8000 / (np.pi * 2500e-6), rel=1e-4)


def test_a_point_among_buildings_is_a_building_of_which_nothing_is_known(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    renewal(folder)
    for path in folder.glob("建筑.*"):
        path.unlink()
    shapes = [*HOUSES, house(2), point(15, 35)]
    write(folder / "建筑.geojson", shapes, CS=[2, 8, 8, 2], GZFS=["拆除", "保留", "保留", "拆除"])
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "undetermined"
    assert found.defects == {("buildings", "other-geometry-type", "unknown")}
    assert found.features["other-geometry-type"] == ["3"]


def test_the_same_house_in_two_files_of_one_layer_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    write(folder / "更新单元.shp", [UNIT])
    write(folder / "a.shp", HOUSES, JZMJ=[200, 800], CS=[2, 8], GZFS=["拆除", "保留"])
    write(folder / "b.shp", HOUSES[:1], JZMJ=[200], CS=[2], GZFS=["拆除"])
    manifest(folder, "layers: {buildings: [a.shp, b.shp]}\n")
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(20))
    assert found.defects == {("buildings", "duplicate", "repaired")}


def test_land_of_which_a_park_may_be_a_part_never_helps_a_pass(tmp_path: Path) -> None:
    """0810 of the national land survey is park and other green; 1401 is park: only the latter can pass."""
    for code, field, verdict in (("0810", "DLBM", "undetermined"), ("1401", "YDYHFLDM", "pass")):
        folder = tmp_path / code
        write(folder / "建成区.shp", [box(0, 0, 300, 100)])
        home = "0701"
        write(folder / "用地.shp", [box(0, 0, 100, 100), box(120, 0, 300, 100)], **{field: [home, code]})
        assert outcome(folder, "park-service-coverage").verdict == verdict, code


def test_a_layer_with_thousands_of_faults_lists_some_and_counts_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    write(folder / "更新单元.shp", [UNIT])
    shapes = [box(x, 0, x + 0.1, 0.1) for x in np.arange(300) / 5]
    write(folder / "建筑.shp", shapes, CS=["?"] * 300, GZFS=["保留"] * 300)
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "pass"
    assert len(found.features["unreadable-value"]) == 200
    assert "另有 100 个要素同样" in found.messages


def test_a_line_of_one_point_has_no_length(tmp_path: Path) -> None:
    folder = city(tmp_path / "place", geometry=[*STREETS[:8], line((5, 5), (5, 5))])
    found = outcome(folder, ROADS)
    assert (found.verdict, found.measured) == ("fail", pytest.approx(8))


def test_numbers_that_are_no_coordinates(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    with np.errstate(invalid="ignore"):
        broken = shapely.Polygon([(X, Y), (X, np.nan), (X + 9, Y)])
        renewal(folder, suffix=".parquet", geometry=[*HOUSES, broken], **THREE)
    found = outcome(folder, DEMOLITION)
    assert found.defects == {("buildings", "impossible-coordinates", "unknown")}
    assert found.verdict == "pass"
    assert found.bounds == (0, pytest.approx(20))
