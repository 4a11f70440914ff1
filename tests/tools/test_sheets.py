"""What is handed out follows the sheet and the course's own file; the grader goes to Gradescope and to GitHub."""

import base64
import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import fields
from pathlib import Path

import nbformat
import pytest

from course_lib.checks import exercises
from course_lib.grading import gradescope_run
from course_lib.grading.checking import check_notebook
from course_lib.grading.feedback import page
from course_lib.grading.sheet.settings import Late, Sheet, read_sheet
from course_lib.settings.course import Course, contrast, read_course
from course_lib.settings.fields import BadSettings
from course_lib.tools.autograder import classroom
from course_lib.tools.autograder.gradescope import write_autograder
from course_lib.tools.release import release

ROOT = Path(__file__).parents[2]
SHEET = """title = "Sheet 3"
exercises = ["03-1", "03-4"]
bonus = ["03-4"]
points = { "03-1" = 10 }
deadline = 2026-11-09T23:59:00
time_zone = "Europe/Berlin"
[late]
per_day = 20
[extensions]
"anna@example.org" = 3
"""
PAIR = """def best_pair(smallest, largest):
    low, high = np.sqrt(smallest), np.sqrt(largest)
    return (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2"""


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SHEET, encoding="utf-8")
    return path


def ids(notebook):
    return {cell.metadata.course.exercise for cell in notebook.cells if "exercise" in cell.metadata.get("course", {})}


# --- What students get -------------------------------------------------------------------------------------


def test_a_pack_has_the_exercises_of_the_sheet_what_they_count_until_when_and_no_name(sheet, tmp_path):
    release("03", tmp_path / "pack", settings=sheet)
    notebook = nbformat.read(tmp_path / "pack" / "03_momentum.ipynb", as_version=4)
    assert ids(notebook) == {"03-1", "03-4"}
    said = notebook.cells[1].source
    assert "| 03-1 Momentum | 10 |  |" in said and "bonus" in said and "2026-11-09 23:59 CET" in said and "20 %" in said
    points = {
        c.metadata.nbgrader.grade_id: c.metadata.nbgrader.get("points")
        for c in notebook.cells
        if "nbgrader" in c.metadata
    }
    assert points["check-03-1"] == 10 and points["check-03-4"] == exercises()["03-4"].points
    files = [path for path in (tmp_path / "pack").rglob("*") if path.is_file() and path.suffix != ".whl"]
    assert not [path for path in files if "anna" in path.read_text(encoding="utf-8")]
    public = read_sheet(tmp_path / "pack" / "assignments" / "03.toml")
    ours = read_sheet(sheet, "03")
    assert (public.ids(), public.points, public.deadline, public.late) == (
        ours.ids(),
        ours.points,
        ours.deadline,
        ours.late,
    )


def test_check_asks_in_a_pack_for_the_exercises_of_its_sheet(sheet, tmp_path, monkeypatch):
    release("03", tmp_path / "pack", settings=sheet)
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "pack"))
    checked = check_notebook(tmp_path / "pack" / "03_momentum.ipynb")
    assert [report.exercise_id for report in checked.reports] == ["03-1", "03-4"]


@pytest.mark.parametrize(
    "change, words", [("03-9", "has exercise 03-9, which the course does not have"), ("", "has no exercise 03-4")]
)
def test_a_notebook_that_has_other_exercises_than_the_course_is_not_handed_out(change, words, tmp_path):
    for name in ("course.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "course_lib").mkdir()
    shutil.copy(ROOT / "course_lib" / "__init__.py", tmp_path / "course_lib")
    notebook = nbformat.read(ROOT / "exercises" / "03_momentum.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("course", {}).get("exercise") == "03-4":
            cell.metadata.course = {"exercise": change} if change else {}
    (tmp_path / "exercises").mkdir()
    nbformat.write(notebook, tmp_path / "exercises" / "03_momentum.ipynb")
    with pytest.raises(ValueError, match=words):
        release("03", tmp_path / "out", tmp_path)


# --- Whose course it is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, words",
    [
        ("nam = 'x'", "course.toml: there is no key nam; is name meant?"),
        ("term = 3", "course.toml: term must be a line of text, not 3."),
        (
            "language = 'german'",
            'language must be the short name of a language, such as "en" or "de-CH", not "german".',
        ),
        (
            "logo = 'no.svg'",
            "logo must be a file beside it that ends in .svg, .png, .jpg, .jpeg and has at most 500 kB",
        ),
        ("[colours]\nlink = '#000000'", "there is no colour link"),
        ("[colours]\naccent = 'red'", 'that of "accent" is "red"'),
        ("[colours]\naccent = '#ffff00'", "has a contrast of 1.1, and 4.5 is what can be read"),
    ],
)
def test_what_is_wrong_in_the_course_s_own_file_is_one_sentence(text, words, tmp_path):
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadSettings) as error:
        read_course(tmp_path / "course.toml")
    assert words in str(error.value) and "\n" not in str(error.value)


def test_pages_bear_name_logo_footer_and_colours_and_without_a_file_nothing_is_different(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    plain = page("Title", "<p>body</p>")
    assert 'of-the-course"' not in plain and "--accent:" not in plain
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    text = "name = 'Lernen <3'\nterm = 'WS 26'\nlanguage = 'de'\nlogo = 'logo.svg'\nfooter = 'Fragen'\n"
    text += "[colours]\naccent = '#7a1f3d'"
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    ours = page("Title", "<p>body</p>")
    assert '<header class="of-the-course" lang="de"><img src="data:image/svg+xml;base64,' in ours
    assert "<b>Lernen &lt;3</b> · <b>WS 26</b>" in ours and ">Fragen</footer>" in ours and "--accent: #7a1f3d" in ours


@pytest.mark.parametrize("one, other, seen", [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_that_of_the_guidelines(one, other, seen):
    assert contrast(one, other) == pytest.approx(seen, abs=0.01)


# --- Gradescope ------------------------------------------------------------------------------------------------


def notebook(*cells):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return nbformat.writes(made)


@pytest.fixture
def container(sheet, tmp_path, monkeypatch):
    """``/autograder`` as Gradescope lays it out, with a submission of one right exercise of two."""
    with zipfile.ZipFile(write_autograder("03", tmp_path / "zips", sheet, seed=7)) as archive:
        archive.extractall(tmp_path / "autograder" / "source")
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    (tmp_path / "autograder" / "submission").mkdir()
    (tmp_path / "autograder" / "submission" / "mine.ipynb").write_text(notebook("import numpy as np", PAIR))
    users = [{"email": "ben@example.org", "id": 1, "name": "Ben"}]
    about = {"created_at": "2026-11-10T08:00:00.365935+01:00", "users": users}
    (tmp_path / "autograder" / "submission_metadata.json").write_text(json.dumps(about))
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "autograder" / "source"))
    return tmp_path / "autograder", modes


def test_the_zip_holds_both_scripts_at_its_top_our_wheel_the_sheet_and_the_seed(container, tmp_path):
    folder, modes = container
    wheel = next(name for name in modes if name.endswith(".whl"))
    assert set(modes) == {"setup.sh", "run_autograder", "requirements.txt", "settings.json", "sheet.toml", wheel}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755 and modes["settings.json"] == 0o600
    assert os.stat(tmp_path / "zips" / "gradescope_03.zip").st_mode & 0o777 == 0o600
    for script in ("setup.sh", "run_autograder"):
        text = (folder / "source" / script).read_text()
        assert (
            text.startswith("#!/usr/bin/env bash\n")
            and not subprocess.run(["bash", "-n"], input=text, text=True).returncode
        )
    assert (folder / "source" / "requirements.txt").read_text().split() == ["numpy>=2.0", "scikit-learn>=1.5", "tzdata"]


def test_a_submission_is_marked_with_gradescope_s_time_and_the_sheet_s_rules(container, capsys):
    folder, _ = container
    assert gradescope_run.main(folder) == 0, capsys.readouterr().out
    found = json.loads((folder / "results" / "results.json").read_text())
    full = exercises()["03-4"].points
    assert found["score"] == pytest.approx(0.8 * full) and "Gradescope's time" in found["output"]
    assert {test["name"].split()[0] for test in found["tests"]} == {"03-1", "03-4"}
    about = json.loads((folder / "submission_metadata.json").read_text())
    about["users"][0]["email"] = "anna@example.org"
    about["assignment"] = {"due_date": "2026-11-08T23:59:00+01:00"}
    (folder / "submission_metadata.json").write_text(json.dumps(about))
    assert gradescope_run.main(folder) == 0 and "that of the sheet is 2026-11-09" in capsys.readouterr().out
    assert json.loads((folder / "results" / "results.json").read_text())["score"] == full, "anna has three days more"


def test_what_is_no_notebook_is_a_sentence_for_the_student_and_no_failure(container):
    folder, _ = container
    (folder / "submission" / "mine.ipynb").unlink()
    (folder / "submission" / "essay.pdf").write_bytes(b"%PDF-1.7")
    assert gradescope_run.main(folder) == 0
    found = json.loads((folder / "results" / "results.json").read_text())
    assert found["score"] == 0 and "not a notebook" in found["output"]


# --- GitHub Classroom --------------------------------------------------------------------------------------------


def test_classroom_s_reporter_finds_scores_that_add_up(tmp_path):
    (tmp_path / "mine.ipynb").write_text(notebook("import numpy as np", PAIR))
    found = json.loads(base64.b64decode(classroom.results(tmp_path / "mine.ipynb")))
    asked = [one for id, one in exercises().items() if id.startswith("03-")]
    assert found["max_score"] == sum(one.points for one in asked) and found["status"] == "fail"
    assert sum(test["score"] for test in found["tests"]) == exercises()["03-4"].points
    assert {"name", "status", "message", "score"} <= set(found["tests"][0])


def test_the_workflow_runs_what_is_in_the_pack_and_hands_its_results_to_the_reporter(sheet, tmp_path):
    yaml = pytest.importorskip("yaml")
    paths = classroom.write_template("03", tmp_path / "template", settings=sheet)
    flow = yaml.safe_load((tmp_path / "template" / ".github/workflows/classroom.yml").read_text())
    job = flow["jobs"]["autograding"]
    assert job["name"] == "Autograding Tests" and paths[-1].name == "classroom.yml"
    _, _, check, report = job["steps"]
    assert report["with"]["runners"] == check["id"] == "course"
    assert report["env"] == {"COURSE_RESULTS": "${{ steps.course.outputs.result }}"}
    named = {word for word in check["run"].split() if word.endswith((".py", ".ipynb"))}
    assert all((tmp_path / "template" / word).is_file() for word in named) and named


# --- The page ----------------------------------------------------------------------------------------------------


def test_the_files_that_the_page_shows_are_taken_and_every_key_is_named_in_it(tmp_path):
    text = (ROOT / "docs" / "your-course.md").read_text(encoding="utf-8")
    course, sheet = (block.split("```")[0] for block in text.split("```toml\n")[1:])
    (tmp_path / "course.toml").write_text(course, encoding="utf-8")
    (tmp_path / "03.toml").write_text(sheet, encoding="utf-8")
    assert read_course(tmp_path / "course.toml").colours and read_sheet(tmp_path / "03.toml").by_hand
    keys = {one.name for cls in (Sheet, Late, Course) for one in fields(cls) if "take" in one.metadata}
    assert not {
        key
        for key in keys
        if f"`{key}`" not in text and f"{key} = " not in text and f"[{key}]" not in text and f".{key}`" not in text
    }


# --- nbgrader ----------------------------------------------------------------------------------------------------


def test_nbgrader_s_assignment_and_verdict_have_the_exercises_and_points_of_the_sheet(tmp_path, monkeypatch):
    pytest.importorskip("nbgrader")
    from course_lib.tools.nbgrader import mending, plugin

    monkeypatch.setattr(plugin, "_zygotes", {})
    monkeypatch.setattr(mending, "_readers", {})
    (tmp_path / "assignments").mkdir()
    (tmp_path / "assignments" / "03.toml").write_text('exercises = ["03-4"]\npoints = { "03-4" = 10 }\n')
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    about = {"nbgrader": {"notebook": "03_momentum", "assignment": "03_momentum"}}
    source = nbformat.read(ROOT / "solutions" / "03_momentum.ipynb", as_version=4)
    made, _ = plugin.CutSolutions().preprocess(source, about)
    checks = {c.metadata.nbgrader.grade_id: c for c in made.cells if c.metadata.get("nbgrader", {}).get("grade")}
    assert ids(made) == {"03-4"} and checks["check-03-4"].metadata.nbgrader.points == 10
    for cell in made.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = PAIR
    marked, _ = plugin.Verdict(seed=5).preprocess(made, about)
    for program in (*plugin._zygotes.values(), *mending._readers.values()):
        program.close()
    (words, points) = next(cell.outputs for cell in marked.cells if cell.get("outputs"))
    assert points.data["text/plain"] == "10.0" and "10 of 10" in words.data["text/plain"]
