"""Roads in corridors: those that cross do not narrow, those along it do."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, affinity, box

from urbanform.measure.prepared_corridor import ObstacleKind, ObstacleRef, prepared_corridor
from urbanform.measure.road_strips import RoadLines
from urbanform.measure.width import net_width

STRIP = box(0, 0, 1000, 120)
AXIS = LineString([(-50, 60), (1050, 60)])
NAN = np.nan


def roads(*lines, red_line_width_m=None, pavement_width_m=None):
    unknown = [NAN] * len(lines)
    return RoadLines(
        np.array(lines, dtype=object),
        np.array(red_line_width_m or unknown, dtype=float),
        np.array(pavement_width_m or unknown, dtype=float),
    )


def width_with(network, shape=STRIP, **options):
    return net_width(prepared_corridor([shape], None, network, **options))


@pytest.mark.parametrize("angle", [0, 33])
def test_a_road_along_the_axis_leaves_half_of_the_rest(angle):
    """120 m less a road of 20 m: 50 m on either side."""
    axis = affinity.rotate(AXIS, angle, origin=(0, 0))
    result = width_with(roads(axis, red_line_width_m=[20]), affinity.rotate(STRIP, angle, origin=(0, 0)))
    assert result.width_m == pytest.approx(50, abs=0.01)
    assert result.wide_roads_width_m == result.width_m
    assert result.chain == (ObstacleRef(ObstacleKind.ROAD, 0),)
    assert result.corridor.doubtful_roads == ()


@pytest.mark.parametrize(
    ("red_line_m", "pavement_m", "width_m", "wide_m"),
    [
        (NAN, NAN, 54, 40),  # 12 m by default, 40 m at worst
        (NAN, 16, 52, 40),  # the pavement is wider than the default
        (NAN, 8, 54, 40),  # the default is wider than the pavement
        (NAN, 50, 35, 35),  # the pavement is wider than the worst
        (8, 16, 56, 56),  # the red line is known
        (0, NAN, 54, 40),  # no road is 0 m wide: unknown
    ],
)
def test_width_of_a_road(red_line_m, pavement_m, width_m, wide_m):
    """Half of what is left of 120 m beside the road."""
    result = width_with(roads(AXIS, red_line_width_m=[red_line_m], pavement_width_m=[pavement_m]))
    assert result.width_m == pytest.approx(width_m, abs=0.01)
    assert result.wide_roads_width_m == pytest.approx(wide_m, abs=0.01)
    assert result.corridor.doubtful_roads == (() if red_line_m == 8 else (0,))


def test_default_width_can_be_set():
    """120 m less 30 m leaves 45 m on either side; less 60 m, 30 m."""
    result = width_with(roads(AXIS), road_width_m=30, unknown_road_width_m=60)
    assert (result.width_m, result.wide_roads_width_m) == (pytest.approx(45), pytest.approx(30))


@pytest.mark.parametrize(
    "lines",
    [
        [LineString([(500, -50), (500, 200)])],
        [LineString([(500, 0), (500, 120)])],  # drawn from bank to bank
        [LineString([(500, 0.4), (500, 119.6)])],  # not quite to the banks
        [LineString([(500, -9), (500, 50)]), LineString([(500, 130), (500, 50)])],  # two halves, drawn to each other
        [MultiLineString([[(500, -9), (500, 50)], [(500, 50), (500, 130)]])],
        [LineString([(400, -1), (735, 121)])],  # aslant: the stretch inside is 350.7 m, under 3 x 120
    ],
)
def test_a_crossing_does_not_narrow(lines):
    result = width_with(roads(*lines))
    assert result.width_m == pytest.approx(120, abs=0.01)
    assert result.corridor.doubtful_roads == ()
    (crossing,) = result.corridor.crossings
    assert crossing.roads == tuple(range(len(lines)))
    assert crossing.length_m == pytest.approx(crossing.line.length)


def test_crossing_exactly_three_widths_long():
    """From (0, 0) to (√8 · 120, 120) it is √(8 + 1) · 120 = 3 · 120 m long: still a crossing; a metre more is none."""
    reach = np.sqrt(8) * 120
    assert width_with(roads(LineString([(200, 0), (200 + reach, 120)]))).width_m == pytest.approx(120, abs=0.01)
    longer = width_with(roads(LineString([(200, 0), (201 + reach, 120)])))
    assert longer.width_m == 0
    assert longer.corridor.crossings == ()


def test_a_road_goes_straight_on_at_a_junction():
    """At (500, 60) the road across meets one from the west: that one ends there; beside its 20 m, 50 m are left."""
    north, south = LineString([(500, 130), (500, 60)]), LineString([(500, 60), (500, -10)])
    west = LineString([(-10, 60), (500, 60)])
    result = width_with(roads(north, south, west, red_line_width_m=[30, 30, 20]))
    assert result.width_m == pytest.approx(50, abs=0.01)
    (crossing,) = result.corridor.crossings
    assert set(crossing.roads) == {0, 1}
    assert result.chain == (ObstacleRef(ObstacleKind.ROAD, 2),)


def test_a_bend_between_two_features_of_one_width_leaves_no_notch():
    """The axis bends 40 m towards the upper bank where two features meet.

    Above the joint the 20 m strip reaches y = 100 + 10. Below it is nearest to the lower bank at its flat end in x = 0:
    there the line is at 60 + 50 · 40 / 550, and the strip's corner 10 m square to it, 10 · cos(atan(40 / 550)) below.
    """
    west, east = LineString([(-50, 60), (500, 100)]), LineString([(500, 100), (1050, 60)])
    result = width_with(roads(west, east, red_line_width_m=[20, 20]))
    assert result.width_m == pytest.approx(60 + 2000 / 550 - 10 * 550 / np.hypot(550, 40), abs=0.01)
    (strip,) = result.corridor.obstacles[0].shapes
    assert strip.bounds[3] == pytest.approx(110, abs=0.01)


def test_a_dead_end_narrows_and_its_end_is_flat():
    """From the lower bank 70 m up, 20 m wide: 120 - 70 = 50 m above its flat end."""
    result = width_with(roads(LineString([(500, -20), (500, 70)]), red_line_width_m=[20]))
    assert result.width_m == pytest.approx(50, abs=1e-6)


def test_a_road_that_leaves_over_the_same_bank_narrows():
    """A loop from the lower bank up to y = 40 with 10 m of road above its line: 120 - 40 - 5 = 75 m."""
    loop = LineString([(400, -10), (400, 40), (600, 40), (600, -10)])
    assert width_with(roads(loop, red_line_width_m=[10])).width_m == pytest.approx(75, abs=0.01)


def test_two_roads_that_enter_at_one_place_are_two():
    """Both reach the lower bank at (500, 0); each crosses by itself."""
    one, other = LineString([(500, 0), (450, 120)]), LineString([(500, 0), (550, 120)])
    result = width_with(roads(one, other))
    assert len(result.corridor.crossings) == 2
    assert result.width_m == pytest.approx(120, abs=0.01)


def test_a_road_over_an_end_is_no_crossing():
    """From the middle of the end x = 0 to the upper bank at x = 150 a 30 m road walls that corner in.

    Its flat end turns 15 m square to the line: its lower corner lies 15 · 150 / √(150² + 60²) below the line's tip.
    """
    result = width_with(roads(LineString([(0, 60), (150, 120)]), red_line_width_m=[30]))
    assert result.corridor.crossings == ()
    assert result.width_m == pytest.approx(60 - 15 * 150 / np.hypot(150, 60), abs=0.01)


def test_a_road_across_the_arm_of_a_belt_crosses_it():
    """Both flanks of the arm are the belt's outer bank, but across the arm they are two."""
    belt = shapely.union(box(0, 0, 1000, 1000).difference(box(100, 100, 900, 900)), box(990, 470, 1500, 530))
    result = width_with(roads(LineString([(1200, 400), (1200, 600)])), belt)
    assert result.width_m == pytest.approx(60, abs=0.01)
    assert len(result.corridor.crossings) == 1


def test_a_road_round_a_belt_crosses_from_the_outside_to_the_hole():
    belt = box(0, 0, 1000, 1000).difference(box(100, 100, 900, 900))
    result = width_with(roads(LineString([(500, -20), (500, 120)])), belt)
    assert result.width_m == pytest.approx(100, abs=0.01)
    assert len(result.corridor.crossings) == 1


def test_roads_elsewhere_missing_and_empty_ones_change_nothing():
    network = roads(LineString([(0, 500), (900, 500)]), None, LineString(), LineString([(0, 120), (900, 300)]))
    result = width_with(network)
    assert result.width_m == pytest.approx(120, abs=0.01)
    assert result.corridor.doubtful_roads == ()
    assert width_with(RoadLines.none()).width_m == pytest.approx(120, abs=0.01)


def test_an_index_of_roads_gives_the_same():
    network = roads(AXIS, red_line_width_m=[20])
    assert width_with(network, road_tree=shapely.STRtree(network.lines)).width_m == pytest.approx(50, abs=0.01)
