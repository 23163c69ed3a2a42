"""Urban residential land, each piece of ground once, and how much of it is in reach."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.coverage import least_share, less, most_share, once_each, overlapping, within
from urbanform.model.measurement import Bounds
from urbanform.model.roles import LandUse
from urbanform.site import Site
from urbanform.site.scope import Scope
from urbanform.site.written_use import certainty
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "homes-mixed": (
        "含居住的混合用地 {count} 宗、{area} 公顷全部计为居住用地：{ids}",
        "{count} mixed plots that hold housing, {area} ha, count in full: {ids}",
    ),
    "homes-without-mixed": ("如不计含居住的混合用地，则为", "without mixed plots the figure is"),
    "homes-class-open": (
        "{count} 宗用地的地类缺失、存疑或不止居住一类，无法确定是否为城镇居住用地：{ids}；"
        "请在 land_use 字段按现行分类填写到可区分的小类（如 0701、R2）",
        "for {count} parcels the class is missing, in doubt or wider than housing, so they may be urban residential or "
        "not: {ids}; fill in land_use with a class that tells (0701, R2)",
    ),
    "homes-shape-open": (
        "{count} 宗居住用地（或地类不明的用地）图形有错误、缺失或不知是否现状：{ids}；请在 GIS 中修复几何、补画图形后"
        "重新提交",
        "{count} residential parcels (or parcels of unknown class) have a broken or missing shape, or may not exist: "
        "{ids}; repair or draw them and hand them in again",
    ),
    "homes-none": (
        "建成区内没有城镇居住用地，分母为零；请核对用地图层的范围和地类代码（如 0701、R2）",
        "there is no urban residential land inside the built-up area, so there is nothing to divide by; check the "
        "extent of the parcels and their codes (0701, R2)",
    ),
    "homes-none-anywhere": (
        "用地图层中没有城镇居住用地，分母为零；请核对 land_use 字段的地类代码（如 0701、R2）",
        "no parcel is urban residential land, so there is nothing to divide by; check the codes in land_use (0701, R2)",
    ),
}

LEAST_DRAWN_M2 = 1.0
"""Slivers smaller than this are counted, but not drawn."""

MIXED_NAMES = r"商|公建|混合"
"""How names of mixed land, whose main use is housing, tell that it is mixed (商住用地)."""

NOTHING_LEFT_M2 = 1e-6


@dataclass(frozen=True, eq=False)
class Homes:
    """Parcels that are or may be urban residential land, cut at the edge of the scope where there is one.

    Attributes
    ----------
    frame
        ``id`` and ``name``, one row per parcel.
    shapes, area_m2
        What of each counts: ground that parcels share goes to the certain one, else to the first; shape (n,).
    sure
        Which certainly count.
    mixed
        Which of these hold other uses besides.
    entire
        Which of the others count as a whole or not at all; of the rest any part may count.
    nowhere
        Ids of those of which it is not known where they lie.
    free_m2
        Ground of the scope that is no certain housing, where those may lie; infinite without a scope.
    """

    frame: pd.DataFrame
    shapes: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    sure: NDArray[np.bool_]
    mixed: NDArray[np.bool_]
    entire: NDArray[np.bool_]
    nowhere: tuple[str, ...]
    free_m2: float

    @property
    def sure_m2(self) -> float:
        """The area of what certainly counts."""
        return float(self.area_m2[self.sure].sum())

    @property
    def missing(self) -> Words | None:
        """Why no share can be formed: nothing is certain to be housing."""
        if self.sure_m2 > 0:
            return None
        return self.why_open() or own_words(WORDS, "homes-none" if np.isfinite(self.free_m2) else "homes-none-anywhere")

    def notes(self) -> tuple[Words, ...]:
        """Mixed plots, which count in full."""
        if not self.mixed.any():
            return ()
        ids, area_ha = self.ids(self.mixed), float(self.area_m2[self.mixed].sum()) / 1e4
        return (own_words(WORDS, "homes-mixed", count=len(ids), area=area_ha, ids=ids),)

    def why_open(self) -> Words | None:
        """Which parcels leave the share open, and how to mend them; None where none does."""
        by_class = self.ids(~self.sure & self.entire)
        by_shape = [*self.ids(~self.sure & ~self.entire), *self.nowhere]
        told = [
            own_words(WORDS, code, count=len(ids), ids=ids)
            for code, ids in (("homes-class-open", by_class), ("homes-shape-open", by_shape))
            if ids
        ]
        return together(told)

    def ids(self, which: NDArray[np.bool_]) -> list[str]:
        """The ids of some of the parcels, the largest first."""
        rows = np.flatnonzero(which)
        return self.frame["id"].iloc[rows[np.argsort(-self.area_m2[rows], kind="stable")]].astype(str).tolist()


def together(told: list[Words]) -> Words | None:
    """Several messages as one under the code of the first; None where there is none."""
    if not told:
        return None
    return Words(told[0].code, "；".join(item.zh for item in told), "; ".join(item.en for item in told))


def without_mixed() -> Words:
    """The reading that leaves mixed plots out."""
    return own_words(WORDS, "homes-without-mixed")


def homes_in(site: Site, scope: Scope | None) -> Homes:
    """The urban residential land of the parcels layer inside a scope whose area can be trusted; all of it for None.

    Parcels classed urban residential certainly count, mixed plots whose main use that is in full. Parcels of unknown
    class, those whose class is in doubt or covers housing among other land, and those whose shape is unsound or
    missing may count. Rural homesteads do not.
    """
    return site.once(("homes", None if scope is None else scope.role), lambda: _find_homes(site, scope))


def _find_homes(site: Site, scope: Scope | None) -> Homes:
    parcels = site.needed("parcels").frame(("id", "name", "land_use"))
    told = certainty(parcels, LandUse.RESIDENTIAL, wider=(LandUse.OTHER,), also=MIXED_NAMES)
    kept = np.flatnonzero(told.sure | told.mixed | told.perhaps)
    parcels = parcels.iloc[kept]
    drawn = parcels["sound"].to_numpy(dtype=bool) & parcels["certain"].to_numpy(dtype=bool)
    mixed, sure = told.mixed[kept], ~told.perhaps[kept] & drawn
    whole = parcels.geometry.to_numpy()
    lost = shapely.is_missing(whole) | shapely.is_empty(whole)
    shapes = whole.copy() if scope is None else within(whole, scope.area)

    inside = np.flatnonzero(shapely.area(shapes) > 0)
    shapes, sure, mixed, entire = shapes[inside], sure[inside], mixed[inside], drawn[inside]
    shared = overlapping(shapes)
    shapes = once_each(shapes, np.where(sure, 0, 1), shared)
    # Which part of doubtful parcels that share ground counts with which is not worth telling apart.
    both = ~sure[shared[0]] & ~sure[shared[1]]
    loose = np.zeros(len(shapes), dtype=bool)
    loose[np.concatenate([shared[0][both], shared[1][both]])] = True
    area_m2 = shapely.area(shapes)
    return Homes(
        frame=parcels[["id", "name"]].iloc[inside].reset_index(drop=True),
        shapes=shapes,
        area_m2=area_m2,
        sure=sure,
        mixed=mixed & sure,
        entire=entire & ~loose,
        nowhere=tuple(parcels["id"][lost].astype(str)),
        free_m2=np.inf if scope is None else max(0.0, scope.area_m2 - float(area_m2[sure].sum())),
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """How much of the residential land is in reach.

    Attributes
    ----------
    percent
        The share; None where it is only known between ``bounds``.
    bounds
        None where the share is known.
    covered_m2, whole_m2
        Its numerator and denominator; None where they are not known.
    without_mixed
        The share of land that is no mixed plot; None where that is the same, or not known.
    """

    percent: float | None
    bounds: Bounds | None
    covered_m2: float | None
    whole_m2: float | None
    without_mixed: float | None = None


def reached(homes: Homes, certain_m2: NDArray[np.float64], possible_m2: NDArray[np.float64]) -> Reached:
    """The share of residential land that is in reach, in percent, or between what it lies.

    Parameters
    ----------
    homes
        Some of which is certain.
    certain_m2, possible_m2
        What of each parcel is in reach for certain, and at most; shape (n,).
    """
    sure, area_m2 = homes.sure, homes.area_m2
    whole_m2 = homes.sure_m2
    if homes.nowhere and np.isinf(homes.free_m2):
        # Land of any size may lie anywhere.
        return Reached(None, Bounds(0.0, 100.0), None, None)
    low = least_share(float(certain_m2[sure].sum()), whole_m2, *_pieces(homes, certain_m2))
    high = most_share(float(possible_m2[sure].sum()), whole_m2, *_pieces(homes, possible_m2))
    covered_m2 = float(certain_m2[sure].sum())
    if (high - low) * whole_m2 > NOTHING_LEFT_M2 + 1e-12 * whole_m2:
        known = bool(sure.all() and not homes.nowhere)
        return Reached(None, Bounds(100 * low, 100 * high), None, whole_m2 if known else None)
    plain = sure & ~homes.mixed
    without = None
    if homes.mixed.any() and plain.any():
        without = 100 * float(certain_m2[plain].sum()) / float(area_m2[plain].sum())
    return Reached(100 * covered_m2 / whole_m2, None, covered_m2, whole_m2, without)


def _pieces(homes: Homes, covered_m2: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Covered and whole area of every piece of land that may count or not."""
    entire = ~homes.sure & homes.entire
    part = ~homes.sure & ~homes.entire
    left_m2 = homes.area_m2[part] - covered_m2[part]
    free_m2 = np.full(1 if homes.nowhere else 0, homes.free_m2)
    nothing = np.zeros(len(left_m2) + len(free_m2))
    covered = np.concatenate([covered_m2[entire], covered_m2[part], free_m2, nothing])
    whole = np.concatenate([homes.area_m2[entire], covered_m2[part], free_m2, left_m2, free_m2])
    return covered, whole


def drawn(site: Site, homes: Homes, left: NDArray[np.object_], kinds: Mapping[str, str]) -> gpd.GeoDataFrame:
    """The land out of reach and in reach, parcel by parcel: what is out of reach and largest comes first.

    Parameters
    ----------
    left
        What of each is out of reach, shape (n,).
    kinds
        The kind of row for ``out``, ``in`` and ``open`` (parcels that may be no housing, drawn whole).

    Returns
    -------
    A frame with ``kind``, ``feature``, ``name``, ``area_m2`` of the piece and ``parcel_m2`` of the parcel.
    """
    sure = np.flatnonzero(homes.sure)
    some = shapely.area(left) > 0
    whole = shapely.equals_identical(left, homes.shapes)
    served = homes.shapes.copy()
    served[whole] = shapely.MultiPolygon()
    cut = np.flatnonzero(some & ~whole)
    served[cut] = less(homes.shapes[cut], left[cut], (np.arange(len(cut)), np.arange(len(cut))))
    pieces = []
    unsure = np.flatnonzero(~homes.sure)
    for key, shapes, rows in (("out", left, sure), ("open", homes.shapes, unsure), ("in", served, sure)):
        size = shapely.area(shapes[rows])
        order = np.argsort(-size, kind="stable")
        order = order[size[order] >= LEAST_DRAWN_M2]
        chosen = rows[order]
        pieces.append(
            gpd.GeoDataFrame(
                {
                    "kind": kinds[key],
                    "feature": homes.frame["id"].to_numpy()[chosen],
                    "name": homes.frame["name"].to_numpy()[chosen],
                    "area_m2": size[order],
                    "parcel_m2": homes.area_m2[chosen],
                },
                geometry=shapes[chosen],
                crs=site.submission.crs,
            )
        )
    return pd.concat(pieces, ignore_index=True)
