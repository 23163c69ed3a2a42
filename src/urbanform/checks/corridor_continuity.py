"""Continuity of each ecological corridor (生态廊道): how often it is broken.

What it measures
    0 for a corridor that a disc of ``disc_m`` can travel from end to end; else the pieces of free ground that reach an
    end or two banks, less one, and at least 1. Where clusters are given, each pair of neighbours without a corridor
    between them is a subject as well, which cannot be decided.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）1, Jiaozuo 焦建规定〔2023〕3号 二（一） and Liangshan
    （四）: corridors run through without a break.
How
    Banks and obstacles as for the net width. Parts of the polygon up to ``join_m`` apart are one; a wall thinner than
    that still breaks it. Roads that cross do not break it. Clusters are neighbours where they lie less than
    ``neighbour_m`` apart and the shortest line between them meets no third one; a corridor lies between them where it
    meets that line, or the line between their middles.
    Where two places could be meant for an end, both are tried; breaks that differ are given as bounds.
Known limits
    A culvert or bridge under which animals pass is not known to the layers.
References
    City health check indicator system 2021 (城市体检指标体系), indicator 5.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.continuity import Continuity, continuity
from urbanform.measure.width import WidthReason
from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.corridors import SiteCorridor, corridors_of, unsound_corridors
from urbanform.wording import Words, own_words

UNIT = Unit.ONE
NEEDS = (need("corridors"),)
USES = (need("buildings"), need("parcels"), need("roads"))
LOOKS_AT = ("clusters",)
SUBJECTS = "corridors"

ROAD_WIDTH_M = 12.0


class Params(CheckParams):
    """What joins, what must pass, and which clusters are neighbours."""

    join_m: float = Field(1.0, ge=0)
    disc_m: float = Field(1.0, gt=0)
    neighbour_m: float = Field(3000.0, ge=0)


WORDS = {
    "method": (
        "直径 {disc} 米的圆能从一端通到另一端即为贯通；否则断点数＝通向端部或两侧的地块数减一（至少为 1）",
        "continuous where a disc of {disc} m can travel from end to end; else breaks = pieces leading to an end or to "
        "two banks, less one (at least 1)",
    ),
    "break": ("断点宽 {length} 米，被 {names} 占据", "a break of {length} m, filled by {names}"),
    "gap": ("断点宽 {length} 米，图形在此不相连", "a break of {length} m where the shape itself stops"),
    "unclear": (
        "看不出廊道的两端，无法判断是否贯通；请按组团之间的走向绘成带状面",
        "the two ends of the corridor cannot be told; draw it as a band between clusters",
    ),
    "open": (
        "廊道内有宽度或状态未知的道路、图形错误的建筑、用途未知的用地，是否隔断未知；请补正",
        "roads of unknown width, buildings with broken shapes, parcels of unknown use or roads of unknown status stand "
        "in it, and it is not known whether they break it; mend them",
    ),
    "open-ends": (
        "廊道端部画得不规整，分不清侧边与端线，是否贯通随端线画法而变；请把端部画成一条直线或圆头",
        "the corridor's end is drawn so that its sides and its end line cannot be told apart, and whether it runs "
        "through hangs on that; draw the end as one straight line or a rounded cap",
    ),
    "no-corridor": (
        "{pair} 相距 {distance} 米，其间没有绘出生态廊道；请补绘廊道，或说明无须设置的理由",
        "{pair} lie {distance} m apart with no corridor drawn between them; draw it, or say why none is needed",
    ),
    "kind-corridor": ("生态廊道", "corridor"),
    "kind-piece": ("连通的地块", "piece of free ground"),
    "kind-break": ("断点", "break"),
    "kind-crossing": ("横穿道路", "crossing road"),
    "kind-pair": ("相邻组团之间没有廊道", "neighbouring clusters without a corridor"),
    "column-breaks": ("断点数", "breaks"),
    "column-length_m": ("长度（米）", "length (m)"),
}


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Breaks of each corridor; see the module."""
    corridors = corridors_of(site, params.join_m, ROAD_WIDTH_M)
    found = [(corridor, continuity(corridor.least, params.disc_m, width=corridor.width)) for corridor in corridors]
    subjects = [_subject(corridor, state, params) for corridor, state in found]
    subjects += unsound_corridors(site)
    pairs = _lonely_pairs(site, params.neighbour_m)
    subjects += [subject for subject, _ in pairs]
    return Measurement(
        UNIT,
        tuple(subjects),
        notes=(_say("method", disc=params.disc_m),),
        evidence=_evidence(site, found, subjects, [line for _, line in pairs]),
        higher_is_worse=True,
    )


def _subject(corridor: SiteCorridor, state: Continuity, params: Params) -> Subject:
    sure = state if corridor.most is corridor.least else continuity(corridor.most, params.disc_m, width=corridor.widest)
    if state.breaks is None or state.wide_roads_breaks is None or sure.breaks is None:
        return Subject(corridor.id, corridor.name, missing=_say("unclear"))
    if state.further_ends_breaks is None:
        return Subject(corridor.id, corridor.name, missing=_say("open-ends"))
    notes = []
    for place in state.places:
        if place.filled_by:
            names = list(map(corridor.words_of, place.filled_by))
            notes.append(_say("break", length=round(place.length_m, 2), names=names))
        elif corridor.width.reason is WidthReason.APART:
            notes.append(_say("gap", length=round(place.length_m, 2)))
    counts = (state.breaks, state.wide_roads_breaks, sure.breaks)
    if state.further_ends_breaks not in counts:
        notes.append(_say("open-ends"))
    low, high = float(min(*counts, state.further_ends_breaks)), float(max(*counts, state.further_ends_breaks))
    why = _say("open" if min(counts) < max(counts) else "open-ends")
    return Subject(
        corridor.id,
        corridor.name,
        value=low if low == high else None,
        bounds=None if low == high else Bounds(low, high),
        doubts=corridor.doubts,
        missing=None if low == high else why,
        notes=tuple(notes),
    )


def _lonely_pairs(site: Site, neighbour_m: float) -> list[tuple[Subject, shapely.LineString]]:
    """Neighbouring clusters between which no corridor is drawn, each with the line on which one should lie."""
    layer = site.layer("clusters")
    if layer is None:
        return []
    frame = layer.frame(("id", "name"))
    frame = frame[frame["sound"].to_numpy(dtype=bool)]
    shapes = frame.geometry.to_numpy()
    drawn = site.needed("corridors").frame(())
    corridors = shapely.union_all(drawn.geometry.to_numpy()[drawn["sound"].to_numpy(dtype=bool)])
    shapely.prepare(corridors)
    tree = shapely.STRtree(shapes)
    # A little further than asked: who is a neighbour is settled by the distance itself.
    near = tree.query(shapes, predicate="dwithin", distance=1.001 * neighbour_m)
    lonely = []
    for one, other in sorted(zip(*near[:, near[0] < near[1]].tolist(), strict=True)):
        distance = float(shapely.distance(shapes[one], shapes[other]))
        if not 0 < distance < neighbour_m:
            continue
        line = shapely.shortest_line(shapes[one], shapes[other])
        if set(tree.query(line, predicate="intersects").tolist()) - {one, other}:
            continue
        middles = shapely.linestrings(
            [shapely.get_coordinates(shapely.centroid(shape))[0] for shape in (shapes[one], shapes[other])]
        )
        if shapely.intersects(corridors, line) or shapely.intersects(corridors, middles):
            continue
        names = [_label(frame, row) for row in (one, other)]
        pair = " — ".join(names)
        key = "+".join(str(frame["id"].iloc[row]) for row in (one, other))
        lonely.append((Subject(key, pair, missing=_say("no-corridor", pair=pair, distance=round(distance))), line))
    return lonely


def _label(frame: gpd.GeoDataFrame, row: int) -> str:
    name = frame["name"].iloc[row]
    return str(frame["id"].iloc[row]) if pd.isna(name) else str(name)


def _evidence(
    site: Site,
    found: list[tuple[SiteCorridor, Continuity]],
    subjects: list[Subject],
    pairs: list[shapely.LineString],
) -> tuple[Shapes, ...]:
    breaks = {subject.id: subject.value for subject in subjects}
    areas: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for corridor, state in found:
        own = {"subject": corridor.id, "name": corridor.name}
        whole = shapely.union_all(corridor.polygons)
        areas.append({**own, "kind": "corridor", "breaks": breaks[corridor.id], "geometry": whole})
        areas.extend({**own, "kind": "piece", "geometry": piece} for piece in state.pieces)
        lines.extend(
            {**own, "kind": "break", "length_m": place.length_m, "geometry": place.line} for place in state.places
        )
        lines.extend(
            {**own, "kind": "crossing", "length_m": crossing.length_m, "geometry": crossing.line}
            for crossing in corridor.least.crossings
        )
    lines += [{"kind": "pair", "length_m": line.length, "geometry": line} for line in pairs]
    shown = []
    crs = site.submission.crs
    if areas:
        frame = gpd.GeoDataFrame(areas, geometry="geometry", crs=crs).astype({"breaks": float})
        shown.append(
            Shapes(
                frame,
                legend={
                    "corridor": (Tone.GOOD, _say("kind-corridor")),
                    "piece": (Tone.COUNTED, _say("kind-piece")),
                },
                columns={"breaks": _say("column-breaks")},
            )
        )
    if lines:
        order = {"break": 0, "pair": 1, "crossing": 2}
        frame = gpd.GeoDataFrame(lines, geometry="geometry", crs=crs)
        rank = frame["kind"].map(order).to_numpy()
        frame = frame.iloc[np.argsort(rank, kind="stable")].reset_index(drop=True)
        shown.append(
            Shapes(
                frame,
                legend={
                    "break": (Tone.BREACH, _say("kind-break")),
                    "pair": (Tone.UNKNOWN, _say("kind-pair")),
                    "crossing": (Tone.EXEMPT, _say("kind-crossing")),
                },
                columns={"length_m": _say("column-length_m")},
            )
        )
    return tuple(shown)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
