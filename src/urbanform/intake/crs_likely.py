"""Which coordinate reference systems suit coordinates by their size alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from urbanform.intake.crs import Datum
from urbanform.intake.crs_china import GEOGRAPHIC, numbered_zone, zone_at, zone_of_easting
from urbanform.intake.crs_words import WORDS
from urbanform.wording import Words, own_words

# Longitudes and latitudes among which all of China lies, coastal waters included.
_LON_DEG = (70.0, 140.0)
_LAT_DEG = (3.0, 56.0)
# The same as Gauss–Krueger northings and as Web Mercator, a little wider.
_NORTHING_M = (0.3e6, 6.2e6)
_MERCATOR_X_M = (7.7e6, 15.6e6)
_MERCATOR_Y_M = (0.3e6, 7.5e6)


@dataclass(frozen=True, slots=True)
class Likely:
    """Systems that suit, likeliest first, and what speaks for them."""

    codes: tuple[str, ...]
    why: Words
    swapped: bool = False


def looks_like_degrees(bounds: Sequence[float]) -> bool:
    """Whether an extent may be longitudes and latitudes of China."""
    west, south, east, north = bounds
    return _within(west, east, _LON_DEG) and _within(south, north, _LAT_DEG)


def looks_swapped_degrees(bounds: Sequence[float]) -> bool:
    """Whether an extent may be latitudes and longitudes of China, in that order."""
    west, south, east, north = bounds
    return _within(west, east, _LAT_DEG) and _within(south, north, _LON_DEG)


def systems_by_magnitude(
    bounds: Sequence[float], near_lon_deg: float | None = None, *, datum: Datum = Datum.CGCS2000
) -> Likely | None:
    """The systems that suit an extent by magnitude; None where none of the usual ones does.

    Parameters
    ----------
    bounds
        West, south, east, north as they are stored.
    near_lon_deg
        A longitude near which the layer is expected. Six-digit eastings do not tell their zone: with it, the zone
        there is proposed; without, the whole series is named and 114° E stands as the example.
    datum
        The datum of the codes; any but the Chinese ones is answered with CGCS2000, since magnitude tells no datum.

    Returns
    -------
    Likely or None
        ``swapped`` says that x and y would have to be exchanged first.
    """
    if not all(math.isfinite(value) for value in bounds):
        return None
    west, south, east, north = bounds
    suiting = _as_stored((west, south, east, north), near_lon_deg, datum if datum in GEOGRAPHIC else Datum.CGCS2000)
    if suiting is not None:
        return suiting
    exchanged = _as_stored((south, west, north, east), near_lon_deg, datum if datum in GEOGRAPHIC else Datum.CGCS2000)
    if exchanged is None or exchanged.codes[0] in {"EPSG:3857", "EPSG:4326"}:
        return None
    return Likely(exchanged.codes, exchanged.why, swapped=True)


def _as_stored(bounds: tuple[float, float, float, float], near_lon_deg: float | None, datum: Datum) -> Likely | None:
    west, south, east, north = bounds
    if looks_like_degrees(bounds):
        return Likely((f"EPSG:{GEOGRAPHIC[datum]}", "EPSG:4326"), own_words(WORDS, "likely-degrees"))
    zone = zone_of_easting(west, datum)
    if zone is not None and zone == zone_of_easting(east, datum) and _within(south, north, _NORTHING_M):
        why = own_words(WORDS, "likely-prefixed", zone=zone.number, width=zone.width_deg)
        also = ("EPSG:3857",) if _is_mercator(bounds) else ()
        return Likely((zone.code, *also), why)
    if _within(west, east, (1e5, 9e5)) and _within(south, north, (1.5e6, 6.2e6)):
        near = None if near_lon_deg is None else zone_at(near_lon_deg, datum=datum)
        example = near or numbered_zone(38, datum=datum, prefixed=False)
        first, last = (numbered_zone(number, datum=datum, prefixed=False) for number in (25, 45))
        if example is None or first is None or last is None:
            return None
        why = own_words(
            WORDS,
            "likely-plain" if near is None else "likely-plain-near",
            first=first.code,
            last=last.code,
            meridian=example.central_meridian_deg,
        )
        return Likely((example.code,), why)
    if _is_mercator(bounds):
        return Likely(("EPSG:3857",), own_words(WORDS, "likely-mercator"))
    if (
        _within(west, east, (-180, 180))
        and _within(south, north, (-90, 90))
        and 0 < max(east - west, north - south) < 1
    ):
        return Likely(("EPSG:4326",), own_words(WORDS, "likely-degrees"))
    return None


def _is_mercator(bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return _within(west, east, _MERCATOR_X_M) and _within(south, north, _MERCATOR_Y_M)


def _within(low: float, high: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= low and high <= limits[1]
