"""Every page of the sample places in Chromium: the figures that a reader sees are those of ``results.json``, shapes are
drawn, nothing is asked of the network and nothing goes wrong."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from urbanform.model.assessment import Assessment
from urbanform.output.sketch import brief
from urbanform.review import Options, check
from urbanform.wording import figure, with_unit

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

SAMPLES = Path(__file__).parent.parent.parent / "sample_data"
PLACES = sorted(path.stem for path in SAMPLES.glob("*.md") if path.stem != "README")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

DRAWN = """() => [...document.querySelectorAll('.leaflet-container canvas')].filter((canvas) => {
  if (!canvas.width || !canvas.height) return false;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.some((value, at) => at % 4 === 3 && value > 0);
}).length"""
FIGURES = """(holder) => [...holder.querySelectorAll('dl.figures dd.big')].map((cell) => {
  const said = [...cell.querySelectorAll('[lang]')].filter((part) => getComputedStyle(part).display !== 'none');
  return said.length ? said.map((part) => part.textContent).join('') : cell.textContent;
})"""
LEGEND = """(holder) => [...holder.querySelectorAll('fieldset.legend label:has([data-kind])')].map((label) => {
  const words = label.querySelector('span:not(.ramp)');
  const said = [...words.querySelectorAll('[lang=zh]')];
  const top = words.querySelector('small');
  return {words: said.length ? said[0].textContent : words.textContent.replace(top ? top.textContent : '', ''),
          top: top ? top.textContent : null, count: label.querySelector('small.number').textContent};
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all pages."""
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module", params=PLACES)
def reviewed(request: Any, tmp_path_factory: Any) -> tuple[Path, Assessment]:
    """A sample with all that its check writes."""
    folder = tmp_path_factory.mktemp(request.param)
    return folder, check(SAMPLES / request.param, folder, Options())


class Visit:
    """A page with what it asked for and what went wrong in it."""

    def __init__(self, browser: Any, path: Path) -> None:
        self.path = path
        self.page = browser.new_page(viewport={"width": 1400, "height": 900})
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def __enter__(self) -> Any:
        self.page.goto(self.path.as_uri(), wait_until="load")
        return self.page

    def __exit__(self, kind: object, *rest: object) -> None:
        self.page.close()
        if kind is None:
            assert [url for url in self.asked if url.split(":")[0] not in ("file", "data", "blob")] == []
            assert self.wrong == [], self.path.name


def wanted_figure(result: dict[str, Any], assessment: Assessment) -> str:
    """What a page must print of a result: its figure with the unit, the interval that holds it, or that there is none.

    The digits are those that output gives a figure; that they say the number of ``results.json`` is asserted here.
    """
    value, bounds, unit = result["measured"], result["bounds"], result["unit"] or "1"
    limits = assessment.pack.rule(result["rule"]).limits
    told = ""
    if value is not None:
        told = brief(value, limits)
        decimals = len(told.partition(".")[2])
        assert float(told) == pytest.approx(value, abs=0.5 * 10**-decimals + 1e-12)
    if bounds is not None:
        ends = [
            open_end if end is None else brief(end, limits) for end, open_end in zip(bounds, ("-∞", "∞"), strict=True)
        ]
        told = f"{told} [{' … '.join(ends)}]" if told else " … ".join(ends)
    return with_unit(told, unit).zh if told else "未能量算"


def wanted_limit(result: dict[str, Any]) -> str:
    """What a page must print of the limit that decided."""
    limit = result["limit"]
    if limit is None:
        return "未定"
    if isinstance(limit["value"], list):
        told = "–".join(figure(end) for end in limit["value"])
    else:
        told = f"{ {'<=': '≤', '>=': '≥'}.get(limit['op'], limit['op']) } {figure(limit['value'])}"
    told = with_unit(told, result["unit"]).zh
    if result["unit"] == "persons/km2":
        ends = limit["value"] if isinstance(limit["value"], list) else [limit["value"]]
        told = f"{told}（{'–'.join(f'{end / 10_000:g}' for end in ends)} 万）"
    return f"{told}（{result['due']} 年）" if result["due"] else told


def assert_told(holder: Any, result: dict[str, Any], assessment: Assessment) -> None:
    """The two large figures of a card are those of its result; ``holder`` is the element that holds the card."""
    measured, limit = holder.evaluate(FIGURES)
    assert measured.strip() == wanted_figure(result, assessment), result["rule"]
    assert limit.strip() == wanted_limit(result), result["rule"]


def assert_legend(page: Any, result: dict[str, Any], evidence: Path) -> None:
    """The legend counts what the evidence file holds, and its scale ends at the largest figure there."""
    layers = [name for name, _ in pyogrio.list_layers(evidence)]
    names = [f"{result['evidence']}{ending}" for ending in ("", "_lines", "_points")]
    tables = [pyogrio.read_dataframe(evidence, layer=name, read_geometry=False) for name in names if name in layers]
    rows: Counter[str] = Counter()
    for table in tables:
        rows.update(table["kind_zh"].tolist())
    legend = page.query_selector("body").evaluate(LEGEND)
    assert legend
    counted: Counter[str] = Counter()
    for key in legend:
        drawn, _, total = key["count"].replace(",", "").rpartition("/")
        counted[key["words"].strip()] += int(total)
        assert int(drawn or total) <= int(total)
        if key["top"] is not None:
            largest = {
                figure(float(table.loc[table["kind_zh"] == key["words"].strip(), name].max()))
                for table in tables
                for name in table.select_dtypes("number").columns
            }
            assert key["top"].removeprefix("0–") in largest, result["rule"]
    assert counted == rows, result["rule"]


@pytest.mark.long
def test_every_map_tells_the_figures_of_the_results(reviewed: tuple[Path, Assessment], browser: Any) -> None:
    folder, assessment = reviewed
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    mapped = [result for result in found["results"] if result["map"]]
    assert mapped
    for result in mapped:
        with Visit(browser, folder / result["map"]) as page:
            assert_told(page.query_selector("body"), result, assessment)
            if result["evidence"]:
                assert_legend(page, result, folder / "evidence.gpkg")
            page.wait_for_function(f"({DRAWN})() > 0", timeout=10_000, polling=150)


def test_the_report_tells_the_figures_of_the_results(reviewed: tuple[Path, Assessment], browser: Any) -> None:
    folder, assessment = reviewed
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    results = {result["rule"]: result for result in found["results"]}
    with Visit(browser, folder / "report.html") as page:
        cards = page.query_selector_all("details.card")
        assert {card.get_attribute("data-rule") for card in cards} == set(results)
        for card in cards:
            assert_told(card, results[card.get_attribute("data-rule")], assessment)
        page.wait_for_function(f"({DRAWN})() > 0", timeout=10_000, polling=150)


@pytest.mark.parametrize("part", ["figure", "limit", "legend"])
def test_a_wrong_figure_on_a_page_is_seen(part: str, reviewed: tuple[Path, Assessment], browser: Any) -> None:
    """A page in which one digit is changed, of the figure, of the limit or of a count, is not let through."""
    folder, assessment = reviewed
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    result = next(item for item in found["results"] if item["map"] and item["measured"] and item["limit"])
    text = (folder / result["map"]).read_text(encoding="utf-8")
    if part == "legend":
        changed = re.sub(r'(<small class="number">[^<]*?)(\d)(</small>)', _other_digit, text, count=1)
    else:
        cells = list(re.finditer(r'<dd class="big">.*?</dd>', text, re.S))
        cell = cells[0 if part == "figure" else 1]
        changed = text[: cell.start()] + re.sub(r"(\D)(\d)", _other_digit, cell[0]) + text[cell.end() :]
    assert changed != text
    path = folder / f"changed-{part}.html"
    path.write_text(changed, encoding="utf-8")
    with Visit(browser, path) as page:
        body = page.query_selector("body")
        with pytest.raises(AssertionError):
            assert_legend(page, result, folder / "evidence.gpkg") if part == "legend" else assert_told(
                body, result, assessment
            )


def _other_digit(found: re.Match[str]) -> str:
    return f"{found[1]}{(int(found[2]) + 1) % 10}{found[3] if found.re.groups > 2 else ''}"
