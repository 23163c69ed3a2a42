"""What maps and reports say in their own voice: verdicts, units, headings. Code → (zh, en)."""

from urbanform.model.finding import Finding, Verdict, say_limit
from urbanform.model.rules import Limit, Severity, Unit
from urbanform.wording import Words, own_words

PERSONS_TO_WAN = 10_000.0

WORDS: dict[str, tuple[str, str]] = {
    # Verdicts
    "verdict-pass": ("符合", "Complies"),
    "verdict-fail": ("不符合", "Does not comply"),
    "verdict-pending": ("未到期（暂未达标）", "Not yet due (falls short so far)"),
    "verdict-undetermined": ("无法判定（需补充资料）", "Undetermined (supply more data)"),
    "verdict-not-applicable": ("不涉及", "Not applicable"),
    "verdict-info": ("仅监测（方案未定限值）", "Monitored only (no limit set)"),
    # Severities
    "severity-mandatory": ("强制要求", "Mandatory"),
    "severity-restricted": ("严格限制", "Strictly restricted"),
    "severity-principle": ("原则性要求", "In principle"),
    "severity-target": ("目标值", "Target"),
    "severity-advisory": ("仅监测", "Advisory"),
    "breach-restricted": (
        "严格限制：须附专项论证及批准文件",
        "Strictly restricted: attach the special study and the approval",
    ),
    "breach-principle": ("原则性要求：须说明理由", "In principle: state the reasons"),
    "breach-target": ("目标值：到期未达标", "Target: missed when due"),
    # A card and a map
    "measured": ("实测", "Measured"),
    "limit": ("限值", "Limit"),
    "limit-due": ("{limit}（{due} 年）", "{limit} (by {due})"),
    "limit-none": ("未定", "none set"),
    "not-measured": ("未能量算", "not measured"),
    "of": ("由来", "From"),
    "clause": ("条款", "Clause"),
    "severity": ("约束力", "Weight"),
    "rule": ("规则", "Rule"),
    "reason": ("判定理由", "Why"),
    "notes": ("说明", "Notes"),
    "subjects": ("逐个对象", "Subject by subject"),
    "subject": ("对象", "Subject"),
    "subject-figure": ("对象数值", "Its figure"),
    "verdict": ("结论", "Verdict"),
    "legend": ("图例", "Legend"),
    "legend-context": ("背景（提交的图层）", "Background (layers handed in)"),
    "remedy": ("差多少、怎样补足", "How far off, and what would cure it"),
    "legend-basemap": ("底图", "Basemap"),
    "legend-frame": ("评价范围", "Area under review"),
    "legend-breaching": ("不符合的对象（粗框）", "Subject in breach (bold outline)"),
    "subjects-of": ("{total} 个对象", "{total} subjects"),
    "subjects-cut": (
        "共 {total} 个对象，此处列出最靠前的 {shown} 个；其余见 results.json。",
        "{total} subjects; the first {shown} are listed here, the rest in results.json.",
    ),
    "evidence-cut": (
        "依据要素共 {total} 个，图上只绘最突出的 {drawn} 个；全部要素见 evidence 数据。",
        "{total} evidence features; the map draws the weightiest {drawn}. All of them are in the evidence data.",
    ),
    "evidence-none": (
        "本条没有可绘的依据图形；图上只有范围与背景。",
        "This rule has no evidence shapes to draw; the map shows the area and the background only.",
    ),
    "evidence-simplified": (
        "{count} 个要素节点过多，图上为简化图形；数值按原图形量算。",
        "{count} features with very many corners are drawn simplified; figures come from the original shapes.",
    ),
    "evidence-lost": (
        "{count} 个要素无法换算为经纬度，未绘。",
        "{count} features could not be converted to longitude and latitude and are not drawn.",
    ),
    "context-clipped": (
        "背景图层过大，只绘依据范围外扩 1 公里以内的部分。",
        "The background is large; only what lies within 1 km of the evidence is drawn.",
    ),
    "context-left-out": (
        "背景图层过大，未绘：{layers}。",
        "The background is large; not drawn: {layers}.",
    ),
    "context-none": ("按要求未绘背景图层。", "Drawn without background layers, as asked."),
    "context-unsupported": (
        "此浏览器版本过旧，不能解开背景图层（灰色底图）；依据图形与结论不受影响。请改用 Chrome 或 Edge 80 以上版本。",
        "This browser is too old to unpack the background; evidence and verdicts are not affected. "
        "Use Chrome or Edge 80 or later.",
    ),
    "map-local-grid": (
        "独立坐标系（米），平面绘制，无底图。",
        "Local grid in metres, drawn as a plane without a basemap.",
    ),
    "switch-language": ("English", "中文"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "column-subject": ("对象编号", "subject"),
    "column-feature": ("要素编号", "feature"),
    "column-name": ("名称", "name"),
    "column-kind": ("类别代码", "kind code"),
    "column-kind_zh": ("类别", "kind"),
    "column-verdict": ("对象结论", "subject's verdict"),
    # The report
    "report-title": ("技术核查报告", "Technical check report"),
    "as-of": ("核查年份", "Year of review"),
    "pack": ("规则包", "Rule pack"),
    "kinds": ("核查类型", "Kind of review"),
    "place": ("地点", "Place"),
    "kind-city": ("城市", "city"),
    "kind-county-seat": ("县城", "county seat"),
    "kind-renewal": ("城市更新", "urban renewal"),
    "kind-village": ("村庄", "village"),
    "kind-any": ("未声明（全部类型均核查）", "not declared (rules of every kind are judged)"),
    "counts": ("结论汇总", "Verdicts"),
    "fail-mandatory": ("{verdict}（强制要求 {count}）", "{verdict} (mandatory: {count})"),
    "counts-hint": ("点击结论可筛选下列各条。", "Click a verdict to filter the rules below."),
    "declared-none": ("声明不涉及的图层", "Layers declared not to exist"),
    "declared-none-hint": (
        "以下内容由提交方在 submission.yaml 中声明不存在（none），核查按此计算，请审查时核实：",
        "The submission declares in submission.yaml (none) that these do not exist; figures rely on it, so verify it:",
    ),
    "declared-none-nothing": ("无此类声明。", "No layer was declared not to exist."),
    "findings": ("逐条结论", "Rule by rule"),
    "no-findings": ("没有任何规则被核查。", "No rule was checked."),
    "undecided": ("未能判定与需补充的资料", "What was not decided, and what to supply"),
    "undecided-nothing": ("所有适用规则均已判定。", "Every rule that applies was decided."),
    "supply": ("缺什么、如何补", "What is missing and how to mend it"),
    "defects": ("数据缺陷与处理", "Defects of the data, and what was done"),
    "defects-nothing": ("未发现数据缺陷。", "No defect was found."),
    "defects-cut": (
        "共 {total} 条，此处列出 {shown} 条；其余见 results.json。",
        "{total} in all; {shown} are listed here, the rest in results.json.",
    ),
    "action-rejected": ("图层弃用", "layer set aside"),
    "action-unknown": ("按未知计", "counts as unknown"),
    "action-repaired": ("已修复并计入", "mended and counted"),
    "action-noted": ("仅提示", "noted"),
    "layer": ("图层", "Layer"),
    "feature": ("要素", "Feature"),
    "whole-layer": ("整个图层", "whole layer"),
    "defect": ("缺陷", "Defect"),
    "action": ("处理", "Done"),
    "count": ("数量", "Count"),
    "method": ("量算方法", "Method"),
    "method-nothing": ("未附方法说明。", "No method text is attached."),
    "provenance": ("数据来源与版本", "Where it all comes from"),
    "file": ("文件", "File"),
    "role": ("图层含义", "Role"),
    "crs": ("坐标系", "CRS"),
    "encoding": ("编码", "Encoding"),
    "features": ("要素数", "Features"),
    "working-crs": ("量算坐标系", "Working CRS"),
    "local-grid": ("独立坐标系（米）", "local grid in metres"),
    "versions": ("软件版本", "Versions"),
    "document": ("文件依据", "Document"),
    "document-none": ("文号未载明", "number not stated"),
    "downloads": ("下载", "Downloads"),
    "download-json": ("下载 results.json", "Download results.json"),
    "internal": (
        "内部资料 · 含报审单位提交的地理信息，请按保密与地图管理规定使用，不得公开传播。",
        "Internal · holds geographic data handed in for review; handle it under the rules on secrecy and maps, not for "
        "publication.",
    ),
    "internal-context": (
        "背景绘有报审的原始图层；需要对外提供时，请加 --no-context 重新生成。",
        "The background shows the layers handed in; to pass this on, make it again with --no-context.",
    ),
    "download-geojson": ("下载图上的依据图形（GeoJSON）", "Download the evidence drawn here (GeoJSON)"),
    "download-csv": ("下载逐对象表（CSV）", "Download subject table (CSV)"),
    "map": ("地图", "Map"),
    "map-own": ("单独打开地图", "Open the map by itself"),
    "map-cut": (
        "本报告内图形有总量上限，本条未绘全；更全的地图见 {path}。",
        "Shapes in this report are capped in size and this map is cut; a fuller one is {path}.",
    ),
    "print": ("打印 / 存为 PDF", "Print / save as PDF"),
    "footer": (
        "本报告为辅助审查的技术核查结果，不替代任何行政审批、审查意见或法定程序。",
        "This is a technical check in aid of the review; it replaces no administrative approval, opinion or "
        "statutory procedure.",
    ),
    "zoom-in": ("放大", "Zoom in"),
    "zoom-out": ("缩小", "Zoom out"),
    "whole-map": ("回到全图", "Whole map"),
    # Faults in writing
    "cannot-write": (
        "无法写入 {file}：{fault}。请确认文件夹可写、磁盘有空间后重试，或用 --out 换一个文件夹",
        "{file} could not be written: {fault}. Check that the folder can be written to and the disk has room, or "
        "choose another folder with --out",
    ),
    "cannot-write-full": (
        "无法写入 {file}：磁盘空间不足。请清理磁盘，或用 --out 换一个有空间的文件夹",
        "{file} could not be written: the disk is full. Make room, or choose another folder with --out",
    ),
    "cannot-write-locked": (
        "无法写入 {file}：文件被占用或没有写入权限。请关闭正在打开它的 WPS、Excel、ArcMap、QGIS 等程序，取消只读，"
        "或用 --out 换一个文件夹",
        "{file} could not be written: it is in use or read-only. Close WPS, Excel, ArcMap or QGIS where it is open, "
        "clear the read-only flag, or choose another folder with --out",
    ),
    "not-a-folder": (
        "无法写入 {file}：该路径上已有同名文件，或上级不是文件夹。请用 --out 换一个文件夹",
        "{file} could not be written: something that is not a folder is in the way. Choose another folder with --out",
    ),
}


ON_THE_MAP = ("subject", "subject-figure", "column-feature", "yes", "no", "zoom-in", "zoom-out", "whole-map")
"""What the map's script says by itself."""


def say(code: str, /, **values: object) -> Words:
    """The message of a code in :data:`WORDS` with its placeholders filled."""
    return own_words(WORDS, code, **values)


def verdict_words(verdict: Verdict) -> Words:
    """A verdict as people read it."""
    return say(f"verdict-{verdict}")


def weight_words(finding: Finding) -> Words:
    """What a rule's severity means for this finding: for a breach, what must be supplied with it."""
    severity = finding.rule.severity
    if finding.verdict is Verdict.FAIL and severity in (Severity.RESTRICTED, Severity.PRINCIPLE, Severity.TARGET):
        return say(f"breach-{severity}")
    return say(f"severity-{severity}")


def limit_words(limit: Limit | None) -> Words:
    """A limit as people read it: sign, figure, unit and, where it has one, the year it falls due.

    One on persons per km² stands in Chinese also in 万, as the plans write it.
    """
    if limit is None:
        return say("limit-none")
    told = say_limit(limit)
    if limit.unit is Unit.PERSONS_PER_KM2:
        ends = limit.value if isinstance(limit.value, tuple) else (limit.value,)
        wan = "–".join(f"{end / PERSONS_TO_WAN:g}" for end in ends)
        told = Words(told.code, f"{told.zh}（{wan} 万）", told.en)
    return told if limit.due is None else say("limit-due", limit=told, due=limit.due)
