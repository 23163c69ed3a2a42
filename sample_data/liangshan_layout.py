"""The invented county seat in Liangshan: streets with and without widths, plazas, and corridors between clusters."""

from pathlib import Path
from random import Random

from drawing import Drawing, rectangle
from shapely import LineString, Polygon

CRS = "EPSG:4543"
ORIGIN_M = (498_500.0, 3_079_200.0)
SEED = 20260102

MANIFEST = """\
name: 索玛县（虚构）县城样例
kind: [city, county-seat]
rules: liangshan
as_of: 2026
place: {province: 四川省, city: 凉山州, county: 索玛县, city_level: prefecture}
"""

# The layers whose .cpg came along; the others do not say how their tables are written.
DECLARED = ("县城", "道路中心线", "绿地", "组团")

CLUSTERS = (
    ("城西组团", 14_080, (0, 0, 1100, 1600)),
    ("城中组团", 15_360, (1150, 0, 1950, 1600)),
    ("城东组团", 8_016, (1998, 0, 3000, 1600)),
    ("南坪组团", 5_850, (0, -900, 3000, -250)),
    ("北屯组团", 3_600, (0, 1850, 3000, 2450)),
)

# Name, class, red-line width and pavement width as they were typed in, points.
STREETS = (
    ("迎宾大道", "主干路", "40米", None, [(-200, 400), (3100, 400)]),
    ("建设大道", "主干路", "36", None, [(0, 800), (1500, 800)]),
    ("建设大道", "主干路", "42", None, [(1500, 800), (3000, 800)]),
    ("文化路", "次干路", None, None, [(0, 1200), (3000, 1200)]),
    ("环城路", None, "44", None, [(0, 1560), (3000, 1560)]),
    ("滨河路", "次干路", None, 45, [(500, 0), (500, 1600)]),
    ("书院巷", "支路", "１６", None, [(900, 400), (900, 1200)]),
    ("集市巷", "支路", "12m", 7, [(1300, 400), (1300, 800)]),
    ("团结路", "次干路", "30", 20, [(1500, 0), (1500, 1600)]),
    ("解放路", "次干路", "24-40", None, [(2200, 0), (2200, 1600)]),
    ("青山路", "次干路", None, 30, [(2600, 0), (2600, 1600)]),
    ("花园小区路", "小区道路", "9", None, [(40, 600), (478, 600)]),
    ("S999省道", "省道", "60", None, [(2900, -400), (2900, 1950)]),
    ("坪上路", "支路", "50", None, [(100, -500), (1400, -500)]),
)

# Street, then left, bottom, right, top of each piece of its red-line surface.
SURFACES = (
    ("迎宾大道", (-200, 380, 3100, 420)),
    ("建设大道", (0, 782, 1500, 818)),
    ("建设大道", (1500, 779, 3000, 821)),
    ("文化路", (0, 1188, 3000, 1212)),
    ("团结路", (1482, 0, 1518, 1600)),
    ("解放路", (2184, 0, 2216, 1600)),
)
# Where 文化路 is wider: at its junction with 团结路, and a bus bay of 30 m.
WIDENINGS = ((1460, 1212, 1540, 1217), (1460, 1183, 1540, 1188), (700, 1212, 730, 1215))

PLAZAS = (
    ("火把广场", (1560, 500, 1640, 600)),
    ("火把广场", (1640, 500, 1720, 600)),
    ("火把广场", (1720, 500, 1780, 600)),
    ("县政府广场", (1560, 900, 1760, 1000)),
    ("赶场坝广场西片", (1180, 450, 1300, 550)),
    ("赶场坝广场东片", (1300, 450, 1420, 550)),
    ("体育广场", (2240, 900, 2490, 1000)),
    ("月琴广场", (2240, 500, 2480, 600)),
    ("南坪广场", (200, -850, 500, -750)),
)
LAWNS = (
    (1580, 510, 1600, 560),
    (1620, 565, 1660, 590),
    (2240, 900, 2260, 1000),
    (2350, 500, 2370, 600),
)
POND = (1690, 540, 1710, 560)
KIOSK = (1595, 530, 1605, 540)

QUARTERS = (
    (40, 30, 460, 370),
    (40, 440, 460, 580),
    (40, 840, 460, 1170),
    (540, 30, 1080, 370),
    (540, 440, 880, 770),
    (540, 1230, 1080, 1530),
    (1560, 30, 1900, 370),
    (1560, 1230, 1900, 1530),
    (2240, 1230, 2560, 1530),
)
HOUSE_M = (50, 12)
PITCH_M = (70, 45)
PARK_M = (1560, 1020, 1900, 1160)
NEW_QUARTER_M = (2240, 30, 2560, 370)
CORRIDORS = (
    ("西溪廊", rectangle(1100, 0, 1150, 1600)),
    ("东沟廊", rectangle(1950, 0, 1998, 1600)),
    ("南山绿楔", Polygon([(0, -70), (3000, -220), (3000, -10), (0, -10)])),
    ("鹰嘴绿楔", Polygon([(200, 1700), (3000, 1620), (3000, 1840)])),
)

# Use, storeys as typed in, height in m, lower left corner, size.
NEW_BUILDINGS = (
    ("住宅", "18", 54.0, (2250, 60), (30, 20)),
    ("住宅", "18+1", 57.0, (2330, 60), (30, 20)),
    ("住宅", "11层", 33.0, (2410, 60), (50, 14)),
    ("住宅", "6F", 18.0, (2250, 150), (50, 12)),
    ("住宅", "6F", 18.0, (2330, 150), (50, 12)),
    ("公共建筑", "5", 20.0, (2430, 200), (80, 30)),
)


def draw_liangshan_county(folder: Path) -> None:
    """Draw the county seat and write its layers and its manifest into a folder."""
    seat = Drawing(ORIGIN_M, CRS)
    seat.add("县城", rectangle(0, 0, 3000, 1600), XCMC="索玛县城", CZRK=37_456)
    for name, residents, box in CLUSTERS:
        seat.add("组团", rectangle(*box), ZTMC=name, CZRK=residents)
    for name, road_class, red_line, pavement_m, points in STREETS:
        seat.add("道路中心线", LineString(points), DLMC=name, DLDJ=road_class, HXKD=red_line, DLKD=pavement_m)
    _surfaces(seat)
    for name, shape in CORRIDORS:
        seat.add("生态廊道", shape, LDMC=name)
    for name, box in PLAZAS:
        seat.add("广场", rectangle(*box), GCMC=name)
    _parcels(seat)
    _green_and_water(seat)
    _buildings(seat)
    seat.write(folder, DECLARED)
    (folder / "submission.yaml").write_text(MANIFEST, encoding="utf-8")


def _surfaces(seat: Drawing) -> None:
    for name, box in SURFACES:
        shape = rectangle(*box)
        if name == "文化路":
            for wider in WIDENINGS:
                shape = shape.union(rectangle(*wider))
        seat.add("道路红线面", shape, DLMC=name)


def _parcels(seat: Drawing) -> None:
    for box in (*QUARTERS, NEW_QUARTER_M):
        seat.add("用地", rectangle(*box), YDXZDM="R2", YDXZ="二类居住用地")
    for _, box in PLAZAS:
        seat.add("用地", rectangle(*box), YDXZDM="G3", YDXZ="广场用地")
    seat.add("用地", rectangle(*PARK_M), YDXZDM="G1", YDXZ="公园绿地")
    for _, shape in CORRIDORS:
        seat.add("用地", shape, YDXZDM="E2", YDXZ="农林用地")


def _green_and_water(seat: Drawing) -> None:
    for box in LAWNS:
        seat.add("绿地", rectangle(*box), LDLX="附属绿地")
    seat.add("绿地", rectangle(*PARK_M), LDLX="公园绿地")
    seat.add("水体", rectangle(*POND), STMC="火把池")
    seat.add("水体", rectangle(1120, 0, 1130, 1600), STMC="西溪")


def _building(
    seat: Drawing, box: tuple[float, float, float, float], use: str, storeys: str, height_m: float, action: str
) -> None:
    seat.add("建筑", rectangle(*box), JZYT=use, CS=storeys, JZGD=height_m, GZFS=action)


def _buildings(seat: Drawing) -> None:
    random = Random(SEED)
    width, depth = HOUSE_M
    for left, bottom, right, top in QUARTERS:
        for y in range(bottom, top - depth + 1, PITCH_M[1]):
            for x in range(left, right - width + 1, PITCH_M[0]):
                storeys = random.choice((3, 4, 5, 6))
                use = random.choice(("住宅", "住宅", "住宅", "商住"))
                _building(seat, (x, y, x + width, y + depth), use, f"{storeys}", storeys * 3.0, "保留")
    _building(seat, KIOSK, "商业", "1", 3.5, "保留")
    for use, written, height_m, (x, y), (wide, deep) in NEW_BUILDINGS:
        _building(seat, (x, y, x + wide, y + deep), use, written, height_m, "新建")
