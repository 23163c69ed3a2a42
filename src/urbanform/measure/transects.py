"""Transects: lines across a road, and how wide a surface is along them."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

JOIN_M = 0.05
"""Surfaces digitised piece by piece may leave seams this wide between them."""
STRIP_M = 10.0
"""A strip between two surfaces that is no wider may be a planted separator, which belongs to the road."""
REACHES_M = (40.0, 200.0)
"""How far to either side a transect is followed: most roads end within the first."""
CHORD_M = 5.0
"""The direction of a line at a point is that of its chord this far to either side, so that a kink does not turn it."""
MOST_POINTS, MOST_CUTS = 128, 40


@dataclass(frozen=True, eq=False)
class Stations:
    """Points on lines with the direction across.

    Attributes
    ----------
    line
        The number of the line of each, shape (n,).
    along_m
        How far along its line each lies.
    xy, across
        Its coordinates, and the unit vector to the left of the line; shape (n, 2) each.
    """

    line: NDArray[np.int64]
    along_m: NDArray[np.float64]
    xy: NDArray[np.float64]
    across: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.line)

    def ends(self, from_m: NDArray[np.float64], to_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates of the transects between two offsets, left positive: shape (n, 2, 2)."""
        return np.stack([self.xy + from_m[:, None] * self.across, self.xy + to_m[:, None] * self.across], axis=1)


def stations(lines: NDArray[np.object_], line: NDArray[np.int64], along_m: NDArray[np.float64]) -> Stations:
    """The stations at some distances along some of the lines (LineStrings in metres)."""
    on = lines[line]
    length = shapely.length(on)
    before = shapely.line_interpolate_point(on, np.clip(along_m - CHORD_M, 0, length))
    after = shapely.line_interpolate_point(on, np.clip(along_m + CHORD_M, 0, length))
    xy = shapely.get_coordinates(shapely.line_interpolate_point(on, np.clip(along_m, 0, length)))
    chord = shapely.get_coordinates(after) - shapely.get_coordinates(before)
    size = np.hypot(chord[:, 0], chord[:, 1])[:, None]
    ahead = np.divide(chord, size, out=np.tile([1.0, 0.0], (len(chord), 1)), where=size > 0)
    return Stations(line, along_m, xy, np.column_stack([-ahead[:, 1], ahead[:, 0]]))


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Polygons of road surface, cut small for the index.

    Attributes
    ----------
    pieces, certain
        Polygons, and whether each certainly is road surface; shape (n,) each.
    whole
        False where some surface has no shape, so that any road may be wider than what is drawn.
    """

    pieces: NDArray[np.object_]
    certain: NDArray[np.bool_]
    whole: bool
    tree: shapely.STRtree

    @classmethod
    def of(cls, shapes: NDArray[np.object_], certain: NDArray[np.bool_]) -> "Surfaces":
        """Surfaces from polygons; missing ones are counted, not drawn."""
        lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        pieces, owner = small_pieces(shapes[~lost])
        return cls(pieces, certain[~lost][owner], not lost.any(), shapely.STRtree(pieces))


def small_pieces(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Polygons cut in halves until none has more than some hundred points, and the number of the polygon of each.

    A transect then meets small pieces only, however large the polygon that a whole town's roads were dissolved into.
    """
    pieces, owner = shapely.get_parts(polygons, return_index=True)
    done, done_owner = [np.empty(0, dtype=object)], [np.empty(0, dtype=np.intp)]
    for cut in range(MOST_CUTS + 1):
        small = (shapely.get_num_coordinates(pieces) <= MOST_POINTS) | (cut == MOST_CUTS)
        done.append(pieces[small])
        done_owner.append(owner[small])
        large, of = pieces[~small], owner[~small]
        if not len(large):
            break
        west, south, east, north = shapely.bounds(large).T
        wide = east - west >= north - south
        x, y = np.where(wide, (west + east) / 2, east), np.where(wide, north, (south + north) / 2)
        first = shapely.intersection(large, shapely.box(west, south, x, y))
        x, y = np.where(wide, x, west), np.where(wide, south, y)
        second = shapely.intersection(large, shapely.box(x, y, east, north))
        parts, at = shapely.get_parts(np.concatenate([first, second]), return_index=True)
        flat = shapely.get_dimensions(parts) == 2
        pieces, owner = parts[flat], np.concatenate([of, of])[at[flat]]
    return np.concatenate(done), np.concatenate(done_owner)


@dataclass(frozen=True, eq=False)
class Widths:
    """How wide the surface is at each station, in metres.

    Attributes
    ----------
    least_m
        Without a gap, over what certainly is surface; 0 where the station lies on none.
    most_m
        Over everything that may be surface, strips up to :data:`STRIP_M` included; infinite where nothing is known.
    from_m, to_m
        The offsets between which ``least_m`` lies.
    """

    least_m: NDArray[np.float64]
    most_m: NDArray[np.float64]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]


def widths_at(places: Stations, surfaces: Surfaces) -> Widths:
    """The width of the surface across each station, read on both sides up to the farthest of :data:`REACHES_M`."""
    count = len(places)
    found = Widths(np.zeros(count), np.full(count, np.inf), np.zeros(count), np.zeros(count))
    left = np.arange(count)
    for reach_m in REACHES_M:
        if not len(left):
            break
        some = Stations(places.line[left], places.along_m[left], places.xy[left], places.across[left])
        station, low_m, high_m, certain = _crossed(some, surfaces, reach_m)
        sure_from, sure_to = _span(len(left), station[certain], low_m[certain], high_m[certain], JOIN_M)
        any_from, any_to = _span(len(left), station, low_m, high_m, STRIP_M)
        found.from_m[left], found.to_m[left] = sure_from, sure_to
        found.least_m[left] = sure_to - sure_from
        found.most_m[left] = np.where(any_to > any_from, any_to - any_from, np.inf)
        beyond = np.maximum(-any_from, any_to) > reach_m - STRIP_M
        left = left[beyond]
    if not surfaces.whole:
        found.most_m[:] = np.inf
    return found


def _crossed(
    places: Stations, surfaces: Surfaces, reach_m: float
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The stretches of the transects on each surface: station, offsets of both ends, and whether it is certain."""
    reach = np.full(len(places), reach_m)
    lines = shapely.linestrings(places.ends(-reach, reach))
    station, piece = surfaces.tree.query(lines, predicate="intersects")
    shared = shapely.intersection(lines[station], surfaces.pieces[piece])
    parts, pair = shapely.get_parts(shared, return_index=True)
    straight = (shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)
    parts, pair = parts[straight], pair[straight]
    station, piece = station[pair], piece[pair]
    first = shapely.get_coordinates(shapely.get_point(parts, 0)) - places.xy[station]
    last = shapely.get_coordinates(shapely.get_point(parts, -1)) - places.xy[station]
    offsets = np.stack([(end * places.across[station]).sum(axis=1) for end in (first, last)])
    return station, offsets.min(axis=0), offsets.max(axis=0), surfaces.certain[piece]


def _span(
    count: int, station: NDArray[np.intp], low_m: NDArray[np.float64], high_m: NDArray[np.float64], gap_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Between what offsets each station's own stretch lies once stretches up to a gap apart are joined; 0, 0: none."""
    start, stop = np.zeros(count), np.zeros(count)
    if not len(station):
        return start, stop
    order = np.lexsort((low_m, station))
    station, low_m, high_m = station[order], low_m[order], high_m[order]
    # Each station's offsets are moved to ground of their own, so that one running maximum serves all of them.
    room_m = 4 * REACHES_M[-1]
    far = np.maximum.accumulate(high_m + station * room_m)
    opens = np.r_[True, (low_m + station * room_m)[1:] > far[:-1] + gap_m]
    first = np.flatnonzero(opens)
    last = np.r_[first[1:], len(station)] - 1
    run_low, run_high, run_station = low_m[first], far[last] - station[last] * room_m, station[first]
    own = (run_low <= JOIN_M) & (run_high >= -JOIN_M)
    start[run_station[own]], stop[run_station[own]] = run_low[own], run_high[own]
    return start, stop
