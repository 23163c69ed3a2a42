"""Submissions made to do harm: each asks to read, write, reach or take what is not its own.

Each builder gets an empty folder in which a renewal unit already lies without its buildings, and a secret: a folder
elsewhere that holds the buildings with which the rule would pass. Whoever follows a reference to it is found out by
its verdict. What is built must end undetermined or be refused, in seconds; nothing of it is ever a pass.
"""

import json
import os
import shutil
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
from rasterio.transform import from_origin

from intake.awkward import HOUSES, UNIT, X, Y, manifest, write

Builder = Callable[[Path, Path], object]
HOSTILE: dict[str, Builder] = {}
BUILDINGS = ".shp .shx .dbf .prj .cpg".split()


def hostile(builder: Builder) -> Builder:
    """List a builder under its name."""
    HOSTILE[builder.__name__] = builder
    return builder


def begun(folder: Path) -> Path:
    """The renewal unit, without buildings."""
    write(folder / "更新单元.shp", [UNIT], MC=["甲"])
    return folder


def secret(folder: Path) -> Path:
    """The buildings with which the unit would pass, where no submission may reach."""
    write(folder / "建筑.shp", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])
    write(folder / "建筑.gpkg", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])
    write(folder / "建筑.geojson", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])
    return folder


def vrt(secret: Path) -> str:
    """A virtual layer of GDAL's that stands for the secret."""
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="建筑"><SrcDataSource>{secret}/建筑.gpkg</SrcDataSource>'
        "<SrcLayer>建筑</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    )


@hostile
def a_virtual_layer_called_geopackage(folder: Path, secret: Path) -> None:
    (folder / "建筑.gpkg").write_text(vrt(secret), encoding="utf-8")


@hostile
def a_virtual_layer_called_shapefile(folder: Path, secret: Path) -> None:
    (folder / "建筑.shp").write_text(vrt(secret), encoding="utf-8")


@hostile
def a_virtual_layer_called_geojson(folder: Path, secret: Path) -> None:
    (folder / "建筑.geojson").write_text(vrt(secret), encoding="utf-8")


@hostile
def a_pipeline_called_geojson(folder: Path, secret: Path) -> None:
    """GDAL 3.11 and later run the command line that such a file holds."""
    told = {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}/建筑.gpkg ! write x"}
    (folder / "建筑.geojson").write_text(json.dumps(told), encoding="utf-8")


@hostile
def a_service_called_geopackage(folder: Path, _: Path) -> None:
    told = "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs?SERVICE=WFS</URL></OGRWFSDataSource>"
    (folder / "建筑.gpkg").write_text(told, encoding="utf-8")


@hostile
def a_service_called_geojson(folder: Path, _: Path) -> None:
    told = {"type": "FeatureCollection", "features": [], "links": [{"rel": "next", "href": "http://127.0.0.1:9/more"}]}
    (folder / "建筑.geojson").write_text(json.dumps(told), encoding="utf-8")


@hostile
def a_map_service_called_raster(folder: Path, _: Path) -> None:
    told = '<GDAL_WMS><Service name="TMS"><ServerUrl>http://127.0.0.1:9/${z}/${x}/${y}</ServerUrl></Service></GDAL_WMS>'
    (folder / "人口.tif").write_text(told, encoding="utf-8")


@hostile
def a_virtual_raster_called_raster(folder: Path, secret: Path) -> None:
    told = (
        '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>{secret}/建筑.shp</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    (folder / "人口.tif").write_text(told, encoding="utf-8")


@hostile
def a_link_to_a_file(folder: Path, secret: Path) -> None:
    for suffix in BUILDINGS:
        (folder / f"建筑{suffix}").symlink_to(secret / f"建筑{suffix}")


@hostile
def a_link_to_a_folder(folder: Path, secret: Path) -> None:
    (folder / "规划").symlink_to(secret, target_is_directory=True)


@hostile
def a_link_for_a_part(folder: Path, secret: Path) -> None:
    """Only the attributes are linked."""
    for suffix in BUILDINGS:
        shutil.copyfile(secret / f"建筑{suffix}", folder / f"建筑{suffix}")
    (folder / "建筑.dbf").unlink()
    (folder / "建筑.dbf").symlink_to(secret / "建筑.dbf")


@hostile
def a_link_in_a_circle(folder: Path, _: Path) -> None:
    (folder / "建筑.shp").symlink_to(folder / "建筑.shp")
    (folder / "下").symlink_to(folder, target_is_directory=True)


@hostile
def a_pipe(folder: Path, _: Path) -> None:
    """Whoever opens it waits for ever."""
    os.mkfifo(folder / "建筑.shp")
    os.mkfifo(folder / "人口.tif")


def asks(path: str) -> Builder:
    """A manifest that names a path, in which SECRET stands for the secret's."""

    def builder(folder: Path, secret: Path) -> None:
        told = path.replace("SECRET", str(secret))
        manifest(folder, f"layers:\n  renewal_units: 更新单元.shp\n  buildings: {json.dumps(told)}\n")

    return builder


for number, path in enumerate(
    (
        "SECRET/建筑.shp",
        "../secret/建筑.shp",
        "x/../../secret/建筑.shp",
        "..\\secret\\建筑.shp",
        "/vsicurl/http://127.0.0.1:9/建筑.gpkg",
        "/vsizip/SECRET/建筑.zip",
        "file://SECRET/建筑.gpkg",
        "GPKG:SECRET/建筑.gpkg:建筑",
        "\\\\127.0.0.1\\share\\建筑.shp",
        "C:\\建筑.shp",
        "~/建筑.shp",
        "建筑.shp\0.gpkg",
    )
):
    HOSTILE[f"a_path_that_leads_out_{number}"] = asks(path)


@hostile
def a_table_that_lies_elsewhere(folder: Path, secret: Path) -> None:
    write(folder / "建筑.shp", HOUSES, BH=["1", "2"])
    (secret / "层数.csv").write_text("编号,层数,方式\n1,2,拆除\n2,8,保留\n", encoding="utf-8")
    join = "{path: ../secret/层数.csv, on: {BH: 编号}, take: {storeys: 层数, action: 方式}}"
    manifest(folder, f"layers:\n  renewal_units: 更新单元.shp\n  buildings: {{path: 建筑.shp, join: {join}}}\n")


@hostile
def a_manifest_that_makes_objects(folder: Path, _: Path) -> None:
    manifest(folder, "name: !!python/object/apply:os.system ['touch hacked']\n")


@hostile
def a_manifest_that_grows(folder: Path, _: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    manifest(folder, "\n".join(lines) + "\n")


@hostile
def a_manifest_without_end(folder: Path, _: Path) -> None:
    manifest(folder, "name: [" + "[" * 100_000)


@hostile
def a_very_long_manifest(folder: Path, _: Path) -> None:
    manifest(folder, "values:\n" + "".join(f"  k{n}: {{a: 1}}\n" for n in range(400_000)))


def packed(path: Path, *members: tuple[object, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)  # type: ignore[arg-type]


@hostile
def a_zip_that_grows(folder: Path, _: Path) -> None:
    """300 MB of zeros in 300 kB."""
    packed(folder / "建筑.zip", ("建筑.shp", bytes(300_000_000)))


@hostile
def a_zip_in_a_zip(folder: Path, secret: Path) -> None:
    inner = folder.parent / "inner.zip"
    packed(inner, *((f"建筑{suffix}", (secret / f"建筑{suffix}").read_bytes()) for suffix in BUILDINGS))
    packed(folder / "建筑.zip", ("建筑.zip", inner.read_bytes()))


@hostile
def a_zip_with_a_link(folder: Path, secret: Path) -> None:
    link = zipfile.ZipInfo("建筑.gpkg")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed(folder / "建筑.zip", (link, str(secret / "建筑.gpkg").encode()))


@hostile
def a_zip_that_leads_out(folder: Path, secret: Path) -> None:
    data = (secret / "建筑.gpkg").read_bytes()
    packed(folder / "建筑.zip", ("../建筑.gpkg", data), ("/tmp/建筑.gpkg", data))


@hostile
def a_zip_with_a_name_twice(folder: Path, secret: Path) -> None:
    data = (secret / "建筑.gpkg").read_bytes()
    packed(folder / "建筑.zip", ("建筑.gpkg", b""), ("建筑.GPKG", data))


@hostile
def a_zip_of_very_many(folder: Path, _: Path) -> None:
    packed(folder / "建筑.zip", *((f"{n}.txt", b"") for n in range(10_001)))


@hostile
def a_zip_with_an_endless_list(folder: Path, _: Path) -> None:
    """The list of members is said to be 3 GiB long."""
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 3 * 1024**3, 0, 0)
    (folder / "建筑.zip").write_bytes(b"PK\3\4" + bytes(1000) + end)


@hostile
def a_database_that_is_no_geopackage(folder: Path, _: Path) -> None:
    with sqlite3.connect(folder / "建筑.gpkg") as base:
        base.execute("CREATE TABLE 建筑 (geom BLOB, CS INTEGER)")
        base.execute("CREATE VIEW v AS SELECT load_extension('/tmp/x.so') FROM 建筑")
    base.close()


@hostile
def a_geopackage_that_asks_for_code(folder: Path, secret: Path) -> None:
    shutil.copyfile(secret / "建筑.gpkg", folder / "建筑.gpkg")
    with sqlite3.connect(folder / "建筑.gpkg") as base:
        base.execute("ALTER TABLE 建筑 RENAME TO 原")
        base.execute("CREATE VIEW 建筑 AS SELECT fid, geom, load_extension('/tmp/x.so') AS CS, GZFS FROM 原")
    base.close()


@hostile
def a_raster_of_one_huge_block(folder: Path, _: Path) -> None:
    """One block of 60,000 × 60,000 cells, of which the file holds nothing."""
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:4547", "sparse_ok": True}
    with rasterio.open(
        folder / "人口.tif", "w", width=60_000, height=60_000, transform=from_origin(X, Y, 1, 1), tiled=True,
        blockxsize=59_984 + 16, blockysize=59_984 + 16, **profile,
    ):  # fmt: skip
        pass


@hostile
def a_raster_of_very_many_cells(folder: Path, _: Path) -> None:
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:4547", "sparse_ok": True, "bigtiff": True}
    with rasterio.open(
        folder / "人口.tif",
        "w",
        width=300_000,
        height=300_000,
        transform=from_origin(X, Y, 1, 1),
        tiled=True,
        **profile,
    ):
        pass


@hostile
def a_shapefile_that_claims_to_be_long(folder: Path, secret: Path) -> None:
    for suffix in BUILDINGS:
        shutil.copyfile(secret / f"建筑{suffix}", folder / f"建筑{suffix}")
    data = bytearray((folder / "建筑.dbf").read_bytes())
    data[4:8] = struct.pack("<I", 2**31 - 1)
    (folder / "建筑.dbf").write_bytes(data)
    shapes = bytearray((folder / "建筑.shp").read_bytes())
    shapes[104:108] = struct.pack(">I", 2**30)
    shapes[148:152] = struct.pack("<I", 2**30)
    (folder / "建筑.shp").write_bytes(shapes)


@hostile
def a_shapefile_with_a_codec_for_an_encoding(folder: Path, secret: Path) -> None:
    """Python has codecs that unpack; none of them is an encoding of texts."""
    for suffix in BUILDINGS:
        shutil.copyfile(secret / f"建筑{suffix}", folder / f"建筑{suffix}")
    (folder / "建筑.cpg").write_text("zlib_codec", encoding="ascii")
    (folder / "建筑.dbf").unlink()


@hostile
def a_parquet_with_odd_metadata(folder: Path, _: Path) -> None:
    geo = json.dumps({"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "crs": {"a": []}}}})
    table = pa.table({"geometry": pa.array([b"\1\3"])}).replace_schema_metadata({"geo": geo})
    pq.write_table(table, folder / "建筑.parquet")


@hostile
def coordinates_beyond_all_bounds(folder: Path, _: Path) -> None:
    ring = [[1e308, 1e308], [1e308, -1e308], [-1e308, -1e308], [1e308, 1e308]]
    feature = {"type": "Feature", "properties": {"CS": 2}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    told = {"type": "FeatureCollection", "features": [feature] * 3}
    (folder / "建筑.geojson").write_text(json.dumps(told), encoding="utf-8")


@hostile
def a_deeply_nested_geojson(folder: Path, _: Path) -> None:
    told = '{"type": "FeatureCollection", "features": [' + '{"a": ' * 50_000
    (folder / "建筑.geojson").write_text(told, encoding="utf-8")


@hostile
def names_that_are_code(folder: Path, _: Path) -> None:
    """Markup, formulas, templates and signs that turn the line round, wherever a name may stand."""
    names = ["<script>fetch('http://127.0.0.1:9')</script>", "=cmd|'/C calc'!A0", "{{7*7}}\u202egnp.exe"]
    shapes = [UNIT, *(np.array(HOUSES, dtype=object)[:2])]
    write(folder / "更新单元.shp", shapes, encoding="UTF-8", MC=names)
    manifest(folder, f"name: {json.dumps(names[0])}\nlayers:\n  renewal_units: 更新单元.shp\n")
