"""Which packages answers may use, the same on every computer: what the course itself installs, and no other."""

import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from course_lib.grading.assignment import NotGraded
from course_lib.grading.shelf import PACKAGES

LOADED = (  # takes a second to import
    *("scipy.linalg", "scipy.optimize", "scipy.special", "scipy.stats"),
    *(
        "sklearn.datasets",
        "sklearn.linear_model",
        "sklearn.metrics",
        "sklearn.model_selection",
        "sklearn.preprocessing",
    ),
)


def versions(profile="numpy"):
    """``{package: version}`` of what answers may use here, Python included; ``""`` where one is not installed."""
    named = {name: _version(name) for name in PACKAGES[profile]}
    return {"Python": platform.python_version()} | named


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def require():
    """Raise ``NotGraded`` where a package is missing that right answers may use: marks would depend on the computer."""
    names = PACKAGES["numpy"]
    missing = [name for name in names if not _version(name)]
    if missing:
        raise NotGraded(
            f"Answers may use {', '.join(names)}, and a mark must not depend on the computer, but there is no "
            f"{' and no '.join(missing)} here: python course.py install --with data"
        )


def prepare(zygote, cells):
    """Let ``zygote`` load what takes long to import, from the first notebook on that asks for it."""
    if zygote.level == "none":
        return
    wanted = {name for name in LOADED if name.partition(".")[0] not in zygote.forbidden} - set(zygote.modules)
    tops = {name.partition(".")[0] for name in wanted}
    asked = {top for top in tops if any(top in source for _, source in cells)}
    if any(map(find_spec, asked)):
        zygote.close()
        zygote.modules = sorted({*zygote.modules, *(name for name in wanted if name.partition(".")[0] in asked)})
