"""Density of the road network, in km of centreline per km².

What it measures
    The centreline length of the counted road classes inside the main urban area, divided by its area.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）1, Jiaozuo 焦建规定〔2023〕3号 二（一）, Heilongjiang
    黑建科〔2022〕11号 二（一）3 (above the figure) and Liangshan （五） (at least the figure, by its year).
How
    Ground that two features share counts once, with the first of them. Lines are cut at the edge of the area. A stretch
    that stays within ``boundary_m`` of the edge for more than 20 m lies on the boundary and counts
    ``boundary_share``. Roads whose class is unknown count between nothing and their length. With
    ``merge_carriageways`` the lines of a road drawn once per direction count once; where they are not told apart the
    figure lies between 0 and the length of all lines.
Known limits
    Only lines are measured; the class decides what a city road is, so highways (公路) and roads inside estates are out.
References
    GB/T 51328-2018 for the classes; the area is planar, in the working CRS.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.density import hexagons_over, length_by_cell
from urbanform.measure.linework import AlongEdge, along_edge, once_only
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
HEXAGON_M = 500.0


class Params(CheckParams):
    """Which roads count, and how the edge of the area is treated."""

    classes: tuple[str, ...] = Field(("expressway", "arterial", "secondary", "branch"), min_length=1)
    boundary_m: float = Field(5.0, ge=0)
    boundary_share: float = Field(1.0, ge=0, le=1)
    merge_carriageways: bool = True

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
        "尚未把分幅绘制的同一条道路合并为一条，实际密度只能确定不高于按全部中心线计的数值；如图层已是每路一线，"
        "可在规则参数中设 merge_carriageways: false",
        "roads drawn once per carriageway are not yet merged, so the density is only known to be at most that of all "
        "lines; where the layer has one line per road, set merge_carriageways: false in the rule's params",
    ),
    "kind-counted": ("计入的道路", "counted"),
    "kind-edge": ("沿边界的道路", "along the edge"),
    "kind-repeated": ("重复、重叠未计入", "repeated, not counted twice"),
    "kind-uncounted": ("不计入的道路", "not counted"),
    "kind-unknown": ("等级未知", "class unknown"),
    "kind-cell": ("每 500 米六边形的路网密度", "density by 500 m hexagon"),
    "column-class": ("道路等级", "class"),
    "column-length": ("长度（米）", "length (m)"),
    "column-density": ("路网密度（公里/平方公里）", "density (km/km²)"),
}


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
    inside_m, edge_m = shapely.length(split.inside), shapely.length(split.on_edge)

    sure, maybe = wanted & certain & ~shapely.is_missing(lines), unclear
    count_m = inside_m + params.boundary_share * edge_m
    low_m, high_m = float(count_m[sure].sum()), float(count_m[sure | maybe].sum())
    if lost.any():
        high_m = np.inf
    repeated_m = float(shapely.length(shapely.intersection(repeated[sure], area.area)).sum())
    other_m = float((inside_m + edge_m)[known & ~wanted & ~shapely.is_missing(lines)].sum())
    notes = [
        *([_say("repeated", km=repeated_m / 1000)] if repeated_m > 1 else []),
        *([_say("not-counted", km=other_m / 1000)] if other_m > 0 else []),
        *([_say("on-edge", km=edge_m[sure].sum() / 1000, share=params.boundary_share)] if edge_m[sure].sum() else []),
    ]
    subject = _subject(area, low_m, high_m, params, notes, unclear_m=float(count_m[maybe].sum()), lost=int(lost.sum()))
    if edge_m[sure].sum() > 0 and params.boundary_share != 0.5 and subject.bounds is None:
        half = float((inside_m + 0.5 * edge_m)[sure].sum())
        reading = Alternative(half / 1000 / (area.area_m2 / 1e6), _say("edge-half"))
        subject = replace(subject, alternatives=(reading,))
    return Measurement(UNIT, (subject,), tuple(told), _evidence(roads, area, split, repeated, sure, maybe))


def _subject(
    area: Scope, low_m: float, high_m: float, params: Params, notes: list[Words], *, unclear_m: float, lost: int
) -> Subject:
    km2 = area.area_m2 / 1e6
    missing = None
    if lost:
        missing = _say("road-unknown", count=lost)
    elif unclear_m > 0:
        missing = _say("class-unknown", km=unclear_m / 1000)
    value: float | None = low_m / 1000 / km2
    bounds = None
    if high_m != low_m:
        value = None
        bounds = Bounds(low_m / 1000 / km2, high_m / 1000 / km2 if np.isfinite(high_m) else None)
    if params.merge_carriageways and high_m > 0:
        bounds = Bounds(0.0, high_m / 1000 / km2 if np.isfinite(high_m) else None)
        missing = missing or _say("carriageways")
    return Subject(
        "1",
        area.name,
        value=value,
        bounds=bounds,
        numerator=Quantity(low_m / 1000 if high_m == low_m else None, "km"),
        denominator=Quantity(km2, "km2"),
        missing=missing,
        notes=tuple(notes),
    )


def _evidence(
    roads: gpd.GeoDataFrame,
    area: Scope,
    split: AlongEdge,
    repeated: np.ndarray,
    sure: np.ndarray,
    maybe: np.ndarray,
) -> tuple[Shapes, ...]:
    pieces = []
    for kind, shapes, rows in (
        ("unknown", split.inside, maybe),
        ("repeated", shapely.intersection(repeated, area.area), sure | maybe),
        ("edge", split.on_edge, sure | maybe),
        ("uncounted", split.inside, ~sure & ~maybe),
        ("counted", split.inside, sure),
    ):
        rows = np.flatnonzero(rows & (shapely.length(shapes) > 0))
        pieces.append(
            gpd.GeoDataFrame(
                {
                    "kind": kind,
                    "feature": roads["id"].to_numpy()[rows],
                    "name": roads["name"].to_numpy()[rows],
                    "class": roads["class"].to_numpy()[rows],
                    "length_m": shapely.length(shapes[rows]),
                },
                geometry=shapes[rows],
                crs=roads.crs,
            )
        )
    lines = Shapes(
        pd.concat(pieces, ignore_index=True),
        legend={
            "counted": (Tone.COUNTED, _say("kind-counted")),
            "edge": (Tone.MARK, _say("kind-edge")),
            "repeated": (Tone.EXEMPT, _say("kind-repeated")),
            "uncounted": (Tone.UNCOUNTED, _say("kind-uncounted")),
            "unknown": (Tone.UNKNOWN, _say("kind-unknown")),
        },
        columns={"class": _say("column-class"), "length_m": _say("column-length")},
    )
    cells = hexagons_over(area.area, HEXAGON_M)
    inside = shapely.intersection(cells, area.area)
    counted = np.concatenate([split.inside[sure], split.on_edge[sure]])
    size_km2 = shapely.area(inside) / 1e6
    density = length_by_cell(counted, cells) / 1000 / np.where(size_km2 > 0, size_km2, np.nan)
    grid = gpd.GeoDataFrame({"kind": "cell", "density": density}, geometry=inside, crs=roads.crs)
    # A sliver of a cell at the edge has no meaningful density of its own.
    grid = grid[size_km2 > 0.1 * shapely.area(cells) / 1e6].sort_values("density", kind="stable", ignore_index=True)
    shade = Shapes(
        grid,
        legend={"cell": (Tone.COUNTED, _say("kind-cell"))},
        columns={"density": _say("column-density")},
        ramp="density",
    )
    return shade, lines


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
