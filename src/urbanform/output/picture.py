"""Static maps for Word: what a finding rests on, drawn in the plane of the working CRS with grid north up.

No words stand in a picture, since a bare machine has no Chinese typeface: subjects carry numbers, which the document
keys to a table, and the legend is text beside the picture.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, Verdict
from urbanform.model.measurement import Shapes, Tone
from urbanform.model.roles import Geometry
from urbanform.output.cards import Key
from urbanform.output.drawing import Drawing
from urbanform.output.ground import Ground, View, view_of
from urbanform.output.palette import RAMP, Look, look
from urbanform.output.shapes import flat, of_one_kind
from urbanform.output.sketch import LEAST_VIEW_M, Extent, joined, shared_out
from urbanform.output.text import shown
from urbanform.output.words import say
from urbanform.wording import Words, figure

WIDTH_PX, HEIGHT_PX = 984, 640
MOST_DRAWN = 1500
MOST_NUMBERED = 20
NUMBER_PX = (22, 18)
"""The width and height that a number takes; a second one within them would lie on it."""
SMALL_PX = 4.0
"""An area smaller than this would go unseen: it is drawn as a dot."""
DASHED_PX = 24.0
"""Outlines of areas that are smaller for the most part are not dashed: it would only unsettle the eye."""
RINGED_PX = 16.0
"""A marked place smaller than this, such as the narrowest of a corridor, is ringed."""
MOST_PLACES = 8
"""A subject of more shapes than this lies in no one place and carries no number."""
WHOLE_SHARE = 0.55
"""An extent of more than this share of the whole place is drawn as all of it, so that such maps share one ground."""

_DIMENSIONS = ((2, Geometry.POLYGON), (1, Geometry.LINE), (0, Geometry.POINT))
_UPWARD = (
    Tone.UNCOUNTED, Tone.COUNTED, Tone.GOOD, Tone.EXEMPT, Tone.NEW, Tone.UNKNOWN, Tone.BREACH, Tone.REMEDY, Tone.FRAME,
    Tone.MARK,
)  # fmt: skip
_OVER_ALL = 100.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn map: PNG, its legend, and the ids of the subjects that carry the numbers 1, 2, 3 …

    ``framed`` tells that the area under review is outlined; ``outline`` is the colour that marks subjects in breach
    where fills are graduated, None where none are marked.
    """

    png: bytes
    keys: tuple[Key, ...]
    numbered: tuple[str, ...]
    framed: bool
    outline: str | None

    @property
    def notes(self) -> list[Words]:
        """What must be said about what the picture leaves out."""
        total, drawn = sum(key.total for key in self.keys), sum(key.drawn for key in self.keys)
        if not total:
            return [say("evidence-none")]
        return [say("evidence-cut", total=total, drawn=drawn)] if drawn < total else []


class Pictures:
    """The pictures of one assessment; they share its ground.

    Parameters
    ----------
    context
        Whether the layers handed in are drawn in grey behind the evidence.
    """

    def __init__(self, assessment: Assessment, *, context: bool = True) -> None:
        self._assessment = assessment
        self._ground = Ground(assessment.submission) if context else None
        extents = [_evidence_extent(finding) for finding in assessment.findings]
        self._whole = joined([extent for extent in extents if extent is not None])

    def of(self, finding: Finding, most_numbered: int = MOST_NUMBERED) -> Picture | None:
        """The map of a finding: at most 1,500 evidence features, the weightiest of each set first.

        At most the ``most_numbered`` worst subjects carry numbers. None where the finding has no measurement, or
        nothing tells where it lies.
        """
        if finding.measurement is None:
            return None
        scope = _scope(finding, self._assessment)
        extent = _evidence_extent(finding) or joined([shapely.total_bounds(scope)] if len(scope) else [])
        if extent is None:
            return None
        view = view_of(self._wide_enough(extent), WIDTH_PX, HEIGHT_PX)
        return _drawn(finding, scope, view, self._ground, most_numbered)

    def _wide_enough(self, extent: Extent) -> Extent:
        everything = joined([extent, self._whole]) if self._whole else extent
        if everything is not None and _area(extent) > WHOLE_SHARE * _area(everything):
            extent = everything
        west, south, east, north = extent
        more_x, more_y = (max(0.0, LEAST_VIEW_M - side) / 2 for side in (east - west, north - south))
        return west - more_x, south - more_y, east + more_x, north + more_y


def _area(extent: Extent) -> float:
    return (extent[2] - extent[0]) * (extent[3] - extent[1])


def _evidence_extent(finding: Finding) -> Extent | None:
    return joined([shapes.rows.total_bounds for shapes in finding.evidence if len(shapes.rows)])


def _scope(finding: Finding, assessment: Assessment) -> np.ndarray:
    """The sound shapes of the area under review; those of the built-up area stand in for a main urban area."""
    layers = assessment.submission.layers
    role = finding.rule.scope or ""
    if role == "main_urban_area" and role not in layers:
        role = "built_up_area"
    if role not in layers:
        return np.array([], dtype=object)
    frame = layers[role].frame()
    shapes = frame.geometry.to_numpy()[frame["sound"].to_numpy(dtype=bool)]
    return np.asarray(shapes[_present(shapes)], dtype=object)


def _present(shapes: np.ndarray) -> np.ndarray:
    return np.asarray(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))


@dataclass(frozen=True, slots=True)
class _Set:
    """The drawn shapes of one kind; ``share`` places each on the graduated colours where the kind has such."""

    shapes: np.ndarray
    tone: Tone
    look: Look
    key: Key
    share: np.ndarray | None


def _drawn(finding: Finding, scope: np.ndarray, view: View, ground: Ground | None, most_numbered: int) -> Picture:
    drawing = Drawing(view, None if ground is None else ground.drawn(view))
    sets = list(_sets(finding))
    for item in sets:
        _draw(drawing, item, view)
    outlined = np.array([], dtype=object)
    if any(item.share is not None for item in sets):
        outlined = _breaching(finding)
    breach, frame = look(Tone.BREACH, finding), look(Tone.FRAME, finding)
    if len(outlined):
        drawing.lines(_lightened(outlined, view), breach.stroke, 1.6, None, 60)
    if len(scope):
        drawing.lines(_lightened(scope, view), frame.stroke, 1.1, frame.dash, 61)
    numbered = _numbered(finding, view, most_numbered)
    for number, (x, y) in enumerate(numbered.values(), start=1):
        drawing.write(x, y, str(number), 8.5, _OVER_ALL - 1)
    drawing.furnish(_OVER_ALL)
    return Picture(
        png=drawing.png(),
        keys=tuple(item.key for item in sets),
        numbered=tuple(numbered),
        framed=bool(len(scope)),
        outline=breach.stroke if len(outlined) else None,
    )


def _sets(finding: Finding) -> Iterator[_Set]:
    """The evidence by kind in the order of the legend, cut to what is drawn."""
    held = [_with_shape(shapes) for shapes in finding.evidence]
    allowed = shared_out(MOST_DRAWN, [len(shapes.rows) for shapes in held])
    for shapes, most in zip(held, allowed, strict=True):
        frame = shapes.frame
        kinds = frame["kind"].astype(str).to_numpy()
        geometry = of_one_kind(flat(frame.geometry.to_numpy()[:most]))
        ramp = pd.to_numeric(frame[shapes.ramp], errors="coerce").to_numpy(float) if shapes.ramp in frame else None
        top = float(np.nanmax(ramp)) if ramp is not None and np.isfinite(ramp).any() else None
        for code in (*shapes.legend, *sorted(set(kinds) - set(shapes.legend))):
            total = int((kinds == code).sum())
            if not total:
                continue
            tone, told = shapes.legend.get(code, (Tone.COUNTED, Words(code, code, code)))
            at = np.flatnonzero(kinds[:most] == code)
            graded = ramp is not None and bool(top) and bool(np.isfinite(ramp[kinds == code]).any())
            drawn = look(tone, finding)
            most_of = shapely.get_dimensions(geometry[at]).max() if len(at) else 2
            key = Key(
                kind=shown(code),
                words=told,
                stroke=drawn.stroke,
                fill=drawn.fill,
                dashed=drawn.dash is not None,
                shape=str(dict(_DIMENSIONS)[int(most_of)]),
                drawn=len(at),
                total=total,
                top=figure(top) if graded and top is not None else None,
            )
            share = ramp[:most][at] / top if graded and ramp is not None and top is not None else None
            yield _Set(geometry[at], tone, drawn, key, share)


def _with_shape(shapes: Shapes) -> Shapes:
    frame = shapes.frame
    present = _present(frame.geometry.to_numpy())
    return replace(shapes, rows=frame if present.all() else frame[present])


def _lightened(shapes: np.ndarray, view: View) -> np.ndarray:
    """Copies with no more corners than pixels can show; a shape that would vanish stays as it is."""
    light = shapely.simplify(shapes, view.metres_per_pixel / 3, preserve_topology=False)
    return np.where(shapely.is_empty(light), shapes, light)


def _draw(drawing: Drawing, item: _Set, view: View) -> None:
    if not len(item.shapes):
        return
    shapes, drawn = _lightened(item.shapes, view), item.look
    dimensions = shapely.get_dimensions(shapes)
    corners = shapely.bounds(shapes).reshape(-1, 2, 2)
    size_px = (corners[:, 1] - corners[:, 0]).max(axis=1) / view.metres_per_pixel
    dotted = (dimensions == 0) | ((dimensions == 2) & (size_px < SMALL_PX))
    over = _UPWARD.index(item.tone)
    areas = np.flatnonzero((dimensions == 2) & ~dotted)
    if len(areas):
        # Only the fill is see-through: what lies beneath stays legible.
        fills = _colours(item, drawn.fill, 0.8 if item.share is not None else drawn.opacity)[areas]
        # Full outlines round shapes a few pixels across would cover them.
        usual_px = float(np.median(size_px[areas]))
        width = 0.25 if item.share is not None else min(drawn.width * 0.5, usual_px / 16)
        dash = drawn.dash if usual_px > DASHED_PX else None
        drawing.areas(shapes[areas], fills, drawn.stroke, width, dash, over)
    lines = np.flatnonzero(dimensions == 1)
    if len(lines):
        drawing.lines(shapes[lines], _colours(item, drawn.stroke, 1.0)[lines], drawn.width * 0.6, drawn.dash, over + 20)
    pointed_at = (item.tone is Tone.MARK) | ((item.tone is Tone.BREACH) & (dimensions == 1))
    unseen = np.flatnonzero((size_px < RINGED_PX) & pointed_at)
    if 0 < len(unseen) <= MOST_NUMBERED:
        drawing.rings(shapely.get_coordinates(shapely.centroid(shapes[unseen])), drawn.stroke, over + 41)
    if dotted.any():
        places = shapely.get_coordinates(shapely.centroid(shapes[dotted]))
        drawing.dots(places, _colours(item, drawn.fill or drawn.stroke, 1.0)[dotted], over + 40)


def _colours(item: _Set, plain: str | None, opacity: float) -> np.ndarray:
    """A colour (n, 4) for each shape.

    One that has no figure among graduated ones keeps the colour of its kind, so that it is not taken for zero.
    """
    own = np.tile([*_rgb(plain), opacity] if plain else [0.0] * 4, (len(item.shapes), 1))
    if item.share is None:
        return own
    steps = np.array([_rgb(colour) for colour in RAMP])
    place = np.clip(np.nan_to_num(item.share), 0, 1) * (len(RAMP) - 1)
    graded = np.column_stack([np.interp(place, np.arange(len(RAMP)), steps[:, band]) for band in range(3)])
    known = np.isfinite(item.share)
    own[known] = np.column_stack([graded, np.full(len(graded), opacity)])[known]
    return own


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


def _breaching(finding: Finding) -> np.ndarray:
    """The areas of subjects that fail, which graduated colours alone would not tell apart."""
    failing = {item.subject.id for item in finding.subjects if item.verdict is Verdict.FAIL}
    frames = [shapes.frame for shapes in finding.evidence if shapes.ramp is not None]
    ramps = [shapes.ramp for shapes in finding.evidence if shapes.ramp is not None]
    found = [
        frame.geometry.to_numpy()[frame["subject"].astype(str).isin(failing).to_numpy()]
        for frame, ramp in zip(frames, ramps, strict=True)
        if "subject" in frame and ramp in frame
    ]
    shapes = np.concatenate([np.array([], dtype=object), *found])
    return np.asarray(shapes[_present(shapes) & (shapely.get_dimensions(shapes) == 2)][:MOST_DRAWN], dtype=object)


def _numbered(finding: Finding, view: View, most: int) -> dict[str, tuple[float, float]]:
    """Where the numbers of the worst drawn subjects stand; a number that would lie on another is left out."""
    if len(finding.subjects) < 2:
        return {}
    wanted = [item.subject.id for item in finding.subjects[:most]]
    places: dict[str, tuple[float, float]] = {}
    for frame in (shapes.frame for shapes in finding.evidence):
        if "subject" not in frame:
            continue
        names = frame["subject"].astype(str)
        rows = frame[names.isin(set(wanted) - set(places))]
        for key, found in rows.groupby(names[rows.index], sort=False):
            if len(found) <= MOST_PLACES:
                places[str(key)] = _middle(found.geometry.to_numpy())
    numbered: dict[str, tuple[float, float]] = {}
    taken: list[np.ndarray] = []
    for key in wanted:
        if key not in places:
            continue
        at = np.concatenate(view.pixels(np.array([places[key]])))
        if not np.isfinite(at).all() or any((np.abs(at - other) < NUMBER_PX).all() for other in taken):
            continue
        taken.append(at)
        numbered[key] = places[key]
    return numbered


def _middle(shapes: np.ndarray) -> tuple[float, float]:
    """A point inside the largest of the shapes; not a number without any."""
    shapes = shapes[_present(shapes)]
    if not len(shapes):
        return math.nan, math.nan
    largest = np.lexsort((shapely.length(shapes), shapely.area(shapes), shapely.get_dimensions(shapes)))[-1]
    shape = shapes[largest]
    if shapely.get_dimensions(shape) == 1:
        parts = shapely.get_parts(shape)
        longest = parts[int(np.argmax(shapely.length(parts)))]
        inside = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    else:
        inside = shapely.point_on_surface(shape)
    x, y = shapely.get_coordinates(inside)[0]
    return float(x), float(y)
