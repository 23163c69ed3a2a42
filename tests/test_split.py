"""A province of two counties, cut in two: what a part gives is what the whole gives.

County A lies from x = 0 to 6000 m, county B from 6000 to 12 000 m, both from y = 0 to 6000 m. What is checked lies
near their border, and what it depends on lies across it.
"""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

import places
from urbanform.batch.items import listing
from urbanform.errors import ReportError, SubmissionError
from urbanform.intake.read import open_submission, read_submission
from urbanform.model.assessment import Assessment
from urbanform.model.finding import Verdict
from urbanform.review import Options, Progress, reviewed
from urbanform.split import Standing, Summary, split
from urbanform.split.areas import safe_names

CRS = "EPSG:4547"
box, line, point = places.box, places.line, places.point
COUNTIES = {"甲县": box(0, 0, 6000, 6000), "乙县": box(6000, 0, 12000, 6000)}
OVER_ALL = ("complete-community-coverage", "green-community-share", "fifteen-minute-circle")
Halves = tuple[Summary, Path]
PACKS = ("henan", "national-2021-63", "jiaozuo", "liangshan", "heilongjiang", "national-2021-45")


def write(folder: Path, name: str, shapes: list[Any], crs: str | None = CRS, **columns: list[Any]) -> Path:
    """One layer as a GeoPackage; without columns it has its feature numbers alone."""
    path = folder / f"{name}.gpkg"
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=crs))
    with warnings.catch_warnings():
        # Of a layer without a system pyogrio says so.
        warnings.simplefilter("ignore" if crs is None else "default")
        pyogrio.write_dataframe(frame, path, driver="GPKG", layer=name)
    return path


def counties(folder: Path) -> None:
    write(folder, "县界", list(COUNTIES.values()), NAME=list(COUNTIES))


def manifest(folder: Path, text: str = "") -> None:
    (folder / "submission.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of layer, in both counties or across their border."""
    folder = tmp_path_factory.mktemp("province") / "全省"
    folder.mkdir()
    counties(folder)
    write(
        folder, "县城", [box(3000, 1000, 6000, 3000), box(7000, 1000, 9000, 3000)], id=["s1", "s2"], RK=[52000, 20000]
    )
    # The built-up area of A crosses the border; B has none.
    write(folder, "建成区", [box(4000, 1000, 6900, 4000)], RK=[80000])
    write(folder, "组团", [box(3500, 500, 6200, 3500), box(7500, 500, 9500, 2500)], id=["c1", "c2"], RK=[75000, 60000])
    write(
        folder,
        "更新单元",
        # u1 lies across the border, most of it in A; u2 in B.
        [box(5800, 3000, 6100, 3200), box(7000, 3500, 7300, 3700)],
        id=["u1", "u2"],
        HS=[100, 200],
        HSAZ=[60, 80],
    )
    write(
        folder,
        "建筑",
        [
            box(5820, 3020, 5860, 3060),  # in u1, in A
            box(6020, 3020, 6060, 3060),  # in u1, in B
            box(5990, 3100, 6020, 3120),  # in u1, across the border, most in B
            box(7020, 3520, 7060, 3560),  # in u2
            box(5900, 2000, 5930, 2030),  # homes in the seat of A
            box(8000, 2000, 8030, 2030),  # homes in the seat of B
            box(5990, 2990, 6005, 2999),  # across the border, in no unit
            box(9000, 5000, 9030, 5030),
        ],
        bid=list("abcdefgh"),
        storeys=[3, 6, 4, 5, 12, 20, 2, 3],
        height=[10.0, 20, 14, 17, 36, 60, 7, 11],
        action=["demolish", "retain", "demolish", "demolish", "new", "new", "new", "new"],
        use=[
            "residential",
            "residential",
            "residential",
            "residential",
            "residential",
            "residential",
            "public",
            "public",
        ],
        year_built=[2010, 1980, 2005, 1990, 2024, 2024, 2024, 2024],
        pv_area=[None, None, None, None, 0.0, 0.0, 100.0, 500.0],
    )
    # A corridor drawn in two halves that touch at the border, 200 m wide, with a house of B 20 m into it.
    write(folder, "生态廊道", [box(3000, 4000, 6000, 4200), box(6000, 4000, 8000, 4200)], id=["k1", "k2"])
    homes = [box(5600, 1500, 5800, 1700), box(4100, 1500, 4300, 1700), box(7100, 1500, 7300, 1700)]
    write(folder, "用地", [*homes, box(6200, 3990, 6230, 4020)], YDYHFLDM=["0701", "0701", "0701", "0901"])
    # The only park lies just across the border of A, inside its built-up area: 100 m × 100 m.
    write(folder, "公园", [box(6050, 1550, 6150, 1650)])
    write(folder, "绿地", [box(6300, 1500, 6330, 1530)], kind=["public"])
    write(folder, "道路", [line((3000, 1200), (9000, 1200)), line((3000, 2500), (9000, 2500))], **{
        "class": ["arterial", "branch"], "red_line_width": [40.0, 18.0], "status": ["现状", "现状"]})  # fmt: skip
    write(
        folder, "步行道", [line((5000, 1600), (6060, 1600)), line((6060, 1600), (7000, 1600))], status=["existing"] * 2
    )
    write(folder, "绿道", [line((4000, 2800), (8000, 2800))], status=["existing"])
    write(folder, "广场", [box(5900, 1900, 6000, 2000), box(6000, 1900, 6100, 2000)])
    write(folder, "水体", [box(1000, 3500, 1100, 3600)])
    write(folder, "下垫面", [box(4000, 1000, 6000, 4000), box(6000, 1000, 6900, 4000)], permeable=[30, 80])
    write(folder, "居住社区", [box(5000, 1000, 6000, 2000), box(7000, 1000, 8000, 2000)], id=["m1", "m2"],
          complete=["是", "否"], green=["否", "是"])  # fmt: skip
    write(folder, "历史文化保护范围", [box(5850, 3040, 6050, 3110)], id=["h1"])
    write(folder, "高度控制区", [box(5800, 1900, 8100, 2100)], height_limit=[30.0])
    # The village of A touches a flood zone of which most lies in B.
    write(folder, "村庄", [box(5700, 5000, 5990, 5200), box(11000, 5000, 11200, 5200)], id=["v1", "v2"])
    write(folder, "灾害风险区", [box(5950, 5000, 6500, 5300)], kind=["flood"])
    write(folder, "公共服务设施", [point(6100, 1600), point(5000, 1600)], kind=["小学", "幼儿园"])
    cells = np.full((60, 120), 20.0, dtype="float32")
    cells[:, 60:] = 35.0
    with rasterio.open(
        folder / "人口.tif", "w", driver="GTiff", width=120, height=60, count=1, dtype="float32", crs=CRS, nodata=-9999,
        transform=from_origin(places.X, places.Y + 6000, 100, 100),
    ) as written:  # fmt: skip
        written.write(cells, 1)
    manifest(
        folder,
        """
name: 全省
stage: existing
layers:
  built_up_area: {path: 建成区.gpkg, fields: {population: RK}}
  county_seat: {path: 县城.gpkg, fields: {population: RK}, units: {population: 人}}
  renewal_units: {path: 更新单元.gpkg, fields: {households: HS, resettled_households: HSAZ}}
  buildings: {path: 建筑.gpkg, fields: {id: bid}}
  facilities: 公共服务设施.gpkg
""",
    )
    return folder


@pytest.fixture(scope="module")
def halves(province: Path) -> Halves:
    """The province cut once."""
    return cut(province)


def assessed(folder: Path, rules: str) -> Assessment:
    with reviewed(folder, Options(rules=rules, as_of=2026), Progress()) as found:
        return found


def figures(assessment: Assessment) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Rule and subject → verdict, figure and bounds."""
    return {
        (finding.rule.id, item.subject.id): (item.verdict, item.subject.value, item.subject.bounds)
        for finding in assessment.findings
        for item in finding.subjects
    }


def alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two agree: figures to a billionth, bounds as well, an open end only with an open end."""

    def flat(found: tuple[Any, ...]) -> list[float]:
        verdict, value, bounds = found
        ends = (None, None) if bounds is None else (bounds.low, bounds.high)
        return [float(list(Verdict).index(verdict)), *(np.nan if end is None else end for end in (value, *ends))]

    return bool(np.allclose(flat(one), flat(other), rtol=1e-9, atol=1e-9, equal_nan=True))


def cut(folder: Path, by: str = "县界.gpkg") -> tuple[Summary, Path]:
    out = folder.parent / "parts"
    return split(folder, by, out), out


@pytest.mark.parametrize("rules", [*PACKS[:2], *(pytest.param(pack, marks=pytest.mark.long) for pack in PACKS[2:])])
def test_parts_give_the_figures_of_the_whole(province: Path, halves: Halves, rules: str) -> None:
    """Every subject of every rule has in one part the verdict, figure and bounds that it has in the whole.

    Those that cannot: shares over all new buildings, communities or homes are of those of each county, the circle of
    fifteen minutes without a scope of every home in the margin as well.
    """
    _, out = halves
    whole, parts = figures(assessed(province, rules)), [figures(assessed(out / name, rules)) for name in COUNTIES]
    assert len(whole) > (0 if rules.endswith("45") else 5)
    over_all = {key for key in whole if key[0].startswith("pv-") or key[1] == "all"}
    lost = {}
    for key, wanted in whole.items():
        if key in over_all or key[0] in OVER_ALL:
            continue
        # A road in two county seats is told apart by their ids, in one by none.
        plain = key[0], key[1].partition("@")[0]
        found = [part[plain] for part in parts if plain in part]
        if not any(alike(wanted, item) for item in found):
            lost[key] = wanted, found
    # Between clusters of two counties no part looks for a corridor: the summary tells of it.
    lost.pop(("corridor-continuity", "c1+c2"), None)
    assert not lost


def test_the_case_holds_what_it_is_about(halves: Halves) -> None:
    """The park across the border serves the homes of A, the flood zone across it reaches its village, the corridor
    goes on, and the figures of the whole are no blanks."""
    _, out = halves
    part = figures(assessed(out / "甲县", "henan"))
    # Of two homes of 200 m × 200 m in the built-up area only the eastern one lies within 500 m of the park.
    assert part["park-service-coverage", "1"][1] == pytest.approx(50.0, abs=0.1)
    # 40 m × 200 m of the village, of which nobody knows what stands there.
    assert part["village-site-safety", "v1"][0] is Verdict.UNDETERMINED
    # Both halves of the corridor, narrowed by a parcel that stands 20 m into it from the south.
    widths = {key: found for key, found in part.items() if key[0] == "corridor-net-width"}
    assert [found[1] for found in widths.values()] == [pytest.approx(180.0, abs=0.01)]
    assert not [key for key in figures(assessed(out / "乙县", "henan")) if key[0] == "corridor-net-width"]


def standing(summary: Summary) -> dict[str, dict[str, Standing]]:
    return {part.name: {role: item.standing for role, item in part.roles.items()} for part in summary.parts}


def test_every_role_stands_somehow_in_every_part(halves: Halves) -> None:
    """What is not in an area is declared none, is empty, or is judged elsewhere; nothing vanishes."""
    summary, out = halves
    found = standing(summary)
    assert set(found["甲县"]) == set(found["乙县"])
    # No built-up area lies in B but for the part of A's that crosses the border.
    assert found["乙县"]["built_up_area"] is Standing.SET_ASIDE
    assert found["乙县"]["corridors"] is Standing.SET_ASIDE
    assert found["乙县"]["heritage_zones"] is Standing.SET_ASIDE
    told = json.loads((out / "parts.json").read_text(encoding="utf-8"))
    why = told["parts"][1]["roles"]["corridors"]["why"][0]
    assert "甲县" in why["zh"]
    assert "甲县" in why["en"]
    assert {item["role"] for item in told["layers"]} == set(found["甲县"])
    assert any(note["code"] == "pairs-across" and "1" in note["zh"] for note in told["notes"])
    assert [item.name for item in listing(out).items] == ["乙县", "甲县"]


def buildings_of(part: Path) -> dict[str, list[str]]:
    return {path.stem: sorted(pyogrio.read_dataframe(path)["bid"]) for path in sorted(part.glob("buildings*.gpkg"))}


def test_a_building_belongs_to_one_area_and_is_lent_without_its_panels(halves: Halves) -> None:
    """b lies in B inside A's unit; c across the border, 10 m in A and 20 m in B; g 10 m in A and 5 m in B."""
    summary, out = halves
    assert buildings_of(out / "甲县") == {"buildings": ["a", "e", "g"], "buildings-beyond": ["b", "c"]}
    assert buildings_of(out / "乙县") == {"buildings": ["b", "c", "d", "f", "h"]}
    lent = pyogrio.read_info(out / "甲县" / "buildings-beyond.gpkg")["fields"].tolist()
    assert "pv_area" not in lent
    assert {"bid", "storeys", "action"} <= set(lent)
    assert summary.parts[0].roles["buildings"].own == 3
    assert summary.parts[0].roles["buildings"].margin == 2


def test_panels_of_a_lent_building_lift_no_share(tmp_path: Path) -> None:
    """A's one new public building has 10 % of its roof under panels; one of B, all covered and nine times as large,
    reaches into A's unit. Counted together they would give 91 %."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "更新单元", [box(5800, 3000, 6100, 3200)])
    write(
        folder,
        "建筑",
        [box(5000, 1000, 5010, 1010), box(6010, 3010, 6040, 3040)],
        action=["new", "new"],
        use=["public", "public"],
        storeys=[3, 3],
        pv_area=[10.0, 900.0],
        installable_roof_area=[100.0, 900.0],
    )
    _, out = cut(folder)
    verdicts = [assessed(out / name, "henan") for name in COUNTIES]
    found = [{f.rule.id: f.verdict for f in item.findings}["pv-coverage-public-new"] for item in verdicts]
    assert found[0] in (Verdict.UNDETERMINED, Verdict.FAIL)
    assert found[1] in (Verdict.PASS, Verdict.PENDING)


def text_of(part: Path) -> str:
    return (part / "submission.yaml").read_text(encoding="utf-8")


def read(part: Path) -> Any:
    with open_submission(part) as handed_in:
        return read_submission(handed_in, None, ())


def test_a_layer_that_cannot_be_used_is_so_in_every_part(tmp_path: Path) -> None:
    """Roads without a CRS, parks that are no GeoPackage: neither can be laid over the counties."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "道路", [line((0, 0), (9000, 0))], crs=None, **{"class": ["branch"]})
    (folder / "公园.gpkg").write_bytes(b"")
    write(folder, "水体", [box(1000, 1000, 1100, 1100)])
    summary, out = cut(folder)
    assert set(summary.faults) == {"roads", "parks"}
    for name in COUNTIES:
        assert set(read(out / name).faults) == {"roads", "parks"}
        assert "坐标系" in (out / name / "道路中心线-未切分.geojson").read_text(encoding="utf-8")
    assert "water" in read(out / "乙县").none
    assert "water" not in read(out / "甲县").none


def test_a_role_without_features_is_none_only_where_it_may_be(tmp_path: Path) -> None:
    """Parks and renewal units in A alone, both far from the border: B has none of the first, the second is empty."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "公园", [box(1000, 1000, 1100, 1100)])
    write(folder, "更新单元", [box(1000, 3000, 1100, 3200)])
    summary, out = cut(folder)
    assert standing(summary)["乙县"] == {"parks": Standing.NONE, "renewal_units": Standing.EMPTY}
    part = read(out / "乙县")
    assert part.none == {"parks"}
    assert set(part.faults) == {"renewal_units"}


def test_features_of_no_known_place_go_everywhere(tmp_path: Path) -> None:
    """One cluster without a shape: it may lie in either county, and leaves the figures of both open."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "组团", [box(100, 100, 200, 200), None], id=["c1", "c2"], RK=[500, 600])
    summary, out = cut(folder)
    assert [layer.nowhere for layer in summary.layers] == [1]
    assert list(read(out / "甲县").layers["clusters"].frame(("id",))["id"]) == ["c1", "c2"]
    assert list(read(out / "乙县").layers["clusters"].frame(("id",))["id"]) == ["c2"]


def test_what_lies_in_no_area_is_told(tmp_path: Path) -> None:
    """A village 3 km west of A, a park 4 km west of it and one 2 km west, which the margin still holds."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "村庄", [box(-3100, 0, -3000, 100), box(0, 0, 100, 100)])
    write(folder, "公园", [box(-4100, 0, -4000, 100), box(-2100, 0, -2000, 100)])
    summary, _ = cut(folder)
    told = {layer.role: (layer.outside, layer.outside_ids) for layer in summary.layers}
    assert told == {"villages": (1, ["1"]), "parks": (1, ["1"])}
    assert summary.parts[0].roles["parks"].margin == 1


def test_a_layer_of_another_place_is_set_aside_not_none(tmp_path: Path) -> None:
    """Roads 600 km east, as a wrong zone puts them, with clusters and without: no part may say that it has no road."""
    for number, also in enumerate(([], ["组团"])):
        folder = tmp_path / str(number) / "全省"
        folder.mkdir(parents=True)
        counties(folder)
        for name in also:
            write(folder, name, [box(100, 100, 900, 900)], RK=[500])
        write(folder, "道路", [line((600000, 0), (600900, 0))], **{"class": ["branch"]})
        write(folder, "公园", [box(0, 0, 100, 100)])
        summary, out = cut(folder)
        assert list(summary.faults) == ["roads"]
        assert "roads" in read(out / "甲县").faults


def test_percent_stays_percent_in_a_part(tmp_path: Path) -> None:
    """Surfaces in percent: 60 in A, 1 in B. Alone, the 1 of B would be read as all of it."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "下垫面", [box(0, 0, 1000, 1000), box(11000, 0, 12000, 1000)], permeable=[60.0, 1.0])
    _, out = cut(folder)
    shares = [read(out / name).layers["surfaces"].frame(("permeable",))["permeable"].tolist() for name in COUNTIES]
    assert shares == [[0.6], [0.01]]


def test_fractions_stay_fractions(tmp_path: Path) -> None:
    """Fractions are mapped to nothing: 1 is all of it."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "下垫面", [box(0, 0, 1000, 1000), box(11000, 0, 12000, 1000)], permeable=[0.6, 1.0])
    _, out = cut(folder)
    assert read(out / "乙县").layers["surfaces"].frame(("permeable",))["permeable"].tolist() == [1.0]
    assert "map" not in text_of(out / "乙县")


def test_a_status_blank_here_and_written_elsewhere_leaves_it_open(tmp_path: Path) -> None:
    """Roads of A say that they exist, that of B says nothing: in the whole it is uncertain, alone it would count."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    roads = [line((0, 0), (900, 0)), line((11000, 0), (12000, 0))]
    write(folder, "道路", roads, **{"class": ["branch", "branch"], "status": ["现状", None]})
    assert read(folder).layers["roads"].frame()["certain"].tolist() == [True, False]
    summary, out = cut(folder)
    assert standing(summary) == {"甲县": {"roads": Standing.CUT}, "乙县": {"roads": Standing.SET_ASIDE}}
    assert set(read(out / "乙县").faults) == {"roads"}


def test_ids_are_those_of_the_whole(tmp_path: Path) -> None:
    """Subjects without an id are called by their feature number, in a part by that of the whole."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "村庄", [box(0, 0, 100, 100), box(11000, 0, 11100, 100), box(11200, 0, 11300, 100)])
    _, out = cut(folder)
    assert read(folder).layers["villages"].frame(("id",))["id"].tolist() == ["1", "2", "3"]
    assert read(out / "乙县").layers["villages"].frame(("id",))["id"].tolist() == ["2", "3"]


def test_a_raster_is_cut_on_its_own_grid(province: Path, halves: Halves) -> None:
    """Cells of 100 m: the corridor of A ends at x = 8000, its margin 3004 m beyond, in the cell that ends at 11 100."""
    _, out = halves
    with rasterio.open(out / "甲县" / "population.tif") as part, rasterio.open(province / "人口.tif") as whole:
        assert part.nodata == whole.nodata
        assert part.dtypes == whole.dtypes
        assert (part.transform.a, part.transform.e) == (100, -100)
        assert part.bounds.left == places.X
        assert part.bounds.right == places.X + 11100
        assert np.array_equal(part.read(1), whole.read(1)[:, :111])


def test_a_raster_that_misses_an_area_hides_the_alternative(tmp_path: Path) -> None:
    """The raster covers A alone. In B the clusters' own field must not take its place, as it does not in the whole."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "组团", [box(100, 100, 900, 900), box(11000, 100, 11900, 900)], id=["c1", "c2"], RK=[500, 600])
    with rasterio.open(
        folder / "人口.tif", "w", driver="GTiff", width=10, height=10, count=1, dtype="float32", crs=CRS,
        transform=from_origin(places.X, places.Y + 1000, 100, 100),
    ) as written:  # fmt: skip
        written.write(np.ones((10, 10), dtype="float32"), 1)
    _, out = cut(folder)
    found = {f.rule.id: f.verdict for f in assessed(out / "乙县", "henan").findings}
    assert found["cluster-population-density"] is Verdict.UNDETERMINED
    assert set(read(out / "乙县").faults) == {"population"}


def test_what_the_manifest_says_is_carried_over(tmp_path: Path) -> None:
    """Settings, fields, own words, a joined table and a figure for the one built-up area, which lies in A."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "建成区", [box(0, 0, 1000, 1000)])
    write(folder, "组团", [box(0, 0, 900, 900), box(11000, 0, 12000, 900)], ZTMC=["一", "二"])
    write(folder, "路", [line((0, 0), (9000, 0)), line((0, 9), (9000, 9))], DJ=["主", "废"])
    (folder / "表").mkdir()
    (folder / "表" / "人口.csv").write_text("组团名称,常住\n一,5000\n二,6000\n", encoding="utf-8")
    manifest(
        folder,
        """
name: 某省
kind: [city, village]
rules: henan
as_of: 2027
stage: plan
place: {province: 河南省, city: 鹤壁市, city_level: prefecture}
none: [plazas]
values: {built_up_area: {population: 12000}}
layers:
  built_up_area: {path: 建成区.gpkg, units: {population: 人}}
  clusters: {path: 组团.gpkg, units: {population: 人},
             join: {path: 表/人口.csv, on: {ZTMC: 组团名称}, take: {population: 常住}}}
  roads: {path: 路.gpkg, where: {DJ: 主}, fields: {class: DJ}, map: {class: {主: arterial}}}
""",
    )
    _, out = cut(folder)
    with open_submission(out / "甲县") as handed_in:
        told = handed_in.manifest
    assert told.name == "某省 甲县"
    assert [str(kind) for kind in told.kinds] == ["city", "village"]
    assert (told.rules, told.as_of, str(told.stage)) == ("henan", 2027, "plan")
    assert (told.place.province, told.place.city, told.place.county) == ("河南省", "鹤壁市", "甲县")
    assert "plazas" in told.none
    assert told.values == {"built_up_area": {"population": 12000.0}}
    one, other = read(out / "甲县"), read(out / "乙县")
    assert one.layers["built_up_area"].frame(("population",))["population"].tolist() == [12000.0]
    assert one.layers["roads"].frame(("class",))["class"].tolist() == ["arterial"]
    assert [part.layers["clusters"].frame(("population",))["population"].tolist() for part in (one, other)] == [
        [5000.0],
        [6000.0],
    ]
    assert "values" not in text_of(out / "乙县")


def test_what_would_be_refused_whole_is_refused_in_parts(tmp_path: Path) -> None:
    """A figure for a layer of two features says nothing of either, though each part has but one of them."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "县城", [box(0, 0, 1000, 1000), box(11000, 0, 12000, 1000)])
    manifest(folder, "values: {county_seat: {population: 9000}}\nlayers: {county_seat: 县城.gpkg}\n")
    _, out = cut(folder)
    for name in COUNTIES:
        assert set(read(out / name).faults) == {"county_seat"}


def test_text_of_an_old_shapefile_is_read_once_and_for_all(tmp_path: Path) -> None:
    """GBK without a .cpg: intake guesses it by all of its bytes, so the parts are in UTF-8."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    frame = gpd.GeoDataFrame(
        {"名称": ["南关村", "北关村"]}, geometry=[box(0, 0, 9, 9), box(11000, 0, 11009, 9)], crs=CRS
    )
    pyogrio.write_dataframe(frame, folder / "村庄.shp", encoding="GBK")
    (folder / "村庄.cpg").unlink(missing_ok=True)
    _, out = cut(folder)
    assert pyogrio.read_dataframe(out / "乙县" / "villages.gpkg")["名称"].tolist() == ["北关村"]


def test_areas_may_be_a_role_a_layer_of_a_container_or_a_name(tmp_path: Path) -> None:
    """A GeoPackage with everything in it, cut by its own layer of clusters, by path, by name and by role."""
    path = tmp_path / "全省.gpkg"
    areas = gpd.GeoDataFrame({"name": list(COUNTIES)}, geometry=list(COUNTIES.values()), crs=CRS)
    pyogrio.write_dataframe(areas, path, layer="clusters")
    parks = gpd.GeoDataFrame(geometry=[box(10, 10, 20, 20), box(11010, 10, 11020, 20)], crs=CRS)
    pyogrio.write_dataframe(parks, path, layer="公园", append=True)
    for number, by in enumerate(("全省.gpkg#clusters", "clusters")):
        summary = split(path, by, tmp_path / f"parts-{number}")
        assert [part.name for part in summary.parts] == list(COUNTIES)
        assert standing(summary)["乙县"] == {"clusters": Standing.CUT, "parks": Standing.CUT}


def test_polygons_of_one_name_are_one_area(tmp_path: Path) -> None:
    """A county of two polygons, and one without a name, which is called by its number."""
    folder = tmp_path / "全省"
    folder.mkdir()
    write(folder, "县界", [box(0, 0, 10, 10), box(20, 0, 30, 10), box(40, 0, 50, 10)], NAME=["甲县", "甲县", None])
    write(folder, "公园", [box(1, 1, 2, 2)])
    summary, _ = cut(folder)
    assert [(part.name, part.area_km2) for part in summary.parts] == [("甲县", 0.0002), ("3", 0.0001)]


def test_folders_have_names_that_every_system_can_have() -> None:
    found = safe_names(["甲/乙", "甲:乙", "CON", " 县. ", "A", "a", ".x", "parts.json", "区.zip", ""])
    assert found == ("甲_乙", "甲_乙-2", "_CON", "县", "A", "a-2", "_.x", "parts.json-2", "区.zip_", "_")


@pytest.mark.parametrize(
    ("by", "code"),
    [("县届.gpkg", "by-unknown"), ("道路.gpkg", "by-not-polygons"), ("county_seat", "by-unknown")],
)
def test_areas_that_cannot_be_used_are_refused(tmp_path: Path, by: str, code: str) -> None:
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "道路", [line((0, 0), (9000, 0))], **{"class": ["branch"]})
    with pytest.raises(SubmissionError) as caught:
        cut(folder, by)
    assert caught.value.faults[0].code == code
    assert not (tmp_path / "parts").exists()


def test_a_broken_area_is_named_and_refused(tmp_path: Path) -> None:
    """A bow tie: what it holds cannot be told."""
    folder = tmp_path / "全省"
    folder.mkdir()
    tie = shapely.Polygon([(places.X + x, places.Y + y) for x, y in [(0, 0), (100, 100), (100, 0), (0, 80)]])
    write(folder, "县界", [tie, box(200, 0, 300, 100)], NAME=["甲县", "乙县"])
    write(folder, "公园", [box(1, 1, 2, 2)])
    with pytest.raises(SubmissionError, match="甲县（1）"):
        cut(folder)


def test_folders_that_hold_something_are_left_alone(province: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "x.txt").write_text("x", encoding="utf-8")
    for out in (taken, province / "inside", taken / "x.txt"):
        with pytest.raises(SubmissionError):
            split(province, "县界.gpkg", out)
    assert [item.name for item in taken.iterdir()] == ["x.txt"]
    assert not (province / "inside").exists()


def test_a_part_is_there_whole_or_not_at_all(province: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken off while the last layer is written, it leaves neither the folder nor drafts beside it."""
    before = sorted(item.name for item in tmp_path.iterdir())

    def break_off(*args: object) -> Callable[..., None]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("urbanform.split.copy_beside", break_off)
    with pytest.raises(ReportError, match=r"磁盘|空间"):
        split(province, "县界.gpkg", tmp_path / "parts")
    assert sorted(item.name for item in tmp_path.iterdir()) == before


def test_the_same_input_gives_the_same_summary(province: Path, halves: Halves, tmp_path: Path) -> None:
    again = split(province, "县界.gpkg", tmp_path / "again")
    assert (halves[1] / "parts.json").read_bytes() == (tmp_path / "again" / "parts.json").read_bytes()
    assert again.as_json() == halves[0].as_json()


def test_a_local_grid_stays_local(tmp_path: Path) -> None:
    """Coordinates of nowhere in particular: the manifest says so, and the parts say it as well."""
    folder = tmp_path / "全省"
    folder.mkdir()
    local = {name: shapely.transform(shape, lambda xy: xy - [places.X, places.Y]) for name, shape in COUNTIES.items()}
    write(folder, "县界", list(local.values()), crs=None, NAME=list(local))
    write(folder, "公园", [shapely.box(10, 10, 90, 90), shapely.box(11000, 0, 11100, 100)], crs=None)
    manifest(folder, "crs: local-metres\nlayers: {parks: 公园.gpkg}\n")
    _, out = cut(folder)
    part = read(out / "乙县")
    assert part.local
    assert part.layers["parks"].frame().geometry.area.tolist() == [10000.0]


def test_degrees_are_cut_by_metres(tmp_path: Path) -> None:
    """Parks in longitude and latitude, 2.9 km and 3.1 km beyond the border of A."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    shapes = gpd.GeoSeries([box(8890, 3000, 8910, 3020), box(9100, 3000, 9120, 3020)], crs=CRS).to_crs("EPSG:4490")
    write(folder, "公园", list(shapes), crs="EPSG:4490")
    summary, out = cut(folder)
    assert [part.roles["parks"].own + part.roles["parks"].margin for part in summary.parts] == [1, 2]
    assert pyogrio.read_info(out / "甲县" / "parks.gpkg")["crs"] == "EPSG:4490"


def test_a_raster_cut_short_is_set_aside_everywhere(tmp_path: Path) -> None:
    """Its middle blocks are gone: what is read at the door is whole, what is cut is not."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "组团", [box(100, 100, 900, 900)], RK=[500])
    path = folder / "人口.tif"
    profile = {"driver": "GTiff", "width": 1200, "height": 600, "count": 1, "dtype": "float32", "crs": CRS}
    grid = from_origin(places.X, places.Y + 6000, 10, 10)
    with rasterio.open(path, "w", **profile, transform=grid, tiled=True, compress="deflate") as written:
        written.write(np.random.default_rng(1).random((600, 1200), dtype="float32"), 1)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    path.write_bytes(bytes(data))
    summary, out = cut(folder)
    assert list(summary.faults) == ["population"]
    assert not list(out.glob("*/population.tif"))
    assert set(read(out / "甲县").faults) == {"population"}


def test_none_means_what_the_empty_ground_of_the_whole_means(tmp_path: Path) -> None:
    """A has homes and parcels of park and plaza, but of the layers of parks, plazas, green, water, surfaces, roads and
    hazards nothing: all of that lies in B, 5 km away. Its rules must not fall back on the parcels."""
    folder = tmp_path / "全省"
    folder.mkdir()
    counties(folder)
    write(folder, "建成区", [box(1000, 1000, 2000, 2000)])
    write(folder, "县城", [box(1000, 1000, 2000, 2000)])
    write(folder, "村庄", [box(100, 100, 200, 200)])
    write(
        folder,
        "用地",
        [box(1100, 1100, 1300, 1300), box(1400, 1100, 1600, 1300), box(1000, 1500, 1300, 1800)],
        YDYHFLDM=["0701", "1401", "1403"],
    )
    far = box(11000, 1000, 11200, 1200)
    for name in ("公园", "广场", "水体", "灾害风险区"):
        write(folder, name, [far])
    write(folder, "绿地", [far], kind=["park"])
    write(folder, "下垫面", [far], permeable=[1.0])
    write(folder, "道路", [line((11000, 0), (11900, 0))], **{"class": ["branch"], "red_line_width": [20.0]})
    write(folder, "生态廊道", [box(200, 3000, 1200, 3200)])
    _, out = cut(folder)
    none = read(out / "甲县").none
    assert none == {"parks", "plazas", "water", "hazard_zones", "green_spaces", "surfaces", "roads"}
    for rules in ("henan", "liangshan"):
        whole, part = figures(assessed(folder, rules)), figures(assessed(out / "甲县", rules))
        # Without any road or path here nothing is measured on foot, for information; the whole says 0 %.
        gone = {key for key in whole if key[1].endswith("on foot")}
        assert whole.keys() - gone == part.keys()
        assert {key: (whole[key], part[key]) for key in part if not alike(whole[key], part[key])} == {}
