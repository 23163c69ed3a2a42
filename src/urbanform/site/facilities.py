"""Public facilities by the kinds that are asked for."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from urbanform.site import Site
from urbanform.site.listing import listed

BLANK, OTHER = -1, -2
"""In place of the number of a kind: nothing is written, and a kind that is not asked for."""


@dataclass(frozen=True, eq=False)
class Facilities:
    """All facilities of a layer.

    Attributes
    ----------
    kinds
        The kinds asked for, as they are written.
    all_given
        Whether these are all that the layer has, and nobody named them.
    absent, found
        Which of the kinds asked for the layer has not, though there is one; and all that it has.
    frame
        ``id``, ``name``, ``kind`` and geometry, one row per facility.
    number
        The number of its kind, BLANK or OTHER; shape (n,).
    exists, placed
        Whether it is certain that there is such a facility, and that it lies where it is drawn; shape (n,).
    lost
        Which have no shape at all; shape (n,).
    """

    kinds: tuple[str, ...]
    all_given: bool
    absent: tuple[str, ...]
    found: tuple[str, ...]
    frame: gpd.GeoDataFrame
    number: NDArray[np.int64]
    exists: NDArray[np.bool_]
    placed: NDArray[np.bool_]
    lost: NDArray[np.bool_]

    def ids(self, rows: NDArray[np.bool_]) -> list[str]:
        """The ids of some of them, each once."""
        return listed(self.frame["id"].astype(str)[rows])


def facilities_by_kind(site: Site, kinds: Sequence[str] = ()) -> Facilities:
    """The facilities of a site; none where the layer is declared not to exist.

    Parameters
    ----------
    kinds
        Those that are asked for, compared without regard to case, width and surrounding space; empty for all that the
        layer has.
    """
    layer = site.layer("facilities")
    if layer is None:
        columns = {name: np.empty(0, dtype=object) for name in ("id", "name", "kind")}
        flags = {name: np.empty(0, dtype=bool) for name in ("sound", "certain")}
        frame = gpd.GeoDataFrame(columns | flags, geometry=[], crs=site.submission.crs)
    else:
        frame = layer.frame(("id", "name", "kind"))
    code, texts = pd.factorize(frame["kind"])
    plain = [_plain(str(text)) for text in texts]
    written: dict[str, str] = {}
    for word, text in sorted(zip(plain, map(str, texts), strict=True)):
        if word:
            written.setdefault(word, text.strip())
    named = {_plain(word): word.strip() for word in kinds if _plain(word)}
    asked = named or written
    place = {word: at for at, word in enumerate(asked)}
    numbers = np.array([*(place.get(word, OTHER) if word else BLANK for word in plain), BLANK], dtype=np.int64)
    shapes = frame.geometry.to_numpy()
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    return Facilities(
        kinds=tuple(asked.values()),
        all_given=not named,
        absent=() if layer is None else tuple(word for key, word in named.items() if key not in written),
        found=tuple(written.values()),
        frame=frame,
        number=numbers[code],
        exists=frame["certain"].to_numpy(dtype=bool),
        placed=frame["sound"].to_numpy(dtype=bool) & ~lost,
        lost=lost,
    )


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().casefold()
