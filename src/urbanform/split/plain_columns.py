"""Columns in types that a GeoPackage holds."""

import json

import pyarrow as pa
import pyarrow.compute as pc


def plain_columns(table: pa.Table) -> pa.Table:
    """A table whose columns a GeoPackage can hold, names and order kept.

    Whole numbers of up to 64 bits, floats, texts, truth values, dates, times and bytes stay what they are. Decimals
    become floats, whole numbers beyond 64 bits signed and durations texts, categories the texts they stand for, lists
    and records JSON.
    """
    columns = [_plain(table.column(place)) for place in range(table.num_columns)]
    return pa.table(columns, names=table.column_names)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], type=kind.storage_type)
        kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    match kind:
        case _ if pa.types.is_null(kind):
            return column.cast(pa.string())
        case _ if pa.types.is_decimal(kind) or kind in (pa.float16(), pa.float32()):
            return column.cast(pa.float64())
        case _ if kind in (pa.int8(), pa.uint8(), pa.uint16()):
            return column.cast(pa.int32())
        case _ if kind == pa.uint32():
            return column.cast(pa.int64())
        case _ if kind == pa.uint64() or pa.types.is_duration(kind):
            return column.cast(pa.string()) if kind == pa.uint64() else column.cast(pa.int64()).cast(pa.string())
        case _ if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            return _readable(column)
        case _ if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
            return column.cast(pa.binary())
        case _ if pa.types.is_nested(kind):
            texts = [None if value is None else json.dumps(value, ensure_ascii=False, default=str)
                     for value in column.to_pylist()]  # fmt: skip
            return pa.chunked_array([pa.array(texts, pa.string())])
    return column


def _readable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts as UTF-8; bytes that are none keep a mark (U+FFFD)."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = pc.cast(column, pa.large_binary()).to_pylist()
        texts = [None if text is None else text.decode("utf-8", "replace") for text in raw]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column.cast(pa.string())
