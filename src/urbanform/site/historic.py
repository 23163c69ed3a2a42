"""Historic ground: what the heritage zones (历史文化保护范围) cover."""

from dataclasses import dataclass

import shapely

from urbanform.site import Site


@dataclass(frozen=True, slots=True)
class HistoricGround:
    """Ground inside heritage zones.

    Attributes
    ----------
    given
        Whether the submission says anything of such zones.
    sure, perhaps
        Ground that certainly lies inside one, and that may, the certain one included.
    anywhere
        Whether a zone may lie anywhere: one without a shape, or a layer that was set aside.
    """

    given: bool
    sure: shapely.Geometry
    perhaps: shapely.Geometry
    anywhere: bool


def historic_ground(site: Site) -> HistoricGround:
    """The union of the heritage zones; nothing where there are none."""

    def unite() -> HistoricGround:
        nothing = shapely.MultiPolygon()
        refused = "heritage_zones" in site.submission.faults
        layer = site.layer("heritage_zones")
        if layer is None:
            none = "heritage_zones" in site.submission.none
            return HistoricGround(none or refused, nothing, nothing, refused)
        frame = layer.frame()
        zones = frame.geometry.to_numpy()
        fit = frame["sound"].to_numpy(dtype=bool) & frame["certain"].to_numpy(dtype=bool)
        lost = bool(shapely.is_missing(zones).any()) or refused
        return HistoricGround(True, shapely.union_all(zones[fit]), shapely.union_all(zones), lost)

    return site.once("historic ground", unite)
