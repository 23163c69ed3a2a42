"""One operation by urbanform's own code, from the files to the figure, as a child process of the benchmarks.

``python -m benchmarks.ours RULE FOLDER``; reading, with all that intake examines, included; nothing is drawn.
"""

import sys
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import scipy.sparse.csgraph  # noqa: F401, imported where a network is first joined
from numpy.typing import NDArray

from benchmarks.answers import Figures, answer
from urbanform.beginning import begin
from urbanform.checks import check_names, find_check
from urbanform.intake.read import open_submission, read_submission
from urbanform.measure.entrances import access
from urbanform.measure.network import walking_network
from urbanform.measure.walks import ways_to_nodes
from urbanform.review import Options, Progress, reviewed

PACK = Path(__file__).parent / "every_check.yaml"
ONE = {
    "park-service-coverage": "percent",
    "permeable-surface-share": "percent",
    "road-network-density": "km/km2",
    "road-network-density-unmerged": "km/km2",
}
"""Checks with one figure, and what the tutorial calls it; the others give one for each subject."""


def measured(rule: str, city: Path) -> Figures:
    """The figures of one rule, by subject."""
    with reviewed(city, Options(rules=str(PACK), only=(rule,)), Progress()) as assessment:
        (finding,) = assessment.findings
        if rule in ONE:
            return {} if finding.measured is None else {ONE[rule]: finding.measured}
        rows = [judged.subject for judged in finding.subjects]
        return {row.id: row.value for row in rows if row.value is not None}


def together(city: Path) -> Figures:
    """All these rules in one run, each layer read once: how many of them have a figure."""
    rules = (*ONE, "cluster-population-density", "demolition-share", "corridor-net-width")
    with reviewed(city, Options(rules=str(PACK), only=rules), Progress()) as assessment:
        return {"measured": float(sum(finding.measured is not None for finding in assessment.findings))}


def read(city: Path) -> Figures:
    """The buildings, read, mended and examined."""
    with open_submission(city) as handed_in:
        layer = read_submission(handed_in, frozenset({"buildings"}), ()).layers["buildings"]
        buildings = layer.frame(["storeys"])
    return {
        "buildings": float(len(buildings)),
        "footprint_ha": float(buildings.area.sum()) / 1e4,
        "storeys": float(buildings["storeys"].sum()),
    }


def walked(city: Path) -> Figures:
    """Ways along the roads from every node of them to the nearest facility."""
    with open_submission(city) as handed_in:
        submission = read_submission(handed_in, frozenset({"roads", "facilities"}), ())
        lines = submission.layers["roads"].frame().geometry.to_numpy()
        places = submission.layers["facilities"].frame().geometry.to_numpy()
    return _ways(lines, places)


def walked_by_itself(city: Path) -> Figures:
    """The same of layers that are read and no more, as the script reads them: what the network itself costs."""
    lines, places = (
        gpd.read_file(city / f"{role}.gpkg", use_arrow=True).geometry.to_numpy() for role in ("roads", "facilities")
    )
    return _ways(lines, places)


def _ways(lines: NDArray[np.object_], places: NDArray[np.object_]) -> Figures:
    network = walking_network(lines)
    way_m = ways_to_nodes(network, access(network, places, 0.01))
    reached = way_m[np.isfinite(way_m)]
    return {"reached": float(len(reached)), "mean_m": float(reached.mean())}


STEPS = {"reading": read, "walking": walked, "walking-network": walked_by_itself, "together": together}
"""What is no rule, by name."""

if __name__ == "__main__":
    begin()
    # Checks are imported as a pack is read; scripts import all at their head.
    for CHECK in check_names():
        find_check(CHECK)
    WHAT = sys.argv[1]
    answer(STEPS.get(WHAT, partial(measured, WHAT)))
