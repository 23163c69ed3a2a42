"""The invented county seat in Henan: thirty blocks, what stands in them and what is to be built there.

Blocks have a pitch of 250 m between street centrelines; 25 m on every side belong to the streets, so that a block's
land is 200 m × 200 m. Streets and plazas come with the zone number before their eastings, everything else without it.
"""

from pathlib import Path

import shapely
from drawing import Drawing, rectangle
from shapely import LineString, Polygon

ORIGIN_M = (512_000.0, 3_896_000.0)
PREFIXED_CRS = "EPSG:4526"
PREFIXED_ORIGIN_M = (38_512_000.0, 3_896_000.0)

MANIFEST = """\
name: 苇川县（虚构）县城样例
kind: county-seat
rules: henan
as_of: 2026
stage: plan
place: {province: 河南省, city: 澜淇市, county: 苇川县, city_level: prefecture, main_function: agricultural}
none: [height_zones]
layers:
  buildings:
    - {path: 现状/建筑.shp, encoding: GBK, fields: {storeys: CS}, defaults: {action: retain}}
    - {path: 规划/建筑.shp, defaults: {action: new}}
  road_surfaces: data.gpkg#DLHXM
  green_spaces: data.gpkg#LD
"""
DECLARED = ("建筑", "广场", "步行道")

SEAT_M = (0, 0, 1500, 1250)
PITCH_M = 250
STREET_HALF_M = 25
BLOCK_M = PITCH_M - 2 * STREET_HALF_M

# Northernmost row first. R housing, N new housing, C commerce, S school, P offices of state, M works, B warehouses,
# G park, Z plaza, F fields, W pond with a plaza on its bank.
MAP = (
    "RRRRSR",
    "RNRCRF",
    "RRZPRW",
    "MRNNRG",
    "MMRRCB",
)
LAND_USE = {
    "R": ("070102", "二类城镇住宅用地"),
    "N": ("070102", "二类城镇住宅用地"),
    "C": ("0901", "商业用地"),
    "S": ("080403", "中小学用地"),
    "P": ("0801", "机关团体用地"),
    "M": ("1001", "工业用地"),
    "B": ("1101", "物流仓储用地"),
    "G": ("1401", "公园绿地"),
    "Z": ("1403", "广场用地"),
    "F": ("0102", "水浇地"),
    "W": ("1704", "坑塘水面"),
    "-": ("1207", "城镇村道路用地"),
}

# What fills a block: use, corners of each building from the block's own, size.
HOUSES = tuple((x, y) for y in (10, 60, 110, 160) for x in (10, 75, 140))
HALLS = tuple((x, y) for y in (10, 60, 110, 160) for x in (10, 110))
WORKS = tuple((x, y) for y in (20, 110) for x in (10, 110))
HOUSE_M, HALL_M, WORKS_M, TOWER_M = (50, 14), (80, 15), (80, 70), (25, 20)
# The storeys of the four rows of a block of housing, south first, as the survey wrote them.
HOUSE_STOREYS = ("5层", "6", "６F", "7")

# Name, class, red-line width and pavement width, points, status.
STREETS = (
    ("向阳路", "次干路", 30, 18, [(0, 250), (1500, 250)], "现状"),
    ("人民路", "主干路", 40, 24, [(-300, 500), (1700, 500)], "现状"),
    ("卫源大道", "主干路", 50, 32, [(0, 750), (1500, 750)], "现状"),
    ("苇塘街", "支路", None, 22, [(0, 1000), (1500, 1000)], "现状"),
    ("东风路", "次干路", 36, 20, [(250, 0), (250, 1250)], "现状"),
    ("文明路", "支路", None, None, [(500, 0), (500, 1250)], "现状"),
    ("中原大道", "主干路", None, 26, [(750, -200), (750, 1450)], "现状"),
    ("建业路", "次干路", None, 24, [(1000, 0), (1000, 1250)], "现状"),
    ("S888省道", "省道", 50, 24, [(1250, -300), (1250, 1500)], "现状"),
    ("塘边巷", "支路", 12, 7, [(1370, 500), (1370, 630)], "现状"),
    ("高铁连接路", "主干路", 42, None, [(1250, 875), (1500, 875)], "规划"),
    ("城东一路", "主干路", 60, None, [(1650, 0), (1650, 1250)], "规划"),
)

# Street, then the pieces of its red-line surface.
SURFACES = (
    ("人民路", ((-300, 480, 1700, 520),)),
    ("文明路", ((488, 0, 512, 1250), (485, 600, 488, 630))),
    ("中原大道", ((730, -200, 770, 1450), (725, 460, 730, 540), (770, 460, 775, 540))),
    ("建业路", ((982, 0, 1018, 1250), (1018, 590, 1024, 655))),
)

PLAZAS = (
    ("文化广场", (535, 540, 575, 640)),
    ("文化广场", (575, 540, 615, 640)),
    ("文化广场", (615, 540, 655, 640)),
    ("市民广场", (525, 655, 725, 705)),
    ("公园南广场", (1290, 285, 1440, 385)),
    ("公园东门广场", (1400, 395, 1600, 475)),
    ("苇塘广场西片", (1300, 525, 1370, 625)),
    ("苇塘广场东片", (1370, 525, 1440, 625)),
    ("城东广场", (1700, 300, 1900, 400)),
)
LAWNS = ((540, 545, 565, 555), (565, 620, 590, 630), (1325, 300, 1405, 370))
PONDS = (("文化池", (620, 560, 640, 580)), ("苇塘", (1275, 630, 1475, 725)))
KIOSK = (590, 590, 600, 600)
GATEHOUSE = (300, -10, 340, 10)

NEW_TOWERS = ("17", "18", "18", "19")
OUTER_TOWER = (1600, 900)

FOOTPATHS = (
    ("人民路步道", [(0, 500), (500, 500)]),
    ("人民路步道", [(500, 500), (1500, 500)]),
    ("文明路步道", [(500, 0), (500, 500)]),
    ("文明路步道", [(500, 500), (500, 980)]),
    ("苇塘街步道", [(500, 1000), (1200, 1000)]),
    ("公园小径", [(1300, 1100), (1360, 1100)]),
)


def draw_henan_county(folder: Path) -> None:
    """Draw the county seat and write its layers and its manifest into a folder."""
    plain, prefixed = Drawing(ORIGIN_M), Drawing(PREFIXED_ORIGIN_M, PREFIXED_CRS)
    packed, standing, planned = (Drawing(ORIGIN_M) for _ in range(3))
    plain.add("县城", rectangle(*SEAT_M), 县城名称="苇川县城", 常住人口="1.875万")
    for name, box in PONDS:
        plain.add("水体", rectangle(*box), STMC=name)
    for name, points in FOOTPATHS:
        plain.add("步行道", LineString(points), MC=name)
    for name, road_class, red_line_m, pavement_m, points, status in STREETS:
        row = {"道路名称": name, "道路等级": road_class, "红线宽度": red_line_m, "路面宽度": pavement_m}
        prefixed.add("道路中心线", LineString(points), **row, 规划状态=status)
    for name, box in PLAZAS:
        prefixed.add("广场", rectangle(*box), 广场名称=name)
    for name, boxes in SURFACES:
        packed.add("DLHXM", shapely.union_all([rectangle(*box) for box in boxes]), 道路名称=name)
    for box in LAWNS:
        packed.add("LD", rectangle(*box), LDLX="附属绿地")
    _parcels(plain)
    _standing(standing)
    _planned(planned)
    plain.write(folder, DECLARED)
    prefixed.write(folder, DECLARED)
    packed.write_geopackage(folder / "data.gpkg")
    standing.write(folder / "现状")
    planned.write(folder / "规划", DECLARED)
    (folder / "submission.yaml").write_text(MANIFEST, encoding="utf-8")


def _blocks(letters: str) -> list[tuple[str, float, float]]:
    """The letter, left edge and lower edge of every block of some letters, southern rows first."""
    return [
        (letter, PITCH_M * column + STREET_HALF_M, PITCH_M * row + STREET_HALF_M)
        for row, line in enumerate(reversed(MAP))
        for column, letter in enumerate(line)
        if letter in letters
    ]


def _parcels(plain: Drawing) -> None:
    land: list[Polygon] = []
    for letter, x, y in _blocks("RNCSPMBGZFW"):
        spans = [("Z", 0, BLOCK_M / 2), ("W", BLOCK_M / 2, BLOCK_M)] if letter == "W" else [(letter, 0, BLOCK_M)]
        for part, low, high in spans:
            land.append(rectangle(x, y + low, x + BLOCK_M, y + high))
            code, name = LAND_USE[part]
            plain.add("用地", land[-1], YDYHFLDM=code, YDYHFLMC=name)
    code, name = LAND_USE["-"]
    plain.add("用地", rectangle(*SEAT_M).difference(shapely.union_all(land)), YDYHFLDM=code, YDYHFLMC=name)


def _box(x_m: float, y_m: float, size_m: tuple[float, float]) -> Polygon:
    return rectangle(x_m, y_m, x_m + size_m[0], y_m + size_m[1])


def _standing(standing: Drawing) -> None:
    """What stands: storeys are in a text column, and no column tells what is to become of a building."""

    def add(shape: Polygon, use: str, storeys: str, year: int) -> None:
        standing.add("建筑", shape, JZYT=use, CS=storeys, JCND=year)

    for _, x, y in _blocks("R"):
        for place, (dx, dy) in enumerate(HOUSES):
            add(_box(x + dx, y + dy, HOUSE_M), "住宅", HOUSE_STOREYS[place // 3], 1998)
    for letter, x, y in _blocks("CPSB"):
        use, storeys = {"C": ("商业", "5"), "P": ("公共建筑", "5"), "S": ("学校", "5"), "B": ("仓储", "1")}[letter]
        for dx, dy in HALLS[: 6 if letter == "S" else 8]:
            add(_box(x + dx, y + dy, HALL_M), use, storeys, 2008)
    for number, (_, x, y) in enumerate(_blocks("M")):
        for dx, dy in WORKS[: 4 if number else 3]:
            add(_box(x + dx, y + dy, WORKS_M), "工业", "1", 2012)
    add(rectangle(*KIOSK), "商业", "1", 2016)
    add(rectangle(*GATEHOUSE), "商业", "2", 2003)


def _planned(planned: Drawing) -> None:
    """What is to be built; that all of it is new is told by the manifest alone."""

    def add(shape: Polygon, use: str, storeys: str, height_m: float, pv_m2: int = 0, installable_m2: int = 0) -> None:
        row = {"JZYT": use, "CS": storeys, "JZGD": height_m, "GFMJ": pv_m2, "KAZMJ": installable_m2}
        planned.add("建筑", shape, **row)

    (_, *first), (_, *second), (_, *third) = _blocks("N")
    for (x, y), count in ((first, 12), (second, 8)):
        for dx, dy in HOUSES[:count]:
            add(_box(x + dx, y + dy, HOUSE_M), "住宅", "6", 18.0)
    for number, storeys in enumerate(NEW_TOWERS):
        add(_box(third[0] + 10 + 48 * number, third[1] + 90, TOWER_M), "住宅", storeys, int(storeys) * 3.0)
    ((_, x, y),) = _blocks("S")
    for (dx, dy), pv_m2, installable_m2 in zip(HALLS[6:], (300, 200), (600, 400), strict=True):
        add(_box(x + dx, y + dy, HALL_M), "学校", "5", 20.0, pv_m2, installable_m2)
    (_, x, y) = _blocks("M")[0]
    add(_box(x + WORKS[3][0], y + WORKS[3][1], WORKS_M), "工业", "1", 9.0, 2520, 5600)
    add(_box(*OUTER_TOWER, TOWER_M), "住宅", "19", 57.0)
