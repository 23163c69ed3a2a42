"""The benchmarks: cities are made alike, figures are compared, and urbanform does not become slower unseen."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT))


@pytest.fixture
def operations() -> ModuleType:
    """What is compared."""
    from benchmarks import operations

    return operations


def test_a_difference_is_a_share_and_other_subjects_never_agree(operations: ModuleType) -> None:
    """101 for 100 differs by a hundredth; a lacking unit, or no figure at all, by more than any tolerance."""
    assert operations.difference({"a": 101.0, "b": 5.0}, {"a": 100.0, "b": 5.0}) == pytest.approx(0.01)
    assert operations.difference({"a": 1.0}, {"a": 1.0, "b": 1.0}) == float("inf")
    assert operations.difference({}, {}) == float("inf")


def test_figures_that_do_not_agree_are_faults(operations: ModuleType) -> None:
    from benchmarks.children import Spent
    from benchmarks.measured import Row

    park = operations.OPERATIONS[0]
    cost = Spent(cpu_s=3.0, wall_s=3.0, peak_mb=100.0, work_cpu_s=2.0)
    other = Spent(cpu_s=2.0, wall_s=2.0, peak_mb=100.0, work_cpu_s=1.5)
    right = Row(park, cost, other, difference=park.tolerance)
    assert right.faults == []
    assert (right.ratio, right.work_ratio) == (1.5, pytest.approx(4 / 3))
    assert len(Row(park, cost, other, difference=park.tolerance * 1.01).faults) == 1
    assert len(Row(park, cost, other, difference=float("nan")).faults) == 1
    assert Row(park, cost).faults == []


def test_a_quarter_slower_is_let_pass_and_more_is_not() -> None:
    from benchmarks.guard import worse

    assert worse({"a": 1.25, "b": 0.5}, {"a": 1.0, "b": 1.0}) == []
    assert len(worse({"a": 1.26, "b": 0.5}, {"a": 1.0, "b": 1.0})) == 1
    assert len(worse({"new": 0.1}, {"a": 1.0})) == 1


def test_a_child_is_charged_with_what_its_own_children_use() -> None:
    """The child itself only waits; its child adds numbers for a while and fills 200 MB."""
    from benchmarks.children import ChildFailedError, run

    busy = "import time; b = bytearray(200_000_000)\nwhile time.process_time() < 0.5: pass"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}], check=True)\nprint('{{}}')"
    spent, figures = run([sys.executable, "-c", outer])
    assert 0.5 <= spent.cpu_s < 10
    assert spent.peak_mb > 200
    assert figures == {}
    with pytest.raises(ChildFailedError, match="ended with 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_pack_of_the_benchmarks_asks_for_every_check() -> None:
    from benchmarks.measured import PACK
    from urbanform.checks import check_names
    from urbanform.intake.rule_packs import read_rule_pack

    assert {rule.check for rule in read_rule_pack(str(PACK)).rules} == set(check_names())


def test_the_same_scale_and_seed_make_the_same_city(tmp_path: Path) -> None:
    """A hundredth of the city: 3,000 buildings; made twice, and once with another seed."""
    from benchmarks.city import make_city

    for name, seed in (("one", 20), ("two", 20), ("other", 21)):
        make_city(tmp_path / name, 0.01, seed)
    one, two, other = (gpd.read_file(tmp_path / name / "buildings.gpkg") for name in ("one", "two", "other"))
    assert len(one) == 3000
    assert one.equals(two)
    assert not one.equals(other)
    assert one.geometry.is_valid.all()


@pytest.mark.alone
@pytest.mark.long
def test_everything_agrees_and_is_measured(tmp_path: Path) -> None:
    """The whole command on a hundredth of the city: status 0 says that every figure agrees."""
    told = tmp_path / "told.json"
    command = [sys.executable, "-m", "benchmarks", "--scale", "0.01", "--rounds", "1", "--no-postgis"]
    command += ["--keep", str(tmp_path), "--json", str(told)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    city = json.loads(told.read_text("utf-8"))["cities"]["0.01"]
    assert city["whole"]["cpu_s"] > 0
    assert 50 < city["whole"]["peak_mb"] < 1200
    assert len(city["operations"]) == 9
    assert all(row["urbanform"]["cpu_s"] > 0 for row in city["operations"].values())


@pytest.mark.alone
@pytest.mark.long
def test_urbanform_is_not_a_quarter_slower_than_it_was(tmp_path: Path) -> None:
    """CPU time as a multiple of the tutorial scripts'; what seems slower is measured once more before it counts."""
    from benchmarks.city import make_city
    from benchmarks.guard import SCALE, WHOLE, ratios, read_baseline, whole_ratio, worse
    from benchmarks.operations import OPERATIONS

    kept, city = read_baseline(), tmp_path / "city"
    make_city(city, SCALE)
    found = ratios(city, 3) | {WHOLE: whole_ratio(city, tmp_path / "out", 2)}
    assert found.keys() <= kept.keys()
    again = [item for item in OPERATIONS if item.rule in found and worse({item.rule: found[item.rule]}, kept)]
    found |= ratios(city, 9, again)
    if worse({WHOLE: found[WHOLE]}, kept):
        found[WHOLE] = whole_ratio(city, tmp_path / "out", 4)
    assert worse(found, kept) == []
