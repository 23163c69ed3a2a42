"""Peak density: sub-areas and windows by pencil; a cluster of 2 km × 2 km unless said otherwise."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely

from places import CRS, X, Y, box, layer, place, point, raster
from urbanform.checks import find_check
from urbanform.model.measurement import Measurement, Subject, Tone
from urbanform.model.submission import Submission
from urbanform.site import Site

CHECK = find_check("cluster-peak-density")
CLUSTER = layer("clusters", [box(0, 0, 2000, 2000)])
HALVES = [box(0, 0, 1000, 2000), box(1000, 0, 2000, 2000)]


def found(submission: Submission, **params: Any) -> Measurement:
    """The measurement of a place."""
    return CHECK.measure(Site(submission), None, CHECK.params(**params))


def only(submission: Submission, **params: Any) -> Subject:
    """The one subject of a place."""
    (subject,) = found(submission, **params).subjects
    return subject


def ends(subject: Subject) -> tuple[float | None, float | None]:
    """Between what the figure lies."""
    if subject.bounds is None:
        return subject.value, subject.value
    return subject.bounds.low, subject.bounds.high


def codes(subject: Subject) -> list[str]:
    """What the notes are about."""
    return [note.code for note in subject.notes]


def test_the_densest_sub_area_is_the_clusters_figure() -> None:
    """12,000 and 30,000 persons on 2 km² each: 15,000 persons/km²."""
    halves = layer("sub_areas", HALVES, population=[12_000, 30_000], name=["东", "西"])
    subject = only(place(CLUSTER, halves))
    assert (subject.value, subject.bounds) == (pytest.approx(15_000), None)
    assert "西" in subject.notes[0].zh
    assert subject.denominator is not None
    assert subject.denominator.value == pytest.approx(2)


def test_a_sub_area_counts_whole_in_every_cluster_that_it_meets() -> None:
    """20,000 persons on 2 km × 1 km, half in either cluster: 10,000 in both; one that only touches is in neither."""
    clusters = layer("clusters", [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)])
    areas = layer("sub_areas", [box(0, 0, 2000, 1000), box(0, 1000, 2000, 2000)], population=[20_000, 90_000])
    assert [row.value for row in found(place(clusters, areas)).subjects] == pytest.approx([10_000, 10_000])


def test_an_overlap_of_a_square_metre_is_a_border() -> None:
    areas = layer("sub_areas", [box(0, 0, 2000, 2000), box(1999.9, 0, 3000, 10)], population=[4000, 90_000])
    assert only(place(CLUSTER, areas), min_area_m2=1000).value == pytest.approx(1000)


@pytest.mark.parametrize(("side_m", "expected"), [(499, 2000), (500, 20_000)])
def test_small_sub_areas_are_listed_and_not_judged(side_m: float, expected: float) -> None:
    """An estate of 20,000 persons/km², of 24.9 ha and of exactly 25 ha."""
    estate = box(0, 0, side_m, side_m)
    areas = layer("sub_areas", [estate, box(0, 500, 2000, 2000), box(500, 0, 2000, 500)],
                  population=[20_000 * side_m**2 / 1e6, 6000, 500], name=["小区", None, None])  # fmt: skip
    subject = only(place(CLUSTER, areas))
    assert subject.value == pytest.approx(expected)
    assert ("small-sub-areas" in codes(subject)) == (side_m == 499)


def test_nothing_large_enough_is_no_figure() -> None:
    small = layer("sub_areas", [box(0, 0, 400, 400)], population=[100])
    subject = only(place(CLUSTER, small))
    assert not subject.measured
    assert subject.missing is not None
    assert subject.missing.code == "no-place"
    assert not only(place(CLUSTER, layer("sub_areas", [box(5000, 0, 6000, 1000)], population=[1]))).measured


def test_unknown_population_of_a_sub_area_is_open_above() -> None:
    """The known one has 6,000 persons/km²; the other may have any."""
    areas = layer("sub_areas", HALVES, population=[12_000, None])
    assert ends(only(place(CLUSTER, areas))) == (pytest.approx(6000), None)


def test_a_broken_sub_area_is_open_above_and_one_without_shape_may_be_anywhere() -> None:
    for shapes in ([*HALVES[:1], HALVES[1]], [HALVES[0], None]):
        areas = layer("sub_areas", shapes, population=[12_000, 100], sound=[True, False])
        assert ends(only(place(CLUSTER, areas))) == (pytest.approx(6000), None)


def test_sub_areas_that_leave_much_of_the_cluster_out_say_nothing_of_it() -> None:
    """Half covered: a note; 45 %: a doubt; 96 %: nothing."""
    for width, doubts, notes in ((1000, 0, 1), (900, 1, 0), (1920, 0, 0)):
        areas = layer("sub_areas", [box(0, 0, width, 2000)], population=[1000])
        subject = only(place(CLUSTER, areas))
        assert (len(subject.doubts), codes(subject).count("not-covered")) == (doubts, notes)


def test_sub_areas_without_a_field_are_counted_from_the_population_layer(tmp_path: Path) -> None:
    """100 m cells with 50 persons in the west, 120 in the east: 5,000 and 12,000 persons/km²."""
    values = np.full((20, 20), 50, dtype="float32")
    values[:, 10:] = 120
    grid = raster(tmp_path / "p.tif", values, 100, (0, 0))
    areas = layer("sub_areas", HALVES)
    assert only(place(CLUSTER, areas, rasters={"population": grid})).value == pytest.approx(12_000)


def test_the_field_of_the_sub_areas_comes_before_the_population_layer(tmp_path: Path) -> None:
    grid = raster(tmp_path / "p.tif", np.full((20, 20), 500, dtype="float32"), 100, (0, 0))
    areas = layer("sub_areas", HALVES, population=[2000, 4000])
    assert only(place(CLUSTER, areas, rasters={"population": grid})).value == pytest.approx(2000)


def spot(values: np.ndarray, column: int, row: int, side: int, persons: float) -> np.ndarray:
    """A square of cells, counted from the south-west, with some persons each."""
    south = len(values) - row
    values[south - side : south, column : column + side] = persons
    return values


@pytest.mark.parametrize(("column", "row"), [(0, 0), (10, 10), (5, 0), (0, 5), (5, 5), (15, 10)], ids=str)
def test_a_dense_square_kilometre_is_found_in_each_of_the_four_grids(tmp_path: Path, column: int, row: int) -> None:
    """100 m cells: 10 × 10 of 160 persons in a desert; at multiples of 1 km, and of 500 m east, north and both."""
    values = spot(np.zeros((20, 25), dtype="float32"), column, row, 10, 160)
    wide = layer("clusters", [box(0, 0, 2500, 2000)])
    grid = raster(tmp_path / "p.tif", values, 100, (0, 0))
    subject = only(place(wide, rasters={"population": grid}))
    assert subject.value == pytest.approx(16_000)
    assert f"向东 {column * 100} 米、向北 {row * 100} 米" in subject.notes[0].zh


def test_between_the_grids_a_window_cuts_the_dense_place(tmp_path: Path) -> None:
    """1 km × 1 km of 16,000 begins 250 m off every grid: the best windows hold three quarters of it each way."""
    values = np.zeros((40, 40), dtype="float32")
    values[40 - 25 : 40 - 5, 5:25] = 40
    grid = raster(tmp_path / "p.tif", values, 50, (0, 0))
    assert only(place(CLUSTER, rasters={"population": grid})).value == pytest.approx(9000)


def test_windows_at_the_edge_count_what_lies_in_the_cluster(tmp_path: Path) -> None:
    """A cluster of 1.25 km × 1 km: the strip of 250 m beside the window is exactly 25 ha, and holds 5,000 persons.

    Were it too small, the window half a step back would be the densest: the same persons on 750 m.
    """
    values = spot(np.zeros((20, 25), dtype="float32"), 20, 0, 20, 50)
    grid = raster(tmp_path / "p.tif", values, 50, (0, 0))
    strip = layer("clusters", [box(0, 0, 1250, 1000)])
    assert only(place(strip, rasters={"population": grid})).value == pytest.approx(20_000)
    at_least = only(place(strip, rasters={"population": grid}), min_area_m2=250_001)
    assert at_least.value == pytest.approx(5000 / 0.75)


def test_the_size_of_the_windows_is_a_parameter(tmp_path: Path) -> None:
    """500 m × 500 m of 20,000 in a desert: 20,000 in windows of 500 m, 5,000 in windows of 1 km."""
    values = spot(np.zeros((20, 20), dtype="float32"), 5, 5, 5, 200)
    grid = raster(tmp_path / "p.tif", values, 100, (0, 0))
    here = place(CLUSTER, rasters={"population": grid})
    assert only(here, cell_m=500).value == pytest.approx(20_000)
    assert only(here).value == pytest.approx(5000)


def test_a_cluster_smaller_than_any_sub_area_is_not_judged(tmp_path: Path) -> None:
    grid = raster(tmp_path / "p.tif", np.full((20, 20), 900, dtype="float32"), 100, (0, 0))
    subject = only(place(layer("clusters", [box(0, 0, 400, 400)]), rasters={"population": grid}))
    assert subject.missing is not None
    assert subject.missing.code == "no-place"


def test_beyond_the_raster_windows_are_open_and_without_data_they_are_empty(tmp_path: Path) -> None:
    """Half covered: 5,000 or any. All covered, but a tenth without data: 5,000 with a doubt."""
    half = raster(tmp_path / "h.tif", np.full((20, 10), 50, dtype="float32"), 100, (0, 0))
    assert ends(only(place(CLUSTER, rasters={"population": half}))) == (pytest.approx(5000), None)
    values = np.full((20, 20), 50, dtype="float32")
    values[:2] = np.nan
    holes = raster(tmp_path / "n.tif", values, 100, (0, 0))
    subject = only(place(CLUSTER, rasters={"population": holes}))
    assert subject.value == pytest.approx(5000)
    assert [doubt.code for doubt in subject.doubts] == ["without-data"]


def test_a_raster_coarser_than_the_windows_cannot_pass(tmp_path: Path) -> None:
    """Cells of 2 km with 40,000 persons; cells of 1 km tell windows apart."""
    coarse = raster(tmp_path / "c.tif", np.full((1, 1), 40_000, dtype="float32"), 2000, (0, 0))
    subject = only(place(CLUSTER, rasters={"population": coarse}))
    assert (subject.value, [doubt.code for doubt in subject.doubts]) == (pytest.approx(10_000), ["coarse-raster"])
    fine = raster(tmp_path / "f.tif", np.full((2, 2), 10_000, dtype="float32"), 1000, (0, 0))
    assert only(place(CLUSTER, rasters={"population": fine})).doubts == ()


@pytest.mark.parametrize(
    ("cell_m", "corner", "value", "doubted"),
    [
        # Windows begin at 0, 500 and 1000 m; from 750 to 1750 m the best of them take 750 m each way of the full cell.
        (1000, (-250, -250), 11_250, True),
        (1000, (0, 0), 20_000, False),
        # 60 m of the cell lie outside. The western half window, 0 to 500 m, is full for 800 m of its 1000.
        (900, (-960, 0), 16_000, True),
        # No sub-area would be so small.
        (500, (-250, -250), 20_000 * 0.25, False),
        # Most of it lies in no cluster: 200 m in the western half window of 500 m.
        (1000, (-1800, 0), 8_000, False),
    ],
)
def test_a_cell_denser_than_every_window_puts_a_pass_in_doubt(
    tmp_path: Path, cell_m: float, corner: tuple[float, float], value: float, doubted: bool
) -> None:
    """One cell of 20,000 persons per km² in empty ground, second from the west and the south."""
    values = np.zeros((6, 6), dtype="float32")
    values[4, 1] = 20_000 * (cell_m / 1000) ** 2
    people = raster(tmp_path / "c.tif", values, cell_m, corner)
    subject = only(place(CLUSTER, rasters={"population": people}))
    assert [doubt.code for doubt in subject.doubts if doubt.code == "denser-cell"] == ["denser-cell"] * doubted
    assert subject.value == pytest.approx(value, rel=1e-6)


def test_the_density_of_a_cell_in_degrees_is_that_of_cells_in_the_cluster(tmp_path: Path) -> None:
    """A raster from 75° to 115° E: on the plane of 114° E the cells in its middle are a fifteenth larger than here."""
    side, west, north = 1 / 120, 75.0, 36.0
    lon, lat = pyproj.Transformer.from_crs(CRS, 4490, always_xy=True).transform(X + 1000, Y + 1000)
    row, column = int((north - lat) / side), int((lon - west) / side)
    values = np.zeros((120, 4800), dtype="float32")
    values[row, column] = 14_000
    people = raster(tmp_path / "c.tif", values, side, (west - X, north - 120 * side - Y))
    degrees = replace(people, crs=pyproj.CRS.from_epsg(4490))
    with rasterio.open(people.path, "r+") as dataset:
        dataset.crs = rasterio.CRS.from_epsg(4490)
    (doubt,) = only(place(CLUSTER, rasters={"population": degrees})).doubts
    corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    cell = shapely.Polygon([(west + x * side, north - y * side) for x, y in corners])
    true_km2 = abs(pyproj.Geod(ellps="GRS80").geometry_area_perimeter(cell)[0]) / 1e6
    told = re.search(r"为 ([0-9.]+) 人", doubt.zh)
    assert doubt.code == "denser-cell"
    assert told is not None
    assert float(told[1]) == pytest.approx(14_000 / true_km2, rel=1e-3)


def test_clusters_beside_the_raster_and_broken_ones_have_no_cells(tmp_path: Path) -> None:
    values = np.full((2, 2), 9_000, dtype="float32")
    people = raster(tmp_path / "c.tif", values, 1000, (0, 0))
    shapes = [box(0, 0, 2000, 2000), box(2000, 0, 4000, 2000), box(9000, 0, 9500, 10)]
    clusters = layer("clusters", shapes, sound=[True, True, False])
    first, beside, broken = found(place(clusters, rasters={"population": people})).subjects
    assert (first.value, first.doubts) == (pytest.approx(9000), ())
    assert ends(beside) == (0, None)
    assert broken.missing is not None


def test_nor_may_a_sub_area_hide_such_a_cell(tmp_path: Path) -> None:
    """The whole cluster as one sub-area of 4 km²: 5,000, with a cell of 20,000 in it."""
    values = np.zeros((2, 2), dtype="float32")
    values[0, 0] = 20_000
    people = raster(tmp_path / "c.tif", values, 1000, (0, 0))
    subject = only(place(CLUSTER, layer("sub_areas", [box(0, 0, 2000, 2000)]), rasters={"population": people}))
    assert (subject.value, [doubt.code for doubt in subject.doubts]) == (pytest.approx(5000), ["denser-cell"])
    assert "20000" in subject.doubts[0].zh


@pytest.mark.parametrize(("side_m", "doubts"), [(500, 0), (501, 1)])
def test_population_polygons_larger_than_a_sub_area_show_a_breach_but_no_pass(side_m: float, doubts: int) -> None:
    """A polygon of 25 ha, or more, with 4,000 persons in a cluster of 1 km²: the window holds 4,000."""
    people = layer("population", [box(0, 0, side_m, side_m)], population=[4000])
    subject = only(place(layer("clusters", [box(0, 0, 1000, 1000)]), people))
    assert subject.value == pytest.approx(4000 / (side_m / 1000) ** 2 / 1.0 if side_m == 500 else 16_000, rel=0.01)
    assert [doubt.code for doubt in subject.doubts].count("coarse-polygons") == doubts


def test_points_count_once_in_each_grid() -> None:
    """Points every 100 m from 50 m, 30 persons each: 100 in every window; those on shared borders count once."""
    inside = [point(x, y) for x in range(50, 2000, 100) for y in range(50, 2000, 100)]
    people = layer("population", inside, population=[30] * len(inside))
    assert only(place(CLUSTER, people)).value == pytest.approx(3000)
    border = layer("population", [point(1000, 500)], population=[500])
    neighbours = layer("clusters", [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)])
    values = [row.value for row in found(place(neighbours, border)).subjects]
    assert sorted(values) == pytest.approx([0, 500 / 0.25])


def test_clusters_that_lie_over_one_another_are_counted_one_by_one() -> None:
    """A point in the common half counts in both."""
    twice = layer("clusters", [box(0, 0, 1000, 1000), box(500, 0, 1500, 1000)])
    people = layer("population", [point(700, 500)], population=[1000])
    assert all(row.value is not None and row.value > 0 for row in found(place(twice, people)).subjects)


def test_each_cluster_has_its_row() -> None:
    clusters = layer("clusters", [box(0, 0, 2000, 2000), None], sound=[True, False])
    areas = layer("sub_areas", HALVES, population=[2000, 4000])
    rows = found(place(clusters, areas)).subjects
    assert rows[0].value == pytest.approx(2000)
    assert rows[1].missing is not None
    assert rows[1].missing.code == "unsound-cluster"


def test_the_densest_place_is_marked_on_the_map(tmp_path: Path) -> None:
    values = spot(np.full((20, 20), 10, dtype="float32"), 5, 5, 10, 160)
    grid = raster(tmp_path / "p.tif", values, 100, (0, 0))
    shapes = found(place(CLUSTER, rasters={"population": grid})).evidence
    marked = next(item for item in shapes if "worst" in item.legend)
    assert marked.legend["worst"][0] is Tone.MARK
    assert marked.frame["density"].tolist() == pytest.approx([16_000])
    assert marked.frame.geometry.iloc[0].equals(box(500, 500, 1500, 1500))
    ramp = next(item for item in shapes if item.ramp)
    # One grid only, the one of the densest window: 9 windows tile the cluster.
    assert ramp.frame.area.sum() == pytest.approx(4e6)
