"""The ground of a static picture: the layers handed in, in grey, burnt into pixels at the detail of the picture.

A layer is filled in one sweep over its edges, and of a layer of very many shapes a wide view shows one pixel each: a
city of 300,000 buildings takes a fraction of a second, where drawing each of them would take half a minute.

References
    Scan conversion of polygons by the non-zero winding rule: Foley, van Dam, Feiner, Hughes (1990), Computer Graphics,
    chapter 3; clipping of segments to a window: Liang, Barsky (1984), doi:10.1145/357332.357333.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from urbanform.model.submission import Layer, Submission
from urbanform.output.backdrop import SHADES, Extent, Shade, Style

PAPER = "#ffffff"
STROKED_BELOW_M = 2.0
"""Metres per pixel under which areas get their outlines and lines are two pixels wide."""
FAINT_ABOVE_M = 6.0
"""Metres per pixel above which lines, which then lie close together, are drawn half as strong."""
MOST_TRACED = 100_000
"""Features of a layer above which only those near the view are read, and in a faint view drawn as a pixel each."""
EDGES_AT_ONCE = 200_000

_TYPES: dict[Style, tuple[int, int]] = {
    "area": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
    "outline": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
    "line": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "point": (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT),
}


@dataclass(frozen=True, slots=True)
class View:
    """A window on the plane and the pixels it is drawn with, which are square."""

    west: float
    north: float
    metres_per_pixel: float
    width_px: int
    height_px: int

    @property
    def extent_m(self) -> Extent:
        """West, south, east, north in the working CRS."""
        east = self.west + self.width_px * self.metres_per_pixel
        return self.west, self.north - self.height_px * self.metres_per_pixel, east, self.north

    def pixels(self, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns and rows, with fractions, of points (n, 2) in metres; rows count downward from the upper edge."""
        return (corners[:, 0] - self.west) / self.metres_per_pixel, (self.north - corners[:, 1]) / self.metres_per_pixel


def view_of(extent_m: Extent, width_px: int, height_px: int, margin: float = 0.06) -> View:
    """The smallest view of the given pixels that holds an extent with a margin, the extent in its middle."""
    west, south, east, north = extent_m
    metres = max((east - west) / width_px, (north - south) / height_px) * (1 + 2 * margin)
    metres = metres if metres > 0 else 1.0
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return View(middle_x - metres * width_px / 2, middle_y + metres * height_px / 2, metres, width_px, height_px)


@dataclass(frozen=True, slots=True)
class _Strokes:
    """The rings, lines or points of a layer: corners (n, 2), where each part starts, and the sense in which it fills.

    ``sense`` is 1 for a ring that runs as an outer ring should (the area on its left) or a hole that runs against it,
    else -1; 0 for lines.
    """

    corners: np.ndarray
    starts: np.ndarray
    sense: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def joined(cls, some: Sequence["_Strokes"]) -> "_Strokes":
        """The parts of several layers, or of several batches of one."""
        every = [_points(np.empty((0, 2))), *some]
        begun = np.cumsum([0, *(len(item.corners) for item in every)])[:-1]
        starts = [item.starts + start for item, start in zip(every, begun, strict=True)]
        columns = zip(*((item.corners, item.sense, item.low, item.high) for item in every), strict=True)
        corners, sense, low, high = (np.concatenate(column) for column in columns)
        return cls(corners, np.concatenate(starts), sense, low, high)

    def near(self, view: View) -> "_Strokes":
        """Only the parts whose extent meets a view."""
        west, south, east, north = view.extent_m
        kept = (
            (self.low[:, 0] <= east)
            & (self.high[:, 0] >= west)
            & (self.low[:, 1] <= north)
            & (self.high[:, 1] >= south)
        )
        if kept.all():
            return self
        if self.low is self.corners:
            return _points(self.corners[kept])
        sizes = np.diff(np.append(self.starts, len(self.corners)))
        starts = np.concatenate([[0], np.cumsum(sizes[kept])])[:-1]
        return _Strokes(self.corners[np.repeat(kept, sizes)], starts, self.sense[kept], self.low[kept], self.high[kept])

    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """The corner that each edge starts from, and the sense of its part."""
        inner = np.ones(len(self.corners), dtype=bool)
        inner[np.append(self.starts[1:], len(self.corners)) - 1] = False
        sizes = np.diff(np.append(self.starts, len(self.corners)))
        return np.flatnonzero(inner), np.repeat(self.sense, sizes)[inner]


class Ground:
    """The layers of one submission as the ground of its pictures; read once, drawn once for each view."""

    def __init__(self, submission: Submission) -> None:
        self._layers = {
            role: submission.layers[role] for role, shade in SHADES.items() if role in submission.layers and shade.shown
        }
        self._strokes: dict[str, _Strokes] = {}
        self._drawn: dict[View, np.ndarray] = {}

    def drawn(self, view: View) -> np.ndarray:
        """The ground in a view: (height, width, 3) uint8, white where nothing lies.

        Sound shapes only; an area smaller than a pixel shows where it covers the pixel's centre.
        """
        if view not in self._drawn:
            canvas = np.full((view.height_px, view.width_px, 3), _rgb(PAPER), dtype=np.uint8)
            for role, layer in self._layers.items():
                _draw(canvas, self._traced(role, layer, view), SHADES[role], view)
            self._drawn[view] = canvas
        return self._drawn[view]

    def _traced(self, role: str, layer: Layer, view: View) -> _Strokes:
        """What is drawn of a layer in a view."""
        style = SHADES[role].style
        many = len(layer) > MOST_TRACED
        dots = many and style == "area" and view.metres_per_pixel > FAINT_ABOVE_M
        if many and not dots:
            return _Strokes.joined([_strokes(_shapes(b, style), style) for b in layer.batches((), view.extent_m)])
        if role not in self._strokes:
            if many:
                self._strokes[role] = _points(np.concatenate([_middles(_shapes(b, style)) for b in layer.batches()]))
            else:
                self._strokes[role] = _strokes(_shapes(layer.frame(), style), style)
        return self._strokes[role].near(view)


def _draw(canvas: np.ndarray, strokes: _Strokes, shade: Shade, view: View) -> None:
    if not len(strokes.corners):
        return
    close = view.metres_per_pixel < STROKED_BELOW_M
    if shade.style == "point":
        canvas[_widened(_dotted(strokes, view))] = _rgb(shade.fill)
    elif shade.style == "area":
        if len(strokes.starts) == len(strokes.corners):
            canvas[_dotted(strokes, view)] = _rgb(shade.fill, 0.5)
        else:
            canvas[_filled(strokes, view)] = _rgb(shade.fill)
        if close:
            canvas[_stroked(strokes, view)] = _rgb(shade.stroke)
    else:
        lines = _stroked(strokes, view)
        faint = shade.style == "line" and view.metres_per_pixel > FAINT_ABOVE_M
        canvas[_widened(lines) if close else lines] = _rgb(shade.stroke, 0.5 if faint else 1.0)


def _shapes(frame: gpd.GeoDataFrame, style: Style) -> np.ndarray:
    """The sound shapes of the kind that a style draws."""
    shapes = frame.geometry.to_numpy()[frame["sound"].to_numpy(dtype=bool)]
    wanted = np.isin(shapely.get_type_id(shapes), _TYPES[style]) & ~shapely.is_empty(shapes)
    return np.asarray(shapes[wanted], dtype=object)


def _strokes(shapes: np.ndarray, style: Style) -> _Strokes:
    if not len(shapes):
        return _points(np.empty((0, 2)))
    _, corners, offsets = shapely.to_ragged_array(shapes, include_z=False)
    if style == "point":
        return _points(corners)
    starts = np.asarray(offsets[0][:-1], dtype=int)
    sense = np.zeros(len(starts), dtype=np.int8)
    if style in ("area", "outline"):
        outer = np.zeros(len(starts), dtype=bool)
        outer[offsets[1][:-1]] = True
        sense = (np.where(outer, 1, -1) * np.sign(_signed_areas(corners, starts))).astype(np.int8)
    low, high = np.minimum.reduceat(corners, starts, axis=0), np.maximum.reduceat(corners, starts, axis=0)
    return _Strokes(corners, starts, sense, low, high)


def _middles(shapes: np.ndarray) -> np.ndarray:
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    return np.column_stack([(west + east) / 2, (south + north) / 2])


def _points(corners: np.ndarray) -> _Strokes:
    return _Strokes(corners, np.arange(len(corners)), np.broadcast_to(np.int8(0), len(corners)), corners, corners)


def _signed_areas(corners: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Twice the area of each closed ring, positive where it runs counter-clockwise."""
    near = corners - corners[0]
    x, y = near[:, 0], near[:, 1]
    cross = np.zeros(len(corners))
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[np.append(starts[1:], len(corners)) - 1] = 0.0
    return np.add.reduceat(cross, starts)


def _filled(strokes: _Strokes, view: View) -> np.ndarray:
    """Which pixel centres lie inside any polygon: (height, width) bool."""
    column, row = view.pixels(strokes.corners)
    steps = np.zeros((view.height_px, view.width_px + 1))
    for at, sense in _some(*strokes.edges()):
        steps += _windings(column[at], column[at + 1], row[at], row[at + 1], sense, view)
    winding = np.cumsum(steps, axis=1)
    return np.asarray(winding[:, :-1] > 0.5)


def _windings(
    column0: np.ndarray, column1: np.ndarray, row0: np.ndarray, row1: np.ndarray, sense: np.ndarray, view: View
) -> np.ndarray:
    """By how much the winding number changes at each pixel where edges cross a line of pixel centres."""
    first = np.clip(np.ceil(np.minimum(row0, row1) - 0.5), 0, view.height_px).astype(int)
    past = np.clip(np.ceil(np.maximum(row0, row1) - 0.5), 0, view.height_px).astype(int)
    crossing = np.flatnonzero(past > first)
    column0, column1, row0, row1 = column0[crossing], column1[crossing], row0[crossing], row1[crossing]
    times = (past - first)[crossing]
    edge = np.repeat(np.arange(len(crossing)), times)
    line = first[crossing][edge] + np.arange(len(edge)) - np.repeat(np.cumsum(times) - times, times)
    share = (line + 0.5 - row0[edge]) / (row1 - row0)[edge]
    where = np.clip(np.ceil(column0[edge] + share * (column1 - column0)[edge] - 0.5), 0, view.width_px).astype(int)
    turn = np.where(row1 > row0, sense[crossing], -sense[crossing])[edge]
    cells = view.height_px * (view.width_px + 1)
    counts = np.bincount(line * (view.width_px + 1) + where, weights=turn, minlength=cells)
    return counts.reshape(view.height_px, view.width_px + 1)


def _stroked(strokes: _Strokes, view: View) -> np.ndarray:
    """Which pixels the edges run through, one pixel wide: (height, width) bool."""
    column, row = view.pixels(strokes.corners)
    mask = np.zeros((view.height_px, view.width_px), dtype=bool)
    for at, _ in _some(*strokes.edges()):
        mask |= _run_through(column[at], row[at], column[at + 1] - column[at], row[at + 1] - row[at], view)
    return mask


def _run_through(x: np.ndarray, y: np.ndarray, dx: np.ndarray, dy: np.ndarray, view: View) -> np.ndarray:
    """The pixels of edges that begin at x, y and go by dx, dy."""
    enter, leave = np.zeros(len(x)), np.ones(len(x))
    outside = np.zeros(len(x), dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        for start, step, most in ((x, dx, view.width_px), (y, dy, view.height_px)):
            ends = np.sort([-start / step, (most - start) / step], axis=0)
            moves = step != 0
            enter = np.where(moves, np.maximum(enter, ends[0]), enter)
            leave = np.where(moves, np.minimum(leave, ends[1]), leave)
            outside |= ~moves & ((start < 0) | (start >= most))
    inside = np.flatnonzero(~outside & (leave >= enter))
    x, y, dx, dy, enter, leave = (values[inside] for values in (x, y, dx, dy, enter, leave))
    steps = np.ceil(np.maximum(np.abs(dx), np.abs(dy)) * (leave - enter)).astype(int) + 1
    edge = np.repeat(np.arange(len(inside)), steps)
    place = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = enter[edge] + (leave - enter)[edge] * place / np.maximum(steps - 1, 1)[edge]
    return _marked(x[edge] + share * dx[edge], y[edge] + share * dy[edge], view)


def _some(at: np.ndarray, sense: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Edges some at a time, so that memory does not grow with the place."""
    for start in range(0, len(at), EDGES_AT_ONCE):
        yield at[start : start + EDGES_AT_ONCE], sense[start : start + EDGES_AT_ONCE]


def _dotted(strokes: _Strokes, view: View) -> np.ndarray:
    mask = np.zeros((view.height_px, view.width_px), dtype=bool)
    for start in range(0, len(strokes.corners), EDGES_AT_ONCE):
        mask |= _marked(*view.pixels(strokes.corners[start : start + EDGES_AT_ONCE]), view)
    return mask


def _marked(column: np.ndarray, row: np.ndarray, view: View) -> np.ndarray:
    mask = np.zeros((view.height_px, view.width_px), dtype=bool)
    at_x, at_y = np.floor(column).astype(int), np.floor(row).astype(int)
    inside = (at_x >= 0) & (at_x < view.width_px) & (at_y >= 0) & (at_y < view.height_px)
    mask[at_y[inside], at_x[inside]] = True
    return mask


def _widened(mask: np.ndarray) -> np.ndarray:
    """A mask grown by a pixel to the right and downward."""
    wide = mask.copy()
    wide[:, 1:] |= mask[:, :-1]
    wide[1:] |= wide[:-1].copy()
    return wide


def _rgb(colour: str, strength: float = 1.0) -> tuple[int, ...]:
    return tuple(round(255 - (255 - int(colour[at : at + 2], 16)) * strength) for at in (1, 3, 5))
