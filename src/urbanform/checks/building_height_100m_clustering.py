"""Distance from each new tall building (新建高层建筑) to the next, in metres.

What it measures
    For every new building of ``height_m`` and more, the distance between its footprint and that of the nearest other
    such building.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）3: new buildings of 100 m and more should stand
    relatively close together, without a figure for how close.
How
    New buildings and their heights are those of ``building-height-250m``; a building of exactly ``height_m`` is among
    them. Footprints that share ground are parts of one building, the tallest of which tells. The distance is straight,
    between the nearest points of two footprints. Where it is not known whether another building is new, or how tall it
    is, the distance lies between that to the nearest that may be such, and that to the nearest that certainly is. One
    that has no other is listed without a figure; beyond ``isolated_m`` a note says so.
Known limits
    Only new buildings count as neighbours: one that stands beside older towers is shown as alone. A building that is
    drawn as several polygons side by side is taken for several.
References
    Distances are planar, in the working CRS.
"""

from dataclasses import dataclass, replace
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.contiguous import lump_numbers
from urbanform.measure.nearest import nearest_other
from urbanform.measure.shared_ground import sharing_ground
from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.listing import listed
from urbanform.site.new_buildings import newness_told, why_new_is_open
from urbanform.site.new_heights import NewHeights, end_of, new_heights, together
from urbanform.wording import Words, own_words

UNIT = Unit.METRE
NEEDS = (need("buildings"),)
USES = ()

SAME_HEIGHT = 1e-9
"""Heights nearer to ``height_m`` than this, relative to it, count as equal to it."""


class Params(CheckParams):
    """From which height a building counts as tall, and from which distance as isolated."""

    height_m: Annotated[float, Field(gt=0)] = 100.0
    isolated_m: Annotated[float, Field(ge=0)] = 500.0


WORDS = {
    "method": (
        "新建且高度不低于 {height} 米的建筑，到最近的另一栋此类建筑的基底间距",
        "new buildings of {height} m and more: distance between footprints to the nearest other such building",
    ),
    "none-tall": (
        "没有高度达到 {height} 米的新建建筑",
        "no new building is {height} m or more",
    ),
    "alone": (
        "只有这一栋，没有另一栋新建建筑达到 {height} 米，无间距可量",
        "no other new building is {height} m or more, so there is no distance",
    ),
    "isolated": (
        "距最近的同类建筑超过 {distance} 米，未与其他高层建筑集中布局；请说明选址理由",
        "over {distance} m from the nearest such building, apart from other tall ones; give the grounds for the site",
    ),
    "neighbour-open": (
        "{count} 栋建筑是否为 {height} 米以上的新建建筑未知：{names}；请补填处理方式（action）和建筑高度（height）",
        "for {count} buildings it is not known whether they are new and of {height} m or more: {names}; give their "
        "action and height",
    ),
    "shape-open": (
        "该建筑或相邻高层建筑的图形有错误或缺失，间距不可量；请修复几何后重新提交",
        "the shape of this building, or of another tall one, is broken or missing; repair it and hand it in again",
    ),
    "kind-tall": ("新建高层建筑", "new tall building"),
    "kind-open": ("可能属于新建高层建筑", "perhaps a new tall building"),
    "kind-gap": ("到最近一栋的间距", "distance to the nearest"),
    "kind-wide": ("间距超过集中布局参考值", "distance beyond the reference for standing together"),
    "column-height_m": ("建筑高度（米）", "height (m)"),
    "column-distance_m": ("到最近一栋的间距（米）", "distance to the nearest (m)"),
}


@dataclass(frozen=True, eq=False)
class _Towers:
    """Buildings that are or may be new and tall, footprints that share ground together: shape (n,) each."""

    ids: list[str]
    names: list[str | None]
    shapes: NDArray[np.object_]
    sound: NDArray[np.bool_]
    certain: NDArray[np.bool_]
    height_m: NDArray[np.float64]
    why: list[Words | None]


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Metres from each new tall building to the next; see the module."""
    towers = _towers(site, params.height_m)
    notes = [_say("method", height=params.height_m)]
    subjects: tuple[Subject, ...]
    gaps = np.zeros(len(towers.ids), dtype=object)
    if not towers.ids:
        notes.append(_say("none-tall", height=params.height_m))
        subjects = ()
    elif not newness_told(site):
        subjects = (Subject("1", missing=why_new_is_open(site)),)
    else:
        subjects, gaps = _distances(towers, params)
    return Measurement(
        UNIT, subjects, tuple(notes), _evidence(site, towers, subjects, gaps, params), higher_is_worse=True
    )


def _towers(site: Site, height_m: float) -> _Towers:
    found: list[tuple[NewHeights, NDArray[np.intp]]] = []
    for batch in new_heights(site):
        tall = np.flatnonzero(batch.heights.high_m >= height_m * (1 - SAME_HEIGHT))
        if tall.size:
            found.append((batch, tall))
    if not found:
        nothing = np.zeros(0)
        return _Towers([], [], nothing.astype(object), nothing > 0, nothing > 0, nothing, [])
    ids = [batch.ids[row] for batch, rows in found for row in rows]
    names = [batch.names[row] for batch, rows in found for row in rows]
    why = [batch.why_open(site, int(row)) for batch, rows in found for row in rows]
    shapes = np.concatenate([batch.buildings.geometry.to_numpy()[rows] for batch, rows in found])
    sound = np.concatenate([batch.buildings["sound"].to_numpy(dtype=bool)[rows] for batch, rows in found])
    low_m = np.concatenate([batch.heights.low_m[rows] for batch, rows in found])
    high_m = np.concatenate([batch.heights.high_m[rows] for batch, rows in found])
    new = np.concatenate([batch.bound.certain[rows] for batch, rows in found])
    certain = new & (low_m >= height_m * (1 - SAME_HEIGHT))
    known_m = np.where(low_m == high_m, low_m, np.nan)
    sound &= ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    return _whole(_Towers(ids, names, shapes, sound, certain, known_m, why))


def _whole(towers: _Towers) -> _Towers:
    """Footprints that share ground as one building, under the tallest that certainly counts."""
    trusted = np.flatnonzero(towers.sound)
    pairs = sharing_ground(towers.shapes[trusted])
    if not len(pairs[0]):
        return towers
    lump = lump_numbers(len(towers.ids), (trusted[pairs[0]], trusted[pairs[1]]))
    order = np.lexsort((np.arange(len(lump)), -np.nan_to_num(towers.height_m), ~towers.certain, lump))
    _, first = np.unique(lump[order], return_index=True)
    leads = order[first]
    rows = [np.flatnonzero(lump == lump[lead]) for lead in leads]
    return _Towers(
        [towers.ids[lead] for lead in leads],
        [towers.names[lead] for lead in leads],
        np.array([shapely.union_all(towers.shapes[mine]) for mine in rows], dtype=object),
        towers.sound[leads],
        towers.certain[leads],
        towers.height_m[leads],
        [towers.why[lead] for lead in leads],
    )


def _distances(towers: _Towers, params: Params) -> tuple[tuple[Subject, ...], NDArray[np.object_]]:
    """A subject for every tower, and the line to the nearest that certainly is one, or None."""
    every = np.arange(len(towers.ids))
    sure = np.flatnonzero(towers.certain & towers.sound)
    placed = np.flatnonzero(~shapely.is_missing(towers.shapes))
    low_m, _ = nearest_other(towers.shapes, every, placed)
    # A tower of unknown place may stand next to any other, and any other next to it.
    lost = ~np.isin(every, placed)
    low_m = np.where((lost.sum() > lost) | (lost & (len(every) > 1)), 0.0, low_m)
    high_m, nearest = nearest_other(towers.shapes, every, sure)
    high_m = np.where(towers.sound, high_m, np.inf)
    gaps = np.full(len(every), None, dtype=object)
    drawn = towers.certain & towers.sound & (nearest >= 0)
    gaps[drawn] = shapely.shortest_line(towers.shapes[drawn], towers.shapes[nearest[drawn]])
    return tuple(_subject(towers, row, float(low_m[row]), float(high_m[row]), params) for row in every.tolist()), gaps


def _subject(towers: _Towers, row: int, low_m: float, high_m: float, params: Params) -> Subject:
    subject = Subject(towers.ids[row], towers.names[row])
    if not towers.certain[row]:
        return replace(subject, missing=towers.why[row])
    if np.isinf(low_m):
        return replace(subject, notes=(_say("alone", height=params.height_m),))
    notes = (_say("isolated", distance=params.isolated_m),) if low_m > params.isolated_m else ()
    if low_m == high_m:
        return replace(subject, value=low_m, notes=notes)
    others = listed(towers.ids[n] for n in np.flatnonzero(~towers.certain))
    told = _say("neighbour-open", count=len(others), height=params.height_m, names=others)
    whys = ([told] if others else []) + ([] if towers.sound.all() else [_say("shape-open")])
    return replace(subject, bounds=Bounds(low_m, end_of(high_m)), missing=together(whys), notes=(*notes, *whys))


def _evidence(
    site: Site, towers: _Towers, subjects: tuple[Subject, ...], gaps: NDArray[np.object_], params: Params
) -> tuple[Shapes, ...]:
    seen = ~shapely.is_missing(towers.shapes)
    if not seen.any():
        return ()
    told = len(subjects) == len(towers.ids)
    distance_m = [subject.value for subject in subjects] if told else [None] * len(towers.ids)
    frame = gpd.GeoDataFrame(
        {
            "kind": np.where(towers.certain, "tall", "open"),
            "subject": towers.ids,
            "feature": towers.ids,
            "name": towers.names,
            "height_m": towers.height_m,
            "distance_m": np.array([np.nan if value is None else value for value in distance_m]),
        },
        geometry=towers.shapes,
        crs=site.submission.crs,
    )
    lines = frame[[gap is not None and told for gap in gaps]].drop(columns=["feature", "height_m", "geometry"])
    drawn = [gap for gap in gaps if gap is not None] if told else []
    length_m = shapely.length(np.array(drawn, dtype=object))
    lines = gpd.GeoDataFrame(
        lines.assign(kind=np.where(length_m > params.isolated_m, "wide", "gap"), distance_m=length_m),
        geometry=drawn,
        crs=site.submission.crs,
    )
    frame = pd.concat([frame[seen & (frame["kind"] == kind)] for kind in ("tall", "open")], ignore_index=True)
    lines = lines.sort_values("distance_m", ascending=False, kind="stable", ignore_index=True)
    distance = _say("column-distance_m")
    return (
        Shapes(
            frame,
            {"tall": (Tone.COUNTED, _say("kind-tall")), "open": (Tone.UNKNOWN, _say("kind-open"))},
            {"height_m": _say("column-height_m"), "distance_m": distance},
        ),
        Shapes(
            lines,
            {"wide": (Tone.BREACH, _say("kind-wide")), "gap": (Tone.MARK, _say("kind-gap"))},
            {"distance_m": distance},
        ),
    )


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
