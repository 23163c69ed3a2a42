"""Cuts with an outline of tens of thousands of vertices are those with the whole of it."""

import time

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from urbanform.measure.local import LARGE, _cut, around_each, shared_with


def raster_like() -> shapely.Polygon:
    """What a classified image leaves of 6 km × 6 km in cells of 30 m, a tenth of them missing: steps and holes."""
    rng = np.random.default_rng(3)
    kept = np.argwhere(rng.random((200, 200)) > 0.1)
    parts = shapely.get_parts(shapely.union_all(shapely.box(*(kept * 30.0).T, *((kept + 1) * 30.0).T)))
    return max(parts, key=shapely.area)


AREA = raster_like()


def small(count: int, size_m: float) -> NDArray[np.object_]:
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-100, 6_100, (2, count))
    return shapely.box(x, y, x + size_m, y + rng.uniform(1, size_m, count))


@pytest.mark.parametrize("size_m", [12, 90, 1500])
def test_the_ground_shared_with_a_large_area(size_m: float) -> None:
    shapes = small(400, size_m)
    assert shapely.get_num_coordinates(AREA) > 4 * LARGE
    plain = shapely.intersection(shapes, AREA)
    found = shared_with(shapes, AREA)
    assert shapely.area(found) == pytest.approx(shapely.area(plain), abs=1e-6)
    assert shapely.area(shapely.symmetric_difference(found, plain)).max() < 1e-6


def test_lines_shared_with_a_large_area() -> None:
    lines = shapely.boundary(small(400, 300))
    assert shapely.length(shared_with(lines, AREA)) == pytest.approx(
        shapely.length(shapely.intersection(lines, AREA)), abs=1e-6
    )


def test_around_each_shape_and_its_margin_the_area_is_whole() -> None:
    shapes = small(60, 40)
    around = around_each(AREA, shapes, 50)
    near = shapely.buffer(shapely.envelope(shapes), 50, join_style="mitre")
    assert shapely.get_num_coordinates(around).max() < shapely.get_num_coordinates(AREA) / 5
    left = shapely.symmetric_difference(shapely.intersection(near, around), shapely.intersection(near, AREA))
    assert shapely.area(left).max() < 1e-6


def test_where_the_cut_only_touches_the_area_nothing_else_than_area_is_left() -> None:
    """The box about (0, 0)–(80, 80) has 11 m of room: a tip at x = 91 and an edge along y = 91 meet it from outside."""
    area = shapely.MultiPolygon(
        [
            shapely.box(10, 10, 20, 20),
            shapely.box(40, 91, 50, 120),
            shapely.Polygon([(91, 50), (120, 40), (120, 60)]),
        ]
    )
    cut = _cut(area, np.array([[0.0, 0.0, 80.0, 80.0]]))
    assert shapely.get_dimensions(shapely.get_parts(cut)).tolist() == [2]
    assert cut.area == pytest.approx(100)


def test_small_areas_and_single_shapes_are_left_alone() -> None:
    square = shapely.box(0, 0, 6_000, 6_000)
    assert all(found is square for found in around_each(square, small(5, 10)))
    assert around_each(AREA, small(1, 10))[0] is AREA
    assert len(around_each(AREA, small(0, 10))) == 0


def test_missing_and_empty_shapes_share_nothing() -> None:
    shapes = np.array([None, shapely.Polygon(), shapely.box(0, 0, 3_000, 3_000), None], dtype=object)
    found = shared_with(shapes, AREA)
    assert found[0] is None
    assert found[1].is_empty
    assert found[2].area == pytest.approx(shapely.intersection(shapes[2], AREA).area)


def test_thousands_of_cuts_take_seconds() -> None:
    shapes = small(4_000, 60)
    began = time.process_time()
    shared_with(shapes, AREA)
    assert time.process_time() - began < 15
