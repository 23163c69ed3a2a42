"""A bureau's own words, as the manifest maps them, in columns of every kind that files hold."""

import numpy as np
import pandas as pd
import pytest

from urbanform.intake.canonical import _own_words


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (["拆", "留", None, "拆"], ["demolish", "留", None, "demolish"]),
        ([1, 2, None], ["demolish", 2, None]),
        ([1.0, 2.5, np.nan], ["demolish", 2.5, None]),
        # As GeoJSON may hold; the manifest has no word for a list, not even where it is written like one.
        ([["拆", "留"], "拆", None], [["拆", "留"], "demolish", None]),
        # A blank is no word, whatever the manifest maps.
        ([None, float("nan"), "拆"], [None, None, "demolish"]),
    ],
)
def test_what_is_mapped_and_what_stays(written: list[object], wanted: list[object]) -> None:
    mapping = {"拆": "demolish", "1": "demolish", "nan": "new", "None": "new", "['拆', '留']": "new"}
    plain = all(value is None or isinstance(value, (int, float)) for value in written)
    column = pd.Series(written) if plain else pd.Series(written, dtype=object)
    found = [
        None if pd.api.types.is_scalar(value) and pd.isna(value) else value for value in _own_words(column, mapping)
    ]
    assert found == wanted
