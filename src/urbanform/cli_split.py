"""``split``: the command, and what it prints."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from urbanform.console import ProgressLine, show, table_of
from urbanform.wording import Language, Words, own_words

if TYPE_CHECKING:
    from urbanform.split import Summary

WORDS: dict[str, tuple[str, str]] = {
    "area": ("区", "area"),
    "size": ("面积（平方公里）", "area (km²)"),
    "cut": ("有要素的图层", "layers with features"),
    "none": ("区内没有（不涉及）", "none here (declared)"),
    "empty": ("区内没有（须补）", "none here (to be supplied)"),
    "set-aside": ("不能用", "cannot be used"),
    "fault": ("{role}（{key}）未切分：{fault}", "{role} ({key}) was not cut: {fault}"),
    "not-found": ("找不到 {path}。请核对路径", "There is no {path}. Check the path"),
    "cutting": ("正在切分 {path}", "cutting {path}"),
    "made": (
        "已写入 {folder}：{count} 份，每份外扩 {margin} 米；各图层要素数见 {folder}/parts.json。"
        "可运行 urbanform batch {folder} --out 结果文件夹",
        "{folder} holds {count} submissions, each with a margin of {margin} m; for the features of each layer see "
        "{folder}/parts.json. Run urbanform batch {folder} --out RESULTS",
    ),
}


def register(app: typer.Typer, guarded: Callable[[Callable[[], int], Language], None]) -> None:
    """Add ``split`` to the commands; ``guarded`` turns what goes wrong into a message and an exit status."""

    @app.command()
    def split(
        submission: Annotated[Path, typer.Argument(help="成果文件夹、zip 或 GeoPackage · folder, zip or GeoPackage")],
        by: Annotated[str, typer.Option("--by", help="各区的面图层，如 县界.shp · the layer of areas, or its role")],
        out: Annotated[Path, typer.Option("--out", help="输出文件夹 · output folder")],
        lang: Annotated[
            Language, typer.Option("--lang", help="输出语言 · language of messages and report")
        ] = Language.ZH,
    ) -> None:
        """按区切成多份成果，每区一份 · Cut a submission into one for each area."""

        def run() -> int:
            from urbanform.errors import SubmissionError
            from urbanform.split import split as cut

            if not submission.exists():
                raise SubmissionError(_say("not-found", path=str(submission)))
            with ProgressLine(lang) as progress:
                made = cut(submission, by, out, lambda path: progress.tell(_say("cutting", path=path)))
            print_parts(made, lang)
            return 0

        guarded(run, lang)


def print_parts(made: "Summary", lang: Language) -> None:
    """Print the parts, what was cut for none or for several, and where all of it lies."""
    from urbanform.model.roles import ROLES
    from urbanform.split import Standing

    columns = ("area", "size", *(str(standing) for standing in Standing))
    table = table_of(*(_say(name).say(lang) for name in columns))
    for part in made.parts:
        told = [
            [
                ROLES[role].zh if lang is Language.ZH else ROLES[role].en
                for role, item in part.roles.items()
                if item.standing is standing
            ]
            for standing in Standing
        ]
        table.add_row(part.name, f"{part.area_km2:.1f}", str(len(told[0])), *("\n".join(names) for names in told[1:]))
    show(table)
    for role, faults in made.faults.items():
        for fault in faults:
            name = Words(role, ROLES[role].zh, ROLES[role].en)
            show(_say("fault", role=name, key=role, fault=fault).say(lang))
    for note in made.notes:
        show(note.say(lang))
    show(_say("made", folder=str(made.folder), count=len(made.parts), margin=round(made.margin_m)).say(lang))


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
