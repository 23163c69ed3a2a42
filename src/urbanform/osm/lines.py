"""Roads and footpaths from the tag ``highway``, by the table ``osm_highway``.

GB/T 51328-2018 classes city roads by what they do, OpenStreetMap by importance, and in China the same tag stands for a
city road and for the numbered highway (公路) of its rank: ``trunk`` for 快速路 and 国道, ``primary`` for 主干路 and
省道, and so on down. A class is given only where the tags leave no other reading.
"""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.osm.elements import Elements
from urbanform.osm.written import metres
from urbanform.vocabulary import table

UNKNOWN = "?"
"""What the table says of a class that the tag does not settle."""

NUMBERED = re.compile(r"[GSXYCZ]\d{1,4}", re.IGNORECASE)
"""The number of a national, provincial, county, township, village or special highway (GB/T 917)."""

COMING = {"construction": "under-construction", "proposed": "planned"}


def highways(elements: Elements) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Ways tagged ``highway`` with what the table says of them, and those left out with why.

    Besides the tags the frame carries ``value`` (the highway's own, or what it is to become), ``status``, ``limited``
    and ``closed`` (by the tag ``access``), and the columns of the table.
    """
    frame = elements.frame
    way = ~frame["id"].str.startswith("node/")
    frame = frame[frame["highway"].notna() & way]
    shapes = frame.geometry.to_numpy()
    # A ring is an area where it says so, or where it is at the same time what can only be one.
    told = (frame["area"] == "yes") | (frame["place"] == "square") | (frame["public_transport"] == "platform")
    ground = (told.to_numpy() & shapely.is_closed(shapes)) | (shapely.get_dimensions(shapes) == 2)
    gone = [_left_out(frame[ground], "highway-area")]
    frame = frame[~ground].copy()

    frame["status"] = frame["highway"].map(COMING).fillna("existing")
    frame["value"] = frame["highway"]
    for key in COMING:
        coming = frame["highway"] == key
        frame.loc[coming, "value"] = frame[key][coming].where(~frame[key][coming].isin(["yes"]), None)
    # Of a road to come nobody may have said what kind it is to be.
    frame["value"] = frame["value"].fillna("road")
    rows = pd.DataFrame([dict(row) for row in table("osm_highway")], dtype=object).set_index("value")
    known = frame["value"].isin(rows.index)
    gone.append(_left_out(frame[~known], "highway-unknown"))
    frame = frame[known]
    told = rows.loc[frame["value"]].set_axis(frame.index)
    frame = frame.assign(**{f"as_{name}": told[name] for name in told})
    access = frame["access"].map({row["word"]: row["meaning"] for row in table("osm_access")})
    frame = frame.assign(closed=access == "closed", limited=access == "limited")
    neither = (frame["as_named"] == "") & (frame["as_walk"] == "no")
    gone.append(_left_out(frame[neither], "highway-other"))
    return frame[~neither], pd.concat(gone, ignore_index=True)


def roads(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The layer of road centrelines: one line per way, carriageways apart as they are drawn.

    ``class`` is blank where the tags leave it open. ``pavement_width`` comes of the tag ``width``, which is the width
    of the carriageway; a red line is never read from OpenStreetMap.
    """
    rows = frame[frame["as_named"] != ""]
    numbered = rows["ref"].fillna("").str.split(";").map(lambda parts: any(map(_is_numbered, parts))).astype(bool)
    named = rows["name"].notna()
    # A small road that is closed may be a bus lane, a pedestrian street or somebody's yard.
    closed = rows["closed"] & (rows["as_limited"] == "internal") & (rows["as_named"] != "internal")
    by_case = [rows["limited"], closed, numbered, named]
    told = [rows["as_limited"], UNKNOWN, rows["as_numbered"], rows["as_named"]]
    classed = np.select(by_case, told, rows["as_unnamed"]) if len(rows) else np.empty(0, dtype=object)
    return _frame(
        rows,
        {
            "name": rows["name"],
            "class": pd.Series(classed, index=rows.index, dtype=object).where(classed != UNKNOWN, None),
            "pavement_width": metres(rows["width"]),
            "status": rows["status"],
            "osm_highway": rows["highway"],
            "osm_ref": rows["ref"],
            "osm_oneway": rows["oneway"],
            "osm_layer": rows["layer"],
        },
    )


def footpaths(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """The layer of footpaths without levels yet (its columns ``layer``, ``bridge`` and ``tunnel`` tell them), and what
    was left out with why.

    A path is public unless it says otherwise; a cycle or bridle way is no footpath unless it says that one may walk.
    """
    rows = frame[frame["as_walk"] != "no"]
    foot = rows["foot"].map({row["word"]: row["meaning"] for row in table("osm_access")})
    allowed = foot == "open"
    shut = foot.isin(["closed", "limited"]) | ((rows["closed"] | rows["limited"]) & ~allowed)
    unasked = (rows["as_walk"] == "asked") & ~allowed & ~shut
    gone = [_left_out(rows[shut], "walk-closed"), _left_out(rows[unasked], "walk-unasked")]
    kept = rows[~shut & ~unasked]
    columns = {
        "name": kept["name"],
        "status": kept["status"],
        "osm_highway": kept["highway"],
        **{key: kept[key] for key in ("layer", "bridge", "tunnel")},
    }
    return _frame(kept, columns), pd.concat(gone, ignore_index=True)


def _is_numbered(ref: str) -> bool:
    return NUMBERED.fullmatch(ref.strip()) is not None


def _frame(rows: gpd.GeoDataFrame, columns: dict[str, pd.Series]) -> gpd.GeoDataFrame:
    told = pd.DataFrame({"id": rows["id"], **columns}, index=rows.index)
    return gpd.GeoDataFrame(told, geometry=rows.geometry).reset_index(drop=True)


def _left_out(rows: pd.DataFrame, why: str) -> pd.DataFrame:
    return pd.DataFrame({"id": rows["id"].to_numpy(), "why": why}, dtype=object)
