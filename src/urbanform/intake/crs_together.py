"""Which layers cannot be laid over the others: of another datum, or of another place."""

import math
from collections.abc import Sequence

import numpy as np

from urbanform.intake.crs import OLD_DATUMS, Crs, Datum, LocalMetres, datum_of, describe, horizontal
from urbanform.intake.crs_china import Zone, zone_of, zone_of_meridian
from urbanform.intake.crs_extent import Bounds, override_line
from urbanform.intake.crs_words import WORDS
from urbanform.intake.crs_working import lon_lat_bounds
from urbanform.wording import Words, own_words

MOST_APART_M = 20_000.0
_ZONE_STEPS_DEG = (3, -3, 6, -6)
_METRES_PER_DEGREE = 111_320.0


def mixed_datums(layers: Sequence[tuple[str, str, Crs]]) -> dict[int, Words]:
    """The layers that cannot be laid over the others, with the reason.

    Those on Xian 1980 or Beijing 1954 wherever any other datum stands beside them, the other old one included: PROJ
    knows no more than a null transformation, which would be wrong by tens of metres to over a hundred. And local
    grids among layers whose place is known.

    Parameters
    ----------
    layers
        Role, path and system of each layer that is to be used.

    Returns
    -------
    dict
        Position of each refused layer to the message; empty where all fit.
    """
    datums = [None if isinstance(crs, LocalMetres) else datum_of(horizontal(crs)) for _, _, crs in layers]
    placed = {datum for datum in datums if datum is not None}
    refused: dict[int, Words] = {}
    for position, ((role, path, crs), datum) in enumerate(zip(layers, datums, strict=True)):
        if datum is None and placed:
            names = sorted({describe(other) for _, _, other in layers if not isinstance(other, LocalMetres)})
            line = override_line("EPSG:4547", role=role, path=path)
            refused[position] = own_words(WORDS, "local-mixed", others=names, line=line)
        elif datum in OLD_DATUMS and len(placed) > 1:
            others = sorted(_datum_names(layers, datum))
            line = override_line(_modern_code(crs), role=role, path=path)
            refused[position] = own_words(
                WORDS, "datums-mixed", name=describe(crs), datum=str(datum), others=others, line=line
            )
    return refused


def far_from(
    scope_bounds: Bounds,
    layer_bounds: Bounds,
    working: Crs,
    *,
    own: Crs | None = None,
    role: str = "<role>",
    path: str = "<path>",
) -> Words | None:
    """Why a layer is of another place than the scope layer; None where their extents are within 20 km.

    Parameters
    ----------
    scope_bounds, layer_bounds
        West, south, east, north of both in the working system, metres. An extent with NaN says nothing: None.
    working
        The working system.
    own
        The system that the layer's file gave, from which the line that mends a wrong zone follows.
    role, path
        How a manifest speaks of the layer.

    Returns
    -------
    Words or None
        Names an offset of 3° or 6° of longitude, or an exchange of X and Y, where that would explain the distance.
    """
    scope, layer = np.asarray(scope_bounds, dtype=np.float64), np.asarray(layer_bounds, dtype=np.float64)
    if np.isnan(scope).any() or np.isnan(layer).any():
        return None
    apart_m = _gap(scope, layer)
    if apart_m <= MOST_APART_M:
        return None
    code = describe(own) if own is not None else "EPSG:4547"
    values = {"km": round(apart_m / 1000) if math.isfinite(apart_m) else "∞", "line": ""}
    if _gap(scope, layer[[1, 0, 3, 2]]) <= MOST_APART_M:
        values["line"] = override_line(code, role=role, path=path)
        return own_words(WORDS, "far-by-swap", **values)
    if not isinstance(working, LocalMetres):
        scope_deg = np.asarray(lon_lat_bounds(horizontal(working), scope.tolist()))
        layer_deg = np.asarray(lon_lat_bounds(horizontal(working), layer.tolist()))
        if _gap_deg(scope_deg, layer_deg[[1, 0, 3, 2]]) <= MOST_APART_M:
            values["line"] = override_line(code, role=role, path=path)
            return own_words(WORDS, "far-by-swap", **values)
        for step in _ZONE_STEPS_DEG:
            if _gap_deg(scope_deg, layer_deg + np.array([step, 0, step, 0])) <= MOST_APART_M:
                values["line"] = override_line(_neighbour_code(own, step), role=role, path=path)
                return own_words(WORDS, "far-by-zone", **values, degrees=abs(step))
    values["line"] = override_line(code, role=role, path=path)
    return own_words(WORDS, "far-from-scope", **values)


def _gap(one: np.ndarray, other: np.ndarray) -> float:
    """The distance between two extents, infinite where one is."""
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return math.inf
    across = max(other[0] - one[2], one[0] - other[2], 0.0)
    along = max(other[1] - one[3], one[1] - other[3], 0.0)
    return math.hypot(across, along)


def _gap_deg(one: np.ndarray, other: np.ndarray) -> float:
    """The same in metres for extents in degrees, good to a per cent."""
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return math.inf
    narrow = math.cos(math.radians((one[1] + one[3]) / 2))
    scale = np.array([narrow, 1.0, narrow, 1.0]) * _METRES_PER_DEGREE
    return _gap(one * scale, other * scale)


def _datum_names(layers: Sequence[tuple[str, str, Crs]], but: Datum) -> set[str]:
    names = set()
    for _, _, crs in layers:
        if isinstance(crs, LocalMetres) or datum_of(horizontal(crs)) is but:
            continue
        datum = datum_of(horizontal(crs))
        names.add(describe(crs) if datum is Datum.OTHER else datum.value)
    return names


def _modern_code(crs: Crs) -> str:
    """The CGCS2000 counterpart of an old Chinese system."""
    zone = None if isinstance(crs, LocalMetres) else zone_of(horizontal(crs))
    if zone is not None:
        return Zone(Datum.CGCS2000, zone.width_deg, zone.number, zone.prefixed).code
    return "EPSG:4490" if not isinstance(crs, LocalMetres) and horizontal(crs).is_geographic else "EPSG:4547"


def _neighbour_code(own: Crs | None, step_deg: int) -> str:
    """The system whose central meridian lies so many degrees further east."""
    zone = None if own is None or isinstance(own, LocalMetres) else zone_of(horizontal(own))
    if zone is None:
        return "EPSG:4547"
    wide = zone.width_deg if abs(step_deg) == 6 else 3
    moved = zone_of_meridian(
        zone.central_meridian_deg + step_deg, width_deg=wide, datum=zone.datum, prefixed=zone.prefixed
    )
    return "EPSG:4547" if moved is None else moved.code
