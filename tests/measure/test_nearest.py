"""The nearest other footprint, and footprints that share ground."""

import numpy as np
import pytest
import shapely

from urbanform.measure.nearest import nearest_other
from urbanform.measure.shared_ground import sharing_ground


def squares(*wests: float) -> np.ndarray:
    """Squares of 10 m × 10 m along a street."""
    return np.array([shapely.box(west, 0, west + 10, 10) for west in wests], dtype=object)


def test_gaps_along_a_street() -> None:
    """At 0, 30 and 100: gaps of 20 and 60 m."""
    shapes = squares(0, 30, 100)
    distance, which = nearest_other(shapes, np.arange(3), np.arange(3))
    assert distance.tolist() == [20, 20, 60]
    assert which.tolist() == [1, 0, 1]


def test_stacked_copies_are_nearest_to_one_another() -> None:
    shapes = squares(0, 0, 50)
    distance, which = nearest_other(shapes, np.arange(3), np.arange(3))
    assert distance.tolist() == [0, 0, 40]
    assert which.tolist() == [1, 0, 0]
    assert nearest_other(squares(5, 5), np.arange(2), np.arange(2))[0].tolist() == [0, 0]


def test_only_among_those_that_are_asked_for() -> None:
    shapes = squares(0, 20, 100)
    distance, which = nearest_other(shapes, np.array([0, 2]), np.array([2]))
    assert distance.tolist() == [90, np.inf]
    assert which.tolist() == [2, -1]


def test_missing_shapes_and_nobody() -> None:
    shapes = np.append(squares(0, 20), [None])
    distance, which = nearest_other(shapes, np.arange(3), np.array([0, 1]))
    assert distance.tolist() == [10, 10, np.inf]
    assert which[2] == -1
    assert nearest_other(squares(0), np.array([0]), np.array([], dtype=int))[0].tolist() == [np.inf]


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        (shapely.box(10, 0, 20, 10), False),  # a wall in common
        (shapely.box(9.95, 0, 20, 10), False),  # 0.5 m²
        (shapely.box(9.8, 0, 20, 10), True),  # 2 m², 2 %
        (shapely.box(2, 2, 5, 5), True),  # a tower on its podium
    ],
)
def test_slivers_share_no_ground(other: shapely.Polygon, shares: bool) -> None:
    one, two = sharing_ground(np.append(squares(0), [other]))
    assert list(zip(one.tolist(), two.tolist(), strict=True)) == ([(0, 1)] if shares else [])
