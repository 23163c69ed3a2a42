"""Drawing and writing that the sample places share.

Shapes are drawn in a local grid in metres from a place's own origin and moved to its CRS when they are written, as
bureaus hand them in: Shapefiles in GBK, most of which do not say so (no ``.cpg``, language byte 0); or a GeoPackage.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from rasterio.transform import from_origin
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

CRS = "EPSG:4547"
ENCODING = "GBK"
FIXED_DATE = "2026-01-01"
DBF_LANGUAGE_BYTE = 29


def rectangle(x0_m: float, y0_m: float, x1_m: float, y1_m: float) -> Polygon:
    """The upright rectangle between two corners."""
    return Polygon([(x0_m, y0_m), (x1_m, y0_m), (x1_m, y1_m), (x0_m, y1_m)])


def regular_polygon(x_m: float, y_m: float, radius_m: float, corners: int) -> Polygon:
    """The polygon whose equally spaced corners lie on a circle, the first one due east."""
    angles = 2 * np.pi * np.arange(corners) / corners
    return Polygon(np.column_stack([x_m + radius_m * np.cos(angles), y_m + radius_m * np.sin(angles)]))


@dataclass(slots=True)
class Drawing:
    """The layers of one place, as they are drawn.

    Parameters
    ----------
    origin_m
        Easting and northing of the local grid's zero.
    crs
        The system in which they are given.
    """

    origin_m: tuple[float, float]
    crs: str = CRS
    layers: dict[str, list[tuple[BaseGeometry, dict[str, object]]]] = field(default_factory=dict)

    def add(self, layer: str, shape: BaseGeometry, **attributes: object) -> None:
        """Add a feature to a layer under the next free number (``BSM``)."""
        features = self.layers.setdefault(layer, [])
        features.append((shape, {"BSM": f"{len(features) + 1:05d}", **attributes}))

    def shapes(self, layer: str) -> list[BaseGeometry]:
        """The shapes of a layer, in the order in which they were drawn."""
        return [shape for shape, _ in self.layers[layer]]

    def write(self, folder: Path, declared: Collection[str] = ()) -> None:
        """Write every layer into a folder as a Shapefile of its own; the declared ones say their encoding."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self._frames():
            _write_shapefile(frame, folder / f"{name}.shp", declared=name in declared)

    def write_geopackage(self, path: Path) -> None:
        """Write every layer into one GeoPackage, over what stands there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{FIXED_DATE}T00:00:00.000Z"})
        try:
            for name, frame in self._frames():
                frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})

    def _frames(self) -> Iterable[tuple[str, gpd.GeoDataFrame]]:
        for name, features in self.layers.items():
            shapes = shapely.transform(np.array([shape for shape, _ in features]), lambda xy: xy + self.origin_m)
            yield name, gpd.GeoDataFrame(_table([row for _, row in features]), geometry=shapes, crs=self.crs)

    def write_raster(self, path: Path, cells: np.ndarray, left_m: float, top_m: float, cell_m: float) -> None:
        """Write a grid, first row north, as GeoTIFF; NaN becomes nodata."""
        east_m, north_m = self.origin_m
        nodata = -9999.0
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=cells.shape[1],
            height=cells.shape[0],
            count=1,
            dtype="float32",
            crs=self.crs,
            transform=from_origin(east_m + left_m, north_m + top_m, cell_m, cell_m),
            nodata=nodata,
            compress="deflate",
        ) as raster:
            raster.write(np.where(np.isnan(cells), nodata, cells).astype("float32"), 1)


def _table(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """The attribute table, whole numbers kept whole where some are blank."""
    frame = pd.DataFrame(list(rows), dtype=object)
    for column in frame:
        known = [value for value in frame[column] if value is not None]
        if known and all(isinstance(value, int) for value in known):
            frame[column] = frame[column].astype("Int64")
        elif known and all(isinstance(value, int | float) for value in known):
            frame[column] = frame[column].astype("float64")
    return frame


def _write_shapefile(frame: gpd.GeoDataFrame, path: Path, *, declared: bool) -> None:
    frame.to_file(
        path,
        driver="ESRI Shapefile",
        engine="pyogrio",
        encoding=ENCODING,
        layer_options={"RESIZE": "YES", "DBF_DATE_LAST_UPDATE": FIXED_DATE},
    )
    # The driver notes the code page in two places; the tables that bureaus send mostly note it in neither.
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if declared:
        path.with_suffix(".cpg").write_text(ENCODING, encoding="ascii")
    with path.with_suffix(".dbf").open("r+b") as table:
        table.seek(DBF_LANGUAGE_BYTE)
        table.write(b"\x00")
