"""What lies in a submission: every file and layer that can be read, and those that cannot, with the cure."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyogrio

from urbanform.errors import SubmissionError
from urbanform.intake.geoparquet import describe_geoparquet
from urbanform.intake.paths import is_inside, shown
from urbanform.intake.sources import BY_SUFFIX, GEOMETRY_OF, Format, Found, Source, read_crs_text, short_reason
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
        _look_at(path, root, scratch, found, archive=None)
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


def _look_at(path: Path, root: Path, scratch: Path, found: Found, archive: str | None) -> None:
    suffix = path.suffix.lower()
    told = archive if archive is not None else shown(root, path)
    if suffix in _FOREIGN:
        found.reject(shown(root, path), "format-not-read", words(_FOREIGN[suffix], file=path.name))
    elif suffix == ".zip" and archive is None:
        _look_into_zip(path, root, scratch, found)
    elif suffix in BY_SUFFIX:
        for source in open_sources(path, BY_SUFFIX[suffix], told, found):
            found.sources.append(replace(source, archive=archive))


def _look_into_zip(path: Path, root: Path, scratch: Path, found: Found) -> None:
    told = shown(root, path)
    into = scratch / f"zip-{len(list(scratch.iterdir()))}"
    into.mkdir()
    try:
        unpack(path, into, told)
    except SubmissionError as error:
        for fault in error.faults:
            found.reject(told, "zip-broken", fault)
        return
    held = [item for item in _walk(into) if item.suffix.lower() in BY_SUFFIX]
    for item in held:
        before = len(found.sources)
        _look_at(item, into, scratch, found, archive=told)
        if len(held) > 1:
            inner = shown(into, item)
            found.sources[before:] = [
                replace(source, path=f"{told}/{inner}" + (f"#{source.layer}" if source.has_layers > 1 else ""))
                for source in found.sources[before:]
            ]


def open_sources(path: Path, format_: Format, told: str, found: Found) -> list[Source]:
    """The layers of one file; what cannot be opened is listed as rejected."""
    if format_ is Format.GEOTIFF:
        return [Source(told, path, format_, geometry=Geometry.RASTER)]
    if format_ is Format.GEOPARQUET:
        return describe_geoparquet(path, told, found)
    try:
        listed = pyogrio.list_layers(path)
        names = [str(name) for name, kind in listed if name != "layer_styles"]
        shapes = [str(name) for name, kind in listed if kind is not None and name != "layer_styles"]
        count = max(len(shapes), 1)
        return [_describe(path, format_, told, name, count) for name in (shapes or names)]
    except Exception as error:
        found.reject(told, "unreadable", words("layer-unreadable", file=told, why=short_reason(error)))
        return []


def _describe(path: Path, format_: Format, told: str, layer: str, count: int) -> Source:
    options = {"encoding": "ISO-8859-1"} if format_ is Format.SHAPEFILE else {}
    info = pyogrio.read_info(path, layer=layer, force_feature_count=True, force_total_bounds=True, **options)
    written = info["geometry_type"]
    bounds = info["total_bounds"]
    usable = bounds is not None and info["features"] > 0 and all(abs(end) < 1e300 for end in bounds)
    return Source(
        path=f"{told}#{layer}" if count > 1 else told,
        file=path,
        format=format_,
        layer=layer,
        geometry=GEOMETRY_OF.get(str(written).split()[0].removesuffix("Z").removesuffix("M")) if written else None,
        written_geometry=written,
        fields=tuple(str(name) for name in info["fields"]),
        features=int(info["features"]),
        crs=read_crs_text(info["crs"]),
        bounds=tuple(float(end) for end in bounds) if usable else None,  # type: ignore[arg-type]
        has_layers=count,
    )
