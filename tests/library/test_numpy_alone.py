"""The library without anything but NumPy: what docs/library.md promises, with its own lines."""

import os
import re
import subprocess
import venv
import zipfile
from email.parser import Parser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from course_lib.floors import LIBRARY
from course_lib.tools.release import library_wheel

ROOT = Path(__file__).parents[2]
OPEN_ALL = """
import importlib
for name in {names}:
    importlib.import_module(f"course_lib.{{name}}")
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A Python that has NumPy and the course's wheel, and no other package."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder / "there", with_pip=False)
    packages = folder / "packages"
    packages.mkdir()
    home = Path(np.__file__).parents[1]
    for path in [home / "numpy", *home.glob("numpy.libs"), *home.glob("numpy-*.dist-info")]:
        (packages / path.name).symlink_to(path)
    with zipfile.ZipFile(BytesIO(library_wheel()[1])) as wheel:
        wheel.extractall(packages)
    python = folder / "there" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    found = subprocess.run(
        [python, "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True
    )
    (Path(found.stdout.strip()) / "alone.pth").write_text(f"{packages}\n", encoding="utf-8")
    return python


def run(python, *arguments, cwd):
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([python, *arguments], capture_output=True, text=True, cwd=cwd, env=settings)


def test_pip_brings_numpy_and_nothing_else():
    with zipfile.ZipFile(BytesIO(library_wheel()[1])) as wheel:
        (name,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
        wanted = [Requirement(text) for text in Parser().parsestr(wheel.read(name).decode()).get_all("Requires-Dist")]
    assert [one.name for one in wanted if one.marker is None] == ["numpy"]
    assert "jupyterlab" in {one.name for one in wanted if one.marker and one.marker.evaluate({"extra": "lab"})}


def test_every_room_of_the_library_opens_and_the_pages_example_runs(alone, tmp_path):
    example = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "library.md").read_text(encoding="utf-8"), re.DOTALL)
    rooms = OPEN_ALL.format(names=[name for floor in LIBRARY for name in floor])
    done = run(alone, "-c", rooms + example[1], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[")


def test_what_needs_more_says_so_in_a_sentence(alone, tmp_path):
    (tmp_path / "03_momentum.ipynb").write_text("{}", encoding="utf-8")  # a folder that has something to open
    done = run(alone, "-m", "course_lib.tools.cli", "lab", cwd=tmp_path)
    assert done.returncode == 2
    assert re.search(r"The package \w+ is not installed here", done.stderr) and "Traceback" not in done.stderr, (
        done.stderr
    )
    assert "No module named" in run(alone, "-c", "import matplotlib", cwd=tmp_path).stderr  # so it is alone


@pytest.mark.parametrize("name", ["check", "grade"])
def test_checks_and_marks_need_no_more_than_numpy_either(alone, tmp_path, name):
    """As on Gradescope, where the grader is installed with its two requirements."""
    module = {"check": "course_lib.checks", "grade": "course_lib.grading.batch"}[name]
    done = run(
        alone, "-c", f"import sys, {module}; print(sorted({{'babel', 'matplotlib'}} & set(sys.modules)))", cwd=tmp_path
    )
    assert done.returncode == 0 and done.stdout.strip() == "[]", done.stderr
