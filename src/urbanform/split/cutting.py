"""The layers of each role shared out among the areas, one pass over each."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import rasterio.errors
from numpy.typing import NDArray

from urbanform.intake.crs import Crs, LocalMetres
from urbanform.intake.crs_read import read_crs
from urbanform.intake.fields import match_fields
from urbanform.intake.manifest import Entry, Manifest
from urbanform.intake.sources import Source, short_reason
from urbanform.intake.systems import LOCAL_CRS, Systems
from urbanform.model.roles import NEVER_NONE, ROLES
from urbanform.model.submission import Stage
from urbanform.split.batches import Batch, Counted, Unreadable, batches, readable
from urbanform.split.ground import Ground, meeting, owners
from urbanform.split.manifests import Written
from urbanform.split.pieces import Pieces, Share
from urbanform.split.readings import MOST_SHARES, Readings, has_status
from urbanform.split.roles import LENT_WITHOUT, SHARING, Sharing
from urbanform.split.subjects import Assignment
from urbanform.split.summary import LayerTold, PartRole, Standing
from urbanform.split.windows import cut_raster
from urbanform.split.words import say
from urbanform.wording import Words, words

T = TypeVar("T")


@dataclass(eq=False)
class Cut:
    """What has been cut so far.

    Attributes
    ----------
    by
        The layer of the areas, as it is printed.
    folders
        The draft of each part.
    roles
        Of each part, role → how it stands there.
    layers
        Of each part, role → what its manifest names.
    faults
        Role → why its layer is set aside everywhere.
    here
        Part and role → why the layer is set aside in that part.
    values
        Of each part, the figures that the manifest gives for a layer of one feature that went there.
    told
        Of every layer what became of its features.
    """

    by: str
    folders: Sequence[Path]
    roles: list[dict[str, PartRole]]
    layers: list[dict[str, list[Written]]]
    faults: dict[str, list[Words]]
    here: dict[tuple[int, str], list[Words]] = field(default_factory=dict)
    values: list[dict[str, Mapping[str, float]]] = field(default_factory=list)
    told: list[LayerTold] = field(default_factory=list)

    def drop(self, role: str, faults: Sequence[Words]) -> None:
        """Set a role aside in every part, with what was written of it."""
        self.faults.setdefault(role, []).extend(faults)
        for part, folder in enumerate(self.folders):
            self.drop_here(part, role, folder)

    def drop_here(self, part: int, role: str, folder: Path) -> None:
        """Take away what was written of a role in one part."""
        for item in self.layers[part].pop(role, []):
            (folder / item.path).unlink(missing_ok=True)
        empty_file(folder, role).unlink(missing_ok=True)


def cut_role(
    cut: Cut,
    role: str,
    pairs: Sequence[tuple[Entry, Source]],
    systems: Systems,
    ground: Ground,
    manifest: Manifest,
    scratch: Path,
    given: Sequence[Assignment] | None = None,
    see_table: Callable[[Readings], object] = id,
) -> None:
    """Share out the layers of a role and write them into the parts.

    Parameters
    ----------
    given
        For subjects where the features of each layer go; None where they are shared out by place.
    see_table
        Lets the readings see a table that is joined to a layer.
    """
    statuses: list[tuple[Readings, dict[int, bool]]] = []
    counts: list[int] = []
    for position, (entry, source) in enumerate(pairs):
        assigned = None if given is None else given[position]
        told = LayerTold(role, source.path) if assigned is None else assigned.told
        cut.told.append(told)
        crs = systems.vectors[role, source]
        folder = scratch / f"{role}-{position}"
        folder.mkdir()
        pieces = Pieces(folder, written_crs(entry, source, manifest, crs))
        lent = Pieces(_made(folder / "lent"), pieces.crs)
        readings = Readings(entry)
        see_table(readings)
        status: dict[int, bool] = {}
        try:
            owner = None if assigned is None else assigned.owner
            counts.append(_share_out(role, entry, source, crs, ground, pieces, lent, readings, status, told, owner))
            statuses.append((readings, status))
            if not counts[-1]:
                cut.drop(role, [words("layer-empty", path=source.path)])
                return
            if not (pieces.rows or lent.rows):
                cut.drop(role, [say("meets-no-area", path=source.path, by=cut.by)])
                return
            percent = readings.percent_words()
            too_many = [name for name, listed in percent.items() if len(listed) > MOST_SHARES]
            if too_many:
                field_name = readings.columns.get(too_many[0], too_many[0])
                count = len(percent[too_many[0]])
                cut.drop(role, [say("shares-too-many", path=source.path, field=field_name, count=count)])
                return
            _write(cut, role, entry, position, pieces, lent, percent)
        except Unreadable as error:
            cut.drop(role, error.faults)
            return
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    figures = manifest.values.get(role, {})
    if figures and any(count != 1 for count in counts):
        name = next(iter(figures))
        cut.drop(role, [words("values-for-many", role=role, field=name, count=max(counts))])
        return
    _blank_statuses(cut, role, [source for _, source in pairs], statuses, manifest)
    _settle(cut, role, figures)


def _share_out(
    role: str,
    entry: Entry,
    source: Source,
    crs: Crs,
    ground: Ground,
    pieces: Pieces,
    lent: Pieces,
    readings: Readings,
    status: dict[int, bool],
    told: LayerTold,
    given: NDArray[np.intp] | None,
) -> int:
    """Collect the features of one layer for each part; the number of its features."""
    counted = Counted()
    start = 0
    without: list[str] | None = None
    for batch in readable(source, batches(source, entry, counted)):
        readings.see(batch.attributes)
        pieces.learn(batch)
        pieces.settle(batch)
        plain = batch
        if SHARING[role] is Sharing.OWNED:
            if without is None:
                without = lending_columns(role, batch, entry)
            plain = batch.without(without)
            lent.learn(plain)
            lent.settle(plain)
        own, near = _rows(role, batch, crs, ground, told, None if given is None else given[start:])
        nowhere = np.flatnonzero(~batch.usable)
        told.list_ids("nowhere", batch.number[nowhere])
        for part in range(len(ground)) if nowhere.size else sorted(own.keys() | near.keys()):
            mine = own.get(part, _NO_ROWS)
            if SHARING[role] is Sharing.OWNED:
                beside = np.union1d(near.get(part, _NO_ROWS), nowhere)
                lent.add(plain, part, beside, "lent")
                pieces.add(batch, part, mine)
            else:
                pieces.add(batch, part, np.union1d(mine, nowhere))
                beyond = near.get(part, _NO_ROWS)
                pieces.margin[part] = pieces.margin.get(part, 0) + len(beyond) + len(nowhere)
            if readings.status_column is not None and not status.get(part):
                rows = np.union1d(mine, nowhere)
                status[part] = has_status(batch.attributes.take(rows), readings.status_column)
        start += len(batch)
    told.features, told.blank_rows = start, counted.blank_rows
    return start


_NO_ROWS = np.empty(0, dtype=np.intp)


def _rows(
    role: str,
    batch: Batch,
    crs: Crs,
    ground: Ground,
    told: LayerTold,
    given: NDArray[np.intp] | None,
) -> tuple[dict[int, NDArray[np.intp]], dict[int, NDArray[np.intp]]]:
    """Which rows go to which part, and which of those (for buildings: which besides) lie beyond its edge."""
    if given is not None:
        owner = given[: len(batch)]
        return _by_part(owner, np.arange(len(owner))), {}
    owner, _ = owners(ground.in_system("areas", crs), batch.places)
    lost = (owner < 0) & batch.usable
    if SHARING[role] is Sharing.OWNED:
        told.list_ids("outside", batch.number[lost])
        part, row = meeting(ground.in_system("lent", crs), batch.places)
        other = owner[row] != part
        told.twice += len(np.unique(row[other]))
        return _by_part(owner, np.arange(len(owner))), _by_part(part[other], row[other])
    part, row = meeting(ground.in_system("zones", crs), batch.places)
    reached = np.zeros(len(batch), dtype=bool)
    reached[row] = True
    told.list_ids("outside", batch.number[lost & ~reached])
    told.twice += int((np.bincount(row, minlength=len(batch)) > 1).sum())
    return _by_part(part, row), _by_part(part[owner[row] != part], row[owner[row] != part])


def _by_part(part: NDArray[np.intp], row: NDArray[np.intp]) -> dict[int, NDArray[np.intp]]:
    kept = part >= 0
    part, row = part[kept], row[kept]
    order = np.lexsort((row, part))
    part, row = part[order], row[order]
    if not len(part):
        return {}
    groups = np.split(row, np.flatnonzero(np.diff(part)) + 1)
    return {int(number): rows for number, rows in zip(np.unique(part), groups, strict=True)}


def lending_columns(role: str, batch: Batch, entry: Entry) -> list[str]:
    """The columns that features lent to another area go without."""
    found = {entry.fields[LENT_WITHOUT]} if LENT_WITHOUT in entry.fields else set()
    numbers = pd.Series([1.0, 20.0])
    for name in batch.attributes.column_names:
        match = match_fields(ROLES[role], [name], {name: numbers})
        spoken = {*match.fields, *(each for torn in match.ambiguities for each in torn.canonicals)}
        if LENT_WITHOUT in spoken:
            found.add(name)
    return sorted(found & set(batch.attributes.column_names))


def _write(
    cut: Cut,
    role: str,
    entry: Entry,
    position: int,
    pieces: Pieces,
    lent: Pieces,
    percent: Mapping[str, Mapping[str, str]],
) -> None:
    """Write what was collected, and note it for the manifests."""
    name = role if position == 0 else f"{role}-{position + 1}"
    for part, folder in enumerate(cut.folders):
        shares: list[tuple[Pieces, Share, str]] = [
            (pieces, "own", f"{name}.gpkg"),
            (lent, "lent", f"{name}-beyond.gpkg"),
        ]
        for held, share, file in shares:
            count = held.rows.get((part, share), 0)
            if not count:
                continue
            held.write(folder / file, part, share, role)
            said = entry if isinstance(pieces.crs, LocalMetres) else replace(entry, crs=None)
            said = said if share == "own" else without_lent(said)
            cut.layers[part].setdefault(role, []).append(Written(file, said, percent, lent=share == "lent"))
            beyond = count if share == "lent" else held.margin.get(part, 0)
            before = cut.roles[part].get(role, PartRole(Standing.CUT))
            cut.roles[part][role] = PartRole(
                Standing.CUT, before.own + count - beyond, before.margin + beyond, (*before.files, file)
            )
        if position == 0 and role in NEVER_NONE and not pieces.rows.get((part, "own")):
            # Written in case nothing of the role follows; taken away again where something does.
            pieces.write(empty_file(folder, role), part, "own", role)


def empty_file(folder: Path, role: str) -> Path:
    """Where a layer without features waits until it is known whether the part has any."""
    return folder / f"{role}-empty.gpkg"


def without_lent(entry: Entry) -> Entry:
    """An entry for features that go without a field: what it says of that field is left away."""
    join = entry.join
    if join is not None and LENT_WITHOUT in join.take:
        take = _but(join.take)
        join = replace(join, take=take) if take else None
    return replace(
        entry,
        fields=_but(entry.fields),
        defaults=_but(entry.defaults),
        units=_but(entry.units),
        mapping=_but(entry.mapping),
        join=join,
    )


def _but(said: Mapping[str, T]) -> dict[str, T]:
    return {name: value for name, value in said.items() if name != LENT_WITHOUT}


def _blank_statuses(
    cut: Cut,
    role: str,
    sources: Sequence[Source],
    statuses: Sequence[tuple[Readings, Mapping[int, bool]]],
    manifest: Manifest,
) -> None:
    """Set a role aside in the parts where a status is blank throughout that is filled in elsewhere."""
    if manifest.stage is Stage.PLAN or not any(readings.status_written for readings, _ in statuses):
        return
    if any("status" in readings.entry.defaults for readings, _ in statuses):
        return
    for part, folder in enumerate(cut.folders):
        if role in cut.layers[part] and not any(status.get(part) for _, status in statuses):
            cut.drop_here(part, role, folder)
            paths = [source.path for source in sources]
            cut.here.setdefault((part, role), []).append(say("status-blank-here", path=paths))


def _settle(cut: Cut, role: str, figures: Mapping[str, float]) -> None:
    """How a role stands in each part, once all its layers are written."""
    for part, folder in enumerate(cut.folders):
        empty = empty_file(folder, role)
        if (part, role) in cut.here:
            empty.unlink(missing_ok=True)
        elif any(not item.lent for item in cut.layers[part].get(role, [])) or (
            role in cut.layers[part] and role not in NEVER_NONE
        ):
            empty.unlink(missing_ok=True)
            if figures:
                cut.values[part][role] = figures
        elif role in NEVER_NONE:
            if role in cut.layers[part]:
                # Buildings of others alone, which stand in the way of this area's subjects.
                empty.unlink(missing_ok=True)
                continue
            empty.replace(folder / f"{role}.gpkg")
            cut.layers[part][role] = [Written(f"{role}.gpkg", Entry(role, f"{role}.gpkg"))]
            cut.roles[part][role] = PartRole(Standing.EMPTY, files=(f"{role}.gpkg",))
        else:
            cut.roles[part][role] = PartRole(Standing.NONE)


def cut_raster_role(cut: Cut, role: str, entry: Entry, source: Source, systems: Systems, ground: Ground) -> None:
    """Cut the raster of a role by each area and its margin."""
    told = LayerTold(role, source.path)
    cut.told.append(told)
    raster = systems.rasters[role][1]
    told.features = raster.shape[0] * raster.shape[1]
    crs: Crs = systems.working if raster.crs == LOCAL_CRS else raster.crs
    zones = ground.in_system("zones", crs)
    for part, folder in enumerate(cut.folders):
        try:
            cells = cut_raster(source.file, folder / f"{role}.tif", zones[part])
        except rasterio.errors.RasterioError as error:
            (folder / f"{role}.tif").unlink(missing_ok=True)
            cut.drop(role, [words("layer-unreadable", file=source.path, why=short_reason(error))])
            return
        if cells:
            cut.layers[part][role] = [Written(f"{role}.tif", entry)]
            cut.roles[part][role] = PartRole(Standing.CUT, cells, files=(f"{role}.tif",))
        else:
            cut.here.setdefault((part, role), []).append(say("raster-elsewhere", path=source.path))


def written_crs(entry: Entry, source: Source, manifest: Manifest, settled: Crs) -> Crs:
    """The system that a part's layer is written in: the one given for it, else its file's own."""
    if isinstance(settled, LocalMetres):
        return settled
    given = entry.crs if entry.crs is not None else None if source.crs is not None else manifest.crs
    written = read_crs(given) if given is not None else source.crs
    return settled if written is None else written


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
