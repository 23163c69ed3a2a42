"""How far figures lie from their limits, as amounts of what is counted: the whole remedy of most checks."""

import math
from dataclasses import dataclass, replace

from urbanform.model.finding import Finding, JudgedSubject, Verdict
from urbanform.model.remedy import Remedy
from urbanform.model.rules import Op, Unit
from urbanform.wording import Words, own_words, with_unit, words

MOST_SUBJECTS = 5
_FACTOR = {Unit.PERCENT: 100.0, Unit.KM_PER_10K: 10_000.0}
"""How often a figure's unit goes into its numerator over its denominator."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What a subject must add (``short``) or take away to come to its limit; a strict limit asks for more."""

    item: JudgedSubject
    amount: float
    unit: str
    short: bool
    strict: bool

    @property
    def said(self) -> Words:
        """The amount rounded away from the limit's wrong side, so that doing what is said is enough."""
        told = with_unit(rounded_up(self.amount), self.unit)
        return words("more-than", amount=told) if self.strict else told


@dataclass(frozen=True, slots=True)
class Said:
    """How the amounts of a check are told: texts (zh, en) with ``{amount}`` for what is short, and what is over.

    Parameters
    ----------
    of_figure
        The amount is that of the figure itself, in its own unit, rather than of its numerator.
    scale
        A factor and a unit in which amounts are told: (100, "ha") for a numerator in km².
    """

    short: tuple[str, str] | None = None
    over: tuple[str, str] | None = None
    of_figure: bool = False
    scale: tuple[float, str] | None = None


def gaps(finding: Finding, *, of_figure: bool = False) -> list[Gap]:
    """The gap of every subject that falls short and whose figure is known, in the order of the finding.

    Parameters
    ----------
    of_figure
        Take the gap of the figure itself, in its own unit, rather than of its numerator over the denominator given.
    """
    found = []
    for item in finding.subjects:
        if item.verdict not in (Verdict.FAIL, Verdict.PENDING) or item.limit is None or item.subject.value is None:
            continue
        value, limit = item.subject.value, item.limit
        if isinstance(limit.value, tuple):
            bound, short = (limit.value[0], True) if value < limit.value[0] else (limit.value[1], False)
        else:
            bound, short = limit.value, limit.op in (Op.AT_LEAST, Op.ABOVE)
        strict = limit.op in (Op.ABOVE, Op.BELOW)
        top, whole = item.subject.numerator, item.subject.denominator
        if of_figure:
            found.append(Gap(item, abs(bound - value), str(limit.unit), short, strict))
        elif top is not None and whole is not None and top.value is not None and whole.value is not None:
            amount = abs(bound * whole.value / _FACTOR.get(limit.unit, 1.0) - top.value)
            found.append(Gap(item, amount, top.unit, short, strict))
    return found


def by_amount(finding: Finding, said: Said) -> Remedy | None:
    """What each subject is short of, or over; None where no figure is known."""
    found = gaps(finding, of_figure=said.of_figure)
    told = []
    for gap in found[:MOST_SUBJECTS]:
        zh_en = said.short if gap.short else said.over
        if zh_en is None:
            continue
        factor, unit = said.scale or (1.0, gap.unit)
        amount = replace(gap, amount=gap.amount * factor, unit=unit).said
        text = own_words({"remedy-amount": zh_en}, "remedy-amount", amount=amount)
        told.append(text if len(finding.subjects) == 1 else words("remedy-of", subject=name_of(gap.item), said=text))
    if told and len(found) > MOST_SUBJECTS:
        told.append(words("remedy-more-subjects", count=len(found) - MOST_SUBJECTS))
    return Remedy(tuple(told)) if told else None


def name_of(item: JudgedSubject) -> str:
    """What a subject is called."""
    return item.subject.name or item.subject.id


def rounded_up(amount: float) -> str:
    """An amount of none below zero with four figures, never less than it is; whole from 1,000 on.

    >>> rounded_up(1.23411), rounded_up(0.00012), rounded_up(123456.2), rounded_up(0.0), rounded_up(12.0)
    ('1.235', '0.00012', '123457', '0', '12')
    """
    if not amount > 0:
        return "0"
    digits = max(0, 3 - math.floor(math.log10(amount)))
    # Sums of floating-point numbers overshoot by parts in 1e12; that must not add a step.
    steps = math.ceil(amount * 10**digits * (1 - 1e-12))
    text = f"{steps / 10**digits:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
