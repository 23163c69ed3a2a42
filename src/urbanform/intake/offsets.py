"""By how much the scrambled longitudes and latitudes of Chinese web maps lie off at a place.

GCJ-02 (AMap, Tencent) adds a smooth wave of some hundred metres to WGS 84; BD-09 (Baidu) turns that a little and adds
0.0065° and 0.006°. The formulas are public knowledge, good to metres, and are only used here to tell what an offset
that was found resembles: nothing is ever converted by them.
"""

import math

# Semi-major axis (m) and squared eccentricity of the Krassovsky 1940 ellipsoid, on which GCJ-02 is defined.
_AXIS_M = 6_378_245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_LON_DEG = (72.004, 137.8347)
_LAT_DEG = (0.8293, 55.8271)


def gcj02_offset_m(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    """Metres to the east and to the north by which GCJ-02 lies off WGS 84 at a place; (0, 0) where it is not used."""
    east_deg, north_deg = _gcj02_deg(longitude_deg, latitude_deg)
    return _metres(east_deg, north_deg, latitude_deg)


def bd09_offset_m(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    """Metres to the east and to the north by which BD-09 lies off WGS 84 at a place; (0, 0) where it is not used."""
    if not _applies(longitude_deg, latitude_deg):
        return 0.0, 0.0
    east_deg, north_deg = _gcj02_deg(longitude_deg, latitude_deg)
    lon, lat = longitude_deg + east_deg, latitude_deg + north_deg
    turn = math.pi * 3000 / 180
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * turn)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * turn)
    off_lon = radius * math.cos(angle) + 0.0065 - longitude_deg
    off_lat = radius * math.sin(angle) + 0.006 - latitude_deg
    return _metres(off_lon, off_lat, latitude_deg)


def _applies(longitude_deg: float, latitude_deg: float) -> bool:
    return _LON_DEG[0] <= longitude_deg <= _LON_DEG[1] and _LAT_DEG[0] <= latitude_deg <= _LAT_DEG[1]


def _gcj02_deg(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    if not _applies(longitude_deg, latitude_deg):
        return 0.0, 0.0
    x, y = longitude_deg - 105.0, latitude_deg - 35.0
    ripple = (20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)) * 2 / 3
    along = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + ripple
    along += (20 * math.sin(math.pi * x) + 40 * math.sin(math.pi * x / 3)) * 2 / 3
    along += (150 * math.sin(math.pi * x / 12) + 300 * math.sin(math.pi * x / 30)) * 2 / 3
    up = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + ripple
    up += (20 * math.sin(math.pi * y) + 40 * math.sin(math.pi * y / 3)) * 2 / 3
    up += (160 * math.sin(math.pi * y / 12) + 320 * math.sin(math.pi * y / 30)) * 2 / 3
    meridian_m, parallel_m = _metres_per_degree(latitude_deg)
    return along / parallel_m, up / meridian_m


def _metres(east_deg: float, north_deg: float, latitude_deg: float) -> tuple[float, float]:
    meridian_m, parallel_m = _metres_per_degree(latitude_deg)
    return east_deg * parallel_m, north_deg * meridian_m


def _metres_per_degree(latitude_deg: float) -> tuple[float, float]:
    """Along the meridian and along the parallel."""
    latitude = math.radians(latitude_deg)
    root = 1 - _ECCENTRICITY_2 * math.sin(latitude) ** 2
    meridian_m = math.radians(_AXIS_M * (1 - _ECCENTRICITY_2) / root**1.5)
    return meridian_m, math.radians(_AXIS_M / math.sqrt(root) * math.cos(latitude))
