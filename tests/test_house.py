"""The house: what it takes to add a check or a plan, and what every check promises."""

import importlib
import string
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from places import box, layer, place
from urbanform import checks
from urbanform.assess import assess
from urbanform.checks import check_names, find_check
from urbanform.intake.rule_packs import read_rule_pack
from urbanform.model.finding import Verdict
from urbanform.wording import en, zh

NEW_CHECK = '''
"""Number of parks; a manual page."""

from urbanform.checks import NoParams
from urbanform.model.measurement import Measurement, Subject
from urbanform.model.needs import need
from urbanform.model.rules import Unit

UNIT = Unit.ONE
NEEDS = (need("parks"),)
USES = ()
Params = NoParams
WORDS = {}


def measure(site, scope, params):
    return Measurement(UNIT, (Subject("1", value=float(len(site.needed("parks")))),))
'''

NEW_PLAN = """
id: my-town
title: {zh: 我镇, en: My town}
rules:
  - id: park-count
    binds: [city]
    limit: {op: ">=", value: 2, unit: "1"}
    severity: mandatory
    source: {clause: 一}
"""


@pytest.fixture
def new_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One file in the folder of checks, and nothing else."""
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "park_count.py").write_text(textwrap.dedent(NEW_CHECK), encoding="utf-8")
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(folder)])
    check_names.cache_clear()
    yield
    check_names.cache_clear()
    find_check.cache_clear()
    sys.modules.pop("urbanform.checks.park_count", None)
    importlib.invalidate_caches()


@pytest.mark.usefixtures("new_check")
def test_a_new_check_is_one_file_and_a_new_plan_one_yaml(tmp_path: Path) -> None:
    plan = tmp_path / "my-town.yaml"
    plan.write_text(NEW_PLAN, encoding="utf-8")
    pack = read_rule_pack(str(plan))
    one_park = place(layer("parks", [box(0, 0, 10, 10)]))
    two_parks = place(layer("parks", [box(0, 0, 10, 10), box(20, 0, 30, 10)]))
    verdicts = [assess(found, pack, 2026).findings[0].verdict for found in (one_park, two_parks, place())]
    assert verdicts == [Verdict.FAIL, Verdict.PASS, Verdict.UNDETERMINED]


def test_the_languages_say_the_same_things() -> None:

    def holes(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert zh.TEXT.keys() == en.TEXT.keys()
    for code, text in zh.TEXT.items():
        # A placeholder for the English word of something may be missing from the Chinese text, and the other way round.
        plain = {name.removesuffix("_en") for name in holes(text)}
        assert plain == {name.removesuffix("_en") for name in holes(en.TEXT[code])}, code


@pytest.mark.parametrize("name", check_names())
def test_each_check_has_its_manual_page_and_its_words_in_both_languages(name: str) -> None:
    check = find_check(name)
    for part in ("What it measures", "Which clauses ask it", "How", "Known limits"):
        assert part in check.manual, part
    for code, (chinese, english) in check.words.items():
        assert chinese, code
        assert english, code


def test_the_floors_hold() -> None:
    root = Path(__file__).parent.parent
    code = "from importlinter.cli import lint_imports_command as c; c(args=['--no-cache'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
