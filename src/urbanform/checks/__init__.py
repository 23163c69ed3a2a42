"""One file per check: each is one way of measuring, and knows no plan and no limit.

A check is a module whose name is the check's name with underscores. It defines ``UNIT``, ``NEEDS`` (without them
nothing is measured), ``USES`` (without them a breach stands, a pass does not), ``Params`` (typed, with defaults),
``WORDS`` (its own words, zh and en) and ``measure(site, scope, params)``; optionally ``LOOKS_AT``, roles that it
reads where they are given and whose absence says nothing, ``SUBJECTS``, the role whose features are its subjects, and
``SCOPE_ROLE``, the scope of a rule that names none. The module's docstring is its
manual page. Nothing is registered: the folder is the list.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from urbanform.model.measurement import Measurement
from urbanform.model.needs import Need
from urbanform.model.rules import Unit
from urbanform.site import Site


class CheckParams(BaseModel):
    """Typed parameters of a check, read from a rule pack; an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)


class NoParams(CheckParams):
    """For checks that take none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One way of measuring, as its module defines it."""

    name: str
    unit: Unit
    needs: tuple[Need, ...]
    uses: tuple[Need, ...]
    looks_at: tuple[str, ...]
    subjects: str | None
    scope: str | None
    params: type[CheckParams]
    measure: Callable[[Site, str | None, Any], Measurement]
    words: Mapping[str, tuple[str, str]]
    manual: str


@functools.cache
def check_names() -> tuple[str, ...]:
    """The names of all checks, sorted."""
    return tuple(sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__)))


@functools.cache
def find_check(name: str) -> Check:
    """The check of a name; KeyError where there is none."""
    if name not in check_names():
        raise KeyError(name)
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return Check(
        name=name,
        unit=module.UNIT,
        needs=module.NEEDS,
        uses=module.USES,
        looks_at=getattr(module, "LOOKS_AT", ()),
        subjects=getattr(module, "SUBJECTS", None),
        scope=getattr(module, "SCOPE_ROLE", None),
        params=module.Params,
        measure=module.measure,
        words=module.WORDS,
        manual=(module.__doc__ or "").strip(),
    )
