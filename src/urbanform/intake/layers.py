"""One layer of a role: from the file to canonical columns and shapes that can be trusted, or known not to be."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from urbanform.intake.canonical import Canonical, canonical_columns
from urbanform.intake.crs import Crs
from urbanform.intake.geometry import Mended, kind_of, mend_each, same_shapes
from urbanform.intake.ledger import LayerRefused, Ledger
from urbanform.intake.manifest import Entry, Manifest
from urbanform.intake.rasters import sidecars
from urbanform.intake.raw_layer import RawLayer
from urbanform.intake.read_vector import read_source
from urbanform.intake.sources import Format, Source
from urbanform.intake.values import read_field
from urbanform.intake.where import selected
from urbanform.model.geometry_column import BLOCK_ROWS, GeometryColumn
from urbanform.model.provenance import Action, Input
from urbanform.model.roles import ROLES, FieldKind, Geometry, Role
from urbanform.wording import figure, words

KEEPS_DUPLICATES = frozenset({"population", "facilities"})
ROW_NUMBERS = frozenset({"objectid", "fid", "oid", "ogc_fid", "gid", "id", "objectid_1", "fid_1", "bsm"})
"""Columns that number rows; two rows that differ in nothing else are one feature."""


@dataclass(frozen=True)
class Prepared:
    """A layer read, in its own coordinates.

    Attributes
    ----------
    table
        Canonical columns with ``sound`` and ``certain``, index 0 … n-1.
    shapes
        As :class:`~urbanform.intake.geometry.Mended` has them.
    sizes_unsure
        Canonical fields whose unit has to be settled by the size of the ground (population without a unit).
    said
        Shape (n,): a digest of every attribute of a feature but its id; equal where these are equal. None where the
        layer is the only one of its role.
    """

    role: Role
    geometry: Geometry
    entry: Entry
    source: Source
    table: pd.DataFrame
    shapes: GeometryColumn
    fields: frozenset[str]
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    crs: Crs
    encoding: str | None
    ledger: Ledger
    said: np.ndarray | None
    sizes_unsure: frozenset[str] = field(default_factory=frozenset)


def prepare(
    entry: Entry,
    source: Source,
    manifest: Manifest,
    crs: Crs,
    root: Path,
    alone: bool = False,
    boxes: NDArray[np.float64] | None = None,
) -> Prepared:
    """Read one layer of a role.

    Parameters
    ----------
    alone
        Whether it is the only one of its role.
    boxes
        Shape (k, 4), in the source's coordinates: features whose extent meets none may be left out.

    Raises
    ------
    LayerRefused
        The layer as a whole cannot be trusted.
    """
    role = ROLES[entry.role]
    ledger = Ledger(role.name, source.path)
    raw, encoding = read_source(source, entry, ledger, boxes)
    raw = _chosen(raw, entry, source)
    if not len(raw.number):
        raise LayerRefused("no-features", words("layer-empty", path=source.path))
    shapeless = raw.shapes.facts.nothing & ~raw.broken
    ghost = _ghosts(raw, shapeless)
    raw, shapeless, ghosts = _rows(raw, ~ghost), shapeless[~ghost], raw.number[ghost]
    if ghosts.size:
        ledger.features("ghost-row", Action.REPAIRED, ghosts, words("ghost-row", path=source.path))
    if not len(raw.number):
        raise LayerRefused("no-features", words("layer-empty", path=source.path))
    kind = _kind(raw.shapes, role, source)

    raw, canonical = canonical_columns(raw, role, entry, source, root, ledger)
    ids = canonical.table["id"].to_numpy()
    shapes, mended = mend_each(raw.shapes, kind, raw.broken)
    _list_shapes(mended, shapeless, ids, ledger)
    sound = mended.sound & ~shapes.facts.nothing
    table = canonical.table.assign(sound=sound, certain=True)
    _apply_values(table, role, manifest, entry, canonical, ledger)

    said = None if alone else _said(raw, canonical)
    said_of = partial(_said, raw, canonical) if said is None else said.__getitem__
    keep = first_of_each(kind, role, shapes, sound, said_of)
    if not keep.all():
        ledger.features("duplicate", Action.REPAIRED, ids[~keep], words("duplicate", path=source.path))
    return Prepared(
        role=role,
        geometry=kind,
        entry=entry,
        source=source,
        table=table[keep].reset_index(drop=True),
        shapes=shapes.where(keep),
        fields=canonical.fields,
        columns=canonical.columns,
        unused=canonical.unused,
        crs=crs,
        encoding=encoding,
        ledger=ledger,
        said=None if said is None else said[keep],
        sizes_unsure=canonical.sizes_unsure,
    )


def _chosen(raw: RawLayer, entry: Entry, source: Source) -> RawLayer:
    if not entry.where:
        return raw
    lacking = [name for name in entry.where if name not in raw.attributes.columns]
    if lacking:
        raise LayerRefused(
            "where-field-missing",
            words("where-field-missing", path=source.path, fields=lacking, known=list(raw.attributes.columns)),
        )
    chosen = selected(raw.attributes, entry.where)
    if len(chosen) and not chosen.any():
        raise LayerRefused("no-features", words("where-chose-nothing", path=source.path))
    return _rows(raw, chosen)


def _rows(raw: RawLayer, which: np.ndarray) -> RawLayer:
    if which.all():
        return raw
    return replace(
        raw,
        attributes=raw.attributes[which].reset_index(drop=True),
        number=raw.number[which],
        shapes=raw.shapes.where(which),
        broken=raw.broken[which],
    )


def _ghosts(raw: RawLayer, shapeless: np.ndarray) -> np.ndarray:
    """Which rows have neither a shape nor any attribute but a row number: shape (n,)."""
    ghost = np.zeros(len(raw.number), dtype=bool)
    if not shapeless.any():
        return ghost
    said = [name for name in raw.attributes.columns if name.lower() not in ROW_NUMBERS]
    values = raw.attributes.loc[shapeless, said]
    blank = (values.isna() | (values.astype(str).apply(lambda column: column.str.strip()) == "")).all(axis=1)
    ghost[np.flatnonzero(shapeless)[blank.to_numpy(dtype=bool)]] = True
    return ghost


def _kind(shapes: GeometryColumn, role: Role, source: Source) -> Geometry:
    found = kind_of(shapes.facts.dimension) or source.geometry
    allowed = [kind for kind in role.geometry if kind is not Geometry.RASTER]
    if found in allowed:
        return Geometry(found)
    wanted = [words(f"geometry-{kind}") for kind in sorted(role.geometry)]
    told = words("geometry-none") if found is None else words(f"geometry-{found}")
    raise LayerRefused(
        "wrong-geometry",
        words("wrong-geometry", path=source.path, role=role.zh, role_en=role.en, found=told, wanted=wanted),
    )


def _list_shapes(mended: Mended, shapeless: np.ndarray, ids: np.ndarray, ledger: Ledger) -> None:
    for kind, rows in mended.repaired.items():
        if kind == "z-dropped":
            ledger.layer(kind, Action.REPAIRED, words(kind, path=ledger.path, count=len(rows)), len(rows))
        else:
            ledger.features(kind, Action.REPAIRED, ids[rows], words(kind, path=ledger.path))
    for kind, rows in mended.distrusted.items():
        ledger.features(kind, Action.UNKNOWN, ids[rows], words(kind, path=ledger.path))
    if shapeless.any():
        ledger.features("no-geometry", Action.UNKNOWN, ids[shapeless], words("no-geometry", path=ledger.path))


def _apply_values(
    table: pd.DataFrame, role: Role, manifest: Manifest, entry: Entry, canonical: Canonical, ledger: Ledger
) -> None:
    """Figures that the manifest gives for a layer of one feature, in the unit that it gives for the field."""
    for name, value in manifest.values.get(role.name, {}).items():
        if len(table) != 1:
            raise LayerRefused(
                "values-for-many", words("values-for-many", role=role.name, field=name, count=len(table))
            )
        unit = entry.units.get(name)
        columns = read_field(role.fields[name], pd.Series([value]), name, unit).columns
        own, instead = (float(held[name].iloc[0]) if name in held else np.nan for held in (table, columns))
        if not np.isnan(own) and own != instead:
            told = words("values-over-own", path=ledger.path, field=name, own=figure(own), given=figure(instead))
            ledger.layer("values-over-own", Action.NOTED, told)
        for column, given in columns.items():
            table[column] = given.to_numpy()
        canonical.add(name, unsure=role.fields[name].kind is FieldKind.POPULATION and unit is None)


def _said(raw: RawLayer, canonical: Canonical, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
    """A digest of every attribute of each feature, or of some, but its id and the numbers that only count rows."""
    numbers = {canonical.columns.get("id"), *canonical.row_numbers}
    names = sorted(n for n in raw.attributes.columns if n not in numbers and n.lower() not in ROW_NUMBERS)
    attributes = raw.attributes.iloc[rows][names]
    if attributes.empty:
        return np.zeros(len(attributes), dtype=np.uint64)
    own = np.concatenate(
        [
            pd.util.hash_pandas_object(attributes.iloc[start : start + BLOCK_ROWS].astype(str), index=False)
            for start in range(0, len(attributes), BLOCK_ROWS)
        ]
    )
    return own ^ pd.util.hash_array(np.array([" ".join(names)], dtype=object))[0]


def first_of_each(
    kind: Geometry, role: Role, shapes: GeometryColumn, sound: np.ndarray, said_of: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """False for features that repeat an earlier one in shape and in what is said of it: shape (n,).

    True throughout for points, and for roles in which two alike are two. Of broken shapes only the envelopes are
    left, which may be alike by chance: they repeat nothing. ``said_of`` gives digests of the attributes of some rows.
    """
    keep = np.ones(len(shapes), dtype=bool)
    if kind is Geometry.POINT or role.name in KEEPS_DUPLICATES:
        return keep
    label = same_shapes(shapes)
    present = np.flatnonzero((label >= 0) & sound)
    alike = present[pd.Series(label[present]).duplicated(keep=False).to_numpy()]
    if alike.size:
        rows = pd.DataFrame({"shape": label[alike], "said": said_of(alike)})
        keep[alike[rows.duplicated().to_numpy()]] = False
    return keep


def input_of(prepared: Prepared, name: Callable[[Crs | None], str]) -> Input:
    """The provenance of a prepared layer."""
    return Input(
        path=prepared.source.path,
        role=prepared.role.name,
        sha256=sha256_of(prepared.source),
        features=prepared.source.features,
        crs=name(prepared.source.crs) or None,
        encoding=prepared.encoding,
    )


def sha256_of(source: Source) -> str:
    """The digest of a source's bytes: of all files of a shapefile, geodatabase or raster, by their names."""
    origin = source.origin
    if origin.is_dir():
        files = sorted(path for path in origin.rglob("*") if path.is_file() and path.suffix.lower() != ".lock")
    elif source.format is Format.SHAPEFILE and origin.suffix.lower() == ".shp":
        parts = (".cpg", ".dbf", ".prj", ".shp", ".shx")
        files = sorted(
            path for path in origin.parent.iterdir() if path.stem == origin.stem and path.suffix.lower() in parts
        )
    elif source.format is Format.GEOTIFF and origin == source.file:
        files = [origin, *sidecars(origin)]
    else:
        files = [origin, *(log for mark in ("-journal", "-wal") if (log := Path(f"{origin}{mark}")).is_file())]
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
