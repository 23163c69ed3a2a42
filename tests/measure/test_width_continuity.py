"""Continuity: how often a corridor is broken, where, and by what."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Polygon, affinity, box

from urbanform.measure.continuity import continuity
from urbanform.measure.prepared_corridor import ObstacleKind, ObstacleRef, prepared_corridor
from urbanform.measure.road_strips import RoadLines
from urbanform.measure.width import WidthReason, net_width

STRIP = box(0, 0, 1000, 100)
BELT = box(0, 0, 1000, 1000).difference(box(100, 100, 900, 900))


def corridor(shapes, *obstacles, **options):
    return prepared_corridor(shapes, np.array(obstacles, dtype=object), **options)


def obstacle(number):
    return ObstacleRef(ObstacleKind.OBSTACLE, number)


def test_nothing_in_the_way():
    found = continuity(corridor([STRIP]))
    assert (found.breaks, found.wide_roads_breaks, found.pieces, found.places) == (0, 0, (), ())


@pytest.mark.parametrize("angle", [0, 29])
def test_two_walls_make_three_pieces(angle):
    """Walls of 10 m and 20 m: three pieces, two breaks as wide as the walls."""
    shapes = [affinity.rotate(s, angle, origin=(0, 0)) for s in (STRIP, box(300, 0, 310, 100), box(600, -5, 620, 105))]
    found = continuity(corridor(shapes[:1], *shapes[1:]))
    assert found.breaks == 2
    assert len(found.pieces) == 3
    assert [place.length_m for place in found.places] == pytest.approx([10, 20], abs=1e-3)
    assert [place.filled_by for place in found.places] == [(obstacle(0),), (obstacle(1),)]


@pytest.mark.parametrize(("slit_m", "breaks"), [(0.9, 1), (1.0, 0), (1.1, 0)])
def test_a_slit_as_wide_as_the_disc_is_open(slit_m, breaks):
    """Two houses from the banks leave a slit at mid-width."""
    found = continuity(corridor([STRIP], box(300, 0, 310, 50 - slit_m / 2), box(300, 50 + slit_m / 2, 310, 100)))
    assert found.breaks == breaks
    if breaks:
        assert len(found.pieces) == 2
        assert set(found.places[0].filled_by) == {obstacle(0), obstacle(1)}


def test_the_disc_can_be_larger():
    """A pinch of 40 m lets a disc of 40 m through, none of 50 m."""
    ground = corridor([STRIP], box(490, 0, 510, 60))
    assert continuity(ground, 40.0).breaks == 0
    assert continuity(ground, 50.0).breaks == 1


def test_a_wall_thinner_than_a_seam_still_breaks():
    found = continuity(corridor([STRIP], box(500, 0, 500.3, 100)))
    assert found.breaks == 1
    assert found.places[0].length_m == pytest.approx(0.3, abs=1e-3)


def test_two_walls_close_together_leave_a_piece_that_reaches_two_banks():
    """Walls at 300-310 and 330-340: the 20 m between them reach both banks: three pieces."""
    assert continuity(corridor([STRIP], box(300, 0, 310, 100), box(330, 0, 340, 100))).breaks == 2


def test_a_court_without_an_exit_counts_for_nothing():
    """A walled court of 80 x 60 m in a wall: the piece inside reaches neither an end nor two banks."""
    court = box(400, -5, 500, 105).difference(box(410, 20, 490, 80))
    found = continuity(corridor([STRIP], court))
    assert found.breaks == 1
    assert len(found.pieces) == 2


def test_a_strip_between_two_walls_too_narrow_for_the_disc_counts_for_nothing():
    """Walls 0.5 m apart: what lies between them could not hold the disc."""
    found = continuity(corridor([STRIP], box(300, 0, 310, 100), box(310.5, 0, 320, 100)))
    assert found.breaks == 1
    assert found.places[0].length_m == pytest.approx(20, abs=1e-3)


def test_houses_that_touch_at_corners_are_a_wall():
    """Ten squares of 10 m corner to corner from bank to bank."""
    found = continuity(corridor([STRIP], *(box(400 + 10 * k, 10 * k, 410 + 10 * k, 10 * k + 10) for k in range(10))))
    assert found.breaks == 1
    assert len(found.pieces) == 2


def test_a_taper_to_a_point_is_a_break():
    """At the point it is 0 wide; what is left of the corridor is one piece, and the break is there."""
    found = continuity(corridor([Polygon([(0, 0), (1000, 0), (1500, 50), (1000, 100), (0, 100)])]))
    assert found.breaks == 1
    assert found.places[0].line.distance(shapely.Point(1500, 50)) < 1e-6


def test_a_belt_walled_once_and_twice():
    """One wall leaves one piece, which no disc can go round: 1. Two walls leave two pieces: 1. Three: 2."""
    walls = [box(490, -5, 510, 105), box(490, 895, 510, 1005), box(-5, 490, 105, 510)]
    assert [continuity(corridor([BELT], *walls[:count])).breaks for count in (0, 1, 2, 3)] == [0, 1, 1, 2]
    once = continuity(corridor([BELT], walls[0]))
    assert once.places[0].filled_by == (obstacle(0),)


def test_a_wall_across_the_arm_of_a_belt():
    """The piece beyond the wall reaches the arm's end, the other goes round the belt."""
    found = continuity(corridor([shapely.union(BELT, box(990, 470, 1500, 530))], box(1200, 460, 1210, 540)))
    assert found.breaks == 1
    assert found.places[0].length_m == pytest.approx(10, abs=1e-3)


def test_parts_that_lie_apart():
    """Three parts, 30 m and 50 m apart: net width 0, two breaks of that length; the gap shown is the larger."""
    ground = corridor([box(0, 0, 300, 100), box(330, 0, 600, 100), box(650, 0, 1000, 100)])
    width = net_width(ground)
    assert (width.width_m, width.wide_roads_width_m, width.reason) == (0, 0, WidthReason.APART)
    assert width.narrowest.length == pytest.approx(50)
    found = continuity(ground, width=width)
    assert found.breaks == 2
    assert [place.length_m for place in found.places] == pytest.approx([30, 50])
    assert all(place.filled_by == () for place in found.places)


def test_a_part_apart_that_is_no_corridor_still_breaks():
    """Of a square 5 m away it cannot be said where it leads; the corridor is in pieces all the same."""
    ground = corridor([STRIP, box(1005, 0, 1105, 100)])
    assert net_width(ground).width_m == 0
    assert continuity(ground).breaks == 1


def test_nothing_can_be_said_of_a_square_or_of_nothing():
    for shapes in ([box(0, 0, 100, 100)], [], [Polygon()], [None]):
        found = continuity(corridor(shapes))
        assert (found.breaks, found.wide_roads_breaks, found.pieces, found.places) == (None, None, (), ())
    assert net_width(corridor([])).reason is WidthReason.EMPTY


def test_a_road_of_unknown_width_may_break():
    """A road along a strip of 30 m: 12 m wide it leaves 9 m, 40 m wide nothing."""
    road = RoadLines(np.array([LineString([(-9, 15), (1009, 15)])]), np.array([np.nan]), np.array([np.nan]))
    ground = prepared_corridor([box(0, 0, 1000, 30)], None, road)
    width = net_width(ground)
    assert (width.width_m, width.wide_roads_width_m) == (pytest.approx(9), 0)
    found = continuity(ground, width=width)
    assert (found.breaks, found.wide_roads_breaks) == (0, 1)
