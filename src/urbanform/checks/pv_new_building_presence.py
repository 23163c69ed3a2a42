"""Share of new buildings that have a solar system (太阳能系统), by count, in percent.

What it measures
    New buildings with photovoltaic panels, divided by all new buildings.
Which clauses ask it
    Heilongjiang 黑建科〔2022〕11号 二（六）1: in principle a solar system on every new building.
How
    New is a building whose action is "new"; without an action, one built after the year of the plan's document. It has
    a system where its ``pv_area`` is above 0; a blank or unreadable one leaves it open. A building of which it is not
    known whether it is new may count or not.
Known limits
    A system for solar heat would do as well, but no field records it: a building that has only that counts as without.
    A building that is drawn as several polygons counts once for each.
References
    GB 55015-2021, which asks for solar systems on new buildings.
"""

from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.checks import NoParams
from urbanform.measure.quotients import greatest_quotient, least_quotient
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.listing import listed
from urbanform.site.new_buildings import NewBuildings, new_buildings, newness_told, why_new_is_open
from urbanform.site.new_heights import together
from urbanform.wording import Words, own_words

UNIT = Unit.PERCENT
NEEDS = (need("buildings", "pv_area"),)
USES = ()
Params = NoParams

WORDS = {
    "method": (
        "有光伏（pv_area 大于 0）的新建建筑栋数 ÷ 新建建筑总栋数；只有太阳能热水的建筑图层中看不出，按没有计",
        "new buildings with panels (pv_area above 0) ÷ all new buildings; a building that has only solar heat does not "
        "show in the layer and counts as without",
    ),
    "none-new": ("建筑图层中没有新建建筑", "the buildings hold no new one"),
    "without": (
        "{count} 栋新建建筑没有光伏：{names}；已装太阳能热水的请附说明",
        "{count} new buildings have no panels: {names}; say which of them have solar heat",
    ),
    "new-open": (
        "{count} 栋建筑是否新建未知：{names}；{why}",
        "for {count} buildings it is not known whether they are new: {names}; {why}",
    ),
    "pv-open": (
        "{count} 栋新建建筑的光伏面积（pv_area）缺失或读不出：{names}；请补填，没有光伏的填 0",
        "for {count} new buildings pv_area is missing or unreadable: {names}; fill it in, 0 where there is none",
    ),
    "all-new": ("全部新建建筑", "all new buildings"),
    "kind-without": ("没有光伏", "without panels"),
    "kind-open": ("光伏或是否新建未知", "panels, or whether it is new, not known"),
    "kind-with": ("有光伏", "with panels"),
    "column-pv_m2": ("光伏面积（平方米）", "photovoltaic area (m²)"),
    "column-use": ("用途", "use"),
}


@dataclass
class _Counts:
    """How many buildings: certainly new or not, with panels, without, or not known."""

    new: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("with", "without", "open"), 0))
    perhaps: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("with", "without", "open"), 0))
    without: list[str] = field(default_factory=list)
    pv_open: list[str] = field(default_factory=list)
    new_open: list[str] = field(default_factory=list)


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Percent of new buildings with a solar system; see the module."""
    counts = _Counts()
    told = newness_told(site)
    drawn = []
    for batch in new_buildings(site, ("pv_area",)):
        kinds = _add(batch, counts)
        if told:
            drawn.append(_drawn(batch, kinds))
    subject = _subject(site, counts, told=told)
    return Measurement(
        UNIT, (subject,), (_say("method"),), evidence=_evidence(drawn), higher_is_worse=False, exact=True
    )


def _add(batch: NewBuildings, counts: _Counts) -> NDArray[np.object_]:
    """Count a batch; the kind of each of its buildings for the map."""
    pv_m2 = batch.buildings["pv_area"].to_numpy(dtype=float)
    kinds = np.select([np.isnan(pv_m2), pv_m2 > 0], ["open", "with"], "without").astype(object)
    ids = batch.buildings["id"].astype(str).to_numpy(dtype=object)
    new = batch.new.certain
    for kind in ("with", "without", "open"):
        counts.new[kind] += int((new & (kinds == kind)).sum())
        counts.perhaps[kind] += int((~new & (kinds == kind)).sum())
    counts.without += ids[new & (kinds == "without")].tolist()
    counts.pv_open += ids[new & (kinds == "open")].tolist()
    counts.new_open += ids[~new].tolist()
    return np.where(new, kinds, "open")


def _subject(site: Site, counts: _Counts, *, told: bool) -> Subject:
    subject = Subject("1", _say("all-new").zh)
    new, perhaps = counts.new, counts.perhaps
    if not sum(new.values()) + sum(perhaps.values()):
        return replace(subject, excluded=_say("none-new"))
    whys = []
    if counts.pv_open:
        whys.append(_say("pv-open", count=len(counts.pv_open), names=listed(counts.pv_open)))
    if counts.new_open:
        why = why_new_is_open(site)
        ids = counts.new_open
        whys.append(_say("new-open", count=len(ids), names=listed(ids), why=why) if told else why)
    if not sum(new.values()):
        # There may be nothing to bind, so no share, however low or high, decides.
        return replace(subject, missing=together(whys))
    without = counts.without
    notes = (_say("without", count=len(without), names=listed(without)),) if without else ()
    if not whys:
        total = new["with"] + new["without"]
        return replace(
            subject,
            value=100 * new["with"] / total,
            numerator=Quantity(float(new["with"]), "1"),
            denominator=Quantity(float(total), "1"),
            notes=notes,
        )
    # What is alike is counted together: certainly new or not, then with, without and open.
    whole = np.array([*new.values(), *perhaps.values()], dtype=float)
    belongs = np.arange(len(whole)) < len(new)
    low = least_quotient(whole * [1, 0, 0, 1, 0, 0], whole, belongs)
    high = greatest_quotient(whole * [1, 0, 1, 1, 0, 1], whole, belongs)
    return replace(subject, bounds=Bounds(100 * low, 100 * high), missing=together(whys), notes=notes)


def _drawn(batch: NewBuildings, kinds: NDArray[np.object_]) -> gpd.GeoDataFrame:
    buildings = batch.buildings
    shapes = buildings.geometry.to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "kind": kinds,
            "subject": "1",
            "feature": buildings["id"].to_numpy(dtype=object),
            "name": buildings["name"].to_numpy(dtype=object),
            "pv_m2": buildings["pv_area"].to_numpy(dtype=float),
            "use": buildings["use"].to_numpy(dtype=object),
        },
        geometry=shapes,
        crs=buildings.crs,
    )
    return frame[~shapely.is_missing(shapes)]


def _evidence(drawn: list[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    frames = [frame for frame in drawn if len(frame)]
    if not frames:
        return ()
    frame = pd.concat(frames, ignore_index=True)
    tones = {"without": Tone.BREACH, "open": Tone.UNKNOWN, "with": Tone.GOOD}
    place = frame["kind"].map({kind: at for at, kind in enumerate(tones)}).to_numpy()
    return (
        Shapes(
            frame.iloc[np.lexsort((-shapely.area(frame.geometry.to_numpy()), place))].reset_index(drop=True),
            {kind: (tone, _say(f"kind-{kind}")) for kind, tone in tones.items()},
            {name: _say(f"column-{name}") for name in ("pv_m2", "use")},
        ),
    )


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
