"""``report.docx`` read back: what it says in which order, its typefaces, a bureau's template, text that stays text."""

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from PIL import Image

from urbanform.errors import SubmissionError
from urbanform.model.finding import judge
from urbanform.model.measurement import Measurement, Subject, Tone
from urbanform.model.provenance import Action, Defect, Input
from urbanform.model.rules import Source, Unit
from urbanform.output import word as word_module
from urbanform.output.paper import PLACEHOLDER, check_template
from urbanform.output.paper import WORDS as PAPER_WORDS
from urbanform.output.text import shown
from urbanform.output.word import WORDS, write_word
from urbanform.output.workbook import TONES
from urbanform.wording import Language

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</w:t></w:r><w:br/>&amp;",
    "{ INCLUDETEXT c:\\x }",
    "a\x00b\x07c\u202ed\ufffe",
    "{{7*7}} " + PLACEHOLDER,
    "=cmd|' /C calc'!A0",
)


def written(assessment, path, language=Language.ZH, **options):
    maps = {finding.rule.id: f"maps/{finding.rule.id}.html" for finding in assessment.findings}
    write_word(assessment, path, language, maps=maps, **options)
    return docx.Document(str(path))


def said(document):
    """Every paragraph of the body, in tables too, in the order in which it is read."""
    found = []
    for paragraph in document.element.body.iter(qn("w:p")):
        parts = [part.text or "" if part.tag == qn("w:t") else "\n" for part in paragraph.iter(qn("w:t"), qn("w:br"))]
        found.append("".join(parts))
    return found


def headings(document, level):
    return [part.text for part in document.paragraphs if part.style.name == f"Heading {level}"]


@pytest.fixture(scope="module")
def opinion(assessment, tmp_path_factory):
    return written(assessment, tmp_path_factory.mktemp("word") / "report.docx")


def test_the_parts_stand_in_their_order(opinion):
    assert [part.text for part in opinion.paragraphs[:2]] == ["技术核查意见", "（供审查参考）"]
    assert headings(opinion, 1) == [
        "一、案卷信息", "二、核查结论", "三、逐条意见", "四、需补充的资料与需处理的事项", "五、数据缺陷与处理",
        "六、数据来源与版本", "七、签署",
    ]  # fmt: skip
    assert headings(opinion, 2) == [
        "1. 组团人口密度", "2. 路网密度", "3. 超高层建筑", "4. 生态廊道净宽度", "5. 可渗透面积占比", "6. 见绿见园",
        "7. 县城人口密度",
    ]  # fmt: skip


def test_the_case_the_result_and_the_figures(opinion):
    case = {row.cells[0].text: row.cells[1].text for row in opinion.tables[0].rows}
    assert case["项目名称"] == "鹤壁市淇滨区示例"
    assert case["文号"] == "鹤建综〔2023〕61号"
    assert case["核查年份"] == "2026"
    assert case["声明不涉及的图层"].startswith("灾害风险区、广场") or "广场" in case["声明不涉及的图层"]
    told = said(opinion)
    assert (
        "按《鹤壁市城乡建设领域碳达峰行动方案》核查 8 条：不符合 3 条（其中强制要求 2 条），"
        "无法判定（需补充资料） 1 条，未到期（暂未达标） 1 条，符合 1 条，仅监测（方案未定限值） 1 条，不涉及 1 条。"
        in told
    )
    assert "不符合强制要求的 2 条：组团人口密度、路网密度。" in told
    head, first = ([cell.text for cell in row.cells] for row in opinion.tables[1].rows[:2])
    assert head == ["序号", "规则", "条款", "实测", "限值", "结论"]
    assert first == [
        "1",
        "组团人口密度",
        "二（一）1",
        "1.24 万人/平方公里（12400 人/平方公里）",
        "≤ 10000 人/平方公里（1 万）",
        "✗ 不符合",
    ]
    assert len(opinion.tables[1].rows) == 1 + 8


def test_a_finding_says_figure_limit_clause_and_reason(opinion):
    dense = next(table for table in opinion.tables if table.cell(0, 0).text == "结论")
    rows = {row.cells[0].text: row.cells[1].text for row in dense.rows}
    assert rows["限值"] == "≤ 10000 人/平方公里（1 万）"
    assert rows["由来"] == "29016 人 ÷ 2.34 平方公里"
    assert rows["约束力"] == "强制要求"
    assert rows["条款依据"] == "鹤壁市城乡建设领域碳达峰行动方案 鹤建综〔2023〕61号 二（一）1"
    assert rows["规则编号"] == "cluster-population-density"
    assert "3 个对象中 1 个不符合" in rows["判定理由"]


def test_numbers_on_the_picture_are_keyed_to_the_subjects(opinion):
    table = next(table for table in opinion.tables if table.cell(0, 0).text == "图号")
    rows = [[cell.text for cell in row.cells[:2]] for row in table.rows[1:]]
    assert rows == [["1", "老城组团（1）"], ["2", "东区组团（2）"], ["3", "北区组团（3）"]]
    assert any("图中数字见下表" in text for text in said(opinion))


def test_a_picture_for_every_measured_rule_that_lies_somewhere(opinion):
    """Measured with shapes or an area under review: clusters, roads, heights, surface; not the two without either."""
    shapes = opinion.inline_shapes
    assert len(shapes) == 4
    captions = [text for text in said(opinion) if re.match(r"图 \d", text)]
    assert [text.split("：")[0] for text in captions] == [
        "图 1  组团人口密度", "图 2  路网密度", "图 3  超高层建筑", "图 4  可渗透面积占比",
    ]  # fmt: skip
    told = [shape._inline.docPr.get("descr") for shape in shapes]
    assert told[1] == "路网密度的静态图：不符合，实测 4 公里/平方公里，限值 > 8 公里/平方公里"
    picture = Image.open(
        io.BytesIO(opinion.part.related_parts[shapes[0]._inline.graphic.graphicData.pic.blipFill.blip.embed].blob)
    )
    assert picture.format == "PNG"
    section = opinion.sections[0]
    assert shapes[0].width <= section.page_width - section.left_margin - section.right_margin


def test_what_does_not_apply_is_named_and_not_gone_through(opinion):
    assert "不涉及的 1 条不再逐条说明：村庄选址安全。" in said(opinion)


def test_what_to_supply_is_listed(opinion):
    table = next(table for table in opinion.tables if [cell.text for cell in table.rows[0].cells][-1] == "需补充或处理")
    rows = {row.cells[1].text: row.cells[2].text for row in table.rows[1:]}
    assert list(rows) == ["组团人口密度", "路网密度", "超高层建筑", "生态廊道净宽度", "可渗透面积占比"]
    assert rows["生态廊道净宽度"] == "缺少 corridors（生态廊道）图层"
    assert "专项论证" in rows["超高层建筑"]
    assert rows["可渗透面积占比"].startswith("2030 年到期前须达到≥ 45%")


def test_the_signature_block_is_empty(opinion):
    rows = {row.cells[0].text: row.cells[1].text for row in opinion.tables[-1].rows}
    assert rows == dict.fromkeys(["审查意见", "核查人", "复核人", "审定人", "日期", "单位（盖章）"], "")


def test_only_mandatory_breaches_are_red(opinion):
    red = TONES["fail"][1].lstrip("#").upper()
    coloured = [
        "".join(text.text or "" for text in run.iter(qn("w:t")))
        for run in opinion.element.body.iter(qn("w:r"))
        for colour in run.iter(qn("w:color"))
        if colour.get(qn("w:val")) == red
    ]
    assert coloured
    assert [text for text in coloured if text != "✗ 不符合" and not text.startswith("不符合强制要求")] == []
    # In the summary, before their own tables and for one cluster: two rules and a subject.
    assert coloured.count("✗ 不符合") == 2 + 2 + 1


def test_page_header_footer_and_typefaces(opinion):
    section = opinion.sections[0]
    assert (section.page_width.cm, section.page_height.cm) == pytest.approx((21, 29.7), abs=0.01)
    assert section.header.paragraphs[0].text == "技术核查意见（供审查参考） · 内部资料"
    assert "不替代任何行政审批" in section.footer.paragraphs[0].text
    fields = [field.get(qn("w:instr")) for field in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    faces = {}
    for style in ("Normal", "Title", "Heading 1", "Heading 2", "核查表格文字", "Footer"):
        own = opinion.styles[style].element.rPr.rFonts
        faces[style] = None if own is None else (own.get(qn("w:eastAsia")), own.get(qn("w:asciiTheme")))
    assert faces["Normal"] == faces["Footer"] == ("仿宋_GB2312", None)
    assert faces["Title"] == faces["Heading 1"] == faces["Heading 2"] == ("黑体", None)
    assert faces["核查表格文字"] == ("仿宋_GB2312", None)


def test_tables_are_written_in_the_order_that_word_reads(opinion):
    """Word calls a file damaged whose table properties stand in another order."""
    order = ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook"]
    for table in opinion.tables:
        names = [part.tag.partition("}")[2] for part in table._tbl.tblPr]
        assert set(names) <= set(order)
        assert names == sorted(names, key=order.index)
        for row in table.rows:
            for cell in row.cells:
                names = [part.tag.partition("}")[2] for part in cell._tc.tcPr]
                assert names in (["tcW"], ["tcW", "shd"])


def test_in_english_no_word_of_ours_is_chinese(build, assessment, tmp_path):
    document = written(assessment, tmp_path / "r.docx", Language.EN)
    assert [part.text for part in document.paragraphs[:2]] == ["Technical opinion", "(in aid of the review)"]
    for text in [*headings(document, 1), *headings(document, 2), document.sections[0].footer.paragraphs[0].text]:
        assert not re.search("[\u4e00-\u9fff]", text), text
    first = [cell.text for cell in document.tables[1].rows[1].cells]
    assert first[3:] == ["12400 persons/km²", "≤ 10000 persons/km²", "✗ Does not comply"]


def test_words_come_in_both_languages():
    for table in (WORDS, PAPER_WORDS):
        for code, (zh, en) in table.items():
            assert zh, code
            assert en or code == "page-after", code
            assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en)), code


def test_the_same_assessment_gives_the_same_bytes(assessment, tmp_path):
    for name in ("one", "two"):
        written(assessment, tmp_path / f"{name}.docx")
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "two.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.docx") as held:
        assert {entry.date_time[0] for entry in held.infolist()} == {1980}


def test_without_context_the_legend_does_not_speak_of_grey(assessment, tmp_path):
    document = written(assessment, tmp_path / "r.docx", context=False)
    assert not any("灰色为报审图层背景" in text for text in said(document))


def test_pictures_past_the_fortieth_are_named(assessment, tmp_path, monkeypatch):
    monkeypatch.setattr(word_module, "MOST_PICTURES", 1)
    document = written(assessment, tmp_path / "r.docx")
    assert len(document.inline_shapes) == 1
    assert "本条附图从略，见 maps/road-network-density.html。" in said(document)


def test_long_lists_are_cut_and_it_is_said(build, tmp_path):
    """30 subjects in breach and 25 defects: twenty of each are listed."""
    subjects = tuple(Subject(str(n), None, 10.0 + n) for n in range(30))
    finding = judge(build.rule("r", "甲", "A", Unit.METRE, ("<=", 5)), Measurement(Unit.METRE, subjects), 2026)
    bad = build.words("坏", "bad")
    defects = tuple(Defect("buildings", str(n), "odd", Action.UNKNOWN, bad) for n in range(25))
    told = said(written(build.assessed({}, [finding], defects=defects), tmp_path / "r.docx"))
    assert "共 30 个对象，此处列出最靠前的 20 个；其余见 summary.xlsx。" in told
    assert "共 25 条，此处列出 20 条；其余见 summary.xlsx。" in told


def test_an_assessment_without_findings_still_gives_an_opinion(build, tmp_path):
    document = written(build.assessed({}, [], inputs=(), defects=(), none=frozenset()), tmp_path / "r.docx")
    told = said(document)
    assert "没有任何规则被核查。" in told
    assert "没有不符合强制要求的条文。" in told
    assert "没有需补充或处理的事项。" in told


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_stays_text_in_every_field(build, tmp_path, payload):
    """A payload as every name, id, path and message is read back as the same text; what cannot be shown is �."""
    layers = build.town(20)
    measured = build.heights(layers)
    text = build.words(payload, payload)
    frame = measured.evidence[0].frame.assign(subject=[payload], kind=[payload])
    shapes = replace(measured.evidence[0], rows=frame, legend={payload: (Tone.BREACH, text)})
    subject = Subject(payload, payload, 120.0, notes=(text,))
    measured = replace(measured, subjects=(subject, replace(subject, id="2")), notes=(text,), evidence=(shapes,))
    source = Source(payload, payload, payload)
    rule = build.rule("super-high-rise-control", payload, payload, Unit.METRE, ("<=", 100), source=source)
    assessment = build.assessed(
        layers,
        [judge(rule, measured, 2026)],
        name=payload,
        inputs=(Input(payload, "roads", "b" * 64, 1, payload, payload),),
        defects=(Defect(payload, payload, payload, Action.UNKNOWN, text),),
    )
    path = tmp_path / "r.docx"
    document = written(assessment, path)
    told = said(document)
    # Case, summary (title, clause), heading, clause, remarks, picture, subject, sources, defects.
    assert sum(shown(payload) in line for line in told) >= 10
    assert shown(payload) in headings(document, 2)[0]
    with zipfile.ZipFile(path) as held:
        main = held.read("word/document.xml").decode("utf-8")
    assert "<img" not in main
    assert "w:instrText" not in main
    assert "w:fldSimple" not in main


@pytest.fixture
def template(tmp_path):
    """A bureau's paper: landscape, a header of its own, text before and after, its own look of headings."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.header.paragraphs[0].text = "鹤壁市住房和城乡建设局"
    section.footer.paragraphs[0].text = "内部"
    document.styles["Heading 1"].font.size = Pt(28)
    document.add_paragraph("关于城市更新方案的技术核查")
    split = document.add_paragraph("{{核查")
    split.add_run("意见}}")
    document.add_paragraph("特此说明。")
    path = tmp_path / "template.docx"
    document.save(str(path))
    return path


def test_a_template_keeps_its_own(assessment, template, tmp_path):
    document = written(assessment, tmp_path / "r.docx", template=template)
    section = document.sections[0]
    assert (section.page_width.cm, section.page_height.cm) == pytest.approx((29.7, 21), abs=0.01)
    assert section.header.paragraphs[0].text == "鹤壁市住房和城乡建设局"
    assert section.footer.paragraphs[0].text == "内部"
    assert document.styles["Heading 1"].font.size == Pt(28)
    told = said(document)
    assert told[:3] == ["关于城市更新方案的技术核查", "技术核查意见", "（供审查参考）"]
    assert told[-1] == "特此说明。"
    assert not any(PLACEHOLDER in text for text in told)
    assert "不替代任何行政审批" in told[-2]


def test_without_the_placeholder_the_opinion_stands_at_the_end(assessment, template, tmp_path):
    document = docx.Document(str(template))
    document.paragraphs[1].clear()
    document.save(str(template))
    told = said(written(assessment, tmp_path / "r.docx", template=template))
    assert told[:4] == ["关于城市更新方案的技术核查", "", "特此说明。", "技术核查意见"]


def test_a_submission_that_says_the_placeholder_moves_nothing(build, template, tmp_path):
    """A project by the name of the placeholder, in a template without one and in one with it."""
    assessment = build.assessed({}, [], name=PLACEHOLDER)
    told = said(written(assessment, tmp_path / "r.docx", template=template))
    assert told[0] == "关于城市更新方案的技术核查"
    assert told[1] == "技术核查意见"
    assert told[-1] == "特此说明。"
    assert PLACEHOLDER in told
    document = docx.Document(str(template))
    document.paragraphs[1].clear()
    document.save(str(template))
    told = said(written(assessment, tmp_path / "r.docx", template=template))
    assert told.index("特此说明。") < told.index("技术核查意见") < told.index(PLACEHOLDER)


def test_text_beside_the_placeholder_stays(assessment, template, tmp_path):
    document = docx.Document(str(template))
    document.paragraphs[1].clear().add_run(f"意见如下：{PLACEHOLDER}")
    document.save(str(template))
    told = said(written(assessment, tmp_path / "r.docx", template=template))
    assert told[1:3] == ["意见如下：", "技术核查意见"]


def test_a_placeholder_in_a_table_is_filled(assessment, tmp_path):
    document = docx.Document()
    document.add_table(rows=1, cols=1).cell(0, 0).paragraphs[0].text = PLACEHOLDER
    path = tmp_path / "template.docx"
    document.save(str(path))
    filled = written(assessment, tmp_path / "r.docx", template=path)
    assert filled.tables[0].cell(0, 0).paragraphs[0].text == "技术核查意见"


def test_styles_that_a_template_lacks_are_added(assessment, tmp_path):
    document = docx.Document()
    for name in ("Subtitle", "Heading 2"):
        document.styles[name].delete()
    path = tmp_path / "template.docx"
    document.save(str(path))
    filled = written(assessment, tmp_path / "r.docx", template=path)
    assert len(headings(filled, 2)) == 7
    assert filled.styles["Heading 2"].element.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"


def test_the_same_template_gives_the_same_bytes(assessment, template, tmp_path):
    for name in ("one", "two"):
        written(assessment, tmp_path / f"{name}.docx", template=template)
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "two.docx").read_bytes()


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0 an old .doc", b"PK\x05\x06" + bytes(18), "xlsx", "dotx"])
def test_what_is_no_template_is_told(tmp_path, content):
    path = tmp_path / "template.docx"
    if content == "xlsx":
        import xlsxwriter

        xlsxwriter.Workbook(path).close()
    elif content == "dotx":
        docx.Document().save(str(path))
        with zipfile.ZipFile(path) as held:
            parts = {name: held.read(name) for name in held.namelist()}
        with zipfile.ZipFile(path, "w") as changed:
            for name, data in parts.items():
                changed.writestr(name, data.replace(b"document.main+xml", b"template.main+xml"))
    else:
        path.write_bytes(content)
    with pytest.raises(SubmissionError, match=r"不是可用的 Word 模板.*另存为 \.docx"):
        check_template(path)


def test_a_template_that_is_not_there_is_told(tmp_path, template):
    check_template(template)
    with pytest.raises(SubmissionError, match="找不到 Word 模板"):
        check_template(tmp_path / "none.docx")
    with pytest.raises(SubmissionError, match="找不到 Word 模板"):
        check_template(tmp_path)
