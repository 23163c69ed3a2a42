"""What several checks ask of one submission, computed once."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from urbanform.model.submission import Layer, Raster, Submission

T = TypeVar("T")


class Site:
    """A submission with the memory of what was worked out of it.

    Functions of this floor take a site, and keep their result in it by :meth:`once`, so that several checks share
    one computation. The submission itself is never changed.
    """

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self._known: dict[Hashable, Any] = {}

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The value of ``compute``, worked out at the first call under this key."""
        if key not in self._known:
            self._known[key] = compute()
        return cast(T, self._known[key])

    def layer(self, role: str) -> Layer | None:
        """A role's layer, or None where the submission has none."""
        return self.submission.layers.get(role)

    def needed(self, role: str) -> Layer:
        """A role's layer that the check's NEEDS promise."""
        return self.submission.layers[role]

    def raster(self, role: str) -> Raster | None:
        """A role's raster, or None where the submission has none."""
        return self.submission.rasters.get(role)
