"""What the cutting of a submission says in its own voice: code → (zh, en)."""

from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    # Faults of the command
    "out-inside": (
        "--out 指向的 {folder} 在成果文件夹之内，成果文件夹从不写入。请换一个文件夹",
        "--out {folder} lies inside the submission, to which nothing is ever added. Give another folder",
    ),
    "out-not-empty": (
        "输出文件夹 {folder} 已有内容，不会覆盖（其中有：{held}）。请用 --out 换一个文件夹，或先移走其中的文件",
        "The output folder {folder} is not empty and is left as it is (it holds {held}). Choose another with --out, or "
        "move its files away",
    ),
    "out-is-file": (
        "--out 指向的 {folder} 是文件，不是文件夹。请换一个文件夹",
        "--out {folder} is a file. Give a folder",
    ),
    "by-unknown": (
        "--by {by}：成果里没有这个图层，也没有哪个图层是这个角色。{hint}；成果里的图层有：{known}",
        "--by {by}: the submission has no such layer, and none that plays such a role. {hint}; its layers are: {known}",
    ),
    "by-container": (
        "--by {by} 里有多个图层，不知用哪一个：{names}。请写 --by {first}",
        "--by {by} holds several layers: {names}. Write --by {first}",
    ),
    "by-unusable": (
        "--by {by} 的图层不能用来切分：{fault}",
        "the layer of --by {by} cannot be used to cut by: {fault}",
    ),
    "by-not-polygons": (
        "--by {by} 的图层不是面图层。请给出以面表示各地范围的图层（如 县界.shp）",
        "the layer of --by {by} has no polygons. Give the layer whose polygons are the areas (such as counties.shp)",
    ),
    "by-shapes": (
        "--by {by} 有 {count} 个面的图形缺失或有错误，无法据以切分：{names}。请在 GIS 中修复几何后重试",
        "{count} polygons of --by {by} have no shape or a broken one, so nothing can be cut by them: {names}. Repair "
        "their geometry in a GIS and try again",
    ),
    "by-empty": (
        "--by {by} 的图层没有要素。请给出以面表示各地范围的图层",
        "the layer of --by {by} has no features. Give the layer whose polygons are the areas",
    ),
    "by-too-many": (
        "--by {by} 有 {count} 个不同的区，超过 {most} 个，多半不是行政区图层。请给出县界、乡镇界一类的图层",
        "--by {by} has {count} different areas, over {most}: hardly a layer of administrative areas. Give one of "
        "counties or towns",
    ),
    "by-local": (
        "--by {by} 的坐标系（{own}）与其他图层（{others}）无法套合：一边是本地米制坐标。请统一坐标系",
        "the system of --by {by} ({own}) cannot be laid over that of the other layers ({others}): one is a local grid. "
        "Give all in one system",
    ),
    "nothing-to-split": (
        "{path} 中没有可切分的图层。请先运行 urbanform inspect {path} 查看各图层的角色",
        "{path} holds no layer that plays a role. Run urbanform inspect {path} to see why",
    ),
    # Why a layer goes into no part
    "columns-alike": (
        "{path} 有只差大小写的同名字段（{names}），GeoPackage 存不下。请在 GIS 中改名后重新切分",
        "{path} has fields whose names differ in case alone ({names}), which a GeoPackage cannot hold. Rename them in "
        "a GIS and cut again",
    ),
    "shares-too-many": (
        "{path} 的字段 {field} 按百分数读取，但有 {count} 种不超过 1 的写法，无法逐一写入清单。请统一写成带 % 的百分数",
        "the field {field} of {path} is in percent, yet holds {count} different values of at most 1, too many to list "
        "in a manifest. Write all of them with %",
    ),
    "status-blank-here": (
        "{path} 在本区内的状态（status）全部空白，而全部图层里有填写的；按整层判断这些要素是否计入未知。"
        "请补填状态后重新切分",
        "the status of {path} is blank for every feature here and filled in elsewhere, so whether these features count "
        "is not known. Fill in the status and cut again",
    ),
    "raster-elsewhere": (
        "{path} 不覆盖本区。请提交覆盖本区的栅格",
        "{path} does not cover this area. Supply a raster that does",
    ),
    "meets-no-area": (
        "{path} 的要素都不在任何一个区及其外扩范围内，位置可能有误（坐标系或带号不对）。请核对该图层与“{by}”的坐标系",
        "no feature of {path} lies in any area or its margin; it may be in a wrong place (system or zone). Check the "
        "system of this layer and that of {by}",
    ),
    "judged-elsewhere": (
        "本区的{role}跨区，已整个归入 {areas}，在那里核查",
        "{role} of this area lie across its border and went whole to {areas}, where they are checked",
    ),
    "corridor-round-clusters": (
        "廊道 {name} 环绕分属不同区的组团（{areas}），切开后无法核查。请在未切分的成果上核查廊道",
        "corridor {name} goes round clusters of different areas ({areas}) and cannot be checked once cut. Check "
        "corridors on the whole submission",
    ),
    "set-aside": (
        "本区没有可用的这一图层：{faults}",
        "There is no such layer here that can be used: {faults}",
    ),
    "stand-in": (
        "本文件不是图层，只用来说明：{role}（{key}）的{why}\n请在原成果中改正后重新运行 urbanform split，"
        "或以本区的正确图层替换本文件并改写 submission.yaml。",
        "This file is no layer. It says of {role} ({key}): {why}\nMend it in the submission and run urbanform split "
        "again, or put a sound layer of this area here and name it in submission.yaml.",
    ),
    # Notes
    "outside": (
        "{role}：{count} 个要素不在任何区内，没有写入任何一份（编号：{ids}）",
        "{role}: {count} features lie in no area and are in no part (ids: {ids})",
    ),
    "straddling": (
        "{role}：{count} 个要素跨区，整个归入所占面积最大的区（编号：{ids}）",
        "{role}: {count} features lie across areas and went whole to the one that holds most of them (ids: {ids})",
    ),
    "nowhere": (
        "{role}：{count} 个要素没有可用的图形，不知在哪个区，每份都写入了（编号：{ids}）",
        "{role}: {count} features have no usable shape, so nobody knows where they lie; they are in every part "
        "(ids: {ids})",
    ),
    "beyond": (
        "{count} 栋建筑在别的区，但伸进了归入本区的更新单元、廊道、村庄等；另存一层、不带光伏面积，"
        "超高层、限高等逐栋核查的规则会在两份里各判一次",
        "{count} buildings of other areas reach into units, corridors, villages and the like that belong here. They "
        "are a layer of their own without solar area; rules on each new building judge them in both parts",
    ),
    "pairs-across": (
        "相距不足 {metres} 米而分属两区的组团：{pairs}。两者之间有无廊道，切开后哪一份都不核查，请在未切分的成果上核查",
        "clusters of different areas under {metres} m apart: {pairs}. Whether a corridor lies between them is checked "
        "in no part: check the whole submission for it",
    ),
    "areas-overlap": (
        "有 {count} 对区互相重叠（{pairs}）。重叠处的要素归入占其面积最大的区，请核对界线",
        "{count} pairs of areas overlap ({pairs}). What lies there went to the area that holds most of it; check the "
        "boundaries",
    ),
    "not-carried": (
        "没有角色的图层不切分：{paths}",
        "layers without a role are not cut: {paths}",
    ),
    # Manifest
    "made-by": (
        "由 urbanform split 从“{whole}”切出：{area}（按 {by}）",
        "Cut by urbanform split from {whole}: {area} (by {by})",
    ),
    "none-here": (
        "以下图层在全部成果中齐全可用，但本区及其外 {metres} 米内没有要素；如实际有、只是没有提交，请删去并补交",
        "These layers are sound in the whole submission and have no feature here or within {metres} m. Where there are "
        "some that were not handed in, delete the line and supply them",
    ),
    "empty-here": (
        "{role} 在本区没有要素；此角色不能声明不涉及，故写为空图层（会被列为“没有要素”）",
        "{role} has no feature here. As it may not be declared none, the layer is empty, and will be listed so",
    ),
    "beyond-here": (
        "界外建筑：只作界内更新单元、廊道、村庄等的建筑，不带光伏面积",
        "Buildings of other areas that reach into units, corridors and villages of this one, without solar area",
    ),
}


def say(code: str, **values: object) -> Words:
    """A message in both languages."""
    return own_words(WORDS, code, **values)
