"""Where a layer's coordinates lie, and how a manifest speaks of the layer."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.enums import TransformDirection

from urbanform.intake.crs import OLD_DATUMS, Datum, TransverseMercator, unit_m
from urbanform.intake.crs_china import inside_china
from urbanform.intake.crs_words import WORDS
from urbanform.wording import Words, own_words

RETURN_ERROR_M = 1.0

Bounds = Sequence[float]

_YAML_PLAIN = re.compile(r"[^\s,:\[\]{}#&*!|>?'\"%@`-][^,:\[\]{}#'\"]*(?<!\s)")


@dataclass(frozen=True, slots=True)
class Extent:
    """A layer's coordinates, and how a manifest speaks of it."""

    west: float
    south: float
    east: float
    north: float
    sample: NDArray[np.float64]
    role: str
    path: str
    near_lon_deg: float | None

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north as they are stored."""
        return self.west, self.south, self.east, self.north

    @property
    def shown(self) -> str:
        """The extent as a message has it, in figures that tell metres from degrees and a zone's number."""
        west, south, east, north = (f"{value:.10g}" for value in self.bounds)
        return f"X {west} – {east}, Y {south} – {north}"

    def line(self, code: str) -> str:
        """The line of a manifest that gives this layer another system."""
        return override_line(code, role=self.role, path=self.path)

    def points(self) -> NDArray[np.float64]:
        """Points along the sides, and the middle: shape (25, 2)."""
        x, y = np.meshgrid(np.linspace(self.west, self.east, 5), np.linspace(self.south, self.north, 5))
        return np.column_stack([x.ravel(), y.ravel()])

    def middle(self) -> NDArray[np.float64]:
        """The middle: shape (1, 2)."""
        return np.array([[(self.west + self.east) / 2, (self.south + self.north) / 2]])


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a layer cannot be used, and the systems that would suit it, likeliest first."""

    words: Words
    candidates: tuple[str, ...] = ()


def override_line(code: str, *, role: str = "<role>", path: str = "<path>") -> str:
    """The line of a manifest that gives one layer another system than its file does, fit to be copied."""
    is_plain = path == "<path>" or _YAML_PLAIN.fullmatch(path)
    written = path if is_plain else json.dumps(path, ensure_ascii=False)
    return f"layers: {{{role}: {{path: {written}, crs: {code}}}}}"


@lru_cache(maxsize=64)
def _to_degrees(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def places(crs: CRS, xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes on the system's own datum; infinite where the point is none of the system's."""
    transformer = _to_degrees(crs)
    lon, lat = transformer.transform(xy[:, 0], xy[:, 1])
    back_x, back_y = transformer.transform(lon, lat, direction=TransformDirection.INVERSE)
    with np.errstate(invalid="ignore"):
        missed = np.hypot(back_x - xy[:, 0], back_y - xy[:, 1]) * (unit_m(crs) or 1.0)
    lost = ~(missed <= RETURN_ERROR_M)
    return np.where(lost, np.inf, lon), np.where(lost, np.inf, lat)


def off_meridian(lon_deg: NDArray[np.float64], grid: TransverseMercator) -> NDArray[np.float64]:
    """Degrees of longitude between places and the central meridian: 0–180, infinite for a place off the map."""
    with np.errstate(invalid="ignore"):
        off = np.abs((lon_deg - grid.central_meridian_deg + 180) % 360 - 180)
    return np.where(np.isnan(off), np.inf, off)


def outside_china(
    datum: Datum, name: str, lon_lat_deg: tuple[float, float], layer: Extent
) -> Fault | tuple[Words, ...]:
    """A Chinese system with coordinates that lie elsewhere: shortened ones, or those of another zone."""
    lon, lat = lon_lat_deg
    if datum not in OLD_DATUMS | {Datum.CGCS2000} or inside_china(lon, lat):
        return ()
    values = {"shown": layer.shown, "name": name, "lon": round(lon, 3), "lat": round(lat, 3)}
    values["line"] = layer.line("local-metres")
    if 65 <= lon <= 142 and -1 <= lat <= 60:
        return (own_words(WORDS, "crs-outside-china", **values),)
    return Fault(own_words(WORDS, "crs-far-outside-china", **values))
