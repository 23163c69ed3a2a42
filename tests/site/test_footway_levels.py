"""The levels of footpaths, as they are written."""

import pytest

from urbanform.site.footways import levels_written


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("", {"0"}),
        ("0", {"0"}),
        ("地面", {"0"}),
        ("1", {"1"}),
        ("1.0", {"1"}),
        ("１", {"1"}),
        ("-1", {"-1"}),
        ("-0", {"0"}),
        ("0;1", {"0", "1"}),
        ("0；1", {"0", "1"}),
        ("0,1", {"0", "1"}),
        ("-1~1", {"-1", "0", "1"}),
        ("0-1", {"0", "1"}),
        ("-1至0", {"-1", "0"}),
        ("地面、1", {"0", "1"}),
        ("二层连廊", {"二层连廊"}),
        ("3-1", {"3-1"}),
    ],
)
def test_levels(text: str, levels: set[str]) -> None:
    assert levels_written(text) == levels
