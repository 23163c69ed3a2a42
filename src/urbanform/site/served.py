"""Residential land within reach of whole parks in a straight line."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.coverage import beyond, service_areas
from urbanform.site import Site
from urbanform.site.homes import LEAST_DRAWN_M2, Homes
from urbanform.site.parks import GreenGround, WholeParks, whole_parks
from urbanform.site.scope import Scope

SAME = 1e-9
"""Areas this near to a size, relative to it, have it: rounding in a sum makes no park smaller."""

DRAWN_M = 0.25
"""How far the drawn edge of a service area may lie from the measured one: its arcs have more corners than show."""

RadiusOf = Callable[[WholeParks, bool], NDArray[np.float64]]
"""How far each whole park serves, in metres, 0 for not at all; for certain, or (True) at most."""


def by_size(area_m2: NDArray[np.float64], least_m2: float, radius_m: float) -> NDArray[np.float64]:
    """The radius for what has at least a size, which itself suffices; 0 for the rest."""
    return np.where(area_m2 >= least_m2 * (1 - SAME), radius_m, 0.0)


@dataclass(frozen=True, eq=False)
class Served:
    """Whole parks, how far they serve, and what of the residential land they leave out.

    Attributes
    ----------
    parks, radius_m
        Those that are certain, and how far each serves by its size, 0 for not at all; shape (parks,).
    counted, areas
        Numbers of those that count (they serve, and a part lies in the built-up area), and the ground they serve.
    left
        What of each home is out of reach, shape (homes,).
    possible
        What is out of reach even if everything that may be a park is one; ``left`` itself where nothing is open.
    doubtful
        The parks, beyond those that count, that would count then; those without a shape cannot be among them.
    outside, left_with_outside
        Numbers of parks that would serve but lie outside the built-up area, near enough to reach it; and what they,
        counted too, would leave. None where there are no such parks.
    left_across_roads
        What would be left if polygons that touch along a road were one park; None where there are none.
    """

    parks: WholeParks
    radius_m: NDArray[np.float64]
    counted: NDArray[np.intp]
    areas: NDArray[np.object_]
    left: NDArray[np.object_]
    possible: NDArray[np.object_]
    doubtful: NDArray[np.object_]
    outside: NDArray[np.intp]
    left_with_outside: NDArray[np.object_] | None
    left_across_roads: NDArray[np.object_] | None


def served_by(
    site: Site, scope: Scope, homes: Homes, ground: GreenGround, radius_of: RadiusOf, quad_segs: int
) -> Served:
    """What of the residential land the whole parks of some ground reach.

    A park counts whole where any part of it lies in the built-up area. Polygons of which it is not certain that they
    are parks never add to what is certain.

    Parameters
    ----------
    radius_of
        Larger parks never serve less far.
    quad_segs
        Segments in a quarter circle of the service areas.
    """
    parks = whole_parks(site, scope, ground)
    radius_m = radius_of(parks, False)
    serves = radius_m > 0
    counted = np.flatnonzero(parks.inside & serves)
    each, of_polygon = _areas(site, parks, parks.inside & serves, radius_m, quad_segs)
    areas = _of_whole_parks(each, of_polygon, counted)
    left = beyond(homes.shapes, each)
    reach_m = np.zeros(len(ground.ids))
    reach_m[parks.first[counted]] = radius_m[counted]

    def left_by(more: WholeParks, which: NDArray[np.bool_], more_m: NDArray[np.float64]) -> NDArray[np.object_]:
        if not which.any():
            return left
        return beyond(left, _areas(site, more, which, more_m, quad_segs)[0])

    every = parks if ground.sure.all() else whole_parks(site, scope, ground, doubtful=True)
    most_m = radius_of(every, True)
    more = every.inside & (most_m > 0) & (~every.sure | (most_m > reach_m[every.first]))
    possible = left_by(every, more, most_m)
    if ground.nowhere:
        possible = np.full(len(left), shapely.MultiPolygon(), dtype=object)

    near = ~parks.inside & serves & shapely.dwithin(scope.area, parks.shapes, radius_m)
    across = None
    if parks.parted:
        joined = whole_parks(site, scope, ground, across_roads=True)
        joined_m = radius_of(joined, False)
        alone = np.zeros(len(ground.ids), dtype=np.int64)
        alone[parks.first] = parks.count
        across = left_by(joined, joined.inside & (joined_m > 0) & (joined.count != alone[joined.first]), joined_m)
    return Served(
        parks,
        radius_m,
        counted,
        areas,
        left,
        possible,
        every.shapes[more],
        np.flatnonzero(near),
        left_by(parks, near, radius_m) if near.any() else None,
        across,
    )


def _areas(
    site: Site, parks: WholeParks, which: NDArray[np.bool_], radius_m: NDArray[np.float64], quad_segs: int
) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """The service area of each polygon of some whole parks, and the park that it is part of: shape (polygons,) each.

    Those of a park make up its own, and no union has moved them. Each is worked out once, whichever rules ask for it.
    """
    park = parks.whole[which[parks.whole]]
    shapes = parks.polygons[which[parks.whole]]
    known: dict[tuple[bytes, float, int], shapely.Geometry] = site.once("service areas", dict)
    keys = [
        (shape, float(radius), quad_segs) for shape, radius in zip(shapely.to_wkb(shapes), radius_m[park], strict=True)
    ]
    new = np.array([key not in known for key in keys], dtype=bool)
    made = service_areas(shapes[new], radius_m[park[new]], quad_segs)
    known.update(zip(compress(keys, new), made, strict=True))
    found = np.empty(len(keys), dtype=object)
    found[:] = [known[key] for key in keys]
    return found, park


def _of_whole_parks(areas: NDArray[np.object_], park: NDArray[np.intp], parks: NDArray[np.intp]) -> NDArray[np.object_]:
    """The service areas of whole parks, to be drawn, from those of their polygons."""
    order = np.argsort(park, kind="stable")
    begin, end = (np.searchsorted(park[order], parks, side=side) for side in ("left", "right"))
    found = areas[order[begin]]
    for row in np.flatnonzero(end - begin > 1):
        found[row] = shapely.union_all(areas[order[begin[row] : end[row]]])
    return found


def covered_m2(homes: Homes, left: NDArray[np.object_]) -> NDArray[np.float64]:
    """How much of each home is in reach, shape (homes,)."""
    return np.clip(homes.area_m2 - shapely.area(left), 0.0, None)


def drawn_parks(site: Site, ground: GreenGround, served: Served) -> gpd.GeoDataFrame:
    """Whole parks and what they serve, as rows to draw.

    Returns
    -------
    A frame with ``kind``, ``feature`` and ``name`` (those of a whole park's first polygon), ``area_m2``, ``radius_m``.
    The kinds are ``park`` (counted), ``outside`` the built-up area, ``small``, ``doubtful`` polygons, and ``service``
    for the ground that a park serves.
    """
    parks = served.parks
    kind = np.full(len(parks.shapes), "small", dtype=object)
    kind[served.radius_m > 0] = "far"
    kind[served.outside] = "outside"
    kind[served.counted] = "park"
    # Parks that lie too far from the built-up area to matter are left out.
    shown = np.flatnonzero((kind != "far") & ((kind != "small") | parks.inside))
    shown = shown[np.argsort(-parks.area_m2[shown], kind="stable")]
    unsure = np.flatnonzero(~ground.sure)
    rows = (
        (kind[shown], parks.first[shown], parks.shapes[shown], served.radius_m[shown]),
        (np.full(len(unsure), "doubtful", dtype=object), unsure, ground.shapes[unsure], np.full(len(unsure), np.nan)),
        (
            np.full(len(served.counted), "service", dtype=object),
            parks.first[served.counted],
            served.areas,
            served.radius_m[served.counted],
        ),
    )
    frames = [
        gpd.GeoDataFrame(
            {
                "kind": kinds,
                "feature": ground.ids[at],
                "name": ground.names[at],
                "area_m2": shapely.area(shapes),
                "radius_m": radius_m,
            },
            geometry=shapes,
            crs=site.submission.crs,
        )
        for kinds, at, shapes, radius_m in rows
    ]
    frames[-1] = frames[-1].set_geometry(_thinned(served.areas), crs=site.submission.crs)
    found = pd.concat(frames, ignore_index=True)
    return found[found["area_m2"] >= LEAST_DRAWN_M2].reset_index(drop=True)


def _thinned(areas: NDArray[np.object_]) -> NDArray[np.object_]:
    """Areas with the vertices alone that a drawing needs; the slow way only where the quick one spoils a shape."""
    thin: NDArray[np.object_] = shapely.simplify(areas, DRAWN_M, preserve_topology=False)
    spoilt = ~shapely.is_valid(thin) | shapely.is_empty(thin)
    thin[spoilt] = shapely.simplify(areas[spoilt], DRAWN_M)
    return thin
