"""The renewal units (更新单元), each of which is judged on its own."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.model.measurement import Subject
from urbanform.site import Site
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "unsound-unit": (
        "单元图形有错误或缺失，哪些建筑在其内不可知；请在 GIS 中修复几何后重新提交",
        "the unit's shape is broken or missing, so it is not known which buildings lie inside; repair the geometry and "
        "hand it in again",
    ),
    "no-buildings": ("单元内没有现状建筑", "the unit has no existing building"),
}

FIELDS = ("id", "name", "district_kind", "households", "resettled_households")


@dataclass(frozen=True, eq=False)
class RenewalUnits:
    """Every renewal unit, in the order of the layer.

    Attributes
    ----------
    frame
        All of them with :data:`FIELDS`.
    rows
        The rows of those whose shape can be trusted, shape (n,).
    areas
        Their shapes, shape (n,).
    """

    frame: gpd.GeoDataFrame
    rows: NDArray[np.intp]
    areas: NDArray[np.object_]

    @property
    def ids(self) -> NDArray[np.object_]:
        """The ids of the units in ``areas``, shape (n,)."""
        return self.frame["id"].astype(str).to_numpy(dtype=object)[self.rows]

    def subject(self, row: int, **more: Any) -> Subject:
        """The subject of a row, with what was found of it."""
        name, kind = self.frame["name"].iloc[row], self.frame["district_kind"].iloc[row]
        return Subject(
            str(self.frame["id"].iloc[row]),
            None if pd.isna(name) else str(name),
            attributes={"district_kind": None if pd.isna(kind) else str(kind)},
            **more,
        )

    def outlines(self, **columns: object) -> gpd.GeoDataFrame:
        """The drawn units as evidence of the kind ``unit``, with columns of one value per row of ``frame``."""
        drawn = self.frame[["geometry"]].assign(
            kind="unit", subject=self.frame["id"].astype(str), name=self.frame["name"], **columns
        )
        return drawn[~drawn.geometry.isna()]


def renewal_units(site: Site) -> RenewalUnits:
    """Every renewal unit of the submission."""

    def read() -> RenewalUnits:
        frame = site.needed("renewal_units").frame(FIELDS)
        shapes = frame.geometry.to_numpy()
        fit = frame["sound"].to_numpy(dtype=bool) & (shapely.area(shapes) > 0)
        rows = np.flatnonzero(fit)
        return RenewalUnits(frame, rows, shapes[rows])

    return site.once("renewal units", read)


def unsound_unit() -> Words:
    """Why nothing can be said of the buildings of a unit whose shape is broken."""
    return own_words(WORDS, "unsound-unit")


def no_buildings() -> Words:
    """Why a rule on what stands in a unit does not bind it."""
    return own_words(WORDS, "no-buildings")
