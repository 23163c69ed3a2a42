"""What a reader is told of coordinate reference systems, by message code: (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    # What coordinates look like.
    "likely-degrees": ("像经纬度（度）", "they look like longitudes and latitudes in degrees"),
    "likely-prefixed": (
        "像带带号的高斯坐标（8 位横坐标，以 {zone} 开头，{width} 度带）",
        "they look like Gauss-Kruger with the zone's number in the easting (8 digits beginning with {zone}, "
        "{width}-degree zones)",
    ),
    "likely-plain": (
        "像不带带号的高斯坐标（6 位横坐标）。单凭坐标看不出中央经线：CGCS2000 三度带 75°–135° 依次为 {first} "
        "至 {last}，"
        "请向制图单位核实；下面以 {meridian}° 为例",
        "they look like Gauss-Kruger without the zone's number (6-digit eastings). The central meridian cannot be told "
        "from them: CGCS2000 3-degree zones from 75°E to 135°E are {first} to {last}; ask who made the data. The line "
        "below is for {meridian}°E, as an example",
    ),
    "likely-plain-near": (
        "像不带带号的高斯坐标（6 位横坐标）；按其余图层的位置，中央经线多半是 {meridian}°，请核实",
        "they look like Gauss-Kruger without the zone's number (6-digit eastings); by where the other layers lie the "
        "central meridian is probably {meridian}°E, to be confirmed",
    ),
    "likely-mercator": ("像 Web 墨卡托（网络地图）坐标", "they look like Web Mercator, as web maps have it"),
    # No system.
    "crs-missing": (
        "图层没有坐标系。坐标为 {shown}，{guess}。可能的坐标系：{codes}。请核实后在 submission.yaml 写一行 crs: {code}",
        "the layer has no coordinate system. Its coordinates are {shown}; {guess}. Systems that suit: {codes}. Once "
        "confirmed, write in submission.yaml the line crs: {code}",
    ),
    "crs-missing-unlike": (
        "图层没有坐标系，坐标为 {shown}，不像常用的国家坐标。请向制图单位问明；若是以米为单位的地方独立坐标系，"
        "在 submission.yaml 写一行 crs: local-metres",
        "the layer has no coordinate system; its coordinates are {shown} and like no usual national grid. Ask who made "
        "the data; for a local grid in metres write in submission.yaml the line crs: local-metres",
    ),
    "crs-missing-swapped": (
        "图层没有坐标系，坐标为 {shown}，像是 X、Y（东、北）颠倒。请在 GIS 中互换 X、Y 后重交（QGIS：处理工具箱 → "
        "“交换 X 和 Y 坐标”），并在 submission.yaml 写一行 crs: {code}",
        "the layer has no coordinate system; its coordinates are {shown}, with east and north apparently exchanged. "
        "Exchange X and Y (QGIS: Swap X and Y coordinates), hand it in again, and write in submission.yaml the line "
        "crs: {code}",
    ),
    "crs-undefined": (
        "图层标注的“{name}”没有说明位置，等于没有坐标系。坐标为 {shown}，{guess}。可能的坐标系：{codes}。"
        "请核实后在 submission.yaml 写一行 crs: {code}",
        "the layer's “{name}” does not say where it lies, which is as good as no coordinate system. Its "
        "coordinates are "
        "{shown}; {guess}. Systems that suit: {codes}. Once confirmed, write in submission.yaml the line crs: {code}",
    ),
    "crs-undefined-unlike": (
        "图层标注的“{name}”没有说明位置，等于没有坐标系；坐标为 {shown}，不像常用的国家坐标。若是以米为单位的地方独立"
        "坐标系，在 submission.yaml 写一行 crs: local-metres",
        "the layer's “{name}” does not say where it lies, which is as good as no coordinate system; its "
        "coordinates are "
        "{shown} and like no usual national grid. For a local grid in metres write in submission.yaml the line "
        "crs: local-metres",
    ),
    "crs-undefined-swapped": (
        "图层标注的“{name}”没有说明位置；坐标为 {shown}，像是 X、Y（东、北）颠倒。请在 GIS 中互换 X、Y 后重交，"
        "并在 submission.yaml 写一行 crs: {code}",
        "the layer's “{name}” does not say where it lies; its coordinates are {shown}, with east and north apparently "
        "exchanged. Exchange X and Y, hand it in again, and write in submission.yaml the line crs: {code}",
    ),
    # Coordinates that cannot be what the system says.
    "crs-not-finite": (
        "坐标含无穷大或空值（{shown}），图层不能使用。请在 GIS 中删去或重画坏图形后重交：{line}",
        "coordinates are infinite or missing ({shown}), so that the layer cannot be used. Remove or redraw the broken "
        "shapes and hand it in again: {line}",
    ),
    "crs-local-degrees": (
        "图层声明为以米为单位的地方独立坐标系，但坐标为 {shown}，是经纬度（度）。请改为：{line}",
        "the layer is declared a local grid in metres, but its coordinates are {shown}: degrees. Write instead: {line}",
    ),
    "crs-degrees-swapped": (
        "坐标系为 {name}（经纬度），坐标却为 {shown}，经度与纬度颠倒。请在 GIS 中互换 X、Y 后重交（QGIS：处理工具箱 → "
        "“交换 X 和 Y 坐标”），坐标系不变：{line}",
        "the system is {name} (degrees), but the coordinates are {shown}: latitude stands before longitude. Exchange X "
        "and Y (QGIS: Swap X and Y coordinates) and hand it in again in the same system: {line}",
    ),
    "crs-metres-as-degrees": (
        "坐标系标为 {name}（经纬度，单位度），坐标却为 {shown}，{guess}。坐标系标错了，请核实后改为：{line}",
        "the system is given as {name} (degrees), but the coordinates are {shown}; {guess}. The system is wrongly "
        "given; once confirmed, write instead: {line}",
    ),
    "crs-metres-as-degrees-unlike": (
        "坐标系标为 {name}（经纬度，单位度），坐标却为 {shown}，不是这里的经纬度。请向制图单位问明坐标系；"
        "若是以米为单位的地方独立坐标系，写：{line}",
        "the system is given as {name} (degrees), but the coordinates are {shown}, which are no degrees of a "
        "place. Ask "
        "who made the data for the system; for a local grid in metres write: {line}",
    ),
    "crs-degrees-as-metres": (
        "坐标系标为 {name}（单位米），坐标却为 {shown}，是经纬度（度）。坐标系标错了，请改为：{line}",
        "the system is given as {name} (metres), but the coordinates are {shown}: degrees. The system is "
        "wrongly given; "
        "write instead: {line}",
    ),
    "crs-swapped": (
        "坐标系为 {name}，坐标却为 {shown}，X（东）与 Y（北）颠倒。请在 GIS 中互换 X、Y 后重交（QGIS：处理工具箱 → "
        "“交换 X 和 Y 坐标”），并写：{line}",
        "the system is {name}, but the coordinates are {shown}: east and north are exchanged. Exchange X and Y (QGIS: "
        "Swap X and Y coordinates), hand it in again, and write: {line}",
    ),
    "crs-prefixed-under-plain": (
        "坐标系标为 {name}（横坐标不带带号，6 位），横坐标却带带号 {zone}（8 位）：{shown}。应为 {code}，"
        "请改为：{line}",
        "the system is given as {name} (6-digit eastings without the zone's number), but the eastings bear the zone's "
        "number {zone} (8 digits): {shown}. It should be {code}; write instead: {line}",
    ),
    "crs-plain-under-prefixed": (
        "坐标系标为 {name}（横坐标带带号 {zone}，8 位），横坐标却不带带号（6 位）：{shown}。应为 {code}，"
        "请改为：{line}",
        "the system is given as {name} (8-digit eastings with the zone's number {zone}), but the eastings bear none (6 "
        "digits): {shown}. It should be {code}; write instead: {line}",
    ),
    "crs-other-prefix": (
        "坐标系标为 {name}，横坐标却以带号 {zone} 开头：{shown}。应为 {code}，请改为：{line}",
        "the system is given as {name}, but the eastings begin with the zone's number {zone}: {shown}. It should be "
        "{code}; write instead: {line}",
    ),
    "crs-several-zones": (
        "同一图层的横坐标带有不同的带号（{zones}）：{shown}。请在 GIS 中投影到同一个带后重交：{line}",
        "the eastings of one layer bear several zone numbers ({zones}): {shown}. Project all of it to one zone "
        "and hand "
        "it in again: {line}",
    ),
    "crs-impossible": (
        "坐标 {shown} 在坐标系 {name} 中不可能出现，坐标系多半标错了。请向制图单位问明，按实际情况写，例如：{line}",
        "the coordinates {shown} are impossible in {name}, which is probably wrongly given. Ask who made the data and "
        "write what holds, for example: {line}",
    ),
    "crs-far-from-meridian": (
        "坐标系 {name} 的中央经线是 {meridian}°，图层却离它 {off}°（超过 3°，在经度 {lon}° 附近）：{shown}。"
        "长度和面积已"
        "失真，或坐标系标错了。若标错，请改写代号；若没有标错，请先投影到当地的带再重交：{line}",
        "the central meridian of {name} is {meridian}°, but the layer lies {off}° from it (over 3°, near longitude "
        "{lon}°): {shown}. Either lengths and areas are distorted, or the system is wrongly given. Correct the "
        "code, or "
        "project the layer to the zone of the place and hand it in again: {line}",
    ),
    "crs-far-outside-china": (
        "按坐标系 {name}，图层位于经度 {lon}°、纬度 {lat}°，远在中国之外：{shown}。多半是截短了坐标的地方独立坐标系。"
        "请向制图单位问明；若是，写：{line}",
        "by {name} the layer lies at longitude {lon}°, latitude {lat}°, far outside China: {shown}. It is probably a "
        "local grid with shortened coordinates. Ask who made the data; if so, write: {line}",
    ),
    # Worth knowing of a layer that is used.
    "crs-outside-china": (
        "按坐标系 {name}，图层位于经度 {lon}°、纬度 {lat}°，在中国之外（{shown}）；请核实带号或中央经线。"
        "若是截短了坐标的地方独立坐标系，写：{line}",
        "by {name} the layer lies at longitude {lon}°, latitude {lat}°, outside China ({shown}); check the zone or the "
        "central meridian. If it is a local grid with shortened coordinates, write: {line}",
    ),
    "crs-reduced": (
        "坐标系“{name}”只取其平面部分 {used}，不用高程与附带的基准转换参数",
        "of the system “{name}” only the horizontal part {used} is used, without heights and attached datum shifts",
    ),
    "crs-mercator": (
        "{name} 是墨卡托投影，面积随纬度放大，不用它量算，已转换到工作坐标系",
        "{name} is a Mercator, which enlarges areas with the latitude; nothing is measured in it, the layer was "
        "projected to the working system",
    ),
    "crs-not-metres": (
        "{name} 的单位不是米（1 单位 = {unit} 米），已换算",
        "the unit of {name} is not the metre (1 unit = {unit} m); it was converted",
    ),
    "crs-old-datum": (
        "{name} 属旧大地基准 {datum}，与 CGCS2000 相差数十米至一百多米，没有公开的转换参数，不能与其他基准的图层叠加",
        "{name} stands on the old datum {datum}, tens of metres to over a hundred from CGCS2000 with no published "
        "transformation; it cannot be laid over layers on another datum",
    ),
    "crs-local-meridian": (
        "{name} 的中央经线 {meridian}° 不是国家分带的中央经线，按地方坐标系原样使用",
        "the central meridian {meridian}° of {name} is that of no national zone; it is used as it is, as a "
        "local system",
    ),
    # The working system.
    "working-local": (
        "各图层都是以米为单位的地方独立坐标系，按平面直接量算，没有底图",
        "all layers are in a local grid in metres, which is measured as a plane, without a basemap",
    ),
    "working-own": (
        "各图层同用 {name}，面积变形不超过 {change}%，就在其中量算",
        "all layers share {name}, whose areas are true within {change} %, and are measured in it",
    ),
    "working-zone": (
        "{why}，因此转换到数据中心（经度 {lon}°）所在的 CGCS2000 三度带 {name}（中央经线 {meridian}°）量算",
        "{why}; so they are measured in the CGCS2000 3-degree zone of the data's centre (longitude {lon}°), {name} "
        "(central meridian {meridian}°)",
    ),
    "working-utm": (
        "{why}，且数据中心（经度 {lon}°、纬度 {lat}°）在中国之外，因此转换到当地的 UTM 带 {name} 量算",
        "{why}, and the data's centre (longitude {lon}°, latitude {lat}°) lies outside China; so they are measured in "
        "the UTM zone there, {name}",
    ),
    "working-several": ("各图层坐标系不同（{names}）", "the layers are in several systems ({names})"),
    "working-degrees": ("图层坐标 {name} 是经纬度", "the layers' {name} is in degrees"),
    "working-mercator": ("图层坐标 {name} 是墨卡托投影，面积失真", "the layers' {name} is a Mercator, untrue to area"),
    "working-not-metres": ("图层坐标 {name} 的单位不是米", "the layers' {name} is not in metres"),
    "working-distorted": (
        "图层坐标 {name} 在数据范围内的面积变形达 {change}%（超过 0.2%）",
        "the layers' {name} is untrue to area by {change} % over the data (more than 0.2 %)",
    ),
    # Layers that cannot be laid over one another.
    "datums-mixed": (
        "图层坐标系 {name} 属 {datum}，其余图层属 {others}。两种基准相差数十米至一百多米，没有公开的转换参数，"
        "不能叠加。"
        "请由测绘部门转换到 CGCS2000 后重交，并写：{line}",
        "the layer's {name} stands on {datum}, other layers on {others}. The datums differ by tens of metres to over a "
        "hundred, with no published transformation. Have the surveying office convert it to CGCS2000, hand it in "
        "again, and write: {line}",
    ),
    "local-mixed": (
        "图层声明为地方独立坐标系（local-metres），其余图层却用 {others}，无法对位。请向测绘部门取得它的坐标系并写明，"
        "或转换后重交：{line}",
        "the layer is declared a local grid (local-metres) while others are in {others}, so that they cannot be laid "
        "over one another. Ask the surveying office for its system, or have it converted, and write: {line}",
    ),
    "far-from-scope": (
        "图层范围离审查范围 {km} 公里（超过 20 公里），不是同一个地方，或坐标系标错了。请核实后改写：{line}",
        "the layer lies {km} km from the area under review (over 20 km): it is of another place, or its system is "
        "wrongly given. Once confirmed, write instead: {line}",
    ),
    "far-by-zone": (
        "图层范围离审查范围 {km} 公里，经度恰好差 {degrees}°，是带号或中央经线标错了。请核实后改写：{line}",
        "the layer lies {km} km from the area under review, at just {degrees}° of longitude: its zone or central "
        "meridian is wrongly given. Once confirmed, write instead: {line}",
    ),
    "far-by-swap": (
        "图层范围离审查范围 {km} 公里；X、Y（东、北）互换后就落在审查范围内，是坐标颠倒了。请在 GIS 中互换 X、"
        "Y 后重交：{line}",
        "the layer lies {km} km from the area under review, but comes to lie on it with X and Y exchanged. Exchange X "
        "and Y and hand it in again: {line}",
    ),
    "lost-in-projection": (
        "有 {count} 个图形从 {source} 转换到 {target} 时得不到有效坐标（要素序号 {rows}），坐标超出了坐标系的范围。"
        "请核实坐标系：{line}",
        "{count} shapes have no valid coordinates after projection from {source} to {target} (feature numbers {rows}): "
        "they lie beyond the system. Check it: {line}",
    ),
}
