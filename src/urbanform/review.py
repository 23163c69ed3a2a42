"""One submission from its path to the files of its review; every command that checks calls this."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from urbanform.assess import asked, assess, chosen
from urbanform.checks import find_check
from urbanform.errors import SubmissionError
from urbanform.intake.faults import did_you_mean
from urbanform.intake.manifest import Manifest
from urbanform.intake.read import HandedIn, open_submission, read_submission
from urbanform.intake.rule_packs import read_rule_pack
from urbanform.memory import give_back
from urbanform.model.assessment import Assessment
from urbanform.model.rules import Kind, Rule, RulePack
from urbanform.output.basemap import basemap_of
from urbanform.output.write import write
from urbanform.wording import Language, words


class Usage(SubmissionError):
    """The command was given something that it cannot use."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a review is asked for; unset parts come from the manifest."""

    rules: str | None = None
    kinds: tuple[Kind, ...] = ()
    as_of: int | None = None
    only: tuple[str, ...] = ()
    manifest: Path | None = None
    language: Language = Language.ZH
    evidence: Literal["gpkg", "shp"] = "gpkg"
    context: bool = True
    basemap: str | None = None
    all_rows: bool = False
    word_template: Path | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Called as a review goes on; by default nothing is told."""

    reading: Callable[[str], object] = field(default=id)
    measuring: Callable[[Rule], object] = field(default=id)
    writing: Callable[[], object] = field(default=dict)


def out_folder(submission: Path) -> Path:
    """Where a review is written when nothing else is said: beside the user, never beside the submission's files."""
    name = submission.resolve()
    return Path(f"{name.stem if name.is_file() else name.name}-report")


def refuse_inside(folder: Path, submission: Path) -> None:
    """Refuse an output folder inside the submission, whose files are never added to."""
    if folder.resolve().is_relative_to(submission.resolve()):
        raise Usage(words("out-inside", folder=str(folder)))


def check(submission: Path, folder: Path, options: Options, progress: Progress | None = None) -> Assessment:
    """Review a submission and write everything that a check writes into ``folder``."""
    refuse_inside(folder, submission)
    basemap = basemap_of(options.basemap) if options.basemap else None
    with reviewed(submission, options, progress or Progress()) as assessment:
        (progress or Progress()).writing()
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        write(
            assessment,
            folder,
            language=options.language,
            evidence_format=options.evidence,
            context=options.context,
            basemap=basemap,
            all_rows=options.all_rows,
            template=options.word_template,
            methods={rule.check: find_check(rule.check).manual for rule in assessment.pack.rules},
            run={
                "submission": str(submission.resolve()),
                "manifest": str(options.manifest.resolve()) if options.manifest else None,
                "options": {
                    "rules": options.rules,
                    "kind": list(options.kinds),
                    "as_of": options.as_of,
                    "only": list(options.only),
                    "lang": options.language,
                    "evidence": options.evidence,
                    "context": options.context,
                    "basemap": options.basemap,
                    "all_rows": options.all_rows,
                    "word_template": str(options.word_template.resolve()) if options.word_template else None,
                },
                "time": now,
            },
        )
        return assessment


@contextmanager
def reviewed(submission: Path, options: Options, progress: Progress) -> Iterator[Assessment]:
    """The assessment of a submission; its rasters stay open to output until the block ends."""
    with open_submission(submission, options.manifest) as handed_in:
        manifest = handed_in.manifest
        pack = pack_for(handed_in, options)
        known = [rule.id for rule in pack.rules]
        for name in options.only:
            if name not in known:
                raise Usage(words("only-unknown", rule=name, pack=pack.id, hint=did_you_mean(name, known)))
        kinds = options.kinds or manifest.kinds
        roles = asked(chosen(pack, options.only, kinds))
        read = read_submission(handed_in, roles, kinds, progress.reading)
        assessment = assess(read, pack, as_of(options, manifest), options.only, progress.measuring)
        if read.is_large:
            # What the checks shared is no longer held.
            give_back()
        yield assessment


def as_of(options: Options, manifest: Manifest) -> int:
    """The year for which figures are judged: as asked, else the manifest's, else the present one."""
    return options.as_of or manifest.as_of or datetime.date.today().year


def pack_for(handed_in: HandedIn, options: Options) -> RulePack:
    """The pack that was asked for, else the manifest's.

    Raises
    ------
    SubmissionError
        None is named; or only the manifest names one, and the submission lies outside its place.
    """
    name = options.rules or handed_in.manifest.rules
    if name is None:
        raise Usage(words("no-pack"))
    pack = read_rule_pack(name, None if options.rules else handed_in.root)
    place = handed_in.manifest.place
    if not options.rules and not place.within(pack.place):
        told = "".join(part for part in (place.province, place.city, place.county) if part)
        raise Usage(words("pack-of-other-place", pack=pack.id, place=told))
    return pack
