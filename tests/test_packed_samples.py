"""The sample places say the same when their layers are held packed, and in batches and strips too small for anybody."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from urbanform.intake import geometry
from urbanform.model import geometry_column, packed_frame, submission
from urbanform.model.submission import PackedLayer
from urbanform.output.store import as_text, results
from urbanform.review import Options, Progress, check, reviewed
from urbanform.site import floor_area

SAMPLES = Path(__file__).parent.parent / "sample_data"
FEW = 3
PLACES = sorted(path.stem for path in SAMPLES.glob("*.md") if path.stem != "README")


def found(place: str) -> dict[str, Any]:
    with reviewed(SAMPLES / place, Options(), Progress()) as assessment:
        layers = assessment.submission.layers.values()
        assert any(isinstance(layer, PackedLayer) for layer in layers) == (geometry_column.MOST_DECODED == FEW)
        return results(assessment, {}, {})


@pytest.mark.parametrize("place", PLACES)
def test_packed_layers_give_the_same_bytes(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = as_text(found(place))
    monkeypatch.setattr(geometry_column, "MOST_DECODED", FEW)
    monkeypatch.setattr(geometry_column, "BLOCK_ROWS", 7)
    monkeypatch.setattr(geometry, "BLOCK_ROWS", 2)
    assert as_text(found(place)) == before


@pytest.mark.parametrize("place", [PLACES[0], *(pytest.param(place, marks=pytest.mark.long) for place in PLACES[1:])])
def test_packed_evidence_gives_the_same_files(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(SAMPLES / place, tmp_path / "held", Options())
    monkeypatch.setattr(packed_frame, "MOST_HELD", 0)
    check(SAMPLES / place, tmp_path / "packed", Options())
    before, after = ({f.relative_to(to): f.read_bytes() for f in to.rglob("*.*")} for to in tmp_path.iterdir())
    del before[Path("run.json")], after[Path("run.json")]
    assert before == after


@pytest.mark.parametrize("place", PLACES)
def test_small_batches_and_strips_give_the_same_figures(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = figures(found(place))
    monkeypatch.setattr(geometry_column, "MOST_DECODED", FEW)
    monkeypatch.setattr(submission, "BATCH_ROWS", 5)
    monkeypatch.setattr(floor_area, "STRIP_M", 37.0)
    after = figures(found(place))
    assert before.keys() == after.keys()
    for key, (verdict, numbers) in before.items():
        assert after[key][0] == verdict, key
        assert after[key][1] == pytest.approx(numbers, rel=1e-9, nan_ok=True), key


def figures(said: dict[str, Any]) -> dict[tuple[str, str], tuple[str, list[float]]]:
    """Verdict, figure and bounds of every rule and every subject of it; what is unknown is NaN."""
    told = {}
    for result in said["results"]:
        for part in [result, *result["subjects"]]:
            low, high = part.get("bounds") or (None, None)
            numbers = [np.nan if x is None else float(x) for x in (part["measured"], low, high)]
            told[result["rule"], str(part.get("id"))] = (part["verdict"], numbers)
    return told
