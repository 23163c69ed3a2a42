"""Which polygons are one corridor, and what they make together."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, affinity, box

from urbanform.measure.corridor_outline import group_corridors, joined_outlines
from urbanform.measure.prepared_corridor import ObstacleKind, ObstacleRef, prepared_corridor
from urbanform.measure.width import net_width

LEFT = box(0, 0, 500, 100)


def right(gap_m):
    return box(500 + gap_m, 0, 1000, 100)


def test_groups_are_numbered_as_they_appear():
    """0 and 2 touch; 4's parts lie by 1 and by 3, so that those are one; 5 is alone, 6 and 7 are nothing."""
    features = [
        LEFT,
        box(0, 900, 100, 1000),
        box(500, 50, 600, 100),
        box(5000, 0, 5100, 100),
        MultiPolygon([box(100.5, 900, 200, 1000), box(5100, 0, 5200, 100)]),
        box(9000, 0, 9100, 100),
        None,
        Polygon(),
    ]
    assert group_corridors(features).tolist() == [0, 1, 0, 1, 1, 2, -1, -1]


def test_no_features_no_groups():
    assert group_corridors([]).size == 0
    assert joined_outlines([]) == ()
    assert joined_outlines([None, Polygon()]) == ()


@pytest.mark.parametrize(("gap_m", "together"), [(0, True), (0.3, True), (1.0, True), (1.1, False), (30, False)])
@pytest.mark.parametrize("angle", [0, 23, 90, 131])
def test_a_seam_of_up_to_1_m_joins(gap_m, together, angle):
    """Two rectangles of 100 m: together 100 m wide, or in pieces and 0."""
    parts = [affinity.rotate(part, angle, origin=(0, 0)) for part in (LEFT, right(gap_m))]
    assert (group_corridors(parts).max() == 0) == together
    assert len(joined_outlines(parts)) == (1 if together else 2)
    assert net_width(prepared_corridor(parts)).width_m == pytest.approx(100 if together else 0, abs=0.01)


def test_the_seam_can_be_set():
    assert len(joined_outlines([LEFT, right(5)], join_m=5)) == 1
    assert len(joined_outlines([LEFT, right(0.3)], join_m=0)) == 2
    assert len(joined_outlines([LEFT, right(0)], join_m=0)) == 1


def test_only_the_ground_between_two_parts_is_filled():
    """The seam of 0.8 m x 100 m is filled; a slit of 0.5 m in one part stays open."""
    slit = LEFT.difference(box(200, 40, 200.5, 100))
    (whole,) = joined_outlines([slit, right(0.8)])
    assert whole.area == pytest.approx(slit.area + right(0.8).area + 0.8 * 100, abs=0.05)
    assert net_width(prepared_corridor([slit, right(0.8)])).width_m == pytest.approx(40, abs=0.01)


def test_a_narrower_part_is_joined_at_its_own_width():
    """60 m of corridor on 100 m, 0.9 m away: 60."""
    assert net_width(prepared_corridor([LEFT, box(500.9, 20, 1500, 80)])).width_m == pytest.approx(60, abs=0.01)


def test_slivers_along_a_seam_are_no_obstacles():
    """Two drawings of one wavering seam differ by up to 0.2 m; the gaps between them would else be holes."""
    y = np.linspace(0, 100, 41)
    one, other = 500 + 0.1 * np.sin(y), 500 + 0.1 * np.cos(1.7 * y)
    west = Polygon([(0, 0), *np.c_[one, y], (0, 100)])
    east = Polygon([*np.c_[other, y][::-1], (1000, 0), (1000, 100)])
    assert net_width(prepared_corridor([west, east])).width_m == pytest.approx(100, abs=0.01)


def test_parts_of_a_multipolygon_and_missing_features():
    together = MultiPolygon([LEFT, right(0.5)])
    assert net_width(prepared_corridor([None, together, Polygon()])).width_m == pytest.approx(100, abs=0.01)


def test_parts_that_overlap():
    assert net_width(prepared_corridor([box(0, 0, 600, 100), right(-100)])).width_m == pytest.approx(100, abs=0.01)


def test_inputs_stay_as_they_are():
    features = np.array([LEFT, right(0.5)], dtype=object)
    houses = np.array([box(300, -20, 310, 20), None, Point(5, 5).buffer(1)], dtype=object)
    before = shapely.to_wkb(features).tolist(), shapely.to_wkb(houses).tolist()
    net_width(prepared_corridor(features, houses))
    assert (shapely.to_wkb(features).tolist(), shapely.to_wkb(houses).tolist()) == before


def test_an_index_of_obstacles_and_their_numbers():
    """Of four, one missing and one elsewhere, the last makes the narrow place: 100 - 45 = 55."""
    houses = np.array([None, box(0, 500, 10, 510), box(200, 0, 210, 20), box(700, 55, 710, 140)], dtype=object)
    for obstacles in (houses, shapely.STRtree(houses)):
        result = net_width(prepared_corridor([LEFT, right(0)], obstacles))
        assert result.width_m == pytest.approx(55, abs=0.01)
        assert result.chain == (ObstacleRef(ObstacleKind.OBSTACLE, 3),)


def test_a_chain_is_told_from_bank_to_bank():
    """Gaps 10, 25, 15 and 20 with houses of 10 m: the chain is houses 2, 0, 1 from one bank, and the width 25."""
    houses = np.array([box(400, 45, 410, 55), box(400, 70, 410, 80), box(400, 10, 410, 20)], dtype=object)
    result = net_width(prepared_corridor([LEFT], houses))
    assert result.width_m == pytest.approx(25)
    assert [ref.number for ref in result.chain] in ([2, 0, 1], [1, 0, 2])


def test_a_hole_in_the_chain_has_the_number_of_its_ring():
    wide = box(0, 0, 1000, 200).difference(shapely.union(box(100, 10, 110, 20), box(500, 90, 520, 110)))
    result = net_width(prepared_corridor([wide]))
    assert result.width_m == pytest.approx(90)
    (ref,) = result.chain
    assert ref.kind is ObstacleKind.HOLE
    assert shapely.Polygon(wide.interiors[ref.number]).contains(Point(510, 100))
