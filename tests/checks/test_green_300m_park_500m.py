"""Green within 300 m and a park within 500 m: shares by pencil.

As in the tests of park service coverage a park of 100 × 50 m (5,000 m²) stands at the corner of the place, and homes
lie straight east of it: 300 m end at x = 400, 500 m at x = 600.
"""

from typing import Any

import pandas as pd
import pytest

from places import box, layer, line, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Verdict
from urbanform.model.measurement import Bounds, Measurement, Subject
from urbanform.model.rules import Document, Place, Rule, RulePack, Severity, Source, Title
from urbanform.model.submission import Submission, TableLayer
from urbanform.site import Site
from urbanform.wording import Words

CHECK = find_check("green-300m-park-500m")
BUILT_UP = layer("built_up_area", [box(-2000, -2000, 4000, 4000)])
PARK = box(0, 0, 100, 50)
HOME = box(200, 0, 1000, 20)
NO_GREEN = layer("green_spaces", [])


def parks(*shapes: object, **more: Any) -> TableLayer:
    """A parks layer."""
    return layer("parks", list(shapes), **more)


def green(*shapes: object, kind: list[str | None], **more: Any) -> TableLayer:
    """Green spaces."""
    return layer("green_spaces", list(shapes), kind=kind, **more)


def parcels(*shapes: object, use: list[str | None] | None = None, doubt: list[bool] | None = None) -> TableLayer:
    """Parcels, residential unless said otherwise."""
    found = layer("parcels", list(shapes), land_use=use or ["residential"] * len(shapes))
    texts = pd.array([None] * len(shapes), dtype="str")
    table = found.table.assign(land_use_code=texts, land_use_doubt=doubt or [False] * len(shapes))
    return TableLayer(found.role, found.geometry, found.fields, table)


def found(*layers: TableLayer, given: dict[str, Any] | None = None, **params: Any) -> Measurement:
    """What the check finds on a place."""
    submission: Submission = place(BUILT_UP, *layers, **(given or {}))
    return CHECK.measure(Site(submission), "built_up_area", CHECK.params(**params))


def subjects(*layers: TableLayer, **more: Any) -> dict[str, Subject]:
    """The subjects by id."""
    return {subject.id: subject for subject in found(*layers, **more).subjects}


def shares(*layers: TableLayer, **more: Any) -> dict[str, float | None]:
    """The figures by id."""
    return {key: subject.value for key, subject in subjects(*layers, **more).items()}


def between(low: float, high: float) -> Bounds:
    """Bounds to compare with."""
    return Bounds(pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


def near(value: float) -> Any:
    """A figure to compare with."""
    return pytest.approx(value, abs=1e-9)


def codes(notes: tuple[Words, ...]) -> list[str]:
    """What is noted."""
    return [note.code for note in notes]


def test_a_park_of_5000_m2_is_both() -> None:
    """200 and 400 of 800; the first figure comes first."""
    measured = found(parks(PARK), parcels(HOME), NO_GREEN)
    assert [subject.id for subject in measured.subjects] == ["300 m", "500 m"]
    assert [subject.value for subject in measured.subjects] == [near(25), near(50)]


@pytest.mark.parametrize(("side", "expected"), [(20.0, 15.0), (19.99, 0.0)])
def test_green_counts_from_400_m2(side: float, expected: float) -> None:
    """20 × 20 m reach x = 320: 120 of 800."""
    home = box(200, 0, 1000, 15)
    assert shares(parks(box(0, 0, 20, side)), parcels(home), NO_GREEN) == {"300 m": near(expected), "500 m": 0}


def test_touching_green_is_one_and_a_park_beside_it_too() -> None:
    """Twice 200 m² make 400."""
    halves = parks(box(0, 0, 10, 20), box(10, 0, 20, 20))
    assert shares(halves, parcels(HOME), NO_GREEN)["300 m"] == near(15)


@pytest.mark.parametrize(
    "kind", ["公园绿地", "G1", "1401", "街旁绿地", "口袋公园", "广场用地", "1403", "public garden", "park"]
)
def test_public_green_counts_by_its_kind(kind: str) -> None:
    space = green(box(0, 0, 20, 20), kind=[kind])
    assert shares(parks(), parcels(HOME), space) == {"300 m": near(15), "500 m": 0}


@pytest.mark.parametrize(
    "kind", ["防护绿地", "G2", "1402", "附属绿地", "XG", "道路绿地", "居住绿地", "protective", "RG"]
)
def test_green_that_is_not_public_does_not(kind: str) -> None:
    space = green(box(0, 0, 20, 20), kind=[kind])
    assert shares(parks(), parcels(HOME), space) == {"300 m": 0, "500 m": 0}


@pytest.mark.parametrize("kind", [None, "绿地", "0810", "草坪", "G3", "公园绿地/防护绿地", "区域绿地"])
def test_green_of_unknown_kind_leaves_the_share_open(kind: str | None) -> None:
    measured = subjects(parks(), parcels(HOME), green(box(0, 0, 20, 20), kind=[kind]))
    assert (measured["300 m"].value, measured["300 m"].bounds) == (None, between(0, 15))
    assert measured["300 m"].missing is not None
    assert "kind" in measured["300 m"].missing.zh
    assert measured["500 m"].value == 0


def test_green_spaces_without_kinds_are_of_unknown_kind() -> None:
    bare = layer("green_spaces", [box(0, 0, 20, 20)])
    assert subjects(parks(), parcels(HOME), bare)["300 m"].bounds == between(0, 15)


def test_parcels_classed_park_are_public_green_beside_a_parks_layer() -> None:
    """As green, not as a park: the parks layer says which are."""
    land = parcels(HOME, PARK, use=["residential", "park"])
    assert shares(parks(), land, NO_GREEN) == {"300 m": near(25), "500 m": 0}
    assert shares(land, NO_GREEN) == {"300 m": near(25), "500 m": near(50)}


def test_a_general_class_of_green_may_be_either() -> None:
    land = parcels(HOME, PARK, use=["residential", "green"], doubt=[False, True])
    measured = subjects(land, NO_GREEN)
    assert (measured["300 m"].bounds, measured["500 m"].bounds) == (between(0, 25), between(0, 50))
    assert shares(parks(), land, NO_GREEN) == {"300 m": 0, "500 m": 0}


def test_sizes_and_distances_are_parameters() -> None:
    small = parks(box(0, 0, 20, 20))
    found_ = shares(small, parcels(HOME), NO_GREEN, green_radius_m=250, park_min_area_m2=400, park_radius_m=400)
    assert found_ == {"250 m": near(100 * 70 / 800), "400 m": near(100 * 220 / 800)}
    same = shares(parks(PARK), parcels(HOME), NO_GREEN, green_radius_m=500)
    assert list(same) == ["500 m green", "500 m park"]


def test_green_outside_the_built_up_area_is_noted() -> None:
    small = layer("built_up_area", [box(150, -10, 1000, 100)])
    submission = place(small, parks(PARK), parcels(HOME), NO_GREEN)
    first, _ = CHECK.measure(Site(submission), "built_up_area", CHECK.params()).subjects
    assert first.value == 0
    assert codes(first.notes) == ["outside"]
    assert "25%" in first.notes[0].zh


def test_no_homes_and_no_parks_known_give_no_figures() -> None:
    shops = subjects(parks(PARK), parcels(HOME, use=["commercial"]), NO_GREEN)
    assert [subject.missing is not None for subject in shops.values()] == [True, True]
    only_green = subjects(parcels(HOME), green(PARK, kind=["公园绿地"]))
    assert only_green["300 m"].value == near(25)
    assert only_green["500 m"].missing is not None
    assert subjects(parcels(HOME), NO_GREEN)["300 m"].missing is None
    assert shares(parcels(HOME), given={"none": ("parks",)}) == {"300 m": 0, "500 m": 0}


# On foot: one home of 200–300 m in straight reach of the park on both counts.

CLOSE = box(200, 0, 300, 20)


def test_on_foot_the_way_along_the_path_counts() -> None:
    """A path straight along the south side, 5 m off: 5 + 100 + 5 = 110 m; all in reach."""
    path = layer("footpaths", [line((-50, -5), (400, -5))])
    assert shares(parks(PARK), parcels(CLOSE), NO_GREEN, path) == {
        "300 m": near(100),
        "500 m": near(100),
        "300 m on foot": near(100),
        "500 m on foot": near(100),
    }


def test_a_detour_takes_a_home_out_of_reach_on_foot() -> None:
    """A wall between: the path goes from x = 100 down 150 m, along, and up again: 5 + 150 + 100 + 150 + 5 = 410 m."""
    detour = layer("footpaths", [line((0, -5), (100, -5), (100, -155), (200, -155), (200, -5), (300, -5))])
    found_ = shares(parks(PARK), parcels(CLOSE), NO_GREEN, detour)
    assert (found_["300 m on foot"], found_["500 m on foot"]) == (0, near(100))
    assert found_["300 m"] == near(100)


@pytest.mark.parametrize(("depth", "expected"), [(94.9, 100.0), (95.1, 0.0)])
def test_the_ways_from_and_to_the_entrances_count(depth: float, expected: float) -> None:
    """5 + depth + 100 + depth + 5 is 299.8 or 300.2 m."""
    turn = -5 - depth
    detour = layer("footpaths", [line((0, -5), (100, -5), (100, turn), (200, turn), (200, -5), (300, -5))])
    assert shares(parks(PARK), parcels(CLOSE), NO_GREEN, detour)["300 m on foot"] == near(expected)


def test_land_beyond_straight_reach_is_beyond_reach_on_foot() -> None:
    """The long home is entered 110 m from the park, and still only 200 of its 800 m lie within 300."""
    path = layer("footpaths", [line((-50, -5), (1100, -5))])
    found_ = shares(parks(PARK), parcels(HOME), NO_GREEN, path)
    assert (found_["300 m on foot"], found_["500 m on foot"]) == (near(25), near(50))


def test_paths_that_do_not_meet_lead_nowhere() -> None:
    two = layer("footpaths", [line((-50, -5), (140, -5)), line((160, -5), (400, -5))])
    assert shares(parks(PARK), parcels(CLOSE), NO_GREEN, two)["500 m on foot"] == 0


def test_a_bridge_has_no_way_down_to_the_path_below_it() -> None:
    """The home lies on the upper path only."""
    paths = [line((-50, -5), (150, -5)), line((150, -100), (150, 300)), line((150, 300), (250, 300), (250, 22))]
    assert shares(parks(PARK), parcels(CLOSE), NO_GREEN, layer("footpaths", paths))["500 m on foot"] == 0
    short = [line((-50, -5), (150, -5)), line((150, -100), (150, 60)), line((150, 60), (250, 60), (250, 22))]
    joined = layer("footpaths", short, level=["0", "0", "0"])
    assert shares(parks(PARK), parcels(CLOSE), NO_GREEN, joined)["500 m on foot"] == near(100)
    apart = layer("footpaths", short, level=[None, "1", "1"])
    assert shares(parks(PARK), parcels(CLOSE), NO_GREEN, apart)["500 m on foot"] == 0


def test_levels_are_read_as_they_are_written() -> None:
    """The ramp from the path at the park up to the bridge past the home: told both levels it joins them, and comes
    down beside the home. A home beside the bridge alone may be entered from it or not."""
    ways = [line((-50, -5), (150, -5)), line((150, -5), (190, 60)), line((190, 60), (250, 60), (250, 22))]
    down = [*ways, line((250, 22), (250, 10))]

    def on_foot(lines: list[Any], *levels: str | None) -> Subject:
        return subjects(parks(PARK), parcels(CLOSE), NO_GREEN, layer("footpaths", lines, level=list(levels)))[
            "500 m on foot"
        ]

    assert on_foot(down, "0", "0;1", "1", "1、0").value == near(100)
    assert on_foot(down, "地面", "地面至2", "2", "0~2").value == 0
    assert on_foot(down, "0", "B1", "B1", "B1").value == 0
    past = on_foot(ways, "0", "0;1", "1")
    assert past.bounds == between(0, 100)
    assert past.missing is not None
    assert past.missing.code == "levels-open"


def test_without_footpaths_the_roads_serve() -> None:
    road = layer("roads", [line((-50, -5), (400, -5))], **{"class": ["branch"]})
    measured = found(parks(PARK), parcels(CLOSE), NO_GREEN, road)
    assert [subject.id for subject in measured.subjects][2:] == ["300 m on foot", "500 m on foot"]
    assert any("道路中心线" in note.zh for note in measured.notes)
    path = layer("footpaths", [line((-50, -5), (100, -5))])
    both = shares(parks(PARK), parcels(CLOSE), NO_GREEN, road, path)
    assert both["300 m on foot"] == near(100)


def test_nobody_walks_along_an_expressway() -> None:
    """The only road that leads past both: as a branch 110 m on foot, as an expressway none."""
    way = [line((-50, -5), (400, -5)), line((-50, -900), (400, -900))]
    for class_, expected in (("branch", near(100)), ("expressway", 0)):
        roads = layer("roads", way, **{"class": [class_, "branch"]})
        assert shares(parks(PARK), parcels(CLOSE), NO_GREEN, roads)["300 m on foot"] == expected


def test_paths_that_cannot_be_used_are_not_replaced() -> None:
    fault = {"faults": {"footpaths": (Words("x", "坏", "bad"),)}}
    road = layer("roads", [line((-50, -5), (400, -5))], **{"class": ["branch"]})
    measured = found(parks(PARK), parcels(CLOSE), NO_GREEN, road, given=fault)
    assert len(measured.subjects) == 2
    assert "no-paths" in codes(measured.notes)


def test_a_path_that_may_not_exist_may_shorten_the_way() -> None:
    """0 for certain, at most what lies in straight reach."""
    path = layer("footpaths", [line((-50, -5), (400, -5))], certain=[False])
    measured = subjects(parks(PARK), parcels(CLOSE), NO_GREEN, path)["300 m on foot"]
    assert (measured.value, measured.bounds) == (None, between(0, 100))
    assert measured.missing is not None
    assert measured.missing.code == "paths-open"
    lost = layer("footpaths", [line((-50, -5), (400, -5)), None], sound=[True, False])
    assert subjects(parks(PARK), parcels(CLOSE), NO_GREEN, lost)["300 m on foot"].value == near(100)


def test_doubtful_green_is_walked_to_at_most() -> None:
    path = layer("footpaths", [line((-50, -5), (400, -5))])
    measured = subjects(parks(PARK, certain=[False]), parcels(CLOSE), NO_GREEN, path)
    assert measured["300 m on foot"].bounds == between(0, 100)
    anywhere = subjects(parks(PARK, None), parcels(HOME), NO_GREEN, path)
    assert anywhere["300 m on foot"].bounds == between(25, 100)


# Promises


def test_it_is_for_information_and_says_what_is_missing() -> None:
    rule = Rule("r", CHECK.name, Title("则", "rule"), Severity.ADVISORY, Source(None, None, "1"),
                scope="built_up_area", params=CHECK.params())  # fmt: skip
    pack = RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), "")

    def decided(*layers: TableLayer) -> Any:
        return assess(place(*layers), pack, 2026).findings[0]

    whole = decided(BUILT_UP, parks(PARK), parcels(HOME), NO_GREEN)
    assert (whole.verdict, whole.measured) == (Verdict.INFO, near(25))
    without = decided(BUILT_UP, parks(PARK), parcels(HOME))
    assert (without.verdict, without.measured) == (Verdict.INFO, near(25))
    assert any(note.code == "layer-missing" for item in without.subjects for note in item.notes)
    assert decided(BUILT_UP, parks(PARK)).verdict is Verdict.UNDETERMINED


def test_evidence_is_drawn_for_both_distances() -> None:
    homes, drawn = found(parks(PARK, box(0, 100, 20, 120)), parcels(HOME), NO_GREEN).evidence
    area = homes.frame.groupby("kind")["area_m2"].sum().to_dict()
    assert area == {"in": near(200 * 20), "no-green": near(600 * 20), "no-park": near(400 * 20)}
    assert homes.frame["subject"].tolist()[:2] == ["300 m", "500 m"]
    assert drawn.frame["kind"].value_counts().to_dict() == {
        "green": 2,
        "green-service": 2,
        "park": 1,
        "park-service": 1,
    }
    assert set(drawn.frame["kind"]) <= set(drawn.legend)


def test_moving_the_place_and_turning_the_order_changes_nothing() -> None:
    path = [line((-50, -5), (100, -5)), line((100, -5), (400, -5))]
    land, spaces = [HOME, CLOSE, box(250, -80, 300, -20)], [PARK, box(300, 60, 330, 90)]
    once = shares(parks(*spaces), parcels(*land), NO_GREEN, layer("footpaths", path))
    back = shares(parks(*spaces[::-1]), parcels(*land[::-1]), NO_GREEN, layer("footpaths", path[::-1]))
    assert {key: round(value or 0, 9) for key, value in once.items()} == {
        key: round(value or 0, 9) for key, value in back.items()
    }
