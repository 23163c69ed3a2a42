"""Height of every new residential building (新建住宅), in metres.

What it measures
    The height of each new residential building above the ground, and of the tallest among them.
Which clauses ask it
    Liangshan （六） and Heilongjiang 黑建科〔2022〕11号 二（一）3: in general no new super-high-rise housing. Henan and
    Hebi control super-high-rise buildings without a clause of their own on housing.
How
    As in ``building-height-250m``, for buildings whose use is residential. One of mixed or unknown use may or may not
    be housing: it cannot prove a breach, and a pass only where it is low enough to make no difference. Without a height
    housing counts 3.0 m a storey, one storey either way.
Known limits
    Those of ``building-height-250m``. Flats and dormitories (公寓、宿舍) count as housing.
References
    建科〔2021〕76号, which both clauses repeat; GB 50352-2019 for super-high-rise buildings, over 100 m.
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
    """Metres of height of every new residential building; see the module."""
    return measured_heights(site, housing_only=True)
