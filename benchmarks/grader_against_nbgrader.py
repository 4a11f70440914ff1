"""What marking costs beside nbgrader: the same right notebooks, processor seconds of two commands in one run.

    python benchmarks/grader_against_nbgrader.py [--copies 30] [--environment FOLDER]

nbgrader is installed in an environment of its own (a temporary one, or FOLDER) and autogrades as it is, without our
preprocessor: each notebook in a kernel, with the same checks as in ours. Cells that only draw are left out for both.
A second figure is nbgrader with our verdict in place of its ``Execute``.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import venv
from contextlib import closing
from pathlib import Path

import nbformat
from processor_time import adopt, processor_seconds

from course_lib.tools.notebook_tools.assignments import exercise_notebook

CHILDREN = (resource.RUSAGE_CHILDREN,)
ROOT = Path(__file__).resolve().parents[1]
NAME = "03_momentum"
PACKAGES = ["nbgrader>=0.9.4", "ipykernel>=6.29", "numpy>=2.0", "nbformat>=5.10", "nbclient>=0.10", "nbconvert>=7.16"]


def environment(folder):
    """The Python of an environment with nbgrader, made if it is not there."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
        venv.create(folder, with_pip=not uv)
        install = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install", "-q"]
        subprocess.run([*install, *PACKAGES], check=True, capture_output=True)
    return python


def without_figures(solution):
    """The solution notebook without the cells that only draw."""
    notebook = nbformat.read(solution, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("course", {}).get("role") != "look"]
    for cell in notebook.cells:
        cell.source = cell.source.replace("from course_lib.checks.look import look", "")
    return notebook


def right_copy(solution, exercise):
    """The exercise notebook as a student hands it in who has written everything."""
    answers = [cell for cell in solution.cells if cell.metadata.get("course", {}).get("role") != "answer"]
    made = nbformat.from_dict(json.loads(json.dumps(exercise)))
    for cell, answer in zip(made.cells, answers, strict=True):
        cell.source = answer.source
    return made


def cost(command, folder, python):
    """``(processor seconds, seconds on the wall)`` of a command and all it starts."""
    path = os.pathsep.join([str(Path(python).parent), os.environ["PATH"]])
    surroundings = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    before, began = processor_seconds(CHILDREN), time.perf_counter()
    done = subprocess.run([str(python), *command], cwd=folder, env=surroundings, capture_output=True, text=True)
    wall = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return processor_seconds(CHILDREN) - before, wall


def nbgrader_course(folder, exercise, copy, copies, config=""):
    """A course with a released assignment and ``copies`` submissions."""
    (folder / "source" / NAME).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{config}")
    nbformat.write(exercise, folder / "source" / NAME / f"{NAME}.ipynb")
    for i in range(copies):
        target = folder / "submitted" / f"student{i:03}" / NAME
        target.mkdir(parents=True)
        nbformat.write(copy, target / f"{NAME}.ipynb")


def scores(folder):
    with closing(sqlite3.connect(folder / "gradebook.db")) as book:
        return [row for (row,) in book.execute("SELECT SUM(auto_score) FROM grade GROUP BY notebook_id")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=30)
    parser.add_argument("--environment", type=Path, help="environment with nbgrader; made if missing")
    options = parser.parse_args()
    adopt()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        python = environment((options.environment or folder / "environment").absolute())
        solution = without_figures(ROOT / "solutions" / f"{NAME}.ipynb")
        exercise = exercise_notebook(solution, Path("solutions", f"{NAME}.ipynb"))
        copy = right_copy(solution, exercise)

        (folder / "in").mkdir()
        for i in range(options.copies):
            nbformat.write(copy, folder / "in" / f"student{i:03}.ipynb")
        ours, wall = cost(["-m", "course_lib.tools.cli", "grade", "in", "-o", "out"], folder, sys.executable)
        with closing(sqlite3.connect(folder / "out" / "grades.sqlite")) as store:
            rows = [json.loads(row) for (row,) in store.execute("SELECT row FROM marks")]
        full = rows[0]["max_points"]
        assert len(rows) == options.copies and all(row["points"] == full for row in rows)
        print(f"course grade, {options.copies} right notebooks: {ours:.1f} processor seconds, {wall:.1f} s on the wall")

        plain, shop = folder / "plain", folder / "shop"
        nbgrader_course(plain, exercise, copy, options.copies)
        configured = f"from course_lib.tools.nbgrader import configure\nconfigure(c, {str(shop)!r})\n"
        nbgrader_course(shop, solution, copy, options.copies, configured)
        for title, course in (("nbgrader autograde", plain), ("nbgrader with our verdict", shop)):
            cost(["-m", "nbgrader", "generate_assignment", NAME], course, python)
            used, wall = cost(["-m", "nbgrader", "autograde", NAME], course, python)
            assert scores(course) == [full] * options.copies, scores(course)
            print(f"{title}: {used:.1f} processor seconds, {wall:.1f} s on the wall: {used / ours:.1f} times ours")


if __name__ == "__main__":
    main()
