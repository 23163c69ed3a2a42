"""What a coordinate reference system is, and how a manifest may write it."""

import pytest
from pyproj import CRS

from urbanform.errors import SubmissionError
from urbanform.intake.crs import (
    LOCAL_METRES,
    Datum,
    TransverseMercator,
    datum_of,
    describe,
    horizontal,
    is_mercator,
    is_placed,
    same_crs,
    transverse_mercator,
    unit_deg,
    unit_m,
)
from urbanform.intake.crs_read import WORDS, read_crs
from urbanform.wording import Language

ESRI_GEOGRAPHIC = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,'
    '298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def esri_prj(name: str, false_easting_m: float, central_meridian_deg: float) -> str:
    """The text of a .prj as ArcGIS writes it for a CGCS2000 Gauss-Krueger zone."""
    return (
        f'PROJCS["{name}",{ESRI_GEOGRAPHIC},PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{false_easting_m}],'
        f'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{central_meridian_deg}],'
        'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


def local_grid(central_meridian_deg: float) -> CRS:
    return CRS.from_proj4(f"+proj=tmerc +lon_0={central_meridian_deg} +k=1 +x_0=500000 +ellps=GRS80 +units=m")


def test_an_esri_prj_is_recognised_by_what_it_says() -> None:
    """The zone's name is ArcGIS's; the parameters decide. 114.25 is no zone: never the 102 of a far-fetched match."""
    plain = CRS.from_wkt(esri_prj("CGCS2000_3_Degree_GK_CM_114E", 500_000.0, 114.0))
    prefixed = CRS.from_wkt(esri_prj("CGCS2000_3_Degree_GK_Zone_38", 38_500_000.0, 114.0))
    shifted = CRS.from_wkt(esri_prj("CGCS2000_3_Degree_GK_CM_114E", 500_000.0, 114.25))
    assert describe(plain) == "EPSG:4547"
    assert describe(prefixed) == "EPSG:4526"
    assert not describe(shifted).startswith("EPSG:")
    assert describe(local_grid(114.25)) == "custom"
    assert describe(LOCAL_METRES) == "local-metres"
    assert describe(None) == ""


def test_systems_written_differently_are_the_same() -> None:
    """EPSG:4508 (6-degree, CM 111) and EPSG:4546 (3-degree, CM 111) have all parameters in common."""
    epsg = CRS.from_epsg
    assert same_crs(epsg(4547), CRS.from_wkt(esri_prj("CGCS2000_3_Degree_GK_CM_114E", 500_000.0, 114.0)))
    assert same_crs(epsg(4547), CRS.from_wkt(esri_prj("whatever", 500_000.0, 114.0)))
    assert same_crs(epsg(4508), epsg(4546))
    assert same_crs(epsg(4326), CRS.from_user_input("OGC:CRS84"))
    assert same_crs(LOCAL_METRES, LOCAL_METRES)


def test_systems_that_differ_stay_apart() -> None:
    """Prefix, meridian and datum each make another system: Xian 1980 has the same numbers as CGCS2000 here."""
    epsg = CRS.from_epsg
    assert not same_crs(epsg(4547), epsg(4526))
    assert not same_crs(epsg(4547), epsg(4546))
    assert not same_crs(epsg(4547), epsg(2383))
    assert not same_crs(epsg(4490), epsg(4326))
    assert not same_crs(epsg(4547), local_grid(114))
    assert not same_crs(epsg(4547), LOCAL_METRES)


def test_heights_and_attached_shifts_are_left_off() -> None:
    assert describe(CRS.from_user_input("EPSG:4490+5737")) == "EPSG:4490"
    assert describe(CRS.from_epsg(4480)) == "EPSG:4490"
    compound = CRS.from_user_input("EPSG:4547+5737")
    assert horizontal(compound) == CRS.from_epsg(4547)
    null_shift = CRS.from_proj4("+proj=utm +zone=49 +ellps=WGS84 +towgs84=0,0,0 +units=m")
    assert not horizontal(null_shift).is_bound
    # A foreign datum keeps the shift by which alone it can be laid over others; a Chinese one has none that holds.
    foreign = CRS.from_proj4("+proj=utm +zone=49 +ellps=intl +towgs84=84,107,120 +units=m")
    assert horizontal(foreign).is_bound
    assert not horizontal(CRS.from_proj4("+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3")).is_bound


@pytest.mark.parametrize(
    ("code", "datum"),
    [
        (4547, Datum.CGCS2000),
        (4490, Datum.CGCS2000),
        (32649, Datum.WGS84),
        (3857, Datum.WGS84),
        (4610, Datum.XIAN80),
        (2383, Datum.XIAN80),
        (4214, Datum.BEIJING54),
        (21420, Datum.BEIJING54),
        (4555, Datum.BEIJING54),
        (2056, Datum.OTHER),
    ],
)
def test_datum_families(code: int, datum: Datum) -> None:
    assert datum_of(CRS.from_epsg(code)) is datum


def test_a_datum_without_a_name_is_told_by_its_ellipsoid() -> None:
    """Krassovsky 1940 has the axis 6 378 245 m, the IAG 1975 of Xian 1980 6 378 140 m."""
    assert datum_of(CRS.from_proj4("+proj=tmerc +lon_0=114 +x_0=500000 +ellps=krass")) is Datum.BEIJING54
    assert datum_of(CRS.from_proj4("+proj=tmerc +lon_0=114 +x_0=500000 +a=6378140 +rf=298.257")) is Datum.XIAN80
    assert datum_of(CRS.from_proj4("+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3")) is Datum.BEIJING54
    assert datum_of(local_grid(114)) is Datum.OTHER


def test_parameters_units_and_kinds() -> None:
    assert transverse_mercator(CRS.from_epsg(4526)) == TransverseMercator(114.0, 0.0, 1.0, 38_500_000.0, 0.0)
    assert transverse_mercator(CRS.from_epsg(32649)) == TransverseMercator(111.0, 0.0, 0.9996, 500_000.0, 0.0)
    assert transverse_mercator(CRS.from_epsg(3857)) is None
    assert transverse_mercator(CRS.from_epsg(4490)) is None
    for mercator in ("EPSG:3857", "EPSG:3395", "EPSG:3994", "ESRI:54004"):
        assert is_mercator(CRS.from_user_input(mercator))
    for other in (4547, 2056, 4490):
        assert not is_mercator(CRS.from_epsg(other))
    assert unit_m(CRS.from_epsg(4547)) == 1.0
    # The US survey foot is 1200/3937 m.
    assert unit_m(CRS.from_epsg(2225)) == pytest.approx(1200 / 3937)
    assert unit_m(CRS.from_epsg(4490)) is None
    assert unit_deg(CRS.from_epsg(4490)) == 1.0
    assert unit_deg(CRS.from_epsg(4547)) is None
    assert is_placed(CRS.from_epsg(4547))
    assert not is_placed(CRS.from_wkt('LOCAL_CS["x",UNIT["metre",1]]'))
    assert not is_placed(CRS.from_epsg(4479))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EPSG:4547", "EPSG:4547"),
        ("4547", "EPSG:4547"),
        (" epsg：４５４７ ", "EPSG:4547"),
        ("urn:ogc:def:crs:EPSG::4547", "EPSG:4547"),
        ("+init=epsg:4547", "EPSG:4547"),
        ("EPSG:4480", "EPSG:4490"),
        ("CGCS2000", "EPSG:4490"),
        ("WGS84", "EPSG:4326"),
        ("Beijing 1954", "EPSG:4214"),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 114E", "EPSG:4547"),
        ("CGCS2000_3_Degree_GK_Zone_38", "EPSG:4526"),
        (esri_prj("CGCS2000_3_Degree_GK_CM_114E", 500_000.0, 114.0), "EPSG:4547"),
        ("CGCS2000 三度带 中央经线114", "EPSG:4547"),
        ("国家2000，中央子午线114°，不带带号", "EPSG:4547"),
        ("2000国家大地坐标系 3度带 第38带 带带号", "EPSG:4526"),
        ("CGCS2000 6度带 中央经线 111", "EPSG:4508"),
        ("北京54 6度带 20带 加带号", "EPSG:21420"),
        ("西安80 经纬度", "EPSG:4610"),
        ("local-metres", "local-metres"),
        ("Local-Metres", "local-metres"),
    ],
)
def test_read_crs(text: str, name: str) -> None:
    assert describe(read_crs(text)) == name


@pytest.mark.parametrize(
    ("text", "code", "offers"),
    [
        ("", "crs-not-understood", ["crs: EPSG:4547"]),
        ("火星坐标", "crs-not-understood", ["crs: EPSG:4547"]),
        ("38", "crs-not-understood", ["crs: EPSG:4547"]),
        ("EPSG:99999", "crs-not-understood", ["crs: EPSG:4547"]),
        # PROJ answers a part of a name with the first system that has it.
        ("Pulkovo", "crs-not-understood", ["crs: EPSG:4547"]),
        ("CGCS2000 北京54 38带", "crs-not-understood", ["crs: EPSG:4547"]),
        ("EPSG:5773", "crs-not-horizontal", ["crs: EPSG:4547"]),
        ("EPSG:4479", "crs-not-horizontal", ["crs: EPSG:4547"]),
        ("CGCS2000 3度带 38带", "crs-form-unclear", ["crs: EPSG:4526", "crs: EPSG:4547"]),
        ("西安80", "crs-zone-unclear", ["crs: EPSG:4610", "crs: EPSG:2383"]),
        ("CGCS2000 3度带 中央经线 114.25", "crs-zone-contradicts", ["crs: local-metres"]),
        ("CGCS2000 6度带 38带 不带带号", "crs-zone-contradicts", ["crs: local-metres"]),
        ("CGCS2000 38带 中央经线111 不带带号", "crs-zone-contradicts", ["crs: local-metres"]),
    ],
)
def test_what_is_not_beyond_doubt_is_not_read(text: str, code: str, offers: list[str]) -> None:
    with pytest.raises(SubmissionError) as raised:
        read_crs(text)
    (fault,) = raised.value.faults
    assert fault.code == code
    for language in Language:
        for line in offers:
            assert line in fault.say(language)


def test_both_languages_hold_the_same_places() -> None:
    for zh, en in WORDS.values():
        assert sorted(set(_places(zh))) == sorted(set(_places(en)))


def _places(template: str) -> list[str]:
    return [part.split("}")[0] for part in template.split("{")[1:]]
