"""The house stands on its floors: imports point downwards only, no chapter knows another, nothing goes in a circle."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from course_lib.chapters import CHAPTERS
from course_lib.floors import FLOORS, PARTS, below, from_up

LIBRARY = Path(__file__).parents[2] / "course_lib"
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}


def module_name(path):
    parts = path.relative_to(LIBRARY.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted(LIBRARY.rglob("*.py")) if path != LIBRARY / "__init__.py"}
CHAPTER_FILES = [name for name in FILES if name.startswith("course_lib.chapters.ch")]


@cache
def imports(module):
    """Modules that a file imports, wherever in it; a name that is a module counts as that module."""
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write the whole module name, not a relative import"
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else node.module for name in full}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return frozenset(found)


def own(module):
    return {name for name in imports(module) if name.split(".")[0] == "course_lib" and name != "course_lib"}


def room(module):
    return module.split(".")[1]


@pytest.mark.parametrize("module", FILES)
def test_a_file_imports_only_from_lower_floors(module):
    assert room(module) in FLOOR, f"{room(module)} has no row in course_lib/floors.py"
    wrong = {
        name
        for name in own(module)
        if room(name) != room(module)
        and FLOOR[room(name)] >= FLOOR[room(module)]
        and name != "course_lib.chapters"  # the list of chapters, which imports nothing itself
    }
    assert not wrong


def test_the_list_of_chapters_imports_nothing_and_names_every_folder():
    assert not own("course_lib.chapters")
    folders = [path.name for path in sorted((LIBRARY / "chapters").iterdir()) if (path / "__init__.py").is_file()]
    assert list(CHAPTERS) == folders


@pytest.mark.parametrize("module", CHAPTER_FILES)
def test_a_chapter_imports_no_other_and_its_parts_only_those_below_them(module):
    _, _, chapter, *rest = module.split(".")
    for name in own(module):
        if name.startswith("course_lib.chapters."):
            _, _, other, *inside = name.split(".")
            assert other == chapter, f"{module} imports {name}: what two chapters need gets a name in the library"
            assert inside[0] == rest[0] or inside[0] in PARTS[rest[0]], f"{module} imports {name}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_part_of_a_chapter_has_a_known_name(chapter):
    parts = {path.name.removesuffix(".py") for path in (LIBRARY / "chapters" / chapter).iterdir()}
    assert parts - {"__init__", "__pycache__", "README.md", "lecturing.md", "languages"} <= set(PARTS)


@pytest.mark.parametrize("module", [name for name in CHAPTER_FILES if name.split(".")[3:4] == ["checks"]])
def test_checks_use_their_kit_and_numpy_and_nothing_that_holds_an_answer(module):
    chapter = module.split(".")[2]
    allowed = ("course_lib.checks", "course_lib.settings.language", f"course_lib.chapters.{chapter}.checks")
    wrong = {name for name in own(module) if not f"{name}.".startswith(tuple(f"{a}." for a in allowed))}
    others = {name.split(".")[0] for name in imports(module)} - {"course_lib", *sys.stdlib_module_names}
    assert not wrong and others <= {"numpy", "torch"}


def test_kits_and_library_name_no_chapter():
    kits = {name for name in FILES if room(name) in below("chapters")}
    assert not {(name, chapter) for name in kits for chapter in CHAPTERS if chapter in FILES[name].read_text("utf-8")}


def circles(graph):
    """Groups of modules that import each other, by Tarjan's algorithm."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            group = []
            while not group or group[-1] != node:
                group.append(stack.pop())
            found.append(group)

    for node in graph:
        if node not in index:
            visit(node)
    return [sorted(group) for group in found if len(group) > 1 or group[0] in graph[group[0]]]


def test_nothing_imports_in_a_circle_not_even_inside_functions():
    packages = {name for name, path in FILES.items() if path.name == "__init__.py"}
    graph = {name: [other for other in own(name) if other in FILES and other != name] for name in FILES}
    for name in FILES:  # a package that hands out the names of its files is above them, not beside them
        graph[name] = [other for other in graph[name] if not (other in packages and name.startswith(f"{other}."))]
    assert circles(graph) == []


def test_the_search_for_circles_finds_one():
    assert circles({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}) == [["a", "b", "c"]]
    assert circles({"a": ["a"], "b": []}) == [["a"]]


def test_the_floors_name_only_what_exists_and_below_means_below():
    assert not [name for name in FLOOR if not ((LIBRARY / name).is_dir() or (LIBRARY / f"{name}.py").is_file())]
    assert "figures" not in below("figures") and "gradcheck" in below("figures") and below("floors") == ()
    assert [*below("figures"), *from_up("figures")] == list(FLOOR)


@pytest.mark.parametrize(
    "statement", ["from course_lib.checks import EXERCISES", "from course_lib.claims import CLAIMS"]
)
def test_checks_and_claims_load_no_matplotlib(statement):
    code = f"import sys; {statement}; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=LIBRARY.parent).returncode == 0
