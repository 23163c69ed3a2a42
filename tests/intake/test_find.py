"""Which layers of a file are found."""

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from urbanform.intake import find


@pytest.fixture
def shapes():
    return gpd.GeoDataFrame({"a": [1, 2]}, geometry=[shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9)], crs=4547)


def found(folder, tmp_path_factory):
    sources = find.find_sources(folder, tmp_path_factory.mktemp("scratch"))
    return [(source.path, source.layer, source.features) for source in sources.sources], sources.rejected


def test_each_layer_of_several(tmp_path, shapes, tmp_path_factory):
    for layer in ("一", "二", "三"):
        shapes.to_file(tmp_path / "several.gpkg", layer=layer)
    layers = [(f"several.gpkg#{layer}", layer, 2) for layer in ("一", "二", "三")]
    assert found(tmp_path, tmp_path_factory) == (layers, [])


def test_tables_without_shapes_are_no_layers(tmp_path, shapes, tmp_path_factory):
    table = pd.DataFrame({"k": [1]})
    shapes.to_file(tmp_path / "beside.gpkg", layer="parks")
    pyogrio.write_dataframe(table, tmp_path / "beside.gpkg", layer="codes")
    pyogrio.write_dataframe(table, tmp_path / "table.gpkg", layer="codes")
    assert found(tmp_path, tmp_path_factory) == ([("beside.gpkg", "parks", 2)], [])


@pytest.mark.parametrize("name", ["one.gpkg", "one.geojson", "one.fgb"])
def test_a_file_of_one_layer_is_read_through_once(tmp_path, shapes, tmp_path_factory, monkeypatch, name):
    shapes.to_file(tmp_path / name)
    monkeypatch.setattr(find.pyogrio, "list_layers", None)
    assert found(tmp_path, tmp_path_factory) == ([(name, "one", 2)], [])
