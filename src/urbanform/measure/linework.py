"""Lengths of linework: each stretch of ground once, cut at an area's edge."""

from dataclasses import dataclass

import numpy as np
import shapely

from urbanform.measure.local import around_each, shared_with
from urbanform.measure.segments import Segments as Segments
from urbanform.measure.segments import near_pairs
from urbanform.measure.segments import segments_of as segments_of

OVERLAP_M = 0.01
"""Lines nearer than this over their whole common stretch are one line, digitised or reprojected twice."""


def once_only(lines: np.ndarray, order: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Take away from each line what an earlier line already covers.

    Two segments overlap where one runs within ``OVERLAP_M`` of the other; the stretch stays with the line that comes
    first in ``order`` (lower is first; by default the order given), so that no ground counts twice. Lines that only
    cross or meet lose nothing.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres, shape (n,).
    order
        Rank of each line, shape (n,); ties go by position.

    Returns
    -------
    remaining, repeated
        Shape (n,) each: what is left of every line, and what was taken away (MultiLineString or empty where
        a line was touched; the line itself, and an empty one, where it was not).
    """
    rank = np.arange(len(lines)) if order is None else np.lexsort((np.arange(len(lines)), order)).argsort()
    cut = segments_of(lines)
    first, second = _overlapping(cut)
    later = np.where(rank[cut.line[first]] > rank[cut.line[second]], first, second)
    same = cut.line[first] == cut.line[second]
    later[same] = np.maximum(first, second)[same]
    earlier = np.where(later == first, second, first)
    remaining = lines.copy()
    repeated = np.full(len(lines), shapely.MultiLineString(), dtype=object)
    touched = np.unique(cut.line[later])
    if not touched.size:
        return remaining, repeated
    left, gone = _subtract(cut, earlier, later)
    starts = np.searchsorted(cut.line, [touched, touched + 1])
    for number, start, stop in zip(touched, *starts, strict=True):
        # Only the few lines that overlap come here; each is put together again from what is left of its segments.
        mine = range(int(start), int(stop))
        remaining[number] = _joined([left[i] if i in left else cut.ends[i][None, :] for i in mine])
        repeated[number] = _joined([gone[i] for i in mine if i in gone])
    return remaining, repeated


def _joined(pieces: list[np.ndarray]) -> shapely.Geometry:
    ends = np.vstack(pieces) if pieces else np.empty((0, 4))
    if not len(ends):
        return shapely.MultiLineString()
    merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends.reshape(-1, 2, 2))))
    return merged if merged.geom_type == "MultiLineString" else shapely.multilinestrings([merged])


def _overlapping(cut: Segments) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of segments (first < second) that run within ``OVERLAP_M`` of one another over more than that."""
    ends = cut.ends
    first, second = near_pairs(cut, cut, OVERLAP_M)
    base = np.where((cut.lengths_m[first] >= cut.lengths_m[second]), first, second)
    other = np.where(base == first, second, first)
    along, aside = _positions(ends[base], ends[other])
    low = np.maximum(np.minimum(*along.T), 0)
    high = np.minimum(np.maximum(*along.T), cut.lengths_m[base])
    near = (np.maximum(*np.abs(aside.T)) <= OVERLAP_M) & (high - low > OVERLAP_M)
    return first[near], second[near]


def _positions(base: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where both ends of ``other`` lie along and beside the straight line through ``base``: shape (n, 2) each."""
    direction = base[:, 2:] - base[:, :2]
    direction = direction / np.hypot(direction[:, 0], direction[:, 1])[:, None]
    east, north = direction.T
    along, aside = np.empty((2, len(base), 2))
    for end in range(2):
        x, y = other[:, 2 * end] - base[:, 0], other[:, 2 * end + 1] - base[:, 1]
        along[:, end] = x * east + y * north
        aside[:, end] = y * east - x * north
    return along, aside


def _subtract(
    cut: Segments, earlier: np.ndarray, later: np.ndarray
) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """What is left, and what is gone, of each ``later`` segment once the ``earlier`` ones have had their stretch."""
    along, _ = _positions(cut.ends[later], cut.ends[earlier])
    length = cut.lengths_m
    covered: dict[int, list[tuple[float, float]]] = {}
    for segment, low, high in zip(later, along.min(axis=1), along.max(axis=1), strict=True):
        covered.setdefault(int(segment), []).append((max(0.0, low), min(float(length[segment]), high)))
    left, gone = {}, {}
    for segment, intervals in covered.items():
        free, taken, at = [], [], 0.0
        for low, high in sorted(intervals):
            if low > at:
                free.append((at, low))
            if high > at:
                taken.append((max(at, low), high))
            at = max(at, high)
        if at < length[segment]:
            free.append((at, float(length[segment])))
        left[segment] = _pieces(cut.ends[segment], free, length[segment])
        gone[segment] = _pieces(cut.ends[segment], taken, length[segment])
    return left, gone


def _pieces(ends: np.ndarray, intervals: list[tuple[float, float]], length_m: float) -> np.ndarray:
    spans = np.array([span for span in intervals if span[1] - span[0] > OVERLAP_M]).reshape(-1, 2)
    share = spans / length_m
    start, step = ends[:2], ends[2:] - ends[:2]
    return np.hstack([start + share[:, :1] * step, start + share[:, 1:] * step])


def only_lines(shapes: np.ndarray) -> np.ndarray:
    """The lines of shapes that an overlay made, as MultiLineStrings where it left points or collections: shape (n,)."""
    kind = shapely.get_type_id(shapes)
    mixed = np.flatnonzero(
        ~np.isin(
            kind, [shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING, shapely.GeometryType.MISSING]
        )
    )
    if not len(mixed):
        return shapes
    parts, at = shapely.get_parts(shapes[mixed], return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    found = shapes.copy()
    found[mixed] = shapely.MultiLineString()
    if line.any():
        owner = at[inner][line]
        held = np.unique(owner)
        found[mixed[held]] = shapely.multilinestrings(parts[line], indices=np.searchsorted(held, owner))
    return found


def clip_lines(lines: np.ndarray, area: shapely.Geometry) -> np.ndarray:
    """The part of each line inside ``area``; lines wholly inside come back as they are, others may come back empty."""
    shapely.prepare(area)
    clipped = np.full(len(lines), shapely.LineString(), dtype=object)
    meets = np.flatnonzero(shapely.intersects(area, lines))
    whole = shapely.contains_properly(area, lines[meets])
    clipped[meets[whole]] = lines[meets[whole]]
    edge = meets[~whole]
    clipped[edge] = only_lines(shared_with(lines[edge], area))
    return clipped


def near_area(lines: np.ndarray, area: shapely.Geometry, within_m: float) -> np.ndarray:
    """Which lines meet an area or pass within a distance of it: shape (n,); missing and empty ones do not."""
    shapely.prepare(area)
    near = shapely.intersects(area, lines)
    near[_near_edge(lines, shapely.boundary(area), within_m)] = True
    return near


def _near_edge(lines: np.ndarray, edge: shapely.Geometry, within_m: float) -> np.ndarray:
    """The numbers of the lines within a distance of an edge, ascending."""
    # An index looks at every line within the extent of what it is asked for: asked for the edge as one it finds all.
    straight = segments_of(np.array([edge], dtype=object)).shapes()
    return np.unique(shapely.STRtree(lines).query(straight, predicate="dwithin", distance=within_m)[1])


def _beside(lines: np.ndarray, edge: shapely.Geometry, within_m: float) -> np.ndarray:
    """The part of each line within ``within_m`` of an edge: shape (n,), empty where there is none.

    A band along all of a long edge has so many vertices that each cut costs milliseconds; so every line is cut by
    the band along the piece of the edge near it, which is the same band there.
    """
    near = np.full(len(lines), shapely.LineString(), dtype=object)
    rows = _near_edge(lines, edge, within_m)
    if not len(rows):
        return near
    margin_m = 2 * within_m + 1
    pieces = around_each(edge, lines[rows], margin_m)
    for at, (west, south, east, north) in enumerate(shapely.bounds(lines[rows])):
        box = west - margin_m, south - margin_m, east + margin_m, north + margin_m
        pieces[at] = shapely.clip_by_rect(pieces[at], *box)
    near[rows] = only_lines(shapely.intersection(lines[rows], shapely.buffer(pieces, within_m, quad_segs=64)))
    return near


@dataclass(frozen=True, slots=True)
class AlongEdge:
    """Lines told apart by the edge of an area: ``inside`` away from the edge, and ``on_edge`` along it."""

    inside: np.ndarray
    on_edge: np.ndarray


def along_edge(lines: np.ndarray, area: shapely.Geometry, within_m: float, at_least_m: float) -> AlongEdge:
    """Split the lines of an area by whether they run along its edge.

    A stretch that stays within ``within_m`` of the edge, on either side, for more than ``at_least_m`` lies on it;
    a road that only crosses the edge does not. With ``within_m`` 0 the lines are cut at the edge and nothing lies
    on it.

    Returns
    -------
    AlongEdge
        Arrays of the shape of ``lines``: the parts inside the area that do not lie on its edge; the parts that do,
        whether they run just inside or just outside.
    """
    nothing = np.full(len(lines), shapely.MultiLineString(), dtype=object)
    if within_m <= 0 or not len(lines):
        return AlongEdge(clip_lines(lines, area), nothing)
    near = _beside(lines, shapely.boundary(area), within_m)
    parts, owner = shapely.get_parts(near, return_index=True)
    keep = shapely.length(parts) > 0
    parts, owner = parts[keep], owner[keep]
    if not len(parts):
        return AlongEdge(clip_lines(lines, area), nothing)
    # One stretch may be digitised in many pieces: measure it whole, then give the pieces back to their lines.
    whole = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.multilinestrings(parts))))
    long_ones = whole[shapely.length(whole) > at_least_m]
    if not len(long_ones):
        return AlongEdge(clip_lines(lines, area), nothing)
    stretch = shapely.buffer(shapely.union_all(long_ones), OVERLAP_M, cap_style="flat")
    edge = nothing.copy()
    touched = np.unique(owner)
    edge[touched] = only_lines(shared_with(near[touched], stretch))
    inside = lines.copy()
    on_edge = touched[shapely.length(edge[touched]) > at_least_m * 1e-6]
    inside[on_edge] = shapely.difference(lines[on_edge], around_each(stretch, lines[on_edge]))
    return AlongEdge(clip_lines(inside, area), edge)
