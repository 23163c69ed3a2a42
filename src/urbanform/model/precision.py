"""How far survey and method may leave a figure from the truth: said beside figures that lie that near a limit.

It never moves a verdict: figures are compared as measured. The errors are stated conventions, wide enough for data
of the kind that is handed in.

* Widths read off shapes: each of the two edges carries the 0.5 m mean error that CJJ/T 8-2011 allows clear ground
  points at 1:1000, together √2 × 0.5 m.
* Areas: 0.6 %, the term proportional to the area in the limit error of class 3 in GB/T 17986.1-2000.
* Shares: 0.5 percentage points, for edges drawn at that scale and the areas on either side of the fraction.
* Lengths over area or over persons: 0.5 %.
* Population over area: 1 %, for counts that are rounded, dated or spread over cells.
* Counts, storeys, and figures written in a field: none.
"""

import math

from urbanform.model.rules import Unit
from urbanform.wording import Words, words

_EDGE_ERROR_M = 0.5
_RELATIVE = {
    Unit.PERSONS_PER_KM2: 0.01,
    Unit.KM_PER_KM2: 0.005,
    Unit.KM_PER_10K: 0.005,
    Unit.HECTARE: 0.006,
    Unit.SQUARE_METRE: 0.006,
}
_SHARE_ERROR_POINTS = 0.5


def measuring_error(unit: Unit, bound: float, *, off_shapes: bool) -> tuple[float, Words] | None:
    """The measuring error at a limit, in the limit's unit, and what it rests on; None where there is none to state.

    Parameters
    ----------
    bound
        The limit, in ``unit``.
    off_shapes
        Whether a width was read off shapes; one written in a field carries no error of ours.
    """
    if unit is Unit.METRE:
        return (math.sqrt(2) * _EDGE_ERROR_M, words("error-edges", metres=_EDGE_ERROR_M)) if off_shapes else None
    if unit is Unit.PERCENT:
        return _SHARE_ERROR_POINTS, words("error-share")
    if unit in _RELATIVE and bound:
        return _RELATIVE[unit] * abs(bound), words("error-relative", percent=100 * _RELATIVE[unit])
    return None
