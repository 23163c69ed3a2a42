"""The width that a road's surface holds over a length: not its widest spot, and not its mean."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from urbanform.measure.strands import Junctions, Strands, clear_stretches, strands, zones
from urbanform.measure.transects import Stations, Surfaces, stations, widths_at

HELD_M = 50.0
STEP_M = 10.0
FINE_STEP_M = 1.0
UNEVEN_M = 0.1
"""Where another 10 m would change the width by more than this, transects are taken every metre."""
TYPICAL_SHARE = 0.25
"""The quantile that stands for a road's width before its junctions are known; most of what disturbs it widens it."""


LEAST_ON_SURFACE = 0.5
"""A line has a surface of its own where at least this share of it lies on one."""


def typical_widths_m(lines: NDArray[np.object_], surfaces: Surfaces) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How wide the surface is along each line, junctions and all.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings in metres.

    Returns
    -------
    typical_m, widest_m
        Shape (n,) each: the lower quartile of the transects that lie on the surface, NaN where under half of them do
        (such a line only crosses the surfaces of others); and the widest that any transect may be, infinite where
        nothing is known of one.
    """
    parts, of = shapely.get_parts(lines, return_index=True)
    whole = clear_stretches(parts, np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))
    stretch, along_m = whole.every(STEP_M)
    part = whole.strand[stretch]
    found = widths_at(stations(parts, part, along_m), surfaces)
    on = pd.Series(np.where(found.least_m > 0, found.least_m, np.nan)).groupby(of[part])
    every = np.arange(len(lines))
    share = pd.Series(found.least_m > 0).groupby(of[part]).mean().reindex(every, fill_value=0.0).to_numpy(dtype=float)
    typical = on.quantile(TYPICAL_SHARE).reindex(every).to_numpy(dtype=float)
    widest = pd.Series(found.most_m).groupby(of[part]).max().reindex(every, fill_value=np.inf)
    return np.where(share >= LEAST_ON_SURFACE, typical, np.nan), widest.to_numpy(dtype=float)


@dataclass(frozen=True, eq=False)
class HeldWidths:
    """For each transect the greatest width that is held over 50 m of which it is part, in metres.

    Attributes
    ----------
    line
        The number of the line on which each transect lies; -1 where none.
    width_m
        Its own width.
    unbroken_m
        Held over 50 m between two junctions; NaN where the road is clear of junctions for less.
    across_m
        Held over 50 m, what lies near junctions left out; NaN where the whole road has less.
    whole_m
        Held over the whole road.
    most_m
        What may be held at most, by whatever may be surface.
    ends
        Its two ends, shape (n, 2, 2).
    run
        Transects of one stretch, in order, share a number.
    step_m
        How far apart they stand there.
    """

    line: NDArray[np.int64]
    width_m: NDArray[np.float64]
    unbroken_m: NDArray[np.float64]
    across_m: NDArray[np.float64]
    whole_m: NDArray[np.float64]
    most_m: NDArray[np.float64]
    ends: NDArray[np.float64]
    run: NDArray[np.int64]
    step_m: NDArray[np.float64]

    def of(self, owner: NDArray[np.int64], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Between what the width of each owner of lines lies: shape (count,) each, NaN for one without a transect.

        The least is what is held between two junctions; where no stretch is long enough for that, what is held with
        the junctions left out; of a shorter road, what it holds from end to end.

        Parameters
        ----------
        owner
            The owner of each line, -1 for none.
        count
            How many owners there are.
        """
        mine = self._owned(owner)
        least = _largest(self.unbroken_m, mine, count)
        for other in (self.across_m, self.whole_m):
            least = np.where(np.isnan(least), _largest(other, mine, count), least)
        return least, np.fmax(least, _largest(self.most_m, mine, count))

    def widest(self, owner: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The transects of the widest 50 m of each owner: their numbers, and the owner of each."""
        mine = self._owned(owner)
        held = np.where(np.isnan(self.unbroken_m), np.fmax(self.across_m, self.whole_m), self.unbroken_m)
        number = np.flatnonzero(mine >= 0)
        order = number[np.lexsort((number, -held[number], mine[number]))]
        first = np.r_[True, mine[order][1:] != mine[order][:-1]] if len(order) else np.zeros(0, dtype=bool)
        start = np.full(count, -1)
        start[mine[order[first]]] = order[first]
        best = start[mine[number]]
        shown = (number >= best) & (number < best + HELD_M / self.step_m[best]) & (self.run[number] == self.run[best])
        return number[shown], mine[number][shown]

    def _owned(self, owner: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.append(owner, -1)[self.line]


def held_widths(
    lines: NDArray[np.object_],
    group: NDArray[np.int64],
    meet: Junctions,
    zone_m: NDArray[np.float64],
    surfaces: Surfaces,
) -> HeldWidths:
    """The width that the surface holds along centrelines.

    Lines of one group are joined end to end. Transects stand every 10 m; those near a junction are left out. Where a
    width ends after some 50 m they stand every metre.

    Parameters
    ----------
    lines, group
        LineStrings or MultiLineStrings in metres, and the group of each.
    meet, zone_m
        The junctions of all roads, and how far about each of them transects are left out. Only junctions near a line
        matter; the lines that take part in one need not be among ``lines``.
    surfaces
        What the road is made of.
    """
    joined = strands(lines, group)
    clear = clear_stretches(joined.lines, *zones(joined.lines, meet, zone_m))
    stretch, along_m = clear.every(STEP_M)
    coarse = _read(joined, clear.strand[stretch], stretch, along_m, surfaces, STEP_M)
    longer = _held(coarse.width_m, stretch, round(HELD_M / STEP_M) + 1)
    uneven = np.flatnonzero(coarse.unbroken_m - longer > UNEVEN_M)
    again = np.isin(clear.strand, clear.strand[stretch[uneven]])
    if not again.any():
        return coarse
    fine_stretch, fine_m = clear.every(FINE_STEP_M)
    fine = again[fine_stretch]
    close = _read(joined, clear.strand[fine_stretch[fine]], fine_stretch[fine], fine_m[fine], surfaces, FINE_STEP_M)
    return _stacked(_only(coarse, ~again[stretch]), close)


def _read(
    joined: Strands,
    strand: NDArray[np.int64],
    stretch: NDArray[np.int64],
    along_m: NDArray[np.float64],
    surfaces: Surfaces,
    step_m: float,
) -> HeldWidths:
    places: Stations = stations(joined.lines, strand, along_m)
    found = widths_at(places, surfaces)
    count = round(HELD_M / step_m)
    most_m = _held(found.most_m, strand, count)
    # A road too short to hold anything over 50 m may be as wide as it is anywhere: its junctions hide the rest.
    most_m = np.where(np.isnan(most_m), _over_run(found.most_m, strand, np.maximum), most_m)
    return HeldWidths(
        joined.owners(strand, places.xy),
        found.least_m,
        _held(found.least_m, stretch, count),
        _held(found.least_m, strand, count),
        _over_run(found.least_m, strand, np.minimum),
        most_m,
        places.ends(found.from_m, found.to_m),
        stretch,
        np.full(len(stretch), step_m),
    )


def _held(width_m: NDArray[np.float64], run: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """For each transect the largest, over the rows of ``count`` neighbours of one run it is in, of their smallest."""
    best = np.full(len(width_m), np.nan)
    rows = len(width_m) - count + 1
    if rows < 1:
        return best
    least = sliding_window_view(width_m, count).min(axis=1)
    least = np.where(run[:rows] == run[count - 1 :], least, np.nan)
    for place in range(count):
        best[place : place + rows] = np.fmax(best[place : place + rows], least)
    return best


def _over_run(width_m: NDArray[np.float64], run: NDArray[np.int64], choose: np.ufunc) -> NDArray[np.float64]:
    if not len(run):
        return width_m
    first = np.flatnonzero(np.r_[True, run[1:] != run[:-1]])
    return np.repeat(choose.reduceat(width_m, first), np.diff(np.r_[first, len(run)]))


def _largest(values: NDArray[np.float64], owner: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    largest = np.full(count, -np.inf)
    known = (owner >= 0) & ~np.isnan(values)
    np.maximum.at(largest, owner[known], values[known])
    return np.where(np.isneginf(largest), np.nan, largest)


def _only(found: HeldWidths, kept: NDArray[np.bool_]) -> HeldWidths:
    return HeldWidths(*(getattr(found, name)[kept] for name in HeldWidths.__dataclass_fields__))


def _stacked(one: HeldWidths, other: HeldWidths) -> HeldWidths:
    names = HeldWidths.__dataclass_fields__
    return HeldWidths(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))
