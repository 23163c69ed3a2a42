"""Runs the comparison on one city: operations side by side, the whole check, and what they add up to."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.answers import Figures
from benchmarks.children import ChildFailedError, Spent, median, run
from benchmarks.operations import HERE, OPERATIONS, Operation, difference
from benchmarks.postgis import server

PACK = HERE / "every_check.yaml"
DECIDED = (0, 1, 3)
"""How a check ends that ran: no breach, a breach, something undetermined."""

Told = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Row:
    """An operation, run by each."""

    operation: Operation
    ours: Spent
    theirs: Spent | None = None
    postgis: Spent | None = None
    difference: float | None = None
    postgis_difference: float | None = None

    @property
    def ratio(self) -> float | None:
        """CPU time of urbanform as a multiple of the tutorial's; imports are counted on both sides."""
        return None if self.theirs is None else self.ours.cpu_s / self.theirs.cpu_s

    @property
    def work_ratio(self) -> float | None:
        """The same without imports and the interpreter's end."""
        return None if self.theirs is None else self.ours.work_cpu_s / self.theirs.work_cpu_s

    @property
    def faults(self) -> list[str]:
        """Where the figures do not agree."""
        pairs = (("tutorial", self.difference), ("PostGIS", self.postgis_difference))
        return [
            f"{self.operation.en}: {whose} differs by {by:.3g}, at most {self.operation.tolerance:g} is right"
            for whose, by in pairs
            if by is not None and not by <= self.operation.tolerance
        ]


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured on one city."""

    rows: tuple[Row, ...]
    whole: Spent | None = None
    together: Spent | None = None
    start: Spent | None = None
    postgis_loading_s: float | None = None
    skipped: tuple[str, ...] = field(default=())

    @property
    def checked_by_tutorial_cpu_s(self) -> float:
        """The same of those that measure what a rule asks for, without mere reading and walking."""
        return sum(row.theirs.cpu_s for row in self.rows if row.theirs is not None and row.operation.is_rule)

    @property
    def tutorial_cpu_s(self) -> float:
        """CPU time of every tutorial script that was run, added up."""
        return sum({row.operation.tutorial: row.theirs.cpu_s for row in self.rows if row.theirs is not None}.values())


def in_turns(commands: Sequence[Sequence[str]], rounds: int) -> tuple[list[list[Spent]], list[Figures]]:
    """Run several commands in turn, so that what else the machine does meets all alike; figures of the last turn."""
    spent: list[list[Spent]] = [[] for _ in commands]
    figures: list[Figures] = [{} for _ in commands]
    for _ in range(rounds):
        for number, command in enumerate(commands):
            cost, figures[number] = run(command)
            spent[number].append(cost)
    return spent, figures


def measure(
    city: Path,
    scale: float,
    rounds: int,
    whole_rounds: int,
    operations: Sequence[Operation] = OPERATIONS,
    with_postgis: bool = True,
    with_tutorial: bool = True,
    told: Told = id,
) -> Measured:
    """Run everything on a city.

    Parameters
    ----------
    scale
        Of the city; some scripts are not run on large ones.
    rounds, whole_rounds
        How often each operation, and the whole check, is run; medians are kept.
    told
        Is told what runs next.

    Raises
    ------
    ChildFailedError
        A command failed.
    """
    skipped: list[str] = []
    whole = None
    if whole_rounds:
        told("urbanform check")
        whole = whole_check(city, whole_rounds)
    start = median([run([sys.executable, "-m", "urbanform", "--help"])[0] for _ in range(max(rounds, 1))])
    together = None
    if rounds and set(operations) == set(OPERATIONS):
        told("urbanform, all of these in one run")
        together = median(
            [run([sys.executable, "-m", "benchmarks.ours", "together", str(city)])[0] for _ in range(rounds)]
        )
    rows = []
    for operation in operations if rounds else ():
        told(operation.en)
        commands = [operation.ours(city)]
        if with_tutorial and operation.lacking:
            skipped.append(f"{operation.en}: {operation.lacking} is not installed (pip install .[bench])")
        elif with_tutorial and scale <= operation.largest_scale:
            commands.append(operation.theirs(city))
        spent, figures = in_turns(commands, rounds)
        theirs = median(spent[1]) if len(commands) > 1 else None
        apart = difference(figures[0], figures[1]) if len(commands) > 1 else None
        rows.append((Row(operation, median(spent[0]), theirs, difference=apart), figures[0]))
    loading_s = None
    found = {row.operation.rule: row for row, _ in rows}
    if with_postgis and any(row.operation.sql.is_file() for row, _ in rows):
        told("PostGIS")
        try:
            loading_s, asked = _asked(city, rows, rounds)
            found |= asked
        except ChildFailedError as failed:
            skipped.append(f"PostGIS: {failed}")
    return Measured(tuple(found.values()), whole, together, start, loading_s, tuple(skipped))


def whole_check(city: Path, rounds: int) -> Spent:
    """`urbanform check` with every rule, its maps, report, tables and evidence."""
    spent = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as out:
            spent.append(run(whole_command(city, Path(out)), DECIDED)[0])
    return median(spent)


def whole_command(city: Path, out: Path) -> list[str]:
    """The command that checks everything."""
    return [sys.executable, "-m", "urbanform", "check", str(city), "--rules", str(PACK), "--out", str(out)]


def _asked(city: Path, rows: Sequence[tuple[Row, Figures]], rounds: int) -> tuple[float, dict[str, Row]]:
    """The rows that have a query, with what PostGIS needed; and how long it took to load the layers."""
    found = {}
    with ExitStack() as open_until_here:
        serving = open_until_here.enter_context(server(Path(tempfile.gettempdir())))
        loading_s = serving.load(city)
        for row, figures in rows:
            if not row.operation.sql.is_file():
                continue
            asked = [serving.ask(row.operation.sql) for _ in range(rounds)]
            apart = difference(figures, asked[-1][1])
            found[row.operation.rule] = Row(
                row.operation, row.ours, row.theirs, median([cost for cost, _ in asked]), row.difference, apart
            )
    return loading_s, found
