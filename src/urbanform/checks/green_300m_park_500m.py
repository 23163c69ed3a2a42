"""Green within 300 m and a park within 500 m (300 米见绿、500 米见园), in percent of urban residential land.

What it measures
    Urban residential land inside the built-up area that has public green within 300 m, and that has a park within
    500 m; each in a straight line and, where footpaths or roads are given, on foot.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（二）7 name the principle without a share.
How
    Public green is the parks, the parcels classed park, and the green spaces whose kind is a park, a plaza or public;
    protective green and green attached to a plot or a road is none, and green of unknown kind leaves the share open.
    It counts from ``green_min_area_m2``, a park from ``park_min_area_m2``, each size included. What touches (at most
    1 m apart, not across a road) is one, and counts whole where any part of it lies in the built-up area. Straight
    lines run from its boundary. Residential land is clipped to the built-up area, ground that parcels share counts
    once, mixed plots whose main use is housing count in full. On foot the land in straight reach counts for those
    parcels whose shortest way from any entrance to any entrance of the green is within the distance: along the
    footpaths, else the centrelines of the roads, with the ways from and to the entrances. A plot is entered wherever
    a path passes within 20 m, else where the network comes nearest.
Known limits
    Entrances are where paths pass, since no layer says more; fences and closing hours are not seen. Roads that cross
    on bridges are joined unless the footpaths tell their level.
References
    建城〔2022〕2号; domestic practice of 300 m and 500 m in GB 50563-2010.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.coverage import QUAD_SEGS
from urbanform.model.measurement import Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import SCOPE, need
from urbanform.model.roles import ROLES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.homes import Homes, drawn, homes_in, reached, together
from urbanform.site.parks import GreenGround, WholeParks, park_ground, public_green
from urbanform.site.scope import scope_of
from urbanform.site.served import RadiusOf, Served, by_size, covered_m2, drawn_parks, served_by
from urbanform.site.walking import (
    WalkingPaths,
    entered,
    homes_entered,
    in_walking_reach,
    path_role,
    walking_paths,
    why_paths_open,
)
from urbanform.wording import Words, figure, own_words

UNIT = Unit.PERCENT
WHERE_GIVEN = need(SCOPE) | need("footpaths") | need("roads")
"""Met by the built-up area alone: the other layers are read where they are given."""
NEEDS = (need(SCOPE), need("parcels", "land_use"), need("parks") | need("parcels", "land_use"), WHERE_GIVEN)
USES = (need("green_spaces"),)
SCOPE_ROLE = "built_up_area"


class Params(CheckParams):
    """From which size green and parks count, and how far they serve."""

    green_min_area_m2: float = Field(400.0, ge=0)
    green_radius_m: float = Field(300.0, gt=0)
    park_min_area_m2: float = Field(5000.0, ge=0)
    park_radius_m: float = Field(500.0, gt=0)
    quad_segs: int = Field(QUAD_SEGS, ge=1, le=1024)


WORDS = {
    "about": (
        "建成区内城镇居住用地中，300 米内有公共绿地者的占比，以及 500 米内有公园者的占比；有步行道或道路时另"
        "给步行距离的结果",
        "share of urban residential land within 300 m of public green, and within 500 m of a park; along the walking "
        "network, too, where footpaths or roads are given",
    ),
    "method": (
        "公共绿地（≥{green} 平方米）取自{role}图层：公园、地类为公园的用地及类型为公园、广场或公共绿地的绿地；"
        "公园 ≥{park} 平方米；自边界起算直线距离（四分之一圆 {segments} 段），只计建成区内的城镇居住用地",
        "public green (≥ {green} m²) from the {role} layer: parks, parcels classed park and green spaces whose kind is "
        "a park, a plaza or public; parks ≥ {park} m²; straight line from the boundary ({segments} segments a quarter "
        "circle), urban residential land inside the built-up area only",
    ),
    "on-foot": (
        "步行距离按{role}图层计算，含出入口到道路的距离；地块和绿地凡有道路经过其 20 米以内处均视为可出入；"
        "步行可达地块只计其直线距离以内的部分",
        "distances on foot along the {role} layer, the ways from and to the entrances included; a plot is entered "
        "wherever a path passes within 20 m of it; of parcels within a walk the land in straight reach counts",
    ),
    "no-paths": (
        "{role}图层无法使用（或现状与规划混杂而未写 stage），未计算步行距离",
        "the {role} layer cannot be used (or mixes existing and planned lines without a stage), so distances on foot "
        "are not given",
    ),
    "green-name": ("{radius} 米内有公共绿地", "public green within {radius} m"),
    "park-name": ("{radius} 米内有公园", "a park within {radius} m"),
    "foot-name": ("（步行）", " (on foot)"),
    "outside": (
        "建成区外另有 {count} 处可服务到建成区，未计入；如计入，为 {share}%",
        "{count} more outside the built-up area reach into it and do not count; with them the figure is {share}%",
    ),
    "green-class-open": (
        "{count} 个面的地类或绿地类型缺失、存疑或范围更宽（如三调 0810），可能是公共绿地（公园）也可能不是：{ids}；"
        "请填写 green_spaces 的 kind（如 公园绿地、防护绿地、附属绿地），用地改用可区分的地类（1401、G1）",
        "the class or kind of {count} polygons is missing, in doubt or wider than public green and parks (such as "
        "0810): {ids}; fill in the kind of green_spaces (park, protective, attached), and give parcels a class that "
        "tells (1401, G1)",
    ),
    "green-shape-open": (
        "{count} 处公园、绿地图形有错误、缺失或不知是否现状，服务范围未知；请在 GIS 中修复几何、补画图形后重新提交",
        "{count} parks or green spaces have a broken or missing shape, or may not exist, so their reach is not known; "
        "repair or draw them and hand them in again",
    ),
    "kind-no-green": ("{radius} 米内没有公共绿地的居住用地", "residential land without green within {radius} m"),
    "kind-no-park": ("{radius} 米内没有公园的居住用地", "residential land without a park within {radius} m"),
    "kind-open": ("是否为居住用地未知", "may be residential or not"),
    "kind-in": ("两者均满足的居住用地", "residential land with both"),
    "kind-green": ("公共绿地", "public green"),
    "kind-park": ("公园", "parks"),
    "kind-outside": ("建成区外的绿地（未计入）", "green outside the built-up area (not counted)"),
    "kind-small": ("面积不足的绿地（未计入）", "green too small to count"),
    "kind-doubtful": ("是否为公共绿地未知", "may be public green or not"),
    "kind-green-service": ("公共绿地服务范围", "ground that the green serves"),
    "kind-park-service": ("公园服务范围", "ground that the parks serve"),
    "column-area_m2": ("面积（平方米）", "area (m²)"),
    "column-parcel_m2": ("地块面积（平方米）", "parcel (m²)"),
    "column-radius_m": ("服务半径（米）", "radius (m)"),
}


@dataclass(frozen=True, eq=False)
class _Aim:
    """One of the two distances: what is to be within it, and what is."""

    key: str
    name: Words
    radius_m: float
    ground: GreenGround
    served: Served


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Percent of urban residential land with green, and with a park, near; see the module."""
    area = scope_of(site, scope or SCOPE_ROLE)
    green, parks = public_green(site), park_ground(site)
    told = [_method(params, green), *([area.note] if area.note else [])]
    keys = _keys(params)
    names = (_say("green-name", radius=params.green_radius_m), _say("park-name", radius=params.park_radius_m))
    homes = homes_in(site, area) if area.missing is None else None
    if homes is None or homes.missing is not None:
        missing = area.missing if homes is None else homes.missing
        rows = tuple(Subject(key, name.zh, missing=missing) for key, name in zip(keys, names, strict=True))
        return Measurement(UNIT, rows, notes=tuple(told))

    aims = [
        _Aim(
            key, name, radius, ground, served_by(site, area, homes, ground, _from_size(least, radius), params.quad_segs)
        )
        for key, name, radius, ground, least in (
            (keys[0], names[0], params.green_radius_m, green, params.green_min_area_m2),
            (keys[1], names[1], params.park_radius_m, parks, params.park_min_area_m2),
        )
    ]
    subjects = [_straight(homes, aim) for aim in aims]
    # Green lies up to a radius away, and the nearest path of what counts up to another.
    paths = walking_paths(site, area.area, 2 * max(params.green_radius_m, params.park_radius_m))
    if paths is not None:
        told.append(_say("on-foot", role=_role(paths.role)))
        subjects += [_on_foot(site, homes, aim, paths) for aim in aims if aim.ground.missing is None]
    else:
        told += _no_paths(site)
    return Measurement(UNIT, tuple(subjects), notes=tuple(told), evidence=_evidence(site, homes, aims))


def _keys(params: Params) -> tuple[str, str]:
    near, far = f"{figure(params.green_radius_m)} m", f"{figure(params.park_radius_m)} m"
    return (near, far) if near != far else (f"{near} green", f"{far} park")


def _from_size(least_m2: float, reach_m: float) -> RadiusOf:
    def radius_of(parks: WholeParks, most: bool) -> NDArray[np.float64]:
        return by_size(parks.area_m2, least_m2, reach_m)

    return radius_of


def _straight(homes: Homes, aim: _Aim) -> Subject:
    served = aim.served
    if aim.ground.missing is not None:
        return Subject(aim.key, aim.name.zh, missing=aim.ground.missing)
    notes = [*homes.notes()]
    certain, possible = covered_m2(homes, served.left), covered_m2(homes, served.possible)
    if served.left_with_outside is not None:
        with_them = covered_m2(homes, served.left_with_outside)
        share = reached(homes, with_them, with_them).percent
        notes += [_say("outside", count=len(served.outside), share=share)] if share is not None else []
    return _subject(homes, aim.key, aim.name, certain, possible, _why_open(homes, aim), notes)


def _on_foot(site: Site, homes: Homes, aim: _Aim, paths: WalkingPaths) -> Subject:
    served = aim.served
    # No way is shorter than the straight one: land beyond that is out of reach on foot, too.
    certain, possible = covered_m2(homes, served.left), covered_m2(homes, served.possible)
    origins = homes_entered(site, homes, paths)
    counted = entered(paths, served.parks.shapes[served.counted])
    doubtful = entered(paths, served.doubtful, np.zeros(len(served.doubtful), dtype=bool))
    near, perhaps = in_walking_reach(paths, origins, counted, doubtful, aim.radius_m)
    if not aim.ground.nowhere:
        possible = np.where(perhaps, possible, 0.0)
    told = [_why_open(homes, aim), *why_paths_open(paths, origins, counted)]
    why = together([item for item in told if item is not None])
    name = Words("foot", aim.name.zh + _say("foot-name").zh, aim.name.en + _say("foot-name").en)
    return _subject(homes, f"{aim.key} on foot", name, np.where(near, certain, 0.0), possible, why, [])


def _subject(
    homes: Homes,
    key: str,
    name: Words,
    certain_m2: NDArray[np.float64],
    possible_m2: NDArray[np.float64],
    why: Words | None,
    notes: list[Words],
) -> Subject:
    found = reached(homes, certain_m2, possible_m2)
    return Subject(
        key,
        name.zh,
        value=found.percent,
        bounds=found.bounds,
        numerator=Quantity(None if found.covered_m2 is None else found.covered_m2 / 1e4, "ha"),
        denominator=Quantity(None if found.whole_m2 is None else found.whole_m2 / 1e4, "ha"),
        missing=None if found.bounds is None else why,
        notes=tuple(notes),
    )


def _why_open(homes: Homes, aim: _Aim) -> Words | None:
    why = [homes.why_open()]
    if aim.served.possible is not aim.served.left:
        doubted = sorted(aim.ground.doubted)
        broken = len(aim.ground.nowhere) + int((~aim.ground.sure).sum()) - len(doubted)
        why += [_say("green-class-open", count=len(doubted), ids=doubted)] if doubted else []
        why += [_say("green-shape-open", count=broken)] if broken else []
    return together([item for item in why if item is not None])


def _method(params: Params, ground: GreenGround) -> Words:
    return _say(
        "method",
        green=params.green_min_area_m2,
        park=params.park_min_area_m2,
        segments=params.quad_segs,
        role=[_role(role) for role in ground.roles],
    )


def _no_paths(site: Site) -> list[Words]:
    submission = site.submission
    unusable = [role for role in ("footpaths", "roads") if role in submission.faults or role in submission.unstaged]
    return [_say("no-paths", role=_role(unusable[0]))] if unusable and path_role(site) in (None, unusable[0]) else []


def _evidence(site: Site, homes: Homes, aims: list[_Aim]) -> tuple[Shapes, ...]:
    green, park = aims
    either = shapely.union(green.served.left, park.served.left)
    pieces = [
        drawn(site, homes, green.served.left, {"out": "no-green", "open": "", "in": ""}),
        drawn(site, homes, park.served.left, {"out": "no-park", "open": "", "in": ""}),
        drawn(site, homes, either, {"out": "", "open": "open", "in": "in"}),
    ]
    frame = pd.concat([piece[piece["kind"] != ""] for piece in pieces], ignore_index=True)
    keys = {"no-green": green.key, "no-park": park.key}
    frame["subject"] = np.array([keys.get(kind) for kind in frame["kind"]], dtype=object)
    land = Shapes(
        frame,
        legend={
            "no-green": (Tone.BREACH, _say("kind-no-green", radius=green.radius_m)),
            "no-park": (Tone.MARK, _say("kind-no-park", radius=park.radius_m)),
            "open": (Tone.UNKNOWN, _say("kind-open")),
            "in": (Tone.GOOD, _say("kind-in")),
        },
        columns={name: _say(f"column-{name}") for name in ("area_m2", "parcel_m2")},
    )
    greens = drawn_parks(site, green.ground, green.served)
    greens["kind"] = greens["kind"].replace({"park": "green", "service": "green-service"})
    parks = drawn_parks(site, park.ground, park.served)
    parks = parks[parks["kind"].isin(["park", "service"])]
    parks = parks.assign(kind=parks["kind"].replace({"service": "park-service"}))
    legend = {
        "green": (Tone.COUNTED, _say("kind-green")),
        "park": (Tone.COUNTED, _say("kind-park")),
        "outside": (Tone.UNCOUNTED, _say("kind-outside")),
        "small": (Tone.UNCOUNTED, _say("kind-small")),
        "doubtful": (Tone.UNKNOWN, _say("kind-doubtful")),
        "green-service": (Tone.FRAME, _say("kind-green-service")),
        "park-service": (Tone.FRAME, _say("kind-park-service")),
    }
    columns = {name: _say(f"column-{name}") for name in ("area_m2", "radius_m")}
    return land, Shapes(pd.concat([greens, parks], ignore_index=True), legend=legend, columns=columns)


def _role(role: str) -> Words:
    return Words(role, ROLES[role].zh, ROLES[role].en)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
