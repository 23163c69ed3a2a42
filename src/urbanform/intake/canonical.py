"""From the columns of a file to canonical columns: which field is which, and what its values mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from urbanform.intake.fields import FieldMatch, match_fields
from urbanform.intake.join import joined, joined_name
from urbanform.intake.land_use import read_land_use
from urbanform.intake.ledger import LayerRefused, Ledger
from urbanform.intake.manifest import Entry
from urbanform.intake.raw_layer import RawLayer
from urbanform.intake.sources import Source
from urbanform.intake.values import Reading, read_field, unreadable_words
from urbanform.model.provenance import Action
from urbanform.model.roles import Field, FieldKind, Role
from urbanform.wording import words

MUST_BE_FILLED = frozenset({"action", "class", "population"})
"""Fields whose blanks leave a feature's contribution unknown, and are listed as required ones are."""


@dataclass
class Canonical:
    """Canonical columns of a layer.

    Attributes
    ----------
    table
        One row per feature: ``id``, ``name`` and the columns of every canonical field that the layer has.
    fields
        The canonical fields that it has.
    columns
        Canonical field → the file's field.
    unused
        The file's fields that mean nothing to the role.
    sizes_unsure
        Fields whose unit nobody told.
    """

    table: pd.DataFrame
    fields: frozenset[str]
    columns: Mapping[str, str]
    unused: tuple[str, ...] = ()
    sizes_unsure: frozenset[str] = field(default_factory=frozenset)

    def add(self, name: str) -> None:
        """Count a field that the manifest gives as one that the layer has."""
        self.fields = self.fields | {name}
        self.sizes_unsure = self.sizes_unsure - {name}


def canonical_columns(
    raw: RawLayer, role: Role, entry: Entry, source: Source, root: Path, ledger: Ledger
) -> tuple[RawLayer, Canonical]:
    """The canonical columns of a layer, and the raw layer with the table joined that the manifest names.

    Fields are those that the manifest names, then those that their names tell; what could be read in two ways is
    listed and not used. Values that cannot be read, and blanks where a value is needed, are listed and unknown.

    Raises
    ------
    LayerRefused
        A field that the manifest names is not there.
    """
    if entry.join is not None:
        raw = joined(raw, entry.join, root, ledger)
    attributes = raw.attributes
    named = dict(entry.fields)
    if entry.join is not None:
        named |= {name: joined_name(column) for name, column in entry.join.take.items()}
    absent = [column for column in named.values() if column not in attributes.columns]
    if absent:
        known = [str(name) for name in attributes.columns]
        raise LayerRefused("field-missing", words("fields-not-found", path=source.path, columns=absent, known=known))

    rest = [str(name) for name in attributes.columns if name not in named.values()]
    match = match_fields(role, rest, {name: attributes[name] for name in rest}, taken=frozenset(named))
    for told in match.ambiguous:
        ledger.layer("field-ambiguous", Action.UNKNOWN, told)
    for told in match.notes:
        ledger.layer(told.code, Action.NOTED, told)
    columns = {**match.fields, **named}

    ids = _ids(raw, role, columns)
    table = pd.DataFrame({"id": ids})
    unsure: set[str] = set()
    for name, item in role.fields.items():
        if name == "id" or (name not in columns and name not in entry.defaults and name not in match.derived):
            continue
        table = table.assign(**_read(item, attributes, columns, match, entry, ids, ledger, unsure))
    if "name" not in table:
        table["name"] = pd.Series([None] * len(table), dtype="str")
    fields = frozenset({"id", "name"} | (set(table.columns) & role.fields.keys()))
    used = set(columns.values()) | {part for parts in match.derived.values() for part in parts}
    unused = tuple(name for name in rest if name not in used)
    return raw, Canonical(table, fields, columns, unused, frozenset(unsure))


def _ids(raw: RawLayer, role: Role, columns: Mapping[str, str]) -> np.ndarray:
    """The id of each feature: its id field's value, else the number that QGIS shows."""
    number = raw.number.astype(str).astype(object)
    if "id" not in columns:
        return number
    written = read_field(role.fields["id"], raw.attributes[columns["id"]]).values
    return np.where(written.isna(), number, written.astype(object))


def _read(
    item: Field,
    attributes: pd.DataFrame,
    columns: Mapping[str, str],
    match: FieldMatch,
    entry: Entry,
    ids: np.ndarray,
    ledger: Ledger,
    unsure: set[str],
) -> dict[str, pd.Series]:
    """The canonical columns of one field."""
    source = columns.get(item.name, "")
    if item.kind is FieldKind.LAND_USE:
        reading = _land_use(item, attributes, source, match, entry, ids, ledger)
    else:
        if source:
            raw = attributes[source]
        elif item.name in match.derived:
            raw = match.derive(item.name, attributes)
        else:
            raw = pd.Series([None] * len(attributes), dtype=object)
        raw = _own_words(raw, entry.mapping.get(item.name, {}))
        reading = read_field(item, raw, source, entry.units.get(item.name))
        if item.kind is FieldKind.POPULATION and source and _unit_unknown(reading, raw):
            unsure.add(item.name)
        told = unreadable_words(item, source or item.name, reading)
        if told is not None:
            ledger.features("unreadable-value", Action.UNKNOWN, ids[reading.unreadable], told)
        for note in reading.notes:
            ledger.layer(note.code, Action.NOTED, note)
    found = {name: column.reset_index(drop=True) for name, column in reading.columns.items()}
    blank = reading.blank
    if item.name in entry.defaults:
        found = _with_default(item, found, blank, entry.defaults[item.name])
    elif source and blank.any() and (item.required or item.name in MUST_BE_FILLED):
        told = words("missing-value", path=ledger.path, field=source)
        ledger.features("missing-value", Action.UNKNOWN, ids[blank], told)
    if item.kind in (FieldKind.TEXT, FieldKind.CATEGORY, FieldKind.LAND_USE):
        found = {name: c if c.dtype == bool else c.astype("str") for name, c in found.items()}
    return found


def _unit_unknown(reading: Reading, raw: pd.Series) -> bool:
    return reading.unit is None and not raw.astype(str).str.contains("万|人", regex=True).any()


def _own_words(raw: pd.Series, mapping: Mapping[str, str]) -> pd.Series:
    """A column with the bureau's own words replaced by those that the manifest gives for them."""
    if not mapping:
        return raw
    text = raw.map(lambda value: None if pd.isna(value) else _as_written(value))
    mapped = text.map(mapping)
    return raw.astype(object).where(mapped.isna(), mapped)


def _as_written(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _with_default(item: Field, found: dict[str, pd.Series], blank: np.ndarray, default: object) -> dict[str, pd.Series]:
    """Columns in which blanks have the manifest's default; what was written and could not be read stays unknown."""
    given = read_field(item, pd.Series([default], dtype=object))
    if given.unreadable.any() or given.blank.any():
        raise LayerRefused("default-unreadable", words("default-unreadable", field=item.name, value=str(default)))
    return {name: column.mask(blank, given.columns[name].iloc[0]) for name, column in found.items()}


def _land_use(
    item: Field,
    attributes: pd.DataFrame,
    source: str,
    match: FieldMatch,
    entry: Entry,
    ids: np.ndarray,
    ledger: Ledger,
) -> Reading:
    raw = _own_words(attributes[source], entry.mapping.get(item.name, {}))
    names = attributes[match.land_use_name] if match.land_use_name else None
    found = read_land_use(raw, names, source)
    for fault in found.faults:
        ledger.layer("land-use", Action.UNKNOWN, fault)
    if found.unreadable.any():
        told = words("unreadable-value", path=ledger.path, field=source, value="…")
        ledger.features("unreadable-value", Action.UNKNOWN, ids[found.unreadable], told)
    columns = {
        item.name: found.classes,
        f"{item.name}_code": found.codes,
        f"{item.name}_doubt": pd.Series(found.doubt, index=found.classes.index),
    }
    return Reading(columns, found.unreadable, found.blank)
