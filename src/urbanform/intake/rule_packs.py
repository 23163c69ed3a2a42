"""Rule packs: one plan's YAML, with what it extends, read into rules. All faults of a pack are told at once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import urbanform
from urbanform.checks import Check, check_names, find_check
from urbanform.errors import RulePackError
from urbanform.intake.faults import did_you_mean, validation_faults
from urbanform.intake.pack_text import LimitText, PackText, RestatedRuleText, RuleText
from urbanform.intake.paths import PathRefused, inside, is_inside
from urbanform.intake.yaml_lines import YamlFault, line_of, plain, read_yaml
from urbanform.model.needs import SCOPE
from urbanform.model.roles import ROLES, SCOPES
from urbanform.model.rules import (
    AppliesWhen,
    Document,
    Kind,
    Limit,
    Place,
    Rule,
    RulePack,
    Severity,
    Source,
    Title,
)
from urbanform.wording import Words, words


def rules_folder() -> Path:
    """Where the packs lie that come with urbanform: inside the installed package, else at the checkout's root."""
    package = Path(urbanform.__file__).parent
    installed = package / "rules"
    return installed if installed.is_dir() else package.parent.parent / "rules"


def pack_ids() -> tuple[str, ...]:
    """The ids of the packs that come with urbanform."""
    return tuple(sorted(path.stem for path in rules_folder().glob("*.yaml")))


def pack_path(pack: str, beside: Path | None = None, within: Path | None = None) -> Path:
    """The file of a pack id, or of a path to a user's own pack.

    Parameters
    ----------
    beside
        A folder in which a relative path is also looked for.
    within
        The submission that names the pack: only files inside it are taken.
    """
    if pack in pack_ids():
        return rules_folder() / f"{pack}.yaml"
    places = [Path(pack)] + ([beside / pack] if beside else [])
    if within is not None:
        try:
            places = [inside(within, pack)]
        except PathRefused as error:
            raise RulePackError(error.fault) from error
    for path in places:
        if path.is_file():
            return path
    raise RulePackError(words("pack-not-found", pack=pack, hint=did_you_mean(pack, pack_ids())))


@dataclass
class _Entry:
    """One rule as written, with where each pack wrote it, and the document that it cites."""

    text: dict[str, Any]
    file: str
    lines: Any
    at: int
    document: Document
    document_title: Title


@dataclass
class _Pack:
    text: dict[str, Any]
    file: str
    lines: Any
    entries: dict[str, _Entry]
    document: Document
    title: Title


def read_rule_pack(pack: str, within: Path | None = None) -> RulePack:
    """The pack of an id or a path, with everything that it inherits.

    Parameters
    ----------
    within
        The submission whose manifest names the pack: its path, and those that it extends, must stay inside.

    Raises
    ------
    RulePackError
        With every fault of the file: its line, what was found, what was wanted, the nearest known word.
    """
    path = pack_path(pack, within=within)
    faults: list[Words] = []
    merged = _merge(path, (), faults, within)
    rules = [_rule(entry, faults) for entry in merged.entries.values()]
    if faults:
        raise RulePackError(faults)
    place = Place(**(merged.text.get("place") or {}))
    kept = [rule for rule in rules if rule is not None]
    told = {
        "id": merged.text["id"],
        "document": [merged.document.number, merged.document.issued, merged.document.level],
        "place": place.as_json(),
        "rules": [{**entry.text, "cites": entry.document.number} for entry in merged.entries.values()],
    }
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return RulePack(str(merged.text["id"]), merged.title, merged.document, place, tuple(kept), digest)


def _parent(pack: str, path: Path, within: Path | None) -> Path:
    """The file of the pack that the pack at ``path`` extends."""
    if within is None or pack in pack_ids() or not is_inside(within, path):
        return pack_path(pack, path.parent)
    return pack_path(
        (path.parent / pack).relative_to(within).as_posix() if not Path(pack).is_absolute() else pack, within=within
    )


def _merge(path: Path, parents: tuple[Path, ...], faults: list[Words], within: Path | None) -> _Pack:
    """A pack's rules over those of the packs that it extends."""
    empty = _Pack({"id": path.stem}, path.name, {}, {}, Document(), Title(path.stem, path.stem))
    if path.resolve() in parents:
        faults.append(words("pack-cycle", file=path.name))
        return empty
    try:
        lines = read_yaml(path)
    except YamlFault as error:
        faults.append(error.fault)
        return empty
    if not isinstance(lines, Mapping):
        faults.append(words("pack-not-a-map", file=path.name))
        return empty
    whole = plain(lines)
    written_rules = whole.get("rules") or []
    try:
        text = PackText.model_validate({**whole, "rules": [] if isinstance(written_rules, list) else written_rules})
    except ValidationError as error:
        faults += validation_faults(error, path.name, lines, PackText)
        return empty

    document = Document(**(text.document.model_dump() if text.document else {}))
    title = Title(text.title.zh, text.title.en) if text.title else Title(text.id, text.id)
    entries: dict[str, _Entry] = {}
    for parent in text.parents:
        try:
            found = _merge(_parent(parent, path, within), (*parents, path.resolve()), faults, within)
        except RulePackError as error:
            faults += [
                words("in-file", file=path.name, line=line_of(lines, ("extends",)), fault=f) for f in error.faults
            ]
            continue
        entries |= found.entries
    for position, gone in enumerate(text.drop):
        if gone not in entries:
            line = line_of(lines, ("drop", position))
            faults.append(
                words("drop-unknown", file=path.name, line=line, rule=gone, hint=did_you_mean(gone, list(entries)))
            )
        entries.pop(gone, None)
    seen: set[str] = set()
    for position, written in enumerate(written_rules):
        try:
            RestatedRuleText.model_validate(written)
        except ValidationError as error:
            faults += validation_faults(error, path.name, lines, RestatedRuleText, ("rules", position))
            entries.pop(str(written.get("id")) if isinstance(written, dict) else "", None)
            continue
        rule_id = str(written["id"])
        if rule_id in seen:
            faults.append(words("rule-twice", file=path.name, line=line_of(lines, ("rules", position)), rule=rule_id))
        seen.add(rule_id)
        inherited = entries.get(rule_id)
        content = _restated(inherited.text if inherited else {}, written)
        entries[rule_id] = _Entry(content, path.name, lines, position, document, title)
    return _Pack(whole, path.name, lines, entries, document, title)


def _restated(inherited: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's keys with those that a child restates in their place; null removes one."""
    content = dict(inherited)
    if "limit" in written or "limits" in written:
        content.pop("limit", None)
        content.pop("limits", None)
    for key, value in written.items():
        if value is None:
            content.pop(key, None)
        else:
            content[key] = value
    return content


def _rule(entry: _Entry, faults: list[Words]) -> Rule | None:
    """One rule of the merged text; None, with its faults noted, where it cannot be one."""
    prefix = ("rules", entry.at)
    try:
        text = RuleText.model_validate(entry.text)
    except ValidationError as error:
        faults += validation_faults(error, entry.file, entry.lines, RuleText, prefix)
        return None
    line = line_of(entry.lines, prefix)
    name = text.check or text.id
    if name not in check_names():
        at = line_of(entry.lines, (*prefix, "check"))
        hint = did_you_mean(name, check_names())
        faults.append(words("check-unknown", file=entry.file, line=at, rule=text.id, check=name, hint=hint))
        return None
    check = find_check(name)
    before = len(faults)
    params = _params(check, text, entry, faults)
    limits = _limits(check, text, entry, faults)
    scope = text.scope or check.scope
    if scope is None and any(option.role == SCOPE for item in check.needs for option in item.options):
        faults.append(words("scope-missing", file=entry.file, line=line, rule=text.id, known=list(SCOPES)))
    if text.subjects_when and check.subjects is None:
        faults.append(words("subjects-unknown", file=entry.file, line=line, rule=text.id))
    elif text.subjects_when:
        faults += _subject_faults(check, text, entry)
    if len(faults) > before:
        return None
    applies = text.applies_when
    source = Source(
        document=text.source.document or entry.document_title.zh,
        number=text.source.number or text.source.document or entry.document.number,
        clause=text.source.clause,
    )
    return Rule(
        id=text.id,
        check=name,
        title=Title(text.title.zh, text.title.en) if text.title else Title(text.id, text.id),
        severity=text.severity or (Severity.MANDATORY if limits else Severity.ADVISORY),
        source=source,
        binds=tuple(Kind(kind) for kind in text.binds),
        scope=scope,
        limits=limits,
        applies_when=AppliesWhen(
            place=applies.places,
            city_level=applies.levels,
            main_function=applies.functions,
            solar_rich=applies.solar_rich,
        )
        if applies
        else AppliesWhen(),
        subjects_when={key: _tuple(value) for key, value in (text.subjects_when or {}).items()},
        params=params,
        document_year=entry.document.year,
    )


def _tuple(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _params(check: Check, text: RuleText, entry: _Entry, faults: list[Words]) -> Any:
    try:
        return check.params.model_validate(text.params or {})
    except ValidationError as error:
        prefix = ("rules", entry.at, "params")
        faults += validation_faults(error, entry.file, entry.lines, check.params, prefix)
        return None


def _limits(check: Check, text: RuleText, entry: _Entry, faults: list[Words]) -> tuple[Limit, ...]:
    written: list[tuple[tuple[str | int, ...], LimitText]] = []
    if text.limit is not None:
        written.append((("limit",), text.limit))
    written += [(("limits", position), limit) for position, limit in enumerate(text.limits or [])]
    if text.limit is not None and text.limits is not None:
        faults.append(words("limit-and-limits", file=entry.file, line=line_of(entry.lines, ("rules", entry.at))))
    for path, limit in written:
        if limit.unit is not check.unit:
            line = line_of(entry.lines, ("rules", entry.at, *path))
            faults.append(
                words(
                    "wrong-unit",
                    file=entry.file,
                    line=line,
                    rule=text.id,
                    found=str(limit.unit),
                    wanted=str(check.unit),
                    check=check.name,
                )
            )
    limits = [Limit(limit.op, limit.bound, limit.unit, limit.due) for _, limit in written]
    # Without a year a figure binds from the start, so it comes before those that fall due.
    return tuple(sorted(limits, key=lambda limit: -1 if limit.due is None else limit.due))


def _subject_faults(check: Check, text: RuleText, entry: _Entry) -> list[Words]:
    faults = []
    fields = ROLES[check.subjects or ""].fields
    for key, value in (text.subjects_when or {}).items():
        line = line_of(entry.lines, ("rules", entry.at, "subjects_when", key))
        if key not in fields:
            hint = did_you_mean(key, list(fields))
            faults.append(words("unknown-key", file=entry.file, line=line, key=f"subjects_when.{key}", hint=hint))
            continue
        for word in _tuple(value):
            if fields[key].values and word not in fields[key].values:
                hint = did_you_mean(word, fields[key].values)
                faults.append(words("unknown-key", file=entry.file, line=line, key=f"{key}: {word}", hint=hint))
    return faults
