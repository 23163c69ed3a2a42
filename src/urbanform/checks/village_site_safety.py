"""Land of each village inside hazard zones (村庄建设选址安全), in hectares.

What it measures
    How much ground of a village lies in zones of hazard: that under its buildings where buildings are given, else all
    of its land.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 三（二）, Jiaozuo 焦建规定〔2023〕3号 二（五）2, Liangshan
    （三十） (sites of villages are to be safe); Heilongjiang 黑建科〔2022〕11号 三（二）1 (to keep clear of low-lying
    ground and of areas prone to flooding). Liangshan and Heilongjiang name farm houses beside villages.
How
    Ground that zones or buildings share counts once. Contacts, up to 1 m² or less than 0.1 m wide, are the play of two
    digitised edges: they are listed and do not count. A village clear of every zone needs no buildings. In one that is
    not, the ground under its buildings counts where the layer has buildings of that village; where it has none of it,
    or was set aside, anything between nothing and all of the land in the zone may. Without the layer the land counts.
    A zone, a building or a village whose shape cannot be trusted leaves the figure open. Where there are no hazard
    zones the rule binds nothing.
Known limits
    Every zone of the layer counts, whatever its kind; what is not mapped as a zone is not seen. Houses outside all
    village polygons are in no village: a note lists those that stand in a zone.
References
    The plans set no figure: any building ground in a zone is a breach.
"""

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.checks import NoParams
from urbanform.measure import overlay
from urbanform.measure.contiguous import areal
from urbanform.measure.coverage import within
from urbanform.model.measurement import Alternative, Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.roles import ROLES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.listing import listed
from urbanform.wording import Words, own_words, words

UNIT = Unit.HECTARE
NEEDS = (need("villages"), need("hazard_zones"))
USES = ()
LOOKS_AT = ("buildings",)
SUBJECTS = "villages"
Params = NoParams

CONTACT_M2 = 1.0 + 1e-6
CONTACT_WIDTH_M = 0.1
"""Overlaps up to these are contacts; what binary coordinates cannot hold of a square metre is added."""
SLIVER_M2 = 1e-6
"""Neighbours share a line, or a sliver smaller than any survey resolves."""

WORDS = {
    "about": (
        "每个村庄落入灾害风险区的面积：有建筑图层按建筑基底，没有则按村庄用地",
        "ground of each village inside hazard zones: under its buildings where they are given, else its land",
    ),
    "houses-outside": (
        "村庄范围以外另有 {count} 栋建筑位于灾害风险区内，不计入任何村庄的数值：{names}；条款同时约束农房选址的"
        "（凉山、黑龙江），请逐栋核实",
        "{count} buildings outside all villages stand in hazard zones and count for no village: {names}; where the "
        "clause binds the sites of farm houses too (Liangshan, Heilongjiang), look at each of them",
    ),
    "by-land": (
        "没有建筑图层，按村庄范围落入灾害风险区的面积计；如村庄建筑避开了风险区，请提交建筑图层",
        "there is no layer of buildings, so the land of the village inside hazard zones counts; where its buildings "
        "keep clear of them, supply the buildings",
    ),
    "by-buildings": (
        "按村庄建筑基底落入灾害风险区的面积计，重叠处只计一次",
        "ground under the village's buildings inside hazard zones, ground that overlaps once",
    ),
    "land-inside": (
        "村庄范围有 {ha} 公顷落入灾害风险区（{kinds}）",
        "{ha} ha of the village lie in hazard zones ({kinds})",
    ),
    "buildings-inside": (
        "落入灾害风险区的建筑 {count} 栋：{names}；请调整选址或落实工程防治、搬迁",
        "{count} buildings stand in hazard zones: {names}; choose another site, or protect or move them",
    ),
    "contacts": (
        "{count} 处与灾害风险区的接触（不超过 1 平方米或宽不足 0.1 米）未计入",
        "{count} contacts with hazard zones (up to 1 m², or under 0.1 m wide) do not count",
    ),
    "no-buildings-here": (
        "村庄范围落入灾害风险区，但建筑图层在该村没有建筑，是未调查还是没有建筑未知；请补充该村建筑",
        "land of the village lies in a hazard zone, and the layer has no building of it: whether there is none, or "
        "none was surveyed, is not known; supply the village's buildings",
    ),
    "buildings-set-aside": (
        "村庄范围落入灾害风险区，而建筑图层不可用；请按问题清单修正后重新提交",
        "land of the village lies in a hazard zone, and the layer of buildings was set aside; mend it as the list of "
        "defects says",
    ),
    "open-shapes": (
        "{roles}中有图形错误、缺失的要素：{names}，落入风险区的面积未知；请修复几何后重新提交",
        "features of {roles} have a broken or missing shape: {names}, so it is not known how much lies in hazard "
        "zones; repair them and hand them in again",
    ),
    "unsound-village": (
        "村庄没有图形，是否安全无从判断；请补画村庄范围",
        "the village has no shape, so nothing can be said of its site; draw it",
    ),
    "without-demolished": (
        "拟拆除的建筑如不计，落入风险区的面积（公顷）为",
        "without the buildings that are to be demolished, the ground inside (ha) is",
    ),
    "no-kind": ("类型未注明", "kind not given"),
    "hazard-flood": ("洪涝", "flood"),
    "hazard-low-lying": ("低洼", "low-lying"),
    "hazard-geological": ("地质灾害", "geological"),
    "hazard-other": ("其他", "other"),
    "kind-building": ("风险区内的村庄建筑", "village building in a hazard zone"),
    "kind-land": ("风险区内的村庄用地", "village land in a hazard zone"),
    "kind-unknown": ("图形不可信", "shape not to be trusted"),
    "kind-village": ("村庄", "village"),
    "kind-zone": ("灾害风险区", "hazard zone"),
    "column-hazard": ("灾害类型", "kind of hazard"),
    "column-inside_m2": ("落入风险区的面积（平方米）", "area inside (m²)"),
}


@dataclass(frozen=True, eq=False)
class _Zones:
    """Ground in hazard zones: for certain, and at most where the shapes of some are broken; ``anywhere`` where one has
    no shape at all."""

    frame: gpd.GeoDataFrame
    sure: shapely.Geometry
    possible: shapely.Geometry
    anywhere: bool
    broken: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Land:
    """What of each village lies in hazard zones, for certain and at most; shape (n,) each."""

    frame: gpd.GeoDataFrame
    sure: NDArray[np.object_]
    possible: NDArray[np.object_]
    contacts: NDArray[np.int64]

    @property
    def sure_m2(self) -> NDArray[np.float64]:
        """Its area for certain."""
        return np.asarray(shapely.area(self.sure))

    @property
    def possible_m2(self) -> NDArray[np.float64]:
        """Its area at most."""
        return np.asarray(shapely.area(self.possible))


@dataclass
class _Built:
    """The buildings of one village: ground in hazard zones of those that are well drawn, and at most; and which."""

    sure: list[shapely.Geometry] = field(default_factory=list)
    staying: list[shapely.Geometry] = field(default_factory=list)
    possible: list[shapely.Geometry] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    contacts: int = 0
    any: bool = False
    anywhere: bool = False


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Hectares of each village in hazard zones; see the module."""
    frame = site.needed("villages").frame(("id", "name"))
    if site.layer("hazard_zones") is None:
        role = ROLES["hazard_zones"]
        none = words("declared-none", role=Words(role.name, role.zh, role.en))
        return Measurement(UNIT, tuple(_row(frame, row, excluded=none) for row in range(len(frame))))
    zones = _zones(site)
    land = _land(frame, zones)
    built = [_Built() for _ in range(len(frame))]
    drawn = [] if site.layer("buildings") is None else _build(site, land, built)
    subjects = tuple(_subject(site, zones, land, row, built[row]) for row in range(len(frame)))
    notes = [_say("by-land" if site.layer("buildings") is None else "by-buildings")]
    outside = _outside(site, frame, zones)
    notes += [_say("houses-outside", count=len(outside), names=listed(outside))] if outside else []
    return Measurement(
        UNIT,
        subjects,
        notes=tuple(notes),
        evidence=_evidence(zones, land, drawn),
        higher_is_worse=True,
    )


def _row(frame: gpd.GeoDataFrame, row: int, **more: Any) -> Subject:
    name = frame["name"].iloc[row]
    return Subject(str(frame["id"].iloc[row]), None if pd.isna(name) else str(name), **more)


def _zones(site: Site) -> _Zones:
    frame = site.needed("hazard_zones").frame(("id", "name", "kind"))
    shapes = frame.geometry.to_numpy()
    trusted = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    return _Zones(
        frame,
        overlay.union_all(shapes[trusted & ~lost]),
        overlay.union_all(shapes[~lost]),
        bool(lost.any()),
        tuple(frame["id"].astype(str)[~trusted | lost]),
    )


def _land(frame: gpd.GeoDataFrame, zones: _Zones) -> _Land:
    shapes = frame.geometry.to_numpy()
    sound = frame["sound"].to_numpy(dtype=bool)
    sure, contacts = _without_contacts(within(shapes, zones.sure))
    sure[~sound] = shapely.MultiPolygon()
    if zones.anywhere:
        return _Land(frame, sure, shapes, contacts)
    if zones.broken or not sound.all():
        possible, contacts = _without_contacts(within(shapes, zones.possible))
        return _Land(frame, sure, possible, contacts)
    return _Land(frame, sure, sure, contacts)


def _without_contacts(overlaps: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Overlaps without what is only the play of two edges, as MultiPolygons, and how often each had some."""
    parts, owner = shapely.get_parts(areal(overlaps), return_index=True)
    size_m2 = shapely.area(parts)
    real = (size_m2 > CONTACT_M2) & ~shapely.is_empty(shapely.buffer(parts, -CONTACT_WIDTH_M / 2))
    seen = ~real & (size_m2 > SLIVER_M2)
    found = np.full(len(overlaps), shapely.MultiPolygon(), dtype=object)
    if real.any():
        shapely.multipolygons(parts[real], indices=owner[real], out=found)
    return found, np.bincount(owner[seen], minlength=len(overlaps))


def _build(site: Site, land: _Land, built: list[_Built]) -> list[gpd.GeoDataFrame]:
    """Put the buildings into their villages; those in hazard zones for the map."""
    at_risk = np.flatnonzero(land.possible_m2 > 0)
    if not len(at_risk):
        return []
    villages = land.frame.geometry.to_numpy()[at_risk]
    shapely.prepare(villages)
    shapely.prepare(land.possible)
    west, south, east, north = (float(end) for end in shapely.total_bounds(villages))
    drawn = []
    for batch in site.needed("buildings").batches(("id", "action"), bbox=(west, south, east, north)):
        shapes = batch.geometry.to_numpy()
        for row in at_risk if shapely.is_missing(shapes).any() else ():
            built[row].anywhere = True
            built[row].broken += batch["id"].astype(str)[shapely.is_missing(shapes)].tolist()
        at, b = shapely.STRtree(shapes).query(villages, predicate="intersects")
        drawn.append(_add(batch, b, at_risk[at], land, built))
    return drawn


def _add(
    batch: gpd.GeoDataFrame, b: NDArray[np.intp], row: NDArray[np.intp], land: _Land, built: list[_Built]
) -> gpd.GeoDataFrame:
    """Add pairs of a building and its village; those that may stand in a zone for the map."""
    shapes, sound = batch.geometry.to_numpy(), batch["sound"].to_numpy(dtype=bool)
    ids = batch["id"].astype(str).to_numpy(dtype=object)
    stays = ~(batch["action"] == "demolish").fillna(False).to_numpy(dtype=bool)
    asks = np.flatnonzero(sound[b] & ~np.array([home.any for home in built], dtype=bool)[row])
    village = land.frame.geometry.to_numpy()[row[asks]]
    stands = shapely.area(shapely.intersection(shapes[b[asks]], village)) > CONTACT_M2
    for here in np.unique(row[asks[stands]]):
        built[here].any = True
    near = shapely.intersects(land.possible[row], shapes[b])
    b, row = b[near], row[near]
    sure, touches = _without_contacts(overlay.intersection(shapes[b], land.sure[row]))
    sure[~sound[b]] = shapely.MultiPolygon()
    possible, _ = _without_contacts(overlay.intersection(shapes[b], land.possible[row]))
    # Of a building that is well drawn only a broken zone can leave open how much lies inside.
    is_sure, is_possible = shapely.area(sure) > 0, shapely.area(possible) > 0
    for pair in np.flatnonzero(is_possible):
        home = built[row[pair]]
        home.possible.append(possible[pair])
        home.broken += [] if sound[b[pair]] else [ids[b[pair]]]
    for pair in np.flatnonzero(is_sure):
        home = built[row[pair]]
        home.sure.append(sure[pair])
        home.inside.append(ids[b[pair]])
        home.staying += [sure[pair]] if stays[b[pair]] else []
    for pair in np.flatnonzero(~is_possible & (touches > 0)):
        built[row[pair]].contacts += 1
    drawn = gpd.GeoDataFrame(
        {
            "kind": np.where(is_sure, "building", "unknown"),
            "subject": land.frame["id"].astype(str).to_numpy(dtype=object)[row],
            "feature": ids[b],
            "inside_m2": np.where(is_sure, shapely.area(sure), np.nan),
        },
        geometry=shapes[b],
        crs=batch.crs,
    )
    return drawn[is_possible]


def _outside(site: Site, frame: gpd.GeoDataFrame, zones: _Zones) -> list[str]:
    """The buildings in hazard zones that stand outside all villages: no village's figure, yet a reviewer's business."""
    if site.layer("buildings") is None or shapely.is_empty(zones.sure):
        return []
    villages = shapely.STRtree(frame.geometry.to_numpy())
    west, south, east, north = (float(end) for end in shapely.bounds(zones.sure))
    shapely.prepare(zones.sure)
    found: list[str] = []
    for batch in site.needed("buildings").batches(("id", "action"), bbox=(west, south, east, north)):
        stays = ~(batch["action"] == "demolish").fillna(False).to_numpy(dtype=bool)
        shapes = batch.geometry.to_numpy()
        rows = np.flatnonzero(batch["sound"].to_numpy(dtype=bool) & stays & shapely.intersects(zones.sure, shapes))
        inside = np.unique(villages.query(shapes[rows], predicate="intersects")[0])
        rows = np.delete(rows, inside)
        rows = rows[shapely.area(shapely.intersection(shapes[rows], zones.sure)) > CONTACT_M2]
        found += batch["id"].astype(str).iloc[rows].tolist()
    return found


def _ground_m2(pieces: list[shapely.Geometry]) -> float:
    return float(shapely.area(overlay.union_all(pieces)))


def _subject(site: Site, zones: _Zones, land: _Land, row: int, built: _Built) -> Subject:
    frame = land.frame
    if not shapely.area(frame.geometry.to_numpy()[row]) > 0:
        return _row(frame, row, missing=_say("unsound-village"))
    sure_m2, possible_m2 = float(land.sure_m2[row]), float(land.possible_m2[row])
    notes = [_say("land-inside", ha=sure_m2 / 1e4, kinds=_hazards(zones, land, row))] if sure_m2 > 0 else []
    touched = int(land.contacts[row]) + built.contacts
    notes += [_say("contacts", count=touched)] if touched else []
    low_m2, high_m2, why = sure_m2, possible_m2, None
    drawn_well = bool(frame["sound"].iloc[row])
    broken = built.broken if drawn_well else [str(frame["id"].iloc[row])]
    if possible_m2 > 0 and "buildings" in site.submission.faults:
        low_m2, why = 0.0, _say("buildings-set-aside")
    elif possible_m2 > 0 and drawn_well and site.layer("buildings") is not None:
        if built.any:
            low_m2 = _ground_m2(built.sure)
            high_m2 = possible_m2 if built.anywhere else _ground_m2(built.possible)
        else:
            low_m2, why = 0.0, _say("no-buildings-here")
        notes += [_say("buildings-inside", count=len(built.inside), names=listed(built.inside))] if built.inside else []
    if why is None and high_m2 > low_m2:
        roles = [Words(name, ROLES[name].zh, ROLES[name].en) for name in ("villages", "hazard_zones", "buildings")]
        why = _say("open-shapes", roles=roles, names=listed([*broken, *zones.broken]))
    staying_m2 = _ground_m2(built.staying)
    other = Alternative(staying_m2 / 1e4, _say("without-demolished"))
    return _row(
        frame,
        row,
        value=low_m2 / 1e4 if why is None else None,
        bounds=None if why is None else Bounds(low_m2 / 1e4, high_m2 / 1e4),
        missing=why,
        notes=tuple(notes),
        alternatives=(other,) if why is None and built.sure and staying_m2 < low_m2 else (),
    )


def _hazards(zones: _Zones, land: _Land, row: int) -> list[Words]:
    meets = shapely.area(shapely.intersection(zones.frame.geometry.to_numpy(), land.sure[row])) > 0
    kinds = sorted({"" if pd.isna(kind) else str(kind) for kind in zones.frame["kind"][meets]})
    return [_hazard(kind) for kind in kinds]


def _hazard(kind: str) -> Words:
    return _say(f"hazard-{kind}") if kind else _say("no-kind")


def _evidence(zones: _Zones, land: _Land, drawn: list[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    ids = land.frame["id"].astype(str)
    inside = land.frame[["geometry"]].assign(kind="land", subject=ids, name=land.frame["name"], inside_m2=land.sure_m2)
    inside = inside.set_geometry(gpd.GeoSeries(land.sure, crs=land.frame.crs))[land.sure_m2 > 0]
    villages = land.frame[["geometry"]].assign(kind="village", subject=ids, name=land.frame["name"])
    hazards = zones.frame[["geometry"]].assign(
        kind="zone", feature=zones.frame["id"].astype(str), name=zones.frame["name"], hazard=zones.frame["kind"]
    )
    frames = Shapes(
        pd.concat([hazards, villages], ignore_index=True).loc[lambda both: ~both.geometry.isna()],
        legend={"village": (Tone.FRAME, _say("kind-village")), "zone": (Tone.MARK, _say("kind-zone"))},
        columns={"hazard": _say("column-hazard")},
    )
    shapes = [frames]
    # What stands in a zone is drawn over the land that lies in it.
    for rows in ([inside], drawn):
        found = pd.concat(rows, ignore_index=True) if rows else inside[:0]
        if len(found):
            size_m2 = found["inside_m2"].fillna(np.inf).to_numpy(dtype=float)
            shapes.append(_figures(found.iloc[np.argsort(-size_m2, kind="stable")], built=bool(drawn)))
    return tuple(shapes)


def _figures(found: gpd.GeoDataFrame, *, built: bool) -> Shapes:
    tones = {"building": Tone.BREACH, "unknown": Tone.UNKNOWN, "land": Tone.COUNTED if built else Tone.BREACH}
    return Shapes(
        found,
        legend={kind: (tone, _say(f"kind-{kind}")) for kind, tone in tones.items() if found["kind"].eq(kind).any()},
        columns={"inside_m2": _say("column-inside_m2")},
    )


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
