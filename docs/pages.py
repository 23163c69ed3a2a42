"""Pages that the documentation site takes from the code: one per check, one per rule pack."""

from typing import Any

from mkdocs.structure.files import File

from urbanform.checks import Check, check_names, find_check
from urbanform.handbook import handbook, method
from urbanform.intake.rule_packs import pack_ids, read_rule_pack
from urbanform.model.finding import say_limit
from urbanform.model.needs import SCOPE, Need
from urbanform.model.roles import ROLES, Geometry
from urbanform.model.rules import Rule, RulePack
from urbanform.vocabulary import table
from urbanform.wording import Language, words

ZH = Language.ZH
_GEOMETRY = {Geometry.POINT: "点", Geometry.LINE: "线", Geometry.POLYGON: "面", Geometry.RASTER: "栅格"}


def on_config(config: Any) -> Any:
    """The navigation, with the pages of checks and packs in the places of their names."""
    packs = [read_rule_pack(name) for name in pack_ids()]
    pages = {
        "checks": [{_title_of(name, packs): f"checks/{name}.md"} for name in check_names()],
        "packs": [{pack.title.zh: f"packs/{pack.id}.md"} for pack in packs],
    }
    config["nav"] = [
        {title: pages.get(target, target) if isinstance(target, str) else target}
        for entry in config["nav"]
        for title, target in entry.items()
    ]
    return config


def on_files(files: Any, config: Any) -> Any:
    """The generated pages."""
    packs = [read_rule_pack(name) for name in pack_ids()]
    for name in check_names():
        files.append(File.generated(config, f"checks/{name}.md", content=check_page(find_check(name), packs)))
    files.append(File.generated(config, "layers.md", content=layers_page()))
    for pack in packs:
        files.append(File.generated(config, f"packs/{pack.id}.md", content=pack_page(pack)))
    return files


def check_page(check: Check, packs: list[RulePack]) -> str:
    """A check: what the plans ask, what it needs, how it measures, and its manual."""
    lines = [f"# {_title_of(check.name, packs)}", "", f"`{check.name}` · 单位 unit `{check.unit}`", ""]
    rules = [rule for pack in packs for rule in pack.rules if rule.check == check.name]
    how = method(check, rules[0]) if rules else None
    lines += ["## 怎样量 · How", "", how.zh, "", how.en, ""] if how else []
    lines += ["## 各方案的要求 · What the plans ask", ""]
    rows = [(pack, rule) for pack in packs for rule in pack.rules if rule.check == check.name]
    lines += ["| 方案 plan | 限值 limit | 约束力 weight | 条款 clause | 参数 params |", "|---|---|---|---|---|"]
    lines += [_plan_row(pack, rule) for pack, rule in rows] or ["| – | – | – | – | – |"]
    lines += ["", "## 需要的图层 · Layers", ""]
    lines += [f"- 必需 needs: {_need(item)}" for item in check.needs]
    lines += [f"- 缺了不能判为符合 without it no pass: {_need(item)}" for item in check.uses]
    lines += [f"- 有则参考 looked at where given: {ROLES[role].zh} `{role}`" for role in check.looks_at]
    fields = check.params.model_fields
    if fields:
        lines += ["", "## 参数 · Parameters", "", "| 名称 name | 默认 default |", "|---|---|"]
        lines += [f"| `{name}` | `{field.get_default(call_default_factory=True)}` |" for name, field in fields.items()]
    lines += ["", "## Manual", "", _manual(check.manual), ""]
    return "\n".join(lines)


def pack_page(pack: RulePack) -> str:
    """A plan clause by clause."""
    document = " · ".join(part for part in (pack.document.number, pack.document.issued) if part) or "—"
    lines = [f"# {pack.title.zh}", "", f"{pack.title.en}", "", f"`--rules {pack.id}` · {document}", ""]
    for section in handbook(pack):
        lines += [f"## {section.heading.zh}", "", section.heading.en, ""]
        for entry in section.entries:
            lines += [f"### {entry.title.zh} {{ #{entry.rule} }}", ""]
            lines += [f"{entry.title.en} · [`{entry.check}`](../checks/{entry.check}.md)", ""]
            lines += [f"- {fact.zh} · {fact.en}" for fact in entry.facts]
            lines += [""]
    return "\n".join(lines)


def layers_page() -> str:
    """Every role: the layer names by which it is recognised, its fields, and what they may be called."""
    names, aliases = table("layer_names"), table("field_aliases")
    lines = [
        "# 图层与字段 · Layers and fields",
        "",
        "粗体字段缺了，图层就没有用。Without the bold fields a layer is of no use.",
        "",
    ]
    for role in ROLES.values():
        if role.name == SCOPE:
            continue
        shapes = "、".join(_GEOMETRY[shape] for shape in sorted(role.geometry))
        known = dict.fromkeys(row["keyword"] for row in names if row["role"] == role.name)
        lines += [f"## {role.zh} `{role.name}`", "", f"{role.en} · {shapes}", ""]
        lines += ["图层名含 names: " + "、".join(f"`{name}`" for name in known), ""] if known else []
        lines += ["| 字段 field | 值 values | 列名 column names |", "|---|---|---|"]
        for field in role.fields.values():
            mine = [row for row in aliases if row["canonical"] == field.name and row["role"] in (role.name, "*")]
            called = "、".join(f"`{row['alias']}`" for row in mine)
            title = f"**`{field.name}`**" if field.required else f"`{field.name}`"
            lines.append(f"| {title} | {' '.join(f'`{value}`' for value in field.values)} | {called} |")
        lines.append("")
    return "\n".join(lines)


def _plan_row(pack: RulePack, rule: Rule) -> str:
    limits = "<br>".join(
        say_limit(limit).say(ZH) + (f"（{limit.due} 年）" if limit.due else "") for limit in rule.limits
    )
    given = rule.params.model_dump(exclude_defaults=True, mode="json")
    params = "<br>".join(f"`{name}: {value}`" for name, value in given.items())
    source = f"{rule.source.number or pack.document.number or ''} {rule.source.clause}".strip()
    weight = words(f"severity-{rule.severity}").say(ZH)
    return f"| [{pack.title.zh}](../packs/{pack.id}.md) | {limits or '仅监测'} | {weight} | {source} | {params} |"


def _need(item: Need) -> str:
    told = []
    for option in item.options:
        title = "评价范围 `scope`" if option.role == SCOPE else f"{ROLES[option.role].zh} `{option.role}`"
        told.append(title + (f"（{'、'.join(f'`{name}`' for name in option.fields)}）" if option.fields else ""))
    return " 或 or ".join(told)


def _title_of(check: str, packs: list[RulePack]) -> str:
    rules = [rule for pack in packs for rule in pack.rules if rule.check == check]
    return rules[0].title.zh if rules else check


def _manual(text: str) -> str:
    """A docstring whose sections are headings followed by indented text, as Markdown."""
    parts = []
    for line in text.splitlines():
        if line and not line.startswith(" ") and parts:
            parts += ["", f"### {line}", ""]
        else:
            parts.append(line.strip())
    return "\n".join(parts)
