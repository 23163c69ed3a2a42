"""Net width against a second method: how large a disc still gets through, by bisection on eroded free ground.

The second method knows the ends and banks from the making of the corridor, so it also checks that the ends are found.
It grows banks and obstacles by half a width and asks whether one piece of what is left reaches every end; what lies
beyond an end, where a disc may go, is added as a round of ground about it.
"""

import numpy as np
import pytest
import shapely
from shapely import LineString, Polygon, affinity, box

from urbanform.measure.prepared_corridor import prepared_corridor
from urbanform.measure.width import net_width

AGREE_M = 0.2
BISECT_TO_M = 0.05


def eroded_width_m(ground, banks, ends, obstacles, most_m):
    """The diameter at which the ends are no longer linked, to 5 cm."""
    walls = shapely.union_all(np.array([*banks, *obstacles], dtype=object))
    ends = np.array(ends, dtype=object)
    room = shapely.union_all(np.array([ground, *shapely.buffer(ends, most_m)], dtype=object))
    low_m, high_m = 0.0, most_m
    while high_m - low_m > BISECT_TO_M:
        tried_m = (low_m + high_m) / 2
        free = shapely.get_parts(shapely.difference(room, shapely.buffer(walls, tried_m / 2, quad_segs=32)))
        linked = free.size > 0 and shapely.intersects(free[:, None], ends[None, :]).all(axis=1).any()
        low_m, high_m = (tried_m, high_m) if linked else (low_m, tried_m)
    return (low_m + high_m) / 2


def winding_corridor(rng, times=1):
    """A corridor along a curve, its banks wavy and a little rough; its flanks and its usual width beside it.

    It may be some times as long, with as many more points and bends.
    """
    count = times * int(rng.integers(20, 160))
    length_m, width_m = times * rng.uniform(800, 3000), rng.uniform(60, 160)
    t = np.linspace(0, 1, count)
    bends = times * rng.uniform(1, 6)
    # The last stretch at either end runs straight, so that bank and end are told apart by anyone.
    steady = np.clip(np.minimum(t, 1 - t) * times / 0.1 - 1, 0, 1)
    x, y = t * length_m, rng.uniform(0, length_m / times / 16) * np.sin(3 * bends * t) * steady
    dx, dy = np.gradient(x), np.gradient(y)
    across = np.c_[-dy, dx] / np.hypot(dx, dy)[:, None]

    def flank():
        wave = rng.uniform(0, 0.3) * np.sin(times * rng.uniform(3, 20) * t + rng.uniform(0, 6)) * steady
        return width_m / 2 * (1 + wave) + rng.normal(0, width_m * rng.choice([0, 0.003, 0.01]), count) * steady

    upper, lower = np.c_[x, y] + across * flank()[:, None], np.c_[x, y] - across * flank()[:, None]
    return Polygon(np.vstack([lower, upper[::-1]])), upper, lower, width_m


def houses_in(rng, ground, count, largest_m):
    x0, y0, x1, y1 = ground.bounds
    places = np.c_[rng.uniform(x0, x1, 6 * count), rng.uniform(y0, y1, 6 * count)]
    places = places[shapely.contains_xy(ground, places[:, 0], places[:, 1])][:count]
    houses = [
        affinity.rotate(box(x - w / 2, y - d / 2, x + w / 2, y + d / 2), rng.uniform(0, 90))
        for (x, y), (w, d) in zip(places, rng.uniform(3, largest_m, (len(places), 2)), strict=True)
    ]
    return np.array(houses, dtype=object)


def winding_case(seed, times=1):
    rng = np.random.default_rng(seed)
    while True:
        ground, upper, lower, width_m = winding_corridor(rng, times)
        if ground.is_valid:
            break
    houses = houses_in(rng, ground, times * int(rng.integers(0, 40)), width_m / 5)
    ends = [LineString([upper[0], lower[0]]), LineString([upper[-1], lower[-1]])]
    return ground, [LineString(upper), LineString(lower)], ends, houses, 2 * width_m


def branching_case(seed):
    """Three arms of their own widths from one place, at least 90° apart."""
    rng = np.random.default_rng(seed)
    angles = np.radians(np.array([0, 120, 240]) + rng.uniform(-15, 15, 3))
    widths_m, lengths_m = rng.uniform(60, 140, 3), rng.uniform(600, 1200, 3)
    arms = [
        affinity.rotate(box(0, -w / 2, length, w / 2), angle, origin=(0, 0), use_radians=True)
        for angle, w, length in zip(angles, widths_m, lengths_m, strict=True)
    ]
    ground = shapely.union_all(np.array([*arms, shapely.Point(0, 0).buffer(60, 16)], dtype=object))
    ends = [max(_sides(arm), key=lambda side: side.distance(shapely.Point(0, 0))) for arm in arms]
    banks = shapely.difference(ground.exterior, shapely.union_all(shapely.buffer(np.array(ends), 1e-6)))
    houses = houses_in(rng, ground, int(rng.integers(0, 40)), 20)
    return ground, list(shapely.get_parts(banks)), ends, houses, 300.0


def _sides(arm):
    corners = shapely.get_coordinates(arm.exterior)
    return [LineString(corners[k : k + 2]) for k in range(4)]


def assert_agrees(case):
    ground, banks, ends, houses, most_m = case
    result = net_width(prepared_corridor([ground], houses))
    assert len(result.corridor.ends) == len(ends)
    assert result.width_m == pytest.approx(eroded_width_m(ground, banks, ends, houses, most_m), abs=AGREE_M)


@pytest.mark.parametrize("seed", range(20))
def test_winding_corridors(seed):
    assert_agrees(winding_case(seed))


@pytest.mark.parametrize("seed", range(6))
def test_long_winding_corridors(seed):
    """20 to 75 km, up to a thousand times as long as wide."""
    assert_agrees(winding_case(seed, times=25))


@pytest.mark.parametrize("seed", range(10))
def test_branching_corridors(seed):
    assert_agrees(branching_case(seed))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1150))
def test_more_winding_corridors(seed):
    assert_agrees(winding_case(seed))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1040))
def test_more_long_winding_corridors(seed):
    assert_agrees(winding_case(seed, times=25))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1050))
def test_more_branching_corridors(seed):
    assert_agrees(branching_case(seed))
