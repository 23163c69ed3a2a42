"""Heights that are elevations above sea level, told by the storeys beside them."""

from pathlib import Path

import numpy as np
import pytest

from intake.awkward import house, write
from urbanform.intake.read import open_submission, read_submission

CODES = ("height-over-storeys", "heights-all-high", "height-is-elevation", "unreadable-value")


def heights(folder: Path, **columns: object) -> tuple[list[float], list[str]]:
    """The heights as read, and what was said of them."""
    count = len(next(iter(columns.values())))  # type: ignore[arg-type]
    write(folder / "建筑.gpkg", [house(n) for n in range(count)], **columns)  # type: ignore[arg-type]
    with open_submission(folder) as handed_in:
        found = read_submission(handed_in, None, ())
    frame = found.layers["buildings"].frame(("height",))
    return frame["height"].tolist(), [defect.kind for defect in found.defects if defect.kind in CODES]


def test_heights_above_ground_stand(tmp_path: Path) -> None:
    """Ten of 6 storeys and 18 m, and a hall of 3 storeys and 60 m."""
    found, told = heights(tmp_path, CS=[6] * 10 + [3], JZGD=[18.0] * 10 + [60.0])
    assert found == [18.0] * 10 + [60.0]
    assert told == []


@pytest.mark.parametrize(("ground_m", "used"), [(25.0, True), (35.0, False), (76.0, False), (300.0, False)])
def test_roofs_above_sea_level_are_not_used(tmp_path: Path, ground_m: float, used: bool) -> None:
    """Housing of 6 storeys takes at most 27 m at 4.5 m each; 18 m on ground of over 29 m is more than 20 m above."""
    written = [ground_m + 18.0] * 10
    found, told = heights(tmp_path, CS=[6] * 10, JZGD=written)
    assert np.array_equal(found, written) is used
    assert np.isnan(found).all() is np.bool_(not used)
    assert told == ([] if used else ["height-over-storeys"])


def test_of_few_buildings_nothing_is_concluded(tmp_path: Path) -> None:
    """Nine of 6 storeys and 94 m; and ten of twenty."""
    assert heights(tmp_path / "nine", CS=[6] * 9, JZGD=[94.0] * 9) == ([94.0] * 9, [])
    half = [94.0] * 10 + [18.0] * 10
    assert heights(tmp_path / "half", CS=[6] * 20, JZGD=half) == (half, [])
    most, told = heights(tmp_path / "most", CS=[6] * 21, JZGD=[94.0] * 11 + [18.0] * 10)
    assert np.isnan(most).all()
    assert told == ["height-over-storeys"]


def test_without_storeys_heights_that_are_all_high_are_told_and_used(tmp_path: Path) -> None:
    found, told = heights(tmp_path / "high", JZGD=[41.0] * 10)
    assert (found, told) == ([41.0] * 10, ["heights-all-high"])
    assert heights(tmp_path / "low", JZGD=[40.0] + [90.0] * 9)[1] == []
    assert heights(tmp_path / "few", JZGD=[90.0] * 9)[1] == []


def test_over_600_m_each_value_is_unreadable(tmp_path: Path) -> None:
    found, told = heights(tmp_path, CS=[6] * 3, JZGD=[1530.0, 1541.0, 18.0])
    assert found == pytest.approx([np.nan, np.nan, 18.0], nan_ok=True)
    assert set(told) == {"height-is-elevation", "unreadable-value"}
