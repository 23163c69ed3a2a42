"""Storeys of new housing: footprints of 10 m × 10 m in a county seat of 1,000 m × 1,000 m."""

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
from urbanform.wording import Words

CHECK = find_check("county-residential-max-storeys")
SEAT = layer("county_seat", [box(0, 0, 1000, 1000)])


def houses(storeys: list[object], **columns: object) -> TableLayer:
    """Buildings of some storeys, all of them new housing unless told otherwise."""
    shapes = [box(20 * n + 2, 2, 20 * n + 12, 12) for n in range(len(storeys))]
    told = {"action": ["new"] * len(storeys), "use": ["residential"] * len(storeys), "storeys": storeys}
    return layer("buildings", columns.pop("shapes", shapes), **{**told, **columns})


def decided(submission: Submission | TableLayer, year: int | None = 2023, **more: object) -> Finding:
    """What a rule says that allows 18 storeys, as a document of a year has it."""
    found = submission if isinstance(submission, Submission) else place(SEAT, submission)
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.MANDATORY, Source(None, None, "1"), binds=(Kind.COUNTY_SEAT,),
        limits=(Limit(Op.AT_MOST, 18.0, Unit.STOREYS),), params=CHECK.params(), document_year=year, **more,
    )  # fmt: skip
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


@pytest.mark.parametrize(
    ("storeys", "verdict"), [(17, Verdict.PASS), (18, Verdict.PASS), (19, Verdict.FAIL), (33, Verdict.FAIL)]
)
def test_the_tallest_new_housing_decides(storeys: int, verdict: Verdict) -> None:
    finding = decided(houses([6, storeys, 11]))
    assert (finding.measured, finding.bounds, finding.verdict) == (storeys, None, verdict)
    assert [item.subject.id for item in finding.subjects] == ["2", "3", "1"]


@pytest.mark.parametrize(
    ("columns", "verdict"),
    [
        ({"action": ["new", "retain"]}, Verdict.PASS),
        ({"action": ["new", "demolish"]}, Verdict.PASS),
        ({"action": ["new", None], "year_built": [None, 2010]}, Verdict.PASS),
        ({"action": ["new", None], "year_built": [None, 2023]}, Verdict.PASS),
        ({"action": ["new", None], "year_built": [None, 2024]}, Verdict.FAIL),
        ({"action": ["new", None]}, Verdict.UNDETERMINED),
        ({"use": ["residential", "public"]}, Verdict.PASS),
        ({"use": ["residential", "mixed"]}, Verdict.UNDETERMINED),
        ({"use": ["residential", None]}, Verdict.UNDETERMINED),
    ],
)
def test_only_new_housing_is_bound(columns: dict[str, object], verdict: Verdict) -> None:
    """A new house of 6 storeys, and a building of 25 of which something else is written."""
    assert decided(houses([6, 25], **columns)).verdict is verdict


def test_what_is_not_known_makes_no_difference_where_it_is_low() -> None:
    """Six storeys, new housing or not, beside a house that certainly is."""
    assert decided(houses([6, 6], action=["new", None])).verdict is Verdict.PASS
    assert decided(houses([6, 6], use=["residential", None])).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("storeys", "bounds", "verdict"),
    [
        ((18, 19), (18, 19), Verdict.UNDETERMINED),  # 18+1
        ((17, 18), (17, 18), Verdict.PASS),
        ((19, 20), (19, 20), Verdict.FAIL),
        (None, (1, 60), Verdict.UNDETERMINED),
    ],
)
def test_storeys_between_bounds(storeys: object, bounds: tuple[float, float], verdict: Verdict) -> None:
    finding = decided(houses([storeys]))
    assert (finding.measured, ends(finding), finding.verdict) == (None, bounds, verdict)
    if verdict is Verdict.UNDETERMINED:
        assert "地上层数" in finding.reason.zh


def test_a_breach_stands_beside_what_is_not_known() -> None:
    assert decided(houses([19, None, 6], action=["new", "new", None])).verdict is Verdict.FAIL


def test_perhaps_new_alone_is_never_a_pass_nor_a_breach() -> None:
    for storeys in (6, 25):
        finding = decided(houses([storeys], action=[None]))
        assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (0, storeys))


@pytest.mark.parametrize(
    ("columns", "year"), [({}, 2023), ({"year_built": [2024, 2024]}, None)]
)  # no field that tells; an undated document
def test_one_row_where_nothing_tells_what_is_new(columns: dict[str, object], year: int | None) -> None:
    shapes = [box(0, 0, 10, 10), box(20, 0, 30, 10)]
    table = layer("buildings", shapes, storeys=[6, 25], use=["residential"] * 2, **columns)
    finding = decided(table, year)
    assert (finding.verdict, ends(finding), len(finding.subjects)) == (Verdict.UNDETERMINED, (0, 25), 1)
    assert "action" in finding.reason.zh


def test_nothing_new_is_not_applicable() -> None:
    for table in (houses([25], action=["retain"]), houses([25], use=["public"]), houses([])):
        assert decided(table).verdict is Verdict.NOT_APPLICABLE


def test_only_buildings_in_the_county_seat_count_where_it_is_given() -> None:
    """A tower outside, one that touches the edge, one of which 5 m² lie inside; without a county seat all count."""
    outside = houses([6, 25], shapes=[box(2, 2, 12, 12), box(2000, 0, 2010, 10)])
    assert decided(outside).verdict is Verdict.PASS
    assert decided(place(outside)).verdict is Verdict.FAIL
    touching = houses([6, 25], shapes=[box(2, 2, 12, 12), box(1000, 0, 1010, 10)])
    assert decided(touching).verdict is Verdict.PASS
    across = houses([6, 25], shapes=[box(2, 2, 12, 12), box(999.5, 0, 1009.5, 10)])
    assert decided(across).verdict is Verdict.FAIL
    parts = shapely.MultiPolygon([box(2000, 0, 2010, 10), box(40, 40, 50, 50)])
    assert decided(houses([25], shapes=[parts])).verdict is Verdict.FAIL


def test_broken_and_lost_shapes() -> None:
    """Of a lost shape it is not known where it stands; an envelope inside is inside, one across may be."""
    lost = houses([6, 25], shapes=[box(2, 2, 12, 12), None], sound=[True, False])
    assert decided(lost).verdict is Verdict.UNDETERMINED
    assert "几何" in decided(lost).reason.zh
    assert decided(place(lost)).verdict is Verdict.FAIL
    inside = houses([25], sound=[False])
    assert decided(inside).verdict is Verdict.FAIL
    across = houses([6, 25], shapes=[box(2, 2, 12, 12), box(990, 0, 1100, 10)], sound=[True, False])
    assert decided(across).verdict is Verdict.UNDETERMINED


def test_a_county_seat_that_cannot_be_trusted() -> None:
    """A broken polygon beside a sound one has a row of its own; a layer set aside leaves every place open."""
    seats = layer("county_seat", [box(0, 0, 1000, 1000), box(2000, 0, 3000, 1000)], sound=[True, False])
    finding = decided(place(seats, houses([6])))
    assert [(item.subject.id, item.verdict) for item in finding.subjects] == [
        ("1", Verdict.PASS), ("county_seat:2", Verdict.UNDETERMINED),
    ]  # fmt: skip
    fault = {"county_seat": (Words("no-crs", "没有坐标系", "has no CRS"),)}
    aside = decided(place(houses([25]), faults=fault))
    assert (aside.verdict, ends(aside)) == (Verdict.UNDETERMINED, (0, 25))
    assert "没有坐标系" in aside.reason.zh


def test_missing_layers_fields_other_kinds_and_places() -> None:
    assert decided(place(SEAT)).verdict is Verdict.UNDETERMINED
    unstoreyed = layer("buildings", [box(0, 0, 10, 10)], action=["new"], use=["residential"])
    finding = decided(unstoreyed)
    assert finding.verdict is Verdict.UNDETERMINED
    assert "storeys" in finding.reason.zh
    assert decided(place(houses([25]), kinds=[Kind.CITY])).verdict is Verdict.NOT_APPLICABLE
    away = place(houses([25]), where=Place(province="四川省", city="凉山州", county="德昌县"))
    assert decided(away, applies_when=AppliesWhen(place=("西昌市",))).verdict is Verdict.NOT_APPLICABLE


def test_a_shape_drawn_twice_changes_nothing() -> None:
    twice = houses([19, 19], shapes=[box(2, 2, 12, 12)] * 2)
    assert decided(twice).measured == decided(houses([19])).measured == 19


def test_order_and_place_change_nothing() -> None:
    table = houses([6, 19, (18, 19), 11])
    want = [(item.subject.id, item.verdict, item.subject.value) for item in decided(table).subjects]
    for turn in range(4):
        rows = table.table.iloc[np.roll(np.arange(4), turn)].reset_index(drop=True)

        def moved(item: TableLayer, frame: object) -> TableLayer:
            turned = [rotate(shape, 30, origin=(X, Y)) for shape in frame.geometry]  # type: ignore[attr-defined]
            shapes = shapely.transform(turned, lambda xy: np.add(xy, [5e3, 700]))
            return replace(item, table=frame.set_geometry(shapes, crs=item.table.crs))  # type: ignore[attr-defined]

        found = decided(place(moved(SEAT, SEAT.table), moved(table, rows)))
        assert [(item.subject.id, item.verdict, item.subject.value) for item in found.subjects] == want


def test_the_evidence_shows_the_county_seat_and_every_building_that_may_be_bound() -> None:
    table = houses([6, 19, None, 25], action=["new", "new", "new", "retain"])
    seat, buildings = decided(table).evidence
    assert seat.frame["kind"].tolist() == ["seat"]
    assert list(zip(buildings.frame["feature"], buildings.frame["kind"], strict=True)) == [
        ("3", "open"), ("2", "known"), ("1", "known"),
    ]  # fmt: skip
    assert set(buildings.frame["kind"]) <= set(buildings.legend)
    assert set(buildings.columns) <= set(buildings.frame.columns)
