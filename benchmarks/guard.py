"""Whether urbanform has become slower: CPU time as a multiple of the tutorial scripts', against figures kept.

``python -m benchmarks.guard FOLDER`` measures anew and writes ``baseline.json``. Multiples travel from one machine to
another, seconds do not.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.children import least, run
from benchmarks.measured import DECIDED, in_turns, whole_command
from benchmarks.operations import HERE, OPERATIONS, Operation

BASELINE = HERE / "baseline.json"
SCALE = 0.1
WORSE = 1.25
WHOLE = "whole-check"
ROUNDS = 3


def ratios(city: Path, rounds: int, operations: Sequence[Operation] = OPERATIONS) -> dict[str, float]:
    """CPU time of each operation as a multiple of the tutorial's.

    Both are run in turns, and the least time of each counts: a busy machine only adds to it. Operations whose script
    lacks a package are left out.
    """
    able = [item for item in operations if not item.lacking]
    spent, _ = in_turns([command for item in able for command in (item.ours(city), item.theirs(city))], rounds)
    cpu_s = [least(runs).cpu_s for runs in spent]
    return {item.rule: cpu_s[2 * at] / cpu_s[2 * at + 1] for at, item in enumerate(able)}


def whole_ratio(city: Path, out: Path, rounds: int) -> float:
    """CPU time of the whole check, every rule, maps and report, as a multiple of reading the buildings as a table."""
    (reading,) = [item for item in OPERATIONS if item.rule == "reading"]
    whole, table = [], []
    for _ in range(rounds):
        whole.append(run(whole_command(city, out), DECIDED)[0])
        table.append(run(reading.theirs(city))[0])
    return least(whole).cpu_s / least(table).cpu_s


def worse(found: Mapping[str, float], kept: Mapping[str, float]) -> list[str]:
    """What is over a quarter slower than it was, or has no figure to compare with; a sentence each."""
    told = []
    for name, ratio in found.items():
        if name not in kept:
            told.append(f"{name}: not in {BASELINE.name}; run python -m benchmarks.guard")
        elif ratio > WORSE * kept[name]:
            told.append(f"{name}: {ratio:.2f} times the CPU of the tutorial script, was {kept[name]:.2f}")
    return told


def read_baseline() -> dict[str, float]:
    """The multiples that were kept."""
    kept: dict[str, float] = json.loads(BASELINE.read_text("utf-8"))
    return kept


def main(folder: Path) -> None:
    """Measure and keep."""
    city = folder / f"city-{SCALE:g}"
    run([sys.executable, "-m", "benchmarks.city", city, str(SCALE)])
    found = ratios(city, ROUNDS) | {WHOLE: whole_ratio(city, folder / "out", 3)}
    BASELINE.write_text(json.dumps({name: round(ratio, 3) for name, ratio in found.items()}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
