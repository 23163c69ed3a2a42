"""The buildings of today and those to come, apart: what is built in the place of a building hides none of it.

In a layer that holds what is to be demolished and what is to replace it, both stand on the same ground. Ground that
two footprints share belongs to the taller only among buildings that stand at the same time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from urbanform.model.roles import Geometry, Role
from urbanform.model.submission import Box, Layer
from urbanform.site import Site
from urbanform.site.new_buildings import are_new


class Era(StrEnum):
    """When a building stands. One of which it is not known whether it is new stands, perhaps, in either."""

    TODAY = "today"
    TO_COME = "to come"


@dataclass(frozen=True, slots=True)
class _Some:
    """Some of the features of a layer; positions are those in the whole of it."""

    whole: Layer
    asked: tuple[str, ...]
    kept: Callable[[gpd.GeoDataFrame], NDArray[np.bool_]]

    @property
    def role(self) -> Role:
        """What the layer means."""
        return self.whole.role

    @property
    def geometry(self) -> Geometry:
        """What its shapes are."""
        return self.whole.geometry

    @property
    def fields(self) -> frozenset[str]:
        """The canonical fields that it carries."""
        return self.whole.fields

    @property
    def total_bounds(self) -> tuple[float, float, float, float]:
        """The extent of the whole layer."""
        return self.whole.total_bounds

    def __len__(self) -> int:
        return self.count()

    def frame(self, columns: Sequence[str] = ()) -> gpd.GeoDataFrame:
        """The features with the given fields."""
        return self._chosen(self.whole.frame(self._with(columns)))

    def batches(self, columns: Sequence[str] = (), bbox: Box | None = None) -> Iterator[gpd.GeoDataFrame]:
        """The features in turn, as the whole layer gives them."""
        for batch in self.whole.batches(self._with(columns), bbox=bbox):
            yield self._chosen(batch)

    def count(self, bbox: Box | None = None) -> int:
        """How many features :meth:`batches` gives."""
        return sum(len(batch) for batch in self.batches(bbox=bbox))

    def _with(self, columns: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*columns, *self.asked)))

    def _chosen(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame[self.kept(frame)]


def in_era(site: Site, era: Era) -> Site:
    """The same site with those buildings only that stand, or may stand, in an era."""
    year = site.document_year

    def of_today(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        return ~are_new(frame, year).certain

    def to_come(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        return are_new(frame, year).possible

    def build() -> Site:
        some = _Some(site.needed("buildings"), ("action", "year_built"), of_today if era is Era.TODAY else to_come)
        layers = MappingProxyType({**site.submission.layers, "buildings": some})
        return Site(replace(site.submission, layers=layers), year, site.as_of)

    return site.once(("buildings", era, year), build)
