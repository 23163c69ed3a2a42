"""The roads inside an area with their red-line widths, put together from fields, surfaces and pavements."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.held_width import HeldWidths
from urbanform.site.road_widths import RoadNet, inside, roads_of_one_name

READING_M = 0.05
"""Two readings of a width off geometry that differ by no more are one."""


@dataclass(frozen=True, eq=False)
class RoadsInside:
    """Road features inside an area and the roads that they make up.

    Widths are in metres. One entry per feature, shape (n,):

    frame, rows, lines
        The features, their place among all, and what of them lies inside.
    road
        The number of the road of each.
    stated_m, pavement_m
        Their fields; NaN where unknown.
    surface_m
        What the surface holds along the feature; NaN where that is open.
    sure
        Whether the feature is certainly bound: its class is known, and that it counts.
    wider
        Whether its pavement is wider than its red line can be, so that one of them is wrong.

    One entry per road, shape (count,):

    surface_least_m, surface_most_m
        Between what the width held along its features without a stated width lies; 0 and infinite where nothing is
        known of it.
    low_m, high_m
        Between what its width lies, if all its features are bound.
    certain_m
        What it has at least whichever features are bound.
    read_off
        Whether the width of a feature was read off a surface.
    """

    frame: gpd.GeoDataFrame
    rows: NDArray[np.intp]
    lines: NDArray[np.object_]
    road: NDArray[np.int64]
    count: int
    stated_m: NDArray[np.float64]
    pavement_m: NDArray[np.float64]
    surface_m: NDArray[np.float64]
    sure: NDArray[np.bool_]
    wider: NDArray[np.bool_]
    surface_least_m: NDArray[np.float64]
    surface_most_m: NDArray[np.float64]
    low_m: NDArray[np.float64]
    high_m: NDArray[np.float64]
    certain_m: NDArray[np.float64]
    read_off: NDArray[np.bool_]
    held: HeldWidths | None

    @property
    def blank(self) -> NDArray[np.bool_]:
        """Which features have no stated width."""
        return np.isnan(self.stated_m)


def roads_inside(net: RoadNet, area: shapely.Geometry, bound: NDArray[np.bool_]) -> RoadsInside:
    """The roads inside an area: features of one name that touch, and features without a name one by one.

    A road is as wide as its widest feature. A feature has its stated width; else what the surface holds along the
    road's features without one. A pavement is proof of as much width, unless it contradicts the others: then the
    width lies between the two.

    Parameters
    ----------
    net
        All roads near.
    area
        Where they are cut.
    bound
        Which features of the net may be bound at all; the others only make junctions.
    """
    parts = inside(net.lines, area)
    rows = np.flatnonzero(~shapely.is_empty(parts) & bound)
    lines, frame = parts[rows], net.frame.iloc[rows]
    names = frame["name"].to_numpy(dtype=object)
    first = roads_of_one_name(lines, names)
    kept, road = np.unique(first, return_inverse=True)
    count = len(kept)
    stated_m = frame["red_line_width"].to_numpy(dtype=float)
    pavement_m = frame["pavement_width"].to_numpy(dtype=float)
    blank = np.isnan(stated_m)

    surface_m = np.full(len(rows), np.nan)
    least_m, most_m = np.zeros(count), np.full(count, np.inf)
    # Pieces without a name are joined end to end for reading; each is still a road by itself.
    held = net.held(lines, np.where(pd.isna(names), -1, first)) if len(rows) else None
    if held is not None:
        own_least_m, own_most_m = held.of(np.arange(len(rows)), len(rows))
        surface_m = np.where(own_most_m - own_least_m <= READING_M, own_least_m, np.nan)
        least_m, most_m = held.of(np.where(blank, road, -1), count)
        most_m = np.where(np.isnan(most_m), _largest(net.widest_m[rows], road, blank, count), most_m)
        least_m = np.nan_to_num(least_m)

    sure = frame["class"].notna().to_numpy() & frame["certain"].to_numpy(dtype=bool)
    top_m = np.where(blank, most_m[road], stated_m)
    wider = pavement_m > top_m + READING_M
    proof_m = np.where(wider, 0.0, np.nan_to_num(pavement_m))
    least = np.where(blank, np.maximum(least_m[road], proof_m), stated_m)
    most = np.maximum(np.where(wider, pavement_m, top_m), least)
    # What the surface holds may be held where a feature runs that is not bound.
    mixed = _largest(np.where(sure, 0.0, 1.0), road, blank, count)[road] > 0
    certain = np.where(sure, np.where(blank & mixed, proof_m, least), 0.0)
    every = np.ones(len(rows), dtype=bool)
    low_m, high_m, certain_m = (_largest(values, road, every, count) for values in (least, most, certain))
    read_off = (_largest(np.ones(len(rows)), road, blank, count) > 0) & (held is not None)
    return RoadsInside(
        frame, rows, lines, road, count, stated_m, pavement_m, surface_m, sure, wider, least_m, most_m, low_m, high_m,
        certain_m, read_off, held,
    )  # fmt: skip


def _largest(
    values: NDArray[np.float64], road: NDArray[np.int64], among: NDArray[np.bool_], count: int
) -> NDArray[np.float64]:
    largest = np.full(count, -np.inf)
    np.maximum.at(largest, road[among], values[among])
    return largest
