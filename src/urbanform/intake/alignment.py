"""Layers that lie beside one another by a constant offset, as maps with shifted coordinates do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyproj
from numpy.typing import NDArray

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

Beside = Callable[[str, NDArray[np.float64]], Layer | None]
"""Gives the layer of a role that the rules do not ask for, those of its features at least that some boxes meet: shape
(k, 4) in the working CRS. None where there is none."""

ROADS = (LandUse.ROAD.value, LandUse.HIGHWAY.value, LandUse.RURAL_ROAD.value)

WRONG_PLACE_M = 30.0
"""A smaller offset is told; from here on areas and lengths inside other layers' edges cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Misaligned:
    """Two layers of which one lies beside the other; it cannot be told which."""

    roles: tuple[str, str]
    message: Words
    wrong: bool


def misaligned(layers: Mapping[str, Layer], beside: Beside, crs: pyproj.CRS, local: bool) -> list[Misaligned]:
    """The pairs of layers that lie beside one another by a constant offset, told and never mended."""
    found: list[Misaligned] = []
    for moving, fixed, fit in PAIRS:
        if moving not in layers or any(moving in item.roles for item in found):
            continue
        shift = constant_shift(
            _moving(layers[moving]),
            partial(_ground, layers.get(fixed), partial(beside, fixed), fit is Fit.CLEAR),
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
    frame = layer.frame()
    return GeometryColumn(frame.geometry.to_numpy()[frame["sound"].to_numpy(dtype=bool)])


def _ground(
    held: Layer | None,
    beside: Callable[[NDArray[np.float64]], Layer | None],
    but_roads: bool,
    boxes: NDArray[np.float64],
) -> NDArray[np.object_]:
    """The sound polygons of a layer that some boxes meet; without those of a road where roads are compared."""
    layer = beside(boxes) if held is None else held
    found = [np.empty(0, dtype=object)]
    for frame in layer.batches(("land_use",) if but_roads else (), boxes) if layer is not None else ():
        keep = frame["sound"].to_numpy(dtype=bool)
        if but_roads:
            keep = keep & ~frame["land_use"].isin(ROADS).to_numpy(dtype=bool)
        found.append(frame.geometry.to_numpy()[keep])
    return np.concatenate(found)


def _middle(layer: Layer, crs: pyproj.CRS | None) -> tuple[float, float] | None:
    if crs is None:
        return None
    west, south, east, north = lon_lat_bounds(crs, layer.total_bounds)
    return (west + east) / 2, (south + north) / 2
