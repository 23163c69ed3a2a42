"""By what it is known that a submission has not changed since it was checked."""

import datetime
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from urbanform.intake.rule_packs import pack_ids, pack_path, read_rule_pack
from urbanform.output.store import versions
from urbanform.review import Options

_CHUNK = 1 << 20
_LOGS = ("-wal", "-journal")


def key_of(submission: Path, out: str, options: Options, packs: str) -> str:
    """A digest of a submission's files, the options, the packs and the versions: equal where a result would be.

    Parameters
    ----------
    submission
        A folder or a file; every regular file in it counts with its path and bytes, links with where they lead.
    out
        The folder that its results go to.
    packs
        What :func:`packs_digest` gives.

    Raises
    ------
    OSError
        A file cannot be read.
    """
    digest = hashlib.sha256()
    told = {
        "options": {**asdict(options), "as_of": options.as_of or f"manifest or {datetime.date.today().year}"},
        "manifest": _file_digest(options.manifest) if options.manifest else None,
        "out": out,
        "packs": packs,
        "versions": versions(),
    }
    digest.update(json.dumps(told, sort_keys=True, default=str, ensure_ascii=True).encode())
    for name, path in _files(submission):
        digest.update(b"\0" + os.fsencode(name) + b"\0")
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            digest.update(b"link " + os.fsencode(path.readlink()))
            mode = path.stat().st_mode if path.exists() else 0
        if stat.S_ISREG(mode):
            digest.update(_file_digest(path).encode())
    return digest.hexdigest()


def packs_digest(rules: str | None) -> str:
    """A digest of the packs that come with urbanform, and of the pack that was asked for, which may be a file.

    Raises
    ------
    RulePackError
        The pack that was asked for has a fault.
    """
    digest = hashlib.sha256()
    for name in pack_ids():
        digest.update(name.encode() + b"\0" + _file_digest(pack_path(name)).encode())
    if rules is not None:
        digest.update(_file_digest(pack_path(rules)).encode())
        # With what it extends.
        digest.update(read_rule_pack(rules).sha256.encode())
    return digest.hexdigest()


def _files(submission: Path) -> Iterator[tuple[str, Path]]:
    if not submission.is_dir():
        yield submission.name, submission
        yield from ((log.name, log) for mark in _LOGS if (log := Path(f"{submission}{mark}")).exists())
        return
    for here, folders, files in os.walk(submission, followlinks=False):
        folders.sort(key=os.fsencode)
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        for name in sorted([*files, *links], key=os.fsencode):
            path = Path(here) / name
            yield path.relative_to(submission).as_posix(), path


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
