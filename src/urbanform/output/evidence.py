"""The evidence as tables: what a GeoPackage or shapefiles hold of an assessment.

Per rule a table ``<rule>`` of areas, ``<rule>_lines`` and ``<rule>_points``, hyphens as underscores, with all rows, in
the working CRS, unrounded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding
from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.packed_frame import PackedFrame, Rows, taken_apart, together, unpacked
from urbanform.model.roles import Geometry
from urbanform.output.palette import Look, look
from urbanform.output.shapes import ORDER, Part, parts_by_geometry, stacked
from urbanform.output.text import all_shown, shown, table_name
from urbanform.output.words import WORDS, say, verdict_words

_SUFFIX = {Geometry.POLYGON: "", Geometry.LINE: "_lines", Geometry.POINT: "_points"}
_LEADING = ("kind", "kind_zh", "subject", "verdict", "feature", "name")
GEOMETRY = "geometry"
_RESERVED = frozenset({"fid", "geom", "geometry", "ogc_fid"})


@dataclass(frozen=True, slots=True)
class Table:
    """One layer of the evidence: how many rows it has in all, and those that are held."""

    name: str
    rule: str
    title: str
    geometry: Geometry
    rows: Rows
    total: int
    aliases: Mapping[str, str]
    legend: Mapping[str, tuple[str, Look]]

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """The rows; many are decoded anew at each call."""
        return unpacked(self.rows)

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table, shapes as well-known binary in a last column ``geometry``."""
        if isinstance(self.rows, PackedFrame):
            told, shapes = self.rows.arrow(), self.rows.shapes
        else:
            plain, shapes = taken_apart(self.rows)
            # Of a column without any value pandas knows no type.
            told = {
                name: pa.array(plain[name], None if pd.api.types.is_numeric_dtype(plain[name]) else pa.string())
                for name in plain.columns
            }
        return pa.table({**told, GEOMETRY: pa.chunked_array(shapes.packed_blocks(), pa.large_binary())})

    def without_rows(self) -> "Table":
        """What it is besides its rows."""
        return replace(self, rows=gpd.GeoDataFrame(geometry=[], crs=self.rows.crs))


def evidence_tables(assessment: Assessment) -> Iterator[Table]:
    """All layers of evidence in the order of the findings, made one by one; a rule without shapes has none."""
    taken: set[str] = set()
    for finding in assessment.findings:
        stem = table_name(finding.rule.id)
        for table in _tables(finding, stem, assessment.submission.crs):
            name, number = table.name, 2
            while name.lower() in taken:
                name, number = f"{table.name}_{number}", number + 1
            taken.add(name.lower())
            yield replace(table, name=name)


def evidence_layers(tables: Iterable[Table]) -> dict[str, str]:
    """Rule id → the layer that ``results.json`` names: its areas, else its lines, else its points."""
    named: dict[str, str] = {}
    for table in tables:
        named.setdefault(table.rule, table.name)
    return named


def _tables(finding: Finding, stem: str, crs: pyproj.CRS) -> Iterator[Table]:
    verdicts = {item.subject.id: verdict_words(item.verdict).zh for item in finding.subjects}
    found: dict[Geometry, list[Part]] = {}
    legend: dict[str, tuple[str, Look]] = {}
    words: dict[str, str] = {}
    for shapes in finding.evidence:
        for geometry, part in parts_by_geometry(shapes.rows).items():
            found.setdefault(geometry, []).append(part)
        legend |= {kind: (said.zh, look(tone, finding)) for kind, (tone, said) in shapes.legend.items()}
        words |= {name: said.zh for name, said in shapes.columns.items()}
    for geometry in ORDER:
        if geometry not in found:
            continue
        parts = found.pop(geometry)
        plain = _columns(stacked([table for table, _ in parts]), legend, verdicts)
        renamed = _renamed(list(plain.columns))
        aliases = {renamed[name]: words.get(name) or _alias(name) for name in renamed}
        title = finding.rule.title.zh + ("" if geometry is Geometry.POLYGON else f"（{_of(geometry)}）")
        present = set(plain["kind"].astype(str))
        here = {kind: said for kind, said in legend.items() if kind in present}
        rows = together(plain.rename(columns=renamed), GeometryColumn.stacked([shapes for _, shapes in parts]), crs)
        del parts, plain
        yield Table(stem + _SUFFIX[geometry], finding.rule.id, shown(title), geometry, rows, len(rows), aliases, here)


def _of(geometry: Geometry) -> str:
    return "线" if geometry is Geometry.LINE else "点"


def _alias(name: str) -> str:
    code = f"column-{name}"
    return say(code).zh if code in WORDS else name


def _columns(frame: pd.DataFrame, legend: Mapping[str, tuple[str, Look]], verdicts: Mapping[str, str]) -> pd.DataFrame:
    """The columns of a table: kind in words and the subject's verdict beside what the check gave, in plain types."""
    told: dict[str, pd.Series] = {}
    kinds = frame["kind"].astype(str)
    told["kind"] = kinds
    told["kind_zh"] = kinds.map({kind: said for kind, (said, _) in legend.items()}).fillna(kinds)
    if "subject" in frame:
        told["subject"] = frame["subject"]
        told["verdict"] = frame["subject"].map(lambda key: verdicts.get(str(key)), na_action="ignore")
    for name in frame.columns:
        if name not in told:
            told[name] = frame[name]
    ordered = sorted(told, key=lambda name: _LEADING.index(name) if name in _LEADING else len(_LEADING))
    return pd.DataFrame({name: _plain_column(told[name], as_text=name in _LEADING) for name in ordered})


def _plain_column(column: pd.Series, *, as_text: bool) -> pd.Series:
    """Numbers as int64 or float64 (not finite: blank), yes and no as 1 and 0 where some are blank, all else as text."""
    if not as_text and pd.api.types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool)
    if not as_text and pd.api.types.is_numeric_dtype(column):
        if pd.api.types.is_integer_dtype(column) and not column.isna().any():
            return column.astype("int64")
        numbers = column.astype("float64")
        return numbers.where(np.isfinite(numbers))
    if not isinstance(column.dtype, pd.StringDtype):
        text = pd.Series(all_shown(column), index=column.index, dtype=object)
        return text.where(column.notna(), None)
    # Kinds and verdicts are few words for many rows, which each would be held anew.
    place, distinct = pd.factorize(column)
    words = np.array([*all_shown(pd.Series(distinct)), None], dtype=object)
    return pd.Series(words[place], index=column.index, dtype=object)


def _renamed(names: Sequence[str]) -> dict[str, str]:
    """Column names that a GeoPackage can hold: none reserved, no two that differ in case alone."""
    taken = set(_RESERVED)
    renamed = {}
    for name in names:
        told, number = shown(name) or "_", 1
        while told.lower() in taken:
            number += 1
            told = f"{shown(name)}_{number}"
        taken.add(told.lower())
        renamed[name] = told
    return renamed
