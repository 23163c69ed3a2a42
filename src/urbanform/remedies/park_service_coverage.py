"""Hectares of homes short of a park, and places where one new park each would serve most of them.

Places are found greedily: of candidates spread over the homes out of reach, the one that serves the most of them is
taken, what it serves is taken off, and so on until the limit is met or ten places are named. A new park is taken as
a square of the least area of its class; what it serves is measured exactly. The places are pointers to where parks
are wanted, not sites: whether land can be had there is a planner's question.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray

from urbanform.checks.park_service_coverage import PROFILES, Params
from urbanform.model.finding import Finding
from urbanform.model.measurement import Shapes, Tone
from urbanform.model.remedy import Remedy
from urbanform.remedies.amounts import gaps, rounded_up
from urbanform.site import Site
from urbanform.wording import Words, own_words

MOST_PLACES = 10
_MOST_CANDIDATES = 4000
_LIKELIEST = 24
_QUAD_SEGS = 16

WORDS = {
    "remedy-short": (
        "还须让 {amount} 公顷居住用地进入公园服务半径",
        "{amount} ha more of residential land to bring within reach of a park",
    ),
    "remedy-enough": (
        "例如在图上 {count} 处各增一个 {area} 平方米的公园（服务半径 {radius} 米），可新覆盖 {served} 公顷，即可达到",
        "for instance {count} new parks of {area} m² (radius {radius} m) at the places on the map would reach "
        "{served} ha more, which is enough",
    ),
    "remedy-not-enough": (
        "在图上最有效的 {count} 处各增一个 {area} 平方米的公园（服务半径 {radius} 米），可新覆盖 {served} 公顷，尚不足",
        "new parks of {area} m² (radius {radius} m) at the {count} most effective places on the map would "
        "reach {served} ha more, which is not yet enough",
    ),
    "kind-place": (
        "示意：新增 {area} 平方米公园及其服务范围",
        "indication: a new park of {area} m² and what it serves",
    ),
    "column-served_ha": ("新覆盖居住用地（公顷）", "homes newly in reach (ha)"),
    "column-rank": ("次序", "rank"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Places:
    """New parks in the order of their choice: what each serves (shape), and the homes newly reached, in m²."""

    shapes: NDArray[np.object_]
    newly_m2: NDArray[np.float64]


def cure(finding: Finding, site: Site) -> Remedy | None:
    """What is short, and places for new parks of each class of the rule; see the module."""
    found = gaps(finding)
    if not found or not isinstance(finding.rule.params, Params):
        return None
    wanted_m2 = found[0].amount * 1e4
    said = [own_words(WORDS, "remedy-short", amount=rounded_up(found[0].amount))]
    out = _out_of_reach(finding)
    drawn, legend = [], {}
    for area_m2, radius_m in _classes(finding.rule.params):
        places = _best(out, area_m2, radius_m, wanted_m2)
        if not len(places.shapes):
            continue
        served = float(places.newly_m2.sum())
        code = "remedy-enough" if served >= wanted_m2 else "remedy-not-enough"
        told = {"count": len(places.shapes), "area": area_m2, "radius": radius_m}
        said.append(own_words(WORDS, code, **told, served=math.floor(served / 100) / 100))
        kind = f"remedy-{area_m2:g}"
        legend[kind] = (Tone.REMEDY, own_words(WORDS, "kind-place", area=area_m2))
        drawn.append((kind, places))
    return Remedy(tuple(said), _shapes(finding, drawn, legend) if drawn else ())


def _classes(params: Params) -> list[tuple[float, float]]:
    """Least area in m² and radius in m of each class of parks, the widest reach first."""
    service = [(size.min_area_m2, size.radius_m) for size in params.service or ()]
    return sorted(service or PROFILES[params.profile].service, key=lambda size: -size[1])


def _out_of_reach(finding: Finding) -> NDArray[np.object_]:
    frames = [shapes.frame for shapes in finding.evidence if "out" in shapes.legend]
    if not frames:
        return np.empty(0, dtype=object)
    shapes = frames[0].geometry.to_numpy()[(frames[0]["kind"] == "out").to_numpy()]
    return np.asarray(shapely.get_parts(shapes[~shapely.is_missing(shapes)]), dtype=object)


def _best(out: NDArray[np.object_], area_m2: float, radius_m: float, wanted_m2: float) -> _Places:
    """Places one after another, each where it serves the most homes that are still out of reach."""
    if not len(out):
        return _Places(np.empty(0, dtype=object), np.empty(0))
    points = shapely.point_on_surface(out)
    at = points[_thinned(points, radius_m / 5)]
    half_m = math.sqrt(area_m2) / 2
    # The likeliest candidates by the homes whose middle lies within reach; of them the best by exact areas.
    place, home = shapely.STRtree(points).query(at, predicate="dwithin", distance=radius_m + half_m)
    reach = scipy.sparse.csr_matrix((np.ones(len(place)), (place, home)), shape=(len(at), len(out)))
    left, left_m2 = out.copy(), shapely.area(out)
    tree = shapely.STRtree(out)
    chosen: list[shapely.Geometry] = []
    newly: list[float] = []
    while len(chosen) < MOST_PLACES and sum(newly) < wanted_m2:
        likely = np.argsort(-(reach @ left_m2), kind="stable")[:_LIKELIEST]
        x, y = shapely.get_coordinates(at[likely]).T
        parks = shapely.box(x - half_m, y - half_m, x + half_m, y + half_m)
        served = shapely.buffer(parks, radius_m, quad_segs=_QUAD_SEGS)
        which, touched = tree.query(served, predicate="intersects")
        gained_m2 = np.bincount(which, shapely.area(shapely.intersection(left[touched], served[which])), len(served))
        best = int(np.argmax(gained_m2))
        if not gained_m2[best] > 1.0:
            break
        touched = touched[which == best]
        left[touched] = shapely.difference(left[touched], served[best])
        left_m2[touched] = shapely.area(left[touched])
        newly.append(float(gained_m2[best]))
        chosen.append(served[best])
    return _Places(np.array(chosen, dtype=object), np.array(newly))


def _thinned(points: NDArray[np.object_], cell_m: float) -> NDArray[np.intp]:
    """One point of each grid cell; coarser cells where there would still be too many."""
    at = shapely.get_coordinates(points)
    while True:
        _, first = np.unique(np.floor(at / cell_m), axis=0, return_index=True)
        if len(first) <= _MOST_CANDIDATES:
            return np.sort(first)
        cell_m *= 1.5


def _shapes(
    finding: Finding, drawn: list[tuple[str, _Places]], legend: Mapping[str, tuple[Tone, Words]]
) -> tuple[Shapes, ...]:
    crs = next(shapes.frame.crs for shapes in finding.evidence)
    rows = [
        {"kind": kind, "rank": rank, "served_ha": newly_m2 / 1e4, "geometry": shape}
        for kind, places in drawn
        for rank, (shape, newly_m2) in enumerate(zip(places.shapes, places.newly_m2, strict=True), start=1)
    ]
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=crs)
    columns = {name: own_words(WORDS, f"column-{name}") for name in ("rank", "served_ha")}
    return (Shapes(frame, legend=legend, columns=columns),)
