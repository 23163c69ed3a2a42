"""What a unit must keep to come down to its share, and that the buildings named are enough."""

import pytest

from places import box, layer, place
from urbanform.checks import find_check
from urbanform.checks.demolition_share import Params
from urbanform.model.finding import Finding, judge
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.remedies import find_remedy
from urbanform.remedies.demolition_share import least_enough
from urbanform.site import Site

RULE = Rule(
    "demolition-share", "demolition-share", Title("拆除", "demolition"), Severity.PRINCIPLE, Source("文", "号", "一"),
    limits=(Limit(Op.AT_MOST, 20.0, Unit.PERCENT),),
)  # fmt: skip


def cured(*floors: tuple[float, str]) -> tuple[Finding, object]:
    """One unit 1,000 m wide with a row of buildings of 10 m footprints; each of some storeys and action."""
    shapes = [box(10 + 20 * n, 10, 20 + 20 * n, 20) for n in range(len(floors))]
    site = Site(
        place(
            layer("renewal_units", [box(0, 0, 1000, 100)], name=["东关"]),
            layer("buildings", shapes, storeys=[s for s, _ in floors], action=[a for _, a in floors]),
        )
    )
    finding = judge(RULE, find_check("demolition-share").measure(site, None, Params()), 2026)
    cure = find_remedy("demolition-share")
    assert cure is not None
    return finding, cure(finding, site)


def test_the_area_to_keep_and_the_buildings_that_do_it() -> None:
    """100 m² footprints: kept 5 × 100 = 500, demolished 1 + 2 + 3 = 6 × 100 = 600 of 1,100 m².

    20 % of 1,100 is 220, so 380 must stay: of 100, 200, 300 the least sum that is enough is 100 + 300 = 400.
    """
    finding, remedy = cured((5, "retain"), (1, "demolish"), (2, "demolish"), (3, "demolish"))
    assert finding.measured == pytest.approx(600 / 11)
    assert [said.zh for said in remedy.said] == [
        "东关：须再保留 380 平方米建筑面积（拟拆 600，限额 220 平方米），拆除比例方可降到 20%",
        "例如保留 2 栋（4、2），合计 400 平方米，为可行组合中面积接近最小者",
    ]
    (shapes,) = remedy.shapes
    assert sorted(shapes.frame["feature"]) == ["2", "4"]
    assert set(shapes.frame["kind"]) == set(shapes.legend) == {"remedy-keep"}


def test_an_open_unit_says_by_how_much_its_share_must_fall() -> None:
    """Kept: 100 m² with unknown storeys, 1 to 60 of them; demolished 200,000/100 … the share is over 20 % for sure.

    Demolished 50 × 100 = 5,000 m². Kept between 100 and 6,000 m²: the share lies in [5000/11000, 5000/5100], that is
    45.45 % to 98.04 %, to come down by 25.45 to 78.04 points.
    """
    finding, remedy = cured((None, "retain"), (50, "demolish"))
    assert finding.verdict == "fail"
    (said,) = remedy.said
    assert "25.45455 至 78.03922 个百分点" in said.zh
    assert remedy.shapes == ()


@pytest.mark.parametrize(
    ("amounts", "wanted", "sum_"),
    [([5, 5, 9], 10, 10), ([7], 3, 7), ([1, 1, 1], 3, 3), ([4, 6, 11], 10, 10), ([3.5, 2.5, 8.1], 6, 6)],
)
def test_least_sum_that_is_enough(amounts: list[float], wanted: float, sum_: float) -> None:
    assert sum(amounts[place] for place in least_enough(amounts, wanted)) == pytest.approx(sum_)


def test_where_all_together_are_not_enough_all_are_given() -> None:
    assert least_enough([1.0, 2.0], 5.0) == [0, 1]


def test_nothing_wanted_keeps_nothing() -> None:
    assert least_enough([1.0, 2.0], 0.0) == []


def test_what_is_named_is_always_enough() -> None:
    """Rounded down, many small areas can only ask for more, never for too little."""
    areas = [0.1 * (n % 7) + 33.333 for n in range(300)]
    chosen = least_enough(areas, 2500.0)
    assert 2500.0 <= sum(areas[place] for place in chosen) < 2500.0 + 1
