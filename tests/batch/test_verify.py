"""A recorded result run again: the same, or told what differs. Nothing in the record or the submission is changed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from batch.folders import BREACHES, options, submissions
from intake.awkward import digest
from urbanform import verify as module
from urbanform.errors import SubmissionError
from urbanform.review import Options, check
from urbanform.verify import verify


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submission in breach and its results, to be copied; the year is asked for by nobody."""
    folder = tmp_path_factory.mktemp("verify")
    root = submissions(folder, 甲=BREACHES)
    asked = options(folder)
    check(root / "甲", folder / "out", Options(rules=asked.rules, only=asked.only))
    return folder


@pytest.fixture
def out(recorded: Path, tmp_path: Path) -> Path:
    """A copy of the results."""
    return Path(shutil.copytree(recorded / "out", tmp_path / "out"))


def codes(out: Path, submission: Path | None = None) -> list[str]:
    """What is said to differ."""
    return [said.code for said in verify(out, submission).differences]


def test_what_was_recorded_is_found_again(recorded: Path, out: Path) -> None:
    before = digest(recorded)
    found = verify(out)
    assert found.same, [said.zh for said in found.differences]
    assert found.notes == ()
    assert digest(recorded) == before


def test_the_year_is_that_of_the_record(recorded: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asked for a year: the check took the present one; years later that one counts still."""
    year = json.loads((out / "results.json").read_text(encoding="utf-8"))["rules"]["as_of"]
    monkeypatch.setattr("urbanform.review.datetime.date", Later)
    assert Later.today().year != year
    assert verify(out).same


class Later:
    """A day long after."""

    year = 2099

    @classmethod
    def today(cls) -> "Later":
        return cls()


def altered(out: Path, change: Callable[[str], str]) -> None:
    path = out / "results.json"
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace('"verdict": "fail"', '"verdict": "pass"', 1), "verdict-differs"),
        (lambda text: text.replace('"measured": 90', '"measured": 19', 1), "figure-differs"),
        (lambda text: text.replace('"severity": "mandatory"', '"severity": "advisory"', 1), "rule-differs"),
        (lambda text: text.replace('"working_crs": "EPSG:4547"', '"working_crs": "EPSG:4546"'), "part-differs"),
        (lambda text: text.replace("\n ", "\n"), "bytes-differ"),
        (lambda text: text.replace('"rule": "demolition-share"', '"rule": "demolition-shore"', 1), "rule-missing"),
    ],
)
def test_an_altered_result_is_found_out(out: Path, change: Callable[[str], str], code: str) -> None:
    altered(out, change)
    assert code in codes(out)


@pytest.mark.parametrize(
    "file", ["report.html", "maps/demolition-share.html", "evidence.gpkg", "report.docx", "summary.xlsx"]
)
def test_an_altered_or_missing_page_is_found_out(out: Path, file: str) -> None:
    data = (out / file).read_bytes()
    (out / file).write_bytes(data[:-100])
    assert codes(out) == ["file-differs"]
    (out / file).unlink()
    assert codes(out) == ["file-missing"]


def test_a_submission_that_was_changed_is_found_out(recorded: Path, out: Path, tmp_path: Path) -> None:
    """The same submission elsewhere is the same; with other attributes it is not; and it may be gone or spoilt."""
    copy = Path(shutil.copytree(recorded / "成果" / "甲", tmp_path / "甲"))
    assert codes(out, copy) == []
    table = copy / "建筑.dbf"
    table.write_bytes(table.read_bytes().replace(b"9", b"8", 1))
    assert codes(out, copy)[0] == "input-changed"
    (copy / "submission.yaml").write_text("name: [", encoding="utf-8")
    assert codes(out, copy) == ["not-again"]
    with pytest.raises(SubmissionError, match="--submission"):
        verify(out, tmp_path / "nowhere")


def test_a_pack_that_was_changed_is_found_out(recorded: Path, out: Path, tmp_path: Path) -> None:
    pack = recorded / "trial-pack.yaml"
    text = pack.read_text(encoding="utf-8")
    pack.write_text(text.replace("value: 20", "value: 30"), encoding="utf-8")
    try:
        assert codes(out)[0] == "pack-changed"
    finally:
        pack.write_text(text, encoding="utf-8")


def test_other_versions_are_told_and_are_no_difference(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    altered(out, lambda text: text.replace('"geos": "', '"geos": "0.', 1))
    found = verify(out)
    assert found.same
    assert [note.code for note in found.notes] == ["version-differs"]


@pytest.mark.parametrize("spoil", ["results.json", "run.json"])
def test_a_folder_without_a_record_is_refused(out: Path, spoil: str) -> None:
    for content in (b"[]", b"{", b"{}", b"\xff"):
        (out / spoil).write_bytes(content)
        with pytest.raises(SubmissionError, match=spoil if spoil == "run.json" else "json"):
            verify(out)
    (out / spoil).unlink()
    with pytest.raises(SubmissionError, match=spoil):
        verify(out)


def test_every_message_stands_in_both_languages() -> None:
    for code, (chinese, english) in module.WORDS.items():
        assert chinese != english, code
