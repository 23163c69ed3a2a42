"""``urbanform check`` on the sample places gives the figures of their pages, which were worked out by hand."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from urbanform.checks import check_names
from urbanform.review import Options, check

SAMPLES = Path(__file__).parent.parent / "sample_data"
PLACES = sorted(path.stem for path in SAMPLES.glob("*.md") if path.stem != "README")


def expected(place: str) -> list[dict[str, str]]:
    """The rows of a place's page whose rule has a check."""
    lines = (SAMPLES / f"{place}.md").read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| rule id"))
    names = [cell.strip() for cell in lines[start].strip("|").split("|")]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        rows.append(dict(zip(names, cells, strict=True)))
    return [row for row in rows if row["rule id"] in check_names()]


@pytest.fixture(scope="module", params=PLACES)
def reviewed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """A place and what a check of it says."""
    place = request.param
    out = tmp_path_factory.mktemp(place)
    check(SAMPLES / place, out, Options(language="zh"))  # type: ignore[arg-type]
    return place, json.loads((out / "results.json").read_text(encoding="utf-8"))


def test_every_figure_of_the_page(reviewed: tuple[str, dict[str, Any]]) -> None:
    place, found = reviewed
    results = {result["rule"]: result for result in found["results"]}
    rows = expected(place)
    assert rows
    wrong = []
    for row in rows:
        if row["rule id"] not in results:
            continue
        result = results[row["rule id"]]
        subject = row["subject"]
        said = result
        if subject != "(overall)":
            said = next(s for s in result["subjects"] if subject in (s["name"], s["id"]))
        if said["verdict"] != row["verdict"]:
            wrong.append((row["rule id"], subject, "verdict", said["verdict"], row["verdict"]))
        wanted = row["expected figure"]
        bounds = re.fullmatch(r"\[(.+), (.+)\]", wanted)
        pairs = []
        if bounds:
            ends = [None if end == "null" else float(end) for end in bounds.groups()]
            pairs = list(zip(said["bounds"] or (None, None), ends, strict=True))
        elif wanted != "null":
            pairs = [(said["measured"], float(wanted.replace(",", "")))]
        wrong += [(row["rule id"], subject, "figure", *pair) for pair in pairs if differ(*pair)]
    assert not wrong


def differ(measured: float | None, figure: float | None) -> bool:
    """Whether two figures differ by more than a page rounds; an open end (null) is like an open end alone."""
    if measured is None or figure is None:
        return measured is not figure
    return abs(measured - figure) > max(0.001, 1e-4 * abs(figure))


def test_every_layer_of_a_sample_is_recognised(reviewed: tuple[str, dict[str, Any]]) -> None:
    _, found = reviewed
    assert [defect for defect in found["defects"] if defect["action"] == "rejected"] == []
