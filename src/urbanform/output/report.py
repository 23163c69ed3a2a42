"""``report.html``: one self-contained file that says what was found, on what it rests, and what is missing."""

import base64
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, Verdict, is_red
from urbanform.model.provenance import Defect
from urbanform.model.roles import ROLES
from urbanform.output.backdrop import Backdrop, Surroundings
from urbanform.output.basemap import Basemap
from urbanform.output.cards import Card, card_of, map_notes, worst_first
from urbanform.output.figure import TEMPLATES, OfflineFigure, asset, content_policy
from urbanform.output.map import BACKDROP_ID, BACKDROP_TYPE, WORDS_ID, furnished, legend_of, spoken_words, with_backdrop
from urbanform.output.palette import GLYPHS
from urbanform.output.sheet import Sheet, sheet_of
from urbanform.output.sketch import Sketch, joined, shared_out, sketch
from urbanform.output.store import as_text, crs_name, defect_order, versions, write_whole
from urbanform.output.text import script_json, script_text, shown
from urbanform.output.words import say, verdict_words
from urbanform.wording import Language, Words

MOST_ROWS = 200
MOST_DEFECTS = 500
MOST_EVIDENCE_BYTES = 3_000_000
MOST_PLAIN_RESULTS_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Chart:
    """A map inside the report: its element, what it says it leaves out, and its legend."""

    html: Markup
    notes: list[Words]
    legend: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Item:
    """One card of the report; ``open`` where it needs to be read."""

    anchor: str
    card: Card
    open: bool
    slot: str
    chart: Chart | None
    map: str | None


def write_report(
    assessment: Assessment,
    path: Path,
    language: Language,
    found: Mapping[str, Any],
    *,
    methods: Mapping[str, str],
    surroundings: Surroundings | None = None,
    sketches: Mapping[str, Sketch] | None = None,
    context: bool = True,
    basemap: Basemap | None = None,
) -> None:
    """Write the report of an assessment.

    All evidence in it together takes at most 3 MB, each rule's weightiest features first; where a map is cut it says
    so and names the full one. The backdrop is packed once for all maps.

    Parameters
    ----------
    language
        The language that the page opens in; a button changes it.
    found
        What ``results.json`` holds; it is embedded for download.
    methods
        Check name → its manual page.
    surroundings
        The backdrops of the submission, where maps share them; else they are read.
    sketches
        Rule id → what its map draws, where that is known already.
    context
        Whether the layers handed in are drawn in grey behind the evidence.
    basemap
        Tiles to load beneath the maps; None loads nothing.

    Raises
    ------
    ReportError
        Where the file cannot be written.
    """
    sheet = sheet_of(assessment.submission)
    tiles = None if sheet.planar else basemap
    ordered = worst_first(assessment.findings)
    kept, cut = _sketches(ordered, assessment, sheet, sketches or {})
    backdrop = None
    if context and kept:
        extents = [drawn.around_m for drawn in kept.values() if drawn.around_m is not None]
        backdrop = (surroundings or Surroundings(assessment.submission, sheet)).around(joined(extents))
    maps = {result["rule"]: result["map"] for result in found["results"]}
    items, data, scripts, heads = [], {}, [], {}
    data[WORDS_ID] = ("application/json", script_json(spoken_words()))
    for number, finding in enumerate(ordered):
        chart = None
        drawn = kept.get(number)
        if drawn is not None:
            chart, head, script = _chart(number, finding, drawn, backdrop, sheet, tiles)
            if number in cut and maps.get(finding.rule.id):
                chart.notes.append(say("map-cut", path=maps[finding.rule.id]))
            heads.update(head)
            scripts.append(script)
            data[f"evidence-{number}"] = ("application/json", script_text(drawn.as_json()))
        needs_reading = finding.verdict in (Verdict.FAIL, Verdict.UNDETERMINED, Verdict.PENDING)
        items.append(
            Item(
                f"rule-{number}",
                card_of(finding, MOST_ROWS),
                needs_reading,
                f"map_r{number}",
                chart,
                maps.get(finding.rule.id),
            )
        )
    if backdrop is not None and backdrop.text:
        data[BACKDROP_ID] = (BACKDROP_TYPE, Markup())
    data["results"] = _embedded(as_text(found))
    body = TEMPLATES.get_template("report.html.j2").render(
        _context(assessment, items, methods), context=context, planar=sheet.planar
    )
    page = TEMPLATES.get_template("page.html.j2").render(
        title=f"{say('report-title').say(language)} · {shown(assessment.submission.name)}",
        language=str(language),
        policy=content_policy(tiles),
        header=Markup("\n".join(heads.values())),
        styles=[asset("urbanform_css"), asset("urbanform_report_css")],
        body=Markup(body),
        data=data,
        page_script=asset("urbanform_page"),
        script=Markup("\n").join([asset("urbanform_report"), *scripts]),
    )
    write_whole(path, with_backdrop(page, backdrop))


def _sketches(
    ordered: Sequence[Finding], assessment: Assessment, sheet: Sheet, known: Mapping[str, Sketch]
) -> tuple[dict[int, Sketch], set[int]]:
    """The sketches of the measured findings by their place in the report, within 3 MB together; which were cut."""
    drawn = {
        number: known.get(finding.rule.id) or sketch(finding, assessment, sheet)
        for number, finding in enumerate(ordered)
        if finding.measurement is not None
    }
    allowed = shared_out(MOST_EVIDENCE_BYTES, [item.size_bytes for item in drawn.values()])
    kept = {number: item.cut(most) for (number, item), most in zip(drawn.items(), allowed, strict=True)}
    return kept, {number for number, item in kept.items() if item.drawn < drawn[number].drawn}


def _chart(
    number: int, finding: Finding, drawn: Sketch, backdrop: Backdrop | None, sheet: Sheet, tiles: Basemap | None
) -> tuple[Chart, dict[str, Markup], Markup]:
    """A map of the report, the assets it needs by name, and the script that draws it when it comes into view."""
    figure = OfflineFigure("", Language.ZH, lambda body: body, {})
    behind = backdrop is not None and bool(backdrop.text)
    key = f"r{number}"
    furnished(figure, key, f"evidence-{number}", f"rule-{number}", tiles, planar=sheet.planar, backdrop=behind)
    _, html, script = figure.parts()
    more = [*(backdrop.notes() if backdrop else [say("context-none")]), *(tiles.warnings if tiles else ())]
    told = map_notes(drawn, more, planar=sheet.planar)
    wrapped = Markup('urbanform.draw["map_{}"] = function () {{\n{}\n}};').format(key, script)
    return Chart(html, told, legend_of(finding, drawn, backdrop, tiles)), figure.assets(), wrapped


def _embedded(text: str) -> tuple[str, Markup]:
    """``results.json`` inside the page: as it is, or packed where it is large."""
    if len(text) <= MOST_PLAIN_RESULTS_BYTES:
        return "application/json", script_text(text)
    packed = gzip.compress(text.encode("utf-8"), 6, mtime=0)
    return "application/gzip", Markup(base64.b64encode(packed).decode("ascii"))


def _context(assessment: Assessment, items: Sequence[Item], methods: Mapping[str, str]) -> dict[str, object]:
    submission, pack = assessment.submission, assessment.pack
    defects = sorted(submission.defects, key=defect_order)
    checks = dict.fromkeys(finding.rule.check for finding in assessment.findings)
    place = submission.place
    document = " · ".join(part for part in (pack.document.number, pack.document.issued) if part)
    return {
        "name": submission.name,
        "place": " ".join(part for part in (place.province, place.city, place.county) if part),
        "kinds": [say(f"kind-{kind}") for kind in submission.kinds] or [say("kind-any")],
        "as_of": assessment.as_of,
        "pack": pack,
        "pack_title": Words(pack.id, pack.title.zh, pack.title.en),
        "document": Words("document", document, document) if document else say("document-none"),
        "counts": [
            (str(verdict), GLYPHS[verdict], _counted(verdict, assessment), assessment.count(verdict))
            for verdict in (
                Verdict.FAIL,
                Verdict.UNDETERMINED,
                Verdict.PENDING,
                Verdict.PASS,
                Verdict.INFO,
                Verdict.NOT_APPLICABLE,
            )
        ],
        "red": any(item.card.style == "fail" for item in items),
        "declared": [_role_words(role) for role in ROLES if role in submission.none],
        "items": items,
        "undecided": [item for item in items if item.card.code == Verdict.UNDETERMINED],
        "defects": [_defect(defect) for defect in defects[:MOST_DEFECTS]],
        "defect_total": len(defects),
        "methods": {name: methods[name] for name in checks if name in methods},
        "inputs": sorted(submission.inputs, key=lambda item: (item.path, item.role)),
        "role_words": _role_words,
        "crs": say("local-grid") if submission.local else _crs_words(assessment),
        "versions": versions(),
    }


def _counted(verdict: Verdict, assessment: Assessment) -> Words:
    told = verdict_words(verdict)
    if verdict is not Verdict.FAIL or not assessment.count(verdict):
        return told
    return say("fail-mandatory", verdict=told, count=sum(is_red(finding) for finding in assessment.findings))


def _crs_words(assessment: Assessment) -> Words:
    crs = assessment.submission.crs
    code = crs_name(crs, local=False)
    told = code if code == crs.name else f"{code} · {crs.name}"
    return Words("crs", told, told)


def _role_words(role: str) -> Words:
    return Words(role, ROLES[role].zh, ROLES[role].en) if role in ROLES else Words(role, role, role)


def _defect(defect: Defect) -> dict[str, object]:
    return {
        "layer": _role_words(defect.layer),
        "feature": defect.feature,
        "message": defect.message,
        "action": say(f"action-{defect.action}"),
        "count": defect.count,
    }
