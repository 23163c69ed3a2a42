"""``docs/real-layers.md`` says what ``inspect`` finds in public data sets: the page is held to that, line by line.

The data are no part of the project; ``URBANFORM_REAL_DATA`` names the folder that holds them.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from urbanform.cli import app

PAGE = Path(__file__).parent.parent / "docs" / "real-layers.md"
FOLDER = os.environ.get("URBANFORM_REAL_DATA")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="URBANFORM_REAL_DATA names no folder with the public data sets")


@dataclass(frozen=True)
class Part:
    """One data set of the page: its folder, the table without a manifest, the manifest, and the table under it."""

    folder: str
    bare: tuple[tuple[str, ...], ...]
    manifest: str
    under: tuple[tuple[str, ...], ...]


def parts() -> Iterator[Part]:
    for text in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        folder = re.search(r"^文件夹 folder: `(.+)`$", text, re.MULTILINE)
        manifest = re.search(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        assert folder is not None
        assert manifest is not None
        before, after = text[: manifest.start()], text[manifest.end() :]
        yield Part(folder[1], rows_of(before), manifest[1], rows_of(after))


def rows_of(text: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a table, without its head: seven cells each, the first in backquotes."""
    rows = (tuple(cell.strip() for cell in row.strip().strip("|").split(" | ")) for row in text.splitlines())
    found = tuple(row for row in rows if row[0].startswith("`"))
    assert all(len(row) == 7 for row in found)
    return tuple((row[0].strip("`"), *row[1:]) for row in found)


def seen(found: dict[str, Any], only_roles: bool) -> list[tuple[str, ...]]:
    """What ``inspect --json`` tells, as the page has it."""
    kinds: dict[str, Counter[str]] = {}
    for defect in found["defects"]:
        kinds.setdefault(defect["layer"], Counter())[f"{defect['kind']} ({defect['action']})"] += 1
    rows = []
    for layer in found["layers"]:
        if only_roles and layer["role"] is None:
            continue
        tally = kinds.get(layer["path"], Counter()) + kinds.get(layer["role"] or "", Counter())
        defects = "; ".join(f"{kind} × {count}" if count > 1 else kind for kind, count in sorted(tally.items()))
        if layer["accepted"]:
            use = "是 yes"
        elif layer["role"] is not None:
            use = "搁置 set aside"
        else:
            use = "不读 not read" if layer["geometry"] is None else "无角色 no role"
        told = (layer["role"], layer["crs"], layer["encoding"], layer["features"], defects)
        rows.append((layer["path"], *("—" if cell in (None, "") else str(cell) for cell in told), use))
    return rows


def inspected(folder: Path, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["inspect", str(folder), "--json", *options])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def assert_agree(page: tuple[tuple[str, ...], ...], found: list[tuple[str, ...]]) -> None:
    """Every layer stands on the page, alone or under a pattern, and the page names none that is not there."""
    for row in found:
        lines = [line for line in page if line[0] == row[0]] or [line for line in page if fnmatch(row[0], line[0])]
        assert [line[1:] for line in lines] == [row[1:]], row
    for line in page:
        assert any(fnmatch(row[0], line[0]) or row[0] == line[0] for row in found), line


@pytest.mark.parametrize("part", list(parts()), ids=[part.folder for part in parts()])
def test_the_page_says_what_inspect_finds(part: Part, tmp_path: Path) -> None:
    folder = Path(FOLDER or ".") / part.folder
    assert_agree(part.bare, seen(inspected(folder), only_roles=False))
    (tmp_path / "submission.yaml").write_text(part.manifest, encoding="utf-8")
    told = inspected(folder, "--manifest", str(tmp_path / "submission.yaml"))
    assert_agree(part.under, seen(told, only_roles=True))


def test_every_set_stands_on_the_page() -> None:
    folders = {path.name for path in Path(FOLDER or ".").iterdir() if path.is_dir()}
    assert folders <= {part.folder for part in parts()}
