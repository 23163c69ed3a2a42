"""Coverage: land, service areas and shares small enough for a pencil."""

import math

import numpy as np
import pytest
import shapely

from urbanform.measure.coverage import (
    beyond,
    least_share,
    less,
    most_share,
    once_each,
    out_of_reach,
    overlapping,
    service_areas,
    within,
)


def array(*shapes: object) -> np.ndarray:
    """Shapes as an array of objects."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def test_a_service_area_is_the_shape_its_sides_and_polygonal_corners() -> None:
    """A rectangle of 100 × 50 m, 10 m round: 5,000 + 2 · (100 + 50) · 10, and at the corners a polygon of 4n sides of
    radius 10, which is 100 · 2n · sin(π / 2n)."""
    for segments in (1, 16, 64):
        (area,) = service_areas(array(shapely.box(0, 0, 100, 50)), np.array([10.0]), segments)
        corners = 100 * 2 * segments * math.sin(math.pi / (2 * segments))
        assert shapely.area(area) == pytest.approx(5000 + 3000 + corners, rel=1e-12)


def test_what_lies_inside_an_area() -> None:
    """One shape inside, one half in, one that only touches, one missing."""
    shapes = array(shapely.box(1, 1, 2, 2), shapely.box(9, 0, 11, 4), shapely.box(10, 5, 12, 6), None)
    found = within(shapes, shapely.box(0, 0, 10, 10))
    assert shapely.area(found).tolist() == [1, 4, 0, 0]
    assert found[0] is shapes[0]
    assert shapely.is_empty(found[2:]).all()


def test_takers_are_taken_away_one_after_the_other() -> None:
    """10 × 10 less its lower half and its left half leaves 25; a shape without takers is left as it is."""
    shapes = array(shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10))
    takers = array(shapely.box(0, 0, 10, 5), shapely.box(0, 0, 5, 10))
    left = less(shapes, takers, (np.array([0, 0]), np.array([1, 0])))
    assert shapely.area(left).tolist() == [25, 100]
    assert left[1] is shapes[1]
    assert less(shapes, takers, (np.array([], dtype=int), np.array([], dtype=int)))[0] is shapes[0]


def test_ground_beyond_overlapping_areas_is_cut_once() -> None:
    """A strip of 100 × 10 under areas of 0–40 and 30–60 keeps 40 × 10; one wholly inside keeps nothing."""
    shapes = array(shapely.box(0, 0, 100, 10), shapely.box(5, 2, 20, 8), shapely.box(200, 0, 210, 10), None)
    areas = array(shapely.box(-5, -5, 40, 20), shapely.box(30, -5, 60, 20))
    left = beyond(shapes, areas)
    assert shapely.area(left).tolist() == [400, 0, 100, 0]


def test_two_areas_that_cover_only_together_cover() -> None:
    left = beyond(array(shapely.box(0, 0, 10, 10)), array(shapely.box(-1, -1, 6, 11), shapely.box(4, -1, 11, 11)))
    assert shapely.area(left)[0] == pytest.approx(0, abs=1e-9)


def test_without_areas_or_shapes_nothing_happens() -> None:
    nothing = np.empty(0, dtype=object)
    assert shapely.area(beyond(array(shapely.box(0, 0, 2, 2)), nothing)).tolist() == [4]
    assert len(beyond(nothing, array(shapely.box(0, 0, 2, 2)))) == 0
    assert len(once_each(nothing, np.zeros(0, dtype=int), overlapping(nothing))) == 0


def test_overlapping_shapes_share_ground_and_touching_ones_do_not() -> None:
    shapes = array(shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(5, 0, 15, 10))
    first, second = overlapping(shapes)
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 2), (1, 2)]


def test_shared_ground_goes_to_the_lower_rank_and_the_areas_add_up_to_the_union() -> None:
    """0–10, 5–15 and a copy of the first, 10 high: the union is 150; with the second first it keeps 100."""
    shapes = array(shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10), shapely.box(0, 0, 10, 10))
    pairs = overlapping(shapes)
    assert shapely.area(once_each(shapes, np.zeros(3, dtype=int), pairs)).tolist() == [100, 50, 0]
    assert shapely.area(once_each(shapes, np.array([1, 0, 1]), pairs)).tolist() == [50, 100, 0]


def test_bounds_of_a_share_take_each_piece_or_leave_it() -> None:
    """60 of 100 are certain; pieces of 0/100, 50/100 and 100/100 may belong.

    Least: with the first 60/200 = 0.3; the second would raise it. Most: with the last 160/200 = 0.8.
    """
    covered, whole = np.array([0.0, 50.0, 100.0]), np.array([100.0, 100.0, 100.0])
    assert least_share(60, 100, covered, whole) == pytest.approx(0.3)
    assert most_share(60, 100, covered, whole) == pytest.approx(0.8)
    nothing = np.zeros(0)
    assert least_share(60, 100, nothing, nothing) == most_share(60, 100, nothing, nothing) == pytest.approx(0.6)


@pytest.mark.parametrize("seed", range(5))
def test_bounds_of_a_share_are_those_of_trying_every_choice(seed: int) -> None:
    random = np.random.default_rng(seed)
    whole = random.uniform(0, 50, 8)
    covered = whole * random.uniform(0, 1, 8)
    chosen = (np.arange(256)[:, None] >> np.arange(8)) & 1
    shares = (20 + chosen @ covered) / (50 + chosen @ whole)
    assert least_share(20, 50, covered, whole) == pytest.approx(shares.min())
    assert most_share(20, 50, covered, whole) == pytest.approx(shares.max())


def test_out_of_reach_is_what_the_areas_served_leave() -> None:
    """Squares of 10 m along a line of 300 m, targets of each kind at its ends: the same land as by the areas, and the
    squares next to the targets are gone whole."""
    squares = shapely.box(np.arange(0, 300, 10), 0, np.arange(10, 310, 10), 10)
    targets = np.array([shapely.Point(-20, 5), shapely.box(320, 0, 330, 10), shapely.LineString([(0, -9), (5, -9)])])
    left = out_of_reach(squares, targets, 100.0, 64)
    by_areas = beyond(squares, service_areas(targets, np.full(3, 100.0), 64))
    np.testing.assert_allclose(shapely.area(left), shapely.area(by_areas), atol=1e-9)
    assert [shapely.is_empty(left[at]) for at in (0, 9, 15, 29)] == [True, True, False, True]
    assert 50 < shapely.area(left[10]) < 70
    assert shapely.area(left[15]) == 100
    assert shapely.area(out_of_reach(squares, targets[:0], 100.0, 64)).sum() == 3000
