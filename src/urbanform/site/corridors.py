"""Ecological corridors with what stands in them, prepared once for every check that asks of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.measure.corridor_outline import group_corridors
from urbanform.measure.prepared_corridor import Corridor, ObstacleKind, ObstacleRef, prepared_corridor
from urbanform.measure.road_strips import RoadLines
from urbanform.measure.width import NetWidth, net_width
from urbanform.model.measurement import Subject
from urbanform.model.roles import LandUse
from urbanform.site import Site
from urbanform.wording import Words, words

CONSTRUCTION = (
    LandUse.RESIDENTIAL,
    LandUse.RURAL_RESIDENTIAL,
    LandUse.PUBLIC,
    LandUse.COMMERCIAL,
    LandUse.INDUSTRIAL,
    LandUse.STORAGE,
    LandUse.TRANSPORT,
    LandUse.UTILITY,
    LandUse.SPECIAL,
)
"""Land that is built on; roads are obstacles as lines, and open land is the corridor itself."""

UNKNOWN_ROAD_M = 40.0


@dataclass(frozen=True, slots=True)
class Obstruction:
    """Everything that may stand in a corridor, and whether it is certain to.

    Attributes
    ----------
    shapes
        Polygons of buildings and construction land, shape (n,); envelopes where a shape is unsound.
    names
        What each is: the role and the feature's id.
    certain
        Shape (n,): False for an unsound shape, and for a parcel whose use is unknown.
    roads
        Centrelines with their widths.
    road_names
        The ids of the roads.
    road_certain
        Shape (roads,): False where it is not known whether the road exists.
    nowhere
        How many buildings, parcels or roads have no shape, and may stand anywhere.
    """

    shapes: np.ndarray
    names: tuple[tuple[str, str], ...]
    certain: np.ndarray
    roads: RoadLines
    road_names: tuple[str, ...]
    road_certain: np.ndarray
    nowhere: int


@dataclass(frozen=True, eq=False)
class SiteCorridor:
    """One corridor of the submission: features that touch are one.

    Attributes
    ----------
    id, name
        Of its first feature; the names of all of them.
    polygons
        Its features' shapes.
    least, most
        Prepared with everything that may stand in it, and with what is certain to; the same object where nothing is
        in doubt.
    obstruction
        What the numbers of the obstacles in ``least`` mean.
    """

    id: str
    name: str | None
    polygons: np.ndarray
    least: Corridor
    most: Corridor
    obstruction: Obstruction
    shape_numbers: np.ndarray
    road_numbers: np.ndarray

    @cached_property
    def width(self) -> NetWidth:
        """The net width with everything that may stand in it."""
        return net_width(self.least)

    @cached_property
    def widest(self) -> NetWidth:
        """The net width with what is certain to stand in it."""
        return self.width if self.most is self.least else net_width(self.most)

    def words_of(self, obstacle: ObstacleRef) -> Words:
        """An obstacle of ``least`` as a reader calls it, its id as the code."""
        if obstacle.kind is ObstacleKind.ROAD:
            role, key = "roads", self.name_of_road(obstacle.number)
        elif obstacle.kind is ObstacleKind.HOLE:
            role, key = "hole", str(obstacle.number + 1)
        else:
            role, key = self.obstruction.names[self.shape_numbers[obstacle.number]]
        return replace(words(f"obstacle-{role}", id=key), code=key)

    @property
    def doubts(self) -> tuple[Words, ...]:
        """Why a good figure is no proof: things without a shape may stand in it."""
        count = self.obstruction.nowhere
        return (words("corridor-nowhere", count=count),) if count else ()

    def name_of_road(self, number: int) -> str:
        """The id of a road by its number in ``least``."""
        return self.obstruction.road_names[self.road_numbers[number]]


def corridors_of(site: Site, join_m: float, road_width_m: float) -> tuple[SiteCorridor, ...]:
    """Every corridor whose shape is sound, in the order of the layer's first features."""
    return site.once(("corridors", join_m, road_width_m), lambda: tuple(_prepare(site, join_m, road_width_m)))


def unsound_corridors(site: Site) -> tuple[Subject, ...]:
    """The rows of features whose shapes cannot be trusted."""
    frame = site.needed("corridors").frame(("id", "name"))
    frame = frame[~frame["sound"].to_numpy(dtype=bool)]
    return tuple(
        Subject(str(key), None if pd.isna(name) else str(name), missing=words("corridor-unsound"))
        for key, name in zip(frame["id"], frame["name"], strict=True)
    )


def obstruction_of(site: Site) -> Obstruction:
    """Buildings, construction land and roads near any corridor."""
    return site.once("obstruction", lambda: _obstruction(site))


def _prepare(site: Site, join_m: float, road_width_m: float) -> Iterator[SiteCorridor]:
    frame = site.needed("corridors").frame(("id", "name"))
    frame = frame[frame["sound"].to_numpy(dtype=bool)]
    shapes = frame.geometry.to_numpy()
    label = group_corridors(shapes, join_m)
    standing = obstruction_of(site)
    clusters = _clusters(site)
    tree, road_tree = shapely.STRtree(standing.shapes), shapely.STRtree(standing.roads.lines)
    for number in range(label.max() + 1 if len(label) else 0):
        rows = np.flatnonzero(label == number)
        mine = frame.iloc[rows]
        near = np.unique(tree.query(shapes[rows], predicate="intersects")[1])
        near_roads = np.unique(road_tree.query(shapes[rows], predicate="intersects")[1])

        def made(things: np.ndarray, lines: np.ndarray, polygons: np.ndarray = shapes[rows]) -> Corridor:
            roads = RoadLines(
                standing.roads.lines[lines],
                standing.roads.red_line_width_m[lines],
                standing.roads.pavement_width_m[lines],
            )
            return prepared_corridor(
                polygons,
                standing.shapes[things],
                roads,
                clusters,
                join_m=join_m,
                road_width_m=road_width_m,
                unknown_road_width_m=UNKNOWN_ROAD_M,
            )

        least = made(near, near_roads)
        sure, sure_roads = near[standing.certain[near]], near_roads[standing.road_certain[near_roads]]
        alike = len(sure) == len(near) and len(sure_roads) == len(near_roads)
        names = [str(name) for name in mine["name"].dropna().unique()]
        yield SiteCorridor(
            id=str(mine["id"].iloc[0]),
            name="、".join(names) or None,
            polygons=shapes[rows],
            least=least,
            most=least if alike else made(sure, sure_roads),
            obstruction=standing,
            shape_numbers=near,
            road_numbers=near_roads,
        )


def _clusters(site: Site) -> np.ndarray:
    layer = site.layer("clusters")
    if layer is None:
        return np.empty(0, dtype=object)
    frame = layer.frame(())
    return frame.geometry.to_numpy()[frame["sound"].to_numpy(dtype=bool)]


def _obstruction(site: Site) -> Obstruction:
    frame = site.needed("corridors").frame(())
    areas = frame.geometry.to_numpy()[frame["sound"].to_numpy(dtype=bool)]
    shapes: list[np.ndarray] = [np.empty(0, dtype=object)]
    certain: list[np.ndarray] = [np.empty(0, dtype=bool)]
    names: list[tuple[str, str]] = []
    nowhere = 0
    for role in ("buildings", "parcels"):
        for batch in _near(site, role, areas, ("id",) if role == "buildings" else ("id", "land_use")):
            here = batch.geometry.to_numpy()
            nowhere += int(shapely.is_missing(here).sum())
            sure = batch["sound"].to_numpy(dtype=bool)
            stands = ~shapely.is_missing(here)
            if role == "parcels":
                use = batch["land_use"]
                sure = sure & use.notna().to_numpy()
                stands = stands & (use.isna() | use.isin([str(kind) for kind in CONSTRUCTION])).to_numpy(dtype=bool)
            shapes.append(here[stands])
            certain.append(sure[stands])
            names += [(role, str(key)) for key in batch["id"].to_numpy()[stands]]
    lines: list[np.ndarray] = [np.empty(0, dtype=object)]
    red: list[np.ndarray] = [np.empty(0)]
    paved: list[np.ndarray] = [np.empty(0)]
    exists: list[np.ndarray] = [np.empty(0, dtype=bool)]
    road_names: list[str] = []
    for batch in _near(site, "roads", areas, ("id", "red_line_width", "pavement_width")):
        here = batch.geometry.to_numpy()
        nowhere += int(shapely.is_missing(here).sum())
        drawn = ~shapely.is_missing(here)
        lines.append(here[drawn])
        red.append(batch["red_line_width"].to_numpy(dtype=float)[drawn])
        paved.append(batch["pavement_width"].to_numpy(dtype=float)[drawn])
        exists.append(batch["certain"].to_numpy(dtype=bool)[drawn])
        road_names += [str(key) for key in batch["id"].to_numpy()[drawn]]
    return Obstruction(
        np.concatenate(shapes),
        tuple(names),
        np.concatenate(certain),
        RoadLines(np.concatenate(lines), np.concatenate(red), np.concatenate(paved)),
        tuple(road_names),
        np.concatenate(exists),
        nowhere,
    )


def _near(site: Site, role: str, areas: np.ndarray, columns: tuple[str, ...]) -> Iterator[gpd.GeoDataFrame]:
    """The features of a role that meet an area, or of which it is not known where they lie, batch by batch."""
    layer = site.layer(role)
    if layer is None or not len(areas):
        return
    west, south, east, north = (float(end) for end in shapely.total_bounds(areas))
    area = shapely.union_all(areas)
    shapely.prepare(area)
    for batch in layer.batches(columns, bbox=(west, south, east, north)):
        here = batch.geometry.to_numpy()
        yield batch[shapely.is_missing(here) | shapely.intersects(area, here)]
