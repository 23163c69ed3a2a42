"""Text on its way into HTML, scripts and tables: nothing that a submission says is ever read as code."""

import json
import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from urbanform.wording import Words

# Control characters, lone surrogates, and the marks that turn the direction of what follows.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_FILE_UNSAFE = re.compile(r"[^\w.-]", re.ASCII)


def shown(value: object) -> str:
    """A value as text that can be shown: what cannot be is replaced by �, a missing value is empty."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    return _UNSHOWABLE.sub("\ufffd", str(value))


def all_shown(column: pd.Series) -> list[str]:
    """What :func:`shown` gives for each value of a column, for columns of many thousands."""
    blank = column.isna().to_numpy(dtype=bool)
    values = column.to_numpy(dtype=object)
    texts = [
        "" if gone else value if type(value) is str else str(value) for value, gone in zip(values, blank, strict=True)
    ]
    # One look at all of it, since next to no layer holds anything that cannot be shown.
    return [_UNSHOWABLE.sub("\ufffd", text) for text in texts] if _UNSHOWABLE.search("".join(texts)) else texts


def both(words: Words) -> Markup:
    """A message in both languages, of which the page shows the one that is switched on."""
    zh, en = shown(words.zh), shown(words.en)
    if zh == en:
        return Markup("{}").format(zh)
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(zh, en)


def script_json(value: object) -> Markup:
    """JSON that may stand inside a ``<script>`` element, and in a template, without ending or becoming either."""
    return script_text(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def script_text(text: str) -> Markup:
    """Ready JSON made safe inside a ``<script>`` element: the same values, other escapes."""
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028")):
        text = text.replace(sign, escaped)
    return Markup(text.replace("\u2029", "\\u2029"))


def plain(value: object) -> object:
    """A value as JSON can hold it: numpy and pandas scalars as Python's own, what is no number as None.

    Text keeps its characters; only lone surrogates, which no encoding can write, are replaced.
    """
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", str(value))
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        # Adding 0.0 turns a negative zero, which would depend on the order of sums, into zero.
        return number + 0.0 if math.isfinite(number) else None
    if isinstance(value, Words):
        return {key: plain(text) for key, text in value.as_json().items()}
    if isinstance(value, Mapping):
        return {str(plain(str(key))): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset | np.ndarray):
        return [plain(item) for item in value]
    return plain(str(value))


def file_stem(rule_id: str) -> str:
    """A rule's id as the stem of a file name, which stays in its folder whatever the id says."""
    return _FILE_UNSAFE.sub("_", rule_id).lstrip(".") or "_"


def table_name(rule_id: str) -> str:
    """A rule's id as the name of a table: hyphens and all else that SQL or a shapefile dislikes as underscores."""
    return re.sub(r"\W", "_", rule_id, flags=re.ASCII) or "_"
