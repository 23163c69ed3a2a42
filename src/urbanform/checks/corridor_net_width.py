"""Net width of each ecological corridor (生态廊道), in metres.

What it measures
    The diameter of the largest disc that can travel the corridor, in through one end and out through another, clear of
    its banks, of buildings, of construction land and of roads along it.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）1 and Jiaozuo 焦建规定〔2023〕3号 二（一）: at
    least 100 m; Liangshan （四）: in principle at least 50 m.
How
    Polygons that touch are one corridor, whose outline is cut at its ends into banks. Banks and obstacles are nodes,
    the gaps between them edges; the net width is the smallest gap that any chain of obstacles from one bank to
    another must leave, and there is no tolerance to pick. A gap counts only where it lies inside the corridor. A road
    that joins two banks and is short is a crossing, which is listed and does not narrow; every other stretch narrows,
    as wide as its red line, else as its pavement or ``road_width_m``. A figure that would not stand with 40 m for an
    unknown width is given as bounds.
Known limits
    A shape without two ends that is no belt (a square, a disc, a rectangle under about one and a half times as long as
    wide) has no net width. Where a rough outline leaves it open where side and end part, the figure is given as
    bounds over the ends that could be meant, and no verdict stands that they do not share. Of 4,000 invented corridors
    with ragged sides and ends of eight kinds, none of them used in finding the method, 583 were so left open; of the
    others 3 read too wide, by 0.2 to 22 m, and 24 over a metre too narrow, by up to 32 m (on others up to some 40 m,
    where a corridor turns within a width of a rounded end). The map shows the ends. Farmland and forest count as open.
References
    City health check indicator system 2021 (城市体检指标体系), indicator 5.
"""

import math

import geopandas as gpd
import numpy as np
import shapely
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.width import WidthReason
from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.corridors import SiteCorridor, corridors_of, unsound_corridors
from urbanform.wording import Words, own_words

UNIT = Unit.METRE
NEEDS = (need("corridors"),)
USES = (need("buildings"), need("parcels"), need("roads"))
LOOKS_AT = ("clusters",)
SUBJECTS = "corridors"

TOLERANCE_M = 0.05
JOIN_M = 1.0
TOLD_WIDTHS_M = (50.0, 100.0)
ENDS_AGREE_M = 0.01
"""Widths for ends here or further out that differ by no more are one figure."""


class Params(CheckParams):
    """The least width of a road of which no width is known."""

    road_width_m: float = Field(12.0, gt=0)


WORDS = {
    "method": (
        "净宽＝能从一端穿行至另一端的最大圆的直径，避开建筑、建设用地和沿廊道的道路；"
        "红线宽度未知的道路至少按 {road} 米",
        "net width: diameter of the largest disc that can travel from end to end, clear of buildings, construction "
        "land and roads along it; roads of unknown red-line width at least {road} m",
    ),
    "empty": ("廊道没有面积", "the corridor has no area"),
    "ends-unclear": (
        "看不出廊道的两端，无法量算净宽；请按组团之间的走向绘成带状面",
        "the two ends of the corridor cannot be told; draw it as a band between clusters",
    ),
    "no-two-ends": (
        "图形没有两端（如方块、圆），不成廊道；请按组团之间的走向绘成带状面",
        "the shape has no two ends (a square, a disc) and is no corridor; draw it as a band between clusters",
    ),
    "apart": ("廊道分为互不相连的几段，净宽为 0", "the corridor lies in pieces that do not meet; its net width is 0"),
    "walled-off": ("廊道被完全隔断，净宽为 0", "the corridor is walled off; its net width is 0"),
    "pointed": ("廊道收窄至一点，净宽为 0", "the corridor tapers to a point; its net width is 0"),
    "crossings": ("有 {count} 处道路横穿，不计入净宽", "{count} roads cross it, which does not narrow it"),
    "lengths": (
        "最宽通路长 {all} 千米，其中净宽不小于 100 米的 {hundred} 千米，不小于 50 米的 {fifty} 千米",
        "its widest path is {all} km long, of which {hundred} km are at least 100 m wide and {fifty} km at least 50 m",
    ),
    "chain": ("最窄处由 {names} 夹成", "the narrowest place is made by {names}"),
    "unknown-road": (
        "沿廊道的道路 {roads} 红线宽度未知，按 40 米计净宽为 {width} 米；请补填红线宽度",
        "the roads {roads} along it have no red-line width; at 40 m the net width is {width} m; fill in the width",
    ),
    "open-ends": (
        "廊道端部画得不规整，分不清侧边与端线：端线在内净宽 {high} 米，在外 {low} 米（均见图）；"
        "请把端部画成一条直线或圆头，侧边止于端线两端",
        "the corridor's end is drawn so that its sides and its end line cannot be told apart: {high} m wide with the "
        "inner end line, {low} m with the outer one (both on the map); draw the end as one straight line or a rounded "
        "cap, at which the sides stop",
    ),
    "open-obstacles": (
        "廊道内有图形错误的建筑、用途未知的用地或规划状态未知的道路，是否构成障碍未知；请补正",
        "buildings with broken shapes, parcels of unknown use or roads of unknown status stand in it and may or may "
        "not be obstacles; mend them",
    ),
    "kind-corridor": ("生态廊道", "corridor"),
    "kind-chain": ("夹成最窄处的障碍物", "obstacles that make the narrowest place"),
    "kind-obstacle": ("其他障碍物", "other obstacles"),
    "kind-narrowest": ("最窄处", "narrowest place"),
    "kind-path": ("最宽通路", "widest path"),
    "kind-crossing": ("横穿道路", "crossing road"),
    "kind-end": ("廊道端部", "end of the corridor"),
    "kind-further-end": ("端部的另一可能", "where the end could be as well"),
    "column-width_m": ("净宽（米）", "net width (m)"),
    "column-length_m": ("长度（米）", "length (m)"),
    "column-obstacle": ("障碍物", "obstacle"),
}


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Metres of net width of each corridor; see the module."""
    corridors = corridors_of(site, JOIN_M, params.road_width_m)
    subjects = [*map(_subject, corridors), *unsound_corridors(site)]
    return Measurement(
        UNIT,
        tuple(subjects),
        notes=(_say("method", road=params.road_width_m),),
        evidence=_evidence(site, corridors),
        higher_is_worse=False,
        tolerance_m=TOLERANCE_M,
    )


def _subject(corridor: SiteCorridor) -> Subject:
    narrow, wide = corridor.width, corridor.widest
    if math.isnan(narrow.width_m) or math.isnan(wide.width_m):
        reason = narrow.reason if math.isnan(narrow.width_m) else wide.reason
        return Subject(corridor.id, corridor.name, missing=_say((reason or WidthReason.ENDS_UNCLEAR).value))
    notes: list[Words] = []
    if narrow.reason is WidthReason.WALLED_OFF and not narrow.chain:
        notes.append(_say("pointed"))
    elif narrow.reason is not None:
        notes.append(_say(narrow.reason.value))
    if narrow.chain:
        notes.append(_say("chain", names=list(map(corridor.words_of, narrow.chain))))
    if narrow.width_m > 0 and narrow.profile.lines:
        lengths_km = [narrow.compliant_length_m(wide_m) / 1000 for wide_m in TOLD_WIDTHS_M]
        told = dict(zip(("fifty", "hundred"), (f"{length_km:.2f}" for length_km in lengths_km), strict=True))
        notes.append(_say("lengths", all=f"{narrow.profile.length_m / 1000:.2f}", **told))
    if corridor.least.crossings:
        notes.append(_say("crossings", count=len(corridor.least.crossings)))
    further_m, low = (_least(width_m) for width_m in (narrow.further_ends_width_m, narrow.least_width_m))
    open_ends = further_m < narrow.width_m - ENDS_AGREE_M or low < narrow.wide_roads_width_m - ENDS_AGREE_M
    why: list[Words] = []
    if wide.width_m > narrow.width_m:
        why.append(_say("open-obstacles"))
    if narrow.wide_roads_width_m < narrow.width_m:
        roads = [corridor.name_of_road(number) for number in corridor.least.doubtful_roads]
        why.append(_say("unknown-road", roads=roads, width=narrow.wide_roads_width_m))
        notes.append(why[-1])
    if open_ends:
        why.append(_say("open-ends", low=further_m, high=narrow.width_m))
        notes.append(why[-1])
    else:
        low = _least(narrow.wide_roads_width_m)
    high = wide.width_m
    settled = high == narrow.width_m and not open_ends
    return Subject(
        corridor.id,
        corridor.name,
        value=narrow.width_m if settled else None,
        bounds=None if low == high else Bounds(low, high),
        doubts=corridor.doubts,
        missing=why[0] if why else None,
        notes=tuple(notes),
    )


def _least(width_m: float) -> float:
    """A width, or the least that there is where it cannot be told."""
    return 0.0 if math.isnan(width_m) else width_m


def _evidence(site: Site, corridors: tuple[SiteCorridor, ...]) -> tuple[Shapes, ...]:
    areas: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for corridor in corridors:
        narrow = corridor.width
        width = None if math.isnan(narrow.width_m) else narrow.width_m
        own = {"subject": corridor.id, "name": corridor.name}
        whole = shapely.union_all(corridor.polygons)
        areas.append({**own, "kind": "corridor", "width_m": width, "geometry": whole})
        chain = set(narrow.chain)
        for obstacles in corridor.least.obstacles:
            for shape, ref in zip(obstacles.shapes, obstacles.refs, strict=True):
                kind = "chain" if ref in chain else "obstacle"
                told = corridor.words_of(ref)
                areas.append({**own, "kind": kind, "feature": told.code, "obstacle": told.zh, "geometry": shape})
        if narrow.widest_path is not None:
            path = narrow.widest_path
            lines.append({**own, "kind": "path", "width_m": width, "length_m": path.length, "geometry": path})
        if narrow.narrowest is not None:
            place = narrow.narrowest
            lines.append({**own, "kind": "narrowest", "width_m": width, "length_m": place.length, "geometry": place})
        lines.extend(
            {**own, "kind": "crossing", "length_m": crossing.length_m, "geometry": crossing.line}
            for crossing in corridor.least.crossings
        )
        lines += [{**own, "kind": "end", "geometry": end} for end in corridor.least.ends if end.length > 0]
        lines += [{**own, "kind": "further-end", "geometry": end} for end in _further_ends(corridor)]
    crs = site.submission.crs
    shown = []
    if areas:
        frame = gpd.GeoDataFrame(areas, geometry="geometry", crs=crs).astype({"width_m": float})
        order = frame["kind"].map({"chain": 0, "corridor": 1, "obstacle": 2}).to_numpy()
        shown.append(
            Shapes(
                frame.iloc[np.argsort(order, kind="stable")].reset_index(drop=True),
                legend={
                    "corridor": (Tone.GOOD, _say("kind-corridor")),
                    "chain": (Tone.BREACH, _say("kind-chain")),
                    "obstacle": (Tone.UNCOUNTED, _say("kind-obstacle")),
                },
                columns={"width_m": _say("column-width_m"), "obstacle": _say("column-obstacle")},
            )
        )
    if lines:
        frame = gpd.GeoDataFrame(lines, geometry="geometry", crs=crs)
        order = frame["kind"].map({"narrowest": 0, "path": 1, "crossing": 2, "end": 3, "further-end": 4}).to_numpy()
        shown.append(
            Shapes(
                frame.iloc[np.argsort(order, kind="stable")].reset_index(drop=True),
                legend={
                    "narrowest": (Tone.BREACH, _say("kind-narrowest")),
                    "path": (Tone.COUNTED, _say("kind-path")),
                    "crossing": (Tone.EXEMPT, _say("kind-crossing")),
                    "end": (Tone.FRAME, _say("kind-end")),
                    "further-end": (Tone.UNKNOWN, _say("kind-further-end")),
                },
                columns={"width_m": _say("column-width_m"), "length_m": _say("column-length_m")},
            )
        )
    return tuple(shown)


def _further_ends(corridor: SiteCorridor) -> list[shapely.Geometry]:
    """The end lines further out that could be meant as well, where that would change the width."""
    narrow = corridor.width
    if corridor.least.further is None or not narrow.further_ends_width_m < narrow.width_m - ENDS_AGREE_M:
        return []
    near = set(corridor.least.ends)
    return [end for end in corridor.least.further.ends if end.length > 0 and end not in near]


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
