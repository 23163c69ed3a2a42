"""Copies for drawing: fewer corners, and nothing that was there gone."""

import numpy as np
import pytest
import shapely

from urbanform.output.sheet import MOST_CORNERS, VERY_MANY_CORNERS, lightened


def test_what_has_few_corners_stays() -> None:
    square = np.array([shapely.box(0, 0, 10, 10)])
    light, simplified = lightened(square)
    assert light[0].equals(square[0])
    assert simplified == 0


def test_an_outline_with_thousands_of_holes_is_drawn_in_a_few_corners() -> None:
    x, y = np.meshgrid(np.arange(80) * 100.0 + 30, np.arange(80) * 100.0 + 30)
    holes = shapely.union_all(shapely.box(x, y, x + 20, y + 20))
    area = shapely.box(0, 0, 8_000, 8_000).difference(holes)
    assert shapely.get_num_coordinates(area) > VERY_MANY_CORNERS
    (light,), simplified = lightened(np.array([area]))
    assert simplified == 1
    assert shapely.get_num_coordinates(light) <= MOST_CORNERS
    assert light.area == pytest.approx(area.area, rel=0.05)


def test_thousands_of_small_parts_do_not_vanish() -> None:
    """Huts of 8 m × 8 m lose a corner, not their place: the tolerance would take them all."""
    x, y = np.meshgrid(np.arange(80) * 100.0, np.arange(80) * 100.0)
    huts = shapely.multipolygons(shapely.box(x, y, x + 8, y + 8).ravel())
    (light,), _ = lightened(np.array([huts]))
    assert shapely.get_num_geometries(light) == 6_400
    assert (shapely.area(shapely.get_parts(light)) > 0).all()


def test_a_long_line_stays_a_line() -> None:
    x = np.arange(30_000.0)
    (light,), simplified = lightened(np.array([shapely.LineString(np.column_stack([x, 40 * np.sin(x / 90)]))]))
    assert simplified == 1
    assert light.length > 29_999
    assert shapely.get_num_coordinates(light) <= MOST_CORNERS
