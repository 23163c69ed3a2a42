"""Roads of the county seat with what their red-line width can be read from: lines, surfaces, junctions."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.contiguous import lump_numbers, touching
from urbanform.measure.held_width import HeldWidths, held_widths, typical_widths_m
from urbanform.measure.linework import clip_lines
from urbanform.measure.medial import middle_lines
from urbanform.measure.strands import SNAP_M, Junctions, junctions
from urbanform.measure.transects import JOIN_M, STRIP_M, Surfaces
from urbanform.site import Site
from urbanform.site.county_seats import county_seats, extent_of, in_order

MARGIN_M = 250.0
LEAST_INSIDE_M = 1.0
"""A line with less than this inside an area is taken as ending at its edge."""
FIELDS = ("id", "name", "class", "red_line_width", "pavement_width")


@dataclass(frozen=True, eq=False)
class RoadNet:
    """The roads near the county seat.

    Attributes
    ----------
    frame
        Every road feature with :data:`FIELDS`, its row number as index.
    lines
        Its line, cut a little beyond the county seat; empty where the shape cannot be trusted.
    placed
        Whether the shape can be trusted.
    meet, zone_m
        The junctions, and how far about each the surface is not that of one road: the width of the widest road there.
    surfaces
        What the roads are made of; None where no surfaces are given.
    widest_m
        How wide the surface may be at most along each line, junctions and all.
    """

    frame: gpd.GeoDataFrame
    lines: NDArray[np.object_]
    placed: NDArray[np.bool_]
    meet: Junctions
    zone_m: NDArray[np.float64]
    surfaces: Surfaces | None
    widest_m: NDArray[np.float64]

    def held(self, lines: NDArray[np.object_], group: NDArray[np.int64]) -> HeldWidths | None:
        """The widths that the surfaces hold along lines of this net; None where there are no surfaces."""
        return None if self.surfaces is None else held_widths(lines, group, self.meet, self.zone_m, self.surfaces)


@dataclass(frozen=True, eq=False)
class BareSurface:
    """A surface, with all that touches it, along which no centreline runs.

    ``net`` holds the lines along its middle in place of roads, each without name, class or width; ``extent_m`` is
    how far apart two of its points lie at most.
    """

    id: str
    name: str | None
    area: shapely.Geometry
    extent_m: float
    net: RoadNet


def road_net(site: Site) -> RoadNet:
    """The roads near the county seat, with their surfaces; without a roads layer it has no lines."""

    def build() -> RoadNet:
        box = extent_of(county_seats(site), MARGIN_M)
        frame = _near(site, "roads", FIELDS, box)
        shapes = frame.geometry.to_numpy()
        placed = frame["sound"].to_numpy(dtype=bool) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
        lines = np.where(placed, shapes, shapely.LineString())
        if box is not None and len(lines):
            lines = clip_lines(lines, shapely.box(*box))
        stated_m = frame["red_line_width"].to_numpy(dtype=float)
        return _net(frame, lines, placed, stated_m, road_surfaces(site))

    return site.once("road net", build)


def _net(
    frame: gpd.GeoDataFrame,
    lines: NDArray[np.object_],
    placed: NDArray[np.bool_],
    stated_m: NDArray[np.float64],
    surfaces: Surfaces | None,
) -> RoadNet:
    meet = junctions(lines)
    zone_m = np.zeros(len(meet.at))
    widest_m = np.full(len(lines), np.inf)
    if surfaces is not None:
        typical_m, widest_m = typical_widths_m(lines, surfaces)
        width_m = np.nan_to_num(np.where(np.isnan(stated_m), typical_m, stated_m))
        np.maximum.at(zone_m, meet.near, width_m[meet.line])
    return RoadNet(frame, lines, placed, meet, zone_m, surfaces, widest_m)


def road_surfaces(site: Site) -> Surfaces | None:
    """The road surfaces near the county seat; None where there is no such layer."""

    def build() -> Surfaces | None:
        if site.layer("road_surfaces") is None:
            return None
        frame = _surface_frame(site)
        return Surfaces.of(frame.geometry.to_numpy(), _trusted(frame))

    return site.once("road surfaces", build)


def bare_surfaces(site: Site) -> tuple[list[BareSurface], gpd.GeoDataFrame]:
    """Surfaces without a centreline, and the rows of those whose shape cannot be trusted.

    Surfaces that touch are one; where a centreline runs through any of them, it speaks for all.
    """

    def build() -> tuple[list[BareSurface], gpd.GeoDataFrame]:
        frame, surfaces, net = _surface_frame(site), road_surfaces(site), road_net(site)
        if surfaces is None:
            return [], frame
        shapes = frame.geometry.to_numpy()
        trusted = _trusted(frame)
        crossed = np.zeros(len(frame), dtype=bool)
        crossed[shapely.STRtree(shapes).query(net.lines, predicate="intersects")[1]] = True
        sound = np.flatnonzero(trusted)
        lump = lump_numbers(len(sound), touching(shapes[sound], JOIN_M))
        spoken_for = np.isin(lump, lump[crossed[sound]])
        bare = [_bare(frame, sound[lump == first], surfaces) for first in np.unique(lump[~spoken_for])]
        # A broken surface beside one that has a centreline is part of that road's reading.
        told = crossed.copy()
        beside = shapely.STRtree(shapes[sound[spoken_for]]).query(shapes, predicate="dwithin", distance=STRIP_M)[0]
        told[beside] = True
        if len(net.lines):
            told |= shapely.is_missing(shapes)
        return bare, frame[~trusted & ~told]

    return site.once("bare road surfaces", build)


def _bare(frame: gpd.GeoDataFrame, rows: NDArray[np.intp], surfaces: Surfaces) -> BareSurface:
    area = shapely.union_all(frame.geometry.to_numpy()[rows], grid_size=1e-6)
    lines = middle_lines(area)
    nothing = np.full(len(lines), np.nan)
    blank = gpd.GeoDataFrame(dict.fromkeys(FIELDS, nothing), geometry=lines, crs=frame.crs)
    net = _net(blank, lines, np.ones(len(lines), dtype=bool), nothing, surfaces)
    extent_m = 2 * float(shapely.minimum_bounding_radius(area))
    own = frame.iloc[rows[in_order(frame["id"].astype(str).iloc[rows])]]
    names = own["name"].dropna()
    return BareSurface(str(own["id"].iloc[0]), str(names.iloc[0]) if len(names) else None, area, extent_m, net)


def inside(lines: NDArray[np.object_], area: shapely.Geometry) -> NDArray[np.object_]:
    """What of each line lies inside an area; empty where that is less than :data:`LEAST_INSIDE_M`."""
    if not len(lines):
        return lines
    clipped = clip_lines(lines, area)
    parts, of = shapely.get_parts(clipped, return_index=True)
    straight = shapely.get_dimensions(parts) == 1
    found = np.full(len(lines), shapely.MultiLineString(), dtype=object)
    shapely.multilinestrings(parts[straight], indices=of[straight], out=found)
    found[shapely.length(found) < LEAST_INSIDE_M] = shapely.MultiLineString()
    return found


def roads_of_one_name(lines: NDArray[np.object_], names: NDArray[np.object_]) -> NDArray[np.int64]:
    """The number of the first feature of the road that each feature belongs to, shape (n,).

    Features of one name that touch are one road; a feature without a name is one by itself.
    """
    one, other = touching(lines, SNAP_M)
    named = ~pd.isna(names)
    same = named[one] & (names[one] == names[other])
    return lump_numbers(len(lines), (one[same], other[same]))


def _trusted(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    shapes = frame.geometry.to_numpy()
    sure = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    return sure & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)


def _surface_frame(site: Site) -> gpd.GeoDataFrame:
    box = extent_of(county_seats(site), MARGIN_M)
    return site.once("road surface frame", lambda: _near(site, "road_surfaces", ("id", "name"), box))


def _near(
    site: Site, role: str, fields: tuple[str, ...], box: tuple[float, float, float, float] | None
) -> gpd.GeoDataFrame:
    """The features of a role near the county seat with some fields; no rows where there is no such layer."""
    layer = site.layer(role)
    frames = [] if layer is None or box is None else list(layer.batches(fields, bbox=box))
    if not frames:
        columns = {name: pd.Series(dtype=object) for name in fields}
        flags = {name: pd.Series(dtype=bool) for name in ("sound", "certain")}
        return gpd.GeoDataFrame({**columns, **flags}, geometry=[], crs=site.submission.crs)
    return gpd.GeoDataFrame(pd.concat(frames).sort_index(), crs=site.submission.crs)
