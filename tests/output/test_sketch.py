"""What a map draws of a finding: worst first, within bounds, and true totals beside it."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from urbanform.model.finding import judge
from urbanform.model.measurement import Measurement, Shapes, Subject, Tone
from urbanform.model.rules import Severity, Unit
from urbanform.output.cards import bar_of, card_of, worst_first
from urbanform.output.palette import look
from urbanform.output.sheet import Sheet, sheet_of
from urbanform.output.sketch import MOST_FEATURES, shared_out, sketch

PLANE = Sheet(planar=True, transformer=None)


def many(build, count):
    """``count`` squares of 10 m in a row: every third a breach."""
    x = np.arange(count) * 20.0
    frame = gpd.GeoDataFrame(
        {"kind": np.where(np.arange(count) % 3 == 0, "breach", "good"), "feature": np.arange(count).astype(str)},
        geometry=build.box(x, 0, x + 10, 10),
        crs=build.crs,
    )
    legend = {"good": (Tone.GOOD, build.words("好", "good")), "breach": (Tone.BREACH, build.words("坏", "bad"))}
    return Shapes(frame, legend)


def drawn_of(build, layers, *shapes, sheet=PLANE, scope=None, severity=Severity.MANDATORY):
    rule = build.rule("r", "甲", "A", Unit.METRE, ("<=", 1), scope=scope, severity=severity)
    finding = judge(rule, Measurement(Unit.METRE, (Subject("1", None, 5.0),), evidence=shapes), 2026)
    return sketch(finding, build.assessed(layers, [finding]), sheet)


def test_totals_are_true_whatever_is_drawn(build, layers):
    """Of 3000 squares the first 2000 are drawn: 667 breaches (0, 3 … 1998) of 1000 and 1333 others of 2000."""
    told = drawn_of(build, layers, many(build, 3000))
    assert (told.drawn, told.total) == (2000, 3000)
    assert [(key.words.en, key.drawn, key.total) for key in told.layers[0].kinds] == [
        ("good", 1333, 2000),
        ("bad", 667, 1000),
    ]
    assert "3000" in told.notes()[0].zh
    assert "2000" in told.notes()[0].en
    features = json.loads(told.as_json())["layers"][0]["features"]
    assert [feature[2] for feature in features] == [str(n) for n in range(2000)]


def test_sets_share_the_room(build, layers):
    """A set of 100 is drawn whole; 1,900 are left for one of 3,000."""
    told = drawn_of(build, layers, many(build, 3000), many(build, 100))
    assert [len(layer.features) for layer in told.layers] == [1900, 100]
    assert sum(len(layer.features) for layer in told.layers) == MOST_FEATURES


def test_a_cut_keeps_the_first_and_says_so(build, layers):
    told = drawn_of(build, layers, many(build, 50))
    size = len(told.layers[0].features[0].encode()) + 1
    cut = told.cut(size)
    assert (cut.drawn, cut.total, [key.drawn for key in cut.layers[0].kinds]) == (1, 50, [0, 1])
    assert told.cut(10**9).drawn == 50
    assert told.cut(0).drawn == 0


def test_shares_never_exceed_the_whole():
    assert shared_out(10, [4, 4, 4]) == [3, 3, 4]
    assert shared_out(0, [5]) == [0]
    assert shared_out(7, []) == []


def test_only_the_drawn_copy_is_rounded(build, layers):
    """1/3 m is drawn as 0.33; the evidence keeps it."""
    shapes = many(build, 1)
    moved = shapes.frame.set_geometry([shapely.Point(1 / 3, 2 / 3)], crs=build.crs)
    told = drawn_of(build, layers, replace(shapes, rows=moved))
    drawn = json.loads(told.as_json())["layers"][0]["features"][0][4]
    assert drawn["coordinates"] == [0.33, 0.67]
    assert moved.geometry.iloc[0].x == 1 / 3


def test_places_are_longitude_and_latitude(assessment, finding_of):
    told = sketch(finding_of["cluster-population-density"], assessment, sheet_of(assessment.submission))
    west, south, east, north = told.view
    assert 114.2 < west < east < 114.3
    assert 35.7 < south < north < 35.8
    label = told.labels[0]
    assert (label["subject"], label["text"]) == ("1", "老城组团")
    assert 114.2 < label["x"] < 114.3


def test_labels_carry_verdict_and_figure(assessment, finding_of):
    told = sketch(finding_of["cluster-population-density"], assessment, PLANE)
    assert told.subjects["1"]["fails"] is True
    assert told.subjects["1"]["figure"]["zh"] == "12400 人/平方公里"
    assert told.subjects["3"]["figure"]["en"] == "5128 … ∞ persons/km²"


def test_without_evidence_the_scope_is_drawn(build, layers):
    """The built-up area stands in for a main urban area that is not given; its view is its extent."""
    told = drawn_of(build, layers, scope="main_urban_area")
    assert json.loads(told.frame)["type"] == "Polygon"
    assert told.around_m == (build.east, build.north, build.east + 4000, build.north + 3000)
    assert told.view == told.around_m
    assert "依据图形" in told.notes()[0].zh


def test_a_rule_without_scope_or_evidence_shows_the_place(build, layers):
    told = drawn_of(build, layers)
    assert told.frame is not None
    assert drawn_of(build, {}).view is None


def test_a_lone_building_is_shown_with_its_surroundings(build, layers):
    """10 m widened to 600 m."""
    west, south, east, north = drawn_of(build, layers, many(build, 1)).view
    assert (east - west, north - south) == (600, 600)


def test_shapes_of_very_many_corners_are_drawn_simpler(build, layers):
    """A disc of 1,000 m drawn with 20,000 corners keeps its shape within 0.25 m with far fewer."""
    disc = shapely.Point(build.east, build.north).buffer(1000, quad_segs=5000)
    shapes = many(build, 1)
    told = drawn_of(build, layers, replace(shapes, rows=shapes.frame.set_geometry([disc], crs=build.crs)))
    assert told.simplified == 1
    assert "1" in told.notes()[0].zh
    assert told.size_bytes < 20_000


def test_missing_and_empty_shapes_are_not_counted(build, layers):
    shapes = many(build, 3)
    frame = shapes.frame.set_geometry([None, shapely.Polygon(), build.box(0, 0, 1, 1)], crs=build.crs)
    told = drawn_of(build, layers, replace(shapes, rows=frame))
    assert (told.drawn, told.total) == (1, 1)


def test_only_mandatory_breaches_are_red(build, layers):
    hard = drawn_of(build, layers, many(build, 1)).layers[0].kinds[0].look
    soft = drawn_of(build, layers, many(build, 1), severity=Severity.PRINCIPLE).layers[0].kinds[0].look
    assert (hard.fill, soft.fill) == ("#d55e00", "#e69f00")


def test_every_tone_has_a_look(finding_of):
    finding = finding_of["road-network-density"]
    looks = {tone: look(tone, finding) for tone in Tone}
    assert len({(item.stroke, item.fill) for item in looks.values()}) == len(Tone)


@pytest.mark.parametrize(
    ("value", "limit", "fill", "tick"),
    [
        # The scale ends a sixth past 12: at 14.
        (12.0, ("<=", 10), (0.0, 85.71), 71.43),
        # From -6 - 18/6 = -9 to 12 + 3 = 15: zero at 37.5 %, -6 at 12.5 %, 12 at 87.5 %.
        (-6.0, ("<=", 12), (12.5, 25.0), 87.5),
    ],
)
def test_bars_are_to_scale(build, value, limit, fill, tick):
    rule = build.rule("r", "甲", "A", Unit.METRE, limit)
    told = bar_of(value, None, rule.limits[0])
    assert told.fill == fill
    assert told.ticks[0][0] == tick


def test_nothing_measured_has_no_bar(build):
    rule = build.rule("r", "甲", "A", Unit.METRE, ("<=", 10))
    assert bar_of(None, None, rule.limits[0]) is None
    assert bar_of(0.0, None, None) is None


def test_cards_come_worst_first(assessment):
    """Breaches by weight (mandatory before restricted), then undetermined, pending, info, pass, not applicable."""
    told = [card_of(finding, 5) for finding in worst_first(assessment.findings)]
    assert [(card.rule, card.code) for card in told] == [
        ("cluster-population-density", "fail"),
        ("road-network-density", "fail"),
        ("super-high-rise-control", "fail"),
        ("corridor-net-width", "undetermined"),
        ("permeable-surface-share", "pending"),
        ("green-300m-park-500m", "info"),
        ("county-population-density", "pass"),
        ("village-site-safety", "not-applicable"),
    ]
    assert [card.style for card in told[:3]] == ["fail", "fail", "fail-soft"]
    assert told[2].weight.zh == "严格限制：须附专项论证及批准文件"
