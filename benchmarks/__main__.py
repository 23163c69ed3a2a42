"""``python -m benchmarks``: makes the cities, runs everything, prints the tables; see docs/performance.md."""

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.children import run
from benchmarks.measured import Measured, measure
from benchmarks.operations import OPERATIONS
from benchmarks.table import as_json, table


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, action="append", help="0.1, 1, 4, 10 …; once per city (0.1 and 1)")
    parser.add_argument("--city", type=Path, help="a folder with the layers of a city, instead of making one")
    parser.add_argument("--only", action="append", choices=[item.rule for item in OPERATIONS], help="one operation")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each operation; 0: none (3)")
    parser.add_argument("--whole-rounds", type=int, help="runs of the whole check (as --rounds, 1 beyond scale 1)")
    parser.add_argument("--no-postgis", action="store_true", help="leave PostGIS out")
    parser.add_argument("--no-tutorial", action="store_true", help="leave the tutorial scripts out")
    parser.add_argument("--keep", type=Path, help="where cities are kept from one run to the next")
    parser.add_argument("--json", type=Path, help="write everything there, too")
    return parser.parse_args()


def main() -> int:
    """Run what is asked for: 0, or 1 where figures do not agree."""
    asked, console = arguments(), Console()
    chosen = [item for item in OPERATIONS if not asked.only or item.rule in asked.only]
    keep = asked.keep or Path(tempfile.gettempdir()) / "urbanform-benchmarks"
    scales = [1.0] if asked.city else asked.scale or [0.1, 1.0]
    found: dict[str, Measured] = {}
    for scale in scales:
        name = asked.city.name if asked.city else f"{scale:g}"
        city = asked.city or keep / f"city-{scale:g}"
        if not asked.city:
            console.print(f"{name}: …", style="dim")
            run([sys.executable, "-m", "benchmarks.city", city.resolve(), str(scale)])
        whole_rounds = (
            asked.whole_rounds if asked.whole_rounds is not None else min(asked.rounds, 1 if scale > 1 else 3)
        )
        found[name] = measure(
            city.resolve(),
            scale,
            asked.rounds,
            whole_rounds,
            chosen,
            with_postgis=not asked.no_postgis,
            with_tutorial=not asked.no_tutorial,
            told=partial(console.print, f"{name}:", style="dim"),
        )
        console.print(table(f"× {name}", found[name]))
        for why in found[name].skipped:
            console.print(why, style="yellow", markup=False)
        if asked.json:
            asked.json.write_text(
                json.dumps(as_json(found, asked.rounds), indent=1, ensure_ascii=False) + "\n", "utf-8"
            )
    faults = [fault for measured in found.values() for row in measured.rows for fault in row.faults]
    for fault in faults:
        console.print(fault, style="red", markup=False)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
