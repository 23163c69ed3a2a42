"""Overlays of ground that is itself what other overlays left, each made twice.

An overlay leaves edges that nearly lie on one another, and spikes without width; both are valid. Laid over such ground
in floating point, GEOS now and then takes a piece for one that lies in the other polygon when it does not: in some 1 of
700 chains of a union, a difference and an intersection over polygons that share edges, and then by up to 0.3 % of the
area. Rounded to a grid as they go (snap rounding, as OverlayNG does it from GEOS 3.9 on) the same overlays do not fail
so, but move every corner a little. Here both are made: where their areas agree the exact one stands, else the rounded.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

GRIDS_M = (1e-6, 1e-5, 1e-4)
"""Cells of the grid, all far finer than any survey; a coarser one where GEOS cannot close its rings on the finer."""


def union_all(shapes: Any) -> shapely.Geometry:
    """The union of polygons in metres, shape (n,)."""
    shapes = np.asarray(shapes, dtype=object)
    united: shapely.Geometry = _twice(shapely.union_all, np.nansum(shapely.length(shapes)), shapes)
    return united


def intersection(one: Any, other: Any) -> Any:
    """What polygons in metres have in common; one or many, as for :func:`shapely.intersection`."""
    return _twice(shapely.intersection, shapely.length(one) + shapely.length(other), one, other)


def difference(one: Any, other: Any) -> Any:
    """What of polygons in metres others leave; one or many, as for :func:`shapely.difference`."""
    return _twice(shapely.difference, shapely.length(one) + shapely.length(other), one, other)


def _twice(overlay: Callable[..., Any], outline_m: Any, *given: Any) -> Any:
    """The overlay in floating point where one on a grid has the same area, but for rounding; else that on the grid."""
    try:
        exact = overlay(*given)
    except shapely.GEOSException:
        exact = None
    for grid_m in GRIDS_M:
        try:
            rounded = overlay(*given, grid_size=grid_m)
        except shapely.GEOSException:
            continue
        if exact is None:
            return rounded
        wrong = np.abs(shapely.area(exact) - shapely.area(rounded)) > grid_m * outline_m
        if not wrong.any():
            return exact
        return np.where(wrong, rounded, exact) if np.ndim(wrong) else rounded
    return overlay(*given) if exact is None else exact
