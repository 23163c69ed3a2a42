"""Cluster density: raster, polygons, points, own field; each figure worked out by pencil."""

from pathlib import Path

import numpy as np
import pytest

from places import box, layer, place, point, raster
from urbanform.checks import find_check
from urbanform.model.measurement import Measurement, Subject
from urbanform.model.submission import Submission
from urbanform.site import Site

CHECK = find_check("cluster-population-density")


def measured(submission: Submission) -> Measurement:
    """The measurement of a place."""
    return CHECK.measure(Site(submission), None, CHECK.params())


def only(submission: Submission) -> Subject:
    """The one subject of a place."""
    (subject,) = measured(submission).subjects
    return subject


KM2 = box(0, 0, 1000, 1000)


def test_own_field() -> None:
    """12,000 persons on 1 km²; 3,000 on 2 km²."""
    two = layer("clusters", [KM2, box(1000, 0, 3000, 1000)], population=[12000, 3000])
    assert [subject.value for subject in measured(place(two)).subjects] == pytest.approx([12000, 1500])


def test_missing_population_is_open_above_and_never_nothing() -> None:
    subject = only(place(layer("clusters", [KM2], population=[None])))
    assert subject.value is None
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (0, None)


def test_population_polygons_are_shared_out_by_area() -> None:
    """Half of a polygon of 8,000 and all of one of 1,000 lie inside: 4,000 + 1,000 on 1 km²."""
    people = layer("population", [box(-500, 0, 500, 1000), box(500, 0, 1000, 1000)], population=[8000, 1000])
    assert only(place(layer("clusters", [KM2]), people)).value == pytest.approx(5000)


def test_an_unknown_population_polygon_opens_the_figure_above() -> None:
    people = layer("population", [box(0, 0, 500, 1000), box(500, 0, 1000, 1000)], population=[400, None])
    subject = only(place(layer("clusters", [KM2]), people))
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (pytest.approx(400), None)


def test_ground_without_population_polygons_puts_a_pass_in_doubt() -> None:
    """94 % covered: doubt; 96 %: a note."""
    for covered, doubts, notes in ((940, 1, 0), (960, 0, 1)):
        people = layer("population", [box(0, 0, covered, 1000)], population=[400])
        subject = only(place(layer("clusters", [KM2]), people))
        assert (len(subject.doubts), len(subject.notes)) == (doubts, notes)


def test_points_count_once_even_on_a_shared_border() -> None:
    """Points of 10, 20 and 30 persons; the 20 on the border of two clusters belong to the western one."""
    clusters = layer("clusters", [KM2, box(1000, 0, 2000, 1000)])
    people = layer("population", [point(500, 500), point(1000, 500), point(1500, 500)], population=[10, 20, 30])
    assert [s.value for s in measured(place(clusters, people)).subjects] == pytest.approx([30, 30])
    turned = layer("clusters", [box(1000, 0, 2000, 1000), KM2])
    assert [s.value for s in measured(place(turned, people)).subjects] == pytest.approx([30, 30])


def test_a_point_of_unknown_place_may_be_anywhere() -> None:
    people = layer("population", [point(500, 500), None], population=[10, 7], sound=[True, False])
    subject = only(place(layer("clusters", [KM2]), people))
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (10, 17)


def test_raster_cells_count_by_the_share_inside(tmp_path: Path) -> None:
    """Cells of 100 m with 50 persons; a cluster of 1050 × 1000 m cuts the last column in half: 10.5 × 10 × 50."""
    grid = raster(tmp_path / "p.tif", np.full((10, 20), 50, dtype="float32"), 100, (0, 0))
    subject = only(place(layer("clusters", [box(0, 0, 1050, 1000)]), rasters={"population": grid}))
    assert subject.numerator is not None
    assert subject.numerator.value == pytest.approx(5250)
    assert subject.value == pytest.approx(5000)


def test_nodata_and_nan_inside_the_extent_are_empty_ground(tmp_path: Path) -> None:
    """Of 100 cells 4 hold -9999 and 2 NaN: 6 % without data is a doubt; 94 × 50 persons remain."""
    values = np.full((10, 10), 50, dtype="float32")
    values[0, :4], values[1, :2] = -9999, np.nan
    grid = raster(tmp_path / "p.tif", values, 100, (0, 0), nodata=-9999)
    subject = only(place(layer("clusters", [KM2]), rasters={"population": grid}))
    assert subject.value == pytest.approx(4700)
    assert [doubt.code for doubt in subject.doubts] == ["without-data"]


def test_an_undeclared_missing_mark_is_not_summed(tmp_path: Path) -> None:
    values = np.full((10, 10), 50, dtype="float32")
    values[0, 0] = -9999
    grid = raster(tmp_path / "p.tif", values, 100, (0, 0))
    subject = only(place(layer("clusters", [KM2]), rasters={"population": grid}))
    assert subject.value is None
    assert subject.bounds is not None
    assert subject.bounds.high is None


def test_beyond_the_raster_nothing_is_known(tmp_path: Path) -> None:
    """Half of the cluster lies outside: at least 50 × 50 persons."""
    grid = raster(tmp_path / "p.tif", np.full((10, 5), 50, dtype="float32"), 100, (0, 0))
    subject = only(place(layer("clusters", [KM2]), rasters={"population": grid}))
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (pytest.approx(2500), None)


def test_a_broken_cluster_keeps_its_row() -> None:
    rows = measured(place(layer("clusters", [KM2, None], sound=[True, False], population=[100, 100]))).subjects
    assert rows[0].value == pytest.approx(100)
    assert rows[1].missing is not None
