"""One row per submission: what ``batch.json`` and the pages drawn from it say of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from urbanform.batch.child import Outcome
from urbanform.batch.items import Item
from urbanform.model.finding import Verdict

DECIDED = frozenset({Verdict.PASS, Verdict.PENDING, Verdict.INFO})


def exit_status(verdicts: Iterable[str]) -> int:
    """The exit status of ``check``: 1 a breach; 3 something undetermined or nothing decided; else 0."""
    found = {Verdict(verdict) for verdict in verdicts}
    if Verdict.FAIL in found:
        return 1
    return 3 if Verdict.UNDETERMINED in found or not found & DECIDED else 0


def batch_status(rows: Iterable[Mapping[str, Any]]) -> int:
    """The exit status of ``batch``: 1 if any submission gave 1; else 3 if any gave 2, 3, 4 or died; else 0."""
    found = {row["exit"] for row in rows}
    return 1 if 1 in found else 0 if found <= {0} else 3


def row_of(item: Item, outcome: Outcome, results: Mapping[str, Any] | None) -> dict[str, Any]:
    """The row of a submission.

    Parameters
    ----------
    outcome
        How its child ended.
    results
        What its ``results.json`` holds; None where there is none.
    """
    row: dict[str, Any] = {
        "item": item.name,
        "out": None if results is None else item.out,
        "exit": outcome.exit,
        "died": outcome.died,
        "messages": [{"zh": fault.zh, "en": fault.en} for fault in outcome.faults],
        "name": None,
        "kind": [],
        "pack": None,
        "as_of": None,
        "defects": {},
        "results": [],
    }
    if results is None:
        return row
    tally: dict[str, int] = {}
    for defect in results["defects"]:
        tally[defect["action"]] = tally.get(defect["action"], 0) + 1
    return row | {
        "name": results["submission"]["name"],
        "kind": results["submission"]["kind"],
        "pack": results["rules"]["pack"],
        "as_of": results["rules"]["as_of"],
        "defects": dict(sorted(tally.items())),
        "results": [
            {
                **{key: result[key] for key in _TAKEN},
                "title": outcome.titles.get(result["rule"]),
                "margin": margin(result["measured"], result["limit"]),
            }
            for result in results["results"]
        ],
    }


_TAKEN = ("rule", "verdict", "severity", "due", "measured", "bounds", "unit", "limit", "map")


def margin(measured: float | None, limit: Mapping[str, Any] | None) -> float | None:
    """How far a figure lies on the right side of its limit, as a share of the limit; negative past it.

    None without a figure or a limit, and where the limit is 0, of which nothing is a share. Of two ends the nearer.

    >>> margin(9.0, {"op": "<=", "value": 10}), margin(9.0, {"op": ">=", "value": 10})
    (0.1, -0.1)
    >>> margin(6500.0, {"op": "between", "value": [6000, 10000]})
    0.08333333333333333
    """
    if measured is None or limit is None:
        return None
    op, value = limit["op"], limit["value"]
    if op == "between":
        ends = [(value[0], measured - value[0]), (value[1], value[1] - measured)]
    else:
        ends = [(value, measured - value if op in (">=", ">") else value - measured)]
    if any(end == 0 for end, _ in ends):
        return None
    return min(room / abs(end) for end, room in ends)
