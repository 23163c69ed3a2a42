"""``batch.xlsx``: the batch as a workbook for Excel and WPS: overview, rule by rule, and what has no result."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from urbanform.model.finding import Verdict
from urbanform.model.rules import Severity
from urbanform.output.batch_table import STATE_LOOKS, limit_text, rules_of, say, state_of
from urbanform.output.store import write_whole
from urbanform.output.words import say as say_report
from urbanform.output.words import verdict_words
from urbanform.output.workbook import Book, Cell, Column, Form, Linked, Toned
from urbanform.wording import Language, unit_words


def write_batch_book(found: Mapping[str, Any], path: Path, language: Language) -> None:
    """Write the workbook of a batch; the same bytes for the same content.

    Text is kept as text, whatever it begins with; submissions are linked to their reports.

    Parameters
    ----------
    found
        What ``batch.json`` holds.
    language
        The language of the workbook.

    Raises
    ------
    ReportError
        Where the file cannot be written.
    """
    items = found["items"]
    sheets = {
        "sheet-matrix": _overview(items, language),
        "sheet-long": _rule_by_rule(items, language),
        "sheet-unfinished": _unfinished(items, language),
    }

    def build(draft: Path) -> None:
        with Book(draft, say("title").say(language), say("footer").say(language)) as book:
            for code, columns in sheets.items():
                sheet = book.sheet(book.name(say(code).say(language)))
                book.table(sheet, 0, columns, freeze_columns=1)

    write_whole(path, build)


def _overview(items: Sequence[Mapping[str, Any]], language: Language) -> list[Column]:
    rules = [rule for rule in rules_of(items) if rule.applies]
    by_rule = [{result["rule"]: result for result in row["results"]} for row in items]
    return [
        _column("submission", [_linked(row) for row in items], language),
        _column("state", [_state(row, language) for row in items], language),
        _column("exit", [row["exit"] for row in items], language, Form.WHOLE),
        _column("rejected", [row["defects"].get("rejected", 0) for row in items], language, Form.WHOLE),
        *(
            Column(rule.title.say(language), [_verdict(results.get(rule.id), language) for results in by_rule])
            for rule in rules
        ),
    ]


def _rule_by_rule(items: Sequence[Mapping[str, Any]], language: Language) -> list[Column]:
    pairs = [(row, result) for row in items for result in row["results"]]
    results = [result for _, result in pairs]
    ends = [result["bounds"] or (None, None) for result in results]
    shares = [None if result["margin"] is None else result["margin"] * 100 for result in results]
    return [
        _column("submission", [_linked(row) for row, _ in pairs], language),
        _column("rule", [(result["title"] or {}).get(str(language), result["rule"]) for result in results], language),
        _column("rule-id", [result["rule"] for result in results], language),
        _column("verdict", [_verdict(result, language) for result in results], language),
        _column(
            "severity", [say_report(f"severity-{result['severity']}").say(language) for result in results], language
        ),
        _column("measured", [result["measured"] for result in results], language, Form.NUMBER),
        _column("low", [low for low, _ in ends], language, Form.NUMBER),
        _column("high", [high for _, high in ends], language, Form.NUMBER),
        _column(
            "unit",
            [unit_words(result["unit"]).say(language) if result["unit"] else None for result in results],
            language,
        ),
        _column("limit", [limit_text(result) for result in results], language),
        _column("due", [result["due"] for result in results], language, Form.YEAR),
        Column(f"{say('margin').say(language)} %", shares, Form.NUMBER),
    ]


def _unfinished(items: Sequence[Mapping[str, Any]], language: Language) -> list[Column]:
    rows = [row for row in items if not row["results"]]
    told = ["\n".join(message[str(language)] for message in row["messages"]) for row in rows]
    return [
        _column("submission", [row["item"] for row in rows], language),
        _column("state", [_state(row, language) for row in rows], language),
        Column(say("what-to-do").say(language), told, Form.LONG, most=90),
    ]


def _column(code: str, cells: Sequence[Cell], language: Language, form: Form = Form.TEXT) -> Column:
    return Column(say(code).say(language), cells, form)


def _linked(row: Mapping[str, Any]) -> Cell:
    """A submission's name; it leads to its report, unless the path would be read as another one."""
    if row["out"] is None or "#" in row["out"] or "%" in row["out"]:
        return str(row["item"])
    return Linked(row["item"], f"external:{row['out']}/report.html")


def _state(row: Mapping[str, Any], language: Language) -> Toned:
    state = state_of(row)
    return Toned(say(f"state-{state}").say(language), STATE_LOOKS[state][1])


def _verdict(result: Mapping[str, Any] | None, language: Language) -> Toned | None:
    if result is None:
        return None
    verdict = Verdict(result["verdict"])
    soft = verdict is Verdict.FAIL and result["severity"] != Severity.MANDATORY
    return Toned(verdict_words(verdict).say(language), "fail-soft" if soft else str(verdict))
