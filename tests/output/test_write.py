"""All files of an assessment together; and what pages carry, read as text."""

import json
import re
from dataclasses import replace

import pyogrio
import pyproj
import pytest
from folium.plugins import HeatMap

from urbanform.errors import ReportError
from urbanform.model.finding import judge
from urbanform.model.measurement import Measurement, Subject
from urbanform.model.rules import Unit
from urbanform.output import report as report_module
from urbanform.output.figure import OfflineFigure, OfflineMap, asset
from urbanform.output.map import write_map
from urbanform.output.write import write
from urbanform.wording import Language

PAYLOAD = "<img src=x onerror=alert(1)></script>{{7*7}}{% raw %}=cmd|' /C calc'!A0\x07"


@pytest.fixture(scope="module")
def folder(assessment, tmp_path_factory):
    place = tmp_path_factory.mktemp("report")
    write(
        assessment,
        place,
        language=Language.ZH,
        run={"when": "2026-01-01", "options": ["--lang", "zh"]},
        methods={"road-network-density": "Density.\n\nHow\n    Lines <b>cut</b>."},
    )
    return place


def hostile(build):
    """The invented place in which names, ids and values try to be markup, template or formula."""
    layers = build.town(20)
    table = layers["clusters"].table.assign(id=[PAYLOAD, "__proto__", "constructor"], name=[PAYLOAD, "b", "c"])
    layers["clusters"] = replace(layers["clusters"], table=table)
    measured = build.density(layers)
    subjects = tuple(
        replace(subject, id=key, name=key) for subject, key in zip(measured.subjects, table["id"], strict=True)
    )
    rule = build.rule("cluster-population-density", PAYLOAD, PAYLOAD, Unit.PERSONS_PER_KM2, ("<=", 10000))
    return build.assessed(layers, [judge(rule, replace(measured, subjects=subjects), 2026)], name=PAYLOAD)


def test_everything_that_a_check_writes_is_there(folder, finding_of):
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    measured = sorted(rule for rule, finding in finding_of.items() if finding.measurement is not None)
    assert names == sorted(
        [
            "evidence.gpkg",
            "report.docx",
            "report.html",
            "results.json",
            "run.json",
            "summary.xlsx",
            *(f"maps/{rule}.html" for rule in measured),
        ]
    )
    assert json.loads((folder / "run.json").read_text("utf-8")) == {"when": "2026-01-01", "options": ["--lang", "zh"]}


def test_results_name_files_that_exist(folder):
    found = json.loads((folder / "results.json").read_text("utf-8"))
    maps = {item["rule"]: item["map"] for item in found["results"]}
    assert maps["corridor-net-width"] is None
    assert all((folder / path).is_file() for path in maps.values() if path)
    assert {item["rule"]: item["evidence"] for item in found["results"]}[
        "road-network-density"
    ] == "road_network_density"


@pytest.mark.parametrize("page", ["report.html", "maps/road-network-density.html"])
def test_pages_ask_for_nothing_outside_themselves(folder, page):
    text = (folder / page).read_text("utf-8")
    assert not re.search(r"<(script|img|iframe)[^>]+src=", text)
    assert "<link" not in text
    assert not re.search(r"url\((?!['\"]?(data:|#))", text)
    assert "sourceMappingURL" not in text
    assert "default-src 'none'" in text.replace("&#39;", "'")


def test_the_report_says_what_it_must(folder):
    text = (folder / "report.html").read_text("utf-8")
    for told in (
        "鹤壁市淇滨区示例", "鹤建综〔2023〕61号", "组团人口密度", "Cluster density", "12400 人/平方公里", "≤ 10000",
        "严格限制：须附专项论证及批准文件", "缺少 corridors（生态廊道）图层", "灾害风险区", "广场", "自相交，已修复",
        "a" * 64, "EPSG:4547", "不替代任何行政审批", "replaces no administrative approval", "Lines &lt;b&gt;cut",
    ):  # fmt: skip
        assert told in text, told
    assert text.index("组团人口密度") < text.index("县城人口密度")
    assert text.count("uf-backdrop") == 1 + text.count('urbanform.Backdrop("uf-backdrop")')


def test_the_report_embeds_the_results(folder):
    text = (folder / "report.html").read_text("utf-8")
    held = re.search(r'<script type="application/json" id="results">(.*?)</script>', text, re.S)[1]
    assert json.loads(held) == json.loads((folder / "results.json").read_text("utf-8"))


def test_large_results_are_embedded_packed(assessment, tmp_path, monkeypatch):
    monkeypatch.setattr(report_module, "MOST_PLAIN_RESULTS_BYTES", 100)
    write(assessment, tmp_path, language=Language.EN, run={}, methods={})
    text = (tmp_path / "report.html").read_text("utf-8")
    assert '<script type="application/gzip" id="results">' in text


def test_evidence_in_the_report_is_capped_and_says_so(assessment, tmp_path, monkeypatch):
    monkeypatch.setattr(report_module, "MOST_EVIDENCE_BYTES", 2000)
    write(assessment, tmp_path, language=Language.ZH, run={}, methods={})
    text = (tmp_path / "report.html").read_text("utf-8")
    held = re.findall(r'id="evidence-\d+">(.*?)</script>', text, re.S)
    drawn = [feature for item in held for layer in json.loads(item)["layers"] for feature in layer["features"]]
    assert 0 < len(drawn) < 20
    assert "maps/road-network-density.html" in text
    assert "图上只绘最突出的" in text


def test_the_same_assessment_gives_the_same_pages(assessment, folder, tmp_path):
    methods = {"road-network-density": "Density.\n\nHow\n    Lines <b>cut</b>."}
    write(assessment, tmp_path, language=Language.ZH, run={}, methods=methods)
    for name in (
        "results.json",
        "report.html",
        "maps/cluster-population-density.html",
        "summary.xlsx",
        "report.docx",
    ):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_hostile_text_is_never_markup(build, tmp_path):
    write(hostile(build), tmp_path, language=Language.ZH, run={}, methods={"cluster-population-density": PAYLOAD})
    for name in ("report.html", "maps/cluster-population-density.html"):
        text = (tmp_path / name).read_text("utf-8")
        assert "<img src=x" not in text
        assert "\x07" not in text
        assert "49=cmd" not in text
        assert "{{7*7}}" in text
    found = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert found["results"][0]["subjects"][0]["id"] == PAYLOAD


def test_older_maps_of_rules_that_are_gone_are_removed(assessment, tmp_path):
    write(assessment, tmp_path, language=Language.ZH, run={}, methods={})
    (tmp_path / "maps" / "mine.html").write_text("the user's own")
    fewer = replace(assessment, findings=assessment.findings[:1])
    write(fewer, tmp_path, language=Language.ZH, run={}, methods={}, evidence_format="shp")
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == [
        "cluster-population-density.html",
        "mine.html",
    ]
    assert not (tmp_path / "evidence.gpkg").exists()
    assert (tmp_path / "evidence" / "cluster_population_density.shp").is_file()
    write(fewer, tmp_path, language=Language.ZH, run={}, methods={})
    assert not (tmp_path / "evidence").exists()


def test_older_results_that_lie_remove_nothing_else(assessment, tmp_path):
    (tmp_path / "keep.txt").write_text("x")
    (tmp_path / "results.json").write_text('{"results": [{"map": "maps/../keep.txt"}, {"map": "keep.txt"}]}')
    write(assessment, tmp_path, language=Language.ZH, run={}, methods={})
    assert (tmp_path / "keep.txt").is_file()


def test_without_context_the_page_says_so(assessment, finding_of, tmp_path):
    path = tmp_path / "map.html"
    write_map(finding_of["road-network-density"], assessment, path, Language.EN, context=False)
    text = path.read_text("utf-8")
    assert "uf-backdrop" not in text
    assert "按要求未绘背景图层" in text
    assert 'data-language="en"' in text


def test_an_assessment_without_findings_still_gives_a_report(build, layers, tmp_path):
    write(build.assessed(layers, []), tmp_path, language=Language.ZH, run={}, methods={})
    assert "没有任何规则被核查" in (tmp_path / "report.html").read_text("utf-8")


def test_a_bare_submission_gives_maps(build, tmp_path):
    rule = build.rule("r", "甲", "A", Unit.METRE, ("<=", 1), scope="built_up_area")
    finding = judge(rule, Measurement(Unit.METRE, (Subject("1", None, 5.0),)), 2026)
    write(build.assessed({}, [finding], none=frozenset(), inputs=(), defects=()), tmp_path, language=Language.ZH,
          run={}, methods={})  # fmt: skip
    assert (tmp_path / "maps" / "r.html").is_file()


def test_a_folder_that_cannot_be_made_is_told(assessment, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReportError):
        write(assessment, tmp_path / "out", language=Language.ZH, run={}, methods={})


def test_an_element_that_needs_the_network_is_refused():
    figure = OfflineFigure("t", Language.ZH, lambda body: body, {})
    map_ = OfflineMap("x", planar=False)
    figure.add_child(map_)
    HeatMap([(0, 0)]).add_to(map_)
    with pytest.raises(KeyError, match="no asset"):
        figure.render()
    with pytest.raises(KeyError, match="no asset"):
        asset("bootstrap")


@pytest.mark.parametrize("form", ["gpkg", "shp"])
def test_a_local_grid_is_written_in_its_own_metres(build, tmp_path, form):
    """A grid that no code names: the evidence keeps its coordinates, and nothing is converted."""
    grid = pyproj.CRS('ENGCRS["local",EDATUM[""],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]')
    layers = {}
    for role, layer in build.town(20).items():
        layers[role] = replace(layer, table=layer.table.set_crs(grid, allow_override=True))
    measured = build.density(layers)
    shown = measured.evidence[0].frame.set_crs(grid, allow_override=True)
    measured = replace(measured, evidence=(replace(measured.evidence[0], rows=shown),))
    rule = build.rule("r", "甲", "A", measured.unit, ("<=", 10000))
    assessment = build.assessed(layers, [judge(rule, measured, 2026)], crs=grid, local=True)
    write(assessment, tmp_path, language=Language.ZH, run={}, methods={}, evidence_format=form)
    path = tmp_path / ("evidence.gpkg" if form == "gpkg" else "evidence/r.shp")
    assert tuple(pyogrio.read_dataframe(path, layer="r").total_bounds) == tuple(shown.total_bounds)
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["working_crs"] == "local-metres"
