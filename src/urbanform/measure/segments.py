"""Lines and outlines as straight segments, and which of many come near one another."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

RUN = 8
"""How many segments that follow one another are looked up as one."""
ROWS = 100_000
"""How many candidates are held at once: few enough for the memory next to the processor, and memory does not grow with
the linework beyond the pairs that are found."""

ROOM_M = 0.6
"""How much wider than the runs their extents stand in the index: then they serve as the question, too, which of them
lie within a metre of one another, whatever rounding takes away."""
OUTWARDS = np.array([-1.0, -1.0, 1.0, 1.0])

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Segments:
    """Straight segments with the number of the line that each belongs to.

    ``ends`` has the shape (n, 4): x0, y0, x1, y1. What is looked up in them more than once is kept.
    """

    ends: np.ndarray
    line: np.ndarray

    @cached_property
    def runs(self) -> "Runs":
        """The segments in runs of a few that follow one another."""
        return _runs(self)

    @cached_property
    def lengths_m(self) -> NDArray[np.float64]:
        """The length of each segment."""
        return np.hypot(self.ends[:, 2] - self.ends[:, 0], self.ends[:, 3] - self.ends[:, 1])

    @cached_property
    def begun_m(self) -> NDArray[np.float64]:
        """How far along its line each segment begins: shape (n,)."""
        before = np.cumsum(self.lengths_m) - self.lengths_m
        return before - before[np.searchsorted(self.line, self.line)] if len(self.line) else before

    def shapes(self) -> np.ndarray:
        """The segments as LineStrings."""
        return shapely.linestrings(self.ends.reshape(-1, 2, 2))


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of segments: the extent of every segment, where each run begins, how many it has, and its extent."""

    boxes: NDArray[np.float64]
    begin: Indices
    size: Indices
    extent: NDArray[np.float64]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """An index of the extents, each wider by :data:`ROOM_M` all round."""
        return shapely.STRtree(_diagonals(self.extent + ROOM_M * OUTWARDS))


def lines_of(lines: NDArray[np.object_]) -> tuple[NDArray[np.object_], Indices]:
    """The single LineStrings of lines, and the number of the line of which each is a part."""
    if (shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING).all():
        # Taking lines to pieces copies each of them.
        return lines, np.arange(len(lines))
    parts, owner = shapely.get_parts(lines, return_index=True)
    return parts, np.asarray(owner, dtype=np.int64)


def segments_of(lines: np.ndarray) -> Segments:
    """Cut lines (LineString or MultiLineString, None and empty give nothing) into segments; zero-length ones go."""
    parts, owner = lines_of(lines)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    ends = np.hstack([xy[:-1][joined], xy[1:][joined]])
    line = owner[part[:-1][joined]]
    real = (ends[:, 0] != ends[:, 2]) | (ends[:, 1] != ends[:, 3])
    return Segments(ends[real], line[real])


def feet(points: NDArray[np.float64], ends: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where on a segment it comes nearest to a point, pair by pair: the share of its length, and the distance.

    Parameters
    ----------
    points
        Shape (n, 2), metres.
    ends
        Of the segments, shape (n, 4); one without length is a point.
    """
    step_x, step_y = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
    x, y = points[:, 0] - ends[:, 0], points[:, 1] - ends[:, 1]
    square = step_x * step_x + step_y * step_y
    share = np.clip((x * step_x + y * step_y) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    return share, np.hypot(x - share * step_x, y - share * step_y)


def near_pairs(one: Segments, other: Segments, within_m: float | NDArray[np.float64]) -> tuple[Indices, Indices]:
    """Pairs of segments of two sets whose extents lie within a distance of one another.

    A pair that is left out lies farther apart; one that is given may do so, too.

    Parameters
    ----------
    one, other
        The two sets, which may be the same: then every pair comes once, the smaller number first, and no segment with
        itself.
    within_m
        The distance, in metres: one, or one for each segment of ``one``.

    Returns
    -------
    Numbers of segments, shape (pairs,) each.
    """
    found = list(_blocks(one, other, np.broadcast_to(np.asarray(within_m, dtype=float), len(one.line))))
    nothing = np.zeros(0, dtype=np.int64)
    return np.concatenate([nothing, *(pair[0] for pair in found)]), np.concatenate(
        [nothing, *(pair[1] for pair in found)]
    )


def _blocks(one: Segments, other: Segments, within_m: NDArray[np.float64]) -> Iterator[tuple[Indices, Indices]]:
    if not len(one.line) or not len(other.line):
        return
    here, there = one.runs, other.runs
    begin, size = here.begin, here.size
    box = here.boxes + within_m[:, None] * OUTWARDS
    if one is other and within_m.max() <= 1.9 * ROOM_M:
        asked = there.tree.geometries
    else:
        asked = _diagonals(_extents(box, begin))
    run, other_run = there.tree.query(asked)
    if one is other:
        run, other_run = run[run <= other_run], other_run[run <= other_run]
    for rows in np.array_split(np.arange(len(run)), max(1, int(size[run].sum() * RUN / 2) // ROWS)):
        row, segment = _spread(begin[run[rows]], size[run[rows]])
        row = rows[row]
        meets = _meet(box[segment], there.extent[other_run[row]])
        row, segment = row[meets], segment[meets]
        again, partner = _spread(there.begin[other_run[row]], there.size[other_run[row]])
        segment = segment[again]
        if one is other:
            once = segment < partner
            segment, partner = segment[once], partner[once]
        meets = _meet(box[segment], there.boxes[partner])
        yield segment[meets], partner[meets]


def _runs(cut: Segments) -> Runs:
    boxes = np.hstack([np.minimum(cut.ends[:, :2], cut.ends[:, 2:]), np.maximum(cut.ends[:, :2], cut.ends[:, 2:])])
    count = len(cut.line)
    fresh = np.flatnonzero(np.append(True, np.diff(cut.line) != 0))
    place = np.arange(count) - np.repeat(fresh, np.diff(np.append(fresh, count)))
    begin = np.flatnonzero(place % RUN == 0)
    return Runs(boxes, begin, np.diff(np.append(begin, count)), _extents(boxes, begin))


def _extents(boxes: NDArray[np.float64], begin: Indices) -> NDArray[np.float64]:
    """The extent of each run of boxes."""
    return np.hstack([np.minimum.reduceat(boxes[:, :2], begin), np.maximum.reduceat(boxes[:, 2:], begin)])


def _diagonals(boxes: NDArray[np.float64]) -> NDArray[np.object_]:
    # The index asks for extents only, and a diagonal is made in a third of the time of its box.
    return np.asarray(shapely.linestrings(boxes.reshape(-1, 2, 2)))


def _spread(begin: Indices, size: Indices) -> tuple[Indices, Indices]:
    """For every run its members: the number of the run, and that of the member."""
    row = np.repeat(np.arange(len(begin)), size)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(size) - size - begin, size)


def _meet(box: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(
        (box[:, 0] <= other[:, 2])
        & (box[:, 1] <= other[:, 3])
        & (box[:, 2] >= other[:, 0])
        & (box[:, 3] >= other[:, 1])
    )
