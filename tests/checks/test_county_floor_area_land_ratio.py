"""Floor area over construction land: a county seat of 100 m × 100 m, buildings by pencil.

0    50   100
+----+----+ 100
| R2 | E1 |       R2 housing and S1 streets are construction land (7,500 m²), E1 water is not
+----+----+ 50
| R2 | S1 |
+----+----+ 0
"""

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

CHECK = find_check("county-floor-area-land-ratio")
SEAT = layer("county_seat", [box(0, 0, 100, 100)])
QUARTERS = [box(0, 0, 50, 100), box(50, 0, 100, 50), box(50, 50, 100, 100)]
ZONES = AppliesWhen(main_function=("ecological", "agricultural"))


def land(
    *shapes: object,
    uses: list[str | None],
    codes: list[str] | None = None,
    doubt: list[bool] | None = None,
    **more: object,
) -> TableLayer:
    """Parcels of some classes."""
    table = layer("parcels", list(shapes), land_use=uses, **more)
    told = {"land_use_code": codes or uses, "land_use_doubt": doubt or [False] * len(uses)}
    return replace(table, table=table.table.assign(**told))


TILED = land(*QUARTERS, uses=["residential", "road", "water"], codes=["R2", "S1", "E1"])


def halls(*areas_m2: float | None, **columns: object) -> TableLayer:
    """Buildings of 10 m × 10 m with some stated floor area."""
    shapes = [box(2, 15 * n, 12, 15 * n + 10) for n in range(len(areas_m2))]
    told = {"floor_area": list(areas_m2)}
    return layer("buildings", columns.pop("shapes", shapes), **{**told, **columns})


def decided(submission: Submission | TableLayer, parcels: TableLayer = TILED, **more: object) -> Finding:
    """What a rule says that wants 0.6 to 0.8."""
    found = submission if isinstance(submission, Submission) else place(SEAT, submission, parcels)
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.MANDATORY, Source(None, None, "1"), binds=(Kind.COUNTY_SEAT,),
        limits=(Limit(Op.BETWEEN, (0.6, 0.8), Unit.ONE),), scope="county_seat", params=CHECK.params(),
        document_year=2023, **more,
    )  # fmt: skip
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


def codes(finding: Finding) -> list[str]:
    """The codes of its notes."""
    return [note.code for note in finding.notes]


@pytest.mark.parametrize(
    ("floor_m2", "verdict"),
    [
        (4499, Verdict.FAIL),
        (4500, Verdict.PASS),  # 0.6
        (5250, Verdict.PASS),
        (6000, Verdict.PASS),  # 0.8
        (6001, Verdict.FAIL),
    ],
)
def test_both_figures_bind(floor_m2: float, verdict: Verdict) -> None:
    """Over 7,500 m²: streets count, water does not."""
    finding = decided(halls(floor_m2))
    assert (finding.measured, finding.verdict) == (pytest.approx(floor_m2 / 7500, rel=1e-12), verdict)
    assert finding.bounds is None
    assert finding.denominator is not None
    assert finding.denominator.value == pytest.approx(7500)


def test_floor_area_from_storeys_split_at_the_edge() -> None:
    """100 × 30 inside, half of 100 × 30 across the edge, 100 × 30 outside: 4,500 over 7,500."""
    shapes = [box(2, 2, 12, 12), box(95, 2, 105, 12), box(200, 0, 210, 10)]
    finding = decided(layer("buildings", shapes, storeys=[30, 30, 30]))
    assert finding.measured == pytest.approx(0.6)


def test_what_is_demolished_goes_and_what_is_new_comes() -> None:
    """5,000 kept, 3,000 go, 250 come: 5,250 (0.7); today 8,000 (1.07), which the note tells."""
    finding = decided(halls(5000, 3000, 250, action=["retain", "demolish", "new"]))
    assert (finding.measured, finding.verdict) == (pytest.approx(0.7), Verdict.PASS)
    assert "would-flip" in codes(finding)
    told = next(note for note in finding.notes if note.code == "would-flip")
    assert "1.066667" in told.zh


def test_new_buildings_on_the_ground_of_demolished_ones() -> None:
    """100 m² × 52.5 storeys in place of one of 60: 5,250 m²."""
    same = [box(2, 2, 12, 12)] * 2
    table = layer("buildings", same, storeys=[52.5, 60], action=["new", "demolish"])
    assert decided(table).measured == pytest.approx(0.7)


def test_a_blank_action_leaves_it_open_whether_the_building_stays() -> None:
    """4,000 kept and 1,250 perhaps: 0.533 to 0.7; 5,000 and 250: 0.667 to 0.7, within the limits either way."""
    finding = decided(halls(4000, 1250, action=["retain", None]))
    assert finding.verdict is Verdict.UNDETERMINED
    assert finding.bounds is not None
    assert (finding.bounds.low, finding.bounds.high) == (pytest.approx(4000 / 7500), pytest.approx(0.7))
    assert "defaults: {action: retain}" in finding.reason.zh
    assert decided(halls(5000, 250, action=["retain", None])).verdict is Verdict.PASS
    assert decided(halls(5000, 250)).measured == pytest.approx(0.7)


def test_ground_shared_by_two_footprints_belongs_to_the_taller() -> None:
    """A podium of 20 × 10 m, 5 storeys, under a tower of 10 × 10 m, 40: 100 × 5 + 100 × 40 = 4,500; drawn twice too."""
    podium, tower = box(2, 2, 22, 12), box(12, 2, 22, 12)
    assert decided(layer("buildings", [podium, tower], storeys=[5, 40])).measured == pytest.approx(0.6)
    assert decided(layer("buildings", [podium, tower, tower], storeys=[5, 40, 40])).measured == pytest.approx(0.6)


def test_unknown_storeys_leave_it_open() -> None:
    """4,500 known and 100 m² of 1 to 60 storeys: 4,600 to 10,500; over the limit already: a breach."""
    finding = decided(halls(4500, None))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, pytest.approx((4600 / 7500, 10_500 / 7500)))
    assert "2" in finding.reason.zh
    assert decided(halls(6000, None)).verdict is Verdict.FAIL
    few = layer("buildings", [box(2, 2, 12, 12), box(2, 20, 12, 30)], floor_area=[4500, None], storeys=[None, (6, 7)])
    kept = decided(few)
    assert (kept.verdict, ends(kept)) == (Verdict.PASS, pytest.approx((5100 / 7500, 5200 / 7500)))


def test_ground_without_a_parcel_may_be_construction_land() -> None:
    """No parcel for the street of 2,500 m²: over 5,000 to 7,500 m². 3,750 is 0.75 or 0.5, 3,000 is 0.6 or 0.4."""
    gaps = land(QUARTERS[0], QUARTERS[2], uses=["residential", "water"])
    finding = decided(halls(3750), gaps)
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, pytest.approx((0.5, 0.75)))
    assert finding.measured == pytest.approx(0.75)
    assert "0.25 公顷" in finding.reason.zh
    assert decided(halls(2900), gaps).verdict is Verdict.FAIL
    assert decided(halls(6100), gaps).verdict is Verdict.FAIL
    sliver = land(
        box(0, 0, 50, 100), box(50.001, 0, 100, 50), box(50.001, 50, 100, 100), uses=["residential", "road", "water"]
    )
    assert decided(halls(5000), sliver).verdict is Verdict.PASS


def test_parcels_of_unknown_class_leave_it_open() -> None:
    """The water may be construction land: over 7,500 to 10,000 m²."""
    for uses, doubt in (
        (["residential", "road", None], [False] * 3),
        (["residential", "road", "water"], [False, False, True]),
    ):
        finding = decided(halls(5250), land(*QUARTERS, uses=uses, codes=["R2", "S1", "1207"], doubt=doubt))
        assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, pytest.approx((0.525, 0.7)))
        assert "3" in finding.reason.zh
        assert decided(halls(8001), land(*QUARTERS, uses=uses, doubt=doubt)).verdict is Verdict.FAIL


def test_overlapping_parcels_count_once_and_may_contradict_one_another() -> None:
    """Housing drawn twice is 5,000 m² once; a street drawn over the water may or may not be there."""
    twice = land(*QUARTERS, QUARTERS[0], uses=["residential", "road", "water", "residential"])
    assert decided(halls(5250), twice).measured == pytest.approx(0.7)
    over = land(*QUARTERS, QUARTERS[2], uses=["residential", "road", "water", "road"])
    finding = decided(halls(5250), over)
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, pytest.approx((0.525, 0.7)))
    assert "重叠" in finding.reason.zh


def test_broken_and_lost_parcels_and_buildings() -> None:
    """The street's shape is broken or lost: over 5,000 to 7,500 m²; a building of 5,250 is lost: 0 or 5,250."""
    for shape in (QUARTERS[1], None):
        broken = land(QUARTERS[0], shape, QUARTERS[2], uses=["residential", "road", "water"], sound=[True, False, True])
        finding = decided(halls(3750), broken)
        assert finding.verdict is Verdict.UNDETERMINED
        low, high = ends(finding)
        assert high == pytest.approx(0.75)
        assert low is not None
        assert low <= 0.5 + 1e-12
    lost = decided(halls(5250, shapes=[None], sound=[False]))
    assert (lost.verdict, ends(lost)) == (Verdict.UNDETERMINED, pytest.approx((0, 0.7)))
    nowhere = decided(halls(4500, None, shapes=[box(2, 2, 12, 12), None], sound=[True, False]))
    assert (nowhere.verdict, ends(nowhere)) == (Verdict.UNDETERMINED, (pytest.approx(0.6), None))
    seat = layer("county_seat", [box(0, 0, 100, 100)], sound=[False])
    assert decided(place(seat, halls(5250), TILED)).verdict is Verdict.UNDETERMINED


def test_no_construction_land_and_no_buildings() -> None:
    """A denominator of zero has no figure; nothing built is 0, which is below 0.6."""
    water = land(box(0, 0, 100, 100), uses=["water"])
    finding = decided(halls(5250), water)
    assert (finding.verdict, finding.reason.code) == (Verdict.UNDETERMINED, "no-land")
    empty = decided(halls())
    assert (empty.verdict, empty.measured, "no-buildings" in codes(empty)) == (Verdict.FAIL, 0, True)
    assert decided(halls(), land(uses=[])).verdict is not Verdict.PASS


def test_homesteads_and_highways_count_and_a_note_tells_where_it_matters() -> None:
    """4,600 over 7,500 with 2,500 of homesteads among them: 0.61; without these 0.92."""
    village = land(*QUARTERS, uses=["residential", "rural-residential", "water"])
    finding = decided(halls(4600), village)
    assert (finding.measured, finding.verdict) == (pytest.approx(4600 / 7500), Verdict.PASS)
    assert "would-flip" in codes(finding)


def test_polygon_by_polygon() -> None:
    """0.7 in the one, 0.5 in the other, which has no water."""
    seats = layer("county_seat", [box(0, 0, 100, 100), box(1000, 0, 1100, 100)])
    parcels = land(*QUARTERS, box(1000, 0, 1100, 100), uses=["residential", "road", "water", "residential"])
    table = halls(5250, 5000, shapes=[box(2, 2, 12, 12), box(1002, 2, 1012, 12)])
    finding = decided(place(seats, table, parcels))
    assert [(item.subject.id, item.verdict, item.subject.value) for item in finding.subjects] == [
        ("2", Verdict.FAIL, pytest.approx(0.5)), ("1", Verdict.PASS, pytest.approx(0.7)),
    ]  # fmt: skip


def test_missing_layers_other_kinds_and_places() -> None:
    for layers in ((SEAT, TILED), (SEAT, halls(5250)), (halls(5250), TILED)):
        assert decided(place(*layers)).verdict is Verdict.UNDETERMINED
    assert decided(place(SEAT, halls(1), TILED, kinds=[Kind.CITY])).verdict is Verdict.NOT_APPLICABLE
    farming = place(SEAT, halls(1), TILED, where=Place(main_function="agricultural"))
    assert decided(farming, applies_when=ZONES).verdict is Verdict.FAIL
    other = place(SEAT, halls(1), TILED, where=Place(main_function="none"))
    assert decided(other, applies_when=ZONES).verdict is Verdict.NOT_APPLICABLE
    assert decided(halls(1), applies_when=ZONES).verdict is Verdict.UNDETERMINED


def test_order_and_place_change_nothing() -> None:
    def moved(item: TableLayer, turn: int) -> TableLayer:
        rows = item.table.iloc[np.roll(np.arange(len(item.table)), turn)].reset_index(drop=True)
        turned = [rotate(shape, 30, origin=(X, Y)) for shape in rows.geometry]
        shapes = shapely.transform(turned, lambda xy: np.add(xy, [5e3, 700]))
        return replace(item, table=rows.set_geometry(shapes, crs=item.table.crs))

    table = halls(3000, 2000, 250)
    for turn in range(3):
        found = decided(place(moved(SEAT, 0), moved(table, turn), moved(TILED, turn)))
        assert (found.measured, found.verdict) == (pytest.approx(0.7, rel=1e-9), Verdict.PASS)


def test_the_evidence_shows_parcels_by_what_they_count_for_and_open_buildings() -> None:
    mixed = land(*QUARTERS, uses=["residential", None, "water"])
    seat, ground, buildings = decided(halls(4500, None), mixed).evidence
    assert seat.frame["kind"].tolist() == ["seat"]
    assert ground.frame["kind"].tolist() == ["open", "land", "other"]
    assert buildings.frame["feature"].tolist() == ["2"]
    for shapes in (seat, ground, buildings):
        assert set(shapes.frame["kind"]) <= set(shapes.legend)
        assert set(shapes.columns) <= set(shapes.frame.columns)
