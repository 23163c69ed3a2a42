"""Rasters of the made city, written a strip of rows at a time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

from benchmarks.city_ground import CRS, SOUTH_M, Ground

PERSONS_CELL_M, COVER_CELL_M = 30.0, 10.0
STRIP_ROWS = 512

PERMEABLE, IMPERMEABLE = (3, 4, 5, 6, 7, 8), (1, 2)
"""Codes of land cover: roofs and pavement let no rain through; lawns, trees, crops, water, bare ground, wetland do."""

Strip = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def write_population(ground: Ground, path: Path) -> None:
    """Persons per cell of 30 m, some 2,000² cells at scale 1."""
    rng = ground.random("population")

    def persons(density: NDArray[np.float64]) -> NDArray[np.float64]:
        return density * 8 * rng.gamma(0.8, 1.25, density.shape)

    _write(ground, path, PERSONS_CELL_M, "float32", -9999, persons)


def write_land_cover(ground: Ground, path: Path) -> None:
    """A class per cell of 10 m, some 6,000² cells at scale 1, in patches of 8 × 8 cells."""
    rng = ground.random("land cover")

    def classes(density: NDArray[np.float64]) -> NDArray[np.float64]:
        rows, columns = density.shape
        patch = np.kron(rng.random((rows // 8 + 1, columns // 8 + 1)), np.ones((8, 8)))[:rows, :columns]
        built = np.clip(1.4 * density, 0, 0.9)
        kind = 4 + (patch * 997 % 5).astype(int)
        return np.where(patch < 0.4 * built, 1, np.where(patch < 0.75 * built, 2, np.where(patch < built, 3, kind)))

    _write(ground, path, COVER_CELL_M, "uint8", 0, classes)


def _write(ground: Ground, path: Path, cell_m: float, dtype: str, nodata: float, strip: Strip) -> None:
    across = round(ground.side_m / cell_m)
    north_m = SOUTH_M + ground.side_m
    east_m = ground.west_m + (np.arange(across, dtype=np.float64) + 0.5) * cell_m
    profile = {
        "driver": "GTiff", "count": 1, "crs": CRS, "width": across, "height": across, "dtype": dtype, "nodata": nodata,
        "transform": from_origin(ground.west_m, north_m, cell_m, cell_m),
        "tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as grid:
        for top in range(0, across, STRIP_ROWS):
            rows = np.arange(top, min(top + STRIP_ROWS, across), dtype=np.float64)
            density = ground.density(east_m[None, :], (north_m - (rows + 0.5) * cell_m)[:, None])
            grid.write(strip(density).astype(dtype), 1, window=((top, top + len(rows)), (0, across)))
