"""What lies in a submission: every file and layer that can be read, and those that cannot, with the cure."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyogrio

from urbanform.errors import SubmissionError
from urbanform.intake.geometry import geometry_kind
from urbanform.intake.geoparquet import describe_geoparquet
from urbanform.intake.paths import is_inside, shown
from urbanform.intake.read_vector import some_shapes
from urbanform.intake.shapefiles import describe_shapefile
from urbanform.intake.sources import BY_SUFFIX, Format, Found, Source, short_reason, source_of
from urbanform.intake.unzip import unpack
from urbanform.model.roles import Geometry
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
    ".e00": "foreign-other",
    ".mpk": "foreign-other",
    ".lpk": "foreign-other",
    ".img": "foreign-raster",
    ".asc": "foreign-raster",
    ".vct": "foreign-other",
    ".rar": "foreign-archive",
    ".7z": "foreign-archive",
}
"""Files that hold layers which are not read, and the advice for each."""


def find_sources(root: Path, scratch: Path) -> Found:
    """Everything that a submission's folder holds, in the order of its paths; sub-folders too.

    A zip that holds layers stands for them: it is unpacked under ``scratch``. Files that cannot be opened, and formats
    that are not read, are listed with their cure. Nothing is ever written beside the input.
    """
    found = Found(root)
    for path in _walk(root):
        _look_at(path, None, shown(root, path), scratch, found)
    return found


def _walk(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, folders, files in os.walk(root, followlinks=False):
        here = Path(folder)
        folders.sort()
        for name in list(folders):
            path = here / name
            if path.suffix.lower() == ".gdb":
                folders.remove(name)
                if is_inside(root, path):
                    yield path
            elif name.startswith((".", "__MACOSX")):
                folders.remove(name)
        for name in sorted(files):
            path = here / name
            if not name.startswith((".", "~$", "._")) and is_inside(root, path):
                yield path


def _look_at(path: Path, origin: Path | None, told: str, scratch: Path, found: Found) -> None:
    """List the layers of one file; ``origin`` is the archive that it was packed in."""
    suffix = path.suffix.lower()
    if suffix in _FOREIGN:
        found.reject(told, "format-not-read", words(_FOREIGN[suffix], file=path.name))
    elif suffix == ".zip" and origin is None:
        _look_into_zip(path, told, scratch, found)
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
    into = scratch / f"zip-{sum(1 for _ in scratch.iterdir())}"
    into.mkdir()
    try:
        unpack(path, into, told)
    except SubmissionError as error:
        for fault in error.faults:
            found.reject(told, "zip-broken", fault)
        return
    held = [item for item in _walk(into) if item.suffix.lower() in BY_SUFFIX or item.suffix.lower() in _FOREIGN]
    for item in held:
        _look_at(item, path, told if len(held) == 1 else f"{told}/{shown(into, item)}", scratch, found)


def _open(path: Path, origin: Path, format_: Format, told: str, scratch: Path, found: Found) -> list[Source]:
    """The layers of one file; what cannot be opened is listed as rejected."""
    if format_ is Format.GEOTIFF:
        return [Source(told, origin, path, format_, geometry=Geometry.RASTER)]
    try:
        if format_ is Format.GEOPARQUET:
            described = describe_geoparquet(path, origin, told)
            return [] if described is None else [described]
        if format_ is Format.SHAPEFILE:
            return [describe_shapefile(path, origin, told, scratch)]
        listed = pyogrio.list_layers(path)
        names = [str(name) for name, kind in listed if kind is not None and name != "layer_styles"]
        return [_describe(path, origin, format_, told, name, len(names)) for name in names]
    except Exception as error:
        found.reject(told, "unreadable", words("layer-unreadable", file=told, why=short_reason(error)))
        return []


def _describe(path: Path, origin: Path, format_: Format, told: str, layer: str, count: int) -> Source:
    info = pyogrio.read_info(path, layer=layer, force_feature_count=True, force_total_bounds=True)
    told = f"{told}#{layer}" if count > 1 else told
    source = source_of(info, Source(told, origin, path, format_, layer, has_layers=count))
    # Where the format leaves the type of shapes open, the first ones tell.
    return source if source.geometry else replace(source, geometry=geometry_kind(some_shapes(source)))
