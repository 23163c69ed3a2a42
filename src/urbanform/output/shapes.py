"""Evidence sorted by what it is made of: areas, lines, points; ready for a file or a map."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from urbanform.model.roles import Geometry

_OF_TYPE = {
    shapely.GeometryType.POINT: Geometry.POINT,
    shapely.GeometryType.MULTIPOINT: Geometry.POINT,
    shapely.GeometryType.LINESTRING: Geometry.LINE,
    shapely.GeometryType.LINEARRING: Geometry.LINE,
    shapely.GeometryType.MULTILINESTRING: Geometry.LINE,
    shapely.GeometryType.POLYGON: Geometry.POLYGON,
    shapely.GeometryType.MULTIPOLYGON: Geometry.POLYGON,
}
_MULTI = {
    Geometry.POLYGON: shapely.multipolygons,
    Geometry.LINE: shapely.multilinestrings,
    Geometry.POINT: shapely.multipoints,
}
_SINGLE = (shapely.GeometryType.POINT, shapely.GeometryType.LINESTRING, shapely.GeometryType.POLYGON)
ORDER = (Geometry.POLYGON, Geometry.LINE, Geometry.POINT)


def by_geometry(frame: gpd.GeoDataFrame) -> dict[Geometry, gpd.GeoDataFrame]:
    """The rows of a frame by the geometry they hold, as multi-part shapes in two dimensions, in the frame's order.

    A collection falls apart: each of its kinds of geometry is a row of its own with the same attributes. Rows without
    a shape are in none; a kind without rows is absent. The frame itself is not changed; its index is.
    """
    shapes = flat(frame.geometry.to_numpy())
    types = shapely.get_type_id(shapes)
    found: dict[Geometry, tuple[np.ndarray, np.ndarray]] = {}
    nested = np.flatnonzero(types == shapely.GeometryType.GEOMETRYCOLLECTION)
    parts, rows = _flat_parts(shapes[nested], nested)
    part_types = shapely.get_type_id(parts)
    for geometry in ORDER:
        wanted = [int(kind) for kind, of in _OF_TYPE.items() if of is geometry]
        whole = np.flatnonzero(np.isin(types, wanted) & ~shapely.is_empty(shapes))
        torn = np.isin(part_types, wanted) & ~shapely.is_empty(parts)
        at = np.concatenate([whole, rows[torn]])
        pieces = np.concatenate([shapes[whole], parts[torn]])
        if len(at):
            found[geometry] = _gathered(pieces, at, geometry)
    return {
        geometry: gpd.GeoDataFrame(
            frame.drop(columns=frame.geometry.name).iloc[at].reset_index(drop=True), geometry=multi, crs=frame.crs
        )
        for geometry, (multi, at) in found.items()
    }


def flat(shapes: np.ndarray) -> np.ndarray:
    """The shapes in two dimensions; those that have no more are not made anew."""
    raised = shapely.has_z(shapes) | shapely.has_m(shapes)
    return shapely.force_2d(shapes) if raised.any() else shapes


def of_one_kind(shapes: np.ndarray) -> np.ndarray:
    """The shapes, of each collection only the parts of its highest dimension, as one multi-part shape: (n,)."""
    nested = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    if not len(nested):
        return shapes
    plain = shapes.copy()
    plain[nested] = None
    parts, rows = _flat_parts(shapes[nested], nested)
    for geometry in reversed(ORDER):
        wanted = [int(kind) for kind, of in _OF_TYPE.items() if of is geometry]
        of_kind = np.isin(shapely.get_type_id(parts), wanted) & ~shapely.is_empty(parts)
        if of_kind.any():
            multi, kept = _gathered(parts[of_kind], rows[of_kind], geometry)
            plain[kept] = multi
    return plain


def stacked(frames: Iterable[gpd.GeoDataFrame], crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    """Frames one below the other with the columns of all; a column that a frame lacks is blank there."""
    tables = [frame for frame in frames if len(frame)]
    if not tables:
        return gpd.GeoDataFrame(geometry=[], crs=crs)
    if len(tables) == 1:
        return tables[0].reset_index(drop=True)
    columns: dict[str, list[object]] = {}
    names = dict.fromkeys(name for table in tables for name in table.columns if name != table.geometry.name)
    for name in names:
        held = [table[name] if name in table else pd.Series(pd.NA, index=table.index, dtype=object) for table in tables]
        kinds = {str(series.dtype) for table, series in zip(tables, held, strict=True) if name in table}
        numeric = all(pd.api.types.is_numeric_dtype(table[name]) for table in tables if name in table)
        if numeric and kinds != {"bool"}:
            held = [pd.to_numeric(series, errors="coerce").astype(float) for series in held]
        else:
            held = [series.astype(object) for series in held]
        columns[name] = list(np.concatenate([series.to_numpy() for series in held]))
    geometry = np.concatenate([table.geometry.to_numpy() for table in tables])
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def _flat_parts(collections: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts, at = shapely.get_parts(collections, return_index=True)
    rows = rows[at]
    while (shapely.get_type_id(parts) == shapely.GeometryType.GEOMETRYCOLLECTION).any():
        parts, at = shapely.get_parts(parts, return_index=True)
        rows = rows[at]
    return parts, rows


def _gathered(pieces: np.ndarray, rows: np.ndarray, geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """One multi-part shape per row, rows ascending."""
    types = shapely.get_type_id(pieces)
    if (np.diff(rows) > 0).all() and not (types == shapely.GeometryType.LINEARRING).any():
        single = np.flatnonzero(np.isin(types, _SINGLE))
        multi = pieces.copy()
        multi[single] = _MULTI[geometry](pieces[single], indices=np.arange(len(single)))
        return multi, rows
    simple, at = shapely.get_parts(pieces, return_index=True)
    rings = shapely.get_type_id(simple) == shapely.GeometryType.LINEARRING
    if rings.any():
        corners, ring = shapely.get_coordinates(simple[rings], return_index=True)
        simple[rings] = shapely.linestrings(corners, indices=ring)
    of_row = rows[at]
    order = np.argsort(of_row, kind="stable")
    kept, position = np.unique(of_row, return_inverse=True)
    return _MULTI[geometry](simple[order], indices=position[order]), kept
