"""The one plane system in which everything is measured, and the way of shapes into it."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Proj, Transformer

from urbanform.errors import UrbanformError
from urbanform.intake.crs import (
    LOCAL_METRES,
    Crs,
    LocalMetres,
    describe,
    horizontal,
    is_mercator,
    same_crs,
    unit_m,
)
from urbanform.intake.crs_china import inside_china, zone_at
from urbanform.intake.crs_extent import Bounds, override_line
from urbanform.intake.crs_words import WORDS
from urbanform.model.geometry_column import GeometryColumn
from urbanform.wording import Words, own_words

MOST_AREAL_CHANGE = 0.002
_WGS84 = 4326


class ReprojectionError(UrbanformError):
    """Shapes whose coordinates no longer exist in the system they were to be projected to.

    Parameters
    ----------
    fault
        The message.
    rows
        Positions of the lost shapes, ascending.
    """

    def __init__(self, fault: Words, rows: npt.NDArray[np.intp]) -> None:
        super().__init__(fault)
        self.rows = rows


def working_crs(layers: Sequence[tuple[Crs, Bounds]]) -> tuple[Crs, Words]:
    """The system in which all measuring is done, and why.

    The layers' own, where they share a projected one in metres that is no Mercator and whose areal scale is within
    0.2 % of 1 at the corners, the edges and the centre of their joint extent. Else the CGCS2000 3-degree
    Gauss–Krueger zone (EPSG:4534–4554) of the data's centre inside China, and the UTM zone outside. Where all layers
    are a local grid in metres it is measured as the plane it is.

    Parameters
    ----------
    layers
        System and extent (west, south, east, north) of each vector layer that is used. Rasters keep their own grid
        and have no say. A layer with an extent of NaN has no features, and counts with its system alone. A local
        grid among placed layers is passed over: :func:`~urbanform.intake.crs_together.mixed_datums` refuses it.

    Returns
    -------
    tuple
        The system and the reason, for the report.

    Raises
    ------
    ValueError
        No layer was given, or none of the placed ones has an extent and they do not share a system to measure in.
    """
    if not layers:
        raise ValueError("a working system needs at least one layer")
    placed = [(horizontal(crs), tuple(bounds)) for crs, bounds in layers if not isinstance(crs, LocalMetres)]
    if not placed:
        return LOCAL_METRES, own_words(WORDS, "working-local")
    extents = [(crs, bounds) for crs, bounds in placed if np.isfinite(bounds).all()]
    why_not = _unshared(placed) or _unfit(placed[0][0])
    if why_not is None:
        own, name = placed[0][0], describe(placed[0][0])
        change = areal_change(own, _joint([bounds for _, bounds in extents])) if extents else 0.0
        if change <= MOST_AREAL_CHANGE:
            return own, own_words(WORDS, "working-own", name=name, change=_percent(change))
        why_not = own_words(WORDS, "working-distorted", name=name, change=_percent(change))
    if not extents:
        raise ValueError("none of the layers has an extent from which a zone could follow")
    lon_deg, lat_deg = _centre(extents)
    values = {"why": why_not, "lon": round(lon_deg, 2), "lat": round(lat_deg, 2)}
    zone = zone_at(lon_deg) if inside_china(lon_deg, lat_deg) else None
    if zone is not None:
        words = own_words(WORDS, "working-zone", **values, name=zone.code, meridian=zone.central_meridian_deg)
        return CRS.from_epsg(zone.epsg), words
    utm = CRS.from_epsg(utm_epsg(lon_deg, lat_deg))
    return utm, own_words(WORDS, "working-utm", **values, name=describe(utm))


def areal_change(crs: CRS, bounds: Bounds) -> float:
    """By how much a projection changes areas over an extent: the largest ``|areal scale - 1|``, infinite off the map.

    Parameters
    ----------
    crs
        A projected system.
    bounds
        West, south, east, north in it. A grid of 5 × 5 points (corners, edges, centre among them) is looked at.
    """
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    lon, lat = _transformer(crs, crs.geodetic_crs).transform(x.ravel(), y.ravel())
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return math.inf
    scale = np.asarray(Proj(crs).get_factors(lon, lat).areal_scale)
    return float(np.abs(scale - 1).max()) if np.isfinite(scale).all() else math.inf


def utm_epsg(longitude_deg: float, latitude_deg: float) -> int:
    """The EPSG code of the WGS 84 UTM zone of a place, by sixths of a longitude alone."""
    number = math.floor((longitude_deg + 180) / 6) % 60 + 1
    return (32_600 if latitude_deg >= 0 else 32_700) + number


def reproject(
    geometries: npt.NDArray[np.object_],
    source: Crs,
    target: Crs,
    *,
    role: str = "<role>",
    path: str = "<path>",
) -> npt.NDArray[np.object_]:
    """Shapes in another system: vertices are moved, none added; Z and M are dropped.

    Parameters
    ----------
    geometries
        Shapes, shape (n,), x first whatever axis order the systems declare. None stays None, empty stays empty.
    source, target
        Where they are, and where they go.
    role, path
        How a manifest speaks of the layer, for the message.

    Returns
    -------
    ndarray
        The shapes in the same order; the given ones are left as they are.

    Raises
    ------
    ReprojectionError
        A vertex has no finite coordinates in the target; the message and ``rows`` name the shapes.
    ValueError
        One of the two is a local grid and the other is not, which nothing can relate.
    """
    return reproject_each(
        GeometryColumn(np.asarray(geometries, dtype=object)), source, target, role=role, path=path
    ).all()


def reproject_each(
    shapes: GeometryColumn, source: Crs, target: Crs, *, role: str = "<role>", path: str = "<path>"
) -> GeometryColumn:
    """The shapes of a layer in another system; see :func:`reproject`."""
    move = _mover(source, target)
    lost: list[npt.NDArray[np.intp]] = []

    def moved(block: npt.NDArray[np.object_], rows: slice) -> npt.NDArray[np.object_]:
        there = move(block)
        lost.append(rows.start + _lost(there))
        return there

    found = shapes.changed(moved)
    rows = np.concatenate(lost)
    if len(rows):
        fault = own_words(
            WORDS,
            "lost-in-projection",
            count=len(rows),
            source=describe(source),
            target=describe(target),
            rows=rows.tolist(),
            line=override_line("EPSG:4547", role=role, path=path),
        )
        raise ReprojectionError(fault, rows)
    return found


def _mover(source: Crs, target: Crs) -> Callable[[npt.NDArray[np.object_]], npt.NDArray[np.object_]]:
    """What takes shapes from one system to another."""
    if isinstance(source, LocalMetres) or isinstance(target, LocalMetres):
        if source is not target:
            raise ValueError("a local grid can be projected neither from nor to another system")
        return _flat
    if same_crs(source, target):
        return _flat
    transformer = _transformer(source, target)

    def move(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[npt.ArrayLike, npt.ArrayLike]:
        there: tuple[npt.ArrayLike, npt.ArrayLike] = transformer.transform(x, y)
        return there

    return lambda shapes: np.asarray(shapely.transform(shapes, move, include_z=False, interleaved=False), dtype=object)


def lon_lat_bounds(crs: CRS, bounds: Bounds) -> tuple[float, float, float, float]:
    """An extent in WGS 84 degrees, its sides followed at 21 points each; infinite where it is off the map."""
    left, bottom, right, top = bounds
    west, south, east, north = _transformer(crs, CRS.from_epsg(_WGS84)).transform_bounds(left, bottom, right, top)
    return float(west), float(south), float(east), float(north)


@lru_cache(maxsize=64)
def _transformer(source: CRS, target: CRS) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _lost(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
    if np.isfinite(shapely.get_coordinates(shapes)).all():
        return np.empty(0, dtype=np.intp)
    xy, rows = shapely.get_coordinates(shapes, return_index=True)
    return np.unique(rows[~np.isfinite(xy).all(axis=1)])


def _unshared(placed: Sequence[tuple[CRS, Bounds]]) -> Words | None:
    first = placed[0][0]
    if all(crs is first or crs == first or same_crs(crs, first) for crs, _ in placed[1:]):
        return None
    return own_words(WORDS, "working-several", names=sorted({describe(crs) for crs, _ in placed}))


def _unfit(crs: CRS) -> Words | None:
    name = describe(crs)
    if not crs.is_projected:
        return own_words(WORDS, "working-degrees", name=name)
    if is_mercator(crs):
        return own_words(WORDS, "working-mercator", name=name)
    if unit_m(crs) != 1.0:
        return own_words(WORDS, "working-not-metres", name=name)
    return None


def _joint(extents: Sequence[Bounds]) -> tuple[float, float, float, float]:
    west, south, east, north = np.asarray(extents, dtype=np.float64).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())


def _centre(extents: Sequence[tuple[CRS, Bounds]]) -> tuple[float, float]:
    degrees = [lon_lat_bounds(crs, bounds) for crs, bounds in extents]
    west, south, east, north = _joint([box for box in degrees if np.isfinite(box).all()] or [(math.nan,) * 4])
    if not math.isfinite(west):
        raise ValueError("no layer lies on the map of its own system; examine() should have refused them")
    return (west + east) / 2, (south + north) / 2


def _percent(change: float) -> str:
    return "∞" if math.isinf(change) else f"{change * 100:.3g}"


def _flat(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """The shapes without Z and M; those that have none are not made anew."""
    raised = shapely.has_z(shapes) | shapely.has_m(shapes)
    flat = shapes.copy()
    flat[raised] = shapely.force_2d(shapes[raised])
    return flat
