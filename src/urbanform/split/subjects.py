"""Which area each subject goes to: the one that holds the most of it, corridors that hang together as one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.intake.crs_working import ReprojectionError
from urbanform.intake.manifest import Entry
from urbanform.intake.sources import Source
from urbanform.intake.systems import Systems
from urbanform.measure.contiguous import lump_numbers, touching
from urbanform.split.areas import Areas
from urbanform.split.batches import Counted, Unreadable, batches, readable
from urbanform.split.ground import MOST_STRADDLE_SHARE, Ground, meeting, owners
from urbanform.split.roles import BORROWERS
from urbanform.split.summary import LayerTold
from urbanform.split.words import say
from urbanform.wording import MOST_LISTED, Words

NOWHERE = -2
"""Stands for the area of a subject of which nobody knows where it lies."""


@dataclass(eq=False)
class Assignment:
    """Where the subjects of one layer go.

    Attributes
    ----------
    owner
        The area of each feature in file order; −1 for none, :data:`NOWHERE` where its shape cannot be used.
    places
        Where each lies, in the working system; None where that is not known.
    numbers
        The feature numbers.
    """

    owner: NDArray[np.intp]
    places: NDArray[np.object_]
    numbers: NDArray[np.int64]
    told: LayerTold


@dataclass(eq=False)
class Subjects:
    """Where all subjects go.

    Attributes
    ----------
    layers
        Role → one assignment for each of its layers.
    by_area, borrowers
        Shapes of the subjects of each area, in the working system; of those that borrow buildings.
    elsewhere
        Area and role → the areas to which subjects went that lie partly in it.
    torn
        Area → corridors that cannot be checked there, since they go round clusters of other areas, and why.
    refused
        Role → why its layer cannot be used after all.
    notes
        What concerns two areas and is checked in neither.
    """

    layers: dict[str, list[Assignment]] = field(default_factory=dict)
    by_area: list[NDArray[np.object_]] = field(default_factory=list)
    borrowers: list[NDArray[np.object_]] = field(default_factory=list)
    elsewhere: dict[tuple[int, str], set[int]] = field(default_factory=dict)
    torn: dict[int, list[Words]] = field(default_factory=dict)
    refused: dict[str, list[Words]] = field(default_factory=dict)
    notes: list[Words] = field(default_factory=list)


def settle_subjects(
    layers: Mapping[str, Sequence[tuple[Entry, Source]]],
    systems: Systems,
    ground: Ground,
    areas: Areas,
    join_m: float,
    neighbour_m: float,
) -> Subjects:
    """Assign the features of every role that is judged one by one.

    Parameters
    ----------
    layers
        Role → its layers, of those roles alone.
    join_m, neighbour_m
        How near polygons are one corridor, and clusters neighbours, in metres.
    """
    found = Subjects()
    for role, pairs in layers.items():
        try:
            found.layers[role] = [_assigned(role, entry, source, systems, ground) for entry, source in pairs]
        except (ReprojectionError, Unreadable) as refused:
            found.refused[role] = list(refused.faults)
    clusters = found.layers.get("clusters", [])
    if "corridors" in found.layers:
        _join_corridors(found, areas, join_m, clusters)
    found.notes += _pairs_across(clusters, areas, neighbour_m)
    found.by_area = _by_area(found, found.layers, len(areas))
    found.borrowers = _by_area(found, BORROWERS & found.layers.keys(), len(areas))
    for role, items in found.layers.items():
        for item in items:
            _note_elsewhere(found, role, item, ground)
    return found


def _by_area(found: Subjects, roles: Iterable[str], count: int) -> list[NDArray[np.object_]]:
    every = [item for role in sorted(roles) for item in found.layers[role]]
    if not every:
        return [np.empty(0, dtype=object) for _ in range(count)]
    owner = np.concatenate([item.owner for item in every])
    places = np.concatenate([item.places for item in every])
    return [places[owner == area] for area in range(count)]


def _note_elsewhere(found: Subjects, role: str, item: Assignment, ground: Ground) -> None:
    """Remember the areas that hold a part of a subject which went to another."""
    area, row = meeting(ground.areas, item.places)
    beside = (item.owner[row] >= 0) & (item.owner[row] != area)
    area, row = area[beside], row[beside]
    held = shapely.area(shapely.intersection(ground.areas[area], item.places[row]))
    much = held > MOST_STRADDLE_SHARE * shapely.area(item.places[row])
    for here, there in zip(area[much].tolist(), item.owner[row[much]].tolist(), strict=True):
        found.elsewhere.setdefault((here, role), set()).add(there)


def _assigned(role: str, entry: Entry, source: Source, systems: Systems, ground: Ground) -> Assignment:
    crs = systems.vectors[role, source]
    told = LayerTold(role, source.path)
    owned, lying, numbers = [], [], []
    for batch in readable(source, batches(source, entry, Counted())):
        owner, share = owners(ground.in_system("areas", crs), batch.places)
        told.list_ids("outside", batch.number[(owner < 0) & batch.usable])
        across = (owner >= 0) & (share < 1 - MOST_STRADDLE_SHARE) & (shapely.get_dimensions(batch.places) == 2)
        told.list_ids("straddling", batch.number[across])
        owned.append(np.where(batch.usable, owner, NOWHERE))
        lying.append(ground.working_shapes(batch.places, crs))
        numbers.append(batch.number)
    if not owned:
        return Assignment(np.empty(0, dtype=np.intp), np.empty(0, dtype=object), np.empty(0, dtype=np.int64), told)
    return Assignment(np.concatenate(owned), np.concatenate(lying), np.concatenate(numbers), told)


def _join_corridors(found: Subjects, areas: Areas, join_m: float, clusters: Sequence[Assignment]) -> None:
    """Give polygons that make up one corridor to one area, that of the clusters they go round where there are any."""
    layers = found.layers["corridors"]
    places = np.concatenate([item.places for item in layers])
    owner = np.concatenate([item.owner for item in layers])
    numbers = np.concatenate([item.numbers for item in layers])
    lump = lump_numbers(len(places), touching(places, join_m))
    shapes = np.concatenate([item.places for item in clusters]) if clusters else np.empty(0, dtype=object)
    held = np.concatenate([item.owner for item in clusters]) if clusters else np.empty(0, dtype=np.intp)
    for first in np.unique(lump[owner != NOWHERE]):
        rows = np.flatnonzero(lump == first)
        size = np.bincount(owner[rows] + 1, weights=shapely.area(places[rows]), minlength=len(areas) + 1)[1:]
        area = int(size.argmax()) if size.any() else -1
        inside = _owners_inside(places[rows], join_m, shapes, held)
        if area >= 0 and len(inside) == 1:
            area = inside[0]
        elif area >= 0 and len(inside) > 1:
            told = say("corridor-round-clusters", name=str(numbers[rows[0]]), areas=[areas.names[at] for at in inside])
            for torn in {area, *inside}:
                found.torn.setdefault(torn, []).append(told)
        owner[rows] = area
    ends = np.cumsum([len(item.owner) for item in layers])[:-1]
    for item, part in zip(layers, np.split(owner, ends), strict=True):
        item.owner = part


def _owners_inside(
    corridor: NDArray[np.object_], join_m: float, clusters: NDArray[np.object_], held: NDArray[np.intp]
) -> list[int]:
    """The areas of the clusters that lie in the holes of a corridor."""
    if not len(clusters):
        return []
    body = shapely.union_all(shapely.buffer(corridor, join_m / 2))
    rings = shapely.get_rings(shapely.get_parts(np.array([body], dtype=object)), return_index=True)[0]
    holes = shapely.difference(shapely.union_all(shapely.polygons(rings)), body)
    if shapely.is_empty(holes):
        return []
    inside = shapely.area(shapely.intersection(clusters, holes)) > 0
    return sorted({int(area) for area in held[inside] if area >= 0})


def _pairs_across(clusters: Sequence[Assignment], areas: Areas, neighbour_m: float) -> list[Words]:
    """Neighbouring clusters of different areas, between which no part looks for a corridor."""
    if not clusters:
        return []
    places = np.concatenate([item.places for item in clusters])
    owner = np.concatenate([item.owner for item in clusters])
    numbers = np.concatenate([item.numbers for item in clusters])
    one, other = touching(places, neighbour_m)
    across = (owner[one] != owner[other]) & (owner[one] >= 0) & (owner[other] >= 0)
    one, other = one[across], other[across]
    if not len(one):
        return []
    pairs = [
        f"{numbers[a]}（{areas.names[owner[a]]}）–{numbers[b]}（{areas.names[owner[b]]}）"
        for a, b in zip(one, other, strict=True)
    ]
    # A message lists so many and counts the rest; here every pair must be told.
    return [
        say("pairs-across", metres=round(neighbour_m), pairs=pairs[start : start + MOST_LISTED])
        for start in range(0, len(pairs), MOST_LISTED)
    ]
