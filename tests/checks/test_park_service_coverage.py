"""Park service coverage: shares by pencil.

A park of 100 × 50 m (5,000 m²) stands at the corner of the place and reaches 500 m; homes lie straight east of it,
between its own north and south edges, where the reach ends in a straight line: at x = 600.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.affinity import rotate, translate

from places import box, layer, line, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict, judge
from urbanform.model.measurement import Bounds, Measurement, Subject
from urbanform.model.rules import (
    Document,
    Limit,
    Op,
    Place,
    Rule,
    RulePack,
    Severity,
    Source,
    Title,
    Unit,
)
from urbanform.model.submission import TableLayer
from urbanform.site import Site
from urbanform.wording import Words

CHECK = find_check("park-service-coverage")
BUILT_UP = layer("built_up_area", [box(-2000, -2000, 4000, 4000)], name=["老城"])
PARK = box(0, 0, 100, 50)
HOME = box(200, 0, 1000, 40)


def parks(*shapes: object, **more: Any) -> TableLayer:
    """A parks layer."""
    return layer("parks", list(shapes), **more)


def parcels(
    *shapes: object,
    use: list[str | None] | None = None,
    codes: list[str | None] | None = None,
    doubt: list[bool] | None = None,
    **more: Any,
) -> TableLayer:
    """Parcels, residential unless said otherwise."""
    found = layer("parcels", list(shapes), land_use=use or ["residential"] * len(shapes), **more)
    written = pd.array(codes or [None] * len(shapes), dtype="str")
    table = found.table.assign(land_use_code=written, land_use_doubt=doubt or [False] * len(shapes))
    return TableLayer(found.role, found.geometry, found.fields, table)


def found(
    *layers: TableLayer, built_up: TableLayer = BUILT_UP, none: tuple[str, ...] = (), **params: Any
) -> Measurement:
    """What the check finds on a place."""
    return CHECK.measure(Site(place(built_up, *layers, none=none)), "built_up_area", CHECK.params(**params))


def one(*layers: TableLayer, **more: Any) -> Subject:
    """The only subject."""
    (subject,) = found(*layers, **more).subjects
    return subject


def share(*layers: TableLayer, **more: Any) -> float:
    """The figure."""
    value = one(*layers, **more).value
    assert value is not None
    return value


def between(low: float, high: float) -> Bounds:
    """Bounds to compare with."""
    return Bounds(pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


def verdict(measurement: Measurement, at_least: float) -> Finding:
    """The verdict against a limit."""
    limit = Limit(Op.AT_LEAST, at_least, Unit.PERCENT)
    title, source = Title("则", "rule"), Source("文件", "号", "二（二）7")
    return judge(Rule("r", CHECK.name, title, Severity.TARGET, source, limits=(limit,)), measurement, 2026)


def codes(notes: tuple[Words, ...]) -> list[str]:
    """What is noted."""
    return [note.code for note in notes]


# Sizes


@pytest.mark.parametrize(
    ("north", "expected"),
    [
        (50.0, 50.0),  # 5,000 m² reach 500 m: 400 of 800
        (49.999, 25.0),  # 4,999.9 m² reach 300 m: 200 of 800
        (20.0, 25.0),  # 2,000 m²
        (19.999, 0.0),  # 1,999.9 m²
    ],
)
def test_a_size_suffices_to_the_square_metre(north: float, expected: float) -> None:
    home = box(200, 0, 1000, 15)
    assert share(parks(box(0, 0, 100, north)), parcels(home)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("degrees", [0.0, 17.3, 45.0, 201.9])
def test_turning_and_moving_the_place_keeps_a_park_its_size(degrees: float) -> None:
    """5,000 m² stay 5,000 m² after rounding in a sum."""
    shapes = [translate(rotate(shape, degrees, origin=(500_000, 3_950_000)), 123.4, -77.7) for shape in (PARK, HOME)]
    assert share(parks(shapes[0]), parcels(shapes[1])) == pytest.approx(50.0, rel=1e-9)


def test_a_lake_is_no_part_of_a_park() -> None:
    """100 × 60 m with a lake of 20 × 50: 5,000 m²; a lake a little larger leaves less."""
    hole = shapely.difference(box(0, 0, 100, 60), box(40, 5, 60, 55))
    assert share(parks(hole), parcels(HOME)) == pytest.approx(50.0)
    assert share(parks(shapely.difference(hole, box(60, 5, 61, 55))), parcels(HOME)) == pytest.approx(25.0)


# Whole parks


def test_touching_polygons_are_one_park() -> None:
    """Twice 1,500 m² make 3,000: 300 m; twice 2,500 make 5,000: 500 m from x = 100."""
    small = parks(box(0, 0, 50, 30), box(50, 0, 100, 30))
    assert share(small, parcels(box(200, 0, 1000, 30))) == pytest.approx(25.0)
    assert share(parks(box(0, 0, 50, 30)), parcels(HOME)) == 0
    assert share(parks(box(0, 0, 50, 50), box(50, 0, 100, 50)), parcels(HOME)) == pytest.approx(50.0)


def test_parts_of_one_feature_are_put_together_like_polygons() -> None:
    """Two parts 20 m apart are one feature of 5,000 m²."""
    both = shapely.multipolygons([box(-70, 0, -20, 50), box(50, 0, 100, 50)])
    assert share(parks(both), parcels(HOME)) == pytest.approx(50.0)


@pytest.mark.parametrize(("gap_m", "expected"), [(1.0, 50.0), (1.01, 25.0)])
def test_polygons_at_most_a_metre_apart_are_one_park(gap_m: float, expected: float) -> None:
    pieces = parks(box(-gap_m, 0, 50 - gap_m, 50), box(50, 0, 100, 50))
    assert share(pieces, parcels(HOME)) == pytest.approx(expected)


def test_a_chain_of_polygons_is_one_park() -> None:
    strips = [box(20 * n, 0, 20 * n + 20, 50) for n in range(5)]
    assert share(parks(*strips[::2], *strips[1::2]), parcels(HOME)) == pytest.approx(50.0)


def test_ground_that_park_polygons_share_makes_no_park_larger() -> None:
    """Copies of 3,000 m² stay 3,000; 0–60 and 40–100 wide make 5,000, not 6,000; 0–60 and 40–99.9 make less."""
    copies = parks(box(0, 0, 100, 30), box(0, 0, 100, 30))
    assert share(copies, parcels(box(200, 0, 1000, 30))) == pytest.approx(25.0)
    assert share(parks(box(0, 0, 60, 50), box(40, 0, 100, 50)), parcels(HOME)) == pytest.approx(50.0)
    less = parks(box(0.1, 0, 60, 50), box(40, 0, 100, 50))
    assert share(less, parcels(HOME)) == pytest.approx(25.0)


def test_a_road_between_two_polygons_keeps_them_apart() -> None:
    """Twice 2,500 m²: 300 m from the eastern one. As one park it would be 50 %, which is said where it decides."""
    halves = parks(box(0, 0, 50, 50), box(50, 0, 100, 50))
    between_them = layer("roads", [line((50, -100), (50, 150))])
    measurement = found(halves, parcels(HOME), between_them)
    (subject,) = measurement.subjects
    assert subject.value == pytest.approx(25.0)
    decided = verdict(measurement, 40)
    assert decided.verdict is Verdict.FAIL
    assert any("隔道路" in note.zh and "50" in note.zh for note in decided.notes)
    across = layer("roads", [line((-100, 25), (200, 25))])
    assert share(halves, parcels(HOME), across) == pytest.approx(50.0)


# The built-up area

EAST = layer("built_up_area", [box(150, -2000, 4000, 4000)])


def test_a_park_outside_the_built_up_area_does_not_count_and_the_note_says_what_it_would() -> None:
    measurement = found(parks(PARK), parcels(HOME), built_up=EAST)
    (subject,) = measurement.subjects
    assert subject.value == 0
    assert "outside" in codes(subject.notes)
    assert "50%" in subject.notes[-1].zh
    decided = verdict(measurement, 50)
    assert decided.verdict is Verdict.FAIL
    assert "would-flip" in codes(decided.notes)
    assert "would-flip" not in codes(verdict(measurement, 60).notes)


def test_a_park_that_only_touches_the_built_up_area_lies_outside() -> None:
    edge = layer("built_up_area", [box(100, -2000, 4000, 4000)])
    assert share(parks(PARK), parcels(HOME), built_up=edge) == 0


def test_a_park_of_which_any_part_lies_inside_counts_whole() -> None:
    """10 × 50 m of 5,000 m² lie inside; the reach is that of the whole park."""
    edge = layer("built_up_area", [box(90, -2000, 4000, 4000)])
    assert share(parks(PARK), parcels(HOME), built_up=edge) == pytest.approx(50.0)


def test_a_polygon_outside_that_belongs_to_a_park_inside_counts_with_it() -> None:
    edge = layer("built_up_area", [box(80, -2000, 4000, 4000)])
    pieces = parks(box(0, 0, 80, 50), box(80, 0, 100, 50))
    assert share(pieces, parcels(HOME), built_up=edge) == pytest.approx(50.0)


def test_homes_are_cut_at_the_edge_of_the_built_up_area() -> None:
    """Of 200–1000 only 200–800 lies inside: 400 of 600. The area is the union of its polygons."""
    halves = layer("built_up_area", [box(-100, -100, 500, 100), box(400, -100, 800, 100)])
    subject = one(parks(PARK), parcels(HOME), built_up=halves)
    assert subject.value == pytest.approx(100 * 400 / 600)
    assert subject.denominator is not None
    assert (subject.denominator.value, subject.denominator.unit) == (pytest.approx(600 * 40 / 1e4), "ha")


def test_an_unsound_built_up_area_gives_no_figure() -> None:
    broken = layer("built_up_area", [box(0, 0, 1000, 1000)], sound=[False])
    subject = one(parks(PARK), parcels(HOME), built_up=broken)
    assert (subject.value, subject.bounds) == (None, None)
    assert subject.missing is not None


# Homes


def test_ground_within_reach_of_several_parks_counts_once() -> None:
    """From the west to 600, from a park at 800–900 back to 300: all 800 m but none twice."""
    assert share(parks(PARK, box(1100, 0, 1200, 50)), parcels(HOME)) == pytest.approx(100.0)
    assert share(parks(PARK, box(0, -60, 100, -1.5)), parcels(HOME)) == pytest.approx(50.0, abs=0.1)


def test_ground_that_parcels_share_counts_once() -> None:
    """200–1000 twice, and 500–700 again: 400 of 800 all the same."""
    subject = one(parks(PARK), parcels(HOME, HOME, box(500, 0, 700, 40)))
    assert subject.value == pytest.approx(50.0)
    assert subject.denominator is not None
    assert subject.denominator.value == pytest.approx(800 * 40 / 1e4)


def test_a_hole_in_a_parcel_is_no_residential_land() -> None:
    """800 less a hole of 200 beyond reach: 400 of 600."""
    yard = shapely.difference(HOME, box(700, -1, 900, 41))
    assert share(parks(PARK), parcels(yard)) == pytest.approx(100 * 400 / 600)


def test_only_urban_residential_classes_count() -> None:
    """Rural homesteads and shops in reach change nothing."""
    land = parcels(
        HOME, box(200, 50, 500, 90), box(200, 100, 500, 140), use=["residential", "rural-residential", "commercial"]
    )
    assert share(parks(PARK), land) == pytest.approx(50.0)


def test_mixed_plots_count_in_full_with_a_note() -> None:
    """400 m of pure housing out of reach beside 400 m mixed in reach: 50 %; without it 0 %, said where it decides."""
    land = [box(200, 0, 600, 40), box(600, 0, 1000, 40)]
    for code in ("R2/B1", "0701+0901", "701(901)", "R2B1", "商住用地"):
        mixed = parcels(*land, codes=[code, "R2"], doubt=[True, False])
        measurement = found(parks(PARK), mixed)
        (subject,) = measurement.subjects
        assert subject.value == pytest.approx(50.0), code
        assert codes(subject.notes) == ["homes-mixed"]
        assert "would-flip" in codes(verdict(measurement, 40).notes)


@pytest.mark.parametrize(
    ("use", "code"),
    [
        ("commercial", "B1/R2"),  # mixed, but its main use is another
        ("residential", "07"),  # rural land is in it, too
        ("residential", "0702"),  # a rural homestead in the other classification
        ("residential", "R2"),  # at odds with the name beside it
        ("commercial", "B1"),  # likewise
        ("other", "混合用地"),
        ("other", "H11"),
        (None, None),
    ],
)
def test_land_that_may_be_housing_leaves_the_share_open(use: str | None, code: str | None) -> None:
    """400 m in reach are certain, 400 m beyond it may count: 50 to 100 %."""
    land = parcels(
        box(200, 0, 600, 40),
        box(600, 0, 1000, 40),
        use=["residential", use],
        codes=["R2", code],
        doubt=[False, use is not None],
    )
    measurement = found(parks(PARK), land)
    (subject,) = measurement.subjects
    assert (subject.value, subject.bounds) == (None, between(50, 100))
    assert "2" in subject.missing.zh if subject.missing else False
    assert verdict(measurement, 82).verdict is Verdict.UNDETERMINED
    assert verdict(measurement, 40).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("use", "code"), [("green", "0810"), ("transport", "12"), ("public", "08"), ("park", "1401/0901")]
)
def test_land_in_doubt_that_is_no_housing_either_way_is_none(use: str, code: str) -> None:
    land = parcels(HOME, box(200, 50, 600, 90), use=["residential", use], codes=["R2", code], doubt=[False, True])
    assert share(parks(PARK), land) == pytest.approx(50.0)


def test_of_several_doubtful_parcels_the_worst_and_the_best_choice_bound_the_share() -> None:
    """400 of 800 are certain; 400 in reach and 200 beyond it may count: 400/1000 to 800/1200."""
    land = parcels(
        HOME, box(150, 41, 550, 81), box(700, 41, 900, 81), use=["residential", None, None], codes=["R2", None, None]
    )
    # A home straight east of the park only up to y = 50: a taller park.
    tall = parks(box(0, 0, 100, 90))
    assert one(tall, land).bounds == between(100 * 400 / 1000, 100 * 800 / 1200)


def test_an_unsound_home_has_between_nothing_and_its_envelope() -> None:
    """400 in reach are certain; any part of 200 in reach and of 200 beyond it may count: 400/600 to 1."""
    land = parcels(box(200, 0, 600, 20), box(500, 20, 700, 40), sound=[True, False])
    subject = one(parks(PARK), land)
    assert subject.bounds == between(100 * 400 * 20 / (400 * 20 + 100 * 20), 100)


def test_a_home_without_a_shape_may_lie_anywhere() -> None:
    """2 ha built up, 0.8 ha of certain homes of which half is in reach: 1.2 ha may be served or not."""
    small = layer("built_up_area", [box(0, 0, 1000, 20)])
    land = parcels(box(200, 0, 1000, 10), None)
    subject = one(parks(PARK), land, built_up=small)
    assert subject.bounds == between(100 * 0.4 / 2.0, 100 * (0.4 + 1.2) / 2.0)


def test_no_residential_land_is_nothing_to_divide_by() -> None:
    subject = one(parks(PARK), parcels(HOME, use=["commercial"]))
    assert (subject.value, subject.bounds) == (None, None)
    assert subject.missing is not None
    assert subject.missing.code == "homes-none"
    outside = parcels(box(9000, 0, 9100, 100))
    assert one(parks(PARK), outside).missing is not None


def test_land_that_is_all_in_doubt_gives_no_figure() -> None:
    subject = one(parks(PARK), parcels(HOME, use=[None]))
    assert (subject.value, subject.bounds) == (None, None)
    assert subject.missing is not None
    assert subject.missing.code == "homes-class-open"


# What may be a park


def test_without_a_parks_layer_parcels_classed_park_count() -> None:
    land = parcels(HOME, PARK, box(600, 0, 700, 50), use=["residential", "park", "protective-green"])
    assert share(land) == pytest.approx(50.0)
    assert "用地" in found(land).notes[0].zh


def test_a_class_that_covers_more_than_parks_never_helps_a_pass() -> None:
    """三调 0810 holds parks and other green: 0 to 50 %."""
    land = parcels(HOME, PARK, use=["residential", "green"], codes=["0701", "0810"], doubt=[False, True])
    measurement = found(land)
    (subject,) = measurement.subjects
    assert (subject.value, subject.bounds) == (None, between(0, 50))
    assert verdict(measurement, 45).verdict is Verdict.UNDETERMINED
    assert verdict(measurement, 55).verdict is Verdict.FAIL
    assert "0810" in verdict(measurement, 45).reason.zh


def test_general_green_that_decides_nothing_leaves_the_figure_known() -> None:
    """A certain park serves the same ground."""
    land = parcels(HOME, PARK, box(0, 0, 90, 40), use=["residential", "park", "green"], doubt=[False, False, True])
    assert share(land) == pytest.approx(50.0)


def test_general_green_may_make_a_park_larger() -> None:
    """4,000 m² certain reach 300 m; with 1,000 m² of 0810 beside them it would be 500 m: 25 to 50 %."""
    land = parcels(
        HOME, box(20, 0, 100, 50), box(0, 0, 20, 50), use=["residential", "park", "green"], doubt=[False, False, True]
    )
    assert one(land).bounds == between(25, 50)


def test_an_unknown_class_may_be_a_park_or_a_home() -> None:
    """A parcel of 5,000 m² beyond reach of anything: as a home it makes 0 of 37,000 m²; as a park 50 %."""
    land = parcels(HOME, PARK, use=["residential", None])
    assert one(land).bounds == between(0, 100 * (400 * 40 + 5000) / (800 * 40 + 5000))


def test_with_a_parks_layer_the_parcels_are_no_parks() -> None:
    land = parcels(HOME, PARK, use=["residential", "park"])
    assert share(parks(box(0, 0, 50, 40)), land) == pytest.approx(100 * 150 / 800)


def test_an_unsound_park_reaches_at_most_as_far_as_its_envelope() -> None:
    assert one(parks(PARK, sound=[False]), parcels(HOME)).bounds == between(0, 50)
    assert one(parks(PARK, certain=[False]), parcels(HOME)).bounds == between(0, 50)


def test_a_park_without_a_shape_may_lie_anywhere() -> None:
    measurement = found(parks(PARK, None), parcels(HOME))
    assert measurement.subjects[0].bounds == between(50, 100)
    assert verdict(measurement, 40).verdict is Verdict.PASS
    assert verdict(measurement, 60).verdict is Verdict.UNDETERMINED


def test_parks_declared_not_to_exist_cover_nothing() -> None:
    assert share(parcels(HOME), none=("parks",)) == 0
    assert share(parks(), parcels(HOME), none=("parks",)) == 0
    assert share(parcels(HOME, PARK, use=["residential", "park"]), none=("parks",)) == 0


def test_parcels_among_which_none_is_a_park_do_not_say_where_the_parks_are() -> None:
    subject = one(parcels(HOME, box(0, 0, 50, 50), use=["residential", "commercial"]))
    assert (subject.value, subject.bounds) == (None, None)
    assert subject.missing is not None
    assert "none: [parks]" in subject.missing.zh


# Profiles


def test_garden_cities_count_from_400_m2() -> None:
    """20 × 20 m reach 300 m: 120 of 800 from x = 200."""
    tiny = parks(box(0, 0, 20, 20))
    home = parcels(box(200, 0, 1000, 20))
    assert share(tiny, home, profile="garden-city-2022") == pytest.approx(100 * 120 / 800)
    assert share(tiny, home) == 0
    assert "garden-city-2022" in found(tiny, home, profile="garden-city-2022").notes[0].en


def test_plazas_count_under_gb51346() -> None:
    """A plaza of 400 m² reaches 500 m; by parcel where there is no plazas layer."""
    home = box(200, 0, 1000, 20)
    assert share(parks(), parcels(home), layer("plazas", [box(0, 0, 20, 20)]), profile="gb51346-2019") == pytest.approx(
        100 * 320 / 800
    )
    land = parcels(home, box(0, 0, 20, 20), use=["residential", "plaza"])
    assert share(parks(), land, profile="gb51346-2019") == pytest.approx(100 * 320 / 800)
    assert share(parks(), land) == 0


def test_small_parks_count_in_historic_areas_under_gb50563() -> None:
    """40 × 25 m = 1,000 m²: 300 m inside a heritage zone, 0 to that half inside one, nothing outside."""
    home, small = parcels(box(200, 0, 1000, 25)), parks(box(0, 0, 40, 25))
    profile = {"profile": "gb50563-2010"}
    inside = layer("heritage_zones", [box(-50, -50, 50, 50)])
    assert share(small, home, inside, **profile) == pytest.approx(100 * 140 / 800)
    half = layer("heritage_zones", [box(20, -50, 50, 50)])
    assert one(small, home, half, **profile).bounds == between(0, 100 * 140 / 800)
    assert share(small, home, layer("heritage_zones", [box(90, 0, 99, 9)]), **profile) == 0
    assert share(small, home, **profile) == 0
    assert "no-zones" in codes(found(small, home, **profile).notes)


def test_a_list_of_ones_own_goes_before_the_profile() -> None:
    """From 2,000 m² 300 m, whatever the size."""
    service = [{"min_area_m2": 2000, "radius_m": 300}]
    assert share(parks(PARK), parcels(HOME), service=service) == pytest.approx(25.0)
    assert share(parks(PARK), parcels(HOME), service=service, profile="garden-city-2022") == pytest.approx(25.0)


@pytest.mark.parametrize("params", [{"profile": "x"}, {"service": []}, {"quad_segs": 0}, {"radius_m": 3}])
def test_parameters_that_mean_nothing_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        CHECK.params(**params)


def test_the_corner_of_a_reach_is_a_polygon_of_as_many_segments_as_asked() -> None:
    """Homes fill the square of 500 m off the park's corner: a quarter of 500² · 2n · sin(π / 2n) is covered."""
    home = parcels(box(100, 50, 600, 550))
    for segments in (8, 64):
        quarter = 500**2 * segments * math.sin(math.pi / (2 * segments)) / 2
        assert share(parks(PARK), home, quad_segs=segments) == pytest.approx(100 * quarter / 500**2)


# Promises


def test_the_order_of_the_rows_changes_nothing() -> None:
    homes = [box(200 + 50 * n, 0, 240 + 50 * n, 40) for n in range(16)]
    green = [box(0, 0, 50, 50), box(50, 0, 100, 50), box(700, 60, 760, 100)]
    figures = {round(share(parks(*green[::step]), parcels(*homes[::step])), 9) for step in (1, -1)}
    assert len(figures) == 1


def test_evidence_shows_what_is_out_of_reach_the_largest_first() -> None:
    land = parcels(
        box(200, 0, 560, 40), box(650, 0, 700, 40), HOME.intersection(box(560, 0, 640, 40)), box(750, 0, 990, 40)
    )
    homes, drawn = found(parks(PARK, box(0, 100, 10, 110), box(-90, -90, -40, -50)), land).evidence
    out = homes.frame[homes.frame["kind"] == "out"]
    assert out["feature"].tolist() == ["4", "2", "3"]
    assert out["area_m2"].tolist() == pytest.approx([240 * 40, 50 * 40, 40 * 40])
    assert homes.frame["kind"].iloc[0] == "out"
    served = homes.frame[homes.frame["kind"] == "in"]
    assert served["area_m2"].sum() == pytest.approx(400 * 40)
    kinds = drawn.frame.set_index("feature")["kind"].groupby(level=0).agg(sorted).to_dict()
    assert kinds == {"1": ["park-500", "service"], "2": ["small"], "3": ["park-300", "service"]}
    assert set(drawn.frame["kind"]) <= set(drawn.legend)
    assert set(homes.frame["kind"]) <= set(homes.legend)
    assert drawn.frame.set_index("kind").loc["park-500", "radius_m"] == 500


def test_what_is_missing_leaves_the_rule_undetermined() -> None:
    rule = Rule("r", CHECK.name, Title("则", "rule"), Severity.TARGET, Source(None, None, "1"), scope="built_up_area",
                limits=(Limit(Op.AT_LEAST, 82, Unit.PERCENT),), params=CHECK.params())  # fmt: skip
    pack = RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), "")

    def decided(*layers: TableLayer) -> Verdict:
        return assess(place(*layers), pack, 2026).findings[0].verdict

    assert decided(BUILT_UP, parks(PARK), parcels(box(200, 0, 500, 40))) is Verdict.PASS
    assert decided(BUILT_UP, parks(PARK), parcels(HOME)) is Verdict.FAIL
    assert decided(BUILT_UP, parks(PARK)) is Verdict.UNDETERMINED
    assert decided(parks(PARK), parcels(HOME)) is Verdict.UNDETERMINED
    assert decided(BUILT_UP, parcels(HOME)) is Verdict.UNDETERMINED
    assert decided() is Verdict.UNDETERMINED


def test_a_random_town_agrees_with_the_union_of_all_service_areas() -> None:
    random = np.random.default_rng(3)
    corner = random.uniform(0, 3000, (40, 2))
    size = random.uniform(20, 120, (40, 2))
    green = [box(x, y, x + w, y + h) for (x, y), (w, h) in zip(corner, size, strict=True)]
    homes = [box(x, y, x + 130, y + 110) for x in range(0, 3000, 150) for y in range(0, 3000, 150)]
    whole = shapely.get_parts(shapely.union_all(shapely.buffer(green, 0.5, join_style="mitre")))
    merged = [shapely.union_all([g for g in green if g.intersects(lump)]) for lump in whole]
    areas = [g.buffer(500 if g.area >= 5000 else 300, quad_segs=64) for g in merged if g.area >= 2000]
    expected = shapely.area(shapely.intersection(shapely.union_all(areas), shapely.union_all(homes)))
    assert share(parks(*green), parcels(*homes)) == pytest.approx(100 * expected / (400 * 130 * 110), rel=1e-9)
