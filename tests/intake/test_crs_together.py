"""Layers that cannot be laid over one another."""

import math

import numpy as np
import pytest
import shapely
from pyproj import CRS

from urbanform.intake.crs import LOCAL_METRES
from urbanform.intake.crs_together import far_from, mixed_datums
from urbanform.intake.crs_working import reproject
from urbanform.wording import Language

Box = tuple[float, float, float, float]

SCOPE: Box = (526_000, 3_956_000, 528_000, 3_959_000)


def epsg(code: int) -> CRS:
    return CRS.from_epsg(code)


def test_one_old_datum_alone_is_no_mixture() -> None:
    assert mixed_datums([("buildings", "b.shp", epsg(2383)), ("parcels", "p.shp", epsg(4610))]) == {}
    assert mixed_datums([("buildings", "b.shp", epsg(4547)), ("parcels", "p.shp", epsg(4326))]) == {}
    assert mixed_datums([("buildings", "b.shp", LOCAL_METRES)]) == {}
    assert mixed_datums([]) == {}


def test_old_datums_among_others_are_refused() -> None:
    """EPSG:2383 is Xian 1980 with CM 114°; its CGCS2000 counterpart is EPSG:4547."""
    refused = mixed_datums([("buildings", "b.shp", epsg(2383)), ("parcels", "p.shp", epsg(4547))])
    assert list(refused) == [0]
    assert refused[0].code == "datums-mixed"
    for language in Language:
        assert refused[0].say(language).endswith("layers: {buildings: {path: b.shp, crs: EPSG:4547}}")
    assert "CGCS2000" in refused[0].zh


def test_two_old_datums_are_both_refused() -> None:
    """Neither is known to be right. EPSG:21420 is zone 20 of 6°, prefixed: EPSG:4498 on CGCS2000; 4610 in degrees."""
    refused = mixed_datums([("buildings", "b.shp", epsg(21420)), ("parcels", "p.shp", epsg(4610))])
    assert list(refused) == [0, 1]
    assert "EPSG:4498" in refused[0].zh
    assert "EPSG:4490" in refused[1].zh


def test_a_local_grid_among_placed_layers_is_refused() -> None:
    layers = [("buildings", "b.shp", LOCAL_METRES), ("parcels", "p.shp", epsg(4547))]
    refused = mixed_datums(layers)
    assert [(position, words.code) for position, words in refused.items()] == [(0, "local-mixed")]


@pytest.mark.parametrize("gap_m", [0.0, 20_000.0])
def test_within_twenty_kilometres(gap_m: float) -> None:
    east = SCOPE[2] + gap_m
    assert far_from(SCOPE, (east, SCOPE[1], east + 1000, SCOPE[3]), epsg(4547)) is None


def test_beyond_twenty_kilometres() -> None:
    """12 km to the east and 16 km to the north are 20 km; a metre more is too far."""
    corner = (SCOPE[2] + 12_000, SCOPE[3] + 16_000)
    assert far_from(SCOPE, (*corner, corner[0] + 10, corner[1] + 10), epsg(4547)) is None
    beyond = far_from(SCOPE, (corner[0], corner[1] + 1.5, corner[0] + 10, corner[1] + 10), epsg(4547))
    assert beyond is not None
    assert beyond.code == "far-from-scope"
    assert "20" in beyond.zh


def test_overlapping_and_unknown_extents_say_nothing() -> None:
    assert far_from(SCOPE, (0, 0, 1e6, 5e6), epsg(4547)) is None
    assert far_from(SCOPE, (math.nan,) * 4, epsg(4547)) is None


@pytest.mark.parametrize(("wrong", "degrees"), [(4546, 3), (4548, 3), (4545, 6), (4549, 6)])
def test_a_wrong_zone_is_named_with_the_right_one(wrong: int, degrees: int) -> None:
    """Coordinates of EPSG:4547 read in a neighbouring zone come to lie 3° or 6° away."""
    astray = reproject(np.array([shapely.box(*SCOPE)], dtype=object), epsg(wrong), epsg(4547))
    bounds = shapely.bounds(astray)[0].tolist()
    words = far_from(SCOPE, bounds, epsg(4547), own=epsg(wrong), role="buildings", path="b.shp")
    assert words is not None
    assert words.code == "far-by-zone"
    assert f"{degrees}°" in words.zh
    for language in Language:
        assert words.say(language).endswith("layers: {buildings: {path: b.shp, crs: EPSG:4547}}")


def test_exchanged_axes_are_named() -> None:
    west, south, east, north = SCOPE
    words = far_from(SCOPE, (south, west, north, east), epsg(4547), own=epsg(4547))
    assert words is not None
    assert words.code == "far-by-swap"


def test_a_local_grid_has_distances_only() -> None:
    words = far_from((0, 0, 1000, 1000), (30_000, 0, 31_000, 1000), LOCAL_METRES)
    assert words is not None
    assert words.code == "far-from-scope"
    assert far_from((0, 0, 1000, 1000), (3000, 0, 4000, 1000), LOCAL_METRES) is None
