"""Whether a layer's coordinates can be what its coordinate reference system says they are."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from pyproj import CRS

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
from urbanform.intake.crs_china import inside_china, zone_of
from urbanform.intake.crs_extent import Bounds, Extent, Fault, outside_china
from urbanform.intake.crs_likely import looks_like_degrees, looks_swapped_degrees, systems_by_magnitude
from urbanform.intake.crs_projected import projected_fault
from urbanform.intake.crs_words import WORDS
from urbanform.wording import Words, own_words

WIDEST_DEG = 30.0


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
    layer = Extent(west, south, east, north, sample, role, path, near_lon_deg)
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
    fault_or_notes: Fault | tuple[Words, ...] = ()
    if not empty:
        fault_or_notes = _not_finite(layer) or (
            _geographic(flat, datum, layer, raster)
            if flat.is_geographic
            else projected_fault(flat, datum, layer, raster)
        )
    if isinstance(fault_or_notes, Fault):
        return _report(flat, datum, grid, fault_or_notes, ())
    return _report(flat, datum, grid, None, (*_notes_on(crs, flat, datum, grid), *fault_or_notes))


def _report(
    crs: Crs, datum: Datum, grid: TransverseMercator | None, fault: Fault | None, notes: tuple[Words, ...]
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


def _missing(name: str, layer: Extent, empty: bool) -> Fault:
    likely = systems_by_magnitude(layer.bounds, layer.near_lon_deg) if not empty else None
    say = "crs-missing" if not name else "crs-undefined"
    if likely is None:
        return Fault(own_words(WORDS, f"{say}-unlike", name=name, shown="—" if empty else layer.shown))
    if likely.swapped:
        return Fault(own_words(WORDS, f"{say}-swapped", name=name, shown=layer.shown, code=likely.codes[0]))
    words = own_words(
        WORDS, say, name=name, shown=layer.shown, guess=likely.why, code=likely.codes[0], codes=list(likely.codes)
    )
    return Fault(words, likely.codes)


def _not_finite(layer: Extent) -> Fault | None:
    if all(math.isfinite(value) for value in layer.bounds) and np.isfinite(layer.sample).all():
        return None
    return Fault(own_words(WORDS, "crs-not-finite", shown=layer.shown, line=layer.line("EPSG:4547")))


def _local_degrees(layer: Extent) -> Fault | None:
    """Degrees labelled local metres: a planning layer is never less than a metre wide, unless it is one point."""
    size = max(layer.east - layer.west, layer.north - layer.south)
    if looks_like_degrees(layer.bounds) and 0 < size < 1:
        return Fault(
            own_words(WORDS, "crs-local-degrees", shown=layer.shown, line=layer.line("EPSG:4490")), ("EPSG:4490",)
        )
    return None


def _geographic(crs: CRS, datum: Datum, layer: Extent, raster: bool) -> Fault | tuple[Words, ...]:
    factor = unit_deg(crs) or 1.0
    degrees = tuple(value * factor for value in layer.bounds)
    west, south, east, north = degrees
    name = describe(crs)
    wide = not raster and max(east - west, north - south) > WIDEST_DEG and not looks_like_degrees(degrees)
    # Some Arctic places have such degrees too, but none that the exchange would put into China.
    middle_exchanged = (south + north) / 2, (west + east) / 2
    if looks_swapped_degrees(degrees) and (north > 90 or inside_china(*middle_exchanged)):
        return Fault(own_words(WORDS, "crs-degrees-swapped", shown=layer.shown, name=name, line=layer.line(name)))
    if west < -180 or east > 180 or south < -90 or north > 90 or wide:
        likely = systems_by_magnitude(layer.bounds, layer.near_lon_deg, datum=datum)
        if likely is None or likely.swapped:
            return Fault(
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
        return Fault(words, likely.codes)
    if raster:
        return ()
    return outside_china(datum, name, ((west + east) / 2, (south + north) / 2), layer)


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
    own_grid = datum in OLD_DATUMS | {Datum.CGCS2000} or (datum is Datum.OTHER and flat.to_epsg() is None)
    if grid is not None and grid.central_meridian_deg % 3 and own_grid and zone_of(flat) is None:
        notes.append(own_words(WORDS, "crs-local-meridian", name=name, meridian=grid.central_meridian_deg))
    return tuple(notes)
