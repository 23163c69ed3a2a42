"""Concentrated hard surface of each plaza (广场) in the county seat, in hectares.

What it measures
    The ground of a plaza that is neither green, nor water, nor built on.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 三（一）, Liangshan （二十七）; Heilongjiang 黑建科〔2022〕11号
    三（一） by way of 建村〔2021〕45号.
How
    Plazas are the plazas layer, else the parcels classed plaza, cut at the edge of each polygon of the county seat.
    Polygons at most ``merge_gap_m`` apart are one plaza, unless the centreline of a road runs between them: a plaza
    drawn as three parcels is still one. Green spaces, water and buildings are taken away as far as they are given;
    their common ground once. The figure is the total of what is left. Where these layers cut that into pieces, it lies
    between the largest piece and the total. With none of the three layers given
    it lies between nothing and the whole plaza, which is proof enough for a small one. Shapes that cannot be trusted,
    parcels whose class is unknown or covers more than plazas, and green spaces that may be the plaza itself leave it
    open.
Known limits
    Paving is not seen but concluded from what does not lie there; lawns and trees that no layer holds count as hard.
    A polygon through which a road runs is not cut in two. Ground under a square metre inside counts as the edge.
References
    建村〔2021〕45号 for the national figure; GB 50137-2011 and GB/T 21010-2017 for the classes of plaza land.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure import overlay
from urbanform.measure.contiguous import Pairs, areal, bridges, lump_numbers, parted, pieces_left, touching
from urbanform.measure.local import shared_with
from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.roles import ROLES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.county_seats import CountySeat, county_seats, in_order, told_apart
from urbanform.site.plazas import ON_PLAZAS, PlazaGround, cover_of, plaza_ground, roads_between
from urbanform.wording import Words, own_words

UNIT = Unit.HECTARE
NEEDS = (need("county_seat"), need("plazas") | need("parcels", "land_use"))
USES = ()
LOOKS_AT = ("green_spaces", "water", "buildings", "roads")
SUBJECTS = "plazas"

LEAST_M2 = 1.0
DUST_M2 = 0.01
ALL_GREEN = 0.99
FOLDED = "unclassified"


class Params(CheckParams):
    """How far apart polygons of one plaza may lie."""

    merge_gap_m: float = Field(1.0, ge=0)


WORDS = {
    "about": (
        "每个广场（相接的面合并，中间隔道路的除外）扣除绿地、水面、建筑后的集中硬地面积",
        "contiguous hard surface of each plaza: touching polygons merged, not across a road, less green, water "
        "and buildings",
    ),
    "method": (
        "广场取自{role}图层，相距不超过 {gap} 米的面合并为一个广场（中间有道路的除外），扣除：{taken}",
        "plazas from the {role} layer, polygons at most {gap} m apart merged (not across a road), less: {taken}",
    ),
    "nothing": ("无", "nothing"),
    "green_spaces": ("绿地", "green spaces"),
    "water": ("水体", "water"),
    "buildings": ("建筑", "buildings"),
    "not-taken": (
        "未提供 {roles} 图层，未扣除其面积，硬地面积可能偏大；如确无此类要素，可在 submission.yaml 的 none 下写明"
        "（建筑除外）",
        "{roles} not given and not taken away, so the hard surface may be less; where there is none, say so under none "
        "in submission.yaml (buildings excepted)",
    ),
    "set-aside": ("{role} 图层无法使用，未扣除：{faults}", "{role} was set aside and not taken away: {faults}"),
    "merged": ("{count} 个相接的面合并为一个广场：{ids}", "{count} adjoining polygons make one plaza: {ids}"),
    "in-pieces": (
        "硬地被绿化、水体、建筑分成几块：合计 {total} 公顷，最大一块 {largest} 公顷；请说明是否为同一集中硬地，"
        "或在广场图层中按实际集中硬地分别绘制",
        "the hard surface falls into pieces: {total} ha in all, {largest} ha the largest; say whether they are one "
        "concentrated surface, or draw each concentrated surface in the plazas layer",
    ),
    "nothing-given": (
        "没有绿地、水体、建筑图层，只知道硬地不超过广场总面积 {gross} 公顷；请补充广场内的绿地、水体、建筑面"
        "（submission.yaml：layers: {{green_spaces: 绿地.shp}}），确无者写 none: [green_spaces, water]",
        "green spaces, water and buildings are not given, so the hard surface is only known to be at most the whole "
        "plaza, {gross} ha; supply them (submission.yaml: layers: {{green_spaces: green.shp}}), or where there are "
        "none write none: [green_spaces, water]",
    ),
    "unsound": (
        "广场、绿地、水体、建筑或道路中有图形错误、缺图形或不知是否现状的要素影响此广场；请在 GIS 中修复几何、"
        "补填规划状态后重新提交",
        "shapes that are broken, missing or of unknown status (plazas, green spaces, water, buildings, roads) bear on "
        "this plaza; repair the geometry, fill in the status, and hand them in again",
    ),
    "class-open": (
        "地类包含广场以外的用地或缺失，无法确定是否为广场：{ids}；请把广场单独编码（如 1403、G3、0810A），"
        "或提供 plazas 图层",
        "the land-use class covers more than plazas or is missing, so it is not known whether this is a plaza: {ids}; "
        "give plazas a code of their own (1403, G3, 0810A), or supply a plazas layer",
    ),
    "green-is-plaza": (
        "绿地图层几乎覆盖整个广场，可能是把广场本身画进了绿地图层；请只保留广场内实际绿化的面",
        "the green spaces cover all but the whole plaza, which may have been drawn into that layer itself; keep only "
        "what is planted",
    ),
    "no-shape": (
        "广场（或地类不明的用地）有属性而没有图形，位置和面积未知；请补画图形",
        "the plaza, or land of unknown class, has attributes and no shape, so its place and size are unknown; draw it",
    ),
    "unsound-seat": (
        "县城范围图形有错误，其内的广场无法确定；请在 GIS 中修复几何后重新提交",
        "the shape of the county seat is broken, so it is not known which plazas lie inside; repair the geometry and "
        "hand it in again",
    ),
    "folded-name": ("可能是广场的用地（{count} 处）", "land that may be a plaza ({count} places)"),
    "kind-hard": ("硬地（最大的一块）", "hard surface, the largest piece"),
    "kind-apart": ("硬地（其余）", "hard surface, other pieces"),
    "kind-green_spaces": ("扣除：绿地", "taken away: green"),
    "kind-water": ("扣除：水体", "taken away: water"),
    "kind-buildings": ("扣除：建筑", "taken away: buildings"),
    "kind-open": ("是否计入未知", "not known whether it counts"),
    "kind-plaza": ("广场", "plaza"),
    "kind-seat": ("县城范围", "county seat"),
    "column-area_ha": ("面积（公顷）", "area (ha)"),
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One plaza with the shapes that show it; ``at`` is its place in the layer, by its first polygon."""

    subject: Subject
    seat: str
    at: int
    drawn: tuple[tuple[str, shapely.Geometry], ...] = ()


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Ha of hard surface of each plaza inside the county seat; see the module."""
    ground = plaza_ground(site)
    seats = county_seats(site)
    rows: list[_Row] = []
    for seat in seats:
        if seat.area is None:
            key = f"county_seat:{seat.id}"
            rows.append(_Row(Subject(key, seat.name, missing=_say("unsound-seat")), seat.id, -1))
        else:
            rows += _in_seat(site, ground, seat, params.merge_gap_m)
    rows += _without_shape(ground)
    rows.sort(key=lambda row: row.at)
    ids = told_apart([row.subject.id for row in rows], [row.seat for row in rows])
    rows = [replace(row, subject=replace(row.subject, id=key)) for row, key in zip(rows, ids, strict=True)]
    return Measurement(
        UNIT,
        tuple(row.subject for row in rows),
        notes=_notes(site, ground, params),
        evidence=_evidence(site, seats, rows),
        higher_is_worse=True,
    )


def _in_seat(site: Site, ground: PlazaGround, seat: CountySeat, gap_m: float) -> list[_Row]:
    shapes = ground.frame.geometry.to_numpy()
    shapely.prepare(seat.area)
    inside = np.flatnonzero(shapely.intersects(seat.area, shapes))
    parts = areal(shared_with(shapes[inside], seat.area))
    big = shapely.area(parts) >= LEAST_M2
    inside, parts = inside[big], parts[big]
    if not len(inside):
        return []
    roads = roads_between(site, seat.area)
    close = touching(parts, gap_m)
    widest = _not_across(parts, close, roads.sure, gap_m)
    narrowest = _not_across(parts, close, roads.perhaps, gap_m)
    lump = lump_numbers(len(parts), widest)
    plazas = np.unique(lump[ground.named[inside]])
    rows = []
    for first in plazas:
        members = np.flatnonzero(lump == first)
        plaza = _Plaza(ground, inside[members], parts[members], _among(widest, members), _among(narrowest, members))
        rows.append(_row(site, plaza, seat, gap_m, roads_trusted=roads.trusted or len(members) == 1))
    other = ~np.isin(lump, plazas)
    return rows + _folded(ground, seat, inside[other], parts[other], lump[other])


def _folded(
    ground: PlazaGround, seat: CountySeat, rows: NDArray[np.intp], parts: NDArray[np.object_], lump: NDArray[np.int64]
) -> list[_Row]:
    """One row for all land that only may be a plaza: it is known to be no larger than what hangs together of it."""
    if not len(rows):
        return []
    together, number = np.unique(lump, return_inverse=True)
    largest_m2 = float(np.bincount(number, weights=shapely.area(parts)).max())
    ids = ground.frame["id"].iloc[rows].astype(str).to_numpy()
    subject = Subject(
        FOLDED,
        _say("folded-name", count=len(together)).zh,
        bounds=_bounds(0.0, largest_m2),
        missing=_say("class-open", ids=ids[in_order(ids)].tolist()),
    )
    return [_Row(subject, seat.id, int(rows[0]), tuple(("open", part) for part in parts))]


@dataclass(frozen=True, slots=True)
class _Plaza:
    """The polygons of one plaza, cut at the county seat's edge.

    ``joined`` are the pairs of them that may hang together, ``surely_joined`` those that certainly do.
    """

    ground: PlazaGround
    rows: NDArray[np.intp]
    parts: NDArray[np.object_]
    joined: Pairs
    surely_joined: Pairs

    def ids(self) -> list[str]:
        """The ids of the polygons, in their natural order."""
        keys = [str(key) for key in self.ground.frame["id"].iloc[self.rows]]
        return [keys[place] for place in in_order(keys)]

    def name(self) -> str | None:
        """The name of the first polygon that has one."""
        named = self.ground.frame.iloc[self.rows].dropna(subset="name")
        return str(named["name"].iloc[in_order(named["id"].astype(str))[0]]) if len(named) else None


def _row(site: Site, plaza: _Plaza, seat: CountySeat, gap_m: float, *, roads_trusted: bool) -> _Row:
    whole = overlay.union_all(plaza.parts)
    gross_m2 = float(shapely.area(whole))
    cover = cover_of(site, whole)
    taken = overlay.union_all(list(cover.certain.values()))
    green = cover.certain.get("green_spaces", shapely.Polygon())
    green_is_plaza = bool(shapely.area(green) >= ALL_GREEN * gross_m2)
    spared = [shape for role, shape in cover.certain.items() if not (green_is_plaza and role == "green_spaces")]

    joints, soft = overlay.union_all(bridges(plaza.parts, plaza.joined, gap_m)), overlay.union_all(spared)
    pieces, _ = pieces_left(whole, joints, soft)
    high_m2 = float(shapely.area(overlay.difference(whole, soft)))
    given = _given(site)
    sure = plaza.ground.sure[plaza.rows]
    low_m2 = 0.0
    if given and not cover.nowhere and roads_trusted:
        most_taken = overlay.union_all([taken, cover.possible])
        low_m2 = min(high_m2, _largest_sure(plaza, sure, most_taken, gap_m))

    loose = len(plaza.joined[0]) != len(plaza.surely_joined[0])
    untrusted = bool(cover.nowhere or shapely.area(cover.possible) > 0 or not roads_trusted or loose)
    plain = bool(sure.all() and not untrusted and not green_is_plaza)
    value, bounds = (high_m2 / 1e4, None) if high_m2 - low_m2 <= DUST_M2 else (None, _bounds(low_m2, high_m2))
    if plain and bounds is not None:
        value = high_m2 / 1e4
    why = [] if bounds is None else _why_open(plaza, sure, given, gross_m2, untrusted, green_is_plaza)
    if bounds is not None and not why:
        why = [_say("in-pieces", total=high_m2 / 1e4, largest=low_m2 / 1e4)]
    ids = plaza.ids()
    subject = Subject(
        ids[0],
        plaza.name(),
        value=value,
        bounds=bounds,
        missing=_together(why),
        notes=(_say("merged", count=len(ids), ids=ids),) if len(ids) > 1 else (),
    )
    certain_pieces = bool(given) and bool(sure.all())
    kinds = (
        ["hard" if number == 0 else "apart" for number in range(len(pieces))]
        if certain_pieces
        else ["open"] * len(pieces)
    )
    drawn = [*zip(kinds, pieces, strict=True), *cover.certain.items(), ("open", cover.possible), ("plaza", whole)]
    return _Row(subject, seat.id, int(plaza.rows[0]), tuple(drawn))


def _largest_sure(plaza: _Plaza, sure: np.ndarray, taken: shapely.Geometry, gap_m: float) -> float:
    """The largest contiguous hard piece that is certain, in m²."""
    first, second = plaza.surely_joined
    both = sure[first] & sure[second]
    pairs = first[both], second[both]
    lump = lump_numbers(len(plaza.parts), pairs)
    largest = 0.0
    for number in np.unique(lump[sure]):
        mine = _among(pairs, np.flatnonzero(lump == number))
        parts = plaza.parts[lump == number]
        _, pieces_m2 = pieces_left(overlay.union_all(parts), overlay.union_all(bridges(parts, mine, gap_m)), taken)
        largest = max(largest, float(pieces_m2[0]) if len(pieces_m2) else 0.0)
    return largest


def _why_open(
    plaza: _Plaza, sure: np.ndarray, given: tuple[str, ...], gross_m2: float, untrusted: bool, green_is_plaza: bool
) -> list[Words]:
    frame = plaza.ground.frame.iloc[plaza.rows]
    drawn = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    classed_open = drawn & ~sure
    why = []
    if classed_open.any():
        why.append(_say("class-open", ids=[str(key) for key in frame["id"][classed_open]]))
    if untrusted or not drawn.all():
        why.append(_say("unsound"))
    if green_is_plaza:
        why.append(_say("green-is-plaza"))
    if not given:
        why.append(_say("nothing-given", gross=gross_m2 / 1e4))
    return why


def _without_shape(ground: PlazaGround) -> list[_Row]:
    shapes = ground.frame.geometry.to_numpy()
    lost = ground.frame[shapely.is_missing(shapes) | shapely.is_empty(shapes)]
    return [
        _Row(Subject(str(key), None if pd.isna(name) else str(name), missing=_say("no-shape")), "", int(row))
        for row, key, name in zip(lost.index, lost["id"], lost["name"], strict=True)
    ]


def _not_across(parts: NDArray[np.object_], pairs: Pairs, roads: NDArray[np.object_], gap_m: float) -> Pairs:
    together = ~parted(parts, pairs, roads, gap_m)
    return pairs[0][together], pairs[1][together]


def _among(pairs: Pairs, members: NDArray[np.intp]) -> Pairs:
    """The pairs within some members, numbered by their place among these."""
    first, second = pairs
    within = np.isin(first, members) & np.isin(second, members)
    return np.searchsorted(members, first[within]), np.searchsorted(members, second[within])


def _given(site: Site) -> tuple[str, ...]:
    """Which of the layers that are taken away are given, or declared not to exist."""
    return tuple(role for role in ON_PLAZAS if site.layer(role) is not None or role in site.submission.none)


def _bounds(low_m2: float, high_m2: float) -> Bounds:
    return Bounds(low_m2 / 1e4, high_m2 / 1e4)


def _together(why: list[Words]) -> Words | None:
    if not why:
        return None
    return Words(why[0].code, "；".join(item.zh for item in why), "; ".join(item.en for item in why))


def _notes(site: Site, ground: PlazaGround, params: Params) -> tuple[Words, ...]:
    given = _given(site)
    taken: list[Words] = [_say(role) for role in given] or [_say("nothing")]
    role = ROLES[ground.role]
    notes = [_say("method", role=Words(role.name, role.zh, role.en), gap=params.merge_gap_m, taken=taken)]
    faults = site.submission.faults
    absent = [_say(role) for role in ON_PLAZAS if role not in given and role not in faults]
    if given and absent:
        notes.append(_say("not-taken", roles=absent))
    notes += [_say("set-aside", role=_say(r), faults=list(faults[r])) for r in ON_PLAZAS if r in faults]
    return tuple(notes)


def _evidence(site: Site, seats: tuple[CountySeat, ...], rows: list[_Row]) -> tuple[Shapes, ...]:
    table = [
        (kind, row.subject.id, row.subject.name, shape)
        for row in rows
        for kind, shape in row.drawn
        if not shapely.is_empty(shape)
    ]
    table += [("seat", seat.id, seat.name, seat.area) for seat in seats if seat.area is not None]
    legend = {
        "hard": (Tone.COUNTED, _say("kind-hard")),
        "apart": (Tone.MARK, _say("kind-apart")),
        "green_spaces": (Tone.GOOD, _say("kind-green_spaces")),
        "water": (Tone.EXEMPT, _say("kind-water")),
        "buildings": (Tone.UNCOUNTED, _say("kind-buildings")),
        "open": (Tone.UNKNOWN, _say("kind-open")),
        "plaza": (Tone.FRAME, _say("kind-plaza")),
        "seat": (Tone.FRAME, _say("kind-seat")),
    }
    weight = {kind: place for place, kind in enumerate(legend)}
    frame = gpd.GeoDataFrame(
        {
            "kind": [kind for kind, *_ in table],
            "subject": [subject for _, subject, _, _ in table],
            "name": [name for _, _, name, _ in table],
            "area_ha": [float(shapely.area(shape)) / 1e4 for *_, shape in table],
        },
        geometry=[shape for *_, shape in table],
        crs=site.submission.crs,
    )
    order = np.lexsort((-frame["area_ha"].to_numpy(dtype=float), frame["kind"].map(weight).to_numpy(dtype=int)))
    return (Shapes(frame.iloc[order].reset_index(drop=True), legend, columns={"area_ha": _say("column-area_ha")}),)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
