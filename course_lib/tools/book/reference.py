"""Pages of the library's modules, from their docstrings: one page a room, in the order in which the house is built."""

import inspect
import re
from importlib import import_module
from pkgutil import iter_modules

from course_lib import floors
from course_lib.tools.names import first_sentence

INTRODUCTION = """# Library

What is taught, formula for formula, from the ground up: a room uses only what stands below it. The machinery of checks,
claims, figures and widgets stands at the end. [Names](../docs/NAMES.md) has everything on one page.
"""


def write_reference(source):
    """Write the pages of the library into ``source / "api"``."""
    folder = source / "api"
    folder.mkdir(parents=True, exist_ok=True)
    rooms = [name for floor in (*floors.LIBRARY, *floors.KITS) for name in floor]
    for name in rooms:
        (folder / f"{name}.rst").write_text(_page(name), encoding="utf-8")
    rows = "\n".join(f"| [{name}]({name}.rst) | {_says(name)} |" for name in rooms)
    contents = "```{toctree}\n:hidden:\n\n" + "\n".join(rooms) + "\n```"
    text = "\n".join([INTRODUCTION, "| room | what it is for |", "|---|---|", rows, "", contents, ""])
    (folder / "index.md").write_text(text, encoding="utf-8")


def _says(name):
    return first_sentence(import_module(f"course_lib.{name}").__doc__).replace("|", "\\|")


def modules(name):
    """The module of a room, and those inside it where it is a package, as full names."""
    room = import_module(f"course_lib.{name}")
    inside = [f"{room.__name__}.{found.name}" for found in iter_modules(getattr(room, "__path__", ()))]
    return [room.__name__, *(word for word in inside if not word.rpartition(".")[2].startswith("_"))]


def _page(name):
    """One section a module. A package that only collects what its modules define has its text and no names."""
    first, *others = modules(name)
    parts = [_title(name, "="), _described(first)]
    for module in others:
        parts += [_title(module.removeprefix("course_lib."), "-"), _described(module)]
    return "\n".join(parts)


def _title(text, line):
    return f"{text}\n{line * len(text)}\n"


def _described(module):
    return f".. automodule:: {module}\n   :members:\n   :ignore-module-all:\n   :member-order: bysource\n"


def escape_bars(app, what, name, thing, options, lines):
    """Bars in a docstring are absolute values; reStructuredText would take them for names of substitutions."""
    verbatim, inside = False, 0
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if line.lstrip().startswith(">>>"):
            verbatim, inside = True, indent
        elif ".. math::" in line or line.endswith("::"):
            verbatim, inside = True, indent + 1
        elif (line.strip() and indent < inside) or (not line.strip() and lines[number - 1].lstrip().startswith(">>>")):
            verbatim = False
        if not verbatim:
            pieces = re.split("(``.*?``)", line)
            lines[number] = "".join(piece if piece[:2] == "``" else piece.replace("|", r"\|") for piece in pieces)


def says_nothing(app, what, name, thing, skip, options):
    """Whether to leave out a member of a class: functions that are defaults of fields, and fields without a text."""
    if (getattr(thing, "__doc__", None) or "").startswith("Alias for field number"):
        return True
    if what == "class" and callable(thing) and not inspect.isclass(thing):
        return True if "." not in getattr(thing, "__qualname__", "") else None
    return None
