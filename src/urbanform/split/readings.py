"""What is read of a layer as a whole and would be read otherwise in a part of it.

A column of shares is in percent where its largest value is over 1, and a status left blank leaves it open whether a
feature counts, unless it is blank throughout. A part must be read as the whole is, or it could pass by its smallness:
1 % permeable would be all of it.
"""

from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from urbanform.intake.fields import match_fields
from urbanform.intake.join import read_table
from urbanform.intake.manifest import Entry
from urbanform.intake.read import HandedIn
from urbanform.intake.values import read_field
from urbanform.intake.written_numbers import text_of
from urbanform.model.roles import ROLES, Field, FieldKind
from urbanform.split.batches import distinct_texts
from urbanform.vocabulary import fold, meanings

MOST_SHARES = 2000
"""Distinct shares of at most 1 that are written into a manifest."""


@dataclass
class Readings:
    """What the batches of one layer tell of its readings.

    Attributes
    ----------
    shares
        Canonical field of shares → the distinct values of its column, the manifest's own words put in.
    status_column
        The column of ``status``; None where the layer has none that is blank anywhere by itself.
    """

    entry: Entry
    shares: dict[str, set[str]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    status_column: str | None = None
    status_written: bool = False
    _begun: bool = False

    def see(self, attributes: pa.Table) -> None:
        """Take in a batch of all parts."""
        if not self._begun:
            self._begin(attributes)
        for name, column in self.columns.items():
            own = self.entry.mapping.get(name, {})
            texts = (_as_written(value) for value in distinct_texts(attributes, column))
            self.shares[name] |= {own.get(text, text) for text in texts}
        if self.status_column is not None and not self.status_written:
            self.status_written = has_status(attributes, self.status_column)

    def _begin(self, attributes: pa.Table) -> None:
        self._begun = True
        role = ROLES[self.entry.role]
        wanted = {name: item for name, item in role.fields.items() if item.kind is FieldKind.SHARE or name == "status"}
        if not wanted:
            return
        found = dict(self.entry.fields)
        rest = [name for name in attributes.column_names if name not in found.values()]
        samples = {name: attributes.column(name).to_pandas() for name in rest}
        match = match_fields(role, rest, samples)
        found = {**match.sources, **found}
        for name, item in wanted.items():
            if name not in found or (self.entry.join is not None and name in self.entry.join.take):
                continue
            if item.kind is FieldKind.SHARE:
                self.columns[name] = found[name]
                self.shares[name] = set()
            elif name not in self.entry.defaults:
                self.status_column = found[name]

    def see_table(self, handed_in: HandedIn) -> None:
        """Take in the shares of a table that is joined to the layer."""
        join = self.entry.join
        if join is None:
            return
        taken = {
            name: column
            for name, column in join.take.items()
            if ROLES[self.entry.role].fields[name].kind is FieldKind.SHARE
        }
        if taken:
            root = handed_in.root
            table = read_table((root if root.is_dir() else root.parent) / join.path, join)
            for name, column in taken.items():
                own = self.entry.mapping.get(name, {})
                texts = (_as_written(value) for value in table[column].dropna().unique())
                self.shares.setdefault(name, set()).update(own.get(text, text) for text in texts)

    def percent_words(self) -> dict[str, dict[str, str]]:
        """For each field in percent the bare values of at most 1, with the % that only the others gave them."""
        found = {}
        for name, texts in self.shares.items():
            item = ROLES[self.entry.role].fields[name]
            if _is_percent(item, texts):
                bare = {text: f"{text}%" for text in sorted(texts) if _is_small_and_bare(item, text)}
                own = self.entry.mapping.get(name, {})
                again = {word: bare[told] for word, told in own.items() if told in bare}
                found[name] = {**own, **bare, **again}
        return {name: listed for name, listed in found.items() if listed}


def has_status(attributes: pa.Table, column: str) -> bool:
    """Whether a status is written for any feature."""
    blanks = meanings("blank")
    return any(fold(text_of(value)) not in blanks for value in distinct_texts(attributes, column))


def _is_percent(item: Field, texts: set[str]) -> bool:
    reading = read_field(item, pd.Series(sorted(texts), dtype=object))
    return any(note.code.startswith("share-is") for note in reading.notes)


def _is_small_and_bare(item: Field, text: str) -> bool:
    """Whether a text is a number of at most 1 without a percent sign, and no word that stands for all or nothing."""
    both = read_field(item, pd.Series([text, "99"], dtype=object)).values
    alone = read_field(item, pd.Series([text], dtype=object)).values
    return bool(alone.notna().iloc[0] and both.iloc[0] != alone.iloc[0])


def _as_written(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
