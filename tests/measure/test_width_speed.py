"""Net width of large corridors: what it costs, and that the figure is still right."""

import time

import numpy as np
import pytest
import shapely
from shapely import Polygon

from urbanform.measure.prepared_corridor import prepared_corridor
from urbanform.measure.width import net_width

MOST_CPU_S = 3.0


def long_corridor(rng, count=10_000, length_m=30_000):
    """A winding corridor of 2 x `count` points, about 500 m wide."""
    t = np.linspace(0, 1, count)
    x, y = t * length_m, 900 * np.sin(14 * t)
    dx, dy = np.gradient(x), np.gradient(y)
    across = np.c_[-dy, dx] / np.hypot(dx, dy)[:, None]
    upper = 250 + 40 * np.sin(60 * t) + rng.normal(0, 0.5, count)
    lower = 250 + 40 * np.cos(47 * t) + rng.normal(0, 0.5, count)
    line = np.c_[x, y]
    return Polygon(np.vstack([line - across * lower[:, None], (line + across * upper[:, None])[::-1]]))


def houses(rng, ground, count, half_m):
    x = rng.uniform(0, 30_000, 2 * count)
    y = 900 * np.sin(14 * x / 30_000) + rng.uniform(-250, 250, 2 * count)
    inside = shapely.contains_xy(ground, x, y)
    x, y = x[inside][:count], y[inside][:count]
    w, d = rng.uniform(5, half_m, x.size), rng.uniform(5, half_m, x.size)
    return shapely.box(x - w, y - d, x + w, y + d)


@pytest.mark.long
@pytest.mark.parametrize("half_m", [12, 25, 40])
def test_a_corridor_of_20000_points_with_5000_houses(half_m):
    rng = np.random.default_rng(5)
    ground = long_corridor(rng)
    standing = houses(rng, ground, 5000, half_m)
    assert shapely.get_num_coordinates(ground) == 20_001
    assert len(standing) == 5000
    start = time.process_time()
    result = net_width(prepared_corridor([ground], standing))
    assert time.process_time() - start < MOST_CPU_S
    assert len(result.corridor.ends) == 2
    if result.width_m > 0:
        # No chain can leave less than its smallest gap, nor the way come nearer to a house than half the width.
        assert result.narrowest.length == pytest.approx(result.width_m)
        assert min(widths.min() for widths in result.profile.width_m) == pytest.approx(result.width_m)


@pytest.mark.long
def test_a_spiral_of_many_turns():
    """Near across ground outside at every turn, it must be looked along, not across: 100 m within the arcs' 0.05 m."""
    inner, outer = [], []
    for half in range(20):
        centre, radius = (0.0 if half % 2 == 0 else 55.0), 100.0 + 55.0 * half
        angles = np.linspace(half * np.pi, (half + 1) * np.pi, 400)
        inner.append(np.c_[centre + radius * np.cos(angles), radius * np.sin(angles)])
        outer.append(np.c_[centre + (radius + 100) * np.cos(angles), (radius + 100) * np.sin(angles)])
    spiral = shapely.simplify(Polygon(np.vstack([*inner, *[o[::-1] for o in outer[::-1]]])), 1e-9)
    start = time.process_time()
    assert net_width(prepared_corridor([spiral])).width_m == pytest.approx(100, abs=0.05)
    assert time.process_time() - start < MOST_CPU_S
