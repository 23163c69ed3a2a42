"""Evidence sorted by what it is made of: areas, lines, points; ready for a file or a map."""

from collections.abc import Sequence
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.packed_frame import PackedFrame, Rows
from urbanform.model.roles import Geometry

Part: TypeAlias = tuple[pd.DataFrame, GeometryColumn]
"""Attributes, and the shapes that they belong to."""

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
    return {
        geometry: gpd.GeoDataFrame(
            frame.drop(columns=frame.geometry.name).iloc[at].reset_index(drop=True), geometry=multi, crs=frame.crs
        )
        for geometry, (multi, at) in _sorted_out(frame.geometry.to_numpy()).items()
    }


def parts_by_geometry(rows: Rows) -> dict[Geometry, Part]:
    """As :func:`by_geometry`, attributes apart from the shapes; those of packed rows stay packed."""
    if not isinstance(rows, PackedFrame):
        plain = rows.drop(columns=rows.geometry.name)
        found = _sorted_out(rows.geometry.to_numpy())
        return {
            geometry: (plain.iloc[at].reset_index(drop=True), GeometryColumn(multi))
            for geometry, (multi, at) in found.items()
        }
    blocks: dict[Geometry, list[GeometryColumn]] = {}
    places: dict[Geometry, list[np.ndarray]] = {}
    start = 0
    for block in rows.shapes.blocks():
        for geometry, (multi, at) in _sorted_out(block).items():
            blocks.setdefault(geometry, []).append(GeometryColumn.packed(multi))
            places.setdefault(geometry, []).append(start + at)
        start += len(block)
    plain = rows.attributes()
    return {
        geometry: (
            plain.iloc[np.concatenate(places[geometry])].reset_index(drop=True),
            GeometryColumn.stacked(blocks[geometry]),
        )
        for geometry in ORDER
        if geometry in blocks
    }


def _sorted_out(given: np.ndarray) -> dict[Geometry, tuple[np.ndarray, np.ndarray]]:
    """Of each geometry the shapes that hold it, as multi-part shapes in two dimensions, and whose they are."""
    shapes = flat(given)
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
    return found


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


def stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables, none empty, one below the other with the columns of all; a column that a table lacks is blank there."""
    if len(tables) == 1:
        return tables[0]
    columns: dict[str, list[object]] = {}
    names = dict.fromkeys(name for table in tables for name in table.columns)
    for name in names:
        held = [table[name] if name in table else pd.Series(pd.NA, index=table.index, dtype=object) for table in tables]
        kinds = {str(series.dtype) for table, series in zip(tables, held, strict=True) if name in table}
        numeric = all(pd.api.types.is_numeric_dtype(table[name]) for table in tables if name in table)
        if numeric and kinds != {"bool"}:
            held = [pd.to_numeric(series, errors="coerce").astype(float) for series in held]
        else:
            held = [series.astype(object) for series in held]
        columns[name] = list(np.concatenate([series.to_numpy() for series in held]))
    return pd.DataFrame(columns)


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
