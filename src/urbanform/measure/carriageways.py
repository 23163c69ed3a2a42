"""Roads that are drawn once per carriageway, counted once.

A road with a median is often digitised as two lines. Its length is that of one of them: of lines of one road that run
beside one another, the longest keeps its ground and the others are left out.
"""

from dataclasses import dataclass

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

from urbanform.measure.contiguous import lump_numbers
from urbanform.measure.linework import Segments, segments_of

PARALLEL_DEG = 10.0
"""Stretches that differ more in direction are not parallel."""
BESIDE_SHARE = 0.8
"""The share of a line that must run beside others of its road for it to be a carriageway of theirs."""
STRAIGHT_ON_DEG = 60.0
"""Where a line turns more sharply than this, or two lines meet at more, the road does not run on."""
SNAP_M = 0.5
HEADING_M = 10.0
BLOCK_ROWS = 1000
SLACK_M = 1e-6
SLACK_SHARE = 1e-9
SLACK_COSINE = 1e-12


@dataclass(frozen=True, eq=False)
class Carriageways:
    """Lines, each split into what counts and what another line of its road counts for; shape (n,) each.

    Attributes
    ----------
    kept
        The lines that count. A line of which nothing is left out is the one that was given.
    beside
        What is left out, empty where nothing is.
    alone_m
        How much of what is left out has no other line beside it, in metres: at most a fifth of each line.
    """

    kept: NDArray[np.object_]
    beside: NDArray[np.object_]
    alone_m: NDArray[np.float64]


def count_once(lines: NDArray[np.object_], road: NDArray[np.int64], gap_m: float) -> Carriageways:
    """Leave out every line that runs beside others of its road.

    A line is left out, all of it, where over at least :data:`BESIDE_SHARE` of its length lines of the same road that
    count run parallel to it, within :data:`PARALLEL_DEG` and at most ``gap_m`` away, measured square to it. Which side
    of a road counts is decided for the whole of it: lines that meet end to end and go straight on belong together,
    and the longest such run comes first; so carriageways that are cut into blocks at different places pair up. A line
    counts in one piece, except that it falls apart where it turns back or round a corner, for its legs may be the
    carriageways. Which lines are left out depends neither on their order nor on the direction in which they are drawn.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres, none of which repeats another; missing and empty ones count as
        nothing.
    road
        The number of the road of each, shape (n,); a line of a negative number is compared with none.
    gap_m
        The largest distance between two carriageways; with 0 nothing is left out.
    """
    nothing = Carriageways(lines.copy(), _no_lines(len(lines)), np.zeros(len(lines)))
    usable = np.flatnonzero((road >= 0) & (shapely.length(lines) > 0))
    if gap_m <= 0 or not len(usable):
        return nothing
    cut = segments_of(lines[usable])
    pieces = _pieces(cut)
    beside = _beside(cut, pieces, road[usable], gap_m)
    if not len(beside.piece):
        return nothing
    left_out = _left_out(pieces, beside, _precedence(cut, pieces, road[usable]))
    alone_m = np.where(left_out, pieces.length_m - beside.covered_m(~left_out, len(left_out)), 0.0)
    return _split(lines, usable, cut, pieces, left_out, alone_m)


def _no_lines(count: int) -> NDArray[np.object_]:
    return np.full(count, shapely.MultiLineString(), dtype=object)


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Lines cut where they turn sharply: the piece of each segment, the line and the length of each piece."""

    of: NDArray[np.int64]
    line: NDArray[np.int64]
    length_m: NDArray[np.float64]
    first: NDArray[np.int64]


def _pieces(cut: Segments) -> _Pieces:
    heading = _unit(cut.ends[:, 2:] - cut.ends[:, :2])
    runs_on = (cut.line[1:] == cut.line[:-1]) & (cut.ends[1:, :2] == cut.ends[:-1, 2:]).all(axis=1)
    runs_on &= (heading[1:] * heading[:-1]).sum(axis=1) >= np.cos(np.radians(STRAIGHT_ON_DEG))
    starts = np.r_[True, ~runs_on]
    of = np.cumsum(starts) - 1
    length_m = np.bincount(of, weights=cut.lengths_m).astype(np.float64)
    return _Pieces(of, cut.line[starts], length_m, np.flatnonzero(starts))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    size = np.hypot(vectors[:, 0], vectors[:, 1])
    return vectors / np.where(size > 0, size, 1.0)[:, None]


@dataclass(frozen=True, eq=False)
class _Beside:
    """Stretches of pieces beside which another piece of the same road runs, by where they lie on one long axis.

    Every segment has its own stretch of the axis, so that stretches of different segments never meet. In order of
    ``start_m``.
    """

    piece: NDArray[np.int64]
    other: NDArray[np.int64]
    start_m: NDArray[np.float64]
    stop_m: NDArray[np.float64]

    def of(self, rows: NDArray[np.bool_]) -> "_Beside":
        """Some of the stretches."""
        return _Beside(self.piece[rows], self.other[rows], self.start_m[rows], self.stop_m[rows])

    def covered_m(self, by: NDArray[np.bool_], count: int) -> NDArray[np.float64]:
        """How much of each piece has one of the pieces ``by`` beside it: shape (count,), in metres."""
        rows = by[self.other]
        piece, start_m, stop_m = self.piece[rows], self.start_m[rows], self.stop_m[rows]
        reached_m = np.r_[-np.inf, np.maximum.accumulate(stop_m)[:-1]] if len(stop_m) else stop_m
        gain_m = np.maximum(stop_m - np.maximum(start_m, reached_m), 0.0)
        return np.bincount(piece, weights=gain_m, minlength=count).astype(np.float64)


def _beside(cut: Segments, pieces: _Pieces, road: NDArray[np.int64], gap_m: float) -> _Beside:
    ends, group = cut.ends, road[cut.line]
    low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
    heading, length_m = _unit(ends[:, 2:] - ends[:, :2]), cut.lengths_m
    reach_m = gap_m + SLACK_M
    # The index asks for extents only, and the extent of a diagonal is made in a third of the time of its box's.
    near = shapely.linestrings(np.stack([low - reach_m, high + reach_m], axis=1))
    tree, least = shapely.STRtree(cut.shapes()), np.cos(np.radians(PARALLEL_DEG)) - SLACK_COSINE

    def stretches(start: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        one, other = tree.query(near[start : start + BLOCK_ROWS])
        one = one + start
        kin = (group[one] == group[other]) & (pieces.of[one] != pieces.of[other])
        one, other = one[kin], other[kin]
        parallel = np.abs((heading[one] * heading[other]).sum(axis=1)) >= least
        one, other = one[parallel], other[parallel]
        # Where the ends of the other lie along and beside the one; in between it runs straight.
        offset = ends[other].reshape(-1, 2, 2) - ends[one, None, :2]
        along = (offset * heading[one, None, :]).sum(axis=2)
        aside = offset[:, :, 1] * heading[one, None, 0] - offset[:, :, 0] * heading[one, None, 1]
        slope = (aside[:, 1] - aside[:, 0]) / (along[:, 1] - along[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            bounds = along[:, :1] + (np.array([-reach_m, reach_m]) - aside[:, :1]) / slope[:, None]
        level = np.abs(slope) < 1e-12
        always = np.where(np.abs(aside[:, 0]) <= reach_m, np.inf, -np.inf)
        nearest = np.where(level, -always, bounds.min(axis=1))
        farthest = np.where(level, always, bounds.max(axis=1))
        start_m = np.maximum(np.maximum(along.min(axis=1), nearest), 0.0)
        stop_m = np.minimum(np.minimum(along.max(axis=1), farthest), length_m[one])
        real = np.flatnonzero(stop_m - start_m > SLACK_M)
        return one[real], other[real], start_m[real], stop_m[real]

    # Where linework is dense there are millions of pairs of which nothing comes: only some are held at a time.
    found = [stretches(start) for start in range(0, len(near), BLOCK_ROWS)]
    one, other, start_m, stop_m = (np.concatenate(column) for column in zip(*found, strict=True))
    origin_m = (np.cumsum(length_m) - length_m)[one]
    order = np.argsort(origin_m + start_m, kind="stable")
    one, other, origin_m = one[order], other[order], origin_m[order]
    return _Beside(pieces.of[one], pieces.of[other], origin_m + start_m[order], origin_m + stop_m[order])


def _precedence(cut: Segments, pieces: _Pieces, road: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank of each piece, lower first: by the length of its run, then by its own, then by where it lies."""
    run = _runs(cut, pieces, road)
    low = np.minimum(cut.ends[:, :2], cut.ends[:, 2:])
    high = np.maximum(cut.ends[:, :2], cut.ends[:, 2:])
    corner = np.hstack([np.minimum.reduceat(low, pieces.first), -np.maximum.reduceat(high, pieces.first)])
    # Millimetres decide nothing: the place does, which is the same wherever the whole lies.
    corner = np.round(corner, 3)
    run_m = np.round(np.bincount(run, weights=pieces.length_m)[run], 3)
    _, of = np.unique(run, return_inverse=True)
    by_place = np.lexsort((*corner.T[::-1], of))
    first = np.flatnonzero(np.r_[True, of[by_place][1:] != of[by_place][:-1]])
    run_corner = corner[by_place[first]][of]
    keys = (*corner.T[::-1], -np.round(pieces.length_m, 3), *run_corner.T[::-1], -run_m)
    rank = np.empty(len(run), dtype=np.int64)
    rank[np.lexsort(keys)] = np.arange(len(run))
    return rank


def _runs(cut: Segments, pieces: _Pieces, road: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of the run of each piece: pieces of a road that meet end to end, two by two, and go straight on."""
    count = len(pieces.line)
    last = np.r_[pieces.first[1:], len(cut.line)] - 1
    xy = np.concatenate([cut.ends[pieces.first, :2], cut.ends[last, 2:]])
    corners = np.empty((len(cut.line) + count, 2))
    at = np.arange(len(cut.line)) + pieces.of
    corners[at], corners[at + 1] = cut.ends[:, :2], cut.ends[:, 2:]
    shapes = shapely.linestrings(corners, indices=np.repeat(np.arange(count), np.bincount(pieces.of) + 1))
    reach_m = np.minimum(HEADING_M, pieces.length_m)
    inner = shapely.line_interpolate_point(np.tile(shapes, 2), np.concatenate([reach_m, -reach_m]))
    outward = _unit(xy - shapely.get_coordinates(inner))

    group = np.tile(road[pieces.line], 2)
    one, other = scipy.spatial.cKDTree(xy).query_pairs(SNAP_M, output_type="ndarray").T
    # A line comes back to its own start only as a ring, which is one run already.
    kin = (group[one] == group[other]) & (one % count != other % count)
    one, other = one[kin], other[kin]
    onward = -(outward[one] * outward[other]).sum(axis=1)
    straight = onward >= np.cos(np.radians(STRAIGHT_ON_DEG))
    one, other, onward = one[straight], other[straight], onward[straight]
    best = np.full(2 * count, -np.inf)
    np.maximum.at(best, one, onward)
    np.maximum.at(best, other, onward)
    mates = (onward == best[one]) & (onward == best[other])
    return lump_numbers(count, (one[mates] % count, other[mates] % count))


def _left_out(pieces: _Pieces, beside: _Beside, rank: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pieces others that count run beside, each decided once all that come before it are."""
    count = len(pieces.line)
    enough_m = BESIDE_SHARE * pieces.length_m * (1 - SLACK_SHARE)
    counts = np.zeros(count, dtype=bool)
    open_ = np.ones(count, dtype=bool)
    before = beside.of(rank[beside.other] < rank[beside.piece])
    while open_.any():
        waits = np.zeros(count, dtype=bool)
        waits[before.piece[open_[before.other]]] = True
        ready = open_ & ~waits
        counts[ready] = before.covered_m(counts, count)[ready] < enough_m[ready]
        open_ &= ~ready
        before = before.of(open_[before.piece])
    return ~_without_shorter(counts, beside, rank, pieces.length_m, enough_m)


def _without_shorter(
    counts: NDArray[np.bool_],
    beside: _Beside,
    rank: NDArray[np.int64],
    length_m: NDArray[np.float64],
    enough_m: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Leave out, shortest first, what longer lines of shorter runs still run beside."""
    count = len(counts)
    among = beside.of(counts[beside.piece])
    doubled = np.flatnonzero(counts & (among.covered_m(counts, count) >= enough_m))
    counts = counts.copy()
    for piece in doubled[np.lexsort((-rank[doubled], np.round(length_m[doubled], 3)))]:
        counts[piece] = False
        # What was left out because of this one must not be lost with it.
        touched = np.append(beside.piece[(beside.other == piece) & ~counts[beside.piece]], piece)
        near = beside.of(np.isin(beside.piece, touched))
        counts[piece] = bool((near.covered_m(counts, count)[touched] < enough_m[touched]).any())
    return counts


def _split(
    lines: NDArray[np.object_],
    usable: NDArray[np.intp],
    cut: Segments,
    pieces: _Pieces,
    left_out: NDArray[np.bool_],
    alone_m: NDArray[np.float64],
) -> Carriageways:
    kept, beside, alone = lines.copy(), _no_lines(len(lines)), np.zeros(len(lines))
    np.add.at(alone, usable[pieces.line], alone_m)
    some = np.bincount(pieces.line, weights=left_out, minlength=len(usable)) > 0
    every = some & (np.bincount(pieces.line, weights=~left_out, minlength=len(usable)) == 0)
    beside[usable[every]] = lines[usable[every]]
    kept[usable[every]] = shapely.MultiLineString()
    gone = left_out[pieces.of]
    for target, mask in ((kept, ~gone), (beside, gone)):
        rows = np.flatnonzero(mask & (some & ~every)[cut.line])
        owner, number = np.unique(cut.line[rows], return_inverse=True)
        if len(rows):
            shapes = shapely.linestrings(cut.ends[rows].reshape(-1, 2, 2))
            target[usable[owner]] = shapely.line_merge(shapely.multilinestrings(shapes, indices=number))
    return Carriageways(kept, beside, alone)
