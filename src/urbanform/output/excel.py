"""``summary.xlsx``: findings, subjects, defects, sources, and for each rule the features that its figure rests on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, Verdict
from urbanform.model.measurement import Bounds, Tone
from urbanform.model.packed_frame import PackedFrame
from urbanform.model.roles import Geometry
from urbanform.output.cards import Card, card_of, worst_first
from urbanform.output.evidence import Table
from urbanform.output.opinion import (
    column_words,
    counted,
    facts,
    from_what,
    gravest_first,
    kind_words,
    makers,
    role_words,
    to_supply,
    told_figure,
)
from urbanform.output.sketch import brief, shared_out
from urbanform.output.store import write_whole
from urbanform.output.text import shown
from urbanform.output.words import WORDS as SHARED
from urbanform.output.words import limit_words, say, verdict_words
from urbanform.output.workbook import LONGEST_NAME, MOST_ROWS, Book, Cell, Column, Figure, Form, Linked, Toned
from urbanform.wording import Language, Words, own_words, unit_words

MOST_EVIDENCE_ROWS = 2000
MOST_DEFECTS = 5000
_WORST = (Tone.BREACH, Tone.UNKNOWN)

WORDS: dict[str, tuple[str, str]] = {
    "summary": ("汇总", "Summary"),
    "subjects": ("逐个对象", "Subjects"),
    "defects": ("数据缺陷", "Defects"),
    "sources": ("数据来源", "Sources"),
    "rule-id": ("规则编号", "Rule id"),
    "figure": ("实测值", "Figure"),
    "unit": ("单位", "Unit"),
    "low": ("下界", "At least"),
    "high": ("上界", "At most"),
    "due": ("到期年", "Due"),
    "number": ("文号", "Number"),
    "plan": ("文件", "Document"),
    "supply": ("需补充或处理", "To supply or do"),
    "remarks": ("说明", "Notes"),
    "subject-count": ("对象数", "Subjects"),
    "rows": ("依据要素表", "Features"),
    "map-file": ("地图", "Map"),
    "open-map": ("打开", "open"),
    "subject-id": ("对象编号", "Subject id"),
    "name": ("名称", "Name"),
    "fact": ("项目", "Item"),
    "value": ("内容", "Value"),
    "back": ("← 返回汇总", "← Back to the summary"),
    "counts": ("共 {total} 条：{counts}", "{total} rules: {counts}"),
    "count": ("{verdict} {count}", "{verdict}: {count}"),
    "count-red": ("{verdict} {count}（其中强制要求 {red}）", "{verdict}: {count} (mandatory: {red})"),
    "open-end": ("不限", "open"),
    "lines": ("线", "lines"),
    "points": ("点", "points"),
    "rows-all": ("依据要素 {total} 行，最突出的在前。", "{total} evidence rows, the weightiest first."),
    "rows-cut": (
        "依据要素共 {total} 行，此处列出最突出的 {shown} 行；全部要素见 evidence 数据，或加 --all-rows 重新生成本表。",
        "{total} evidence rows; the weightiest {shown} are listed here. All of them are in the evidence data, or in "
        "this file made again with --all-rows.",
    ),
    "rows-beyond": (
        "依据要素共 {total} 行，超出表格行数上限，此处列出 {shown} 行；全部要素见 evidence 数据。",
        "{total} evidence rows, more than a sheet holds; {shown} are listed here, all of them in the evidence data.",
    ),
    "subjects-cut": (
        "{rule}：共 {total} 个对象，此处列出最靠前的 {shown} 个；全部见 results.json，或加 --all-rows 重新生成本表。",
        "{rule}: {total} subjects; the first {shown} are listed here. All of them are in results.json, or in this file "
        "made again with --all-rows.",
    ),
    "defects-cut": (
        "数据缺陷共 {total} 条，此处列出 {shown} 条；全部见 results.json，或加 --all-rows 重新生成本表。",
        "{total} defects; {shown} are listed here. All of them are in results.json, or in this file made again with "
        "--all-rows.",
    ),
}


def write_excel(
    assessment: Assessment,
    tables: Sequence[Table],
    path: Path,
    language: Language,
    *,
    maps: Mapping[str, str],
    all_rows: bool = False,
) -> None:
    """Write ``summary.xlsx`` in one language, rule ids beside the titles.

    Every text of a submission is written as text, whatever it looks like; the cells of figures hold all their digits.
    The same assessment gives the same bytes.

    Parameters
    ----------
    tables
        The evidence as tables; with :func:`weightiest` rows of each, or all.
    maps
        Rule id → path of its map beside the file.
    all_rows
        Whether each rule's sheet lists every feature and subject; else the worst 2,000 of a rule, and it says so.

    Raises
    ------
    ReportError
        Where the file cannot be written.
    """
    write_whole(path, lambda draft: _Summary(assessment, tables, language, maps, all_rows).build(draft))


class _Summary:
    def __init__(
        self,
        assessment: Assessment,
        tables: Sequence[Table],
        language: Language,
        maps: Mapping[str, str],
        all_rows: bool,
    ) -> None:
        self.assessment, self.tables, self.language, self.maps = assessment, tables, language, maps
        self.all_rows = all_rows
        self.findings = worst_first(assessment.findings)
        self.cards = [card_of(finding, 0) for finding in self.findings]

    def build(self, path: Path) -> None:
        title = f"{self.assessment.submission.name} · {say('report-title').say(self.language)}"
        with Book(path, title, say("footer").say(self.language)) as book:
            names = {code: book.name(self.own(code)) for code in ("summary", "subjects", "defects", "sources")}
            of_rule = {finding.rule.id: self._sheets(finding, book) for finding in self.findings}
            self._summary(book, names["summary"], title, of_rule)
            self._subjects(book, names["subjects"])
            self._defects(book, names["defects"])
            self._sources(book, names["sources"])
            for finding, card in zip(self.findings, self.cards, strict=True):
                self._features(book, finding, card, of_rule[finding.rule.id], names["summary"])

    def own(self, code: str, **values: object) -> str:
        return own_words(WORDS, code, **values).say(self.language)

    def say(self, code: str) -> str:
        return say(code).say(self.language)

    def _sheets(self, finding: Finding, book: Book) -> list[tuple[str, Table]]:
        """The sheets of a rule's evidence by name: a Chinese title or an English id, each fits a tab."""
        found = []
        for table in self.tables:
            if table.rule == finding.rule.id:
                ending, stem = "", finding.rule.title.zh if self.language is Language.ZH else finding.rule.id
                if table.geometry is not Geometry.POLYGON:
                    made_of = self.own(f"{table.geometry}s")
                    ending = f"（{made_of}）" if self.language is Language.ZH else f" {made_of}"
                found.append((book.name(stem[: LONGEST_NAME - len(ending)] + ending), table))
        return found

    def _summary(self, book: Book, name: str, title: str, of_rule: Mapping[str, Sequence[tuple[str, Table]]]) -> None:
        sheet = book.sheet(name)
        told = [f"{label.say(self.language)}：{value.say(self.language)}" for label, value in facts(self.assessment)]
        if self.language is Language.EN:
            told = [line.replace("：", ": ", 1) for line in told]
        counts = " · ".join(self._count(*row) for row in counted(self.assessment))
        book.line(sheet, 0, title, bold=True, font_size=15)
        book.line(sheet, 1, " · ".join(told[1:]), font_color="#4d555e")
        book.line(sheet, 2, self.own("counts", total=len(self.findings), counts=counts), bold=True)
        book.line(sheet, 3, self.say("footer"), font_color="#4d555e")
        book.line(sheet, 4, self.say("internal"), font_color="#a33600")
        book.table(sheet, 6, list(self._summary_columns(of_rule)), freeze_columns=1, printed=11)

    def _count(self, verdict: Verdict, count: int, red: int) -> str:
        told = verdict_words(verdict).say(self.language)
        return self.own("count-red" if red else "count", verdict=told, count=count, red=red)

    def _summary_columns(self, of_rule: Mapping[str, Sequence[tuple[str, Table]]]) -> Iterator[Column]:
        found, cards, language = self.findings, self.cards, self.language
        links: list[Cell] = []
        for finding in found:
            sheets = of_rule[finding.rule.id]
            count = sum(table.total for _, table in sheets)
            links.append(Linked(f"{count:,}", f"internal:'{sheets[0][0]}'!A1") if sheets else None)
        yield Column(self.say("rule"), [card.title.say(language) for card in cards], Form.LONG, 24)
        yield Column(self.own("rule-id"), [card.rule for card in cards], Form.LONG, 20)
        told = [told_figure(finding.measured, finding.bounds, finding).say(language) for finding in found]
        toned = [Toned(f"{card.glyph} {card.verdict.say(language)}", card.style) for card in cards]
        yield Column(self.say("verdict"), toned, Form.LONG, 18)
        yield Column(self.say("measured"), told, Form.LONG, 22)
        yield Column(self.say("limit"), [card.limit.say(language) for card in cards], Form.LONG, 20)
        yield Column(self.own("due"), [finding.due for finding in found], Form.YEAR)
        yield Column(self.say("severity"), [card.weight.say(language) for card in cards], Form.LONG, 18)
        yield Column(self.say("clause"), [finding.rule.source.clause for finding in found], Form.LONG, 14)
        yield Column(self.own("plan"), [finding.rule.source.document or "" for finding in found], Form.LONG, 22)
        yield Column(self.say("reason"), [card.reason.say(language) for card in cards], Form.LONG)
        yield Column(self.own("supply"), [_lines(to_supply(finding), language) for finding in found], Form.LONG)
        yield Column(self.own("figure"), [_figure(finding.measured, finding) for finding in found], Form.NUMBER)
        yield Column(self.own("low"), [self._end(finding.bounds, 0, finding) for finding in found], Form.NUMBER)
        yield Column(self.own("high"), [self._end(finding.bounds, 1, finding) for finding in found], Form.NUMBER)
        yield Column(self.own("unit"), [_unit(finding).say(language) for finding in found])
        yield Column(self.say("of"), [_said(from_what(card.quantities), language) for card in cards])
        yield Column(self.own("number"), [finding.rule.source.number or "" for finding in found])
        yield Column(self.own("remarks"), [_lines(card.notes, language) for card in cards], Form.LONG, 60)
        yield Column(self.own("subject-count"), [card.subjects for card in cards], Form.WHOLE)
        yield Column(self.own("rows"), links)
        opened, maps = self.own("open-map"), [self.maps.get(finding.rule.id) for finding in found]
        yield Column(self.own("map-file"), [Linked(opened, f"external:{path}") if path else None for path in maps])

    def _subjects(self, book: Book, name: str) -> None:
        language = self.language
        rows, cut = [], []
        for finding, card in zip(self.findings, self.cards, strict=True):
            listed = finding.subjects if self.all_rows else finding.subjects[:MOST_EVIDENCE_ROWS]
            told = card_of(finding, len(listed)).rows
            rows += [(finding, card, item, row) for item, row in zip(listed, told, strict=True)]
            if len(listed) < len(finding.subjects):
                title = card.title.say(language)
                cut.append(self.own("subjects-cut", rule=title, total=len(finding.subjects), shown=len(listed)))
        sheet = book.sheet(name)
        book.line(sheet, 0, self.own("subjects"), bold=True, font_size=13)
        for place, text in enumerate(cut, start=1):
            book.line(sheet, place, text, font_color="#a33600")
        columns = [
            Column(self.say("rule"), [card.title.say(language) for _, card, _, _ in rows], Form.LONG, 24),
            Column(self.own("rule-id"), [card.rule for _, card, _, _ in rows], Form.LONG, 20),
            Column(self.own("subject-id"), [item.subject.id for _, _, item, _ in rows], Form.LONG, 20),
            Column(self.own("name"), [item.subject.name or "" for _, _, item, _ in rows], Form.LONG, 24),
            Column(
                self.say("verdict"),
                [Toned(f"{row.glyph} {row.verdict.say(language)}", row.style) for _, _, _, row in rows],
                Form.LONG,
                18,
            ),
            Column(self.say("measured"), [row.measured.say(language) for _, _, _, row in rows], Form.LONG, 22),
            Column(self.say("limit"), [limit_words(item.limit).say(language) for _, _, item, _ in rows], Form.LONG, 20),
            Column(self.say("reason"), [row.reason.say(language) for _, _, _, row in rows], Form.LONG),
            Column(self.own("remarks"), [_lines(row.notes, language) for _, _, _, row in rows], Form.LONG),
            Column(self.own("figure"), [_figure(item.subject.value, f) for f, _, item, _ in rows], Form.NUMBER),
            Column(self.own("low"), [self._end(item.subject.bounds, 0, f) for f, _, item, _ in rows], Form.NUMBER),
            Column(self.own("high"), [self._end(item.subject.bounds, 1, f) for f, _, item, _ in rows], Form.NUMBER),
            Column(self.own("unit"), [_unit(finding).say(language) for finding, _, _, _ in rows]),
        ]
        book.table(sheet, len(cut) + 2, columns, printed=9)

    def _defects(self, book: Book, name: str) -> None:
        every = gravest_first(self.assessment.submission.defects)
        listed = every[: MOST_ROWS if self.all_rows else MOST_DEFECTS]
        sheet = book.sheet(name)
        book.line(sheet, 0, self.own("defects"), bold=True, font_size=13)
        if not every:
            book.line(sheet, 1, self.say("defects-nothing"))
        elif len(listed) < len(every):
            book.line(sheet, 1, self.own("defects-cut", total=len(every), shown=len(listed)), font_color="#a33600")
        whole = self.say("whole-layer")
        columns = [
            Column(self.say("layer"), [role_words(defect.layer).say(self.language) for defect in listed]),
            Column(self.say("feature"), [defect.feature or whole for defect in listed]),
            Column(self.say("defect"), [defect.message.say(self.language) for defect in listed], Form.LONG, 80),
            Column(self.say("action"), [self.say(f"action-{defect.action}") for defect in listed]),
            Column(self.say("count"), [defect.count for defect in listed], Form.WHOLE),
            Column(self.say("column-kind"), [defect.kind for defect in listed]),
        ]
        book.table(sheet, 3, columns)

    def _sources(self, book: Book, name: str) -> None:
        language = self.language
        sheet = book.sheet(name)
        book.line(sheet, 0, self.own("sources"), bold=True, font_size=13)
        told = [*facts(self.assessment), *makers(self.assessment)]
        for place, (label, value) in enumerate(told, start=1):
            gap = "：" if language is Language.ZH else ": "
            book.line(sheet, place, f"{label.say(language)}{gap}{value.say(language)}")
        read = sorted(self.assessment.submission.inputs, key=lambda item: (item.path, item.role))
        columns = [
            Column(self.say("file"), [item.path for item in read], Form.LONG),
            Column(self.say("role"), [role_words(item.role).say(language) for item in read]),
            Column(self.say("features"), [item.features for item in read], Form.WHOLE),
            Column(self.say("crs"), [item.crs or "" for item in read]),
            Column(self.say("encoding"), [item.encoding or "" for item in read]),
            Column("sha256", [item.sha256 for item in read], Form.LONG, 68),
        ]
        book.table(sheet, len(told) + 2, columns)

    def _features(
        self, book: Book, finding: Finding, card: Card, sheets: Sequence[tuple[str, Table]], summary: str
    ) -> None:
        """The sheets of a rule; its 2,000 rows are shared out among them."""
        totals = [table.total for _, table in sheets]
        allowed = (
            [min(total, MOST_ROWS) for total in totals] if self.all_rows else shared_out(MOST_EVIDENCE_ROWS, totals)
        )
        for (name, table), most in zip(sheets, allowed, strict=True):
            total = table.total
            sheet = book.sheet(name, card.style)
            note = "rows-all" if most == total else "rows-beyond" if self.all_rows else "rows-cut"
            heading = f"{card.title.say(self.language)}（{card.rule}）"
            figures = f"{card.verdict.say(self.language)} · {self.say('measured')} {card.measured.say(self.language)}"
            limit = f"{self.say('limit')} {card.limit.say(self.language)} · {card.source}"
            book.line(sheet, 0, heading, bold=True, font_size=13)
            book.line(sheet, 1, f"{figures} · {limit}")
            colour = "#4d555e" if most == total else "#a33600"
            book.line(sheet, 2, self.own(note, total=f"{total:,}", shown=f"{most:,}"), font_color=colour)
            book.link(sheet, 3, Linked(self.own("back"), f"internal:'{summary}'!A1"))
            book.table(sheet, 4, list(self._feature_columns(finding, table, most)))

    def _feature_columns(self, finding: Finding, table: Table, most: int) -> Iterator[Column]:
        kinds, named = kind_words(finding), column_words(finding)
        verdicts = {item.subject.id: verdict_words(item.verdict).say(self.language) for item in finding.subjects}
        frame = table.frame
        frame = frame.iloc[_weightiest(frame["kind"], finding)[:most]]
        told = {kind: kinds[kind].say(self.language) for kind in frame["kind"].unique() if kind in kinds}
        yield Column(self.say("column-kind_zh"), [told.get(kind, kind) for kind in frame["kind"]])
        for name in frame.columns:
            if name in ("kind", "kind_zh", frame.geometry.name):
                continue
            values = frame[name]
            if name == "verdict" and "subject" in frame:
                yield Column(
                    self.say("column-verdict"), [verdicts.get(str(key), "") if key else "" for key in frame["subject"]]
                )
                continue
            yield Column(self._heading(name, named, table), _cells(values), _form(values))

    def _heading(self, name: str, named: Mapping[str, Words], table: Table) -> str:
        if name in named:
            return named[name].say(self.language)
        code = f"column-{name}"
        return self.say(code) if code in SHARED else name if self.language is Language.EN else table.aliases[name]

    def _end(self, bounds: Bounds | None, end: int, finding: Finding) -> Cell:
        if bounds is None:
            return None
        value = (bounds.low, bounds.high)[end]
        return self.own("open-end") if value is None else _figure(value, finding)


def weightiest(table: Table, finding: Finding) -> Table:
    """A table with no more rows than a sheet lists where not all are asked for."""
    if table.total <= MOST_EVIDENCE_ROWS:
        return table
    rows = table.rows
    if isinstance(rows, PackedFrame):
        return replace(table, rows=rows.take(_weightiest(rows.column("kind"), finding)[:MOST_EVIDENCE_ROWS]))
    return replace(table, rows=rows.iloc[_weightiest(rows["kind"], finding)[:MOST_EVIDENCE_ROWS]])


def _weightiest(kinds: pd.Series, finding: Finding) -> np.ndarray:
    """The rows in the order given by the check, breaches before all others, then what is unknown."""
    tones = {kind: tone for shapes in finding.evidence for kind, (tone, _) in shapes.legend.items()}
    ranks = {kind: _WORST.index(tone) if tone in _WORST else len(_WORST) for kind, tone in tones.items()}
    rank = kinds.map(ranks).fillna(len(_WORST)).to_numpy()
    return np.argsort(rank, kind="stable")


def _cells(values: pd.Series) -> list[Cell]:
    blank = values.isna().to_numpy()
    return [None if gone else value for value, gone in zip(values.tolist(), blank, strict=True)]


def _form(values: pd.Series) -> Form:
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return Form.TEXT
    return Form.WHOLE if pd.api.types.is_integer_dtype(values) else Form.NUMBER


def _figure(value: float | None, finding: Finding) -> Figure | None:
    """A figure with the decimals that a reader wants; beside its limit it keeps those that tell the two apart."""
    if value is None or not np.isfinite(value):
        return None
    return Figure(float(value), len(brief(float(value), finding.rule.limits).partition(".")[2]))


def _unit(finding: Finding) -> Words:
    unit = finding.measurement.unit if finding.measurement else finding.limit.unit if finding.limit else ""
    return unit_words(str(unit)) if unit else Words("unit", "", "")


def _said(words: Words | None, language: Language) -> str:
    return "" if words is None else words.say(language)


def _lines(many: Sequence[Words], language: Language) -> str:
    return "\n".join(shown(words.say(language)) for words in many)
