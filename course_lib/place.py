"""Where the course lies, how it was started, and what its extras are for. Standard library only.

``course.py`` reads this before anything is installed; it names the folder in ``COURSE_FOLDER`` for what it starts.
"""

import json
import os
import platform
import sys
import tomllib
from importlib import metadata
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]  # the clone, or site-packages
EXTRAS = {
    "data": "the data sets of scikit-learn",
    "torch": "the chapter and the comparisons that use PyTorch",
    "nbgrader": "grading within nbgrader",
    "dask": "grading on a cluster",
    "xlsx": "marks as a spreadsheet",
    "book": "the course as a site",
    "poll": "predictions asked of a class's phones",
    "test": "the tests",
}
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
TORCH_CPU = "torch==2.13.0+cpu"  # the local version keeps every installer away from the CUDA builds on PyPI
HARMFUL = {  # variables that change which Python code runs; course.py sets them aside for everything it starts
    "PYTHONPATH": "packages there hide those that were installed for the course",
    "PYTHONHOME": "the standard library of another Python is used",
    "PYTHONSTARTUP": "every notebook runs that file first",
    "PYTHONOPTIMIZE": "assertions and docstrings are left out",
    "PYTHONINSPECT": "Python waits for input after every command",
}


def is_clone():
    """True for the library of a clone of the course, False for one that was installed from a wheel."""
    return (LIBRARY / "pyproject.toml").is_file()


def folder():
    """The course's folder: what ``course.py`` says, else the clone of this library, else where one stands."""
    if named := os.environ.get("COURSE_FOLDER"):
        return Path(named)
    return LIBRARY if is_clone() else Path.cwd()


def program():
    """What a person types before a command, in the way in which this one was started."""
    return "python course.py" if os.environ.get("COURSE_FOLDER") else "course"


def find(path):
    """``path`` from the working directory; where nothing is there, from the course's folder."""
    path = Path(path)
    return path if path.exists() or not (folder() / path).exists() else folder() / path


def set_aside():
    """``{variable: value}`` of the harmful variables that ``course.py`` left out."""
    return json.loads(os.environ.get("COURSE_SET_ASIDE", "{}"))


def made_by_course():
    """True when this Python belongs to an environment that ``course.py`` made and looks after."""
    return (Path(sys.prefix) / "course.json").is_file()


def installing(extra="base"):
    """The command that installs the base or an extra into the environment that runs now."""
    of_their_own = (
        sys.prefix in (os.environ.get("CONDA_PREFIX"), os.environ.get("VIRTUAL_ENV")) and not made_by_course()
    )
    if made_by_course() or (is_clone() and not of_their_own):
        return "python course.py install" + ("" if extra == "base" else f" --with {extra}")
    if extra == "base":
        return "python -m pip install " + ("-e .[lab]" if is_clone() else "-r requirements.txt")
    if extra == "torch" and platform.system() == "Linux":
        return f'python -m pip install "{TORCH_CPU}" --extra-index-url {TORCH_CPU_INDEX}'
    return "python -m pip install " + " ".join(f'"{text}"' for text in requirements()[extra])


def requirements():
    """Requirements by extra, ``"base"`` first, as pyproject.toml or the installed course states them."""
    if is_clone():
        project = tomllib.loads((LIBRARY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lists = {"base": project["dependencies"], **project["optional-dependencies"]}
        return _with_lab(lists)
    lists = {"base": []}
    for text in metadata.requires("optimisation-course") or ():
        requirement, _, extra = text.partition("; extra == ")
        lists.setdefault(extra.strip("'\"") or "base", []).append(requirement.strip())
    return _with_lab(lists)


def _with_lab(lists):
    """What the course needs to run is its base: the library's own requirements, and JupyterLab with what it draws."""
    return {"base": lists["base"] + lists.get("lab", []), **{e: lists[e] for e in lists if e not in ("base", "lab")}}
