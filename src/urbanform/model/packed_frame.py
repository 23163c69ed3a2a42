"""Frames with many shapes, held small."""

from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import shapely
from numpy.typing import NDArray

from urbanform.model.geometry_column import GeometryColumn

MOST_HELD = 100_000
"""Frames of more rows are packed: their shapes take half of the memory, their text a third."""


class PackedFrame:
    """The rows of a frame, shapes as well-known binary and text as Arrow has it.

    Parameters
    ----------
    attributes
        A table; its columns have different names.
    shapes
        The shapes of its rows, packed.
    crs
        Their coordinate system.
    """

    def __init__(self, attributes: pd.DataFrame, shapes: GeometryColumn, crs: pyproj.CRS | None) -> None:
        self.shapes, self.crs = shapes, crs
        self._names = list(attributes.columns)
        self._text: Mapping[str, pa.Array] = {
            name: pa.array(attributes[name], type=pa.large_string())
            for name in self._names
            if _is_text(attributes[name])
        }
        self._rest = attributes[[name for name in self._names if name not in self._text]]

    def __len__(self) -> int:
        return len(self._rest)

    @cached_property
    def total_bounds(self) -> tuple[float, float, float, float]:
        """The extent: west, south, east, north; NaN where there is none."""
        ends = np.array([shapely.total_bounds(block) for block in self.shapes.blocks()])
        ends = ends[~np.isnan(ends[:, 0])] if len(ends) else np.empty((0, 4))
        if not len(ends):
            return np.nan, np.nan, np.nan, np.nan
        return *ends[:, :2].min(axis=0).tolist(), *ends[:, 2:].max(axis=0).tolist()

    def arrow(self) -> dict[str, pa.Array]:
        """The columns of the table by name, NaN as null."""
        return {name: self._text[name] if name in self._text else pa.array(self._rest[name]) for name in self._names}

    def column(self, name: str) -> pd.Series:
        """A column of the table."""
        return _series(self._text[name], self._rest.index) if name in self._text else self._rest[name]

    def attributes(self) -> pd.DataFrame:
        """The table as it was, made anew."""
        return self._table(self._rest, self._text)

    def take(self, rows: NDArray[np.integer]) -> gpd.GeoDataFrame:
        """Some of the rows with their shapes, in the order of ``rows``."""
        at = pa.array(rows)
        table = self._table(self._rest.iloc[rows], {name: text.take(at) for name, text in self._text.items()})
        return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(self.shapes.take(rows), index=table.index, crs=self.crs))

    def frame(self) -> gpd.GeoDataFrame:
        """The rows with their shapes, in a last column ``geometry``."""
        table = self.attributes()
        return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(self.shapes.all(), index=table.index, crs=self.crs))

    def _table(self, rest: pd.DataFrame, text: Mapping[str, pa.Array]) -> pd.DataFrame:
        return rest.assign(**{name: _series(column, rest.index) for name, column in text.items()})[self._names]


Rows: TypeAlias = gpd.GeoDataFrame | PackedFrame
"""Rows with shapes, as they are or packed."""


def taken_apart(rows: Rows) -> tuple[pd.DataFrame, GeometryColumn]:
    """The attributes of some rows, and their shapes."""
    if isinstance(rows, PackedFrame):
        return rows.attributes(), rows.shapes
    return pd.DataFrame(rows.drop(columns=rows.geometry.name)), GeometryColumn(rows.geometry.to_numpy())


def held(frame: gpd.GeoDataFrame) -> Rows:
    """The frame in the form that is to be kept: packed where it has many rows."""
    if len(frame) <= MOST_HELD:
        return frame
    attributes, shapes = taken_apart(frame)
    return PackedFrame(attributes, GeometryColumn.packed(shapes.all()), frame.crs)


def together(attributes: pd.DataFrame, shapes: GeometryColumn, crs: pyproj.CRS | None) -> Rows:
    """A table with the shapes of its rows; packed where they are."""
    if shapes.is_packed:
        return PackedFrame(attributes, shapes, crs)
    return gpd.GeoDataFrame(attributes, geometry=shapes.all(), crs=crs)


def unpacked(rows: Rows) -> gpd.GeoDataFrame:
    """The frame."""
    return rows.frame() if isinstance(rows, PackedFrame) else rows


def _series(text: pa.Array, index: pd.Index) -> pd.Series:
    return pd.Series(text.to_numpy(zero_copy_only=False), index, object)


def _is_text(column: pd.Series) -> bool:
    """Whether every value is a text or None, so that it comes back as the same."""
    return column.dtype == object and all(value is None or type(value) is str for value in column)
