"""A layer as it stands in its file."""

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio

from urbanform.model.geometry_column import GeometryColumn


@dataclass(frozen=True, slots=True)
class RawLayer:
    """A layer as it stands in its file.

    Attributes
    ----------
    attributes
        One row per feature in file order, columns as the file names them.
    number
        The feature numbers that QGIS shows, shape (n,).
    shapes
        Geometries in the file's coordinates, None where there is none.
    broken
        True where there were bytes that make no geometry, shape (n,).
    """

    attributes: pd.DataFrame
    number: np.ndarray
    shapes: GeometryColumn
    broken: np.ndarray


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a data frame whose columns keep what was null: whole numbers stay whole.

    Texts that are no UTF-8 keep a mark (U+FFFD) where bytes could not be read.
    """
    for position, item in enumerate(table.schema):
        if pa.types.is_string(item.type) or pa.types.is_large_string(item.type):
            table = table.set_column(position, item.name, _readable(table.column(position)))
    types = {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    return table.to_pandas(types_mapper=types.get)


def _readable(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = texts.cast(pa.large_binary()).to_pylist()
        return pa.chunked_array([[None if text is None else text.decode("utf-8", "replace") for text in raw]])
    return texts


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """What GDAL warns of goes unsaid: it is told in English, to nobody, and what matters of it is examined here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def gdal_options(**options: str | bool | None) -> Iterator[None]:
    """GDAL's configuration changed for a while."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
