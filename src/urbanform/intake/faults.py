"""Faults of a written file, told with their line and the nearest word that would have been right."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from urbanform.intake.yaml_lines import line_of
from urbanform.wording import Words, words

_KIND_TRIED = re.compile(r"^[\w-]+\[.*\]$")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, or None where none is near."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return found[0] if found else None


def did_you_mean(word: str, known: Sequence[str]) -> Words:
    """A hint at the nearest known word, else the list of what is known."""
    near = nearest(word, known)
    if near is not None:
        return words("did-you-mean", word=near)
    return words("known-are", known=list(known))


def validation_faults(
    error: ValidationError, file: str, document: Any, model: type[BaseModel], prefix: tuple[str | int, ...] = ()
) -> list[Words]:
    """One message per fault that pydantic found, with its line, what was found and what was wanted."""
    faults = []
    told: set[str] = set()
    for item in error.errors():
        # Where several kinds of value may stand, pydantic names the kind that it tried beside the keys.
        steps = [step for step in item["loc"] if not _KIND_TRIED.search(str(step))]
        path = (*prefix, *steps)
        where = ".".join(str(step) for step in path)
        line = line_of(document, path)
        if where in told:
            continue
        told.add(where)
        if item["type"] == "extra_forbidden":
            key = str(item["loc"][-1])
            hint = did_you_mean(key, _keys_beside(model, item["loc"]))
            faults.append(words("unknown-key", file=file, line=line, key=where, hint=hint))
        elif item["type"] == "missing":
            faults.append(words("key-missing", file=file, line=line, key=where))
        else:
            found = item.get("input")
            faults.append(
                words(
                    "bad-value",
                    file=file,
                    line=line,
                    key=where,
                    found=_short(found),
                    wanted=_wanted(item),  # type: ignore[arg-type]
                )
            )
    return faults


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _wanted(item: dict[str, Any]) -> Words | str:
    context = item.get("ctx", {})
    match item["type"]:
        case "literal_error" | "enum":
            expected = str(context.get("expected", ""))
            return Words("one-of", expected.replace(" or ", "、").replace(", ", "、"), expected)
        case "value_error":
            told = context.get("error")
            if told is not None and told.args and isinstance(told.args[0], Words):
                return told.args[0]
            return str(told)
        case "greater_than_equal" | "less_than_equal" as kind:
            sign, end = ("≥", context["ge"]) if kind == "greater_than_equal" else ("≤", context["le"])
            return Words(kind, f"{sign} {end}", f"{sign} {end}")
        case kind if kind in _KINDS:
            zh, en = _KINDS[kind]
            return Words(kind, zh, en)
        case _:
            return str(item["msg"])


_KINDS = {
    "string_too_short": ("不为空的文字", "text that is not empty"),
    "too_short": ("不为空的内容", "something that is not empty"),
    "string_type": ("文字", "text"),
    "int_type": ("整数", "a whole number"),
    "int_parsing": ("整数", "a whole number"),
    "int_from_float": ("整数", "a whole number"),
    "float_type": ("数字", "a number"),
    "float_parsing": ("数字", "a number"),
    "finite_number": ("有限的数字", "a finite number"),
    "bool_type": ("true 或 false", "true or false"),
    "bool_parsing": ("true 或 false", "true or false"),
    "list_type": ("列表", "a list"),
    "tuple_type": ("列表", "a list"),
    "dict_type": ("键值表", "a table of keys and values"),
    "model_type": ("键值表", "a table of keys and values"),
    "model_attributes_type": ("键值表", "a table of keys and values"),
}


def _keys_beside(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where an unknown one was found."""
    at: Any = model
    for step in location[:-1]:
        fields = getattr(at, "model_fields", None)
        if fields is None:
            continue
        found = next((f for name, f in fields.items() if step in (name, f.alias)), None)
        if found is None:
            continue
        inner = _models_in(found.annotation)
        if inner:
            at = inner[0]
    fields = getattr(at, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for part in getattr(annotation, "__args__", ()):
        found += _models_in(part)
    return found
