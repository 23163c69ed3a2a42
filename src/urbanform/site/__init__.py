"""What several checks ask of one submission, computed once."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from urbanform.model.submission import Layer, Raster, Submission

T = TypeVar("T")


class Site:
    """A submission with the memory of what was worked out of it.

    Functions of this floor take a site, and keep their result in it by :meth:`once`, so that several checks share
    one computation. The submission itself is never changed.

    Parameters
    ----------
    document_year
        The year of the document that the rule under review stands in, after which a building counts as new; None for
        an undated one.
    as_of
        The year for which the review is made, by which buildings have an age; None where it is not known.
    """

    def __init__(self, submission: Submission, document_year: int | None = None, as_of: int | None = None) -> None:
        self.submission = submission
        self.document_year = document_year
        self.as_of = as_of
        self._known: dict[Hashable, Any] = {}

    def under(self, document_year: int | None) -> "Site":
        """The same site, memory included, as a document of another year sees it.

        What depends on the year must have it in the key under which :meth:`once` keeps it.
        """
        seen = Site(self.submission, document_year, self.as_of)
        seen._known = self._known
        return seen

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
