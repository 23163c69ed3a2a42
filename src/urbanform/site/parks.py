"""Parks and other public green: polygons that are or may be such, put together into whole ones."""

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.contiguous import Pairs, lump_numbers, parted, touching
from urbanform.measure.coverage import within
from urbanform.model.roles import LandUse
from urbanform.site import Site
from urbanform.site.plazas import plaza_ground, roads_between
from urbanform.site.scope import Scope
from urbanform.site.written_use import certainty, classes_written
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "parks-absent": (
        "没有公园图层，用地图层中也没有公园地类（1401、G1），无法判断公园在哪里；请提供公园（submission.yaml：layers: "
        "{{parks: 公园.shp}}），确实没有公园则写 none: [parks]",
        "there is no parks layer, and no parcel is classed park (1401, G1), so it is not known where the parks are; "
        "supply them (submission.yaml: layers: {{parks: parks.shp}}), or where there are none write none: [parks]",
    ),
}

GAP_M = 1.0
"""Polygons at most this far apart are one park."""

LEAST_INSIDE_M2 = 1.0
"""Less ground than this inside the built-up area is no part of a park but the play of two digitised edges."""

PUBLIC = (LandUse.PARK, LandUse.PLAZA)
PUBLIC_WORDS = r"公园|游园|公共绿地|街头绿地|街旁绿地|广场|\bpark|\bpublic|\bgarden|\bplaza|\bsquare"
OTHER_WORDS = r"防护|附属|道路|生产|单位|庭院|宅旁|隔离|protective|attached|roadside|nursery"
"""Kinds of green space that people may, and may not, walk into, as far as they are called so."""


@dataclass(frozen=True, eq=False)
class GreenGround:
    """Polygons that are, or may be, green of a kind.

    Attributes
    ----------
    roles
        The layers that they come from.
    ids, names
        Shape (n,); a name may be None.
    shapes
        Shape (n,): polygons; of unsound ones the envelope.
    sure
        Whether it is certain that the polygon is of the kind and lies where it is drawn; shape (n,).
    doubted
        Ids of those of which that is not certain because of their class; of the other doubtful ones the shape is.
    nowhere
        Ids of those without a shape, which may lie anywhere.
    """

    roles: tuple[str, ...]
    ids: NDArray[np.object_]
    names: NDArray[np.object_]
    shapes: NDArray[np.object_]
    sure: NDArray[np.bool_]
    doubted: tuple[str, ...] = ()
    nowhere: tuple[str, ...] = ()

    @property
    def missing(self) -> Words | None:
        """Why nothing can be said of parks: neither a layer nor any parcel speaks of one."""
        if len(self.ids) or self.nowhere or self.roles != ("parcels",):
            return None
        return own_words(WORDS, "parks-absent")

    def __add__(self, other: "GreenGround") -> "GreenGround":
        return GreenGround(
            tuple(dict.fromkeys((*self.roles, *other.roles))),
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.names, other.names]),
            np.concatenate([self.shapes, other.shapes]),
            np.concatenate([self.sure, other.sure]),
            (*self.doubted, *other.doubted),
            (*self.nowhere, *other.nowhere),
        )


def _ground(role: str, frame: gpd.GeoDataFrame, classed: NDArray[np.bool_]) -> GreenGround:
    shapes = frame.geometry.to_numpy()
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    ids = frame["id"].astype(str).to_numpy(dtype=object)
    drawn = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
    names = frame["name"].astype(object).where(frame["name"].notna(), None).to_numpy(dtype=object)
    return GreenGround(
        (role,),
        ids[~lost],
        names[~lost],
        shapes[~lost],
        (classed & drawn)[~lost],
        tuple(ids[~classed & ~lost]),
        tuple(ids[lost]),
    )


def park_ground(site: Site) -> GreenGround:
    """Parks: their own layer where it is given or declared not to exist, else the parcels that are classed so.

    Of the parcels, those of unknown class and those whose class is in doubt or covers parks among other green may be
    parks.
    """

    def find() -> GreenGround:
        layer = site.layer("parks")
        if layer is not None:
            frame = layer.frame(("id", "name"))
            return _ground("parks", frame, np.ones(len(frame), dtype=bool))
        nothing = np.empty(0, dtype=object)
        if "parks" in site.submission.none:
            return GreenGround(("parks",), nothing, nothing, nothing, np.zeros(0, dtype=bool))
        return park_parcels(site, doubtful=True)

    return site.once("park ground", find)


def park_parcels(site: Site, *, doubtful: bool) -> GreenGround:
    """The parcels classed park, with those that may be parks where ``doubtful`` is asked."""
    parcels = site.needed("parcels").frame(("id", "name", "land_use"))
    told = certainty(parcels, LandUse.PARK, wider=(LandUse.GREEN, LandUse.OTHER))
    kept = told.sure | told.mixed | told.perhaps if doubtful else told.sure
    return _ground("parcels", parcels[kept], told.sure[kept])


def plaza_polygons(site: Site) -> GreenGround:
    """Plazas: their own layer, else the parcels that are classed so; where the layer was set aside they may lie
    anywhere."""
    if "plazas" in site.submission.faults:
        nothing = np.empty(0, dtype=object)
        return GreenGround(("plazas",), nothing, nothing, nothing, np.zeros(0, dtype=bool), nowhere=("plazas",))
    found = plaza_ground(site)
    ground = _ground(found.role, found.frame, np.ones(len(found.frame), dtype=bool))
    lost = shapely.is_missing(found.frame.geometry.to_numpy()) | shapely.is_empty(found.frame.geometry.to_numpy())
    classed = found.sure | ~found.frame["sound"].to_numpy(dtype=bool)
    doubted = tuple(found.frame["id"].astype(str).to_numpy()[~classed & ~lost])
    return GreenGround(
        ground.roles, ground.ids, ground.names, ground.shapes, found.sure[~lost], doubted, ground.nowhere
    )


def public_green(site: Site) -> GreenGround:
    """Public green: parks, parcels classed park, and the green spaces whose kind is a park, a plaza or public.

    Green spaces of another kind (protective, attached to a plot or a road) are none; those whose kind is blank, or
    says no more than green, may be.
    """

    def find() -> GreenGround:
        ground = park_ground(site)
        if "parcels" not in ground.roles and site.layer("parcels") is not None:
            ground = ground + park_parcels(site, doubtful=False)
        layer = site.layer("green_spaces")
        if layer is None:
            return ground
        frame = layer.frame(("id", "name", "kind"))
        public, other = _publicness(frame["kind"])
        return ground + _ground("green_spaces", frame[~other], public[~other])

    return site.once("public green", find)


def _publicness(kinds: pd.Series) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which kinds of green space are certainly public, and certainly not; shape (n,) each."""
    number, written = pd.factorize(kinds)
    found = [_kind_public(str(text)) for text in written]
    public = np.array([*(kind is True for kind in found), False], dtype=bool)
    other = np.array([*(kind is False for kind in found), False], dtype=bool)
    return public[number], other[number]


def _kind_public(text: str) -> bool | None:
    # The class of public facilities says nothing of green; the word does.
    classes = classes_written(text) - {LandUse.PUBLIC}
    if classes:
        if classes <= set(PUBLIC):
            return True
        return None if classes & {*PUBLIC, LandUse.GREEN, LandUse.REGIONAL_GREEN, LandUse.OTHER} else False
    called = re.search(PUBLIC_WORDS, text, re.IGNORECASE)
    otherwise = re.search(OTHER_WORDS, text, re.IGNORECASE)
    return None if bool(called) == bool(otherwise) else bool(called)


@dataclass(frozen=True, eq=False)
class WholeParks:
    """Polygons that hang together, put into one each; shape (n,).

    Attributes
    ----------
    shapes, area_m2
        The union of the polygons of each.
    first, count
        Its first polygon in the ground, and how many there are.
    inside
        Whether any part lies in the built-up area.
    sure
        Whether all its polygons are certain.
    parted
        Whether a road keeps any polygons apart that touch.
    polygons, whole
        All of the polygons, and which of these each has become part of; shape (polygons,).
    """

    shapes: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    first: NDArray[np.intp]
    count: NDArray[np.int64]
    inside: NDArray[np.bool_]
    sure: NDArray[np.bool_]
    parted: bool
    polygons: NDArray[np.object_]
    whole: NDArray[np.intp]


def whole_parks(
    site: Site, scope: Scope, ground: GreenGround, *, doubtful: bool = False, across_roads: bool = False
) -> WholeParks:
    """Whole parks out of polygons: those that touch (at most 1 m apart), but not across a road where roads are given.

    Parameters
    ----------
    scope
        The built-up area; a park of which any part lies inside lies inside.
    ground
        The polygons.
    doubtful
        Whether polygons that are not certain count, too.
    across_roads
        Whether polygons that touch along a road are one park all the same.
    """
    rows = np.flatnonzero(np.ones(len(ground.ids), dtype=bool) if doubtful else ground.sure)
    shapes = ground.shapes[rows]
    pairs = touching(shapes, GAP_M)
    together = np.ones(len(pairs[0]), dtype=bool) if across_roads else _not_across(site, shapes, pairs)
    lump = lump_numbers(len(rows), (pairs[0][together], pairs[1][together]))
    firsts, member = np.unique(lump, return_inverse=True)
    count = np.bincount(member, minlength=len(firsts))
    whole = shapes[firsts]
    order = np.argsort(member, kind="stable")
    ends = np.cumsum(count)
    for at in np.flatnonzero(count > 1):
        whole[at] = shapely.union_all(shapes[order[ends[at] - count[at] : ends[at]]])
    sure = np.bincount(member, weights=~ground.sure[rows], minlength=len(firsts)) == 0
    inside = shapely.area(within(whole, scope.area)) >= LEAST_INSIDE_M2
    return WholeParks(whole, shapely.area(whole), rows[firsts], count, inside, sure, not together.all(), shapes, member)


def _not_across(site: Site, shapes: NDArray[np.object_], pairs: Pairs) -> NDArray[np.bool_]:
    """Which pairs hang together although roads run nearby; polygons that share ground always do."""
    first, second = pairs
    together = np.ones(len(first), dtype=bool)
    if not len(first) or site.layer("roads") is None:
        return together
    apart = np.flatnonzero(~shapely.relate_pattern(shapes[first], shapes[second], "T********"))
    first, second = first[apart], second[apart]
    if len(apart):
        near = shapely.box(*shapely.total_bounds(shapes[np.concatenate([first, second])]))
        together[apart] = ~parted(shapes, (first, second), roads_between(site, near).perhaps, GAP_M)
    return together
