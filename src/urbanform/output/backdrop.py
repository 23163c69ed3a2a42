"""The packed backdrop: the layers handed in, in grey, small enough to stand inside a page.

Coordinates as whole numbers (1e-6 degrees; 0.05 m on a local grid): the start of each ring as int32, each further
corner as its int16 step from the one before, with an escape to int32 for long steps; bytes of equal weight stand
together, then gzip and base64. ``assets/backdrop.js`` reads it. Only this drawn copy is rounded.
"""

import base64
import functools
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.model.roles import ROLES, Geometry
from urbanform.model.submission import Layer, Submission
from urbanform.output.shapes import by_geometry
from urbanform.output.sheet import Sheet
from urbanform.output.text import all_shown
from urbanform.output.words import say
from urbanform.wording import Words

MOST_FEATURES = 500_000
MOST_BYTES = 15_000_000
MARGIN_M = 1000.0
DEGREE_STEP, METRE_STEP = 1e-6, 0.05
ESCAPE = -32768
LONGEST_STEP = 32767

Style = Literal["area", "outline", "line", "point"]
Extent = tuple[float, float, float, float]
Ragged = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Corners (n, 2), where each ring ends among them, and where each feature ends among the rings."""


@dataclass(frozen=True, slots=True)
class Shade:
    """How a role stands in the backdrop: its place in the drawing order is that of :data:`SHADES`."""

    style: Style
    fill: str
    stroke: str
    shown: bool = True


SHADES: dict[str, Shade] = {
    "parcels": Shade("area", "#f1efe9", "#d9d5cb"),
    "surfaces": Shade("area", "#e9e6df", "#d2cdc2", shown=False),
    "green_spaces": Shade("area", "#dce7d3", "#c3d3b7"),
    "parks": Shade("area", "#d0e2c4", "#b2cba3"),
    "water": Shade("area", "#d3e3ee", "#b4cddd"),
    "plazas": Shade("area", "#e8e0d6", "#cfc4b5"),
    "road_surfaces": Shade("area", "#e6e4df", "#cfccc5"),
    "buildings": Shade("area", "#c4c1bb", "#a5a19a"),
    "greenways": Shade("line", "#a9c39a", "#a9c39a"),
    "footpaths": Shade("line", "#cbbfae", "#cbbfae"),
    "roads": Shade("line", "#a9a59d", "#a9a59d"),
    "corridors": Shade("outline", "#7b9a6d", "#7b9a6d"),
    "communities": Shade("outline", "#b0aca4", "#b0aca4", shown=False),
    "height_zones": Shade("outline", "#9d98a8", "#9d98a8"),
    "heritage_zones": Shade("outline", "#a08a6c", "#a08a6c"),
    "hazard_zones": Shade("outline", "#9c8686", "#9c8686"),
    "villages": Shade("outline", "#8d8a84", "#8d8a84"),
    "sub_areas": Shade("outline", "#9b9893", "#9b9893"),
    "clusters": Shade("outline", "#85827d", "#85827d"),
    "renewal_units": Shade("outline", "#7d7a75", "#7d7a75"),
    "county_seat": Shade("outline", "#63605c", "#63605c"),
    "built_up_area": Shade("outline", "#63605c", "#63605c"),
    "main_urban_area": Shade("outline", "#63605c", "#63605c"),
    "facilities": Shade("point", "#8f8b84", "#8f8b84"),
}

_DRAWN = {"area": Geometry.POLYGON, "outline": Geometry.POLYGON, "line": Geometry.LINE, "point": Geometry.POINT}
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_PLAIN = {
    "area": _AREAS,
    "outline": _AREAS,
    "line": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
}
_NESTED = (shapely.GeometryType.GEOMETRYCOLLECTION, shapely.GeometryType.LINEARRING)

# What goes last when the backdrop is still too large: the legible frame of the place stays, the mass goes.
_FIRST_TO_GO = ("surfaces", "parcels", "buildings", "road_surfaces")


@dataclass(frozen=True, slots=True)
class Group:
    """One role in a backdrop."""

    role: str
    shade: Shade
    features: int

    @property
    def words(self) -> Words:
        """The role as people read it."""
        role = ROLES[self.role]
        return Words(self.role, role.zh, role.en)


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A packed backdrop; ``text`` is base64, empty where there is nothing to draw."""

    text: str
    groups: tuple[Group, ...]
    clipped: bool = False
    left_out: tuple[str, ...] = ()

    def notes(self) -> list[Words]:
        """What a map must say about what the backdrop lacks."""
        told = []
        if self.clipped:
            told.append(say("context-clipped"))
        if self.left_out:
            names = [Words(role, ROLES[role].zh, ROLES[role].en) for role in self.left_out]
            told.append(say("context-left-out", layers=names))
        return told


class Surroundings:
    """The backdrops of one submission: one for all maps where it is small enough, else one around each small part."""

    def __init__(self, submission: Submission, sheet: Sheet) -> None:
        self._layers = {role: submission.layers[role] for role in SHADES if role in submission.layers}
        self._sheet = sheet
        self._known: dict[Extent | None, Backdrop] = {}

    def around(self, extent_m: Extent | None) -> Backdrop:
        """The backdrop of a map whose evidence lies in ``extent_m``.

        Past 500,000 features or 15 MB only what lies within 1 km of the extent; where that is still too much the
        largest layers are left out. Where the same layers are left out of the whole place, and the extent holds half
        of what remains, all of that is drawn: such maps share one backdrop.
        """
        whole = self._whole
        if whole is not None:
            return whole
        window = None
        if extent_m is not None:
            west, south, east, north = extent_m
            window = self._inside((west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M))
            if self._is_most(window):
                window = None
        return self._part(window)

    def _is_most(self, window: Extent) -> bool:
        """Whether a window holds half of what can be drawn of the whole place, and no layer more than that."""
        few = self._few(window)
        if few != self._few(None) or 2 * self._count(few, window) < self._count(few, None):
            return False
        return not set(few) & set(self._part(None).left_out)

    def _part(self, window: Extent | None) -> Backdrop:
        if window not in self._known:
            # Of the windows only the last is kept: maps of one part mostly follow one another.
            self._known = {part: known for part, known in self._known.items() if part is None}
            self._known[window] = self._within(window)
        return self._known[window]

    def _inside(self, window: Extent) -> Extent:
        """A window without the ground around the place, so that all that hold the whole of it are one."""
        ends = np.array([layer.total_bounds for layer in self._layers.values() if len(layer)])
        if not np.isfinite(ends).any():
            return window
        (west, south), (east, north) = np.nanmin(ends[:, :2], axis=0), np.nanmax(ends[:, 2:], axis=0)
        inside = max(window[0], west), max(window[1], south), min(window[2], east), min(window[3], north)
        return inside if inside[0] <= inside[2] and inside[1] <= inside[3] else window

    def _within(self, window: Extent | None) -> Backdrop:
        """What lies in a window, without as many of the largest layers as make it too much."""
        roles = self._few(window)
        while (packed := self._packed(roles, window)) is None:
            roles = _without_largest(roles)
        groups, text = packed
        left_out = tuple(role for role in _in_order_of_going(self._layers) if role not in roles)
        return Backdrop(text, groups, clipped=window is not None, left_out=left_out)

    def _few(self, window: Extent | None) -> list[str]:
        """The roles that can be drawn in a window without too many features."""
        roles = list(self._layers)
        while self._count(roles, window) > MOST_FEATURES:
            roles = _without_largest(roles)
        return roles

    def _count(self, roles: Iterable[str], window: Extent | None) -> int:
        return sum(self._layers[role].count(window) for role in roles)

    @functools.cached_property
    def _whole(self) -> Backdrop | None:
        if self._few(None) != list(self._layers):
            return None
        packed = self._packed(self._layers, None)
        return None if packed is None else Backdrop(packed[1], packed[0])

    def _packed(self, roles: Iterable[str], window: Extent | None) -> tuple[tuple[Group, ...], str] | None:
        """The groups and their packed text; None where it is too long."""
        groups, heads, planes = [], [], []
        for role in roles:
            style = SHADES[role].style
            drawn, head, bytes_of = _pack(*_read(self._layers[role], style, window), self._sheet)
            if not drawn:
                continue
            shade = SHADES[role]
            groups.append(Group(role, shade, drawn))
            words = groups[-1].words
            look = {"style": style, "fill": shade.fill, "stroke": shade.stroke, "shown": shade.shown}
            heads.append({"role": role, "zh": words.zh, "en": words.en, **look, **head})
            planes.append(bytes_of)
        if not groups:
            return (), ""
        told = {"planar": self._sheet.planar, "step": _step(self._sheet), "groups": heads}
        opening = json.dumps(told, ensure_ascii=False).encode()
        data = len(opening).to_bytes(4, "little") + opening + b"".join(planes)
        text = base64.b64encode(gzip.compress(data, 3, mtime=0)).decode("ascii")
        return None if len(text) > MOST_BYTES else (tuple(groups), text)


def _in_order_of_going(roles: Iterable[str]) -> list[str]:
    """The roles in the order in which they are left out: the largest as a rule first, then as they are drawn."""
    return sorted(roles, key=lambda role: _FIRST_TO_GO.index(role) if role in _FIRST_TO_GO else len(_FIRST_TO_GO))


def _without_largest(roles: Sequence[str]) -> list[str]:
    gone = _in_order_of_going(roles)[0]
    return [role for role in roles if role != gone]


def _step(sheet: Sheet) -> float:
    return METRE_STEP if sheet.planar else DEGREE_STEP


def _read(layer: Layer, style: Style, window: Extent | None) -> tuple[Ragged, pd.DataFrame]:
    """Sound shapes of the geometry that the style draws, in metres, with their ids and names."""
    shapes = [_ragged(np.array([], dtype=object), style)]
    labels = [pd.DataFrame({"id": [], "name": []}, dtype=object)]
    for batch in layer.batches(("id", "name"), window):
        frame = _drawable(batch[batch["sound"].to_numpy(dtype=bool)], style)
        if frame is not None:
            shapes.append(_ragged(frame.geometry.to_numpy(), style))
            labels.append(pd.DataFrame({"id": frame["id"], "name": frame["name"]}).astype(object))
    corners, ring_ends, feature_ends = zip(*shapes, strict=True)
    ragged = (np.concatenate(corners), _continued(ring_ends, corners), _continued(feature_ends, ring_ends))
    return ragged, pd.concat(labels, ignore_index=True)


def _continued(ends: Sequence[np.ndarray], things: Sequence[np.ndarray]) -> np.ndarray:
    """Ends among some things, part by part, as ends among the things of all parts."""
    before = np.cumsum([0, *map(len, things)])[:-1]
    return np.concatenate([some + start for some, start in zip(ends, before, strict=True)])


def _drawable(frame: gpd.GeoDataFrame, style: Style) -> gpd.GeoDataFrame | None:
    """The rows that hold what a style draws; of collections their parts, for points a point on each polygon."""
    types = shapely.get_type_id(frame.geometry.to_numpy())
    if style != "point" and not np.isin(types, _NESTED).any():
        return frame[np.isin(types, _PLAIN[style]) & ~shapely.is_empty(frame.geometry.to_numpy())]
    found = by_geometry(frame)
    wanted = found.get(_DRAWN[style])
    if wanted is None and style == "point" and Geometry.POLYGON in found:
        wanted = found[Geometry.POLYGON]
        wanted = wanted.set_geometry(shapely.point_on_surface(wanted.geometry.to_numpy()), crs=wanted.crs)
    return wanted


def _pack(shapes: Ragged, labels: pd.DataFrame, sheet: Sheet) -> tuple[int, dict[str, object], bytes]:
    """How many features are drawn, the counts, and the planes of one group."""
    corners, ring_ends, feature_ends = shapes
    ring_of = np.repeat(np.arange(len(ring_ends)), np.diff(ring_ends, prepend=0))
    feature_of_ring = np.repeat(np.arange(len(feature_ends)), np.diff(feature_ends, prepend=0))
    placed = sheet.coordinates(corners)
    # A feature that has one corner which cannot be converted is not drawn at all.
    lost = np.zeros(len(feature_ends), dtype=bool)
    lost[feature_of_ring[ring_of[~np.isfinite(placed).all(axis=1)]]] = True
    keep = ~lost[feature_of_ring[ring_of]]
    whole = np.round(placed[keep] / _step(sheet)).astype(np.int64)
    ring_of = ring_of[keep]
    rings, starts, corners_of = np.unique(ring_of, return_index=True, return_counts=True)
    rings_of = np.bincount(feature_of_ring[rings], minlength=len(feature_ends))[~lost]

    first = np.zeros(len(whole), dtype=bool)
    first[starts] = True
    step = np.diff(whole, axis=0, prepend=whole[:1])[~first]
    far = np.abs(step) > LONGEST_STEP
    near = np.where(far, ESCAPE, step).astype("<i2")
    start = np.diff(whole[starts], axis=0, prepend=0).astype("<i4")
    text = _labels(labels[~lost])
    planes = (
        _plane(rings_of.astype("<u4")),
        _plane(corners_of.astype("<u4")),
        _plane(start[:, 0]),
        _plane(start[:, 1]),
        _plane(near[:, 0]),
        _plane(near[:, 1]),
        _plane(step[:, 0][far[:, 0]].astype("<i4")),
        _plane(step[:, 1][far[:, 1]].astype("<i4")),
        text,
    )
    drawn = int((~lost).sum())
    head: dict[str, object] = {
        "features": drawn,
        "rings": len(rings),
        "corners": len(whole),
        "long": [int(far[:, 0].sum()), int(far[:, 1].sum())],
        "labels": len(text),
    }
    return drawn, head, b"".join(planes)


def _ragged(shapes: np.ndarray, style: Style) -> Ragged:
    """The corners of shapes that a style draws."""
    if not len(shapes):
        return np.empty((0, 2)), np.array([], dtype=int), np.array([], dtype=int)
    kind, corners, offsets = shapely.to_ragged_array(shapes, include_z=False)
    if style == "point":
        ends = np.arange(1, len(corners) + 1)
        if kind == shapely.GeometryType.POINT:
            return corners, ends, ends
        return corners, ends, offsets[0][1:]
    if style == "line":
        if kind == shapely.GeometryType.LINESTRING:
            return corners, offsets[0][1:], np.arange(1, len(shapes) + 1)
        return corners, offsets[0][1:], offsets[1][1:]
    rings = offsets[0]
    # The closing corner repeats the first; the script closes the ring by itself.
    open_corners = np.ones(len(corners), dtype=bool)
    open_corners[rings[1:] - 1] = False
    features = offsets[1] if kind == shapely.GeometryType.POLYGON else offsets[1][offsets[2]]
    return corners[open_corners], (rings - np.arange(len(rings)))[1:], features[1:]


def _labels(labels: pd.DataFrame) -> bytes:
    """One line per feature: its id and, where it has one, its name after a tab."""
    keys, names = all_shown(labels["id"]), all_shown(labels["name"])
    if any("\t" in text or "\n" in text for text in ("".join(keys), "".join(names))):
        keys = [text.replace("\t", " ").replace("\n", " ") for text in keys]
        names = [text.replace("\n", " ") for text in names]
    told = [f"{key}\t{name}" if name else key for key, name in zip(keys, names, strict=True)]
    return "\n".join(told).encode("utf-8")


def _plane(numbers: np.ndarray) -> bytes:
    """Little-endian numbers with their lowest bytes together first, then the next: gzip finds more that repeats."""
    numbers = np.ascontiguousarray(numbers)
    return numbers.view(np.uint8).reshape(len(numbers), numbers.itemsize).T.tobytes() if len(numbers) else b""
