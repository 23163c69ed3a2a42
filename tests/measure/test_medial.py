"""Middle lines: where they run, worked out by pencil."""

import time

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

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


@pytest.mark.parametrize("degrees", [0, 17])
def test_the_middle_of_twenty_kilometres_is_found_in_seconds(degrees: float) -> None:
    """30 m wide: one line, 15 m from either end. By the cells that GEOS draws it took half a minute askew."""
    strip = rotate(shapely.box(0, 0, 20_000, 30), degrees, origin=(0, 0))
    began = time.process_time()
    (line,) = middle_lines(strip)
    assert time.process_time() - began < 5
    assert line.length == pytest.approx(19_970, abs=2)
    assert shapely.distance(shapely.boundary(strip), shapely.line_interpolate_point(line, 9_000)) == pytest.approx(
        15, abs=0.01
    )
