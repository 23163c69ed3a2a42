"""Roads of a submission compared with those of OpenStreetMap: what either has and the other lacks.

It tells where one of the two may be out of date or incomplete; it is no check, and no verdict rests on it.

How
    A stretch of road is found on the other side where some line there, of whatever class, runs within 45° of its
    direction and within :data:`REACH_M`, or within half the red-line width where that is known and greater. What is
    not, and hangs together over :data:`AT_LEAST_M`, is listed road by road. Roads inside estates (class ``internal``)
    are looked for on neither side, but count as found where the other side has them under another class. Compared is
    the area under review (main urban area, built-up area, county seat), else the convex hull of the submission's
    roads, as far as the convex hull of OpenStreetMap's roads reaches.
Known limits
    A missing road that runs nearer than the reach to another one, such as the second carriageway of a dual road, is
    not seen, nor is one that is shorter than what is listed. A shifted submission looks as if all were missing.
References
    M. F. Goodchild and G. J. Hunter (1997), doi:10.1080/136588197242419; a reach of 20 m after M. Haklay (2010),
    doi:10.1068/b35097.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from urbanform.errors import SubmissionError
from urbanform.intake.read import open_submission, read_submission
from urbanform.measure.linework import clip_lines
from urbanform.measure.unmatched import unmatched
from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, judge
from urbanform.model.measurement import Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.roles import SCOPES
from urbanform.model.rules import Document, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Submission
from urbanform.output.evidence import Table, evidence_tables
from urbanform.output.geopackage import write_geopackage
from urbanform.output.map import write_map
from urbanform.output.store import write_error
from urbanform.wording import Language, Words, own_words, words

REACH_M = 20.0
AT_LEAST_M = 50.0
LIKELY_SHIFTED_SHARE = 0.6
"""Where more than this of both sides is missing, the coordinates are to be doubted before the roads are."""

WORTH_A_NOTE = 0.02
"""A smaller share of the ground that is not compared is the play of two outlines."""

GPKG, MAP = "compare-osm.gpkg", "maps/compare-osm.html"

WORDS: dict[str, tuple[str, str]] = {
    "title": ("道路与 OpenStreetMap 比对", "Roads compared with OpenStreetMap"),
    "only-submission": ("提交有、OpenStreetMap 没有", "handed in, not in OpenStreetMap"),
    "only-osm": ("OpenStreetMap 有、提交没有", "in OpenStreetMap, not handed in"),
    "found": (
        "提交的 {ours_km} 公里中 {ours_missing_km} 公里在 OpenStreetMap 里找不到；OpenStreetMap 的 {their_km} 公里中 "
        "{their_missing_km} 公里在提交的道路里找不到",
        "of the {ours_km} km handed in, {ours_missing_km} km are not in OpenStreetMap; of the {their_km} km of "
        "OpenStreetMap, {their_missing_km} km are not among the roads handed in",
    ),
    "not-a-verdict": (
        "仅供核对资料是否齐全、是否过时；不影响任何结论。OpenStreetMap 本身也可能缺漏或有误",
        "To see whether data is complete and up to date; no verdict rests on it. OpenStreetMap may itself be wrong",
    ),
    "method": (
        "另一方任意等级、方向相近（45° 以内）的道路在 {reach} 米（已知红线更宽的取其一半）以内即算找到；"
        "连续不足 {least} 米的不列；"
        "内部路不参与比对",
        "found where the other side has any road of much the same direction (45°) within {reach} m (half the red line "
        "where that is wider); runs under {least} m are not listed; roads of class internal are not looked for",
    ),
    "area-scope": ("比对范围：{roles}", "compared within: {roles}"),
    "area-hull": (
        "没有主城区、建成区或县城图层，在提交道路的外包范围内比对",
        "without main urban area, built-up area or county seat, compared within the hull of the roads handed in",
    ),
    "area-cut": (
        "比对范围有 {share}% 在 OpenStreetMap 数据之外，未比对",
        "{share}% of that lies beyond the data of OpenStreetMap and is not compared",
    ),
    "all-classes": (
        "提交的道路没有等级字段，全部参与比对",
        "the roads handed in have no class field; all of them are looked for",
    ),
    "unsound": (
        "提交的道路中有 {count} 条图形有误或不知是否现状，未比对",
        "{count} roads handed in are badly drawn or perhaps not there, and are not compared",
    ),
    "shifted": (
        "双方都有大部分道路找不到对应，多半是坐标偏移或坐标系有误，请先核对坐标",
        "most roads of both sides are not found on the other: the coordinates are probably shifted; check them first",
    ),
    "no-roads-here": (
        "{path} 没有可用的道路图层，无法与 OpenStreetMap 比对{why}",
        "{path} has no roads layer that can be used, so nothing is compared with OpenStreetMap{why}",
    ),
    "no-roads-there": (
        "--compare-osm 指定的 {path} 没有可用的道路图层{why}。请给出 urbanform osm 生成的文件夹",
        "{path}, given with --compare-osm, has no roads layer that can be used{why}. Give a folder made by "
        "urbanform osm",
    ),
    "local-grid": (
        "提交的数据采用独立坐标系（local-metres），无法与 OpenStreetMap 叠合比对",
        "the submission lies on a local grid (local-metres) and cannot be laid over OpenStreetMap",
    ),
    "apart": (
        "提交的道路与 OpenStreetMap 数据没有重叠的范围，无法比对；请换用覆盖该地的 OpenStreetMap 数据",
        "the roads handed in and the data of OpenStreetMap share no ground; use an extract of that place",
    ),
    "column-class": ("道路等级", "class"),
    "column-length_m": ("比对的长度（米）", "length compared (m)"),
    "column-missing_m": ("另一方没有的长度（米）", "length that the other side lacks (m)"),
}


@dataclass(frozen=True, eq=False)
class Roads:
    """The roads of one side as they are compared.

    ``frame`` holds ``id``, ``name``, ``class``, ``red_line_width`` and lines in a CRS in metres.
    """

    path: Path
    frame: gpd.GeoDataFrame
    submission: Submission
    set_aside: int


@dataclass(frozen=True, eq=False)
class Side:
    """What one side has and the other lacks.

    Attributes
    ----------
    km, missing_km
        Length compared, and what of it the other side lacks.
    roads
        A row per road of which something is missing, the most first: ``id``, ``name``, ``class``, ``length_m``,
        ``missing_m`` and the missing stretches.
    """

    km: float
    missing_km: float
    roads: gpd.GeoDataFrame

    @property
    def percent(self) -> float | None:
        """The share that the other side lacks; None where nothing was compared."""
        return 100 * self.missing_km / self.km if self.km else None


@dataclass(frozen=True, eq=False)
class Comparison:
    """What either side has and the other lacks, in the submission's working CRS."""

    submission: Submission
    ours: Side
    theirs: Side
    notes: tuple[Words, ...]

    @property
    def said(self) -> Words:
        """What was found, in one sentence."""
        return _say(
            "found",
            ours_km=round(self.ours.km, 2),
            ours_missing_km=round(self.ours.missing_km, 2),
            their_km=round(self.theirs.km, 2),
            their_missing_km=round(self.theirs.missing_km, 2),
        )


def osm_roads(folder: Path) -> Roads:
    """The roads of a folder that ``urbanform osm`` made.

    Raises
    ------
    SubmissionError
        It cannot be read, or has no roads.
    """
    return _roads(folder, None, "no-roads-there")


def compare(submission: Path, theirs: Roads, manifest: Path | None = None) -> Comparison:
    """Compare the roads of a submission with those of OpenStreetMap.

    Raises
    ------
    SubmissionError
        The submission has no roads that can be used, lies on a local grid, or elsewhere.
    """
    ours = _roads(submission, manifest, "no-roads-here")
    if ours.submission.local:
        raise SubmissionError(_say("local-grid"))
    return compared(ours, theirs)


def compared(ours: Roads, theirs: Roads) -> Comparison:
    """The comparison of two sets of roads within the ground that both cover; see the module."""
    # The one place besides intake and the map that reprojects: the two were read apart, each in its own CRS.
    there = replace(theirs, frame=theirs.frame.to_crs(ours.submission.crs))
    area, notes = _area(ours, there)
    if not shapely.area(area):
        raise SubmissionError(_say("apart"))
    if ours.set_aside:
        notes.append(_say("unsound", count=ours.set_aside))
    if ours.frame["class"].isna().all():
        notes.append(_say("all-classes"))
    mine, other = _side(ours.frame, there.frame, area), _side(there.frame, ours.frame, area)
    shares = [side.percent or 0.0 for side in (mine, other)]
    if min(shares) > 100 * LIKELY_SHIFTED_SHARE:
        notes.insert(0, _say("shifted"))
    return Comparison(ours.submission, mine, other, tuple(notes))


def write_comparison(found: Comparison, folder: Path, language: Language) -> None:
    """Write ``compare-osm.gpkg`` (two styled layers) and ``maps/compare-osm.html`` beside the results of a check.

    Raises
    ------
    ReportError
        A file cannot be written.
    """
    finding = _finding(found)
    assessment = _assessment(found, (finding,))
    write_geopackage(_tables(found), folder / GPKG)
    write_map(finding, assessment, folder / MAP, language)


def remove_older(folder: Path) -> None:
    """Remove what an earlier run wrote, which would speak of another submission.

    Raises
    ------
    ReportError
        A file is in use.
    """
    for name in (GPKG, MAP):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as fault:
            raise write_error(folder / name, fault) from fault


def _roads(path: Path, manifest: Path | None, lacking: str) -> Roads:
    with open_submission(path, manifest) as handed_in:
        read = read_submission(handed_in, frozenset({"roads", *SCOPES}), handed_in.manifest.kinds)
    layer = read.layers.get("roads")
    if layer is None or not len(layer):
        told = read.faults.get("roads", ())
        why = Words("why", f"：{told[0].zh}", f": {told[0].en}") if told else ""
        raise SubmissionError(_say(lacking, path=str(path), why=why))
    frame = layer.frame(("id", "name", "class", "red_line_width"))
    kept = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    kept &= shapely.length(frame.geometry.to_numpy()) > 0
    return Roads(path, frame[kept].reset_index(drop=True), read, int((~kept).sum()))


def _area(ours: Roads, theirs: Roads) -> tuple[shapely.Geometry, list[Words]]:
    """The ground that is compared, and how it was come by."""
    found, roles = [], []
    for role in SCOPES:
        layer = ours.submission.layers.get(role)
        if layer is not None and len(layer):
            frame = layer.frame()
            found.append(shapely.union_all(frame.geometry.to_numpy()[frame["sound"].to_numpy(dtype=bool)]))
            roles.append(Words(role, layer.role.zh, layer.role.en))
    wanted = shapely.union_all(found)
    notes = [_say("area-scope", roles=roles)]
    if not shapely.area(wanted):
        wanted, notes = _hull(ours.frame), [_say("area-hull")]
    area = shapely.intersection(wanted, _hull(theirs.frame))
    beyond = 1 - shapely.area(area) / shapely.area(wanted)
    if beyond > WORTH_A_NOTE:
        notes.append(_say("area-cut", share=round(100 * beyond, 1)))
    return area, notes


def _hull(frame: gpd.GeoDataFrame) -> shapely.Geometry:
    # A single straight road has no hull of its own.
    return shapely.buffer(shapely.convex_hull(shapely.multipoints(_corners(frame))), REACH_M)


def _corners(frame: gpd.GeoDataFrame) -> np.ndarray:
    return np.asarray(shapely.get_coordinates(frame.geometry.to_numpy()))


def _side(frame: gpd.GeoDataFrame, other: gpd.GeoDataFrame, area: shapely.Geometry) -> Side:
    wanted = frame[frame["class"].ne("internal").fillna(True).to_numpy(dtype=bool)]
    lines = clip_lines(wanted.geometry.to_numpy(), area)
    length_m = shapely.length(lines)
    gone = unmatched(lines, other.geometry.to_numpy(), _reach_m(wanted), _reach_m(other), AT_LEAST_M)
    at = np.flatnonzero(gone.length_m > 0)
    at = at[np.argsort(-gone.length_m[at], kind="stable")]
    told = {name: wanted[name].to_numpy(dtype=object)[at] for name in ("id", "name", "class")}
    roads = gpd.GeoDataFrame(
        {**told, "length_m": length_m[at], "missing_m": gone.length_m[at]}, geometry=gone.shapes[at], crs=frame.crs
    )
    return Side(float(length_m.sum()) / 1000, float(gone.length_m.sum()) / 1000, roads)


def _reach_m(frame: gpd.GeoDataFrame) -> np.ndarray:
    return np.fmax(frame["red_line_width"].to_numpy(dtype=float) / 2, REACH_M)


def _finding(found: Comparison) -> Finding:
    """The comparison in the form of a rule without a limit, so that it is drawn as rules are."""
    sides = (("submission", found.ours), ("osm", found.theirs))
    subjects = tuple(
        Subject(
            code,
            _say(f"only-{code}").zh,
            value=side.percent,
            numerator=Quantity(side.missing_km, "km"),
            denominator=Quantity(side.km, "km"),
            missing=None if side.km else _say("apart"),
        )
        for code, side in sides
    )
    evidence = tuple(_shapes(code, side) for code, side in sides)
    method = _say("method", reach=REACH_M, least=AT_LEAST_M)
    notes = (_say("not-a-verdict"), method, *found.notes)
    measured = Measurement(Unit.PERCENT, subjects, notes, evidence, higher_is_worse=True)
    return replace(judge(_rule("compare-osm", "title"), measured, 0), reason=found.said)


def _shapes(code: str, side: Side) -> Shapes:
    kind = f"only-{code}"
    frame = side.roads.rename(columns={"id": "feature"}).assign(kind=kind)
    frame["class"] = side.roads["class"].map(_class_said, na_action="ignore")
    tone = Tone.COUNTED if code == "submission" else Tone.BREACH
    columns = {name: _say(f"column-{name}") for name in ("class", "length_m", "missing_m")}
    return Shapes(frame, legend={kind: (tone, _say(kind))}, columns=columns)


def _class_said(name: str) -> str:
    said = words(f"road-{name}")
    return f"{said.zh} {said.en}"


def _tables(found: Comparison) -> list[Table]:
    """One layer for each side; a side that has nothing which the other lacks has none."""
    tables = []
    for code, side in (("submission", found.ours), ("osm", found.theirs)):
        name = f"only-{code}"
        measured = Measurement(Unit.PERCENT, (Subject(code, value=side.percent),), evidence=(_shapes(code, side),))
        told = evidence_tables(_assessment(found, (judge(_rule(name, name), measured, 0),)))
        tables += [replace(table, name=name.replace("-", "_"), title=_say(name).zh) for table in told]
    return tables


def _rule(rule_id: str, title: str) -> Rule:
    said = _say(title)
    return Rule(
        id=rule_id,
        check=rule_id,
        title=Title(said.zh, said.en),
        severity=Severity.ADVISORY,
        source=Source("© OpenStreetMap contributors, ODbL", None, ""),
    )


def _assessment(found: Comparison, findings: tuple[Finding, ...]) -> Assessment:
    said = _say("title")
    pack = RulePack("compare-osm", Title(said.zh, said.en), Document(), Place(), (), "")
    return Assessment(found.submission, pack, 0, findings)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
