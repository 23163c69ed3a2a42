"""What the files for the desk, Excel and Word, say alike of an assessment and of a finding."""

import math
from collections.abc import Iterable, Mapping

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, Verdict, is_red, say_limit
from urbanform.model.measurement import Bounds
from urbanform.model.provenance import Action, Defect
from urbanform.model.roles import ROLES
from urbanform.model.rules import Severity, Unit
from urbanform.output.sketch import brief, figure_words
from urbanform.output.store import crs_name, defect_order, versions
from urbanform.output.words import PERSONS_TO_WAN, say
from urbanform.wording import Words, own_words

MOST_ASKED = 10
_GRAVITY = (Action.REJECTED, Action.UNKNOWN, Action.REPAIRED, Action.NOTED)

WORDS: dict[str, tuple[str, str]] = {
    "project": ("项目名称", "Submission"),
    "plan": ("依据方案", "Plan"),
    "number": ("文号", "Document number"),
    "issued": ("印发日期", "Issued"),
    "unnamed": ("（未命名）", "(no name)"),
    "pack-sum": ("规则包校验值", "Checksum of the rule pack"),
    "none-of": (
        "{roles}（由提交方在 submission.yaml 中声明，请核实）",
        "{roles} (declared in submission.yaml; verify it)",
    ),
    "wan": ("{wan} 万人/平方公里（{told}）", "{told}"),
    "attach-study": (
        "本条属严格限制：请提交专项论证报告和批准文件；不能提供的，按限值修改方案。",
        "The clause restricts strictly: hand in the special study and the approval, or bring the plan within the "
        "limit.",
    ),
    "state-reasons": (
        "本条属原则性要求：请书面说明理由；没有充分理由的，按限值修改方案。",
        "The clause is one of principle: state the reasons in writing, or bring the plan within the limit.",
    ),
    "bring-within": (
        "请按限值（{limit}）修改方案后重新报审。",
        "Bring the plan within the limit ({limit}) and hand it in again.",
    ),
    "till-due": (
        "{due} 年到期前须达到{limit}，请在方案中落实安排。",
        "It must reach {limit} by {due}; say in the plan how.",
    ),
    "of-subject": ("{subject}：{reason}", "{subject}: {reason}"),
    "more-subjects": (
        "另有 {count} 个对象无法判定，见“逐个对象”表。",
        "{count} more subjects are undetermined; see the table of subjects.",
    ),
    "from-to": ("{numerator} ÷ {denominator}", "{numerator} ÷ {denominator}"),
}


def facts(assessment: Assessment) -> list[tuple[Words, Words]]:
    """What heads a case: label and value; the same for the same assessment."""
    submission, pack = assessment.submission, assessment.pack
    place = " ".join(
        part for part in (submission.place.province, submission.place.city, submission.place.county) if part
    )
    kinds = [say(f"kind-{kind}") for kind in submission.kinds] or [say("kind-any")]
    declared = [Words(role, ROLES[role].zh, ROLES[role].en) for role in ROLES if role in submission.none]
    crs = submission.crs
    code = crs_name(crs, local=False)
    told_crs = code if code == crs.name else f"{code} · {crs.name}"
    rows = [
        (_own("project"), Words("name", submission.name, submission.name) if submission.name else _own("unnamed")),
        (say("kinds"), _listed(kinds)),
        *([(say("place"), Words("place", place, place))] if place else []),
        (_own("plan"), Words("plan", f"{pack.title.zh}（{pack.id}）", f"{pack.title.en} ({pack.id})")),
        (_own("number"), _plain(pack.document.number) or say("document-none")),
        *([(_own("issued"), _plain(pack.document.issued))] if pack.document.issued else []),
        (say("as-of"), Words("as-of", f"{assessment.as_of}", f"{assessment.as_of}")),
        (say("working-crs"), say("local-grid") if submission.local else Words("crs", told_crs, told_crs)),
        (
            say("declared-none"),
            _own("none-of", roles=_listed(declared)) if declared else say("declared-none-nothing"),
        ),
    ]
    return [(label, value) for label, value in rows if value is not None]


def makers(assessment: Assessment) -> list[tuple[Words, Words]]:
    """On what the figures depend beside the data: the pack's checksum and the versions of the tools."""
    used = " · ".join(f"{tool} {number}" for tool, number in versions().items())
    return [
        (_own("pack-sum"), Words("sha256", f"sha256 {assessment.pack.sha256}", f"sha256 {assessment.pack.sha256}")),
        (say("versions"), Words("versions", used, used)),
    ]


def counted(assessment: Assessment) -> list[tuple[Verdict, int, int]]:
    """How many rules got each verdict that any got, and how many of them are breaches of mandatory clauses."""
    found = (
        Verdict.FAIL,
        Verdict.UNDETERMINED,
        Verdict.PENDING,
        Verdict.PASS,
        Verdict.INFO,
        Verdict.NOT_APPLICABLE,
    )
    red = sum(is_red(finding) for finding in assessment.findings)
    return [
        (verdict, count, red if verdict is Verdict.FAIL else 0)
        for verdict in found
        if (count := assessment.count(verdict))
    ]


def to_supply(finding: Finding) -> list[Words]:
    """What the submitter must hand in or mend for a finding.

    First what the verdict asks, then what is missing for up to ten subjects that could not be decided, then what would
    cure a breach. Nothing for a rule that is met, only watched or not applicable.
    """
    asked: list[Words] = []
    open_subjects = [item for item in finding.subjects if item.verdict is Verdict.UNDETERMINED]
    if finding.verdict is Verdict.UNDETERMINED and len(finding.subjects) < 2:
        return [finding.reason]
    if finding.verdict is Verdict.FAIL and finding.limit is not None:
        limit = _limit(finding)
        match finding.rule.severity:
            case Severity.RESTRICTED:
                asked.append(_own("attach-study"))
            case Severity.PRINCIPLE:
                asked.append(_own("state-reasons"))
            case _:
                asked.append(_own("bring-within", limit=limit))
    elif finding.verdict is Verdict.PENDING and finding.limit is not None:
        asked.append(_own("till-due", due=finding.limit.due, limit=_limit(finding)))
    for item in open_subjects[:MOST_ASKED] if len(finding.subjects) > 1 else []:
        named = item.subject.name or item.subject.id
        asked.append(_own("of-subject", subject=named, reason=item.reason))
    if len(open_subjects) > MOST_ASKED:
        asked.append(_own("more-subjects", count=len(open_subjects) - MOST_ASKED))
    return [*asked, *(finding.remedy.said if finding.remedy else ())]


def told_figure(value: float | None, bounds: Bounds | None, finding: Finding) -> Words:
    """A figure with its unit as maps print it; a density of persons in Chinese also as the plans write it, in 万.

    A rule that does not apply and was not measured has a dash: nothing was left undone.
    """
    if finding.verdict is Verdict.NOT_APPLICABLE and value is None and bounds is None:
        return Words("none", "–", "–")
    told = figure_words(value, bounds, finding)
    unit = finding.measurement.unit if finding.measurement else None
    if unit is not Unit.PERSONS_PER_KM2 or value is None or not math.isfinite(value) or bounds is not None:
        return told
    return _own("wan", wan=_in_wan(value, finding), told=told)


def from_what(counted_words: tuple[Words, ...]) -> Words | None:
    """Numerator and denominator in one line; None where there is neither."""
    if len(counted_words) == 2:
        return _own("from-to", numerator=counted_words[0], denominator=counted_words[1])
    return counted_words[0] if counted_words else None


def gravest_first(defects: Iterable[Defect]) -> list[Defect]:
    """Layers set aside, then what counts as unknown, then what was mended, then remarks; else by layer and feature."""
    return sorted(defects, key=lambda defect: (_GRAVITY.index(defect.action), defect_order(defect)))


def role_words(role: str) -> Words:
    """A role as people read it; what is no role is given as it is."""
    return Words(role, ROLES[role].zh, ROLES[role].en) if role in ROLES else Words(role, role, role)


def kind_words(finding: Finding) -> Mapping[str, Words]:
    """The kinds of a finding's evidence in words."""
    return {kind: told for shapes in finding.evidence for kind, (_, told) in shapes.legend.items()}


def column_words(finding: Finding) -> Mapping[str, Words]:
    """The attributes of a finding's evidence in words."""
    return {name: told for shapes in finding.evidence for name, told in shapes.columns.items()}


def _in_wan(value: float, finding: Finding) -> str:
    """The figure in 万, with as many digits as tell it from every limit."""
    marks = [
        mark / PERSONS_TO_WAN
        for limit in finding.rule.limits
        for mark in (limit.value if isinstance(limit.value, tuple) else (limit.value,))
    ]
    wan = value / PERSONS_TO_WAN
    short = round(wan, 2)
    if any((short > mark) != (wan > mark) or (short < mark) != (wan < mark) for mark in marks):
        return f"{float(brief(value, finding.rule.limits)) / PERSONS_TO_WAN:.10g}"
    return f"{short:g}"


def _limit(finding: Finding) -> Words:
    assert finding.limit is not None
    return say_limit(finding.limit)


def _listed(many: list[Words]) -> Words:
    return Words("listed", "、".join(item.zh for item in many), ", ".join(item.en for item in many))


def _plain(text: str | None) -> Words | None:
    return Words("plain", text, text) if text else None


def _own(code: str, /, **values: object) -> Words:
    return own_words(WORDS, code, **values)
