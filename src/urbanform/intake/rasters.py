"""Rasters at the door: opened, examined, never resampled."""

from pathlib import Path

import numpy as np
import pyproj
import rasterio
import rasterio.windows
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError

from urbanform.intake.raw_layer import without_warnings
from urbanform.intake.sources import Format, Source, read_crs_text, short_reason
from urbanform.model.roles import Geometry
from urbanform.wording import Words, words

LARGEST_CELLS = 40_000_000_000
LARGEST_BLOCK_BYTES = 512 * 1024**2


_BESIDE = (".tfw", ".tifw", ".tiffw", ".wld", ".tab", ".aux", ".msk", ".ovr", ".prj", ".rpb", ".imd", ".xml")
"""What GDAL reads along with a GeoTIFF: where it lies, what scales it, which cells count."""


def sidecars(path: Path) -> list[Path]:
    """The files beside a GeoTIFF that are read with it, by name."""
    starts = (f"{path.name.lower()}.", f"{path.stem.lower()}.")
    return sorted(
        item
        for item in path.parent.iterdir()
        if item != path and item.name.lower().startswith(starts) and item.suffix.lower() in _BESIDE
    )


class RasterRefused(Exception):
    """A raster that cannot be trusted."""

    def __init__(self, kind: str, fault: Words) -> None:
        super().__init__(fault.zh)
        self.kind, self.fault = kind, fault


def examine_raster(
    file: Path,
    told: str,
    crs: pyproj.CRS | None = None,
    fallback: pyproj.CRS | None = None,
    nodata_is_zero: bool = False,
) -> tuple[pyproj.CRS, tuple[float, float, float, float], tuple[int, int]]:
    """The CRS, bounds and shape of a raster's one band.

    Parameters
    ----------
    file, told
        What is opened, and how it is named to the user.
    crs, fallback
        Given by the manifest for this raster, and for layers that carry none.
    nodata_is_zero
        Whether cells without data are known to hold nothing.

    Raises
    ------
    RasterRefused
        Unreadable, truncated, rotated, sheared or mirrored, complex, of several bands, of another body than the
        earth, without CRS, or with blocks that were never written and do not count as without data.
    """
    try:
        with without_warnings(), rasterio.open(file, driver="GTiff") as dataset:
            if dataset.count != 1:
                raise RasterRefused("several-bands", words("raster-bands", file=told, count=dataset.count))
            if np.issubdtype(np.dtype(dataset.dtypes[0].replace("complex_int16", "complex64")), np.complexfloating):
                raise RasterRefused("complex-raster", words("raster-complex", file=told))
            transform = dataset.transform
            # What sums over cells takes rows from the north and columns from the west.
            turned = transform.b != 0 or transform.d != 0 or transform.a <= 0 or transform.e >= 0
            if turned or dataset.gcps[0]:
                raise RasterRefused("rotated-raster", words("raster-rotated", file=told))
            rows, columns = dataset.block_shapes[0]
            block_bytes = rows * columns * np.dtype(dataset.dtypes[0]).itemsize
            # A block is decoded whole, however little of it is asked for.
            if dataset.width * dataset.height > LARGEST_CELLS or block_bytes > LARGEST_BLOCK_BYTES:
                raise RasterRefused("raster-too-large", words("raster-too-large", file=told))
            found = crs or _crs_of(dataset.crs) or fallback
            if found is None:
                raise RasterRefused("no-crs", words("raster-no-crs", file=told))
            if not _of_the_earth(found):
                raise RasterRefused("other-body", words("raster-other-body", file=told))
            _read_ends(dataset)
            if not nodata_is_zero and _lacks_blocks(dataset):
                raise RasterRefused("raster-unwritten", words("raster-unwritten", file=told))
            west, south, east, north = dataset.bounds
            return found, (west, south, east, north), (dataset.height, dataset.width)
    except RasterioError as error:
        raise RasterRefused("unreadable", words("layer-unreadable", file=told, why=short_reason(error))) from error


def unit_of(file: Path) -> str:
    """The unit that the one band of a raster is given in; empty where it says none."""
    with without_warnings(), rasterio.open(file, driver="GTiff") as dataset:
        return dataset.units[0] or ""


def describe_raster(path: Path, origin: Path, told: str) -> Source:
    """A raster before it is asked for: its CRS and bounds.

    Raises
    ------
    RasterioError
        It cannot be opened.
    """
    with without_warnings(), rasterio.open(path, driver="GTiff") as dataset:
        west, south, east, north = dataset.bounds
        return Source(
            told,
            origin,
            path,
            Format.GEOTIFF,
            geometry=Geometry.RASTER,
            crs=_crs_of(dataset.crs),
            bounds=(west, south, east, north),
        )


def _crs_of(written: rasterio.crs.CRS | None) -> pyproj.CRS | None:
    if not written:
        return None
    try:
        return read_crs_text(written.to_wkt())
    except RasterioError:
        return None


def _of_the_earth(crs: pyproj.CRS) -> bool:
    """Whether the ellipsoid is of the size of the earth's: other bodies' systems are no place of a bureau's."""
    ellipsoid = crs.ellipsoid
    return ellipsoid is None or 6_300_000 < ellipsoid.semi_major_metre < 6_450_000


def _read_ends(dataset: rasterio.DatasetReader) -> None:
    """Read the first and the last block: a file cut short fails here, not in the middle of a measurement."""
    rows, columns = dataset.block_shapes[0]
    for row, column in ((0, 0), ((dataset.height - 1) // rows * rows, (dataset.width - 1) // columns * columns)):
        height, width = min(rows, dataset.height - row), min(columns, dataset.width - column)
        dataset.read(1, window=rasterio.windows.Window(column, row, width, height))


def _lacks_blocks(dataset: rasterio.DatasetReader) -> bool:
    """Whether some blocks were never written and are read as zeros: no value of no data and no mask says otherwise."""
    if MaskFlags.all_valid not in dataset.mask_flag_enums[0]:
        return False
    rows, columns = dataset.block_shapes[0]
    down, across = -(-dataset.height // rows), -(-dataset.width // columns)
    return any(
        dataset.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=1) is None
        for row in range(down)
        for column in range(across)
    )
