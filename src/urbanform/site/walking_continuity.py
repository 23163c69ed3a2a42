"""Into how many pieces the walking network (步行道网络) of an area falls, and where they could be joined."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.contiguous import lump_numbers
from urbanform.measure.walkways import Gaps, Walkways, gaps
from urbanform.model.measurement import Alternative, Bounds, Measurement, Shapes, Subject, Tone
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.footways import Footways, footways
from urbanform.site.listing import listed
from urbanform.wording import Words, own_words

EDGE_M = 5.0
"""Ends this near to the edge of the area were cut there, and say nothing of a gap."""
LEAST_INSIDE_M = 0.01
SAME = 1e-9

WORDS: dict[str, tuple[str, str]] = {
    "method": (
        "步行道连成几片（端点相距 1 米以内视为相接，不同层级不相接），长度不足 {least} 米的零星路段不计；片数减 1",
        "pieces of at least {least} m that the footpaths make up (ends within 1 m meet, levels do not), minus one",
    ),
    "one-piece": (
        "步行道共 {total} 公里，连成一片",
        "{total} km of footpaths hang together in one piece",
    ),
    "pieces": (
        "步行道共 {total} 公里，分成 {count} 片；最大一片 {largest} 公里，占 {share}%",
        "{total} km of footpaths fall into {count} pieces; the largest has {largest} km, {share}%",
    ),
    "gaps": (
        "片与片之间有 {count} 处断点不超过 {most} 米：{places}；补通后还剩 {left} 片",
        "{count} gaps of up to {most} m lie between pieces: {places}; joined there, {left} would be left",
    ),
    "gap": ("{first}—{second}（{metres} 米）", "{first}–{second} ({metres} m)"),
    "no-gaps": (
        "片与片之间没有不超过 {most} 米的断点，各片相距更远",
        "no gap of up to {most} m lies between the pieces: they are further apart",
    ),
    "fragments": (
        "另有 {count} 处不足 {least} 米的零星路段（共 {km} 公里）未计入片数",
        "{count} fragments shorter than {least} m ({km} km in all) are not counted",
    ),
    "at-the-edge": (
        "有 {count} 片通到范围边界；如在范围外相连，请提交包含范围外步行道的完整图层",
        "{count} pieces reach the edge of the area; where they meet beyond it, hand in the footpaths out there too",
    ),
    "inside-only": (
        "有几片只在范围外相连；如只看范围内，指标为",
        "some pieces meet beyond the edge only; by what lies inside alone the figure is",
    ),
    "levels-joined": (
        "有的路段端点相接但层级不同，未视为相接；如确有坡道或楼梯相连，请给坡道填写两端层级（如 0;1），相接后指标为",
        "some ends meet on different levels, which does not join them; where a ramp or a stair does, write both levels "
        "for it (such as 0;1); joined, the figure is",
    ),
    "no-paths": (
        "范围内没有步行道，图层可能没有覆盖此处；请提交覆盖该范围的步行道图层",
        "no footpath lies inside, and the layer may not reach here; hand in footpaths that cover the area",
    ),
    "fragments-only": (
        "范围内的步行道没有一片达到 {least} 米（最长一片 {longest} 米），不成网络，也可能是数据不全；请补充步行道数据",
        "no piece of footpath inside is {least} m long (the longest has {longest} m), which is no network, or not all "
        "of it; supply the missing footpaths",
    ),
    "paths-unknown": (
        "有 {count} 条步行道没有图形、图形有错误或不知是否现状：{ids}；请修复或补画图形，补填规划状态",
        "{count} footpaths have no shape or a broken one, or it is not known whether they exist: {ids}; repair or draw "
        "them and fill in the status",
    ),
    "all-planned": (
        "步行道图层全部为规划或在建，不能证明现状已连通；如审查的是规划方案，请在 submission.yaml 中写 stage: plan，"
        "否则请提交现状步行道",
        "all footpaths of the layer are planned or under construction, which proves nothing of today; where a plan is "
        "reviewed write stage: plan in submission.yaml, else hand in the existing ones",
    ),
    "unsound-area": (
        "{name}范围图形有错误，其内的步行道无法确定；请在 GIS 中修复几何后重新提交",
        "the shape of {name} is broken, so it is not known which footpaths lie inside; repair the geometry and hand it "
        "in again",
    ),
    "kind-gap": ("断点", "gap"),
    "kind-place": ("断点位置", "where a gap is"),
    "kind-apart": ("与最大一片不相连的步行道", "apart from the largest piece"),
    "kind-unknown": ("是否现状、图形是否可信未知", "may exist or not, or broken"),
    "kind-fragment": ("零星路段（不计）", "fragment, not counted"),
    "kind-main": ("最大的一片", "largest piece"),
    "kind-area": ("量算范围", "area measured"),
    "column-piece": ("第几片", "piece"),
    "column-piece_m": ("所在片的长度（米）", "length of its piece (m)"),
    "column-gap_m": ("断点宽度（米）", "gap (m)"),
}


@dataclass(frozen=True, slots=True)
class WalkedArea:
    """An area whose network is measured as a whole; ``shape`` is None where it cannot be trusted, and why."""

    id: str
    name: str | None
    shape: shapely.Geometry | None
    missing: Words | None = None


@dataclass(frozen=True, eq=False)
class _Found:
    """What lies inside one area: parts, the length of each piece, and the pieces that count, the longest first."""

    paths: Walkways
    shapes: NDArray[np.object_]
    length_m: NDArray[np.float64]
    counted: NDArray[np.intp]
    gaps: Gaps

    @property
    def fragments(self) -> NDArray[np.intp]:
        """The pieces that are too short to count."""
        return np.setdiff1d(np.flatnonzero(self.length_m > LEAST_INSIDE_M), self.counted)


def walking_continuity(
    site: Site, areas: Sequence[WalkedArea], gap_m: float, min_component_m: float, notes: Sequence[Words] = ()
) -> Measurement:
    """Pieces of the walking network of each area, minus one.

    Paths are joined over the whole layer, so that what meets beyond the edge of the area hangs together; a piece
    counts by its length inside. An area without a piece that counts has no figure. Paths that may not exist, and
    shapes that cannot be trusted, leave the number open: they may join pieces as well as add some.

    Parameters
    ----------
    areas
        What is measured, one row each.
    gap_m
        Up to which width gaps between pieces are listed.
    min_component_m
        How long a piece is at least to count.
    notes
        What is said of the areas.
    """
    ways = footways(site)
    subjects, drawn = [], []
    for area in areas:
        if area.shape is None:
            subjects.append(Subject(area.id, area.name, missing=area.missing))
            continue
        found = _inside(ways.paths, area.shape, gap_m, min_component_m)
        subjects.append(_subject(site, ways, area, found, gap_m, min_component_m))
        drawn += _drawn(ways, area, found)
    told = (_say("method", least=min_component_m), *notes)
    return Measurement(Unit.ONE, tuple(subjects), told, _evidence(site, areas, drawn), True, exact=True)


def unsound_area(name: Words) -> Words:
    """Why nothing is said of an area whose shape is broken."""
    return _say("unsound-area", name=name)


def _inside(paths: Walkways, area: shapely.Geometry, gap_m: float, least_m: float) -> _Found:
    shapes = paths.inside(area)
    length_m = paths.lengths_m(shapes)
    counted = _counted(length_m, least_m)
    # Two paths that were cut at the edge beside one another are no gap.
    core = shapely.buffer(area, -EDGE_M, join_style="mitre")
    away = np.where(np.isin(paths.piece, counted), paths.inside(core), shapely.LineString())
    return _Found(paths, shapes, length_m, counted, gaps(paths, away, gap_m))


def _counted(length_m: NDArray[np.float64], least_m: float) -> NDArray[np.intp]:
    order = np.argsort(-length_m, kind="stable")
    return order[length_m[order] >= max(least_m * (1 - SAME), LEAST_INSIDE_M)]


def _subject(site: Site, ways: Footways, area: WalkedArea, found: _Found, gap_m: float, least_m: float) -> Subject:
    assert area.shape is not None
    count = len(found.counted)
    doubtful = _doubtful(ways, area.shape)
    # Beyond the edge a doubtful path may still join what lies inside.
    told = doubtful if len(doubtful) or count < 2 else np.concatenate([ways.maybe, ways.lost])
    whys = [_say("paths-unknown", count=len(told), ids=listed(ways.ids[told]))] if len(told) else []
    if not count:
        longest_m = float(found.length_m.max(initial=0.0))
        if longest_m > LEAST_INSIDE_M:
            whys.append(_say("fragments-only", least=least_m, longest=round(longest_m, 1)))
        elif not whys:
            whys.append(_say("no-paths"))
        return Subject(area.id, area.name, missing=whys[0], notes=tuple(whys[1:]))
    low, high = _ends(ways, area.shape, found, least_m) if whys else (float(count - 1), float(count - 1))
    known = low == high
    return Subject(
        area.id,
        area.name,
        value=low if known else None,
        bounds=None if known else Bounds(low, high),
        doubts=_doubts(site, ways),
        missing=None if known else whys[0],
        notes=(*_notes(ways, area.shape, found, gap_m, least_m), *(() if known else whys)),
        alternatives=_alternatives(area.shape, found, least_m) if known else (),
    )


def _doubtful(ways: Footways, area: shapely.Geometry) -> NDArray[np.intp]:
    """Rows of paths that may lie inside, though nobody knows whether or how."""
    shapes = ways.frame.geometry.to_numpy()
    rows = np.sort(np.concatenate([ways.maybe, ways.lost]))
    nowhere = shapely.is_missing(shapes[rows]) | shapely.is_empty(shapes[rows])
    return rows[nowhere | shapely.intersects(area, shapes[rows])]


def _ends(ways: Footways, area: shapely.Geometry, found: _Found, least_m: float) -> tuple[float, float | None]:
    """Between what the figure lies, whichever of the doubtful paths exist and however they run."""
    shapes = ways.frame.geometry.to_numpy()
    lost = shapes[ways.lost]
    placed = ~shapely.is_missing(lost) & ~shapely.is_empty(lost)
    whole = ways.with_doubtful()
    together = whole.joined_by(lost[placed])
    # The parts of the paths that certainly exist come first in both.
    standing = np.isin(found.paths.piece, found.counted)
    least = 1 if not placed.all() else len(np.unique(together.piece[: len(standing)][standing]))
    if len(ways.lost) and (not placed.all() or shapely.intersects(area, lost[placed]).any()):
        return float(least - 1), None
    inside_m = shapely.length(whole.inside(area))
    own_m = np.zeros(whole.count)
    np.add.at(own_m, whole.piece[: len(standing)][standing], inside_m[: len(standing)][standing])
    spare_m = whole.lengths_m(whole.inside(area)) - own_m
    # Each further piece holds at least one path that may not exist.
    new = (np.arange(len(inside_m)) >= len(standing)) & (inside_m > LEAST_INSIDE_M)
    members = np.bincount(whole.piece[new], minlength=whole.count)
    more = np.minimum(members, np.floor(spare_m / max(least_m, LEAST_INSIDE_M) + SAME))
    return float(least - 1), float(len(found.counted) - 1 + more.sum())


def _doubts(site: Site, ways: Footways) -> tuple[Words, ...]:
    coming = ways.frame["status"].isin(["planned", "under-construction"])
    unsaid = site.submission.stage is None and bool(len(ways.frame)) and bool(coming.all())
    return (_say("all-planned"),) if unsaid else ()


def _notes(ways: Footways, area: shapely.Geometry, found: _Found, gap_m: float, least_m: float) -> list[Words]:
    count, counted_m = len(found.counted), found.length_m[found.counted]
    total_m = float(found.length_m.sum())
    if count == 1:
        notes = [_say("one-piece", total=f"{total_m / 1000:.4g}")]
    else:
        share = f"{100 * counted_m[0] / total_m:.3g}"
        km = {"total": f"{total_m / 1000:.4g}", "largest": f"{counted_m[0] / 1000:.4g}"}
        notes = [_say("pieces", count=count, share=share, **km), _told_gaps(ways, found, gap_m)]
        edge = shapely.boundary(area)
        near = shapely.dwithin(edge, found.shapes, EDGE_M)
        at_edge = int(np.isin(found.counted, found.paths.piece[near]).sum())
        notes += [_say("at-the-edge", count=at_edge)] if at_edge > 1 else []
    short = found.fragments
    if len(short):
        km_short = f"{float(found.length_m[short].sum()) / 1000:.3g}"
        notes.append(_say("fragments", count=len(short), least=least_m, km=km_short))
    return notes


def _told_gaps(ways: Footways, found: _Found, gap_m: float) -> Words:
    closed = found.gaps
    if not len(closed.lines):
        return _say("no-gaps", most=gap_m)
    ids = ways.ids
    places: list[Words] = [
        _say("gap", first=ids[one], second=ids[other], metres=f"{metres:.3g}")
        for one, other, metres in zip(
            found.paths.owner[closed.first],
            found.paths.owner[closed.second],
            shapely.length(closed.lines),
            strict=True,
        )
    ]
    left = len(np.unique(_after(found)[found.counted]))
    return _say("gaps", count=len(places), most=gap_m, places=places, left=left)


def _after(found: _Found) -> NDArray[np.int64]:
    """The number of each piece once all gaps are closed."""
    piece = found.paths.piece
    return lump_numbers(found.paths.count, (piece[found.gaps.first], piece[found.gaps.second]))


def _alternatives(area: shapely.Geometry, found: _Found, least_m: float) -> tuple[Alternative, ...]:
    value = len(found.counted) - 1
    others = []
    length_m = shapely.length(found.shapes)
    if ((length_m > LEAST_INSIDE_M) & (length_m < shapely.length(found.paths.parts) - LEAST_INSIDE_M)).any():
        inside = found.paths.cut(area)
        others.append((len(_counted(inside.lengths_m(inside.parts), least_m)) - 1, "inside-only"))
    if len(set(found.paths.levels)) > 1:
        joined = found.paths.over_levels()
        others.append((len(_counted(joined.lengths_m(found.shapes), least_m)) - 1, "levels-joined"))
    return tuple(Alternative(float(other), _say(code)) for other, code in others if other not in (value, -1))


def _drawn(ways: Footways, area: WalkedArea, found: _Found) -> list[gpd.GeoDataFrame]:
    """The paths inside an area by piece, those in doubt, and the gaps."""
    rank = np.full(found.paths.count, -1)
    rank[found.counted] = np.arange(len(found.counted))
    some = np.flatnonzero(shapely.length(found.shapes) > LEAST_INSIDE_M)
    piece, owner = found.paths.piece[some], found.paths.owner[some]
    number = rank[piece]
    names, crs = ways.frame["name"].to_numpy(dtype=object), ways.frame.crs
    kinds = np.select([number == 0, number > 0], ["main", "apart"], "fragment")
    figures = {"piece": np.where(number < 0, np.nan, number + 1.0), "piece_m": found.length_m[piece]}
    paths = {"feature": ways.ids[owner], "name": names[owner], **figures, "gap_m": np.nan}
    tables = [gpd.GeoDataFrame({"kind": kinds, **paths}, geometry=found.shapes[some], crs=crs)]
    doubtful = _doubtful(ways, area.shape)
    shapes = ways.frame.geometry.to_numpy()[doubtful]
    linear = shapely.get_dimensions(shapes) == 1
    unknown = {"feature": ways.ids[doubtful[linear]], "name": names[doubtful[linear]]}
    nothing = dict.fromkeys(("piece", "piece_m", "gap_m"), np.nan)
    tables.append(gpd.GeoDataFrame({"kind": "unknown", **unknown, **nothing}, geometry=shapes[linear], crs=crs))
    long = shapely.length(found.gaps.lines) > 0
    between = {"kind": "gap", "feature": None, "name": None, "piece": np.nan, "piece_m": np.nan}
    gap_m = shapely.length(found.gaps.lines[long])
    tables.append(gpd.GeoDataFrame({**between, "gap_m": gap_m}, geometry=found.gaps.lines[long], crs=crs))
    return [table.assign(subject=area.id) for table in tables if len(table)]


def _evidence(site: Site, areas: Sequence[WalkedArea], drawn: list[gpd.GeoDataFrame]) -> tuple[Shapes, ...]:
    whole = [area for area in areas if area.shape is not None]
    outline = gpd.GeoDataFrame(
        {"kind": "area", "subject": [area.id for area in whole], "name": [area.name for area in whole]},
        geometry=[area.shape for area in whole],
        crs=site.submission.crs,
    )
    frame = Shapes(outline, legend={"area": (Tone.FRAME, _say("kind-area"))})
    if not drawn:
        return (frame,) if whole else ()
    tones = {
        "gap": Tone.BREACH,
        "apart": Tone.MARK,
        "unknown": Tone.UNKNOWN,
        "fragment": Tone.UNCOUNTED,
        "main": Tone.COUNTED,
    }
    table = pd.concat(drawn, ignore_index=True)
    weight = table["kind"].map({kind: at for at, kind in enumerate(tones)}).to_numpy(dtype=float)
    order = np.lexsort((-shapely.length(table.geometry.to_numpy()), weight))
    lines = Shapes(
        table.iloc[order].reset_index(drop=True),
        legend={kind: (tone, _say(f"kind-{kind}")) for kind, tone in tones.items() if table["kind"].eq(kind).any()},
        columns={name: _say(f"column-{name}") for name in ("piece", "piece_m", "gap_m")},
    )
    gap = table[table["kind"] == "gap"]
    if not len(gap):
        return frame, lines
    # A gap of a few metres cannot be seen on the map of a town.
    middle = gap.assign(kind="place").set_geometry(gap.geometry.interpolate(0.5, normalized=True))
    places = Shapes(
        middle.sort_values("gap_m", kind="stable")[["kind", "subject", "gap_m", "geometry"]].reset_index(drop=True),
        legend={"place": (Tone.BREACH, _say("kind-place"))},
        columns={"gap_m": _say("column-gap_m")},
    )
    return frame, lines, places


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
