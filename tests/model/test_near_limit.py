"""A figure that survey and method cannot tell from its limit is said to be near it; its verdict stays as measured."""

import pytest

from urbanform.model.finding import Verdict, judge
from urbanform.model.measurement import Bounds, Measurement, Subject
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit


def found(unit: Unit, op: str, bound: object, *values: float, **more: object) -> list[list[str]]:
    """Codes of the notes of some subjects, in the order given."""
    rule = Rule("r", "c", Title("则", "rule"), Severity.MANDATORY, Source("文", "号", "一"),
                limits=(Limit(Op(op), bound, unit),))  # fmt: skip
    subjects = tuple(Subject(str(number), value=value) for number, value in enumerate(values))
    judged = judge(rule, Measurement(unit, subjects, **more), 2026).subjects
    return [[n.code for n in s.notes] for s in sorted(judged, key=lambda item: item.subject.id)]


@pytest.mark.parametrize(
    ("unit", "bound", "near", "far"),
    [
        # 1 % of 10,000; half a point; 0.5 % of 8 is 0.04; 0.6 % of 2 ha is 0.012
        (Unit.PERSONS_PER_KM2, 10000, (9900.0, 10100.0), (9899.0, 10101.0)),
        (Unit.PERCENT, 20, (19.5, 20.5), (19.49, 20.51)),
        (Unit.KM_PER_KM2, 8, (7.97, 8.03), (7.95, 8.05)),
        (Unit.HECTARE, 2, (1.989, 2.011), (1.98, 2.02)),
    ],
)
def test_within_the_error_and_beyond(unit: Unit, bound: float, near: tuple[float, ...], far: tuple[float, ...]) -> None:
    assert found(unit, "<=", bound, *near) == [["near-limit"], ["near-limit"]]
    assert found(unit, "<=", bound, *far) == [[], []]


def test_a_width_off_shapes_is_near_within_two_edges_of_half_a_metre() -> None:
    """√2 × 0.5 = 0.7071 m; within 0.05 m it is equal besides."""
    assert found(Unit.METRE, ">=", 100, 99.30, 99.29, 100.0, tolerance_m=0.05) == [
        ["near-limit"], [], ["at-the-limit", "near-limit"]]  # fmt: skip


def test_a_written_width_storeys_and_counts_carry_no_error() -> None:
    assert found(Unit.METRE, "<=", 40, 40.0, 40.3) == [["at-the-limit"], []]
    assert found(Unit.STOREYS, "<=", 18, 18.0) == [["at-the-limit"]]
    assert found(Unit.ONE, "<=", 0, 0.0, 1.0) == [[], []]
    assert found(Unit.PERCENT, ">=", 60, 60.2, exact=True) == [[]]


def test_between_looks_at_the_nearer_end() -> None:
    assert found(Unit.PERSONS_PER_KM2, "between", (6000.0, 10000.0), 6059.0, 8000.0, 9901.0) == [
        ["near-limit"], [], ["near-limit"]]  # fmt: skip


def test_the_verdict_is_that_of_the_figure_and_the_finding_says_near_of_its_deciding_subject() -> None:
    rule = Rule("r", "c", Title("则", "rule"), Severity.MANDATORY, Source("文", "号", "一"),
                limits=(Limit(Op.AT_MOST, 20.0, Unit.PERCENT),))  # fmt: skip
    subjects = (Subject("a", value=20.3), Subject("b", value=3.0))
    finding = judge(rule, Measurement(Unit.PERCENT, subjects), 2026)
    assert finding.verdict is Verdict.FAIL
    (note,) = finding.notes
    assert note.zh == (
        "实测值与限值 ≤ 20% 相差 0.3 个百分点，在测绘与量算误差 ±0.5 个百分点 以内"
        "（按边线与面积误差合计 0.5 个百分点估计）；判定按实测值作出，建议复核原始资料"
    )
    far = judge(rule, Measurement(Unit.PERCENT, (Subject("a", value=30.0), Subject("b", value=20.0))), 2026)
    assert far.notes == ()


def test_an_open_figure_is_not_called_near() -> None:
    rule = Rule("r", "c", Title("则", "rule"), Severity.MANDATORY, Source("文", "号", "一"),
                limits=(Limit(Op.AT_MOST, 20.0, Unit.PERCENT),))  # fmt: skip
    open_ = Subject("a", bounds=Bounds(19.9, 20.1))
    assert judge(rule, Measurement(Unit.PERCENT, (open_,)), 2026).notes == ()
