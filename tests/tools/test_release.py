"""What is handed out: it works where it is unpacked, and holds no solution and no seed."""

import ast
import io
import json
import re
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from course_lib.checks import EXERCISES
from course_lib.grading.reader import handed_out
from course_lib.grading.source import is_stub
from course_lib.place import TORCH_CPU, TORCH_CPU_INDEX
from course_lib.tools import cli
from course_lib.tools.release import library_wheel, release

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = sorted(path.stem for path in (ROOT / "exercises").glob("*.ipynb"))
FUNCTIONS = {exercise.function for exercise in EXERCISES.values()}
STUBS = handed_out(EXERCISES.values())


@cache
def bodies():
    """``(file, body in one line)`` of what is written by hand in ``solutions`` and cut for students."""
    found = []
    for path in (ROOT / "solutions").glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            role = cell.metadata.get("course", {}).get("role")
            if role == "solution":
                node = ast.parse(cell.source).body[0]
                assert len(node.body) > 1
                found.append((path.name, "\n".join(cell.source.splitlines()[node.body[0].end_lineno :])))
            elif role in ("answer", "text"):
                found.append((path.name, cell.source))
    return [(name, in_one_line(body).strip()) for name, body in found]


def contents(folder):
    """``{name: bytes}`` of all files, those in the wheel included."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return files | {f"{wheel.name}/{name}": archive.read(name) for name in archive.namelist()}


@cache
def library(data):
    """``{name: text}`` of the files in a wheel, which is the same for all assignments and read once."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


@cache
def written_in_the_library(data):
    """``(place, name)`` of all functions in a wheel that an exercise asks for and that are no stubs."""
    files = {f"course.whl/{name}": text for name, text in library(data).items() if name.endswith(".py")}
    return [(place, node.name) for place, node in defined_in(files) if not is_stub(node, STUBS)]


@cache
def leaks_of_the_library(data):
    return leaks("\n".join(library(data).values()))


def leaks(text):
    """The ``(file, body)`` of all hand-written solutions and answers that a text holds."""
    everything = in_one_line(text)
    return [(name, body) for name, body in bodies() if body in everything and body.count(" ") >= 6]


def in_one_line(text):
    return re.sub(r"\s+", " ", text)


def defined_in(sources):
    return [
        (place, node)
        for place, source in sources.items()
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name in FUNCTIONS
    ]


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def released(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    release(request.param, folder)
    return request.param, folder


def test_students_get_notebook_start_file_library_and_requirements(released):
    name, folder = released
    (wheel,) = folder.glob("*.whl")
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{name}.ipynb", "README.md", "course.py", "requirements.txt", wheel.name}
    assert (folder / "course.py").read_bytes() == (ROOT / "course.py").read_bytes()
    lines = (folder / "requirements.txt").read_text().splitlines()[1:]
    if name.startswith("10"):  # whose exercises are about PyTorch
        assert lines[0] == f"--extra-index-url {TORCH_CPU_INDEX}"
        assert Requirement(lines[1]).specifier.contains(TORCH_CPU.partition("==")[2])
        assert lines[2:] == [f"./{wheel.name}[lab,data,torch]"]
    else:
        assert lines == [f"./{wheel.name}[lab,data]"]


def test_the_notebook_is_the_courses_own_but_for_links_that_lead_nowhere_from_there(released):
    name, folder = released
    ours = nbformat.read(ROOT / "exercises" / f"{name}.ipynb", as_version=4)
    theirs = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    assert ours.metadata == theirs.metadata and len(ours.cells) == len(theirs.cells)
    for our, their in zip(ours.cells, theirs.cells, strict=True):
        if our.cell_type == "markdown":
            links = re.findall(r"\]\(([^)]+)\)", their.source)
            assert all("://" in link or link.startswith("#") or (folder / link).exists() for link in links)
            our.source, their.source = (re.sub(r"\]\([^)]*\)|\[", "", cell.source) for cell in (our, their))
        assert our == their


def off_limits(place, function):
    """Whether the library file ``place`` (inside the wheel) may not be used by the exercise of this function."""
    module = place.partition(".whl/")[2].removesuffix(".py").replace("/", ".")
    exercise = next(exercise for exercise in EXERCISES.values() if exercise.function == function)
    return any(f"{module}.".startswith(f"{forbidden}.") for forbidden in exercise.forbidden)


def test_no_written_function_of_an_exercise_is_in_it(released):
    """By name, in Python files and in code cells alike. The library is part of the text and may have a function of
    the same name that can be imported: then the exercise has to name that module as off limits."""
    name, folder = released
    cells = nbformat.read(folder / f"{name}.ipynb", as_version=4).cells
    sources = {f"cell {i}": cell.source for i, cell in enumerate(cells) if cell.cell_type == "code"}
    sources |= {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    defined = defined_in(sources)
    assert [place for place, _ in defined if place.startswith("cell")]
    (wheel,) = folder.glob("*.whl")
    written = [(place, node.name) for place, node in defined if not is_stub(node, STUBS)]
    written += written_in_the_library(wheel.read_bytes())
    assert not [(place, name) for place, name in written if not off_limits(place, name)]


def test_no_body_of_a_solution_and_no_answer_is_in_it(released):
    found, (wheel,) = contents(released[1]), released[1].glob("*.whl")
    beside = "\n".join(data.decode("utf-8", "replace") for name, data in found.items() if ".whl" not in name)
    assert [*leaks(beside), *leaks_of_the_library(wheel.read_bytes())] == []
    assert len(bodies()) >= len(EXERCISES)
    assert not [place for place in found if "solutions" in place or "tests/" in place or "submission" in place.lower()]


def test_a_body_that_is_in_it_is_found():
    name, body = next((name, body) for name, body in bodies() if body.count(" ") >= 6)
    assert (name, body) in leaks(f"x = 1\n    {body}\n")


def test_no_seed_of_a_run_is_in_it(tmp_path):
    """Not even when the results lie where the release is packed from."""
    root = tmp_path / "course"
    for name in ("course.py", "course_lib", "exercises", "solutions", "pyproject.toml"):
        (root / name).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", str(ROOT / name), str(root / name)], check=True)
    for place in ("grades/run.json", "hidden_seed", "course_lib/grades.sqlite", "solutions/grades/run.json"):
        (root / place).parent.mkdir(exist_ok=True)
        (root / place).write_text(json.dumps({"seed": 918273645546}))
    release("03", tmp_path / "out", root)
    assert not [place for place, data in contents(tmp_path / "out").items() if b"918273645546" in data]


def test_data_beside_the_solution_goes_along(tmp_path):
    root = tmp_path / "course"
    for name in ("course.py", "course_lib", "exercises", "pyproject.toml"):
        (root / name).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", str(ROOT / name), str(root / name)], check=True)
    data = root / "solutions" / "03_momentum_data" / "table.csv"
    data.parent.mkdir(parents=True)
    data.write_text("1,2\n")
    (data.parent / "link.csv").symlink_to("/etc/passwd")
    release("03", tmp_path / "out", root)
    assert (tmp_path / "out" / "03_momentum_data" / "table.csv").read_text() == "1,2\n"
    assert not (tmp_path / "out" / "03_momentum_data" / "link.csv").exists()


def test_the_same_course_gives_the_same_bytes(tmp_path):
    release("03", tmp_path / "one")
    release("3", tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_wheel_installs_and_checks_a_notebook_from_there(tmp_path):
    name, data = library_wheel()
    (tmp_path / name).write_bytes(data)
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(tmp_path / "site")]
    done = subprocess.run([*pip, str(tmp_path / name)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "import course_lib; print(course_lib.__file__)\n"
        "from course_lib.tools.cli import main\n"
        f"sys.exit(main(['check', {str(ROOT / 'solutions' / '03_momentum.ipynb')!r}]))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "site") in done.stdout and "03-4" in done.stdout


def test_every_file_of_the_library_is_in_the_wheel(tmp_path):
    name, data = library_wheel()
    (tmp_path / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / name) as archive:
        packed = set(archive.namelist())
    tracked = subprocess.run(["git", "ls-files", "course_lib"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a clone")
    assert not set(tracked.stdout.split()) - packed


def test_what_changed_in_the_library_is_a_wheel_of_another_version_and_takes_the_place_of_the_old_one(tmp_path):
    root = tmp_path / "course"
    root.mkdir()
    for name in ("course.py", "course_lib", "exercises", "pyproject.toml"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(root / name)], check=True)
    release("03", tmp_path / "out", root)
    (before,) = (tmp_path / "out").glob("*.whl")
    (root / "course_lib" / "run.py").open("a").write("\n# mended\n")
    (tmp_path / "out" / "mine.whl").touch()
    release("03", tmp_path / "out", root)
    after = {path.name for path in (tmp_path / "out").glob("*.whl")} - {"mine.whl"}
    assert len(after) == 1 and before.name not in after
    assert Version(before.name.split("-")[1]) != Version(after.pop().split("-")[1])


def test_it_is_never_packed_over_the_course_itself():
    with pytest.raises(ValueError, match="a folder of the course itself"):
        release("03", ROOT / "exercises")


def test_the_command_names_what_it_wrote(tmp_path, capsys):
    assert cli.main(["release", "03", "-o", str(tmp_path / "out")]) == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(str(path) for path in (tmp_path / "out").iterdir())
