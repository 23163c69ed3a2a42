"""Walking distances on a network of lines.

Lines are joined where they cross, where an end meets another line, and where ends lie close; then the way from many
shapes to the nearest of a set of others is one search from a node that stands for the whole set (E. W. Dijkstra, 1959,
doi:10.1007/BF01386390), with the legs from and to the network counted.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from urbanform.measure.noding import close_ends, crossings, ends_on_lines

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
    start_m
        Where each begins on the axis; shape (lines,).
    stop_m, node
        Places where a line begins, ends or meets another, ascending on the axis, and the node that each of them is.
    count
        How many nodes there are.
    graph
        Length of the shortest edge between two nodes, both ways.
    """

    lines: NDArray[np.object_]
    start_m: NDArray[np.float64]
    stop_m: NDArray[np.float64]
    node: NDArray[np.int64]
    count: int
    graph: csr_array


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


def walking_network(
    lines: NDArray[np.object_], levels: NDArray[np.object_] | None = None, snap_m: float = SNAP_M
) -> Network:
    """The network that lines make up.

    Lines meet where they cross or touch, where an end lies within ``snap_m`` of another line, and where two ends lie
    that near. Lines of different levels never meet (a bridge has no node with the road below it).

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres, shape (n,); missing and empty ones are no part of it.
    levels
        The level of each line, shape (n,), compared as it is; None where all are of one.
    snap_m
        What digitising may be off.
    """
    parts, owner = shapely.get_parts(lines, return_index=True)
    real = shapely.length(parts) > 0
    parts, owner = parts[real], owner[real]
    level = np.zeros(len(parts), dtype=np.int64)
    if levels is not None and len(parts):
        _, number = np.unique(np.array([str(item) for item in levels], dtype=str), return_inverse=True)
        level = number[owner]
    length_m = shapely.length(parts)
    # A metre between two lines keeps the end of one apart from the beginning of the next.
    start_m = np.concatenate([[0.0], np.cumsum(length_m + 1.0)])[: len(parts)]

    every = np.arange(len(parts))
    stop_line = [every, every]
    stop_at = [np.zeros(len(parts)), length_m]
    joins: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = [close_ends(parts, level, snap_m)]
    made = 2 * len(parts)
    for first, first_at, second, second_at in (crossings(parts, level), ends_on_lines(parts, level, snap_m)):
        stop_line += [first, second]
        stop_at += [first_at, second_at]
        joins.append((made + np.arange(len(first)), made + len(first) + np.arange(len(second))))
        made += 2 * len(first)
    place_m = start_m[np.concatenate(stop_line)] + np.concatenate(stop_at)
    order = np.argsort(place_m, kind="stable")
    same = np.flatnonzero(np.diff(place_m[order]) <= SAME_M)
    joins.append((order[same], order[same + 1]))
    one, other = (np.concatenate(side) for side in zip(*joins, strict=True))
    count, node = connected_components(coo_array((np.ones(len(one)), (one, other)), shape=(made, made)), directed=False)
    kept = order[np.append(True, np.diff(place_m[order]) > SAME_M)[:made]]
    stop_m, node = place_m[kept], node[kept].astype(np.int64)
    return Network(parts, start_m, stop_m, node, int(count), _graph(start_m, stop_m, node, int(count)))


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
    lines = network.lines
    given = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(lines) or not len(given):
        nothing = np.zeros(0)
        return Access(nothing.astype(np.int64), nothing.astype(np.int64), nothing, nothing, nothing)
    tree = shapely.STRtree(lines)
    limit_m = np.full(len(shapes), float(within_m))
    shape, line = tree.query(shapes[given], predicate="dwithin", distance=limit_m[given])
    alone = np.delete(given, np.unique(shape))
    shape = given[shape]
    if len(alone):
        (far, _), nearest_m = tree.query_nearest(shapes[alone], return_distance=True, all_matches=False)
        limit_m[alone[far]] = nearest_m + SAME_M
        far, far_line = tree.query(shapes[alone], predicate="dwithin", distance=limit_m[alone])
        shape, line = np.concatenate([shape, alone[far]]), np.concatenate([line, far_line])
    reached = shapely.shortest_line(lines[line], shapes[shape])
    shape_too, at_node, node_leg_m = _nodes_near(network, shapes, given, limit_m)
    on = shapely.length(reached) == 0
    places = [
        (shape, _on_axis(network, line, shapely.get_point(reached, 0)), shapely.length(reached)),
        _beside_corners(network, tree, shapes, given, limit_m),
        _over_edges(network, shapes, shape[on], line[on]),
        (shape_too, at_node, node_leg_m),
    ]
    shape, place_m, leg_m = (np.concatenate(column) for column in zip(*places, strict=True))
    stop = np.searchsorted(network.stop_m, place_m, side="right") - 1
    # A place at the very end of a line belongs to the edge before it, not to the gap after it.
    last = np.append(np.diff(_line_of(network)) > 0, True)
    stop = np.where(last[stop], stop - 1, stop)
    back_m = np.clip(place_m - network.stop_m[stop], 0.0, None)
    ahead_m = np.clip(network.stop_m[stop + 1] - place_m, 0.0, None)
    return Access(shape.astype(np.int64), stop.astype(np.int64), ahead_m, back_m, leg_m)


Places = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
"""Number of the shape, place on the network's axis, leg; one row per place."""


def _on_axis(network: Network, line: NDArray[np.int64], points: NDArray[np.object_]) -> NDArray[np.float64]:
    return network.start_m[line] + shapely.line_locate_point(network.lines[line], points)


def _nodes_near(
    network: Network, shapes: NDArray[np.object_], given: NDArray[np.int64], limit_m: NDArray[np.float64]
) -> Places:
    _, stop = np.unique(network.node, return_index=True)
    line = _line_of(network)[stop]
    points = shapely.line_interpolate_point(network.lines[line], network.stop_m[stop] - network.start_m[line])
    shape, near = shapely.STRtree(points).query(shapes[given], predicate="dwithin", distance=limit_m[given])
    shape = given[shape]
    return shape, network.stop_m[stop[near]], shapely.distance(points[near], shapes[shape])


def _beside_corners(
    network: Network,
    tree: shapely.STRtree,
    shapes: NDArray[np.object_],
    given: NDArray[np.int64],
    limit_m: NDArray[np.float64],
) -> Places:
    """Beside the first and the last corner of each shape along each line that comes near one.

    Where a line runs along an edge all of that is equally near: its two ends bound what a walk may start from.
    """
    xy, owner = shapely.get_coordinates(shapes[given], return_index=True)
    owner, corners = given[owner], shapely.points(xy)
    corner, line = tree.query(corners, predicate="dwithin", distance=limit_m[owner])
    place_m = _on_axis(network, line, corners[corner])
    order = np.lexsort((place_m, line, owner[corner]))
    corner, line, place_m = corner[order], line[order], place_m[order]
    other = (np.diff(owner[corner]) != 0) | (np.diff(line) != 0)
    ends = np.flatnonzero(np.append(True, other)[: len(line)] | np.append(other, True)[: len(line)])
    corner, line, place_m = corner[ends], line[ends], place_m[ends]
    return owner[corner], place_m, shapely.distance(corners[corner], network.lines[line])


def _over_edges(
    network: Network, shapes: NDArray[np.object_], shape: NDArray[np.int64], line: NDArray[np.int64]
) -> Places:
    """Where lines run into polygons."""
    areas = shapely.get_dimensions(shapes[shape]) == 2
    shape, line = shape[areas], line[areas]
    into = shapely.crosses(network.lines[line], shapes[shape])
    shape, line = shape[into], line[into]
    xy, pair = shapely.get_coordinates(
        shapely.intersection(network.lines[line], shapely.boundary(shapes[shape])), return_index=True
    )
    return shape[pair], _on_axis(network, line[pair], shapely.points(xy)), np.zeros(len(pair))


def walking_distances(
    network: Network, origins: Access, count: int, targets: Access, limit_m: float = np.inf
) -> NDArray[np.float64]:
    """The way on foot from each shape to the nearest of a set of others, in metres.

    Parameters
    ----------
    origins
        Where the shapes are joined to the network.
    count
        How many shapes there are.
    targets
        Where the others are joined to it.
    limit_m
        Ways longer than this need not be found.

    Returns
    -------
    Shape (count,); infinite where there is no way, or none within the limit. The legs at both ends are counted.
    """
    found = np.full(count, np.inf)
    if not len(targets.shape) or not len(origins.shape):
        return found
    from_node = _to_nodes(network, targets, limit_m)
    by_ends = np.minimum(
        from_node[network.node[origins.stop]] + origins.back_m,
        from_node[network.node[origins.stop + 1]] + origins.ahead_m,
    )
    way_m = origins.leg_m + np.minimum(by_ends, _along_edge(origins, targets))
    np.minimum.at(found, origins.shape, way_m)
    found[found > limit_m] = np.inf
    return found


def _to_nodes(network: Network, targets: Access, limit_m: float) -> NDArray[np.float64]:
    """The way from every node to the nearest target, by a search from one node more that is joined to them all."""
    ends = np.concatenate([network.node[targets.stop], network.node[targets.stop + 1]])
    way_m = np.concatenate([targets.leg_m + targets.back_m, targets.leg_m + targets.ahead_m])
    nearest = np.full(network.count, np.inf)
    np.minimum.at(nearest, ends, way_m)
    joined = np.flatnonzero(nearest <= limit_m)
    graph = network.graph
    whole = csr_array(
        (
            np.concatenate([graph.data, nearest[joined]]),
            np.concatenate([graph.indices, joined.astype(graph.indices.dtype)]),
            np.append(graph.indptr, graph.indptr[-1] + len(joined)).astype(graph.indptr.dtype),
        ),
        shape=(network.count + 1, network.count + 1),
    )
    return dijkstra(whole, directed=True, indices=network.count, limit=limit_m)[: network.count]


def _along_edge(origins: Access, targets: Access) -> NDArray[np.float64]:
    """The way from each origin to the nearest target on the same edge, legs of the targets included."""
    edge = np.concatenate([origins.stop, targets.stop])
    at_m = np.concatenate([origins.back_m, targets.back_m])
    leg_m = np.concatenate([np.full(len(origins.stop), np.inf), targets.leg_m])
    # Targets come before origins at the same place, whichever way the edge is walked.
    kind = np.concatenate([np.ones(len(origins.stop)), np.zeros(len(targets.stop))])
    found = np.full(len(edge), np.inf)
    for sign in (1.0, -1.0):
        order = np.lexsort((kind, sign * at_m, edge))
        best = _least_so_far(leg_m[order] - sign * at_m[order], edge[order])
        found[order] = np.minimum(found[order], best + sign * at_m[order])
    return found[: len(origins.stop)]


def _least_so_far(values: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """The running minimum within each group of consecutive rows."""
    least = values.copy()
    reach = 1
    longest = int(np.bincount(np.cumsum(np.append(True, np.diff(group) != 0)) - 1).max(initial=0)) if len(group) else 0
    # Doubling steps: after k of them each row has seen the 2^k rows before it.
    while reach < longest:
        earlier = np.where(group[reach:] == group[:-reach], least[:-reach], np.inf)
        least[reach:] = np.minimum(least[reach:], earlier)
        reach *= 2
    return least


def _graph(start_m: NDArray[np.float64], stop_m: NDArray[np.float64], node: NDArray[np.int64], count: int) -> csr_array:
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
    return csr_array(coo_array((np.concatenate([length_m, length_m]), (rows, columns)), shape=(count, count)))


def _line_of(network: Network) -> NDArray[np.int64]:
    """The line of each stop."""
    return np.searchsorted(network.start_m, network.stop_m, side="right") - 1
