"""A finding that falls short → the quantity and shapes that would cure it.

Where the remedy is an amount and no more, its words stand in the table of :mod:`urbanform.remedies.said`. One that has
a place is a module of its check's name with underscores. It defines ``WORDS`` and ``cure(finding, site)``, which gives
a :class:`~urbanform.model.remedy.Remedy`, or None where nothing can be said; it may read the limit that decided.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable

from urbanform.model.finding import Finding
from urbanform.model.remedy import Remedy
from urbanform.remedies.amounts import by_amount
from urbanform.remedies.said import AMOUNTS
from urbanform.site import Site

Cure = Callable[[Finding, Site], Remedy | None]


@functools.cache
def find_remedy(check: str) -> Cure | None:
    """How findings of a check are cured; None for a check that has no remedy."""
    name = check.replace("-", "_")
    if name not in {found.name for found in pkgutil.iter_modules(__path__)}:
        said = AMOUNTS.get(check)
        return None if said is None else lambda finding, site: by_amount(finding, said)
    cure: Cure = importlib.import_module(f"{__name__}.{name}").cure
    return cure
