"""Whose is which file, and what is in it: names, folders, archives, links, and texts that are no notebooks."""

import io
import os
import zipfile

import pytest

from course_lib.grading import intake
from course_lib.grading.files import natural_order
from course_lib.grading.intake import NoSubmissions, find_submissions
from tests.grading.handed_in import RIGHT, handed, notebook, reader_of

READER = reader_of(None)


def test_names_with_numbers_come_in_the_order_people_expect():
    names = ["a (10).ipynb", "a (2).ipynb", "a.ipynb"]
    assert sorted(names, key=natural_order) == ["a.ipynb", "a (2).ipynb", "a (10).ipynb"]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(NoSubmissions, match="There is no folder"):
        find_submissions(tmp_path / "nowhere", READER)


def test_an_empty_folder_and_a_file_that_is_no_archive_are_said(tmp_path):
    with pytest.raises(NoSubmissions, match="no notebook"):
        find_submissions(tmp_path, READER)
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(NoSubmissions, match="neither a folder nor an archive"):
        find_submissions(tmp_path / "x.txt", READER)


def files_of(path):
    return {found.student: found.handed_in() for found in find_submissions(path, READER)}


def test_links_are_named_and_never_followed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the lecturer's own")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "eve.ipynb").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    (file,) = files_of(folder)["eve"]
    assert "link" in file.problem and not file.cells


def test_a_pipe_does_not_hang_the_intake(tmp_path):
    os.mkfifo(tmp_path / "eve.ipynb")
    (file,) = files_of(tmp_path)["eve"]
    assert "not an ordinary file" in file.problem


def archive(entries):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return data.getvalue()


def test_archives_are_read_where_they_lie_and_write_nothing(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    right = notebook(*RIGHT)
    entries = {"../../evil.ipynb": right, "/etc/x.ipynb": right, "__MACOSX/._a.ipynb": b"", "readme.txt": b""}
    for name in ("dora.zip", "eve.zip"):
        (folder / name).write_bytes(archive(entries))
    files = files_of(folder)["dora"]
    assert [file.cells for file in files] == [handed(right).cells] * 2
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["dora.zip", "eve.zip", "in"]


def test_an_archive_of_a_class_with_archives_in_it(tmp_path):
    inner = archive({"03_momentum.ipynb": notebook(*RIGHT)})
    (tmp_path / "class.zip").write_bytes(archive({"gus.zip": inner, "hal/x.ipynb": notebook(), "ida.ipynb": b"{"}))
    assert sorted(files_of(tmp_path / "class.zip")) == ["gus", "hal", "ida"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut off", archive({"readme.txt": b"nothing"})])
def test_an_archive_without_a_notebook_still_gets_a_row(tmp_path, data):
    (tmp_path / "dora.zip").write_bytes(data)
    (file,) = files_of(tmp_path)["dora"]
    assert "notebook (.ipynb)" in file.problem


def test_archives_that_swell_in_an_archive_are_not_unpacked(tmp_path):
    inner = io.BytesIO(bytes(40 << 20))
    inner.seek(0, io.SEEK_END)
    with zipfile.ZipFile(inner, "a") as archive:
        archive.writestr("a.ipynb", "{}")
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(6):
            archive.writestr(f"s{i}.zip", inner.getvalue())
    found = {one.student: one.handed_in() for one in find_submissions(tmp_path, READER)}
    assert list(found) == [f"s{i}" for i in range(6)]
    assert sum("unpacks to far more" in file.problem for (file,) in found.values()) >= 4


def test_a_class_in_an_archive_that_holds_more_than_is_told_is_refused(tmp_path):
    (tmp_path / "class.zip").write_bytes(archive({f"s{i}/a.ipynb": b"" for i in range(40_001)}))
    with pytest.raises(NoSubmissions, match="more notebooks than"):
        find_submissions(tmp_path / "class.zip", READER)


def test_more_files_than_one_assignment_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MAX_PLACES", 50)
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_bytes(archive({f"x{i}.ipynb": b"" for i in range(30)}))
    with pytest.raises(NoSubmissions, match="more than 50 files"):
        find_submissions(tmp_path, READER)
