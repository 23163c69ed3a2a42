"""Density of linework by cell, for the eye: the figures are judged on whole areas, never on cells."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure.linework import segments_of

Cell = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Row, from the south, and column, from the west."""


@dataclass(frozen=True, eq=False)
class Hexagons:
    """Some cells of a grid of regular hexagons with pointed tops.

    Attributes
    ----------
    west_m, south_m
        The middle of the cell in row 0 and column 0; odd rows stand half a cell further east.
    across_m
        The width from flat to flat.
    row, column
        Of each cell, 0 and up; shape (n,).
    """

    west_m: float
    south_m: float
    across_m: float
    row: NDArray[np.int64]
    column: NDArray[np.int64]

    @property
    def side_m(self) -> float:
        """The length of one side."""
        return float(self.across_m / np.sqrt(3))

    @cached_property
    def shapes(self) -> NDArray[np.object_]:
        """The cells as Polygons, shape (n,)."""
        x = self.west_m + (self.column + 0.5 * (self.row % 2)) * self.across_m
        y = self.south_m + self.row * 1.5 * self.side_m
        angle = np.radians(30 + 60 * np.arange(6))
        corners = np.stack(
            [x[:, None] + self.side_m * np.cos(angle), y[:, None] + self.side_m * np.sin(angle)], axis=-1
        )
        return np.asarray(shapely.polygons(corners))

    def of(self, rows: NDArray[np.bool_]) -> "Hexagons":
        """Some of the cells."""
        found = Hexagons(self.west_m, self.south_m, self.across_m, self.row[rows], self.column[rows])
        # Polygons take longer to make than to pass on.
        vars(found)["shapes"] = self.shapes[rows]
        return found

    def cell_of(self, xy: NDArray[np.float64]) -> Cell:
        """The cell of the whole grid in which each point lies; shape (m,) each for points of shape (m, 2)."""
        up = (xy[:, 1] - self.south_m) / (1.5 * self.side_m)
        right = (xy[:, 0] - self.west_m) / self.across_m - up / 2
        # Each is rounded, and the one that was rounded most follows from the other two (they add up to nothing).
        row, skew, rest = np.rint(up), np.rint(right), np.rint(-up - right)
        off_row, off_skew, off_rest = np.abs(row - up), np.abs(skew - right), np.abs(rest + up + right)
        skew_worst = (off_skew > off_row) & (off_skew > off_rest)
        row_worst = ~skew_worst & (off_row > off_rest)
        skew = np.where(skew_worst, -row - rest, skew)
        row = np.where(row_worst, -skew - rest, row).astype(np.int64)
        return row, skew.astype(np.int64) + row // 2

    def lengths_m(self, lines: NDArray[np.object_]) -> NDArray[np.float64]:
        """Length of the lines inside each cell: shape (n,). Lines on a shared edge go to either cell.

        The edges of the grid lie on three families of parallel lines half a cell apart: what lies between two
        crossings with these lies in one cell, whichever its middle is in.
        """
        ends = segments_of(lines).ends
        begun, ended = self.cell_of(ends[:, :2]), self.cell_of(ends[:, 2:])
        through = (begun[0] != ended[0]) | (begun[1] != ended[1])
        middles, cut_m = self._pieces(ends[through])
        cut = self.cell_of(middles)
        whole = ends[~through, 2:] - ends[~through, :2]
        row, column = (np.concatenate([inner[~through], other]) for inner, other in zip(begun, cut, strict=True))
        length_m = np.concatenate([np.hypot(whole[:, 0], whole[:, 1]), cut_m])
        # What lies in no cell that was asked for goes into a row or column more, which is not given back.
        number = np.full((int(self.row.max(initial=0)) + 2, int(self.column.max(initial=0)) + 2), len(self.row))
        number[self.row, self.column] = np.arange(len(self.row))
        last_row, last_column = number.shape[0] - 1, number.shape[1] - 1
        cell = number[
            np.where(row < 0, last_row, np.minimum(row, last_row)),
            np.where(column < 0, last_column, np.minimum(column, last_column)),
        ]
        return np.bincount(cell, length_m, len(self.row) + 1)[: len(self.row)].astype(np.float64)

    def _pieces(self, ends: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Segments cut wherever they cross an edge line of the grid: middle and length of every piece."""
        count = len(ends)
        angle = np.radians([0.0, 60.0, 120.0])
        normal = np.stack([np.cos(angle), np.sin(angle)])
        half_m = self.across_m / 2
        start = (ends[:, :2] - (self.west_m, self.south_m)) @ normal / half_m
        stop = (ends[:, 2:] - (self.west_m, self.south_m)) @ normal / half_m
        low, high = np.minimum(start, stop), np.maximum(start, stop)
        first = np.ceil(low)
        crossed = np.maximum(np.floor(high) - first + 1, 0).astype(np.int64)
        times = crossed.ravel()
        nth = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        line_at = np.repeat(first.ravel(), times) + nth
        begun, ended = np.repeat(start.ravel(), times), np.repeat(stop.ravel(), times)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.nan_to_num((line_at - begun) / (ended - begun))
        segment = np.concatenate([np.repeat(np.arange(3 * count) // 3, times), np.arange(count), np.arange(count)])
        share = np.concatenate([np.clip(share, 0, 1), np.zeros(count), np.ones(count)])
        order = np.lexsort((share, segment))
        segment, share = segment[order], share[order]
        same = np.flatnonzero(segment[1:] == segment[:-1])
        segment, low_share, high_share = segment[same], share[same], share[same + 1]
        step = ends[:, 2:] - ends[:, :2]
        middles = ends[segment, :2] + ((low_share + high_share) / 2)[:, None] * step[segment]
        return middles, (high_share - low_share) * np.hypot(step[:, 0], step[:, 1])[segment]


def hexagons_over(area: shapely.Geometry, across_m: float) -> Hexagons:
    """Regular hexagons with pointed tops, ``across_m`` wide from flat to flat, that meet ``area``.

    The grid stands on the lower left corner of the area's extent.
    """
    west, south, east, north = (float(edge) for edge in shapely.bounds(area))
    rows = np.arange(int(np.ceil((north - south) / (1.5 * across_m / np.sqrt(3)))) + 2)
    columns = np.arange(int(np.ceil((east - west) / across_m)) + 2)
    column, row = (grid.ravel() for grid in np.meshgrid(columns, rows))
    grid = Hexagons(west, south, across_m, row, column)
    shapely.prepare(area)
    return grid.of(shapely.intersects(area, grid.shapes))
