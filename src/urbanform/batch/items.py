"""The submissions of a folder, and the folder that each one's results go to."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from urbanform.batch.words import BatchError, say

MANIFESTS = ("submission.yaml", "submission.yml")
PACKED = (".zip", ".gpkg")
OWN_NAMES = frozenset({"batch.json", "batch.xlsx", "index.html", "run.json", ".urbanform-batch"})
"""What the batch itself writes into the output folder; no item's folder may have such a name."""

_WINDOWS_DEVICES = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))}


@dataclass(frozen=True, slots=True)
class Item:
    """One submission of a batch.

    Attributes
    ----------
    name
        Its path below the root, with forward slashes.
    path
        Where it lies.
    out
        The name of the folder of its results.
    is_link
        Whether it is a link, which is not followed.
    """

    name: str
    path: Path
    out: str
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The submissions of a root in the order of their names, and the files beside them that are none."""

    items: tuple[Item, ...]
    others: tuple[str, ...]


def listing(root: Path) -> Listing:
    """Every direct child that is a folder, a zip or a GeoPackage.

    A child folder without a manifest of its own, but with folders below it that have one, stands for those. What
    begins with a point or ``~$``, and ``__MACOSX``, is passed over; other files are named, so that none is missed.

    Raises
    ------
    BatchError
        The root is no folder, cannot be read, or holds no submission.
    """
    if not root.is_dir():
        raise BatchError(say("root-not-a-folder", path=str(root)))
    found: list[Path] = []
    others: list[str] = []
    try:
        children = sorted(root.iterdir(), key=lambda path: os.fsencode(path.name))
    except OSError as error:
        raise BatchError(say("item-unreadable", item=str(root), why=error.strerror or str(error))) from error
    for child in children:
        if child.name.startswith((".", "~$", "__MACOSX")):
            continue
        if child.is_symlink():
            found.append(child)
        elif child.is_dir():
            inner = [] if _has_manifest(child) else list(_with_manifest(child))
            found += inner or [child]
        elif child.is_file() and child.suffix.lower() in PACKED:
            found.append(child)
        else:
            others.append(_shown(child.name))
    if not found:
        raise BatchError(say("root-empty", path=str(root)))
    folders = out_names(root, found)
    items = [
        Item(_shown(path.relative_to(root).as_posix()), path, out, path.is_symlink())
        for path, out in zip(found, folders, strict=True)
    ]
    return Listing(tuple(items), tuple(others))


def out_names(root: Path, found: Sequence[Path]) -> list[str]:
    """A folder's name for each submission, no two alike where case does not count.

    The item's name without its suffix; with it where two share a stem; with the folders above it where that is not
    enough; numbered where nothing else helps.
    """
    stems = [_safe(path.stem if _is_packed(path) else path.name) for path in found]
    names = [_safe(path.name) for path in found]
    paths = [_safe("-".join(path.relative_to(root).parts)) for path in found]
    taken = {name.casefold() for name in OWN_NAMES}
    chosen: list[str | None] = [None] * len(found)
    for tried in (stems, names, paths):
        keys = [_key(name) for name in tried]
        alone = [
            position
            for position, key in enumerate(keys)
            if chosen[position] is None and key not in taken and _count(keys, key, chosen) == 1
        ]
        for position in alone:
            chosen[position] = tried[position]
        taken |= {keys[position] for position in alone}
    for position, name in enumerate(paths):
        number = 2
        while chosen[position] is None:
            if _key(f"{name}-{number}") not in taken:
                chosen[position] = f"{name}-{number}"
                taken.add(_key(f"{name}-{number}"))
            number += 1
    return [name for name in chosen if name is not None]


def _count(keys: Sequence[str], key: str, chosen: Sequence[str | None]) -> int:
    """How many of the items that have no folder yet would have this one."""
    return sum(1 for position, other in enumerate(keys) if other == key and chosen[position] is None)


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() in PACKED and not path.is_dir()


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _safe(name: str) -> str:
    """A name that every system can have for a folder, and text that every file can hold."""
    shown = "".join("_" if sign in '<>:"/\\|?*' or ord(sign) < 32 else sign for sign in _shown(name))
    kept = shown.rstrip(". ") or "_"
    return f"_{kept}" if kept.split(".")[0].lower() in _WINDOWS_DEVICES else kept


def _shown(name: str) -> str:
    """A name as text; one that is no UTF-8 is read as GB18030, as old archives write it."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "replace")
    return name


def _has_manifest(folder: Path) -> bool:
    return any((folder / name).is_file() for name in MANIFESTS)


def _with_manifest(folder: Path) -> Iterator[Path]:
    """The uppermost folders below one that have a manifest; links are not followed."""
    for here, folders, _ in os.walk(folder, followlinks=False):
        folders.sort(key=os.fsencode)
        for name in list(folders):
            path = Path(here) / name
            if path.is_symlink() or name.startswith((".", "__MACOSX")):
                folders.remove(name)
            elif _has_manifest(path):
                folders.remove(name)
                yield path
