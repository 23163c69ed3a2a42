"""The notebooks run from top to bottom and give what they show."""

from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
BOOKS = sorted(NOTEBOOKS.glob("*.ipynb"))


def test_there_are_three() -> None:
    assert [path.name[0] for path in BOOKS] == ["1", "2", "3"]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_notebook_gives_what_it_shows(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (pip install .[test])")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed (pip install .[test])")
    shown = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(fresh, timeout=300, resources={"metadata": {"path": str(NOTEBOOKS)}})
    client.execute()
    assert [_said(cell) for cell in fresh.cells] == [_said(cell) for cell in shown.cells]


def _said(cell: object) -> list[str]:
    outputs = getattr(cell, "outputs", [])
    return [str(out.get("text") or out.get("data", {}).get("text/plain")) for out in outputs]
