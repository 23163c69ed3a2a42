"""Middle lines: where they run, worked out by pencil."""

import numpy as np
import pytest
import shapely

from urbanform.measure.medial import middle_lines


def test_a_strip_has_one_line_along_its_middle() -> None:
    """400 m × 40 m, far from the origin: from 20 m to 380 m along y = 20 (the forks into the corners go)."""
    (found,) = middle_lines(shapely.box(500_000, 3_950_000, 500_400, 3_950_040))
    xy = shapely.get_coordinates(found) - [500_000, 3_950_000]
    assert np.abs(xy[:, 1] - 20).max() < 0.05
    assert (xy[:, 0].min(), xy[:, 0].max()) == (pytest.approx(20, abs=3), pytest.approx(380, abs=3))


def test_a_cross_has_four_arms_and_a_ring_is_closed() -> None:
    cross = shapely.union(shapely.box(0, 0, 400, 40), shapely.box(188, -200, 212, 240))
    assert len(middle_lines(cross)) == 4
    ring = shapely.Point(0, 0).buffer(200, quad_segs=64).exterior.buffer(15, quad_segs=64)
    (found,) = middle_lines(ring)
    assert found.is_closed
    assert found.length == pytest.approx(2 * np.pi * 200, rel=0.002)


def test_a_square_and_nothing_have_none() -> None:
    assert len(middle_lines(shapely.box(0, 0, 100, 100))) == 0
    assert len(middle_lines(shapely.Polygon())) == 0
