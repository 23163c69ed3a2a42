"""Text on its way into pages: nothing that a submission says becomes code."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from urbanform.model.rules import Unit
from urbanform.output.sketch import brief
from urbanform.output.text import both, file_stem, plain, script_json, shown, table_name
from urbanform.output.words import WORDS
from urbanform.wording import Words


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("东区", "东区"),
        ("a\x00b\x1b[31mc", "a\ufffdb\ufffd[31mc"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        (7, "7"),
    ],
)
def test_text_that_cannot_be_shown_is_replaced(value, told):
    assert shown(value) == told


def test_markup_in_words_stays_text():
    assert both(Words("x", "<b>", "&")) == '<span lang="zh">&lt;b&gt;</span><span lang="en">&amp;</span>'


def test_words_alike_in_both_languages_stand_once():
    assert both(Words("x", "<b>", "<b>")) == "&lt;b&gt;"


def test_json_in_a_script_cannot_end_it_and_keeps_its_values():
    held = {"name": "</script><img onerror=alert(1)>{{7*7}}\u2028&", "open": "<!--"}
    text = script_json(held)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == held


def test_numbers_become_plain():
    """Infinities and NaN are null, a negative zero is zero, numpy's numbers are Python's."""
    found = plain({"a": np.float64("inf"), "b": -0.0, "c": np.int64(3), "d": np.bool_(True), "e": (1.5, float("nan"))})
    assert json.dumps(found) == '{"a": null, "b": 0.0, "c": 3, "d": true, "e": [1.5, null]}'


@pytest.mark.parametrize(
    ("rule", "file", "table"),
    [
        ("road-network-density", "road-network-density", "road_network_density"),
        ("../../etc/passwd", "_.._etc_passwd", "______etc_passwd"),
        ("a b'\"; DROP", "a_b____DROP", "a_b____DROP"),
        ("..", "_", "__"),
    ],
)
def test_rule_ids_stay_in_their_folder(rule, file, table):
    assert (file_stem(rule), table_name(rule)) == (file, table)


def test_both_languages_take_the_same_values():
    for code, (zh, en) in WORDS.items():
        assert set(re.findall(r"{(\w+)}", zh)) == set(re.findall(r"{(\w+)}", en)), code


@pytest.mark.parametrize(
    ("value", "limit", "told"),
    [
        (32.789443, ("<=", 20), "32.79"),
        (0.12345678, ("<=", 20), "0.1235"),
        (1234567.891, ("<=", 20), "1234568"),
        # 20.004 breaks a limit of 20 and must not be printed as 20; 19.996 must not either, for "< 20" it passes.
        (20.004, ("<=", 20), "20.004"),
        (19.996, ("<", 20), "19.996"),
        (20.0, ("<=", 20), "20"),
        (9999.998, ("between", (6000, 10000)), "9999.998"),
    ],
)
def test_short_figures_never_hide_a_breach(build, value, limit, told):
    assert brief(value, build.rule("r", "甲", "A", Unit.METRE, limit).limits) == told
