"""Levels of footpaths: where paths of OpenStreetMap that lie over one another meet, and where they only cross.

In OpenStreetMap ways meet at the nodes that they share, on whatever layer they lie. Layers of our own meet where their
lines touch and have a level in common. So a path off the ground is cut close to each node that it shares with a path of
another level, and the short piece there is of both levels: it joins what meets at the node and nothing that passes over
or under it.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

JOINT_M = 1.0
"""How long the pieces of two levels are; less where the next corner is nearer."""

METRES_PER_DEGREE = 111_320.0
"""Of latitude; only the size of the joints rests on it."""


def levelled(paths: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Footpaths with the column ``level`` in place of ``layer``, ``bridge`` and ``tunnel``.

    The level is the tag ``layer``; without it 1 for a bridge, -1 for a tunnel, 0 else. A path that was cut at its
    joints comes as several rows of one id.

    Parameters
    ----------
    paths
        LineStrings or MultiLineStrings in degrees.
    """
    level = pd.to_numeric(paths["layer"], errors="coerce")
    level = level.where(level == np.round(level))
    over = paths["bridge"].notna() & ~paths["bridge"].isin(["no"])
    under = paths["tunnel"].notna() & ~paths["tunnel"].isin(["no"])
    level = level.fillna(over.astype(float) - (under & ~over).astype(float)).astype(int)
    told = paths.drop(columns=["layer", "bridge", "tunnel"]).assign(level=level.astype(str))
    if not (level != 0).any():
        return told
    single = told.explode(index_parts=False, ignore_index=True)
    return _cut_at_joints(single)


def _cut_at_joints(paths: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    xy, of = shapely.get_coordinates(paths.geometry.to_numpy(), return_index=True)
    level = paths["level"].astype(int).to_numpy()
    corners = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "path": of, "level": level[of]})
    corners["node"] = corners.groupby(["x", "y"], sort=False).ngroup()
    spread = corners.groupby("node")["level"].nunique()
    joint = corners["node"].map(spread).to_numpy() > 1
    # The ground stays whole: of two that meet it is enough that one reaches both levels.
    joint &= corners["level"].to_numpy() != 0
    if not joint.any():
        return paths
    names = corners[corners["node"].isin(corners["node"][joint])].groupby("node")["level"]
    both = names.agg(lambda levels: ";".join(str(one) for one in sorted(set(levels))))

    cut = np.unique(of[joint])
    pieces, owner, told = _pieces(corners, xy, of, joint, cut, both)
    whole = np.setdiff1d(np.arange(len(paths)), cut)
    rows = np.concatenate([whole, owner])
    found = paths.iloc[rows].copy()
    found.geometry = gpd.GeoSeries(
        np.concatenate([paths.geometry.to_numpy()[whole], pieces]), index=found.index, crs=paths.crs
    )
    found["level"] = np.concatenate([paths["level"].to_numpy(dtype=object)[whole], told])
    return found.iloc[np.argsort(rows, kind="stable")].reset_index(drop=True)


def _pieces(
    corners: pd.DataFrame, xy: np.ndarray, of: np.ndarray, joint: np.ndarray, cut: np.ndarray, both: pd.Series
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pieces of the paths that are cut, the path of each and its level; shape (pieces,) each."""
    start = np.flatnonzero((of[1:] == of[:-1]) & np.isin(of[:-1], cut))
    step = xy[start + 1] - xy[start]
    metres = np.hypot(step[:, 0] * np.cos(np.radians(xy[start, 1])), step[:, 1]) * METRES_PER_DEGREE
    share = np.minimum(JOINT_M / np.where(metres > 0, metres, 1.0), 1 / 3)
    behind, ahead = joint[start], joint[start + 1]
    at = np.concatenate([start[behind] + share[behind], start[ahead] + 1 - share[ahead]])
    inserted = np.concatenate(
        [
            xy[start[behind]] + share[behind, None] * step[behind],
            xy[start[ahead] + 1] - share[ahead, None] * step[ahead],
        ]
    )
    mine = np.flatnonzero(np.isin(of, cut))
    # A place of a cut stands twice: it ends one piece and begins the next.
    place = np.concatenate([mine.astype(float), at, at])
    points = np.concatenate([xy[mine], inserted, inserted])
    opens = np.concatenate(
        [np.r_[True, of[mine][1:] != of[mine][:-1]], np.zeros(len(at), bool), np.ones(len(at), bool)]
    )
    node = np.concatenate([np.where(joint[mine], corners["node"].to_numpy()[mine], -1), np.full(2 * len(at), -1)])
    order = np.lexsort((opens, place))
    piece = np.cumsum(opens[order]) - 1
    owner = of[np.floor(place[order][np.flatnonzero(opens[order])]).astype(int)]
    lines = shapely.linestrings(points[order], indices=piece)
    told = np.array([str(number) for number in corners.groupby("path")["level"].first()[owner]], dtype=object)
    at_joint = node[order] >= 0
    told[piece[at_joint]] = both.loc[node[order][at_joint]].to_numpy()
    return lines, owner, told
