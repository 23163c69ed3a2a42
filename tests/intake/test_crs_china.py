"""Zones, their codes, and who is inside China."""

import pytest
from pyproj import CRS

from urbanform.intake.crs import Datum, datum_of, transverse_mercator
from urbanform.intake.crs_china import (
    FIRST_ZONE,
    LAST_ZONE,
    Zone,
    inside_china,
    numbered_zone,
    zone_at,
    zone_of,
    zone_of_easting,
    zone_of_meridian,
)


@pytest.mark.parametrize("datum", [Datum.CGCS2000, Datum.XIAN80, Datum.BEIJING54])
@pytest.mark.parametrize("width_deg", [3, 6])
@pytest.mark.parametrize("prefixed", [True, False])
def test_every_code_is_the_zone_it_says(datum: Datum, width_deg: int, prefixed: bool) -> None:
    """Held against PROJ's own tables: datum, central meridian, false easting."""
    for number in (FIRST_ZONE[width_deg], FIRST_ZONE[width_deg] + 4, LAST_ZONE[width_deg]):
        zone = Zone(datum, width_deg, number, prefixed)
        crs = CRS.from_epsg(zone.epsg)
        grid = transverse_mercator(crs)
        assert grid is not None
        assert datum_of(crs) is datum
        assert grid.central_meridian_deg == zone.central_meridian_deg
        assert grid.false_easting_m == (number * 1e6 + 500_000 if prefixed else 500_000)
        found = zone_of(crs)
        assert found is not None
        assert found.central_meridian_deg == zone.central_meridian_deg
        assert found.prefixed is prefixed


@pytest.mark.parametrize(
    ("longitude_deg", "three", "six"),
    [
        (114.30, (4526, 4547), (4498, 4509)),
        (113.24, (4526, 4547), (4497, 4508)),
        (102.26, (4522, 4543), (4496, 4507)),
        (126.54, (4530, 4551), (4500, 4511)),
        (122.54, (4529, 4550), (4499, 4510)),
    ],
)
def test_zones_of_places(longitude_deg: float, three: tuple[int, int], six: tuple[int, int]) -> None:
    """Hebi, Jiaozuo, Xichang, Harbin, Mohe: zone = round(lon / 3) and floor(lon / 6) + 1, by hand."""
    for width_deg, codes in ((3, three), (6, six)):
        for prefixed, code in zip((True, False), codes, strict=True):
            zone = zone_at(longitude_deg, width_deg=width_deg, prefixed=prefixed)
            assert zone is not None
            assert zone.epsg == code


def test_borders_and_ends_of_the_zones() -> None:
    """112.5 lies between zones 37 and 38, and goes east; 73.5 … 136.5 is all that the 21 zones cover."""
    assert zone_at(112.5) == Zone(Datum.CGCS2000, 3, 38, False)
    assert zone_at(112.4999) == Zone(Datum.CGCS2000, 3, 37, False)
    assert zone_at(73.4999) is None
    assert zone_at(73.5) == Zone(Datum.CGCS2000, 3, 25, False)
    assert zone_at(136.5) is None
    assert numbered_zone(24) is None
    assert zone_of_meridian(114.25) is None
    assert zone_of_meridian(114, width_deg=6) is None


def test_a_prefix_tells_the_zone() -> None:
    assert zone_of_easting(38_526_863) == Zone(Datum.CGCS2000, 3, 38, True)
    assert zone_of_easting(19_526_863) == Zone(Datum.CGCS2000, 6, 19, True)
    assert zone_of_easting(526_863) is None
    assert zone_of_easting(24_500_000) is None


def test_local_grids_are_no_zone() -> None:
    assert zone_of(CRS.from_proj4("+proj=tmerc +lon_0=114.25 +k=1 +x_0=500000 +ellps=GRS80 +units=m")) is None
    assert zone_of(CRS.from_epsg(32649)) is None
    assert zone_of(CRS.from_epsg(4490)) is None


INSIDE = {
    "Hebi": (114.30, 35.75),
    "Xichang": (102.26, 27.90),
    "Mohe": (122.54, 52.97),
    "Heihe": (127.50, 50.24),
    "Fuyuan": (134.30, 48.37),
    "Suifenhe": (131.15, 44.40),
    "Hunchun": (130.36, 42.86),
    "Dandong": (124.38, 40.12),
    "Erenhot": (111.98, 43.65),
    "Manzhouli": (117.45, 49.59),
    "Altay": (88.14, 47.85),
    "Khorgas": (80.42, 44.21),
    "Kashgar": (75.99, 39.47),
    "Ali": (80.10, 32.50),
    "Lhasa": (91.10, 29.65),
    "Ruili": (97.85, 24.01),
    "Jinghong": (100.80, 22.01),
    "Hekou": (103.96, 22.53),
    "Dongxing": (107.97, 21.54),
    "Sanya": (109.51, 18.25),
    "Yongxing": (112.34, 16.83),
    "Hong Kong": (114.17, 22.30),
    "Taipei": (121.56, 25.04),
    "Shanghai": (121.47, 31.23),
}
OUTSIDE = {
    "Hanoi": (105.85, 21.03),
    "Ulaanbaatar": (106.90, 47.92),
    "Seoul": (127.00, 37.57),
    "Pyongyang": (125.75, 39.03),
    "Delhi": (77.20, 28.60),
    "Vladivostok": (131.90, 43.10),
    "Khabarovsk": (135.08, 48.48),
    "Almaty": (76.90, 43.25),
    "Bishkek": (74.60, 42.87),
    "Kathmandu": (85.30, 27.70),
    "Thimphu": (89.64, 27.47),
    "Mandalay": (96.10, 21.97),
    "Vientiane": (102.60, 17.97),
    "Manila": (121.00, 14.60),
    "Naha": (127.68, 26.20),
    "Chita": (113.50, 52.03),
}


@pytest.mark.parametrize("place", INSIDE)
def test_inside_china(place: str) -> None:
    assert inside_china(*INSIDE[place])


@pytest.mark.parametrize("place", OUTSIDE)
def test_outside_china(place: str) -> None:
    assert not inside_china(*OUTSIDE[place])
