"""Continuity of the walking network (步行道网络) of each polygon of the county seat: its pieces, minus one.

What it measures
    Into how many separate pieces the footpaths inside the county seat fall; 0 where they all hang together.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 三（一） and Liangshan （二十七） want the walking network of
    the county seat continuous; Heilongjiang 黑建科〔2022〕11号 三（一） by way of 建村〔2021〕45号. None sets a figure;
    one piece is what a continuous network comes to.
How
    Paths meet where they cross or touch, and where an end lies within 1 m of another path. Paths of different
    ``level`` never meet; a ramp or a stair that joins levels names them both (``0;1``), a blank level is the ground.
    Ground drawn twice counts once. Pieces of at least ``min_component_m`` metres inside the polygon count. Paths are
    joined over the whole layer: what meets beyond the edge is one piece, and a note tells where the verdict would
    differ by what lies inside alone. For every two pieces that come within ``gap_m`` metres of one another the
    shortest way between them is listed; what lies within 5 m of the edge is left out of that. Paths of unknown status
    and broken shapes leave the number open. A polygon without a piece that counts has no figure.
Known limits
    Kerbs, steps, crossings and obstructions are not seen: a path that is drawn can be walked. Crossings of roads and
    footbridges must be in the layer to join what lies on both sides. Dead ends inside estates are no fault.
References
    建村〔2021〕45号 for the national clause.
"""

from urbanform.checks import CheckParams
from urbanform.model.measurement import Measurement
from urbanform.model.needs import need
from urbanform.model.roles import ROLES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.county_seats import county_seats
from urbanform.site.walking_continuity import WORDS as WORDS
from urbanform.site.walking_continuity import WalkedArea, unsound_area, walking_continuity
from urbanform.wording import Words

UNIT = Unit.ONE
NEEDS = (need("county_seat"), need("footpaths"))
USES = ()
SUBJECTS = "footpaths"
SCOPE_ROLE = "county_seat"


class Params(CheckParams):
    """Up to which width gaps are listed, and how long a piece is at least to count, in metres."""

    gap_m: float = 30.0
    min_component_m: float = 100.0


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Pieces of the walking network of each polygon of the county seat, minus one; see the module."""
    role = ROLES["county_seat"]
    why = unsound_area(Words(role.name, role.zh, role.en))
    areas = [
        WalkedArea(seat.id, seat.name, seat.area, why if seat.area is None else None) for seat in county_seats(site)
    ]
    return walking_continuity(site, areas, params.gap_m, params.min_component_m)
