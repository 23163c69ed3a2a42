"""Length of greenways (绿道) inside the built-up area per 10,000 residents, in km.

What it measures
    The centreline length of greenways inside the built-up area, divided by its residents in units of 10,000.
Which clauses ask it
    Hebi 鹤建综〔2023〕61号 二（二）7 (above 3.5 km by 2030), Henan 豫建科〔2023〕29号 二（二）7 (above 1 km by 2030),
    Liangshan （二十） (above 1 km by 2030, 西昌 and 会理 only) and Heilongjiang 黑建科〔2022〕11号 二（五）10 (1 km or
    more by 2030).
How
    Lines are cut at the edge of the built-up area. Each corridor counts once: ground that two features share counts
    with one of them, and of lines that run beside one another, within 10° and less than 20 m apart over 80 % of the
    shorter, the longest counts and the others are left out; a note gives what they come to. Residents are the sum of
    the built-up area's own ``population``. Features of which it is not known whether they exist, broken and missing
    lines and missing populations leave the figure open. Greenways that are all planned, of which nobody said that
    planned ones count, prove no pass.
Known limits
    Heilongjiang does not say whose residents are meant: those of the built-up area are taken. Lines that follow the
    edge of the built-up area count as far as they are drawn inside it or on it. Whether a line was built as a
    greenway is not seen.
References
    The clauses define the figure. The share of housing within reach of greenways (绿道服务半径覆盖率) of the city
    health check indicator system 2021 (城市体检指标体系) is another.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.checks import NoParams
from urbanform.measure.carriageways import count_once
from urbanform.measure.linework import clip_lines, once_only
from urbanform.model.measurement import Alternative, Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import SCOPE, need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.listing import listed
from urbanform.site.scope import Scope, scope_of
from urbanform.wording import Words, own_words

UNIT = Unit.KM_PER_10K
NEEDS = (need(SCOPE, "population"), need("greenways"))
USES = ()
SCOPE_ROLE = "built_up_area"
Params = NoParams

BESIDE_M = 20.0 - 1e-3
"""Trails from 20 m apart are two; the slack absorbs what binary coordinates cannot hold."""
LEAST_M = 1.0
"""Shorter leftovers than this are the play of two digitised lines and are not worth a note."""

WORDS = {
    "method": (
        "建成区内绿道长度（重复、重叠及相距不足 20 米的并行线只计一次）÷ 建成区常住人口",
        "greenways inside the built-up area (repeated, overlapping and parallel lines less than 20 m apart once) ÷ "
        "residents of the built-up area",
    ),
    "repeated": (
        "另有 {km} 公里与其他绿道重复或重叠，未重复计入",
        "{km} km more repeat or overlap other greenways and count once",
    ),
    "beside": (
        "另有 {km} 公里与其他绿道并行，相距不足 20 米，按同一条绿道未重复计入",
        "{km} km more run beside other greenways, less than 20 m apart, and count as one with them",
    ),
    "each-line": (
        "并行绿道如分别计入，为",
        "with each of the parallel lines counted, the figure is",
    ),
    "outside": (
        "绿道图层另有 {km} 公里在建成区外，未计入",
        "{km} km more of the layer lie outside the built-up area and do not count",
    ),
    "planned-counted": (
        "其中规划或在建绿道也已计入（submission.yaml 写明 stage: plan）",
        "planned greenways and those under construction count (stage: plan in submission.yaml)",
    ),
    "all-planned": (
        "绿道图层全部为规划或在建，不能证明现状已达标；如审查的是规划方案，请在 submission.yaml 中写 stage: plan，"
        "否则请提交现状绿道",
        "all greenways of the layer are planned or under construction, which proves nothing of today; where a plan is "
        "reviewed write stage: plan in submission.yaml, else hand in the existing ones",
    ),
    "greenways-unknown": (
        "有 {count} 条绿道没有图形、图形有错误或不知是否现状：{ids}；请修复或补画图形，补填规划状态",
        "{count} greenways have no shape or a broken one, or it is not known whether they exist: {ids}; repair or draw "
        "them and fill in the status",
    ),
    "persons-unknown": (
        "建成区有 {count} 片的人口缺失或不可读；请补填 population 字段，或在 submission.yaml 中写 values: "
        "{{built_up_area: {{population: …}}}}",
        "the population of {count} parts of the built-up area is missing or unreadable; fill in the field population, "
        "or write values: {{built_up_area: {{population: …}}}} in submission.yaml",
    ),
    "no-persons": (
        "建成区人口为 0，每万人长度无从计算；请改正 population 字段",
        "the built-up area has 0 residents, so there is no length per 10,000; put the field population right",
    ),
    "kind-counted": ("计入的绿道", "counted"),
    "kind-beside": ("并行，未重复计入", "parallel, not counted twice"),
    "kind-repeated": ("重复、重叠，未重复计入", "repeated, not counted twice"),
    "kind-unknown": ("是否现状未知", "may exist or not"),
    "kind-outside": ("建成区外，未计入", "outside the built-up area, not counted"),
    "kind-area": ("建成区", "built-up area"),
    "column-length_m": ("长度（米）", "length (m)"),
}


@dataclass(frozen=True, eq=False)
class _Greenways:
    """What of each greenway counts and why the rest does not: lines, shape (n,) each."""

    counted: NDArray[np.object_]
    beside: NDArray[np.object_]
    repeated: NDArray[np.object_]
    outside: NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class _Lines:
    """Every greenway: ``certain`` ones count, ``maybe`` those that may exist; the ``lost`` ones may lie in the area."""

    frame: gpd.GeoDataFrame
    certain: NDArray[np.bool_]
    maybe: NDArray[np.bool_]
    lost: NDArray[np.bool_]


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Km of greenway in the scope per 10,000 residents; see the module."""
    area = scope_of(site, scope or SCOPE_ROLE)
    told = [_say("method"), *([area.note] if area.note else [])]
    if area.missing is not None:
        return Measurement(UNIT, (area.unmeasured(),), notes=tuple(told))
    lines = _lines(site, area)
    # What may not exist may bring lines together as well as add to them, so it is worked out with and without.
    found = _counted_once(lines, lines.certain, area)
    most = _counted_once(lines, lines.certain | lines.maybe, area) if lines.maybe.any() else found
    subject = _subject(site, area, lines, found, most)
    return Measurement(UNIT, (subject,), tuple(told), _evidence(lines, area, found, most), higher_is_worse=False)


def _lines(site: Site, area: Scope) -> _Lines:
    layer = site.layer("greenways")
    if layer is None:
        columns = {name: np.empty(0, dtype=object) for name in ("id", "name", "status")}
        nowhere = np.empty(0, dtype=bool)
        return _Lines(gpd.GeoDataFrame(columns, geometry=[], crs=site.submission.crs), nowhere, nowhere, nowhere)
    frame = layer.frame(("id", "name", "status"))
    shapes = frame.geometry.to_numpy()
    usable = frame["sound"].to_numpy(dtype=bool) & (shapely.get_dimensions(shapes) == 1)
    certain = frame["certain"].to_numpy(dtype=bool)
    inside = shapely.intersects(area.area, shapes)
    lost = ~usable & (inside | shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return _Lines(frame, usable & certain, usable & ~certain & inside, lost)


def _counted_once(lines: _Lines, rows: NDArray[np.bool_], area: Scope) -> _Greenways:
    shapes = lines.frame.geometry.to_numpy().copy()
    shapes[~rows] = None
    # Ground that two features share stays with the one that certainly exists.
    remaining, repeated = once_only(shapes, np.where(lines.certain, 0, 1))
    once = count_once(clip_lines(remaining, area.area), np.zeros(len(shapes), dtype=np.int64), BESIDE_M)
    return _Greenways(once.kept, once.beside, clip_lines(repeated, area.area), shapely.difference(remaining, area.area))


def _km(lines: NDArray[np.object_]) -> float:
    return float(np.nan_to_num(shapely.length(lines)).sum()) / 1000


def _subject(site: Site, area: Scope, lines: _Lines, found: _Greenways, most: _Greenways) -> Subject:
    persons = site.needed(area.role).frame(("population",))["population"].to_numpy(dtype=float)
    blank = ~(persons >= 0)
    residents = float(persons[~blank].sum())
    if not blank.any() and not residents > 0:
        return Subject("1", area.name, missing=_say("no-persons"))
    ids = listed(lines.frame["id"].astype(str)[lines.maybe | lines.lost])
    whys = []
    if blank.any():
        whys.append(_say("persons-unknown", count=int(blank.sum())))
    if ids:
        whys.append(_say("greenways-unknown", count=len(ids), ids=ids))
    km = _km(found.counted)
    low_km = min(km, _km(most.counted))
    more_km = max(_km(most.counted) + _km(most.beside) - km - _km(found.beside), 0.0)
    high_km = np.inf if lines.lost.any() else km + more_km
    low = 0.0 if blank.any() else low_km / (residents / 1e4)
    high = high_km / (residents / 1e4) if residents > 0 else np.inf
    return Subject(
        "1",
        area.name,
        value=None if whys else low,
        bounds=Bounds(low, high if np.isfinite(high) else None) if whys else None,
        numerator=Quantity(None if ids else km, "km"),
        denominator=Quantity(None if blank.any() else residents, "persons"),
        doubts=_doubts(site, lines.frame),
        missing=whys[0] if whys else None,
        notes=(*_notes(site, lines.frame, found), *whys),
        alternatives=() if whys else _alternatives(found, residents),
    )


def _doubts(site: Site, frame: gpd.GeoDataFrame) -> tuple[Words, ...]:
    coming = frame["status"].isin(["planned", "under-construction"])
    unsaid = site.submission.stage is None and bool(len(frame)) and bool(coming.all())
    return (_say("all-planned"),) if unsaid else ()


def _notes(site: Site, frame: gpd.GeoDataFrame, found: _Greenways) -> list[Words]:
    notes = [
        _say(code, km=f"{km:.4g}")
        for code, km in (
            ("repeated", _km(found.repeated)),
            ("beside", _km(found.beside)),
            ("outside", _km(found.outside)),
        )
        if km > LEAST_M / 1000
    ]
    coming = frame["status"].isin(["planned", "under-construction"])
    if site.submission.stage == "plan" and coming.any():
        notes.append(_say("planned-counted"))
    return notes


def _alternatives(found: _Greenways, persons: float) -> tuple[Alternative, ...]:
    beside_km = _km(found.beside)
    if beside_km <= LEAST_M / 1000:
        return ()
    each_km = _km(found.counted) + beside_km
    return (Alternative(each_km / (persons / 1e4), _say("each-line")),)


def _evidence(lines: _Lines, area: Scope, found: _Greenways, most: _Greenways) -> tuple[Shapes, ...]:
    frame = lines.frame
    doubtful = most.counted.copy()
    doubtful[~lines.maybe] = None
    pieces = [
        ("unknown", doubtful),
        ("counted", found.counted),
        ("beside", found.beside),
        ("repeated", found.repeated),
        ("outside", found.outside),
    ]
    kinds = np.repeat([kind for kind, _ in pieces], len(frame)).astype(object)
    shapes = np.concatenate([lines for _, lines in pieces])
    length_m = np.nan_to_num(shapely.length(shapes))
    drawn = gpd.GeoDataFrame(
        {
            "kind": kinds,
            "feature": np.tile(frame["id"].astype(str).to_numpy(dtype=object), len(pieces)),
            "name": np.tile(frame["name"].to_numpy(dtype=object), len(pieces)),
            "length_m": length_m,
        },
        geometry=shapes,
        crs=frame.crs,
    )
    weight = np.repeat(np.arange(len(pieces)), len(frame))
    drawn = drawn.iloc[np.lexsort((-length_m, weight))]
    outline = gpd.GeoDataFrame({"kind": ["area"]}, geometry=[area.area], crs=frame.crs)
    return (
        Shapes(outline, legend={"area": (Tone.FRAME, _say("kind-area"))}),
        Shapes(
            drawn[drawn["length_m"] > 0],
            legend={
                "counted": (Tone.COUNTED, _say("kind-counted")),
                "beside": (Tone.UNCOUNTED, _say("kind-beside")),
                "repeated": (Tone.UNCOUNTED, _say("kind-repeated")),
                "outside": (Tone.UNCOUNTED, _say("kind-outside")),
                "unknown": (Tone.UNKNOWN, _say("kind-unknown")),
            },
            columns={"length_m": _say("column-length_m")},
        ),
    )


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
