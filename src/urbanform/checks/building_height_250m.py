"""Height of every new building (新建建筑), in metres.

What it measures
    The height of each new building above the ground, and of the tallest among them.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 二（一）3 strictly restrict new buildings of 250 m and more.
How
    New is a building whose action is "new"; without an action, one built after the year of the plan's document. Its
    height is the field's; where that is missing it is estimated from storeys, 3.0 m each in housing and 4.0 m else,
    one storey either way, and lies between bounds. Without either it is 2 m and up. A building of which it is not known
    whether it is new cannot prove a breach, and a pass only where it is low enough to make no difference.
Known limits
    Heights are taken as written, from the ground to the roof. Those over 600 m are elevations above sea level and are
    not used; nor is a column of which most heights are out of proportion to the storeys. A single height out of
    proportion is noted where it is too high, and open where it is too low. Parts of one building that are drawn as
    several polygons are judged one by one.
References
    GB 50352-2019 for the height of buildings; 建科〔2021〕76号, by which cities of under 3 million residents may not
    build what the plans restrict.
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
