"""In which coordinate reference system each layer of a submission is, and the one in which all are measured."""

from dataclasses import dataclass, field

import numpy as np
import pyproj
import shapely

from urbanform.intake.assign import Assigned
from urbanform.intake.crs import LOCAL_METRES, Crs, LocalMetres, describe
from urbanform.intake.crs_examine import CrsReport, examine
from urbanform.intake.crs_read import read_crs
from urbanform.intake.crs_together import mixed_datums
from urbanform.intake.crs_working import working_crs
from urbanform.intake.findings import Findings
from urbanform.intake.ledger import LayerRefused
from urbanform.intake.manifest import Entry, Manifest
from urbanform.intake.raster_units import persons_each, vector_keys
from urbanform.intake.rasters import RasterRefused, examine_raster
from urbanform.intake.read_vector import some_shapes
from urbanform.intake.sources import Source
from urbanform.model.provenance import Action
from urbanform.model.roles import ROLES, Geometry
from urbanform.model.submission import Raster
from urbanform.wording import words

Bounds = tuple[float, float, float, float]
NOWHERE: Bounds = (float("nan"),) * 4
LOCAL_CRS = pyproj.CRS.from_wkt(
    'ENGCRS["local metres",EDATUM["local grid"],CS[Cartesian,2],AXIS["easting",east],AXIS["northing",north],'
    'LENGTHUNIT["metre",1]]'
)
"""Stands for a local grid where a layer must have a system."""


@dataclass
class Systems:
    """The systems of the layers that can be used.

    Attributes
    ----------
    vectors
        Role and source of each → its system.
    rasters
        Role → its raster, with the source.
    working
        The system of all measuring, :data:`~urbanform.intake.crs.LOCAL_METRES` for a local grid.
    """

    vectors: dict[tuple[str, Source], Crs] = field(default_factory=dict)
    rasters: dict[str, tuple[Source, Raster]] = field(default_factory=dict)
    working: Crs = LOCAL_METRES

    @property
    def crs(self) -> pyproj.CRS:
        """The working system as layers carry it."""
        return LOCAL_CRS if isinstance(self.working, LocalMetres) else self.working

    def bounds_of(self, role: str) -> Bounds | None:
        """The extent of a role's vector layers in the working system; None where it is not known."""
        found = []
        for (name, source), crs in self.vectors.items():
            if name == role:
                found.append(in_working(source.bounds or NOWHERE, crs, self.working))
        if not found or not np.isfinite(found).all():
            return None
        west, south, east, north = np.array(found).T
        return float(west.min()), float(south.min()), float(east.max()), float(north.max())


def in_working(bounds: Bounds, own: Crs, working: Crs) -> Bounds:
    """An extent in the working system; infinite where it is off its map."""
    if isinstance(own, LocalMetres) or isinstance(working, LocalMetres) or own == working:
        return bounds
    if not np.isfinite(bounds).all():
        return NOWHERE
    west, south, east, north = pyproj.Transformer.from_crs(own, working, always_xy=True).transform_bounds(*bounds)
    return float(west), float(south), float(east), float(north)


def settle_systems(assigned: Assigned, manifest: Manifest, findings: Findings) -> Systems:
    """The system of every layer that plays a role, read or not, so that the working one does not depend on the rules.

    Layers whose system is missing, impossible, or cannot be laid over the others are set aside.
    """
    systems = Systems()
    usable: list[tuple[Entry, Source, Crs]] = []
    for role, pairs in assigned.layers.items():
        if sum(source.geometry is Geometry.RASTER for _, source in pairs) and len(pairs) > 1:
            findings.refuse(role, "several-rasters", words("several-rasters", paths=[s.path for _, s in pairs]))
            continue
        for entry, source in pairs:
            if source.geometry is not Geometry.RASTER:
                crs = _usable(entry, source, manifest, findings)
                if crs is not None:
                    usable.append((entry, source, crs))
                continue
            try:
                systems.rasters[role] = source, _raster(entry, source, manifest, findings)
            except (RasterRefused, LayerRefused) as refused:
                findings.refuse(role, refused.kind, refused.fault)
    mixed = mixed_datums([(entry.role, source.path, crs) for entry, source, crs in usable])
    for position, fault in mixed.items():
        findings.refuse(usable[position][0].role, "mixed-datum", fault)
    left = [item for position, item in enumerate(usable) if position not in mixed]
    systems.vectors = {(entry.role, source): crs for entry, source, crs in left}
    _refuse_rasters_of_other_datums(systems, left, findings)
    systems.working = _working(systems)
    return systems


def _usable(entry: Entry, source: Source, manifest: Manifest, findings: Findings) -> Crs | None:
    """The system of a layer; None where it cannot be used, which is listed."""
    given = entry.crs if entry.crs is not None else None if source.crs is not None else manifest.crs
    crs: Crs | None = read_crs(given) if given is not None else source.crs
    if entry.crs is not None and source.crs is not None:
        told = words("crs-overridden", path=source.path, own=describe(source.crs), given=describe(crs))
        findings.note(entry.role, Action.NOTED, told)
    report = examined(crs, source, entry.role)
    for note in report.notes:
        findings.note(entry.role, Action.NOTED, words("in-layer", path=source.path, fault=note), kind=note.code)
    for fault in report.faults:
        findings.refuse(entry.role, fault.code, words("in-layer", path=source.path, fault=fault))
    return None if report.faults else report.crs


def examined(crs: Crs | None, source: Source, role: str) -> CrsReport:
    """What a layer's CRS is worth, by its extent; where that speaks against it, by where its features lie."""
    bounds = source.bounds or NOWHERE
    report = examine(crs, bounds, role=role, path=source.path)
    if report.usable or crs is None or source.bounds is None:
        return report
    return examine(crs, bounds, shapely.get_coordinates(some_shapes(source)), role=role, path=source.path)


def _raster(entry: Entry, source: Source, manifest: Manifest, findings: Findings) -> Raster:
    role = ROLES[entry.role]
    if Geometry.RASTER not in role.geometry:
        wanted = [words(f"geometry-{kind}") for kind in sorted(role.geometry)]
        told = words("geometry-raster")
        raise LayerRefused(
            "wrong-geometry",
            words("wrong-geometry", path=source.path, role=role.zh, role_en=role.en, found=told, wanted=wanted),
        )
    given = None if entry.crs is None else read_crs(entry.crs)
    fallback = None if manifest.crs is None else read_crs(manifest.crs)
    own = LOCAL_CRS if given is LOCAL_METRES else given
    instead = LOCAL_CRS if fallback is LOCAL_METRES else fallback
    crs, bounds, shape = examine_raster(source.file, source.path, own, instead, entry.nodata_is_zero)
    if given is not None and source.crs is not None:
        told = words("crs-overridden", path=source.path, own=describe(source.crs), given=describe(given))
        findings.note(entry.role, Action.NOTED, told)
    report = examine(LOCAL_METRES if crs == LOCAL_CRS else crs, bounds, raster=True, role=role.name, path=source.path)
    if report.faults:
        raise RasterRefused(report.faults[0].code, words("in-layer", path=source.path, fault=report.faults[0]))
    idle = vector_keys(entry, manifest)
    if idle:
        raise RasterRefused("raster-vector-keys", words("raster-vector-keys", path=source.path, keys=idle))
    each, note = persons_each(entry, source.file, source.path) if role.name == "population" else (1.0, None)
    if note is not None:
        findings.note(entry.role, Action.NOTED, note)
    return Raster(role, source.file, crs, bounds, shape, entry.nodata_is_zero, entry.classes, each)


def _refuse_rasters_of_other_datums(
    systems: Systems, vectors: list[tuple[Entry, Source, Crs]], found: Findings
) -> None:
    """Set aside rasters that cannot be laid under the other layers, and leave these as they are."""
    others = [(entry.role, source.path, crs) for entry, source, crs in vectors]
    for role, (source, raster) in list(systems.rasters.items()):
        crs: Crs = LOCAL_METRES if raster.crs == LOCAL_CRS else raster.crs
        if others and mixed_datums([*others, (role, source.path, crs)]):
            names = sorted({describe(other) for _, _, other in others})
            told = words("raster-of-other-datum", path=source.path, name=describe(crs), others=names)
            found.refuse(role, "mixed-datum", told)
            del systems.rasters[role]


def _working(systems: Systems) -> Crs:
    extents = [(crs, source.bounds or NOWHERE) for (_, source), crs in systems.vectors.items()]
    if not extents:
        return pyproj.CRS.from_epsg(4547)
    try:
        return working_crs(extents)[0]
    except ValueError:
        return next(iter(systems.vectors.values()))
