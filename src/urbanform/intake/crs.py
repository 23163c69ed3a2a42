"""What a coordinate reference system is, as far as measuring depends on it: kind, datum, unit, central meridian."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache
from typing import TypeAlias

from pyproj import CRS


class LocalMetres(Enum):
    """The type of :data:`LOCAL_METRES`."""

    LOCAL_METRES = "local-metres"


LOCAL_METRES = LocalMetres.LOCAL_METRES
"""A plane grid in metres of which nobody says where on the earth it lies."""

Crs: TypeAlias = CRS | LocalMetres


class Datum(StrEnum):
    """Datum families, as far as laying layers over one another depends on them."""

    CGCS2000 = "CGCS2000"
    WGS84 = "WGS 84"
    XIAN80 = "Xian 1980"
    BEIJING54 = "Beijing 1954"
    OTHER = "other"


OLD_DATUMS = frozenset({Datum.XIAN80, Datum.BEIJING54})
"""Datums from which PROJ knows no public transformation to CGCS2000, but for a null one."""

_UNNAMED = ("unknown", "unnamed", "user", "not specified", "not_specified", "custom")


@dataclass(frozen=True, slots=True)
class TransverseMercator:
    """The parameters of a transverse Mercator: degrees, and metres whatever the unit of the system."""

    central_meridian_deg: float
    origin_latitude_deg: float
    scale: float
    false_easting_m: float
    false_northing_m: float


# Looking a custom system up in PROJ's tables takes some tenths of a second, and each layer asks several times.
@lru_cache(maxsize=256)
def horizontal(crs: CRS) -> CRS:
    """The horizontal part of a system: 3D, compound and bound ones are reduced, known ones take their EPSG form.

    A bound system whose shift to WGS 84 is not zero keeps it, unless its datum is a Chinese one, whose published
    shifts hold for a single place at most. Engineering and geocentric systems come back as they are.
    """
    flat = crs
    while True:
        if flat.is_compound:
            flat = flat.sub_crs_list[0]
        elif flat.is_bound and flat.source_crs is not None and _shift_is_void(flat):
            flat = flat.source_crs
        elif len(flat.axis_info) > 2 and not flat.is_geocentric:
            flat = flat.to_2d()
        else:
            break
    code = flat.to_epsg()
    return flat if code is None else CRS.from_epsg(code)


def describe(crs: Crs | None) -> str:
    """``EPSG:4547`` where PROJ recognises the system beyond doubt, else its name, else ``custom``; ``""`` for none."""
    if crs is None:
        return ""
    if isinstance(crs, LocalMetres):
        return crs.value
    return _name_of(horizontal(crs))


def same_crs(one: Crs, other: Crs) -> bool:
    """Whether two systems give one place the same coordinates, however they are written down.

    Axis order and names do not count, since coordinates are always kept as easting, northing; a zone prefix in the
    easting does, and so does the datum.
    """
    if isinstance(one, LocalMetres) or isinstance(other, LocalMetres):
        return one is other
    first, second = horizontal(one), horizontal(other)
    if first.equals(second, ignore_axis_order=True):
        return True
    here, there = transverse_mercator(first), transverse_mercator(second)
    if here is None or here != there or unit_m(first) != unit_m(second) or first.is_bound or second.is_bound:
        return False
    if first.geodetic_crs is None or second.geodetic_crs is None:
        return False
    return bool(
        first.geodetic_crs.equals(second.geodetic_crs, ignore_axis_order=True)
        or horizontal(first.geodetic_crs) == horizontal(second.geodetic_crs)
    )


def datum_of(crs: CRS) -> Datum:
    """The datum family, by the datum's name; where it has none, by an ellipsoid that only one Chinese datum uses."""
    geodetic = _unbound(crs).geodetic_crs
    if geodetic is None:
        return Datum.OTHER
    # A PROJ string's parameters become part of the name: "… using towgs84=…" is no WGS 84.
    name = (geodetic.datum.name if geodetic.datum is not None else geodetic.name).lower().split(" using ")[0]
    name = name.replace("_", " ")
    if "china 2000" in name or "cgcs2000" in name or "china geodetic coordinate system 2000" in name:
        return Datum.CGCS2000
    if "xian" in name:
        return Datum.XIAN80
    if "beijing" in name:
        return Datum.BEIJING54
    if "world geodetic system 1984" in name or "wgs 84" in name or "wgs 1984" in name or "wgs84" in name:
        return Datum.WGS84
    ellipsoid = geodetic.ellipsoid
    if _is_unnamed(name) and ellipsoid is not None:
        if abs(ellipsoid.semi_major_metre - 6_378_245.0) < 0.5 and abs(ellipsoid.inverse_flattening - 298.3) < 1e-3:
            return Datum.BEIJING54
        if abs(ellipsoid.semi_major_metre - 6_378_140.0) < 0.5:
            return Datum.XIAN80
    return Datum.OTHER


def transverse_mercator(crs: CRS) -> TransverseMercator | None:
    """The parameters of a transverse Mercator (Gauss–Krueger, UTM); None for any other system."""
    flat = _unbound(crs)
    operation = flat.coordinate_operation
    if not flat.is_projected or operation is None or not operation.method_name.startswith("Transverse Mercator"):
        return None
    # By EPSG parameter code, value and SI factor.
    given = {str(p.code): (float(p.value), float(p.unit_conversion_factor)) for p in operation.params}
    false_easting, metres_east = given.get("8806", (0.0, 1.0))
    false_northing, metres_north = given.get("8807", (0.0, 1.0))
    return TransverseMercator(
        central_meridian_deg=_degrees(*given.get("8802", (0.0, 1.0))),
        origin_latitude_deg=_degrees(*given.get("8801", (0.0, 1.0))),
        scale=given.get("8805", (1.0, 1.0))[0],
        false_easting_m=false_easting * metres_east,
        false_northing_m=false_northing * metres_north,
    )


def is_mercator(crs: CRS) -> bool:
    """Whether it is a Mercator on an upright cylinder (EPSG:3857 among them), whose scale grows with the latitude."""
    operation = _unbound(crs).coordinate_operation
    if operation is None:
        return False
    method = operation.method_name.lower().replace("_", " ").replace("-", " ")
    return method.startswith("mercator") or "pseudo mercator" in method


def unit_m(crs: CRS) -> float | None:
    """Metres per unit of a projected system; None for one whose coordinates are not lengths on a map."""
    flat = _unbound(crs)
    return float(flat.axis_info[0].unit_conversion_factor) if flat.is_projected else None


def unit_deg(crs: CRS) -> float | None:
    """Degrees per unit of a geographic system; None for any other."""
    flat = _unbound(crs)
    return _degrees(1.0, flat.axis_info[0].unit_conversion_factor) if flat.is_geographic else None


def is_placed(crs: CRS) -> bool:
    """Whether the system says where on the earth its coordinates lie, on a plane or in longitude and latitude.

    False for engineering, geocentric and vertical systems, and for the "undefined" ones of GeoPackage.
    """
    flat = _unbound(crs)
    return bool(flat.is_projected or flat.is_geographic) and not flat.name.lower().startswith("undefined")


@lru_cache(maxsize=256)
def _name_of(flat: CRS) -> str:
    code = flat.to_epsg()
    authority = flat.to_authority() if code is None else ("EPSG", str(code))
    if authority is not None:
        return ":".join(authority)
    name = _unbound(flat).name
    return "custom" if _is_unnamed(name) else name


def _unbound(crs: CRS) -> CRS:
    return crs.source_crs if crs.is_bound and crs.source_crs is not None else crs


def _shift_is_void(bound: CRS) -> bool:
    if datum_of(bound) in OLD_DATUMS | {Datum.CGCS2000, Datum.WGS84}:
        return True
    operation = bound.coordinate_operation
    return operation is not None and bool(operation.towgs84) and not any(operation.towgs84)


def _degrees(value: float, radians_per_unit: float) -> float:
    # PROJ gives the factor of a degree as a rounded 0.0174532925199433: 114 must come out as 114, exactly.
    return round(float(value * radians_per_unit / 0.017453292519943295), 10)


def _is_unnamed(name: str) -> bool:
    return not name.strip() or name.strip().lower().startswith(_UNNAMED)
