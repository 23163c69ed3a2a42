"""Whether a layer's coordinates can be what its coordinate reference system says they are."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.enums import TransformDirection

from urbanform.intake.crs import (
    OLD_DATUMS,
    Crs,
    Datum,
    LocalMetres,
    TransverseMercator,
    datum_of,
    describe,
    horizontal,
    is_mercator,
    is_placed,
    transverse_mercator,
    unit_deg,
    unit_m,
)
from urbanform.intake.crs_china import Zone, inside_china, numbered_zone, zone_at, zone_of, zone_of_easting
from urbanform.intake.crs_likely import looks_like_degrees, looks_swapped_degrees, systems_by_magnitude
from urbanform.intake.crs_words import WORDS
from urbanform.wording import Words, own_words

MOST_FROM_MERIDIAN_DEG = 3.0
WIDEST_DEG = 30.0
RETURN_ERROR_M = 1.0
_HALF_ZONE_M = 500_000.0

Bounds = Sequence[float]


@dataclass(frozen=True, slots=True)
class CrsReport:
    """What a layer's coordinate reference system is worth.

    Attributes
    ----------
    crs
        The horizontal system in which the coordinates are to be read; None where there is none.
    name
        How the system is called, ``EPSG:4547``.
    datum
        The datum family; ``OTHER`` for none and for a local grid.
    central_meridian_deg
        Of a transverse Mercator; else None.
    faults
        Why the layer cannot be used; empty where it can. Each ends with the line of the manifest that would mend it.
    notes
        What a reviewer should know of a layer that can be used.
    candidates
        Codes that would suit the coordinates, likeliest first, where the given system does not.
    """

    crs: Crs | None
    name: str
    datum: Datum = Datum.OTHER
    central_meridian_deg: float | None = None
    faults: tuple[Words, ...] = ()
    notes: tuple[Words, ...] = ()
    candidates: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the layer may be laid over others."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer's coordinates, and how a manifest speaks of it."""

    west: float
    south: float
    east: float
    north: float
    sample: NDArray[np.float64]
    role: str
    path: str
    near_lon_deg: float | None

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return self.west, self.south, self.east, self.north

    @property
    def shown(self) -> str:
        west, south, east, north = (f"{value:.10g}" for value in self.bounds)
        return f"X {west} – {east}, Y {south} – {north}"

    def line(self, code: str) -> str:
        return override_line(code, role=self.role, path=self.path)


@dataclass(frozen=True, slots=True)
class _Fault:
    words: Words
    candidates: tuple[str, ...] = ()


def override_line(code: str, *, role: str = "<role>", path: str = "<path>") -> str:
    """The line of a manifest that gives one layer another system than its file does."""
    written = path if re.fullmatch(r"[^\s,:\[\]{}#&*!|>'\"%@`][^,:\[\]{}#'\"]*(?<!\s)", path) else None
    shown = written if written or path == "<path>" else json.dumps(path, ensure_ascii=False)
    return f"layers: {{{role}: {{path: {shown or path}, crs: {code}}}}}"


def examine(
    crs: Crs | None,
    bounds: Bounds,
    sample_xy: ArrayLike | None = None,
    *,
    raster: bool = False,
    role: str = "<role>",
    path: str = "<path>",
    near_lon_deg: float | None = None,
) -> CrsReport:
    """Whether a layer is usable in a coordinate reference system, with the faults and their cure where it is not.

    Parameters
    ----------
    crs
        What the file or the manifest says; None where neither does.
    bounds
        West, south, east, north of the coordinates as they are stored, x first whatever axis order the system
        declares. Where all are NaN (no features) only the system itself is examined.
    sample_xy
        Coordinates of the layer, shape (n, 2): decides where the corners of the extent lie over 3° from the central
        meridian and it is not plain that any feature does. Without it such an extent is a fault. Missing (NaN)
        points are left out.
    raster
        Rasters may be as wide as the world.
    role, path
        How a manifest speaks of the layer, for the line that mends it.
    near_lon_deg
        A longitude near which the layer is expected, from its neighbours; picks the zone that is proposed.

    Returns
    -------
    CrsReport
        With at most one fault, that which explains the coordinates best.
    """
    west, south, east, north = (float(value) for value in bounds)
    sample = np.empty((0, 2)) if sample_xy is None else np.asarray(sample_xy, dtype=np.float64).reshape(-1, 2)
    sample = sample[~np.isnan(sample).any(axis=1)]
    layer = _Layer(west, south, east, north, sample, role, path, near_lon_deg)
    empty = all(math.isnan(value) for value in layer.bounds)
    if crs is None or (not isinstance(crs, LocalMetres) and not is_placed(horizontal(crs))):
        name = "" if crs is None else describe(crs)
        fault = _missing(name, layer, empty)
        return CrsReport(None, name, faults=(fault.words,), candidates=fault.candidates)
    if isinstance(crs, LocalMetres):
        found = None if empty else _not_finite(layer) or _local_degrees(layer)
        return _report(crs, Datum.OTHER, None, found, ())
    flat = horizontal(crs)
    datum, grid = datum_of(flat), transverse_mercator(flat)
    fault_or_notes: _Fault | tuple[Words, ...] = ()
    if not empty:
        fault_or_notes = _not_finite(layer) or (
            _geographic(flat, datum, layer, raster) if flat.is_geographic else _projected(flat, datum, grid, layer)
        )
    if isinstance(fault_or_notes, _Fault):
        return _report(flat, datum, grid, fault_or_notes, ())
    return _report(flat, datum, grid, None, (*_notes_on(crs, flat, datum, grid), *fault_or_notes))


def _report(
    crs: Crs, datum: Datum, grid: TransverseMercator | None, fault: _Fault | None, notes: tuple[Words, ...]
) -> CrsReport:
    return CrsReport(
        crs,
        describe(crs),
        datum,
        None if grid is None else grid.central_meridian_deg,
        () if fault is None else (fault.words,),
        notes,
        () if fault is None else fault.candidates,
    )


def _missing(name: str, layer: _Layer, empty: bool) -> _Fault:
    likely = systems_by_magnitude(layer.bounds, layer.near_lon_deg) if not empty else None
    say = "crs-missing" if not name else "crs-undefined"
    if likely is None:
        return _Fault(own_words(WORDS, f"{say}-unlike", name=name, shown="—" if empty else layer.shown))
    if likely.swapped:
        return _Fault(own_words(WORDS, f"{say}-swapped", name=name, shown=layer.shown, code=likely.codes[0]))
    words = own_words(
        WORDS, say, name=name, shown=layer.shown, guess=likely.why, code=likely.codes[0], codes=list(likely.codes)
    )
    return _Fault(words, likely.codes)


def _not_finite(layer: _Layer) -> _Fault | None:
    if all(math.isfinite(value) for value in layer.bounds) and np.isfinite(layer.sample).all():
        return None
    return _Fault(own_words(WORDS, "crs-not-finite", shown=layer.shown, line=layer.line("EPSG:4547")))


def _local_degrees(layer: _Layer) -> _Fault | None:
    """Degrees labelled local metres: a planning layer is never less than a metre wide, unless it is one point."""
    size = max(layer.east - layer.west, layer.north - layer.south)
    if looks_like_degrees(layer.bounds) and 0 < size < 1:
        return _Fault(
            own_words(WORDS, "crs-local-degrees", shown=layer.shown, line=layer.line("EPSG:4490")), ("EPSG:4490",)
        )
    return None


def _geographic(crs: CRS, datum: Datum, layer: _Layer, raster: bool) -> _Fault | tuple[Words, ...]:
    factor = unit_deg(crs) or 1.0
    degrees = tuple(value * factor for value in layer.bounds)
    west, south, east, north = degrees
    name = describe(crs)
    wide = not raster and max(east - west, north - south) > WIDEST_DEG and not looks_like_degrees(degrees)
    # Some Arctic places have such degrees too, but none that the exchange would put into China.
    middle_exchanged = (south + north) / 2, (west + east) / 2
    if looks_swapped_degrees(degrees) and (north > 90 or inside_china(*middle_exchanged)):
        return _Fault(own_words(WORDS, "crs-degrees-swapped", shown=layer.shown, name=name, line=layer.line(name)))
    if west < -180 or east > 180 or south < -90 or north > 90 or wide:
        likely = systems_by_magnitude(layer.bounds, layer.near_lon_deg, datum=datum)
        if likely is None or likely.swapped:
            return _Fault(
                own_words(
                    WORDS, "crs-metres-as-degrees-unlike", shown=layer.shown, name=name, line=layer.line("local-metres")
                )
            )
        words = own_words(
            WORDS,
            "crs-metres-as-degrees",
            shown=layer.shown,
            name=name,
            guess=likely.why,
            line=layer.line(likely.codes[0]),
        )
        return _Fault(words, likely.codes)
    if raster:
        return ()
    return _outside_china(datum, name, ((west + east) / 2, (south + north) / 2), layer)


def _projected(crs: CRS, datum: Datum, grid: TransverseMercator | None, layer: _Layer) -> _Fault | tuple[Words, ...]:
    unit = unit_m(crs) or 1.0
    name = describe(crs)
    west, south, east, north = (value * unit for value in layer.bounds)
    far_origin = grid is not None and abs(grid.false_easting_m) >= 100_000
    size = max(east - west, north - south)
    if looks_like_degrees(layer.bounds) and (far_origin or is_mercator(crs) or 0 < size < 1):
        code = {Datum.XIAN80: "EPSG:4610", Datum.BEIJING54: "EPSG:4214"}.get(datum, "EPSG:4490")
        return _Fault(
            own_words(WORDS, "crs-degrees-as-metres", shown=layer.shown, name=name, line=layer.line(code)), (code,)
        )
    if grid is not None:
        fault = _swapped(name, grid, (west, south, east, north), layer) or _other_form(
            name, datum, grid, (west, south, east, north), layer
        )
        if fault is not None:
            return fault
    lon_deg, lat_deg = _places(crs, _outline_of(layer))
    if not (np.isfinite(lon_deg).all() and np.isfinite(lat_deg).all()):
        return _impossible(name, layer, datum)
    if grid is not None:
        fault = _far_from_meridian(crs, name, datum, grid, layer)
        if fault is not None:
            return fault
    middle = _places(crs, np.array([[(layer.west + layer.east) / 2, (layer.south + layer.north) / 2]]))
    return _outside_china(datum, name, (float(middle[0][0]), float(middle[1][0])), layer)


def _swapped(name: str, grid: TransverseMercator, bounds: Bounds, layer: _Layer) -> _Fault | None:
    """Northings of China stand where eastings should, and the other way round."""
    west, south, east, north = bounds
    fits = abs(west - grid.false_easting_m) <= _HALF_ZONE_M and abs(east - grid.false_easting_m) <= _HALF_ZONE_M
    is_northing = west - grid.false_northing_m >= 1.5e6 and east - grid.false_northing_m <= 6.2e6
    zone = zone_of_easting(south)
    is_easting = (1e5 <= south and north <= 9e5) or (
        zone is not None and north <= (zone.number + 1) * 1e6 and zone_of_easting(north) == zone
    )
    if fits or not (is_northing and is_easting):
        return None
    code = name
    if zone is not None and grid.false_easting_m < 1e6:
        code = zone.code
    elif zone is None and grid.false_easting_m >= 1e6:
        carried = zone_of_easting(grid.false_easting_m)
        code = Zone(carried.datum, carried.width_deg, carried.number, False).code if carried is not None else name
    return _Fault(own_words(WORDS, "crs-swapped", shown=layer.shown, name=name, line=layer.line(code)))


def _other_form(name: str, datum: Datum, grid: TransverseMercator, bounds: Bounds, layer: _Layer) -> _Fault | None:
    """Eight-digit eastings under a plain system, six-digit ones under a prefixed one, or another zone's number."""
    west, _, east, _ = bounds
    if max(abs(west - grid.false_easting_m), abs(east - grid.false_easting_m)) <= _HALF_ZONE_M:
        return None
    carried, carried_east = zone_of_easting(west, datum), zone_of_easting(east, datum)
    declared = zone_of_easting(grid.false_easting_m, datum)
    if carried is not None and carried == carried_east:
        say = "crs-prefixed-under-plain" if declared is None else "crs-other-prefix"
        words = own_words(
            WORDS,
            say,
            shown=layer.shown,
            name=name,
            zone=carried.number,
            code=carried.code,
            line=layer.line(carried.code),
        )
        return _Fault(words, (carried.code,))
    if carried is not None and carried_east is not None:
        numbers = [carried.number, carried_east.number]
        return _Fault(own_words(WORDS, "crs-several-zones", shown=layer.shown, zones=numbers, line=layer.line(name)))
    if declared is not None and west >= 0 and east <= 1e6:
        plain = Zone(declared.datum, declared.width_deg, declared.number, False)
        words = own_words(
            WORDS,
            "crs-plain-under-prefixed",
            shown=layer.shown,
            name=name,
            zone=declared.number,
            code=plain.code,
            line=layer.line(plain.code),
        )
        return _Fault(words, (plain.code,))
    return None


def _impossible(name: str, layer: _Layer, datum: Datum) -> _Fault:
    likely = systems_by_magnitude(layer.bounds, layer.near_lon_deg, datum=datum)
    codes = () if likely is None or likely.swapped else likely.codes
    line = layer.line(codes[0] if codes else "EPSG:4547")
    return _Fault(own_words(WORDS, "crs-impossible", shown=layer.shown, name=name, line=line), codes)


def _far_from_meridian(crs: CRS, name: str, datum: Datum, grid: TransverseMercator, layer: _Layer) -> _Fault | None:
    off = _off_meridian(_places(crs, _outline_of(layer))[0], grid)
    if off.max() <= MOST_FROM_MERIDIAN_DEG:
        return None
    # A feature touches each side of the extent somewhere: only where a whole side lies beyond is that beyond doubt.
    along = np.linspace(layer.south, layer.north, 9)
    least = max(
        float(_off_meridian(_places(crs, np.column_stack([np.full(9, x), along]))[0], grid).min())
        for x in (layer.west, layer.east)
    )
    worst = float(off.max())
    if least <= MOST_FROM_MERIDIAN_DEG and len(layer.sample):
        seen = _off_meridian(_places(crs, layer.sample)[0], grid)
        worst = float(seen.max())
        if worst <= MOST_FROM_MERIDIAN_DEG:
            return None
    lon_deg = float(_places(crs, np.array([[(layer.west + layer.east) / 2, (layer.south + layer.north) / 2]]))[0][0])
    near = layer.near_lon_deg if layer.near_lon_deg is not None else lon_deg
    zone = zone_at(near, datum=datum)
    if zone is not None:
        known = datum if datum in {Datum.XIAN80, Datum.BEIJING54} else Datum.CGCS2000
        zone = numbered_zone(zone.number, datum=known, prefixed=grid.false_easting_m >= 1e6, width_deg=3)
    code = zone.code if zone is not None else name
    words = own_words(
        WORDS,
        "crs-far-from-meridian",
        shown=layer.shown,
        name=name,
        meridian=grid.central_meridian_deg,
        off=round(worst, 2),
        lon=round(lon_deg, 2),
        line=layer.line(code),
    )
    return _Fault(words, () if zone is None else (zone.code,))


def _outside_china(
    datum: Datum, name: str, lon_lat_deg: tuple[float, float], layer: _Layer
) -> _Fault | tuple[Words, ...]:
    """A Chinese system with coordinates that lie elsewhere: shortened ones, or those of another zone."""
    lon, lat = lon_lat_deg
    if datum not in OLD_DATUMS | {Datum.CGCS2000} or inside_china(lon, lat):
        return ()
    values = {"shown": layer.shown, "name": name, "lon": round(lon, 3), "lat": round(lat, 3)}
    if not (65 <= lon <= 142 and -1 <= lat <= 60):
        return _Fault(own_words(WORDS, "crs-far-outside-china", **values, line=layer.line("local-metres")))
    return (own_words(WORDS, "crs-outside-china", **values, line=layer.line("EPSG:4547")),)


def _notes_on(crs: CRS, flat: CRS, datum: Datum, grid: TransverseMercator | None) -> tuple[Words, ...]:
    notes = []
    name, unit = describe(flat), unit_m(flat)
    if crs.is_compound or crs.is_bound or len(crs.axis_info) > 2:
        notes.append(own_words(WORDS, "crs-reduced", name=crs.name, used=name))
    if is_mercator(flat):
        notes.append(own_words(WORDS, "crs-mercator", name=name))
    if unit is not None and abs(unit - 1) > 1e-9:
        notes.append(own_words(WORDS, "crs-not-metres", name=name, unit=unit))
    if datum in OLD_DATUMS:
        notes.append(own_words(WORDS, "crs-old-datum", name=name, datum=datum.value))
    if grid is not None and grid.central_meridian_deg % 3 and datum is not Datum.WGS84 and zone_of(flat) is None:
        notes.append(own_words(WORDS, "crs-local-meridian", name=name, meridian=grid.central_meridian_deg))
    return tuple(notes)


def _outline_of(layer: _Layer) -> NDArray[np.float64]:
    """Points along the layer's extent, and its middle: shape (25, 2)."""
    x, y = np.meshgrid(np.linspace(layer.west, layer.east, 5), np.linspace(layer.south, layer.north, 5))
    return np.column_stack([x.ravel(), y.ravel()])


def _places(crs: CRS, xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes on the system's own datum; infinite where the point is none of the system's."""
    transformer = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = transformer.transform(xy[:, 0], xy[:, 1])
    back_x, back_y = transformer.transform(lon, lat, direction=TransformDirection.INVERSE)
    with np.errstate(invalid="ignore"):
        missed = np.hypot(back_x - xy[:, 0], back_y - xy[:, 1]) * (unit_m(crs) or 1.0)
    lost = ~(missed <= RETURN_ERROR_M)
    return np.where(lost, np.inf, lon), np.where(lost, np.inf, lat)


def _off_meridian(lon_deg: NDArray[np.float64], grid: TransverseMercator) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        off = np.abs((lon_deg - grid.central_meridian_deg + 180) % 360 - 180)
    return np.where(np.isnan(off), np.inf, off)
