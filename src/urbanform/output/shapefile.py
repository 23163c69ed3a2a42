"""The evidence as shapefiles, for programs that read nothing newer."""

import csv
import io
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyogrio

from urbanform.errors import ReportError
from urbanform.model.roles import Geometry
from urbanform.output.evidence import Table
from urbanform.output.store import write_error
from urbanform.output.words import say

_GDAL_TYPE = {Geometry.POLYGON: "MultiPolygon", Geometry.LINE: "MultiLineString", Geometry.POINT: "MultiPoint"}


def write_shapefiles(tables: Iterable[Table], folder: Path) -> None:
    """Write one shapefile per table into a folder, GBK with .cpg, and ``fields.csv`` that explains the short names.

    Field names have at most 10 bytes; text is cut at 254 bytes, between characters; a character that GBK lacks
    becomes 〓. A folder that is already there is replaced.

    Raises
    ------
    ReportError
        Where it cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".urbanform-", dir=folder.parent, ignore_cleanup_errors=True) as place:
            draft = Path(place) / folder.name
            draft.mkdir()
            _build(tables, draft)
            if folder.exists():
                shutil.rmtree(folder)
            draft.replace(folder)
    except OSError as fault:
        raise write_error(folder, fault) from fault
    except pyogrio.errors.DataSourceError as fault:
        raise ReportError(say("cannot-write", file=str(folder), fault=str(fault).splitlines()[0])) from fault


def _build(tables: Iterable[Table], folder: Path) -> None:
    listed = io.StringIO()
    out = csv.writer(listed)
    out.writerow(["图层", "标题", "字段", "原名", "含义"])
    for table in tables:
        short = _short_names(list(table.aliases))
        frame = table.frame.rename(columns=short)
        for name in short.values():
            if frame[name].dtype == object:
                frame[name] = [None if value is None else _gbk(value) for value in frame[name]]
            elif frame[name].dtype == bool:
                frame[name] = frame[name].astype("int64")
        pyogrio.write_dataframe(
            frame,
            folder / f"{table.name}.shp",
            driver="ESRI Shapefile",
            geometry_type=_GDAL_TYPE[table.geometry],
            encoding="GBK",
        )
        for name, alias in table.aliases.items():
            out.writerow([table.name, table.title, short[name], name, alias])
    (folder / "fields.csv").write_bytes(listed.getvalue().encode("utf-8-sig"))


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """Names of at most 10 bytes in GBK, no two alike."""
    taken: set[str] = set()
    short = {}
    for name in names:
        told, number = _cut(name, 10), 1
        while told.lower() in taken:
            number += 1
            told = f"{_cut(name, 10 - len(str(number)) - 1)}_{number}"
        taken.add(told.lower())
        short[name] = told
    return short


def _gbk(text: str) -> str:
    known = "".join(sign if _in_gbk(sign) else "〓" for sign in text)
    return _cut(known, 254)


def _in_gbk(sign: str) -> bool:
    try:
        sign.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def _cut(text: str, most_bytes: int) -> str:
    return text.encode("gbk", "replace")[:most_bytes].decode("gbk", "ignore")
