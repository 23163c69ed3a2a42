"""Permeable ground surface, water included, as a share of the built-up area (可渗透面积占比), in percent.

What it measures
    Ground that lets rain through, and water, inside the built-up area, divided by all of the built-up area.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号, table of indicators and 二（二）5 (40 % by 2025, 45 % by
    2030); Jiaozuo 焦建规定〔2023〕3号 二（四）2, Liangshan （十八） and Heilongjiang 黑建科〔2022〕11号 二（五）3
    (45 % by 2030).
How
    From a layer of ground surfaces each polygon counts by its ``permeable`` share; surfaces of a kind of water and the
    polygons of a water layer count whole. Ground that several polygons cover counts once: the figure takes the most
    permeable of them, and where they differ it is given with the figure for the least permeable. Without such a layer
    a land-cover raster is counted by exact fractions of its cells, with the water layer over it. Ground of which
    nothing is known (no polygon, no data, a value that cannot be read, a code without a meaning, beyond the raster)
    may be either, and leaves the figure open.

    The classes of a raster are those of the manifest, or ``worldcover``: 50 (built-up) is impermeable, 0 unknown, every
    other class of the product permeable. That is an estimate, good to 5 points either way.
Known limits
    What a surface is made of is taken from the layer. A canopy over asphalt, as pictures from above show it, counts as
    trees; parcels are no surfaces.
References
    City health check indicator system 2021 (城市体检指标体系), share of permeable ground; ESA WorldCover 10 m (2021)
    product user manual for its classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.checks import NoParams
from urbanform.measure import overlay
from urbanform.measure.contiguous import areal
from urbanform.measure.land_cover import CoverStack, tally_cover
from urbanform.measure.local import shared_with
from urbanform.measure.zonal import to_raster_crs
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import SCOPE, need
from urbanform.model.rules import Unit
from urbanform.model.submission import Raster
from urbanform.site import Site
from urbanform.site.scope import Scope, scope_of
from urbanform.wording import Words, own_words

UNIT = Unit.PERCENT
NEEDS = (need(SCOPE), need("surfaces", "permeable") | need("land_cover"))
USES = ()
LOOKS_AT = ("water",)
SCOPE_ROLE = "built_up_area"
Params = NoParams

WORLDCOVER_PERMEABLE = (10, 20, 30, 40, 60, 70, 80, 90, 95, 100)
WORLDCOVER_IMPERMEABLE = (50,)
ESTIMATE_POINTS = 5.0 + 1e-6
"""A figure exactly five points from its limit is within them."""
WATER_KINDS = (
    "water", "river", "lake", "pond", "canal", "reservoir", "水", "水体", "水面", "水域", "河", "河流", "河道",
    "河流水面", "湖", "湖泊", "湖泊水面", "水库", "水库水面", "坑塘", "坑塘水面", "池塘", "沟渠", "景观水体",
)  # fmt: skip
DUST_SHARE = 1e-9
SLIVER_M2 = 1e-6
TILE_M = 500.0
MOST_TILES_ACROSS = 80

WORDS = {
    "about": (
        "建成区内可渗透地面和水面的面积 ÷ 建成区面积；优先用下垫面图层，没有则用地表覆盖栅格",
        "permeable ground and water over the built-up area, from the layer of surfaces, else from a land-cover raster",
    ),
    "counted-from-surfaces": (
        "按下垫面图层量算：可渗透地面与水面之和 ÷ 建成区面积，重叠处只计一次",
        "from ground surfaces: permeable ground and water ÷ built-up area, ground that overlaps once",
    ),
    "counted-from-raster": (
        "按地表覆盖栅格量算（格网按落入比例计）：可渗透地面与水面之和 ÷ 建成区面积",
        "from the land-cover raster (cells by the share inside): permeable ground and water ÷ built-up area",
    ),
    "water-counted": (
        "其中水体图层的水面 {km2} 平方公里全部计入",
        "{km2} km² of it are water of the water layer, all of which counts",
    ),
    "estimate": (
        "WorldCover 只区分建筑用地与其他地表，结果为估算值，误差按 ±5 个百分点计；请提供下垫面图层（surfaces），"
        "或在 submission.yaml 中写明栅格各代码的含义",
        "WorldCover only tells built-up land from the rest: the figure is an estimate, good to ±5 points; supply a "
        "layer of ground surfaces, or say in submission.yaml what the codes of the raster mean",
    ),
    "no-surfaces": (
        "既没有下垫面图层，也没有地表覆盖栅格；请提供其一",
        "there is neither a layer of ground surfaces nor a land-cover raster; supply one",
    ),
    "no-classes": (
        "地表覆盖栅格各代码的含义未知；请在 submission.yaml 中写明，例如 land_cover: {{path: {file}, classes: "
        "{{permeable: [10, 30], impermeable: [50], unknown: [0]}}}}，WorldCover 产品写 classes: worldcover",
        "what the codes of the land-cover raster mean is not known; say so in submission.yaml, for example land_cover: "
        "{{path: {file}, classes: {{permeable: [10, 30], impermeable: [50], unknown: [0]}}}}, for a WorldCover product "
        "classes: worldcover",
    ),
    "codes-unlisted": (
        "栅格代码 {codes} 未说明是否可渗透；请补入 submission.yaml 中 land_cover 的 classes",
        "it is not said whether the codes {codes} of the raster are permeable; add them to the classes of land_cover "
        "in submission.yaml",
    ),
    "ground-unknown": (
        "建成区内有 {share}%（{km2} 平方公里）的地面是否可渗透未知（没有数据、数值不可读或图形有错误）；"
        "请补充覆盖该处的下垫面数据",
        "of {share} % of the built-up area ({km2} km²) it is not known whether it is permeable (no data, an unreadable "
        "value, a broken shape); supply surfaces that cover it",
    ),
    "overlaps-differ": (
        "有 {m2} 平方米重叠绘制且透水性不一致，计为其中较透水者；请消除下垫面图层的重叠",
        "{m2} m² are drawn several times with different permeability and count as the most permeable; remove the "
        "overlaps of the layer",
    ),
    "water-open": (
        "水体图层中有 {count} 个图形缺失或有错误，水面可能更多；请修复几何后重新提交",
        "{count} shapes of the water layer are missing or broken, there may be more water; repair them and hand it in "
        "again",
    ),
    "water-set-aside": (
        "水体图层不可用，水面可能更多；请按问题清单修正后重新提交",
        "the water layer was set aside, there may be more water; mend it as the list of defects says",
    ),
    "without-shape": (
        "下垫面图层中有 {count} 个要素没有图形，所在地面按未知计",
        "{count} surfaces have no shape; the ground where they lie counts as unknown",
    ),
    "kind-permeable": ("可渗透地面", "permeable"),
    "kind-water": ("水面", "water"),
    "kind-partly": ("部分可渗透", "partly permeable"),
    "kind-impermeable": ("不透水地面", "impermeable"),
    "kind-unknown": ("透水性未知", "not known"),
    "kind-area": ("建成区", "built-up area"),
    "kind-tile": ("可渗透面积占比", "permeable share"),
    "column-share": ("可渗透比例（%）", "permeable share (%)"),
    "column-unknown": ("未知比例（%）", "share not known (%)"),
    "column-area_m2": ("面积（平方米）", "area (m²)"),
}


@dataclass(frozen=True, eq=False)
class _Ground:
    """How much of the area is permeable, in m²: at least, as the figure has it, and at most."""

    low_m2: float
    value_m2: float
    high_m2: float
    unknown_m2: float
    differs_m2: float
    evidence: tuple[Shapes, ...]
    whys: tuple[Words, ...] = ()
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True, eq=False)
class _Water:
    """Water inside the area: ``sure`` polygons of the layer, those that ``perhaps`` lie there, and what is open."""

    sure: NDArray[np.object_]
    perhaps: NDArray[np.object_]
    anywhere: bool
    whys: tuple[Words, ...]


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Percent of the scope that is permeable or water; see the module."""
    area = scope_of(site, scope or SCOPE_ROLE)
    told = [area.note] if area.note else []
    if area.missing is not None:
        return Measurement(UNIT, (area.unmeasured(),), notes=tuple(told))
    raster = site.raster("land_cover")
    water = _water_in(site, area)
    declared_none = "surfaces" in site.submission.none and site.submission.has("land_cover")
    if site.submission.has("surfaces", "permeable") and not declared_none:
        told.append(_say("counted-from-surfaces"))
        ground, estimate = _from_surfaces(site, area, water), False
    elif raster is not None and raster.classes is not None:
        told.append(_say("counted-from-raster"))
        ground, estimate = _from_raster(site, raster, raster.classes, area, water), raster.classes == "worldcover"
    else:
        why = _say("no-surfaces") if raster is None else _say("no-classes", file=raster.path.name)
        return Measurement(UNIT, (Subject("1", area.name, missing=why),), notes=tuple(told))
    subject = _subject(area, ground, water, estimate=estimate)
    return Measurement(UNIT, (subject,), tuple(told), ground.evidence, higher_is_worse=False)


def _subject(area: Scope, ground: _Ground, water: _Water, *, estimate: bool) -> Subject:
    whole = area.area_m2
    low_m2, high_m2 = ground.low_m2, whole if water.anywhere else min(ground.high_m2, whole)
    whys = [*ground.whys]
    if ground.unknown_m2 > 0:
        share = 100 * ground.unknown_m2 / whole
        whys.append(_say("ground-unknown", share=f"{share:.3g}", km2=f"{ground.unknown_m2 / 1e6:.3g}"))
    if ground.differs_m2 > 0:
        whys.append(_say("overlaps-differ", m2=f"{ground.differs_m2:.6g}"))
    whys += water.whys
    # Overlaps that differ and an estimate leave the figure that the definition asks; unknown ground leaves none.
    known = ground.unknown_m2 == 0 and not water.whys
    low, high = 100 * low_m2 / whole, 100 * high_m2 / whole
    if estimate:
        whys.append(_say("estimate"))
        low, high = max(low - ESTIMATE_POINTS, 0.0), min(high + ESTIMATE_POINTS, 100.0)
    # Overlaps no larger than a sliver are no reason, however small the area is.
    settled = known and (high - low <= 100 * DUST_SHARE or not whys)
    return Subject(
        "1",
        area.name,
        value=100 * ground.value_m2 / whole if known else None,
        bounds=None if settled else Bounds(low, high),
        numerator=Quantity(ground.value_m2 / 1e6 if known else None, "km2"),
        denominator=Quantity(whole / 1e6, "km2"),
        missing=None if settled else whys[0],
        notes=(*ground.notes, *whys),
    )


def _water_in(site: Site, area: Scope) -> _Water:
    nothing = np.empty(0, dtype=object)
    if "water" in site.submission.faults:
        return _Water(nothing, nothing, True, (_say("water-set-aside"),))
    layer = site.layer("water")
    if layer is None:
        return _Water(nothing, nothing, False, ())
    frame = layer.frame()
    shapes = frame.geometry.to_numpy()
    trusted = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    lost = shapely.is_missing(shapes)
    sure, perhaps = _clipped(shapes[trusted & ~lost], area), _clipped(shapes[~trusted & ~lost], area)
    count = int(lost.sum() + (shapely.area(perhaps) > 0).sum())
    whys = (_say("water-open", count=count),) if count else ()
    return _Water(sure, perhaps, bool(lost.any()), whys)


def _clipped(shapes: NDArray[np.object_], area: Scope) -> NDArray[np.object_]:
    """What of each shape lies inside, as areas."""
    shapely.prepare(area.area)
    clipped = shapes.copy()
    edge = ~shapely.contains_properly(area.area, shapes) & ~shapely.is_missing(shapes)
    clipped[edge] = areal(shared_with(shapes[edge], area.area))
    return clipped


def _from_surfaces(site: Site, area: Scope, water: _Water) -> _Ground:
    frame = site.needed("surfaces").frame(("id", "permeable", "kind"))
    lost = frame.geometry.isna().to_numpy()
    clipped = _clipped(frame.geometry.to_numpy(), area)
    frame, shapes = frame[shapely.area(clipped) > 0], clipped[shapely.area(clipped) > 0]
    share = frame["permeable"].to_numpy(dtype=float)
    sound = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    code, written = pd.factorize(frame["kind"])
    wet = np.append(pd.Series(written, dtype="str").str.strip().str.lower().isin(WATER_KINDS).to_numpy(bool), False)
    is_water = wet[code]
    share = np.where(is_water, 1.0, share)
    shown = np.select(
        [~sound | np.isnan(share), is_water, share >= 1, share <= 0],
        ["unknown", "water", "permeable", "impermeable"],
        "partly",
    )
    drawn = gpd.GeoDataFrame(
        {
            "kind": np.append(shown, ["water"] * len(water.sure)),
            "feature": np.append(frame["id"].astype(object).to_numpy(), [None] * len(water.sure)),
            "share": np.append(100 * share, [100.0] * len(water.sure)),
        },
        geometry=np.concatenate([shapes, water.sure]),
        crs=frame.crs,
    )
    stack = CoverStack(
        np.concatenate([shapes, water.sure, water.perhaps]),
        np.r_[np.where(np.isnan(share), 0.0, share), np.ones(len(water.sure) + len(water.perhaps))],
        np.r_[np.where(np.isnan(share), 1.0, share), np.ones(len(water.sure) + len(water.perhaps))],
        np.r_[sound, np.ones(len(water.sure), dtype=bool), np.zeros(len(water.perhaps), dtype=bool)],
        np.r_[is_water, np.ones(len(water.sure) + len(water.perhaps), dtype=bool)],
    )
    low_m2, value_m2, high_m2, covered_m2 = stack.permeable_m2()
    bare_m2 = area.area_m2 - covered_m2
    bare_m2 = 0.0 if bare_m2 <= DUST_SHARE * area.area_m2 else bare_m2
    doubted = np.isnan(share) & sound
    unread_m2 = float(shapely.area(shapes[doubted]).sum())
    broken_m2 = float(shapely.area(shapes[~sound]).sum())
    # Rounding may leave the most a hair below the least.
    open_m2 = bare_m2 + max(min(unread_m2 + broken_m2, high_m2 - low_m2), 0.0)
    differs_m2 = 0.0 if open_m2 > 0 else max(high_m2 - low_m2, 0.0)
    notes = [_say("without-shape", count=int(lost.sum()))] if lost.any() else []
    notes += _water_note(water)
    return _Ground(
        low_m2, value_m2, high_m2 + bare_m2, open_m2, differs_m2 if differs_m2 > SLIVER_M2 else 0.0,
        _surface_evidence(drawn, area, bare=bare_m2 > 0), notes=tuple(notes),
    )  # fmt: skip


def _water_note(water: _Water) -> list[Words]:
    km2 = float(shapely.area(overlay.union_all(water.sure))) / 1e6
    return [_say("water-counted", km2=f"{km2:.4g}")] if km2 > 0 else []


def _surface_evidence(drawn: gpd.GeoDataFrame, area: Scope, *, bare: bool) -> tuple[Shapes, ...]:
    outline = gpd.GeoDataFrame({"kind": ["area"]}, geometry=[area.area], crs=drawn.crs)
    if bare:
        left = shapely.difference(area.area, shapely.union_all(drawn.geometry.to_numpy()))
        unknown = gpd.GeoDataFrame({"kind": ["unknown"], "share": [np.nan]}, geometry=[left], crs=drawn.crs)
        drawn = pd.concat([drawn, unknown], ignore_index=True)
    drawn = drawn.assign(area_m2=drawn.geometry.area)
    weight = drawn["kind"].map({"unknown": 0, "impermeable": 1, "partly": 2, "permeable": 3, "water": 4})
    drawn = drawn.iloc[np.lexsort((-drawn["area_m2"].to_numpy(), weight))]
    return (
        Shapes(outline, legend={"area": (Tone.FRAME, _say("kind-area"))}),
        Shapes(
            drawn[drawn["area_m2"] > 0],
            legend={
                "permeable": (Tone.GOOD, _say("kind-permeable")),
                "water": (Tone.NEW, _say("kind-water")),
                "partly": (Tone.COUNTED, _say("kind-partly")),
                "impermeable": (Tone.UNCOUNTED, _say("kind-impermeable")),
                "unknown": (Tone.UNKNOWN, _say("kind-unknown")),
            },
            columns={"share": _say("column-share"), "area_m2": _say("column-area_m2")},
        ),
    )


def _from_raster(
    site: Site, raster: Raster, classes: str | Mapping[str, tuple[int, ...]], area: Scope, water: _Water
) -> _Ground:
    crs = site.submission.crs
    wet = overlay.union_all(water.sure)
    wet_m2 = float(shapely.area(wet))
    dry = overlay.union_all(areal(overlay.difference([area.area], wet)))
    dry_m2 = float(shapely.area(dry))
    west, south, east, north = shapely.bounds(area.area)
    across = min(MOST_TILES_ACROSS, int(np.ceil(max(east - west, north - south) / TILE_M)))
    tally = tally_cover(raster.path, to_raster_crs(gpd.GeoSeries([dry], crs=crs), raster.crs).iloc[0], across)
    tiles = gpd.GeoSeries(to_raster_crs(gpd.GeoSeries(tally.parts, crs=raster.crs), crs).to_numpy(), crs=crs)
    # Cells of a grid in degrees are not all of one size on the ground.
    ground_m2 = shapely.area(tiles.to_numpy())
    beyond_m2 = 0.0 if tally.whole else max(dry_m2 - float(ground_m2.sum()), 0.0)
    ground_m2 = ground_m2 * ((dry_m2 - beyond_m2) / max(float(ground_m2.sum()), SLIVER_M2))

    permeable, impermeable = _classed(classes, "permeable"), _classed(classes, "impermeable")
    lets_through = np.isin(tally.codes, permeable)
    known = lets_through | np.isin(tally.codes, impermeable)
    share, unknown = tally.share_of(lets_through), 1 - tally.share_of(known)
    low_m2 = wet_m2 + float((ground_m2 * share).sum())
    unknown_m2 = beyond_m2 + float((ground_m2 * unknown).sum())
    unlisted = tally.codes[~known & ~np.isin(tally.codes, _classed(classes, "unknown"))]
    perhaps_m2 = float(shapely.area(overlay.intersection(overlay.union_all(water.perhaps), dry)))
    drawn = gpd.GeoDataFrame({"kind": "tile", "share": 100 * share, "unknown": 100 * unknown}, geometry=tiles)
    drawn = drawn.sort_values("share", kind="stable", ignore_index=True)
    outline = gpd.GeoDataFrame({"kind": ["area"]}, geometry=[area.area], crs=crs)
    return _Ground(
        low_m2,
        low_m2,
        low_m2 + unknown_m2 + perhaps_m2,
        unknown_m2,
        0.0,
        (
            Shapes(
                drawn,
                legend={"tile": (Tone.COUNTED, _say("kind-tile"))},
                columns={"share": _say("column-share"), "unknown": _say("column-unknown")},
                ramp="share",
            ),
            Shapes(outline, legend={"area": (Tone.FRAME, _say("kind-area"))}),
        ),
        whys=(_say("codes-unlisted", codes=[f"{code:g}" for code in unlisted]),) if len(unlisted) else (),
        notes=tuple(_water_note(water)),
    )


def _classed(classes: str | Mapping[str, tuple[int, ...]], name: str) -> NDArray[np.float64]:
    """The codes of a raster that the manifest, or the product, gives a meaning."""
    if isinstance(classes, str):
        table: Mapping[str, tuple[int, ...]] = {
            "permeable": WORLDCOVER_PERMEABLE,
            "impermeable": WORLDCOVER_IMPERMEABLE,
            "unknown": (0,),
        }
    else:
        table = classes
    return np.array(table.get(name, ()), dtype=float)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
