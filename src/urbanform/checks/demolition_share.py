"""Demolished share of the existing floor area of each renewal unit (更新单元), in percent.

What it measures
    Floor area of the buildings to be demolished, divided by the floor area of all existing buildings of the unit.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）4, Liangshan （七）, Jiaozuo 焦建规定〔2023〕3号
    二（四）1 (units of the old town only), Heilongjiang 黑建科〔2022〕11号 二（一）4 by way of 建科〔2021〕63号.
How
    Existing is every building that is not new. Floor area is the field's, else footprint × storeys, ground that two
    footprints of today share belonging to the taller; what is to be built there takes none of it. A building across
    the unit's edge is split by footprint. Buildings exempt on a ground that the rule admits leave the numerator and
    stay in the denominator; a note gives the figure without exemption. Unknown storeys (1 to 60), actions, exemptions
    and shapes leave the figure open between bounds. A unit without existing buildings is not bound.
Known limits
    What stands today is taken from the layer; buildings already gone must be in it to count.
References
    建科〔2021〕63号 for the two grounds of exemption.
"""

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.checks import CheckParams
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.building_eras import Era, in_era
from urbanform.site.exemptions import COLUMNS, exempt
from urbanform.site.floor_area import FloorAreaBatch, floor_area_inside
from urbanform.wording import Words, own_words

UNIT = Unit.PERCENT
NEEDS = (need("renewal_units"), need("buildings", "action"))
USES = ()
SUBJECTS = "renewal_units"


class Params(CheckParams):
    """Which grounds of exemption the plan grants."""

    exemptions: tuple[Literal["illegal", "dangerous", "fire-hazard"], ...] = ()


WORDS = {
    "method": (
        "拆除建筑面积 ÷ 现状总建筑面积（处理方式非新建者）；跨越单元边界的建筑按基底面积比例分摊",
        "demolished floor area ÷ existing floor area (action other than new); a building across the edge is split by "
        "footprint",
    ),
    "exempted": (
        "已豁免 {area} 平方米（只从分子扣除）；不考虑豁免时为 {share}%",
        "{area} m² exempted (numerator only); without exemption the share is {share}%",
    ),
    "exemption-open": (
        "有 {count} 栋拟拆建筑是否符合豁免条件未知（危房须同时注明无修缮价值，重大火灾隐患须同时注明无法整改）",
        "for {count} buildings to be demolished it is open whether the exemption holds (dangerous needs 'not "
        "repairable', fire hazard needs 'cannot be rectified')",
    ),
    "open-values": (
        "{count} 栋建筑的层数、建筑面积、处理方式或图形缺失、不可读：{names}；请补填后重新核查",
        "storeys, floor area, action or shape of {count} buildings is missing or unreadable: {names}; fill them in",
    ),
    "no-buildings": ("单元内没有现状建筑", "the unit has no existing building"),
    "unsound-unit": (
        "单元图形有错误，范围不可信；请在 GIS 中修复几何后重新提交",
        "the unit's shape is broken and cannot be trusted; repair the geometry and hand it in again",
    ),
    "kind-demolished": ("拆除", "demolished"),
    "kind-exempt": ("拆除（豁免）", "demolished, exempt"),
    "kind-kept": ("保留、改造", "kept or renovated"),
    "kind-new": ("新建", "new"),
    "kind-unknown": ("数据不全", "data incomplete"),
    "kind-unit": ("更新单元", "renewal unit"),
    "column-action": ("处理方式", "action"),
    "column-floor_area_m2": ("单元内建筑面积（平方米）", "floor area in the unit (m²)"),
    "column-share": ("拆除比例（%）", "demolished share (%)"),
    "column-demolished_m2": ("拆除建筑面积（平方米）", "demolished floor area (m²)"),
    "column-existing_m2": ("现状总建筑面积（平方米）", "existing floor area (m²)"),
}


@dataclass
class _Sums:
    """Floor area per unit in m², each from the values that make the share smallest, and largest."""

    demolished: np.ndarray
    existing_at_least: np.ndarray
    demolished_at_most: np.ndarray
    existing_at_most: np.ndarray
    exempted: np.ndarray
    known_existing: np.ndarray
    perhaps_existing: np.ndarray

    @classmethod
    def nothing(cls, count: int) -> "_Sums":
        return cls(*(np.zeros(count) for _ in range(7)))


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Percent of existing floor area that is to be demolished, per unit; see the module."""
    frame = site.needed("renewal_units").frame(("id", "name", "district_kind"))
    sound = frame["sound"].to_numpy(dtype=bool)
    rows = np.flatnonzero(sound)
    areas = frame.geometry.to_numpy()[rows]
    sums = _Sums.nothing(len(rows))
    open_names: list[list[str]] = [[] for _ in rows]
    open_exemptions = np.zeros(len(rows), dtype=int)
    drawn = []
    fields = site.needed("buildings").fields
    ids = frame["id"].to_numpy()[rows]
    for batch in floor_area_inside(in_era(site, Era.TODAY), areas, ("name", "action", *COLUMNS)):
        kinds = _add(batch, params, fields, sums, open_names, open_exemptions)
        drawn.append(_drawn(batch, kinds, ids))
    # What is to come takes no ground from what stands today; it is shown and counts for nothing.
    for batch in floor_area_inside(in_era(site, Era.TO_COME), areas, ("name", "action")):
        new = (batch.buildings["action"] == "new").fillna(False).to_numpy(dtype=bool)
        drawn.append(_drawn(batch, np.where(new, "new", ""), ids).query("kind == 'new'"))

    place = {int(row): at for at, row in enumerate(rows)}
    subjects = tuple(
        _subject(frame, row, place.get(row), sums, open_names, open_exemptions) for row in range(len(frame))
    )
    return Measurement(
        UNIT,
        subjects,
        notes=(_say("method"),),
        evidence=_evidence(frame, subjects, drawn),
        higher_is_worse=True,
    )


def _add(
    batch: FloorAreaBatch,
    params: Params,
    fields: frozenset[str],
    sums: _Sums,
    open_names: list[list[str]],
    open_exemptions: np.ndarray,
) -> np.ndarray:
    """Add a batch to the sums; the kind of each building for the map, shape (buildings,)."""
    action = batch.buildings["action"]
    unknown = action.isna().to_numpy()
    new = (action == "new").fillna(False).to_numpy(dtype=bool)
    demolish = (action == "demolish").fillna(False).to_numpy(dtype=bool)
    granted, perhaps = exempt(batch.buildings, params.exemptions, fields)

    b, low, high = batch.building, batch.low_m2, batch.high_m2
    is_new, is_unknown, goes = new[b], unknown[b], demolish[b]
    stays = ~is_new & ~is_unknown & ~goes

    def add(total: np.ndarray, which: np.ndarray, amount: np.ndarray) -> None:
        np.add.at(total, batch.area[which], amount[which])

    # Share smallest: what may be kept or exempt is, and is as large as it can be; what must go is as small as it can.
    must_go = goes & ~perhaps[b]
    add(sums.demolished, must_go, low)
    add(sums.existing_at_most, must_go, low)
    add(sums.existing_at_most, stays | is_unknown | (goes & perhaps[b]), high)
    # Share largest: the other way round.
    may_go = (goes | is_unknown) & ~granted[b]
    add(sums.demolished_at_most, may_go, high)
    add(sums.existing_at_least, may_go, high)
    add(sums.existing_at_least, stays | (goes & granted[b]), low)

    add(sums.exempted, goes & granted[b], (low + high) / 2)
    add(sums.known_existing, stays | goes, low)
    add(sums.perhaps_existing, ~is_new, high)

    open_here = ~is_new & ((low != high) | is_unknown)
    labels = batch.buildings["id"].astype(str).to_numpy()
    for pair in np.flatnonzero(open_here):
        open_names[batch.area[pair]].append(labels[b[pair]])
    np.add.at(open_exemptions, batch.area[goes & perhaps[b] & ~granted[b]], 1)

    kinds = np.select([new, unknown, demolish & granted, demolish], ["new", "unknown", "exempt", "demolished"], "kept")
    kinds[np.unique(b[open_here])] = "unknown"
    return kinds


def _subject(
    frame: gpd.GeoDataFrame,
    row: int,
    at: int | None,
    sums: _Sums,
    open_names: list[list[str]],
    open_exemptions: np.ndarray,
) -> Subject:
    key, name = str(frame["id"].iloc[row]), frame["name"].iloc[row]
    title = None if pd.isna(name) else str(name)
    kind = frame["district_kind"].iloc[row]
    attributes = {"district_kind": None if pd.isna(kind) else str(kind)}
    if at is None:
        return Subject(key, title, missing=_say("unsound-unit"), attributes=attributes)
    if sums.perhaps_existing[at] <= 0:
        return Subject(key, title, excluded=_say("no-buildings"), attributes=attributes)

    known = bool(
        not open_names[at]
        and not open_exemptions[at]
        and np.isclose(sums.existing_at_least[at], sums.existing_at_most[at], rtol=1e-12)
    )
    missing = _why_open(open_names[at], int(open_exemptions[at]))
    if known:
        demolished, existing = float(sums.demolished[at]), float(sums.existing_at_most[at])
        exempted = float(sums.exempted[at])
        notes: tuple[Words, ...] = ()
        if exempted > 0:
            notes = (_say("exempted", area=exempted, share=100 * (demolished + exempted) / existing),)
        return Subject(
            key,
            title,
            value=100 * demolished / existing,
            numerator=Quantity(demolished, "m2"),
            denominator=Quantity(existing, "m2"),
            notes=notes,
            attributes=attributes,
        )
    if sums.known_existing[at] <= 0 and not sums.existing_at_least[at] > 0:
        # Nothing is certain to stand there, so there may be nothing to divide by.
        return Subject(key, title, missing=missing, attributes=attributes)
    low = _share(sums.demolished[at], sums.existing_at_most[at], 0.0)
    high = _share(sums.demolished_at_most[at], sums.existing_at_least[at], 100.0)
    return Subject(
        key,
        title,
        bounds=Bounds(low, high),
        missing=missing,
        attributes=attributes,
    )


def _share(part: float, whole: float, otherwise: float) -> float:
    if np.isinf(whole) or not whole > 0:
        return otherwise
    return float(100 * part / whole)


def _why_open(names: list[str], exemptions: int) -> Words | None:
    if names:
        return _say("open-values", count=len(names), names=names)
    return _say("exemption-open", count=exemptions) if exemptions else None


def _drawn(batch: FloorAreaBatch, kinds: np.ndarray, units: np.ndarray) -> gpd.GeoDataFrame:
    b = batch.building
    shapes = batch.buildings.geometry.to_numpy()[b]
    seen = ~shapely.is_missing(shapes)
    known = batch.low_m2 == batch.high_m2
    return gpd.GeoDataFrame(
        {
            "kind": kinds[b],
            "subject": units[batch.area],
            "feature": batch.buildings["id"].to_numpy()[b],
            "action": batch.buildings["action"].to_numpy()[b],
            "floor_area_m2": np.where(known, batch.low_m2, np.nan),
        },
        geometry=shapes,
        crs=batch.buildings.crs,
    )[seen]


def _evidence(
    frame: gpd.GeoDataFrame, subjects: tuple[Subject, ...], drawn: list[gpd.GeoDataFrame]
) -> tuple[Shapes, ...]:
    units = frame[["geometry"]].assign(
        kind="unit",
        subject=frame["id"].astype(str),
        name=frame["name"],
        share=[subject.value for subject in subjects],
        demolished_m2=[subject.numerator.value if subject.numerator else None for subject in subjects],
        existing_m2=[subject.denominator.value if subject.denominator else None for subject in subjects],
    )
    figures = ("share", "demolished_m2", "existing_m2")
    units = units.astype(dict.fromkeys(figures, float))
    shapes = [
        Shapes(
            units[~units.geometry.isna()],
            legend={"unit": (Tone.FRAME, _say("kind-unit"))},
            columns={name: _say(f"column-{name}") for name in figures},
        )
    ]
    if drawn:
        buildings = pd.concat(drawn, ignore_index=True)
        order = {"unknown": 0, "demolished": 1, "exempt": 2, "kept": 3, "new": 4}
        weight = buildings["kind"].map(order)
        buildings = buildings.iloc[np.lexsort((-buildings["floor_area_m2"].fillna(np.inf).to_numpy(), weight))]
        shapes.append(
            Shapes(
                buildings,
                legend={
                    "demolished": (Tone.BREACH, _say("kind-demolished")),
                    "exempt": (Tone.EXEMPT, _say("kind-exempt")),
                    "kept": (Tone.UNCOUNTED, _say("kind-kept")),
                    "new": (Tone.NEW, _say("kind-new")),
                    "unknown": (Tone.UNKNOWN, _say("kind-unknown")),
                },
                columns={
                    "action": _say("column-action"),
                    "floor_area_m2": _say("column-floor_area_m2"),
                },
            )
        )
    return tuple(shapes)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
