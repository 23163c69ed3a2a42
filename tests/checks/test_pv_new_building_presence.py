"""New buildings with panels, by count."""

from dataclasses import replace

import pytest

from places import box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import Document, Kind, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Submission, TableLayer

CHECK = find_check("pv-new-building-presence")


def houses(pv: list[float | None], **columns: object) -> TableLayer:
    """New buildings with some panels."""
    shapes = [box(20 * n, 0, 20 * n + 10, 10) for n in range(len(pv))]
    return layer("buildings", shapes, **{"action": ["new"] * len(pv), "pv_area": pv, **columns})


def decided(buildings: Submission | TableLayer, least: float = 100.0) -> Finding:
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.PRINCIPLE, Source(None, None, "1"), binds=(Kind.CITY,),
        limits=(Limit(Op.AT_LEAST, least, Unit.PERCENT),), params=CHECK.params(), document_year=2022,
    )  # fmt: skip
    found = buildings if isinstance(buildings, Submission) else place(buildings)
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


@pytest.mark.parametrize(
    ("pv", "share", "verdict"),
    [([5.0, 0.1], 100.0, Verdict.PASS), ([5.0, 5.0, 0.0, 5.0], 75.0, Verdict.FAIL), ([0.0], 0.0, Verdict.FAIL)],
)
def test_by_count_whatever_the_area(pv: list[float | None], share: float, verdict: Verdict) -> None:
    finding = decided(houses(pv))
    assert (finding.measured, finding.verdict) == (share, verdict)
    assert finding.denominator is not None
    assert finding.denominator.value == len(pv)


def test_the_limit_itself_is_met() -> None:
    assert decided(houses([5.0, 5.0, 0.0, 5.0]), least=75.0).verdict is Verdict.PASS


def test_what_stands_does_not_count() -> None:
    """Of 2023, after the document of 2022; one of 2020 without panels and one that stays are left out."""
    table = houses([9.0, 0.0, 0.0], action=[None, None, "retain"], year_built=[2023, 2020, None])
    assert decided(table).measured == 100.0
    assert decided(houses([0.0], action=["demolish"])).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("pv", "bounds", "verdict"),
    [
        ([5.0, None], (50.0, 100.0), Verdict.UNDETERMINED),
        ([5.0, 0.0, None, None], (25.0, 75.0), Verdict.FAIL),
        ([None], (0.0, 100.0), Verdict.UNDETERMINED),
    ],
)
def test_blank_panels_may_be_either(pv: list[float | None], bounds: tuple[float, float], verdict: Verdict) -> None:
    finding = decided(houses(pv))
    assert (finding.verdict, ends(finding)) == (verdict, bounds)
    assert "pv_area" in finding.reason.zh or verdict is Verdict.FAIL


def test_perhaps_new() -> None:
    """Two with panels for sure; a third that may be new: with panels no matter, without 2 / 3, blank 2 / 3 to all."""
    action = ["new", "new", None]
    assert decided(houses([5.0, 5.0, 5.0], action=action)).verdict is Verdict.PASS
    for third in (0.0, None):
        finding = decided(houses([5.0, 5.0, third], action=action))
        assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (pytest.approx(200 / 3), 100.0))
    # One of two has none: whatever the third is, not all have panels. 1 / 3 to 2 / 3.
    finding = decided(houses([5.0, 0.0, None], action=action))
    assert (finding.verdict, ends(finding)) == (Verdict.FAIL, (pytest.approx(100 / 3), pytest.approx(200 / 3)))


@pytest.mark.parametrize("pv", [0.0, 5.0, None])
def test_perhaps_new_alone_decides_nothing(pv: float | None) -> None:
    finding = decided(houses([pv], action=[None]))
    assert (finding.verdict, finding.measured, finding.bounds) == (Verdict.UNDETERMINED, None, None)
    untold = decided(layer("buildings", [box(0, 0, 10, 10)], pv_area=[pv]))
    assert (untold.verdict, "action" in untold.reason.zh) == (Verdict.UNDETERMINED, True)


def test_missing_layers_fields_and_other_kinds() -> None:
    assert decided(place()).verdict is Verdict.UNDETERMINED
    assert decided(layer("buildings", [box(0, 0, 10, 10)], action=["new"])).verdict is Verdict.UNDETERMINED
    assert decided(place(houses([0.0]), kinds=[Kind.VILLAGE])).verdict is Verdict.NOT_APPLICABLE


def test_shapes_and_order_do_not_matter() -> None:
    lost = layer("buildings", [None, box(0, 0, 1, 1)], sound=[False, False], action=["new"] * 2, pv_area=[5.0, 0.0])
    assert decided(lost).measured == 50.0
    table = houses([5.0, 0.0, 0.0])
    turned = replace(table, table=table.table.iloc[::-1].reset_index(drop=True))
    first, second = decided(table), decided(turned)
    assert first.measured == second.measured == pytest.approx(100 / 3)
    assert [note.zh for note in first.notes] == [note.zh for note in second.notes]


def test_the_evidence_shows_those_without_first() -> None:
    (shapes,) = decided(houses([5.0, 0.0, None])).evidence
    assert shapes.frame["kind"].tolist() == ["without", "open", "with"]
