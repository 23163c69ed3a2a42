"""Rough corridors as people draw them, with ends that are known because they are stated.

A centreline wavers, and may bend once near either end; two flanks run beside it, wavy, jagged, wedged or bellied, with
points close together or far apart; then one of eight ends is put on either side. The flanks are the banks, whatever the
outline suggests, and their net width is the figure to be found.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from urbanform.measure.obstacle_gaps import bottleneck, gap_pieces

Points = NDArray[np.float64]
ENDS = {
    "flat": 0.25, "skew": 0.15, "jagged": 0.2, "round": 0.12, "chamfer": 0.08, "arrow": 0.06, "notch": 0.07,
    "point": 0.07,
}  # fmt: skip
"""Kinds of ends, and how often each is drawn."""
BLUNT_RAD = math.radians(30)


@dataclass(frozen=True)
class Rough:
    """A corridor with its two banks as stated, from the near end to the far one, and its nominal width."""

    polygon: Polygon
    right: LineString
    left: LineString
    ends: tuple[str, str]
    nominal_m: float

    def widths_m(self) -> tuple[float, float]:
        """The net width between the banks as stated, and between banks that stop where a last stretch turns in.

        A last stretch of a flank that turns in by more than 30° may as well be read as part of a blunt end, so a figure
        between the two is right.
        """
        stated_m = _width_m(self.polygon, self.right, self.left)
        right, left = (
            _blunted(_blunted(bank, self.nominal_m, side).reverse(), self.nominal_m, -side).reverse()
            for bank, side in ((self.right, 1), (self.left, -1))
        )
        return stated_m, max(stated_m, _width_m(self.polygon, right, left))


def rough_corridor(seed: int) -> Rough:
    """The corridor of a seed; its outline is valid and either bank simple."""
    rng = np.random.default_rng(seed)
    while True:
        drawn = _drawn(rng)
        if drawn.polygon.is_valid and drawn.right.is_simple and drawn.left.is_simple:
            return drawn


def _drawn(rng: np.random.Generator) -> Rough:
    width_m = rng.uniform(40, 160)
    length_m = width_m * rng.uniform(5, 25)
    step_m = width_m * rng.choice([0.03, 0.1, 0.3, 0.6])
    way_m, line_m, heading = _centreline(rng, length_m, width_m, step_m)
    jitter_m = min(rng.choice([0, 0.003, 0.01, 0.02, 0.04]) * width_m, 0.35 * (way_m[1] - way_m[0]))
    along_m = rng.choice([0, 1]) * jitter_m
    belly = rng.choice([0.0, 0.3])
    left = _flank(rng, 1, way_m, line_m, heading, width_m, belly, jitter_m, along_m)
    right = _flank(rng, -1, way_m, line_m, heading, width_m, belly, jitter_m, along_m)
    # Seen outward, the right flank of the near end is the left one of the far end.
    left, right, near_cap, near = _ended(rng, left[::-1], right[::-1], heading[0] + math.pi, width_m, step_m, jitter_m)
    right, left, far_cap, far = _ended(rng, right[::-1], left[::-1], heading[-1], width_m, step_m, jitter_m)
    ring = np.vstack([right, far_cap, left[::-1], near_cap])
    ring = ring[np.hypot(*(ring - np.roll(ring, 1, axis=0)).T) > 1e-6]
    return Rough(Polygon(ring), LineString(right), LineString(left), (near, far), width_m)


def _centreline(
    rng: np.random.Generator, length_m: float, width_m: float, step_m: float
) -> tuple[Points, Points, Points]:
    """How far along each point lies, the points, and the heading there in radians."""
    way_m = np.linspace(0, length_m, max(int(length_m / step_m), 8))
    heading = np.zeros(way_m.size)
    for _ in range(int(rng.integers(1, 4))):
        wave_m = rng.uniform(2, 12) * width_m
        # No tighter than about three widths, or the inner flank would fold.
        swing = min(rng.uniform(0, 0.6), 0.35 * wave_m / (2 * math.pi * width_m))
        heading += swing * np.sin(2 * math.pi * way_m / wave_m + rng.uniform(0, 7))
    for far in (False, True):
        if rng.random() < 0.4:
            off_m = rng.uniform(0.4, 2.0) * width_m
            bend = math.radians(rng.uniform(15, 60)) * rng.choice([-1, 1])
            ramp_m = rng.uniform(0.05, 0.6) * width_m
            heading += bend * np.clip((way_m - (length_m - off_m if far else off_m)) / ramp_m + 0.5, 0, 1)
    between = (heading[1:] + heading[:-1]) / 2
    steps_m = np.c_[np.cos(between), np.sin(between)] * np.diff(way_m)[:, None]
    return way_m, np.vstack([[0, 0], np.cumsum(steps_m, axis=0)]), heading


def _flank(
    rng: np.random.Generator,
    side: int,
    way_m: Points,
    line_m: Points,
    heading: Points,
    width_m: float,
    belly: float,
    jitter_m: float,
    along_m: float,
) -> Points:
    """One flank: waves of up to an eighth of the width, and wedges over up to four widths before either end."""
    across = np.c_[-np.sin(heading), np.cos(heading)]
    onward = np.c_[np.cos(heading), np.sin(heading)]
    near_m = np.minimum(way_m, way_m[-1] - way_m)
    half_m = width_m / 2 * (1 + belly * np.clip(near_m / (rng.uniform(2, 5) * width_m), 0, 1))
    for _ in range(int(rng.integers(0, 3))):
        wave_m = rng.uniform(1.0, 10) * width_m
        swing_m = min(rng.uniform(0, 0.25) * wave_m / (2 * math.pi), 0.12 * width_m)
        half_m = half_m + swing_m * np.sin(2 * math.pi * way_m / wave_m + rng.uniform(0, 7))
    for far in (False, True):
        if rng.random() < 0.25:
            reach_m = rng.uniform(1, 4) * width_m
            off_m = way_m[-1] - way_m if far else way_m
            half_m = half_m + rng.uniform(-0.10, 0.15) * np.clip(reach_m - off_m, 0, None)
    jags_m = across * rng.normal(0, 0.7, way_m.size)[:, None] * jitter_m
    jags_m += onward * rng.normal(0, 0.5, way_m.size)[:, None] * along_m
    flank: Points = line_m + side * across * half_m[:, None] + jags_m
    return flank


def _ended(
    rng: np.random.Generator,
    right: Points,
    left: Points,
    heading: float,
    width_m: float,
    step_m: float,
    jitter_m: float,
) -> tuple[Points, Points, Points, str]:
    """Two flanks, outward, with what an end adds to them; the outline between their last points; the kind of end."""
    kind = str(rng.choice(list(ENDS), p=list(ENDS.values())))
    out = np.array([math.cos(heading), math.sin(heading)])
    across = np.array([-out[1], out[0]])
    if kind == "skew":
        reach_m = rng.uniform(0.1, 1.0) * width_m
        count = max(2, int(reach_m / step_m))
        more_m = np.linspace(0, reach_m, count + 1)[1:, None] * out + across * rng.normal(
            0, 0.5, count
        )[:, None] * jitter_m  # fmt: skip
        if rng.random() < 0.5:
            right = np.vstack([right, right[-1] + more_m])
        else:
            left = np.vstack([left, left[-1] + more_m])
    if kind == "point":
        reach_m = rng.uniform(3, 6) * width_m
        tip = (right[-1] + left[-1]) / 2 + out * reach_m
        share = np.linspace(0, 1, max(3, int(reach_m / step_m)) + 1)[1:, None]
        right, left = (np.vstack([flank, flank[-1] + share * (tip - flank[-1])]) for flank in (right, left))
        right[-1] = left[-1] = tip
    return right, left, _cap(rng, kind, right[-1], left[-1], out, width_m), kind


def _cap(rng: np.random.Generator, kind: str, right: Points, left: Points, out: Points, width_m: float) -> Points:
    """The outline from the right flank's last point to the left one's, without the two."""
    over = left - right
    open_m = math.hypot(*over)
    match kind:
        case "jagged":
            share = np.sort(rng.uniform(0.05, 0.95, int(rng.integers(2, 15))))[:, None]
            return right + share * over + out * rng.normal(0, rng.choice([0.01, 0.03, 0.06]) * width_m, share.shape)
        case "round":
            angle = np.linspace(0, math.pi, int(rng.integers(3, 40)) + 2)[1:-1, None]
            bulge_m = open_m / 2 * rng.uniform(0.4, 1.1)
            return (right + left) / 2 - np.cos(angle) * over / 2 + np.sin(angle) * out * bulge_m
        case "chamfer":
            cut_m, aside = rng.uniform(0.005, 0.25) * width_m, over / open_m
            return np.array([right + (out + aside) * cut_m, left + (out - aside) * cut_m])
        case "arrow":
            return np.array([(right + left) / 2 + out * open_m * rng.uniform(0.1, 0.6)])
        case "notch":
            first, last = (right + share * over for share in np.sort(rng.uniform(0.2, 0.8, 2)))
            deep_m = out * rng.uniform(0.02, 0.3) * width_m
            return np.array([first, first - deep_m, last - deep_m, last])
    return np.empty((0, 2))


def _blunted(flank: LineString, width_m: float, side: int) -> LineString:
    """A flank, outward, without its last stretches that turn in by over 30°; `side`: 1 the right flank, -1 the left."""
    points_m = shapely.get_coordinates(flank)
    while len(points_m) > 3:
        far = np.flatnonzero(np.hypot(*(points_m[:-2] - points_m[-2]).T) >= width_m / 2)
        if not far.size:
            break
        come, go = points_m[-2] - points_m[far[-1]], points_m[-1] - points_m[-2]
        if side * math.atan2(come[0] * go[1] - come[1] * go[0], come @ go) < BLUNT_RAD:
            break
        points_m = points_m[:-1]
    return LineString(points_m)


def _width_m(polygon: Polygon, right: LineString, left: LineString) -> float:
    narrow = bottleneck(gap_pieces(polygon, [right, left.reverse()], np.empty(0, dtype=object)))
    assert narrow is not None
    return narrow.gap.length_m
