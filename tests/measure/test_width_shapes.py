"""Net widths of shapes whose figure can be told with a pencil, however they are turned, drawn or cut up.

Straight shapes must give their figure within 0.01 m, shapes with arcs of 64 segments a quarter circle within 0.05 m.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, affinity, box

from urbanform.measure.prepared_corridor import prepared_corridor
from urbanform.measure.width import NetWidth, WidthReason, net_width

STRAIGHT_M, ARCS_M = 0.01, 0.05
UNKNOWN = math.nan


@dataclass(frozen=True)
class Pencil:
    """A shape, what stands in it, and its net width."""

    name: str
    shape: Polygon
    width_m: float
    obstacles: list[Polygon] = field(default_factory=list)
    clusters: list[Polygon] = field(default_factory=list)
    within_m: float = STRAIGHT_M

    def __str__(self) -> str:
        return self.name


def union(*shapes):
    return shapely.union_all(list(shapes))


def arm(angle, width_m, length_m=1000.0):
    """A strip from the origin outward."""
    return affinity.rotate(box(0, -width_m / 2, length_m, width_m / 2), angle, origin=(0, 0))


def disc(radius_m, x=0.0, y=0.0):
    return Point(x, y).buffer(radius_m, 64)


def ring(inner_m, outer_m):
    return disc(outer_m).difference(disc(inner_m))


def spiral(turns):
    """Half circles of 100 m width about two centres 55 m apart: turns 10 m apart, exactly 100 m wide everywhere."""
    inner, outer = [], []
    for half in range(2 * turns):
        centre, radius = (0.0 if half % 2 == 0 else 55.0), 100.0 + 55.0 * half
        angles = np.linspace(half * np.pi, (half + 1) * np.pi, 129)
        inner.append(np.c_[centre + radius * np.cos(angles), radius * np.sin(angles)])
        outer.append(np.c_[centre + (radius + 100) * np.cos(angles), (radius + 100) * np.sin(angles)])
    return Polygon(np.vstack([*inner, *[o[::-1] for o in outer[::-1]]])).simplify(1e-9)


def sawtooth():
    """Banks that come in by 3 m every 10 m, tip opposite tip: 100 - 2 * 3 = 94."""
    x = np.arange(0, 1001, 5.0)
    tooth = np.where(np.arange(x.size) % 2 == 1, 3.0, 0.0)
    return Polygon(np.vstack([np.c_[x, tooth], np.c_[x, 100 - tooth][::-1]]))


STRIP = box(0, 0, 1000, 100)
WIDE = box(0, 0, 1000, 200)
BROAD = box(0, 0, 2000, 300)
SQUARE_BELT = box(0, 0, 1000, 1000).difference(box(100, 100, 900, 900))
EIGHT = box(0, 0, 2030, 1000).difference(union(box(100, 100, 1000, 900), box(1030, 100, 1930, 900)))

PENCIL = [
    Pencil("rectangle", STRIP, 100),
    Pencil("square on the axis", WIDE, 90, [box(490, 90, 510, 110)]),
    Pencil("square off the axis", WIDE, 140, [box(490, 140, 510, 160)]),
    Pencil("hourglass", union(box(0, 0, 400, 200), box(400, 70, 600, 130), box(600, 0, 1000, 200)), 60),
    Pencil("L", union(STRIP, box(0, 0, 100, 800)), 100),
    Pencil("ring sector", ring(400, 510).intersection(box(0, 0, 600, 600)), 110, within_m=ARCS_M),
    Pencil("Y", union(arm(90, 120), arm(210, 120), arm(330, 80)), 80),
    Pencil("belt", ring(1000, 1090), 90, clusters=[disc(900)], within_m=ARCS_M),
    # Ends
    Pencil(
        "30 degree skew cut", Polygon([(0, 0), (1000, 0), (1000 + 100 / math.tan(math.pi / 6), 100), (0, 100)]), 100
    ),
    Pencil(
        "60 degree skew cut", Polygon([(0, 0), (1000, 0), (1000 + 100 / math.tan(math.pi / 3), 100), (0, 100)]), 100
    ),
    Pencil("parallelogram", Polygon([(0, 0), (1000, 0), (1100, 100), (100, 100)]), 100),
    Pencil("round caps", LineString([(0, 0), (1000, 0)]).buffer(50, 64), 100, within_m=ARCS_M),
    Pencil("round caps of 16 sides", LineString([(0, 0), (1000, 0)]).buffer(50, 4), 100, within_m=ARCS_M),
    Pencil("chamfer of 1 m", shapely.buffer(box(1, 1, 999, 99), 1, join_style="bevel"), 100),
    Pencil("chamfer of 20 m", Polygon([(0, 0), (980, 0), (1000, 20), (1000, 80), (980, 100), (0, 100)]), 100),
    Pencil("wedge 60 to 200", Polygon([(0, 70), (1000, 0), (1000, 200), (0, 130)]), 60),
    Pencil("arrow of 90 degrees", Polygon([(0, 0), (1000, 0), (1050, 50), (1000, 100), (0, 100)]), 100),
    Pencil("taper to a point", Polygon([(0, 0), (1000, 0), (1500, 50), (1000, 100), (0, 100)]), 0),
    Pencil("pocket of 30 m at an end", union(STRIP, box(1000, 30, 1030, 60)), 100),
    Pencil("neck of 60 x 80 at an end", union(STRIP, box(1000, 20, 1080, 80)), 100),
    Pencil("neck of 60 x 120 at an end", union(STRIP, box(1000, 20, 1120, 80)), 60),
    Pencil("house over an end", STRIP, 40, [box(990, 30, 1010, 60)]),
    Pencil("house over a whole end", STRIP, 0, [box(990, -10, 1010, 110)]),
    # Arms and bays
    Pencil("bump of 30 x 30", union(STRIP, box(400, 100, 430, 130)), 100),
    Pencil("bay of 150 x 80", union(STRIP, box(400, 100, 550, 180)), 100),
    Pencil("stub of 30 x 110", union(STRIP, box(400, 100, 430, 210)), 30),
    Pencil("stub of 30 x 90", union(STRIP, box(400, 100, 430, 190)), 100),
    Pencil("stub of 80 x 102", union(STRIP, box(400, 100, 480, 202)), 80),
    Pencil("stub of 80 x 98", union(STRIP, box(400, 100, 480, 198)), 100),
    Pencil("L with a short leg", union(STRIP, box(0, 0, 100, 190)), 100),
    Pencil("L with a leg just over one width", union(STRIP, box(0, 0, 100, 210)), 100),
    Pencil("L with a narrow leg", union(STRIP, box(0, 0, 70, 400)), 70),
    Pencil("T", union(STRIP, box(480, 100, 530, 600)), 50),
    Pencil("plus", union(box(-500, -50, 500, 50), box(-20, -500, 20, 500)), 40),
    Pencil("park of 600 m halfway", union(box(0, 0, 2600, 100), box(1000, -250, 1600, 350)), 100),
    # The way
    Pencil("step from 100 to 80", union(STRIP, box(1000, 0, 2000, 80)), 80),
    Pencil("bend", LineString([(0, 0), (500, 0), (900, 300)]).buffer(50, cap_style="flat", join_style="mitre"), 100),
    Pencil(
        "zigzag",
        LineString([(0, 0), (400, 300), (800, 0), (1200, 300)]).buffer(40, cap_style="flat", join_style="mitre"),
        80,
    ),
    Pencil("hairpin", union(STRIP, box(0, 110, 1000, 210), box(900, 0, 1000, 210)), 100),
    Pencil("spiral with turns 10 m apart", spiral(2), 100, within_m=ARCS_M),
    Pencil("teeth", sawtooth(), 94),
    # Obstacles
    Pencil("house on a bank", STRIP, 70, [box(500, -20, 520, 30)]),
    Pencil("three gaps of 70, 90 and 100", BROAD, 100, [box(500, 70, 520, 90), box(500, 180, 520, 200)]),
    Pencil("zigzag between two walls", WIDE, 80, [box(400, -5, 420, 120), box(500, 80, 520, 205)]),
    Pencil("corner to corner, 30-40-50", WIDE, 50, [box(400, 0, 420, 80), box(450, 120, 470, 200)]),
    Pencil("houses that overlap", WIDE, 80, [box(490, 80, 510, 110), box(500, 100, 530, 120)]),
    Pencil("houses outside", STRIP, 100, [box(0, 105, 900, 150), box(1005, 0, 1010, 100)]),
    Pencil("land round an end that only touches", STRIP, 100, [box(-50, -50, 900, 150).difference(STRIP)]),
    Pencil(
        "house in two legs across a bank",
        STRIP,
        60,
        [union(box(500, 60, 510, 120), box(530, 60, 540, 120), box(500, 110, 540, 120))],
    ),
    Pencil("wall of 0.3 m", STRIP, 0, [box(500, 0, 500.3, 100)]),
    Pencil("slit of 0.4 m", STRIP, 0.4, [box(500, 0, 510, 49.8), box(500, 50.2, 510, 100)]),
    # Holes
    Pencil("hole on the axis", BROAD.difference(box(800, 120, 1000, 180)), 120),
    Pencil("hole off the axis", BROAD.difference(box(800, 20, 1000, 80)), 220),
    Pencil("sliver of a hole", STRIP.difference(box(500, 30, 500.2, 70)), 30),
    Pencil("split round a cluster", BROAD.difference(box(800, 20, 1000, 80)), 20, clusters=[box(810, 30, 990, 70)]),
    Pencil(
        "cluster's hole near an end",
        BROAD.difference(box(1700, 100, 1900, 180)),
        100,
        clusters=[box(1710, 110, 1890, 170)],
    ),
    Pencil(
        "cluster over the edge of its hole",
        BROAD.difference(box(800, 20, 1000, 80)),
        20,
        clusters=[box(790, 10, 1010, 90)],
    ),
    Pencil("cluster all over", BROAD.difference(box(800, 20, 1000, 80)), 220, clusters=[box(-500, -500, 2500, 800)]),
    # Belts
    Pencil("square belt", SQUARE_BELT, 100),
    Pencil("belt without clusters", ring(1000, 1090), 90, within_m=ARCS_M),
    Pencil("belt off centre", disc(1100).difference(disc(1000, 40)), 60, within_m=ARCS_M),
    Pencil("belt with a pond", SQUARE_BELT.difference(box(500, 20, 520, 40)), 60),
    Pencil("long belt, narrower on one side", box(0, 0, 3000, 1000).difference(box(100, 40, 2900, 900)), 40),
    Pencil("belt cut open", SQUARE_BELT.difference(box(400, -10, 700, 110)), 100),
    Pencil("belt with an arm", union(SQUARE_BELT, box(990, 470, 1500, 530)), 60),
    Pencil("belt with a wider arm", union(SQUARE_BELT, box(990, 400, 1500, 530)), 100),
    Pencil("belt with two arms", union(SQUARE_BELT, box(990, 470, 1500, 540), box(-500, 400, 10, 460)), 60),
    Pencil("belt with a bay", union(SQUARE_BELT, box(990, 470, 1080, 530)), 100),
    Pencil("eight", EIGHT, 30),
    Pencil("eight round two clusters", EIGHT, 30, clusters=[box(200, 200, 800, 800), box(1200, 200, 1800, 800)]),
    # Neither two ends nor a belt
    Pencil("square", box(0, 0, 100, 100), UNKNOWN),
    Pencil("disc", disc(100), UNKNOWN),
    Pencil("rectangle hardly longer than wide", box(0, 0, 125, 100), UNKNOWN),
    Pencil("pond in a square", box(0, 0, 500, 500).difference(box(245, 245, 255, 255)), UNKNOWN),
]


def as_drawn(shape):
    return shape


def turned(shape):
    return affinity.rotate(shape, 17, origin=(0, 0))


def turned_and_far_away(shape):
    return affinity.translate(affinity.rotate(shape, 131, origin=(0, 0)), 500_000, 3_950_000)


def mirrored(shape):
    return affinity.scale(shape, -1, 1, origin=(0, 0))


def with_more_points(shape):
    return shapely.segmentize(shape, 7)


def measured(pencil: Pencil, change, parts=None) -> NetWidth:
    shapes = [pencil.shape] if parts is None else parts
    corridor = prepared_corridor(
        [change(shape) for shape in shapes],
        np.array([change(obstacle) for obstacle in pencil.obstacles], dtype=object),
        clusters=[change(cluster) for cluster in pencil.clusters],
    )
    return net_width(corridor)


@pytest.mark.parametrize("pencil", PENCIL, ids=str)
@pytest.mark.parametrize("change", [as_drawn, turned, turned_and_far_away, mirrored, with_more_points])
def test_pencil_shapes(pencil, change):
    assert measured(pencil, change).width_m == pytest.approx(pencil.width_m, abs=pencil.within_m, nan_ok=True)


@pytest.mark.parametrize("pencil", PENCIL, ids=str)
@pytest.mark.parametrize("change", [as_drawn, turned_and_far_away])
def test_cut_into_parts(pencil, change):
    """Cut along a grid of 230 m, the parts are one corridor and measure the same."""
    x0, y0, x1, y1 = pencil.shape.bounds
    cells = [box(x, y, x + 230, y + 230) for x in np.arange(x0, x1, 230) for y in np.arange(y0, y1, 230)]
    parts = shapely.get_parts(shapely.intersection(pencil.shape, np.array(cells, dtype=object)))
    parts = parts[shapely.area(parts) > 0]
    assert measured(pencil, change, parts).width_m == pytest.approx(pencil.width_m, abs=pencil.within_m, nan_ok=True)


@pytest.mark.parametrize("pencil", PENCIL, ids=str)
def test_the_narrowest_place_is_as_long_as_the_width_and_lies_inside(pencil):
    result = measured(pencil, as_drawn)
    if math.isnan(pencil.width_m):
        assert result.reason is WidthReason.NO_TWO_ENDS
        assert result.narrowest is None
        assert result.widest_path is None
        assert math.isnan(result.compliant_length_m(50))
    else:
        assert result.narrowest.length == pytest.approx(result.width_m, abs=1e-6)
        assert shapely.covers(shapely.buffer(Polygon(pencil.shape.exterior), 1e-3), result.narrowest)
        assert result.reason is (WidthReason.WALLED_OFF if pencil.width_m == 0 else None)


@pytest.mark.parametrize("pencil", [p for p in PENCIL if p.width_m > 1], ids=str)
@pytest.mark.parametrize("change", [as_drawn, turned, turned_and_far_away])
def test_the_way_is_nowhere_narrower_than_the_net_width(pencil, change):
    """The profile's least width is the net width, and the way keeps clear of what stands in it."""
    result = measured(pencil, change)
    widths = np.concatenate(result.profile.width_m)
    assert widths.min() == pytest.approx(result.width_m)
    standing = shapely.union_all(np.array([*result.corridor.obstacles[0].shapes, *result.corridor.banks], dtype=object))
    assert shapely.distance(result.widest_path, standing) > 0.4 * result.width_m
    assert result.compliant_length_m(result.width_m - 1) == pytest.approx(result.profile.length_m)
    assert result.compliant_length_m(1e6) == 0
