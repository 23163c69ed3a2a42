"""Population density of county seats: squares of 1 km², persons by pencil."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import X, Y, box, layer, place, point, raster
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import (
    AppliesWhen,
    Document,
    Kind,
    Limit,
    Op,
    Place,
    Rule,
    RulePack,
    Severity,
    Source,
    Title,
    Unit,
)
from urbanform.model.submission import Submission, TableLayer

CHECK = find_check("county-population-density")
ZONES = AppliesWhen(main_function=("ecological", "agricultural"))
FARMING = Place(main_function="agricultural")


def seat(*persons: float | None, **more: object) -> TableLayer:
    """County seats of 1 km² each, with residents where given."""
    shapes = [box(2000 * n, 0, 2000 * n + 1000, 1000) for n in range(len(persons))]
    return layer("county_seat", shapes, **({"population": list(persons)} | more))


def decided(submission: Submission | TableLayer, **more: object) -> Finding:
    """What a rule says that wants 6,000 to 10,000 persons per km²."""
    found = submission if isinstance(submission, Submission) else place(submission)
    limits = (Limit(Op.BETWEEN, (6000.0, 10000.0), Unit.PERSONS_PER_KM2),)
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.MANDATORY, Source(None, None, "1"), binds=(Kind.COUNTY_SEAT,),
        limits=limits, scope="county_seat", params=CHECK.params(), **more,
    )  # fmt: skip
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


@pytest.mark.parametrize(
    ("persons", "verdict"),
    [
        (5999, Verdict.FAIL),
        (6000, Verdict.PASS),
        (8000, Verdict.PASS),
        (10_000, Verdict.PASS),
        (10_001, Verdict.FAIL),
        (0, Verdict.FAIL),
        (None, Verdict.UNDETERMINED),
    ],
)
def test_both_figures_bind(persons: float | None, verdict: Verdict) -> None:
    finding = decided(seat(persons))
    assert (finding.measured, finding.verdict) == (persons, verdict)


def test_missing_persons_prove_neither_figure() -> None:
    """9,000 known and a blank beside them: 9,000 and up; over 10,000 already: a breach all the same."""
    for known, verdict in ((3000, Verdict.UNDETERMINED), (9000, Verdict.UNDETERMINED), (12_000, Verdict.FAIL)):
        people = layer("population", [point(10, 10), point(20, 20)], population=[known, None])
        finding = decided(place(seat(1), people))
        assert (finding.verdict, ends(finding)) == (verdict, (known, None))


def test_polygon_by_polygon() -> None:
    """8,000 on one, 12,000 on the other: together 10,000, one by one a breach."""
    finding = decided(seat(8000, 12_000, name=["老城", "新城"]))
    assert finding.verdict is Verdict.FAIL
    assert [(item.subject.name, item.verdict) for item in finding.subjects] == [
        ("新城", Verdict.FAIL), ("老城", Verdict.PASS),
    ]  # fmt: skip


def test_the_layer_goes_before_the_field_and_is_shared_out_by_area() -> None:
    """20,000 persons on 2 km², half of it inside."""
    people = layer("population", [box(0, 0, 2000, 1000)], population=[20_000])
    finding = decided(place(seat(1), people))
    assert finding.measured == pytest.approx(10_000)
    assert finding.verdict is Verdict.PASS


def test_points_inside_count_once() -> None:
    """7,000 inside, 500 on the edge, 9,000 outside."""
    spots = [point(500, 500), point(1000, 500), point(1500, 500)]
    people = layer("population", spots, population=[7000, 500, 9000])
    assert decided(place(seat(1), people)).measured == 7500


def test_a_raster_counts_by_the_share_of_each_cell(tmp_path: Path) -> None:
    """Cells of 500 m with 2,000 persons each, shifted by half a cell: 4 × 1/2 + 4 × 1/4 + 1 of them inside."""
    grid = raster(tmp_path / "pop.tif", np.full((3, 3), 2000.0), 500.0, (-250.0, -250.0))
    finding = decided(place(seat(1), rasters={"population": grid}))
    assert finding.measured == pytest.approx(2000 * (4 / 4 + 4 / 2 + 1))


@pytest.mark.parametrize(
    ("holes", "verdict", "high"),
    [(4, Verdict.PASS, 9600.0), (6, Verdict.UNDETERMINED, None), (50, Verdict.UNDETERMINED, None)],
)
def test_ground_without_data(tmp_path: Path, holes: int, verdict: Verdict, high: float | None) -> None:
    """100 cells of 100 persons each on 1 km²: 4 without data are noted, from 6 on the figure is open above."""
    values = np.full((10, 10), 100.0)
    values.flat[:holes] = -1
    grid = raster(tmp_path / "pop.tif", values, 100.0, (0.0, 0.0), nodata=-1)
    finding = decided(place(seat(1), rasters={"population": grid}))
    assert finding.verdict is verdict
    assert finding.measured == pytest.approx(100 * (100 - holes))
    assert "without-data" in [note.code for note in finding.notes]
    if high is None:
        assert ends(finding) == (pytest.approx(100 * (100 - holes)), None)
        told = replace(grid, nodata_is_zero=True)
        known = decided(place(seat(1), rasters={"population": told}))
        assert known.verdict is (Verdict.PASS if holes == 6 else Verdict.FAIL)


def test_a_breach_above_stands_without_the_rest(tmp_path: Path) -> None:
    """90 cells of 200 persons on 1 km²: 18,000, whatever the ten without data hold."""
    values = np.full((10, 10), 200.0)
    values.flat[:10] = -1
    grid = raster(tmp_path / "pop.tif", values, 100.0, (0.0, 0.0), nodata=-1)
    assert decided(place(seat(1), rasters={"population": grid})).verdict is Verdict.FAIL


def test_beyond_the_raster_nothing_is_known(tmp_path: Path) -> None:
    """A raster over the western half: 8,000 there, open above."""
    grid = raster(tmp_path / "pop.tif", np.full((2, 1), 4000.0), 500.0, (0.0, 0.0))
    finding = decided(place(seat(1), rasters={"population": grid}))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (pytest.approx(8000), None))
    assert finding.reason.zh.count("50%")


def test_broken_and_lost_polygons() -> None:
    finding = decided(seat(8000, 8000, sound=[True, False]))
    assert [item.verdict for item in finding.subjects] == [Verdict.PASS, Verdict.UNDETERMINED]
    lost = layer("county_seat", [None], sound=[False], population=[8000])
    assert decided(lost).verdict is Verdict.UNDETERMINED


def test_missing_data_other_places_and_kinds() -> None:
    bare = layer("county_seat", [box(0, 0, 1000, 1000)])
    assert decided(bare).verdict is Verdict.UNDETERMINED
    assert decided(place()).verdict is Verdict.UNDETERMINED
    assert decided(place(seat(12_000), kinds=[Kind.CITY])).verdict is Verdict.NOT_APPLICABLE
    assert decided(place(seat(12_000), where=FARMING), applies_when=ZONES).verdict is Verdict.FAIL
    elsewhere = place(seat(12_000), where=Place(main_function="none"))
    assert decided(elsewhere, applies_when=ZONES).verdict is Verdict.NOT_APPLICABLE
    finding = decided(seat(12_000), applies_when=ZONES)
    assert finding.verdict is Verdict.UNDETERMINED
    assert "place.main_function" in finding.reason.zh


def test_order_and_place_change_nothing() -> None:
    table = seat(8000, 12_000, None)
    want = [(item.subject.id, item.verdict) for item in decided(table).subjects]
    for turn in range(3):
        rows = table.table.iloc[np.roll(np.arange(3), turn)].reset_index(drop=True)
        turned = [rotate(shape, 30, origin=(X, Y)) for shape in rows.geometry]
        rows = rows.set_geometry(shapely.transform(turned, lambda xy: np.add(xy, [5e3, 700])), crs=table.table.crs)
        found = decided(replace(table, table=rows))
        assert [(item.subject.id, item.verdict) for item in found.subjects] == want
        assert found.measured == pytest.approx(12_000)
