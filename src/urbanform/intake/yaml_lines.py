"""YAML 1.2 that remembers on which line each key stands."""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from urbanform.wording import Words, words

LARGEST_BYTES = 300_000
DEEPEST = 40
MOST_NODES = 200_000
MOST_OPEN_BRACKETS = 1000
_BRACKETS = {"[": 1, "{": 1, "]": -1, "}": -1}
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "value")
)


class YamlFault(Exception):
    """The text is no YAML that can be trusted."""

    def __init__(self, fault: Words) -> None:
        super().__init__(fault.zh)
        self.fault = fault


def read_yaml(path: Path) -> Any:
    """The document of a file as nested maps and lists that know their lines.

    Refused with :class:`YamlFault`: bytes that are not UTF-8, syntax errors, a key written twice, tags that make
    objects, aliases, and files so large or deep that they can only mean harm. An empty file is an empty map.
    """
    text = _text_of(path)
    # The parser takes seconds to fail on brackets without end; no text in quotes opens so many.
    if max(itertools.accumulate(_BRACKETS.get(sign, 0) for sign in text), default=0) > MOST_OPEN_BRACKETS:
        raise YamlFault(words("yaml-too-large", file=path.name))
    yaml = YAML(typ="rt")
    try:
        root = yaml.compose(text)
        _refuse_bombs(root, path.name)
        document = None if root is None else yaml.constructor.construct_document(root)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = (error.problem or "").splitlines()
        raise YamlFault(words("yaml-syntax", file=path.name, line=line, what=what[0] if what else "")) from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise YamlFault(words("yaml-syntax", file=path.name, line=1, what=str(error).splitlines()[0])) from error
    return {} if document is None else document


def _text_of(path: Path) -> str:
    """The text of a file in UTF-8, or else in GB18030, as Chinese Windows writes it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise YamlFault(words("file-unreadable", file=path.name, why=error.strerror or str(error))) from error
    if len(data) > LARGEST_BYTES:
        raise YamlFault(words("yaml-too-large", file=path.name))
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise YamlFault(words("yaml-not-utf8", file=path.name))


def _refuse_bombs(root: Node | None, name: str) -> None:
    seen: set[int] = set()
    stack: list[tuple[Node, int]] = [] if root is None else [(root, 1)]
    while stack:
        node, depth = stack.pop()
        line = node.start_mark.line + 1
        if id(node) in seen:
            raise YamlFault(words("yaml-alias", file=name, line=line))
        seen.add(id(node))
        if depth > DEEPEST or len(seen) > MOST_NODES:
            raise YamlFault(words("yaml-too-large", file=name))
        if node.tag and str(node.tag) not in _TAGS:
            raise YamlFault(words("yaml-tag", file=name, line=line, tag=str(node.tag)))
        if isinstance(node, MappingNode):
            # 1 and "1" are two keys to YAML, and one word to everything here.
            keys = [str(key.value) for key, _ in node.value]
            twice = next((at for at, key in enumerate(keys) if key in keys[:at]), None)
            if twice is not None:
                line = node.value[twice][0].start_mark.line + 1
                raise YamlFault(words("yaml-key-twice", file=name, line=line, key=keys[twice]))
            stack += [(child, depth + 1) for pair in node.value for child in pair]
        elif isinstance(node, SequenceNode):
            stack += [(child, depth + 1) for child in node.value]


def plain(value: Any) -> Any:
    """The same values as plain dicts, lists and scalars."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)


def line_of(document: Any, path: Sequence[str | int]) -> int:
    """The line, counted from 1, of the key or item at a path; that of the nearest part that exists."""
    line = 1
    at = document
    for step in path:
        try:
            if isinstance(at, CommentedMap):
                line = at.lc.key(step)[0] + 1
            elif isinstance(at, CommentedSeq):
                line = at.lc.item(step)[0] + 1
            at = at[step]
        except (KeyError, IndexError, TypeError):
            break
    return line


def written_scalars(path: Path) -> dict[tuple[str | int, ...], str]:
    """Every scalar as it is written in the file, by its path: 0701 stays "0701"."""
    found: dict[tuple[str | int, ...], str] = {}
    root = YAML(typ="rt").compose(_text_of(path))
    stack: list[tuple[Node, tuple[str | int, ...]]] = [] if root is None else [(root, ())]
    while stack:
        node, at = stack.pop()
        if isinstance(node, ScalarNode):
            found[at] = str(node.value)
        elif isinstance(node, MappingNode):
            stack += [(child, (*at, str(key.value))) for key, child in node.value]
        elif isinstance(node, SequenceNode):
            stack += [(child, (*at, position)) for position, child in enumerate(node.value)]
    return found
