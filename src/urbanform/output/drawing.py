"""One static drawing: shapes, numbers, scale bar and north arrow over a ground, as PNG. Knows no finding.

Only Latin letters and digits are written, in the typeface that matplotlib brings along; matplotlib is loaded when the
first drawing is made.
"""

import io
import math
from typing import Any

import numpy as np
import shapely

from urbanform.output.ground import PAPER, View

DOTS_PER_INCH = 160
MANY_DOTS = 150
_INK = "#111111"


class Drawing:
    """A sheet of the pixels of a view; shapes are in metres, widths in points, colours (n, 4) between 0 and 1."""

    def __init__(self, view: View, ground: np.ndarray | None) -> None:
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        # A reader's own settings of matplotlib must not change a document that is the same for the same input.
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            size = (view.width_px / DOTS_PER_INCH, view.height_px / DOTS_PER_INCH)
            self._figure = Figure(figsize=size, dpi=DOTS_PER_INCH)
            self._canvas: Any = FigureCanvasAgg(self._figure)
            self._axes = self._figure.add_axes((0.0, 0.0, 1.0, 1.0))
        west, south, east, north = view.extent_m
        self._view = view
        self._axes.set_axis_off()
        self._ground = ground
        self._figure.patch.set_visible(ground is None)
        self._axes.set_xlim(west, east)
        self._axes.set_ylim(south, north)
        self._axes.set_aspect("auto")

    def png(self) -> bytes:
        """The drawing; the same bytes for the same shapes."""
        from PIL import Image

        renderer = self._canvas.get_renderer()
        renderer.clear()
        if self._ground is not None:
            # Pixel for pixel: an image among the axes' shapes would be resampled. Agg counts rows from below.
            opaque = np.dstack([self._ground, np.full(self._ground.shape[:2], 255, dtype=np.uint8)])
            renderer.draw_image(renderer.new_gc(), 0, 0, np.ascontiguousarray(opaque[::-1]))
        self._figure.draw(renderer)
        pixels = np.ascontiguousarray(np.asarray(self._canvas.buffer_rgba())[..., :3])
        held = io.BytesIO()
        Image.fromarray(pixels).save(held, "PNG", compress_level=4, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
        return held.getvalue()

    def areas(
        self, shapes: np.ndarray, fills: np.ndarray, stroke: str, width: float, dash: str | None, over: float
    ) -> None:
        """Polygons of one part or several, with their holes."""
        from matplotlib.collections import PathCollection

        self._axes.add_collection(
            PathCollection(
                [_path(shape) for shape in shapes],
                facecolors=fills,
                edgecolors=stroke,
                linewidths=width,
                linestyles=_dashes(dash),
                zorder=over,
            ),
            autolim=False,
        )

    def lines(self, shapes: np.ndarray, colours: np.ndarray | str, width: float, dash: str | None, over: float) -> None:
        """Lines, or the outlines of areas, clipped to the view."""
        from matplotlib.collections import LineCollection

        west, south, east, north = self._view.extent_m
        near = self._view.metres_per_pixel * 20
        edges = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
        clipped = shapely.clip_by_rect(edges, west - near, south - near, east + near, north + near)
        parts, of = shapely.get_parts(clipped, return_index=True)
        runs = shapely.get_dimensions(parts) == 1
        parts, of = parts[runs], of[runs]
        self._axes.add_collection(
            LineCollection(
                [shapely.get_coordinates(part) for part in parts],
                colors=colours if isinstance(colours, str) else colours[of],
                linewidths=width,
                linestyles=_dashes(dash),
                zorder=over,
            ),
            autolim=False,
        )

    def dots(self, places: np.ndarray, colours: np.ndarray, over: float) -> None:
        """Round dots at points (n, 2), smaller where they are many."""
        many = len(places) > MANY_DOTS
        self._axes.scatter(
            places[:, 0],
            places[:, 1],
            s=5 if many else 16,
            c=colours,
            edgecolors="none" if many else PAPER,
            linewidths=0.5,
            zorder=over,
        )

    def rings(self, places: np.ndarray, stroke: str, over: float) -> None:
        """Hollow rings round points (n, 2), to show where something small lies."""
        for width, colour in ((2.6, PAPER), (1.3, stroke)):
            self._axes.scatter(
                places[:, 0], places[:, 1], s=90, facecolors="none", edgecolors=colour, linewidths=width, zorder=over
            )

    def write(self, x: float, y: float, text: str, size: float, over: float) -> None:
        """Letters in black on a white rim, their middle at the point."""
        from matplotlib.patheffects import withStroke

        self._axes.text(
            x,
            y,
            text,
            fontsize=size,
            fontweight="bold",
            fontfamily="DejaVu Sans",
            color=_INK,
            ha="center",
            va="center",
            clip_on=True,
            zorder=over,
            path_effects=[withStroke(linewidth=2.4, foreground=PAPER)],
        )

    def furnish(self, over: float) -> None:
        """A scale bar at the lower left, a north arrow at the upper right, a thin frame."""
        from matplotlib.patches import Polygon, Rectangle

        west, south, east, north = self._view.extent_m
        metre = self._view.metres_per_pixel
        length_m = round_length_m(metre * self._view.width_px / 4)
        left, low = west + 18 * metre, south + 16 * metre
        for half, colour in ((0, _INK), (1, PAPER)):
            corner = (left + half * length_m / 2, low)
            self._axes.add_patch(
                Rectangle(corner, length_m / 2, 6 * metre, facecolor=colour, edgecolor=_INK, linewidth=0.7, zorder=over)
            )
        label = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
        self.write(left + length_m / 2, low + 18 * metre, label, 7.5, over)
        x, y = east - 30 * metre, north - 16 * metre
        for side, colour in ((1, PAPER), (-1, _INK)):
            arrow = [(x, y), (x + side * 9 * metre, y - 36 * metre), (x, y - 28 * metre)]
            self._axes.add_patch(Polygon(arrow, facecolor=colour, edgecolor=_INK, linewidth=0.7, zorder=over))
        self.write(x, y - 48 * metre, "N", 9, over)
        self._axes.add_patch(
            Rectangle(
                (west, south), east - west, north - south, fill=False, edgecolor="#777777", linewidth=1.2, zorder=over
            )
        )


def round_length_m(most_m: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten that is at most ``most_m``.

    >>> round_length_m(1234.0), round_length_m(499.0), round_length_m(5000.0)
    (1000.0, 200.0, 5000.0)
    """
    power = 10.0 ** math.floor(math.log10(most_m))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most_m * (1 + 1e-9))


def _dashes(dash: str | None) -> Any:
    """Matplotlib's pattern for dashes written as in SVG, such as ``5 4``."""
    return "solid" if dash is None else (0, tuple(map(float, dash.split())))


def _path(shape: shapely.Geometry) -> Any:
    from matplotlib.path import Path

    rings = shapely.get_rings(shapely.get_parts(shape))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(corners), Path.LINETO, dtype=np.uint8)
    turns = np.flatnonzero(np.diff(ring))
    codes[np.append(0, turns + 1)] = Path.MOVETO
    codes[np.append(turns, len(ring) - 1)] = Path.CLOSEPOLY
    return Path(corners, codes)
