"""Rule packs: inheritance, typed params, and every fault told with its line and the nearest word."""

import json
from pathlib import Path

import pytest

from urbanform.checks import check_names
from urbanform.errors import RulePackError
from urbanform.intake.pack_text import pack_schema
from urbanform.intake.rule_packs import pack_ids, read_rule_pack, rules_folder
from urbanform.model.rules import Kind, Op, Severity, Unit

PARENT = """\
id: parent
title: {zh: 父, en: parent}
document: {number: 甲〔2020〕1号, issued: 2020-05-01, level: province}
place: {province: 河南省}
rules:
  - id: density
    check: road-network-density
    title: {zh: 密度, en: density}
    binds: [city]
    scope: main_urban_area
    limit: {op: ">", value: 8, unit: km/km2}
    severity: mandatory
    params: {merge_carriageways: false, boundary_share: 0.5}
    source: {clause: 一}
  - id: demolition-share
    binds: [renewal]
    limit: {op: "<=", value: 20, unit: "%"}
    severity: principle
    applies_when: {place: [会理市, 西昌市], solar_rich: true}
    source: {clause: 二}
"""


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    path = tmp_path / "parent.yaml"
    path.write_text(PARENT, encoding="utf-8")
    return path


def child(parent: Path, text: str) -> Path:
    """A pack beside its parent."""
    path = parent.with_name("child.yaml")
    path.write_text(
        f"id: child\nextends: parent.yaml\ndocument: {{number: 乙, issued: 2023}}\n{text}", encoding="utf-8"
    )
    return path


def faults(path: Path) -> str:
    """The Chinese message of a pack that holds faults."""
    with pytest.raises(RulePackError) as caught:
        read_rule_pack(str(path))
    return str(caught.value)


def test_a_pack_is_read_whole(parent: Path) -> None:
    pack = read_rule_pack(str(parent))
    density, share = pack.rules
    assert (density.check, density.binds, density.scope) == ("road-network-density", (Kind.CITY,), "main_urban_area")
    (limit,) = density.limits
    assert (limit.op, limit.value, limit.unit) == (Op.ABOVE, 8.0, Unit.KM_PER_KM2)
    assert (density.params.merge_carriageways, density.params.boundary_share) == (False, 0.5)
    assert (share.check, share.severity, share.document_year) == ("demolition-share", Severity.PRINCIPLE, 2020)


def test_what_is_not_restated_is_inherited_with_the_document_it_cites(parent: Path) -> None:
    path = child(parent, "rules:\n  - id: demolition-share\n    limit: {op: '<', value: 25, unit: '%'}\n")
    density, share = read_rule_pack(str(path)).rules
    assert (density.source.number, share.source.number) == ("甲〔2020〕1号", "乙")
    assert (share.limits[0].value, share.source.clause, share.document_year) == (25.0, "二", 2023)


def test_null_removes_a_key_and_drop_a_rule_and_limits_replace_limit(parent: Path) -> None:
    path = child(
        parent,
        "drop: [density]\nrules:\n  - id: demolition-share\n    applies_when: null\n    limits:\n"
        "      - {op: '<=', value: 10, unit: '%', due: 2030}\n      - {op: '<=', value: 20, unit: '%', due: 2025}\n",
    )
    (share,) = read_rule_pack(str(path)).rules
    assert share.applies_when.place == ()
    assert [(limit.value, limit.due) for limit in share.limits] == [(20.0, 2025), (10.0, 2030)]


def test_all_faults_are_told_at_once_with_lines_and_hints(parent: Path) -> None:
    """A parameter misspelt on line 13, and a severity that does not exist on line 18."""
    text = PARENT.replace("merge_carriageways: false", "merge_carriageway: false")
    parent.write_text(text.replace("severity: principle", "severity: principal"), encoding="utf-8")
    told = faults(parent)
    assert "第 13 行" in told
    assert "merge_carriageways" in told
    assert "第 18 行" in told
    assert "principal" in told


def test_params_are_typed_by_the_check(parent: Path) -> None:
    parent.write_text(PARENT.replace("boundary_share: 0.5", "boundary_shar: 0.5"), encoding="utf-8")
    told = faults(parent)
    assert "第 13 行" in told
    assert "boundary_share" in told


def test_a_unit_that_the_check_does_not_measure_in_is_a_fault(parent: Path) -> None:
    parent.write_text(PARENT.replace("unit: km/km2", "unit: m"), encoding="utf-8")
    assert "km/km2" in faults(parent)


def test_an_unknown_check_and_an_unknown_key_name_the_nearest(parent: Path) -> None:
    parent.write_text(PARENT.replace("check: road-network-density", "check: road-density"), encoding="utf-8")
    assert "road-network-density" in faults(parent)
    parent.write_text(PARENT.replace("    binds: [city]", "    bind: [city]"), encoding="utf-8")
    assert "binds" in faults(parent)


def test_a_key_twice_a_rule_twice_and_a_cycle_are_faults(parent: Path) -> None:
    parent.write_text(PARENT + "title: {zh: 又, en: again}\n", encoding="utf-8")
    assert "title" in faults(parent)
    parent.write_text(
        PARENT.replace("id: demolition-share", "id: density\n    check: demolition-share"), encoding="utf-8"
    )
    assert "两次" in faults(parent)
    parent.write_text(PARENT.replace("id: parent", "id: parent\nextends: parent.yaml", 1), encoding="utf-8")
    assert "继承了自己" in faults(parent)


def test_between_takes_two_and_the_others_one(parent: Path) -> None:
    parent.write_text(PARENT.replace('op: "<=", value: 20', "op: between, value: 20"), encoding="utf-8")
    assert "between" in faults(parent)
    parent.write_text(PARENT.replace('op: "<=", value: 20', "op: between, value: [10, 20]"), encoding="utf-8")
    assert read_rule_pack(str(parent)).rules[1].limits[0].value == (10.0, 20.0)


def test_subjects_are_chosen_by_fields_of_their_role(parent: Path) -> None:
    good = "    source: {clause: 二}\n    subjects_when: {district_kind: [old-town]}\n"
    parent.write_text(PARENT.replace("    source: {clause: 二}\n", good), encoding="utf-8")
    assert read_rule_pack(str(parent)).rules[1].subjects_when == {"district_kind": ("old-town",)}
    parent.write_text(
        PARENT.replace("    source: {clause: 二}\n", good.replace("old-town", "oldtown")), encoding="utf-8"
    )
    assert "old-town" in faults(parent)


def test_a_pack_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(RulePackError, match="henan"):
        read_rule_pack("henna")


@pytest.mark.parametrize("pack", pack_ids())
def test_every_pack_that_comes_along_is_sound(pack: str) -> None:
    found = read_rule_pack(pack)
    assert found.rules
    assert all(rule.source.clause and rule.title.en and rule.check in check_names() for rule in found.rules)


def test_the_published_schema_is_the_one_the_checks_make() -> None:
    published = json.loads((rules_folder() / "schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(pack_schema()))


def test_hebi_cites_its_own_document_and_keeps_henans_figures() -> None:
    hebi, henan = read_rule_pack("hebi"), read_rule_pack("henan")
    for rule in ("cluster-population-density", "road-network-density", "demolition-share"):
        assert hebi.rule(rule).limits == henan.rule(rule).limits
        assert (hebi.rule(rule).source.number, henan.rule(rule).source.number) == (
            "鹤建综〔2023〕61号",
            "豫建科〔2023〕29号",
        )
