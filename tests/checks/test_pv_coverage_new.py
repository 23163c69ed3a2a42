"""Panels on the roofs of new public buildings and factories: roofs of 100 m × 10 m, 1,000 m² each."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import X, Y, box, layer, place
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

PUBLIC, FACTORY = "pv-coverage-public-new", "pv-coverage-factory-new"


def roofs(pv: list[float | None], use: str = "public", **columns: object) -> TableLayer:
    """New buildings of 1,000 m² with some panels."""
    shapes = [box(0, 20 * n, 100, 20 * n + 10) for n in range(len(pv))]
    fields = {"action": ["new"] * len(pv), "use": [use] * len(pv), "pv_area": pv, **columns}
    return layer("buildings", shapes, **fields)


def decided(
    buildings: Submission | TableLayer, name: str = PUBLIC, roof: str = "whole", as_of: int = 2026, **more: object
) -> Finding:
    """What a rule says that wants 50 % by 2025."""
    check = find_check(name)
    params = check.params(roof=roof) if name == PUBLIC else check.params()
    rule = Rule(
        "r", name, Title("则", "rule"), Severity.TARGET, Source(None, None, "1"), binds=(Kind.CITY,),
        limits=(Limit(Op.AT_LEAST, 50.0, Unit.PERCENT, 2025),), params=params, document_year=2023, **more,
    )  # fmt: skip
    found = buildings if isinstance(buildings, Submission) else place(buildings)
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), as_of).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


@pytest.mark.parametrize(
    ("second", "share", "as_of", "verdict"),
    [
        (600.0, 60.0, 2026, Verdict.PASS),
        (400.0, 50.0, 2026, Verdict.PASS),
        (399.9, 49.995, 2026, Verdict.FAIL),
        (399.9, 49.995, 2024, Verdict.PENDING),
    ],
)
@pytest.mark.parametrize(("name", "use"), [(PUBLIC, "public"), (FACTORY, "industrial")])
def test_panels_over_roofs_weighted_by_area(
    name: str, use: str, second: float, share: float, as_of: int, verdict: Verdict
) -> None:
    """600 m² and another on 1,000 m² each."""
    finding = decided(roofs([600.0, second], use), name, as_of=as_of)
    assert (finding.measured, finding.verdict) == (pytest.approx(share, rel=1e-9), verdict)
    assert finding.numerator is not None
    assert finding.denominator is not None
    assert (finding.numerator.value, finding.denominator.value) == (600 + second, pytest.approx(2000))


def test_only_new_buildings_of_the_use_count() -> None:
    """Housing, a public building that stays and one of 2019 have no part in it; one of 2024 has: 300 / 2,000."""
    table = roofs(
        [200.0, 900.0, 900.0, 900.0, 100.0],
        use="public",
        action=["new", "new", "retain", None, None],
        year_built=[None, None, None, 2019, 2024],
    )
    uses = ["public", "residential", "public", "public", "public"]
    table = replace(table, table=table.table.assign(use=uses))
    assert decided(table).measured == pytest.approx(15.0)


def test_nothing_new_of_the_use_is_not_applicable() -> None:
    for table in (roofs([0.0], "residential"), roofs([0.0], action=["retain"])):
        assert decided(table).verdict is Verdict.NOT_APPLICABLE
        assert decided(table, FACTORY).verdict is Verdict.NOT_APPLICABLE


def test_the_part_that_panels_fit_on() -> None:
    """(300 + 200) of (600 + 400) m² fit for panels is 50 %; of the whole roofs 25 %."""
    table = roofs([300.0, 200.0], installable_roof_area=[600.0, 400.0])
    finding = decided(table, roof="installable")
    assert (finding.measured, finding.verdict) == (50.0, Verdict.PASS)
    finding = decided(table)
    assert (finding.measured, finding.verdict) == (pytest.approx(25.0), Verdict.FAIL)
    factory = roofs([300.0, 200.0], "industrial", installable_roof_area=[600.0, 400.0])
    assert decided(factory, FACTORY).measured == pytest.approx(25.0)


@pytest.mark.parametrize(
    ("pv", "share", "verdict"),
    [(600.0, 60.0, Verdict.PASS), (500.0, 50.0, Verdict.PASS), (400.0, 40.0, Verdict.UNDETERMINED),
     (0.0, 0.0, Verdict.UNDETERMINED)],
)  # fmt: skip
def test_without_that_part_the_whole_roof_proves_a_pass_only(pv: float, share: float, verdict: Verdict) -> None:
    """What is fit for panels is at most the roof, and may be no more than what carries them."""
    finding = decided(roofs([pv]), roof="installable")
    assert (finding.measured, finding.verdict) == (pytest.approx(share), verdict)
    assert ends(finding) == (pytest.approx(share), 100.0)
    assert "whole-roof" in [note.code for note in finding.notes]


def test_one_building_without_that_part() -> None:
    """400 of 1,000 known, and 100 on a roof of 1,000 of which 100 at least is fit: 500 / 2,000 to 500 / 1,100."""
    finding = decided(roofs([400.0, 100.0], installable_roof_area=[1000.0, None]), roof="installable")
    assert finding.verdict is Verdict.FAIL
    assert ends(finding) == (pytest.approx(25.0), pytest.approx(100 * 500 / 1100))


def test_no_roof_fit_for_panels_is_undetermined() -> None:
    finding = decided(roofs([0.0, 0.0], installable_roof_area=[0.0, 0.0]), roof="installable")
    assert (finding.verdict, finding.measured, finding.reason.code) == (Verdict.UNDETERMINED, None, "no-roof")


@pytest.mark.parametrize(
    ("known", "bounds", "verdict"),
    [
        (600.0, (30.0, 80.0), Verdict.UNDETERMINED),
        (1000.0, (50.0, 100.0), Verdict.PASS),
    ],
)
def test_unknown_panels_cover_nothing_or_all(known: float, bounds: tuple[float, float], verdict: Verdict) -> None:
    finding = decided(roofs([known, None]))
    assert (finding.verdict, finding.measured) == (verdict, None)
    assert ends(finding) == pytest.approx(bounds)


def test_unknown_panels_that_cannot_matter() -> None:
    """Nothing on nine roofs: at most 10 %."""
    finding = decided(roofs([0.0] * 9 + [None]))
    assert (finding.verdict, ends(finding)) == (Verdict.FAIL, (0.0, pytest.approx(10.0)))


def test_more_panels_than_roof_are_not_believed() -> None:
    """3,000 m² on 1,000 m² beside 400: 20 to 70 %. 1,040 m² are edges and overhangs."""
    finding = decided(roofs([3000.0, 400.0]))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, pytest.approx((20.0, 70.0)))
    assert "pv_area" in finding.reason.zh
    assert decided(roofs([1040.0, 400.0])).measured == pytest.approx(72.0)
    beyond = roofs([900.0], installable_roof_area=[500.0])
    assert decided(beyond, roof="installable").verdict is Verdict.UNDETERMINED


def test_perhaps_new_or_perhaps_public() -> None:
    """700 on one for sure; another with 100 perhaps: 40 to 70 %; with 600: 65 to 70 %."""
    for more in ({"action": ["new", None]}, {}):
        for pv, bounds, verdict in ((100.0, (40, 70), Verdict.UNDETERMINED), (600.0, (65, 70), Verdict.PASS)):
            table = roofs([700.0, pv], **more)
            if not more:
                table = replace(table, table=table.table.assign(use=["public", None]))
            finding = decided(table)
            assert (finding.verdict, ends(finding)) == (verdict, pytest.approx(bounds))


@pytest.mark.parametrize("pv", [0.0, 900.0])
def test_perhaps_new_alone_decides_nothing(pv: float) -> None:
    assert decided(roofs([pv], action=[None])).verdict is Verdict.UNDETERMINED
    shapes = [box(0, 0, 100, 10)]
    assert decided(layer("buildings", shapes, use=["public"], pv_area=[pv])).verdict is Verdict.UNDETERMINED


def test_mixed_use_does_not_count_and_is_told() -> None:
    table = roofs([600.0, 0.0])
    finding = decided(replace(table, table=table.table.assign(use=["public", "mixed"])))
    assert finding.measured == pytest.approx(60.0)
    assert "mixed-left-out" in [note.code for note in finding.notes]


def test_ground_counts_once() -> None:
    """A podium of 1,000 m² with 300 and on it a tower of 100 m² with 50 m² of panels: 350 of 1,000 m²."""
    shapes = [box(0, 0, 100, 10), box(0, 0, 10, 10)]
    table = layer("buildings", shapes, action=["new"] * 2, use=["public"] * 2, pv_area=[300.0, 50.0])
    finding = decided(table)
    assert finding.measured == pytest.approx(35.0)
    assert finding.denominator is not None
    assert finding.denominator.value == pytest.approx(1000.0)


def test_one_drawn_twice_may_be_one_or_two() -> None:
    """400 m² on 1,000 m², twice: 40 % as one, up to 80 % as two on the same ground."""
    once = roofs([400.0])
    twice = replace(once, table=once.table.loc[[0, 0]].assign(id=["1", "2"]).reset_index(drop=True))
    finding = decided(twice)
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, pytest.approx((40.0, 80.0)))


def test_one_drawn_twice_beside_another() -> None:
    """800 of 1,000 m² fit, and 400 of 1,000 once or twice: 1,200 / 2,000 or 1,600 / 3,000."""
    table = roofs([800.0, 400.0], installable_roof_area=[1000.0, 1000.0])
    more = replace(table, table=table.table.loc[[1, 0, 1]].assign(id=list("123")).reset_index(drop=True))
    finding = decided(more, roof="installable")
    assert ends(finding) == pytest.approx((100 * 16 / 30, 60.0))
    # Without panels on the copy: 1,200 / 2,000 or 1,200 / 3,000, whichever of the two comes first.
    for pv in ([0.0, 800.0, 400.0], [400.0, 800.0, 0.0]):
        bare = replace(more, table=more.table.assign(pv_area=pv))
        assert ends(decided(bare, roof="installable")) == pytest.approx((40.0, 60.0))
    assert ends(decided(bare)) == pytest.approx((60.0, 60.0))


def test_shapes_that_cannot_be_trusted() -> None:
    """An envelope of 1,000 m²: 600 m² cover 60 to 100 % of it, 400 m² 40 to 100 %; without a shape 0 to 100 %."""
    for pv, low, verdict in ((600.0, 60.0, Verdict.PASS), (400.0, 40.0, Verdict.UNDETERMINED)):
        finding = decided(roofs([pv], sound=[False]))
        assert (finding.verdict, ends(finding)) == (verdict, pytest.approx((low, 100.0)))
    lost = layer("buildings", [None], sound=[False], action=["new"], use=["public"], pv_area=[400.0])
    assert (decided(lost).verdict, ends(decided(lost))) == (Verdict.UNDETERMINED, (0.0, 100.0))
    fit = layer(
        "buildings", [None], sound=[False], action=["new"], use=["public"], pv_area=[400.0],
        installable_roof_area=[500.0],
    )  # fmt: skip
    assert decided(fit, roof="installable").measured == 80.0


def test_an_empty_roof_has_no_share() -> None:
    """Its polygon holds no ground."""
    flat = shapely.Polygon([(X, Y), (X + 10, Y), (X, Y)])
    table = layer("buildings", [flat], action=["new"], use=["public"], pv_area=[0.0])
    assert decided(table).verdict is Verdict.UNDETERMINED


def test_missing_layers_fields_and_other_places() -> None:
    shapes = [box(0, 0, 100, 10)]
    without = decided(layer("buildings", shapes, action=["new"], use=["public"]))
    assert (without.verdict, "pv_area" in without.reason.zh) == (Verdict.UNDETERMINED, True)
    assert decided(place()).verdict is Verdict.UNDETERMINED
    table = roofs([0.0])
    assert decided(place(table, kinds=[Kind.VILLAGE])).verdict is Verdict.NOT_APPLICABLE
    sunny = AppliesWhen(solar_rich=True)
    for rich, verdict in ((True, Verdict.FAIL), (False, Verdict.NOT_APPLICABLE), (None, Verdict.UNDETERMINED)):
        there = place(table, where=Place(solar_rich=rich))
        assert decided(there, applies_when=sunny).verdict is verdict


def test_order_and_place_change_nothing() -> None:
    table = roofs([600.0, 123.4, 0.0, 777.7])
    want = decided(table).measured
    for turn in range(4):
        moved = table.table.iloc[np.roll(np.arange(4), turn)].reset_index(drop=True)
        shapes = [rotate(shape, 30, origin=(X, Y)) for shape in moved.geometry]
        moved = moved.set_geometry(shapely.transform(shapes, lambda xy: np.add(xy, [5e3, 700])), crs=table.table.crs)
        assert decided(replace(table, table=moved)).measured == pytest.approx(want, rel=1e-9)


def test_the_evidence_lists_each_roof() -> None:
    (shapes,) = decided(roofs([600.0, None])).evidence
    assert shapes.frame["kind"].tolist() == ["open", "known"]
    assert shapes.frame["share"].tolist()[1] == pytest.approx(60.0)
