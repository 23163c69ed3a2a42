"""What of a large area lies around each of many small shapes.

An outline traced from a raster has a hundred thousand vertices, and each cut with it takes as long as it has vertices.
Cut down to what lies around a shape it has some hundreds, and the cut gives the same.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

LARGE = 2_000
"""Areas with fewer vertices are not worth cutting down."""

SMALL = 1_000
MARGIN_SHARE = 1 / 8


def shared_with(shapes: NDArray[np.object_], area: shapely.Geometry) -> NDArray[np.object_]:
    """What each shape has in common with an area, shape (n,); as :func:`shapely.intersection`, also of large areas."""
    common: NDArray[np.object_] = shapely.intersection(shapes, around_each(area, shapes))
    return common


def around_each(area: shapely.Geometry, shapes: NDArray[np.object_], margin_m: float = 0.0) -> NDArray[np.object_]:
    """For each shape an area that is, as far as the shape's extent reaches and a margin beyond it, the whole area.

    Parameters
    ----------
    area
        Polygons or lines.
    shapes
        Shape (n,); to missing and empty ones nothing is near.

    Returns
    -------
    Shape (n,): the area itself where it has few vertices; else parts of it, cut out by boxes about groups of shapes,
    smaller and smaller ones. Their edges lie outside what was asked for.
    """
    found = np.empty(len(shapes), dtype=object)
    found[:] = area
    if len(shapes) < 2 or shapely.get_num_coordinates(area) <= LARGE:
        return found
    extents = shapely.bounds(shapes) + margin_m * np.array([-1.0, -1.0, 1.0, 1.0])
    centres = (extents[:, :2] + extents[:, 2:]) / 2
    # Missing and empty ones have no extent.
    there = np.flatnonzero(np.isfinite(extents).all(axis=1))
    stack = [(area, there)] if len(there) else []
    while stack:
        whole, rows = stack.pop()
        spread = np.ptp(centres[rows], axis=0)
        along = centres[rows, int(spread[1] > spread[0])]
        order = rows[np.argsort(along, kind="stable")]
        for half in filter(len, (order[: len(order) // 2], order[len(order) // 2 :])):
            part = _cut(whole, extents[half])
            if len(half) > 1 and shapely.get_num_coordinates(part) > SMALL:
                stack.append((part, half))
            else:
                found[half] = part
    return found


def _cut(area: shapely.Geometry, extents: NDArray[np.float64]) -> shapely.Geometry:
    """An area cut down to the extents of some shapes, with some room about them."""
    west, south = extents[:, :2].min(axis=0)
    east, north = extents[:, 2:].max(axis=0)
    room = MARGIN_SHARE * max(east - west, north - south) + 1.0
    cut = shapely.intersection(area, shapely.box(west - room, south - room, east + room, north + room))
    if cut.geom_type != "GeometryCollection":
        return cut
    # Where the box's edge only touches the area; such points and lines lie beyond the room.
    parts = shapely.get_parts(cut)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == shapely.get_dimensions(area)])
