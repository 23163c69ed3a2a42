"""All files of an assessment, each whole before it appears; ``results.json`` last, since it names the others."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from urbanform.memory import give_back
from urbanform.model.assessment import Assessment
from urbanform.output.backdrop import Surroundings
from urbanform.output.basemap import Basemap
from urbanform.output.evidence import Table, evidence_layers, evidence_tables
from urbanform.output.excel import weightiest, write_excel
from urbanform.output.geopackage import write_geopackage
from urbanform.output.map import write_map
from urbanform.output.report import write_report
from urbanform.output.shapefile import write_shapefiles
from urbanform.output.sheet import sheet_of
from urbanform.output.sketch import Scopes, sketch
from urbanform.output.store import as_text, results, write_error, write_whole
from urbanform.output.text import file_stem, plain
from urbanform.output.word import write_word
from urbanform.wording import Language


def write(
    assessment: Assessment,
    folder: Path,
    *,
    language: Language,
    run: Mapping[str, object],
    evidence_format: Literal["gpkg", "shp"] = "gpkg",
    context: bool = True,
    basemap: Basemap | None = None,
    methods: Mapping[str, str],
    all_rows: bool = False,
    template: Path | None = None,
) -> None:
    """Write maps, evidence, report, Excel, Word, ``run.json`` and ``results.json`` into a folder.

    An older run's files of the same names are replaced; its maps of rules that now have none, and its evidence in
    the other format, are removed. Nothing else in the folder is touched.

    Parameters
    ----------
    language
        The language that pages open in.
    run
        Where the submission lay, the options and the time: ``run.json``, which is never compared.
    evidence_format
        ``gpkg``: ``evidence.gpkg``; ``shp``: a folder ``evidence``.
    context
        Whether maps draw the layers handed in behind the evidence.
    basemap
        Tiles that pages load beneath; None loads nothing.
    methods
        Check name → its manual page, for the report.
    all_rows
        Whether ``summary.xlsx`` lists every feature and subject; else the worst 2,000 of each rule.
    template
        A bureau's own .docx for ``report.docx``; None takes ours.

    Raises
    ------
    SubmissionError
        Where the template cannot be used.
    ReportError
        Where a file cannot be written.
    """
    measured = [finding for finding in assessment.findings if finding.measurement is not None]
    maps = {finding.rule.id: f"maps/{file_stem(finding.rule.id)}.html" for finding in measured}
    older = _older_maps(folder)
    listed: list[Table] = []
    tables = _listing(evidence_tables(assessment), assessment, all_rows, listed)
    if evidence_format == "shp":
        write_shapefiles(tables, folder / "evidence")
    else:
        write_geopackage(tables, folder / "evidence.gpkg")
    found = results(assessment, maps, evidence_layers(listed))
    write_excel(assessment, listed, folder / "summary.xlsx", language, maps=maps, all_rows=all_rows)
    del listed
    if assessment.submission.is_large:
        give_back()

    sheet = sheet_of(assessment.submission)
    surroundings = Surroundings(assessment.submission, sheet) if context else None
    scopes: Scopes = {}
    sketches = {finding.rule.id: sketch(finding, assessment, sheet, scopes) for finding in measured}
    for finding in measured:
        write_map(
            finding,
            assessment,
            folder / maps[finding.rule.id],
            language,
            surroundings=surroundings,
            sketched=sketches[finding.rule.id],
            context=context,
            basemap=basemap,
        )
    write_report(
        assessment,
        folder / "report.html",
        language,
        found,
        methods=methods,
        surroundings=surroundings,
        sketches=sketches,
        context=context,
        basemap=basemap,
    )
    write_word(assessment, folder / "report.docx", language, maps=maps, context=context, template=template)
    write_whole(folder / "run.json", _json(run))
    write_whole(folder / "results.json", as_text(found).encode("utf-8"))
    _remove(folder, older - set(maps.values()), evidence_format)


def _listing(tables: Iterable[Table], assessment: Assessment, all_rows: bool, listed: list[Table]) -> Iterator[Table]:
    """The tables one by one; what the workbook shows of each is noted on the way, so that none need be held whole."""
    finding_of = {finding.rule.id: finding for finding in assessment.findings}
    for table in tables:
        listed.append(table if all_rows else weightiest(table, finding_of[table.rule]))
        yield table


def _json(run: Mapping[str, object]) -> bytes:
    return (json.dumps(plain(run), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _older_maps(folder: Path) -> set[str]:
    """The maps that the results already in the folder name; none where there are no readable results."""
    try:
        older = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        named = {result["map"] for result in older["results"] if isinstance(result["map"], str)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {path for path in named if path == f"maps/{Path(path).name}"}


def _remove(folder: Path, maps: set[str], evidence_format: str) -> None:
    for path in sorted(maps):
        _unlink(folder / path)
    if evidence_format == "shp":
        _unlink(folder / "evidence.gpkg")
    elif (folder / "evidence" / "fields.csv").is_file():
        try:
            shutil.rmtree(folder / "evidence")
        except OSError as fault:
            raise write_error(folder / "evidence", fault) from fault


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as fault:
        raise write_error(path, fault) from fault
