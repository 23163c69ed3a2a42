"""One vector layer off the disk: attributes as they stand, shapes decoded, nothing judged yet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyogrio.raw
from numpy.typing import NDArray

from urbanform.errors import SubmissionError
from urbanform.intake.encoding import DbfEncoding, recoded
from urbanform.intake.geometry import read_shapes, shapes_from_wkb
from urbanform.intake.geoparquet import read_geoparquet
from urbanform.intake.ledger import LayerRefused, Ledger
from urbanform.intake.manifest import Entry
from urbanform.intake.raw_layer import RawLayer, gdal_options, to_frame, without_warnings
from urbanform.intake.shapefile_bytes import shapefile_counts
from urbanform.intake.shapefiles import encoding_of
from urbanform.intake.sources import Format, Source, short_reason
from urbanform.memory import make_room
from urbanform.model import geometry_column
from urbanform.model.provenance import Action
from urbanform.wording import words


def read_source(
    source: Source, entry: Entry, ledger: Ledger, boxes: NDArray[np.float64] | None = None
) -> tuple[RawLayer, str | None]:
    """Every feature of a source with all its attributes, and the encoding that they were written in.

    ``boxes``, shape (k, 4), leaves out some or all of those whose extent meets none, in the source's coordinates.

    Raises
    ------
    LayerRefused
        It cannot be read, is cut short, or its parts do not agree.
    """
    try:
        with without_warnings():
            if source.format is Format.SHAPEFILE:
                return _shapefile(source, entry, ledger, boxes)
            raw, curved = read_raw(source, boxes=boxes)
            if source.format is Format.FLATGEOBUF and boxes is None and len(raw.number) < source.features:
                raise LayerRefused("truncated", words("shapefile-truncated", path=source.path))
        if curved:
            ledger.layer("curves-straightened", Action.REPAIRED, words("curves-straightened", path=source.path))
        return raw, source.encoding
    except (LayerRefused, SubmissionError):
        raise
    except Exception as error:
        told = words("layer-unreadable", file=source.path, why=short_reason(error))
        raise LayerRefused("unreadable", told) from error


def _shapefile(
    source: Source, entry: Entry, ledger: Ledger, boxes: NDArray[np.float64] | None
) -> tuple[RawLayer, str | None]:
    _compare_counts(source)
    if source.index_rebuilt:
        ledger.layer("index-rebuilt", Action.REPAIRED, words("index-rebuilt", path=source.path))
    try:
        encoding = encoding_of(source.file, entry.encoding)
    except SubmissionError as error:
        raise LayerRefused("unreadable", error.faults[0]) from error
    if encoding is None:
        ledger.layer("table-missing", Action.NOTED, words("table-missing", path=source.path))
        return read_raw(source, boxes=boxes)[0], None
    if encoding.fault is not None:
        raise LayerRefused("encoding", encoding.fault)
    if encoding.guessed:
        told = words("encoding-guessed", path=source.path, encoding=encoding.told)
        ledger.layer("encoding-guessed", Action.REPAIRED, encoding.notes[0] if encoding.notes else told)
    for note in encoding.notes[1 if encoding.guessed else 0 :]:
        ledger.layer(note.code, Action.NOTED, note)
    return _decoded(read_raw(source, encoding.read_as, boxes)[0], encoding), encoding.told


def _decoded(raw: RawLayer, encoding: DbfEncoding) -> RawLayer:
    attributes = recoded(raw.attributes, encoding) if encoding.recode else raw.attributes
    names = dict(zip(encoding.raw_names, encoding.field_names, strict=True))
    return replace(raw, attributes=attributes.rename(columns=names))


def _compare_counts(source: Source) -> None:
    """Refuse what GDAL would mend without a word: parts that do not agree, files cut short."""
    counts = shapefile_counts(source.file)
    if counts.shp_truncated or counts.shx_truncated or counts.dbf_truncated:
        raise LayerRefused("truncated", words("shapefile-truncated", path=source.path))
    if not counts.agree:
        told = words(
            "shapefile-counts",
            path=source.path,
            shp=counts.shp_records,
            shx="—" if counts.shx_entries is None else counts.shx_entries,
            dbf="—" if counts.dbf_claimed is None else counts.dbf_claimed,
        )
        raise LayerRefused("counts-disagree", told)


def read_raw(
    source: Source, encoding: str | None = None, boxes: NDArray[np.float64] | None = None
) -> tuple[RawLayer, bool]:
    """The features of a source as they stand, and whether curves were straightened.

    Parameters
    ----------
    encoding
        That of a shapefile's attributes.
    boxes
        See :func:`read_source`.
    """
    if source.format is Format.GEOPARQUET:
        return read_geoparquet(source), False
    if source.format is Format.GEOJSON:
        # A text would be read through for each box.
        boxes = None
    options = {} if encoding is None else {"encoding": encoding}
    meta, table = _table(source, options) if boxes is None else _table_near(source, options, boxes)
    names = [str(name) for name in meta["fields"]]
    # By position: a field may have the name that GDAL gives to the feature number.
    number, fields = table.column(0).to_numpy(), table.columns[1 : 1 + len(names)]
    if len(table.columns) > 1 + len(names):
        wkb = table.columns[-1]
    else:
        wkb = pa.chunked_array([pa.nulls(len(number), pa.binary())])
    # A table without columns has no rows of its own.
    attributes = to_frame(pa.table(fields, names=names)) if names else pd.DataFrame(index=range(len(number)))
    curved = False
    try:
        shapes, broken = read_shapes(wkb)
    except NotImplementedError:
        if boxes is not None:
            return read_raw(source, encoding)
        shapes, broken = read_shapes(pa.chunked_array([pa.array(_straightened(source), pa.large_binary())]))
        curved = True
    return RawLayer(attributes, number, shapes, broken), curved


def _table(source: Source, options: Mapping[str, str]) -> tuple[dict[str, Any], pa.Table]:
    """What is known of a source, and its feature numbers, fields and shapes."""
    asked = {"layer": source.layer, "return_fids": True, **options}
    if source.features <= geometry_column.MOST_DECODED:
        meta, table = pyogrio.raw.read_arrow(source.file, **asked)
        return meta, table
    make_room()
    with pyogrio.raw.open_arrow(source.file, use_pyarrow=True, **asked) as (meta, reader):
        return meta, pa.Table.from_batches(map(_fitted, reader), reader.schema)


def _table_near(
    source: Source, options: Mapping[str, str], boxes: NDArray[np.float64]
) -> tuple[dict[str, Any], pa.Table]:
    """The same of the features whose extent meets one of some boxes, each once and in the order of their numbers."""
    asked = {"layer": source.layer, "return_fids": True, **options}
    found = [pyogrio.raw.read_arrow(source.file, bbox=tuple(box), **asked) for box in boxes]
    table = pa.concat_tables([part for _, part in found])
    _, first = np.unique(table.column(0).to_numpy(), return_index=True)
    return found[0][0], table.take(pa.array(first))


def _fitted(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows in memory of their own size; GDAL's is up to twice as long as what it holds."""
    columns = [pa.concat_arrays([column.slice(0, 0), column]) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _straightened(source: Source, most: int | None = None) -> np.ndarray:
    """The shapes of a source as well-known binary, arcs drawn by chords of half a degree.

    A circle then loses 1 - sin(0.5°) / 0.5° (in radians) = 0.0013 % of its area.
    """
    with gdal_options(OGR_ARC_STEPSIZE="0.5"):
        return pyogrio.raw.read(source.file, layer=source.layer, columns=[], max_features=most)[2]


def some_shapes(source: Source, most: int = 2000) -> np.ndarray:
    """The shapes of the first features of a source, to see what it is made of and where it lies."""
    if source.format is Format.GEOPARQUET:
        shapes = read_geoparquet(source, []).shapes
        return shapes.take(np.arange(min(most, len(shapes))))
    with without_warnings():
        _, table = pyogrio.raw.read_arrow(source.file, layer=source.layer, columns=[], max_features=most)
    names = [name for name in table.column_names if pa.types.is_binary(table.schema.field(name).type)]
    if not names:
        return np.empty(0, dtype=object)
    try:
        return shapes_from_wkb(table.column(names[0]).to_numpy(zero_copy_only=False))[0]
    except NotImplementedError:
        return shapes_from_wkb(_straightened(source, most))[0]
