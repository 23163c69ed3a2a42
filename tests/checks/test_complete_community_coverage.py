"""Complete communities: shares of a handful of communities of 100 m × 100 m in a row, counted by hand."""

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import box, layer, place
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

CHECK = find_check("complete-community-coverage")
LIMITS = (Limit(Op.AT_LEAST, 50.0, Unit.PERCENT, 2025), Limit(Op.AT_LEAST, 60.0, Unit.PERCENT, 2030))


def plots(count: int) -> list[shapely.Geometry]:
    """Communities side by side."""
    return [box(100 * n, 0, 100 * n + 100, 100) for n in range(count)]


def communities(*flags: bool | None, **more: object) -> TableLayer:
    """Communities with their flags."""
    return layer("communities", plots(len(flags)), complete=list(flags), **more)


def decided(submission: Submission, as_of: int = 2026, **more: object) -> Finding:
    """What the rule says: 50 % by 2025, 60 % by 2030."""
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.TARGET, Source(None, None, "1"), limits=LIMITS,
        binds=(Kind.CITY,), params=CHECK.params(), **more,
    )  # fmt: skip
    pack = RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), "")
    return assess(submission, pack, as_of).findings[0]


@pytest.mark.parametrize(
    ("met", "of", "as_of", "verdict", "limit"),
    [
        (3, 4, 2030, Verdict.PASS, 60),  # 75 %
        (3, 5, 2030, Verdict.PASS, 60),  # 60 % exactly
        (4, 7, 2030, Verdict.FAIL, 60),  # 57.1 %
        (4, 7, 2026, Verdict.PENDING, 60),
        (1, 2, 2026, Verdict.PENDING, 60),  # 50 % exactly
        (3, 7, 2026, Verdict.FAIL, 50),  # 42.9 %
        (0, 3, 2026, Verdict.FAIL, 50),
    ],
)
def test_each_community_counts_once(met: int, of: int, as_of: int, verdict: Verdict, limit: float) -> None:
    finding = decided(place(communities(*[True] * met, *[False] * (of - met))), as_of)
    assert finding.verdict is verdict
    assert finding.measured == pytest.approx(100 * met / of, rel=1e-12)
    assert finding.limit is not None
    assert finding.limit.value == limit
    assert finding.numerator is not None
    assert finding.denominator is not None
    assert (finding.numerator.value, finding.denominator.value) == (met, of)


def test_a_large_community_weighs_no_more_than_a_small_one() -> None:
    """One of 100 ha that meets it, one of 1 ha that does not: half."""
    shapes = [box(0, 0, 1000, 1000), box(2000, 0, 2100, 100)]
    assert decided(place(layer("communities", shapes, complete=[True, False]))).measured == 50


@pytest.mark.parametrize(
    ("flags", "bounds", "verdict"),
    [
        ((True, True, True, None), (75, 100), Verdict.PASS),
        ((True, True, False, None), (50, 75), Verdict.UNDETERMINED),
        ((True, False, False, None), (25, 50), Verdict.FAIL),
        ((False, False, False, None), (0, 25), Verdict.FAIL),
        ((None,), (0, 100), Verdict.UNDETERMINED),
    ],
)
def test_an_unknown_flag_may_be_either(
    flags: tuple[bool | None, ...], bounds: tuple[float, float], verdict: Verdict
) -> None:
    finding = decided(place(communities(*flags)), 2030)
    assert finding.measured is None
    assert finding.bounds is not None
    assert (finding.bounds.low, finding.bounds.high) == bounds
    assert finding.verdict is verdict
    note = next(note for note in finding.notes if note.code == "flag-open")
    assert "complete" in note.zh
    assert str(len(flags)) in note.en


def test_one_drawn_twice_is_one_community() -> None:
    """Two of three meet it; the second is there twice, wound the other way: 66.7 %, not 75."""
    shapes = [*plots(3), shapely.reverse(plots(3)[1])]
    finding = decided(place(layer("communities", shapes, complete=[True, True, False, True])))
    assert finding.measured == pytest.approx(200 / 3, rel=1e-12)


def test_records_of_one_shape_that_differ_leave_it_open() -> None:
    """The second is yes in one record and no in the other: 1 to 2 of 3."""
    shapes = [*plots(3), plots(3)[1]]
    finding = decided(place(layer("communities", shapes, complete=[True, True, False, False])))
    assert finding.bounds is not None
    assert (finding.bounds.low, finding.bounds.high) == (pytest.approx(100 / 3), pytest.approx(200 / 3))


def test_a_record_without_a_shape_may_be_a_community_or_none() -> None:
    """1 of 2 drawn; one more that says yes: 1 of 2 to 2 of 3; one that says no: 1 of 3 to 1 of 2."""
    for flag, low, high in ((True, 50, 200 / 3), (False, 100 / 3, 50), (None, 100 / 3, 200 / 3)):
        shapes = [*plots(2), None]
        table = layer("communities", shapes, complete=[True, False, flag], sound=[True, True, False])
        finding = decided(place(table))
        assert finding.bounds is not None
        assert (finding.bounds.low, finding.bounds.high) == (pytest.approx(low), pytest.approx(high))
        assert "without-shape" in [note.code for note in finding.notes]


def test_a_broken_shape_changes_no_count() -> None:
    """The flag tells, however the community is drawn; two envelopes that are alike are not one community."""
    shapes = [plots(3)[0], plots(3)[0], plots(3)[2]]
    table = layer("communities", shapes, complete=[True, True, False], sound=[False, False, True])
    assert decided(place(table)).measured == pytest.approx(200 / 3)


def test_communities_of_one_name_may_be_parts_of_one() -> None:
    """2 of 3 as drawn; 幸福 once, which does not meet it in both parts, and one other: 1 of 2."""
    rows = communities(True, False, True, name=["幸福", "幸福", "和平"])
    finding = decided(place(rows), 2030)
    assert finding.verdict is Verdict.PASS
    assert [note.code for note in finding.notes if "50" in note.zh and "幸福" not in note.zh] == ["would-flip"]
    alone = decided(place(communities(True, False, True, name=["幸福", "和平", None])), 2030)
    assert "would-flip" not in [note.code for note in alone.notes]


def test_nothing_to_count_is_no_share() -> None:
    assert decided(place(layer("communities", [], complete=[]))).verdict is Verdict.UNDETERMINED


def test_what_is_missing_or_not_there() -> None:
    """Without the layer or the flag: undetermined; none of them at all, another kind, another place: does not apply."""
    assert decided(place()).verdict is Verdict.UNDETERMINED
    without = decided(place(layer("communities", plots(2), green=[True, True])))
    assert without.verdict is Verdict.UNDETERMINED
    assert "complete" in without.reason.zh
    assert decided(place(none=["communities"])).verdict is Verdict.NOT_APPLICABLE
    one = communities(True)
    assert decided(place(one, kinds=[Kind.VILLAGE])).verdict is Verdict.NOT_APPLICABLE
    west = AppliesWhen(place=("西昌市",))
    assert decided(place(one, where=Place(city="凉山州", county="德昌县")), applies_when=west).verdict is (
        Verdict.NOT_APPLICABLE
    )
    assert decided(place(one, where=Place(city="凉山州")), applies_when=west).verdict is Verdict.UNDETERMINED


def test_neither_order_nor_place_matters() -> None:
    random = np.random.default_rng(1)
    flags = [True, None, False, True, False]
    shapes = plots(5)
    found = set()
    for _ in range(5):
        order = random.permutation(5)
        turned = [rotate(shapes[row], 33, origin=(500_000, 3_950_000)) for row in order]
        finding = decided(place(layer("communities", turned, complete=[flags[row] for row in order])))
        assert finding.bounds is not None
        found.add((finding.verdict, finding.bounds.low, finding.bounds.high))
    assert found == {(Verdict.UNDETERMINED, 40, 60)}


def test_the_map_shows_every_drawn_community_those_that_fall_short_first() -> None:
    table = layer("communities", [*plots(3), None], complete=[True, None, False, True], sound=[True, True, True, False])
    (shapes,) = decided(place(table)).measurement.evidence  # type: ignore[union-attr]
    assert shapes.frame["kind"].tolist() == ["no", "unknown", "yes"]
    assert shapes.frame["area_ha"].tolist() == [1, 1, 1]
    assert set(shapes.frame["kind"]) <= set(shapes.legend)
