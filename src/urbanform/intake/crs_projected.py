"""Whether coordinates can be what a projected system says they are."""

import numpy as np
from pyproj import CRS

from urbanform.intake.crs import Datum, TransverseMercator, describe, is_mercator, transverse_mercator, unit_m
from urbanform.intake.crs_china import GEOGRAPHIC, Zone, inside_china, numbered_zone, zone_at, zone_of_easting
from urbanform.intake.crs_extent import Bounds, Extent, Fault, off_meridian, outside_china, places
from urbanform.intake.crs_likely import looks_like_degrees, systems_by_magnitude
from urbanform.intake.crs_words import WORDS
from urbanform.wording import Words, own_words

MOST_FROM_MERIDIAN_DEG = 3.0
_HALF_ZONE_M = 500_000.0


def projected_fault(crs: CRS, datum: Datum, layer: Extent, raster: bool) -> Fault | tuple[Words, ...]:
    """What is wrong with a layer's coordinates in a projected system, else the notes on where it lies.

    Parameters
    ----------
    crs, datum
        The horizontal system and its datum family.
    layer
        The coordinates.
    raster
        The corners of a raster may lie off the map, as those of the whole world do.
    """
    grid = transverse_mercator(crs)
    unit = unit_m(crs) or 1.0
    name = describe(crs)
    west, south, east, north = (value * unit for value in layer.bounds)
    far_origin = grid is not None and abs(grid.false_easting_m) >= 100_000
    size = max(east - west, north - south)
    if looks_like_degrees(layer.bounds) and (far_origin or is_mercator(crs) or 0 < size < 1):
        code = {Datum.XIAN80: "EPSG:4610", Datum.BEIJING54: "EPSG:4214"}.get(datum, "EPSG:4490")
        return Fault(
            own_words(WORDS, "crs-degrees-as-metres", shown=layer.shown, name=name, line=layer.line(code)), (code,)
        )
    if grid is not None:
        fault = _swapped(name, grid, (west, south, east, north), layer) or _other_form(
            name, datum, grid, (west, south, east, north), layer
        )
        if fault is not None:
            return fault
    on_map = np.isfinite(np.vstack(places(crs, layer.points()))).all(axis=0)
    if not (on_map.any() if raster else on_map.all()):
        return _impossible(name, layer, datum)
    if grid is not None:
        fault = _far_from_meridian(crs, name, datum, grid, layer)
        if fault is not None:
            return fault
    middle = places(crs, layer.middle())
    return outside_china(datum, name, (float(middle[0][0]), float(middle[1][0])), layer)


def _swapped(name: str, grid: TransverseMercator, bounds: Bounds, layer: Extent) -> Fault | None:
    """Northings of China stand where eastings should, and the other way round."""
    west, south, east, north = bounds
    fits = abs(west - grid.false_easting_m) <= _HALF_ZONE_M and abs(east - grid.false_easting_m) <= _HALF_ZONE_M
    is_northing = west - grid.false_northing_m >= 1.5e6 and east - grid.false_northing_m <= 6.2e6
    zone = zone_of_easting(south)
    is_easting = (south >= 1e5 and north <= 9e5) or (
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
    return Fault(own_words(WORDS, "crs-swapped", shown=layer.shown, name=name, line=layer.line(code)))


def _other_form(name: str, datum: Datum, grid: TransverseMercator, bounds: Bounds, layer: Extent) -> Fault | None:
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
        return Fault(words, (carried.code,))
    if carried is not None and carried_east is not None:
        numbers = [carried.number, carried_east.number]
        return Fault(own_words(WORDS, "crs-several-zones", shown=layer.shown, zones=numbers, line=layer.line(name)))
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
        return Fault(words, (plain.code,))
    return None


def _impossible(name: str, layer: Extent, datum: Datum) -> Fault:
    likely = systems_by_magnitude(layer.bounds, layer.near_lon_deg, datum=datum)
    codes = () if likely is None or likely.swapped else tuple(code for code in likely.codes if code != name)
    line = layer.line(codes[0] if codes else "local-metres")
    return Fault(own_words(WORDS, "crs-impossible", shown=layer.shown, name=name, line=line), codes)


def _far_from_meridian(crs: CRS, name: str, datum: Datum, grid: TransverseMercator, layer: Extent) -> Fault | None:
    off = off_meridian(places(crs, layer.points())[0], grid)
    if off.max() <= MOST_FROM_MERIDIAN_DEG:
        return None
    # A feature touches each side of the extent somewhere: only where a whole side lies beyond is that beyond doubt.
    along = np.linspace(layer.south, layer.north, 9)
    least = max(
        float(off_meridian(places(crs, np.column_stack([np.full(9, x), along]))[0], grid).min())
        for x in (layer.west, layer.east)
    )
    worst = float(off.max())
    if least <= MOST_FROM_MERIDIAN_DEG and len(layer.sample):
        seen = off_meridian(places(crs, layer.sample)[0], grid)
        worst = float(seen.max())
        if worst <= MOST_FROM_MERIDIAN_DEG:
            return None
    lon_deg, lat_deg = (float(value[0]) for value in places(crs, layer.middle()))
    if datum in GEOGRAPHIC and not inside_china(lon_deg, lat_deg):
        return _impossible(name, layer, datum)
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
    return Fault(words, () if zone is None else (zone.code,))
