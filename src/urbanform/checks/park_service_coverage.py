"""Share of urban residential land within the service radius of a park (公园绿地服务半径覆盖率), in percent.

What it measures
    Urban residential land inside the built-up area that lies within reach of a park of the built-up area, divided by
    all such land.
Which clauses ask it
    Hebi 鹤建综〔2023〕61号 二（二）7 (99 % by 2025), Henan 豫建科〔2023〕29号 二（二）7 and Jiaozuo 焦建规定〔2023〕3号
    二（四）3 (82 % by 2025); Liangshan （二十） and Heilongjiang 黑建科〔2022〕11号 二（五）10 without a figure.
How
    The reach is a straight line from the park's boundary, by the park's size. Which sizes and radii count is the
    ``profile``, or the list ``service``: a park has the reach of every entry whose size it attains, the size itself
    included. Polygons at most 1 m apart are one park, unless a road runs between them; its area is that of its
    geometry. A park of which any part lies in the built-up area counts whole, others do not; a note gives the figure
    with them. Residential land is clipped to the built-up area by area, and ground that parcels share counts once. Only
    urban residential classes count; mixed plots whose main use is housing count in full, with a note. What may be a
    park or a home, or not (unknown and general classes, broken shapes), leaves the figure open between bounds.
Profiles
    ``checkup-2021`` 5,000 m² and more 500 m, 2,000 to 5,000 m² 300 m · ``garden-city-2022`` 5,000 m² 500 m, 400 m²
    300 m · ``gb50563-2010`` 5,000 m² 500 m, in historic areas 1,000 m² 300 m (a park counts as historic where it
    lies within the heritage zones) · ``gb51346-2019`` parks and plazas of any size 500 m.
Known limits
    Fences, entrances, closed parks and the way on foot are not seen.
References
    City health check indicator system 2021 (城市体检指标体系); 建城〔2022〕2号; GB 50563-2010; GB/T 51346-2019 4.3.4.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.coverage import QUAD_SEGS
from urbanform.model.measurement import Alternative, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import SCOPE, need
from urbanform.model.roles import ROLES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.historic import historic_ground
from urbanform.site.homes import Homes, drawn, homes_in, reached, together, without_mixed
from urbanform.site.parks import GreenGround, WholeParks, park_ground, plaza_polygons
from urbanform.site.scope import scope_of
from urbanform.site.served import RadiusOf, Served, by_size, covered_m2, drawn_parks, served_by
from urbanform.wording import Words, figure, own_words

UNIT = Unit.PERCENT
WHERE_GIVEN = need(SCOPE) | need("roads") | need("plazas") | need("heritage_zones")
"""Met by the built-up area alone: the other layers are read where they are given."""
NEEDS = (need(SCOPE), need("parcels", "land_use"), need("parks") | need("parcels", "land_use"), WHERE_GIVEN)
USES = ()
SCOPE_ROLE = "built_up_area"


class ServiceClass(CheckParams):
    """How far parks of at least some size serve."""

    min_area_m2: float = Field(ge=0)
    radius_m: float = Field(gt=0)


class Params(CheckParams):
    """Which parks serve how far: a published profile, or a list of one's own, which goes before it."""

    profile: Literal["checkup-2021", "garden-city-2022", "gb50563-2010", "gb51346-2019"] = "checkup-2021"
    service: tuple[ServiceClass, ...] | None = Field(None, min_length=1)
    quad_segs: int = Field(QUAD_SEGS, ge=1, le=1024)


@dataclass(frozen=True, slots=True)
class _Profile:
    """Sizes in m² and radii in m; those for historic areas, and whether plazas count besides parks."""

    service: tuple[tuple[float, float], ...]
    historic: tuple[tuple[float, float], ...] = ()
    plazas: bool = False


PROFILES = {
    "checkup-2021": _Profile(((5000, 500), (2000, 300))),
    "garden-city-2022": _Profile(((5000, 500), (400, 300))),
    "gb50563-2010": _Profile(((5000, 500),), historic=((1000, 300),)),
    "gb51346-2019": _Profile(((0, 500),), plazas=True),
}

WORDS = {
    "about": (
        "建成区内城镇居住用地中，位于公园服务半径以内者的占比；5000 平方米以上的公园 500 米，2000 至 5000 平"
        "方米的 300 米（默认口径）",
        "share of urban residential land within reach of a park's boundary: 500 m from parks of 5,000 m² and more, "
        "300 m from those of 2,000 to 5,000 m² (by the default profile)",
    ),
    "method": (
        "口径 {profile}：{service}；自公园边界起算直线距离（四分之一圆 {segments} 段），公园取自{role}图层，"
        "相距不超过 1 米的面合并为一个公园{roads}，建成区内外相连的公园整体计入，居住用地只计城镇住宅类并按建成区裁切",
        "profile {profile}: {service}; straight line from the park's boundary ({segments} segments a quarter circle), "
        "parks from the {role} layer, polygons at most 1 m apart are one park{roads}, a park partly inside the "
        "built-up area counts whole, urban residential land only, clipped to the built-up area",
    ),
    "own-list": ("自定", "of the rule"),
    "one-class": ("≥{area} 平方米 {radius} 米", "{area} m² and more {radius} m"),
    "one-historic": ("历史地段内 ≥{area} 平方米 {radius} 米", "in historic areas {area} m² and more {radius} m"),
    "not-across": ("（隔道路的除外）", " (not across a road)"),
    "no-zones": (
        "未提供历史文化保护范围（heritage_zones），没有公园按历史地段标准计入",
        "no heritage_zones are given, so no park counts by the standard for historic areas",
    ),
    "outside": (
        "建成区外另有 {count} 个公园可服务到建成区，未计入；如计入，覆盖率为 {share}%",
        "{count} parks outside the built-up area reach into it and do not count; with them the figure is {share}%",
    ),
    "outside-open": (
        "建成区外另有 {count} 个公园可服务到建成区，未计入",
        "{count} parks outside the built-up area reach into it and do not count",
    ),
    "with-outside": ("如计入建成区外的公园，则为", "with parks outside the built-up area the figure is"),
    "with-across": (
        "如隔道路相接的公园面合并为一个公园，则为",
        "if polygons that touch along a road are one park it is",
    ),
    "parks-class-open": (
        "{count} 个面的地类存疑、缺失或不止公园一类（如三调 0810 含公园以外的绿地），可能是公园也可能不是：{ids}；"
        "请提供 parks 图层（submission.yaml：layers: {{parks: 公园.shp}}），或改用可区分的地类（1401、G1）",
        "the class of {count} polygons is in doubt, missing or wider than parks (such as 0810, which holds other "
        "green), so they may be parks or not: {ids}; supply a parks layer (submission.yaml: layers: "
        "{{parks: parks.shp}}), or classes that tell (1401, G1)",
    ),
    "parks-shape-open": (
        "{count} 个公园（或可能的公园）图形有错误、缺失或不知是否现状，服务范围未知；请在 GIS 中修复几何、补画图形后"
        "重新提交",
        "{count} parks (or what may be parks) have a broken or missing shape, or may not exist, so their reach is not "
        "known; repair or draw them and hand them in again",
    ),
    "zones-open": (
        "有公园部分位于历史文化保护范围内，或保护范围图形有错误，是否适用历史地段标准未知；请核对 heritage_zones 图层",
        "parks lie partly in a heritage zone, or a zone's shape is broken, so it is open whether the standard for "
        "historic areas holds; check the heritage_zones layer",
    ),
    "kind-out": ("服务半径以外的居住用地", "residential land out of reach"),
    "kind-open": ("是否为居住用地未知", "may be residential or not"),
    "kind-in": ("服务半径以内的居住用地", "residential land in reach"),
    "kind-park": ("计入的公园，服务半径 {radius} 米", "parks that count, radius {radius} m"),
    "kind-outside": ("建成区外的公园（未计入）", "parks outside the built-up area (not counted)"),
    "kind-small": ("面积不足的公园（未计入）", "parks too small to count"),
    "kind-doubtful": ("是否为公园未知", "may be a park or not"),
    "kind-service": ("公园服务范围", "ground that the parks serve"),
    "column-area_m2": ("面积（平方米）", "area (m²)"),
    "column-parcel_m2": ("地块面积（平方米）", "parcel (m²)"),
    "column-radius_m": ("服务半径（米）", "radius (m)"),
}


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Percent of urban residential land in reach of a park; see the module."""
    area = scope_of(site, scope or SCOPE_ROLE)
    profile = PROFILES[params.profile]
    if params.service:
        profile = _Profile(tuple((size.min_area_m2, size.radius_m) for size in params.service))
    ground = park_ground(site)
    if profile.plazas:
        ground = ground + plaza_polygons(site)
    told = [_method(site, params, profile, ground), *([area.note] if area.note else [])]
    if area.missing is not None:
        return Measurement(UNIT, (area.unmeasured(),), notes=tuple(told))
    homes = homes_in(site, area)
    missing = park_ground(site).missing or homes.missing
    if missing is not None:
        return Measurement(UNIT, (Subject("1", area.name, missing=missing),), notes=tuple(told))
    if profile.historic and not historic_ground(site).given:
        told.append(_say("no-zones"))

    served = served_by(site, area, homes, ground, _radius_of(site, profile), params.quad_segs)
    subject = _subject(homes, served, ground, profile)
    return Measurement(
        UNIT,
        (replace(subject, name=area.name),),
        notes=tuple(told),
        evidence=_evidence(site, homes, served, ground),
        higher_is_worse=False,
    )


def _radius_of(site: Site, profile: _Profile) -> RadiusOf:
    def radius_of(parks: WholeParks, most: bool) -> NDArray[np.float64]:
        radius_m = np.zeros(len(parks.shapes))
        for least_m2, reach_m in profile.service:
            radius_m = np.maximum(radius_m, by_size(parks.area_m2, least_m2, reach_m))
        if profile.historic:
            zones = historic_ground(site)
            inside = shapely.covers(zones.sure, parks.shapes)
            if most:
                inside |= shapely.intersects(zones.perhaps, parks.shapes) | zones.anywhere
            for least_m2, reach_m in profile.historic:
                radius_m = np.maximum(radius_m, np.where(inside, by_size(parks.area_m2, least_m2, reach_m), 0.0))
        return radius_m

    return radius_of


def _subject(homes: Homes, served: Served, ground: GreenGround, profile: _Profile) -> Subject:
    found = reached(homes, covered_m2(homes, served.left), covered_m2(homes, served.possible))
    notes, alternatives = [*homes.notes()], []
    if found.percent is None:
        notes += [_say("outside-open", count=len(served.outside))] if len(served.outside) else []
    else:
        for left, code in ((served.left_with_outside, "with-outside"), (served.left_across_roads, "with-across")):
            if left is None:
                continue
            m2 = covered_m2(homes, left)
            share = reached(homes, m2, m2).percent
            if share is not None:
                alternatives.append(Alternative(share, _say(code)))
                notes += [_say("outside", count=len(served.outside), share=share)] if code == "with-outside" else []
        if found.without_mixed is not None:
            alternatives.append(Alternative(found.without_mixed, without_mixed()))
    return Subject(
        "1",
        value=found.percent,
        bounds=found.bounds,
        numerator=Quantity(None if found.covered_m2 is None else found.covered_m2 / 1e4, "ha"),
        denominator=Quantity(None if found.whole_m2 is None else found.whole_m2 / 1e4, "ha"),
        missing=None if found.bounds is None else _why_open(homes, served, ground, profile),
        notes=tuple(notes),
        alternatives=tuple(alternatives),
    )


def _why_open(homes: Homes, served: Served, ground: GreenGround, profile: _Profile) -> Words | None:
    why = [homes.why_open()]
    if served.possible is not served.left:
        doubted = sorted(ground.doubted)
        broken = len(ground.nowhere) + int((~ground.sure).sum()) - len(doubted)
        why += [_say("parks-class-open", count=len(doubted), ids=doubted)] if doubted else []
        why += [_say("parks-shape-open", count=broken)] if broken else []
        why += [_say("zones-open")] if profile.historic and not doubted and not broken else []
    return together([item for item in why if item is not None])


def _method(site: Site, params: Params, profile: _Profile, ground: GreenGround) -> Words:
    sizes = [_say("one-class", area=area, radius=radius) for area, radius in profile.service]
    sizes += [_say("one-historic", area=area, radius=radius) for area, radius in profile.historic]
    roles = [Words(role, ROLES[role].zh, ROLES[role].en) for role in ground.roles]
    return _say(
        "method",
        profile=_say("own-list") if params.service else params.profile,
        service=sizes,
        segments=params.quad_segs,
        role=roles,
        roads=_say("not-across") if site.layer("roads") is not None else "",
    )


def _evidence(site: Site, homes: Homes, served: Served, ground: GreenGround) -> tuple[Shapes, ...]:
    land = Shapes(
        drawn(site, homes, served.left, {"out": "out", "open": "open", "in": "in"}),
        legend={
            "out": (Tone.BREACH, _say("kind-out")),
            "open": (Tone.UNKNOWN, _say("kind-open")),
            "in": (Tone.GOOD, _say("kind-in")),
        },
        columns={name: _say(f"column-{name}") for name in ("area_m2", "parcel_m2")},
    )
    parks = drawn_parks(site, ground, served)
    counted = parks["kind"] == "park"
    radii = np.unique(parks["radius_m"][counted])[::-1]
    parks.loc[counted, "kind"] = [f"park-{figure(radius)}" for radius in parks["radius_m"][counted]]
    legend = {f"park-{figure(radius)}": (Tone.COUNTED, _say("kind-park", radius=float(radius))) for radius in radii}
    legend |= {
        "outside": (Tone.UNCOUNTED, _say("kind-outside")),
        "small": (Tone.UNCOUNTED, _say("kind-small")),
        "doubtful": (Tone.UNKNOWN, _say("kind-doubtful")),
        "service": (Tone.FRAME, _say("kind-service")),
    }
    columns = {name: _say(f"column-{name}") for name in ("area_m2", "radius_m")}
    return land, Shapes(parks, legend=legend, columns=columns)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
