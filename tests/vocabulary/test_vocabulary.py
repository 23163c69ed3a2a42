"""The data tables: every row can be used, and nothing in them contradicts itself."""

from collections import defaultdict

import pytest

from urbanform.intake.fields import BESIDES
from urbanform.intake.land_use_systems import System
from urbanform.model.roles import ROLES, FieldKind, LandUse
from urbanform.vocabulary import fold, meanings, table, unit_factors

TABLES = ("field_aliases", "field_values", "land_use", "land_use_names", "layer_names", "stage_words", "units")


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_whole_and_stands_once(name: str) -> None:
    rows = table(name)
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)
    assert len({tuple(row.items()) for row in rows}) == len(rows)
    assert table(name) is rows


def test_rows_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        table("units")[0]["word"] = "x"  # type: ignore[index]


def test_a_table_that_does_not_exist() -> None:
    with pytest.raises(FileNotFoundError):
        table("nothing")


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        (" Ｄ级 ", "d级"),
        ("Fire_Hazard", "firehazard"),
        ("㎡", "m2"),
        ("-1", "-1"),
        ("2-3", "2-3"),
        ("危房，无", "危房,无"),
    ],
)
def test_words_are_folded(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_no_word_of_a_field_has_two_meanings() -> None:
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in table("field_values"):
        said[row["field"], fold(row["word"])].add(row["value"])
    assert [key for key, values in said.items() if len(values) > 1] == []


def test_words_mean_values_that_the_roles_know() -> None:
    fields = {name: field for role in ROLES.values() for name, field in role.fields.items()} | dict(BESIDES)
    for row in table("field_values"):
        name, value = row["field"], row["value"]
        if name in ("blank", "blank-number", "flag"):
            assert value in ("", "true", "false")
        elif fields[name].kind is FieldKind.FLAG:
            assert value in ("true", "false")
        elif fields[name].kind is FieldKind.SHARE:
            assert value in ("0", "1")
        elif name == "exemption":
            assert value in ("", *fields[name].values)
        else:
            kinds = {role.fields[name] for role in ROLES.values() if name in role.fields}
            assert any(value in field.values for field in kinds), row


def test_aliases_belong_to_roles_and_every_field_has_one_in_chinese() -> None:
    rows = table("field_aliases")
    assert {row["role"] for row in rows} <= {*ROLES, "*"}
    assert {row["language"] for row in rows} == {"zh", "pinyin", "en"}
    assert {row["rank"] for row in rows} == {"1", "2", "3", "4"}
    chinese = {(row["role"], row["canonical"]) for row in rows if row["language"] == "zh"}
    lacking = [
        (role.name, name)
        for role in ROLES.values()
        for name in role.fields
        if (role.name, name) not in chinese and ("*", name) not in chinese
    ]
    assert lacking == []


def test_land_use_tables_know_only_classes_and_systems() -> None:
    classes = {use.value for use in LandUse}
    assert {row["class"] for row in table("land_use")} <= classes
    assert {row["class"] for row in table("land_use_names")} <= classes
    assert {row["system"] for row in table("land_use")} == {system.value for system in System}
    assert {row["match"] for row in table("land_use")} == {"exact", "prefix"}
    names = [fold(row["name"]) for row in table("land_use_names")]
    assert len(set(names)) == len(names)


def test_layers_play_known_roles_and_each_role_is_known_by_its_own_names() -> None:
    rows = table("layer_names")
    assert {row["role"] for row in rows} == {*ROLES, "none"}
    assert all(int(row["weight"]) > 0 and row["match"] in ("exact", "contains") for row in rows)
    for role in ROLES.values():
        keywords = [fold(row["keyword"]) for row in rows if row["role"] == role.name]
        assert any(word in fold(role.zh) for word in keywords), role.zh
        assert any(fold(role.name) == word for word in keywords), role.name


def test_units() -> None:
    """3 亩 = 2000 m² since 15 亩 = 1 ha; 1.5 km² = 150 ha; 1 万人 = 10,000 persons."""
    assert 3 * unit_factors("area")["亩"] == pytest.approx(2000)
    assert 1.5 * unit_factors("area")["km2"] == 150 * unit_factors("area")["公顷"]
    assert unit_factors("population")["万人"] == 10_000
    assert unit_factors("nothing") == {}


def test_meanings_of_a_field() -> None:
    assert meanings("action")["拟拆"] == "demolish"
    assert meanings("class")["primary"] == "arterial"
    assert meanings("nothing") == {}
