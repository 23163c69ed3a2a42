"""Files looked at before GDAL opens them: whether they are what their suffix says, and whether opening leaves them so.

GDAL goes by what it finds in a file, whatever the file is called. One that only calls itself a GeoPackage could so be
a list of other files, or addresses on a network, which GDAL would fetch.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from urbanform.intake.sources import Format

_STARTS: Mapping[Format, tuple[bytes, ...]] = {
    Format.SHAPEFILE: (b"\x00\x00\x27\x0a",),
    Format.GEOPACKAGE: (b"SQLite format 3\0",),
    Format.FLATGEOBUF: (b"fgb",),
    Format.GEOPARQUET: (b"PAR1",),
    Format.GEOTIFF: (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}
_GEODATABASE = "a00000001.gdbtable"
_JOURNALS = ("-wal", "-shm", "-journal")
_WAL_AT, _WAL = 18, 2


def is_of_format(path: Path, format_: Format) -> bool:
    """Whether a file begins as files of its format do; a geodatabase, whether it has its catalogue."""
    if format_ is Format.FILEGDB:
        return path.is_dir() and any(item.name.lower() == _GEODATABASE for item in path.iterdir())
    with path.open("rb") as stream:
        start = stream.read(4096)
    if format_ is Format.GEOJSON:
        return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    return start.startswith(_STARTS[format_])


def settled_copy(path: Path, scratch: Path) -> Path:
    """What to open instead of a file: itself, or a copy where opening would change it or its name would be misread.

    SQLite works the changes of a ``-wal`` or ``-journal`` file into a GeoPackage when it opens it, and makes a
    ``-shm`` file beside one that keeps such a log: both would change what was handed in. Names are taken for addresses,
    in which a semicolon ends the path, and tabs and line ends are left away.
    """
    beside = [item for mark in _JOURNALS if (item := path.with_name(path.name + mark)).exists()]
    with path.open("rb") as stream:
        header = stream.read(100)
    logged = header.startswith(_STARTS[Format.GEOPACKAGE]) and header[_WAL_AT : _WAL_AT + 1] == bytes([_WAL])
    if not beside and not logged and not is_misread(path):
        return path
    into = new_folder(scratch)
    name = f"layer{path.suffix.lower()}"
    shutil.copyfile(path, into / name)
    for item in beside:
        if not item.name.endswith("-shm"):
            shutil.copyfile(item, into / (name + item.name.removeprefix(path.name)))
    return into / name


def is_misread(path: Path) -> bool:
    """Whether a path, read as an address, would be another."""
    return ";" in path.name or any(sign in str(path) for sign in "\t\r\n")


def new_folder(scratch: Path) -> Path:
    """A new folder for copies."""
    into = scratch / f"part-{sum(1 for _ in scratch.iterdir())}"
    into.mkdir()
    return into
