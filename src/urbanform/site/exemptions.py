"""Which exemption from the demolition rules each building holds, for certain or perhaps."""

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

COLUMNS = ("exemption", "illegal", "dangerous", "repairable", "fire_hazard", "rectifiable")


def exempt(buildings: gpd.GeoDataFrame, admitted: Collection[str]) -> tuple[np.ndarray, np.ndarray]:
    """Whether each building is exempt on a ground that the rule admits.

    The word in ``exemption`` means that the whole condition is met. A flag alone counts only with its second half:
    dangerous with not repairable, fire hazard with not rectifiable; the second half unknown leaves it open. A blank
    word or flag claims nothing.

    Parameters
    ----------
    buildings
        A frame with :data:`COLUMNS`.
    admitted
        Of illegal, dangerous, fire-hazard, public-interest.

    Returns
    -------
    certain, possible
        Boolean, shape (n,) each; ``certain`` implies ``possible``.
    """
    word = buildings["exemption"]
    certain = word.isin(list(admitted)).to_numpy(dtype=bool, copy=True)
    possible = certain.copy()
    for ground, flag, mends in (
        ("illegal", "illegal", None),
        ("dangerous", "dangerous", "repairable"),
        ("fire-hazard", "fire_hazard", "rectifiable"),
    ):
        if ground not in admitted:
            continue
        raised = _is(buildings[flag], True)
        if mends is None:
            certain |= raised
            possible |= raised
        else:
            certain |= raised & _is(buildings[mends], False)
            possible |= raised & ~_is(buildings[mends], True)
    return certain, possible


def _is(flags: pd.Series, wanted: bool) -> np.ndarray:
    return (flags.astype("boolean") == wanted).fillna(False).to_numpy(dtype=bool)
