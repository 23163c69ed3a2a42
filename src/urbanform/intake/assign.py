"""Which layer plays which role: as the manifest says, else as names, shapes and fields tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from urbanform.errors import SubmissionError
from urbanform.intake.faults import did_you_mean
from urbanform.intake.manifest import Entry, Manifest
from urbanform.intake.paths import PathRefused, inside
from urbanform.intake.recognise import Recognised, recognise
from urbanform.intake.sources import Found, Source
from urbanform.model.roles import ROLES
from urbanform.wording import Words, words


@dataclass
class Assigned:
    """Roles and their layers.

    Attributes
    ----------
    layers
        Role → the entries that make it up, with their sources.
    faults
        Role → why its layer cannot be used: several candidates, a container without a layer's name.
    reasons
        Path of a source → why it plays its role, or none.
    roles
        Path of a source → the role that it plays.
    """

    layers: dict[str, list[tuple[Entry, Source]]] = field(default_factory=dict)
    faults: dict[str, list[Words]] = field(default_factory=dict)
    reasons: dict[str, Words] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)


def assign(found: Found, manifest: Manifest) -> Assigned:
    """Give every source the role that it plays.

    Raises
    ------
    SubmissionError
        A path of the manifest leads out of the submission or to nothing.
    """
    assigned = Assigned()
    faults: list[Words] = []
    taken: set[str] = set()
    for role, entries in manifest.layers.items():
        for entry in entries:
            source = _named(entry, found, manifest, assigned, faults)
            if source is not None:
                assigned.layers.setdefault(role, []).append((entry, source))
                assigned.roles[source.path] = role
                assigned.reasons[source.path] = words("role-by-manifest", line=entry.line or 0)
                taken.add(source.path)
    if faults:
        raise SubmissionError(faults)
    rest = [source for source in found.sources if source.path not in taken]
    _recognised(rest, manifest, assigned)
    return assigned


def _named(entry: Entry, found: Found, manifest: Manifest, assigned: Assigned, faults: list[Words]) -> Source | None:
    base = found.root if found.root.is_dir() else found.root.parent
    file = manifest.file or "submission.yaml"
    try:
        path = inside(base, entry.path)
    except PathRefused as error:
        faults.append(words("in-file", file=file, line=entry.line or 1, fault=error.fault))
        return None
    here = [source for source in found.sources if source.origin == path]
    if not here:
        rejected = [defect for defect in found.defects if _same_file(defect.layer, entry.path)]
        if rejected:
            assigned.faults.setdefault(entry.role, []).extend(defect.message for defect in rejected)
            return None
        known = sorted({source.path.partition("#")[0] for source in found.sources})
        hint = did_you_mean(entry.path, known)
        faults.append(words("path-not-found", file=file, line=entry.line or 1, path=entry.path, hint=hint))
        return None
    if entry.layer is not None:
        for source in here:
            if source.layer == entry.layer:
                return source
        hint = did_you_mean(entry.layer, [source.layer or "" for source in here])
        faults.append(
            words("sublayer-not-found", file=file, line=entry.line or 1, path=entry.path, layer=entry.layer, hint=hint)
        )
        return None
    if len(here) > 1:
        names = [f"{entry.path}#{source.layer}" for source in here]
        told = words("container-without-layer", path=entry.path, role=entry.role, names=names, first=names[0])
        assigned.faults.setdefault(entry.role, []).append(told)
        return None
    return here[0]


def _same_file(told: str, path: str) -> bool:
    plain = path.replace("\\", "/").removeprefix("./")
    return told == plain or told.startswith(f"{plain}#")


def _recognised(sources: list[Source], manifest: Manifest, assigned: Assigned) -> None:
    candidates: dict[str, list[tuple[Source, Recognised]]] = {}
    for source in sources:
        seen = recognise(source)
        assigned.reasons[source.path] = seen.why
        if seen.role is not None and seen.role not in manifest.layers:
            candidates.setdefault(seen.role, []).append((source, seen))
        elif seen.role is not None:
            assigned.reasons[source.path] = words("role-taken", role=ROLES[seen.role].zh, role_en=ROLES[seen.role].en)
        for role in seen.torn:
            if role not in manifest.layers:
                assigned.faults.setdefault(role, []).append(seen.why)
    for role, found in candidates.items():
        if role in manifest.none:
            told = words("none-but-found", role=ROLES[role].zh, role_en=ROLES[role].en, path=found[0][0].path)
            raise SubmissionError(told)
        if len(found) > 1:
            paths = [source.path for source, _ in found]
            told = words(
                "several-candidates", role=ROLES[role].zh, role_en=ROLES[role].en, key=role, paths=paths, first=paths[0]
            )
            assigned.faults.setdefault(role, []).append(told)
            for path in paths:
                assigned.reasons[path] = told
            continue
        source, _ = found[0]
        assigned.layers[role] = [(Entry(role, source.path), source)]
        assigned.roles[source.path] = role


def unassigned(found: Found, roles: Mapping[str, str]) -> list[Source]:
    """The sources that play no role."""
    return [source for source in found.sources if source.path not in roles]
