"""Residential communities (居住社区) that meet a standard, as a share of all, by count."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.model.measurement import Alternative, Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.roles import ROLES
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.listing import listed
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "method": (
        "按个数计：{standard}个数 ÷ 社区总数；同一范围重复绘制的只计一个",
        "by count: communities that are {standard} ÷ all communities; one drawn several times counts once",
    ),
    "flag-open": (
        "有 {count} 个社区是否为{standard}未知（空白、不可读，或同一范围的两条记录不一致）：{ids}；请在字段 {field} 中"
        "填写“是”或“否”，并删除重复记录",
        "of {count} communities it is not known whether they are {standard} (blank, unreadable, or two records of one "
        "shape that differ): {ids}; write yes or no in the field {field}, and delete what is there twice",
    ),
    "without-shape": (
        "有 {count} 条社区记录没有图形，是否为单独的社区未知：{ids}；请补画图形或删除空记录",
        "{count} records of communities have no shape, so it is not known whether each is a community of its own: "
        "{ids}; draw them, or delete the records",
    ),
    "same-name": (
        "有 {count} 个社区与另一社区同名；若同名者为同一社区的几片，比例为",
        "{count} communities bear the name of another; taken as parts of one community, the share is",
    ),
    "no-communities": (
        "居住社区图层中没有社区，比例无从计算；请提交含社区的图层",
        "there is no community in the layer, so there is no share; hand in a layer that has them",
    ),
    "kind-yes": ("已达标的社区", "meets the standard"),
    "kind-no": ("未达标的社区", "does not meet it"),
    "kind-unknown": ("是否达标未知", "not known"),
    "column-area_ha": ("面积（公顷）", "area (ha)"),
}


@dataclass(frozen=True, eq=False)
class _Communities:
    """Communities, each once: shape (n,) each.

    ``met`` and ``unmet`` are both False where it is not known; ``sure`` says whether it is a community for certain.
    """

    ids: NDArray[np.object_]
    names: NDArray[np.object_]
    met: NDArray[np.bool_]
    unmet: NDArray[np.bool_]
    sure: NDArray[np.bool_]


def community_share(site: Site, flag: str, standard: Words) -> Measurement:
    """Percent of the communities whose flag says yes, by count.

    A community counts by its flag however it is drawn; records of one and the same shape are one community, of which
    nothing is known where they differ. A record without a shape may be a community or a leftover. A layer without
    communities has no share.

    Parameters
    ----------
    flag
        The field of the role ``communities`` that says whether the standard is met.
    standard
        What those that meet it are called.
    """
    layer = site.layer("communities")
    name = ROLES["communities"].zh
    if layer is None or not len(layer):
        return Measurement(Unit.PERCENT, (Subject("1", name, missing=_say("no-communities")),))
    frame = layer.frame(("id", "name", flag))
    found = _each_once(frame, flag)
    subject = _subject(found, name, flag, standard)
    return Measurement(
        Unit.PERCENT,
        (subject,),
        notes=(_say("method", standard=standard),),
        evidence=(_evidence(frame, flag),),
        higher_is_worse=False,
        exact=True,
    )


def _each_once(frame: gpd.GeoDataFrame, flag: str) -> _Communities:
    shapes = frame.geometry.to_numpy()
    drawn = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    outline = np.array([f"row {row}" for row in range(len(frame))], dtype=object)
    # An envelope that stands in for a broken shape says nothing of sameness.
    whole = drawn & frame["sound"].to_numpy(dtype=bool)
    outline[whole] = shapely.to_wkb(shapely.normalize(shapes[whole]), hex=True)
    first, of = np.unique(outline, return_index=True, return_inverse=True)[1:]
    met, unmet = (_says(frame[flag], answer) for answer in (True, False))
    every = np.bincount(of)

    def all_of(rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.asarray(np.bincount(of, weights=rows) == every)

    return _Communities(
        frame["id"].astype(str).to_numpy(dtype=object)[first],
        frame["name"].astype(object).where(frame["name"].notna(), "").to_numpy(dtype=object)[first],
        all_of(met),
        all_of(unmet),
        (drawn & frame["certain"].to_numpy(dtype=bool))[first],
    )


def _says(flags: pd.Series, answer: bool) -> NDArray[np.bool_]:
    return (flags.astype("boolean") == answer).fillna(False).to_numpy(dtype=bool)


def _subject(found: _Communities, name: str, flag: str, standard: Words) -> Subject:
    unknown = ~found.met & ~found.unmet
    yes, no = int((found.met & found.sure).sum()), int((found.unmet & found.sure).sum())
    total = int(found.sure.sum())
    # The share is smallest where all that is open is a community that does not meet the standard, largest where all
    # that may meet it does and all that cannot is none.
    most_total, most_yes = int((~found.unmet & ~found.sure).sum()), int((~found.unmet & found.sure).sum())
    least_total = int((~found.met & ~found.sure).sum())
    whys = []
    if unknown.any():
        ids = listed(found.ids[unknown])
        whys.append(_say("flag-open", count=int(unknown.sum()), ids=ids, standard=standard, field=flag))
    if not found.sure.all():
        ids = listed(found.ids[~found.sure])
        whys.append(_say("without-shape", count=int((~found.sure).sum()), ids=ids))
    low = 100 * yes / (total + least_total) if total + least_total else 100.0
    high = 100 * (most_yes + most_total) / (total + most_total) if total + most_total else 0.0
    known = not whys
    return Subject(
        "1",
        name,
        value=100 * yes / total if known else None,
        bounds=None if known else Bounds(low, high),
        numerator=Quantity(float(yes) if known else None, "1"),
        denominator=Quantity(float(yes + no) if known else None, "1"),
        missing=None if known else whys[0],
        notes=tuple(whys),
        alternatives=_by_name(found) if known else (),
    )


def _by_name(found: _Communities) -> tuple[Alternative, ...]:
    """The share where communities of one name are parts of one, which meets the standard where all of them do."""
    own = np.array([name or f"row {row}" for row, name in enumerate(found.names)], dtype=object)
    names, of = np.unique(own, return_inverse=True)
    if len(names) == len(own):
        return ()
    every = np.bincount(of)
    met = np.bincount(of, weights=found.met) == every
    return (Alternative(100 * float(met.sum()) / len(names), _say("same-name", count=int(every[every > 1].sum()))),)


def _evidence(frame: gpd.GeoDataFrame, flag: str) -> Shapes:
    met, unmet = (_says(frame[flag], answer) for answer in (True, False))
    shapes = frame.geometry.to_numpy()
    area_ha = np.where(frame["sound"].to_numpy(dtype=bool), shapely.area(shapes) / 1e4, np.nan)
    drawn = frame[["geometry"]].assign(
        kind=np.select([met, unmet], ["yes", "no"], "unknown"),
        feature=frame["id"].astype(str),
        name=frame["name"],
        area_ha=area_ha,
    )
    weight = np.select([unmet, met], [0, 2], 1)
    drawn = drawn.iloc[np.lexsort((-np.nan_to_num(area_ha), weight))]
    return Shapes(
        drawn[~shapely.is_missing(drawn.geometry.to_numpy())],
        legend={
            "no": (Tone.BREACH, _say("kind-no")),
            "yes": (Tone.GOOD, _say("kind-yes")),
            "unknown": (Tone.UNKNOWN, _say("kind-unknown")),
        },
        columns={"area_ha": _say("column-area_ha")},
    )


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
