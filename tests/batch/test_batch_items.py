"""Which submissions a folder holds, and where their results go."""

from pathlib import Path

import pytest

from urbanform.batch.items import listing
from urbanform.batch.words import BatchError


def made(root: Path, *names: str) -> Path:
    """Folders (ending in /) and empty files."""
    for name in names:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
    return root


def found(root: Path) -> dict[str, str]:
    """Item → folder of its results."""
    return {item.name: item.out for item in listing(root).items}


def test_folders_zips_and_geopackages_are_submissions(tmp_path: Path) -> None:
    root = made(tmp_path, "甲/", "乙.zip", "丙.GPKG", "丁.rar", "说明.txt", ".git/", "~$甲.zip", "__MACOSX/")
    assert found(root) == {"甲": "甲", "乙.zip": "乙", "丙.GPKG": "丙"}
    assert set(listing(root).others) == {"丁.rar", "说明.txt"}


def test_the_dots_of_a_folder_are_no_suffix(tmp_path: Path) -> None:
    root = made(tmp_path, "2023.更新/", "地块.gdb/", "a.zip/")
    assert found(root) == {"2023.更新": "2023.更新", "地块.gdb": "地块.gdb", "a.zip": "a.zip"}


def test_of_a_shared_stem_the_suffix_tells(tmp_path: Path) -> None:
    assert found(made(tmp_path, "甲/", "甲.zip", "甲.gpkg")) == {"甲": "甲", "甲.zip": "甲.zip", "甲.gpkg": "甲.gpkg"}


def test_a_folder_stands_for_those_below_it_that_have_a_manifest(tmp_path: Path) -> None:
    """区 has none of its own, but two below it have; 县 has one, so what lies below it is its own."""
    root = made(
        tmp_path,
        "区/一/submission.yaml",
        "区/深/二/submission.yml",
        "区/散.shp",
        "县/submission.yaml",
        "县/下/submission.yaml",
    )
    assert found(root) == {"区/一": "一", "区/深/二": "二", "县": "县"}


def test_no_two_share_a_folder_whatever_they_are_called(tmp_path: Path) -> None:
    """Two of one name in two folders; two that differ in case alone; one with the name of the batch's own file."""
    root = made(tmp_path, "a/x/submission.yaml", "b/x/submission.yaml", "Y/", "y.zip", "batch.json/", "a-x/", "con.zip")
    outs = found(root)
    assert outs["a/x"] != outs["b/x"]
    folded = [out.casefold() for out in outs.values()]
    assert len(set(folded)) == len(folded) == 7
    assert "batch.json" not in folded
    assert outs["con.zip"] not in ("con", "con.zip")


def test_links_are_listed_but_not_followed(tmp_path: Path) -> None:
    made(tmp_path / "else", "甲/")
    root = made(tmp_path / "root", "乙/")
    (root / "甲").symlink_to(tmp_path / "else" / "甲")
    assert [item.is_link for item in listing(root).items] == [False, True]


@pytest.mark.parametrize("names", [(), ("a.rar",), (".hidden/",)])
def test_a_root_without_submissions_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(BatchError, match="没有成果"):
        listing(made(tmp_path, *names))


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="不是文件夹"):
        listing(tmp_path / "nowhere")
