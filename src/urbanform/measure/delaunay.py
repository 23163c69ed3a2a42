"""Delaunay triangles of points, and those inside an outline.

GEOS's constrained triangulation stops flipping after some rounds: over a strip a hundred times as long as wide, with
points close together, it leaves triangles as long as the strip. So the points are triangulated by themselves, edges of
the outline that do not come up are halved until all do, and what lies inside is told by the outline's direction (the
conforming triangulation of J. R. Shewchuk, 2002, doi:10.1016/S0925-7721(01)00047-5, without its demands on angles).
"""

from typing import TypeAlias

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

MOST_ROUNDS = 20
MOST_POINTS = 400_000
AS_THEY_ARE = np.eye(2)
ASKEW = np.array([[np.cos(0.3), np.sin(0.3)], [-np.sin(0.3), np.cos(0.3)]])
"""A turn: GEOS takes points from west to east, and many at one longitude cost it twenty times as much."""

Points: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int64]


def delaunay(points_m: Points, turn: Points = AS_THEY_ARE) -> Numbers:
    """The Delaunay triangles of points, none twice, by the numbers of their corners, anticlockwise; (triangles, 3).

    Turned :data:`ASKEW` points on one line come to lie a rounding apart from it, and flat triangles between them.
    """
    turned = points_m if turn is AS_THEY_ARE else (points_m - points_m.mean(axis=0)) @ turn
    pieces = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(turned)))
    corners = shapely.get_coordinates(pieces).reshape(-1, 4, 2)[:, :3].reshape(-1, 2)
    # As complex numbers points have an order, in which corners are found again.
    known, asked = turned @ [1, 1j], corners @ [1, 1j]
    order = np.argsort(known)
    triangles = np.asarray(order[np.searchsorted(known[order], asked)], dtype=np.int64).reshape(-1, 3)
    # All turn one way; of a flat one by itself it could not be told.
    a, b, c = (turned[triangles[:, k]] for k in range(3))
    u, v = b - a, c - a
    return triangles if (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).sum() >= 0 else triangles[:, ::-1]


def neighbours(triangles: Numbers) -> Numbers:
    """The triangle across each edge, corner k to k + 1, of each triangle; -1 where there is none."""
    edges = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges.sort(axis=1)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    shared = np.flatnonzero((edges[order[1:]] == edges[order[:-1]]).all(axis=1))
    found = np.full(edges.shape[0], -1, dtype=np.int64)
    found[order[shared]] = order[shared + 1] // 3
    found[order[shared + 1]] = order[shared] // 3
    return found.reshape(-1, 3)


def centres(corners_m: NDArray[np.float64]) -> Points:
    """The centres of the circles through the corners of triangles; not finite for flat ones."""
    origin = corners_m[:, 0]
    b, c = corners_m[:, 1] - origin, corners_m[:, 2] - origin
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 0.5 / (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
        bb, cc = (b * b).sum(axis=1), (c * c).sum(axis=1)
        x = scale * (c[:, 1] * bb - b[:, 1] * cc)
        y = scale * (b[:, 0] * cc - c[:, 0] * bb)
    return origin + np.stack([x, y], axis=1)


def voronoi_edges(points_m: Points) -> Points:
    """The edges between the Voronoi cells of points, none twice, but for those that run off to infinity.

    Ends, shape (edges, 4). GEOS's own cells take minutes for some thousand points that lie askew along two lines.
    """
    triangles = delaunay(points_m, ASKEW)
    middle_m = centres(points_m[triangles])
    across = neighbours(triangles)
    triangle, edge = np.nonzero(across > np.arange(len(triangles))[:, None])
    ends = np.hstack([middle_m[triangle], middle_m[across[triangle, edge]]])
    return ends[np.isfinite(ends).all(axis=1)]


def triangles_inside(rings: list[Points]) -> tuple[list[Points], Numbers] | None:
    """The triangles between the points of an outline, all of its edges among theirs.

    Parameters
    ----------
    rings
        Open rings with the ground on their left, metres, shape (n, 2) each.

    Returns
    -------
    The rings, with points put on edges where that was needed, and triangles, anticlockwise, by the numbers of their
    points, those of the rings one after the other. None where two points lie at one place, since it is not known which
    of them is meant, where it would take too many points, and where it fails.
    """
    for _ in range(MOST_ROUNDS):
        points_m = np.concatenate(rings)
        count = len(points_m)
        if count > MOST_POINTS or len(np.unique(points_m @ [1, 1j])) < count:
            return None
        triangles = delaunay(points_m, ASKEW)
        onward = np.concatenate([start + np.roll(np.arange(len(r)), -1) for start, r in _started(rings)])
        outline = np.arange(count) * count + onward
        sides = triangles * count + np.roll(triangles, -1, axis=1)
        back = np.roll(triangles, -1, axis=1) * count + triangles
        lacking = ~np.isin(outline, sides)
        if not lacking.any():
            inside = _inside(triangles, np.isin(sides, outline), np.isin(back, outline))
            # So many it must be, by Euler's formula; less or more come of a triangulation that is none.
            return (rings, inside) if len(inside) == count + 2 * len(rings) - 4 else None
        rings = [_halved(ring, lacking[start : start + len(ring)]) for start, ring in _started(rings)]
    return None


def _started(rings: list[Points]) -> list[tuple[int, Points]]:
    """Each ring with the number of its first point."""
    starts = np.cumsum([0, *(len(ring) for ring in rings[:-1])]).tolist()
    return list(zip(starts, rings, strict=True))


def _inside(triangles: Numbers, left: NDArray[np.bool_], right: NDArray[np.bool_]) -> Numbers:
    """The triangles that hang together, not over the outline, with one to the left of it."""
    across = neighbours(triangles)
    open_ = (across >= 0) & ~left & ~right
    triangle, edge = np.nonzero(open_)
    joined = scipy.sparse.coo_array(
        (np.ones(len(triangle)), (triangle, across[triangle, edge])), shape=(len(triangles), len(triangles))
    )
    _, lump = scipy.sparse.csgraph.connected_components(joined, directed=False)
    return triangles[np.isin(lump, lump[left.any(axis=1)])]


def _halved(ring: Points, at: NDArray[np.bool_]) -> Points:
    """A ring with a point in the middle of some edges, each numbered by the point that it starts from."""
    middle = (ring + np.roll(ring, -1, axis=0)) / 2
    return np.insert(ring, np.flatnonzero(at) + 1, middle[at], axis=0)
