"""Constant offsets: found where they are, named, and never claimed of ordinary data."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
import shapely

from urbanform.intake import read_vector
from urbanform.intake.offsets import bd09_offset_m, gcj02_offset_m
from urbanform.intake.read import open_submission, read_submission
from urbanform.intake.shifts import WORDS, Fit, Shift, constant_shift, resemblance
from urbanform.model.submission import Submission
from urbanform.wording import Language

Shapes = npt.NDArray[np.object_]
HEBI = (114.30, 35.75)


def shift_between(moving: Shapes, fixed: Shapes, fit: Fit, **options: object) -> Shift | None:
    """The offset found; told of no more ground than is asked for, the same as when told of all."""

    def near(boxes: npt.NDArray[np.float64]) -> Shapes:
        return fixed[shapely.intersects(fixed[:, None], shapely.box(*boxes.T)).any(axis=1)]

    found = constant_shift(moving, near, fit, **options)  # type: ignore[arg-type]
    assert found == constant_shift(moving, lambda boxes: fixed, fit, **options)  # type: ignore[arg-type]
    return found


def moved(shapes: Shapes, east_m: float, north_m: float) -> Shapes:
    return np.asarray(shapely.transform(shapes, lambda xy: xy + np.array([east_m, north_m])))


def town(seed: int, side_m: float = 1500.0) -> tuple[Shapes, Shapes]:
    """Buildings and parcels of an irregular town: blocks 40–110 m wide, three buildings 2 m inside each."""
    random = np.random.default_rng(seed)

    def cuts() -> npt.NDArray[np.float64]:
        line = np.concatenate([[0.0], np.cumsum(random.uniform(40, 110, 60))])
        return line[line < side_m]

    x, y = cuts(), cuts()
    wobble = random.uniform(-12, 12, (len(x) - 1, len(y)))
    west, east = np.repeat(x[:-1], len(y) - 1), np.repeat(x[1:], len(y) - 1)
    south, north = (y[:-1] + wobble[:, :-1]).ravel(), (y[1:] + wobble[:, 1:]).ravel()
    wide = north - south > 20
    west, east, south, north = west[wide], east[wide], south[wide], north[wide]
    parcels = shapely.box(west, south, east, north)
    house = [np.repeat(side, 3) for side in (west, south, east, north)]
    width = random.uniform(8, np.minimum(30, house[2] - house[0] - 5))
    depth = random.uniform(6, np.minimum(18, house[3] - house[1] - 5))
    left = random.uniform(house[0] + 2, house[2] - width - 2)
    foot = random.uniform(house[1] + 2, house[3] - depth - 2)
    return shapely.box(left, foot, left + width, foot + depth), parcels


def grid(cells: int, pitch_m: float = 100.0) -> tuple[Shapes, Shapes]:
    """A building of 60 × 60 m in the middle of every cell of a regular grid of parcels."""
    x, y = (axis.ravel() * pitch_m for axis in np.meshgrid(np.arange(cells), np.arange(cells)))
    return shapely.box(x + 20, y + 20, x + 80, y + 80), shapely.box(x, y, x + pitch_m, y + pitch_m)


def roads(seed: int, side_m: float = 2500.0) -> tuple[Shapes, Shapes]:
    """Stretches of road 24 m wide between crossings 120–400 m apart, with their surfaces."""
    random = np.random.default_rng(seed)
    x, y = (np.concatenate([[0.0], np.cumsum(random.uniform(120, 400, 20))]) for _ in range(2))
    x, y = x[x < side_m], y[y < side_m]
    lines = []
    for line_x in x:
        bend = random.uniform(-30, 30, len(y) - 1)
        lines += [[(line_x, a), (line_x + b, c)] for a, b, c in zip(y[:-1], bend, y[1:], strict=True)]
    for line_y in y:
        bend = random.uniform(-30, 30, len(x) - 1)
        lines += [[(a, line_y), (c, line_y + b)] for a, b, c in zip(x[:-1], bend, x[1:], strict=True)]
    centrelines = shapely.linestrings(np.array(lines))
    return centrelines, shapely.buffer(centrelines, 12, cap_style="flat")


@pytest.mark.parametrize(
    ("place", "gcj02", "bd09"),
    [
        ((114.30, 35.75), (536, -8), (1133, 620)),
        ((113.24, 35.22), (579, -57), None),
        ((113.63, 34.75), (554, -131), None),
        ((102.26, 27.90), (147, -381), (786, 292)),
        ((102.26, 26.70), (145, -393), None),
        ((126.54, 45.80), (470, 220), None),
        ((125.10, 46.59), (540, 234), None),
    ],
)
def test_web_map_offsets(
    place: tuple[float, float], gcj02: tuple[float, float], bd09: tuple[float, float] | None
) -> None:
    """Hebi, Jiaozuo, Zhengzhou, Xichang, Huili, Harbin, Daqing: vectors computed independently, good to metres."""
    assert gcj02_offset_m(*place) == pytest.approx(gcj02, abs=3)
    if bd09 is not None:
        assert bd09_offset_m(*place) == pytest.approx(bd09, abs=8)


def test_web_maps_lie_right_abroad() -> None:
    assert gcj02_offset_m(-74.0, 40.7) == (0.0, 0.0)
    assert bd09_offset_m(-74.0, 40.7) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("offset_m", "resembles"),
    [
        ((536, -8), "gcj02"),
        ((1133, 622), "bd09"),
        ((596, 629), "gcj02-bd09"),
        ((80, -60), "old-datum"),
        ((300, 300), "nothing"),
    ],
)
def test_an_offset_is_found_and_named(offset_m: tuple[float, float], resembles: str) -> None:
    """Buildings moved by a known vector: it comes out within 5 m."""
    buildings, parcels = town(1)
    shift = shift_between(
        moved(buildings, *offset_m),
        parcels,
        Fit.WITHIN_ONE,
        lon_lat_deg=lambda: HEBI,
        names=("buildings", "parcels"),
        path="建筑.shp",
    )
    assert shift is not None
    assert (shift.east_m, shift.north_m) == pytest.approx(offset_m, abs=5)
    assert shift.resembles == resembles
    assert shift.share_after == pytest.approx(1.0, abs=0.01)
    assert shift.share_after - shift.share_before > 0.15
    for language in Language:
        assert shift.message.say(language).endswith("layers: {buildings: {path: 建筑.shp, crs: EPSG:4490}}")


def test_the_layer_that_is_off_may_be_the_other() -> None:
    """Parcels in GCJ-02 leave right buildings 536 m to their west."""
    buildings, parcels = town(1)
    shift = shift_between(
        buildings, moved(parcels, 536, -8), Fit.WITHIN_ONE, lon_lat_deg=lambda: HEBI, names=("buildings", "parcels")
    )
    assert shift is not None
    assert (shift.east_m, shift.north_m) == pytest.approx((-536, 8), abs=5)
    assert shift.resembles == "gcj02"
    assert "parcels was probably" in shift.message.en


def test_a_small_place_in_gcj02_is_found() -> None:
    """Some eighty parcels of 600 m a side, a third of the buildings: the vector is foretold by the place."""
    buildings, parcels = town(2, side_m=650.0)
    shift = shift_between(moved(buildings, 536, -8)[::2], parcels, Fit.WITHIN_ONE, lon_lat_deg=lambda: HEBI)
    assert shift is not None
    assert shift.resembles == "gcj02"


def test_the_order_of_features_changes_nothing() -> None:
    buildings, parcels = town(1)
    astray = moved(buildings, 536, -8)
    one = shift_between(astray, parcels, Fit.WITHIN_ONE, lon_lat_deg=lambda: HEBI)
    other = shift_between(astray[::-1], parcels[::-1], Fit.WITHIN_ONE, lon_lat_deg=lambda: HEBI)
    assert one is not None
    assert other is not None
    assert (one.east_m, one.north_m) == pytest.approx((other.east_m, other.north_m), abs=1)


def test_roads_off_their_surfaces() -> None:
    lines, surfaces = roads(1)
    assert shift_between(lines, surfaces, Fit.ON) is None
    shift = shift_between(moved(lines, 40, -25), surfaces, Fit.ON)
    assert shift is not None
    assert (shift.east_m, shift.north_m) == pytest.approx((40, -25), abs=5)
    assert shift.resembles == "old-datum"


def test_roads_through_parcels() -> None:
    """Parcels are what the surfaces leave of the town: roads keep off them."""
    lines, surfaces = roads(2)
    _, blocks = town(2, side_m=2500.0)
    parcels = shapely.difference(blocks, shapely.union_all(surfaces))
    assert shift_between(lines, parcels, Fit.CLEAR) is None
    shift = shift_between(moved(lines, 536, -8), parcels, Fit.CLEAR, lon_lat_deg=lambda: HEBI)
    assert shift is not None
    assert shift.resembles == "gcj02"


@pytest.mark.parametrize("cells", [8, 14, 20])
@pytest.mark.parametrize("offset_m", [(0, 0), (100, 0), (50, 50), (30, -8), (250, 0)])
def test_a_regular_grid_tells_nothing(cells: int, offset_m: tuple[float, float]) -> None:
    """Every step of 100 m aligns as well as the true one: the offset is not to be known."""
    buildings, parcels = grid(cells)
    assert shift_between(moved(buildings, *offset_m), parcels, Fit.WITHIN_ONE, lon_lat_deg=lambda: HEBI) is None


@pytest.mark.parametrize("seed", range(4))
def test_ordinary_data_raise_no_alarm(seed: int) -> None:
    """Right buildings; sloppy ones, each off by its own 10 m; and others that have nothing to do with the parcels.

    A wide field beside the town, into which everything would fit, is no reason to move anything.
    """
    random = np.random.default_rng(seed)
    buildings, parcels = town(seed)
    field = np.append(parcels, [shapely.box(1600, -2000, 6000, 4000)])
    off = random.normal(0, 10, (len(buildings), 2))
    sloppy = shapely.transform(buildings, lambda xy: xy + np.repeat(off, 5, axis=0))
    x, y = random.uniform(0, 1500, (2, 700))
    strangers = shapely.box(x, y, x + random.uniform(8, 30, 700), y + 14)
    for shapes in (buildings, sloppy, strangers, strangers[:60]):
        assert shift_between(shapes, parcels, Fit.WITHIN_ONE, lon_lat_deg=lambda: HEBI) is None
        assert shift_between(shapes, field, Fit.WITHIN_ONE, lon_lat_deg=lambda: HEBI) is None


def test_too_little_proves_nothing() -> None:
    buildings, parcels = town(1)
    none = np.array([], dtype=object)
    assert shift_between(moved(buildings, 536, -8)[:39], parcels, Fit.WITHIN_ONE, lon_lat_deg=lambda: HEBI) is None
    assert shift_between(none, parcels, Fit.WITHIN_ONE) is None
    assert shift_between(buildings, none, Fit.WITHIN_ONE) is None
    assert shift_between(np.array([None] * 100, dtype=object), parcels, Fit.WITHIN_ONE) is None


@pytest.mark.parametrize(
    ("offset_m", "place", "expected"),
    [
        ((536, -8), HEBI, ("gcj02", False)),
        ((-536, 8), HEBI, ("gcj02", True)),
        # 29 m off is within 30 m; 31 m off is not.
        ((536.6 + 29, -7.1), HEBI, ("gcj02", False)),
        ((536.6 + 31, -7.1), HEBI, ("nothing", False)),
        ((-1133, -622), HEBI, ("bd09", True)),
        ((536, -8), None, ("nothing", False)),
        ((536, -8), (102.26, 27.9), ("nothing", False)),
        ((150, 0), HEBI, ("old-datum", False)),
        ((20, 10), None, ("digitising", False)),
    ],
)
def test_resemblance(
    offset_m: tuple[float, float], place: tuple[float, float] | None, expected: tuple[str, bool]
) -> None:
    assert resemblance(*offset_m, place) == expected


def test_both_languages_hold_the_same_places() -> None:
    for zh, en in WORDS.values():
        assert {part.split("}")[0] for part in zh.split("{")[1:]} == {part.split("}")[0] for part in en.split("{")[1:]}


def handed_in(folder: Path, off_m: float, name: str, crs: str) -> None:
    """Buildings of a town that lie off, and the parcels of this and another in one file or two."""
    buildings, parcels = (moved(shapes, 500_000, 3_950_000) for shapes in town(1))
    parcels = np.concatenate([parcels, moved(parcels, 8000, 0)])
    off = moved(buildings, off_m, -8) if off_m else buildings
    gpd.GeoDataFrame(geometry=off, crs="EPSG:4547").to_file(folder / "建筑.gpkg")
    table = gpd.GeoDataFrame({"DLBM": ["0701"] * len(parcels)}, geometry=parcels, crs="EPSG:4547").to_crs(crs)
    if name.endswith(".parquet"):
        table.to_parquet(folder / name)
        return
    if name == "two":
        table[::2].to_file(folder / "用地一.gpkg")
        table[1::2].to_file(folder / "用地二.gpkg")
        (folder / "submission.yaml").write_text("layers: {parcels: [用地一.gpkg, 用地二.gpkg]}", encoding="utf-8")
        return
    table.to_file(folder / name, encoding="UTF-8")


def read(folder: Path, *roles: str) -> Submission:
    with open_submission(folder) as submission:
        return read_submission(submission, frozenset(roles), ())


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("用地.gpkg", "EPSG:4547"),
        ("用地.gpkg", "EPSG:4490"),
        ("用地.shp", "EPSG:4547"),
        ("用地.geojson", "EPSG:4490"),
        ("用地.fgb", "EPSG:4547"),
        ("用地.parquet", "EPSG:4547"),
        ("two", "EPSG:4547"),
    ],
)
def test_parcels_that_no_rule_asks_for_show_that_buildings_lie_off(tmp_path: Path, name: str, crs: str) -> None:
    handed_in(tmp_path, 536.0, name, crs)
    alone, both = read(tmp_path, "buildings"), read(tmp_path, "buildings", "parcels")
    assert "buildings" not in alone.layers
    assert [fault.code for fault in alone.faults["buildings"]] == ["shift-found"]
    assert alone.faults["buildings"] == both.faults["buildings"]
    assert [item for item in alone.inputs if item.role == "parcels"] == [
        item for item in both.inputs if item.role == "parcels"
    ]
    assert len(alone.inputs) == (3 if name == "two" else 2)


def test_right_ones_raise_no_alarm_and_few_parcels_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_in(tmp_path, 0.0, "用地.gpkg", "EPSG:4547")
    given = []
    whole = read_vector.read_shapes
    monkeypatch.setattr(read_vector, "read_shapes", lambda wkb: given.append(len(wkb)) or whole(wkb))
    submission = read(tmp_path, "buildings")
    buildings, parcels = given
    assert submission.faults == {}
    assert "parcels" not in submission.layers
    assert buildings == len(submission.layers["buildings"])
    assert parcels == len(town(1)[1])


def test_where_there_is_nothing_near_nothing_is_said(tmp_path: Path) -> None:
    handed_in(tmp_path, 0.0, "用地.gpkg", "EPSG:4547")
    far = gpd.read_file(tmp_path / "用地.gpkg")
    far.geometry = far.translate(15_000, 0)
    far.to_file(tmp_path / "用地.gpkg")
    submission = read(tmp_path, "buildings")
    assert (submission.faults, [item.role for item in submission.inputs]) == ({}, ["buildings"])
