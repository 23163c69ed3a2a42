"""Rough ends: a figure is never far too wide where nothing is said of a doubt. See `rough_corridors` for the shapes.

What is found is a width, and the width for ends further out that could be meant as well; a verdict stands only where
the two agree. So a shape is too wide where even the lesser of the two exceeds what its stated banks give, and too
narrow where even the greater falls short of it.
"""

import math
from dataclasses import dataclass

import pytest

from measure.rough_corridors import rough_corridor
from urbanform.measure.prepared_corridor import prepared_corridor
from urbanform.measure.width import net_width

TOO_FAR_M = 0.2
DOUBT_M = 0.05
MOST_TOO_WIDE, FURTHEST_TOO_WIDE_M = 1, 3.1
"""What is known to remain of these 2,000 shapes; both may only fall. On others it was 22 m at most."""
MOST_TOO_NARROW, MOST_DOUBTFUL = 10, 300
"""Those that read over a metre too narrow without a doubt, and those that nobody is told a figure for."""


@dataclass(frozen=True)
class Found:
    """How far the figures of a shape lie off those of its stated banks, in metres; 0 between the two."""

    seed: int
    too_wide_m: float
    too_narrow_m: float
    doubtful: bool


def found(seed: int) -> Found:
    """The net width of the rough corridor of a seed, beside that of its stated banks."""
    rough = rough_corridor(seed)
    least_m, most_m = rough.widths_m()
    width = net_width(prepared_corridor([rough.polygon]))
    assert not math.isnan(width.width_m), f"seed {seed} has no width"
    low_m, high_m = width.further_ends_width_m, width.width_m
    return Found(seed, max(0.0, low_m - most_m), max(0.0, least_m - high_m), high_m - low_m > DOUBT_M)


@pytest.mark.parametrize("seed", range(60))
def test_no_rough_end_reads_too_wide(seed: int) -> None:
    assert found(seed).too_wide_m <= TOO_FAR_M


@pytest.mark.long
def test_few_rough_ends_read_too_wide_and_none_by_much() -> None:
    """2,000 shapes: at most MOST_TOO_WIDE read too wide without a doubt, none of them by over FURTHEST_TOO_WIDE_M."""
    shapes = [found(seed) for seed in range(20_000, 22_000)]
    too_wide = [shape for shape in shapes if shape.too_wide_m > TOO_FAR_M and not shape.doubtful]
    assert len(too_wide) <= MOST_TOO_WIDE, too_wide
    assert max((shape.too_wide_m for shape in too_wide), default=0.0) <= FURTHEST_TOO_WIDE_M
    assert sum(shape.too_narrow_m > 1 and not shape.doubtful for shape in shapes) <= MOST_TOO_NARROW
    assert sum(shape.doubtful for shape in shapes) <= MOST_DOUBTFUL
