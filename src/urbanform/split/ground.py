"""Where each area, its margin and the reach of its subjects lie, in the system of any layer, and what meets them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.intake.crs import Crs, LocalMetres, same_crs
from urbanform.intake.crs_working import reproject
from urbanform.split.reaches import BUILDING_REACH_M, QUARTER_SEGMENTS

LONGEST_EDGE_M = 1000.0
"""Edges are cut to this before they go to another system, in which a straight line is a curve: over a kilometre the
two lie a few centimetres apart at most."""

MOST_STRADDLE_SHARE = 0.01
"""A subject of which so much lies outside the area that it went to is told."""

Rows = NDArray[np.intp]


@dataclass(eq=False)
class Ground:
    """The areas on the ground.

    Attributes
    ----------
    areas
        In the working system, shape (n,).
    working
        That system.
    zones
        Each area and its subjects with the margin; set by :meth:`widen`.
    lent
        Each area's subjects that borrow buildings, with their reach; None where it has none.
    """

    areas: NDArray[np.object_]
    working: Crs
    zones: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    lent: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    _moved: dict[tuple[str, str], NDArray[np.object_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.areas)

    def widen(
        self, subjects: Sequence[NDArray[np.object_]], borrowers: Sequence[NDArray[np.object_]], margin_m: float
    ) -> None:
        """Settle the margins.

        Parameters
        ----------
        subjects, borrowers
            For each area the shapes of the subjects that went to it, in the working system; of those the ones whose
            figures hang on the buildings in them.
        """
        zones, lent = [], []
        for area, own, borrowing in zip(self.areas, subjects, borrowers, strict=True):
            shapely.prepare(area)
            leaving = own[~shapely.covers(area, own)] if len(own) else own
            zone = shapely.buffer(area, margin_m, quad_segs=QUARTER_SEGMENTS)
            if len(leaving):
                beyond = shapely.union_all(shapely.buffer(leaving, margin_m, quad_segs=QUARTER_SEGMENTS))
                zone = shapely.union(zone, beyond)
            zones.append(zone)
            # Not only of subjects that leave the area: a building may lie across the border and reach into any.
            reach = shapely.union_all(shapely.buffer(borrowing, BUILDING_REACH_M)) if len(borrowing) else None
            lent.append(reach)
        self.zones, self.lent = np.array(zones, dtype=object), np.array(lent, dtype=object)

    def in_system(self, which: str, crs: Crs) -> NDArray[np.object_]:
        """``areas``, ``zones`` or ``lent`` in a layer's own system."""
        key = which, "local" if isinstance(crs, LocalMetres) else crs.to_wkt()
        if key not in self._moved:
            shapes: NDArray[np.object_] = getattr(self, which)
            if not _alike(crs, self.working):
                shapes = reproject(shapely.segmentize(shapes, LONGEST_EDGE_M), self.working, crs)
                shapes = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
            self._moved[key] = shapes
        return self._moved[key]

    def working_shapes(self, shapes: NDArray[np.object_], crs: Crs) -> NDArray[np.object_]:
        """Shapes of a layer in the working system; None stays None."""
        return shapes if _alike(crs, self.working) else reproject(shapes, crs, self.working)


def _alike(one: Crs, other: Crs) -> bool:
    if isinstance(one, LocalMetres) or isinstance(other, LocalMetres):
        return one is other
    return same_crs(one, other)


def meeting(zones: NDArray[np.object_], places: NDArray[np.object_]) -> tuple[Rows, Rows]:
    """Pairs of zone and place that share a point, by zone; missing ones meet nothing."""
    there = np.flatnonzero(~shapely.is_missing(zones))
    zone, place = shapely.STRtree(places).query(zones[there], predicate="intersects")
    return there[zone], place


def owners(areas: NDArray[np.object_], places: NDArray[np.object_]) -> tuple[Rows, NDArray[np.float64]]:
    """For each place the area that holds the most of it, and the share that it holds.

    Shape (n,) each: −1 for places in no area and missing ones, whose share is 0. A polygon that only touches an area
    is not in it; a point or line on a border goes to the first of the areas that hold most of it.
    """
    found = np.full(len(places), -1, dtype=np.intp)
    share = np.zeros(len(places))
    area, place = meeting(areas, places)
    if not len(place):
        return found, share
    # Most lie inside one area, which takes no overlay to know.
    inside = np.zeros(len(place), dtype=bool)
    ordered = np.argsort(area, kind="stable")
    for rows in np.split(ordered, np.flatnonzero(np.diff(area[ordered])) + 1):
        shapely.prepare(areas[area[rows[0]]])
        inside[rows] = shapely.covers(areas[area[rows[0]]], places[place[rows]])
    held = inside.astype(float)
    part = np.flatnonzero(~inside)
    cut = shapely.intersection(areas[area[part]], places[place[part]])
    whole, piece = _size(places[place[part]]), _size(cut, shapely.get_dimensions(places[place[part]]))
    held[part] = np.divide(piece, whole, out=np.zeros(len(part)), where=whole > 0)
    flat = shapely.get_dimensions(places[place[part]]) == 2
    held[part] = np.where((held[part] == 0) & ~(flat & (whole > 0)), 1e-12, held[part])
    order = np.lexsort((area, -held, place))
    first = order[np.r_[True, np.diff(place[order]) > 0]]
    first = first[held[first] > 0]
    found[place[first]] = area[first]
    share[place[first]] = held[first]
    return found, share


def _size(shapes: NDArray[np.object_], dimension: NDArray[np.intp] | None = None) -> NDArray[np.float64]:
    """Area of polygons, length of lines, nought of points: of the kind that ``dimension`` says."""
    kind = shapely.get_dimensions(shapes) if dimension is None else dimension
    size: NDArray[np.float64] = np.where(
        kind == 2, shapely.area(shapes), np.where(kind == 1, shapely.length(shapes), 0)
    )
    return size
