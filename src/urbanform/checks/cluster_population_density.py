"""Population density of each cluster (组团), in persons per km².

What it measures
    Residents of a cluster divided by the whole area of its polygon, whatever the land use inside.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）1, Jiaozuo 焦建规定〔2023〕3号 二（一） and
    Heilongjiang 黑建科〔2022〕11号 二（一）1 set a figure; Liangshan （四） asks for a reasonable density without one.
How
    From a population raster every cell counts by the share of it that lies in the cluster; cells without data hold
    nobody and are noted, beyond 5 % of a cluster they put a pass in doubt; beyond the raster's extent nothing is
    known. Population polygons are shared out by area. A population point counts once, inside. Without a population
    layer the clusters' own field is used. The area is planar, in the working CRS.
Known limits
    The layer's own definition of a resident is taken as it is; registered (户籍) population is not the same.
References
    City health check indicator system 2021 (城市体检指标体系), density of clusters and of areas within them.
"""

import numpy as np
import pandas as pd
import shapely

from urbanform.checks import NoParams
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.persons import Persons, PersonsFrom, persons_in
from urbanform.wording import Words, own_words, percent

UNIT = Unit.PERSONS_PER_KM2
NEEDS = (need("clusters"), need("population") | need("clusters", "population"))
USES = ()
SUBJECTS = "clusters"
Params = NoParams

MOST_WITHOUT_DATA = 0.05

WORDS = {
    "about": (
        "组团人口 ÷ 组团整个面积，不论其中是什么用地",
        "residents of a cluster over the whole area of its polygon, whatever the land use inside",
    ),
    "counted-from-raster": (
        "人口由栅格按格网覆盖比例累计，面积按组团全部范围",
        "persons summed from the raster by the share of each cell inside; area of the whole cluster",
    ),
    "counted-from-polygons": (
        "人口由人口面按面积比例分摊，面积按组团全部范围",
        "persons shared out from population polygons by area; area of the whole cluster",
    ),
    "counted-from-points": (
        "人口由点落入组团累计（边界上的点只计一次），面积按组团全部范围",
        "persons from points inside (a point on a border once); area of the whole cluster",
    ),
    "counted-from-field": (
        "人口取自组团图层自身字段，面积按组团全部范围",
        "persons from the clusters' own field; area of the whole cluster",
    ),
    "without-data": (
        "组团内 {share}% 的范围没有人口数据，按 0 人计；如确无人口，可在 submission.yaml 的 population 下写 nodata: 0",
        "{share}% of the cluster has no population data and counts as empty; if nobody lives there, write nodata: 0 "
        "under population in submission.yaml",
    ),
    "beyond-data": (
        "组团有 {share}% 超出人口数据范围，其人口未知；请补充覆盖该处的人口数据",
        "{share}% of the cluster lies beyond the population data; supply data that covers it",
    ),
    "persons-unknown": (
        "人口数值缺失或不可读，只知不少于 {low} 人；请补填人口",
        "a population value is missing or unreadable, at least {low} persons; fill it in",
    ),
    "cells-implausible": (
        "人口栅格在此有负值，或大得不可能的值（如未声明的 -9999）；请在栅格上声明 nodata，或改正这些值",
        "the population raster has cells here that are negative or too large to be persons (-9999, say, not declared); "
        "declare its nodata, or put them right",
    ),
    "unsound-cluster": (
        "组团图形有错误，面积不可信；请在 GIS 中修复几何后重新提交",
        "the cluster's shape is broken and its area cannot be trusted; repair the geometry and hand it in again",
    ),
    "kind-cluster": ("组团人口密度", "cluster, by density"),
    "kind-unmeasured": ("未能量算的组团", "cluster not measured"),
    "column-density": ("人口密度（人/平方公里）", "density (persons/km²)"),
    "column-persons": ("人口（人）", "persons"),
    "column-area": ("面积（平方公里）", "area (km²)"),
}


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Persons per km² of each cluster; see the module."""
    frame = site.needed("clusters").frame(("id", "name"))
    persons = persons_in(site, "clusters")
    sound = frame["sound"].to_numpy(dtype=bool)
    area_km2 = np.where(sound, shapely.area(frame.geometry.to_numpy()), np.nan) / 1e6
    subjects = tuple(
        _subject(str(key), name, float(area), persons, row)
        for row, (key, name, area) in enumerate(zip(frame["id"], frame["name"], area_km2, strict=True))
    )
    value = np.array([np.nan if subject.value is None else subject.value for subject in subjects], dtype=float)
    shown = frame[["geometry"]].assign(
        kind=np.where(np.isnan(value), "unmeasured", "cluster"),
        subject=frame["id"].astype(str),
        name=frame["name"],
        density=value,
        persons=np.where(persons.low == persons.high, persons.low, np.nan),
        area_km2=area_km2,
    )
    shown = shown[~shown.geometry.isna()].sort_values("density", ascending=False, kind="stable", na_position="last")
    evidence = Shapes(
        shown,
        legend={"cluster": (Tone.COUNTED, _say("kind-cluster")), "unmeasured": (Tone.UNKNOWN, _say("kind-unmeasured"))},
        columns={
            "density": _say("column-density"),
            "persons": _say("column-persons"),
            "area_km2": _say("column-area"),
        },
        ramp="density",
    )
    return Measurement(
        UNIT, subjects, notes=(_say(f"counted-from-{persons.source}"),), evidence=(evidence,), higher_is_worse=True
    )


def _subject(key: str, name: object, area_km2: float, persons: Persons, row: int) -> Subject:
    title = None if pd.isna(name) else str(name)  # type: ignore[call-overload]
    if not area_km2 > 0:
        return Subject(key, title, missing=_say("unsound-cluster"))
    low, high = float(persons.low[row]), float(persons.high[row])
    notes: list[Words] = []
    doubts: list[Words] = []
    missing = None
    without, beyond = float(persons.without_data[row]), float(persons.beyond[row])
    if without > 0:
        told = _say("without-data", share=percent(without))
        (doubts if without > MOST_WITHOUT_DATA and not persons.empty_is_known else notes).append(told)
    if beyond > 0:
        missing = _say("beyond-data", share=percent(beyond))
    elif high != low:
        from_raster = persons.source is PersonsFrom.RASTER
        missing = _say("cells-implausible") if from_raster else _say("persons-unknown", low=low)
    known = low == high
    return Subject(
        key,
        title,
        value=low / area_km2 if known else None,
        bounds=None if known else Bounds(low / area_km2, high / area_km2 if np.isfinite(high) else None),
        numerator=Quantity(low if known or low > 0 else None, "persons"),
        denominator=Quantity(area_km2, "km2"),
        doubts=tuple(doubts),
        missing=missing,
        notes=tuple(notes),
    )


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
