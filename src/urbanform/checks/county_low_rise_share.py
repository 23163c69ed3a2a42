"""Share of low-rise floor area in the new housing (新建住宅) of each polygon of the county seat, in percent.

What it measures
    Floor area of new residential buildings of up to 6 storeys, divided by that of all new residential buildings.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 三（一）: at least 70 %; Heilongjiang 黑建科〔2022〕11号
    三（一） by way of 建村〔2021〕45号. Liangshan names no share.
How
    New is a building whose action is "new"; without an action, one built after the year of the plan's document. Floor
    area is the field's, else footprint × storeys; ground that two new buildings share belongs to the taller. A
    building across the edge of the county seat is split by footprint. Storeys that are missing (1 to 60) or between
    two classes (``6+1``), unknown use, unknown newness and broken shapes leave the share open between bounds. A
    polygon without new housing has no share; beside one that has some it is not bound.
Known limits
    The clause stands in a sentence on new housing, and new housing is what is measured; a note gives the figure for
    all housing of the county seat. A building belongs to one class as a whole, by its highest storeys; a low wing
    counts apart only where it is drawn apart. Mixed use counts only once its main use is written. Floor area that is
    stated for two footprints that lie on one another counts twice.
References
    建村〔2021〕45号 for the national figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.checks import CheckParams
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.building_eras import Era, in_era
from urbanform.site.county_seats import CountySeat, county_seats
from urbanform.site.floor_area import FloorAreaBatch, floor_area_inside
from urbanform.site.listing import listed
from urbanform.site.new_buildings import Holds, are_new, newness_told, used_as, why_new_is_open, why_use_is_open
from urbanform.site.new_heights import together
from urbanform.site.new_housing import storeys_of
from urbanform.site.standing import standing
from urbanform.wording import Words, own_words

UNIT = Unit.PERCENT
NEEDS = (need("county_seat"), need("buildings", "storeys"))
USES = ()
SCOPE_ROLE = "county_seat"


class Params(CheckParams):
    """Up to how many storeys housing is low-rise."""

    storeys: int = 6


WORDS = {
    "method": (
        "县城内 {storeys} 层及以下新建住宅建筑面积 ÷ 新建住宅总建筑面积；跨越县城边界的建筑按基底面积比例分摊",
        "floor area of new housing of up to {storeys} storeys ÷ floor area of all new housing in the county seat; a "
        "building across the edge is split by footprint",
    ),
    "all-housing": (
        "如按县城内全部住宅（现状保留和新建）计，{storeys} 层及以下占 {share}%",
        "of all housing of the county seat, kept and new, {share}% has up to {storeys} storeys",
    ),
    "none-new": (
        "县城内没有新建住宅，占比无从计算；如有新建住宅，请在建筑图层填写处理方式（action：新建）和用途（use：住宅）",
        "there is no new housing in the county seat, so there is no share; where there is some, write the action (new) "
        "and the use (residential) of the buildings",
    ),
    "none-here": ("这一片县城内没有新建住宅", "there is no new housing in this polygon of the county seat"),
    "no-floor-area": (
        "新建住宅的建筑面积合计为 0；请核对建筑面积（floor_area）和重叠的建筑图形",
        "the floor area of the new housing adds up to 0; check floor_area and the shapes that overlap",
    ),
    "new-open": (
        "{count} 栋建筑是否新建未知：{names}；{why}",
        "for {count} buildings it is not known whether they are new: {names}; {why}",
    ),
    "use-open": (
        "{count} 栋建筑是否住宅未知：{names}；{why}",
        "for {count} buildings it is not known whether they are housing: {names}; {why}",
    ),
    "storeys-open": (
        "{count} 栋建筑的层数缺失、读不出，或写成跨越 {storeys} 层的范围：{names}；请填写确切的地上层数",
        "the storeys of {count} buildings are missing, unreadable or a range across {storeys}: {names}; give the "
        "number of storeys above ground",
    ),
    "area-open": (
        "{count} 栋建筑的建筑面积未知（没有建筑面积，层数不是一个数，或图形有错误）：{names}；请补填建筑面积或修复几何",
        "the floor area of {count} buildings is not known (none is stated, the storeys are no single number, or the "
        "shape is broken): {names}; give floor_area, or repair the shape",
    ),
    "unsound-seat": (
        "县城范围图形有错误，其内的建筑无法确定；请在 GIS 中修复几何后重新提交",
        "the shape of the county seat is broken, so it is not known which buildings lie inside; repair the geometry "
        "and hand it in again",
    ),
    "kind-low": ("新建住宅，{storeys} 层及以下", "new housing of up to {storeys} storeys"),
    "kind-high": ("新建住宅，超过 {storeys} 层", "new housing of more storeys"),
    "kind-open": ("层数、用途、面积或是否新建未知", "storeys, use, area or whether it is new not known"),
    "kind-seat": ("县城范围", "county seat"),
    "column-storeys": ("层数", "storeys"),
    "column-floor_area_m2": ("县城内建筑面积（平方米）", "floor area in the county seat (m²)"),
    "column-use": ("用途", "use"),
    "column-share": ("低层占比（%）", "low-rise share (%)"),
    "column-low_m2": ("低层建筑面积（平方米）", "low-rise floor area (m²)"),
    "column-whole_m2": ("住宅总建筑面积（平方米）", "floor area of housing (m²)"),
}


@dataclass
class _Tally:
    """Floor area per polygon in m², low-rise and not, where the share is smallest and where it is largest.

    ``certain`` and ``possible`` count buildings that are or may be bound, ``open`` lists those that leave it open.
    """

    low_least: NDArray[np.float64]
    high_most: NDArray[np.float64]
    low_most: NDArray[np.float64]
    high_least: NDArray[np.float64]
    certain: NDArray[np.int64]
    possible: NDArray[np.int64]
    open: list[dict[str, list[str]]]
    mixed: list[bool]
    drawn: list[gpd.GeoDataFrame] = field(default_factory=list)

    @classmethod
    def nothing(cls, count: int) -> "_Tally":
        one, two, three, four = np.zeros((4, count))
        certain, possible = np.zeros((2, count), dtype=np.int64)
        return cls(one, two, three, four, certain, possible, [{} for _ in range(count)], [False] * count)


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Percent of the floor area of new housing that is low-rise, per polygon of the county seat; see the module."""
    seats = county_seats(site)
    trusted = [seat for seat in seats if seat.area is not None]
    areas = np.array([seat.area for seat in trusted], dtype=object)
    new, every = _Tally.nothing(len(trusted)), _Tally.nothing(len(trusted))
    for batch in floor_area_inside(in_era(site, Era.TO_COME), areas, ("name", "action", "year_built", "use")):
        is_new, housing = are_new(batch.buildings, site.document_year), used_as(batch.buildings, "residential")
        _add(new, batch, is_new, housing, params.storeys, trusted)
    for batch in floor_area_inside(standing(site), areas, ("use",)):
        housing = used_as(batch.buildings, "residential")
        always = np.ones(len(batch.buildings), dtype=bool)
        _add(every, batch, Holds(always, always), housing, params.storeys, None)
    some = bool(new.possible.sum())
    measured = iter(
        [_subject(site, seat, at, new, every, params.storeys, some=some) for at, seat in enumerate(trusted)]
    )
    subjects = tuple(
        Subject(seat.id, seat.name, missing=_say("unsound-seat")) if seat.area is None else next(measured)
        for seat in seats
    )
    return Measurement(
        UNIT,
        subjects,
        notes=(_say("method", storeys=params.storeys),),
        evidence=_evidence(site, seats, subjects, new.drawn, params.storeys),
        higher_is_worse=False,
    )


def _add(
    tally: _Tally, batch: FloorAreaBatch, new: Holds, housing: Holds, limit: int, seats: Sequence[CountySeat] | None
) -> None:
    """Add a batch to the sums; with ``seats`` also what is open of each building, and its shape for the map."""
    holds = new & housing
    pairs = np.flatnonzero(holds.possible[batch.building])
    b, area = batch.building[pairs], batch.area[pairs]
    if not len(pairs):
        return
    low_m2, high_m2 = batch.low_m2[pairs], batch.high_m2[pairs]
    certain = holds.certain[b] & batch.exact[pairs]
    storeys = storeys_of(batch.buildings)
    fewest, most = storeys.low[b], storeys.high[b]
    may_low, may_high = fewest <= limit, most > limit
    # By storeys a building's floor area goes with its class; a stated one does not.
    by_storeys = np.isnan(batch.buildings["floor_area"].to_numpy(dtype=float)[b])
    as_low_m2 = np.where(by_storeys, high_m2 * np.fmin(most, limit) / most, high_m2)
    as_high_m2 = np.where(by_storeys, low_m2 * np.fmax(fewest, limit + 1) / fewest, low_m2)

    def add(total: NDArray[np.float64], which: NDArray[np.bool_], amount: NDArray[np.float64]) -> None:
        np.add.at(total, area[which], amount[which])

    # Smallest: whatever may be high is, and is large; what certainly is low is small. Largest: the other way round.
    add(tally.high_most, may_high, high_m2)
    add(tally.low_least, ~may_high & certain, low_m2)
    add(tally.low_most, may_low, as_low_m2)
    add(tally.high_least, ~may_low & certain, as_high_m2)
    np.add.at(tally.certain, area[certain], 1)
    np.add.at(tally.possible, area, 1)
    known = certain & (low_m2 == high_m2) & (may_low != may_high)
    ids = batch.buildings["id"].astype(str).to_numpy(dtype=object)[b]
    whys = {
        "new-open": new.open[b],
        "use-open": housing.open[b],
        "storeys-open": may_low & may_high,
        "area-open": (low_m2 != high_m2) & ~(may_low & may_high & by_storeys) | ~batch.exact[pairs],
    }
    for code, rows in whys.items():
        for at, name in zip(area[rows], ids[rows], strict=True):
            tally.open[at].setdefault(code, []).append(name)
    mixed = (batch.buildings["use"] == "mixed").fillna(False).to_numpy(dtype=bool)[b]
    for at in np.unique(area[mixed & housing.open[b]]):
        tally.mixed[at] = True
    if seats is None:
        return
    shapes = batch.buildings.geometry.to_numpy()[b]
    drawn = gpd.GeoDataFrame(
        {
            "kind": np.where(known, np.where(may_low, "low", "high"), "open"),
            "subject": np.array([seat.id for seat in seats], dtype=object)[area],
            "feature": ids,
            "storeys": np.where(fewest == most, fewest, np.nan),
            "floor_area_m2": np.where(low_m2 == high_m2, low_m2, np.nan),
            "use": batch.buildings["use"].to_numpy(dtype=object)[b],
        },
        geometry=shapes,
        crs=batch.buildings.crs,
    )
    tally.drawn.append(drawn[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)])


def _subject(site: Site, seat: CountySeat, at: int, new: _Tally, every: _Tally, limit: int, *, some: bool) -> Subject:
    if not new.possible[at]:
        if some:
            return Subject(seat.id, seat.name, excluded=_say("none-here"))
        return Subject(seat.id, seat.name, missing=_say("none-new"))
    notes = _of_all_housing(every, at, limit)
    why = _why_open(site, new, at, limit)
    if not new.certain[at]:
        # There may be nothing to bind, so no share, however low or high, decides.
        return Subject(seat.id, seat.name, missing=why, notes=notes)
    low_m2, whole_m2 = float(new.low_least[at]), float(new.low_least[at] + new.high_most[at])
    most_m2, least_whole_m2 = float(new.low_most[at]), float(new.low_most[at] + new.high_least[at])
    if not max(whole_m2, least_whole_m2) > 0:
        return Subject(seat.id, seat.name, missing=why or _say("no-floor-area"), notes=notes)
    if why is None:
        return Subject(
            seat.id,
            seat.name,
            value=100 * low_m2 / whole_m2,
            numerator=Quantity(low_m2, "m2"),
            denominator=Quantity(whole_m2, "m2"),
            notes=notes,
        )
    return Subject(
        seat.id,
        seat.name,
        bounds=Bounds(_share(low_m2, whole_m2, 100.0), _share(most_m2, least_whole_m2, 0.0)),
        missing=why,
        notes=notes,
    )


def _share(part_m2: float, whole_m2: float, otherwise: float) -> float:
    """Percent; of an infinite whole what is left to it at that end, of none what the other class would leave."""
    if not whole_m2 > 0:
        return otherwise
    return (100.0 if np.isinf(part_m2) else 0.0) if np.isinf(whole_m2) else 100 * part_m2 / whole_m2


def _why_open(site: Site, tally: _Tally, at: int, limit: int) -> Words | None:
    """Why the share of a polygon is open, reason by reason; None where it is not."""
    found = tally.open[at]
    whys: list[Words] = []
    for code, names in found.items():
        more: dict[str, object] = {"storeys": limit}
        if code == "new-open":
            if not newness_told(site):
                whys.append(why_new_is_open(site))
                continue
            more["why"] = why_new_is_open(site)
        elif code == "use-open":
            more["why"] = why_use_is_open("residential", mixed=tally.mixed[at])
        ids = listed(names)
        whys.append(_say(code, count=len(ids), names=ids, **more))
    return together(whys)


def _of_all_housing(every: _Tally, at: int, limit: int) -> tuple[Words, ...]:
    whole_m2 = float(every.low_least[at] + every.high_most[at])
    if every.open[at] or not whole_m2 > 0:
        return ()
    return (_say("all-housing", storeys=limit, share=f"{100 * float(every.low_least[at]) / whole_m2:.4g}"),)


def _evidence(
    site: Site, seats: Sequence[CountySeat], subjects: tuple[Subject, ...], drawn: list[gpd.GeoDataFrame], limit: int
) -> tuple[Shapes, ...]:
    rows = [subject for seat, subject in zip(seats, subjects, strict=True) if seat.area is not None]
    if not rows:
        return ()

    def of(quantity: Quantity | None) -> float:
        return np.nan if quantity is None or quantity.value is None else quantity.value

    figures = {
        "share": [np.nan if row.value is None else row.value for row in rows],
        "low_m2": [of(row.numerator) for row in rows],
        "whole_m2": [of(row.denominator) for row in rows],
    }
    names = {"subject": [row.id for row in rows], "name": [row.name for row in rows]}
    areas = [seat.area for seat in seats if seat.area is not None]
    outline = gpd.GeoDataFrame({"kind": "seat", **names, **figures}, geometry=areas, crs=site.submission.crs)
    shapes = [
        Shapes(
            outline,
            legend={"seat": (Tone.FRAME, _say("kind-seat"))},
            columns={name: _say(f"column-{name}") for name in figures},
        )
    ]
    frames = [frame for frame in drawn if len(frame)]
    if frames:
        buildings = pd.concat(frames, ignore_index=True)
        weight = buildings["kind"].map({"open": 0, "high": 1, "low": 2})
        order = np.lexsort((-buildings["floor_area_m2"].fillna(np.inf).to_numpy(), weight))
        tones = {"high": Tone.COUNTED, "low": Tone.GOOD, "open": Tone.UNKNOWN}
        shapes.append(
            Shapes(
                buildings.iloc[order].reset_index(drop=True),
                legend={
                    kind: (tone, _say(f"kind-{kind}", storeys=limit))
                    for kind, tone in tones.items()
                    if buildings["kind"].eq(kind).any()
                },
                columns={name: _say(f"column-{name}") for name in ("storeys", "floor_area_m2", "use")},
            )
        )
    return tuple(shapes)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
