"""Features as they are listed in words: each once, in an order that people expect."""

from collections.abc import Iterable

from urbanform.site.county_seats import in_order


def listed(ids: Iterable[str]) -> list[str]:
    """Each of some ids once, in their natural order (9 before 10), whatever the order of the features."""
    once = list(dict.fromkeys(ids))
    return [once[at] for at in in_order(once)]
