"""What the commands print: tables that stay readable in 140 columns, and the line that tells progress."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from urbanform.wording import Language, Words, figure, words

if TYPE_CHECKING:
    from urbanform.batch.run import BatchSummary, Step
    from urbanform.model.assessment import Assessment
    from urbanform.model.finding import Finding
    from urbanform.survey import Survey


class ProgressLine:
    """A line on a terminal that says what is being done; silent elsewhere."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang
        self.status: Any = None

    def __enter__(self) -> "ProgressLine":
        if sys.stderr.isatty():
            from rich.console import Console

            self.status = Console(stderr=True).status("…")
            self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is not None:
            self.status.stop()

    def calls(self) -> Any:
        from urbanform.review import Progress

        return Progress(
            reading=lambda path: self.tell(words("reading", path=path)),
            measuring=lambda rule: self.tell(words("measuring", rule=rule.title.say(self.lang))),
            writing=lambda: self.tell(words("writing")),
        )

    def step(self, step: "Step") -> None:
        """How far a batch is."""
        left = words("batch-left", minutes=max(1, round(step.left_s / 60))) if step.left_s is not None else ""
        self.tell(words("batch-step", done=step.done, total=step.total, item=step.row["item"], left=left))

    def tell(self, told: Words) -> None:
        """Put a message in the place of the one before."""
        if self.status is not None:
            from rich.markup import escape

            self.status.update(escape(told.say(self.lang)))


GLYPHS = {"pass": "✔", "fail": "✘", "pending": "◔", "undetermined": "?", "not-applicable": "–", "info": "i"}


def print_summary(assessment: "Assessment", folder: Path, lang: Language) -> None:
    from urbanform.model.finding import Verdict, say_limit

    columns = ("verdict", "rule", "measured", "limit", "clause")
    table = table_of(*(words(f"column-{name}").say(lang) for name in columns))
    for finding in assessment.findings:
        limit = "—" if finding.limit is None else say_limit(finding.limit).say(lang)
        if finding.due is not None:
            limit += f" ({finding.due})"
        table.add_row(
            f"{GLYPHS[finding.verdict]} {words(f'verdict-{finding.verdict}').say(lang)}",
            f"{finding.rule.title.say(lang)}\n{finding.rule.id}",
            _measured(finding),
            limit,
            finding.rule.source.clause,
        )
    typer.echo(f"{assessment.submission.name} · {assessment.pack.title.say(lang)} · {assessment.as_of}")
    show(table)
    for finding in assessment.findings:
        if finding.verdict in (Verdict.FAIL, Verdict.UNDETERMINED):
            typer.echo(f"{GLYPHS[finding.verdict]} {finding.rule.id}: {finding.reason.say(lang)}")
    rejected = [defect for defect in assessment.submission.defects if defect.action == "rejected"]
    for defect in rejected:
        typer.echo(f"! {defect.message.say(lang)}")
    typer.echo(words("written", folder=str(folder)).say(lang))


def print_batch(done: "BatchSummary", lang: Language) -> None:
    """Print a row per submission of a batch, and where the rest stands."""
    kinds = ("fail", "undetermined", "pending", "pass")
    headings = [words(f"verdict-{kind}").say(lang) for kind in kinds]
    table = table_of(words("column-item").say(lang), *headings, words("column-note").say(lang))
    for row in done.rows:
        counts = [sum(result["verdict"] == kind for result in row["results"]) for kind in kinds]
        told = [message[str(lang)] for message in row["messages"]]
        table.add_row(row["item"], *(str(count or "") for count in counts), "\n".join(told))
    show(table)
    typer.echo(words("batch-done", count=len(done.rows), kept=done.kept, folder=str(done.folder)).say(lang))


def print_survey(found: "Survey", lang: Language) -> None:
    typer.echo(f"{found.name} · {words('working-crs', crs=found.working_crs or '—').say(lang)}")
    names = ("layer", "role", "why", "features", "crs", "encoding", "fields")
    layers = table_of(*(words(f"column-{name}").say(lang) for name in names))
    for column, widest in zip(layers.columns, (28, 20, 26, 8, 11, 8, 27), strict=True):
        column.max_width = widest
    for layer in found.layers:
        mark = "" if layer.accepted or layer.role is None else words("not-accepted").say(lang)
        used = ", ".join(f"{name}={column}" for name, column in layer.fields.items())
        rest = ", ".join(layer.unused[:6]) + (" …" if len(layer.unused) > 6 else "")
        layers.add_row(
            layer.path,
            "—" if layer.role is None else f"{layer.role}{mark}",
            "" if layer.geometry is None and layer.features is None else layer.why.say(lang),
            "—" if layer.features is None else str(layer.features),
            layer.crs or "—",
            layer.encoding or "—",
            "\n".join(part for part in (used, words("unused-fields", fields=rest).say(lang) if rest else "") if part),
        )
    show(layers)
    unused = next((layer.path for layer in found.layers if layer.role is None and layer.geometry is not None), None)
    if unused is not None:
        show(words("how-to-use", path=unused).say(lang))
    if found.defects:
        tally: dict[tuple[str, str, str], list[Any]] = {}
        for defect in found.defects:
            entry = tally.setdefault((defect.layer, defect.kind, str(defect.action)), [0, defect.message])
            entry[0] += defect.count
        defects = table_of(
            *(words(f"column-{name}").say(lang) for name in ("layer", "action", "count", "kind-of-defect"))
        )
        for (name, _, action), (count, message) in tally.items():
            defects.add_row(name, words(f"action-{action}").say(lang), str(count), message.say(lang))
        show(defects)
    if found.lacking is not None:
        if not found.lacking:
            typer.echo(words("nothing-lacking", pack=found.pack).say(lang))
        lacking = table_of(*(words(f"column-{name}").say(lang) for name in ("rule", "lacking")))
        for rule, wanted in found.lacking.items():
            lacking.add_row(rule, ", ".join(wanted))
        if found.lacking:
            show(lacking)


def _measured(finding: "Finding") -> str:
    from urbanform.model.finding import say_end

    if finding.bounds is not None and finding.measured is None:
        return f"{say_end(finding.bounds, 0)} – {say_end(finding.bounds, 1)}"
    return "—" if finding.measured is None else figure(finding.measured)


def table_of(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def show(table: Any) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 140, markup=False, highlight=False)
    console.print(table)
