"""Bytes of good files changed at random: never a traceback, a death, a silent pass, or the results of other bytes."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent.parent
LONGEST_S = 10.0
MOST_BYTES = 2 * 1024**3


def outcomes(folder: Path, first: int, last: int) -> list[dict[str, Any]]:
    """What was said of each mutant; one whose process died has no verdict."""
    path = os.pathsep.join([str(TESTS), *([os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else [])])
    done = subprocess.run(
        [sys.executable, "-m", "trust.mutants", str(folder), str(first), str(last)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr[-3000:])
    return [line for line in lines if "verdict" in line]


def hold(found: list[dict[str, Any]]) -> Counter[str]:
    """Hold what every mutant promises; how many ended in which verdict."""
    for mutant in found:
        assert mutant["seconds"] < LONGEST_S, mutant
        assert mutant["verdict"] != "wordless", mutant
        assert not mutant["alike"], mutant
        if mutant["verdict"] == "pass":
            assert not mutant["rejected"], mutant
            assert mutant["measured"] == pytest.approx(mutant["other"], rel=1e-3), mutant
    return Counter(mutant["verdict"] for mutant in found)


def test_eighty_mutants(tmp_path: Path) -> None:
    verdicts = hold(outcomes(tmp_path, 0, 80))
    assert verdicts.total() == 80
    assert verdicts["undetermined"] > 20


@pytest.mark.long
def test_two_thousand_mutants(tmp_path: Path) -> None:
    """Under 2 GiB of memory, all of them."""
    found = [mutant for first in range(1000, 3000, 250) for mutant in outcomes(tmp_path, first, first + 250)]
    verdicts = hold(found)
    assert verdicts.total() == 2000
    assert verdicts["undetermined"] > 500
    assert verdicts["fail"] > 100
    resource = pytest.importorskip("resource")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak * (1 if sys.platform == "darwin" else 1024) < MOST_BYTES
