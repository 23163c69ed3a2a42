"""Share of the residents of each renewal unit who are rehoused on the spot or nearby (就地就近安置率), in percent.

What it measures
    Households rehoused on the spot or nearby, divided by the households of the unit.
Which clauses ask it
    建科〔2021〕63号 (at least 50 %), and Heilongjiang 黑建科〔2022〕11号 二（一）4, which carries it out.
How
    Both figures are those of the unit's own fields, ``resettled_households`` and ``households``; its shape has no part
    in it. A figure that is missing leaves the rate open between 0 and 100 %. More households rehoused than there are
    is a contradiction, on which no pass can rest. A unit without households has no rate.
Known limits
    The denominator is the field as it stands: where not all households of a unit are to move, it should hold those
    that are. What is near is for whoever fills in the field to say.
References
    建科〔2021〕63号.
"""

import numpy as np

from urbanform.checks import NoParams
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.renewal_units import RenewalUnits, renewal_units
from urbanform.wording import Words, own_words

UNIT = Unit.PERCENT
NEEDS = (need("renewal_units", "households", "resettled_households"),)
USES = ()
SUBJECTS = "renewal_units"
Params = NoParams

WORDS = {
    "method": (
        "就地、就近安置户数 ÷ 单元户数，均取自更新单元图层的字段",
        "households rehoused on the spot or nearby ÷ households of the unit, both from the fields of the layer",
    ),
    "no-households": (
        "单元户数为 0，安置率无从计算；如单元内确有居民，请改正 households 字段",
        "the unit has 0 households, so there is no rate; if people live there, put the field households right",
    ),
    "households-unknown": (
        "{fields} 缺失或不可读；请在更新单元图层中填写",
        "{fields} is missing or unreadable; fill it in",
    ),
    "more-than-all": (
        "就地就近安置 {resettled} 户，多于单元户数 {households} 户；请核对两个字段的统计口径",
        "{resettled} households are rehoused, more than the {households} that there are; check what the two fields "
        "count",
    ),
    "kind-measured": ("就地就近安置率", "rate of rehousing on the spot or nearby"),
    "kind-unmeasured": ("安置率未知的单元", "rate not known"),
    "column-rate": ("就地就近安置率（%）", "rate (%)"),
    "column-households": ("户数（户）", "households"),
    "column-resettled": ("就地就近安置（户）", "rehoused on the spot or nearby (households)"),
}


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Percent of the households of each unit that are rehoused on the spot or nearby; see the module."""
    units = renewal_units(site)
    households, resettled = (units.frame[name].to_numpy(dtype=float) for name in ("households", "resettled_households"))
    subjects = tuple(
        _subject(units, row, float(every), float(some))
        for row, (every, some) in enumerate(zip(households, resettled, strict=True))
    )
    return Measurement(
        UNIT,
        subjects,
        notes=(_say("method"),),
        evidence=(_evidence(units, subjects, households, resettled),),
        higher_is_worse=False,
        exact=True,
    )


def _subject(units: RenewalUnits, row: int, households: float, resettled: float) -> Subject:
    unknown = [
        name for name, value in (("households", households), ("resettled_households", resettled)) if not value >= 0
    ]
    if households == 0:
        return units.subject(row, missing=_say("no-households"))
    if unknown:
        return units.subject(row, bounds=Bounds(0.0, 100.0), missing=_say("households-unknown", fields=unknown))
    over = resettled > households
    return units.subject(
        row,
        value=100 * resettled / households,
        numerator=Quantity(resettled, "1"),
        denominator=Quantity(households, "1"),
        doubts=(_say("more-than-all", resettled=resettled, households=households),) if over else (),
    )


def _evidence(
    units: RenewalUnits, subjects: tuple[Subject, ...], households: np.ndarray, resettled: np.ndarray
) -> Shapes:
    rate = np.array([np.nan if subject.value is None else subject.value for subject in subjects], dtype=float)
    drawn = units.outlines(rate=rate, households=households, resettled=resettled)
    drawn = drawn.assign(kind=np.where(drawn["rate"].isna(), "unmeasured", "measured"))
    return Shapes(
        drawn.iloc[np.argsort(drawn["rate"].fillna(-1.0).to_numpy(), kind="stable")],
        legend={
            "measured": (Tone.COUNTED, _say("kind-measured")),
            "unmeasured": (Tone.UNKNOWN, _say("kind-unmeasured")),
        },
        columns={name: _say(f"column-{name}") for name in ("rate", "households", "resettled")},
        ramp="rate",
    )


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
