"""The Gauss–Krueger zones of China and their EPSG codes, and a coarse outline of the country.

A zone comes in two forms: *plain*, with a false easting of 500 km (six digits), and *prefixed*, with the zone's
number before it (eight digits). 3-degree zones 25–45 have the central meridian 3 × zone, 6-degree zones 13–23 have
6 × zone − 3. Codes and parameters: EPSG Geodetic Parameter Dataset.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import shapely
from pyproj import CRS

from urbanform.intake.crs import Datum, datum_of, transverse_mercator, unit_m

FIRST_ZONE: Mapping[int, int] = MappingProxyType({3: 25, 6: 13})
LAST_ZONE: Mapping[int, int] = MappingProxyType({3: 45, 6: 23})
GEOGRAPHIC: Mapping[Datum, int] = MappingProxyType({Datum.CGCS2000: 4490, Datum.XIAN80: 4610, Datum.BEIJING54: 4214})

# The EPSG code of each series' first zone, by datum, zone width and whether the easting bears the zone's number.
_SERIES: Mapping[tuple[Datum, int, bool], int] = MappingProxyType(
    {
        (Datum.CGCS2000, 6, True): 4491,
        (Datum.CGCS2000, 6, False): 4502,
        (Datum.CGCS2000, 3, True): 4513,
        (Datum.CGCS2000, 3, False): 4534,
        (Datum.XIAN80, 6, True): 2327,
        (Datum.XIAN80, 6, False): 2338,
        (Datum.XIAN80, 3, True): 2349,
        (Datum.XIAN80, 3, False): 2370,
        (Datum.BEIJING54, 6, True): 21413,
        (Datum.BEIJING54, 6, False): 21453,
        (Datum.BEIJING54, 3, True): 2401,
        (Datum.BEIJING54, 3, False): 2422,
    }
)


@dataclass(frozen=True, slots=True)
class Zone:
    """One Gauss–Krueger zone of China in one of its two forms."""

    datum: Datum
    width_deg: int
    number: int
    prefixed: bool

    @property
    def central_meridian_deg(self) -> int:
        """The longitude on which the scale is 1."""
        return 3 * self.number if self.width_deg == 3 else 6 * self.number - 3

    @property
    def epsg(self) -> int:
        """The EPSG code."""
        return _SERIES[self.datum, self.width_deg, self.prefixed] + self.number - FIRST_ZONE[self.width_deg]

    @property
    def code(self) -> str:
        """The code as a manifest has it, ``EPSG:4547``."""
        return f"EPSG:{self.epsg}"


def zone_at(
    longitude_deg: float, *, width_deg: int = 3, datum: Datum = Datum.CGCS2000, prefixed: bool = False
) -> Zone | None:
    """The zone in which a longitude lies; None outside the zones of China. On a border the eastern zone."""
    number = math.floor(longitude_deg / 3 + 0.5) if width_deg == 3 else math.floor(longitude_deg / 6) + 1
    return numbered_zone(number, datum=datum, prefixed=prefixed, width_deg=width_deg)


def zone_of_meridian(
    central_meridian_deg: float, *, width_deg: int = 3, datum: Datum = Datum.CGCS2000, prefixed: bool = False
) -> Zone | None:
    """The zone that has this central meridian; None where there is none."""
    zone = zone_at(central_meridian_deg, width_deg=width_deg, datum=datum, prefixed=prefixed)
    return zone if zone is not None and zone.central_meridian_deg == central_meridian_deg else None


def numbered_zone(
    number: int, *, datum: Datum = Datum.CGCS2000, prefixed: bool = True, width_deg: int | None = None
) -> Zone | None:
    """The zone of a number: 13–23 are 6-degree zones, 25–45 3-degree ones; None for any other number.

    A datum other than the Chinese ones is answered with CGCS2000.
    """
    known = datum if datum in GEOGRAPHIC else Datum.CGCS2000
    for width, first in FIRST_ZONE.items():
        if first <= number <= LAST_ZONE[width] and width_deg in (None, width):
            return Zone(known, width, number, prefixed)
    return None


def zone_of_easting(easting_m: float, datum: Datum = Datum.CGCS2000) -> Zone | None:
    """The zone that an eight-digit easting bears before it; None where it bears none."""
    return numbered_zone(math.floor(easting_m / 1e6), datum=datum)


def zone_of(crs: CRS) -> Zone | None:
    """The Gauss–Krueger zone of China that a system is; None for any other, a local central meridian among them."""
    grid, datum = transverse_mercator(crs), datum_of(crs)
    if grid is None or datum not in GEOGRAPHIC or unit_m(crs) != 1.0:
        return None
    if grid.scale != 1.0 or grid.origin_latitude_deg != 0.0 or grid.false_northing_m != 0.0:
        return None
    if grid.false_easting_m == 500_000.0:
        return zone_of_meridian(grid.central_meridian_deg, datum=datum)
    zone = zone_of_easting(grid.false_easting_m, datum)
    if zone is None or zone.central_meridian_deg != grid.central_meridian_deg:
        return None
    return zone if grid.false_easting_m == zone.number * 1e6 + 500_000.0 else None


# Coarse (tens of kilometres), clockwise from the north-west; it decides which national grid measures a place, and
# says nothing on any border.
_MAINLAND = """
    87.0 49.2, 85.6 48.6, 85.5 47.2, 82.9 47.2, 82.2 45.5, 80.1 45.0, 80.2 42.6, 76.7 40.9, 73.5 39.7, 73.6 38.4,
    74.9 37.2, 77.8 35.4, 78.7 33.0, 78.4 32.0, 80.2 30.6, 81.3 29.9, 84.0 28.7, 85.7 27.9, 88.0 27.8, 88.9 27.1,
    89.3 28.1, 91.6 27.6, 92.1 26.9, 94.2 27.5, 96.3 28.2, 97.5 28.1, 98.4 27.4, 98.4 25.7, 97.5 24.7, 97.5 23.8,
    98.9 22.9, 99.2 22.0, 100.2 21.3, 101.8 21.1, 102.1 22.3, 103.9 22.3, 105.3 23.1, 106.8 22.7, 106.6 21.9,
    107.9 21.3, 108.3 21.0, 108.2 18.3, 109.5 17.9, 111.3 19.6, 113.5 21.7, 116.5 22.6, 118.8 24.2, 119.6 23.0,
    120.8 21.7, 121.9 23.5, 122.3 25.3, 123.0 28.0, 123.0 31.0, 121.5 34.0, 123.0 37.0, 122.5 38.5, 124.4 39.8,
    126.1 40.8, 127.0 41.7, 128.3 41.3, 128.3 42.0, 129.7 42.3, 130.7 42.2, 130.6 42.9, 131.3 43.5, 131.2 44.8,
    132.9 45.0, 133.9 46.3, 134.8 48.3, 134.4 48.5, 132.6 47.9, 131.0 47.8, 130.8 48.9, 129.5 49.4, 127.6 50.2,
    126.0 52.9, 123.3 53.6, 120.9 53.3, 120.0 52.4, 120.8 51.9, 119.1 50.2, 117.8 49.6, 116.7 49.8, 115.5 48.1,
    117.8 47.6, 119.7 47.0, 119.7 46.6, 116.6 46.3, 113.6 44.8, 111.9 45.0, 111.4 44.4, 112.0 43.5, 110.0 42.6,
    105.0 41.6, 101.6 42.5, 96.4 42.7, 95.3 44.2, 91.0 45.2, 90.9 47.0, 88.0 48.6, 87.0 49.2
"""
_SOUTHERN_ISLANDS = "110.5 16.0, 112.5 17.5, 117.0 16.0, 118.0 11.0, 115.5 8.0, 113.0 4.0, 110.5 7.0, 110.5 16.0"


def inside_china(longitude_deg: float, latitude_deg: float) -> bool:
    """Whether a place lies in China (mainland, coastal waters, islands), by an outline good to tens of kilometres."""
    return bool(shapely.contains_xy(_outline(), longitude_deg, latitude_deg))


@cache
def _outline() -> shapely.Geometry:
    outline = shapely.from_wkt(f"MULTIPOLYGON ((({_MAINLAND})), (({_SOUTHERN_ISLANDS})))")
    shapely.prepare(outline)
    return outline
