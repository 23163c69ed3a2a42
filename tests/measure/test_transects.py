"""Transects: widths of surfaces by pencil, on a line along y = 0 with stations every 10 m."""

import numpy as np
import pytest
import shapely

from urbanform.measure.transects import MOST_POINTS, Surfaces, Widths, small_pieces, stations, widths_at

LINE = np.array([shapely.LineString([(0, 0), (100, 0)])], dtype=object)
ALONG_M = np.arange(5.0, 100, 10)


def shapes(*found: shapely.Geometry | None) -> np.ndarray:
    """An array of shapes."""
    array = np.empty(len(found), dtype=object)
    array[:] = found
    return array


def widths(*found: shapely.Geometry | None, certain: list[bool] | None = None) -> Widths:
    """The widths of some surfaces across the line."""
    surfaces = Surfaces.of(shapes(*found), np.array(certain or [True] * len(found)))
    return widths_at(stations(LINE, np.zeros(10, dtype=np.int64), ALONG_M), surfaces)


def test_a_station_stands_across_its_line_whatever_kink_it_lies_on() -> None:
    """A jog of 0.2 m in the middle of a straight line turns the direction across by 1.1° at most."""
    jog = shapes(shapely.LineString([(0, 0), (49.9, 0), (50.1, 0.2), (100, 0.2)]))
    places = stations(jog, np.zeros(1, dtype=np.int64), np.array([50.1]))
    assert places.across[0] == pytest.approx([0, 1], abs=0.021)
    right = stations(LINE, np.zeros(1, dtype=np.int64), np.array([50.0]))
    assert right.ends(np.array([-3.0]), np.array([4.0]))[0] == pytest.approx(np.array([[50, -3], [50, 4]]))


def test_a_strip_off_the_line_is_read_on_both_sides() -> None:
    """From 5 m on the right to 25 m on the left: 30 m."""
    found = widths(shapely.box(-10, -5, 110, 25))
    assert found.least_m == pytest.approx(30)
    assert found.most_m == pytest.approx(30)
    assert (found.from_m[0], found.to_m[0]) == (pytest.approx(-5), pytest.approx(25))


def test_pieces_and_overlaps_make_one_width_and_a_gap_ends_it() -> None:
    """A seam of 4 cm joins; a strip of 6 m is open; one of 12 m parts."""
    assert widths(shapely.box(0, -10, 100, 0), shapely.box(0, 0.04, 100, 8)).least_m == pytest.approx(18)
    assert widths(shapely.box(0, -10, 100, 5), shapely.box(0, -5, 100, 8)).least_m == pytest.approx(18)
    strip = widths(shapely.box(0, -10, 100, 5), shapely.box(0, 11, 100, 21))
    assert (strip.least_m[0], strip.most_m[0]) == (pytest.approx(15), pytest.approx(31))
    parted = widths(shapely.box(0, -10, 100, 5), shapely.box(0, 17, 100, 27))
    assert (parted.least_m[0], parted.most_m[0]) == (pytest.approx(15), pytest.approx(15))


def test_off_the_surface_nothing_is_known() -> None:
    """A surface under the first half only; one 3 m aside."""
    half = widths(shapely.box(0, -10, 50, 10))
    assert half.least_m.tolist() == pytest.approx([20] * 5 + [0] * 5)
    assert half.most_m.tolist() == pytest.approx([20] * 5 + [np.inf] * 5)
    aside = widths(shapely.box(0, 3, 100, 13))
    assert (aside.least_m[0], aside.most_m[0]) == (0, np.inf)


def test_unsure_surfaces_only_add_to_the_most_and_a_lost_one_leaves_it_open() -> None:
    found = widths(shapely.box(0, -10, 100, 10), shapely.box(0, 10, 100, 15), certain=[True, False])
    assert (found.least_m[0], found.most_m[0]) == (pytest.approx(20), pytest.approx(25))
    lost = widths(shapely.box(0, -10, 100, 10), None)
    assert (lost.least_m[0], lost.most_m[0]) == (pytest.approx(20), np.inf)


def test_a_wide_surface_is_followed_to_its_edges() -> None:
    assert widths(shapely.box(0, -90, 100, 120)).least_m == pytest.approx(210)


def test_a_large_polygon_falls_into_small_pieces_of_the_same_area() -> None:
    """A ring of 2 × 2,048 points."""
    ring = shapely.Point(0, 0).buffer(900, quad_segs=512).exterior.buffer(15, quad_segs=8)
    pieces, owner = small_pieces(shapes(shapely.box(0, 0, 1, 1), ring))
    assert (shapely.get_num_coordinates(pieces) <= MOST_POINTS).all()
    assert shapely.area(pieces[owner == 1]).sum() == pytest.approx(ring.area, rel=1e-12)
    assert len(pieces[owner == 0]) == 1
