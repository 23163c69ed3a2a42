"""How the layers of each role are shared out among the areas.

A wrong figure must not come of the cutting. So what a rule judges one by one goes whole to one area; what only counts
by place, inside a subject or within reach of one, goes to every area near it; and buildings, which some rules judge
one by one wherever they stand, belong to one area and are lent to others as what stands in their way.
"""

from enum import StrEnum

from urbanform.model.roles import ROLES


class Sharing(StrEnum):
    """How the features of a role are shared out."""

    WHOLE = "whole"
    NEAR = "near"
    OWNED = "owned"


_WHOLE = (
    "main_urban_area",
    "built_up_area",
    "county_seat",
    "clusters",
    "renewal_units",
    "heritage_zones",
    "communities",
    "corridors",
    "villages",
)
"""Subjects and scopes: each is judged by itself or bounds what is measured, so each is in one part alone.

Not among them, though they are polygons that rules speak of: ``sub_areas`` count through the cluster that they meet,
``plazas`` through the county seat in which they lie (and merge with those they touch, across a border too),
``hazard_zones`` through the village that they meet, ``height_zones`` through the building that stands in them. In the
one part that holds most of one, a village, cluster or building on the other side would lose it, and might pass for it.
"""

BORROWERS = frozenset({"county_seat", "renewal_units", "heritage_zones", "corridors", "villages"})
"""Subjects whose figures hang on the buildings in them, so that buildings of other areas are lent to them."""

SHARING = {
    name: Sharing.WHOLE if name in _WHOLE else Sharing.OWNED if name == "buildings" else Sharing.NEAR for name in ROLES
}

LENT_WITHOUT = "pv_area"
"""A field that buildings lent to another area go without: the share of roofs with solar panels is taken over all new
buildings wherever they stand, and unknown it can neither lift that share nor lower it past the limit unseen."""
