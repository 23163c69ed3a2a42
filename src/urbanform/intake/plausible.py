"""Figures that the ground itself shows to mean something else."""

import numpy as np
import pandas as pd
import shapely

from urbanform.intake.layers import Prepared
from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.provenance import Action
from urbanform.model.roles import Geometry
from urbanform.wording import own_words, words

WORDS: dict[str, tuple[str, str]] = {
    "height-over-storeys": (
        "{path}：3 层及以上的 {total} 栋建筑中，有 {count} 栋的 {field} 比层数所需高出 {gap} 米以上，像是屋顶海拔；"
        "该字段不采用，改按层数估算。请改填建筑高度（米，室外地面至屋面）",
        "{path}: for {count} of {total} buildings of 3 storeys and more the field {field} is over {gap} m above what "
        "their storeys take, as elevations of roofs above sea level are; it is not used and heights are estimated from "
        "storeys; give heights above ground, in metres",
    ),
    "heights-all-high": (
        "{path}：字段 {field} 有 {count} 个值，最小为 {least} 米，又没有层数可以对照，可能是屋顶海拔；请核对或补充层数",
        "{path}: the lowest of {count} values of the field {field} is {least} m, and there are no storeys to compare; "
        "they may be elevations of roofs above sea level; check them, or add the storeys",
    ),
}

FEWEST_PERSONS_PER_KM2 = 100.0
"""A layer of population thinner than this may be in 10,000 persons, where it does not say in what it counts."""

FOOTPRINT_SLACK = 0.05
FEWEST_STOREYS = 3
"""From this height floor area and footprint cannot be mistaken for one another."""

HIGHEST_STOREY_M = 4.5
ELEVATION_M = 20.0
"""Heights this far above what storeys of 4.5 m take are, if most of a layer's are, elevations above sea level."""
FEWEST_HEIGHTS = 10
"""Of fewer heights nothing is concluded: a few buildings may be out of proportion by themselves."""
LOWEST_OF_MANY_M = 40.0
"""Where a layer has many heights, one of them is lower than this."""


def settle_sizes(item: Prepared, placed: GeometryColumn) -> pd.DataFrame:
    """A layer's table without the figures that its own ground contradicts; each is listed as a defect.

    Parameters
    ----------
    placed
        Its shapes in the working CRS.
    """
    frame = item.table
    if "population" in item.sizes_unsure:
        frame = _population(frame, placed, item)
    if item.role.name == "buildings" and "floor_area" in item.fields:
        frame = _floor_area(frame, placed, item)
    if item.role.name == "buildings" and "height" in item.fields:
        frame = _height(frame, item)
    return frame


def _population(frame: pd.DataFrame, placed: GeometryColumn, item: Prepared) -> pd.DataFrame:
    value = frame["population"].to_numpy(dtype=float)
    known = ~np.isnan(value) & frame["sound"].to_numpy(dtype=bool)
    if not known.any():
        return frame
    shapes = placed.take(np.flatnonzero(known))
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


def _floor_area(frame: pd.DataFrame, placed: GeometryColumn, item: Prepared) -> pd.DataFrame:
    stated = frame["floor_area"].to_numpy(dtype=float)
    storeys = frame["storeys_low"].to_numpy(dtype=float) if "storeys_low" in frame else np.full(len(frame), np.nan)
    tall = (storeys >= FEWEST_STOREYS) & ~np.isnan(stated) & frame["sound"].to_numpy(dtype=bool)
    if not tall.any():
        return frame
    footprint = placed.each(shapely.area)
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


def _height(frame: pd.DataFrame, item: Prepared) -> pd.DataFrame:
    height_m = frame["height"].to_numpy(dtype=float)
    known = ~np.isnan(height_m)
    storeys = frame["storeys_high"].to_numpy(dtype=float) if "storeys_high" in frame else np.full(len(frame), np.nan)
    tall = known & (storeys >= FEWEST_STOREYS)
    off = int((height_m[tall] - HIGHEST_STOREY_M * storeys[tall] > ELEVATION_M).sum())
    path, field = item.source.path, item.columns.get("height", "height")
    if off >= FEWEST_HEIGHTS and off * 2 > tall.sum():
        total = int(tall.sum())
        told = own_words(WORDS, "height-over-storeys", path=path, field=field, count=off, total=total, gap=ELEVATION_M)
        item.ledger.layer("height-over-storeys", Action.UNKNOWN, told, int(known.sum()))
        return frame.assign(height=np.nan)
    count = int(known.sum())
    if count >= FEWEST_HEIGHTS and not tall.any() and height_m[known].min() > LOWEST_OF_MANY_M:
        least = float(height_m[known].min())
        told = own_words(WORDS, "heights-all-high", path=path, field=field, count=count, least=least)
        item.ledger.layer("heights-all-high", Action.NOTED, told, count)
    return frame
