"""Where plots and other shapes are entered from a network of lines."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure.network import SAME_M, Network
from urbanform.measure.noding import crossed
from urbanform.measure.segments import Indices, Segments, feet, near_pairs


@dataclass(frozen=True, slots=True)
class Access:
    """Where shapes are joined to a network, one row per place; a shape may have several.

    Attributes
    ----------
    shape
        The number of the shape.
    stop
        The stop after which the place lies; the next stop ends its edge.
    ahead_m, back_m
        The way along the edge to its two ends: to the next stop, and to this one.
    leg_m
        The way from the shape to the place.
    """

    shape: NDArray[np.int64]
    stop: NDArray[np.int64]
    ahead_m: NDArray[np.float64]
    back_m: NDArray[np.float64]
    leg_m: NDArray[np.float64]

    def of(self, rows: NDArray[np.bool_]) -> "Access":
        """Some of the places."""
        return Access(self.shape[rows], self.stop[rows], self.ahead_m[rows], self.back_m[rows], self.leg_m[rows])


CORNERS_AT_ONCE = 500_000
"""Of shapes with more corners some are looked at after others."""

Places = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
"""Number of the shape, place on the network's axis, leg; one row per place."""


def access(network: Network, shapes: NDArray[np.object_], within_m: float) -> Access:
    """Where shapes are joined to a network: wherever it passes within a distance, or else where it comes nearest.

    On each such line the places are the nearest one, those beside the shape's first and last corner along the line,
    those where the line crosses its edge, and the nodes. The leg is the distance from the shape, none on or inside it.

    Parameters
    ----------
    shapes
        Points, lines or polygons in metres, shape (n,); missing and empty ones are not joined, nor is any where the
        network is empty.
    within_m
        Over which distance a shape is entered wherever it is passed.
    """
    given = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(network.lines) or not len(given):
        nothing = np.zeros(0)
        return Access(nothing.astype(np.int64), nothing.astype(np.int64), nothing, nothing, nothing)
    limit_m = np.full(len(shapes), float(within_m))
    shape, place_m, leg_m = _places(network, shapes, given, limit_m)
    passed = np.zeros(len(shapes), dtype=bool)
    passed[shape] = True
    alone = given[~passed[given]]
    if len(alone):
        (far, _), nearest_m = shapely.STRtree(network.lines).query_nearest(
            shapes[alone], return_distance=True, all_matches=False
        )
        limit_m[alone[far]] = nearest_m + SAME_M
        more = _places(network, shapes, alone[far], limit_m)
        shape, place_m, leg_m = (np.concatenate(column) for column in zip((shape, place_m, leg_m), more, strict=True))
    stop = np.searchsorted(network.stop_m, place_m, side="right") - 1
    # A place at the very end of a line belongs to the edge before it, not to the gap after it.
    last = np.append(np.diff(network.line_of_stops) > 0, True)
    stop = np.where(last[stop], stop - 1, stop)
    back_m = np.clip(place_m - network.stop_m[stop], 0.0, None)
    ahead_m = np.clip(network.stop_m[stop + 1] - place_m, 0.0, None)
    return Access(shape.astype(np.int64), stop.astype(np.int64), ahead_m, back_m, leg_m)


def _places(
    network: Network, shapes: NDArray[np.object_], rows: NDArray[np.int64], limit_m: NDArray[np.float64]
) -> Places:
    """The places of some shapes, each over the distance that is its own; so many at a time that memory stays small."""
    corners = np.cumsum(shapely.get_num_coordinates(shapes[rows]))
    blocks = np.split(rows, np.flatnonzero(np.diff(corners // CORNERS_AT_ONCE)) + 1)
    found = [_places_of(network, shapes, block, limit_m) for block in blocks]
    shape, place_m, leg_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return shape, place_m, leg_m


def _places_of(
    network: Network, shapes: NDArray[np.object_], rows: NDArray[np.int64], limit_m: NDArray[np.float64]
) -> Places:
    edges, cut = _outlines(shapes, rows), network.cut
    edge, segment = near_pairs(edges, cut, limit_m[edges.line] + SAME_M)
    over = _over_edges(network, edges, edge, segment)
    found = (
        _nodes_near(network, shapes, rows, limit_m),
        _on_axis(network, edges, over),
        _on_axis(network, edges, _beside_corners(edges, cut, edge, segment, limit_m)),
        _on_axis(network, edges, _nearest(edges, cut, edge, segment, limit_m, over)),
    )
    shape, place_m, leg_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return shape, place_m, leg_m


@dataclass(frozen=True, slots=True)
class _Spots:
    """Places by the segments of the network and of the outlines: at which share of the former, and the leg."""

    edge: Indices
    segment: Indices
    share: NDArray[np.float64]
    leg_m: NDArray[np.float64]

    def of(self, rows: NDArray[np.bool_] | Indices) -> "_Spots":
        return _Spots(self.edge[rows], self.segment[rows], self.share[rows], self.leg_m[rows])


def _on_axis(network: Network, edges: Segments, spots: _Spots) -> Places:
    length_m = network.cut.lengths_m[spots.segment]
    return edges.line[spots.edge], network.begun_m[spots.segment] + spots.share * length_m, spots.leg_m


def _outlines(shapes: NDArray[np.object_], rows: NDArray[np.int64]) -> Segments:
    """The edges of shapes, each from one corner on: of a point, and at the end of a line, an edge without length."""
    parts, owner = shapely.get_parts(shapes[rows], return_index=True)
    areas = shapely.get_dimensions(parts) == 2
    rings, of_ring = shapely.get_rings(parts[areas], return_index=True)
    drawn = np.concatenate([rings, parts[~areas]])
    owner = np.concatenate([owner[areas][of_ring], owner[~areas]])
    xy, part = shapely.get_coordinates(drawn, return_index=True)
    last = np.append(np.diff(part) != 0, True)[: len(part)]
    ends = np.hstack([xy, np.where(last[:, None], xy, np.roll(xy, -1, axis=0))])
    # A ring ends in the corner that it began with.
    kept = ~(last & (part < len(rings)))
    return Segments(ends[kept], rows[owner[part[kept]]])


def _nodes_near(
    network: Network, shapes: NDArray[np.object_], rows: NDArray[np.int64], limit_m: NDArray[np.float64]
) -> Places:
    shape, near = network.node_tree.query(shapes[rows], predicate="dwithin", distance=limit_m[rows])
    shape = rows[shape]
    stop = network.node_stop[near]
    return shape, network.stop_m[stop], shapely.distance(network.node_points[near], shapes[shape])


def _over_edges(network: Network, edges: Segments, edge: Indices, segment: Indices) -> _Spots:
    """Where lines run over outlines."""
    meet, share, _ = crossed(network.cut.ends[segment], edges.ends[edge])
    return _Spots(edge[meet], segment[meet], share[meet], np.zeros(int(meet.sum())))


def _beside_corners(
    edges: Segments, cut: Segments, edge: Indices, segment: Indices, limit_m: NDArray[np.float64]
) -> _Spots:
    """Beside the first and the last corner of each shape along each line that comes near one.

    Where a line runs along an edge all of that is equally near: its two ends bound what a walk may start from.
    """
    share, leg_m = feet(edges.ends[edge, :2], cut.ends[segment])
    near = leg_m <= limit_m[edges.line[edge]] + SAME_M
    spots = _Spots(edge[near], segment[near], share[near], leg_m[near])
    lines = int(cut.line[-1]) + 1
    # Beside a corner is where the whole line comes nearest to it.
    spots = _first_of_each(spots, spots.edge * lines + cut.line[spots.segment], spots.leg_m)
    key = edges.line[spots.edge] * lines + cut.line[spots.segment]
    along = spots.segment + spots.share
    heads, tails = _first_of_each(spots, key, along), _first_of_each(spots, key, -along)
    return _Spots(
        np.concatenate((heads.edge, tails.edge)),
        np.concatenate((heads.segment, tails.segment)),
        np.concatenate((heads.share, tails.share)),
        np.concatenate((heads.leg_m, tails.leg_m)),
    )


def _nearest(
    edges: Segments, cut: Segments, edge: Indices, segment: Indices, limit_m: NDArray[np.float64], over: _Spots
) -> _Spots:
    """Where the lines that pass a shape, and do not cross its outline, come nearest to it."""
    lines = int(cut.line[-1]) + 1
    met = np.sort(edges.line[over.edge] * lines + cut.line[over.segment])
    pair = edges.line[edge] * lines + cut.line[segment]
    passing = np.searchsorted(met, pair) == np.searchsorted(met, pair, side="right")
    edge, segment = edge[passing], segment[passing]
    found = []
    for corner, share in ((slice(0, 2), 0.0), (slice(2, 4), 1.0)):
        _, leg_m = feet(cut.ends[segment, corner], edges.ends[edge])
        found.append(_Spots(edge, segment, np.full(len(edge), share), leg_m))
    beside, leg_m = feet(edges.ends[edge, :2], cut.ends[segment])
    found.append(_Spots(edge, segment, beside, leg_m))
    spots = _Spots(
        *(np.concatenate(c) for c in zip(*((s.edge, s.segment, s.share, s.leg_m) for s in found), strict=True))
    )
    spots = spots.of(spots.leg_m <= limit_m[edges.line[spots.edge]] + SAME_M)
    return _first_of_each(spots, edges.line[spots.edge] * lines + cut.line[spots.segment], spots.leg_m)


def _first_of_each(spots: _Spots, key: Indices, rank: NDArray[np.float64]) -> _Spots:
    """The spot of lowest rank among those of one key."""
    order = np.lexsort((rank, key))
    return spots.of(order[np.append(True, np.diff(key[order]) != 0)[: len(order)]])
