"""How often Python looks for unreachable cycles of objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 100_000


@contextmanager
def seldom_collected() -> Iterator[None]:
    """A block in which unreachable cycles are looked for once in 100,000 new objects, not once in 700.

    Each look at the older objects goes through every shape that is held. Shapes make no cycles: those that are dropped
    are freed at once whatever is set here.
    """
    before, *older = gc.get_threshold()
    # Nought switches the search off, and stays.
    gc.set_threshold(before and max(before, NEW_OBJECTS), *older)
    try:
        yield
    finally:
        gc.set_threshold(before, *older)
