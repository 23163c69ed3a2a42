"""``report.docx``: the technical opinion for the file, in aid of the review, with static maps and a signature block."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, Verdict
from urbanform.output.cards import Card, Row, card_of, worst_first
from urbanform.output.opinion import (
    counted,
    facts,
    from_what,
    gravest_first,
    makers,
    role_words,
    to_supply,
    told_figure,
)
from urbanform.output.palette import RAMP
from urbanform.output.paper import CAPTION_STYLE, TABLE_STYLE, Box, Ink, Paper
from urbanform.output.picture import MOST_NUMBERED, Picture, Pictures
from urbanform.output.store import write_whole
from urbanform.output.text import shown
from urbanform.output.words import limit_words, say, verdict_words
from urbanform.output.workbook import TONES
from urbanform.wording import Language, Words, own_words

MOST_PICTURES = 40
MOST_SUBJECTS, MOST_OF_IDLE = MOST_NUMBERED, 5
"""Subjects that are listed of a rule that is missed or open, and of one that is met or only watched."""
WIDE, NARROW = 0.86, 0.6
"""Shares of the page's width that their pictures take."""
MOST_DEFECTS = 20
MOST_NOTES = 8

WORDS: dict[str, tuple[str, str]] = {
    "title": ("技术核查意见", "Technical opinion"),
    "in-aid": ("（供审查参考）", "(in aid of the review)"),
    "header": ("技术核查意见（供审查参考） · 内部资料", "Technical opinion, in aid of the review · internal"),
    "footer": (
        "本意见为辅助审查的技术核查结果，不替代任何行政审批、审查意见或法定程序。",
        "This is a technical check in aid of the review; it replaces no administrative approval, opinion or statutory "
        "procedure.",
    ),
    "page-before": ("第 ", "Page "),
    "page-between": (" 页 共 ", " of "),
    "page-after": (" 页", ""),
    "case": ("一、案卷信息", "1. The case"),
    "result": ("二、核查结论", "2. Result"),
    "opinions": ("三、逐条意见", "3. Rule by rule"),
    "supply": ("四、需补充的资料与需处理的事项", "4. What to supply and to do"),
    "defects": ("五、数据缺陷与处理", "5. Defects of the data, and what was done"),
    "sources": ("六、数据来源与版本", "6. Where it all comes from"),
    "signature": ("七、签署", "7. Signatures"),
    "result-said": (
        "按《{plan}》核查 {total} 条：{counts}。",
        "{total} rules of “{plan}” were checked: {counts}.",
    ),
    "count": ("{verdict} {count} 条", "{verdict}: {count}"),
    "count-red": ("{verdict} {count} 条（其中强制要求 {red} 条）", "{verdict}: {count} (mandatory: {red})"),
    "no-red": ("没有不符合强制要求的条文。", "No mandatory clause is breached."),
    "red": (
        "不符合强制要求的 {count} 条：{rules}。",
        "{count} mandatory clauses are breached: {rules}.",
    ),
    "order": ("序号", "No."),
    "rule": ("规则", "Rule"),
    "rule-id": ("规则编号", "Rule id"),
    "basis": ("条款依据", "Clause"),
    "method-at": (
        "量算方法与交互地图见 report.html；逐个对象与依据要素见 summary.xlsx 和 evidence 数据。",
        "Methods and interactive maps stand in report.html; subjects and evidence in summary.xlsx and the evidence "
        "data.",
    ),
    "not-applicable": (
        "不涉及的 {count} 条不再逐条说明：{rules}。",
        "{count} rules do not apply and are not gone through: {rules}.",
    ),
    "figure-name": ("图 {number}  {rule}", "Figure {number}  {rule}"),
    "legend": ("图例：", "Legend: "),
    "grey": ("灰色为报审图层背景。", "Grey: the layers handed in."),
    "numbers": ("图中数字见下表“图号”。", "Numbers in the figure: see the table below."),
    "figure-elsewhere": ("本条附图从略，见 {path}。", "The figure is left out here; see {path}."),
    "on-figure": ("图号", "Fig. no."),
    "subjects-cut": (
        "共 {total} 个对象，此处列出最靠前的 {shown} 个；其余见 summary.xlsx。",
        "{total} subjects; the first {shown} are listed here, the rest in summary.xlsx.",
    ),
    "notes-cut": ("另有 {count} 条说明见 report.html。", "{count} more notes stand in report.html."),
    "nothing-to-supply": ("没有需补充或处理的事项。", "There is nothing to supply or to do."),
    "asked": ("需补充或处理", "To supply or do"),
    "defects-cut": (
        "共 {total} 条，此处列出 {shown} 条；其余见 summary.xlsx。",
        "{total} in all; {shown} are listed here, the rest in summary.xlsx.",
    ),
    "sign-check": ("核查人", "Checked by"),
    "sign-review": ("复核人", "Reviewed by"),
    "sign-approve": ("审定人", "Approved by"),
    "sign-seal": ("单位（盖章）", "Office (seal)"),
    "sign-date": ("日期", "Date"),
    "sign-opinion": ("审查意见", "Opinion of the reviewer"),
    "alt": (
        "{rule}的静态图：{verdict}，实测 {measured}，限值 {limit}",
        "Map of {rule}: {verdict}, {measured}, limit {limit}",
    ),
}


def write_word(
    assessment: Assessment,
    path: Path,
    language: Language,
    *,
    maps: Mapping[str, str],
    context: bool = True,
    template: Path | None = None,
) -> None:
    """Write ``report.docx`` in one language.

    Breaches come first, then what could not be decided; rules that do not apply are named and not gone through. The
    same assessment and template give the same bytes.

    Parameters
    ----------
    maps
        Rule id → path of its interactive map, named where a picture is left out (after the fortieth).
    context
        Whether the layers handed in are drawn in grey behind the evidence.
    template
        A bureau's own .docx; see :class:`~urbanform.output.paper.Paper`.

    Raises
    ------
    SubmissionError
        Where the template cannot be used.
    ReportError
        Where the file cannot be written.
    """
    opinion = _Opinion(assessment, language, maps, context)
    write_whole(path, opinion.written(template))


class _Opinion:
    def __init__(self, assessment: Assessment, language: Language, maps: Mapping[str, str], context: bool) -> None:
        self.assessment, self.language, self.maps, self.context = assessment, language, maps, context
        self.findings = worst_first(assessment.findings)
        self.cards = [card_of(finding, MOST_OF_IDLE if _idle(finding) else MOST_SUBJECTS) for finding in self.findings]
        self.pictures = Pictures(assessment, context=context)
        self.drawn = 0

    def own(self, code: str, **values: object) -> str:
        return own_words(WORDS, code, **values).say(self.language)

    def say(self, code: str, **values: object) -> str:
        return say(code, **values).say(self.language)

    def written(self, template: Path | None) -> bytes:
        """The document as bytes."""
        paper = Paper(
            template,
            title=f"{self.assessment.submission.name} · {self.own('title')}",
            header=self.own("header"),
            footer=self.own("footer"),
            page=(self.own("page-before"), self.own("page-between"), self.own("page-after")),
        )
        paper.title(self.own("title"), self.own("in-aid"))
        self._case(paper)
        self._result(paper)
        self._opinions(paper)
        self._supply(paper)
        self._defects(paper)
        self._sources(paper)
        self._signature(paper)
        return paper.saved()

    def _case(self, paper: Paper) -> None:
        paper.heading(self.own("case"), 1)
        rows = [
            (Box(label.say(self.language), "#eef1f3", bold=True), value.say(self.language))
            for label, value in facts(self.assessment)
        ]
        paper.table(rows, (1, 3.2), head=0)
        paper.text(self.say("internal"), style=TABLE_STYLE)

    def _result(self, paper: Paper) -> None:
        language = self.language
        paper.heading(self.own("result"), 1)
        counts = []
        for verdict, count, red_count in counted(self.assessment):
            told = verdict_words(verdict).say(language)
            code = "count-red" if red_count else "count"
            counts.append(self.own(code, verdict=told, count=count, red=red_count))
        plan = self.assessment.pack.title.say(language)
        joined = ("，" if language is Language.ZH else "; ").join(counts)
        paper.text(self.own("result-said", plan=plan, total=len(self.findings), counts=joined or "–"))
        red = [card.title for card in self.cards if card.style == "fail"]
        said = self.own("red", count=len(red), rules=_joined(red, language)) if red else self.own("no-red")
        paper.text(Ink(said, TONES["fail"][1] if red else None, bold=bool(red)))
        head = [self.own("order"), self.own("rule"), self.say("clause"), self.say("measured"), self.say("limit")]
        rows: list[Sequence[Box | str]] = [[*head, self.say("verdict")]]
        for number, (finding, card) in enumerate(zip(self.findings, self.cards, strict=True), start=1):
            measured = told_figure(finding.measured, finding.bounds, finding).say(language)
            texts = [str(number), card.title.say(language), finding.rule.source.clause, measured]
            rows.append([*texts, card.limit.say(language), self._verdict(card)])
        if self.findings:
            paper.table(rows, (0.7, 3, 1.6, 3, 2.2, 2.4))
        else:
            paper.text(self.say("no-findings"))

    def _verdict(self, card: Card | Row) -> Box:
        fill, letters = TONES[card.style]
        return Box(f"{card.glyph} {card.verdict.say(self.language)}", fill, letters, bold=card.style == "fail")

    def _opinions(self, paper: Paper) -> None:
        paper.heading(self.own("opinions"), 1)
        paper.text(self.own("method-at"), style=TABLE_STYLE)
        idle = []
        for number, (finding, card) in enumerate(zip(self.findings, self.cards, strict=True), start=1):
            if finding.verdict is Verdict.NOT_APPLICABLE:
                idle.append(card.title)
            else:
                self._finding(paper, number, finding, card)
        if idle:
            paper.text(self.own("not-applicable", count=len(idle), rules=_joined(idle, self.language)))

    def _finding(self, paper: Paper, number: int, finding: Finding, card: Card) -> None:
        language = self.language
        paper.heading(f"{number}. {card.title.say(language)}", 2)
        derived = from_what(card.quantities)
        rows: list[Sequence[Box | str]] = [
            (self.say("verdict"), self._verdict(card)),
            (self.say("measured"), told_figure(finding.measured, finding.bounds, finding).say(language)),
            (self.say("limit"), card.limit.say(language)),
            *([(self.say("of"), derived.say(language))] if derived else []),
            (self.say("severity"), card.weight.say(language)),
            (self.own("basis"), card.source),
            (self.own("rule-id"), card.rule),
            (self.say("reason"), card.reason.say(language)),
        ]
        labelled = [(Box(str(label), "#f6f7f8", bold=True), value) for label, value in rows]
        paper.table(labelled, (1, 5), head=0, together=True)
        if card.remedy:
            paper.text(Ink(self.say("remedy"), bold=True), keep=True)
            for said in card.remedy:
                paper.text(said.say(language))
        for note in card.notes[:MOST_NOTES]:
            paper.text(f"· {note.say(language)}", style=TABLE_STYLE)
        if len(card.notes) > MOST_NOTES:
            paper.text(self.own("notes-cut", count=len(card.notes) - MOST_NOTES), style=TABLE_STYLE)
        picture = self._picture(paper, finding, card)
        if len(finding.subjects) > 1:
            self._subjects(paper, finding, card, picture.numbered if picture else ())

    def _picture(self, paper: Paper, finding: Finding, card: Card) -> Picture | None:
        language = self.language
        if finding.measurement is None:
            return None
        if self.drawn >= MOST_PICTURES:
            if card.rule in self.maps:
                paper.text(self.own("figure-elsewhere", path=self.maps[card.rule]), style=TABLE_STYLE)
            return None
        picture = self.pictures.of(finding, len(card.rows))
        if picture is None:
            return None
        self.drawn += 1
        title, verdict = card.title.say(language), card.verdict.say(language)
        measured, limit = card.measured.say(language), card.limit.say(language)
        told = self.own("alt", rule=title, verdict=verdict, measured=measured, limit=limit)
        paper.picture(picture.png, told, NARROW if _idle(finding) else WIDE)
        name = self.own("figure-name", number=self.drawn, rule=f"{title}：{verdict}，{self.say('measured')} {measured}")
        paper.text(Ink(name if language is Language.ZH else name.replace("：", ": ").replace("，", ", "), bold=True),
                   style=CAPTION_STYLE, keep=True)  # fmt: skip
        paper.text(*self._legend(picture), style=CAPTION_STYLE)
        for note in picture.notes:
            paper.text(note.say(language), style=CAPTION_STYLE)
        return picture

    def _legend(self, picture: Picture) -> list[Ink]:
        """The legend as a line of signs in the colours of the picture."""
        inks = [Ink(self.own("legend"), bold=True)]
        if picture.framed:
            inks += [Ink("┅ ", "#333333", bold=True), Ink(f"{self.say('legend-frame')}   ")]
        for key in picture.keys:
            if not key.drawn:
                continue
            told = key.words.say(self.language)
            if key.top is not None:
                inks += [Ink("■", colour) for colour in RAMP]
                inks.append(
                    Ink(f" {told}（0–{key.top}）   " if self.language is Language.ZH else f" {told} (0–{key.top})   ")
                )
                continue
            sign = {"polygon": "■", "line": "┅" if key.dashed else "━"}.get(key.shape, "●")
            if key.shape == "polygon" and key.fill is None:
                sign = "□"
            inks += [Ink(f"{sign} ", (key.fill or key.stroke) if sign in "■●" else key.stroke), Ink(f"{told}   ")]
        if picture.outline is not None:
            inks += [Ink("□ ", picture.outline, bold=True), Ink(f"{self.say('legend-breaching')}   ")]
        if self.context:
            inks.append(Ink(self.own("grey")))
        if picture.numbered:
            inks.append(Ink(("" if self.language is Language.ZH else " ") + self.own("numbers")))
        return inks

    def _subjects(self, paper: Paper, finding: Finding, card: Card, numbered: tuple[str, ...]) -> None:
        language = self.language
        rows: list[Sequence[Box | str]] = [
            [self.own("on-figure"), self.say("subject"), self.say("measured"), self.say("limit"), self.say("verdict"),
             self.say("reason")]
        ]  # fmt: skip
        for item, row in zip(finding.subjects, card.rows, strict=False):
            number = str(numbered.index(row.id) + 1) if row.id in numbered else "–"
            called = f"{row.name}（{row.id}）" if row.name and row.name != row.id else row.id
            measured = told_figure(item.subject.value, item.subject.bounds, finding).say(language)
            limit = limit_words(item.limit).say(language)
            rows.append([number, called, measured, limit, self._verdict(row), row.reason.say(language)])
        paper.table(rows, (0.7, 2, 2, 1.7, 1.7, 4.1))
        if len(finding.subjects) > len(card.rows):
            cut = self.own("subjects-cut", total=len(finding.subjects), shown=len(card.rows))
            paper.text(cut, style=TABLE_STYLE)

    def _supply(self, paper: Paper) -> None:
        paper.heading(self.own("supply"), 1)
        rows: list[Sequence[Box | str]] = [[self.own("order"), self.own("rule"), self.own("asked")]]
        for finding, card in zip(self.findings, self.cards, strict=True):
            asked = to_supply(finding)
            if asked:
                told = "\n".join(shown(words.say(self.language)) for words in asked)
                rows.append([str(len(rows)), card.title.say(self.language), told])
        if len(rows) > 1:
            paper.table(rows, (0.7, 2.6, 8))
        else:
            paper.text(self.own("nothing-to-supply"))

    def _defects(self, paper: Paper) -> None:
        every = gravest_first(self.assessment.submission.defects)
        paper.heading(self.own("defects"), 1)
        if not every:
            paper.text(self.say("defects-nothing"))
            return
        rows: list[Sequence[Box | str]] = [
            [self.say(code) for code in ("layer", "feature", "defect", "action", "count")]
        ]
        for defect in every[:MOST_DEFECTS]:
            layer, message = role_words(defect.layer).say(self.language), defect.message.say(self.language)
            feature = self.say("whole-layer") if defect.feature is None else defect.feature
            rows.append([layer, feature, message, self.say(f"action-{defect.action}"), f"{defect.count:,}"])
        paper.table(rows, (1.6, 1.6, 5.2, 1.7, 0.9))
        if len(every) > MOST_DEFECTS:
            paper.text(self.own("defects-cut", total=len(every), shown=MOST_DEFECTS), style=TABLE_STYLE)

    def _sources(self, paper: Paper) -> None:
        paper.heading(self.own("sources"), 1)
        rows: list[Sequence[Box | str]] = [
            [*(self.say(code) for code in ("file", "role", "features", "crs", "encoding")), "sha256"]
        ]
        for item in sorted(self.assessment.submission.inputs, key=lambda item: (item.path, item.role)):
            count = "" if item.features is None else f"{item.features:,}"
            role = role_words(item.role).say(self.language)
            rows.append([item.path, role, count, item.crs or "", item.encoding or "", f"{item.sha256[:16]}…"])
        if len(rows) > 1:
            paper.table(rows, (3, 2, 1.2, 1.8, 1.4, 2.6))
        gap = "：" if self.language is Language.ZH else ": "
        for label, value in makers(self.assessment):
            paper.text(f"{label.say(self.language)}{gap}{value.say(self.language)}", style=TABLE_STYLE)

    def _signature(self, paper: Paper) -> None:
        """Empty places to be filled by hand; what is signed is the bureau's own."""
        paper.heading(self.own("signature"), 1)
        labels = ("sign-opinion", "sign-check", "sign-review", "sign-approve", "sign-date", "sign-seal")
        rows = [(Box(self.own(code), "#f6f7f8", bold=True), "") for code in labels]
        paper.table(rows, (1, 5), head=0, tall=(3.2, 1, 1, 1, 1, 1), together=True)
        paper.text(self.own("footer"), style=TABLE_STYLE)


def _idle(finding: Finding) -> bool:
    """Whether nothing is to be done about a finding."""
    return finding.verdict in (Verdict.PASS, Verdict.INFO)


def _joined(many: Sequence[Words], language: Language) -> str:
    return ("、" if language is Language.ZH else ", ").join(words.say(language) for words in many)
