"""Share of urban communities that are green communities (绿色社区创建比例), in percent, by count.

What it measures
    Communities that take part in the green community drive and meet its requirements, divided by all communities.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号, table of indicators and 二（三）2 (60 % by 2025); Jiaozuo
    焦建规定〔2023〕3号 二（四）4 (60 % by 2025); Liangshan （八） and Heilongjiang 黑建科〔2022〕11号 二（二）3 (60 %,
    without a year).
How
    Each community counts once and by the flag of its evaluation (``green``), whatever its size. A flag that is blank
    or unreadable may be either; records of one and the same shape are one community, of which nothing is known where
    their flags differ; a record without a shape may be a community or a leftover. The share then lies between bounds.
Known limits
    The evaluation is taken as it is: taking part without meeting the requirements must be written as no. Every
    community of the layer counts, so that rural ones must not be in it. A community drawn as several features counts
    several times; where features share a name, a note tells whether counting the name once would change the verdict.
References
    绿色社区创建行动方案, issued by six ministries on 2020-07-22: a community is the area of a residents' committee.
"""

from urbanform.checks import NoParams
from urbanform.model.measurement import Measurement
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.communities import community_share
from urbanform.wording import own_words

UNIT = Unit.PERCENT
NEEDS = (need("communities", "green"),)
USES = ()
SUBJECTS = "communities"
Params = NoParams

WORDS = {
    "about": (
        "达到绿色社区要求的社区个数 ÷ 社区总数",
        "communities marked green over all communities, by count",
    ),
    "standard": ("绿色社区", "green"),
}


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Percent of the communities that are green; see the module."""
    return community_share(site, "green", own_words(WORDS, "standard"))
