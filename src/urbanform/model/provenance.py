"""Where a figure comes from: input files, and what was found wrong with them."""

from dataclasses import dataclass
from enum import StrEnum

from urbanform.wording import Words


class Action(StrEnum):
    """What was done about a defect.

    ``rejected``: the layer is set aside · ``unknown``: the feature's or value's contribution is unknown ·
    ``repaired``: mended, and counted as mended · ``noted``: nothing was changed.
    """

    REJECTED = "rejected"
    UNKNOWN = "unknown"
    REPAIRED = "repaired"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with an input.

    ``layer`` is the role where there is one, else the path inside the submission; ``feature`` is the feature's id,
    or None for the layer as a whole; ``count`` is how many features share the defect (``feature`` is then the first).
    """

    layer: str
    feature: str | None
    kind: str
    action: Action
    message: Words
    count: int = 1


@dataclass(frozen=True, slots=True)
class Input:
    """One file or layer that was read.

    ``crs`` is as the file says (or the manifest overrides); ``sha256`` is of the bytes of the file, for a layer of
    several files of all of them in the order of their names.
    """

    path: str
    role: str
    sha256: str
    features: int | None
    crs: str | None
    encoding: str | None
