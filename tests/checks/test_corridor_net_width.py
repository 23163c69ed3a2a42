"""Net width through the whole check: obstacles by role, roads, unknown values, rows. The geometry has its own tests."""

import math
import re

import pytest
from shapely import LineString, Polygon

from places import box, layer, line, place
from urbanform.checks import find_check
from urbanform.model.finding import Verdict, judge
from urbanform.model.measurement import Measurement, Subject
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.model.submission import TableLayer
from urbanform.site import Site

CHECK = find_check("corridor-net-width")
BAND = layer("corridors", [box(0, 0, 1000, 100)])
WIDE = layer("corridors", [box(0, 0, 2000, 200)])
NO_BUILDINGS = layer("buildings", [box(5000, 5000, 5010, 5010)])


def measured(*layers: TableLayer) -> Measurement:
    """The measurement of a place."""
    return CHECK.measure(Site(place(*layers)), None, CHECK.params())


def only(*layers: TableLayer) -> Subject:
    """The one corridor of a place."""
    (subject,) = measured(*layers).subjects
    return subject


def test_an_empty_band_is_as_wide_as_it_is_drawn() -> None:
    assert only(BAND).value == pytest.approx(100, abs=0.01)


def test_a_house_on_the_axis_leaves_one_half_and_one_off_the_axis_the_wider_side() -> None:
    """200 m wide: a 20 m square on the axis leaves 90 on either side; 50 m off the axis 40 and 140."""
    assert only(WIDE, layer("buildings", [box(990, 90, 1010, 110)])).value == pytest.approx(90, abs=0.01)
    assert only(WIDE, layer("buildings", [box(990, 140, 1010, 160)])).value == pytest.approx(140, abs=0.01)


def test_land_that_is_built_on_narrows_and_open_land_does_not() -> None:
    at = [box(990, 0, 1010, 80)]
    for use, expected in (("residential", 120), ("transport", 120), ("park", 200), ("road", 200), ("open-land", 200)):
        assert only(WIDE, layer("parcels", at, land_use=[use])).value == pytest.approx(expected, abs=0.01), use


def test_a_parcel_of_unknown_use_leaves_the_width_open() -> None:
    subject = only(WIDE, layer("parcels", [box(990, 0, 1010, 80)], land_use=[None]))
    assert subject.value is None
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (pytest.approx(120, abs=0.01), pytest.approx(200, abs=0.01))


def test_an_unsound_building_may_reach_as_far_as_its_envelope() -> None:
    subject = only(WIDE, layer("buildings", [box(990, 0, 1010, 80)], sound=[False]))
    assert subject.bounds is not None
    assert subject.bounds.low == pytest.approx(120, abs=0.01)


def test_a_road_along_the_axis_narrows_by_its_red_line_and_one_across_does_not() -> None:
    """120 m with a road of 20 m along the axis: 50 on either side."""
    band = layer("corridors", [box(0, 0, 1000, 120)])
    along = layer("roads", [line((0, 60), (1000, 60))], red_line_width=[20])
    across = layer("roads", [line((500, -50), (500, 170))], red_line_width=[20])
    assert only(band, along).value == pytest.approx(50, abs=0.01)
    subject = only(band, across)
    assert subject.value == pytest.approx(120, abs=0.01)
    assert [note.code for note in subject.notes] == ["lengths", "crossings"]


def test_an_unknown_road_width_gives_the_figure_and_how_far_it_may_fall() -> None:
    """250 m with a road of unknown width along the axis: (250 − 12) ÷ 2 = 119; at 40 m (250 − 40) ÷ 2 = 105."""
    band = layer("corridors", [box(0, 0, 2500, 250)])
    subject = only(band, layer("roads", [line((0, 125), (2500, 125))], red_line_width=[None]))
    assert subject.value == pytest.approx(119, abs=0.01)
    assert subject.bounds is not None
    assert subject.bounds.low == pytest.approx(105, abs=0.01)


def test_polygons_that_touch_are_one_corridor_and_others_are_not() -> None:
    touching = layer("corridors", [box(0, 0, 500, 100), box(500, 0, 1000, 100)], id=["a", "b"])
    subject = only(touching)
    assert (subject.id, subject.value) == ("a", pytest.approx(100, abs=0.01))
    apart = layer("corridors", [box(0, 0, 1000, 100), box(0, 500, 1000, 560)])
    assert [s.value for s in measured(apart).subjects] == pytest.approx([100, 60], abs=0.01)


def test_a_shape_without_ends_and_a_broken_one_keep_their_rows() -> None:
    strange = layer("corridors", [box(0, 0, 300, 300), None], sound=[True, False], id=["方", "坏"])
    rows = measured(strange).subjects
    assert [(row.id, row.value, row.missing is not None) for row in rows] == [("方", None, True), ("坏", None, True)]


def test_a_building_without_a_shape_puts_a_pass_in_doubt() -> None:
    subject = only(BAND, layer("buildings", [None], sound=[False]))
    assert subject.value == pytest.approx(100, abs=0.01)
    assert [doubt.code for doubt in subject.doubts] == ["corridor-nowhere"]


def test_the_map_shows_the_path_and_the_narrowest_place() -> None:
    areas, lines = measured(WIDE, layer("buildings", [box(990, 90, 1010, 110)])).evidence
    assert {"corridor", "chain"} <= set(areas.frame["kind"])
    assert {"path", "narrowest"} <= set(lines.frame["kind"])
    assert "further-end" not in set(lines.frame["kind"])
    narrowest = lines.frame[lines.frame["kind"] == "narrowest"].iloc[0]
    assert narrowest.geometry.length == pytest.approx(90, abs=0.01)


def arrow(degrees: float) -> Polygon:
    """A band of 100 m whose far end comes to a point of so many degrees."""
    tip = 1000 + 50 / math.tan(math.radians(degrees / 2))
    return Polygon([(0, 0), (1000, 0), (tip, 50), (1000, 100), (0, 100)])


def test_an_end_that_may_be_an_arm_as_well_leaves_the_width_open() -> None:
    """A point of 60°: either flank turns in by 30°, and may run on to the tip.

    With the end behind both corners the band is 100 m wide; with one flank on to the tip its other corner lies
    100·cos 30° = 86.6 m off that flank.
    """
    subject = only(layer("corridors", [arrow(60)]))
    assert subject.value is None
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (pytest.approx(86.603, abs=0.01), pytest.approx(100, abs=0.01))
    assert subject.missing is not None
    assert subject.missing.code == "open-ends"


@pytest.mark.parametrize(("limit_m", "verdict"), [(86, Verdict.PASS), (95, Verdict.UNDETERMINED), (101, Verdict.FAIL)])
def test_a_verdict_stands_only_where_it_is_the_same_for_every_end(limit_m: float, verdict: Verdict) -> None:
    """The band with a point of 60°, 86.6 to 100 m wide."""
    rule = Rule(
        "corridor-net-width", "corridor-net-width", Title("净宽", "width"), Severity.MANDATORY,
        Source("文", "号", "一"), limits=(Limit(Op.AT_LEAST, limit_m, Unit.METRE),), params=CHECK.params(),
    )  # fmt: skip
    finding = judge(rule, measured(layer("corridors", [arrow(60)])), 2026)
    assert finding.verdict is verdict
    if verdict is Verdict.UNDETERMINED:
        assert "画成一条直线或圆头" in finding.reason.zh
        assert "draw the end as one straight line or a rounded cap" in finding.reason.en


def test_ends_that_may_lie_elsewhere_are_drawn_beside_those_taken() -> None:
    _, lines = measured(layer("corridors", [arrow(60)])).evidence
    assert "further-end" in set(lines.frame["kind"])
    assert set(lines.frame["kind"]) <= set(lines.legend)


def test_a_clean_end_is_in_no_doubt() -> None:
    """A rectangle, a rounded cap, 45° chamfers of 5 m and a skew cut of 45° all stay 100 m, without bounds."""
    cap = LineString([(0, 0), (1000, 0)]).buffer(50, 16)
    chamfered = Polygon([(0, 0), (995, 0), (1000, 5), (1000, 95), (995, 100), (0, 100)])
    skew = Polygon([(0, 0), (1000, 0), (1100, 100), (0, 100)])
    for shape in (box(0, 0, 1000, 100), cap, chamfered, skew, arrow(120)):
        subject = only(layer("corridors", [shape]))
        assert subject.value == pytest.approx(100, abs=0.01)
        assert (subject.bounds, subject.missing) == (None, None)


def test_how_much_of_the_path_is_wide_is_told() -> None:
    """A band of 120 m, 60 m of it built on over the last half: about half of its 2 km are 100 m wide, all are 50 m."""
    subject = only(layer("corridors", [box(0, 0, 2000, 120)]), layer("buildings", [box(1000, 0, 2001, 60)]))
    (told,) = [note for note in subject.notes if note.code == "lengths"]
    all_km, hundred_km, fifty_km = (float(km) for km in re.findall(r"([0-9.]+) (?:千米)", told.zh))
    assert 0.85 <= hundred_km <= 1.0
    assert 1.9 <= fifty_km == all_km <= 2.1
