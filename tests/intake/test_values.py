"""What bureaus write, and what is read from it."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from urbanform.intake.building_claims import action_from_flags, exemption_from_flags
from urbanform.intake.values import Reading, read_field, unreadable_words
from urbanform.intake.written_numbers import storeys_of, unit_in_name
from urbanform.model.roles import ROLES, Field, FieldKind

BUILDINGS = ROLES["buildings"].fields
ROADS = ROLES["roads"].fields


def read(field: Field, values: object, source: str = "", unit: str | None = None) -> Reading:
    return read_field(field, pd.Series(values, dtype=None if len(values) else object), source, unit)  # type: ignore[arg-type]


def known(reading: Reading) -> list[object]:
    """The values, None where there is none."""
    return [None if pd.isna(value) else value for value in reading.values.tolist()]


def at(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("6层", 6, 6), ("6F", 6, 6), ("6.0", 6, 6), ("６", 6, 6), (" 6 层 ", 6, 6), (6, 6, 6), (6.0, 6, 6),
        ("六层", 6, 6), ("十层", 10, 10), ("十八层", 18, 18), ("二十", 20, 20), ("三十三层", 33, 33), ("两层", 2, 2),
        ("-1/18", 18, 18), ("18/-1", 18, 18), ("B2/18F", 18, 18), ("-2+18", 18, 18), ("地上18层，地下2层", 18, 18),
        ("地上18地下2", 18, 18), ("18（地下2）", 18, 18),
        ("18+1", 18, 19), ("6+跃", 6, 7), ("5+阁楼", 5, 6), ("6-8", 6, 8), ("6～8层", 6, 8),
    ],
)  # fmt: skip
def test_storeys(written: object, low: float, high: float) -> None:
    assert storeys_of(written) == (low, high)


@pytest.mark.parametrize(
    "written",
    [
        "0",
        0,
        "-3",
        -3,
        "999",
        999,
        "六七",
        "6.5",
        6.5,
        "18/2",
        "-1",
        "地下一层",
        "多层",
        "12层以上",
        "8-6",
        "不详",
        True,
        "",
    ],
)
def test_storeys_that_cannot_be_read(written: object) -> None:
    assert storeys_of(written) is None


def test_a_column_of_storeys() -> None:
    """Of 18+1 only the ends are known; a null is blank, 六七 and 999 are unreadable."""
    reading = read(BUILDINGS["storeys"], ["6层", "18+1", "六七", None, "—", 999])
    assert known(reading) == [6, None, None, None, None, None]
    assert reading.columns["storeys_low"].tolist()[:2] == [6, 18]
    assert reading.columns["storeys_high"].tolist()[:2] == [6, 19]
    assert (at(reading.unreadable), at(reading.blank)) == ([2, 5], [3, 4])
    assert reading.examples == ("六七", "999")


def test_a_number_column_of_storeys_keeps_its_index() -> None:
    raw = pd.Series([6, pd.NA, 0], index=[7, 8, 9], dtype="Int64")
    reading = read_field(BUILDINGS["storeys"], raw)
    assert reading.values.index.tolist() == [7, 8, 9]
    assert (at(reading.unreadable), at(reading.blank)) == ([2], [1])


@pytest.mark.parametrize(
    ("written", "width_m"),
    [
        ("40m", 40),
        ("40米", 40),
        ("４０", 40),
        ("40.0 M", 40),
        ("4000cm", 40),
        (40, 40),
        ("2", 2),
        (200, 200),
        (39.96, 39.96),
    ],
)
def test_widths(written: object, width_m: float) -> None:
    assert known(read(ROADS["red_line_width"], [written])) == [width_m]


@pytest.mark.parametrize(
    "written",
    [
        "24-40",
        "40~50",
        "40+2×10",
        "约40",
        "40/2",
        "40m2",
        1.99,
        200.01,
        0,
        -9999,
        999999999,
        "1e20",
        -3.4e38,
        np.inf,
        "12,3",
    ],
)
def test_widths_that_cannot_be_read(written: object) -> None:
    reading = read(ROADS["red_line_width"], [written])
    assert known(reading) == [None]
    assert at(reading.unreadable) == [0]


@pytest.mark.parametrize("written", [None, np.nan, "", "  ", "NULL", "—", "/", "无", "空", "N/A", "nan"])
def test_what_stands_for_nothing_is_blank(written: object) -> None:
    for field in (ROADS["red_line_width"], BUILDINGS["storeys"], BUILDINGS["year_built"], BUILDINGS["floor_area"]):
        reading = read(field, [written])
        assert (known(reading), at(reading.blank), at(reading.unreadable)) == ([None], [0], [])


def test_heights() -> None:
    """A roof at 1530 m stands at the height of its mountain; below 2 m nobody can stand."""
    reading = read(BUILDINGS["height"], [54.0, "54米", 1530.0, 1.5, 0.0, 600.0, None])
    assert known(reading) == [54, 54, None, None, None, 600, None]
    assert at(reading.unreadable) == [2, 3, 4]
    assert [note.code for note in read(BUILDINGS["height"], [1530.0, 1541.0, 30.0]).notes] == ["height-is-elevation"]


def test_height_limits_may_say_that_they_are_limits() -> None:
    limit = ROLES["height_zones"].fields["height_limit"]
    assert known(read(limit, ["≤24", "24米以下", "不超过18m", 54, "<24", 0])) == [24, 24, 18, 54, None, None]
    assert known(read(BUILDINGS["height"], ["≤24"])) == [None]


def test_areas_and_their_units() -> None:
    """3 亩 = 2000 m²; the unit beside a value goes before the manifest's, and that before the name's."""
    area = BUILDINGS["floor_area"]
    mixed = ["1,200㎡", "0.5公顷", "3亩", "0.001km²", "2万平方米", 800]
    assert known(read(area, mixed)) == pytest.approx([1200, 5000, 2000, 1000, 20_000, 800])
    assert known(read(area, [1.5], "建筑面积（公顷）")) == [15_000]
    assert known(read(area, [1.5], "JZMJ_WM2")) == [1.5]
    assert known(read(area, [1.5], "总建筑面积（万㎡）")) == [15_000]
    assert known(read(area, [1.5, "700平方米"], "建筑面积（公顷）", "亩")) == pytest.approx([1000, 700])
    assert read(area, [1.5], "JZMJ").unit is None
    assert read(area, [1.5], "JZMJ", "ha").unit == "ha"


def test_no_floor_area_is_a_missing_one_but_no_panels_are_none() -> None:
    assert at(read(BUILDINGS["floor_area"], [0.0]).unreadable) == [0]
    assert known(read(BUILDINGS["pv_area"], [0.0])) == [0]


def test_population_and_ten_thousands() -> None:
    persons = BUILDINGS["population"]
    assert known(read(persons, ["3.2万", "1,234", "500人", "2 万人", 0])) == [32_000, 1234, 500, 20_000, 0]
    assert known(read(persons, [21.3], "常住人口_万人")) == [213_000]
    assert known(read(persons, [21.3], "常住人口（万）")) == [213_000]
    assert known(read(persons, [21.3], "CZRK", "万人")) == [213_000]
    assert known(read(persons, [213_000], "人口（万人）", "人")) == [213_000]
    assert read(persons, [21.3], "CZRK").unit is None
    assert at(read(persons, [-1, 999999999, 9999, None]).unreadable) == [0, 1]


def test_persons_read_as_ten_thousands_of_them_are_refused() -> None:
    """213,000 in a field of 万人 would be two milliard persons."""
    assert at(read(BUILDINGS["population"], [213_000.0], "人口（万人）").unreadable) == [0]


def test_shares_are_fractions_or_percent_by_their_largest() -> None:
    ratio = ROLES["parcels"].fields["green_ratio"]
    assert known(read(ratio, [0.35, 1.0, 0.0])) == [0.35, 1, 0]
    assert known(read(ratio, [35, 40, None])) == [0.35, 0.40, None]
    assert known(read(ratio, ["35%", "0.4", "３５％"])) == [0.35, 0.4, 0.35]
    assert known(read(ratio, [0.35, -9999.0])) == [0.35, None]
    reading = read(ratio, [35, 120, -5, 100])
    assert (known(reading), at(reading.unreadable)) == ([0.35, None, None, 1], [1, 2])


def test_a_column_of_percent_and_fractions_is_told() -> None:
    reading = read(ROLES["parcels"].fields["green_ratio"], [35, 0.35])
    assert [note.code for note in reading.notes] == ["share-is-mixed"]


def test_permeable_is_yes_or_no_or_a_share() -> None:
    permeable = ROLES["surfaces"].fields["permeable"]
    assert known(read(permeable, ["是", "否", "透水", "不透水", None, "半透水"])) == [1, 0, 1, 0, None, None]
    assert known(read(permeable, [True, False])) == [1, 0]
    assert known(read(permeable, [1, 0])) == [1, 0]
    assert known(read(permeable, ["1", "0"])) == [1, 0]
    assert known(read(permeable, [0.3, 0.7])) == [0.3, 0.7]


@pytest.mark.parametrize(
    ("written", "year"),
    [
        (1998, 1998), ("1998", 1998), (1998.0, 1998), ("1998年", 1998), ("2019-05-01", 2019), ("2019/5/1", 2019),
        ("2019年5月", 2019), ("2019年5月1日", 2019), ("2019.05", 2019), ("20190501", 2019), (201905, 2019),
        (dt.date(2001, 2, 3), 2001), (pd.Timestamp("2001-02-03 04:05"), 2001), ("2019-05-01T00:00:00", 2019),
    ],
)  # fmt: skip
def test_years(written: object, year: int) -> None:
    assert known(read(BUILDINGS["year_built"], [written])) == [year]


@pytest.mark.parametrize("written", ["90年代", "1998-2003", "2019-2020", 0, 1899, 2101, 19, "清代", "2019-13-01"])
def test_years_that_cannot_be_read(written: object) -> None:
    assert at(read(BUILDINGS["year_built"], [written]).unreadable) == [0]


def test_a_date_column_gives_years() -> None:
    reading = read(BUILDINGS["year_built"], pd.to_datetime(["2019-05-01", None]))
    assert (known(reading), at(reading.blank)) == ([2019, None], [1])


def test_counts() -> None:
    reading = read(ROLES["renewal_units"].fields["households"], ["320户", "1,200", 0, 2.5, -3, None])
    assert known(reading) == [320, 1200, 0, None, None, None]
    assert (at(reading.unreadable), at(reading.blank)) == ([3, 4], [5])


def test_flags() -> None:
    written = ["是", "否", 1, 0, "Ｙ", "n", "TRUE", "有", "无", "D级", "A级", "不详", -1, None, "/"]
    reading = read(BUILDINGS["dangerous"], written)
    yes_or_no = [True, False, True, False, True, False, True, True, False, True, False]
    assert reading.values.tolist() == [*yes_or_no, pd.NA, pd.NA, pd.NA, pd.NA]
    assert str(reading.values.dtype) == "boolean"
    assert (at(reading.unreadable), at(reading.blank)) == ([11, 12], [13, 14])
    assert read(BUILDINGS["illegal"], [True, False]).values.tolist() == [True, False]


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("action", "拆除", "demolish"), ("action", "拟拆", "demolish"), ("action", "拆", "demolish"),
        ("action", " Demolish ", "demolish"), ("action", "保留", "retain"), ("action", "综合整治", "renovate"),
        ("action", "新建", "new"), ("use", "住宅", "residential"), ("use", "商住混用", "mixed"),
        ("use", "厂房", "industrial"),
        ("exemption", "危房且无修缮保留价值", "dangerous"), ("exemption", "fire_hazard", "fire-hazard"),
        ("exemption", "违法建筑", "illegal"), ("exemption", "重大火灾隐患且无法整改", "fire-hazard"),
    ],
)  # fmt: skip
def test_words_of_buildings(name: str, written: str, value: str) -> None:
    assert read(BUILDINGS[name], [written]).values.tolist() == [value]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("快速路", "expressway"), ("motorway", "expressway"), ("trunk_link", "expressway"), ("主干道", "arterial"),
        ("primary", "arterial"), ("Ⅱ级主干路", "arterial"), ("次干路", "secondary"), ("secondary", "secondary"),
        ("支路", "branch"), ("tertiary", "branch"), ("residential", "branch"), ("living_street", "branch"),
        ("小区道路", "internal"), ("service", "internal"), ("国道", "highway"), ("高速公路", "highway"),
    ],
)  # fmt: skip
def test_road_classes(written: str, value: str) -> None:
    assert read(ROADS["class"], [written]).values.tolist() == [value]


@pytest.mark.parametrize(
    ("name", "written"), [("action", "局部拆除"), ("use", "01"), ("exemption", "危房"), ("action", "x")]
)
def test_words_that_are_not_known_are_not_guessed(name: str, written: str) -> None:
    reading = read(BUILDINGS[name], [written])
    assert (known(reading), at(reading.unreadable)) == ([None], [0])


def test_no_word_of_exemption_claims_none() -> None:
    """Blank and 无 are a known absence; what cannot be read is unknown."""
    reading = read(BUILDINGS["exemption"], [None, "", "无", "某种情形"])
    assert known(reading) == ["", "", "", None]
    assert at(reading.unreadable) == [3]


def test_text_is_trimmed_and_whole_numbers_lose_their_decimals() -> None:
    reading = read(ROADS["name"], [" 人民路 ", 17.0, None, "-", "无名路"])
    assert known(reading) == ["人民路", "17", None, None, "无名路"]


def test_lists_from_geojson_are_unreadable() -> None:
    assert at(read(BUILDINGS["storeys"], [[1, 2], "6"]).unreadable) == [0]


@pytest.mark.parametrize("field", [*BUILDINGS.values(), *ROADS.values(), *ROLES["parcels"].fields.values()])
def test_an_empty_column_gives_empty_columns(field: Field) -> None:
    if field.kind is FieldKind.LAND_USE:
        with pytest.raises(ValueError):
            read(field, [])
        return
    reading = read(field, [])
    assert tuple(reading.columns) == field.columns
    assert all(len(column) == 0 for column in reading.columns.values())
    assert unreadable_words(field, "X", reading) is None


def test_what_cannot_be_read_is_told_with_the_cure() -> None:
    told = unreadable_words(BUILDINGS["action"], "GZFS", read(BUILDINGS["action"], ["局部拆除", "拆除", "局部拆除"]))
    assert told is not None
    assert all(part in told.zh for part in ("GZFS", "2 个", "局部拆除", "map: {action: {局部拆除: "))
    told = unreadable_words(ROADS["red_line_width"], "HXKD", read(ROADS["red_line_width"], ["24-40"]))
    assert told is not None
    assert "24-40" in told.en
    assert "between 2 and 200" in told.en


@pytest.mark.parametrize("field", [field for role in ROLES.values() for field in role.fields.values()])
def test_every_kind_can_tell_what_was_wanted(field: Field) -> None:
    reading = Reading({field.name: pd.Series([None])}, np.array([True]), np.array([False]), ("{x}",))
    if field.kind is not FieldKind.LAND_USE:
        assert unreadable_words(field, "X", reading) is not None


def test_units_in_names() -> None:
    assert unit_in_name("建筑面积（公顷）", "area") == ("建筑面积", "公顷")
    assert unit_in_name("RK_万人", "population") == ("rk", "万人")
    assert unit_in_name("红线宽度m", "length") == ("红线宽度", "m")
    assert unit_in_name("建筑面积(地上)", "area") == ("建筑面积(地上)", None)


def test_exemptions_need_both_halves() -> None:
    """Rows: dangerous and beyond repair; dangerous alone; dangerous but repairable; not read; the word; none."""
    raw = pd.DataFrame(
        {
            "exemption": [None, None, None, None, "危房且无修缮保留价值", None],
            "dangerous": ["是", "是", "是", "不详", None, "否"],
            "repairable": ["否", None, "是", "否", None, None],
            "illegal": [None, "是", "否", "否", "否", "不详"],
        }
    )
    readings = {name: read_field(BUILDINGS[name], raw[name]) for name in raw}
    grounds = exemption_from_flags(readings, raw.index)
    assert grounds["dangerous"].tolist() == [True, pd.NA, False, pd.NA, True, False]
    assert grounds["illegal"].tolist() == [False, True, False, False, False, pd.NA]
    assert grounds["fire-hazard"].tolist() == [False] * 6
    assert grounds["public-interest"].tolist() == [False] * 6


def test_a_flag_without_a_field_for_its_second_half_is_open() -> None:
    readings = {"fire_hazard": read(BUILDINGS["fire_hazard"], ["是", "否", None])}
    assert exemption_from_flags(readings, pd.RangeIndex(3))["fire-hazard"].tolist() == [pd.NA, False, False]


def test_an_exemption_that_cannot_be_read_may_be_any() -> None:
    grounds = exemption_from_flags({"exemption": read(BUILDINGS["exemption"], ["危房"])}, pd.RangeIndex(1))
    assert grounds.isna().to_numpy().all()


def test_actions_from_two_flags() -> None:
    """Both yes contradicts; neither yes stays; what is blank stays open."""
    flag = Field("flag", FieldKind.FLAG)
    demolish, new = read(flag, ["是", "否", "否", "是", "否", None]), read(flag, ["否", "是", "否", "是", None, "否"])
    action = action_from_flags(demolish, new, pd.RangeIndex(6))
    assert action.values.tolist() == ["demolish", "new", "retain", None, None, None]
    assert at(action.unreadable) == [3]
    assert action_from_flags(demolish, None, pd.RangeIndex(6)).values.tolist()[:3] == ["demolish", "retain", "retain"]
    assert action_from_flags(None, new, pd.RangeIndex(6)).values.tolist() == [None, "new", None, "new", None, None]


@pytest.mark.long
def test_large_columns_take_seconds() -> None:
    count = 300_000
    texts = pd.Series([f"{number % 60}层" for number in range(count)])
    floats = pd.Series(np.linspace(1, 1e6, count))
    assert len(read_field(BUILDINGS["storeys"], texts).values) == count
    assert len(read_field(BUILDINGS["floor_area"], floats).values) == count
    assert len(read_field(BUILDINGS["population"], floats.map(str)).values) == count


WORD = st.text(st.sampled_from("AZ09-_/.\\ \t\u3000\xa0\x1cⅣ①无空路Ｎa̲"), max_size=6)


@given(
    st.lists(
        st.one_of(st.none(), WORD, st.sampled_from(["N/A", "<空>", "nan", " 12 ", "12\u3000", "ｎａ"])), max_size=8
    )
)
@settings(max_examples=300, deadline=None)
def test_texts_are_read_in_a_column_as_one_by_one(written: list[str | None]) -> None:
    column = read_field(BUILDINGS["name"], pd.Series(written, dtype="str"))
    single = read_field(BUILDINGS["name"], pd.Series(written, dtype=object))
    assert [None if pd.isna(v) else v for v in column.values] == [None if pd.isna(v) else v for v in single.values]
    assert column.blank.tolist() == single.blank.tolist()
    assert not column.unreadable.any()
    assert not single.unreadable.any()


@pytest.mark.parametrize("dtype", ["int64", "Int64", "Int32"])
def test_whole_numbers_are_texts_where_texts_are_wanted(dtype: str) -> None:
    values = [0, -1, 320104, 2**31 - 1]
    assert read_field(BUILDINGS["id"], pd.Series(values, dtype=dtype)).values.tolist() == [
        "0",
        "-1",
        "320104",
        "2147483647",
    ]


def test_a_missing_whole_number_is_a_blank_text() -> None:
    found = read_field(BUILDINGS["id"], pd.Series([7, None], dtype="Int64"))
    assert found.values.isna().tolist() == [False, True]
    assert found.blank.tolist() == [False, True]
