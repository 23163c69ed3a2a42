"""The working system, and the way into it."""

import math

import numpy as np
import pytest
import shapely
from pyproj import CRS

from urbanform.intake.crs import LOCAL_METRES, Crs, describe
from urbanform.intake.crs_working import (
    ReprojectionError,
    areal_change,
    lon_lat_bounds,
    reproject,
    utm_epsg,
    working_crs,
)

Box = tuple[float, float, float, float]

PLAIN: Box = (526_000, 3_956_000, 528_000, 3_959_000)
PREFIXED: Box = (38_526_000, 3_956_000, 38_528_000, 3_959_000)
DEGREES: Box = (114.28, 35.74, 114.31, 35.77)
MERCATOR: Box = (12_720_000, 4_260_000, 12_725_000, 4_266_000)
ESRI_4547 = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],'
    'UNIT["Meter",1.0]]'
)


def epsg(code: int) -> CRS:
    return CRS.from_epsg(code)


@pytest.mark.parametrize(
    ("layers", "name", "why"),
    [
        ([(epsg(4547), PLAIN)], "EPSG:4547", "working-own"),
        ([(epsg(4547), PLAIN), (CRS.from_wkt(ESRI_4547), PLAIN)], "EPSG:4547", "working-own"),
        ([(epsg(4526), PREFIXED)], "EPSG:4526", "working-own"),
        # UTM's scale is 0.9996 on the meridian: areas are 0.08 % too small there.
        ([(epsg(32650), (500_000, 3_950_000, 501_000, 3_951_000))], "EPSG:32650", "working-own"),
        ([(epsg(2056), (2_600_000, 1_200_000, 2_601_000, 1_201_000))], "EPSG:2056", "working-own"),
        ([(epsg(4547), PLAIN), (epsg(4526), PREFIXED)], "EPSG:4547", "working-zone"),
        ([(epsg(4326), DEGREES)], "EPSG:4547", "working-zone"),
        ([(epsg(4490), DEGREES), (epsg(4547), PLAIN)], "EPSG:4547", "working-zone"),
        ([(epsg(4610), DEGREES)], "EPSG:4547", "working-zone"),
        ([(epsg(3857), MERCATOR)], "EPSG:4547", "working-zone"),
        ([(epsg(4326), (102.2, 27.8, 102.3, 27.9))], "EPSG:4543", "working-zone"),
        ([(epsg(4326), (105.8, 21.0, 105.9, 21.1))], "EPSG:32648", "working-utm"),
        ([(epsg(4326), (-74.02, 40.70, -73.90, 40.80))], "EPSG:32618", "working-utm"),
        ([(epsg(4326), (151.1, -33.9, 151.3, -33.8))], "EPSG:32756", "working-utm"),
        ([(epsg(2225), (6_000_000, 2_000_000, 6_001_000, 2_001_000))], "EPSG:32610", "working-utm"),
        ([(LOCAL_METRES, PLAIN), (LOCAL_METRES, PREFIXED)], "local-metres", "working-local"),
        ([(LOCAL_METRES, PLAIN), (epsg(4547), PLAIN)], "EPSG:4547", "working-own"),
        ([(epsg(4547), (math.nan,) * 4)], "EPSG:4547", "working-own"),
    ],
)
def test_working_crs(layers: list[tuple[Crs, Box]], name: str, why: str) -> None:
    crs, words = working_crs(layers)
    assert describe(crs) == name
    assert words.code == why
    assert name in words.en or name == "local-metres"


def test_a_shared_system_is_left_where_it_is_untrue_to_area() -> None:
    """Gauss-Krueger: areal scale ≈ 1 + (x / R)². R ≈ 6 364 km: 0.194 % at x = 280 km, 0.208 % at 290 km.

    Zone 19 (EPSG:4508, CM 111) at 28° N: 290 km there are 2.95°, so that the data lie at 113.95° in 3-degree zone 38.
    """
    near, _ = working_crs([(epsg(4508), (770_000, 3_100_000, 780_000, 3_101_000))])
    assert describe(near) == "EPSG:4508"
    far, why = working_crs([(epsg(4508), (780_000, 3_100_000, 790_000, 3_101_000))])
    assert describe(far) == "EPSG:4547"
    assert "0.208 %" in why.en


def test_the_joint_extent_decides() -> None:
    """Either layer alone is within 0.2 %; the corner that only both together have lies no farther from the meridian."""
    west, east = (500_000, 3_100_000, 501_000, 3_101_000), (770_000, 3_200_000, 780_000, 3_201_000)
    crs, _ = working_crs([(epsg(4508), west), (epsg(4508), east)])
    assert describe(crs) == "EPSG:4508"
    assert areal_change(epsg(4508), (500_000, 3_100_000, 790_000, 3_101_000)) > 0.002


def test_without_an_extent_there_is_no_zone() -> None:
    with pytest.raises(ValueError, match="at least one layer"):
        working_crs([])
    with pytest.raises(ValueError, match="extent"):
        working_crs([(epsg(4326), (math.nan,) * 4)])


def test_utm_zones() -> None:
    """Zone = floor((lon + 180) / 6) + 1; the date line begins zone 1."""
    assert utm_epsg(114.3, 35.7) == 32650
    assert utm_epsg(113.9, 35.7) == 32649
    assert utm_epsg(180.0, 10.0) == 32601
    assert utm_epsg(-180.0, -10.0) == 32701


def test_shapes_are_moved_and_kept_in_order() -> None:
    """114.2970061°, 35.7514044° is 526 863, 3 958 000 in EPSG:4547 (PROJ 9.5.1); x is the longitude."""
    place = shapely.Point(114.2970061340, 35.7514043695)
    lifted = shapely.from_wkt("LINESTRING Z (114 35 1, 114.1 35 2)")
    given = np.array([place, None, shapely.from_wkt("POLYGON EMPTY"), lifted], dtype=object)
    before = given.copy()
    moved = reproject(given, epsg(4490), epsg(4547))
    assert shapely.get_coordinates(moved[0]) == pytest.approx(np.array([[526_863.0, 3_958_000.0]]), abs=0.01)
    assert moved[1] is None
    assert shapely.is_empty(moved[2])
    assert not shapely.has_z(moved[3])
    assert shapely.get_coordinates(moved[3])[0, 0] == pytest.approx(500_000)
    assert all(one is other for one, other in zip(given, before, strict=True))


def test_the_same_system_leaves_coordinates_untouched() -> None:
    shapes = np.array([shapely.box(526_000.1, 3_956_000.2, 526_010.3, 3_956_020.4)], dtype=object)
    moved = reproject(shapes, CRS.from_wkt(ESRI_4547), epsg(4547))
    assert shapely.equals_exact(moved[0], shapes[0], tolerance=0)
    local = reproject(shapes, LOCAL_METRES, LOCAL_METRES)
    assert shapely.equals_exact(local[0], shapes[0], tolerance=0)


def test_prefixed_to_plain_takes_the_number_off() -> None:
    moved = reproject(np.array([shapely.Point(38_526_863, 3_958_000)], dtype=object), epsg(4526), epsg(4547))
    assert shapely.get_coordinates(moved[0]) == pytest.approx(np.array([[526_863.0, 3_958_000.0]]), abs=1e-6)


def test_no_shapes() -> None:
    assert len(reproject(np.array([], dtype=object), epsg(4490), epsg(4547))) == 0


def test_lost_shapes_are_named() -> None:
    """Eight-digit eastings in a plain system lie beyond the earth."""
    shapes = np.array([shapely.Point(526_863, 3_958_000), shapely.Point(38_526_863, 3_958_000)], dtype=object)
    with pytest.raises(ReprojectionError) as raised:
        reproject(shapes, epsg(4547), epsg(4490), role="buildings", path="建筑.shp")
    assert raised.value.rows.tolist() == [1]
    assert "EPSG:4547" in raised.value.faults[0].zh


def test_a_local_grid_goes_nowhere() -> None:
    with pytest.raises(ValueError, match="local grid"):
        reproject(np.array([shapely.Point(0, 0)], dtype=object), LOCAL_METRES, epsg(4547))


def test_extents_in_degrees() -> None:
    """The central meridian of zone 38 is easting 500 000."""
    west, south, east, north = lon_lat_bounds(epsg(4547), (500_000, 3_956_000, 528_000, 3_959_000))
    assert west == pytest.approx(114.0, abs=1e-9)
    assert 114.3 < east < 114.32
    assert 35.7 < south < north < 35.8
