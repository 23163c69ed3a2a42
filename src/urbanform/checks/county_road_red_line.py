"""Red-line width (道路红线宽度) of each road inside the county seat, in metres.

What it measures
    The width between the two boundaries of a road's land: carriageways, separators, footways and the green belts
    within.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 三（一）, Liangshan （二十七）; Heilongjiang 黑建科〔2022〕11号
    三（一） by way of 建村〔2021〕45号.
How
    A road is the features of one name that touch; a feature without a name is a road by itself. It is cut at the edge
    of each polygon of the county seat; highways (公路) are left out. Its width is the widest ``red_line_width`` of its
    features. A feature without one takes the widest value that the road's surface holds over a continuous 50 m:
    transects stand across the centreline every 10 m (every metre where a widening ends after about 50 m), those nearer
    to a junction than the widest road there is wide are left out. Where 50 m are only reached across a junction, the
    figure lies between the two readings. A pavement is never wider than its road, so its width can only prove a
    breach. A road whose class is unknown may be a highway, so that its figure lies between nothing and its width. A
    surface along which no centreline runs is read along its own middle, its class unknown.
Known limits
    A width declared too small passes; a note tells where the surface is over 10 % wider or narrower. A road drawn as
    two centrelines on separate surfaces up to 10 m apart is read as open between one and both. Lines with less than a
    metre inside count as ending at the edge.
References
    建村〔2021〕45号 for the national figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.checks import NoParams
from urbanform.measure.held_width import HeldWidths
from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.county_roads import READING_M, RoadsInside, roads_inside
from urbanform.site.county_seats import CountySeat, county_seats, in_order, told_apart
from urbanform.site.road_widths import BareSurface, RoadNet, bare_surfaces, inside, road_net
from urbanform.wording import Words, own_words

UNIT = Unit.METRE
NEEDS = (need("county_seat"), need("roads") | need("road_surfaces"))
USES = ()
Params = NoParams

TOLERANCE_M = 0.05
APART_SHARE = 0.1
LEAST_M2 = 1.0

WORDS = {
    "method": (
        "道路红线宽度：取红线宽度字段；没有字段值的，取道路红线面连续 50 米都能保持的最大宽度（每 10 米一个横断面，"
        "避开交叉口）；公路不计，超出县城范围的路段不计",
        "red-line width from the field; without one the greatest width that the road's surface holds over 50 m "
        "(a transect every 10 m, clear of junctions); highways and stretches outside the county seat left out",
    ),
    "highways": (
        "另有 {count} 条公路不属于县城内部道路，未计",
        "{count} highways are no county-seat roads and left out",
    ),
    "surfaces-set-aside": (
        "道路红线面图层无法使用：{faults}",
        "the road surfaces were set aside and cannot be used: {faults}",
    ),
    "apart": (
        "要素 {id} 填写的红线宽度为 {stated} 米，红线面实测约 {measured} 米，相差超过 10%；请核对字段或红线面",
        "feature {id} states a red-line width of {stated} m, its surface measures some {measured} m, over 10 % apart; "
        "check the field or the surface",
    ),
    "class-open": (
        "道路等级缺失，可能是不受约束的公路：{ids}；请补填道路等级（submission.yaml："
        "layers: {{roads: {{path: 道路.shp, fields: {{class: DLDJ}}}}}}）",
        "the class is missing, and the road may be a highway, which is not bound: {ids}; fill in the class "
        "(submission.yaml: layers: {{roads: {{path: roads.shp, fields: {{class: DLDJ}}}}}})",
    ),
    "status-open": (
        "规划状态未知，不知道该路是否计入：{ids}；请补填状态",
        "the status is unknown, so it is not known whether the road counts: {ids}; fill it in",
    ),
    "pavement-only": (
        "只有路面宽度 {width} 米，红线宽度不会小于它但可能更大：{ids}；请补填红线宽度（submission.yaml：layers: "
        "{{roads: {{path: 道路.shp, fields: {{red_line_width: HXKD}}}}}}）或提供道路红线面 road_surfaces",
        "only a pavement width of {width} m is known, which the red-line width may exceed: {ids}; fill in the red-line "
        "width (submission.yaml: layers: {{roads: {{path: roads.shp, fields: {{red_line_width: HXKD}}}}}}) or supply "
        "road_surfaces",
    ),
    "no-width": (
        "没有红线宽度，或填写的值无法识别：{ids}；请补填红线宽度（submission.yaml：layers: {{roads: {{path: 道路.shp, "
        "fields: {{red_line_width: HXKD}}}}}}）或提供道路红线面 road_surfaces",
        "there is no red-line width, or it cannot be read: {ids}; fill it in (submission.yaml: layers: {{roads: "
        "{{path: roads.shp, fields: {{red_line_width: HXKD}}}}}}) or supply road_surfaces",
    ),
    "surface-open": (
        "红线面不完整、相邻红线面之间有窄带、图形有错误，或两交叉口之间不足 50 米，宽度不能确定：{ids}；"
        "请补填红线宽度或完善红线面",
        "the surface has gaps, lies beside another with a narrow strip between, is broken, or runs for less than 50 m "
        "between junctions, so the width is open: {ids}; fill in the red-line width or mend the surface",
    ),
    "pavement-wider": (
        "路面宽度 {pavement} 米大于红线宽度 {width} 米，两者必有一误：{ids}；请核对",
        "a pavement of {pavement} m is wider than the red line of {width} m, so one of them is wrong: {ids}; check",
    ),
    "unsound": (
        "道路或红线面的图形有错误或缺失，不知道是否在县城内、有多宽；请在 GIS 中修复几何后重新提交",
        "the shape of the road or its surface is broken or missing, so it is not known whether it lies inside nor how "
        "wide it is; repair the geometry and hand it in again",
    ),
    "bare-surface": (
        "这块道路红线面内没有道路中心线，等级未知，宽度由红线面自身推算；请补充带等级和红线宽度的道路中心线 roads",
        "no centreline runs along this surface, so its class is unknown and its width read off the surface alone; "
        "supply road centrelines with class and red-line width",
    ),
    "unsound-seat": (
        "县城范围图形有错误，其内的道路无法确定；请在 GIS 中修复几何后重新提交",
        "the shape of the county seat is broken, so it is not known which roads lie inside; repair the geometry and "
        "hand it in again",
    ),
    "kind-transect": ("最宽路段的横断面", "transects of the widest stretch"),
    "kind-known": ("县城内部道路", "roads of the county seat"),
    "kind-open": ("宽度或等级未知的道路", "roads of unknown width or class"),
    "kind-highway": ("公路（不计）", "highways, left out"),
    "kind-surface": ("道路红线面（无中心线）", "road surface without a centreline"),
    "kind-seat": ("县城范围", "county seat"),
    "column-width_m": ("红线宽度（米）", "red-line width (m)"),
    "column-pavement_width_m": ("路面宽度（米）", "pavement width (m)"),
    "column-class": ("道路等级", "class"),
}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A shape of the map, its kind, and what is told of it."""

    kind: str
    shape: shapely.Geometry
    feature: str | None = None
    width_m: float | None = None
    pavement_width_m: float | None = None
    road_class: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """One road inside one polygon of the county seat. ``read_off`` says that its width comes from geometry."""

    subject: Subject
    seat: str
    at: int
    read_off: bool = False
    drawn: tuple[_Drawn, ...] = ()


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Metres of red-line width of each road inside the county seat; see the module."""
    net = road_net(site)
    bare, broken = bare_surfaces(site)
    seats = county_seats(site)
    rows: list[_Row] = []
    highways: list[_Drawn] = []
    for seat in seats:
        if seat.area is None:
            key = f"county_seat:{seat.id}"
            rows.append(_Row(Subject(key, seat.name, missing=_say("unsound-seat")), seat.id, -1))
            continue
        found, passed_over = _inside(net, seat)
        rows += found + _bare_inside(bare, seat, len(net.lines))
        highways += passed_over
    rows += _unsound(net.frame[~net.placed & ~_is_highway(net.frame)], seats, "", len(net.lines))
    rows += _unsound(broken, seats, "road_surfaces:", len(net.lines))
    rows.sort(key=lambda row: row.at)
    ids = told_apart([row.subject.id for row in rows], [row.seat for row in rows])
    rows = [replace(row, subject=replace(row.subject, id=key)) for row, key in zip(rows, ids, strict=True)]
    notes = [_say("method")]
    notes += [_say("highways", count=len(highways))] if highways else []
    faults = site.submission.faults.get("road_surfaces")
    notes += [_say("surfaces-set-aside", faults=list(faults))] if faults else []
    return Measurement(
        UNIT,
        tuple(replace(row.subject, tolerance_m=TOLERANCE_M) if row.read_off else row.subject for row in rows),
        notes=tuple(notes),
        evidence=_evidence(site, seats, rows, highways),
        higher_is_worse=True,
    )


def _inside(net: RoadNet, seat: CountySeat) -> tuple[list[_Row], list[_Drawn]]:
    """The roads inside a polygon of the county seat, and the highways that are left out."""
    highway = _is_highway(net.frame)
    roads = roads_inside(net, seat.area, ~highway)
    members = np.split(np.argsort(roads.road, kind="stable"), np.cumsum(np.bincount(roads.road))[:-1])
    across = _transects(roads.held, roads.road, roads.count)
    rows = [_row(roads, number, members[number], seat, across[number]) for number in range(roads.count)]
    parts = inside(net.lines[highway], seat.area)
    ids = net.frame["id"].astype(str).to_numpy()[highway]
    left_out = [
        _Drawn("highway", parts[n], ids[n], road_class="highway") for n in np.flatnonzero(~shapely.is_empty(parts))
    ]
    return rows, left_out


def _row(roads: RoadsInside, number: int, mine: NDArray[np.intp], seat: CountySeat, across: list[_Drawn]) -> _Row:
    """One road with its figure."""
    mine = mine[in_order(roads.frame["id"].astype(str).iloc[mine])]
    frame = roads.frame.iloc[mine]
    names = frame["name"].dropna()
    low_m, high_m, certain_m = (float(ends[number]) for ends in (roads.low_m, roads.high_m, roads.certain_m))
    read_off = bool(roads.read_off[number])
    slack_m = READING_M if read_off else 0.0
    close = high_m - low_m <= slack_m
    ids = [str(key) for key in frame["id"]]
    subject = Subject(
        ids[0],
        str(names.iloc[0]) if len(names) else None,
        value=high_m if close else None,
        bounds=None
        if close and low_m - certain_m <= slack_m
        else Bounds(certain_m, high_m if np.isfinite(high_m) else None),
        missing=_why_open(roads, number, mine, close=close),
        notes=_apart(roads, mine, ids),
    )
    classes = frame["class"].to_numpy(dtype=object)
    seen_m = np.where(roads.surface_least_m[number] > 0, roads.surface_least_m[number], np.nan)
    lines = [
        _Drawn(
            "known" if subject.bounds is None else "open",
            roads.lines[n],
            key,
            float(seen_m if roads.blank[n] else roads.stated_m[n]),
            float(roads.pavement_m[n]),
            None if pd.isna(kind) else str(kind),
        )
        for n, key, kind in zip(mine, ids, classes, strict=True)
    ]
    return _Row(subject, seat.id, int(roads.rows[mine].min()), read_off, (*across, *lines))


def _why_open(roads: RoadsInside, number: int, mine: NDArray[np.intp], *, close: bool) -> Words | None:
    """Why the width of a road is open; None where it is not."""
    frame = roads.frame.iloc[mine]
    ids = frame["id"].astype(str).to_numpy()
    unclassed, uncertain = frame["class"].isna().to_numpy(), ~frame["certain"].to_numpy(dtype=bool)
    blank, wider = roads.blank[mine], roads.wider[mine]
    pavement_m = np.nan_to_num(roads.pavement_m[mine])
    why = []
    if unclassed.any():
        why.append(_say("class-open", ids=ids[unclassed].tolist()))
    if uncertain.any():
        why.append(_say("status-open", ids=ids[uncertain].tolist()))
    if wider.any():
        width_m = np.where(blank, roads.surface_most_m[number], roads.stated_m[mine])
        worst = int(np.argmax(np.where(wider, pavement_m - width_m, -np.inf)))
        found = {"pavement": float(pavement_m[worst]), "width": float(width_m[worst])}
        why.append(_say("pavement-wider", ids=ids[wider].tolist(), **found))
    if not close and (blank & ~wider).any():
        named = ids[blank].tolist()
        if roads.surface_least_m[number] > 0 or np.isfinite(roads.surface_most_m[number]):
            why.append(_say("surface-open", ids=named))
        elif pavement_m[blank].max() > 0:
            why.append(_say("pavement-only", width=float(pavement_m[blank].max()), ids=named))
        else:
            why.append(_say("no-width", ids=named))
    if not why:
        return None
    return Words(why[0].code, "；".join(item.zh for item in why), "; ".join(item.en for item in why))


def _apart(roads: RoadsInside, mine: NDArray[np.intp], ids: list[str]) -> tuple[Words, ...]:
    stated_m, surface_m = roads.stated_m[mine], roads.surface_m[mine]
    off = np.flatnonzero((np.abs(surface_m - stated_m) > APART_SHARE * stated_m) & (surface_m > 0))
    return tuple(
        _say("apart", id=ids[n], stated=float(stated_m[n]), measured=round(float(surface_m[n]), 1)) for n in off
    )


def _transects(held: HeldWidths | None, owner: NDArray[np.int64], count: int) -> list[list[_Drawn]]:
    """The transects of the widest stretch of each owner of lines."""
    drawn: list[list[_Drawn]] = [[] for _ in range(count)]
    if held is not None:
        shown, of = held.widest(owner, count)
        for number, line, width_m in zip(of, shapely.linestrings(held.ends[shown]), held.width_m[shown], strict=True):
            drawn[number].append(_Drawn("transect", line, width_m=float(width_m)))
    return drawn


def _bare_inside(bare: list[BareSurface], seat: CountySeat, after: int) -> list[_Row]:
    """Surfaces without a centreline: known between nothing, since they may be highways, and their width."""
    rows = []
    for place, surface in enumerate(bare):
        if not shapely.intersects(seat.area, surface.area):
            continue
        parts = inside(surface.net.lines, seat.area)
        here = np.flatnonzero(~shapely.is_empty(parts))
        if len(surface.net.lines) and not len(here):
            continue
        if shapely.area(shapely.intersection(surface.area, seat.area)) < LEAST_M2:
            continue
        low_m, high_m = 0.0, surface.extent_m
        drawn: list[_Drawn] = []
        if len(here):
            held = surface.net.held(parts[here], np.zeros(len(here), dtype=np.int64))
            assert held is not None
            low, high = held.of(np.zeros(len(here), dtype=np.int64), 1)
            low_m, high_m = float(np.nan_to_num(low[0])), float(high[0])
            high_m = float(surface.net.widest_m[here].max()) if np.isnan(high_m) else high_m
            (drawn,) = _transects(held, np.zeros(len(here), dtype=np.int64), 1)
        subject = Subject(
            f"road_surfaces:{surface.id}" if after else surface.id,
            surface.name,
            value=high_m if high_m - low_m <= READING_M else None,
            bounds=Bounds(0.0, high_m if np.isfinite(high_m) else None),
            missing=_say("bare-surface"),
        )
        drawn.append(_Drawn("surface", surface.area, surface.id, subject.value))
        rows.append(_Row(subject, seat.id, after + place, read_off=True, drawn=tuple(drawn)))
    return rows


def _unsound(frame: gpd.GeoDataFrame, seats: tuple[CountySeat, ...], prefix: str, after: int) -> list[_Row]:
    """Roads or surfaces whose shape cannot be trusted: each may lie inside with its stated width."""
    areas = [seat.area for seat in seats if seat.area is not None]
    envelopes = frame.geometry.to_numpy()
    near = [shape is None or any(shapely.intersects(area, shape) for area in areas) for shape in envelopes]
    frame = frame[near].reindex(columns=["id", "name", "red_line_width", "pavement_width"])
    rows = []
    for at, (key, name, *widths) in enumerate(frame.itertuples(index=False)):
        stated_m, pavement_m = np.array(widths, dtype=float)
        bounds = Bounds(0.0, None if np.isnan(stated_m) else float(np.fmax(stated_m, pavement_m)))
        title = None if pd.isna(name) else str(name)
        rows.append(_Row(Subject(f"{prefix}{key}", title, bounds=bounds, missing=_say("unsound")), "", after + at))
    return rows


def _is_highway(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    return (frame["class"] == "highway").fillna(False).to_numpy(dtype=bool)


def _evidence(
    site: Site, seats: tuple[CountySeat, ...], rows: list[_Row], highways: list[_Drawn]
) -> tuple[Shapes, ...]:
    drawn = [(row.subject, shape) for row in rows for shape in row.drawn]
    everything: list[tuple[Subject | None, _Drawn]] = [*drawn, *((None, shape) for shape in highways)]
    frames = [(None, _Drawn("seat", seat.area, seat.id)) for seat in seats if seat.area is not None]
    areal = [pair for pair in everything if pair[1].kind == "surface"] + frames
    lineal = [pair for pair in everything if pair[1].kind != "surface"]
    columns = {name: _say(f"column-{name}") for name in ("width_m", "pavement_width_m", "class")}
    return (
        _shapes(site, areal, {"surface": Tone.UNKNOWN, "seat": Tone.FRAME}, {"width_m": columns["width_m"]}),
        _shapes(
            site,
            lineal,
            {"transect": Tone.MARK, "open": Tone.UNKNOWN, "known": Tone.COUNTED, "highway": Tone.UNCOUNTED},
            columns,
        ),
    )


def _shapes(
    site: Site,
    drawn: Sequence[tuple[Subject | None, _Drawn]],
    tones: Mapping[str, Tone],
    columns: Mapping[str, Words],
) -> Shapes:
    """Shapes in the order of the legend, the widest first."""
    frame = gpd.GeoDataFrame(
        {
            "kind": [shape.kind for _, shape in drawn],
            "subject": [subject.id if subject else None for subject, _ in drawn],
            "feature": [shape.feature for _, shape in drawn],
            "name": [subject.name if subject else None for subject, _ in drawn],
            "class": [shape.road_class for _, shape in drawn],
            "width_m": np.array([shape.width_m for _, shape in drawn], dtype=float),
            "pavement_width_m": np.array([shape.pavement_width_m for _, shape in drawn], dtype=float),
        },
        geometry=[shape.shape for _, shape in drawn],
        crs=site.submission.crs,
    )
    place = {kind: at for at, kind in enumerate(tones)}
    weight = np.array([place[kind] for kind in frame["kind"]], dtype=int)
    order = np.lexsort((-frame["width_m"].fillna(np.inf).to_numpy(), weight))
    legend = {kind: (tone, _say(f"kind-{kind}")) for kind, tone in tones.items()}
    frame = frame.iloc[order].reset_index(drop=True)
    return Shapes(frame[["kind", "subject", "feature", "name", *columns, "geometry"]], legend, columns)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
