"""The nearest other shape, and how far off it is."""

import numpy as np
import shapely
from numpy.typing import NDArray


def nearest_other(
    shapes: NDArray[np.object_], asking: NDArray[np.intp], among: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """For each shape that asks, the distance to the nearest one of some shapes that is not itself, and its position.

    Shapes stacked on one another are nearest to each other, at distance 0. Of several at one distance the first is
    given.

    Parameters
    ----------
    shapes
        Of any kind, in metres.
    asking, among
        Positions in ``shapes``; those among which one is looked for must not be missing or empty.

    Returns
    -------
    distance_m, position
        Shape (asking,) each. Infinite and −1 where there is no other, or the shape that asks is missing.
    """
    distance_m = np.full(len(asking), np.inf)
    position = np.full(len(asking), -1, dtype=np.intp)
    able = np.flatnonzero(~shapely.is_missing(shapes[asking]) & ~shapely.is_empty(shapes[asking]))
    if not len(among) or not len(able):
        return distance_m, position
    # The tree's own way of leaving out what asks would leave out its stacked copies with it.
    tree = shapely.STRtree(shapes[among])
    for at in able:
        ask = shapes[asking[at]]
        others = among != asking[at]
        if not others.any():
            continue
        around = tree.query_nearest(ask, exclusive=True)
        reach_m = shapely.distance(ask, shapes[among[around]]).min() if len(around) else 0.0
        near = np.sort(tree.query(ask, predicate="dwithin", distance=reach_m * (1 + 1e-12)))
        near = near[others[near]]
        apart_m = shapely.distance(ask, shapes[among[near]])
        best = int(np.argmin(apart_m))
        distance_m[at], position[at] = apart_m[best], among[near[best]]
    return distance_m, position
