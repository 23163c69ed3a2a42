"""Buildings demolished within their service life (正常使用寿命) in each renewal unit, by count.

What it measures
    How many of the buildings to be demolished in a unit are younger than the service life of buildings, and are not
    demolished for a basic public interest.
Which clauses ask it
    Jiaozuo 焦建规定〔2023〕3号 二（四）1: buildings that conform to the plan and to building standards and are within
    their service life may not be demolished at will, basic public interest excepted.
How
    A building's age is the year of the review less ``year_built``; at ``years`` it has reached its service life. It
    counts in each unit in which it stands with more than 1 m²; smaller contacts are listed. ``exemption`` of
    public-interest takes it out. An action, a year or an exemption that is missing or unreadable, a year after the
    review, and a shape that cannot be trusted leave the number open. A unit without existing buildings is not bound.
Known limits
    Whether a building conforms is not known to the layer: illegal and dangerous ones count, and a note tells where the
    verdict would differ without them. Years stand for dates: a building may be a few months younger than is said.
References
    GB 50068-2018 3.3 for design working lives (设计使用年限), of which ordinary buildings have 50 years.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.model.measurement import Alternative, Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.exemptions import COLUMNS as CLAIMS
from urbanform.site.exemptions import exempt
from urbanform.site.listing import listed
from urbanform.site.new_buildings import are_new
from urbanform.site.renewal_units import RenewalUnits, no_buildings, renewal_units, unsound_unit
from urbanform.wording import Words, own_words

UNIT = Unit.ONE
NEEDS = (need("renewal_units"), need("buildings", "action", "year_built"))
USES = ()
SUBJECTS = "renewal_units"

CONTACT_M2 = 1.0 + 1e-6
"""Overlaps up to this are contacts; what binary coordinates cannot hold of a square metre is added."""


class Params(CheckParams):
    """How long buildings serve."""

    years: int = Field(50, ge=1, le=500)


WORDS = {
    "method": (
        "拟拆除建筑中，核查年（{year}）减建成年不足 {years} 年、且非因基本公共利益拆除的栋数",
        "buildings to be demolished of which the year of review ({year}) less year_built is under {years}, and that do "
        "not go for a basic public interest",
    ),
    "no-year": (
        "核查年未知，无法计算房龄；请用 --as-of 或 submission.yaml 的 as_of 指定",
        "the year of the review is not known, so ages are not either; give it with --as-of, or as_of in "
        "submission.yaml",
    ),
    "counted": (
        "使用年限内拟拆除：{names}；请改为保留、修缮，或注明基本公共利益需要（exemption: public-interest）并附依据",
        "to be demolished within their service life: {names}; retain or repair them, or mark a basic public interest "
        "(exemption: public-interest) and give the grounds",
    ),
    "exempted": (
        "{count} 栋因基本公共利益拆除，未计入：{names}",
        "{count} are demolished for a basic public interest and do not count: {names}",
    ),
    "contacts": (
        "{count} 栋与单元重叠不超过 1 平方米，未计入：{names}",
        "{count} overlap the unit by up to 1 m² and do not count: {names}",
    ),
    "open-values": (
        "{count} 栋建筑的处理方式、建成年份、豁免情形或图形缺失、不可读（或建成年份晚于核查年）：{names}；"
        "请补填 action、year_built、exemption，并修复图形",
        "action, year built, exemption or shape of {count} buildings is missing or unreadable (or the year lies after "
        "the review): {names}; fill in action, year_built and exemption, and repair the shapes",
    ),
    "without-unfit": (
        "违法建筑、危险建筑如不视为符合规划和建设标准的建筑而不计，为",
        "without illegal and dangerous buildings, which do not conform to plan and standards, the number is",
    ),
    "kind-within": ("使用年限内拆除", "demolished within its service life"),
    "kind-exempt": ("因公共利益拆除", "demolished for a public interest"),
    "kind-past": ("已达使用年限", "past its service life"),
    "kind-unknown": ("数据不全", "data incomplete"),
    "kind-unit": ("更新单元", "renewal unit"),
    "column-action": ("处理方式", "action"),
    "column-year_built": ("建成年份", "year built"),
    "column-age_years": ("房龄（年）", "age (years)"),
    "column-within": ("使用年限内拆除（栋）", "demolished within service life"),
}


@dataclass
class _Unit:
    """What is demolished in one unit; ids of buildings by what is known of them."""

    counted: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    exempted: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    unfit: int = 0
    may_stand: bool = False


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Number of buildings of each unit demolished within their service life; see the module."""
    units = renewal_units(site)
    year = site.as_of
    if year is None:
        rows = tuple(units.subject(row, missing=_say("no-year")) for row in range(len(units.frame)))
        return Measurement(UNIT, rows, higher_is_worse=True)
    found = [_Unit() for _ in units.rows]
    drawn = [_add(site, batch, units, found, (year, params.years)) for batch in _near(site, units)]
    place = {int(row): at for at, row in enumerate(units.rows)}
    subjects = tuple(
        _subject(units, row, None if row not in place else found[place[row]]) for row in range(len(units.frame))
    )
    return Measurement(
        UNIT,
        subjects,
        notes=(_say("method", year=year, years=params.years),),
        evidence=_evidence(units, subjects, drawn),
        higher_is_worse=True,
        exact=True,
    )


def _near(site: Site, units: RenewalUnits) -> Iterator[gpd.GeoDataFrame]:
    """The buildings in and about the units, and those of which it is not known where they stand, batch by batch."""
    if len(units.rows):
        west, south, east, north = (float(end) for end in shapely.total_bounds(units.areas))
        wanted = ("id", "action", "year_built", *CLAIMS)
        yield from site.needed("buildings").batches(wanted, bbox=(west, south, east, north))


def _add(
    site: Site, batch: gpd.GeoDataFrame, units: RenewalUnits, found: list[_Unit], ages: tuple[int, int]
) -> gpd.GeoDataFrame:
    """Add a batch to the units; what of it is or may be demolished, one row per building and unit, for the map."""
    fields = site.needed("buildings").fields
    not_new = ~are_new(batch, site.document_year).certain
    b, area, stands, contact = _standing(batch, units.areas)
    for at in np.unique(area[not_new[b] & ~contact]):
        found[at].may_stand = True

    goes = (batch["action"] == "demolish").fillna(False).to_numpy(dtype=bool)
    may_go = (goes | batch["action"].isna().to_numpy(dtype=bool)) & not_new
    young, may_be_young = _young(batch["year_built"], *ages)
    spared, may_be_spared = exempt(batch, ("public-interest",), fields)
    unfit, _ = exempt(batch, ("illegal", "dangerous"), fields)
    certain = goes & young & ~may_be_spared & batch["certain"].to_numpy(dtype=bool)
    possible = may_go & may_be_young & ~spared

    ids = batch["id"].astype(str).to_numpy(dtype=object)
    kinds = np.select(
        [contact, certain[b] & stands, possible[b], (goes & spared & may_be_young)[b]],
        ["contact", "within", "unknown", "exempt"],
        "past",
    )
    relevant = may_go[b]
    for kind, at, building in zip(kinds[relevant], area[relevant], b[relevant], strict=True):
        unit = found[at]
        if kind == "within":
            unit.counted.append(ids[building])
            unit.unfit += int(unfit[building])
        elif kind == "unknown":
            unit.open.append(ids[building])
        elif kind == "exempt":
            unit.exempted.append(ids[building])
        elif kind == "contact" and possible[building]:
            unit.contacts.append(ids[building])
    shown = relevant & ~contact & ~shapely.is_missing(batch.geometry.to_numpy()[b])
    b, area = b[shown], area[shown]
    built = batch["year_built"].to_numpy(dtype=float)[b]
    return gpd.GeoDataFrame(
        {
            "kind": kinds[shown],
            "subject": units.ids[area],
            "feature": ids[b],
            "action": batch["action"].to_numpy()[b],
            "year_built": built,
            "age_years": ages[0] - built,
        },
        geometry=batch.geometry.to_numpy()[b],
        crs=batch.crs,
    )


def _standing(
    batch: gpd.GeoDataFrame, areas: NDArray[np.object_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs of a building and a unit in which it stands or may stand, whether it does, and whether it only touches."""
    shapes = batch.geometry.to_numpy()
    sound = batch["sound"].to_numpy(dtype=bool)
    shapely.prepare(areas)
    area, b = shapely.STRtree(shapes).query(areas, predicate="intersects")
    overlap_m2 = shapely.area(shapely.intersection(shapes[b], areas[area]))
    size_m2 = shapely.area(shapes[b])
    contact = sound[b] & (overlap_m2 <= np.minimum(CONTACT_M2, size_m2 / 2))
    # One without a shape may stand in any unit.
    lost = np.flatnonzero(shapely.is_missing(shapes))
    b = np.concatenate([b, np.repeat(lost, len(areas))])
    area = np.concatenate([area, np.tile(np.arange(len(areas)), len(lost))])
    contact = np.concatenate([contact, np.zeros(len(lost) * len(areas), dtype=bool)])
    return b, area, sound[b] & ~shapely.is_missing(shapes[b]), contact


def _young(built: pd.Series, year: int, years: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which buildings are younger than their service life, for certain and perhaps; one built after the year may be
    of any age."""
    age = year - built.to_numpy(dtype=float)
    young = (age >= 0) & (age < years)
    return young, young | np.isnan(age) | (age < 0)


def _subject(units: RenewalUnits, row: int, unit: _Unit | None) -> Subject:
    if unit is None:
        return units.subject(row, missing=unsound_unit())
    if not unit.may_stand:
        return units.subject(row, excluded=no_buildings())
    low, high = len(unit.counted), len(unit.counted) + len(unit.open)
    notes = [
        _say(code, count=len(names), names=listed(names))
        for code, names in (("counted", unit.counted), ("exempted", unit.exempted), ("contacts", unit.contacts))
        if names
    ]
    why = _say("open-values", count=len(unit.open), names=listed(unit.open)) if unit.open else None
    other = (Alternative(float(low - unit.unfit), _say("without-unfit")),) if unit.unfit else ()
    return units.subject(
        row,
        value=None if why else float(low),
        bounds=Bounds(float(low), float(high)) if why else None,
        missing=why,
        notes=(*notes, *([why] if why else [])),
        alternatives=() if why else other,
    )


def _evidence(units: RenewalUnits, subjects: tuple[Subject, ...], drawn: list[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    within = np.array([np.nan if subject.value is None else subject.value for subject in subjects], dtype=float)
    shapes = [
        Shapes(
            units.outlines(within=within),
            legend={"unit": (Tone.FRAME, _say("kind-unit"))},
            columns={"within": _say("column-within")},
        )
    ]
    buildings = pd.concat(drawn, ignore_index=True) if drawn else None
    if buildings is not None and len(buildings):
        tones = {"within": Tone.BREACH, "unknown": Tone.UNKNOWN, "exempt": Tone.EXEMPT, "past": Tone.UNCOUNTED}
        weight = buildings["kind"].map({kind: at for at, kind in enumerate(tones)}).to_numpy(dtype=float)
        shapes.append(
            Shapes(
                buildings.iloc[np.lexsort((buildings["age_years"].fillna(np.inf).to_numpy(), weight))],
                legend={kind: (tone, _say(f"kind-{kind}")) for kind, tone in tones.items()},
                columns={name: _say(f"column-{name}") for name in ("action", "year_built", "age_years")},
            )
        )
    return tuple(shapes)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
