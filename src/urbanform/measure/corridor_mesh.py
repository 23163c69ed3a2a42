"""A coarse copy of a corridor's outline, cut into triangles: only to find where the corridor ends."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from urbanform.measure.delaunay import MOST_POINTS, neighbours, triangles_inside

SIMPLIFY_SHARE = 1 / 50
SPACING_SHARE = 1 / 4
FINEST_SHARE = 1 / 64
REFINEMENTS = 4

Gate = tuple[int, int]
"""A chord seen from the triangle that is left over it: (triangle, edge 0-2)."""


def mean_width_m(polygon: Polygon) -> float:
    """Twice the area over the perimeter: near the width of a long strip, in metres; 0 for an empty polygon."""
    return 2.0 * polygon.area / polygon.length if polygon.length else 0.0


@dataclass(frozen=True, eq=False)
class CorridorMesh:
    """Triangles between the points of an outline, each knowing its neighbours.

    The outline's rings run with the corridor on their left. Edge k of a triangle leads from its corner k to corner
    k + 1; `neighbours` holds the triangle across it, or -1 where the edge lies on the outline.
    """

    points_m: NDArray[np.float64]
    ring_starts: NDArray[np.int64]
    triangles: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    mean_width_m: float

    @cached_property
    def ring_of_point(self) -> NDArray[np.int64]:
        """The number of the ring on which each point lies."""
        return np.searchsorted(self.ring_starts, np.arange(len(self.points_m)), side="right") - 1

    def chord(self, gate: Gate) -> tuple[int, int]:
        """The points to the right and to the left of one who leaves over a gate."""
        triangle, edge = gate
        corners = self.triangles[triangle]
        return int(corners[edge]), int(corners[(edge + 1) % 3])

    def beyond(self, gate: Gate) -> Gate | None:
        """The same chord seen from the triangle beyond it; none where the gate lies on the outline."""
        triangle, edge = gate
        neighbour = int(self.neighbours[triangle, edge])
        if neighbour < 0:
            return None
        return neighbour, int(np.flatnonzero(self.neighbours[neighbour] == triangle)[0])

    def ring_points(self, ring: int) -> NDArray[np.int64]:
        """The points of a ring in its direction."""
        stop = self.ring_starts[ring + 1] if ring + 1 < len(self.ring_starts) else len(self.points_m)
        return np.arange(self.ring_starts[ring], stop)

    def arc(self, start: int, stop: int) -> NDArray[np.int64]:
        """The points of a ring from one to another along it, both included."""
        ring = self.ring_points(int(self.ring_of_point[start]))
        first = ring[0]
        length = (stop - start) % ring.size + 1
        return first + (start - first + np.arange(length)) % ring.size


def corridor_mesh(polygon: Polygon) -> CorridorMesh | None:
    """The triangles of a polygon's coarse copy.

    The copy is simplified by a fiftieth of the mean width and gets a point every quarter of it, closer where the
    corridor is narrower, so that chords run about straight across. The triangles are Delaunay's.

    Parameters
    ----------
    polygon
        A valid polygon in metres; its holes are kept.

    Returns
    -------
    The mesh, or none for a polygon that has no area, is a mere thread, or cannot be triangulated.
    """
    if polygon.is_empty or polygon.area <= 0:
        return None
    width_m = mean_width_m(polygon)
    coarse = shapely.simplify(polygon, width_m * SIMPLIFY_SHARE, preserve_topology=True)
    # A jagged outline is longer than the corridor's flanks; only the smoothed one tells the width.
    width_m = mean_width_m(coarse)
    spacing_m = width_m * SPACING_SHARE
    if coarse.length > MOST_POINTS * spacing_m:
        return None
    coarse = shapely.orient_polygons(shapely.segmentize(coarse, spacing_m), exterior_cw=False)
    mesh = _triangulated(coarse, width_m)
    for _ in range(REFINEMENTS):
        if mesh is None:
            return None
        finer = _refined(mesh)
        if finer is None:
            break
        mesh = _triangulated(finer, width_m)
    return mesh


def _triangulated(polygon: Polygon, width_m: float) -> CorridorMesh | None:
    found = triangles_inside([shapely.get_coordinates(ring)[:-1] for ring in (polygon.exterior, *polygon.interiors)])
    if found is None:
        return None
    rings, triangles = found
    starts = np.cumsum([0, *(len(ring) for ring in rings[:-1])])
    return CorridorMesh(np.concatenate(rings), starts, triangles, neighbours(triangles), width_m)


def _refined(mesh: CorridorMesh) -> Polygon | None:
    """The outline with more points where the corridor is narrow beside the spacing; none where it is fine already."""
    points, triangles = mesh.points_m, mesh.triangles
    flanks = mesh.neighbours < 0
    # A triangle with two flanks is the ear of a corner: short across, but no sign of a narrow corridor.
    triangle, edge = np.nonzero(flanks & (flanks.sum(axis=1) == 1)[:, None])
    start, stop = triangles[triangle, edge], triangles[triangle, (edge + 1) % 3]
    apex = triangles[triangle, (edge + 2) % 3]
    along = points[stop] - points[start]
    length_m = np.hypot(along[:, 0], along[:, 1])
    across_m = np.abs(_cross(along, points[apex] - points[start])) / np.maximum(length_m, 1e-12)
    wanted_m = np.maximum(across_m / 2, mesh.mean_width_m * FINEST_SHARE)
    pieces = np.ones(len(points), dtype=np.int64)
    pieces[start] = np.maximum(1, np.ceil(length_m / wanted_m * 0.999)).astype(np.int64)
    if (pieces == 1).all():
        return None
    rings = []
    for ring in range(len(mesh.ring_starts)):
        own = mesh.ring_points(ring)
        following = np.roll(own, -1)
        repeat = pieces[own]
        base = np.repeat(np.arange(own.size), repeat)
        share = (np.arange(base.size) - np.repeat(np.cumsum(repeat) - repeat, repeat)) / repeat[base]
        rings.append(points[own][base] + share[:, None] * (points[following] - points[own])[base])
    return Polygon(rings[0], rings[1:])


def _cross(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    product: NDArray[np.float64] = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return product
