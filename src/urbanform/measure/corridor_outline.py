"""Which polygons are one corridor, and the outline that they make together."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from urbanform.measure.lumps import Lumps

SEAM_M = 1e-6
"""Parts are grown by this much, so that seams that rotation or rounding has opened close again."""

Surfaces: TypeAlias = NDArray[np.object_] | Sequence[BaseGeometry]


def group_corridors(polygons: Surfaces, join_m: float = 1.0) -> NDArray[np.int64]:
    """The corridor to which each feature belongs.

    Features that touch, overlap or lie within `join_m` of one another are one corridor; so are the parts of one
    feature, however far apart they lie.

    Parameters
    ----------
    polygons
        Polygons or multipolygons, planar metres.
    join_m
        The widest seam that still joins, in metres; exactly that wide joins.

    Returns
    -------
    Labels 0, 1, 2 … in the order in which the corridors first appear; -1 for a missing or empty feature. No features
    give no labels.
    """
    features = np.asarray(polygons, dtype=object)
    there = ~(shapely.is_missing(features) | shapely.is_empty(features))
    lumps = Lumps(features.size)
    if there.any():
        which = np.flatnonzero(there)
        tree = shapely.STRtree(features[which])
        for one, other in tree.query(features[which], predicate="dwithin", distance=join_m + SEAM_M).T:
            lumps.join(int(which[one]), int(which[other]))
    labels = np.full(features.size, -1, dtype=np.int64)
    seen: dict[int, int] = {}
    for feature in np.flatnonzero(there).tolist():
        labels[feature] = seen.setdefault(lumps.find(feature), len(seen))
    return labels


def joined_outlines(polygons: Surfaces, join_m: float = 1.0) -> tuple[Polygon, ...]:
    """The polygons that the parts of one corridor make once seams of up to `join_m` between them are closed.

    Only the ground between two parts is filled; notches, slits and holes of one part stay as they are drawn.

    Parameters
    ----------
    polygons
        All features of one corridor, planar metres; missing and empty ones are passed over.
    join_m
        The widest seam that is closed, in metres.

    Returns
    -------
    One polygon where the corridor is whole, several where parts lie further apart, the largest first; none for none.
    Where there was more than one part, edges may lie a micrometre outside those drawn.
    """
    parts = shapely.get_parts(np.asarray([p for p in polygons if p is not None], dtype=object))
    parts = parts[shapely.area(parts) > 0]
    if parts.size <= 1:
        return tuple(parts)
    grown = shapely.buffer(parts, SEAM_M, join_style="mitre")
    whole = shapely.union_all(grown)
    half_m = join_m / 2 + SEAM_M
    wide = shapely.union_all(shapely.buffer(parts, half_m, join_style="mitre"))
    closed = shapely.buffer(wide, -half_m, join_style="mitre")
    fillings = _bridges(shapely.get_parts(shapely.difference(closed, whole)), parts)
    if fillings.size:
        sealed = shapely.buffer(fillings, SEAM_M, join_style="mitre")
        whole = shapely.union_all(np.concatenate([np.atleast_1d(whole), sealed]))
    outlines = shapely.get_parts(shapely.simplify(whole, 5 * SEAM_M))
    outlines = outlines[shapely.area(outlines) > 0]
    return tuple(outlines[np.argsort(-shapely.area(outlines), kind="stable")])


def _bridges(fillings: NDArray[np.object_], parts: NDArray[np.object_]) -> NDArray[np.object_]:
    """Those fillings that touch two parts or more."""
    fillings = fillings[shapely.area(fillings) > 0]
    if not fillings.size:
        return fillings
    filling, _ = shapely.STRtree(parts).query(fillings, predicate="dwithin", distance=10 * SEAM_M)
    return fillings[np.bincount(filling, minlength=fillings.size) >= 2]


def without_holes(polygon: Polygon, kept: Sequence[int] = ()) -> Polygon:
    """The polygon with every hole filled but those `kept`, by their number among the interiors."""
    return Polygon(polygon.exterior, [polygon.interiors[hole] for hole in kept])


def holes_of(polygon: Polygon) -> tuple[Polygon, ...]:
    """The holes of a polygon as polygons."""
    return tuple(Polygon(ring) for ring in polygon.interiors)
