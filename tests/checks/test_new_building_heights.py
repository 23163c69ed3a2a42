"""Heights of new buildings: 250 m, super-high-rise and super-high-rise housing; footprints of 10 m × 10 m."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import X, Y, box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import (
    AppliesWhen,
    Document,
    Kind,
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
from urbanform.model.submission import Submission, TableLayer

LIMITS = {
    "building-height-250m": Limit(Op.BELOW, 250.0, Unit.METRE),
    "super-high-rise-control": Limit(Op.AT_MOST, 100.0, Unit.METRE),
    "super-high-rise-residential": Limit(Op.AT_MOST, 100.0, Unit.METRE),
}
TALLEST, CONTROL, HOUSING = LIMITS


def houses(heights: list[float | None], **columns: object) -> TableLayer:
    """Buildings of some heights, all of them new unless told otherwise."""
    shapes = [box(20 * n, 0, 20 * n + 10, 10) for n in range(len(heights))]
    return layer("buildings", shapes, **{"action": ["new"] * len(heights), "height": heights, **columns})


def decided(
    submission: Submission | TableLayer, name: str = CONTROL, year: int | None = 2023, **more: object
) -> Finding:
    """What the rule of a check says, as a document of a year has it."""
    found = submission if isinstance(submission, Submission) else place(submission)
    check = find_check(name)
    rule = Rule(
        name, name, Title("则", "rule"), Severity.RESTRICTED, Source(None, None, "1"), binds=(Kind.CITY,),
        limits=(LIMITS[name],), params=check.params(), document_year=year, **more,
    )  # fmt: skip
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


@pytest.mark.parametrize(
    ("name", "height", "verdict"),
    [
        (TALLEST, 249.9, Verdict.PASS),
        (TALLEST, 250.0, Verdict.FAIL),  # 250 m and more
        (TALLEST, 250.1, Verdict.FAIL),
        (CONTROL, 99.9, Verdict.PASS),
        (CONTROL, 100.0, Verdict.PASS),  # over 100 m
        (CONTROL, 100.1, Verdict.FAIL),
    ],
)
def test_the_tallest_new_building_decides(name: str, height: float, verdict: Verdict) -> None:
    finding = decided(houses([12.0, height, 30.0]), name)
    assert (finding.measured, finding.bounds, finding.verdict) == (height, None, verdict)
    assert [item.subject.value for item in finding.subjects] == [height, 30.0, 12.0]


def test_what_stands_is_not_bound() -> None:
    """A tower of 260 m that stays; one of 2012 without an action; new ones of 60 m and of 2024, 90 m."""
    table = houses(
        [260.0, 270.0, 60.0, 90.0], action=["retain", None, "new", None], year_built=[None, 2012, None, 2024]
    )
    finding = decided(table, TALLEST)
    assert (finding.verdict, finding.measured) == (Verdict.PASS, 90.0)
    assert [item.subject.id for item in finding.subjects] == ["4", "3"]


def test_without_a_new_building_there_is_nothing_to_bind() -> None:
    finding = decided(houses([260.0], action=["renovate"]))
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert "none-new" in [note.code for note in finding.notes]


@pytest.mark.parametrize(
    ("height", "verdict"),
    [(260.0, Verdict.UNDETERMINED), (250.0, Verdict.UNDETERMINED), (60.0, Verdict.PASS), (None, Verdict.UNDETERMINED)],
)
def test_perhaps_new_beside_a_new_one(height: float | None, verdict: Verdict) -> None:
    """Of 60 m it meets the limit new or not; of 260 m it may break it, of unknown height too."""
    finding = decided(houses([50.0, height], action=["new", None]), TALLEST)
    assert finding.verdict is verdict
    assert "bound-open" in [note.code for note in finding.notes]
    if height:
        assert next(s.subject.bounds for s in finding.subjects if s.subject.id == "2").high == height  # type: ignore[union-attr]


def test_perhaps_new_alone_is_never_a_pass_nor_a_breach() -> None:
    """It may be that there is nothing to bind."""
    for height in (60.0, 260.0):
        finding = decided(houses([height], action=[None]), TALLEST)
        assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (0.0, height))
        assert "action" in finding.reason.zh


def test_a_breach_stands_beside_what_is_not_known() -> None:
    assert decided(houses([260.0, None, None], action=["new", "new", None]), TALLEST).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("fields", "year"), [({}, 2023), ({"year_built": [2024, 2024]}, None), ({"year_built": [2024, 1990]}, None)]
)
def test_one_row_where_nothing_tells_what_is_new(fields: dict[str, object], year: int | None) -> None:
    """Two buildings of 60 m and 260 m, in a layer without action, without a year or under an undated document."""
    shapes = [box(0, 0, 10, 10), box(20, 0, 30, 10)]
    finding = decided(layer("buildings", shapes, height=[60.0, 260.0], **fields), TALLEST, year)
    assert (finding.verdict, ends(finding), len(finding.subjects)) == (Verdict.UNDETERMINED, (0.0, 260.0), 1)
    assert "action" in finding.reason.zh


@pytest.mark.parametrize(
    ("storeys", "use", "bounds", "verdict"),
    [
        (32, "residential", (93.0, 99.0), Verdict.PASS),  # 31 to 33 × 3
        (33, "residential", (96.0, 102.0), Verdict.UNDETERMINED),  # 32 to 34 × 3
        (35, "residential", (102.0, 108.0), Verdict.FAIL),  # 34 to 36 × 3
        (24, "commercial", (92.0, 100.0), Verdict.PASS),  # 23 to 25 × 4, up to the limit itself
        (25, "commercial", (96.0, 104.0), Verdict.UNDETERMINED),
        (27, "commercial", (104.0, 112.0), Verdict.FAIL),
        (30, None, (87.0, 124.0), Verdict.UNDETERMINED),  # 29 × 3 to 31 × 4
        (24, "mixed", (69.0, 100.0), Verdict.PASS),
        ((31, 32), "residential", (90.0, 99.0), Verdict.PASS),
        ((31, 33), "residential", (90.0, 102.0), Verdict.UNDETERMINED),
    ],
)
def test_heights_from_storeys_lie_between_bounds(
    storeys: object, use: str | None, bounds: tuple[float, float], verdict: Verdict
) -> None:
    finding = decided(houses([None], storeys=[storeys], use=[use]))
    assert (finding.measured, ends(finding), finding.verdict) == (None, pytest.approx(bounds), verdict)


def test_neither_height_nor_storeys_is_open_above() -> None:
    finding = decided(houses([None]))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (2.0, None))
    assert "height" in finding.reason.zh
    shapes = [box(0, 0, 10, 10)]
    assert decided(layer("buildings", shapes, action=["new"])).verdict is Verdict.UNDETERMINED


def test_a_height_too_low_for_its_storeys_is_no_pass() -> None:
    """90 m for 60 storeys is 1.5 m each; it may be 61 × 4 = 244 m."""
    finding = decided(houses([90.0], storeys=[60], use=["commercial"]))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (90.0, 244.0))
    assert finding.reason.zh.count("90")


def test_a_height_much_over_its_storeys_is_told() -> None:
    """120 m for 6 storeys: a hall, or a roof 100 m above the sea."""
    finding = decided(houses([120.0], storeys=[6]))
    assert finding.verdict is Verdict.FAIL
    assert "height-too-high" in [note.code for note in finding.notes]


@pytest.mark.parametrize(
    ("use", "height", "verdict"),
    [
        ("residential", 100.0, Verdict.PASS),
        ("residential", 100.5, Verdict.FAIL),
        ("commercial", 180.0, Verdict.NOT_APPLICABLE),
        ("other", 180.0, Verdict.NOT_APPLICABLE),
        ("mixed", 180.0, Verdict.UNDETERMINED),
        (None, 180.0, Verdict.UNDETERMINED),
        ("mixed", 60.0, Verdict.UNDETERMINED),  # there may be no housing to bind
    ],
)
def test_housing_alone(use: str | None, height: float, verdict: Verdict) -> None:
    finding = decided(houses([height], use=[use]), HOUSING)
    assert finding.verdict is verdict
    if verdict is Verdict.UNDETERMINED:
        assert "use" in finding.reason.zh


def test_mixed_use_beside_housing() -> None:
    """Housing of 60 m with a mixed building of 90 m, housing or not: kept; with one of 120 m: open."""
    for height, verdict in ((90.0, Verdict.PASS), (120.0, Verdict.UNDETERMINED)):
        assert decided(houses([60.0, height], use=["residential", "mixed"]), HOUSING).verdict is verdict


def test_without_a_field_of_use_any_building_may_be_housing() -> None:
    assert decided(houses([120.0]), HOUSING).verdict is Verdict.UNDETERMINED


def test_broken_and_missing_shapes_have_their_height_all_the_same() -> None:
    table = layer(
        "buildings", [None, box(0, 0, 9, 9)], sound=[False, False], action=["new", "new"], height=[120.0, 130.0]
    )
    assert [item.subject.value for item in decided(table).subjects] == [130.0, 120.0]


def test_a_shape_drawn_twice_changes_nothing() -> None:
    once, twice = houses([90.0, 110.0]), houses([90.0, 110.0, 110.0])
    assert decided(once).measured == decided(twice).measured == 110.0


def test_order_and_place_change_nothing() -> None:
    table = houses([60.0, 110.0, None, 90.0], storeys=[None, None, 33, None], use=["residential"] * 4)
    want = [(item.subject.id, item.verdict, item.subject.value) for item in decided(table).subjects]
    for turn in range(4):
        order = np.roll(np.arange(4), turn)
        moved = table.table.iloc[order].reset_index(drop=True)
        turned = [rotate(shape, 30, origin=(X, Y)) for shape in moved.geometry]
        moved = moved.set_geometry(shapely.transform(turned, lambda xy: np.add(xy, [5e3, 700])), crs=table.table.crs)
        found = decided(replace(table, table=moved))
        assert [(item.subject.id, item.verdict, item.subject.value) for item in found.subjects] == want


def test_missing_layers_other_kinds_and_other_places() -> None:
    assert decided(place()).verdict is Verdict.UNDETERMINED
    village = place(houses([300.0]), kinds=[Kind.VILLAGE])
    assert decided(village).verdict is Verdict.NOT_APPLICABLE
    away = place(houses([300.0]), where=Place(province="四川省", city="凉山州", county="德昌县"))
    only = AppliesWhen(place=("西昌市",))
    assert decided(away, applies_when=only).verdict is Verdict.NOT_APPLICABLE


def test_the_evidence_shows_every_building_that_may_be_bound() -> None:
    table = houses([60.0, 110.0, None, 200.0], action=["new", "new", None, "retain"])
    (shapes,) = decided(table).evidence
    assert list(zip(shapes.frame["feature"], shapes.frame["kind"], strict=True)) == [
        ("3", "open"), ("2", "known"), ("1", "known"),
    ]  # fmt: skip
    assert set(shapes.frame["kind"]) <= set(shapes.legend)
    assert set(shapes.columns) <= set(shapes.frame.columns)
