"""GeoParquet, read through pyarrow: shapes as well-known binary, the CRS from the file's metadata."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyproj

from urbanform.intake.geometry import kind_of, read_shapes
from urbanform.intake.raw_layer import RawLayer, to_frame
from urbanform.intake.sources import Format, Source, read_crs_text


def describe_geoparquet(path: Path, origin: Path, told: str) -> Source | None:
    """The one layer of a GeoParquet file; None where the file is a table without shapes."""
    parquet = pq.ParquetFile(path)
    geo = _metadata(parquet)
    if geo is None:
        return None
    column = geo["columns"][geo["primary_column"]]
    hidden = _hidden(geo)
    source = Source(
        path=told,
        origin=origin,
        file=path,
        format=Format.GEOPARQUET,
        layer=path.stem,
        fields=tuple(name for name in parquet.schema_arrow.names if name not in hidden),
        features=parquet.metadata.num_rows,
        crs=_crs(column),
        encoding="UTF-8",
        written_geometry=", ".join(column.get("geometry_types", [])) or None,
    )
    shapes = read_geoparquet(source, []).shapes
    west, south, east, north = shapes.total_bounds
    usable = bool(np.isfinite([west, south, east, north]).all())
    bounds = (float(west), float(south), float(east), float(north)) if usable else None
    return replace(source, geometry=kind_of(shapes.facts.dimension), bounds=bounds)


def read_geoparquet(source: Source, columns: Sequence[str] | None = None) -> RawLayer:
    """The features of a GeoParquet file as a raw layer; rows are numbered from 0, as QGIS shows them."""
    parquet = pq.ParquetFile(source.file)
    geo = _metadata(parquet) or {}
    wanted = list(source.fields if columns is None else columns)
    table = parquet.read(columns=[*wanted, geo["primary_column"]])
    shapes, broken = read_shapes(table.column(geo["primary_column"]))
    attributes = to_frame(table.select(wanted)) if wanted else pd.DataFrame(index=range(len(table)))
    return RawLayer(attributes, np.arange(len(table)), shapes, broken)


def _metadata(parquet: pq.ParquetFile) -> dict[str, Any] | None:
    written = (parquet.schema_arrow.metadata or {}).get(b"geo")
    return None if written is None else json.loads(written)


def _hidden(geo: dict[str, Any]) -> set[str]:
    hidden = set(geo["columns"])
    for column in geo["columns"].values():
        for corner in (column.get("covering") or {}).get("bbox", {}).values():
            hidden.add(corner[0])
    return hidden | {"__index_level_0__"}


def _crs(column: dict[str, Any]) -> pyproj.CRS | None:
    if "crs" not in column:
        return pyproj.CRS.from_user_input("OGC:CRS84")
    return None if column["crs"] is None else read_crs_text(json.dumps(column["crs"]))
