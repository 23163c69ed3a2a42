"""Which paths hang together, in how many pieces, and over which short gaps these could be joined."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

from urbanform.measure.contiguous import Pairs
from urbanform.measure.linework import clip_lines, once_only
from urbanform.measure.network import SNAP_M, walking_network
from urbanform.measure.noding import close_ends, line_ends

Levels = frozenset[str]
"""The levels on which a path runs: several for a ramp or a stair between them."""

GROUND: Levels = frozenset({"0"})


@dataclass(frozen=True, eq=False)
class Walkways:
    """Paths told apart by the piece of the network that they belong to.

    Attributes
    ----------
    parts
        LineStrings in metres, ground that two lines of one level share only once; shape (n,).
    owner
        The number of the line that each comes from.
    piece
        The number of the piece that it belongs to, 0 … count - 1.
    levels
        On which levels it runs.
    count
        How many pieces there are.
    """

    parts: NDArray[np.object_]
    owner: NDArray[np.int64]
    piece: NDArray[np.int64]
    levels: tuple[Levels, ...]
    count: int

    def inside(self, area: shapely.Geometry) -> NDArray[np.object_]:
        """What of each part lies inside an area: shape (n,), empty where nothing does."""
        return clip_lines(self.parts, area)

    def lengths_m(self, shapes: NDArray[np.object_]) -> NDArray[np.float64]:
        """The length of each piece, summed over what is left of the parts: shape (count,)."""
        return np.bincount(self.piece, weights=shapely.length(shapes), minlength=self.count).astype(np.float64)

    def cut(self, area: shapely.Geometry) -> "Walkways":
        """The same paths with nothing but what lies inside an area, where they may be in more pieces."""
        shapes = self.inside(area)
        some = np.flatnonzero(shapely.length(shapes) > 0)
        return _hanging_together(shapes[some], self.owner[some], [self.levels[at] for at in some])

    def over_levels(self) -> "Walkways":
        """The same paths with ends that lie close joined whatever their levels."""
        ends = close_ends(line_ends(self.parts), np.zeros(len(self.parts), dtype=np.int64), SNAP_M)
        count = max(len(self.parts), 1)
        piece, number = _merged(self.piece, (ends[0] % count, ends[1] % count), self.count)
        return Walkways(self.parts, self.owner, piece, self.levels, number)

    def joined_by(self, grounds: NDArray[np.object_]) -> "Walkways":
        """The same paths with all those joined that come within the snapping distance of the same ground."""
        ground, part = shapely.STRtree(self.parts).query(grounds, predicate="dwithin", distance=SNAP_M)
        order = np.argsort(ground, kind="stable")
        ground, part = ground[order], part[order]
        same = np.flatnonzero(ground[1:] == ground[:-1])
        piece, number = _merged(self.piece, (part[same], part[same + 1]), self.count)
        return Walkways(self.parts, self.owner, piece, self.levels, number)


def walkways(lines: NDArray[np.object_], levels: Sequence[Levels], rank: NDArray[np.int64] | None = None) -> Walkways:
    """Paths joined where they cross or touch, and where an end lies within a metre of another path of its level.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres, shape (n,); missing and empty ones are no part of it.
    levels
        On which levels each runs, compared as they are; paths without a level in common never meet. A path on several
        levels joins what it meets on each.
    rank
        Whose ground it is where two lines of the same levels share some: the lower's, by position where equal.
    """
    parts, owner = shapely.get_parts(_each_once(lines, levels, rank), return_index=True)
    real = shapely.length(parts) > 0
    parts, owner = parts[real], owner[real].astype(np.int64)
    return _hanging_together(parts, owner, [levels[line] for line in owner])


def _each_once(
    lines: NDArray[np.object_], levels: Sequence[Levels], rank: NDArray[np.int64] | None
) -> NDArray[np.object_]:
    """The lines less what another one of the same levels already covers."""
    left = lines.copy()
    of: dict[Levels, list[int]] = {}
    for row, level in enumerate(levels):
        of.setdefault(level, []).append(row)
    for rows in of.values():
        left[rows] = once_only(lines[rows], None if rank is None else rank[rows])[0]
    return left


def _hanging_together(parts: NDArray[np.object_], owner: NDArray[np.int64], levels: list[Levels]) -> Walkways:
    # Clipping may have left several lines where one was.
    single, of = shapely.get_parts(parts, return_index=True)
    real = shapely.length(single) > 0
    single, of = single[real], of[real]
    levels = [levels[at] for at in of]
    copies = np.repeat(np.arange(len(single)), [len(level) for level in levels])
    names = np.array([name for level in levels for name in sorted(level)], dtype=object)
    if not len(copies):
        nothing = np.zeros(0, dtype=np.int64)
        return Walkways(single, nothing, nothing, (), 0)
    network = walking_network(single[copies], names)
    first = np.searchsorted(network.stop_m, network.start_m)
    _, group = scipy.sparse.csgraph.connected_components(network.graph, directed=False)
    of_copy = group[network.node[first]].astype(np.int64)
    same = np.flatnonzero(copies[1:] == copies[:-1])
    piece, _ = _merged(of_copy, (same, same + 1), int(group.max()) + 1)
    head = np.searchsorted(copies, np.arange(len(single)))
    numbers, piece = np.unique(piece[head], return_inverse=True)
    return Walkways(single, owner[of], piece.astype(np.int64), tuple(levels), len(numbers))


def _merged(piece: NDArray[np.int64], pairs: Pairs, count: int) -> tuple[NDArray[np.int64], int]:
    """Pieces with those made one of which members pair: the new number of each member, and how many are left."""
    one, other = piece[pairs[0]], piece[pairs[1]]
    links = scipy.sparse.coo_array((np.ones(len(one)), (one, other)), shape=(count, count))
    number, group = scipy.sparse.csgraph.connected_components(links, directed=False)
    return group[piece].astype(np.int64), int(number)


@dataclass(frozen=True, eq=False)
class Gaps:
    """Where two pieces come closest, one row per pair of pieces.

    Attributes
    ----------
    lines
        From the one to the other.
    first, second
        The numbers of the parts at its ends.
    """

    lines: NDArray[np.object_]
    first: NDArray[np.int64]
    second: NDArray[np.int64]


def gaps(paths: Walkways, shapes: NDArray[np.object_], gap_m: float) -> Gaps:
    """The shortest way between every two pieces that come within a distance of one another on a level of both.

    Parameters
    ----------
    paths
        The pieces.
    shapes
        What of each part is looked at, shape (n,); empty ones are not.
    gap_m
        How far apart two pieces may lie, that included.

    Returns
    -------
    The shortest first.
    """
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m * (1 + 1e-12) + 1e-9)
    apart = paths.piece[one] < paths.piece[other]
    one, other = one[apart], other[apart]
    met = _meeting(paths.levels, one, other)
    one, other = one[met], other[met]
    ways = shapely.shortest_line(shapes[one], shapes[other])
    length_m = shapely.length(ways)
    corner = shapely.bounds(ways).reshape(-1, 4)
    order = np.lexsort((corner[:, 1], corner[:, 0], length_m))
    pairs = paths.piece[one] * paths.count + paths.piece[other]
    _, first = np.unique(pairs[order], return_index=True)
    kept = order[np.sort(first)]
    return Gaps(ways[kept], one[kept].astype(np.int64), other[kept].astype(np.int64))


def _meeting(levels: Sequence[Levels], one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether the two of each pair have a level in common."""
    kinds = list(dict.fromkeys(levels))
    number = {kind: at for at, kind in enumerate(kinds)}
    of = np.array([number[level] for level in levels], dtype=np.int64)
    common = np.array([[bool(mine & theirs) for theirs in kinds] for mine in kinds], dtype=bool)
    return common.reshape(len(kinds), len(kinds))[of[one], of[other]]
