"""Shapes at the door: mended where that changes nothing, distrusted where it would."""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from urbanform.model.geometry_column import BLOCK_ROWS, NO_SHAPE, GeometryColumn
from urbanform.model.roles import Geometry

LARGEST_CHANGE = 1e-3
"""A repair that changes a polygon's area by more than this share is no repair."""

REPAIRS = ("z-dropped", "repeated-vertices", "self-touching-ring")
FAULTS = ("unreadable-geometry", "impossible-coordinates", "other-geometry-type", "self-intersection")
"""What may be done to a shape, and found against one, in the order in which it is looked at."""

CORNERS = 4
STRAIGHT = 1e-9
"""The sine of a turn that rounding may have made."""

_DIMENSION = {Geometry.POINT: 0, Geometry.LINE: 1, Geometry.POLYGON: 2}


@dataclass(frozen=True, slots=True)
class Mended:
    """Shapes of one kind, with what was done to them.

    Attributes
    ----------
    shapes
        Shape (n,): 2-D; where ``sound`` is False the envelope of the shape, or None where nothing is known of it.
    sound
        Shape (n,): whether the shape can be trusted.
    repaired, distrusted
        Kind of repair or fault → rows.
    """

    shapes: np.ndarray
    sound: np.ndarray
    repaired: dict[str, np.ndarray] = field(default_factory=dict)
    distrusted: dict[str, np.ndarray] = field(default_factory=dict)


def shapes_from_wkb(wkb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decode well-known binary; rows whose bytes make no geometry come back as None, and True in the second array.

    Curves are none that can be decoded: :class:`NotImplementedError` is raised where there is one.
    """
    # Coordinates that are no numbers are found and told by mend().
    with np.errstate(invalid="ignore"):
        shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    given = np.array([item is not None for item in wkb], dtype=bool)
    return shapes, given & shapely.is_missing(shapes)


def read_shapes(wkb: pa.ChunkedArray) -> tuple[GeometryColumn, np.ndarray]:
    """The shapes of a column of well-known binary; see :func:`shapes_from_wkb`."""
    shapes = GeometryColumn.read(wkb)
    return shapes, wkb.is_valid().to_numpy() & (shapes.facts.dimension == NO_SHAPE)


def mend_each(shapes: GeometryColumn, kind: Geometry, broken: np.ndarray) -> tuple[GeometryColumn, Mended]:
    """Mend the shapes of a layer: see :func:`mend`, whose findings come back without shapes."""
    found: list[tuple[int, Mended]] = []

    def change(block: np.ndarray, rows: slice) -> np.ndarray:
        mended = mend(block, kind, broken[rows])
        found.append((rows.start, replace(mended, shapes=np.zeros(0, dtype=object))))
        return mended.shapes

    changed = shapes.changed(change)
    sound = np.concatenate([mended.sound for _, mended in found])
    repaired = _gathered([(start, mended.repaired) for start, mended in found], REPAIRS)
    distrusted = _gathered([(start, mended.distrusted) for start, mended in found], FAULTS)
    return changed, Mended(np.zeros(0, dtype=object), sound, repaired, distrusted)


def _gathered(found: list[tuple[int, dict[str, np.ndarray]]], kinds: tuple[str, ...]) -> dict[str, np.ndarray]:
    rows = {kind: [start + rows[kind] for start, rows in found if kind in rows] for kind in kinds}
    return {kind: np.concatenate(parts) for kind, parts in rows.items() if parts}


def mend(shapes: np.ndarray, kind: Geometry, broken: np.ndarray | None = None) -> Mended:
    """Mend shapes, or distrust them.

    Repeated vertices and self-touching rings are mended, Z and M dropped. A polygon whose area a repair would change
    by more than 0.1 % is distrusted: its envelope takes its place. A shape of another kind than the layer's, one with
    coordinates that are no numbers, and one that cannot be read are distrusted and not known at all.

    Parameters
    ----------
    shapes
        Shape (n,), any coordinates; None where a feature has none (this is no fault of the shape: ``sound`` stays
        True, and the caller decides).
    kind
        What the layer is made of.
    broken
        Rows that could not be decoded.
    """
    count = len(shapes)
    shapes = shapes.copy()
    sound = np.ones(count, dtype=bool)
    repaired: dict[str, np.ndarray] = {}
    distrusted: dict[str, np.ndarray] = {}

    def lose(fault: str, rows: np.ndarray, envelope: bool = False) -> None:
        if rows.size:
            distrusted[fault] = rows
            sound[rows] = False
            shapes[rows] = _envelopes(shapes[rows]) if envelope else None

    if broken is not None:
        lose("unreadable-geometry", np.flatnonzero(broken))
    raised = np.flatnonzero(shapely.has_z(shapes) | shapely.has_m(shapes))
    if raised.size:
        shapes[raised] = shapely.force_2d(shapes[raised])
        repaired["z-dropped"] = raised

    present = np.flatnonzero(~shapely.is_missing(shapes))
    empty = shapely.is_empty(shapes[present])
    shapes[present[empty]] = None
    present = present[~empty]
    vertices = _Vertices.of(shapes[present])
    lose("impossible-coordinates", present[vertices.not_numbers()])

    present = np.flatnonzero(~shapely.is_missing(shapes))
    collections = present[shapely.get_type_id(shapes[present]) == shapely.GeometryType.GEOMETRYCOLLECTION]
    for row in collections:
        shapes[row] = _of_kind(shapes[row], kind)
    other = present[_other_kind(shapes[present], kind)]
    lose("other-geometry-type", other)

    present = np.flatnonzero(~shapely.is_missing(shapes))
    if kind is Geometry.POINT or not present.size:
        return Mended(shapes, sound, repaired, distrusted)
    if len(present) < len(vertices.count) or collections.size:
        vertices = _Vertices.of(shapes[present])
    twice = present[vertices.may_repeat()]
    plain = _without_repeats(shapes[twice])
    fewer = shapely.get_num_coordinates(plain) < shapely.get_num_coordinates(shapes[twice])
    keep = fewer & ~shapely.is_empty(plain)
    if keep.any():
        shapes[twice[keep]] = plain[keep]
        repaired["repeated-vertices"] = twice[keep]
    if kind is Geometry.LINE:
        return Mended(shapes, sound, repaired, distrusted)

    asked = present[~vertices.convex_quadrangles()]
    invalid = asked[~shapely.is_valid(shapes[asked])]
    if invalid.size:
        _mend_polygons(shapes, invalid, repaired, lose)
    return Mended(shapes, sound, repaired, distrusted)


@dataclass(frozen=True, slots=True)
class _Vertices:
    """The vertices of shapes: ``xy``, shape (vertices, 2), and how many each shape has, shape (n,)."""

    xy: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, shapes: np.ndarray) -> "_Vertices":
        xy, owner = shapely.get_coordinates(shapes, return_index=True)
        return cls(xy, np.bincount(owner, minlength=len(shapes)))

    def not_numbers(self) -> np.ndarray:
        """Which shapes have a coordinate that is no finite number."""
        return self._which(~np.isfinite(self.xy).all(axis=1))

    def may_repeat(self) -> np.ndarray:
        """Which shapes have two equal vertices in a row, or at the end of one ring and the start of the next."""
        x, y = self.xy.T
        found = np.zeros(len(self.xy), dtype=bool)
        found[1:] = (x[1:] == x[:-1]) & (y[1:] == y[:-1])
        found[(np.cumsum(self.count) - self.count)[self.count > 0]] = False
        return self._which(found)

    def convex_quadrangles(self) -> np.ndarray:
        """Which polygons have one ring of four corners that all turn one way, as most buildings: these are valid.

        Corners within rounding of a straight line count as none. Of shapes other than polygons it says nothing.
        """
        found = np.zeros(len(self.count), dtype=bool)
        rows = np.flatnonzero(self.count == CORNERS + 1)
        first = (np.cumsum(self.count) - self.count)[rows]
        side = np.diff(self.xy[first[:, None] + np.arange(CORNERS + 1)], axis=1)
        after = np.roll(side, -1, axis=1)
        turn = side[..., 0] * after[..., 1] - side[..., 1] * after[..., 0]
        least = STRAIGHT * np.hypot(*np.moveaxis(side, -1, 0)) * np.hypot(*np.moveaxis(after, -1, 0))
        found[rows] = (turn > least).all(axis=1) | (turn < -least).all(axis=1)
        return found

    def _which(self, vertex: np.ndarray) -> np.ndarray:
        """The shapes of some of the vertices."""
        found = np.zeros(len(self.count), dtype=bool)
        if vertex.any():
            found[np.repeat(np.arange(len(self.count)), self.count)[vertex]] = True
        return found


def _envelopes(shapes: np.ndarray) -> np.ndarray:
    """The extents of shapes, those without an area as lines or points: as polygons they would not be valid."""
    found: np.ndarray = shapely.envelope(shapes)
    flat = (shapely.get_dimensions(found) == _DIMENSION[Geometry.POLYGON]) & (shapely.area(found) == 0)
    found[flat] = shapely.linestrings(shapely.bounds(found[flat]).reshape(-1, 2, 2))
    return found


def _without_repeats(shapes: np.ndarray) -> np.ndarray:
    """Shapes without repeated vertices; a ring that would have less than three without them stays as it is."""
    try:
        return np.asarray(shapely.remove_repeated_points(shapes), dtype=object)
    except shapely.GEOSException:
        if len(shapes) == 1:
            return shapes
        return np.concatenate([_without_repeats(shapes[row : row + 1]) for row in range(len(shapes))])


def _mend_polygons(shapes: np.ndarray, invalid: np.ndarray, repaired: dict[str, np.ndarray], lose: object) -> None:
    area = shapely.area(shapes[invalid])
    fixed = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
    after = shapely.area(fixed)
    good = (np.abs(after - area) <= LARGEST_CHANGE * area) & (after > 0) & ~_other_kind(fixed, Geometry.POLYGON)
    shapes[invalid[good]] = fixed[good]
    if good.any():
        repaired["self-touching-ring"] = invalid[good]
    lose("self-intersection", invalid[~good], envelope=True)  # type: ignore[operator]


def _other_kind(shapes: np.ndarray, kind: Geometry) -> np.ndarray:
    collection = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    return (shapely.get_dimensions(shapes) != _DIMENSION[kind]) | collection


def _of_kind(shape: shapely.Geometry, kind: Geometry) -> shapely.Geometry:
    """The parts of a collection that are of a kind, as one multi-part shape, where all parts are; else the shape."""
    parts = shapely.get_parts(np.array([shape], dtype=object))
    parts = shapely.get_parts(parts)
    if not len(parts) or (shapely.get_dimensions(parts) != _DIMENSION[kind]).any():
        return shape
    build = {Geometry.POINT: shapely.multipoints, Geometry.LINE: shapely.multilinestrings}
    return build.get(kind, shapely.multipolygons)(parts)


def geometry_kind(shapes: np.ndarray) -> Geometry | None:
    """What most of some shapes are; None where there are none."""
    return kind_of(np.asarray(shapely.get_dimensions(shapes)))


def kind_of(dimension: np.ndarray) -> Geometry | None:
    """What most shapes of some dimensions are; None where there are none."""
    dimension = dimension[dimension >= 0]
    if not dimension.size:
        return None
    most = int(np.bincount(dimension, minlength=3).argmax())
    return next(kind for kind, number in _DIMENSION.items() if number == most)


def same_shapes(shapes: GeometryColumn) -> np.ndarray:
    """A number per shape, equal for shapes with the same points whatever the order of rings and directions.

    Missing shapes get -1. Only shapes whose extents agree are compared point by point.
    """
    label = np.arange(len(shapes))
    label[shapes.facts.nothing] = -1
    present = np.flatnonzero(label >= 0)
    # Zero has two signs, which are one extent.
    extents = pd.DataFrame(shapes.facts.bounds[present] + 0.0)
    key = pd.util.hash_pandas_object(extents, index=False)
    alike = present[key.duplicated(keep=False).to_numpy()]
    first: dict[bytes, int] = {}
    for start in range(0, len(alike), BLOCK_ROWS):
        rows = alike[start : start + BLOCK_ROWS]
        written = shapely.to_wkb(shapely.normalize(shapes.take(rows)))
        for row, text in zip(rows, written, strict=True):
            label[row] = first.setdefault(hashlib.blake2b(text, digest_size=20).digest(), int(row))
    return label
