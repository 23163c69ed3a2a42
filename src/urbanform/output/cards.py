"""A finding as maps and reports print it: words, figures, a bar, rows; no colours and no HTML of their own."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from urbanform.model.finding import Finding, JudgedSubject, Verdict
from urbanform.model.measurement import Bounds
from urbanform.model.rules import Limit, Op, Severity
from urbanform.output.palette import GLYPHS, verdict_class
from urbanform.output.sketch import Sketch, brief, figure_words
from urbanform.output.text import shown
from urbanform.output.words import limit_words, say, verdict_words, weight_words
from urbanform.wording import Words, figure, with_unit

_VERDICT_ORDER = (
    Verdict.FAIL,
    Verdict.UNDETERMINED,
    Verdict.PENDING,
    Verdict.INFO,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)
_SEVERITY_ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure on a scale; all places in percent of its length.

    ``fill`` and ``band`` are (start, length): from zero to the figure, and the interval that holds an unknown one.
    ``good`` is the stretch that meets the limit, ``ticks`` are the limits with their figures.
    """

    ticks: tuple[tuple[float, str], ...]
    good: tuple[tuple[float, float], ...]
    fill: tuple[float, float] | None = None
    band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A subject in a table."""

    id: str
    name: str
    verdict: Words
    glyph: str
    style: str
    measured: Words
    reason: Words
    notes: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A finding in words."""

    rule: str
    check: str
    title: Words
    verdict: Words
    code: str
    glyph: str
    style: str
    weight: Words
    measured: Words
    limit: Words
    quantities: tuple[Words, ...]
    bar: Bar | None
    reason: Words
    notes: tuple[Words, ...]
    remedy: tuple[Words, ...]
    rows: tuple[Row, ...]
    subjects: int
    only: str
    source: str


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend as the page prints it; ``kind`` names the shapes that its box switches."""

    kind: str
    words: Words
    stroke: str
    fill: str | None
    dashed: bool
    shape: str
    drawn: int
    total: int
    top: str | None


def card_of(finding: Finding, most_rows: int) -> Card:
    """A finding in words, with its first ``most_rows`` subjects (they come worst first)."""
    rule = finding.rule
    counted = (("numerator", finding.numerator), ("denominator", finding.denominator))
    return Card(
        rule=rule.id,
        check=rule.check,
        title=Words(rule.id, rule.title.zh, rule.title.en),
        verdict=verdict_words(finding.verdict),
        code=str(finding.verdict),
        glyph=GLYPHS[finding.verdict],
        style=verdict_class(finding),
        weight=weight_words(finding),
        measured=figure_words(finding.measured, finding.bounds, finding),
        limit=limit_words(finding.limit),
        quantities=tuple(
            with_unit(brief(quantity.value), quantity.unit)
            for _, quantity in counted
            if quantity is not None and quantity.value is not None and math.isfinite(quantity.value)
        ),
        bar=bar_of(finding.measured, finding.bounds, finding.limit),
        reason=finding.reason,
        notes=finding.notes,
        remedy=finding.remedy.said if finding.remedy else (),
        rows=tuple(_row(item, finding) for item in finding.subjects[:most_rows]),
        subjects=len(finding.subjects),
        only=(finding.subjects[0].subject.name or finding.subjects[0].subject.id) if len(finding.subjects) == 1 else "",
        source=" ".join(shown(part) for part in (rule.source.document, rule.source.number, rule.source.clause) if part),
    )


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Breaches by weight, then what was not decided, then what is not yet due, the rest after; else in pack order."""
    return sorted(
        findings,
        key=lambda finding: (
            _VERDICT_ORDER.index(finding.verdict),
            _SEVERITY_ORDER.index(finding.rule.severity) if finding.verdict is Verdict.FAIL else 0,
        ),
    )


def keys_of(sketch: Sketch) -> list[Key]:
    """The legend of a sketch's evidence."""
    return [
        Key(
            kind=f"{at}-{place}",
            words=entry.words,
            stroke=entry.look.stroke,
            fill=entry.look.fill,
            dashed=entry.look.dash is not None,
            shape=str(entry.geometry),
            drawn=entry.drawn,
            total=entry.total,
            top=None if entry.top is None else figure(entry.top),
        )
        for at, layer in enumerate(sketch.layers)
        for place, entry in enumerate(layer.kinds)
    ]


def bar_of(value: float | None, bounds: Bounds | None, limit: Limit | None) -> Bar | None:
    """A figure, or the interval that holds it, on a scale with its limits; None where there is nothing to show.

    The scale runs from zero (or the least figure, where that is negative) to a sixth past the largest; the open end
    of an interval runs to the end of the scale.
    """
    ends = [] if bounds is None else [end for end in (bounds.low, bounds.high) if end is not None]
    marks = [] if limit is None else [float(mark) for mark in _marks(limit)]
    known = [number for number in ([] if value is None else [value]) + ends + marks if math.isfinite(number)]
    if not known or (value is None and bounds is None):
        return None
    low, high = min(0.0, *known), max(0.0, *known)
    if low == high:
        return None
    margin = (high - low) / 6
    start, stop = low - margin if low < 0 else 0.0, high + margin if high > 0 else 0.0

    def place(number: float) -> float:
        return round(min(100.0, max(0.0, 100 * (number - start) / (stop - start))), 2)

    band = None
    if bounds is not None:
        left = 0.0 if bounds.low is None else place(bounds.low)
        right = 100.0 if bounds.high is None else place(bounds.high)
        band = (left, max(0.6, round(right - left, 2)))
    fill = None
    if value is not None and math.isfinite(value):
        left, right = sorted((place(0.0), place(value)))
        fill = (left, round(right - left, 2))
    return Bar(tuple((place(mark), figure(mark)) for mark in marks), _good(limit, place), fill, band)


def _marks(limit: Limit) -> tuple[float, ...]:
    return limit.value if isinstance(limit.value, tuple) else (limit.value,)


def _good(limit: Limit | None, place: Callable[[float], float]) -> tuple[tuple[float, float], ...]:
    if limit is None:
        return ()
    if isinstance(limit.value, tuple):
        start, end = place(limit.value[0]), place(limit.value[1])
    elif limit.op in (Op.AT_MOST, Op.BELOW):
        start, end = 0.0, place(limit.value)
    else:
        start, end = place(limit.value), 100.0
    return ((start, round(end - start, 2)),)


def _row(item: JudgedSubject, finding: Finding) -> Row:
    subject = item.subject
    soft = item.verdict is Verdict.FAIL and finding.rule.severity is not Severity.MANDATORY
    return Row(
        id=subject.id,
        name=subject.name or "",
        verdict=verdict_words(item.verdict),
        glyph=GLYPHS[item.verdict],
        style="fail-soft" if soft else str(item.verdict),
        measured=figure_words(subject.value, subject.bounds, finding),
        reason=item.reason,
        notes=item.notes,
    )


def map_notes(sketch: Sketch, more: Iterable[Words], *, planar: bool) -> list[Words]:
    """All that a map must say about what it does not show."""
    return [*sketch.notes(), *more, *([say("map-local-grid")] if planar else [])]
