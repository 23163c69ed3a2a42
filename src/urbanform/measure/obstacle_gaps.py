"""Gaps between banks and obstacles, and the narrowest that any chain of them must leave from bank to bank.

A disc passes between two things exactly if no gap between them is smaller than it. So the largest disc that can travel
a corridor is as wide as the gap at which, taking all gaps in rising order and joining what lies on either side, a lump
first holds two banks: the shortest longest edge of a path, found as in J. B. Kruskal's spanning tree
(1956, doi:10.1090/S0002-9939-1956-0078686-7). The figure has no tolerance and needs no grid.
"""

import heapq
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from urbanform.measure.lumps import Lumps

RUN_SEGMENTS = 8
MOST_POINTS_WHOLE = 40
FIRST_RADIUS_M = 2.0
INSIDE_SLACK_M = 1e-4
TOUCHING_M = 1e-9
FINEST_PIECE_M = 5e-3
CHUNK = 512


@dataclass(frozen=True, eq=False)
class GapPieces:
    """Banks and obstacles, cut into pieces small enough for a spatial index.

    Attributes
    ----------
    pieces
        Runs of a bank or of an obstacle's boundary, or a small obstacle whole; free ground lies on their left.
    owners
        The thing to which each piece belongs: the banks are 0 … `banks` - 1, the obstacles follow.
    banks, things
        How many banks there are, and how many things in all.
    room
        The corridor without holes, a little grown: a gap counts where its shortest line lies inside.
    """

    pieces: NDArray[np.object_]
    owners: NDArray[np.int64]
    banks: int
    things: int
    room: Polygon


@dataclass(frozen=True, eq=False)
class Gap:
    """A gap between two things: their numbers, its length and the shortest line across it."""

    one: int
    other: int
    length_m: float
    line: LineString


@dataclass(frozen=True, eq=False)
class Bottleneck:
    """The gap at which two banks are first joined.

    Attributes
    ----------
    gap
        The widest gap of the chain: what a disc must pass.
    chain
        The gaps of the chain from one bank to the other, in order.
    joins
        Every gap that was joined up to then, in rising order, the last of them `gap`.
    ground
        What was searched; the numbers of the gaps are those of its things.
    """

    gap: Gap
    chain: tuple[Gap, ...]
    joins: tuple[Gap, ...]
    ground: GapPieces


def gap_pieces(outline: Polygon, banks: Sequence[LineString], obstacles: NDArray[np.object_]) -> GapPieces:
    """Banks and obstacles made ready for :func:`bottleneck`.

    Parameters
    ----------
    outline
        The corridor, metres; its holes are passed over.
    banks
        Lines with the corridor on their left.
    obstacles
        Polygons clipped to the corridor.
    """
    room = shapely.buffer(Polygon(outline.exterior), INSIDE_SLACK_M, join_style="mitre")
    shapely.prepare(room)
    solids = shapely.orient_polygons(np.asarray(obstacles, dtype=object), exterior_cw=True)
    large = shapely.get_num_coordinates(solids) > MOST_POINTS_WHOLE
    rings, ring_owner = shapely.get_rings(solids[large], return_index=True)
    lines = np.concatenate([np.asarray(banks, dtype=object), rings])
    owner = np.concatenate([np.arange(len(banks)), len(banks) + np.flatnonzero(large)[ring_owner]])
    runs, line_of_run = _runs(lines)
    return GapPieces(
        np.concatenate([runs, solids[~large]]),
        np.concatenate([owner[line_of_run], len(banks) + np.flatnonzero(~large)]).astype(np.int64),
        len(banks),
        len(banks) + solids.size,
        room,
    )


def bottleneck(ground: GapPieces) -> Bottleneck | None:
    """The narrowest gap that must be passed between any two banks.

    Returns
    -------
    The bottleneck; its length is 0 where banks touch or obstacles wall the corridor off. None with fewer than two banks
    or where no chain inside the corridor joins any two of them.
    """
    if ground.banks < 2:
        return None
    lumps = Lumps(ground.things)
    bank_in = {bank: bank for bank in range(ground.banks)}
    joins: list[Gap] = []
    for gap in _rising_gaps(ground, lumps):
        one, other = lumps.find(gap.one), lumps.find(gap.other)
        joins.append(gap)
        holders = [bank_in[lump] for lump in (one, other) if lump in bank_in]
        joined = lumps.join(one, other)
        if len(holders) == 2:
            return Bottleneck(gap, _chain(joins, *holders), tuple(joins), ground)
        if holders:
            bank_in[joined] = holders[0]
    return None


def gaps_under(ground: GapPieces, limit_m: float) -> list[Gap]:
    """Every gap narrower than a limit between pieces of two things, touching ones left out; in rising order."""
    tree = shapely.STRtree(ground.pieces)
    one, other = tree.query(ground.pieces, predicate="dwithin", distance=limit_m)
    keep = (one < other) & (ground.owners[one] != ground.owners[other])
    one, other = one[keep], other[keep]
    lengths_m = shapely.distance(ground.pieces[one], ground.pieces[other])
    keep = (lengths_m > TOUCHING_M) & (lengths_m < limit_m)
    one, other, lengths_m = one[keep], other[keep], lengths_m[keep]
    lines = shapely.shortest_line(ground.pieces[one], ground.pieces[other])
    found = np.flatnonzero(shapely.covers(ground.room, lines))
    found = found[np.argsort(lengths_m[found], kind="stable")]
    return [
        Gap(int(ground.owners[one[k]]), int(ground.owners[other[k]]), float(lengths_m[k]), lines[k])
        for k in found.tolist()
    ]


def _rising_gaps(ground: GapPieces, lumps: Lumps) -> Iterator[Gap]:
    """Gaps inside the corridor between things not yet joined, in rising order; the caller joins them as they come."""
    tree = shapely.STRtree(ground.pieces)
    min_x, min_y, max_x, max_y = ground.room.bounds
    radius_m, furthest_m = FIRST_RADIUS_M, float(np.hypot(max_x - min_x, max_y - min_y))
    blind: set[tuple[int, int]] = set()
    while True:
        yield from _gaps_within(ground, lumps, tree, radius_m, blind)
        if radius_m > furthest_m:
            return
        radius_m *= 2


def _gaps_within(
    ground: GapPieces, lumps: Lumps, tree: shapely.STRtree, radius_m: float, blind: set[tuple[int, int]]
) -> Iterator[Gap]:
    """Gaps up to a radius; `blind` holds the pairs known from smaller ones never to see one another."""
    pieces, owners = ground.pieces, ground.owners
    lump_of = np.array([lumps.find(thing) for thing in range(ground.things)])[owners]
    lengths_m, one, other = _near_pairs(pieces, lump_of, tree, radius_m)
    halves = _Halves(ground, radius_m)
    for start in range(0, one.size, CHUNK):
        chunk = slice(start, start + CHUNK)
        a, b, far = one[chunk], other[chunk], lengths_m[chunk]
        apart = np.array(
            [lumps.find(p) != lumps.find(q) for p, q in zip(owners[a].tolist(), owners[b].tolist(), strict=True)]
        )
        a, b, far = a[apart], b[apart], far[apart]
        lines = shapely.shortest_line(pieces[a], pieces[b])
        inside = (far <= TOUCHING_M) | shapely.covers(ground.room, lines)
        for k, (length_m, valid) in enumerate(zip(far.tolist(), inside.tolist(), strict=True)):
            yield from halves.up_to(length_m, lumps)
            p, q = int(owners[a[k]]), int(owners[b[k]])
            if lumps.find(p) == lumps.find(q):
                continue
            pair = int(min(a[k], b[k])), int(max(a[k], b[k]))
            if valid:
                yield Gap(p, q, length_m, lines[k])
            elif pair not in blind and not halves.add(_Piece(pieces[a[k]], p), _Piece(pieces[b[k]], q)):
                blind.add(pair)
    yield from halves.up_to(radius_m, lumps)


def _near_pairs(
    pieces: NDArray[np.object_], lump_of: NDArray[np.int64], tree: shapely.STRtree, radius_m: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of pieces of different lumps within a radius, by their distance.

    The largest lump does not ask, it is only found: what is near it asks for itself.
    """
    names, sizes = np.unique(lump_of, return_counts=True)
    asking = np.flatnonzero(lump_of != names[np.argmax(sizes)])
    asked, other = tree.query(pieces[asking], predicate="dwithin", distance=radius_m)
    one = asking[asked]
    twice = np.isin(other, asking, assume_unique=False) & (one > other)
    keep = (lump_of[one] != lump_of[other]) & ~twice
    one, other = one[keep], other[keep]
    lengths_m = shapely.distance(pieces[one], pieces[other])
    order = np.lexsort((other, one, lengths_m))
    return lengths_m[order], one[order], other[order]


@dataclass(frozen=True, eq=False)
class _Piece:
    shape: BaseGeometry
    owner: int

    def halves(self) -> list["_Piece"]:
        """Its two halves; none where it is too short to halve."""
        if self.shape.geom_type == "Polygon":
            lines = [LineString(ring) for ring in shapely.get_rings(self.shape)]
            return [half for line in lines for half in _Piece(line, self.owner).halves()]
        points = shapely.get_coordinates(self.shape)
        if len(points) == 2:
            if self.shape.length < FINEST_PIECE_M:
                return []
            points = np.array([points[0], points.mean(axis=0), points[1]])
        middle = len(points) // 2
        return [_Piece(LineString(part), self.owner) for part in (points[: middle + 1], points[middle:])]

    def faces(self, other: "_Piece") -> bool:
        """Whether any of another piece lies on the free side of any segment of this one."""
        if self.shape.geom_type == "Polygon" or not self.shape.length:
            return True
        points, off = shapely.get_coordinates(self.shape), shapely.get_coordinates(other.shape)
        along = np.diff(points, axis=0)[:, None]
        to = off[None, :] - points[:-1, None]
        return bool((along[..., 0] * to[..., 1] > along[..., 1] * to[..., 0]).any())


class _Halves:
    """Pairs of pieces whose shortest line leaves the corridor, halved until it does not.

    A pair may be near across ground outside (two turns of a spiral) and yet see one another further along.
    """

    def __init__(self, ground: GapPieces, radius_m: float) -> None:
        self._room = ground.room
        self._radius_m = radius_m
        self._queue: list[tuple[float, int, _Piece, _Piece]] = []
        self._number = count()
        self._rooms: dict[tuple[float, int, int], BaseGeometry] = {}

    def add(self, one: _Piece, other: _Piece) -> bool:
        """Put the halves of a pair in the queue; false where ground outside parts the two altogether."""
        if not (one.faces(other) and other.faces(one) and self._may_see(one.shape, other.shape)):
            return False
        # A piece much shorter than the other is left whole: halving it would only make more pairs of the same kind.
        ones = one.halves() if 2 * one.shape.length >= other.shape.length else []
        others = other.halves() if 2 * other.shape.length >= one.shape.length else []
        if not ones and not others:
            return False
        for a in ones or [one]:
            for b in others or [other]:
                length_m = float(shapely.distance(a.shape, b.shape))
                if length_m <= self._radius_m:
                    heapq.heappush(self._queue, (length_m, next(self._number), a, b))
        return True

    def _may_see(self, one: BaseGeometry, other: BaseGeometry) -> bool:
        """Whether one part of the ground between two shapes reaches both of them."""
        between = shapely.convex_hull(shapely.geometrycollections([one, other]))
        parts = shapely.get_parts(shapely.intersection(between, self._room_about(between)))
        reaches = shapely.dwithin(parts, one, INSIDE_SLACK_M) & shapely.dwithin(parts, other, INSIDE_SLACK_M)
        return bool(reaches.any())

    def _room_about(self, shape: BaseGeometry) -> BaseGeometry:
        """The corridor near a shape: a cell and its surroundings, cut out once for all shapes of one size in it."""
        min_x, min_y, max_x, max_y = shape.bounds
        size_m = 2.0 ** math.ceil(math.log2(max(max_x - min_x, max_y - min_y, 1.0)))
        column, row = math.floor(min_x / size_m), math.floor(min_y / size_m)
        key = (size_m, column, row)
        if key not in self._rooms:
            cell = shapely.box(column * size_m, row * size_m, (column + 2) * size_m, (row + 2) * size_m)
            self._rooms[key] = shapely.intersection(self._room, cell)
        return self._rooms[key]

    def up_to(self, length_m: float, lumps: Lumps) -> Iterator[Gap]:
        while self._queue and self._queue[0][0] <= length_m:
            here_m, _, one, other = heapq.heappop(self._queue)
            if lumps.find(one.owner) == lumps.find(other.owner):
                continue
            line = shapely.shortest_line(one.shape, other.shape)
            if here_m <= TOUCHING_M or shapely.covers(self._room, line):
                yield Gap(one.owner, other.owner, here_m, line)
            else:
                self.add(one, other)


def _chain(joins: list[Gap], start: int, stop: int) -> tuple[Gap, ...]:
    """The gaps by which two banks are joined, in order."""
    near: dict[int, list[Gap]] = {}
    for gap in joins:
        near.setdefault(gap.one, []).append(gap)
        near.setdefault(gap.other, []).append(gap)
    came: dict[int, tuple[int, Gap] | None] = {start: None}
    queue = deque([start])
    while queue and stop not in came:
        thing = queue.popleft()
        for gap in near.get(thing, []):
            there = gap.other if gap.one == thing else gap.one
            if there not in came:
                came[there] = (thing, gap)
                queue.append(there)
    chain = []
    step = came[stop]
    while step is not None:
        chain.append(step[1])
        step = came[step[0]]
    return tuple(reversed(chain))


def _runs(lines: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Lines cut into runs of eight segments, and the line of each run."""
    points_m, line = shapely.get_coordinates(lines, return_index=True)
    if not line.size:
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64)
    sizes = np.bincount(line, minlength=lines.size)
    firsts = np.cumsum(sizes) - sizes
    runs = -(-(sizes - 1) // RUN_SEGMENTS)
    line_of_run = np.repeat(np.arange(lines.size), runs)
    start = firsts[line_of_run] + (np.arange(runs.sum()) - np.repeat(np.cumsum(runs) - runs, runs)) * RUN_SEGMENTS
    stop = np.minimum(start + RUN_SEGMENTS, (firsts + sizes - 1)[line_of_run])
    length = stop - start + 1
    run = np.repeat(np.arange(start.size), length)
    place = np.arange(run.size) - np.repeat(np.cumsum(length) - length, length) + start[run]
    return shapely.linestrings(points_m[place], indices=run), line_of_run
