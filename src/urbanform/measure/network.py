"""Networks of lines, joined where they cross, where an end meets another line, and where ends lie close."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

from urbanform.collector import seldom_collected
from urbanform.measure.noding import but_close_ends, close_ends, crossings, ends_on_lines, line_ends
from urbanform.measure.segments import Segments, lines_of, near_pairs, segments_of

SNAP_M = 1.0
"""Ends nearer than this to one another, or to a line, meet."""

SAME_M = 1e-6
"""Places of one line nearer than this are one; it absorbs rounding."""


@dataclass(frozen=True, eq=False)
class Network:
    """Lines joined into a network.

    All lines are laid end to end on one axis, on which a place of the network is a single number: line ``i`` takes
    the stretch that begins at ``start_m[i]``.

    Attributes
    ----------
    lines
        Single LineStrings.
    owner
        The number of the given line that each comes from; shape (lines,).
    start_m
        Where each begins on the axis; shape (lines,).
    stop_m, node
        Places where a line begins, ends or meets another, ascending on the axis, and the node that each of them is.
    count
        How many nodes there are.
    graph
        Length of the shortest edge between two nodes, both ways.
    cut
        The lines as straight segments.
    """

    lines: NDArray[np.object_]
    owner: NDArray[np.int64]
    start_m: NDArray[np.float64]
    stop_m: NDArray[np.float64]
    node: NDArray[np.int64]
    count: int
    graph: "scipy.sparse.csr_array"
    cut: Segments

    @cached_property
    def node_stop(self) -> NDArray[np.int64]:
        """A stop of each node; shape (count,)."""
        return np.unique(self.node, return_index=True)[1].astype(np.int64)

    @cached_property
    def node_points(self) -> NDArray[np.object_]:
        """Where each node lies; shape (count,)."""
        line = self.line_of_stops[self.node_stop]
        along_m = self.stop_m[self.node_stop] - self.start_m[line]
        return np.asarray(shapely.line_interpolate_point(self.lines[line], along_m))

    @cached_property
    def node_tree(self) -> shapely.STRtree:
        """An index of these points."""
        return shapely.STRtree(self.node_points)

    @cached_property
    def begun_m(self) -> NDArray[np.float64]:
        """Where on the axis each segment of ``cut`` begins."""
        return self.start_m[self.cut.line] + self.cut.begun_m

    @cached_property
    def line_of_stops(self) -> NDArray[np.int64]:
        """The line of each stop."""
        return np.searchsorted(self.start_m, self.stop_m, side="right") - 1


@seldom_collected()
def walking_network(
    lines: NDArray[np.object_], levels: NDArray[np.object_] | None = None, snap_m: float = SNAP_M
) -> Network:
    """The network that lines make up.

    Lines meet where they cross or touch, where an end lies within ``snap_m`` of another line, and where two ends lie
    that near. Lines without a level in common never meet (a bridge has no node with the road below it); a line on
    several levels, a ramp or a stair, meets what lies on each of them.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres, shape (n,); missing and empty ones are no part of it.
    levels
        The level of each line, compared as it is, or the set of its levels; shape (n,). None where all are of one.
    snap_m
        What digitising may be off.
    """
    parts, owner = lines_of(lines)
    real = shapely.length(parts) > 0
    if not real.all():
        parts, owner = parts[real], owner[real]
    kind, common = _levelled(levels, len(lines))
    level = kind[owner]
    length_m = shapely.length(parts)
    # A metre between two lines keeps the end of one apart from the beginning of the next.
    start_m = np.concatenate([[0.0], np.cumsum(length_m + 1.0)])[: len(parts)]

    ends = line_ends(parts)
    stops_m = [start_m, start_m + length_m]
    joins: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = [close_ends(ends, level, snap_m, common)]
    made = 2 * len(parts)
    cut = segments_of(parts)
    near = first, second = near_pairs(cut, cut, snap_m)
    if levels is not None:
        meet = common[level[cut.line[first]], level[cut.line[second]]]
        near = first[meet], second[meet]
    for met in (crossings(cut, near), ends_on_lines(cut, near, snap_m)):
        first, first_at, second, second_at = but_close_ends(met, length_m, ends, snap_m, SAME_M)
        stops_m += [start_m[first] + first_at, start_m[second] + second_at]
        joins.append((made + np.arange(len(first)), made + len(first) + np.arange(len(second))))
        made += 2 * len(first)
    # Of a large place each of these is large, and what follows needs room.
    del near, met, first, second, first_at, second_at
    place_m = np.concatenate(stops_m)
    del stops_m
    order = np.argsort(place_m, kind="stable")
    place_m = place_m[order]
    apart = np.append(True, np.diff(place_m) > SAME_M)[:made]
    same = np.flatnonzero(~apart)
    joins.append((order[same - 1], order[same]))
    count, node = _joined(joins, made)
    stop_m, node = place_m[apart], node[order[apart]].astype(np.int64)
    return Network(
        parts, owner.astype(np.int64), start_m, stop_m, node, count, _graph(start_m, stop_m, node, count), cut
    )


def _joined(joins: list[tuple[NDArray[np.int64], NDArray[np.int64]]], made: int) -> tuple[int, NDArray[np.int32]]:
    """How many nodes some joined stops make up, and that of each stop; the joins are used up."""
    number = np.int32 if made < 2**31 else np.int64
    one, other = (np.concatenate([part.astype(number) for part in side]) for side in zip(*joins, strict=True))
    joins.clear()
    met = scipy.sparse.coo_array((np.ones(len(one), np.int32), (one, other)), shape=(made, made))
    count, node = scipy.sparse.csgraph.connected_components(met, directed=False)
    return int(count), node


def _levelled(levels: NDArray[np.object_] | None, count: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Which set of levels each line has, by number, and which of these sets have a level in common."""
    if levels is None:
        return np.zeros(count, dtype=np.int64), np.ones((1, 1), dtype=bool)
    sets = [
        frozenset(map(str, item)) if isinstance(item, (set, frozenset)) else frozenset({str(item)}) for item in levels
    ]
    number = {found: at for at, found in enumerate(dict.fromkeys(sets))}
    common = np.array([[bool(one & other) for other in number] for one in number], dtype=bool)
    return np.array([number[found] for found in sets], dtype=np.int64), common.reshape(len(number), len(number))


def _graph(
    start_m: NDArray[np.float64], stop_m: NDArray[np.float64], node: NDArray[np.int64], count: int
) -> "scipy.sparse.csr_array":
    line = np.searchsorted(start_m, stop_m, side="right")
    joined = np.flatnonzero(line[1:] == line[:-1])
    one, other, length_m = node[joined], node[joined + 1], np.diff(stop_m)[joined]
    low, high = np.minimum(one, other), np.maximum(one, other)
    real = low != high
    low, high, length_m = low[real], high[real], length_m[real]
    # A sparse matrix adds up what stands twice, but of two edges between the same nodes the shorter is walked.
    order = np.lexsort((length_m, high, low))
    low, high, length_m = low[order], high[order], length_m[order]
    first = np.append(True, (np.diff(low) != 0) | (np.diff(high) != 0))[: len(low)]
    low, high, length_m = low[first], high[first], length_m[first]
    rows, columns = np.concatenate([low, high]), np.concatenate([high, low])
    return scipy.sparse.csr_array(
        scipy.sparse.coo_array((np.concatenate([length_m, length_m]), (rows, columns)), shape=(count, count))
    )
