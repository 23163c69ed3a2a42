"""Persons inside polygons, from whichever population layer the submission has."""

from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import shapely

from urbanform.measure.zonal import to_raster_crs, zonal_sums
from urbanform.model.roles import Geometry
from urbanform.model.submission import Layer, Raster
from urbanform.site import Site


class PersonsFrom(StrEnum):
    """The kind of data that persons were counted from."""

    RASTER = "raster"
    POLYGONS = "polygons"
    POINTS = "points"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Persons:
    """Persons per polygon, shape (n,) each.

    Attributes
    ----------
    low, high
        Between what the number must lie; equal where it is known, ``high`` infinite where it is open above.
    without_data
        Share of the polygon, 0–1, inside the data's extent that holds no data and was counted as empty.
    beyond
        Share of the polygon outside the data's extent, of which nothing is known.
    source
        What they were counted from.
    empty_is_known
        Whether the submission says that ground without data holds nobody.
    """

    low: np.ndarray
    high: np.ndarray
    without_data: np.ndarray
    beyond: np.ndarray
    source: PersonsFrom
    empty_is_known: bool = False


def persons_in(site: Site, role: str) -> Persons:
    """Persons in each polygon of ``role``: from the population layer where there is one, else from their own field.

    A raster is summed with fractional cells; population polygons are shared out by area; a point counts inside the
    first polygon that holds it, once. Unsound polygons of ``role`` get 0 to infinity.
    """

    def count() -> Persons:
        frame = site.needed(role).frame(("population",))
        raster, layer = site.raster("population"), site.layer("population")
        sound = frame["sound"].to_numpy(dtype=bool)
        if raster is not None:
            found = _from_raster(frame.geometry[sound], raster)
        elif layer is not None:
            polygons = frame.geometry.to_numpy()[sound]
            found = (
                _from_points(polygons, layer) if layer.geometry is Geometry.POINT else _from_polygons(polygons, layer)
            )
        else:
            own = frame["population"].to_numpy(dtype=float)[sound]
            none = np.zeros(len(own))
            found = Persons(np.nan_to_num(own), np.where(np.isnan(own), np.inf, own), none, none, PersonsFrom.FIELD)
        return Persons(
            _spread(found.low, sound, 0.0),
            _spread(found.high, sound, np.inf),
            _spread(found.without_data, sound, 0.0),
            _spread(found.beyond, sound, 0.0),
            found.source,
            found.empty_is_known,
        )

    return site.once(("persons", role), count)


def _spread(values: np.ndarray, sound: np.ndarray, otherwise: float) -> np.ndarray:
    spread = np.full(len(sound), otherwise)
    spread[sound] = values
    return spread


def _from_raster(polygons: gpd.GeoSeries, raster: Raster) -> Persons:
    sums = zonal_sums(raster.path, to_raster_crs(polygons, raster.crs))
    open_above = (sums.beyond > 0) | sums.implausible
    total = sums.total * raster.persons_each
    low = np.where(sums.implausible, 0.0, total)
    high = np.where(open_above, np.inf, total)
    without = np.zeros(len(low)) if raster.nodata_is_zero else sums.without_data
    return Persons(low, high, without, sums.beyond, PersonsFrom.RASTER, raster.nodata_is_zero)


def _from_polygons(polygons: np.ndarray, layer: Layer) -> Persons:
    low, high, held = np.zeros(len(polygons)), np.zeros(len(polygons)), np.zeros(len(polygons))
    size = shapely.area(polygons)
    for batch in layer.batches(("population",)):
        shapes = batch.geometry.to_numpy()
        value = batch["population"].to_numpy(dtype=float)
        doubtful = ~batch["sound"].to_numpy(dtype=bool)
        high[:] += np.where(np.isnan(value), np.inf, value)[shapely.is_missing(shapes)].sum()
        target, source = shapely.STRtree(shapes).query(polygons, predicate="intersects")
        common = shapely.area(shapely.intersection(shapes[source], polygons[target]))
        real = common > 0
        source, target, common = source[real], target[real], common[real]
        # Where the shape is only an envelope its persons may lie wholly inside or wholly outside.
        share_low = np.where(doubtful[source], 0.0, common / shapely.area(shapes)[source])
        share_high = np.where(doubtful[source], 1.0, share_low)
        known = ~np.isnan(value[source])
        np.add.at(low, target[known], share_low[known] * value[source[known]])
        np.add.at(high, target[known], share_high[known] * value[source[known]])
        high[target[~known]] = np.inf
        np.add.at(held, target, np.where(doubtful[source], 0.0, common))
    without = np.clip(1 - held / np.where(size > 0, size, 1), 0, 1)
    without[without < 1e-6] = 0
    return Persons(low, high, without, np.zeros(len(polygons)), PersonsFrom.POLYGONS)


def _from_points(polygons: np.ndarray, layer: Layer) -> Persons:
    low, high = np.zeros(len(polygons)), np.zeros(len(polygons))
    bounds = shapely.bounds(polygons)
    rank = np.lexsort((bounds[:, 3], bounds[:, 2], bounds[:, 1], bounds[:, 0])).argsort()
    for batch in layer.batches(("population",)):
        shapes = batch.geometry.to_numpy()
        value = batch["population"].to_numpy(dtype=float)
        high[:] += np.where(np.isnan(value), np.inf, value)[shapely.is_missing(shapes)].sum()
        target, point = shapely.STRtree(shapes).query(polygons, predicate="intersects")
        # A point on a shared border belongs to one of its polygons: the first from the south-west, whatever the order.
        order = np.lexsort((rank[target], point))
        point, target = point[order], target[order]
        first = np.r_[True, point[1:] != point[:-1]] if len(point) else np.zeros(0, dtype=bool)
        point, target = point[first], target[first]
        known = ~np.isnan(value[point])
        np.add.at(low, target[known], value[point[known]])
        np.add.at(high, target[known], value[point[known]])
        high[target[~known]] = np.inf
    none = np.zeros(len(polygons))
    return Persons(low, high, none, none, PersonsFrom.POINTS)
