"""``index.html`` over a batch: submissions × rules, filters, margins, and what has no result and why."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from urbanform.model.finding import Verdict
from urbanform.model.rules import Severity
from urbanform.output.batch_table import (
    STATE_LOOKS,
    State,
    limit_text,
    margins_of,
    measured_words,
    rules_of,
    say,
    state_of,
)
from urbanform.output.figure import TEMPLATES, asset, content_policy
from urbanform.output.palette import GLYPHS
from urbanform.output.store import write_whole
from urbanform.output.text import shown
from urbanform.output.words import verdict_words
from urbanform.wording import Language, Words, figure

MOST_MARGINS = 30


def write_batch_page(found: Mapping[str, Any], path: Path, language: Language) -> None:
    """Write the page of a batch, which loads nothing from outside itself; it links to the submissions' own reports.

    Parameters
    ----------
    found
        What ``batch.json`` holds.
    language
        The language that the page opens in; a button changes it.

    Raises
    ------
    ReportError
        Where the file cannot be written.
    """
    page = TEMPLATES.get_template("page.html.j2").render(
        title=say("title").say(language),
        language=str(language),
        policy=content_policy(),
        header="",
        styles=[asset("urbanform_css"), asset("urbanform_report_css"), _own("batch.css")],
        body=Markup(TEMPLATES.get_template("index.html.j2").render(_context(found))),
        data={},
        page_script=asset("urbanform_page"),
        script=_own("batch.js"),
    )
    write_whole(path, page.encode("utf-8"))


def _own(file: str) -> Markup:
    return Markup((Path(str(resources.files("urbanform.output"))) / "assets" / file).read_text(encoding="utf-8"))


def _context(found: Mapping[str, Any]) -> dict[str, object]:
    items = found["items"]
    states = [state_of(row) for row in items]
    rules = rules_of(items)
    return {
        "say": say,
        "total": len(items),
        "facts": sorted({f"{row['pack']} · {row['as_of']}" for row in items if row["pack"]}),
        "states": [(str(state), say(f"state-{state}"), *STATE_LOOKS[state], states.count(state)) for state in State],
        "rules": [rule for rule in rules if rule.applies],
        "nowhere": [rule.title for rule in rules if not rule.applies],
        "rows": [_row(row, rules) for row in items],
        "margins": [_margin(row, result) for row, result in margins_of(items)[:MOST_MARGINS]],
        "unfinished": [_row(row, rules) for row in items if not row["results"]],
        "others": found["not_submissions"],
        "versions": found["versions"],
    }


def _row(row: Mapping[str, Any], rules: list[Any]) -> dict[str, object]:
    state = state_of(row)
    glyph, style = STATE_LOOKS[state]
    by_rule = {result["rule"]: result for result in row["results"]}
    return {
        "item": row["item"],
        "name": row["name"] if row["name"] not in (None, row["item"]) else "",
        "report": None if row["out"] is None else f"{quote(row['out'])}/report.html",
        "state": str(state),
        "glyph": glyph,
        "style": style,
        "told": say(f"state-{state}"),
        "messages": [Words("message", message["zh"], message["en"]) for message in row["messages"]],
        "cells": [_cell(row, by_rule.get(rule.id), rule.title) for rule in rules if rule.applies],
    }


def _cell(row: Mapping[str, Any], result: Mapping[str, Any] | None, title: Words) -> dict[str, object] | None:
    if result is None:
        return None
    verdict = Verdict(result["verdict"])
    said, told = verdict_words(verdict), measured_words(result)
    soft = verdict is Verdict.FAIL and result["severity"] != Severity.MANDATORY
    page = result["map"] or "report.html"
    limit = limit_text(result)
    return {
        "rule": result["rule"],
        "glyph": GLYPHS[verdict],
        "style": "fail-soft" if soft else str(verdict),
        "verdict": said,
        "figure": "" if result["measured"] is None else figure(result["measured"]),
        "href": f"{quote(row['out'])}/{quote(page)}",
        "hint": f"{title.zh} · {said.zh} · {told.zh}（{limit}）\n{title.en} · {said.en} · {told.en} ({limit})",
    }


def _margin(row: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, object]:
    title = result["title"] or {"zh": result["rule"], "en": result["rule"]}
    return {
        "item": row["item"],
        "cell": _cell(row, result, Words(result["rule"], title["zh"], title["en"])),
        "title": Words(result["rule"], shown(title["zh"]), shown(title["en"])),
        "measured": measured_words(result),
        "limit": limit_text(result),
        "margin": f"{result['margin'] * 100:+.1f} %",
    }
