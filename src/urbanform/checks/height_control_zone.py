"""Height of every new building over the limit of its height-control zone (高度控制区), in metres.

What it measures
    The height of each new building less the highest that its zone allows; at most 0 where the zone is kept.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）3 have zones of different heights drawn; Heilongjiang
    黑建科〔2022〕11号 二（八）1 asks that the height of single buildings follow the urban design.
How
    New buildings and their heights are those of ``building-height-250m``. A building stands in a zone with which it
    shares more than 1 m² of ground and more than a thousandth of its footprint; smaller contacts are drawing. Inside
    several zones that lie over one another the lowest limit binds. Where a building lies across zones side by side, or
    partly outside all of them, it is not known under which its highest part stands: the figure then lies between those
    of the zones. Zones without a readable limit, and zones or buildings whose shape is broken, leave the figure open. A
    new building in no zone is not bound; a note tells how many there are.
Known limits
    Limits are taken as heights above the ground; a limit given as an elevation above sea level is not recognised. What
    a zone asks beyond one figure (mean heights, view corridors) is not looked at.
References
    GB 50352-2019 for how height is measured in control zones.
"""

from dataclasses import dataclass

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
from urbanform.site.listing import listed
from urbanform.site.new_buildings import newness_told, why_new_is_open
from urbanform.site.new_heights import NewHeights, end_of, in_doubt, new_heights, together
from urbanform.wording import Words, own_words

UNIT = Unit.METRE
NEEDS = (need("height_zones"), need("buildings"))
USES = ()
SUBJECTS = "height_zones"
Params = NoParams

CONTACT_M2 = 1.0 + 1e-6
"""Overlaps up to this are contacts; what binary coordinates cannot hold of a square metre is added."""
CONTACT_SHARE = 1e-3
"""As are overlaps up to this share of the footprint."""
LOWEST_LIMIT_M = 0.1

WORDS = {
    "method": (
        "逐栋新建建筑的高度减去所在高度控制区的限高；与控制区重叠不超过 1 平方米或基底千分之一的不计",
        "height of every new building less the limit of its zone; overlaps of up to 1 m², or a thousandth of the "
        "footprint, do not count",
    ),
    "outside": (
        "有 {count} 栋新建建筑不在任何高度控制区内，不受限：{names}",
        "{count} new buildings lie in no height-control zone and are not bound: {names}",
    ),
    "bound-open": (
        "有 {count} 栋建筑是否新建或位于哪一控制区未知：{names}；按受约束和不受约束两种可能计",
        "for {count} buildings it is not known whether they are new, or in which zone they stand: {names}; they count "
        "as bound and as not bound",
    ),
    "none-inside": ("高度控制区内没有新建建筑", "there is no new building in a height-control zone"),
    "across": (
        "建筑跨越限高不同的控制区（{zones}），或部分在控制区外，最高部分位于哪一区未知；请沿控制区边界分开绘制各部分",
        "it lies across zones of different limits ({zones}) or partly outside them, and it is not known where its "
        "highest part stands; draw its parts apart along the edge of the zones",
    ),
    "limit-unknown": (
        "所在控制区 {zones} 的限高（height_limit）缺失或读不出；请补填（米）",
        "the limit (height_limit) of its zone {zones} is missing or unreadable; give it in metres",
    ),
    "place-unknown": (
        "建筑或控制区的图形有错误或缺失，位于哪一控制区不可知；请修复几何后重新提交",
        "the shape of the building or of a zone is broken or missing, so it is not known in which zone it stands; "
        "repair it and hand it in again",
    ),
    "all-buildings": ("全部建筑", "all buildings"),
    "kind-over": ("新建建筑，超出限高", "new building, over the limit"),
    "kind-within": ("新建建筑，未超限高", "new building within the limit"),
    "kind-open": ("高度、位置、限高或是否新建未知", "height, place, limit or whether it is new not known"),
    "kind-zone": ("高度控制区", "height-control zone"),
    "column-over_m": ("超出限高（米）", "over the limit (m)"),
    "column-height_m": ("建筑高度（米）", "height (m)"),
    "column-limit_m": ("限高（米）", "limit (m)"),
    "column-zone": ("所在控制区", "zone"),
}


@dataclass(frozen=True, eq=False)
class _Zones:
    """Every zone: shape (n,) each. ``sure`` where its shape can be trusted and it certainly counts."""

    ids: NDArray[np.object_]
    shapes: NDArray[np.object_]
    limit_m: NDArray[np.float64]
    sure: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Inside:
    """How the zones bind the buildings of a batch: shape (buildings,) each.

    Attributes
    ----------
    certain
        Whether a zone certainly binds.
    possible
        Whether one may.
    lowest_m
        The lowest limit that may bind; NaN where it is not known.
    sure_m
        The limit that the height certainly must keep, infinite for none: the lowest of those around the whole
        footprint, and the highest of those that together hold it.
    zones
        The ids of the zones, the one of the lowest limit first.
    why
        Why the limit is open; None where it is not.
    """

    certain: NDArray[np.bool_]
    possible: NDArray[np.bool_]
    lowest_m: NDArray[np.float64]
    sure_m: NDArray[np.float64]
    zones: list[str]
    why: list[Words | None]


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Metres by which each new building exceeds the limit of its zone; see the module."""
    frame = site.needed("height_zones").frame(("id", "name", "height_limit"))
    shapes = frame.geometry.to_numpy()
    fit = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool) & ~shapely.is_missing(shapes)
    names = np.where(frame["name"].isna(), frame["id"].astype(str), frame["name"].astype(str)).astype(object)
    zones = _Zones(names, shapes, frame["height_limit"].to_numpy(dtype=float), fit)

    told = newness_told(site)
    subjects: list[Subject] = []
    drawn: list[gpd.GeoDataFrame] = []
    outside: list[str] = []
    open_ids: list[str] = []
    certain, highest_m = False, -np.inf
    for batch in new_heights(site):
        inside = _inside(batch, zones)
        binds = batch.bound.certain & inside.certain
        certain = certain or bool(binds.any())
        over_m = _highest_over(batch, inside)
        highest_m = max(highest_m, float(over_m[inside.possible].max(initial=-np.inf)))
        outside += [batch.ids[row] for row in np.flatnonzero(batch.bound.certain & ~inside.possible)]
        if told:
            rows = np.flatnonzero(inside.possible).tolist()
            found = [_subject(site, batch, inside, row, float(over_m[row])) for row in rows]
            subjects += found
            open_ids += [batch.ids[row] for row in rows if not binds[row]]
            drawn.append(_drawn(batch, inside, rows, found))
    if not told and highest_m > -np.inf:
        why = why_new_is_open(site)
        bounds = Bounds(None, end_of(highest_m))
        subjects = [Subject("1", own_words(WORDS, "all-buildings").zh, bounds=bounds, missing=why)]
    if not certain:
        subjects = [in_doubt(subject) for subject in subjects]
    notes = [_say("method")]
    if not subjects:
        notes.append(_say("none-inside"))
    if outside:
        notes.append(_say("outside", count=len(outside), names=listed(outside)))
    if open_ids:
        notes.append(_say("bound-open", count=len(open_ids), names=listed(open_ids)))
    evidence = _evidence(frame, zones, drawn)
    return Measurement(UNIT, tuple(subjects), tuple(notes), evidence, higher_is_worse=True, exact=True)


def _inside(batch: NewHeights, zones: _Zones) -> _Inside:
    shapes = batch.buildings.geometry.to_numpy()
    sound = batch.buildings["sound"].to_numpy(dtype=bool) & ~shapely.is_missing(shapes)
    count = len(shapes)
    zone, building = shapely.STRtree(shapes).query(zones.shapes, predicate="intersects")
    ground_m2 = shapely.area(shapes)
    common = shapely.intersection(shapes[building], zones.shapes[zone])
    common_m2 = shapely.area(common)
    exact = sound[building] & zones.sure[zone]
    contact = common_m2 <= np.fmax(CONTACT_M2, CONTACT_SHARE * ground_m2[building])
    real = ~(exact & contact)
    zone, building, common, common_m2, exact = (a[real] for a in (zone, building, common, common_m2, exact))
    # What has no shape may lie anywhere.
    lost_zones = np.flatnonzero(shapely.is_missing(zones.shapes))
    lost = np.flatnonzero(shapely.is_missing(shapes))
    zone = np.concatenate([zone, np.tile(np.arange(len(zones.ids)), len(lost)), np.repeat(lost_zones, count)])
    building = np.concatenate([building, np.repeat(lost, len(zones.ids)), np.tile(np.arange(count), len(lost_zones))])
    more = len(zone) - len(exact)
    exact = np.concatenate([exact, np.zeros(more, dtype=bool)])
    common = np.concatenate([common, np.full(more, None, dtype=object)])
    common_m2 = np.concatenate([common_m2, np.zeros(more)])

    limit_m = zones.limit_m[zone]
    least_m = np.full(count, np.inf)
    np.minimum.at(least_m, building, np.where(np.isnan(limit_m), LOWEST_LIMIT_M, limit_m))
    slack_m2 = np.fmax(CONTACT_M2, CONTACT_SHARE * ground_m2)
    whole = exact & (common_m2 >= (ground_m2 - slack_m2)[building])
    sure_m = np.full(count, np.inf)
    known = np.where(np.isnan(limit_m), np.inf, limit_m)
    np.minimum.at(sure_m, building[whole], known[whole])
    _together(sure_m, building, common, known, exact, ground_m2 - slack_m2)

    possible = np.zeros(count, dtype=bool)
    possible[building] = True
    certain = np.zeros(count, dtype=bool)
    certain[building[exact]] = True
    order = np.lexsort((zones.ids[zone].astype(str), limit_m, building))
    listed: list[list[str]] = [[] for _ in range(count)]
    blank: list[list[str]] = [[] for _ in range(count)]
    loose = np.zeros(count, dtype=bool)
    loose[building[~exact]] = True
    for pair in order:
        listed[building[pair]].append(str(zones.ids[zone[pair]]))
        if np.isnan(limit_m[pair]):
            blank[building[pair]].append(str(zones.ids[zone[pair]]))
    why = [
        _why(listed[row], blank[row], loose=bool(loose[row]), across=bool(sure_m[row] != least_m[row]))
        if possible[row]
        else None
        for row in range(count)
    ]
    return _Inside(certain, possible, least_m, sure_m, ["、".join(ids) for ids in listed], why)


def _together(
    sure_m: NDArray[np.float64],
    building: NDArray[np.intp],
    common: NDArray[np.object_],
    limit_m: NDArray[np.float64],
    exact: NDArray[np.bool_],
    enough_m2: NDArray[np.float64],
) -> None:
    """Lower ``sure_m`` of buildings that lie across zones which together hold them, to the highest of their limits."""
    several = np.flatnonzero(np.bincount(building[exact], minlength=len(sure_m)) > 1)
    for row in several[np.isinf(sure_m[several])]:
        mine = np.flatnonzero(exact & (building == row))
        if shapely.area(shapely.union_all(common[mine])) >= enough_m2[row]:
            sure_m[row] = limit_m[mine].max()


def _why(zones: list[str], blank: list[str], *, loose: bool, across: bool) -> Words | None:
    whys = []
    if blank:
        whys.append(_say("limit-unknown", zones=blank))
    if loose:
        whys.append(_say("place-unknown"))
    if across and not whys:
        whys.append(_say("across", zones=zones))
    return together(whys)


def _highest_over(batch: NewHeights, inside: _Inside) -> NDArray[np.float64]:
    """The most by which each building may exceed a limit, shape (buildings,)."""
    return batch.heights.high_m - np.where(inside.possible, inside.lowest_m, np.inf)


def _subject(site: Site, batch: NewHeights, inside: _Inside, row: int, over_m: float) -> Subject:
    key, name = batch.ids[row], batch.names[row]
    odd = batch.heights.odd(row)
    notes = (odd,) if odd is not None else ()
    least_m = float(batch.heights.low_m[row] - inside.sure_m[row])
    if batch.known[row] and least_m == over_m:
        return Subject(key, name, value=over_m, notes=notes)
    low_m = least_m if batch.bound.certain[row] and np.isfinite(least_m) else None
    whys = [why for why in (batch.why_open(site, row), inside.why[row]) if why is not None]
    return Subject(key, name, bounds=Bounds(low_m, end_of(over_m)), missing=together(whys), notes=notes)


def _drawn(batch: NewHeights, inside: _Inside, rows: list[int], subjects: list[Subject]) -> gpd.GeoDataFrame:
    over_m = np.array([np.nan if subject.value is None else subject.value for subject in subjects], dtype=float)
    shapes = batch.buildings.geometry.to_numpy()[rows]
    lowest_m = inside.lowest_m[rows]
    frame = gpd.GeoDataFrame(
        {
            "kind": np.select([np.isnan(over_m), over_m > 0], ["open", "over"], "within"),
            "subject": [subject.id for subject in subjects],
            "feature": [subject.id for subject in subjects],
            "name": [subject.name for subject in subjects],
            "over_m": over_m,
            "height_m": np.where(batch.known[rows], batch.heights.low_m[rows], np.nan),
            "limit_m": np.where(np.isnan(over_m), np.nan, lowest_m),
            "zone": [inside.zones[row] for row in rows],
        },
        geometry=shapes,
        crs=batch.buildings.crs,
    )
    return frame[~shapely.is_missing(shapes)]


def _evidence(frame: gpd.GeoDataFrame, zones: _Zones, drawn: list[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    areas = frame[["geometry"]].assign(kind="zone", name=zones.ids, limit_m=zones.limit_m)
    limit = _say("column-limit_m")
    shapes = [
        Shapes(areas[~areas.geometry.isna()], {"zone": (Tone.FRAME, _say("kind-zone"))}, {"limit_m": limit}),
    ]
    frames = [found for found in drawn if len(found)]
    if frames:
        buildings = pd.concat(frames, ignore_index=True)
        tones = {"over": Tone.BREACH, "open": Tone.UNKNOWN, "within": Tone.COUNTED}
        place = buildings["kind"].map({kind: at for at, kind in enumerate(tones)}).to_numpy()
        order = np.lexsort((-buildings["over_m"].fillna(np.inf).to_numpy(), place))
        columns = ("over_m", "height_m", "limit_m", "zone")
        shapes.append(
            Shapes(
                buildings.iloc[order].reset_index(drop=True),
                {kind: (tone, _say(f"kind-{kind}")) for kind, tone in tones.items()},
                {name: _say(f"column-{name}") for name in columns},
            )
        )
    return tuple(shapes)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
