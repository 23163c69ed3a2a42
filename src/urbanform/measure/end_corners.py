"""The corners between which an arm ends: where its flanks turn in for good."""

import math

import numpy as np
import shapely
from numpy.typing import NDArray

TURN_RAD = math.radians(20)
TURN_WITHIN_SHARE = 1 / 4
LEAST_TURN_RAD = math.radians(3)
JAG_SHARE = 1 / 16
LEAST_WAVER_SHARE = 0.4
OPEN_SHARE = 0.8
BEND_RAD = math.radians(45)


def end_corners(
    points_m: NDArray[np.float64], on_flank: NDArray[np.bool_], come_from_m: NDArray[np.float64], width_m: float
) -> tuple[int | None, int | None]:
    """The last corner of the right flank and that of the left on the way from one to the other; none where none is.

    A flank's corner is where it first turns in, unless it only wavers there and has turned back at its next corner.
    `on_flank` tells which points do not lie in a bay beyond; `come_from_m` holds a point of either flank further back,
    from which the flank's direction is taken.
    """
    # Jags are no corners: what turns by less than this aside is passed over.
    smooth = shapely.simplify(shapely.linestrings(points_m), width_m * JAG_SHARE, preserve_topology=False)
    number = {point: index for index, point in enumerate(map(tuple, points_m.tolist()))}
    bends = np.array([number[point] for point in map(tuple, shapely.get_coordinates(smooth).tolist())])
    right = bends[_turning_in(points_m[bends], 1, width_m)].tolist()
    left = bends[::-1][_turning_in(points_m[bends[::-1]], -1, width_m)].tolist()
    if not right or not left:
        return None, None
    corners = [right[0], left[0]]
    while True:
        onward = [
            (_waver_rad(points_m, come_from_m[flank], corners[flank], point, corners[1 - flank], width_m), flank, point)
            for flank, flank_points in enumerate((right, left))
            for point in flank_points
            if min(corners) < point < max(corners) and on_flank[point]
        ]
        bend_rad, flank, point = min(onward, default=(math.inf, 0, 0))
        if bend_rad == math.inf or corners[0] > corners[1]:
            return corners[0], corners[1]
        corners[flank] = point


def _turning_in(points_m: NDArray[np.float64], direction: int, width_m: float) -> list[int]:
    """The points of a way from which it turns in by 20° within a quarter of a width; in is left (1) or right (-1)."""
    turns = direction * turns_rad(points_m[:-2], points_m[1:-1], points_m[2:])
    along_m = np.cumsum(np.hypot(*np.diff(points_m, axis=0).T))[:-1]
    turned = np.concatenate([[0.0], np.cumsum(turns)])
    found = []
    for bend in np.flatnonzero(turns >= LEAST_TURN_RAD).tolist():
        stop = int(np.searchsorted(along_m, along_m[bend] + TURN_WITHIN_SHARE * width_m, side="right"))
        if (turned[bend + 1 : stop + 1] - turned[bend]).max() >= TURN_RAD:
            found.append(bend + 1)
    return found


def _waver_rad(
    points_m: NDArray[np.float64],
    come_from_m: NDArray[np.float64],
    corner: int,
    further: int,
    across: int,
    width_m: float,
) -> float:
    """By how much a flank, turned in at a corner, bends if it runs on to a further one; infinite where it does not.

    It runs on where the further corner is as far from the other flank, in its old direction; or in a bend of the
    corridor, whose end is then the squarer for it.
    """
    on, before = points_m[further] - points_m[corner], points_m[corner] - come_from_m
    on_m, before_m = float(np.hypot(*on)), float(np.hypot(*before))
    if on_m < LEAST_WAVER_SHARE * width_m or before_m == 0:
        return math.inf
    slant_m, open_m = math.dist(points_m[corner], points_m[across]), math.dist(points_m[further], points_m[across])
    if open_m < OPEN_SHARE * min(width_m, slant_m):
        return math.inf
    bend_rad = math.acos(min(1.0, max(-1.0, float(on @ before) / (on_m * before_m))))
    return bend_rad if bend_rad <= (BEND_RAD if open_m < slant_m else TURN_RAD) else math.inf


def turns_rad(
    before_m: NDArray[np.float64], here_m: NDArray[np.float64], after_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """By how much a way turns to the left at each point, in radians from -π to π."""
    come, go = here_m - before_m, after_m - here_m
    cross = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0]
    turned: NDArray[np.float64] = np.arctan2(cross, (come * go).sum(axis=1))
    return turned
