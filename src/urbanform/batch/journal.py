"""The journal of a batch: a line for each submission that is finished, on the disk before anything else goes on."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from urbanform.output.store import write_whole

NAME = "journal.jsonl"


class Journal:
    """Lines of JSON, each written through to the disk before :meth:`add` returns.

    Opened on an older journal, what was torn off is cut away: a line counts only where it is whole and reads as JSON.
    A line that does not read in the middle is passed over; what it told is done again.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.lines: list[dict[str, Any]] = []
        data = self.path.read_bytes() if self.path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        for line in whole.splitlines():
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                self.lines.append(found)
        self._stream = self.path.open("ab", buffering=0)
        if len(whole) < len(data):
            self._stream.truncate(len(whole))

    def add(self, line: Mapping[str, Any]) -> None:
        """Add a line; OSError where it could not be written through, and then no part of it stands."""
        data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8")
        before = os.fstat(self._stream.fileno()).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._stream.write(rest) :]
            os.fsync(self._stream.fileno())
        except OSError:
            self._stream.truncate(before)
            raise

    def restart(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Begin anew with some lines instead of those that stand; the old journal stands until the new one is whole."""
        self.lines = [dict(line) for line in lines]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)
        self._stream.close()
        write_whole(self.path, text.encode("utf-8"))
        self._stream = self.path.open("ab", buffering=0)

    def close(self) -> None:
        """Close the file; nothing is lost without it."""
        self._stream.close()
