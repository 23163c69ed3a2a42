"""Rehousing on the spot or nearby: households of units of 100 m × 100 m, by hand."""

import numpy as np
import pytest

from places import box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import Document, Kind, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Submission, TableLayer

CHECK = find_check("local-resettlement-rate")


def units(*pairs: tuple[float | None, float | None], **more: object) -> TableLayer:
    """Units side by side with (households, rehoused)."""
    shapes = [box(100 * n, 0, 100 * n + 100, 100) for n in range(len(pairs))]
    households, resettled = ([pair[end] for pair in pairs] for end in (0, 1))
    return layer("renewal_units", shapes, households=households, resettled_households=resettled, **more)


def decided(submission: Submission) -> Finding:
    """What a rule of at least 50 % says."""
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.PRINCIPLE, Source(None, None, "1"),
        limits=(Limit(Op.AT_LEAST, 50.0, Unit.PERCENT),), binds=(Kind.RENEWAL,), params=CHECK.params(),
    )  # fmt: skip
    return assess(submission, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


@pytest.mark.parametrize(
    ("households", "resettled", "rate", "verdict"),
    [
        (200, 120, 60, Verdict.PASS),
        (200, 100, 50, Verdict.PASS),
        (200, 99, 49.5, Verdict.FAIL),
        (200, 0, 0, Verdict.FAIL),
        (200, 200, 100, Verdict.PASS),
    ],
)
def test_households_rehoused_nearby(households: float, resettled: float, rate: float, verdict: Verdict) -> None:
    finding = decided(place(units((households, resettled))))
    assert (finding.verdict, finding.measured) == (verdict, rate)


@pytest.mark.parametrize("pair", [(None, 60), (100, None), (None, None), (-5, 3), (100, -9999)])
def test_a_figure_that_is_missing_leaves_it_open(pair: tuple[float | None, float | None]) -> None:
    finding = decided(place(units(pair)))
    assert finding.verdict is Verdict.UNDETERMINED
    assert finding.bounds is not None
    assert (finding.bounds.low, finding.bounds.high) == (0, 100)
    wanted = "resettled_households" if pair[0] == 100 else "households"
    assert wanted in finding.reason.zh


@pytest.mark.parametrize("resettled", [0, 5, None])
def test_without_households_there_is_no_rate(resettled: float | None) -> None:
    finding = decided(place(units((0, resettled))))
    assert (finding.verdict, finding.measured) == (Verdict.UNDETERMINED, None)


def test_more_rehoused_than_there_are_is_no_pass() -> None:
    finding = decided(place(units((100, 101))))
    assert (finding.verdict, finding.measured) == (Verdict.UNDETERMINED, 101)
    assert "101" in finding.reason.zh


def test_each_unit_is_judged_and_its_shape_has_no_part_in_it() -> None:
    """60, 40 and 80 %: the second fails, though the first has no shape."""
    rows = layer(
        "renewal_units", [None, box(0, 0, 9, 9), box(9, 0, 18, 9)], households=[10, 10, 10],
        resettled_households=[6, 4, 8], sound=[False, True, True], id=["甲", "乙", "丙"],
    )  # fmt: skip
    finding = decided(place(rows))
    assert finding.verdict is Verdict.FAIL
    assert [(item.subject.id, item.verdict) for item in finding.subjects] == [
        ("乙", Verdict.FAIL), ("甲", Verdict.PASS), ("丙", Verdict.PASS)
    ]  # fmt: skip
    assert finding.measurement is not None
    assert finding.measurement.evidence[0].frame["subject"].tolist() == ["乙", "丙"]


def test_the_order_of_rows_is_irrelevant() -> None:
    pairs = [(10, 9), (10, 5), (20, None), (40, 10)]
    random = np.random.default_rng(5)
    said = set()
    for _ in range(4):
        order = random.permutation(4)
        rows = units(*(pairs[row] for row in order), id=[str(row) for row in order])
        finding = decided(place(rows))
        said.add((finding.verdict, tuple((item.subject.id, item.verdict) for item in finding.subjects)))
    assert len(said) == 1


def test_what_is_missing_and_another_kind() -> None:
    assert decided(place()).verdict is Verdict.UNDETERMINED
    only = layer("renewal_units", [box(0, 0, 9, 9)], households=[5])
    finding = decided(place(only))
    assert finding.verdict is Verdict.UNDETERMINED
    assert "resettled_households" in finding.reason.zh
    assert decided(place(units((10, 9)), kinds=[Kind.CITY])).verdict is Verdict.NOT_APPLICABLE
