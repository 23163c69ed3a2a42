"""What a submission holds, seen before anything is measured: ``inspect`` and ``init``."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from urbanform.assess import chosen, lacking
from urbanform.errors import ReportError, SubmissionError
from urbanform.intake.crs import describe
from urbanform.intake.crs_examine import examine
from urbanform.intake.layers import Prepared
from urbanform.intake.read import HandedIn, open_submission, read_with_layers
from urbanform.intake.recognise import recognise
from urbanform.intake.rule_packs import read_rule_pack
from urbanform.intake.sources import Source
from urbanform.intake.systems import examined
from urbanform.model.provenance import Action, Defect
from urbanform.model.roles import ROLES, Geometry
from urbanform.model.rules import Kind
from urbanform.model.submission import Submission
from urbanform.vocabulary import fold, table
from urbanform.wording import Language, Words, words

_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class SurveyedLayer:
    """One layer: the role that it plays and why, and what of it is used."""

    path: str
    role: str | None
    why: Words
    crs: str | None
    encoding: str | None
    geometry: str | None
    features: int | None
    fields: dict[str, str]
    unused: tuple[str, ...]
    accepted: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that ``inspect`` tells.

    Attributes
    ----------
    lacking
        By rule; None where no pack is known.
    working_crs
        None where no layer can be used.
    """

    name: str
    layers: tuple[SurveyedLayer, ...]
    defects: tuple[Defect, ...]
    lacking: dict[str, list[str]] | None
    pack: str | None
    working_crs: str | None

    def as_json(self, language: Language) -> dict[str, Any]:
        """The form of ``inspect --json``."""
        found: dict[str, Any] = {
            "layers": [
                {
                    "path": layer.path,
                    "role": layer.role,
                    "why": layer.why.say(language),
                    "crs": layer.crs,
                    "encoding": layer.encoding,
                    "geometry": layer.geometry,
                    "features": layer.features,
                    "fields": layer.fields,
                    "unused": list(layer.unused),
                    "accepted": layer.accepted,
                }
                for layer in self.layers
            ],
            "defects": [
                {
                    "layer": defect.layer,
                    "feature": defect.feature,
                    "kind": defect.kind,
                    "action": str(defect.action),
                    "message": {"zh": defect.message.zh, "en": defect.message.en},
                }
                for defect in self.defects
            ],
        }
        if self.lacking is not None:
            found["lacking"] = self.lacking
        return found


def survey(path: Path, manifest: Path | None = None, rules: str | None = None, kinds: Sequence[Kind] = ()) -> Survey:
    """Read every layer of a submission and tell what each is; nothing is measured."""
    with open_submission(path, manifest) as handed_in:
        told = kinds or handed_in.manifest.kinds
        submission, prepared = read_with_layers(handed_in, None, told)
        name = rules or handed_in.manifest.rules
        pack = None if name is None else read_rule_pack(name, None if rules else handed_in.root)
        wants = None
        if pack is not None:
            wants = {rule.id: lacking(rule, submission) for rule in chosen(pack, (), told)}
            wants = {rule: found for rule, found in wants.items() if found}
        working = "local-metres" if submission.local else describe(submission.crs)
        return Survey(
            name=handed_in.name,
            layers=tuple(_layers(handed_in, submission, prepared)),
            defects=(*submission.defects, *_of_unused(handed_in)),
            lacking=wants,
            pack=None if pack is None else pack.id,
            working_crs=working if submission.layers or submission.rasters else None,
        )


def _layers(
    handed_in: HandedIn, submission: Submission, prepared: dict[str, list[Prepared]]
) -> Iterable[SurveyedLayer]:
    assigned = handed_in.assigned
    read = {(role, item.source): item for role, items in prepared.items() for item in items}
    parts = {(source, role) for role, pairs in assigned.layers.items() for _, source in pairs}
    for source in handed_in.found.sources:
        roles: list[str | None] = [role for used, role in sorted(parts, key=lambda part: part[1]) if used == source]
        for role in roles or [None]:
            item = read.get((role or "", source))
            raster = submission.rasters.get(role or "")
            crs = raster.crs if raster is not None else item.crs if item is not None else source.crs
            yield SurveyedLayer(
                path=source.path,
                role=role,
                why=assigned.reasons[source.path],
                crs=describe(crs) or None,
                encoding=item.encoding if item is not None else source.encoding,
                geometry=None if source.geometry is None else str(source.geometry),
                features=None if source.geometry is Geometry.RASTER else source.features,
                fields=dict(item.columns) if item is not None else {},
                unused=item.unused if item is not None else source.fields,
                accepted=role is not None and submission.has(role) and role not in submission.none,
            )
    for file in handed_in.found.rejected:
        role = assigned.roles.get(file.path)
        yield SurveyedLayer(file.path, role, file.message, None, None, None, None, {}, (), False)


def _of_unused(handed_in: HandedIn) -> Iterable[Defect]:
    """What would stand in the way of layers that play no role yet: their CRS and their encoding."""
    used = {source.path for pairs in handed_in.assigned.layers.values() for _, source in pairs}
    for source in handed_in.found.sources:
        if source.path in used or source.bounds is None or source.geometry is Geometry.RASTER:
            continue
        report = examined(source.crs, source, "<role>")
        told = [*report.faults, *report.notes, *([source.encoding_note] if source.encoding_note else [])]
        for message in told:
            named = message if source.path in message.zh else words("in-layer", path=source.path, fault=message)
            yield Defect(source.path, None, message.code, Action.NOTED, named)


def write_draft(folder: Path) -> Path:
    """Write a commented ``submission.yaml`` into a folder from what is seen there; the only file ever written there.

    Raises
    ------
    SubmissionError
        The folder is none, or has a manifest already.
    ReportError
        It cannot be written.
    """
    if not folder.is_dir():
        raise SubmissionError(words("init-no-folder", path=str(folder)))
    target = folder / "submission.yaml"
    if target.exists() or (folder / "submission.yml").exists():
        raise SubmissionError(words("init-exists", path=str(target)))
    with open_submission(folder) as handed_in:
        text = draft(handed_in)
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ReportError(words("file-unwritable", file=str(target), why=error.strerror or str(error))) from error
    return target


def draft(handed_in: HandedIn) -> str:
    """The text of a manifest that says what recognition found, with what it could not tell as comments."""
    roles: dict[str, list[Source]] = {}
    why: dict[str, Words] = {}
    for source in handed_in.found.sources:
        seen = recognise(source)
        if seen.role is not None:
            roles.setdefault(seen.role, []).append(source)
        else:
            why[source.path] = seen.why
    kinds = _kinds(roles)
    lines = [
        "# urbanform 成果清单：请核对后使用；以 # 开头的行是说明，不起作用",
        "# The manifest of this submission: check it, then use it. Lines with # are comments.",
        f"name: {_quoted(handed_in.name)}",
        f"kind: [{', '.join(kinds)}]" if kinds else "# kind: renewal        # city | county-seat | renewal | village",
        "# rules: henan         # 用哪个规则包 / which pack: urbanform rules list",
        "# place: {province: 河南省, city: 鹤壁市, county: 浚县}",
        "# stage: existing      # 图层混有现状与规划时 / existing | plan",
        "# none: [plazas]       # 确不涉及的图层 / layers that do not exist",
        *_crs_hint(handed_in.found.sources),
        "layers:" if any(_is_settled(role, sources) for role, sources in roles.items()) else "# layers:",
    ]
    for role, sources in sorted(roles.items()):
        lines.append(f"  # {ROLES[role].zh}")
        lines += _entry(role, sources)
    why |= {file.path: file.message for file in handed_in.found.rejected}
    if why:
        lines.append("# 未认出或不能读的图层 / layers that were not recognised, or cannot be read:")
        lines += [f"#   {' '.join(_quoted(path).split())}: {' '.join(told.zh.split())}" for path, told in why.items()]
    return "\n".join(lines) + "\n"


def _crs_hint(sources: Iterable[Source]) -> list[str]:
    """A line that proposes a CRS for layers without one, for the bureau to confirm."""
    without = [source for source in sources if source.crs is None and source.bounds is not None]
    if not without:
        return []
    codes = {code for source in without for code in examine(None, source.bounds or ()).candidates[:1]}
    code = codes.pop() if len(codes) == 1 else "EPSG:4547"
    names = "、".join(" ".join(source.path.split()) for source in without)
    return [f"# crs: {code}       # 请核实：这些图层没有坐标系 / to be confirmed, these layers carry none: {names}"]


def _kinds(roles: dict[str, list[Source]]) -> list[str]:
    tells = {
        Kind.RENEWAL: ("renewal_units",),
        Kind.COUNTY_SEAT: ("county_seat",),
        Kind.VILLAGE: ("villages",),
        Kind.CITY: ("main_urban_area", "built_up_area", "clusters"),
    }
    return [str(kind) for kind, names in tells.items() if any(name in roles for name in names)]


def _is_settled(role: str, sources: list[Source]) -> bool:
    """Whether it is told how a role is made up: by one layer, or by an existing and a planned one."""
    stages = [_stage(source) for source in sources]
    told = None not in stages and len(set(stages)) == len(stages)
    return len(sources) == 1 or (told and role in ("buildings", "roads", "greenways", "footpaths"))


def _entry(role: str, sources: list[Source]) -> list[str]:
    if not _is_settled(role, sources):
        lines = ["  # 有多个候选，请保留一个或列成清单 / several candidates: keep one, or make a list of them"]
        return [*lines, *(f"  # {role}: {_quoted(source.path)}" for source in sources)]
    if len(sources) == 1:
        return [f"  {role}: {_quoted(sources[0].path)}"]
    lines = [f"  {role}:"]
    for source in sources:
        stage = _stage(source)
        if role == "buildings":
            default = "{action: retain}" if stage == "existing" else "{action: new}"
        else:
            default = f"{{status: {stage}}}"
        lines.append(f"    - {{path: {_quoted(source.path)}, defaults: {default}}}")
    return lines


def _stage(source: Source) -> str | None:
    """Existing or planned, as the names of the file or its folders tell; None where they do not."""
    path = PurePosixPath(source.path.partition("#")[0])
    for name in (path.stem, *reversed(path.parent.parts)):
        found = {
            row["stage"]
            for row in table("stage_words")
            if (fold(row["word"]) in fold(name) if not row["word"].isascii() else _is_word(row["word"], name))
        }
        if len(found) == 1:
            return found.pop()
    return None


def _is_word(word: str, name: str) -> bool:
    return fold(word) in [fold(part) for part in re.split(r"[_\-\s.]+", name)]


def _quoted(text: str) -> str:
    """A YAML scalar that reads back as the text."""
    if text.lower() not in _YAML_WORDS and re.fullmatch(r"[^\W\d][\w./（）#-]*", text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)
