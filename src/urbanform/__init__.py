"""Measure a planning submission's GIS layers against the physical-form rules of carbon-peak plans.

``check`` reviews a submission and writes its files, ``inspect`` tells what a submission holds, ``read_rule_pack``
reads a plan::

    assessment = urbanform.check(Path("成果"), Path("结果"), urbanform.Options(rules="henan"))

They are loaded when first asked for, so that the command line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import urbanform.gdal_shut  # noqa: F401  (before anything that loads GDAL)

if TYPE_CHECKING:
    from urbanform.intake.rule_packs import read_rule_pack
    from urbanform.review import Options, check
    from urbanform.survey import survey as inspect

__version__ = "0.1.0"
__all__ = ["Options", "__version__", "check", "inspect", "read_rule_pack"]

_HOMES = {
    "Options": ("urbanform.review", "Options"),
    "check": ("urbanform.review", "check"),
    "inspect": ("urbanform.survey", "survey"),
    "read_rule_pack": ("urbanform.intake.rule_packs", "read_rule_pack"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, found = _HOMES[name]
    return getattr(import_module(module), found)
