"""Sums of a raster over polygons, with cells cut at the polygon's edge counted by the share inside.

Reference: Baston, D. (2018), exactextract: the fraction of each cell that a polygon covers is computed exactly from
its geometry; nothing is sampled at cell centres.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource

LONGEST_STEP_M = 500.0
"""Edges are cut to this length before they are taken to a raster of another CRS, where a straight line bends."""

LARGEST_PLAUSIBLE = 1e8
"""No cell holds more persons than this; larger values are missing-value marks that the file does not declare."""


@dataclass(frozen=True, slots=True)
class ZonalSums:
    """Per polygon, in the order given.

    Attributes
    ----------
    total
        Sum of value × covered share over the cells that hold data.
    without_data
        Share of the polygon, 0–1, that lies on cells without data inside the raster's extent.
    beyond
        Share of the polygon, 0–1, that lies outside the raster's extent.
    implausible
        Whether a cell under the polygon holds a value that no population can have.
    """

    total: np.ndarray
    without_data: np.ndarray
    beyond: np.ndarray
    implausible: np.ndarray


def fullest_cells(raster: Path, polygons: gpd.GeoSeries, least_share: float) -> np.ndarray:
    """The largest value of a raster's cells of which a share at least lies in a polygon; 0 where there is none.

    Parameters
    ----------
    raster
        What GDAL opens: one of large cells, all of which are read.
    polygons
        In the raster's CRS; what has no area has no cells.
    least_share
        Of a cell, 0–1.
    """
    largest = np.zeros(len(polygons))
    with rasterio.open(raster) as dataset:
        shapes = polygons.to_numpy()
        rows = np.flatnonzero(shapely.area(shapely.intersection(shapes, shapely.box(*dataset.bounds))) > 0)
        if rows.size:
            features = gpd.GeoDataFrame(geometry=shapes[rows], crs=dataset.crs or polygons.crs)
            source = RasterioRasterSource(dataset, band_idx=1)
            found = exact_extract(source, features, ["values", "coverage"], output="pandas")
            for row, values, coverage in zip(rows, found["values"], found["coverage"], strict=True):
                inside = np.nan_to_num(np.asarray(values, dtype=float)[np.asarray(coverage) >= least_share])
                largest[row] = inside.max(initial=0.0)
    return largest


def to_raster_crs(polygons: gpd.GeoSeries, crs: pyproj.CRS) -> gpd.GeoSeries:
    """The polygons in a raster's CRS, their edges cut short first so that they keep their course."""
    if polygons.crs is None or polygons.crs.equals(crs, ignore_axis_order=True):
        return polygons
    cut = gpd.GeoSeries(shapely.segmentize(polygons.to_numpy(), LONGEST_STEP_M), polygons.index, crs=polygons.crs)
    return cut.to_crs(crs)


def zonal_sums(raster: Path, polygons: gpd.GeoSeries) -> ZonalSums:
    """Sum the first band of ``raster`` over each polygon.

    Parameters
    ----------
    raster
        What GDAL opens; NaN counts as no data beside the declared value.
    polygons
        Sound polygons in the raster's CRS; an empty series gives empty arrays.
    """
    count = len(polygons)
    total, without, beyond = np.zeros(count), np.zeros(count), np.ones(count)
    implausible = np.zeros(count, dtype=bool)
    if not count:
        return ZonalSums(total, without, beyond, implausible)
    with rasterio.open(raster) as dataset:
        extent = shapely.box(*dataset.bounds)
        cell = abs(dataset.transform.a * dataset.transform.e)
        shapes = polygons.to_numpy()
        size = shapely.area(shapes)
        on_grid = shapely.area(shapely.intersection(shapes, extent))
        rows = np.flatnonzero(on_grid > 0)
        if rows.size:
            # The polygons are on the raster's grid, whatever it says of itself: a manifest may know better.
            features = gpd.GeoDataFrame({"row": rows}, geometry=shapes[rows], crs=dataset.crs or polygons.crs)
            source = RasterioRasterSource(dataset, band_idx=1)
            found = exact_extract(
                source, features, ["sum", "count", "min", "max"], include_cols=["row"], output="pandas"
            )
            row = found["row"].to_numpy(dtype=int)
            total[row] = np.nan_to_num(found["sum"].to_numpy(dtype=float))
            covered = found["count"].to_numpy(dtype=float) * cell
            without[row] = np.clip(1 - covered / on_grid[row], 0, 1) * on_grid[row] / size[row]
            low = np.nan_to_num(found["min"].to_numpy(dtype=float))
            high = np.nan_to_num(found["max"].to_numpy(dtype=float), posinf=np.inf)
            implausible[row] = (low < 0) | (high > LARGEST_PLAUSIBLE)
    held = size > 0
    beyond[held] = np.clip(1 - on_grid[held] / size[held], 0, 1)
    # Below a millionth of the polygon these shares are rounding, not land.
    without[without < 1e-6] = 0
    beyond[beyond < 1e-9] = 0
    return ZonalSums(total, without, beyond, implausible)
