"""Share of the roofs of new factories (新建厂房) that photovoltaic panels cover, in percent.

What it measures
    Photovoltaic area on all new industrial buildings, divided by the area of their footprints.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（五）1 and the table of indicators; Jiaozuo
    焦建规定〔2023〕3号 二（二）3, Liangshan （二十一）, Heilongjiang 黑建科〔2022〕11号 二（六）1.
How
    As ``pv-coverage-public-new`` over the whole roof, for buildings of use "industrial": one figure for all that are
    new, weighted by area, ground that footprints share counted once. The text says roof, not roof fit for panels, so
    ``installable_roof_area`` has no part in it.
Known limits
    Those of ``pv-coverage-public-new``. Warehouses are not industrial buildings here; a works' offices are where the
    layer gives them that use.
References
    GB 55015-2021, which asks for solar systems on new buildings.
"""

from urbanform.checks import NoParams
from urbanform.model.measurement import Measurement
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.roof_solar import WORDS as SHARED_WORDS
from urbanform.site.roof_solar import covered_share

UNIT = Unit.PERCENT
NEEDS = (need("buildings", "pv_area"),)
USES = ()
Params = NoParams
WORDS = {
    **SHARED_WORDS,
    "about": (
        "新建厂房的光伏板面积 ÷ 其屋顶（基底）面积，按面积加权",
        "solar panels over the roofs (footprints) of new factories, weighted by area",
    ),
}


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Percent of the roofs of new factories under panels; see the module."""
    return covered_share(site, "industrial", installable=False)
