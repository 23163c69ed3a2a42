"""Metres that a corridor lacks at its narrowest place, and the stretches of its path that lie under the limit.

The stretches are those of the widest path (the one drawn on the map) along which banks and obstacles leave less than
the limit. Widening them is enough for the path as it runs; whether land can be given up there, or another way round is
better, is a planner's question.
"""

import math

import geopandas as gpd

from urbanform.checks.corridor_net_width import JOIN_M, TOLERANCE_M, Params
from urbanform.measure.width import WidthReason
from urbanform.model.finding import Finding, JudgedSubject, Verdict, interval
from urbanform.model.measurement import Shapes, Tone
from urbanform.model.remedy import Remedy
from urbanform.model.rules import Op
from urbanform.remedies.amounts import name_of, rounded_up
from urbanform.site import Site
from urbanform.site.corridors import SiteCorridor, corridors_of
from urbanform.wording import Words, own_words

MOST_CORRIDORS = 5

WORDS = {
    "remedy-widen": (
        "{corridor}：最窄处净宽 {width} 米，还差 {lack} 米",
        "{corridor}: {width} m wide at its narrowest place, {lack} m short",
    ),
    "remedy-widen-open": (
        "{corridor}：最窄处净宽 {low} 至 {high} 米，还差 {least} 至 {most} 米；按说明补正资料后可算出确数",
        "{corridor}: {low} to {high} m wide at its narrowest place, {least} to {most} m short; mend the data as told "
        "and the figure can be given",
    ),
    "remedy-join": (
        "{corridor}：几段之间断开，须以不窄于 {limit} 米的绿地接通",
        "{corridor}: lies in pieces; join them by open land at least {limit} m wide",
    ),
    "remedy-length": (
        "图上最宽通路全长 {length} 米，其中 {under} 米净宽不足 {limit} 米，须在这些地段拓宽廊道或腾退障碍物",
        "of the {length} m of widest path on the map {under} m are less than {limit} m wide; widen the corridor there "
        "or clear what stands in it",
    ),
    "remedy-more-corridors": (
        "另有 {count} 条廊道不足，见逐个对象表",
        "{count} more corridors fall short; see the table of subjects",
    ),
    "kind-under": ("净宽不足的通路", "path less wide than the limit"),
    "column-length_m": ("长度（米）", "length (m)"),
}


def cure(finding: Finding, site: Site) -> Remedy | None:
    """What each corridor in breach lacks, and over what length; see the module."""
    limit, params = finding.limit, finding.rule.params
    if limit is None or isinstance(limit.value, tuple) or limit.op not in (Op.AT_LEAST, Op.ABOVE):
        return None
    short = [item for item in finding.subjects if item.verdict in (Verdict.FAIL, Verdict.PENDING)]
    if not short or not isinstance(params, Params):
        return None
    known = {corridor.id: corridor for corridor in corridors_of(site, JOIN_M, params.road_width_m)}
    said: list[Words] = []
    rows: list[dict[str, object]] = []
    for item in short[:MOST_CORRIDORS]:
        corridor = known.get(item.subject.id)
        if corridor is None:
            continue
        said.append(_lack(item, corridor, limit.value))
        profile = corridor.width.profile
        under = profile.stretches_under(limit.value - TOLERANCE_M)
        if under:
            under_m = math.fsum(stretch.length for stretch in under)
            lengths = {"length": round(profile.length_m), "under": round(under_m, 1), "limit": f"{limit.value:g}"}
            said.append(own_words(WORDS, "remedy-length", **lengths))
        own = {"kind": "remedy-under", "subject": corridor.id, "name": corridor.name}
        rows += [{**own, "length_m": stretch.length, "geometry": stretch} for stretch in under]
    if len(short) > MOST_CORRIDORS:
        said.append(own_words(WORDS, "remedy-more-corridors", count=len(short) - MOST_CORRIDORS))
    return Remedy(tuple(said), _shapes(rows, site) if rows else ()) if said else None


def _lack(item: JudgedSubject, corridor: SiteCorridor, limit_m: float) -> Words:
    name, value = name_of(item), item.subject.value
    if corridor.width.reason is WidthReason.APART:
        return own_words(WORDS, "remedy-join", corridor=name, limit=f"{limit_m:g}")
    if value is not None:
        return own_words(WORDS, "remedy-widen", corridor=name, width=value, lack=rounded_up(limit_m - value))
    low, high = interval(item.subject)
    return own_words(
        WORDS, "remedy-widen-open", corridor=name, low=low, high=high,
        least=rounded_up(limit_m - high), most=rounded_up(limit_m - low),
    )  # fmt: skip


def _shapes(rows: list[dict[str, object]], site: Site) -> tuple[Shapes, ...]:
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=site.submission.crs)
    return (
        Shapes(
            frame,
            legend={"remedy-under": (Tone.REMEDY, own_words(WORDS, "kind-under"))},
            columns={"length_m": own_words(WORDS, "column-length_m")},
        ),
    )
