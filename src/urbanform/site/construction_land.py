"""Construction land (建设用地) inside an area, each piece of ground once, from the parcels."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.coverage import within
from urbanform.measure.land_cover import CoverStack
from urbanform.model.roles import LandUse
from urbanform.site import Site
from urbanform.site.written_use import classes_written
from urbanform.vocabulary import fold, table

NOT_BUILT_ON: Final = frozenset({LandUse.WATER, LandUse.OPEN_LAND, LandUse.REGIONAL_GREEN, LandUse.RURAL_ROAD})
"""Water, farmland, forest, grass and unused land, and the roads among fields, are no construction land."""

OUTSIDE_TOWNS: Final = frozenset({LandUse.RURAL_RESIDENTIAL, LandUse.HIGHWAY})
"""Construction land by law that classifications of urban land leave out."""

BUILDING_LAND: Final = re.compile(r"H\d*|.*建设用地|城镇用地|混合用地|综合用地", re.IGNORECASE)
"""Codes of GB 50137-2011 and names for construction land of no class of its own."""

WATER_WORKS: Final = re.compile(r".*水利设施用地|水域和其他用地")
"""Names for water that cover dams and villages (construction land) as well."""

SEVERAL: Final = re.compile(r"[/\\+,;、()|&\[\]\s和与兼]")

VACANT_LAND: Final = re.compile(r"2301|1201|.*空闲地")
"""Unused land within towns and villages (空闲地): other land in both classifications that have it."""

DUST_SHARE: Final = 1e-4
"""A smaller share of an area (0–1) is slivers along the edges of parcels, not land."""


@dataclass(frozen=True, eq=False)
class Parcels:
    """All parcels with what is known of them as construction land.

    Attributes
    ----------
    frame
        ``id``, ``name``, ``land_use``, ``land_use_code`` and geometry.
    low, high
        1 where the parcel certainly is, and may be, construction land; shape (n,).
    trusted
        Whether it certainly lies where it is drawn.
    """

    frame: gpd.GeoDataFrame
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    trusted: NDArray[np.bool_]

    @property
    def outside_towns(self) -> NDArray[np.bool_]:
        """Homesteads and highways, which may or may not count as land of the town."""
        return self.frame["land_use"].isin(list(OUTSIDE_TOWNS)).to_numpy(dtype=bool)


@dataclass(frozen=True, eq=False)
class ConstructionLand:
    """Construction land inside one area, in m².

    Attributes
    ----------
    shapes
        What of each parcel lies inside, shape (n,).
    low_m2, high_m2
        Between what it lies, ground without a parcel included in ``high_m2``.
    value_m2
        What the parcels come to; None where the class or the shape of one leaves it open.
    without_parcel_m2
        Ground of the area for which there is no parcel; 0 where that is no more than slivers.
    disputed_m2
        Ground on which parcels lie that do and parcels that do not count.
    open
        Rows of parcels that leave it open.
    """

    shapes: NDArray[np.object_]
    low_m2: float
    high_m2: float
    value_m2: float | None
    without_parcel_m2: float
    disputed_m2: float
    open: NDArray[np.intp]


def parcels_as_construction_land(site: Site) -> Parcels:
    """Every parcel, and whether it is construction land: by its class, else by what its code or name may mean."""

    def build() -> Parcels:
        frame = site.needed("parcels").frame(("id", "name", "land_use"))
        low, high = certainty(frame)
        trusted = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
        return Parcels(frame, low.astype(float), high.astype(float), trusted)

    return site.once("parcels as construction land", build)


def certainty(parcels: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which parcels certainly are construction land, and which may be: shape (n,) each.

    Urban and rural housing, services, commerce, industry, storage, transport, utilities, green space and plazas,
    special and reserved land are; water, farmland and other land are not. A class in doubt counts only if everything
    that is written may mean does.

    Parameters
    ----------
    parcels
        A frame with the columns of the field ``land_use``.
    """
    number, written = pd.factorize(parcels["land_use_code"])
    texts = [str(text) for text in written]
    building = _spread([bool(BUILDING_LAND.fullmatch(text.strip())) for text in texts], number)
    vacant = _spread([bool(VACANT_LAND.fullmatch(text.strip())) for text in texts], number)
    classed = parcels["land_use"]
    unknown = classed.isna().to_numpy(dtype=bool)
    other = classed.eq(LandUse.OTHER).fillna(False).to_numpy(dtype=bool)
    built = ~unknown & ~classed.isin([*NOT_BUILT_ON, LandUse.OTHER]).to_numpy(dtype=bool)
    doubt = parcels["land_use_doubt"].eq(True).to_numpy(dtype=bool) & ~unknown
    sure = np.where(other, building, built)
    maybe = np.where(other, ~vacant, built) | unknown
    meant = [_meant(text) for text in texts]
    all_built = _spread([some[0] for some in meant], number)
    any_built = _spread([some[1] for some in meant], number)
    plain_doubt = doubt & ~other
    return np.where(plain_doubt, all_built, sure), np.where(plain_doubt, any_built, maybe)


def _meant(text: str) -> tuple[bool, bool]:
    """Whether all, and whether any, of what a doubtful text may mean is construction land."""
    classes = classes_written(text)
    single = len(classes) == 1 and not SEVERAL.search(text)
    if not classes or WATER_WORKS.fullmatch(text.strip()) or (single and fold(text) not in _covering_more()):
        # Unknown, too wide to tell, or one thing everywhere and in doubt for what stands beside it.
        return False, True
    built = [use not in NOT_BUILT_ON and use is not LandUse.OTHER for use in classes]
    return all(built), any(use not in NOT_BUILT_ON for use in classes)


@cache
def _covering_more() -> frozenset[str]:
    """The codes and names that are in doubt for no other reason than that their class is wide."""
    rows = [(row["code"], row) for row in table("land_use")] + [(row["name"], row) for row in table("land_use_names")]
    return frozenset(fold(text) for text, row in rows if row["covers_more"] == "1")


def _spread(values: list[bool], number: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The value of each distinct text for all rows; False where nothing is written."""
    return np.array([*values, False], dtype=bool)[number]


def construction_land_in(parcels: Parcels, area: shapely.Geometry) -> ConstructionLand:
    """The construction land of the parcels inside an area.

    Ground on which several parcels lie counts once; where they contradict one another it may count or not. Ground
    without a parcel may be construction land, such as streets that were left blank.
    """
    whole = parcels.frame.geometry.to_numpy()
    lost = shapely.is_missing(whole) | shapely.is_empty(whole)
    shapes = within(whole, area)
    here = np.flatnonzero(shapely.area(shapes) > 0)
    low, high, trusted = parcels.low[here], parcels.high[here], parcels.trusted[here]
    stack = CoverStack(shapes[here], low, high, trusted, np.zeros(len(here), dtype=bool))
    low_m2, value_m2, high_m2, covered_m2 = stack.permeable_m2()
    area_m2 = float(shapely.area(area))
    blank_m2 = area_m2 - covered_m2
    blank_m2 = blank_m2 if blank_m2 > DUST_SHARE * area_m2 else 0.0
    unclear = here[(low != high) | (~trusted & (high > 0))]
    missing = np.flatnonzero(lost & (parcels.high > 0))
    known = not len(unclear) and not len(missing)
    disputed_m2 = max(value_m2 - low_m2, 0.0) if known else 0.0
    if disputed_m2 <= DUST_SHARE * area_m2:
        disputed_m2 = 0.0
        low_m2 = value_m2 if known else low_m2
    return ConstructionLand(
        shapes=shapes,
        low_m2=low_m2,
        high_m2=area_m2 if len(missing) else min(high_m2 + blank_m2, area_m2),
        value_m2=value_m2 if known else None,
        without_parcel_m2=blank_m2,
        disputed_m2=disputed_m2,
        open=np.concatenate([unclear, missing]),
    )
