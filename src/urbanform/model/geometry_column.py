"""The shapes of a layer: held as they are where they are few, as well-known binary where they are many."""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

MOST_DECODED = 350_000
"""Of more shapes well-known binary is held, which takes a fifth of the memory of shapes."""

BLOCK_ROWS = 65_536
"""How many of them are decoded at a time."""

NO_SHAPE = -2
"""The dimension of what is not there."""

Change = Callable[[NDArray[np.object_], slice], NDArray[np.object_]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of shapes without their vertices.

    Attributes
    ----------
    bounds
        Shape (n, 4): west, south, east, north; NaN where there is no extent.
    dimension
        Shape (n,): 0 for points, 1 for lines, 2 for polygons; -1 for a collection of nothing, :data:`NO_SHAPE` where
        there is no shape.
    nothing
        Shape (n,): whether there is no shape, or one without a point.
    """

    bounds: NDArray[np.float64]
    dimension: NDArray[np.int8]
    nothing: NDArray[np.bool_]

    @classmethod
    def of(cls, shapes: NDArray[np.object_]) -> "Facts":
        """The facts of some shapes."""
        bounds = np.ascontiguousarray(shapely.bounds(shapes)).reshape(-1, 4)
        nothing = np.isnan(bounds[:, 0])
        nothing[nothing] = shapely.is_missing(shapes[nothing]) | shapely.is_empty(shapes[nothing])
        dimension = shapely.get_dimensions(shapes).astype(np.int8)
        dimension[shapely.is_missing(shapes)] = NO_SHAPE
        return cls(bounds, dimension, nothing)

    @classmethod
    def joined(cls, parts: Sequence["Facts"]) -> "Facts":
        """Those of some shapes after those of others."""
        return cls(
            np.concatenate([part.bounds for part in parts]),
            np.concatenate([part.dimension for part in parts]),
            np.concatenate([part.nothing for part in parts]),
        )

    def __getitem__(self, rows: slice | NDArray[np.bool_]) -> "Facts":
        return Facts(self.bounds[rows], self.dimension[rows], self.nothing[rows])


class GeometryColumn:
    """The shapes of a layer, in order; None where a feature has none. They are never changed in place.

    Parameters
    ----------
    held
        Shape (n,): the shapes, or blocks of well-known binary, in which what makes no geometry counts as None.
    facts
        What is known of them, where it is.
    """

    def __init__(self, held: NDArray[np.object_] | Sequence[pa.Array], facts: Facts | None = None) -> None:
        self._decoded = held if isinstance(held, np.ndarray) else None
        self._blocks = () if isinstance(held, np.ndarray) else tuple(held)
        self._starts = np.cumsum([0, *map(len, self._blocks)])
        if facts is not None:
            self.__dict__["facts"] = facts

    @classmethod
    def read(cls, wkb: pa.ChunkedArray) -> "GeometryColumn":
        """The shapes of a column of well-known binary; curves raise :class:`NotImplementedError` once decoded."""
        if len(wkb) <= MOST_DECODED:
            return cls(_unpacked(wkb))
        return cls([part.slice(at, BLOCK_ROWS) for part in wkb.chunks for at in range(0, len(part), BLOCK_ROWS)])

    @classmethod
    def packed(cls, shapes: NDArray[np.object_]) -> "GeometryColumn":
        """These shapes as well-known binary, however few; None stays None."""
        return cls([_pack(shapes[at : at + BLOCK_ROWS]) for at in range(0, len(shapes), BLOCK_ROWS)])

    @classmethod
    def joined(cls, parts: Sequence["GeometryColumn"]) -> "GeometryColumn":
        """The shapes of several layers, one after the other."""
        facts = Facts.joined([part.facts for part in parts])
        if len(facts.nothing) <= MOST_DECODED:
            return cls(np.concatenate([part.all() for part in parts]), facts)
        return cls([block for part in parts for block in part.packed_blocks()], facts)

    @classmethod
    def stacked(cls, parts: Sequence["GeometryColumn"]) -> "GeometryColumn":
        """The shapes of several columns, one after the other; packed where one of them is."""
        if any(part.is_packed for part in parts):
            return cls([block for part in parts for block in part.packed_blocks()])
        return cls(np.concatenate([np.empty(0, dtype=object), *(part.all() for part in parts)]))

    def __len__(self) -> int:
        return int(self._starts[-1]) if self._decoded is None else len(self._decoded)

    @property
    def is_packed(self) -> bool:
        """Whether they are decoded only where they are asked for."""
        return self._decoded is None

    @cached_property
    def facts(self) -> Facts:
        """What is known of them without their vertices."""
        return Facts.joined([Facts.of(block) for block in self.blocks()])

    @property
    def total_bounds(self) -> tuple[float, float, float, float]:
        """The extent of all: west, south, east, north; NaN where there are none."""
        known = self.facts.bounds[~np.isnan(self.facts.bounds[:, 0])]
        if not len(known):
            return np.nan, np.nan, np.nan, np.nan
        west, south = known[:, :2].min(axis=0)
        east, north = known[:, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)

    def all(self) -> NDArray[np.object_]:
        """Every shape, decoded."""
        if self._decoded is not None:
            return self._decoded
        return np.concatenate([np.empty(0, dtype=object), *self.blocks()])

    def blocks(self) -> Iterator[NDArray[np.object_]]:
        """The shapes in turn: all at once where they are held as they are."""
        return map(_unpacked, self._blocks) if self._decoded is None else iter((self._decoded,))

    def each(self, fact: Callable[[NDArray[np.object_]], NDArray[Any]]) -> NDArray[Any]:
        """What a function says of each shape, given some of them at a time."""
        return np.concatenate([fact(block) for block in self.blocks()])

    def packed_blocks(self) -> Sequence[pa.Array]:
        """The shapes as well-known binary, null where there is none."""
        return self._blocks if self._decoded is None else GeometryColumn.packed(self._decoded)._blocks

    def changed(self, change: Change) -> "GeometryColumn":
        """The shapes that a function makes of these, given some of them at a time and which rows they are."""
        if self._decoded is not None:
            after = change(self._decoded, slice(0, len(self._decoded)))
            return self if all(map(operator.is_, after, self._decoded)) else GeometryColumn(after)
        parts = [self._block_changed(number, change) for number in range(len(self._blocks))]
        return GeometryColumn([block for block, _ in parts], Facts.joined([facts for _, facts in parts]))

    def take(self, rows: NDArray[np.integer]) -> NDArray[np.object_]:
        """Some of the shapes, in the order of ``rows``."""
        if self._decoded is not None:
            return self._decoded[rows]
        found = np.empty(len(rows), dtype=object)
        block = np.searchsorted(self._starts, rows, side="right") - 1
        for number in np.unique(block):
            asked = np.flatnonzero(block == number)
            found[asked] = _unpacked(self._blocks[number].take(pa.array(rows[asked] - self._starts[number])))
        return found

    def where(self, keep: NDArray[np.bool_]) -> "GeometryColumn":
        """The shapes at which ``keep`` is True."""
        if keep.all():
            return self
        facts = self.__dict__["facts"][keep] if "facts" in self.__dict__ else None
        if self._decoded is not None:
            return GeometryColumn(self._decoded[keep], facts)
        return GeometryColumn(
            [block.filter(pa.array(keep[self._rows(at)])) for at, block in enumerate(self._blocks)], facts
        )

    def _rows(self, block: int) -> slice:
        return slice(int(self._starts[block]), int(self._starts[block + 1]))

    def _block_changed(self, number: int, change: Change) -> tuple[pa.Array, Facts]:
        rows = self._rows(number)
        before = _unpacked(self._blocks[number])
        after = change(before, rows)
        if all(map(operator.is_, after, before)):
            return self._blocks[number], self.facts[rows]
        return _pack(after), Facts.of(after)


def _pack(shapes: NDArray[np.object_]) -> pa.Array:
    return pa.array(shapely.to_wkb(shapes), type=pa.large_binary())


def _unpacked(block: pa.Array | pa.ChunkedArray) -> NDArray[np.object_]:
    # Coordinates that are no numbers are found and told where a layer is read.
    with np.errstate(invalid="ignore"):
        shapes: NDArray[np.object_] = shapely.from_wkb(block.to_numpy(zero_copy_only=False), on_invalid="ignore")
    return shapes
