"""Between what a quotient of two sums lies, where it is not known which of the things belong to the sums."""

import numpy as np
from numpy.typing import NDArray


def least_quotient(part: NDArray[np.float64], whole: NDArray[np.float64], belongs: NDArray[np.bool_]) -> float:
    """The smallest that Σ part / Σ whole can be over the things that belong and any of the others.

    A thing lowers the quotient exactly where its own lies below it, so the others are added from the least on, and the
    smallest quotient on the way is the answer.

    Parameters
    ----------
    part, whole
        Not negative, shape (n,); an infinite whole makes the quotient 0.
    belongs
        Which things certainly belong, shape (n,).

    Returns
    -------
    NaN where nothing that may belong has a whole above 0.
    """
    if np.isinf(whole).any():
        return 0.0
    certain_part, certain_whole = float(part[belongs].sum()), float(whole[belongs].sum())
    more = np.flatnonzero(~belongs & (whole > 0))
    order = more[np.argsort(part[more] / whole[more], kind="stable")]
    parts = certain_part + np.concatenate([[0.0], np.cumsum(part[order])])
    wholes = certain_whole + np.concatenate([[0.0], np.cumsum(whole[order])])
    real = wholes > 0
    return float((parts[real] / wholes[real]).min()) if real.any() else np.nan


def greatest_quotient(part: NDArray[np.float64], whole: NDArray[np.float64], belongs: NDArray[np.bool_]) -> float:
    """The largest that Σ part / Σ whole can be over the things that belong and any of the others.

    Parameters
    ----------
    part, whole, belongs
        As of :func:`least_quotient`, and finite.

    Returns
    -------
    Infinite where there may be a part without a whole; NaN where there may be neither.
    """
    loose = part[(whole <= 0) & (part > 0)].sum()
    certain_part, certain_whole = float(part[belongs & (whole > 0)].sum() + loose), float(whole[belongs].sum())
    more = np.flatnonzero(~belongs & (whole > 0))
    order = more[np.argsort(-part[more] / whole[more], kind="stable")]
    parts = certain_part + np.concatenate([[0.0], np.cumsum(part[order])])
    wholes = certain_whole + np.concatenate([[0.0], np.cumsum(whole[order])])
    real = wholes > 0
    if certain_whole <= 0 and certain_part > 0:
        return np.inf
    return float((parts[real] / wholes[real]).max()) if real.any() else np.nan
