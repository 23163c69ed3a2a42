"""Permeable share: surfaces and rasters by pencil on a built-up area of 100 m × 100 m, so that 100 m² are 1 %."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from rasterio.transform import from_bounds

from places import CRS, box, layer, place, raster
from urbanform.checks import find_check
from urbanform.model.finding import Verdict, judge
from urbanform.model.measurement import Measurement, Subject
from urbanform.model.roles import ROLES
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.model.submission import Raster, Submission, TableLayer
from urbanform.site import Site
from urbanform.wording import Words

CHECK = find_check("permeable-surface-share")
AREA = layer("built_up_area", [box(0, 0, 100, 100)])
CODES = {"permeable": (3,), "impermeable": (1,), "unknown": (0,)}


def found(submission: Submission) -> Measurement:
    """The measurement of a place."""
    return CHECK.measure(Site(submission), "built_up_area", CHECK.params())


def only(*layers: TableLayer, area: TableLayer = AREA, land_cover: Raster | None = None) -> Subject:
    """The one subject of a place."""
    rasters = {"land_cover": land_cover} if land_cover else {}
    (subject,) = found(place(area, *layers, rasters=rasters)).subjects
    return subject


def ends(subject: Subject) -> tuple[float | None, float | None]:
    """Between what the figure lies."""
    if subject.bounds is None:
        return subject.value, subject.value
    return subject.bounds.low, subject.bounds.high


def cover(
    path: Path, values: np.ndarray, classes: str | Mapping[str, tuple[int, ...]] | None, nodata: float | None = None
) -> Raster:
    """A land-cover raster of 10 m cells from the corner of the place."""
    return replace(raster(path, values, 10, (0, 0), nodata), role=ROLES["land_cover"], classes=classes)


def surfaces(*rows: tuple[object, float | None], **more: object) -> TableLayer:
    """Surfaces with their permeable shares."""
    return layer("surfaces", [shape for shape, _ in rows], permeable=[share for _, share in rows], **more)


LAWN, PAVED = box(0, 0, 100, 40), box(0, 40, 100, 100)


def test_permeable_ground_over_the_whole_area() -> None:
    subject = only(surfaces((LAWN, 1), (PAVED, 0)))
    assert (subject.value, subject.bounds) == (pytest.approx(40), None)
    assert subject.denominator is not None
    assert subject.denominator.value == pytest.approx(0.01)


def test_a_share_of_permeability_counts_by_its_area() -> None:
    """40 % of 0.5 and 60 % of 0.25."""
    assert only(surfaces((LAWN, 0.5), (PAVED, 0.25))).value == pytest.approx(35)


def test_surfaces_are_cut_at_the_edge() -> None:
    assert only(surfaces((box(-500, -500, 500, 40), 1), (box(-500, 40, 500, 700), 0))).value == pytest.approx(40)


def test_ground_drawn_twice_counts_once() -> None:
    assert only(surfaces((LAWN, 1), (box(0, 20, 50, 40), 1), (PAVED, 0))).value == pytest.approx(40)


def test_ground_drawn_twice_with_different_permeability_is_given_both_ways() -> None:
    """1,000 m² of the paving lie under the lawn: 40 % if they are lawn, 30 % if they are paved."""
    subject = only(surfaces((LAWN, 1), (box(0, 30, 100, 100), 0)))
    assert subject.value == pytest.approx(40)
    assert ends(subject) == (pytest.approx(30), pytest.approx(40))
    assert subject.missing is not None
    assert subject.missing.code == "overlaps-differ"


def test_a_sliver_drawn_twice_is_none_however_small_the_area() -> None:
    """10 m × 10 m, half at 0.3 and half at 0.8: 55 %; the halves overlap by 0.5 mm²."""
    halves = surfaces((box(0, 0, 5 + 5e-8, 10), 0.3), (box(5, 0, 10, 10), 0.8))
    subject = only(halves, area=layer("built_up_area", [box(0, 0, 10, 10)]))
    assert subject.value == pytest.approx(55, abs=1e-6)
    assert subject.bounds is None


def test_ground_without_surface_may_be_either() -> None:
    """40 % lawn, 50 % paved, 10 % nothing."""
    subject = only(surfaces((LAWN, 1), (box(0, 50, 100, 100), 0)))
    assert subject.value is None
    assert ends(subject) == (pytest.approx(40), pytest.approx(50))


def test_an_unreadable_share_may_be_either() -> None:
    assert ends(only(surfaces((LAWN, None), (PAVED, 0)))) == (0, pytest.approx(40))


def test_a_broken_surface_may_reach_as_far_as_its_envelope() -> None:
    """Nothing else covers the envelope of the lawn; or the paving covers all, and some of it may be lawn."""
    lawn = surfaces((LAWN, 1), (PAVED, 0), sound=[False, True])
    assert ends(only(lawn)) == (0, pytest.approx(40))
    over = surfaces((LAWN, 1), (box(0, 0, 100, 100), 0), sound=[False, True])
    assert ends(only(over)) == (0, pytest.approx(40))


def test_a_surface_without_shape_is_noted_and_its_ground_stays_unknown() -> None:
    subject = only(surfaces((LAWN, 1), (None, 0), (box(0, 60, 100, 100), 0), sound=[True, False, True]))
    assert ends(subject) == (pytest.approx(40), pytest.approx(60))
    assert "without-shape" in [note.code for note in subject.notes]


def test_water_counts_by_its_kind_and_by_its_layer_once() -> None:
    """A pond of 10 % among the surfaces, said to be impermeable, and the same pond with 5 % more in the water layer."""
    pond = box(0, 50, 50, 70)
    ground = surfaces((LAWN, 1), (PAVED - pond, 0), (pond, 0), kind=["草地", "铺装", "水面"])
    assert only(ground).value == pytest.approx(50)
    water = layer("water", [box(0, 50, 75, 70)])
    subject = only(ground, water)
    assert (subject.value, subject.bounds) == (pytest.approx(55), None)


def test_a_permeable_paving_is_no_water() -> None:
    ground = surfaces((LAWN, 0), (PAVED, 0), kind=["透水砖", "不透水铺装"])
    assert only(ground).value == 0


def test_water_alone_fills_what_the_surfaces_leave_out() -> None:
    assert only(surfaces((PAVED, 0)), layer("water", [LAWN])).value == pytest.approx(40)


def test_broken_or_missing_water_can_only_add() -> None:
    """Water with an envelope of 10 % over the paving; water of which nothing is known; a layer set aside."""
    ground = surfaces((LAWN, 1), (PAVED, 0))
    assert ends(only(ground, layer("water", [box(0, 40, 100, 50)], sound=[False]))) == (
        pytest.approx(40),
        pytest.approx(50),
    )
    assert ends(only(ground, layer("water", [None], sound=[False]))) == (pytest.approx(40), 100)
    aside = place(AREA, ground, faults={"water": (Words("x", "坏", "bad"),)})
    assert ends(found(aside).subjects[0]) == (pytest.approx(40), 100)


def test_raster_cells_by_the_share_inside(tmp_path: Path) -> None:
    """The area begins 5 m inside a raster of 15 × 15 cells, whose four southern rows are permeable: 35 of 100 m."""
    values = np.ones((15, 15), dtype="uint8")
    values[-4:] = 3
    grid = cover(tmp_path / "lc.tif", values, CODES)
    area = layer("built_up_area", [box(5, 5, 105, 105)])
    subject = only(area=area, land_cover=grid)
    assert (subject.value, subject.bounds) == (pytest.approx(35), None)


def half_lawn(path: Path, classes: object, lawn: int = 3, other: int = 1, **more: float) -> Raster:
    """Cells of 10 m over the area, the southern 40 % of one code, the rest of another."""
    values = np.full((10, 10), other, dtype="uint8")
    values[-4:] = lawn
    return cover(path, values, classes, **more)  # type: ignore[arg-type]


def test_unknown_codes_nodata_nan_and_unlisted_codes_may_be_either(tmp_path: Path) -> None:
    """6 of 100 cells: code 0, nodata 9, NaN, and a code that the manifest does not list."""
    for mark, nodata, kind in ((0, None, "uint8"), (9, 9, "uint8"), (np.nan, None, "float32"), (77, None, "int16")):
        values = np.ones((10, 10), dtype=kind)
        values[-4:] = 3
        values[0, :6] = mark
        subject = only(land_cover=cover(tmp_path / "lc.tif", values, CODES, nodata))
        assert subject.value is None
        assert ends(subject) == (pytest.approx(40), pytest.approx(46))
        assert subject.missing is not None
        assert subject.missing.code == ("codes-unlisted" if mark == 77 else "ground-unknown")


def test_beyond_the_raster_nothing_is_known(tmp_path: Path) -> None:
    """A tenth of the area of 100 m × 110 m lies north of the raster."""
    area = layer("built_up_area", [box(0, 0, 100, 110)])
    subject = only(area=area, land_cover=half_lawn(tmp_path / "lc.tif", CODES))
    assert ends(subject) == (pytest.approx(4000 / 110), pytest.approx(5000 / 110))


def test_water_lies_over_the_raster(tmp_path: Path) -> None:
    """A pond of 50 m × 40 m, half of it on the paved cells: 40 + 10 %; where the raster has no data it fills in."""
    water = layer("water", [box(0, 20, 50, 60)])
    assert only(water, land_cover=half_lawn(tmp_path / "lc.tif", CODES)).value == pytest.approx(50)
    empty = half_lawn(tmp_path / "nd.tif", CODES, other=0)
    assert only(layer("water", [PAVED]), land_cover=empty).value == pytest.approx(100)


def test_surfaces_come_before_the_raster(tmp_path: Path) -> None:
    grid = half_lawn(tmp_path / "lc.tif", CODES)
    assert only(surfaces((LAWN, 0), (PAVED, 0)), land_cover=grid).value == 0


def test_a_raster_without_classes_says_how_to_give_them(tmp_path: Path) -> None:
    subject = only(land_cover=half_lawn(tmp_path / "lc.tif", None))
    assert not subject.measured
    assert subject.missing is not None
    assert "land_cover: {path: lc.tif, classes:" in subject.missing.zh


@pytest.mark.parametrize("code", [10, 20, 30, 40, 60, 70, 80, 90, 95, 100])
def test_worldcover_is_an_estimate_of_five_points_either_way(tmp_path: Path, code: int) -> None:
    subject = only(land_cover=half_lawn(tmp_path / "lc.tif", "worldcover", lawn=code, other=50))
    assert subject.value == pytest.approx(40)
    assert ends(subject) == (pytest.approx(35), pytest.approx(45))


def test_worldcover_adds_its_doubt_to_unknown_ground(tmp_path: Path) -> None:
    """40 % trees, 60 % without a class: 35 to 100; a code that WorldCover does not have is unknown too."""
    for other in (0, 7):
        subject = only(land_cover=half_lawn(tmp_path / "lc.tif", "worldcover", lawn=10, other=other))
        assert subject.value is None
        assert ends(subject) == (pytest.approx(35), pytest.approx(100))


@pytest.mark.parametrize(
    ("rows", "expected"), [(2, Verdict.FAIL), (4, Verdict.UNDETERMINED), (5, Verdict.UNDETERMINED), (6, Verdict.PASS)]
)
def test_within_five_points_of_the_limit_worldcover_decides_nothing(
    tmp_path: Path, rows: int, expected: Verdict
) -> None:
    """20, 40, 50 and 60 % against at least 45 %: at 50 % it is just within."""
    values = np.full((10, 10), 50, dtype="uint8")
    values[:rows] = 10
    rule = Rule(
        "permeable-surface-share", "permeable-surface-share", Title("可渗透面积占比", "permeable share"),
        Severity.TARGET, Source(None, None, "二（二）5"), limits=(Limit(Op.AT_LEAST, 45.0, Unit.PERCENT, 2025),),
    )  # fmt: skip
    here = place(AREA, rasters={"land_cover": cover(tmp_path / "lc.tif", values, "worldcover")})
    assert judge(rule, found(here), 2026).verdict is expected


def test_a_raster_in_degrees_under_a_turned_area(tmp_path: Path) -> None:
    """An area of 1 km × 1 km turned by 30°, halved by a meridian: half of it is permeable.

    Its middle lies on the border between permeable columns and others, and a turned square is the same on both sides
    of any line through its middle. 0.02° of the convergence of meridians leave less than 0.05 %.
    """
    to_degrees = pyproj.Transformer.from_crs(CRS, 4490, always_xy=True).transform
    square = shapely.affinity.rotate(box(0, 0, 1000, 1000), 30, origin="centroid")
    lon, lat = to_degrees(*shapely.get_coordinates(shapely.centroid(square))[0])
    values = np.ones((300, 400), dtype="uint8")
    values[:, 200:] = 3
    west, south, east, north = lon - 0.02, lat - 0.015, lon + 0.02, lat + 0.015
    path = tmp_path / "lc.tif"
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:4490", "width": 400, "height": 300}
    with rasterio.open(path, "w", transform=from_bounds(west, south, east, north, 400, 300), **profile) as sink:
        sink.write(values, 1)
    grid = Raster(
        ROLES["land_cover"], path, pyproj.CRS.from_epsg(4490), (west, south, east, north), (300, 400), classes=CODES
    )
    submission = place(layer("built_up_area", [square]), rasters={"land_cover": grid})
    (subject,) = found(submission).subjects
    assert subject.value == pytest.approx(50, abs=0.05)
    tiles = found(submission).evidence[0].frame
    assert tiles.crs == CRS
    assert tiles.area.sum() == pytest.approx(1e6, rel=1e-4)


def test_cells_in_degrees_count_by_their_ground(tmp_path: Path) -> None:
    """A strip of 100 km from south to north, permeable in its northern half of degrees.

    Cells shrink to the north with the cosine of the latitude: between 35.2° and 36.1° the northern 0.45° hold
    (sin 36.1° - sin 35.65°) / (sin 36.1° - sin 35.2°) = 49.72 % of the ground, on a sphere.
    """
    to_metres = pyproj.Transformer.from_crs(4490, CRS, always_xy=True)
    degrees = shapely.segmentize(shapely.box(114.0, 35.2, 114.01, 36.1), 0.01)
    strip = shapely.transform(degrees, lambda xy: np.stack(to_metres.transform(*xy.T), axis=1))
    values = np.ones((900, 20), dtype="uint8")
    values[:450] = 3
    path = tmp_path / "lc.tif"
    bounds = (113.995, 35.2, 114.015, 36.1)
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:4490", "width": 20, "height": 900}
    with rasterio.open(path, "w", transform=from_bounds(*bounds, 20, 900), **profile) as sink:
        sink.write(values, 1)
    grid = Raster(ROLES["land_cover"], path, pyproj.CRS.from_epsg(4490), bounds, (900, 20), classes=CODES)
    (subject,) = found(place(layer("built_up_area", [strip]), rasters={"land_cover": grid})).subjects
    sines = np.sin(np.radians([35.2, 35.65, 36.1]))
    middle = subject.value if subject.value is not None else np.mean([end for end in ends(subject) if end])
    assert middle == pytest.approx(100 * (sines[2] - sines[1]) / (sines[2] - sines[0]), abs=0.02)


def test_an_untrusted_area_is_not_measured() -> None:
    broken = layer("built_up_area", [None], sound=[False])
    assert not only(surfaces((LAWN, 1)), area=broken).measured


def test_the_map_shows_what_is_known_of_which_ground() -> None:
    ground = surfaces((LAWN, 1), (box(0, 40, 100, 50), 0.5), (box(0, 60, 100, 100), 0))
    frame = found(place(AREA, ground, layer("water", [box(0, 60, 50, 70)]))).evidence[1].frame
    assert frame.groupby("kind")["area_m2"].sum().to_dict() == pytest.approx(
        {"permeable": 4000, "partly": 1000, "impermeable": 4000, "water": 500, "unknown": 1000}
    )
    assert frame["kind"].iloc[0] == "unknown"
