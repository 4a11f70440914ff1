"""Building notebooks: bytes that stay, exercises without answers, one sentence for what is wrong."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.checks import EXERCISES
from course_lib.tools.notebook_tools import NotebookError, build, check_notebook_files
from course_lib.tools.notebook_tools.assignments import exercise_notebook, stub
from course_lib.tools.notebook_tools.builder import sources
from course_lib.tools.notebook_tools.files import normalise, read, text
from course_lib.tools.notebook_tools.lint import lint

SOLUTION = '''def gradient_step(theta, gradient, learning_rate):
    """One step."""
    secret = learning_rate * gradient(theta)
    return theta - secret'''


def code(source, role=None, exercise="00-1"):
    about = {"role": role} if role == "setup" else {"role": role, "exercise": exercise}
    return new_code_cell(source, metadata={"course": about} if role else {})


def words(source, role=None, exercise="00-1"):
    return new_markdown_cell(source, metadata={"course": {"role": role, "exercise": exercise}} if role else {})


def assignment():
    return [
        code("from course_lib.checks import check", "setup"),
        words("Write it.", "statement"),
        code(SOLUTION, "solution"),
        words("The secret is one line.", "answer"),
        code('check("00-1", gradient_step)', "check"),
        code("gradient_step([1.0], lambda theta: 0, 1).shape", "look"),
    ]


@pytest.fixture
def root(tmp_path):
    for folder in ("notebooks", "solutions"):
        (tmp_path / folder).mkdir()
    return tmp_path


def write(path, cells):
    path.write_text(nbformat.writes(new_notebook(cells=cells)), encoding="utf-8")
    return path


def quietly(line):
    pass


def test_a_build_is_repeatable_to_the_byte_and_the_check_agrees(root):
    imports = "from course_lib.figures.show import show\nfrom course_lib.figures.style import new_figure\nx = 2"
    picture = "figure, ax = new_figure(3, 2)\nshow((figure, 'an empty figure'))"
    cells = [code(imports), words("# Text"), code("x"), code(picture)]
    lecture = write(root / "notebooks" / "01_a.ipynb", cells)
    solution = write(root / "solutions" / "00_b.ipynb", assignment())
    solution_cells = read(solution).cells
    solution_cells[-1].source = "gradient_step(2.0, lambda theta: theta, 0.5)"
    write(solution, solution_cells)
    assert build(root=root, say=quietly) == []
    files = [lecture, solution, root / "exercises" / "00_b.ipynb"]
    before = [path.read_bytes() for path in files]
    assert build(root=root, say=quietly) == []
    assert [path.read_bytes() for path in files] == before
    assert build(root=root, check=True, say=quietly) == []
    assert read(lecture).cells[2].outputs[0].data["text/plain"] == "2"


def test_a_build_writes_the_minutes_of_a_chapter_and_says_what_does_not_fit(root):
    table = "# A\n\n| | |\n|---|---|\n| **Time** | {} |"
    cells = [words(table.format("an hour")), code("import math"), words("word " * 130 * 51)]
    lecture = write(root / "notebooks" / "01_a.ipynb", cells)
    solution = write(root / "solutions" / "00_b.ipynb", [words(table.format("an hour")), *assignment()[:1]])
    said = []
    assert build([lecture, solution], root=root, say=said.append) == []
    assert read(lecture).cells[0].source == table.format("core 51 minutes, all 51")
    assert read(solution).cells[0].source == table.format("an hour")
    assert "    51 minutes for the core; at most 50" in said
    before = lecture.read_bytes()
    assert build([lecture, solution], check=True, root=root, say=quietly) == []
    lecture.write_bytes(before.replace(b"core 51", b"core 15"))
    assert "not in normal form" in build([lecture], check=True, root=root, say=quietly)[0]


def test_the_check_finds_edits_by_hand_and_changes_nothing(root):
    solution = write(root / "solutions" / "00_b.ipynb", assignment())
    exercise = root / "exercises" / "00_b.ipynb"
    exercise.parent.mkdir()
    exercise.write_text("edited")
    (root / "exercises" / "99_lost.ipynb").write_text("{}")
    before = solution.read_bytes()
    problems = "\n".join(build(root=root, check=True, say=quietly))
    assert "execution count None, but 1 was expected" in problems
    assert "solutions/00_b.ipynb: not in normal form" in problems
    assert "exercises/00_b.ipynb: not what its solution gives" in problems
    assert "exercises/99_lost.ipynb: there is no solution" in problems
    assert (solution.read_bytes(), exercise.read_text()) == (before, "edited")


def test_a_cell_that_fails_is_named_and_the_file_stays_as_it_was(root):
    path = write(root / "notebooks" / "01_a.ipynb", [code("import math"), words("Text"), code("1 / 0")])
    before = path.read_bytes()
    (problem,) = build(root=root, say=quietly)
    assert problem == "notebooks/01_a.ipynb, cell 3: the cell raised ZeroDivisionError: division by zero"
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["{", "", "[]", '{"cells": []}', "\x00", '{"nbformat": 4, "cells": [{}]}'])
def test_what_is_no_notebook_gets_one_sentence_with_its_name(root, content):
    (root / "notebooks" / "01_a.ipynb").write_text(content)
    (problem,) = build(root=root, check=True, say=quietly)
    assert problem.startswith("notebooks/01_a.ipynb: ") and "\n" not in problem


def test_bytes_that_are_no_text_get_one_sentence(root):
    (root / "notebooks" / "01_a.ipynb").write_bytes(b"\xff\xfe\xfa")
    (problem,) = build(root=root, check=True, say=quietly)
    assert "cannot be read as text" in problem


def test_paths_that_do_not_exist_are_named(root):
    with pytest.raises(NotebookError, match="nowhere"):
        sources([root / "nowhere"])
    assert "no such file" in build([root / "notebooks" / "09_x.ipynb"], root=root, say=quietly)[0]


def test_an_exercise_stands_for_its_solution(root):
    solution = write(root / "solutions" / "00_b.ipynb", assignment())
    assert sources([root / "exercises" / "00_b.ipynb"]) == [solution.resolve()]


def test_the_exercise_keeps_signature_and_docstring_and_loses_body_and_answer(root):
    made = exercise_notebook(new_notebook(cells=assignment()), root / "solutions" / "00_b.ipynb")
    assert "secret" not in text(made)
    stub_cell = made.cells[2]
    assert stub_cell.source.startswith('def gradient_step(theta, gradient, learning_rate):\n    """One step."""')
    space = {}
    exec(stub_cell.source, space)
    with pytest.raises(NotImplementedError, match="Exercise 00-1: write gradient_step"):
        space["gradient_step"](1, 2, 3)
    assert stub_cell.metadata.nbgrader.solution and made.cells[3].metadata.nbgrader.points == EXERCISES["00-1"].points


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"role": "solutoin", "exercise": "00-1"}, "unknown role 'solutoin'"),
        ({"role": "solution", "exercise": "00-9"}, "'00-9'"),
        ({"role": "solution"}, "needs an exercise id"),
        ({"rolle": "solution"}, "holds a role and an exercise"),
        ({"reading": "third"}, "core or second, not 'third'"),
        ("solution", "holds a role and an exercise"),
    ],
)
def test_a_role_that_is_not_known_stops_the_build_and_makes_no_exercise(root, metadata, sentence):
    cells = assignment()
    cells[2].metadata["course"] = metadata
    write(root / "solutions" / "00_b.ipynb", cells)
    (problem,) = build(root=root, say=quietly)
    assert problem.startswith("solutions/00_b.ipynb, cell 3: ") and sentence in problem
    assert not (root / "exercises" / "00_b.ipynb").exists()


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (SOLUTION + "\nx = 1", "one function"),
        (SOLUTION.replace("gradient_step", "step"), "one function"),
        ("def gradient_step(theta):\n    return theta", "docstring"),
        ('def gradient_step(theta):\n    """Only words."""', "and a body"),
        ("def gradient_step(theta", "not valid Python"),
        ("", "one function"),
    ],
)
def test_a_solution_cell_that_could_leak_or_cut_wrongly_is_refused(source, sentence):
    with pytest.raises(NotebookError, match=sentence):
        stub(source, EXERCISES["00-1"], "here")


def test_a_stub_of_a_long_signature_is_still_python():
    source = SOLUTION.replace("theta, gradient, learning_rate", "\n    theta,\n    gradient,\n    learning_rate,\n")
    made = stub(
        source.replace("One step.", "One step.\n\n    Args:\n        theta: where.\n    "), EXERCISES["00-1"], "here"
    )
    compile(made, "stub", "exec")
    assert "secret" not in made


def test_normal_form_forgets_chance_and_keeps_results():
    def noisy(model, cut):
        cell = code("show()")
        cell.outputs = [
            new_output("stream", name="stdout", text=part) for part in ("one\ntwo\n"[:cut], "one\ntwo\n"[cut:])
        ]
        view = {"model_id": model}
        data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "a figure", "image/png": PNG}
        cell.outputs.append(new_output("display_data", data, metadata={"image/png": {"alt": "It ends at 3 < 4."}}))
        cell.metadata = {"execution": {"iopub.status.busy": model}, "collapsed": True, "tags": ["keep"]}
        notebook = new_notebook(cells=[cell, code("show()")])
        notebook.metadata = {"widgets": {"state": model}, "language_info": {"version": model}}
        return text(normalise(notebook))

    assert noisy("a", 3) == noisy("b", 5)
    cell = json.loads(noisy("a", 3))["cells"][0]
    assert cell["metadata"] == {"tags": ["keep"]}
    assert cell["outputs"][0]["text"] == ["one\n", "two\n"]
    assert set(cell["outputs"][1]["data"]) == {"text/plain", "image/png"}
    (caption,) = cell["outputs"][2:]
    assert set(caption["data"]) == {"text/html"}, "for pages without a front end; a run of the cell prints no such text"
    assert caption["data"]["text/html"][0].endswith(">It ends at 3 &lt; 4.</p>")
    again = nbformat.reads(noisy("a", 3), as_version=4)
    assert text(normalise(again)) == noisy("a", 3)


def test_a_new_cell_leaves_the_ids_of_the_others_alone():
    first = normalise(new_notebook(cells=[code("a"), code("b"), code("b")]))
    second = normalise(new_notebook(cells=[code("new"), code("a"), code("b"), code("b")]))
    assert [cell.id for cell in first.cells] == [cell.id for cell in second.cells][1:]
    assert len({cell.id for cell in second.cells}) == 4


LINTED = [
    ("x = 1\n" * 21, "21 statements"),
    (f"x = {'y + ' * 25}y", "105 columns"),
    ("from numpy import *", "from numpy import *"),
    ("def f(:", "not valid Python"),
    ("  ", "empty"),
]


@pytest.mark.parametrize(("source", "sentence"), LINTED, ids=[sentence for _, sentence in LINTED])
def test_lint_names_the_cell(root, source, sentence):
    path = root / "notebooks" / "01_a.ipynb"
    problems = lint(new_notebook(cells=[code("import numpy"), code(source)]), path, executed=False)
    assert len(problems) == 1
    assert problems[0].startswith("notebooks/01_a.ipynb, cell 2: ")
    assert sentence in problems[0]


def test_lint_wants_the_imports_in_the_first_code_cell(root):
    path = root / "notebooks" / "01_a.ipynb"
    late = [code("import numpy"), code("from course_lib.run import descend")]
    for cells, what in (([code("x = 1")], "holds the imports"), (late, "belong into the set-up cell, cell 1")):
        (problem,) = lint(new_notebook(cells=cells), path, executed=False)
        assert what in problem
    assert lint(new_notebook(cells=[code("import numpy"), code("import torch")]), path, executed=False) == []
    assert lint(new_notebook(cells=[words("only text")]), path) == []


def test_lint_wants_one_cell_marked_as_setup_in_a_solution(root):
    path = root / "solutions" / "00_b.ipynb"
    (problem,) = lint(new_notebook(cells=[code("import numpy"), *assignment()[1:]]), path, executed=False)
    assert "exactly one cell must have the role 'setup'" in problem


def test_lint_sees_cells_out_of_order_errors_and_warnings(root):
    path = root / "notebooks" / "01_a.ipynb"
    cells = [code("import x"), code("y"), code("z")]
    for cell, count in zip(cells, (1, 3, 3), strict=True):
        cell.execution_count = count
    cells[0].outputs = [new_output("stream", name="stderr", text="x\nUserWarning: careful\n")]
    cells[2].outputs = [new_output("error", ename="ValueError", evalue="bad", traceback=[])]
    problems = lint(new_notebook(cells=cells), path)
    assert len(problems) == 3
    assert "UserWarning" in problems[0] and "2 was expected" in problems[1] and "ValueError: bad" in problems[2]


def test_lint_wants_statement_solution_check_look_in_order(root):
    cells = assignment()
    cells[1], cells[4] = cells[4], cells[1]
    path = write(root / "solutions" / "00_b.ipynb", cells)
    assert any("it must go statement, solution, check, look" in problem for problem in check_notebook_files(path))


def test_magics_are_no_syntax_errors(root):
    cells = [code("%matplotlib inline\n!ls\nimport numpy")]
    assert lint(new_notebook(cells=cells), root / "notebooks" / "01_a.ipynb", executed=False) == []


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_the_code_of_a_question_is_folded_away():
    sources = ('quiz("03-q1", "?")', 'predict("03-a", "?")', 'resolve("03-a")', "x = quiz")
    cells = [new_code_cell(source) for source in sources]
    notebook = normalise(new_notebook(cells=cells))
    hidden = [cell.metadata.get("jupyter", {}).get("source_hidden", False) for cell in notebook.cells]
    assert hidden == [True, True, True, False]
