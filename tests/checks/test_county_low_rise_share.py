"""Low-rise share of new housing: footprints of 10 m × 10 m in a county seat of 1,000 m × 1,000 m."""

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

CHECK = find_check("county-low-rise-share")
SEAT = layer("county_seat", [box(0, 0, 1000, 1000)])


def houses(storeys: list[object], **columns: object) -> TableLayer:
    """Buildings of 100 m² and some storeys, all of them new housing unless told otherwise."""
    shapes = [box(20 * n + 2, 2, 20 * n + 12, 12) for n in range(len(storeys))]
    told = {"action": ["new"] * len(storeys), "use": ["residential"] * len(storeys), "storeys": storeys}
    return layer("buildings", columns.pop("shapes", shapes), **{**told, **columns})


def decided(submission: Submission | TableLayer, year: int | None = 2023, **more: object) -> Finding:
    """What a rule says that wants 70 %, as a document of a year has it."""
    found = submission if isinstance(submission, Submission) else place(SEAT, submission)
    params = CHECK.params(**more.pop("params", {}))
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.MANDATORY, Source(None, None, "1"), binds=(Kind.COUNTY_SEAT,),
        limits=(Limit(Op.AT_LEAST, 70.0, Unit.PERCENT),), scope="county_seat", params=params, document_year=year,
        **more,
    )  # fmt: skip
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


@pytest.mark.parametrize(("low_m2", "verdict"), [(2300, Verdict.FAIL), (2800, Verdict.PASS), (3000, Verdict.PASS)])
def test_low_rise_over_all_new_housing(low_m2: float, verdict: Verdict) -> None:
    """1,200 m² in 12 storeys, and 2,300, 2,800 or 3,000 m² in 6 storeys: 65.7, exactly 70 and 71.4 %."""
    finding = decided(houses([6, 12], floor_area=[low_m2, 1200]))
    assert finding.measured == pytest.approx(100 * low_m2 / (low_m2 + 1200), rel=1e-12)
    assert finding.verdict is verdict
    assert finding.numerator is not None
    assert finding.denominator is not None
    assert (finding.numerator.value, finding.denominator.value) == (low_m2, low_m2 + 1200)


def test_floor_area_from_storeys_and_the_limit_of_low_rise() -> None:
    """100 × 6 low, 100 × 7 not: 6 of 13; with low-rise up to 7 storeys all of it."""
    table = houses([6, 7])
    assert decided(table).measured == pytest.approx(100 * 6 / 13)
    assert decided(table, params={"storeys": 7}).measured == 100


def test_by_floor_area_and_not_by_count() -> None:
    """Three houses of 6 storeys and one of 33: 1,800 of 5,100 m², three of four by count."""
    assert decided(houses([6, 6, 6, 33])).measured == pytest.approx(100 * 18 / 51)


def test_only_new_housing_counts() -> None:
    """New housing of 600 m²; kept housing of 30 storeys, a new office, and an old house without an action."""
    table = houses(
        [6, 30, 30, 30],
        action=["new", "retain", "new", None],
        use=["residential", "residential", "public", "residential"],
        year_built=[None, None, None, 2010],
    )
    finding = decided(table)
    assert (finding.measured, finding.verdict) == (100, Verdict.PASS)
    told = next(note for note in finding.notes if note.code == "all-housing")
    assert f"{100 * 600 / 6600:.4g}%" in told.zh


def test_what_is_demolished_is_no_housing_to_come() -> None:
    """600 m² new and 600 m² kept of 6 storeys; 3,000 m² of 30 storeys go."""
    finding = decided(houses([6, 6, 30], action=["new", "retain", "demolish"]))
    told = next(note for note in finding.notes if note.code == "all-housing")
    assert "占 100%" in told.zh


def test_new_housing_hides_nothing_of_what_it_replaces() -> None:
    """A house of 6 storeys on the ground of one of 8 that goes: 600 m² new."""
    same = [box(2, 2, 12, 12)] * 2
    finding = decided(houses([6, 8], shapes=same, action=["new", "demolish"]))
    assert finding.denominator is not None
    assert (finding.measured, finding.denominator.value) == (100, pytest.approx(600))


def test_a_building_across_the_edge_is_split() -> None:
    """Half of 100 × 12 inside, and 100 × 6: 600 of 1,200; one outside adds nothing."""
    shapes = [box(2, 2, 12, 12), box(995, 2, 1005, 12), box(1100, 0, 1110, 10)]
    assert decided(houses([6, 12, 33], shapes=shapes)).measured == pytest.approx(50)


def test_polygon_by_polygon() -> None:
    """600 of 600 m² in the one, 600 of 1,800 in the other; a third without new housing is not bound."""
    seats = layer("county_seat", [box(0, 0, 1000, 1000), box(2000, 0, 3000, 1000), box(4000, 0, 5000, 1000)])
    shapes = [box(2, 2, 12, 12), box(2002, 2, 2012, 12), box(2022, 2, 2032, 12)]
    finding = decided(place(seats, houses([6, 6, 12], shapes=shapes)))
    assert [(item.subject.id, item.verdict, item.subject.value) for item in finding.subjects] == [
        ("2", Verdict.FAIL, pytest.approx(100 / 3)), ("1", Verdict.PASS, 100), ("3", Verdict.NOT_APPLICABLE, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("storeys", "bounds", "verdict"),
    [
        # 14 storeys by six of 100 m² each certain: 1,400 low; 7 storeys high only with the third.
        ((6, 7), (100 * 12 / 19, 100.0), Verdict.UNDETERMINED),  # 1,200 of 1,900 or of all 1,800
        ((3, 5), (100.0, 100.0), Verdict.PASS),  # low whichever it is
        ((11, 12), (50.0, 100 * 12 / 23), Verdict.FAIL),  # 1,200 of 2,400 or of 2,300
        (None, (100 * 12 / 72, 100.0), Verdict.UNDETERMINED),  # up to 6,000 m² high, or low
    ],
)
def test_storeys_between_bounds(storeys: object, bounds: tuple[float, float], verdict: Verdict) -> None:
    """Two houses of 6 storeys, 1,200 m², and a third of 100 m² footprint."""
    finding = decided(houses([6, 6, storeys]))
    assert (finding.verdict, finding.measured) == (verdict, None)
    assert ends(finding) == pytest.approx(bounds)


def test_a_stated_floor_area_does_not_follow_the_storeys() -> None:
    """7,000 m² low and 1,000 m² of unknown storeys: 87.5 to 100 %; 1,000 m² low: 50 to 100 %."""
    enough = decided(houses([6, None], floor_area=[7000, 1000]))
    assert (enough.verdict, ends(enough)) == (Verdict.PASS, (pytest.approx(87.5), 100))
    open_ = decided(houses([6, None], floor_area=[1000, 1000]))
    assert (open_.verdict, ends(open_)) == (Verdict.UNDETERMINED, (pytest.approx(50), 100))
    assert "层数" in open_.reason.zh


@pytest.mark.parametrize(
    ("columns", "bounds", "verdict"),
    [
        ({"action": ["new", None]}, (100 * 6 / 18, 100.0), Verdict.UNDETERMINED),
        ({"use": ["residential", None]}, (100 * 6 / 18, 100.0), Verdict.UNDETERMINED),
        ({"use": ["residential", "mixed"]}, (100 * 6 / 18, 100.0), Verdict.UNDETERMINED),
        ({"action": [None, "new"]}, (0.0, 100 * 6 / 18), Verdict.FAIL),
    ],
)
def test_unknown_use_and_newness(columns: dict[str, object], bounds: tuple[float, float], verdict: Verdict) -> None:
    """600 m² low-rise and 1,200 m² high-rise, one of them perhaps no new housing."""
    finding = decided(houses([6, 12], **columns))
    assert (finding.verdict, ends(finding)) == (verdict, pytest.approx(bounds))


def test_what_is_not_known_makes_no_difference_where_all_is_low() -> None:
    finding = decided(houses([6, 5], action=["new", None]))
    assert (finding.verdict, ends(finding)) == (Verdict.PASS, (100, 100))


def test_perhaps_new_alone_is_never_a_pass_nor_a_breach() -> None:
    for storeys in (6, 25):
        finding = decided(houses([storeys], action=[None]))
        assert (finding.verdict, finding.measured, finding.bounds) == (Verdict.UNDETERMINED, None, None)
        assert "action" in finding.reason.zh
    untold = layer("buildings", [box(0, 0, 10, 10)], storeys=[6], use=["residential"])
    assert decided(untold).verdict is Verdict.UNDETERMINED
    assert "action" in decided(untold).reason.zh


def test_no_new_housing_at_all_is_undetermined() -> None:
    """The denominator is zero; so it is where taller buildings cover all of the floor area."""
    for table in (houses([6], action=["retain"]), houses([6], use=["public"]), houses([])):
        finding = decided(table)
        assert (finding.verdict, finding.reason.code) == (Verdict.UNDETERMINED, "none-new")
    nothing = decided(houses([6], floor_area=[0]))
    assert (nothing.verdict, nothing.reason.code) == (Verdict.UNDETERMINED, "no-floor-area")


def test_broken_and_lost_shapes() -> None:
    """1,800 m² low; a broken envelope of 100 m² and 12 storeys has 0 to 1,200; a lost one of stated area too."""
    sure = [6, 6, 6, 12]
    broken = decided(houses(sure, sound=[True, True, True, False]))
    assert (broken.verdict, ends(broken)) == (Verdict.UNDETERMINED, (pytest.approx(60), 100))
    shapes = [*(box(20 * n, 0, 20 * n + 10, 10) for n in range(3)), None]
    lost = decided(houses(sure, shapes=shapes, sound=[True, True, True, False], floor_area=[None, None, None, 1200]))
    assert (lost.verdict, ends(lost)) == (Verdict.UNDETERMINED, (pytest.approx(60), 100))
    anywhere = decided(houses(sure, shapes=shapes, sound=[True, True, True, False]))
    assert (anywhere.verdict, ends(anywhere)) == (Verdict.UNDETERMINED, (0, 100))
    seat = layer("county_seat", [box(0, 0, 1000, 1000)], sound=[False])
    assert decided(place(seat, houses([6]))).verdict is Verdict.UNDETERMINED


def test_missing_layers_fields_other_kinds_and_places() -> None:
    assert decided(place(houses([6]))).verdict is Verdict.UNDETERMINED
    assert decided(place(SEAT)).verdict is Verdict.UNDETERMINED
    unstoreyed = layer("buildings", [box(0, 0, 10, 10)], action=["new"], use=["residential"], floor_area=[600])
    assert "storeys" in decided(unstoreyed).reason.zh
    assert decided(place(SEAT, houses([25]), kinds=[Kind.RENEWAL])).verdict is Verdict.NOT_APPLICABLE
    away = place(SEAT, houses([25]), where=Place(province="四川省", city="凉山州", county="德昌县"))
    assert decided(away, applies_when=AppliesWhen(place=("西昌市",))).verdict is Verdict.NOT_APPLICABLE


def test_a_shape_drawn_twice_counts_once() -> None:
    """By storeys, ground that two share belongs to one of them: 600 of 1,800 m²."""
    twice = houses([6, 12, 12], shapes=[box(2, 2, 12, 12), box(22, 2, 32, 12), box(22, 2, 32, 12)])
    assert decided(twice).measured == pytest.approx(100 / 3)


def test_order_and_place_change_nothing() -> None:
    table = houses([6, 12, 6, 6], action=["new", "new", "new", "retain"])

    def moved(item: TableLayer, order: np.ndarray) -> TableLayer:
        rows = item.table.iloc[order].reset_index(drop=True)
        turned = [rotate(shape, 30, origin=(X, Y)) for shape in rows.geometry]
        shapes = shapely.transform(turned, lambda xy: np.add(xy, [5e3, 700]))
        return replace(item, table=rows.set_geometry(shapes, crs=item.table.crs))

    for turn in range(4):
        found = decided(place(moved(SEAT, np.arange(1)), moved(table, np.roll(np.arange(4), turn))))
        assert found.measured == pytest.approx(50, rel=1e-9)


def test_the_evidence_shows_the_county_seat_and_new_housing() -> None:
    seat, buildings = decided(houses([6, 12, None, 6], action=["new", "new", "new", "retain"])).evidence
    assert seat.frame["kind"].tolist() == ["seat"]
    assert list(zip(buildings.frame["feature"], buildings.frame["kind"], strict=True)) == [
        ("3", "open"), ("2", "high"), ("1", "low"),
    ]  # fmt: skip
    assert set(buildings.frame["kind"]) <= set(buildings.legend)
