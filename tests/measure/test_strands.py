"""Centrelines joined end to end, their junctions, and what is clear of these: by pencil."""

import numpy as np
import pytest
import shapely

from urbanform.measure.strands import Stretches, clear_stretches, junctions, strands, zones


def lines(*points: list[tuple[float, float]]) -> np.ndarray:
    """LineStrings."""
    return np.array([shapely.LineString(item) for item in points], dtype=object)


def groups(*numbers: int) -> np.ndarray:
    """Group numbers."""
    return np.array(numbers, dtype=np.int64)


def test_ends_that_meet_or_nearly_meet_join_within_a_group() -> None:
    """Three pieces in a row, the second 0.3 m off the first; a fourth of another group."""
    row = lines([(0, 0), (100, 0)], [(100.3, 0), (200, 0)], [(300, 0), (200, 0)], [(300, 0), (400, 0)])
    joined = strands(row, groups(7, 7, 7, 8))
    assert sorted(shapely.length(joined.lines)) == pytest.approx([100, 300])
    assert sorted(joined.group) == [7, 8]
    long = int(np.argmax(shapely.length(joined.lines)))
    there = joined.owners(np.full(3, long), np.array([[50.0, 0], [150, 0], [250, 0]]))
    assert there.tolist() == [0, 1, 2]


def test_copies_count_once_and_nothing_gives_nothing() -> None:
    twice = strands(lines([(0, 0), (100, 0)], [(100, 0), (0, 0)]), groups(1, 1))
    assert shapely.length(twice.lines).tolist() == [100]
    none = strands(np.array([None, shapely.LineString()], dtype=object), groups(1, 1))
    assert len(none.lines) == 0


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ([(50, -50), (50, 50)], 1),  # crosses
        ([(50, 50), (50, 0)], 1),  # ends on it
        ([(50, 50), (50, 0.4)], 1),  # ends just short of it
        ([(100, 0), (100, 80)], 0),  # goes on from its end
        ([(50, 5), (50, 80)], 0),  # ends well short of it
    ],
)
def test_junctions_have_three_arms_or_more(other: list[tuple[float, float]], count: int) -> None:
    found = junctions(lines([(0, 0), (100, 0)], other))
    places = {(round(x), round(y)) for x, y in shapely.get_coordinates(found.at)}
    assert len(places) == count
    assert set(found.line) == ({0, 1} if count else set())


def test_three_ends_at_a_point_are_a_junction() -> None:
    found = junctions(lines([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 90)]))
    assert shapely.get_coordinates(found.at).tolist() == [[100, 0]]
    assert sorted(found.line) == [0, 1, 2]


def test_zones_are_left_out_and_may_overlap() -> None:
    """300 m with zones of 20 m about 100 m and 130 m, and one that reaches over the end."""
    found = clear_stretches(
        lines([(0, 0), (300, 0)]), groups(0, 0, 0), np.array([100.0, 130, 295]), np.array([20.0, 20, 20])
    )
    assert list(zip(found.from_m, found.to_m, strict=True)) == [(0, 80), (150, 275)]


def test_on_a_closed_line_a_zone_runs_over_the_seam() -> None:
    """A square of 400 m with a zone of 30 m at its seam: clear from 30 to 370 m."""
    square = lines([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
    found = clear_stretches(square, groups(0), np.array([0.0]), np.array([30.0]))
    assert list(zip(found.from_m, found.to_m, strict=True)) == [(30, 370)]


def test_stations_stand_in_the_middle_of_full_steps() -> None:
    """54 m: five steps of 10 m, 2 m over at either end; 7 m: one station in its middle."""
    stretches = Stretches(groups(0, 0), np.array([0.0, 100]), np.array([54.0, 107]))
    stretch, along_m = stretches.every(10)
    assert stretch.tolist() == [0, 0, 0, 0, 0, 1]
    assert along_m.tolist() == pytest.approx([7, 17, 27, 37, 47, 103.5])


def test_a_junction_has_a_zone_on_each_passage_and_reaches_past_a_cut() -> None:
    """A line of 400 m that crosses itself at (50, 0), 50 and 350 m along, where another ends; one cut 5 m short."""
    loop = lines([(0, 0), (100, 0), (100, 100), (50, 100), (50, -50)])
    meet = junctions(np.concatenate([loop, lines([(50, 0), (-50, -100)])]))
    zone_m = np.full(len(meet.at), 20.0)
    found = clear_stretches(loop, *zones(loop, meet, zone_m))
    assert found.from_m == pytest.approx([0, 70, 370])
    assert found.to_m == pytest.approx([30, 330, 400])
    line, at_m, reach_m = zones(lines([(55, 0.0), (300, 0)]), meet, zone_m)
    assert (set(line.tolist()), set(at_m.tolist()), set(reach_m.tolist())) == ({0}, {0.0}, {15.0})
