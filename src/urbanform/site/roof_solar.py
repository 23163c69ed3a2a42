"""How much of the roofs of new buildings is covered by photovoltaic panels (光伏)."""

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.coverage import once_each, overlapping
from urbanform.measure.quotients import greatest_quotient, least_quotient
from urbanform.measure.shared_ground import sharing_ground
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.listing import listed
from urbanform.site.new_buildings import (
    USE_NAMES,
    Holds,
    new_buildings,
    newness_told,
    why_new_is_open,
    why_use_is_open,
)
from urbanform.site.new_heights import together
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "method-roof": (
        "新建{use}的光伏面积合计 ÷ 屋顶（建筑基底）面积合计，重叠的基底只计一次",
        "photovoltaic area on the roofs of new buildings that are {use_en} ÷ area of their roofs (footprints), ground "
        "that footprints share counted once",
    ),
    "method-installable": (
        "新建{use}的光伏面积合计 ÷ 可安装光伏屋顶面积合计",
        "photovoltaic area on the roofs of new buildings that are {use_en} ÷ the roof area fit for it",
    ),
    "none-new": ("建筑图层中没有新建{use}", "no new building is {use_en}"),
    "no-roof": (
        "新建{use}的可安装光伏屋顶面积合计为零，无法计算覆盖率；请核对 installable_roof_area",
        "the roof area fit for panels adds up to nothing, so there is no share; check installable_roof_area",
    ),
    "whole-roof": (
        "{count} 栋缺可安装光伏屋顶面积（installable_roof_area），按整个屋顶计，只能证明达标、不能证明未达标：{names}；"
        "请补填",
        "{count} buildings have no installable_roof_area and count with their whole roof, which can prove that the "
        "figure is reached, not that it is missed: {names}; give it",
    ),
    "new-open": (
        "{count} 栋建筑是否新建未知：{names}；{why}",
        "for {count} buildings it is not known whether they are new: {names}; {why}",
    ),
    "use-open": (
        "{count} 栋建筑的用途未知：{names}；{why}",
        "for {count} buildings the use is not known: {names}; {why}",
    ),
    "pv-open": (
        "{count} 栋建筑的光伏面积（pv_area）缺失或读不出：{names}；请补填，没有光伏的填 0",
        "for {count} buildings pv_area is missing or unreadable: {names}; fill it in, 0 where there is none",
    ),
    "pv-beyond": (
        "{count} 栋建筑的光伏面积大于屋顶面积，不采用：{names}；请核对 pv_area 的数值和单位（平方米）",
        "for {count} buildings pv_area is larger than the roof and is not used: {names}; check figure and unit (m²)",
    ),
    "shape-open": (
        "{count} 栋建筑的图形有错误或缺失，屋顶面积未知：{names}；请修复几何后重新提交",
        "the shape of {count} buildings is broken or missing, so their roof is not known: {names}; repair them",
    ),
    "drawn-twice": (
        "{count} 栋建筑与另一栋基底几乎重合，可能重复绘制：{names}；请删去重复的要素",
        "{count} buildings lie on one another and may be drawn twice: {names}; delete the copies",
    ),
    "mixed-left-out": (
        "{count} 栋新建建筑用途为混合，未计入：{names}；其中属于{use}的请改填用途（use）",
        "{count} new buildings of mixed use do not count: {names}; write the use of those that are {use_en}",
    ),
    "kind-known": ("新建{use}，按光伏覆盖率", "new building ({use_en}), by covered share"),
    "kind-open": ("数据不全", "data incomplete"),
    "column-share": ("光伏覆盖率（%）", "covered share (%)"),
    "column-pv_m2": ("光伏面积（平方米）", "photovoltaic area (m²)"),
    "column-roof_m2": ("计入的屋顶面积（平方米）", "roof area counted (m²)"),
    "column-use": ("用途", "use"),
}

MOST_COVERED: Final = 1.05
"""Panels over a larger share of a roof contradict it; up to here edges and overhangs explain them."""

ALIKE: Final = 0.9
"""Footprints that have this share of their ground in common may be one building drawn twice."""


@dataclass(frozen=True, eq=False)
class _Roofs:
    """The buildings that are or may be new and of the use, shape (n,) each; ``pv_m2``, ``fit_m2`` NaN for unknown."""

    frame: gpd.GeoDataFrame
    bound: Holds
    new_open: NDArray[np.bool_]
    use_open: NDArray[np.bool_]
    pv_m2: NDArray[np.float64]
    fit_m2: NDArray[np.float64]
    sound: NDArray[np.bool_]

    @property
    def ids(self) -> NDArray[np.object_]:
        return self.frame["id"].astype(str).to_numpy(dtype=object)


@dataclass(frozen=True, eq=False)
class _Figures:
    """What enters the share, shape (n,) each: of panels and of roof, where the share is smallest and where largest."""

    belongs: NDArray[np.bool_]
    low_pv_m2: NDArray[np.float64]
    high_roof_m2: NDArray[np.float64]
    high_pv_m2: NDArray[np.float64]
    low_roof_m2: NDArray[np.float64]
    by_whole_roof: NDArray[np.bool_]
    whole_roof_known: NDArray[np.bool_]
    beyond: NDArray[np.bool_]
    twice: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whose figures are known, but for the part of the roof that panels fit on."""
        roof = (self.low_roof_m2 == self.high_roof_m2) | self.whole_roof_known
        return self.belongs & (self.low_pv_m2 == self.high_pv_m2) & roof


def covered_share(site: Site, use: str, *, installable: bool) -> Measurement:
    """Percent of the roofs of all new buildings of a use that panels cover, as one subject.

    Parameters
    ----------
    use
        A value of the buildings' ``use``.
    installable
        Whether the roof is the part on which panels can be installed, by the field ``installable_roof_area``; a
        building without it counts with its whole roof, which leaves the share open above. Else it is the footprint.
    """
    zh, en = USE_NAMES[use]
    mixed: list[str] = []
    roofs = _roofs(site, use, mixed)
    notes = [_say("method-installable" if installable else "method-roof", use=zh, use_en=en)]
    if mixed:
        notes.append(_say("mixed-left-out", count=len(mixed), names=listed(mixed), use=zh, use_en=en))
    name = f"新建{zh}"
    if roofs is None:
        excluded = _say("none-new", use=zh, use_en=en)
        return Measurement(Unit.PERCENT, (Subject("1", name, excluded=excluded),), tuple(notes))
    figures = _figures(roofs, installable=installable)
    whys = _whys(site, use, roofs, figures)
    if figures.by_whole_roof.any():
        notes.append(_listed("whole-roof", roofs, figures.by_whole_roof))
    subject = _subject(Subject("1", name), roofs, figures, whys, _say("no-roof", use=zh, use_en=en))
    return Measurement(Unit.PERCENT, (subject,), tuple(notes), _evidence(roofs, figures, zh, en), higher_is_worse=False)


def _roofs(site: Site, use: str, mixed: list[str]) -> _Roofs | None:
    """The roofs of new buildings of the use, None where there are none; ids of new mixed ones go to ``mixed``."""
    frames, certain, new_open = [], [], []
    for batch in new_buildings(site, ("pv_area", "installable_roof_area")):
        aside = (batch.buildings["use"] == "mixed").fillna(False).to_numpy(dtype=bool) & batch.new.certain
        mixed += batch.buildings["id"].astype(str)[aside].tolist()
        bound = batch.new & batch.used_as(use)
        if bound.possible.any():
            frames.append(batch.buildings[bound.possible])
            certain.append(bound.certain[bound.possible])
            new_open.append(batch.new.open[bound.possible])
    if not frames:
        return None
    frame = pd.concat(frames)
    shapes = frame.geometry.to_numpy()
    return _Roofs(
        frame,
        Holds(np.concatenate(certain), np.ones(len(frame), dtype=bool)),
        np.concatenate(new_open),
        frame["use"].isna().to_numpy(dtype=bool),
        frame["pv_area"].to_numpy(dtype=float),
        frame["installable_roof_area"].to_numpy(dtype=float),
        frame["sound"].to_numpy(dtype=bool) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes),
    )


def _figures(roofs: _Roofs, *, installable: bool) -> _Figures:
    shapes = roofs.frame.geometry.to_numpy()
    most_m2 = np.where(shapely.is_missing(shapes), np.inf, shapely.area(shapes))
    ground_m2, twice = _ground(roofs, shapes)
    stated = installable & ~np.isnan(roofs.fit_m2)
    by_whole_roof = installable & ~stated
    roof_m2 = np.where(stated, roofs.fit_m2, np.where(by_whole_roof | ~roofs.sound, most_m2, ground_m2))
    limit_m2 = np.where(stated, roofs.fit_m2, most_m2)
    beyond = roofs.pv_m2 > MOST_COVERED * limit_m2
    pv_m2 = np.where(beyond, np.nan, roofs.pv_m2)
    unknown = np.isnan(pv_m2)
    exact = stated | (roofs.sound & ~by_whole_roof)
    low_roof_m2 = np.where(exact, roof_m2, np.where(unknown, roof_m2, np.fmin(pv_m2, roof_m2)))
    return _Figures(
        belongs=roofs.bound.certain & ~twice,
        low_pv_m2=np.where(unknown, 0.0, pv_m2),
        high_roof_m2=roof_m2,
        high_pv_m2=np.where(unknown, roof_m2, pv_m2),
        low_roof_m2=low_roof_m2,
        by_whole_roof=by_whole_roof,
        whole_roof_known=by_whole_roof & roofs.sound,
        beyond=beyond,
        twice=twice,
    )


def _ground(roofs: _Roofs, shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Footprints in m², ground that two share counted once, for those that can be trusted; and possible copies."""
    trusted = np.flatnonzero(roofs.sound)
    footprints, certain = shapes[trusted], roofs.bound.certain[trusted]
    pv_m2, size_m2 = np.nan_to_num(roofs.pv_m2[trusted]), shapely.area(footprints)
    one, other = sharing_ground(footprints, least_share=ALIKE)
    alike = np.minimum(size_m2[one], size_m2[other]) >= ALIKE * np.maximum(size_m2[one], size_m2[other])
    one, other = one[alike], other[alike]
    # Of two alike the one that surely counts stays, else that with more panels.
    less = np.where(certain[one] == certain[other], pv_m2[one] < pv_m2[other], certain[other])
    copy = np.zeros(len(trusted), dtype=bool)
    copy[np.where(less, one, other)] = True
    rank = 2 * copy.astype(np.int64) + ~certain
    ground_m2, twice = np.zeros(len(shapes)), np.zeros(len(shapes), dtype=bool)
    ground_m2[trusted] = shapely.area(once_each(footprints, rank, overlapping(footprints)))
    twice[trusted] = copy
    return ground_m2, twice


def _subject(subject: Subject, roofs: _Roofs, figures: _Figures, whys: list[Words], no_roof: Words) -> Subject:
    if not roofs.bound.certain.any():
        # There may be nothing to bind, so no share, however low or high, decides.
        return replace(subject, missing=together(whys))
    low = least_quotient(figures.low_pv_m2, figures.high_roof_m2, figures.belongs)
    if np.isnan(low):
        return replace(subject, missing=together([*whys, no_roof]))
    if figures.known.all():
        pv_m2, roof_m2 = float(figures.low_pv_m2.sum()), float(figures.high_roof_m2.sum())
        subject = replace(
            subject, value=100 * pv_m2 / roof_m2, numerator=Quantity(pv_m2, "m2"), denominator=Quantity(roof_m2, "m2")
        )
        if not figures.by_whole_roof.any():
            return subject
    high = np.nan
    if np.isfinite(figures.low_roof_m2).all():
        high = greatest_quotient(figures.high_pv_m2, figures.low_roof_m2, figures.belongs)
    most = 1.0 if np.isnan(high) else min(high, 1.0)
    return replace(subject, bounds=Bounds(100 * low, 100 * max(low, most)), missing=together(whys))


def _whys(site: Site, use: str, roofs: _Roofs, figures: _Figures) -> list[Words]:
    """Why the share is open, reason by reason."""
    whys = []
    if roofs.new_open.any():
        why = why_new_is_open(site)
        whys.append(why if not newness_told(site) else _listed("new-open", roofs, roofs.new_open, why=why))
    if roofs.use_open.any():
        whys.append(_listed("use-open", roofs, roofs.use_open, why=why_use_is_open(use, mixed=False)))
    found = {
        "pv-open": np.isnan(roofs.pv_m2),
        "pv-beyond": figures.beyond,
        "shape-open": ~roofs.sound & (figures.low_roof_m2 != figures.high_roof_m2),
        "drawn-twice": figures.twice,
        "whole-roof": figures.by_whole_roof,
    }
    return whys + [_listed(code, roofs, rows) for code, rows in found.items() if rows.any()]


def _evidence(roofs: _Roofs, figures: _Figures, use: str, use_en: str) -> tuple[Shapes, ...]:
    known = figures.known & (figures.high_roof_m2 > 0)
    share = np.full(len(known), np.nan)
    share[known] = 100 * figures.low_pv_m2[known] / figures.high_roof_m2[known]
    ids = roofs.ids
    roof_m2 = np.where(np.isfinite(figures.high_roof_m2), figures.high_roof_m2, np.nan)
    frame = gpd.GeoDataFrame(
        {
            "kind": np.where(known, "known", "open"),
            "subject": "1",
            "feature": ids,
            "name": roofs.frame["name"].to_numpy(dtype=object),
            "share": share,
            "pv_m2": roofs.pv_m2,
            "roof_m2": roof_m2,
            "use": roofs.frame["use"].to_numpy(dtype=object),
        },
        geometry=roofs.frame.geometry.to_numpy(),
        crs=roofs.frame.crs,
    )
    frame = frame[~frame.geometry.isna().to_numpy()]
    weight = np.lexsort((-frame["roof_m2"].fillna(np.inf).to_numpy(), (frame["kind"] == "known").to_numpy()))
    return (
        Shapes(
            frame.iloc[weight].reset_index(drop=True),
            {
                "open": (Tone.UNKNOWN, _say("kind-open")),
                "known": (Tone.COUNTED, _say("kind-known", use=use, use_en=use_en)),
            },
            {name: _say(f"column-{name}") for name in ("share", "pv_m2", "roof_m2", "use")},
            ramp="share",
        ),
    )


def _listed(code: str, roofs: _Roofs, rows: NDArray[np.bool_], **more: object) -> Words:
    return _say(code, count=int(rows.sum()), names=listed(roofs.ids[rows].tolist()), **more)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
