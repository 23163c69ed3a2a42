"""The new buildings with their heights, and the row on which each is judged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.heights import COLUMNS, Heights, heights_of
from urbanform.site.listing import listed
from urbanform.site.new_buildings import Holds, new_buildings, newness_told, why_new_is_open, why_use_is_open
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "method": (
        "逐栋新建建筑取建筑高度；缺高度的按层数估算（住宅 3.0 米、其他 4.0 米一层，上下浮动一层）",
        "the height of every new building; where it is missing, estimated from storeys (3.0 m in housing, 4.0 m else, "
        "one storey either way)",
    ),
    "method-housing": (
        "逐栋新建住宅取建筑高度；缺高度的按层数估算（3.0 米一层，上下浮动一层）",
        "the height of every new residential building; where it is missing, estimated from storeys (3.0 m each, one "
        "storey either way)",
    ),
    "none-new": ("建筑图层中没有新建建筑", "the buildings hold no new one"),
    "none-new-housing": ("建筑图层中没有新建住宅", "the buildings hold no new housing"),
    "bound-open": (
        "有 {count} 栋建筑是否受本条约束未知（是否新建或用途不明）：{names}；其高度按 0（不受约束）至所填高度之间计",
        "for {count} buildings it is not known whether the rule binds them (whether they are new, or their use): "
        "{names}; they count from 0, as not bound, up to their height",
    ),
    "all-buildings": ("全部建筑", "all buildings"),
    "kind-known": ("新建建筑，按高度", "new building, by height"),
    "kind-open": ("高度、用途或是否新建未知", "height, use or whether it is new not known"),
    "column-height_m": ("建筑高度（米）", "height (m)"),
    "column-lowest_m": ("高度下限（米）", "height at least (m)"),
    "column-highest_m": ("高度上限（米）", "height at most (m)"),
    "column-storeys": ("层数", "storeys"),
    "column-use": ("用途", "use"),
    "column-action": ("处理方式", "action"),
    "column-year_built": ("建成年代", "year built"),
}


@dataclass(frozen=True, eq=False)
class NewHeights:
    """Some of the buildings that a rule on new buildings may bind, one row each.

    Attributes
    ----------
    buildings
        Their frame, with the fields that were asked for.
    bound
        Which of them the rule binds; all of them possibly.
    heights
        How tall they are.
    new, housing
        Which are new, and which residential.
    """

    buildings: gpd.GeoDataFrame
    bound: Holds
    heights: Heights
    new: Holds
    housing: Holds

    @cached_property
    def ids(self) -> list[str]:
        """Their ids."""
        return [str(key) for key in self.buildings["id"]]

    @cached_property
    def names(self) -> list[str | None]:
        """Their names; None for one without."""
        return [None if pd.isna(name) else str(name) for name in self.buildings["name"]]

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which of them are certainly bound, and of known height: shape (n,)."""
        return self.bound.certain & (self.heights.low_m == self.heights.high_m)

    def why_open(self, site: Site, row: int) -> Words | None:
        """Why a row is open: whether it is new, whether it is housing, how tall it is; None where nothing is."""
        whys = []
        if self.new.open[row]:
            whys.append(why_new_is_open(site))
        if self.bound.open[row] and self.housing.open[row]:
            whys.append(why_use_is_open("residential", mixed=bool(self.buildings["use"].iloc[row] == "mixed")))
        height = self.heights.why_open(row)
        return together([*whys, height] if height is not None else whys)


def new_heights(site: Site, columns: Sequence[str] = (), *, housing_only: bool = False) -> Iterator[NewHeights]:
    """Buildings that are or may be new, with their heights, batch by batch.

    Parameters
    ----------
    columns
        Further fields to carry along.
    housing_only
        Whether only residential ones are bound.
    """
    for batch in new_buildings(site, (*COLUMNS, *columns)):
        bound = batch.new & batch.housing if housing_only else batch.new
        kept = bound.possible
        if not kept.any():
            continue
        new, housing, bound = (_of(holds, kept) for holds in (batch.new, batch.housing, bound))
        buildings = batch.buildings[kept]
        yield NewHeights(buildings, bound, heights_of(buildings, housing), new, housing)


def measured_heights(site: Site, *, housing_only: bool = False) -> Measurement:
    """The height of every new building, or of every new residential one, in metres.

    A building of which it is not known whether the rule binds it has from 0, since it then counts for nothing, up to
    its height. Where no building is certainly bound, a figure within a limit is in doubt: there may be nothing to
    bind. Where the layer has no field that tells which buildings are new, one row stands for all.
    """
    key = ("measured heights", housing_only, site.document_year)
    return site.once(key, lambda: _measured(site, housing_only))


def _measured(site: Site, housing_only: bool) -> Measurement:
    told = newness_told(site)
    subjects: list[Subject] = []
    drawn: list[gpd.GeoDataFrame] = []
    open_ids: list[str] = []
    highest_m, certain = 0.0, False
    for batch in new_heights(site, housing_only=housing_only):
        highest_m = max(highest_m, float(batch.heights.high_m.max()))
        certain = certain or bool(batch.bound.certain.any())
        if told:
            subjects += [height_subject(site, batch, row) for row in range(len(batch.ids))]
            open_ids += [batch.ids[row] for row in np.flatnonzero(batch.bound.open)]
            drawn.append(drawn_heights(batch))
    notes = [say("method-housing" if housing_only else "method")]
    if not told and highest_m > 0:
        why = why_new_is_open(site)
        title = own_words(WORDS, "all-buildings").zh
        subjects = [Subject("1", title, bounds=Bounds(0.0, end_of(highest_m)), missing=why)]
    elif not subjects:
        notes.append(say("none-new-housing" if housing_only else "none-new"))
    if open_ids:
        notes.append(say("bound-open", count=len(open_ids), names=listed(open_ids)))
    if not certain:
        subjects = [in_doubt(subject) for subject in subjects]
    return Measurement(
        Unit.METRE, tuple(subjects), tuple(notes), height_shapes(drawn), higher_is_worse=True, exact=True
    )


def height_subject(site: Site, batch: NewHeights, row: int) -> Subject:
    """The row of one building, measured by its height."""
    key, name = batch.ids[row], batch.names[row]
    low_m, high_m = float(batch.heights.low_m[row]), float(batch.heights.high_m[row])
    odd = batch.heights.odd(row)
    notes = (odd,) if odd is not None else ()
    if batch.known[row]:
        return Subject(key, name, value=low_m, notes=notes)
    least_m = low_m if batch.bound.certain[row] else 0.0
    bounds = Bounds(least_m, end_of(high_m))
    return Subject(key, name, bounds=bounds, missing=batch.why_open(site, row), notes=notes)


def in_doubt(subject: Subject) -> Subject:
    """A subject of which it is not known whether it is bound, where no other certainly is."""
    return replace(subject, doubts=(subject.missing,) if subject.missing is not None else ())


def end_of(high: float) -> float | None:
    """The upper end of an interval; None where it is open."""
    return high if np.isfinite(high) else None


def together(whys: Sequence[Words]) -> Words | None:
    """Several reasons as one; None for none."""
    if not whys:
        return None
    return Words(whys[0].code, "；".join(why.zh for why in whys), "; ".join(why.en for why in whys))


def drawn_heights(batch: NewHeights) -> gpd.GeoDataFrame:
    """The buildings of a batch that have a shape, for the map."""
    heights, buildings = batch.heights, batch.buildings
    shapes = buildings.geometry.to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "kind": np.where(batch.known, "known", "open"),
            "subject": batch.ids,
            "feature": batch.ids,
            "name": batch.names,
            "height_m": np.where(batch.known, heights.low_m, np.nan),
            "lowest_m": heights.low_m,
            "highest_m": np.where(np.isfinite(heights.high_m), heights.high_m, np.nan),
            "storeys": buildings["storeys"].to_numpy(dtype=float),
            "use": buildings["use"].to_numpy(dtype=object),
            "action": buildings["action"].to_numpy(dtype=object),
            "year_built": buildings["year_built"].to_numpy(dtype=float),
        },
        geometry=shapes,
        crs=buildings.crs,
    )
    return frame[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]


def height_shapes(drawn: Sequence[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    """The evidence of heights, the tallest first; nothing where nothing was drawn."""
    frames = [frame for frame in drawn if len(frame)]
    if not frames:
        return ()
    frame = pd.concat(frames, ignore_index=True)
    open_first = (frame["kind"] == "known").to_numpy()
    order = np.lexsort((-frame["highest_m"].fillna(np.inf).to_numpy(), open_first))
    columns = ("height_m", "lowest_m", "highest_m", "storeys", "use", "action", "year_built")
    return (
        Shapes(
            frame.iloc[order].reset_index(drop=True),
            legend={"open": (Tone.UNKNOWN, say("kind-open")), "known": (Tone.COUNTED, say("kind-known"))},
            columns={name: say(f"column-{name}") for name in columns},
            ramp="height_m",
        ),
    )


def say(code: str, **values: object) -> Words:
    """A message of this module."""
    return own_words(WORDS, code, **values)


def _of(holds: Holds, kept: NDArray[np.bool_]) -> Holds:
    return Holds(holds.certain[kept], holds.possible[kept])
