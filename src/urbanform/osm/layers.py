"""From elements to layers: which role each plays, with canonical fields. The tables of ``vocabulary`` decide.

A tag that may mean several things gives a blank, which the checks take as unknown; nothing is guessed in favour of a
pass. What is left out is counted and listed with its reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from urbanform.osm.elements import CRS, Elements, as_areas, tagged
from urbanform.osm.levels import levelled
from urbanform.osm.lines import footpaths, highways, roads
from urbanform.osm.words import say
from urbanform.osm.written import metres, storeys, year
from urbanform.vocabulary import table
from urbanform.wording import Words

NO_BUILDING = frozenset({"no", "construction", "proposed", "planned", "demolished", "razed", "collapsed"})
"""Values of ``building`` of what does not stand."""


@dataclass(frozen=True, eq=False)
class MadeLayer:
    """A layer as it is to be written: longitude and latitude, canonical fields, text where a tag is text.

    Attributes
    ----------
    notes
        What is to be known of it, in words.
    """

    role: str
    frame: gpd.GeoDataFrame
    notes: tuple[Words, ...]


def layers_of(elements: Elements) -> tuple[list[MadeLayer], pd.DataFrame]:
    """The layers that elements make up, those without a feature left out; and what was left out.

    Returns
    -------
    layers, left_out
        In the order in which they are written; columns ``id`` and ``why``, a code of the module's words.
    """
    made, gone = [], [elements.lost]
    for role, frame, lost, notes in _parts(elements):
        gone.append(lost)
        if len(frame):
            made.append(MadeLayer(role, frame, (*notes, *_shape_notes(elements, frame))))
    left_out = pd.concat([part for part in gone if len(part)] or [elements.lost], ignore_index=True)
    return made, left_out.drop_duplicates(ignore_index=True)


_Part = tuple[str, gpd.GeoDataFrame, pd.DataFrame, list[Words]]


def _parts(elements: Elements) -> Iterator[_Part]:
    lines, gone = highways(elements)
    streets = roads(lines)
    yield "roads", streets, gone, _road_notes(streets)
    paths, shut = footpaths(lines)
    yield "footpaths", levelled(paths), shut, []
    yield _buildings(elements)
    yield _parcels(elements)
    yield from _areas(elements)
    yield _facilities(elements)


def _road_notes(streets: gpd.GeoDataFrame) -> list[Words]:
    unclear = streets["class"].isna()
    km = 0.0
    if unclear.any():
        km = sum(pyproj.Geod(ellps="WGS84").geometry_length(line) for line in streets.geometry[unclear]) / 1000
    return [say("class-open", count=int(unclear.sum()), km=round(km, 1))] if unclear.any() else []


def _buildings(elements: Elements) -> _Part:
    """Buildings with storeys, height, use and year; parts of buildings lie within them and are no buildings."""
    frame = elements.frame[elements.frame["building"].notna() & ~_is_node(elements)]
    gone = frame["building"].isin(NO_BUILDING) | (frame["location"] == "underground")
    areas, lost = as_areas(frame[~gone])
    levels = storeys(areas["building:levels"])
    use = tagged(areas, table("osm_building"), "use")
    made = _frame(
        areas,
        {
            "name": areas["name"],
            "storeys": levels,
            "height": metres(areas["height"]),
            "use": use,
            "year_built": year(areas["start_date"]),
            "osm_building": areas["building"],
        },
    )
    notes = [say("storeys-known", count=int(levels.notna().sum())), say("use-known", count=int(use.notna().sum()))]
    return "buildings", made, _both(_gone(frame[gone], "building-absent"), lost), notes


def _parcels(elements: Elements) -> _Part:
    """Land use by the land-and-sea classification; what is a building, or has no code in the table, is no parcel."""
    frame = elements.frame[elements.frame["building"].isna() & ~_is_node(elements)]
    code = tagged(frame, table("osm_land_use"), "code")
    areas, lost = as_areas(frame[code.notna()])
    names = {row["code"]: row["name"] for row in table("osm_land_use")}
    code = code[areas.index]
    columns = {"name": areas["name"], "YDYHFLDM": code, "YDYHFLMC": code.map(names), "osm_landuse": areas["landuse"]}
    return "parcels", _frame(areas, columns), lost, []


def _areas(elements: Elements) -> Iterator[_Part]:
    """Parks and water."""
    frame = elements.frame[~_is_node(elements)]
    rows = table("osm_area")
    access = frame["access"].map({row["word"]: row["meaning"] for row in table("osm_access")})
    public = tagged(frame, rows, "public")
    of = tagged(frame, rows, "role")
    kind = tagged(frame, rows, "kind")
    shut = (public == "unless-closed") & access.isin(["closed", "limited"])
    unsaid = (public == "if-open") & (access != "open")
    for role in dict.fromkeys(row["role"] for row in rows):
        mine = of == role
        areas, lost = as_areas(frame[mine & ~shut & ~unsaid])
        columns = {"name": areas["name"]}
        if role == "water":
            columns["kind"] = areas["water"].fillna(kind[areas.index])
        else:
            columns["osm_leisure"] = areas["leisure"]
        gone = (_gone(frame[mine & shut], "park-closed"), _gone(frame[mine & unsaid & ~shut], "garden-unsaid"))
        yield role, _frame(areas, columns), _both(*gone, lost), []


def _facilities(elements: Elements) -> _Part:
    """Facilities as points: where one is drawn as an area, a point inside it."""
    frame = elements.frame
    kind = tagged(frame, table("osm_facility"), "kind")
    frame = frame[kind.notna()]
    node = frame["id"].str.startswith("node/")
    areas, lost = as_areas(frame[~node])
    inside = gpd.GeoSeries(shapely.point_on_surface(areas.geometry.to_numpy()), index=areas.index, crs=CRS)
    points = pd.concat([frame[node], areas.set_geometry(inside)]).sort_index()
    return "facilities", _frame(points, {"name": points["name"], "kind": kind[points.index]}), lost, []


def _is_node(elements: Elements) -> pd.Series:
    return elements.frame["id"].str.startswith("node/")


def _shape_notes(elements: Elements, frame: gpd.GeoDataFrame) -> list[Words]:
    """How many features lack what lies beyond the extract, and how many cross themselves."""
    cut = elements.frame["id"][elements.frame["cut"]]
    short = frame["id"][frame["id"].isin(cut)].nunique()
    broken = int((~shapely.is_valid(frame.geometry.to_numpy())).sum())
    return [
        *([say("line-cut", count=short)] if short else []),
        *([say("shape-crossing", count=broken)] if broken else []),
    ]


def _frame(rows: gpd.GeoDataFrame, columns: dict[str, pd.Series]) -> gpd.GeoDataFrame:
    told = pd.DataFrame({"id": rows["id"], **columns}, index=rows.index)
    return gpd.GeoDataFrame(told, geometry=rows.geometry).reset_index(drop=True)


def _gone(rows: pd.DataFrame, why: str) -> pd.DataFrame:
    return pd.DataFrame({"id": rows["id"].to_numpy(), "why": why}, dtype=object)


def _both(*parts: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)
