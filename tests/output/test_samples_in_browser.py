"""Every page of the sample places in Chromium: figure and legend are read from the page, shapes are drawn, nothing is
asked of the network and nothing goes wrong."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from urbanform.review import Options, check

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

SAMPLES = Path(__file__).parent.parent.parent / "sample_data"
PLACES = sorted(path.stem for path in SAMPLES.glob("*.md") if path.stem != "README")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """One browser for all pages."""
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def figure_of(result: dict[str, Any]) -> str:
    """The first digits of the figure, or of the lower end of the interval that holds it, as any page must show them."""
    value = result["measured"] if result["measured"] is not None else (result["bounds"] or [None])[0]
    if value is None:
        return "未能量算"
    return str(int(value)) if abs(value) >= 1 or value == 0 else "0."


@pytest.mark.parametrize("place", PLACES)
def test_every_page_of_a_sample(place: str, browser: object, tmp_path: Path) -> None:
    check(SAMPLES / place, tmp_path, Options())
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    mapped = [result for result in found["results"] if result["map"]]
    assert mapped
    pages = [(tmp_path / result["map"], result) for result in mapped] + [(tmp_path / "report.html", None)]
    for path, result in pages:
        page = browser.new_page(viewport={"width": 1400, "height": 900})  # type: ignore[attr-defined]
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda said, wrong=wrong: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
        page.goto(path.as_uri(), wait_until="load")
        page.wait_for_timeout(300)
        assert [url for url in asked if url.split(":")[0] not in ("file", "data", "blob")] == []
        assert wrong == [], path.name
        assert page.evaluate(DRAWN) > 0, path.name
        text = page.inner_text("body")
        if result is not None:
            assert "图例" in text
            assert "限值" in text
            assert figure_of(result) in text.replace(",", ""), path.name
        page.close()


DRAWN = """() => [...document.querySelectorAll('.leaflet-container canvas')].filter((canvas) => {
  if (!canvas.width || !canvas.height) return false;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.some((value, at) => at % 4 === 3 && value > 0);
}).length"""
