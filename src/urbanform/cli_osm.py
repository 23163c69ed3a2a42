"""What ``urbanform osm`` and ``check --compare-osm`` print."""

from pathlib import Path
from typing import TYPE_CHECKING

from urbanform.console import show, table_of
from urbanform.wording import Language, Words, own_words, words

if TYPE_CHECKING:
    from urbanform.comparison import Comparison
    from urbanform.osm import Summary

MOST_ROADS = 15
"""Roads listed for each side; all of them are in the GeoPackage."""

WORDS: dict[str, tuple[str, str]] = {
    "source": ("{name} · 数据日期 {date}（{dated}）", "{name} · data of {date} ({dated})"),
    "layer": ("图层", "layer"),
    "features": ("要素", "features"),
    "notes": ("说明", "notes"),
    "left-out": ("未采用", "left out"),
    "reason": ("原因（逐个见 left-out.csv）", "why (each in left-out.csv)"),
    "made": (
        "成果文件夹已写入 {folder}。可运行 urbanform check {folder} --rules 规则包；署名见 ATTRIBUTION.txt"
        "（© OpenStreetMap contributors，ODbL）",
        "The submission stands in {folder}. Run urbanform check {folder} --rules PACK; attribution in ATTRIBUTION.txt "
        "(© OpenStreetMap contributors, ODbL)",
    ),
    "trial": (
        "OpenStreetMap 未必齐全：结论仅供试查。主城区、建成区等范围需自行补入（见 submission.yaml）",
        "OpenStreetMap is not complete: verdicts are for trying out only. Add the main urban area, built-up area and "
        "so on (see submission.yaml)",
    ),
    "title": ("道路与 OpenStreetMap 比对", "Roads compared with OpenStreetMap"),
    "only-submission": ("提交有、OpenStreetMap 没有", "handed in, not in OpenStreetMap"),
    "only-osm": ("OpenStreetMap 有、提交没有", "in OpenStreetMap, not handed in"),
    "name": ("名称", "name"),
    "class": ("等级", "class"),
    "missing": ("缺的长度（米）", "missing (m)"),
    "more": ("……另有 {count} 条", "… and {count} more"),
    "compared": ("图层见 {gpkg}，地图见 {map}", "layers in {gpkg}, map {map}"),
}


def print_made(made: "Summary", lang: Language) -> None:
    """Print what was made from OpenStreetMap, and what was left out."""
    date = made.origin.date or "—"
    show(_say("source", name=made.origin.name, date=date, dated=made.dated).say(lang))
    layers = table_of(*(_say(name).say(lang) for name in ("layer", "features", "notes")))
    for layer in made.layers:
        layers.add_row(layer.role, str(layer.features), "\n".join(note.say(lang) for note in layer.notes))
    show(layers)
    if made.left_out:
        gone = table_of(*(_say(name).say(lang) for name in ("left-out", "reason")))
        for why, count in made.left_out:
            gone.add_row(str(count), why.say(lang))
        show(gone)
    show(_say("trial").say(lang))
    show(_say("made", folder=str(made.folder)).say(lang))


def print_comparison(found: "Comparison", folder: Path, lang: Language) -> None:
    """Print what either side lacks: the sum, and the roads of which most is missing."""
    from urbanform.comparison import GPKG, MAP

    show(f"{_say('title').say(lang)} · {found.said.say(lang)}")
    for code, side in (("only-submission", found.ours), ("only-osm", found.theirs)):
        if not len(side.roads):
            continue
        table = table_of(*(_say(name).say(lang) for name in (code, "name", "class", "missing")))
        head = side.roads.head(MOST_ROADS)
        for name, called, class_, missing_m in zip(
            head["id"], head["name"], head["class"], head["missing_m"], strict=True
        ):
            told = words(f"road-{class_}").say(lang) if isinstance(class_, str) else "—"
            table.add_row(str(name), called if isinstance(called, str) else "—", told, f"{missing_m:.0f}")
        show(table)
        if len(side.roads) > MOST_ROADS:
            show(_say("more", count=len(side.roads) - MOST_ROADS).say(lang))
    for note in found.notes:
        show(note.say(lang))
    show(_say("compared", gpkg=str(folder / GPKG), map=str(folder / MAP)).say(lang))


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
