"""The areas that a submission is cut by: one per name, with a folder's name that every system can have."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.errors import SubmissionError
from urbanform.intake.crs import Crs, LocalMetres, describe
from urbanform.intake.crs_read import read_crs
from urbanform.intake.crs_together import mixed_datums
from urbanform.intake.crs_working import ReprojectionError, reproject
from urbanform.intake.faults import did_you_mean
from urbanform.intake.fields import match_fields
from urbanform.intake.geometry import mend
from urbanform.intake.ledger import LayerRefused, Ledger
from urbanform.intake.manifest import Entry
from urbanform.intake.read import HandedIn
from urbanform.intake.read_vector import read_source
from urbanform.intake.sources import Rejected, Source
from urbanform.intake.systems import Systems, examined
from urbanform.intake.where import selected
from urbanform.model.roles import ROLES, Geometry
from urbanform.split.words import say
from urbanform.wording import Words

MOST_AREAS = 5000
"""More than any province has towns: a layer of more areas was named by mistake."""
MOST_NAME_CHARACTERS = 60
SLIVER_SHARE = 1e-3
"""Areas that share less than this of the smaller one touch; boundaries are seldom drawn exactly alike."""

_OWN_NAMES = ("parts.json",)
_DEVICES = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))}
_COUNTY_WORDS = ("县界", "县域", "县区", "区县", "县级", "县市", "county", "counties")
_COUNTY_ENDS = ("县", "市", "区", "旗")


@dataclass(frozen=True, eq=False)
class Areas:
    """The areas, in the order of their first feature.

    Attributes
    ----------
    names, folders
        As written, and as folders are called; no two folders alike where case does not count.
    shapes
        MultiPolygons in the working system, metres.
    are_counties
        Whether the layer says that its areas are counties.
    source
        The layer's path.
    overlaps
        Pairs of areas that share more than a sliver, with the names of both.
    """

    names: tuple[str, ...]
    folders: tuple[str, ...]
    shapes: NDArray[np.object_]
    are_counties: bool
    source: str
    overlaps: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.names)


def read_areas(handed_in: HandedIn, by: str, systems: Systems) -> Areas:
    """The areas of a layer in the working system.

    Polygons of one name are one area; one without a name is called by its feature number.

    Parameters
    ----------
    by
        A role, a path as the submission prints it (``container#layer``), a file's path, or a layer's own name.

    Raises
    ------
    SubmissionError
        There is no such layer, it holds anything but sound polygons, or it cannot be laid over the others.
    """
    found = [_read(entry, source, by, handed_in, systems) for entry, source in _chosen(handed_in, by)]
    shapes = np.concatenate([shapes for shapes, _ in found])
    labels = [name for _, names in found for name in names]
    if not labels:
        raise SubmissionError(say("by-empty", by=by))
    codes, distinct = pd.factorize(np.array(labels, dtype=object))
    if len(distinct) > MOST_AREAS:
        raise SubmissionError(say("by-too-many", by=by, count=len(distinct), most=MOST_AREAS))
    order = np.argsort(codes, kind="stable")
    groups = np.split(shapes[order], np.flatnonzero(np.diff(codes[order])) + 1)
    united = np.array([shapely.union_all(group) for group in groups], dtype=object)
    names = tuple(str(name) for name in distinct)
    sources = [source for _, source in _chosen(handed_in, by)]
    return Areas(
        names=names,
        folders=safe_names(names),
        shapes=united,
        are_counties=by == "county_seat" or any(_speaks_of_counties(source) for source in sources),
        source="、".join(source.path for source in sources),
        overlaps=tuple((names[one], names[other]) for one, other in _overlaps(united)),
    )


def county_of(areas: Areas, name: str) -> str | None:
    """The county that an area is: its name, where the layer is one of counties and the name is that of one."""
    return name if areas.are_counties and len(name) > 1 and name.endswith(_COUNTY_ENDS) else None


def safe_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names that Windows, too, can give to a folder, no two alike where case does not count."""
    taken = {_folded(name) for name in _OWN_NAMES}
    found = []
    for name in names:
        plain = _safe(name)
        chosen, number = plain, 2
        while _folded(chosen) in taken:
            chosen, number = f"{plain}-{number}", number + 1
        taken.add(_folded(chosen))
        found.append(chosen)
    return tuple(found)


def _safe(name: str) -> str:
    shown = "".join("_" if sign in '<>:"/\\|?*#' or not sign.isprintable() else sign for sign in name.strip())
    kept = shown[:MOST_NAME_CHARACTERS].rstrip(". ") or "_"
    # What begins so is passed over by a batch.
    hidden = kept.startswith((".", "~$", "__MACOSX"))
    # A folder that ends like a file would be taken for one.
    packed = Path(kept).suffix.lower() in (".gdb", ".zip", ".gpkg")
    kept = f"{kept}_" if packed else kept
    return f"_{kept}" if hidden or kept.split(".")[0].lower() in _DEVICES else kept


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _chosen(handed_in: HandedIn, by: str) -> list[tuple[Entry, Source]]:
    """The layers that are meant, with what the manifest says of them."""
    assigned, found = handed_in.assigned, handed_in.found
    if by in ROLES and by in assigned.layers:
        return assigned.layers[by]
    if by in assigned.faults:
        raise SubmissionError(say("by-unusable", by=by, fault=assigned.faults[by][0].message))
    everything: list[Source | Rejected] = [*found.sources, *found.rejected]
    asked = by.replace("\\", "/").removeprefix("./").rstrip("/")
    tries = (
        lambda item: _folded(item.path) == _folded(asked),
        lambda item: _folded(item.path.partition("#")[0]) == _folded(asked),
        lambda item: item.origin is not None and item.origin.resolve() == Path(by).resolve(),
        lambda item: isinstance(item, Source) and _folded(asked) in map(_folded, item.own_names),
    )
    here = next((hits for test in tries if (hits := [item for item in everything if test(item)])), [])
    if len(here) > 1:
        raise SubmissionError(say("by-container", by=by, names=[item.path for item in here], first=here[0].path))
    if not here:
        known = [item.path for item in found.sources]
        hint = did_you_mean(by, [*known, *ROLES])
        raise SubmissionError(say("by-unknown", by=by, hint=hint, known=known))
    if isinstance(here[0], Rejected):
        raise SubmissionError(say("by-unusable", by=by, fault=here[0].message))
    source = here[0]
    said = [entry for pairs in assigned.layers.values() for entry, own in pairs if own == source]
    return [(said[0] if said else Entry("county_seat", source.path.partition("#")[0]), source)]


def _read(
    entry: Entry, source: Source, by: str, handed_in: HandedIn, systems: Systems
) -> tuple[NDArray[np.object_], list[str]]:
    """Sound polygons in the working system, and the name of each."""
    crs = _system(entry, source, by, handed_in, systems)
    try:
        raw, _ = read_source(source, entry, Ledger(entry.role, source.path))
    except LayerRefused as refused:
        raise SubmissionError(say("by-unusable", by=by, fault=refused.fault)) from refused
    if source.geometry is not Geometry.POLYGON:
        raise SubmissionError(say("by-not-polygons", by=by))
    attributes, number, raw_shapes = raw.attributes, raw.number, raw.shapes
    chosen = np.ones(len(number), dtype=bool)
    if entry.where and set(entry.where) <= set(attributes.columns):
        chosen = selected(attributes, entry.where)
    mended = mend(raw_shapes.all()[chosen], Geometry.POLYGON, raw.broken[chosen])
    names = _names(attributes[chosen].reset_index(drop=True), number[chosen], entry)
    bad = np.flatnonzero(~mended.sound | shapely.is_missing(mended.shapes))
    if bad.size:
        told = [f"{names[row]}（{number[chosen][row]}）" for row in bad]
        raise SubmissionError(say("by-shapes", by=by, count=len(bad), names=told))
    try:
        return reproject(mended.shapes, crs, systems.working, role=entry.role, path=source.path), names
    except ReprojectionError as error:
        raise SubmissionError(say("by-unusable", by=by, fault=error.faults[0])) from error


def _system(entry: Entry, source: Source, by: str, handed_in: HandedIn, systems: Systems) -> Crs:
    """The system of the areas, which must go over that of the other layers."""
    given = entry.crs if entry.crs is not None else None if source.crs is not None else handed_in.manifest.crs
    report = examined(read_crs(given) if given is not None else source.crs, source, entry.role)
    if report.faults or report.crs is None:
        fault: Words | str = report.faults[0] if report.faults else source.path
        raise SubmissionError(say("by-unusable", by=by, fault=fault))
    crs = report.crs
    if isinstance(crs, LocalMetres) != isinstance(systems.working, LocalMetres):
        others = describe(systems.working)
        raise SubmissionError(say("by-local", by=by, own=describe(crs), others=others))
    others_told = [(role, item.path, other) for (role, item), other in systems.vectors.items() if item != source]
    if others_told:
        clash = mixed_datums([*others_told, (entry.role, source.path, crs)])
        if clash:
            raise SubmissionError(say("by-unusable", by=by, fault=next(iter(clash.values()))))
    return crs


def _names(attributes: pd.DataFrame, number: NDArray[np.int64], entry: Entry) -> list[str]:
    """What each area is called: by its name, else its id, else its feature number."""
    column = entry.fields.get("name")
    if column not in attributes.columns:
        columns = [str(name) for name in attributes.columns]
        match = match_fields(ROLES[entry.role], columns, {name: attributes[name] for name in columns})
        told = match.fields.get("name") or match.fields.get("id")
        column = None if told is None else told.source
    numbers = [str(key) for key in number]
    if column is None:
        return numbers
    written = attributes[column].map(lambda value: "" if pd.isna(value) else _text(value)).tolist()
    return [name or key for name, key in zip(written, numbers, strict=True)]


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _speaks_of_counties(source: Source) -> bool:
    return any(word in name.casefold() for name in source.own_names for word in _COUNTY_WORDS)


def _overlaps(shapes: NDArray[np.object_]) -> list[tuple[int, int]]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    least = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    much = shared > SLIVER_SHARE * least
    return list(zip(one[much].tolist(), other[much].tolist(), strict=True))
