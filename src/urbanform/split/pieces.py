"""Features on their way to the parts: collected on disk, then written as one GeoPackage for each part."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray

from urbanform.intake.crs import Crs, LocalMetres
from urbanform.intake.raw_layer import without_warnings
from urbanform.model.roles import ROLES
from urbanform.split.batches import Batch

MOST_WAITING_BYTES = 64 * 1024**2
"""Features that wait in memory before they are put on disk."""

Share = Literal["own", "lent"]
_MULTI = {
    0: ("Point", None),
    1: ("MultiLineString", shapely.multilinestrings),
    2: ("MultiPolygon", shapely.multipolygons),
}
_SINGLE = {1: shapely.GeometryType.LINESTRING, 2: shapely.GeometryType.POLYGON}
_UNKNOWN = "Unknown"


@dataclass(eq=False)
class Pieces:
    """The features of one layer, by part and by whether they are its own or lent to it.

    Parameters
    ----------
    folder
        Where they wait; it must exist and is emptied by :meth:`clear`.
    crs
        The system in which the parts' layers are written.
    """

    folder: Path
    crs: Crs
    schema: pa.Schema | None = None
    names: tuple[str, str] = ("fid", "geom")
    rows: dict[tuple[int, Share], int] = field(default_factory=dict)
    margin: dict[int, int] = field(default_factory=dict)
    _waiting: dict[tuple[int, Share], list[pa.Table]] = field(default_factory=dict)
    _bytes: int = 0
    _kinds: set[int] = field(default_factory=set)
    _plain: bool = True
    _encoded: tuple[Batch, pa.Table] | None = None

    def add(self, batch: Batch, part: int, rows: NDArray[np.intp], share: Share = "own") -> None:
        """Some rows of a batch for one part."""
        if not len(rows):
            return
        table = self._table(batch).take(rows) if len(rows) < len(batch) else self._table(batch)
        key = part, share
        self._waiting.setdefault(key, []).append(table)
        self.rows[key] = self.rows.get(key, 0) + len(table)
        self._bytes += table.nbytes
        if self._bytes > MOST_WAITING_BYTES:
            self._to_disk()

    def learn(self, batch: Batch) -> None:
        """See what a batch is made of; to be called once for each before its rows are added."""
        shapes = batch.shapes[batch.usable]
        self._kinds |= set(np.unique(shapely.get_dimensions(shapes)).tolist())
        types = shapely.get_type_id(shapes)
        self._plain &= not (shapely.has_z(shapes).any() or shapely.has_m(shapes).any())
        # A collection, or a layer of single and of multi-points, has no type that a GeoPackage would hold it to.
        odd = (types == shapely.GeometryType.GEOMETRYCOLLECTION) | (types == shapely.GeometryType.MULTIPOINT)
        self._plain &= not odd.any()
        self._encoded = None

    def write(self, path: Path, part: int, share: Share, role: str) -> None:
        """Write what is one part's into a GeoPackage; a layer without features where there is none.

        Raises
        ------
        OSError, pyogrio.errors.DataSourceError
            It cannot be written.
        """
        self._to_disk()
        schema = self.schema
        if schema is None:
            raise ValueError("a layer of which nothing was learnt cannot be written")
        number, geometry = self.names
        reader = pa.RecordBatchReader.from_batches(schema, self._stored(part, share, schema))
        kind = _MULTI[self._kinds.copy().pop()][0] if self._plain and len(self._kinds) == 1 else _UNKNOWN
        with without_warnings():
            pyogrio.write_arrow(
                reader,
                path,
                driver="GPKG",
                layer=role,
                geometry_name=geometry,
                geometry_type=kind,
                crs=None if isinstance(self.crs, LocalMetres) else self.crs.to_wkt(),
                layer_options={"IDENTIFIER": ROLES[role].zh, "FID": number, "GEOMETRY_NAME": geometry},
                dataset_options={"VERSION": "1.2"},
            )

    def clear(self) -> None:
        """Forget everything, on disk as well."""
        self._waiting.clear()
        for path in self.folder.iterdir():
            path.unlink()

    def _stored(self, part: int, share: Share, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        path = self._path(part, share)
        if not path.exists():
            return
        with pa.OSFile(str(path)) as file:
            size = file.size()
            while file.tell() < size:
                for batch in pa.ipc.open_stream(file):
                    yield batch.cast(schema)

    def _to_disk(self) -> None:
        for (part, share), tables in self._waiting.items():
            table = pa.concat_tables(tables)
            with self._path(part, share).open("ab") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
        self._waiting.clear()
        self._bytes = 0

    def _path(self, part: int, share: Share) -> Path:
        return self.folder / f"{part}-{share}.arrows"

    def _table(self, batch: Batch) -> pa.Table:
        """A batch with feature numbers and shapes as columns, encoded once however many parts it goes to."""
        if self._encoded is None or self._encoded[0] is not batch:
            columns = batch.attributes
            if "" in columns.column_names:
                columns = columns.drop_columns([""])
            if self.schema is None:
                self.names = _free("fid", columns.column_names), _free("geom", columns.column_names)
            number, geometry = self.names
            wkb = shapely.to_wkb(_promoted(batch.shapes), output_dimension=4, flavor="iso")
            table = columns.append_column(number, pa.array(batch.number, pa.int64()))
            table = table.append_column(geometry, pa.array(wkb, pa.binary(), from_pandas=True))
            table = table.replace_schema_metadata(None)
            if self.schema is None:
                self.schema = table.schema
            self._encoded = batch, table
        return self._encoded[1]

    def settle(self, batch: Batch) -> None:
        """Know the columns from a first batch, so that a part without features has them too."""
        self._table(batch)


def _promoted(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Single lines and polygons as multi-part shapes, so that a layer is of one type."""
    shapes = shapes.copy()
    for dimension, single in _SINGLE.items():
        rows = np.flatnonzero(shapely.get_type_id(shapes) == single)
        build = _MULTI[dimension][1]
        if rows.size and build is not None:
            shapes[rows] = build(shapes[rows], indices=np.arange(rows.size))
    return shapes


def _free(name: str, taken: list[str]) -> str:
    folded = {column.casefold() for column in taken}
    number, chosen = 2, name
    while chosen in folded:
        chosen, number = f"{name}_{number}", number + 1
    return chosen
