"""What a measured child process tells on its last line: its figures, and the CPU time that they took."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Figures = dict[str, float]
"""Figures by name: of a whole, or of each subject by its id."""

WORKED = "work_cpu_s"


def answer(figures_of: Callable[[Path], Figures]) -> None:
    """Run on the folder that the command line names, and print what was found."""
    imported_s = time.process_time()
    figures = figures_of(Path(sys.argv[-1]))
    print(json.dumps({WORKED: time.process_time() - imported_s, "figures": figures}))
