"""A province-wide submission cut into one submission for each area.

Every part has the layers of the whole by role, in their own columns and system, and a manifest that says of them what
the whole one's says; ``check`` on a part gives for that area what ``check`` on the whole gives. What is judged one by
one goes whole to one area; what counts by place goes with a margin as wide as the checks reach (``reaches.py``);
buildings belong to one area and are lent to others (``roles.py``). A layer that cannot be used is so in every part.

Layers are read once, in batches, subjects twice; what waits to be written waits on disk. The folder appears under its
name when all its parts are whole.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyogrio
import shapely

from urbanform.errors import SubmissionError
from urbanform.intake.findings import Findings
from urbanform.intake.manifest import Entry
from urbanform.intake.read import HandedIn, open_submission
from urbanform.intake.rule_packs import read_rule_pack
from urbanform.intake.systems import Systems, settle_systems
from urbanform.model.roles import ROLES
from urbanform.model.rules import Rule
from urbanform.output.store import write_error
from urbanform.split.areas import Areas, county_of, read_areas
from urbanform.split.cutting import Cut, cut_raster_role, cut_role
from urbanform.split.ground import Ground
from urbanform.split.manifests import PartText, copy_beside, manifest_text
from urbanform.split.reaches import join_m, margin_m, neighbour_m
from urbanform.split.roles import SHARING, Sharing
from urbanform.split.sound import far_away, is_raster, why_not
from urbanform.split.subjects import Subjects, settle_subjects
from urbanform.split.summary import LayerTold, Part, PartRole, Standing, Summary
from urbanform.split.words import say
from urbanform.wording import Words

__all__ = ["Part", "PartRole", "Standing", "Summary", "split"]

PARTS = "parts.json"
_CUT = PartRole(Standing.CUT)
MANIFEST = "submission.yaml"


def split(path: Path, by: str, out: Path, progress: Callable[[str], object] = id) -> Summary:
    """Cut a submission into one for each area of a layer.

    Parameters
    ----------
    path
        A folder, a zip of one, or a GeoPackage.
    by
        The layer whose polygons are the areas: a path in the submission (``container#layer``) or a role.
    out
        The folder to write, which must not exist or be empty; it gets a folder for each area, and ``parts.json``.
    progress
        Told the path of each layer as it is cut.

    Returns
    -------
    Summary
        Also what lies in no area, and what had to go to several.

    Raises
    ------
    SubmissionError
        The submission, the layer of areas or the output folder cannot be used; nothing is written.
    ReportError
        The parts cannot be written.
    """
    _refuse_taken(out, path)
    with open_submission(path) as handed_in:
        systems, faults = _systems(handed_in)
        areas = read_areas(handed_in, by, systems)
        if not handed_in.assigned.layers and not faults:
            raise SubmissionError(say("nothing-to-split", path=path.name))
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".urbanform-", dir=out.parent, ignore_cleanup_errors=True) as draft:
                made = Path(draft) / "made"
                made.mkdir()
                (Path(draft) / "waiting").mkdir()
                summary = _cut(handed_in, systems, faults, areas, made, Path(draft) / "waiting", out, progress)
                text = json.dumps(summary.as_json(), ensure_ascii=False, indent=1) + "\n"
                (made / PARTS).write_text(text, encoding="utf-8", newline="\n")
                if out.exists():
                    out.rmdir()
                made.replace(out)
        except OSError as fault:
            raise write_error(out, fault) from fault
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
            raise write_error(out, OSError(str(fault).splitlines()[0])) from fault
    return summary


def _refuse_taken(out: Path, submission: Path) -> None:
    if out.resolve().is_relative_to(submission.resolve()):
        raise SubmissionError(say("out-inside", folder=str(out)))
    if out.exists() and not out.is_dir():
        raise SubmissionError(say("out-is-file", folder=str(out)))
    held = sorted(item.name for item in out.iterdir()) if out.exists() else []
    if held:
        raise SubmissionError(say("out-not-empty", folder=str(out), held=held))


def _systems(handed_in: HandedIn) -> tuple[Systems, dict[str, list[Words]]]:
    """The systems of the layers that can be used, and by role why others cannot."""
    findings = Findings()
    systems = settle_systems(handed_in.assigned, handed_in.manifest, findings)
    faults = {role: [fault.message for fault in found] for role, found in handed_in.assigned.faults.items()}
    for role, found in findings.faults.items():
        faults.setdefault(role, []).extend(found)
    for role, pairs in handed_in.assigned.layers.items():
        if role not in faults and not is_raster(pairs):
            found = why_not(role, pairs, handed_in)
            if found:
                faults[role] = found
    for role, far in far_away(systems, faults).items():
        faults.setdefault(role, []).extend(far)
    return systems, faults


def _cut(
    handed_in: HandedIn,
    systems: Systems,
    faults: dict[str, list[Words]],
    areas: Areas,
    made: Path,
    waiting: Path,
    out: Path,
    progress: Callable[[str], object],
) -> Summary:
    manifest, assigned = handed_in.manifest, handed_in.assigned
    rules = _rules(handed_in)
    margin = margin_m(rules)
    folders = [made / name for name in areas.folders]
    for folder in folders:
        folder.mkdir()
    cut = Cut(areas.source, folders, [{} for _ in folders], [{} for _ in folders], faults, values=[{} for _ in folders])
    usable = {role: pairs for role, pairs in sorted(assigned.layers.items()) if role not in faults}
    ground = Ground(areas.shapes, systems.working)
    whole = {role: pairs for role, pairs in usable.items() if SHARING[role] is Sharing.WHOLE}
    subjects = settle_subjects(whole, systems, ground, areas, join_m(rules), neighbour_m(rules))
    for role, found in subjects.refused.items():
        cut.drop(role, found)
        del usable[role]
    ground.widen(subjects.by_area, subjects.borrowers, margin)
    for role, pairs in usable.items():
        for _, source in pairs:
            progress(source.path)
        if is_raster(pairs):
            cut_raster_role(cut, role, *pairs[0], systems, ground)
        else:
            given = subjects.layers.get(role)
            cut_role(
                cut, role, pairs, systems, ground, manifest, waiting, given, lambda seen: seen.see_table(handed_in)
            )
    for (part, role), others in subjects.elsewhere.items():
        if cut.roles[part].get(role, _CUT).standing in (Standing.NONE, Standing.EMPTY) and role not in cut.faults:
            cut.drop_here(part, role, folders[part])
            there = [areas.names[other] for other in sorted(others)]
            cut.here.setdefault((part, role), []).append(say("judged-elsewhere", role=_named(role), areas=there))
    for part, told in subjects.torn.items():
        if "corridors" in cut.layers[part]:
            cut.drop_here(part, "corridors", folders[part])
        if "corridors" not in cut.faults:
            cut.here.setdefault((part, "corridors"), []).extend(told)
    parts = [_finish(handed_in, cut, areas, part, margin) for part in range(len(areas))]
    notes = _notes(handed_in, cut, areas, subjects)
    return Summary(
        folder=out,
        whole=handed_in.name,
        by=areas.source,
        margin_m=margin,
        parts=tuple(parts),
        layers=tuple(cut.told),
        faults={role: tuple(found) for role, found in cut.faults.items()},
        notes=tuple(notes),
    )


def _rules(handed_in: HandedIn) -> tuple[Rule, ...]:
    name = handed_in.manifest.rules
    return () if name is None else tuple(read_rule_pack(name, handed_in.root).rules)


def _finish(handed_in: HandedIn, cut: Cut, areas: Areas, part: int, margin: float) -> Part:
    """Write a part's manifest and what stands beside its layers."""
    folder, roles, layers = cut.folders[part], cut.roles[part], cut.layers[part]
    stand_ins = {}
    for role in ROLES:
        why = cut.faults.get(role) or cut.here.get((part, role))
        if why:
            told = say("set-aside", faults=list(why))
            file = f"{ROLES[role].zh}-未切分.geojson"
            note = say("stand-in", role=_named(role), key=role, why=told)
            (folder / file).write_text(f"{note.zh}\n\n{note.en}\n", encoding="utf-8", newline="\n")
            stand_ins[role] = (file, (told,))
            roles[role] = PartRole(Standing.SET_ASIDE, files=(file,), why=tuple(why))
    used: list[Entry] = [item.entry for items in layers.values() for item in items]
    copy_beside(handed_in, used, folder)
    text = PartText(
        whole=handed_in.name,
        area=areas.names[part],
        by=areas.source,
        county=county_of(areas, areas.names[part]),
        margin_m=margin,
        layers=layers,
        stand_ins=stand_ins,
        none=[role for role, item in roles.items() if item.standing is Standing.NONE],
        empty=[role for role, item in roles.items() if item.standing is Standing.EMPTY],
        values=cut.values[part],
    )
    (folder / MANIFEST).write_text(manifest_text(handed_in.manifest, text), encoding="utf-8", newline="\n")
    area_km2 = float(shapely.area(areas.shapes[part])) / 1e6
    ordered = {role: roles[role] for role in ROLES if role in roles}
    return Part(areas.names[part], areas.folders[part], area_km2, ordered)


def _notes(handed_in: HandedIn, cut: Cut, areas: Areas, subjects: Subjects) -> list[Words]:
    notes = [note for layer in cut.told for note in _of_layer(layer)]
    lent = sum(roles["buildings"].margin for roles in cut.roles if "buildings" in roles)
    if lent:
        notes.append(say("beyond", count=lent))
    notes += subjects.notes
    if areas.overlaps:
        pairs = [f"{one}–{other}" for one, other in areas.overlaps]
        notes.append(say("areas-overlap", count=len(pairs), pairs=pairs))
    used = {source for pairs in handed_in.assigned.layers.values() for _, source in pairs}
    left = [source.path for source in handed_in.found.sources if source not in used and source.path != areas.source]
    if left:
        notes.append(say("not-carried", paths=left))
    return notes


def _of_layer(layer: LayerTold) -> list[Words]:
    return [
        say(kind, role=_named(layer.role), count=getattr(layer, kind), ids=getattr(layer, f"{kind}_ids"))
        for kind in ("outside", "straddling", "nowhere")
        if getattr(layer, kind)
    ]


def _named(role: str) -> Words:
    return Words(role, ROLES[role].zh, ROLES[role].en)
