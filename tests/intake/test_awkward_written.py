"""Awkward submissions through the command line, with all that a check writes: the same verdicts, and no traceback."""

import json
from pathlib import Path

import pytest

from intake.awkward import PACK, Case, digest, ids, run
from intake.test_awkward_crs import CASES as OF_SYSTEMS
from intake.test_awkward_features import ALL as OF_FEATURES
from intake.test_awkward_layers import OF_RASTERS, OF_RENEWAL
from intake.test_awkward_manifest import CASES as OF_MANIFESTS
from intake.test_awkward_manifest import JOINS

EVERY = [*OF_RENEWAL, *OF_RASTERS, *OF_FEATURES, *OF_SYSTEMS, *OF_MANIFESTS, *JOINS]
SOME = [
    case for group in (OF_RENEWAL, OF_RASTERS, OF_FEATURES, OF_SYSTEMS, OF_MANIFESTS, JOINS) for case in group[::15]
]


def hold(case: Case, tmp_path: Path) -> None:
    """Build a case and check it from the command line, in English too."""
    folder, pack, out = tmp_path / "place", tmp_path / "pack.yaml", tmp_path / "out"
    folder.mkdir(parents=True)
    case.build(folder)
    pack.write_text(PACK, encoding="utf-8")
    before = digest(folder)
    asked = ("check", folder, "--rules", pack, "--only", case.rule, "--out", out, "--as-of", 2026)
    status, told = run(*asked, "--lang", "en")
    assert digest(folder) == before
    assert status == {"pass": 0, "info": 0, "fail": 1}.get(case.verdict, 3), told
    found = json.loads((out / "results.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    (result,) = found["results"]
    assert result["verdict"] == case.verdict
    assert {(item["layer"], item["kind"], item["action"]) for item in found["defects"]} == set(case.defects)
    for item in found["defects"]:
        assert item["message"]["zh"]
        assert item["message"]["en"] not in ("", item["message"]["zh"])
    for word in case.told:
        assert word in result["reason"]["zh"]
    bounds = None if result["bounds"] is None else tuple(result["bounds"])
    if case.bounds is None:
        assert bounds is None
    else:
        assert bounds is not None
        assert [end is None for end in bounds] == [end is None for end in case.bounds]
    assert (out / "report.html").stat().st_size > 1000


@pytest.mark.parametrize("case", SOME, ids=[case.name for case in SOME])
def test_what_is_written_says_the_same(case: Case, tmp_path: Path) -> None:
    hold(case, tmp_path)


@pytest.mark.long
def test_all_of_it_written(tmp_path: Path) -> None:
    for number, case in enumerate(EVERY):
        hold(case, tmp_path / str(number))


def test_there_are_enough_of_them() -> None:
    assert len(EVERY) >= 120
    assert ids(EVERY)
