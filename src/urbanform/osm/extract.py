"""Elements from an extract: ``.osm``, ``.osm.pbf`` and their compressed kin, read without a network.

libosmium (through pyosmium) reads every form alike and puts multipolygon relations together by the rules of
OpenStreetMap, whatever their members' roles say; one whose rings do not close, or cross, yields nothing and is
counted, where GDAL would give a shape that nobody drew or stop. Ways are taken as they are, so that a ring that crosses
itself is handed on to the review, which knows what to make of it.
"""

from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from urbanform.errors import SubmissionError
from urbanform.osm.elements import Elements, Origin, elements_of, tag_columns, tag_keys
from urbanform.osm.words import say

SUFFIXES = (".osm", ".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2")
_HEADER_DATES = ("osmosis_replication_timestamp", "timestamp")
_AREAS = ("multipolygon", "boundary")
_OUTER = ("outer", "")


def is_extract(name: str) -> bool:
    """Whether a name is that of an extract."""
    return name.lower().endswith(SUFFIXES)


def read_extract(path: Path) -> Elements:
    """The elements of an extract.

    Of a way that reaches beyond the extract the stretches between nodes at hand are kept; the way is marked ``cut``.

    Raises
    ------
    SubmissionError
        The file is none that can be read, is broken, or holds several versions of each element.
    """
    if not is_extract(path.name):
        raise SubmissionError(say("not-an-extract", file=path.name, known=list(SUFFIXES)))
    try:
        return _Reading(path).elements()
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as fault:
        why = str(fault).splitlines()[0][:200] if str(fault) else type(fault).__name__
        raise SubmissionError(say("extract-unreadable", file=path.name, why=why)) from fault


class _Reading:
    """One pass over an extract, and what it has gathered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns = tag_columns()
        self.rows: list[tuple[object, ...]] = []
        self.wkb: list[str] = []
        self.lost: list[tuple[str, str]] = []
        self.outer: dict[int, set[str]] = {}
        self.wanted_relations: set[int] = set()
        self.assembled: set[int] = set()
        self.newest = datetime.min.replace(tzinfo=UTC)
        self.shape = osmium.geom.WKBFactory()

    def elements(self) -> Elements:
        with osmium.io.Reader(str(self.path), osmium.osm.NOTHING) as reader:
            header = reader.header()
            if header.has_multiple_object_versions:
                raise SubmissionError(say("extract-history", file=self.path.name))
            date = next(filter(None, map(header.get, _HEADER_DATES)), None)
            program = header.get("generator") or None
        read = self._read()
        self._broken()
        told = date or (self.newest.isoformat().replace("+00:00", "Z") if self.newest.year > 2000 else None)
        origin = Origin(
            name=self.path.name,
            date=told,
            date_from="header" if date else "newest" if told else "unknown",
            tool=f"pyosmium {version('osmium')}",
            program=program,
        )
        self._told_once()
        shapes = shapely.from_wkb(np.array(self.wkb, dtype=object), on_invalid="ignore")
        return elements_of(self.rows, np.asarray(shapes, dtype=object), self.lost, origin, read)

    def _told_once(self) -> None:
        """Take from outer rings the tags that their relation says too: the building is one, though both are tagged.

        A building is the same one whatever kind either says it is; of other keys the values must agree.
        """
        at = {row[0]: number for number, row in enumerate(self.rows)}
        keys = [(2 + place, key) for place, key in enumerate(self.columns) if key in tag_keys()]
        for number in sorted(self.assembled):
            whole = self.rows[at[f"relation/{number}"]]
            told = [(place, key) for place, key in keys if whole[place] is not None]
            for way in sorted(self.outer.get(number, set()) & at.keys()):
                row = self.rows[at[way]]
                twice = {
                    place for place, key in told if row[place] == whole[place] or (row[place] and key == "building")
                }
                if twice:
                    self.rows[at[way]] = tuple(None if place in twice else tag for place, tag in enumerate(row))
                    self.lost.append((way, "relation-outer"))

    def _read(self) -> dict[str, int]:
        counts: Counter[str] = Counter()
        told = osmium.FileProcessor(str(self.path)).with_locations().with_areas()
        found: Any
        for found in told.with_filter(osmium.filter.KeyFilter(*tag_keys())):
            if found.is_area():
                if not found.from_way():
                    self._area(found)
                continue
            counts[found.type_str()] += 1
            self.newest = max(self.newest, found.timestamp)
            if found.is_node():
                self._add(f"node/{found.id}", found.tags, self.shape.create_point(found))
            elif found.is_way():
                self._way(found)
            elif found.tags.get("type") in _AREAS:
                self.wanted_relations.add(found.id)
                self.outer[found.id] = {f"way/{member.ref}" for member in found.members if member.role in _OUTER}
        return {"node": counts["n"], "way": counts["w"], "relation": counts["r"]}

    def _add(self, name: str, tags: Any, wkb: str, *, cut: bool = False) -> None:
        self.rows.append((name, cut, *map(tags.get, self.columns)))
        self.wkb.append(wkb)

    def _way(self, way: Any) -> None:
        name = f"way/{way.id}"
        try:
            self._add(name, way.tags, self.shape.create_linestring(way))
        except (RuntimeError, osmium.InvalidLocationError):
            wkb = _known_stretches(way)
            if wkb is None:
                self.lost.append((name, "line-lost"))
            else:
                self._add(name, way.tags, wkb, cut=True)

    def _area(self, area: Any) -> None:
        try:
            wkb = self.shape.create_multipolygon(area)
        except (RuntimeError, osmium.InvalidLocationError):
            return
        self.assembled.add(area.orig_id())
        self._add(f"relation/{area.orig_id()}", area.tags, wkb)

    def _broken(self) -> None:
        """List the relations that gave no area: those that lack members, and those that are broken."""
        gone = self.wanted_relations - self.assembled
        if not gone:
            return
        members: dict[int, set[int]] = {}
        relation: Any
        for relation in osmium.FileProcessor(str(self.path), osmium.osm.RELATION):
            if relation.id in gone:
                members[relation.id] = {member.ref for member in relation.members if member.type == "w"}
        ways = set().union(*members.values())
        known = osmium.FileProcessor(str(self.path), osmium.osm.WAY).with_filter(osmium.filter.IdFilter(ways))
        held = {way.id for way in known}
        self.lost += [
            (f"relation/{number}", "relation-incomplete" if of - held else "relation-broken")
            for number, of in sorted(members.items())
        ]


def _known_stretches(way: Any) -> str | None:
    """The stretches of a way between nodes at hand, as WKB; None where there is none."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != (node.lon, node.lat):
            runs[-1].append((node.lon, node.lat))
    lines = [shapely.LineString(run) for run in runs if len(run) >= 2]
    if not lines:
        return None
    return str(shapely.to_wkb(lines[0] if len(lines) == 1 else shapely.MultiLineString(lines), hex=True))
