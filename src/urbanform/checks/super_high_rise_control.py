"""Height of every new building, against the height from which buildings are super-high-rise (超高层), in metres.

What it measures
    The height of each new building above the ground, and of the tallest among them.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）3, Liangshan （六） and Heilongjiang 黑建科〔2022〕11号
    二（一）3 strictly control new super-high-rise buildings. Jiaozuo has no clause on heights.
How
    As in ``building-height-250m``: heights as written, else estimated from storeys within bounds, for every building
    that is new or may be. Super-high-rise is what exceeds 100 m; a building of 100.0 m is not.
Known limits
    Those of ``building-height-250m``. Control is not a ban: a breach asks for the grounds and the approval.
References
    GB 50352-2019 for civil buildings of over 100 m.
"""

from urbanform.checks import NoParams
from urbanform.model.measurement import Measurement
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.new_heights import WORDS as WORDS
from urbanform.site.new_heights import measured_heights

UNIT = Unit.METRE
NEEDS = (need("buildings"),)
USES = ()
Params = NoParams


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Metres of height of every new building; see the module."""
    return measured_heights(site)
