"""Where lines meet: at their ends, where an end lies on another line, and where they cross."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from urbanform.measure.linework import segments_of

PASSING = 1e-9
"""How far beyond its end a segment still counts as crossed, as a share of its length."""

Meetings = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]
"""First line, where on it; second line, where on it."""


def close_ends(
    parts: NDArray[np.object_], level: NDArray[np.int64], snap_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of ends that meet: the first ends are numbered by their lines, the last ones after them."""
    if not len(parts):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    pairs = cKDTree(shapely.get_coordinates(ends)).query_pairs(snap_m, output_type="ndarray")
    of = np.concatenate([level, level])
    pairs = pairs[of[pairs[:, 0]] == of[pairs[:, 1]]]
    return pairs[:, 0], pairs[:, 1]


def crossings(parts: NDArray[np.object_], level: NDArray[np.int64]) -> Meetings:
    """Where the segments of lines cross or touch one another; collinear stretches meet at their ends instead."""
    cut = segments_of(parts)
    ends = cut.ends
    boxes = shapely.box(*np.minimum(ends[:, :2], ends[:, 2:]).T, *np.maximum(ends[:, :2], ends[:, 2:]).T)
    first, second = shapely.STRtree(boxes).query(boxes)
    # Neighbouring segments of one line meet anyway.
    apart = (second > first + 1) | ((second > first) & (cut.line[first] != cut.line[second]))
    once = apart & (level[cut.line[first]] == level[cut.line[second]])
    first, second = first[once], second[once]
    along, across = ends[first, 2:] - ends[first, :2], ends[second, 2:] - ends[second, :2]
    between = ends[second, :2] - ends[first, :2]
    turn = along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]
    size = cut.lengths_m[first] * cut.lengths_m[second]
    with np.errstate(divide="ignore", invalid="ignore"):
        on_first = (between[:, 0] * across[:, 1] - between[:, 1] * across[:, 0]) / turn
        on_second = (between[:, 0] * along[:, 1] - between[:, 1] * along[:, 0]) / turn
    meet = np.abs(turn) > PASSING * size
    for share in (on_first, on_second):
        meet &= (share >= -PASSING) & (share <= 1 + PASSING)
    first, second, on_first, on_second = first[meet], second[meet], on_first[meet], on_second[meet]
    begun_m = _begun_m(cut.lengths_m, cut.line)
    first_at = begun_m[first] + np.clip(on_first, 0, 1) * cut.lengths_m[first]
    second_at = begun_m[second] + np.clip(on_second, 0, 1) * cut.lengths_m[second]
    return cut.line[first], first_at, cut.line[second], second_at


def _begun_m(length_m: NDArray[np.float64], line: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far along its line each segment begins."""
    before = np.cumsum(length_m) - length_m
    return before - before[np.searchsorted(line, line)] if len(line) else before


def ends_on_lines(parts: NDArray[np.object_], level: NDArray[np.int64], snap_m: float) -> Meetings:
    """Where the end of a line lies on or beside another line, within ``snap_m``."""
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    of = np.tile(np.arange(len(parts)), 2)
    end, line = shapely.STRtree(parts).query(ends, predicate="dwithin", distance=snap_m)
    other = (of[end] != line) & (level[of[end]] == level[line])
    end, line = end[other], line[other]
    end_at = np.where(end >= len(parts), shapely.length(parts)[of[end]], 0.0)
    return of[end], end_at, line, shapely.line_locate_point(parts[line], ends[end])
