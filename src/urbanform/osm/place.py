"""Elements of a place by its name, over the network, through osmnx."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.errors import SubmissionError
from urbanform.osm.elements import Elements, Origin, elements_of, tag_columns, tag_keys
from urbanform.osm.words import say


def read_place(place: str) -> Elements:
    """The elements that touch a place, which OpenStreetMap must know with an area.

    osmnx asks Nominatim for the area and Overpass for what lies in it; it assembles multipolygons itself.

    Raises
    ------
    SubmissionError
        osmnx is not installed; the servers cannot be reached; there is no such place.
    """
    try:
        import osmnx
    except ImportError as fault:
        raise SubmissionError(say("osmnx-missing")) from fault
    from requests.exceptions import RequestException

    try:
        with _nothing_kept(osmnx.settings):
            found = osmnx.features_from_place(place, tags=dict.fromkeys(tag_keys(), True))
    except (RequestException, OSError) as fault:
        raise SubmissionError(say("no-network", place=place, why=type(fault).__name__)) from fault
    except (ValueError, TypeError) as fault:
        # osmnx refuses what it cannot find, and what has no area, with these two; a server's refusal is one of its own.
        code = "no-network" if type(fault).__name__ == "ResponseStatusCodeError" else "place-unknown"
        why = str(fault).splitlines()[0][:200] if str(fault) else type(fault).__name__
        raise SubmissionError(say(code, place=place, why=why)) from fault
    today = dt.datetime.now(dt.UTC).date().isoformat()
    origin = Origin(place, today, "download", f"osmnx {osmnx.__version__}")
    return _elements(found, origin)


@contextmanager
def _nothing_kept(settings: Any) -> Iterator[None]:
    """osmnx keeps answers in a folder where it is run; a bureau's folders are left as they are."""
    kept = settings.use_cache
    settings.use_cache = False
    try:
        yield
    finally:
        settings.use_cache = kept


def _elements(found: gpd.GeoDataFrame, origin: Origin) -> Elements:
    kind, number = (found.index.get_level_values(level).astype(str) for level in (0, 1))
    tags = found.reindex(columns=list(tag_columns())).astype(object)
    tags = tags.where(tags.notna(), None)
    names = kind + "/" + number
    rows = zip(names, np.zeros(len(found), dtype=bool), *(tags[key] for key in tags), strict=True)
    shapes = shapely.force_2d(found.geometry.to_numpy())
    kinds = pd.Series(kind).value_counts()
    read = {name: int(kinds.get(name, 0)) for name in ("node", "way", "relation")}
    return elements_of(rows, np.asarray(shapes, dtype=object), (), origin, read)
