"""The ledger of what was found wrong with one layer, feature by feature."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from urbanform.model.provenance import Action, Defect
from urbanform.wording import Words, words

MOST_OF_A_KIND = 200
"""Features of one kind of defect that are listed one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a layer cannot be used, and of what kind that is."""

    kind: str
    message: Words


class LayerRefused(Exception):
    """A layer that cannot be trusted as a whole."""

    def __init__(self, kind: str, fault: Words) -> None:
        super().__init__(fault.zh)
        self.kind, self.fault = kind, fault


@dataclass
class Ledger:
    """Defects of one layer, named as its role and its path."""

    role: str
    path: str
    defects: list[Defect] = field(default_factory=list)

    def of_layer(self, message: Words) -> Words:
        """A message under the path of the layer that it is about, where it does not name it."""
        if self.path in message.zh:
            return message
        return replace(words("in-layer", path=self.path, fault=message), code=message.code)

    def layer(self, kind: str, action: Action, message: Words, count: int = 1) -> None:
        """Note something about the layer as a whole."""
        self.defects.append(Defect(self.role, None, kind, action, message, count))

    def features(self, kind: str, action: Action, ids: Sequence[object] | np.ndarray, message: Words) -> None:
        """Note something about some features, in their order; the message is the same for all of them."""
        for key in ids[:MOST_OF_A_KIND]:
            self.defects.append(Defect(self.role, str(key), kind, action, message))
        rest = len(ids) - MOST_OF_A_KIND
        if rest > 0:
            told = words("and-more", count=rest, what=message)
            self.defects.append(Defect(self.role, None, kind, action, told, rest))
