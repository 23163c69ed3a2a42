"""A basemap is loaded only where it was asked for, from its own hosts alone, and never in shifted coordinates."""

import re
import shutil

import pytest

from urbanform.errors import SubmissionError
from urbanform.output.basemap import KEY_VARIABLE, basemap_of
from urbanform.output.figure import content_policy
from urbanform.output.map import write_map
from urbanform.output.report import write_report
from urbanform.output.store import results
from urbanform.wording import Language

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
TILES = "http://tiles.bureau.example:8080/base/{z}/{x}/{y}.png"


@pytest.mark.parametrize(
    ("asked", "address", "hosts"),
    [
        (TILES, TILES, ("http://tiles.bureau.example:8080",)),
        (
            "https://{s}.gis.cn/{z}/{x}/{-y}",
            "https://{s}.gis.cn/{z}/{x}/{-y}",
            tuple(f"https://{name}.gis.cn" for name in "abc"),
        ),
        (
            "http://10.1.2.3/wmts?TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}",
            "http://10.1.2.3/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
            ("http://10.1.2.3",),
        ),
        ("http://[fd00::1]/{z}/{x}/{y}", "http://[fd00::1]/{z}/{x}/{y}", ("http://[fd00::1]",)),
    ],
)  # fmt: skip
def test_tiles_of_an_intranet(asked: str, address: str, hosts: tuple[str, ...]) -> None:
    found = basemap_of(asked)
    assert ([sheet.address for sheet in found.layers], found.hosts) == ([address], hosts)


@pytest.mark.parametrize(
    "asked",
    [
        "osm", "", "file:///c:/tiles/{z}/{x}/{y}.png", "//host/{z}/{x}/{y}", "http:///{z}/{x}/{y}",
        "http://host/{z}/{x}.png", "http://host/{z}/{x}/{y}/{token}", "http://user:word@host/{z}/{x}/{y}",
        "http://host:99999/{z}/{x}/{y}", "http://host/{z}/{x}/{y}?\"><script>alert(1)</script>",
        "http://host;script-src *;/{z}/{x}/{y}", "http://*/{z}/{x}/{y}", "http://ho st/{z}/{x}/{y}",
        "javascript:{z}{x}{y}",
    ],
)  # fmt: skip
def test_what_is_no_address_of_tiles_is_said_to_be_none(asked: str) -> None:
    with pytest.raises(SubmissionError) as fault:
        basemap_of(asked)
    assert "{TileMatrix}" in fault.value.say(Language.ZH)
    assert "{TileMatrix}" in fault.value.say(Language.EN)


@pytest.mark.parametrize(
    "host",
    ["webrd01.is.autonavi.com", "wprd04.IS.AutoNavi.com", "rt0.map.gtimg.com", "maponline0.bdimg.com", "mt1.google.cn",
     "map.geoq.cn", "amap.com", "amap.com."],
)  # fmt: skip
def test_shifted_tiles_are_refused(host: str) -> None:
    with pytest.raises(SubmissionError, match="GCJ-02"):
        basemap_of(f"https://{host}/tile?x={{x}}&y={{y}}&z={{z}}")


def test_a_host_that_only_sounds_like_a_shifted_one_is_taken() -> None:
    assert basemap_of("https://notamap.com/{z}/{x}/{y}").hosts == ("https://notamap.com",)


def test_tianditu_wants_a_key_of_letters_and_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(SubmissionError, match=KEY_VARIABLE):
        basemap_of("tianditu")
    monkeypatch.setenv(KEY_VARIABLE, "abc'};alert(1)//")
    with pytest.raises(SubmissionError, match=KEY_VARIABLE):
        basemap_of("tianditu")


def test_tianditu_has_names_over_the_map_and_warns_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "0123abcd")
    for asked, sheets in (("tianditu", ["vec_w", "cva_w"]), ("tianditu-img", ["img_w", "cia_w"])):
        found = basemap_of(asked)
        assert [re.search(r"/(\w+)/wmts", sheet.address)[1] for sheet in found.layers] == sheets
        assert all(sheet.address.endswith("&tk=0123abcd") for sheet in found.layers)
        assert found.hosts == tuple(f"https://t{n}.tianditu.gov.cn" for n in range(8))
        assert "密钥会写入" in found.warnings[0].zh


def test_the_policy_opens_for_the_pictures_of_that_host_alone() -> None:
    shut, opened = content_policy(), content_policy(basemap_of(TILES))
    assert "http" not in shut
    assert opened.replace(" http://tiles.bureau.example:8080", "") == shut
    assert "img-src data: blob: http://tiles.bureau.example:8080;" in opened


def test_pages_carry_the_tiles_only_where_asked(assessment, tmp_path) -> None:
    finding = next(found for found in assessment.findings if found.measurement is not None)
    for name, basemap in (("plain", None), ("tiles", basemap_of(TILES))):
        write_map(finding, assessment, tmp_path / f"{name}.html", Language.ZH, basemap=basemap)
        found = results(assessment, {result.rule.id: None for result in assessment.findings}, {})
        write_report(assessment, tmp_path / f"{name}-report.html", Language.ZH, found, methods={}, basemap=basemap)
    for page in ("plain", "plain-report"):
        assert "bureau.example" not in (tmp_path / f"{page}.html").read_text(encoding="utf-8")
    for page in ("tiles", "tiles-report"):
        assert "bureau.example" in (tmp_path / f"{page}.html").read_text(encoding="utf-8")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to open pages in")
def test_a_browser_asks_that_host_for_tiles_and_its_box_takes_them_away(assessment, tmp_path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    finding = next(found for found in assessment.findings if found.measurement is not None)
    path = tmp_path / "map.html"
    write_map(finding, assessment, path, Language.ZH, basemap=basemap_of(TILES))
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><rect width="256" height="256"/></svg>'
    asked: list[str] = []
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.route(re.compile("^http:"), lambda route: route.fulfill(body=picture, content_type="image/svg+xml"))
        page.goto(path.resolve().as_uri(), wait_until="load")
        page.wait_for_selector("img.leaflet-tile-loaded", state="attached", timeout=10_000)
        page.uncheck("input[data-basemap]")
        assert page.locator("img.leaflet-tile").count() == 0
        page.check("input[data-basemap]")
        page.wait_for_selector("img.leaflet-tile-loaded", state="attached", timeout=10_000)
        browser.close()
    outside = {url.split("/base/")[0] for url in asked if not url.startswith(("file:", "data:", "blob:"))}
    assert outside == {"http://tiles.bureau.example:8080"}
