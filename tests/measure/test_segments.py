"""Pairs of segments that come near one another, against looking at every pair."""

import numpy as np
import pytest
import shapely

from urbanform.measure.density import hexagons_over
from urbanform.measure.segments import Segments, near_pairs, segments_of


def lines(seed: int, count: int) -> Segments:
    """Random walks of up to 30 steps in a square of 300 m."""
    random = np.random.default_rng(seed)
    walks = [
        shapely.LineString(random.uniform(0, 300, 2) + random.normal(0, 8, (random.integers(2, 30), 2)).cumsum(axis=0))
        for _ in range(count)
    ]
    return segments_of(np.array(walks, dtype=object))


def within(one: Segments, other: Segments, distance_m: np.ndarray) -> set[tuple[int, int]]:
    """The pairs that truly lie within the distance of the first, by measuring each."""
    apart_m = shapely.distance(one.shapes()[:, None], other.shapes()[None, :])
    return {(int(a), int(b)) for a, b in zip(*np.nonzero(apart_m <= distance_m[:, None]), strict=True)}


@pytest.mark.parametrize("seed", range(4))
def test_no_near_pair_is_left_out_however_often_it_is_asked(seed: int) -> None:
    one, other = lines(seed, 12), lines(seed + 100, 9)
    for reach_m in (0.0, 3.0, np.linspace(0, 20, len(one.line))):
        found = list(zip(*(side.tolist() for side in near_pairs(one, other, reach_m)), strict=True))
        assert len(found) == len(set(found))
        assert within(one, other, np.broadcast_to(reach_m, len(one.line))) <= set(found)


@pytest.mark.parametrize("seed", range(4))
def test_among_one_set_each_pair_comes_once_the_smaller_number_first(seed: int) -> None:
    one = lines(seed, 15)
    found = list(zip(*(side.tolist() for side in near_pairs(one, one, 2.0)), strict=True))
    assert len(found) == len(set(found))
    assert all(first < second for first, second in found)
    near = within(one, one, np.full(len(one.line), 2.0))
    assert {pair for pair in near if pair[0] < pair[1]} <= set(found)


def test_no_segments_give_no_pairs() -> None:
    nothing = segments_of(np.array([None, shapely.LineString()], dtype=object))
    assert [len(side) for side in near_pairs(nothing, lines(1, 3), 5.0)] == [0, 0]
    assert [len(side) for side in near_pairs(lines(1, 3), nothing, 5.0)] == [0, 0]


def test_some_of_the_hexagons_keep_their_own_shapes() -> None:
    """Cells of 10 m over 100 × 40 m: each polygon's middle lies in the cell of its row and column."""
    cells = hexagons_over(shapely.box(0, 0, 100, 40), 10.0)
    some = cells.of(np.arange(len(cells.row)) % 3 == 0)
    for grid in (cells, some):
        row, column = grid.cell_of(shapely.get_coordinates(shapely.centroid(grid.shapes)))
        assert (row.tolist(), column.tolist()) == (grid.row.tolist(), grid.column.tolist())
        assert shapely.area(grid.shapes) == pytest.approx(10**2 * 3**0.5 / 2)
