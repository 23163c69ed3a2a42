"""Coordinates that can, and that cannot, be what their system says.

The places: 2 × 3 km at Hebi in its 3-degree zone 38 (central meridian 114° E), plain, prefixed and in degrees.
"""

import math

import numpy as np
import pytest
from pyproj import CRS

from urbanform.intake.crs import LOCAL_METRES, Crs, Datum
from urbanform.intake.crs_examine import CrsReport, examine
from urbanform.intake.crs_extent import override_line
from urbanform.intake.crs_words import WORDS
from urbanform.wording import Language

Box = tuple[float, float, float, float]

PLAIN: Box = (526_000, 3_956_000, 528_000, 3_959_000)
PREFIXED: Box = (38_526_000, 3_956_000, 38_528_000, 3_959_000)
DEGREES: Box = (114.28, 35.74, 114.31, 35.77)
MERCATOR: Box = (12_720_000, 4_260_000, 12_725_000, 4_266_000)
SMALL: Box = (0, 0, 1000, 800)
ENGINEERING = 'LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]'


def exchanged(box: Box) -> Box:
    west, south, east, north = box
    return south, west, north, east


def looked_at(code: int | None, box: Box, **options: object) -> CrsReport:
    crs = None if code is None else CRS.from_epsg(code)
    return examine(crs, box, role="buildings", path="现状/建筑.shp", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        (CRS.from_epsg(4547), PLAIN),
        (CRS.from_epsg(4526), PREFIXED),
        (CRS.from_epsg(4490), DEGREES),
        (CRS.from_epsg(4326), DEGREES),
        (CRS.from_epsg(32649), (700_000, 3_950_000, 701_000, 3_952_000)),
        (CRS.from_epsg(4326), (-74.02, 40.70, -73.90, 40.80)),
        (CRS.from_epsg(2056), (2_600_000, 1_200_000, 2_601_000, 1_201_000)),
        # A point and small figures are right in a local grid, even where they could be degrees of China.
        (LOCAL_METRES, SMALL),
        (LOCAL_METRES, (100, 30, 108, 42)),
        (LOCAL_METRES, (100.5, 30.5, 100.5, 30.5)),
    ],
)
def test_sound_layers_pass(crs: Crs, box: Box) -> None:
    report = examine(crs, box)
    assert report.usable
    assert report.notes == ()


@pytest.mark.parametrize(
    ("code", "box", "fault", "candidates", "line"),
    [
        (None, DEGREES, "crs-missing", ("EPSG:4490", "EPSG:4326"), "crs: EPSG:4490"),
        (None, PREFIXED, "crs-missing", ("EPSG:4526",), "crs: EPSG:4526"),
        (None, PLAIN, "crs-missing", ("EPSG:4547",), "crs: EPSG:4547"),
        (None, MERCATOR, "crs-missing", ("EPSG:3857",), "crs: EPSG:3857"),
        (None, SMALL, "crs-missing-unlike", (), "crs: local-metres"),
        (None, exchanged(DEGREES), "crs-missing-swapped", (), "crs: EPSG:4490"),
        (None, exchanged(PREFIXED), "crs-missing-swapped", (), "crs: EPSG:4526"),
        (4547, PREFIXED, "crs-prefixed-under-plain", ("EPSG:4526",), "EPSG:4526"),
        (4526, PLAIN, "crs-plain-under-prefixed", ("EPSG:4547",), "EPSG:4547"),
        (4525, PREFIXED, "crs-other-prefix", ("EPSG:4526",), "EPSG:4526"),
        (2383, PREFIXED, "crs-prefixed-under-plain", ("EPSG:2362",), "EPSG:2362"),
        (4526, (37_526_000, 3_956_000, 38_528_000, 3_959_000), "crs-several-zones", (), "EPSG:4526"),
        (4547, DEGREES, "crs-degrees-as-metres", ("EPSG:4490",), "EPSG:4490"),
        (3857, DEGREES, "crs-degrees-as-metres", ("EPSG:4490",), "EPSG:4490"),
        (4326, PLAIN, "crs-metres-as-degrees", ("EPSG:4547",), "EPSG:4547"),
        (4490, PREFIXED, "crs-metres-as-degrees", ("EPSG:4526",), "EPSG:4526"),
        (4326, (0, 0, 2000, 3000), "crs-metres-as-degrees-unlike", (), "local-metres"),
        (4326, (0, 0, 80, 70), "crs-metres-as-degrees-unlike", (), "local-metres"),
        (4547, exchanged(PLAIN), "crs-swapped", (), "EPSG:4547"),
        (4526, exchanged(PREFIXED), "crs-swapped", (), "EPSG:4526"),
        (4547, exchanged(PREFIXED), "crs-swapped", (), "EPSG:4526"),
        (4490, exchanged(DEGREES), "crs-degrees-swapped", (), "EPSG:4490"),
        (4490, (40.0, 80.0, 40.1, 80.1), "crs-degrees-swapped", (), "EPSG:4490"),
        (3857, (3e7, 4e6, 3.1e7, 5e6), "crs-impossible", (), "local-metres"),
        (4547, MERCATOR, "crs-impossible", ("EPSG:3857",), "EPSG:3857"),
        (4547, SMALL, "crs-impossible", (), "local-metres"),
        (4490, (-10.0, -20.0, -9.9, -19.9), "crs-far-outside-china", (), "local-metres"),
        (4547, (0, 0, math.inf, 1), "crs-not-finite", (), "EPSG:4547"),
    ],
)
def test_faults_and_their_cure(code: int | None, box: Box, fault: str, candidates: tuple[str, ...], line: str) -> None:
    """Each message, in both languages, ends with the line of the manifest that would mend the layer."""
    report = looked_at(code, box)
    assert [words.code for words in report.faults] == [fault]
    assert not report.usable
    assert report.candidates == candidates
    cure = line if code is None else f"layers: {{buildings: {{path: 现状/建筑.shp, crs: {line}}}}}"
    for language in Language:
        assert report.faults[0].say(language).endswith(cure)


def test_neighbours_tell_the_zone_of_six_digit_eastings() -> None:
    """Round(102.3 / 3) = 34: CGCS2000 zone 34 in its plain form is EPSG:4543."""
    report = looked_at(None, PLAIN, near_lon_deg=102.3)
    assert report.candidates == ("EPSG:4543",)


def test_three_degrees_from_the_meridian() -> None:
    """On the parallel of 35.75° a degree of longitude is 111.32 km × cos 35.75° ≈ 90.4 km, 3° some 271 km.

    250 km east of the meridian is within, 300 km is not.
    """
    assert looked_at(4547, (749_000, 3_956_000, 750_000, 3_957_000)).usable
    report = looked_at(4547, (799_000, 3_956_000, 800_000, 3_957_000))
    assert [words.code for words in report.faults] == ["crs-far-from-meridian"]
    # 114 + 300 / 90.4 = 117.3, that is zone 39.
    assert report.candidates == ("EPSG:4548",)


def test_the_features_decide_where_only_a_corner_is_too_far() -> None:
    """An extent from 25° to 45° N with 260 km to the east: 2.6° at its foot, 3.3° at its head.

    No feature need lie in the upper right corner. Without any coordinates to look at the layer is refused.
    """
    box = (500_000, 2_766_000, 760_000, 4_985_000)
    foot, head = (760_000, 2_766_000), (500_000, 4_985_000)
    corner = (760_000, 4_985_000)
    assert looked_at(4547, box, sample_xy=np.array([foot, head])).usable
    assert not looked_at(4547, box, sample_xy=np.array([foot, head, corner])).usable
    assert not looked_at(4547, box).usable


def test_what_is_not_placed_has_no_system() -> None:
    report = examine(CRS.from_wkt(ENGINEERING), PLAIN)
    assert report.crs is None
    assert [words.code for words in report.faults] == ["crs-undefined"]
    assert report.candidates == ("EPSG:4547",)


def test_degrees_declared_a_local_grid() -> None:
    report = examine(LOCAL_METRES, DEGREES)
    assert [words.code for words in report.faults] == ["crs-local-degrees"]


def test_a_layer_without_features_is_judged_by_its_system_alone() -> None:
    nothing = (math.nan,) * 4
    assert examine(CRS.from_epsg(4547), nothing).usable
    assert examine(LOCAL_METRES, nothing).usable
    assert [words.code for words in examine(None, nothing).faults] == ["crs-missing-unlike"]


def test_rasters_may_cover_the_world() -> None:
    """The corners of a world in Mollweide (ESRI:54009, in which population grids come) are off the map."""
    half = 20_037_508.34
    assert examine(CRS.from_epsg(4326), (-180, -90, 180, 90), raster=True).usable
    assert examine(CRS.from_epsg(3857), (-half, -half, half, half), raster=True).usable
    assert examine(
        CRS.from_user_input("ESRI:54009"), (-18_041_000, -9_000_000, 18_041_000, 9_000_000), raster=True
    ).usable


@pytest.mark.parametrize(
    ("crs", "box", "note"),
    [
        (CRS.from_epsg(2383), PLAIN, "crs-old-datum"),
        (CRS.from_epsg(21420), (20_390_000, 3_956_000, 20_400_000, 3_957_000), "crs-old-datum"),
        (CRS.from_epsg(3857), MERCATOR, "crs-mercator"),
        (CRS.from_epsg(2225), (6_000_000, 2_000_000, 6_001_000, 2_001_000), "crs-not-metres"),
        (CRS.from_user_input("EPSG:4490+5737"), DEGREES, "crs-reduced"),
        (
            CRS.from_proj4("+proj=tmerc +lon_0=114.25 +k=1 +x_0=500000 +ellps=GRS80 +units=m"),
            PLAIN,
            "crs-local-meridian",
        ),
        (CRS.from_epsg(4547), (500_000, 0, 501_000, 1000), "crs-outside-china"),
        # Hanoi in the zone of its longitude.
        (CRS.from_epsg(4544), (586_000, 2_325_000, 590_000, 2_330_000), "crs-outside-china"),
    ],
)
def test_notes(crs: CRS, box: Box, note: str) -> None:
    report = examine(crs, box)
    assert report.usable
    assert [words.code for words in report.notes] == [note]


def test_the_report_tells_datum_meridian_and_name() -> None:
    report = looked_at(2383, PLAIN)
    assert (report.name, report.datum, report.central_meridian_deg) == ("EPSG:2383", Datum.XIAN80, 114.0)


def test_a_path_that_yaml_would_misread_is_quoted() -> None:
    assert override_line("EPSG:4526", role="roads", path="a.gpkg#l") == (
        'layers: {roads: {path: "a.gpkg#l", crs: EPSG:4526}}'
    )
    assert override_line("EPSG:4526", role="roads", path="道路, 新.shp").count('"') == 2


def test_both_languages_hold_the_same_places() -> None:
    for zh, en in WORDS.values():
        assert set(_places(zh)) == set(_places(en))


def _places(template: str) -> list[str]:
    return [part.split("}")[0] for part in template.split("{")[1:]]
