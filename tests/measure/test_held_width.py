"""The width that a road holds over 50 m, by pencil: a road of 600 m along y = 0."""

import numpy as np
import pytest
import shapely

from urbanform.measure.held_width import HeldWidths, held_widths, typical_widths_m
from urbanform.measure.strands import Junctions, junctions
from urbanform.measure.transects import Surfaces

ROAD = np.array([shapely.LineString([(0, 0), (600, 0)])], dtype=object)
ONE = np.zeros(1, dtype=np.int64)
NO_JUNCTION = junctions(ROAD)


def ground(*shapes: shapely.Geometry) -> Surfaces:
    """One surface."""
    return Surfaces.of(np.array([shapely.union_all(shapes)], dtype=object), np.array([True]))


def strip(width_m: float, start: float = 0, stop: float = 600) -> shapely.Polygon:
    """Part of the road's surface."""
    return shapely.box(start, -width_m / 2, stop, width_m / 2)


def held(surfaces: Surfaces, meet: Junctions = NO_JUNCTION, zone_m: float = 0) -> HeldWidths:
    """The widths that the road holds."""
    return held_widths(ROAD, ONE, meet, np.full(len(meet.at), zone_m), surfaces)


def interval(found: HeldWidths) -> list[float]:
    """Between what the road's width lies."""
    least, most = found.of(ONE, 1)
    return [float(least[0]), float(most[0])]


def test_a_taper_is_read_to_a_tenth_of_a_metre() -> None:
    """From 30 to 50 m over 600 m: over its last 50 m it holds 50 - 20 × 50 / 600 = 48.33 m."""
    taper = shapely.Polygon([(0, -15), (600, -25), (600, 25), (0, 15)])
    assert interval(held(ground(taper))) == pytest.approx([48.33, 48.33], abs=0.1)


@pytest.mark.parametrize(("length_m", "expected"), [(49, 20), (50, 30), (51, 30)])
def test_a_widening_is_told_to_the_metre(length_m: float, expected: float) -> None:
    assert interval(held(ground(strip(20), strip(30, 213.7, 213.7 + length_m)))) == pytest.approx([expected] * 2)


def test_what_lies_in_a_zone_counts_for_nothing() -> None:
    """A square of 80 m about a junction at 300 m: with a zone of 45 m the road keeps its 20 m.

    Without a zone the square counts for as wide as it is.
    """
    crossing = np.array([*ROAD, shapely.LineString([(300, -200), (300, 200)])], dtype=object)
    surfaces = ground(strip(20), shapely.box(260, -40, 340, 40), shapely.box(290, -200, 310, 200))
    assert interval(held(surfaces, junctions(crossing), 45)) == pytest.approx([20, 20])
    assert interval(held(surfaces, junctions(crossing), 0)) == pytest.approx([80, 80])


def test_a_road_whose_every_transect_lies_in_a_zone_has_none() -> None:
    crossing = np.array([*ROAD, shapely.LineString([(300, -200), (300, 200)])], dtype=object)
    assert np.isnan(interval(held(ground(strip(20)), junctions(crossing), 400))).all()


def test_the_transects_of_the_widest_stretch_are_its_own() -> None:
    """30 m wide from 200 to 300 m: the five transects of the first 50 m, each 30 m."""
    found = held(ground(strip(20), strip(30, 200, 300)))
    shown, owner = found.widest(ONE, 1)
    assert (len(shown), set(owner.tolist())) == (5, {0})
    assert shapely.length(shapely.linestrings(found.ends[shown])) == pytest.approx(30)
    assert found.ends[shown][:, 0, 0] == pytest.approx([205, 215, 225, 235, 245])


def test_the_typical_width_is_the_common_one_and_unknown_off_the_surface() -> None:
    typical_m, widest_m = typical_widths_m(
        np.array([*ROAD, shapely.LineString([(0, 900), (600, 900)])], dtype=object),
        ground(strip(20), strip(60, 100, 300)),
    )
    assert typical_m[0] == pytest.approx(20)
    assert np.isnan(typical_m[1])
    assert widest_m.tolist() == pytest.approx([60, np.inf])


def test_a_street_without_a_surface_of_its_own_takes_none_from_the_road_that_it_meets() -> None:
    """Only the last 18 m of the street lie on the 36 m surface of the other road; across it that one is 250 m wide."""
    lines = np.array(
        [shapely.LineString([(0, 1000), (1500, 1000)]), shapely.LineString([(1000, 0), (1000, 1250)])], dtype=object
    )
    typical, _ = typical_widths_m(lines, ground(shapely.box(982, 0, 1018, 1250)))
    assert np.isnan(typical[0])
    assert typical[1] == pytest.approx(36, abs=0.1)
