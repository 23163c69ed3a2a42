"""A result checked again: what a folder of results records is run anew and compared."""

import dataclasses
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from urbanform.errors import SubmissionError, UrbanformError
from urbanform.model.rules import Kind
from urbanform.output.basemap import basemap_of
from urbanform.output.store import versions
from urbanform.review import Options, Progress, check
from urbanform.wording import Language, Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "no-results": (
        "{folder} 中没有可读的 {file}（{why}）。请给出 urbanform check 写出的结果文件夹",
        "{folder} holds no readable {file} ({why}). Give a folder that urbanform check has written",
    ),
    "submission-gone": (
        "记录中的成果 {path} 不在了。请用 --submission 指出它现在的位置",
        "The recorded submission {path} is no longer there. Say with --submission where it lies now",
    ),
    "not-again": (
        "按记录重新核查失败：{why}",
        "The check could not be run again as recorded: {why}",
    ),
    "same": (
        "重新核查的结果与 {folder} 中的记录逐字节一致",
        "Run again, the results are byte for byte those that {folder} records",
    ),
    "version-differs": (
        "版本不同：{name} 记录为 {recorded}，现为 {found}；数值可能因此有别，请用原版本复核",
        "Another version: {name} was {recorded} and is {found}; figures may differ for that. Verify with the version "
        "recorded",
    ),
    "input-changed": (
        "成果文件已改动：{path}（{role}）；请用核查时的文件复核，或重新核查",
        "A file of the submission has changed: {path} ({role}). Verify with the files that were checked, or check anew",
    ),
    "input-gone": (
        "成果文件不再被采用：{path}（{role}）；请核对是否被删除或改名",
        "A file of the submission is no longer used: {path} ({role}). See whether it was removed or renamed",
    ),
    "input-new": (
        "成果中多出核查时没有的文件：{path}（{role}）；请用核查时的文件复核，或重新核查",
        "The submission holds a file that was not there: {path} ({role}). Verify with the files that were checked, or "
        "check anew",
    ),
    "pack-changed": (
        "规则包 {pack} 的内容与核查时不同；请用核查时的规则包复核，或重新核查",
        "The rule pack {pack} is not what it was. Verify with the pack that was used, or check anew",
    ),
    "verdict-differs": (
        "规则 {rule}：记录的结论为 {recorded}，重新核查为 {found}",
        "Rule {rule}: the verdict recorded is {recorded}, run again it is {found}",
    ),
    "figure-differs": (
        "规则 {rule}：记录的实测值为 {recorded}，重新核查为 {found}",
        "Rule {rule}: the figure recorded is {recorded}, run again it is {found}",
    ),
    "rule-differs": (
        "规则 {rule}：记录与重新核查在 {keys} 上不同",
        "Rule {rule}: what is recorded differs from what is found in {keys}",
    ),
    "rule-missing": (
        "规则 {rule} 在记录中没有，重新核查时有",
        "Rule {rule} is not recorded, though the check decides it",
    ),
    "rule-added": (
        "规则 {rule} 在记录中有，重新核查时没有",
        "Rule {rule} is recorded, though the check does not decide it",
    ),
    "part-differs": (
        "results.json 的 {part} 部分与重新核查不同",
        "The part {part} of results.json is not what the check finds",
    ),
    "bytes-differ": (
        "results.json 的内容相同而写法不同：文件被改写过",
        "results.json says the same in other bytes: the file was written again",
    ),
    "file-missing": (
        "结果文件 {file} 不见了；请重新核查以补齐",
        "The file {file} of the results is missing; check anew to have it again",
    ),
    "file-differs": (
        "结果文件 {file} 与重新核查写出的不同：可能被改动过，请勿据此引用",
        "The file {file} is not what the check writes: it may have been altered; do not rely on it",
    ),
}

_EVIDENCE = {".shp", ".shx", ".dbf", ".prj", ".cpg"}
_PAGES = {".html", ".docx", ".xlsx", *_EVIDENCE}
_PARTS = ("schema", "submission", "rules", "working_crs", "defects")


@dataclasses.dataclass(frozen=True, slots=True)
class Verified:
    """What a second run of a recorded check found.

    Attributes
    ----------
    differences
        One message each; none where results are byte for byte the same and no file was altered.
    notes
        What may explain differences and is none by itself: other versions of the libraries.
    folder
        The results that were verified.
    """

    differences: tuple[Words, ...]
    notes: tuple[Words, ...]
    folder: Path

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def verify(folder: Path, submission: Path | None = None, progress: Progress | None = None) -> Verified:
    """Run again what a folder of results records, and compare: results, pages and evidence.

    Nothing in the folder or the submission is changed. The figures are judged for the year of the record, and read in
    the languages and the format of the record; ``run.json`` is not compared.

    Parameters
    ----------
    folder
        What ``check`` wrote.
    submission
        Where the submission lies, if no longer where the record says.

    Raises
    ------
    SubmissionError
        The record cannot be read, or the submission is gone.
    """
    recorded_bytes = _bytes(folder, "results.json")
    recorded = _json(folder, "results.json", recorded_bytes)
    run = _json(folder, "run.json", _bytes(folder, "run.json"))
    try:
        options = _options(run, recorded)
        given = submission or Path(run["submission"])
        _looks_like_results(recorded)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(folder, "run.json", f"{type(error).__name__}") from error
    if not given.exists():
        raise SubmissionError(_say("submission-gone", path=str(given)))
    with tempfile.TemporaryDirectory(prefix="urbanform-", ignore_cleanup_errors=True) as place:
        fresh = Path(place) / "out"
        try:
            check(given, fresh, options, progress)
        except UrbanformError as error:
            # A submission or a pack that can no longer be read is a difference: when it was checked it could.
            told = tuple(_say("not-again", why=fault) for fault in error.faults)
            return Verified(told, tuple(_versions(recorded)), folder)
        found_bytes = (fresh / "results.json").read_bytes()
        found = json.loads(found_bytes)
        notes = tuple(_versions(recorded))
        # Pages name the versions: under others they differ without saying more.
        differences = list(_compared(recorded, found)) or list(_files(folder, fresh, pages=not notes))
        if not differences and not notes and recorded_bytes != found_bytes:
            differences.append(_say("bytes-differ"))
    return Verified(tuple(differences), notes, folder)


def _say(code: str, /, **values: object) -> Words:
    return own_words(WORDS, code, **values)


def _unreadable(folder: Path, file: str, why: str) -> SubmissionError:
    return SubmissionError(_say("no-results", folder=str(folder), file=file, why=why))


def _bytes(folder: Path, file: str) -> bytes:
    try:
        return (folder / file).read_bytes()
    except OSError as error:
        raise _unreadable(folder, file, error.strerror or str(error)) from error


def _json(folder: Path, file: str, data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise _unreadable(folder, file, "JSON") from error
    if not isinstance(found, dict):
        raise _unreadable(folder, file, "JSON")
    return found


def _options(run: Mapping[str, Any], recorded: Mapping[str, Any]) -> Options:
    """The options of a record; the year is that of the results, since none may have been asked for."""
    told = run["options"]
    options = Options(
        rules=told["rules"],
        kinds=tuple(Kind(kind) for kind in told["kind"]),
        as_of=int(recorded["rules"]["as_of"]),
        only=tuple(told["only"]),
        manifest=Path(run["manifest"]) if run["manifest"] else None,
        language=Language(told["lang"]),
        evidence="shp" if told["evidence"] == "shp" else "gpkg",
        context=bool(told["context"]),
        basemap=told["basemap"],
        all_rows=bool(told["all_rows"]),
        word_template=Path(told["word_template"]) if told["word_template"] else None,
    )
    if options.basemap:
        basemap_of(options.basemap)
    return options


def _looks_like_results(recorded: Mapping[str, Any]) -> None:
    for result in recorded["results"]:
        result["rule"], result["verdict"]
    for item in recorded["submission"]["inputs"]:
        item["path"], item["role"], item["sha256"]
    recorded["rules"]["sha256"], recorded["versions"].items()


def _versions(recorded: Mapping[str, Any]) -> Iterator[Words]:
    now = versions()
    for name in dict.fromkeys([*recorded["versions"], *now]):
        was, found = recorded["versions"].get(name, "—"), now.get(name, "—")
        if was != found:
            yield _say("version-differs", name=name, recorded=was, found=found)


def _compared(recorded: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Words]:
    explained = {"versions", "results"}
    inputs = list(_inputs(recorded["submission"]["inputs"], found["submission"]["inputs"]))
    if inputs:
        explained.add("submission")
        yield from inputs
    if recorded["rules"]["sha256"] != found["rules"]["sha256"]:
        explained.add("rules")
        yield _say("pack-changed", pack=recorded["rules"].get("pack"))
    yield from _results(recorded["results"], found["results"])
    for part in dict.fromkeys([*_PARTS, *recorded, *found]):
        if part not in explained and recorded.get(part) != found.get(part):
            yield _say("part-differs", part=part)


def _inputs(recorded: Iterable[Mapping[str, Any]], found: Iterable[Mapping[str, Any]]) -> Iterator[Words]:
    was = {(item["path"], item["role"]): item["sha256"] for item in recorded}
    now = {(item["path"], item["role"]): item["sha256"] for item in found}
    for path, role in sorted(was.keys() | now.keys()):
        if (path, role) not in now:
            yield _say("input-gone", path=path, role=role)
        elif (path, role) not in was:
            yield _say("input-new", path=path, role=role)
        elif was[path, role] != now[path, role]:
            yield _say("input-changed", path=path, role=role)


def _results(recorded: Iterable[Mapping[str, Any]], found: Iterable[Mapping[str, Any]]) -> Iterator[Words]:
    was = {result["rule"]: result for result in recorded}
    now = {result["rule"]: result for result in found}
    for rule in dict.fromkeys([*was, *now]):
        if rule not in was:
            yield _say("rule-missing", rule=rule)
        elif rule not in now:
            yield _say("rule-added", rule=rule)
        elif was[rule]["verdict"] != now[rule]["verdict"]:
            yield _say("verdict-differs", rule=rule, recorded=was[rule]["verdict"], found=now[rule]["verdict"])
        elif was[rule].get("measured") != now[rule]["measured"]:
            # As they are written: what is rounded for reading could look alike.
            yield _say(
                "figure-differs",
                rule=rule,
                recorded=json.dumps(was[rule].get("measured")),
                found=json.dumps(now[rule]["measured"]),
            )
        elif was[rule] != now[rule]:
            keys = sorted(k for k in was[rule].keys() | now[rule].keys() if was[rule].get(k) != now[rule].get(k))
            yield _say("rule-differs", rule=rule, keys=keys)


def _files(folder: Path, fresh: Path, *, pages: bool) -> Iterator[Words]:
    """What is drawn from the results: there, and unaltered where the same content gives the same file."""
    for path in sorted(fresh.rglob("*")):
        name = path.relative_to(fresh).as_posix()
        if not path.is_file() or name in ("results.json", "run.json"):
            continue
        kept = folder / name
        if not kept.is_file():
            yield _say("file-missing", file=name)
        elif path.suffix == ".gpkg":
            if _rows(kept) != _rows(path):
                yield _say("file-differs", file=name)
        elif path.suffix in (_PAGES if pages else _EVIDENCE) and _content(kept) != _content(path):
            yield _say("file-differs", file=name)


def _content(path: Path) -> bytes:
    """A file's bytes; of a dBASE table those after the day of writing, which its first four bytes give."""
    return path.read_bytes()[4 if path.suffix == ".dbf" else 0 :]


def _rows(path: Path) -> list[tuple[Any, ...]] | None:
    """Every row of every table of a GeoPackage but those of its indices; None where it is not whole."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            ((page_bytes,),) = base.execute("PRAGMA page_size")
            # What is cut off within an index is in no row that is read below.
            if path.stat().st_size % page_bytes or base.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                return None
            tables = [
                name
                for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
                if not name.startswith(("rtree_", "sqlite_"))
            ]
            return [
                (name, *row)
                for name in tables
                for row in base.execute('SELECT * FROM "{}"'.format(name.replace('"', '""')))
            ]
    except sqlite3.Error:
        return None
