"""Stretches of lines without a counterpart: shapes worked out by pencil, and the same by polygons."""

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString

from urbanform.measure.unmatched import Unmatched, unmatched


def lines(*shapes: object) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = [None if shape is None else LineString(shape) for shape in shapes]  # type: ignore[arg-type]
    return found


def left(some: np.ndarray, others: np.ndarray, reach_m: float = 20, at_least_m: float = 0) -> Unmatched:
    return unmatched(some, others, np.full(len(some), reach_m), np.full(len(others), reach_m), at_least_m)


def test_what_runs_beside_another_is_matched_up_to_the_reach() -> None:
    """A line of 1000 m; another lies 20 m beside its first 400 m.

    At exactly the reach the disc round the other's end touches the line at 400 m: 600 m are left.
    """
    found = left(lines([(0, 0), (1000, 0)]), lines([(0, 20), (400, 20)]))
    assert found.length_m[0] == pytest.approx(600)
    assert found.shapes[0].geom_type == "MultiLineString"
    assert found.shapes[0].bounds == pytest.approx((400, 0, 1000, 0))


def test_the_reach_goes_round_the_ends() -> None:
    """The other ends at 400 m, 12 m beside: with a reach of 20 m it answers for 16 m more (12² + 16² = 20²)."""
    found = left(lines([(0, 0), (1000, 0)]), lines([(0, 12), (400, 12)]))
    assert found.length_m[0] == pytest.approx(584)


def test_beyond_the_reach_all_is_left() -> None:
    assert left(lines([(0, 0), (100, 0)]), lines([(0, 20.01), (100, 20.01)])).length_m[0] == pytest.approx(100)


def test_a_street_is_not_found_in_the_one_that_it_leaves() -> None:
    """A side street of 100 m square to a long one: nothing of it is matched; one at 40° is, near the corner."""
    main = lines([(-500, 0), (500, 0)])
    assert left(lines([(0, 0), (0, 100)]), main).length_m[0] == pytest.approx(100)
    slant = lines([(0, 0), (100 * np.cos(np.radians(40)), 100 * np.sin(np.radians(40)))])
    assert left(slant, main).length_m[0] == pytest.approx(100 - 20 / np.sin(np.radians(40)))


def test_the_farther_reach_of_two_counts() -> None:
    """30 m apart: out of reach at 20 m each; a road of 70 m between its red lines answers for 35 m, whichever it is."""
    some, others = lines([(0, 0), (100, 0)]), lines([(-50, 30), (150, 30)])
    narrow, wide = np.array([20.0]), np.array([35.0])
    assert unmatched(some, others, narrow, narrow, 0).length_m[0] == pytest.approx(100)
    assert unmatched(some, others, wide, narrow, 0).length_m[0] == 0
    assert unmatched(some, others, narrow, wide, 0).length_m[0] == 0


def test_short_runs_are_dropped_but_features_that_touch_count_together() -> None:
    """Three features of 20 m end to end make a run of 60 m; a lone one of 40 m does not reach 50 m."""
    some = lines([(0, 0), (20, 0)], [(20, 0), (40, 0)], [(40, 0), (60, 0)], [(500, 0), (540, 0)])
    found = left(some, lines([(0, 900), (10, 900)]), at_least_m=50)
    assert found.length_m.tolist() == pytest.approx([20, 20, 20, 0])
    assert found.shapes[3].is_empty


def test_gaps_in_the_other_leave_what_lies_in_them() -> None:
    """Others cover 0-300 and 700-1000 on the line itself; 20 m of reach beyond each end: 320 to 680 are left."""
    found = left(lines([(0, 0), (500, 0), (1000, 0)]), lines([(0, 0), (300, 0)], [(1000, 0), (700, 0)]))
    assert found.length_m[0] == pytest.approx(360)
    assert len(found.shapes[0].geoms) == 1


def test_nothing_missing_and_empty() -> None:
    nothing = lines()
    assert left(nothing, lines([(0, 0), (1, 0)])).length_m.tolist() == []
    some = np.array([LineString([(0, 0), (80, 0)]), None, LineString()], dtype=object)
    assert left(some, nothing).length_m.tolist() == pytest.approx([80, 0, 0])
    assert left(some, np.array([None], dtype=object)).length_m.tolist() == pytest.approx([80, 0, 0])


def test_moving_and_turning_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    some = lines(*(rng.uniform(0, 400, (4, 2)) for _ in range(5)))
    others = lines(*(rng.uniform(0, 400, (4, 2)) for _ in range(5)))
    at_home = left(some, others).length_m

    def moved(shapes: np.ndarray) -> np.ndarray:
        turn = np.array([[0.6, -0.8], [0.8, 0.6]])
        return shapely.transform(shapes, lambda xy: xy @ turn.T + [500_000, 4_000_000])

    assert left(moved(some), moved(others)).length_m == pytest.approx(at_home, abs=1e-4)
    assert left(some[::-1].copy(), others[::-1].copy()).length_m[::-1] == pytest.approx(at_home, abs=1e-6)


def test_the_same_by_polygons() -> None:
    """Parallel lines (all within 45°): what is left is the line less the buffers of the others, drawn finely."""
    rng = np.random.default_rng(7)
    compared = 0
    for _ in range(40):
        some = lines(*(np.column_stack([np.sort(rng.uniform(0, 300, 4)), rng.uniform(0, 15, 4)]) for _ in range(3)))
        others = lines(*(np.column_stack([[0, 120], rng.uniform(20, 40, 2)]) for _ in range(2)))
        steep = np.concatenate([np.abs(np.diff(shapely.get_coordinates(one), axis=0)) for one in some])
        if (steep[:, 1] >= 0.7 * steep[:, 0]).any():
            continue
        ground = shapely.union_all(shapely.buffer(others, 20, quad_segs=256))
        wanted = shapely.length(shapely.difference(some, ground))
        assert left(some, others).length_m == pytest.approx(wanted, abs=0.02)
        compared += 1
    assert compared > 10
