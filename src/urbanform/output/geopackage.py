"""``evidence.gpkg``: the evidence as a GeoPackage, styled and with Chinese names for QGIS and ArcGIS."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyogrio
import pyogrio.raw
import pyproj

from urbanform.errors import ReportError
from urbanform.model.roles import Geometry
from urbanform.output.evidence import GEOMETRY, Table
from urbanform.output.qml import style
from urbanform.output.store import write_whole
from urbanform.output.words import say

_GDAL_TYPE = {Geometry.POLYGON: "MultiPolygon", Geometry.LINE: "MultiLineString", Geometry.POINT: "MultiPoint"}
# A file that is the same for the same content: GDAL would write the time of day.
_UNDATED = "2000-01-01T00:00:00.000Z"


def write_geopackage(tables: Iterable[Table], path: Path) -> None:
    """Write ``evidence.gpkg``: a layer per table, Chinese names for layers and fields, styles for QGIS.

    Without any table the file holds an empty style table. The same tables give the same bytes.

    Raises
    ------
    ReportError
        Where the file cannot be written.
    """
    try:
        write_whole(path, lambda draft: _build(tables, draft))
    except (pyogrio.errors.DataSourceError, sqlite3.OperationalError) as fault:
        raise ReportError(say("cannot-write", file=str(path), fault=str(fault).splitlines()[0])) from fault


OLD_ENOUGH = {"VERSION": "1.2"}
"""The version that QGIS and ArcGIS of the last years read without a word."""


def _build(tables: Iterable[Table], path: Path) -> None:
    written: list[Table] = []
    for table in tables:
        pyogrio.raw.write_arrow(
            table.arrow(),
            path,
            driver="GPKG",
            layer=table.name,
            geometry_name=GEOMETRY,
            geometry_type=_GDAL_TYPE[table.geometry],
            crs=_crs_text(table.rows.crs),
            append=bool(written),
            layer_options={"IDENTIFIER": _identifier(table, written), "DESCRIPTION": table.title},
            dataset_options=None if written else OLD_ENOUGH,
        )
        written.append(table.without_rows())
    if not written:
        # GDAL lays out the file; the table itself is made anew below.
        empty = pd.DataFrame({"styleName": ["-"]})
        pyogrio.write_dataframe(empty, path, driver="GPKG", layer="layer_styles", dataset_options=OLD_ENOUGH)
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("DROP TABLE IF EXISTS layer_styles")
        base.execute("DELETE FROM gpkg_contents WHERE table_name = 'layer_styles'")
        _add_styles(base, written)
        _add_aliases(base, written)
        base.execute("UPDATE gpkg_contents SET last_change = ?", (_UNDATED,))
    _settle(path)


def _settle(path: Path) -> None:
    """Give the file the same count of changes whatever GDAL counted on the way (SQLite file format, 1.3.6, 1.3.18)."""
    with path.open("r+b") as file:
        for place in (24, 92):
            file.seek(place)
            file.write((1).to_bytes(4, "big"))


def _identifier(table: Table, before: Sequence[Table]) -> str:
    """The title of a layer; a GeoPackage wants no two alike."""
    return f"{table.title} {table.name}" if any(other.title == table.title for other in before) else table.title


def _crs_text(crs: pyproj.CRS | None) -> str | None:
    """A coordinate system in the form that GDAL takes for the same: by its number where it has one."""
    if crs is None:
        return None
    number = crs.to_epsg()
    return f"EPSG:{number}" if number else crs.to_wkt("WKT1_GDAL")


def _add_styles(base: sqlite3.Connection, tables: Sequence[Table]) -> None:
    base.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), "
        "f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), "
        "styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), "
        "update_time DATETIME)"
    )
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0)"
    )
    columns = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    rows = [
        (
            table.name,
            columns[table.name],
            "urbanform",
            style(table.geometry, table.legend, table.aliases),
            1,
            table.title,
            _UNDATED,
        )
        for table in tables
    ]
    base.executemany(
        "INSERT INTO layer_styles (f_table_name, f_geometry_column, styleName, styleQML, useAsDefault, description, "
        "update_time) VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    # What QGIS itself writes where there is no catalogue, schema or owner.
    base.execute("UPDATE layer_styles SET f_table_catalog = '', f_table_schema = '', styleSLD = '', owner = ''")


def _add_aliases(base: sqlite3.Connection, tables: Sequence[Table]) -> None:
    base.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, "
        "title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY "
        "(table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name))"
    )
    base.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT "
        "NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, "
        "description TEXT, CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"
    )
    base.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, "
        "definition TEXT NOT NULL, scope TEXT NOT NULL, "
        "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"
    )
    for extended in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        base.execute(
            "INSERT OR IGNORE INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', "
            "'http://www.geopackage.org/spec121/#extension_schema', 'read-write')",
            (extended,),
        )
    for table in tables:
        taken: set[str] = set()
        for column, alias in table.aliases.items():
            # Names must differ within a table.
            told = alias if alias not in taken else f"{alias} {column}"
            taken.add(told)
            base.execute(
                "INSERT OR REPLACE INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)",
                (table.name, column, told, told),
            )
