"""What the flags of buildings together say: from which demolition rule each is exempt, and what is to become of it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from urbanform.intake.values import Reading
from urbanform.model.roles import EXEMPTIONS

_CONDITIONS: Mapping[str, tuple[str, str | None]] = {
    "illegal": ("illegal", None),
    "dangerous": ("dangerous", "repairable"),
    "fire-hazard": ("fire_hazard", "rectifiable"),
}
"""Ground → the flag that raises it, and the flag that must be no for it to hold."""


def exemption_from_flags(readings: Mapping[str, Reading], index: pd.Index) -> pd.DataFrame:
    """Whether each building meets the whole condition of each ground of exemption.

    The word in ``exemption`` means that the whole condition is met. A flag alone counts only with its second half:
    dangerous with not repairable, fire hazard with not rectifiable. A blank word or flag claims nothing; one that
    cannot be read, and a second half that is blank or was not given, leaves the ground unknown.

    Parameters
    ----------
    readings
        By canonical field: any of ``exemption``, ``illegal``, ``dangerous``, ``repairable``, ``fire_hazard`` and
        ``rectifiable``. A field that is not given claims nothing.
    index
        Of the buildings.

    Returns
    -------
    pandas.DataFrame
        A nullable boolean column for each of illegal, dangerous, fire-hazard and public-interest: yes, no or unknown.
    """
    nothing = np.zeros(len(index), dtype=bool)
    word = readings.get("exemption")
    unread = nothing if word is None else word.unreadable
    columns = {}
    for ground in EXEMPTIONS:
        met = nothing if word is None else (word.values == ground).to_numpy(dtype=bool)
        unknown = unread
        if ground in _CONDITIONS:
            flag, second = _CONDITIONS[ground]
            raised, raised_unknown = _flag(readings.get(flag), nothing, blank_is_unknown=False)
            mends, mends_unknown = nothing, nothing
            if second is not None:
                if second in readings:
                    mends, mends_unknown = _flag(readings[second], nothing, blank_is_unknown=True)
                else:
                    mends_unknown = ~nothing
            met = met | (raised & ~mends & ~mends_unknown)
            unknown = unknown | ((raised | raised_unknown) & ~mends & (raised_unknown | mends_unknown))
        columns[ground] = pd.arrays.BooleanArray(met, unknown & ~met)
    return pd.DataFrame(columns, index=index)


def action_from_flags(demolish: Reading | None, new: Reading | None, index: pd.Index) -> Reading:
    """What is to become of each building, from two yes-or-no fields (是否拆除, 是否新建) in place of one of words.

    To be demolished → ``demolish``; new → ``new``; both → unreadable. Not to be demolished, and known not to be new
    or without a field that would say so → ``retain``, which here stands for renovated as well. That a building is
    not new says nothing of whether it stays: without a flag of demolition its action is unknown.

    Parameters
    ----------
    demolish, new
        Readings of flags; None for a field that the layer lacks.
    index
        Of the buildings.
    """
    nothing = np.zeros(len(index), dtype=bool)
    goes, goes_unknown = _flag(demolish, nothing, blank_is_unknown=True)
    comes, comes_unknown = _flag(new, nothing, blank_is_unknown=True)
    if demolish is None:
        goes_unknown = ~nothing
    both = goes & comes
    stays = ~goes & ~goes_unknown & ~comes & ~comes_unknown
    action = pd.Series(np.select([both, goes, comes, stays], ["", "demolish", "new", "retain"], ""), index=index)
    unread = nothing
    for reading in (demolish, new):
        unread = unread | (nothing if reading is None else reading.unreadable)
    known = (action != "").to_numpy(dtype=bool)
    bad = both | (unread & ~known)
    examples: tuple[str, ...] = ("拆除 = 是, 新建 = 是",) if both.any() else ()
    for reading in (demolish, new):
        examples += () if reading is None else reading.examples
    return Reading({"action": action.astype(object).where(known, None)}, bad, ~known & ~bad, examples)


def _flag(reading: Reading | None, nothing: np.ndarray, blank_is_unknown: bool) -> tuple[np.ndarray, np.ndarray]:
    """Where a flag is yes, and where it is not known."""
    if reading is None:
        return nothing, nothing
    raised = (reading.values == True).fillna(False).to_numpy(dtype=bool)  # noqa: E712
    return raised, reading.unreadable | (reading.blank if blank_is_unknown else nothing)
