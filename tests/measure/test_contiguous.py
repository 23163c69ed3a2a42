"""Ground that hangs together: by pencil."""

import numpy as np
import pytest
import shapely

from urbanform.measure.contiguous import areal, bridges, lump_numbers, parted, pieces_left, touching


def boxes(*corners: tuple[float, float, float, float]) -> np.ndarray:
    """Rectangles."""
    return np.array([shapely.box(*item) for item in corners], dtype=object)


def test_shapes_up_to_the_gap_apart_touch() -> None:
    row = boxes((0, 0, 10, 10), (10, 0, 20, 10), (21, 0, 30, 10), (31.01, 0, 40, 10))
    first, second = touching(row, 1.0)
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 1), (1, 2)]
    assert lump_numbers(4, (first, second)).tolist() == [0, 0, 0, 3]


def test_missing_and_empty_shapes_touch_nothing() -> None:
    shapes = np.array([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)], dtype=object)
    assert len(touching(shapes, 5.0)[0]) == 0


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(10, -5), (10, 45)], True),
        ([(10.5, 0), (10.5, 40)], True),
        ([(0, 20), (20, 20)], False),
        ([(10, -5), (10, 20)], False),
        ([(5, -5), (5, 45)], False),
    ],
)
def test_a_line_parts_two_shapes_only_all_along_where_they_meet(
    points: list[tuple[float, float]], expected: bool
) -> None:
    """Two rectangles of 40 m with a common side at x = 10."""
    pair = boxes((0, 0, 10, 40), (10, 0, 20, 40))
    line = np.array([shapely.LineString(points), None, shapely.LineString()], dtype=object)
    assert parted(pair, touching(pair, 1.0), line, 1.0).tolist() == [expected]
    assert parted(pair, touching(pair, 1.0), line[1:], 1.0).tolist() == [False]


def test_pieces_hang_together_over_a_bridge_unless_it_is_taken() -> None:
    """Two squares of 100 m² with 0.8 m between: one piece of 200 m²; with a hedge in the gap two of 100 m²."""
    pair = boxes((0, 0, 10, 10), (10.8, 0, 20.8, 10))
    ground = shapely.union_all(pair)
    joints = shapely.union_all(bridges(pair, touching(pair, 1.0), 1.0))
    assert pieces_left(ground, joints, shapely.Polygon())[1].tolist() == pytest.approx([200])
    hedge = shapely.box(10, 0, 10.8, 10)
    assert pieces_left(ground, joints, hedge)[1].tolist() == pytest.approx([100, 100])
    assert pieces_left(ground, joints, shapely.box(-1, -1, 30, 30))[1].tolist() == []


def test_only_areas_are_left_of_a_collection() -> None:
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (5, 5)])])
    found = areal(np.array([mixed, shapely.Point(0, 0), shapely.box(0, 0, 2, 2)], dtype=object))
    assert shapely.area(found).tolist() == [1, 0, 4]
    assert set(shapely.get_type_id(found)) == {shapely.GeometryType.MULTIPOLYGON}


def test_shapes_that_leave_no_area_leave_empty_ones() -> None:
    lines = np.array([shapely.LineString([(0, 0), (1, 0)]), shapely.Point(0, 0)], dtype=object)
    assert [shape.is_empty for shape in areal(lines)] == [True, True]
