"""From the columns of a file to canonical columns: which field is which, and what its values mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from urbanform.intake.building_claims import action_from_flags
from urbanform.intake.fields import BESIDES, FieldMatch, match_fields
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

CLAIMS = frozenset({"illegal", "dangerous", "fire_hazard"})
"""Flags that claim an exemption: a blank one claims none, one that cannot be read leaves it open."""


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
    row_numbers
        The file's fields that only number its rows.
    sizes_unsure
        Fields whose unit nobody told.
    """

    table: pd.DataFrame
    fields: frozenset[str]
    columns: Mapping[str, str]
    unused: tuple[str, ...] = ()
    row_numbers: frozenset[str] = field(default_factory=frozenset)
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
    match = match_fields(role, rest, {name: attributes[name] for name in rest})
    for torn in match.ambiguities:
        if not set(torn.canonicals) & named.keys():
            ledger.layer("field-ambiguous", Action.UNKNOWN, torn.message)
    for told in match.suggestions:
        ledger.layer("field-suggested", Action.NOTED, told)
    columns: dict[str, str] = {**match.sources, **named}

    ids = _ids(raw, role, columns)
    table = pd.DataFrame({"id": ids})
    unsure: set[str] = set()
    for name, item in role.fields.items():
        if name == "id" or (name not in columns and name not in entry.defaults and not _has_flags(name, match)):
            continue
        table = table.assign(**_read(item, attributes, columns, match, entry, ids, ledger, unsure))
    if "name" not in table:
        table["name"] = pd.Series([None] * len(table), dtype="str")
    fields = frozenset({"id", "name"} | (set(table.columns) & role.fields.keys()))
    used = {*columns.values(), *(matched.source for matched in match.besides.values())}
    unused = tuple(name for name in match.unused if name not in used)
    return raw, Canonical(table, fields, columns, unused, frozenset(match.row_numbers), frozenset(unsure))


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
        raw = attributes[source] if source else pd.Series([None] * len(attributes), dtype=object)
        raw = _own_words(raw, entry.mapping.get(item.name, {}))
        if not source and _has_flags(item.name, match):
            reading = _action(attributes, match)
        else:
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
    if item.name in CLAIMS:
        found = {name: column.mask(blank, False) for name, column in found.items()}
    if item.name in entry.defaults:
        found = _with_default(item, found, blank, entry.defaults[item.name])
    elif source and blank.any() and (item.required or item.name in MUST_BE_FILLED):
        told = words("missing-value", path=ledger.path, field=source)
        ledger.features("missing-value", Action.UNKNOWN, ids[blank], told)
    if item.kind in (FieldKind.TEXT, FieldKind.CATEGORY, FieldKind.LAND_USE):
        found = {name: c if c.dtype == bool else c.astype("str") for name, c in found.items()}
    return found


def _has_flags(name: str, match: FieldMatch) -> bool:
    return name == "action" and ("demolish_flag" in match.besides or "new_flag" in match.besides)


def _action(attributes: pd.DataFrame, match: FieldMatch) -> Reading:
    """What is to become of buildings, from 是否拆除 and 是否新建."""
    flags = {
        name: read_field(BESIDES[name], attributes[match.besides[name].source]) if name in match.besides else None
        for name in ("demolish_flag", "new_flag")
    }
    return action_from_flags(flags["demolish_flag"], flags["new_flag"], attributes.index)


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
    beside = match.besides.get("land_use_name")
    names = attributes[beside.source] if beside is not None else None
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
