"""Whether a layer can be cut at all: what would set it aside when it is read must set it aside in every part."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from urbanform.errors import SubmissionError
from urbanform.intake.crs_together import far_from
from urbanform.intake.join import joined
from urbanform.intake.ledger import LayerRefused, Ledger
from urbanform.intake.manifest import Entry
from urbanform.intake.raw_layer import RawLayer
from urbanform.intake.read import HandedIn
from urbanform.intake.shapefile_bytes import shapefile_counts
from urbanform.intake.shapefiles import encoding_of
from urbanform.intake.sources import Format, Source
from urbanform.intake.stack import ANCHORS
from urbanform.intake.systems import NOWHERE, Systems, in_working
from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.roles import ROLES, Geometry
from urbanform.split.batches import column_names
from urbanform.split.words import say
from urbanform.wording import Words, words


def why_not(role: str, pairs: Sequence[tuple[Entry, Source]], handed_in: HandedIn) -> list[Words]:
    """Why the layers of a role cannot be used, as far as it shows before their features are read; empty if they can."""
    found = [fault for entry, source in pairs for fault in _of_layer(entry, source, handed_in)]
    kinds = {source.geometry for _, source in pairs}
    if len(kinds) > 1 and role != "facilities":
        found.append(words("stack-of-kinds", paths=[source.path for _, source in pairs]))
    return found


def _of_layer(entry: Entry, source: Source, handed_in: HandedIn) -> list[Words]:
    role = ROLES[entry.role]
    if not source.features:
        return [words("layer-empty", path=source.path)]
    if source.format is Format.SHAPEFILE:
        fault = _of_shapefile(source, entry)
        if fault is not None:
            return [fault]
    if source.geometry is not None and source.geometry not in role.geometry:
        wanted = [words(f"geometry-{kind}") for kind in sorted(role.geometry)]
        found = words(f"geometry-{source.geometry}")
        return [words("wrong-geometry", path=source.path, role=role.zh, role_en=role.en, found=found, wanted=wanted)]
    known = column_names(source, entry)
    return [*_of_columns(entry, source, known), *_of_join(entry, source, known, handed_in)]


def _of_shapefile(source: Source, entry: Entry) -> Words | None:
    counts = shapefile_counts(source.file)
    if counts.shp_truncated or counts.shx_truncated or counts.dbf_truncated:
        return words("shapefile-truncated", path=source.path)
    if not counts.agree:
        return words(
            "shapefile-counts",
            path=source.path,
            shp=counts.shp_records,
            shx="—" if counts.shx_entries is None else counts.shx_entries,
            dbf="—" if counts.dbf_claimed is None else counts.dbf_claimed,
        )
    try:
        encoding = encoding_of(source.file, entry.encoding)
    except SubmissionError as error:
        return error.faults[0]
    return None if encoding is None else encoding.fault


def _of_columns(entry: Entry, source: Source, known: Sequence[str]) -> list[Words]:
    found = []
    folded = pd.Series([name.casefold() for name in known], dtype=object)
    alike = [name for name, twice in zip(known, folded.duplicated(keep=False), strict=True) if twice]
    if alike:
        found.append(say("columns-alike", path=source.path, names=alike))
    absent = [name for name in entry.fields.values() if name not in known]
    if absent:
        found.append(words("fields-not-found", path=source.path, columns=absent, known=list(known)))
    absent = [name for name in entry.where if name not in known]
    if absent:
        found.append(words("where-field-missing", path=source.path, fields=absent, known=list(known)))
    return found


def _of_join(entry: Entry, source: Source, known: Sequence[str], handed_in: HandedIn) -> list[Words]:
    """What stands against a table to be joined, found by joining it to no rows."""
    if entry.join is None:
        return []
    none = np.empty(0, dtype=object)
    empty = RawLayer(
        pd.DataFrame({name: pd.Series(dtype=object) for name in known}),
        none.astype(np.int64),
        GeometryColumn(none),
        none.astype(bool),
    )
    root = handed_in.root
    try:
        joined(empty, entry.join, root if root.is_dir() else root.parent, Ledger(entry.role, source.path))
    except LayerRefused as refused:
        return [refused.fault]
    return []


def far_away(systems: Systems, known: Collection[str]) -> dict[str, list[Words]]:
    """Layers over 20 km from the layer that says where the place under review is, as the whole is read.

    ``known`` are the roles that are set aside already, which say nothing of the place.
    """
    anchor = next((found for role in ANCHORS if role not in known and (found := systems.bounds_of(role))), None)
    faults: dict[str, list[Words]] = {}
    if anchor is None:
        return faults
    for (role, source), crs in systems.vectors.items():
        bounds = in_working(source.bounds or NOWHERE, crs, systems.working)
        fault = far_from(anchor, bounds, systems.working, own=crs, role=role, path=source.path)
        if fault is not None and role not in known:
            faults.setdefault(role, []).append(words("in-layer", path=source.path, fault=fault))
    return faults


def is_raster(pairs: Sequence[tuple[Entry, Source]]) -> bool:
    """Whether a role is played by a raster."""
    return any(source.geometry is Geometry.RASTER for _, source in pairs)
