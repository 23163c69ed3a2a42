"""From the columns of a file to canonical columns: which field is which, and what its values mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from urbanform.intake.building_claims import action_from_flags
from urbanform.intake.fields import BESIDES, FieldMatch, match_fields
from urbanform.intake.join import joined, joined_name
from urbanform.intake.land_use import LandUseReading, read_land_use
from urbanform.intake.ledger import LayerRefused, Ledger
from urbanform.intake.manifest import Entry
from urbanform.intake.own_words import OwnWords
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

    def add(self, name: str, unsure: bool) -> None:
        """Count a field that the manifest gives, ``unsure`` where it gives no unit, as one that the layer has."""
        self.fields = self.fields | {name}
        self.sizes_unsure = self.sizes_unsure | {name} if unsure else self.sizes_unsure - {name}


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
            ledger.layer("field-ambiguous", Action.UNKNOWN, ledger.of_layer(torn.message))
    for told in match.suggestions:
        ledger.layer("field-suggested", Action.NOTED, ledger.of_layer(told))
    columns: dict[str, str] = {**match.sources, **named}

    texts = _ids(raw, role, columns)
    ids, table = texts.to_numpy(dtype=object), pd.DataFrame({"id": texts})
    unsure: set[str] = set()
    for name, item in role.fields.items():
        if name == "id" or (name not in columns and name not in entry.defaults and not _has_flags(name, match)):
            continue
        table = table.assign(**_read(item, attributes, columns, match, entry, ids, ledger, unsure))
    for torn in match.ambiguities:
        for name in CLAIMS & (role.fields.keys() & set(torn.canonicals)) - columns.keys() - set(table.columns):
            table[name] = _open_claim(role.fields[name], [attributes[source] for source in torn.sources])
    if "name" not in table:
        table["name"] = pd.Series([None] * len(table), dtype="str")
    fields = frozenset({"id", "name"} | (set(table.columns) & role.fields.keys()))
    used = {*columns.values(), *(matched.source for matched in match.besides.values())}
    unused = tuple(name for name in match.unused if name not in used)
    return raw, Canonical(table, fields, columns, unused, frozenset(match.row_numbers), frozenset(unsure))


def _ids(raw: RawLayer, role: Role, columns: Mapping[str, str]) -> pd.Series:
    """The id of each feature: its id field's value, else the number that QGIS shows."""
    number = pd.Series(pa.array(raw.number).cast(pa.string()).to_pandas(), dtype="str")
    if "id" not in columns:
        return number
    written = read_field(role.fields["id"], raw.attributes[columns["id"]]).values.reset_index(drop=True).astype("str")
    return written.where(written.notna(), number)


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
            ledger.features("unreadable-value", Action.UNKNOWN, ids[reading.unreadable], ledger.of_layer(told))
        for note in reading.notes:
            ledger.layer(note.code, Action.NOTED, ledger.of_layer(note))
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


def _open_claim(item: Field, sources: list[pd.Series]) -> pd.Series:
    """A claim that one of several fields may make: none where all of them deny it or are blank, else unknown."""
    denied = np.ones(len(sources[0]), dtype=bool)
    for source in sources:
        reading = read_field(item, source)
        denied &= reading.blank | (reading.values == False).fillna(False).to_numpy(dtype=bool)  # noqa: E712
    return pd.Series(pd.arrays.BooleanArray(np.zeros(len(denied), dtype=bool), ~denied))


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
    """Whether some numbers of persons stand without a word that would tell persons from ten thousands of them."""
    if reading.unit is not None:
        return False
    bare = raw[reading.values.notna().to_numpy()].astype(str)
    return bool((~bare.str.contains("万|人", regex=True)).any())


def _own_words(raw: pd.Series, mapping: Mapping[str, str]) -> pd.Series:
    """A column with the bureau's own words replaced by those that the manifest gives for them."""
    if not mapping:
        return raw
    # The same few words fill whole columns: each is looked up once. Where kinds are mixed, True would count as 1.
    place, written = pd.factorize(raw) if raw.dtype != object else (np.arange(len(raw)), raw.to_numpy())
    found = np.empty(len(written) + 1, dtype=object)
    # Lists and tables, as GeoJSON may hold, are no words; they are told where they are read, as blanks are.
    is_word = [pd.api.types.is_scalar(value) and not pd.isna(value) for value in written]
    own = OwnWords(mapping)
    words_of = (own.of(value) if yes else value for value, yes in zip(written, is_word, strict=True))
    found[:] = [*words_of, None]
    return pd.Series(found[place], index=raw.index, name=raw.name)


def _with_default(item: Field, found: dict[str, pd.Series], blank: np.ndarray, default: object) -> dict[str, pd.Series]:
    """Columns in which blanks have the manifest's default; what was written and could not be read stays unknown."""
    if item.kind is FieldKind.LAND_USE:
        given = _land_use_columns(item, read_land_use(pd.Series([str(default)], dtype=object), None, item.name))
    else:
        given = dict(read_field(item, pd.Series([default], dtype=object)).columns)
    return {name: column.mask(blank, given[name].iloc[0]) for name, column in found.items()}


def _land_use(
    item: Field,
    attributes: pd.DataFrame,
    source: str,
    match: FieldMatch,
    entry: Entry,
    ids: np.ndarray,
    ledger: Ledger,
) -> Reading:
    blank = pd.Series([None] * len(attributes), dtype=object)
    raw = _own_words(attributes[source] if source else blank, entry.mapping.get(item.name, {}))
    beside = match.besides.get("land_use_name")
    names = attributes[beside.source] if beside is not None else None
    found = read_land_use(raw, names, source)
    for fault in found.faults:
        ledger.layer("land-use", Action.UNKNOWN, ledger.of_layer(fault))
    if found.unreadable.any():
        written = list(dict.fromkeys(raw[found.unreadable].astype(str)))
        told = words("unreadable-value", path=ledger.path, field=source, value=written)
        ledger.features("unreadable-value", Action.UNKNOWN, ids[found.unreadable], told)
    return Reading(_land_use_columns(item, found), found.unreadable, found.blank)


def _land_use_columns(item: Field, found: LandUseReading) -> dict[str, pd.Series]:
    columns = (found.classes, found.codes, pd.Series(found.doubt, index=found.classes.index))
    return dict(zip(item.columns, columns, strict=True))
