"""The invented renewal area of three units, drawn building by building."""

from collections.abc import Mapping
from pathlib import Path

from drawing import Drawing, rectangle
from shapely import LineString, Polygon

ORIGIN_M = (503_000.0, 3_952_000.0)

MANIFEST = """\
name: 澜淇市（虚构）柳湾片区更新单元样例
kind: renewal
rules: hebi
as_of: 2026
place: {province: 河南省, city: 鹤壁市, city_level: prefecture}
none: [height_zones]
"""

UNITS = (
    ("柳湾里单元", "老城区", 620, (0, 0, 300, 220)),
    ("机床厂单元", "其他", 290, (380, 0, 780, 300)),
    ("南关单元", "老城区", 710, (780, 0, 1230, 300)),
)
STOREY_HEIGHT_M = {"住宅": 3.0, "公共建筑": 4.0, "商业": 4.0, "工业": 6.0}


def draw_renewal(folder: Path) -> None:
    """Draw the renewal area and write its layers and its manifest into a folder."""
    area = Drawing(ORIGIN_M)
    for name, kind, households, box in UNITS:
        area.add("更新单元", rectangle(*box), MC=name, 片区类型=kind, HS=households)
    _surroundings(area)
    _old_lane_quarter(area)
    _machine_works(area)
    _south_gate(area)
    _building(area, (310, 100), (40, 15), "5", 5, "住宅", "拆除", 1991)
    area.write(folder)
    (folder / "submission.yaml").write_text(MANIFEST, encoding="utf-8")


def _building(
    area: Drawing,
    corner_m: tuple[float, float],
    size_m: tuple[float, float],
    storeys_text: str,
    storeys: int | None,
    use: str,
    action: str,
    year: int | None,
    floor_area_m2: int | None = None,
    instead: Mapping[str, str | int] | None = None,
) -> None:
    """A building with its storeys as the survey wrote them; ``storeys`` only sets the height."""
    (x, y), (width, depth) = corner_m, size_m
    row: dict[str, object] = {
        "JZYT": use,
        "CS": storeys_text,
        "JZGD": None if storeys is None else storeys * STOREY_HEIGHT_M[use],
        "JZMJ": floor_area_m2,
        "GZFS": action,
        "WFJZ": "否",
        "危房": "否",
        "BLJZ": "是",
        "JCND": year,
        "GFMJ": 0,
        "KAZMJ": 0,
    }
    area.add("建筑", rectangle(x, y, x + width, y + depth), **{**row, **(instead or {})})


def _surroundings(area: Drawing) -> None:
    corner_on_a_house = [(10, 156), (75, 156), (75, 180.5), (70, 180.5), (70, 220), (10, 220)]
    area.add("历史文化保护范围", Polygon(corner_on_a_house), MC="柳湾里历史地段")
    area.add("历史文化保护范围", rectangle(995, 5, 1075, 30), MC="南关老街")
    for code, name, box in (
        ("070102", "二类城镇住宅用地", (0, 0, 300, 220)),
        ("1001", "工业用地", (380, 0, 780, 165)),
        ("070102", "二类城镇住宅用地", (380, 190, 645, 300)),
        ("0803", "文化用地", (645, 190, 780, 300)),
        ("0901", "商业用地", (790, 0, 1230, 58)),
        ("070102", "二类城镇住宅用地", (800, 60, 1230, 300)),
    ):
        area.add("用地", rectangle(*box), YDYHFLDM=code, YDYHFLMC=name)
    for name, road_class, points in (
        ("柳湾街", "次干路", [(-40, -20), (1270, -20)]),
        ("柳荫北街", "支路", [(-40, 320), (1270, 320)]),
        ("厂前路", "支路", [(365, -20), (365, 320)]),
        ("南关路", "次干路", [(1250, -20), (1250, 320)]),
        ("厂内路", "小区道路", [(365, 177), (730, 177)]),
    ):
        area.add("道路中心线", LineString(points), DLMC=name, DLDJ=road_class, GHZT="现状")


def _old_lane_quarter(area: Drawing) -> None:
    """Twenty walk-ups in four rows and a row of ten sheds put up without a permit."""
    plain, unsafe, repairable = {(0, 3), (1, 3), (2, 0)}, {(3, 0), (4, 0)}, {(4, 1)}
    for row in range(4):
        for column in range(5):
            place = (column, row)
            action = "拆除" if place in plain | unsafe | repairable else ("改造" if row == 2 else "保留")
            in_danger = "是" if place in unsafe | repairable else "否"
            worth_repair = "否" if place in unsafe else "是"
            corner = (20 + 54 * column, 60 + 40 * row)
            flags = {"危房": in_danger, "BLJZ": worth_repair}
            _building(area, corner, (40, 12), "5", 5, "住宅", action, 1986 + row, instead=flags)
    for column in range(10):
        corner = (20 + 27 * column, 15)
        _building(area, corner, (20, 10), "1层", 1, "住宅", "拆除", 1998, instead={"WFJZ": "是"})


def _machine_works(area: Drawing) -> None:
    """Workshops, offices and dormitories; one shed stands across the edge to the next unit."""
    for row in range(2):
        for column in range(3):
            action = "拆除" if column == 2 else "保留"
            _building(area, (400 + 70 * column, 20 + 50 * row), (60, 40), "1", 1, "工业", action, 1974)
        _building(area, (620, 20 + 50 * row), (60, 40), "1", 1, "工业", "改造", 1981, floor_area_m2=4000)
        _building(area, (700, 20 + 40 * row), (40, 15), "6F", 6, "公共建筑", "保留", 1995, floor_area_m2=3800)
    # The same workshop once more, as it came from a second survey sheet.
    _building(area, (540, 20), (60, 40), "1", 1, "工业", "拆除", 1974)
    for row in range(3):
        for column in range(4):
            action = "拆除" if column == 3 and row < 2 else "改造"
            _building(area, (400 + 60 * column, 200 + 30 * row), (50, 12), "４", 4, "住宅", action, 1979)
    _building(area, (735, 140), (60, 20), "3", 3, "工业", "拆除", 1983)
    _building(area, (660, 200), (40, 25), "2", 2, "公共建筑", "新建", None, instead={"GFMJ": 300, "KAZMJ": 500})


def _south_gate(area: Drawing) -> None:
    """Shop-houses, slabs and towers, half of them to be cleared, and two new towers."""
    for row in range(2):
        for column in range(12):
            action = "拆除" if row == 1 else "保留"
            _building(area, (800 + 34 * column, 15 + 20 * row), (30, 10), "3层", 3, "商业", action, 1988)
        for column in range(6):
            action = "拆除" if row == 0 else "改造"
            _building(area, (800 + 66 * column, 70 + 30 * row), (50, 12), "6.0", 6, "住宅", action, 1993)
    for column in range(4):
        _building(area, (830 + 90 * column, 180), (25, 20), "-1/11", 11, "住宅", "保留", 2005)
    _building(area, (1200, 200), (20, 10), "六七", None, "住宅", "保留", 1996)
    for x in (830, 930):
        _building(area, (x, 240), (30, 20), "18", 18, "住宅", "新建", None)
