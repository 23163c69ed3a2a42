"""What the maker of submissions from OpenStreetMap says in its own voice: code → (zh, en)."""

from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    # Faults
    "file-missing": (
        "找不到文件 {file}。请核对路径；若要按地名在线获取，请只写地名（如“鹤壁市淇滨区”）",
        "There is no file {file}. Check the path; to fetch a place by its name, give the name alone",
    ),
    "not-an-extract": (
        "{file} 不是 OpenStreetMap 数据文件。可读 {known}；也可以直接写地名在线获取",
        "{file} is not an OpenStreetMap extract. {known} can be read; or give the name of a place",
    ),
    "extract-unreadable": (
        "{file} 无法读取：{why}。文件可能不完整或已损坏，请重新下载后再试",
        "{file} cannot be read: {why}. It may be incomplete or broken; download it again",
    ),
    "extract-history": (
        "{file} 是带历史版本的数据（同一要素有多个版本），不能据以制作成果。请改用当前数据的 .osm.pbf",
        "{file} holds several versions of each object. Use an extract of the present data (.osm.pbf)",
    ),
    "nothing-of-use": (
        "{source} 中没有可用的要素（道路、建筑、公园、用地、水体、步行道、公共服务设施）。请换一个范围或数据文件",
        "{source} holds nothing of use (roads, buildings, parks, land use, water, footpaths, facilities). Choose "
        "another place or extract",
    ),
    "osmnx-missing": (
        "按地名在线获取需要 osmnx，而它没有安装。请运行 pip install osmnx，"
        "或改用离线数据文件：urbanform osm 数据.osm.pbf --out 文件夹",
        "Fetching a place by name needs osmnx, which is not installed. Run pip install osmnx, or use an extract: "
        "urbanform osm data.osm.pbf --out folder",
    ),
    "no-network": (
        "无法连接 OpenStreetMap 服务器，没有取到“{place}”的数据（{why}）。请检查网络；内网环境请先在能上网的机器上下载 "
        ".osm.pbf，再运行 urbanform osm 数据.osm.pbf --out 文件夹",
        "The OpenStreetMap servers cannot be reached, nothing was fetched for {place} ({why}). Check the network; "
        "without one, download an .osm.pbf elsewhere and run urbanform osm data.osm.pbf --out folder",
    ),
    "place-unknown": (
        "OpenStreetMap 中找不到地方“{place}”，或它没有边界面（{why}）。请写全名（如“河南省鹤壁市淇滨区”），"
        "或改用数据文件 .osm.pbf",
        "OpenStreetMap knows no place {place}, or none with an area ({why}). Write its full name, or use an extract "
        "(.osm.pbf)",
    ),
    "out-not-empty": (
        "输出文件夹 {folder} 已有内容，不会覆盖（其中有：{held}）。请用 --out 换一个文件夹，或先移走其中的文件",
        "The output folder {folder} is not empty and is left as it is (it holds {held}). Choose another with --out, or "
        "move its files away",
    ),
    "out-changed": (
        "输出文件夹 {folder} 由本命令生成，但之后有改动或新增（{held}），不会覆盖。请用 --out 换一个文件夹，"
        "或先移走其中的文件",
        "The output folder {folder} was made by this command, but has been changed since ({held}) and is left as it "
        "is. Choose another with --out, or move its files away",
    ),
    "out-is-file": (
        "--out 指向的 {folder} 是文件，不是文件夹。请换一个文件夹",
        "--out {folder} is a file. Give a folder",
    ),
    # Why something was left out
    "relation-incomplete": (
        "多面关系的成员不全（多在数据边缘）",
        "multipolygon that lacks members (mostly at the edge)",
    ),
    "relation-broken": ("多面关系的环不闭合或相交", "multipolygon whose rings do not close, or cross"),
    "relation-outer": (
        "多面关系的外环，与关系标注相同，只计一次",
        "outer ring of a multipolygon that says the same; counted once",
    ),
    "area-open": ("应为面，但线没有闭合", "tagged as an area, but the way is not closed"),
    "area-cut": ("面的部分节点不在数据中（多在数据边缘）", "area some of whose nodes are not in the extract"),
    "line-lost": ("在数据中的节点不足两个", "fewer than two of its nodes are in the extract"),
    "highway-area": ("道路面（area=yes），不是中心线", "road drawn as an area, not as a centreline"),
    "highway-other": ("不是道路也不是步行道（站台、室内通道、赛道……）", "neither a road nor a footpath (platform …)"),
    "highway-unknown": ("highway 的值不在对照表中", "value of highway that the table does not know"),
    "walk-closed": ("步行道不对公众开放，或不许步行", "path closed to the public or to walkers"),
    "walk-unasked": ("自行车道、马道未注明可步行", "cycle or bridle way not said to be open to walkers"),
    "park-closed": ("公园不对公众开放", "park closed to the public"),
    "garden-unsaid": ("花园未注明对公众开放，不作公园", "garden not said to be public, not taken as a park"),
    "building-absent": ("建筑不存在、未建成或在地下", "building that is gone, not built yet, or underground"),
    # What is told of a layer
    "line-cut": ("其中 {count} 条有部分节点不在数据中，只含已知的路段", "{count} of them reach beyond the extract"),
    "shape-crossing": (
        "其中 {count} 个图形自相交，原样写出，由 check 处理并列出",
        "{count} shapes cross themselves; they are handed on as they are, and check deals with and lists them",
    ),
    "class-open": (
        "其中 {count} 条道路等级不能从标签确定，等级留空（{km} 公里）",
        "the class of {count} cannot be told from their tags and is left blank ({km} km)",
    ),
    "storeys-known": ("其中 {count} 栋有层数", "{count} of them have storeys"),
    "use-known": ("其中 {count} 个用途已知", "the use of {count} is known"),
    # Progress
    "reading": ("读取 {source}", "reading {source}"),
    "fetching": ("在线获取“{source}”", "fetching {source}"),
    "writing": ("写出 {folder}", "writing {folder}"),
    # The date of the data
    "date-header": ("文件头所记数据日期", "as the extract's header says"),
    "date-newest": ("文件头未记日期；取要素中最晚的修改时间", "the header gives none; that of the newest object"),
    "date-download": ("在线获取的日期", "the day on which it was fetched"),
    "date-unknown": ("数据中没有日期", "the extract carries no date"),
}


def say(code: str, /, **values: object) -> Words:
    """The message of a code with its placeholders filled."""
    return own_words(WORDS, code, **values)
