"""The buildings as they stand once all is carried out: what is to be demolished is gone, what is new is there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import geopandas as gpd

from urbanform.model.roles import Geometry, Role
from urbanform.model.submission import Box, Layer
from urbanform.site import Site


@dataclass(frozen=True, slots=True)
class _Standing:
    """A layer of buildings without those to be demolished; positions are those in the whole of it."""

    whole: Layer

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
        return _left(self.whole.frame(_with_action(columns)))

    def batches(self, columns: Sequence[str] = (), bbox: Box | None = None) -> Iterator[gpd.GeoDataFrame]:
        """The features in turn, as the whole layer gives them."""
        for batch in self.whole.batches(_with_action(columns), bbox=bbox):
            yield _left(batch)

    def count(self, bbox: Box | None = None) -> int:
        """How many features :meth:`batches` gives."""
        return sum(len(batch) for batch in self.batches(bbox=bbox))


def standing(site: Site) -> Site:
    """The same site without the buildings whose action is to demolish them.

    A building without an action stays: that it is to go is what the action has to say. Ground that one of them shares
    with what replaces it belongs to the new building.
    """

    def build() -> Site:
        layers = MappingProxyType({**site.submission.layers, "buildings": _Standing(site.needed("buildings"))})
        return Site(replace(site.submission, layers=layers), site.document_year, site.as_of)

    return site.once(("buildings standing", site.document_year), build)


def _with_action(columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*columns, "action")))


def _left(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[~(frame["action"] == "demolish").fillna(False).to_numpy(dtype=bool)]
