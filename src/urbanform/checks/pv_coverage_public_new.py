"""Share of the roofs of new public buildings (新建公共机构建筑) that photovoltaic panels cover, in percent.

What it measures
    Photovoltaic area on all new public buildings, divided by the area of their roofs.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（五）1 and the table of indicators, over the roof on which
    panels can be installed; Jiaozuo 焦建规定〔2023〕3号 二（二）3, Liangshan （二十一） and Heilongjiang
    黑建科〔2022〕11号 二（六）1, over the roof.
How
    One figure for all buildings of use "public" that are new, weighted by area. New is a building whose action is
    "new"; without an action, one built after the year of the plan's document. The roof is the footprint, ground that
    footprints share counted once; with ``roof: installable`` it is the field ``installable_roof_area``, and a building
    without it counts with its whole roof, of which any part may be fit: the share is then open above, and can reach the
    figure but not miss it. Unknown panels may cover nothing or all. Where it is not known whether a building is new, or
    public, the share lies between those with it and without it. Buildings of mixed use do not count; a note lists them.
Known limits
    A flat roof is as large as its footprint; pitched roofs are larger. What the layer calls public may reach beyond
    institutions that live on public money. Solar heat is not photovoltaic and has no part in it.
References
    GB 55015-2021, which asks for solar systems on new buildings.
"""

from typing import Literal

from urbanform.checks import CheckParams
from urbanform.model.measurement import Measurement
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.roof_solar import WORDS as SHARED_WORDS
from urbanform.site.roof_solar import covered_share

UNIT = Unit.PERCENT
NEEDS = (need("buildings", "pv_area"),)
USES = ()


class Params(CheckParams):
    """Which roof the plan means: the whole of it, or the part on which panels can be installed."""

    roof: Literal["whole", "installable"] = "whole"


WORDS = {
    **SHARED_WORDS,
    "about": (
        "新建公共机构建筑的光伏板面积 ÷ 其屋顶面积（规则可指定为可安装光伏的屋顶），按面积加权",
        "solar panels over the roofs of new public buildings (those fit for it where the rule says so), weighted "
        "by area",
    ),
}


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Percent of the roofs of new public buildings under panels; see the module."""
    return covered_share(site, "public", installable=params.roof == "installable")
