"""Frames with many shapes, held small."""

from collections.abc import Mapping
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from urbanform.model.geometry_column import GeometryColumn

MOST_HELD = 100_000
"""Frames of more rows are packed: their shapes take half of the memory, their text a third."""


class PackedFrame:
    """The rows of a frame, shapes as well-known binary and text as Arrow has it.

    Parameters
    ----------
    frame
        A frame with shapes; its columns have different names.

    Attributes
    ----------
    total_bounds
        That of the frame.
    """

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self.total_bounds = frame.total_bounds
        self._geometry, self._crs = str(frame.geometry.name), frame.crs
        self._shapes = GeometryColumn.packed(frame.geometry.to_numpy())
        self._names = [str(name) for name in frame.columns]
        plain = {name: frame[name] for name in self._names if name != self._geometry}
        self._text: Mapping[str, pa.Array] = {
            name: pa.array(column, type=pa.large_string()) for name, column in plain.items() if _is_text(column)
        }
        self._rest = pd.DataFrame({name: plain[name] for name in plain if name not in self._text}, index=frame.index)

    def __len__(self) -> int:
        return len(self._rest)

    def frame(self) -> gpd.GeoDataFrame:
        """The frame as it was, made anew."""
        text = {name: held.to_numpy(zero_copy_only=False) for name, held in self._text.items()}
        whole = self._rest.assign(**{name: pd.Series(held, self._rest.index, object) for name, held in text.items()})
        shapes = gpd.GeoSeries(self._shapes.all(), index=whole.index, crs=self._crs)
        return gpd.GeoDataFrame(whole.assign(**{self._geometry: shapes})[self._names], geometry=self._geometry)


Rows: TypeAlias = gpd.GeoDataFrame | PackedFrame
"""Rows with shapes, as they are or packed."""


def held(frame: gpd.GeoDataFrame) -> Rows:
    """The frame in the form that is to be kept: packed where it has many rows."""
    return PackedFrame(frame) if len(frame) > MOST_HELD else frame


def unpacked(rows: Rows) -> gpd.GeoDataFrame:
    """The frame."""
    return rows.frame() if isinstance(rows, PackedFrame) else rows


def _is_text(column: pd.Series) -> bool:
    """Whether every value is a text or None, so that it comes back as the same."""
    if column.dtype != object:
        return False
    values = column.to_numpy()
    return all(value is None or type(value) is str for value in np.ravel(values))
