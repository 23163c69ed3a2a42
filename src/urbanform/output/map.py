"""One interactive map per rule: what its verdict rests on, over the layers handed in. Opens without a network."""

from pathlib import Path

from markupsafe import Markup

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, Verdict
from urbanform.output.backdrop import Backdrop, Surroundings
from urbanform.output.basemap import Basemap
from urbanform.output.cards import card_of, keys_of, map_notes
from urbanform.output.figure import (
    TEMPLATES,
    BackdropLayer,
    BasemapLayer,
    EvidenceLayer,
    Furniture,
    OfflineFigure,
    OfflineMap,
)
from urbanform.output.sheet import sheet_of
from urbanform.output.sketch import Sketch, sketch
from urbanform.output.store import write_whole
from urbanform.output.text import script_json, script_text, shown
from urbanform.output.words import ON_THE_MAP, say
from urbanform.wording import Language

MOST_ROWS = 60
MOST_BYTES = 4_000_000
BACKDROP_ID, WORDS_ID = "uf-backdrop", "uf-words"
BACKDROP_TYPE = "application/octet-stream"


def write_map(
    finding: Finding,
    assessment: Assessment,
    path: Path,
    language: Language,
    *,
    surroundings: Surroundings | None = None,
    sketched: Sketch | None = None,
    context: bool = True,
    basemap: Basemap | None = None,
) -> None:
    """Write the map of a finding as one self-contained HTML file.

    Parameters
    ----------
    finding
        One that has a measurement. Without evidence the map shows the area under review and the background.
    language
        The language that the page opens in; a button changes it.
    surroundings
        The backdrops of the submission, where several maps share them; else they are read for this map.
    sketched
        What the map draws, where a report draws it, too.
    context
        Whether the layers handed in are drawn in grey behind the evidence.
    basemap
        Tiles to load beneath; a local grid has no place on earth to show them at, and goes without.

    Raises
    ------
    ReportError
        Where the file cannot be written.
    """
    sheet = sheet_of(assessment.submission)
    tiles = None if sheet.planar else basemap
    drawn = (sketched or sketch(finding, assessment, sheet)).cut(MOST_BYTES)
    backdrop = None
    if context:
        backdrop = (surroundings or Surroundings(assessment.submission, sheet)).around(drawn.around_m)
    data = {
        WORDS_ID: ("application/json", script_json(spoken_words())),
        "evidence": ("application/json", script_text(drawn.as_json())),
    }
    if backdrop is not None and backdrop.text:
        data[BACKDROP_ID] = (BACKDROP_TYPE, Markup())
    place = shown(assessment.submission.name)
    title = f"{finding.rule.title.say(language)} · {place}"

    def layout(body: Markup) -> Markup:
        page = TEMPLATES.get_template("map.html.j2").render(
            map=body,
            place=place,
            card=card_of(finding, MOST_ROWS),
            **legend_of(finding, drawn, backdrop, tiles),
            map_notes=map_notes(
                drawn,
                [*(backdrop.notes() if backdrop else [say("context-none")]), *(tiles.warnings if tiles else ())],
                planar=sheet.planar,
            ),
        )
        return Markup(page)

    figure = OfflineFigure(title, language, layout, data, tiles)
    furnished(figure, "rule", "evidence", "panel", tiles, planar=sheet.planar, backdrop=BACKDROP_ID in data)
    write_whole(path, with_backdrop(figure.render(), backdrop))


def with_backdrop(page: str, backdrop: Backdrop | None) -> bytes:
    """A page as UTF-8, with the packed backdrop in the element that was left empty for it.

    It is most of the page, and ASCII: within a text that has Chinese in it, it would be copied and encoded at length.
    """
    # No text of a submission can hold this: "<" and quotes are escaped wherever one stands.
    before, element, after = page.partition(f'<script type="{BACKDROP_TYPE}" id="{BACKDROP_ID}">')
    packed = backdrop.text if backdrop is not None and element else ""
    return b"".join([before.encode(), element.encode(), packed.encode("ascii"), after.encode()])


def furnished(
    figure: OfflineFigure,
    key: str,
    evidence_id: str,
    panel_id: str,
    basemap: Basemap | None,
    *,
    planar: bool,
    backdrop: bool,
) -> OfflineMap:
    """A folium map put into a figure: evidence over backdrop and basemap, with scale bar, controls and labels."""
    map_ = OfflineMap(key, planar=planar)
    figure.add_child(map_, name="map")
    beneath = BasemapLayer(key, basemap) if basemap else None
    behind = BackdropLayer(key, BACKDROP_ID) if backdrop else None
    evidence = EvidenceLayer(key, evidence_id)
    evidence.add_to(map_)
    if beneath is not None:
        beneath.add_to(map_)
    if behind is not None:
        behind.add_to(map_)
    Furniture(key, map_, evidence, behind, beneath, panel_id).add_to(map_)
    return map_


def legend_of(finding: Finding, drawn: Sketch, backdrop: Backdrop | None, basemap: Basemap | None) -> dict[str, object]:
    """What the legend of a map holds."""
    keys = keys_of(drawn)
    fails = any(item.verdict is Verdict.FAIL for item in finding.subjects)
    graded = any(key.top is not None for key in keys)
    has_subjects = bool(drawn.subjects)
    return {
        "keys": keys,
        "groups": backdrop.groups if backdrop else (),
        "basemap": basemap,
        "framed": drawn.frame is not None,
        "breach": drawn.breach if fails and graded and has_subjects else None,
    }


def spoken_words() -> dict[str, dict[str, str]]:
    """The words of the map's script in both languages."""
    return {code: {"zh": say(code).zh, "en": say(code).en} for code in ON_THE_MAP}
