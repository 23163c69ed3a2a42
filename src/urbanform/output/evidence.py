"""The evidence as tables: what a GeoPackage or shapefiles hold of an assessment.

Per rule a table ``<rule>`` of areas, ``<rule>_lines`` and ``<rule>_points``, hyphens as underscores, with all rows, in
the working CRS, unrounded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding
from urbanform.model.packed_frame import Rows, held, unpacked
from urbanform.model.roles import Geometry
from urbanform.output.palette import Look, look
from urbanform.output.shapes import ORDER, by_geometry, stacked
from urbanform.output.text import all_shown, shown, table_name
from urbanform.output.words import WORDS, say, verdict_words

_SUFFIX = {Geometry.POLYGON: "", Geometry.LINE: "_lines", Geometry.POINT: "_points"}
_LEADING = ("kind", "kind_zh", "subject", "verdict", "feature", "name")
_RESERVED = frozenset({"fid", "geom", "geometry", "ogc_fid"})


@dataclass(frozen=True, slots=True)
class Table:
    """One layer of the evidence."""

    name: str
    rule: str
    title: str
    geometry: Geometry
    rows: Rows
    aliases: Mapping[str, str]
    legend: Mapping[str, tuple[str, Look]]

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """The rows; many are decoded anew at each call."""
        return unpacked(self.rows)


def evidence_tables(assessment: Assessment) -> list[Table]:
    """All layers of evidence in the order of the findings; a rule without shapes has none."""
    taken: set[str] = set()
    tables = []
    for finding in assessment.findings:
        stem = table_name(finding.rule.id)
        for table in _tables(finding, stem, assessment.submission.crs):
            name, number = table.name, 2
            while name.lower() in taken:
                name, number = f"{table.name}_{number}", number + 1
            taken.add(name.lower())
            tables.append(replace(table, name=name))
    return tables


def evidence_layers(tables: Sequence[Table]) -> dict[str, str]:
    """Rule id → the layer that ``results.json`` names: its areas, else its lines, else its points."""
    named: dict[str, str] = {}
    for table in tables:
        named.setdefault(table.rule, table.name)
    return named


def _tables(finding: Finding, stem: str, crs: pyproj.CRS) -> list[Table]:
    verdicts = {item.subject.id: verdict_words(item.verdict).zh for item in finding.subjects}
    found: dict[Geometry, list[gpd.GeoDataFrame]] = {}
    legend: dict[str, tuple[str, Look]] = {}
    words: dict[str, str] = {}
    for shapes in finding.evidence:
        for geometry, frame in by_geometry(shapes.frame).items():
            found.setdefault(geometry, []).append(frame)
        legend |= {kind: (said.zh, look(tone, finding)) for kind, (tone, said) in shapes.legend.items()}
        words |= {name: said.zh for name, said in shapes.columns.items()}
    tables = []
    for geometry in ORDER:
        if geometry not in found:
            continue
        frame = _columns(stacked(found[geometry], crs), legend, verdicts)
        renamed = _renamed([name for name in frame.columns if name != frame.geometry.name])
        aliases = {renamed[name]: words.get(name) or _alias(name) for name in renamed}
        title = finding.rule.title.zh + ("" if geometry is Geometry.POLYGON else f"（{_of(geometry)}）")
        present = set(frame["kind"].astype(str))
        here = {kind: said for kind, said in legend.items() if kind in present}
        rows = held(frame.rename(columns=renamed))
        tables.append(Table(stem + _SUFFIX[geometry], finding.rule.id, shown(title), geometry, rows, aliases, here))
    return tables


def _of(geometry: Geometry) -> str:
    return "线" if geometry is Geometry.LINE else "点"


def _alias(name: str) -> str:
    code = f"column-{name}"
    return say(code).zh if code in WORDS else name


def _columns(
    frame: gpd.GeoDataFrame, legend: Mapping[str, tuple[str, Look]], verdicts: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """The columns of a table: kind in words and the subject's verdict beside what the check gave, in plain types."""
    told: dict[str, pd.Series] = {}
    kinds = frame["kind"].astype(str)
    told["kind"] = kinds
    told["kind_zh"] = kinds.map({kind: said for kind, (said, _) in legend.items()}).fillna(kinds)
    if "subject" in frame:
        told["subject"] = frame["subject"]
        told["verdict"] = frame["subject"].map(lambda key: verdicts.get(str(key)), na_action="ignore")
    for name in frame.columns:
        if name not in told and name != frame.geometry.name:
            told[name] = frame[name]
    ordered = sorted(told, key=lambda name: _LEADING.index(name) if name in _LEADING else len(_LEADING))
    plain = {name: _plain_column(told[name], as_text=name in _LEADING) for name in ordered}
    return gpd.GeoDataFrame(plain, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _plain_column(column: pd.Series, *, as_text: bool) -> pd.Series:
    """Numbers as int64 or float64 (not finite: blank), yes and no as 1 and 0 where some are blank, all else as text."""
    if not as_text and pd.api.types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool)
    if not as_text and pd.api.types.is_numeric_dtype(column):
        if pd.api.types.is_integer_dtype(column) and not column.isna().any():
            return column.astype("int64")
        numbers = column.astype("float64")
        return numbers.where(np.isfinite(numbers))
    text = pd.Series(all_shown(column), index=column.index, dtype=object)
    return text.where(column.notna(), None)


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
