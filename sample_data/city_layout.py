"""The invented city of clusters, drawn from its plan."""

from pathlib import Path
from random import Random

import numpy as np
import shapely
from city_plan import (
    BELTS_M,
    BLOCK_M,
    CELL_M,
    CLUSTERS,
    COLUMNS_LAKE_TOWN_M,
    COLUMNS_MAIN_M,
    COLUMNS_NORTH_EAST_M,
    COLUMNS_NORTH_WEST_M,
    DEAD_END_NAMES,
    DISTRICTS,
    EAST_WEST,
    HIGHWAY_X_M,
    INTERNAL_LANES,
    LAKE_M,
    LAKE_TOWN_MAP,
    LAND_USE,
    LANE_NAMES,
    LONG_STREETS,
    MAIN_MAP,
    NORTH_EAST_MAP,
    NORTH_SOUTH,
    NORTH_WEST_MAP,
    PITCH_M,
    PLANT_COLUMNS_M,
    PLANT_DEPTH_M,
    PLANT_ROWS_M,
    PLANT_YARD_M,
    POPULATION_ZONES,
    PUMP_HOUSE_M,
    RASTER_M,
    RED_LINE_M,
    STREET_HALF_M,
    TOWERS,
)
from drawing import Drawing, rectangle, regular_polygon
from shapely import LineString, Polygon

ORIGIN_M = (497_000.0, 3_948_000.0)
SEED = 20260101
STREET_ROWS_M = tuple(y for y, _, _ in EAST_WEST)

MANIFEST = """\
name: 澜淇市（虚构）城市体检样例
kind: city
rules: hebi
as_of: 2026
stage: existing
place: {province: 河南省, city: 鹤壁市, city_level: prefecture}
none: [height_zones]
"""

# Bands of a block, measured from its lower edge: a middle strip is free for a lane.
HOUSE_ROWS_M = ((8, 22), (64, 78), (132, 146), (188, 202))
GREEN_ROWS_M = ((26, 60), (80, 88), (122, 130), (150, 184))
LANE_BAND_M = (95, 115)
TOWER_BAND_M = (90, 120)
HOUSE_COLUMNS_M = ((10, 60), (80, 130), (150, 200))
HALL_COLUMNS_M = ((10, 100), (110, 200))

# What is built in a block, by its letter: use, storeys to choose from, columns of each row.
Built = tuple[str, tuple[int, ...], tuple[tuple[int, int], ...]]
BUILT: dict[str, Built] = {
    **dict.fromkeys("RQ", ("住宅", (6, 6, 7, 11, 18), HOUSE_COLUMNS_M)),
    "V": ("住宅", (2,), HOUSE_COLUMNS_M),
    **dict.fromkeys("CL", ("商业", (2, 3, 4, 5), HALL_COLUMNS_M)),
    **dict.fromkeys("BU", ("其他", (1, 2), HALL_COLUMNS_M)),
}
SERVICES: Built = ("公共建筑", (3, 4, 5, 6), HALL_COLUMNS_M)


def draw_city(folder: Path) -> None:
    """Draw the city and write its layers, its population grid and its manifest into a folder."""
    city = Drawing(ORIGIN_M)
    _boundaries(city)
    _roads(city)
    _outer_roads(city)
    _corridors(city)
    _blocks(city)
    _plants(city)
    _open_land(city)
    _hard_surfaces(city)
    city.write(folder)
    _population(city, folder / "人口.tif")
    (folder / "submission.yaml").write_text(MANIFEST, encoding="utf-8")


def _boundaries(city: Drawing) -> None:
    city.add("主城区", rectangle(0, 0, 4000, 3000), MC="澜淇市主城区")
    for name, box, residents in DISTRICTS:
        city.add("建成区", rectangle(*box), MC=name, CZRK=residents)
    for name, box in CLUSTERS:
        city.add("组团", rectangle(*box), ZTMC=name)
    halves = [
        (f"{name[:2]}{side}社区", (x0, low, x1, high))
        for name, (x0, y0, x1, y1) in CLUSTERS[:3]
        for side, low, high in (("南", y0, 1500), ("北", 1500, y1))
    ]
    whole = [(f"{name.removesuffix('组团')}社区", box) for name, box in CLUSTERS[3:]]
    for number, (name, box) in enumerate(halves + whole):
        complete, green = number not in (1, 4, 8, 9), number % 2 == 0
        city.add("居住社区", rectangle(*box), SQMC=name, WZSQ="是" if complete else "否", LSSQ="是" if green else "否")


def _road(city: Drawing, name: str, road_class: str, *points: tuple[float, float], **changes: object) -> None:
    row = {"DLMC": name, "DLDJ": road_class, "HXKD": str(RED_LINE_M[road_class]), "GHZT": "现状", **changes}
    city.add("道路中心线", LineString(points), **row)


def _roads(city: Drawing) -> None:
    for x, name, road_class in NORTH_SOUTH:
        low, high = LONG_STREETS.get(name, (0, 3000))
        _road(city, name, road_class, (x, low), (x, 1375))
        _road(city, name, road_class, (x, 1375), (x, high))
    for y, name, road_class in EAST_WEST:
        low, high = LONG_STREETS.get(name, (0, 4000))
        # The two sheets on which this street was digitised overlap.
        west_end, east_start = (2100, 1900) if name == "青石街" else (2000, 2000)
        width = {"HXKD": "40米"} if name == "兴业大街" else {}
        _road(city, name, road_class, (low, y), (west_end, y), **width)
        _road(city, name, road_class, (east_start, y), (high, y), **width)
        if name == "米市街":
            _road(city, name, road_class, (2000, y), (4000, y))
    lanes, dead_ends = iter(LANE_NAMES), iter(DEAD_END_NAMES)
    for letter, block_x, block_y in _main_blocks():
        left, bottom = block_x - STREET_HALF_M, block_y - STREET_HALF_M
        if letter == "L":
            _road(city, next(lanes), "支路", (left, bottom + 125), (left + PITCH_M, bottom + 125))
        elif letter == "D":
            _road(city, next(dead_ends), "支路", (left + 125, bottom), (left + 125, bottom + 136))
    for number, (west, row) in enumerate(INTERNAL_LANES, start=1):
        middle = STREET_ROWS_M[row] + PITCH_M / 2
        _road(city, f"第{number}小区内部路", "小区道路", (west, middle), (west + PITCH_M - STREET_HALF_M, middle))
    _road(city, "G998国道", "国道", (HIGHWAY_X_M, -1500), (HIGHWAY_X_M, 3400))
    _road(city, "净水一路", "支路", (2950, 250), (3200, 250), GHZT="规划")


def _outer_roads(city: Drawing) -> None:
    for number, x in enumerate((350, 850, 1100, 1350, 1600), start=1):
        _road(city, f"北山{number}路", "支路", (x, 3400), (x, 4150))
    for number, x in enumerate(COLUMNS_NORTH_EAST_M, start=1):
        _road(city, f"北原{number}路", "支路", (x, 3400), (x, 4150))
    for number, y in enumerate((3400, 3900, 4150), start=1):
        _road(city, f"北山{number}街", "支路", (350, y), (1600, y))
        _road(city, f"北原{number}街", "支路", (2450, y), (3450, y))
    _road(city, "北岭大街", "次干路", (350, 3650), (3450, 3650))
    for number, x in enumerate((*COLUMNS_LAKE_TOWN_M, 5800), start=1):
        _road(city, f"月湖{number}路", "支路", (x, 875), (x, 1375))
        _road(city, f"月湖{number}路", "支路", (x, 1625), (x, 2125))
    for number, y in enumerate((875, 1125, 1375, 1625, 1875, 2125), start=1):
        _road(city, f"月湖{number}街", "支路", (4800, y), (5800, y))
    _road(city, "滨河南路", "次干路", (-100, -110), (4100, -110), HXKD="20")
    _road(city, "创业路", "次干路", (2700, -1300), (2700, -300))
    for number, y in enumerate((-1300, -800, -300), start=1):
        _road(city, f"产业{number}街", "次干路", (600, y), (3450, y))


def _corridors(city: Drawing) -> None:
    city.add("生态廊道", rectangle(1250, 0, 1350, 3000), MC="西廊")
    city.add("生态廊道", rectangle(2650, 0, 2850, 3000), MC="东廊")
    north = [(0, 3050), (1400, 3050), (1800, 3120), (2200, 3120), (2600, 3050), (4000, 3050)]
    mirrored = [(x, 6300 - y) for x, y in reversed(north)]
    city.add("生态廊道", Polygon(north + mirrored), MC="北廊")
    city.add("生态廊道", rectangle(0, -170, 4000, -50), MC="南廊")
    outer, inner = (regular_polygon(5300, 1500, radius, 720) for radius in (1090, 1000))
    city.add("生态廊道", outer.difference(inner), MC="月湖环廊")
    city.add("生态廊道", rectangle(1900, 3280, 2100, 4320), MC="北岭廊")


def _main_blocks() -> list[tuple[str, float, float]]:
    """The letter, left edge and lower edge of every block of the main urban area, southern rows first."""
    return _read_map(MAIN_MAP, COLUMNS_MAIN_M, STREET_ROWS_M[0])


def _read_map(letters: tuple[str, ...], columns_m: tuple[int, ...], first_row_m: int) -> list[tuple[str, float, float]]:
    return [
        (letter, x + STREET_HALF_M, first_row_m + PITCH_M * row + STREET_HALF_M)
        for row, line in enumerate(reversed(letters))
        for x, letter in zip(columns_m, line if line.isspace() else line.replace(" ", ""), strict=True)
        if letter != " "
    ]


def _blocks(city: Drawing) -> None:
    random = Random(SEED)
    blocks = [
        *_main_blocks(),
        *_read_map(NORTH_WEST_MAP, COLUMNS_NORTH_WEST_M, 3400),
        *_read_map(NORTH_EAST_MAP, COLUMNS_NORTH_EAST_M, 3400),
        *_read_map(LAKE_TOWN_MAP, COLUMNS_LAKE_TOWN_M, 875),
    ]
    for letter, x, y in blocks:
        _parcels(city, letter, x, y)
        if letter == "G":
            _green(city, rectangle(x, y, x + BLOCK_M, y + BLOCK_M), "公园绿地")
            city.add("公园绿地", rectangle(x, y, x + BLOCK_M, y + BLOCK_M), MC=f"街区公园{x:.0f}-{y:.0f}")
            continue
        for low, high in GREEN_ROWS_M:
            _green(city, _in_block(letter, x, y, (0, BLOCK_M), (low, high)), "附属绿地")
        _buildings(city, random, letter, x, y)
    for tower in TOWERS:
        x = tower.column_m + STREET_HALF_M + tower.offset_m
        y = STREET_ROWS_M[tower.row] + STREET_HALF_M
        shape = rectangle(x, y + TOWER_BAND_M[0], x + 30, y + TOWER_BAND_M[1])
        _building(city, shape, "商业", tower.storeys, tower.year, height_m=tower.height_m)


def _in_block(letter: str, x: float, y: float, across: tuple[float, float], along: tuple[float, float]) -> Polygon:
    """A rectangle in block metres; campuses are laid out with their rows running north."""
    if letter == "D":
        across, along = along, across
    return rectangle(x + across[0], y + along[0], x + across[1], y + along[1])


def _parcels(city: Drawing, letter: str, x: float, y: float) -> None:
    spans: list[tuple[str, float, float]] = [(letter, 0, BLOCK_M)]
    if letter in "LD":
        spans = [(letter, 0, LANE_BAND_M[0]), (letter, LANE_BAND_M[1], BLOCK_M)]
    elif letter == "Q":
        spans = [("G", 0, 20), ("Q", 20, BLOCK_M)]
    elif _has_small_park(letter, x, y):
        spans = [("G", 0, 7), (letter, 7, BLOCK_M)]
    for part, low, high in spans:
        shape = _in_block(letter, x, y, (0, BLOCK_M), (low, high))
        _parcel(city, part, shape)
        if part == "G" != letter:
            _green(city, shape, "公园绿地")
            city.add("公园绿地", shape, MC="街角游园" if letter == "Q" else "校前小游园")


def _has_small_park(letter: str, x: float, y: float) -> bool:
    return letter == "S" and (x, y) == (620, 895)


def _parcel(city: Drawing, letter: str, shape: Polygon) -> None:
    code, name = LAND_USE[letter]
    city.add("用地", shape, YDYHFLDM=code, YDYHFLMC=name)


def _building(
    city: Drawing,
    shape: Polygon,
    use: str,
    storeys: int,
    year: int,
    height_m: float | None = None,
    pv_m2: int = 0,
    installable_m2: int = 0,
) -> None:
    height_m = storeys * 3.0 if height_m is None else height_m
    row = {"JZYT": use, "CS": storeys, "JZGD": height_m, "JCND": year, "GFMJ": pv_m2, "KAZMJ": installable_m2}
    city.add("建筑", shape, **row)


def _buildings(city: Drawing, random: Random, letter: str, x: float, y: float) -> None:
    if letter == "Z":
        return
    use, choices, columns = BUILT.get(letter, SERVICES)
    storeys, year = random.choice(choices), random.randint(1982, 2022)
    if letter == "R" and (x, y) == (3720, 2395):
        storeys, year = 18, 2024
    for number, along in enumerate(HOUSE_ROWS_M):
        if letter == "Q" and number == 0:
            continue
        for half, across in enumerate(columns):
            shape = _in_block(letter, x, y, across, along)
            if letter == "S" and (x, y) == (620, 1645) and number == 1:
                pv_m2, installable_m2 = ((600, 1000), (150, 500))[half]
                _building(city, shape, use, 4, 2024, pv_m2=pv_m2, installable_m2=installable_m2)
            else:
                _building(city, shape, use, storeys, year)


def _plants(city: Drawing) -> None:
    random = Random(SEED)
    new_plants = iter(((5280, 0), (3360, 0)))
    for y in PLANT_ROWS_M:
        for left, right in PLANT_COLUMNS_M:
            _parcel(city, "M", rectangle(left, y, right, y + PLANT_DEPTH_M))
            yard = rectangle(left, y, right, y + PLANT_YARD_M)
            city.add("下垫面", yard, 是否透水="是", 类型="透水铺装")
            year = random.randint(1990, 2022)
            for low in (y + 170, y + 280):
                for x in range(left + 10, right - 130, 140):
                    shape = rectangle(x, low, x + 120, low + 80)
                    if (left, low) == (2720, PLANT_ROWS_M[1] + 170) and x < left + 200:
                        pv_m2, installable_m2 = next(new_plants)
                        _building(city, shape, "工业", 1, 2024, 12.0, pv_m2, installable_m2)
                    else:
                        _building(city, shape, "工业", 1, year, 12.0)
    _parcel(city, "W", rectangle(1890, 3840, 2110, 3890))
    _building(city, rectangle(1905, 3850, 2095, 3880), "仓储", 1, 2016, 9.0)
    _building(city, rectangle(*PUMP_HOUSE_M), "其他", 1, 2009, 6.0)


def _green(city: Drawing, shape: Polygon, kind: str) -> None:
    city.add("绿地", shape, LDLX=kind)
    city.add("下垫面", shape, 是否透水="是", 类型="绿地")


def _between_streets() -> list[tuple[float, float]]:
    """The stretches of the main urban area, from south to north, that lie between two east-west streets."""
    edges = [0, *(y + side for y in STREET_ROWS_M for side in (-STREET_HALF_M, STREET_HALF_M)), 3000]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _open_land(city: Drawing) -> None:
    pump_house = rectangle(*PUMP_HOUSE_M)
    for low, high in _between_streets():
        for left, right in BELTS_M:
            _green(city, rectangle(left, low, right, high).difference(pump_house), "防护绿地")
        _parcel(city, "N", rectangle(1120, low, 1200, high))
    for low, high in (_between_streets()[0], _between_streets()[-1]):
        for x in COLUMNS_MAIN_M:
            _green(city, rectangle(x + STREET_HALF_M, low, x + STREET_HALF_M + BLOCK_M, high), "防护绿地")
    for box in (
        (300, 4170, 1800, 4300),
        (1620, 3300, 1800, 3630),
        (1620, 3670, 1800, 4170),
        (2200, 4170, 3700, 4300),
        (2200, 3300, 2430, 3630),
        (2200, 3670, 2430, 4170),
        (500, -1400, 1205, -1320),
        (1245, -1400, 3500, -1320),
        (500, -1320, 580, -200),
        (4700, 800, 4780, 1355),
        (4700, 1395, 4780, 2200),
        (5820, 800, 5900, 2200),
    ):
        _green(city, rectangle(*box), "防护绿地")
    lake = rectangle(*LAKE_M)
    lake_park = rectangle(4820, 1395, 5780, 1605)
    city.add("水体", lake, MC="月湖")
    city.add("下垫面", lake, 是否透水="是", 类型="水面")
    _green(city, lake_park.difference(lake), "公园绿地")
    for name, shape in (
        ("西廊带状公园", rectangle(1260, 0, 1340, 3000)),
        ("东廊带状公园", rectangle(2660, 0, 2840, 3000)),
        ("西环带状公园", rectangle(20, 0, 60, 3000)),
        ("北山公园", rectangle(370, 4170, 1580, 4230)),
        ("北原公园", rectangle(2470, 4170, 3430, 4230)),
        ("月湖公园", lake_park),
        ("城北郊野公园", rectangle(500, 3010, 800, 3045)),
    ):
        city.add("公园绿地", shape, MC=name)
        _parcel(city, "G", shape)
    for name, line in (
        ("西环绿道", LineString([(40, 0), (40, 3000)])),
        ("西廊绿道", LineString([(1300, -40), (1300, 3040)])),
        ("东廊绿道", LineString([(2750, 0), (2750, 3000)])),
        ("东环绿道", LineString([(3985, 0), (3985, 3000)])),
        ("北山绿道", LineString([(370, 4200), (1580, 4200)])),
        ("北原绿道", LineString([(2470, 4200), (3430, 4200)])),
        ("环月湖绿道", LineString(rectangle(4830, 1405, 5770, 1595).exterior.coords)),
    ):
        city.add("绿道", line, MC=name, GHZT="现状")
    city.add("绿道", LineString([(0, 15), (4000, 15)]), MC="南环绿道", GHZT="规划")


def _hard_surfaces(city: Drawing) -> None:
    """All that is left of each district once its permeable ground is taken out."""
    permeable = shapely.union_all(city.shapes("下垫面"))
    for _, box, _ in DISTRICTS:
        city.add("下垫面", rectangle(*box).difference(permeable), 是否透水="否", 类型="硬化地面")


def _population(city: Drawing, path: Path) -> None:
    left, bottom, right, top = RASTER_M
    cells = np.zeros(((top - bottom) // CELL_M, (right - left) // CELL_M))
    for (x0, y0, x1, y1), persons in POPULATION_ZONES:
        rows = slice((top - y1) // CELL_M, (top - y0) // CELL_M)
        columns = slice((x0 - left) // CELL_M, (x1 - left) // CELL_M)
        cells[rows, columns] = np.nan if persons is None else persons
    city.write_raster(path, cells, left, top, CELL_M)
