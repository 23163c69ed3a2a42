"""The paths that people walk, where plots are entered from them, and what lies within a walk."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.entrances import Access, access
from urbanform.measure.network import Network, walking_network
from urbanform.measure.walks import walking_distances
from urbanform.measure.walkways import GROUND
from urbanform.model.roles import ROLES
from urbanform.model.submission import covers
from urbanform.site import Site
from urbanform.site.footways import levels_written
from urbanform.site.homes import Homes
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "levels-open": (
        "有 {count} 处地块或设施旁有高架、地下等非地面层的{role}，是否由此出入未知；请补画通到地面的坡道、楼梯并填写"
        "两端层级（如 0;1），并补画地面上的道路",
        "{count} plots or facilities lie beside {role} off the ground, and it is not known whether they are entered "
        "from there; draw the ramps and stairs down with both levels (such as 0;1), and the paths on the ground",
    ),
    "paths-open": (
        "{role}图层中有图形错误、缺失或不知是否现状的线，步行距离可能更短；请修复几何、补填规划状态",
        "the {role} layer has lines that are broken, missing or may not exist, so ways may be shorter; repair them and "
        "fill in the status",
    ),
}

ROLES_OF_PATHS = ("footpaths", "roads")
"""The layers that serve as a network of paths, in order of preference."""

ENTRANCE_M = 20.0
"""A plot is entered wherever a path passes it this near; one that no path passes, where the network comes nearest."""

SAME = 1e-9


@dataclass(frozen=True, eq=False)
class WalkingPaths:
    """A network of paths.

    Attributes
    ----------
    role
        The layer that it comes from.
    network
        Of the lines that certainly run where they are drawn.
    trusted
        Whether there are no other lines: where there are, ways may be shorter.
    on_ground
        Which lines of the network plots are entered from for certain; shape (lines,).
    """

    role: str
    network: Network
    trusted: bool
    on_ground: NDArray[np.bool_]


def walking_paths(site: Site, area: shapely.Geometry, margin_m: float) -> WalkingPaths | None:
    """The paths in and around an area: the footpaths where there are any, else the roads; None where neither is given.

    Expressways, where the roads have classes, are no paths: nobody may walk along them (CJJ 129-2009). A layer that was
    set aside, or that mixes existing and planned lines, gives none, and nothing stands in for it.
    """
    role = path_role(site)
    if role is None or role in site.submission.unstaged:
        return None
    west, south, east, north = (float(edge) for edge in shapely.bounds(area))
    around = (west - margin_m, south - margin_m, east + margin_m, north + margin_m)
    layer = site.needed(role)
    # Whatever the area, the whole layer makes one network.
    box = None if covers(around, layer.total_bounds) else around

    def build() -> WalkingPaths:
        levelled = "level" in layer.fields
        wanted = [name for name in ("level", "class") if name in layer.fields]
        frames = list(layer.batches(wanted, bbox=box))
        if "class" in wanted:
            frames = [frame[(frame["class"] != "expressway").fillna(True)] for frame in frames]
        lines = np.concatenate([np.empty(0, dtype=object), *(frame.geometry.to_numpy() for frame in frames)])
        flags = [(f["sound"] & f["certain"]).to_numpy(dtype=bool) for f in frames]
        fit = np.concatenate([np.zeros(0, dtype=bool), *flags]) & ~shapely.is_missing(lines)
        if not levelled:
            network = walking_network(lines[fit])
            return WalkingPaths(role, network, bool(fit.all()), np.ones(len(network.lines), dtype=bool))
        levels = np.concatenate([np.empty(0, dtype=object), *(_levels(frame) for frame in frames)])[fit]
        network = walking_network(lines[fit], levels)
        return WalkingPaths(role, network, bool(fit.all()), _on_ground(levels)[network.owner])

    return site.once(("walking paths", role, box), build)


def _levels(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """The levels of each line; a blank is that of the ground."""
    number, written = pd.factorize(frame["level"])
    found = np.empty(len(written) + 1, dtype=object)
    found[:] = [*(levels_written(str(text)) for text in written), GROUND]
    return found[number]


def _on_ground(levels: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which lines touch the ground; where none does, and all have the same level, that is it."""
    ground = np.array([bool(GROUND & level) for level in levels], dtype=bool)
    return ground if ground.any() or len(set(levels)) > 1 else np.ones(len(levels), dtype=bool)


def path_role(site: Site) -> str | None:
    """The layer that is to serve as paths, whether or not it can be used; None where there is none."""
    for role in ROLES_OF_PATHS:
        layer = site.layer(role)
        if role in site.submission.faults or role in site.submission.unstaged or (layer is not None and len(layer)):
            return role if role not in site.submission.faults else None
    return None


@dataclass(frozen=True, eq=False)
class Entered:
    """Shapes and where they are entered from a network.

    Attributes
    ----------
    shapes
        Shape (n,).
    places
        Where they may be entered.
    certain
        Those of the places that stand whatever is not known of the paths and of the shapes.
    loose
        Which shapes may be entered elsewhere, too; shape (n,).
    aloft
        Which lie beside paths off the ground; shape (n,).
    """

    shapes: NDArray[np.object_]
    places: Access
    certain: Access
    loose: NDArray[np.bool_]
    aloft: NDArray[np.bool_]

    def of(self, rows: NDArray[np.bool_]) -> "Entered":
        """Some of the shapes; they keep their numbers, the others are entered nowhere."""
        places = self.places.of(rows[self.places.shape])
        certain = places if self.certain is self.places else self.certain.of(rows[self.certain.shape])
        return Entered(self.shapes, places, certain, self.loose & rows, self.aloft & rows)

    @property
    def settled(self) -> bool:
        """Whether nothing is open."""
        return self.certain is self.places and not self.loose.any()


def entered(paths: WalkingPaths, shapes: NDArray[np.object_], sure: NDArray[np.bool_] | None = None) -> Entered:
    """Where shapes are entered from paths.

    A path that is not known may be nearer than the nearest one that is, and only passing paths certainly stay
    entrances; a path off the ground may pass without one.

    Parameters
    ----------
    shapes
        Points, lines or polygons in metres, shape (n,); missing and empty ones are entered nowhere.
    sure
        Which of them certainly lie where they are drawn; None for all.
    """
    places = access(paths.network, shapes, ENTRANCE_M)
    whole = np.ones(len(shapes), dtype=bool) if sure is None else sure
    stands = whole[places.shape]
    if not paths.trusted:
        stands &= places.leg_m <= ENTRANCE_M * (1 + SAME)
    loose = ~whole if paths.trusted else np.ones(len(shapes), dtype=bool)
    aloft = np.zeros(len(shapes), dtype=bool)
    if not paths.on_ground.all():
        off = ~paths.on_ground[paths.network.line_of_stops[places.stop]]
        aloft[places.shape[off]] = True
        # Where the nearest path is off the ground another one, on it, may be the way in.
        loose[places.shape[off & (places.leg_m > ENTRANCE_M * (1 + SAME))]] = True
        stands &= ~off
    return Entered(shapes, places, places if stands.all() else places.of(stands), loose, aloft)


def homes_entered(site: Site, homes: Homes, paths: WalkingPaths) -> Entered:
    """Where homes are entered, worked out once; of those of unsound shape it is not known."""
    return site.once(
        ("home entrances", id(homes), id(paths)), lambda: entered(paths, homes.shapes, homes.sure | homes.entire)
    )


def in_walking_reach(
    paths: WalkingPaths, origins: Entered, targets: Entered, more: Entered, radius_m: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which shapes lie within a walk of the nearest of some others, from entrance to entrance.

    Parameters
    ----------
    origins
        The shapes.
    targets
        What certainly is to be reached.
    more
        What perhaps is, beyond that.
    radius_m
        How far the walk may be, that included.

    Returns
    -------
    For certain, and at most; shape (origins,) each, the same array where nothing is open. At most a walk is as short
    as the straight line: what the straight line leaves out is for the caller to take off.
    """
    count, limit_m = len(origins.shapes), radius_m * (1 + SAME)

    def reached(start: Access, end: Access) -> NDArray[np.bool_]:
        return np.isfinite(walking_distances(paths.network, start, count, end, limit_m))

    near = reached(origins.certain, targets.certain)
    doubtful = len(more.places.shape) or more.loose.any()
    if origins.settled and targets.settled and not doubtful:
        return near, near
    perhaps = near | origins.loose
    for ends in (targets, more):
        perhaps |= reached(origins.places, ends.places)
        open_shapes = ends.shapes[ends.loose]
        _, close = shapely.STRtree(origins.shapes).query(open_shapes, predicate="dwithin", distance=limit_m)
        perhaps[close] = True
    return near, perhaps


def why_paths_open(paths: WalkingPaths, *ends: Entered) -> list[Words]:
    """Why ways are not known, and how to mend it."""
    told = [] if paths.trusted else [own_words(WORDS, "paths-open", role=_role(paths.role))]
    aloft = sum(int(item.aloft.sum()) for item in ends)
    return [*told, *([own_words(WORDS, "levels-open", role=_role(paths.role), count=aloft)] if aloft else [])]


def _role(role: str) -> Words:
    return Words(role, ROLES[role].zh, ROLES[role].en)


def all_planned(site: Site, role: str) -> bool:
    """Whether all paths of a layer are planned or under construction, and nobody said that such ones count."""
    status = site.needed(role).frame(("status",))["status"]
    return (
        site.submission.stage is None
        and bool(len(status))
        and bool(status.isin(["planned", "under-construction"]).all())
    )
