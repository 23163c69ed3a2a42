"""Mended or distrusted: shapes worked out by pencil."""

import struct

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from urbanform.intake.geometry import geometry_kind, mend, same_shapes, shapes_from_wkb
from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.roles import Geometry

SQUARE = shapely.box(0, 0, 10, 10)


def array(*shapes: object) -> np.ndarray:
    """Shapes as an object array."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def test_sound_shapes_stay_as_they_are() -> None:
    mended = mend(array(SQUARE, None), Geometry.POLYGON)
    assert mended.shapes[0].equals_exact(SQUARE, 0)
    assert mended.sound.all()
    assert not mended.repaired
    assert not mended.distrusted


def test_a_bow_tie_is_distrusted_and_becomes_its_envelope() -> None:
    """(0 0, 10 10, 10 0, 0 10): two triangles of 25; the ring's own area is 0."""
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    mended = mend(array(bow), Geometry.POLYGON)
    assert list(mended.distrusted) == ["self-intersection"]
    assert mended.shapes[0].equals(SQUARE)
    assert not mended.sound[0]


def test_a_ring_that_touches_itself_is_mended_at_the_same_area() -> None:
    """A square of 100 with a notch of 2 that meets the outline at one point: 98 before and after."""
    ring = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 5), (2, 6), (2, 4), (0, 5)]
    touching = shapely.Polygon(ring)
    assert not touching.is_valid
    mended = mend(array(touching), Geometry.POLYGON)
    assert list(mended.repaired) == ["self-touching-ring"]
    assert mended.shapes[0].area == pytest.approx(98)
    assert mended.sound[0]


def test_overlapping_parts_are_distrusted() -> None:
    """Two parts of 100 that share 50: counted 200, covering 150."""
    both = shapely.MultiPolygon([SQUARE, shapely.box(5, 0, 15, 10)])
    assert list(mend(array(both), Geometry.POLYGON).distrusted) == ["self-intersection"]


def test_a_sliver_of_overlap_within_a_thousandth_is_mended() -> None:
    both = shapely.MultiPolygon([SQUARE, shapely.box(9.99, 0, 20, 10)])
    assert list(mend(array(both), Geometry.POLYGON).repaired) == ["self-touching-ring"]


def test_repeated_vertices_go_and_z_is_dropped() -> None:
    twice = shapely.Polygon([(0, 0), (10, 0), (10, 0), (10, 10), (0, 10)])
    raised = shapely.Polygon([(0, 0, 5), (10, 0, 5), (10, 10, 5)])
    mended = mend(array(twice, raised), Geometry.POLYGON)
    assert set(mended.repaired) == {"repeated-vertices", "z-dropped"}
    assert not shapely.has_z(mended.shapes).any()
    assert mended.sound.all()


def test_a_point_among_polygons_and_numbers_that_are_none_are_not_known_at_all() -> None:
    written = bytearray(shapely.to_wkb(shapely.Polygon([(0, 0), (7, 0), (1, 1)])))
    at = bytes(written).index(struct.pack("<d", 7.0))
    written[at : at + 8] = struct.pack("<d", float("nan"))
    (nan,), _ = shapes_from_wkb(array(bytes(written)))
    mended = mend(array(SQUARE, shapely.Point(1, 1), nan), Geometry.POLYGON)
    assert set(mended.distrusted) == {"other-geometry-type", "impossible-coordinates"}
    assert list(mended.sound) == [True, False, False]
    assert mended.shapes[1] is None


def test_broken_bytes_are_told_from_missing_shapes() -> None:
    wkb = array(shapely.to_wkb(SQUARE), None, b"\x01\x03\x00\x00\x00\x01\x00")
    shapes, broken = shapes_from_wkb(wkb)
    assert list(broken) == [False, False, True]
    mended = mend(shapes, Geometry.POLYGON, broken)
    assert list(mended.sound) == [True, True, False]


def test_empty_shapes_are_missing() -> None:
    mended = mend(array(shapely.Polygon(), SQUARE), Geometry.POLYGON)
    assert mended.shapes[0] is None


def test_a_collection_of_polygons_is_a_multipolygon() -> None:
    mended = mend(array(shapely.GeometryCollection([SQUARE, shapely.box(20, 0, 30, 10)])), Geometry.POLYGON)
    assert mended.shapes[0].geom_type == "MultiPolygon"
    assert mended.sound[0]


def test_same_points_are_the_same_shape_whatever_their_order() -> None:
    turned = shapely.Polygon([(10, 10), (0, 10), (0, 0), (10, 0)])
    other = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10), (0, 5)])
    label = same_shapes(GeometryColumn(array(SQUARE, turned, other, None)))
    assert label[0] == label[1] != label[2]
    assert label[3] == -1


def test_the_kind_of_a_layer_is_that_of_most_of_its_shapes() -> None:
    assert geometry_kind(array(SQUARE, SQUARE, shapely.Point(0, 0), None)) is Geometry.POLYGON
    assert geometry_kind(array(None)) is None


CORNER = st.tuples(st.integers(-4, 4), st.integers(-4, 4))


@given(st.lists(CORNER, min_size=3, max_size=5), st.sampled_from([0.0, 4_000_000.1]), st.sampled_from([1.0, 1e-3, 0.1]))
@settings(max_examples=400, deadline=None)
def test_what_is_left_as_it_is_is_valid(corners: list[tuple[int, int]], off: float, unit: float) -> None:
    shape = shapely.Polygon(np.array(corners, dtype=float) * unit + off)
    found = mend(array(shape), Geometry.POLYGON)
    assert bool(shape.is_valid) == (found.repaired.keys() <= {"repeated-vertices"} and not found.distrusted)


def test_corners_on_a_line_and_dents_are_looked_at_whole() -> None:
    dart = shapely.Polygon([(0, 0), (4, 0), (1, 1), (0, 4)])
    hour_glass = shapely.Polygon([(0, 0), (4, 0), (0, 4), (4, 4)])
    flat = shapely.Polygon([(0, 0), (2, 0), (4, 0), (6, 0)])
    turned = shapely.Polygon([(0, 0), (0, 4), (4, 4), (4, 0)])
    found = mend(array(dart, hour_glass, flat, turned), Geometry.POLYGON)
    assert found.sound.tolist() == [True, False, False, True]
