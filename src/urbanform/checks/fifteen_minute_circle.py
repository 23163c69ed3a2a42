"""Fifteen-minute circle (十五分钟生活圈): housing with every kind of facility within a walk, in percent.

What it measures
    Urban residential land from which a facility of every kind can be reached on foot within ``radius_m``, divided by
    all such land; and for each kind the same with that kind alone.
Which clauses ask it
    Liangshan （八）, Jiaozuo 焦建规定〔2023〕3号 二（四）4 and Heilongjiang 黑建科〔2022〕11号 二（二）2 ask for
    circles of fifteen minutes out of communities that ways on foot (and by bicycle) link, none with a share.
How
    Facilities are told apart by their ``kind`` as it is written; ``kinds`` names those that are asked for, else all
    that the layer has are. Ways run along the footpaths, else along the centrelines of the roads, and include the legs
    from the plot and to the facility. A plot, and a facility, is entered wherever a path passes within 20 m, else
    where the network comes nearest; the shortest way from any entrance to any entrance counts, the radius included.
    Of parcels within a walk the land within the same distance in a straight line counts, for no way is shorter; a note
    gives the figure by whole parcels. Ground that parcels share counts once, mixed plots whose main use is housing
    count in full. The parcels of the whole layer count, or those of a scope where the rule names one.
    What is not known leaves the figure open between bounds: parcels of unknown class or broken shape, facilities of
    unknown kind or place (where all kinds are asked for, one of unknown kind may be of a kind of its own), paths that
    may not exist, and entrances from paths off the ground. Paths that are all planned, of which nobody said that
    planned ones count, prove no pass.
Known limits
    1,000 m stand for a walk of fifteen minutes at 4 km/h. Ways by bicycle, bus stops (Heilongjiang), slopes, crossings
    and opening hours are not seen, nor how large a facility is. Kinds that are spelled otherwise are other kinds.
    Centrelines of roads say nothing of bridges, nor whether one may walk there; footpaths with their ``level`` do.
References
    TD/T 1062-2021 (community life circles); GB 50180-2018 (800 to 1,000 m for the circle of fifteen minutes).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.coverage import QUAD_SEGS, less, out_of_reach
from urbanform.model.measurement import Alternative, Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import SCOPE, need
from urbanform.model.roles import ROLES, SCOPES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.facilities import BLANK, OTHER, Facilities, facilities_by_kind
from urbanform.site.homes import LEAST_DRAWN_M2, Homes, homes_in, reached, together, without_mixed
from urbanform.site.scope import Scope, scope_of
from urbanform.site.served import covered_m2
from urbanform.site.walking import (
    Entered,
    WalkingPaths,
    all_planned,
    entered,
    homes_entered,
    in_walking_reach,
    walking_paths,
    why_paths_open,
)
from urbanform.wording import Words, own_words

UNIT = Unit.PERCENT
NEEDS = (
    need("parcels", "land_use"),
    need("facilities", "kind"),
    need("footpaths") | need("roads"),
)
USES = ()
LOOKS_AT = SCOPES
"""Only where the rule names one of them."""
OVERALL = "all"
"""The subject of all kinds together."""


class Params(CheckParams):
    """Which kinds of facility, and how far on foot."""

    kinds: tuple[str, ...] = ()
    """As the layer writes them; empty for all that it has."""
    radius_m: float = Field(1000.0, gt=0)


WORDS = {
    "about": (
        "城镇居住用地中，步行 15 分钟（默认沿路网 1000 米）内各类公共服务设施齐全者的占比，并逐类给出占比",
        "share of urban residential land with every kind of public facility within a walk (by default 1,000 m along "
        "the network), and the share for each kind",
    ),
    "method": (
        "沿{role}图层步行 {radius} 米以内，含从地块、设施出入口到道路的距离；设施种类：{kinds}；地块和设施凡有道路经过"
        "其 20 米以内处均视为可出入；步行可达地块只计其直线距离以内的部分",
        "within {radius} m on foot along the {role} layer, the ways from and to the entrances included; kinds of "
        "facility: {kinds}; plots and facilities are entered wherever a path passes within 20 m; of parcels within a "
        "walk the land in straight reach counts",
    ),
    "all-name": ("各类设施齐全", "every kind of facility"),
    "whole-parcels": (
        "如步行可达的地块整宗计入，为 {share}%",
        "with whole parcels counted wherever they are within a walk the figure is {share}%",
    ),
    "cut-off": (
        "{count} 宗居住用地直线距离内有设施，沿{role}却都走不到，可能是路网断开或缺线：{ids}；请核对这些地块周边的"
        "{role}",
        "{count} residential parcels have facilities in straight reach and none on foot, so the network may be broken "
        "or incomplete there: {ids}; check the {role} around them",
    ),
    "kind-blank": (
        "{count} 处设施的类型未填，不知属于哪一类：{ids}；请补填 facilities 的 kind 字段，或在规则参数 kinds 中写明要求"
        "哪几类",
        "the kind of {count} facilities is blank: {ids}; fill in their kind, or name in the rule's kinds which are "
        "asked for",
    ),
    "kind-absent": (
        "设施图层中没有类型为 {absent} 的设施；图层写有：{found}；如写法不同，请统一 kind 字段与规则参数 kinds",
        "no facility of the layer is of the kind {absent}; it has: {found}; where they are written otherwise, make the "
        "field kind and the rule's kinds agree",
    ),
    "place-open": (
        "{count} 处设施没有图形、图形有错误或不知是否现状：{ids}；请修复或补画图形",
        "{count} facilities have no shape or a broken one, or may not exist: {ids}; repair or draw them",
    ),
    "no-kinds": (
        "设施图层没有写明类型的设施，无从判断是否齐全；请补填 kind 字段，或在规则参数 kinds 中写明要求哪几类",
        "no facility has a kind, so it cannot be told which are wanted; fill in the field kind, or name the rule's "
        "kinds",
    ),
    "no-network": (
        "没有可用的步行道或道路图层，步行距离无从计算；请提供步行道或道路中心线，现状与规划混杂的图层请在 "
        "submission.yaml 中写 stage",
        "no layer of footpaths or roads can be used, so there are no ways to measure; supply one, and where it mixes "
        "existing and planned lines write stage in submission.yaml",
    ),
    "all-planned": (
        "{role}图层全部为规划或在建，不能证明现状已可达；如审查的是规划方案，请在 submission.yaml 中写 stage: plan，"
        "否则请提交现状路网",
        "all lines of the {role} layer are planned or under construction, which proves nothing of today; where a plan "
        "is reviewed write stage: plan in submission.yaml, else hand in the existing ones",
    ),
    "kind-lacking": ("有设施步行不可达的居住用地", "residential land that lacks a facility within a walk"),
    "kind-unknown": ("是否可达未知的居住用地", "residential land that may have all within a walk or not"),
    "kind-open": ("是否为居住用地未知", "may be residential or not"),
    "kind-in": ("各类设施均可达的居住用地", "residential land with every kind within a walk"),
    "kind-facility": ("设施", "facilities"),
    "kind-doubtful": ("类型、位置或是否现状未知的设施", "facilities of unknown kind or place, or that may not exist"),
    "kind-other": ("未要求的设施", "facilities not asked for"),
    "column-lacking": ("缺少的设施", "lacking"),
    "column-area_m2": ("面积（平方米）", "area (m²)"),
    "column-parcel_m2": ("地块面积（平方米）", "parcel (m²)"),
    "column-facility_kind": ("设施类型", "kind of facility"),
}


@dataclass(frozen=True, eq=False)
class _Within:
    """Which homes have something within a walk, and what of each is left out, for certain and at best."""

    near: NDArray[np.bool_]
    left: NDArray[np.object_]
    perhaps: NDArray[np.bool_]
    possible: NDArray[np.object_]


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Percent of urban residential land with every kind of facility within a walk; see the module."""
    area, missing = _area(site, scope)
    facilities = facilities_by_kind(site, params.kinds)
    homes = homes_in(site, area) if missing is None else None
    if homes is not None:
        missing = homes.missing or (None if facilities.kinds else _say("no-kinds"))
    paths = None
    if homes is not None and missing is None:
        ground = shapely.box(*shapely.total_bounds(homes.shapes)) if area is None else area.area
        # Facilities lie up to a radius away, and the nearest path of one that counts up to another.
        paths = walking_paths(site, ground, 2 * params.radius_m)
        missing = _say("no-network") if paths is None else None
    told = [area.note] if area is not None and area.note else []
    if homes is None or paths is None:
        return Measurement(UNIT, (Subject(OVERALL, _say("all-name").zh, missing=missing),), notes=tuple(told))

    told.append(_say("method", role=_role(paths.role), radius=params.radius_m, kinds=list(facilities.kinds)))
    origins = homes_entered(site, homes, paths)
    ends = entered(paths, facilities.frame.geometry.to_numpy(), facilities.placed)
    per_kind = [
        _within(homes, facilities, number, paths, origins, ends, params.radius_m)
        for number in range(len(facilities.kinds))
    ]
    every = _every(homes, per_kind)
    blank = facilities.all_given and bool((facilities.number == BLANK).any())
    why = _why(homes, facilities, paths, origins, ends)
    told += _cut_off(homes, paths, per_kind, facilities, params.radius_m)
    doubts = (_say("all-planned", role=_role(paths.role)),) if all_planned(site, paths.role) else ()
    kinds = [
        _subject(homes, label, label, within, why, doubts)
        for label, within in zip(facilities.kinds, per_kind, strict=True)
    ]
    overall = _subject(homes, OVERALL, _say("all-name").zh, every, why, doubts, one_more=blank)
    evidence = (_drawn_homes(site, homes, facilities, per_kind, every, blank), *_drawn_facilities(facilities))
    return Measurement(UNIT, (overall, *sorted(kinds, key=_least)), notes=tuple(told), evidence=evidence)


def _area(site: Site, scope: str | None) -> tuple[Scope | None, Words | None]:
    """The area of the scope that the rule names, and why it cannot be had; None for the whole layer of parcels."""
    if scope is None:
        return None, None
    missing = need(SCOPE).missing(site.submission, scope)
    if missing is not None:
        return None, missing
    area = scope_of(site, scope)
    return area, area.missing


def _within(
    homes: Homes,
    facilities: Facilities,
    number: int,
    paths: WalkingPaths,
    origins: Entered,
    ends: Entered,
    radius_m: float,
) -> _Within:
    of_kind = facilities.number == number
    known = of_kind & facilities.exists & facilities.placed
    perhaps = (of_kind | (facilities.number == BLANK)) & ~known
    near, near_perhaps = in_walking_reach(paths, origins, ends.of(known), ends.of(perhaps & ~facilities.lost), radius_m)
    left = _left(homes, near, ends.shapes[known], radius_m)
    # A kind of which nothing is certain may not be among those given; one that is not found may be written otherwise.
    unasked = facilities.all_given and not (of_kind & facilities.exists).any()
    if unasked or (perhaps & facilities.lost).any() or facilities.kinds[number] in facilities.absent:
        anyone = np.ones(len(near), dtype=bool)
        return _Within(near, left, anyone, np.full(len(left), shapely.MultiPolygon(), dtype=object))
    if near_perhaps is near:
        return _Within(near, left, near, left)
    somewhere = ends.shapes[(known | perhaps) & ~facilities.lost]
    return _Within(near, left, near_perhaps, _left(homes, near_perhaps, somewhere, radius_m))


def _left(
    homes: Homes, near: NDArray[np.bool_], facilities: NDArray[np.object_], radius_m: float
) -> NDArray[np.object_]:
    """What of each home is out of reach: all of it where no entrance is within a walk, else what no straight line
    reaches."""
    left = homes.shapes.copy()
    left[near] = out_of_reach(homes.shapes[near], facilities, radius_m, QUAD_SEGS)
    return left


def _every(homes: Homes, per_kind: Sequence[_Within]) -> _Within:
    """Which homes have all of some kinds within a walk."""
    near, left = _united(homes, [(within.near, within.left) for within in per_kind])
    if all(within.possible is within.left for within in per_kind):
        return _Within(near, left, near, left)
    return _Within(near, left, *_united(homes, [(within.perhaps, within.possible) for within in per_kind]))


def _united(
    homes: Homes, found: Sequence[tuple[NDArray[np.bool_], NDArray[np.object_]]]
) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    near = np.logical_and.reduce([one for one, _ in found])
    some = near & np.logical_or.reduce([~shapely.is_empty(left) for _, left in found])
    united = homes.shapes.copy()
    united[near] = shapely.MultiPolygon()
    united[some] = shapely.union_all(np.stack([left[some] for _, left in found]), axis=0)
    return near, united


def _subject(
    homes: Homes,
    key: str,
    name: str,
    within: _Within,
    why: Words | None,
    doubts: tuple[Words, ...],
    one_more: bool = False,
) -> Subject:
    certain_m2 = covered_m2(homes, within.left)
    possible_m2 = certain_m2 if within.possible is within.left else covered_m2(homes, within.possible)
    found = reached(homes, np.zeros(len(certain_m2)) if one_more else certain_m2, possible_m2)
    notes = list(homes.notes()) if key == OVERALL else []
    whole = reached(homes, *(np.where(within.near, homes.area_m2, 0.0),) * 2).percent
    if found.percent is not None and whole is not None and whole - found.percent > 1e-6:
        notes.append(_say("whole-parcels", share=whole))
    return Subject(
        key,
        name,
        value=found.percent,
        bounds=found.bounds,
        numerator=Quantity(None if found.covered_m2 is None else found.covered_m2 / 1e4, "ha"),
        denominator=Quantity(None if found.whole_m2 is None else found.whole_m2 / 1e4, "ha"),
        doubts=doubts,
        missing=None if found.bounds is None else why,
        notes=tuple(notes),
        alternatives=() if found.without_mixed is None else (Alternative(found.without_mixed, without_mixed()),),
    )


def _least(subject: Subject) -> tuple[float, str]:
    bounds = subject.bounds or Bounds(subject.value, None)
    return (bounds.low or 0.0, subject.id)


def _why(homes: Homes, facilities: Facilities, paths: WalkingPaths, origins: Entered, ends: Entered) -> Words | None:
    blank = facilities.ids(facilities.number == BLANK)
    asked = facilities.number != OTHER
    unplaced = facilities.ids(asked & ~(facilities.exists & facilities.placed))
    told = [homes.why_open()]
    told += [_say("kind-blank", count=len(blank), ids=blank)] if blank else []
    told += [_say("place-open", count=len(unplaced), ids=unplaced)] if unplaced else []
    if facilities.absent:
        told.append(_say("kind-absent", absent=list(facilities.absent), found=list(facilities.found)))
    told += why_paths_open(paths, origins, ends.of(asked))
    return together([item for item in told if item is not None])


def _cut_off(
    homes: Homes, paths: WalkingPaths, per_kind: Sequence[_Within], facilities: Facilities, radius_m: float
) -> list[Words]:
    lonely = np.flatnonzero(homes.sure & ~np.logical_or.reduce([within.near for within in per_kind]))
    shapes = facilities.frame.geometry.to_numpy()[(facilities.number >= 0) & facilities.placed]
    _, close = shapely.STRtree(homes.shapes[lonely]).query(shapes, predicate="dwithin", distance=radius_m)
    which = np.zeros(len(homes.shapes), dtype=bool)
    which[lonely[close]] = True
    ids = homes.ids(which)
    return [_say("cut-off", count=len(ids), ids=ids, role=_role(paths.role))] if ids else []


def _drawn_homes(
    site: Site, homes: Homes, facilities: Facilities, per_kind: Sequence[_Within], every: _Within, blank: bool
) -> Shapes:
    out = shapely.area(every.left) > 0
    open_ = out & (shapely.area(every.possible) < shapely.area(every.left))
    open_ |= blank
    served = homes.shapes.copy()
    served[~every.near] = shapely.MultiPolygon()
    cut = np.flatnonzero(out & every.near)
    served[cut] = less(homes.shapes[cut], every.left[cut], (np.arange(len(cut)), np.arange(len(cut))))
    names = np.array(facilities.kinds, dtype=object)
    lacks = np.stack([shapely.area(within.left) > LEAST_DRAWN_M2 for within in per_kind])
    pattern, which = np.unique(lacks, axis=1, return_inverse=True)
    lacking = np.array(["、".join(names[rows]) or None for rows in pattern.T], dtype=object)[which.ravel()]
    pieces = []
    for kind, shapes, rows in (
        ("lacking", every.left, homes.sure & out & ~open_),
        ("unknown", np.where(out, every.left, homes.shapes), homes.sure & open_),
        ("open", homes.shapes, ~homes.sure),
        ("in", served, homes.sure & ~(open_ & ~out)),
    ):
        at = np.flatnonzero(rows)
        size = shapely.area(shapes[at])
        at = at[np.argsort(-size, kind="stable")][: int((size >= LEAST_DRAWN_M2).sum())]
        table = {
            "kind": kind,
            "feature": homes.frame["id"].to_numpy()[at],
            "name": homes.frame["name"].to_numpy()[at],
            "lacking": None if kind == "in" else lacking[at],
            "area_m2": shapely.area(shapes[at]),
            "parcel_m2": homes.area_m2[at],
        }
        pieces.append(gpd.GeoDataFrame(table, geometry=shapes[at], crs=site.submission.crs))
    tones = {"lacking": Tone.BREACH, "unknown": Tone.UNKNOWN, "open": Tone.UNKNOWN, "in": Tone.GOOD}
    return Shapes(
        pd.concat([piece for piece in pieces if len(piece)] or pieces[:1], ignore_index=True),
        legend={kind: (tone, _say(f"kind-{kind}")) for kind, tone in tones.items()},
        columns={name: _say(f"column-{name}") for name in ("lacking", "area_m2", "parcel_m2")},
    )


def _drawn_facilities(facilities: Facilities) -> tuple[Shapes, ...]:
    rows = ~facilities.lost
    if not rows.any():
        return ()
    sure = facilities.exists & facilities.placed
    kind = np.select([facilities.number == OTHER, sure & (facilities.number >= 0)], ["other", "facility"], "doubtful")
    frame = facilities.frame[rows]
    table = {
        "kind": kind[rows].astype(object),
        "feature": frame["id"].astype(str).to_numpy(dtype=object),
        "name": frame["name"].to_numpy(dtype=object),
        "facility_kind": frame["kind"].astype(object).where(frame["kind"].notna(), None).to_numpy(dtype=object),
    }
    tones = {"facility": Tone.COUNTED, "doubtful": Tone.UNKNOWN, "other": Tone.UNCOUNTED}
    drawn = gpd.GeoDataFrame(table, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    order = drawn["kind"].map({name: at for at, name in enumerate(tones)}).to_numpy()
    return (
        Shapes(
            drawn.iloc[np.argsort(order, kind="stable")].reset_index(drop=True),
            legend={name: (tone, _say(f"kind-{name}")) for name, tone in tones.items()},
            columns={"facility_kind": _say("column-facility_kind")},
        ),
    )


def _role(role: str) -> Words:
    return Words(role, ROLES[role].zh, ROLES[role].en)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
