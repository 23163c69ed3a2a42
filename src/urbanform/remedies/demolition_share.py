"""Floor area to keep so that a renewal unit comes down to its share of demolition, and buildings whose keeping does it.

Of all sets of buildings whose keeping is enough, one with close to the least floor area is named: a subset-sum over
floor areas in steps of at most a 2,000th of what must be kept, each candidate checked with the unrounded areas. It is
a hint at the size of the change; which buildings deserve to stay is a planner's question.
"""

import math
from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from urbanform.model.finding import Finding, JudgedSubject, Verdict, interval
from urbanform.model.measurement import Shapes, Tone
from urbanform.model.remedy import Remedy
from urbanform.model.rules import Op
from urbanform.site import Site
from urbanform.wording import Words, own_words

MOST_UNITS = 5
_FEWEST_STEPS, _MOST_STEPS, _MOST_BITS = 2_000, 200_000, 40_000_000

WORDS = {
    "remedy-keep": (
        "{unit}：须再保留 {area} 平方米建筑面积（拟拆 {demolished}，限额 {allowed} 平方米），拆除比例方可降到 {limit}%",
        "{unit}: keep {area} m² more floor area (to be demolished {demolished}, allowed {allowed} m²) to come to "
        "{limit}%",
    ),
    "remedy-which": (
        "例如保留 {count} 栋（{names}），合计 {kept} 平方米，为可行组合中面积接近最小者",
        "for instance keep {count} buildings ({names}), {kept} m² together, close to the least that is enough",
    ),
    "remedy-open": (
        "{unit}：数据不全，拆除比例须再降 {low} 至 {high} 个百分点；补齐数据后可算出须保留的面积",
        "{unit}: with incomplete data the share must come down by {low} to {high} percentage points; with complete "
        "data the area to keep can be told",
    ),
    "remedy-more-units": (
        "另有 {count} 个单元超出，见逐个对象表",
        "{count} more units exceed; see the table of subjects",
    ),
    "kind-keep": ("可考虑保留的建筑", "building that could be kept"),
    "column-floor_area_m2": ("单元内建筑面积（平方米）", "floor area in the unit (m²)"),
}


def cure(finding: Finding, site: Site) -> Remedy | None:
    """Floor area to keep per unit over the limit, with buildings to keep; see the module."""
    limit = finding.limit
    if limit is None or isinstance(limit.value, tuple) or limit.op not in (Op.AT_MOST, Op.BELOW):
        return None
    share = limit.value / 100
    over = [item for item in finding.subjects if item.verdict is Verdict.FAIL]
    buildings = _demolished(finding)
    said: list[Words] = []
    kept = []
    for item in over[:MOST_UNITS]:
        rows = buildings[buildings["subject"] == item.subject.id]
        words, chosen = _unit(item, rows, share)
        said += words
        kept.append(rows.iloc[chosen])
    if len(over) > MOST_UNITS:
        said.append(own_words(WORDS, "remedy-more-units", count=len(over) - MOST_UNITS))
    shapes = pd.concat(kept, ignore_index=True) if kept else buildings.iloc[:0]
    return Remedy(tuple(said), _shapes(shapes) if len(shapes) else ())


def least_enough(amounts: Sequence[float], wanted: float) -> list[int]:
    """Which amounts, by position, add up to ``wanted`` or more with close to the least excess; all where none do.

    Parameters
    ----------
    amounts
        None below zero, in the unit of ``wanted``.
    """
    if not wanted > 0:
        return []
    count = len(amounts)
    if sum(amounts) < wanted:
        return list(range(count))
    steps = max(_FEWEST_STEPS, min(_MOST_STEPS, _MOST_BITS // count))
    sizes = [min(steps, math.floor(amount * steps / wanted)) for amount in amounts]
    # Bit s of reached[n] tells whether some of the first n amounts, rounded down, add up to s steps.
    reached = [1]
    for size in sizes:
        reached.append(reached[-1] | (reached[-1] << size))
    # Rounding down loses less than a step an amount: a sum that is just enough may stand that much below.
    for total in _sums_from(reached[-1], max(0, steps - count)):
        chosen = _parts(reached, sizes, total)
        if math.fsum(amounts[place] for place in chosen) >= wanted:
            return chosen
    return list(range(count))


def _sums_from(reached: int, least: int) -> Iterator[int]:
    rest = reached >> least
    at = least
    while rest:
        gap = (rest & -rest).bit_length()
        yield at + gap - 1
        rest >>= gap
        at += gap


def _parts(reached: list[int], sizes: list[int], total: int) -> list[int]:
    chosen = []
    for place in range(len(sizes) - 1, -1, -1):
        if not (reached[place] >> total) & 1:
            chosen.append(place)
            total -= sizes[place]
    return chosen[::-1]


def _unit(item: JudgedSubject, rows: gpd.GeoDataFrame, share: float) -> tuple[list[Words], list[int]]:
    subject = item.subject
    if subject.numerator is None or subject.denominator is None:
        low, high = (100 * share - end for end in interval(subject))
        return [own_words(WORDS, "remedy-open", unit=_name(item), low=-low, high=-high)], []
    demolished, existing = subject.numerator.value or 0.0, subject.denominator.value or 0.0
    need = demolished - share * existing
    areas = rows["floor_area_m2"].to_numpy(dtype=float)
    usable = np.flatnonzero(np.isfinite(areas) & (areas > 0))
    chosen = usable[least_enough(areas[usable].tolist(), need)].tolist()
    said = [
        own_words(
            WORDS,
            "remedy-keep",
            unit=_name(item),
            area=_whole(need),
            demolished=_whole(demolished),
            allowed=_whole(share * existing, up=False),
            limit=100 * share,
        )
    ]
    if chosen and areas[chosen].sum() >= need:
        names = rows["feature"].iloc[chosen].astype(str).tolist()
        kept = _whole(float(areas[chosen].sum()), up=False)
        said.append(own_words(WORDS, "remedy-which", count=len(chosen), names=names, kept=kept))
        return said, chosen
    return said, []


def _demolished(finding: Finding) -> gpd.GeoDataFrame:
    frames = [shapes.frame for shapes in finding.evidence if "floor_area_m2" in shapes.frame]
    frame = frames[0] if frames else gpd.GeoDataFrame({"kind": [], "subject": [], "feature": []}, geometry=[])
    return frame[frame["kind"] == "demolished"]


def _shapes(kept: gpd.GeoDataFrame) -> tuple[Shapes, ...]:
    return (
        Shapes(
            kept[["subject", "feature", "floor_area_m2", "geometry"]].assign(kind="remedy-keep"),
            legend={"remedy-keep": (Tone.REMEDY, own_words(WORDS, "kind-keep"))},
            columns={"floor_area_m2": own_words(WORDS, "column-floor_area_m2")},
        ),
    )


def _whole(amount_m2: float, *, up: bool = True) -> int:
    """Whole square metres; what must be kept is rounded up, what is had rounded down, so that no rounding cures."""
    return math.ceil(amount_m2 - 1e-6) if up else math.floor(amount_m2 + 1e-6)


def _name(item: JudgedSubject) -> str:
    return item.subject.name or item.subject.id
