"""Layers that lie beside one another by a constant offset, as maps with shifted coordinates do."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyproj

from urbanform.intake.crs_working import lon_lat_bounds
from urbanform.intake.shifts import Fit, constant_shift
from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.roles import LandUse
from urbanform.model.submission import Layer, PackedLayer
from urbanform.wording import Words

PAIRS = (
    ("buildings", "parcels", Fit.WITHIN_ONE),
    ("roads", "road_surfaces", Fit.ON),
    ("roads", "parcels", Fit.CLEAR),
)
"""What should lie how on what."""

COMPANIONS: Mapping[str, tuple[str, ...]] = {"buildings": ("parcels",), "roads": ("road_surfaces", "parcels")}
"""Layers that are read beside a role, only to see whether it lies where it should."""

WRONG_PLACE_M = 30.0
"""A smaller offset is told; from here on areas and lengths inside other layers' edges cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Misaligned:
    """Two layers of which one lies beside the other; it cannot be told which."""

    roles: tuple[str, str]
    message: Words
    wrong: bool


def misaligned(layers: Mapping[str, Layer], crs: pyproj.CRS, local: bool) -> list[Misaligned]:
    """The pairs of layers that lie beside one another by a constant offset, told and never mended."""
    found: list[Misaligned] = []
    for moving, fixed, fit in PAIRS:
        if moving not in layers or fixed not in layers or any(moving in item.roles for item in found):
            continue
        here = _moving(layers[moving])
        there = _fixed(layers[fixed], but_roads=fit is Fit.CLEAR)
        shift = constant_shift(
            here,
            there,
            fit,
            lon_lat_deg=partial(_middle, layers[moving], None if local else crs),
            names=(moving, fixed),
            path=moving,
        )
        if shift is not None:
            wrong = float(np.hypot(shift.east_m, shift.north_m)) >= WRONG_PLACE_M
            found.append(Misaligned((moving, fixed), shift.message, wrong))
    return found


def _moving(layer: Layer) -> GeometryColumn:
    if isinstance(layer, PackedLayer):
        return layer.shapes.where(layer.table["sound"].to_numpy(dtype=bool))
    return GeometryColumn(_fixed(layer))


def _fixed(layer: Layer, but_roads: bool = False) -> np.ndarray:
    frame = layer.frame(("land_use",) if but_roads else ())
    keep = frame["sound"].to_numpy(dtype=bool)
    if but_roads:
        roads = [LandUse.ROAD.value, LandUse.HIGHWAY.value, LandUse.RURAL_ROAD.value]
        keep = keep & ~frame["land_use"].isin(roads).to_numpy(dtype=bool)
    return frame.geometry.to_numpy()[keep]


def _middle(layer: Layer, crs: pyproj.CRS | None) -> tuple[float, float] | None:
    if crs is None:
        return None
    west, south, east, north = lon_lat_bounds(crs, layer.total_bounds)
    return (west + east) / 2, (south + north) / 2
