"""The polygons of the county seat (县城), each of which is judged on its own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from urbanform.site import Site


@dataclass(frozen=True, slots=True)
class CountySeat:
    """One polygon of the county seat.

    ``area`` is None where the shape cannot be trusted: what lies inside is then not known.
    """

    id: str
    name: str | None
    area: shapely.Geometry | None


def county_seats(site: Site) -> tuple[CountySeat, ...]:
    """Every polygon of the county seat, in the order of the layer."""

    def read() -> tuple[CountySeat, ...]:
        frame = site.needed("county_seat").frame(("id", "name"))
        shapes = frame.geometry.to_numpy()
        usable = frame["sound"].to_numpy(dtype=bool) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
        names = [None if pd.isna(name) else str(name) for name in frame["name"]]
        return tuple(
            CountySeat(str(key), name, shape if fit else None)
            for key, name, shape, fit in zip(frame["id"], names, shapes, usable, strict=True)
        )

    return site.once("county seats", read)


def extent_of(seats: tuple[CountySeat, ...], margin_m: float) -> tuple[float, float, float, float] | None:
    """The box round all trusted polygons, wider by a margin on every side; None where there is none."""
    areas = np.array([seat.area for seat in seats if seat.area is not None], dtype=object)
    if not len(areas):
        return None
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(areas))
    return west - margin_m, south - margin_m, east + margin_m, north + margin_m


def told_apart(ids: list[str], seats: list[str]) -> list[str]:
    """Ids of things of which each lies in one polygon; what lies in several polygons gets theirs beside its own."""
    where: dict[str, set[str]] = {}
    for key, seat in zip(ids, seats, strict=True):
        where.setdefault(key, set()).add(seat)
    return [f"{key}@{seat}" if len(where[key]) > 1 else key for key, seat in zip(ids, seats, strict=True)]


def in_order(ids: Iterable[str]) -> list[int]:
    """The places of some ids in their natural order (9 before 10), so that what stands for many does not depend on
    the order of the features."""
    keys = [[(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _split(key)] for key in ids]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _split(key: str) -> list[str]:
    return re.findall(r"[0-9]+|[^0-9]+", key)
