"""Floor area over construction land (建筑总面积与建设用地比值) of each polygon of the county seat.

What it measures
    The floor area of all buildings inside the county seat, divided by its construction land.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 三（一）: between 0.6 and 0.8, in county seats of ecological
    zones and main agricultural zones; Heilongjiang 黑建科〔2022〕11号 三（一） by way of 建村〔2021〕45号.
How
    Buildings count as they stand once the plan is carried out: those to be demolished do not, new ones do; a note
    tells where the stock of today would be judged otherwise. Floor area is the field's (above ground where that is
    given), else footprint × storeys; ground that two footprints share belongs to the taller, and a building across the
    edge is split by footprint. Construction land is what the parcels class so inside the county seat, each piece of
    ground once: housing, services, commerce, industry, storage, transport, utilities, green space and plazas, special
    and reserved land, homesteads and highways among them; not water, farmland or other land. Ground without a parcel,
    parcels of unknown or doubtful class, unknown storeys (1 to 60), broken shapes, and buildings of which a filled-in
    action does not tell whether they stay leave the ratio open between bounds; both limits bind.
Known limits
    The ratio is not the mean of the floor area ratios of plots: streets and parks are in the denominator, and must be
    among the parcels. Floor area below ground counts where the field holds nothing else. Floor area that is stated for
    two footprints that lie on one another counts twice.
References
    建村〔2021〕45号 for the figures; GB 50137-2011 and the land-and-sea classification of 2023 for construction land.
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
from urbanform.site.construction_land import (
    ConstructionLand,
    Parcels,
    construction_land_in,
    parcels_as_construction_land,
)
from urbanform.site.county_seats import CountySeat, county_seats
from urbanform.site.floor_area import FloorAreaBatch, floor_area_inside
from urbanform.site.listing import listed
from urbanform.site.new_heights import together
from urbanform.site.standing import standing
from urbanform.wording import Words, own_words

UNIT = Unit.ONE
NEEDS = (need("county_seat"), need("buildings"), need("parcels"))
USES = ()
SCOPE_ROLE = "county_seat"
Params = NoParams

WORDS = {
    "method": (
        "县城内总建筑面积（含新建，不含拟拆除）÷ 县城内建设用地面积；跨越边界的建筑按基底面积比例分摊",
        "floor area in the county seat, new buildings included and those to be demolished left out, ÷ its construction "
        "land; a building across the edge is split by footprint",
    ),
    "no-land": (
        "县城内没有建设用地，分母为零；请核对用地图层的范围和地类代码",
        "there is no construction land in the county seat, so there is nothing to divide by; check the extent of the "
        "parcels and their codes",
    ),
    "no-buildings": (
        "县城内没有一栋建筑，建筑图层可能没有覆盖此处；请核对",
        "no building stands in the county seat, and the layer may not reach here; check it",
    ),
    "without-parcel": (
        "县城内有 {ha} 公顷没有用地图斑，可能是未画的道路等建设用地；请在用地图层补齐（道路用地也要有图斑）",
        "{ha} ha of the county seat have no parcel, and may be streets or other construction land; complete the "
        "parcels, streets included",
    ),
    "class-open": (
        "{count} 宗用地的地类缺失、存疑，或图形有错误、缺失，无法确定是否建设用地：{names}；请在 land_use 字段填写"
        "现行分类代码，修复或补画图形",
        "for {count} parcels it is not known whether they are construction land, since class or shape is missing or in "
        "doubt: {names}; fill in land_use, repair or draw the shape",
    ),
    "disputed": (
        "{ha} 公顷土地上建设用地与非建设用地图斑重叠；请改正用地图层",
        "on {ha} ha parcels of construction land and of other land lie over one another; put them right",
    ),
    "area-open": (
        "{count} 栋建筑的建筑面积未知（没有建筑面积，层数缺失、读不出或写成范围，或图形有错误）：{names}；请补填"
        "建筑面积或层数，修复几何",
        "the floor area of {count} buildings is not known (none is stated, the storeys are missing, unreadable or a "
        "range, or the shape is broken): {names}; give floor_area or storeys, repair the shape",
    ),
    "of-today": (
        "如按现状建筑计（含拟拆除，不含新建），为",
        "by the stock of today, with what is to be demolished and without what is new, the ratio is",
    ),
    "action-open": (
        "{count} 栋建筑的处理方式（action）空白或读不出，不知是否拆除：{names}；请补填，空白即保留的，可在 "
        "submission.yaml 的 buildings 下写 defaults: {{action: retain}}",
        "for {count} buildings the action is blank or unreadable, so it is not known whether they stay: {names}; fill "
        "it in, or where blanks mean that they stay write defaults: {{action: retain}} for the layer in "
        "submission.yaml",
    ),
    "urban-land-only": (
        "如建设用地不计农村宅基地和公路（{ha} 公顷），为",
        "without homesteads and highways ({ha} ha) among construction land, the ratio is",
    ),
    "unsound-seat": (
        "县城范围图形有错误，其内的建筑和用地无法确定；请在 GIS 中修复几何后重新提交",
        "the shape of the county seat is broken, so it is not known which buildings and parcels lie inside; repair the "
        "geometry and hand it in again",
    ),
    "kind-land": ("建设用地", "construction land"),
    "kind-other": ("非建设用地", "other land"),
    "kind-open": ("是否建设用地未知", "construction land or not"),
    "kind-building-open": ("建筑面积或处理方式未知的建筑", "building of unknown floor area or action"),
    "kind-seat": ("县城范围", "county seat"),
    "column-land_use": ("用地类别", "land use"),
    "column-land_use_code": ("用地代码", "code"),
    "column-area_m2": ("县城内面积（平方米）", "area in the county seat (m²)"),
    "column-storeys": ("层数", "storeys"),
    "column-ratio": ("建筑总面积与建设用地比值", "floor area ÷ construction land"),
    "column-floor_m2": ("总建筑面积（平方米）", "floor area (m²)"),
    "column-land_m2": ("建设用地面积（平方米）", "construction land (m²)"),
}


@dataclass
class _Floor:
    """Floor area per polygon in m², at least and at most; ids of buildings of open floor area, and of open action."""

    low_m2: NDArray[np.float64]
    high_m2: NDArray[np.float64]
    buildings: NDArray[np.int64]
    open: list[list[str]]
    undecided: list[list[str]]
    drawn: list[gpd.GeoDataFrame] = field(default_factory=list)

    @classmethod
    def nothing(cls, count: int) -> "_Floor":
        low_m2, high_m2 = np.zeros((2, count))
        names: list[list[str]] = [[] for _ in range(2 * count)]
        return cls(low_m2, high_m2, np.zeros(count, dtype=np.int64), names[:count], names[count:])


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Floor area ÷ construction land of each polygon of the county seat; see the module."""
    seats = county_seats(site)
    areas = np.array([seat.area for seat in seats if seat.area is not None], dtype=object)
    parcels = parcels_as_construction_land(site)
    lands = [construction_land_in(parcels, area) for area in areas]
    floor = _floor_area(standing(site), areas)
    today = _floor_area(in_era(site, Era.TODAY), areas) if "action" in site.needed("buildings").fields else None
    trusted = [seat for seat in seats if seat.area is not None]
    measured = iter([_subject(seat, at, floor, today, parcels, lands[at]) for at, seat in enumerate(trusted)])
    subjects = tuple(
        Subject(seat.id, seat.name, missing=_say("unsound-seat")) if seat.area is None else next(measured)
        for seat in seats
    )
    rows = [subject for seat, subject in zip(seats, subjects, strict=True) if seat.area is not None]
    evidence = _evidence(rows, areas, parcels, lands, floor)
    return Measurement(UNIT, subjects, notes=(_say("method"),), evidence=evidence, higher_is_worse=True)


def _floor_area(site: Site, areas: NDArray[np.object_]) -> _Floor:
    floor = _Floor.nothing(len(areas))
    told = "action" in site.needed("buildings").fields
    for batch in floor_area_inside(site, areas, ("action",)):
        b, area = batch.building, batch.area
        blank = told & batch.buildings["action"].isna().to_numpy(dtype=bool)[b]
        np.add.at(floor.low_m2, area, np.where(blank, 0.0, batch.low_m2))
        np.add.at(floor.high_m2, area, batch.high_m2)
        np.add.at(floor.buildings, area[batch.exact], 1)
        loose = (batch.low_m2 != batch.high_m2) | ~batch.exact
        ids = batch.buildings["id"].astype(str).to_numpy(dtype=object)[b]
        for at, name in zip(area[loose], ids[loose], strict=True):
            floor.open[at].append(name)
        for at, name in zip(area[blank], ids[blank], strict=True):
            floor.undecided[at].append(name)
        floor.drawn.append(_drawn(batch, loose | blank, ids))
    return floor


def _drawn(batch: FloorAreaBatch, loose: NDArray[np.bool_], ids: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """The buildings that leave the figure open; the others are too many to draw, and add nothing."""
    b = batch.building[loose]
    shapes = batch.buildings.geometry.to_numpy()[b]
    frame = gpd.GeoDataFrame(
        {
            "kind": "building-open",
            "feature": ids[loose],
            "storeys": batch.buildings["storeys"].to_numpy(dtype=float)[b],
        },
        geometry=shapes,
        crs=batch.buildings.crs,
    )
    return frame[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]


def _subject(
    seat: CountySeat, at: int, floor: _Floor, today: _Floor | None, parcels: Parcels, land: ConstructionLand
) -> Subject:
    names, undecided = listed(floor.open[at]), listed(floor.undecided[at])
    whys = [_say("area-open", count=len(names), names=names)] if names else []
    if undecided:
        whys.append(_say("action-open", count=len(undecided), names=undecided))
    if len(land.open):
        ids = listed(parcels.frame["id"].astype(str).iloc[land.open])
        whys.append(_say("class-open", count=len(ids), names=ids))
    if land.disputed_m2 > 0:
        whys.append(_say("disputed", ha=f"{land.disputed_m2 / 1e4:.4g}"))
    if land.without_parcel_m2 > 0:
        whys.append(_say("without-parcel", ha=f"{land.without_parcel_m2 / 1e4:.4g}"))
    if not land.high_m2 > 0:
        return Subject(seat.id, seat.name, missing=_say("no-land"))
    loose = bool(names or undecided)
    notes = () if floor.buildings[at] or loose else (_say("no-buildings"),)
    low_m2, high_m2 = float(floor.low_m2[at]), float(floor.high_m2[at])
    value_m2 = land.value_m2
    known = not loose and value_m2 is not None and value_m2 > 0
    low = low_m2 / land.high_m2
    high = high_m2 / land.low_m2 if land.low_m2 > 0 and np.isfinite(high_m2) else None
    return Subject(
        seat.id,
        seat.name,
        value=low_m2 / value_m2 if known and value_m2 else None,
        bounds=Bounds(low, high) if whys else None,
        numerator=Quantity(None if loose else low_m2, "m2"),
        denominator=Quantity(value_m2, "m2"),
        missing=together(whys),
        notes=notes,
        alternatives=_alternatives(at, floor, today, parcels, land) if known and not whys else (),
    )


def _alternatives(
    at: int, floor: _Floor, today: _Floor | None, parcels: Parcels, land: ConstructionLand
) -> tuple[Alternative, ...]:
    """The ratio by the stock of today, and over urban land alone."""
    area_m2, land_m2 = float(floor.low_m2[at]), land.value_m2 or 0.0
    found = []
    if today is not None and not (today.open[at] or today.undecided[at]) and today.low_m2[at] != area_m2:
        found.append(Alternative(float(today.low_m2[at]) / land_m2, _say("of-today")))
    aside_m2 = float(shapely.area(land.shapes[parcels.outside_towns]).sum())
    if 0 < aside_m2 < land_m2:
        note = _say("urban-land-only", ha=f"{aside_m2 / 1e4:.4g}")
        found.append(Alternative(area_m2 / (land_m2 - aside_m2), note))
    return tuple(found)


def _evidence(
    rows: list[Subject], areas: NDArray[np.object_], parcels: Parcels, lands: list[ConstructionLand], floor: _Floor
) -> tuple[Shapes, ...]:
    if not rows:
        return ()

    def of(quantity: Quantity | None) -> float:
        return np.nan if quantity is None or quantity.value is None else quantity.value

    figures = {
        "ratio": [np.nan if row.value is None else row.value for row in rows],
        "floor_m2": [of(row.numerator) for row in rows],
        "land_m2": [of(row.denominator) for row in rows],
    }
    names = {"subject": [row.id for row in rows], "name": [row.name for row in rows]}
    frame = parcels.frame
    outline = gpd.GeoDataFrame({"kind": "seat", **names, **figures}, geometry=areas, crs=frame.crs)
    kinds = np.select([~parcels.trusted | (parcels.low != parcels.high), parcels.low > 0], ["open", "land"], "other")
    tables = []
    for row, land in zip(rows, lands, strict=True):
        area_m2 = shapely.area(land.shapes)
        some = np.flatnonzero(area_m2 > 0)
        told = frame.iloc[some]
        tables.append(
            gpd.GeoDataFrame(
                {
                    "kind": kinds[some],
                    "subject": row.id,
                    "feature": told["id"].astype(str).to_numpy(dtype=object),
                    "land_use": told["land_use"].to_numpy(dtype=object),
                    "land_use_code": told["land_use_code"].to_numpy(dtype=object),
                    "area_m2": area_m2[some],
                },
                geometry=land.shapes[some],
                crs=frame.crs,
            )
        )
    shapes = [
        Shapes(
            outline,
            legend={"seat": (Tone.FRAME, _say("kind-seat"))},
            columns={name: _say(f"column-{name}") for name in figures},
        )
    ]
    tones = {"open": Tone.UNKNOWN, "land": Tone.COUNTED, "other": Tone.UNCOUNTED}
    ground = pd.concat(tables, ignore_index=True)
    if len(ground):
        weight = ground["kind"].map({kind: place for place, kind in enumerate(tones)}).to_numpy(dtype=float)
        shapes.append(
            Shapes(
                ground.iloc[np.lexsort((-ground["area_m2"].to_numpy(), weight))].reset_index(drop=True),
                legend={k: (tone, _say(f"kind-{k}")) for k, tone in tones.items() if ground["kind"].eq(k).any()},
                columns={name: _say(f"column-{name}") for name in ("land_use", "land_use_code", "area_m2")},
            )
        )
    loose = [table for table in floor.drawn if len(table)]
    if loose:
        shapes.append(
            Shapes(
                pd.concat(loose, ignore_index=True),
                legend={"building-open": (Tone.UNKNOWN, _say("kind-building-open"))},
                columns={"storeys": _say("column-storeys")},
            )
        )
    return tuple(shapes)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
