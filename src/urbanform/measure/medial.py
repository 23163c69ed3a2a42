"""Middle lines of surfaces that come without centrelines."""

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure.delaunay import voronoi_edges

SPACING_SHARE = 1 / 8
FINEST_M, COARSEST_M = 0.5, 5.0
PRUNINGS = 6


def middle_lines(polygon: shapely.Geometry) -> NDArray[np.object_]:
    """The lines along the middle of a long surface, joined end to end up to its forks.

    They are the edges of the Voronoi cells of points along the outline that lie inside (the medial axis in the limit:
    H. Blum, 1967), without the twigs that run into corners and small bays: a twig no longer than the surface is wide
    at its root is none.

    Parameters
    ----------
    polygon
        Polygon or MultiPolygon in metres.

    Returns
    -------
    LineStrings; none for an empty polygon, or one that is as wide as it is long.
    """
    if shapely.is_empty(polygon) or not shapely.area(polygon) > 0:
        return np.empty(0, dtype=object)
    spacing_m = float(np.clip(SPACING_SHARE * 2 * polygon.area / polygon.length, FINEST_M, COARSEST_M))
    west, south, *_ = shapely.bounds(polygon)
    origin = np.array([west, south])
    # Near the origin the cells' corners keep the digits that large coordinates would cost them.
    home = shapely.transform(polygon, lambda xy: xy - origin)
    outline = shapely.get_coordinates(shapely.segmentize(shapely.boundary(home), spacing_m))
    # Cells of points on one circle meet in corners a hair apart; rounded, they are one corner.
    ends = np.round(voronoi_edges(np.unique(outline, axis=0)), 3)
    edges = shapely.linestrings(ends[(ends[:, :2] != ends[:, 2:]).any(axis=1)].reshape(-1, 2, 2))
    shapely.prepare(home)
    lines = _joined(edges[shapely.contains_properly(home, edges)])
    outside = shapely.boundary(home)
    for _ in range(PRUNINGS):
        twigs = _twigs(lines, outside)
        if not twigs.any():
            break
        lines = _joined(lines[~twigs])
    return shapely.transform(lines, lambda xy: xy + origin)


def _joined(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    if not len(lines):
        return np.empty(0, dtype=object)
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))


def _twigs(lines: NDArray[np.object_], outside: shapely.Geometry) -> NDArray[np.bool_]:
    """Which lines have one free end and are no longer than the surface is wide at the other."""
    if not len(lines):
        return np.zeros(0, dtype=bool)
    tips = np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1)
    xy = shapely.get_coordinates(tips.ravel())
    _, number, met = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    free = (met[number.ravel()] == 1).reshape(-1, 2)
    width_m = 2 * shapely.distance(tips, outside)
    root_m = np.where(free[:, 0], width_m[:, 1], width_m[:, 0])
    return (free.sum(axis=1) == 1) & (shapely.length(lines) <= root_m)
