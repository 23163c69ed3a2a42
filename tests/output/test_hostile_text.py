"""Text that tries to be something else: markup, scripts, formulas, templates and control characters.

The town of ``trust.everything`` is handed in as a GeoPackage whose layers, columns, ids, names and words all carry one
payload. Each stays text in every file that a check or a batch writes.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest

from trust.everything import town
from urbanform.batch.run import run_batch
from urbanform.model.roles import FieldKind
from urbanform.model.rules import Kind
from urbanform.model.submission import TableLayer
from urbanform.output.text import shown
from urbanform.review import Options, check

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to open pages in")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

PAYLOADS = {
    "image": "<img src=x onerror=\"window.hit='img'\">",
    "script": "</script><script>window.hit='script'</script>",
    "svg": "\"'><svg onload=window.hit='svg'>",
    "link": "javascript:window.hit='link'",
    "template": "{{7*7}}{% for x in y %}${7*7}{{核查意见}}",
    "formula": '=HYPERLINK("http://127.0.0.1:9/","点")',
    "command": "+cmd|' /C calc'!A1",
    "sum": "@SUM(1+1)*cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "control": "甲\x07\x1b[31m乙\u202e丙\u2028丁]]>&amp;<!--",
}
OFFICE = ("=", "+", "-", "@", "\t", "\r")
KINDS = (Kind.CITY, Kind.COUNTY_SEAT, Kind.RENEWAL, Kind.VILLAGE)


def hostile(folder: Path, payload: str) -> Path:
    """The town in one GeoPackage: every name and word carries a payload, and each layer one column more."""
    folder.mkdir(parents=True)
    layers = {}
    for role, found in town().layers.items():
        assert isinstance(found, TableLayer)
        table = gpd.GeoDataFrame(geometry=found.table.geometry)
        table["id"] = [f"{payload}{n}" for n in range(len(table))]
        table["name"] = [f"{payload} {role} {n}" for n in range(len(table))]
        for name in sorted(found.fields - {"id", "name"}):
            values = found.table[name].astype(object)
            if found.role.fields[name].kind in (FieldKind.CATEGORY, FieldKind.LAND_USE, FieldKind.TEXT):
                values = values.where(values.notna(), None)
                # The first feature says nothing that can be read; with more to read the rest keeps its words.
                values.iloc[0] = payload
            elif found.role.fields[name].kind is FieldKind.FLAG:
                values = values.map(lambda flag: None if pd.isna(flag) else "是" if flag else "否")
            table[name] = values
        table[f"x{payload}"[:40]] = payload
        pyogrio.write_dataframe(
            table, folder / "全部.gpkg", layer=f"{role} {payload}", driver="GPKG", append=bool(layers)
        )
        layers[role] = f"全部.gpkg#{role} {payload}"
    manifest = {
        "name": payload,
        "kind": [kind.value for kind in KINDS],
        "place": {"province": "河南省", "city": "鹤壁市", "county": payload, "city_level": "prefecture"},
        "layers": layers,
    }
    (folder / "submission.yaml").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all pages."""
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def visited(browser: Any, path: Path) -> tuple[Any, list[str]]:
    """A page, and all that it logged as wrong, asked of the network or wanted to say in a dialogue."""
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.on(
        "request",
        lambda request: (
            faults.append(request.url) if request.url.split(":")[0] not in ("file", "data", "blob") else None
        ),
    )
    page.goto(path.resolve().as_uri(), wait_until="load")
    page.wait_for_timeout(150)
    return page, faults


def holds_text_only(browser: Any, path: Path) -> str:
    """Assert that nothing on a page came alive, in either language; its text."""
    page, faults = visited(browser, path)
    try:
        for code in ("zh", "en"):
            page.evaluate("(code) => { document.documentElement.lang = code; }", code)
            alive = page.evaluate(
                """() => [window.hit || '', document.querySelectorAll(
                    '[onerror], [onload], a[href^="javascript:" i], iframe, object, embed, base').length,
                    document.querySelectorAll('img[src="x"]').length]"""
            )
            assert alive == ["", 0, 0], path.name
        page.wait_for_timeout(50)
        assert faults == [], path.name
        return str(page.evaluate("() => document.body.textContent"))
    finally:
        page.close()


def holds_no_formula(path: Path) -> list[str]:
    """Assert that a workbook computes nothing and links only to files beside it; the texts of its cells."""
    book = openpyxl.load_workbook(path)
    texts = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
                target = cell.hyperlink.target if cell.hyperlink else None
                assert target is None or ":" not in target, (sheet.title, cell.coordinate, target)
                if isinstance(cell.value, str):
                    texts.append(cell.value)
    return texts


def as_saved(browser: Any, path: Path) -> list[list[str]]:
    """The table that a report gives to take home."""
    page, _ = visited(browser, path)
    try:
        with page.expect_download() as saving:
            page.click("#save-csv")
        return list(csv.reader(io.StringIO(saving.value.path().read_text("utf-8-sig"), newline="")))
    finally:
        page.close()


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(PAYLOADS))
def test_a_payload_stays_text_in_every_output(kind: str, tmp_path: Path, browser: Any) -> None:
    payload = PAYLOADS[kind]
    folder, out = hostile(tmp_path / "成果", payload), tmp_path / "结果"
    check(folder, out, Options(rules="hebi", as_of=2026))
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert found["submission"]["name"] == payload
    verdicts = [result["verdict"] for result in found["results"]]
    assert verdicts.count("undetermined") < len(verdicts) / 2, "most layers were read"

    pages = [out / "report.html", *sorted((out / "maps").iterdir())]
    texts = {path.name: holds_text_only(browser, path) for path in pages}
    assert len(pages) > 10
    assert shown(payload) in texts["report.html"]

    rows = as_saved(browser, out / "report.html")
    assert len({len(row) for row in rows}) == 1
    for cell in (cell for row in rows[1:] for cell in row if cell.startswith(OFFICE)):
        float(cell)

    cells = holds_no_formula(out / "summary.xlsx")
    assert any(shown(payload) in cell for cell in cells)

    document = docx.Document(str(out / "report.docx"))
    told = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert shown(payload).replace("\u2028", "\ufffd") in told.replace("\u2028", "\ufffd")
    assert not [link for link in document.part.rels.values() if link.is_external]

    tables = [name for name, _ in pyogrio.list_layers(out / "evidence.gpkg")]
    kept = pd.concat(
        [pyogrio.read_dataframe(out / "evidence.gpkg", layer=name, read_geometry=False) for name in tables]
    )
    texts = kept.astype(str)
    assert any(
        texts[column].str.contains(said, regex=False).any() for column in texts for said in (payload, shown(payload))
    )


@pytest.mark.long
def test_a_batch_of_hostile_names_stays_text(tmp_path: Path, browser: Any) -> None:
    """Every payload as the name of a folder, as far as a folder may bear it; none of them can be checked."""
    root = tmp_path / "批"
    for payload in PAYLOADS.values():
        (root / payload.replace("/", "／")).mkdir(parents=True)
        (root / payload.replace("/", "／") / "submission.yaml").write_text("name: x\n", encoding="utf-8")
    run_batch(root, tmp_path / "结果", Options(rules="hebi", as_of=2026), jobs=2)
    text = holds_text_only(browser, tmp_path / "结果" / "index.html")
    cells = holds_no_formula(tmp_path / "结果" / "batch.xlsx")
    for payload in PAYLOADS.values():
        name = shown(payload.replace("/", "／"))
        assert name in text
        assert name in cells
