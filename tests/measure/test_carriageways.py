"""Carriageways: lines of one road by pencil, in metres; each expects how many metres count."""

import numpy as np
import pytest
import shapely

from urbanform.measure.carriageways import Carriageways, count_once


def line(*points: tuple[float, float]) -> shapely.LineString:
    """A line far from the origin, as surveys have them."""
    return shapely.LineString([(500_000 + x, 3_950_000 + y) for x, y in points])


def split(*lines: shapely.Geometry, road: list[int] | None = None, gap_m: float = 40) -> Carriageways:
    """All of one road, unless said otherwise."""
    return count_once(np.array(lines, dtype=object), np.array(road or [0] * len(lines)), gap_m)


def counts(*lines: shapely.Geometry, road: list[int] | None = None, gap_m: float = 40) -> float:
    """The metres that count; whatever does not is left out, and nothing is lost."""
    found = split(*lines, road=road, gap_m=gap_m)
    kept = shapely.length(found.kept).sum()
    assert kept + shapely.length(found.beside).sum() == pytest.approx(shapely.length(list(lines)).sum())
    return float(kept)


LONG = line((0, 0), (1000, 0))


@pytest.mark.parametrize(("apart", "expected"), [(0.5, 1000), (39, 1000), (40, 1000), (40.001, 2000), (41, 2000)])
def test_up_to_the_gap_apart_is_one_road(apart: float, expected: float) -> None:
    assert counts(LONG, line((0, apart), (1000, apart))) == pytest.approx(expected)


@pytest.mark.parametrize(("beside", "expected"), [(79, 200), (80, 100), (81, 100), (100, 100)])
def test_over_four_fifths_of_the_shorter_is_one_road(beside: float, expected: float) -> None:
    """Two lines of 100 m, shifted so that they run side by side over some metres; what is left out goes whole."""
    shift = 100 - beside
    assert counts(line((0, 0), (100, 0)), line((shift, 20), (100 + shift, 20))) == pytest.approx(expected)


def test_the_shorter_is_left_out_and_what_of_it_runs_alone_is_told() -> None:
    """Beside 850 m of a line of 1,000 m runs one of 900 m, of which 50 m stick out at the end."""
    found = split(line((150, 20), (1050, 20)), LONG)
    assert shapely.length(found.kept).tolist() == [0, 1000]
    assert found.alone_m.tolist() == pytest.approx([50, 0])


@pytest.mark.parametrize(("turn_deg", "expected"), [(0, 100), (9, 100), (10, 100), (10.1, None), (11, None)])
def test_within_ten_degrees_is_parallel(turn_deg: float, expected: float | None) -> None:
    """Two lines of 100 m whose middles lie 20 m apart; at 11° the other's end is still only 30 m away."""
    turn = np.radians(turn_deg)
    x, y = 50 * np.cos(turn), 50 * np.sin(turn)
    other = line((50 - x, 20 - y), (50 + x, 20 + y))
    assert counts(line((0, 0), (100, 0)), other) == pytest.approx(expected or 200)


def test_at_nine_degrees_only_the_stretch_within_the_gap_runs_beside() -> None:
    """They part at 9° from 10 m: 40 m are reached after 30 / tan 9° = 189 m of 1,000 m."""
    rise = 1000 * np.tan(np.radians(9))
    assert counts(LONG, line((0, 10), (1000, 10 + rise))) > 2000


def test_direction_and_order_do_not_matter() -> None:
    pair = [LONG, line((900, 20), (0, 20))]
    for lines in (pair, pair[::-1], [shapely.reverse(item) for item in pair]):
        assert counts(*lines) == pytest.approx(1000)


def test_lines_of_two_roads_are_compared_with_none_of_the_other() -> None:
    """A frontage road of another name, and a line that belongs to no road."""
    beside = line((0, 20), (1000, 20))
    assert counts(LONG, beside, road=[0, 1]) == pytest.approx(2000)
    assert counts(LONG, beside, road=[-1, -1]) == pytest.approx(2000)
    assert counts(LONG, beside, line((0, 30), (1000, 30)), road=[0, 0, 1]) == pytest.approx(2000)


def test_three_parallel_lines_are_one_road_where_each_lies_within_the_gap_of_what_counts() -> None:
    assert counts(LONG, line((0, 15), (990, 15)), line((0, 30), (980, 30))) == pytest.approx(1000)


def test_the_longest_of_three_decides_where_the_outer_two_are_too_far_apart() -> None:
    """35 m and 70 m away: with the middle one longest both others go; with an outer one longest the far one stays."""
    assert counts(LONG, line((0, 35), (1010, 35)), line((0, 70), (1000, 70))) == pytest.approx(1010)
    assert counts(line((0, 0), (1010, 0)), line((0, 35), (1000, 35)), line((0, 70), (990, 70))) == pytest.approx(2000)


def test_four_lanes_are_one_road_though_the_outer_ones_lie_ninety_metres_apart() -> None:
    """0, 30, 60 and 90 m: the first and the third count."""
    four = [line((0, y), (1000 - y, y)) for y in (0, 30, 60, 90)]
    assert counts(*four) == pytest.approx(1000 + 940)


def test_carriageways_cut_into_blocks_pair_up_wherever_they_are_cut() -> None:
    """1,000 m each, one in blocks of 100 m, the other in blocks of 100 m that begin 50 m later, and whole."""
    blocks = [line((x, 0), (x + 100, 0)) for x in range(0, 1000, 100)]
    other = [line((0, 20), (50, 20)), *(line((x, 20), (min(x + 100, 1000), 20)) for x in range(50, 1000, 100))]
    assert counts(*blocks, *other) == pytest.approx(1000)
    assert counts(*other, *blocks) == pytest.approx(1000)
    assert counts(*blocks, line((0, 20), (1000, 20))) == pytest.approx(1000)


def test_a_single_road_before_and_after_the_two_carriageways_counts_whole() -> None:
    """2 km single, 7 km double, 1.5 km single again: with them goes the carriageway that turns away less."""
    west, east = line((0, 0), (2000, 0)), line((9000, 0), (10500, 0))
    north = line((2000, 0), (2200, 20), (8800, 20), (9000, 0))
    south = line((2000, 0), (2200, -15), (8800, -15), (9000, 0))
    assert counts(west, north, south, east) == pytest.approx(3500 + shapely.length(south))


def test_a_single_road_goes_on_from_either_carriageway() -> None:
    """The west runs on into the southern carriageway, the east into the northern one; each is long."""
    south = [line((0, 0), (1500, 0)), line((1500, 0), (8500, 0))]
    north = [line((1500, 30), (8500, 30)), line((8500, 30), (10000, 30))]
    assert counts(*south, *north) == pytest.approx(10000)


def test_the_two_sides_of_a_divided_road_drawn_in_one_stroke() -> None:
    """Out 500 m, across 20 m, back 500 m: the way back is the other carriageway, the crossing counts."""
    assert counts(line((0, 0), (500, 0), (500, 20), (0, 20))) == pytest.approx(520)


def test_a_piece_of_a_long_run_is_left_out_beside_a_longer_line() -> None:
    """A line of 1,000 m alone; beside 500 m of it a feature of 500 m whose road runs on for 4 km in other features."""
    away = [line((500 + 1000 * n, 20), (1500 + 1000 * n, 20)) for n in range(4)]
    beside = line((0, 20), (500, 20))
    other = line((-500, 0), (500, 0))
    assert counts(other, beside, *away) == pytest.approx(1000 + 4000)


def test_ring_roads_one_inside_the_other_count_once() -> None:
    """Circles of 500 and 520 m, begun at different places: the outer one counts, 2π · 520 less the chords' 0.02 %."""
    turn = np.radians(np.arange(0, 361, 3))
    outer = line(*zip(520 * np.cos(turn), 520 * np.sin(turn), strict=True))
    inner = line(*zip(500 * np.cos(turn + 1), 500 * np.sin(turn + 1), strict=True))
    assert counts(outer, inner) == pytest.approx(2 * np.pi * 520, rel=1e-3)
    halves = [line(*shapely.get_coordinates(item) - [500_000, 3_950_000]) for item in _halves(inner)]
    assert counts(outer, *halves) == pytest.approx(2 * np.pi * 520, rel=1e-3)


def _halves(ring: shapely.LineString) -> list[shapely.LineString]:
    xy = shapely.get_coordinates(ring)
    return [shapely.LineString(xy[:61]), shapely.LineString(xy[60:])]


def test_a_roundabout_is_no_carriageway_of_its_own() -> None:
    """A ring of 15 m radius, drawn in one piece: its far side lies 30 m away."""
    turn = np.radians(np.arange(0, 361, 10))
    ring = line(*zip(15 * np.cos(turn), 15 * np.sin(turn), strict=True))
    assert counts(ring) == pytest.approx(shapely.length(ring))


def test_crossing_meeting_and_following_lines_lose_nothing() -> None:
    """A cross, a T, a line that goes on, one that goes on after a gap, and one at the next corner."""
    others = [line((500, -500), (500, 500)), line((200, 0), (200, 300)), line((1000, 0), (1500, 0))]
    others += [line((1530, 5), (2000, 5)), line((2000, 5), (2000, 400))]
    total = shapely.length([LONG, *others]).sum()
    assert counts(LONG, *others) == pytest.approx(total)


def test_features_of_several_parts_and_missing_ones() -> None:
    """One feature holds both carriageways; beside it a missing and an empty one."""
    both = shapely.multilinestrings([LONG, line((0, 20), (1000, 20))])
    found = split(both, None, shapely.LineString())
    assert shapely.length(found.kept[0]) == pytest.approx(1000)
    assert shapely.length(found.beside[0]) == pytest.approx(1000)
    assert found.kept[1] is None
    assert len(split().kept) == 0


def test_with_no_gap_nothing_is_left_out_and_the_input_stays_as_it_is() -> None:
    lines = np.array([LONG, line((0, 1), (1000, 1))], dtype=object)
    before = lines.copy()
    assert shapely.length(count_once(lines, np.array([0, 0]), 0).kept).sum() == pytest.approx(2000)
    assert shapely.length(count_once(lines, np.array([0, 0]), 40).kept).sum() == pytest.approx(1000)
    assert (lines == before).all()


def test_two_curves_with_vertices_of_their_own() -> None:
    """Quarter circles of 300 and 325 m, one drawn every 5°, the other every 7.5°."""

    def arc(radius: float, step: float) -> shapely.LineString:
        turn = np.radians(np.arange(0, 90 + step / 2, step))
        return line(*zip(radius * np.cos(turn), radius * np.sin(turn), strict=True))

    assert counts(arc(300, 5), arc(325, 7.5)) == pytest.approx(shapely.length(arc(325, 7.5)))
