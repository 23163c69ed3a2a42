"""A submission from its path to its layers in one working CRS."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbanform.collector import seldom_collected
from urbanform.errors import SubmissionError
from urbanform.intake.alignment import misaligned
from urbanform.intake.assign import Assigned, assign, base_of
from urbanform.intake.crs import LocalMetres, describe
from urbanform.intake.find import find_sources
from urbanform.intake.findings import Findings
from urbanform.intake.layers import Prepared, input_of, prepare, sha256_of
from urbanform.intake.ledger import LayerRefused
from urbanform.intake.manifest import Entry, Manifest, read_manifest
from urbanform.intake.sources import Found, Source
from urbanform.intake.stack import empty_layer, placed, refuse_far_away, refuse_mixed_shapes, stacked
from urbanform.intake.systems import LOCAL_CRS, Systems, settle_systems
from urbanform.intake.unzip import unpack
from urbanform.model.provenance import Action, Defect, Input
from urbanform.model.rules import Kind
from urbanform.model.submission import Layer, Submission
from urbanform.wording import Words, words


@dataclass
class HandedIn:
    """A submission opened: where it lies, what it holds, what its manifest says and which layer plays which role."""

    path: Path
    root: Path
    scratch: Path
    found: Found
    manifest: Manifest
    assigned: Assigned

    @property
    def name(self) -> str:
        """As the manifest says, else as the folder or file is called."""
        path = self.path.resolve()
        return self.manifest.name or (path.stem if path.is_file() else path.name)


@contextmanager
def open_submission(path: Path, manifest: Path | None = None) -> Iterator[HandedIn]:
    """Open a folder, a zip of one, or a GeoPackage. What had to be unpacked is gone when the block ends.

    Raises
    ------
    SubmissionError
        It cannot be read as a whole, or its manifest has a fault.
    """
    if not path.exists():
        raise SubmissionError(words("submission-not-found", path=str(path)))
    scratch = Path(tempfile.mkdtemp(prefix="urbanform-"))
    try:
        root = _root(path, scratch)
        said = _manifest(root, manifest)
        with seldom_collected():
            found = find_sources(root, scratch)
            yield HandedIn(path, root, scratch, found, said, assign(found, said))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _root(path: Path, scratch: Path) -> Path:
    if path.is_dir():
        return path
    if path.suffix.lower() == ".zip":
        into = scratch / "submission"
        into.mkdir()
        unpack(path, into, path.name)
        held = [item for item in sorted(into.iterdir()) if not item.name.startswith(("__MACOSX", "."))]
        while len(held) == 1 and held[0].is_dir() and held[0].suffix.lower() != ".gdb":
            into = held[0]
            held = sorted(into.iterdir())
        return into
    if path.suffix.lower() == ".gpkg":
        return path
    raise SubmissionError(words("submission-kind", path=path.name))


def _manifest(root: Path, given: Path | None) -> Manifest:
    if given is not None:
        if not given.is_file():
            raise SubmissionError(words("submission-not-found", path=str(given)))
        return read_manifest(given)
    if root.is_dir():
        for name in ("submission.yaml", "submission.yml"):
            if (root / name).is_file():
                return read_manifest(root / name)
    return Manifest()


def read_submission(
    handed_in: HandedIn,
    roles: frozenset[str] | None,
    kinds: Sequence[Kind],
    progress: Callable[[str], object] = id,
) -> Submission:
    """Read the layers of some roles (all that are there where ``roles`` is None) into one working CRS.

    The working CRS is settled by every layer that plays a role, read or not, so that it does not depend on the rules.
    """
    return read_with_layers(handed_in, roles, kinds, progress)[0]


def read_with_layers(
    handed_in: HandedIn,
    roles: frozenset[str] | None,
    kinds: Sequence[Kind],
    progress: Callable[[str], object] = id,
) -> tuple[Submission, dict[str, list[Prepared]]]:
    """A submission, and by role how each of its layers was read."""
    manifest, assigned = handed_in.manifest, handed_in.assigned
    findings = Findings()
    for file in handed_in.found.rejected:
        if file.path not in assigned.roles:
            findings.defects.append(Defect(file.path, None, file.kind, Action.REJECTED, file.message))
    for role, faults in assigned.faults.items():
        for fault in faults:
            findings.refuse(role, fault.kind, fault.message)
    systems = settle_systems(assigned, manifest, findings)

    prepared: dict[str, list[Prepared]] = {}
    for role, pairs in assigned.layers.items():
        if roles is not None and role not in roles:
            continue
        for entry, source in pairs:
            progress(source.path)
            layer = _vector(entry, source, systems, handed_in, findings, alone=len(pairs) == 1)
            if layer is not None:
                prepared.setdefault(role, []).append(layer)
        if role in prepared:
            refuse_mixed_shapes(prepared[role], findings)
    frames = {
        role: [placed(item, systems, findings) for item in items]
        for role, items in prepared.items()
        if role not in findings.faults
    }
    refuse_far_away(frames, prepared, systems, findings)
    layers: dict[str, Layer] = {}
    unstaged: dict[str, Words] = {}
    for role, parts in frames.items():
        if role not in findings.faults:
            layers[role], mixed = stacked(prepared[role], parts, manifest.stage, systems.crs)
            if mixed is not None:
                unstaged[role] = mixed
    compared: dict[str, list[Prepared]] = {}

    def beside(role: str, boxes: NDArray[np.float64]) -> Layer | None:
        if roles is None or role in roles or role in findings.faults:
            return None
        pairs = assigned.layers.get(role, ())
        read = [_vector(*pair, systems, handed_in, findings, len(pairs) == 1, boxes) for pair in pairs]
        items = compared[role] = [item for item in read if item is not None]
        parts = [placed(item, systems, findings) for item in items]
        return stacked(items, parts, manifest.stage, systems.crs)[0] if items else None

    for pair in misaligned(layers, beside, systems.crs, isinstance(systems.working, LocalMetres)):
        for role in pair.roles:
            if pair.wrong:
                findings.refuse(role, "shifted", pair.message)
                layers.pop(role, None)
            else:
                findings.note(role, Action.NOTED, pair.message, kind="shifted")
    for role in manifest.none:
        if role not in layers:
            layers[role] = empty_layer(role, systems.crs)
    for items in prepared.values():
        for item in items:
            findings.defects += item.ledger.defects
            findings.inputs.append(input_of(item, describe))
    findings.inputs += [input_of(item, describe) for items in compared.values() for item in items]
    for role, (source, raster) in systems.rasters.items():
        if roles is None or role in roles:
            name = describe(None if raster.crs == LOCAL_CRS else raster.crs) or "local-metres"
            findings.inputs.append(Input(source.path, role, sha256_of(source), None, name, None))
    submission = Submission(
        name=handed_in.name,
        crs=systems.crs,
        kinds=tuple(kinds),
        place=manifest.place,
        stage=manifest.stage,
        layers=layers,
        rasters={
            role: raster
            for role, (_, raster) in systems.rasters.items()
            if role not in findings.faults and (roles is None or role in roles)
        },
        none=manifest.none,
        faults={role: tuple(faults) for role, faults in findings.faults.items()},
        unstaged=unstaged,
        inputs=tuple(sorted(findings.inputs, key=lambda item: (item.path, item.role))),
        defects=tuple(findings.defects),
        local=isinstance(systems.working, LocalMetres),
    )
    return submission, prepared


def _vector(
    entry: Entry,
    source: Source,
    systems: Systems,
    handed_in: HandedIn,
    findings: Findings,
    alone: bool,
    boxes: NDArray[np.float64] | None = None,
) -> Prepared | None:
    """One layer of a role, or what of it meets some boxes of the working system; None where it is set aside."""
    crs = systems.vectors.get((entry.role, source))
    if crs is None:
        return None
    here = boxes if crs == systems.working else None
    try:
        # Coordinates of no place overflow on the way to being refused; numpy would warn the user of it.
        with np.errstate(over="ignore", invalid="ignore"):
            return prepare(entry, source, handed_in.manifest, crs, base_of(handed_in.root), alone, here)
    except LayerRefused as refused:
        # It does not matter that nothing lies in some part of a layer.
        if here is None or refused.kind != "no-features":
            findings.refuse(entry.role, refused.kind, refused.fault)
        return None
