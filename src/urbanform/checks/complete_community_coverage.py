"""Share of residential communities that are complete (完整居住社区覆盖率), in percent, by count.

What it measures
    Communities (居住社区) that meet the standard for complete residential communities, divided by all communities.
Which clauses ask it
    Hebi 鹤建综〔2023〕61号, table of indicators and 二（三）1 (50 % by 2025, 60 % by 2030); Henan 豫建科〔2023〕29号,
    table and 二（三）1, and Heilongjiang 黑建科〔2022〕11号 二（二）1 (60 % by 2030, cities of prefecture level and
    above); Jiaozuo 焦建规定〔2023〕3号 二（四）4 (60 % by 2030); Liangshan （八） (60 % by 2030, 西昌 and 会理 only).
How
    Each community counts once and by the flag of its evaluation (``complete``), whatever its size. A flag that is
    blank or unreadable may be either; records of one and the same shape are one community, of which nothing is known
    where their flags differ; a record without a shape may be a community or a leftover. The share then lies between
    bounds.
Known limits
    Whether a community is complete is not worked out from facilities: the evaluation is taken as it is. Every
    community of the layer counts, wherever it lies. A community drawn as several features counts several times; where
    features share a name, a note tells whether counting the name once would change the verdict.
References
    完整居住社区建设标准（试行） (2020), which the plans name.
"""

from urbanform.checks import NoParams
from urbanform.model.measurement import Measurement
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.communities import community_share
from urbanform.wording import own_words

UNIT = Unit.PERCENT
NEEDS = (need("communities", "complete"),)
USES = ()
SUBJECTS = "communities"
Params = NoParams

WORDS = {
    "about": (
        "达到完整居住社区标准的社区个数 ÷ 社区总数",
        "communities marked complete over all communities, by count",
    ),
    "standard": ("完整居住社区", "complete"),
}


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Percent of the communities that are complete; see the module."""
    return community_share(site, "complete", own_words(WORDS, "standard"))
