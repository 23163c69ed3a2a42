"""Amounts that bring a figure to its limit: doing what is said, and no less, turns the verdict."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbanform.checks import check_names, find_check
from urbanform.model.finding import Finding, Verdict, judge
from urbanform.model.measurement import Measurement, Quantity, Subject
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.remedies import find_remedy
from urbanform.remedies.amounts import MOST_SUBJECTS, gaps, rounded_up
from urbanform.remedies.said import AMOUNTS


def found(unit: Unit, op: str, bound: object, *parts: tuple[float, float], units: tuple[str, str], factor: float = 1.0,
          due: int | None = None) -> Finding:  # fmt: skip
    """A finding on subjects of numerators and denominators."""
    rule = Rule("r", "c", Title("则", "rule"), Severity.MANDATORY, Source("文", "号", "一"),
                limits=(Limit(Op(op), bound, unit, due),))  # fmt: skip
    subjects = tuple(
        Subject(
            str(n),
            value=factor * top / whole,
            numerator=Quantity(top, units[0]),
            denominator=Quantity(whole, units[1]),
        )
        for n, (top, whole) in enumerate(parts)
    )
    return judge(rule, Measurement(unit, subjects), 2026)


def said(check: str, finding: Finding) -> list[str]:
    """What the remedy of a check says, in Chinese."""
    cure = find_remedy(check)
    assert cure is not None
    remedy = cure(finding, None)  # type: ignore[arg-type]
    return [] if remedy is None else [text.zh for text in remedy.said]


def test_roads_short_of_a_strict_limit() -> None:
    """91.56 km on 12 km²: more than 8 × 12 = 96 km are wanted, so more than 4.44 km."""
    finding = found(Unit.KM_PER_KM2, ">", 8, (91.56, 12.0), units=("km", "km2"))
    assert said("road-network-density", finding) == ["还差 超过 4.44 公里 道路（按计入的道路等级、现有评价范围）"]


def test_hard_surface_in_hectares_where_the_figure_is_in_square_kilometres() -> None:
    """4.05 of 10 km² at 45 % wanted: 0.45 km² short, that is 45 ha; not yet due, it is said all the same."""
    finding = found(Unit.PERCENT, ">=", 45, (4.05, 10.0), units=("km2", "km2"), factor=100, due=2030)
    assert finding.verdict is Verdict.PENDING
    assert said("permeable-surface-share", finding) == ["须把 45 公顷 硬质地面改为可渗透地面或绿地（建成区面积不变）"]


def test_persons_over_by_cluster_worst_first() -> None:
    """12,000 on 1 km² are 2,000 over 10,000; 31,000 on 3 km² are 1,000 over; 5,000 on 1 km² none."""
    finding = found(
        Unit.PERSONS_PER_KM2, "<=", 10000, (12000, 1.0), (31000, 3.0), (5000, 1.0), units=("persons", "km2")
    )
    assert said("cluster-population-density", finding) == [
        "0：超出 2000 人（组团范围不变）",
        "1：超出 1000 人（组团范围不变）",
    ]


def test_greenways_per_ten_thousand() -> None:
    """20 km for 100,000 residents is 2 km/10k; 3.5 wants 35 km: more than 15 km short."""
    finding = found(Unit.KM_PER_10K, ">", 3.5, (20.0, 100_000.0), units=("km", "persons"), factor=1e4)
    assert said("greenway-length-per-10k", finding) == ["还差 超过 15 公里 绿道（常住人口不变）"]


def test_between_tells_which_side() -> None:
    few = found(Unit.PERSONS_PER_KM2, "between", (6000.0, 10000.0), (5000, 1.0), units=("persons", "km2"))
    many = found(Unit.PERSONS_PER_KM2, "between", (6000.0, 10000.0), (22000, 2.0), units=("persons", "km2"))
    assert said("county-population-density", few) == ["人口还差 1000 人（范围不变）"]
    assert said("county-population-density", many) == ["人口超出 2000 人（范围不变）"]


def test_more_subjects_than_are_told_are_counted() -> None:
    finding = found(Unit.PERSONS_PER_KM2, "<=", 10, *[(20.0 + n, 1.0) for n in range(9)], units=("persons", "km2"))
    told = said("cluster-population-density", finding)
    assert len(told) == MOST_SUBJECTS + 1
    assert told[-1].startswith("另有 4 个对象")


def test_what_passes_or_is_open_wants_nothing() -> None:
    passing = found(Unit.KM_PER_KM2, ">=", 8, (100.0, 12.0), units=("km", "km2"))
    assert gaps(passing) == []
    assert said("road-network-density", passing) == []


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_rounded_up_is_never_less_and_hardly_more(amount: float) -> None:
    told = float(rounded_up(amount))
    assert told >= amount * (1 - 1e-11)
    assert told <= amount + max(1.0, amount * 1.1e-3) * (1 if amount >= 1000 else min(1.0, amount))


@pytest.mark.parametrize("check", sorted(AMOUNTS))
def test_every_amount_belongs_to_a_check_and_speaks_both_languages(check: str) -> None:
    assert check in check_names()
    said_ = AMOUNTS[check]
    texts = [text for pair in (said_.short, said_.over) if pair for text in pair]
    assert texts
    assert all("{amount}" in text for text in texts)
    unit = find_check(check).unit
    assert said_.scale is None or unit is Unit.PERCENT
    assert math.isfinite((said_.scale or (1.0, ""))[0])
