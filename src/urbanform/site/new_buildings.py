"""Which buildings are new, and which of them serve a use: for certain, or perhaps.

A building whose action is "new" is new, one with any other action is not. Without an action the year in which it was
built tells: after the year of the rule's document it is new, else it is not. Where neither is known, or the document
bears no date, it may be either.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from urbanform.site import Site
from urbanform.wording import Words, own_words

COLUMNS = ("id", "name", "action", "year_built", "use")

WORDS: dict[str, tuple[str, str]] = {
    "new-untold": (
        "建筑图层没有处理方式（action）字段，也没有建成年代（year_built）字段，无法确定哪些建筑是新建；请补充处理方式"
        "（新建、保留、改造、拆除），或在 submission.yaml 的 buildings 下写 defaults: {{action: new}}",
        "the buildings have neither an action nor a year_built field, so it is not known which are new; give the "
        "action (new, retain, renovate, demolish), or write defaults: {{action: new}} for the layer in submission.yaml",
    ),
    "new-undated": (
        "方案文件没有成文日期，建成年代（year_built）不能说明建筑是否新建；请在建筑图层补充处理方式（action：新建、"
        "保留、改造、拆除）",
        "the plan's document bears no date, so year_built cannot tell which buildings are new; give the action (new, "
        "retain, renovate, demolish)",
    ),
    "new-open": (
        "处理方式（action）和建成年代（year_built）缺失或读不出，无法确定是否新建；请补填其中之一",
        "action and year_built are missing or unreadable, so it is not known whether it is new; fill in one of them",
    ),
    "use-open": (
        "建筑用途（use）缺失或读不出，无法确定是否{use}；请补填",
        "the use is missing or unreadable, so it is not known whether it is {use_en}; fill it in",
    ),
    "use-mixed": (
        "建筑用途（use）为混合，无法确定是否以居住为主；住宅建筑面积过半的请填“住宅”，否则请填主要用途",
        "its use is mixed, so it is not known whether it is mainly housing; write residential where housing takes over "
        "half of its floor area, else its main use",
    ),
}

USE_NAMES = {
    "residential": ("住宅", "housing"),
    "public": ("公共机构建筑", "a public building"),
    "commercial": ("商业建筑", "commercial"),
    "industrial": ("厂房", "a factory"),
}


@dataclass(frozen=True, slots=True)
class Holds:
    """Of which rows something is true: for certain, and at most; shape (n,) each, ``certain`` within ``possible``."""

    certain: NDArray[np.bool_]
    possible: NDArray[np.bool_]

    def __and__(self, other: "Holds") -> "Holds":
        return Holds(self.certain & other.certain, self.possible & other.possible)

    @property
    def open(self) -> NDArray[np.bool_]:
        """The rows of which it is not known."""
        return self.possible & ~self.certain


@dataclass(frozen=True, eq=False)
class NewBuildings:
    """Some of the buildings that are or may be new.

    Attributes
    ----------
    buildings
        A frame as layers give it, index by position in the layer, without the buildings that are certainly not new.
    new
        Which of them are; all of them possibly.
    """

    buildings: gpd.GeoDataFrame
    new: Holds

    def used_as(self, use: str) -> Holds:
        """Which of them serve a use, new or not; see :func:`used_as`."""
        return used_as(self.buildings, use)

    @property
    def housing(self) -> Holds:
        """Which of them are residential, new or not."""
        return used_as(self.buildings, "residential")


def new_buildings(
    site: Site, columns: Sequence[str] = (), bbox: tuple[float, float, float, float] | None = None
) -> Iterator[NewBuildings]:
    """The buildings that are or may be new, batch by batch, so that memory does not grow with the layer.

    Parameters
    ----------
    site
        Its ``document_year`` is the year after which a building without an action counts as new.
    columns
        Fields to carry along besides :data:`COLUMNS`.
    bbox
        Only buildings whose extent meets it, and those of which it is not known where they stand.

    Yields
    ------
    NewBuildings
        None for a batch in which no building may be new.
    """
    wanted = tuple(dict.fromkeys((*COLUMNS, *columns)))
    for buildings in site.needed("buildings").batches(wanted, bbox=bbox):
        new = are_new(buildings, site.document_year)
        if not new.possible.any():
            continue
        kept = new.possible
        yield NewBuildings(buildings[kept], Holds(new.certain[kept], new.possible[kept]))


def are_new(buildings: gpd.GeoDataFrame, document_year: int | None) -> Holds:
    """Which buildings of a frame with ``action`` and ``year_built`` are new."""
    action = buildings["action"]
    told = action.notna().to_numpy(dtype=bool)
    new = (action == "new").fillna(False).to_numpy(dtype=bool)
    year = buildings["year_built"].to_numpy(dtype=float)
    dated = ~told & ~np.isnan(year) & (document_year is not None)
    later = dated & (year > (document_year or 0))
    counts = buildings["certain"].to_numpy(dtype=bool)
    return Holds((new | later) & counts, new | later | (~told & ~dated))


def used_as(buildings: gpd.GeoDataFrame, use: str) -> Holds:
    """Which buildings of a frame serve a use.

    An unknown use may be any. A mixed one may be mainly housing or commercial; a building for public institutions or
    a factory it is not.
    """
    written = buildings["use"]
    certain = (written == use).fillna(False).to_numpy(dtype=bool)
    possible = certain | written.isna().to_numpy(dtype=bool)
    if use in ("residential", "commercial"):
        possible = possible | (written == "mixed").fillna(False).to_numpy(dtype=bool)
    return Holds(certain, possible)


def newness_told(site: Site) -> bool:
    """Whether the layer has a field that can tell which buildings are new."""
    fields = site.needed("buildings").fields
    return "action" in fields or ("year_built" in fields and site.document_year is not None)


def why_new_is_open(site: Site) -> Words:
    """Why it is not known whether a building is new, and what to give."""
    if newness_told(site):
        return own_words(WORDS, "new-open")
    return own_words(WORDS, "new-undated" if "year_built" in site.needed("buildings").fields else "new-untold")


def why_use_is_open(use: str, *, mixed: bool) -> Words:
    """Why it is not known whether a building serves a use, and what to give."""
    if mixed:
        return own_words(WORDS, "use-mixed")
    return own_words(WORDS, "use-open", use=USE_NAMES[use][0], use_en=USE_NAMES[use][1])
