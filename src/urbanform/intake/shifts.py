"""A constant offset between two layers that ought to lie on one another: found and named, never mended.

Web-map coordinates (GCJ-02, BD-09) and old datums move a whole layer by tens to over a thousand metres without a trace
in its file. Where buildings cross the bounds of parcels, or roads leave their surfaces, and one translation alone puts
nearly all of them right, that translation is the offset.

The rule of significance: the share that lies right must rise by more than 15 percentage points and rise in every part
of the place; it must be above that of any other translation by more than 5 points and three standard errors; and most
parts of the place, each taken by itself, must want the same vector. On a regular grid one step of the grid more does as
well: there nothing is claimed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from urbanform.intake.crs_extent import override_line
from urbanform.intake.offsets import bd09_offset_m, gcj02_offset_m
from urbanform.intake.shift_search import (
    Frame,
    Hits,
    Tile,
    area_cells,
    best_translation,
    hits_of,
    line_cells,
    reach_m,
    tiles_of,
)
from urbanform.model.geometry_column import GeometryColumn
from urbanform.wording import Words, own_words

LEAST_GAIN = 0.15
HOPELESS_GAIN = 0.025
"""Where no translation at all lets more of a part of the place lie right, by cells, there is none to be found: half
of ``LEAST_GAIN`` is asked of every part."""
LEAST_FEATURES = 40
LEAST_IN_TILE = 8
TELLING_FEATURES = 100
LEAST_LEAD = 0.05
SIGMAS = 3.0
MOST_IN_TILE = 800
_SAME_VECTOR_M = 30.0
_SAME_DIRECTION_DEG = 10.0
_WEB_MAPS = frozenset({"gcj02", "bd09", "gcj02-bd09"})
_SPACING_M = 8.0
_TILE_REACH_M = 2500.0
# Buildings drawn to the parcel's edge cross it by a little everywhere: no offset.
_LEEWAY_M = 1.0

WORDS: dict[str, tuple[str, str]] = {
    "shift-found": (
        "图层“{moving}”相对“{fixed}”整体向{bearing}偏移约 {distance} 米（东 {east} 米，北 {north} 米）：对合的比例现为 "
        "{before}%，平移后为 {after}%。{likeness}。程序不会自行平移；请核对两个图层的坐标来源，转换后重交：{line}",
        "the layer “{moving}” as a whole lies about {distance} m to the {bearing} of where “{fixed}” wants it "
        "({east} m east, {north} m north): {before} % fit now, {after} % would once moved; {likeness}. "
        "Nothing is moved here; check where both layers come from, convert the one that is off, and hand it in again: "
        "{line}",
    ),
    "like-gcj02": (
        "与该地 GCJ-02（高德、腾讯地图，俗称火星坐标）的偏移一致，{layer}多半取自这类地图",
        "that is how GCJ-02 (AMap, Tencent) lies off at this place: the layer {layer} was probably taken from such a "
        "map",
    ),
    "like-bd09": (
        "与该地 BD-09（百度地图）的偏移一致，{layer}多半取自百度地图",
        "that is how BD-09 (Baidu) lies off at this place: the layer {layer} was probably taken from that map",
    ),
    "like-gcj02-bd09": (
        "与该地 BD-09（百度）相对 GCJ-02（高德、腾讯）的偏移一致，{layer}多半取自百度地图，另一图层取自高德一类地图",
        "that is how BD-09 (Baidu) lies off GCJ-02 (AMap, Tencent) at this place: the layer {layer} was probably taken "
        "from the former, the other layer from the latter",
    ),
    "like-old-datum": (
        "大小与旧大地基准（西安 80、北京 54）或地方坐标系的偏移相当，两个图层多半不在同一基准",
        "its size is that of an old datum (Xian 1980, Beijing 1954) or a local system: the layers are probably on "
        "different datums",
    ),
    "like-digitising": (
        "大小与配准或数字化误差相当",
        "its size is that of a fault in registration or digitising",
    ),
    "like-nothing": (
        "不像已知的坐标偏移，多半是配准错误或地方坐标系",
        "it is like no known offset: probably a fault in registration, or a local system",
    ),
    "bearing-0": ("北", "north"),
    "bearing-1": ("东北", "north-east"),
    "bearing-2": ("东", "east"),
    "bearing-3": ("东南", "south-east"),
    "bearing-4": ("南", "south"),
    "bearing-5": ("西南", "south-west"),
    "bearing-6": ("西", "west"),
    "bearing-7": ("西北", "north-west"),
}


class Fit(StrEnum):
    """How the shapes of one layer lie on those of another where both are right."""

    WITHIN_ONE = "within-one"
    """Each polygon within a single polygon: buildings on parcels."""

    ON = "on"
    """Lines upon polygons: roads on road surfaces, or on parcels classed road."""

    CLEAR = "clear"
    """Lines off polygons: roads past buildings, or past parcels that are no road."""


GroundNear = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.object_]]


@dataclass(frozen=True, slots=True)
class Shift:
    """An offset of one layer from another.

    Attributes
    ----------
    east_m, north_m
        By how much the moving layer lies off where the fixed one wants it; the contrary translation mends it.
    share_before, share_after
        Of its features (of its length, for lines) the share that lies right as it stands, and once moved: 0–1.
    resembles
        ``gcj02``, ``bd09``, ``gcj02-bd09``, ``old-datum``, ``digitising`` or ``nothing``.
    message
        All of it for the reader.
    """

    east_m: float
    north_m: float
    share_before: float
    share_after: float
    resembles: str
    message: Words


def constant_shift(
    moving: npt.NDArray[np.object_] | GeometryColumn,
    ground_near: GroundNear,
    fit: Fit,
    *,
    lon_lat_deg: Callable[[], tuple[float, float] | None] = lambda: None,
    names: tuple[str, str] = ("<role>", "<role>"),
    path: str = "<path>",
    seed: int = 0,
) -> Shift | None:
    """The constant offset of one layer from another; None where none is beyond doubt.

    Parameters
    ----------
    moving
        Shapes of the layer that may be off, in the working system, metres. Missing and empty ones are left out; of
        more than some thousands a sample is looked at, and no more is decoded.
    ground_near
        Gives the polygons on which they should lie, those at least that some boxes meet: shape (k, 4), metres. Asked
        only where there are shapes enough.
    fit
        How they should.
    lon_lat_deg
        Tells where the place is, to compare with the offsets of web maps there; None (a local grid) compares sizes
        alone. Asked only where an offset is likely.
    names
        What a reader calls the two layers; the first is also the role in the manifest's line.
    path
        The first layer's path in the manifest.
    seed
        Of the sample.

    Returns
    -------
    Shift or None
        None for layers that fit as they are, for fewer than 40 features, and wherever the rule of significance is not
        met, which does not prove that the layers fit.

    Notes
    -----
    Rule of significance: see the module. Grid north is taken for north, which is wrong by 2° at most within 3° of a
    central meridian. GCJ-02 varies by metres over a city, and counts as constant.
    """
    given = moving if isinstance(moving, GeometryColumn) else GeometryColumn(np.asarray(moving, dtype=object))
    groups = _groups(given, np.random.default_rng(seed))
    if sum(map(len, groups)) < LEAST_FEATURES or len(groups) < 2:
        return None
    ground = _present(ground_near(_surroundings(groups)))
    if not len(ground):
        return None
    shapes = np.concatenate(groups)
    index = shapely.STRtree(ground)
    counts = np.array([len(group) for group in groups])
    before = np.array([_share(group, index, fit, (0.0, 0.0)) for group in groups])
    share_before = float(np.average(before, weights=counts))
    if share_before >= 1 - LEAST_GAIN:
        return None
    hits = []
    for group in groups:
        hits.append(hits_of(_tile(group, ground, index, fit)))
        # Points along outlines say little of how many buildings would lie right; points along lines are the measure.
        if fit is not Fit.WITHIN_ONE and hits[-1].largest_gain < HOPELESS_GAIN:
            return None
    peak = best_translation(hits)
    if peak is None:
        return None
    after = np.array([_share(group, index, fit, peak.move_m) for group in groups])
    share_after = float(np.average(after, weights=counts))
    if share_after - share_before <= LEAST_GAIN or (after - before).min() <= LEAST_GAIN / 2:
        return None
    east_m, north_m = (-value for value in peak.move_m)
    place = lon_lat_deg()
    is_foretold = resemblance(east_m, north_m, place)[0] in _WEB_MAPS
    if any(_as_good(shapes, index, fit, rival, share_after, is_foretold) for rival in peak.rivals_m):
        return None
    if not _agreed(hits, counts, peak.move_m):
        return None
    return _told(east_m, north_m, share_before, share_after, place, names, path)


def resemblance(east_m: float, north_m: float, lon_lat_deg: tuple[float, float] | None) -> tuple[str, bool]:
    """What an offset is like at a place, and whether it is the other layer that is off.

    Within 30 m and 10° of the vector of GCJ-02, of BD-09 or between the two, or of its contrary; else by size alone:
    30–150 m an old datum or a local system, below 30 m digitising, and nothing known beyond.

    Parameters
    ----------
    east_m, north_m
        By how much the one layer lies off the other.
    lon_lat_deg
        The place; None leaves the size.
    """
    found = np.array([east_m, north_m])
    if lon_lat_deg is not None:
        gcj02, bd09 = np.array(gcj02_offset_m(*lon_lat_deg)), np.array(bd09_offset_m(*lon_lat_deg))
        for name, expected in (("gcj02", gcj02), ("bd09", bd09), ("gcj02-bd09", bd09 - gcj02)):
            for is_other, sign in ((False, 1.0), (True, -1.0)):
                if _same_vector(found, sign * expected):
                    return name, is_other
    size_m = math.hypot(east_m, north_m)
    return ("digitising" if size_m < 30 else "old-datum" if size_m <= 150 else "nothing"), False


def _groups(shapes: GeometryColumn, random: np.random.Generator) -> list[npt.NDArray[np.object_]]:
    """The shapes of each part of the place that holds enough of them, a sample of those where they are many."""
    present = np.flatnonzero(~shapes.facts.nothing)
    if not len(present):
        return []
    west_m, south_m, east_m, north_m = shapes.facts.bounds[present].T
    centres = np.stack([(west_m + east_m) / 2, (south_m + north_m) / 2], axis=1)
    groups = []
    for west, south, east, north in tiles_of(centres):
        inside = (centres[:, 0] >= west) & (centres[:, 0] <= east) & (centres[:, 1] >= south) & (centres[:, 1] <= north)
        rows = np.flatnonzero(inside)
        # By place, so that the order in which features stand in the file does not choose the sample.
        rows = rows[np.lexsort(centres[rows].T)]
        if len(rows) > MOST_IN_TILE:
            rows = rows[np.sort(random.choice(len(rows), MOST_IN_TILE, replace=False))]
        if len(rows) >= LEAST_IN_TILE:
            groups.append(shapes.take(present[rows]))
    return groups


def _surroundings(groups: list[npt.NDArray[np.object_]]) -> npt.NDArray[np.float64]:
    """All ground on which a translation may lead the shapes of each group: shape (groups, 4)."""
    return np.array([shapely.total_bounds(group) + reach_m() * np.array([-1, -1, 1, 1]) for group in groups])


def _present(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    given = np.asarray(shapes, dtype=object)
    return np.asarray(given[~(shapely.is_missing(given) | shapely.is_empty(given))])


def _probes(shapes: npt.NDArray[np.object_], fit: Fit) -> npt.NDArray[np.float64]:
    """Points that stand for the shapes, evenly along outlines and lines: shape (n, 2)."""
    lines = shapely.boundary(_shrunk(shapes)) if fit is Fit.WITHIN_ONE else shapes
    return np.asarray(shapely.get_coordinates(shapely.segmentize(lines, _SPACING_M)))


def _shrunk(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    inner = shapely.buffer(shapes, -_LEEWAY_M, quad_segs=1)
    return np.where(shapely.is_empty(inner), shapes, inner)


def _placed(shapes: npt.NDArray[np.object_], fit: Fit, move_m: tuple[float, float]) -> npt.NDArray[np.object_]:
    """What is looked at after a translation: the polygons, or points along the lines."""
    move = np.asarray(move_m)
    if fit is Fit.WITHIN_ONE:
        return np.asarray(shapely.transform(_shrunk(shapes), lambda xy: xy + move))
    return np.asarray(shapely.points(_probes(shapes, fit) + move))


def _right(placed: npt.NDArray[np.object_], index: shapely.STRtree, fit: Fit) -> npt.NDArray[np.bool_]:
    """Which of them lie as they should."""
    right = np.zeros(len(placed), dtype=bool)
    right[index.query(placed, predicate="within" if fit is Fit.WITHIN_ONE else "intersects")[0]] = True
    return ~right if fit is Fit.CLEAR else right


def _share(shapes: npt.NDArray[np.object_], index: shapely.STRtree, fit: Fit, move_m: tuple[float, float]) -> float:
    """The share of features that lie right after a translation; of lines the share of their length."""
    return float(_right(_placed(shapes, fit, move_m), index, fit).mean())


def _as_good(
    shapes: npt.NDArray[np.object_],
    index: shapely.STRtree,
    fit: Fit,
    rival_m: tuple[float, float],
    share_after: float,
    is_foretold: bool,
) -> bool:
    """Whether another translation does nearly as well.

    What it carries off the edge of the ground is left out: a step of a regular grid must not look worse for the
    grid's having an end. Where it leaves less than half, it is no rival. A vector that a web map foretells is not one
    out of many thousands that were tried, and needs no such favour shown to its rivals.
    """
    if is_foretold:
        return _is_near(_share(shapes, index, fit, rival_m), share_after, len(shapes))
    placed = _placed(shapes, fit, rival_m)
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(shapely.envelope(index.geometries))))
    shapely.prepare(hull)
    stays = shapely.contains_properly(hull, shapely.centroid(placed))
    if 2 * int(stays.sum()) < len(placed):
        return False
    return _is_near(float(_right(placed[stays], index, fit).mean()), share_after, len(shapes))


def _is_near(share: float, best: float, features: int) -> bool:
    return best - share <= max(LEAST_LEAD, SIGMAS * math.sqrt(share * (1 - share) / features))


def _tile(group: npt.NDArray[np.object_], ground: npt.NDArray[np.object_], index: shapely.STRtree, fit: Fit) -> Tile:
    points = _probes(group, fit)
    # A road that runs on for kilometres must not blow up the cells.
    points = points[np.abs(points - np.median(points, axis=0)).max(axis=1) <= _TILE_REACH_M]
    frame = Frame.around(points)
    near = ground[np.sort(index.query(frame.box))]
    if fit is Fit.WITHIN_ONE:
        return Tile(points, line_cells(shapely.boundary(near), frame), frame)
    covered = area_cells(near, frame)
    return Tile(points, 1 - covered if fit is Fit.ON else covered, frame)


def _agreed(hits: list[Hits], counts: npt.NDArray[np.int64], move_m: tuple[float, float]) -> bool:
    """Whether more than half of the parts of the place, and two at least, would by themselves move the same way.

    Parts of few features are taken together, since by itself none of them would tell.
    """
    parts = [[part] for part in hits]
    if counts.min() < TELLING_FEATURES:
        middle = len(hits) // 2
        parts = [hits[:middle], hits[middle:]]
    peaks = [best_translation(part) for part in parts]
    same = sum(peak is not None and _same_vector(np.array(peak.move_m), np.array(move_m)) for peak in peaks)
    return same >= 2 and 2 * same > len(parts)


def _same_vector(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> bool:
    sizes = float(np.hypot(*one)), float(np.hypot(*other))
    if min(sizes) == 0 or float(np.hypot(*(one - other))) > _SAME_VECTOR_M:
        return False
    # A direction says nothing where the vector is no longer than the error of measuring it.
    if min(sizes) < _SAME_VECTOR_M:
        return True
    cosine = float(one @ other) / (sizes[0] * sizes[1])
    return math.degrees(math.acos(min(1.0, max(-1.0, cosine)))) <= _SAME_DIRECTION_DEG


def _told(
    east_m: float,
    north_m: float,
    share_before: float,
    share_after: float,
    lon_lat_deg: tuple[float, float] | None,
    names: tuple[str, str],
    path: str,
) -> Shift:
    resembles, is_other = resemblance(east_m, north_m, lon_lat_deg)
    moving, fixed = names
    octant = round(math.degrees(math.atan2(east_m, north_m)) / 45) % 8
    message = own_words(
        WORDS,
        "shift-found",
        moving=moving,
        fixed=fixed,
        bearing=own_words(WORDS, f"bearing-{octant}"),
        distance=round(math.hypot(east_m, north_m)),
        east=round(east_m),
        north=round(north_m),
        before=round(share_before * 100),
        after=round(share_after * 100),
        likeness=own_words(WORDS, f"like-{resembles}", layer=fixed if is_other else moving),
        line=override_line("EPSG:4490", role=moving, path=path),
    )
    return Shift(east_m, north_m, share_before, share_after, resembles, message)
