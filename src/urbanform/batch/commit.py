"""Results put in their place: a submission's folder holds a whole result or none."""

import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

RESULTS = "results.json"
_CHUNK = 1 << 20


def put_in_place(work: Path, folder: Path, older: Iterable[str]) -> dict[str, int]:
    """Move the files of a review into its folder, ``results.json`` last; the paths of what stands there, with sizes.

    The older result goes first, beginning with its ``results.json``: at no moment does one stand beside files that it
    does not describe. What else lies in the folder stays.

    Parameters
    ----------
    work
        The finished files, on the same file system.
    older
        Paths, relative to the folder, of the files that an earlier run wrote there.

    Raises
    ------
    OSError
        A file cannot be moved: then there is no ``results.json``.
    """
    files = sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())
    withdraw(folder, older)
    sizes = {name: (work / name).stat().st_size for name in files}
    for name in sorted(files, key=lambda name: (name == RESULTS, name)):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (work / name).replace(target)
    for place in sorted({(folder / name).parent for name in files} | {folder.parent}):
        _settle(place)
    return sizes


def withdraw(folder: Path, older: Iterable[str]) -> None:
    """Remove what an earlier run wrote into a folder, ``results.json`` first, and folders that are then empty.

    Parameters
    ----------
    older
        Paths relative to the folder; the maps that an older ``results.json`` names are added.
    """
    named = set(older) | _maps_of(folder / RESULTS)
    (folder / RESULTS).unlink(missing_ok=True)
    for name in sorted(named - {RESULTS}):
        path = folder / name
        if path.resolve().is_relative_to(folder.resolve()):
            path.unlink(missing_ok=True)
    for place in sorted({(folder / name).parent for name in named} | {folder}, reverse=True):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()


def stands(folder: Path, sizes: dict[str, int], results_sha256: str) -> bool:
    """Whether a folder still holds the files that a run left there, ``results.json`` byte for byte."""
    try:
        return (
            all((folder / name).stat().st_size == size for name, size in sizes.items())
            and sha256(folder / RESULTS) == results_sha256
        )
    except OSError:
        return False


def sha256(path: Path) -> str:
    """The digest of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def clear(folder: Path) -> None:
    """Remove a work folder; what is held open by another program is left for the next run."""
    shutil.rmtree(folder, ignore_errors=True)


def _maps_of(results: Path) -> set[str]:
    try:
        found = json.loads(results.read_text(encoding="utf-8"))
        maps = {result["map"] for result in found["results"] if isinstance(result["map"], str)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {path for path in maps if path == f"maps/{Path(path).name}"}


def _settle(folder: Path) -> None:
    """Write a folder's entries through to the disk, where the system has a way to."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network disks have no way to.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)
