"""Verdicts and the one judge: the only place where a figure meets a limit."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject
from urbanform.model.precision import measuring_error
from urbanform.model.remedy import Remedy
from urbanform.model.rules import Limit, Op, Rule, Severity, Unit
from urbanform.wording import Words, figure, with_unit, words


class Verdict(StrEnum):
    """What is said of a rule, or of one subject under it."""

    PASS = "pass"
    FAIL = "fail"
    PENDING = "pending"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not-applicable"
    INFO = "info"


RELATIVE_TOLERANCE = 1e-9
"""Figures nearer to their limit than this, relative to it, count as equal to it; it absorbs rounding in sums."""


@dataclass(frozen=True, slots=True)
class JudgedSubject:
    """A subject with its verdict and the figure that decided it."""

    subject: Subject
    verdict: Verdict
    limit: Limit | None
    reason: Words
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Rule + measurement + verdict + reason.

    ``measured``, ``bounds``, ``numerator`` and ``denominator`` are those of the subject that decided.
    """

    rule: Rule
    verdict: Verdict
    reason: Words
    limit: Limit | None = None
    measured: float | None = None
    bounds: Bounds | None = None
    numerator: Quantity | None = None
    denominator: Quantity | None = None
    subjects: tuple[JudgedSubject, ...] = ()
    notes: tuple[Words, ...] = ()
    measurement: Measurement | None = None
    remedy: Remedy | None = None

    @property
    def evidence(self) -> tuple[Shapes, ...]:
        """Everything that is drawn and stored of it: what the figure rests on, then what would cure it."""
        shown = self.measurement.evidence if self.measurement else ()
        return shown + self.remedy.shapes if self.remedy else shown

    @property
    def due(self) -> int | None:
        """The year of the figure that decided."""
        return self.limit.due if self.limit else None


class _Meets(StrEnum):
    YES = "yes"
    NO = "no"
    OPEN = "open"


def judge(rule: Rule, measurement: Measurement, as_of: int) -> Finding:
    """Judge every subject of a measurement against the figures of a rule, and the rule over its subjects.

    Any subject that fails makes the rule fail; else any undetermined one makes it undetermined; else any pending one
    pending; else it passes. Without a subject to bind it does not apply. Figures are compared unrounded; one within
    the measurement's tolerance of its limit counts as equal to it, with a note.

    Parameters
    ----------
    rule
        Its limits in the order in which they fall due; none makes the verdict ``info``.
    measurement
        In the unit of the limits.
    as_of
        The year for which the review is made: a figure is due when ``as_of >= due``.
    """
    judged = [_judge_subject(rule, measurement, subject, as_of) for subject in measurement.subjects]
    judged = _worst_first(judged, measurement)
    verdict = _over_subjects(judged)
    deciding = next((item for item in judged if item.verdict is verdict), None)
    if deciding is None:
        return Finding(
            rule, Verdict.NOT_APPLICABLE, words("no-subject"), notes=measurement.notes, measurement=measurement
        )
    subject = deciding.subject
    reason = deciding.reason
    if len(judged) > 1 and verdict is not Verdict.INFO:
        alike = [_label(item.subject) for item in judged if item.verdict is verdict]
        reason = words(f"over-subjects-{verdict}", count=len(alike), total=len(judged), names=alike, worst=reason)
        reason = replace(reason, code=deciding.reason.code)
    single = [note for note in deciding.notes if len(judged) == 1 or note.code == "near-limit"]
    return Finding(
        rule=rule,
        verdict=verdict,
        reason=reason,
        limit=deciding.limit,
        measured=subject.value,
        bounds=subject.bounds,
        numerator=subject.numerator,
        denominator=subject.denominator,
        subjects=tuple(judged),
        notes=(*measurement.notes, *single),
        measurement=measurement,
    )


def undetermined(rule: Rule, reason: Words) -> Finding:
    """The finding where nothing was measured: what is missing stands in the reason."""
    return Finding(rule, Verdict.UNDETERMINED, reason, limit=rule.limits[0] if rule.limits else None)


def not_applicable(rule: Rule, reason: Words) -> Finding:
    """The finding where the rule binds another kind or place, or there is nothing for it to bind."""
    return Finding(rule, Verdict.NOT_APPLICABLE, reason, limit=rule.limits[-1] if rule.limits else None)


def _judge_subject(rule: Rule, measurement: Measurement, subject: Subject, as_of: int) -> JudgedSubject:
    last = rule.limits[-1] if rule.limits else None
    if subject.excluded is not None:
        return JudgedSubject(subject, Verdict.NOT_APPLICABLE, last, subject.excluded, subject.notes)
    for name, wanted in rule.subjects_when.items():
        value = subject.attributes.get(name)
        if value is None:
            reason = words("subject-attribute-blank", subject=_label(subject), field=name)
            return JudgedSubject(subject, Verdict.UNDETERMINED, last, reason, subject.notes)
        if value not in wanted:
            reason = words("subject-not-bound", subject=_label(subject), field=name, value=value)
            return JudgedSubject(subject, Verdict.NOT_APPLICABLE, last, reason, subject.notes)
    if not rule.limits:
        if subject.missing is not None and not subject.measured:
            return JudgedSubject(subject, Verdict.UNDETERMINED, None, subject.missing, subject.notes)
        return JudgedSubject(subject, Verdict.INFO, None, words("no-limit"), (*subject.notes, *subject.doubts))
    if not subject.measured:
        missing = subject.missing or words("not-measured")
        return JudgedSubject(subject, Verdict.UNDETERMINED, last, missing, subject.notes)

    tolerance_m = measurement.tolerance_m if subject.tolerance_m is None else subject.tolerance_m
    verdict, limit = _verdict_of(rule.limits, subject, tolerance_m, as_of)
    reason = _reason(verdict, limit, subject)
    notes = [*subject.notes]
    if verdict is not Verdict.UNDETERMINED:
        notes += subject.doubts
    if subject.value and any(_equal(subject.value, bound, tolerance_m) for bound in _bounds_of(limit)):
        notes.append(words("at-the-limit", value=figure(subject.value), limit=say_limit(limit)))
    if verdict is not Verdict.UNDETERMINED:
        notes += _near(limit, subject, measurement, tolerance_m)
    for alternative in subject.alternatives:
        other = replace(subject, value=alternative.value, bounds=None)
        if _verdict_of(rule.limits, other, tolerance_m, as_of)[0] is not verdict:
            notes.append(words("would-flip", note=alternative.note, value=figure(alternative.value)))
    return JudgedSubject(subject, verdict, limit, reason, tuple(notes))


def _near(limit: Limit, subject: Subject, measurement: Measurement, tolerance_m: float | None) -> list[Words]:
    """What is said of a figure that survey and method cannot tell from its limit."""
    value = subject.value
    if value is None or measurement.exact:
        return []
    gap, bound = min((abs(value - bound), bound) for bound in _bounds_of(limit))
    stated = measuring_error(limit.unit, bound, off_shapes=bool(tolerance_m))
    if stated is None or gap > stated[0]:
        return []
    # What rounding alone leaves is nothing to a reader.
    told = [_gap(figure(float(f"{amount:.2g}")), limit.unit) for amount in (gap if gap > 1e-6 else 0.0, stated[0])]
    return [words("near-limit", limit=say_limit(limit), gap=told[0], error=told[1], basis=stated[1])]


def _gap(amount: str, unit: Unit) -> Words:
    return words("points", count=amount) if unit is Unit.PERCENT else with_unit(amount, unit)


def _verdict_of(
    limits: Sequence[Limit], subject: Subject, tolerance_m: float | None, as_of: int
) -> tuple[Verdict, Limit]:
    meets = [(limit, _meets(limit, subject, tolerance_m)) for limit in limits]
    due = [(limit, met) for limit, met in meets if limit.due is None or as_of >= limit.due]
    later = [(limit, met) for limit, met in meets if limit.due is not None and as_of < limit.due]
    for limit, met in reversed(due):
        if met is _Meets.NO:
            return Verdict.FAIL, limit
    for limit, met in due:
        if met is _Meets.OPEN:
            return Verdict.UNDETERMINED, limit
    for limit, met in later:
        if met is _Meets.NO:
            return Verdict.PENDING, limit
    for limit, met in later:
        if met is _Meets.OPEN:
            return Verdict.UNDETERMINED, limit
    return Verdict.PASS, limits[-1]


def _meets(limit: Limit, subject: Subject, tolerance_m: float | None) -> _Meets:
    low, high = interval(subject)
    if math.isnan(low) or math.isnan(high):
        return _Meets.OPEN
    if isinstance(limit.value, tuple):
        floor, ceiling = limit.value
        answers = [
            _meets_one(Op.AT_LEAST, floor, low, high, tolerance_m),
            _meets_one(Op.AT_MOST, ceiling, low, high, tolerance_m),
        ]
    else:
        answers = [_meets_one(limit.op, limit.value, low, high, tolerance_m)]
    if _Meets.NO in answers:
        return _Meets.NO
    if _Meets.OPEN in answers or subject.doubts:
        return _Meets.OPEN
    return _Meets.YES


def _meets_one(op: Op, bound: float, low: float, high: float, tolerance_m: float | None) -> _Meets:
    low = bound if _equal(low, bound, tolerance_m) else low
    high = bound if _equal(high, bound, tolerance_m) else high
    match op:
        case Op.AT_MOST:
            all_meet, none_meets = high <= bound, low > bound
        case Op.BELOW:
            all_meet, none_meets = high < bound, low >= bound
        case Op.AT_LEAST:
            all_meet, none_meets = low >= bound, high < bound
        case _:
            all_meet, none_meets = low > bound, high <= bound
    if all_meet:
        return _Meets.YES
    return _Meets.NO if none_meets else _Meets.OPEN


def _equal(value: float, bound: float, tolerance_m: float | None) -> bool:
    if math.isinf(value):
        return False
    # 1e-12 lets a pencil's 0.05 m, which binary floating point cannot hold, count as within 0.05 m.
    slack = RELATIVE_TOLERANCE * abs(bound) if tolerance_m is None else tolerance_m + 1e-12 * max(abs(bound), 1.0)
    return abs(value - bound) <= slack


def interval(subject: Subject) -> tuple[float, float]:
    """The interval that holds a subject's figure; an open end is infinite."""
    if subject.bounds is None:
        value = math.nan if subject.value is None else subject.value
        return value, value
    low, high = subject.bounds.low, subject.bounds.high
    return -math.inf if low is None else low, math.inf if high is None else high


def _bounds_of(limit: Limit) -> tuple[float, ...]:
    return limit.value if isinstance(limit.value, tuple) else (limit.value,)


def _reason(verdict: Verdict, limit: Limit, subject: Subject) -> Words:
    told = say_limit(limit)
    shown = words("between", low=say_end(subject.bounds, 0), high=say_end(subject.bounds, 1))
    measured: Words | str = shown if subject.value is None else figure(subject.value)
    match verdict:
        case Verdict.PASS:
            return words("meets-limit", value=measured, limit=told)
        case Verdict.FAIL:
            return words("misses-limit", value=measured, limit=told)
        case Verdict.PENDING:
            return words("not-due", value=measured, limit=told, due=limit.due)
        case _:
            low, high = interval(subject)
            sure = replace(subject, doubts=())
            if subject.doubts and _meets(limit, sure, None) is _Meets.YES:
                return words("pass-in-doubt", value=measured, limit=told, doubt=list(subject.doubts))
            why = subject.missing or words("unknown-values")
            if low == high:
                return words("pass-in-doubt", value=measured, limit=told, doubt=list(subject.doubts) or why)
            return words("limit-between-bounds", value=shown, limit=told, why=why)


def say_end(bounds: Bounds | None, end: int) -> str:
    """One end of an interval in figures; an open one is ∞."""
    if bounds is None:
        return "?"
    value = (bounds.low, bounds.high)[end]
    return ("-∞" if end == 0 else "∞") if value is None else figure(value)


def say_limit(limit: Limit) -> Words:
    """A limit as it is printed: operator, figure and unit."""
    if isinstance(limit.value, tuple):
        return with_unit(f"{figure(limit.value[0])}–{figure(limit.value[1])}", limit.unit)
    sign = {Op.AT_MOST: "≤", Op.AT_LEAST: "≥", Op.BELOW: "<", Op.ABOVE: ">"}[limit.op]
    return with_unit(f"{sign} {figure(limit.value)}", limit.unit)


def _label(subject: Subject) -> str:
    return f"{subject.name}（{subject.id}）" if subject.name and subject.name != subject.id else subject.id


def _over_subjects(judged: Sequence[JudgedSubject]) -> Verdict:
    found = {item.verdict for item in judged}
    order = (Verdict.FAIL, Verdict.UNDETERMINED, Verdict.PENDING, Verdict.PASS, Verdict.INFO)
    return next((verdict for verdict in order if verdict in found), Verdict.NOT_APPLICABLE)


def _worst_first(judged: Sequence[JudgedSubject], measurement: Measurement) -> list[JudgedSubject]:
    def key(position_item: tuple[int, JudgedSubject]) -> tuple[object, ...]:
        position, item = position_item
        if item.verdict is Verdict.UNDETERMINED:
            group, excess = 2, 0.0
        elif item.verdict is Verdict.NOT_APPLICABLE:
            group, excess = 1, 0.0
        else:
            group, excess = 0, _excess(item, measurement)
        if item.limit is None and measurement.higher_is_worse is None:
            return (group, position)
        return (group, -excess, _natural(item.subject.id), position)

    return [item for _, item in sorted(enumerate(judged), key=key)]


def _excess(item: JudgedSubject, measurement: Measurement) -> float:
    """How far past its limit a figure lies for certain, in its unit; within the limit it is negative."""
    low, high = interval(item.subject)
    if item.limit is None:
        if math.isnan(low):
            return -math.inf
        return high if measurement.higher_is_worse else -low
    if isinstance(item.limit.value, tuple):
        return max(item.limit.value[0] - high, low - item.limit.value[1])
    if item.limit.op in (Op.AT_MOST, Op.BELOW):
        return low - item.limit.value
    return item.limit.value - high


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", text))


def is_red(finding: Finding) -> bool:
    """Whether a breach carries the full weight of the law: only mandatory ones do."""
    return finding.verdict is Verdict.FAIL and finding.rule.severity is Severity.MANDATORY
