"""Ground that hangs together: polygons that touch, what keeps them apart, and the largest piece of what is left."""

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure import overlay
from urbanform.measure.lumps import Lumps

EDGE_M = 0.05
"""Two digitised edges that are meant to be one may lie this far apart."""
SEAM_M = 0.01
"""Ground narrower than twice this between things that are taken away joins nothing."""

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


def areal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """What of each shape has an area, as MultiPolygons; lines and points, as overlays leave them behind, go."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    found = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    # A collection may hold multi-part shapes in turn.
    parts, inner = shapely.get_parts(parts[flat], return_index=True)
    owner = owner[flat][inner]
    solid = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    # Without any part shapely gives an array of its own, and not the one handed in.
    return shapely.multipolygons(parts[solid], indices=owner[solid], out=found) if solid.any() else found


def touching(shapes: NDArray[np.object_], gap_m: float) -> Pairs:
    """Pairs of shapes, first < second, that overlap, touch or lie at most ``gap_m`` apart.

    Missing and empty shapes touch nothing.
    """
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m * (1 + 1e-12) + 1e-9)
    once = first < second
    return first[once], second[once]


def parted(shapes: NDArray[np.object_], pairs: Pairs, lines: NDArray[np.object_], gap_m: float) -> NDArray[np.bool_]:
    """Whether a line runs between the two shapes of a pair, all along where they meet.

    The front of a pair is the part of the first shape's outline that lies within ``gap_m`` of the second. Lines part
    the two where no stretch of the front lies further from them than twice that (round a corner the front runs on past
    the line's end); a line that crosses the front from one
    shape into the other leaves the rest of it open and parts nothing.

    Parameters
    ----------
    shapes
        Polygons in metres.
    pairs
        What :func:`touching` found with the same ``gap_m``.
    lines
        LineStrings or MultiLineStrings; missing and empty ones part nothing.

    Returns
    -------
    Boolean, shape (pairs,).
    """
    first, second = pairs
    apart = np.zeros(len(first), dtype=bool)
    reach_m = gap_m + EDGE_M
    if not len(first) or not len(lines):
        return apart
    lines = shapely.get_parts(lines[~shapely.is_missing(lines)])
    meeting = shapely.intersection(shapely.buffer(shapes[first], reach_m), shapely.buffer(shapes[second], reach_m))
    pair, line = shapely.STRtree(lines).query(meeting, predicate="intersects")
    if not len(pair):
        return apart
    window = shapely.buffer(shapely.envelope(meeting), 2 * reach_m, cap_style="square", join_style="mitre")
    near, piece = shapely.get_parts(shapely.intersection(lines[line], window[pair]), return_index=True)
    straight = shapely.get_dimensions(near) == 1
    near, owner = near[straight], pair[piece[straight]]
    order = np.argsort(owner, kind="stable")
    asked, number = np.unique(owner[order], return_inverse=True)
    roads = shapely.multilinestrings(near[order], indices=number)
    front = _front(shapes[first[asked]], shapes[second[asked]], reach_m)
    left = shapely.difference(front, shapely.buffer(roads, 2 * reach_m))
    apart[asked] = shapely.length(left) <= EDGE_M
    return apart


def lump_numbers(count: int, pairs: Pairs) -> NDArray[np.int64]:
    """For each of ``count`` things the smallest number among those that hang together with it, shape (count,)."""
    lumps = Lumps(count)
    for one, other in zip(*(side.tolist() for side in pairs), strict=True):
        lumps.join(one, other)
    root = np.array([lumps.find(thing) for thing in range(count)], dtype=np.int64)
    _, first, lump = np.unique(root, return_index=True, return_inverse=True)
    return first[lump].astype(np.int64)


def _front(shapes: NDArray[np.object_], others: NDArray[np.object_], reach_m: float) -> NDArray[np.object_]:
    """The part of each shape's outline that lies within reach of the other."""
    return shapely.intersection(shapely.boundary(shapes), shapely.buffer(others, reach_m))


def bridges(shapes: NDArray[np.object_], pairs: Pairs, gap_m: float) -> NDArray[np.object_]:
    """The ground between the two shapes of each pair, over which they hang together: shape (pairs,).

    It lies within the gap's width of both, and never goes round the end of where they face one another.
    """
    one, other = shapes[pairs[0]], shapes[pairs[1]]
    reach_m = gap_m + EDGE_M
    near = shapely.intersection(shapely.buffer(one, reach_m), shapely.buffer(other, reach_m))
    fronts = shapely.union(_front(one, other, reach_m), _front(other, one, reach_m))
    return areal(shapely.intersection(near, shapely.convex_hull(fronts)))


def pieces_left(
    ground: shapely.Geometry, joints: shapely.Geometry, taken: shapely.Geometry
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """The contiguous pieces of some ground once other ground is taken away, the largest first.

    What is taken cuts a little beyond its own edge, so that a seam left by rounding along the outline of the ground
    joins nothing; the pieces themselves reach up to it.

    Parameters
    ----------
    ground
        The union of the shapes that make it up.
    joints
        Ground that joins them without counting, as from :func:`bridges`; it joins only where nothing is taken.
    taken
        What is taken away.

    Returns
    -------
    pieces, area_m2
        MultiPolygons of ``ground``, and their areas, which add up to what is left but for slivers.
    """
    body = overlay.difference(overlay.union_all([ground, joints]), shapely.buffer(taken, SEAM_M))
    parts = shapely.get_parts(body)
    parts = shapely.buffer(parts[shapely.get_dimensions(parts) == 2], SEAM_M * 1.01)
    pieces = areal(overlay.intersection(parts, overlay.difference(ground, taken)))
    area_m2 = shapely.area(pieces)
    order = np.argsort(-area_m2, kind="stable")
    order = order[area_m2[order] > 0]
    return pieces[order], area_m2[order]
