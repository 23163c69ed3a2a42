"""How much of an area is of which cover: from a raster by exact fractions of its cells, from polygons each place once.

Tiles of the raster that lie wholly inside are counted cell by cell as they are read, one row of tiles at a time; those
on the edge are given to exactextract, for which a cell counts by the share of it that the area covers. Nothing is
resampled, so that the size of the raster does not matter, only that of the area.

References
----------
Baston, D. (2018), exactextract: the fraction of each cell that a polygon covers is computed exactly from its geometry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import rasterio.windows
import shapely
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource
from numpy.typing import NDArray

from urbanform.measure import overlay
from urbanform.measure.contiguous import areal

DUST = 1e-4
"""Less of a cell than this is rounding: exactextract holds the fraction of each cell in single precision."""
SLIVER_M2 = 1e-6
"""Neighbours share a line, or a sliver smaller than any survey resolves."""


@dataclass(frozen=True, eq=False)
class CoverTally:
    """What lies on an area, tile by tile of the raster's own grid.

    Attributes
    ----------
    parts
        The part of the area in each tile, in the raster's CRS, shape (tiles,).
    part_cells
        How many cells each part is large, shape (tiles,).
    codes
        The codes found, in order, shape (codes,).
    cells
        How many cells of each code lie in each part, shape (tiles, codes). What is missing to ``part_cells`` has no
        data: it is masked, or holds the raster's nodata value or NaN.
    whole
        Whether the raster covers all of the area.
    """

    parts: NDArray[np.object_]
    part_cells: NDArray[np.float64]
    codes: NDArray[np.float64]
    cells: NDArray[np.float64]
    whole: bool

    def share_of(self, codes: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The share of each part, 0–1, that some of the codes take: shape (tiles,)."""
        some = self.cells[:, codes].sum(axis=1)
        return np.where(self.part_cells - some < DUST, 1.0, np.where(some < DUST, 0.0, some / self.part_cells))


def tally_cover(raster: Path, area: shapely.Geometry, tiles_across: int) -> CoverTally:
    """Count the cells of each code of the first band inside an area.

    Parameters
    ----------
    raster
        What GDAL opens; not rotated.
    area
        A sound polygon in the raster's CRS. What of it lies beyond the raster is in no tile; an empty area has none.
    tiles_across
        Into about how many tiles the longer side of the area's extent is cut; a tile is at least one cell.

    Raises
    ------
    ValueError
        The first row of the raster is its southernmost.
    """
    nothing = np.empty(0, dtype=object)
    with rasterio.open(raster) as dataset:
        if dataset.transform.e > 0:
            raise ValueError(f"{raster} stands on its head")
        extent = shapely.box(*dataset.bounds)
        whole = bool(shapely.is_empty(area) or shapely.covers(extent, area))
        here = area if whole else shapely.union_all(areal(np.array([shapely.intersection(area, extent)], dtype=object)))
        if shapely.is_empty(here):
            return CoverTally(nothing, np.empty(0), np.empty(0), np.empty((0, 0)), whole)
        grid = _Tiles.over(here, dataset, tiles_across)
        inside, edge, parts = grid.parts(here)
        tile, code, count = (
            np.concatenate(columns)
            for columns in zip(*_counted(dataset, grid, inside), _fractions(dataset, edge, parts), strict=True)
        )
        cell = abs(dataset.transform.a * dataset.transform.e)
    kept = np.concatenate([inside, edge])
    shapes = np.concatenate([grid.boxes[inside], parts])
    codes, column = np.unique(code, return_inverse=True)
    row = np.full(len(grid.boxes), -1)
    row[kept] = np.arange(len(kept))
    cells = np.zeros((len(kept), len(codes)))
    np.add.at(cells, (row[tile], column), count)
    return CoverTally(shapes, shapely.area(shapes) / cell, codes, cells, whole)


@dataclass(frozen=True, eq=False)
class _Tiles:
    """Squares of whole cells over a raster, row by row, and where each lies in it."""

    boxes: NDArray[np.object_]
    size: int
    column: NDArray[np.int64]
    row: NDArray[np.int64]
    shape: tuple[int, int]

    @classmethod
    def over(cls, area: shapely.Geometry, dataset: rasterio.DatasetReader, across: int) -> "_Tiles":
        """The tiles over the extent of an area that lies on the raster; cut off where the raster ends."""
        step_x, step_y, west, north = dataset.transform.a, dataset.transform.e, dataset.transform.c, dataset.transform.f
        left, bottom, right, top = shapely.bounds(area)
        first = np.floor([(top - north) / step_y, (left - west) / step_x])
        last = np.ceil([(bottom - north) / step_y, (right - west) / step_x])
        size = max(1, round(float((last - first).max()) / across))
        rows, columns = (
            np.arange(max(0, int(start) // size * size), min(int(stop), most), size)
            for start, stop, most in zip(first, last, dataset.shape, strict=True)
        )
        row, column = (ends.ravel() for ends in np.meshgrid(rows, columns, indexing="ij"))
        below, beside = np.minimum(row + size, dataset.height), np.minimum(column + size, dataset.width)
        boxes = shapely.box(
            west + column * step_x, north + below * step_y, west + beside * step_x, north + row * step_y
        )
        return cls(boxes, size, column, row, dataset.shape)

    def parts(self, area: shapely.Geometry) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.object_]]:
        """The tiles wholly inside an area, those on its edge, and the part of the area in each of these."""
        shapely.prepare(area)
        meets = shapely.intersects(area, self.boxes)
        inside = meets & shapely.covers(area, self.boxes)
        edge = np.flatnonzero(meets & ~inside)
        if not len(edge):
            return np.flatnonzero(inside), edge, np.empty(0, dtype=object)
        # A long outline is cut into rows first: what is left for each tile is short.
        boxes = self.boxes[edge]
        west, _, east, _ = shapely.total_bounds(boxes)
        _, first, row = np.unique(self.row[edge], return_index=True, return_inverse=True)
        _, south, _, north = shapely.bounds(boxes[first]).T
        strips = shapely.box(west, south, east, north)
        parts = areal(shapely.intersection(shapely.intersection(area, strips)[row], boxes))
        real = shapely.area(parts) > 0
        return np.flatnonzero(inside), edge[real], parts[real]


Counts = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]


def _counted(dataset: rasterio.DatasetReader, grid: _Tiles, inside: NDArray[np.intp]) -> Iterator[Counts]:
    """Tile, code and count of the cells of tiles that lie wholly inside, one row of tiles at a time."""
    for top in np.unique(grid.row[inside]):
        tiles = inside[grid.row[inside] == top]
        left, right = int(grid.column[tiles].min()), int(grid.column[tiles].max()) + grid.size
        height, width = min(grid.size, grid.shape[0] - int(top)), min(right, grid.shape[1]) - left
        window = rasterio.windows.Window(left, int(top), width, height)
        codes, index = _indexed(dataset.read(1, window=window, masked=True))
        codes = codes * dataset.scales[0] + dataset.offsets[0]
        place = np.arange(width) // grid.size
        slots = index + place * len(codes)
        counts = np.bincount(slots.ravel(), minlength=(place[-1] + 1) * len(codes)).reshape(-1, len(codes))
        counts = counts[(grid.column[tiles] - left) // grid.size]
        at, which = np.nonzero(counts)
        real = ~np.isnan(codes[which])
        yield tiles[at[real]], codes[which[real]], counts[at[real], which[real]].astype(np.float64)


def _indexed(values: np.ma.MaskedArray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The codes that may occur, NaN at their end for no data, and the number of that of each cell."""
    raw = values.data
    if raw.dtype == np.uint8:
        codes, index = np.arange(256), raw.astype(np.int64)
    else:
        codes, index = np.unique(raw, return_inverse=True)
        index = index.reshape(raw.shape).astype(np.int64)
    if values.mask.any():
        index[values.mask] = len(codes)
    return np.append(codes.astype(np.float64), np.nan), index


def _fractions(dataset: rasterio.DatasetReader, tiles: NDArray[np.intp], parts: NDArray[np.object_]) -> Counts:
    """Tile, code and covered cells of tiles on the edge of the area."""
    if not len(tiles):
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
    # exactextract wants the polygons to have a CRS even where the raster has none; they are on its grid already.
    features = gpd.GeoDataFrame({"tile": tiles}, geometry=parts, crs=dataset.crs or "EPSG:4326")
    source = RasterioRasterSource(dataset, band_idx=1)
    found: pd.DataFrame = exact_extract(
        source, features, ["unique", "frac", "count"], include_cols=["tile"], output="pandas"
    )
    length = found["unique"].str.len().to_numpy(dtype=int)
    if not length.sum():
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
    codes = np.concatenate(found["unique"].to_list()).astype(np.float64)
    counts = np.concatenate(found["frac"].to_list()) * np.repeat(found["count"].to_numpy(dtype=float), length)
    tile = np.repeat(found["tile"].to_numpy(dtype=np.int64), length)
    real = ~np.isnan(codes)
    return tile[real], codes[real], counts[real]


@dataclass(frozen=True, eq=False)
class CoverStack:
    """Polygons that may lie over one another, with between what the permeable share of each lies; shape (n,) each.

    Where none lies of those that ``cover``, nothing is known. Water decides alone; other polygons that lie over one
    another contradict one another where they differ. One that does not cover may reach as far as it is drawn, and no
    further.

    Attributes
    ----------
    shapes
        Polygons in metres, cut at the area that is asked for.
    low, high
        Permeable shares, 0–1.
    cover
        Whether the polygon certainly lies where it is drawn.
    water
        Whether it is water, of which both shares are 1.
    """

    shapes: NDArray[np.object_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    cover: NDArray[np.bool_]
    water: NDArray[np.bool_]

    def permeable_m2(self) -> tuple[float, float, float, float]:
        """Permeable ground at least, by the most permeable polygon, and at most; and all ground that is covered."""
        size_m2 = shapely.area(self.shapes)
        over = self._overlapping()
        alone = ~over & self.cover
        low_m2, high_m2 = float((self.low * size_m2)[alone].sum()), float((self.high * size_m2)[alone].sum())
        wet = overlay.union_all(self.shapes[over & self.cover & self.water])
        dry = overlay.difference(overlay.union_all(self.shapes[over & self.cover]), wet)
        wet_m2, dry_m2 = float(shapely.area(wet)), float(shapely.area(dry))
        land = over & ~(self.cover & self.water)
        # Water of which it is not known where it ends adds, and takes nothing away.
        least = land & ~self.water
        most_m2 = _largest_over(dry, self.shapes[land], self.high[land])
        figure_m2 = _largest_over(dry, self.shapes[land & self.cover], self.high[land & self.cover])
        least_m2 = dry_m2 - _largest_over(dry, self.shapes[least], 1 - self.low[least])
        covered_m2 = float(size_m2[alone].sum()) + wet_m2 + dry_m2
        return low_m2 + wet_m2 + least_m2, high_m2 + wet_m2 + figure_m2, high_m2 + wet_m2 + most_m2, covered_m2

    def _overlapping(self) -> NDArray[np.bool_]:
        one, other = shapely.STRtree(self.shapes).query(self.shapes, predicate="intersects")
        once = one < other
        one, other = one[once], other[once]
        shapely.prepare(self.shapes)
        meet = ~shapely.touches(self.shapes[one], self.shapes[other])
        one, other = one[meet], other[meet]
        real = shapely.area(shapely.intersection(self.shapes[one], self.shapes[other])) > SLIVER_M2
        over = np.zeros(len(self.shapes), dtype=bool)
        over[one[real]] = over[other[real]] = True
        return over


def _largest_over(ground: shapely.Geometry, shapes: NDArray[np.object_], values: NDArray[np.float64]) -> float:
    """The largest value of the shapes at each place, summed over some ground: value × m²."""
    total, levels = 0.0, np.append(np.unique(values[values > 0])[::-1], 0.0)
    for level, below in pairwise(levels):
        reach = overlay.intersection(overlay.union_all(shapes[values >= level]), ground)
        total += float((level - below) * shapely.area(reach))
    return total
