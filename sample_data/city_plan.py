"""The plan of the invented city: streets, blocks, districts and the letter maps of its land use.

Everything is in metres from the lower-left corner of the main urban area. Blocks have a pitch of 250 m between street
centrelines; 20 m on every side belong to the streets, so that a block's land is 210 m × 210 m.
"""

from dataclasses import dataclass

PITCH_M = 250
STREET_HALF_M = 20
BLOCK_M = PITCH_M - 2 * STREET_HALF_M

NORTH_SOUTH = (
    (100, "西岭路", "支路"),
    (350, "桑园路", "次干路"),
    (600, "长堤路", "主干路"),
    (850, "柳荫路", "支路"),
    (1100, "望河路", "次干路"),
    (1500, "文昌路", "次干路"),
    (1750, "槐荫路", "支路"),
    (2000, "中州路", "主干路"),
    (2250, "杏坛路", "支路"),
    (2500, "钟楼路", "次干路"),
    (2950, "东堤路", "次干路"),
    (3200, "梅溪路", "支路"),
    (3450, "迎宾路", "主干路"),
    (3700, "枫林路", "支路"),
    (3950, "东岭路", "次干路"),
)
EAST_WEST = (
    (125, "南门街", "次干路"),
    (375, "绣坊街", "支路"),
    (625, "兴业大街", "主干路"),
    (875, "米市街", "支路"),
    (1125, "青石街", "次干路"),
    (1375, "人民大街", "快速路"),
    (1625, "书院街", "支路"),
    (1875, "鼓楼街", "次干路"),
    (2125, "竹园街", "支路"),
    (2375, "朝阳大街", "主干路"),
    (2625, "松风街", "支路"),
    (2875, "北门街", "次干路"),
)
RED_LINE_M = {"快速路": 40, "主干路": 40, "次干路": 30, "支路": 20, "国道": 40, "小区道路": 9}

# Streets that go on beyond the main urban area, to the districts around it: name → first and last metre.
LONG_STREETS = {"长堤路": (-1300, 4150), "中州路": (-1300, 3000), "迎宾路": (-1300, 4150), "人民大街": (-300, 4800)}

# Northernmost row first. R housing, Q housing with a pocket park, K neighbourhood services, V rural homesteads,
# C commerce, L commerce cut by a lane, D campus with a dead-end lane, S school, P offices of state, H hospital,
# G park, Z plaza, B coach station, U sewage works.
MAIN_MAP = (
    "RRDR RCRR RRRD",
    "RRRL RRCR RRLR",
    "RPRR LRLR RGGG",
    "RRRR RCRL RRRR",
    "DRSR RPCR LRDR",
    "RKLR RGGR RRQS",
    "RRRD HCPR RLRR",
    "RRSR RZCR RRRP",
    "RVRR DRCR RGGG",
    "RRRR RCRR KRRD",
    "BRSR RCRR URRR",
)
NORTH_WEST_MAP = ("RRRRR", "RRRRR", "SCPCB")
NORTH_EAST_MAP = ("RRRR", "RRRR", "CSCP")
LAKE_TOWN_MAP = ("RRRC", "RRRS", "    ", "RRRP", "RRRH")

COLUMNS_MAIN_M = (100, 350, 600, 850, 1500, 1750, 2000, 2250, 2950, 3200, 3450, 3700)
COLUMNS_NORTH_WEST_M = (350, 600, 850, 1100, 1350)
COLUMNS_NORTH_EAST_M = (2450, 2700, 2950, 3200)
COLUMNS_LAKE_TOWN_M = (4800, 5050, 5300, 5550)

LAND_USE = {
    "R": ("070102", "二类城镇住宅用地"),
    "Q": ("070102", "二类城镇住宅用地"),
    "K": ("0702", "城镇社区服务设施用地"),
    "V": ("0703", "农村宅基地"),
    "C": ("0901", "商业用地"),
    "L": ("0901", "商业用地"),
    "D": ("0804", "教育用地"),
    "S": ("0804", "教育用地"),
    "P": ("0801", "机关团体用地"),
    "H": ("0806", "医疗卫生用地"),
    "G": ("1401", "公园绿地"),
    "Z": ("1403", "广场用地"),
    "B": ("1208", "交通场站用地"),
    "U": ("1302", "排水用地"),
    "M": ("1001", "工业用地"),
    "W": ("1101", "物流仓储用地"),
    "N": ("1402", "防护绿地"),
}

# Name, left, bottom, right, top, residents as the statistics office gives them.
DISTRICTS = (
    ("主城片区", (0, 0, 4000, 3000), 101_680),
    ("北山片区", (300, 3300, 1800, 4300), 10_500),
    ("北原片区", (2200, 3300, 3700, 4300), 7_500),
    ("南部产业片区", (500, -1400, 3500, -200), 7_200),
    ("月湖片区", (4700, 800, 5900, 2200), 13_120),
)
CLUSTERS = (
    ("西城组团", (50, 50, 1200, 2950)),
    ("中城组团", (1400, 50, 2600, 2950)),
    ("东城组团", (2930, 50, 3950, 2950)),
    ("北山组团", (300, 3300, 1800, 4300)),
    ("北原组团", (2200, 3300, 3700, 4300)),
    ("南部产业组团", (500, -1400, 3500, -200)),
    ("月湖组团", (4700, 800, 5900, 2200)),
)
# Residents per 100 m cell, later zones over earlier ones; None is nodata.
POPULATION_ZONES = (
    ((0, 0, 1200, 1500), 120),
    ((0, 1500, 1200, 3000), 80),
    ((1400, 0, 2600, 3000), 100),
    ((1700, 1000, 2300, 2000), 160),
    ((2900, 0, 4000, 1000), 60),
    ((2900, 1000, 4000, 3000), 100),
    ((300, 3300, 1800, 4300), 70),
    ((2200, 3300, 3700, 4300), 50),
    ((500, -1400, 3500, -200), 20),
    ((4700, 800, 5900, 2200), 80),
    ((5200, 1400, 5400, 1600), None),
)
RASTER_M = (-100, -1500, 6200, 4400)
CELL_M = 100

# Green belts between the streets of the main urban area: left and right edge.
BELTS_M = ((0, 80), (1120, 1200), (1250, 1480), (2520, 2930), (3970, 4000))
PUMP_HOUSE_M = (2690, 1490, 2710, 1510)
LAKE_M = (5100, 1420, 5500, 1580)
HIGHWAY_X_M = 1225

# Columns of the southern plants, between the streets, and the lower edges of their two rows.
PLANT_COLUMNS_M = ((620, 1205), (1245, 1980), (2020, 2680), (2720, 3430))
PLANT_ROWS_M = (-1280, -780)
PLANT_DEPTH_M = 460
PLANT_YARD_M = 150

# Estate-internal lanes run through these housing blocks: left street and row counted from the south.
INTERNAL_LANES = tuple((100, row) for row in (1, 2, 3, 7, 8, 9)) + tuple((2250, row) for row in (1, 2, 5, 6, 9, 10))
LANE_NAMES = ("染坊巷", "豆腐巷", "水井巷", "石磨巷", "灯笼巷", "茶馆巷", "纸坊巷", "铜匠巷")
DEAD_END_NAMES = ("学前里", "桃李里", "书声里", "墨香里", "砚池里", "青衿里", "杏林里")


@dataclass(frozen=True, slots=True)
class Tower:
    """A tower of 30 m × 30 m in the middle of a commercial block."""

    column_m: int
    row: int
    offset_m: int
    storeys: int
    height_m: float
    year: int


TOWERS = (
    Tower(1750, 4, 100, 25, 99.8, 2025),
    Tower(1750, 7, 100, 25, 100.0, 2024),
    Tower(2000, 6, 45, 32, 128.0, 2025),
    Tower(2000, 3, 100, 62, 260.0, 2012),
)
