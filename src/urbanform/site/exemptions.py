"""Which exemption from the demolition rules each building holds, for certain or perhaps."""

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

COLUMNS = ("exemption", "illegal", "dangerous", "repairable", "fire_hazard", "rectifiable")


def exempt(
    buildings: gpd.GeoDataFrame, admitted: Collection[str], fields: Collection[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each building is exempt on a ground that the rule admits.

    The word in ``exemption`` means that the whole condition is met. A flag alone counts only with its second half:
    dangerous with not repairable, fire hazard with not rectifiable; the second half unknown leaves it open. A field
    that the layer lacks claims nothing; a word or flag that could not be read leaves it open.

    Parameters
    ----------
    buildings
        A frame with :data:`COLUMNS`, in which blanks of a claim are "" and False, and what could not be read is
        missing.
    admitted
        Of illegal, dangerous, fire-hazard, public-interest.
    fields
        The canonical fields that the layer has.

    Returns
    -------
    certain, possible
        Boolean, shape (n,) each; ``certain`` implies ``possible``.
    """
    nothing = np.zeros(len(buildings), dtype=bool)
    certain = possible = nothing
    if "exemption" in fields and admitted:
        word = buildings["exemption"]
        certain = word.isin(list(admitted)).to_numpy(dtype=bool)
        possible = certain | word.isna().to_numpy(dtype=bool)
    for ground, flag, mends in (
        ("illegal", "illegal", None),
        ("dangerous", "dangerous", "repairable"),
        ("fire-hazard", "fire_hazard", "rectifiable"),
    ):
        if ground not in admitted or flag not in fields:
            continue
        raised, may_be_raised = _is(buildings[flag], True), ~_is(buildings[flag], False)
        hopeless, may_be_hopeless = ~nothing, ~nothing
        if mends is not None:
            hopeless, may_be_hopeless = _is(buildings[mends], False), ~_is(buildings[mends], True)
        certain = certain | (raised & hopeless)
        possible = possible | (may_be_raised & may_be_hopeless)
    return certain, possible | certain


def _is(flags: pd.Series, wanted: bool) -> np.ndarray:
    return (flags.astype("boolean") == wanted).fillna(False).to_numpy(dtype=bool)
