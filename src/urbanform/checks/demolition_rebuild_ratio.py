"""New floor area against demolished floor area in each renewal unit (拆建比).

What it measures
    Floor area of the new buildings of a unit, divided by the floor area of those to be demolished there.
Which clauses ask it
    建科〔2021〕63号 (at most 2), and Heilongjiang 黑建科〔2022〕11号 二（一）4, which carries it out.
How
    New is a building whose action says so, or, without an action, one built after the year of the plan. Floor area is
    the field's, else footprint × storeys; ground that two footprints share belongs to the taller of those that stand
    at the same time, so that a new building hides nothing of what it replaces. A building across the unit's edge is
    split by footprint. Unknown storeys (1 to 60), actions and shapes leave the ratio open between bounds. Exemptions
    from the limits on demolition play no part. A unit in which nothing is demolished is not bound; one in which that
    is not certain has no ratio.
Known limits
    Necessary public facilities may be added beyond the old volume; new public buildings count all the same, and a note
    tells where the verdict would differ without them. What was demolished before the layer was drawn must be in it to
    count.
References
    建科〔2021〕63号.
"""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.checks import NoParams
from urbanform.model.measurement import Alternative, Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.building_eras import Era, in_era
from urbanform.site.floor_area import FloorAreaBatch, floor_area_inside
from urbanform.site.listing import listed
from urbanform.site.new_buildings import are_new
from urbanform.site.renewal_units import RenewalUnits, renewal_units, unsound_unit
from urbanform.wording import Words, own_words

UNIT = Unit.ONE
NEEDS = (need("renewal_units"), need("buildings", "action"))
USES = ()
SUBJECTS = "renewal_units"
Params = NoParams

WORDS = {
    "method": (
        "新建建筑面积 ÷ 拆除建筑面积；跨越单元边界的建筑按基底面积比例分摊",
        "new floor area ÷ demolished floor area; a building across the edge is split by footprint",
    ),
    "nothing-demolished": ("单元内没有拆除建筑", "nothing is demolished in the unit"),
    "no-floor-area": (
        "拟拆除建筑的建筑面积为 0（基底全部被更高的现状建筑覆盖）：{names}；请核对重叠的建筑图形",
        "what is to be demolished has no floor area (taller existing footprints cover it): {names}; check the shapes "
        "that overlap",
    ),
    "demolition-open": (
        "单元内是否有建筑拆除未知：{count} 栋建筑的处理方式或图形缺失、不可读：{names}；请补填后重新核查",
        "it is not known whether anything is demolished in the unit: action or shape of {count} buildings is missing "
        "or unreadable: {names}; fill them in",
    ),
    "open-values": (
        "{count} 栋建筑的层数、建筑面积、处理方式或图形缺失、不可读：{names}；请补填后重新核查",
        "storeys, floor area, action or shape of {count} buildings is missing or unreadable: {names}; fill them in",
    ),
    "without-public": (
        "新建公共服务设施（{area} 平方米）如不计入，拆建比为",
        "without the new public buildings ({area} m²) the ratio is",
    ),
    "kind-new": ("新建", "new"),
    "kind-demolished": ("拆除", "demolished"),
    "kind-unknown": ("数据不全", "data incomplete"),
    "kind-unit": ("更新单元", "renewal unit"),
    "column-action": ("处理方式", "action"),
    "column-floor_area_m2": ("单元内建筑面积（平方米）", "floor area in the unit (m²)"),
    "column-ratio": ("拆建比", "new ÷ demolished"),
    "column-new_m2": ("新建建筑面积（平方米）", "new floor area (m²)"),
    "column-demolished_m2": ("拆除建筑面积（平方米）", "demolished floor area (m²)"),
}


@dataclass
class _Sum:
    """Floor area in m² per unit, at least and at most, of what is new or is demolished.

    ``named`` are the buildings of which all is known but perhaps how much floor area they have, ``open`` those of
    which something is not.
    """

    low_m2: NDArray[np.float64]
    high_m2: NDArray[np.float64]
    public_m2: NDArray[np.float64]
    named: list[list[str]]
    open: list[list[str]]
    drawn: list[gpd.GeoDataFrame] = field(default_factory=list)

    @classmethod
    def nothing(cls, count: int) -> "_Sum":
        low_m2, high_m2, public_m2 = np.zeros((3, count))
        return cls(low_m2, high_m2, public_m2, [[] for _ in range(count)], [[] for _ in range(count)])


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """New ÷ demolished floor area of each unit; see the module."""
    units = renewal_units(site)
    demolished, new = _Sum.nothing(len(units.rows)), _Sum.nothing(len(units.rows))
    columns = ("action", "year_built", "use")
    for batch in floor_area_inside(in_era(site, Era.TODAY), units.areas, columns):
        action = batch.buildings["action"]
        goes = (action == "demolish").fillna(False).to_numpy(dtype=bool)
        _add(demolished, batch, goes, goes | action.isna().to_numpy(dtype=bool), "demolished", units)
    for batch in floor_area_inside(in_era(site, Era.TO_COME), units.areas, columns):
        comes = are_new(batch.buildings, site.document_year)
        _add(new, batch, comes.certain, comes.possible, "new", units)
    place = {int(row): at for at, row in enumerate(units.rows)}
    subjects = tuple(_subject(units, row, place.get(row), new, demolished) for row in range(len(units.frame)))
    return Measurement(
        UNIT,
        subjects,
        notes=(_say("method"),),
        evidence=_evidence(units, subjects, [*demolished.drawn, *new.drawn]),
        higher_is_worse=True,
    )


def _add(
    total: _Sum,
    batch: FloorAreaBatch,
    certain: NDArray[np.bool_],
    possible: NDArray[np.bool_],
    kind: str,
    units: RenewalUnits,
) -> None:
    """Add a batch's buildings of a kind, certain and possible by building, to a sum."""
    pairs = np.flatnonzero(possible[batch.building])
    b, area = batch.building[pairs], batch.area[pairs]
    low_m2, high_m2, sure = batch.low_m2[pairs], batch.high_m2[pairs], certain[b]
    np.add.at(total.low_m2, area, np.where(sure, low_m2, 0.0))
    np.add.at(total.high_m2, area, high_m2)
    use = (batch.buildings["use"] == "public").fillna(False).to_numpy(dtype=bool)
    np.add.at(total.public_m2, area, np.where(sure & use[b], low_m2, 0.0))
    here = sure & batch.exact[pairs]
    known = here & (low_m2 == high_m2)
    ids = batch.buildings["id"].astype(str).to_numpy()[b]
    for at, name, stands, told in zip(area, ids, here, known, strict=True):
        if stands:
            total.named[at].append(name)
        if not told:
            total.open[at].append(name)
    drawn = gpd.GeoDataFrame(
        {
            "kind": np.where(known, kind, "unknown"),
            "subject": units.ids[area],
            "feature": ids,
            "action": batch.buildings["action"].to_numpy()[b],
            "floor_area_m2": np.where(known, low_m2, np.nan),
        },
        geometry=batch.buildings.geometry.to_numpy()[b],
        crs=batch.buildings.crs,
    )
    total.drawn.append(drawn[~shapely.is_missing(drawn.geometry.to_numpy())])


def _subject(units: RenewalUnits, row: int, at: int | None, new: _Sum, demolished: _Sum) -> Subject:
    if at is None:
        return units.subject(row, missing=unsound_unit())
    least, most = float(demolished.low_m2[at]), float(demolished.high_m2[at])
    names = listed(demolished.open[at])
    if not demolished.named[at]:
        if not names:
            return units.subject(row, excluded=_say("nothing-demolished"))
        # It may be that nothing is demolished, and then the unit is not bound at all.
        return units.subject(row, missing=_say("demolition-open", count=len(names), names=names))
    if not most > 0:
        return units.subject(row, missing=_say("no-floor-area", names=listed(demolished.named[at])))
    names = listed([*names, *new.open[at]])
    new_low, new_high = float(new.low_m2[at]), float(new.high_m2[at])
    if not names:
        return units.subject(
            row,
            value=new_low / least,
            numerator=Quantity(new_low, "m2"),
            denominator=Quantity(least, "m2"),
            alternatives=_without_public(float(new.public_m2[at]), new_low, least),
        )
    low = new_low / most if np.isfinite(most) else 0.0
    high = new_high / least if least > 0 and np.isfinite(new_high) else None
    return units.subject(row, bounds=Bounds(low, high), missing=_say("open-values", count=len(names), names=names))


def _without_public(public_m2: float, new_m2: float, demolished_m2: float) -> tuple[Alternative, ...]:
    if not public_m2 > 0:
        return ()
    return (Alternative((new_m2 - public_m2) / demolished_m2, _say("without-public", area=public_m2)),)


def _evidence(units: RenewalUnits, subjects: tuple[Subject, ...], drawn: list[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    def of(quantity: Quantity | None) -> float:
        return np.nan if quantity is None or quantity.value is None else quantity.value

    figures = {
        "ratio": np.array([np.nan if subject.value is None else subject.value for subject in subjects]),
        "new_m2": np.array([of(subject.numerator) for subject in subjects]),
        "demolished_m2": np.array([of(subject.denominator) for subject in subjects]),
    }
    shapes = [
        Shapes(
            units.outlines(**figures),
            legend={"unit": (Tone.FRAME, _say("kind-unit"))},
            columns={name: _say(f"column-{name}") for name in figures},
        )
    ]
    buildings = pd.concat(drawn, ignore_index=True) if drawn else None
    if buildings is not None and len(buildings):
        weight = buildings["kind"].map({"unknown": 0, "new": 1, "demolished": 2})
        size_m2 = buildings["floor_area_m2"].fillna(np.inf).to_numpy()
        shapes.append(
            Shapes(
                buildings.iloc[np.lexsort((-size_m2, weight))],
                legend={
                    "demolished": (Tone.BREACH, _say("kind-demolished")),
                    "new": (Tone.NEW, _say("kind-new")),
                    "unknown": (Tone.UNKNOWN, _say("kind-unknown")),
                },
                columns={name: _say(f"column-{name}") for name in ("action", "floor_area_m2")},
            )
        )
    return tuple(shapes)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
