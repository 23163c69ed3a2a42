"""The layers that make up one role, laid on one another in the working system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from urbanform.intake.crs import LocalMetres
from urbanform.intake.crs_together import far_from
from urbanform.intake.crs_working import ReprojectionError, reproject_each
from urbanform.intake.findings import Findings
from urbanform.intake.layers import Prepared, first_of_each
from urbanform.intake.plausible import settle_sizes
from urbanform.intake.stage import staged
from urbanform.intake.systems import LOCAL_CRS, Bounds, Systems, in_working
from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.provenance import Action
from urbanform.model.roles import ROLES, SCOPES, Geometry
from urbanform.model.submission import Layer, PackedLayer, Stage, TableLayer
from urbanform.wording import Words, words

ANCHORS = (*SCOPES, "renewal_units", "clusters", "villages")
"""Roles by which it is told whether a layer is of the place under review: the first that is there."""


@dataclass(frozen=True)
class Placed:
    """A layer in the working CRS: its canonical columns, and shapes of which the unsound are envelopes."""

    table: pd.DataFrame
    shapes: GeometryColumn


def placed(item: Prepared, systems: Systems, findings: Findings) -> Placed:
    """A prepared layer in the working CRS."""
    try:
        shapes = item.shapes
        # What was mended is flat and has finite coordinates.
        if item.crs != systems.working:
            shapes = reproject_each(shapes, item.crs, systems.working, role=item.role.name, path=item.source.path)
    except ReprojectionError as error:
        for fault in error.faults:
            findings.refuse(item.role.name, "coordinates-impossible", fault)
        shapes = GeometryColumn(np.full(len(item.shapes), None, dtype=object))
    doubtful = ~item.table["sound"].to_numpy(dtype=bool)
    if doubtful.any():
        shapes = shapes.changed(
            lambda block, rows: (
                np.where(doubtful[rows], shapely.envelope(block), block) if doubtful[rows].any() else block
            )
        )
    return Placed(settle_sizes(item, shapes), shapes)


def refuse_far_away(
    frames: Mapping[str, Sequence[Placed]],
    prepared: Mapping[str, Sequence[Prepared]],
    systems: Systems,
    findings: Findings,
) -> None:
    """Set aside every layer and raster over 20 km from the layer that says where the place under review is."""
    anchor = _anchor(frames, systems, findings)
    if anchor is None:
        return
    for role, items in prepared.items():
        for item, frame in zip(items, frames.get(role, ()), strict=False):
            bounds = frame.shapes.total_bounds
            path = item.source.path
            fault = far_from(anchor, bounds, systems.working, own=item.crs, role=role, path=path)
            if fault is not None:
                findings.refuse(role, "far-away", words("in-layer", path=path, fault=fault))
    for role, (source, raster) in systems.rasters.items():
        if raster.crs == LOCAL_CRS or isinstance(systems.working, LocalMetres):
            bounds = raster.bounds
        else:
            bounds = in_working(raster.bounds, raster.crs, systems.working)
        fault = far_from(anchor, bounds, systems.working, own=raster.crs, role=role, path=source.path)
        # A raster of the whole world has no extent in the working system.
        if fault is not None and np.isfinite(bounds).all():
            findings.refuse(role, "far-away", words("in-layer", path=source.path, fault=fault))


def _anchor(frames: Mapping[str, Sequence[Placed]], systems: Systems, findings: Findings) -> Bounds | None:
    """The extent of the place under review; of a layer that is not read, the extent that its file gives."""
    for role in ANCHORS:
        if role in findings.faults:
            continue
        if role in frames:
            ends = np.array([frame.shapes.total_bounds for frame in frames[role]]).T
            west, south, east, north = ends[0].min(), ends[1].min(), ends[2].max(), ends[3].max()
            bounds: Bounds | None = (float(west), float(south), float(east), float(north))
        else:
            bounds = systems.bounds_of(role)
        if bounds is not None and np.isfinite(bounds).all():
            return bounds
    return None


def stacked(
    items: Sequence[Prepared], frames: Sequence[Placed], stage: Stage | None, crs: pyproj.CRS
) -> tuple[Layer, Words | None]:
    """The layer of one role, and why its rules are undetermined where existing and planned features are mixed in it."""
    role = items[0].role
    fields = frozenset().union(*(item.fields for item in items))
    table, shapes = frames[0].table, frames[0].shapes
    if len(frames) > 1:
        table = pd.concat([frame.table for frame in frames], ignore_index=True)
        table, shapes = _without_repeats(items, table, GeometryColumn.joined([frame.shapes for frame in frames]))
    unstaged = None
    if "status" in fields:
        found = staged(table["status"], stage)
        table = table.assign(certain=found.certain)[found.keep].reset_index(drop=True)
        shapes = shapes.where(found.keep)
        if found.mixed:
            unstaged = words("stage-mixed", path=[item.source.path for item in items])
    if shapes.is_packed:
        return PackedLayer(role, items[0].geometry, fields, table, shapes, crs), unstaged
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes.all(), index=table.index, crs=crs))
    return TableLayer(role, items[0].geometry, fields, frame), unstaged


def _without_repeats(
    items: Sequence[Prepared], table: pd.DataFrame, shapes: GeometryColumn
) -> tuple[pd.DataFrame, GeometryColumn]:
    """A stack without features that repeat one of another of its layers."""
    said = np.concatenate([item.said for item in items if item.said is not None])
    read = [name for name in table.columns if name != "id"]
    same_reading = pd.util.hash_pandas_object(table[read].astype(str), index=False).to_numpy()
    sound = table["sound"].to_numpy(dtype=bool)
    keep = first_of_each(items[0].geometry, items[0].role, shapes, sound, lambda rows: (said ^ same_reading)[rows])
    for item, start in zip(items, np.cumsum([0, *(len(item.table) for item in items)]), strict=False):
        rows = np.flatnonzero(~keep[start : start + len(item.table)])
        if rows.size:
            ids = table["id"].to_numpy()[start + rows]
            item.ledger.features("duplicate", Action.REPAIRED, ids, words("duplicate", path=item.source.path))
    return table[keep].reset_index(drop=True), shapes.where(keep)


def refuse_mixed_shapes(items: Sequence[Prepared], findings: Findings) -> None:
    """Set aside a stack of points and polygons of persons, who would be counted in two ways."""
    if len({item.geometry for item in items}) > 1 and items[0].role.name != "facilities":
        paths = [item.source.path for item in items]
        findings.refuse(items[0].role.name, "wrong-geometry", words("stack-of-kinds", paths=paths))


def empty_layer(role: str, crs: pyproj.CRS) -> TableLayer:
    """A layer without features, for a role that is declared not to exist."""
    found = ROLES[role]
    columns = [column for item in found.fields.values() for column in item.columns]
    table = gpd.GeoDataFrame({name: [] for name in (*columns, "sound", "certain")}, geometry=[], crs=crs)
    kind = next(iter(sorted(found.geometry - {Geometry.RASTER}, reverse=True)), Geometry.RASTER)
    return TableLayer(found, kind, frozenset(found.fields), table)
