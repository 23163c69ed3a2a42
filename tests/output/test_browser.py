"""Pages opened in Chromium as a user would: no request leaves, no error is logged, shapes are drawn."""

import json
import shutil
import time
from dataclasses import replace

import numpy as np
import pytest
import rasterio
import shapely

from urbanform.model.finding import judge
from urbanform.model.rules import Unit
from urbanform.output.map import write_map
from urbanform.output.write import write
from urbanform.wording import Language

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to open pages in")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser):
    """Opens a page; at the end nothing may have left it and nothing may have gone wrong in it."""
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))

    def go(path):
        page.goto(path.resolve().as_uri(), wait_until="load")
        page.wait_for_timeout(100)
        return page

    yield go
    assert {url.split(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert faults == []
    page.close()


@pytest.fixture(scope="module")
def folder(assessment, tmp_path_factory):
    place = tmp_path_factory.mktemp("pages")
    write(assessment, place, language=Language.ZH, run={}, methods={})
    return place


def ink(page, pane):
    """How many pixels of a map's pane are drawn on."""
    return page.evaluate(
        """(pane) => [...document.querySelectorAll(`.leaflet-${pane}-pane canvas`)].reduce((sum, canvas) => {
            const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            for (let i = 3; i < data.length; i += 4) sum += data[i] > 0;
            return sum;
        }, 0)""",
        pane,
    )


def until(page, holds):
    """Whether something comes to hold within five seconds; a busy machine draws late."""
    for _ in range(50):
        if holds():
            return True
        page.wait_for_timeout(100)
    return False


def test_a_map_shows_evidence_background_legend_and_figure(visit, folder):
    page = visit(folder / "maps" / "cluster-population-density.html")
    assert until(page, lambda: ink(page, "overlay") > 10_000)
    assert until(page, lambda: ink(page, "tile") > 10_000)
    told = page.inner_text(".panel")
    for text in ("不符合", "12400 人/平方公里", "≤ 10000 人/平方公里", "组团人口密度", "未能量算的组团", "建筑"):
        assert text in told
    assert page.locator(".leaflet-control-scale-line").inner_text().endswith("m")
    labels = page.locator(".uf-label:visible").all_inner_texts()
    assert any("老城组团" in label and "12400" in label for label in labels)
    assert "Leaflet" in page.inner_text(".leaflet-control-attribution")
    assert page.locator(".leaflet-control-attribution svg").count() == 0


def test_the_language_switch_changes_every_word(visit, folder):
    page = visit(folder / "maps" / "cluster-population-density.html")
    page.click("button.quiet")
    told = page.inner_text(".panel")
    assert "Does not comply" in told
    assert "不符合" not in told
    assert any("persons/km²" in label for label in page.locator(".uf-label:visible").all_inner_texts())


def test_unpacked_backdrop_has_every_feature(visit, folder):
    """600 houses, 14 roads; the lake with its hole has two rings; the area is some 4 × 3 km."""
    page = visit(folder / "maps" / "road-network-density.html")
    told = page.evaluate(
        """async () => (await urbanform.backdropData('uf-backdrop')).groups.map((g) => {
            let w = Infinity, e = -Infinity;
            for (let i = 0; i < g.xy.length; i += 2) { w = Math.min(w, g.xy[i]); e = Math.max(e, g.xy[i]); }
            return [g.role, g.featureEnd.length, g.ringEnd.length, e - w, g.labels[0]];
        })"""
    )
    found = {role: rest for role, *rest in told}
    assert found["buildings"][:2] == [600, 600]
    assert found["roads"][:2] == [14, 14]
    assert found["water"][:2] == [1, 2]
    # Mercator metres at 35.7° N are longer by 1 / cos(35.7°) = 1.23.
    assert found["built_up_area"][2] == pytest.approx(4000 * 1.231, rel=0.01)
    assert found["parks"][3] == "1\t淇河公园"


def test_kinds_and_layers_can_be_switched_off(visit, folder):
    page = visit(folder / "maps" / "road-network-density.html")
    assert until(page, lambda: ink(page, "tile") > 10_000)
    drawn, behind = ink(page, "overlay"), ink(page, "tile")
    page.uncheck("input[data-kind='0-0']")
    page.uncheck("input[data-role='buildings']")
    assert until(page, lambda: ink(page, "overlay") < drawn / 4)
    assert until(page, lambda: ink(page, "tile") < behind)


def test_hovering_and_clicking_tell_what_is_there(visit, folder):
    page = visit(folder / "maps" / "super-high-rise-control.html")
    middle = page.locator(".leaflet-container").bounding_box()
    x, y = middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2
    assert until(page, lambda: ink(page, "overlay") > 100)
    page.mouse.move(x, y)
    tip = page.inner_text(".leaflet-tooltip")
    assert "超过限高的新建建筑" in tip
    assert "高度（米）" in tip
    assert "120" in tip
    house = page.evaluate(
        """async () => {
            const data = await urbanform.backdropData('uf-backdrop');
            const group = data.groups.find((g) => g.role === 'buildings');
            const at = [group.box[4 * 4] + group.box[4 * 4 + 2], group.box[4 * 4 + 1] + group.box[4 * 4 + 3]];
            const crs = L.CRS.EPSG3857.projection;
            const place = crs.unproject(L.point(data.origin[0] + at[0] / 2, data.origin[1] + at[1] / 2));
            const point = map_rule.latLngToContainerPoint(place);
            return [point.x, point.y];
        }"""
    )
    page.mouse.click(middle["x"] + house[0], middle["y"] + house[1])
    assert page.inner_text(".leaflet-popup-content").split() == ["建筑", "5"]


def test_a_row_finds_its_shape_and_a_shape_its_row(visit, folder):
    page = visit(folder / "maps" / "cluster-population-density.html")
    before = page.evaluate("map_rule.getZoom()")
    page.focus("tr[data-subject='2']")
    page.keyboard.press("Enter")
    assert until(page, lambda: page.evaluate("map_rule.getZoom()") > before)
    assert page.locator("tr.chosen").get_attribute("data-subject") == "2"
    assert "东区组团" in page.inner_text(".leaflet-tooltip")


def test_hostile_text_is_shown_as_text(visit, build, tmp_path):
    payload = "<img src=x onerror=alert(1)></script>{{7*7}}"
    layers = build.town(20)
    keys = [payload, "__proto__", "constructor"]
    layers["clusters"] = replace(
        layers["clusters"], table=layers["clusters"].table.assign(id=keys, name=[payload, "b", "c"])
    )
    layers["buildings"] = replace(layers["buildings"], table=layers["buildings"].table.assign(id=payload))
    measured = build.density(layers)
    subjects = tuple(replace(item, id=key, name=key) for item, key in zip(measured.subjects, keys, strict=True))
    rule = build.rule("r", payload, payload, measured.unit, ("<=", 10000))
    assessment = build.assessed(layers, [judge(rule, replace(measured, subjects=subjects), 2026)], name=payload)
    write(assessment, tmp_path, language=Language.ZH, run={}, methods={})
    page = visit(tmp_path / "maps" / "r.html")
    assert payload in page.inner_text("h1")
    assert any(payload in label for label in page.locator(".uf-label").all_inner_texts())
    page.locator("tr[data-subject]").first.click()
    assert until(page, lambda: payload in page.locator(".leaflet-tooltip").inner_text())
    page = visit(tmp_path / "report.html")
    assert payload in page.inner_text("h1")
    assert page.locator("img[src='x']").count() == 0


def test_a_local_grid_is_drawn_as_a_plane(visit, build, layers, finding_of, tmp_path):
    assessment = build.assessed(layers, list(finding_of.values()), local=True)
    write_map(finding_of["road-network-density"], assessment, tmp_path / "map.html", Language.ZH)
    page = visit(tmp_path / "map.html")
    assert page.evaluate("map_rule.options.crs === L.CRS.Simple")
    assert until(page, lambda: ink(page, "overlay") > 10_000)
    assert until(page, lambda: ink(page, "tile") > 10_000)
    assert "独立坐标系" in page.inner_text(".panel")


def test_without_evidence_the_area_is_drawn(visit, folder):
    page = visit(folder / "maps" / "permeable-surface-share.html")
    assert until(page, lambda: ink(page, "overlay") > 500)
    assert "没有可绘的依据图形" in page.inner_text(".panel")


def test_a_browser_that_cannot_unpack_says_so(visit, folder, tmp_path):
    text = (folder / "maps" / "road-network-density.html").read_text("utf-8")
    old = tmp_path / "old.html"
    old.write_text(text.replace("<head>", "<head><script>delete window.DecompressionStream</script>", 1), "utf-8")
    page = visit(old)
    assert until(page, lambda: page.locator(".uf-unsupported").is_visible())
    assert until(page, lambda: ink(page, "overlay") > 10_000)


def test_a_browser_without_workers_unpacks_by_itself(visit, folder, tmp_path):
    text = (folder / "maps" / "road-network-density.html").read_text("utf-8")
    plain = tmp_path / "plain.html"
    plain.write_text(text.replace("<head>", "<head><script>delete window.Worker</script>", 1), "utf-8")
    page = visit(plain)
    assert until(page, lambda: ink(page, "tile") > 10_000)


def test_the_report_draws_maps_when_they_come_into_view(visit, folder):
    page = visit(folder / "report.html")
    assert page.locator(".leaflet-container").count() < page.locator("[data-draw]").count()
    assert page.locator("details.card[open]").count() == 5
    card = page.locator("details.card", has_text="县城人口密度").first
    card.locator("summary").first.click()
    card.scroll_into_view_if_needed()
    assert until(page, lambda: card.locator(".leaflet-container").count() == 1)
    assert until(page, lambda: ink(page, "tile") > 1000)


def test_printing_waits_until_every_map_is_drawn(visit, folder):
    page = visit(folder / "report.html")
    page.evaluate("""() => { window.print = () => {
        const tiles = [...document.querySelectorAll('.leaflet-tile-pane canvas')];
        const pixels = (canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const inked = (canvas) => pixels(canvas).some(Boolean);
        window.printed = [document.querySelectorAll('.leaflet-container').length, window.urbanform.tilesAwaited,
                          tiles.length > 0 && tiles.some(inked)];
    }; }""")
    page.click("#print")
    assert until(page, lambda: page.evaluate("() => Boolean(window.printed)"))
    cards = page.locator("details.card[open] [data-draw]").count()
    assert page.evaluate("() => window.printed") == [cards, 0, True]


def test_verdicts_filter_the_cards(visit, folder):
    page = visit(folder / "report.html")
    page.click("[data-filter='pass']")
    assert page.locator("details.card:visible").count() == 1
    page.click("[data-filter='pass']")
    assert page.locator("details.card:visible").count() == 8
    page.click(".report > header button >> nth=0")
    assert "Technical check report" in page.inner_text("header")


def test_results_and_table_can_be_saved(visit, folder):
    page = visit(folder / "report.html")
    with page.expect_download() as saving:
        page.click("#save-json")
    saved = saving.value.path()
    assert "cluster-population-density" in saved.read_text("utf-8")
    with page.expect_download() as saving:
        page.click("#save-csv")
    lines = saving.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "rule,verdict,subject,name,subject_verdict,measured,low,high,unit,reason"
    assert lines[1].startswith("cluster-population-density,fail,1,老城组团,fail,12400,,,persons/km2,")


def test_the_drawn_evidence_can_be_taken_home_as_geojson(visit, folder):
    """Every feature that the maps of the report hold, in longitude and latitude, under the rule that it shows."""
    page = visit(folder / "report.html")
    with page.expect_download() as saving:
        page.click("#save-geojson")
    held = json.loads(saving.value.path().read_text(encoding="utf-8"))
    drawn = page.evaluate(
        """() => [...document.querySelectorAll('script[id^="evidence-"]')]
            .flatMap((holder) => JSON.parse(holder.textContent).layers.flatMap((layer) => layer.features)).length"""
    )
    assert len(held["features"]) == drawn > 10
    found = {result["rule"] for result in json.loads((folder / "results.json").read_text(encoding="utf-8"))["results"]}
    assert {feature["properties"]["rule"] for feature in held["features"]} <= found
    west, south, east, north = shapely.total_bounds(
        [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in held["features"]]
    )
    assert 114 < west < east < 115
    assert 35 < south < north < 36


def test_every_page_says_that_it_is_internal(visit, folder):
    page = visit(folder / "report.html")
    assert "内部资料" in page.inner_text(".internal")
    assert "--no-context" in page.inner_text(".internal")
    page = visit(next((folder / "maps").iterdir()))
    assert "内部资料" in page.inner_text(".internal")


def test_a_large_background_is_drawn(visit, build, tmp_path):
    """Twenty thousand houses, drawn as dots where they are small; the one in question keeps a dot of its own."""
    layers = build.town(20_000)
    assessment = build.assessed(layers, [judge(build.rule("r", "甲", "A", Unit.METRE), build.heights(layers), 2026)])
    write_map(assessment.findings[0], assessment, tmp_path / "map.html", Language.ZH)
    page = visit(tmp_path / "map.html")
    page.evaluate("map_rule.setZoom(13)")
    assert until(page, lambda: ink(page, "tile") > 5000)
    assert until(page, lambda: ink(page, "overlay") > 10)


def ragged(layers, build, columns, rows, cell_m):
    """The place with a built-up area and a lake traced from cells, a tenth of them missing."""
    random = np.random.default_rng(11)
    kept = np.argwhere(random.random((columns, rows)) > 0.1) * cell_m
    cells = shapely.union_all(build.box(*kept.T, *(kept.T + cell_m)))
    return {**layers, "built_up_area": build.layer("built_up_area", [cells]), "water": build.layer("water", [cells])}


def test_an_outline_of_very_many_corners_is_drawn_at_once(visit, build, layers, finding_of, tmp_path):
    """Some 200,000 corners on each of some dozens of tiles took minutes when all were drawn everywhere."""
    place = ragged(layers, build, 800, 600, 5.0)
    assert shapely.get_num_coordinates(place["water"].frame(()).geometry).sum() > 150_000
    assessment = build.assessed(place, list(finding_of.values()))
    write_map(finding_of["road-network-density"], assessment, tmp_path / "map.html", Language.ZH)
    page = visit(tmp_path / "map.html")
    page.evaluate("() => { map_rule.setZoom(16, { animate: false }); }")
    assert until(page, lambda: ink(page, "tile") > 10_000)
    began = time.monotonic()
    page.screenshot(path=tmp_path / "drawn.png")
    assert time.monotonic() - began < 20


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("zoom", [13, 15, 17])
def test_corners_left_out_of_a_tile_change_nothing_on_it(visit, build, layers, finding_of, tmp_path, zoom):
    place = ragged(layers, build, 90, 70, 15.0)
    assessment = build.assessed(place, list(finding_of.values()))
    write_map(finding_of["road-network-density"], assessment, tmp_path / "some.html", Language.ZH)
    text = (tmp_path / "some.html").read_text("utf-8")
    assert "MANY_CORNERS = 500" in text
    (tmp_path / "all.html").write_text(text.replace("MANY_CORNERS = 500", "MANY_CORNERS = 1e9"), "utf-8")
    pictures = []
    for name in ("some", "all"):
        page = visit(tmp_path / f"{name}.html")
        page.evaluate("zoom => { map_rule.setZoom(zoom, { animate: false }); }", zoom)
        assert until(page, lambda: ink(page, "tile") > 5_000)  # noqa: B023
        page.wait_for_timeout(600)
        with rasterio.MemoryFile(page.screenshot()) as held, held.open() as picture:
            pictures.append(picture.read((1, 2, 3)).astype(int))
    changed = np.abs(pictures[0] - pictures[1]).max(axis=0)
    assert (changed > 60).mean() < 0.002
