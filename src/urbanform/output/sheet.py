"""From the working CRS to the map: the one place of output that reprojects, and only drawn copies."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely

from urbanform.model.submission import Submission

DEGREE_DECIMALS, METRE_DECIMALS = 6, 2
MOST_CORNERS = 4000
VERY_MANY_CORNERS = 20_000
FIRST_TOLERANCE_M, LAST_TOLERANCE_M = 0.25, 64.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a map is drawn on: longitude and latitude, or for a local grid the plane itself (``planar``)."""

    planar: bool
    transformer: pyproj.Transformer | None

    def coordinates(self, metres: np.ndarray) -> np.ndarray:
        """Points (n, 2) of the working CRS as longitude and latitude, or unchanged on a planar sheet.

        A point that cannot be converted is not finite.
        """
        if self.transformer is None or not len(metres):
            return metres
        return np.column_stack(self.transformer.transform(metres[:, 0], metres[:, 1]))

    def placed(self, shapes: np.ndarray) -> np.ndarray:
        """Rounded copies of shapes in sheet coordinates (1e-6 degrees, 0.01 m); None where one cannot be converted."""
        decimals = METRE_DECIMALS if self.planar else DEGREE_DECIMALS
        moved = shapely.transform(shapes, lambda corners: np.round(self.coordinates(corners), decimals))
        moved[~np.isfinite(shapely.bounds(moved)).all(axis=1)] = None
        return moved

    def box(self, bounds_m: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """The extent on the sheet of an extent in the working CRS: west, south, east, north."""
        west, south, east, north = bounds_m
        corners = self.coordinates(np.array([(west, south), (west, north), (east, south), (east, north)], dtype=float))
        (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
        return float(left), float(bottom), float(right), float(top)


def sheet_of(submission: Submission) -> Sheet:
    """The sheet of a submission: planar where it lies on a local grid, else EPSG:4326, longitude first."""
    if submission.local:
        return Sheet(planar=True, transformer=None)
    return Sheet(planar=False, transformer=_to_degrees(submission.crs))


@lru_cache(maxsize=16)
def _to_degrees(crs: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def lightened(shapes: np.ndarray) -> tuple[np.ndarray, int]:
    """Copies for drawing in which no shape has very many corners, and how many were simplified for it.

    Shapes in metres; the tolerance starts at 0.25 m and doubles until a shape has at most 4,000 corners.
    """
    light = shapes.copy()
    heavy = np.flatnonzero(shapely.get_num_coordinates(light) > MOST_CORNERS)
    simplified = len(heavy)
    tolerance_m = FIRST_TOLERANCE_M
    while len(heavy) and tolerance_m <= LAST_TOLERANCE_M:
        light[heavy] = _simplified(light[heavy], tolerance_m)
        heavy = heavy[shapely.get_num_coordinates(light[heavy]) > MOST_CORNERS]
        tolerance_m *= 2
    return light, simplified


def _simplified(shapes: np.ndarray, tolerance_m: float) -> np.ndarray:
    """Shapes simplified; of those with very many corners small parts and holes go, where most of the shape is left.

    To keep every hole of ten thousand apart from its neighbours takes seconds each time.
    """
    found: np.ndarray = shapely.simplify(shapes, tolerance_m, preserve_topology=False)
    kept = (shapely.get_num_coordinates(shapes) > VERY_MANY_CORNERS) & (shapely.area(found) > shapely.area(shapes) / 2)
    found[~kept] = shapely.simplify(shapes[~kept], tolerance_m)
    return found
