"""Highest population density of any sub-area (个别地段) of each cluster (组团), in persons per km².

What it measures
    Residents per km² of the densest sub-area that meets the cluster.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）1, Jiaozuo 焦建规定〔2023〕3号 二（一） and
    Heilongjiang 黑建科〔2022〕11号 二（一）1 set a figure that individual areas may not exceed.
How
    Where the submission draws sub-areas, each that shares ground with a cluster is taken whole, with the residents of
    its own field, else of the population layer. Else square windows of ``cell_m`` are laid over each cluster, from the
    lower left corner of its extent and shifted by half a window to the right, upwards, and both; what of a window lies
    in the cluster is the sub-area, and the population layer is counted in it as for the density of clusters.
    Ground smaller than ``min_area_m2`` is no sub-area: one estate is denser than any district. Such sub-areas are
    listed and not judged. A parcel is never one.

    Residents that are not known leave the figure open. Population polygons larger than a sub-area may hide a denser
    place: they can show a breach, but put a pass in doubt. So do raster cells larger than a window, and those as large
    as a sub-area of which one in the cluster is denser than what was measured.
Known limits
    The clause does not say how large an area is; a window may cut a dense place in two, which the shifts make good in
    part.
References
    City health check indicator system 2021 (城市体检指标体系), density of areas within clusters.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field

from urbanform.checks import CheckParams
from urbanform.measure.windows import Squares, squares_over, windows_over
from urbanform.measure.zonal import fullest_cells, to_raster_crs
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.roles import ROLES, Geometry
from urbanform.model.rules import Unit
from urbanform.model.submission import Raster, TableLayer
from urbanform.site import Site
from urbanform.site.persons import Persons, PersonsFrom, persons_in
from urbanform.wording import Words, figure, own_words, percent

UNIT = Unit.PERSONS_PER_KM2
NEEDS = (need("clusters"), need("sub_areas", "population") | need("population"))
USES = ()
SUBJECTS = "clusters"

MOST_WITHOUT_DATA = 0.05
LEAST_COVERED = 0.5
"""Sub-areas that cover less of a cluster than this say nothing of most of it."""
CONTACT_M2 = 1.0
SAME = 1 + 1e-9


class Params(CheckParams):
    """The size of the windows, and the least size of what is an area of its own."""

    cell_m: float = Field(1000.0, gt=0)
    min_area_m2: float = Field(250_000.0, ge=0)


WORDS = {
    "about": (
        "组团内最密地段的人口 ÷ 面积：有地段图层按地段，没有则按 1 公里网格及其半格错位网格，不足 25 公顷的不判",
        "persons over area of the densest area of a cluster: by sub-areas where given, else by kilometre grids "
        "and their half-cell shifts; areas under 25 ha are not judged",
    ),
    "by-sub-areas": (
        "逐个地段量算人口 ÷ 面积，取与组团相交的地段中最高者；小于 {least} 公顷的地段只列出、不判定",
        "persons ÷ area of each sub-area, the highest of those that meet the cluster; sub-areas under {least} ha are "
        "listed and not judged",
    ),
    "by-windows": (
        "没有地段图层，按 {cell} 米格网（自组团左下角起，并错动半格三次）量算，落入组团不足 {least} 公顷的格网不判定",
        "there are no sub-areas: windows of {cell} m from the cluster's lower left corner and its three half shifts; "
        "windows with less than {least} ha in the cluster are not judged",
    ),
    "densest-sub-area": ("密度最高的地段：{place}", "densest sub-area: {place}"),
    "densest-window": (
        "密度最高的格网：自组团外接矩形左下角向东 {x} 米、向北 {y} 米处起",
        "densest window: begins {x} m east and {y} m north of the lower left corner of the cluster's extent",
    ),
    "small-sub-areas": (
        "{count} 个地段小于 {least} 公顷，未判定：{places}",
        "{count} sub-areas are smaller than {least} ha and not judged: {places}",
    ),
    "not-covered": (
        "组团有 {share}% 不在任何地段内；请补充覆盖整个组团的地段及其人口",
        "{share} % of the cluster lies in no sub-area; supply sub-areas with population that cover all of it",
    ),
    "no-place": (
        "组团内没有不小于 {least} 公顷的地段；请补充地段图层（sub_areas）及其人口，或在规则参数中调整 min_area_m2",
        "nothing in the cluster is as large as {least} ha; supply sub-areas with population (sub_areas), or set "
        "min_area_m2 in the rule's params",
    ),
    "no-population": (
        "没有地段人口，也没有人口图层；请提供其一（sub_areas 带人口字段，或 population）",
        "there are neither sub-areas with population nor a population layer; supply one (sub_areas with a field of "
        "population, or population)",
    ),
    "persons-unknown": (
        "有地段的人口缺失、不可读，或图形有错误：{places}；请补填人口并修复图形",
        "population of sub-areas is missing or unreadable, or their shapes are broken: {places}; fill it in and repair "
        "them",
    ),
    "window-unknown": (
        "组团内有格网的人口未知（人口数据未覆盖、数值缺失或不可读）；请补充覆盖整个组团的人口数据",
        "the population of windows in the cluster is not known (beyond the data, missing or unreadable); supply "
        "population data that cover all of it",
    ),
    "without-data": (
        "组团内 {share}% 的范围没有人口数据，按 0 人计；如确无人口，可在 submission.yaml 的 population 下写 nodata: 0",
        "{share} % of the cluster has no population data and counts as empty; if nobody lives there, write nodata: 0 "
        "under population in submission.yaml",
    ),
    "coarse-polygons": (
        "{count} 个人口面大于 {least} 公顷，其内部可能有更密的地段；请提供更细的人口数据（社区、小区或格网），"
        "或带人口的地段图层（sub_areas）",
        "{count} population polygons are larger than {least} ha and may hide a denser place; supply population by "
        "community or on a grid, or sub-areas with population (sub_areas)",
    ),
    "coarse-raster": (
        "人口栅格的像元为 {cell} 公顷，大于一个格网，分不出格网之间的差别；请提供更细的人口数据",
        "cells of the population raster are {cell} ha, larger than a window, and do not tell windows apart; supply "
        "finer data",
    ),
    "denser-cell": (
        "人口栅格中最密的一个像元（{cell} 公顷）为 {density} 人/平方公里，高于按地段或格网量得的数值；"
        "请提供更细的人口数据",
        "the densest cell of the population raster ({cell} ha) has {density} persons per km², more than what was "
        "measured by sub-areas or windows; supply finer data",
    ),
    "unsound-cluster": (
        "组团图形有错误，面积不可信；请在 GIS 中修复几何后重新提交",
        "the cluster's shape is broken and its area cannot be trusted; repair the geometry and hand it in again",
    ),
    "kind-cluster": ("组团", "cluster"),
    "kind-place": ("地段人口密度", "sub-area, by density"),
    "kind-worst": ("密度最高处", "densest place"),
    "kind-small": ("面积过小，未判定", "too small, not judged"),
    "kind-unknown": ("人口未知", "population not known"),
    "column-density": ("人口密度（人/平方公里）", "density (persons/km²)"),
    "column-persons": ("人口（人）", "persons"),
    "column-area_km2": ("面积（平方公里）", "area (km²)"),
}


class _Found(NamedTuple):
    """The row of a cluster, and its places for the map."""

    subject: Subject
    places: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class _Places:
    """Places of one cluster, shape (n,) each: what they are called, their shapes, sizes and residents."""

    feature: NDArray[np.object_]
    name: NDArray[np.object_]
    shapes: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def of(self, rows: NDArray[np.bool_]) -> "_Places":
        """Some of them."""
        return _Places(
            self.feature[rows], self.name[rows], self.shapes[rows], self.area_m2[rows], self.low[rows], self.high[rows]
        )

    def judged(self, params: Params) -> NDArray[np.bool_]:
        """Which are large enough."""
        return self.area_m2 * SAME >= params.min_area_m2

    def densities(self, params: Params) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
        """Persons per km² of those judged at least and at most, -inf of others; and which is densest for certain."""
        judged, km2 = self.judged(params), self.area_m2 / 1e6
        low = np.where(judged, self.low / km2, -np.inf)
        with np.errstate(invalid="ignore"):
            high = np.where(judged, np.where(np.isinf(self.high), np.inf, self.high / km2), -np.inf)
        # Of several that are as dense, as windows that hold the same people are, the largest.
        return low, high, int(np.lexsort((-self.area_m2, -np.round(high, 6), -np.round(low, 6)))[0])

    def labels(self, rows: NDArray[np.bool_]) -> list[str]:
        """How some of them are named to the reader."""
        pairs = zip(self.feature[rows], self.name[rows], strict=True)
        return [str(key) if pd.isna(name) or name == key else f"{name}（{key}）" for key, name in pairs]


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Persons per km² of the densest sub-area of each cluster; see the module."""
    frame = site.needed("clusters").frame(("id", "name"))
    least = params.min_area_m2 / 1e4
    declared_none = "sub_areas" in site.submission.none and site.submission.has("population")
    if site.layer("sub_areas") is not None and not declared_none:
        found, told = _over_sub_areas(site, frame, params), _say("by-sub-areas", least=least)
    elif site.submission.has("population"):
        found, told = _over_windows(site, frame, params), _say("by-windows", cell=params.cell_m, least=least)
    else:
        rows = tuple(Subject(*_named(frame, row), missing=_say("no-population")) for row in range(len(frame)))
        return Measurement(UNIT, rows, higher_is_worse=True)
    subjects = tuple(item.subject for item in found)
    evidence = _evidence(frame, [item.places for item in found])
    return Measurement(UNIT, subjects, (told,), evidence, higher_is_worse=True)


def _named(frame: gpd.GeoDataFrame, row: int) -> tuple[str, str | None]:
    name = frame["name"].iloc[row]
    return str(frame["id"].iloc[row]), None if pd.isna(name) else str(name)


def _sound(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    shapes = frame.geometry.to_numpy()
    return frame["sound"].to_numpy(dtype=bool) & (shapely.area(shapes) > 0)


def _unsound(frame: gpd.GeoDataFrame, row: int) -> _Found:
    nothing = gpd.GeoDataFrame({"kind": []}, geometry=[], crs=frame.crs)
    return _Found(Subject(*_named(frame, row), missing=_say("unsound-cluster")), nothing)


def _over_sub_areas(site: Site, frame: gpd.GeoDataFrame, params: Params) -> list[_Found]:
    areas = site.needed("sub_areas").frame(("id", "name", "population"))
    shapes = areas.geometry.to_numpy()
    without = np.zeros(len(areas))
    coarse: list[_Coarse] = [_Coarse()] * len(frame)
    if site.submission.has("sub_areas", "population"):
        own = areas["population"].to_numpy(dtype=float)
        low, high = np.nan_to_num(own), np.where(np.isnan(own), np.inf, own)
    else:
        persons = persons_in(site, "sub_areas")
        low, high, coarse = persons.low, persons.high, _coarse(site, frame.geometry.to_numpy(), params)
        without = np.zeros(len(areas)) if persons.empty_is_known else persons.without_data
    trusted, lost = areas["sound"].to_numpy(dtype=bool), shapely.is_missing(shapes)
    low, high = np.where(trusted, low, 0.0), np.where(trusted, high, np.inf)
    # A shape of which nothing is known may be of any size.
    size = np.where(lost, np.inf, shapely.area(shapes))
    every = _Places(areas["id"].to_numpy(dtype=object), areas["name"].to_numpy(dtype=object), shapes, size, low, high)

    sound, clusters = _sound(frame), frame.geometry.to_numpy()
    found = []
    for row in range(len(frame)):
        if not sound[row]:
            found.append(_unsound(frame, row))
            continue
        common = shapely.area(shapely.intersection(shapes, clusters[row]))
        here = lost | (common > CONTACT_M2)
        places = every.of(here)
        subject = _subject(frame, row, places, params, "persons-unknown")
        doubts, notes = coarse[row].doubts(subject), [*subject.notes]
        empty = float(without[here].max(initial=0.0))
        if empty > MOST_WITHOUT_DATA:
            doubts.append(_say("without-data", share=percent(empty)))
        covered = shapely.area(shapely.intersection(shapely.union_all(places.shapes), clusters[row]))
        bare = 1 - float(covered / shapely.area(clusters[row]))
        if bare > MOST_WITHOUT_DATA:
            told = _say("not-covered", share=percent(bare))
            (doubts if bare > 1 - LEAST_COVERED else notes).append(told)
        subject = replace(subject, doubts=tuple(doubts), notes=tuple(notes))
        found.append(_Found(subject, _drawn(frame, row, places, params)))
    return found


def _subject(frame: gpd.GeoDataFrame, row: int, places: _Places, params: Params, open_code: str) -> Subject:
    judged, least = places.judged(params), params.min_area_m2 / 1e4
    small, notes = places.labels(~judged), []
    if small and open_code == "persons-unknown":
        notes.append(_say("small-sub-areas", count=len(small), places=small, least=least))
    if not judged.any():
        return Subject(*_named(frame, row), missing=_say("no-place", least=least), notes=tuple(notes))
    km2 = places.area_m2 / 1e6
    low, high, worst = places.densities(params)
    known = low.max() == high.max()
    missing = None
    if not known:
        missing = _say(open_code, places=places.labels(judged & (places.low != places.high)))
    elif open_code == "persons-unknown":
        notes.insert(0, _say("densest-sub-area", place=places.labels(np.arange(len(km2)) == worst)))
    return Subject(
        *_named(frame, row),
        value=float(low[worst]) if known else None,
        bounds=None if known else Bounds(float(low.max()), float(high.max()) if np.isfinite(high.max()) else None),
        numerator=Quantity(float(places.low[worst]), "persons") if known else None,
        denominator=Quantity(float(km2[worst]), "km2") if known else None,
        missing=missing,
        notes=tuple(notes),
    )


def _over_windows(site: Site, frame: gpd.GeoDataFrame, params: Params) -> list[_Found]:
    sound, side_m = _sound(frame), params.cell_m / 2
    clusters = frame.geometry.to_numpy().copy()
    clusters[~sound] = None
    squares = squares_over(clusters, side_m)
    size = shapely.area(squares.shapes)
    persons = _persons(site, clusters, squares)
    coarse = _coarse(site, clusters, params)
    found = []
    for row in range(len(frame)):
        if not sound[row]:
            found.append(_unsound(frame, row))
            continue
        mine = np.flatnonzero(squares.polygon == row)
        quantities = np.stack([size[mine], persons.low[mine], persons.high[mine]])
        windows = windows_over(clusters[row], squares.at[mine], side_m, quantities)
        label = np.array([f"{x},{y}" for x, y in windows.at.tolist()], dtype=object)
        places = _Places(label, np.full(len(label), None), windows.shapes, *windows.sums)
        subject = _subject(frame, row, places, params, "window-unknown")
        doubts, notes = coarse[row].doubts(subject), [*subject.notes]
        bare = float((persons.without_data[mine] * size[mine]).sum() / size[mine].sum())
        if bare > 0:
            told = _say("without-data", share=percent(bare))
            (doubts if bare > MOST_WITHOUT_DATA and not persons.empty_is_known else notes).append(told)
        worst = places.densities(params)[2]
        if subject.measured:
            x, y = (windows.at[worst] * side_m).tolist()
            notes.insert(0, _say("densest-window", x=x, y=y))
        # Windows of one grid tile the cluster; those of the others would hide them on the map.
        alike = ((windows.at - windows.at[worst]) % 2 == 0).all(axis=1)
        subject = replace(subject, doubts=tuple(doubts), notes=tuple(notes))
        found.append(_Found(subject, _drawn(frame, row, places.of(alike), params)))
    return found


def _persons(site: Site, clusters: NDArray[np.object_], squares: Squares) -> Persons:
    """Residents of each square, counted as if the squares were sub-areas that the submission draws."""
    turn = np.zeros(len(squares.polygon), dtype=np.int64)
    one, other = shapely.STRtree(clusters).query(clusters, predicate="intersects")
    if (shapely.area(shapely.intersection(clusters[one], clusters[other]))[one < other] > CONTACT_M2).any():
        # A point counts in one square only: clusters that lie over one another are asked one by one.
        turn = squares.polygon
    low, high, without, beyond = np.zeros((4, len(turn)))
    counted = None
    for number in np.unique(turn):
        rows = np.flatnonzero(turn == number)
        table = {"sound": np.ones(len(rows), dtype=bool), "certain": np.ones(len(rows), dtype=bool)}
        shapes = gpd.GeoDataFrame(table, geometry=squares.shapes[rows], crs=site.submission.crs)
        drawn = TableLayer(ROLES["sub_areas"], Geometry.POLYGON, frozenset(), shapes)
        layers = {**site.submission.layers, "sub_areas": drawn}
        counted = persons_in(Site(replace(site.submission, layers=layers)), "sub_areas")
        low[rows], high[rows], without[rows], beyond[rows] = (
            counted.low, counted.high, counted.without_data, counted.beyond,
        )  # fmt: skip
    source = counted.source if counted else PersonsFrom.RASTER
    return Persons(low, high, without, beyond, source, counted is not None and counted.empty_is_known)


@dataclass(frozen=True, slots=True)
class _Coarse:
    """What makes population data too coarse for a pass: their size, or a cell that is denser than what was measured."""

    told: Words | None = None
    cell_m2: float = 0.0
    density: float = 0.0

    def doubts(self, subject: Subject) -> list[Words]:
        """Why a figure is in doubt."""
        if self.told is not None:
            return [self.told]
        most = subject.bounds.high if subject.bounds is not None else subject.value
        if most is None or self.density <= most * SAME:
            return []
        return [_say("denser-cell", cell=f"{self.cell_m2 / 1e4:.3g}", density=figure(self.density))]


def _coarse(site: Site, clusters: NDArray[np.object_], params: Params) -> list[_Coarse]:
    raster, layer = site.raster("population"), site.layer("population")
    if raster is not None:
        return _coarse_raster(raster, gpd.GeoSeries(clusters, crs=site.submission.crs), params)
    if layer is None or layer.geometry is Geometry.POINT:
        return [_Coarse()] * len(clusters)
    shapes = layer.frame().geometry.to_numpy()
    large = shapes[shapely.area(shapes) > params.min_area_m2 * SAME]
    count = [int((shapely.area(shapely.intersection(large, cluster)) > CONTACT_M2).sum()) for cluster in clusters]
    least = params.min_area_m2 / 1e4
    return [_Coarse(_say("coarse-polygons", count=found, least=least) if found else None) for found in count]


def _coarse_raster(raster: Raster, clusters: gpd.GeoSeries, params: Params) -> list[_Coarse]:
    drawn = ~clusters.isna().to_numpy()
    on_grid = to_raster_crs(clusters[drawn], raster.crs)
    # Of a raster of the whole country the cells here are of another size than those in its middle.
    x, y, right, top = on_grid.total_bounds
    if not np.isfinite([x, y, right, top]).all():
        return [_Coarse()] * len(clusters)
    x, y = (x + right) / 2, (y + top) / 2
    west, south, east, north = raster.bounds
    cell = shapely.box(x, y, x + (east - west) / raster.shape[1], y + (north - south) / raster.shape[0])
    cell_m2 = float(to_raster_crs(gpd.GeoSeries([cell], crs=raster.crs), clusters.crs).area.iloc[0])
    if cell_m2 > params.cell_m**2 * 1.001:
        return [_Coarse(_say("coarse-raster", cell=f"{cell_m2 / 1e4:.3g}"))] * len(clusters)
    if cell_m2 <= params.min_area_m2 * SAME:
        return [_Coarse()] * len(clusters)
    density = np.zeros(len(clusters))
    fullest = fullest_cells(raster.path, on_grid, params.min_area_m2 / cell_m2)
    density[drawn] = fullest * raster.persons_each / (cell_m2 / 1e6)
    return [_Coarse(None, cell_m2, float(each)) for each in density]


def _drawn(frame: gpd.GeoDataFrame, row: int, places: _Places, params: Params) -> gpd.GeoDataFrame:
    judged, known = places.judged(params), places.low == places.high
    drawn = gpd.GeoDataFrame(
        {
            "kind": np.select([~judged, ~known], ["small", "unknown"], "place").astype(object),
            "subject": str(frame["id"].iloc[row]),
            "feature": places.feature,
            "name": places.name,
            "density": np.where(known, places.low, np.nan) / (places.area_m2 / 1e6),
            "persons": np.where(known, places.low, np.nan),
            "area_km2": places.area_m2 / 1e6,
        },
        geometry=places.shapes,
        crs=frame.crs,
    )
    return drawn[~drawn.geometry.isna()]


def _evidence(frame: gpd.GeoDataFrame, drawn: list[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    outlines = frame[["geometry"]].assign(kind="cluster", subject=frame["id"].astype(str), name=frame["name"])
    columns = {name: _say(f"column-{name}") for name in ("density", "persons", "area_km2")}
    filled = [item for item in drawn if len(item)]
    shapes = [Shapes(outlines[~outlines.geometry.isna()], legend={"cluster": (Tone.FRAME, _say("kind-cluster"))})]
    if not filled:
        return tuple(shapes)
    places = pd.concat(filled, ignore_index=True).sort_values("density", ascending=False, kind="stable")
    known = places[places["kind"] == "place"]
    worst = known.drop_duplicates("subject").assign(kind="worst")
    others = places[places["kind"] != "place"]
    if len(known):
        legend = {"place": (Tone.COUNTED, _say("kind-place"))}
        shapes.insert(0, Shapes(known, legend=legend, columns=columns, ramp="density"))
        shapes.append(Shapes(worst, legend={"worst": (Tone.MARK, _say("kind-worst"))}, columns=columns))
    if len(others):
        legend = {"unknown": (Tone.UNKNOWN, _say("kind-unknown")), "small": (Tone.UNCOUNTED, _say("kind-small"))}
        shapes.append(Shapes(others, legend=legend, columns=columns))
    return tuple(shapes)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
