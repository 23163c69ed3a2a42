"""What is lost of the data opens bounds that hold the figure as it was, and makes neither a pass nor a breach.

The data as they were are one way in which what was lost may have been: a figure that leaves them out, or an exact one
that differs, would be a figure that nobody can defend.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trust.everything import changed, decided, town
from urbanform.model.finding import Finding, Verdict
from urbanform.model.measurement import Subject
from urbanform.model.roles import ROLES
from urbanform.model.submission import Submission

CERTAIN, ENVELOPE, NOTHING = "whether it counts", "its shape but for the envelope", "its shape"
UNIT_FREE = 1e-6


def consistent_town() -> Submission:
    """The town with road surfaces as wide as its roads are said to be, and its tallest building as tall as its storeys
    take: where a width or a height is lost, these tell it."""
    whole = town()
    roads = whole.layers["roads"].frame(("red_line_width",))
    halves = roads["red_line_width"].to_numpy() / 2
    surfaces = shapely.buffer(roads.geometry.to_numpy(), halves, cap_style="flat")

    def change(role: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        if role == "buildings":
            return table.assign(height=table["height"].mask(table["storeys"] == 33, 132.0))
        return table.set_geometry(gpd.GeoSeries(surfaces, index=table.index, crs=table.crs))

    return changed(whole, change, "road_surfaces", "buildings")


TOWN = consistent_town()
BEFORE = decided(TOWN)
LOSSES = [
    (role, what)
    for role, layer in TOWN.layers.items()
    for what in (*sorted(layer.fields - {"id", "name"}), CERTAIN, ENVELOPE, NOTHING)
]


def without(role: str, what: str, rows: Sequence[int]) -> Submission:
    """The town without a field, the certainty or the shape of some features of a role."""

    def change(_: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        if what == CERTAIN:
            table.loc[rows, "certain"] = False
        elif what in (ENVELOPE, NOTHING):
            table.loc[rows, "sound"] = False
            shapes = table.geometry.to_numpy().copy()
            shapes[rows] = shapely.envelope(shapes[rows]) if what == ENVELOPE else None
            table = table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))
        else:
            for column in ROLES[role].fields[what].columns:
                if column in table:
                    numbers = pd.api.types.is_float_dtype(table[column])
                    table.loc[rows, column] = np.nan if numbers else None
        return table

    return changed(TOWN, change, role)


def subjects(finding: Finding) -> dict[str, Subject]:
    return {item.subject.id: item.subject for item in finding.subjects if not item.subject.doubts}


def contradictions(before: Finding, after: Finding) -> list[str]:
    """In what a finding made with less contradicts the one made with all."""
    found = []
    if {before.verdict, after.verdict} == {Verdict.PASS, Verdict.FAIL}:
        found.append(f"{before.verdict} became {after.verdict}")
    if after.verdict is Verdict.PASS and before.verdict is not Verdict.PASS:
        found.append("a pass that was none")
    now = subjects(after)
    for key, was in subjects(before).items():
        left = now.get(key)
        if was.value is None or left is None:
            continue
        slack = UNIT_FREE * max(1.0, abs(was.value))
        low, high = left.value, left.value
        if left.value is None:
            low, high = (left.bounds.low, left.bounds.high) if left.bounds else (None, None)
        if (low is not None and was.value < low - slack) or (high is not None and was.value > high + slack):
            found.append(f"{key}: {was.value} is not in {low} … {high}")
    return found


def holds(role: str, what: str, rows: Sequence[int]) -> None:
    after = decided(without(role, what, rows))
    told = {name: contradictions(finding, after[name]) for name, finding in BEFORE.items()}
    assert {name: why for name, why in told.items() if why} == {}


def test_the_losses_open_figures() -> None:
    """So that the others mean something: most losses of a building's storeys or shape leave bounds."""
    after = decided(without("buildings", NOTHING, [48]))
    assert sum(item.subject.bounds is not None for finding in after.values() for item in finding.subjects) > 5


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_some_losses(data: st.DataObject) -> None:
    role, what = data.draw(st.sampled_from(LOSSES))
    count = len(TOWN.layers[role])
    holds(role, what, sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=min(count, 3)))))


@pytest.mark.long
@pytest.mark.parametrize(("role", "what"), LOSSES)
def test_every_loss(role: str, what: str) -> None:
    """Of the first feature, of some, and of all."""
    count = len(TOWN.layers[role])
    some = sorted(np.random.default_rng(len(role) + len(what)).choice(count, min(count, 3), replace=False).tolist())
    for rows in {(0,), tuple(some), tuple(range(count))}:
        holds(role, what, list(rows))
