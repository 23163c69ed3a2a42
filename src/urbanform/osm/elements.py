"""Elements of OpenStreetMap with the tags that the tables ask for, whichever way they were come by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.vocabulary import table

CRS = "EPSG:4326"

OWN_KEYS = ("highway", "building")
"""Keys whose every value is looked at; of the others those in the tables are."""

MORE_TAGS = (
    *("name", "ref", "access", "foot", "area", "width", "oneway", "layer", "bridge", "tunnel", "construction"),
    *("proposed", "building:levels", "building:use", "height", "start_date", "location", "residential", "industrial"),
    *("water", "social_facility", "office", "place", "public_transport"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where elements come from.

    Attributes
    ----------
    name
        The file's name, or the place as it was asked for.
    date
        ISO 8601, as precise as it is known; None where nothing tells.
    date_from
        ``header`` of the extract, ``newest`` change among its elements, day of the ``download``, ``unknown``.
    tool
        What read it, with its version.
    program
        What wrote the extract, as its header says; None where it does not.
    """

    name: str
    date: str | None
    date_from: Literal["header", "newest", "download", "unknown"]
    tool: str
    program: str | None = None


@dataclass(frozen=True, eq=False)
class Elements:
    """Nodes, ways and relations that carry a tag of interest.

    Attributes
    ----------
    frame
        ``id`` (way/123), ``cut`` (some nodes are not at hand), a column of text per tag (None where it lacks it), and
        the geometry in longitude and latitude: points; ways as lines, closed or not, or as polygons; relations as
        (multi)polygons.
    lost
        Elements that have no shape: columns ``id`` and ``why``, a code of the module's words.
    read
        How many elements of each kind the source holds.
    """

    frame: gpd.GeoDataFrame
    lost: pd.DataFrame
    origin: Origin
    read: Mapping[str, int]


@cache
def tag_keys() -> tuple[str, ...]:
    """The keys by which an element is of interest."""
    tables = ("osm_area", "osm_land_use", "osm_facility")
    return tuple(dict.fromkeys((*OWN_KEYS, *(row["key"] for name in tables for row in table(name)))))


@cache
def tag_columns() -> tuple[str, ...]:
    """Every tag that is read, as the columns of the frame."""
    more = [row["with_key"] for row in table("osm_land_use") if row["with_key"]]
    return tuple(dict.fromkeys((*tag_keys(), *MORE_TAGS, *(row["key"] for row in table("osm_building")), *more)))


def elements_of(
    rows: Iterable[tuple[object, ...]],
    shapes: np.ndarray,
    lost: Iterable[tuple[str, str]],
    origin: Origin,
    read: Mapping[str, int],
) -> Elements:
    """Elements from rows of id, cut and the tags in the order of :func:`tag_columns`, with their shapes (n,)."""
    columns = ("id", "cut", *tag_columns())
    frame = pd.DataFrame.from_records(list(rows), columns=columns).astype(object)
    frame["cut"] = frame["cut"].astype(bool)
    gone = pd.DataFrame(list(lost), columns=["id", "why"], dtype=object)
    return Elements(gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=CRS)), gone, origin, read)


def tagged(frame: pd.DataFrame, rows: Iterable[Mapping[str, str]], value: str) -> pd.Series:
    """What a table gives each element: the column ``value`` of the first row whose tag it has; None where none.

    A row says a ``key`` and ``value`` (the latter under ``word``), and may ask for a second tag with ``with_key`` and
    ``with_value``.
    """
    found = pd.Series(None, index=frame.index, dtype=object)
    for row in rows:
        fits = found.isna() & (frame[row["key"]] == row["value"])
        if row.get("with_key"):
            fits &= frame[row["with_key"]] == row["with_value"]
        found[fits] = row[value]
    return found


def as_areas(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """The elements that are areas, closed ways as polygons; and those that are none, with why.

    Points are neither: a shop on a node is no parcel. Polygons keep whatever faults they have.

    Returns
    -------
    areas, lost
        Rows of the frame with polygonal geometry; columns ``id`` and ``why``.
    """
    shapes = frame.geometry.to_numpy().copy()
    kind = shapely.get_type_id(shapes)
    line = np.isin(kind, [shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING])
    cut = line & frame["cut"].to_numpy()
    ring = line & ~cut & shapely.is_closed(shapes) & (shapely.get_num_coordinates(shapes) >= 4)
    ring &= kind == shapely.GeometryType.LINESTRING
    shapes[ring] = shapely.polygons(shapely.linearrings(_corners(shapes[ring])[0], indices=_corners(shapes[ring])[1]))
    area = shapely.get_dimensions(shapes) == 2
    why = np.where(cut, "area-cut", "area-open")[line & ~ring]
    lost = pd.DataFrame({"id": frame["id"].to_numpy()[line & ~ring], "why": why}, dtype=object)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))[area], lost


def _corners(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    xy, of = shapely.get_coordinates(lines, return_index=True)
    return xy, of
