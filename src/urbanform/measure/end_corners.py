"""The corners between which an arm ends: where its flanks turn in for good.

Each flank of an arm is followed outward, and every place where it turns in may be its last corner. Of all pairs of them
that one is the end which leaves the arm wide and reaches far: what a flank gains in length is weighed against what the
opening between the two loses in width. An arm that narrows by less than about 20° is so followed to where it stops, a
flank that only wavers or bends is followed on, and a blunt or rounded end is left out.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

TURN_RAD = math.radians(20)
TURN_WITHIN_SHARE = 1 / 4
LEAST_TURN_RAD = math.radians(3)
JAG_SHARE = 1 / 16
LENGTH_WORTH = 0.09
"""Width that a metre of either flank is worth."""
ABREAST_WORTH = 0.22
"""Width that a metre of the shorter flank is worth besides: both flanks together, 0.4 m a metre of way, which is what
an arm loses of whose flanks one turns in by some 20°."""
LOOK_BACK_SHARE = 0.5
SAME_WAY_RAD = math.radians(20)
MOST_APART_RAD = math.radians(75)
APART_WORTH_SHARE = 0.25
"""Width, as a share of the widest opening, that is lost for each radian by which the flanks run together."""
DOUBT_TIMES = 2.5
"""An end further out could be meant as well if it were the likelier for flanks worth so many times as much."""
SLIGHT_RAD = math.radians(38)
SLIGHT_DOUBT_TIMES = 5.0
"""The same where the flanks run on to it with less of a turn than that: nearer a bend than a corner."""
POINT_DOUBT_TIMES = 1.7
"""The same for an arm that comes to a point: a cut askew is an end as clear as any."""
POINTED_RAD = math.radians(22)
"""Where flanks run together by more, a point may be the tip of an end askew as well, that starts where the way does."""
NEAR_AS_GOOD_SHARE = 0.11
"""Nor is an end certain if one further out is all but as likely, to this share of the widest opening."""
JAG_DOUBT_TIMES = 4.0
"""Nor does an opening tell one end from another that is narrower by so many times what the flanks go to and fro."""

Points = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EndCorners:
    """Where an arm ends, by the numbers of points.

    `right` and `left` are the corners of the two flanks; `far_right` and `far_left` those of the narrowest end further
    out that could be meant as well, the same two where there is no doubt. Where it is uncertain whether an arm comes to
    a point at all, `right` and `left` are the first and the last point of the way.
    """

    right: int
    left: int
    far_right: int
    far_left: int


def end_corners(
    points_m: Points, on_flank: NDArray[np.bool_], come_from_m: Points, width_m: float
) -> EndCorners | None:
    """The last corners of the flanks of an arm.

    Parameters
    ----------
    points_m
        The way from a point of the right flank round the end to one of the left flank, metres, the arm on its left;
        the two start about abreast.
    on_flank
        Which of the points do not lie in a bay beyond the end.
    come_from_m
        A point of either flank further back, from which its direction is taken.
    width_m
        The width of the arm before its end.

    Returns
    -------
    The corners; none where the way does not turn in, or the two would pass one another.
    """
    # Jags are no corners: what turns by less than this aside is passed over.
    smooth = shapely.simplify(shapely.linestrings(points_m), width_m * JAG_SHARE, preserve_topology=False)
    number = {point: index for index, point in enumerate(map(tuple, points_m.tolist()))}
    bends = np.array([number[point] for point in map(tuple, shapely.get_coordinates(smooth).tolist())])
    right = bends[_turning_in(points_m[bends], 1, width_m)]
    left = bends[::-1][_turning_in(points_m[bends[::-1]], -1, width_m)]
    if not right.size or not left.size or right[0] > left[0]:
        return None
    first, other = right[0], left[0]
    right = right[(right <= other) & (on_flank[right] | (right == first))]
    left = left[(left >= first) & (on_flank[left] | (left == other))]
    return _chosen(points_m, bends, right, left, come_from_m, width_m)


def _chosen(
    points_m: Points, bends: Numbers, right: Numbers, left: Numbers, come_from_m: Points, width_m: float
) -> EndCorners:
    """The likeliest pair of corners, and the narrowest of those further out that cannot be ruled out beside it."""
    first, other = (grid.ravel() for grid in np.indices((right.size, left.size)))
    in_order = right[first] <= left[other]
    first, other = first[in_order], other[in_order]
    one, two = right[first], left[other]
    open_m = _open_m(points_m, one, two)
    along_m = np.interp(np.arange(len(points_m)), bends, _along_m(points_m[bends]))
    right_m, left_m = along_m[one], along_m[-1] - along_m[two]
    worth_m = LENGTH_WORTH * (right_m + left_m) + ABREAST_WORTH * np.minimum(right_m, left_m)
    back_m = LOOK_BACK_SHARE * width_m
    heading = _headings(points_m, right, come_from_m[0], back_m)[first]
    facing = _headings(points_m[::-1], len(points_m) - 1 - left, come_from_m[1], back_m)[other]
    apart = np.arccos(np.clip((heading * facing).sum(axis=1), -1.0, 1.0))
    lost_m = APART_WORTH_SHARE * open_m.max() * np.clip(apart - SAME_WAY_RAD, 0.0, None)
    likely = apart <= MOST_APART_RAD
    if not likely.any():
        likely[0] = True
    score_m = np.where(likely, open_m + worth_m - lost_m, -np.inf)
    best = int(np.argmax(score_m))
    outward = likely & (worth_m >= worth_m[best])
    slight = _runs_on(points_m, one[best], one, heading[best]) & _runs_on(points_m, two[best], two, facing[best])
    times = np.where(one == two, POINT_DOUBT_TIMES, np.where(slight, SLIGHT_DOUBT_TIMES, DOUBT_TIMES))
    as_likely = open_m + times * worth_m >= open_m[best] + times * worth_m[best]
    near_as_good = score_m >= score_m[best] - NEAR_AS_GOOD_SHARE * open_m.max()
    jag_m = max(_jag_m(points_m[: one[best] + 1]), _jag_m(points_m[two[best] :]))
    by_jags = open_m >= open_m[best] - JAG_DOUBT_TIMES * jag_m
    further = outward & (as_likely | ((one < two) & (near_as_good | by_jags)))
    far = int(np.argmin(np.where(further, open_m, np.inf)))
    if one[best] == two[best] and apart[best] > POINTED_RAD:
        return EndCorners(0, len(points_m) - 1, int(one[best]), int(two[best]))
    return EndCorners(int(one[best]), int(two[best]), int(one[far]), int(two[far]))


def _runs_on(points_m: Points, corner: int, further: Numbers, heading: Points) -> NDArray[np.bool_]:
    """To which of some places a flank runs on from its corner with but a slight turn; the corner itself is one."""
    on_m = points_m[further] - points_m[corner]
    runs_on: NDArray[np.bool_] = (on_m @ heading) >= math.cos(SLIGHT_RAD) * np.hypot(*on_m.T)
    return runs_on


def _jag_m(points_m: Points) -> float:
    """How far a flank goes to and fro."""
    if len(points_m) < 4:
        return 0.0
    across = points_m[2:] - points_m[:-2]
    to = points_m[1:-1] - points_m[:-2]
    off_m = (across[:, 0] * to[:, 1] - across[:, 1] * to[:, 0]) / np.maximum(np.hypot(*across.T), 1e-12)
    swing_m = np.minimum(np.abs(off_m[1:]), np.abs(off_m[:-1]))
    return float(swing_m[off_m[1:] * off_m[:-1] < 0].max(initial=0.0))


def _open_m(points_m: Points, one: Numbers, two: Numbers) -> NDArray[np.float64]:
    """The opening between the flanks up to two corners: from either corner to the nearest place of the other flank."""
    corners, place = np.unique(np.concatenate([one, two]), return_inverse=True)
    to_way_m = _distances_m(points_m[corners], points_m[:-1], points_m[1:])
    to_start_m = np.hypot(*(points_m[corners] - points_m[0]).T)[:, None]
    to_stop_m = np.hypot(*(points_m[corners] - points_m[-1]).T)[:, None]
    up_to_m = np.minimum.accumulate(np.concatenate([to_start_m, to_way_m], axis=1), axis=1)
    from_m = np.minimum.accumulate(np.concatenate([to_way_m, to_stop_m], axis=1)[:, ::-1], axis=1)[:, ::-1]
    first, other = place[: one.size], place[one.size :]
    opening_m: NDArray[np.float64] = np.minimum(from_m[first, two], up_to_m[other, one])
    return opening_m


def _distances_m(points_m: Points, start_m: Points, stop_m: Points) -> NDArray[np.float64]:
    """The distance of every point to every straight stretch, shape (points, stretches)."""
    on_m = stop_m - start_m
    to_m = points_m[:, None] - start_m[None]
    share = (to_m * on_m).sum(axis=2) / np.maximum((on_m * on_m).sum(axis=1), 1e-12)
    off_m = to_m - np.clip(share, 0.0, 1.0)[..., None] * on_m
    distance_m: NDArray[np.float64] = np.hypot(off_m[..., 0], off_m[..., 1])
    return distance_m


def _along_m(points_m: Points) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points_m, axis=0).T))])


def _headings(points_m: Points, corners: Numbers, come_from_m: Points, back_m: float) -> Points:
    """The direction in which a way arrives at each corner, seen from the last point at least `back_m` before it."""
    gone_m = np.hypot(*np.moveaxis(points_m[corners][:, None] - points_m[None], 2, 0))
    before = (np.arange(len(points_m)) < corners[:, None]) & (gone_m >= back_m)
    last = len(points_m) - 1 - np.argmax(before[:, ::-1], axis=1)
    start_m = np.where(corners[:, None] > 0, points_m[0], come_from_m)
    come_m = points_m[corners] - np.where(before.any(axis=1)[:, None], points_m[last], start_m)
    return come_m / np.maximum(np.hypot(*come_m.T), 1e-12)[:, None]


def _turning_in(points_m: Points, direction: int, width_m: float) -> Numbers:
    """The points of a way from which it turns in by 20° within a quarter of a width; in is left (1) or right (-1)."""
    turns = direction * turns_rad(points_m[:-2], points_m[1:-1], points_m[2:])
    along_m = _along_m(points_m)[1:-1]
    turned = np.concatenate([[0.0], np.cumsum(turns)])
    found = []
    for bend in np.flatnonzero(turns >= LEAST_TURN_RAD).tolist():
        stop = int(np.searchsorted(along_m, along_m[bend] + TURN_WITHIN_SHARE * width_m, side="right"))
        if (turned[bend + 1 : stop + 1] - turned[bend]).max() >= TURN_RAD:
            found.append(bend + 1)
    return np.array(found, dtype=np.int64)


def turns_rad(before_m: Points, here_m: Points, after_m: Points) -> NDArray[np.float64]:
    """By how much a way turns to the left at each point, in radians from -π to π."""
    come, go = here_m - before_m, after_m - here_m
    cross = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0]
    turned: NDArray[np.float64] = np.arctan2(cross, (come * go).sum(axis=1))
    return turned
