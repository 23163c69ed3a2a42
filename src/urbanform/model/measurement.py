"""Measurements: what a check returns, before anything is compared with a limit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

import geopandas as gpd

from urbanform.model.packed_frame import Rows, held, unpacked
from urbanform.model.rules import Unit
from urbanform.wording import Words


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between what a figure must lie, whatever the unknown values are; an open end is None."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A numerator or denominator with its unit."""

    value: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """The figure under another reading of the method; the judge adds the note where it would flip the verdict."""

    value: float
    note: Words


@dataclass(frozen=True, slots=True)
class Subject:
    """One unit that a rule is judged on: a cluster, a renewal unit, the built-up area as a whole.

    Parameters
    ----------
    value
        The figure in the measurement's unit; None where it is only known between ``bounds``, or not at all.
    bounds
        Where unknown values leave the figure open. The verdict stands only if it is the same over all of it.
    doubts
        Why a figure that meets the limit cannot be called a pass (a layer that the check uses is missing …);
        a breach stands in spite of them.
    missing
        Why there is neither a value nor bounds.
    excluded
        Why the rule does not bind this unit at all.
    attributes
        Canonical field values by which a rule may select its subjects; None is blank.
    tolerance_m
        For a width read off geometry: how near to its limit it counts as equal to it, in metres; None takes the
        measurement's.
    """

    id: str
    name: str | None = None
    value: float | None = None
    bounds: Bounds | None = None
    numerator: Quantity | None = None
    denominator: Quantity | None = None
    doubts: tuple[Words, ...] = ()
    missing: Words | None = None
    excluded: Words | None = None
    notes: tuple[Words, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    attributes: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    tolerance_m: float | None = None
    exact: bool = False

    @property
    def measured(self) -> bool:
        """Whether there is a figure, or at least an interval that holds it."""
        return self.value is not None or self.bounds is not None


class Tone(StrEnum):
    """What a drawn shape says about the figure. Output picks the colour."""

    BREACH = "breach"
    COUNTED = "counted"
    GOOD = "good"
    EXEMPT = "exempt"
    UNCOUNTED = "uncounted"
    UNKNOWN = "unknown"
    NEW = "new"
    FRAME = "frame"
    MARK = "mark"
    REMEDY = "remedy"


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes of one geometry type that show what a figure rests on, the weightiest first.

    ``rows`` carries a column ``kind``, and ``subject`` and ``feature`` ids where they have them; every other column
    is an attribute to show, its name with the unit in it. ``legend`` gives each kind its tone and words, in the order
    of the legend; ``columns`` the words for the attributes. ``ramp`` names a column that is drawn as a graduated
    colour between 0 and its largest value in place of tones.
    """

    rows: Rows
    legend: Mapping[str, tuple[Tone, Words]]
    columns: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    ramp: str | None = None

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """The rows; many are decoded anew at each call."""
        return unpacked(self.rows)

    def kept(self) -> "Shapes":
        """The same in the form in which it waits to be written."""
        return replace(self, rows=held(self.frame))


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a check found: a row per subject, and the shapes that show it.

    Parameters
    ----------
    subjects
        Every subject, in the order of the layer; one that could not be measured is a row without a value.
    higher_is_worse
        Which end comes first where the rule has no limit; None keeps the order given.
    tolerance_m
        For widths read off geometry: how near to its limit a figure counts as equal to it, in metres.
    exact
        Whether figures are counted, or written in fields, so that no error of survey or method stands behind them.
    """

    unit: Unit
    subjects: tuple[Subject, ...]
    notes: tuple[Words, ...] = ()
    evidence: tuple[Shapes, ...] = ()
    higher_is_worse: bool | None = None
    tolerance_m: float | None = None
    exact: bool = False
