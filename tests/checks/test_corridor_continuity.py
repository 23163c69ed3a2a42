"""Continuity through the whole check: breaks, what fills them, and neighbours without a corridor."""

import math

import pytest
from shapely import MultiPolygon, Polygon

from places import box, layer, line, place
from urbanform.checks import find_check
from urbanform.model.measurement import Subject
from urbanform.model.submission import TableLayer
from urbanform.site import Site

CHECK = find_check("corridor-continuity")
BAND = layer("corridors", [box(0, 0, 1000, 100)])


def rows(*layers: TableLayer, **params: float) -> tuple[Subject, ...]:
    """The subjects of a place."""
    return CHECK.measure(Site(place(*layers)), None, CHECK.params(**params)).subjects


def test_an_open_band_has_no_break() -> None:
    assert [row.value for row in rows(BAND)] == [0]


def test_a_wall_across_breaks_it_once_and_two_walls_twice() -> None:
    """Two walls leave three pieces, of which the middle one reaches both banks: two breaks."""
    one = layer("buildings", [box(500, -5, 501, 105)])
    two = layer("buildings", [box(300, -5, 301, 105), box(700, -5, 701, 105)])
    assert [row.value for row in rows(BAND, one)] == [1]
    assert [row.value for row in rows(BAND, two)] == [2]


def test_a_slit_wider_than_the_disc_is_no_break() -> None:
    walls = [box(500, -5, 510, 49), box(500, 51, 510, 105)]
    assert [row.value for row in rows(BAND, layer("buildings", walls))] == [0]
    assert [row.value for row in rows(BAND, layer("buildings", walls), disc_m=3)] == [1]


def test_a_seam_up_to_a_metre_joins_and_a_wider_gap_breaks() -> None:
    """Two parts of one feature 0.9 m apart are one; 30 m apart they are two pieces: one break."""
    near = layer("corridors", [MultiPolygon([box(0, 0, 500, 100), box(500.9, 0, 1000, 100)])])
    far = layer("corridors", [MultiPolygon([box(0, 0, 500, 100), box(530, 0, 1000, 100)])])
    assert [row.value for row in rows(near)] == [0]
    assert [row.value for row in rows(far)] == [1]


def test_a_crossing_road_does_not_break_it() -> None:
    road = layer("roads", [line((500, -50), (500, 150))], red_line_width=[40])
    assert [row.value for row in rows(BAND, road)] == [0]


def test_neighbouring_clusters_without_a_corridor_between_are_undetermined() -> None:
    """A and B have the band between them, B and C nothing; A and C are not neighbours, for B lies between."""
    clusters = layer(
        "clusters",
        [box(0, 110, 1000, 1000), box(0, -1000, 1000, -10), box(0, -3000, 1000, -2000)],
        id=["A", "B", "C"],
        name=["甲", "乙", "丙"],
    )
    found = rows(BAND, clusters)
    assert [(row.id, row.value) for row in found] == [("1", 0), ("B+C", None)]
    assert found[1].missing is not None
    assert "1000 米" in found[1].missing.zh
    assert [row.id for row in rows(BAND, clusters, neighbour_m=900)] == ["1"]


def test_broken_and_endless_shapes_keep_their_rows() -> None:
    strange = layer("corridors", [box(0, 0, 300, 300), None], sound=[True, False])
    assert [(row.value, row.missing is not None) for row in rows(strange)] == [(None, True), (None, True)]


def test_a_wall_of_unknown_use_leaves_it_open() -> None:
    (row,) = rows(BAND, layer("parcels", [box(500, -5, 520, 105)], land_use=[None]))
    assert row.bounds is not None
    assert (row.bounds.low, row.bounds.high) == (0, 1)
    assert row.value is None
    assert row.missing is not None


def test_what_fills_a_break_is_told() -> None:
    (row,) = rows(BAND, layer("buildings", [box(500, -5, 530, 105)], id=["墙"]))
    assert any("墙" in note.zh for note in row.notes)
    assert row.value == pytest.approx(1)


def test_an_end_that_may_be_a_point_leaves_it_open() -> None:
    """A cut of 25°: an end askew, or a corridor that tapers to a point, which no disc can leave."""
    cut = Polygon([(0, 0), (1000, 0), (1000 + 100 / math.tan(math.radians(25)), 100), (0, 100)])
    (row,) = rows(layer("corridors", [cut]))
    assert row.bounds is not None
    assert (row.bounds.low, row.bounds.high) == (0, 1)
    assert row.missing is not None
    assert row.missing.code == "open-ends"
