"""The texts that stand beside the layers: the manifest, and whose data it is."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

import urbanform
from urbanform.model.roles import ROLES
from urbanform.osm.elements import Origin
from urbanform.osm.layers import MadeLayer
from urbanform.osm.words import WORDS, say

_HEAD = """\
# 由 urbanform osm 生成，来源 OpenStreetMap（© OpenStreetMap contributors，ODbL 1.0；见 ATTRIBUTION.txt）
# Made by urbanform osm from OpenStreetMap (© OpenStreetMap contributors, ODbL 1.0; see ATTRIBUTION.txt)
#
# 仅供试查：OpenStreetMap 未必齐全，缺漏的道路、建筑、公园会改变数值，结论不能作为审查依据。
# For trying out only: OpenStreetMap is not complete, and what it lacks changes the figures.
#
# OpenStreetMap 没有的，请放进本文件夹并在 layers 下写明（没有则相应规则“无法判定”）：
# What OpenStreetMap lacks: put it into this folder and name it under layers (without it the rules that need it are
# undetermined):
#   main_urban_area 主城区 · built_up_area 建成区 · county_seat 县城 · clusters 组团 · corridors 生态廊道
#   renewal_units 更新单元 · population 人口 · heritage_zones 历史文化保护范围
"""

_RESIDENTIAL = """\
  # OpenStreetMap 的居住用地不分城镇与农村，按“居住用地”（07）读取并存疑。确认范围内都是城镇住宅用地后，
  # 可把上一行换成下一行：
  # OpenStreetMap does not tell urban from rural housing, so it is read as 07, in doubt. Where you know that all of it
  # is urban, put the next line in place of the one above:
  # parcels: {path: parcels.gpkg, map: {land_use: {'07': '0701'}}, fields: {land_use: YDYHFLDM}}
"""

_BUILDINGS = """\
  # OpenStreetMap 不知道建筑是否新建：下一行在确认都是现状建筑时可换上
  # OpenStreetMap does not know which buildings are new; where you know that none is, use the next line instead
  # buildings: {path: buildings.gpkg, defaults: {action: retain}}
"""

_ADD = """\
  # main_urban_area: 主城区.shp
  # built_up_area: 建成区.shp
"""


def manifest(layers: Sequence[MadeLayer], origin: Origin) -> str:
    """``submission.yaml`` of the layers, with what to add as comments."""
    # JSON text is YAML text, whatever stands in a file's name.
    name = json.dumps(f"{_stem(origin.name)}（OpenStreetMap 数据，仅供试查）", ensure_ascii=False)
    lines = [_HEAD, f"name: {name}\n", "stage: existing\n", "layers:\n"]
    for layer in layers:
        lines.append(f"  {layer.role}: {layer.role}.gpkg\n")
        if layer.role == "parcels" and (layer.frame["YDYHFLDM"] == "07").any():
            lines.append(_RESIDENTIAL)
        if layer.role == "buildings":
            lines.append(_BUILDINGS)
    return "".join([*lines, _ADD])


def attribution(layers: Sequence[MadeLayer], left_out: pd.DataFrame, origin: Origin, read: Mapping[str, int]) -> str:
    """Whose data it is, of which day, what was read, made and left out; Chinese and English side by side."""
    dated = say(f"date-{origin.date_from}")
    lines = [
        "数据来源 / Source",
        "  © OpenStreetMap contributors",
        "  https://www.openstreetmap.org/copyright",
        "  开放数据库许可 Open Database License (ODbL) 1.0: https://opendatacommons.org/licenses/odbl/1-0/",
        "  转用或公开由此得到的数据库，须保留此署名并沿用 ODbL。",
        "  Whoever passes on a database made from it keeps this notice and the licence.",
        "",
        "  非测绘成果，仅供试查与比对，不作为审批依据；公开地图须按地图管理规定送审。",
        "  No survey: for trying out and comparing, not a ground for decisions.",
        "",
        f"  数据 / data: {origin.name}",
        f"  日期 / date: {origin.date or '—'}（{dated.zh} / {dated.en}）",
        *([f"  数据文件由何程序写出 / extract written by: {origin.program}"] if origin.program else []),
        f"  工具 / made by: urbanform {urbanform.__version__}, {origin.tool}",
        "  坐标系 / CRS: WGS 84 (EPSG:4326)",
        "",
        "读取的要素（带有对照表中的标签）/ Elements read (with a tag of interest)",
        *(f"  {kind}: {count}" for kind, count in read.items()),
        "",
        "写出的图层 / Layers made",
    ]
    for layer in layers:
        role = ROLES[layer.role]
        lines.append(f"  {layer.role} {role.zh}: {layer.frame['id'].nunique()}")
        lines += [f"    {note.zh} / {note.en}" for note in layer.notes]
    lines += ["", "未采用（逐个列于 left-out.csv）/ Left out (each is listed in left-out.csv)"]
    reasons = Counter(left_out["why"])
    lines += [f"  {count}: {WORDS[why][0]} / {WORDS[why][1]}" for why, count in reasons.most_common()]
    return "\n".join([*lines, ""]) if reasons else "\n".join([*lines, "  0", ""])


def _stem(name: str) -> str:
    for suffix in (".osm.pbf", ".osm.gz", ".osm.bz2", ".osm", ".pbf"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
