"""Places small enough to work out by hand.

``place(...)`` makes a submission whose layers are given as shapes and columns; everything that intake would have
settled (canonical fields, soundness, one CRS in metres) is settled here by default.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
import shapely
from rasterio.transform import from_origin

from urbanform.model.roles import ROLES, FieldKind, Geometry
from urbanform.model.rules import Kind, Place
from urbanform.model.submission import Raster, Submission, TableLayer

CRS = pyproj.CRS.from_epsg(4547)
X, Y = 500_000.0, 3_950_000.0
"""The lower left corner of every place."""


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle in metres from the corner of the place."""
    return shapely.box(X + west, Y + south, X + east, Y + north)


def line(*points: tuple[float, float]) -> shapely.LineString:
    """A line in metres from the corner of the place."""
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def point(x: float, y: float) -> shapely.Point:
    """A point in metres from the corner of the place."""
    return shapely.Point(X + x, Y + y)


def layer(
    role: str,
    shapes: Sequence[shapely.Geometry | None],
    sound: Sequence[bool] | None = None,
    certain: Sequence[bool] | None = None,
    **columns: Sequence[Any],
) -> TableLayer:
    """A layer of a role; ``storeys`` may hold numbers, None, or (low, high)."""
    fields = ROLES[role].fields
    table: dict[str, Any] = {"sound": sound or [True] * len(shapes), "certain": certain or [True] * len(shapes)}
    for name, values in columns.items():
        kind = fields[name].kind
        if kind is FieldKind.STOREYS:
            pairs = [(np.nan, np.nan) if v is None else v if isinstance(v, tuple) else (v, v) for v in values]
            low, high = (np.array([pair[end] for pair in pairs], dtype=float) for end in (0, 1))
            table |= {"storeys": np.where(low == high, low, np.nan), "storeys_low": low, "storeys_high": high}
        elif kind is FieldKind.FLAG:
            table[name] = pd.array(list(values), dtype="boolean")
        elif kind in (FieldKind.TEXT, FieldKind.CATEGORY, FieldKind.LAND_USE):
            table[name] = pd.array(list(values), dtype="str")
        else:
            table[name] = np.array([np.nan if v is None else v for v in values], dtype=float)
    table.setdefault("id", pd.array([str(n) for n in range(1, len(shapes) + 1)], dtype="str"))
    table.setdefault("name", pd.array([None] * len(shapes), dtype="str"))
    kinds = [kind for kind in ROLES[role].geometry if kind is not Geometry.RASTER]
    seen = {"Point": Geometry.POINT, "LineString": Geometry.LINE}
    first = next((shape for shape in shapes if shape is not None), None)
    geometry = kinds[0] if len(kinds) == 1 else seen.get(first.geom_type if first else "", Geometry.POLYGON)
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(list(shapes), crs=CRS))
    return TableLayer(ROLES[role], geometry, frozenset(columns) | {"id", "name"}, frame)


def place(
    *layers: TableLayer,
    rasters: Mapping[str, Raster] | None = None,
    kinds: Sequence[Kind] = (),
    where: Place | None = None,
    none: Sequence[str] = (),
    **more: Any,
) -> Submission:
    """A submission of some layers."""
    return Submission(
        "测试地", CRS, kinds=tuple(kinds), place=where or Place(), layers={item.role.name: item for item in layers},
        rasters=rasters or {}, none=frozenset(none), **more,
    )  # fmt: skip


def raster(
    path: Path, values: np.ndarray, cell_m: float, corner: tuple[float, float], nodata: float | None = None
) -> Raster:
    """A population raster whose lower left corner lies ``corner`` from that of the place; row 0 is the north."""
    height, width = values.shape
    west, south = X + corner[0], Y + corner[1]
    transform = from_origin(west, south + height * cell_m, cell_m, cell_m)
    profile = {"driver": "GTiff", "count": 1, "dtype": str(values.dtype), "crs": CRS.to_wkt(), "nodata": nodata}
    with rasterio.open(path, "w", width=width, height=height, transform=transform, **profile) as sink:
        sink.write(values, 1)
    bounds = (west, south, west + width * cell_m, south + height * cell_m)
    return Raster(ROLES["population"], path, CRS, bounds, (height, width))
