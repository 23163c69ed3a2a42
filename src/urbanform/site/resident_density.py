"""Residents over the whole area of polygons, in persons per km²."""

import numpy as np
import pandas as pd
import shapely

from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.roles import ROLES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.persons import Persons, PersonsFrom, persons_in
from urbanform.wording import Words, own_words, percent

MOST_WITHOUT_DATA = 0.05
"""A polygon of which a larger share (0–1) has no data has at least the persons that were counted, and maybe more."""

WORDS: dict[str, tuple[str, str]] = {
    "counted-from-raster": (
        "人口由栅格按格网覆盖比例累计，面积按{role}全部范围",
        "persons summed from the raster by the share of each cell inside; area of the whole polygon ({role})",
    ),
    "counted-from-polygons": (
        "人口由人口面按面积比例分摊，面积按{role}全部范围",
        "persons shared out from population polygons by area; area of the whole polygon ({role})",
    ),
    "counted-from-points": (
        "人口由点落入{role}累计（边界上的点只计一次），面积按{role}全部范围",
        "persons from points inside (a point on a border once); area of the whole polygon ({role})",
    ),
    "counted-from-field": (
        "人口取自{role}图层自身字段，面积按{role}全部范围",
        "persons from the field of the layer itself ({role}); area of the whole polygon",
    ),
    "without-data": (
        "{role}内 {share}% 的范围没有人口数据，按 0 人计；如确无人口，可在 submission.yaml 的 population 下写 "
        "nodata: 0，否则请补充人口数据",
        "{share}% of the polygon has no population data and counts as empty; if nobody lives there, write nodata: 0 "
        "under population in submission.yaml, else supply the data",
    ),
    "beyond-data": (
        "{role}有 {share}% 超出人口数据范围，其人口未知；请补充覆盖该处的人口数据",
        "{share}% of the polygon lies beyond the population data; supply data that covers it",
    ),
    "persons-unknown": (
        "人口数值缺失或不可读，只知不少于 {low} 人；请补填 population（人）",
        "a population value is missing or unreadable, at least {low} persons; fill in population",
    ),
    "cells-implausible": (
        "人口栅格在此有负值，或大得不可能的值（如未声明的 -9999）；请在栅格上声明 nodata，或改正这些值",
        "the population raster has cells here that are negative or too large to be persons (-9999, say, not declared); "
        "declare its nodata, or put them right",
    ),
    "unsound": (
        "{role}图形有错误，面积不可信；请在 GIS 中修复几何后重新提交",
        "the polygon's shape is broken and its area cannot be trusted ({role}); repair the geometry and hand it in "
        "again",
    ),
    "kind-measured": ("{role}，按人口密度", "{role}, by density"),
    "kind-unmeasured": ("未能量算", "not measured"),
    "column-density": ("人口密度（人/平方公里）", "density (persons/km²)"),
    "column-persons": ("人口（人）", "persons"),
    "column-area_km2": ("面积（平方公里）", "area (km²)"),
}


def resident_density(site: Site, role: str) -> Measurement:
    """Persons per km² of each polygon of a role, whatever the land use inside.

    Persons come from the population layer where there is one, else from the role's own field. Ground inside a polygon
    for which the population layer has no data counts as empty; where that is more than :data:`MOST_WITHOUT_DATA` of
    the polygon, and the layer does not say that such ground holds nobody, the figure is open above. So it is where
    the polygon reaches beyond a raster, or a value is missing.
    """
    frame = site.needed(role).frame(("id", "name"))
    persons = persons_in(site, role)
    sound = frame["sound"].to_numpy(dtype=bool)
    area_km2 = np.where(sound, shapely.area(frame.geometry.to_numpy()), np.nan) / 1e6
    title = Words(role, ROLES[role].zh, ROLES[role].en)
    subjects = tuple(
        _subject(str(key), None if pd.isna(name) else str(name), float(area), persons, row, title)
        for row, (key, name, area) in enumerate(zip(frame["id"], frame["name"], area_km2, strict=True))
    )
    density = np.array([np.nan if subject.value is None else subject.value for subject in subjects], dtype=float)
    shown = frame[["geometry"]].assign(
        kind=np.where(np.isnan(density), "unmeasured", "measured"),
        subject=frame["id"].astype(str),
        name=frame["name"],
        density=density,
        persons=np.where(persons.low == persons.high, persons.low, np.nan),
        area_km2=area_km2,
    )
    shown = shown[~shown.geometry.isna()].sort_values("density", ascending=False, kind="stable", na_position="last")
    evidence = Shapes(
        shown,
        legend={
            "measured": (Tone.COUNTED, _say("kind-measured", role=title)),
            "unmeasured": (Tone.UNKNOWN, _say("kind-unmeasured")),
        },
        columns={name: _say(f"column-{name}") for name in ("density", "persons", "area_km2")},
        ramp="density",
    )
    told = _say(f"counted-from-{persons.source}", role=title)
    return Measurement(Unit.PERSONS_PER_KM2, subjects, notes=(told,), evidence=(evidence,), higher_is_worse=True)


def _subject(key: str, name: str | None, area_km2: float, persons: Persons, row: int, role: Words) -> Subject:
    if not area_km2 > 0:
        return Subject(key, name, missing=_say("unsound", role=role))
    low, high = float(persons.low[row]), float(persons.high[row])
    without, beyond = float(persons.without_data[row]), float(persons.beyond[row])
    notes: list[Words] = []
    missing = None
    scarce = without > MOST_WITHOUT_DATA and not persons.empty_is_known
    if without > 0:
        told = _say("without-data", role=role, share=percent(without))
        notes += [told]
        missing = told if scarce else None
    if beyond > 0:
        missing = _say("beyond-data", role=role, share=percent(beyond))
    elif high != low:
        from_raster = persons.source is PersonsFrom.RASTER
        missing = _say("cells-implausible") if from_raster else _say("persons-unknown", low=low)
    known = low == high
    most = None if scarce or not np.isfinite(high) else high / area_km2
    return Subject(
        key,
        name,
        value=low / area_km2 if known else None,
        bounds=None if known and not scarce else Bounds(low / area_km2, most),
        numerator=Quantity(low if known or low > 0 else None, "persons"),
        denominator=Quantity(area_km2, "km2"),
        missing=missing,
        notes=tuple(notes),
    )


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
