"""One layer or raster of a submission, before it is read."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyproj

from urbanform.model.roles import Geometry
from urbanform.wording import Words


class Format(StrEnum):
    """The formats that are read."""

    SHAPEFILE = "Shapefile"
    GEOPACKAGE = "GeoPackage"
    GEOJSON = "GeoJSON"
    FLATGEOBUF = "FlatGeobuf"
    GEOPARQUET = "GeoParquet"
    FILEGDB = "File Geodatabase"
    GEOTIFF = "GeoTIFF"


BY_SUFFIX = {
    ".shp": Format.SHAPEFILE,
    ".gpkg": Format.GEOPACKAGE,
    ".geojson": Format.GEOJSON,
    ".json": Format.GEOJSON,
    ".fgb": Format.FLATGEOBUF,
    ".parquet": Format.GEOPARQUET,
    ".geoparquet": Format.GEOPARQUET,
    ".gdb": Format.FILEGDB,
    ".tif": Format.GEOTIFF,
    ".tiff": Format.GEOTIFF,
}

ARCHIVE = ".zip"

GEOMETRY_OF = {
    "Point": Geometry.POINT,
    "MultiPoint": Geometry.POINT,
    "LineString": Geometry.LINE,
    "MultiLineString": Geometry.LINE,
    "CircularString": Geometry.LINE,
    "CompoundCurve": Geometry.LINE,
    "MultiCurve": Geometry.LINE,
    "Polygon": Geometry.POLYGON,
    "MultiPolygon": Geometry.POLYGON,
    "CurvePolygon": Geometry.POLYGON,
    "MultiSurface": Geometry.POLYGON,
    "PolyhedralSurface": Geometry.POLYGON,
    "TIN": Geometry.POLYGON,
    "Triangle": Geometry.POLYGON,
}


@dataclass(frozen=True, slots=True)
class Source:
    """One layer or raster that can be asked for.

    Attributes
    ----------
    path
        As it is printed: relative to the submission, ``#layer`` where its container holds several.
    origin
        The file of the submission that it comes from; an archive where it was packed.
    file, layer
        What is opened: ``origin`` itself, or a copy where reading would have to mend it.
    geometry
        None for a table without shapes, and where the format does not say (mixed).
    crs
        As the file says; None where it says nothing.
    encoding_note
        What is to be said of the encoding: that it was guessed, or is not what the file says.
    stem
        The file's name without its suffix, where a copy under another name is opened.
    bounds
        Of the coordinates as they stand in the file; None where the layer is empty.
    """

    path: str
    origin: Path
    file: Path
    format: Format
    layer: str | None = None
    geometry: Geometry | None = None
    written_geometry: str | None = None
    fields: tuple[str, ...] = ()
    features: int = 0
    crs: pyproj.CRS | None = None
    bounds: tuple[float, float, float, float] | None = None
    has_layers: int = 1
    encoding: str | None = None
    encoding_note: Words | None = None
    index_rebuilt: bool = False
    stem: str | None = None

    @property
    def own_names(self) -> tuple[str, ...]:
        """What the layer is called, the most telling name first."""
        stem = self.stem or self.file.stem
        own = [self.layer, stem] if self.has_layers > 1 else [stem, self.layer]
        return tuple(dict.fromkeys(name for name in own if name))

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which its role is recognised: its own, then those of its archive and of the folders above."""
        return tuple(dict.fromkeys((*self.own_names, *names_above(self.path))))


def names_above(path: str) -> list[str]:
    """The names of the containers, archives and folders that hold what a printed path names, the nearest first."""
    *above, last = re.split(r"[/#]", path)
    if Path(last).suffix.lower() == ARCHIVE:
        above.append(last)
    known = {ARCHIVE, *BY_SUFFIX}
    return [Path(name).stem if Path(name).suffix.lower() in known else name for name in reversed(above)]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that cannot be used.

    Attributes
    ----------
    path
        As it is printed.
    origin
        The file of the submission; None for one of a format that is not read, which stands for no layer.
    kind, message
        What is wrong with it.
    """

    path: str
    origin: Path | None
    kind: str
    message: Words

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which the role that it would have played is recognised."""
        stem = Path(re.split(r"[/#]", self.path)[-1]).stem
        return tuple(dict.fromkeys((stem, *names_above(self.path))))


@dataclass
class Found:
    """Everything in a submission's folder."""

    root: Path
    sources: list[Source] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def reject(self, path: str, kind: str, message: Words, origin: Path | None = None) -> None:
        """List a file that is not used."""
        self.rejected.append(Rejected(path, origin, kind, message))


def source_of(info: dict[str, Any], source: Source) -> Source:
    """A source with what pyogrio says of it."""
    written = info["geometry_type"]
    bounds = info["total_bounds"]
    usable = bounds is not None and info["features"] > 0 and all(abs(end) < 1e300 for end in bounds)
    plain = str(written).removeprefix("3D ").removeprefix("2.5D ").removeprefix("Measured ").split(" ")[0]
    return replace(
        source,
        geometry=GEOMETRY_OF.get(plain.removesuffix("M").removesuffix("Z")) if written else None,
        written_geometry=written,
        fields=tuple(str(name) for name in info["fields"]),
        features=int(info["features"]),
        crs=read_crs_text(info["crs"]),
        bounds=_four(bounds) if usable else None,
    )


def _four(bounds: Any) -> tuple[float, float, float, float]:
    west, south, east, north = (float(end) for end in bounds)
    return west, south, east, north


@lru_cache(maxsize=64)
def read_crs_text(text: str | None) -> pyproj.CRS | None:
    """A CRS as a file writes it; None where it writes none that PROJ understands."""
    if not text:
        return None
    try:
        crs = pyproj.CRS.from_user_input(text)
        # One whose definition is damaged may be read and yet lead nowhere.
        if crs.geodetic_crs is not None:
            pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    except pyproj.exceptions.ProjError:
        return None
    return crs


def short_reason(error: BaseException) -> str:
    """The first line of what a library says, without the paths of this machine."""
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    return " ".join(Path(part).name if "/" in part or "\\" in part else part for part in text.split())[:200]
