"""The command line: the only part that prints, and the only one that knows exit statuses."""

import codecs
import os
import sys
from contextlib import nullcontext
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from urbanform.beginning import begin
from urbanform.cli_split import register as register_split
from urbanform.collector import seldom_collected
from urbanform.console import ProgressLine, print_batch, print_summary, print_survey, show, table_of
from urbanform.ending import leave
from urbanform.wording import Language, words

if TYPE_CHECKING:
    from urbanform.model.assessment import Assessment

app = typer.Typer(
    name="urbanform",
    help="按城乡建设碳达峰方案核查 GIS 成果 · Check GIS submissions against carbon-peak plans.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
rules_app = typer.Typer(help="规则包 · Rule packs.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(rules_app, name="rules")


class Exit(IntEnum):
    """Exit statuses of the commands."""

    DONE = 0
    BREACH = 1
    INPUT = 2
    OPEN = 3
    BROKEN = 4


Lang = Annotated[Language, typer.Option("--lang", help="输出语言 · language of messages and report")]


@app.command()
def check(
    submission: Annotated[Path, typer.Argument(help="成果文件夹、zip 或 GeoPackage · folder, zip or GeoPackage")],
    rules: Annotated[str | None, typer.Option("--rules", help="规则包 id 或文件 · pack id or file")] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="city | county-seat | renewal | village")] = None,
    as_of: Annotated[int | None, typer.Option("--as-of", min=1990, max=2200, help="按哪一年判定 · year")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="只查此条 · only this rule")] = None,
    manifest: Annotated[Path | None, typer.Option("--manifest", help="另用的 submission.yaml")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="输出文件夹 · output folder")] = None,
    evidence: Annotated[str, typer.Option("--evidence", help="gpkg | shp")] = "gpkg",
    basemap: Annotated[str | None, typer.Option("--basemap", help="底图 · tianditu | tianditu-img | URL")] = None,
    no_context: Annotated[bool, typer.Option("--no-context", help="地图不画背景图层 · no context layers")] = False,
    compare_osm: Annotated[
        Path | None, typer.Option("--compare-osm", help="与 urbanform osm 所写文件夹比对道路 · compare roads")
    ] = None,
    all_rows: Annotated[bool, typer.Option("--all-rows", help="Excel 列出全部行 · all rows in Excel")] = False,
    word_template: Annotated[
        Path | None, typer.Option("--word-template", help="本单位的 Word 模板 · your own .docx")
    ] = None,
    lang: Lang = Language.ZH,
) -> None:
    """核查一份成果，写出结论、地图和报告 · Check one submission; write verdicts, maps and report."""

    def run() -> int:
        from urbanform.review import Options, out_folder
        from urbanform.review import check as review

        given = _existing(submission)
        options = Options(
            rules=rules,
            kinds=_kinds(kind),
            as_of=as_of,
            only=tuple(only or ()),
            manifest=manifest,
            language=lang,
            evidence="shp" if _one_of("--evidence", evidence, ("gpkg", "shp")) == "shp" else "gpkg",
            context=not no_context,
            basemap=basemap,
            all_rows=all_rows,
            word_template=word_template,
        )
        folder = out or out_folder(given)
        compare = _comparison(compare_osm)
        with ProgressLine(lang) as progress:
            assessment = review(given, folder, options, progress.calls())
            told = compare(given, folder, manifest, lang)
        print_summary(assessment, folder, lang)
        told()
        return _status(assessment)

    _guarded(run, lang)


@app.command()
def batch(
    root: Annotated[Path, typer.Argument(help="放着多份成果的文件夹 · folder of submissions")],
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 · output folder")],
    rules: Annotated[str | None, typer.Option("--rules", help="规则包 id 或文件 · pack id or file")] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="city | county-seat | renewal | village")] = None,
    as_of: Annotated[int | None, typer.Option("--as-of", min=1990, max=2200, help="按哪一年判定 · year")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="同时核查几份 · how many at a time")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="接着做，没变的不重做 · go on where it stopped")] = False,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="tcp://HOST:PORT，Dask 集群 · on a Dask cluster")
    ] = None,
    lang: Lang = Language.ZH,
) -> None:
    """逐份核查一个文件夹里的成果 · Check every submission of a folder."""

    def run() -> int:
        from urbanform.batch.cluster import cluster
        from urbanform.batch.run import run_batch
        from urbanform.review import Options

        options = Options(rules=rules, kinds=_kinds(kind), as_of=as_of, language=lang)
        with ProgressLine(lang) as progress, cluster(scheduler) if scheduler else nullcontext() as pool:
            done = run_batch(_existing(root), out, options, jobs, resume, scheduler=pool, tell=progress.step)
        print_batch(done, lang)
        return done.status

    _guarded(run, lang)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="check 写出的结果文件夹 · folder that check wrote")],
    submission: Annotated[Path | None, typer.Option("--submission", help="成果现在的位置 · where it lies now")] = None,
    lang: Lang = Language.ZH,
) -> None:
    """按记录重新核查并比对 · Run a recorded check again and compare."""

    def run() -> int:
        from urbanform.verify import verify as again

        with ProgressLine(lang) as progress:
            found = again(_existing(folder), submission, progress.calls())
        for said in (*found.notes, *found.differences):
            typer.echo(said.say(lang))
        if found.same:
            typer.echo(words("verified", folder=str(folder)).say(lang))
        return Exit.DONE if found.same else Exit.BREACH

    _guarded(run, lang)


@app.command()
def osm(
    place_or_file: Annotated[str, typer.Argument(help="地名，或 .osm / .osm.pbf 文件 · place or file")],
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 · output folder")],
    lang: Lang = Language.ZH,
) -> None:
    """用 OpenStreetMap 做一份成果 · Make a submission from OpenStreetMap."""

    def run() -> int:
        from urbanform.cli_osm import print_made
        from urbanform.osm import make

        with ProgressLine(lang) as progress:
            made = make(place_or_file, out, progress.tell)
        print_made(made, lang)
        return Exit.DONE

    _guarded(run, lang)


@app.command()
def inspect(
    submission: Annotated[Path, typer.Argument(help="成果文件夹、zip 或 GeoPackage · folder, zip or GeoPackage")],
    rules: Annotated[str | None, typer.Option("--rules", help="规则包 id 或文件 · pack id or file")] = None,
    manifest: Annotated[Path | None, typer.Option("--manifest", help="另用的 submission.yaml")] = None,
    json_out: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    lang: Lang = Language.ZH,
) -> None:
    """看一份成果里有什么，不量算 · Show what a submission holds; measures nothing."""

    def run() -> int:
        import json

        from urbanform.survey import survey

        found = survey(_existing(submission), manifest, rules)
        if json_out:
            typer.echo(json.dumps(found.as_json(lang), ensure_ascii=False, indent=1))
        else:
            print_survey(found, lang)
        return Exit.DONE

    _guarded(run, lang)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="成果文件夹 · the submission's folder")],
    lang: Lang = Language.ZH,
) -> None:
    """在文件夹里写一份带说明的 submission.yaml · Write a commented submission.yaml into a folder."""

    def run() -> int:
        from urbanform.survey import write_draft

        typer.echo(words("init-written", path=str(write_draft(_existing(folder)))).say(lang))
        return Exit.DONE

    _guarded(run, lang)


@rules_app.command("list")
def rules_list(lang: Lang = Language.ZH) -> None:
    """列出自带的规则包 · List the packs that come with urbanform."""

    def run() -> int:
        from urbanform.intake.rule_packs import pack_ids, read_rule_pack

        table = table_of(*(words(f"column-{name}").say(lang) for name in ("pack", "title", "document", "rules")))
        for name in pack_ids():
            pack = read_rule_pack(name)
            table.add_row(name, pack.title.say(lang), pack.document.number or "—", str(len(pack.rules)))
        show(table)
        return Exit.DONE

    _guarded(run, lang)


@rules_app.command("show")
def rules_show(pack: str, lang: Lang = Language.ZH) -> None:
    """逐条显示一个规则包 · Show a pack rule by rule."""

    def run() -> int:
        from urbanform.cli_handbook import print_handbook
        from urbanform.intake.rule_packs import read_rule_pack

        print_handbook(read_rule_pack(pack), lang)
        return Exit.DONE

    _guarded(run, lang)


@rules_app.command("validate")
def rules_validate(file: str, lang: Lang = Language.ZH) -> None:
    """检查规则包文件有无错误 · Look for faults in a pack file."""

    def run() -> int:
        from urbanform.errors import RulePackError
        from urbanform.intake.rule_packs import pack_ids, read_rule_pack

        if file not in pack_ids() and not Path(file).is_file():
            read_rule_pack(file)
        try:
            found = read_rule_pack(file)
        except RulePackError as error:
            typer.echo(error.say(lang), err=True)
            return Exit.BREACH
        typer.echo(words("pack-valid", pack=found.id, count=len(found.rules)).say(lang))
        return Exit.DONE

    _guarded(run, lang)


@rules_app.command("diff")
def rules_diff(pack_a: str, pack_b: str, lang: Lang = Language.ZH) -> None:
    """逐条比较两个规则包 · Show rule by rule what differs between two packs."""

    def run() -> int:
        from urbanform.intake.rule_packs import read_rule_pack
        from urbanform.model.rules import told_apart

        one, other = read_rule_pack(pack_a), read_rule_pack(pack_b)
        found = told_apart(one, other)
        if not found:
            typer.echo(words("packs-alike").say(lang))
            return Exit.DONE
        table = table_of(words("column-rule").say(lang), one.id, other.id)
        for rule, (mine, theirs) in found.items():
            table.add_row(
                rule, *("\n".join(f"{key}: {value}" for key, value in said.items()) or "—" for said in (mine, theirs))
            )
        show(table)
        return Exit.BREACH

    _guarded(run, lang)


@rules_app.command("schema")
def rules_schema() -> None:
    """输出规则包的 JSON Schema · Print the JSON Schema of rule packs."""
    import json

    from urbanform.intake.pack_text import pack_schema

    typer.echo(json.dumps(pack_schema(), ensure_ascii=False, indent=2))


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="版本 · version")] = False,
) -> None:
    """按城乡建设碳达峰方案核查 GIS 成果 · Check GIS submissions against carbon-peak plans."""
    if version:
        import urbanform

        typer.echo(f"urbanform {urbanform.__version__}")
        raise typer.Exit


def run() -> None:
    """The entry point: consoles in any code page get every character that they can show.

    One that says it is ASCII has no locale set and is written UTF-8, as Python (PEP 540) and click do.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            unset = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding="utf-8" if unset else None, errors="replace")
    begin()
    try:
        with seldom_collected():
            app()
    except SystemExit as ended:
        if isinstance(ended.code, int):
            leave(ended.code)
        raise


def _comparison(osm_folder: Path | None) -> Any:
    """Compares roads with a folder of OpenStreetMap, writes what it finds, and gives what prints it.

    It never changes a verdict: where a submission cannot be compared, that is said and no more.
    """
    from urbanform.comparison import compare, osm_roads, remove_older, write_comparison
    from urbanform.errors import SubmissionError

    theirs = None if osm_folder is None else osm_roads(_existing(osm_folder))

    def run(given: Path, folder: Path, manifest: Path | None, lang: Language) -> Any:
        from urbanform.cli_osm import print_comparison

        remove_older(folder)
        if theirs is None:
            return lambda: None
        try:
            found = compare(given, theirs, manifest)
        except SubmissionError as error:
            told = error.say(lang)
            return lambda: typer.echo(told)
        write_comparison(found, folder, lang)
        return lambda: print_comparison(found, folder, lang)

    return run


def _existing(submission: Path) -> Path:
    from urbanform.review import Usage

    if not submission.exists():
        raise Usage(words("submission-not-found", path=str(submission)))
    return submission


def _kinds(names: list[str] | None) -> tuple[Any, ...]:
    from urbanform.model.rules import Kind

    return tuple(Kind(_one_of("--kind", name, [str(kind) for kind in Kind])) for name in names or ())


def _one_of(option: str, value: str, known: Any) -> str:
    from urbanform.intake.faults import did_you_mean
    from urbanform.review import Usage

    if value not in known:
        raise Usage(words("option-unknown", option=option, value=value, hint=did_you_mean(value, list(known))))
    return value


def _guarded(command: Any, lang: Language) -> None:
    """Run a command; every fault becomes one message and an exit status, never a traceback."""
    from urbanform.errors import ReportError, UrbanformError

    try:
        status = command()
    except ReportError as error:
        typer.echo(error.say(lang), err=True)
        status = Exit.BROKEN
    except UrbanformError as error:
        typer.echo(error.say(lang), err=True)
        status = Exit.INPUT
    except (KeyboardInterrupt, typer.Exit, typer.Abort):
        raise
    except Exception as error:
        if os.environ.get("URBANFORM_DEBUG"):
            raise
        typer.echo(words("bug", kind=type(error).__name__, what=str(error)[:300]).say(lang), err=True)
        status = Exit.BROKEN
    raise typer.Exit(int(status))


def _status(assessment: "Assessment") -> int:
    from urbanform.model.finding import Verdict

    found = {finding.verdict for finding in assessment.findings}
    if Verdict.FAIL in found:
        return Exit.BREACH
    if Verdict.UNDETERMINED in found or not found & {Verdict.PASS, Verdict.PENDING, Verdict.INFO}:
        return Exit.OPEN
    return Exit.DONE


register_split(app, _guarded)
