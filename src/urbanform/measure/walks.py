"""Ways on foot: from many shapes to the nearest of a set of others, along a network.

One search from a node that stands for the whole set (E. W. Dijkstra, 1959, doi:10.1007/BF01386390), with the legs from
and to the network counted.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

from urbanform.measure.entrances import Access
from urbanform.measure.network import Network


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
    from_node = ways_to_nodes(network, targets, limit_m)
    by_ends = np.minimum(
        from_node[network.node[origins.stop]] + origins.back_m,
        from_node[network.node[origins.stop + 1]] + origins.ahead_m,
    )
    # Only where the edge of an origin holds a target may a way be shorter than by its ends.
    held = np.zeros(len(network.stop_m), dtype=bool)
    held[targets.stop] = True
    shared = held[origins.stop]
    by_ends[shared] = np.minimum(by_ends[shared], _along_edge(origins.of(shared), targets))
    way_m = origins.leg_m + by_ends
    np.minimum.at(found, origins.shape, way_m)
    found[found > limit_m] = np.inf
    return found


def ways_to_nodes(network: Network, targets: Access, limit_m: float = np.inf) -> NDArray[np.float64]:
    """The way from every node to the nearest target, in metres: a search from one node more, joined to all targets.

    Shape (nodes,); infinite where there is no way, or none within ``limit_m``. The legs of the targets are counted.
    """
    ends = np.concatenate([network.node[targets.stop], network.node[targets.stop + 1]])
    way_m = np.concatenate([targets.leg_m + targets.back_m, targets.leg_m + targets.ahead_m])
    nearest = np.full(network.count, np.inf)
    np.minimum.at(nearest, ends, way_m)
    joined = np.flatnonzero(nearest <= limit_m)
    graph = network.graph
    whole = scipy.sparse.csr_array(
        (
            np.concatenate([graph.data, nearest[joined]]),
            np.concatenate([graph.indices, joined.astype(graph.indices.dtype)]),
            np.append(graph.indptr, graph.indptr[-1] + len(joined)).astype(graph.indptr.dtype),
        ),
        shape=(network.count + 1, network.count + 1),
    )
    return scipy.sparse.csgraph.dijkstra(whole, directed=True, indices=network.count, limit=limit_m)[: network.count]


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
