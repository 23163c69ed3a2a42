"""What lies in a submission: every file and layer that can be read, and those that cannot, with the cure."""

import os
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyogrio
import pyogrio.errors

from urbanform.errors import SubmissionError
from urbanform.intake.geometry import geometry_kind
from urbanform.intake.geoparquet import describe_geoparquet
from urbanform.intake.paths import is_inside, shown
from urbanform.intake.rasters import describe_raster, sidecars
from urbanform.intake.raw_layer import without_warnings
from urbanform.intake.read_vector import some_shapes
from urbanform.intake.shapefile_bytes import sibling
from urbanform.intake.shapefiles import PARTS, describe_shapefile
from urbanform.intake.signatures import is_of_format, new_folder, settled_copy
from urbanform.intake.sources import ARCHIVE, BY_SUFFIX, Format, Found, Source, short_reason, source_of
from urbanform.intake.unzip import unpack
from urbanform.wording import words

_FOREIGN = {
    ".mdb": "foreign-mdb",
    ".accdb": "foreign-mdb",
    ".dwg": "foreign-cad",
    ".dxf": "foreign-cad",
    ".dgn": "foreign-cad",
    ".kml": "foreign-other",
    ".kmz": "foreign-other",
    ".tab": "foreign-other",
    ".mif": "foreign-other",
    ".gml": "foreign-other",
    ".gpx": "foreign-other",
    ".e00": "foreign-other",
    ".mpk": "foreign-other",
    ".mpkx": "foreign-other",
    ".lpk": "foreign-other",
    ".lpkx": "foreign-other",
    ".vct": "foreign-other",
    ".img": "foreign-raster",
    ".asc": "foreign-raster",
    ".rar": "foreign-archive",
    ".7z": "foreign-archive",
    ".tar": "foreign-archive",
    ".gz": "foreign-archive",
    ".pbf": "foreign-osm",
    ".osm": "foreign-osm",
}
"""Files that hold layers which are not read, and the advice for each."""

_STYLES = "layer_styles"


def find_sources(root: Path, scratch: Path) -> Found:
    """Everything that a submission's folder holds, in the order of its paths; sub-folders too.

    A zip that holds layers stands for them: it is unpacked under ``scratch``. Files that cannot be opened, links that
    lead out, and formats that are not read, are listed with their cure. Nothing is ever written beside the input.
    """
    found = Found(root)
    for path in _walk(root):
        told = shown(root, path)
        if not _is_printable(told):
            told = os.fsencode(told).decode("gb18030", "replace")
            found.reject(told, "unreadable", words("name-undecodable", file=told), path)
        elif not all(is_inside(root, part) for part in _parts(path)):
            if path.suffix.lower() in {ARCHIVE, *BY_SUFFIX}:
                found.reject(told, "link-leads-out", words("link-leads-out", file=told), path)
        else:
            _look_at(path, None, told, scratch, found)
    return found


def is_geodatabase(path: Path) -> bool:
    """Whether a folder is a File Geodatabase, which counts as one file."""
    return path.suffix.lower() == ".gdb" and path.is_dir()


def _walk(root: Path) -> Iterator[Path]:
    if root.is_file() or is_geodatabase(root):
        yield root
        return
    for folder, folders, files in os.walk(root, followlinks=False):
        here = Path(folder)
        folders.sort()
        for name in list(folders):
            path = here / name
            if path.suffix.lower() == ".gdb":
                folders.remove(name)
                yield path
            elif name.startswith((".", "__MACOSX")):
                folders.remove(name)
        yield from (here / name for name in sorted(files) if not name.startswith((".", "~$")))


def _is_printable(told: str) -> bool:
    try:
        told.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _parts(path: Path) -> list[Path]:
    """A file with those that are opened along with it."""
    if path.suffix.lower() == ".shp":
        return [path, *(part for suffix in PARTS if (part := sibling(path, suffix)) is not None)]
    if is_geodatabase(path):
        return [path, *path.rglob("*")]
    if BY_SUFFIX.get(path.suffix.lower()) is Format.GEOTIFF:
        return [path, *sidecars(path)]
    return [path]


def _look_at(path: Path, origin: Path | None, told: str, scratch: Path, found: Found) -> None:
    """List the layers of one file; ``origin`` is the archive that it was packed in."""
    suffix = path.suffix.lower()
    if suffix in _FOREIGN:
        found.reject(told, "format-not-read", words(_FOREIGN[suffix], file=path.name))
    elif suffix == ARCHIVE and origin is None:
        _look_into_zip(path, told, scratch, found)
    elif suffix == ARCHIVE:
        found.reject(told, "zip-in-zip", words("zip-in-zip", file=told), origin)
    elif suffix == ".shx" and sibling(path, ".shp") is None:
        told = f"{told.removesuffix(path.suffix)}.shp"
        found.reject(told, "unreadable", words("shp-missing", file=told), origin or path)
    elif suffix in BY_SUFFIX and not (suffix == ".json" and not _speaks_of_features(path)):
        found.sources += _open(path, origin or path, BY_SUFFIX[suffix], told, scratch, found)


def _speaks_of_features(path: Path) -> bool:
    """Whether a .json file looks like GeoJSON: others may hold anything."""
    try:
        with path.open("rb") as stream:
            start = stream.read(65536)
    except OSError:
        return False
    return b'"type"' in start and (b'"Feature' in start or b'"coordinates"' in start or b"Collection" in start)


def _look_into_zip(path: Path, told: str, scratch: Path, found: Found) -> None:
    into = new_folder(scratch)
    try:
        unpack(path, into, told)
    except SubmissionError as error:
        for fault in error.faults:
            found.reject(told, "zip-broken", fault, path)
        return
    known = {ARCHIVE, ".shx", *BY_SUFFIX, *_FOREIGN}
    held = [item for item in _walk(into) if item.suffix.lower() in known]
    layers = [item for item in held if item.suffix.lower() != ".shx" or sibling(item, ".shp") is None]
    for item in layers:
        _look_at(item, path, told if len(layers) == 1 else f"{told}#{shown(into, item)}", scratch, found)


def _open(path: Path, origin: Path, format_: Format, told: str, scratch: Path, found: Found) -> list[Source]:
    """The layers of one file; what cannot be opened is listed as rejected."""
    try:
        if not is_of_format(path, format_):
            found.reject(told, "unreadable", words("not-of-format", file=told, format=str(format_)), origin)
            return []
        if format_ is Format.GEOTIFF:
            return [describe_raster(path, origin, told)]
        with without_warnings():
            if format_ is Format.GEOPARQUET:
                described = describe_geoparquet(path, origin, told)
                return [] if described is None else [described]
            if format_ is Format.SHAPEFILE:
                return [describe_shapefile(path, origin, told, scratch)]
            opened = path if format_ is Format.FILEGDB else settled_copy(path, scratch)
            shaped = _shaped_layers(opened)
            if shaped is None:
                found.reject(told, "unreadable", words("not-of-format", file=told, format=str(format_)), origin)
                return []
            parts = [_part(info, opened, origin, format_, told, len(shaped)) for info in shaped]
            return [replace(part, stem=path.stem) for part in parts]
    except SubmissionError as error:
        found.reject(told, "unreadable", error.faults[0], origin)
    except Exception as error:
        found.reject(told, "unreadable", words("layer-unreadable", file=told, why=short_reason(error)), origin)
    return []


def _shaped_layers(path: Path) -> list[dict[str, Any]] | None:
    """What pyogrio says of each layer of a file that has shapes; None where the file has no layer at all."""
    asked = {"force_feature_count": True, "force_total_bounds": True}
    # A file of one layer, as most are, is opened once; a text is read through each time. Of several it warns.
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with suppress(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
            only = pyogrio.read_info(path, **asked)
            if not said:
                return [only] if _is_shaped(only["layer_name"], only["geometry_type"]) else []
    listed = pyogrio.list_layers(path)
    if not len(listed):
        return None
    return [pyogrio.read_info(path, layer=name, **asked) for name, kind in listed if _is_shaped(name, kind)]


def _is_shaped(name: str, kind: str | None) -> bool:
    return kind is not None and name != _STYLES


def _part(info: dict[str, Any], path: Path, origin: Path, format_: Format, told: str, count: int) -> Source:
    layer = str(info["layer_name"])
    told = f"{told}#{layer}" if count > 1 else told
    source = source_of(info, Source(told, origin, path, format_, layer, has_layers=count, encoding="UTF-8"))
    # Where the format leaves the type of shapes open, the first ones tell.
    return source if source.geometry else replace(source, geometry=geometry_kind(some_shapes(source)))
