"""What must not change a figure, and what must not make a pass: held for every check on one town with everything in it.

The town lies in :mod:`trust.everything`. A check that the town does not measure fails the first test: give the town
what it needs.
"""

import dataclasses
import itertools
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from places import X, Y
from trust.everything import changed, decided, moved, pack, town
from urbanform.checks import check_names
from urbanform.model.finding import Finding, Verdict, judge
from urbanform.model.measurement import Subject
from urbanform.model.rules import Limit, Op
from urbanform.model.submission import Submission, TableLayer

TOWN = town()
BEFORE = decided(TOWN)
few = settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
many = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", check_names())
def test_every_check_is_measured_in_the_town(name: str) -> None:
    finding = BEFORE[name]
    assert finding.measurement is not None, finding.reason.zh
    assert any(item.subject.value is not None or item.subject.bounds is not None for item in finding.subjects), (
        finding.reason.zh
    )


def figures(finding: Finding) -> dict[str, list[float]]:
    """Every figure of a finding, by subject; what is not known as nan."""
    ends = (finding.bounds.low, finding.bounds.high) if finding.bounds else (None, None)
    found = {"": [finding.measured, *ends]}
    for item in finding.subjects:
        subject = item.subject
        bounds = (subject.bounds.low, subject.bounds.high) if subject.bounds else (None, None)
        parts = [part.value if part else None for part in (subject.numerator, subject.denominator)]
        found[subject.id] = [subject.value, *bounds, *parts]
    return {name: [np.nan if value is None else float(value) for value in values] for name, values in found.items()}


def same(after: Mapping[str, Finding], rel: float, *, subjects: bool = True) -> None:
    """Hold that every check says what it said before.

    Parameters
    ----------
    rel
        By how much of itself (or of 1) a figure may differ.
    subjects
        Whether the figures of subjects are compared too.
    """
    for name, finding in after.items():
        was, now = figures(BEFORE[name]), figures(finding)
        if not subjects:
            was, now = {"": was[""]}, {"": now[""]}
        assert finding.verdict == BEFORE[name].verdict, (name, BEFORE[name].reason.zh, finding.reason.zh)
        assert was.keys() == now.keys(), name
        for key, values in was.items():
            np.testing.assert_allclose(now[key], values, rtol=rel, atol=rel, err_msg=f"{name} {key}", equal_nan=True)


def translated(east_m: float, north_m: float) -> Submission:
    return moved(TOWN, lambda xy: xy + np.array([east_m, north_m]))


def turned(degrees: float) -> Submission:
    centre, angle = np.array([X + 1000, Y + 1000]), np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return moved(TOWN, lambda xy: (xy - centre) @ turn + centre)


def shuffled(seed: int) -> Submission:
    """Features in another order, each with the id that it had."""
    return changed(TOWN, lambda role, table: table.sample(frac=1, random_state=seed + len(role)))


def densified(longest_m: float) -> Submission:
    """A vertex at least every so many metres."""

    def change(_: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = shapely.segmentize(table.geometry.to_numpy(), longest_m)
        return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))

    return changed(TOWN, change)


WITHOUT_COUNTS = ("green_spaces", "water", "surfaces", "parks", "greenways", "footpaths", "main_urban_area", "roads")
"""Roles of which only the ground or the line counts, however it is cut into features."""


def halved(share: float) -> Submission:
    """Each feature of such roles cut in two, across its middle or so."""

    def change(_: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        parts = []
        for shape in table.geometry:
            west, south, east, north = shape.bounds
            if east - west >= north - south:
                first = shapely.box(west - 1, south - 1, west + share * (east - west), north + 1)
            else:
                first = shapely.box(west - 1, south - 1, east + 1, south + share * (north - south))
            parts.append((shapely.intersection(shape, first), shapely.difference(shape, first)))
        halves = [table.set_geometry(gpd.GeoSeries([pair[n] for pair in parts], crs=table.crs)) for n in (0, 1)]
        second = halves[1].assign(id=halves[1]["id"].astype(str) + "b")
        return gpd.GeoDataFrame(pd.concat([halves[0], second]), crs=table.crs)

    return changed(TOWN, change, *WITHOUT_COUNTS)


offsets = st.integers(-60_000, 60_000).map(float) | st.floats(-60_000, 60_000)


@few
@given(offsets, offsets)
def test_to_move_the_place_changes_nothing(east_m: float, north_m: float) -> None:
    """Coordinates of millions of metres keep a tenth of a micrometre: figures keep seven digits."""
    same(decided(translated(east_m, north_m)), 1e-7)


@pytest.mark.long
@many
@given(offsets, offsets)
def test_to_move_the_place_anywhere_changes_nothing(east_m: float, north_m: float) -> None:
    same(decided(translated(east_m, north_m)), 1e-7)


def test_to_mirror_the_place_changes_nothing() -> None:
    same(decided(moved(TOWN, lambda xy: xy * np.array([-1, 1]) + np.array([2 * X + 2000, 0]))), 1e-7)


@few
@given(st.floats(1, 359))
def test_to_turn_the_place_changes_nothing(degrees: float) -> None:
    """Circles are polygons of 256 corners, which lie otherwise when turned: shares by distance keep three digits."""
    same(decided(turned(degrees)), 2e-3)


@pytest.mark.long
@many
@given(st.floats(1, 359))
def test_to_turn_the_place_by_any_angle_changes_nothing(degrees: float) -> None:
    same(decided(turned(degrees)), 2e-3)


@few
@given(st.integers(0, 10_000))
def test_the_order_of_features_changes_nothing(seed: int) -> None:
    same(decided(shuffled(seed)), 1e-9)


@pytest.mark.long
@many
@given(st.integers(0, 10_000))
def test_no_order_of_features_changes_anything(seed: int) -> None:
    same(decided(shuffled(seed)), 1e-9)


@pytest.mark.parametrize("longest_m", [7.0, pytest.param(1.3, marks=pytest.mark.long)])
def test_more_vertices_change_nothing(longest_m: float) -> None:
    same(decided(densified(longest_m)), 1e-6)


@pytest.mark.parametrize("share", [0.5, pytest.param(0.31, marks=pytest.mark.long)])
def test_features_cut_in_two_change_nothing(share: float) -> None:
    """Of roads the widths are of features: there only the figure that decides is compared."""
    same(decided(halved(share)), 1e-6, subjects=False)


def figure_of(finding: Finding) -> Subject | None:
    """The subject with the largest figure that is known, and is not 0, of which nothing is a share."""
    subjects = finding.measurement.subjects if finding.measurement else ()
    known = [item for item in subjects if item.value and item.bounds is None and not item.doubts]
    return max(known, key=lambda item: item.value or 0.0, default=None)


FIGURES = {name: found for name, finding in BEFORE.items() if (found := figure_of(finding)) is not None}


def test_most_checks_have_a_figure_to_judge() -> None:
    assert len(FIGURES) > 0.7 * len(BEFORE)


@pytest.mark.parametrize("op", [Op.AT_MOST, Op.BELOW, Op.AT_LEAST, Op.ABOVE])
@pytest.mark.parametrize("name", FIGURES)
def test_a_verdict_turns_once_as_the_limit_passes_the_figure(name: str, op: Op) -> None:
    """Limits from below a figure to above it; at the figure itself the sign tells whether it complies."""
    finding, subject = BEFORE[name], FIGURES[name]
    assert finding.measurement is not None
    assert subject.value is not None
    measurement = dataclasses.replace(finding.measurement, subjects=(dataclasses.replace(subject, alternatives=()),))
    shares = np.array([-1e-3, -1e-5, -1e-8, 0.0, 1e-8, 1e-5, 1e-3])
    found = []
    for share in shares:
        limit = Limit(op, float(subject.value * (1 + share)), measurement.unit)
        found.append(judge(dataclasses.replace(finding.rule, limits=(limit,)), measurement, 2026).verdict)
    complies = [verdict is Verdict.PASS for verdict in found]
    if subject.value < 0:
        complies.reverse()
    rising = op in (Op.AT_MOST, Op.BELOW)
    turns = sum(one is not other for one, other in itertools.pairwise(complies))
    assert turns == 1, list(zip(shares, found, strict=True))
    assert complies[0] is not rising
    assert complies[-1] is rising
    assert complies[3] is (op in (Op.AT_MOST, Op.AT_LEAST))


def without(role: str, field: str | None = None) -> Submission:
    """The town without a layer, or without a field of it."""
    layers = dict(TOWN.layers)
    if field is None:
        del layers[role]
    else:
        found = layers[role]
        assert isinstance(found, TableLayer)
        gone = [column for column in found.role.fields[field].columns if column in found.table.columns]
        layers[role] = dataclasses.replace(found, fields=found.fields - {field}, table=found.table.drop(columns=gone))
    return dataclasses.replace(TOWN, layers=layers)


PARTS = [
    (role, field) for role, found in TOWN.layers.items() for field in (None, *sorted(found.fields - {"id", "name"}))
]


def breached() -> dict[str, Limit]:
    """For each check a limit that the town's own figure misses."""
    limits = {}
    for name, finding in BEFORE.items():
        value = finding.measured
        if value is None and finding.bounds is not None:
            value = finding.bounds.high if finding.bounds.high is not None else finding.bounds.low
        unit = finding.measurement.unit if finding.measurement else None
        if value is not None and unit is not None:
            limits[name] = Limit(Op.BELOW, value - abs(value) / 2 - 1, unit)
    return limits


def no_new_pass(role: str, field: str | None, limits: Mapping[str, Limit]) -> None:
    rules = pack(limits)
    before = decided(TOWN, rules)
    for name, finding in decided(without(role, field), rules).items():
        if finding.verdict is Verdict.PASS:
            assert before[name].verdict is Verdict.PASS, (name, role, field, finding.reason.zh)


@pytest.mark.parametrize(("role", "field"), [part for part in PARTS if part[0] in ("buildings", "roads")][:4])
def test_what_is_left_out_makes_no_pass(role: str, field: str | None) -> None:
    no_new_pass(role, field, {})


@pytest.mark.long
@pytest.mark.parametrize(("role", "field"), PARTS)
def test_no_layer_or_field_left_out_makes_a_pass(role: str, field: str | None) -> None:
    """With the usual limits, and with such as the whole town misses."""
    no_new_pass(role, field, {})
    no_new_pass(role, field, breached())
