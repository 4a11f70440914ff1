"""Answers find the same packages on every computer, whatever else is installed there."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

from course_lib.grading import packages, sandbox, shelf
from course_lib.grading.assignment import NotGraded
from course_lib.grading.confinement import best_level
from course_lib.grading.process import Limits
from course_lib.grading.session import Session
from course_lib.grading.spawn import Spawner
from course_lib.grading.standins import JUPYTER
from tests.grading.handed_in import AHEAD, FULL, GLIDE, PAIR, SETUP, notebook

ROOT = Path(__file__).parents[2]
TRY_ALL = """import importlib  # scipy and sklearn are among them
def there(names):
    found = []
    for name in names:
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    return found"""
DECORATION = {"course_lib", "matplotlib", "mpl_toolkits", "pylab"} | set(JUPYTER)


def visible():
    names = shelf.files_of(shelf.PACKAGES["numpy"], sandbox.site_folders())
    return {name.removesuffix(".py") for name in names if not name.endswith(".libs")}


def found_by_answers(starter):
    """``(what was looked for, what of it was found)`` of all that is installed and no decoration."""
    installed = sorted(name for name in packages_distributions() if name.isidentifier() and name.islower())
    asked = [name for name in installed if name not in DECORATION]
    with Session(starter, [("cell 1", TRY_ALL)], ["there"], Limits(call_seconds=60)) as session:
        return set(asked), set(session.function("there")(asked))


def test_of_all_that_is_installed_answers_find_what_is_listed():
    with best_level()[0] as zygote:
        asked, found = found_by_answers(zygote)
    assert len(asked) > 40 and {"numpy", "scipy", "sklearn"} <= found
    assert found == visible() & asked


def test_nor_do_they_find_more_where_there_is_no_sandbox():
    with Spawner() as spawner:
        asked, found = found_by_answers(spawner)
    assert found == visible() & asked


def test_what_the_listed_packages_need_is_visible_too():
    needed = {re.match(r"\w+", text)[0] for text in requires("scikit-learn") if ";" not in text}
    assert needed and needed <= visible()


def test_without_them_nothing_is_graded(monkeypatch):
    monkeypatch.setattr(packages, "_version", lambda name: "" if name == "scikit-learn" else "1")
    with pytest.raises(NotGraded, match=r"no scikit-learn here: python course\.py install --with data"):
        packages.require()


# Their answers use what is listed, what is not, and ask whether it is there.
STUDENTS = {
    "ann": (f"import pandas as pd, torch, tqdm, yaml\nfrom sklearn.datasets import load_iris\n{SETUP}", GLIDE),
    "ben": (
        SETUP,
        GLIDE.replace(
            "    velocity =", "    from scipy.special import expit\n    one = 2 * expit(0.0)\n    velocity = one *", 1
        ).replace("- learning_rate", "- one * learning_rate"),
    ),
    "cleo": (SETUP, GLIDE.replace("    velocity =", "    import pytest, yaml\n    velocity =", 1)),
    "dan": (
        f"{SETUP}\ntry:\n    import hypothesis\n    SIGN = -1\nexcept ImportError:\n    SIGN = 1",
        GLIDE.replace("- learning_rate", "- SIGN * learning_rate"),
    ),
    "eve": (f"{SETUP}\nimport importlib.util\nassert importlib.util.find_spec('distributed') is None", GLIDE),
}
GRADE = "import sys; from course_lib.grading import grade_folder; grade_folder(sys.argv[1], sys.argv[2], seed=5)"


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A Python in whose environment there is nothing but what grading needs."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.check_output([python, "-c", ask], text=True).strip()
    facts = ("numpy-*.dist-info", "scipy-*.dist-info", "scikit_learn-*.dist-info", "joblib-*.dist-info")
    more = ("narwhals-*.dist-info", "threadpoolctl-*.dist-info", "cloudpickle-*.dist-info")
    for home in map(Path, sandbox.site_folders()):
        names = shelf.files_of(shelf.PACKAGES["numpy"], [str(home)])
        for path in [*(home / name for name in names), *(p for fact in (*facts, *more) for p in home.glob(fact))]:
            if path.exists():
                (Path(site) / path.name).symlink_to(path)
    (Path(site) / "course_lib").symlink_to(ROOT / "course_lib")
    return python


def test_a_class_gets_the_same_bytes_with_and_without_extras(tmp_path, bare_python):
    submissions = tmp_path / "in"
    submissions.mkdir()
    for name, cells in STUDENTS.items():
        (submissions / f"{name}.ipynb").write_bytes(notebook(*cells, AHEAD, PAIR))
    for python, out in ((sys.executable, "with"), (bare_python, "without")):
        subprocess.run([python, "-c", GRADE, submissions, tmp_path / out], check=True, cwd=ROOT)
    files = {
        out: {
            path.relative_to(tmp_path / out): path.read_bytes()
            for path in (tmp_path / out).rglob("*")
            if path.is_file() and path.suffix != ".sqlite"
        }
        for out in ("with", "without")
    }
    assert files["with"] == files["without"]
    run = json.loads(files["with"][Path("run.json")])
    assert {"Python", "numpy", "scipy", "scikit-learn"} == set(run["packages"]) and all(run["packages"].values())
    assert f"scikit-learn {run['packages']['scikit-learn']}" in files["with"][Path("class_report.html")].decode()
    marks = files["with"][Path("grades.csv")].decode()
    assert [line.count(f",{FULL},{FULL},") for line in marks.splitlines()[1:]] == [1, 1, 0, 1, 1], marks
