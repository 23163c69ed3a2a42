"""``where`` and ``stage``: which features count."""

import numpy as np
import pandas as pd
import pytest

from urbanform.intake.stage import staged
from urbanform.intake.where import selected
from urbanform.model.submission import Stage

TABLE = pd.DataFrame(
    {
        "number": [7.0, 8.0, None],
        "code": ["0701", "701", " "],
        "flag": pd.array([True, False, None], dtype="boolean"),
        "whole": pd.array([1, 0, None], dtype="Int32"),
    }
)


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("number", ("7", "8"), [True, True, False]),
        ("number", ("7.0",), [True, False, False]),
        ("code", ("0701",), [True, False, False]),
        ("code", ("701",), [False, True, False]),
        ("code", (None,), [False, False, True]),
        ("flag", ("true",), [True, False, False]),
        ("flag", ("否",), [False, True, False]),
        ("whole", ("true",), [True, False, False]),
        ("number", (None,), [False, False, True]),
    ],
)
def test_words_compare_as_written_and_numbers_by_value(
    name: str, wanted: tuple[str | None, ...], expected: list[bool]
) -> None:
    assert list(selected(TABLE, {name: wanted})) == expected


def test_every_field_must_agree() -> None:
    assert list(selected(TABLE, {"number": ("7", "8"), "flag": ("true",)})) == [True, False, False]


STATUS = pd.Series(["existing", "planned", "under-construction", None], dtype="str")


def test_a_mix_without_a_stage_is_told() -> None:
    found = staged(STATUS, None)
    assert found.mixed
    assert found.keep.all()
    assert not staged(STATUS[[1, 2]], None).mixed


def test_existing_leaves_out_what_is_planned_and_a_blank_is_open() -> None:
    found = staged(STATUS, Stage.EXISTING)
    assert list(found.keep) == [True, False, False, True]
    assert list(found.certain) == [True, True, True, False]
    assert not found.mixed


def test_plan_counts_everything_and_an_empty_column_says_nothing() -> None:
    assert staged(STATUS, Stage.PLAN).certain.all()
    blank = staged(pd.Series([None, None], dtype="str"), None)
    assert np.array_equal(blank.certain, [True, True])
