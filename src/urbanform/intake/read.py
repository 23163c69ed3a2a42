"""A submission from its path to its layers in one working CRS."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from urbanform.errors import SubmissionError
from urbanform.intake.alignment import COMPANIONS, misaligned
from urbanform.intake.assign import Assigned, assign
from urbanform.intake.crs import LOCAL_METRES, Crs, LocalMetres, describe
from urbanform.intake.crs_examine import CrsReport, examine
from urbanform.intake.crs_read import read_crs
from urbanform.intake.crs_together import far_from, mixed_datums
from urbanform.intake.crs_working import ReprojectionError, reproject, working_crs
from urbanform.intake.find import find_sources
from urbanform.intake.layers import Prepared, input_of, prepare, sha256_of
from urbanform.intake.ledger import LayerRefused
from urbanform.intake.manifest import Entry, Manifest, read_manifest
from urbanform.intake.plausible import settle_sizes
from urbanform.intake.rasters import RasterRefused, examine_raster
from urbanform.intake.read_vector import some_shapes
from urbanform.intake.sources import Found, Source
from urbanform.intake.unzip import unpack
from urbanform.model.provenance import Action, Defect, Input
from urbanform.model.roles import ROLES, SCOPES, Geometry
from urbanform.model.rules import Kind
from urbanform.model.submission import Layer, Raster, Submission, TableLayer
from urbanform.wording import Words, words

NOWHERE = (float("nan"),) * 4
LOCAL_CRS = pyproj.CRS.from_wkt(
    'ENGCRS["local metres",EDATUM["local grid"],CS[Cartesian,2],AXIS["easting",east],AXIS["northing",north],'
    'LENGTHUNIT["metre",1]]'
)


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
        found = find_sources(root, scratch)
        yield HandedIn(path, root, scratch, found, said, assign(found, said))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _root(path: Path, scratch: Path) -> Path:
    if path.is_dir() and path.suffix.lower() != ".gdb":
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


@dataclass
class _Reading:
    """What has been settled so far."""

    handed_in: HandedIn
    defects: list[Defect] = field(default_factory=list)
    faults: dict[str, list[Words]] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)

    def refuse(self, role: str, kind: str, fault: Words) -> None:
        """Set a layer aside: it is listed, and every rule that needs the role is undetermined."""
        self.defects.append(Defect(role, None, kind, Action.REJECTED, fault))
        self.faults.setdefault(role, []).append(fault)


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
    manifest = handed_in.manifest
    reading = _Reading(handed_in, list(handed_in.found.defects))
    for role, faults in handed_in.assigned.faults.items():
        for fault in faults:
            reading.defects.append(Defect(role, None, fault.code, Action.REJECTED, fault))
            reading.faults.setdefault(role, []).append(fault)

    systems = _systems(handed_in, reading)
    working = _working(systems)
    local = isinstance(working, LocalMetres)
    crs = LOCAL_CRS if isinstance(working, LocalMetres) else working

    wanted = set(roles or ()) | {also for role in roles or () for also in COMPANIONS.get(role, ())}
    prepared: dict[str, list[Prepared]] = {}
    rasters: dict[str, Raster] = {}
    for role, pairs in handed_in.assigned.layers.items():
        if roles is not None and role not in wanted:
            continue
        for entry, source in pairs:
            progress(source.path)
            if source.geometry is Geometry.RASTER:
                raster = _raster(entry, source, manifest, reading)
                if raster is not None:
                    rasters[role] = raster
            elif source in systems:
                layer = _vector(entry, source, systems[source], reading)
                if layer is not None:
                    prepared.setdefault(role, []).append(layer)
    layers: dict[str, Layer] = {}
    unstaged: dict[str, Words] = {}
    placed = {
        role: [_placed(item, working, crs, reading) for item in items]
        for role, items in prepared.items()
        if role not in reading.faults
    }
    scope = _scope_bounds(placed)
    for role, frames in placed.items():
        if role in reading.faults or not _near(role, prepared[role], frames, scope, working, reading):
            continue
        layers[role] = _stacked(prepared[role], frames)
        for item in prepared[role]:
            if item.unstaged is not None:
                unstaged[role] = item.unstaged
    for pair in misaligned(layers, crs, local):
        for role in pair.roles:
            if pair.wrong:
                reading.refuse(role, "shifted", pair.message)
                layers.pop(role, None)
            else:
                reading.defects.append(Defect(role, None, "shifted", Action.NOTED, pair.message))
    for role in manifest.none:
        if role not in layers:
            layers[role] = empty_layer(role, crs)
    for items in prepared.values():
        for item in items:
            reading.defects += item.ledger.defects
            reading.inputs.append(input_of(item, describe))
    submission = Submission(
        name=handed_in.name,
        crs=crs,
        kinds=tuple(kinds),
        place=manifest.place,
        stage=manifest.stage,
        layers=layers,
        rasters={role: raster for role, raster in rasters.items() if role not in reading.faults},
        none=manifest.none,
        faults={role: tuple(faults) for role, faults in reading.faults.items()},
        unstaged=unstaged,
        inputs=tuple(sorted(reading.inputs, key=lambda item: (item.path, item.role))),
        defects=tuple(reading.defects),
        local=local,
    )
    return submission, prepared


def _systems(handed_in: HandedIn, reading: _Reading) -> dict[Source, Crs]:
    """The CRS of every vector layer that plays a role and can be used; the others are set aside."""
    manifest = handed_in.manifest
    usable: list[tuple[Entry, Source, Crs]] = []
    for role, pairs in handed_in.assigned.layers.items():
        for entry, source in pairs:
            if source.geometry is Geometry.RASTER:
                continue
            given = entry.crs if entry.crs is not None else None if source.crs is not None else manifest.crs
            crs: Crs | None = read_crs(given) if given is not None else source.crs
            if given is not None and entry.crs is not None and source.crs is not None:
                told = words("crs-overridden", path=source.path, own=describe(source.crs), given=describe(crs))
                reading.defects.append(Defect(role, None, "crs-overridden", Action.NOTED, told))
            report = _examined(crs, source, role)
            for note in report.notes:
                reading.defects.append(Defect(role, None, note.code, Action.NOTED, note))
            if report.crs is None or report.faults:
                for fault in report.faults:
                    reading.refuse(role, fault.code, fault)
            else:
                usable.append((entry, source, report.crs))
    refused = mixed_datums([(entry.role, source.path, crs) for entry, source, crs in usable])
    for position, fault in refused.items():
        reading.refuse(usable[position][0].role, "mixed-datum", fault)
    return {source: crs for position, (_, source, crs) in enumerate(usable) if position not in refused}


def _examined(crs: Crs | None, source: Source, role: str) -> CrsReport:
    """What a layer's CRS is worth, by its extent; where that speaks against it, by where its features lie."""
    bounds = source.bounds or NOWHERE
    report = examine(crs, bounds, role=role, path=source.path)
    if report.usable or crs is None or source.bounds is None:
        return report
    return examine(crs, bounds, shapely.get_coordinates(some_shapes(source)), role=role, path=source.path)


def _working(systems: dict[Source, Crs]) -> Crs:
    if not systems:
        return pyproj.CRS.from_epsg(4547)
    try:
        return working_crs([(crs, source.bounds or NOWHERE) for source, crs in systems.items()])[0]
    except ValueError:
        return next(iter(systems.values()))


def _vector(entry: Entry, source: Source, crs: Crs, reading: _Reading) -> Prepared | None:
    try:
        return prepare(entry, source, reading.handed_in.manifest, crs, reading.handed_in.root)
    except LayerRefused as refused:
        reading.refuse(entry.role, refused.kind, refused.fault)
        return None


def _raster(entry: Entry, source: Source, manifest: Manifest, reading: _Reading) -> Raster | None:
    given = None if entry.crs is None else read_crs(entry.crs)
    fallback = None if manifest.crs is None else read_crs(manifest.crs)
    try:
        own = LOCAL_CRS if given is LOCAL_METRES else given
        instead = LOCAL_CRS if fallback is LOCAL_METRES else fallback
        crs, bounds, shape = examine_raster(source.file, source.path, own, instead)
        report = examine(
            LOCAL_METRES if crs == LOCAL_CRS else crs, bounds, raster=True, role=entry.role, path=source.path
        )
        if report.faults:
            raise RasterRefused(report.faults[0].code, report.faults[0])
    except RasterRefused as refused:
        reading.refuse(entry.role, refused.kind, refused.fault)
        return None
    reading.inputs.append(Input(source.path, entry.role, sha256_of(source), None, describe(crs) or None, None))
    return Raster(ROLES[entry.role], source.file, crs, bounds, shape, entry.nodata_is_zero, entry.classes)


def _placed(item: Prepared, working: Crs, crs: pyproj.CRS, reading: _Reading) -> gpd.GeoDataFrame:
    """A prepared layer in the working CRS, its sizes settled."""
    try:
        shapes = reproject(item.shapes, item.crs, working, role=item.role.name, path=item.source.path)
    except ReprojectionError as error:
        for fault in error.faults:
            reading.refuse(item.role.name, "coordinates-impossible", fault)
        shapes = np.full(len(item.shapes), None, dtype=object)
    doubtful = ~item.table["sound"].to_numpy(dtype=bool)
    shapes[doubtful] = shapely.envelope(shapes[doubtful])
    frame = gpd.GeoDataFrame(item.table, geometry=gpd.GeoSeries(shapes, index=item.table.index, crs=crs))
    return settle_sizes(frame, item)


def _scope_bounds(placed: dict[str, list[gpd.GeoDataFrame]]) -> np.ndarray | None:
    for role in SCOPES:
        if role in placed:
            bounds = np.array([frame.total_bounds for frame in placed[role]])
            if np.isfinite(bounds).all():
                return np.r_[bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)]
    return None


def _near(
    role: str,
    items: list[Prepared],
    frames: list[gpd.GeoDataFrame],
    scope: np.ndarray | None,
    working: Crs,
    reading: _Reading,
) -> bool:
    if scope is None:
        return True
    near = True
    for item, frame in zip(items, frames, strict=True):
        bounds = frame.total_bounds
        if not np.isfinite(bounds).all():
            continue
        fault = far_from(tuple(scope), tuple(bounds), working, own=item.crs, role=role, path=item.source.path)
        if fault is not None:
            reading.refuse(role, "far-away", fault)
            near = False
    return near


def _stacked(items: list[Prepared], frames: list[gpd.GeoDataFrame]) -> TableLayer:
    fields = frozenset().union(*(item.fields for item in items))
    table = frames[0]
    if len(frames) > 1:
        table = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=frames[0].crs)
    return TableLayer(items[0].role, items[0].geometry, fields, table)


def empty_layer(role: str, crs: pyproj.CRS) -> TableLayer:
    """A layer without features, for a role that is declared not to exist."""
    found = ROLES[role]
    columns = [column for item in found.fields.values() for column in item.columns]
    table = gpd.GeoDataFrame({name: [] for name in (*columns, "sound", "certain")}, geometry=[], crs=crs)
    kind = next(iter(sorted(found.geometry)))
    return TableLayer(found, kind, frozenset(found.fields), table)
