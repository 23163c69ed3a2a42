"""Corridors a hundred and a thousand times as long as wide: their widths are those of their flanks, by pencil."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon
from shapely.affinity import rotate, translate

from urbanform.measure.continuity import continuity
from urbanform.measure.corridor_mesh import mean_width_m
from urbanform.measure.delaunay import triangles_inside
from urbanform.measure.prepared_corridor import prepared_corridor
from urbanform.measure.width import NetWidth, net_width


def width_of(polygon: Polygon, *obstacles: Polygon) -> NetWidth:
    return net_width(prepared_corridor([polygon], np.array(obstacles, dtype=object)))


def placed(shape: Polygon, degrees: float) -> Polygon:
    return translate(rotate(shape, degrees, origin=(0, 0)), 500_000, 3_900_000)


@pytest.mark.parametrize("degrees", [0, 17, 90])
@pytest.mark.parametrize(("length_m", "width_m"), [(10_000, 100), (10_000, 50), (20_000, 50), (30_000, 30), (5_000, 5)])
def test_a_strip_is_as_wide_as_it_is_however_long(length_m: float, width_m: float, degrees: float) -> None:
    corridor = placed(shapely.box(0, 0, length_m, width_m), degrees)
    width = width_of(corridor)
    assert width.width_m == pytest.approx(width_m, abs=1e-6)
    assert width.further_ends_width_m == pytest.approx(width_m, abs=1e-6)
    assert width.profile.length_m == pytest.approx(length_m, rel=0.01)


def test_what_stands_in_a_long_strip_takes_its_ground() -> None:
    """A hut of 10 m × 10 m on the flank of 20 km × 50 m leaves 40 m; one across all of it nothing, and two pieces."""
    strip = shapely.box(0, 0, 20_000, 50)
    assert width_of(strip, shapely.box(9_000, 0, 9_010, 10)).width_m == pytest.approx(40, abs=1e-6)
    across = prepared_corridor([strip], np.array([shapely.box(9_000, 0, 9_010, 50)], dtype=object))
    assert continuity(across).breaks == 1


def test_a_long_winding_corridor() -> None:
    """24 km of waves of 3 km, 300 m to either side; a radius of 760 m at the crests leaves flanks 25 m to each side."""
    x = np.linspace(0, 24_000, 4_801)
    line = LineString(np.column_stack([x, 300 * np.sin(x * 2 * np.pi / 3_000)]))
    winding = line.buffer(25, cap_style="flat", quad_segs=16)
    assert width_of(winding).width_m == pytest.approx(50, abs=0.05)


def test_a_long_corridor_with_a_narrows() -> None:
    """50 m wide, but 44 m between 6 and 7 km: both flanks step in by 3 m."""
    right = [(0, 0), (6_000, 0), (6_000, 3), (7_000, 3), (7_000, 0), (15_000, 0)]
    left = [(15_000, 50), (7_000, 50), (7_000, 47), (6_000, 47), (6_000, 50), (0, 50)]
    assert width_of(Polygon(right + left)).width_m == pytest.approx(44, abs=1e-6)


def test_a_thread_is_not_known_rather_than_cut_into_millions_of_pieces() -> None:
    assert np.isnan(width_of(shapely.box(0, 0, 10_000, 1e-3)).width_m)


def rings_of(polygon: Polygon) -> list[np.ndarray]:
    polygon = shapely.orient_polygons(shapely.segmentize(polygon, mean_width_m(polygon) / 4))
    return [shapely.get_coordinates(ring)[:-1] for ring in (polygon.exterior, *polygon.interiors)]


def covers(polygon: Polygon) -> None:
    """The triangles cover the polygon once, turn left, and have its edges among theirs."""
    found = triangles_inside(rings_of(polygon))
    assert found is not None
    rings, triangles = found
    points = np.concatenate(rings)
    corners = points[triangles]
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    doubled = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    assert doubled.min() > -1e-6
    assert doubled.sum() / 2 == pytest.approx(polygon.area, rel=1e-9)
    assert len(triangles) == len(points) + 2 * len(rings) - 4
    assert Polygon(rings[0], rings[1:]).symmetric_difference(polygon).area == pytest.approx(0, abs=1e-6 * polygon.area)


def test_what_is_inside_an_outline_is_told_by_its_direction() -> None:
    covers(shapely.box(0, 0, 10, 1))
    covers(shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60)))
    covers(Polygon([(0, 0), (100, 0), (100, 1), (1, 1), (1, 99), (100, 99), (100, 100), (0, 100)]))


def test_rings_that_touch_are_not_known() -> None:
    square = [(0, 0), (100, 0), (100, 100), (0, 100)]
    at_a_corner, on_an_edge = [(0, 100), (30, 60), (30, 40)], [(0, 50), (30, 60), (30, 40)]
    for hole in (at_a_corner, on_an_edge):
        assert triangles_inside([np.array(ring, dtype=float) for ring in (square, hole)]) is None
    apart = [(1, 50), (30, 60), (30, 40)]
    assert triangles_inside([np.array(ring, dtype=float) for ring in (square, apart)]) is not None


@given(
    st.lists(st.tuples(st.floats(5, 100), st.floats(0.2, 1)), min_size=5, max_size=40),
    st.sampled_from([1.0, 5.0, 30.0]),
    st.sampled_from([0.0, 0.5]),
)
@settings(max_examples=300, deadline=None)
def test_stars_are_covered_once(spokes: list[tuple[float, float]], stretch: float, hole: float) -> None:
    angle = np.cumsum([step for _, step in spokes])
    angle *= 2 * np.pi / angle[-1]
    length = np.array([reach for reach, _ in spokes])
    points = np.column_stack([length * np.cos(angle) * stretch, length * np.sin(angle)])
    star = Polygon(points, [points * hole * 0.01] if hole else [])
    star = translate(star, 500_000, 3_900_000)
    if star.is_valid and star.area > 1:
        covers(star)
