"""``results.json``: its shape, its order, and that the same assessment gives the same bytes."""

import errno
import json
from dataclasses import replace

import pytest

from urbanform.errors import ReportError
from urbanform.model.finding import judge
from urbanform.model.measurement import Bounds, Measurement, Quantity, Subject
from urbanform.model.rules import Unit
from urbanform.output.store import as_text, results, write_error, write_whole
from urbanform.wording import Language


@pytest.fixture
def found(assessment):
    return results(
        assessment,
        {"road-network-density": "maps/road-network-density.html"},
        {"road-network-density": "road_network_density"},
    )


def test_keys_stand_in_their_order(found):
    assert list(found) == ["schema", "versions", "submission", "rules", "working_crs", "defects", "results"]
    assert list(found["versions"]) == ["urbanform", "geos", "gdal", "proj"]
    assert list(found["submission"]) == ["name", "kind", "place", "inputs"]
    assert list(found["rules"]) == ["pack", "as_of", "sha256"]
    assert list(found["defects"][0]) == ["layer", "feature", "kind", "action", "message"]
    for result in found["results"]:
        assert list(result) == [
            "rule", "check", "verdict", "severity", "due", "measured", "bounds", "unit", "limit", "numerator",
            "denominator", "subjects", "reason", "notes", "source", "map", "evidence",
        ]  # fmt: skip


def test_a_rule_is_told_whole(found):
    """48 km in 12 km² are 4 km/km², short of 8."""
    told = found["results"][1]
    assert (told["rule"], told["verdict"], told["severity"], told["due"]) == (
        "road-network-density", "fail", "mandatory", None,
    )  # fmt: skip
    assert (told["measured"], told["bounds"], told["unit"]) == (4.0, None, "km/km2")
    assert told["limit"] == {"op": ">", "value": 8}
    assert told["numerator"] == {"value": 48.0, "unit": "km"}
    assert told["denominator"] == {"value": 12.0, "unit": "km2"}
    assert told["map"] == "maps/road-network-density.html"
    assert told["evidence"] == "road_network_density"
    assert told["source"] == {
        "document": "鹤壁市城乡建设领域碳达峰行动方案", "number": "鹤建综〔2023〕61号", "clause": "二（一）1",
    }  # fmt: skip
    assert list(told["reason"]) == ["code", "zh", "en"]


def test_subjects_come_worst_first_with_their_bounds(found):
    """12,400 fails by 2,400, 8,900 passes, at least 5,128 is open upwards and undetermined."""
    told = found["results"][0]["subjects"]
    assert [(item["id"], item["verdict"], item["measured"], item["bounds"]) for item in told] == [
        ("1", "fail", 12400.0, None),
        ("2", "pass", 8900.0, None),
        ("3", "undetermined", None, [5128.0, None]),
    ]


def test_results_keep_the_order_of_the_pack(found, assessment):
    assert [item["rule"] for item in found["results"]] == [rule.id for rule in assessment.pack.rules]


def test_due_and_unit_of_rules_with_years_and_without_measurement(found):
    by_rule = {item["rule"]: item for item in found["results"]}
    assert (by_rule["permeable-surface-share"]["due"], by_rule["permeable-surface-share"]["verdict"]) == (
        2030, "pending",
    )  # fmt: skip
    missing = by_rule["corridor-net-width"]
    assert (missing["measured"], missing["unit"], missing["map"], missing["evidence"]) == (None, "m", None, None)
    assert by_rule["county-population-density"]["limit"] == {"op": "between", "value": [6000, 10000]}
    assert by_rule["green-300m-park-500m"]["limit"] is None


def test_inputs_and_defects_are_sorted(found):
    """Paths by code point; feature 17 before 100; the roles in turn."""
    assert [item["path"] for item in found["submission"]["inputs"]] == ["现状/建筑.shp", "现状/道路.shp"]
    assert [(item["layer"], item["feature"]) for item in found["defects"]] == [
        ("buildings", "17"),
        ("buildings", "100"),
        ("corridors", None),
    ]


def test_the_same_assessment_gives_the_same_bytes(assessment, build):
    other = build.assessed(build.town(), build.findings(build.town()))
    shuffled = replace(
        other,
        submission=replace(
            other.submission, inputs=other.submission.inputs[::-1], defects=other.submission.defects[::-1]
        ),
    )
    text = as_text(results(assessment, {}, {}))
    assert text == as_text(results(shuffled, {}, {}))
    assert text.endswith("}\n")
    assert '"name": "鹤壁市淇滨区示例"' in text


def test_a_local_grid_has_a_name_of_its_own(assessment):
    local = replace(assessment, submission=replace(assessment.submission, local=True))
    assert results(local, {}, {})["working_crs"] == "local-metres"


def test_what_is_not_finite_is_null(build, layers):
    rule = build.rule("x", "甲", "A", Unit.METRE)
    subject = Subject("1", "a\ud800", float("inf"), Bounds(float("-inf"), 3.0), Quantity(float("nan"), "m"))
    told = results(build.assessed(layers, [judge(rule, Measurement(Unit.METRE, (subject,)), 2026)]), {}, {})
    row = json.loads(as_text(told))["results"][0]["subjects"][0]
    assert (row["measured"], row["bounds"], row["numerator"]) == (None, [None, 3.0], {"value": None, "unit": "m"})
    assert row["name"] == "a\ufffd"
    as_text(told).encode("utf-8")


def test_a_file_appears_only_when_whole(tmp_path):
    path = tmp_path / "sub" / "a.txt"
    write_whole(path, b"old")

    def breaks(draft):
        draft.write_bytes(b"half")
        raise ValueError

    with pytest.raises(ValueError):
        write_whole(path, breaks)
    assert path.read_bytes() == b"old"
    write_whole(path, lambda draft: draft.write_bytes(b"new") and None)
    assert path.read_bytes() == b"new"
    assert [item.name for item in path.parent.iterdir()] == ["a.txt"]


def test_something_in_the_way_is_told(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReportError, match="out"):
        write_whole(tmp_path / "out" / "a.txt", b"x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReportError, match="folder"):
        write_whole(tmp_path / "folder", b"x")


@pytest.mark.parametrize(
    ("fault", "zh"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘空间不足"),
        (PermissionError(errno.EACCES, "Permission denied"), "WPS"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_faults_say_how_to_mend_them(tmp_path, fault, zh):
    told = write_error(tmp_path / "报告.html", fault)
    assert zh in told.say(Language.ZH)
    assert "报告.html" in told.say(Language.EN)
    assert "--out" in told.say(Language.EN)
