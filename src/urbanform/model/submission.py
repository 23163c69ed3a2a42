"""Submissions: what was handed in, read. The protocol by which checks ask for layers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.provenance import Defect, Input
from urbanform.model.roles import Geometry, Role
from urbanform.model.rules import Kind, Place
from urbanform.wording import Words

BATCH_ROWS = 65_536

Box = tuple[float, float, float, float] | NDArray[np.float64]
"""An extent, or several, shape (k, 4): west, south, east, north in the working CRS."""


class Stage(StrEnum):
    """Which features count where a layer mixes existing and planned ones."""

    EXISTING = "existing"
    PLAN = "plan"


class Layer(Protocol):
    """One role's features in the working CRS.

    Every frame has the index 0 … n-1 by position in the layer (the same whatever is asked), the geometry, two boolean
    columns ``sound`` and ``certain``, and the columns of the canonical fields that were asked for (``id`` and ``name``
    are fields of every role). A field that the layer lacks comes as all unknown. Where ``sound`` is False the shape
    cannot be trusted: the geometry is then the envelope within which the true shape lies, or None where nothing is
    known of it.
    Where ``certain`` is False it is not known whether the feature counts (its status is blank in a layer that mixes
    existing and planned ones).
    """

    @property
    def role(self) -> Role:
        """What the layer means."""

    @property
    def geometry(self) -> Geometry:
        """What its shapes are."""

    @property
    def fields(self) -> frozenset[str]:
        """The canonical fields that it carries."""

    @property
    def total_bounds(self) -> tuple[float, float, float, float]:
        """The extent in the working CRS: west, south, east, north."""

    def __len__(self) -> int:
        """How many features it has."""

    def frame(self, columns: Sequence[str] = ()) -> gpd.GeoDataFrame:
        """All features with the given fields."""

    def batches(self, columns: Sequence[str] = (), bbox: Box | None = None) -> Iterator[gpd.GeoDataFrame]:
        """The features in turn, some ten thousands at a time; with ``bbox`` those whose extent meets it, or one of
        several, and always those of which it is not known where they lie."""

    def count(self, bbox: Box | None = None) -> int:
        """How many features :meth:`batches` gives."""


@dataclass(frozen=True)
class TableLayer:
    """A layer whose canonical columns are held in memory: how intake gives layers that fit, and tests build them.

    ``table`` has the index 0 … n-1, the columns ``sound`` and ``certain`` and the columns of ``fields``.
    """

    role: Role
    geometry: Geometry
    fields: frozenset[str]
    table: gpd.GeoDataFrame

    @cached_property
    def total_bounds(self) -> tuple[float, float, float, float]:
        """The extent in the working CRS: west, south, east, north."""
        west, south, east, north = self.table.total_bounds
        return float(west), float(south), float(east), float(north)

    def __len__(self) -> int:
        return len(self.table)

    def frame(self, columns: Sequence[str] = ()) -> gpd.GeoDataFrame:
        """All features with the given fields; see :class:`Layer`."""
        return self._with_columns(self.table, columns)

    def batches(self, columns: Sequence[str] = (), bbox: Box | None = None) -> Iterator[gpd.GeoDataFrame]:
        """The features in turn; see :class:`Layer`."""
        near = None if bbox is None else self._near(np.atleast_2d(bbox))
        for start in range(0, len(self.table) if near is None else len(near), BATCH_ROWS):
            rows = slice(start, start + BATCH_ROWS)
            yield self._with_columns(self.table.iloc[rows if near is None else near[rows]], columns)

    def count(self, bbox: Box | None = None) -> int:
        """How many features :meth:`batches` gives; see :class:`Layer`."""
        near = None if bbox is None else self._near(np.atleast_2d(bbox))
        return len(self.table) if near is None else len(near)

    def _near(self, boxes: NDArray[np.float64]) -> NDArray[np.intp] | None:
        """The rows that some boxes may meet; None for all of them."""
        if any(covers(box, self.total_bounds) for box in boxes):
            return None
        return np.union1d(self.table.sindex.query(shapely.box(*boxes.T))[1], self._nowhere)

    @cached_property
    def _nowhere(self) -> NDArray[np.intp]:
        """The features of which it is not known where they lie."""
        return np.flatnonzero(shapely.is_missing(self.table.geometry.to_numpy()))

    def _with_columns(self, table: gpd.GeoDataFrame, columns: Sequence[str]) -> gpd.GeoDataFrame:
        frame = table[[*_columns(self.role, columns, table), table.geometry.name]]
        return _with_unknown(frame, self.role, columns)


@dataclass(frozen=True)
class PackedLayer:
    """A layer of many features: shapes are decoded batch by batch, as they are asked for.

    ``table`` is as that of :class:`TableLayer`, without shapes.
    """

    role: Role
    geometry: Geometry
    fields: frozenset[str]
    table: pd.DataFrame
    shapes: GeometryColumn
    crs: pyproj.CRS

    @cached_property
    def total_bounds(self) -> tuple[float, float, float, float]:
        """The extent in the working CRS: west, south, east, north."""
        return self.shapes.total_bounds

    def __len__(self) -> int:
        return len(self.table)

    def frame(self, columns: Sequence[str] = ()) -> gpd.GeoDataFrame:
        """All features with the given fields; see :class:`Layer`."""
        return self._rows(np.arange(len(self.table)), columns)

    def batches(self, columns: Sequence[str] = (), bbox: Box | None = None) -> Iterator[gpd.GeoDataFrame]:
        """The features in turn; see :class:`Layer`."""
        near = np.arange(len(self.table)) if bbox is None else self._near(np.atleast_2d(bbox))
        for start in range(0, len(near), BATCH_ROWS):
            yield self._rows(near[start : start + BATCH_ROWS], columns)

    def count(self, bbox: Box | None = None) -> int:
        """How many features :meth:`batches` gives; see :class:`Layer`."""
        return len(self.table) if bbox is None else len(self._near(np.atleast_2d(bbox)))

    @cached_property
    def _by_west(self) -> tuple[NDArray[np.intp], NDArray[np.float64], float]:
        """The rows by their western ends, these ends, and the widest extent from west to east."""
        west, east = self.shapes.facts.bounds[:, 0], self.shapes.facts.bounds[:, 2]
        order = np.argsort(west, kind="stable")[: np.count_nonzero(~np.isnan(west))]
        return order, west[order], float(np.max(east - west, initial=0.0, where=~np.isnan(west)))

    def _near(self, boxes: NDArray[np.float64]) -> NDArray[np.intp]:
        if any(covers(box, self.total_bounds) for box in boxes):
            return np.arange(len(self.table))
        order, western, widest = self._by_west
        bounds = self.shapes.facts.bounds
        near = np.isnan(bounds[:, 0])
        for west, south, east, north in boxes:
            start, stop = np.searchsorted(western, west - widest), np.searchsorted(western, east, side="right")
            rows = order[start:stop]
            here = bounds[rows]
            near[rows[(here[:, 2] >= west) & (here[:, 1] <= north) & (here[:, 3] >= south)]] = True
        return np.flatnonzero(near)

    def _rows(self, rows: NDArray[np.integer], columns: Sequence[str]) -> gpd.GeoDataFrame:
        wanted = _columns(self.role, columns, self.table)
        some = self.table[wanted].iloc[rows]
        frame = gpd.GeoDataFrame(some, geometry=gpd.GeoSeries(self.shapes.take(rows), index=some.index, crs=self.crs))
        return _with_unknown(frame, self.role, columns)


def _columns(role: Role, fields: Sequence[str], table: pd.DataFrame) -> list[str]:
    """The columns of some fields that a table has, and what each frame has besides."""
    wanted = [column for name in fields for column in role.fields[name].columns]
    return [*(column for column in wanted if column in table.columns), "sound", "certain"]


def _with_unknown(frame: gpd.GeoDataFrame, role: Role, fields: Sequence[str]) -> gpd.GeoDataFrame:
    """A frame with the columns of fields that its layer lacks, all unknown."""
    wanted = [column for name in fields for column in role.fields[name].columns]
    lacking = [column for column in wanted if column not in frame.columns]
    return frame.assign(**dict.fromkeys(lacking, np.nan)) if lacking else frame


def covers(box: Sequence[float] | NDArray[np.float64], other: tuple[float, float, float, float]) -> bool:
    """Whether a box, given as west, south, east, north, holds another; one of no extent is held by none."""
    return bool(box[0] <= other[0] and box[1] <= other[1] and box[2] >= other[2] and box[3] >= other[3])


@dataclass(frozen=True, slots=True)
class Raster:
    """A raster on its own grid.

    ``path`` is what GDAL opens; ``nodata_is_zero`` is the manifest's word that cells without data hold nothing;
    ``classes`` the manifest's reading of a land-cover raster; ``persons_each`` how many persons a value of 1 is.
    """

    role: Role
    path: Path
    crs: pyproj.CRS
    bounds: tuple[float, float, float, float]
    shape: tuple[int, int]
    nodata_is_zero: bool = False
    classes: str | Mapping[str, tuple[int, ...]] | None = None
    persons_each: float = 1.0


@dataclass(frozen=True, slots=True)
class Submission:
    """Layers and rasters by role in one working CRS in metres, with their provenance and defects.

    ``faults`` says, for a role whose layer was set aside, why; ``none`` are the roles declared not to exist;
    ``unstaged`` the roles whose layers mix existing and planned features though no stage was given.
    """

    name: str
    crs: pyproj.CRS
    kinds: tuple[Kind, ...] = ()
    place: Place = field(default_factory=Place)
    stage: Stage | None = None
    layers: Mapping[str, Layer] = field(default_factory=lambda: MappingProxyType({}))
    rasters: Mapping[str, Raster] = field(default_factory=lambda: MappingProxyType({}))
    none: frozenset[str] = frozenset()
    faults: Mapping[str, tuple[Words, ...]] = field(default_factory=lambda: MappingProxyType({}))
    unstaged: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[Input, ...] = ()
    defects: tuple[Defect, ...] = ()
    local: bool = False

    @property
    def is_large(self) -> bool:
        """Whether some layer has so many features that they are not held decoded."""
        return any(isinstance(layer, PackedLayer) for layer in self.layers.values())

    def has(self, role: str, field_name: str | None = None) -> bool:
        """Whether a role's layer, and a field of it, is at hand."""
        if field_name is None:
            return role in self.layers or role in self.rasters
        return role in self.layers and field_name in self.layers[role].fields
