"""Coordinate systems as bureaus hand them in: wrong zones, wrong forms, swapped axes, degrees, shifted layers."""

import itertools
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
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
    frame,
    ids,
    manifest,
    moved,
    outcome,
    population_raster,
    renewal,
    run,
    shifted,
    write,
)
from places import box
from urbanform.intake.offsets import bd09_offset_m, gcj02_offset_m

LOCAL_114_25 = (
    "+proj=tmerc +lat_0=0 +lon_0=114.25 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"  # as cities have them
)


def labelled(label: Any, of: Any = None, **how: Any) -> Any:
    """The city in the coordinates of one system, labelled as another."""

    def build(folder: Path) -> None:
        write(folder / "主城区.shp", [moved(AREA, of)], label, MC=["甲城"])
        write(folder / "道路中心线.shp", [moved(street, of) for street in STREETS], label, DLDJ=["支路"] * 9)
        if how:
            manifest(folder, "".join(f"{key}: {value}\n" for key, value in how.items()))

    return build


def roads_labelled(crs: Any, coordinates: Any) -> Any:
    """The main urban area as it should be; the streets in some coordinates and with some label."""

    def build(folder: Path) -> None:
        write(folder / "主城区.shp", [AREA])
        write(folder / "道路中心线.shp", [coordinates(street) for street in STREETS], crs, DLDJ=["支路"] * 9)

    return build


def of(crs: Any) -> Any:
    return lambda shape: moved(shape, crs)


def swapped(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def without_prj(folder: Path) -> None:
    for path in city(folder).glob("*.prj"):
        path.unlink()


def no_prj_but_manifest(folder: Path) -> None:
    without_prj(folder)
    manifest(folder, "crs: EPSG:4547\n")


def one_layer_by_manifest(folder: Path) -> None:
    """The streets say 4548, the manifest knows better; a note says so."""
    write(folder / "主城区.shp", [AREA])
    write(folder / "道路中心线.shp", STREETS, "EPSG:4548", DLDJ=["支路"] * 9)
    manifest(folder, "layers: {roads: {path: 道路中心线.shp, crs: EPSG:4547}}\n")


def local_grid(folder: Path) -> None:
    """Coordinates counted from a stone in the market."""
    write(folder / "主城区.shp", [box(-500_000, -3_950_000, -499_000, -3_949_000)], None)
    near = [shifted(street, -500_000 - 500_000, -3_950_000 - 3_950_000) for street in STREETS]
    write(folder / "道路中心线.shp", near, None, DLDJ=["支路"] * 9)


def local_grid_that_says_so(folder: Path) -> None:
    write(folder / "主城区.shp", [shifted(AREA, -500_000, -3_950_000)], None)
    write(folder / "道路中心线.shp", [shifted(s, -500_000, -3_950_000) for s in STREETS], None, DLDJ=["支路"] * 9)
    manifest(folder, "crs: local-metres\n")


def local_grid_beside_a_known_one(folder: Path) -> None:
    write(folder / "主城区.shp", [AREA])
    write(folder / "道路中心线.shp", [shifted(s, -500_000, -3_950_000) for s in STREETS], None, DLDJ=["支路"] * 9)
    manifest(folder, "crs: local-metres\n")


def in_feet(folder: Path) -> None:
    """A survey in feet; the length is measured in metres all the same."""
    feet = pyproj.CRS.from_user_input("+proj=tmerc +lon_0=114 +k=1 +x_0=500000 +ellps=GRS80 +units=ft +no_defs")
    table = frame(STREETS, DLDJ=["支路"] * 9).to_crs(feet)
    write(folder / "主城区.shp", [AREA])
    table.to_file(folder / "道路中心线.gpkg")


def roads(kind: str, action: str = "rejected") -> set[tuple[str, str, str]]:
    return {("roads", kind, action)}


def both(kind: str, action: str = "rejected") -> set[tuple[str, str, str]]:
    return {("main_urban_area", kind, action), ("roads", kind, action)}


NINE = {"verdict": "pass", "measured": 9.0}
CASES = [
    Case("as it should be", ROADS, labelled("EPSG:4547"), **NINE),
    Case("the prefixed form of the zone", ROADS, labelled("EPSG:4526", "EPSG:4526"), **NINE),
    Case("degrees of CGCS2000", ROADS, labelled("EPSG:4490", "EPSG:4490"), **NINE),
    Case("degrees of WGS 84 beside a zone of CGCS2000", ROADS, roads_labelled("EPSG:4326", of("EPSG:4326")), **NINE),
    # 2.99° from the meridian lengths are drawn 0.09 % too long, areas 0.18 %: still the layers' own, 9 / 1.0009.
    Case("a 6-degree zone, at its edge", ROADS, labelled("EPSG:4509", "EPSG:4509"), "pass", measured=8.99186),
    Case("Xian 1980 throughout", ROADS, labelled("EPSG:2383", "EPSG:2383"), defects=both("crs-old-datum", "noted"),
         **NINE),
    Case("Web Mercator", ROADS, labelled("EPSG:3857", "EPSG:3857"), defects=both("crs-mercator", "noted"), **NINE),
    Case("World Mercator", ROADS, labelled("EPSG:3395", "EPSG:3395"), defects=both("crs-mercator", "noted"), **NINE),
    Case("a local meridian of its own", ROADS, labelled(LOCAL_114_25, LOCAL_114_25),
         defects=both("crs-local-meridian", "noted"), **NINE),
    Case("feet", ROADS, in_feet, defects=roads("crs-not-metres", "noted"), **NINE),
    Case("prefixed eastings labelled plain", ROADS, roads_labelled("EPSG:4547", of("EPSG:4526")),
         "undetermined", roads("crs-prefixed-under-plain"), told=("道路中心线.shp", "8 位", "crs: EPSG:4526")),
    Case("plain eastings labelled prefixed", ROADS, roads_labelled("EPSG:4526", lambda shape: shape),
         "undetermined", roads("crs-plain-under-prefixed"), told=("道路中心线.shp", "6 位", "crs: EPSG:4547")),
    Case("prefixed eastings of another zone", ROADS, roads_labelled("EPSG:4527", of("EPSG:4526")),
         "undetermined", roads("crs-other-prefix"), told=("38", "crs: EPSG:4526")),
    Case("X and Y exchanged", ROADS, roads_labelled("EPSG:4547", swapped), "undetermined", roads("crs-swapped"),
         told=("道路中心线.shp", "颠倒", "交换 X 和 Y 坐标")),
    Case("latitude before longitude", ROADS, roads_labelled("EPSG:4490", lambda s: swapped(moved(s, "EPSG:4490"))),
         "undetermined", roads("crs-degrees-swapped"), told=("颠倒", "EPSG:4490")),
    Case("the next zone's meridian", ROADS, roads_labelled("EPSG:4548", lambda shape: shape), "undetermined",
         roads("far-away"), told=("道路中心线.shp", "3°", "crs: EPSG:4547")),
    Case("metres labelled degrees", ROADS, roads_labelled("EPSG:4490", lambda shape: shape), "undetermined",
         roads("crs-metres-as-degrees"), told=("道路中心线.shp", "度", "crs: ")),
    Case("degrees labelled metres", ROADS, roads_labelled("EPSG:4547", of("EPSG:4490")), "undetermined",
         roads("crs-degrees-as-metres"), told=("道路中心线.shp", "经纬度", "crs: EPSG:4490")),
    Case("Beijing 1954 beside CGCS2000", ROADS, roads_labelled("EPSG:2435", lambda shape: shape), "undetermined",
         roads("mixed-datum") | roads("crs-old-datum", "noted"), told=("Beijing 1954", "CGCS2000")),
    Case("Xian 1980 beside CGCS2000", ROADS, roads_labelled("EPSG:2383", lambda shape: shape), "undetermined",
         roads("mixed-datum") | roads("crs-old-datum", "noted"), told=("Xian 1980", "CGCS2000")),
    Case("no .prj", ROADS, without_prj, "undetermined", both("crs-missing"),
         told=("主城区.shp", "没有坐标系", "6 位横坐标", "crs: ")),
    Case("no .prj, the manifest says the CRS", ROADS, no_prj_but_manifest, **NINE),
    Case("the manifest overrides a layer's CRS", ROADS, one_layer_by_manifest,
         defects=roads("crs-overridden", "noted"), **NINE),
    Case("the manifest's CRS does not override a layer's own", ROADS, labelled("EPSG:4547", None, crs="EPSG:4326"),
         **NINE),
    Case("a local grid that nobody names", ROADS, local_grid, "undetermined", both("crs-missing-unlike"),
         told=("主城区.shp", "crs: local-metres")),
    Case("a local grid in metres", ROADS, local_grid_that_says_so, **NINE),
    Case("a local grid beside a known system", ROADS, local_grid_beside_a_known_one, "undetermined",
         roads("mixed-datum"), told=("道路中心线.shp", "local-metres", "EPSG:4547")),
    Case("degrees declared a local grid", ROADS, labelled(None, "EPSG:4490", crs="local-metres"), "undetermined",
         both("crs-local-degrees"), told=("经纬度", "EPSG:4490")),
    Case("a zone of which the place is 9 degrees off", ROADS, labelled("EPSG:4544", "EPSG:4544"), "undetermined",
         both("crs-far-from-meridian"), told=("105", "crs: EPSG:4547")),
    # 114° to 114.011° are 3° to 3.011° from 111°.
    Case("a hundredth of a degree over 3 degrees off", ROADS, labelled("EPSG:4508", "EPSG:4508"), "undetermined",
         both("crs-far-from-meridian"), told=("主城区.shp", "111", "3°", "crs: EPSG:4547")),
    Case("one street at the origin of all coordinates", ROADS,
         lambda folder: city(folder, geometry=[*STREETS[:8], shifted(STREETS[8], -500_900, -3_950_000)]),
         "undetermined", roads("crs-impossible"), told=("道路中心线.shp", "不可能")),
    Case("coordinates that no place has", ROADS,
         lambda folder: city(folder, geometry=[shapely.transform(s, lambda xy: xy * 1e6) for s in STREETS]),
         "undetermined", roads("crs-impossible"), told=("道路中心线.shp", "不可能")),
    Case("three-dimensional degrees", ROADS, labelled("EPSG:4480", "EPSG:4490"), defects=both("crs-reduced", "noted"),
         **NINE),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_coordinate_systems(case: Case, tmp_path: Path) -> None:
    case.hold(tmp_path / "place")


@pytest.mark.parametrize(
    ("epsg", "working"),
    [(4547, 4547), (4526, 4526), (4490, 4547), (4326, 4547), (3857, 4547), (2383, 2383), (32650, 32650)],
)
def test_everything_is_measured_in_one_plane_system(epsg: int, working: int, tmp_path: Path) -> None:
    """The layers' own where that is true to area: at 114° E the UTM zone of 117° is at its edge."""
    found = outcome(renewal(tmp_path / "place", f"EPSG:{epsg}"), DEMOLITION)
    assert found.measured == pytest.approx(20, rel=1e-4)
    assert found.working_crs == f"EPSG:{working}"


def town(east_m: float, north_m: float) -> tuple[list[Any], list[Any]]:
    """Irregular parcels of 40–110 m, each with three buildings that keep 2 m off its bounds, and are then moved."""
    random = np.random.default_rng(1)
    x, y = (np.concatenate([[0.0], np.cumsum(random.uniform(40, 110, 19))]) for _ in range(2))
    parcels, buildings = [], []
    for west, east in itertools.pairwise(x):
        wobble = random.uniform(-12, 12, len(y))
        for south, north in itertools.pairwise(y + wobble):
            parcels.append(box(west, south, east, north))
            for _ in range(3):
                wide, deep = random.uniform(8, min(30, east - west - 5)), random.uniform(6, min(18, north - south - 5))
                left, foot = random.uniform(west + 2, east - wide - 2), random.uniform(south + 2, north - deep - 2)
                buildings.append(shifted(box(left, foot, left + wide, foot + deep), east_m, north_m))
    return parcels, buildings


@pytest.mark.parametrize("system", ["none", "gcj02", "bd09"])
def test_layers_taken_from_web_maps_are_told(system: str, tmp_path: Path) -> None:
    """Buildings that lie 500 m or 1,300 m beside their parcels, as those maps do at this place."""
    offset = {"none": (0.0, 0.0), "gcj02": gcj02_offset_m(114.0, 35.68), "bd09": bd09_offset_m(114.0, 35.68)}[system]
    parcels, buildings = town(*offset)
    folder = tmp_path / "place"
    write(folder / "更新单元.shp", [box(-99, -99, 3000, 3000)])
    write(folder / "用地.shp", parcels, YDYHFLDM=["0701"] * len(parcels))
    count = len(buildings)
    write(folder / "建筑.shp", buildings, CS=[3] * count, GZFS=["保留"] * count)
    found = outcome(folder, DEMOLITION)
    if system == "none":
        assert (found.verdict, found.defects) == ("pass", frozenset())
        return
    assert found.verdict == "undetermined"
    assert found.defects == {("buildings", "shifted", "rejected"), ("parcels", "shifted", "rejected")}
    assert {"gcj02": "GCJ-02", "bd09": "BD-09"}[system] in found.finding.reason.zh


def test_a_zone_error_of_the_units_does_not_leave_them_without_buildings(tmp_path: Path) -> None:
    """Units 3° east of their buildings hold none of them; that must not read as a unit without buildings."""
    folder = renewal(tmp_path / "place")
    write(folder / "更新单元.shp", [UNIT], "EPSG:4548", MC=["甲"])
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "undetermined"
    assert found.defects == {("buildings", "far-away", "rejected")}


def test_the_scope_counts_even_where_no_rule_asks_for_it(tmp_path: Path) -> None:
    """The renewal rule does not read the main urban area, 60 km from which the units and houses lie."""
    folder = renewal(tmp_path / "place")
    write(folder / "主城区.shp", [shifted(AREA, 0, 60_000)])
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "undetermined"
    assert {layer for layer, kind, _ in found.defects if kind == "far-away"} == {"buildings", "renewal_units"}


def test_a_raster_in_degrees_lies_under_layers_in_metres(tmp_path: Path) -> None:
    """A raster in WGS 84 whose cells all hold 0.01 persons/m² … 1,000 cells over and around the cluster."""
    folder = tmp_path / "place"
    write(folder / "组团.shp", [AREA])
    west, south, east, north = gpd.GeoSeries([AREA.buffer(300)], crs=4547).to_crs(4326).total_bounds
    size = 0.0005
    shape = (int((north - south) / size) + 1, int((east - west) / size) + 1)
    from rasterio.transform import from_origin

    path = population_raster(
        folder / "人口.tif", np.full(shape, 10.0), crs="EPSG:4326", transform=from_origin(west, north, size, size)
    )
    found = outcome(folder, DENSITY)
    cell_km2 = size * size * 110.96 * 90.56  # at 35.68° N: km per degree of latitude and longitude
    assert found.measured == pytest.approx(10 / cell_km2, rel=2e-3)
    assert found.verdict == "pass"
    assert path.exists()


def test_inspect_says_what_is_wrong_with_the_system_of_a_layer_that_plays_no_role(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    write(folder / "xyz.shp", [moved(AREA, "EPSG:4490")], None)
    status, told = run("inspect", folder)
    assert status == 0
    assert "xyz.shp：图层没有坐标系" in told.replace("\n", "").replace(" ", "").replace("xyz.shp提示1", "")
    assert "EPSG:4490" in told


def test_houses_in_another_system_than_their_unit(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    write(folder / "更新单元.shp", [UNIT])
    write(folder / "建筑.shp", [moved(s, "EPSG:3857") for s in HOUSES], "EPSG:3857", CS=[2, 8], GZFS=["拆除", "保留"])
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(20, rel=1e-5))
    assert found.working_crs == "EPSG:4547"
