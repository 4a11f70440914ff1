"""Classes on disk, as folders and as zip archives: everyone a row with their own file, nobody lost in silence."""

import io
import os
import tarfile
import zipfile

import pytest

from course_lib.grading.files import MAX_FILES_OF_ONE
from course_lib.grading.intake import NoSubmissions, take_in
from course_lib.grading.layouts import Unclear
from course_lib.grading.reader import Reader
from tests.grading.classes import BY_NAME, BY_NUMBER, handed_in, seeded, some_names, week_folders, weeks
from tests.grading.handed_in import AHEAD, GLIDE, RIGHT, SETUP, STUB, TOY, notebook
from tests.sample import one_in_four

ASSIGNMENTS = ["02_sgd_noise", "03_momentum"]
FUNCTIONS = tuple(exercise.function for exercise in TOY)


@pytest.fixture(scope="module")
def reader():
    with Reader() as reader:
        yield reader


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in files.items():
            archive.writestr(place, content)
    return data.getvalue()


def packed(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for place, content in files.items():
            item = tarfile.TarInfo(place)
            item.size = len(content)
            archive.addfile(item, io.BytesIO(content))
    return data.getvalue()


def laid_out(folder, files):
    """Write files below a folder; folders whose names end in .zip become archives, those inside them too."""
    archives = {}
    for place, content in files.items():
        parts = place.split("/")
        at = next((i for i, part in enumerate(parts[:-1]) if part.endswith(".zip")), None)
        if at is not None:
            archives.setdefault("/".join(parts[: at + 1]), {})["/".join(parts[at + 1 :])] = content
            continue
        path = os.path.join(folder, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    for place, inner in archives.items():
        laid_out(folder, {place: zipped(_flattened(inner))})
    return folder


def _flattened(files):
    """Archives in an archive, as bytes."""
    inner, made = {}, {}
    for place, content in files.items():
        head, found, rest = place.partition(".zip/")
        if found:
            inner.setdefault(f"{head}.zip", {})[rest] = content
        else:
            made[place] = content
    return made | {place: zipped(below) for place, below in inner.items()}


def content(place, person):
    """A file that says whose it is, as what its name says."""
    return notebook(f"owner = {person!r}", GLIDE) if place.endswith(".ipynb") else b"x"


def owners(intake):
    """``{key: owners of the notebooks that are marked}``."""
    cells = {one.student: [handed.cells[0][1] for handed in one.handed_in()] for one in intake.submissions}
    return {key: {source.removeprefix("owner = ") for source in sources} for key, sources in cells.items()}


WRAPPED = [
    (layout, around)
    for layout in (*BY_NAME, *BY_NUMBER, weeks, week_folders)
    for around in ("", "submissions/", "class.zip/", "all.zip", "all.tar.gz")
]


@pytest.mark.parametrize(("layout", "around"), one_in_four(WRAPPED), ids=lambda value: getattr(value, "__name__", None))
def test_on_disk_and_in_archives_everyone_has_their_own_file(layout, around, tmp_path, reader):
    rng = seeded("disk", layout.__name__, around)
    names = some_names(rng, rng.randint(2, 6))
    places, owner = handed_in(layout, names, rng, around if around.endswith("/") else "")
    files = {place: content(place, owner.get(place, "nobody")) for place in places}
    top = tmp_path / "in"
    if around.startswith("all"):
        top.mkdir()
        top /= around
        top.write_bytes((zipped if around == "all.zip" else packed)(_flattened(files)))
    else:
        laid_out(top, files)
    try:
        intake = take_in(top, reader, ASSIGNMENTS)
    except Unclear as refusal:
        assert "--layout" in str(refusal) and layout.__name__ in ("with_assignment", "google"), refusal
        return
    expected = sorted({repr(person) for person in owner.values()})
    assert sorted(owners(intake).values(), key=min) == [{person} for person in expected], intake.line


def test_every_kind_of_file_and_folder_has_a_row_with_a_sentence(tmp_path, reader):
    right = notebook(*RIGHT)
    files = {
        "s01/03_momentum.ipynb": right,
        "s02/03_momentum.ipynb.txt": right,
        "s03/03_momentum.ipynb.json": right,
        "s04/03_momentum.json": right,
        "s05/03_momentum.txt": right,
        "s06/03_momentum.html": b"<html>",
        "s07/03_momentum.pdf": b"%PDF-1.4",
        "s08/work.rar": b"Rar!",
        "s09/work.tar.gz": b"\x1f\x8b",
        "s10/notes.docx": b"PK",
        "s11/notes.txt": b"I was ill.",
        "s12.zip/notes.txt": b"I was ill.",
        "s13/.ipynb_checkpoints/03_momentum-checkpoint.ipynb": right,
        "__dora__/03_momentum.ipynb": right,
        ".eve/03_momentum.ipynb": right,
        "s15/.DS_Store": b"x",
        "s16/data.csv": b"1,2",
    }
    laid_out(tmp_path, files)
    for name in ("empty", "dir.ipynb", "deep/er"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "s01")
    (tmp_path / "s17").mkdir()
    (tmp_path / "s17" / "03_momentum.ipynb").symlink_to(tmp_path / "s01" / "03_momentum.ipynb")
    (tmp_path / "s18.zip").write_bytes(zipped({}))
    (tmp_path / "s19.zip").write_bytes(b"PK\x03\x04 cut off")
    intake = take_in(tmp_path, reader, ASSIGNMENTS)
    told = {one.student: one.handed_in()[0] for one in intake.submissions}
    marked = {name for name, handed in told.items() if handed.defined}
    assert marked == {"s01", "s02", "s03", "s04", "s05", "__dora__", ".eve"}
    names = {place.split("/")[0].removesuffix(".zip") for place in files}
    assert set(told) == names | {"empty", "dir.ipynb", "deep", "link", "s17", "s18", "s19"}
    said = {name: handed.problem for name, handed in told.items() if name not in marked}
    assert all(sentence.endswith(".") for sentence in said.values())
    for name, word in {
        "s06": "web page",
        "s07": "PDF",
        "s08": "archive that is not opened",
        "s09": "damaged",
        "s10": "text document",
        "s11": "a text, not",
        "s12": "a text, not",
        "s13": "empty",
        "s15": "empty",
        "s16": "a table",
        "empty": "empty",
        "dir.ipynb": "empty",
        "deep": "empty",
        "link": "link",
        "s17": "link",
        "s19": "damaged",
    }.items():
        assert word in said[name], (name, said[name])


def test_the_same_in_one_archive_with_empty_folders_and_links(tmp_path, reader):
    link = zipfile.ZipInfo("link/03_momentum.ipynb")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("anna/03_momentum.ipynb", notebook(*RIGHT))
        archive.writestr("anna/.ipynb_checkpoints/03_momentum-checkpoint.ipynb", notebook(SETUP))
        archive.writestr(".eve\\03_momentum.ipynb", notebook(*RIGHT))
        archive.writestr("empty/", b"")
        archive.writestr("only/.DS_Store", b"")
        archive.writestr(link, "/etc/passwd")
        archive.writestr("__MACOSX/anna/._03_momentum.ipynb", b"")
    found = {one.student: one.handed_in() for one in take_in(tmp_path / "class.zip", reader, ASSIGNMENTS).submissions}
    assert set(found) == {"anna", ".eve", "empty", "only", "link"}
    assert [handed.place for handed in found["anna"]] == ["anna/03_momentum.ipynb"]
    assert "empty" in found["empty"][0].problem and "link" in found["link"][0].problem


def test_names_that_are_no_utf8_or_hold_line_breaks_stay_apart(tmp_path, reader):
    for name in (b"M\xfcller", b"M\xf6ller", b"a\nb", b"a\\nb", b"bob", b"bob ", b"x" * 200 + b"1", b"x" * 200 + b"2"):
        folder = os.path.join(os.fsencode(tmp_path), name)
        os.mkdir(folder)
        with open(os.path.join(folder, b"03_momentum.ipynb"), "wb") as file:
            file.write(notebook(f"owner = {name!r}", GLIDE))
    intake = take_in(tmp_path, reader, ASSIGNMENTS)
    found = owners(intake)
    assert len(found) == 8 and len({min(owner) for owner in found.values()}) == 8
    assert all(key.isprintable() and key.encode() for key in found)
    assert any("look alike" in warning and "'bob '" in warning for warning in intake.warnings)


def test_in_a_whole_course_the_file_that_holds_the_assignment_s_functions_counts(tmp_path, reader):
    stub, written = notebook(SETUP, STUB), notebook(SETUP, GLIDE, AHEAD)
    course = {f"exercises/{n:02}_x.ipynb": notebook(SETUP, "x = 1") for n in range(12) if n != 3}
    course |= {"exercises/03_momentum.ipynb": written, "solutions/03_momentum.ipynb": notebook(*RIGHT)}
    course |= {"notebooks/03_momentum.ipynb": notebook("x = 1"), "zzz.ipynb": stub, "course_lib/run.py": b"x = 1"}
    for name in ("anna", "ben"):
        laid_out(tmp_path, {f"{name}/{place}": data for place, data in course.items()})
    for one in take_in(tmp_path, reader, ASSIGNMENTS).submissions:
        one.functions = FUNCTIONS
        assert [handed.place for handed in one.handed_in()] == [f"{one.student}/exercises/03_momentum.ipynb"]


def test_of_many_files_those_that_define_most_are_marked(tmp_path, reader):
    files = {f"anna/{n:02}.ipynb": notebook(SETUP, GLIDE) for n in range(20)}
    files |= {"anna/00.ipynb": notebook(*RIGHT), "anna/99.ipynb": notebook(SETUP, STUB)}
    laid_out(tmp_path, files | {f"{name}/x.ipynb": notebook(*RIGHT) for name in ("ben", "carl")})
    anna, *_ = take_in(tmp_path, reader, ASSIGNMENTS).submissions
    anna.functions = FUNCTIONS
    marked = [handed.place for handed in anna.handed_in()]
    assert len(marked) == MAX_FILES_OF_ONE and marked[-1] == "anna/00.ipynb" and "anna/99.ipynb" not in marked


def test_what_is_nobody_s_is_named(tmp_path, reader):
    laid_out(tmp_path, {"anna/x.ipynb": notebook(), "ben/x.ipynb": notebook(), "sheet.pdf": b"", "list.csv": b""})
    warnings = " ".join(take_in(tmp_path, reader, ASSIGNMENTS).warnings)
    assert "sheet.pdf" in warnings and "list.csv" in warnings


def test_a_folder_of_too_many_rights_or_none_is_said(tmp_path, reader):
    laid_out(tmp_path, {"readme.md": b""})
    with pytest.raises(NoSubmissions, match="no notebook"):
        take_in(tmp_path, reader)


def test_gradescope_s_names_come_from_its_list(tmp_path, reader):
    text = "submission_7:\n  :submitters:\n  - :name: Zoë\n    :sid: '5'\n    :email: z@example.org\n"
    files = {f"export/submission_{n}/x.ipynb": notebook(*RIGHT) for n in (7, 8)}
    files["export/submission_metadata.yml"] = text.encode()
    laid_out(tmp_path / "in", files)
    (tmp_path / "class.zip").write_bytes(zipped(files))
    for place in (tmp_path / "in", tmp_path / "class.zip"):
        seven, eight = take_in(place, reader).submissions
        assert (seven.student, seven.name, seven.platform["gradescope_sid"]) == ("7", "Zoë", "5")
        assert (eight.student, eight.name) == ("8", "")
