"""Demolition within service life: ages by pencil in 2026; a unit of 100 m × 100 m, buildings of 10 m × 10 m."""

from dataclasses import replace

import numpy as np
import pytest
from shapely.affinity import rotate

from places import box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict, judge
from urbanform.model.rules import Document, Kind, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Submission, TableLayer
from urbanform.site import Site

CHECK = find_check("demolition-in-service-life")
UNIT = layer("renewal_units", [box(0, 0, 100, 100)])
RULE = Rule(
    "r", CHECK.name, Title("则", "rule"), Severity.MANDATORY, Source(None, None, "1"), binds=(Kind.RENEWAL,),
    limits=(Limit(Op.AT_MOST, 0.0, Unit.ONE),), params=CHECK.params(),
)  # fmt: skip


def house(column: int, row: int = 0) -> object:
    """A footprint of 100 m² in the unit's grid."""
    return box(20 * column + 2, 20 * row + 2, 20 * column + 12, 20 * row + 12)


def buildings(*rows: tuple[object, str | None, float | None], **more: object) -> TableLayer:
    """Buildings of (shape, action, year built)."""
    shapes, actions, years = (list(column) for column in zip(*rows, strict=True))
    return layer("buildings", shapes, action=actions, year_built=years, **more)


def decided(submission: Submission, as_of: int | None = 2026, **params: object) -> Finding:
    """What a rule that wants none says."""
    site = Site(submission, as_of=as_of)
    return judge(RULE, CHECK.measure(site, None, CHECK.params(**params)), 2026)


def ends(finding: Finding) -> tuple[float | None, float | None]:
    """Between what the number lies."""
    if finding.bounds is None:
        return finding.measured, finding.measured
    return finding.bounds.low, finding.bounds.high


def codes(finding: Finding) -> list[str]:
    """The codes of its notes."""
    return [note.code for note in finding.notes]


@pytest.mark.parametrize(
    ("built", "years", "verdict"),
    [
        (1975, 50, Verdict.PASS),  # 51 years
        (1976, 50, Verdict.PASS),  # 50 exactly
        (1977, 50, Verdict.FAIL),  # 49
        (2026, 50, Verdict.FAIL),  # this year's
        (1977, 40, Verdict.PASS),
        (1960, 70, Verdict.FAIL),
    ],
)
def test_a_building_goes_within_its_service_life_or_after(built: int, years: int, verdict: Verdict) -> None:
    finding = decided(place(UNIT, buildings((house(0), "demolish", built))), years=years)
    assert (finding.verdict, finding.measured) == (verdict, float(verdict is Verdict.FAIL))


def test_only_what_is_demolished_counts_each_building_once() -> None:
    """Two young ones go, an old one goes, young ones stay, are renovated, or are new: 2."""
    rows = buildings(
        (house(0), "demolish", 2000), (house(1), "demolish", 1990), (house(2), "demolish", 1950),
        (house(0, 1), "retain", 2000), (house(1, 1), "renovate", 2000), (house(2, 1), "new", 2026),
    )  # fmt: skip
    finding = decided(place(UNIT, rows))
    assert finding.measured == 2
    assert "1、2" in next(note.zh for note in finding.notes if note.code == "counted")


def test_the_public_interest_takes_a_building_out() -> None:
    """The word counts; other grounds do not, and one that cannot be read leaves it open."""
    for word, low, high in (("public-interest", 0, 0), ("illegal", 1, 1), ("", 1, 1), (None, 0, 1)):
        finding = decided(place(UNIT, buildings((house(0), "demolish", 2000), exemption=[word])))
        assert ends(finding) == (low, high)
    finding = decided(place(UNIT, buildings((house(0), "demolish", 2000), exemption=["public-interest"])))
    assert finding.verdict is Verdict.PASS
    assert "exempted" in codes(finding)


def test_illegal_and_dangerous_ones_count_with_a_note_where_it_would_pass_without() -> None:
    one = decided(place(UNIT, buildings((house(0), "demolish", 2000), illegal=[True])))
    assert (one.verdict, one.measured) == (Verdict.FAIL, 1)
    assert "would-flip" in codes(one)
    rows = buildings((house(0), "demolish", 2000), (house(1), "demolish", 2000), illegal=[True, False])
    assert "would-flip" not in codes(decided(place(UNIT, rows)))


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ((house(0), "demolish", None), Verdict.UNDETERMINED),
        ((house(0), None, 2000), Verdict.UNDETERMINED),
        ((house(0), None, None), Verdict.UNDETERMINED),
        ((house(0), "demolish", 2031), Verdict.UNDETERMINED),  # after the review: misread
        ((house(0), None, 1950), Verdict.PASS),  # old, whatever becomes of it
        ((house(0), "retain", None), Verdict.PASS),
        ((house(0), "new", None), Verdict.PASS),
    ],
)
def test_what_is_unknown_decides_nothing_unless_it_cannot_matter(
    row: tuple[object, str | None, float | None], verdict: Verdict
) -> None:
    kept = (house(2), "retain", 1990)
    finding = decided(place(UNIT, buildings(kept, row)))
    assert finding.verdict is verdict
    if verdict is Verdict.UNDETERMINED:
        assert ends(finding) == (0, 1)
        assert "2" in finding.reason.zh
    young = decided(place(UNIT, buildings((house(3), "demolish", 2000), row)))
    assert young.verdict is Verdict.FAIL


def test_after_the_plan_a_building_without_an_action_is_new() -> None:
    """Built in 2025 after a plan of 2023: new, and not to be demolished."""
    site = Site(place(UNIT, buildings((house(2), "retain", 1990), (house(0), None, 2025))), 2023, 2026)
    assert judge(RULE, CHECK.measure(site, None, CHECK.params()), 2026).verdict is Verdict.PASS


def test_a_building_counts_in_every_unit_where_it_stands_and_in_none_that_it_touches() -> None:
    """Across two units it counts in both; with 0.5 m² in the third it only touches that; a kiosk of 0.9 m² counts."""
    units = layer("renewal_units", [box(0, 0, 50, 50), box(50, 0, 100, 50), box(0, 50, 100, 100)])
    rows = buildings((box(45, 20, 55, 30), "demolish", 2000), (box(10, 40, 20, 50.05), "demolish", 2000),
                     (box(80, 80, 90, 90), "retain", 2000))  # fmt: skip
    finding = decided(place(units, rows))
    assert {item.subject.id: item.subject.value for item in finding.subjects} == {"1": 2, "2": 1, "3": 0}
    third = next(item for item in finding.subjects if item.subject.id == "3")
    assert [note.code for note in third.notes] == ["contacts"]
    kiosk = buildings((box(10, 10, 11, 10.9), "demolish", 2000))
    assert decided(place(UNIT, kiosk)).measured == 1


def test_a_shape_that_cannot_be_trusted_may_stand_inside() -> None:
    kept = (house(2), "retain", 1990)
    broken = buildings(kept, (house(0), "demolish", 2000), sound=[True, False])
    assert ends(decided(place(UNIT, broken))) == (0, 1)
    lost = buildings(kept, (None, "demolish", 2000), sound=[True, False])
    assert ends(decided(place(UNIT, lost))) == (0, 1)
    away = buildings(kept, (box(500, 0, 510, 10), "demolish", 2000), sound=[True, False])
    assert ends(decided(place(UNIT, away))) == (0, 0)


def test_a_unit_without_buildings_is_not_bound_and_a_broken_one_is_open() -> None:
    away = buildings((box(500, 0, 510, 10), "demolish", 2000))
    assert decided(place(UNIT, away)).verdict is Verdict.NOT_APPLICABLE
    assert decided(place(UNIT, buildings((house(0), "new", 2026)))).verdict is Verdict.NOT_APPLICABLE
    broken = layer("renewal_units", [box(0, 0, 100, 100)], sound=[False])
    assert decided(place(broken, buildings((house(0), "demolish", 1950)))).verdict is Verdict.UNDETERMINED


def test_units_can_be_told_by_their_kind() -> None:
    """Only the old town is bound; a blank kind leaves its unit open."""
    rows = buildings((house(0), "demolish", 2000))
    rule = replace(RULE, subjects_when={"district_kind": ("old-town",)})
    for kind, verdict in (("old-town", Verdict.FAIL), ("other", Verdict.NOT_APPLICABLE), (None, Verdict.UNDETERMINED)):
        unit = layer("renewal_units", [box(0, 0, 100, 100)], district_kind=[kind])
        site = Site(place(unit, rows), as_of=2026)
        assert judge(rule, CHECK.measure(site, None, CHECK.params()), 2026).verdict is verdict


def test_drawn_twice_is_a_breach_all_the_same_and_order_and_place_are_irrelevant() -> None:
    rows = [(house(0), "demolish", 2000), (house(1), "demolish", 1950), (house(2), None, None)]
    random = np.random.default_rng(6)
    for degrees in (0, 40, 111):
        turned = [
            (rotate(rows[at][0], degrees, origin=(500_000, 3_950_000)), *rows[at][1:]) for at in random.permutation(3)
        ]
        unit = layer("renewal_units", [rotate(box(0, 0, 100, 100), degrees, origin=(500_000, 3_950_000))])
        finding = decided(place(unit, buildings(*turned)))
        assert (finding.verdict, ends(finding)) == (Verdict.FAIL, (1, 2))
    assert decided(place(UNIT, buildings(rows[0], rows[0]))).verdict is Verdict.FAIL
    assert decided(place(UNIT, buildings(rows[1], rows[1]))).verdict is Verdict.PASS


def test_what_is_missing_and_another_kind() -> None:
    pack = RulePack("p", Title("包", "pack"), Document(), Place(), (RULE,), "")
    rows = buildings((house(0), "demolish", 1950))

    def verdict(submission: Submission) -> Verdict:
        return assess(submission, pack, 2026).findings[0].verdict

    assert verdict(place(UNIT)) is Verdict.UNDETERMINED
    assert verdict(place(rows)) is Verdict.UNDETERMINED
    assert verdict(place(UNIT, layer("buildings", [house(0)], action=["demolish"]))) is Verdict.UNDETERMINED
    assert verdict(place(UNIT, layer("buildings", [house(0)], year_built=[1950]))) is Verdict.UNDETERMINED
    assert verdict(place(UNIT, rows, kinds=[Kind.VILLAGE])) is Verdict.NOT_APPLICABLE
    assert decided(place(UNIT, rows), as_of=None).verdict is Verdict.UNDETERMINED


def test_the_map_shows_what_is_demolished() -> None:
    rows = buildings(
        (house(0), "demolish", 2000), (house(1), "demolish", 1950), (house(2), None, None), (house(3), "retain", 2000),
        (house(0, 1), "demolish", 2000), exemption=["", "", "", "", "public-interest"],
    )  # fmt: skip
    measurement = decided(place(UNIT, rows)).measurement
    assert measurement is not None
    _, drawn = measurement.evidence
    assert dict(zip(drawn.frame["feature"], drawn.frame["kind"], strict=True)) == {
        "1": "within", "2": "past", "3": "unknown", "5": "exempt",
    }  # fmt: skip
    assert drawn.frame.set_index("feature").loc["1", "age_years"] == 26
    assert set(drawn.frame["kind"]) <= set(drawn.legend)
