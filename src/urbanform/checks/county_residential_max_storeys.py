"""Storeys of every new residential building (新建住宅) of the county seat.

What it measures
    The number of storeys above ground of each new residential building, and of the tallest among them.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 三（一）: at most 18; Liangshan （二十八） and Heilongjiang
    黑建科〔2022〕11号 三（一） by way of 建村〔2021〕45号. More than 18 storeys need a strict justification, and fire
    and municipal services in place, which a reviewer decides.
How
    New is a building whose action is "new"; without an action, one built after the year of the plan's document. Where
    the county seat is given, the buildings count of which more than 1 m² of footprint lie in it. Storeys are those
    written; one that is missing or unreadable has 1 to 60, and ``18+1`` has 18 to 19. A building of which it is not
    known whether it is new, housing or inside cannot prove a breach, and a pass only where it makes no difference.
    Where no building is certainly bound nothing is decided. Heights in metres are not turned into storeys.
Known limits
    Storeys are taken as written, shops on the ground floor included; parts of one building that are drawn as several
    polygons are judged one by one. Mixed use counts only once its main use is written. That most new housing should
    have 6 storeys is the matter of the share of low-rise housing.
References
    建村〔2021〕45号 for the national figure; GB 50352-2019 for storeys above ground.
"""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.checks import NoParams
from urbanform.model.measurement import Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.county_seats import county_seats
from urbanform.site.new_buildings import newness_told, why_new_is_open
from urbanform.site.new_housing import NewHousing, new_housing
from urbanform.wording import Words, own_words

UNIT = Unit.STOREYS
NEEDS = (need("buildings", "storeys"),)
USES = ()
LOOKS_AT = ("county_seat",)
Params = NoParams

WORDS = {
    "method": (
        "逐栋新建住宅取地上层数；提供了县城范围的，只计县城内的建筑",
        "the storeys above ground of every new residential building; inside the county seat where that is given",
    ),
    "none-new": ("县城内没有新建住宅", "there is no new residential building in the county seat"),
    "no-seat": (
        "没有提交县城范围，全部新建住宅都按县城内计",
        "the county seat is not given, so all new housing counts as inside",
    ),
    "unsound-seat": (
        "县城范围图形有错误，其内的建筑无法确定；请在 GIS 中修复几何后重新提交",
        "the shape of the county seat is broken, so it is not known which buildings lie inside; repair the geometry "
        "and hand it in again",
    ),
    "all-buildings": ("全部建筑", "all buildings"),
    "kind-known": ("新建住宅，按层数", "new housing, by storeys"),
    "kind-open": ("层数、用途或是否新建未知", "storeys, use or whether it is new not known"),
    "kind-seat": ("县城范围", "county seat"),
    "column-storeys": ("层数", "storeys"),
    "column-fewest": ("层数下限", "storeys at least"),
    "column-most": ("层数上限", "storeys at most"),
    "column-use": ("用途", "use"),
    "column-action": ("处理方式", "action"),
    "column-year_built": ("建成年代", "year built"),
}


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Storeys of every new residential building; see the module."""
    told = newness_told(site)
    subjects: list[Subject] = []
    drawn: list[gpd.GeoDataFrame] = []
    most, certain = 0.0, False
    for batch in new_housing(site):
        most = max(most, float(batch.storeys.high.max()))
        certain = certain or bool(batch.bound.certain.any())
        if told:
            subjects += [_subject(site, batch, row) for row in range(len(batch.ids))]
            drawn.append(_drawn(batch))
    if not told and most > 0:
        # Every building may be new: one row stands for all.
        title = _say("all-buildings").zh
        subjects = [Subject("1", title, bounds=Bounds(0.0, most), missing=why_new_is_open(site))]
    notes = [_say("method")]
    given = site.layer("county_seat") is not None
    if not given and "county_seat" not in site.submission.faults:
        notes.append(_say("no-seat"))
    if not certain:
        subjects = [replace(row, doubts=() if row.missing is None else (row.missing,)) for row in subjects]
    broken = [seat for seat in county_seats(site) if seat.area is None] if given else []
    subjects += [Subject(f"county_seat:{seat.id}", seat.name, missing=_say("unsound-seat")) for seat in broken]
    if not subjects:
        notes.append(_say("none-new"))
    return Measurement(UNIT, tuple(subjects), tuple(notes), _evidence(site, drawn), higher_is_worse=True, exact=True)


def _subject(site: Site, batch: NewHousing, row: int) -> Subject:
    key, name = batch.ids[row], batch.names[row]
    low, high = float(batch.storeys.low[row]), float(batch.storeys.high[row])
    if batch.known[row]:
        return Subject(key, name, value=low)
    # What may not be bound counts for nothing then.
    least = low if batch.bound.certain[row] else 0.0
    return Subject(key, name, bounds=Bounds(least, high), missing=batch.why_open(site, row))


def _drawn(batch: NewHousing) -> gpd.GeoDataFrame:
    buildings, storeys = batch.buildings, batch.storeys
    shapes = buildings.geometry.to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "kind": np.where(batch.known, "known", "open"),
            "subject": batch.ids,
            "feature": batch.ids,
            "name": batch.names,
            "storeys": np.where(batch.known, storeys.low, np.nan),
            "fewest": storeys.low,
            "most": storeys.high,
            "use": buildings["use"].to_numpy(dtype=object),
            "action": buildings["action"].to_numpy(dtype=object),
            "year_built": buildings["year_built"].to_numpy(dtype=float),
        },
        geometry=shapes,
        crs=buildings.crs,
    )
    return frame[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]


def _evidence(site: Site, drawn: Sequence[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    frames = [frame for frame in drawn if len(frame)]
    if not frames:
        return ()
    shapes = []
    if site.layer("county_seat") is not None:
        seats = [seat for seat in county_seats(site) if seat.area is not None]
        outline = gpd.GeoDataFrame(
            {"kind": "seat", "name": [seat.name for seat in seats]},
            geometry=[seat.area for seat in seats],
            crs=site.submission.crs,
        )
        shapes.append(Shapes(outline, legend={"seat": (Tone.FRAME, _say("kind-seat"))}))
    frame = pd.concat(frames, ignore_index=True)
    order = np.lexsort((-frame["most"].to_numpy(), (frame["kind"] == "known").to_numpy()))
    columns = ("storeys", "fewest", "most", "use", "action", "year_built")
    buildings = Shapes(
        frame.iloc[order].reset_index(drop=True),
        legend={"open": (Tone.UNKNOWN, _say("kind-open")), "known": (Tone.COUNTED, _say("kind-known"))},
        columns={name: _say(f"column-{name}") for name in columns},
        ramp="storeys",
    )
    return (*shapes, buildings)


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
