"""What the pages over a batch say, worked out once: the state of each submission, the rules, the margins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from urbanform.model.finding import Verdict
from urbanform.output.palette import GLYPHS
from urbanform.wording import Words, figure, own_words, unit_words

WORDS: dict[str, tuple[str, str]] = {
    "title": ("批量核查总表", "Batch of checks"),
    "submissions": ("{count} 份成果", "{count} submissions"),
    "submission": ("成果", "Submission"),
    "state": ("情况", "State"),
    "state-breach": ("有不符合项", "Breaches found"),
    "state-open": ("有待补充资料", "Data to be supplied"),
    "state-clear": ("无不符合项", "No breach"),
    "state-refused": ("未能读入", "Could not be read"),
    "state-failed": ("未能完成", "Not completed"),
    "search": ("按名称筛选", "Filter by name"),
    "rule-filter": ("只看一条规则", "One rule only"),
    "every-rule": ("全部规则", "every rule"),
    "matrix": ("成果 × 规则", "Submissions × rules"),
    "matrix-hint": (
        "点击上方情况、输入名称或选择规则可筛选；点击单元格打开该条地图，点击成果名称打开报告。",
        "Filter by state, name or rule; a cell opens the map of its rule, a name the report.",
    ),
    "nowhere": ("各份成果均不涉及：{rules}", "Not applicable to any submission: {rules}"),
    "margins": ("差距最大与最接近限值者", "Furthest past, and nearest to, their limits"),
    "margins-hint": (
        "余量为实测值与限值之差占限值的百分比，负数为超出。限值为 0 的规则不在此列。",
        "The margin is the distance to the limit as a share of it; negative is past it. Limits of 0 are not listed.",
    ),
    "margin": ("余量", "Margin"),
    "margins-none": ("没有可比较的数值。", "There are no figures to compare."),
    "unfinished": ("没有结论的成果", "Submissions without a result"),
    "unfinished-none": ("每份成果都有结论。", "Every submission has a result."),
    "what-to-do": ("原因与处理办法", "Why, and what to do"),
    "others": ("未作为成果处理的文件", "Files that are no submissions"),
    "others-hint": (
        "以下文件不是文件夹、zip 或 GeoPackage，未核查；压缩成 .rar、.7z 的请先解压：",
        "These are no folders, zips or GeoPackages and were not checked; unpack .rar and .7z first:",
    ),
    "rule": ("规则", "Rule"),
    "rule-id": ("规则代码", "Rule id"),
    "verdict": ("结论", "Verdict"),
    "severity": ("约束力", "Weight"),
    "measured": ("实测", "Measured"),
    "low": ("下界", "Low"),
    "high": ("上界", "High"),
    "unit": ("单位", "Unit"),
    "limit": ("限值", "Limit"),
    "due": ("到期年", "Due"),
    "exit": ("退出码", "Exit status"),
    "rejected": ("弃用图层", "Layers set aside"),
    "sheet-matrix": ("总表", "Overview"),
    "sheet-long": ("逐条", "Rule by rule"),
    "sheet-unfinished": ("无结论", "Without result"),
    "switch-language": ("English", "中文"),
    "footer": (
        "本表为辅助审查的技术核查结果，不替代任何行政审批、审查意见或法定程序。",
        "This is a technical check in aid of the review; it replaces no administrative approval, opinion or "
        "statutory procedure.",
    ),
}


def say(code: str, /, **values: object) -> Words:
    """The message of a code in :data:`WORDS` with its placeholders filled."""
    return own_words(WORDS, code, **values)


class State(StrEnum):
    """How a submission came out of a batch, the worst first."""

    BREACH = "breach"
    FAILED = "failed"
    REFUSED = "refused"
    OPEN = "open"
    CLEAR = "clear"


STATE_LOOKS = {
    State.BREACH: (GLYPHS[Verdict.FAIL], "fail"),
    State.FAILED: ("!", "fail-soft"),
    State.REFUSED: ("!", "fail-soft"),
    State.OPEN: (GLYPHS[Verdict.UNDETERMINED], "undetermined"),
    State.CLEAR: (GLYPHS[Verdict.PASS], "pass"),
}
"""The sign and the style of each state."""


def state_of(row: Mapping[str, Any]) -> State:
    """The state of a row by its exit status; a child that died has none."""
    states = {0: State.CLEAR, 1: State.BREACH, 2: State.REFUSED, 3: State.OPEN}
    return states.get(row["exit"], State.FAILED)


@dataclass(frozen=True, slots=True)
class Rule:
    """One column of the table; ``applies`` is False where no submission of the batch is bound by it."""

    id: str
    title: Words
    applies: bool


def rules_of(items: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Every rule of a batch in the order in which it first appears."""
    titles: dict[str, Words] = {}
    applies: dict[str, bool] = {}
    for _, result in _results(items):
        told = result["title"] or {"zh": result["rule"], "en": result["rule"]}
        titles.setdefault(result["rule"], Words(result["rule"], told["zh"], told["en"]))
        applies[result["rule"]] = applies.get(result["rule"], False) or result["verdict"] != Verdict.NOT_APPLICABLE
    return [Rule(name, title, applies[name]) for name, title in titles.items()]


def margins_of(items: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Rows and results that have a margin, the furthest past the limit first."""
    found = [(row, result) for row, result in _results(items) if result["margin"] is not None]
    return sorted(found, key=lambda pair: (pair[1]["margin"], pair[0]["item"], pair[1]["rule"]))


def _results(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for row in items:
        for result in row["results"]:
            yield row, result


def measured_words(result: Mapping[str, Any]) -> Words:
    """A result's figure, or the span within which it lies, with its unit; a dash where nothing is known."""
    unit = unit_words(result["unit"]) if result["unit"] else Words("", "", "")
    low, high = result["bounds"] or (None, None)
    if result["measured"] is not None:
        told = figure(result["measured"])
    elif low is None and high is None:
        return Words("none", "—", "—")
    else:
        told = f"{'…' if low is None else figure(low)}–{'…' if high is None else figure(high)}"
    return Words("measured", f"{told} {unit.zh}".strip(), f"{told} {unit.en}".strip())


def limit_text(result: Mapping[str, Any]) -> str:
    """A result's limit as it is printed; a dash where it has none."""
    limit = result["limit"]
    if limit is None:
        return "—"
    if isinstance(limit["value"], list):
        return "–".join(figure(end) for end in limit["value"])
    signs = {"<=": "≤", ">=": "≥"}
    return f"{signs.get(limit['op'], limit['op'])} {figure(limit['value'])}"
