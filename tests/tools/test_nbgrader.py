"""The course in an nbgrader shop: its real commands from release to formgrader, and the marks of `course grade`."""

import copy
import csv
import importlib.util
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

from course_lib.grading.batch import grade_folder
from course_lib.grading.private import file_name
from course_lib.grading.reader import Reader
from course_lib.tools.nbgrader import mending
from course_lib.tools.nbgrader.layout import assignment_name, bring_in, lay_out
from course_lib.tools.nbgrader.mending import mend_folder
from tests.grading.handed_in import SETUP, notebook
from tests.tools.chapter3_answers import (
    ALL_OF_CHAPTER_3,
    BEST_PAIR,
    MOMENTUM,
    NESTEROV,
    RIGHT,
    STUB,
    WRONG_MOMENTUM,
)

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "exercises" / "03_momentum.ipynb"
CHECKS = {f"check-{exercise.id}" for exercise in ALL_OF_CHAPTER_3}
NAME = "03_momentum"
READER = Reader()


@pytest.fixture(scope="module", autouse=True)
def readers_end():
    yield
    for reader in (READER, *mending._readers.values()):
        reader.close()


def mend(data, exercises):
    return mending.mend(READER.outline_bytes("somebody.ipynb", data), exercises)


def copied_cells():
    """The exercise with every cell copied and all answers written: nbgrader's ids stand there twice."""
    made = json.loads(RELEASED.read_text(encoding="utf-8"))
    solved = json.loads((ROOT / "solutions" / RELEASED.name).read_text(encoding="utf-8"))["cells"]
    answers = [cell for cell in solved if cell["metadata"].get("course", {}).get("role") == "solution"]
    for cell in made["cells"]:
        if cell["metadata"].get("course", {}).get("role") == "solution":
            cell["source"] = answers.pop(0)["source"]
    made["cells"] += copy.deepcopy(made["cells"])
    return json.dumps(made).encode()


CLASS = {
    "ann.ipynb": notebook(*RIGHT),
    "bob/solution of bob (3).ipynb": notebook(SETUP, MOMENTUM),
    "cem.ipynb": notebook(SETUP, WRONG_MOMENTUM, NESTEROV, BEST_PAIR),
    "dora.ipynb": b'{"cells": [',
    "eve.ipynb": notebook(SETUP, STUB, "<script>alert(1)</script>"),
    "fay.ipynb": copied_cells(),
    "gus.ipynb": RELEASED.read_bytes(),
    "hal.ipynb": notebook(SETUP, "import os; os._exit(3)", MOMENTUM),
}


def ids(made):
    found = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in made["cells"]]
    return [id for id in found if id]


# --- Mending -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        *CLASS.values(),
        b"",
        b"null",
        b"[]",
        b'{"cells": 3}',
        b'{"cells": [null, 3, [], {}, {"cell_type": "code"}, {"cell_type": "x", "source": ["a", 3], "id": 7}]}',
        b'{"cells": [{"cell_type": "code", "source": "x", "metadata": {"nbgrader": [1], "course": 3}, "id": "a b"}]}',
        b'{"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}], "nbformat": 3}',
        json.dumps({"cells": [{"cell_type": "code", "source": "x", "id": "same", "metadata": {}}] * 5}).encode(),
        notebook("\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "x" * 1000),
    ],
)
def test_whatever_was_handed_in_becomes_a_notebook_with_each_check_once(data):
    made = mend(data, ALL_OF_CHAPTER_3)
    nbformat.validate(nbformat.from_dict(made))
    found = ids(made)
    assert len(found) == len(set(found)) and {id for id in found if id.startswith("check-")} == CHECKS
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    assert mend(json.dumps(made).encode(), ALL_OF_CHAPTER_3) == made


def test_mending_keeps_every_word_of_the_student():
    data = CLASS["fay.ipynb"]
    sources = ["".join(cell["source"]) for cell in json.loads(data)["cells"]]
    assert [cell["source"] for cell in mend(data, ALL_OF_CHAPTER_3)["cells"]] == sources


def test_a_released_notebook_is_left_alone_and_an_original_is_kept(tmp_path):
    path = tmp_path / f"{NAME}.ipynb"
    path.write_bytes(RELEASED.read_bytes())
    assert mend_folder(tmp_path, NAME, ALL_OF_CHAPTER_3) == (path, False)
    assert path.read_bytes() == RELEASED.read_bytes() and list(tmp_path.iterdir()) == [path]
    path.write_bytes(CLASS["fay.ipynb"])
    assert mend_folder(tmp_path, NAME, ALL_OF_CHAPTER_3) == (path, True)
    assert (tmp_path / f"{NAME}.ipynb.handed-in").read_bytes() == CLASS["fay.ipynb"]
    assert mend_folder(tmp_path, NAME, ALL_OF_CHAPTER_3) == (path, False)


def test_an_odd_file_name_is_mended_and_a_link_is_not_followed(tmp_path):
    (tmp_path / "mine (2).ipynb").write_bytes(CLASS["ann.ipynb"])
    secret = tmp_path / "secret.txt"
    secret.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "SECRET"}]}))
    (tmp_path / f"{NAME}.ipynb").symlink_to(secret)
    path, changed = mend_folder(tmp_path, NAME, ALL_OF_CHAPTER_3)
    assert changed and not path.is_symlink()
    assert "momentum_step" in path.read_text() and "SECRET" not in path.read_text()
    assert "SECRET" in secret.read_text()


def test_the_course_is_laid_out_once_and_own_settings_stay(tmp_path):
    written = lay_out(tmp_path / "shop")
    assert tmp_path / "shop" / "source" / NAME / f"{NAME}.ipynb" in written
    config = tmp_path / "shop" / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.CourseDirectory.course_id = 'mine'\n")
    assert lay_out(tmp_path / "shop") == [] and "mine" in config.read_text()


def test_an_assignment_is_known_by_its_number_and_by_its_name():
    assert assignment_name("3") == assignment_name("03") == assignment_name(NAME) == NAME
    with pytest.raises(ValueError, match="There is no assignment '77'"):
        assignment_name("77")


# --- nbgrader itself -----------------------------------------------------------------------------------

needs_nbgrader = pytest.mark.skipif(
    importlib.util.find_spec("nbgrader") is None,
    reason="nbgrader is an extra: python course.py install --with nbgrader, then this test runs",
)


# ``python -m nbgrader``, without what it would not use and takes a second to import: see course_lib/tools/__init__.py
NBGRADER = "import course_lib.tools, sys; from nbgrader.apps.nbgraderapp import main; sys.exit(main())"
SERVER = "import course_lib.tools; from jupyter_server.serverapp import launch_new_instance; launch_new_instance()"


def run(shop, *command):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic by name
    surroundings = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", NBGRADER, *command], cwd=shop, capture_output=True, text=True, env=surroundings
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def shop(tmp_path_factory, zygote):
    """A course in which everything was done, with nbgrader's commands alone."""
    folder = tmp_path_factory.mktemp("nbgrader")
    submissions, shop = folder / "in", folder / "shop"
    for name, data in CLASS.items():
        path = submissions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    lay_out(shop)
    run(shop, "generate_assignment", NAME)
    bring_in(submissions, shop, NAME)
    odd = shop / "submitted" / "bob" / NAME  # as if it had come through the exchange under another name
    (odd / f"{NAME}.ipynb").rename(odd / "mein Heft (1).ipynb")
    run(shop, "autograde", NAME)
    run(shop, "generate_feedback", NAME)
    run(shop, "export")
    return shop


@pytest.fixture(scope="module")
def zygote():
    from course_lib.grading.confinement import best_level

    found, reasons = best_level()
    with found:
        if found.level == "none":
            pytest.skip(f"no sandbox here: {reasons}")
        yield found


@needs_nbgrader
def test_the_release_is_the_exercise_that_course_build_makes(shop):
    made = nbformat.read(shop / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    built = nbformat.read(RELEASED, as_version=4)
    assert [(cell.cell_type, cell.source) for cell in made.cells] == [(c.cell_type, c.source) for c in built.cells]
    assert {cell.metadata.nbgrader.grade_id for cell in made.cells if "nbgrader" in cell.metadata} >= CHECKS


@needs_nbgrader
def test_nbgrader_s_gradebook_holds_the_marks_of_course_grade(shop, tmp_path):
    seed = int((shop / "hidden_seed").read_text())
    rows = grade_folder(shop.parent / "in", tmp_path / "out", assignment="03", seed=seed).rows
    expected = {
        file_name(row["student"]): {exercise["id"]: exercise["points"] for exercise in row["exercises"]} for row in rows
    }
    assert len(expected) == len(CLASS) and len({sum(marks.values()) for marks in expected.values()}) >= 4
    assert gradebook(shop) == expected
    exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader((shop / "grades.csv").open())}
    assert exported == {student: sum(marks.values()) for student, marks in expected.items()}


def gradebook(shop):
    """``{student: {exercise: points}}`` as nbgrader's own interface reads them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{shop / 'gradebook.db'}") as book:
        return {
            submission.student.id: {
                grade.name.removeprefix("check-"): grade.score
                for book_ in submission.notebooks
                for grade in book_.grades
            }
            for submission in book.assignment_submissions(NAME)
        }


@needs_nbgrader
def test_the_seed_is_its_owner_s_alone_and_nowhere_else(shop):
    assert (shop / "hidden_seed").stat().st_mode & 0o077 == 0
    seed = (shop / "hidden_seed").read_text().strip().encode()
    for folder in ("release", "autograded", "feedback", "submitted"):
        assert not [path for path in (shop / folder).rglob("*") if path.is_file() and seed in path.read_bytes()]


@needs_nbgrader
def test_feedback_shows_the_words_of_the_course_and_no_markup_of_a_student(shop):
    page = (shop / "feedback" / "cem" / NAME / f"{NAME}.html").read_text()
    assert "theta moves by the new velocity" in page and "Run in a sandbox" in page
    assert "<script>alert(1)" not in (shop / "feedback" / "eve" / NAME / f"{NAME}.html").read_text()
    assert "damaged" in (shop / "feedback" / "dora" / NAME / f"{NAME}.html").read_text()


@needs_nbgrader
def test_no_cell_of_a_student_s_was_executed_outside_the_sandbox(shop):
    for path in (shop / "autograded").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade_id") not in CHECKS:
                assert cell.outputs == [] and cell.execution_count is None


@needs_nbgrader
def test_formgrader_shows_the_class(shop):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.token=t", "--no-browser", "--ServerApp.allow_root=True"]
    options.append("--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}")
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SERVER, *options]
    server = subprocess.Popen(command, cwd=shop, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=surroundings)
    try:
        found = json.loads(page(port, f"/formgrader/api/submissions/{NAME}"))
        assert {row["student"]: row["score"] for row in found if row["autograded"]} == {
            student: sum(marks.values()) for student, marks in gradebook(shop).items()
        }
        with sqlite3.connect(shop / "gradebook.db") as book:
            (id,) = book.execute("SELECT id FROM submitted_notebook LIMIT 1").fetchone()
        assert re.search(r"check-03-1|Momentum", page(port, f"/formgrader/submissions/{id}/"))
    finally:
        server.terminate()
        server.wait(10)


def page(port, path):
    for _ in range(60):
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": "token t"})
            return urllib.request.urlopen(request, timeout=20).read().decode()
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.5)
    pytest.fail("the server does not answer")
