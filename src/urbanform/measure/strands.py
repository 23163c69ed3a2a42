"""Strands: centrelines joined end to end, their junctions, and the stretches between these."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.contiguous import lump_numbers

SNAP_M = 0.5
"""Ends of centrelines that lie this near to one another, or to a line, are meant to meet it."""
BESIDE_M = 0.1


@dataclass(frozen=True, eq=False)
class Strands:
    """Lines joined end to end within each group.

    Attributes
    ----------
    lines
        LineStrings in metres, shape (n,).
    group
        The group of each.
    parts, part_of, part_group
        The pieces that they were made of, the number of the line that each comes from, and its group.
    """

    lines: NDArray[np.object_]
    group: NDArray[np.int64]
    parts: NDArray[np.object_]
    part_of: NDArray[np.int64]
    part_group: NDArray[np.int64]

    def owners(self, strand: NDArray[np.int64], xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """The number of the original line on which each point of a strand lies; the lowest where several run there.

        -1 where there is none.
        """
        found = np.full(len(xy), np.iinfo(np.int64).max)
        tree = shapely.STRtree(self.parts)
        point, part = tree.query(shapely.points(xy), predicate="dwithin", distance=SNAP_M / 10)
        same = self.part_group[part] == self.group[strand[point]]
        np.minimum.at(found, point[same], self.part_of[part[same]])
        return np.where(found == np.iinfo(np.int64).max, -1, found)


def strands(lines: NDArray[np.object_], group: NDArray[np.int64]) -> Strands:
    """Join the lines of each group end to end, wherever exactly two ends meet.

    Ends up to :data:`SNAP_M` apart meet; copies of a line within a group count once.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres; missing and empty ones give nothing.
    group
        The group of each, shape (n,).
    """
    parts, of = shapely.get_parts(lines, return_index=True)
    straight = (shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)
    parts, of = parts[straight], of[straight]
    parts = _snapped(parts)
    straight = shapely.length(parts) > 0
    parts, of = parts[straight], of[straight].astype(np.int64)
    owner = group[of]
    shape = shapely.to_wkb(shapely.normalize(parts))
    once = ~pd.DataFrame({"shape": shape, "group": owner}).duplicated().to_numpy(dtype=bool)
    order = np.argsort(owner[once], kind="stable")
    groups, number = np.unique(owner[once][order], return_inverse=True)
    merged = shapely.line_merge(shapely.multilinestrings(parts[once][order], indices=number))
    joined, at = shapely.get_parts(merged, return_index=True)
    return Strands(joined, groups[at].astype(np.int64), parts, of, owner)


def _snapped(parts: NDArray[np.object_]) -> NDArray[np.object_]:
    """The same lines with ends that nearly meet moved onto one another."""
    if not len(parts):
        return parts
    xy, part = shapely.get_coordinates(parts, return_index=True)
    first = np.flatnonzero(np.r_[True, part[1:] != part[:-1]])
    last = np.r_[first[1:], len(xy)] - 1
    # A line shorter than twice the distance would fold up.
    long = np.repeat(shapely.length(parts) > 2 * SNAP_M, 2)
    ends = np.stack([first, last], axis=1).ravel()[long]
    points = shapely.points(xy[ends])
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=SNAP_M)
    xy[ends] = xy[ends][lump_numbers(len(ends), (one, other))]
    return shapely.linestrings(xy, indices=part)


@dataclass(frozen=True, eq=False)
class Junctions:
    """Points where three or more arms of roads meet.

    ``at`` holds Points; ``near`` and ``line`` the pairs of a junction and a line that takes part in it.
    """

    at: NDArray[np.object_]
    near: NDArray[np.intp]
    line: NDArray[np.intp]


def junctions(lines: NDArray[np.object_]) -> Junctions:
    """Where lines cross, touch, or end on one another with at least three arms.

    A line that runs on past a point has two arms there, one that ends there has one. Two ends that meet are no
    junction.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres, whole: cut at an edge they would end there.
    """
    parts, of = shapely.get_parts(lines, return_index=True)
    straight = shapely.length(parts) > 0
    parts, of = parts[straight], of[straight]
    starts, stops = shapely.get_point(parts, 0), shapely.get_point(parts, -1)
    tree = shapely.STRtree(parts)
    one, other = tree.query(parts, predicate="intersects")
    once = one < other
    meets = shapely.get_parts(shapely.get_parts(shapely.intersection(parts[one[once]], parts[other[once]])))
    meets = meets[shapely.get_dimensions(meets) == 0]
    points = np.unique(shapely.get_coordinates(np.concatenate([starts, stops, meets])), axis=0)
    places = shapely.points(points)
    place, part = tree.query(places, predicate="dwithin", distance=SNAP_M)
    begins = shapely.distance(starts[part], places[place]) <= SNAP_M
    ends = shapely.distance(stops[part], places[place]) <= SNAP_M
    arms = np.where(begins | ends, begins.astype(int) + ends, 2)
    total = np.bincount(place, weights=arms, minlength=len(places))
    number = np.cumsum(total >= 3) - 1
    real = total[place] >= 3
    return Junctions(places[total >= 3], number[place[real]], of[part[real]])


def zones(
    lines: NDArray[np.object_], meet: Junctions, zone_m: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Where the zones about junctions lie along lines: as :func:`clear_stretches` wants them.

    A line that passes a junction twice, crossing itself there, has a zone at either passage. A junction off the line,
    as beyond its end where it was cut, reaches along it as far as its zone is wider than that.

    Parameters
    ----------
    lines
        LineStrings in metres.
    meet, zone_m
        The junctions, and how far about each its zone reaches.
    """
    junction, line = shapely.STRtree(lines).query(meet.at, predicate="dwithin", distance=zone_m)
    at, zone, on = meet.at[junction], zone_m[junction], lines[line]
    off_m = shapely.distance(at, on)
    passed = off_m <= SNAP_M
    # Just beside the junction each passage is a place of its own.
    disc = shapely.buffer(at[passed], off_m[passed] + BESIDE_M)
    parts, of = shapely.get_parts(shapely.intersection(on[passed], disc), return_index=True)
    straight = shapely.get_dimensions(parts) == 1
    parts, of = parts[straight], np.flatnonzero(passed)[of[straight]]
    beside, of = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)]), np.tile(of, 2)
    away_m = shapely.distance(beside, at[of])
    along_m = np.sqrt(np.maximum(away_m**2 - off_m[of] ** 2, 0))
    real = along_m >= BESIDE_M / 2
    of, along_m = of[real], along_m[real]
    far = np.flatnonzero(~passed)
    number = np.concatenate([of, far])
    place_m = np.concatenate(
        [shapely.line_locate_point(on[of], beside[real]), shapely.line_locate_point(on[far], at[far])]
    )
    reach_m = zone[number] - np.concatenate([along_m, off_m[far]])
    wide = reach_m > 0
    return line[number][wide].astype(np.int64), place_m[wide], reach_m[wide]


@dataclass(frozen=True, eq=False)
class Stretches:
    """Parts of strands: the strand of each, and from where to where along it, in metres; in order along each."""

    strand: NDArray[np.int64]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]

    def every(self, step_m: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The stretch of each station, and how far along its strand it lies.

        A station stands in the middle of each full step; the steps lie in the middle of the stretch, so that a line
        drawn the other way has the same ones. A stretch shorter than a step has a single one.
        """
        length_m = self.to_m - self.from_m
        count = np.maximum(np.floor(length_m / step_m + 1e-9).astype(np.int64), 1)
        stretch = np.repeat(np.arange(len(count)), count)
        place = np.arange(len(stretch)) - np.repeat(np.cumsum(count) - count, count)
        middle_m = (self.from_m + self.to_m) / 2
        return stretch, middle_m[stretch] + (place - (count[stretch] - 1) / 2) * step_m


def clear_stretches(
    lines: NDArray[np.object_], line: NDArray[np.int64], at_m: NDArray[np.float64], zone_m: NDArray[np.float64]
) -> Stretches:
    """What is left of lines once a zone to either side of some points on them is left out.

    Parameters
    ----------
    lines
        LineStrings in metres.
    line, at_m, zone_m
        The number of the line of each point, how far along it the point lies, and how far its zone reaches.
    """
    length = shapely.length(lines)
    # On a closed line a zone runs on over the seam.
    ring = shapely.is_closed(lines)[line]
    turn_m = length[line[ring]]
    at_m = np.concatenate([at_m, at_m[ring] - turn_m, at_m[ring] + turn_m])
    line = np.concatenate([line, line[ring], line[ring]])
    zone_m = np.concatenate([zone_m, zone_m[ring], zone_m[ring]])
    all_lines = np.arange(len(lines))
    # Each line opens with a zone of no length at its start and closes with one at its end.
    of = np.concatenate([all_lines, line, all_lines])
    low = np.concatenate([np.zeros(len(lines)), np.clip(at_m - zone_m, 0, length[line]), length])
    high = np.concatenate([np.zeros(len(lines)), np.clip(at_m + zone_m, 0, length[line]), length])
    order = np.lexsort((high, low, of))
    of, low, high = of[order], low[order], high[order]
    room_m = float(length.max(initial=0.0)) + 1.0
    far = np.maximum.accumulate(high + of * room_m) - of * room_m
    next_low, same = np.r_[low[1:], 0.0], np.r_[of[1:] == of[:-1], False]
    clear = same & (next_low - far > 1e-6)
    return Stretches(of[clear].astype(np.int64), far[clear], next_low[clear])
