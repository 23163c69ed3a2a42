"""Density of the road network, in km of centreline per km².

What it measures
    The centreline length of the counted road classes inside the main urban area, divided by its area.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）1, Jiaozuo 焦建规定〔2023〕3号 二（一）, Heilongjiang
    黑建科〔2022〕11号 二（一）3 (above the figure) and Liangshan （五） (at least the figure, by its year).
How
    Ground that two features share counts once, with the first of them. Lines are cut at the edge of the area. A stretch
    that stays within ``boundary_m`` of the edge for more than 20 m lies on the boundary and counts
    ``boundary_share``. Roads whose class is unknown count between nothing and their length.

    With ``merge_carriageways`` a road that is drawn once per carriageway counts once: of lines of one road that run
    within 10° of one another and at most ``carriageway_gap_m`` apart over 80 % of the shorter, the longest keeps its
    length and the others are left out whole; a note gives the length before and after. Lines of one name are one
    road. Lines without a name are of one road only perhaps, where they are of one class: the figure then lies between
    that with them merged, which is given, and that with each of them counted.
Known limits
    Only lines are measured; the class decides what a city road is, so highways (公路) and roads inside estates are out.
    Carriageways that bear names of their own (人民路左幅, 人民路右幅) are told apart as two roads. An elevated road
    above a street counts beside it, unless both bear one name.
References
    GB/T 51328-2018 for the classes; the area is planar, in the working CRS.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.carriageways import count_once
from urbanform.measure.density import hexagons_over
from urbanform.measure.linework import along_edge, clip_lines, near_area, once_only
from urbanform.measure.local import shared_with
from urbanform.model.measurement import Alternative, Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import SCOPE, need
from urbanform.model.roles import ROAD_CLASSES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.scope import Scope, scope_of
from urbanform.wording import Words, own_words, words

UNIT = Unit.KM_PER_KM2
NEEDS = (need(SCOPE), need("roads", "class"))
USES = ()
SCOPE_ROLE = "main_urban_area"

ALONG_M = 20.0
AROUND_M = 1.0
HEXAGON_M = 500.0
NO_NAMES = (
    "",
    "-",
    "/",
    "无",
    "无名",
    "无名路",
    "无名道路",
    "未命名",
    "未命名道路",
    "待命名",
    "规划路",
    "规划道路",
    "道路",
    "unnamed",
    "n/a",
)
"""What stands in a field of names for want of a name, in lower case."""


class Params(CheckParams):
    """Which roads count, and how the edge of the area is treated."""

    classes: tuple[str, ...] = Field(("expressway", "arterial", "secondary", "branch"), min_length=1)
    boundary_m: float = Field(5.0, ge=0)
    boundary_share: float = Field(1.0, ge=0, le=1)
    merge_carriageways: bool = True
    carriageway_gap_m: float = Field(40.0, ge=0)

    def model_post_init(self, context: object) -> None:
        """Refuse classes that no road can have."""
        unknown = [name for name in self.classes if name not in ROAD_CLASSES]
        if unknown:
            raise ValueError(_say("unknown-class", found=unknown, known=list(ROAD_CLASSES)))


WORDS = {
    "unknown-class": ("没有道路等级 {found}；可用：{known}", "no road class {found}; known are {known}"),
    "method": (
        "计入 {classes} 的中心线长度；重复与重叠路段只计一次；沿边界 {boundary} 米内的路段按 {share} 计",
        "centrelines of {classes}; repeated and overlapping stretches once; stretches within {boundary} m along the "
        "edge count {share}",
    ),
    "repeated": (
        "另有 {km} 公里与其他路段重复或重叠，未重复计入",
        "{km} km repeat or overlap other roads and count once",
    ),
    "not-counted": (
        "范围内另有 {km} 公里道路（内部路、公路等）不属于计入等级",
        "{km} km inside are of classes that do not count (internal, highway …)",
    ),
    "on-edge": ("其中 {km} 公里沿边界，按 {share} 计", "{km} km of it run along the edge and count {share}"),
    "edge-half": ("沿边界路段若只计一半，密度为", "with stretches along the edge counted half, the density is"),
    "class-unknown": (
        "范围内有 {km} 公里道路等级未知，可能计入也可能不计；请补填道路等级",
        "{km} km inside have no known class and may or may not count; fill in the road class",
    ),
    "road-unknown": (
        "有 {count} 条道路没有图形或不知是否现状，长度未知；请补充图形与规划状态",
        "{count} roads have no shape, or it is not known whether they exist; supply shape and status",
    ),
    "carriageways": (
        "有 {left} 公里与同名道路平行（分幅绘制），按同一条道路只计一次：合并前 {before} 公里，合并后 {after} 公里",
        "{left} km run beside lines of the same name (one line per carriageway) and count once: {before} km before "
        "merging, {after} km after",
    ),
    "carriageways-unnamed": (
        "有 {left} 公里无名道路与同等级道路平行成对，是否为同一条道路的两幅未知：按同一条道路只计一次为 {after} 公里，"
        "分别计入为 {apart} 公里；请补填路名（submission.yaml：roads: {{path: …, fields: {{name: 路名字段}}}}）；"
        "如图层已是每路一线，可在规则参数中设 merge_carriageways: false",
        "{left} km of unnamed lines run beside lines of the same class and may be carriageways of one road: {after} km "
        "counted once, {apart} km counted one by one; give the roads' names (submission.yaml: roads: {{path: …, "
        "fields: {{name: the field of names}}}}); where the layer has one line per road, set merge_carriageways: false "
        "in the rule's params",
    ),
    "carriageways-alone": (
        "合并的分幅线中有一部分不与另一幅并行；这部分若也计入，密度为",
        "with the stretches of merged carriageways that have no other beside them counted too, the density is",
    ),
    "kind-counted": ("计入的道路", "counted"),
    "kind-edge": ("沿边界的道路", "along the edge"),
    "kind-carriageway": ("同名道路的另一幅，未重复计入", "other carriageway of a named road, not counted twice"),
    "kind-carriageway-unnamed": ("可能为无名道路的另一幅", "perhaps the other carriageway of an unnamed road"),
    "kind-repeated": ("重复、重叠未计入", "repeated, not counted twice"),
    "kind-uncounted": ("不计入的道路", "not counted"),
    "kind-unknown": ("等级未知", "class unknown"),
    "kind-cell": ("每 500 米六边形的路网密度", "density by 500 m hexagon"),
    "column-class": ("道路等级", "class"),
    "column-length": ("长度（米）", "length (m)"),
    "column-density": ("路网密度（公里/平方公里）", "density (km/km²)"),
}


@dataclass(frozen=True, eq=False)
class _Roads:
    """What of each road feature lies inside the area, and what of it counts; shape (n,) each.

    ``inside`` and ``on_edge`` are the parts away from the edge and along it; ``beside`` and ``beside_on_edge`` what of
    them other carriageways count for. ``named`` says whether the road has a name.
    """

    inside: NDArray[np.object_]
    on_edge: NDArray[np.object_]
    named: NDArray[np.bool_]
    beside: NDArray[np.object_]
    beside_on_edge: NDArray[np.object_]
    alone_m: float
    edge_share: float

    def length_m(self, rows: NDArray[np.bool_]) -> float:
        """The length of some of them with every line counted."""
        return self._weighted_m(self.inside, self.on_edge, rows)

    def beside_m(self, rows: NDArray[np.bool_]) -> float:
        """How much of it other carriageways count for."""
        return self._weighted_m(self.beside, self.beside_on_edge, rows)

    def _weighted_m(self, inside: NDArray[np.object_], on_edge: NDArray[np.object_], rows: NDArray[np.bool_]) -> float:
        return float(shapely.length(inside[rows]).sum() + self.edge_share * shapely.length(on_edge[rows]).sum())


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Km of counted centreline per km² of the scope; see the module."""
    area = scope_of(site, scope or SCOPE_ROLE)
    told = [
        _say(
            "method",
            classes=[words(f"road-{name}") for name in params.classes],
            boundary=params.boundary_m,
            share=params.boundary_share,
        )
    ]
    told += [area.note] if area.note else []
    if area.missing is not None:
        return Measurement(UNIT, (area.unmeasured(),), notes=tuple(told))

    roads = site.needed("roads").frame(("id", "name", "class"))
    shapes = roads.geometry.to_numpy()
    # Lines beyond reach of the area share no ground with what counts; those without a shape may lie inside.
    around = near_area(shapes, area.area, params.boundary_m + AROUND_M) | shapely.is_missing(shapes)
    roads = roads[around]
    lines = roads.geometry.to_numpy()
    known = roads["class"].notna().to_numpy()
    wanted = roads["class"].isin(params.classes).to_numpy()
    certain = roads["certain"].to_numpy(dtype=bool)
    unclear = (~known | (wanted & ~certain)) & ~shapely.is_missing(lines)
    lost = shapely.is_missing(lines) & (wanted | ~known)

    # Counted roads come first, so that ground shared with a road of another class stays counted.
    rank = np.select([wanted & certain, unclear], [0, 1], 2)
    remaining, repeated = once_only(lines, rank)
    split = along_edge(remaining, area.area, params.boundary_m, ALONG_M)
    sure, maybe = wanted & certain & ~shapely.is_missing(lines), unclear
    number, named = _road_of(roads)
    every_line = _Roads(split.inside, split.on_edge, named, *_none_beside(len(lines)), 0.0, params.boundary_share)
    # Roads of unknown class may bring lines together as well as add to them, so it is worked out with and without.
    trials = [_merged(every_line, number, rows, params) for rows in ((sure, sure | maybe) if maybe.any() else (sure,))]
    counted = trials[-1]

    repeated = clip_lines(repeated, area.area)
    repeated_m = float(shapely.length(repeated[sure]).sum())
    edge_m = float(shapely.length(split.on_edge[sure]).sum())
    other_m = float(shapely.length(split.inside).sum() + shapely.length(split.on_edge).sum())
    other_m -= _Roads.length_m(replace(every_line, edge_share=1.0), sure | maybe)
    notes = [
        *([_say("repeated", km=repeated_m / 1000)] if repeated_m > 1 else []),
        *([_say("not-counted", km=other_m / 1000)] if other_m > 1e-3 else []),
        *([_say("on-edge", km=edge_m / 1000, share=params.boundary_share)] if edge_m else []),
    ]
    subject = _subject(area, trials, sure, maybe, notes, lost=int(lost.sum()))
    if subject.bounds is None:
        subject = replace(subject, alternatives=_alternatives(counted, sure, area.area_m2 / 1e6, edge_m))
    return Measurement(UNIT, (subject,), tuple(told), _evidence(roads, area, counted, repeated, sure, maybe))


def _road_of(roads: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number of the road of each feature, and whether that road has a name; without one its class stands for it."""
    code, written = pd.factorize(roads["name"])
    told = pd.Series(written, dtype="str").str.normalize("NFKC").str.strip()
    blank = np.append(told.str.lower().isin(NO_NAMES).to_numpy(dtype=bool), True)
    named = ~blank[code]
    name = np.append(pd.factorize(told)[0], -1)[code]
    by_class = pd.factorize(roads["class"], use_na_sentinel=False)[0]
    return np.where(named, name, len(told) + by_class).astype(np.int64), named


def _none_beside(count: int) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    nothing = np.full(count, shapely.MultiLineString(), dtype=object)
    return nothing, nothing


def _merged(every_line: _Roads, number: NDArray[np.int64], rows: NDArray[np.bool_], params: Params) -> _Roads:
    """The same roads with what of some of them runs beside other lines of their road."""
    if not params.merge_carriageways:
        return every_line
    at = np.flatnonzero(rows)
    # What lies inside is compared: of two carriageways on either side of the edge the one inside counts.
    both = np.concatenate([every_line.inside[at], every_line.on_edge[at]])
    once = count_once(both, np.tile(number[at], 2), params.carriageway_gap_m)
    beside, beside_on_edge = (shapes.copy() for shapes in _none_beside(len(rows)))
    beside[at], beside_on_edge[at] = once.beside[: len(at)], once.beside[len(at) :]
    alone_m = float(once.alone_m[np.tile(every_line.named[at], 2)].sum())
    return replace(every_line, beside=beside, beside_on_edge=beside_on_edge, alone_m=alone_m)


def _subject(
    area: Scope,
    trials: list[_Roads],
    sure: NDArray[np.bool_],
    maybe: NDArray[np.bool_],
    notes: list[Words],
    *,
    lost: int,
) -> Subject:
    km2 = area.area_m2 / 1e6
    least, most = [], []
    for rows, roads in zip((sure, sure | maybe), trials, strict=False):
        apart_m = roads.length_m(rows) - roads.beside_m(rows & roads.named)
        most.append(apart_m)
        least.append(apart_m - roads.beside_m(rows & ~roads.named))
    low_m, high_m = min(least), np.inf if lost else max(most)
    first = trials[0]
    named_m, unnamed_m = (first.beside_m(sure & which) for which in (first.named, ~first.named))
    unclear_m = trials[-1].length_m(maybe)
    whys = [
        *([_say("road-unknown", count=lost)] if lost else []),
        *([_say("class-unknown", km=unclear_m / 1000)] if unclear_m > 0 else []),
    ]
    if named_m > 0:
        before, after = first.length_m(sure), first.length_m(sure) - named_m
        notes.append(_say("carriageways", left=named_m / 1000, before=before / 1000, after=after / 1000))
    if unnamed_m > 0:
        pair = _say("carriageways-unnamed", left=unnamed_m / 1000, after=least[0] / 1000, apart=most[0] / 1000)
        notes.append(pair)
        whys.append(pair)
    value = None if lost or unclear_m > 0 else low_m / 1000 / km2
    bounds = None
    if high_m > low_m:
        bounds = Bounds(low_m / 1000 / km2, high_m / 1000 / km2 if np.isfinite(high_m) else None)
    return Subject(
        "1",
        area.name,
        value=value,
        bounds=bounds,
        numerator=Quantity(None if value is None else low_m / 1000, "km"),
        denominator=Quantity(km2, "km2"),
        missing=whys[0] if bounds else None,
        notes=tuple(notes),
    )


def _alternatives(roads: _Roads, sure: NDArray[np.bool_], km2: float, edge_m: float) -> tuple[Alternative, ...]:
    """The figure under other readings: what lies on the edge by half, the ends of left-out carriageways in full."""
    found = []
    if edge_m > 0 and roads.edge_share != 0.5:
        half = replace(roads, edge_share=0.5)
        found.append(Alternative((half.length_m(sure) - half.beside_m(sure)) / 1000 / km2, _say("edge-half")))
    if roads.alone_m > 0:
        merged_m = roads.length_m(sure) - roads.beside_m(sure)
        found.append(Alternative((merged_m + roads.alone_m) / 1000 / km2, _say("carriageways-alone")))
    return tuple(found)


def _evidence(
    frame: gpd.GeoDataFrame,
    area: Scope,
    roads: _Roads,
    repeated: NDArray[np.object_],
    sure: NDArray[np.bool_],
    maybe: NDArray[np.bool_],
) -> tuple[Shapes, ...]:
    counts = sure | maybe
    inside, on_edge = _less(roads.inside, roads.beside), _less(roads.on_edge, roads.beside_on_edge)
    beside = np.concatenate([roads.beside, roads.beside_on_edge])
    pieces = []
    for kind, shapes, rows in (
        ("unknown", inside, maybe),
        ("carriageway-unnamed", beside, np.tile(counts & ~roads.named, 2)),
        ("repeated", repeated, counts),
        ("carriageway", beside, np.tile(counts & roads.named, 2)),
        ("edge", on_edge, counts),
        ("uncounted", roads.inside, ~counts),
        ("counted", inside, sure),
    ):
        at = np.flatnonzero(rows & (shapely.length(shapes) > 0))
        feature = at % len(frame)
        pieces.append(
            gpd.GeoDataFrame(
                {
                    "kind": kind,
                    "feature": frame["id"].to_numpy()[feature],
                    "name": frame["name"].to_numpy()[feature],
                    "class": frame["class"].to_numpy()[feature],
                    "length_m": shapely.length(shapes[at]),
                },
                geometry=shapes[at],
                crs=frame.crs,
            )
        )
    lines = Shapes(
        pd.concat(pieces, ignore_index=True),
        legend={
            "counted": (Tone.COUNTED, _say("kind-counted")),
            "edge": (Tone.MARK, _say("kind-edge")),
            "carriageway": (Tone.NEW, _say("kind-carriageway")),
            "carriageway-unnamed": (Tone.GOOD, _say("kind-carriageway-unnamed")),
            "repeated": (Tone.EXEMPT, _say("kind-repeated")),
            "uncounted": (Tone.UNCOUNTED, _say("kind-uncounted")),
            "unknown": (Tone.UNKNOWN, _say("kind-unknown")),
        },
        columns={"class": _say("column-class"), "length_m": _say("column-length")},
    )
    hexagons = hexagons_over(area.area, HEXAGON_M)
    cells = hexagons.shapes
    within = cells.copy()
    cut = ~shapely.contains_properly(area.area, cells)
    within[cut] = shared_with(cells[cut], area.area)
    counted = np.concatenate([inside[sure], on_edge[sure]])
    size_km2 = shapely.area(within) / 1e6
    density = hexagons.lengths_m(counted) / 1000 / np.where(size_km2 > 0, size_km2, np.nan)
    grid = gpd.GeoDataFrame({"kind": "cell", "density": density}, geometry=within, crs=frame.crs)
    # A sliver of a cell at the edge has no meaningful density of its own.
    grid = grid[size_km2 > 0.1 * shapely.area(cells) / 1e6].sort_values("density", kind="stable", ignore_index=True)
    shade = Shapes(
        grid,
        legend={"cell": (Tone.COUNTED, _say("kind-cell"))},
        columns={"density": _say("column-density")},
        ramp="density",
    )
    return shade, lines


def _less(lines: NDArray[np.object_], beside: NDArray[np.object_]) -> NDArray[np.object_]:
    """What of lines is left without what other carriageways count for."""
    kept = lines.copy()
    touched = ~shapely.is_empty(beside)
    kept[touched] = shapely.difference(lines[touched], beside[touched])
    return kept


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
