"""Which buildings are new, and how tall they are: one row per case, by the rules as they read."""

import numpy as np
import pytest

from places import box, layer, place
from urbanform.model.submission import TableLayer
from urbanform.site import Site
from urbanform.site.heights import heights_of
from urbanform.site.new_buildings import Holds, are_new, new_buildings, newness_told, used_as, why_new_is_open


def told(table: TableLayer, year: int | None) -> list[str]:
    """For each building yes, no or open."""
    new = are_new(table.frame(("action", "year_built")), year)
    assert not (new.certain & ~new.possible).any()
    return np.select([new.certain, new.possible], ["yes", "open"], "no").tolist()


def row(count: int) -> list[object]:
    """Some footprints of 100 m²."""
    return [box(20 * n, 0, 20 * n + 10, 10) for n in range(count)]


def test_the_action_tells_then_the_year_then_nothing() -> None:
    """Under a document of 2023: 2024 is after it, 2023 is not; an action goes before the year."""
    table = layer(
        "buildings",
        row(8),
        action=["new", "retain", "renovate", "demolish", None, None, None, "new"],
        year_built=[1990, 2024, 2024, 2024, 2024, 2023, None, None],
    )
    assert told(table, 2023) == ["yes", "no", "no", "no", "yes", "no", "open", "yes"]


def test_an_undated_document_leaves_the_year_without_meaning() -> None:
    table = layer("buildings", row(3), action=["new", "retain", None], year_built=[1990, 2024, 1990])
    assert told(table, None) == ["yes", "no", "open"]


def test_without_action_the_year_alone_tells() -> None:
    assert told(layer("buildings", row(3), year_built=[2012, 2025, None]), 2023) == ["no", "yes", "open"]


def test_a_building_that_may_not_count_is_new_at_most() -> None:
    table = layer("buildings", row(2), certain=[False, False], action=["new", "retain"])
    assert told(table, 2023) == ["open", "no"]


@pytest.mark.parametrize(
    ("fields", "year", "tells", "code"),
    [
        ({"action": [None]}, None, True, "new-open"),
        ({"year_built": [None]}, 2023, True, "new-open"),
        ({"year_built": [2024]}, None, False, "new-undated"),
        ({}, 2023, False, "new-untold"),
    ],
)
def test_the_reason_names_what_to_give(
    fields: dict[str, list[object]], year: int | None, tells: bool, code: str
) -> None:
    site = Site(place(layer("buildings", row(1), **fields)), year)
    assert newness_told(site) is tells
    assert why_new_is_open(site).code == code
    assert "{" not in why_new_is_open(site).en.replace("{action: new}", "")


def test_only_buildings_that_may_be_new_are_given_with_the_fields_asked_for() -> None:
    table = layer("buildings", row(3), action=["retain", None, "new"], height=[9, 12, 15])
    (batch,) = new_buildings(Site(place(table), 2023), ("height",))
    assert batch.buildings["height"].tolist() == [12, 15]
    assert batch.buildings.index.tolist() == [1, 2]
    assert batch.new.certain.tolist() == [False, True]
    assert batch.new.open.tolist() == [True, False]
    assert not list(new_buildings(Site(place(layer("buildings", row(1), action=["retain"]))), ()))


def test_a_site_under_another_document_shares_its_memory() -> None:
    site = Site(place(layer("buildings", row(1), year_built=[2022])), 2023, 2026)
    assert site.once("key", lambda: 1) == 1
    earlier = site.under(2021)
    assert earlier.once("key", lambda: 2) == 1
    assert (earlier.as_of, earlier.document_year, site.document_year) == (2026, 2021, 2023)
    assert not list(new_buildings(site))
    assert len(list(new_buildings(earlier))) == 1


@pytest.mark.parametrize(
    ("use", "answers"),
    [
        ("residential", ["yes", "no", "no", "open", "open", "no"]),
        ("public", ["no", "yes", "no", "no", "open", "no"]),
        ("industrial", ["no", "no", "yes", "no", "open", "no"]),
    ],
)
def test_mixed_may_be_housing_and_unknown_anything(use: str, answers: list[str]) -> None:
    uses = ["residential", "public", "industrial", "mixed", None, "other"]
    found = used_as(layer("buildings", row(6), use=uses).frame(("use",)), use)
    assert np.select([found.certain, found.possible], ["yes", "open"], "no").tolist() == answers


def heights(housing: str, **columns: list[object]) -> tuple[float, float]:
    """The bounds of one building that is housing: yes, no or open."""
    frame = layer("buildings", row(1), **columns).frame(("height", "storeys"))
    found = heights_of(frame, Holds(np.array([housing == "yes"]), np.array([housing != "no"])))
    return float(found.low_m[0]), float(found.high_m[0])


@pytest.mark.parametrize(
    ("housing", "columns", "bounds"),
    [
        ("yes", {"height": [54.0], "storeys": [18]}, (54, 54)),
        ("yes", {"storeys": [18]}, (51, 57)),  # 17 × 3 to 19 × 3
        ("no", {"storeys": [18]}, (68, 76)),  # 17 × 4 to 19 × 4
        ("open", {"storeys": [18]}, (51, 76)),
        ("yes", {"storeys": [(18, 19)]}, (51, 60)),
        ("yes", {"storeys": [1]}, (2, 6)),  # nothing is lower than 2 m
        ("yes", {"storeys": [None]}, (2, np.inf)),
        ("yes", {"height": [None], "storeys": [6]}, (15, 21)),
        # 30 m for 20 storeys is 1.5 m each: one of the two is wrong, and it may be 63 m.
        ("yes", {"height": [30.0], "storeys": [20]}, (30, 63)),
        # 44 m for 20 storeys is 2.2 m each, the lowest that counts as a storey.
        ("yes", {"height": [44.0], "storeys": [20]}, (44, 44)),
        # A hall may be tall.
        ("no", {"height": [60.0], "storeys": [1]}, (60, 60)),
    ],
)
def test_heights_from_the_field_and_from_storeys(
    housing: str, columns: dict[str, list[object]], bounds: tuple[float, float]
) -> None:
    assert heights(housing, **columns) == pytest.approx(bounds)


def test_odd_heights_are_told() -> None:
    frame = layer("buildings", row(3), height=[60.0, 30.0, 9.0], storeys=[1, (20, 21), 3]).frame(("height", "storeys"))
    nobody = np.zeros(3, dtype=bool)
    found = heights_of(frame, Holds(nobody, nobody))
    odd = found.odd(0)
    assert odd is not None
    assert odd.code == "height-too-high"
    assert "海拔" in odd.zh
    why = found.why_open(1)
    assert why is not None
    assert why.code == "height-too-low"
    assert "20–21" in why.zh
    assert found.odd(1) is found.odd(2) is found.why_open(2) is None
