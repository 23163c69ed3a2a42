"""Floor area demolished inside each heritage protection zone (历史文化保护范围), in m².

What it measures
    Floor area of the buildings to be demolished, as far as they stand inside the zone.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）4 forbid large demolition and rebuilding, and the
    replacement of the genuine by imitations, inside the protection zones of historic cities and quarters; Heilongjiang
    黑建科〔2022〕11号 二（一）4 asks the same by way of 建科〔2021〕63号.
How
    A building is inside with the part of its footprint that lies in the zone, where that is more than 1 m²; smaller
    contacts are listed and do not count. Floor area is the field's, else footprint × storeys. The clause sets no
    figure: where a protected building (历史建筑, 文物) is among those to be demolished, all of them count; where none
    is known to be, each may be admissible or not, which a reviewer decides: the figure then lies between nothing and
    their floor area. So it does where it is not known whether a building is to be demolished, or where it stands.
Known limits
    What is built in their place is not looked at. Zones that overlap count a building in each.
References
    历史文化名城名镇名村保护条例 (2008) for what may be protected.
"""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.checks import NoParams
from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.building_eras import Era, in_era
from urbanform.site.floor_area import FloorAreaBatch, floor_area_inside
from urbanform.wording import Words, own_words

UNIT = Unit.SQUARE_METRE
NEEDS = (need("heritage_zones"), need("buildings", "action"))
USES = ()
SUBJECTS = "heritage_zones"
Params = NoParams

CONTACT_M2 = 1.0 + 1e-6
"""Overlaps up to this are contacts; what binary coordinates cannot hold of a square metre is added."""

WORDS = {
    "method": (
        "保护范围内拟拆除建筑的建筑面积，按基底落入比例计；与保护范围重叠不超过 1 平方米者不计",
        "floor area to be demolished inside the zone, by the share of the footprint; overlaps of up to 1 m² do not "
        "count",
    ),
    "protected": (
        "拟拆除建筑中有 {count} 栋受保护建筑：{names}；受保护建筑不得拆除，请改为保留或修缮",
        "{count} of the buildings to be demolished are protected: {names}; they may not be demolished, retain or "
        "repair them",
    ),
    "for-review": (
        "保护范围内拟拆除 {count} 栋建筑，均未标明为受保护建筑：{names}；是否属于大拆大建、拆真建假，须由审查人员判定；"
        "请附论证材料，并在建筑图层注明是否受保护（protected）",
        "{count} buildings inside are to be demolished, none of them marked as protected: {names}; whether that is "
        "large-scale demolition, or replaces the genuine, is for the reviewer to decide; give the grounds, and say in "
        "the buildings layer which are protected (protected)",
    ),
    "open-values": (
        "{count} 栋建筑是否拆除、是否受保护、建筑面积或位置未知：{names}；请补填处理方式、受保护情况、层数，并修复图形",
        "of {count} buildings it is not known whether they are to be demolished or are protected, how large they are, "
        "or where they stand: {names}; fill in action, protection and storeys, and repair the shapes",
    ),
    "contacts": (
        "{count} 栋拟拆除建筑与保护范围重叠不超过 1 平方米，未计入：{names}",
        "{count} buildings to be demolished overlap the zone by up to 1 m² and do not count: {names}",
    ),
    "unsound-zone": (
        "保护范围图形有错误，不可信；请在 GIS 中修复几何后重新提交",
        "the zone's shape is broken and cannot be trusted; repair the geometry and hand it in again",
    ),
    "kind-zone": ("历史文化保护范围", "heritage zone"),
    "kind-protected": ("拆除受保护建筑", "protected, to be demolished"),
    "kind-demolished": ("拆除，待审查判定", "to be demolished, for review"),
    "kind-unknown": ("数据不全", "data incomplete"),
    "kind-contact": ("仅边缘接触，未计入", "touches only, not counted"),
    "column-zone_kind": ("保护范围类型", "kind of zone"),
    "column-action": ("处理方式", "action"),
    "column-overlap_m2": ("落入保护范围的基底面积（平方米）", "footprint inside (m²)"),
    "column-floor_area_m2": ("落入保护范围的建筑面积（平方米）", "floor area inside (m²)"),
    "column-demolished_m2": ("范围内拆除建筑面积（平方米）", "floor area demolished inside (m²)"),
}


@dataclass
class _Zone:
    """What is demolished inside one zone; ids of buildings by what is known of them."""

    low_m2: float = 0.0
    high_m2: float = 0.0
    protected: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """M² of floor area demolished inside each zone; see the module."""
    frame = site.needed("heritage_zones").frame(("id", "name", "kind"))
    rows = np.flatnonzero(frame["sound"].to_numpy(dtype=bool) & ~frame.geometry.isna().to_numpy())
    areas, ids = frame.geometry.to_numpy()[rows], frame["id"].astype(str).to_numpy()[rows]
    zones = [_Zone() for _ in rows]
    standing = floor_area_inside(in_era(site, Era.TODAY), areas, ("id", "action", "protected"))
    drawn = [_add(batch, areas, ids, zones) for batch in standing]
    found = dict(zip(rows.tolist(), zones, strict=True))
    subjects = tuple(_subject(frame, row, found.get(row)) for row in range(len(frame)))
    return Measurement(
        UNIT,
        subjects,
        notes=(_say("method"),),
        evidence=_evidence(frame, subjects, drawn),
        higher_is_worse=True,
    )


def _add(
    batch: FloorAreaBatch, areas: NDArray[np.object_], ids: NDArray[np.object_], zones: list[_Zone]
) -> gpd.GeoDataFrame:
    """Add a batch to the zones; its buildings for the map, one row per building and zone that it may matter to."""
    action, guarded = batch.buildings["action"], batch.buildings["protected"].astype("boolean")
    goes = (action == "demolish").fillna(False).to_numpy(dtype=bool)
    may_go = goes | action.isna().to_numpy(dtype=bool)
    protected = guarded.fillna(False).to_numpy(dtype=bool)

    pairs = np.flatnonzero(may_go[batch.building])
    b, area, exact = batch.building[pairs], batch.area[pairs], batch.exact[pairs]
    shapes = batch.buildings.geometry.to_numpy()[b]
    overlap_m2 = np.nan_to_num(shapely.area(shapely.intersection(shapes, areas[area])))
    contact = ~shapely.is_missing(shapes) & (overlap_m2 <= CONTACT_M2)
    low, high = batch.low_m2[pairs], batch.high_m2[pairs]
    # What a taller footprint covers has no floor area of its own, yet something is to be demolished there.
    hidden = exact & (high <= 0)
    high = np.where(hidden, overlap_m2, high)
    certain = exact & goes[b] & ~contact & ~hidden
    kinds = np.select(
        [contact, certain & protected[b] & (low > 0), certain & (low == high)],
        ["contact", "protected", "demolished"],
        "unknown",
    )

    labels = batch.buildings["id"].astype(str).to_numpy()[b]
    listed = {"contact": "contacts", "protected": "protected", "demolished": "others", "unknown": "unknown"}
    for kind, at, label, least, most, sure, goes_for_sure in zip(
        kinds, area, labels, low, high, certain, goes[b], strict=True
    ):
        zone = zones[at]
        if kind != "contact" or goes_for_sure:
            getattr(zone, listed[kind]).append(label)
        if kind != "contact":
            zone.low_m2 += float(least) if sure else 0.0
            zone.high_m2 += float(most)
    drawn = gpd.GeoDataFrame(
        {
            "kind": kinds,
            "subject": ids[area],
            "feature": labels,
            "action": action.to_numpy()[b],
            "overlap_m2": overlap_m2,
            "floor_area_m2": np.where(low == high, low, np.nan),
        },
        geometry=shapes,
        crs=batch.buildings.crs,
    )
    return drawn[~shapely.is_missing(shapes) & ((kinds != "contact") | goes[b])]


def _subject(frame: gpd.GeoDataFrame, row: int, zone: _Zone | None) -> Subject:
    key, name, kind = str(frame["id"].iloc[row]), frame["name"].iloc[row], frame["kind"].iloc[row]
    title = None if pd.isna(name) else str(name)
    attributes = {"kind": None if pd.isna(kind) else str(kind)}
    if zone is None:
        return Subject(key, title, missing=_say("unsound-zone"), attributes=attributes)
    notes, whys = [], []
    if zone.protected:
        notes.append(_say("protected", count=len(zone.protected), names=zone.protected))
    elif zone.others:
        whys.append(_say("for-review", count=len(zone.others), names=zone.others))
    if zone.unknown:
        whys.append(_say("open-values", count=len(zone.unknown), names=zone.unknown))
    if zone.contacts:
        notes.append(_say("contacts", count=len(zone.contacts), names=zone.contacts))
    low_m2 = zone.low_m2 if zone.protected else 0.0
    known = not zone.unknown and zone.low_m2 == zone.high_m2
    return Subject(
        key,
        title,
        value=zone.high_m2 if known else None,
        bounds=None if low_m2 == zone.high_m2 else Bounds(low_m2, zone.high_m2 if np.isfinite(zone.high_m2) else None),
        missing=whys[0] if whys else None,
        notes=(*notes, *whys),
        attributes=attributes,
    )


def _evidence(
    frame: gpd.GeoDataFrame, subjects: tuple[Subject, ...], drawn: list[gpd.GeoDataFrame]
) -> tuple[Shapes, ...]:
    zones = frame[["geometry"]].assign(
        kind="zone",
        subject=frame["id"].astype(str),
        name=frame["name"],
        zone_kind=frame["kind"],
        demolished_m2=np.array([np.nan if subject.value is None else subject.value for subject in subjects]),
    )
    shapes = [
        Shapes(
            zones[~zones.geometry.isna()],
            legend={"zone": (Tone.FRAME, _say("kind-zone"))},
            columns={name: _say(f"column-{name}") for name in ("zone_kind", "demolished_m2")},
        )
    ]
    if drawn:
        buildings = pd.concat(drawn, ignore_index=True)
        weight = buildings["kind"].map({"protected": 0, "demolished": 1, "unknown": 2, "contact": 3})
        size = buildings["floor_area_m2"].fillna(np.inf).to_numpy()
        shapes.append(
            Shapes(
                buildings.iloc[np.lexsort((-size, weight))],
                legend={
                    "protected": (Tone.BREACH, _say("kind-protected")),
                    "demolished": (Tone.COUNTED, _say("kind-demolished")),
                    "unknown": (Tone.UNKNOWN, _say("kind-unknown")),
                    "contact": (Tone.UNCOUNTED, _say("kind-contact")),
                },
                columns={name: _say(f"column-{name}") for name in ("action", "overlap_m2", "floor_area_m2")},
            )
        )
    return tuple(shapes)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
