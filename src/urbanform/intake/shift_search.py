"""The one translation, if there is one, that lays shapes in place upon others.

Every translation on a grid of 4 m up to 1.5 km is tried at once: the points of the moved shapes and the ground on which
they should not stand are counted into cells, and a cross-correlation by Fourier transform gives the hits of each
translation. A true one stands out from those around it, as a sharp peak; a drift into empty country does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import Affine, features
from scipy import fft

CELL_M = 4.0
REACH_M = 1500.0
# The neighbourhood of a translation from which a true one must stand out, and the most that its top may be wide.
_AROUND_M = 60.0
_TOP_M = 40.0
_TOP_SHARE = 0.85
_RIVALS = 4
_BIGGEST_TILE_M = 1600.0

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.float32]
"""Whole numbers of some thousands, which single precision holds at half the cost."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Cells that cover the points of a tile, and so far around them that no translation leads out of them."""

    west_m: float
    south_m: float
    rows: int
    columns: int

    @classmethod
    def around(cls, points: Floats) -> "Frame":
        """The frame of these points: shape (n, 2)."""
        margin = reach_m()
        west, south = np.floor((points.min(axis=0) - margin) / CELL_M) * CELL_M
        columns, rows = np.ceil((points.max(axis=0) + margin - (west, south)) / CELL_M).astype(int) + 1
        return cls(float(west), float(south), _quick_size(int(rows)), _quick_size(int(columns)))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, from the south, and columns, from the west."""
        return self.rows, self.columns

    @property
    def box(self) -> shapely.Geometry:
        """The ground that is covered."""
        return shapely.box(
            self.west_m, self.south_m, self.west_m + self.columns * CELL_M, self.south_m + self.rows * CELL_M
        )

    def cell_of(self, points: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Row and column of points: shape (n,) each; some may lie outside."""
        column, row = np.floor((points - (self.west_m, self.south_m)) / CELL_M).astype(np.int64).T
        return row, column


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the place: the points that are moved, and the cells that they should keep off (1, else 0)."""

    points: Floats
    barred: Cells
    frame: Frame


@dataclass(frozen=True, slots=True)
class Hits:
    """For each translation how many points of a tile come to stand on barred ground.

    ``counts`` has the axes north and east, both from the farthest contrary translation on.
    """

    points: int
    counts: Cells

    @property
    def largest_gain(self) -> float:
        """By how much the share of points on free ground rises at most, 0–1; by cells, not to the last point."""
        middle = len(self.counts) // 2
        return float(self.counts[middle, middle] - self.counts.min()) / self.points


@dataclass(frozen=True, slots=True)
class Peak:
    """A translation that stands out, with those elsewhere that stand out next.

    Attributes
    ----------
    move_m
        To the east and to the north.
    rivals_m
        The next best translations over 60 m from it and from one another, best first.
    """

    move_m: tuple[float, float]
    rivals_m: tuple[tuple[float, float], ...]


def tiles_of(points: Floats, most: int = 4) -> list[tuple[float, float, float, float]]:
    """Up to four parts of the place that hold many points each: west, south, east, north.

    A small place is quartered at its medians; of a large one the four squares of 1.6 km with the most points are taken.

    Parameters
    ----------
    points
        Shape (n, 2), metres.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    if (high - low).max() <= 2 * _BIGGEST_TILE_M:
        middle_x = float(np.median(points[:, 0]))
        parts = []
        for left, right in ((low[0], middle_x), (middle_x, high[0])):
            column = points[(points[:, 0] >= left) & (points[:, 0] <= right)]
            middle_y = float(np.median(column[:, 1]))
            parts += [(left, low[1], right, middle_y), (left, middle_y, right, high[1])]
        return parts
    column, row = np.floor((points - low) / _BIGGEST_TILE_M).astype(np.int64).T
    rows = int(row.max()) + 1
    unique, counts = np.unique(column * rows + row, return_counts=True)
    fullest = unique[np.argsort(-counts, kind="stable")[:most]]
    corners = low + np.stack([fullest // rows, fullest % rows], axis=1) * _BIGGEST_TILE_M
    return [(float(x), float(y), float(x + _BIGGEST_TILE_M), float(y + _BIGGEST_TILE_M)) for x, y in corners]


def line_cells(lines: npt.NDArray[np.object_], frame: Frame) -> Cells:
    """1 in the cells through which lines run, else 0."""
    cells = np.zeros(frame.shape, dtype=np.float32)
    row, column = frame.cell_of(shapely.get_coordinates(shapely.segmentize(lines, CELL_M / 2)))
    inside = (column >= 0) & (row >= 0) & (column < frame.columns) & (row < frame.rows)
    cells[row[inside], column[inside]] = 1.0
    return cells


def area_cells(polygons: npt.NDArray[np.object_], frame: Frame) -> Cells:
    """1 in the cells whose centre lies in a polygon, else 0."""
    if not len(polygons):
        return np.zeros(frame.shape, dtype=np.float32)
    downwards = Affine(CELL_M, 0.0, frame.west_m, 0.0, -CELL_M, frame.south_m + frame.rows * CELL_M)
    filled = features.rasterize(list(polygons), out_shape=frame.shape, transform=downwards, dtype="uint8")
    return np.asarray(filled[::-1], dtype=np.float32)


def hits_of(tile: Tile) -> Hits:
    """How many points of a tile come to stand on barred ground, for every translation at once."""
    rows, columns = tile.frame.shape
    row, column = tile.frame.cell_of(tile.points)
    south, west = int(row.min()), int(column.min())
    held, wide = int(row.max()) - south + 1, int(column.max()) - west + 1
    counts = np.bincount((row - south) * wide + column - west, minlength=held * wide).reshape(held, wide)
    # Rows without points need no transform, nor do those of translations out of reach.
    moved = fft.fft(fft.rfft(counts.astype(np.float32), columns), rows, axis=0, overwrite_x=True)
    spectrum = fft.rfft2(tile.barred)
    spectrum *= np.conj(moved, out=moved)
    reach = _reach_cells()
    steps = np.arange(-reach, reach + 1)
    northwards = fft.ifft(spectrum, axis=0, overwrite_x=True)[(steps + south) % rows]
    counted = fft.irfft(northwards, columns, overwrite_x=True).take((steps + west) % columns, axis=1)
    return Hits(len(tile.points), np.rint(counted, out=counted))


def best_translation(parts: Sequence[Hits]) -> Peak | None:
    """The translation that stands out most over all tiles together; None where none does at all."""
    if not parts:
        return None
    counts: Floats = np.sum([part.counts for part in parts], axis=0, dtype=np.float64)
    return _peak(1 - counts / sum(part.points for part in parts))


def _peak(share: Floats) -> Peak | None:
    reach = _reach_cells()
    around = int(_AROUND_M / CELL_M)
    contrast = share[around:-around, around:-around] - _mean_around(share, around)
    steps = np.arange(-(reach - around), reach - around + 1) * CELL_M
    north, east = np.meshgrid(steps, steps, indexing="ij")
    contrast = np.where(np.hypot(east, north) <= REACH_M, contrast, -np.inf)
    summits: list[tuple[float, float]] = []
    rest = contrast.copy()
    while len(summits) <= _RIVALS and rest.max() > 0:
        row, column = np.unravel_index(int(np.argmax(rest)), rest.shape)
        # Nothing farther off than this is looked at.
        about = (
            slice(max(0, int(row) - around), int(row) + around + 1),
            slice(max(0, int(column) - around), int(column) + around + 1),
        )
        away = np.hypot(east[about] - east[row, column], north[about] - north[row, column])
        # What is aligned stays so while it is moved by its leeway: the middle of the top is the best guess.
        top = (away <= _TOP_M) & (contrast[about] >= _TOP_SHARE * contrast[row, column])
        weight = contrast[about][top] / contrast[row, column] - _TOP_SHARE + 0.05
        middle = [float(np.average(side[about][top], weights=weight)) for side in (east, north)]
        summits.append((middle[0], middle[1]))
        rest[about][away <= _AROUND_M] = -np.inf
    return Peak(summits[0], tuple(summits[1:])) if summits else None


def _mean_around(values: Floats, cells: int) -> Floats:
    """The mean of the square of 2 × cells + 1 about each value that has a whole one."""
    side = 2 * cells + 1
    total = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    total[1:, 1:] = values.cumsum(axis=0).cumsum(axis=1)
    return np.asarray(
        (total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]) / side**2
    )


def reach_m() -> float:
    """How far a translation leads at most along either axis, with the surroundings of the last one."""
    return _reach_cells() * CELL_M


def _reach_cells() -> int:
    """How many cells a translation leads at most, with the surroundings of the last one."""
    return int((REACH_M + _AROUND_M) / CELL_M) + 1


def _quick_size(cells: int) -> int:
    """The next size that a Fourier transform does quickly: a product of 2, 3 and 5 alone."""
    while True:
        rest = cells
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return cells
        cells += 1
