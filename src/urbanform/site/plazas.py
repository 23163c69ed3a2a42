"""Plazas (广场): from their own layer, else the parcels that are classed so; and what lies on them."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure import overlay
from urbanform.measure.contiguous import areal
from urbanform.measure.local import shared_with
from urbanform.model.roles import LandUse
from urbanform.site import Site

PLAZA_WORDS = r"广场|plaza|square"
PLAZA_CODES = ("G3", "S2", "1403", "0810A")
"""Codes of plazas in GB 50137-2011 and CJJ/T 85-2017, GBJ 137-90, the 2023 land and sea use classes, GB/T 21010."""
MAY_HOLD_PLAZAS = (LandUse.GREEN, LandUse.OTHER)
"""Classes that, written without their sub-classes, cover plazas among other land."""

ON_PLAZAS = ("green_spaces", "water", "buildings")
"""The layers whose ground is no hard surface."""


@dataclass(frozen=True, slots=True)
class PlazaGround:
    """Polygons that are plazas, or may be.

    Attributes
    ----------
    role
        The layer they come from.
    frame
        ``id``, ``name`` and geometry; where a shape is unsound its envelope, or None.
    sure
        Whether it is certain that the polygon is a plaza and lies where it is drawn.
    named
        Whether it is called a plaza at all; where not, its class covers more than plazas or is unknown.
    """

    role: str
    frame: gpd.GeoDataFrame
    sure: np.ndarray
    named: np.ndarray


def plaza_ground(site: Site) -> PlazaGround:
    """Every polygon that is or may be a plaza.

    From the plazas layer where there is one. Else from the parcels: those classed plaza; those of which the class is
    unknown; those whose class covers more than plazas and names them (绿地与广场用地); and, where the layer tells no
    plaza apart at all, those of a general class of green or building land.
    """
    return site.once("plaza ground", lambda: _from_plazas(site) or _from_parcels(site))


def _from_plazas(site: Site) -> PlazaGround | None:
    layer = site.layer("plazas")
    if layer is None:
        return None
    frame = layer.frame(("id", "name"))
    sure = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    return PlazaGround("plazas", frame, sure, np.ones(len(frame), dtype=bool))


def _from_parcels(site: Site) -> PlazaGround:
    frame = site.needed("parcels").frame(("id", "name", "land_use"))
    classed = frame["land_use"]
    doubt = frame["land_use_doubt"].eq(True).to_numpy(dtype=bool)
    unknown = classed.isna().to_numpy()
    plaza = (classed == LandUse.PLAZA).fillna(False).to_numpy(dtype=bool)
    # Written texts are few, however many parcels there are.
    code, written = pd.factorize(frame["land_use_code"])
    mentions = pd.Series(written, dtype="str").str.contains(PLAZA_WORDS, case=False, regex=True).to_numpy(dtype=bool)
    perhaps = doubt & np.where(code < 0, False, np.append(mentions, False)[code])
    if not (plaza & ~doubt).any():
        perhaps |= doubt & classed.isin(list(MAY_HOLD_PLAZAS)).to_numpy(dtype=bool)
    kept = plaza | perhaps | unknown
    sure = plaza & ~doubt & frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    return PlazaGround("parcels", frame[kept].reset_index(drop=True), sure[kept], plaza[kept])


@dataclass(frozen=True, slots=True)
class Cover:
    """What lies on a piece of ground and is no hard surface, by the layer that it comes from.

    Attributes
    ----------
    certain
        Role → the union of what certainly lies there.
    possible
        The union of what may lie there besides: envelopes of unsound shapes, features that may not exist.
    nowhere
        How many features have no shape, and may lie anywhere.
    """

    certain: dict[str, shapely.Geometry]
    possible: shapely.Geometry
    nowhere: int


def cover_of(site: Site, ground: shapely.Geometry) -> Cover:
    """Green, water and buildings that meet some ground, as far as the layers are given.

    A green space that is called a plaza may be the plaza itself drawn in the green layer, and counts as possible only.
    """
    certain: dict[str, shapely.Geometry] = {}
    doubtful: list[np.ndarray] = []
    nowhere = 0
    shapely.prepare(ground)
    for role in ON_PLAZAS:
        layer = site.layer(role)
        if layer is None:
            continue
        sure: list[np.ndarray] = []
        kind = ("kind",) if "kind" in layer.fields else ()
        for batch in layer.batches(kind, bbox=_box(ground)):
            shapes = batch.geometry.to_numpy()
            lost = shapely.is_missing(shapes)
            nowhere += int(lost.sum())
            fit = batch["sound"].to_numpy(dtype=bool) & batch["certain"].to_numpy(dtype=bool)
            if kind and role == "green_spaces":
                fit &= ~_called_plaza(batch["kind"])
            meets = ~lost & shapely.intersects(ground, shapes)
            sure.append(shapes[meets & fit])
            doubtful.append(shapes[meets & ~fit])
        certain[role] = _united(sure, ground)
    return Cover(certain, _united(doubtful, ground), nowhere)


def _united(shapes: list[np.ndarray], ground: shapely.Geometry) -> shapely.Geometry:
    shared = areal(shared_with(np.concatenate([np.empty(0, dtype=object), *shapes]), ground))
    return overlay.union_all(shared)


def _called_plaza(kinds: pd.Series) -> np.ndarray:
    code, written = pd.factorize(kinds)
    words = pd.Series(written, dtype="str").str.strip()
    called = words.str.contains(PLAZA_WORDS, case=False, regex=True) | words.str.upper().isin(PLAZA_CODES)
    return np.append(called.to_numpy(dtype=bool), False)[code]


@dataclass(frozen=True, slots=True)
class RoadsBetween:
    """Centrelines that may part plazas.

    Attributes
    ----------
    sure
        Those that certainly run where they are drawn.
    perhaps
        Those and the ones that perhaps do (their status is blank).
    trusted
        False where a road's shape is broken or missing, so that it may run between any two polygons.
    """

    sure: NDArray[np.object_]
    perhaps: NDArray[np.object_]
    trusted: bool


def roads_between(site: Site, area: shapely.Geometry) -> RoadsBetween:
    """The centrelines of all roads near an area; none where there is no such layer."""
    layer = site.layer("roads")
    nothing = np.empty(0, dtype=object)
    frames = [] if layer is None else list(layer.batches((), bbox=_box(area)))
    shapes = np.concatenate([nothing, *(frame.geometry.to_numpy() for frame in frames)])
    flags = ([frame[name].to_numpy(dtype=bool) for frame in frames] for name in ("sound", "certain"))
    sound, certain = (np.concatenate([np.empty(0, dtype=bool), *column]) for column in flags)
    return RoadsBetween(shapes[sound & certain], shapes[sound], bool(sound.all()))


def _box(shape: shapely.Geometry) -> tuple[float, float, float, float]:
    west, south, east, north = (float(edge) for edge in shapely.bounds(shape))
    return west, south, east, north
