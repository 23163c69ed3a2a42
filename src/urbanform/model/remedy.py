"""Remedies: what would cure a breach, how much of it, and where."""

from dataclasses import dataclass

from urbanform.model.measurement import Shapes
from urbanform.wording import Words


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would bring a finding to its limit.

    It is a quantity to think with, worked out from the same figures as the verdict; it proposes no design.

    Parameters
    ----------
    said
        The quantity first (km of road short, hectares to green …), then where, and on what it rests; their codes begin
        with ``remedy``, since they stand among the notes of ``results.json``.
    shapes
        Where: drawn on the map after the evidence, and stored with it. Kinds begin with ``remedy``.
    """

    said: tuple[Words, ...]
    shapes: tuple[Shapes, ...] = ()
