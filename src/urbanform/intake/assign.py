"""Which layer plays which role: as the manifest says, else as names, shapes and fields tell."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from urbanform.errors import SubmissionError
from urbanform.intake.faults import did_you_mean
from urbanform.intake.find import is_geodatabase
from urbanform.intake.ledger import Fault
from urbanform.intake.manifest import Entry, Manifest
from urbanform.intake.paths import PathRefused, inside
from urbanform.intake.recognise import recognise, recognise_names
from urbanform.intake.sources import Found, Rejected, Source
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
        Role → why its layer cannot be used: unreadable, several candidates, a container without a layer's name.
    reasons
        Path of a source → why it plays its role, or none.
    roles
        Path of a source or of a rejected file → the role that it plays, or would have played.
    """

    layers: dict[str, list[tuple[Entry, Source]]] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    reasons: dict[str, Words] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)

    def blame(self, role: str, kind: str, message: Words) -> None:
        """Say why a role's layer cannot be used."""
        self.faults.setdefault(role, []).append(Fault(kind, message))


def assign(found: Found, manifest: Manifest) -> Assigned:
    """Give every source the role that it plays.

    Raises
    ------
    SubmissionError
        A path of the manifest leads out of the submission or to nothing, or a layer is there of a role that the
        manifest declares not to exist.
    """
    assigned = Assigned()
    faults: list[Words] = []
    taken: set[str] = set()
    for role, entries in manifest.layers.items():
        for entry in entries:
            _check_join(entry, found, manifest, faults)
            named = _named(entry, found, manifest, assigned, faults)
            if named is None:
                continue
            assigned.roles[named.path] = role
            taken.add(named.path)
            if isinstance(named, Rejected):
                assigned.blame(role, named.kind, named.message)
            else:
                assigned.layers.setdefault(role, []).append((entry, named))
                assigned.reasons[named.path] = words("role-by-manifest", line=entry.line or 0)
    if faults:
        raise SubmissionError(faults)
    _recognised(found, taken, manifest, assigned)
    return assigned


def base_of(root: Path) -> Path:
    """The folder from which the paths of a manifest count."""
    return root if root.is_dir() and not is_geodatabase(root) else root.parent


def _check_join(entry: Entry, found: Found, manifest: Manifest, faults: list[Words]) -> None:
    if entry.join is None:
        return
    file, line = manifest.file or "submission.yaml", entry.line or 1
    try:
        path = inside(base_of(found.root), entry.join.path)
    except PathRefused as error:
        faults.append(words("in-file", file=file, line=line, fault=error.fault))
        return
    if base_of(found.root) != found.root:
        # What lies beside a GeoPackage is no part of it.
        fault = words("path-refused", path=entry.join.path)
        faults.append(words("in-file", file=file, line=line, fault=fault))
    elif not path.is_file():
        faults.append(words("in-file", file=file, line=line, fault=words("join-not-found", path=entry.join.path)))


def _named(
    entry: Entry, found: Found, manifest: Manifest, assigned: Assigned, faults: list[Words]
) -> Source | Rejected | None:
    """What an entry of the manifest means; None where that is a fault, which is listed."""
    file, line = manifest.file or "submission.yaml", entry.line or 1
    everything: list[Source | Rejected] = [*found.sources, *found.rejected]
    whole = entry.path if entry.layer is None else f"{entry.path}#{entry.layer}"
    try:
        asked = inside(base_of(found.root), entry.path)
        # A file's name may have a # of its own.
        if entry.layer is not None and inside(base_of(found.root), whole).exists():
            asked, layer = inside(base_of(found.root), whole), None
        else:
            layer = entry.layer
    except PathRefused as error:
        faults.append(words("in-file", file=file, line=line, fault=error.fault))
        return None
    here = [item for item in everything if item.origin == asked]
    if not here:
        alike = {item.origin for item in everything if item.origin is not None and _alike(item.origin, asked)}
        here = [item for item in everything if item.origin in alike] if len(alike) == 1 else []
    if not here:
        foreign = [item for item in found.rejected if item.path == _plain(entry.path)]
        if foreign:
            return foreign[0]
        known = sorted({item.path.partition("#")[0] for item in found.sources})
        hint = did_you_mean(entry.path, known)
        faults.append(words("path-not-found", file=file, line=line, path=entry.path, hint=hint))
        return None
    if layer is not None:
        inner = {(_layer_of(item) or ""): item for item in here}
        if layer in inner:
            return inner[layer]
        by_layer = [item for item in here if isinstance(item, Source) and item.layer == layer]
        if len(by_layer) == 1:
            return by_layer[0]
        hint = did_you_mean(layer, sorted(name for name in inner if name))
        faults.append(words("sublayer-not-found", file=file, line=line, path=entry.path, layer=layer, hint=hint))
        return None
    if len(here) > 1:
        names = [item.path for item in here]
        told = words("container-without-layer", path=entry.path, role=entry.role, names=names, first=names[0])
        assigned.blame(entry.role, "container-without-layer", told)
        return None
    return here[0]


def _layer_of(item: Source | Rejected) -> str | None:
    """The name after the # of a layer's path."""
    return item.path.partition("#")[2] or (item.layer if isinstance(item, Source) else None)


def _plain(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./")


def _alike(one: Path, other: Path) -> bool:
    """Whether two paths are one where letters' case and the way of composing accents do not count."""
    return _folded(one) == _folded(other)


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def _recognised(found: Found, taken: set[str], manifest: Manifest, assigned: Assigned) -> None:
    """Give roles to what the manifest does not name, by what can be told of it."""
    candidates: dict[str, list[Source | Rejected]] = {}
    misshapen: dict[str, list[Source]] = {}
    for source in found.sources:
        if source.path in taken:
            continue
        seen = recognise(source)
        assigned.reasons[source.path] = seen.why
        if seen.role is not None and seen.role in manifest.layers:
            assigned.reasons[source.path] = words("role-taken", role=ROLES[seen.role].zh, role_en=ROLES[seen.role].en)
        elif seen.role is not None:
            candidates.setdefault(seen.role, []).append(source)
        elif seen.misshapen is not None and seen.misshapen not in manifest.layers:
            misshapen.setdefault(seen.misshapen, []).append(source)
        for role in seen.torn:
            if role not in manifest.layers:
                assigned.blame(role, "role-torn", seen.why)
    for item in found.rejected:
        told = None
        if item.origin is not None and item.path not in taken:
            told = recognise_names(item.names[:1], item.names, item.path, None)
        if told is not None:
            for role in (told.role,) if told.role is not None else told.torn:
                if role not in manifest.layers:
                    candidates.setdefault(role, []).append(item)
    _settle(candidates, manifest, assigned)
    for role, sources in misshapen.items():
        if role not in candidates and role not in assigned.faults:
            _refuse_none(role, manifest, sources)
            assigned.layers[role] = [(Entry(role, sources[0].path), sources[0])]
            assigned.roles[sources[0].path] = role
            assigned.reasons[sources[0].path] = words(
                "role-by-name", keyword=sources[0].own_names[0], role=ROLES[role].zh, role_en=ROLES[role].en
            )


def _settle(candidates: dict[str, list[Source | Rejected]], manifest: Manifest, assigned: Assigned) -> None:
    """A role with one candidate has its layer; of several none is chosen."""
    for role, items in candidates.items():
        _refuse_none(role, manifest, items)
        zh, en = ROLES[role].zh, ROLES[role].en
        if len(items) > 1:
            paths = [item.path for item in items]
            told = words("several-candidates", role=zh, role_en=en, key=role, paths=paths, first=paths[0])
            assigned.blame(role, "several-candidates", told)
            assigned.reasons.update(dict.fromkeys(paths, words("role-contested", role=zh, role_en=en)))
        elif isinstance(items[0], Rejected):
            assigned.blame(role, items[0].kind, items[0].message)
            assigned.roles[items[0].path] = role
        else:
            assigned.layers[role] = [(Entry(role, items[0].path), items[0])]
            assigned.roles[items[0].path] = role


def _refuse_none(role: str, manifest: Manifest, items: Iterable[Source | Rejected]) -> None:
    if role in manifest.none:
        paths = [item.path for item in items]
        raise SubmissionError(words("none-but-found", role=ROLES[role].zh, role_en=ROLES[role].en, path=paths[0]))
