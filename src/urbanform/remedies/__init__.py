"""One file per check that has a remedy: a finding that falls short → the quantity and shapes that would cure it.

A remedy is a module of its check's name with underscores. It defines ``WORDS`` and ``cure(finding, site)``, which
gives a :class:`~urbanform.model.remedy.Remedy`, or None where nothing can be said; it may read the limit that decided.
Nothing is registered: the folder is the list.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable

from urbanform.model.finding import Finding
from urbanform.model.remedy import Remedy
from urbanform.site import Site

Cure = Callable[[Finding, Site], Remedy | None]


@functools.cache
def find_remedy(check: str) -> Cure | None:
    """How findings of a check are cured; None for a check that has no remedy."""
    name = check.replace("-", "_")
    if name not in {found.name for found in pkgutil.iter_modules(__path__)}:
        return None
    cure: Cure = importlib.import_module(f"{__name__}.{name}").cure
    return cure
