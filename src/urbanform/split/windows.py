"""Rasters cut by window on their own grid."""

import math
from pathlib import Path

import numpy as np
import rasterio
import rasterio.enums
import rasterio.windows
import shapely

from urbanform.intake.raw_layer import without_warnings

STRIP_CELLS = 4_000_000
"""Cells that are held at once while a window is copied."""


def cut_raster(source: Path, target: Path, zone: shapely.Geometry) -> int:
    """Write the cells within the extent of a zone, on the same grid and in the same type, nodata kept.

    Parameters
    ----------
    zone
        In the raster's own coordinates.

    Returns
    -------
    The number of cells; 0, and no file, where the raster does not reach the zone.

    Raises
    ------
    RasterioError, OSError
        It cannot be read or written.
    """
    with without_warnings(), rasterio.open(source, driver="GTiff") as given:
        window = _window(given, zone)
        if window is None:
            return 0
        profile = {
            "driver": "GTiff",
            "width": window.width,
            "height": window.height,
            "count": given.count,
            "dtype": given.dtypes[0],
            "crs": given.crs,
            "transform": given.window_transform(window),
            "nodata": given.nodata,
            "compress": "deflate",
            "tiled": window.width >= 256 and window.height >= 256,
            "BIGTIFF": "IF_SAFER",
        }
        with rasterio.open(target, "w", **profile) as written:
            written.update_tags(**given.tags())
            _copy_tables(given, written)
            rows = max(STRIP_CELLS // window.width, 256)
            for start in range(0, window.height, rows):
                height = min(rows, window.height - start)
                part = rasterio.windows.Window(window.col_off, window.row_off + start, window.width, height)
                into = rasterio.windows.Window(0, start, window.width, height)
                written.write(given.read(window=part), window=into)
                if given.mask_flag_enums[0] == [rasterio.enums.MaskFlags.per_dataset]:
                    written.write_mask(given.read_masks(1, window=part), window=into)
        return int(window.width * window.height)


def _copy_tables(given: rasterio.DatasetReader, written: rasterio.io.DatasetWriter) -> None:
    """Scale, offset, unit and colours, which say what a cell's number means."""
    written.scales, written.offsets, written.units = given.scales, given.offsets, given.units
    try:
        written.write_colormap(1, given.colormap(1))
    except ValueError:
        return


def _window(given: rasterio.DatasetReader, zone: shapely.Geometry) -> rasterio.windows.Window | None:
    """Whole cells that cover the extent of a zone, clipped to the raster; None where they miss it."""
    west, south, east, north = shapely.bounds(zone)
    columns, rows = ~given.transform * (np.array([west, east]), np.array([north, south]))
    left, right = max(math.floor(columns.min()), 0), min(math.ceil(columns.max()), given.width)
    top, bottom = max(math.floor(rows.min()), 0), min(math.ceil(rows.max()), given.height)
    if left >= right or top >= bottom:
        return None
    return rasterio.windows.Window(left, top, right - left, bottom - top)
