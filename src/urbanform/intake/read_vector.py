"""One vector layer off the disk: attributes as they stand, shapes decoded, nothing judged yet."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pyogrio.raw

from urbanform.intake.geometry import shapes_from_wkb
from urbanform.intake.geoparquet import read_geoparquet
from urbanform.intake.raw_layer import RawLayer, to_frame
from urbanform.intake.sources import Format, Source


def read_raw(source: Source, encoding: str | None = None, columns: Sequence[str] | None = None) -> RawLayer:
    """Read the features of a source.

    Parameters
    ----------
    source
        What to read.
    encoding
        Of a shapefile's attributes; other formats say their own.
    columns
        Field names as the file writes them; all by default.
    """
    if source.format is Format.GEOPARQUET:
        return read_geoparquet(source, columns)
    options: dict[str, object] = {"layer": source.layer, "return_fids": True}
    if columns is not None:
        options["columns"] = list(columns)
    if source.format is Format.SHAPEFILE and encoding is not None:
        options["encoding"] = encoding
    meta, table = pyogrio.raw.read_arrow(source.file, **options)
    names = [str(name) for name in meta["fields"]]
    geometry = meta["geometry_name"] or "wkb_geometry"
    number = table.column(0).to_numpy()
    if geometry in table.column_names:
        wkb = table.column(geometry).to_numpy(zero_copy_only=False)
    else:
        wkb = np.full(len(number), None, dtype=object)
    shapes, broken = shapes_from_wkb(wkb)
    return RawLayer(to_frame(table.select(names)), number, shapes, broken)


@contextlib.contextmanager
def gdal_options(**options: str | bool | None) -> Iterator[None]:
    """GDAL's configuration changed for a while."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def first_shapes(source: Source, most: int = 2000) -> np.ndarray:
    """The shapes of the first features of a source, to see what it is made of."""
    if source.format is Format.GEOPARQUET:
        return read_raw(source, columns=[]).shapes[:most]
    _, table = pyogrio.raw.read_arrow(source.file, layer=source.layer, columns=[], max_features=most)
    names = [name for name in table.column_names if pa.types.is_binary(table.schema.field(name).type)]
    if not names:
        return np.empty(0, dtype=object)
    return shapes_from_wkb(table.column(names[0]).to_numpy(zero_copy_only=False))[0]


def beside(path: Path, suffix: str) -> Path | None:
    """The file beside ``path`` with the same stem and a suffix in whatever case."""
    for item in sorted(path.parent.iterdir()):
        if item.stem == path.stem and item.suffix.lower() == suffix:
            return item
    return None
