"""The paths that people walk, and which homes they bring within reach."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure.entrances import Access, access
from urbanform.measure.network import Network, walking_network
from urbanform.measure.walks import walking_distances
from urbanform.site import Site
from urbanform.site.homes import Homes

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
    """

    role: str
    network: Network
    trusted: bool


def walking_paths(site: Site, area: shapely.Geometry, margin_m: float) -> WalkingPaths | None:
    """The paths in and around an area: the footpaths where there are any, else the roads; None where neither is given.

    A layer that was set aside, or that mixes existing and planned lines, gives none, and nothing stands in for it.
    """
    role = path_role(site)
    if role is None or role in site.submission.unstaged:
        return None
    west, south, east, north = (float(edge) for edge in shapely.bounds(area))
    box = (west - margin_m, south - margin_m, east + margin_m, north + margin_m)

    def build() -> WalkingPaths:
        layer = site.needed(role)
        levelled = "level" in layer.fields
        frames = list(layer.batches(("level",) if levelled else (), bbox=box))
        lines = np.concatenate([np.empty(0, dtype=object), *(frame.geometry.to_numpy() for frame in frames)])
        flags = [(f["sound"] & f["certain"]).to_numpy(dtype=bool) for f in frames]
        fit = np.concatenate([np.zeros(0, dtype=bool), *flags]) & ~shapely.is_missing(lines)
        levels = None
        if levelled:
            # A blank level is that of the ground.
            texts = [f["level"].astype(object).where(f["level"].notna(), "0").to_numpy() for f in frames]
            levels = np.concatenate([np.empty(0, dtype=object), *texts])[fit]
        return WalkingPaths(role, walking_network(lines[fit], levels), bool(fit.all()))

    return site.once(("walking paths", role, box), build)


def path_role(site: Site) -> str | None:
    """The layer that is to serve as paths, whether or not it can be used; None where there is none."""
    for role in ROLES_OF_PATHS:
        layer = site.layer(role)
        if role in site.submission.faults or role in site.submission.unstaged or (layer is not None and len(layer)):
            return role if role not in site.submission.faults else None
    return None


def in_walking_reach(
    site: Site, homes: Homes, paths: WalkingPaths, targets: NDArray[np.object_], radius_m: float
) -> NDArray[np.bool_]:
    """Which homes lie within a walk of the nearest target, from entrance to entrance; shape (homes,)."""

    def join() -> Access:
        return access(paths.network, homes.shapes, ENTRANCE_M)

    origins = site.once(("home entrances", paths.role, id(homes), id(paths)), join)
    ends = access(paths.network, targets, ENTRANCE_M)
    way_m = walking_distances(paths.network, origins, len(homes.shapes), ends, radius_m * (1 + SAME))
    return np.isfinite(way_m)
