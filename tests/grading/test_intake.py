"""Whose is which file, and what is in it: names, folders, archives, links, and texts that are no notebooks."""

import io
import json
import os
import random
import zipfile

import pytest

from course_lib.grading.files import natural_order
from course_lib.grading.intake import NoSubmissions, find_submissions
from course_lib.grading.reader import Reader
from tests.grading.handed_in import MOMENTUM, RIGHT, STUB, handed, notebook

READER = Reader()


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


def test_a_zip_bomb_is_cut_off(tmp_path):
    (tmp_path / "eve.zip").write_bytes(archive({"x.ipynb": bytes(300 << 20)}))
    (file,) = files_of(tmp_path)["eve"]
    assert "more than 100" in file.problem


def test_a_thousand_damaged_notebooks_are_read_or_refused_in_a_sentence():
    rng = random.Random(5)
    good = json.dumps(json.loads(notebook(*RIGHT)), indent=1).encode()
    refused = 0
    for _ in range(1000):
        data = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(data))
            kind = rng.randrange(4)
            if kind == 0:
                data[at] = rng.randrange(256)
            elif kind == 1:
                del data[at : at + rng.randrange(1, 60)]
            elif kind == 2:
                data[at:at] = rng.choice([b"null", b"[", b"{", b'"', b"1e999", b"\\ud800", b"\x00", b"[" * 2000])
            else:
                data[at:at] = data[at : at + rng.randrange(1, 200)]
        found = handed(bytes(data))
        refused += bool(found.problem)
        assert not found.problem or (found.problem.endswith(".") and len(found.problem) < 300)
        assert all(isinstance(source, str) for _, source in found.cells)
    assert 300 < refused < 1000


@pytest.mark.parametrize(
    "document",
    [
        {"cells": [None, 3, [], {}, {"cell_type": "code"}, {"cell_type": "code", "source": 5}]},
        {"cells": [{"cell_type": "code", "source": ["x = 1\n", None, 7]}]},
        {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}, None], "nbformat": 3},
        {"cells": []},
    ],
)
def test_odd_documents_are_forgiven(document):
    assert [source for _, source in handed(json.dumps(document).encode()).cells] in ([], ["x = 1\n"], ["x = 1"])


def test_json_of_many_parts_is_refused_or_read_as_far_as_cells_go():
    found = handed(b'{"cells": [' + b"[]," * 9_000_000 + b"0]}")
    assert found.problem or (not found.cells and "9000001 cells" in found.notes[0])
    assert handed(b"[" * 1_000_000).problem


def test_spare_stubs_go_and_line_numbers_stay():
    found = handed(notebook(MOMENTUM, f"x = 1\n\n{STUB}\ny = 2"))
    cells, notes = found.without_spare_stubs(["momentum_step"])
    assert cells[1][1].count("\n") == f"x = 1\n\n{STUB}\ny = 2".count("\n")
    assert "NotImplementedError" not in cells[1][1] and "y = 2" in cells[1][1]
    assert notes == ["cell 2 holds an untouched copy of momentum_step; the one in cell 1 was marked."]


def test_a_lone_stub_stays():
    found = handed(notebook(STUB, STUB))
    assert found.without_spare_stubs(["momentum_step"]) == (found.cells, [])


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
