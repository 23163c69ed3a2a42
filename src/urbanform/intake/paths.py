"""Paths that stay inside the submission."""

import re
from pathlib import Path, PureWindowsPath

from urbanform.wording import Words, words


class PathRefused(Exception):
    """A path that leads out of the submission, or that no file can have."""

    def __init__(self, fault: Words) -> None:
        super().__init__(fault.zh)
        self.fault = fault


def inside(root: Path, written: str) -> Path:
    """The file that a path of the manifest means, inside ``root``.

    Refused: absolute paths, drives, ``..``, links that lead out, URLs, GDAL's virtual file systems, NUL. Backslashes
    count as separators.
    """
    told = written.replace("\0", "␀")
    if "\0" in written:
        raise PathRefused(words("path-refused", path=told))
    plain = written.replace("\\", "/")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", plain) or plain.startswith(("/", "~")) or PureWindowsPath(plain).drive:
        raise PathRefused(words("path-refused", path=told))
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if ".." in parts or not parts:
        raise PathRefused(words("path-refused", path=told))
    path = root.joinpath(*parts)
    if not is_inside(root, path):
        raise PathRefused(words("path-refused", path=told))
    return path


def is_inside(root: Path, path: Path) -> bool:
    """Whether a path, with all links followed, lies in ``root`` and is a file or folder, or nothing.

    Devices and pipes, which may hold a reader for ever, lie nowhere.
    """
    try:
        real = path.resolve()
        is_special = real.exists() and not (real.is_file() or real.is_dir())
        return real.is_relative_to(root.resolve()) and not is_special
    except (OSError, RuntimeError, ValueError):
        return False


def shown(root: Path, path: Path, layer: str | None = None) -> str:
    """A path as it is printed: relative, with forward slashes, and ``#layer`` for one of a container's layers."""
    try:
        text = path.relative_to(root).as_posix()
    except ValueError:
        text = path.name
    if text == ".":
        text = path.name
    return text if layer is None else f"{text}#{layer}"
