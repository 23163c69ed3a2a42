"""Floor area of buildings, and how much of it lies inside each polygon of another layer."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from urbanform.measure import overlay
from urbanform.site import Site

FEWEST_STOREYS, MOST_STOREYS = 1.0, 60.0
"""Between what the storeys of a building lie of which none are known."""

MOST_BOXES = 2_000

STRIP_M = 5_000.0
"""How wide a strip of ground is in which buildings are looked at together for ground that they share."""

MOST_STRIPS = 400
"""No province is as wide as so many of them; a vertex gone astray may be."""


@dataclass(frozen=True, slots=True)
class FloorAreaBatch:
    """Some of the buildings that meet some areas, one row per building and area.

    Attributes
    ----------
    buildings
        The batch's frame.
    building, area
        Row in ``buildings`` and in the areas, shape (pairs,) each.
    low_m2, high_m2
        Floor area inside the area, split by footprint at its edge: equal where it is known; ``high_m2`` may be
        infinite.
    exact
        Whether it is known that the building lies there at all.
    """

    buildings: gpd.GeoDataFrame
    building: np.ndarray
    area: np.ndarray
    low_m2: np.ndarray
    high_m2: np.ndarray
    exact: np.ndarray


def floor_area_inside(site: Site, areas: np.ndarray, columns: Sequence[str]) -> Iterator[FloorAreaBatch]:
    """Floor area of every building inside each of ``areas``, batch by batch, so that memory does not grow.

    The ``floor_area`` field where a building has it; else footprint × storeys, ground that two footprints share
    belonging to the taller. A building of unknown storeys has 1 to 60. One whose shape is unsound has up to its
    envelope's ground; one without a shape may lie in any of the areas.

    Parameters
    ----------
    areas
        Sound polygons in the working CRS.
    columns
        Further fields of the buildings to carry along.
    """
    layer = site.needed("buildings")
    wanted = tuple(dict.fromkeys(("id", "storeys", "floor_area", *columns)))
    boxes = _boxes(areas)
    if not len(boxes):
        return
    hidden = _hidden_ground(site, boxes)
    shapely.prepare(areas)
    for buildings in layer.batches(wanted, bbox=boxes):
        yield _inside(buildings, areas, hidden)


def _boxes(areas: np.ndarray) -> np.ndarray:
    """Where to look for buildings: the extents of the areas, or one around all where they are very many.

    An area without a point has none, and hides nothing of what lies in the others.
    """
    if not len(areas):
        return np.empty((0, 4))
    boxes = np.asarray(shapely.bounds(areas) if len(areas) <= MOST_BOXES else [shapely.total_bounds(areas)])
    return boxes[np.isfinite(boxes).all(axis=1)]


def _inside(buildings: gpd.GeoDataFrame, areas: np.ndarray, hidden: "HiddenGround") -> FloorAreaBatch:
    shapes = buildings.geometry.to_numpy()
    sound = buildings["sound"].to_numpy(dtype=bool)
    lost = np.flatnonzero(shapely.is_missing(shapes))
    # The areas ask: what asks is prepared, and they are few and have many vertices.
    area, building = shapely.STRtree(shapes).query(areas, predicate="intersects")
    within = shapely.contains_properly(areas[area], shapes[building])
    ground = np.where(within, shapely.area(shapes[building]), 0.0)
    edge = ~within
    ground[edge] = shapely.area(shapely.intersection(shapes[building[edge]], areas[area[edge]]))
    real = ground > 0
    building, area, ground, within = building[real], area[real], ground[real], within[real]

    footprint = shapely.area(shapes)
    stated = buildings["floor_area"].to_numpy(dtype=float)
    low_storeys = np.nan_to_num(buildings["storeys_low"].to_numpy(dtype=float), nan=FEWEST_STOREYS)
    high_storeys = np.nan_to_num(buildings["storeys_high"].to_numpy(dtype=float), nan=MOST_STOREYS)

    share = ground / footprint[building]
    has_field = ~np.isnan(stated[building])
    number = buildings.index.to_numpy()[building]
    sure_m2, open_m2 = hidden.inside(number, areas, area)
    low = np.where(has_field, stated[building] * share, np.maximum(ground - open_m2, 0) * low_storeys[building])
    high = np.where(has_field, stated[building] * share, np.maximum(ground - sure_m2, 0) * high_storeys[building])
    # An envelope says where a building lies at most; only one that lies wholly inside holds its stated floor area.
    trusted = sound[building]
    low = np.where(trusted | (has_field & within), low, 0.0)
    high = np.where(~trusted & has_field, stated[building], high)

    if lost.size:
        building = np.concatenate([building, np.repeat(lost, len(areas))])
        area = np.concatenate([area, np.tile(np.arange(len(areas)), lost.size)])
        low = np.concatenate([low, np.zeros(lost.size * len(areas))])
        above = np.where(np.isnan(stated[lost]), np.inf, stated[lost])
        high = np.concatenate([high, np.repeat(above, len(areas))])
        trusted = np.concatenate([trusted, np.zeros(lost.size * len(areas), dtype=bool)])
    return FloorAreaBatch(buildings, building, area, low, high, trusted)


class HiddenGround:
    """Ground of footprints that a taller one covers, by building number.

    ``sure`` holds what is certainly covered, ``perhaps`` what may be, where storeys leave it open which is taller.
    """

    def __init__(self, sure: dict[int, shapely.Geometry], perhaps: dict[int, shapely.Geometry]) -> None:
        self._sure, self._perhaps = sure, perhaps

    def inside(self, number: np.ndarray, areas: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ground in m² of each building in its area that is certainly, and at most, another's: shape (pairs,) each."""
        sure, most = np.zeros(len(number)), np.zeros(len(number))
        touched = np.flatnonzero(np.isin(number, list(self._perhaps)))
        for at in touched:
            key, where = int(number[at]), areas[area[at]]
            most[at] = shapely.area(overlay.intersection(self._perhaps[key], where))
            if key in self._sure:
                sure[at] = shapely.area(overlay.intersection(self._sure[key], where))
        return sure, most


def _hidden_ground(site: Site, boxes: np.ndarray) -> HiddenGround:
    return site.once(("hidden ground", boxes.tobytes()), lambda: _find_hidden_ground(site, boxes))


def _find_hidden_ground(site: Site, boxes: np.ndarray) -> HiddenGround:
    """Which ground of each building belongs to a taller one; equal heights: to the one with the larger footprint.

    Strip by strip, so that memory does not grow with the place. Ground inside the boxes that two buildings share lies
    in some strip, and is found there.
    """
    sure: dict[int, list[shapely.Geometry]] = {}
    perhaps: dict[int, list[shapely.Geometry]] = {}
    seen: set[tuple[int, int]] = set()
    for strip in _strips(boxes):
        for pair, ground, losers in _shared(site, strip):
            if pair in seen:
                continue
            seen.add(pair)
            for loser in losers:
                perhaps.setdefault(loser, []).append(ground)
                if len(losers) == 1:
                    sure.setdefault(loser, []).append(ground)
    return HiddenGround(
        {key: overlay.union_all(parts) for key, parts in sure.items()},
        {key: overlay.union_all(parts) for key, parts in perhaps.items()},
    )


def _strips(boxes: np.ndarray) -> Iterator[np.ndarray]:
    """The parts of some boxes in strips from west to east."""
    west, east = boxes[:, 0].min(), boxes[:, 2].max()
    count = min(max(math.ceil((east - west) / STRIP_M), 1), MOST_STRIPS)
    ends = np.linspace(west, east, count + 1)
    for left, right in itertools.pairwise(ends):
        inside = boxes[(boxes[:, 2] >= left) & (boxes[:, 0] <= right)]
        if len(inside):
            yield np.column_stack(
                [np.maximum(inside[:, 0], left), inside[:, 1], np.minimum(inside[:, 2], right), inside[:, 3]]
            )


def _shared(site: Site, boxes: np.ndarray) -> Iterator[tuple[tuple[int, int], shapely.Geometry, tuple[int, ...]]]:
    """Pairs of buildings that share ground: their numbers, the ground, and which of them it may not belong to."""
    frames = list(site.needed("buildings").batches(("storeys", "floor_area"), bbox=boxes))
    if not frames:
        return
    number = np.concatenate([f.index.to_numpy() for f in frames])
    shapes = np.concatenate([f.geometry.to_numpy() for f in frames])
    usable = np.concatenate([f["sound"].to_numpy(dtype=bool) for f in frames]) & ~shapely.is_missing(shapes)
    low = np.nan_to_num(np.concatenate([f["storeys_low"].to_numpy(dtype=float) for f in frames]), nan=FEWEST_STOREYS)
    high = np.nan_to_num(np.concatenate([f["storeys_high"].to_numpy(dtype=float) for f in frames]), nan=MOST_STOREYS)
    number, shapes, low, high = number[usable], shapes[usable], low[usable], high[usable]
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    common = shapely.intersection(shapes[one], shapes[other])
    # Neighbours that share a wall share a line, or a sliver thinner than any survey resolves.
    real = shapely.area(common) > 1e-6
    size = shapely.area(shapes)
    for a, b, ground in zip(one[real], other[real], common[real], strict=True):
        if low[a] >= high[b] and low[b] >= high[a]:
            a_loses = (size[a], _corner(shapes[a])) < (size[b], _corner(shapes[b]))
            losers: tuple[int, ...] = (a if a_loses else b,)
        elif low[a] >= high[b]:
            losers = (b,)
        elif low[b] >= high[a]:
            losers = (a,)
        else:
            losers = (a, b)
        yield (int(number[a]), int(number[b])), ground, tuple(int(number[at]) for at in losers)


def _corner(shape: shapely.Geometry) -> tuple[float, ...]:
    return tuple(shapely.bounds(shape))
