"""The area on which a rule is judged as a whole."""

from dataclasses import dataclass

import numpy as np
import shapely

from urbanform.measure.local import shared_with
from urbanform.model.measurement import Subject
from urbanform.model.needs import FALLBACKS
from urbanform.model.roles import ROLES
from urbanform.site import Site
from urbanform.wording import Words, words


@dataclass(frozen=True, slots=True)
class Scope:
    """The union of a scope role's polygons.

    ``missing`` says why its area cannot be trusted; ``note`` that another role stands in.
    """

    role: str
    name: str
    area: shapely.Geometry
    area_m2: float
    note: Words | None
    missing: Words | None

    def unmeasured(self) -> Subject:
        """The row of a rule whose scope cannot be trusted."""
        return Subject("1", self.name, missing=self.missing)


def scope_of(site: Site, scope: str) -> Scope:
    """The union of the polygons of a scope role, or of the role that stands in for it."""

    def unite() -> Scope:
        role = scope if site.layer(scope) is not None else FALLBACKS.get(scope, scope)
        frame = site.needed(role).frame(("id", "name"))
        note = None
        if role != scope:
            note = words("scope-fallback", wanted=ROLES[scope].zh, used=ROLES[role].zh, wanted_en=ROLES[scope].en,
                         used_en=ROLES[role].en)  # fmt: skip
        unsound = ~frame["sound"].to_numpy(dtype=bool)
        missing = None
        if unsound.any():
            missing = words("scope-unsound", role=ROLES[role].zh, role_en=ROLES[role].en, count=int(unsound.sum()))
        area = shapely.union_all(frame.geometry.to_numpy()[~unsound])
        area_m2 = float(shapely.area(area))
        if missing is None and not area_m2 > 0:
            missing = words("scope-empty", role=ROLES[role].zh, role_en=ROLES[role].en)
        names = [name for name in frame["name"].dropna().unique() if name]
        return Scope(role, names[0] if len(names) == 1 else ROLES[role].zh, area, area_m2, note, missing)

    return site.once(("scope", scope), unite)


def inside_share(polygons: np.ndarray, area: shapely.Geometry) -> np.ndarray:
    """Which share of each polygon's area lies inside ``area``: shape (n,), 0–1; 0 for missing and empty shapes."""
    shapely.prepare(area)
    size = shapely.area(polygons)
    share = np.zeros(len(polygons))
    meets = shapely.intersects(area, polygons)
    whole = np.zeros(len(polygons), dtype=bool)
    whole[meets] = shapely.covers(area, polygons[meets])
    share[whole] = 1.0
    edge = meets & ~whole & (size > 0)
    share[edge] = shapely.area(shared_with(polygons[edge], area)) / size[edge]
    return share
