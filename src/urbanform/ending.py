"""How a process of the program ends."""

import atexit
import os
import sys
import threading


def leave(status: int) -> None:
    """End this process with a status once nothing is left to do, or return where something still runs.

    An interpreter that ends takes some thousand modules to pieces first, a third of a second of each command. What was
    registered for the end is done here, too, and what was printed is written.
    """
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        return
    atexit._run_exitfuncs()
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # none under pythonw, which has no console
            stream.flush()
    except (OSError, ValueError):  # a pipe without a reader, or closed: Python tells it its own way
        return
    os._exit(status)
