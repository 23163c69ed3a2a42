"""The new housing (新建住宅) of the county seat, and its storeys."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.local import shared_with
from urbanform.site import Site
from urbanform.site.county_seats import county_seats, extent_of
from urbanform.site.floor_area import FEWEST_STOREYS, MOST_STOREYS
from urbanform.site.new_buildings import Holds, new_buildings, why_new_is_open, why_use_is_open
from urbanform.site.new_heights import together
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "storeys-unknown": (
        "层数（storeys）缺失或读不出；请补填地上层数（整数）",
        "the storeys are missing or unreadable; give the number of storeys above ground",
    ),
    "storeys-between": (
        "层数写成一个范围，只知在 {low} 至 {high} 层之间；请填写确切的地上层数",
        "the storeys are written as a range, {low} to {high}; give the number of storeys above ground",
    ),
    "place-open": (
        "建筑图形有错误或缺失，不知道是否在县城内；请在 GIS 中修复几何后重新提交",
        "the shape is broken or missing, so it is not known whether it stands in the county seat; repair the geometry "
        "and hand it in again",
    ),
    "seat-set-aside": (
        "县城图层无法使用，不知道建筑是否在县城内；请改正后重新提交：{faults}",
        "the layer of the county seat was set aside, so it is not known which buildings stand inside; mend it and hand "
        "it in again: {faults}",
    ),
}

CONTACT_M2 = 1.0
"""Less of a footprint than this inside an edge is the play of two drawings."""


@dataclass(frozen=True, eq=False)
class Storeys:
    """Between what the number of storeys of each building lies, shape (n,) each; 1 to 60 where nothing is written."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    written: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Of which buildings it is one number."""
        return self.low == self.high

    def why_open(self, row: int) -> Words | None:
        """Why the storeys of a building are open, and what to give; None where they are known."""
        if self.low[row] == self.high[row]:
            return None
        if not self.written[row]:
            return own_words(WORDS, "storeys-unknown")
        return own_words(WORDS, "storeys-between", low=float(self.low[row]), high=float(self.high[row]))


def storeys_of(buildings: gpd.GeoDataFrame) -> Storeys:
    """The storeys of a frame that carries the field ``storeys``."""
    low = buildings["storeys_low"].to_numpy(dtype=float)
    high = buildings["storeys_high"].to_numpy(dtype=float)
    written = ~np.isnan(low) | ~np.isnan(high)
    return Storeys(
        np.where(np.isnan(low), FEWEST_STOREYS, low),
        np.where(np.isnan(high), np.fmax(low, MOST_STOREYS), high),
        written,
    )


@dataclass(frozen=True, eq=False)
class NewHousing:
    """Some of the buildings that are or may be new housing inside the county seat, one row each.

    Attributes
    ----------
    buildings
        Their frame, with the fields that were asked for.
    bound
        Which of them certainly are; all of them possibly.
    new, housing, inside
        Which are new, which residential, and which stand in the county seat.
    storeys
        How many storeys they have.
    """

    buildings: gpd.GeoDataFrame
    bound: Holds
    new: Holds
    housing: Holds
    inside: Holds
    storeys: Storeys

    @cached_property
    def ids(self) -> list[str]:
        """Their ids."""
        return [str(key) for key in self.buildings["id"]]

    @cached_property
    def names(self) -> list[str | None]:
        """Their names; None for one without."""
        return [None if pd.isna(name) else str(name) for name in self.buildings["name"]]

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which are certainly bound, and of known storeys: shape (n,)."""
        return self.bound.certain & self.storeys.known

    def why_open(self, site: Site, row: int) -> Words | None:
        """Why a row is open, reason by reason, and what to give; None where nothing is."""
        whys = []
        if self.new.open[row]:
            whys.append(why_new_is_open(site))
        if self.housing.open[row]:
            whys.append(why_use_is_open("residential", mixed=bool(self.buildings["use"].iloc[row] == "mixed")))
        if self.inside.open[row]:
            whys.append(_why_place_is_open(site))
        storeys = self.storeys.why_open(row)
        return together([*whys, storeys] if storeys is not None else whys)


def new_housing(site: Site) -> Iterator[NewHousing]:
    """Buildings that are or may be new housing inside the county seat, where that is given, batch by batch.

    A building counts as inside where more than :data:`CONTACT_M2` of its footprint lie in any trusted polygon of the
    county seat. Without a county seat every building does; where its layer was set aside it is not known of any.
    """
    given = site.layer("county_seat") is not None
    seats = county_seats(site) if given else ()
    box = extent_of(seats, 0.0)
    if given and box is None:
        return
    area = shapely.union_all([seat.area for seat in seats if seat.area is not None]) if given else None
    for batch in new_buildings(site, ("storeys",), bbox=box):
        housing = batch.housing
        inside = _inside(site, batch.buildings, area)
        bound = batch.new & housing & inside
        kept = bound.possible
        if not kept.any():
            continue
        new, housing, inside, bound = (_of(holds, kept) for holds in (batch.new, housing, inside, bound))
        buildings = batch.buildings[kept]
        yield NewHousing(buildings, bound, new, housing, inside, storeys_of(buildings))


def _inside(site: Site, buildings: gpd.GeoDataFrame, area: shapely.Geometry | None) -> Holds:
    every = np.ones(len(buildings), dtype=bool)
    if area is None:
        return Holds(every & ("county_seat" not in site.submission.faults), every)
    shapes = buildings.geometry.to_numpy()
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    shapely.prepare(area)
    meets = shapely.intersects(area, shapes)
    within = shapely.contains_properly(area, shapes)
    edge = meets & ~within
    enough = within.copy()
    enough[edge] = shapely.area(shared_with(shapes[edge], area)) > CONTACT_M2
    sound = buildings["sound"].to_numpy(dtype=bool)
    # Of a broken shape only the envelope is known: it lies inside for certain where all of that does.
    return Holds(np.where(sound, enough, within), np.where(sound, enough, meets) | lost)


def _why_place_is_open(site: Site) -> Words:
    faults = site.submission.faults.get("county_seat")
    return own_words(WORDS, "seat-set-aside", faults=list(faults)) if faults else own_words(WORDS, "place-open")


def _of(holds: Holds, kept: NDArray[np.bool_]) -> Holds:
    return Holds(holds.certain[kept], holds.possible[kept])
