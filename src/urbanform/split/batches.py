"""A vector layer in batches, so that memory does not grow with the layer."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from urbanform.errors import SubmissionError
from urbanform.intake.encoding import DbfEncoding, recoded
from urbanform.intake.geometry import shapes_from_wkb
from urbanform.intake.layers import ROW_NUMBERS
from urbanform.intake.manifest import Entry
from urbanform.intake.raw_layer import gdal_options, to_frame, without_warnings
from urbanform.intake.shapefiles import encoding_of
from urbanform.intake.sources import Format, Source, short_reason
from urbanform.intake.where import selected
from urbanform.split.plain_columns import plain_columns
from urbanform.wording import words

BATCH_ROWS = 65_536


@dataclass(frozen=True, eq=False)
class Batch:
    """Some features of a layer.

    Attributes
    ----------
    attributes
        Columns as the file names them, in types that a GeoPackage holds.
    number
        The feature numbers that QGIS shows, shape (n,).
    shapes
        In the file's coordinates, as they stand there; None where there is none or it cannot be read, shape (n,).
    usable
        Whether a shape says where its feature lies, shape (n,).
    places
        What tells where it lies: the shape, of a broken polygon its envelope; None where nothing does.
    """

    attributes: pa.Table
    number: NDArray[np.int64]
    shapes: NDArray[np.object_]
    usable: NDArray[np.bool_]
    places: NDArray[np.object_]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Batch":
        """Some of its rows."""
        at = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Batch(self.attributes.take(at), self.number[at], self.shapes[at], self.usable[at], self.places[at])

    def without(self, columns: Sequence[str]) -> "Batch":
        """The same features without some of their columns."""
        left = self.attributes.drop_columns(list(columns))
        left = left if left.num_columns else _without_columns(len(self))
        return Batch(left, self.number, self.shapes, self.usable, self.places)

    def __len__(self) -> int:
        return len(self.number)


@dataclass
class Counted:
    """What was left out of the batches of a layer: rows with neither shape nor attribute."""

    blank_rows: int = 0


def batches(source: Source, entry: Entry, counted: Counted) -> Iterator[Batch]:
    """The features of a layer that the manifest's ``where`` chooses, in file order, some ten thousands at a time.

    Texts of a shapefile are decoded as intake decodes them; curves are straightened. A GeoJSON file is held whole by
    GDAL while it is read; every other format is read in turn.
    """
    for table, number, shapes, broken in _raw(source, entry):
        batch = _batch(table, number, shapes, broken)
        if entry.where:
            wanted = to_frame(batch.attributes.select(list(entry.where)))
            batch = batch.take(selected(wanted, entry.where))
        blank = _blank_rows(batch, broken_any=bool(broken.any()))
        counted.blank_rows += int(blank.sum())
        if blank.any():
            batch = batch.take(~blank)
        if len(batch):
            yield batch


class Unreadable(SubmissionError):
    """A layer that, halfway, cannot be read on."""


def readable(source: Source, given: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches; what a library raises while it reads names the layer.

    Raises
    ------
    Unreadable
        The layer cannot be read on.
    """
    while True:
        try:
            batch = next(given, None)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pa.ArrowException, OSError) as error:
            raise Unreadable(words("layer-unreadable", file=source.path, why=short_reason(error))) from error
        if batch is None:
            return
        yield batch


def column_names(source: Source, entry: Entry) -> tuple[str, ...]:
    """The columns of a layer as :func:`batches` gives them."""
    encoding = encoding_of(source.file, entry.encoding) if source.format is Format.SHAPEFILE else None
    return source.fields if encoding is None else tuple(encoding.field_names)


def _batch(table: pa.Table, number: NDArray[np.int64], shapes: NDArray[np.object_], broken: NDArray[np.bool_]) -> Batch:
    usable = ~(broken | shapely.is_missing(shapes) | shapely.is_empty(shapes))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    usable[owner[~np.isfinite(xy).all(axis=1)]] = False
    written = shapes.copy()
    # Coordinates that are no numbers, which no GeoPackage holds, are no shape.
    written[~usable] = None
    places = written.copy()
    areal = np.flatnonzero(shapely.get_dimensions(places) == 2)
    invalid = areal[~shapely.is_valid(places[areal])]
    # The true shape of a broken polygon lies somewhere in its envelope.
    places[invalid] = shapely.envelope(places[invalid])
    return Batch(plain_columns(table), number, written, usable, places)


def _blank_rows(batch: Batch, broken_any: bool) -> NDArray[np.bool_]:
    """Rows with neither a shape nor any attribute but a row number."""
    found = np.zeros(len(batch), dtype=bool)
    shapeless = np.flatnonzero(~batch.usable)
    if not shapeless.size or broken_any:
        return found
    said = [name for name in batch.attributes.column_names if name.lower() not in ROW_NUMBERS]
    values = to_frame(batch.attributes.select(said).take(shapeless))
    blank = values.isna() | (values.astype(str).apply(lambda column: column.str.strip()) == "")
    found[shapeless[blank.all(axis=1).to_numpy(dtype=bool)]] = True
    return found


_Raw = tuple[pa.Table, NDArray[np.int64], NDArray[np.object_], NDArray[np.bool_]]


def _raw(source: Source, entry: Entry) -> Iterator[_Raw]:
    if source.format is Format.GEOPARQUET:
        yield from _of_geoparquet(source)
        return
    encoding = encoding_of(source.file, entry.encoding) if source.format is Format.SHAPEFILE else None
    options = {} if encoding is None else {"encoding": encoding.read_as}
    start = 0
    with (
        without_warnings(),
        pyogrio.raw.open_arrow(
            source.file, layer=source.layer, return_fids=True, batch_size=BATCH_ROWS, use_pyarrow=True, **options
        ) as (meta, reader),
    ):
        names = [str(name) for name in meta["fields"]]
        for batch in reader:
            # By position: a field may have the name that GDAL gives to the feature number.
            number = batch.column(0).to_numpy(zero_copy_only=False)
            wkb = batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=False)
            fields = [batch.column(1 + place) for place in range(len(names))]
            shapes, broken = _shapes(wkb, source, start)
            start += batch.num_rows
            table = pa.Table.from_arrays(fields, names=names) if names else _without_columns(len(number))
            yield _decoded(table, encoding), number, shapes, broken


def _shapes(wkb: NDArray[np.object_], source: Source, start: int) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    try:
        return shapes_from_wkb(wkb)
    except NotImplementedError:
        with gdal_options(OGR_ARC_STEPSIZE="0.5"):
            straight = pyogrio.raw.read(
                source.file, layer=source.layer, columns=[], skip_features=start, max_features=len(wkb)
            )[2]
        return shapes_from_wkb(straight)


def _of_geoparquet(source: Source) -> Iterator[_Raw]:
    parquet = pq.ParquetFile(source.file)
    geo = json.loads((parquet.schema_arrow.metadata or {})[b"geo"])
    primary = geo["primary_column"]
    start = 0
    for batch in parquet.iter_batches(BATCH_ROWS, columns=[*source.fields, primary]):
        table = pa.Table.from_batches([batch])
        shapes, broken = shapes_from_wkb(table.column(primary).to_numpy(zero_copy_only=False))
        number = np.arange(start, start + len(table))
        start += len(table)
        fields = list(source.fields)
        yield table.select(fields) if fields else _without_columns(len(table)), number, shapes, broken


def _without_columns(count: int) -> pa.Table:
    """A table of rows without a column: one of nothing is put in and taken out again when it is written."""
    return pa.table({"": pa.nulls(count, pa.string())})


def _decoded(table: pa.Table, encoding: DbfEncoding | None) -> pa.Table:
    if encoding is None:
        return table
    if encoding.recode:
        texts = [name for name in table.column_names if _is_text(table.schema.field(name).type)]
        decoded = recoded(to_frame(table.select(texts)), encoding)
        for name, column in zip(texts, (decoded.iloc[:, at] for at in range(decoded.shape[1])), strict=True):
            place = table.column_names.index(name)
            written = pa.array(column.where(column.notna(), None).to_numpy(dtype=object), pa.string(), from_pandas=True)
            table = table.set_column(place, name, written)
    names = dict(zip(encoding.raw_names, encoding.field_names, strict=True))
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def distinct_texts(table: pa.Table, column: str) -> Sequence[object]:
    """The distinct values of a column that are not null."""
    return [value for value in pc.unique(table.column(column)).to_pylist() if value is not None and not pd.isna(value)]
