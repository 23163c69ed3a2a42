"""Square windows over polygons, shifted by half their size: each is made up of four squares, counted once."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure.contiguous import areal
from urbanform.measure.local import shared_with

SAME = 1 + 1e-9


@dataclass(frozen=True, eq=False)
class Squares:
    """Squares of half a window over polygons, cut at their edges; shape (n,) each.

    Attributes
    ----------
    polygon
        The number of the polygon of each, in order.
    at
        How many squares each lies east and north of the lower left corner of its polygon's extent, shape (n, 2).
    shapes
        What of the square lies in the polygon, which is more than nothing.
    """

    polygon: NDArray[np.int64]
    at: NDArray[np.int64]
    shapes: NDArray[np.object_]


def squares_over(polygons: NDArray[np.object_], side_m: float) -> Squares:
    """Squares of some size from the lower left corner of each polygon's extent; missing and empty ones have none."""
    polygon, at, shapes = [np.empty(0, np.int64)], [np.empty((0, 2), np.int64)], [np.empty(0, object)]
    for number in np.flatnonzero(shapely.area(polygons) > 0):
        west, south, east, north = shapely.bounds(polygons[number])
        columns, rows = (np.arange(max(1, np.ceil(span / side_m / SAME))) for span in (east - west, north - south))
        place = np.stack([axis.ravel() for axis in np.meshgrid(columns, rows, indexing="ij")], axis=1)
        parts = areal(shared_with(_boxes(polygons[number], place, side_m, side_m), polygons[number]))
        real = shapely.area(parts) > 0
        polygon.append(np.full(int(real.sum()), number))
        at.append(place[real].astype(np.int64))
        shapes.append(parts[real])
    return Squares(np.concatenate(polygon), np.concatenate(at), np.concatenate(shapes))


def _boxes(polygon: shapely.Geometry, place: NDArray[np.float64], step_m: float, side_m: float) -> NDArray[np.object_]:
    west, south, _, _ = shapely.bounds(polygon)
    corner = np.array([west, south]) + place * step_m
    return shapely.box(*corner.T, *(corner + side_m).T)


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows over one polygon, of two by two squares each; shape (n,) each.

    ``at`` is how many squares each lies east and north of the corner, -1 for those that begin before it, shape (n, 2);
    windows whose places differ by even numbers are of one grid. ``sums`` has a row for each quantity that was summed,
    of which the first is more than nothing everywhere.
    """

    at: NDArray[np.int64]
    shapes: NDArray[np.object_]
    sums: NDArray[np.float64]


def windows_over(
    polygon: shapely.Geometry, at: NDArray[np.int64], side_m: float, quantities: NDArray[np.float64]
) -> Windows:
    """Every window that holds some of a polygon, in all four grids, with what its squares add up to.

    Parameters
    ----------
    polygon
        What the squares were laid over.
    at, side_m
        Where they lie, as :func:`squares_over` says, and their size.
    quantities
        What is in each square, shape (quantities, squares); the first is its area.
    """
    grid = np.zeros((len(quantities), *(at.max(axis=0) + 3)))
    grid[:, at[:, 0] + 1, at[:, 1] + 1] = quantities
    fours = grid[:, :-1, :-1] + grid[:, 1:, :-1] + grid[:, :-1, 1:] + grid[:, 1:, 1:]
    place = np.argwhere(fours[0] > 0)
    place, sums = place - 1, fours[:, place[:, 0], place[:, 1]]
    boxes = _boxes(polygon, place.astype(np.float64), side_m, 2 * side_m)
    return Windows(place, areal(shared_with(boxes, polygon)), sums)
