"""A rule pack as a handbook: clause by clause what is asked, of whom, how it is measured and what data it takes.

For people who prepare a submission, and for the documentation site. Nothing is read but the pack and the checks.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from urbanform.checks import Check, find_check
from urbanform.model.needs import FALLBACKS, SCOPE, Ask, Need
from urbanform.model.roles import ROLES
from urbanform.model.rules import Limit, Op, Rule, RulePack
from urbanform.wording import Words, figure, own_words, with_unit, words

WORDS: dict[str, tuple[str, str]] = {
    "clause": ("{clause}", "Clause {clause}"),
    "clause-of": ("{document} {clause}", "{document}, clause {clause}"),
    # What a fact is about stands before its first colon.
    "fact-limit": ("要求：{limits}", "Requirement: {limits}"),
    "fact-watched": ("要求：方案未定数值，仅监测", "Requirement: no figure in the plan; monitored only"),
    "fact-weight": ("约束力：{severity}", "Weight: {severity}"),
    "fact-binds": ("适用：{kinds}", "Binds: {kinds}"),
    "fact-where": ("地点：{conditions}", "Where: {conditions}"),
    "fact-subjects": ("对象：只约束 {conditions} 的对象", "Subjects: only those with {conditions}"),
    "fact-scope": ("评价范围：{role}", "Area under review: {role}"),
    "fact-scope-or": (
        "评价范围：{role}；没有时以 {other} 代替",
        "Area under review: {role}; {other} where it is missing",
    ),
    "fact-measured": ("量算：{method}", "Measured: {method}"),
    "fact-params": ("参数：{params}", "Parameters: {params}"),
    "fact-needs": ("必需：{layers}", "Needs: {layers}"),
    "fact-uses": ("缺了不能判为符合：{layers}", "No pass without: {layers}"),
    "fact-looks": ("有则计入：{layers}", "Read where given: {layers}"),
    "fact-source": ("依据：{source}", "Source: {source}"),
    "op-<=": ("不超过 {value}", "at most {value}"),
    "op-<": ("小于 {value}", "less than {value}"),
    "op->=": ("不低于 {value}", "at least {value}"),
    "op->": ("大于 {value}", "more than {value}"),
    "op-between": ("{low} 至 {value}", "{low} to {value}"),
    "due": ("{year} 年：{limit}", "{year}: {limit}"),
    "place-city_level-prefecture": ("地级市", "cities of prefecture level"),
    "place-city_level-sub-provincial": ("副省级城市", "cities of sub-provincial level"),
    "place-city_level-municipality": ("直辖市", "municipalities"),
    "place-city_level-county": ("县级市", "cities of county level"),
    "place-main_function-ecological": ("位于生态功能区的县城", "county seats in ecological areas"),
    "place-main_function-agricultural": ("位于农产品主产区的县城", "county seats in agricultural areas"),
    "place-main_function-none": ("其他地区", "elsewhere"),
    "place-solar": ("太阳能资源丰富地区", "areas rich in sunshine"),
    "place-not-solar": ("太阳能资源不丰富的地区", "areas not rich in sunshine"),
    "fields": ("{role}（{fields}）", "{role} ({fields})"),
    "or": ("{one} 或 {other}", "{one} or {other}"),
}


OPEN = "…"
"""Stands for what a method says only of data at hand."""
MOST_OPEN = 2
"""With more of them a sentence says nothing, and the manual speaks."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule as the handbook tells it.

    Attributes
    ----------
    facts
        One sentence each, what it is about before its first colon.
    """

    rule: str
    check: str
    title: Words
    facts: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The rules of one clause, in the order of the pack."""

    heading: Words
    entries: tuple[Entry, ...]


def handbook(pack: RulePack) -> tuple[Section, ...]:
    """The clauses of a pack, each where it is first named; a clause of another document stands under its name."""
    clauses: dict[tuple[str | None, str], list[Rule]] = {}
    for rule in pack.rules:
        other = rule.source.number or rule.source.document
        own = rule.source.number == pack.document.number
        clauses.setdefault((None if own else other, rule.source.clause), []).append(rule)
    return tuple(
        Section(
            _say("clause-of", document=document, clause=clause) if document else _say("clause", clause=clause),
            tuple(_entry(rule) for rule in rules),
        )
        for (document, clause), rules in clauses.items()
    )


def _entry(rule: Rule) -> Entry:
    check = find_check(rule.check)
    facts = [
        _say("fact-limit", limits=_joined([_limit(item) for item in rule.limits], "；", "; "))
        if rule.limits
        else _say("fact-watched"),
        _say("fact-weight", severity=words(f"severity-{rule.severity}")),
        *([_say("fact-binds", kinds=[words(f"kind-{kind}") for kind in rule.binds])] if rule.binds else []),
        *_conditions(rule),
        *_scope(rule),
        _say("fact-measured", method=method(check, rule)),
        *_params(rule),
        *_layers(check),
        _say("fact-source", source=_source(rule)),
    ]
    return Entry(rule.id, rule.check, Words(rule.id, rule.title.zh, rule.title.en), tuple(facts))


def _limit(limit: Limit) -> Words:
    low, high = limit.value if isinstance(limit.value, tuple) else (0.0, limit.value)
    value = with_unit(figure(high), limit.unit)
    told = (
        _say(f"op-{limit.op}", low=low, value=value) if limit.op is Op.BETWEEN else _say(f"op-{limit.op}", value=value)
    )
    return told if limit.due is None else _say("due", year=limit.due, limit=told)


def _conditions(rule: Rule) -> Iterable[Words]:
    when = rule.applies_when
    told = [_joined([Words(name, name, name) for name in when.place], "、", ", ")] if when.place else []
    for key in ("city_level", "main_function"):
        values = getattr(when, key)
        if values:
            told.append(_joined([_named(f"place-{key}-{value}", value) for value in values], "、", ", "))
    if when.solar_rich is not None:
        told.append(_say("place-solar" if when.solar_rich else "place-not-solar"))
    if told:
        yield _say("fact-where", conditions=_joined(told, "；", "; "))
    if rule.subjects_when:
        conditions = [f"{name} = {' | '.join(values)}" for name, values in rule.subjects_when.items()]
        yield _say("fact-subjects", conditions=conditions)


def _named(code: str, value: str) -> Words:
    return _say(code) if code in WORDS else Words(code, value, value)


def _scope(rule: Rule) -> Iterable[Words]:
    if rule.scope is None:
        return
    other = FALLBACKS.get(rule.scope)
    role = _role(rule.scope)
    yield _say("fact-scope", role=role) if other is None else _say("fact-scope-or", role=role, other=_role(other))


def method(check: Check, rule: Rule) -> Words:
    """How a check measures: what it says about itself; else its manual's first paragraph, in Chinese its method.

    What these leave to be filled is filled from the rule's params where these have it.
    """
    if "about" in check.words:
        return own_words(check.words, "about")
    manual = _paragraph(check.manual).replace("``", "")
    zh = manual
    if "method" in check.words:
        told = _filled(check.words["method"][0], rule.params.model_dump() if rule.params is not None else {})
        zh = told if told.count(OPEN) <= MOST_OPEN else manual
    return Words("method", zh.rstrip("。."), manual.rstrip("."))


def _paragraph(manual: str) -> str:
    """What stands under the first heading of a manual, else its first line."""
    lines = manual.splitlines()
    body: list[str] = []
    for line in lines[1:]:
        if line.startswith(" "):
            body.append(line.strip())
        elif body:
            break
    return " ".join(part for part in body if part) or lines[0]


def _filled(template: str, params: Mapping[str, object]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        value = next((params[key] for key in (name, f"{name}_m", f"{name}_m2") if key in params), None)
        return figure(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else OPEN

    return re.sub(r"\{([a-z_]+)\}", value, template).replace("{{", "{").replace("}}", "}")


def _params(rule: Rule) -> Iterable[Words]:
    given = rule.params.model_dump(exclude_defaults=True, mode="json") if rule.params is not None else {}
    if given:
        yield _say("fact-params", params=[f"{name} = {_plain(value)}" for name, value in given.items()])


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _layers(check: Check) -> Iterable[Words]:
    needs, looked = _told_apart(check.needs)
    if needs:
        yield _say("fact-needs", layers=_joined([_need(item) for item in needs], "；", "; "))
    if check.uses:
        yield _say("fact-uses", layers=_joined([_need(item) for item in check.uses], "；", "; "))
    looked += [Ask(role) for role in check.looks_at]
    if looked:
        yield _say("fact-looks", layers=_joined([_ask(item) for item in looked], "、", ", "))


def _told_apart(needs: tuple[Need, ...]) -> tuple[list[Need], list[Ask]]:
    """What must be there, and what is only read where it is given.

    A need that an earlier one already meets asks for nothing: its further alternatives are read where they are given.
    """
    asked: list[Need] = []
    looked: list[Ask] = []
    for item in needs:
        met = any(item.options[0] == before.options[0] and len(before.options) == 1 for before in asked)
        if met and len(item.options) > 1:
            looked += item.options[1:]
        else:
            asked.append(item)
    return asked, looked


def _need(item: Need) -> Words:
    told = [_ask(option) for option in item.options]
    found = told[0]
    for other in told[1:]:
        found = _say("or", one=found, other=other)
    return found


def _ask(ask: Ask) -> Words:
    role = _role(ask.role)
    fields = list(ask.fields)
    return _say("fields", role=role, fields=fields) if fields else role


def _role(name: str) -> Words:
    if name == SCOPE:
        return Words(SCOPE, "评价范围", "the area under review")
    return Words(name, f"{ROLES[name].zh} {name}", name)


def _source(rule: Rule) -> Words:
    told = " ".join(part for part in (rule.source.document, rule.source.number, rule.source.clause) if part)
    return Words("source", told, told)


def _joined(parts: Iterable[Words], zh: str, en: str) -> Words:
    held = list(parts)
    return Words("list", zh.join(part.zh for part in held), en.join(part.en for part in held))


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
