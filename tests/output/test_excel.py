"""``summary.xlsx`` read back: what stands in its cells, that text stays text, and what it says it leaves out."""

import re
import zipfile
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest

from urbanform.model.finding import judge
from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.provenance import Action, Defect, Input
from urbanform.model.rules import Severity, Source, Unit
from urbanform.output import excel as excel_module
from urbanform.output.evidence import evidence_tables
from urbanform.output.excel import WORDS, write_excel
from urbanform.output.opinion import WORDS as OPINION_WORDS
from urbanform.output.text import shown
from urbanform.output.workbook import TONES, Book, Column, Form
from urbanform.wording import Language

PAYLOADS = (
    "=cmd|' /C calc'!A0",
    '+HYPERLINK("http://x.example/","a")',
    "-2+3",
    "@SUM(1,1)",
    "http://x.example/?a=1",
    "<img src=x onerror=alert(1)>",
    "</script>{{7*7}}{% raw %}",
    "a\x00b\x07c\u202ed",
    "_x0041_ read as A",
    "{=1+1} & \"'&quot;",
)


def written(assessment, path, language=Language.ZH, **options):
    """The workbook of an assessment, read back."""
    maps = {finding.rule.id: f"maps/{finding.rule.id}.html" for finding in assessment.findings if finding.measurement}
    write_excel(assessment, list(evidence_tables(assessment)), path, language, maps=maps, **options)
    return openpyxl.load_workbook(path)


def rows_of(sheet):
    """The table of a sheet: a dictionary of heading → cell for each row."""
    (table,) = sheet.tables.values()
    head, *rows = sheet[table.ref]
    names = [cell.value for cell in head]
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def book(assessment, tmp_path_factory):
    return written(assessment, tmp_path_factory.mktemp("book") / "summary.xlsx")


def test_the_first_sheet_has_a_row_for_each_rule_worst_first(book):
    assert book.sheetnames[:4] == ["汇总", "逐个对象", "数据缺陷", "数据来源"]
    rows = rows_of(book["汇总"])
    assert [row["规则编号"].value for row in rows] == [
        "cluster-population-density", "road-network-density", "super-high-rise-control", "corridor-net-width",
        "permeable-surface-share", "green-300m-park-500m", "county-population-density", "village-site-safety",
    ]  # fmt: skip
    assert [row["结论"].value[0] for row in rows] == list("✗✗✗?→i✓–")
    dense = rows[0]
    assert dense["实测值"].value == 12400.0
    assert dense["单位"].value == "人/平方公里"
    assert dense["实测"].value == "1.24 万人/平方公里（12400 人/平方公里）"
    assert dense["限值"].value == "≤ 10000 人/平方公里（1 万）"
    assert dense["由来"].value == "29016 人 ÷ 2.34 平方公里"
    assert dense["条款"].value == "二（一）1"
    assert dense["文件"].value == "鹤壁市城乡建设领域碳达峰行动方案"
    assert dense["文号"].value == "鹤建综〔2023〕61号"
    assert dense["对象数"].value == 3
    assert "请按限值（≤ 10000 人/平方公里）修改方案" in dense["需补充或处理"].value
    assert "北区组团：" in dense["需补充或处理"].value
    assert dense["地图"].hyperlink.target.replace("\\", "/") == "maps/cluster-population-density.html"
    surface = rows[4]
    assert (surface["到期年"].value, surface["实测值"].value) == (2030, 42.5)
    net = rows[3]
    assert net["实测值"].value is None
    assert "缺少 corridors（生态廊道）图层" in net["需补充或处理"].value
    assert "专项论证" in rows[2]["需补充或处理"].value
    assert rows[7]["实测"].value == "–"


def test_only_a_mandatory_breach_is_red(book):
    fills = [row["结论"].fill.start_color.rgb[2:].lower() for row in rows_of(book["汇总"])]
    red, soft = TONES["fail"][0][1:], TONES["fail-soft"][0][1:]
    assert fills[:3] == [red, red, soft]
    assert red not in fills[3:]


def test_tables_are_real_filtered_and_frozen(book):
    for sheet in book.worksheets:
        (table,) = sheet.tables.values()
        assert table.autoFilter is not None
        first = int(re.match(r"[A-Z]+(\d+)", table.ref)[1])
        assert sheet.freeze_panes.endswith(str(first + 1))
        assert sheet.page_setup.paperSize == 9
        assert "不替代任何行政审批" in sheet.oddFooter.left.text
    assert book["汇总"].column_dimensions["A"].width >= len("组团人口密度") * 2


def test_each_rule_with_evidence_has_a_sheet_that_the_summary_leads_to(book):
    rows = {row["规则编号"].value: row for row in rows_of(book["汇总"])}
    link = rows["road-network-density"]["依据要素表"]
    assert link.value == "63"
    assert link.hyperlink.location == "'路网密度'!A1"
    assert {"组团人口密度", "路网密度", "路网密度（线）", "路网密度（点）", "超高层建筑"} <= set(book.sheetnames)
    lines = rows_of(book["路网密度（线）"])
    assert len(lines) == 14
    assert [lines[0][name].value for name in ("类别", "要素编号", "名称", "长度（米）")] == [
        "计入的道路",
        "1",
        "道路0",
        3000,
    ]
    tall = rows_of(book["超高层建筑"])
    assert [cell.value for cell in tall[0].values()] == ["超过限高的新建建筑", "4", "不符合", 120]


def test_subjects_have_a_row_each_with_their_bounds(book):
    rows = [row for row in rows_of(book["逐个对象"]) if row["规则编号"].value == "cluster-population-density"]
    assert [(row["对象编号"].value, row["实测值"].value) for row in rows] == [("1", 12400), ("2", 8900), ("3", None)]
    assert (rows[2]["下界"].value, rows[2]["上界"].value) == (5128, "不限")
    assert rows[0]["对象编号"].data_type == "s"


def test_defects_stand_gravest_first(book):
    rows = rows_of(book["数据缺陷"])
    assert [(row["要素"].value, row["处理"].value, row["数量"].value) for row in rows] == [
        ("整个图层", "图层弃用", 1),
        ("17", "已修复并计入", 3),
        ("100", "已修复并计入", 1),
    ]


def test_sources_name_every_file_with_its_checksum(book):
    assert [(row["文件"].value, row["要素数"].value, row["sha256"].value) for row in rows_of(book["数据来源"])] == [
        ("现状/建筑.shp", 600, "a" * 64),
        ("现状/道路.shp", 14, "b" * 64),
    ]
    text = "\n".join(str(cell.value) for row in book["数据来源"]["A1:A20"] for cell in row)
    assert "c" * 64 in text
    assert "广场" in text


def test_in_english_no_word_of_ours_is_chinese(assessment, tmp_path):
    book = written(assessment, tmp_path / "s.xlsx", Language.EN)
    assert book.sheetnames[:5] == ["Summary", "Subjects", "Defects", "Sources", "cluster-population-density"]
    rows = rows_of(book["Summary"])
    assert rows[0]["Verdict"].value == "✗ Does not comply"
    assert rows[0]["Measured"].value == "12400 persons/km²"
    for name in ("road-network-density", "road-network-density lines"):
        (table,) = book[name].tables.values()
        for cell in book[name][table.ref][0]:
            assert not re.search("[\u4e00-\u9fff]", cell.value)
    kinds = {row["kind"].value for row in rows_of(book["road-network-density lines"])}
    assert kinds == {"counted", "not counted"}


def test_words_come_in_both_languages():
    for table in (WORDS, OPINION_WORDS):
        for code, (zh, en) in table.items():
            assert zh, code
            assert en, code
            assert set(re.findall(r"\{(\w+)", en)) <= set(re.findall(r"\{(\w+)", zh)), code


@pytest.mark.parametrize(
    ("value", "op", "limit", "told"),
    [
        (7.996, ">", 8, "#,##0.000"),
        (7.5, ">", 8, "#,##0.0"),
        (12400.0, "<=", 10000, "#,##0"),
        (39.996, ">=", 40, "#,##0.000"),
    ],
)  # fmt: skip
def test_a_figure_beside_its_limit_is_not_rounded_onto_it(build, tmp_path, value, op, limit, told):
    """7.996 against more than 8 would be 8.00 with two decimals: it keeps three; the cell holds the whole number."""
    finding = judge(
        build.rule("r", "甲", "A", Unit.METRE, (op, limit)), Measurement(Unit.METRE, (Subject("1", None, value),)), 2026
    )
    book = written(build.assessed({}, [finding]), tmp_path / "s.xlsx")
    cell = rows_of(book["汇总"])[0]["实测值"]
    assert cell.value == value
    assert cell.number_format == told


def rows(build, count, severity=Severity.MANDATORY):
    """A finding of ``count`` squares, every fourth a breach, and as many subjects."""
    x = np.arange(count) * 20.0
    frame = gpd.GeoDataFrame(
        {
            "kind": np.where(np.arange(count) % 4 == 3, "over", "fine"),
            "subject": [str(n) for n in range(count)],
            "height_m": np.linspace(200, 1, count),
        },
        geometry=build.box(x, 0 * x, x + 10, 10),
        crs=build.crs,
    )
    legend = {"fine": (Tone.GOOD, build.words("合格", "fine")), "over": (Tone.BREACH, build.words("超限", "over"))}
    measured = Measurement(
        Unit.METRE,
        tuple(Subject(str(n), None, float(n)) for n in range(count)),
        evidence=(Shapes(frame, legend, {"height_m": build.words("高度（米）", "height (m)")}),),
    )
    return judge(build.rule("r", "甲", "A", Unit.METRE, ("<=", 5), severity=severity), measured, 2026)


def test_the_worst_2000_rows_are_listed_and_it_is_said(build, tmp_path):
    """2,500 squares of which 625 are breaches: these first, then the first 1,375 others as the check gave them."""
    assessment = build.assessed({}, [rows(build, 2500)])
    book = written(assessment, tmp_path / "s.xlsx")
    listed = rows_of(book["甲"])
    assert len(listed) == 2000
    assert [row["类别"].value for row in listed] == ["超限"] * 625 + ["合格"] * 1375
    heights = [row["高度（米）"].value for row in listed]
    assert heights[:625] == sorted(heights[:625], reverse=True)
    assert "2,500" in book["甲"]["A3"].value
    assert "2,000" in book["甲"]["A3"].value
    assert "--all-rows" in book["甲"]["A3"].value
    assert len(rows_of(book["逐个对象"])) == 2000
    assert "共 2500 个对象，此处列出最靠前的 2000 个" in book["逐个对象"]["A2"].value


def test_all_rows_are_listed_when_asked_for(build, tmp_path):
    book = written(build.assessed({}, [rows(build, 2500)]), tmp_path / "s.xlsx", all_rows=True)
    assert len(rows_of(book["甲"])) == len(rows_of(book["逐个对象"])) == 2500
    assert "--all-rows" not in book["甲"]["A3"].value


def test_more_defects_than_a_reader_wants_are_cut_and_it_is_said(build, tmp_path, monkeypatch):
    monkeypatch.setattr(excel_module, "MOST_DEFECTS", 3)
    words = build.words("坏", "bad")
    defects = tuple(Defect("buildings", str(n), "odd", Action.UNKNOWN, words) for n in range(5))
    book = written(build.assessed({}, [], defects=defects), tmp_path / "s.xlsx")
    assert len(rows_of(book["数据缺陷"])) == 3
    assert "共 5 条，此处列出 3 条" in book["数据缺陷"]["A2"].value


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_stays_text_in_every_field(build, tmp_path, payload):
    """A payload as every name, id, attribute, path and message: it is read back as the same text, and nowhere as a
    formula, an escape, a link or markup; what cannot be shown is replaced by �."""
    layers = build.town(20)
    measured = build.heights(layers)
    evidence = measured.evidence[0]
    frame = evidence.frame.assign(subject=[payload], feature=[payload], name=[payload], extra=[payload])
    frame["kind"] = payload
    said = build.words(payload, payload)
    legend = {payload: (Tone.BREACH, said)}
    subject = Subject(payload, payload, 120.0, notes=(said,))
    measured = replace(
        measured, subjects=(subject, replace(subject, id="2")), notes=(said,),
        evidence=(replace(evidence, rows=frame, legend=legend, columns={"extra": said}),),
    )  # fmt: skip
    source = Source(payload, payload, payload)
    rule = build.rule("super-high-rise-control", payload, payload, Unit.METRE, ("<=", 100), source=source)
    assessment = build.assessed(
        layers,
        [judge(rule, measured, 2026)],
        name=payload,
        inputs=(Input(payload, "roads", "b" * 64, 1, payload, payload),),
        defects=(Defect(payload, payload, payload, Action.UNKNOWN, said),),
    )
    path = tmp_path / "s.xlsx"
    for language in Language:
        book = written(assessment, path, language)
        cells = [
            cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None
        ]
        assert not [cell for cell in cells if cell.data_type == "f"]
        links = {(cell.hyperlink.target or "").replace("\\", "/") for cell in cells if cell.hyperlink}
        assert links <= {"", "maps/super-high-rise-control.html"}
        values = [cell.value for cell in cells]
        # Clause, document, number, title, subject's id and name, layer, feature, kind, path, CRS, encoding; the
        # evidence's kind, subject, feature, name and attribute.
        assert values.count(shown(payload)) >= 15
        with zipfile.ZipFile(path) as held:
            for name in held.namelist():
                text = held.read(name).decode("utf-8")
                assert "<f>" not in text, name
                assert "<img" not in text, name
                assert "\x07" not in text, name


def test_names_of_sheets_are_short_allowed_and_told_apart(tmp_path):
    with Book(tmp_path / "b.xlsx", "t", "f") as book:
        long = "县" * 40
        names = [book.name(text) for text in (long, long, "a/b[c]:*?'", "A B C", "History", "", "=1", "\x07")]
        for name in names:
            book.table(book.sheet(name), 0, [Column("x", ["1"])])
    assert names[0] == "县" * 31
    assert names[1] == "县" * 29 + " 2"
    assert names[2:5] == ["a b c", "A B C 2", "History 2"]
    assert len({name.lower() for name in names}) == len(names)
    assert openpyxl.load_workbook(tmp_path / "b.xlsx").sheetnames == names


def test_headings_and_cells_that_excel_would_refuse(tmp_path):
    """Twice the same heading, an empty one, a text longer than a cell holds, numbers that are none, an empty table."""
    cells = ["x" * 40_000, float("nan"), float("inf"), None, True, "", 3.5]
    with Book(tmp_path / "b.xlsx", "t", "f") as book:
        book.table(book.sheet("a"), 0, [Column("Name", cells), Column("name", []), Column("", [], Form.NUMBER)])
        book.table(book.sheet("b"), 0, [Column("Name", [])])
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["a"]
    assert [cell.value for cell in sheet[1]] == ["Name", "name 2", "-"]
    column = [cell.value for cell in sheet["A"][1:]]
    assert len(column[0]) == 32_767
    assert column[1:] == [None, None, None, True, None, 3.5]


def test_the_same_assessment_gives_the_same_bytes(assessment, tmp_path):
    written(assessment, tmp_path / "one.xlsx")
    written(assessment, tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_every_cell_names_its_typeface_itself(assessment, tmp_path):
    """A font with a scheme would be that of the reader's theme; two books in a row, since the first must not change
    the second."""
    for name in ("one", "two"):
        book = written(assessment, tmp_path / f"{name}.xlsx")
        fonts = {(cell.font.name, cell.font.scheme) for row in book["汇总"]["A1:K15"] for cell in row}
        assert fonts == {("微软雅黑", None)}


def test_an_assessment_without_findings_still_gives_a_workbook(build, tmp_path):
    book = written(build.assessed({}, [], inputs=(), defects=(), none=frozenset()), tmp_path / "s.xlsx")
    assert book.sheetnames == ["汇总", "逐个对象", "数据缺陷", "数据来源"]
    assert book["数据缺陷"]["A2"].value == "未发现数据缺陷。"


def test_an_undetermined_rule_asks_for_what_each_subject_lacks(build, tmp_path):
    """Twelve subjects without a figure: ten are named with what they lack, two are counted."""
    lack = build.words("缺少层数，请补填", "storeys are missing")
    subjects = tuple(Subject(str(n), f"甲{n}", bounds=Bounds(0.0, None), missing=lack) for n in range(12))
    finding = judge(build.rule("r", "甲", "A", Unit.METRE, ("<=", 5)), Measurement(Unit.METRE, subjects), 2026)
    book = written(build.assessed({}, [finding]), tmp_path / "s.xlsx")
    lines = rows_of(book["汇总"])[0]["需补充或处理"].value.split("\n")
    assert len(lines) == 11
    assert lines[0].startswith("甲0：")
    assert "缺少层数" in lines[0]
    assert lines[10].startswith("另有 2 个对象")
