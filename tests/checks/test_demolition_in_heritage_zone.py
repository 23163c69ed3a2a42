"""Demolition in heritage zones: floor areas by pencil; a zone of 100 m × 100 m, buildings of 10 m × 10 m."""

import pytest

from places import box, layer, place
from urbanform.checks import find_check
from urbanform.model.finding import Verdict, judge
from urbanform.model.measurement import Measurement, Subject
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.model.submission import TableLayer
from urbanform.site import Site

CHECK = find_check("demolition-in-heritage-zone")
ZONE = layer("heritage_zones", [box(0, 0, 100, 100)], kind=["核心保护范围"])


def house(column: int, row: int = 0) -> object:
    """A footprint of 100 m² in the zone's grid."""
    return box(20 * column + 2, 20 * row + 2, 20 * column + 12, 20 * row + 12)


def found(buildings: TableLayer, zone: TableLayer = ZONE) -> Measurement:
    """The measurement of a place."""
    return CHECK.measure(Site(place(zone, buildings)), None, CHECK.params())


def measured(buildings: TableLayer, zone: TableLayer = ZONE) -> Subject:
    """The first zone."""
    return found(buildings, zone).subjects[0]


def ends(subject: Subject) -> tuple[float | None, float | None]:
    """Between what the figure lies; a known one at both ends."""
    if subject.bounds is None:
        return subject.value, subject.value
    return subject.bounds.low, subject.bounds.high


def verdict(buildings: TableLayer, zone: TableLayer = ZONE) -> Verdict:
    """What is said of it against none at all."""
    rule = Rule(
        id="demolition-in-heritage-zone",
        check="demolition-in-heritage-zone",
        title=Title("保护范围内拆除", "demolition in zones"),
        limits=(Limit(Op.AT_MOST, 0.0, Unit.SQUARE_METRE),),
        severity=Severity.MANDATORY,
        source=Source(None, None, "二（一）4"),
    )
    return judge(rule, found(buildings, zone), 2026).verdict


def test_nothing_demolished_inside_is_nothing() -> None:
    """One kept and one new inside, one demolished outside."""
    shapes = [house(0), house(1), box(200, 0, 210, 10)]
    buildings = layer("buildings", shapes, action=["retain", "new", "demolish"], storeys=[2, 9, 3])
    assert ends(measured(buildings)) == (0, 0)
    assert verdict(buildings) is Verdict.PASS


def test_a_protected_building_demolished_is_a_breach_with_all_that_is_demolished() -> None:
    """Protected 100 × 2, another 100 × 3: 500 m²."""
    buildings = layer(
        "buildings", [house(0), house(1)], action=["demolish"] * 2, storeys=[2, 3], protected=[True, False]
    )
    subject = measured(buildings)
    assert (subject.value, subject.bounds) == (pytest.approx(500), None)
    assert [note.code for note in subject.notes] == ["protected"]
    assert verdict(buildings) is Verdict.FAIL


@pytest.mark.parametrize("protected", [False, None])
def test_other_buildings_demolished_are_for_the_reviewer(protected: bool | None) -> None:
    """100 × 3 = 300 m², admissible or not."""
    buildings = layer("buildings", [house(0)], action=["demolish"], storeys=[3], protected=[protected])
    subject = measured(buildings)
    assert subject.value == pytest.approx(300)
    assert ends(subject) == (0, pytest.approx(300))
    assert subject.missing is not None
    assert subject.missing.code == "for-review"
    assert verdict(buildings) is Verdict.UNDETERMINED


def test_without_a_field_of_protection_nothing_passes() -> None:
    buildings = layer("buildings", [house(0)], action=["demolish"], storeys=[3])
    assert verdict(buildings) is Verdict.UNDETERMINED


def test_a_protected_building_of_unknown_storeys_is_a_breach_of_unknown_size() -> None:
    """100 m² of 1 to 60 storeys."""
    buildings = layer("buildings", [house(0)], action=["demolish"], storeys=[None], protected=[True])
    assert measured(buildings).value is None
    assert ends(measured(buildings)) == (pytest.approx(100), pytest.approx(6000))
    assert verdict(buildings) is Verdict.FAIL


def test_an_unknown_action_may_be_demolition_even_of_a_protected_building() -> None:
    buildings = layer("buildings", [house(0)], action=[None], storeys=[3], protected=[True])
    assert ends(measured(buildings)) == (0, pytest.approx(300))
    assert verdict(buildings) is Verdict.UNDETERMINED


def test_an_unknown_action_does_not_save_a_breach() -> None:
    """Protected 200 for certain, up to 300 more."""
    buildings = layer(
        "buildings", [house(0), house(1)], action=["demolish", None], storeys=[2, 3], protected=[True, None]
    )
    assert ends(measured(buildings)) == (pytest.approx(200), pytest.approx(500))
    assert verdict(buildings) is Verdict.FAIL


def test_a_building_across_the_edge_counts_with_what_lies_inside() -> None:
    """Half of 100 m² × 4."""
    buildings = layer("buildings", [box(95, 0, 105, 10)], action=["demolish"], storeys=[4], protected=[True])
    assert measured(buildings).value == pytest.approx(200)


@pytest.mark.parametrize(("inside_m", "expected"), [(0.0, 0), (0.1, 0), (0.101, 1.01)])
def test_contacts_of_up_to_one_square_metre_do_not_count(inside_m: float, expected: float) -> None:
    """10 m of front, 0, 0.1 and 0.101 m deep inside: a shared wall, exactly 1 m², and 1.01 m²."""
    wall = box(100 - inside_m, 0, 110, 10)
    buildings = layer("buildings", [wall], action=["demolish"], storeys=[1], protected=[True])
    subject = measured(buildings)
    assert subject.value == pytest.approx(expected, abs=1e-6)
    assert [note.code for note in subject.notes] == ([] if not inside_m else ["protected" if expected else "contacts"])


def test_a_broken_shape_may_lie_inside_or_not() -> None:
    """Its envelope of 100 m² × 2 storeys may be inside; one whose envelope only touches may not."""
    near = layer("buildings", [house(0)], sound=[False], action=["demolish"], storeys=[2], protected=[True])
    assert ends(measured(near)) == (0, pytest.approx(200))
    touching = layer(
        "buildings", [box(99.95, 0, 110, 10)], sound=[False], action=["demolish"], storeys=[2], protected=[True]
    )
    assert ends(measured(touching)) == (0, 0)


def test_a_building_without_shape_may_stand_in_any_zone() -> None:
    buildings = layer("buildings", [None], sound=[False], action=["demolish"], floor_area=[700])
    assert ends(measured(buildings)) == (0, 700)
    unsized = layer("buildings", [None, house(0)], sound=[False, True], action=["demolish", "retain"], storeys=[2, 2])
    assert ends(measured(unsized)) == (0, None)


def test_what_stands_wholly_under_another_footprint_is_not_overlooked() -> None:
    """A one-storey house drawn under a kept tower has no floor area of its own: up to its ground of 100 m²."""
    buildings = layer(
        "buildings",
        [house(0), box(0, 0, 30, 30)],
        action=["demolish", "retain"],
        storeys=[1, 10],
        protected=[True, None],
    )
    assert ends(measured(buildings)) == (0, pytest.approx(100))
    assert verdict(buildings) is Verdict.UNDETERMINED


def test_each_zone_has_its_row_and_counts_by_itself() -> None:
    """Two zones share 50 m of ground, in which a protected house stands; the third is broken."""
    zones = layer("heritage_zones", [box(0, 0, 100, 100), box(50, 0, 150, 100), None], sound=[True, True, False])
    buildings = layer("buildings", [box(60, 0, 70, 10)], action=["demolish"], storeys=[2], protected=[True])
    rows = found(buildings, zones).subjects
    assert [row.value for row in rows] == [pytest.approx(200), pytest.approx(200), None]
    assert rows[2].missing is not None
    assert rows[2].missing.code == "unsound-zone"


def test_the_map_tells_the_buildings_apart() -> None:
    buildings = layer(
        "buildings", [house(0), house(1), house(2), house(3), box(99.95, 50, 110, 60)],
        action=["demolish", "demolish", None, "retain", "demolish"], storeys=[1, 2, 3, 4, 5],
        protected=[False, True, None, True, False],
    )  # fmt: skip
    evidence = found(buildings).evidence[1].frame
    assert evidence["kind"].tolist() == ["protected", "demolished", "unknown", "contact"]
    assert evidence["feature"].tolist() == ["2", "1", "3", "5"]


def test_what_replaces_a_building_hides_none_of_its_demolition() -> None:
    """A house of 100 m² × 5 goes, a tower of 18 storeys is to come in its place: up to 500 m² are demolished."""
    buildings = layer("buildings", [house(0), house(0)], action=["demolish", "new"], storeys=[5, 18])
    assert ends(measured(buildings)) == (0.0, 500.0)
    assert verdict(buildings) is Verdict.UNDETERMINED
