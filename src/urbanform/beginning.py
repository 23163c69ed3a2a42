"""How a process of the program begins."""

import ctypes
import os
import sys
from contextlib import suppress

_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_LARGE_BYTES = 8 << 20
_KEPT_BYTES = 32 << 20


def begin() -> None:
    """Settle how the libraries of this process take processors and memory, before the first of them is imported.

    Linear algebra runs in one thread: here it is asked of a few numbers at a time, and threads that wait for work take
    0.2 s of processor time from each command. Who has set ``OPENBLAS_NUM_THREADS`` keeps it.

    glibc keeps up to 32 MB of freed memory for the next arrays, where by itself it would hand back and ask anew for
    each one until it had seen some large ones freed; pieces of over 8 MB always go back.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.platform == "linux":
        # Other C libraries have no such function.
        with suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            libc.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
            libc.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
