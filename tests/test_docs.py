"""The documentation site builds without a warning, from the code as it is, and loads nothing from the network."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NO_MKDOCS = "mkdocs-material is not installed (pip install .[docs])"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    if importlib.util.find_spec("material") is None:
        pytest.skip(NO_MKDOCS)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.long
def test_every_check_and_every_pack_has_its_page(site: Path) -> None:
    from urbanform.checks import check_names
    from urbanform.intake.rule_packs import pack_ids, read_rule_pack

    for name in check_names():
        text = (site / "checks" / f"{name}.html").read_text(encoding="utf-8")
        assert "需要的图层" in text
    for name in pack_ids():
        text = (site / "packs" / f"{name}.html").read_text(encoding="utf-8")
        assert all(rule.title.zh in text for rule in read_rule_pack(name).rules)


@pytest.mark.long
def test_no_page_loads_from_the_network(site: Path) -> None:
    loaded = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*?(?:src|href)=["'](https?:)?//[^"']+""")
    wrong = {}
    for page in site.rglob("*.html"):
        found = [tag[0] for tag in loaded.finditer(page.read_text(encoding="utf-8")) if "canonical" not in tag[0]]
        if found:
            wrong[page.name] = found
    assert not wrong


@pytest.mark.parametrize("part", ["--platform win_amd64", "--only-binary=:all:", "colorama", "tzdata"])
def test_the_wheelhouse_line_names_what_only_windows_needs(part: str) -> None:
    """pip, run elsewhere, leaves out what markers want on Windows alone: click's colorama, pandas' tzdata."""
    lines = (ROOT / "docs/install.md").read_text(encoding="utf-8").splitlines()
    assert part in next(line for line in lines if "pip download" in line)
