"""The footpaths (步行道) of a site: which certainly run where they are drawn, and on which level."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.measure.walkways import GROUND, Levels, Walkways, walkways
from urbanform.site import Site

GROUND_WORDS = frozenset({"", "0", "地面", "地面层", "平面", "ground", "surface"})
SEVERAL = re.compile(r"[;；,，、/|+&和与及]")
RANGE = re.compile(r"(-?\d+)\s*(?:至|到|~|～|—|–|-)\s*(-?\d+)")
MOST_LEVELS = 20


@dataclass(frozen=True, eq=False)
class Footways:
    """All footpaths, one row per feature.

    Attributes
    ----------
    frame
        ``id``, ``name``, ``status`` and geometry; those in ``sure`` come first, then those in ``maybe``.
    sure
        Rows that certainly exist and are well drawn.
    maybe
        Rows that are well drawn, of which it is not known whether they exist.
    lost
        Rows of which the shape cannot be trusted; it lies within the envelope, or nobody knows where.
    paths
        The pieces that the sure ones make up.
    """

    frame: gpd.GeoDataFrame
    sure: NDArray[np.intp]
    maybe: NDArray[np.intp]
    lost: NDArray[np.intp]
    levels: tuple[Levels, ...]
    paths: Walkways

    def with_doubtful(self) -> Walkways:
        """The pieces if all that may exist does; the parts of the sure ones come first, as in ``paths``."""
        rows = np.concatenate([self.sure, self.maybe])
        rank = np.repeat([0, 1], [len(self.sure), len(self.maybe)])
        whole = walkways(self.frame.geometry.to_numpy()[rows], [self.levels[row] for row in rows], rank)
        return Walkways(whole.parts, rows[whole.owner].astype(np.int64), whole.piece, whole.levels, whole.count)

    @property
    def ids(self) -> NDArray[np.object_]:
        """The id of each feature."""
        return self.frame["id"].astype(str).to_numpy(dtype=object)


def footways(site: Site) -> Footways:
    """The footpaths of the whole layer, wherever they lie: what leaves an area may be joined beyond its edge."""

    def build() -> Footways:
        layer = site.needed("footpaths")
        frame = layer.frame(("id", "name", "status", "level"))
        shapes = frame.geometry.to_numpy()
        drawn = frame["sound"].to_numpy(dtype=bool) & (shapely.get_dimensions(shapes) == 1)
        exists = frame["certain"].to_numpy(dtype=bool)
        sure, maybe = np.flatnonzero(drawn & exists), np.flatnonzero(drawn & ~exists)
        text = frame["level"].astype(object)
        levels = tuple(GROUND if pd.isna(value) else levels_written(str(value)) for value in text)
        found = walkways(shapes[sure], [levels[row] for row in sure])
        paths = Walkways(found.parts, sure[found.owner].astype(np.int64), found.piece, found.levels, found.count)
        return Footways(frame, sure, maybe, np.flatnonzero(~drawn), levels, paths)

    return site.once("footways", build)


@cache
def levels_written(text: str) -> Levels:
    """The levels that a text names: the ground for a blank; several as ``0;1``, a run of them as ``-1~1``.

    >>> sorted(levels_written("地面")), sorted(levels_written("1.0")), sorted(levels_written("-1至1"))
    (['0'], ['1'], ['-1', '0', '1'])
    """
    found: set[str] = set()
    for part in SEVERAL.split(unicodedata.normalize("NFKC", text)):
        run = RANGE.fullmatch(part.strip())
        if run and 0 <= int(run[2]) - int(run[1]) <= MOST_LEVELS:
            found |= {str(level) for level in range(int(run[1]), int(run[2]) + 1)}
        else:
            found.add(_level(part.strip().lower()))
    return frozenset(found)


def _level(word: str) -> str:
    if word in GROUND_WORDS:
        return "0"
    try:
        number = float(word)
    except ValueError:
        return word
    return f"{number + 0.0:g}"
