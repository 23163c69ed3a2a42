"""``submission.yaml`` of a part: what the whole one's says, with what cutting has settled already left away."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from urbanform.intake.manifest import Entry, Manifest
from urbanform.intake.paths import PathRefused, inside
from urbanform.intake.read import HandedIn
from urbanform.intake.rule_packs import pack_ids
from urbanform.intake.yaml_lines import YamlFault, plain, read_yaml
from urbanform.model.roles import ROLES
from urbanform.split.words import say
from urbanform.wording import Words


@dataclass(frozen=True, slots=True)
class Written:
    """One layer of a part as its manifest names it."""

    path: str
    entry: Entry
    mapping: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lent: bool = False


@dataclass(frozen=True, slots=True)
class PartText:
    """What goes into the manifest of a part.

    Attributes
    ----------
    layers
        Role → its layers.
    stand_ins
        Role → the file that stands for a layer that cannot be used, and why.
    none
        Roles of which a sound layer has nothing here.
    values
        Figures of layers of one feature, where that feature is in the part.
    """

    whole: str
    area: str
    by: str
    county: str | None
    margin_m: float
    layers: Mapping[str, Sequence[Written]]
    stand_ins: Mapping[str, tuple[str, Sequence[Words]]]
    none: Sequence[str]
    empty: Sequence[str]
    values: Mapping[str, Mapping[str, float]]


def manifest_text(manifest: Manifest, part: PartText) -> str:
    """The text of a part's manifest; every value as JSON, which is YAML whatever stands in a name."""
    head = [
        f"# {line}" for told in [say("made-by", whole=part.whole, area=part.area, by=part.by)] for line in _both(told)
    ]
    lines = [*head, f"name: {_json(f'{part.whole} {part.area}')}"]
    if manifest.kinds:
        lines.append(f"kind: {_json([str(kind) for kind in manifest.kinds])}")
    for key in ("rules", "as_of", "stage"):
        given = getattr(manifest, key)
        if given is not None:
            lines.append(f"{key}: {_json(given if key == 'as_of' else str(given))}")
    place = _place(manifest, part.county)
    if place:
        lines.append(f"place: {_json(place)}")
    if manifest.crs is not None:
        lines.append(f"crs: {_json(manifest.crs)}")
    declared = [role for role in ROLES if role in manifest.none or role in part.none]
    if part.none:
        told = say("none-here", metres=round(part.margin_m))
        lines += [f"# {line}" for line in _both(told)]
    if declared:
        lines.append(f"none: {_json(declared)}")
    if part.values:
        lines.append(f"values: {_json({role: dict(given) for role, given in part.values.items()})}")
    entries = _entries(part)
    return "\n".join([*lines, "layers:" if entries else "# layers:", *entries]) + "\n"


def _entries(part: PartText) -> list[str]:
    lines = []
    for role in ROLES:
        if role in part.stand_ins:
            path, why = part.stand_ins[role]
            lines += [f"  # {line}" for told in why for line in _both(told)]
            lines.append(f"  {role}: {_json(path)}")
        elif role in part.layers:
            if role in part.empty:
                lines += [
                    f"  # {line}" for line in _both(say("empty-here", role=Words(role, ROLES[role].zh, ROLES[role].en)))
                ]
            if any(item.lent for item in part.layers[role]):
                lines += [f"  # {line}" for line in _both(say("beyond-here"))]
            items = [_json(_entry(item)) for item in part.layers[role]]
            lines += [f"  {role}: {items[0]}"] if len(items) == 1 else [f"  {role}:", *(f"    - {it}" for it in items)]
    return lines


def _entry(item: Written) -> dict[str, Any]:
    """The keys of an entry that a part still needs: path, and how its columns and cells are to be read."""
    entry = item.entry
    found: dict[str, Any] = {"path": item.path}
    if entry.fields:
        found["fields"] = dict(entry.fields)
    mapping = {**entry.mapping, **item.mapping}
    if mapping:
        found["map"] = {name: dict(words) for name, words in mapping.items()}
    if entry.defaults:
        found["defaults"] = dict(entry.defaults)
    if entry.units:
        found["units"] = dict(entry.units)
    if entry.join is not None:
        sheet = {} if entry.join.sheet is None else {"sheet": entry.join.sheet}
        join = {"path": entry.join.path, **sheet, "on": dict(entry.join.on), "take": dict(entry.join.take)}
        found["join"] = join
    if entry.crs is not None:
        found["crs"] = entry.crs
    if entry.classes is not None:
        named = isinstance(entry.classes, str)
        found["classes"] = entry.classes if named else {key: list(codes) for key, codes in entry.classes.items()}  # type: ignore[union-attr]
    if entry.nodata_is_zero:
        found["nodata"] = 0
    return found


def _place(manifest: Manifest, county: str | None) -> dict[str, Any]:
    place = manifest.place
    said = {
        "province": place.province,
        "city": place.city,
        "county": place.county or county,
        "city_level": place.city_level,
        "main_function": place.main_function,
        "solar_rich": place.solar_rich,
    }
    return {key: value for key, value in said.items() if value is not None}


def copy_beside(handed_in: HandedIn, used: Sequence[Entry], folder: Path) -> None:
    """Copy into a part what its manifest names besides layers: tables to join, and the submission's own rule pack."""
    root = handed_in.root if handed_in.root.is_dir() else handed_in.root.parent
    for path in dict.fromkeys(entry.join.path for entry in used if entry.join is not None):
        _copy(inside(root, path), root, folder)
    rules = handed_in.manifest.rules
    if rules is not None and rules not in pack_ids() and handed_in.root.is_dir():
        _copy_pack(rules, root, root, folder)


def _copy_pack(name: str, beside: Path, root: Path, folder: Path) -> None:
    """Copy a pack of the submission's own, and those that it extends."""
    try:
        path = next(p for start in (beside, root) if (p := inside(start, name)).is_file() and p.is_relative_to(root))
    except (PathRefused, StopIteration):
        return
    if (folder / path.relative_to(root)).exists():
        return
    _copy(path, root, folder)
    try:
        text = plain(read_yaml(path))
    except YamlFault:
        return
    extends = text.get("extends") if isinstance(text, Mapping) else None
    for parent in [extends] if isinstance(extends, str) else extends or []:
        if parent not in pack_ids():
            _copy_pack(str(parent), path.parent, root, folder)


def _copy(path: Path, root: Path, folder: Path) -> None:
    target = folder / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _both(told: Words) -> list[str]:
    lines = (line for text in (told.zh, told.en) for line in text.splitlines())
    # A comment, too, may hold printable characters only.
    return ["".join(sign if sign.isprintable() else "?" for sign in line) for line in lines]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
