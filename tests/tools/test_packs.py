"""What students get, used as a student would: two words to start, every chapter solved in an environment of its own.

All chapters go into one folder, one after the other, as in a semester in which each week's archive is unpacked over
the last one; so there is one installation, which PyTorch joins in chapter 10.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time

import nbformat
import pytest

from course_lib.checks import EXERCISES
from course_lib.tools.release import release
from tests.sample import one_in_four
from tests.tools.prepared_course import ROOT, copy_of_the_course, course
from tests.tools.test_cli import fetch, interrupted

ASSIGNMENTS = sorted(path.stem for path in (ROOT / "exercises").glob("*.ipynb"))


def role(cell):
    return cell.metadata.get("course", {}).get("role")


def solved(name):
    """The exercise notebook of the pack with the bodies of the solution in it."""
    notebook = nbformat.read(ROOT / "exercises" / f"{name}.ipynb", as_version=4)
    solution = nbformat.read(ROOT / "solutions" / f"{name}.ipynb", as_version=4)
    answers, stubs = ([cell for cell in of.cells if role(cell) in ("solution", "text")] for of in (solution, notebook))
    assert len(stubs) == len(answers) > 0
    for cell, answer in zip(stubs, answers, strict=True):
        assert cell.metadata.course["exercise"] == answer.metadata.course["exercise"]
        cell.source = answer.source
    return nbformat.writes(notebook)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """A folder as it lies on a student's disk: whatever was released last, and what was there before."""
    return tmp_path_factory.mktemp("pack") / "Optimierung für Anfänger"


@pytest.fixture(scope="module", params=one_in_four(ASSIGNMENTS, lambda name: name[:2] == "10"))
def chapter(request, pack):
    """The folder with one more chapter, what the first ``check`` in it said, and by which words it had to install."""
    release(request.param, pack)
    marker = pack / ".venv" / "course.json"
    new = request.param.startswith("10") and "Bringing" if marker.exists() else "Installing"
    done = course(pack, "check", f"{request.param}.ipynb", timeout=900)
    if "could not be installed" in done.stderr and os.environ.get("CI") != "true":
        pytest.skip("no package index can be reached")
    if request.param.startswith("10") and "PyTorch could not be had" in done.stderr:
        pytest.skip("PyTorch cannot be had here")
    return pack, request.param, done, new


def test_as_handed_out_everything_is_still_to_be_written_and_a_solution_earns_every_point(chapter):
    folder, name, first, _ = chapter
    own = [id for id in EXERCISES if id.startswith(name[:2])]
    empty = [id for id in own if EXERCISES[id].kind != "debug"]  # code with a fault is written already
    assert first.returncode == 1
    assert all(re.search(rf"^{id} .*: not written yet", first.stdout, re.M | re.I) for id in empty)

    (folder / "mine.ipynb").write_text(solved(name), encoding="utf-8")
    done = course(folder, "check", "mine.ipynb")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    earned = re.findall(r"^(\S+) .*visible checks passed: (\d+) of (\d+), (\d+) of (\d+) points", done.stdout, re.M)
    assert [id for id, *_ in earned] == own
    assert all(passed == all_checks and points == most for _, passed, all_checks, points, most in earned)


def test_the_set_up_cell_runs_and_a_check_cell_answers(chapter):
    folder, name, *_ = chapter
    cells = nbformat.read(folder / f"{name}.ipynb", as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    setup = next(cell for cell in code if cell.metadata.course["role"] == "setup")
    checks = [cell for cell in code if cell.metadata.course["role"] == "check"]
    stubs = [cell for cell in code if cell.metadata.course["role"] == "solution"]
    script = (
        "\n".join(cell.source for cell in [setup, *stubs]) + f"\nprint({checks[0].source.strip().splitlines()[-1]})"
    )
    python = folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = subprocess.run([python, "-I", "-c", script], cwd=folder, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "not written yet" in done.stdout.lower()


def test_nothing_is_installed_twice_and_nothing_that_a_chapter_does_not_need(chapter):
    folder, name, first, new = chapter
    said = [word for word in ("Installing", "Bringing") if word in first.stderr]
    assert said == ([new] if new else []), first.stderr
    marker = json.loads((folder / ".venv" / "course.json").read_text(encoding="utf-8"))
    assert set(marker["requirements"]) == {"base", "data"}
    assert (marker["torch"] is not None) <= (name >= "10")


# --- The pack of one chapter alone, when all is installed ----------------------------------------------


@pytest.fixture(scope="module")
def last(pack):
    """The folder with chapter 3 alone in it."""
    release("03", pack)
    if not (pack / ".venv" / "course.json").exists() and course(pack, "install").returncode:
        pytest.skip("no package index can be reached")
    for path in pack.glob("*.ipynb"):
        if path.name != "03_momentum.ipynb":
            path.unlink()
    return pack


def test_every_command_of_its_readme_works(last):
    text = (last / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^    python course\.py lab$", text, re.M)
    printed = set(re.findall(r"(?:python course\.py|`course) (\w[^`\n]*)", text)) - {"lab"}
    assert {command.split()[0] for command in printed} == {"check", "progress", "doctor"}
    for command in sorted(printed):
        done = course(last, *command.split())
        assert done.returncode == (1 if command.startswith("check") else 0), done.stdout
        assert done.stderr == ""
        if command == "doctor":
            assert "0 broken" in done.stdout and "report this line" not in done.stdout
        if command == "progress":
            assert done.stdout.startswith("chapter 03: ")


def test_its_help_lists_what_works_there_and_nothing_else(last):
    text = course(last, "--help").stdout
    listed = set(re.findall(r"^    (\w+)\s", text, re.M))
    assert listed >= {"lab", "install", "check", "grade", "feedback", "claims", "doctor", "progress"}
    assert not listed & {"release", "build", "test", "slides", "page", "nbgrader"}
    assert "python course.py check 03_momentum.ipynb" in course(last, "check", "--help").stdout
    for command in (["release", "03", "-o", "x"], ["build"], ["test"], ["slides", "03", "-o", "x"]):
        done = course(last, *command)
        assert done.returncode == 2 and "needs the whole course" in done.stderr and done.stderr.count("\n") == 1


def test_a_mended_library_that_is_unpacked_over_the_old_one_takes_its_place(last, tmp_path):
    mended = copy_of_the_course(tmp_path / "course")
    with (mended / "course_lib" / "checks" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("\nprint('mended')\n")
    release("03", last, mended)
    done = course(last, "check", "03_momentum.ipynb")
    assert "Bringing" in done.stderr and "mended" in done.stdout
    assert course(last, "check", "03_momentum.ipynb").stderr == ""


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: (folder / "requirements.txt").unlink(), "unpack the whole archive again"),
        (lambda folder: next(folder.glob("*.whl")).unlink(), "unpack the whole archive again"),
        (lambda folder: next(folder.glob("*.whl")).write_bytes(b"half"), "is damaged: unpack the archive again"),
    ],
)
def test_an_archive_that_was_unpacked_by_halves_is_said_so(tmp_path, damage, says):
    release("03", tmp_path)
    damage(tmp_path)
    done = course(tmp_path, "lab")
    assert done.returncode == 2 and says in done.stderr
    assert done.stderr.count("\n") == 1 and not (tmp_path / ".venv").exists()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal of POSIX")
def test_the_two_words_open_its_notebook(last, tmp_path):
    env = {
        **os.environ,
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
    }
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        env.pop(name, None)
    said = tmp_path / "said.txt"
    with said.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, last / "course.py", "lab"],
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    try:
        for _ in range(600):
            if found := re.search(r"http://localhost:(\d+)(/\S+)\?token=(\w+)", said.read_text()):
                break
            assert server.poll() is None, said.read_text()
            time.sleep(0.1)
        port, path, token = found.groups()
        assert path == "/lab/tree/03_momentum.ipynb"
        assert fetch(f"http://127.0.0.1:{port}{path}?token={token}")[0] == 200
        _, answer = fetch(f"http://127.0.0.1:{port}/api/contents?token={token}")
        assert {"03_momentum.ipynb", "README.md"} <= {entry["name"] for entry in json.loads(answer)["content"]}
    finally:
        code = interrupted(server)
    assert code == 0 and "Traceback" not in said.read_text()
