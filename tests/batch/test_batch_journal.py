"""The journal, the lock and the putting in place of results: what a crash may leave, and what must not be."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from urbanform.batch.commit import put_in_place, stands, withdraw
from urbanform.batch.journal import Journal
from urbanform.batch.key import key_of
from urbanform.batch.lock import held
from urbanform.batch.words import BatchError
from urbanform.review import Options


def lines(folder: Path) -> list[object]:
    """What a journal reads, opened anew."""
    journal = Journal(folder)
    journal.close()
    return [line["n"] for line in journal.lines]


def test_what_was_added_is_read_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for n in range(3):
        journal.add({"n": n, "told": "换行\n也行"})
    journal.close()
    assert lines(tmp_path) == [0, 1, 2]


@pytest.mark.parametrize("torn", [b'{"n": 9', b'{"n": 9}', b"\xe6\x8d", b"\0\0\0\0"])
def test_a_torn_last_line_counts_for_nothing_and_is_cut_away(tmp_path: Path, torn: bytes) -> None:
    """A line without its end is torn, even where what is there of it reads; the next line stands by itself."""
    (tmp_path / "journal.jsonl").write_bytes(b'{"n": 1}\n' + torn)
    journal = Journal(tmp_path)
    journal.add({"n": 2})
    journal.close()
    assert lines(tmp_path) == [1, 2]


def test_a_spoilt_line_in_the_middle_costs_itself_only(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b'{"n": 1}\n\0\0\xff\n[3]\n{"n": 4}\n')
    assert lines(tmp_path) == [1, 4]


def test_the_journal_can_begin_anew(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add({"n": 1})
    journal.restart([{"n": 5}])
    journal.add({"n": 6})
    journal.close()
    assert lines(tmp_path) == [5, 6]


HOLD = """
import sys, time
from pathlib import Path
from urbanform.batch.lock import held
with held(Path(sys.argv[1]), Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_refused_and_a_dead_one_is_no_hindrance(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BatchError, match=str(other.pid)), held(tmp_path, tmp_path):
            pass
    finally:
        other.kill()
        other.communicate()
    with held(tmp_path, tmp_path):
        assert (tmp_path / "lock.json").exists()


def made(folder: Path, **files: str) -> Path:
    """A folder of files; ``__`` in a name stands for a slash, the rest is ``.html`` but for results."""
    for name, text in files.items():
        path = folder / ("results.json" if name == "results" else f"{name.replace('__', '/')}.html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_results_are_put_in_place_and_older_ones_withdrawn(tmp_path: Path) -> None:
    """The older result had a map of a rule that the new one lacks; a note of the user's stays."""
    out = tmp_path / "甲"
    old = made(tmp_path / "w1", report="1", maps__a="1", maps__b="1", results='{"results": [{"map": "maps/a.html"}]}')
    sizes = put_in_place(old, out, ())
    (out / "我的笔记.txt").write_text("勿删", encoding="utf-8")
    new = made(tmp_path / "w2", report="22", maps__c="2", results="{}")
    sizes = put_in_place(new, out, sizes)
    assert sizes == {"report.html": 2, "maps/c.html": 1, "results.json": 2}
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == sorted(
        ["我的笔记.txt", "report.html", "c.html", "results.json"]
    )


def test_maps_of_a_result_that_no_journal_knows_are_withdrawn_by_what_it_names(tmp_path: Path) -> None:
    """Of a path that leads out of the folder nothing is removed."""
    kept = made(tmp_path, victim="x") / "victim.html"
    named = json.dumps({"results": [{"map": "maps/a.html"}, {"map": "../victim.html"}, {"map": None}]})
    out = made(tmp_path / "甲", maps__a="1", results=named)
    withdraw(out, ["../victim.html"])
    assert not out.exists()
    assert kept.exists()


def test_results_stand_only_while_whole(tmp_path: Path) -> None:
    out = made(tmp_path / "甲", report="11", results="{}")
    sizes, digest = (
        {"report.html": 2, "results.json": 2},
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    )
    assert stands(out, sizes, digest)
    (out / "results.json").write_text("[]", encoding="utf-8")
    assert not stands(out, sizes, digest)
    made(out, results="{}", report="1")
    assert not stands(out, sizes, digest)
    (out / "report.html").unlink()
    assert not stands(out, sizes, digest)


def test_a_key_changes_with_whatever_a_result_could_change_with(tmp_path: Path) -> None:
    """Bytes, names, options, packs and folder; not the time at which a file was written."""
    root = made(tmp_path / "甲", a="1")
    options = Options(rules="henan")
    first = key_of(root, "甲", options, "p")
    (root / "a.html").touch()
    assert key_of(root, "甲", options, "p") == first
    keys = {
        first,
        key_of(root, "乙", options, "p"),
        key_of(root, "甲", options, "q"),
        key_of(root, "甲", Options(rules="hebi"), "p"),
        key_of(root, "甲", Options(rules="henan", as_of=2031), "p"),
        key_of(made(root, a="2"), "甲", options, "p"),
        key_of(made(root, b=""), "甲", options, "p"),
    }
    assert len(keys) == 7
