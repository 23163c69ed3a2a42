"""Lines cut at an area's edge, by pencil."""

import numpy as np
import pytest
import shapely

from urbanform.measure.linework import clip_lines, only_lines

SQUARE = shapely.box(0, 0, 10, 10)


def array(*shapes: object) -> np.ndarray:
    """Shapes as an object array."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def test_a_line_that_runs_through_and_touches_a_corner_keeps_its_length_only() -> None:
    """From (0, 5) through to (10, 5), out, and back to the corner (10, 10): 10 m inside and one point."""
    line = shapely.LineString([(-5, 5), (15, 5), (15, 10), (10, 10)])
    (inside,) = clip_lines(array(line), SQUARE)
    assert inside.geom_type == "MultiLineString"
    assert inside.length == pytest.approx(10)


def test_points_vanish_and_missing_stays_missing() -> None:
    found = only_lines(array(shapely.Point(1, 1), None, shapely.LineString([(0, 0), (1, 0)])))
    assert found[0].is_empty
    assert found[1] is None
    assert found[2].length == 1
