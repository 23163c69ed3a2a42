"""Green communities: the flag that counts is ``green``; the counting itself is tested with complete communities."""

import pytest

from places import box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import Document, Kind, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Submission, TableLayer

CHECK = find_check("green-community-share")


def communities(*flags: bool | None) -> TableLayer:
    """Communities side by side, none of them complete."""
    shapes = [box(100 * n, 0, 100 * n + 100, 100) for n in range(len(flags))]
    return layer("communities", shapes, green=list(flags), complete=[False] * len(flags))


def decided(submission: Submission, due: int | None = 2025) -> Finding:
    """What a rule of at least 60 % says in 2026."""
    limit = Limit(Op.AT_LEAST, 60.0, Unit.PERCENT, due)
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.TARGET, Source(None, None, "1"), limits=(limit,),
        binds=(Kind.CITY,), params=CHECK.params(),
    )  # fmt: skip
    return assess(submission, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


@pytest.mark.parametrize(
    ("flags", "share", "verdict"),
    [
        ((True, True, True, False), 75, Verdict.PASS),
        ((True, True, True, False, False), 60, Verdict.PASS),
        ((True, False), 50, Verdict.FAIL),
    ],
)
def test_green_communities_by_count(flags: tuple[bool, ...], share: float, verdict: Verdict) -> None:
    for due in (2025, None):
        finding = decided(place(communities(*flags)), due)
        assert (finding.verdict, finding.measured) == (verdict, share)
    assert decided(place(communities(True, False)), 2030).verdict is Verdict.PENDING


def test_unknown_flags_decide_only_where_they_cannot_matter() -> None:
    """3 to 4 of 5 passes; 2 to 3 of 4 is open."""
    assert decided(place(communities(True, True, True, False, None))).verdict is Verdict.PASS
    assert decided(place(communities(True, True, False, None))).verdict is Verdict.UNDETERMINED


def test_drawn_twice_missing_none_and_another_kind() -> None:
    twice = box(0, 0, 100, 100)
    rows = layer("communities", [twice, twice, box(100, 0, 200, 100)], green=[True, True, False])
    assert decided(place(rows)).measured == 50
    assert decided(place()).verdict is Verdict.UNDETERMINED
    assert decided(place(layer("communities", [twice], complete=[True]))).verdict is Verdict.UNDETERMINED
    assert decided(place(none=["communities"])).verdict is Verdict.NOT_APPLICABLE
    assert decided(place(communities(True), kinds=[Kind.RENEWAL])).verdict is Verdict.NOT_APPLICABLE
