"""New against demolished floor area: by pencil, a unit of 100 m × 100 m, buildings of 10 m × 10 m."""

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
from urbanform.site.building_eras import Era, in_era

CHECK = find_check("demolition-rebuild-ratio")
UNIT = layer("renewal_units", [box(0, 0, 100, 100)])
RULE = Rule(
    "r", CHECK.name, Title("则", "rule"), Severity.PRINCIPLE, Source(None, None, "1"), binds=(Kind.RENEWAL,),
    limits=(Limit(Op.AT_MOST, 2.0, Unit.ONE),), params=CHECK.params(),
)  # fmt: skip


def house(column: int, row: int = 0) -> object:
    """A footprint of 100 m² in the unit's grid."""
    return box(20 * column + 2, 20 * row + 2, 20 * column + 12, 20 * row + 12)


def buildings(*rows: tuple[object, str | None, float | tuple[float, float] | None], **more: object) -> TableLayer:
    """Buildings of (shape, action, storeys)."""
    shapes, actions, storeys = (list(column) for column in zip(*rows, strict=True))
    return layer("buildings", shapes, action=actions, storeys=storeys, **more)


def decided(submission: Submission, document_year: int | None = None) -> Finding:
    """What a rule of at most 2 says, measured for a plan of some year."""
    measurement = CHECK.measure(Site(submission, document_year), None, CHECK.params())
    return judge(RULE, measurement, 2026)


def ends(finding: Finding) -> tuple[float | None, float | None]:
    """Its bounds."""
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


@pytest.mark.parametrize(
    ("new", "ratio", "verdict"), [(9, 1.8, Verdict.PASS), (10, 2.0, Verdict.PASS), (11, 2.2, Verdict.FAIL)]
)
def test_new_over_demolished_floor_area(new: int, ratio: float, verdict: Verdict) -> None:
    """Demolished 100 × 5, new 100 × storeys; what is kept counts for nothing."""
    rows = buildings((house(0), "demolish", 5), (house(1), "new", new), (house(2), "retain", 30))
    finding = decided(place(UNIT, rows))
    assert (finding.verdict, finding.measured) == (verdict, pytest.approx(ratio, rel=1e-12))
    assert finding.denominator is not None
    assert finding.denominator.value == pytest.approx(500)


def test_a_new_building_hides_nothing_of_what_it_replaces() -> None:
    """A tower of 18 on the very ground of a house of 5 that goes: 1,800 to 500."""
    rows = buildings((house(0), "demolish", 5), (house(0), "new", 18))
    assert decided(place(UNIT, rows)).measured == pytest.approx(3.6)


def test_each_era_has_its_buildings_under_their_places_in_the_layer() -> None:
    """Today: what goes, what stays, what may be new; to come: what is new and what may be."""
    rows = buildings((house(0), "demolish", 5), (house(1), "new", 6), (house(2), "retain", 7), (house(3), None, 8))
    site = Site(place(UNIT, rows), 2023, 2026)
    for era, kept in ((Era.TODAY, [0, 2, 3]), (Era.TO_COME, [1, 3])):
        some = in_era(site, era).needed("buildings")
        assert some.frame(("storeys",)).index.tolist() == kept
        assert [int(at) for batch in some.batches() for at in batch.index] == kept
        assert len(some) == len(kept)
        assert (some.role, some.fields, some.total_bounds) == (rows.role, rows.fields, rows.total_bounds)
    assert in_era(site, Era.TODAY) is in_era(site, Era.TODAY)
    assert in_era(site, Era.TODAY).as_of == 2026


def test_ground_shared_at_one_time_belongs_to_the_taller() -> None:
    """Demolished: 20 × 10 m of 2 under 10 × 10 m of 8, 200 + 800; new: the same ground twice with 5, 500."""
    rows = buildings(
        (box(0, 0, 20, 10), "demolish", 2), (box(10, 0, 20, 10), "demolish", 8),
        (box(50, 50, 60, 60), "new", 5), (box(50, 50, 60, 60), "new", 5),
    )  # fmt: skip
    finding = decided(place(UNIT, rows))
    assert finding.measured == pytest.approx(0.5)
    assert finding.denominator is not None
    assert finding.denominator.value == pytest.approx(1000)


def test_the_field_goes_before_the_storeys_and_the_edge_splits() -> None:
    """Demolished: stated 400; new: half of 100 m² × 12 inside: 600."""
    rows = buildings((house(0), "demolish", 9), (box(95, 40, 105, 50), "new", 12), floor_area=[400, None])
    assert decided(place(UNIT, rows)).measured == pytest.approx(1.5)


def test_where_nothing_is_demolished_the_rule_does_not_bind() -> None:
    for rows in (
        buildings((house(0), "new", 30), (house(1), "retain", 3)),
        buildings((box(500, 500, 510, 510), "demolish", 3), (house(0), "new", 5)),
    ):
        assert decided(place(UNIT, rows)).verdict is Verdict.NOT_APPLICABLE


def test_where_it_is_not_certain_that_anything_goes_there_is_no_ratio() -> None:
    """A blank action may be demolition; so may one that goes but may stand elsewhere."""
    blank = decided(place(UNIT, buildings((house(0), None, 5), (house(1), "new", 30))))
    assert (blank.verdict, blank.measured, blank.bounds) == (Verdict.UNDETERMINED, None, None)
    astray = buildings((None, "demolish", 5), (house(1), "new", 30), floor_area=[500, None], sound=[False, True])
    assert decided(place(UNIT, astray)).verdict is Verdict.UNDETERMINED


def test_what_goes_but_has_no_floor_area_gives_no_ratio() -> None:
    """A shed wholly under a taller house that stays."""
    rows = buildings((box(3, 3, 8, 8), "demolish", 1), (house(0), "retain", 6), (house(1), "new", 3))
    finding = decided(place(UNIT, rows))
    assert (finding.verdict, finding.bounds) == (Verdict.UNDETERMINED, None)


@pytest.mark.parametrize(
    ("storeys", "bounds", "verdict"),
    [
        ((None, 130), (130 / 60, 130), Verdict.FAIL),  # demolished 1 to 60 storeys
        ((None, 1), (1 / 60, 1), Verdict.PASS),
        ((None, 10), (1 / 6, 10), Verdict.UNDETERMINED),
        ((5, None), (0.2, 12), Verdict.UNDETERMINED),  # new 1 to 60
        ((30, None), (1 / 30, 2), Verdict.PASS),
        ((5, (9, 10)), (1.8, 2.0), Verdict.PASS),  # 9+1
        ((5, (10, 11)), (2.0, 2.2), Verdict.UNDETERMINED),
    ],
)
def test_unknown_storeys_leave_it_between_bounds(
    storeys: tuple[float | None, object], bounds: tuple[float, float], verdict: Verdict
) -> None:
    rows = buildings((house(0), "demolish", storeys[0]), (house(1), "new", storeys[1]))  # type: ignore[arg-type]
    finding = decided(place(UNIT, rows))
    assert ends(finding) == (pytest.approx(bounds[0]), pytest.approx(bounds[1]))
    assert finding.verdict is verdict


def test_an_unknown_action_may_be_new_or_demolished() -> None:
    """Demolished 500 and perhaps 300 more; new 600 and perhaps the same 300: 600 / 800 to 900 / 500."""
    rows = buildings((house(0), "demolish", 5), (house(1), "new", 6), (house(2), None, 3))
    finding = decided(place(UNIT, rows))
    assert ends(finding) == (pytest.approx(0.75), pytest.approx(1.8))
    assert finding.verdict is Verdict.PASS


def test_without_an_action_the_year_tells_what_is_new() -> None:
    """Built in 2024: new after a plan of 2023, so 900 / 500; built in 2020 it may go: 600 / 800 to 600 / 500."""
    for year, low, high in ((2024, 1.8, 1.8), (2020, 0.75, 1.2)):
        rows = buildings(
            (house(0), "demolish", 5), (house(1), "new", 6), (house(2), None, 3), year_built=[1990, None, year]
        )
        finding = decided(place(UNIT, rows), 2023)
        found = (finding.measured, finding.measured) if finding.bounds is None else ends(finding)
        assert found == (pytest.approx(low), pytest.approx(high))
    assert ends(decided(place(UNIT, rows))) == (pytest.approx(0.75), pytest.approx(1.8))


def test_a_broken_shape_has_up_to_its_envelope() -> None:
    """New: an envelope of 100 m² × 6, so 0 to 600 over 500; demolished: 500 and an envelope of 100 × 5."""
    new = buildings((house(0), "demolish", 5), (house(1), "new", 6), sound=[True, False])
    assert ends(decided(place(UNIT, new))) == (0, pytest.approx(1.2))
    old = buildings(
        (house(0), "demolish", 5), (house(1), "demolish", 5), (house(2), "new", 6), sound=[True, False, True]
    )
    assert ends(decided(place(UNIT, old))) == (pytest.approx(0.6), pytest.approx(1.2))


def test_new_public_buildings_count_and_a_note_tells_where_it_would_pass_without() -> None:
    """New 1,200 of which 300 public, over 500: 2.4, without 1.8."""
    rows = buildings(
        (house(0), "demolish", 5), (house(1), "new", 9), (house(2), "new", 3), use=["residential", None, "public"]
    )
    finding = decided(place(UNIT, rows))
    assert (finding.verdict, finding.measured) == (Verdict.FAIL, pytest.approx(2.4))
    assert "1.8" in next(note.zh for note in finding.notes if note.code == "would-flip")


def test_each_unit_has_its_row() -> None:
    """Ratios of 3 and 1, one that does not bind and one whose shape is broken: the rule fails."""
    units = layer(
        "renewal_units", [box(0, 0, 15, 100), box(15, 0, 40, 100), box(40, 0, 60, 100), None],
        sound=[True, True, True, False], id=["甲", "乙", "丙", "丁"],
    )  # fmt: skip
    rows = buildings(
        (house(0), "demolish", 1), (house(0, 1), "new", 3), (house(1), "demolish", 1), (house(1, 1), "new", 1),
        (house(2), "new", 1),
    )  # fmt: skip
    finding = decided(place(units, rows))
    assert {item.subject.id: (item.verdict, item.subject.value) for item in finding.subjects} == {
        "甲": (Verdict.FAIL, 3.0), "乙": (Verdict.PASS, 1.0), "丙": (Verdict.NOT_APPLICABLE, None),
        "丁": (Verdict.UNDETERMINED, None),
    }  # fmt: skip
    assert finding.verdict is Verdict.FAIL


def test_drawn_twice_adds_nothing() -> None:
    """Copies share all their ground with the first."""
    once = [(house(0), "demolish", 5), (house(1), "new", 6)]
    assert decided(place(UNIT, buildings(*once, *once))).measured == pytest.approx(1.2)


def test_neither_order_nor_place_matters() -> None:
    rows = [
        (house(0), "demolish", 5), (box(5, 5, 15, 15), "demolish", 2), (house(0), "new", 18), (house(3), "retain", 2),
        (box(95, 40, 105, 50), "new", 4),
    ]  # fmt: skip
    random = np.random.default_rng(3)
    ratios = []
    for degrees in (0, 31, 123):
        turned = [
            (rotate(rows[at][0], degrees, origin=(500_000, 3_950_000)), *rows[at][1:]) for at in random.permutation(5)
        ]
        unit = layer("renewal_units", [rotate(box(0, 0, 100, 100), degrees, origin=(500_000, 3_950_000))])
        ratios.append(decided(place(unit, buildings(*turned))).measured)
    # Demolished 500 and (100 - 49) × 2 = 102; new 1,800 and half of 400.
    assert ratios == [pytest.approx(2000 / 602, rel=1e-9)] * 3


def test_what_is_missing_and_another_kind() -> None:
    pack = RulePack("p", Title("包", "pack"), Document(), Place(), (RULE,), "")
    rows = buildings((house(0), "demolish", 5), (house(1), "new", 6))

    def verdict(submission: Submission) -> Verdict:
        return assess(submission, pack, 2026).findings[0].verdict

    assert verdict(place(UNIT, rows)) is Verdict.PASS
    assert verdict(place(UNIT)) is Verdict.UNDETERMINED
    assert verdict(place(rows)) is Verdict.UNDETERMINED
    assert verdict(place(UNIT, layer("buildings", [house(0)], storeys=[5]))) is Verdict.UNDETERMINED
    assert verdict(place(UNIT, rows, kinds=[Kind.CITY])) is Verdict.NOT_APPLICABLE


def test_old_town_units_can_be_told_by_their_kind() -> None:
    units = layer("renewal_units", [box(0, 0, 100, 100)], district_kind=["other"])
    measurement = CHECK.measure(
        Site(place(units, buildings((house(0), "demolish", 1), (house(1), "new", 9)))), None, CHECK.params()
    )
    rule = replace(RULE, subjects_when={"district_kind": ("old-town",)})
    assert judge(rule, measurement, 2026).verdict is Verdict.NOT_APPLICABLE
    assert judge(RULE, measurement, 2026).verdict is Verdict.FAIL


def test_the_map_shows_what_comes_and_what_goes() -> None:
    rows = buildings((house(0), "demolish", 5), (house(1), "new", 6), (house(2), None, 3), (house(3), "retain", 3))
    measurement = decided(place(UNIT, rows)).measurement
    assert measurement is not None
    units, drawn = measurement.evidence
    assert units.frame["kind"].tolist() == ["unit"]
    assert sorted(zip(drawn.frame["feature"], drawn.frame["kind"], strict=True)) == [
        ("1", "demolished"), ("2", "new"), ("3", "unknown"), ("3", "unknown"),
    ]  # fmt: skip
    assert set(drawn.frame["kind"]) <= set(drawn.legend)
