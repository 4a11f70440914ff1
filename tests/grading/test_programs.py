"""Nothing that was handed in becomes a part of the grader, wherever the lecturer stands and however it is started."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.grading import programs
from tests.grading.handed_in import RIGHT, notebook

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "course_lib"
STARTERS = ("subprocess", "multiprocessing", "pty", "concurrent.futures")
CALLS = ("system", "popen", "posix_spawn", "posix_spawnp", "fork", "forkpty", "startfile")
CALLS += tuple(f"{kind}{how}" for kind in ("exec", "spawn") for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe"))
ALLOWED = {
    "grading/programs.py": {"subprocess.Popen"},
    "grading/sandbox.py": {"os.fork"},  # the zygote, into its namespaces
    "grading/zygote.py": {"os.fork"},  # its children
    "chapters/ch12_scaling_out/experiments/processes.py": {"subprocess.Popen"},  # the reader's own teams of workers
    "tools/doctor.py": {"subprocess.run"},  # looks at the machine, marks nothing
    "tools/book/live.py": {"concurrent.futures.ThreadPoolExecutor"},  # threads; the course's own notebooks
    "tools/new/__init__.py": {"subprocess.run"},  # ruff, on what it has written
    "tools/vendor/__main__.py": {"subprocess.run"},  # npm
}


def starts(path):
    """The calls in a file that start a process."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module in STARTERS:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            owner, name = node.func.value.id, node.func.attr
            if owner in STARTERS or (owner == "os" and name in CALLS):
                found.add(f"{owner}.{name}")
    return found


def test_programs_are_started_in_one_place():
    files = {path.relative_to(LIBRARY).as_posix(): starts(path) for path in LIBRARY.rglob("*.py")}
    assert {name: found for name, found in files.items() if found - ALLOWED.get(name, set())} == {}
    assert len(files) > 300 and set(ALLOWED) <= set(files)


def test_the_search_for_starts_finds_them(tmp_path):
    (tmp_path / "x.py").write_text("import os, subprocess\nfrom multiprocessing import Process\nos.execv('a', [])\n")
    assert starts(tmp_path / "x.py") == {"multiprocessing.Process", "os.execv"}
    (tmp_path / "x.py").write_text("import subprocess\nsubprocess.check_output(['a'])\n")
    assert starts(tmp_path / "x.py") == {"subprocess.check_output"}


def test_a_program_has_nothing_of_its_surroundings(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "start.py"))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("SECRET", "a secret")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONHASHSEED", "17")
    asked = "dict(programs.os.environ), programs.sys.path, programs.os.getcwd(), programs.os.getsid(0), hash('a')"
    call = f"os.write(1, repr(({asked})).encode())"
    answers = [programs.start_program(call, "programs", stdout=subprocess.PIPE).communicate()[0] for _ in range(2)]
    (environment, path, folder, session, hashed), again = (ast.literal_eval(answer.decode()) for answer in answers)
    assert not {"SECRET", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME"} & set(environment)
    assert "" not in path and str(tmp_path) not in path and folder == "/"
    assert session != os.getsid(0)
    assert again[-1] == hashed, "sets of text have an order, which can be a part of marks"


POISON = "import os\nopen({trace!r} + os.path.basename(__file__).replace('/', '_') + str(os.getpid()), 'w').close()\n"
PACKAGES = ("numpy", "torch", "scipy", "distributed", "dask", "matplotlib", "course_lib", "tests", "traitlets", "zmq")


@pytest.fixture
def poisoned(tmp_path):
    """A folder of submissions with files that leave a trace when Python runs them, and the folder of the traces."""
    folder, traces = tmp_path / "submissions", tmp_path / "traces"
    folder.mkdir()
    traces.mkdir()
    poison = POISON.format(trace=f"{traces}{os.sep}")
    for name in (*sys.stdlib_module_names, *PACKAGES, "sitecustomize", "usercustomize", "conftest", "start", "course"):
        (folder / f"{name}.py").write_text(poison)
    for name in PACKAGES:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(poison)
    (folder / "grading.pth").write_text(f"import os; open({str(traces / 'pth')!r}, 'w').close()\n")
    for name in ("python3", "python", "ps", "uname", "nproc", "git", "sh", "ldconfig", "gcc"):
        (folder / name).write_text(f"#!/bin/sh\necho > {traces / name}\n")
        (folder / name).chmod(0o755)
    for i in range(4):
        (folder / f"student{i}.ipynb").write_bytes(notebook(*RIGHT))
    return folder, traces


def course(*words, folder, **environment):
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


SCRIPT = Path(sys.executable).with_name("course")
WAYS = {
    "the command": [SCRIPT],
    "the module, safely": [sys.executable, "-P", "-m", "course_lib.tools.cli"],
    "course.py": [sys.executable, ROOT / "course.py"],
}


@pytest.mark.parametrize(("way", "workers"), [*((way, "2") for way in WAYS), ("the module, safely", "1")])
def test_no_file_beside_the_notebooks_is_run(poisoned, tmp_path, way, workers):
    if not Path(WAYS[way][0]).exists() or (way == "course.py" and not (ROOT / ".venv" / "course.json").exists()):
        pytest.skip("the course is not installed in this way here")
    folder, traces = poisoned
    more = {"PATH": f"{folder}{os.pathsep}.{os.pathsep}{os.environ['PATH']}", "PYTHONSTARTUP": str(folder / "start.py")}
    out = tmp_path / "grades"
    arguments = ["grade", ".", "-o", out, "--assignment", "90", "--workers", workers]
    done = course(*WAYS[way], *arguments, folder=folder, **more)
    assert done.returncode == 0, done.stderr
    assert not done.stderr.strip() and "4 graded" in done.stdout
    assert not list(traces.iterdir())


def test_started_as_a_module_only_the_library_s_own_name_can_be_taken(poisoned, tmp_path):
    """``python -m`` looks for the package in the current folder first, before a line of ours has run."""
    folder, traces = poisoned
    (folder / "course_lib" / "__init__.py").unlink()
    (folder / "course_lib").rmdir()
    (folder / "course_lib.py").unlink()
    arguments = ["grade", ".", "-o", tmp_path / "grades", "--assignment", "90", "--workers", "2"]
    done = course(sys.executable, "-m", "course_lib.tools.cli", *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    assert not list(traces.iterdir())


def test_the_poison_works(poisoned):
    folder, traces = poisoned
    course(sys.executable, "-c", "import base64, queue, numpy", folder=folder)
    course("sh", "-c", "ps", folder=folder, PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert {path.name.rstrip("0123456789") for path in traces.iterdir()} >= {"base64.py", "queue.py", "sh"}


def test_from_the_start_of_a_run_nothing_is_imported_from_the_submissions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "below").mkdir()
    others = [str(tmp_path.parent), *sys.path]
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), str(tmp_path / "below"), *others])
    programs.keep_out(tmp_path)
    assert sys.path == others


def test_a_course_that_stands_among_the_submissions_keeps_its_packages(monkeypatch):
    monkeypatch.setattr(sys, "path", [sys.prefix, str(Path(sys.prefix, "lib"))])
    programs.keep_out(Path(sys.prefix).parent)
    assert len(sys.path) == 2
