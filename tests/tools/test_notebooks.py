"""Every notebook of the course: executed, in order, in normal form; exercises made from solutions, without answers.

That stored outputs are what the cells give is compared by ``pytest --nbval notebooks solutions``.
"""

import ast
import re
from configparser import ConfigParser

import nbformat
import pytest

from course_lib.checks import EXERCISES, QUESTIONS, check
from course_lib.checks.kinds import AS_HANDED_OUT, NAMED
from course_lib.figures.show import where_of
from course_lib.grading.answers import placeholder
from course_lib.tools.notebook_tools import ROOT, check_notebook_files
from course_lib.tools.notebook_tools.assignments import exercise_notebook
from course_lib.tools.notebook_tools.files import read, text

SOLUTIONS = sorted(ROOT.glob("solutions/*.ipynb"))
LECTURES = sorted(ROOT.glob("notebooks/*.ipynb"))
EXERCISE_FILES = sorted(ROOT.glob("exercises/*.ipynb"))


def names(path):
    return f"{path.parent.name}/{path.stem}"


def cells(path, role):
    found = [cell for cell in read(path).cells if cell.metadata.get("course", {}).get("role") == role]
    return [(cell.metadata.course.get("exercise"), cell.source) for cell in found]


def functions(path):
    """``{exercise id: texts of its solution cells}``."""
    found = {}
    for id, source in cells(path, "solution"):
        found.setdefault(id, []).append(source)
    return found


def run_cells(*sources):
    space = {"__name__": "__main__"}
    for source in sources:
        exec(compile(source, "<cell>", "exec"), space)
    return space


@pytest.mark.parametrize("path", [*LECTURES, *SOLUTIONS], ids=names)
def test_every_cell_was_executed_in_order_and_the_file_is_what_a_build_writes(path):
    assert check_notebook_files(path) == []


@pytest.mark.parametrize("path", [*LECTURES, *SOLUTIONS, *EXERCISE_FILES], ids=names)
def test_a_link_to_a_cell_leads_to_one_also_from_what_is_stored(path):
    for file, id in set(re.findall(r"([\w/.]+\.ipynb)#cell-id=(\w+)", path.read_text(encoding="utf-8"))):
        target = path.parent / file
        assert id in {cell.id for cell in read(target).cells}, f"{file}#{id}: build {path.name} anew"


def test_every_exercise_notebook_has_a_solution():
    assert {path.name for path in EXERCISE_FILES} == {path.name for path in SOLUTIONS}


@pytest.mark.parametrize("path", [*LECTURES, *SOLUTIONS], ids=names)
def test_outputs_are_stored_and_read_without_a_front_end(path):
    for number, cell in enumerate(read(path).cells, start=1):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            assert not any("widget" in kind for kind in data), f"cell {number} stores a widget's random id"
            if output.output_type in ("display_data", "execute_result"):
                live = "live" in output.metadata.get("tags", ())  # a caption beneath its figure, whose text says it
                assert live or data.get("text/plain"), f"cell {number} shows nothing in plain text"
                assert "0x" not in data.get("text/plain", ""), f"cell {number} shows a memory address"


@pytest.mark.parametrize("path", [*LECTURES, *SOLUTIONS], ids=names)
def test_every_stored_picture_says_where_a_phone_may_cut_it(path):
    outputs = [output for cell in read(path).cells for output in cell.get("outputs", ())]
    described = [output.metadata.get("image/png", {}) for output in outputs if "image/png" in output.get("data", {})]
    assert [one.get("alt") for one in described if where_of(one) is None] == []


@pytest.mark.parametrize("path", LECTURES, ids=names)
def test_every_picture_in_a_lecture_has_alt_text(path):
    for number, cell in enumerate(read(path).cells, start=1):
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt") or output.data["text/plain"]
                assert len(alt) > 20 and not alt.startswith("<"), f"cell {number}"


def test_every_exercise_has_its_notebook_cells_and_every_solution_its_exercise_notebook():
    written = {id: len(texts) for path in SOLUTIONS for id, texts in functions(path).items()}
    assert written == {id: len(exercise.functions) for id, exercise in EXERCISES.items()}
    assert sorted(id for path in SOLUTIONS for id, _ in cells(path, "text")) == sorted(QUESTIONS)
    assert [path.name for path in EXERCISE_FILES] == [path.name for path in SOLUTIONS]


@pytest.mark.parametrize("path", SOLUTIONS, ids=names)
def test_exercises_regenerate_to_the_same_bytes(path):
    stored = (ROOT / "exercises" / path.name).read_text(encoding="utf-8")
    assert text(exercise_notebook(read(path), path)) == stored


@pytest.mark.parametrize("path", EXERCISE_FILES, ids=names)
def test_no_exercise_holds_solution_code(path):
    faulty = [f"def {exercise.function}(" for exercise in EXERCISES.values() if exercise.kind == "debug"]
    shown = [cell for cell in read(path).cells if not cell.source.startswith(tuple(faulty))]  # code that is given
    everything = "\n".join(cell.source for cell in shown)
    code = "\n".join(cell.source for cell in shown if cell.cell_type == "code")
    for id, source in cells(ROOT / "solutions" / path.name, "solution"):
        body = ast.parse(source).body[0].body[1:]
        assert body
        if EXERCISES[id].kind == "debug" and EXERCISES[id].function in source:
            given = [text for own, text in cells(path, "solution") if own == id and "def fault_of" not in text]
            assert [ast.unparse(ast.parse(text)) for text in given] != [ast.unparse(ast.parse(source))]
            continue
        for statement in body:
            line = ast.unparse(statement)
            assert line not in "\n".join(map(ast.unparse, ast.parse(code).body)), line
            assert source.splitlines()[statement.lineno - 1].strip() not in everything
    for _, words in (*cells(ROOT / "solutions" / path.name, "answer"), *cells(ROOT / "solutions" / path.name, "text")):
        assert words.splitlines()[0] not in everything
    assert [text for _, text in cells(path, "text")] == [placeholder(id) for id, _ in cells(path, "text")]


@pytest.mark.parametrize("path", EXERCISE_FILES, ids=names)
def test_an_exercise_is_handed_out_without_outputs(path):
    for cell in read(path).cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.parametrize("path", SOLUTIONS, ids=names)
def test_every_solution_earns_full_points_with_visible_and_other_seeds(path, seeds):
    ((_, setup),) = cells(path, "setup")
    for id, sources in functions(path).items():
        space = run_cells(setup, *sources)  # on its own: as after a restart of the kernel
        written = [space[name] for name in EXERCISES[id].functions]
        assert check(id, *written).passed
        for seed in seeds(id):
            assert EXERCISES[id].run(EXERCISES[id].joined(written), seed).points == EXERCISES[id].points


@pytest.mark.parametrize("path", EXERCISE_FILES, ids=names)
def test_every_stub_earns_nothing_and_reads_not_written_yet(path):
    ((_, setup),) = cells(path, "setup")
    for id, sources in functions(path).items():
        space = run_cells(setup, *sources)
        report = check(id, *(space[name] for name in EXERCISES[id].functions))
        assert report.points == 0
        if EXERCISES[id].kind != "debug":
            assert {result.sentence for result in report.results} == {"Not written yet."}
            continue
        told = {result.mistake for result in report.results if result.kind not in ("NotYet", "NotWritten")}
        assert told == {AS_HANDED_OUT} and NAMED in {result.title for result in report.results}


@pytest.mark.parametrize("path", SOLUTIONS, ids=names)
def test_every_exercise_works_on_its_own_after_the_setup_cell(path, capsys):
    ((_, setup),) = cells(path, "setup")
    for id in {id for id, _ in cells(path, "solution")}:
        own = [source for exercise, source in cells(path, "solution") if exercise == id]
        look = [
            cell.source
            for cell in read(path).cells
            if cell.cell_type == "code" and cell.metadata.get("course") == {"role": "look", "exercise": id}
        ]
        assert look
        run_cells(setup, *own, *look)
        assert " yet" not in capsys.readouterr().out  # with its blank: a picture's base64 may hold the three letters


@pytest.mark.parametrize("path", EXERCISE_FILES, ids=names)
def test_looking_at_a_stub_says_so_in_one_line(path, capsys):
    ((_, setup),) = cells(path, "setup")
    for id, source in cells(path, "solution"):
        if EXERCISES[id].kind == "debug":  # what it does with its fault is worth a look
            continue
        run_cells(setup, source, f'look("{id}", {EXERCISES[id].function})')
        assert capsys.readouterr().out.startswith("Nothing to see yet. Exercise " + id)


@pytest.mark.parametrize("path", [*LECTURES, *SOLUTIONS], ids=names)
def test_numbers_that_are_printed_are_compared_but_for_what_a_claim_measured(path):
    rules = ConfigParser(interpolation=None)
    rules.read(ROOT / "tests/nbval_sanitize.cfg", encoding="utf-8")
    row = re.compile(rules["measured by a claim"]["regex"])
    for cell in read(path).cells:
        for output in cell.get("outputs", []):
            printed = output.get("text") or output.get("data", {}).get("text/plain", "")
            assert not row.search(printed) or re.search(r"C-\d\d-\d", printed), printed


def test_links_between_notebooks_lead_somewhere():
    for path in (*LECTURES, *SOLUTIONS, *EXERCISE_FILES):
        for cell in read(path).cells:
            if cell.cell_type == "markdown":
                for piece in cell.source.split("](")[1:]:
                    target = piece.split(")")[0].split("#")[0]
                    if target and "://" not in target and "attachment:" not in target:
                        assert (path.parent / target).exists(), f"{names(path)} links to {target}"


def test_ids_of_questions_are_unique_in_the_course():
    found = []
    for path in LECTURES:
        for cell in read(path).cells:
            if cell.cell_type == "code":
                calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
                calls = [node for node in calls if getattr(node.func, "id", "") in ("predict", "quiz")]
                found += [(node.func.id, node.args[0].value) for node in calls]
                assert all(node.args[0].value.startswith(path.name[:2] + "-") for node in calls)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("path", LECTURES, ids=names)
def test_every_prediction_is_resolved_once_after_its_result(path):
    waiting, resolved = [], set()
    for cell in read(path).cells:
        if cell.source.startswith("predict("):
            (statement,) = ast.parse(cell.source).body
            options = next(value for value in statement.value.args if isinstance(value, ast.Dict))
            right = {keyword.arg: keyword.value.value for keyword in statement.value.keywords}["right"]
            assert right in [key.value for key in options.keys] and all(value.value for value in options.values)
            waiting.append(statement.value.args[0].value)
            result = False
        elif cell.source.startswith("resolve("):
            id = ast.parse(cell.source).body[0].value.args[0].value
            assert result and id in waiting, f"{id} is resolved before there is a result"
            waiting.remove(id)
            resolved.add(id)
        elif cell.cell_type == "code" and cell.outputs:
            result = True
        else:
            assert not (waiting and cell.source.startswith("**What happened")), f"{waiting}: told before it is resolved"
    assert not waiting


def test_no_finding_is_printed_as_true_or_false():
    for path in LECTURES:
        for number, cell in enumerate(read(path).cells, start=1):
            for output in cell.get("outputs", ()):
                text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
                lines = [line for line in text.splitlines() if re.search(r"(?<![=\w])(True|False)\b(?!\))", line)]
                assert not lines, f"{names(path)}, cell {number} prints {lines}: write what it means"


@pytest.mark.parametrize("path", [*LECTURES, *SOLUTIONS], ids=names)
def test_no_number_that_is_printed_is_a_minus_zero(path):
    """Its sign is of what was rounded off: another machine prints the other one."""
    for number, cell in enumerate(read(path).cells, start=1):
        for output in cell.get("outputs", ()):
            text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
            lines = [line for line in text.splitlines() if re.search(r"(?<![\w.])-0(\.0+)?(?![\w.])", line)]
            assert not lines, f"{names(path)}, cell {number} prints {lines}: format it as {{value:z.2f}}"


def test_notebooks_are_of_the_format_that_this_course_writes():
    for path in (*LECTURES, *SOLUTIONS, *EXERCISE_FILES):
        assert nbformat.read(path, nbformat.NO_CONVERT).nbformat_minor == 5
