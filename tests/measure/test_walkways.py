"""Pieces of a network and the gaps between them: a few paths by pencil, in metres."""

import numpy as np
import pytest
import shapely

from urbanform.measure.walkways import GROUND, Levels, Walkways, gaps, walkways

BRIDGE: Levels = frozenset({"1"})
RAMP: Levels = frozenset({"0", "1"})


def line(*points: tuple[float, float]) -> shapely.LineString:
    """A path."""
    return shapely.LineString(points)


def paths(*lines: object, levels: list[Levels] | None = None) -> Walkways:
    """The pieces of some paths, on the ground unless told otherwise."""
    found = np.empty(len(lines), dtype=object)
    found[:] = lines
    return walkways(found, levels or [GROUND] * len(lines))


@pytest.mark.parametrize(
    ("second", "count"),
    [
        (line((100, 0), (200, 0)), 1),  # end to end
        (line((101, 0), (200, 0)), 1),  # 1 m apart
        (line((101.1, 0), (200, 0)), 2),
        (line((50, 1), (50, 80)), 1),  # an end 1 m beside the middle
        (line((50, 1.1), (50, 80)), 2),
        (line((50, -40), (50, 40)), 1),  # a crossing without a vertex
        (line((0, 20), (100, 20)), 2),  # beside it
    ],
)
def test_two_paths(second: shapely.LineString, count: int) -> None:
    """The first runs from (0, 0) to (100, 0)."""
    assert paths(line((0, 0), (100, 0)), second).count == count


def test_levels_part_and_ramps_join() -> None:
    """A bridge over a path is apart from it; a ramp from the ground up to the bridge's end joins the two."""
    road, bridge = line((0, 0), (100, 0)), line((50, -50), (50, 50))
    assert paths(road, bridge, levels=[GROUND, BRIDGE]).count == 2
    assert paths(road, bridge, levels=[BRIDGE, BRIDGE]).count == 1
    ramp = line((50, 50), (100, 50), (100, 0))
    assert paths(road, bridge, ramp, levels=[GROUND, BRIDGE, GROUND]).count == 2
    assert paths(road, bridge, ramp, levels=[GROUND, BRIDGE, RAMP]).count == 1
    meeting = paths(road, line((100, 0), (200, 0)), levels=[GROUND, BRIDGE])
    assert (meeting.count, meeting.over_levels().count) == (2, 1)
    assert paths(road, bridge, levels=[GROUND, BRIDGE]).over_levels().count == 2


def test_ground_drawn_twice_has_its_length_once() -> None:
    """60 m, drawn again from the other end; on another level it is other ground."""
    once, back = line((0, 0), (60, 0)), line((60, 0), (0, 0))
    twice = paths(once, back)
    assert (twice.count, twice.lengths_m(twice.parts).tolist()) == (1, [60.0])
    apart = paths(once, back, levels=[GROUND, BRIDGE])
    assert apart.lengths_m(apart.parts).tolist() == [60.0, 60.0]


def test_what_leaves_an_area_may_hang_together_beyond_it() -> None:
    """Two arms of 40 m inside, joined 20 m beyond the edge at x = 50."""
    hook = paths(line((10, 0), (70, 0), (70, 30), (10, 30)))
    inside = hook.cut(shapely.box(0, -10, 50, 40))
    assert (hook.count, inside.count) == (1, 2)
    assert hook.lengths_m(hook.inside(shapely.box(0, -10, 50, 40))).tolist() == [80.0]
    assert sorted(inside.lengths_m(inside.parts).tolist()) == [40.0, 40.0]
    assert inside.owner.tolist() == [0, 0]


def test_ground_joins_all_that_reaches_it() -> None:
    """Two ends 40 m apart, and a patch from the one to the other; a third path stays away."""
    three = paths(line((0, 0), (30, 0)), line((70, 0), (100, 0)), line((0, 90), (100, 90)))
    patch = np.array([shapely.box(30, -5, 70, 5)], dtype=object)
    assert three.count == 3
    assert three.joined_by(patch).count == 2
    assert three.joined_by(np.empty(0, dtype=object)).count == 3


@pytest.mark.parametrize(("apart_m", "found"), [(20.0, [20.0]), (30.0, [30.0]), (30.01, [])])
def test_gaps_are_listed_up_to_a_width(apart_m: float, found: list[float]) -> None:
    two = paths(line((0, 0), (100, 0)), line((100 + apart_m, 0), (300, 0)))
    listed = gaps(two, two.parts, 30.0)
    assert shapely.length(listed.lines).tolist() == pytest.approx(found)


def test_one_gap_for_every_two_pieces_the_shortest_first() -> None:
    """Three parallels at y = 0, 12 and 20: 8 m between the upper, 12 m between the lower two, 20 m past the middle."""
    three = paths(line((0, 0), (100, 0)), line((0, 12), (100, 12)), line((0, 20), (100, 20)))
    assert shapely.length(gaps(three, three.parts, 15.0).lines).tolist() == pytest.approx([8, 12])
    assert shapely.length(gaps(three, three.parts, 30.0).lines).tolist() == pytest.approx([8, 12, 20])
    levels = [GROUND, BRIDGE, GROUND]
    parted = paths(*three.parts, levels=levels)
    assert shapely.length(gaps(parted, parted.parts, 30.0).lines).tolist() == pytest.approx([20])


def test_nothing_gives_nothing() -> None:
    none = paths(None, shapely.LineString(), shapely.LineString([(1, 1), (1, 1)]))
    assert (none.count, len(none.parts)) == (0, 0)
    assert len(gaps(none, none.parts, 30.0).lines) == 0
    assert none.over_levels().count == 0
    assert none.cut(shapely.box(0, 0, 9, 9)).count == 0


def test_a_ring_and_a_line_of_several_parts() -> None:
    """A ring touches nothing; the parts of one feature are apart where nothing joins them."""
    ring = line((0, 0), (10, 0), (10, 10), (0, 0))
    several = shapely.MultiLineString([[(100, 0), (150, 0)], [(100, 40), (150, 40)]])
    found = paths(ring, several)
    assert found.count == 3
    assert found.owner.tolist() == [0, 1, 1]
