"""What is said of the checks whose remedy is an amount. The checks with more to say have files of their own."""

from urbanform.remedies.amounts import Said

AMOUNTS = {
    "building-height-250m": Said(
        over=(
            "须降低 {amount}，否则须附专项论证及批准文件",
            "{amount} too high, unless the special study and the approval are attached",
        ),
        of_figure=True,
    ),
    "built-up-green-ratio": Said(
        short=(
            "还差 {amount} 绿地（建成区面积不变）",
            "{amount} of green short (within the same built-up area)",
        ),
        scale=(100.0, "ha"),
    ),
    "cluster-peak-density": Said(
        over=(
            "最密处超出 {amount}",
            "{amount} too many in the densest area",
        ),
    ),
    "cluster-population-density": Said(
        over=(
            "超出 {amount}（组团范围不变）",
            "{amount} too many (within the same cluster)",
        ),
    ),
    "complete-community-coverage": Said(
        short=(
            "还须有 {amount} 个社区达到完整居住社区标准",
            "{amount} more communities to become complete",
        ),
    ),
    "county-plaza-hardscape": Said(
        over=(
            "须把至少 {amount} 集中硬地改为绿地、水面，或以绿地隔断",
            "turn at least {amount} of contiguous hard surface into green or water, or break it up by green",
        ),
        of_figure=True,
    ),
    "county-road-red-line": Said(
        over=(
            "红线须收窄 {amount}",
            "{amount} too wide between its red lines",
        ),
        of_figure=True,
    ),
    "demolition-rebuild-ratio": Said(
        over=(
            "新建须减少 {amount} 建筑面积（拆除量不变）",
            "{amount} of new floor area to leave out (for the same demolition)",
        ),
    ),
    "green-community-share": Said(
        short=(
            "还须有 {amount} 个社区达到绿色社区要求",
            "{amount} more communities to become green",
        ),
    ),
    "greenway-length-per-10k": Said(
        short=(
            "还差 {amount} 绿道（常住人口不变）",
            "{amount} of greenway short (for the same residents)",
        ),
    ),
    "height-control-zone": Said(
        over=(
            "须降低 {amount}",
            "{amount} too high",
        ),
        of_figure=True,
    ),
    "local-resettlement-rate": Said(
        short=(
            "还须就地、就近安置 {amount} 户",
            "{amount} more households to resettle on site or nearby",
        ),
    ),
    "permeable-surface-share": Said(
        short=(
            "须把 {amount} 硬质地面改为可渗透地面或绿地（建成区面积不变）",
            "{amount} of hard surface to turn into permeable or green ground (within the same built-up area)",
        ),
        scale=(100.0, "ha"),
    ),
    "pv-coverage-factory-new": Said(
        short=(
            "还差 {amount} 光伏板面积",
            "{amount} of panels short",
        ),
    ),
    "pv-coverage-public-new": Said(
        short=(
            "还差 {amount} 光伏板面积",
            "{amount} of panels short",
        ),
    ),
    "pv-new-building-presence": Said(
        short=(
            "还有 {amount} 栋新建建筑须安装太阳能系统",
            "{amount} more new buildings to get a solar system",
        ),
    ),
    "road-network-density": Said(
        short=(
            "还差 {amount} 道路（按计入的道路等级、现有评价范围）",
            "{amount} of road short (of the classes that count, in the area as drawn)",
        ),
    ),
    "super-high-rise-control": Said(
        over=(
            "须降低 {amount}，否则须附专项论证及批准文件",
            "{amount} too high, unless the special study and the approval are attached",
        ),
        of_figure=True,
    ),
    "super-high-rise-residential": Said(
        over=(
            "须降低 {amount}，否则须说明理由",
            "{amount} too high, unless reasons are given",
        ),
        of_figure=True,
    ),
    "village-site-safety": Said(
        over=(
            "须有 {amount} 退出灾害风险区，或附工程治理论证",
            "{amount} to move out of hazard zones, or attach a study of protective works",
        ),
        of_figure=True,
    ),
    "county-floor-area-land-ratio": Said(
        short=(
            "建筑面积还差 {amount}（建设用地不变）",
            "{amount} of floor area short (on the same construction land)",
        ),
        over=(
            "建筑面积超出 {amount}（建设用地不变）",
            "{amount} of floor area too much (on the same construction land)",
        ),
    ),
    "county-low-rise-share": Said(
        short=(
            "须把 {amount} 新建住宅降到 6 层及以下（总量不变）",
            "{amount} of new housing to bring down to six storeys (for the same total)",
        ),
    ),
    "county-population-density": Said(
        short=(
            "人口还差 {amount}（范围不变）",
            "{amount} too few (within the same area)",
        ),
        over=(
            "人口超出 {amount}（范围不变）",
            "{amount} too many (within the same area)",
        ),
    ),
    "county-residential-max-storeys": Said(
        over=(
            "须降低 {amount}",
            "{amount} too high",
        ),
        of_figure=True,
    ),
}
