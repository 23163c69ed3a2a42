"""Figures that the ground itself shows to mean something else."""

import geopandas as gpd
import numpy as np
import shapely

from urbanform.intake.layers import Prepared
from urbanform.model.provenance import Action
from urbanform.model.roles import Geometry
from urbanform.wording import words

FEWEST_PERSONS_PER_KM2 = 100.0
"""A layer of population thinner than this may be in 10,000 persons, where it does not say in what it counts."""

FOOTPRINT_SLACK = 0.05
FEWEST_STOREYS = 3
"""From this height floor area and footprint cannot be mistaken for one another."""


def settle_sizes(frame: gpd.GeoDataFrame, item: Prepared) -> gpd.GeoDataFrame:
    """A layer in the working CRS without the figures that its own ground contradicts; each is listed as a defect."""
    if "population" in item.sizes_unsure:
        frame = _population(frame, item)
    if item.role.name == "buildings" and "floor_area" in item.fields:
        frame = _floor_area(frame, item)
    return frame


def _population(frame: gpd.GeoDataFrame, item: Prepared) -> gpd.GeoDataFrame:
    value = frame["population"].to_numpy(dtype=float)
    known = ~np.isnan(value) & frame["sound"].to_numpy(dtype=bool)
    if not known.any():
        return frame
    shapes = frame.geometry.to_numpy()[known]
    if item.geometry is Geometry.POINT:
        area_m2 = float(shapely.area(shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(shapes)))))
    else:
        area_m2 = float(shapely.area(shapes).sum())
    if not area_m2 > 0:
        return frame
    density = value[known].sum() / (area_m2 / 1e6)
    if density >= FEWEST_PERSONS_PER_KM2:
        return frame
    item.ledger.layer(
        "population-unit",
        Action.UNKNOWN,
        words("population-unit", path=item.source.path, role=item.role.name, density=float(density)),
        int(known.sum()),
    )
    return frame.assign(population=np.nan)


def _floor_area(frame: gpd.GeoDataFrame, item: Prepared) -> gpd.GeoDataFrame:
    stated = frame["floor_area"].to_numpy(dtype=float)
    storeys = frame["storeys_low"].to_numpy(dtype=float) if "storeys_low" in frame else np.full(len(frame), np.nan)
    footprint = shapely.area(frame.geometry.to_numpy())
    tall = (storeys >= FEWEST_STOREYS) & ~np.isnan(stated) & frame["sound"].to_numpy(dtype=bool)
    if not tall.any():
        return frame
    alike = np.abs(stated[tall] - footprint[tall]) <= FOOTPRINT_SLACK * footprint[tall]
    if alike.sum() * 2 <= tall.sum():
        return frame
    item.ledger.layer(
        "floor-area-is-footprint",
        Action.UNKNOWN,
        words(
            "floor-area-is-footprint",
            path=item.source.path,
            field=item.columns.get("floor_area", "floor_area"),
            count=int(alike.sum()),
            total=int(tall.sum()),
        ),
        int(alike.sum()),
    )
    return frame.assign(floor_area=np.nan)
