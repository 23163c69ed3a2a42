"""A place by its name, with osmnx stood in for: what is asked, what is made of the answer, what fails."""

import builtins
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import requests
from shapely.geometry import LineString, Point, box

from urbanform.errors import SubmissionError
from urbanform.osm import make

osmnx = pytest.importorskip("osmnx")


def answer() -> gpd.GeoDataFrame:
    """What osmnx gives: a row per element under (kind, number), a column per tag, blanks as NaN."""
    index = pd.MultiIndex.from_tuples([("way", 1), ("way", 2), ("relation", 3), ("node", 4)], names=["element", "id"])
    tags = {
        "highway": ["primary", None, None, None],
        "name": ["人民路", None, "人民公园", None],
        "building": [None, "house", None, None],
        "leisure": [None, None, "park", None],
        "amenity": [None, None, None, "hospital"],
        "something": ["x", None, None, None],
    }
    shapes = [
        LineString([(114, 35), (114.01, 35)]),
        box(114, 35, 114.001, 35.001),
        box(114, 35, 114.1, 35.1),
        Point(114, 35),
    ]
    return gpd.GeoDataFrame(tags, index=index, geometry=shapes, crs=4326)


def ask(monkeypatch: pytest.MonkeyPatch, reply: Callable[..., Any]) -> list[Any]:
    asked: list[Any] = []

    def features_from_place(place: str, tags: dict[str, bool]) -> Any:
        asked.append(SimpleNamespace(place=place, tags=tags, cached=osmnx.settings.use_cache))
        return reply()

    monkeypatch.setattr(osmnx, "features_from_place", features_from_place)
    return asked


def test_a_place_becomes_a_submission(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = osmnx.settings.use_cache
    asked = ask(monkeypatch, answer)
    summary = make("鹤壁市淇滨区", tmp_path / "out")
    assert [item.place for item in asked] == ["鹤壁市淇滨区"]
    assert {"highway", "building", "leisure", "landuse", "natural", "amenity"} <= asked[0].tags.keys()
    assert asked[0].cached is False
    assert osmnx.settings.use_cache is before
    assert {layer.role: layer.features for layer in summary.layers} == {
        "roads": 1,
        "buildings": 1,
        "parks": 1,
        "facilities": 1,
    }
    roads = gpd.read_file(tmp_path / "out" / "roads.gpkg")
    assert roads[["id", "class", "name"]].values.tolist() == [["way/1", "arterial", "人民路"]]
    assert summary.origin.date == dt.datetime.now(dt.UTC).date().isoformat()
    assert summary.origin.date_from == "download"
    assert "osmnx" in (tmp_path / "out" / "ATTRIBUTION.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (requests.exceptions.ConnectionError("refused"), "no-network"),
        (requests.exceptions.ReadTimeout("slow"), "no-network"),
        (osmnx._errors.ResponseStatusCodeError("429 too many"), "no-network"),
        (osmnx._errors.InsufficientResponseError("no results"), "place-unknown"),
        (TypeError("Nominatim did not geocode query to a geometry of type (Multi)Polygon"), "place-unknown"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_is_written(
    fault: Exception, code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> None:
        raise fault

    before = osmnx.settings.use_cache
    ask(monkeypatch, fail)
    with pytest.raises(SubmissionError) as raised:
        make("鹤壁市", tmp_path / "out")
    assert [item.code for item in raised.value.faults] == [code]
    assert ".osm.pbf" in raised.value.faults[0].zh
    assert not (tmp_path / "out").exists()
    assert osmnx.settings.use_cache is before


def test_without_osmnx_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "osmnx":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SubmissionError) as raised:
        make("鹤壁市", tmp_path / "out")
    assert [item.code for item in raised.value.faults] == ["osmnx-missing"]
    assert "pip install osmnx" in raised.value.faults[0].en
