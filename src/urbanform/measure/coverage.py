"""Land within reach of something: areas served, what of some land they leave out, and the share that is covered."""

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure import overlay
from urbanform.measure.contiguous import Pairs, areal
from urbanform.measure.local import shared_with

QUAD_SEGS = 64
"""Segments in a quarter circle; with 16 the share of a city's land within 500 m already differs by 0.1 points."""


def service_areas(shapes: NDArray[np.object_], radius_m: NDArray[np.float64], quad_segs: int) -> NDArray[np.object_]:
    """The ground within a straight-line distance of the edge of each shape, the shape itself included.

    Parameters
    ----------
    shapes
        Polygons in metres, shape (n,).
    radius_m
        The distance for each, above 0; shape (n,).
    quad_segs
        Segments in a quarter circle: a rounded corner is an inscribed polygon, short of the circle by
        1 - cos(π / (4 · quad_segs)) of the radius, 0.04 m in 500 m for 64.

    Returns
    -------
    Polygons, shape (n,).
    """
    return shapely.buffer(shapes, radius_m, quad_segs=quad_segs)


def within(shapes: NDArray[np.object_], area: shapely.Geometry) -> NDArray[np.object_]:
    """The part of each shape that lies inside an area, shape (n,); empty where there is none, as for missing shapes.

    Shapes that lie wholly inside come back as they are, others as MultiPolygons.
    """
    found = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    shapely.prepare(area)
    meets = np.flatnonzero(shapely.intersects(area, shapes))
    whole = shapely.contains_properly(area, shapes[meets])
    found[meets[whole]] = shapes[meets[whole]]
    edge = meets[~whole]
    found[edge] = _solid(shared_with(shapes[edge], area))
    return found


def less(shapes: NDArray[np.object_], takers: NDArray[np.object_], pairs: Pairs) -> NDArray[np.object_]:
    """What is left of each shape once all takers that are paired with it are taken away.

    Parameters
    ----------
    shapes, takers
        Polygons.
    pairs
        Numbers of shapes, and of the takers that go with them.

    Returns
    -------
    Shape (n,): shapes in no pair come back as they are, the others as MultiPolygons, empty where nothing is left.
    """
    left = shapes.copy()
    order = np.argsort(pairs[0], kind="stable")
    shape, taker = pairs[0][order], pairs[1][order]
    turn = np.arange(len(shape)) - np.searchsorted(shape, shape)
    by_turn = np.argsort(turn, kind="stable")
    for number, now in enumerate(np.split(by_turn, np.cumsum(np.bincount(turn))[:-1]) if len(shape) else ()):
        # What was cut once already may have edges that nearly lie on those of the next taker.
        take = overlay.difference if number else shapely.difference
        left[shape[now]] = take(left[shape[now]], takers[taker[now]])
    touched = np.unique(shape)
    left[touched] = _solid(left[touched])
    return left


def beyond(shapes: NDArray[np.object_], areas: NDArray[np.object_]) -> NDArray[np.object_]:
    """What of each shape no area covers; ground that several areas cover is covered once.

    Most shapes lie wholly inside an area or meet none: these are told apart by prepared tests, and only those across
    an edge are cut.

    Parameters
    ----------
    shapes
        Polygons, shape (n,); missing and empty ones are left empty.
    areas
        Polygons that cover.

    Returns
    -------
    Shape (n,), empty where all is covered.
    """
    left = shapes.copy()
    nothing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    left[nothing] = shapely.MultiPolygon()
    rest = np.flatnonzero(~nothing)
    _, covered = shapely.STRtree(shapes[rest]).query(areas, predicate="contains_properly")
    left[rest[covered]] = shapely.MultiPolygon()
    rest = rest[~np.isin(np.arange(len(rest)), covered)]
    area, edge = shapely.STRtree(shapes[rest]).query(areas, predicate="intersects")
    return less(left, areas, (rest[edge], area))


def out_of_reach(
    shapes: NDArray[np.object_], targets: NDArray[np.object_], radius_m: float, quad_segs: int
) -> NDArray[np.object_]:
    """What of each shape lies farther than a straight line of ``radius_m`` from every target.

    As :func:`beyond` with the :func:`service_areas` of the targets, which are made for those alone that matter: most
    shapes lie well within reach of the target next to them.

    Parameters
    ----------
    shapes
        Polygons in metres, shape (n,), none missing or empty.
    targets
        Points, lines or polygons, shape (m,), none missing or empty; without any, everything is out of reach.
    quad_segs
        Segments in a quarter circle of the areas served.

    Returns
    -------
    Shape (n,), empty where all is in reach.
    """
    left = shapes.copy()
    if not len(shapes) or not len(targets):
        return left
    tree = shapely.STRtree(targets)
    west, south, east, north = shapely.bounds(shapes).T
    _, nearest = tree.query_nearest(shapely.points((west + east) / 2, (south + north) / 2), all_matches=False)
    x, y = shapely.get_coordinates(shapely.point_on_surface(targets))[nearest].T
    farthest_m = np.hypot(np.maximum(x - west, east - x), np.maximum(y - south, north - y))
    # The polygon that stands for a circle holds what is this near to its centre.
    whole = farthest_m < radius_m * (np.cos(np.pi / (4 * quad_segs)) - 1e-9)
    left[whole] = shapely.MultiPolygon()
    rows = np.flatnonzero(~whole)
    close = np.unique(tree.query(shapes[rows], predicate="dwithin", distance=radius_m)[1])
    left[rows] = beyond(shapes[rows], service_areas(targets[close], np.full(len(close), radius_m), quad_segs))
    return left


def overlapping(shapes: NDArray[np.object_]) -> Pairs:
    """Pairs of shapes, first < second, that share ground; those that only touch do not."""
    first, second = shapely.STRtree(shapes).query(shapes)
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.relate_pattern(shapes[first], shapes[second], "T********")
    return first[shared], second[shared]


def once_each(shapes: NDArray[np.object_], rank: NDArray[np.int64], pairs: Pairs) -> NDArray[np.object_]:
    """Each shape less the ground of those before it, so that no ground counts twice.

    Parameters
    ----------
    shapes
        Polygons, shape (n,).
    rank
        Which comes first: lower before higher, equal ones by position; shape (n,).
    pairs
        What :func:`overlapping` found.

    Returns
    -------
    Shape (n,); the areas add up to that of the union.
    """
    place = np.lexsort((np.arange(len(shapes)), rank)).argsort()
    later = np.where(place[pairs[0]] > place[pairs[1]], pairs[0], pairs[1])
    earlier = np.where(later == pairs[0], pairs[1], pairs[0])
    return less(shapes, shapes, (later, earlier))


def least_share(
    covered_m2: float, whole_m2: float, more_covered_m2: NDArray[np.float64], more_m2: NDArray[np.float64]
) -> float:
    """The smallest that covered / whole can be if any of some further pieces of land may belong to the whole.

    A piece belongs to the optimum exactly where its own share is below it, so the pieces are added from the least
    covered on, and the smallest quotient on the way is the answer.

    Parameters
    ----------
    covered_m2, whole_m2
        Of the land that certainly belongs; ``whole_m2`` above 0.
    more_covered_m2, more_m2
        Of each further piece.

    Returns
    -------
    A share, 0 to 1.
    """
    real = more_m2 > 0
    covered, whole = more_covered_m2[real], more_m2[real]
    order = np.argsort(covered / whole, kind="stable")
    shares = (covered_m2 + np.cumsum(covered[order])) / (whole_m2 + np.cumsum(whole[order]))
    return float(min(covered_m2 / whole_m2, shares.min(initial=1.0)))


def most_share(
    covered_m2: float, whole_m2: float, more_covered_m2: NDArray[np.float64], more_m2: NDArray[np.float64]
) -> float:
    """The largest that covered / whole can be; see :func:`least_share`."""
    return 1.0 - least_share(whole_m2 - covered_m2, whole_m2, more_m2 - more_covered_m2, more_m2)


def _solid(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """What of each shape has an area, shape (n,)."""
    flat = shapely.get_dimensions(shapes) == 2
    found = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    if flat.any():
        found[flat] = areal(shapes[flat])
    return found
