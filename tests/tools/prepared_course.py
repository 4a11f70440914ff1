"""A copy of the course with an environment that costs no installation, to run ``course.py`` in."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "tests", "benchmarks", "*.npz")


def copy_of_the_course(folder):
    """The files of the course in ``folder``, without tests."""
    return Path(shutil.copytree(ROOT, folder, ignore=LEFT_OUT))


def linked(source, target):
    """A file of another environment: the same bytes without copying them, where the file system can."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def give_environment(folder):
    """``.venv`` as ``course.py`` leaves it behind, with the packages of the Python that runs the tests but PyTorch.

    What is compiled of them goes along: no environment has to compile it anew.
    """
    environment = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (site,) = environment.glob("[Ll]ib/**/site-packages")
    left_out = shutil.ignore_patterns("torch", "torch-*", "functorch", "torchgen", "*optimisation_course*")
    for path in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        shutil.copytree(path, site, ignore=left_out, copy_function=linked, dirs_exist_ok=True)
    for ruff in Path(sys.executable).parent.glob("ruff*"):  # a program: what is made anew is formed by it
        linked(ruff, next(environment.glob("[bS][ic][nr]*")) / ruff.name)
    (site / "course.pth").write_text(f"{folder}\n", encoding="utf-8")
    for name in ("share", "etc"):  # the front ends of the widgets
        if (Path(sys.prefix) / name).exists():
            (environment / name).symlink_to(Path(sys.prefix) / name)
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = dict(project["optional-dependencies"])
    lists["base"] = project["dependencies"] + lists.pop("lab")
    marker = {"root": str(folder.resolve()), "course": None, "requirements": lists, "torch": "cpu"}
    (environment / "course.json").write_text(json.dumps(marker), encoding="utf-8")
    return folder


def course(folder, *arguments, cwd=None, timeout=300, start=None, without=(), **environment):
    """``python course.py ARGUMENTS`` of the course in ``folder``; nothing of it reaches the person's own progress."""
    env = {**os.environ, "COURSE_PROGRESS": str(folder / "progress.json"), **environment}
    for name in ("OMP_NUM_THREADS", "COURSE_FOLDER", "PYTHONUNBUFFERED", *without):
        env.pop(name, None) if name not in environment else None
    command = [sys.executable, str(start or folder / "course.py"), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd or folder, env=env, capture_output=True, encoding="utf-8", errors="replace", timeout=timeout
    )
