"""Fifteen-minute circle: shares by pencil.

A straight path along y = 0 from x = 0 to x = 3000; homes of 100 × 100 m stand on it (y = 0 … 100), facilities are
points on it or beside it. The way from a home to a facility is the gap between them along x, and the facility's leg:

    y
    100 +-----+               +-----+
        |  A  |               |  B  |
    0 --+-----+---f-----------+-----+----------  path
        0    100 200          1500 1600        3000
"""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from places import X, Y, box, layer, line, place, point
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.measurement import Bounds, Measurement, Subject
from urbanform.model.rules import Document, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import TableLayer
from urbanform.site import Site
from urbanform.wording import Words

CHECK = find_check("fifteen-minute-circle")
PATH = layer("footpaths", [line((0, 0), (3000, 0))])
A, B = box(0, 0, 100, 100), box(1500, 0, 1600, 100)


def parcels(*shapes: object, use: list[str | None] | None = None, doubt: list[bool] | None = None, **more: Any) -> Any:
    """Parcels, residential unless said otherwise."""
    found = layer("parcels", list(shapes), land_use=use or ["residential"] * len(shapes), **more)
    texts = pd.array([None] * len(shapes), dtype="str")
    table = found.table.assign(land_use_code=texts, land_use_doubt=doubt or [False] * len(shapes))
    return TableLayer(found.role, found.geometry, found.fields, table)


def facilities(*shapes: object, kind: list[str | None], **more: Any) -> TableLayer:
    """Facilities of some kinds."""
    return layer("facilities", list(shapes), kind=kind, **more)


def found(
    *layers: TableLayer, scope: str | None = None, given: dict[str, Any] | None = None, **params: Any
) -> Measurement:
    """What the check finds on a place."""
    return CHECK.measure(Site(place(*layers, **(given or {}))), scope, CHECK.params(**params))


def overall(*layers: TableLayer, **more: Any) -> Subject:
    """The subject of all kinds together, which comes first."""
    return found(*layers, **more).subjects[0]


def share(*layers: TableLayer, **more: Any) -> float | None:
    """Its figure."""
    return overall(*layers, **more).value


def decided(*layers: TableLayer, limit: float | None = None, given: dict[str, Any] | None = None) -> Finding:
    """What a rule says, by default one without a limit."""
    limits = () if limit is None else (Limit(Op.AT_LEAST, limit, Unit.PERCENT),)
    rule = Rule("r", CHECK.name, Title("则", "rule"), Severity.ADVISORY, Source(None, None, "1"),
                limits=limits, params=CHECK.params())  # fmt: skip
    pack = RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), "")
    return assess(place(*layers, **(given or {})), pack, 2026).findings[0]


def near(value: float) -> Any:
    """A figure to compare with."""
    return pytest.approx(value, abs=1e-9)


def between(low: float, high: float) -> Bounds:
    """Bounds to compare with."""
    return Bounds(near(low), near(high))


def codes(notes: tuple[Words, ...]) -> list[str]:
    """What is noted."""
    return [note.code for note in notes]


SCHOOL = facilities(point(200, 0), kind=["学校"])
BOTH = facilities(point(200, 0), point(1400, 0), kind=["学校", "诊所"])


def test_a_home_needs_every_kind_and_each_kind_has_its_share() -> None:
    """The school (x = 200) is 100 m from A and 1300 from B, the clinic (x = 900) 800 and 600: A has both, B one."""
    measured = found(PATH, parcels(A, B), facilities(point(200, 0), point(900, 0), kind=["学校", "诊所"]))
    assert {item.id: item.value for item in measured.subjects} == {"all": near(50), "学校": near(50), "诊所": near(100)}
    assert [item.id for item in measured.subjects] == ["all", "学校", "诊所"]
    first = measured.subjects[0]
    assert first.numerator is not None
    assert first.denominator is not None
    assert (first.numerator.value, first.denominator.value) == (near(1), near(2))


def test_several_of_a_kind_serve_together() -> None:
    """A school for each home; the clinic lies 1300 m from A and 100 from B."""
    three = facilities(point(200, 0), point(1400, 0), point(1400, 0), kind=["学校", "学校", "诊所"])
    measured = found(PATH, parcels(A, B), three)
    assert {item.id: item.value for item in measured.subjects} == {"all": near(50), "学校": near(100), "诊所": near(50)}


@pytest.mark.parametrize(("turn_m", "expected"), [(450.0, 100.0), (450.1, 0.0)])
def test_the_radius_itself_is_within(turn_m: float, expected: float) -> None:
    """From the corner of A down, 100 along and up again to the school: turn + 100 + turn is 1000 or 1000.2 m."""
    detour = layer("footpaths", [line((100, 0), (100, -turn_m), (200, -turn_m), (200, 0))])
    assert share(detour, parcels(A), SCHOOL) == near(expected)


@pytest.mark.parametrize(("leg_m", "expected"), [(100.0, 100.0), (100.1, 0.0)])
def test_the_leg_to_the_facility_counts(leg_m: float, expected: float) -> None:
    """Down 400 from the corner of A, 100 along and up again are 900 m; the school stands off the end of that path."""
    detour = layer("footpaths", [line((100, 0), (100, -400), (200, -400), (200, 0))])
    assert share(detour, parcels(A), facilities(point(200 + leg_m, 0), kind=["学校"])) == near(expected)


@pytest.mark.parametrize(("leg_m", "expected"), [(50.0, 100.0), (50.1, 0.0)])
def test_the_leg_from_the_home_counts(leg_m: float, expected: float) -> None:
    """The same path; the home stands back from its beginning, the school 50 m off its end."""
    detour = layer("footpaths", [line((100, 0), (100, -400), (200, -400), (200, 0))])
    home = box(0, leg_m, 100, 60)
    assert share(detour, parcels(home), facilities(point(250, 0), kind=["学校"])) == near(expected)


def test_of_a_parcel_within_a_walk_the_land_in_straight_reach_counts() -> None:
    """A strip of 20 m from x = 0 to 2000 with a school at its west end: 1000 of 2000 m, less what 1000 m of radius lose
    over a height of 20 m (0.2 m at most); the note gives the whole parcel."""
    strip = box(0, 0, 2000, 20)
    subject = overall(PATH, parcels(strip), facilities(point(0, 0), kind=["学校"]))
    assert subject.value == pytest.approx(50, abs=0.02)
    assert codes(subject.notes) == ["whole-parcels"]
    assert "100%" in subject.notes[0].zh


def test_facilities_may_be_polygons() -> None:
    """A school of 900–1000 is 800 m from A (its far corner 905 in a straight line) and 500 from B; one of 1150–1250 is
    1050 from A."""
    assert share(PATH, parcels(A, B), facilities(box(900, 0, 1000, 50), kind=["学校"])) == near(100)
    assert share(PATH, parcels(A, B), facilities(box(1150, 0, 1250, 50), kind=["学校"])) == near(50)


def test_radius_and_kinds_are_parameters() -> None:
    """B is 1300 m from the school, its far corner 1404 in a straight line."""
    assert share(PATH, parcels(A, B), SCHOOL, radius_m=1410.0) == near(100)
    assert share(PATH, parcels(A, B), SCHOOL, radius_m=1299.0) == near(50)
    two = facilities(point(200, 0), point(2900, 0), kind=["学校", "邮局"])
    assert share(PATH, parcels(A, B), two) == 0
    assert share(PATH, parcels(A, B), two, kinds=("学校",)) == near(50)
    assert share(PATH, parcels(A, B), facilities(point(200, 0), kind=[" ＳＣＨＯＯＬ "]), kinds=("School",)) == near(50)


def test_kinds_that_differ_in_case_and_space_only_are_one() -> None:
    measured = found(PATH, parcels(A, B), facilities(point(200, 0), point(1400, 0), kind=["School", "school "]))
    assert [(item.id, item.value) for item in measured.subjects] == [("all", near(100)), ("School", near(100))]


def test_only_urban_housing_counts_and_each_ground_once() -> None:
    """A shop of the size of B is no home; A drawn twice is one."""
    assert share(PATH, parcels(A, B, use=["residential", "commercial"]), SCHOOL) == near(100)
    assert share(PATH, parcels(A, A, B), SCHOOL) == near(50)
    mixed = overall(PATH, parcels(A, B, use=["residential", "rural-residential"]), SCHOOL)
    assert mixed.value == near(100)


def test_without_a_network_to_the_facility_a_home_lacks_it_and_the_note_says_so() -> None:
    """The path is broken between 100 and 150; school and home lie 100 m apart."""
    broken = layer("footpaths", [line((0, 0), (100, 0)), line((150, 0), (3000, 0))])
    measured = found(broken, parcels(A, B), BOTH)
    assert measured.subjects[0].value == 0
    note = next(note for note in measured.notes if note.code == "cut-off")
    assert "：1；" in note.zh
    assert "cut-off" not in codes(found(PATH, parcels(A, B), BOTH).notes)


def test_a_facility_is_entered_from_the_path_next_to_it_even_far_from_all_homes() -> None:
    """The school is 995 m from A, 25 m off the end of A's path (970 + 25 m) and 6 m off another, that leads nowhere:
    with that one there it is entered from there alone."""
    school, way, other = point(1095, 0), line((0, 0), (1070, 0)), line((1101, -50), (1101, 50))
    alone = share(layer("footpaths", [way]), parcels(A), facilities(school, kind=["学校"]))
    assert alone is not None
    assert alone > 0
    assert share(layer("footpaths", [way, other]), parcels(A), facilities(school, kind=["学校"])) == 0


def test_roads_serve_where_there_are_no_footpaths() -> None:
    road = layer("roads", [line((0, 0), (3000, 0))], **{"class": ["branch"]})
    measured = found(road, parcels(A, B), SCHOOL)
    assert measured.subjects[0].value == near(50)
    assert "道路中心线" in measured.notes[0].zh
    short = layer("footpaths", [line((0, 0), (100, 0))])
    assert share(road, short, parcels(A, B), SCHOOL) == near(50)


def test_a_scope_is_kept_to_where_the_rule_names_one() -> None:
    """B lies outside."""
    town = layer("built_up_area", [box(-100, -100, 1000, 1000)])
    assert share(PATH, town, parcels(A, B), SCHOOL, scope="built_up_area") == near(100)
    assert share(PATH, town, parcels(A, B), SCHOOL) == near(50)
    gone = overall(PATH, parcels(A, B), SCHOOL, scope="built_up_area")
    assert (gone.value, gone.bounds, gone.missing is not None) == (None, None, True)


# What is not known


def test_a_parcel_of_unknown_class_leaves_the_share_open() -> None:
    """A reaches the school, the unknown B does not: 1 of 1, or 1 of 2."""
    subject = overall(PATH, parcels(A, B, use=["residential", None]), SCHOOL)
    assert (subject.value, subject.bounds) == (None, between(50, 100))
    assert subject.missing is not None
    assert "land_use" in subject.missing.zh


def test_a_broken_parcel_counts_with_any_part_in_reach_or_out() -> None:
    """Its shape is the envelope: from none of it to all of what lies in straight reach."""
    subject = overall(
        PATH, parcels(B, A, sound=[True, False]), facilities(point(1400, 0), point(150, 0), kind=["学校"] * 2)
    )
    assert subject.bounds == between(50, 100)
    nowhere = overall(PATH, parcels(A, None, sound=[True, False]), SCHOOL)
    assert nowhere.bounds == between(0, 100)


def test_a_facility_of_unknown_kind_may_serve_as_any_and_may_be_one_more() -> None:
    """The blank one is near B: as a school it serves B; as a kind of its own, A lacks it, and B the school."""
    blank = facilities(point(200, 0), point(1400, 0), kind=["学校", None])
    measured = found(PATH, parcels(A, B), blank)
    assert [(item.id, item.bounds) for item in measured.subjects] == [
        ("all", between(0, 100)),
        ("学校", between(50, 100)),
    ]
    assert measured.subjects[0].missing is not None
    assert "kind" in measured.subjects[0].missing.zh
    named = overall(PATH, parcels(A, B), blank, kinds=("学校",))
    assert named.bounds == between(50, 100)
    far = facilities(point(200, 0), point(5000, 0), kind=["学校", None])
    assert share(PATH, parcels(A, B), far, kinds=("学校",)) == near(50)


def test_a_kind_that_the_layer_has_not_may_be_written_otherwise() -> None:
    subject = overall(PATH, parcels(A, B), SCHOOL, kinds=("学校", "医院"))
    assert subject.bounds == between(0, 50)
    assert subject.missing is not None
    assert ("医院" in subject.missing.zh, "学校" in subject.missing.zh) == (True, True)


def test_a_facility_without_a_place_may_lie_anywhere() -> None:
    lost = facilities(point(200, 0), None, kind=["学校", "学校"], sound=[True, False])
    assert overall(PATH, parcels(A, B), lost).bounds == between(50, 100)
    other = facilities(point(200, 0), None, kind=["学校", "邮局"], sound=[True, False])
    assert share(PATH, parcels(A, B), other, kinds=("学校",)) == near(50)


def test_a_broken_facility_lies_somewhere_in_its_envelope() -> None:
    """An envelope near B only; one 1100 m from A, 200 from B."""
    broken = facilities(box(1300, 0, 1350, 50), kind=["学校"], sound=[False])
    assert overall(PATH, parcels(A, B), broken).bounds == between(0, 50)


def test_a_facility_that_may_not_exist_may_not_be_asked_for_either() -> None:
    """If it does, both homes lack it or B has it; if not, the school alone is asked for."""
    maybe = facilities(point(200, 0), point(2900, 0), kind=["学校", "邮局"], certain=[True, False])
    assert overall(PATH, parcels(A, B), maybe).bounds == between(0, 50)


def test_paths_in_doubt_may_shorten_ways_and_may_be_nearer() -> None:
    """With the doubtful half nothing is known of B, which stands 1300 m from the school in a straight line; a home
    50 m off the path may be entered from a path that is not known."""
    half = layer("footpaths", [line((0, 0), (150, 0)), line((150, 0), (3000, 0))], certain=[True, False])
    assert overall(half, parcels(A, B), facilities(point(120, 0), kind=["学校"])).value == near(50)
    assert overall(half, parcels(A, B), facilities(point(900, 0), kind=["学校"])).bounds == between(0, 100)
    off = box(0, 50, 100, 150)
    assert overall(half, parcels(off), facilities(point(120, 0), kind=["学校"])).bounds == between(0, 100)
    assert share(PATH, parcels(off), facilities(point(120, 0), kind=["学校"])) == near(100)


def test_a_home_beside_a_bridge_may_be_entered_from_it_or_not() -> None:
    """The path runs on a bridge past A, and comes down at x = 150."""
    ways = [line((0, 0), (150, 0)), line((150, 0), (3000, 0))]
    bridge = layer("footpaths", ways, level=["1;0", "0"])
    assert share(bridge, parcels(A), SCHOOL) == near(100)
    ramp = [line((0, 5), (140, 5)), line((140, 5), (150, 0)), line((150, 0), (3000, 0))]
    past = overall(layer("footpaths", ramp, level=["1", "0;1", "0"]), parcels(A), SCHOOL)
    assert past.bounds == between(0, 100)
    assert past.missing is not None
    assert past.missing.code == "levels-open"
    cut = layer("footpaths", ramp, level=["F2", "0", "0"])
    assert share(cut, parcels(A), SCHOOL) == 0
    level = layer("footpaths", ramp, level=["F1", "F1", "F1"])
    assert share(level, parcels(A), SCHOOL) == near(100)


def test_paths_that_are_all_planned_prove_no_pass() -> None:
    coming = layer("footpaths", [line((0, 0), (3000, 0))], status=["planned"])
    assert decided(coming, parcels(A), SCHOOL, limit=60.0).verdict is Verdict.UNDETERMINED
    assert decided(PATH, parcels(A), SCHOOL, limit=60.0).verdict is Verdict.PASS
    assert decided(coming, parcels(A, B), SCHOOL, limit=60.0).verdict is Verdict.FAIL
    plan = {"stage": "plan"}
    assert decided(coming, parcels(A), SCHOOL, limit=60.0, given=plan).verdict is Verdict.PASS


def test_nothing_to_measure_is_no_figure() -> None:
    assert overall(PATH, parcels(A, use=["commercial"]), SCHOOL).missing is not None
    assert overall(PATH, parcels(A), facilities(point(0, 0), kind=[None])).missing is not None
    assert overall(PATH, parcels(A), given={"none": ("facilities",)}).missing is not None
    assert share(PATH, parcels(A), given={"none": ("facilities",)}, kinds=("学校",)) == 0
    nothing = {"none": ("footpaths", "roads")}
    assert overall(parcels(A), SCHOOL, given=nothing).missing is not None


@pytest.mark.parametrize("role", ["parcels", "facilities", "footpaths"])
def test_a_missing_layer_is_undetermined(role: str) -> None:
    layers = [item for item in (PATH, parcels(A, B), SCHOOL) if item.role.name != role]
    finding = decided(*layers)
    assert (finding.verdict, finding.measured) == (Verdict.UNDETERMINED, None)


def test_it_is_for_information() -> None:
    finding = decided(PATH, parcels(A, B), SCHOOL)
    assert (finding.verdict, finding.measured) == (Verdict.INFO, near(50))


# What must not change it


def test_order_and_repetition_change_nothing() -> None:
    homes, ends = [A, B, box(700, 0, 900, 40)], [point(200, 0), point(1400, 0), point(1400, 0)]
    kinds = ["学校", "诊所", "学校"]
    ways = [line((0, 0), (800, 0)), line((800, 0), (3000, 0))]
    once = found(layer("footpaths", ways), parcels(*homes), facilities(*ends, kind=kinds)).subjects
    back = found(
        layer("footpaths", ways[::-1] * 2), parcels(*homes[::-1]), facilities(*ends[::-1] * 2, kind=kinds[::-1] * 2)
    ).subjects
    assert [(item.id, item.value) for item in once] == [(item.id, near(item.value or 0)) for item in back]
    assert once[0].value is not None
    assert 0 < once[0].value < 100


@pytest.mark.parametrize("degrees", [0.0, 30.0, 211.0])
@pytest.mark.parametrize("shift_m", [(0.0, 0.0), (-200_000.0, 350_000.0)])
def test_moved_turned_and_elsewhere_it_is_the_same(degrees: float, shift_m: tuple[float, float]) -> None:
    """Half the homes, anywhere and however they lie."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

    def moved(item: TableLayer) -> TableLayer:
        shapes = shapely.transform(item.table.geometry.to_numpy(), lambda xy: (xy - [X, Y]) @ turn + [X, Y] + shift_m)
        return dataclasses.replace(item, table=item.table.set_geometry(shapes, crs=item.table.crs))

    assert share(moved(PATH), moved(parcels(A, B)), moved(SCHOOL)) == pytest.approx(50, abs=1e-6)


# What is drawn


def test_homes_are_drawn_with_what_they_lack() -> None:
    """A lacks the clinic, B the school; C between them nothing."""
    homes, drawn = found(PATH, parcels(A, B, box(700, 0, 800, 100)), BOTH).evidence
    rows = homes.frame.set_index("feature")
    assert rows["kind"].to_dict() == {"1": "lacking", "2": "lacking", "3": "in"}
    assert rows["lacking"].to_dict() == {"1": "诊所", "2": "学校", "3": None}
    assert rows["area_m2"].tolist() == [near(10_000)] * 3
    assert drawn.frame["kind"].tolist() == ["facility", "facility"]
    assert set(drawn.frame["kind"]) <= set(drawn.legend)
    assert set(homes.frame["kind"]) <= set(homes.legend)


def test_what_is_in_doubt_is_drawn_so() -> None:
    blank = facilities(point(200, 0), point(1400, 0), kind=["学校", None])
    homes, drawn = found(PATH, parcels(A, B, use=["residential", None]), blank, kinds=("学校",)).evidence
    assert homes.frame["kind"].tolist() == ["open", "in"]
    assert drawn.frame["kind"].tolist() == ["facility", "doubtful"]
    unknown, _ = found(PATH, parcels(A, B), blank, kinds=("学校",)).evidence
    assert unknown.frame["kind"].tolist() == ["unknown", "in"]
    other, _ = found(PATH, parcels(A, B), blank).evidence
    assert set(other.frame["kind"]) == {"unknown"}
