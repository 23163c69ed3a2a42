"""Demolition share: floor areas by pencil; a unit of 100 m × 100 m, buildings of 10 m × 10 m."""

import pytest

from places import box, layer, place
from urbanform.checks import find_check
from urbanform.model.measurement import Subject
from urbanform.model.submission import TableLayer
from urbanform.site import Site

CHECK = find_check("demolition-share")
UNIT = layer("renewal_units", [box(0, 0, 100, 100)])


def house(column: int, row: int = 0) -> object:
    """A footprint of 100 m² in the unit's grid."""
    return box(20 * column + 2, 20 * row + 2, 20 * column + 12, 20 * row + 12)


def measured(buildings: TableLayer, *exemptions: str, unit: TableLayer = UNIT) -> Subject:
    """The first unit."""
    return CHECK.measure(Site(place(unit, buildings)), None, CHECK.params(exemptions=exemptions)).subjects[0]


def test_floor_area_from_storeys_and_from_the_field() -> None:
    """Demolished 100 × 2; kept 100 × 5 and a stated 300: 200 of 1,000."""
    shapes = [house(0), house(1), house(2)]
    buildings = layer(
        "buildings", shapes, action=["demolish", "retain", "renovate"], storeys=[2, 5, 9], floor_area=[None, None, 300]
    )
    subject = measured(buildings)
    assert subject.value == pytest.approx(20.0, rel=1e-12)
    assert subject.denominator is not None
    assert subject.denominator.value == pytest.approx(1000)


def test_new_buildings_are_not_existing() -> None:
    buildings = layer("buildings", [house(0), house(1)], action=["demolish", "new"], storeys=[2, 30])
    assert measured(buildings).value == pytest.approx(100.0)


def test_what_replaces_a_building_takes_no_floor_area_from_it() -> None:
    """100 × 5 demolished, 100 × 10 kept: 500 of 1,500, also where a tower of 18 storeys is to replace it."""
    shapes = [house(0), house(1), house(0)]
    buildings = layer("buildings", shapes, action=["demolish", "retain", "new"], storeys=[5, 10, 18])
    assert measured(buildings).value == pytest.approx(100 / 3)
    drawn = CHECK.measure(Site(place(UNIT, buildings)), None, CHECK.params()).evidence[1].frame
    assert dict(zip(drawn["feature"], drawn["kind"], strict=True)) == {"1": "demolished", "2": "kept", "3": "new"}


def test_of_two_footprints_that_stand_today_the_taller_has_the_ground() -> None:
    """100 × 5 demolished under a kept 100 × 10 on the same ground: nothing of 1,000."""
    buildings = layer("buildings", [house(0), house(0)], action=["demolish", "retain"], storeys=[5, 10])
    assert measured(buildings).value == pytest.approx(0.0)


def test_a_building_across_the_edge_is_split_by_area() -> None:
    """Half of 100 m² × 4 lies inside: 200 demolished, 600 kept."""
    buildings = layer("buildings", [box(95, 0, 105, 10), house(0)], action=["demolish", "retain"], storeys=[4, 6])
    assert measured(buildings).value == pytest.approx(25.0)


def test_exemptions_leave_the_numerator_only() -> None:
    """300 illegal and 100 other demolished of 1,000: 10 %, without exemption 40 %."""
    shapes = [house(0), house(1), house(2)]
    buildings = layer(
        "buildings",
        shapes,
        action=["demolish", "demolish", "retain"],
        storeys=[3, 1, 6],
        exemption=["illegal", "", ""],
    )
    subject = measured(buildings, "illegal")
    assert subject.value == pytest.approx(10.0)
    assert "40" in subject.notes[0].zh
    assert measured(buildings).value == pytest.approx(40.0)


def test_danger_counts_only_with_no_repair_value() -> None:
    """Dangerous and not repairable is exempt; repairable is not; unknown leaves 0 to 50 %."""
    for repairable, expected in ((False, 0.0), (True, 50.0), (None, None)):
        buildings = layer(
            "buildings",
            [house(0), house(1)],
            action=["demolish", "retain"],
            storeys=[2, 2],
            dangerous=[True, False],
            repairable=[repairable, None],
        )
        subject = measured(buildings, "dangerous")
        assert subject.value == (None if expected is None else pytest.approx(expected))
        if expected is None:
            assert subject.bounds is not None
            assert (subject.bounds.low, subject.bounds.high) == (0, pytest.approx(50))


def test_unknown_storeys_lie_between_one_and_sixty() -> None:
    """Kept 1,000; demolished 100 × 1 to 100 × 60: from 100 / 1,100 to 6,000 / 7,000."""
    buildings = layer("buildings", [house(0), house(1)], action=["demolish", "retain"], storeys=[None, 10])
    subject = measured(buildings)
    assert subject.value is None
    assert subject.bounds is not None
    assert subject.bounds.low == pytest.approx(100 * 100 / 1100)
    assert subject.bounds.high == pytest.approx(100 * 6000 / 7000)


def test_penthouse_storeys_and_unknown_actions_give_bounds() -> None:
    """18+1 storeys is 1,800 to 1,900; an unknown action may be demolition, staying, or new."""
    penthouse = layer("buildings", [house(0), house(1)], action=["demolish", "retain"], storeys=[(18, 19), 10])
    subject = measured(penthouse)
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (
        pytest.approx(100 * 1800 / 2800),
        pytest.approx(100 * 1900 / 2900),
    )
    unknown = layer("buildings", [house(0), house(1)], action=[None, "retain"], storeys=[5, 5])
    subject = measured(unknown)
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (0, pytest.approx(50))


def test_a_shared_footprint_belongs_to_the_taller() -> None:
    """A podium of 20 × 10 m and 2 storeys under a tower of 10 × 10 m and 10: 100 × 2 + 100 × 10."""
    buildings = layer(
        "buildings", [box(0, 0, 20, 10), box(10, 0, 20, 10)], action=["retain", "retain"], storeys=[2, 10]
    )
    subject = measured(buildings)
    assert subject.denominator is not None
    assert subject.denominator.value == pytest.approx(1200)


def test_an_unsound_shape_has_up_to_its_envelope() -> None:
    """An envelope of 100 m² with 2 storeys: 0 to 200 demolished beside 800 kept."""
    buildings = layer(
        "buildings", [house(0), house(1)], action=["demolish", "retain"], storeys=[2, 8], sound=[False, True]
    )
    subject = measured(buildings)
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (0, pytest.approx(20))


def test_a_building_without_shape_may_stand_in_any_unit() -> None:
    buildings = layer(
        "buildings", [None, house(1)], action=["demolish", "retain"], storeys=[2, 8], floor_area=[200, 800],
        sound=[False, True],
    )  # fmt: skip
    subject = measured(buildings)
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (0, pytest.approx(20))


def test_a_unit_without_buildings_is_not_bound_and_one_with_only_new_ones_neither() -> None:
    away = layer("buildings", [box(500, 500, 510, 510)], action=["demolish"], storeys=[2])
    assert measured(away).excluded is not None
    assert measured(layer("buildings", [house(0)], action=["new"], storeys=[2])).excluded is not None


def test_each_unit_has_its_row_whatever_happens() -> None:
    units = layer("renewal_units", [box(0, 0, 100, 100), None], sound=[True, False], id=["甲", "乙"])
    buildings = layer("buildings", [house(0)], action=["demolish"], storeys=[2])
    rows = CHECK.measure(Site(place(units, buildings)), None, CHECK.params()).subjects
    assert [(row.id, row.value, row.missing is None) for row in rows] == [("甲", 100.0, True), ("乙", None, False)]


def test_a_claim_that_cannot_be_read_leaves_it_open() -> None:
    """A word or a flag that could not be read: 0 to 50 %, where the rule admits the ground; else 50 %."""
    for claim in ({"exemption": [None, ""]}, {"illegal": [None, False]}):
        buildings = layer("buildings", [house(0), house(1)], action=["demolish", "retain"], storeys=[2, 2], **claim)
        subject = measured(buildings, "illegal")
        assert subject.bounds is not None
        assert (subject.bounds.low, subject.bounds.high) == (0, pytest.approx(50))
        assert measured(buildings).value == pytest.approx(50)
