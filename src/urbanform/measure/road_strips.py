"""Roads inside a corridor: which of them cross it and which run along it, and the ground that those take."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from urbanform.measure.local import shared_with
from urbanform.measure.lumps import Lumps

SNAP_M = 0.5
TIP_M = 1.0
HEADING_M = 10.0
STRAIGHT_ON_RAD = np.pi / 4
CROSSING_WIDTHS = 3.0
LEAST_LENGTH_M = 1e-6
ARC_SEGMENTS = 64


@dataclass(frozen=True, eq=False)
class RoadLines:
    """Centrelines of roads with their widths.

    Attributes
    ----------
    lines
        LineStrings or MultiLineStrings, planar metres; missing and empty ones are passed over.
    red_line_width_m, pavement_width_m
        One width per line, metres; NaN or not above 0 where it is unknown.
    """

    lines: NDArray[np.object_]
    red_line_width_m: NDArray[np.float64]
    pavement_width_m: NDArray[np.float64]

    @classmethod
    def none(cls) -> "RoadLines":
        """No roads."""
        return cls(np.empty(0, dtype=object), np.empty(0), np.empty(0))

    def width_m(self, least_m: float) -> NDArray[np.float64]:
        """The red-line width, else the greater of pavement width and `least_m`."""
        red_line_m = _known(self.red_line_width_m)
        pavement_m = np.nan_to_num(_known(self.pavement_width_m), nan=0.0)
        return np.where(np.isnan(red_line_m), np.maximum(pavement_m, least_m), red_line_m)

    def unknown(self) -> NDArray[np.bool_]:
        """Which roads have no red-line width."""
        return np.isnan(_known(self.red_line_width_m))


@dataclass(frozen=True, eq=False)
class Crossing:
    """A stretch of road that joins two banks: its line, its length and the numbers of its features."""

    line: LineString
    length_m: float
    roads: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class RoadStretches:
    """Roads inside a corridor: crossings, and the stretches along it with the number of the feature of each."""

    crossings: tuple[Crossing, ...]
    along: NDArray[np.object_]
    along_road: NDArray[np.int64]


def roads_within(body: Polygon, roads: RoadLines, tree: shapely.STRtree | None = None) -> RoadStretches:
    """The roads inside a corridor, none of them taken for a crossing yet.

    Parameters
    ----------
    body
        The corridor with its bank holes only, metres.
    roads
        All roads; only those that meet the corridor are read.
    tree
        An index of `roads.lines`, where many corridors ask for the same roads.
    """
    tree = tree or shapely.STRtree(roads.lines)
    near = np.sort(tree.query(body, predicate="intersects"))
    clipped = shared_with(roads.lines[near], body)
    parts, road = shapely.get_parts(clipped, return_index=True)
    merged = shapely.line_merge(parts[shapely.get_dimensions(parts) == 1])
    road = near[road[shapely.get_dimensions(parts) == 1]]
    pieces, piece = shapely.get_parts(merged, return_index=True)
    long = shapely.length(pieces) > LEAST_LENGTH_M
    return RoadStretches((), pieces[long], road[piece][long])


def sorted_stretches(
    body: Polygon, stretches: RoadStretches, bank_sets: Sequence[Sequence[LineString]], ends: Sequence[LineString]
) -> RoadStretches:
    """Stretches told apart into crossings and roads along the corridor.

    Features that meet end to end are one road; at a junction the two that go straight on are. A road whose two tips
    lie on different banks and that is at most three times as long as the corridor is wide there (the distances of its
    middle to the two banks, added) is a crossing.

    Parameters
    ----------
    body
        The corridor with its bank holes only, metres.
    stretches
        What :func:`roads_within` found.
    bank_sets
        Sets of banks; a stretch that joins two of one set may cross.
    ends
        The corridor's ends, which are no banks.
    """
    crossings, along = [], []
    for chain in _chains(stretches.along, body):
        line = _joined([stretches.along[piece] for piece in chain])
        if any(_crosses(line, banks, ends) for banks in bank_sets):
            numbers = tuple(dict.fromkeys(stretches.along_road[chain].tolist()))
            crossings.append(Crossing(line, line.length, numbers))
        else:
            along += chain
    along.sort()
    kept = np.array(along, dtype=np.int64)
    return RoadStretches(tuple(crossings), stretches.along[kept], stretches.along_road[kept])


def road_strips(
    body: Polygon, stretches: RoadStretches, width_m: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The ground that the stretches along a corridor take, and the feature of each.

    Parameters
    ----------
    body
        The corridor with its bank holes only, metres.
    stretches
        What :func:`sorted_stretches` left as roads along the corridor.
    width_m
        The width of every road, by its number.

    Returns
    -------
    Flat-ended strips. Stretches of one width that meet end to end make one strip, so that no wedge stays open between
    them where the road bends; its number is that of its first feature.
    """
    strips, numbers = [], []
    for chain in _chains(stretches.along, body):
        widths = width_m[stretches.along_road[chain]]
        for run in np.split(np.array(chain), np.flatnonzero(np.diff(widths)) + 1):
            line = _joined([stretches.along[piece] for piece in run.tolist()])
            half_m = float(width_m[stretches.along_road[run[0]]]) / 2
            strips.append(shapely.buffer(line, half_m, cap_style="flat", quad_segs=ARC_SEGMENTS))
            numbers.append(int(stretches.along_road[run[0]]))
    return np.array(strips, dtype=object), np.array(numbers, dtype=np.int64)


def _known(width_m: NDArray[np.float64]) -> NDArray[np.float64]:
    widths = np.asarray(width_m, dtype=np.float64)
    return np.where(np.isfinite(widths) & (widths > 0), widths, np.nan)


def _crosses(line: LineString, banks: Sequence[LineString], ends: Sequence[LineString]) -> bool:
    if len(banks) < 2:
        return False
    tips = shapely.get_point(line, [0, -1])
    to_bank_m = shapely.distance(np.array(banks, dtype=object)[:, None], tips[None, :])
    if len(ends):
        to_end_m = shapely.distance(np.array(ends, dtype=object)[:, None], tips[None, :]).min(axis=0)
    else:
        to_end_m = np.full(2, np.inf)
    nearest = to_bank_m.argmin(axis=0)
    reach_m = to_bank_m.min(axis=0)
    if nearest[0] == nearest[1] or (reach_m > TIP_M).any() or (reach_m > to_end_m + LEAST_LENGTH_M).any():
        return False
    middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
    width_m = sum(float(shapely.distance(banks[bank], middle)) for bank in nearest.tolist())
    return bool(line.length <= CROSSING_WIDTHS * width_m * (1 + 1e-9))


def _chains(pieces: NDArray[np.object_], body: Polygon) -> list[list[int]]:
    """Pieces by road: those that follow one another end to end, in order."""
    following = _joints(pieces, body)
    chains, seen = [], set()
    # Open roads are taken from a loose tip; what is left then goes round in a ring.
    starts = [(piece, tip) for piece in range(pieces.size) for tip in (0, 1) if (piece, tip) not in following]
    for piece, tip in [*starts, *((piece, 0) for piece in range(pieces.size))]:
        chain, here = [], piece
        while here not in seen:
            seen.add(here)
            chain.append(here)
            after = following.get((here, 1 - tip))
            if after is None:
                break
            here, tip = after
        if chain:
            chains.append(chain)
    return chains


def _joints(pieces: NDArray[np.object_], body: Polygon) -> dict[tuple[int, int], tuple[int, int]]:
    """For each tip (piece, 0 or 1) that is joined to another: that other.

    Tips on the corridor's edge are left alone: there a road goes on outside, and two that enter at one place are two.
    """
    if not pieces.size:
        return {}
    tips = np.stack([shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)], axis=1).ravel()
    edge = body.boundary
    shapely.prepare(edge)
    alone = np.repeat(shapely.is_ring(pieces), 2) | shapely.dwithin(edge, tips, LEAST_LENGTH_M)
    reach_m = np.minimum(HEADING_M, shapely.length(pieces) / 2)
    inner = np.stack(
        [shapely.line_interpolate_point(pieces, reach_m), shapely.line_interpolate_point(pieces, -reach_m)], axis=1
    )
    heading = shapely.get_coordinates(inner.ravel()) - shapely.get_coordinates(tips)
    angle = np.arctan2(heading[:, 1], heading[:, 0])
    lumps = Lumps(tips.size)
    for one, other in shapely.STRtree(tips).query(tips, predicate="dwithin", distance=SNAP_M).T.tolist():
        lumps.join(one, other)
    nodes: dict[int, list[int]] = {}
    for tip in np.flatnonzero(~alone).tolist():
        nodes.setdefault(lumps.find(tip), []).append(tip)
    joints: dict[tuple[int, int], tuple[int, int]] = {}
    for meeting in nodes.values():
        for one, other in _straight_on(meeting, angle):
            joints[divmod(one, 2)] = divmod(other, 2)
            joints[divmod(other, 2)] = divmod(one, 2)
    return joints


def _straight_on(meeting: list[int], angle: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The tips at one place, in pairs: two always, more only where they go straight on, the straightest first."""
    if len(meeting) == 2 and meeting[0] // 2 != meeting[1] // 2:
        return [(meeting[0], meeting[1])]
    bends = []
    for place, one in enumerate(meeting):
        for other in meeting[place + 1 :]:
            between = abs(angle[one] - angle[other]) % (2 * np.pi)
            bend = abs(np.pi - between)
            if bend <= STRAIGHT_ON_RAD and one // 2 != other // 2:
                bends.append((bend, one, other))
    pairs, taken = [], set()
    for _, one, other in sorted(bends):
        if one not in taken and other not in taken:
            taken |= {one, other}
            pairs.append((one, other))
    return pairs


def _joined(lines: list[LineString]) -> LineString:
    """Lines that follow one another as one, each turned to start where the one before stops."""
    if len(lines) == 1:
        return lines[0]
    points = [shapely.get_coordinates(line) for line in lines]
    first, second = points[0], points[1]
    if _nearest_m(first[0], second) < _nearest_m(first[-1], second):
        points[0] = first[::-1]
    for place in range(1, len(points)):
        tip = points[place - 1][-1]
        if np.hypot(*(points[place][-1] - tip)) < np.hypot(*(points[place][0] - tip)):
            points[place] = points[place][::-1]
    return LineString(np.concatenate(points))


def _nearest_m(tip: NDArray[np.float64], points_m: NDArray[np.float64]) -> float:
    return float(min(np.hypot(*(points_m[0] - tip)), np.hypot(*(points_m[-1] - tip))))
