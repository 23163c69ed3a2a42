"""Existing and planned features: which of a layer count."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from urbanform.model.submission import Stage


@dataclass(frozen=True, slots=True)
class Staged:
    """Which features count.

    Attributes
    ----------
    keep
        Shape (n,): False for those that a stage leaves out.
    certain
        Shape (n,): False where a blank status leaves it open whether the feature counts.
    mixed
        Whether existing and planned features stand side by side and no stage says which count.
    """

    keep: np.ndarray
    certain: np.ndarray
    mixed: bool


def staged(status: pd.Series, stage: Stage | None) -> Staged:
    """Read a status column (existing, planned, under-construction, missing) under a stage.

    ``existing`` counts existing features, ``plan`` all of them; what is under construction is planned until it
    stands. A layer whose status is blank throughout is taken as it is.
    """
    existing = (status == "existing").fillna(False).to_numpy(dtype=bool)
    coming = status.isin(["planned", "under-construction"]).to_numpy(dtype=bool)
    blank = ~existing & ~coming
    every = np.ones(len(status), dtype=bool)
    if stage is Stage.PLAN or blank.all():
        return Staged(every, every, mixed=False)
    certain = ~blank
    if stage is Stage.EXISTING:
        return Staged(~coming, certain, mixed=False)
    return Staged(every, certain, mixed=bool(existing.any() and coming.any()))
