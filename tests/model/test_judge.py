"""The judge: every verdict, the limit itself, years, bounds, doubts and subjects."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbanform.model.finding import Verdict, judge
from urbanform.model.measurement import Alternative, Bounds, Measurement, Subject
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.wording import Words

MISSING = Words("gone", "缺", "gone")


def rule(*limits: Limit, **more: object) -> Rule:
    """A rule with some limits."""
    source = Source("文件", "号", "一")
    return Rule("r", "c", Title("则", "rule"), Severity.MANDATORY, source, limits=limits, **more)


def limit(op: str, value: float | tuple[float, float], due: int | None = None) -> Limit:
    """A limit without a unit."""
    return Limit(Op(op), value, Unit.ONE, due)


def verdict(found: Rule, *subjects: Subject, as_of: int = 2026, **more: object) -> Verdict:
    """The verdict on some subjects."""
    return judge(found, Measurement(Unit.ONE, subjects, **more), as_of).verdict


@pytest.mark.parametrize(
    ("op", "below", "at", "above"),
    [("<=", "pass", "pass", "fail"), ("<", "pass", "fail", "fail"), (">=", "fail", "pass", "pass"),
     (">", "fail", "fail", "pass")],
)  # fmt: skip
def test_each_operator_below_at_and_above_its_limit(op: str, below: str, at: str, above: str) -> None:
    found = [verdict(rule(limit(op, 8.0)), Subject("1", value=value)) for value in (7.996, 8.0, 8.004)]
    assert found == [below, at, above]


@pytest.mark.parametrize(("value", "expected"), [(5999, "fail"), (6000, "pass"), (10000, "pass"), (10001, "fail")])
def test_between_binds_at_both_ends(value: float, expected: str) -> None:
    assert verdict(rule(limit("between", (6000.0, 10000.0))), Subject("1", value=value)) == expected


def test_a_figure_within_a_billionth_is_equal_and_noted() -> None:
    finding = judge(rule(limit(">", 8.0)), Measurement(Unit.ONE, (Subject("1", value=8.0 + 7e-9),)), 2026)
    assert finding.verdict is Verdict.FAIL
    assert [note.code for note in finding.notes] == ["at-the-limit"]
    assert verdict(rule(limit(">", 8.0)), Subject("1", value=8.0 + 9e-9)) is Verdict.PASS


def test_widths_within_five_centimetres_are_equal() -> None:
    """99.95 and 100 differ by 0.05 exactly; 99.949 by more."""
    at_least = rule(limit(">=", 100.0))
    assert verdict(at_least, Subject("1", value=99.95), tolerance_m=0.05) is Verdict.PASS
    assert verdict(at_least, Subject("1", value=99.949), tolerance_m=0.05) is Verdict.FAIL


def test_a_declared_width_beside_one_read_off_geometry_keeps_its_own_tolerance() -> None:
    """40.04 m passes at most 40 m where it was read off a surface, and fails where it was declared."""
    at_most = rule(limit("<=", 40.0))
    assert verdict(at_most, Subject("1", value=40.04, tolerance_m=0.05)) is Verdict.PASS
    assert verdict(at_most, Subject("1", value=40.04)) is Verdict.FAIL


@pytest.mark.parametrize(
    ("value", "as_of", "expected", "decided"),
    [(38, 2024, "pending", 40), (38, 2026, "fail", 40), (42, 2026, "pending", 45), (42, 2030, "fail", 45),
     (45, 2024, "pass", 45), (38, 2031, "fail", 45)],
)  # fmt: skip
def test_figures_by_year(value: float, as_of: int, expected: str, decided: float) -> None:
    """40 by 2025 and 45 by 2030: a figure is due from its year on."""
    steps = rule(limit(">=", 40.0, 2025), limit(">=", 45.0, 2030))
    finding = judge(steps, Measurement(Unit.ONE, (Subject("1", value=value),)), as_of)
    assert (finding.verdict, finding.limit and finding.limit.value) == (expected, decided)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(10, 20, "pass"), (20.5, 30, "fail"), (19, 21, "undetermined"), (None, 20, "pass"), (21, None, "fail"),
     (10, None, "undetermined")],
)  # fmt: skip
def test_bounds_decide_only_where_all_of_them_agree(low: float | None, high: float | None, expected: str) -> None:
    assert verdict(rule(limit("<=", 20.0)), Subject("1", bounds=Bounds(low, high))) == expected


def test_a_doubt_undoes_a_pass_and_leaves_a_breach() -> None:
    doubtful = [Subject("1", value=value, doubts=(MISSING,)) for value in (19.0, 21.0)]
    assert [verdict(rule(limit("<=", 20.0)), subject) for subject in doubtful] == ["undetermined", "fail"]


def test_an_unmeasured_subject_is_undetermined_and_says_why() -> None:
    finding = judge(rule(limit("<=", 20.0)), Measurement(Unit.ONE, (Subject("1", missing=MISSING),)), 2026)
    assert (finding.verdict, finding.reason, finding.measured) == (Verdict.UNDETERMINED, MISSING, None)


def test_nan_is_no_figure() -> None:
    assert verdict(rule(limit("<=", 20.0)), Subject("1", value=math.nan)) is Verdict.UNDETERMINED


def test_over_subjects_fail_comes_before_undetermined_before_pending_before_pass() -> None:
    steps = rule(limit("<=", 20.0), limit("<=", 10.0, 2030))
    met, short = Subject("a", value=5.0), Subject("b", value=15.0)
    unknown, breach = Subject("c", missing=MISSING), Subject("d", value=25.0)
    assert verdict(steps, met) is Verdict.PASS
    assert verdict(steps, met, short) is Verdict.PENDING
    assert verdict(steps, met, short, unknown) is Verdict.UNDETERMINED
    assert verdict(steps, met, short, unknown, breach) is Verdict.FAIL
    assert verdict(steps) is Verdict.NOT_APPLICABLE


def test_subjects_stand_furthest_past_the_limit_first_undetermined_last_then_by_id() -> None:
    subjects = [Subject(key, value=value) for key, value in (("10", 5.0), ("9", 5.0), ("x", 30.0))]
    subjects.append(Subject("1", missing=MISSING))
    finding = judge(rule(limit("<=", 20.0)), Measurement(Unit.ONE, tuple(subjects)), 2026)
    assert [item.subject.id for item in finding.subjects] == ["x", "9", "10", "1"]
    assert finding.measured == 30.0


def test_only_chosen_subjects_are_bound_and_a_blank_is_undetermined() -> None:
    old = rule(limit("<=", 20.0), subjects_when={"district_kind": ("old-town",)})

    def unit(kind: str | None) -> Subject:
        return Subject("1", value=50.0, attributes={"district_kind": kind})

    assert verdict(old, unit("old-town")) is Verdict.FAIL
    assert verdict(old, unit("other")) is Verdict.NOT_APPLICABLE
    assert verdict(old, unit(None)) is Verdict.UNDETERMINED


def test_without_a_limit_a_measured_rule_is_info_and_an_unmeasured_one_undetermined() -> None:
    assert verdict(rule(), Subject("1", value=3.0)) is Verdict.INFO
    assert verdict(rule(), Subject("1", missing=MISSING)) is Verdict.UNDETERMINED


def test_another_reading_is_noted_only_where_it_would_flip_the_verdict() -> None:
    half = Words("half", "一半", "half")

    def codes(other: float) -> list[str]:
        subject = Subject("1", value=8.5, alternatives=(Alternative(other, half),))
        return [note.code for note in judge(rule(limit(">", 8.0)), Measurement(Unit.ONE, (subject,)), 2026).notes]

    assert codes(8.1) == []
    assert codes(7.9) == ["would-flip"]


figures = st.floats(min_value=1e-3, max_value=1e6, allow_nan=False)


@given(figures, st.sampled_from(["<=", "<", ">=", ">"]))
def test_a_limit_moved_across_a_figure_flips_the_verdict_exactly_once(value: float, op: str) -> None:
    limits = [value * (1 + step * 1e-8) for step in range(-5, 6)]
    found = [verdict(rule(limit(op, bound)), Subject("1", value=value)) for bound in limits]
    assert set(found) == {"pass", "fail"}
    assert sum(a != b for a, b in itertools.pairwise(found)) == 1


@given(figures, figures, figures, st.sampled_from(["<=", "<", ">=", ">"]))
def test_an_unknown_never_passes_where_any_value_within_its_bounds_would_fail(
    a: float, b: float, bound: float, op: str
) -> None:
    low, high = sorted((a, b))
    subject = Subject("1", bounds=Bounds(low, high))
    ends = {verdict(rule(limit(op, bound)), Subject("1", value=end)) for end in (low, high)}
    if verdict(rule(limit(op, bound)), subject) is Verdict.PASS:
        assert ends == {"pass"}
    assert verdict(rule(limit(op, bound)), Subject("1", bounds=Bounds(None, None))) is Verdict.UNDETERMINED


@pytest.mark.parametrize(
    ("what", "expected"),
    [({"value": 9.0}, "pass"), ({"value": 7.0}, "fail"), ({"missing": MISSING}, "undetermined"),
     ({"excluded": MISSING}, "not-applicable")],
)  # fmt: skip
def test_several_subjects_alike_have_words_for_all_of_them(what: dict[str, object], expected: str) -> None:
    finding = judge(rule(limit(">=", 8.0)), Measurement(Unit.ONE, (Subject("甲", **what), Subject("乙", **what))), 2026)
    assert finding.verdict == expected
    assert "2 个对象" in finding.reason.zh
    assert " 2" in finding.reason.en
    assert "{" not in finding.reason.zh + finding.reason.en


def test_several_figures_not_yet_due_have_words_for_all_of_them() -> None:
    finding = judge(
        rule(limit(">=", 8.0, 2030)), Measurement(Unit.ONE, (Subject("甲", value=7.0), Subject("乙", value=7.0))), 2026
    )
    assert finding.verdict is Verdict.PENDING
    assert "2 个对象中 2 个暂未达标" in finding.reason.zh
