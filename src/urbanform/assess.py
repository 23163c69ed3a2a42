"""A submission × a rule pack → an assessment. A check that breaks is undetermined, never a pass."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from rasterio.errors import RasterioError

from urbanform.checks import Check, find_check
from urbanform.memory import give_back
from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, Verdict, judge, not_applicable, undetermined
from urbanform.model.needs import SCOPE, asked_roles
from urbanform.model.roles import ROLES
from urbanform.model.rules import Kind, Rule, RulePack
from urbanform.model.submission import Submission
from urbanform.remedies import find_remedy
from urbanform.site import Site
from urbanform.wording import Words, words

log = logging.getLogger(__name__)


def asked(rules: Iterable[Rule]) -> frozenset[str]:
    """Every role that the checks of some rules may ask for, so that only these layers are read."""
    roles: set[str] = set()
    for rule in rules:
        check = find_check(rule.check)
        roles |= asked_roles((*check.needs, *check.uses), rule.scope) | set(check.looks_at)
    return frozenset(roles)


def chosen(pack: RulePack, only: Collection[str], kinds: Collection[Kind]) -> tuple[Rule, ...]:
    """The rules that are to be measured: of ``only`` where given, and binding one of the declared kinds."""
    named = tuple(rule for rule in pack.rules if not only or rule.id in only)
    return tuple(rule for rule in named if _binds(rule, kinds))


def assess(
    submission: Submission,
    pack: RulePack,
    as_of: int,
    only: Collection[str] = (),
    progress: Callable[[Rule], object] = id,
) -> Assessment:
    """Decide every rule of a pack on a submission.

    Per rule, in this order: not among ``only``: left out; binds none of the declared kinds; binds another place;
    its subjects are declared not to exist: each not applicable; a layer or field that it needs is missing; it is not
    known whether it binds the place: each undetermined; else measured and judged.
    """
    site = Site(submission, as_of=as_of)
    findings = []
    for rule in pack.rules:
        if only and rule.id not in only:
            continue
        progress(rule)
        finding = _unmeasured(rule, submission, pack) or _measured(rule, site, as_of)
        if not submission.place.within(pack.place):
            finding = replace(finding, notes=(*finding.notes, words("place-outside", pack=_title(pack))))
        findings.append(finding)
        if submission.is_large:
            give_back()
    return Assessment(submission, pack, as_of, tuple(findings))


def _binds(rule: Rule, kinds: Collection[Kind]) -> bool:
    return not kinds or not rule.binds or any(kind in rule.binds for kind in kinds)


def _unmeasured(rule: Rule, submission: Submission, pack: RulePack) -> Finding | None:
    """The finding of a rule that is decided before anything is measured."""
    check = find_check(rule.check)
    if not _binds(rule, submission.kinds):
        return not_applicable(rule, words("other-kind", kinds=[words(f"kind-{kind}") for kind in rule.binds]))
    place = replace(
        submission.place,
        province=submission.place.province or pack.place.province,
        city=submission.place.city or pack.place.city,
    )
    holds, key = rule.applies_when.holds(place)
    if holds is False:
        return not_applicable(rule, words("other-place"))
    if check.subjects in submission.none:
        return not_applicable(rule, words("declared-none", role=_role(check.subjects)))
    for item in check.needs:
        missing = item.missing(submission, rule.scope)
        if missing is not None:
            return undetermined(rule, missing)
    if holds is None:
        return undetermined(rule, words("place-unknown", key=key))
    return None


def _measured(rule: Rule, site: Site, as_of: int) -> Finding:
    check = find_check(rule.check)
    try:
        measurement = check.measure(site.under(rule.document_year), rule.scope, rule.params)
    except Exception as error:
        causes = list(_causes(error))
        if any(isinstance(cause, RasterioError) for cause in causes):
            # A block in the middle of a file, which nobody reads before it is measured, is damaged.
            return undetermined(rule, _broken_raster(check, rule, site.submission, str(causes[-1])))
        log.exception("%s broke", check.name)
        return undetermined(rule, words("check-broke", check=check.name))
    doubts = _doubts(check, rule, site.submission)
    if doubts:
        subjects = tuple(replace(s, doubts=(*s.doubts, *doubts)) for s in measurement.subjects)
        measurement = replace(measurement, subjects=subjects)
    finding = _with_remedy(judge(rule, measurement, as_of), site)
    waiting = replace(measurement, evidence=tuple(shapes.kept() for shapes in measurement.evidence))
    return replace(finding, measurement=waiting)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it, the first cause last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _broken_raster(check: Check, rule: Rule, submission: Submission, why: str) -> Words:
    roles = asked_roles((*check.needs, *check.uses), rule.scope)
    paths = [raster.path.name for role, raster in submission.rasters.items() if role in roles]
    return words("raster-broken-inside", paths=paths, why=why.splitlines()[0] if why else "—")


def _with_remedy(finding: Finding, site: Site) -> Finding:
    """What falls short with what would cure it; a remedy that breaks is left out, the verdict stands."""
    cure = find_remedy(finding.rule.check)
    if cure is None or finding.verdict not in (Verdict.FAIL, Verdict.PENDING):
        return finding
    try:
        return replace(finding, remedy=cure(finding, site))
    except Exception:
        log.exception("the remedy of %s broke", finding.rule.check)
        return replace(finding, notes=(*finding.notes, words("remedy-broke")))


def _doubts(check: Check, rule: Rule, submission: Submission) -> tuple[Words, ...]:
    """Layers that the check uses and the submission lacks: a breach stands without them, a pass does not."""
    missing = (item.missing(submission, rule.scope) for item in check.uses)
    return tuple(found for found in missing if found is not None)


def lacking(rule: Rule, submission: Submission) -> list[str]:
    """The roles and fields (as role or role.field) that a rule still needs or uses and the submission lacks."""
    check = find_check(rule.check)
    if check.subjects in submission.none:
        return []
    found = (item.lacking(submission, rule.scope) for item in (*check.needs, *check.uses))
    return list(dict.fromkeys(name for name in found if name is not None))


def _role(name: str | None) -> Words:
    role = ROLES[name or SCOPE]
    return Words(role.name, role.zh, role.en)


def _title(pack: RulePack) -> Words:
    return Words(pack.id, pack.title.zh, pack.title.en)
