"""Which stretches of lines have no counterpart among other lines: linework from two sources compared.

A stretch is matched where some other line passes within a reach of it in much the same direction; what is left, and
hangs together over some length, has no counterpart. The buffer comparison of M. F. Goodchild and G. J. Hunter (1997,
doi:10.1080/136588197242419), worked out exactly: along a straight segment the places within a distance of another
segment are one interval, since the ground around a segment is convex.
"""

from dataclasses import dataclass

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

from urbanform.measure.linework import Segments, segments_of

Floats = NDArray[np.float64]

PARALLEL_DEG = 45.0
"""Lines that differ more in direction are no counterparts: a street is not found in the one that it leaves."""
SLACK_COSINE = 1e-12
SAME_M = 0.001
"""Ends nearer than this meet."""
LEAST_M = 0.01
"""Shorter pieces are the play of rounding."""


@dataclass(frozen=True, eq=False)
class Unmatched:
    """What of each line has no counterpart; shape (n,) each.

    Attributes
    ----------
    shapes
        MultiLineStrings, empty where all of a line is matched.
    length_m
        Their lengths.
    """

    shapes: NDArray[np.object_]
    length_m: Floats


def unmatched(
    lines: NDArray[np.object_],
    others: NDArray[np.object_],
    reach_m: Floats,
    others_reach_m: Floats,
    at_least_m: float,
) -> Unmatched:
    """The stretches of lines within whose reach no other line runs in much the same direction.

    Parameters
    ----------
    lines, others
        LineStrings or MultiLineStrings in metres, shape (n,) and (m,); missing and empty ones match nothing.
    reach_m, others_reach_m
        How far each line answers for ground beside it, shape (n,) and (m,); of two lines the farther reach counts.
    at_least_m
        Stretches that touch, of whatever lines, are dropped where they are shorter than this together.
    """
    cut = segments_of(lines)
    free = _free(cut, segments_of(others), reach_m, others_reach_m)
    pieces = _pieces(cut, *free)
    line = cut.line[free[0]]
    kept = _together_m(pieces) >= at_least_m
    pieces, line = pieces[kept], line[kept]
    shapes = np.full(len(lines), shapely.MultiLineString(), dtype=object)
    if len(line):
        held, number = np.unique(line, return_inverse=True)
        joined = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(pieces), indices=number))
        single = shapely.get_type_id(joined) == shapely.GeometryType.LINESTRING
        joined[single] = shapely.multilinestrings(joined[single], indices=np.arange(single.sum()))
        shapes[held] = joined
    return Unmatched(shapes, shapely.length(shapes))


def _free(
    cut: Segments, other: Segments, reach_m: Floats, others_reach_m: Floats
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The stretches of segments out of reach of all others: the segment of each, and where it begins and ends on it."""
    count = len(cut.line)
    segment, start, stop = np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
    if count and len(other.line):
        most = max(float(reach_m.max()), float(others_reach_m.max()))
        one, two = shapely.STRtree(other.shapes()).query(cut.shapes(), predicate="dwithin", distance=most)
        alike = _cosine(cut.ends[one], other.ends[two]) >= np.cos(np.radians(PARALLEL_DEG)) - SLACK_COSINE
        one, two = one[alike], two[alike]
        reach = np.maximum(reach_m[cut.line[one]], others_reach_m[other.line[two]])
        low, high = _within(cut.ends[one], other.ends[two], reach)
        low, high = np.maximum(low, 0.0), np.minimum(high, cut.lengths_m[one])
        near = high > low
        segment, start, stop = one[near].astype(np.int64), low[near], high[near]
    # Every segment has a stretch of one long axis to itself, with marks at its two ends.
    origin = np.concatenate([[0.0], np.cumsum(cut.lengths_m + 1.0)])[:count]
    every = np.arange(count)
    of = np.concatenate([segment, every, every])
    low = np.concatenate([start, np.zeros(count), cut.lengths_m])
    high = np.concatenate([stop, np.zeros(count), cut.lengths_m])
    order = np.lexsort((low, of))
    of, low, high = of[order], low[order], high[order]
    reached = np.maximum.accumulate(origin[of] + high) if len(of) else high
    gap = (of[1:] == of[:-1]) & (origin[of[1:]] + low[1:] - reached[:-1] > LEAST_M)
    return of[1:][gap], reached[:-1][gap] - origin[of[1:][gap]], low[1:][gap]


def _cosine(segments: Floats, others: Floats) -> Floats:
    """The cosine of the angle between the directions of segments, whichever way they are drawn: shape (k,)."""
    one, two = segments[:, 2:] - segments[:, :2], others[:, 2:] - others[:, :2]
    sizes = np.hypot(one[:, 0], one[:, 1]) * np.hypot(two[:, 0], two[:, 1])
    return np.asarray(np.abs((one * two).sum(axis=1)) / sizes, dtype=np.float64)


def _within(segments: Floats, others: Floats, reach_m: Floats) -> tuple[Floats, Floats]:
    """Where the straight line of each segment is within a reach of the other segment, along it: shape (k,) each.

    The ground around a segment is a strip with a disc at each end; together they are convex, so the places are those
    from the first to the last of the three. Where there are none the first lies behind the last.
    """
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    ahead = (segments[:, 2:] - segments[:, :2]) / length[:, None]
    width = np.hypot(others[:, 2] - others[:, 0], others[:, 3] - others[:, 1])
    along = (others[:, 2:] - others[:, :2]) / width[:, None]
    low, high = np.full(len(length), np.inf), np.full(len(length), -np.inf)
    for end in (others[:, :2], others[:, 2:]):
        offset = end - segments[:, :2]
        at = (offset * ahead).sum(axis=1)
        beside = offset[:, 0] * ahead[:, 1] - offset[:, 1] * ahead[:, 0]
        half = reach_m**2 - beside**2
        reached = half >= 0
        half = np.sqrt(np.maximum(half, 0.0))
        low = np.where(reached, np.minimum(low, at - half), low)
        high = np.where(reached, np.maximum(high, at + half), high)
    offset = segments[:, :2] - others[:, :2]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    first = _between((offset * along).sum(axis=1), (ahead * along).sum(axis=1), np.zeros(len(width)), width)
    second = _between((offset * across).sum(axis=1), (ahead * across).sum(axis=1), -reach_m, reach_m)
    start, stop = np.maximum(first[0], second[0]), np.minimum(first[1], second[1])
    strip = stop > start
    return np.where(strip, np.minimum(low, start), low), np.where(strip, np.maximum(high, stop), high)


def _between(begin: Floats, step: Floats, least: Floats, most: Floats) -> tuple[Floats, Floats]:
    """Where ``begin + step · t`` lies between two bounds: the first and last t, infinite where it always does."""
    level = np.abs(step) < 1e-12
    inside = (begin >= least) & (begin <= most)
    slope = np.where(level, 1.0, step)
    ends = np.stack([(least - begin) / slope, (most - begin) / slope])
    low = np.where(level, np.where(inside, -np.inf, np.inf), ends.min(axis=0))
    high = np.where(level, np.where(inside, np.inf, -np.inf), ends.max(axis=0))
    return low, high


def _pieces(cut: Segments, segment: NDArray[np.int64], start: Floats, stop: Floats) -> Floats:
    """Straight pieces of segments as corners: shape (k, 2, 2)."""
    ends = cut.ends[segment]
    step = (ends[:, 2:] - ends[:, :2]) / cut.lengths_m[segment][:, None]
    return np.stack([ends[:, :2] + start[:, None] * step, ends[:, :2] + stop[:, None] * step], axis=1)


def _together_m(pieces: Floats) -> Floats:
    """The length of all pieces that hang together with each, itself included: shape (k,)."""
    count = len(pieces)
    if not count:
        return np.empty(0)
    place = np.round(pieces.reshape(-1, 2) / SAME_M).astype(np.int64)
    _, node = np.unique(place, axis=0, return_inverse=True)
    node = node.reshape(count, 2)
    links = scipy.sparse.coo_array((np.ones(count), (node[:, 0], node[:, 1])), shape=(node.max() + 1,) * 2)
    _, group = scipy.sparse.csgraph.connected_components(links, directed=False)
    group = group[node[:, 0]]
    length = np.hypot(*(pieces[:, 1] - pieces[:, 0]).T)
    return np.asarray(np.bincount(group, weights=length)[group], dtype=np.float64)
