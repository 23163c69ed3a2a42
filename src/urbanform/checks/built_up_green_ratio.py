"""Green space as a share of the built-up area (建成区绿地率), in percent.

What it measures
    Ground of green spaces of every kind inside the built-up area, that attached to plots and roads included, divided
    by all of the built-up area.
Which clauses ask it
    Hebi 鹤建综〔2023〕61号, table of indicators and 二（二）7 (39.5 % by 2025, 40 % by 2030); Henan 豫建科〔2023〕29号,
    table and 二（二）7, and Jiaozuo 焦建规定〔2023〕3号 二（四）3 (38.9 % by 2030); Heilongjiang 黑建科〔2022〕11号
    二（五）10 (36 % by 2025, 38.9 % by 2030); Liangshan （二十） (38.9 % by 2030, 会理 and 西昌 only).
How
    From a layer of green spaces each place counts once, cut at the edge of the built-up area. Green on roofs and walls
    is no ground and stays out. Features that are broken, or of which it is not known whether they exist, leave the
    figure open. Parks that the layer does not have do not count; a note tells where they would change the verdict.
    Without such a layer each parcel counts by its ``green_ratio``: parks, protective and attached green whole where
    theirs is blank, water not at all; what any other blank stands for is not known, nor what grows on ground without
    a parcel. The figure takes such ground for bare and is given between bounds.
    Parks alone, where green spaces are declared not to exist, are a part of the green and prove no breach.
Known limits
    Green beyond the land for construction may count up to a fifth of the green on it, if it adjoins; the layers do not
    tell it, and all of it counts. The share of ground that crowns cover (绿化覆盖率) is another figure, and higher.
References
    CJJ/T 85-2017 for the kinds of green space.
"""

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.checks import NoParams
from urbanform.measure.coverage import within
from urbanform.measure.land_cover import CoverStack
from urbanform.model.measurement import Alternative, Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import SCOPE, need
from urbanform.model.roles import LandUse
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.listing import listed
from urbanform.site.parks import park_parcels
from urbanform.site.scope import Scope, scope_of
from urbanform.site.written_use import classes_written
from urbanform.wording import Words, own_words

UNIT = Unit.PERCENT
NEEDS = (need(SCOPE), need("green_spaces") | need("parcels", "green_ratio"))
USES = ()
LOOKS_AT = ("parks",)
SCOPE_ROLE = "built_up_area"
Params = NoParams

NO_GROUND_WORDS = r"屋顶|屋面|立体绿化|垂直绿化|墙面|绿化覆盖|\broof|\bwall|\bvertical|\bcanopy"
"""Kinds of green that do not grow on the ground, as far as they are called so."""
WITHOUT_ATTACHED = {LandUse.PARK, LandUse.PROTECTIVE_GREEN, LandUse.PLAZA}
WHOLLY_GREEN = (LandUse.PARK, LandUse.PROTECTIVE_GREEN, LandUse.ATTACHED_GREEN)
DUST_SHARE = 1e-9

WORDS = {
    "about": (
        "建成区内各类绿地（含附属绿地）面积 ÷ 建成区面积；没有绿地图层时按用地的绿地率折算",
        "green of all kinds, attached green included, over the built-up area; from the parcels' green ratios where "
        "there is no layer of green",
    ),
    "from-green": (
        "按绿地图层量算：建成区内各类绿地（含附属绿地）面积 ÷ 建成区面积，重叠处只计一次",
        "from green spaces: green of every kind in the built-up area, attached green included ÷ built-up area, ground "
        "that overlaps once",
    ),
    "from-parcels": (
        "没有绿地图层，按用地图层的绿地率（green_ratio）估算：各地块面积 × 绿地率之和 ÷ 建成区面积；"
        "没有地块的地面按无绿地计，并给出上下界",
        "there is no layer of green spaces, so the figure is estimated from the parcels' green_ratio: parcel × ratio ÷ "
        "built-up area; ground without a parcel counts as bare, with bounds",
    ),
    "not-ground": (
        "绿地图层中有 {count} 处屋顶、墙面绿化或绿化覆盖（{ha} 公顷），不属绿地，未计入",
        "{count} features ({ha} ha) are green on roofs or walls, or crowns, and do not count",
    ),
    "no-attached": (
        "绿地图层的类型只有公园绿地、防护绿地和广场，没有附属绿地，绿地率可能偏低；请补充附属绿地",
        "the layer has only parks, protective green and plazas and no attached green, so the figure may be too low; "
        "add the attached green",
    ),
    "with-parks": (
        "绿地图层未包含的公园绿地如也计入，绿地率（%）为",
        "with parks that the layer of green spaces does not have, the share (%) is",
    ),
    "green-open": (
        "有 {count} 处绿地图形有错误、缺失或不知是否现状：{ids}；请修复或补画图形，补填规划状态",
        "{count} green spaces have a broken or missing shape, or it is not known whether they exist: {ids}; repair or "
        "draw them and fill in the status",
    ),
    "ratio-open": (
        "有 {count} 个地块的绿地率缺失或不可读，或图形有错误：{ids}；请补填 green_ratio，"
        "或提交绿地图层（green_spaces）",
        "of {count} parcels the green ratio is missing or unreadable, or the shape is broken: {ids}; fill in "
        "green_ratio, or supply a layer of green spaces (green_spaces)",
    ),
    "ground-open": (
        "建成区内有 {ha} 公顷没有地块（道路等），其绿地未知；请提交绿地图层（green_spaces）",
        "{ha} ha of the built-up area have no parcel (streets …), and their green is not known; supply a layer of "
        "green spaces (green_spaces)",
    ),
    "overlaps-differ": (
        "有重叠绘制的地块绿地率不一致，计为其中较高者；请消除用地图层的重叠",
        "parcels that overlap differ in their green ratio and count as the greener; remove the overlaps",
    ),
    "parks-alone": (
        "submission.yaml 声明没有绿地（none: [green_spaces]），但另有公园绿地 {ha} 公顷；仅有公园不足以计算绿地率，"
        "请提交含附属绿地在内的绿地图层",
        "submission.yaml says that there are no green spaces (none: [green_spaces]), yet there are {ha} ha of parks; "
        "parks alone do not make the figure, supply a layer of green spaces, attached green included",
    ),
    "kind-green": ("绿地", "green space"),
    "kind-park": ("公园绿地", "parks"),
    "kind-parcel": ("地块（按绿地率计）", "parcel, by its green ratio"),
    "kind-not-ground": ("屋顶、墙面绿化等，未计入", "green on roofs or walls, not counted"),
    "kind-unknown": ("绿地或绿地率未知", "not known"),
    "kind-area": ("建成区", "built-up area"),
    "column-area_m2": ("建成区内面积（平方米）", "area inside (m²)"),
    "column-green_kind": ("绿地类型", "kind of green"),
    "column-green_ratio": ("绿地率（%）", "green ratio (%)"),
}


@dataclass(frozen=True, eq=False)
class _Green:
    """Green ground inside the area in m²: at least, as the figure has it, and at most, and why that is open."""

    told: Words
    low_m2: float
    value_m2: float | None
    high_m2: float
    evidence: gpd.GeoDataFrame
    whys: tuple[Words, ...] = ()
    notes: tuple[Words, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Percent of the scope that is green space; see the module."""
    area = scope_of(site, scope or SCOPE_ROLE)
    told = [area.note] if area.note else []
    if area.missing is not None:
        return Measurement(UNIT, (area.unmeasured(),), notes=tuple(told))
    if site.layer("green_spaces") is None and site.submission.has("parcels", "green_ratio"):
        green = _from_parcels(site, area)
    elif site.layer("green_spaces") is None:
        green = _from_parks_alone(site, area)
    else:
        green = _from_green_spaces(site, area)
    whole = area.area_m2
    low, high = 100 * green.low_m2 / whole, 100 * min(green.high_m2, whole) / whole
    subject = Subject(
        "1",
        area.name,
        value=None if green.value_m2 is None else 100 * green.value_m2 / whole,
        bounds=Bounds(low, high) if green.whys else None,
        numerator=Quantity(None if green.value_m2 is None else green.value_m2 / 1e6, "km2"),
        denominator=Quantity(whole / 1e6, "km2"),
        missing=green.whys[0] if green.whys else None,
        notes=(*green.notes, *green.whys),
        alternatives=() if green.whys else green.alternatives,
    )
    return Measurement(UNIT, (subject,), (green.told, *told), _shown(area, green.evidence), higher_is_worse=False)


def _once_m2(shapes: NDArray[np.object_]) -> float:
    """Ground that some polygons cover, each place once."""
    every = np.ones(len(shapes))
    stack = CoverStack(shapes, every, every, every.astype(bool), ~every.astype(bool))
    return stack.permeable_m2()[0]


def _from_green_spaces(site: Site, area: Scope) -> _Green:
    frame = site.needed("green_spaces").frame(("id", "kind"))
    shapes = frame.geometry.to_numpy()
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    trusted = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool) & ~lost
    number, written = pd.factorize(frame["kind"])
    aloft = [bool(re.search(NO_GROUND_WORDS, str(text), re.IGNORECASE)) for text in written]
    off_ground = np.array([*aloft, False], dtype=bool)[number]
    inside = within(np.where(lost, shapely.MultiPolygon(), shapes), area.area)
    reaches = shapely.area(inside) > 0
    sure, perhaps = trusted & ~off_ground, ~trusted & ~off_ground
    low_m2 = _once_m2(inside[sure & reaches])
    open_rows = perhaps & (reaches | lost)
    high_m2 = low_m2
    if open_rows.any():
        high_m2 = area.area_m2 if lost[open_rows].any() else _once_m2(inside[(sure | perhaps) & reaches])
    whys = []
    if open_rows.any():
        ids = listed(frame["id"].astype(str)[open_rows])
        whys.append(_say("green-open", count=int(open_rows.sum()), ids=ids))
    notes = []
    if (off_ground & reaches).any():
        rows = off_ground & reaches
        notes.append(_say("not-ground", count=int(rows.sum()), ha=float(shapely.area(inside[rows]).sum()) / 1e4))
    classes = [classes_written(str(text)) for text in written]
    if classes and all(found and found <= WITHOUT_ATTACHED for found in classes) and frame["kind"].notna().all():
        notes.append(_say("no-attached"))
    drawn = gpd.GeoDataFrame(
        {
            "kind": np.select([off_ground, sure], ["not-ground", "green"], "unknown"),
            "feature": frame["id"].astype(str),
            "green_kind": frame["kind"],
        },
        geometry=inside,
        crs=frame.crs,
    )
    with_parks_m2 = _once_m2(np.concatenate([inside[sure & reaches], within(_sure_parks(site), area.area)]))
    more = with_parks_m2 - low_m2 > DUST_SHARE * area.area_m2
    other = (Alternative(100 * with_parks_m2 / area.area_m2, _say("with-parks")),) if more else ()
    value_m2 = None if open_rows.any() else low_m2
    return _Green(_say("from-green"), low_m2, value_m2, high_m2, drawn, tuple(whys), tuple(notes), other)


def _sure_parks(site: Site) -> NDArray[np.object_]:
    """Polygons that are parks for certain: of their own layer, else parcels classed so."""
    layer = site.layer("parks")
    if layer is not None:
        frame = layer.frame()
        trusted = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
        shapes = frame.geometry.to_numpy()[trusted]
        return shapes[shapely.area(shapes) > 0]
    if site.layer("parcels") is None or "parks" in site.submission.none:
        return np.empty(0, dtype=object)
    found = park_parcels(site, doubtful=False)
    return found.shapes[found.sure]


def _from_parks_alone(site: Site, area: Scope) -> _Green:
    """Green spaces are declared not to exist: nothing, or, where there are parks, something all the same."""
    parks = within(_sure_parks(site), area.area)
    low_m2 = _once_m2(parks)
    drawn = gpd.GeoDataFrame({"kind": ["park"] * len(parks)}, geometry=parks, crs=site.submission.crs)
    if not low_m2 > 0:
        return _Green(_say("from-green"), 0.0, 0.0, 0.0, drawn)
    why = _say("parks-alone", ha=low_m2 / 1e4)
    return _Green(_say("from-green"), low_m2, None, area.area_m2, drawn, (why,))


def _from_parcels(site: Site, area: Scope) -> _Green:
    frame = site.needed("parcels").frame(("id", "land_use", "green_ratio"))
    inside = within(frame.geometry.to_numpy(), area.area)
    trusted = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    reaches = shapely.area(inside) > 0
    frame, inside, trusted = frame[reaches], inside[reaches], trusted[reaches]
    low, high = _ratios(frame)
    stack = CoverStack(inside, low, high, trusted, np.zeros(len(frame), dtype=bool))
    low_m2, value_m2, high_m2, covered_m2 = stack.permeable_m2()
    bare_m2 = area.area_m2 - covered_m2
    bare_m2 = bare_m2 if bare_m2 > DUST_SHARE * area.area_m2 else 0.0
    unread = ~trusted | (low != high)
    whys = []
    if unread.any():
        ids = listed(frame["id"].astype(str)[unread])
        whys.append(_say("ratio-open", count=int(unread.sum()), ids=ids))
    if bare_m2 > 0:
        whys.append(_say("ground-open", ha=f"{bare_m2 / 1e4:.4g}"))
    if not unread.any() and value_m2 - low_m2 > DUST_SHARE * area.area_m2:
        whys.append(_say("overlaps-differ"))
    drawn = gpd.GeoDataFrame(
        {
            "kind": np.where(unread, "unknown", "parcel"),
            "feature": frame["id"].astype(str),
            "green_ratio": np.where(low == high, 100 * low, np.nan),
        },
        geometry=inside,
        crs=frame.crs,
    )
    known = None if unread.any() or not covered_m2 > 0 else value_m2
    return _Green(_say("from-parcels"), low_m2, known, high_m2 + bare_m2, drawn, tuple(whys))


def _ratios(parcels: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Between what the green share of each parcel lies, 0–1: shape (n,) each."""
    stated = parcels["green_ratio"].to_numpy(dtype=float)
    stated = np.where((stated >= 0) & (stated <= 1), stated, np.nan)
    plain = ~parcels["land_use_doubt"].eq(True).to_numpy(dtype=bool)
    green = parcels["land_use"].isin(list(WHOLLY_GREEN)).to_numpy(dtype=bool) & plain
    water = parcels["land_use"].eq(LandUse.WATER).fillna(False).to_numpy(dtype=bool) & plain
    blank = np.isnan(stated)
    low = np.where(blank, np.where(green, 1.0, 0.0), stated)
    high = np.where(blank, np.where(water, 0.0, 1.0), stated)
    return low, high


def _shown(area: Scope, drawn: gpd.GeoDataFrame) -> tuple[Shapes, ...]:
    outline = gpd.GeoDataFrame({"kind": ["area"]}, geometry=[area.area], crs=drawn.crs)
    frame = Shapes(outline, legend={"area": (Tone.FRAME, _say("kind-area"))})
    drawn = drawn.assign(area_m2=shapely.area(drawn.geometry.to_numpy()))
    drawn = drawn[drawn["area_m2"] > 0]
    if not len(drawn):
        return (frame,)
    tones = {
        "unknown": Tone.UNKNOWN,
        "not-ground": Tone.UNCOUNTED,
        "green": Tone.GOOD,
        "park": Tone.GOOD,
        "parcel": Tone.COUNTED,
    }
    present = [kind for kind in tones if drawn["kind"].eq(kind).any()]
    weight = drawn["kind"].map({kind: at for at, kind in enumerate(tones)}).to_numpy(dtype=float)
    figures = [name for name in ("green_kind", "green_ratio", "area_m2") if name in drawn]
    found = Shapes(
        drawn.iloc[np.lexsort((-drawn["area_m2"].to_numpy(), weight))],
        legend={kind: (tones[kind], _say(f"kind-{kind}")) for kind in present},
        columns={name: _say(f"column-{name}") for name in figures},
        ramp="green_ratio" if present == ["parcel"] else None,
    )
    return frame, found


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
