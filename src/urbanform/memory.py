"""Memory that the C library keeps."""

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Hand freed memory back to the system where the C library would keep it: glibc keeps pages between live ones.

    Of three million buildings it keeps a quarter of the memory that was ever used. Elsewhere nothing is done.
    """
    if sys.platform == "linux":
        # Other C libraries have no such function.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
