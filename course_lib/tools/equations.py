"""Which line of code is which equation: reads the library, the notebooks and the tests.

A numbered equation has three ends: its text (``\\tag{3.2}``, or ``(3.2)`` at the end of a line, in a docstring
or in a notebook), the code line marked ``# (3.2)``, and a test that names the function. An equation that
lacks one of them is an orphan.
"""

import ast
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.floors import below

TAG = re.compile(r"\\tag\{(\d+\.\d+)\}")
IN_PROSE = re.compile(r"\((\d+\.\d+)\)")
AT_LINE_END = re.compile(r"\s{2,}\((\d+\.\d+)\)\s*$", re.MULTILINE)
ROOMS = below("figures")  # figures, checks and claims only use equations


def _computes(path):
    """Whether a file of ``course_lib`` is of the library, or of the experiments of a chapter."""
    room, *rest = path.with_suffix("").parts
    return room in ROOMS or (room == "chapters" and rest[1:2] == ["experiments"])


@dataclass
class Equation:
    """One number and its ends: ``functions`` as ``module.name``, ``sources`` of those functions, ``tests``.

    ``docstrings`` and ``lectures`` are the files of the library and the lecture notebooks that number an equation so.
    """

    number: str
    defined: bool = False
    mentioned: bool = False
    functions: dict = field(default_factory=dict)
    tests: list = field(default_factory=list)
    docstrings: list = field(default_factory=list)
    lectures: list = field(default_factory=list)

    @property
    def missing(self):
        """What makes it an orphan: "text", "code" or "test"; "" if it is none."""
        if not self.functions:
            return "code"
        if not (self.defined or self.mentioned):
            return "text"
        return "" if self.tests else "test"


def _docstrings(tree):
    kinds = ast.Module, ast.ClassDef, ast.FunctionDef
    return "\n".join(ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds))


def _source_of(node, module):
    """The text after "Source:" in the docstring of ``node``, else in the module's."""
    for owner in (node, module):
        found = re.search(
            r"Sources?:\s*(.+?)(?:\n\s*\n|\n\s*(?:PyTorch|>>>)|\Z)", ast.get_docstring(owner) or "", re.DOTALL
        )
        if found:
            return " ".join(found[1].split()).rstrip(".")
    return ""


def _names(node):
    """Every identifier and attribute that occurs in ``node``."""
    names = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
    return names | {child.attr for child in ast.walk(node) if isinstance(child, ast.Attribute)}


def _public_users(name, tree):
    """``name`` itself if it is public, else the public functions and classes of the module that use it."""
    users, todo = set(), [name]
    tops = {node.name: _names(node) for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    seen = set()
    while todo:
        current = todo.pop()
        seen.add(current)
        if not current.startswith("_"):
            users.add(current)
            continue
        todo += [top for top, names in tops.items() if current in names and top not in seen]
    return users


def _read_library(folder, equations):
    """Fill in text and code of every module; return ``{number: public names that carry it}``."""
    carriers = {}
    for path in sorted(folder.rglob("*.py")):
        if not _computes(path.relative_to(folder)):
            continue
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        docs = _docstrings(tree)
        for number in (*TAG.findall(docs), *AT_LINE_END.findall(docs)):
            equation = equations.setdefault(number, Equation(number))
            equation.defined = True
            equation.docstrings.append(f"course_lib/{path.relative_to(folder).as_posix()}")
        mentioned = set(IN_PROSE.findall(docs))
        tops = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        module = path.relative_to(folder).with_suffix("").as_posix().replace("/", ".")
        for line_number, line in enumerate(text.splitlines(), 1):
            for number in IN_PROSE.findall(line.partition("#")[2]):
                node = next((top for top in tops if top.lineno <= line_number <= top.end_lineno), None)
                if node is None or _in_docstring(tree, line_number):
                    continue
                equation = equations.setdefault(number, Equation(number))
                equation.functions[f"{module}.{node.name}"] = _source_of(node, tree)
                equation.mentioned |= number in mentioned
                carriers.setdefault(number, set()).update(_public_users(node.name, tree))
    return carriers


def _in_docstring(tree, line_number):
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    return any(text.lineno <= line_number <= text.end_lineno for text in texts)


def _read_notebooks(folders, equations):
    for path in sorted(path for folder in folders for path in folder.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                for number in TAG.findall(text):
                    equation = equations.setdefault(number, Equation(number))
                    equation.defined = True
                    if path.parent.name == "notebooks":  # the solutions print some of them again
                        equation.lectures.append(f"notebooks/{path.name}")
            elif cell["cell_type"] == "code":
                for number in IN_PROSE.findall(" ".join(line.partition("#")[2] for line in text.splitlines())):
                    equation = equations.setdefault(number, Equation(number))
                    equation.functions.setdefault(f"{path.parent.name}/{path.name}", "")
                    equation.tests.append("the notebook's stored outputs")


def _tests_by_name(folder):
    """``{identifier: [file::test that uses it, ...]}``; what stands outside of tests counts for the file."""
    found = {}
    for path in sorted(folder.rglob("test_*.py")):
        name = path.relative_to(folder).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                continue
            for used in _names(node):
                found.setdefault(used, []).append((not is_test, f"{name}::{node.name}" if is_test else name))
    return {used: [where for _, where in sorted(places, key=lambda place: place[0])] for used, places in found.items()}


def _mirror(function):
    """Where the tests of ``function`` stand: library/optimizers/test_descent.py, or the folder of its chapter."""
    *folders, module, _ = function.split(".")
    if folders[:1] == ["chapters"]:
        return f"chapters/{[*folders, module][1]}/"
    return "/".join(["library", *folders, f"test_{module}.py"])


def read_equations(root):
    """Every numbered equation under the project folder ``root``, sorted by number, as a list of ``Equation``."""
    root = Path(root)
    equations = {}
    carriers = _read_library(root / "course_lib", equations)
    _read_notebooks((root / "notebooks", root / "solutions"), equations)
    tests = _tests_by_name(root / "tests")
    for number, names in carriers.items():
        mirrors = tuple(_mirror(function) for function in equations[number].functions)
        for name in sorted(names):
            near = [where for where in tests.get(name, []) if where.startswith(mirrors)]
            equations[number].tests += (near or tests.get(name, []))[:1]
    return sorted(equations.values(), key=lambda equation: tuple(int(part) for part in equation.number.split(".")))


def used_twice(equations):
    """One sentence for each number that two docstrings of the library, or two places in the lectures, give away."""
    last = {}
    for one in equations:
        chapter, number = map(int, one.number.split("."))
        last[chapter] = max(last.get(chapter, 0), number)
    return [
        f"Equation ({one.number}) is numbered twice, in {' and in '.join(places)}: give one of them the next free "
        f"number of the chapter, ({chapter}.{last[int(chapter)] + 1})."
        for one in equations
        for places in (one.docstrings, one.lectures)
        if len(places) > 1
        for chapter in one.number.split(".")[:1]
    ]


def orphans(equations):
    """One sentence for each equation that lacks its text, its code or its test."""
    needs = {
        "code": "is in the text, but no code line is marked # ({0})",
        "text": "marks a code line ({1}), but no docstring or notebook has it",
        "test": "is code ({1}) that no test names",
    }
    return [
        f"Equation ({one.number}) {needs[one.missing].format(one.number, ', '.join(one.functions))}."
        for one in equations
        if one.missing
    ]
