"""Ground that two footprints share is found whatever strips it is looked for in, and inside whichever box it lies."""

import numpy as np
import pytest
import shapely

from places import box, layer, place
from urbanform.site import Site, floor_area
from urbanform.site.floor_area import floor_area_inside

LOW, HIGH = box(0, 0, 100, 10), box(60, 0, 90, 30)
"""1 storey on 1,000 m², of which 300 m² lie under 5 storeys on 900 m²: 700 + 4,500 m² of floor."""


@pytest.mark.parametrize("strip_m", [5_000.0, 41.0, 7.0, 0.9])
@pytest.mark.parametrize(
    ("areas", "floors"),
    [
        ([box(-10, -10, 200, 200)], [700 + 4500]),
        # West of 75 m: 600 m² of the low one, and half of the high one.
        ([box(-10, -10, 75, 200), box(75, -10, 200, 200)], [600 + 2250, 100 + 2250]),
        # Two areas that lie over one another count it in each; one that only touches counts nothing.
        ([box(-10, -10, 200, 200), box(60, 0, 90, 10), box(100, 0, 150, 10)], [5200, 1500, 0]),
    ],
)
def test_shared_ground_counts_once(
    strip_m: float, areas: list[shapely.Polygon], floors: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor_area, "STRIP_M", strip_m)
    site = Site(place(layer("buildings", [LOW, HIGH], storeys=[1, 5])), 2022, 2026)
    found = np.zeros(len(areas))
    for batch in floor_area_inside(site, np.array(areas, dtype=object), ()):
        np.testing.assert_allclose(batch.low_m2, batch.high_m2)
        found += np.bincount(batch.area, batch.low_m2, minlength=len(areas))
    assert found == pytest.approx(floors)


@pytest.mark.parametrize("most", [1, 2_000])
def test_an_area_without_a_point_hides_nothing_of_the_others(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor_area, "MOST_BOXES", most)
    site = Site(place(layer("buildings", [LOW, HIGH], storeys=[1, 5])), 2022, 2026)
    areas = np.array([shapely.Polygon(), box(-10, -10, 200, 200), None], dtype=object)
    found = np.zeros(3)
    for batch in floor_area_inside(site, areas, ()):
        found += np.bincount(batch.area, batch.low_m2, minlength=3)
    assert found == pytest.approx([0, 5200, 0])
    assert list(floor_area_inside(site, areas[[0, 2]], ())) == []


def test_so_many_areas_are_looked_at_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor_area, "MOST_BOXES", 1)
    site = Site(place(layer("buildings", [LOW, HIGH], storeys=[1, 5])), 2022, 2026)
    areas = np.array([box(-10, -10, 75, 200), box(75, -10, 200, 200)], dtype=object)
    batches = list(floor_area_inside(site, areas, ()))
    assert sum(batch.low_m2.sum() for batch in batches) == pytest.approx(700 + 4500)
