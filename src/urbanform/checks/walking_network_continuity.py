"""Continuity of the walking network (步行道网络) of the built-up area: its pieces, minus one.

What it measures
    Into how many separate pieces the footpaths inside the built-up area fall; 0 where they all hang together.
Which clauses ask it
    Heilongjiang 黑建科〔2022〕11号 二（五）9: complete the footway network, open dead ends and join broken nodes. It
    sets no figure; one piece is what a network without breaks comes to.
How
    Paths meet where they cross or touch, and where an end lies within 1 m of another path. Paths of different
    ``level`` never meet; a ramp or a stair that joins levels names them both (``0;1``), a blank level is the ground.
    Ground drawn twice counts once. Pieces of at least ``min_component_m`` metres inside the area count. Paths are
    joined over the whole layer: what meets beyond the edge is one piece, and a note tells where the verdict would
    differ by what lies inside alone. For every two pieces that come within ``gap_m`` metres of one another the
    shortest way between them is listed; what lies within 5 m of the edge is left out of that. Paths of unknown status
    and broken shapes leave the number open. An area without a piece that counts has no figure.
Known limits
    Kerbs, steps, crossings and obstructions are not seen: a path that is drawn can be walked. Crossings of roads and
    footbridges must be in the layer to join what lies on both sides. Dead ends inside estates are no fault.
References
    The clause has no method of its own. Connected pieces of a graph: J. Hopcroft and R. Tarjan, 1973,
    doi:10.1145/362248.362272.
"""

from urbanform.checks import CheckParams
from urbanform.model.measurement import Measurement
from urbanform.model.needs import SCOPE, need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.scope import scope_of
from urbanform.site.walking_continuity import WORDS as WORDS
from urbanform.site.walking_continuity import WalkedArea, walking_continuity

UNIT = Unit.ONE
NEEDS = (need(SCOPE), need("footpaths"))
USES = ()
SUBJECTS = "footpaths"
SCOPE_ROLE = "built_up_area"


class Params(CheckParams):
    """Up to which width gaps are listed, and how long a piece is at least to count, in metres."""

    gap_m: float = 30.0
    min_component_m: float = 100.0


def measure(site: Site, scope: str | None, params: Params) -> Measurement:
    """Pieces of the walking network of the scope, minus one; see the module."""
    area = scope_of(site, scope or SCOPE_ROLE)
    walked = WalkedArea("1", area.name, None if area.missing else area.area, area.missing)
    notes = (area.note,) if area.note else ()
    return walking_continuity(site, [walked], params.gap_m, params.min_component_m, notes)
