"""Quotients of sums over things of which it is not known whether they belong: all subsets tried by brute force."""

import itertools
import math

import numpy as np
import pytest

from urbanform.measure.quotients import greatest_quotient, least_quotient


def every(part: np.ndarray, whole: np.ndarray, belongs: np.ndarray) -> list[float]:
    """The quotient over every choice of the things that may belong."""
    sure, more = np.flatnonzero(belongs), np.flatnonzero(~belongs)
    found = []
    for count in range(len(more) + 1):
        for some in itertools.combinations(more, count):
            chosen = [*sure, *some]
            if whole[chosen].sum() > 0:
                found.append(part[chosen].sum() / whole[chosen].sum())
    return found


def test_as_all_choices_have_it() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        whole = rng.integers(1, 20, 6).astype(float)
        part = np.floor(whole * rng.random(6))
        belongs = rng.random(6) < 0.4
        found = every(part, whole, belongs)
        assert least_quotient(part, whole, belongs) == pytest.approx(min(found), rel=1e-12)
        assert greatest_quotient(part, whole, belongs) == pytest.approx(max(found), rel=1e-12)


def test_by_pencil() -> None:
    """40 of 100 for sure; 0 of 50 and 30 of 30 perhaps: 40 / 150 to 70 / 130."""
    part, whole, sure = np.array([40.0, 0, 30]), np.array([100.0, 50, 30]), np.array([True, False, False])
    assert least_quotient(part, whole, sure) == pytest.approx(40 / 150)
    assert greatest_quotient(part, whole, sure) == pytest.approx(70 / 130)


def test_nothing_to_divide_by() -> None:
    nothing, sure = np.zeros(2), np.array([True, False])
    assert math.isnan(least_quotient(nothing, nothing, sure))
    assert math.isnan(greatest_quotient(nothing, nothing, sure))
    assert greatest_quotient(np.array([5.0, 0]), nothing, sure) == math.inf
    assert least_quotient(np.array([5.0]), np.array([np.inf]), np.array([True])) == 0.0
    assert math.isnan(least_quotient(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool)))
